//! A step of a rebase that git had begun and did not do when it was killed. git notes a step as done before it does it, and
//! `git rebase --continue` would leave its commit out without a word.

use super::GitError;
use super::commit::find;
use git2::{Commit, Repository, StatusOptions};
use std::fs;
use std::path::Path;

/// The commands whose step is a commit.
const PICKING: [&str; 10] = ["pick", "p", "reword", "r", "edit", "e", "squash", "s", "fixup", "f"];

/// Puts the last step of a rebase back in front of the others if it was never done: before git goes on.
pub(super) fn take_up(repo: &Repository, root: &Path) -> Result<(), GitError> {
    let dir = repo.path().join("rebase-merge");
    let read = |name: &str| fs::read_to_string(dir.join(name)).unwrap_or_default();
    let done = read("done");
    let Some(last) = done.lines().rfind(|line| !line.trim().is_empty() && !line.starts_with('#')) else {
        return Ok(());
    };
    let Some(commit) = commit_of(repo, last) else { return Ok(()) };
    let oid = commit.id().to_string();
    let is_noted = |text: &str| text.lines().any(|line| line.starts_with(&oid));
    // git stopped there of its own accord, or was through with it.
    let stopped = read("stopped-sha");
    let is_stop = !stopped.trim().is_empty() && oid.starts_with(stopped.trim());
    if is_stop || is_noted(&read("rewritten-list")) || is_noted(&read("rewritten-pending")) || !is_clean(repo) {
        return Ok(());
    }
    if holds(repo, &commit).map_err(|error| GitError::of(root, error))? {
        return Ok(());
    }
    let write = |name: &str, text: &str| -> Result<(), GitError> {
        let (path, new) = (dir.join(name), dir.join(format!("{name}.new")));
        fs::write(&new, text)
            .and_then(|()| fs::rename(&new, &path))
            .map_err(|error| GitError::file(&path, error))
    };
    // In this order: a step that stands in both lists is done once more, and is then empty; one in none would be lost.
    write("git-rebase-todo", &format!("{last}\n{}", read("git-rebase-todo")))?;
    let before = done.rfind(last).map_or("", |at| &done[..at]);
    write("done", before)
}

/// `fixup -C 3f9c2ab # Weigh instances`
fn commit_of<'repo>(repo: &'repo Repository, line: &str) -> Option<Commit<'repo>> {
    let mut words = line.split_whitespace();
    if !PICKING.contains(&words.next()?) {
        return None;
    }
    find(repo, words.find(|word| !word.starts_with('-'))?).ok()
}

/// No tracked file and nothing in the index differs from HEAD: a half done step would be seen there.
fn is_clean(repo: &Repository) -> bool {
    let mut options = StatusOptions::new();
    options.include_untracked(false).exclude_submodules(true);
    repo.statuses(Some(&mut options)).is_ok_and(|statuses| statuses.is_empty())
}

/// HEAD has what the commit changed.
fn holds(repo: &Repository, commit: &Commit<'_>) -> Result<bool, git2::Error> {
    let head = repo.head()?.peel_to_commit()?;
    if head.id() == commit.id() || repo.graph_descendant_of(head.id(), commit.id())? {
        return Ok(true);
    }
    let mainline = u32::from(commit.parent_count() > 1);
    let mut index = repo.cherrypick_commit(commit, &head, mainline, None)?;
    Ok(!index.has_conflicts() && index.write_tree_to(repo)? == head.tree_id())
}
