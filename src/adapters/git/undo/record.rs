//! What is kept of an act, as plain data: how the repository stood before and after, as far as the act changed it.

use super::super::worktree::SavedFile;
use super::added::AddedTree;
use super::removed::RemovedTree;
use super::take::Way;
use crate::base::repo::UndoKind;
use crate::base::{GitPath, Timestamp};
use crate::store::holder::Holder;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What HEAD points to, and the commit there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct HeadAt {
    /// The whole name of the branch; None when HEAD is detached.
    pub(in super::super) branch: Option<String>,
    /// None before the first commit.
    pub(in super::super) oid: Option<String>,
}

impl HeadAt {
    /// For people: the branch, or the commit.
    pub(in super::super) fn name(&self) -> String {
        match (&self.branch, &self.oid) {
            (Some(branch), _) => branch.strip_prefix("refs/heads/").unwrap_or(branch).to_owned(),
            (None, oid) => oid.clone().unwrap_or_default(),
        }
    }
}

/// One entry of the index. Stages 1 to 3 are the sides of a conflict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Staged {
    pub(super) mode: u32,
    pub(super) oid: String,
    #[serde(default)]
    pub(super) stage: u8,
    /// `git add --intent-to-add`: the path without its content.
    #[serde(default)]
    pub(super) is_intent: bool,
}

impl Staged {
    /// An ordinary entry, whose content a file can have.
    pub(super) fn is_plain(&self) -> bool {
        self.stage == 0 && !self.is_intent
    }
}

/// The whole index: its ordinary entries as a tree, which costs little and keeps the contents alive, and the others one by one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct IndexSnap {
    pub(super) tree: String,
    #[serde(default)]
    pub(super) special: Vec<(GitPath, Staged)>,
}

/// A path of the index that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct IndexChange {
    pub(super) path: GitPath,
    pub(super) before: Vec<Staged>,
    pub(super) after: Vec<Staged>,
}

/// What stands at a path of the checkout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub(super) enum FileState {
    Absent,
    /// What git makes of the index entry of that moment.
    Clean,
    Saved(SavedFile),
}

impl Record {
    /// The branch on which HEAD would stand, where there is none of that name any more and none comes back with it.
    pub(super) fn gone_branch(&self, way: Way, refs: &BTreeMap<String, String>) -> Option<String> {
        let (_, to) = way.sides(&self.head);
        let branch = to.branch.clone().filter(|_| to.oid.is_some())?;
        let comes_back = self.refs.get(&branch).is_some_and(|pair| way.sides(pair).1.is_some());
        (!comes_back && !refs.contains_key(&branch)).then_some(branch)
    }
}

impl From<Option<SavedFile>> for FileState {
    fn from(saved: Option<SavedFile>) -> Self {
        saved.map_or(Self::Absent, Self::Saved)
    }
}

/// Two states of one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pair<T> {
    pub(super) before: T,
    pub(super) after: T,
}

impl<T: PartialEq> Pair<T> {
    /// None when nothing changed.
    pub(super) fn of(before: T, after: T) -> Option<Self> {
        (before != after).then_some(Self { before, after })
    }
}

/// Files of git's own folder that say what it is in the middle of, by their path in there.
pub(super) type OperationFiles = BTreeMap<String, SavedFile>;

/// How a repository stands at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stand {
    pub(super) head: HeadAt,
    /// Ids by whole names; a symbolic one is `ref: ` and its target. Without the stash and our own.
    pub(super) refs: BTreeMap<String, String>,
    pub(super) index: IndexSnap,
    pub(super) operation: OperationFiles,
    /// The log of `refs/stash` as it is in its file, which is all that a list of stashes is; kept as a blob.
    pub(super) stash: Option<String>,
    /// Settings of branches, remotes and submodules in the repository's own file.
    pub(super) config: BTreeMap<String, Vec<String>>,
}

/// What is kept before an act, so that nothing is lost when the program dies in the middle of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Before {
    pub(super) stand: Stand,
    /// Contents that the act may overwrite or remove.
    pub(super) files: BTreeMap<GitPath, Option<SavedFile>>,
    /// Tracked files may change, each as its index entry does if it is not named above.
    pub(super) follows: bool,
    /// Logs of refs that the act removes, as blobs.
    pub(super) logs: BTreeMap<String, String>,
    /// The file system's clock, in nanoseconds: a file whose change time is older was not touched by the act.
    pub(super) clock: i64,
    pub(super) owner: Holder,
    /// A linked worktree that the act removes.
    #[serde(default)]
    pub(super) removed: Option<RemovedTree>,
}

/// What takes an act back, and does it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) head: Pair<HeadAt>,
    #[serde(default)]
    pub(super) refs: BTreeMap<String, Pair<Option<String>>>,
    pub(super) index: Pair<IndexSnap>,
    /// Files follow the index where `files` does not say otherwise.
    #[serde(default)]
    pub(super) follows: bool,
    #[serde(default)]
    pub(super) files: BTreeMap<GitPath, Pair<FileState>>,
    #[serde(default)]
    pub(super) operation: Option<Pair<OperationFiles>>,
    #[serde(default)]
    pub(super) stash: Option<Pair<Option<String>>>,
    #[serde(default)]
    pub(super) config: BTreeMap<String, Pair<Vec<String>>>,
    #[serde(default)]
    pub(super) logs: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) removed: Option<RemovedTree>,
    #[serde(default)]
    pub(super) added: Option<AddedTree>,
}

impl Record {
    pub(super) fn is_empty(&self) -> bool {
        let has_files = self.files.values().any(|pair| pair.before != pair.after);
        self.head.before == self.head.after
            && self.refs.is_empty()
            && self.index.before == self.index.after
            && !has_files
            && self.operation.as_ref().is_none_or(is_only_noted)
            && self.stash.is_none()
            && self.config.is_empty()
            && self.removed.is_none()
            && self.added.is_none()
    }
}

/// What git notes of every merge for `git diff AUTO_MERGE`, also of one that it refuses: nothing is under way by it.
pub(super) const AUTO_MERGE: &str = "AUTO_MERGE";

fn is_only_noted(operation: &Pair<OperationFiles>) -> bool {
    let without = |files: &OperationFiles| -> OperationFiles {
        let others = files.iter().filter(|(name, _)| *name != AUTO_MERGE);
        others.map(|(name, saved)| (name.clone(), saved.clone())).collect()
    };
    without(&operation.before) == without(&operation.after)
}

/// The first part of an entry, read for the list: it stands in the commit's message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Summary {
    pub(super) version: u32,
    pub(super) kind: UndoKind,
    #[serde(default)]
    pub(super) subject: String,
    pub(super) at: Timestamp,
    /// Which worktree it was done in, by its git folder below the common one; empty is the main one.
    #[serde(default)]
    pub(super) worktree: String,
    #[serde(default)]
    pub(super) paths: Vec<GitPath>,
    #[serde(default)]
    pub(super) n_paths: u32,
    /// Of contents that are kept for this entry alone.
    #[serde(default)]
    pub(super) n_bytes: u64,
    #[serde(default)]
    pub(super) moves: Vec<crate::base::repo::RefMove>,
    #[serde(default)]
    pub(super) is_interrupted: bool,
}
