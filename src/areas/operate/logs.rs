//! The output of an instance: its last lines, then what comes. A file that is truncated or replaced is followed.

use super::{Instance, Update};
use crate::adapters::World;
use crate::adapters::docker::Engine;
use crate::adapters::tail::Tail;
use crate::areas::JobCtx;
use crate::areas::deploy::targets::{docker, ssh};
use crate::base::{LogLine, Problem, Stream};
use crate::msg;
use futures::StreamExt as _;
use std::time::Duration;

/// How often the file is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(250);
const LINES_PER_UPDATE: usize = 1000;

/// Shows the last lines; follows until it is stopped when asked to.
pub async fn show(cx: &JobCtx, world: &World, instance: &Instance, n_lines: u32, follow: bool) -> Result<(), Problem> {
    // Another program may have set some since this one was started.
    world.secrets().learn().await;
    if let Some(id) = &instance.container {
        return of_container(cx, world, world.docker(), (instance, id), n_lines, follow).await;
    }
    if let Ok(id) = instance.id.parse::<i64>()
        && let Some(row) = world.store().instances().get(id).await?
    {
        if let Some(unit) = ssh::handle(&row) {
            return of_unit(cx, world, instance, &unit, n_lines, follow).await;
        }
        if let (Some(_), Some(id)) = (docker::handle(&row), &row.container) {
            let place = docker::Place::of_row(world, &row).await?;
            return of_container(cx, world, &place.engine, (instance, id), n_lines, follow).await;
        }
    }
    let Some(path) = instance.log_path.clone() else {
        let problem = Problem::user(msg!("operate-no-log", name = instance.name.as_str())).code("no-log");
        return Err(problem.hint(msg!("operate-no-log-hint")));
    };
    let mut tail = Tail::open(&path, n_lines as usize)?;
    cx.update(Update::LogOpened {
        instance: instance.id.clone(),
    })
    .await;
    loop {
        let (back, lines) = cx
            .blocking(move |_| {
                let lines = tail.read()?;
                Ok((tail, lines))
            })
            .await?;
        tail = back;
        let at = cx.now();
        let is_idle = lines.is_empty();
        for chunk in lines.chunks(LINES_PER_UPDATE) {
            // The instance writes its file itself: what must not be seen is masked where it is read.
            let lines = chunk
                .iter()
                .map(|line| LogLine::foreign(at, Stream::Out, &world.masks().mask_bytes(line)))
                .collect();
            cx.update(Update::LogLines {
                instance: instance.id.clone(),
                lines,
            })
            .await;
        }
        if is_idle {
            if !follow {
                return Ok(());
            }
            cx.sleep(LOOK_EVERY).await?;
        }
    }
}

/// The journal of the host keeps what a unit writes.
async fn of_unit(
    cx: &JobCtx,
    world: &World,
    instance: &Instance,
    unit: &ssh::Handle,
    n_lines: u32,
    follow: bool,
) -> Result<(), Problem> {
    let mut lines = ssh::follow(world, unit, n_lines, follow, cx.cancel_token()).await?;
    cx.update(Update::LogOpened {
        instance: instance.id.clone(),
    })
    .await;
    while let Some(batch) = lines.next().await {
        cx.update(Update::LogLines {
            instance: instance.id.clone(),
            lines: batch.log_lines(),
        })
        .await;
    }
    lines.end().await
}

/// The engine keeps what a container writes.
async fn of_container(
    cx: &JobCtx,
    world: &World,
    engine: &Engine,
    (instance, id): (&Instance, &str),
    n_lines: u32,
    follow: bool,
) -> Result<(), Problem> {
    let clock = world.clock().clone();
    let lines = engine.logs(id, n_lines, follow, move || clock.now()).await;
    let lines = lines.map_err(|fault| fault.problem())?;
    cx.update(Update::LogOpened {
        instance: instance.id.clone(),
    })
    .await;
    // What is there already comes at once, not line by line.
    let mut lines = lines.ready_chunks(LINES_PER_UPDATE);
    loop {
        let chunk = tokio::select! {
            () = cx.cancel_token().cancelled() => return Err(Problem::cancelled()),
            chunk = lines.next() => chunk,
        };
        let Some(chunk) = chunk else { return Ok(()) };
        let mut fault = None;
        let mut told = Vec::new();
        for line in chunk {
            match line {
                Ok(mut line) => {
                    line.text = world.masks().mask_str(&line.text).into();
                    told.push(line);
                }
                Err(why) => fault = Some(why),
            }
        }
        if !told.is_empty() {
            cx.update(Update::LogLines {
                instance: instance.id.clone(),
                lines: told,
            })
            .await;
        }
        if let Some(fault) = fault {
            return Err(fault.problem());
        }
    }
}
