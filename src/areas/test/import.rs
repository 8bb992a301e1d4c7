//! Takes over a JUnit file: read as a stream on one side, told and remembered on the other.

use super::frameworks::{Finished, junit};
use super::jobs::PAGE;
use super::{Update, results, source};
use crate::adapters::{World, scan};
use crate::areas::JobCtx;
use crate::base::{Problem, Progress, State, Unit, Workspace};
use std::path::PathBuf;

/// Reads the file and records it as a run of its own. A report that is cut off or broken gives what came before.
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
    let row = results::new_run(&workspace.id, cx.id(), "junit", &name, &sources, at);
    let row = world.store().tests().start_run(row).await?;
    cx.update(Update::RunStarted {
        workspace: workspace.id.clone(),
        run: Box::new(results::run_row(row.clone())),
    })
    .await;
    let (sender, mut chunks) = tokio::sync::mpsc::channel::<Vec<Finished>>(4);
    let path = file.clone();
    let reader = cx.blocking(move |cx| {
        let mut chunk = Vec::with_capacity(PAGE);
        let problems = junit::read(input, &path, &|| cx.is_cancelled(), &mut |result| {
            chunk.push(result);
            if chunk.len() == PAGE && sender.blocking_send(std::mem::take(&mut chunk)).is_err() {
                // The job is being stopped; the reader hears of it by itself.
            }
        });
        drop(sender.blocking_send(chunk));
        Ok(problems)
    });
    let mut duration_ms = 0;
    let mut n_done = 0;
    let writer = async {
        while let Some(chunk) = chunks.recv().await {
            duration_ms += chunk.iter().filter_map(|result| result.duration_ms).sum::<u64>();
            n_done += chunk.len() as u64;
            cx.progress(Progress::count(n_done, Unit::Tests));
            world
                .store()
                .tests()
                .add_results(row.id, chunk.iter().map(results::stored).collect())
                .await?;
            let update = Update::Results {
                workspace: workspace.id.clone(),
                run: row.id,
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
    let known = world.store().tests().run(row.id).await?.unwrap_or(row);
    let state = match (is_stopped, known.n_failed) {
        (true, _) => State::Cancelled,
        (false, 0) => State::Done,
        _ => State::Failed,
    };
    let ended = results::run_row(world.store().tests().end_run(known.id, state, duration_ms).await?);
    cx.update(Update::RunEnded {
        workspace: workspace.id.clone(),
        run: Box::new(ended.clone()),
        trouble: None,
    })
    .await;
    cx.update(Update::JobEnded {
        workspace: workspace.id.clone(),
        job: cx.id(),
    })
    .await;
    Box::pin(crate::areas::plan::followed::follow_after(&cx, &world, &workspace)).await;
    written?;
    let mut problems = problems?;
    cx.check()?;
    if ended.n_cases() == 0 && !problems.is_empty() {
        return Err(problems.remove(0));
    }
    for problem in problems {
        cx.problem(problem).await;
    }
    Ok(())
}
