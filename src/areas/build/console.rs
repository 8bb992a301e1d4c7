//! A task on a terminal of its own: joined to the user's, or alone for programs that print otherwise without one.

use crate::adapters::World;
use crate::adapters::process::{Cmd, Exit, LogSink, RawLine};
use crate::adapters::terminal::{Happened, Screen, Terminal};
use crate::areas::JobCtx;
use crate::areas::devops::exec;
use crate::areas::test::frameworks::Shown;
use crate::base::{Problem, Workspace};
use std::fmt::Write as _;

/// What a terminal measures that nobody looks at.
pub const SIZE: (u16, u16) = (120, 40);

/// Runs a command joined to the user's terminal until it ends: its bytes go there as they are, the log gets clean lines.
pub async fn run(cx: &JobCtx, world: &World, workspace: &Workspace, cmd: Cmd, terminal: &mut Terminal) -> Result<Exit, Problem> {
    world.trust().check(workspace)?;
    let (columns, rows) = terminal.size();
    let cmd = exec::with_secrets(world, cmd.workspace(&workspace.root)).await?;
    let cmd = cmd.terminal((columns, rows)).keys();
    let cwd = cmd.folder().map_or_else(Default::default, std::path::Path::to_path_buf);
    cx.command(cmd.argv(world.masks()), cwd).await;
    let tee: Box<dyn LogSink> = Box::new(Shower(terminal.screen()));
    let mut running = world.processes().start(cmd, cx.cancel_token(), Some(tee))?;
    let console = running.console();
    let mut has_keys = true;
    loop {
        tokio::select! {
            batch = running.next() => {
                let Some(batch) = batch else { break };
                let mut log = String::new();
                for line in batch.lines().filter(|line| !line.is_progress) {
                    log.push_str(&clean(line.bytes));
                    log.push('\n');
                }
                cx.log_bytes(log.as_bytes());
            }
            happened = terminal.next(), if has_keys => match (happened, &console) {
                (Happened::Keys(keys), Some(console)) => {
                    // A child that does not read keys must not stop what it prints.
                    tokio::select! {
                        () = console.write(&keys) => {}
                        () = tokio::time::sleep(std::time::Duration::from_millis(200)) => {}
                    }
                }
                (Happened::Resized, Some(console)) => console.resize(terminal.size()),
                (Happened::Over, _) | (_, None) => has_keys = false,
            },
        }
    }
    let exit = running.exit().await;
    cx.exit(exit.code, exit.signal).await;
    cx.check()?;
    Ok(exit)
}

/// Shows the bytes while they are read.
struct Shower(Screen);

impl LogSink for Shower {
    fn write(&mut self, bytes: &[u8]) {
        self.0.show(bytes);
    }
}

/// How a line of a terminal appears in a log.
pub fn shown(line: &RawLine<'_>) -> Shown {
    if line.is_progress {
        return Shown::Hidden;
    }
    Shown::Text(clean(line.bytes))
}

/// A line without what moves the cursor or clears the screen: text and colours stay.
pub fn clean(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    // What was overwritten in the line is gone.
    let text = text.trim_end_matches('\r');
    let text = text.rsplit('\r').next().unwrap_or(text);
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\x1b' => match chars.next() {
                Some('[') => {
                    let mut inner = String::new();
                    let end = loop {
                        match chars.next() {
                            Some(c @ '\x40'..='\x7e') => break Some(c),
                            Some(c) if inner.len() < 64 => inner.push(c),
                            _ => break None,
                        }
                    };
                    if end == Some('m') {
                        write!(out, "\x1b[{inner}m").expect("a string takes every write");
                    }
                }
                Some(']') => {
                    // A title, a link or the clipboard: until BEL or ST.
                    while let Some(c) = chars.next() {
                        if c == '\x07' || (c == '\x1b' && chars.next_if_eq(&'\\').is_some()) {
                            break;
                        }
                    }
                }
                Some('(' | ')') => {
                    chars.next();
                }
                _ => {}
            },
            '\x08' => {
                out.pop();
            }
            c if c.is_control() && c != '\t' => {}
            c => out.push(c),
        }
    }
    out
}
