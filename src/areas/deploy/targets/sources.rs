//! The files of a version as they are in its commit, for as long as something is made from them.

use super::Site;
use crate::adapters::World;
use crate::areas::JobCtx;
use crate::areas::build::pipelines::worktree::{self, Clean};
use crate::base::{Problem, Workspace};
use std::path::Path;

/// Where a checkout of git keeps what git needs.
pub const OF_GIT: &str = ".git";

/// The folder may have a history.
pub async fn is_repository(world: &World, root: &Path) -> bool {
    let (git, root) = (world.git().clone(), root.to_path_buf());
    let asked = tokio::task::spawn_blocking(move || git.top(&root).is_ok());
    asked.await.unwrap_or(false)
}

/// Does the work in a clean worktree of the commit, which is gone afterwards however it ended. A folder that is no repository is taken
/// as it stands.
pub(super) async fn with<T>(site: &Site, cx: &JobCtx, work: impl AsyncFnOnce(&Path) -> Result<T, Problem>) -> Result<T, Problem> {
    let root = &site.inputs.root;
    let commit = match &site.inputs.commit {
        Some(commit) if is_repository(&site.world, root).await => commit,
        _ => return work(root).await,
    };
    let workspace = Workspace {
        id: site.workspace.clone(),
        ..Workspace::at(root)
    };
    let name = format!("deploy-{}", site.deployment);
    let clean = Clean::make(&site.stop, &site.world, &workspace, commit, &worktree::owner(cx), &name).await?;
    let result = work(&clean.workspace.root).await;
    let removed = worktree::remove(cx, &site.world, clean).await;
    result.and_then(|value| removed.map(|()| value))
}
