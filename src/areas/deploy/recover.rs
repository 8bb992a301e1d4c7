//! What a program that died left half-way: found in the journal, finished when its gates hold, else taken back. Two versions never
//! run at once, and a lock whose holder is gone holds nobody up.

use super::inputs::Inputs;
use super::rollout::Rollout;
use super::rollout::data::NOT_BACK;
use super::{Kind, Recovered, RecoveredBy, acts, journal, rehearsal, strategies, targets};
use crate::adapters::World;
use crate::adapters::ssh::is_silence;
use crate::adapters::store::deployments::DeploymentRow;
use crate::adapters::store::holder;
use crate::adapters::store::instances::InstanceRow;
use crate::areas::JobCtx;
use crate::base::{Problem, State, Workspace, WorkspaceId};
use crate::msg;
use std::collections::BTreeSet;

/// Every environment of every workspace. One that somebody works on is left alone.
pub async fn all(cx: &JobCtx, world: &World) -> Result<Vec<Recovered>, Problem> {
    Box::pin(rehearsal::sweep(cx, world, None)).await?;
    let deployments = world.store().deployments();
    let mut places: BTreeSet<(WorkspaceId, String)> = deployments
        .interrupted(holder::is_running)
        .await?
        .into_iter()
        .map(|row| (row.workspace, row.environment))
        .collect();
    for lock in deployments.locks().await? {
        if !lock.holder.is_alive() {
            places.insert((lock.workspace, lock.environment));
        }
    }
    let mut found = Vec::new();
    let mut first = None;
    for (id, environment) in places {
        if rehearsal::is_clone(&id) {
            continue;
        }
        match one(cx, world, &id, &environment).await {
            Ok(done) => found.extend(done),
            Err(problem) if problem.code == "locked" => {}
            Err(problem) => {
                cx.problem(problem.clone()).await;
                first.get_or_insert(problem);
            }
        }
    }
    first.map_or(Ok(found), Err)
}

async fn one(cx: &JobCtx, world: &World, id: &WorkspaceId, environment: &str) -> Result<Option<Recovered>, Problem> {
    let rows = left_over(world, id, environment).await?;
    journal::lock(world, id, environment, None).await?;
    let result = match rows.last() {
        Some(row) => {
            let workspace = Workspace::at(&Inputs::of(row)?.root);
            // The folder may have moved since; what belongs together in the ledger is the id.
            let workspace = Workspace {
                id: id.clone(),
                ..workspace
            };
            self::environment(cx, world, &workspace, environment).await
        }
        None => Ok(None),
    };
    journal::unlock(world, id, environment).await?;
    result
}

/// Deployments that count as running, oldest first. Called under the lock: nobody works on them any more.
async fn left_over(world: &World, id: &WorkspaceId, environment: &str) -> Result<Vec<DeploymentRow>, Problem> {
    let mut rows = world.store().deployments().list(id, Some(environment), 50).await?;
    rows.retain(|row| {
        matches!(
            row.state,
            State::InProgress | State::Queued | State::Running | State::Interrupted
        )
    });
    rows.reverse();
    Ok(rows)
}

/// One environment whose lock we have. None when nothing was left half-way. Where the place does not answer, all stays as it is for
/// the next one who asks.
pub async fn environment(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    environment: &str,
) -> Result<Option<Recovered>, Problem> {
    let result = half_way(cx, world, workspace, environment).await;
    if let Err(problem) = &result
        && (is_silence(problem) || problem.code == NOT_BACK)
    {
        let deployments = world.store().deployments();
        for row in left_over(world, &workspace.id, environment).await? {
            deployments.change(row.id, |row| row.state = State::Interrupted).await?;
        }
    }
    result
}

async fn half_way(cx: &JobCtx, world: &World, workspace: &Workspace, environment: &str) -> Result<Option<Recovered>, Problem> {
    let rows = left_over(world, &workspace.id, environment).await?;
    let Some((newest, older)) = rows.split_last() else {
        return Ok(None);
    };
    cx.note(format!(
        "recover {environment}: deployment {} of {}",
        newest.id, newest.version
    ));
    let deployments = world.store().deployments();
    let mut was_touched = false;
    let mut rollouts = Vec::new();
    for row in &rows {
        let row = deployments.adopt(row.id).await?;
        let mut inputs = Inputs::of(&row)?;
        // Nobody who could decide is known to be there.
        inputs.guided = None;
        let who = row.who.clone();
        // Whoever recovers does not stop half-way again because the one who asked has gone.
        let rollout = Rollout::of_row(cx, world, workspace, row, inputs, None, who, false);
        was_touched |= rollout.was_touched().await?;
        rollouts.push(rollout);
    }
    journal::audit(world, &journal::who(world), "recover.begin", newest, serde_json::Value::Null).await?;
    let Some(rollout) = rollouts.last() else { return Ok(None) };
    let told = |did, runs| Recovered {
        workspace: workspace.id.clone(),
        environment: environment.to_owned(),
        deployment: newest.id,
        version: newest.version.clone(),
        did,
        runs,
    };
    let live = deployments.live(&workspace.id, environment).await?;
    let live = live.filter(|row| row.kind != Kind::Stop.word());
    let recovered = if !was_touched {
        for row in &rows {
            close(
                world,
                row,
                Problem::environment(msg!("deploy-interrupted-untouched")).code("interrupted"),
            )
            .await?;
        }
        told(RecoveredBy::Dropped, live.map(|row| row.version))
    } else if newest.kind == Kind::Stop.word() {
        acts::finish_stop(rollout).await?;
        told(RecoveredBy::Stopped, None)
    } else if resume(rollout).await? {
        told(RecoveredBy::Finished, Some(newest.version.clone()))
    } else {
        for rollout in &rollouts {
            rollout.clean_up().await?;
        }
        for rollout in rollouts.iter().rev() {
            rollout.put_back().await?;
        }
        rollout.set_touched();
        let back = rollout.bring_back(workspace).await?;
        let problem = match &back {
            Some(back) => Problem::environment(msg!("deploy-interrupted-returned", version = &back.version)),
            None => Problem::environment(msg!("deploy-interrupted-stopped")),
        };
        close(world, newest, problem.code("interrupted")).await?;
        let did = if back.is_some() {
            RecoveredBy::Returned
        } else {
            RecoveredBy::Stopped
        };
        told(did, back.map(|row| row.version))
    };
    for row in older {
        close(
            world,
            row,
            Problem::environment(msg!("deploy-interrupted")).code("interrupted"),
        )
        .await?;
    }
    // What its steps told as running has ended.
    for rollout in &rollouts {
        rollout.tell_end().await?;
    }
    let data = serde_json::json!({ "did": recovered.did, "runs": recovered.runs });
    journal::audit(world, &journal::who(world), "recover.done", newest, data).await?;
    Ok(Some(recovered))
}

/// Goes on from the gates when every instance of the newest deployment runs, and nothing else does. True when it is healthy.
async fn resume(rollout: &Rollout) -> Result<bool, Problem> {
    let world = &rollout.site.world;
    let written = world.store().instances().of_deployment(rollout.row().id).await?;
    let unwritten = targets::of(&rollout.site.inputs).unwritten(&rollout.site, &written).await?;
    let mut alive = Vec::new();
    for instance in written.into_iter().chain(unwritten) {
        if targets::is_alive(world, &instance).await {
            alive.push(instance);
        }
    }
    if alive.is_empty() || alive.len() != rollout.site.inputs.n_instances() as usize {
        return Ok(false);
    }
    let others: Vec<InstanceRow> = rollout
        .running()
        .await?
        .into_iter()
        .filter(|instance| instance.deployment != Some(rollout.row().id))
        .collect();
    let strategy = &rollout.site.inputs.strategy;
    let steps = world.store().deployments().steps(rollout.row().id).await?;
    if !strategies::of(strategy, targets::of(&rollout.site.inputs).replaces()).may_resume(&steps) {
        return Ok(false);
    }
    let finished = async {
        if !strategy.is_beside() {
            rollout.end_all(&others, targets::REPLACED).await?;
        }
        rollout.gate(&alive).await?;
        rollout.open_front_again().await?;
        rollout.switch(&alive, &others).await?;
        rollout.retire(&others).await?;
        rollout.verify(&alive).await?;
        rollout.close_left_front().await
    };
    if finished.await.is_err() {
        return Ok(false);
    }
    rollout.finish().await?;
    Ok(true)
}

async fn close(world: &World, row: &DeploymentRow, problem: Problem) -> Result<(), Problem> {
    let deployments = world.store().deployments();
    let still_open = deployments.get(row.id).await?.is_some_and(|row| row.ended_at.is_none());
    if still_open {
        let row = deployments.end(row.id, State::Failed, Some(problem)).await?;
        let act = format!("{}.failed", row.kind);
        journal::audit(
            world,
            &journal::who(world),
            &act,
            &row,
            serde_json::json!({ "code": "interrupted" }),
        )
        .await?;
    }
    Ok(())
}
