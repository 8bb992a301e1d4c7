//! What somebody wishes of a deployment that runs, here or in another program: it stands in the journal, where the rollout reads it.

use super::guide::{Asks, Decision};
use super::inputs::{self, Inputs};
use super::{Kind, StepName, Waits, journal};
use crate::adapters::World;
use crate::adapters::store::deployments::{DeploymentRow, StepRow};
use crate::areas::JobCtx;
use crate::base::{Problem, State, Workspace};
use crate::msg;
use serde_json::json;
use std::time::Duration;

/// The canary of an environment goes on.
pub async fn promote(
    world: &World,
    workspace: &Workspace,
    environment: &str,
    is_full: bool,
    confirmed: Option<&str>,
) -> Result<(), Problem> {
    world.trust().check(workspace)?;
    let (_, known) = journal::environment(workspace, environment)?;
    if let Err(problem) = journal::confirm(&known, confirmed) {
        journal::audit_refused(world, workspace, environment, &problem).await?;
        return Err(problem);
    }
    let waiting = match running(world, workspace, environment).await? {
        Some(row) => waits(world, &row).await?.map(|waits| (row, waits)),
        None => None,
    };
    let Some((row, waits)) = waiting else {
        return Err(Problem::user(msg!("deploy-nothing-waits", environment = environment))
            .code("nothing-waits")
            .hint(msg!("deploy-nothing-waits-hint")));
    };
    still_good(world, &row).await?;
    let data = json!({ "percent": waits.percent, "full": is_full });
    wish(world, &row, StepName::Promote, data).await
}

/// A deployment whose step failed goes on as somebody decided.
pub async fn decide(
    world: &World,
    workspace: &Workspace,
    environment: &str,
    decision: &Decision,
    confirmed: Option<&str>,
) -> Result<(), Problem> {
    world.trust().check(workspace)?;
    let (_, known) = journal::environment(workspace, environment)?;
    let asking = match running(world, workspace, environment).await? {
        Some(row) => asks(world, &row).await?.map(|asks| (row, asks)),
        None => None,
    };
    let Some((row, asks)) = asking else {
        return Err(Problem::user(msg!("deploy-nothing-asks", environment = environment))
            .code("nothing-asks")
            .hint(msg!("deploy-nothing-asks-hint")));
    };
    if let Decision::Ignore { reason } = decision {
        if !asks.may_ignore {
            return Err(Problem::user(msg!("deploy-ignore-needs-all", environment = environment)).code("may-not-ignore"));
        }
        if reason.trim().is_empty() {
            return Err(Problem::user(msg!("deploy-ignore-needs-reason"))
                .code("needs-reason")
                .hint(msg!("deploy-ignore-needs-reason-hint", environment = environment)));
        }
        if let Err(problem) = journal::confirm(&known, confirmed) {
            journal::audit_refused(world, workspace, environment, &problem).await?;
            return Err(problem);
        }
    }
    wish(world, &row, StepName::Decide, json!({ "decision": decision })).await
}

/// What a deployment that runs asks somebody to decide.
pub async fn asks(world: &World, row: &DeploymentRow) -> Result<Option<Asks>, Problem> {
    let steps = world.store().deployments().steps(row.id).await?;
    let open = steps
        .iter()
        .rev()
        .find(|step| step.name == StepName::Ask.word() && step.ended_at.is_none());
    Ok(open.and_then(|step| serde_json::from_value(step.intent["asks"].clone()).ok()))
}

/// Whatever is being deployed there is given up; back when it has ended.
pub async fn abort(cx: &JobCtx, world: &World, workspace: &Workspace, environment: &str) -> Result<(), Problem> {
    world.trust().check(workspace)?;
    let Some(row) = running(world, workspace, environment).await? else {
        return Err(Problem::user(msg!("deploy-nothing-to-abort", environment = environment)).code("nothing-to-abort"));
    };
    wish(world, &row, StepName::Abort, json!({})).await?;
    loop {
        cx.check()?;
        let now = world.store().deployments().get(row.id).await?;
        let is_over = now.is_none_or(|row| row.ended_at.is_some() || !row.holder.is_alive());
        if is_over {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// The deployment that somebody works on there now.
async fn running(world: &World, workspace: &Workspace, environment: &str) -> Result<Option<DeploymentRow>, Problem> {
    let rows = world.store().deployments().list(&workspace.id, Some(environment), 20).await?;
    Ok(rows
        .into_iter()
        .rfind(|row| row.ended_at.is_none() && row.holder.is_alive() && row.kind != Kind::Stop.word()))
}

async fn wish(world: &World, row: &DeploymentRow, name: StepName, mut data: serde_json::Value) -> Result<(), Problem> {
    let who = journal::who(world);
    let act = format!("deploy.{}", name.word());
    journal::audit(world, &who, &act, row, data.clone()).await?;
    data["who"] = who.into();
    let deployments = world.store().deployments();
    let n = deployments.intent(row.id, name.word(), data).await?;
    deployments.result(row.id, n, State::Done, serde_json::Value::Null).await
}

/// Its version was not withdrawn since it was begun.
pub async fn still_good(world: &World, row: &DeploymentRow) -> Result<(), Problem> {
    match Inputs::of(row)?.release {
        Some(release) => match world.store().releases().get(release).await? {
            Some(release) => inputs::not_withdrawn(&release),
            None => Ok(()),
        },
        None => Ok(()),
    }
}

/// The canary that is watched in a deployment that runs.
pub async fn waits(world: &World, row: &DeploymentRow) -> Result<Option<Waits>, Problem> {
    let steps = world.store().deployments().steps(row.id).await?;
    let is_open = |step: &&StepRow| step.name == StepName::Pause.word() && step.ended_at.is_none();
    let pause = steps.iter().rev().find(is_open);
    Ok(pause.map(|step| Waits {
        deployment: row.id,
        version: row.version.clone(),
        percent: step.intent["percent"].as_u64().unwrap_or(0) as u32,
        until: step.intent["secs"]
            .as_f64()
            .map(|secs| step.started_at + Duration::from_secs_f64(secs)),
        is_judged: step.intent["judged"].as_bool().unwrap_or(false),
    }))
}
