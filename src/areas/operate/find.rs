//! Finds instances by rule and adopts them without owning them: what was deployed, what listens on a port inside a workspace,
//! containers.

use super::containers::{self, Containers};
use super::far::Far;
use super::units::{self, Units};
use super::{Instance, InstanceKind, Rates, named};
use crate::adapters::World;
use crate::adapters::ports::Listeners;
use crate::adapters::process::{Detached, is_suspended, signal_name};
use crate::adapters::rates::{self, RateMemory};
use crate::adapters::sampler::Sampler;
use crate::adapters::store::holder;
use crate::adapters::store::instances::{InstanceEnd, InstanceRow};
use crate::areas::deploy::inputs::Inputs;
use crate::areas::deploy::{Kind, rollout, targets};
use crate::base::{Msg, Problem, State, Timestamp, Workspace};
use crate::msg;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// What one look leaves for the next.
#[derive(Default)]
pub struct Memory {
    pub sampler: Sampler,
    pub containers: Containers,
    pub listeners: Listeners,
    pub units: Units,
    pub rates: RateMemory,
    pub far: Far,
    /// The last look found nothing, and that was told.
    pub told_nothing: bool,
}

/// Whose instances are looked for.
pub struct Scope<'a> {
    pub workspaces: &'a [Workspace],
    /// Containers of no workspace too.
    pub is_all: bool,
    /// How long the container engine is waited for; afterwards its containers stay as they were.
    pub patience: Duration,
}

/// Ended instances that are still shown: those of the deployment that is live.
pub async fn look(world: &World, scope: &Scope<'_>, memory: &mut Memory) -> Result<(Vec<Instance>, Vec<Problem>), Problem> {
    let workspaces = scope.workspaces;
    let Memory {
        sampler,
        containers,
        listeners,
        units,
        rates,
        far,
        told_nothing: _,
    } = memory;
    sampler.begin();
    rates.begin();
    containers.ask(world.docker());
    units.ask(world, scope);
    if scope.is_all {
        far.ask(world);
    }
    let machine = world.host().name();
    let mut problems = Vec::new();
    let mut found = Vec::new();
    let mut known_pids = BTreeSet::new();
    for workspace in workspaces {
        for row in deployed(world, workspace).await? {
            let pid = row.pid.filter(|_| row.ended_at.is_none());
            found.push(of_row(world, row, &machine, sampler).await?);
            known_pids.extend(pid.into_iter().flat_map(|pid| sampler.members(pid)));
        }
    }
    let mut asked = std::mem::take(listeners);
    let listening = tokio::task::spawn_blocking(move || {
        let found = asked.look();
        (asked, found)
    });
    let listening = match listening.await {
        Ok((asked, found)) => {
            *listeners = asked;
            found
        }
        Err(error) => Err(error.to_string()),
    };
    match listening {
        Ok(listening) => {
            for process in listening {
                if known_pids.contains(&process.pid) || process.pid == std::process::id() {
                    continue;
                }
                let holder_of = |path: &Option<std::path::PathBuf>| {
                    let path = path.as_ref()?;
                    workspaces
                        .iter()
                        .filter(|workspace| path.starts_with(&workspace.root))
                        .max_by_key(|workspace| workspace.root.as_os_str().len())
                };
                let Some(workspace) = holder_of(&process.cwd).or_else(|| holder_of(&process.program)) else {
                    continue;
                };
                let Some(start) = holder::start_of(process.pid) else {
                    continue;
                };
                let sample = sampler.sample(process.pid, start);
                found.push(Instance {
                    id: format!("process:{}:{start}", process.pid),
                    name: named::name_of(&process.name, &process.argv),
                    kind: InstanceKind::Process,
                    workspace: Some(workspace.id.clone()),
                    machine: machine.clone(),
                    state: State::Running,
                    pid: Some(process.pid),
                    pid_start: Some(start),
                    ports: process.ports,
                    cpu_percent: sample.and_then(|sample| sample.cpu_percent),
                    memory_bytes: sample.map(|sample| sample.memory_bytes),
                    n_processes: sample.map_or(0, |sample| sample.n_processes),
                    started_at: world.host().started_at(start),
                    log_path: process.output,
                    ..Instance::default()
                });
            }
        }
        Err(why) => problems.push(Problem::environment(msg!("operate-no-ports")).details(why)),
    }
    containers.wait(scope.patience).await;
    let now = world.clock().now();
    for one in &mut found {
        containers.add_to(one, now);
    }
    // A container that was deployed is that instance already.
    let deployed: BTreeSet<String> = found.iter().filter_map(|instance| instance.container.clone()).collect();
    let others = containers.instances(scope, &machine, now).into_iter();
    found.extend(others.filter(|one| one.container.as_ref().is_none_or(|id| !deployed.contains(id))));
    problems.extend(containers.problem().cloned());
    units.wait(scope.patience).await;
    for unit in units.instances(scope, &machine) {
        // The process that listens is the unit's: one instance, with the port.
        let same = |one: &Instance| one.kind == InstanceKind::Process && unit.pid.is_some() && one.pid == unit.pid;
        let ports = found.iter().find(|one| same(one)).map(|one| one.ports.clone());
        found.retain(|one| !same(one));
        found.push(Instance {
            ports: ports.unwrap_or_default(),
            ..unit
        });
    }
    problems.extend(units.problem().cloned());
    if scope.is_all {
        far.wait(scope.patience).await;
        found.extend(far.instances());
        problems.extend(far.problems().iter().cloned());
    }
    for instance in &mut found {
        let is_here = instance.machine == machine && instance.state == State::Running;
        if is_here && instance.pid.is_some_and(is_suspended) {
            instance.state = State::Degraded;
            instance.why = Some(msg!("operate-why-suspended"));
        }
        rate(instance, sampler, rates);
    }
    Ok((found, problems))
}

/// Disk and network since the last look. What units use is counted by their manager.
fn rate(instance: &mut Instance, sampler: &Sampler, memory: &mut RateMemory) {
    let Some(pid) = instance
        .pid
        .filter(|_| instance.is_running() && instance.kind != InstanceKind::Unit)
    else {
        return;
    };
    let counted = match &instance.container {
        Some(container) => rates::of_container(pid, container),
        None => {
            let members: Vec<u32> = sampler.members(pid).collect();
            rates::of_processes(&members)
        }
    };
    let told = memory.take_in(&instance.id, counted);
    instance.rates = Rates {
        read: told.read,
        write: told.written,
        receive: told.received,
        send: told.sent,
    };
}

/// The instances that should run: those that do, and those of the live deployment that have ended.
async fn deployed(world: &World, workspace: &Workspace) -> Result<Vec<InstanceRow>, Problem> {
    let store = world.store();
    let known = store.instances().history(&workspace.id, None, 200).await?;
    let places: BTreeSet<String> = known.into_iter().filter_map(|row| row.environment).collect();
    for place in places {
        let live = store.deployments().live(&workspace.id, &place).await?;
        if let Some(live) = live.filter(|row| row.kind != Kind::Stop.word()) {
            targets::revive(world, &live).await?;
        }
    }
    let mut rows = store.instances().running(Some(&workspace.id)).await?;
    let history = store.instances().history(&workspace.id, None, 200).await?;
    // How many instances of each live deployment shall run: those beyond were taken back by a change of their number.
    let mut live = BTreeMap::new();
    for environment in history
        .iter()
        .filter_map(|row| row.environment.clone())
        .collect::<BTreeSet<_>>()
    {
        if let Some(row) = store.deployments().live(&workspace.id, &environment).await? {
            live.insert(row.id, Inputs::of(&row).map_or(u32::MAX, |inputs| inputs.n_instances()));
        }
    }
    for row in history {
        let wanted = row.deployment.and_then(|deployment| live.get(&deployment));
        let is_live = wanted.is_some_and(|n| row.ended_at.is_none() || rollout::number_of(&row) <= *n);
        let is_there = rows
            .iter()
            .any(|known| known.deployment == row.deployment && known.name == row.name);
        if is_live && row.ended_at.is_some() && !is_there {
            rows.push(row);
        }
    }
    Ok(rows)
}

/// One instance of the ledger as it is now. One that ended by itself is written down as crashed.
pub async fn of_row(world: &World, mut row: InstanceRow, machine: &str, sampler: &mut Sampler) -> Result<Instance, Problem> {
    let seen = match row.ended_at {
        None => targets::of_instance(&row).state(world, &row).await,
        Some(_) => State::Failed,
    };
    let is_alive = seen == State::Running;
    if row.ended_at.is_none() && seen == State::Failed {
        // Known where this very program started it.
        let handle = serde_json::from_value::<Detached>(row.handle.clone()).ok();
        let seen = handle.and_then(|handle| world.processes().detached_end(&handle));
        let end = InstanceEnd::crashed(seen.and_then(|end| end.code), seen.and_then(|end| end.signal));
        row = world.store().instances().ended(row.id, end).await?;
    }
    if is_alive {
        row = targets::renew(world, row).await?;
    }
    let sample = match (is_alive, row.pid, row.pid_start) {
        (true, Some(pid), Some(start)) => sampler.sample(pid, start),
        _ => None,
    };
    let used = if is_alive {
        targets::ssh::seen::usage(world, &row).await.unwrap_or_default()
    } else {
        targets::ssh::seen::Usage::default()
    };
    let elsewhere = targets::docker::handle(&row).map(|there| there.host);
    let is_here = elsewhere.is_none();
    let elsewhere = elsewhere.or_else(|| Some(targets::ssh::handle(&row)?.host));
    let state = match (is_alive, row.cause.as_str()) {
        (true, _) => State::Running,
        (false, _) if matches!(seen, State::Unknown | State::InProgress) => seen,
        (false, "stopped" | "replaced") => State::None,
        (false, _) => State::Failed,
    };
    Ok(Instance {
        id: row.id.to_string(),
        name: row.name,
        kind: InstanceKind::Deployed,
        workspace: row.workspace,
        environment: row.environment,
        version: row.version,
        machine: elsewhere.unwrap_or_else(|| machine.to_owned()),
        state,
        why: why(state, row.exit_code, row.signal),
        note: row.cause,
        pid: row.pid,
        pid_start: row.pid_start,
        // What is asked by an id is asked of this machine's engine.
        container: row.container.filter(|_| is_here),
        ports: row.port.into_iter().collect(),
        cpu_percent: sample.and_then(|sample| sample.cpu_percent),
        memory_bytes: sample.map(|sample| sample.memory_bytes).or(used.memory_bytes),
        n_processes: sample.map_or(used.n_processes, |sample| sample.n_processes),
        n_restarts: used.n_restarts,
        started_at: Some(row.started_at),
        ended_at: row.ended_at,
        log_path: row.log_path,
        deployment: row.deployment,
        ..Instance::default()
    })
}

/// How one ended that was not asked to, where that was seen.
fn why(state: State, exit_code: Option<i32>, signal: Option<i32>) -> Option<Msg> {
    match (signal, exit_code) {
        _ if state != State::Failed => None,
        (Some(signal), _) => Some(msg!("operate-why-signal", signal = signal_name(signal))),
        (None, Some(code)) => Some(msg!("operate-why-exit", code = code)),
        (None, None) => None,
    }
}

/// Looked at again after an act.
pub async fn again(world: &World, instance: &Instance) -> Result<Instance, Problem> {
    let mut sampler = Sampler::default();
    if instance.kind == InstanceKind::Unit {
        return units::again(world, instance).await;
    }
    if let Ok(id) = instance.id.parse::<i64>()
        && let Some(row) = world.store().instances().get(id).await?
    {
        return of_row(world, row, &instance.machine, &mut sampler).await;
    }
    if let Some(id) = &instance.container {
        let found = world.docker().container(id).await.map_err(|fault| fault.problem())?;
        let workspaces = [];
        let scope = Scope {
            workspaces: &workspaces,
            is_all: true,
            patience: Duration::ZERO,
        };
        let seen = found.and_then(|container| containers::instance(&container, &scope, &instance.machine, world.clock().now()));
        return match seen {
            Some(seen) => Ok(Instance {
                workspace: instance.workspace.clone(),
                environment: instance.environment.clone(),
                ..seen
            }),
            None => Err(Problem::user(msg!("operate-gone", name = instance.name.as_str())).code("not-found")),
        };
    }
    let mut instance = instance.clone();
    let is_alive = instance
        .pid
        .zip(instance.pid_start)
        .is_some_and(|(pid, start)| holder::is_running(pid, start));
    if !is_alive {
        instance.state = State::None;
        instance.ended_at = Some(Timestamp::max(
            world.clock().now(),
            instance.started_at.unwrap_or(Timestamp::MIN),
        ));
    }
    Ok(instance)
}
