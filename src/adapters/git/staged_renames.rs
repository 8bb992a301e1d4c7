//! Which staged deletion and which staged addition are one renamed file: found for few files at a time, so that a refresh stays quick.

use super::diff::MAX_BYTES_FORCED;
use super::renames::{self, File};
use crate::base::repo::{Change, Status};
use git2::{Index, Oid, Repository, Tree};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// Deletions times additions whose contents are compared in a refresh; among more only equal contents are paired.
const MAX_COMPARED: usize = 10_000;

/// Joins the two halves of every staged rename into one entry, as `git status` tells it.
pub(super) fn join(repo: &Repository, status: &mut Status) {
    // What is not listed could belong to what is.
    if status.n_unlisted > 0 {
        return;
    }
    let at = |wanted: Change| {
        let entries = status.entries.iter().enumerate();
        let wanted = entries.filter(|(_, entry)| entry.staged == Some(wanted));
        wanted.map(|(at, _)| at).collect::<Vec<usize>>()
    };
    let (gone_at, new_at) = (at(Change::Deleted), at(Change::Added));
    if gone_at.is_empty() || new_at.is_empty() {
        return;
    }
    let head = repo.head().ok().and_then(|head| head.peel_to_tree().ok());
    let (Some(head), Ok(mut index)) = (head, repo.index()) else {
        return;
    };
    // libgit2 keeps what it read: another program may have written since.
    if index.read(false).is_err() {
        return;
    }
    let path_of = |at: usize| status.entries[at].path.as_bytes().to_vec();
    let gone: Option<Vec<File>> = gone_at.iter().map(|at| in_tree(repo, &head, path_of(*at))).collect();
    let new: Option<Vec<File>> = new_at.iter().map(|at| in_index(repo, &index, path_of(*at))).collect();
    let (Some(gone), Some(new)) = (gone, new) else { return };
    let is_few = gone.len() * new.len() <= MAX_COMPARED;
    let mut read = |file: &File| match repo.find_blob(file.id) {
        Ok(blob) if is_few && file.n_bytes <= MAX_BYTES_FORCED => Some(blob.content().to_vec()),
        _ => None,
    };
    let pairs = renames::pairs(&gone, &new, &mut read);
    let old_of: BTreeMap<usize, usize> = (0..new.len())
        .filter_map(|to| Some((new_at[to], gone_at[pairs[to]?])))
        .collect();
    for (new, old) in &old_of {
        let old_path = status.entries[*old].path.clone();
        status.entries[*old].staged = None;
        let entry = &mut status.entries[*new];
        entry.staged = Some(Change::Renamed);
        entry.renamed_from = Some(old_path);
        status.summary.n_staged -= 1;
    }
    let n_before = status.entries.len();
    status
        .entries
        .retain(|entry| entry.staged.is_some() || entry.unstaged.is_some());
    status.summary.n_paths -= (n_before - status.entries.len()) as u32;
}

fn in_tree(repo: &Repository, head: &Tree<'_>, path: Vec<u8>) -> Option<File> {
    let entry = head.get_path(Path::new(OsStr::from_bytes(&path))).ok()?;
    let (id, mode) = (entry.id(), entry.filemode() as u32);
    Some(file(repo, path, id, mode))
}

fn in_index(repo: &Repository, index: &Index, path: Vec<u8>) -> Option<File> {
    let entry = index.get_path(Path::new(OsStr::from_bytes(&path)), 0)?;
    Some(file(repo, path, entry.id, entry.mode))
}

fn file(repo: &Repository, path: Vec<u8>, id: Oid, mode: u32) -> File {
    let size = repo.odb().and_then(|store| store.read_header(id)).map_or(0, |(size, _)| size);
    File {
        path,
        id,
        mode,
        n_bytes: size as u64,
    }
}
