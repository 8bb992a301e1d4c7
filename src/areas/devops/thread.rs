//! The thread: what the ledger knows of the chain, put in the order of the life cycle. A hole is information.

use super::jobs::{source_state, workspace_of};
use super::version_tags::VersionTags;
use crate::adapters::World;
use crate::adapters::store::thread::{ThreadEnd, ThreadRows};
use crate::areas::{self, JobCtx};
use crate::base::format::short_oid;
use crate::base::{JobId, Problem, SafeText, State, Target, Thread, ThreadKind, ThreadStep, Workspace, WorkspaceId};

/// Follows the thread of a thing from here to both of its ends. `at` is the workspace that was named: it need not be on the board.
pub async fn find(cx: &JobCtx, world: &World, of: &Target, at: Option<&Workspace>) -> Result<Thread, Problem> {
    let store = world.store();
    let workspace = match workspace_in(of) {
        Some(id) => workspace_of(world, id, at).await?,
        None => None,
    };
    if let Some(workspace) = &workspace {
        notice(cx, world, workspace).await?;
    }
    let head = match (&workspace, of) {
        (Some(workspace), Target::Workspace { .. } | Target::ChangedFile { .. } | Target::TestCase { .. }) => {
            source_state(world, workspace).await.0
        }
        _ => None,
    };
    let end = match of.clone() {
        Target::Item { workspace, id } => Some(ThreadEnd::Item { workspace, id }),
        Target::Commit { workspace, oid } => Some(ThreadEnd::Commit { workspace, oid }),
        Target::Run { job } => Some(ThreadEnd::Run { job }),
        Target::Release { workspace, version } => Some(ThreadEnd::Version { workspace, version }),
        Target::Deployment { id, .. } => Some(ThreadEnd::Deployment { id }),
        Target::Instance { id } => id.parse().ok().map(|id| ThreadEnd::Instance { id }),
        Target::Environment { workspace, name } => {
            let live = store.deployments().live(&workspace, &name).await?;
            live.map(|deployment| ThreadEnd::Deployment { id: deployment.id })
        }
        Target::Workspace { workspace } | Target::ChangedFile { workspace, .. } | Target::TestCase { workspace, .. } => {
            head.map(|oid| ThreadEnd::Commit { workspace, oid })
        }
        Target::Task { workspace, name } => {
            let last = store.builds().list(&workspace, Some(&name), 1).await?;
            last.first().map(|build| ThreadEnd::Run { job: build.job })
        }
        Target::Page { .. } | Target::Log { .. } | Target::Check { .. } | Target::Setting { .. } => None,
    };
    let is_of_commits = matches!(end, Some(ThreadEnd::Item { .. } | ThreadEnd::Commit { .. }));
    let mut rows = match end {
        Some(end) => store.threads().follow(end).await?,
        None => ThreadRows::default(),
    };
    let workspace = match &rows.workspace {
        Some(id) => workspace_of(world, id, at).await?,
        None => None,
    };
    let mut item = None;
    if let Some(workspace) = &workspace {
        // A version that was tagged elsewhere has its commits all the same.
        if is_of_commits {
            let tags = VersionTags::of(world, workspace).await?;
            tags.complete(world, &mut rows).await?;
        }
        if !rows.items.is_empty() {
            item = areas::item_step(cx, workspace, rows.items.clone()).await.ok().flatten();
            cx.check()?;
        }
    }
    Ok(in_order(&rows, item.as_ref()))
}

/// Reads the commits that nobody looked at yet. What can not be read there is no reason to tell nothing.
async fn notice(cx: &JobCtx, world: &World, workspace: &Workspace) -> Result<(), Problem> {
    match areas::notice_items(cx, world, workspace).await {
        Err(problem) if problem.is_cancelled() => Err(problem),
        _ => Ok(()),
    }
}

/// The workspace that a thing is in, where its name says that.
fn workspace_in(of: &Target) -> Option<&WorkspaceId> {
    match of {
        Target::Item { workspace, .. }
        | Target::Commit { workspace, .. }
        | Target::Release { workspace, .. }
        | Target::Deployment { workspace, .. }
        | Target::Environment { workspace, .. }
        | Target::Workspace { workspace }
        | Target::ChangedFile { workspace, .. }
        | Target::TestCase { workspace, .. }
        | Target::Task { workspace, .. } => Some(workspace),
        Target::Run { .. }
        | Target::Instance { .. }
        | Target::Page { .. }
        | Target::Log { .. }
        | Target::Check { .. }
        | Target::Setting { .. } => None,
    }
}

/// One step per link of the chain, the newest of each kind; what has not happened is a ring.
fn in_order(rows: &ThreadRows, item: Option<&ThreadStep>) -> Thread {
    let steps = ThreadKind::ALL.into_iter().filter_map(|kind| {
        let step = match &rows.workspace {
            Some(workspace) => known(kind, rows, workspace, item),
            None => None,
        };
        match step {
            Some(step) => Some(step),
            // Nobody waits for an incident.
            None if kind == ThreadKind::Incident => None,
            None => Some(ThreadStep {
                kind,
                state: State::Unknown,
                name: String::new(),
                note: String::new(),
                target: None,
                at: None,
            }),
        }
    });
    Thread { steps: steps.collect() }
}

/// What ran with changes that are not in the commit is marked as in the lists of runs.
fn with_changes(state: State, has_changes: bool) -> (State, &'static str) {
    match (has_changes, state) {
        (false, _) => (state, ""),
        // A failure has the shape of one, however old it is.
        (true, State::Failed) => (state, " +"),
        (true, _) => (State::Stale, " +"),
    }
}

fn known(kind: ThreadKind, rows: &ThreadRows, workspace: &WorkspaceId, item: Option<&ThreadStep>) -> Option<ThreadStep> {
    let workspace = workspace.clone();
    let step = |state: State, name: String, note: String, target: Target| ThreadStep {
        kind,
        state,
        name: SafeText::new(&name).into_string(),
        note: SafeText::new(&note).into_string(),
        target: Some(target),
        at: None,
    };
    let run = |job: JobId| Target::Run { job };
    Some(match kind {
        ThreadKind::Item => {
            let first = rows.items.first()?.clone();
            // What the plan does not have any more is not known here.
            let told = item.cloned().unwrap_or_else(|| {
                let target = Target::Item {
                    workspace,
                    id: first.clone(),
                };
                step(State::Unknown, first, String::new(), target)
            });
            let note = match rows.items.len() - 1 {
                0 => told.note.clone(),
                more => format!("{} +{more}", told.note).trim_start().to_owned(),
            };
            ThreadStep { note, ..told }
        }
        ThreadKind::Commit => {
            let oid = rows.commits.first()?.clone();
            step(
                State::Done,
                short_oid(&oid).to_owned(),
                String::new(),
                Target::Commit { workspace, oid },
            )
        }
        ThreadKind::Build => {
            let build = rows.builds.first()?;
            let (state, mark) = with_changes(build.state, rows.has_changes.0);
            let note = format!("{}{mark}", build.task);
            let mut step = step(state, build.job.to_string(), note, run(build.job));
            step.at = Some(build.started_at);
            step
        }
        ThreadKind::Test => {
            let tests = rows.tests.first()?;
            // A run of one test alone does not stand for the others.
            let known = rows.standing.as_ref();
            let (n_passed, n_failed) = known.map_or((tests.n_passed, tests.n_failed), |known| (known.n_passed, known.n_failed));
            let (state, mark) = with_changes(known.map_or(tests.state, |known| known.state), rows.has_changes.1);
            let note = format!("{n_passed} / {}{mark}", n_passed + n_failed);
            let target = tests.job.map_or(
                Target::Page {
                    area: "test".to_owned(),
                    tab: None,
                },
                run,
            );
            let name = tests.job.map_or_else(|| tests.framework.clone(), |job| job.to_string());
            let mut step = step(state, name, note, target);
            step.at = Some(tests.started_at);
            step
        }
        ThreadKind::Release => {
            let release = rows.releases.first()?;
            let state = if release.withdrawn.is_some() {
                State::Failed
            } else {
                State::Done
            };
            let note = release.withdrawn.clone().unwrap_or_default();
            let mut step = step(
                state,
                release.version.clone(),
                note,
                Target::Release {
                    workspace,
                    version: release.version.clone(),
                },
            );
            step.at = Some(release.released_at);
            step
        }
        ThreadKind::Deployment => {
            let deployment = rows.deployments.first()?;
            let target = Target::Deployment {
                workspace,
                id: deployment.id,
            };
            let mut step = step(
                deployment.state,
                deployment.environment.clone(),
                deployment.version.clone(),
                target,
            );
            step.at = Some(deployment.started_at);
            step
        }
        ThreadKind::Instance => {
            let instance = rows
                .instances
                .iter()
                .find(|instance| instance.ended_at.is_none())
                .or_else(|| rows.instances.first())?;
            let state = if instance.ended_at.is_none() {
                State::Running
            } else if instance.has_crashed() || instance.cause == "failed" {
                State::Failed
            } else {
                State::Done
            };
            let target = Target::Instance {
                id: instance.id.to_string(),
            };
            let mut step = step(state, instance.name.clone(), instance.cause.clone(), target);
            step.at = Some(instance.started_at);
            step
        }
        ThreadKind::Incident => {
            let incident = rows.incidents.first()?;
            let state = if incident.closed_at.is_none() {
                State::Failed
            } else {
                State::Done
            };
            let mut step = step(
                state,
                incident.id.to_string(),
                incident.title.clone(),
                Target::Page {
                    area: "monitor".to_owned(),
                    tab: None,
                },
            );
            step.at = Some(incident.opened_at);
            step
        }
    })
}
