//! The undo timeline as plain data.

use super::Change;
use crate::{GitPath, Timestamp};
use serde::{Deserialize, Serialize};

/// What was done, of what can be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UndoKind {
    Discard,
    DiscardHunk,
    Ignore,
    Restore,
    Stage,
    Unstage,
    Commit,
    Amend,
    Fixup,
    Switch,
    CreateBranch,
    Pull,
    Merge,
    Rebase,
    CherryPick,
    Revert,
    Reset,
    RenameBranch,
    DeleteBranch,
    CreateTag,
    DeleteTag,
    SetUpstream,
    AddRemote,
    /// Another name or address.
    ChangeRemote,
    RemoveRemote,
    PruneRemote,
    /// What went away there, or is another thing there, was still here.
    Fetch,
    BisectStart,
    Bisect,
    BisectReset,
    Resolve,
    /// A step of what is under way.
    Continue,
    Skip,
    Abort,
    Stash,
    StashApply,
    StashPop,
    StashDrop,
    StashBranch,
    AddWorktree,
    RemoveWorktree,
    AddSubmodule,
    /// A branch of another repository that lost commits by a push.
    PushOver,
    /// A branch of another repository.
    DeleteThere,
    /// Taking something back over newer changes is an act of its own.
    TakeBack,
}

impl UndoKind {
    /// Something went away in another repository: it is never next in line, and another push takes it back.
    pub fn is_there(self) -> bool {
        matches!(self, Self::PushOver | Self::DeleteThere)
    }
}

/// How a branch, a tag or HEAD moved; None is before it was there, or when it is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefMove {
    pub name: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// One thing that can be taken back, or done again. It stands in the repository below `refs/chantier/`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoEntry {
    pub id: u64,
    pub kind: UndoKind,
    pub at: Timestamp,
    /// The paths that were touched, at most a few.
    pub paths: Vec<GitPath>,
    pub n_paths: u32,
    /// A branch or a commit's summary, for kinds that have one.
    pub subject: String,
    /// HEAD and refs that moved, at most a few.
    #[serde(default)]
    pub moves: Vec<RefMove>,
    /// Of file contents that are kept for it.
    #[serde(default)]
    pub n_bytes: u64,
    /// It was taken back: it can be done again.
    #[serde(default)]
    pub is_undone: bool,
    /// Something else was done after it was taken back: it is not the next to be done again.
    #[serde(default)]
    pub is_left_behind: bool,
    /// The act failed or was cut off: what it did until then can be taken back.
    #[serde(default)]
    pub is_interrupted: bool,
}

/// Entries of the timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "which", rename_all = "snake_case")]
pub enum Which {
    /// The next ones in order: the newest to be taken back, the oldest to be done again.
    Last {
        n: u32,
    },
    Entry {
        id: u64,
    },
}

/// A file that would be put in place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoFile {
    pub path: GitPath,
    /// What happens to the file then.
    pub change: Change,
}

/// What taking an entry back (or doing it again, if it was taken back) would put in place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoDetail {
    pub id: u64,
    /// As the act moved them.
    pub moves: Vec<RefMove>,
    /// At most `MAX_FILES`.
    pub files: Vec<UndoFile>,
    pub n_files: u32,
    /// Paths of the index.
    pub n_index: u32,
    /// How many stashes there are before and after.
    pub stashes: Option<(u32, u32)>,
    /// Whether git is in the middle of something afterwards; None when that does not change.
    pub has_operation: Option<bool>,
    /// Settings of branches, remotes and submodules.
    pub n_settings: u32,
    /// What changed since, and would be overwritten.
    pub collisions: Vec<String>,
}

impl UndoDetail {
    pub const MAX_FILES: usize = 500;
}
