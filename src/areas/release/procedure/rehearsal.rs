//! The whole procedure in a throw-away worktree of the commit: files, commit, build, tasks and packages as they will be, without a tag,
//! a push, or anybody who is waited for. What stands in the checkout is not touched.

use super::Release;
use crate::adapters::World;
use crate::adapters::deliver;
use crate::areas::JobCtx;
use crate::areas::build::pipelines::worktree::Clean;
use crate::areas::release::{Rehearsed, Update, Wish};
use crate::base::{Problem, State, Workspace};
use crate::msg;

fn name(workspace: &Workspace) -> String {
    format!("release-rehearsed:{}", workspace.id)
}

/// How the last one went.
pub async fn last(world: &World, workspace: &Workspace) -> Result<Option<Rehearsed>, Problem> {
    world.store().kv().get(&name(workspace)).await
}

/// Rehearses the release that is asked for, and writes down how it went. Its failure is the problem of the step that failed.
pub async fn rehearse(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    wish: &Wish,
    package: Option<&str>,
) -> Result<Rehearsed, Problem> {
    world.trust().check(workspace)?;
    let started = cx.now();
    let looking = Release {
        is_rehearsal: true,
        ..Release::new(cx, world, workspace)
    };
    let (mut journal, mut looked) = Box::pin(looking.prepare(wish, package, None)).await?;
    if journal.steps.iter().any(|step| step.rule.check.is_some()) {
        Box::pin(looked.look_around(cx, world, workspace)).await?;
    }
    let owner = format!("rehearsal-{}", cx.id().0);
    let folder = world.dirs().cache.join("rehearsals").join(&owner);
    let clean = Clean::make(cx.cancel_token(), world, workspace, &journal.base, &owner, "release").await?;
    let release = Release {
        is_rehearsal: true,
        folder: Some(folder.clone()),
        checks: Some(looked.readiness.checks.clone()),
        ..Release::new(cx, world, &clean.workspace)
    };
    release.tell_all(&journal).await;
    let ended = Box::pin(release.steps(&mut journal, &looked.project)).await;
    let removed = clean.remove(world).await;
    let emptied = deliver::remove_folder(&folder);
    if let Err(problem) = &ended
        && problem.is_cancelled()
    {
        return Err(problem.clone());
    }
    let mut steps = journal.seen();
    if let Some(record) = steps.last_mut() {
        // A rehearsal is not written down among the versions.
        (record.state, record.note) = (State::Skipped, Some(msg!("release-note-left-out")));
    }
    let told = Update::RehearsalTold {
        workspace: workspace.id.clone(),
        steps: steps.clone(),
    };
    cx.update(told).await;
    let rehearsed = Rehearsed {
        version: journal.label(),
        head: journal.base.clone(),
        at: cx.now(),
        duration_ms: (cx.now().as_millisecond() - started.as_millisecond()).max(0) as u64,
        failed: steps
            .iter()
            .find(|step| step.state == State::Failed)
            .map(|step| step.name.clone()),
        steps,
    };
    world.store().kv().set(&name(workspace), &rehearsed).await?;
    ended?;
    removed?;
    emptied?;
    Ok(rehearsed)
}
