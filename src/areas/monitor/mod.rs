//! Monitor: the area's words. Checks, samples over time, executions, and the four DORA numbers.

pub mod alerts;
pub mod answer;
pub mod ask;
pub mod cli;
pub mod compare;
pub mod dora;
pub mod errors;
mod export;
pub mod history;
pub mod jobs;
pub mod lead;
pub mod metrics;
pub mod model;
pub mod objectives;
pub mod page;
pub mod prometheus;
pub mod scrape;
pub mod status_page;
pub mod subjects;
pub mod watch;
mod words;

pub use words::*;

use crate::base::{Lang, Problem, Timestamp, Workspace, WorkspaceId, WriteTo};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    /// Where every check stands, from the store and the project file.
    LoadChecks {
        workspace: Workspace,
    },
    /// Asks every check once, or those of these names; fails when one is down.
    RunChecks {
        workspace: Workspace,
        #[serde(default)]
        names: Vec<String>,
    },
    /// Alerts, with whom they were told to, and silences.
    LoadAlerts {
        workspace: Workspace,
    },
    /// Somebody looks after it: it is not told again.
    AckAlert {
        workspace: Workspace,
        id: i64,
    },
    /// Nobody is told for so long; empty words mean every rule, every subject.
    Silence {
        workspace: Workspace,
        rule: String,
        subject: String,
        secs: u64,
        reason: String,
    },
    EndSilence {
        workspace: Workspace,
        id: i64,
    },
    /// Sends a word of no consequence to a channel, or to each; fails when one does not take it.
    TestChannels {
        workspace: Workspace,
        channel: Option<String>,
    },
    /// Asks every check at its interval and samples instances, until it is stopped. Empty means every workspace that was added.
    /// Of several programs only one does it.
    Watch {
        workspaces: Vec<Workspace>,
        /// Chantier's own metrics are told at this address of loopback.
        #[serde(default)]
        listen: Option<String>,
        /// There is no window that runs runbooks at their times.
        #[serde(default)]
        with_runbooks: bool,
    },
    /// What was measured before and after a deployment; the newest where none is named.
    Compare {
        workspace: Workspace,
        deployment: Option<i64>,
        secs: u32,
    },
    /// Up-time, objectives, error budgets and forecasts.
    LoadObjectives {
        workspace: Workspace,
    },
    /// Writes the status page.
    WritePage {
        workspace: Workspace,
        to: WriteTo,
        lang: Lang,
    },
    /// What instances wrote of errors, read up to now.
    LoadErrors {
        workspace: Workspace,
    },
    ChangeError {
        workspace: Workspace,
        id: i64,
        act: ErrorAct,
    },
    /// The watch as a unit of the user's systemd.
    KeepUnit {
        act: UnitAct,
    },
    ShowHistory {
        workspace: Workspace,
        query: Query,
    },
    /// Asks the Prometheus servers of the project file, or one of the user's own.
    AskPrometheus {
        workspace: Workspace,
        question: prometheus::Question,
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
    AlertsLoaded {
        workspace: WorkspaceId,
        alerts: Box<Alerts>,
    },
    /// An alert fired, or is over.
    AlertChanged {
        workspace: WorkspaceId,
        alert: Box<Alert>,
    },
    ChannelTested {
        workspace: WorkspaceId,
        channel: String,
        /// None when it took the message.
        problem: Option<Problem>,
    },
    /// What the workspaces that are watched are called.
    Watching {
        names: BTreeMap<WorkspaceId, String>,
    },
    /// How many checks and instances are watched, and how many samples were written so far.
    WatchTicked {
        n_checks: u32,
        n_instances: u32,
        n_samples: u64,
        at: Timestamp,
    },
    /// Metrics are told at this address.
    Listening {
        address: String,
    },
    /// Another program holds the lease.
    WatchedElsewhere {
        at: Timestamp,
    },
    /// Samples cannot be written, or can again: then without a problem.
    Recording {
        at: Timestamp,
        problem: Option<Problem>,
        /// Samples that were thrown away meanwhile.
        n_lost: u64,
    },
    UnitFound {
        unit: Box<WatchUnit>,
    },
    Compared {
        workspace: WorkspaceId,
        comparison: Box<Comparison>,
    },
    ObjectivesFound {
        workspace: WorkspaceId,
        objectives: Box<Objectives>,
    },
    PageWritten {
        workspace: WorkspaceId,
        to: PathBuf,
        bytes: u64,
    },
    PrometheusAnswered {
        workspace: WorkspaceId,
        answered: Box<prometheus::Answered>,
    },
    ErrorsFound {
        workspace: WorkspaceId,
        errors: Vec<ErrorGroup>,
    },
    /// One that is new, or came back.
    ErrorSeen {
        workspace: WorkspaceId,
        error: Box<ErrorGroup>,
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
