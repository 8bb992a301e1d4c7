//! Acts on branches and commits, the network, and taking an act back: git's program does them, in trusted workspaces only.

use super::index::{Entries, changed, snapshot};
use super::log::{self, Search};
use super::program::{GitProgram, Repo};
use super::undo::{self, Done, FileBefore, HeadMove, Record};
use super::{Git, GitError, blocking, open, porcelain, status, worktree};
use crate::adapters::process::Cmd;
use crate::base::repo::{CommitAct, CommitRow, Refs, Status, UndoEntry, UndoKind};
use crate::base::{GitPath, Problem, Progress, Timestamp};
use crate::msg;
use git2::Repository;
use std::path::Path;
use tokio_util::sync::CancellationToken;

/// How a repository stood before an act.
#[derive(Debug)]
pub struct Mark {
    entries: Entries,
    head: HeadAt,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct HeadAt {
    branch: Option<String>,
    oid: Option<String>,
}

impl HeadAt {
    fn of(repo: &Repository) -> Self {
        let head = repo.find_reference("HEAD").ok();
        let target = head
            .as_ref()
            .and_then(|head| head.symbolic_target().ok().flatten().map(str::to_owned));
        Self {
            branch: target.and_then(|name| name.strip_prefix("refs/heads/").map(str::to_owned)),
            oid: repo
                .head()
                .ok()
                .and_then(|head| head.peel_to_commit().ok())
                .map(|commit| commit.id().to_string()),
        }
    }

    fn name(&self) -> String {
        self.branch.clone().or_else(|| self.oid.clone()).unwrap_or_default()
    }
}

impl Git {
    pub fn program(&self) -> &GitProgram {
        &self.program
    }

    /// What changed, in the quickest way that is safe: git's program where the workspace is trusted, else libgit2.
    pub async fn status_now(&self, repo: Repo<'_>, cancel: &CancellationToken) -> Result<Status, Problem> {
        if repo.is_trusted {
            return porcelain::status(&self.program, repo, cancel).await;
        }
        let root = repo.root.to_path_buf();
        blocking(move || status::status(&root)).await
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
        blocking(move || open::open(&root).map(|_| ())).await?;
        log::refs(&self.program, repo, cancel).await
    }

    /// What can be taken back, the newest first.
    pub fn undo_list(&self, root: &Path) -> Result<Vec<UndoEntry>, Problem> {
        Ok(undo::list(&open::open(root)?))
    }

    /// How the repository stands, before an act that `remember` will keep.
    pub async fn mark(&self, repo: Repo<'_>) -> Result<Mark, Problem> {
        super::trusted(repo)?;
        let root = repo.root.to_path_buf();
        blocking(move || {
            let (repo, _) = open::open_checkout(&root)?;
            Ok(Mark {
                entries: snapshot(&repo, &root)?,
                head: HeadAt::of(&repo),
            })
        })
        .await
    }

    /// Keeps what an act changed in index and HEAD since the mark.
    pub async fn remember(
        &self,
        repo: Repo<'_>,
        mark: Mark,
        kind: UndoKind,
        subject: String,
        at: Timestamp,
    ) -> Result<Done, Problem> {
        let root = repo.root.to_path_buf();
        blocking(move || {
            let (repo, _) = open::open_checkout(&root)?;
            let head = HeadAt::of(&repo);
            let mut record = Record::new(kind);
            record.subject = subject;
            record.at_head.clone_from(&head.oid);
            if head.branch != mark.head.branch || (kind == UndoKind::Switch && head != mark.head) {
                let is_detached = mark.head.branch.is_none();
                record.head = Some(HeadMove::Switch {
                    before: mark.head.name(),
                    is_detached,
                    after: head.name(),
                });
            } else {
                record = record.index(changed(&mark.entries, &snapshot(&repo, &root)?));
                if head.oid != mark.head.oid {
                    record.head = Some(HeadMove::Commit {
                        before: mark.head.oid,
                        after: head.oid,
                    });
                }
            }
            undo::store(&repo, &root, &record, at)
        })
        .await
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
        let mut args = vec!["branch", "--", name];
        args.extend(from);
        self.program.write(repo, &args, &[], cancel).await.map_err(|problem| {
            if problem.details.contains("already exists") {
                return Problem::user(msg!("git-branch-exists", name = name)).code("exists");
            }
            problem
        })?;
        let (root, name) = (repo.root.to_path_buf(), name.to_owned());
        blocking(move || {
            let repo = open::open(&root)?;
            let oid = super::commit::find(&repo, &format!("refs/heads/{name}"))?.id().to_string();
            let mut record = Record::new(UndoKind::CreateBranch);
            record.subject.clone_from(&name);
            record.head = Some(HeadMove::CreateBranch { name, oid });
            undo::store(&repo, &root, &record, at)
        })
        .await
    }

    /// Goes to a branch, to a remote branch by making a local one that follows it, or to any revision, detached. Changes come
    /// along; git refuses when that would overwrite one of them.
    pub async fn switch(&self, repo: Repo<'_>, to: &str, at: Timestamp, cancel: &CancellationToken) -> Result<Done, Problem> {
        let mark = self.mark(repo).await?;
        let (root, name) = (repo.root.to_path_buf(), to.to_owned());
        let args = blocking(move || {
            let repo = open::open(&root)?;
            let exists = |reference: String| repo.find_reference(&reference).is_ok();
            let local_of_remote = name.split_once('/').map(|(_, branch)| branch.to_owned());
            let args: Vec<String> = if exists(format!("refs/heads/{name}")) {
                vec![name]
            } else if exists(format!("refs/remotes/{name}")) {
                match local_of_remote.filter(|branch| exists(format!("refs/heads/{branch}"))) {
                    Some(branch) => vec![branch],
                    None => vec!["--track".to_owned(), name],
                }
            } else if HeadAt::of(&repo).branch.as_deref() == Some(&name) {
                return Ok(None);
            } else {
                match super::commit::find(&repo, &name) {
                    Ok(commit) => vec!["--detach".to_owned(), commit.id().to_string()],
                    // git may know a remote branch of that name.
                    Err(error) => match repo.remotes() {
                        Ok(remotes) if !remotes.is_empty() && git2::Branch::name_is_valid(&name).unwrap_or(false) => vec![name],
                        _ => return Err(error),
                    },
                }
            };
            Ok(Some(args))
        })
        .await?;
        let Some(args) = args else { return Ok(Done::default()) };
        let args: Vec<&str> = ["switch", "--no-progress"]
            .into_iter()
            .chain(args.iter().map(String::as_str))
            .collect();
        self.program
            .write(repo, &args, &[], cancel)
            .await
            .map_err(|problem| switch_problem(to, problem))?;
        self.remember(repo, mark, UndoKind::Switch, to.to_owned(), at).await
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

    /// Takes an act back. What this overwrites is kept as an undo entry of its own.
    pub async fn take_back(&self, repo: Repo<'_>, id: u64, at: Timestamp, cancel: &CancellationToken) -> Result<Done, Problem> {
        super::trusted(repo)?;
        let root = repo.root.to_path_buf();
        let (record, done) = blocking(move || prepare_take_back(&root, id, at)).await?;
        match &record.head {
            Some(HeadMove::Commit {
                before: Some(before), ..
            }) => {
                self.program.write(repo, &["reset", "--soft", before], &[], cancel).await?;
            }
            Some(HeadMove::Commit { before: None, .. }) => {
                self.program.write(repo, &["update-ref", "-d", "HEAD"], &[], cancel).await?;
            }
            Some(HeadMove::Switch { before, is_detached, .. }) => {
                let args: &[&str] = if *is_detached {
                    &["switch", "--detach", before]
                } else {
                    &["switch", before]
                };
                self.program
                    .write(repo, args, &[], cancel)
                    .await
                    .map_err(|problem| switch_problem(before, problem))?;
            }
            Some(HeadMove::CreateBranch { name, .. }) => {
                self.program.write(repo, &["branch", "-D", "--", name], &[], cancel).await?;
            }
            None => {}
        }
        self.put_index(repo, &record.index_entries(), cancel).await?;
        let root = repo.root.to_path_buf();
        blocking(move || {
            let repo = open::open(&root)?;
            if !record.files.is_empty() {
                let (repo, top) = open::open_checkout(&root)?;
                record
                    .files
                    .iter()
                    .try_for_each(|file| worktree::restore(&repo, &top, &file.path, file.before.as_ref()))?;
            }
            undo::forget(&repo, id);
            Ok(())
        })
        .await?;
        Ok(done)
    }
}

/// Checks that the act is still the last word, and keeps what taking it back will overwrite.
fn prepare_take_back(root: &Path, id: u64, at: Timestamp) -> Result<(Record, Done), GitError> {
    let repo = open::open(root)?;
    let (record, _) = undo::read(&repo, id)?;
    let now = HeadAt::of(&repo);
    let went_on = || GitError::WentOn(now.branch.clone().or_else(|| now.oid.clone()).unwrap_or_default());
    let mut inverse = Record::new(UndoKind::TakeBack);
    inverse.subject.clone_from(&record.subject);
    match &record.head {
        Some(HeadMove::Commit { before, after }) => {
            let is_merge = after
                .as_deref()
                .and_then(|oid| repo.find_commit(git2::Oid::from_str(oid).ok()?).ok());
            if now.oid != *after || is_merge.is_some_and(|commit| commit.parent_count() > 1) {
                return Err(went_on());
            }
            inverse.head = Some(HeadMove::Commit {
                before: after.clone(),
                after: before.clone(),
            });
            inverse.at_head.clone_from(before);
        }
        Some(HeadMove::Switch { before, after, .. }) => {
            if now.name() != *after {
                return Err(went_on());
            }
            let is_detached = now.branch.is_none();
            inverse.head = Some(HeadMove::Switch {
                before: after.clone(),
                is_detached,
                after: before.clone(),
            });
        }
        Some(HeadMove::CreateBranch { name, oid }) => {
            let is_there =
                super::commit::find(&repo, &format!("refs/heads/{name}")).is_ok_and(|commit| commit.id().to_string() == *oid);
            if !is_there || now.branch.as_deref() == Some(name) {
                return Err(GitError::WentOn(name.clone()));
            }
        }
        // A change of the index only means something on the commit that it was made on.
        None if !record.index.is_empty() && record.at_head != now.oid => return Err(went_on()),
        None => inverse.at_head.clone_from(&now.oid),
    }
    if !record.index.is_empty() {
        let mut entries = snapshot(&repo, root)?;
        let current = record
            .index
            .iter()
            .map(|entry| (entry.path.clone(), entries.remove(&entry.path).unwrap_or_default()));
        inverse = inverse.index(current.collect());
    }
    if !record.files.is_empty() {
        let (repo, top) = open::open_checkout(root)?;
        for file in &record.files {
            let before = worktree::save(&repo, &top, &file.path)?;
            if before != file.before {
                inverse.files.push(FileBefore {
                    path: file.path.clone(),
                    before,
                });
            }
        }
    }
    let done = undo::store(&repo, root, &inverse, at)?;
    Ok((record, done))
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
