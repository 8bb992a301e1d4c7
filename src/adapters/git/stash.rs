//! Stashes: listed from the log of `refs/stash`, changed by git's program. Each is named by its commit, since its number changes
//! with every other stash; every act on them can be taken back, a drop too.

use super::program::Repo;
use super::undo::{Done, Scope};
use super::{Git, GitError, blocking, open};
use crate::base::repo::{StashAct, StashRow, UndoKind, Which};
use crate::base::{GitPath, Problem, SafeText, Timestamp};
use crate::msg;
use git2::{Oid, Repository};
use std::path::Path;
use tokio_util::sync::CancellationToken;

const STASH: &str = "refs/stash";

/// A stash as the acts need it.
struct Found {
    oid: String,
    /// `stash@{2}`.
    name: String,
    summary: String,
    /// What it is a commit on.
    base: String,
    /// The commit with its untracked files.
    untracked: Option<String>,
}

impl Git {
    /// Every stash, the newest first. Safe in any folder.
    pub fn stashes(&self, root: &Path) -> Result<Vec<StashRow>, Problem> {
        let repo = open::open(root)?;
        Ok(list(&repo))
    }

    /// The commit with the untracked files of a stash; None for what is no stash, or has none.
    pub fn untracked_of_stash(&self, root: &Path, revision: &str) -> Result<Option<String>, Problem> {
        let repo = open::open(root)?;
        let stash = super::commit::find(&repo, revision)?;
        let untracked = stash.parent(2).ok().filter(|untracked| untracked.parent_count() == 0);
        let is_one = |untracked: &git2::Commit<'_>| untracked.message_bytes().starts_with(b"untracked files on ");
        Ok(untracked.filter(is_one).map(|untracked| untracked.id().to_string()))
    }

    /// Puts changes away; an error when there are none.
    pub async fn stash_push(
        &self,
        repo: Repo<'_>,
        act: &StashAct,
        at: Timestamp,
        cancel: &CancellationToken,
    ) -> Result<Done, Problem> {
        let scope = if act.with_untracked {
            Scope::files().with_untracked(false)
        } else {
            Scope::files()
        };
        super::trusted(repo)?;
        let root = repo.root.to_path_buf();
        blocking(move || super::commit::find(&open::open(&root)?, "HEAD").map(drop)).await?;
        let mark = self.mark(repo, UndoKind::Stash, act.message.trim(), scope, at).await?;
        let mut args = vec!["stash", "push"];
        if act.with_untracked {
            args.push("--include-untracked");
        }
        if act.keeps_index {
            args.push("--keep-index");
        }
        if !act.message.trim().is_empty() {
            args.extend(["--message", act.message.trim()]);
        }
        let mut stdin = Vec::new();
        if !act.paths.is_empty() {
            args.extend(["--pathspec-from-file=-", "--pathspec-file-nul"]);
            // `--literal-pathspecs` would keep git itself from finding the untracked files.
            for path in &act.paths {
                stdin.extend_from_slice(b":(top,literal)");
                stdin.extend_from_slice(path.as_bytes());
                stdin.push(0);
            }
        }
        let pushed = self.program().write(repo, &args, &stdin, cancel).await;
        pushed.map_err(|problem| {
            let problem = super::stage::path_problem(problem);
            let is_there = |path: &GitPath| repo.root.join(path.to_path_buf()).symlink_metadata().is_ok();
            if problem.code == "not-found" && !act.with_untracked && act.paths.iter().any(is_there) {
                return problem.hint(msg!("git-stash-untracked-hint"));
            }
            problem
        })?;
        let done = self.remember(repo, mark).await?;
        if done.undo.is_none() {
            return Err(Problem::user(msg!("git-nothing-to-stash")).code("nothing-to-stash"));
        }
        Ok(done)
    }

    /// Puts the changes of a stash back, and removes it if it is popped. What was staged is staged again where that is possible.
    pub async fn stash_apply(
        &self,
        repo: Repo<'_>,
        stash: &str,
        pops: bool,
        at: Timestamp,
        cancel: &CancellationToken,
    ) -> Result<Done, Problem> {
        super::trusted(repo)?;
        let found = self.stash_at(repo, stash).await?;
        let kind = if pops { UndoKind::StashPop } else { UndoKind::StashApply };
        let mark = self.mark(repo, kind, found.summary.as_str(), found.scope(), at).await?;
        let word = if pops { "pop" } else { "apply" };
        let (root, oid) = (repo.root.to_path_buf(), found.oid.clone());
        let has_index = blocking(move || Ok(takes_index(&open::open(&root)?, &oid).unwrap_or(false))).await?;
        let with_index = ["stash", word, "--index", &found.name];
        let without = ["stash", word, &found.name];
        let first: &[&str] = if has_index { &with_index } else { &without };
        let mut result = self.program().write(repo, first, &[], cancel).await;
        let mut stages = has_index;
        if result
            .as_ref()
            .is_err_and(|problem| problem.details.contains("without --index"))
        {
            stages = false;
            result = self.program().write(repo, &without, &[], cancel).await;
        }
        // git does it only where nothing else is staged.
        let is_unstaged = result.is_ok() && !stages && !self.stage_of_stash(repo, &found.oid, cancel).await?;
        // Conflicts are in the files then, to be resolved or taken back.
        let done = Done {
            is_unstaged,
            ..self.remember(repo, mark).await?
        };
        let Err(problem) = result else { return Ok(done) };
        let problem = apply_problem(problem);
        if let (Some(id), "would-overwrite") = (done.undo, problem.code.as_str()) {
            // git has put tracked files back before it saw that an untracked one is in the way: nothing is left half done.
            self.take_back(repo, Which::Entry { id }, false, at, cancel).await?;
        }
        Err(problem)
    }

    /// Removes a stash.
    pub async fn stash_drop(
        &self,
        repo: Repo<'_>,
        stash: &str,
        at: Timestamp,
        cancel: &CancellationToken,
    ) -> Result<Done, Problem> {
        super::trusted(repo)?;
        let found = self.stash_at(repo, stash).await?;
        let mark = self
            .mark(repo, UndoKind::StashDrop, found.summary.as_str(), Scope::refs(), at)
            .await?;
        self.program()
            .write(repo, &["stash", "drop", &found.name], &[], cancel)
            .await?;
        self.remember(repo, mark).await
    }

    /// Makes a branch where the stash was made, goes there, and puts the changes back: never a conflict.
    pub async fn stash_branch(
        &self,
        repo: Repo<'_>,
        stash: &str,
        name: &str,
        at: Timestamp,
        cancel: &CancellationToken,
    ) -> Result<Done, Problem> {
        super::trusted(repo)?;
        let found = self.stash_at(repo, stash).await?;
        let scope = found.scope().bringing(found.base.as_str());
        let mark = self.mark(repo, UndoKind::StashBranch, name, scope, at).await?;
        let result = self
            .program()
            .write(repo, &["stash", "branch", name, &found.name], &[], cancel)
            .await;
        let done = self.remember(repo, mark).await?;
        result.map(|_| done).map_err(apply_problem)
    }

    async fn stash_at(&self, repo: Repo<'_>, oid: &str) -> Result<Found, Problem> {
        let (root, oid) = (repo.root.to_path_buf(), oid.to_owned());
        blocking(move || {
            let repo = open::open(&root)?;
            find(&repo, &oid).ok_or_else(|| no_stash(&repo, &oid))
        })
        .await
    }
}

impl Found {
    fn scope(&self) -> Scope {
        let scope = Scope::files().bringing(self.oid.as_str());
        match &self.untracked {
            Some(untracked) => scope.bringing(untracked.as_str()),
            None => scope,
        }
    }
}

/// Something was staged when the stash was made, and nothing is now that it would have to be mixed with.
fn takes_index(repo: &Repository, oid: &str) -> Result<bool, git2::Error> {
    let stash = repo.find_commit(Oid::from_str(oid)?)?;
    let was_staged = stash.parent(1)?.tree_id() != stash.parent(0)?.tree_id();
    let head = repo.head()?.peel_to_tree()?;
    Ok(was_staged && repo.diff_tree_to_index(Some(&head), None, None)?.deltas().len() == 0)
}

fn list(repo: &Repository) -> Vec<StashRow> {
    // libgit2 would make an empty log where there is none.
    if repo.find_reference(STASH).is_err() {
        return Vec::new();
    }
    let Ok(log) = repo.reflog(STASH) else {
        return Vec::new();
    };
    let row = |(n, entry): (usize, git2::ReflogEntry<'_>)| {
        let commit = repo.find_commit(entry.id_new()).ok()?;
        let words = entry
            .message_bytes()
            .map_or_else(|| commit.message_bytes().to_vec(), <[u8]>::to_vec);
        let words = SafeText::from_bytes(&words).into_string();
        // `WIP on main: 3f9c2ab Summary` and `On main: what the user wrote`.
        let (on, rest) = words.split_once(": ").unwrap_or(("", words.as_str()));
        let branch = on.strip_prefix("WIP on ").or_else(|| on.strip_prefix("On "));
        let message = if branch.is_some() { rest } else { words.as_str() };
        let n_files = changed_files(repo, &commit);
        Some(StashRow {
            n: n as u32,
            oid: commit.id().to_string(),
            message: message.trim().to_owned(),
            branch: branch.map(str::to_owned),
            base: commit.parent_id(0).map(|oid| oid.to_string()).unwrap_or_default(),
            at: Timestamp::from_second(commit.time().seconds()).unwrap_or_default(),
            n_files,
            untracked: commit.parent_id(2).ok().map(|oid| oid.to_string()),
        })
    };
    log.iter().enumerate().filter_map(row).collect()
}

/// Tracked and untracked.
fn changed_files(repo: &Repository, commit: &git2::Commit<'_>) -> u32 {
    let count = || {
        let base = commit.parent(0)?.tree()?;
        let mut options = git2::DiffOptions::new();
        options.skip_binary_check(true);
        let diff = repo.diff_tree_to_tree(Some(&base), Some(&commit.tree()?), Some(&mut options))?;
        let mut n = diff.deltas().len();
        if let Ok(untracked) = commit.parent(2) {
            let diff = repo.diff_tree_to_tree(None, Some(&untracked.tree()?), Some(&mut options))?;
            n += diff.deltas().len();
        }
        Ok::<usize, git2::Error>(n)
    };
    count().unwrap_or(0) as u32
}

fn no_stash(repo: &Repository, wanted: &str) -> GitError {
    if list(repo).is_empty() {
        GitError::NothingStashed
    } else {
        GitError::NoSuchStash(wanted.to_owned())
    }
}

/// By commit, or by number as `git stash list` counts.
fn find(repo: &Repository, wanted: &str) -> Option<Found> {
    let row = list(repo)
        .into_iter()
        .find(|row| row.oid == wanted || row.n.to_string() == wanted || format!("stash@{{{}}}", row.n) == wanted)?;
    Oid::from_str(&row.oid).ok()?;
    Some(Found {
        oid: row.oid,
        name: format!("stash@{{{}}}", row.n),
        summary: row.message,
        base: row.base,
        untracked: row.untracked,
    })
}

/// Why a stash was not put back, or not wholly.
fn apply_problem(problem: Problem) -> Problem {
    let words = problem.details.clone();
    if words.contains("would be overwritten") || words.contains("already exists, no checkout") {
        let files: Vec<String> = words
            .lines()
            .filter_map(|line| {
                line.strip_prefix('\t')
                    .or_else(|| line.strip_prefix("  "))
                    .or_else(|| line.strip_suffix(" already exists, no checkout"))
            })
            .map(|path| GitPath::new(path).display())
            .collect();
        return Problem::user(msg!("git-stash-overwrites", n = files.len()))
            .code("would-overwrite")
            .details(files.join("\n"))
            .hint(msg!("git-switch-overwrites-hint"));
    }
    if words.contains("already exists") {
        return Problem::user(msg!("git-stash-branch-exists")).code("exists").details(words);
    }
    // The list of conflicts is on standard output; an exit of 1 without a reason is one.
    if words.trim().is_empty() || words.contains("CONFLICT") || words.contains("kept in case") {
        return Problem::user(msg!("git-stash-conflicts"))
            .code("conflicted")
            .details(words)
            .hint(msg!("git-stash-conflicts-hint"));
    }
    problem
}
