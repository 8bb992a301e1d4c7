//! Acts on items that can be taken back: what their files were is kept in the ledger, and written again while nobody changed them since.

use super::folder::Folder;
use super::modules::folder::{self as module_files, FileChange};
use super::{Update, jobs};
use crate::adapters::World;
use crate::adapters::store::undo::UndoRow;
use crate::areas::JobCtx;
use crate::base::{Msg, Problem, Workspace};
use crate::engine::JobResult;
use crate::msg;

/// A stable word in the undo list.
const EDIT: &str = "edit-items";
/// Entries that are looked through.
const MAX_ENTRIES: u32 = 500;

/// Keeps what an act changed; an act that changed nothing leaves no entry.
pub(super) async fn keep(cx: &JobCtx, world: &World, workspace: &Workspace, title: Msg, changes: Vec<FileChange>) -> JobResult {
    if changes.is_empty() {
        return Ok(());
    }
    let entry = UndoRow {
        id: 0,
        workspace: workspace.id.clone(),
        area: jobs::AREA.to_owned(),
        what: EDIT.to_owned(),
        title,
        data: serde_json::to_value(&changes).map_err(|error| Problem::internal(msg!("plan-job-undo")).details(error))?,
        at: cx.now(),
        undone_at: None,
    };
    world.store().undo().add(entry).await.map(drop)
}

/// Takes one act back, the last one where no number is said. A removed item comes back too.
pub(super) async fn take_back(cx: JobCtx, world: World, workspace: Workspace, number: Option<i64>) -> JobResult {
    let nothing = || Problem::user(msg!("plan-nothing-to-undo")).code("not-found");
    let is_ours = |entry: &UndoRow| entry.area == jobs::AREA && matches!(entry.what.as_str(), EDIT | jobs::DELETE);
    let entries = world.store().undo().list(&workspace.id, MAX_ENTRIES).await?;
    let mut open = entries
        .into_iter()
        .filter(|entry| is_ours(entry) && entry.undone_at.is_none());
    let entry = open
        .find(|entry| number.is_none_or(|number| entry.id == number))
        .ok_or_else(nothing)?;
    let title = entry.title.clone();
    if entry.what == jobs::DELETE {
        jobs::restore(cx.clone(), world, workspace.clone(), Some(entry.id)).await?;
    } else {
        let changes: Vec<FileChange> = serde_json::from_value(entry.data.clone()).map_err(|error| nothing().details(error))?;
        let at = workspace.clone();
        let (items, unreadable, removed) = cx
            .blocking(move |_| {
                module_files::write(&at, &changes, true)?;
                let folder = Folder::open(&at)?;
                let (back, gone): (Vec<FileChange>, Vec<FileChange>) =
                    changes.into_iter().partition(|change| change.before.is_some());
                let (mut items, mut unreadable) = (Vec::new(), Vec::new());
                for change in back {
                    jobs::sort_in(folder.read(&change.file), &mut items, &mut unreadable);
                }
                let removed = gone.into_iter().map(|change| change.file).collect();
                Ok((items, unreadable, removed))
            })
            .await?;
        world.store().undo().undone(entry.id).await?;
        cx.update(Update::Changed {
            workspace: workspace.id.clone(),
            items,
            unreadable,
            removed,
        })
        .await;
    }
    cx.update(Update::TakenBack {
        workspace: workspace.id,
        title,
    })
    .await;
    Ok(())
}
