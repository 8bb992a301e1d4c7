//! The way to a shell: through a terminal of this machine's, or through the container engine.

use super::{Ended, TerminalPlace, of_exit, shell};
use crate::adapters::World;
use crate::adapters::docker::{ExecSpec, ExecTerminal};
use crate::adapters::masks::StreamMasker;
use crate::adapters::process::{Cmd, Console, LogSink, Running};
use crate::adapters::ssh::Shell;
use crate::areas::JobCtx;
use crate::base::Problem;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Pieces of keys that wait for a program that does not read them; more are thrown away.
const WAITING: usize = 1024;
/// A shell that was hung up on may take so long to end.
const HANG_UP: Duration = Duration::from_millis(800);
const GRACE: Duration = Duration::from_secs(1);
/// In a container: its better shell, where there is one.
const CONTAINER_SHELL: &str = "if command -v bash >/dev/null 2>&1; then exec bash; else exec sh; fi";

/// What came from the other side.
pub(super) enum Heard {
    Bytes(Vec<u8>),
    Fault(Problem),
}

enum Way {
    Child {
        running: Running,
        console: Option<Arc<Console>>,
        /// Ends the child.
        stop: CancellationToken,
        /// The connection to the other machine is kept as long.
        _shell: Option<Shell>,
    },
    Exec {
        exec: ExecTerminal,
        log: StreamMasker,
        cx: JobCtx,
    },
}

/// One shell and the way to it.
pub(super) struct Line {
    way: Way,
    keys: mpsc::Sender<Vec<u8>>,
    writer: Writer,
    is_ending: bool,
}

/// Hands keys over beside the reading: a program that reads nothing until somebody reads what it prints would wait for ever.
struct Writer(tokio::task::JoinHandle<()>);

impl Drop for Writer {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Line {
    pub(super) async fn open(cx: &JobCtx, world: &World, place: &TerminalPlace, size: (u16, u16)) -> Result<Self, Problem> {
        match place {
            TerminalPlace::Workspace { workspace } => {
                world.trust().check(workspace)?;
                let cmd = Cmd::new(shell(world)).cwd(&workspace.root).workspace(&workspace.root);
                Self::child(cx, world, cmd, None, size).await
            }
            TerminalPlace::Program {
                workspace,
                argv,
                dir,
                env,
                ..
            } => {
                world.trust().check(workspace)?;
                let program = argv.first().map_or("", String::as_str);
                let mut cmd = Cmd::new(program).args(argv.iter().skip(1));
                cmd = cmd.cwd(dir).workspace(&workspace.root);
                for (name, value) in env {
                    cmd = cmd.env(name, value);
                }
                Self::child(cx, world, cmd, None, size).await
            }
            TerminalPlace::Home => Self::child(cx, world, Cmd::new(shell(world)), None, size).await,
            TerminalPlace::Machine { host } => {
                let connection = world.ssh().connect(host, cx.cancel_token()).await?;
                let shell = connection.shell(&[]);
                Self::child(cx, world, shell.cmd(), Some(shell), size).await
            }
            TerminalPlace::FarContainer { host, id, .. } => {
                let connection = world.ssh().connect(host, cx.cancel_token()).await?;
                let shell = connection.shell(&["docker", "exec", "-it", id, "sh", "-c", CONTAINER_SHELL]);
                Self::child(cx, world, shell.cmd(), Some(shell), size).await
            }
            TerminalPlace::Container { id, .. } => Self::exec(cx, world, id).await,
        }
    }

    async fn child(cx: &JobCtx, world: &World, cmd: Cmd, shell: Option<Shell>, size: (u16, u16)) -> Result<Self, Problem> {
        let cmd = cmd.env("COLORTERM", "truecolor").terminal(size).keys().raw().grace(GRACE);
        let cwd = cmd.folder().map_or_else(PathBuf::new, std::path::Path::to_path_buf);
        cx.command(cmd.argv(world.masks()), cwd).await;
        let log = cx.clone();
        let tee: Box<dyn LogSink> = Box::new(move |bytes: &[u8]| log.log_bytes(bytes));
        let stop = CancellationToken::new();
        let mut running = world.processes().start(cmd, &stop, Some(tee))?;
        let console = running.console().map(Arc::new);
        let (keys, mut waiting) = mpsc::channel::<Vec<u8>>(WAITING);
        let sink = console.clone();
        let writer = tokio::spawn(async move {
            let Some(sink) = sink else { return };
            while let Some(bytes) = waiting.recv().await {
                sink.write(&bytes).await;
            }
        });
        Ok(Self {
            way: Way::Child {
                running,
                console,
                stop,
                _shell: shell,
            },
            keys,
            writer: Writer(writer),
            is_ending: false,
        })
    }

    async fn exec(cx: &JobCtx, world: &World, id: &str) -> Result<Self, Problem> {
        let argv = ["sh", "-c", CONTAINER_SHELL].map(str::to_owned).to_vec();
        cx.command(
            [vec!["docker".to_owned(), "exec".to_owned(), id.to_owned()], argv.clone()].concat(),
            PathBuf::new(),
        )
        .await;
        let spec = ExecSpec {
            argv,
            env: vec!["TERM=xterm-256color".to_owned(), "COLORTERM=truecolor".to_owned()],
            ..ExecSpec::default()
        };
        let opened = world.docker().exec_terminal(id, &spec).await;
        let (exec, mut input) = opened.map_err(|fault| fault.problem())?;
        let (keys, mut waiting) = mpsc::channel::<Vec<u8>>(WAITING);
        let writer = tokio::spawn(async move {
            use tokio::io::AsyncWriteExt as _;
            while let Some(bytes) = waiting.recv().await {
                if input.write_all(&bytes).await.is_err() || input.flush().await.is_err() {
                    return;
                }
            }
        });
        Ok(Self {
            way: Way::Exec {
                exec,
                log: world.masks().stream(),
                cx: cx.clone(),
            },
            keys,
            writer: Writer(writer),
            is_ending: false,
        })
    }

    /// What the shell printed; None at its end.
    pub(super) async fn next(&mut self) -> Option<Heard> {
        match &mut self.way {
            Way::Child { running, .. } => running.next().await.map(|batch| Heard::Bytes(batch.bytes().to_vec())),
            Way::Exec { .. } if self.is_ending => None,
            Way::Exec { exec, log, cx } => match exec.next().await? {
                Ok(bytes) => {
                    log.push(&bytes, |piece| cx.log_bytes(piece));
                    Some(Heard::Bytes(bytes))
                }
                Err(fault) => Some(Heard::Fault(fault.problem())),
            },
        }
    }

    /// Keys for the shell; a program that reads none loses the last ones.
    pub(super) fn send(&self, bytes: Vec<u8>) {
        self.keys.try_send(bytes).ok();
    }

    pub(super) async fn resize(&mut self, size: (u16, u16)) {
        match &mut self.way {
            Way::Child { console, .. } => {
                if let Some(console) = console {
                    console.resize(size);
                }
            }
            Way::Exec { exec, .. } => exec.resize(size).await,
        }
    }

    pub(super) fn is_ending(&self) -> bool {
        self.is_ending
    }

    /// As when a terminal is closed: the shell and what it holds hear SIGHUP, and end a little later in any case.
    pub(super) async fn hang_up(&mut self) {
        self.is_ending = true;
        match &mut self.way {
            Way::Child { running, stop, .. } => {
                running.hang_up();
                let stop = stop.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(HANG_UP).await;
                    stop.cancel();
                });
            }
            Way::Exec { exec, .. } => exec.hang_up().await,
        }
    }

    /// After its last byte: exit code and signal.
    pub(super) async fn end(self) -> Result<Ended, Problem> {
        drop(self.writer);
        match self.way {
            Way::Child { running, .. } => Ok(of_exit(&running.exit().await)),
            Way::Exec { mut exec, mut log, cx } => {
                log.finish(|piece| cx.log_bytes(piece));
                let code = exec.code().await.map_err(|fault| fault.problem())?;
                Ok((code.and_then(|code| i32::try_from(code).ok()), None))
            }
        }
    }
}
