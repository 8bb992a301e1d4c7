//! What is known of a git repository, as plain data: its head, its changes, commits, refs, and what can be undone.

use super::{GitPath, GraphRow, Timestamp};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

mod undo;

pub use undo::{RefMove, UndoDetail, UndoEntry, UndoFile, UndoKind, Which};

/// What HEAD points to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "snake_case")]
pub enum Head {
    Branch {
        name: String,
    },
    /// A branch without a commit.
    Unborn {
        name: String,
    },
    Detached,
}

/// What git is in the middle of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    Merge,
    Rebase,
    CherryPick,
    Revert,
    Bisect,
    ApplyMailbox,
}

/// The state of a repository in a few numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepoSummary {
    pub head: Head,
    /// The commit of HEAD in full; None before the first commit.
    pub oid: Option<String>,
    pub head_time: Option<Timestamp>,
    /// The branch that the current one follows, like `origin/main`.
    pub upstream: Option<String>,
    /// The upstream is configured and does not exist.
    pub is_upstream_gone: bool,
    pub n_ahead: u32,
    pub n_behind: u32,
    pub n_staged: u32,
    pub n_unstaged: u32,
    /// Untracked files; a folder with nothing tracked inside counts as one.
    pub n_untracked: u32,
    pub n_conflicted: u32,
    /// Changed paths: one that is staged in part counts once.
    #[serde(default)]
    pub n_paths: u32,
    pub operation: Option<Operation>,
    pub is_bare: bool,
    pub is_shallow: bool,
    /// A linked worktree of another checkout.
    pub is_linked_worktree: bool,
}

impl RepoSummary {
    /// Anything that a commit of everything would take.
    pub fn is_dirty(&self) -> bool {
        self.n_changed() > 0
    }

    /// Changed files, each counted once.
    pub fn n_changed(&self) -> u32 {
        self.n_paths
    }

    /// The branch, or seven digits of the commit when HEAD is detached.
    pub fn head_name(&self) -> String {
        match &self.head {
            Head::Branch { name } | Head::Unborn { name } => name.clone(),
            Head::Detached => short_oid(self.oid.as_deref().unwrap_or_default()).to_owned(),
        }
    }
}

/// The first seven digits of a commit's name.
pub fn short_oid(oid: &str) -> &str {
    oid.get(..7).unwrap_or(oid)
}

/// How a file differs between two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    Added,
    Modified,
    Deleted,
    Renamed,
    Copied,
    /// File, link or submodule became another of these.
    TypeChanged,
    Untracked,
    Conflicted,
}

impl Change {
    /// The letter that git uses.
    pub fn letter(self) -> &'static str {
        match self {
            Self::Added => "A",
            Self::Modified => "M",
            Self::Deleted => "D",
            Self::Renamed => "R",
            Self::Copied => "C",
            Self::TypeChanged => "T",
            Self::Untracked => "?",
            Self::Conflicted => "U",
        }
    }
}

/// One changed path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusEntry {
    /// From the top of the repository; ends with `/` for an untracked folder.
    pub path: GitPath,
    /// Between HEAD and index.
    pub staged: Option<Change>,
    /// Where it stood in HEAD, of a staged rename.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renamed_from: Option<GitPath>,
    /// Between index and files.
    pub unstaged: Option<Change>,
    /// git's two letters of a conflict, like `UU` or `DU`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflict: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_submodule: bool,
}

/// Everything that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    pub summary: RepoSummary,
    /// Sorted by path, at most `Status::MAX_ENTRIES`.
    pub entries: Vec<StatusEntry>,
    /// Entries beyond the limit, counted in the summary and not listed.
    pub n_unlisted: u32,
}

impl Status {
    pub const MAX_ENTRIES: usize = 20_000;

    /// Changed paths, each counted once.
    pub fn n_paths(&self) -> u64 {
        self.entries.len() as u64 + u64::from(self.n_unlisted)
    }

    pub fn entry(&self, path: &GitPath) -> Option<&StatusEntry> {
        self.entries
            .binary_search_by(|entry| entry.path.cmp(path))
            .ok()
            .map(|at| &self.entries[at])
    }

    /// The entry of a path, or that of the untracked folder which holds it.
    pub fn holding(&self, path: &GitPath) -> Option<&StatusEntry> {
        self.entry(path).or_else(|| {
            let bytes = path.as_bytes();
            let slashes = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'/');
            let mut folders = slashes.map(|(at, _)| GitPath::new(&bytes[..=at]));
            folders.find_map(|folder| self.entry(&folder).filter(|entry| entry.unstaged == Some(Change::Untracked)))
        })
    }
}

/// What a name points to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefKind {
    Head,
    Branch,
    RemoteBranch,
    Tag,
    Other,
}

/// A name beside a commit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Decoration {
    pub kind: RefKind,
    /// Without `refs/heads/` and the like.
    pub name: String,
    /// HEAD is on this branch.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_current: bool,
}

/// One line of the history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CommitRow {
    pub oid: String,
    pub parents: Vec<String>,
    pub summary: String,
    pub author: String,
    pub authored: Timestamp,
    pub committed: Timestamp,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refs: Vec<Decoration>,
    pub graph: GraphRow,
}

/// The order of a history's rows: always children before their parents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// The newest first.
    #[default]
    Date,
    /// The commits of one line of development together.
    Topology,
}

/// What the repository's commit-graph file, the index of its history, was good for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GraphFile {
    Used,
    #[default]
    Missing,
    /// `core.commitGraph` says not to read it.
    Off,
    /// It contradicts itself or the commits.
    Broken,
    /// Shallow, grafted or replaced commits: their parents are not what a commit-graph could know.
    Grafted,
}

/// A history in a few numbers; its rows are read when they are looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryOutline {
    /// Other refs, other commits: another stamp.
    pub stamp: String,
    pub n_rows: u64,
    /// Everything was read; else these are the newest, and there are more.
    pub is_whole: bool,
    /// Lanes that the rows need at most, of those that are drawn.
    pub n_lanes: u16,
    pub graph: GraphFile,
    /// Commits that were read one by one, because no commit-graph has them.
    pub n_loose: u64,
}

/// One file of a commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitFile {
    pub path: GitPath,
    pub old_path: Option<GitPath>,
    pub change: Change,
    /// None for a binary file, and beyond the limit of what is counted.
    pub n_added: Option<u32>,
    pub n_removed: Option<u32>,
}

/// A commit in full, its files compared with its first parent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitDetail {
    pub oid: String,
    pub parents: Vec<String>,
    pub summary: String,
    pub body: String,
    pub author: String,
    pub author_email: String,
    pub authored: Timestamp,
    pub committer: String,
    pub committed: Timestamp,
    /// A signature is there; whether it is good is not checked.
    pub is_signed: bool,
    pub refs: Vec<Decoration>,
    pub files: Vec<CommitFile>,
    /// Files beyond the limit.
    pub n_unlisted: u32,
    pub n_added: u32,
    pub n_removed: u32,
}

/// One side of a comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    pub oid: String,
    pub summary: String,
    pub committed: Timestamp,
}

/// What differs between two commits, or between one and the files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    pub from: End,
    /// None: the files of the checkout.
    pub to: Option<End>,
    pub files: Vec<CommitFile>,
    /// Files beyond the limit.
    pub n_unlisted: u32,
    pub n_added: u32,
    pub n_removed: u32,
}

/// A local or remote branch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BranchRow {
    pub name: String,
    pub is_remote: bool,
    pub is_current: bool,
    pub oid: String,
    pub summary: String,
    pub author: String,
    pub committed: Option<Timestamp>,
    pub upstream: Option<String>,
    pub is_upstream_gone: bool,
    pub n_ahead: u32,
    pub n_behind: u32,
    /// The other worktree that has it checked out.
    #[serde(default)]
    pub elsewhere: Option<GitPath>,
    /// HEAD has all of its commits.
    #[serde(default)]
    pub is_merged: bool,
}

/// A tag, with the commit that it means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagRow {
    pub name: String,
    pub oid: String,
    pub is_annotated: bool,
    pub summary: String,
    pub tagged: Option<Timestamp>,
}

/// Another repository that this one knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteRow {
    pub name: String,
    pub url: String,
    /// Where pushes go, when that is elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push_url: Option<String>,
}

/// Every name in a repository.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refs {
    pub branches: Vec<BranchRow>,
    pub tags: Vec<TagRow>,
    pub remotes: Vec<RemoteRow>,
}

/// A commit that shall be made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitAct {
    /// Empty keeps the message of the commit that is amended.
    pub message: String,
    pub is_amend: bool,
    /// The commit that is meant to be amended, by its whole id: no other one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amends: Option<String>,
    /// Stages every change of tracked files first.
    pub is_all: bool,
    /// Adds a line `Signed-off-by`.
    #[serde(default)]
    pub is_signed_off: bool,
    /// Goes into this commit instead of a new one; the commits after it are made again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixup: Option<String>,
    /// The message stands in this file, or comes from standard input by the name `-`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_file: Option<PathBuf>,
    /// Without the hooks `pre-commit` and `commit-msg`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub skips_hooks: bool,
    /// Also when nothing changed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allows_empty: bool,
    /// `Name <address>`, when somebody else wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// Only these files as they are in the checkout; no path is what is staged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<GitPath>,
}

/// Changes that shall be put away.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StashAct {
    pub message: String,
    pub with_untracked: bool,
    /// What is staged stays.
    pub keeps_index: bool,
    /// No path is everything.
    pub paths: Vec<GitPath>,
}

/// Changes that were put away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StashRow {
    /// As in `stash@{n}`; it changes with every other stash.
    pub n: u32,
    pub oid: String,
    pub message: String,
    /// Where it was made.
    pub branch: Option<String>,
    pub base: String,
    pub at: Timestamp,
    pub n_files: u32,
    /// The commit with its untracked files.
    pub untracked: Option<String>,
}

/// What helps to write a commit's message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitHelp {
    /// `commit.template`, without its comments.
    pub template: Option<String>,
    /// `openpgp`, `ssh` or `x509` when commits are signed.
    pub signs_with: Option<String>,
    /// Hooks that run on a commit.
    pub hooks: Vec<String>,
    /// Messages of the user's last commits here, the newest first.
    pub messages: Vec<String>,
    /// Summaries of the last commits of anybody.
    pub summaries: Vec<String>,
    /// The branch of another repository that has the last commit already.
    #[serde(default)]
    pub published_at: Option<String>,
}

/// A line that says TODO, FIXME or the like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Todo {
    pub path: GitPath,
    /// From 1.
    pub line: u32,
    pub word: String,
    /// What follows the word.
    pub text: String,
    /// The item of the plan that the text names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// None while it is not known, and for a line that is in no commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<TodoAuthor>,
}

/// Who wrote a line, when, and in which commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TodoAuthor {
    pub name: String,
    pub at: Timestamp,
    pub oid: String,
}
