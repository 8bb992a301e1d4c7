//! What is shown of an environment, in words.

use super::{Deployment, Environment, Kind, Overview};
use crate::base::State;

impl Environment {
    /// What runs there: what shall, unless a deployment that failed was left in its place.
    pub fn shown(&self) -> Option<&Deployment> {
        self.stands.as_ref().or(self.live.as_ref())
    }
}

impl Overview {
    /// Where this version was tried last in an environment and did not stand there.
    pub fn failed_in(&self, environment: &str, version: &str) -> Option<&Deployment> {
        let is_of = |one: &&Deployment| one.environment == environment && one.version == version && one.kind != Kind::Stop;
        let last = self.history.iter().filter(is_of).find(|one| one.ended_at.is_some())?;
        (last.state == State::Failed && last.healthy_from.is_none()).then_some(last)
    }
}
