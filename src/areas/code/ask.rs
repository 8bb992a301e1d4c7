//! Reading worktrees, submodules and several repositories: works in any folder, and changes none of their files.

use super::jobs::{is_trusted, quiet};
use super::trees::{Ask, News};
use super::{AREA, Update, repos};
use crate::adapters::World;
use crate::adapters::git::Repo;
use crate::areas::{JobCtx, JobSpec};
use crate::base::{Problem, Workspace};
use crate::engine::Overlap;
use crate::msg;

/// The job that looks. `accepts` is as in `acts::acting`.
pub(super) fn asking(world: World, workspace: Workspace, ask: Ask, accepts: Option<String>) -> JobSpec {
    let id = workspace.id.clone();
    let (what, title) = match &ask {
        Ask::Worktrees => ("worktrees", msg!("code-job-worktrees")),
        Ask::Stale => ("stale-worktrees", msg!("code-job-worktrees")),
        Ask::Submodules => ("submodules", msg!("code-job-submodules")),
        Ask::Repos { .. } => ("repos", msg!("code-job-repos")),
        Ask::CompareRepos { .. } => ("repos-diff", msg!("code-job-repos-diff")),
        Ask::FreezeRepos { .. } => ("repos-freeze", msg!("code-job-repos-freeze")),
        Ask::FetchRepos { .. } => ("repos-fetch", msg!("code-job-repos-fetch")),
    };
    let is_shown = matches!(ask, Ask::FetchRepos { .. });
    let run = move |cx: JobCtx| async move {
        match ask {
            Ask::Worktrees => worktrees(&cx, &world, &workspace).await,
            Ask::Stale => {
                let repo = repo(&world, &workspace);
                let stale = world.git().stale_worktrees(repo, cx.cancel_token()).await?;
                tell(&cx, &workspace, News::StaleRead { stale }).await;
                Ok(())
            }
            Ask::Submodules => submodules(&cx, &world, &workspace).await,
            Ask::Repos { manifest } => repos::list(&cx, &world, &workspace, manifest).await,
            Ask::FreezeRepos { manifest, to } => repos::freeze(&cx, &world, &workspace, manifest, to).await,
            Ask::CompareRepos { from, to } => repos::diff(&cx, &world, &workspace, from, to).await,
            Ask::FetchRepos { manifest } => repos::fetch(&cx, &world, &workspace, manifest, accepts).await,
        }
    };
    if is_shown {
        return JobSpec::new(AREA, title, run)
            .workspace(&id)
            .key(format!("code/{what}/{id}"), Overlap::Refuse);
    }
    quiet(what, title, &id, Overlap::Replace, run)
}

fn repo<'a>(world: &World, workspace: &'a Workspace) -> Repo<'a> {
    Repo {
        root: &workspace.root,
        is_trusted: is_trusted(world, workspace),
    }
}

pub(super) async fn tell(cx: &JobCtx, workspace: &Workspace, news: News) {
    cx.update(Update::Trees {
        workspace: workspace.id.clone(),
        news,
    })
    .await;
}

/// The list at once, the counts one after the other: a large repository has many large worktrees.
async fn worktrees(cx: &JobCtx, world: &World, workspace: &Workspace) -> Result<(), Problem> {
    tell(cx, workspace, News::WorktreesStarted).await;
    let rows = match world.git().worktrees(repo(world, workspace), cx.cancel_token()).await {
        Ok(rows) => rows,
        Err(problem) => {
            let news = News::WorktreesFailed {
                problem: problem.clone(),
            };
            tell(cx, workspace, news).await;
            return Err(problem);
        }
    };
    let worktrees = rows.clone();
    tell(cx, workspace, News::WorktreesRead { worktrees }).await;
    for row in rows.iter().filter(|row| !row.is_bare && row.prunable.is_none()) {
        cx.check()?;
        let root = row.path.to_path_buf();
        // Nobody said that the other folder's files are trusted: nothing of it runs.
        let there = Repo {
            root: &root,
            is_trusted: false,
        };
        // One that can not be read says so when it is opened.
        if let Ok(status) = world.git().status_now(there, cx.cancel_token()).await {
            let news = News::WorktreeCounted {
                path: row.path.clone(),
                summary: Box::new(status.summary),
            };
            tell(cx, workspace, news).await;
        }
    }
    Ok(())
}

/// The list at once, how each stands one after the other.
async fn submodules(cx: &JobCtx, world: &World, workspace: &Workspace) -> Result<(), Problem> {
    tell(cx, workspace, News::SubmodulesStarted).await;
    let (git, root) = (world.git().clone(), workspace.root.clone());
    let rows = match cx.blocking(move |_| git.submodules(&root)).await {
        Ok(rows) => rows,
        Err(problem) => {
            let news = News::SubmodulesFailed {
                problem: problem.clone(),
            };
            tell(cx, workspace, news).await;
            return Err(problem);
        }
    };
    let submodules = rows.clone();
    tell(cx, workspace, News::SubmodulesRead { submodules }).await;
    for mut row in rows {
        cx.check()?;
        let (git, root) = (world.git().clone(), workspace.root.clone());
        let row = cx
            .blocking(move |_| {
                git.look_at_submodule(&root, &mut row)?;
                Ok(row)
            })
            .await?;
        let submodule = Box::new(row);
        tell(cx, workspace, News::SubmoduleRead { submodule }).await;
    }
    Ok(())
}
