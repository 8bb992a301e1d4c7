//! The way of an event: first the sink (the ledger), then the bounded channel, then one wake for the burst.

use super::link::{IdSource, Wake};
use super::{Event, JobEvent, JobSpec};
use crate::base::{Clock, JobId, Problem, Timestamp};
use futures::future::BoxFuture;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Takes the whole output of one job, already masked.
pub trait LogWriter: Send {
    /// May wait for the disk (back-pressure), never fails: what could not be kept is counted and said at the end.
    fn write(&mut self, bytes: &[u8]);
    /// Called once, at the end.
    fn finish(self: Box<Self>) -> Option<Problem>;
}

/// Who remembers. `job` is awaited before the front hears of Queued, Started, Command, Sources, Exit and Ended, so that nothing
/// a front was told is lost when the program dies; that a job was begun and how it ended also outlives a power cut.
pub trait Sink<U>: Send + Sync + 'static {
    fn job<'a>(&'a self, id: JobId, event: &'a JobEvent) -> BoxFuture<'a, Result<(), Problem>>;

    /// The file that keeps the job's output; None when nothing is to be kept.
    fn log_writer(&self, id: JobId) -> Option<Box<dyn LogWriter>>;

    /// Hears every event as it is sent, for recordings.
    fn tap(&self, at: Timestamp, event: &Event<U>);
}

/// The jobs' common way out. Cheap to clone.
pub(super) struct Outlet<U> {
    pub(super) events: mpsc::Sender<Event<U>>,
    pub(super) wake: Wake,
    pub(super) sink: Arc<dyn Sink<U>>,
    pub(super) clock: Clock,
    pub(super) ids: IdSource,
    /// Jobs that jobs have asked for.
    pub(super) asked: mpsc::Sender<(JobId, JobSpec<U>)>,
}

impl<U> Clone for Outlet<U> {
    fn clone(&self) -> Self {
        Self {
            events: self.events.clone(),
            wake: self.wake.clone(),
            sink: Arc::clone(&self.sink),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            asked: self.asked.clone(),
        }
    }
}

impl<U: Send + 'static> Outlet<U> {
    /// Sends and waits when the front is slow. A front that is gone loses nothing but the view.
    pub(super) async fn send(&self, event: Event<U>) {
        self.sink.tap(self.clock.now(), &event);
        if self.events.send(event).await.is_ok() {
            self.wake.ring();
        }
    }

    pub(super) fn send_blocking(&self, event: Event<U>) {
        self.sink.tap(self.clock.now(), &event);
        if self.events.blocking_send(event).is_ok() {
            self.wake.ring();
        }
    }

    /// Remembers, then tells. When remembering fails, the job goes on and the failure is told beside it.
    pub(super) async fn job(&self, id: JobId, event: JobEvent) {
        if let Err(mut problem) = self.sink.job(id, &event).await {
            problem.job = Some(id);
            problem.at = Some(self.clock.now());
            self.send(Event::Job(id, JobEvent::Problem(problem))).await;
        }
        self.send(Event::Job(id, event)).await;
    }
}
