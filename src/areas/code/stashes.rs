//! Reading the stashes.

use super::Update;
use crate::adapters::World;
use crate::areas::JobCtx;
use crate::base::{Problem, Workspace};

pub(super) async fn read_stashes(cx: &JobCtx, world: &World, workspace: &Workspace) -> Result<(), Problem> {
    let (git, root, id) = (world.git().clone(), workspace.root.clone(), workspace.id.clone());
    match cx.blocking(move |_| git.stashes(&root)).await {
        Ok(stashes) => {
            cx.update(Update::StashesRead { workspace: id, stashes }).await;
            Ok(())
        }
        Err(problem) => {
            cx.update(Update::StashesFailed {
                workspace: id,
                problem: problem.clone(),
            })
            .await;
            Err(problem)
        }
    }
}
