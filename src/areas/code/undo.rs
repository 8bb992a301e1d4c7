//! Reading the undo timeline: what stands in it, and what an entry would put in place.

use super::Update;
use super::jobs::is_trusted;
use crate::adapters::World;
use crate::adapters::git::Repo;
use crate::areas::JobCtx;
use crate::base::repo::UndoEntry;
use crate::base::{Problem, Workspace};

/// Entries that are told at once.
const TOLD: usize = 500;

pub(super) async fn read_undo(cx: &JobCtx, world: &World, workspace: &Workspace) -> Result<Vec<UndoEntry>, Problem> {
    let (git, root, id) = (world.git().clone(), workspace.root.clone(), workspace.id.clone());
    match cx.blocking(move |_| git.undo_list(&root)).await {
        Ok(mut entries) => {
            entries.truncate(TOLD);
            cx.update(Update::UndoRead {
                workspace: id,
                entries: entries.clone(),
            })
            .await;
            Ok(entries)
        }
        Err(problem) => {
            cx.update(Update::UndoFailed {
                workspace: id,
                problem: problem.clone(),
            })
            .await;
            Err(problem)
        }
    }
}

pub(super) async fn show(cx: &JobCtx, world: &World, workspace: &Workspace, id: u64) -> Result<(), Problem> {
    let told = workspace.id.clone();
    cx.update(Update::UndoDetailStarted {
        workspace: told.clone(),
        id,
    })
    .await;
    let repo = Repo {
        root: &workspace.root,
        is_trusted: is_trusted(world, workspace),
    };
    match cx.until_cancelled(world.git().undo_detail(repo, id)).await? {
        Ok(detail) => {
            cx.update(Update::UndoDetailRead {
                workspace: told,
                detail: Box::new(detail),
            })
            .await;
            Ok(())
        }
        Err(problem) => {
            cx.update(Update::UndoDetailFailed {
                workspace: told,
                id,
                problem: problem.clone(),
            })
            .await;
            Err(problem)
        }
    }
}
