//! A linked worktree that was added: how that is taken back while nothing was done in it, and done again.

use super::super::program::Repo;
use super::super::{Git, GitError};
use super::record::HeadAt;
use super::{capture, take::Way};
use crate::base::{GitPath, Problem};
use crate::git::open;
use git2::{Repository, StatusOptions};
use serde::{Deserialize, Serialize};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use tokio_util::sync::CancellationToken;

/// The worktree as it was right after it was added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AddedTree {
    /// Absolute.
    pub(super) path: GitPath,
    pub(super) head: HeadAt,
}

impl AddedTree {
    pub(super) fn at(path: GitPath) -> Result<Self, GitError> {
        let repo = open::open(&path.to_path_buf())?;
        Ok(Self {
            head: capture::head(&repo),
            path,
        })
    }

    fn is_gone(&self) -> bool {
        self.path.to_path_buf().join(".git").symlink_metadata().is_err()
    }

    /// Whether something would be lost with it, or stands in its way.
    pub(super) fn is_blocked(&self, way: Way) -> bool {
        if way == Way::Again {
            let path = self.path.to_path_buf();
            return match std::fs::read_dir(&path) {
                Ok(mut entries) => entries.next().is_some(),
                Err(_) => path.symlink_metadata().is_ok(),
            };
        }
        if self.is_gone() {
            return false;
        }
        let now = || {
            let repo = open::open(&self.path.to_path_buf())?;
            let mut options = StatusOptions::new();
            options.include_untracked(true).recurse_untracked_dirs(false);
            let statuses = repo
                .statuses(Some(&mut options))
                .map_err(|error| GitError::of(repo.path(), error))?;
            let is_clean = statuses.is_empty() && repo.state() == git2::RepositoryState::Clean;
            Ok::<bool, GitError>(is_clean && capture::head(&repo) == self.head)
        };
        !now().unwrap_or(false)
    }
}

/// The branch is checked out in a linked worktree, which would be left without it.
pub(super) fn is_checked_out_elsewhere(repo: &Repository, branch: &str, except: Option<&AddedTree>) -> bool {
    let here = repo.path().to_path_buf();
    let folders = std::fs::read_dir(repo.commondir().join("worktrees"))
        .into_iter()
        .flatten()
        .flatten();
    let is_it = |folder: &Path| {
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        let is_excepted = except.is_some_and(|added| {
            let file = added.path.to_path_buf().join(".git");
            Path::new(read("gitdir").trim()) == file
        });
        !is_excepted && *folder != here && read("HEAD").trim().strip_prefix("ref: ") == Some(branch)
    };
    folders.map(|entry| entry.path()).any(|folder| is_it(&folder))
}

impl Git {
    /// Takes the worktree away; git refuses when something is changed in it.
    pub(super) async fn take_added(&self, repo: Repo<'_>, added: &AddedTree, cancel: &CancellationToken) -> Result<(), Problem> {
        if added.is_gone() {
            return Ok(());
        }
        let args: [OsString; 4] = ["worktree".into(), "remove".into(), "--".into(), os(&added.path)];
        self.program().write(repo, &args, &[], cancel).await.map(drop)
    }

    /// Adds it again, once its branch is there.
    pub(super) async fn add_again(&self, repo: Repo<'_>, added: &AddedTree, cancel: &CancellationToken) -> Result<(), Problem> {
        let mut args: Vec<OsString> = vec!["worktree".into(), "add".into()];
        let branch = added.head.branch.as_deref();
        let name = branch.map(|name| name.strip_prefix("refs/heads/").unwrap_or(name));
        if name.is_none() {
            args.push("--detach".into());
        }
        args.extend(["--".into(), os(&added.path)]);
        args.extend(name.or(added.head.oid.as_deref()).map(OsString::from));
        self.program().write(repo, &args, &[], cancel).await.map(drop)
    }
}

fn os(path: &GitPath) -> OsString {
    OsStr::from_bytes(path.as_bytes()).to_owned()
}
