//! Any two commits, or a commit and the files, beside each other: which files differ, read by libgit2.

use super::commit::{find, split_message};
use super::diff::{MAX_BYTES_FORCED, all_modes, change_of};
use super::open::open;
use super::{GitError, doubt, renames};
use crate::base::Change;
use crate::base::repo::{CommitFile, Comparison, End};
use crate::base::{GitPath, SafeText, Timestamp};
use git2::{Delta, Diff, DiffDelta, DiffOptions, ObjectType, Oid, Patch, Repository};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// Files that are listed; the rest is counted.
const MAX_FILES: usize = 2_000;
/// Files whose lines are counted.
const MAX_COUNTED: usize = 300;

/// The files of a difference, with what was counted in them.
pub(super) struct Files {
    pub(super) files: Vec<CommitFile>,
    pub(super) n_unlisted: u32,
    pub(super) n_added: u32,
    pub(super) n_removed: u32,
}

/// What differs between two revisions, or between one and the files of the checkout.
pub(super) fn compare(root: &Path, from: &str, to: Option<&str>) -> Result<Comparison, GitError> {
    let repo = open(root)?;
    let diff = difference(&repo, root, from, to, &mut DiffOptions::new())?;
    let Files {
        files,
        n_unlisted,
        n_added,
        n_removed,
    } = files(&repo, &diff);
    Ok(Comparison {
        from: end(&repo, from)?,
        to: to.map(|to| end(&repo, to)).transpose()?,
        files,
        n_unlisted,
        n_added,
        n_removed,
    })
}

/// The difference itself, without renames.
pub(super) fn difference<'repo>(
    repo: &'repo Repository,
    root: &Path,
    from: &str,
    to: Option<&str>,
    options: &mut DiffOptions,
) -> Result<Diff<'repo>, GitError> {
    let tree = |revision: &str| find(repo, revision)?.tree().map_err(|error| GitError::of(root, error));
    let old = tree(from)?;
    options.include_typechange(true);
    let diff = match to {
        Some(to) => repo.diff_tree_to_tree(Some(&old), Some(&tree(to)?), Some(options)),
        None => {
            doubt::everywhere(repo, root)?;
            repo.diff_tree_to_workdir_with_index(Some(&old), Some(options))
        }
    };
    diff.map_err(|error| GitError::of(root, error))
}

/// Lists a difference; renames are found as git finds them.
pub(super) fn files(repo: &Repository, diff: &Diff<'_>) -> Files {
    let origins = origins(repo, diff);
    let mut is_source = vec![false; diff.deltas().len()];
    origins.iter().flatten().for_each(|source| is_source[*source] = true);
    let n_files = is_source.iter().filter(|is_source| !**is_source).count();
    let mut files = Vec::with_capacity(n_files.min(MAX_FILES));
    let (mut n_added, mut n_removed) = (0, 0);
    let shown = diff.deltas().enumerate().filter(|(at, _)| !is_source[*at]);
    for (at, delta) in shown.take(MAX_FILES) {
        let origin = origins[at].and_then(|source| diff.get_delta(source));
        let counts = match &origin {
            _ if files.len() >= MAX_COUNTED => None,
            Some(origin) => renamed_counts(repo, origin, &delta),
            None => counts(diff, at),
        };
        let side = |file: git2::DiffFile<'_>| file.path_bytes().map(GitPath::new);
        let path = side(delta.new_file()).or_else(|| side(delta.old_file())).unwrap_or_default();
        n_added += counts.map_or(0, |counts| counts.0);
        n_removed += counts.map_or(0, |counts| counts.1);
        files.push(CommitFile {
            change: if origin.is_some() {
                Change::Renamed
            } else {
                change_of(delta.status())
            },
            old_path: origin.and_then(|origin| side(origin.old_file())),
            path,
            n_added: counts.map(|counts| counts.0),
            n_removed: counts.map(|counts| counts.1),
        });
    }
    Files {
        n_unlisted: (n_files - files.len()) as u32,
        files,
        n_added,
        n_removed,
    }
}

/// By delta: the one that went away and became it.
fn origins(repo: &Repository, diff: &Diff<'_>) -> Vec<Option<usize>> {
    let mut origins = vec![None; diff.deltas().len()];
    let at = |wanted: Delta| {
        let deltas = diff.deltas().enumerate();
        let wanted = deltas.filter(|(_, delta)| delta.status() == wanted);
        wanted.map(|(at, _)| at).collect::<Vec<usize>>()
    };
    let (gone_at, new_at) = (at(Delta::Deleted), at(Delta::Added));
    if gone_at.is_empty() || new_at.is_empty() {
        return origins;
    }
    let modes = all_modes(diff);
    let mode = |at: usize| modes.get(at).copied().unwrap_or_default();
    let file = |at: usize, is_old: bool| {
        let delta = diff.get_delta(at)?;
        let side = if is_old { delta.old_file() } else { delta.new_file() };
        let id = match side.id() {
            id if id.is_zero() => Oid::hash_object(ObjectType::Blob, &content(repo, &side)?).ok()?,
            id => id,
        };
        Some(renames::File {
            path: side.path_bytes()?.to_vec(),
            id,
            mode: if is_old { mode(at).0 } else { mode(at).1 },
            n_bytes: super::diff::side_size(repo, &side),
        })
    };
    let list =
        |places: &[usize], is_old: bool| -> Option<Vec<renames::File>> { places.iter().map(|at| file(*at, is_old)).collect() };
    let (Some(gone), Some(new)) = (list(&gone_at, true), list(&new_at, false)) else {
        return origins;
    };
    let mut read = |file: &renames::File| match repo.find_blob(file.id) {
        _ if file.n_bytes > MAX_BYTES_FORCED => None,
        Ok(blob) => Some(blob.content().to_vec()),
        // Only in the checkout.
        Err(_) => std::fs::read(repo.workdir()?.join(OsStr::from_bytes(&file.path))).ok(),
    };
    for (to, from) in renames::pairs(&gone, &new, &mut read).into_iter().enumerate() {
        origins[new_at[to]] = from.map(|from| gone_at[from]);
    }
    origins
}

/// One side's bytes, from the store or else from the checkout; None where they are too many.
fn content(repo: &Repository, side: &git2::DiffFile<'_>) -> Option<Vec<u8>> {
    if super::diff::side_size(repo, side) > MAX_BYTES_FORCED {
        return None;
    }
    match repo.find_blob(side.id()) {
        Ok(blob) => Some(blob.content().to_vec()),
        Err(_) => std::fs::read(repo.workdir()?.join(OsStr::from_bytes(side.path_bytes()?))).ok(),
    }
}

/// Lines that were added and removed; None of what is no text.
fn counts(diff: &Diff<'_>, at: usize) -> Option<(u32, u32)> {
    let patch = Patch::from_diff(diff, at).ok()??;
    stats(&patch)
}

fn renamed_counts(repo: &Repository, old: &DiffDelta<'_>, new: &DiffDelta<'_>) -> Option<(u32, u32)> {
    let (old, new) = (old.old_file(), new.new_file());
    if old.id() == new.id() {
        return Some((0, 0));
    }
    let (one, two) = (content(repo, &old)?, content(repo, &new)?);
    let patch = Patch::from_buffers(&one, old.path(), &two, new.path(), None).ok()?;
    stats(&patch)
}

fn stats(patch: &Patch<'_>) -> Option<(u32, u32)> {
    if patch.delta().flags().is_binary() {
        return None;
    }
    let (_, n_added, n_removed) = patch.line_stats().ok()?;
    Some((n_added as u32, n_removed as u32))
}

fn end(repo: &Repository, revision: &str) -> Result<End, GitError> {
    let commit = find(repo, revision)?;
    let (summary, _) = split_message(&String::from_utf8_lossy(commit.message_bytes()));
    Ok(End {
        oid: commit.id().to_string(),
        summary: SafeText::new(&summary).into_string(),
        committed: Timestamp::from_second(commit.time().seconds()).unwrap_or_default(),
    })
}
