//! What is known of workspaces, machines and runs. Pure: changes only in `apply`.

use super::Update;
use crate::base::{Loadable, Target, Thread};

/// Workspaces, machines, runs and threads.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// The threads asked for, newest last, bounded.
    threads: Vec<(Target, Loadable<Thread>)>,
}

impl Model {
    pub fn apply(&mut self, update: Update) {
        match update {
            Update::ThreadFound { of, thread } => {
                self.threads.retain(|(target, _)| *target != of);
                self.threads.push((of, Loadable::ready(thread)));
                if self.threads.len() > 64 {
                    self.threads.remove(0);
                }
            }
        }
    }

    pub fn thread(&self, of: &Target) -> Option<&Loadable<Thread>> {
        self.threads.iter().find(|(target, _)| target == of).map(|(_, thread)| thread)
    }
}
