//! The ways to the terminals that are open in the window: what a person does reaches the job that holds one, in order and at once.

use crate::base::JobId;
use crate::base::screen::ScreenInput;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;

/// What may wait for a job; more is thrown away, as a keyboard does.
const WAITING: usize = 1024;

/// All open terminals. Cheap to clone.
#[derive(Clone, Default)]
pub struct Terminals(Arc<Mutex<BTreeMap<JobId, mpsc::Sender<ScreenInput>>>>);

/// What is done to one terminal; closed when dropped.
pub struct Inputs {
    id: JobId,
    terminals: Terminals,
    receiver: mpsc::Receiver<ScreenInput>,
}

impl Terminals {
    /// The terminal of this job is open from now on.
    pub fn open(&self, id: JobId) -> Inputs {
        let (sender, receiver) = mpsc::channel(WAITING);
        self.lock().insert(id, sender);
        Inputs {
            id,
            terminals: self.clone(),
            receiver,
        }
    }

    /// Hands it over; never waits. False when there is no such terminal, or it takes nothing.
    pub fn tell(&self, id: JobId, input: ScreenInput) -> bool {
        self.lock().get(&id).is_some_and(|sender| sender.try_send(input).is_ok())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<JobId, mpsc::Sender<ScreenInput>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inputs {
    pub async fn next(&mut self) -> Option<ScreenInput> {
        self.receiver.recv().await
    }
}

impl Drop for Inputs {
    fn drop(&mut self) {
        self.terminals.lock().remove(&self.id);
    }
}
