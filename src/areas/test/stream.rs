//! Runs a program of the workspace as part of a job, each line of its output shaped before it reaches log file and view.

use super::frameworks::Shown;
use crate::adapters::World;
use crate::adapters::process::{Cmd, Exit, MAX_LINE_BYTES, RawLine};
use crate::areas::JobCtx;
use crate::areas::devops::exec;
use crate::base::{LogLine, Problem, Workspace, cut_mark};
use crate::engine::LINES_PER_FLUSH;
use crate::msg;
use std::future::Future;
use std::time::Duration;

/// Who listens to the lines.
pub trait Listen: Send {
    /// One line, and how it appears in the log.
    fn line(&mut self, line: &RawLine<'_>) -> Shown;

    /// Called after each batch of lines: the time to tell.
    fn pause(&mut self, cx: &JobCtx) -> impl Future<Output = ()> + Send;

    /// How long it may still be silent until `silent` is asked; None for as long as it likes.
    fn patience(&self) -> Option<Duration> {
        None
    }

    /// It was silent for that long: whether it is to be ended.
    fn silent(&mut self, _cx: &JobCtx) -> impl Future<Output = bool> + Send {
        std::future::ready(false)
    }
}

/// Runs a command in this workspace; refused while the workspace is not trusted. A failing exit code is no error here; a stop is.
pub async fn run(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    cmd: Cmd,
    listener: &mut impl Listen,
) -> Result<Exit, Problem> {
    world.trust().check(workspace)?;
    let cmd = exec::with_secrets(world, cmd.workspace(&workspace.root)).await?;
    let cwd = cmd.folder().map_or_else(Default::default, std::path::Path::to_path_buf);
    cx.command(cmd.argv(world.masks()), cwd).await;
    let stop = cx.cancel_token().child_token();
    let mut running = world.processes().start(cmd, &stop, None)?;
    let mut log = Vec::new();
    let mut cut = Cut::default();
    loop {
        let patience = listener.patience().filter(|_| !stop.is_cancelled());
        let batch = match patience {
            Some(patience) => tokio::time::timeout(patience, running.next()).await,
            None => Ok(running.next().await),
        };
        let Ok(batch) = batch else {
            if listener.silent(cx).await {
                stop.cancel();
            }
            continue;
        };
        let Some(batch) = batch else { break };
        let mut n_skipped = batch.n_dropped_lines;
        for (n_before, line) in batch.lines().enumerate() {
            // Of a flood the view gets the last lines; the others are not even made for it.
            let is_shown = n_before + LINES_PER_FLUSH >= batch.len();
            cut.count(&line);
            match listener.line(&line) {
                Shown::Hidden => {}
                Shown::AsIs if line.is_progress => {}
                Shown::AsIs => show(cx, &mut log, &line, line.bytes, is_shown, &mut n_skipped),
                Shown::Text(text) => {
                    // The mark of a cut line stands behind its last part.
                    let mut parts = text.trim_end_matches('\n').split('\n').peekable();
                    while let Some(part) = parts.next() {
                        let n_cut_bytes = if parts.peek().is_none() { line.n_cut_bytes } else { 0 };
                        let part_of_it = RawLine { n_cut_bytes, ..line };
                        show(cx, &mut log, &part_of_it, part.as_bytes(), is_shown, &mut n_skipped);
                    }
                }
            }
        }
        cx.log_skipped(n_skipped);
        if !log.is_empty() {
            cx.log_bytes(&log);
            log.clear();
        }
        listener.pause(cx).await;
    }
    let exit = running.exit().await;
    listener.pause(cx).await;
    cx.exit(exit.code, exit.signal).await;
    if cut.n_lines > 0 {
        cx.problem(cut.problem()).await;
    }
    cx.check()?;
    Ok(exit)
}

/// Lines that are too long to be kept whole.
#[derive(Default)]
struct Cut {
    n_lines: u64,
    n_bytes: u64,
}

impl Cut {
    fn count(&mut self, line: &RawLine<'_>) {
        self.n_lines += u64::from(line.n_cut_bytes > 0);
        self.n_bytes += line.n_cut_bytes;
    }

    fn problem(&self) -> Problem {
        let told = msg!(
            "process-lines-cut",
            lines = self.n_lines,
            bytes = self.n_bytes,
            max = MAX_LINE_BYTES / 1024
        );
        Problem::environment(told)
            .code("line-cut")
            .hint(msg!("process-lines-cut-hint"))
    }
}

fn show(cx: &JobCtx, log: &mut Vec<u8>, line: &RawLine<'_>, bytes: &[u8], is_shown: bool, n_skipped: &mut u64) {
    log.extend_from_slice(bytes);
    if line.n_cut_bytes > 0 {
        log.extend_from_slice(cut_mark(line.n_cut_bytes).as_bytes());
    }
    log.push(b'\n');
    if is_shown {
        cx.log_skipped(std::mem::take(n_skipped));
        cx.log(LogLine::cut(line.at, line.stream, bytes, line.n_cut_bytes));
    } else {
        *n_skipped += 1;
    }
}
