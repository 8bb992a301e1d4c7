//! What Release does: one async function per command.

use super::procedure::{self, End, rehearsal};
use super::readiness::{self, Looked};
use super::{Command, Update, Wish, deliverables, together, verify, withdrawal};
use crate::adapters::World;
use crate::areas::{JobCtx, JobSpec};
use crate::base::{Msg, Problem, State, Workspace};
use crate::engine::Overlap;
use crate::msg;
use std::time::Duration;

const AREA: &str = "release";
/// The code of the problem of a folder that no repository holds.
const NOT_A_REPOSITORY: &str = "not-a-repository";
/// A release that is asked to end first brings the files back as they were.
const TAKE_BACK_LIMIT: Duration = Duration::from_mins(2);

/// The job of a command.
pub fn plan(world: &World, command: Command) -> JobSpec {
    let world = world.clone();
    match command {
        Command::Prepare {
            workspace,
            wish,
            package,
        } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("release-job-prepare"), move |cx| async move {
                prepare(&cx, &world, &workspace, &wish, package.as_deref()).await
            })
            .workspace(&id)
            .key(format!("release-prepare:{id}"), Overlap::Latest)
            .quiet()
        }
        Command::LookTogether { workspace, version } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("release-job-look-together"), move |cx| async move {
                let together = together::look(&cx, &world, &workspace, &version).await?;
                let (workspace, together) = (workspace.id.clone(), Box::new(together));
                cx.update(Update::TogetherTold { workspace, together }).await;
                Ok(())
            })
            .workspace(&id)
            .key(format!("release-look-together:{id}"), Overlap::Latest)
        }
        Command::Together {
            workspace,
            version,
            pushes,
        } => making(
            &workspace.clone(),
            msg!("release-job-together", version = &version),
            move |cx| async move {
                procedure::alone(
                    &world,
                    &workspace,
                    Box::pin(together::run(&cx, &world, &workspace, &version, pushes)),
                )
                .await?;
                list(&cx, &world, &workspace).await
            },
        ),
        Command::Rehearse {
            workspace,
            wish,
            package,
        } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("release-job-rehearse"), move |cx| async move {
                let rehearse = rehearsal::rehearse(&cx, &world, &workspace, &wish, package.as_deref());
                let rehearsed = Box::pin(rehearse).await;
                let looked = prepare(&cx, &world, &workspace, &Wish::Commits, package.as_deref()).await;
                rehearsed.map(drop).and(looked)
            })
            .workspace(&id)
            .key(format!("release-rehearse:{id}"), Overlap::Refuse)
            .stop_limit(TAKE_BACK_LIMIT)
        }
        Command::ListPackages { workspace } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("release-job-packages"), move |cx| async move {
                let packages = readiness::packages(&cx, &world, &workspace).await?;
                let workspace = workspace.id.clone();
                cx.update(Update::PackagesListed { workspace, packages }).await;
                Ok(())
            })
            .workspace(&id)
            .key(format!("release-packages:{id}"), Overlap::Latest)
            .quiet()
        }
        Command::Run {
            workspace,
            wish,
            package,
            notes,
        } => {
            let title = match &wish {
                Wish::Version { version } => msg!("release-job-run-version", version = version),
                _ => msg!("release-job-run"),
            };
            making(&workspace.clone(), title, move |cx| async move {
                let ended = procedure::run(&cx, &world, &workspace, &wish, package.as_deref(), notes).await;
                tell_end(&cx, &world, &workspace, package.as_deref(), ended).await
            })
        }
        Command::Resume { workspace } => making(&workspace.clone(), msg!("release-job-resume"), move |cx| async move {
            let ended = procedure::resume(&cx, &world, &workspace).await;
            tell_end(&cx, &world, &workspace, None, ended).await
        }),
        Command::Confirm {
            workspace,
            step,
            note,
            evidence,
        } => {
            let title = msg!("release-job-confirm", step = &step);
            making(&workspace.clone(), title, move |cx| async move {
                let ended = procedure::confirm(&cx, &world, &workspace, &step, &note, evidence.as_deref()).await;
                tell_end(&cx, &world, &workspace, None, ended).await
            })
        }
        Command::Abort { workspace } => making(&workspace.clone(), msg!("release-job-abort"), move |cx| async move {
            if let Some(begun) = together::begun(&world, &workspace).await? {
                let abort = Box::pin(together::abort(&cx, &world, &workspace, begun));
                return procedure::alone(&world, &workspace, abort).await;
            }
            let aborted = procedure::abort(&cx, &world, &workspace).await;
            let looked = prepare(&cx, &world, &workspace, &Wish::Commits, None).await;
            // A version that was made is listed no longer.
            let listed = list(&cx, &world, &workspace).await;
            aborted.and(looked).and(listed)
        }),
        Command::Again { workspace, version } => {
            let title = msg!("release-job-again", version = &version);
            making(&workspace.clone(), title, move |cx| async move {
                let made = Box::pin(procedure::again::again(&cx, &world, &workspace, &version)).await;
                // Also where it failed: what is there is shown.
                let listed = list(&cx, &world, &workspace).await;
                made.map(drop).and(listed)
            })
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
                withdrawal::say(&cx, &world, &workspace, &version, reason).await?;
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

async fn verify(cx: &JobCtx, world: &World, workspace: &Workspace, version: &str) -> Result<(), Problem> {
    let checks = verify::verify(cx, world, workspace, version).await?;
    let failed = checks.iter().find(|check| check.state == State::Failed).cloned();
    let version = super::packages::parse(version)?;
    cx.update(Update::Verified {
        workspace: workspace.id.clone(),
        version: version.clone(),
        checks,
    })
    .await;
    match failed {
        None => Ok(()),
        Some(check) => {
            let texts = world.texts();
            let said = msg!("release-said", name = texts.msg(&check.name), text = texts.msg(&check.found));
            let mut problem = Problem::environment(said).code("not-verified");
            problem.hint = check.hint.or(Some(msg!("release-verify-failed-hint", version = version)));
            Err(problem)
        }
    }
}

async fn prepare(cx: &JobCtx, world: &World, workspace: &Workspace, wish: &Wish, package: Option<&str>) -> Result<(), Problem> {
    let id = workspace.id.clone();
    cx.update(Update::Preparing { workspace: id }).await;
    look_again(cx, world, workspace, wish, package).await
}

async fn look_again(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    wish: &Wish,
    package: Option<&str>,
) -> Result<(), Problem> {
    let mut result = Box::pin(tell_readiness(cx, world, workspace, wish, package)).await;
    if result.as_ref().is_err_and(|problem| problem.code == NOT_A_REPOSITORY) {
        let repositories = together::paths(cx, world, workspace).await?;
        if repositories.len() > 1 {
            let workspace = workspace.id.clone();
            cx.update(Update::OnlyTogether { workspace, repositories }).await;
            result = Ok(());
        }
    }
    // One that was begun, here or by another program, is seen without asking for its version.
    if let Some(begun) = together::begun(world, workspace).await? {
        together::tell(cx, workspace, &begun).await;
    }
    if let Err(problem) = &result {
        cx.update(Update::PrepareFailed {
            workspace: workspace.id.clone(),
            problem: problem.clone(),
        })
        .await;
    }
    result
}

/// What forbids the release at once, and then what is worth knowing beside.
async fn tell_readiness(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    wish: &Wish,
    package: Option<&str>,
) -> Result<(), Problem> {
    let mut looked = Box::pin(readiness::look(cx, world, workspace, wish, package)).await?;
    for problem in std::mem::take(&mut looked.project_problems) {
        cx.problem(problem).await;
    }
    tell_looked(cx, workspace, &looked).await;
    if let Err(problem) = Box::pin(looked.look_around(cx, world, workspace)).await {
        cx.check()?;
        cx.problem(problem).await;
    }
    tell_looked(cx, workspace, &looked).await;
    Ok(())
}

async fn tell_looked(cx: &JobCtx, workspace: &Workspace, looked: &Looked) {
    cx.update(Update::Prepared {
        workspace: workspace.id.clone(),
        readiness: Box::new(looked.readiness.clone()),
    })
    .await;
}

/// A job that works at the release of a workspace: one at a time, and what is asked to end first brings things back in order.
fn making<F, Fut>(workspace: &Workspace, title: Msg, work: F) -> JobSpec
where
    F: FnOnce(JobCtx) -> Fut + Send + 'static,
    Fut: Future<Output = Result<(), Problem>> + Send + 'static,
{
    JobSpec::new(AREA, title, work)
        .workspace(&workspace.id)
        .key(format!("release:{}", workspace.id), Overlap::Refuse)
        .stop_limit(TAKE_BACK_LIMIT)
}

async fn tell_end(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    package: Option<&str>,
    ended: Result<End, Problem>,
) -> Result<(), Problem> {
    if let Ok(End::Released(deliverable)) = &ended {
        let deliverable = deliverable.clone();
        cx.update(Update::Released {
            workspace: workspace.id.clone(),
            deliverable,
        })
        .await;
    }
    // The next version and what forbids it are other ones now; that it can not be looked at is told with it.
    let looked = look_again(cx, world, workspace, &Wish::Commits, package).await;
    drop(looked);
    ended.map(drop)
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
