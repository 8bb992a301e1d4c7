//! The files of a version as they are in its commit, for as long as something is made from them.

use super::Site;
use crate::adapters::{World, deliver};
use crate::areas::JobCtx;
use crate::areas::build::pipelines::worktree::{self, Clean};
use crate::base::{Problem, Workspace};
use crate::msg;
use std::path::{Component, Path, PathBuf};

/// Where a checkout of git keeps what git needs.
pub const OF_GIT: &str = ".git";

/// The folder may have a history.
pub async fn is_repository(world: &World, root: &Path) -> bool {
    let (git, root) = (world.git().clone(), root.to_path_buf());
    let asked = tokio::task::spawn_blocking(move || git.top(&root).is_ok());
    asked.await.unwrap_or(false)
}

/// A path that stays below its folder, without what means nothing in it.
pub fn plain(path: &Path) -> Result<PathBuf, Problem> {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::Normal(part) => plain.push(part),
            Component::CurDir => {}
            _ => return Err(Problem::config(msg!("docker-dockerfile-outside", path = path))),
        }
    }
    Ok(plain)
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
    // By this name the next start knows whether somebody still uses it.
    let owner = format!("job-{}", cx.id().0);
    let name = format!("deploy-{}", site.deployment);
    let clean = Clean::make(&site.stop, &site.world, &workspace, commit, &owner, &name).await?;
    let result = work(&clean.workspace.root).await;
    let removed = clean.remove(&site.world).await;
    let result = result.and_then(|value| removed.map(|()| value));
    let folder = worktree::folder(&site.world).join(owner);
    let emptied = cx.blocking(move |_| deliver::remove_folder(&folder)).await;
    result.and_then(|value| emptied.map(|()| value))
}
