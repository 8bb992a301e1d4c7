//! What can be taken back. Each act is a commit under `refs/chantier/undo/<n>` in the repository's own store: its tree holds the
//! contents that the act threw away, its message says as JSON what stood where. Nothing outside of the repository is needed.

use super::GitError;
use super::index::{Entries, IndexState};
use super::worktree::{FILE, SUBMODULE, SavedFile};
use crate::base::repo::{UndoEntry, UndoKind};
use crate::base::{GitPath, SafeText, Timestamp};
use git2::{Commit, ErrorCode, Oid, Repository, Signature};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Older entries are removed, and the act that removes them says so.
pub const MAX_ENTRIES: usize = 200;
const PREFIX: &str = "refs/chantier/undo/";
/// Paths that an entry names when it is listed.
const SHOWN_PATHS: usize = 5;

/// What stood at a path; None is nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileBefore {
    pub(super) path: GitPath,
    pub(super) before: Option<SavedFile>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct IndexBefore {
    pub(super) path: GitPath,
    pub(super) before: Vec<IndexState>,
}

/// How HEAD or a branch moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "moved", rename_all = "snake_case")]
pub(super) enum HeadMove {
    /// The current branch (or a detached HEAD) went from one commit to another; None is before the first commit.
    Commit {
        before: Option<String>,
        after: Option<String>,
    },
    /// HEAD went to another branch or commit.
    Switch {
        before: String,
        is_detached: bool,
        after: String,
    },
    CreateBranch {
        name: String,
        oid: String,
    },
}

/// Everything that taking an act back needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) version: u32,
    pub(super) kind: UndoKind,
    #[serde(default)]
    pub(super) subject: String,
    #[serde(default)]
    pub(super) files: Vec<FileBefore>,
    #[serde(default)]
    pub(super) index: Vec<IndexBefore>,
    #[serde(default)]
    pub(super) head: Option<HeadMove>,
    /// The commit that the index was compared with.
    #[serde(default)]
    pub(super) at_head: Option<String>,
}

impl Record {
    pub(super) fn new(kind: UndoKind) -> Self {
        Self {
            version: 1,
            kind,
            subject: String::new(),
            files: Vec::new(),
            index: Vec::new(),
            head: None,
            at_head: None,
        }
    }

    pub(super) fn index(mut self, entries: Entries) -> Self {
        self.index = entries
            .into_iter()
            .map(|(path, before)| IndexBefore { path, before })
            .collect();
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty() && self.index.is_empty() && self.head.is_none()
    }

    pub(super) fn index_entries(&self) -> Entries {
        self.index
            .iter()
            .map(|entry| (entry.path.clone(), entry.before.clone()))
            .collect()
    }
}

/// An act that was done: what takes it back, and how many old entries had to go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    pub undo: Option<u64>,
    pub n_pruned: u32,
}

/// Keeps a record. It is in the store before the act that needs it is done.
pub(super) fn store(repo: &Repository, root: &Path, record: &Record, at: Timestamp) -> Result<Done, GitError> {
    if record.is_empty() {
        return Ok(Done::default());
    }
    let of = |error| GitError::of(root, error);
    let tree = tree(repo, record).map_err(of)?;
    let signature = Signature::new("Chantier", "chantier@localhost", &git2::Time::new(at.as_second(), 0)).map_err(of)?;
    let json = serde_json::to_string(record).expect("the record is plain data with text keys");
    let parents = parents(repo, record);
    let parents: Vec<&Commit<'_>> = parents.iter().collect();
    let tree = repo.find_tree(tree).map_err(of)?;
    let oid = repo
        .commit(
            None,
            &signature,
            &signature,
            &format!("chantier undo\n\n{json}\n"),
            &tree,
            &parents,
        )
        .map_err(of)?;
    let mut ids = ids(repo);
    let mut id = ids.last().copied().unwrap_or(0) + 1;
    // Another program may take the number at the same moment.
    while let Err(error) = repo.reference(&format!("{PREFIX}{id}"), oid, false, "chantier undo") {
        if error.code() != ErrorCode::Exists {
            return Err(of(error));
        }
        id += 1;
    }
    ids.push(id);
    let mut n_pruned = 0;
    for old in &ids[..ids.len().saturating_sub(MAX_ENTRIES)] {
        if repo
            .find_reference(&format!("{PREFIX}{old}"))
            .and_then(|mut reference| reference.delete())
            .is_ok()
        {
            n_pruned += 1;
        }
    }
    Ok(Done {
        undo: Some(id),
        n_pruned,
    })
}

/// The contents by number, so that `git gc` keeps them.
fn tree(repo: &Repository, record: &Record) -> Result<Oid, git2::Error> {
    let mut builder = repo.treebuilder(None)?;
    let files = record
        .files
        .iter()
        .filter_map(|file| file.before.as_ref())
        .map(|saved| saved.oid.as_str());
    let staged = record.index.iter().flat_map(|entry| &entry.before);
    let staged = staged.filter(|state| state.mode != SUBMODULE).map(|state| state.oid.as_str());
    let mut oids: Vec<&str> = files.chain(staged).collect();
    oids.sort_unstable();
    oids.dedup();
    for oid in oids {
        builder.insert(oid, Oid::from_str(oid)?, i32::try_from(FILE).expect("a file mode is small"))?;
    }
    builder.write()
}

/// Commits that a branch leaves behind are kept alive too.
fn parents<'repo>(repo: &'repo Repository, record: &Record) -> Vec<Commit<'repo>> {
    let mut oids: Vec<&str> = Vec::new();
    if let Some(HeadMove::Commit { before, after }) = &record.head {
        oids.extend(before.as_deref());
        oids.extend(after.as_deref());
    }
    oids.dedup();
    oids.iter()
        .filter_map(|oid| repo.find_commit(Oid::from_str(oid).ok()?).ok())
        .collect()
}

fn ids(repo: &Repository) -> Vec<u64> {
    let references = repo.references_glob(&format!("{PREFIX}*")).into_iter().flatten().flatten();
    let mut ids: Vec<u64> = references
        .filter_map(|reference| {
            std::str::from_utf8(reference.name_bytes())
                .ok()?
                .strip_prefix(PREFIX)?
                .parse()
                .ok()
        })
        .collect();
    ids.sort_unstable();
    ids
}

/// Every entry, the newest first. Entries that can not be read are left out.
pub(super) fn list(repo: &Repository) -> Vec<UndoEntry> {
    let entry = |id: u64| {
        let (record, at) = read(repo, id).ok()?;
        let mut paths: Vec<GitPath> = record.files.iter().map(|file| file.path.clone()).collect();
        paths.extend(record.index.iter().map(|entry| entry.path.clone()));
        paths.sort();
        paths.dedup();
        let n_paths = paths.len() as u32;
        paths.truncate(SHOWN_PATHS);
        Some(UndoEntry {
            id,
            kind: record.kind,
            at,
            paths,
            n_paths,
            subject: SafeText::new(&record.subject).into_string(),
        })
    };
    ids(repo).into_iter().rev().filter_map(entry).collect()
}

/// One record, with its time.
pub(super) fn read(repo: &Repository, id: u64) -> Result<(Record, Timestamp), GitError> {
    let none = |_| GitError::NoSuchUndo(id);
    let reference = repo.find_reference(&format!("{PREFIX}{id}")).map_err(none)?;
    let commit = reference.peel_to_commit().map_err(none)?;
    let message = String::from_utf8_lossy(commit.message_bytes()).into_owned();
    let json = message.split_once("\n\n").map_or("", |(_, json)| json);
    let record: Record = serde_json::from_str(json).map_err(|_| GitError::NoSuchUndo(id))?;
    Ok((record, Timestamp::from_second(commit.time().seconds()).unwrap_or_default()))
}

/// An entry that was taken back is no longer there.
pub(super) fn forget(repo: &Repository, id: u64) {
    if let Ok(mut reference) = repo.find_reference(&format!("{PREFIX}{id}")) {
        reference.delete().ok();
    }
}
