//! Takes over a JUnit file: read as a stream on one side, told and remembered on the other.

use super::frameworks::{Finished, junit};
use super::jobs::PAGE;
use super::{Update, results, source};
use crate::adapters::store::tests::TestRunRow;
use crate::adapters::{World, scan};
use crate::areas::JobCtx;
use crate::base::{Problem, Progress, State, Unit, Workspace};
use std::path::PathBuf;

/// The word of a run that was taken over.
pub(super) const RUNNER: &str = "junit";

/// Reads the file and records it as a run of its own. A report that is cut off or broken gives what came before, and is a run that broke off.
pub(super) async fn import(cx: JobCtx, world: World, workspace: Workspace, file: PathBuf) -> Result<(), Problem> {
    let sources = source::stamp(&cx, source::read(&world, &workspace).await).await;
    let at = cx.now();
    let name = file
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    // Opened first: a file that can not be read is no run.
    let opened = file.clone();
    let input = cx
        .blocking(move |_| scan::open(&opened).map_err(|error| crate::adapters::files::read_problem(&opened, &error)))
        .await?;
    cx.update(Update::JobStarted {
        workspace: workspace.id.clone(),
        job: cx.id(),
    })
    .await;
    let (sender, mut chunks) = tokio::sync::mpsc::channel::<Vec<Finished>>(4);
    let (path, masks) = (file.clone(), world.masks().clone());
    let reader = cx.blocking(move |cx| {
        let mut chunk = Vec::with_capacity(PAGE);
        let problems = junit::read(input, &path, &|| cx.is_cancelled(), &mut |result| {
            chunk.push(result.masked(&masks));
            if chunk.len() == PAGE && sender.blocking_send(std::mem::take(&mut chunk)).is_err() {
                // The job is being stopped; the reader hears of it by itself.
            }
        });
        drop(sender.blocking_send(chunk));
        Ok(problems)
    });
    let mut duration_ms = 0;
    let mut n_done = 0;
    let mut row = None;
    let new = results::new_run(&workspace.id, cx.id(), RUNNER, &name, &sources, at);
    let writer = async {
        while let Some(chunk) = chunks.recv().await {
            // A file that holds no result is no run.
            let run = match &row {
                Some(run) => *run,
                None if chunk.is_empty() => continue,
                None => *row.insert(start(&cx, &world, &workspace, new.clone()).await?),
            };
            duration_ms += chunk.iter().filter_map(|result| result.duration_ms).sum::<u64>();
            n_done += chunk.len() as u64;
            cx.progress(Progress::count(n_done, Unit::Tests));
            world
                .store()
                .tests()
                .add_results(run, chunk.iter().map(results::stored).collect())
                .await?;
            let update = Update::Results {
                workspace: workspace.id.clone(),
                run,
                started: Vec::new(),
                finished: chunk,
                n_total: None,
            };
            cx.update(update).await;
        }
        Ok::<(), Problem>(())
    };
    let (problems, written) = tokio::join!(reader, writer);
    let is_stopped = cx.is_cancelled();
    let first = match &problems {
        Ok(found) => found.first(),
        Err(problem) => Some(problem),
    };
    let over = Update::JobEnded {
        workspace: workspace.id.clone(),
        job: cx.id(),
    };
    if row.is_none()
        && let Some(problem) = first.or(written.as_ref().err())
    {
        cx.update(over).await;
        return Err(problem.clone());
    }
    let run = match row {
        Some(run) => run,
        None => start(&cx, &world, &workspace, new.clone()).await?,
    };
    let known = world.store().tests().run(run).await?.unwrap_or(TestRunRow { id: run, ..new });
    let is_cut = |problem: &&Problem| problem.code == junit::CUT_OFF;
    let cut = problems.as_ref().ok().and_then(|found| found.iter().find(is_cut).cloned());
    let state = match (is_stopped, known.n_failed) {
        (true, _) => State::Cancelled,
        (false, 0) if cut.is_none() => State::Done,
        _ => State::Failed,
    };
    let ended = results::run_row(world.store().tests().end_run(known.id, state, duration_ms).await?);
    cx.update(Update::RunEnded {
        workspace: workspace.id.clone(),
        run: Box::new(ended.clone()),
        trouble: cut.clone(),
    })
    .await;
    cx.update(over).await;
    Box::pin(crate::areas::plan::followed::follow_after(&cx, &world, &workspace)).await;
    written?;
    let problems = problems?;
    cx.check()?;
    for problem in problems.into_iter().filter(|problem| Some(problem) != cut.as_ref()) {
        cx.problem(problem).await;
    }
    // What failed behind the cut nobody knows.
    cut.map_or(Ok(()), Err)
}

async fn start(cx: &JobCtx, world: &World, workspace: &Workspace, new: TestRunRow) -> Result<i64, Problem> {
    let row = world.store().tests().start_run(new).await?;
    let run = row.id;
    cx.update(Update::RunStarted {
        workspace: workspace.id.clone(),
        run: Box::new(results::run_row(row)),
    })
    .await;
    Ok(run)
}
