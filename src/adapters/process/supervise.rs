//! One child's life from its start to the end of everything it started: reads, masks, batches, times, ends and reaps.

use super::cmd::{Flow, LogSink};
use super::exit::{Cause, Exit, signal_name};
use super::group::{self, Leaf};
use super::lines::{BATCH_BYTES, Batch, Batcher, PENDING_BYTES};
use super::outlived::Outlived;
use super::{Live, Shared};
use crate::masks::StreamMasker;
use rustix::process::{Pid, Signal};
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Child;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::unix::pipe;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

const READ_BYTES: usize = 256 * 1024;
/// Lines wait at most this long for more to come.
const FLUSH_AFTER: Duration = Duration::from_millis(20);
/// The rest of a pipeline may end this long after the child without being called a leak.
const LINGER: Duration = Duration::from_millis(100);
/// Between TERM and KILL for processes that outlived the child.
const LEAK_GRACE: Duration = Duration::from_secs(1);
/// After KILL, output is waited for this long; then what still holds it is out of reach.
const GIVE_UP_AFTER: Duration = Duration::from_secs(2);
/// Between two searches for processes that are left.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Where the output goes.
pub(super) enum Sink {
    Lines {
        sender: mpsc::Sender<Batch>,
        tee: Option<Box<dyn LogSink>>,
        flow: Flow,
        max_line_bytes: usize,
        /// Bytes instead of lines, at once.
        is_raw: bool,
    },
    Capture {
        max_bytes: usize,
    },
}

/// What was captured.
#[derive(Default)]
pub(super) struct Captured {
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
    pub(super) truncated: bool,
}

/// All that is known of a child when it has been started.
pub(super) struct Supervised {
    pub(super) shared: Arc<Shared>,
    pub(super) live: Arc<Live>,
    pub(super) child: Child,
    /// Our end of the child's terminal, where it has one.
    pub(super) master: Option<OwnedFd>,
    pub(super) stdin: Vec<u8>,
    pub(super) sink: Sink,
    pub(super) maskers: [StreamMasker; 2],
    pub(super) cancel: CancellationToken,
    pub(super) tells_env: &'static [&'static str],
    pub(super) timeout: Option<Duration>,
    pub(super) grace: Duration,
}

/// The runtime went down before the child had ended: nobody else will end it and clean up.
struct CleanUp(Arc<Shared>, Arc<Live>);

impl Drop for CleanUp {
    fn drop(&mut self) {
        let Self(shared, live) = self;
        if !live.is_reaped() {
            live.kill();
            shared.forget(live);
        }
        live.leaf.remove();
    }
}

/// How far the ending of a child is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Running,
    /// TERM was sent; KILL follows at the instant.
    Terminating(Instant),
    /// KILL was sent; at the instant nothing more is waited for.
    Killed(Instant),
}

/// One output pipe. None when it is at its end.
struct Pipe(Option<pipe::Receiver>);

impl Pipe {
    fn new(fd: Option<impl Into<OwnedFd>>) -> Self {
        Self(fd.and_then(|fd| {
            let fd: OwnedFd = fd.into();
            // Larger than the usual 64 KiB: fewer wake-ups. A refusal (the user's quota) is no harm.
            rustix::pipe::fcntl_setpipe_size(&fd, 1024 * 1024).ok();
            pipe::Receiver::from_owned_fd(fd).ok()
        }))
    }

    fn is_open(&self) -> bool {
        self.0.is_some()
    }

    async fn readable(&self) {
        match &self.0 {
            Some(receiver) if receiver.readable().await.is_ok() => {}
            Some(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            None => std::future::pending().await,
        }
    }

    /// The number of bytes read, 0 at the end, None when there is nothing at the moment.
    fn read(&mut self, buffer: &mut [u8]) -> Option<usize> {
        match self.0.as_ref()?.try_read(buffer) {
            Ok(n) if n > 0 => Some(n),
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::Interrupted) => None,
            Ok(_) | Err(_) => {
                self.0 = None;
                Some(0)
            }
        }
    }
}

/// Runs until the child and everything it started have ended and the output is handed over.
pub(super) async fn supervise(supervised: Supervised) -> (Exit, Captured) {
    let Supervised {
        shared,
        live,
        mut child,
        master,
        stdin,
        mut sink,
        mut maskers,
        cancel,
        tells_env,
        timeout,
        grace,
    } = supervised;
    let _clean_up = CleanUp(Arc::clone(&shared), Arc::clone(&live));
    let began = Instant::now();
    let mut pipes = match master {
        Some(master) => [Pipe(pipe::Receiver::from_owned_fd_unchecked(master).ok()), Pipe(None)],
        None => [Pipe::new(child.stdout.take()), Pipe::new(child.stderr.take())],
    };
    let mut input = Input::new(child.stdin.take().map(OwnedFd::from), stdin);
    let exit_watch = ExitWatch::new(live.pid);
    let max_line_bytes = if let Sink::Lines { max_line_bytes, .. } = &sink {
        *max_line_bytes
    } else {
        0
    };
    let flush_after = match &sink {
        Sink::Lines { is_raw: true, .. } => Duration::ZERO,
        _ => FLUSH_AFTER,
    };
    let mut batcher = Batcher::new(max_line_bytes);
    let mut captured = Captured::default();
    let mut buffer = vec![0; READ_BYTES];
    let mut phase = Phase::Running;
    let mut cause = None;
    let mut leaked = false;
    let mut left = Vec::new();
    let mut exited_at: Option<Instant> = None;
    let mut flush_at: Option<Instant> = None;
    let mut read_at = began;
    let mut look_at = began;
    let mut leak_look_at = began;
    let mut stopwatch = timeout.map(Stopwatch::new);
    let sender = if let Sink::Lines { sender, .. } = &sink {
        Some(sender.clone())
    } else {
        None
    };
    let abandoned = live.abandoned.clone();

    loop {
        let now = Instant::now();
        if matches!(phase, Phase::Killed(until) if now >= until) {
            break;
        }
        if exited_at.is_some() && !pipes.iter().any(Pipe::is_open) {
            if live.leaf.is_contained() {
                if !live.leaf.is_populated() {
                    break;
                }
            } else if phase == Phase::Running && matches!(sink, Sink::Capture { .. }) {
                // A small tool that has said all: no search through all processes for each of them.
                break;
            } else if now >= look_at {
                look_at = now + LOOK_EVERY;
                if !has_family(&live).await {
                    break;
                }
            }
        }
        let mut is_full = sender.is_some() && batcher.n_bytes() >= PENDING_BYTES;
        if is_full && matches!(&sink, Sink::Lines { flow: Flow::Drop, .. }) {
            batcher.drop_lines();
            is_full = false;
        }
        // The end that comes next, if any.
        match phase {
            Phase::Running => {
                let ended_by = if abandoned.is_cancelled() || cancel.is_cancelled() {
                    Some(Cause::Cancelled)
                } else if stopwatch
                    .as_mut()
                    .is_some_and(|watch| exited_at.is_none() && watch.has_run_out(live.pid, now))
                {
                    Some(Cause::TimedOut)
                } else {
                    None
                };
                if ended_by.is_some() {
                    cause = if exited_at.is_none() { ended_by } else { None };
                    phase = if abandoned.is_cancelled() {
                        kill(&live, now).await
                    } else {
                        terminate(&live, now + grace).await
                    };
                } else if exited_at.is_some_and(|at| now >= at + LINGER) && now >= leak_look_at {
                    // With nobody left, it is the reader who is slow.
                    leak_look_at = now + 10 * LOOK_EVERY;
                    let is_held_open = pipes.iter().any(Pipe::is_open) && !is_full && now >= read_at + LINGER;
                    leaked = is_held_open || has_others(&live).await;
                    if leaked {
                        left = outlived(&shared, &live, tells_env).await;
                        phase = terminate(&live, now + grace.min(LEAK_GRACE)).await;
                    }
                }
            }
            Phase::Terminating(until) if now >= until || abandoned.is_cancelled() => phase = kill(&live, now).await,
            // The child obeyed; what it leaves behind gets no longer than a leak does.
            Phase::Terminating(until) => {
                if let Some(at) = exited_at.filter(|at| *at + LEAK_GRACE < until) {
                    phase = Phase::Terminating(at + LEAK_GRACE);
                }
            }
            Phase::Killed(_) => {}
        }

        let may_read = !is_full;
        let must_flush = !batcher.is_empty()
            && (batcher.n_bytes() >= BATCH_BYTES || flush_at.is_some_and(|at| now >= at) || exited_at.is_some());
        let wake_at = [
            flush_at.filter(|_| !must_flush && !batcher.is_empty()),
            match phase {
                Phase::Running => exited_at.map(|at| (at + LINGER).max(now + LOOK_EVERY)),
                Phase::Terminating(until) | Phase::Killed(until) => {
                    // A group tells nobody when it becomes empty: look again now and then.
                    Some(until.min(now + Duration::from_millis(if exited_at.is_some() { 10 } else { 1000 })))
                }
            },
            stopwatch
                .as_ref()
                .filter(|_| exited_at.is_none() && phase == Phase::Running)
                .map(Stopwatch::next_look),
        ]
        .into_iter()
        .flatten()
        .min();

        tokio::select! {
            () = abandoned.cancelled(), if !matches!(phase, Phase::Killed(_)) => {}
            () = cancel.cancelled(), if phase == Phase::Running => {}
            () = exit_watch.wait(live.pid), if exited_at.is_none() => exited_at = Some(Instant::now()),
            permit = reserve(sender.as_ref()), if must_flush => {
                let batch = batcher.take(shared.clock.now());
                flush_at = None;
                if let Some(permit) = permit { permit.send(batch); }
            }
            () = pipes[0].readable(), if may_read && pipes[0].is_open() => {
                read_at = Instant::now();
                take_in(&mut pipes, 0, &mut buffer, &mut sink, &mut maskers, &mut batcher, &mut captured);
            }
            () = pipes[1].readable(), if may_read && pipes[1].is_open() => {
                read_at = Instant::now();
                take_in(&mut pipes, 1, &mut buffer, &mut sink, &mut maskers, &mut batcher, &mut captured);
            }
            () = input.write(), if input.is_open() => {}
            () = sleep_until(wake_at), if wake_at.is_some() => {}
        }
        if flush_at.is_none() && !batcher.is_empty() {
            flush_at = Some(Instant::now() + flush_after);
        }
    }

    if phase != Phase::Running {
        sweep(&live).await;
    }
    // Output that could not be read to its end: what was held back and the last line still count.
    for (at, pipe) in pipes.iter_mut().enumerate() {
        if pipe.0.take().is_some() {
            finish_stream(at, &mut sink, &mut maskers, &mut batcher, &mut captured);
        }
    }
    let wall = exited_at.unwrap_or_else(Instant::now).saturating_duration_since(began);
    let exit = reap(&shared, &live, child, cause, (leaked, left), wall).await;
    if let (Some(sender), false) = (&sender, batcher.is_empty()) {
        // Nobody listens any more: nobody misses it.
        sender.send(batcher.take(shared.clock.now())).await.ok();
    }
    (exit, captured)
}

/// Reads what is there from one pipe, a few times at most, so that the other one and the clock get their turn.
fn take_in(
    pipes: &mut [Pipe; 2],
    at: usize,
    buffer: &mut [u8],
    sink: &mut Sink,
    maskers: &mut [StreamMasker; 2],
    batcher: &mut Batcher,
    captured: &mut Captured,
) {
    match pipes[at].read(buffer) {
        None => {}
        Some(0) => finish_stream(at, sink, maskers, batcher, captured),
        Some(n) if at == 0 && matches!(sink, Sink::Capture { .. }) => {
            // A tool's own answer is parsed: exact, not masked.
            take_piece(at, &buffer[..n], sink, batcher, captured);
        }
        Some(n) => {
            if matches!(sink, Sink::Lines { is_raw: true, .. }) {
                batcher.push_raw(&buffer[..n]);
            }
            maskers[at].push(&buffer[..n], |piece| take_piece(at, piece, sink, batcher, captured));
        }
    }
}

fn finish_stream(at: usize, sink: &mut Sink, maskers: &mut [StreamMasker; 2], batcher: &mut Batcher, captured: &mut Captured) {
    maskers[at].finish(|piece| take_piece(at, piece, sink, batcher, captured));
    if matches!(sink, Sink::Lines { .. }) {
        batcher.finish(at == 1);
    }
}

fn take_piece(at: usize, piece: &[u8], sink: &mut Sink, batcher: &mut Batcher, captured: &mut Captured) {
    match sink {
        Sink::Lines { tee, is_raw, .. } => {
            if let Some(tee) = tee {
                tee.write(piece);
            }
            if !*is_raw {
                batcher.push(at == 1, piece);
            }
        }
        Sink::Capture { max_bytes } => {
            let target = if at == 0 { &mut captured.stdout } else { &mut captured.stderr };
            let n_taken = piece.len().min(max_bytes.saturating_sub(target.len()));
            target.extend_from_slice(&piece[..n_taken]);
            captured.truncated |= n_taken < piece.len();
        }
    }
}

/// What stands in the child's standard input.
struct Input {
    sender: Option<pipe::Sender>,
    bytes: Vec<u8>,
    n_written: usize,
}

impl Input {
    fn new(fd: Option<OwnedFd>, bytes: Vec<u8>) -> Self {
        Self {
            sender: fd.and_then(|fd| pipe::Sender::from_owned_fd(fd).ok()),
            bytes,
            n_written: 0,
        }
    }

    fn is_open(&self) -> bool {
        self.sender.is_some()
    }

    /// Writes what fits; closes at the end, or when the child reads no more.
    async fn write(&mut self) {
        let Some(sender) = &self.sender else { return };
        let rest = &self.bytes[self.n_written..];
        if rest.is_empty() || sender.writable().await.is_err() {
            self.sender = None;
            return;
        }
        match sender.try_write(rest) {
            Ok(n) => self.n_written += n,
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::Interrupted) => {}
            Err(_) => self.sender = None,
        }
    }
}

/// Tells when a child has ended, without reaping it: its pid, and so its group, stay its own until then.
/// The pidfd is no pipe, but it becomes readable like one, and this is the runtime's safe way to wait for a descriptor.
pub(super) struct ExitWatch(Option<pipe::Receiver>);

impl ExitWatch {
    pub(super) fn new(pid: u32) -> Self {
        let pidfd = Pid::from_raw(pid as i32)
            .and_then(|pid| rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty()).ok())
            .and_then(|fd| pipe::Receiver::from_owned_fd_unchecked(fd).ok());
        Self(pidfd)
    }

    pub(super) async fn wait(&self, pid: u32) {
        match &self.0 {
            Some(pidfd) if pidfd.readable().await.is_ok() => {}
            _ => {
                while group::start_ticks(pid).is_some() {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        }
    }
}

/// Counts the time during which the child was not stopped.
struct Stopwatch {
    left: Duration,
    looked_at: Instant,
    interval: Duration,
}

impl Stopwatch {
    fn new(timeout: Duration) -> Self {
        let interval = (timeout / 10).clamp(Duration::from_millis(5), Duration::from_millis(500));
        Self {
            left: timeout,
            looked_at: Instant::now(),
            interval,
        }
    }

    fn next_look(&self) -> Instant {
        self.looked_at + self.interval.min(self.left)
    }

    fn has_run_out(&mut self, pid: u32, now: Instant) -> bool {
        let passed = now.saturating_duration_since(self.looked_at);
        if now >= self.next_look() {
            self.looked_at = now;
            if !group::is_stopped(pid) {
                // Much more than the interval: Chantier itself was stopped.
                self.left = self.left.saturating_sub(passed.min(self.interval * 4));
            }
        }
        self.left.is_zero()
    }
}

async fn reserve(sender: Option<&mpsc::Sender<Batch>>) -> Option<mpsc::Permit<'_, Batch>> {
    match sender {
        Some(sender) => sender.reserve().await.ok(),
        None => None,
    }
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// TERM to everybody, also to those in other process groups; the stopped must go on to hear it.
async fn terminate(live: &Arc<Live>, until: Instant) -> Phase {
    let act = |live: &Live| {
        live.signal(Signal::TERM);
        live.signal(Signal::CONT);
        true
    };
    blocking(live, act).await;
    Phase::Terminating(until)
}

async fn kill(live: &Arc<Live>, now: Instant) -> Phase {
    let act = |live: &Live| {
        live.kill();
        group::kill_tagged(|tag| tag == live.tag)
    };
    blocking(live, act).await;
    Phase::Killed(now + GIVE_UP_AFTER)
}

/// Somebody other than the child itself is alive.
async fn has_others(live: &Arc<Live>) -> bool {
    if live.leaf.is_contained() {
        live.leaf.is_populated()
    } else {
        has_family(live).await
    }
}

/// Somebody who descends from the child, and is known to, is alive.
async fn has_family(live: &Arc<Live>) -> bool {
    // One that forks while it is looked for can be missed once.
    blocking(live, |live| {
        !live.look_for_family().is_empty() || !live.look_for_family().is_empty()
    })
    .await
}

/// Who outlived the child.
async fn outlived(shared: &Arc<Shared>, live: &Arc<Live>, names: &'static [&'static str]) -> Vec<Outlived> {
    let (shared, live) = (Arc::clone(shared), Arc::clone(live));
    let described = tokio::task::spawn_blocking(move || super::outlived::describe(&live, &shared.masks, &shared.clock, names));
    described.await.unwrap_or_default()
}

/// Ends what carries the child's tag, wherever it went.
async fn sweep(live: &Arc<Live>) {
    blocking(live, |live| group::kill_tagged(|tag| tag == live.tag)).await;
}

/// For what reads through all processes.
async fn blocking(live: &Arc<Live>, act: impl FnOnce(&Live) -> bool + Send + 'static) -> bool {
    let live = Arc::clone(live);
    tokio::task::spawn_blocking(move || act(&live)).await.unwrap_or(false)
}

async fn reap(
    shared: &Arc<Shared>,
    live: &Arc<Live>,
    mut child: Child,
    cause: Option<Cause>,
    (leaked, left): (bool, Vec<Outlived>),
    wall: Duration,
) -> Exit {
    let pid = live.pid;
    let (cpu_user, cpu_sys) = live.leaf.cpu().or_else(|| group::cpu_of(pid)).unwrap_or_default();
    shared.forget(live);
    // It is a zombie, so this does not wait; only after a KILL that had no effect (a hung device) is there nothing to reap.
    let status = child.try_wait().ok().flatten();
    let code = status.and_then(|status| status.code());
    let signal = status.and_then(|status| status.signal());
    let cause = cause.unwrap_or_else(|| match signal {
        Some(9) if live.leaf.n_oom_kills() > 0 => Cause::MemoryLimit,
        Some(number) => Cause::Signal {
            name: signal_name(number),
        },
        None => Cause::Exited,
    });
    let leaf = live.leaf.clone();
    tokio::task::spawn_blocking(move || Leaf::remove(&leaf)).await.ok();
    Exit {
        code,
        signal,
        cause,
        leaked,
        left,
        wall,
        cpu_user,
        cpu_sys,
    }
}
