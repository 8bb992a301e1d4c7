//! What a job that builds or tests knows of the sources: the commit, and whether files differ from it.

use crate::adapters::World;
use crate::areas::JobCtx;
use crate::base::Workspace;

/// The commit and the hash of what is not committed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sources {
    pub commit: Option<String>,
    pub dirty: Option<String>,
}

/// Reads the state of the sources. Nothing is known where there is no repository.
pub async fn read(world: &World, workspace: &Workspace) -> Sources {
    let git = world.git().clone();
    let root = workspace.root.clone();
    match tokio::task::spawn_blocking(move || git.head(&root)).await {
        Ok(Ok(state)) => Sources {
            commit: state.commit,
            dirty: state.dirty,
        },
        _ => Sources::default(),
    }
}

/// Stamps the job with the state that it works on.
pub async fn stamp(cx: &JobCtx, sources: Sources) -> Sources {
    cx.sources(sources.commit.clone(), sources.dirty.clone(), None).await;
    sources
}
