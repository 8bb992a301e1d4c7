//! Pipelines: jobs of `chantier.toml` run in clean worktrees of a commit, several at once, remembered so that a run that was killed
//! is taken up where it stopped. This file holds the words; `run` the scheduling, `attempt` one job, `watch` what starts by itself.

pub mod attempt;
pub mod content;
mod finish;
mod leaving;
pub mod load;
pub mod plan;
pub mod run;
pub(in crate::areas::build) mod sources;
mod told;
pub mod watch;
pub mod worktree;

pub(in crate::areas::build) use leaving::{fixed_part, matching};

use super::ci::Lack;
use super::matchers::hints::Why;
use crate::areas::devops::project::pipeline::Trigger;
use crate::base::{JobId, Msg, Problem, State, Timestamp};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What of the repository a pipeline runs on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Of {
    /// The commit that a revision means.
    Commit { revision: String },
    /// The checkout as it is saved now, with what is not committed.
    Changes,
}

/// Who started a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StartedBy {
    #[default]
    Hand,
    Commit,
    Change,
}

impl StartedBy {
    /// The stable word, in JSON and in the ledger.
    pub fn word(self) -> &'static str {
        match self {
            Self::Hand => "hand",
            Self::Commit => "commit",
            Self::Change => "change",
        }
    }

    pub fn from_word(word: &str) -> Self {
        match word {
            "commit" => Self::Commit,
            "change" => Self::Change,
            _ => Self::Hand,
        }
    }
}

/// A pipeline that the checkout's file names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Defined {
    pub name: String,
    pub on: Vec<Trigger>,
    pub branches: Vec<String>,
    /// As they will be drawn before they have run.
    pub jobs: Vec<JobRow>,
    /// Line in `chantier.toml`.
    pub line: Option<u32>,
    /// The file of another CI that it is.
    #[serde(default)]
    pub ci: Option<CiFile>,
}

/// What of a file of another CI is shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CiFile {
    pub path: PathBuf,
    /// What it calls itself.
    pub name: String,
    /// Events that start it there.
    pub on: Vec<String>,
    /// Of the file as a whole.
    pub lacks: Vec<Lack>,
}

/// One run of a pipeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PipelineRun {
    pub id: i64,
    pub pipeline: String,
    pub commit: String,
    pub is_dirty: bool,
    pub started_by: StartedBy,
    pub state: State,
    /// The job of the engine that runs it, or ran it last.
    pub job: JobId,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub jobs: Vec<JobRow>,
}

/// One job of a run: one cell of its matrix.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobRow {
    /// `test`, or `test (python=3.12)`.
    pub key: String,
    /// What its file calls it; empty where it is called by its key.
    #[serde(default)]
    pub title: String,
    /// The column of the graph, from 0.
    pub column: usize,
    /// Keys of the jobs that it waits for.
    pub needs: Vec<String>,
    pub state: State,
    /// 1 for the first.
    pub attempt: u32,
    pub job: Option<JobId>,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    /// The run whose result was taken over.
    pub reused_from: Option<i64>,
    pub problem: Option<Problem>,
    pub why: Option<Why>,
    /// Files that it gave, relative to the worktree.
    pub gives: Vec<PathBuf>,
    pub n_errors: u32,
    pub n_warnings: u32,
    pub may_fail: bool,
    /// Why it never starts on this machine.
    #[serde(default)]
    pub left_out: Option<Msg>,
    /// What is not as it is where its file belongs.
    #[serde(default)]
    pub notes: Vec<Lack>,
}

impl JobRow {
    /// A job that waits for none, and of which nothing more is known.
    pub fn new(key: String, state: State) -> Self {
        Self {
            key,
            title: String::new(),
            column: 0,
            needs: Vec::new(),
            state,
            attempt: 0,
            job: None,
            started_at: None,
            ended_at: None,
            reused_from: None,
            problem: None,
            why: None,
            gives: Vec::new(),
            n_errors: 0,
            n_warnings: 0,
            may_fail: false,
            left_out: None,
            notes: Vec::new(),
        }
    }
}

impl PipelineRun {
    pub fn is_going_on(&self) -> bool {
        self.state == State::InProgress
    }

    /// Something of it is left to do.
    pub fn can_resume(&self) -> bool {
        matches!(self.state, State::Interrupted | State::Cancelled | State::Failed)
    }

    pub fn count(&self, state: State) -> usize {
        self.jobs.iter().filter(|job| job.state == state).count()
    }

    /// The first job whose failure counts.
    pub fn first_failure(&self) -> Option<&JobRow> {
        self.jobs.iter().find(|job| job.state == State::Failed && !job.may_fail)
    }
}

/// The key of the words for what starts a pipeline.
pub fn on_key(on: Trigger) -> &'static str {
    match on {
        Trigger::Commit => "build-on-commit",
        Trigger::Change => "build-on-change",
    }
}
