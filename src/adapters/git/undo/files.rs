//! Files of the checkout: which ones an act may change, their contents before it, and what became of them.

use super::super::program::Repo;
use super::super::worktree::{self, SavedFile};
use super::super::{Git, GitError, blocking, doubt, open};
use super::capture::{index_changes, tree};
use super::record::{Before, FileState, Pair, Record, Stand};
use super::removed::RemovedTree;
use super::{Scope, Untracked};
use crate::base::{GitPath, Problem};
use git2::Repository;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use tokio_util::sync::CancellationToken;

impl Git {
    /// The files that a scope names, but for those that only a look at its revisions tells.
    pub(super) async fn files_at_risk(&self, repo: Repo<'_>, scope: &Scope) -> Result<Vec<GitPath>, Problem> {
        let mut paths = scope.paths.clone();
        if scope.follows {
            paths.extend(self.dirty_files(repo).await?);
            let root = repo.root.to_path_buf();
            paths.extend(blocking(move || doubt::unseen(&open::open(&root)?, &root)).await?);
        } else {
            // A file that is gone comes back with its folder.
            let is_file = |path: &&GitPath| {
                let meta = repo.root.join(path.to_path_buf()).symlink_metadata();
                meta.is_ok_and(|meta| !meta.is_dir())
            };
            let folders: Vec<&GitPath> = scope.paths.iter().filter(|path| !is_file(path)).collect();
            let is_below = |path: &GitPath| {
                folders.iter().any(|folder| {
                    let folder = folder.as_bytes().strip_suffix(b"/").unwrap_or(folder.as_bytes());
                    let rest = path.as_bytes().strip_prefix(folder);
                    rest.is_some_and(|rest| folder.is_empty() || rest.starts_with(b"/"))
                })
            };
            if !folders.is_empty() {
                let dirty = self.dirty_files(repo).await?;
                paths.extend(dirty.into_iter().filter(|path| is_below(path)));
            }
        }
        let args: &[&str] = match scope.untracked {
            None => return Ok(paths),
            Some(Untracked::NotIgnored) => &["ls-files", "--others", "--exclude-standard", "-z", "--", ":/"],
            Some(Untracked::All) => &["ls-files", "--others", "-z", "--", ":/"],
        };
        paths.extend(self.paths_told(repo, args).await?);
        Ok(paths)
    }

    /// The files of an untracked folder but for ignored ones, in order. A repository inside is one entry.
    pub async fn untracked_below(
        &self,
        repo: Repo<'_>,
        folder: &GitPath,
        cancel: &CancellationToken,
    ) -> Result<Vec<GitPath>, Problem> {
        let below: Vec<u8> = [b":(top,literal)", folder.as_bytes()].concat();
        let args: [&OsStr; 6] = [
            "ls-files".as_ref(),
            "--others".as_ref(),
            "--exclude-standard".as_ref(),
            "-z".as_ref(),
            "--".as_ref(),
            OsStr::from_bytes(&below),
        ];
        let answer = self.program().read(repo, &args, cancel).await?;
        let paths = answer.split(|byte| *byte == 0).filter(|path| !path.is_empty());
        let mut paths: Vec<GitPath> = paths.map(GitPath::new).collect();
        paths.sort();
        Ok(paths)
    }

    /// Tracked files that are not what the index says, conflicts included. What is in submodules is theirs.
    pub(super) async fn dirty_files(&self, repo: Repo<'_>) -> Result<Vec<GitPath>, Problem> {
        let root = repo.root.to_path_buf();
        if blocking(move || Ok(open::open(&root)?.is_bare())).await? {
            return Ok(Vec::new());
        }
        let args = [
            "diff",
            "--name-only",
            "-z",
            "--no-relative",
            "--no-renames",
            "--no-ext-diff",
            "--ignore-submodules=all",
        ];
        self.paths_told(repo, &args).await
    }

    /// Not to be stopped: half an answer would be kept as a whole one.
    async fn paths_told(&self, repo: Repo<'_>, args: &[&str]) -> Result<Vec<GitPath>, Problem> {
        let answer = self.program().read(repo, args, &CancellationToken::new()).await?;
        let paths = answer.split(|byte| *byte == 0).filter(|path| !path.is_empty());
        // A folder stands for a repository inside this one, which is nobody's to keep.
        Ok(paths.filter(|path| !path.ends_with(b"/")).map(GitPath::new).collect())
    }
}

/// Puts the contents at these paths into the store. Where a folder stands in the way of a file, or a file in the way of a
/// folder, that is kept too.
pub(super) fn keep(repo: &Repository, top: &Path, paths: Vec<GitPath>) -> Result<BTreeMap<GitPath, Option<SavedFile>>, GitError> {
    let mut kept = BTreeMap::new();
    for path in paths {
        if kept.contains_key(&path) {
            continue;
        }
        if let Some(parent) = file_above(top, &path) {
            kept.insert(parent.clone(), worktree::save(repo, top, &parent)?);
        } else if let Ok(file) = worktree::locate(top, &path)
            && file.symlink_metadata().is_ok_and(|meta| meta.is_dir())
        {
            for below in files_below(top, &path) {
                let saved = worktree::save(repo, top, &below)?;
                kept.insert(below, saved);
            }
            kept.insert(path, None);
            continue;
        }
        let saved = look(repo, top, &path)?;
        kept.insert(path, saved);
    }
    Ok(kept)
}

/// What stands at a path, in the store; a folder, a socket and the like are no content, and so is what lies behind a link.
pub(super) fn look(repo: &Repository, top: &Path, path: &GitPath) -> Result<Option<SavedFile>, GitError> {
    match worktree::save(repo, top, path) {
        Err(GitError::NotAFile(_) | GitError::OutsideCheckout(_)) => Ok(None),
        result => result,
    }
}

/// What time the file system would give a file that is written now.
pub(super) fn clock(repo: &Repository) -> Result<i64, GitError> {
    let probe = repo.path().join(format!("chantier-{:016x}", fastrand::u64(..)));
    let fail = |error| GitError::file(&probe, error);
    std::fs::write(&probe, b"").map_err(fail)?;
    let meta = probe.symlink_metadata().map_err(fail);
    std::fs::remove_file(&probe).ok();
    Ok(changed_at(&meta?))
}

fn changed_at(meta: &std::fs::Metadata) -> i64 {
    meta.ctime().saturating_mul(1_000_000_000).saturating_add(meta.ctime_nsec())
}

/// A file or a link that stands where a folder of the path should be.
pub(super) fn file_above(top: &Path, path: &GitPath) -> Option<GitPath> {
    let parts: Vec<usize> = path
        .as_bytes()
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'/')
        .map(|(at, _)| at)
        .collect();
    for end in parts {
        let above = GitPath::new(&path.as_bytes()[..end]);
        match top.join(above.to_path_buf()).symlink_metadata() {
            Ok(meta) if meta.is_dir() => {}
            Ok(_) => return Some(above),
            Err(_) => return None,
        }
    }
    None
}

/// Every file below a folder, but for repositories in there.
pub(super) fn files_below(top: &Path, folder: &GitPath) -> Vec<GitPath> {
    let mut files = Vec::new();
    let mut folders = vec![top.join(folder.to_path_buf())];
    while let Some(at) = folders.pop() {
        if at.join(".git").symlink_metadata().is_ok() {
            continue;
        }
        for entry in std::fs::read_dir(&at).into_iter().flatten().flatten() {
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                folders.push(entry.path());
            } else if (kind.is_file() || kind.is_symlink())
                && let Ok(inside) = entry.path().strip_prefix(top)
            {
                files.push(GitPath::of_path(inside));
            }
        }
    }
    files
}

/// What an act changed. `dirty` are the tracked files that are not what the index says now.
pub(super) fn compare(
    repo: &Repository,
    top: &Path,
    before: Before,
    after: Stand,
    dirty: Vec<GitPath>,
) -> Result<Record, GitError> {
    let of = |error| GitError::of(top, error);
    let old = before.stand;
    let changes = index_changes(repo, &old.index, &after.index).map_err(of)?;
    let mut paths: BTreeSet<GitPath> = before.files.keys().cloned().collect();
    let mut indexed = BTreeSet::new();
    let is_older = |path: &GitPath| {
        let meta = top.join(path.to_path_buf()).symlink_metadata();
        meta.is_ok_and(|meta| changed_at(&meta) < before.clock)
    };
    if before.follows {
        paths.extend(dirty);
        for change in changes {
            // Left in place when it left the index: an untracked file now.
            // And an untracked file that came into the index stays a file when the index forgets it.
            if change.after.is_empty() || (change.before.is_empty() && is_older(&change.path)) {
                paths.insert(change.path.clone());
            }
            indexed.insert(change.path);
        }
    }
    let old_tree = tree(repo, &old.index.tree).map_err(of)?;
    let mut files = BTreeMap::new();
    for path in paths {
        let now = look(repo, top, &path)?;
        let was = match before.files.get(&path) {
            Some(kept) => FileState::from(kept.clone()),
            None => match old.index.at(&old_tree, &path).as_slice() {
                [entry] if entry.is_plain() && entry.mode != worktree::SUBMODULE => {
                    let same = SavedFile {
                        mode: entry.mode,
                        oid: entry.oid.clone(),
                        permissions: None,
                    };
                    if now.as_ref() == Some(&same) {
                        FileState::Saved(same)
                    } else {
                        FileState::Clean
                    }
                }
                _ if is_older(&path) => FileState::from(now.clone()),
                _ => FileState::Absent,
            },
        };
        let pair = Pair {
            before: was,
            after: FileState::from(now),
        };
        if pair.before != pair.after || indexed.contains(&path) {
            files.insert(path, pair);
        }
    }
    let mut refs = BTreeMap::new();
    for name in old.refs.keys().chain(after.refs.keys()) {
        let pair = Pair::of(old.refs.get(name).cloned(), after.refs.get(name).cloned());
        refs.extend(pair.map(|pair| (name.clone(), pair)));
    }
    let mut config = BTreeMap::new();
    for key in old.config.keys().chain(after.config.keys()) {
        let values = |from: &BTreeMap<String, Vec<String>>| from.get(key).cloned().unwrap_or_default();
        let pair = Pair::of(values(&old.config), values(&after.config));
        config.extend(pair.map(|pair| (key.clone(), pair)));
    }
    Ok(Record {
        head: Pair {
            before: old.head,
            after: after.head,
        },
        logs: before
            .logs
            .into_iter()
            .filter(|(name, _)| refs.get(name).is_some_and(|pair: &Pair<Option<String>>| pair.after.is_none()))
            .collect(),
        refs,
        index: Pair {
            before: old.index,
            after: after.index,
        },
        follows: before.follows,
        files,
        operation: Pair::of(old.operation, after.operation),
        stash: Pair::of(old.stash, after.stash),
        config,
        removed: before.removed.filter(RemovedTree::is_gone),
        added: None,
    })
}
