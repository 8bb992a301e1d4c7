//! Looks at every instance once a second, until it is stopped or nobody asks for it any more.

use super::Update;
use super::find::{self, Memory, Scope};
use crate::adapters::World;
use crate::adapters::store::workspaces::WorkspaceRow;
use crate::areas::JobCtx;
use crate::base::{Problem, Workspace};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

const EVERY: Duration = Duration::from_secs(1);

/// How long a look of the watch waits for the container engine: its next answer comes with the next look.
const ENGINE_PATIENCE: Duration = Duration::from_millis(300);

/// These workspaces; every one that was added when none is named.
pub async fn of_all(world: &World, workspaces: &[Workspace]) -> Result<Vec<Workspace>, Problem> {
    if !workspaces.is_empty() {
        return Ok(workspaces.to_vec());
    }
    let added = world.store().workspaces().list().await?;
    Ok(added.iter().map(WorkspaceRow::workspace).collect())
}

/// One look, told.
pub async fn once(
    cx: &JobCtx,
    world: &World,
    workspaces: &[Workspace],
    memory: &mut Memory,
    patience: Duration,
) -> Result<(), Problem> {
    let all = of_all(world, workspaces).await?;
    let scope = Scope {
        workspaces: &all,
        is_all: workspaces.is_empty(),
        patience,
    };
    let (instances, problems) = find::look(world, &scope, memory).await?;
    // A window that has nothing new to show rests.
    let is_nothing = instances.is_empty() && problems.is_empty();
    if std::mem::replace(&mut memory.told_nothing, is_nothing) && is_nothing {
        return Ok(());
    }
    let pids: BTreeSet<u32> = instances.iter().filter_map(|instance| instance.pid).collect();
    memory.sampler.keep_only(|pid| pids.contains(&pid));
    cx.update(Update::Seen {
        at: cx.now(),
        instances,
        problems,
    })
    .await;
    Ok(())
}

/// Until it is stopped, or for so many seconds: a page that is looked at asks again.
pub async fn run(cx: &JobCtx, world: &World, workspaces: Vec<Workspace>, secs: Option<u32>) -> Result<(), Problem> {
    let mut memory = Memory::default();
    let since = Instant::now();
    let is_over = || secs.is_some_and(|secs| since.elapsed() >= Duration::from_secs(u64::from(secs)));
    while !is_over() {
        once(cx, world, &workspaces, &mut memory, ENGINE_PATIENCE).await?;
        cx.sleep(EVERY).await?;
    }
    Ok(())
}
