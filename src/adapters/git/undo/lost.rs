//! Files that git does not know and that an operation wrote over or removed: git's own abort leaves them away, the timeline has them.

use super::super::program::Repo;
use super::super::worktree::{self, SavedFile};
use super::super::{Git, GitError, blocking};
use super::capture::open_top;
use super::files::file_above;
use super::record::FileState;
use super::store;
use crate::base::{GitPath, Problem};
use git2::Repository;
use std::collections::BTreeMap;
use std::path::Path;

/// What the operation that is under way took away.
#[derive(Debug, Default)]
pub struct Lost(BTreeMap<GitPath, SavedFile>);

impl Lost {
    pub fn paths(&self) -> impl Iterator<Item = &GitPath> {
        self.0.keys()
    }
}

impl Git {
    /// The files that the operation under way wrote over or removed, as they were before it began.
    pub async fn lost_by_operation(&self, repo: Repo<'_>) -> Result<Lost, Problem> {
        let root = repo.root.to_path_buf();
        blocking(move || Ok(Lost(lost(&open_top(&root)?.0)))).await
    }

    /// Puts those back that are not there, when the operation was given up; never over anything.
    pub async fn bring_back_lost(&self, repo: Repo<'_>, lost: Lost) -> Result<(), Problem> {
        let root = repo.root.to_path_buf();
        blocking(move || {
            let (repo, top) = open_top(&root)?;
            put(&repo, &top, &lost.0)
        })
        .await
    }
}

/// From the newest step back to the one that began it: how a file was before the first of them.
fn lost(repo: &Repository) -> BTreeMap<GitPath, SavedFile> {
    let mut found = BTreeMap::new();
    for entry in store::list(repo).into_iter().filter(|entry| !entry.is_undone) {
        let Ok((_, record, _)) = store::read(repo, entry.id) else {
            break;
        };
        for (path, pair) in &record.files {
            if let FileState::Saved(saved) = &pair.before {
                found.insert(path.clone(), saved.clone());
            }
        }
        match &record.operation {
            Some(pair) if pair.before.is_empty() => return found,
            Some(_) => {}
            None => break,
        }
    }
    BTreeMap::new()
}

fn put(repo: &Repository, top: &Path, lost: &BTreeMap<GitPath, SavedFile>) -> Result<(), GitError> {
    let index = repo.index().map_err(|error| GitError::of(top, error))?;
    for (path, saved) in lost {
        let is_tracked = index.get_path(&path.to_path_buf(), 0).is_some();
        let is_free = file_above(top, path).is_none() && top.join(path.to_path_buf()).symlink_metadata().is_err();
        if is_free && !is_tracked {
            worktree::restore(repo, top, path, Some(saved))?;
        }
    }
    Ok(())
}
