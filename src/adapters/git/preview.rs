//! What an act would do, said before: what becomes of local changes when another branch is checked out, and what a push overwrites.

use super::commit::find;
use super::open::{open, open_checkout};
use super::status;
use super::{Git, GitError, doubt, push, worktree};
use crate::base::git_act::Push;
use crate::base::operation::{PushPreview, StepCommit, SwitchPreview};
use crate::base::{Change, GitPath, Problem, SafeText};
use git2::{Oid, Repository, Tree};
use std::path::Path;

/// Commits and files that are listed; the rest is counted.
const MAX_LISTED: usize = 50;

impl Git {
    /// The upstream of the current branch, where it has this commit already: another one in its place has to overwrite it there.
    pub fn published_at(&self, root: &Path, revision: &str) -> Result<Option<String>, Problem> {
        Ok(published_at(&open(root)?, revision))
    }

    /// What becomes of local changes when this branch, tag or commit is checked out. Safe in any folder.
    pub fn preview_switch(&self, root: &Path, to: &str) -> Result<SwitchPreview, Problem> {
        Ok(preview_switch(root, to)?)
    }

    /// What a push of a branch would bring and, when forced, overwrite; as far as the last fetch tells. Safe in any folder.
    pub fn preview_push(&self, root: &Path, push: &Push) -> Result<PushPreview, Problem> {
        Ok(preview_push(root, push)?)
    }
}

pub(super) fn published_at(repo: &Repository, revision: &str) -> Option<String> {
    let oid = find(repo, revision).ok()?.id();
    let head = repo.head().ok().filter(git2::Reference::is_branch)?;
    let name = repo.branch_upstream_name(head.name().ok()?).ok()?;
    let upstream = find(repo, std::str::from_utf8(&name).ok()?).ok()?.id();
    let is_there = upstream == oid || repo.graph_descendant_of(upstream, oid).unwrap_or(false);
    let name = String::from_utf8_lossy(&name).into_owned();
    is_there.then(|| SafeText::new(name.strip_prefix("refs/remotes/").unwrap_or(&name)).into_string())
}

fn preview_switch(root: &Path, to: &str) -> Result<SwitchPreview, GitError> {
    let (repo, top) = open_checkout(root)?;
    let of = |error| GitError::of(root, error);
    let target = find(&repo, to)?.tree().map_err(of)?;
    let head = repo.head().ok().and_then(|head| head.peel_to_tree().ok());
    let differs = differing(&repo, head.as_ref(), &target).map_err(of)?;
    let mut preview = SwitchPreview {
        to: to.to_owned(),
        n_carried: 0,
        overwritten: Vec::new(),
        n_unlisted: 0,
        replaced: Vec::new(),
    };
    let mut overwrites = |path: GitPath| {
        if preview.overwritten.len() < MAX_LISTED {
            preview.overwritten.push(path);
        } else {
            preview.n_unlisted += 1;
        }
    };
    for entry in status::status(root)?.entries {
        if entry.unstaged == Some(Change::Untracked) {
            // An untracked folder is one entry: what the target has below it may stand in the way.
            let below = differs.iter().filter(|path| {
                **path == entry.path || (entry.path.is_folder() && path.as_bytes().starts_with(entry.path.as_bytes()))
            });
            let hit = below.into_iter().find(|path| is_in_the_way(&repo, &top, &target, path));
            match hit {
                Some(path) => overwrites(path.clone()),
                None => preview.n_carried += 1,
            }
        } else if let Some(hit) = [Some(&entry.path), entry.renamed_from.as_ref()]
            .into_iter()
            .flatten()
            .find(|path| differs.binary_search(path).is_ok())
        {
            overwrites(hit.clone());
        } else {
            preview.n_carried += 1;
        }
    }
    for path in doubt::unseen(&repo, root)? {
        if differs.binary_search(&path).is_ok() {
            overwrites(path);
        }
    }
    preview.replaced = replaced(&repo, &top, &target, &differs);
    Ok(preview)
}

/// Ignored files in the place of the target's: git writes over them without a word.
fn replaced(repo: &Repository, top: &Path, target: &Tree<'_>, differs: &[GitPath]) -> Vec<GitPath> {
    let Ok(index) = repo.index() else { return Vec::new() };
    let is_ignored = |path: &GitPath| {
        let path = path.to_path_buf();
        index.get_path(&path, 0).is_none() && repo.is_path_ignored(&path).unwrap_or(false)
    };
    let hit = differs
        .iter()
        .filter(|path| is_ignored(path) && is_in_the_way(repo, top, target, path));
    hit.take(MAX_LISTED).cloned().collect()
}

/// Paths that differ between two trees, sorted.
fn differing(repo: &Repository, old: Option<&Tree<'_>>, new: &Tree<'_>) -> Result<Vec<GitPath>, git2::Error> {
    let diff = repo.diff_tree_to_tree(old, Some(new), None)?;
    let side = |file: git2::DiffFile<'_>| file.path_bytes().map(GitPath::new);
    let mut paths: Vec<GitPath> = diff
        .deltas()
        .filter_map(|delta| side(delta.new_file()).or_else(|| side(delta.old_file())))
        .collect();
    paths.sort();
    paths.dedup();
    Ok(paths)
}

/// An untracked file of another content than the one that would be written there.
fn is_in_the_way(repo: &Repository, top: &Path, target: &Tree<'_>, path: &GitPath) -> bool {
    let Ok(entry) = target.get_path(&path.to_path_buf()) else {
        return false;
    };
    let Ok(file) = worktree::locate(top, path) else { return true };
    match std::fs::read(&file) {
        Ok(bytes) => repo.find_blob(entry.id()).map_or(true, |blob| blob.content() != bytes),
        Err(_) => file.symlink_metadata().is_ok(),
    }
}

fn preview_push(root: &Path, push: &Push) -> Result<PushPreview, GitError> {
    let repo = open(root)?;
    let at = |remote: &str| {
        let push = Push {
            remote: Some(remote.to_owned()),
            ..push.clone()
        };
        preview_to(&repo, &push::target(&repo, root, &push)?)
    };
    match push::target(&repo, root, push) {
        Ok(target) => {
            let others = push::others(&repo, root, push, &target)?;
            Ok(PushPreview {
                elsewhere: others.iter().map(|name| at(name)).collect::<Result<_, _>>()?,
                ..preview_to(&repo, &target)?
            })
        }
        Err(GitError::WhichRemote { remotes, .. }) => {
            let mut all = remotes.iter().map(|name| at(name)).collect::<Result<Vec<_>, _>>()?;
            let first = all.remove(0);
            Ok(PushPreview {
                elsewhere: all,
                is_open: true,
                ..first
            })
        }
        // Both are told of: the own branch there, and the one that it follows.
        Err(GitError::FollowsOther { .. }) => {
            let to = |push: &Push| preview_to(&repo, &push::target(&repo, root, push)?);
            let other = to(&Push {
                goes_upstream: true,
                ..push.clone()
            })?;
            let own = to(&Push {
                sets_upstream: true,
                ..push.clone()
            })?;
            Ok(PushPreview {
                other: Some(Box::new(other)),
                ..own
            })
        }
        Err(problem) => Err(problem),
    }
}

fn preview_to(repo: &Repository, target: &push::Target) -> Result<PushPreview, GitError> {
    let local = find(repo, &target.local)?.id();
    let to = format!("{}/{}", target.remote, push::short(&target.there));
    let there = find(repo, &format!("refs/remotes/{to}")).ok().map(|commit| commit.id());
    let (n_new, n_overwritten) = match there {
        Some(there) => repo.graph_ahead_behind(local, there).unwrap_or_default(),
        None => (0, 0),
    };
    let is_known = there.is_some() || !target.sets_upstream;
    Ok(PushPreview {
        branch: SafeText::new(&target.branch).into_string(),
        to: is_known.then(|| SafeText::new(&to).into_string()),
        there: there.map(|oid| oid.to_string()),
        n_new: n_new as u32,
        overwritten: there.map_or_else(Vec::new, |there| only_there(repo, local, there)),
        n_overwritten: n_overwritten as u32,
        other: None,
        remote: SafeText::new(&target.remote).into_string(),
        elsewhere: Vec::new(),
        is_open: false,
    })
}

/// Commits that the other side has and this one has not, the newest first.
fn only_there(repo: &Repository, here: Oid, there: Oid) -> Vec<StepCommit> {
    let walked = || {
        let mut walk = repo.revwalk().ok()?;
        walk.push(there).ok()?;
        walk.hide(here).ok()?;
        Some(walk)
    };
    let commits = walked().into_iter().flatten().flatten().take(MAX_LISTED);
    let named = commits.filter_map(|oid| {
        let commit = repo.find_commit(oid).ok()?;
        let message = String::from_utf8_lossy(commit.message_bytes()).into_owned();
        Some(StepCommit {
            oid: oid.to_string(),
            summary: SafeText::new(message.trim_start().lines().next().unwrap_or_default()).into_string(),
        })
    });
    named.collect()
}
