//! A program that runs once in a container of the version's image: a migration, before the instances begin.

use super::super::Site;
use super::{LINES_KEPT, Place, SETTLE, hand_over, spec, written};
use crate::adapters::docker::ContainerAct;
use crate::areas::JobCtx;
use crate::base::docker::RunSpec;
use crate::base::{LogLine, Problem, Stream};
use crate::msg;
use std::time::Duration;

/// Lines of a migration that go with its failure.
const LAST_WORDS: usize = 15;

/// Found by its labels as the instance 0, when the program that waits for it is killed.
pub(super) async fn run_once(site: &Site, cx: &JobCtx, run: &[String]) -> Result<(), Problem> {
    let place = Place::of(site).await?;
    let engine = &place.engine;
    let limit = site.inputs.database.as_ref().map_or(SETTLE, |rules| rules.timeout.0);
    let spec = RunSpec {
        // The program that was named, not what the image begins with.
        entrypoint: Some(run[..run.len().min(1)].to_vec()),
        command: run.iter().skip(1).cloned().collect(),
        ports: Vec::new(),
        restart: None,
        ..spec(site, 0).await?
    };
    let id = engine.create(&spec).await.map_err(|problem| place.problem(problem))?;
    let ran = async {
        hand_over(site, 0, &place, &id).await?;
        engine.start(&id).await?;
        tokio::select! {
            code = engine.wait(&id) => code.map(Some),
            () = site.stop.cancelled() => Ok(None),
            () = tokio::time::sleep(limit) => Ok(None),
        }
    };
    let ran = ran.await;
    let lines = written(&site.world, engine, &id, LINES_KEPT).await;
    for line in &lines {
        cx.log(LogLine::foreign(cx.now(), Stream::Out, line.as_bytes()));
    }
    let removed = engine.act(&id, &ContainerAct::Remove { force: true }, Duration::ZERO).await;
    removed.map_err(|fault| place.told(&fault))?;
    let last = lines[lines.len().saturating_sub(LAST_WORDS)..].join("\n");
    let program = run.first().map_or("", String::as_str);
    match ran.map_err(|fault| place.told(&fault))? {
        Some(0) => Ok(()),
        Some(code) => Err(
            Problem::environment(msg!("process-exit-code", program = program, code = code as f64))
                .code("migration")
                .details(last),
        ),
        None if site.stop.is_cancelled() => Err(Problem::cancelled()),
        None => Err(
            Problem::environment(msg!("deploy-migration-slow", secs = limit.as_secs_f64()))
                .code("migration")
                .details(last),
        ),
    }
}
