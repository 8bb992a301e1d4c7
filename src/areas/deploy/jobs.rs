//! What Deploy does: one async function per command.

use super::{
    Command, Overview, Recovered, Update, Verdict, acts, approvals, continuous, overview, preview, rebuild, recover, rehearsal,
    scale, wishes,
};
use crate::adapters::World;
use crate::areas::{JobCtx, JobSpec};
use crate::base::{Problem, Workspace};
use crate::engine::Overlap;
use crate::msg;
use std::time::Duration;

const AREA: &str = "deploy";
/// A rollout that is asked to end first brings the version before back, which takes as long as its gates do.
const RETURN_LIMIT: Duration = Duration::from_mins(15);

/// The job of a command.
pub fn plan(world: &World, command: Command) -> JobSpec {
    let world = world.clone();
    match command {
        Command::Refresh { workspace } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("deploy-job-refresh"), move |cx| async move {
                refresh(&cx, &world, &workspace).await
            })
            .workspace(&id)
            .key(format!("deploy-refresh:{id}"), Overlap::Latest)
            .quiet()
        }
        Command::Run {
            workspace,
            environment,
            what,
            confirmed,
        } => {
            let title = match &what {
                super::What::Version { version } => {
                    msg!("deploy-job-run-version", version = version, environment = &environment)
                }
                _ => msg!("deploy-job-run", environment = &environment),
            };
            change(workspace.clone(), environment.clone(), title, move |cx| async move {
                let result = acts::deploy(&cx, &world, &workspace, &environment, &what, confirmed.as_deref()).await;
                afterwards(&cx, &world, &workspace, result).await
            })
        }
        Command::Preview {
            workspace,
            environment,
            what,
        } => {
            let id = workspace.id.clone();
            let key = format!("deploy-preview:{id}:{environment}");
            JobSpec::new(
                AREA,
                msg!("deploy-job-preview", environment = &environment),
                move |cx| async move {
                    let preview = preview::read(&world, &workspace, &environment, &what).await?;
                    cx.update(Update::Previewed {
                        workspace: workspace.id,
                        preview: Box::new(preview),
                    })
                    .await;
                    Ok(())
                },
            )
            .workspace(&id)
            .key(key, Overlap::Latest)
            .quiet()
        }
        Command::RollBack {
            workspace,
            environment,
            to,
            data,
            confirmed,
        } => {
            let title = msg!("deploy-job-roll-back", environment = &environment);
            change(workspace.clone(), environment.clone(), title, move |cx| async move {
                let result = acts::roll_back(&cx, &world, &workspace, &environment, to, data, confirmed.as_deref()).await;
                afterwards(&cx, &world, &workspace, result).await
            })
        }
        Command::WeighData {
            workspace,
            environment,
            to,
        } => {
            let id = workspace.id.clone();
            let key = format!("deploy-weigh:{id}:{environment}");
            let title = msg!("deploy-job-weigh", environment = &environment);
            JobSpec::new(AREA, title, move |cx| async move {
                world.trust().check(&workspace)?;
                let weighed = acts::weigh(&world, &workspace, &environment, to).await?;
                cx.update(Update::DataWeighed {
                    workspace: workspace.id,
                    weighed,
                })
                .await;
                Ok(())
            })
            .workspace(&id)
            .key(key, Overlap::Latest)
            .quiet()
        }
        Command::Rehearse {
            workspace,
            environment,
            what,
        } => {
            let id = workspace.id.clone();
            let key = format!("deploy-rehearse:{id}:{environment}");
            let title = msg!("deploy-job-rehearse", environment = &environment);
            JobSpec::new(AREA, title, move |cx| async move {
                let result = Box::pin(rehearsal::rehearse(&cx, &world, &workspace, &environment, &what)).await;
                afterwards(&cx, &world, &workspace, result).await
            })
            .workspace(&id)
            .key(key, Overlap::Refuse)
            .stop_limit(RETURN_LIMIT)
        }
        Command::Stop {
            workspace,
            environment,
            confirmed,
        } => {
            let title = msg!("deploy-job-stop", environment = &environment);
            change(workspace.clone(), environment.clone(), title, move |cx| async move {
                let result = acts::stop(&cx, &world, &workspace, &environment, confirmed.as_deref()).await;
                afterwards(&cx, &world, &workspace, result).await
            })
        }
        Command::Scale {
            workspace,
            environment,
            n,
            confirmed,
        } => {
            let title = msg!("deploy-job-scale", environment = &environment, n = n);
            change(workspace.clone(), environment.clone(), title, move |cx| async move {
                let result = scale::scale(&cx, &world, &workspace, &environment, n, confirmed.as_deref()).await;
                afterwards(&cx, &world, &workspace, result).await
            })
        }
        Command::Promote {
            workspace,
            environment,
            is_full,
            confirmed,
        } => {
            let id = workspace.id.clone();
            JobSpec::new(
                AREA,
                msg!("deploy-job-promote", environment = &environment),
                move |cx| async move {
                    let result = wishes::promote(&world, &workspace, &environment, is_full, confirmed.as_deref()).await;
                    afterwards(&cx, &world, &workspace, result).await
                },
            )
            .workspace(&id)
        }
        Command::Follow {
            workspace,
            environment,
            once,
        } => {
            let id = workspace.id.clone();
            let key = format!("deploy-follow:{id}:{environment}");
            let title = msg!("deploy-job-follow", environment = &environment);
            JobSpec::new(AREA, title, move |cx| async move {
                let result = Box::pin(continuous::follow(&cx, &world, &workspace, &environment, once)).await;
                afterwards(&cx, &world, &workspace, result).await
            })
            .workspace(&id)
            .key(key, Overlap::Refuse)
            .stop_limit(RETURN_LIMIT)
        }
        Command::Abort { workspace, environment } => {
            let id = workspace.id.clone();
            JobSpec::new(
                AREA,
                msg!("deploy-job-abort", environment = &environment),
                move |cx| async move {
                    let result = wishes::abort(&cx, &world, &workspace, &environment).await;
                    afterwards(&cx, &world, &workspace, result).await
                },
            )
            .workspace(&id)
            .stop_limit(RETURN_LIMIT)
        }
        Command::Approve {
            workspace,
            environment,
            what,
            word,
        } => {
            let id = workspace.id.clone();
            let title = msg!("deploy-job-approve", environment = &environment);
            JobSpec::new(AREA, title, move |cx| async move {
                approvals::say(&world, &workspace, &environment, &what, &word).await?;
                let preview = Box::new(preview::read(&world, &workspace, &environment, &what).await?);
                let of = workspace.id.clone();
                cx.update(Update::Previewed { workspace: of, preview }).await;
                afterwards(&cx, &world, &workspace, Ok(())).await
            })
            .workspace(&id)
        }
        Command::Decide {
            workspace,
            environment,
            decision,
            confirmed,
        } => {
            let id = workspace.id.clone();
            let title = msg!("deploy-job-decide", environment = &environment);
            JobSpec::new(AREA, title, move |cx| async move {
                let result = wishes::decide(&world, &workspace, &environment, &decision, confirmed.as_deref()).await;
                afterwards(&cx, &world, &workspace, result).await
            })
            .workspace(&id)
        }
        Command::Recover => JobSpec::new(AREA, msg!("deploy-job-recover"), move |cx| async move {
            recover_all(&cx, &world).await
        })
        .key("deploy:recover", Overlap::Latest)
        .stop_limit(RETURN_LIMIT)
        .quiet(),
        Command::Rebuild {
            workspace,
            environment,
            version,
            confirmed,
        } => {
            let title = msg!("deploy-job-rebuild", environment = &environment);
            change(workspace.clone(), environment.clone(), title, move |cx| async move {
                let (version, confirmed) = (version.as_deref(), confirmed.as_deref());
                let rebuild = rebuild::rebuild(&cx, &world, &workspace, &environment, version, confirmed);
                let result = match Box::pin(rebuild).await {
                    Ok(rebuilt) => {
                        let rebuilt = Box::new(rebuilt);
                        let workspace = workspace.id.clone();
                        cx.update(Update::Rebuilt { workspace, rebuilt }).await;
                        Ok(())
                    }
                    Err(problem) => Err(problem),
                };
                afterwards(&cx, &world, &workspace, result).await
            })
        }
        Command::Show { workspace, id } => {
            let of = workspace.id.clone();
            JobSpec::new(AREA, msg!("deploy-job-show"), move |cx| async move {
                let rollout = overview::past(&world, id).await?;
                let rollout =
                    rollout.ok_or_else(|| Problem::user(msg!("deploy-no-deployment", id = id.to_string())).code("not-found"))?;
                let workspace = workspace.id;
                cx.update(Update::RolloutChanged {
                    workspace,
                    rollout: Box::new(rollout),
                })
                .await;
                Ok(())
            })
            .workspace(&of)
            .quiet()
        }
        Command::Plan { workspace, act } => {
            let (id, changes) = (workspace.id.clone(), act.changes());
            let key = format!("deploy-plan:{id}:{}", act.name().unwrap_or_default());
            let is_list = act == super::plans::Act::List;
            let spec = JobSpec::new(AREA, act.title(), move |cx| async move {
                let result = Box::pin(super::plans::carry_out(&cx, &world, &workspace, act)).await;
                if changes {
                    return afterwards(&cx, &world, &workspace, result).await;
                }
                result
            });
            let spec = spec.workspace(&id);
            if changes {
                spec.key(key, Overlap::Refuse).stop_limit(RETURN_LIMIT)
            } else if is_list {
                spec.key(key, Overlap::Latest).quiet()
            } else {
                spec
            }
        }
        Command::VerifyAudit { workspace } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("deploy-job-audit"), move |cx| async move {
                verify_audit(&cx, &world, &workspace).await
            })
            .workspace(&id)
        }
    }
}

/// A job that changes an environment: one at a time, and it may take its time to bring things back in order.
fn change<F, Fut>(workspace: Workspace, environment: String, title: crate::base::Msg, run: F) -> JobSpec
where
    F: FnOnce(JobCtx) -> Fut + Send + 'static,
    Fut: Future<Output = Result<(), Problem>> + Send + 'static,
{
    JobSpec::new(AREA, title, run)
        .workspace(&workspace.id)
        .key(format!("deploy:{}:{environment}", workspace.id), Overlap::Refuse)
        .stop_limit(RETURN_LIMIT)
}

async fn refresh(cx: &JobCtx, world: &World, workspace: &Workspace) -> Result<(), Problem> {
    cx.update(Update::Loading {
        workspace: workspace.id.clone(),
    })
    .await;
    match overview::read(cx, world, workspace).await {
        Ok((overview, problems)) => {
            tell(cx, workspace, overview).await;
            for problem in problems {
                cx.problem(problem).await;
            }
            Ok(())
        }
        Err(problem) => {
            cx.update(Update::RefreshFailed {
                workspace: workspace.id.clone(),
                problem: problem.clone(),
            })
            .await;
            Err(problem)
        }
    }
}

async fn tell(cx: &JobCtx, workspace: &Workspace, overview: Overview) {
    cx.update(Update::Refreshed {
        workspace: workspace.id.clone(),
        overview: Box::new(overview),
    })
    .await;
}

/// What changed is read again, whether the change succeeded or not.
async fn afterwards(cx: &JobCtx, world: &World, workspace: &Workspace, result: Result<(), Problem>) -> Result<(), Problem> {
    match overview::read(cx, world, workspace).await {
        Ok((overview, _)) => tell(cx, workspace, overview).await,
        // It was done all the same.
        Err(problem) if result.is_ok() => cx.problem(problem).await,
        Err(_) => {}
    }
    result
}

async fn recover_all(cx: &JobCtx, world: &World) -> Result<(), Problem> {
    let found: Vec<Recovered> = recover::all(cx, world).await?;
    cx.update(Update::Recovered { found }).await;
    Ok(())
}

async fn verify_audit(cx: &JobCtx, world: &World, workspace: &Workspace) -> Result<(), Problem> {
    let verdict = world.store().audit().verify().await?;
    let told = Verdict {
        n_entries: verdict.n_entries,
        head: verdict.head.clone(),
        broken_at: verdict.broken_at,
        at: cx.now(),
    };
    cx.update(Update::AuditVerified {
        workspace: workspace.id.clone(),
        verdict: told,
    })
    .await;
    match verdict.broken_at {
        Some(n) => Err(Problem::environment(msg!("deploy-audit-broken", n = n.to_string()))
            .code("audit-broken")
            .hint(msg!("deploy-audit-broken-hint"))),
        None => Ok(()),
    }
}
