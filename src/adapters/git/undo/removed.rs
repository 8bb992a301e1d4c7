//! A linked worktree that was removed: everything of it that the repository does not keep by itself, and how it is put back.

use super::super::program::Repo;
use super::super::worktree::SavedFile;
use super::super::{Git, GitError, blocking, open};
use super::capture::{head, index_snap, open_top, operation};
use super::files;
use super::record::{HeadAt, IndexSnap, OperationFiles, Staged};
use super::take::Plan;
use super::{Scope, Untracked};
use crate::base::{GitPath, Problem};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use tokio_util::sync::CancellationToken;

/// Ignored files are made again by whatever made them; small ones that stand alone, like `.env`, were written by somebody, and so may be
/// what is in small folders.
const MAX_IGNORED_BYTES: u64 = 256 * 1024;
const MAX_IGNORED: usize = 200;
/// Folders of more are what builds leave.
const MAX_FOLDER_BYTES: u64 = 8 * 1024 * 1024;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RemovedTree {
    /// Absolute.
    pub(super) path: GitPath,
    pub(super) head: HeadAt,
    pub(super) index: IndexSnap,
    pub(super) operation: OperationFiles,
    /// What is not as the index says, and what it does not know.
    pub(super) files: BTreeMap<GitPath, Option<SavedFile>>,
}

impl RemovedTree {
    /// What puts everything in place that is not an ordinary entry of the index.
    fn plan(&self) -> Plan {
        let mut index: BTreeMap<GitPath, Vec<Staged>> = BTreeMap::new();
        for (path, staged) in &self.index.special {
            index.entry(path.clone()).or_default().push(staged.clone());
        }
        let gone = self.files.iter().filter(|(_, saved)| saved.is_none());
        let written = self
            .files
            .iter()
            .filter_map(|(path, saved)| Some((path.clone(), saved.clone()?)));
        let operation = self.operation.iter().map(|(name, saved)| (name.clone(), Some(saved.clone())));
        Plan {
            index: index.into_iter().collect(),
            removed: gone.map(|(path, _)| path.clone()).collect(),
            written: written.collect(),
            operation: operation.collect(),
            ..Plan::default()
        }
    }

    pub(super) fn is_gone(&self) -> bool {
        self.path.to_path_buf().join(".git").symlink_metadata().is_err()
    }
}

impl Git {
    /// How a worktree stands; None when its files are gone already.
    pub(super) async fn removed_tree(&self, path: &GitPath) -> Result<Option<RemovedTree>, Problem> {
        let top = path.to_path_buf();
        if top.join(".git").symlink_metadata().is_err() {
            return Ok(None);
        }
        let there = Repo {
            root: &top,
            is_trusted: true,
        };
        let scope = Scope {
            follows: true,
            untracked: Some(Untracked::NotIgnored),
            ..Scope::default()
        };
        let mut paths = self.files_at_risk(there, &scope).await?;
        paths.extend(self.ignored_files(there).await?);
        let (path, root) = (path.clone(), top.clone());
        let removed = blocking(move || {
            let (repo, top) = open_top(&root)?;
            Ok(RemovedTree {
                path,
                head: head(&repo),
                index: index_snap(&repo, &root)?,
                operation: operation(&repo, &root)?,
                files: files::keep(&repo, &top, paths)?,
            })
        });
        removed.await.map(Some)
    }

    /// Small ones that stand beside tracked files, and small folders.
    async fn ignored_files(&self, repo: Repo<'_>) -> Result<Vec<GitPath>, Problem> {
        let args = ["ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z"];
        let answer = self.program().read(repo, &args, &CancellationToken::new()).await?;
        let is_small = |path: &GitPath| {
            let meta = repo.root.join(path.to_path_buf()).symlink_metadata();
            meta.is_ok_and(|meta| (meta.is_file() && meta.len() <= MAX_IGNORED_BYTES) || meta.is_symlink())
        };
        let paths: Vec<GitPath> = answer
            .split(|byte| *byte == 0)
            .filter(|path| !path.is_empty())
            .map(GitPath::new)
            .collect();
        let alone = paths.iter().filter(|path| !path.is_folder() && is_small(path));
        let mut kept: Vec<GitPath> = alone.take(MAX_IGNORED).cloned().collect();
        for folder in paths.iter().filter(|path| path.is_folder()) {
            let below = files::files_below(repo.root, folder);
            let size = |path: &GitPath| {
                repo.root
                    .join(path.to_path_buf())
                    .symlink_metadata()
                    .map_or(0, |meta| meta.len())
            };
            if below.len() <= MAX_IGNORED && below.iter().map(size).sum::<u64>() <= MAX_FOLDER_BYTES {
                kept.extend(below);
            }
        }
        Ok(kept)
    }

    /// Makes the worktree again where it was, with everything that was in it. On a failure nothing of it stays.
    pub(super) async fn bring_back(
        &self,
        repo: Repo<'_>,
        removed: &RemovedTree,
        cancel: &CancellationToken,
    ) -> Result<(), Problem> {
        let os = |path: &GitPath| OsStr::from_bytes(path.as_bytes()).to_owned();
        let (root, head) = (repo.root.to_path_buf(), removed.head.clone());
        let mut args: Vec<OsString> = ["worktree", "add", "--no-checkout"].map(Into::into).to_vec();
        let onto = blocking(move || {
            let repo = open::open(&root)?;
            let at = |name: &str| repo.find_reference(name).ok().and_then(|branch| branch.target());
            let branch = head
                .branch
                .filter(|name| at(name).is_some_and(|oid| Some(oid.to_string()) == head.oid));
            Ok((branch, head.oid))
        })
        .await?;
        match onto {
            (Some(branch), _) => {
                let name = branch.strip_prefix("refs/heads/").unwrap_or(&branch).to_owned();
                args.extend(["--".into(), os(&removed.path), name.into()]);
            }
            // The branch went on since, or is gone: the commit is what the files belong to.
            (None, Some(oid)) => args.extend(["--detach".into(), "--".into(), os(&removed.path), oid.into()]),
            (None, None) => {
                let branch = removed.head.name();
                args.extend(["--orphan".into(), "-b".into(), branch.into(), "--".into(), os(&removed.path)]);
            }
        }
        self.program().write(repo, &args, &[], cancel).await?;
        let top = removed.path.to_path_buf();
        let result = self.fill(&top, removed, cancel).await;
        if result.is_err() {
            let args: [OsString; 5] = [
                "worktree".into(),
                "remove".into(),
                "--force".into(),
                "--".into(),
                os(&removed.path),
            ];
            self.program().write(repo, &args, &[], &CancellationToken::new()).await.ok();
        }
        result
    }

    async fn fill(&self, top: &Path, removed: &RemovedTree, cancel: &CancellationToken) -> Result<(), Problem> {
        let there = Repo {
            root: top,
            is_trusted: true,
        };
        self.program()
            .write(there, &["read-tree", &removed.index.tree], &[], cancel)
            .await?;
        self.program()
            .write(there, &["checkout-index", "--all", "--force", "-u", "-q"], &[], cancel)
            .await?;
        self.put_back(there, &removed.plan(), cancel).await
    }

    /// Removes the worktree again, when it is as it was then.
    pub(super) async fn remove_again(
        &self,
        repo: Repo<'_>,
        removed: &RemovedTree,
        cancel: &CancellationToken,
    ) -> Result<(), Problem> {
        match self.removed_tree(&removed.path).await? {
            Some(now) if now != *removed => return Err(GitError::Collides(vec![removed.path.display()]).into()),
            _ => {}
        }
        let path = OsStr::from_bytes(removed.path.as_bytes()).to_owned();
        let args: [OsString; 5] = ["worktree".into(), "remove".into(), "--force".into(), "--".into(), path];
        self.program().write(repo, &args, &[], cancel).await?;
        Ok(())
    }
}

/// Whether something stands where the worktree would go; an empty folder is none.
pub(super) fn is_taken(removed: &RemovedTree) -> bool {
    let path = removed.path.to_path_buf();
    match std::fs::read_dir(&path) {
        Ok(mut entries) => entries.next().is_some(),
        Err(_) => path.symlink_metadata().is_ok(),
    }
}
