//! A step of a rebase that git had begun and did not do when it was killed. git notes a step as done before it does it, and
//! `git rebase --continue` would leave its commit out without a word.

use super::commit::find;
use super::{GitError, flat};
use git2::{Commit, Repository, Status, StatusOptions};
use std::fs;
use std::path::Path;

const DIR: &str = "rebase-merge";
/// The commands whose step is a commit.
const PICKING: [&str; 10] = ["pick", "p", "reword", "r", "edit", "e", "squash", "s", "fixup", "f"];

/// A step that stands among those that are done and was not.
pub(super) struct Begun {
    line: String,
    /// Its changes stand in index and files, whole and not committed: they are made again, so they have to go first.
    pub(super) is_half_done: bool,
}

/// The last step of the rebase that is under way, if it was never done.
pub(super) fn begun(repo: &Repository, root: &Path) -> Result<Option<Begun>, GitError> {
    let done = read(repo, "done");
    let Some(last) = done.lines().rfind(|line| !line.trim().is_empty() && !line.starts_with('#')) else {
        return Ok(None);
    };
    let Some(commit) = commit_of(repo, last) else {
        return Ok(None);
    };
    let oid = commit.id().to_string();
    let is_noted = |text: &str| text.lines().any(|line| line.starts_with(&oid));
    // git stopped there of its own accord, or was through with it.
    let stopped = read(repo, "stopped-sha");
    let is_stop = !stopped.trim().is_empty() && oid.starts_with(stopped.trim());
    if is_stop || is_noted(&read(repo, "rewritten-list")) || is_noted(&read(repo, "rewritten-pending")) {
        return Ok(None);
    }
    let state = state(repo, root, &commit)?;
    Ok(match state {
        State::Done | State::Else => None,
        State::NotBegun | State::HalfDone => Some(Begun {
            line: last.to_owned(),
            is_half_done: state == State::HalfDone,
        }),
    })
}

/// Puts it back in front of the others: before git goes on.
pub(super) fn put_back(repo: &Repository, begun: &Begun) -> Result<(), GitError> {
    let dir = repo.path().join(DIR);
    let write = |name: &str, text: &str| -> Result<(), GitError> {
        let (path, new) = (dir.join(name), dir.join(format!("{name}.new")));
        fs::write(&new, text)
            .and_then(|()| fs::rename(&new, &path))
            .map_err(|error| GitError::file(&path, error))
    };
    let (line, done) = (&begun.line, read(repo, "done"));
    // In this order: a step that stands in both lists is done once more, and is then empty; one in none would be lost.
    write("git-rebase-todo", &format!("{line}\n{}", read(repo, "git-rebase-todo")))?;
    let before = done.rfind(line).map_or("", |at| &done[..at]);
    write("done", before)
}

fn read(repo: &Repository, name: &str) -> String {
    fs::read_to_string(repo.path().join(DIR).join(name)).unwrap_or_default()
}

/// `fixup -C 3f9c2ab # Weigh instances`
fn commit_of<'repo>(repo: &'repo Repository, line: &str) -> Option<Commit<'repo>> {
    let mut words = line.split_whitespace();
    if !PICKING.contains(&words.next()?) {
        return None;
    }
    find(repo, words.find(|word| !word.starts_with('-'))?).ok()
}

/// How far a step got.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    NotBegun,
    HalfDone,
    Done,
    /// Index or files differ in some other way.
    Else,
}

fn state(repo: &Repository, root: &Path, commit: &Commit<'_>) -> Result<State, GitError> {
    let of = |error| GitError::of(root, error);
    let head = repo.head().and_then(|head| head.peel_to_commit()).map_err(of)?;
    if head.id() == commit.id() || repo.graph_descendant_of(head.id(), commit.id()).map_err(of)? {
        return Ok(State::Done);
    }
    let mainline = u32::from(commit.parent_count() > 1);
    let mut wanted = repo.cherrypick_commit(commit, &head, mainline, None).map_err(of)?;
    let wanted = if wanted.has_conflicts() {
        None
    } else {
        Some(wanted.write_tree_to(repo).map_err(of)?)
    };
    let mut options = StatusOptions::new();
    options.include_untracked(false).exclude_submodules(true);
    let statuses = repo.statuses(Some(&mut options)).map_err(of)?;
    let is_changed = statuses.iter().any(|entry| entry.status() & in_files() != Status::CURRENT);
    let mut index = flat::reread(repo, root, true)?;
    Ok(match (wanted, is_changed || index.has_conflicts()) {
        (_, true) => State::Else,
        (wanted, false) if statuses.is_empty() && wanted == Some(head.tree_id()) => State::Done,
        (_, false) if statuses.is_empty() => State::NotBegun,
        (wanted, false) if wanted == Some(index.write_tree().map_err(of)?) => State::HalfDone,
        _ => State::Else,
    })
}

fn in_files() -> Status {
    Status::WT_MODIFIED | Status::WT_DELETED | Status::WT_RENAMED | Status::WT_TYPECHANGE | Status::CONFLICTED
}
