//! What the ledger and the project file know of pipelines; and tidying up after a program that was killed.

use super::plan;
use super::{CiFile, Defined, JobRow, PipelineRun, StartedBy, worktree};
use crate::adapters::World;
use crate::adapters::files;
use crate::adapters::git::program::Repo;
use crate::adapters::store::pipelines::{PipelineJobRow, PipelineRunRow};
use crate::areas::JobCtx;
use crate::areas::build::Update;
use crate::areas::build::ci::steps::MAY_FAIL;
use crate::areas::build::ci::{Definition, Workflow};
use crate::areas::devops::project::{Pipeline, ProjectFile};
use crate::base::{JobId, Problem, State, Workspace};
use std::collections::BTreeSet;

/// Runs that the list shows.
const RUNS: u32 = 60;

/// The pipelines of a file, as they are drawn before they have run.
pub fn defined(project: &ProjectFile, text: &str) -> Vec<Defined> {
    let of = |pipeline: &Pipeline| Defined {
        name: pipeline.name.clone(),
        on: pipeline.on.clone(),
        branches: pipeline.branches.clone(),
        jobs: plan::expand(pipeline).iter().map(plan::unrun).collect(),
        line: text
            .find("[[pipeline]]")
            .and_then(|start| Some(start + text[start..].find(&format!("\"{}\"", pipeline.name))?))
            .map(|at| text[..at].matches('\n').count() as u32 + 1),
        ci: None,
    };
    project.pipelines.iter().map(of).collect()
}

/// A file of another CI, as it is drawn before it has run.
pub fn of_workflow(workflow: &Workflow) -> Defined {
    Defined {
        name: workflow.id.clone(),
        on: Vec::new(),
        branches: Vec::new(),
        jobs: workflow.planned().iter().map(plan::unrun).collect(),
        line: None,
        ci: Some(CiFile {
            path: workflow.path.clone(),
            name: workflow.name.clone(),
            on: workflow.on.clone(),
            lacks: workflow.lacks.clone(),
        }),
    }
}

/// A run as pages and answers show it.
pub fn shown(row: PipelineRunRow, jobs: Vec<PipelineJobRow>) -> PipelineRun {
    // A definition of another version of the program: the jobs stand side by side then.
    let planned = Definition::read(&row.definition).map_or_else(|_| Vec::new(), |definition| definition.planned());
    let jobs = jobs.into_iter().map(|job| {
        let planned = planned.iter().find(|planned| planned.key == job.key);
        let mut shown = planned.map_or_else(|| JobRow::new(job.key.clone(), job.state), plan::unrun);
        fill(&mut shown, job);
        shown
    });
    PipelineRun {
        id: row.id,
        pipeline: row.pipeline,
        commit: row.commit,
        is_dirty: row.dirty.is_some(),
        started_by: StartedBy::from_word(&row.trigger),
        state: row.state,
        job: row.job,
        started_at: row.started_at,
        ended_at: row.ended_at,
        jobs: jobs.collect(),
    }
}

/// What the ledger knows of a job, into what is shown.
pub fn fill(shown: &mut JobRow, row: PipelineJobRow) {
    shown.may_fail |= row.state == State::Failed && row.problem.as_ref().is_some_and(|problem| problem.code == MAY_FAIL);
    shown.state = row.state;
    shown.attempt = row.attempt;
    shown.job = row.job;
    shown.started_at = row.started_at;
    shown.ended_at = row.ended_at;
    shown.reused_from = row.reused_from;
    shown.problem = row.problem;
    shown.why = serde_json::from_value(row.why).ok().flatten();
    shown.gives = row.gives.into_iter().map(|given| given.path).collect();
    shown.n_errors = row.n_errors;
    shown.n_warnings = row.n_warnings;
}

/// The runs of a workspace, newest first.
pub async fn runs(world: &World, workspace: &Workspace) -> Result<Vec<PipelineRun>, Problem> {
    let mut runs = Vec::new();
    for row in world.store().pipelines().list(&workspace.id, RUNS).await? {
        let jobs = world.store().pipelines().jobs(row.id).await?;
        runs.push(shown(row, jobs));
    }
    Ok(runs)
}

/// Tells how a run stands.
pub async fn tell(cx: &JobCtx, world: &World, workspace: &Workspace, id: i64) -> Result<(), Problem> {
    let Some(row) = world.store().pipelines().get(id).await? else {
        return Ok(());
    };
    let jobs = world.store().pipelines().jobs(id).await?;
    cx.update(Update::PipelineRunChanged {
        workspace: workspace.id.clone(),
        run: Box::new(shown(row, jobs)),
    })
    .await;
    Ok(())
}

/// Runs whose program is gone become interrupted, and worktrees that nobody uses any more are removed.
pub async fn settle(cx: &JobCtx, world: &World, workspace: Option<&Workspace>) -> Result<(), Problem> {
    let pipelines = world.store().pipelines();
    let mut alive: BTreeSet<String> = BTreeSet::new();
    for row in pipelines.unended().await? {
        if is_alive(world, row.job).await? {
            alive.insert(format!("run-{}", row.id));
        } else {
            pipelines.mark_interrupted(row.id, cx.now()).await?;
        }
    }
    let folder = worktree::folder(world);
    let there = cx.blocking(move |_| Ok(files::list_dir(&folder).unwrap_or_default())).await?;
    let mut n_removed = 0;
    for entry in there.into_iter().filter(|entry| entry.is_dir) {
        let name = entry.name.to_string_lossy().into_owned();
        let is_used = match name.split_once('-') {
            Some(("run", _)) => alive.contains(&name) || is_new(world, &name).await?,
            Some(("job", id)) => match id.parse().map(JobId) {
                Ok(job) => is_alive(world, job).await?,
                Err(_) => false,
            },
            _ => true,
        };
        if !is_used {
            let path = entry.path.clone();
            cx.blocking(move |_| {
                files::make_writable(&path);
                files::remove_dir_all(&path)
            })
            .await?;
            n_removed += 1;
        }
    }
    if let Some(workspace) = workspace.filter(|workspace| n_removed > 0 && world.trust().check(workspace).is_ok())
        && let Ok(top) = worktree::top(world, workspace).await
    {
        let repo = Repo {
            root: &top,
            is_trusted: true,
        };
        world.git().forget_worktrees(repo, cx.cancel_token()).await?;
    }
    Ok(())
}

/// A run that began after the list of living ones was read.
async fn is_new(world: &World, owner: &str) -> Result<bool, Problem> {
    let Some(id) = owner.strip_prefix("run-").and_then(|id| id.parse().ok()) else {
        return Ok(true);
    };
    let row = world.store().pipelines().get(id).await?;
    Ok(row.is_some_and(|row| row.state == State::InProgress))
}

async fn is_alive(world: &World, job: JobId) -> Result<bool, Problem> {
    let row = world.store().jobs().get(job).await?;
    Ok(row.is_some_and(|row| matches!(row.state, State::Queued | State::Running | State::InProgress) && row.holder.is_alive()))
}
