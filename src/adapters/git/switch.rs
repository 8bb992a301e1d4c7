//! Making branches and going to them, with or without local changes: each is one step of the timeline.

use super::help::has_hook;
use super::program::Repo;
use super::undo::{self, Done, Scope};
use super::{Git, GitError, blocking, open};
use crate::base::git_act::LocalChanges;
use crate::base::repo::UndoKind;
use crate::base::{GitPath, Problem, SafeText, Timestamp};
use crate::msg;
use git2::Repository;
use tokio_util::sync::CancellationToken;

impl Git {
    /// Makes a branch at a revision (HEAD when there is none), and goes there if asked.
    pub async fn create_branch(
        &self,
        repo: Repo<'_>,
        name: &str,
        from: Option<&str>,
        goes_there: bool,
        at: Timestamp,
        cancel: &CancellationToken,
    ) -> Result<Done, Problem> {
        super::trusted(repo)?;
        if !git2::Branch::name_is_valid(name).unwrap_or(false) {
            return Err(Problem::user(msg!("git-bad-branch-name", name = name)).hint(msg!("git-bad-branch-name-hint")));
        }
        let (scope, command): (_, &[&str]) = if goes_there {
            (
                from.into_iter().fold(Scope::files(), Scope::bringing),
                &["switch", "--no-progress", "--create"],
            )
        } else {
            (Scope::refs(), &["branch", "--"])
        };
        let mark = self.mark(repo, UndoKind::CreateBranch, name, scope, at).await?;
        let args: Vec<&str> = command.iter().copied().chain([name]).chain(from).collect();
        let made = self.go(repo, &args, cancel).await;
        let failed_hook = made.map_err(|problem| {
            if problem.details.contains("already exists") {
                return Problem::user(msg!("git-branch-exists", name = name)).code("exists");
            }
            switch_problem(from.unwrap_or(name), problem)
        })?;
        let done = self.remember(repo, mark).await?;
        Ok(Done { failed_hook, ..done })
    }

    /// Runs git, which may go to another branch. Gives the hook that failed when git was there: that is too late to refuse it.
    async fn go(&self, repo: Repo<'_>, args: &[&str], cancel: &CancellationToken) -> Result<Option<&'static str>, Problem> {
        const HOOK: &str = "post-checkout";
        let root = repo.root.to_path_buf();
        let stands = move || open::open(&root).map(|repo| (undo::head(&repo), has_hook(&repo, HOOK)));
        let (before, _) = blocking(stands.clone()).await?;
        let Err(problem) = self.program().write(repo, args, &[], cancel).await else {
            return Ok(None);
        };
        let (after, has_hook) = blocking(stands).await?;
        if has_hook && before != after && !problem.is_cancelled() {
            return Ok(Some(HOOK));
        }
        Err(problem)
    }

    /// Goes to a branch, to a remote branch by making a local one that follows it, or to any revision, detached. Changes come
    /// along, where git refuses when that would overwrite one of them, or are stashed.
    pub async fn switch(
        &self,
        repo: Repo<'_>,
        to: &str,
        changes: LocalChanges,
        at: Timestamp,
        cancel: &CancellationToken,
    ) -> Result<Done, Problem> {
        super::trusted(repo)?;
        let (root, name) = (repo.root.to_path_buf(), to.to_owned());
        let args = blocking(move || {
            let repo = open::open(&root)?;
            let name = if name == "-" { before(&repo)? } else { name };
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
                    // Its own branch here, as long as that is not another state than the one that was asked for.
                    Some(branch) if is_same(&repo, &branch, &name) => (vec![branch.clone()], Some(branch)),
                    Some(branch) => return Err(GitError::OtherThanRemote { branch, remote: name }),
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
        let mut scope = target.into_iter().fold(Scope::files(), Scope::bringing);
        if changes != LocalChanges::Carry {
            scope = scope.with_untracked(false);
        }
        let mark = self.mark(repo, UndoKind::Switch, to, scope, at).await?;
        let is_stashed = changes != LocalChanges::Carry && self.stash_for_switch(repo, to, cancel).await?;
        let args: Vec<&str> = ["switch", "--no-progress"]
            .into_iter()
            .chain(args.iter().map(String::as_str))
            .collect();
        let switched = self.go(repo, &args, cancel).await;
        let brings_back = changes == LocalChanges::StashAndApply || switched.is_err();
        // Brought back also when the switch was stopped.
        let never = CancellationToken::new();
        let args = ["stash", "pop", "--index"];
        if is_stashed
            && brings_back
            && let Err(problem) = self.program().write(repo, &args, &[], &never).await
        {
            // Nothing is lost: git keeps the stash when it does not fit.
            return Err(Problem::user(msg!("code-stash-kept", name = SafeText::new(to)))
                .code("conflict")
                .details(problem.details)
                .hint(msg!("code-stash-kept-hint")));
        }
        let failed_hook = switched.map_err(|problem| switch_problem(to, problem))?;
        let done = self.remember(repo, mark).await?;
        Ok(Done { failed_hook, ..done })
    }

    /// Puts local changes away before going to another branch; false when there are none.
    async fn stash_for_switch(&self, repo: Repo<'_>, to: &str, cancel: &CancellationToken) -> Result<bool, Problem> {
        let root = repo.root.to_path_buf();
        let top_of = move || {
            Ok(open::open(&root)?
                .find_reference("refs/stash")
                .ok()
                .and_then(|stash| stash.target()))
        };
        let before = blocking(top_of.clone()).await?;
        let message = format!("before switching to {to}");
        let args = ["stash", "push", "--include-untracked", "--message", &message];
        self.program().write(repo, &args, &[], cancel).await?;
        Ok(blocking(top_of).await? != before)
    }
}

/// What was checked out before: a branch, or a commit.
fn before(repo: &Repository) -> Result<String, GitError> {
    let none = || GitError::NoSuchRevision("-".to_owned());
    let (object, reference) = repo.revparse_ext("@{-1}").map_err(|_| none())?;
    let branch = reference.filter(git2::Reference::is_branch);
    let branch = branch.and_then(|branch| Some(branch.shorthand().ok()?.to_owned()));
    Ok(branch.unwrap_or_else(|| object.id().to_string()))
}

fn is_same(repo: &Repository, branch: &str, remote: &str) -> bool {
    let target = |name: String| {
        repo.find_reference(&name)
            .ok()?
            .peel_to_commit()
            .ok()
            .map(|commit| commit.id())
    };
    target(format!("refs/heads/{branch}")) == target(format!("refs/remotes/{remote}"))
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
            .hint(msg!("git-switch-stash-hint"));
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
