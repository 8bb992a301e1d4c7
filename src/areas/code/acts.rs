//! How the acts of Code are done. Each asks for trust, waits for its turn at the repository, and tells how things stand afterwards;
//! `perform` gives it to the file that knows its theme.

mod branches;
mod committing;
mod git;
mod staging;
mod undo;

use super::act::Act;
use super::jobs::{read_refs, read_status};
use super::undo::read_undo;
use super::{Acted, Update};
use crate::adapters::World;
use crate::adapters::git::{Done, Git, Repo};
use crate::areas::{JobCtx, JobSpec};
use crate::base::{Problem, Timestamp, Workspace};
use tokio_util::sync::CancellationToken;

/// Where an act is done, and with what.
struct On<'a> {
    cx: &'a JobCtx,
    world: &'a World,
    workspace: &'a Workspace,
    git: &'a Git,
    /// The top folder of the checkout.
    repo: Repo<'a>,
    at: Timestamp,
    cancel: &'a CancellationToken,
}

/// The job of an act.
pub(super) fn acting(world: World, workspace: Workspace, act: Act) -> JobSpec {
    let id = workspace.id.clone();
    JobSpec::new(super::AREA, act.facts().title, move |cx| do_act(cx, world, workspace, act)).workspace(&id)
}

async fn do_act(cx: JobCtx, world: World, workspace: Workspace, act: Act) -> Result<(), Problem> {
    world.trust().check(&workspace)?;
    let facts = act.facts();
    let top = {
        let (git, root) = (world.git().clone(), workspace.root.clone());
        cx.blocking(move |_| git.top(&root)).await?
    };
    let done = {
        let _turn = cx.until_cancelled(world.git().gate(&top)).await?;
        let on = On {
            cx: &cx,
            world: &world,
            workspace: &workspace,
            git: world.git(),
            repo: Repo {
                root: &top,
                is_trusted: true,
            },
            at: cx.now(),
            cancel: cx.cancel_token(),
        };
        let done = perform(&on, &act).await;
        if done.is_err() {
            // What it did until then stands in the timeline.
            world.git().settle(on.repo).await.ok();
        }
        done
    };
    // How things stand is told whether the act went well or not: half of it may have happened.
    let status = read_status(&cx, &world, &workspace).await;
    read_undo(&cx, &world, &workspace).await.ok();
    if facts.moves_refs {
        read_refs(&cx, &world, &workspace).await.ok();
    }
    let done = done?;
    let (git, root) = (world.git().clone(), workspace.root.clone());
    let head = cx.blocking(move |_| Ok(git.resolve(&root, "HEAD").ok())).await?;
    let acted = Acted {
        act: facts.word.to_owned(),
        told: facts.told,
        undo: done.undo,
        taken: done.taken,
        n_pruned: done.n_pruned,
        head,
    };
    cx.update(Update::Acted {
        workspace: workspace.id,
        acted,
    })
    .await;
    status.map(|_| ())
}

async fn perform(on: &On<'_>, act: &Act) -> Result<Done, Problem> {
    match act {
        Act::Stage { paths } => staging::stage(on, paths).await,
        Act::Unstage { paths } => staging::unstage(on, paths).await,
        Act::Discard { paths } => staging::discard(on, paths).await,
        Act::StageHunks { path, hunks } => staging::stage_hunks(on, path, hunks).await,
        Act::UnstageHunks { path, hunks } => staging::unstage_hunks(on, path, hunks).await,
        Act::DiscardHunks { path, hunks } => staging::discard_hunks(on, path, hunks).await,
        Act::Commit(act) => committing::commit(on, act).await,
        Act::CreateBranch { name, from, goes_there } => branches::create(on, name, from.as_deref(), *goes_there).await,
        Act::Switch { to, changes } => branches::switch(on, to, *changes).await,
        Act::Git(act) => git::act(on, act).await,
        Act::TakeBack { which, is_forced } => undo::take_back(on, *which, *is_forced).await,
        Act::Redo { which, is_forced } => undo::redo(on, *which, *is_forced).await,
    }
}
