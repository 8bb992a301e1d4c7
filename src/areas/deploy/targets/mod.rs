//! Where instances run. One target, one file of this shape.

mod process;

use super::inputs::Inputs;
use crate::adapters::World;
use crate::adapters::process::Detached;
use crate::adapters::store::instances::InstanceRow;
use crate::areas::devops::project;
use crate::base::{LogLine, Problem, WorkspaceId};
use futures::future::BoxFuture;
use std::path::PathBuf;

/// One deployment's place: what it runs, and where its files are.
#[derive(Clone)]
pub struct Site {
    pub world: World,
    pub workspace: WorkspaceId,
    pub workspace_name: String,
    pub deployment: i64,
    pub folder: PathBuf,
    pub inputs: Inputs,
}

/// How instances are started, ended and looked at in one kind of place.
pub trait Target: Send + Sync {
    /// As it stands in the ledger: `process`.
    fn kind(&self) -> &'static str;

    /// Fails when the instances could not be started there. `ours` are those that will be stopped before.
    fn check<'a>(&'a self, site: &'a Site, ours: &'a [InstanceRow]) -> BoxFuture<'a, Result<(), Problem>>;

    /// Waits until what the stopped instances used is free again.
    fn settle<'a>(&'a self, site: &'a Site) -> BoxFuture<'a, Result<(), Problem>>;

    /// Starts the instance with this number (from 1) and writes it down.
    fn start<'a>(&'a self, site: &'a Site, n: u32) -> BoxFuture<'a, Result<InstanceRow, Problem>>;

    /// Instances of the deployment that run although nobody could write them down.
    fn unwritten<'a>(&'a self, site: &'a Site, written: &'a [InstanceRow]) -> BoxFuture<'a, Result<Vec<InstanceRow>, Problem>>;
}

/// The target of these inputs.
pub fn of(inputs: &Inputs) -> &'static dyn Target {
    match inputs.target {
        project::Target::Process { .. } => &process::ProcessTarget,
    }
}

/// What a process instance is found by; None for instances of another kind.
pub fn handle(instance: &InstanceRow) -> Option<Detached> {
    serde_json::from_value(instance.handle.clone()).ok()
}

/// The instance runs and is the one that was started.
pub fn is_alive(world: &World, instance: &InstanceRow) -> bool {
    instance.ended_at.is_none() && handle(instance).is_some_and(|handle| world.processes().is_alive(&handle))
}

/// Ends an instance with everything it started, and writes down why. That it has ended already is fine.
pub async fn stop(
    world: &World,
    instance: &InstanceRow,
    grace: std::time::Duration,
    cause: &str,
) -> Result<InstanceRow, Problem> {
    process::stop(world, instance, grace, cause).await
}

/// The last lines that an instance wrote, made safe to show.
pub fn last_words(instance: &InstanceRow, n_lines: usize) -> Vec<String> {
    let Some(path) = &instance.log_path else { return Vec::new() };
    crate::adapters::deliver::last_lines(path, n_lines, 64 * 1024)
        .iter()
        .map(|line| {
            let line = LogLine::foreign(instance.started_at, crate::base::Stream::Out, line);
            crate::base::safe::plain(&line.text).to_string()
        })
        .collect()
}
