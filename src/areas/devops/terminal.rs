//! Terminals: a shell in a workspace, in the home folder, in a container or on another machine, or one program, held by a job. What
//! it prints is kept in the job's log; its cells are told as they change.

pub mod grid;
mod line;

use super::Update;
use crate::adapters::World;
use crate::adapters::process::Exit;
use crate::areas::JobCtx;
use crate::base::screen::{Screen, ScreenInput};
use crate::base::{JobId, Msg, Problem, SafeText, Workspace};
use crate::msg;
use grid::Grid;
use line::{Heard, Line};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The tab of the page that shows terminals.
pub const TAB: &str = "terminal";
/// Between two pictures of a screen that changes all the time.
const FRAME: Duration = Duration::from_millis(25);
/// Until the window says how large it is.
const FIRST_SIZE: (u16, u16) = (100, 30);

/// What ssh ends with when it is not the far shell that ended.
const NO_CONNECTION: i32 = 255;

/// Where a shell runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "in", rename_all = "snake_case")]
pub enum TerminalPlace {
    /// A folder of a trusted workspace.
    Workspace {
        workspace: Workspace,
    },
    /// The user's home folder on this machine.
    Home,
    Container {
        id: String,
        name: String,
    },
    /// A machine that the user's ssh knows.
    Machine {
        host: String,
    },
    /// A container on a machine that the user's ssh knows.
    FarContainer {
        host: String,
        id: String,
        name: String,
    },
    /// One program of a trusted workspace instead of a shell, such as a debugger.
    Program {
        workspace: Workspace,
        name: String,
        argv: Vec<String>,
        /// Absolute.
        dir: PathBuf,
        env: BTreeMap<String, String>,
    },
}

impl TerminalPlace {
    /// What it is called.
    pub fn name(&self) -> String {
        match self {
            Self::Workspace { workspace } => workspace.name.clone(),
            Self::Home => "~".to_owned(),
            Self::Container { name, .. } | Self::Program { name, .. } => name.clone(),
            Self::Machine { host } => host.clone(),
            Self::FarContainer { host, name, .. } => format!("{name} · {host}"),
        }
    }

    /// The workspace that it is of.
    pub fn workspace(&self) -> Option<&Workspace> {
        match self {
            Self::Workspace { workspace } | Self::Program { workspace, .. } => Some(workspace),
            Self::Home | Self::Container { .. } | Self::Machine { .. } | Self::FarContainer { .. } => None,
        }
    }

    /// The machine that it is reached on, if it is another one.
    fn machine(&self) -> Option<&str> {
        match self {
            Self::Machine { host } | Self::FarContainer { host, .. } => Some(host),
            Self::Workspace { .. } | Self::Home | Self::Container { .. } | Self::Program { .. } => None,
        }
    }

    /// The title of the job.
    pub fn title(&self) -> Msg {
        msg!("terminal-job", name = self.name())
    }
}

/// How a session ended.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SessionEnd {
    pub code: Option<i32>,
    pub signal: Option<i32>,
    /// It was not the shell that ended it.
    pub problem: Option<Problem>,
}

/// A terminal of the window, open or over.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// The job that holds it.
    pub id: JobId,
    pub place: TerminalPlace,
    pub screen: Option<Box<Screen>>,
    pub ended: Option<SessionEnd>,
}

/// Holds one terminal until its shell ends or it is stopped.
pub async fn run(cx: &JobCtx, world: &World, place: TerminalPlace) -> Result<(), Problem> {
    let id = cx.id();
    let mut inputs = world.terminals().open(id);
    cx.update(Update::TerminalOpened {
        id,
        place: place.clone(),
    })
    .await;
    let held = Box::pin(hold(cx, world, &place, &mut inputs)).await;
    let end = match &held {
        Ok(exit) => SessionEnd {
            code: exit.0,
            signal: exit.1,
            problem: None,
        },
        Err(problem) => SessionEnd {
            problem: Some(problem.clone()),
            ..SessionEnd::default()
        },
    };
    cx.update(Update::TerminalEnded { id, end }).await;
    held.map(|_| ())
}

type Ended = (Option<i32>, Option<i32>);

async fn hold(
    cx: &JobCtx,
    world: &World,
    place: &TerminalPlace,
    inputs: &mut crate::adapters::terminals::Inputs,
) -> Result<Ended, Problem> {
    let mut line = Line::open(cx, world, place, FIRST_SIZE).await?;
    let mut grid = Grid::new(FIRST_SIZE);
    let mut is_changed = true;
    let mut shown_at: Option<Instant> = None;
    loop {
        let now = Instant::now();
        if grid.waits_until().is_some_and(|until| now >= until) {
            grid.stop_waiting();
            is_changed = true;
        }
        if is_changed && shown_at.is_none_or(|at| now >= at + FRAME) {
            tell(cx, &mut grid).await;
            is_changed = false;
            shown_at = Some(Instant::now());
        }
        let due = shown_at.filter(|_| is_changed).map(|at| at + FRAME);
        let wake = [due, grid.waits_until()].into_iter().flatten().min();
        tokio::select! {
            heard = line.next() => match heard {
                Some(Heard::Bytes(bytes)) => {
                    grid.feed(&bytes);
                    let replies = grid.take_replies();
                    if !replies.is_empty() {
                        line.send(replies);
                    }
                    is_changed = true;
                }
                Some(Heard::Fault(problem)) => {
                    tell(cx, &mut grid).await;
                    return Err(problem);
                }
                None => break,
            },
            input = inputs.next() => {
                let Some(input) = input else { break };
                take_in(cx, &mut grid, &mut line, input).await;
                is_changed = true;
            }
            () = cx.cancel_token().cancelled(), if !line.is_ending() => line.hang_up().await,
            () = sleep_until(wake), if wake.is_some() => {}
        }
    }
    tell(cx, &mut grid).await;
    let (code, signal) = line.end().await?;
    cx.exit(code, signal).await;
    cx.check()?;
    match (place.machine(), code) {
        (Some(host), Some(NO_CONNECTION)) => Err(not_connected(host, &grid.screen().text())),
        _ => Ok((code, signal)),
    }
}

/// The user's ssh ended by itself: what it said last stands in the terminal.
fn not_connected(host: &str, screen: &str) -> Problem {
    let said = screen.lines().map(str::trim).rfind(|line| !line.is_empty());
    let summary = msg!("terminal-not-connected", host = host);
    let problem = Problem::environment(summary).code("not-connected");
    match said {
        Some(said) => problem.details(SafeText::new(said).into_string()),
        None => problem,
    }
}

async fn take_in(cx: &JobCtx, grid: &mut Grid, line: &mut Line, input: ScreenInput) {
    match &input {
        ScreenInput::Copy => {
            if let Some(text) = grid.selected() {
                cx.update(Update::TerminalCopied { text }).await;
            }
            return;
        }
        ScreenInput::Resize { columns, rows } if grid.size() == (*columns, *rows) => return,
        _ => {}
    }
    let is_resize = matches!(input, ScreenInput::Resize { .. });
    let bytes = grid.take_in(input);
    if !bytes.is_empty() {
        line.send(bytes);
    }
    if is_resize {
        line.resize(grid.size()).await;
    }
}

async fn tell(cx: &JobCtx, grid: &mut Grid) {
    cx.update(Update::TerminalShown {
        id: cx.id(),
        screen: Box::new(grid.screen()),
    })
    .await;
}

async fn sleep_until(at: Option<Instant>) {
    if let Some(at) = at {
        tokio::time::sleep_until(at.into()).await;
    }
}

/// The user's shell, or one that is there.
fn shell(world: &World) -> String {
    let env = world.processes().base_env();
    let set = env.get(OsStr::new("SHELL"));
    let set = set.and_then(|shell| shell.to_str()).filter(|shell| Path::new(shell).exists());
    let found = ["/bin/bash", "/bin/sh"].into_iter().find(|shell| Path::new(shell).exists());
    set.or(found).unwrap_or("/bin/sh").to_owned()
}

fn of_exit(exit: &Exit) -> Ended {
    (exit.code, exit.signal)
}
