//! What Monitor does: one async function per command.

use super::dora::{self, Delivery, Outage};
use super::{Command, Query, Update, answer, history, subjects, watch};
use crate::adapters::World;
use crate::adapters::git::program::Repo;
use crate::adapters::store::deployments::DeploymentRow;
use crate::areas::deploy::journal;
use crate::areas::{JobCtx, JobSpec};
use crate::base::{Problem, State, Timestamp, Workspace};
use crate::engine::Overlap;
use crate::msg;

const AREA: &str = "monitor";

/// The job of a command.
pub fn plan(world: &World, command: Command) -> JobSpec {
    let world = world.clone();
    match command {
        Command::LoadChecks { workspace } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("monitor-job-load"), move |cx| load(cx, world, workspace))
                .workspace(&id)
                .key(format!("monitor/load/{id}"), Overlap::Latest)
                .quiet()
        }
        Command::RunChecks { workspace } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("monitor-job-run", name = workspace.name.as_str()), move |cx| {
                run(cx, world, workspace)
            })
            .workspace(&id)
            .key(format!("monitor/run/{id}"), Overlap::Latest)
        }
        Command::Watch { workspaces } => JobSpec::new(AREA, msg!("monitor-job-watch"), move |cx| async move {
            watch::run(&cx, &world, workspaces).await
        })
        .key("monitor/watch", Overlap::Replace)
        .quiet(),
        Command::ShowHistory { workspace, query } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("monitor-job-history"), move |cx| show(cx, world, workspace, query))
                .workspace(&id)
                .key(format!("monitor/history/{id}"), Overlap::Latest)
                .quiet()
        }
        Command::ShowExecutions { workspace, environment } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("monitor-job-executions"), move |cx| async move {
                let executions = history::executions(&world, &workspace, environment.as_deref()).await?;
                cx.update(Update::ExecutionsListed {
                    workspace: workspace.id,
                    executions,
                })
                .await;
                Ok(())
            })
            .workspace(&id)
            .key(format!("monitor/executions/{id}"), Overlap::Latest)
            .quiet()
        }
        Command::ComputeDora { workspace, days } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("monitor-job-dora"), move |cx| compute(cx, world, workspace, days))
                .workspace(&id)
                .key(format!("monitor/dora/{id}"), Overlap::Latest)
                .quiet()
        }
    }
}

async fn load(cx: JobCtx, world: World, workspace: Workspace) -> Result<(), Problem> {
    cx.update(Update::ChecksLoading {
        workspace: workspace.id.clone(),
    })
    .await;
    let found = async {
        let (subjects, problems) = subjects::checks(&world, &workspace).await?;
        let mut checks = Vec::new();
        for subject in subjects {
            checks.push(answer::stand(&world, &subject).await?);
        }
        Ok((checks, problems))
    };
    match found.await {
        Ok((checks, problems)) => {
            for problem in problems {
                cx.problem(problem).await;
            }
            cx.update(Update::ChecksLoaded {
                workspace: workspace.id,
                checks,
            })
            .await;
            Ok(())
        }
        Err(problem) => {
            cx.update(Update::ChecksFailed {
                workspace: workspace.id,
                problem: Problem::clone(&problem),
            })
            .await;
            Err(problem)
        }
    }
}

async fn run(cx: JobCtx, world: World, workspace: Workspace) -> Result<(), Problem> {
    world.trust().check(&workspace)?;
    let (subjects, problems) = subjects::checks(&world, &workspace).await?;
    for problem in problems {
        cx.problem(problem).await;
    }
    if subjects.is_empty() {
        return Err(Problem::user(msg!("monitor-no-checks")).hint(msg!("monitor-no-checks-hint")));
    }
    let mut down = Vec::new();
    for subject in subjects {
        let (check, samples) = answer::ask(&world, &subject, cx.cancel_token()).await?;
        world.store().samples().insert(samples).await?;
        if matches!(check.state, State::Failed | State::Degraded) {
            down.push(format!("{}: {}", check.name, check.message));
        }
        cx.update(Update::CheckAnswered {
            workspace: workspace.id.clone(),
            check: Box::new(check),
        })
        .await;
    }
    match down.len() {
        0 => Ok(()),
        n => Err(Problem::environment(msg!("monitor-down", n = n))
            .code("down")
            .details(down.join("\n"))),
    }
}

async fn show(cx: JobCtx, world: World, workspace: Workspace, query: Query) -> Result<(), Problem> {
    cx.update(Update::HistoryLoading {
        workspace: workspace.id.clone(),
    })
    .await;
    let history = history::find(&world, &workspace, query).await?;
    cx.update(Update::HistoryFound {
        workspace: workspace.id,
        history: Box::new(history),
    })
    .await;
    Ok(())
}

/// Production is the last protected environment of the project file, or its last one.
fn production(workspace: &Workspace) -> Result<(String, Vec<Problem>), Problem> {
    let (file, problems) = journal::project(workspace)?;
    let last = file
        .environments
        .iter()
        .rfind(|environment| environment.is_protected())
        .or(file.environments.last());
    let name = last.map_or_else(|| "production".to_owned(), |environment| environment.name.clone());
    Ok((name, problems))
}

async fn compute(cx: JobCtx, world: World, workspace: Workspace, days: u32) -> Result<(), Problem> {
    let (environment, problems) = production(&workspace)?;
    for problem in problems {
        cx.problem(problem).await;
    }
    let store = world.store();
    let mut rows = store.deployments().list(&workspace.id, Some(&environment), 2000).await?;
    rows.retain(|row| row.kind != "stop" && row.state != State::InProgress);
    rows.reverse();
    let incidents = store.incidents().list(&workspace.id, false, 2000).await?;
    let mut deliveries = Vec::new();
    let mut outages: Vec<Outage> = incidents
        .iter()
        .filter(|row| row.environment.as_deref() == Some(environment.as_str()))
        .map(|row| Outage {
            from: row.opened_at,
            to: row.closed_at,
        })
        .collect();
    let mut running: Option<String> = None;
    for (i, row) in rows.iter().enumerate() {
        cx.check()?;
        let is_rollback = row.kind == "rollback";
        let was_rolled_back = rows.get(i + 1).is_some_and(|next| next.kind == "rollback");
        let had_incident = incidents.iter().any(|incident| incident.deployment == Some(row.id));
        let is_failed = row.healthy_from.is_none() || was_rolled_back || had_incident;
        let mut commits_at = Vec::new();
        if let (Some(commit), Some(_), false) = (&row.commit, row.healthy_from, is_rollback) {
            commits_at = commit_times(&world, &workspace, running.as_deref(), commit, &cx).await;
        }
        if row.healthy_from.is_none() {
            outages.push(restored(row, &rows[i + 1..]));
        }
        if row.healthy_from.is_some() {
            running.clone_from(&row.commit);
        }
        deliveries.push(Delivery {
            started_at: row.started_at,
            healthy_at: row.healthy_from,
            is_rollback,
            is_failed,
            commits_at,
        });
    }
    let dora = dora::compute(&deliveries, &outages, &environment, days, cx.now());
    cx.update(Update::DoraComputed {
        workspace: workspace.id,
        dora: Box::new(dora),
    })
    .await;
    Ok(())
}

/// From a failed deployment to the next time that production was healthy.
fn restored(failed: &DeploymentRow, later: &[DeploymentRow]) -> Outage {
    Outage {
        from: failed.started_at,
        to: later.iter().find_map(|row| row.healthy_from),
    }
}

/// When the commits were made that `commit` has and `before` has not; at least that of `commit` itself. Nothing where git does not know them.
async fn commit_times(world: &World, workspace: &Workspace, before: Option<&str>, commit: &str, cx: &JobCtx) -> Vec<Timestamp> {
    let repo = Repo {
        root: &workspace.root,
        is_trusted: false,
    };
    let is_oid = |text: &str| text.len() >= 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_oid(commit) {
        return Vec::new();
    }
    let mut args = vec![
        "log".to_owned(),
        "--format=%ct".to_owned(),
        "--max-count=1000".to_owned(),
        commit.to_owned(),
    ];
    match before.filter(|before| is_oid(before) && *before != commit) {
        Some(before) => args.push(format!("^{before}")),
        None => "--max-count=1".clone_into(&mut args[2]),
    }
    args.push("--".to_owned());
    let answer = world
        .git_program()
        .read(repo, &args, cx.cancel_token())
        .await
        .unwrap_or_default();
    let text = String::from_utf8_lossy(&answer);
    text.lines()
        .filter_map(|line| Timestamp::from_second(line.trim().parse().ok()?).ok())
        .collect()
}
