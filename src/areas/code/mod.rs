//! Code: the area's words. What changed, what was committed, the branches, and what can be taken back.

pub mod act;
mod acts;
mod ask;
mod begin;
pub mod branching;
mod chain;
pub mod cli;
mod diffs;
pub mod history;
pub mod jobs;
mod look;
pub mod manifest;
pub mod message;
pub mod model;
pub mod open;
pub mod page;
mod pictures;
pub mod repos;
mod stashes;
mod todos;
pub mod trees;
mod undo;

use crate::base::blame::{BlameCommit, BlameRun};
use crate::base::diff::{DiffFile, DiffLook, DiffOf};
use crate::base::picture::Pictures;
use crate::base::repo::{
    CommitDetail, CommitHelp, CommitRow, Comparison, HistoryOutline, Order, Refs, RepoSummary, StashRow, Status, Todo,
    TodoAuthor, UndoDetail, UndoEntry,
};
use crate::base::{GitPath, Msg, Problem, State, Workspace, WorkspaceId};
use act::Act;
use history::search::Wanted;
pub(crate) use jobs::{all_below_top, below_top, reading_top};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const AREA: &str = "code";

/// Rows of the history that are asked for together.
pub const HISTORY_PAGE: u64 = 200;

/// What can be asked. Paths count from the top of the repository; one that starts with `/` is an absolute one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    /// Reads what changed.
    Refresh {
        workspace: Workspace,
    },
    /// Keeps what changed up to date until it is stopped.
    Watch {
        workspace: Workspace,
    },
    /// Makes the folder of the workspace a repository.
    Init {
        workspace: Workspace,
    },
    /// What watches this workspace ends.
    StopWatch {
        workspace: Workspace,
    },
    ShowDiff {
        workspace: Workspace,
        what: DiffKey,
        /// Also when it is large.
        is_forced: bool,
    },
    /// Both sides of a picture.
    ShowPictures {
        workspace: Workspace,
        what: DiffKey,
    },
    /// The differences of every changed file, or of those at and below these paths.
    ShowDiffs {
        workspace: Workspace,
        of: DiffOf,
        paths: Vec<GitPath>,
        #[serde(default)]
        look: DiffLook,
        /// Also when they are large.
        #[serde(default)]
        is_forced: bool,
    },
    /// The outline of a history and some of its rows; or what is looked for in it.
    LoadHistory {
        workspace: Workspace,
        query: HistoryQuery,
        first: u64,
        n: u64,
    },
    /// Rows of the history with this stamp.
    LoadRows {
        workspace: Workspace,
        query: HistoryQuery,
        stamp: String,
        first: u64,
        n: u64,
    },
    /// Where a commit stands in the history.
    FindRow {
        workspace: Workspace,
        query: HistoryQuery,
        oid: String,
    },
    /// Who wrote each line of a file.
    Blame {
        workspace: Workspace,
        what: BlameKey,
        /// The line to show, from 0.
        line: Option<u32>,
    },
    /// The same of the file before the last change of this line, counted from 0.
    BlameBefore {
        workspace: Workspace,
        what: BlameKey,
        line: u32,
    },
    /// What differs between two revisions, or between one and the files. No path means all.
    Compare {
        workspace: Workspace,
        from: String,
        to: Option<String>,
        paths: Vec<GitPath>,
    },
    /// Writes git's index of the history, which makes reading and searching it quick.
    WriteCommitGraph {
        workspace: Workspace,
        query: HistoryQuery,
    },
    /// A commit by name, id or expression, with its files.
    ShowCommit {
        workspace: Workspace,
        revision: String,
    },
    /// What the ledger knows of the workspace's commits: built, tested, deployed.
    LoadWeather {
        workspace: Workspace,
    },
    LoadRefs {
        workspace: Workspace,
    },
    LoadUndo {
        workspace: Workspace,
    },
    LoadStashes {
        workspace: Workspace,
    },
    /// What helps to write a message.
    LoadCommitHelp {
        workspace: Workspace,
    },
    /// What taking an entry back would put in place.
    ShowUndo {
        workspace: Workspace,
        id: u64,
    },
    /// Looks at branches, an operation or a conflict before an act.
    Look {
        workspace: Workspace,
        look: branching::Look,
    },
    /// Looks at what stands beside and inside the checkout.
    Ask {
        workspace: Workspace,
        ask: trees::Ask,
    },
    /// Every line that says TODO or the like.
    LoadTodos {
        workspace: Workspace,
        with_authors: bool,
    },
    /// Changes the repository.
    Act {
        workspace: Workspace,
        act: Act,
    },
    /// Does it again, and lets ssh take the key of a machine it does not know into the user's `known_hosts`: if it is exactly
    /// this one.
    AcceptHost {
        fingerprint: String,
        then: Box<Command>,
    },
    /// In the user's editor. Line and column count from 1; the path may also be one of a place outside of git.
    OpenInEditor {
        workspace: Workspace,
        path: GitPath,
        line: u32,
        column: u32,
    },
    /// The same from a terminal: an editor that lives in one is left to the caller, who sits there.
    OpenAtTerminal {
        workspace: Workspace,
        path: GitPath,
        line: u32,
        column: u32,
    },
}

/// Which difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffKey {
    pub of: DiffOf,
    pub path: GitPath,
    /// The former path of a renamed file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_path: Option<GitPath>,
    #[serde(default, skip_serializing_if = "DiffLook::is_usual")]
    pub look: DiffLook,
}

/// Which file is blamed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlameKey {
    pub path: GitPath,
    /// None: as it is in the checkout.
    pub revision: Option<String>,
}

/// Which part of the history is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryQuery {
    /// Every branch and tag; else what HEAD, or `from`, reaches.
    pub is_all: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    #[serde(default)]
    pub order: Order,
    /// Only commits of which this is true.
    #[serde(default, skip_serializing_if = "Wanted::is_empty")]
    pub wanted: Wanted,
}

impl HistoryQuery {
    /// Only some of the commits: git's program finds them, without the lines of the graph.
    pub fn is_search(&self) -> bool {
        !self.wanted.is_empty() || self.from.as_ref().is_some_and(|from| from.contains(".."))
    }
}

/// How the changes of a workspace are noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watching {
    pub n_folders: u32,
    /// Folders that may be watched: half of the system's limit, or the user's setting.
    #[serde(default)]
    pub max_folders: u32,
    /// Too many folders for the system: looked at every few seconds instead.
    pub is_polling: bool,
}

/// What became of a commit: only of its own files, not of changes on top of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weather {
    pub built: Option<State>,
    pub tested: Option<Tested>,
    /// The version that was made from it.
    #[serde(default)]
    pub released: Option<Released>,
    /// Environments where it is live, or was tried last.
    pub deployed: Vec<(String, State)>,
    /// The last incident that began while it was live.
    #[serde(default)]
    pub incident: Option<Incident>,
    /// The last run of each pipeline.
    #[serde(default)]
    pub pipelines: Vec<Piped>,
}

/// How a pipeline ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piped {
    pub pipeline: String,
    /// The number of the run.
    pub run: i64,
    pub state: State,
}

/// A version of a commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Released {
    pub version: String,
    pub is_withdrawn: bool,
}

/// Something was down with a commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    pub id: i64,
    pub title: String,
    pub is_open: bool,
}

/// The last test run of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tested {
    pub state: State,
    pub n_passed: u32,
    pub n_failed: u32,
}

/// What an act did, for the one who asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Acted {
    /// The act's word: `stage`, `commit` ...
    pub act: String,
    /// What a toast says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Msg>,
    /// The entry that takes it back.
    pub undo: Option<u64>,
    /// Entries that were taken back or done again.
    #[serde(default)]
    pub taken: Vec<u64>,
    /// The same as the timeline names them, in the order in which it was done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<UndoEntry>,
    /// Old undo entries that had to go.
    pub n_pruned: u32,
    /// HEAD afterwards.
    pub head: Option<String>,
}

/// What can be learnt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "learnt", rename_all = "snake_case")]
pub enum Update {
    StatusStarted {
        workspace: WorkspaceId,
    },
    /// Of several readings the one with the highest number is the newest.
    StatusRead {
        workspace: WorkspaceId,
        number: u64,
        status: Box<Status>,
    },
    StatusFailed {
        workspace: WorkspaceId,
        number: u64,
        problem: Problem,
    },
    /// A watched repository is not what it was.
    Noticed {
        workspace: WorkspaceId,
        summary: RepoSummary,
    },
    Watching {
        workspace: WorkspaceId,
        watching: Option<Watching>,
    },
    DiffStarted {
        workspace: WorkspaceId,
        what: DiffKey,
    },
    DiffRead {
        workspace: WorkspaceId,
        what: DiffKey,
        diff: Box<DiffFile>,
    },
    DiffFailed {
        workspace: WorkspaceId,
        what: DiffKey,
        problem: Problem,
    },
    PicturesStarted {
        workspace: WorkspaceId,
        what: DiffKey,
    },
    PicturesRead {
        workspace: WorkspaceId,
        what: DiffKey,
        pictures: Box<Pictures>,
    },
    PicturesFailed {
        workspace: WorkspaceId,
        what: DiffKey,
        problem: Problem,
    },
    DiffsStarted {
        workspace: WorkspaceId,
    },
    DiffsRead {
        workspace: WorkspaceId,
        diff: Box<DiffFile>,
    },
    DiffsEnded {
        workspace: WorkspaceId,
        /// Files beyond the limit.
        n_unread: u64,
    },
    HistoryStarted {
        workspace: WorkspaceId,
        query: HistoryQuery,
    },
    /// How many commits were read so far, where there is no commit-graph.
    HistoryCounted {
        workspace: WorkspaceId,
        query: HistoryQuery,
        n_read: u64,
    },
    /// With another stamp than before: the rows that were known are none of its.
    HistoryOutlined {
        workspace: WorkspaceId,
        query: HistoryQuery,
        outline: HistoryOutline,
        first: u64,
        rows: Vec<CommitRow>,
    },
    HistoryRead {
        workspace: WorkspaceId,
        stamp: String,
        first: u64,
        rows: Vec<CommitRow>,
    },
    /// None: the history with this stamp does not have the commit.
    RowFound {
        workspace: WorkspaceId,
        stamp: String,
        oid: String,
        row: Option<u64>,
    },
    HistoryFailed {
        workspace: WorkspaceId,
        query: HistoryQuery,
        problem: Problem,
    },
    BlameStarted {
        workspace: WorkspaceId,
        what: BlameKey,
        line: Option<u32>,
    },
    BlameText {
        workspace: WorkspaceId,
        what: BlameKey,
        /// The commit, None for the files of the checkout.
        rev: Option<String>,
        /// From the top of the repository.
        path: GitPath,
        lines: Vec<String>,
    },
    BlameRuns {
        workspace: WorkspaceId,
        what: BlameKey,
        /// Those that no run named before.
        commits: Vec<BlameCommit>,
        runs: Vec<BlameRun>,
    },
    BlameEnded {
        workspace: WorkspaceId,
        what: BlameKey,
        problem: Option<Problem>,
    },
    CompareStarted {
        workspace: WorkspaceId,
        from: String,
        to: Option<String>,
    },
    Compared {
        workspace: WorkspaceId,
        from: String,
        to: Option<String>,
        comparison: Box<Comparison>,
    },
    CompareFailed {
        workspace: WorkspaceId,
        from: String,
        to: Option<String>,
        problem: Problem,
    },
    CommitStarted {
        workspace: WorkspaceId,
        revision: String,
    },
    CommitRead {
        workspace: WorkspaceId,
        revision: String,
        commit: Box<CommitDetail>,
    },
    CommitFailed {
        workspace: WorkspaceId,
        revision: String,
        problem: Problem,
    },
    RefsStarted {
        workspace: WorkspaceId,
    },
    RefsRead {
        workspace: WorkspaceId,
        refs: Refs,
    },
    RefsFailed {
        workspace: WorkspaceId,
        problem: Problem,
    },
    WeatherRead {
        workspace: WorkspaceId,
        weather: BTreeMap<String, Weather>,
    },
    UndoRead {
        workspace: WorkspaceId,
        entries: Vec<UndoEntry>,
    },
    UndoFailed {
        workspace: WorkspaceId,
        problem: Problem,
    },
    StashesRead {
        workspace: WorkspaceId,
        stashes: Vec<StashRow>,
    },
    StashesFailed {
        workspace: WorkspaceId,
        problem: Problem,
    },
    CommitHelpRead {
        workspace: WorkspaceId,
        help: Box<CommitHelp>,
    },
    UndoDetailStarted {
        workspace: WorkspaceId,
        id: u64,
    },
    UndoDetailRead {
        workspace: WorkspaceId,
        detail: Box<UndoDetail>,
    },
    UndoDetailFailed {
        workspace: WorkspaceId,
        id: u64,
        problem: Problem,
    },
    Branching {
        workspace: WorkspaceId,
        news: branching::News,
    },
    Trees {
        workspace: WorkspaceId,
        news: trees::News,
    },
    Acted {
        workspace: WorkspaceId,
        acted: Acted,
    },
    TodosStarted {
        workspace: WorkspaceId,
    },
    TodosRead {
        workspace: WorkspaceId,
        todos: Vec<Todo>,
    },
    /// Who wrote the lines of one file, by line.
    TodosBlamed {
        workspace: WorkspaceId,
        path: GitPath,
        authors: BTreeMap<u32, TodoAuthor>,
    },
    TodosFailed {
        workspace: WorkspaceId,
        problem: Problem,
    },
    /// An editor was started, with this command.
    Opened {
        workspace: WorkspaceId,
        argv: Vec<String>,
        /// It was not: the caller starts it.
        #[serde(default)]
        is_left: bool,
    },
}
