//! The things that Monitor's commands and updates are about; plain data.

pub use crate::areas::devops::project::alerts::Severity;

use crate::base::{Catalog, SafeText, State, Timestamp};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What is done with the unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitAct {
    Install,
    Remove,
    Status,
}

/// How the unit and the watch stand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WatchUnit {
    pub path: PathBuf,
    pub is_written: bool,
    /// It says what this program would write.
    pub is_current: bool,
    /// None when systemd does not answer.
    pub active: Option<String>,
    pub enabled: Option<String>,
    /// The process that watches now, in whatever way it was started.
    pub watcher: Option<u32>,
    pub watches_since: Option<Timestamp>,
}

/// What the last answers of a check say together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It does not answer, or does not run.
    Down,
    /// It answers something else than it should.
    Wrong,
    /// It goes up and down again and again.
    Flapping,
    /// It fails, and its retries last.
    AtRisk,
    Slow,
    /// It was never asked, or cannot be: its reason says why.
    #[default]
    Unknown,
    Maintenance,
    Up,
}

impl Standing {
    pub const ALL: [Self; 8] = [
        Self::Down,
        Self::Wrong,
        Self::Flapping,
        Self::AtRisk,
        Self::Slow,
        Self::Unknown,
        Self::Maintenance,
        Self::Up,
    ];

    /// As the store keeps it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::Wrong => "wrong",
            Self::Flapping => "flapping",
            Self::AtRisk => "at_risk",
            Self::Slow => "slow",
            Self::Unknown => "unknown",
            Self::Maintenance => "maintenance",
            Self::Up => "up",
        }
    }

    pub fn from_word(word: &str) -> Self {
        Self::ALL.into_iter().find(|one| one.word() == word).unwrap_or_default()
    }

    pub fn key(self) -> &'static str {
        match self {
            Self::Down => "monitor-is-down",
            Self::Wrong => "monitor-wrong",
            Self::Flapping => "monitor-flapping",
            Self::AtRisk => "monitor-at-risk",
            Self::Slow => "monitor-slow",
            Self::Unknown => "state-unknown",
            Self::Maintenance => "monitor-maintenance",
            Self::Up => "monitor-up",
        }
    }

    /// As it is drawn.
    pub fn state(self) -> State {
        match self {
            Self::Down | Self::Wrong => State::Failed,
            Self::Flapping | Self::AtRisk | Self::Slow => State::Degraded,
            Self::Unknown => State::Unknown,
            Self::Maintenance => State::Skipped,
            Self::Up => State::Running,
        }
    }

    /// Others that need it say nothing now.
    pub fn is_down(self) -> bool {
        matches!(self, Self::Down | Self::Wrong | Self::Flapping)
    }
}

/// A check and where it stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CheckRow {
    pub name: String,
    /// `http`, `dns`, `disk` …
    #[serde(default)]
    pub kind: String,
    pub environment: Option<String>,
    /// What is asked: `GET http://…`, `TCP …`, or the processes of an environment.
    pub what: String,
    pub interval_secs: f64,
    #[serde(default)]
    pub retries: u32,
    #[serde(default)]
    pub needs: Vec<String>,
    /// Share of good answers that is promised, and over how many days.
    #[serde(default)]
    pub slo: Option<(f64, u32)>,
    #[serde(default)]
    pub standing: Standing,
    /// The same as it is drawn.
    pub state: State,
    pub since: Option<Timestamp>,
    pub at: Option<Timestamp>,
    pub latency_ms: Option<f64>,
    /// Why it stands so.
    pub message: String,
    /// Share of the answers of the last 24 hours at which it was not down.
    pub uptime: Option<f64>,
    /// The last answers, oldest first: milliseconds, None where it was down.
    pub recent: Vec<Option<f64>>,
}

/// An alert, and who was told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    pub id: i64,
    pub rule: String,
    pub subject: String,
    pub environment: Option<String>,
    pub severity: Severity,
    /// `pending`, `firing`, `resolved`.
    pub state: String,
    pub since: Timestamp,
    pub fired_at: Option<Timestamp>,
    pub resolved_at: Option<Timestamp>,
    pub acked_at: Option<Timestamp>,
    pub acked_by: String,
    pub incident: Option<i64>,
    pub value: Option<f64>,
    pub message: String,
    pub is_silenced: bool,
    pub deliveries: Vec<Delivery>,
}

impl Alert {
    pub fn is_firing(&self) -> bool {
        self.state == "firing"
    }
}

/// One message of an alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    pub id: i64,
    pub channel: String,
    /// `fired`, `again`, `resolved`.
    pub what: String,
    /// `queued`, `sending`, `done`, `failed`, `unsure`.
    pub state: String,
    pub n_tries: u32,
    pub at: Timestamp,
    pub next_at: Timestamp,
    pub problem: String,
}

/// Nobody is told until then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Silence {
    pub id: i64,
    pub rule: String,
    pub subject: String,
    pub until: Timestamp,
    pub by: String,
    pub reason: String,
}

/// A rule of the project file, for people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    pub name: String,
    pub severity: Severity,
    /// `front down for 30 s`
    pub condition: String,
    /// Names of channels.
    pub channels: Vec<String>,
    /// The metric that it looks at was told by nobody so far: its name may be another one.
    #[serde(default)]
    pub is_unheard: bool,
}

/// Everything of alerts in a workspace.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Alerts {
    /// Firing and pending first, then the newest.
    pub alerts: Vec<Alert>,
    pub silences: Vec<Silence>,
    pub rules: Vec<Rule>,
    /// Name and kind.
    pub channels: Vec<(String, String)>,
}

/// What is measured of an instance or a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    Cpu,
    Memory,
    Latency,
    Up,
    /// Free bytes of a disk.
    Free,
    /// What a question to a database, a command or a count of processes gave.
    Value,
    /// Until a certificate ends.
    Days,
}

impl Metric {
    pub const ALL: [Self; 7] = [
        Self::Cpu,
        Self::Memory,
        Self::Latency,
        Self::Up,
        Self::Free,
        Self::Value,
        Self::Days,
    ];

    /// The last part of a series' key.
    pub fn word(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::Latency => "latency",
            Self::Up => "up",
            Self::Free => "free",
            Self::Value => "value",
            Self::Days => "days",
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
            Self::Up | Self::Value => "",
            Self::Free => "bytes",
            Self::Days => "days",
        }
    }

    /// The key of its name in the locales.
    pub fn key(self) -> &'static str {
        match self {
            Self::Cpu => "monitor-metric-cpu",
            Self::Memory => "monitor-metric-memory",
            Self::Latency => "monitor-metric-latency",
            Self::Up => "monitor-metric-up",
            Self::Free => "monitor-metric-free",
            Self::Value => "monitor-metric-value",
            Self::Days => "monitor-metric-days",
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
    /// Names of what was scraped; empty takes all where `metrics` is empty too.
    #[serde(default)]
    pub scraped: Vec<String>,
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
            scraped: Vec::new(),
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
    #[serde(default)]
    pub scraped: Vec<ScrapedChart>,
    pub deployments: Vec<Marker>,
    pub incidents: Vec<Band>,
}

/// Everything of one metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chart {
    pub metric: Metric,
    pub series: Vec<Series>,
    /// Series with samples of that time that have no room in it.
    #[serde(default)]
    pub n_left_out: u32,
}

/// Everything of one metric that was scraped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScrapedChart {
    pub metric: String,
    /// A counter: what is drawn is its growth per second.
    pub is_rate: bool,
    pub series: Vec<Series>,
    #[serde(default)]
    pub n_left_out: u32,
}

/// One line of a chart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// The instance or check.
    pub name: String,
    pub points: Vec<Point>,
    /// Of everything in that time.
    #[serde(default)]
    pub summary: Option<Summary>,
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

impl Execution {
    /// How it is or how it ended, in words; what an engine says of a container is left as it is.
    pub fn word(&self, texts: &Catalog) -> String {
        let key = match self.cause.as_str() {
            "crashed" => "operate-cause-crashed",
            "lost" => "operate-cause-lost",
            "stopped" => "operate-stopped",
            "replaced" => "monitor-replaced",
            "failed" => "state-failed",
            "" => self.state.key(),
            other => return SafeText::new(other).into_string(),
        };
        texts.t(key).into_owned()
    }
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

/// What was measured in a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Samples.
    pub n: u64,
    pub median: f64,
    pub p95: f64,
    pub p99: f64,
    pub mean: f64,
    pub max: f64,
}

/// One metric on both sides of a deployment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    pub metric: String,
    /// The check or target; empty for all instances of the environment together.
    pub name: String,
    pub unit: String,
    pub before: Option<Summary>,
    pub after: Option<Summary>,
    /// Of the median: 0.1 is a tenth more.
    pub change: Option<f64>,
}

/// What a deployment changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    pub deployment: i64,
    pub version: String,
    pub before_version: Option<String>,
    pub environment: String,
    pub before_from: Timestamp,
    pub before_to: Timestamp,
    pub after_from: Timestamp,
    pub after_to: Timestamp,
    pub differences: Vec<Difference>,
}

/// When a disk will be full at its pace.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    pub free_bytes: f64,
    /// Below 0 while the space shrinks.
    pub bytes_per_day: f64,
    /// None when it does not shrink, or not within a year.
    pub full_at: Option<Timestamp>,
}

/// What a check or an environment promises, and how it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Objective {
    pub name: String,
    pub environment: Option<String>,
    /// The answers of all checks of an environment together.
    pub is_environment: bool,
    pub days: u32,
    /// 0 to 1; None promises nothing.
    pub slo: Option<f64>,
    pub n: u64,
    pub n_up: u64,
    /// Of good answers, 0 to 1.
    pub share: Option<f64>,
    /// Of the error budget: 1 is all of it, below 0 it is overspent.
    pub budget_left: Option<f64>,
    /// How many times as fast as allowed it failed in the last 1, 6 and 24 hours.
    pub burn: Vec<Option<f64>>,
    pub forecast: Option<Forecast>,
}

/// How an instance lived.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InstanceLife {
    pub name: String,
    pub environment: Option<String>,
    pub n_starts: u32,
    pub n_crashes: u32,
    /// Of the time since its first start, 0 to 1.
    pub share: Option<f64>,
}

/// Everything that is promised.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Objectives {
    pub rows: Vec<Objective>,
    pub lives: Vec<InstanceLife>,
}

/// What is done with an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum ErrorAct {
    Acknowledge,
    /// It is gone in this version; None is the one that comes after those it was seen in.
    Resolve {
        version: Option<String>,
    },
    Reopen,
}

/// The commit that brought the line that an error comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SuspectCommit {
    pub commit: String,
    pub author: String,
    pub summary: String,
    pub at: Option<Timestamp>,
    pub path: String,
    pub line: u32,
}

/// One defect, however often it was seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ErrorGroup {
    pub id: i64,
    pub fingerprint: String,
    /// `rust`, `python`, `javascript`, `go`, `java`, `cpp`.
    pub language: String,
    pub kind: String,
    pub message: String,
    /// File and line, as the trace names them.
    pub place: String,
    pub function: String,
    /// The last trace.
    pub sample: String,
    pub environment: Option<String>,
    pub instance: String,
    pub n: u64,
    pub first_at: Timestamp,
    pub last_at: Timestamp,
    pub first_version: Option<String>,
    pub first_commit: Option<String>,
    pub last_version: Option<String>,
    /// `new`, `acknowledged`, `resolved`, `back`.
    pub state: String,
    pub resolved_in: Option<String>,
    pub by: String,
    pub suspect: Option<SuspectCommit>,
}
