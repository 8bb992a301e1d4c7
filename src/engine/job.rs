//! A job before it runs: its title, what it must not overlap with, and the async function.

use super::JobCtx;
use crate::base::{Msg, Problem, WorkspaceId};
use futures::future::BoxFuture;
use std::future::Future;
use std::time::Duration;

/// How a job ends.
pub type JobResult = Result<(), Problem>;

/// What happens when a job with the same key is already running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlap {
    /// Both run.
    Parallel,
    /// The running one is cancelled, the new one starts when it has ended.
    Replace,
    /// The new one waits for the running one to end; of several that wait only the newest starts.
    Latest,
    /// The new one fails at once and says why.
    Refuse,
}

/// A job that was asked to end and does not is dropped after this; its processes die with it.
pub const STOP_LIMIT: Duration = Duration::from_secs(20);

type RunFn<U> = Box<dyn FnOnce(JobCtx<U>) -> BoxFuture<'static, JobResult> + Send>;

/// Everything the engine must know of a job.
pub struct JobSpec<U> {
    pub title: Msg,
    /// The area's word, `AreaId::word`.
    pub area: &'static str,
    pub workspace: Option<WorkspaceId>,
    pub key: Option<String>,
    pub overlap: Overlap,
    pub quiet: bool,
    /// How long it may take to end when it is asked to.
    pub stop_limit: Duration,
    /// All was done while it was planned: it is told of nowhere.
    pub is_done: bool,
    /// What was asked for, as JSON, of a job that can be asked for once more as it stands.
    pub asked: Option<String>,
    pub run: RunFn<U>,
}

impl<U> JobSpec<U> {
    /// A job that may run any number of times at once.
    pub fn new<F, Fut>(area: &'static str, title: Msg, run: F) -> Self
    where
        F: FnOnce(JobCtx<U>) -> Fut + Send + 'static,
        Fut: Future<Output = JobResult> + Send + 'static,
    {
        Self {
            title,
            area,
            workspace: None,
            key: None,
            overlap: Overlap::Parallel,
            quiet: false,
            stop_limit: STOP_LIMIT,
            is_done: false,
            asked: None,
            run: Box::new(move |cx| Box::pin(run(cx))),
        }
    }

    /// No job at all: what was to be done was done while it was planned, in the order in which it was asked for.
    pub fn done(area: &'static str, title: Msg) -> Self {
        Self {
            is_done: true,
            ..Self::new(area, title, |_| async { Ok(()) })
        }
    }

    pub fn workspace(mut self, id: &WorkspaceId) -> Self {
        self.workspace = Some(id.clone());
        self
    }

    /// Jobs with the same key obey the newcomer's overlap policy.
    pub fn key(mut self, key: impl Into<String>, overlap: Overlap) -> Self {
        self.key = Some(key.into());
        self.overlap = overlap;
        self
    }

    /// Housekeeping: refreshes, watches, samples.
    pub fn quiet(mut self) -> Self {
        self.quiet = true;
        self
    }
    /// For a job that has to bring things back in order before it ends.
    pub fn stop_limit(mut self, limit: Duration) -> Self {
        self.stop_limit = limit;
        self
    }
}
