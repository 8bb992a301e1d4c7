//! Other people's programs: started with an allow-listed environment, held in a group, read, timed, and ended with all they started.
//! No other module starts a process.

mod about;
mod cmd;
mod config;
mod console;
mod detached;
mod env;
mod error;
mod exit;
pub mod filter;
mod foreign;
mod group;
mod handover;
mod lines;
pub mod orphans;
mod outlived;
mod start;
mod supervise;

pub use about::{About, argv_of, is_suspended, name_of, output_of};
pub use cmd::{Cmd, Flow, Limits, LogSink, Stdin, shell_quoted};
pub use config::ProcessConfig;
pub use console::Console;
pub use detached::{Detached, DetachedEnd, Stopped};
pub use env::allowed_env;
pub use error::ProcessError;
pub use exit::{Cause, Exit, Output, signal_name};
pub use group::{TAG_VAR, parent_of};
pub use lines::{Batch, MAX_LINE_BYTES, RawLine};
pub use outlived::Outlived;

use super::masks::Masks;
use crate::base::Clock;
use console::Pty;
use group::{Hierarchies, Leaf};
use rustix::process::{Pid, Signal};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;
use supervise::{Captured, Sink, Supervised, supervise};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

/// Enters control groups before the program runs, so that nothing it starts can be outside: `sh -c ENTER sh N FILE.. PROGRAM ARG..`.
const ENTER: &str = r#"n=$1; shift; while [ "$n" -gt 0 ]; do { echo 0 >"$1"; } 2>/dev/null; shift; n=$((n-1)); done; exec "$@""#;
/// Batches that wait for the reader.
const QUEUE_LEN: usize = 8;

/// Starts programs. Cheap to clone; all clones share one register of living children.
#[derive(Clone)]
pub struct Processes {
    shared: Arc<Shared>,
}

struct Shared {
    clock: Clock,
    masks: Masks,
    /// What a child inherits, of all that Chantier was started with.
    env: RwLock<Arc<BTreeMap<OsString, OsString>>>,
    all_env: Vec<(OsString, OsString)>,
    grace: RwLock<Duration>,
    /// Programs whose file the user has set.
    tools: RwLock<BTreeMap<String, PathBuf>>,
    resolved: Mutex<BTreeMap<(OsString, Option<PathBuf>), PathBuf>>,
    hierarchies: Hierarchies,
    /// `PID-STARTTICKS-NAMESPACE-RANDOM` of this program: who owns the children.
    owner: String,
    /// The tags of the programs above, when Chantier itself runs as somebody's child.
    outer_tag: Option<String>,
    has_terminal: bool,
    n_started: AtomicU64,
    is_ending: AtomicBool,
    live: Mutex<BTreeMap<u64, Arc<Live>>>,
    reaped: detached::Register,
}

/// A child that has not been reaped: its pid is still its own.
struct Live {
    number: u64,
    pid: u32,
    tag: String,
    leaf: Leaf,
    /// Locked while a signal is sent, so that the pid can not become somebody else's meanwhile.
    is_reaped: Mutex<bool>,
    /// Without a group: who was seen to descend from it, with start times. Once orphaned, they could not be told from others.
    family: Mutex<Vec<(Pid, u64)>>,
    /// Nobody waits for it any more.
    abandoned: CancellationToken,
}

impl Live {
    /// To the process group, the child itself (it may not have its group yet) and all in the control group.
    fn signal(&self, signal: Signal) {
        let is_reaped = lock(&self.is_reaped);
        if *is_reaped {
            return;
        }
        let family = if self.leaf.is_contained() {
            self.leaf.pids()
        } else {
            self.look_for_family()
        };
        if let Some(pid) = Pid::from_raw(self.pid as i32) {
            if rustix::process::kill_process_group(pid, signal).is_err() {
                rustix::process::kill_process(pid, signal).ok();
            }
            for other in family.into_iter().filter(|other| *other != pid) {
                // Those in the child's own process group had theirs.
                if rustix::process::getpgid(Some(other)).is_ok_and(|group| group != pid) {
                    rustix::process::kill_process(other, signal).ok();
                }
            }
        }
    }

    fn is_reaped(&self) -> bool {
        *lock(&self.is_reaped)
    }

    fn kill(&self) {
        self.leaf.kill();
        self.signal(Signal::KILL);
    }

    /// The living members of the family, new ones noted.
    fn look_for_family(&self) -> Vec<Pid> {
        let mut pids = group::tagged(|tag| tag == self.tag);
        pids.extend(Pid::from_raw(self.pid as i32));
        group::add_descendants(&mut pids);
        let mut family = lock(&self.family);
        for pid in pids {
            if let Some(ticks) = group::start_ticks(pid.as_raw_nonzero().get() as u32)
                && !family.contains(&(pid, ticks))
            {
                family.push((pid, ticks));
            }
        }
        family.retain(|(pid, ticks)| group::start_ticks(pid.as_raw_nonzero().get() as u32) == Some(*ticks));
        family.iter().map(|(pid, _)| *pid).collect()
    }
}

impl Shared {
    fn forget(&self, live: &Live) {
        *lock(&live.is_reaped) = true;
        lock(&self.live).remove(&live.number);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Processes {
    pub fn new(config: ProcessConfig, masks: Masks, clock: Clock) -> Self {
        let pid = std::process::id();
        let owner = format!(
            "{pid}-{}-{}-{:08x}",
            group::start_ticks(pid).unwrap_or(0),
            group::pid_namespace(),
            fastrand::u32(..)
        );
        let outer_tag = config
            .env
            .iter()
            .find(|(name, _)| name == TAG_VAR)
            .map(|(_, tag)| tag.to_string_lossy().into_owned());
        let hierarchies = if config.uses_groups {
            Hierarchies::detect()
        } else {
            Hierarchies::default()
        };
        Self {
            shared: Arc::new(Shared {
                clock,
                masks,
                env: RwLock::new(Arc::new(allowed_env(config.env.iter().cloned(), &[]))),
                all_env: config.env,
                grace: RwLock::new(config.grace),
                tools: RwLock::default(),
                resolved: Mutex::default(),
                hierarchies,
                owner,
                outer_tag,
                has_terminal: group::has_terminal(),
                n_started: AtomicU64::new(0),
                is_ending: AtomicBool::new(false),
                live: Mutex::default(),
                reaped: detached::Register::default(),
            }),
        }
    }

    pub fn masks(&self) -> &Masks {
        &self.shared.masks
    }

    /// Children are held by control groups; else by process groups and tags.
    pub fn has_groups(&self) -> bool {
        self.shared.hierarchies.has_v2()
    }

    /// The tag that marks every child of this handle: `tagged_pids` finds them.
    pub fn owner_tag(&self) -> &str {
        &self.shared.owner
    }

    /// The file of a program, looked for once: the user's setting, or the absolute entries of PATH that are not below `never_below`.
    pub fn resolve(&self, program: impl AsRef<OsStr>, never_below: Option<&Path>) -> Result<PathBuf, ProcessError> {
        let program = program.as_ref();
        if let Some(set) = program.to_str().and_then(|name| {
            self.shared
                .tools
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .get(name)
                .filter(|path| path.is_absolute())
                .cloned()
        }) {
            return cmd::resolve(set.as_os_str(), OsStr::new(""), None).map_err(|error| match error {
                ProcessError::Missing(path) => ProcessError::MissingTool {
                    name: program.to_string_lossy().into_owned(),
                    path,
                },
                error => error,
            });
        }
        // A workspace that holds the whole home folder holds the user's own tools too.
        let home = self.base_env().get(OsStr::new("HOME")).map(PathBuf::from);
        let never_below = never_below
            .filter(|root| !home.as_ref().is_some_and(|home| home.starts_with(root)))
            .and_then(|root| root.canonicalize().ok());
        let key = (program.to_owned(), never_below.clone());
        if let Some(known) = lock(&self.shared.resolved).get(&key).filter(|path| path.exists()) {
            return Ok(known.clone());
        }
        let path = self
            .base_env()
            .get(OsStr::new("PATH"))
            .cloned()
            .unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into());
        let file = cmd::resolve(program, &path, never_below.as_deref())?;
        lock(&self.shared.resolved).insert(key, file.clone());
        Ok(file)
    }

    /// Starts a command. Its output comes in batches from `Running::next`; dropping `Running` kills it and all it started.
    pub fn start(&self, cmd: Cmd, cancel: &CancellationToken, tee: Option<Box<dyn LogSink>>) -> Result<Running, ProcessError> {
        let (sender, batches) = mpsc::channel(QUEUE_LEN);
        let sink = Sink::Lines {
            sender,
            tee,
            flow: cmd.flow,
            max_line_bytes: MAX_LINE_BYTES,
            is_raw: cmd.is_raw,
        };
        let (live, end, console) = self.launch(cmd, cancel, sink)?;
        Ok(Running {
            live,
            batches,
            end,
            console,
        })
    }

    /// Runs a command to its end; `on_batch` gets the lines, `tee` the exact bytes (masked). Dropping the future kills it.
    pub async fn run(
        &self,
        cmd: Cmd,
        cancel: &CancellationToken,
        tee: Option<Box<dyn LogSink>>,
        mut on_batch: impl FnMut(Batch),
    ) -> Result<Exit, ProcessError> {
        let mut running = self.start(cmd, cancel, tee)?;
        while let Some(batch) = running.next().await {
            on_batch(batch);
        }
        Ok(running.exit().await)
    }

    /// Runs a small tool and keeps up to `max_bytes` of each of its outputs; more is thrown away and said.
    pub async fn output(&self, cmd: Cmd, cancel: &CancellationToken, max_bytes: usize) -> Result<Output, ProcessError> {
        let (live, end, _) = self.launch(cmd, cancel, Sink::Capture { max_bytes })?;
        let _guard = AbandonOnDrop(&live);
        let (exit, captured) = end.await.map_err(|_| ProcessError::Ending)?;
        Ok(Output {
            stdout: captured.stdout,
            stderr: captured.stderr,
            truncated: captured.truncated,
            exit,
        })
    }

    /// Living processes that carry the tag of this handle.
    pub fn tagged_pids(&self) -> Vec<u32> {
        let prefix = format!("{}-", self.shared.owner);
        group::tagged(|tag| tag.starts_with(&prefix))
            .into_iter()
            .map(|pid| pid.as_raw_nonzero().get() as u32)
            .collect()
    }

    /// Kills every child and all they started, at once, and starts none any more. For the end of the program.
    pub fn kill_all(&self) {
        self.shared.is_ending.store(true, Ordering::SeqCst);
        let live: Vec<_> = lock(&self.shared.live).values().cloned().collect();
        for child in &live {
            child.kill();
        }
        let prefix = format!("{}-", self.shared.owner);
        if !live.is_empty() || !self.has_groups() {
            group::kill_tagged(|tag| tag.starts_with(&prefix));
        }
        for child in &live {
            child.leaf.remove();
        }
    }

    /// Ends what a Chantier that was itself killed has left running. Returns how many processes it found.
    pub fn end_orphans(&self) -> usize {
        let n_found = orphans::orphans().len();
        if n_found > 0 {
            orphans::end_orphans();
        }
        let namespace = group::pid_namespace();
        self.shared
            .hierarchies
            .remove_orphans(|tag| orphans::is_of_gone(tag, namespace));
        n_found
    }

    fn launch(
        &self,
        cmd: Cmd,
        cancel: &CancellationToken,
        sink: Sink,
    ) -> Result<(Arc<Live>, oneshot::Receiver<(Exit, Captured)>, Option<Console>), ProcessError> {
        let shared = &self.shared;
        if shared.is_ending.load(Ordering::SeqCst) || cancel.is_cancelled() {
            return Err(ProcessError::Ending);
        }
        let number = shared.n_started.fetch_add(1, Ordering::Relaxed);
        let tag = format!("{}-{number}", shared.owner);
        let leaf = shared.hierarchies.leaf_of(&format!("chantier-job-{tag}"), &cmd);
        let stdin_bytes = if let Stdin::Bytes(bytes) = &cmd.stdin {
            bytes.clone()
        } else {
            Vec::new()
        };
        let spawned = self
            .command(&cmd, Some(&tag), &leaf.entries(), shared.has_terminal)
            .and_then(|(program, mut command)| {
                let of = |source| spawn_error(program.clone(), source);
                if let Some(size) = cmd.terminal {
                    let pty = Pty::open(size).map_err(of)?;
                    if cmd.stdin != Stdin::Keys {
                        pty.end_input().map_err(of)?;
                    }
                    command
                        .stdin(pty.stdio().map_err(of)?)
                        .stdout(pty.stdio().map_err(of)?)
                        .stderr(pty.stdio().map_err(of)?);
                    let child = start::spawn(&mut command, &program).map_err(of)?;
                    // Our handles of its end must go before it ends, or its end would not be heard.
                    drop(command);
                    return Ok((child, Some(pty.split().map_err(of)?)));
                }
                command.stdin(match &cmd.stdin {
                    Stdin::Bytes(_) => Stdio::piped(),
                    Stdin::File(path) => std::fs::File::open(path).map_err(of)?.into(),
                    Stdin::Null | Stdin::Keys => Stdio::null(),
                });
                command.stdout(Stdio::piped()).stderr(Stdio::piped());
                Ok((start::spawn(&mut command, &program).map_err(of)?, None))
            });
        let (child, pty) = match spawned {
            Ok(spawned) => spawned,
            Err(error) => {
                leaf.remove();
                return Err(error);
            }
        };
        let live = Arc::new(Live {
            number,
            pid: child.id(),
            tag,
            leaf,
            is_reaped: Mutex::new(false),
            family: Mutex::default(),
            abandoned: CancellationToken::new(),
        });
        lock(&shared.live).insert(number, Arc::clone(&live));
        let (master, console) = pty.map_or((None, None), |(master, console)| (Some(master), Some(console)));
        let supervised = Supervised {
            shared: Arc::clone(shared),
            live: Arc::clone(&live),
            child,
            master,
            stdin: stdin_bytes,
            sink,
            maskers: [shared.masks.stream(), shared.masks.stream()],
            cancel: cancel.clone(),
            tells_env: cmd.tells_env,
            timeout: cmd.timeout,
            grace: cmd
                .grace
                .unwrap_or(*shared.grace.read().unwrap_or_else(PoisonError::into_inner)),
        };
        let (sender, end) = oneshot::channel();
        // Not the caller's task: an end is waited for, reaped and cleaned up also when the caller is gone.
        tokio::spawn(async move {
            drop(sender.send(supervise(supervised).await));
        });
        if shared.is_ending.load(Ordering::SeqCst) {
            live.kill();
        }
        Ok((live, end, console))
    }

    /// The command with its environment, folder and way in, in a group of its own; not yet its input and output.
    fn command(
        &self,
        cmd: &Cmd,
        tag: Option<&str>,
        entries: &[PathBuf],
        needs_session: bool,
    ) -> Result<(PathBuf, Command), ProcessError> {
        let (program, mut command, has_session) = self.bare_command(cmd, tag, entries, needs_session)?;
        if !has_session {
            command.process_group(0);
        }
        Ok((program, command))
    }

    /// The same in the group of this program, and whether it gets a session of its own.
    fn bare_command(
        &self,
        cmd: &Cmd,
        tag: Option<&str>,
        entries: &[PathBuf],
        needs_session: bool,
    ) -> Result<(PathBuf, Command, bool), ProcessError> {
        let cwd = cmd
            .cwd
            .clone()
            .or_else(|| self.base_env().get(OsStr::new("HOME")).map(PathBuf::from))
            .unwrap_or_else(|| PathBuf::from("/"));
        if !cwd.is_dir() {
            return Err(ProcessError::BadFolder(cwd));
        }
        let program = self.resolve(&cmd.program, Some(cmd.workspace.as_deref().unwrap_or(&cwd)))?;
        let mut env = (*self.base_env()).clone();
        env.extend(cmd.env.clone());
        for name in &cmd.env_removed {
            env.remove(name);
        }
        if cmd.terminal.is_some() && env.get(OsStr::new("TERM")).is_none_or(|term| term == "dumb") {
            env.insert("TERM".into(), "xterm-256color".into());
        }
        env.insert("PWD".into(), cwd.clone().into_os_string());
        if let Some(tag) = tag {
            let chain = self
                .shared
                .outer_tag
                .iter()
                .map(String::as_str)
                .chain([tag])
                .collect::<Vec<_>>()
                .join(",");
            env.insert(TAG_VAR.into(), chain.into());
        }
        let strings = cmd
            .args
            .iter()
            .map(OsString::as_os_str)
            .chain(env.iter().flat_map(|(k, v)| [k.as_os_str(), v.as_os_str()]));
        cmd::check_size(std::iter::once(program.as_os_str()).chain(strings))?;

        // A session of its own has no terminal: what asks for one fails at once instead of being stopped for ever.
        let setsid = if cmd.terminal.is_some() {
            Some(self.resolve("setsid", None)?)
        } else if needs_session {
            self.resolve("setsid", None).ok()
        } else {
            None
        };
        let sh = Path::new("/bin/sh");
        let mut command = if (entries.is_empty() && setsid.is_none()) || !sh.exists() {
            Command::new(&program)
        } else {
            let mut command = Command::new(sh);
            command
                .args(["-c", ENTER, "sh", &entries.len().to_string()])
                .args(entries)
                .args(&setsid)
                // The terminal is its own: Ctrl+C reaches it, and what asks for a terminal finds one.
                .args(cmd.terminal.map(|_| "--ctty"))
                .arg(&program);
            command
        };
        command.args(&cmd.args).current_dir(&cwd).env_clear().envs(&env);
        Ok((program, command, setsid.is_some()))
    }
}

fn spawn_error(program: PathBuf, source: std::io::Error) -> ProcessError {
    match source.kind() {
        std::io::ErrorKind::NotFound => ProcessError::Missing(program),
        std::io::ErrorKind::PermissionDenied => ProcessError::NotExecutable(program),
        std::io::ErrorKind::ArgumentListTooLong => ProcessError::ArgvTooLong { bytes: 0 },
        _ => ProcessError::Spawn { program, source },
    }
}

/// A command that runs. Dropping it kills the child and all it started, without waiting.
pub struct Running {
    live: Arc<Live>,
    batches: mpsc::Receiver<Batch>,
    end: oneshot::Receiver<(Exit, Captured)>,
    console: Option<Console>,
}

impl Running {
    /// The way to a child that has a terminal, once.
    pub fn console(&mut self) -> Option<Console> {
        self.console.take()
    }

    pub fn pid(&self) -> u32 {
        self.live.pid
    }

    /// The limits that were asked for are in force.
    pub fn has_limits(&self) -> bool {
        self.live.leaf.limits_kept
    }

    /// The next lines; None when the output is at its end. While nobody asks, the child waits (or lines are dropped, see `Flow`).
    pub async fn next(&mut self) -> Option<Batch> {
        self.batches.recv().await
    }

    /// As when its terminal is closed: SIGHUP to the child and all it started.
    pub fn hang_up(&self) {
        self.live.signal(Signal::HUP);
    }

    /// A signal to the child and all it started, while it is alive.
    pub fn signal(&self, signal: Signal) {
        self.live.signal(signal);
    }

    /// Waits for the end; lines that were not taken are thrown away.
    pub async fn exit(mut self) -> Exit {
        while self.batches.recv().await.is_some() {}
        match (&mut self.end).await {
            Ok((exit, _)) => exit,
            // The runtime is going down.
            Err(_) => Exit {
                code: None,
                signal: None,
                cause: Cause::Cancelled,
                leaked: false,
                left: Vec::new(),
                wall: Duration::ZERO,
                cpu_user: Duration::ZERO,
                cpu_sys: Duration::ZERO,
            },
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        abandon(&self.live);
    }
}

struct AbandonOnDrop<'a>(&'a Arc<Live>);

impl Drop for AbandonOnDrop<'_> {
    fn drop(&mut self) {
        abandon(self.0);
    }
}

/// Kills without waiting; the supervisor sees it, sweeps and reaps.
fn abandon(live: &Live) {
    if !live.is_reaped() {
        live.kill();
        live.abandoned.cancel();
    }
}
