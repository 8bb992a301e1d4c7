//! Bisect run: the commit from which on a test or a task fails, searched in clean worktrees beside the user's checkout.

mod back;
pub mod ledger;
mod lent;
pub mod look;
pub mod range;
pub mod run;
pub mod search;

use crate::base::repo::CommitRow;
use crate::base::{Timestamp, Workspace};
use search::{Reading, Verdict};
use serde::{Deserialize, Serialize};

/// What is asked of each commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Question {
    /// A task by id or name.
    Task { task: String },
    /// A test, as the command line of Test names it.
    Test { name: String },
    /// Exit code 0 is good, 125 can not be told, 128 and more ends the search, others are bad.
    Command { argv: Vec<String> },
}

impl Question {
    pub fn words(&self) -> String {
        match self {
            Self::Task { task } => task.clone(),
            Self::Test { name } => name.clone(),
            Self::Command { argv } => argv.join(" "),
        }
    }
}

/// A search as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spec {
    pub question: Question,
    /// Not given: the last commit at which the ledger has it green.
    pub good: Option<String>,
    /// Not given: HEAD.
    pub bad: Option<String>,
    pub first_parent: bool,
    /// Looks at once; None is what the cores allow.
    pub at_once: Option<u32>,
    /// Further looks at a commit that fails, until it passes once.
    pub repeats: u32,
}

/// Further looks at a commit that fails, when nothing else is said.
const REPEATS: u32 = 2;

impl Spec {
    /// From something that fails now, back to where the ledger has it green.
    pub fn new(question: Question, bad: Option<String>) -> Self {
        Self {
            question,
            good: None,
            bad,
            first_parent: false,
            at_once: None,
            repeats: REPEATS,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "bisect", rename_all = "snake_case")]
pub enum Command {
    /// Goes on where the same search was stopped or killed.
    Run { workspace: Workspace, spec: Spec },
    /// What the ledger knows of searches here.
    Load { workspace: Workspace },
    /// Forgets a search; what was found is gone with it.
    Forget { workspace: Workspace, key: String },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "told", rename_all = "snake_case")]
pub enum Update {
    Loaded { searches: Vec<Search> },
    Changed { search: Box<Search> },
    Forgotten { key: String },
}

/// One look at one commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    pub oid: String,
    pub verdict: Verdict,
    pub at: Timestamp,
    pub duration_ms: u64,
    /// It was looked at again, not for the first time.
    pub is_repeat: bool,
    /// Looks of one round are made at once.
    pub round: u32,
}

/// What carries the guilty commit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carriers {
    /// Versions of releases.
    pub releases: Vec<String>,
    /// Running instances: name and environment.
    pub instances: Vec<String>,
}

/// How a search ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ended", rename_all = "snake_case")]
pub enum End {
    Found {
        commit: Box<CommitRow>,
        carriers: Carriers,
        /// Its difference, as text.
        diff: String,
    },
    /// One of these; the others can not be told.
    Unclear { commits: Vec<String> },
}

/// A search, as the ledger keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Search {
    pub key: String,
    pub spec: Spec,
    pub good: String,
    pub bad: String,
    pub reading: Reading,
    /// How many may be the one, at first.
    pub n_range: usize,
    pub n_left: usize,
    pub at_once: u32,
    pub looks: Vec<Look>,
    pub started_at: Timestamp,
    pub ended: Option<End>,
    pub is_running: bool,
}

impl Search {
    /// Commits that were looked at to narrow the range: not the two ends, and no repeats.
    pub fn n_steps(&self) -> usize {
        let is_step = |look: &&Look| !look.is_repeat && look.oid != self.good && look.oid != self.bad;
        self.looks.iter().filter(is_step).count()
    }

    pub fn n_repeats(&self) -> usize {
        self.looks.len() - self.n_steps()
    }

    pub fn n_rounds(&self) -> usize {
        let rounds: std::collections::BTreeSet<u32> = self
            .looks
            .iter()
            .filter(|look| !look.is_repeat && look.oid != self.good && look.oid != self.bad)
            .map(|look| look.round)
            .collect();
        rounds.len()
    }
}
