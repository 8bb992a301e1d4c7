//! What Release does: one async function per command.

use super::{Command, Update, Wish, deliverables, procedure, readiness, verify};
use crate::adapters::World;
use crate::areas::{JobCtx, JobSpec};
use crate::base::{Problem, State, Workspace};
use crate::engine::Overlap;
use crate::msg;
use std::time::Duration;

const AREA: &str = "release";
/// A release that is asked to end first brings the files back as they were.
const TAKE_BACK_LIMIT: Duration = Duration::from_mins(2);

/// The job of a command.
pub fn plan(world: &World, command: Command) -> JobSpec {
    let world = world.clone();
    match command {
        Command::Prepare { workspace, wish } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("release-job-prepare"), move |cx| async move {
                prepare(&cx, &world, &workspace, &wish).await
            })
            .workspace(&id)
            .key(format!("release-prepare:{id}"), Overlap::Latest)
            .quiet()
        }
        Command::Run { workspace, wish, notes } => {
            let title = match &wish {
                Wish::Version { version } => msg!("release-job-run-version", version = version),
                _ => msg!("release-job-run"),
            };
            let id = workspace.id.clone();
            JobSpec::new(AREA, title, move |cx| async move {
                run(&cx, &world, &workspace, &wish, notes).await
            })
            .workspace(&id)
            .key(format!("release:{id}"), Overlap::Refuse)
            .stop_limit(TAKE_BACK_LIMIT)
        }
        Command::Abandon { workspace } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("release-job-abandon"), move |cx| async move {
                procedure::abandon(&cx, &world, &workspace).await?;
                prepare(&cx, &world, &workspace, &Wish::Commits).await
            })
            .workspace(&id)
            .key(format!("release:{id}"), Overlap::Refuse)
        }
        Command::List { workspace } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("release-job-list"), move |cx| async move {
                list(&cx, &world, &workspace).await
            })
            .workspace(&id)
            .key(format!("release-list:{id}"), Overlap::Latest)
            .quiet()
        }
        Command::Withdraw {
            workspace,
            version,
            reason,
        } => {
            let title = match &reason {
                Some(_) => msg!("release-job-withdraw", version = &version),
                None => msg!("release-job-restore", version = &version),
            };
            let id = workspace.id.clone();
            JobSpec::new(AREA, title, move |cx| async move {
                withdraw(&world, &workspace, &version, reason).await?;
                list(&cx, &world, &workspace).await
            })
            .workspace(&id)
        }
        Command::Verify { workspace, version } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("release-job-verify", version = &version), move |cx| async move {
                verify(&cx, &world, &workspace, &version).await
            })
            .workspace(&id)
            .key(format!("release-verify:{id}"), Overlap::Latest)
        }
    }
}

async fn withdraw(world: &World, workspace: &Workspace, version: &str, reason: Option<String>) -> Result<(), Problem> {
    let wanted = super::version::parse(version)?.to_string();
    if reason.as_deref().is_some_and(|reason| reason.trim().is_empty()) {
        return Err(Problem::user(msg!("release-withdraw-why")).hint(msg!("release-withdraw-why-hint")));
    }
    let releases = world.store().releases();
    let Some(row) = releases.by_version(&workspace.id, &wanted).await? else {
        return Err(Problem::user(msg!("release-no-such-version", version = wanted))
            .code("not-found")
            .hint(msg!("release-withdraw-unknown-hint")));
    };
    releases
        .set_withdrawn(row.id, reason.map(|reason| reason.trim().to_owned()))
        .await
}

async fn verify(cx: &JobCtx, world: &World, workspace: &Workspace, version: &str) -> Result<(), Problem> {
    let checks = verify::verify(cx, world, workspace, version).await?;
    let failed = checks.iter().find(|check| check.state == State::Failed).cloned();
    let version = super::version::parse(version)?.to_string();
    cx.update(Update::Verified {
        workspace: workspace.id.clone(),
        version: version.clone(),
        checks,
    })
    .await;
    match failed {
        None => Ok(()),
        Some(check) => {
            let mut problem = Problem::environment(check.found).code("not-verified");
            problem.hint = check.hint.or(Some(msg!("release-verify-failed-hint", version = version)));
            Err(problem)
        }
    }
}

async fn prepare(cx: &JobCtx, world: &World, workspace: &Workspace, wish: &Wish) -> Result<(), Problem> {
    let id = workspace.id.clone();
    cx.update(Update::Preparing { workspace: id.clone() }).await;
    match readiness::look(cx, world, workspace, wish).await {
        Ok(looked) => {
            for problem in looked.project_problems {
                cx.problem(problem).await;
            }
            let readiness = Box::new(looked.readiness);
            cx.update(Update::Prepared {
                workspace: id,
                readiness,
            })
            .await;
            Ok(())
        }
        Err(problem) => {
            let told = problem.clone();
            cx.update(Update::PrepareFailed {
                workspace: id,
                problem: told,
            })
            .await;
            Err(problem)
        }
    }
}

async fn run(cx: &JobCtx, world: &World, workspace: &Workspace, wish: &Wish, notes: Option<String>) -> Result<(), Problem> {
    let result = procedure::run(cx, world, workspace, wish, notes).await;
    if let Ok(deliverable) = &result {
        let deliverable = Box::new(deliverable.clone());
        cx.update(Update::Released {
            workspace: workspace.id.clone(),
            deliverable,
        })
        .await;
    }
    // The next version and what forbids it are other ones now.
    match readiness::look(cx, world, workspace, &Wish::Commits).await {
        Ok(looked) => {
            cx.update(Update::Prepared {
                workspace: workspace.id.clone(),
                readiness: Box::new(looked.readiness),
            })
            .await;
        }
        Err(problem) => {
            cx.update(Update::PrepareFailed {
                workspace: workspace.id.clone(),
                problem,
            })
            .await;
        }
    }
    result.map(drop)
}

async fn list(cx: &JobCtx, world: &World, workspace: &Workspace) -> Result<(), Problem> {
    let id = workspace.id.clone();
    match deliverables::list(cx, world, workspace).await {
        Ok(deliverables) => {
            let project = super::files::project(workspace)?.0;
            cx.update(Update::Listed {
                workspace: id,
                deliverables,
                environments: project.environments.into_iter().map(|one| one.name).collect(),
            })
            .await;
            Ok(())
        }
        Err(problem) => {
            let told = problem.clone();
            cx.update(Update::ListFailed {
                workspace: id,
                problem: told,
            })
            .await;
            Err(problem)
        }
    }
}
