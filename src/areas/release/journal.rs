//! A release that is being made, written down before each step: after a crash the next run goes on, or it is taken back.

use super::{Confirmed, Delivered, Package, ReleaseStep, Step, StepKind, Undo, Unfinished, packages};
use crate::adapters::World;
use crate::areas::devops::project::release::usual;
use crate::areas::devops::project::{Words, fill_known};
use crate::base::{JobId, Msg, Problem, State, Timestamp, Workspace, WorkspaceId};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Everything that is needed to go on, and to take back what was done before the push.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Journal {
    pub version: String,
    /// Of a monorepo, whose version it is; None: the whole.
    #[serde(default)]
    pub package: Option<Package>,
    pub tag: String,
    /// The version before.
    pub previous: Option<String>,
    /// The commit that the release was begun at, and the branch.
    pub base: String,
    #[serde(default)]
    pub branch: Option<String>,
    pub since: Timestamp,
    /// The procedure as it was when the release was begun, and how far it is.
    #[serde(default = "nothing_done")]
    pub steps: Vec<Noted>,
    /// The project wrote the procedure: what fails is not taken back at once, but stands until somebody decides.
    #[serde(default)]
    pub is_written: bool,
    pub files: Vec<Changed>,
    /// The new section of the changelog.
    pub notes: String,
    /// The release's own commit, once it is made.
    pub commit: Option<String>,
    /// The files of the version, once they are packed.
    #[serde(default)]
    pub kept: Vec<Delivered>,
}

/// A step and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Noted {
    pub rule: ReleaseStep,
    pub state: State,
    pub note: Option<Msg>,
    pub job: Option<JobId>,
    /// When it was begun or ended last.
    pub at: Option<Timestamp>,
    pub confirmed: Option<Confirmed>,
    /// Remotes that have branch and tag.
    pub pushed: Vec<String>,
    /// The remote that may have them: the push was begun, and nobody saw its end.
    pub pushing: Option<String>,
}

/// A file before and after; None when it was not there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Changed {
    pub path: PathBuf,
    pub before: Option<String>,
    pub after: String,
    #[serde(default)]
    pub is_changelog: bool,
}

impl Noted {
    pub fn new(rule: ReleaseStep) -> Self {
        Self {
            rule,
            state: State::Queued,
            note: None,
            job: None,
            at: None,
            confirmed: None,
            pushed: Vec::new(),
            pushing: None,
        }
    }

    pub fn is_over(&self) -> bool {
        matches!(self.state, State::Done | State::Skipped)
    }

    pub fn is_begun(&self) -> bool {
        self.state != State::Queued
    }
}

fn nothing_done() -> Vec<Noted> {
    usual().into_iter().map(Noted::new).collect()
}

impl Journal {
    /// The step that comes next; None when only the record is left.
    pub fn next(&self) -> Option<usize> {
        self.steps.iter().position(|step| !step.is_over())
    }

    /// The step where a person is waited for.
    pub fn waits(&self) -> Option<&Noted> {
        let step = &self.steps[self.next()?];
        (step.rule.kind == StepKind::Confirm && step.confirmed.is_none()).then_some(step)
    }

    pub fn told(&self) -> Unfinished {
        Unfinished {
            version: self.label(),
            step: self
                .next()
                .map_or(StepKind::Record.word(), |at| self.steps[at].rule.id())
                .to_owned(),
            since: self.since,
            waits: self.waits().is_some(),
            is_final: self.is_final(),
        }
    }

    /// It was given out in a way that nothing takes back.
    pub fn is_final(&self) -> bool {
        self.steps.iter().any(|step| {
            let is_out = step.rule.task.is_some() || !step.pushed.is_empty() || step.pushing.is_some();
            step.rule.is_final() && step.is_begun() && is_out
        })
    }

    /// What the version is called among those of the workspace.
    pub fn label(&self) -> String {
        packages::label(self.package.as_ref().map(|package| package.name.as_str()), &self.version)
    }

    /// The subject of the release's commit.
    pub fn subject(&self) -> String {
        packages::subject(self.package.as_ref().map(|package| package.name.as_str()), &self.version)
    }

    /// The list as it is seen.
    pub fn seen(&self) -> Vec<Step> {
        let mut ready = Noted::new(ReleaseStep::of(StepKind::Ready));
        ready.state = State::Done;
        let record = Noted::new(ReleaseStep::of(StepKind::Record));
        let mut words = words(&self.version).set("tag", &self.tag);
        if let Some(commit) = &self.commit {
            words = words.set("commit", commit);
        }
        seen(
            &self.label(),
            &words,
            [&ready].into_iter().chain(&self.steps).chain([&record]),
        )
    }

    /// One of the steps as it is seen.
    pub fn seen_at(&self, at: usize) -> Option<Step> {
        self.seen().into_iter().nth(at + 1)
    }
}

/// The look that every release begins with.
pub fn ready(version: &str) -> Step {
    let step = Noted::new(ReleaseStep::of(StepKind::Ready));
    seen_one(version, &words(version), &step, false, false)
}

/// What is known of a version before it is made.
fn words(version: &str) -> Words {
    Words::default().set("version", packages::parts(version).1)
}

/// The procedure of a version that was not begun yet.
pub fn proposed(version: &str, rules: &[ReleaseStep]) -> Vec<Step> {
    let usual = usual();
    let rules = if rules.is_empty() { &usual } else { rules };
    let all: Vec<Noted> = std::iter::once(ReleaseStep::of(StepKind::Ready))
        .chain(rules.iter().cloned())
        .chain([ReleaseStep::of(StepKind::Record)])
        .map(Noted::new)
        .collect();
    seen(version, &words(version), all.iter())
}

fn seen<'a>(version: &str, words: &Words, steps: impl Iterator<Item = &'a Noted>) -> Vec<Step> {
    let mut is_final = false;
    let mut is_next = true;
    let mut out = Vec::new();
    for step in steps {
        is_final |= step.rule.is_final();
        let waits = is_next && step.rule.kind == StepKind::Confirm && step.state == State::Queued;
        is_next &= step.is_over();
        out.push(seen_one(version, words, step, is_final, waits));
    }
    out
}

fn seen_one(version: &str, words: &Words, step: &Noted, is_final: bool, waits: bool) -> Step {
    Step {
        version: version.to_owned(),
        name: step.rule.id().to_owned(),
        state: step.state,
        kind: step.rule.kind,
        is_named: step.rule.name.is_some() || step.rule.task.is_some(),
        note: step.note.clone(),
        job: step.job,
        at: step.at,
        undo: undo_of(&step.rule, is_final),
        text: step.rule.text.as_deref().map(|text| fill_known(text, words)),
        needs_file: step.rule.evidence,
        waits,
        confirmed: step.confirmed.clone(),
    }
}

fn undo_of(rule: &ReleaseStep, is_final: bool) -> Undo {
    if is_final {
        return Undo::Never;
    }
    if let Some(task) = &rule.undo {
        return Undo::Task { name: task.clone() };
    }
    match rule.kind {
        StepKind::Ready | StepKind::Build | StepKind::Check | StepKind::Confirm | StepKind::Record => Undo::Nothing,
        StepKind::Task => Undo::Stays,
        _ => Undo::Restored,
    }
}

/// The name of a workspace's journal, and of the lease of who writes it.
pub fn name(workspace: &Workspace) -> String {
    format!("release:{}", workspace.id)
}

pub async fn read(world: &World, workspace: &Workspace) -> Result<Option<Journal>, Problem> {
    world.store().kv().get(&name(workspace)).await
}

/// Back when it is on disk.
pub async fn write(world: &World, workspace: &Workspace, journal: &Journal) -> Result<(), Problem> {
    world.store().kv().set(&name(workspace), journal).await
}

pub async fn remove(world: &World, workspace: &Workspace) -> Result<(), Problem> {
    world.store().kv().remove(&name(workspace)).await
}

fn made_name(workspace: &Workspace) -> String {
    format!("release-made:{}", workspace.id)
}

/// Keeps what is needed to take back the version that was made last.
pub async fn keep_made(world: &World, workspace: &Workspace, journal: &Journal) -> Result<(), Problem> {
    world.store().kv().set(&made_name(workspace), journal).await
}

/// How the version was made that was made last.
pub async fn made(world: &World, workspace: &Workspace) -> Result<Option<Journal>, Problem> {
    world.store().kv().get(&made_name(workspace)).await
}

/// The version that was made last is one to be taken back: what is known of it goes, and it stands among the unfinished ones.
pub async fn reopen(world: &World, workspace: &Workspace, journal: &Journal) -> Result<(), Problem> {
    write(world, workspace, journal).await?;
    let kv = world.store().kv();
    kv.remove(&made_name(workspace)).await?;
    kv.remove(&record_name(&workspace.id, &journal.label())).await
}

fn record_name(workspace: &WorkspaceId, version: &str) -> String {
    format!("release-steps:{workspace}:{version}")
}

/// Keeps what became of the steps of a version that was made.
pub async fn keep(world: &World, workspace: &Workspace, journal: &Journal) -> Result<(), Problem> {
    let name = record_name(&workspace.id, &journal.label());
    let mut steps = journal.seen();
    if let Some(record) = steps.last_mut() {
        record.state = State::Done;
    }
    world.store().kv().set(&name, &steps).await
}

/// The steps of a version that was made; empty where nobody kept them.
pub async fn kept(world: &World, workspace: &WorkspaceId, version: &str) -> Result<Vec<Step>, Problem> {
    let found = world.store().kv().get(&record_name(workspace, version)).await?;
    Ok(found.unwrap_or_default())
}
