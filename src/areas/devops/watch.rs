//! What changes by other hands while a window is open: runs of other programs on the same ledger, folders that go and come back, and
//! project files.

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
