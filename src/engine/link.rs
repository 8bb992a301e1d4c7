//! The two ends of the circle: the front's `Link` and the engine's `Port`.

use super::{Event, Request};
use crate::base::{Clock, JobId};
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;

/// Events that may wait for a slow front before jobs are slowed down.
const EVENT_CAPACITY: usize = 4096;
const REQUEST_CAPACITY: usize = 1024;

/// Wakes the front once per burst of events: told when the first event arrives after a drain.
#[derive(Clone)]
pub struct Wake {
    pending: Arc<AtomicBool>,
    wake: Arc<Mutex<Box<dyn Fn() + Send>>>,
}

impl Wake {
    fn new() -> Self {
        Self {
            pending: Arc::default(),
            wake: Arc::new(Mutex::new(Box::new(|| ()))),
        }
    }

    /// Says how the front is woken; until then nobody is.
    pub fn set(&self, wake: impl Fn() + Send + 'static) {
        *self.wake.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(wake);
        if self.pending.load(Ordering::Acquire) {
            (self.wake.lock().unwrap_or_else(PoisonError::into_inner))();
        }
    }

    pub(super) fn ring(&self) {
        if !self.pending.swap(true, Ordering::AcqRel) {
            (self.wake.lock().unwrap_or_else(PoisonError::into_inner))();
        }
    }

    fn rest(&self) {
        self.pending.store(false, Ordering::Release);
    }
}

/// Hands out job ids from blocks that the ledger reserved, so that two programs never use the same one.
#[derive(Clone)]
pub struct IdSource {
    blocks: Arc<Mutex<VecDeque<Range<u64>>>>,
    reserve: Arc<dyn Fn() -> Range<u64> + Send + Sync>,
}

impl IdSource {
    /// `reserve` gives a fresh block; it may block on the disk and is called from the engine ahead of need.
    pub fn new(reserve: impl Fn() -> Range<u64> + Send + Sync + 'static) -> Self {
        let ids = Self {
            blocks: Arc::default(),
            reserve: Arc::new(reserve),
        };
        ids.refill();
        ids
    }

    /// Ids from `first` up, for tests and replays.
    pub fn counting_from(first: u64) -> Self {
        Self::new(move || first..u64::MAX)
    }

    pub fn next(&self) -> JobId {
        loop {
            {
                let mut blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
                while let Some(block) = blocks.front_mut() {
                    if let Some(id) = block.next() {
                        return JobId(id);
                    }
                    blocks.pop_front();
                }
            }
            self.refill();
        }
    }

    /// True when the next refill should be made soon.
    pub(super) fn runs_low(&self) -> bool {
        let blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        blocks.iter().map(|block| block.end - block.start).sum::<u64>() < 16
    }

    pub(super) fn refill(&self) {
        let block = (self.reserve)();
        self.blocks.lock().unwrap_or_else(PoisonError::into_inner).push_back(block);
    }
}

/// The front's end.
pub struct Link<C, U> {
    requests: mpsc::Sender<Request<C>>,
    backlog: VecDeque<Request<C>>,
    events: mpsc::Receiver<Event<U>>,
    ids: IdSource,
    wake: Wake,
}

impl<C, U> Link<C, U> {
    /// Asks for a command; its job has this id from now on. Never blocks.
    pub fn start(&mut self, command: C) -> JobId {
        let id = self.ids.next();
        self.send(Request::Start(id, command));
        id
    }

    pub fn cancel(&mut self, id: JobId) {
        self.send(Request::Cancel(id));
    }

    pub fn shutdown(&mut self) {
        self.send(Request::Shutdown);
    }

    fn send(&mut self, request: Request<C>) {
        self.backlog.push_back(request);
        self.flush();
    }

    fn flush(&mut self) {
        while let Some(request) = self.backlog.pop_front() {
            match self.requests.try_send(request) {
                Ok(()) => {}
                Err(mpsc::error::TrySendError::Full(request)) => {
                    self.backlog.push_front(request);
                    return;
                }
                Err(mpsc::error::TrySendError::Closed(_)) => {
                    self.backlog.clear();
                    return;
                }
            }
        }
    }

    /// The next event that waits, if any. Never blocks.
    pub fn poll(&mut self) -> Option<Event<U>> {
        self.flush();
        match self.events.try_recv() {
            Ok(event) => Some(event),
            Err(_) => {
                // Rest first, look again after: an event that came in between rings anew or is found here.
                self.wake.rest();
                self.events.try_recv().ok()
            }
        }
    }

    /// Waits for the next event; None when the engine has ended.
    pub async fn next(&mut self) -> Option<Event<U>> {
        self.flush();
        self.events.recv().await
    }

    pub fn wake(&self) -> &Wake {
        &self.wake
    }
}

/// The engine's end.
pub struct Port<C, U> {
    pub(super) requests: mpsc::Receiver<Request<C>>,
    pub(super) events: mpsc::Sender<Event<U>>,
    pub(super) ids: IdSource,
    pub(super) wake: Wake,
    pub(super) clock: Clock,
}

/// Makes the two ends.
pub fn link<C, U>(ids: IdSource, clock: Clock) -> (Link<C, U>, Port<C, U>) {
    let (request_tx, request_rx) = mpsc::channel(REQUEST_CAPACITY);
    let (event_tx, event_rx) = mpsc::channel(EVENT_CAPACITY);
    let wake = Wake::new();
    let link = Link {
        requests: request_tx,
        backlog: VecDeque::new(),
        events: event_rx,
        ids: ids.clone(),
        wake: wake.clone(),
    };
    (
        link,
        Port {
            requests: request_rx,
            events: event_tx,
            ids,
            wake,
            clock,
        },
    )
}
