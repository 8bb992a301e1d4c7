//! Operate: the area's words. Instances now: what runs, since when, how well, and what it says.

pub mod acts;
pub mod cli;
pub mod containers;
pub mod find;
pub mod jobs;
pub mod logs;
pub mod model;
pub mod page;
pub mod watch;

use crate::base::{LogLine, Problem, State, Timestamp, Workspace, WorkspaceId};
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
    /// Looks once a second until it is stopped, or for so many seconds.
    Watch {
        workspaces: Vec<Workspace>,
        #[serde(default)]
        secs: Option<u32>,
    },
    /// TERM to the whole group, a grace, KILL; looked at again afterwards.
    Stop {
        instances: Vec<Instance>,
    },
    /// Starts again what has ended, as it was deployed.
    Start {
        instances: Vec<Instance>,
    },
    Restart {
        instances: Vec<Instance>,
    },
    /// The last lines of an instance's output; with `follow` also what comes, until it is stopped.
    ShowLogs {
        instance: Instance,
        n_lines: u32,
        follow: bool,
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
    LogOpened {
        instance: String,
    },
    LogLines {
        instance: String,
        lines: Vec<LogLine>,
    },
}

/// Where an instance comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstanceKind {
    /// Started by a deployment.
    Deployed,
    /// A process that listens on a port and belongs to a workspace's folder.
    Process,
    /// A container of the engine's.
    Container,
}

impl InstanceKind {
    /// The key of its word in the locales.
    pub fn key(self) -> &'static str {
        match self {
            Self::Deployed => "operate-kind-deployed",
            Self::Process => "operate-kind-process",
            Self::Container => "operate-kind-container",
        }
    }
}

/// Something that runs, or that should.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Instance {
    /// The ledger's number, `process:PID:START` or `container:ID`.
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
    pub pid: Option<u32>,
    pub pid_start: Option<u64>,
    pub container: Option<String>,
    pub ports: Vec<u16>,
    pub cpu_percent: Option<f64>,
    pub memory_bytes: Option<u64>,
    pub n_processes: u32,
    pub n_restarts: u32,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub log_path: Option<PathBuf>,
    pub deployment: Option<i64>,
}

impl Instance {
    pub fn is_running(&self) -> bool {
        matches!(self.state, State::Running | State::Degraded)
    }

    /// Where a browser finds it.
    pub fn url(&self) -> Option<String> {
        self.ports.first().map(|port| format!("http://127.0.0.1:{port}/"))
    }
}
