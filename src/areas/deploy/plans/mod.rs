//! A deployment as a file, `.chantier/deploy/NAME.toml`: what is prepared, who approves it, when, what is migrated, deployed and
//! verified, and the way back. It is run step by step; each step is written down with what shows it, and a report tells it all.

mod act;
pub mod cli;
mod file;
mod journal;
mod report;
mod run;

pub use file::{Document, FOLDER, Phase, PlanStep, Schedule, Stakeholder, StepKind, parse};
pub use report::Form;
pub use run::carry_out;

use super::Preview;
use crate::areas::release::Confirmed;
use crate::base::{JobId, Lang, Msg, Problem, State, Timestamp, WriteTo};
use crate::msg;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What can be asked of the plans of a workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum Act {
    /// Reads every plan and how far it is.
    List,
    /// Writes a plan to be filled in.
    New {
        name: String,
        version: Option<String>,
        environment: Option<String>,
        /// What is written for people is in this language.
        #[serde(default)]
        lang: Lang,
    },
    /// Finds out what is wrong with a plan, and what each of its deployments would change.
    Check { name: String },
    /// Begins a plan, or goes on with it.
    Run {
        name: String,
        /// Names of protected environments, typed by the user.
        confirmed: Vec<String>,
        /// Why it is run outside its window.
        outside: Option<String>,
        /// Once more, though it was carried out to its end: the way back is then that of the new run.
        #[serde(default)]
        again: bool,
    },
    /// Says that what a step waits for is so.
    Confirm {
        name: String,
        step: String,
        note: String,
        evidence: Option<PathBuf>,
    },
    /// Leaves out the step that comes next, or that failed.
    Skip { name: String, step: String, reason: String },
    /// Goes the way back.
    Back { name: String, confirmed: Vec<String> },
    /// Ends a plan where it stands.
    End { name: String, reason: String },
    /// Tells what was done.
    Report {
        name: String,
        form: Form,
        lang: Lang,
        /// None: to a file of the program's own.
        to: Option<WriteTo>,
        /// Of the run of this number, from 1; None: of the last one.
        #[serde(default)]
        run: Option<usize>,
    },
}

/// What is wrong with the name of a plan, if something is.
pub fn wrong_name(name: &str) -> Option<Msg> {
    file::path_of(name).err().and_then(|problem| problem.hint)
}

/// A plan as it is seen: what its file says, and how far its last run is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub name: String,
    /// Relative to the workspace.
    pub path: PathBuf,
    pub title: String,
    pub version: String,
    pub environment: Option<String>,
    pub owner: Option<String>,
    pub text: Option<String>,
    pub schedule: Schedule,
    pub stakeholders: Vec<Stakeholder>,
    /// What is wrong with the file.
    pub problems: Vec<Problem>,
    pub steps: Vec<Step>,
    pub state: State,
    pub begun: Option<Begun>,
    /// The runs before this one, oldest first; all of them, where the file has changed since the last one was over.
    #[serde(default)]
    pub before: Vec<Begun>,
    /// Runs before those, which count in their numbers.
    #[serde(default)]
    pub n_forgotten: usize,
    /// Whether a program works on it now.
    pub runs: bool,
    /// It goes the way back.
    pub is_back: bool,
    /// The file is another one than that of the run.
    pub is_changed: bool,
    /// Protected environments of the steps that are left, and of the way back.
    pub protected: Vec<String>,
    /// What the deployments would change, as it was found when somebody asked last.
    pub previews: Vec<Preview>,
    /// The last report that was written.
    pub report: Option<PathBuf>,
}

impl Plan {
    /// It was begun and is not over.
    pub fn is_open(&self) -> bool {
        self.begun.as_ref().is_some_and(|begun| begun.ended_at.is_none())
    }

    /// As it is written it went to its end: run once more, it gets a way back of its own.
    pub fn is_carried_out(&self) -> bool {
        let ended = self.begun.as_ref().filter(|begun| begun.ended_at.is_some());
        let is_whole = ended.is_some_and(|begun| begun.reason.is_none()) && self.next().is_none();
        is_whole && !self.is_back && !self.is_changed
    }

    /// The step that comes next.
    pub fn next(&self) -> Option<&Step> {
        let is_left = |step: &&Step| step.phase.is_back() == self.is_back && !step.is_over();
        self.steps.iter().find(is_left)
    }

    /// How many steps are over, of those on the way that it goes.
    pub fn progress(&self) -> (usize, usize) {
        let on_the_way = || self.steps.iter().filter(|step| step.phase.is_back() == self.is_back);
        (on_the_way().filter(|step| step.is_over()).count(), on_the_way().count())
    }

    /// The key of the word for where it stands.
    pub fn state_key(&self) -> &'static str {
        let waits = self.is_open() && self.next().is_some_and(|step| step.waits);
        match &self.begun {
            None if self.state == State::Failed => "deploy-plan-broken-word",
            None => "deploy-plan-idle",
            Some(_) if waits => "deploy-plan-step-waits",
            Some(_) if self.is_back && !self.is_open() => "deploy-plan-head-back",
            Some(_) => self.state.key(),
        }
    }

    /// When it may be done, in words; None where it may be done at any time.
    pub fn window(&self, shown: impl Fn(Timestamp) -> String) -> Option<Msg> {
        match (self.schedule.from.map(&shown), self.schedule.until.map(&shown)) {
            (None, None) => None,
            (Some(from), None) => Some(msg!("deploy-plan-window-from", from = from)),
            (None, Some(until)) => Some(msg!("deploy-plan-window-until", until = until)),
            (Some(from), Some(until)) => Some(msg!("deploy-plan-window-both", from = from, until = until)),
        }
    }
}

/// Who began a run and when, and how it ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Begun {
    pub by: String,
    pub at: Timestamp,
    pub commit: String,
    pub ended_at: Option<Timestamp>,
    /// Why it was ended before its last step.
    pub reason: Option<String>,
    /// Why it was run outside its window.
    pub outside: Option<String>,
}

/// A step of a plan and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    pub phase: Phase,
    pub name: String,
    pub kind: StepKind,
    /// What a person is to look at, the command, the environment, what is asked.
    pub what: String,
    pub needs_file: bool,
    pub state: State,
    /// It is its turn, and a person has to say something.
    pub waits: bool,
    pub note: Option<Msg>,
    /// The last lines that its program wrote.
    pub output: String,
    pub job: Option<JobId>,
    pub began_at: Option<Timestamp>,
    pub at: Option<Timestamp>,
    pub deployment: Option<i64>,
    pub confirmed: Option<Confirmed>,
    pub skipped: Option<Skipped>,
}

impl Step {
    pub fn is_over(&self) -> bool {
        matches!(self.state, State::Done | State::Skipped)
    }

    /// Its name where it was given one; what was made of what it does, in words.
    pub fn title(&self) -> Msg {
        let made = |verb: &str| self.name.strip_prefix(verb).is_some_and(|rest| rest == self.what);
        match self.kind {
            StepKind::Deploy if made("deploy ") => msg!("deploy-plan-step-deploy", environment = self.what.as_str()),
            StepKind::Return if made("return ") => msg!("deploy-plan-step-return", environment = self.what.as_str()),
            StepKind::Confirm if self.phase == Phase::Approval && self.name.starts_with("approval ") => {
                msg!("deploy-plan-step-approval", name = &self.name["approval ".len()..])
            }
            _ => Msg::verbatim(&self.name),
        }
    }

    /// What it does, where its name does not say it.
    pub fn more(&self) -> Option<&str> {
        let is_said = matches!(self.kind, StepKind::Deploy | StepKind::Return) || self.what == self.name;
        (!is_said && !self.what.is_empty()).then_some(self.what.as_str())
    }
}

/// Who left a step out, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    pub by: String,
    pub reason: String,
    pub at: Timestamp,
}

impl Phase {
    /// The key of its name in the locales.
    pub fn key(self) -> &'static str {
        match self {
            Self::Preparation => "deploy-plan-preparation",
            Self::Approval => "deploy-plan-approval",
            Self::Migration => "deploy-plan-migration",
            Self::Stage => "deploy-plan-stage",
            Self::Verification => "deploy-plan-verification",
            Self::Rollback => "deploy-plan-rollback",
        }
    }

    pub fn is_back(self) -> bool {
        self == Self::Rollback
    }
}

impl Act {
    /// The plan that is meant.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::List => None,
            Self::New { name, .. }
            | Self::Check { name }
            | Self::Run { name, .. }
            | Self::Confirm { name, .. }
            | Self::Skip { name, .. }
            | Self::Back { name, .. }
            | Self::End { name, .. }
            | Self::Report { name, .. } => Some(name),
        }
    }

    pub fn title(&self) -> Msg {
        let name = self.name().unwrap_or_default();
        match self {
            Self::List => msg!("deploy-plan-job-list"),
            Self::New { .. } => msg!("deploy-plan-job-new", name = name),
            Self::Check { .. } => msg!("deploy-plan-job-check", name = name),
            Self::Run { .. } => msg!("deploy-plan-job-run", name = name),
            Self::Confirm { step, .. } => msg!("deploy-plan-job-confirm", name = name, step = step),
            Self::Skip { step, .. } => msg!("deploy-plan-job-skip", name = name, step = step),
            Self::Back { .. } => msg!("deploy-plan-job-back", name = name),
            Self::End { .. } => msg!("deploy-plan-job-end", name = name),
            Self::Report { .. } => msg!("deploy-plan-job-report", name = name),
        }
    }

    /// It may change environments.
    pub fn changes(&self) -> bool {
        matches!(
            self,
            Self::Run { .. } | Self::Confirm { .. } | Self::Skip { .. } | Self::Back { .. } | Self::End { .. }
        )
    }
}
