//! Where instances run. One target, one file of this shape.

pub mod compose;
pub mod docker;
mod process;
pub mod sources;
pub mod ssh;
pub mod swarm;

use super::inputs::Inputs;
use super::left_out;
use crate::adapters::World;
use crate::adapters::store::deployments::DeploymentRow;
use crate::adapters::store::instances::{InstanceEnd, InstanceRow};
use crate::areas::JobCtx;
use crate::areas::devops::probe::{Ready, Tried};
use crate::areas::devops::project;
use crate::base::{Catalog, Lang, LogLine, Problem, State, Timestamp, WorkspaceId};
use crate::msg;
use futures::future::BoxFuture;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Why an instance ends that another version takes the place of.
pub const REPLACED: &str = "replaced";

/// One deployment's place: what it runs, and where its files are.
#[derive(Clone)]
pub struct Site {
    pub world: World,
    pub workspace: WorkspaceId,
    pub workspace_name: String,
    pub deployment: i64,
    pub folder: PathBuf,
    pub inputs: Inputs,
    /// The wish to stop, for what may take long before anything is changed.
    pub stop: CancellationToken,
}

/// How instances are started, ended and looked at in one kind of place.
pub trait Target: Send + Sync {
    /// Of the instances' rows in the ledger: `process`.
    fn kind(&self) -> &'static str;

    /// Fails when the instances could not be started there. `ours` are those that will be stopped before.
    fn check<'a>(&'a self, site: &'a Site, ours: &'a [InstanceRow]) -> BoxFuture<'a, Result<(), Problem>>;

    /// Brings what the instances are made from to its place, beyond the copies of the artifacts on this machine.
    fn stage<'a>(&'a self, _site: &'a Site, _cx: &'a JobCtx) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async { Ok(()) })
    }

    /// Waits until what stopped instances used is free again for those with these numbers (from 1).
    fn settle<'a>(&'a self, site: &'a Site, numbers: &'a [u32]) -> BoxFuture<'a, Result<(), Problem>>;

    /// Starting the new version ends the old one, as far as they differ: the machinery there does it by itself.
    fn replaces(&self) -> bool {
        false
    }

    /// A gate that holds at every instance beside those of the project file.
    fn own_probe(&self) -> Option<project::Probe> {
        None
    }

    /// Whether a gate is asked at this instance.
    fn is_asked(&self, _instance: &InstanceRow, _kind: &project::ProbeKind) -> bool {
        true
    }

    /// Whether it can be started again from what is there; asked before it is ended for that.
    fn is_whole<'a>(&'a self, _site: &'a Site) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async { Ok(()) })
    }

    /// Before instances that are lost are started again: that they were started once means nothing any more.
    fn start_over(&self, _site: &Site) -> Result<(), Problem> {
        Ok(())
    }

    /// Starts the instance with this number (from 1) and writes it down.
    fn start<'a>(&'a self, site: &'a Site, n: u32) -> BoxFuture<'a, Result<InstanceRow, Problem>>;

    /// Instances of the deployment that run although nobody could write them down.
    fn unwritten<'a>(&'a self, site: &'a Site, written: &'a [InstanceRow]) -> BoxFuture<'a, Result<Vec<InstanceRow>, Problem>>;

    /// Ends what instances of the environment that have ended have left running; gives how many those were. Called under its lock.
    fn end_left_over<'a>(&'a self, _site: &'a Site) -> BoxFuture<'a, Result<usize, Problem>> {
        Box::pin(async { Ok(0) })
    }

    /// Takes away what a start that did not come to its end has left beyond instances.
    fn clean_up<'a>(&'a self, _site: &'a Site) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async { Ok(()) })
    }

    /// Fails when what runs was not made from what was asked for.
    fn verify<'a>(&'a self, _site: &'a Site, _instances: &'a [InstanceRow]) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async { Ok(()) })
    }

    /// The instance runs and is the one that was started.
    fn is_alive<'a>(&'a self, world: &'a World, instance: &'a InstanceRow) -> BoxFuture<'a, bool>;

    /// Running, failed, or unknown where nobody answers soon: to be shown, never to be acted on.
    fn state<'a>(&'a self, world: &'a World, instance: &'a InstanceRow) -> BoxFuture<'a, State> {
        Box::pin(async move {
            if self.is_alive(world, instance).await {
                State::Running
            } else {
                State::Failed
            }
        })
    }

    /// It is well by its own check, where it brings one.
    fn is_well<'a>(&'a self, world: &'a World, instance: &'a InstanceRow) -> BoxFuture<'a, bool> {
        self.is_alive(world, instance)
    }

    /// The instance with what changed of it without a deployment.
    fn as_now<'a>(&'a self, _world: &'a World, instance: InstanceRow) -> BoxFuture<'a, InstanceRow> {
        Box::pin(async move { instance })
    }

    /// Waits until the instance ends by itself; gives what is known of that.
    fn ended<'a>(&'a self, world: &'a World, instance: &'a InstanceRow) -> BoxFuture<'a, InstanceEnd>;

    /// Ends an instance with everything it started, and writes down why. That it has ended already is fine.
    fn stop<'a>(
        &'a self,
        world: &'a World,
        instance: &'a InstanceRow,
        grace: Duration,
        cause: &'a str,
    ) -> BoxFuture<'a, Result<InstanceRow, Problem>>;

    /// The last lines that an instance wrote, as they come.
    fn last_words<'a>(&'a self, world: &'a World, instance: &'a InstanceRow, n_lines: usize) -> BoxFuture<'a, Vec<Vec<u8>>>;

    /// Where those ask who are sent there: host and port.
    fn address(&self, instance: &InstanceRow) -> Option<(String, u16)> {
        Some(("127.0.0.1".to_owned(), instance.port?))
    }

    /// The other machine, as ssh knows it, whose own addresses are meant by those of loopback.
    fn host_of(&self, _instance: &InstanceRow) -> Option<String> {
        None
    }

    /// Runs a command to its end in the version's files, with the settings of an instance, before there is one.
    fn run_once<'a>(&'a self, site: &'a Site, _cx: &'a JobCtx, _run: &'a [String]) -> BoxFuture<'a, Result<(), Problem>> {
        let kind = site.inputs.target.kind();
        Box::pin(async move { Err(Problem::config(msg!("deploy-no-migration-there", target = kind))) })
    }

    /// One run of a command where the instance runs; its end is the answer.
    fn command<'a>(
        &'a self,
        world: &'a World,
        instance: &'a InstanceRow,
        run: &'a [String],
        timeout: Duration,
        give_up: &'a CancellationToken,
    ) -> BoxFuture<'a, Tried>;

    /// One try of one probe at an instance.
    fn ask<'a>(
        &'a self,
        world: &'a World,
        instance: &'a InstanceRow,
        ready: &'a Ready,
        give_up: &'a CancellationToken,
    ) -> BoxFuture<'a, Tried> {
        Box::pin(async move {
            if let project::ProbeKind::Command { run } = &ready.kind {
                return self.command(world, instance, run, ready.timeout, give_up).await;
            }
            if let Some(host) = self.host_of(instance)
                && matches!(ready.kind, project::ProbeKind::Http { .. } | project::ProbeKind::Tcp { .. })
            {
                return ssh::ask_at(world, &host, ready, give_up).await;
            }
            let is_well = async {
                match ready.kind {
                    project::ProbeKind::Container => self.is_well(world, instance).await,
                    _ => is_alive(world, instance).await,
                }
            };
            ready.try_once(is_well, give_up).await
        })
    }

    /// Removes what old versions have left there, once a new one runs.
    fn forget<'a>(&'a self, _site: &'a Site) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async { Ok(()) })
    }
}

/// The target of these inputs.
pub fn of(inputs: &Inputs) -> &'static dyn Target {
    match inputs.target {
        project::Target::Process { .. } => &process::ProcessTarget,
        project::Target::Ssh { .. } => &ssh::SshTarget,
        project::Target::Docker { .. } => &docker::DockerTarget,
        project::Target::Compose { .. } => &compose::ComposeTarget,
        project::Target::Swarm { .. } => &swarm::SwarmTarget,
    }
}

/// The target that an instance of the ledger was started in.
pub fn of_instance(instance: &InstanceRow) -> &'static dyn Target {
    match instance.kind.as_str() {
        ssh::KIND => &ssh::SshTarget,
        docker::KIND => &docker::DockerTarget,
        compose::KIND => &compose::ComposeTarget,
        swarm::KIND => &swarm::SwarmTarget,
        _ => &process::ProcessTarget,
    }
}

/// The instance runs, as far as is known, and is the one that was started.
pub async fn is_alive(world: &World, instance: &InstanceRow) -> bool {
    instance.ended_at.is_none() && of_instance(instance).is_alive(world, instance).await
}

/// The instance with what changed of it without a deployment: the container that Swarm started in its place.
pub async fn as_now(world: &World, instance: InstanceRow) -> InstanceRow {
    of_instance(&instance).as_now(world, instance).await
}

/// Waits until an instance ends by itself.
pub async fn ended(world: &World, instance: &InstanceRow) -> InstanceEnd {
    of_instance(instance).ended(world, instance).await
}

/// Instances of what is live that ended by themselves and run again, because what manages them or somebody has started them: each gets a
/// new life in the ledger.
pub async fn revive(world: &World, live: &DeploymentRow) -> Result<(), Problem> {
    let instances = world.store().instances();
    let rows = instances.of_deployment(live.id).await?;
    let newest: BTreeMap<String, InstanceRow> = rows.into_iter().map(|row| (row.name.clone(), row)).collect();
    for row in newest.into_values().filter(|row| row.ended_at.is_some() && row.has_crashed()) {
        if of_instance(&row).state(world, &row).await == State::Running {
            instances
                .goes_on(again(as_now(world, row).await, world.clock().now()))
                .await?;
        }
    }
    Ok(())
}

/// One that its manager has ended and started again between two looks is two lives.
pub async fn renew(world: &World, row: InstanceRow) -> Result<InstanceRow, Problem> {
    let now = as_now(world, row.clone()).await;
    if row.kind != ssh::KIND || now.handle == row.handle {
        return Ok(now);
    }
    let instances = world.store().instances();
    instances.ended(row.id, InstanceEnd::crashed(None, None)).await?;
    let life = instances.goes_on(again(now.clone(), world.clock().now())).await?;
    Ok(life.unwrap_or(now))
}

fn again(row: InstanceRow, at: Timestamp) -> InstanceRow {
    InstanceRow {
        started_at: at,
        ended_at: None,
        exit_code: None,
        signal: None,
        cause: String::new(),
        ..row
    }
}

/// Ends an instance with everything it started, and writes down why. That it has ended already is fine.
pub async fn stop(world: &World, instance: &InstanceRow, grace: Duration, cause: &str) -> Result<InstanceRow, Problem> {
    of_instance(instance).stop(world, instance, grace, cause).await
}

/// Ends processes here that were started for the deployment of this folder, when nobody knows them any more.
pub async fn end_lost(world: &World, folder: &Path, n_instances: u32, grace: Duration) {
    process::end_lost(world, folder, n_instances, grace).await;
}

/// The last lines that an instance wrote, made safe to show.
pub async fn last_words(world: &World, instance: &InstanceRow, n_lines: usize) -> Vec<String> {
    world.secrets().learn().await.ok();
    let lines = of_instance(instance).last_words(world, instance, n_lines).await;
    lines
        .iter()
        .map(|line| {
            let line = world.masks().mask_bytes(line);
            let line = LogLine::foreign(instance.started_at, crate::base::Stream::Out, &line);
            crate::base::safe::plain(&line.text).to_string()
        })
        .collect()
}

/// A port that an instance wants is not free: whose it is, and what can be done.
async fn port_taken(site: &Site, port: u16) -> Problem {
    let own = site.inputs.environment.as_str();
    let problem = match left_out::holder(&site.world, &site.workspace, own, port).await {
        Some(other) => Problem::environment(msg!("deploy-port-of", port = port.to_string(), environment = &other))
            .hint(msg!("deploy-port-of-hint", environment = &other)),
        None => Problem::environment(msg!("deploy-port-taken", port = port.to_string()))
            .hint(msg!("deploy-port-taken-hint", environment = own)),
    };
    problem.code("port-taken")
}

/// The command of a probe could not even be started.
fn not_run(problem: &Problem) -> Tried {
    Tried::Exited {
        code: None,
        words: Catalog::new(Lang::En).msg(&problem.summary),
    }
}
