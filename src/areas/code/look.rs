//! Reading for branches, operations and conflicts: works in any folder, and changes nothing.

use super::Update;
use super::branching::{Look, News};
use super::jobs::{below_top, is_trusted, quiet};
use crate::adapters::World;
use crate::adapters::files;
use crate::adapters::git::{Repo, parse_plan};
use crate::areas::{JobCtx, JobSpec};
use crate::base::operation::RebasePlan;
use crate::base::repo::RepoSummary;
use crate::base::{GitPath, Problem, Workspace};
use crate::engine::Overlap;
use crate::msg;
use std::path::Path;

/// Files of an untracked folder that are listed.
const MAX_UNTRACKED: usize = 500;

/// A plan that somebody wrote is no larger.
const MAX_PLAN_BYTES: u64 = 4 * 1024 * 1024;

/// The job that looks.
pub(super) fn looking(world: World, workspace: Workspace, look: Look) -> JobSpec {
    let id = workspace.id.clone();
    let (what, title) = match &look {
        Look::Conflict { .. } => ("conflict", msg!("code-job-conflict")),
        Look::Plan { .. } => ("plan", msg!("code-job-plan")),
        Look::Switch { .. } => ("switch-preview", msg!("code-job-preview")),
        Look::Push { .. } => ("push-preview", msg!("code-job-preview")),
        Look::UnderWay => ("under-way", msg!("code-job-under-way")),
        Look::Untracked { .. } => ("untracked", msg!("code-job-untracked")),
    };
    quiet(what, title, &id, Overlap::Latest, move |cx| async move {
        match look {
            Look::Conflict { path } => conflict(&cx, &world, &workspace, path).await,
            Look::Plan {
                since,
                onto,
                is_autosquash,
                moves_branches,
                leaves_merges,
                file,
            } => {
                tell(&cx, &workspace, News::PlanStarted).await;
                let (git, root) = (world.git().clone(), workspace.root.clone());
                let read = move |_: &JobCtx| -> Result<RebasePlan, Problem> {
                    let mut plan = git.rebase_plan(&root, since.as_deref(), onto.as_deref())?;
                    plan.moves_branches |= moves_branches;
                    if is_autosquash {
                        plan.autosquash();
                    }
                    if let Some(file) = file {
                        plan = written_plan(&file, &plan)?;
                    }
                    plan.keeps_merges &= !leaves_merges;
                    Ok(plan)
                };
                match cx.blocking(read).await {
                    Ok(plan) => {
                        tell(&cx, &workspace, News::PlanRead { plan }).await;
                        Ok(())
                    }
                    Err(problem) => {
                        let news = News::PlanFailed {
                            problem: problem.clone(),
                        };
                        tell(&cx, &workspace, news).await;
                        Err(problem)
                    }
                }
            }
            Look::Switch { to } => {
                let (git, root) = (world.git().clone(), workspace.root.clone());
                let preview = cx.blocking(move |_| git.preview_switch(&root, &to)).await?;
                tell(&cx, &workspace, News::SwitchPreviewed { preview }).await;
                Ok(())
            }
            Look::Push { push } => {
                let (git, root) = (world.git().clone(), workspace.root.clone());
                let preview = cx.blocking(move |_| git.preview_push(&root, &push)).await?;
                tell(&cx, &workspace, News::PushPreviewed { preview }).await;
                Ok(())
            }
            Look::UnderWay => under_way(&cx, &world, &workspace).await,
            Look::Untracked { folder } => {
                let repo = Repo {
                    root: &workspace.root,
                    is_trusted: is_trusted(&world, &workspace),
                };
                let mut paths = world.git().untracked_below(repo, &folder, cx.cancel_token()).await?;
                let n_unlisted = paths.len().saturating_sub(MAX_UNTRACKED) as u64;
                paths.truncate(MAX_UNTRACKED);
                let news = News::UntrackedRead {
                    folder,
                    paths,
                    n_unlisted,
                };
                tell(&cx, &workspace, news).await;
                Ok(())
            }
        }
    })
}

async fn tell(cx: &JobCtx, workspace: &Workspace, news: News) {
    cx.update(Update::Branching {
        workspace: workspace.id.clone(),
        news,
    })
    .await;
}

/// What git is in the middle of and what is in conflict, told with every status. A repository that is at rest costs nothing.
pub(super) async fn tell_under_way(cx: &JobCtx, world: &World, workspace: &Workspace, summary: &RepoSummary) {
    if summary.operation.is_none() && summary.n_conflicted == 0 {
        let news = News::UnderWay {
            operation: None,
            conflicts: Vec::new(),
        };
        tell(cx, workspace, news).await;
        return;
    }
    // The status was told; that this could not be read is a problem of its own.
    if let Err(problem) = under_way(cx, world, workspace).await
        && !problem.is_cancelled()
    {
        cx.problem(problem).await;
    }
}

async fn under_way(cx: &JobCtx, world: &World, workspace: &Workspace) -> Result<(), Problem> {
    let (git, root) = (world.git().clone(), workspace.root.clone());
    let (operation, conflicts) = cx
        .blocking(move |_| Ok((git.operation(&root)?, git.conflicts(&root)?)))
        .await?;
    let news = News::UnderWay {
        operation: operation.map(Box::new),
        conflicts,
    };
    tell(cx, workspace, news).await;
    Ok(())
}

async fn conflict(cx: &JobCtx, world: &World, workspace: &Workspace, path: GitPath) -> Result<(), Problem> {
    tell(cx, workspace, News::ConflictStarted { path: path.clone() }).await;
    let (git, root, asked) = (world.git().clone(), workspace.root.clone(), path.clone());
    let read = cx.blocking(move |_| {
        let top = git.top(&root)?;
        git.conflict_text(&root, &below_top(&top, &asked)?)
    });
    match read.await {
        Ok(conflict) => {
            let news = News::ConflictRead {
                path,
                conflict: Box::new(conflict),
            };
            tell(cx, workspace, news).await;
            Ok(())
        }
        Err(problem) => {
            let news = News::ConflictFailed {
                path,
                problem: problem.clone(),
            };
            tell(cx, workspace, news).await;
            // It was resolved while it was looked at.
            if problem.code == "not-found" { Ok(()) } else { Err(problem) }
        }
    }
}

fn written_plan(file: &Path, known: &RebasePlan) -> Result<RebasePlan, Problem> {
    let text = files::read_text_input(file, MAX_PLAN_BYTES)?;
    parse_plan(&text, &file.to_string_lossy(), known)
}
