//! Acts on branches and commits, and the network: git's program does them, in trusted workspaces only.

use super::log::{self, Search};
use super::program::{GitProgram, Repo};
use super::undo::{self, Done, Scope};
use super::{Git, GitError, blocking, open};
use crate::adapters::process::Cmd;
use crate::base::repo::{CommitAct, CommitRow, Refs, UndoKind};
use crate::base::{GitPath, Problem, Progress, Timestamp};
use crate::msg;
use tokio_util::sync::CancellationToken;

impl Git {
    pub fn program(&self) -> &GitProgram {
        &self.program
    }

    /// Commits that are looked for, the newest first, at most `n_max`, told as they are found. A repository without a commit has none.
    pub async fn search(
        &self,
        repo: Repo<'_>,
        search: &Search,
        n_max: u64,
        cancel: &CancellationToken,
        on_rows: impl FnMut(Vec<CommitRow>),
    ) -> Result<(), Problem> {
        let root = repo.root.to_path_buf();
        let from = search.from.clone();
        let has_commit = blocking(move || {
            let repo = open::open(&root)?;
            match from {
                Some(from) => super::commit::find(&repo, &from).map(|_| true),
                None => Ok(repo.head().is_ok()),
            }
        })
        .await?;
        if !has_commit {
            return Ok(());
        }
        log::search(&self.program, repo, search, n_max, cancel, on_rows).await
    }

    /// Writes the commit-graph, with filters that make searching by path quick: only in a trusted workspace.
    pub async fn write_commit_graph(&self, repo: Repo<'_>, cancel: &CancellationToken) -> Result<(), Problem> {
        super::trusted(repo)?;
        let args = ["commit-graph", "write", "--reachable", "--changed-paths", "--no-progress"];
        self.program.write(repo, &args, &[], cancel).await?;
        self.histories.forget(repo.root);
        Ok(())
    }

    /// Branches, tags and remotes.
    pub async fn refs(&self, repo: Repo<'_>, cancel: &CancellationToken) -> Result<Refs, Problem> {
        let root = repo.root.to_path_buf();
        let remotes = blocking(move || super::branches::remotes(&open::open(&root)?, &root)).await?;
        let mut refs = log::refs(&self.program, repo, cancel).await?;
        refs.remotes = remotes;
        super::branches::mark_merged(&self.program, repo, &mut refs, cancel).await?;
        Ok(refs)
    }

    /// Waits until no other program holds the lock of this checkout's index. Ends in any case.
    pub async fn wait_for_index(&self, repo: Repo<'_>, cancel: &CancellationToken) -> Result<(), Problem> {
        let root = repo.root.to_path_buf();
        let lock = blocking(move || Ok(open::open(&root)?.path().join("index.lock"))).await?;
        self.program.wait_for_index(repo, &lock, cancel).await;
        Ok(())
    }

    /// The command that commits, with the user's hooks and signature. Its output is worth showing.
    pub async fn commit_cmd(&self, repo: Repo<'_>, act: &CommitAct, cancel: &CancellationToken) -> Result<Cmd, Problem> {
        super::trusted(repo)?;
        let mut args = vec!["commit"];
        if act.is_amend {
            args.push("--amend");
        }
        if act.is_all {
            args.push("--all");
        }
        if act.is_signed_off {
            args.push("--signoff");
        }
        if let Some(commit) = &act.fixup {
            let fixup = format!("--fixup={commit}");
            args.extend(["--no-verify", &fixup]);
            return self.program.cmd(repo, &[], &args, cancel).await;
        }
        if act.message.trim().is_empty() && act.is_amend {
            args.push("--no-edit");
            return self.program.cmd(repo, &[], &args, cancel).await;
        }
        args.extend(["--file", "-"]);
        Ok(self
            .program
            .cmd(repo, &[], &args, cancel)
            .await?
            .stdin(act.message.as_bytes()))
    }

    /// Puts commits that were made to fix others where they belong; the commits from `oid` on are made again.
    pub async fn autosquash(&self, repo: Repo<'_>, oid: &str, cancel: &CancellationToken) -> Result<(), Problem> {
        let (root, wanted) = (repo.root.to_path_buf(), oid.to_owned());
        let parent = blocking(move || {
            let repo = open::open(&root)?;
            Ok(super::commit::find(&repo, &wanted)?
                .parent_id(0)
                .ok()
                .map(|oid| oid.to_string()))
        })
        .await?;
        let parent = parent.unwrap_or_else(|| "--root".to_owned());
        let args = ["rebase", "--quiet", "--interactive", "--autosquash", "--autostash", &parent];
        self.program.write(repo, &args, &[], cancel).await?;
        Ok(())
    }

    /// Makes a branch at a revision (HEAD when there is none), without going there.
    pub async fn create_branch(
        &self,
        repo: Repo<'_>,
        name: &str,
        from: Option<&str>,
        at: Timestamp,
        cancel: &CancellationToken,
    ) -> Result<Done, Problem> {
        super::trusted(repo)?;
        if !git2::Branch::name_is_valid(name).unwrap_or(false) {
            return Err(Problem::user(msg!("git-bad-branch-name", name = name)).hint(msg!("git-bad-branch-name-hint")));
        }
        let mark = self.mark(repo, UndoKind::CreateBranch, name, Scope::refs(), at).await?;
        let mut args = vec!["branch", "--", name];
        args.extend(from);
        self.program.write(repo, &args, &[], cancel).await.map_err(|problem| {
            if problem.details.contains("already exists") {
                return Problem::user(msg!("git-branch-exists", name = name)).code("exists");
            }
            problem
        })?;
        self.remember(repo, mark).await
    }

    /// Goes to a branch, to a remote branch by making a local one that follows it, or to any revision, detached. Changes come
    /// along; git refuses when that would overwrite one of them.
    pub async fn switch(&self, repo: Repo<'_>, to: &str, at: Timestamp, cancel: &CancellationToken) -> Result<Done, Problem> {
        super::trusted(repo)?;
        let (root, name) = (repo.root.to_path_buf(), to.to_owned());
        let args = blocking(move || {
            let repo = open::open(&root)?;
            let exists = |reference: String| repo.find_reference(&reference).is_ok();
            let local_of_remote = name.split_once('/').map(|(_, branch)| branch.to_owned());
            if undo::head(&repo).name() == name {
                return Ok(None);
            }
            // What git is told, and the revision that comes of it.
            let (args, target): (Vec<String>, Option<String>) = if exists(format!("refs/heads/{name}")) {
                (vec![name.clone()], Some(name))
            } else if exists(format!("refs/remotes/{name}")) {
                match local_of_remote.filter(|branch| exists(format!("refs/heads/{branch}"))) {
                    Some(branch) => (vec![branch.clone()], Some(branch)),
                    None => (vec!["--track".to_owned(), name.clone()], Some(name)),
                }
            } else if let Ok(commit) = super::commit::find(&repo, &name) {
                let oid = commit.id().to_string();
                (vec!["--detach".to_owned(), oid.clone()], Some(oid))
            } else {
                // git may know a remote branch of that name.
                let remotes = repo.remotes().map_err(|error| GitError::of(&root, error))?;
                let remotes: Vec<String> = remotes.iter().filter_map(|name| Some(name.ok()??.to_owned())).collect();
                if remotes.is_empty() || !git2::Branch::name_is_valid(&name).unwrap_or(false) {
                    return Err(GitError::NoSuchRevision(name));
                }
                let remote = remotes.iter().map(|remote| format!("{remote}/{name}"));
                let target = remote.into_iter().find(|branch| exists(format!("refs/remotes/{branch}")));
                (vec![name], target)
            };
            Ok(Some((args, target)))
        })
        .await?;
        let Some((args, target)) = args else {
            return Ok(Done::default());
        };
        let scope = target.into_iter().fold(Scope::files(), Scope::bringing);
        let mark = self.mark(repo, UndoKind::Switch, to, scope, at).await?;
        let args: Vec<&str> = ["switch", "--no-progress"]
            .into_iter()
            .chain(args.iter().map(String::as_str))
            .collect();
        self.program
            .write(repo, &args, &[], cancel)
            .await
            .map_err(|problem| switch_problem(to, problem))?;
        self.remember(repo, mark).await
    }

    /// `fetch`, `pull` or `push`, through the user's git with its credentials.
    pub async fn transfer(
        &self,
        repo: Repo<'_>,
        args: &[String],
        cancel: &CancellationToken,
        on_progress: impl FnMut(Progress),
    ) -> Result<(), Problem> {
        self.program.network(repo, args, cancel, on_progress).await
    }
}

/// Why git did not switch, with the files that it would have overwritten.
fn switch_problem(to: &str, problem: Problem) -> Problem {
    let words = problem.details.clone();
    if words.contains("would be overwritten") {
        let files: Vec<String> = words
            .lines()
            .filter_map(|line| line.strip_prefix('\t'))
            .map(|path| GitPath::new(path).display())
            .collect();
        return Problem::user(msg!("git-switch-overwrites", name = to, n = files.len()))
            .code("would-overwrite")
            .details(files.join("\n"))
            .hint(msg!("git-switch-overwrites-hint"));
    }
    if words.contains("invalid reference") || words.contains("did not match") {
        return GitError::NoSuchRevision(to.to_owned()).into();
    }
    if words.contains("already used by worktree") || words.contains("already checked out at") {
        return Problem::user(msg!("git-branch-elsewhere", name = to))
            .code("elsewhere")
            .details(words);
    }
    problem
}
