//! A service of a swarm: its tasks are the instances. Swarm itself puts the new tasks into the place of the old ones, watches them and
//! takes them back; it is asked for that, followed, and told in its own words.

mod service;

use super::docker::{self, DockerTarget, Place, image};
use super::{Site, Target, not_run, port_taken};
use crate::adapters::World;
use crate::adapters::docker::Fault;
use crate::adapters::http;
use crate::adapters::store::holder;
use crate::adapters::store::instances::{InstanceEnd, InstanceRow};
use crate::areas::JobCtx;
use crate::areas::deploy::Kind;
use crate::areas::devops::probe::Tried;
use crate::areas::devops::project::{self, ProbeKind, Publish};
use crate::base::docker::TaskSeen;
use crate::base::{Problem, State, WorkspaceId};
use crate::msg;
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// As it stands in the ledger.
pub const KIND: &str = "swarm";
const LOOK_EVERY: Duration = Duration::from_millis(300);
/// From the end of a service until its containers are gone, beyond their grace.
const SPARE: Duration = Duration::from_secs(20);

pub(super) struct SwarmTarget;

/// What an instance is found by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Handle {
    service: String,
    /// From 1; its task changes when Swarm starts it again.
    slot: u32,
    /// Of everything that its tasks are made from.
    sum: String,
    task: String,
    /// The address of another node that it runs on.
    node: Option<String>,
    /// At each instance, not at the service.
    has_own_port: bool,
    /// Of the deployment.
    folder: PathBuf,
}

fn handle(row: &InstanceRow) -> Option<Handle> {
    serde_json::from_value(row.handle.clone()).ok()
}

/// The tasks of an instance's slot that are made as it was, the one that shall run first.
async fn tasks_of(world: &World, instance: &InstanceRow) -> Result<Vec<TaskSeen>, Fault> {
    let own = handle(instance).ok_or(Fault::Gone)?;
    let mut tasks = world.docker().tasks(&own.service).await?;
    tasks.retain(|task| task.slot == own.slot && service::sum_of(task) == own.sum);
    tasks.sort_by_key(|task| (task.wanted != "running", !task.is_running()));
    Ok(tasks)
}

impl SwarmTarget {
    async fn written(site: &Site, task: &TaskSeen) -> Result<InstanceRow, Problem> {
        let engine = site.world.docker();
        let swarm = engine.swarm().await.map_err(|fault| fault.problem())?;
        let is_here = task.node == swarm.node;
        let node = if is_here {
            None
        } else {
            engine.node_address(&task.node).await.ok()
        };
        let container = task.container.as_deref().unwrap_or_default();
        let own = Handle {
            service: service::name(site),
            slot: task.slot,
            sum: service::sum_of(task).to_owned(),
            task: task.id.clone(),
            node,
            has_own_port: service::publish(site) == Publish::Host,
            folder: site.folder.clone(),
        };
        let row = InstanceRow {
            kind: KIND.to_owned(),
            handle: serde_json::to_value(own).unwrap_or_default(),
            port: task.port.or(site.inputs.port(task.slot)),
            log_path: None,
            ..docker::row_of(site, task.slot, container, task.pid.filter(|_| is_here))
        };
        site.world.store().instances().started(row).await
    }
}

impl Target for SwarmTarget {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn replaces(&self) -> bool {
        true
    }

    /// A service has one address; a task on another node is asked by Swarm alone.
    fn is_asked(&self, instance: &InstanceRow, kind: &ProbeKind) -> bool {
        let is_own = matches!(kind, ProbeKind::Container | ProbeKind::Process);
        is_own || handle(instance).is_none_or(|own| if own.has_own_port { own.node.is_none() } else { own.slot == 1 })
    }

    fn check<'a>(&'a self, site: &'a Site, ours: &'a [InstanceRow]) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            let project::Target::Swarm { image, dockerfile, .. } = &site.inputs.target else {
                return Ok(());
            };
            let engine = site.world.docker();
            let swarm = engine.swarm().await.map_err(|fault| fault.problem())?;
            if !swarm.is_manager {
                return Err(Problem::environment(msg!("swarm-no-manager"))
                    .code("no-swarm")
                    .hint(msg!("swarm-no-manager-hint")));
            }
            image::check(site, &Place::of(site).await?, image, dockerfile.is_some()).await?;
            let name = service::name(site);
            let there = engine.service(&name).await.map_err(|fault| fault.problem())?;
            if there.as_ref().is_some_and(|there| !service::is_ours(site, there)) {
                return Err(Problem::environment(msg!("swarm-not-ours", service = name))
                    .code("not-ours")
                    .hint(msg!("swarm-not-ours-hint")));
            }
            let Some(port) = site.inputs.port(1) else { return Ok(()) };
            let n = site.inputs.n_instances();
            if service::publish(site) == Publish::Host && n > swarm.n_nodes {
                return Err(Problem::config(msg!("swarm-too-many", n = n, nodes = swarm.n_nodes)).code("no-node"));
            }
            let is_ours = ours.iter().any(|instance| instance.port == Some(port));
            if there.is_none() && !is_ours && !http::is_port_free(port) {
                return Err(port_taken(site, port).await);
            }
            Ok(())
        })
    }

    fn stage<'a>(&'a self, site: &'a Site, cx: &'a JobCtx) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            let project::Target::Swarm { image, dockerfile, .. } = &site.inputs.target else {
                return Ok(());
            };
            image::stage(site, cx, &Place::of(site).await?, image, dockerfile.as_deref()).await
        })
    }

    fn settle<'a>(&'a self, _site: &'a Site, _numbers: &'a [u32]) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async { Ok(()) })
    }

    /// The whole service comes up with the first one.
    fn start<'a>(&'a self, site: &'a Site, n: u32) -> BoxFuture<'a, Result<InstanceRow, Problem>> {
        Box::pin(async move {
            let running = service::bring(site).await?;
            match running.get(&n) {
                Some(task) => Self::written(site, task).await,
                None => Err(Problem::environment(msg!("deploy-died", instance = n.to_string())).code("died")),
            }
        })
    }

    fn unwritten<'a>(&'a self, site: &'a Site, written: &'a [InstanceRow]) -> BoxFuture<'a, Result<Vec<InstanceRow>, Problem>> {
        Box::pin(async move {
            let mut found = Vec::new();
            for (slot, task) in service::running(site).await? {
                let is_it = |row: &&InstanceRow| row.ended_at.is_none() && handle(row).is_some_and(|own| own.slot == slot);
                if !written.iter().any(|row| is_it(&row)) {
                    found.push(Self::written(site, &task).await?);
                }
            }
            Ok(found)
        })
    }

    /// A service whose tasks never came up, and that no other version takes.
    fn clean_up<'a>(&'a self, site: &'a Site) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            let environment = Some(site.inputs.environment.as_str());
            if has_another(&site.world, Some(&site.workspace), environment, Some(site.deployment)).await? {
                return Ok(());
            }
            let limit = site.inputs.target.stop_grace() + SPARE;
            let removed = service::remove(&site.world, &service::name(site), &site.folder, limit).await;
            removed.map_err(|fault| fault.problem())
        })
    }

    /// Every task was made from the image and the settings that were staged.
    fn verify<'a>(&'a self, site: &'a Site, instances: &'a [InstanceRow]) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            let running = service::running(site).await?;
            for instance in instances {
                let is_it = handle(instance).is_some_and(|own| running.contains_key(&own.slot));
                if !is_it {
                    let told = msg!("deploy-other-image", instance = &instance.name);
                    return Err(Problem::environment(told).code("other-image"));
                }
            }
            Ok(())
        })
    }

    /// One that Swarm starts again has not ended; an engine that does not answer says nothing of it.
    fn is_alive<'a>(&'a self, world: &'a World, instance: &'a InstanceRow) -> BoxFuture<'a, bool> {
        Box::pin(async move {
            match tasks_of(world, instance).await {
                Ok(tasks) => tasks.iter().any(|task| task.wanted == "running"),
                Err(Fault::Gone | Fault::Refused { .. }) => false,
                Err(_) => true,
            }
        })
    }

    fn state<'a>(&'a self, world: &'a World, instance: &'a InstanceRow) -> BoxFuture<'a, State> {
        Box::pin(async move {
            match tasks_of(world, instance).await {
                Ok(tasks) if tasks.iter().any(TaskSeen::is_running) => State::Running,
                // Swarm is about to put another one into its place.
                Ok(tasks) if tasks.iter().any(|task| task.wanted == "running") => State::InProgress,
                Ok(_) | Err(Fault::Gone | Fault::Refused { .. }) => State::Failed,
                Err(_) => State::Unknown,
            }
        })
    }

    /// Swarm lets a task run only when its health check holds.
    fn is_well<'a>(&'a self, world: &'a World, instance: &'a InstanceRow) -> BoxFuture<'a, bool> {
        Box::pin(async move { self.state(world, instance).await == State::Running })
    }

    /// With the task that its slot has now.
    fn as_now<'a>(&'a self, world: &'a World, instance: InstanceRow) -> BoxFuture<'a, InstanceRow> {
        Box::pin(async move {
            let tasks = tasks_of(world, &instance).await.unwrap_or_default();
            let Some(task) = tasks.into_iter().find(TaskSeen::is_running) else {
                return instance;
            };
            let own = handle(&instance);
            let is_here = own.as_ref().is_some_and(|own| own.node.is_none());
            let pid = task.pid.filter(|_| is_here);
            let own = own.map(|own| Handle {
                task: task.id.clone(),
                ..own
            });
            InstanceRow {
                handle: own.map_or(serde_json::Value::Null, |own| serde_json::to_value(own).unwrap_or_default()),
                container: task.container.or(instance.container),
                pid_start: pid.and_then(holder::start_of),
                pid,
                port: task.port.or(instance.port),
                ..instance
            }
        })
    }

    /// The task that was started, even where Swarm starts another one.
    fn ended<'a>(&'a self, world: &'a World, instance: &'a InstanceRow) -> BoxFuture<'a, InstanceEnd> {
        Box::pin(async move {
            let task = handle(instance).map(|own| own.task).unwrap_or_default();
            loop {
                let tasks = match tasks_of(world, instance).await {
                    Ok(tasks) => Some(tasks),
                    Err(Fault::Gone | Fault::Refused { .. }) => Some(Vec::new()),
                    Err(_) => None,
                };
                if let Some(tasks) = tasks {
                    let own = tasks.into_iter().find(|one| one.id == task);
                    if own.as_ref().is_none_or(|own| !own.is_running()) {
                        let code = own.and_then(|own| own.exit_code);
                        return InstanceEnd::crashed(code.and_then(|code| i32::try_from(code).ok()), None);
                    }
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        })
    }

    /// The service goes with its last version only: another one takes its place by itself.
    fn stop<'a>(
        &'a self,
        world: &'a World,
        instance: &'a InstanceRow,
        grace: Duration,
        cause: &'a str,
    ) -> BoxFuture<'a, Result<InstanceRow, Problem>> {
        Box::pin(async move {
            let is_replaced = match cause {
                super::REPLACED | "crashed" => true,
                "failed" => {
                    has_another(
                        world,
                        instance.workspace.as_ref(),
                        instance.environment.as_deref(),
                        instance.deployment,
                    )
                    .await?
                }
                _ => false,
            };
            if let (false, Some(own)) = (is_replaced, handle(instance)) {
                let limit = grace + SPARE;
                service::remove(world, &own.service, &own.folder, limit)
                    .await
                    .map_err(|fault| fault.problem())?;
            }
            world.store().instances().ended(instance.id, InstanceEnd::by(cause)).await
        })
    }

    /// In the container, where it is on this node.
    fn command<'a>(
        &'a self,
        world: &'a World,
        instance: &'a InstanceRow,
        run: &'a [String],
        timeout: Duration,
        give_up: &'a CancellationToken,
    ) -> BoxFuture<'a, Tried> {
        Box::pin(async move {
            if let Some(node) = handle(instance).and_then(|own| own.node) {
                return not_run(&Problem::environment(msg!("swarm-other-node", node = node)));
            }
            let now = self.as_now(world, instance.clone()).await;
            DockerTarget.command(world, &now, run, timeout, give_up).await
        })
    }

    fn last_words<'a>(&'a self, world: &'a World, instance: &'a InstanceRow, n_lines: usize) -> BoxFuture<'a, Vec<Vec<u8>>> {
        Box::pin(async move {
            let own = handle(instance).map(|own| own.task).unwrap_or_default();
            let lines = service::said(world, &own, n_lines as u32).await;
            lines.into_iter().map(String::into_bytes).collect()
        })
    }

    /// Secrets that no service uses any more.
    fn forget<'a>(&'a self, site: &'a Site) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move { service::forget_secrets(site).await.map_err(|fault| fault.problem()) })
    }
}

/// Another version will take the place of this one.
async fn has_another(
    world: &World,
    workspace: Option<&WorkspaceId>,
    environment: Option<&str>,
    deployment: Option<i64>,
) -> Result<bool, Problem> {
    let (Some(workspace), Some(environment)) = (workspace, environment) else {
        return Ok(false);
    };
    let live = world.store().deployments().live(workspace, environment).await?;
    Ok(live.is_some_and(|live| live.kind != Kind::Stop.word() && Some(live.id) != deployment))
}
