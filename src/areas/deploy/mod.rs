//! Deploy: the area's words.

pub mod acts;
pub mod cli;
pub mod inputs;
pub mod jobs;
pub mod journal;
pub mod model;
pub mod overview;
pub mod page;
pub mod recover;
pub mod rollout;
pub mod strategies;
pub mod targets;

use crate::base::{JobId, Msg, Problem, State, Timestamp, Workspace, WorkspaceId};
use serde::{Deserialize, Serialize};

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    /// Reads again what the page shows.
    Refresh { workspace: Workspace },
    /// Brings a version to an environment, and the one before back when it does not hold.
    Run {
        workspace: Workspace,
        environment: String,
        what: What,
        /// The environment's name, typed by the user; needed where it is protected.
        confirmed: Option<String>,
    },
    /// Brings back what a former deployment ran; None takes the last healthy one before the current.
    RollBack {
        workspace: Workspace,
        environment: String,
        to: Option<i64>,
        confirmed: Option<String>,
    },
    /// Stops every instance of an environment.
    Stop {
        workspace: Workspace,
        environment: String,
        confirmed: Option<String>,
    },
    /// Finishes or takes back what was left half-way, in every workspace.
    Recover,
    /// Reads one deployment with its steps.
    Show { workspace: Workspace, id: i64 },
    /// Walks the chain of the audit log.
    VerifyAudit { workspace: Workspace },
}

/// What shall run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum What {
    /// The newest release.
    #[default]
    Latest,
    Version {
        version: String,
    },
    /// What one build left, released or not.
    Build {
        job: JobId,
    },
    /// What was built last, released or not.
    Built,
}

/// What can be learnt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "learnt", rename_all = "snake_case")]
pub enum Update {
    Loading {
        workspace: WorkspaceId,
    },
    Refreshed {
        workspace: WorkspaceId,
        overview: Box<Overview>,
    },
    RefreshFailed {
        workspace: WorkspaceId,
        problem: Problem,
    },
    RolloutChanged {
        workspace: WorkspaceId,
        rollout: Box<Rollout>,
    },
    AuditVerified {
        workspace: WorkspaceId,
        verdict: Verdict,
    },
    /// What a recovery found and did, one entry per environment.
    Recovered {
        found: Vec<Recovered>,
    },
}

/// Everything that the page shows of a workspace.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Overview {
    /// In the order in which a version moves on.
    pub environments: Vec<Environment>,
    /// Newest first, at most 200.
    pub history: Vec<Deployment>,
    /// Newest first, at most 200.
    pub audit: Vec<AuditEntry>,
    /// Versions that can be deployed, newest first.
    pub releases: Vec<Deployable>,
    /// What was built last.
    pub built: Option<Built>,
}

/// One environment as it is now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Environment {
    pub name: String,
    pub is_protected: bool,
    pub state: State,
    /// What shall run.
    pub live: Option<Deployment>,
    pub instances: Vec<Instance>,
    pub n_wanted: u32,
    /// What one can return to, newest first.
    pub returns: Vec<Return>,
    /// Who changes it now, when somebody does.
    pub locked_by: Option<String>,
    /// The first addresses of its health gates, for the browser.
    pub urls: Vec<String>,
    pub strategy: String,
    pub target: String,
}

/// One instance of an environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Instance {
    pub id: i64,
    pub name: String,
    pub version: String,
    pub pid: Option<u32>,
    pub port: Option<u16>,
    pub state: State,
    pub started_at: Timestamp,
}

/// One deployment, past or current.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deployment {
    pub id: i64,
    pub environment: String,
    pub version: String,
    pub commit: Option<String>,
    pub kind: Kind,
    pub state: State,
    pub who: String,
    pub job: Option<JobId>,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub healthy_from: Option<Timestamp>,
    pub healthy_until: Option<Timestamp>,
    pub problem: Option<Problem>,
}

/// Why a deployment was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Deploy,
    /// Asked for by the user, or by a deployment that failed.
    Rollback,
    Stop,
}

impl Kind {
    /// As it stands in the ledger.
    pub fn word(self) -> &'static str {
        match self {
            Self::Deploy => "deploy",
            Self::Rollback => "rollback",
            Self::Stop => "stop",
        }
    }

    pub fn from_word(word: &str) -> Self {
        match word {
            "rollback" => Self::Rollback,
            "stop" => Self::Stop,
            _ => Self::Deploy,
        }
    }

    /// The key of its word in the locales.
    pub fn key(self) -> &'static str {
        match self {
            Self::Deploy => "deploy-kind-deploy",
            Self::Rollback => "deploy-kind-rollback",
            Self::Stop => "deploy-kind-stop",
        }
    }
}

/// A version that an environment can return to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Return {
    pub deployment: i64,
    pub version: String,
    pub commit: Option<String>,
    pub who: String,
    pub healthy_from: Timestamp,
    /// None while it is the live one.
    pub healthy_until: Option<Timestamp>,
    /// Why it can not be brought back; None when its files are there and unchanged.
    pub obstacle: Option<Msg>,
}

/// A version that can be deployed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deployable {
    pub version: String,
    pub commit: String,
    pub at: Timestamp,
}

/// What was built last and is not a release.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Built {
    pub job: JobId,
    pub commit: Option<String>,
    pub at: Timestamp,
}

/// One entry of the audit log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuditEntry {
    pub n: i64,
    pub at: Timestamp,
    pub who: String,
    pub act: String,
    pub environment: Option<String>,
    pub deployment: Option<i64>,
    pub version: Option<String>,
    pub hash: String,
}

/// What came of a walk along the audit log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    pub n_entries: u64,
    pub head: String,
    /// The first entry that is missing or was changed.
    pub broken_at: Option<i64>,
    pub at: Timestamp,
}

/// The steps of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepName {
    Lock,
    Check,
    Stage,
    Stop,
    Start,
    Gate,
    Verify,
    /// After a failure: what was started is ended.
    CleanUp,
    /// After a failure: the version before comes back, as a deployment of its own.
    Return,
}

impl StepName {
    /// Those of a deployment without a failure, in their order.
    pub const FORWARD: [Self; 7] = [
        Self::Lock,
        Self::Check,
        Self::Stage,
        Self::Stop,
        Self::Start,
        Self::Gate,
        Self::Verify,
    ];

    /// As it stands in the ledger.
    pub fn word(self) -> &'static str {
        match self {
            Self::Lock => "lock",
            Self::Check => "check",
            Self::Stage => "stage",
            Self::Stop => "stop",
            Self::Start => "start",
            Self::Gate => "gate",
            Self::Verify => "verify",
            Self::CleanUp => "clean_up",
            Self::Return => "return",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::FORWARD
            .into_iter()
            .chain([Self::CleanUp, Self::Return])
            .find(|name| name.word() == word)
    }

    /// The key of its name in the locales.
    pub fn key(self) -> &'static str {
        match self {
            Self::Lock => "deploy-step-lock",
            Self::Check => "deploy-step-check",
            Self::Stage => "deploy-step-stage",
            Self::Stop => "deploy-step-stop",
            Self::Start => "deploy-step-start",
            Self::Gate => "deploy-step-gate",
            Self::Verify => "deploy-step-verify",
            Self::CleanUp => "deploy-step-clean-up",
            Self::Return => "deploy-step-return",
        }
    }

    pub fn title(self) -> Msg {
        Msg::new(self.key())
    }
}

/// A deployment that runs or ran last in an environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rollout {
    pub deployment: i64,
    pub environment: String,
    pub version: String,
    pub commit: Option<String>,
    /// The version that was live before.
    pub previous: Option<String>,
    pub kind: Kind,
    pub who: String,
    pub job: Option<JobId>,
    pub state: State,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub steps: Vec<Step>,
    pub gates: Vec<Gate>,
    pub problem: Option<Problem>,
}

impl Rollout {
    pub fn is_running(&self) -> bool {
        self.ended_at.is_none()
    }
}

/// One step of a rollout as it is seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    pub name: StepName,
    pub state: State,
    pub note: Option<Msg>,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
}

/// One health gate at one instance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    /// What is asked: `GET http://…`, `TCP …`.
    pub what: String,
    pub instance: String,
    pub state: State,
    pub n_good: u32,
    pub n_needed: u32,
    pub n_tries: u32,
    pub last: Option<Msg>,
    /// Milliseconds of the last tries, the newest last, at most 30; None where there was no good answer.
    pub tries: Vec<Option<f64>>,
    pub deadline: Timestamp,
}

/// What a recovery did in one environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recovered {
    pub workspace: WorkspaceId,
    pub environment: String,
    pub deployment: i64,
    pub version: String,
    pub did: RecoveredBy,
    /// What runs now.
    pub runs: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecoveredBy {
    /// Nothing had been changed yet.
    Dropped,
    /// Its gates hold: it was finished.
    Finished,
    /// The version before was brought back.
    Returned,
    /// There was no version before: nothing runs.
    Stopped,
}
