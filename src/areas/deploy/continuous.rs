//! Continuous deployment: each commit of a branch that proves itself green goes to the environment by its own strategy. What was tried
//! stands in the ledger, so that a commit is tried once; one program on the machine does it for an environment, told by a lease.

use super::{Continuous, Tried, Update, What, acts, journal};
use crate::adapters::World;
use crate::areas::JobCtx;
use crate::areas::build::green;
use crate::areas::build::pipelines::{self, Of, StartedBy, worktree};
use crate::areas::devops::project::{self, Environment};
use crate::base::{Problem, State, Workspace, WorkspaceId, format};
use crate::msg;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const LEASE_TTL: Duration = Duration::from_secs(15);
/// How often the branch is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(2);

fn name(workspace: &WorkspaceId, environment: &str) -> String {
    format!("deploy/continuous/{workspace}/{environment}")
}

/// What is known of it, for who only looks.
pub async fn of(world: &World, workspace: &Workspace, environment: &Environment) -> Result<Option<Continuous>, Problem> {
    let Some(rules) = &environment.continuous else {
        return Ok(None);
    };
    let name = name(&workspace.id, &environment.name);
    let mut last: Option<Tried> = world.store().kv().get(&name).await?;
    let leases = world.store().leases().list().await?;
    let now = world.clock().now();
    let holder = leases
        .into_iter()
        .find(|lease| lease.name == name && lease.until > now && lease.holder.is_alive());
    // Who tried it was killed: the next one who follows tries it again.
    if let Some(last) = last
        .as_mut()
        .filter(|last| last.state == State::InProgress && holder.is_none())
    {
        last.state = State::Interrupted;
    }
    Ok(Some(Continuous {
        branch: rules.branch.clone(),
        is_followed: holder.is_some(),
        last,
    }))
}

/// Follows the branch until it is stopped; with `once` the commit that it is at now alone.
pub async fn follow(cx: &JobCtx, world: &World, workspace: &Workspace, environment: &str, once: bool) -> Result<(), Problem> {
    world.trust().check(workspace)?;
    let name = name(&workspace.id, environment);
    let Some(lease) = world.store().leases().hold(&name, LEASE_TTL).await? else {
        return Err(Problem::user(msg!("deploy-followed-already", environment = environment)).code("locked"));
    };
    // A machine that slept may find that another took it over: what is under way is ended whole, and nothing new is begun.
    let lost = CancellationToken::new();
    let kept = async {
        loop {
            tokio::time::sleep(LEASE_TTL / 3).await;
            if !lease.renew(LEASE_TTL).await.unwrap_or(true) {
                lost.cancel();
            }
        }
    };
    let result = tokio::select! {
        result = Box::pin(go_on(cx, world, workspace, (environment, &lost), once)) => result,
        () = kept => Ok(()),
    };
    lease.release().await.ok();
    result
}

async fn go_on(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    (environment, lost): (&str, &CancellationToken),
    once: bool,
) -> Result<(), Problem> {
    let mut told = None;
    loop {
        if lost.is_cancelled() {
            return Err(Problem::environment(msg!("deploy-followed-already", environment = environment)).code("locked"));
        }
        match Box::pin(look(cx, world, workspace, environment)).await {
            Ok(()) => told = None,
            Err(problem) if once || problem.is_cancelled() => return Err(problem),
            // What hinders it may go away: it is said once.
            Err(problem) => {
                if told.as_ref() != Some(&problem) {
                    cx.problem(problem.clone()).await;
                    told = Some(problem);
                }
            }
        }
        if once {
            return Ok(());
        }
        tokio::select! {
            () = cx.cancel_token().cancelled() => return Err(Problem::cancelled()),
            () = lost.cancelled() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// Looks where the branch is, and tries its commit if nobody did.
async fn look(cx: &JobCtx, world: &World, workspace: &Workspace, environment: &str) -> Result<(), Problem> {
    journal::sound(workspace)?;
    let (_, environment) = journal::environment(workspace, environment)?;
    let Some(rules) = &environment.continuous else {
        return Err(
            Problem::config(msg!("deploy-not-continuous", environment = &environment.name))
                .code("not-continuous")
                .hint(msg!("deploy-not-continuous-hint")),
        );
    };
    if environment.is_protected() {
        return Err(Problem::config(msg!("devops-continuous-protected", name = &environment.name)));
    }
    let oid = worktree::commit_of(cx, world, workspace, &format!("refs/heads/{}", rules.branch)).await?;
    let name = name(&workspace.id, &environment.name);
    let last: Option<Tried> = world.store().kv().get(&name).await?;
    let live = world.store().deployments().live(&workspace.id, &environment.name).await?;
    let is_live = live.as_ref().is_some_and(|live| live.commit.as_ref() == Some(&oid));
    if is_live
        || last
            .as_ref()
            .is_some_and(|last| last.commit == oid && last.state != State::InProgress)
    {
        return match last.filter(|last| last.commit == oid && !is_live) {
            Some(Tried {
                problem: Some(problem), ..
            }) => Err(problem),
            _ => Ok(()),
        };
    }
    let mut tried = Tried {
        commit: oid.clone(),
        state: State::InProgress,
        job: cx.id(),
        at: cx.now(),
        problem: None,
    };
    tell(cx, world, workspace, &environment, &name, &tried).await?;
    let result = Box::pin(attempt(cx, world, workspace, &environment, rules, &oid)).await;
    if result.as_ref().is_err_and(Problem::is_cancelled) {
        // It was not judged: the next one who follows tries it again.
        world.store().kv().remove(&name).await?;
        return result;
    }
    tried.at = cx.now();
    tried.state = result.as_ref().map_or_else(Problem::state, |()| State::Done);
    tried.problem = result.as_ref().err().cloned();
    tell(cx, world, workspace, &environment, &name, &tried).await?;
    result
}

/// Green or not, and if it is, deployed.
async fn attempt(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    environment: &Environment,
    rules: &project::Continuous,
    oid: &str,
) -> Result<(), Problem> {
    let title = msg!("deploy-follow-proves", commit = format::short_oid(oid));
    let job = cx
        .span(title, async |cx: JobCtx| {
            let checks = match &rules.pipeline {
                Some(name) => {
                    let of = Of::Commit {
                        revision: oid.to_owned(),
                    };
                    pipelines::run::run(&cx, world, workspace, name, of, StartedBy::Commit, false).await?;
                    None
                }
                None => Some(rules.checks.as_slice()),
            };
            green::prove(&cx, world, workspace, oid, checks).await
        })
        .await?;
    let title = msg!("deploy-job-run", environment = &environment.name);
    cx.span(title, async |cx: JobCtx| {
        let what = What::Build { job };
        Box::pin(acts::deploy(&cx, world, workspace, &environment.name, &what, None)).await
    })
    .await
}

async fn tell(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    environment: &Environment,
    name: &str,
    tried: &Tried,
) -> Result<(), Problem> {
    world.store().kv().set(name, tried).await?;
    cx.update(Update::Followed {
        workspace: workspace.id.clone(),
        environment: environment.name.clone(),
        tried: Box::new(tried.clone()),
    })
    .await;
    Ok(())
}
