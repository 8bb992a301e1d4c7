//! A folder becomes a repository.

use super::jobs::read_status;
use super::{AREA, Acted, Update};
use crate::adapters::World;
use crate::adapters::git::Repo;
use crate::areas::{JobCtx, JobSpec};
use crate::base::{Problem, Workspace};
use crate::engine::Overlap;
use crate::msg;

/// The branch of a user who has chosen none.
const BRANCH: &str = "main";

pub(super) fn beginning(world: World, workspace: Workspace) -> JobSpec {
    let id = workspace.id.clone();
    let title = msg!("code-job-init", path = &workspace.root);
    JobSpec::new(AREA, title, move |cx| begin(cx, world, workspace))
        .workspace(&id)
        .key(format!("code/init/{id}"), Overlap::Refuse)
}

async fn begin(cx: JobCtx, world: World, workspace: Workspace) -> Result<(), Problem> {
    world.trust().check(&workspace)?;
    let (git, root) = (world.git().clone(), workspace.root.clone());
    if let Ok(top) = cx.blocking(move |_| git.top(&root)).await {
        return Err(Problem::user(msg!("code-init-in-one", path = &top)).code("exists"));
    }
    let repo = Repo {
        root: &workspace.root,
        is_trusted: true,
    };
    let (program, cancel) = (world.git().program(), cx.cancel_token());
    let chosen = program
        .read_output(repo, &["config", "--get", "init.defaultBranch"], cancel)
        .await?;
    let branch = String::from_utf8_lossy(&chosen.stdout).trim().to_owned();
    let branch = if branch.is_empty() { BRANCH } else { &branch };
    program.write(repo, &["init", "-q", "-b", branch], &[], cancel).await?;
    read_status(&cx, &world, &workspace).await?;
    let acted = Acted {
        act: "init".to_owned(),
        told: Some(msg!("code-told-init", branch = branch)),
        undo: None,
        taken: Vec::new(),
        steps: Vec::new(),
        n_pruned: 0,
        head: None,
    };
    cx.update(Update::Acted {
        workspace: workspace.id,
        acted,
    })
    .await;
    Ok(())
}
