//! The end of a run: its state in the ledger, its result on the commit, and what is swept away.

use super::{PipelineRun, load, worktree};
use crate::adapters::World;
use crate::adapters::kept_folders::KeptFolders;
use crate::adapters::store::builds::{BuildRow, DiagnosticRow};
use crate::adapters::store::pipelines::PipelineRunRow;
use crate::areas::JobCtx;
use crate::areas::build::{Update, record};
use crate::base::{Problem, State, Workspace};
use crate::msg;

/// Folders kept between runs may take so much; the ones used longest ago go first.
const KEPT_MAX_BYTES: u64 = 10_000_000_000;
const RUN_KIND: &str = "pipeline";

/// Writes how a run ended, on the commit too, and sweeps behind it. Err when a job failed.
pub(super) async fn finish(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    row: &PipelineRunRow,
    run: PipelineRun,
) -> Result<(), Problem> {
    let failure = run.first_failure().cloned();
    let is_ci = crate::areas::build::ci::is_id(&run.pipeline);
    let nothing_ran = is_ci && !run.jobs.iter().any(|job| matches!(job.state, State::Done | State::Failed));
    let state = if cx.is_cancelled() {
        State::Cancelled
    } else if failure.is_some() || (!is_ci && run.jobs.iter().any(|job| job.state == State::Skipped)) {
        State::Failed
    } else if nothing_ran {
        State::Skipped
    } else {
        State::Done
    };
    let ended_at = cx.now();
    // The result on the commit, then the end of the run: killed in between, it is taken up and written again.
    let mut diagnostics: Vec<DiagnosticRow> = Vec::new();
    for job in run
        .jobs
        .iter()
        .filter(|job| job.state == State::Failed)
        .filter_map(|job| job.job)
    {
        let build = world.store().builds().get(job).await?;
        diagnostics.extend(build.into_iter().flat_map(|build| build.diagnostics));
    }
    diagnostics.truncate(record::DIAGNOSTICS_KEPT);
    let build = BuildRow {
        job: cx.id(),
        workspace: workspace.id.clone(),
        task: format!("pipeline:{}", run.pipeline),
        kind: RUN_KIND.to_owned(),
        commit: row.commit.clone().into(),
        dirty: row.dirty.clone(),
        environment: None,
        state,
        started_at: row.started_at,
        duration_ms: (ended_at.as_millisecond() - row.started_at.as_millisecond()).max(0) as u64,
        n_errors: run.jobs.iter().map(|job| job.n_errors).sum(),
        n_warnings: run.jobs.iter().map(|job| job.n_warnings).sum(),
        diagnostics,
    };
    cx.update(Update::RunStarted {
        workspace: workspace.id.clone(),
        run: Box::new(record::run_row(&build, None)),
    })
    .await;
    record::write(world, build, Vec::new()).await?;
    world
        .store()
        .pipelines()
        .change(row.id, move |row| {
            row.state = state;
            row.ended_at = Some(ended_at);
        })
        .await?;
    load::tell(cx, world, workspace, row.id).await?;
    let folders = KeptFolders::new(world.dirs().cache.join("pipelines"));
    let swept = cx.blocking(move |_| folders.keep_budget(KEPT_MAX_BYTES)).await;
    let owner = worktree::folder(world).join(format!("run-{}", row.id));
    // There is none when no job of it was begun.
    let emptied = cx.blocking(move |_| {
        if crate::adapters::scan::is_dir(&owner) {
            crate::adapters::files::remove_dir_all(&owner)?;
        }
        Ok(())
    });
    if let Err(problem) = swept.map(drop).and(emptied.await) {
        cx.problem(problem).await;
    }
    if state == State::Cancelled {
        return Err(Problem::cancelled());
    }
    if state == State::Skipped {
        let problem = Problem::environment(msg!("build-ci-nothing-ran", pipeline = run.pipeline.as_str())).code("left-out");
        let why = run.jobs.iter().find_map(|job| job.left_out.clone());
        return Err(why.map_or(problem.clone(), |why| problem.hint(why)));
    }
    let Some(failure) = failure else { return Ok(()) };
    let mut problem = Problem::user(msg!(
        "build-pipeline-failed",
        pipeline = run.pipeline.as_str(),
        job = failure.key.as_str()
    ))
    .code("pipeline-failed");
    if let Some(of_job) = failure.problem {
        problem.place = of_job.place;
        problem.hint = of_job.hint;
        problem.details = of_job.details;
    }
    Err(problem)
}
