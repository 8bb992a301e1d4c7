//! Runs a program as part of a job: told, streamed line by line, kept in the job's log, stopped with the job.

use super::project::{fill_secrets, secrets_in};
use crate::adapters::World;
use crate::adapters::process::{Cmd, Exit, RawLine};
use crate::areas::JobCtx;
use crate::base::{LogLine, Problem, Workspace};
use crate::msg;

/// Runs a command of this workspace; refused while the workspace is not trusted. A failing exit code is no error here.
pub async fn run(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    cmd: Cmd,
    on_line: impl FnMut(&LogLine),
) -> Result<Exit, Problem> {
    world.trust().check(workspace)?;
    let cmd = with_secrets(world, cmd.workspace(&workspace.root)).await?;
    run_tool(cx, world, cmd, on_line).await
}

/// What a command had started and was still there when it had ended: told, because it was ended with it.
pub fn left_behind(exit: &Exit, name: &str) -> Option<Problem> {
    let commands: Vec<&str> = exit.left.iter().map(|left| left.command.as_str()).collect();
    let (first, n) = (commands.first()?, commands.len());
    let words = msg!("exec-left-behind", name = name, n = n, command = *first);
    let problem = Problem::environment(words).code("left-behind");
    Some(problem.details(commands.join("\n")).hint(msg!("exec-left-behind-hint")))
}

/// With the values of the secrets that its environment refers to: `secret:NAME`, or `{secret:NAME}` in a value.
pub async fn with_secrets(world: &World, mut cmd: Cmd) -> Result<Cmd, Problem> {
    for value in cmd.env.values_mut() {
        let Some(text) = value.to_str() else { continue };
        let names = secrets_in(text);
        if names.is_empty() {
            continue;
        }
        world.secrets().resolve(names.iter().map(String::as_str)).await?;
        let filled = fill_secrets(text, |name| world.secrets().value(name))?;
        *value = filled.reveal().into();
    }
    Ok(cmd)
}

/// Runs a program of the machine's that executes nothing of a workspace.
pub async fn run_tool(cx: &JobCtx, world: &World, cmd: Cmd, on_line: impl FnMut(&LogLine)) -> Result<Exit, Problem> {
    run_watched(cx, world, cmd, |_| {}, on_line).await
}

/// The same, with a look at the raw lines first: those that tell how far the program is never reach the log.
pub async fn run_watched(
    cx: &JobCtx,
    world: &World,
    cmd: Cmd,
    mut on_raw: impl FnMut(RawLine<'_>),
    mut on_line: impl FnMut(&LogLine),
) -> Result<Exit, Problem> {
    let masks = world.masks().clone();
    let cwd = cmd.folder().map_or_else(Default::default, std::path::Path::to_path_buf);
    cx.command(cmd.argv(&masks), cwd).await;
    let log = cx.clone();
    let tee = Box::new(move |bytes: &[u8]| log.log_bytes(bytes));
    let exit = world
        .processes()
        .run(cmd, cx.cancel_token(), Some(tee), |batch| {
            cx.log_skipped(batch.n_dropped_lines);
            batch.lines().for_each(&mut on_raw);
            for line in batch.log_lines() {
                on_line(&line);
                cx.log(line);
            }
        })
        .await
        .map_err(Problem::from)?;
    cx.exit(exit.code, exit.signal).await;
    cx.check()?;
    Ok(exit)
}
