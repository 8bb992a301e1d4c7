//! When somebody watched: what nobody looked for, because the machine slept or no program watched, is not absent.

use crate::base::{Timestamp, time};
use std::collections::VecDeque;

/// A watcher looks once a second; one that is so late was away.
const AWAY_SECS: f64 = 5.0;
/// Times away that are remembered.
const MAX_TIMES: usize = 64;

/// The times in which nobody watched, as far as this program knows.
#[derive(Clone, Debug, Default)]
pub struct Looked {
    last: Option<Timestamp>,
    away: VecDeque<(Timestamp, Timestamp)>,
}

impl Looked {
    /// Somebody looks now.
    pub fn now(&mut self, now: Timestamp) {
        let away_from = match self.last {
            None => Some(Timestamp::MIN),
            Some(last) if time::secs_between(last, now) > AWAY_SECS => Some(last),
            Some(_) => None,
        };
        if let Some(from) = away_from {
            self.away.push_back((from, now));
        }
        if self.away.len() > MAX_TIMES {
            self.away.pop_front();
        }
        self.last = Some(now);
    }

    /// Of the time since then the seconds in which somebody watched.
    pub fn secs_since(&self, since: Timestamp, now: Timestamp) -> f64 {
        let away = self.away.iter().map(|(from, until)| {
            let (from, until) = ((*from).max(since), (*until).min(now));
            if from < until { time::secs_between(from, until) } else { 0.0 }
        });
        (time::secs_between(since, now) - away.sum::<f64>()).max(0.0)
    }
}
