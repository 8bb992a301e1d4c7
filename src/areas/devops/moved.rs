//! A project whose folder was moved: its history goes on in the new place.

use crate::adapters::store::workspaces::WorkspaceRow;
use crate::adapters::{World, kept_folders};
use crate::areas::JobCtx;
use crate::base::{Problem, Workspace, WorkspaceId};
use crate::msg;

/// Rows of each kind whose commits are looked for in the new place.
const MAX_ROWS: u32 = 5;

/// Takes over the history of the one workspace whose folder is gone and which this is, as its folder or its commits say. Tells it.
pub(super) async fn take_over(cx: &JobCtx, world: &World, workspace: &Workspace) -> Result<(), Problem> {
    let rows = world.store().workspaces().list().await?;
    let gone = rows.into_iter().filter(|row| row.id != workspace.id && !row.root.exists());
    let mut same: Vec<WorkspaceRow> = Vec::new();
    for row in gone {
        if is_same(cx, world, &row, workspace).await? {
            same.push(row);
        }
    }
    // Two that could be meant are the user's to tell apart.
    let [old] = &same[..] else { return Ok(()) };
    let n_rows = world.store().workspaces().take_over(&old.id, &workspace.id).await?;
    // What is run again runs in the folder of now.
    let deployments = world.store().deployments();
    deployments.move_root(&workspace.id, &old.root, &workspace.root).await?;
    let (data, from, to) = (world.dirs().data.clone(), old.id.0.clone(), workspace.id.0.clone());
    cx.blocking(move |_| {
        for folder in ["releases", "deployments"] {
            let folder = data.join(folder);
            kept_folders::rename_with_link(&folder.join(&from), &folder.join(&to))?;
        }
        Ok(())
    })
    .await?;
    let told = msg!(
        "devops-taken-over",
        name = old.name.as_str(),
        path = old.root.as_path(),
        n = n_rows
    );
    cx.problem(Problem::environment(told).code("taken-over")).await;
    Ok(())
}

async fn is_same(cx: &JobCtx, world: &World, old: &WorkspaceRow, new: &Workspace) -> Result<bool, Problem> {
    if world.trust().is_moved(&old.root, &new.root) {
        return Ok(true);
    }
    let commits = commits_of(world, &old.id).await?;
    let (git, root) = (world.git().clone(), new.root.clone());
    cx.blocking(move |_| Ok(commits.iter().any(|oid| git.resolve(&root, oid).is_ok())))
        .await
}

async fn commits_of(world: &World, id: &WorkspaceId) -> Result<Vec<String>, Problem> {
    let store = world.store();
    let mut commits: Vec<String> = Vec::new();
    let builds = store.builds().list(id, None, MAX_ROWS).await?;
    commits.extend(builds.into_iter().filter_map(|row| row.commit));
    let runs = store.tests().runs(id, MAX_ROWS).await?;
    commits.extend(runs.into_iter().filter_map(|row| row.commit));
    let releases = store.releases().list(id, MAX_ROWS).await?;
    commits.extend(releases.into_iter().map(|row| row.commit));
    commits.retain(|oid| oid.len() >= 40);
    commits.dedup();
    Ok(commits)
}
