//! Other machines, through the user's own ssh program with the user's own settings, keys and known hosts: one kept connection to each,
//! over which commands run. A machine that is not known is never gone on to, and nothing is ever assumed of one that does not answer.

pub mod config;
mod forward;
mod trouble;

pub use forward::Forward;
pub use trouble::{is_silence, lost};

use super::files;
use super::git::host_keys::Asking;
use super::process::{Batch, Cause, Cmd, Exit, Output, Processes, Running, Stdin, shell_quoted};
use crate::base::Problem;
use crate::msg;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// From the start of ssh until the connection stands.
const CONNECT_WITHIN: Duration = Duration::from_secs(20);
/// A connection that nobody uses is closed.
const IDLE: Duration = Duration::from_mins(1);
/// A machine that was not reached is not asked again for a look before this; twice as long each time, up to the longest.
const AWAY: Duration = Duration::from_secs(15);
const LONGEST_AWAY: Duration = Duration::from_mins(5);
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// Longest path of a socket (unix(7)), less what ssh adds while it makes it.
const MAX_SOCKET_PATH: usize = 107 - 18;
const MAX_WORDS: usize = 16 * 1024;

/// Before all others, so that ssh asks who the machine is: of an option that is given twice it takes the first.
const ASKS: [&str; 6] = [
    "-o",
    "StrictHostKeyChecking=ask",
    "-o",
    "BatchMode=no",
    "-o",
    "NumberOfPasswordPrompts=0",
];

/// Given to every ssh: what it must never do, and how long it waits. Everything else is as the user's own settings say.
const ALWAYS: &[&str] = &[
    "BatchMode=yes",
    "StrictHostKeyChecking=yes",
    "ForwardAgent=no",
    "ForwardX11=no",
    "ClearAllForwardings=yes",
    "PermitLocalCommand=no",
    "RequestTTY=no",
    "ConnectTimeout=10",
    "ServerAliveInterval=5",
    "ServerAliveCountMax=3",
    "ControlPersist=no",
    "LogLevel=ERROR",
];

/// The machines. Cheap to clone; all clones share the connections.
#[derive(Clone)]
pub struct Ssh {
    processes: Processes,
    folder: PathBuf,
    hosts: Arc<Mutex<BTreeMap<String, Slot>>>,
    /// When a machine could not be reached, and how often in a row.
    failed: Arc<Mutex<BTreeMap<String, (Instant, u32)>>>,
}

/// The connection to one machine; locked while it is made, so that there is one.
type Slot = Arc<tokio::sync::Mutex<Option<Arc<Kept>>>>;

struct Kept {
    socket: PathBuf,
    /// The ssh that holds the connection has ended.
    ended: CancellationToken,
    last_used: Mutex<Instant>,
    n_using: AtomicU64,
    /// What was heard last, by question.
    heard: Mutex<BTreeMap<String, (Instant, Arc<str>)>>,
    /// What is changed there by one act after the other.
    turns: Mutex<BTreeMap<String, Arc<tokio::sync::Mutex<()>>>>,
    forwards: forward::Forwards,
}

/// One command for a machine.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    /// Program and arguments; never a line for a shell.
    pub argv: &'a [&'a str],
    pub stdin: Stdin,
    pub timeout: Duration,
    /// Of each output; more is thrown away.
    pub max_bytes: usize,
}

impl<'a> Call<'a> {
    pub fn new(argv: &'a [&'a str]) -> Self {
        Self {
            argv,
            stdin: Stdin::Null,
            timeout: Duration::from_secs(30),
            max_bytes: 1024 * 1024,
        }
    }

    pub fn stdin(mut self, stdin: Stdin) -> Self {
        self.stdin = stdin;
        self
    }

    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }
}

/// A machine that can be talked to now.
#[derive(Clone)]
pub struct Connection {
    ssh: Ssh,
    host: String,
    kept: Arc<Kept>,
}

impl Ssh {
    /// `cache` gets the sockets of the connections, for the user alone.
    pub fn new(processes: Processes, cache: &Path) -> Self {
        Self {
            processes,
            folder: cache.join("ssh"),
            hosts: Arc::default(),
            failed: Arc::default(),
        }
    }

    /// The kept connection to a machine (a name that the user's ssh understands), made when there is none.
    pub async fn connect(&self, host: &str, cancel: &CancellationToken) -> Result<Connection, Problem> {
        check_host(host)?;
        let slot = Arc::clone(lock(&self.hosts).entry(host.to_owned()).or_default());
        let mut slot = tokio::select! {
            slot = slot.lock() => slot,
            () = cancel.cancelled() => return Err(Problem::cancelled()),
        };
        let kept = match slot.as_ref().filter(|kept| !kept.ended.is_cancelled()) {
            Some(kept) => Arc::clone(kept),
            None => {
                let opened = self.open(host, cancel).await;
                let mut failed = lock(&self.failed);
                match &opened {
                    Ok(_) => drop(failed.remove(host)),
                    Err(_) => {
                        let n = failed.get(host).map_or(0, |(_, n)| *n);
                        failed.insert(host.to_owned(), (Instant::now(), n.saturating_add(1)));
                    }
                }
                drop(failed);
                let kept = opened?;
                *slot = Some(Arc::clone(&kept));
                kept
            }
        };
        *lock(&kept.last_used) = Instant::now();
        Ok(Connection {
            ssh: self.clone(),
            host: host.to_owned(),
            kept,
        })
    }

    /// Nobody waits for the machine now, and it was not out of reach a moment ago.
    pub fn is_likely(&self, host: &str) -> bool {
        let is_waited_for = lock(&self.hosts).get(host).is_some_and(|slot| slot.try_lock().is_err());
        let has_failed = lock(&self.failed).get(host).is_some_and(|(at, n)| at.elapsed() < rest(*n));
        !is_waited_for && !has_failed
    }

    /// Goes on to a machine with exactly this key, which ssh then writes into the user's `known_hosts`.
    pub async fn accept(&self, host: &str, fingerprint: &str, cancel: &CancellationToken) -> Result<(), Problem> {
        check_host(host)?;
        let socket = self.new_socket()?;
        let mut asking = cmd(&socket).args(["-o", "ControlMaster=no", "-T", "--", host, "true"]);
        asking.args.splice(0..0, ASKS.map(Into::into));
        let folder = Some(self.folder.clone());
        let asking = Asking { folder }.accepting(asking, fingerprint)?.timeout(CONNECT_WITHIN);
        let output = self.processes.output(asking, cancel, MAX_WORDS).await?;
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        // What is not the machine's answer is ssh's: 255.
        if output.exit.code == Some(255) || output.exit.code.is_none() {
            return Err(trouble::of_words(host, &words));
        }
        lock(&self.failed).remove(host);
        Ok(())
    }

    async fn open(&self, host: &str, cancel: &CancellationToken) -> Result<Arc<Kept>, Problem> {
        let socket = self.new_socket()?;
        let cmd = cmd(&socket)
            .args(["-o", "ControlMaster=yes", "-N", "--", host])
            .grace(Duration::from_secs(1));
        let mut running = self.processes.start(cmd.clone(), &CancellationToken::new(), None)?;
        let began = Instant::now();
        let mut words = String::new();
        // ssh makes the socket under another name and moves it: once it is there, it can be used.
        while !socket.exists() {
            if began.elapsed() > CONNECT_WITHIN {
                return Err(trouble::slow(host).details(words.trim()));
            }
            tokio::select! {
                () = cancel.cancelled() => return Err(Problem::cancelled()),
                batch = running.next() => match batch {
                    Some(batch) => batch.log_lines().iter().for_each(|line| say(&mut words, &line.text)),
                    None => return Err(self.refused(host, cmd, running, &words, cancel).await),
                },
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
        let kept = Arc::new(Kept {
            socket,
            ended: CancellationToken::new(),
            last_used: Mutex::new(Instant::now()),
            n_using: AtomicU64::new(0),
            heard: Mutex::default(),
            turns: Mutex::default(),
            forwards: forward::Forwards::default(),
        });
        tokio::spawn(hold(Arc::clone(&kept), running));
        Ok(kept)
    }

    async fn refused(&self, host: &str, cmd: Cmd, running: Running, words: &str, cancel: &CancellationToken) -> Problem {
        let _exit = running.exit().await;
        let problem = trouble::of_words(host, words);
        if problem.code != "host-unknown" {
            return problem;
        }
        let asking = Asking {
            folder: Some(self.folder.clone()),
        };
        let mut again = cmd;
        again.args.splice(0..0, ASKS.map(Into::into));
        match asking.who_is(&self.processes, &again, cancel).await {
            Some((key, facts)) => trouble::unknown(host, &key, &facts),
            None => problem,
        }
    }

    fn new_socket(&self) -> Result<PathBuf, Problem> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let name = format!("s{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let mut socket = self.folder.join(&name);
        if socket.as_os_str().len() > MAX_SOCKET_PATH {
            socket = PathBuf::from(format!("/tmp/chantier-{:016x}", fastrand::u64(..))).join(&name);
        }
        if let Some(folder) = socket.parent() {
            files::create_private_dir(folder)?;
            sweep(folder);
        }
        files::remove_file(&socket).ok();
        Ok(socket)
    }
}

impl Connection {
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Runs a command there. An error means that the machine did not answer: what the command did is not known then. Dropping it ends
    /// our side only.
    pub async fn run(&self, call: Call<'_>, cancel: &CancellationToken) -> Result<Output, Problem> {
        if call.argv.iter().any(|word| word.contains('\0')) {
            return Err(Problem::user(msg!("ssh-nul", host = self.host.as_str())));
        }
        let mut cmd = self.cmd(call.argv).timeout(call.timeout);
        cmd.stdin = call.stdin;
        self.kept.n_using.fetch_add(1, Ordering::SeqCst);
        let _using = Using(Arc::clone(&self.kept));
        let output = self.ssh.processes.output(cmd, cancel, call.max_bytes).await?;
        match output.exit.cause {
            Cause::Cancelled => Err(Problem::cancelled()),
            Cause::TimedOut => Err(trouble::slow(&self.host)),
            Cause::Exited if output.exit.code != Some(255) => Ok(output),
            _ => {
                let words = String::from_utf8_lossy(&output.stderr).into_owned();
                Err(lost(&self.host).details(words.trim()))
            }
        }
    }

    /// Starts a command that goes on; its lines come as it says them. Dropping what it gives ends it.
    pub fn start(&self, argv: &[&str], cancel: &CancellationToken) -> Result<Following, Problem> {
        let running = self.ssh.processes.start(self.cmd(argv), cancel, None)?;
        self.kept.n_using.fetch_add(1, Ordering::SeqCst);
        Ok(Following {
            host: self.host.clone(),
            running,
            using: Using(Arc::clone(&self.kept)),
        })
    }

    /// A shell there, or a program on a terminal; the connection is kept until it is dropped.
    pub fn shell(&self, argv: &[&str]) -> Shell {
        self.kept.n_using.fetch_add(1, Ordering::SeqCst);
        let mut cmd = self.cmd(argv);
        // Of an option that is given twice, ssh takes the first.
        cmd.args.splice(0..0, ["-o", "RequestTTY=force"].map(Into::into));
        cmd.args.retain(|arg| arg != "-T");
        if argv.is_empty() {
            cmd.args.pop();
        }
        Shell {
            cmd,
            _using: Using(Arc::clone(&self.kept)),
        }
    }

    fn cmd(&self, argv: &[&str]) -> Cmd {
        let line: Vec<String> = argv.iter().map(|word| shell_quoted(word)).collect();
        // Without the kept connection this must fail, and not make another one by itself.
        cmd(&self.kept.socket)
            .args([
                "-o",
                "ControlMaster=no",
                "-o",
                "ProxyCommand=exit 255",
                "-T",
                "--",
                &self.host,
            ])
            .arg(line.join(" "))
            .grace(Duration::from_millis(500))
            .small()
    }

    /// Waits until no other act of this program changes the same thing there.
    pub async fn alone(&self, what: &str) -> tokio::sync::OwnedMutexGuard<()> {
        let turn = Arc::clone(lock(&self.kept.turns).entry(what.to_owned()).or_default());
        turn.lock_owned().await
    }

    /// What this question was answered with over this connection, and how long ago.
    pub fn heard(&self, question: &str) -> Option<(Duration, Arc<str>)> {
        let heard = lock(&self.kept.heard);
        let (at, answer) = heard.get(question)?;
        Some((at.elapsed(), Arc::clone(answer)))
    }

    pub fn remember(&self, question: &str, answer: &str) {
        lock(&self.kept.heard).insert(question.to_owned(), (Instant::now(), answer.into()));
    }
}

/// A program on a terminal of another machine, to be started on one of this machine.
pub struct Shell {
    cmd: Cmd,
    _using: Using,
}

impl Shell {
    pub fn cmd(&self) -> Cmd {
        self.cmd.clone()
    }
}

/// A command that goes on.
pub struct Following {
    host: String,
    running: Running,
    using: Using,
}

impl Following {
    /// The next lines; None at its end.
    pub async fn next(&mut self) -> Option<Batch> {
        *lock(&self.using.0.last_used) = Instant::now();
        self.running.next().await
    }

    /// After its last line. As with what is run: an error means that the machine did not answer to its end.
    pub async fn end(self) -> Result<Exit, Problem> {
        let exit = self.running.exit().await;
        match exit.cause {
            Cause::Cancelled => Err(Problem::cancelled()),
            Cause::Exited if exit.code != Some(255) => Ok(exit),
            _ => Err(lost(&self.host)),
        }
    }
}

struct Using(Arc<Kept>);

impl Drop for Using {
    fn drop(&mut self) {
        *lock(&self.0.last_used) = Instant::now();
        self.0.n_using.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Removes the sockets of programs that were killed.
fn sweep(folder: &Path) {
    for path in files::of_killed(folder, "s").unwrap_or_default() {
        files::remove_file(&path).ok();
    }
}

/// Keeps the ssh that holds the connection until it ends or nobody needs it any more.
async fn hold(kept: Arc<Kept>, mut running: Running) {
    loop {
        tokio::select! {
            batch = running.next() => if batch.is_none() { break },
            () = tokio::time::sleep(Duration::from_secs(5)) => {
                let is_idle = kept.n_using.load(Ordering::SeqCst) == 0 && lock(&kept.last_used).elapsed() > IDLE;
                if is_idle { break }
            }
        }
    }
    kept.ended.cancel();
    drop(running);
    forward::remove(&kept).await;
    files::remove_file(&kept.socket).ok();
}

/// How long a machine that failed so often in a row is left alone.
fn rest(n: u32) -> Duration {
    AWAY.saturating_mul(1 << n.saturating_sub(1).min(8)).min(LONGEST_AWAY)
}

fn cmd(socket: &Path) -> Cmd {
    let mut cmd = Cmd::new("ssh").env("LC_ALL", "C");
    for option in ALWAYS {
        cmd = cmd.args(["-o", option]);
    }
    let mut path = std::ffi::OsString::from("ControlPath=");
    // ssh replaces words that begin with a per cent sign.
    path.push(socket.to_string_lossy().replace('%', "%%"));
    cmd.arg("-o").arg(path)
}

/// What ssh would take for an option, or a shell for more than a word, is no name of a machine.
fn check_host(host: &str) -> Result<(), Problem> {
    let is_plain = |c: char| c.is_alphanumeric() || "-_.:@[]%".contains(c);
    if host.is_empty() || host.starts_with('-') || !host.chars().all(is_plain) {
        return Err(Problem::config(msg!("ssh-bad-host", host = host)).hint(msg!("ssh-bad-host-hint")));
    }
    Ok(())
}

fn say(words: &mut String, line: &str) {
    if words.len() < MAX_WORDS {
        words.push_str(line);
        words.push('\n');
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
