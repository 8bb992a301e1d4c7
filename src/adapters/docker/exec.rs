//! A command inside a running container: its output as lines, or a terminal with the user's keys.

use super::logs::{lines_of, living};
use super::{Engine, Fault, LogPiece, plain_ref};
use crate::base::{Stream, Timestamp};
use crate::terminal::{self, Happened, Terminal};
use bollard::container::LogOutput;
use bollard::exec::{CreateExecOptions, ResizeExecOptions, StartExecOptions, StartExecResults};
use futures::StreamExt as _;
use futures::stream::BoxStream;
use std::pin::Pin;
use tokio::io::{AsyncWrite, AsyncWriteExt as _};

/// A command that was started.
pub struct Executed {
    pub id: String,
    pub lines: BoxStream<'static, LogPiece>,
}

/// One whose output is handed on as it comes.
pub struct Executing {
    pub id: String,
    output: BoxStream<'static, Result<LogOutput, Fault>>,
}

impl Executing {
    /// What it writes next, and where; None at its end.
    pub async fn next(&mut self) -> Option<Result<(Stream, Vec<u8>), Fault>> {
        let piece = self.output.next().await?;
        Some(piece.map(|piece| {
            let stream = match piece {
                LogOutput::StdErr { .. } => Stream::Err,
                _ => Stream::Out,
            };
            (stream, piece.into_bytes().to_vec())
        }))
    }
}

/// What shall run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExecSpec {
    pub argv: Vec<String>,
    pub env: Vec<String>,
    pub user: Option<String>,
    pub workdir: Option<String>,
    /// It reads what comes on this program's input.
    pub with_input: bool,
}

impl Engine {
    async fn create_exec(&self, id: &str, spec: &ExecSpec, has_terminal: bool) -> Result<String, Fault> {
        let client = self.client().await?;
        let options = CreateExecOptions::<String> {
            attach_stdin: Some(has_terminal || spec.with_input),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            tty: Some(has_terminal),
            env: (!spec.env.is_empty()).then(|| spec.env.clone()),
            cmd: Some(spec.argv.clone()),
            user: spec.user.clone(),
            working_dir: spec.workdir.clone(),
            ..CreateExecOptions::default()
        };
        let made = self
            .within(self.time_limit, client.create_exec(plain_ref(id)?, options))
            .await?;
        Ok(made.id)
    }

    /// Starts a command; it reads nothing, or what this program is given, to its end.
    pub async fn exec(&self, id: &str, spec: &ExecSpec, now: impl Fn() -> Timestamp + Send + 'static) -> Result<Executed, Fault> {
        let started = self.start_exec(id, spec).await?;
        Ok(Executed {
            id: started.id,
            lines: lines_of(started.output, now),
        })
    }

    /// The same, with its output as it is.
    pub async fn start_exec(&self, id: &str, spec: &ExecSpec) -> Result<Executing, Fault> {
        let exec = self.create_exec(id, spec, false).await?;
        let client = self.client().await?;
        let asked = client.start_exec(&exec, Some(StartExecOptions::default()));
        let output = match self.within(self.time_limit, asked).await? {
            StartExecResults::Attached { output, input } => {
                if spec.with_input {
                    tokio::spawn(hand_on(input));
                }
                living(self, client.allowance.clone(), output)
            }
            StartExecResults::Detached => futures::stream::empty().boxed(),
        };
        Ok(Executing { id: exec, output })
    }

    /// The exit code of a command that has ended; None while it runs.
    pub async fn exec_code(&self, exec: &str) -> Result<Option<i64>, Fault> {
        let client = self.client().await?;
        let told = self.within(self.time_limit, client.inspect_exec(exec)).await?;
        Ok(told.exit_code.filter(|_| told.running != Some(true)))
    }

    /// Ends a command that goes on when nobody listens: with its process group where it is on this machine. False when it can not be reached.
    pub async fn exec_end(&self, exec: &str) -> Result<bool, Fault> {
        let client = self.client().await?;
        let told = self.within(self.time_limit, client.inspect_exec(exec)).await?;
        if told.running != Some(true) {
            return Ok(true);
        }
        let (Some(pid), Some(container)) = (told.pid, told.container_id) else {
            return Ok(false);
        };
        Ok(super::cgroup::end(pid, &container))
    }

    /// Starts a command on a terminal of its own. Gives what it prints, and where its keys go.
    pub async fn exec_terminal(&self, id: &str, spec: &ExecSpec) -> Result<(ExecTerminal, ExecKeys), Fault> {
        let exec = self.create_exec(id, spec, true).await?;
        let client = self.client().await?;
        let start = StartExecOptions {
            tty: true,
            ..StartExecOptions::default()
        };
        let started = self.within(self.time_limit, client.start_exec(&exec, Some(start))).await?;
        let StartExecResults::Attached { output, input } = started else {
            return Err(Fault::Gone);
        };
        let output = living(self, client.allowance.clone(), output);
        let terminal = ExecTerminal {
            engine: self.clone(),
            exec,
            output,
        };
        Ok((terminal, input))
    }

    /// Runs a command on a terminal of its own, joined to the user's until it ends. Gives its exit code.
    pub async fn exec_on(&self, id: &str, spec: &ExecSpec, terminal: &mut Terminal) -> Result<i64, Fault> {
        let (mut exec, mut input) = self.exec_terminal(id, spec).await?;
        let mut size = None;
        loop {
            let now = terminal.size();
            if size != Some(now) {
                size = Some(now);
                exec.resize(now).await;
            }
            tokio::select! {
                piece = exec.next() => match piece {
                    Some(piece) => terminal.show(&piece?).await,
                    None => break,
                },
                happened = terminal.next() => match happened {
                    Happened::Over => break,
                    Happened::Resized => {}
                    Happened::Keys(keys) => if input.write_all(&keys).await.is_err() || input.flush().await.is_err() {
                        break;
                    },
                },
            }
        }
        Ok(exec.code().await?.unwrap_or(-1))
    }
}

/// Gives a command what comes on this program's input, and that it has ended.
async fn hand_on(mut to: ExecKeys) {
    let mut from = terminal::input();
    while let Some(bytes) = from.recv().await {
        if to.write_all(&bytes).await.is_err() || to.flush().await.is_err() {
            return;
        }
    }
    to.shutdown().await.ok();
}

/// Where the keys of a command in a container go.
pub type ExecKeys = Pin<Box<dyn AsyncWrite + Send>>;

/// A command in a container that has a terminal.
pub struct ExecTerminal {
    engine: Engine,
    exec: String,
    output: BoxStream<'static, Result<LogOutput, Fault>>,
}

impl ExecTerminal {
    /// What it prints next; None at its end.
    pub async fn next(&mut self) -> Option<Result<Vec<u8>, Fault>> {
        let piece = self.output.next().await?;
        Some(piece.map(|piece| piece.into_bytes().to_vec()))
    }

    /// Columns and rows. A command that has ended needs no size.
    pub async fn resize(&mut self, (width, height): (u16, u16)) {
        let Ok(client) = self.engine.client().await else { return };
        let asked = client.resize_exec(&self.exec, ResizeExecOptions { height, width });
        self.engine.within(self.engine.time_limit, asked).await.ok();
    }

    /// Its exit code, once it has ended.
    pub async fn code(&mut self) -> Result<Option<i64>, Fault> {
        self.engine.exec_code(&self.exec).await
    }

    /// Ends it where that can be done; without its terminal most programs end by themselves.
    pub async fn hang_up(&mut self) {
        self.engine.exec_end(&self.exec).await.ok();
    }
}
