//! What jobs tell and what fronts ask, as plain data.

use crate::base::{JobId, LogLine, Msg, Problem, Progress, Timestamp, WorkspaceId};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// One entry of the one ordered stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event<U> {
    Job(JobId, JobEvent),
    Update(U),
}

/// The life of one job: Queued, Started, anything, Ended; exactly one Ended, always last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum JobEvent {
    Queued {
        title: Msg,
        area: String,
        workspace: Option<WorkspaceId>,
        parent: Option<JobId>,
        /// Housekeeping: shown only on request, and in the ledger only when it fails.
        quiet: bool,
        at: Timestamp,
        /// What was asked for, as JSON, when it can be asked for once more as it stands.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        asked: Option<String>,
    },
    Started {
        at: Timestamp,
    },
    Progress(Progress),
    /// The newest lines; `skipped` more stand only in the log file.
    Log {
        lines: Vec<LogLine>,
        skipped: u64,
    },
    /// The job runs a program: its arguments (secrets masked) and folder.
    Command {
        argv: Vec<String>,
        cwd: PathBuf,
    },
    /// Which state of the sources the job works on.
    Sources {
        commit: Option<String>,
        dirty: Option<String>,
        environment: Option<String>,
    },
    /// Something to know that does not end the job.
    Problem(Problem),
    Exit {
        code: Option<i32>,
        signal: Option<i32>,
    },
    Ended {
        outcome: Outcome,
        at: Timestamp,
    },
}

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    Done,
    Cancelled,
    Failed { problem: Problem },
}

impl Outcome {
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Done)
    }
}

/// What a front asks of the engine.
#[derive(Clone, Debug, PartialEq)]
pub enum Request<C> {
    Start(JobId, C),
    Cancel(JobId),
    /// Cancel everything, wait, end.
    Shutdown,
}
