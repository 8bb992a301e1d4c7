//! What changes by other hands while a window is open: workspaces and runs of other programs on the same ledger, folders that go and come
//! back, and project files.

use super::jobs::info_of;
use super::runs::run_rows;
use super::{Update, WorkspaceInfo, project};
use crate::adapters::store::workspaces::WorkspaceRow;
use crate::adapters::{World, scan};
use crate::areas::JobCtx;
use crate::base::{Problem, WorkspaceId};
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

/// How often the ledger's files and the folders are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What is looked at of each workspace: whether its folder is there, and when its project file was written.
type Seen = BTreeMap<WorkspaceId, (bool, Option<SystemTime>)>;

pub(super) async fn watch(cx: JobCtx, world: World) -> Result<(), Problem> {
    let (mut known, mut since) = (world.store().stamp(), cx.now());
    let mut rows = world.store().workspaces().list().await?;
    let mut infos = infos_of(&cx, &world, &rows).await?;
    let mut seen = Seen::new();
    loop {
        let (here, before, looking) = (world.clone(), std::mem::take(&mut seen), rows.clone());
        let changed;
        (seen, changed) = cx.blocking(move |_| Ok(look(&here, &looking, &before))).await?;
        for workspace in changed {
            cx.update(Update::WorkspaceChanged { workspace }).await;
        }
        cx.sleep(LOOK_EVERY).await?;
        let now = world.store().stamp();
        if now == known {
            continue;
        }
        known = now;
        rows = world.store().workspaces().list().await?;
        let before = std::mem::replace(&mut infos, infos_of(&cx, &world, &rows).await?);
        tell_workspaces(&cx, &before, &infos).await;
        let ended = world.store().jobs().ended_elsewhere(since).await?;
        let Some(last) = ended.iter().filter_map(|row| row.ended_at).max() else {
            continue;
        };
        since = last;
        let told = ended.into_iter().filter(|row| !row.quiet && row.parent.is_none());
        let ended = run_rows(&world, told.collect()).await?;
        if !ended.is_empty() {
            cx.update(Update::RanElsewhere { rows: ended }).await;
        }
    }
}

type Infos = BTreeMap<WorkspaceId, WorkspaceInfo>;

async fn infos_of(cx: &JobCtx, world: &World, rows: &[WorkspaceRow]) -> Result<Infos, Problem> {
    let (world, rows) = (world.clone(), rows.to_vec());
    let infos = move || rows.iter().map(|row| (row.id.clone(), info_of(&world, row))).collect();
    cx.blocking(move |_| Ok(infos())).await
}

/// Workspaces that were added, removed, trusted or grouped since; what this program did itself is told once more, which changes nothing.
async fn tell_workspaces(cx: &JobCtx, before: &Infos, now: &Infos) {
    for id in before.keys().filter(|id| !now.contains_key(id)) {
        cx.update(Update::WorkspaceRemoved { id: id.clone() }).await;
    }
    for (id, info) in now.iter().filter(|(id, info)| before.get(id) != Some(info)) {
        let workspace = info.clone();
        cx.update(if before.contains_key(id) {
            Update::WorkspaceChanged { workspace }
        } else {
            Update::WorkspaceAdded { workspace }
        })
        .await;
    }
}

/// What is seen now, and the workspaces that were seen otherwise before.
fn look(world: &World, rows: &[WorkspaceRow], before: &Seen) -> (Seen, Vec<WorkspaceInfo>) {
    let mut seen = Seen::new();
    let mut changed = Vec::new();
    for row in rows {
        let root = row.workspace().root;
        let now = (scan::is_dir(&root), scan::modified(&root.join(project::FILE_NAME)));
        if before.get(&row.id).is_some_and(|known| *known != now) {
            changed.push(info_of(world, row));
        }
        seen.insert(row.id.clone(), now);
    }
    (seen, changed)
}
