//! Operate: the area's words. Instances now: what runs, since when, how well, and what it says.

pub mod acts;
pub mod changed;
pub mod cli;
pub mod containers;
pub mod details;
pub mod drift;
pub mod events;
pub mod far;
pub mod find;
pub mod host;
pub mod incidents;
pub mod jobs;
pub mod kept;
pub mod lockfiles;
pub mod logs;
pub mod model;
pub mod named;
pub mod page;
pub mod places;
pub mod runbooks;
pub mod schedules;
pub mod units;
pub mod watch;
mod whose;

use crate::base::happening::Happening;
use crate::base::host::{HostLook, HostSignal};
use crate::base::log::LogFilter;
use crate::base::{JobId, LogLine, Msg, Problem, State, Timestamp, Workspace, WorkspaceId};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What can be asked. An empty list of workspaces means every one that was added.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    /// Looks once at everything that runs.
    List {
        workspaces: Vec<Workspace>,
    },
    /// Everything that is known of one.
    Inspect {
        instance: Box<Instance>,
    },
    /// Looks once a second until it is stopped, or for so many seconds.
    Watch {
        workspaces: Vec<Workspace>,
        #[serde(default)]
        secs: Option<u32>,
    },
    /// TERM to the whole group, a grace, KILL; looked at again afterwards.
    Stop {
        instances: Vec<Instance>,
        /// From TERM to KILL; None is what each was made with.
        #[serde(default)]
        grace_secs: Option<u32>,
    },
    /// Starts again what has ended, as it was deployed.
    Start {
        instances: Vec<Instance>,
    },
    /// Containers stand still until they are started or stopped.
    Pause {
        instances: Vec<Instance>,
    },
    Restart {
        instances: Vec<Instance>,
        #[serde(default)]
        grace_secs: Option<u32>,
    },
    /// Takes away what has ended, and ends it before where that is asked for; there is no way back.
    Remove {
        instances: Vec<Instance>,
    },
    /// The last lines of instances and files, merged by time; with `follow` also what comes, until it is stopped.
    ShowLogs {
        order: logs::LogOrder,
    },
    /// Opens a log of any size and follows it until it is stopped.
    OpenLogFile {
        path: PathBuf,
    },
    /// The same of the log of a run.
    OpenRunLog {
        job: JobId,
    },
    /// A page of the open file, from this line on.
    ReadLogFile {
        path: PathBuf,
        from: u64,
    },
    /// The pages of the open file that hold these lines.
    ReadLogHits {
        path: PathBuf,
        numbers: Vec<u64>,
    },
    /// Looks for lines in the whole open file.
    SearchLogFile {
        path: PathBuf,
        filter: LogFilter,
    },
    CloseLogFile,
    /// Writes lines that are shown into a new file.
    ExportLines {
        to: PathBuf,
        lines: Vec<String>,
    },
    ListIncidents {
        workspaces: Vec<Workspace>,
        open_only: bool,
    },
    /// One incident with what happened around it.
    ShowIncident {
        id: i64,
    },
    OpenIncident {
        workspace: Workspace,
        opening: incidents::Opening,
    },
    /// One of this workspace; of any, where none is said.
    NoteIncident {
        #[serde(default)]
        of: Option<WorkspaceId>,
        id: i64,
        text: String,
    },
    CloseIncident {
        #[serde(default)]
        of: Option<WorkspaceId>,
        id: i64,
        cause: String,
    },
    /// What changed since the last version that worked.
    FindChanges {
        workspace: Workspace,
        instance: Instance,
    },
    /// What runs against what the repository says; no instance means every one that was deployed from it.
    FindDrift {
        workspace: Workspace,
        instances: Vec<Instance>,
    },
    ListRunbooks {
        workspaces: Vec<Workspace>,
    },
    /// Runs the runbooks of these workspaces, or of all, at their times, until it is stopped.
    WatchSchedules {
        workspaces: Vec<Workspace>,
    },
    RunRunbook {
        workspace: Workspace,
        name: String,
    },
    /// What happened to what runs, so long back; with `follow` also what happens, until it is stopped.
    ShowEvents {
        workspaces: Vec<Workspace>,
        since_secs: u32,
        follow: bool,
    },
    /// This machine as a whole, once.
    LookAtHost,
    /// Looks again every other second until it is stopped, or for so many seconds.
    WatchHost {
        #[serde(default)]
        secs: Option<u32>,
    },
    /// A signal to one process; without its start the one that has the number now.
    Signal {
        pid: u32,
        #[serde(default)]
        start: Option<u64>,
        signal: HostSignal,
    },
    /// The code that a line of a log comes from, at the commit that is deployed.
    FindCode {
        workspace: Workspace,
        instance: Option<Instance>,
        line: String,
    },
}

/// What can be learnt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "learnt", rename_all = "snake_case")]
pub enum Update {
    Loading,
    /// Everything that was found, and what could not be asked.
    Seen {
        at: Timestamp,
        instances: Vec<Instance>,
        problems: Vec<Problem>,
    },
    /// An instance was started, stopped or restarted, and it was looked at: this is how it stands.
    Acted {
        instance: Box<Instance>,
    },
    Inspected {
        id: String,
        details: Box<details::Details>,
    },
    LogOpened {
        /// What it is known by.
        log: String,
        /// The names of its sources.
        sources: Vec<String>,
    },
    /// A file came into a folder that is followed.
    LogSourceCame {
        log: String,
        name: String,
    },
    LogLines {
        log: String,
        lines: Vec<LogLine>,
        /// The number of the source of each.
        origins: Vec<u16>,
    },
    LogCounted {
        log: String,
        /// Of each part.
        secs: u32,
        /// By time; parts without a line are left out.
        counts: Vec<logs::LogCount>,
    },
    LogExported {
        path: PathBuf,
        n_lines: u64,
    },
    /// A file is open: its first lines.
    LogFileOpened {
        path: PathBuf,
        /// The run whose log it is.
        job: Option<JobId>,
        lines: Vec<LogLine>,
    },
    LogFileCounted {
        path: PathBuf,
        n_lines: u64,
        bytes: u64,
        /// It was truncated or replaced, and begins anew.
        note: Option<Msg>,
    },
    LogFilePage {
        path: PathBuf,
        from: u64,
        lines: Vec<LogLine>,
    },
    /// What a search found since it was told last.
    LogFileHits {
        path: PathBuf,
        filter: LogFilter,
        lines: Vec<u64>,
        /// How far it is of 1.
        fraction: f64,
        /// All hits, once it is through: more than there are numbers in a very long list.
        n_hits: Option<u64>,
    },
    /// Newest first.
    Incidents {
        incidents: Vec<incidents::Incident>,
    },
    /// One incident, opened, changed or looked at.
    IncidentShown {
        incident: Box<incidents::Incident>,
    },
    Changed {
        changes: Box<changed::Changes>,
    },
    DriftFound {
        drifts: Vec<drift::Drift>,
    },
    Runbooks {
        books: Vec<runbooks::Book>,
    },
    /// A step of a runbook has ended well, or may fail.
    RunbookStepped {
        name: String,
        step: String,
        n: u32,
        n_steps: u32,
    },
    CodeFound {
        line: String,
        places: Vec<places::CodePlace>,
    },
    /// The list of events begins anew.
    EventsOpened {
        since: Timestamp,
    },
    /// Oldest first.
    Happened {
        events: Vec<Happening>,
    },
    HostSeen {
        look: Box<HostLook>,
    },
    /// A process was told something, and it was looked at.
    Signalled {
        pid: u32,
        signal: HostSignal,
        after: host::AfterSignal,
    },
    /// What is being done to an instance, while it is done.
    Told {
        name: String,
        what: Msg,
    },
    /// An instance was taken away.
    Removed {
        id: String,
        name: String,
    },
}

/// Where an instance comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstanceKind {
    /// Started by a deployment.
    Deployed,
    /// A process that listens on a port and belongs to a workspace's folder.
    #[default]
    Process,
    /// A container of the engine's.
    Container,
    /// A service of systemd, of the system or of the user.
    Unit,
}

impl InstanceKind {
    /// The key of its word in the locales.
    pub fn key(self) -> &'static str {
        match self {
            Self::Deployed => "operate-kind-deployed",
            Self::Process => "operate-kind-process",
            Self::Container => "operate-kind-container",
            Self::Unit => "operate-kind-unit",
        }
    }
}

/// Something that runs, or that should.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Instance {
    /// The ledger's number, `process:PID:START`, `container:ID` or `unit:MANAGER:NAME`.
    pub id: String,
    pub name: String,
    pub kind: InstanceKind,
    pub workspace: Option<WorkspaceId>,
    pub environment: Option<String>,
    pub version: Option<String>,
    pub machine: String,
    /// Running, failed, none (stopped) or unknown.
    pub state: State,
    /// Why it ended, or what the engine says of it.
    pub note: String,
    /// Why it is not well, in words.
    pub why: Option<Msg>,
    /// What its own health check says, where it has one.
    pub health: Option<State>,
    /// The compose project, or the stack, that it is a part of.
    pub project: Option<String>,
    /// The Swarm service that it is a task of.
    #[serde(default)]
    pub service: Option<String>,
    pub pid: Option<u32>,
    pub pid_start: Option<u64>,
    pub container: Option<String>,
    pub ports: Vec<u16>,
    pub cpu_percent: Option<f64>,
    pub memory_bytes: Option<u64>,
    /// Bytes per second.
    pub rates: Rates,
    pub n_processes: u32,
    pub n_restarts: u32,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub log_path: Option<PathBuf>,
    pub deployment: Option<i64>,
}

/// Bytes per second from and to disk and network; None where nobody counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rates {
    pub read: Option<f64>,
    pub write: Option<f64>,
    pub receive: Option<f64>,
    pub send: Option<f64>,
}

impl Instance {
    pub fn is_running(&self) -> bool {
        matches!(self.state, State::Running | State::Degraded)
    }

    /// A container that stands still.
    pub fn is_paused(&self) -> bool {
        self.why.as_ref().is_some_and(|why| why.key == "operate-why-paused")
    }

    /// A container of this machine that could stand still.
    pub fn is_pausable(&self) -> bool {
        let is_here = !self.id.starts_with("far:");
        self.container.is_some() && is_here && self.is_running() && !self.is_paused()
    }

    /// Where a browser finds it.
    pub fn url(&self) -> Option<String> {
        self.ports.first().map(|port| format!("http://127.0.0.1:{port}/"))
    }
}
