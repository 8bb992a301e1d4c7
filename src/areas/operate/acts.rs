//! Start, stop and restart, each looked at afterwards: what was asked for is true, or it failed.

use super::{Instance, InstanceKind, find};
use crate::adapters::World;
use crate::adapters::process::Stopped;
use crate::adapters::store::instances::InstanceRow;
use crate::areas::deploy::targets::{self, Site};
use crate::areas::deploy::{inputs, journal, settings};
use crate::base::{Problem, State};
use crate::msg;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// After a start, before it is looked at.
const SETTLE: Duration = Duration::from_millis(200);

/// Stops an instance with everything it started.
pub async fn stop(world: &World, instance: &Instance) -> Result<Instance, Problem> {
    let grace = Duration::from_secs(world.settings().general.stop_grace_secs);
    match instance.kind {
        InstanceKind::Deployed => {
            let row = row_of(world, instance).await?;
            let grace = match row.deployment {
                Some(deployment) => grace_of(world, deployment).await.unwrap_or(grace),
                None => grace,
            };
            targets::stop(world, &row, grace, "stopped").await?;
        }
        InstanceKind::Process => {
            let (Some(pid), Some(start)) = (instance.pid, instance.pid_start) else {
                return Err(gone(instance));
            };
            let outcome = world.processes().stop_foreign(pid, start, grace).await;
            if outcome == Stopped::Failed {
                return Err(not_stopped(instance));
            }
        }
        InstanceKind::Container => {
            let id = instance.container.as_deref().ok_or_else(|| gone(instance))?;
            let stopped = world.docker().stop(id, grace).await;
            stopped.map_err(|fault| fault.problem())?;
        }
    }
    let seen = find::again(world, instance).await?;
    if seen.is_running() {
        Err(not_stopped(&seen))
    } else {
        Ok(seen)
    }
}

/// Starts what has ended, from the files and settings of its deployment. Gives the new instance.
pub async fn start(world: &World, instance: &Instance) -> Result<Instance, Problem> {
    if instance.is_running() {
        return Err(Problem::user(msg!("operate-runs-already", name = instance.name.as_str())));
    }
    if let Some(id) = instance
        .container
        .as_ref()
        .filter(|_| instance.kind == InstanceKind::Container)
    {
        let started = world.docker().start(id).await;
        started.map_err(|fault| fault.problem())?;
        // One that can not run ends within moments.
        tokio::time::sleep(SETTLE).await;
        return container_runs(world, instance).await;
    }
    let row = row_of(world, instance).await?;
    let deployment = row.deployment.ok_or_else(|| gone(instance))?;
    let deployment = world
        .store()
        .deployments()
        .get(deployment)
        .await?
        .ok_or_else(|| gone(instance))?;
    journal::lock(world, &deployment.workspace, &deployment.environment, Some(deployment.id)).await?;
    let started = start_locked(world, &row, &deployment).await;
    journal::unlock(world, &deployment.workspace, &deployment.environment).await?;
    let mut sampler = crate::adapters::sampler::Sampler::default();
    let seen = find::of_row(world, started?, &instance.machine, &mut sampler).await?;
    if seen.is_running() {
        Ok(seen)
    } else {
        let row = world.store().instances().get(seen.id.parse().unwrap_or(0)).await?;
        let words = match row {
            Some(row) => Some(targets::last_words(world, &row, 10).await),
            None => None,
        };
        let problem = Problem::environment(msg!("operate-not-started", name = seen.name.as_str()));
        Err(problem.details(words.unwrap_or_default().join("\n")))
    }
}

async fn start_locked(
    world: &World,
    row: &InstanceRow,
    deployment: &crate::adapters::store::deployments::DeploymentRow,
) -> Result<InstanceRow, Problem> {
    let inputs = inputs::Inputs::of(deployment)?;
    let n = row
        .name
        .rsplit(['-', '#', ' '])
        .next()
        .and_then(|n| n.parse().ok())
        .unwrap_or(1);
    let site = Site {
        world: world.clone(),
        workspace: deployment.workspace.clone(),
        workspace_name: row
            .name
            .strip_suffix(&format!("-{}-{n}", deployment.environment))
            .unwrap_or(&row.name)
            .to_owned(),
        deployment: deployment.id,
        folder: inputs::folder(world, deployment),
        inputs,
        stop: CancellationToken::new(),
    };
    let target = targets::of(&site.inputs);
    settings::resolve(world, &site.inputs).await?;
    target.settle(&site, &[n]).await?;
    let started = target.start(&site, n).await?;
    // A program that can not run ends within moments; one that serves is looked at by its checks.
    tokio::time::sleep(SETTLE).await;
    Ok(started)
}

/// Stop, then start as it was deployed.
pub async fn restart(world: &World, instance: &Instance) -> Result<Instance, Problem> {
    if let Some(id) = instance
        .container
        .as_ref()
        .filter(|_| instance.kind == InstanceKind::Container)
    {
        let grace = Duration::from_secs(world.settings().general.stop_grace_secs);
        let restarted = world.docker().restart(id, grace).await;
        restarted.map_err(|fault| fault.problem())?;
        tokio::time::sleep(SETTLE).await;
        return container_runs(world, instance).await;
    }
    if instance.kind != InstanceKind::Deployed {
        let problem = Problem::user(msg!("operate-not-ours", name = instance.name.as_str()));
        return Err(problem.hint(msg!("operate-not-ours-hint")));
    }
    let stopped = if instance.is_running() {
        stop(world, instance).await?
    } else {
        instance.clone()
    };
    start(
        world,
        &Instance {
            state: State::None,
            ..stopped
        },
    )
    .await
}

/// Looked at after a start.
async fn container_runs(world: &World, instance: &Instance) -> Result<Instance, Problem> {
    let seen = find::again(world, instance).await?;
    if seen.is_running() {
        return Ok(seen);
    }
    let problem = Problem::environment(msg!("operate-not-started", name = seen.name.as_str()));
    Err(problem.details(&seen.note))
}

async fn row_of(world: &World, instance: &Instance) -> Result<InstanceRow, Problem> {
    let id = instance.id.parse().map_err(|_| {
        Problem::user(msg!("operate-not-ours", name = instance.name.as_str())).hint(msg!("operate-not-ours-hint"))
    })?;
    world.store().instances().get(id).await?.ok_or_else(|| gone(instance))
}

async fn grace_of(world: &World, deployment: i64) -> Option<Duration> {
    let row = world.store().deployments().get(deployment).await.ok()??;
    Some(inputs::Inputs::of(&row).ok()?.target.stop_grace())
}

fn gone(instance: &Instance) -> Problem {
    Problem::user(msg!("operate-gone", name = instance.name.as_str())).code("not-found")
}

fn not_stopped(instance: &Instance) -> Problem {
    Problem::environment(msg!("operate-not-stopped", name = instance.name.as_str())).hint(msg!("operate-not-stopped-hint"))
}
