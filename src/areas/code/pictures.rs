//! Reading both sides of a picture: decoded on a thread of its own, never in a frame.

use super::jobs::{below_top, reading_top};
use super::{DiffKey, Update};
use crate::adapters::World;
use crate::areas::JobCtx;
use crate::base::{Problem, Workspace};

pub(super) async fn show(cx: &JobCtx, world: &World, workspace: &Workspace, what: DiffKey) -> Result<(), Problem> {
    let id = workspace.id.clone();
    cx.update(Update::PicturesStarted {
        workspace: id.clone(),
        what: what.clone(),
    })
    .await;
    let (world, there, key) = (world.clone(), workspace.clone(), what.clone());
    let read = cx.blocking(move |cx| {
        let top = reading_top(&world, &there)?;
        let path = below_top(&top, &key.path)?;
        world
            .git()
            .pictures(&there.root, &key.of, &path, key.old_path.as_ref(), &|| cx.is_cancelled())
    });
    match read.await {
        Ok(pictures) => {
            cx.update(Update::PicturesRead {
                workspace: id,
                what,
                pictures: Box::new(pictures),
            })
            .await;
            Ok(())
        }
        Err(problem) => {
            cx.update(Update::PicturesFailed {
                workspace: id,
                what,
                problem: problem.clone(),
            })
            .await;
            // The change went away while it was looked at.
            if problem.code == "not-found" { Ok(()) } else { Err(problem) }
        }
    }
}
