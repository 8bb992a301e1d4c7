//! Acts on items that can be taken back: what their files were is kept in the ledger, and written again while nobody changed them since.

use super::folder::Folder;
use super::modules::folder::{self as module_files, FileChange};
use super::{Update, jobs};
use crate::adapters::World;
use crate::adapters::store::undo::UndoRow;
use crate::areas::JobCtx;
use crate::base::{Msg, Problem, Timestamp, Workspace};
use crate::engine::JobResult;
use crate::msg;
use serde::{Deserialize, Serialize};

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

/// An act that can be taken back, or was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ActOnItems {
    pub number: i64,
    pub title: Msg,
    pub at: Timestamp,
    pub is_undone: bool,
}

/// The acts on items, the newest first.
async fn acts(world: &World, workspace: &Workspace) -> Result<Vec<UndoRow>, Problem> {
    let is_ours = |entry: &UndoRow| entry.area == jobs::AREA && matches!(entry.what.as_str(), EDIT | jobs::DELETE);
    let mut entries = world.store().undo().list(&workspace.id, MAX_ENTRIES).await?;
    entries.retain(is_ours);
    Ok(entries)
}

/// Tells the acts with the numbers by which each can be taken back.
pub(super) async fn list(cx: JobCtx, world: World, workspace: Workspace) -> JobResult {
    let told = |entry: UndoRow| ActOnItems {
        number: entry.id,
        title: entry.title,
        at: entry.at,
        is_undone: entry.undone_at.is_some(),
    };
    let acts = acts(&world, &workspace).await?.into_iter().map(told).collect();
    cx.update(Update::ActsListed {
        workspace: workspace.id,
        acts,
    })
    .await;
    Ok(())
}

/// Takes one act back, the last one where no number is said. A removed item comes back too.
pub(super) async fn take_back(cx: JobCtx, world: World, workspace: Workspace, number: Option<i64>) -> JobResult {
    let nothing = || Problem::user(msg!("plan-nothing-to-undo")).code("not-found");
    let mut open = acts(&world, &workspace).await?;
    open.retain(|entry| entry.undone_at.is_none());
    let is_meant = |entry: &UndoRow| number.is_none_or(|number| entry.id == number);
    let index = open.iter().position(is_meant).ok_or_else(nothing)?;
    let before = open.get(index + 1).map(|entry| entry.id);
    let entry = open.swap_remove(index);
    let (number, title) = (entry.id, entry.title.clone());
    let done = if entry.what == jobs::DELETE {
        jobs::restore(cx.clone(), world, workspace.clone(), Some(entry.id)).await
    } else {
        write_back(&cx, &world, &workspace, entry).await
    };
    done.map_err(|problem| past(problem, number, before))?;
    cx.update(Update::TakenBack {
        workspace: workspace.id,
        title,
    })
    .await;
    Ok(())
}

/// What can be done about an act whose files are others here, as on another branch: those before it are not held up.
fn past(problem: Problem, number: i64, before: Option<i64>) -> Problem {
    let is_of_files = problem.code == "changed" || problem.summary.key == "plan-is-there";
    match before {
        Some(before) if is_of_files => problem.hint(msg!(
            "plan-undo-past-hint",
            number = number.to_string(),
            before = before.to_string()
        )),
        _ => problem,
    }
}

async fn write_back(cx: &JobCtx, world: &World, workspace: &Workspace, entry: UndoRow) -> JobResult {
    let nothing = |error| Problem::user(msg!("plan-nothing-to-undo")).code("not-found").details(error);
    let changes: Vec<FileChange> = serde_json::from_value(entry.data).map_err(nothing)?;
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
    Ok(())
}
