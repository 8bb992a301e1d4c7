//! Any two commits, or a commit and the files, beside each other: which files differ, read by libgit2.

use super::commit::{find, split_message};
use super::diff::{change_of, find_options};
use super::open::open;
use super::{GitError, doubt};
use crate::base::repo::{CommitFile, Comparison, End};
use crate::base::{GitPath, SafeText, Timestamp};
use git2::{Diff, DiffOptions, Patch, Repository};
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
    } = files(root, diff)?;
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

/// Lists a difference; renames are found.
pub(super) fn files(root: &Path, mut diff: Diff<'_>) -> Result<Files, GitError> {
    if diff.deltas().len() <= MAX_FILES {
        diff.find_similar(Some(&mut find_options()))
            .map_err(|error| GitError::of(root, error))?;
    }
    let n_files = diff.deltas().len();
    let mut files = Vec::with_capacity(n_files.min(MAX_FILES));
    let (mut n_added, mut n_removed) = (0, 0);
    for (at, delta) in diff.deltas().enumerate().take(MAX_FILES) {
        let counted = if at < MAX_COUNTED {
            Patch::from_diff(&diff, at).ok().flatten()
        } else {
            None
        };
        let counts = counted
            .filter(|patch| !patch.delta().flags().is_binary())
            .and_then(|patch| patch.line_stats().ok());
        let side = |file: git2::DiffFile<'_>| file.path_bytes().map(GitPath::new);
        let path = side(delta.new_file()).or_else(|| side(delta.old_file())).unwrap_or_default();
        n_added += counts.map_or(0, |counts| counts.1 as u32);
        n_removed += counts.map_or(0, |counts| counts.2 as u32);
        files.push(CommitFile {
            old_path: side(delta.old_file()).filter(|old| *old != path),
            path,
            change: change_of(delta.status()),
            n_added: counts.map(|counts| counts.1 as u32),
            n_removed: counts.map(|counts| counts.2 as u32),
        });
    }
    Ok(Files {
        n_unlisted: (n_files - files.len()) as u32,
        files,
        n_added,
        n_removed,
    })
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
