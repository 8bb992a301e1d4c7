//! DevOps: the area's words. Workspaces, machines, the ledger of runs, the thread.

pub mod board;
pub mod bump;
pub mod cli;
pub mod clone;
pub mod exec;
pub mod gate;
pub mod jobs;
pub mod machine;
pub mod machines;
pub mod model;
mod moved;
pub mod packages;
pub mod page;
pub mod probe;
pub mod prober;
pub mod project;
mod runs;
pub mod sample;
pub mod scan;
pub mod terminal;
pub mod thread;
pub mod version_tags;
pub mod version_words;
mod watch;

use crate::base::repo::RepoSummary;
use crate::base::screen::{Screen, ScreenInput};
use crate::base::{JobId, LogLine, Msg, Problem, ProjectKind, State, Target, Thread, Timestamp, Workspace, WorkspaceId};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    /// The added workspaces, from the store.
    LoadWorkspaces,
    AddWorkspace {
        path: PathBuf,
        group: String,
    },
    /// Brings a repository into a new or empty folder, and adds that.
    Clone {
        url: String,
        into: PathBuf,
        group: String,
    },
    /// Forgets the workspace; its files and its history stay.
    RemoveWorkspace {
        workspace: Workspace,
    },
    /// Its programs may run from now on.
    TrustWorkspace {
        workspace: Workspace,
    },
    DistrustWorkspace {
        workspace: Workspace,
    },
    /// Looks for projects below these folders; empty means the roots of the settings.
    ScanRoots {
        roots: Vec<PathBuf>,
    },
    /// One row per workspace (all that were added when none is named): branch, changes, last build, tests, release, deployment, instances.
    RefreshBoard {
        workspaces: Vec<Workspace>,
    },
    /// Facts of this machine and the tools on it.
    InspectMachine,
    /// The machines of the user's ssh configuration and the contexts of Docker; none is connected to.
    ListMachines,
    /// Connects to a machine and asks what it is.
    TestMachine {
        name: String,
    },
    /// Goes on to a machine with exactly this key, which ssh remembers from then on.
    AcceptMachine {
        name: String,
        fingerprint: String,
    },
    /// What runs there is listed in Operate, or not any more.
    WatchMachine {
        name: String,
        is_on: bool,
    },
    /// Tells what other programs do with the same ledger, until it is stopped.
    WatchRuns,
    ListRuns {
        filter: RunFilter,
    },
    /// A run with its children and the end of its output.
    ShowRun {
        job: JobId,
    },
    /// What was asked for once more; the same program, arguments and folder where that is all that is known.
    RunAgain {
        workspace: Workspace,
        job: JobId,
    },
    /// Follows the chain of this thing through the ledger in both directions.
    ShowThread {
        of: Target,
        /// Where it is, when that is known: a folder need not be on the board.
        #[serde(default)]
        at: Option<Workspace>,
    },
    /// A shell on a terminal of its own.
    OpenTerminal {
        place: terminal::TerminalPlace,
    },
    /// Keys and the like for an open terminal.
    TellTerminal {
        id: JobId,
        input: ScreenInput,
    },
    /// Takes a terminal that is over off the page.
    ForgetTerminal {
        id: JobId,
    },
    /// Unpacks the sample project with its history, adds and trusts it.
    UnpackSample {
        dir: PathBuf,
    },
    /// Writes one of the sample's prepared changes into its work tree.
    ChangeSample {
        workspace: Workspace,
        change: String,
    },
}

/// What can be learnt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "learnt", rename_all = "snake_case")]
pub enum Update {
    WorkspacesLoading,
    WorkspacesLoaded {
        workspaces: Vec<WorkspaceInfo>,
    },
    WorkspacesFailed {
        problem: Problem,
    },
    WorkspaceAdded {
        workspace: WorkspaceInfo,
    },
    WorkspaceRemoved {
        id: WorkspaceId,
    },
    TrustChanged {
        id: WorkspaceId,
        trust: TrustState,
    },
    /// Its folder went or came back, or its project file is another one.
    WorkspaceChanged {
        workspace: WorkspaceInfo,
    },
    ScanStarted,
    ProjectsFound {
        projects: Vec<FoundProject>,
    },
    ScanEnded {
        n_folders: u64,
    },
    BoardLoading {
        id: WorkspaceId,
    },
    BoardRow {
        id: WorkspaceId,
        row: Box<BoardRow>,
    },
    MachineLoading,
    MachineInspected {
        machine: Box<Machine>,
    },
    MachinesListed {
        machines: Vec<machines::FarMachine>,
    },
    MachineTested {
        machine: Box<machines::FarMachine>,
    },
    RunsListed {
        filter: RunFilter,
        rows: Vec<RunRow>,
        /// Those that pass the filter.
        n_total: u64,
        /// Those of the workspace, or of all of them.
        #[serde(default)]
        n_all: u64,
    },
    /// Another program ran these.
    RanElsewhere {
        rows: Vec<RunRow>,
    },
    RunShown {
        run: Box<RunDetail>,
    },
    ThreadFound {
        of: Target,
        thread: Thread,
    },
    TerminalOpened {
        id: JobId,
        place: terminal::TerminalPlace,
    },
    TerminalShown {
        id: JobId,
        screen: Box<Screen>,
    },
    /// What is selected in a terminal was to be copied.
    TerminalCopied {
        text: String,
    },
    TerminalEnded {
        id: JobId,
        end: terminal::SessionEnd,
    },
    TerminalForgotten {
        id: JobId,
    },
}

/// Whether a workspace's programs may run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrustState {
    #[default]
    Untrusted,
    Trusted,
    /// The files that name commands are not the ones that were trusted.
    Changed,
}

/// An added workspace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorkspaceInfo {
    pub workspace: Workspace,
    pub group: String,
    pub pinned: bool,
    pub trust: TrustState,
    /// The folder is gone.
    pub is_missing: bool,
    pub kinds: Vec<ProjectKind>,
}

/// A folder that looks like a project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FoundProject {
    pub path: PathBuf,
    pub kinds: Vec<ProjectKind>,
}

/// A state with its word and when it became so.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    pub state: State,
    /// A number, a version or an environment; empty shows the state's word.
    pub note: String,
    pub at: Option<Timestamp>,
    /// The sources have moved on since.
    pub is_stale: bool,
}

/// One row of the board.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BoardRow {
    pub repo: Option<RepoSummary>,
    /// Why there is no repository to show.
    pub repo_problem: Option<Problem>,
    pub kinds: Vec<ProjectKind>,
    pub build: Mark,
    pub build_secs: f64,
    pub tests: Mark,
    pub n_tests_failed: u32,
    pub n_tests_passed: u32,
    pub version: Option<String>,
    pub deployed: Mark,
    /// Instances alive, of those that should be.
    pub n_live: u32,
    pub n_instances: u32,
    /// Incidents that are open.
    #[serde(default)]
    pub n_incidents: u32,
    /// Checks that are down or answer wrongly.
    #[serde(default)]
    pub n_checks_down: u32,
    /// What needs attention, in words.
    pub problems: Vec<Msg>,
    /// The first of what the project file says wrongly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_problem: Option<Problem>,
    #[serde(default)]
    pub n_project_problems: usize,
}

/// This machine.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    pub name: String,
    pub os: String,
    pub kernel: String,
    pub arch: String,
    pub cpu: String,
    pub n_cpus: u32,
    pub memory_bytes: u64,
    pub memory_used_bytes: u64,
    pub load_1min: f64,
    pub uptime_secs: u64,
    pub disks: Vec<Disk>,
    pub tools: Vec<Tool>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Disk {
    pub mount: String,
    pub file_system: String,
    pub total_bytes: u64,
    pub free_bytes: u64,
}

/// A program that projects need.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tool {
    pub name: String,
    /// None when it was not found.
    pub path: Option<PathBuf>,
    /// The first line that it says of its version.
    pub version: String,
}

/// Which runs are listed, newest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunFilter {
    pub workspace: Option<WorkspaceId>,
    pub area: Option<String>,
    pub text: String,
    pub only_failed: bool,
    /// Only runs older than this one: the next page.
    pub before: Option<JobId>,
    /// At most this many; None: a page.
    #[serde(default)]
    pub limit: Option<u32>,
}

/// One run of the ledger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunRow {
    pub id: JobId,
    pub parent: Option<JobId>,
    pub workspace: Option<WorkspaceId>,
    pub area: String,
    pub title: Msg,
    pub argv: Vec<String>,
    pub cwd: Option<PathBuf>,
    pub commit: Option<String>,
    pub dirty: Option<String>,
    pub environment: Option<String>,
    pub state: State,
    pub queued_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub exit_code: Option<i32>,
    pub signal: Option<i32>,
    pub problem: Option<Problem>,
    pub log_bytes: u64,
    /// What was asked for, as JSON, when it can be asked for once more as it stands.
    #[serde(default)]
    pub asked: Option<String>,
}

/// A run, everything below it, and the end of its output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunDetail {
    pub run: RunRow,
    pub children: Vec<RunRow>,
    pub lines: Vec<LogLine>,
    /// Lines before these are in the log file only.
    pub n_bytes_before: u64,
}
