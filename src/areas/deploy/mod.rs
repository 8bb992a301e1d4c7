//! Deploy: the area's words.

pub mod acts;
pub mod approvals;
pub mod cli;
pub mod continuous;
pub mod data;
pub mod guide;
pub mod inputs;
pub mod jobs;
pub mod journal;
mod judged;
mod left_out;
pub mod model;
pub mod overview;
pub mod page;
pub mod plans;
pub mod preview;
pub mod rebuild;
pub mod recover;
pub mod rehearsal;
mod returns;
pub mod rollout;
pub mod scale;
pub mod settings;
mod shown;
mod step_name;
pub mod strategies;
pub mod targets;
pub mod traffic;
pub mod wishes;

pub use judged::{Judged, Measured};
pub use returns::Return;
pub use step_name::StepName;

use crate::areas::devops::project::Approvals;
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
    /// Finds out what such a deployment would change, and changes nothing.
    Preview {
        workspace: Workspace,
        environment: String,
        what: What,
    },
    /// Brings back what a former deployment ran; None takes the last healthy one before the current.
    RollBack {
        workspace: Workspace,
        environment: String,
        to: Option<i64>,
        /// What becomes of the data; None where nothing can be lost either way.
        #[serde(default)]
        data: Option<data::Choice>,
        confirmed: Option<String>,
    },
    /// Finds out what such a return means for the data, and changes nothing.
    WeighData {
        workspace: Workspace,
        environment: String,
        to: Option<i64>,
    },
    /// Deploys a version on a clone of an environment and takes it back there, to see that the data are what they were.
    Rehearse {
        workspace: Workspace,
        environment: String,
        what: What,
    },
    /// Stops every instance of an environment.
    Stop {
        workspace: Workspace,
        environment: String,
        confirmed: Option<String>,
    },
    /// Another number of instances of the live version.
    Scale {
        workspace: Workspace,
        environment: String,
        n: u32,
        confirmed: Option<String>,
    },
    /// A canary goes on to its next step, or without any further pause.
    Promote {
        workspace: Workspace,
        environment: String,
        is_full: bool,
        confirmed: Option<String>,
    },
    /// Deploys each green commit of the environment's branch, until it is stopped; with `once` the commit that it is at now alone.
    Follow {
        workspace: Workspace,
        environment: String,
        #[serde(default)]
        once: bool,
    },
    /// Whatever is being deployed is given up, and the version before is brought back.
    Abort { workspace: Workspace, environment: String },
    /// Somebody says yes or no to a version before it is deployed.
    Approve {
        workspace: Workspace,
        environment: String,
        what: What,
        word: approvals::Word,
    },
    /// Says what becomes of a deployment whose step failed and that asks.
    Decide {
        workspace: Workspace,
        environment: String,
        decision: guide::Decision,
        confirmed: Option<String>,
    },
    /// Finishes or takes back what was left half-way, in every workspace.
    Recover,
    /// Starts again what an environment should hold and does not.
    Rebuild {
        workspace: Workspace,
        environment: String,
        /// Where the journal does not know it.
        version: Option<String>,
        confirmed: Option<String>,
    },
    /// Reads one deployment with its steps.
    Show { workspace: Workspace, id: i64 },
    /// Walks the chain of the audit log.
    VerifyAudit { workspace: Workspace },
    /// What is asked of the deployments that stand in files.
    Plan { workspace: Workspace, act: plans::Act },
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
    Previewed {
        workspace: WorkspaceId,
        preview: Box<Preview>,
    },
    DataWeighed {
        workspace: WorkspaceId,
        weighed: data::Weighed,
    },
    Rebuilt {
        workspace: WorkspaceId,
        rebuilt: Box<rebuild::Rebuilt>,
    },
    /// A commit of the branch that is followed is tried, or was.
    Followed {
        workspace: WorkspaceId,
        environment: String,
        tried: Box<Tried>,
    },
    RehearsalChanged {
        workspace: WorkspaceId,
        rehearsal: Box<rehearsal::Rehearsal>,
    },
    AuditVerified {
        workspace: WorkspaceId,
        verdict: Verdict,
    },
    /// Every plan of the workspace.
    PlansTold {
        workspace: WorkspaceId,
        plans: Vec<plans::Plan>,
    },
    PlanChanged {
        workspace: WorkspaceId,
        plan: Box<plans::Plan>,
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
    /// What of the project file can not be read: an environment may be missing for it.
    #[serde(default)]
    pub broken: Vec<Problem>,
}

/// One environment as it is now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Environment {
    pub name: String,
    pub is_protected: bool,
    pub state: State,
    /// Why it is not well, where the numbers do not say it.
    #[serde(default)]
    pub why: Option<Msg>,
    /// What shall run.
    pub live: Option<Deployment>,
    /// What runs instead, where a deployment failed and was left as it is, or waits for a decision.
    #[serde(default)]
    pub stands: Option<Deployment>,
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
    /// How the requests are shared now; empty where nobody stands in front.
    #[serde(default)]
    pub traffic: Vec<Share>,
    /// The canary that is watched now.
    #[serde(default)]
    pub waits: Option<Waits>,
    /// A step failed, and somebody has to decide.
    #[serde(default)]
    pub asks: Option<guide::Asks>,
    /// Where a step fails somebody is asked; else the version before comes back.
    #[serde(default)]
    pub asks_on_failure: bool,
    /// Who has to say yes before a version comes here.
    #[serde(default)]
    pub approvals: Option<Approvals>,
    /// Whether a way back from or to what runs is proven; None while nothing runs.
    #[serde(default)]
    pub rollback: Option<rehearsal::Proven>,
    /// The last one.
    #[serde(default)]
    pub rehearsal: Option<rehearsal::Rehearsal>,
    /// The branch whose commits come here by themselves.
    #[serde(default)]
    pub continuous: Option<Continuous>,
    /// Another number of instances can be asked for.
    #[serde(default)]
    pub can_scale: bool,
    /// The project file does not name it any more: it can only be stopped.
    #[serde(default)]
    pub is_left_out: bool,
}

/// A branch whose green commits come to an environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Continuous {
    pub branch: String,
    /// Some program on this machine does it now.
    pub is_followed: bool,
    pub last: Option<Tried>,
}

/// A commit that was tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tried {
    pub commit: String,
    /// In progress; done when it was deployed; failed when it is not green or did not hold.
    pub state: State,
    /// Who follows the branch.
    pub job: JobId,
    pub at: Timestamp,
    pub problem: Option<Problem>,
}

impl Environment {
    /// Instances that should run do not.
    pub fn has_lost(&self) -> bool {
        let n_up = self.instances.iter().filter(|one| one.state == State::Running).count();
        let is_unknown = self.instances.iter().any(|one| one.state == State::Unknown);
        self.live.is_some() && !is_unknown && n_up < self.n_wanted as usize
    }
}

/// What a deployment would change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preview {
    pub environment: String,
    pub version: String,
    pub commit: Option<String>,
    /// The version that runs.
    pub from: Option<String>,
    /// Settings and files that are not as they are in what runs.
    pub changes: Vec<Change>,
    pub n_stopped: u32,
    pub n_started: u32,
    /// What would be done, in this order.
    pub steps: Vec<Step>,
    /// What would hinder it now.
    pub obstacles: Vec<Problem>,
    /// Who has to say yes, and did; None where nobody is asked.
    #[serde(default)]
    pub approval: Option<approvals::Approval>,
    /// Whether the way back from it is proven; None where nothing runs.
    #[serde(default)]
    pub rollback: Option<rehearsal::Proven>,
}

/// One setting that would be another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// `env.PLACE`, `target.instances`, `artifact.app`.
    pub place: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// What a version gets of the requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    pub version: String,
    pub percent: u32,
    pub n_servers: u32,
    /// Being answered now.
    pub n_connections: u32,
}

/// A canary that is watched, or that waits for somebody to promote it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Waits {
    pub deployment: i64,
    pub version: String,
    pub percent: u32,
    /// When it goes on by itself; None waits for somebody.
    pub until: Option<Timestamp>,
    /// It goes on when what is measured holds.
    #[serde(default)]
    pub is_judged: bool,
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
    #[serde(default)]
    pub ended_at: Option<Timestamp>,
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
    /// The copy of the data that was made before it changed them.
    #[serde(default)]
    pub backup: Option<data::Kept>,
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
    /// How the requests are shared; empty where nobody stands in front.
    #[serde(default)]
    pub traffic: Vec<Share>,
    /// What a canary is judged by.
    #[serde(default)]
    pub judged: Option<Judged>,
    /// Who wished that it be given up.
    #[serde(default)]
    pub aborted_by: Option<String>,
    /// A step failed, and somebody has to decide.
    #[serde(default)]
    pub asks: Option<guide::Asks>,
    pub problem: Option<Problem>,
    /// Whether the way back from it to the version before is proven, where it is a past one.
    #[serde(default)]
    pub rollback: Option<rehearsal::Proven>,
}

impl Rollout {
    pub fn is_running(&self) -> bool {
        self.ended_at.is_none()
    }

    /// A canary that is watched now, and that somebody may promote.
    pub fn is_watched(&self) -> bool {
        let is_open = |step: &Step| step.name == StepName::Pause && step.state == State::InProgress;
        self.is_running() && self.steps.iter().any(is_open)
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
