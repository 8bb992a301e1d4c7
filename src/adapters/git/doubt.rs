//! The index as libgit2 has it in memory, put right where it would take a file on trust that git's own program looks at. Nothing is
//! written.
//!
//! libgit2 compares the time of a file with that of the index to the nanosecond, git to the second (technical/racy-git): a file written
//! again at the same size within one tick of the file system's clock is the same to libgit2. It leaves out new files that are assumed to
//! be unchanged, also of what is staged; and files outside of a sparse checkout that are there all the same, which git looks at.

use super::{GitError, flat};
use crate::base::GitPath;
use git2::{Index, IndexEntry, IndexEntryExtendedFlag, IndexTime, Repository};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

const ASSUMED: u16 = 0x8000;
const STAGE: u16 = 0x3000;

/// Which difference is going to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Against {
    /// The index with a tree: no flag of a file counts.
    Tree,
    /// The index with the files.
    Files,
}

/// Reads with one path doubted: what stands there is compared by its content.
pub(super) fn at_path<T>(
    repo: &Repository,
    root: &Path,
    path: &GitPath,
    against: Against,
    read: impl FnOnce(&Index) -> Result<T, git2::Error>,
) -> Result<T, GitError> {
    let mut index = now(repo, root)?;
    // The folder of everything is no file, and libgit2 has no word for it.
    if matches!(path.as_bytes(), b"" | b".") {
        return Err(GitError::NoSuchPath(".".to_owned()));
    }
    let known = index.get_path(&path.to_path_buf(), 0);
    if let Some(entry) = &known {
        let mut doubted = IndexEntry {
            path: entry.path.clone(),
            ..*entry
        };
        match against {
            Against::Tree => doubted.flags &= !ASSUMED,
            Against::Files => {
                doubted.mtime = never();
                let is_there = || {
                    repo.workdir()
                        .is_some_and(|top| top.join(path.to_path_buf()).symlink_metadata().is_ok())
                };
                if is_skipped(entry) && looks_at_skipped(repo) && is_there() {
                    doubted.flags_extended &= !IndexEntryExtendedFlag::SKIP_WORKTREE.bits();
                }
            }
        }
        put(&mut index, &doubted);
    }
    let told = read(&index).map_err(|error| GitError::of(root, error));
    // The repository's own copy: the next reader may want to know what is assumed.
    if let Some(entry) = &known {
        put(&mut index, entry);
    }
    told
}

/// Doubts all files that may have been written after git looked at them: whatever `repo` is asked next of its files. Gives the paths
/// that a sparse checkout leaves out, which libgit2 takes for deleted.
pub(super) fn everywhere(repo: &Repository, root: &Path) -> Result<BTreeSet<Vec<u8>>, GitError> {
    let mut index = now(repo, root)?;
    let written = flat::index_file(repo).metadata().ok().map(|meta| meta.mtime());
    let Some((written, top)) = written.zip(repo.workdir()) else {
        return Ok(BTreeSet::new());
    };
    let (mut left_out, mut doubted) = (BTreeSet::new(), Vec::new());
    let looks_at_skipped = looks_at_skipped(repo);
    for mut entry in index.iter().filter(|entry| entry.flags & STAGE == 0) {
        if is_skipped(&entry) {
            let file = top.join(OsStr::from_bytes(&entry.path));
            if looks_at_skipped && file.symlink_metadata().is_ok() {
                entry.flags_extended &= !IndexEntryExtendedFlag::SKIP_WORKTREE.bits();
                doubted.push(entry);
            } else {
                left_out.insert(entry.path);
            }
        } else if i64::from(entry.mtime.seconds()) >= written {
            entry.mtime = never();
            doubted.push(entry);
        }
    }
    for entry in doubted {
        put(&mut index, &entry);
    }
    Ok(left_out)
}

/// Files that git was told not to look at (assumed to be unchanged, skipped), and that are not what was checked out: no status names them,
/// and a hard reset writes over them all the same.
pub(super) fn unseen(repo: &Repository, root: &Path) -> Result<Vec<GitPath>, GitError> {
    let index = now(repo, root)?;
    let Some(top) = repo.workdir() else { return Ok(Vec::new()) };
    let is_told = |entry: &IndexEntry| entry.flags & ASSUMED != 0 || is_skipped(entry);
    let has_changed = |entry: &IndexEntry| {
        let file = top.join(OsStr::from_bytes(&entry.path));
        file.symlink_metadata().is_ok_and(|meta| {
            let is_same = meta.len() as u32 == entry.file_size
                && meta.mtime() as i32 == entry.mtime.seconds()
                && meta.mtime_nsec() as u32 == entry.mtime.nanoseconds();
            !meta.is_dir() && !is_same
        })
    };
    let found = index.iter().filter(|entry| is_told(entry) && has_changed(entry));
    Ok(found.map(|entry| GitPath::new(entry.path)).collect())
}

/// Whether git looks at files that a sparse checkout leaves out, where they are there.
pub(super) fn looks_at_skipped(repo: &Repository) -> bool {
    let Ok(config) = repo.config() else { return false };
    config.get_bool("core.sparseCheckout").unwrap_or(false)
        && !config.get_bool("sparse.expectFilesOutsideOfPatterns").unwrap_or(false)
}

fn now(repo: &Repository, root: &Path) -> Result<Index, GitError> {
    flat::reread(repo, root, false)
}

fn is_skipped(entry: &IndexEntry) -> bool {
    entry.flags_extended & IndexEntryExtendedFlag::SKIP_WORKTREE.bits() != 0
}

/// A time that no file has.
fn never() -> IndexTime {
    IndexTime::new(0, 1)
}

/// An entry that can not be put back (its content is not in a partial clone) stays as it is.
fn put(index: &mut Index, entry: &IndexEntry) {
    index.add(entry).ok();
}
