//! Start, stop and restart, each looked at afterwards: what was asked for is true, or it failed.

use super::{Instance, InstanceKind, Update, far, find, units};
use crate::adapters::World;
use crate::adapters::docker::{ContainerAct, Ending};
use crate::adapters::store::deployments::DeploymentRow;
use crate::adapters::store::instances::InstanceRow;
use crate::adapters::systemd::{Manager, UnitAct};
use crate::areas::JobCtx;
use crate::areas::deploy::targets::{self, Site};
use crate::areas::deploy::{inputs, journal, rollout};
use crate::base::{Msg, Problem, State};
use crate::msg;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long what was killed may take to be gone.
const HARD_WAIT: Duration = Duration::from_secs(5);
/// After a start, before it is looked at.
const SETTLE: Duration = Duration::from_millis(200);

/// Longer than anything that is done to an instance takes; whoever died holds nothing.
const ACT_TTL: Duration = Duration::from_hours(2);

/// Does something to an instance while no other program does.
pub async fn alone<T>(world: &World, instance: &Instance, act: impl Future<Output = Result<T, Problem>>) -> Result<T, Problem> {
    let of = instance.workspace.as_ref().map_or("", |workspace| workspace.0.as_str());
    // A restart gives it another number, and its name stays.
    let name = format!("operate/{}/{of}/{}", instance.machine, instance.name);
    let lease = match world.store().leases().hold(&name, ACT_TTL).await {
        Ok(None) => {
            let held = Problem::user(msg!("operate-is-handled", name = instance.name.as_str())).code("busy");
            return Err(held.hint(msg!("operate-is-handled-hint")));
        }
        Ok(Some(lease)) => lease,
        // What runs can be stopped also where nothing can be written.
        Err(_) => return act.await,
    };
    let acted = act.await;
    lease.release().await.ok();
    acted
}

/// What is done to one task of a service is undone by Swarm at once: the service is what is acted on.
fn not_of_service(instance: &Instance) -> Result<(), Problem> {
    let Some(service) = &instance.service else { return Ok(()) };
    let problem = Problem::user(msg!("operate-of-service", name = instance.name.as_str())).code("of-service");
    Err(problem.hint(msg!("operate-of-service-elsewhere", service = service.as_str())))
}

/// Stops an instance with everything it started. `wanted` is the time that it gets to end; without it the time that it was made with.
pub async fn stop(cx: &JobCtx, world: &World, instance: &Instance, wanted: Option<Duration>) -> Result<Instance, Problem> {
    let grace = wanted.unwrap_or(Duration::from_secs(world.settings().general.stop_grace_secs));
    let asked = |secs: u64| msg!("operate-told-term", signal = "TERM", secs = secs);
    if far::of_id(&instance.id).is_some() {
        return far::act(world, instance, "stop", cx.cancel_token()).await;
    }
    not_of_service(instance)?;
    match instance.kind {
        InstanceKind::Deployed => {
            let row = row_of(world, instance).await?;
            if row.kind == targets::swarm::KIND {
                let problem = Problem::user(msg!("operate-of-service", name = instance.name.as_str()));
                return Err(problem.hint(msg!("operate-of-service-hint")));
            }
            let grace = match row.deployment.filter(|_| wanted.is_none()) {
                Some(deployment) => grace_of(world, deployment).await.unwrap_or(grace),
                None => grace,
            };
            tell(cx, instance, asked(grace.as_secs())).await;
            let ended = targets::stop(world, &row, grace, "stopped").await?;
            if ended.signal == Some(9) {
                tell(cx, instance, msg!("operate-told-killed")).await;
            }
        }
        InstanceKind::Process => {
            let (Some(pid), Some(start)) = (instance.pid, instance.pid_start) else {
                return Err(gone(instance));
            };
            tell(cx, instance, asked(grace.as_secs())).await;
            let mut is_gone = world.processes().end_foreign(pid, start, false, grace).await;
            if !is_gone {
                tell(cx, instance, msg!("operate-told-kill")).await;
                is_gone = world.processes().end_foreign(pid, start, true, HARD_WAIT).await;
            }
            if !is_gone {
                return Err(not_stopped(instance));
            }
        }
        InstanceKind::Container => {
            let id = instance.container.as_deref().ok_or_else(|| gone(instance))?;
            // What stands still can not end by itself.
            if instance.is_paused() {
                pausing(world, id, &ContainerAct::Unpause).await?;
            }
            let ending = ask_to_end(cx, world, instance, id, wanted).await?;
            let stopped = world.docker().stop(id, ending.grace).await;
            stopped.map_err(|fault| fault.problem())?;
            let seen = world.docker().container(id).await.ok().flatten();
            if seen.is_some_and(|seen| seen.exit_code == Some(137)) {
                tell(cx, instance, msg!("operate-told-killed")).await;
            }
        }
        InstanceKind::Unit => {
            tell(cx, instance, msg!("operate-told-manager")).await;
            unit_act(world, instance, UnitAct::Stop).await?;
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
pub async fn start(world: &World, instance: &Instance, cancel: &CancellationToken) -> Result<Instance, Problem> {
    if let Some(id) = instance.container.as_ref().filter(|_| instance.is_paused()) {
        pausing(world, id, &ContainerAct::Unpause).await?;
        return settled(world, instance).await;
    }
    if instance.is_running() {
        return Err(Problem::user(msg!("operate-runs-already", name = instance.name.as_str())));
    }
    if far::of_id(&instance.id).is_some() {
        return far::act(world, instance, "start", cancel).await;
    }
    if instance.kind == InstanceKind::Unit {
        unit_act(world, instance, UnitAct::Start).await?;
        return settled(world, instance).await;
    }
    if let Some(id) = instance
        .container
        .as_ref()
        .filter(|_| instance.kind == InstanceKind::Container)
    {
        let started = world.docker().start(id).await;
        started.map_err(|fault| fault.problem())?;
        return settled(world, instance).await;
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
    let started = started?;
    let mut sampler = crate::adapters::sampler::Sampler::default();
    let seen = find::of_row(world, started.clone(), &instance.machine, &mut sampler).await?;
    if seen.is_running() {
        // It runs; whether it serves is for its gates to say.
        let (inputs, folder) = (inputs::Inputs::of(&deployment)?, inputs::folder(world, &deployment));
        rollout::started::hold(world, &inputs, &folder, &started, cancel).await?;
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

async fn start_locked(world: &World, row: &InstanceRow, deployment: &DeploymentRow) -> Result<InstanceRow, Problem> {
    let (site, n) = site_of(world, row, deployment)?;
    let target = targets::of(&site.inputs);
    can_start(&site).await?;
    target.settle(&site, &[n]).await?;
    let started = target.start(&site, n).await?;
    // A program that can not run ends within moments; one that serves is looked at by its checks.
    tokio::time::sleep(SETTLE).await;
    Ok(started)
}

/// What the target needs to know of an instance that was deployed: its number comes beside.
fn site_of(world: &World, row: &InstanceRow, deployment: &DeploymentRow) -> Result<(Site, u32), Problem> {
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
    Ok((site, n))
}

/// What is there for an instance is not what was deployed, as its target finds.
pub(super) async fn not_whole(world: &World, instance: &Instance, deployment: &DeploymentRow) -> Option<Problem> {
    let row = row_of(world, instance).await.ok()?;
    let (site, _) = site_of(world, &row, deployment).ok()?;
    targets::of(&site.inputs).is_whole(&site).await.err()
}

async fn can_start(site: &Site) -> Result<(), Problem> {
    rollout::started::check(&site.world, &site.inputs, &site.folder).await?;
    targets::of(&site.inputs).is_whole(site).await
}

/// A container stands still, with everything that it holds, until it is started or stopped.
pub async fn pause(world: &World, instance: &Instance) -> Result<Instance, Problem> {
    let Some(id) = instance.container.as_ref().filter(|_| far::of_id(&instance.id).is_none()) else {
        let problem = Problem::user(msg!("operate-not-pausable", name = instance.name.as_str())).code("not-pausable");
        return Err(problem.hint(msg!("operate-not-pausable-hint")));
    };
    not_of_service(instance)?;
    pausing(world, id, &ContainerAct::Pause).await?;
    find::again(world, instance).await
}

async fn pausing(world: &World, id: &str, act: &ContainerAct) -> Result<(), Problem> {
    let done = world.docker().act(id, act, Duration::ZERO).await;
    done.map_err(|fault| fault.problem())
}

/// Stop, then start as it was deployed.
pub async fn restart(cx: &JobCtx, world: &World, instance: &Instance, wanted: Option<Duration>) -> Result<Instance, Problem> {
    if far::of_id(&instance.id).is_some() {
        return far::act(world, instance, "restart", cx.cancel_token()).await;
    }
    not_of_service(instance)?;
    if instance.kind == InstanceKind::Unit {
        tell(cx, instance, msg!("operate-told-manager")).await;
        unit_act(world, instance, UnitAct::Restart).await?;
        return settled(world, instance).await;
    }
    if let Some(id) = instance
        .container
        .as_ref()
        .filter(|_| instance.kind == InstanceKind::Container)
    {
        if instance.is_paused() {
            pausing(world, id, &ContainerAct::Unpause).await?;
        }
        let ending = ask_to_end(cx, world, instance, id, wanted).await?;
        let restarted = world.docker().restart(id, ending.grace).await;
        restarted.map_err(|fault| fault.problem())?;
        return settled(world, instance).await;
    }
    if instance.kind != InstanceKind::Deployed {
        let problem = Problem::user(msg!("operate-not-ours", name = instance.name.as_str()));
        return Err(problem.hint(msg!("operate-not-ours-hint")));
    }
    let stopped = if instance.is_running() {
        // What could not be started again is not stopped.
        let row = row_of(world, instance).await?;
        if let Some(id) = row.deployment
            && let Some(deployment) = world.store().deployments().get(id).await?
        {
            can_start(&site_of(world, &row, &deployment)?.0).await?;
        }
        stop(cx, world, instance, wanted).await?
    } else {
        instance.clone()
    };
    start(
        world,
        &Instance {
            state: State::None,
            ..stopped
        },
        cx.cancel_token(),
    )
    .await
}

/// How a container will be asked to end, told before it is.
async fn ask_to_end(
    cx: &JobCtx,
    world: &World,
    instance: &Instance,
    id: &str,
    wanted: Option<Duration>,
) -> Result<Ending, Problem> {
    let least = Duration::from_secs(world.settings().general.stop_grace_secs);
    let ending = world.docker().ending(id, least).await.map_err(|fault| fault.problem())?;
    let ending = Ending {
        grace: wanted.unwrap_or(ending.grace),
        ..ending
    };
    if instance.is_running() {
        let asked = msg!(
            "operate-told-term",
            signal = ending.signal.as_str(),
            secs = ending.grace.as_secs()
        );
        tell(cx, instance, asked).await;
    }
    Ok(ending)
}

/// Looked at after a start: one that can not run ends within moments.
async fn settled(world: &World, instance: &Instance) -> Result<Instance, Problem> {
    tokio::time::sleep(SETTLE).await;
    let seen = find::again(world, instance).await?;
    // A unit that does something once has done it.
    if seen.is_running() || seen.state == State::Done {
        return Ok(seen);
    }
    let problem = Problem::environment(msg!("operate-not-started", name = seen.name.as_str()));
    Err(match seen.why {
        Some(why) => problem.details(&seen.note).hint(why),
        None => problem.details(&seen.note),
    })
}

/// Told as it goes.
async fn tell(cx: &JobCtx, instance: &Instance, what: Msg) {
    cx.update(Update::Told {
        name: instance.name.clone(),
        what,
    })
    .await;
}

async fn unit_act(world: &World, instance: &Instance, act: UnitAct) -> Result<(), Problem> {
    let (manager, name) = units::of_id(&instance.id).ok_or_else(|| gone(instance))?;
    // As long as a unit may take to end, by the manager's own rule.
    let done = world.systemd().act(manager, name, act, Duration::from_secs(90)).await;
    done.map_err(|problem| {
        if manager == Manager::System {
            problem.hint(msg!("operate-unit-rights-hint", name = name))
        } else {
            problem
        }
    })
}

/// Takes away what has ended: a container; of what was deployed and of units the files are not ours to remove.
pub async fn remove(cx: &JobCtx, world: &World, instance: &Instance) -> Result<(), Problem> {
    let (Some(id), InstanceKind::Container) = (&instance.container, instance.kind) else {
        let problem = Problem::user(msg!("operate-not-removable", name = instance.name.as_str())).code("not-removable");
        return Err(problem.hint(msg!("operate-not-removable-hint")));
    };
    if instance.is_running() {
        stop(cx, world, instance, None).await?;
    }
    let removed = world
        .docker()
        .act(id, &ContainerAct::Remove { force: false }, Duration::ZERO)
        .await;
    removed.map_err(|fault| fault.problem())?;
    match world.docker().container(id).await {
        Ok(None) => Ok(()),
        Ok(Some(_)) => Err(Problem::environment(msg!(
            "operate-not-removed",
            name = instance.name.as_str()
        ))),
        Err(fault) => Err(fault.problem()),
    }
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

pub(super) fn gone(instance: &Instance) -> Problem {
    Problem::user(msg!("operate-gone", name = instance.name.as_str())).code("not-found")
}

pub(super) fn not_stopped(instance: &Instance) -> Problem {
    Problem::environment(msg!("operate-not-stopped", name = instance.name.as_str())).hint(msg!("operate-not-stopped-hint"))
}
