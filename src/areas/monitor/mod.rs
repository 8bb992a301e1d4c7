//! Monitor: the area's words. Checks, samples over time, executions, and the four DORA numbers.

pub mod answer;
pub mod cli;
pub mod dora;
pub mod history;
pub mod jobs;
pub mod model;
pub mod page;
pub mod subjects;
pub mod watch;

use crate::base::{Problem, State, Timestamp, Workspace, WorkspaceId};
use serde::{Deserialize, Serialize};

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    /// Where every check stands, from the store and the project file.
    LoadChecks {
        workspace: Workspace,
    },
    /// Asks every check once; fails when one is down.
    RunChecks {
        workspace: Workspace,
    },
    /// Asks every check at its interval and samples instances, until it is stopped. Empty means every workspace that was added.
    /// Of several programs only one does it.
    Watch {
        workspaces: Vec<Workspace>,
    },
    ShowHistory {
        workspace: Workspace,
        query: Query,
    },
    /// Starts, ends, crashes and versions of instances, newest first.
    ShowExecutions {
        workspace: Workspace,
        environment: Option<String>,
    },
    ComputeDora {
        workspace: Workspace,
        days: u32,
    },
}

/// What can be learnt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "learnt", rename_all = "snake_case")]
pub enum Update {
    ChecksLoading {
        workspace: WorkspaceId,
    },
    ChecksLoaded {
        workspace: WorkspaceId,
        checks: Vec<CheckRow>,
    },
    ChecksFailed {
        workspace: WorkspaceId,
        problem: Problem,
    },
    CheckAnswered {
        workspace: WorkspaceId,
        check: Box<CheckRow>,
    },
    /// How many checks and instances are watched, and how many samples were written so far.
    WatchTicked {
        n_checks: u32,
        n_instances: u32,
        n_samples: u64,
        at: Timestamp,
    },
    /// Another program holds the lease.
    WatchedElsewhere {
        at: Timestamp,
    },
    HistoryLoading {
        workspace: WorkspaceId,
    },
    HistoryFound {
        workspace: WorkspaceId,
        history: Box<History>,
    },
    ExecutionsListed {
        workspace: WorkspaceId,
        executions: Vec<Execution>,
    },
    DoraComputed {
        workspace: WorkspaceId,
        dora: Box<Dora>,
    },
}

/// A check and where it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CheckRow {
    pub name: String,
    pub environment: Option<String>,
    /// What is asked: `GET http://…`, `TCP …`, or the processes of an environment.
    pub what: String,
    pub interval_secs: f64,
    /// Running for up, failed for down, degraded while it fails and its retries last, unknown when it was never asked.
    pub state: State,
    pub since: Option<Timestamp>,
    pub at: Option<Timestamp>,
    pub latency_ms: Option<f64>,
    pub message: String,
    /// Share of the answers of the last 24 hours at which it was not down.
    pub uptime: Option<f64>,
    /// The last answers, oldest first: milliseconds, None where it was down.
    pub recent: Vec<Option<f64>>,
}

/// What is measured of an instance or a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    Cpu,
    Memory,
    Latency,
    Up,
}

impl Metric {
    pub const ALL: [Self; 4] = [Self::Cpu, Self::Memory, Self::Latency, Self::Up];

    /// The last part of a series' key.
    pub fn word(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::Latency => "latency",
            Self::Up => "up",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.word() == word)
    }

    /// As the store keeps it.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Cpu => "percent",
            Self::Memory => "bytes",
            Self::Latency => "ms",
            Self::Up => "",
        }
    }

    /// The key of its name in the locales.
    pub fn key(self) -> &'static str {
        match self {
            Self::Cpu => "monitor-metric-cpu",
            Self::Memory => "monitor-metric-memory",
            Self::Latency => "monitor-metric-latency",
            Self::Up => "monitor-metric-up",
        }
    }
}

/// Which part of the history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Query {
    /// Seconds back from the end.
    pub secs: u32,
    /// None ends now.
    pub until: Option<Timestamp>,
    pub environment: Option<String>,
    /// An instance or a check by name; None takes all.
    pub subject: Option<String>,
    /// Empty takes all.
    pub metrics: Vec<Metric>,
    pub max_points: u32,
}

impl Default for Query {
    fn default() -> Self {
        Self {
            secs: 20 * 60,
            until: None,
            environment: None,
            subject: None,
            metrics: Vec::new(),
            max_points: 400,
        }
    }
}

/// What was measured, with what happened meanwhile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct History {
    pub query: Query,
    pub from: Timestamp,
    pub to: Timestamp,
    pub charts: Vec<Chart>,
    pub deployments: Vec<Marker>,
    pub incidents: Vec<Band>,
}

/// Everything of one metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chart {
    pub metric: Metric,
    pub series: Vec<Series>,
}

/// One line of a chart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// The instance or check.
    pub name: String,
    pub points: Vec<Point>,
}

/// What the samples of one stretch of time have in common.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    pub at: Timestamp,
    pub min: f64,
    pub mean: f64,
    pub max: f64,
}

/// A deployment on the time axis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Marker {
    pub deployment: i64,
    pub at: Timestamp,
    pub version: String,
    pub environment: String,
    pub state: State,
}

/// An incident on the time axis; open when it has no end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Band {
    pub id: i64,
    pub from: Timestamp,
    pub to: Option<Timestamp>,
    pub title: String,
}

/// One life of an instance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Execution {
    pub id: i64,
    pub name: String,
    pub environment: Option<String>,
    pub version: Option<String>,
    pub deployment: Option<i64>,
    pub pid: Option<u32>,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub exit_code: Option<i32>,
    pub signal: Option<i32>,
    /// `stopped`, `replaced`, `crashed`, `lost`; empty while it runs.
    pub cause: String,
    pub state: State,
}

/// The four numbers of DORA, each with what it was made of and with the period before.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Dora {
    pub days: u32,
    /// The environment that counts as production.
    pub environment: String,
    pub n_deployments: u32,
    pub n_failed: u32,
    pub deployments_per_week: f64,
    /// Median from commit to healthy in production.
    pub lead_time_secs: Option<f64>,
    pub n_changes: u32,
    /// Failed of all, 0 to 1.
    pub change_failure_rate: Option<f64>,
    /// Median from failure to health.
    pub time_to_restore_secs: Option<f64>,
    pub n_restored: u32,
    /// The same of the period before; None when there was nothing.
    pub before: Option<Box<Dora>>,
}
