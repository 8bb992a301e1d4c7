//! What a running job holds: the ways to tell, the token that stops it, and child jobs.

use super::outlet::{LogWriter, Outlet};
use super::{Event, JobEvent, JobResult, JobSpec, Outcome};
use crate::base::{JobId, LogLine, Msg, Problem, Progress, Timestamp, WorkspaceId};
use crate::msg;
use futures::FutureExt;
use std::collections::VecDeque;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Log lines and progress are sent at most this often.
const FLUSH_EVERY: Duration = Duration::from_millis(50);
/// Lines per flush that the front is told; the rest stands in the log file.
pub const LINES_PER_FLUSH: usize = 1000;

/// The context of one job. Cheap to clone; every clone speaks for the same job.
pub struct JobCtx<U> {
    inner: Arc<Inner<U>>,
}

impl<U> Clone for JobCtx<U> {
    fn clone(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
        }
    }
}

struct Inner<U> {
    id: JobId,
    area: &'static str,
    workspace: Option<WorkspaceId>,
    quiet: bool,
    cancel: CancellationToken,
    outlet: Outlet<U>,
    pending: Mutex<Pending>,
    /// Kept apart from `pending`: writing may wait for the disk.
    log_file: Mutex<LogFile>,
    changed: Notify,
    /// The work is done: what is pending is sent without waiting for more.
    over: Notify,
    /// The end is being told: whoever hears of it may count on this job's key being free.
    has_ended: AtomicBool,
}

#[derive(Default)]
struct Pending {
    progress: Option<Progress>,
    lines: VecDeque<LogLine>,
    skipped: u64,
    is_over: bool,
}

enum LogFile {
    NotYet,
    Open(Box<dyn LogWriter>),
    None,
}

impl<U: Send + 'static> JobCtx<U> {
    pub(super) fn new(
        id: JobId,
        area: &'static str,
        workspace: Option<WorkspaceId>,
        quiet: bool,
        cancel: CancellationToken,
        outlet: Outlet<U>,
    ) -> Self {
        let inner = Inner {
            id,
            area,
            workspace,
            quiet,
            cancel,
            outlet,
            pending: Mutex::default(),
            log_file: Mutex::new(LogFile::NotYet),
            changed: Notify::new(),
            over: Notify::new(),
            has_ended: AtomicBool::new(false),
        };
        Self { inner: Arc::new(inner) }
    }

    pub fn id(&self) -> JobId {
        self.inner.id
    }

    pub fn now(&self) -> Timestamp {
        self.inner.outlet.clock.now()
    }

    /// The token that ends this job; hand it to whatever waits.
    pub fn cancel_token(&self) -> &CancellationToken {
        &self.inner.cancel
    }

    pub fn is_cancelled(&self) -> bool {
        self.inner.cancel.is_cancelled()
    }

    /// Err when the job was asked to end: `cx.check()?` in loops.
    pub fn check(&self) -> JobResult {
        if self.is_cancelled() {
            Err(Problem::cancelled())
        } else {
            Ok(())
        }
    }

    /// Waits, but not past the job's end.
    pub async fn sleep(&self, duration: Duration) -> JobResult {
        tokio::select! {
            () = self.inner.cancel.cancelled() => Err(Problem::cancelled()),
            () = tokio::time::sleep(duration) => Ok(()),
        }
    }

    /// Any future, given up when the job is asked to end.
    pub async fn until_cancelled<T>(&self, future: impl Future<Output = T>) -> Result<T, Problem> {
        tokio::select! {
            () = self.inner.cancel.cancelled() => Err(Problem::cancelled()),
            value = future => Ok(value),
        }
    }

    /// Tells something learnt. Waits when the front is slow.
    pub async fn update(&self, update: impl Into<U>) {
        self.inner.outlet.send(Event::Update(update.into())).await;
    }

    /// The same from inside `blocking`.
    pub fn update_blocking(&self, update: impl Into<U>) {
        self.inner.outlet.send_blocking(Event::Update(update.into()));
    }

    /// How far the job is; only the newest within 50 ms is sent.
    pub fn progress(&self, progress: Progress) {
        self.pending().progress = Some(progress);
        self.inner.changed.notify_one();
    }

    /// One line of output to the front's view. The log file gets its bytes through `log_bytes`.
    pub fn log(&self, line: LogLine) {
        let mut pending = self.pending();
        if pending.lines.len() >= LINES_PER_FLUSH {
            pending.lines.pop_front();
            pending.skipped += 1;
        }
        pending.lines.push_back(line);
        drop(pending);
        self.inner.changed.notify_one();
    }

    /// Lines that were counted and not handed over one by one.
    pub fn log_skipped(&self, n_lines: u64) {
        self.pending().skipped += n_lines;
    }

    /// Chantier's own word about the job, in the view and in the log file.
    pub fn note(&self, text: impl Into<String>) {
        let text = text.into();
        self.log_bytes(format!("{text}\n").as_bytes());
        self.log(LogLine::note(self.now(), text));
    }

    /// Output to the log file, exactly as it is (masked by the caller). May wait for the disk.
    pub fn log_bytes(&self, bytes: &[u8]) {
        let mut file = self.inner.log_file.lock().unwrap_or_else(PoisonError::into_inner);
        if let LogFile::NotYet = *file {
            *file = match self.inner.outlet.sink.log_writer(self.inner.id) {
                Some(writer) => LogFile::Open(writer),
                None => LogFile::None,
            };
        }
        if let LogFile::Open(writer) = &mut *file {
            writer.write(bytes);
        }
    }

    /// The job runs a program: told and remembered.
    pub async fn command(&self, argv: Vec<String>, cwd: PathBuf) {
        self.inner.outlet.job(self.inner.id, JobEvent::Command { argv, cwd }).await;
    }

    /// The state of the sources that the job works on: told and remembered.
    pub async fn sources(&self, commit: Option<String>, dirty: Option<String>, environment: Option<String>) {
        self.inner
            .outlet
            .job(
                self.inner.id,
                JobEvent::Sources {
                    commit,
                    dirty,
                    environment,
                },
            )
            .await;
    }

    pub async fn exit(&self, code: Option<i32>, signal: Option<i32>) {
        self.inner.outlet.job(self.inner.id, JobEvent::Exit { code, signal }).await;
    }

    /// A problem that does not end the job.
    pub async fn problem(&self, problem: Problem) {
        let problem = self.stamp(problem);
        self.inner
            .outlet
            .send(Event::Job(self.inner.id, JobEvent::Problem(problem)))
            .await;
    }

    /// Work that blocks, on a thread of its own. It must look at `is_cancelled` from time to time.
    pub async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let cx = self.clone();
        match tokio::task::spawn_blocking(move || work(&cx)).await {
            Ok(result) => result,
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(_) => Err(Problem::cancelled()),
        }
    }

    /// A child job: own title, progress, log and outcome; stopped with its parent. Its error is given back, not swallowed.
    pub async fn span<T, F, Fut>(&self, title: Msg, work: F) -> Result<T, Problem>
    where
        F: FnOnce(Self) -> Fut,
        Fut: Future<Output = Result<T, Problem>>,
    {
        let inner = &self.inner;
        let id = inner.outlet.ids.next();
        let cancel = inner.cancel.child_token();
        let child = Self::new(
            id,
            inner.area,
            inner.workspace.clone(),
            inner.quiet,
            cancel,
            inner.outlet.clone(),
        );
        child.tell_queued(title.clone(), Some(inner.id), None).await;
        child.live(title, work(child.clone())).await
    }

    /// Asks the engine for a job of its own, as a front does: it outlives this one, and is stopped by itself.
    pub async fn start(&self, spec: JobSpec<U>) -> JobId {
        let id = self.inner.outlet.ids.next();
        // The engine that is gone starts nothing any more.
        drop(self.inner.outlet.asked.send((id, spec)).await);
        id
    }

    pub(super) async fn tell_queued(&self, title: Msg, parent: Option<JobId>, asked: Option<String>) {
        let inner = &self.inner;
        let event = JobEvent::Queued {
            title,
            area: inner.area.to_owned(),
            workspace: inner.workspace.clone(),
            parent,
            quiet: inner.quiet,
            at: self.now(),
            asked,
        };
        inner.outlet.job(inner.id, event).await;
    }

    /// Started, the work with its flushes, Ended. A panic ends this job only.
    pub(super) async fn live<T>(&self, title: Msg, work: impl Future<Output = Result<T, Problem>>) -> Result<T, Problem> {
        self.inner
            .outlet
            .job(self.inner.id, JobEvent::Started { at: self.now() })
            .await;
        // When this future is dropped half-way, the flusher must not outlive it.
        let over = OverGuard(self);
        let flusher = tokio::spawn(self.clone().flush_while_alive());
        let result = AssertUnwindSafe(work)
            .catch_unwind()
            .await
            .unwrap_or_else(|panic| Err(panicked(title, &*panic)));
        drop(over);
        if flusher.await.is_err() {
            self.flush().await;
        }
        let result = result.map_err(|problem| self.stamp(problem));
        let outcome = match &result {
            Ok(_) => Outcome::Done,
            Err(problem) if problem.is_cancelled() || self.is_cancelled() => Outcome::Cancelled,
            Err(problem) => Outcome::Failed {
                problem: problem.clone(),
            },
        };
        self.end(outcome).await;
        result
    }

    /// Closes the log and tells the end.
    pub(super) async fn end(&self, outcome: Outcome) {
        let file = std::mem::replace(
            &mut *self.inner.log_file.lock().unwrap_or_else(PoisonError::into_inner),
            LogFile::None,
        );
        if let LogFile::Open(writer) = file {
            let finished = tokio::task::spawn_blocking(move || writer.finish()).await;
            if let Ok(Some(problem)) = finished {
                self.problem(problem).await;
            }
        }
        self.inner.has_ended.store(true, Ordering::Release);
        self.inner
            .outlet
            .job(self.inner.id, JobEvent::Ended { outcome, at: self.now() })
            .await;
    }

    pub(super) fn has_ended(&self) -> bool {
        self.inner.has_ended.load(Ordering::Acquire)
    }

    fn stamp(&self, mut problem: Problem) -> Problem {
        problem.at.get_or_insert(self.now());
        problem.job.get_or_insert(self.inner.id);
        problem.area.get_or_insert_with(|| self.inner.area.to_owned());
        problem
    }

    async fn flush_while_alive(self) {
        while !self.pending().is_over {
            tokio::select! {
                () = self.inner.changed.notified() => {}
                () = self.inner.over.notified() => break,
            }
            self.flush().await;
            tokio::select! {
                () = tokio::time::sleep(FLUSH_EVERY) => {}
                () = self.inner.over.notified() => break,
            }
            // What came meanwhile is sent even when nothing follows.
            self.flush().await;
        }
        self.flush().await;
    }

    async fn flush(&self) {
        let (progress, lines, skipped) = {
            let mut pending = self.pending();
            (
                pending.progress.take(),
                std::mem::take(&mut pending.lines),
                std::mem::take(&mut pending.skipped),
            )
        };
        if !lines.is_empty() || skipped > 0 {
            let event = JobEvent::Log {
                lines: lines.into(),
                skipped,
            };
            self.inner.outlet.send(Event::Job(self.inner.id, event)).await;
        }
        if let Some(progress) = progress {
            self.inner
                .outlet
                .send(Event::Job(self.inner.id, JobEvent::Progress(progress)))
                .await;
        }
    }

    fn pending(&self) -> std::sync::MutexGuard<'_, Pending> {
        self.inner.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct OverGuard<'a, U: Send + 'static>(&'a JobCtx<U>);

impl<U: Send + 'static> Drop for OverGuard<'_, U> {
    fn drop(&mut self) {
        self.0.pending().is_over = true;
        self.0.inner.over.notify_one();
    }
}

fn panicked(title: Msg, panic: &(dyn std::any::Any + Send)) -> Problem {
    let words = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let words = words.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    let title = title
        .args
        .first()
        .map_or(title.key.to_string(), |(_, arg)| format!("{} {arg:?}", title.key));
    Problem::internal(msg!("problem-panicked", title = title))
        .details(words)
        .hint(msg!("problem-panicked-hint"))
}
