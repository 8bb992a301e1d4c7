//! What became of the steps of a plan: written down before and after each, so that the next start knows where it stood.

use super::file::{self, Document, Phase, PlanStep, StepKind};
use super::{Begun, Plan, Skipped, Step};
use crate::adapters::store::audit::AuditEntry;
use crate::adapters::{World, files};
use crate::areas::deploy::journal::who;
use crate::areas::devops::project::{self, ProjectFile};
use crate::areas::release::Confirmed;
use crate::base::{JobId, Msg, Problem, State, Timestamp, Workspace};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::PathBuf;

/// Runs of a plan that are kept.
const RUNS_KEPT: usize = 10;

/// The runs of one plan, the newest last.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Runs {
    pub(super) runs: Vec<Run>,
    /// Older ones that are kept no longer: they count in the numbers of the others.
    #[serde(default)]
    pub(super) n_forgotten: usize,
}

impl Runs {
    /// Where the run of this number stands, from 1; the newest one without a number.
    pub(super) fn find(&self, number: Option<usize>) -> Option<usize> {
        let at = match number {
            Some(number) => number.checked_sub(self.n_forgotten + 1)?,
            None => self.runs.len().checked_sub(1)?,
        };
        (at < self.runs.len()).then_some(at)
    }
}

/// One run, with the document as it was when it began.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Run {
    pub(super) document: Document,
    /// Of the file's text.
    pub(super) sha256: String,
    pub(super) tag: Option<String>,
    pub(super) begun: Begun,
    pub(super) steps: Vec<Noted>,
    pub(super) is_back: bool,
    pub(super) report: Option<PathBuf>,
}

/// A step and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Noted {
    pub(super) phase: Phase,
    pub(super) rule: PlanStep,
    pub(super) state: State,
    pub(super) note: Option<Msg>,
    pub(super) output: String,
    pub(super) job: Option<JobId>,
    pub(super) began_at: Option<Timestamp>,
    pub(super) at: Option<Timestamp>,
    pub(super) deployment: Option<i64>,
    /// The deployment that was live there before.
    pub(super) before: Option<i64>,
    pub(super) confirmed: Option<Confirmed>,
    pub(super) skipped: Option<Skipped>,
}

impl Noted {
    pub(super) fn new((phase, rule): (Phase, PlanStep)) -> Self {
        Self {
            phase,
            rule,
            state: State::Queued,
            note: None,
            output: String::new(),
            job: None,
            began_at: None,
            at: None,
            deployment: None,
            before: None,
            confirmed: None,
            skipped: None,
        }
    }

    pub(super) fn is_over(&self) -> bool {
        matches!(self.state, State::Done | State::Skipped)
    }

    /// Somebody has to say something before it is done.
    fn needs_word(&self) -> bool {
        self.rule.kind() == StepKind::Confirm && self.confirmed.is_none()
    }

    fn seen(&self, is_next: bool) -> Step {
        Step {
            phase: self.phase,
            name: self.rule.id(),
            kind: self.rule.kind(),
            what: self.rule.what(),
            needs_file: self.rule.evidence,
            state: self.state,
            waits: is_next && self.needs_word(),
            note: self.note.clone(),
            output: self.output.clone(),
            job: self.job,
            began_at: self.began_at,
            at: self.at,
            deployment: self.deployment,
            confirmed: self.confirmed.clone(),
            skipped: self.skipped.clone(),
        }
    }
}

impl Run {
    /// The step that comes next; None when all are over.
    pub(super) fn next(&self) -> Option<usize> {
        let is_left = |step: &Noted| step.phase.is_back() == self.is_back && !step.is_over();
        self.steps.iter().position(is_left)
    }

    /// The plan has begun to change this environment.
    pub(super) fn has_begun(&self, environment: &str) -> bool {
        let is_it = |step: &&Noted| step.rule.deploy.as_deref() == Some(environment);
        self.steps.iter().find(is_it).is_some_and(|step| step.began_at.is_some())
    }

    pub(super) fn waits(&self) -> Option<&Noted> {
        self.next().map(|at| &self.steps[at]).filter(|step| step.needs_word())
    }

    /// Every step of the way there is over, and nothing was taken back or broken off.
    pub(super) fn is_carried_out(&self) -> bool {
        !self.is_open() && !self.is_back && self.begun.reason.is_none() && self.next().is_none()
    }

    pub(super) fn is_open(&self) -> bool {
        self.begun.ended_at.is_none()
    }

    fn state(&self, runs: bool) -> State {
        let next = self.next().map(|at| &self.steps[at]);
        match next {
            _ if runs => State::InProgress,
            _ if !self.is_open() && self.begun.reason.is_some() => State::Cancelled,
            None if self.is_back => State::Degraded,
            None => State::Done,
            Some(step) if step.needs_word() => State::Degraded,
            Some(step) => match step.state {
                State::InProgress => State::Interrupted,
                state => state,
            },
        }
    }
}

/// The name of a plan's runs, and of the lease of whoever works on it.
pub(super) fn key(workspace: &Workspace, name: &str) -> String {
    format!("deploy-plan:{}:{name}", workspace.id)
}

pub(super) async fn read(world: &World, workspace: &Workspace, name: &str) -> Result<Runs, Problem> {
    Ok(world.store().kv().get(&key(workspace, name)).await?.unwrap_or_default())
}

/// Back when it is on disk.
pub(super) async fn write(world: &World, workspace: &Workspace, name: &str, runs: &mut Runs) -> Result<(), Problem> {
    let n_old = runs.runs.len().saturating_sub(RUNS_KEPT);
    runs.runs.drain(..n_old);
    runs.n_forgotten += n_old;
    world.store().kv().set(&key(workspace, name), runs).await
}

/// What was done with a plan, in the audit log.
pub(super) async fn audit(
    world: &World,
    workspace: &Workspace,
    name: &str,
    run: &Run,
    act: &str,
    more: serde_json::Value,
) -> Result<(), Problem> {
    let entry = AuditEntry {
        who: who(world),
        act: format!("plan.{act}"),
        workspace: Some(workspace.id.clone()),
        environment: run.document.environment.clone(),
        deployment: None,
        data: json!({ "plan": name, "version": run.document.version, "commit": run.begun.commit, "said": more }),
    };
    world.store().audit().append(entry).await.map(drop)
}

/// The file of a plan: its text, its sum, and what it says.
pub(super) struct Written {
    pub(super) sha256: String,
    pub(super) document: Result<Document, Vec<Problem>>,
}

pub(super) fn written(workspace: &Workspace, name: &str, project: &ProjectFile) -> Result<Written, Problem> {
    let path = workspace.root.join(file::path_of(name)?);
    let text = files::read_text(&path, files::MAX_TEXT_BYTES)?;
    Ok(Written {
        sha256: files::sha256_of(text.as_bytes()),
        document: file::parse(&text, &path, project),
    })
}

/// A plan as it is seen now.
pub(super) async fn seen(world: &World, workspace: &Workspace, name: &str) -> Result<Plan, Problem> {
    let (project, _) = project::read(&workspace.root)?;
    let runs = read(world, workspace, name).await?;
    let lease = key(workspace, name);
    let leases = world.store().leases().list().await?;
    let runs_now = leases.iter().any(|row| row.name == lease && row.holder.is_alive());
    let mut plan = Plan {
        name: name.to_owned(),
        path: file::path_of(name)?,
        runs: runs_now,
        before: runs.runs.iter().map(|run| run.begun.clone()).collect(),
        n_forgotten: runs.n_forgotten,
        report: runs.runs.last().and_then(|run| run.report.clone()),
        ..Plan::default()
    };
    let written = match written(workspace, name, &project) {
        Ok(written) => Some(written),
        Err(problem) => {
            plan.problems.push(problem);
            None
        }
    };
    let run = runs.runs.last();
    let mut document = None;
    if let Some(written) = written {
        plan.is_changed = run.is_some_and(|run| run.sha256 != written.sha256);
        match written.document {
            Ok(found) => document = Some(found),
            Err(problems) => plan.problems.extend(problems),
        }
    }
    // What was begun is done as it was begun; what is over gives way to a file that has changed since.
    if let Some(run) = run.filter(|run| run.is_open() || !plan.is_changed || document.is_none()) {
        document = Some(run.document.clone());
        plan.before.pop();
        plan.show(run);
    } else {
        plan.state = if document.is_some() { State::None } else { State::Failed };
        let steps = document.iter().flat_map(|document| document.steps.iter().cloned());
        plan.steps = steps.map(|step| Noted::new(step).seen(false)).collect();
    }
    match document {
        Some(document) => plan.say(document, &project),
        None => name.clone_into(&mut plan.title),
    }
    Ok(plan)
}

/// One run of a plan and those before it, with the document as it was then, whatever its file says now.
pub(super) fn of_run(workspace: &Workspace, name: &str, runs: &Runs, at: usize) -> Result<Plan, Problem> {
    let (project, _) = project::read(&workspace.root)?;
    let (before, run) = (&runs.runs[..at], &runs.runs[at]);
    let mut plan = Plan {
        name: name.to_owned(),
        path: file::path_of(name)?,
        before: before.iter().map(|run| run.begun.clone()).collect(),
        n_forgotten: runs.n_forgotten,
        ..Plan::default()
    };
    plan.show(run);
    plan.say(run.document.clone(), &project);
    Ok(plan)
}

impl Plan {
    /// How far a run is.
    fn show(&mut self, run: &Run) {
        let next = run.next().filter(|_| run.is_open());
        let steps = run.steps.iter().enumerate();
        self.steps = steps.map(|(at, step)| step.seen(Some(at) == next)).collect();
        if !self.runs {
            for step in self.steps.iter_mut().filter(|step| step.state == State::InProgress) {
                step.state = State::Interrupted;
            }
        }
        self.state = run.state(self.runs);
        self.begun = Some(run.begun.clone());
        self.is_back = run.is_back;
        self.report.clone_from(&run.report);
    }

    /// What its document says.
    fn say(&mut self, document: Document, project: &ProjectFile) {
        self.title = document.title.unwrap_or_else(|| self.name.clone());
        self.version = document.version;
        self.environment = document.environment;
        self.owner = document.owner;
        self.text = document.text;
        self.schedule = document.schedule;
        self.stakeholders = document.stakeholders;
        for (_, step) in &document.steps {
            let environment = step.environment().and_then(|name| project.environment(name));
            if let Some(one) = environment.filter(|one| one.is_protected() && !self.protected.contains(&one.name)) {
                self.protected.push(one.name.clone());
            }
        }
    }
}
