//! Which lines a filter takes, one after the other: what a line does not say it has from the line before, and a message that is looked
//! at as a whole is taken with all its lines.

use super::{Level, Sieve, Traces};
use crate::Timestamp;

/// What the lines before say of the next.
#[derive(Clone, Debug, Default)]
pub struct Message {
    traces: Traces,
    level: Option<Level>,
    at: Option<Timestamp>,
    /// A line of this message was taken: so are those that follow.
    is_taken: bool,
    /// Its lines so far, none of which was taken.
    n_waiting: usize,
}

impl Message {
    /// When the line before was written.
    pub fn at(&self) -> Option<Timestamp> {
        self.at
    }

    /// The lines of this message so far, where none of them was taken.
    pub fn n_waiting(&self) -> usize {
        self.n_waiting
    }

    /// Whether the next line is taken, and how many of those right before it are taken with it. `plain` has no colours and may be only
    /// the head of `bytes`, where the expressions are looked for.
    pub fn take(&mut self, sieve: &Sieve, plain: &str, bytes: &[u8], at: Option<Timestamp>) -> Option<usize> {
        let continues = sieve.is_whole() && self.traces.continues(plain);
        if continues {
            self.level = self.level.or_else(|| sieve.level_of(plain, None));
        } else {
            let stated = sieve.level_of(plain, self.level);
            let thrown = (sieve.is_whole() && self.traces.is_error()).then_some(Level::Error);
            self.level = stated.or(thrown);
            self.is_taken = false;
            self.n_waiting = 0;
        }
        self.at = at;
        if self.is_taken {
            return Some(0);
        }
        if sieve.takes_level(self.level) && sieve.takes_time(at) && sieve.finds(bytes) {
            self.is_taken = sieve.is_whole();
            return Some(std::mem::take(&mut self.n_waiting));
        }
        self.n_waiting += usize::from(sieve.is_whole());
        None
    }
}
