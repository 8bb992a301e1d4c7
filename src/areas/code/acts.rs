//! How the acts of Code are done. Each asks for trust, waits for its turn at the repository, and tells how things stand afterwards;
//! `perform` gives it to the file that knows its theme.

mod branches;
mod committing;
mod git;
mod staging;
mod stashing;
mod trees;
mod undo;

use super::act::Act;
use super::branching::News;
use super::jobs::{read_refs, read_status};
use super::stashes::read_stashes;
use super::undo::read_undo;
use super::{Acted, Update};
use crate::adapters::World;
use crate::adapters::git::{Done, Git, Repo};
use crate::areas::{JobCtx, JobSpec};
use crate::base::git_act::GitAct;
use crate::base::repo::{Operation, RepoSummary, Which};
use crate::base::{GitPath, HostKey, Msg, Problem, Progress, Timestamp, Workspace};
use crate::msg;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const TELL_OF_LOCK_EVERY: Duration = Duration::from_millis(250);

/// Where an act is done, and with what.
struct On<'a> {
    cx: &'a JobCtx,
    world: &'a World,
    workspace: &'a Workspace,
    git: &'a Git,
    /// The top folder of the checkout.
    repo: Repo<'a>,
    at: Timestamp,
    /// The fingerprint of a machine that the user says is the right one.
    accepts: Option<&'a str>,
    cancel: &'a CancellationToken,
}

/// The job of an act. `accepts` is the fingerprint of a machine that it may go on to although ssh does not know it yet.
pub(super) fn acting(world: World, workspace: Workspace, act: Act, accepts: Option<String>) -> JobSpec {
    let id = workspace.id.clone();
    let title = act.facts().title;
    JobSpec::new(super::AREA, title, move |cx| do_act(cx, world, workspace, act, accepts)).workspace(&id)
}

async fn do_act(cx: JobCtx, world: World, workspace: Workspace, act: Act, accepts: Option<String>) -> Result<(), Problem> {
    world.trust().check(&workspace)?;
    let facts = act.facts();
    let top = {
        let (git, root) = (world.git().clone(), workspace.root.clone());
        let needs_files = act.needs_files();
        cx.blocking(move |_| if needs_files { git.top(&root) } else { git.place(&root) })
            .await?
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
            accepts: accepts.as_deref(),
            cancel: cx.cancel_token(),
        };
        let done = telling_of_locks(&on, Box::pin(perform(&on, &act))).await;
        if done.is_err() {
            // What it did until then stands in the timeline.
            world.git().settle(on.repo).await.ok();
        }
        done
    };
    // How things stand is told whether the act went well or not: half of it may have happened.
    let status = read_status(&cx, &world, &workspace).await;
    let entries = read_undo(&cx, &world, &workspace).await.unwrap_or_default();
    if facts.moves_refs {
        read_refs(&cx, &world, &workspace).await.ok();
        read_stashes(&cx, &world, &workspace).await.ok();
    }
    if let Err(problem) = &done {
        ask_of_host(&cx, &workspace, problem, act.clone().on(&workspace)).await;
    }
    let done = done?;
    if !done.left_out.is_empty() {
        let paths: Vec<String> = done.left_out.iter().map(GitPath::display).collect();
        let problem = Problem::user(msg!("code-left-out", n = paths.len(), paths = paths.join(", "))).code("left-out");
        cx.problem(problem.hint(msg!("code-left-out-hint"))).await;
    }
    if let Act::TakeBack {
        which: Which::Last { n },
        ..
    }
    | Act::Redo {
        which: Which::Last { n },
        ..
    } = &act
        && (done.taken.len() as u32) < *n
    {
        cx.problem(Problem::user(msg!("code-fewer-steps", n = done.taken.len(), wanted = *n)).code("fewer"))
            .await;
    }
    if let Some(hook) = done.failed_hook {
        cx.problem(Problem::user(msg!("code-hook-after", hook = hook)).code("hook-failed"))
            .await;
    }
    let (git, root) = (world.git().clone(), workspace.root.clone());
    let head = cx.blocking(move |_| Ok(git.resolve(&root, "HEAD").ok())).await?;
    let acted = Acted {
        act: facts.word.to_owned(),
        told: stopped_rebase(&act, status.as_ref().ok())
            .or(facts.told)
            .or_else(|| act.told_of_loss().filter(|_| done.undo.is_some())),
        undo: done.undo,
        steps: done
            .taken
            .iter()
            .filter_map(|id| entries.iter().find(|entry| entry.id == *id).cloned())
            .collect(),
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

/// A rebase that waits in its middle is not done.
fn stopped_rebase(act: &Act, summary: Option<&RepoSummary>) -> Option<Msg> {
    let is_rebase = matches!(
        act,
        Act::Git(GitAct::Rebase { .. } | GitAct::RunPlan { .. } | GitAct::Continue | GitAct::Skip)
    );
    let is_under_way = summary.is_some_and(|summary| summary.operation == Some(Operation::Rebase));
    (is_rebase && is_under_way).then(|| msg!("code-told-rebase-stopped"))
}

/// Tells who a machine says it is that ssh does not know, and what to do again once the user said yes.
pub(super) async fn ask_of_host(cx: &JobCtx, workspace: &Workspace, problem: &Problem, again: super::Command) {
    if let Some(key) = HostKey::of_problem(problem) {
        let again = Box::new(again);
        cx.update(Update::Branching {
            workspace: workspace.id.clone(),
            news: News::HostUnknown { key, again },
        })
        .await;
    }
}

/// Says whose lock the act is waiting for, while it does.
async fn telling_of_locks<T>(on: &On<'_>, act: impl Future<Output = T>) -> T {
    let mut act = std::pin::pin!(act);
    loop {
        tokio::select! {
            done = &mut act => return done,
            () = tokio::time::sleep(TELL_OF_LOCK_EVERY) => {
                if let Some(problem) = on.git.program().waiting_for(on.repo.root) {
                    on.cx.progress(Progress::default().saying(problem.summary));
                }
            }
        }
    }
}

async fn perform(on: &On<'_>, act: &Act) -> Result<Done, Problem> {
    match act {
        Act::Stage { paths } => staging::stage(on, paths).await,
        Act::Unstage { paths } => staging::unstage(on, paths).await,
        Act::Discard { paths } => staging::discard(on, paths).await,
        Act::Ignore { paths } => staging::ignore(on, paths).await,
        Act::StageHunks { path, hunks } => staging::stage_hunks(on, path, hunks).await,
        Act::UnstageHunks { path, hunks } => staging::unstage_hunks(on, path, hunks).await,
        Act::DiscardHunks { path, hunks } => staging::discard_hunks(on, path, hunks).await,
        Act::StageLines { path, lines } => staging::stage_lines(on, path, lines).await,
        Act::UnstageLines { path, lines } => staging::unstage_lines(on, path, lines).await,
        Act::DiscardLines { path, lines } => staging::discard_lines(on, path, lines).await,
        Act::Commit(act) => committing::commit(on, act).await,
        Act::StashPush(act) => stashing::push(on, act).await,
        Act::StashApply { stash, pops } => stashing::apply(on, stash, *pops).await,
        Act::StashDrop { stash } => stashing::drop(on, stash).await,
        Act::StashBranch { stash, name } => stashing::branch(on, stash, name).await,
        Act::CreateBranch { name, from, goes_there } => branches::create(on, name, from.as_deref(), *goes_there).await,
        Act::Switch { to, changes } => branches::switch(on, to, *changes).await,
        Act::Git(act) => git::act(on, act).await,
        Act::Worktree(act) => trees::worktree(on, act).await,
        Act::Submodule(act) => trees::submodule(on, act).await,
        Act::TakeBack { which, is_forced } => undo::take_back(on, *which, *is_forced).await,
        Act::Redo { which, is_forced } => undo::redo(on, *which, *is_forced).await,
    }
}
