//! What the jobs of a run know of each other: how those before ended, what they told, and which of them do not begin. Starts nothing.

use super::JobRow;
use super::plan::Planned;
use super::run::{Scheduler, lock};
use crate::base::State;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

impl Scheduler {
    /// Results and outputs of the jobs that this one needs, by name: of the cells of a matrix together.
    pub(super) fn results(&self, planned: &Planned) -> Map<String, Value> {
        let (run, outputs) = (lock(&self.run), lock(&self.outputs));
        let mut results: Map<String, Value> = Map::new();
        for one in self.planned.iter().filter(|one| planned.needs.contains(&one.key)) {
            let row = run.jobs.iter().find(|job| job.key == one.key);
            let (state, may_fail) = (row.map(|job| job.state), row.is_some_and(|job| job.may_fail));
            let word = match state {
                Some(State::Done) => "success",
                Some(State::Failed) if may_fail => "success",
                Some(State::Failed) => "failure",
                Some(State::Cancelled | State::Interrupted) => "cancelled",
                _ => "skipped",
            };
            let told = results
                .entry(one.job.name.clone())
                .or_insert_with(|| json!({ "result": "success", "outputs": {} }));
            // The worst of the cells.
            let rank = |word: &str| {
                ["success", "skipped", "cancelled", "failure"]
                    .iter()
                    .position(|known| *known == word)
            };
            if rank(word) > told["result"].as_str().and_then(rank) {
                told["result"] = word.into();
            }
            if let (Some(Value::Object(from)), Some(all)) = (outputs.get(&one.key), told["outputs"].as_object_mut()) {
                all.extend(from.clone());
            }
        }
        results
    }

    /// What the jobs told that this one stands on; of those that told the same, the last one of the file.
    pub(super) fn outputs_before(&self, planned: &Planned) -> Map<String, Value> {
        let before = self.before(planned);
        let outputs = lock(&self.outputs);
        let of = |one: &Planned| outputs.get(&one.key).and_then(Value::as_object).cloned();
        let chosen = self.planned.iter().filter(|one| before.contains(&one.key));
        chosen.filter_map(of).flatten().collect()
    }

    /// The jobs whose files and outputs it gets: those that it stands on, as far as it takes them.
    pub(super) fn before(&self, planned: &Planned) -> BTreeSet<String> {
        let mut before = BTreeSet::new();
        self.gather(&planned.key, &mut before);
        before.retain(|key| planned.takes.as_ref().is_none_or(|takes| takes.contains(key)));
        before
    }

    /// The jobs that this one stands on, near and far.
    fn gather(&self, key: &str, all: &mut BTreeSet<String>) {
        let Some(planned) = self.planned.iter().find(|one| one.key == key) else {
            return;
        };
        for need in &planned.needs {
            if all.insert(need.clone()) {
                self.gather(need, all);
            }
        }
    }

    /// As many of its name run as may run at once.
    pub(super) fn is_full(&self, planned: &Planned, begun: &BTreeSet<String>, states: &BTreeMap<String, (State, bool)>) -> bool {
        let is_going_on = |one: &&Planned| {
            let state = states.get(&one.key).map(|(state, _)| *state);
            begun.contains(&one.key) && matches!(state, Some(State::Queued | State::InProgress))
        };
        let of_name = self.planned.iter().filter(|one| one.job.name == planned.job.name);
        planned
            .max_at_once
            .is_some_and(|max| of_name.filter(is_going_on).count() >= max)
    }

    /// The key of a job of its name that has failed, where the others then do not begin.
    pub(super) fn failed_before(&self, planned: &Planned) -> Option<String> {
        if !planned.fails_fast {
            return None;
        }
        let of_name = |job: &&JobRow| {
            self.planned
                .iter()
                .any(|one| one.key == job.key && one.job.name == planned.job.name)
        };
        let run = lock(&self.run);
        let failed = run.jobs.iter().filter(|job| job.state == State::Failed && !job.may_fail);
        failed.filter(of_name).map(|job| job.key.clone()).next()
    }
}
