//! Which job starts, waits, is cancelled or refused: pure, inputs in, effects out.

use super::Overlap;
use crate::base::JobId;
use std::collections::{BTreeMap, BTreeSet};

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    Start {
        id: JobId,
        key: Option<String>,
        overlap: Overlap,
    },
    Cancel(JobId),
    Ended(JobId),
}

/// What the engine must do, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Spawn(JobId),
    /// Ask a running job to end.
    Cancel(JobId),
    /// A job that never started is over: a newer one took its place, or it was cancelled while it waited.
    Drop(JobId),
    /// The newcomer may not run beside `running`.
    Refuse {
        id: JobId,
        running: JobId,
    },
}

/// The state of all keys. A job without a key only ever runs in parallel.
#[derive(Debug, Default)]
pub struct Dispatcher {
    running: BTreeMap<JobId, Option<String>>,
    /// Per key: the jobs that run and the one that waits for all of them to end.
    lanes: BTreeMap<String, Lane>,
}

#[derive(Debug, Default)]
struct Lane {
    running: BTreeSet<JobId>,
    waiting: Option<JobId>,
}

impl Dispatcher {
    pub fn on(&mut self, input: Input) -> Vec<Effect> {
        match input {
            Input::Start { id, key: None, .. } => {
                self.running.insert(id, None);
                vec![Effect::Spawn(id)]
            }
            Input::Start {
                id,
                key: Some(key),
                overlap,
            } => self.start(id, key, overlap),
            Input::Cancel(id) => self.cancel(id),
            Input::Ended(id) => self.ended(id),
        }
    }

    /// Jobs that run now.
    pub fn running(&self) -> impl Iterator<Item = JobId> + '_ {
        self.running.keys().copied()
    }

    pub fn is_idle(&self) -> bool {
        self.running.is_empty()
    }

    fn start(&mut self, id: JobId, key: String, overlap: Overlap) -> Vec<Effect> {
        let lane = self.lanes.entry(key.clone()).or_default();
        let busy = lane.running.first().copied();
        match (overlap, busy) {
            (Overlap::Parallel, _) | (_, None) => {
                lane.running.insert(id);
                self.running.insert(id, Some(key));
                vec![Effect::Spawn(id)]
            }
            (Overlap::Refuse, Some(running)) => vec![Effect::Refuse { id, running }],
            (Overlap::Latest, Some(_)) => lane.waiting.replace(id).map(Effect::Drop).into_iter().collect(),
            (Overlap::Replace, Some(_)) => {
                let mut effects: Vec<Effect> = lane.waiting.replace(id).map(Effect::Drop).into_iter().collect();
                effects.extend(lane.running.iter().copied().map(Effect::Cancel));
                effects
            }
        }
    }

    fn cancel(&mut self, id: JobId) -> Vec<Effect> {
        if self.running.contains_key(&id) {
            return vec![Effect::Cancel(id)];
        }
        for lane in self.lanes.values_mut() {
            if lane.waiting == Some(id) {
                lane.waiting = None;
                return vec![Effect::Drop(id)];
            }
        }
        Vec::new()
    }

    fn ended(&mut self, id: JobId) -> Vec<Effect> {
        let Some(Some(key)) = self.running.remove(&id) else {
            return Vec::new();
        };
        let Some(lane) = self.lanes.get_mut(&key) else {
            return Vec::new();
        };
        lane.running.remove(&id);
        if !lane.running.is_empty() {
            return Vec::new();
        }
        match lane.waiting.take() {
            Some(next) => {
                lane.running.insert(next);
                self.running.insert(next, Some(key));
                vec![Effect::Spawn(next)]
            }
            None => {
                self.lanes.remove(&key);
                Vec::new()
            }
        }
    }
}
