//! What is known of instances. Pure: changes only in `apply`.

use super::{Instance, Update};
use crate::base::{Loadable, LogLine, Problem, State, Timestamp};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Values kept per instance for its small charts: two minutes at one a second.
pub const RING: usize = 120;
/// Lines of output kept in memory; the file has them all.
const LINES_KEPT: usize = 20_000;

/// The last values of an instance, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ring {
    pub cpu: VecDeque<f64>,
    pub memory: VecDeque<f64>,
}

/// The log that is shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OpenLog {
    pub instance: String,
    pub lines: VecDeque<LogLine>,
    pub n_dropped: u64,
    /// Changes with every line.
    pub generation: u64,
}

#[derive(Clone, Debug, Default)]
pub struct Model {
    pub instances: Loadable<Vec<Instance>>,
    pub seen_at: Option<Timestamp>,
    /// What could not be asked at the last look.
    pub problems: Vec<Problem>,
    pub rings: BTreeMap<String, Ring>,
    pub log: Option<OpenLog>,
    /// How many instances have failed, of all.
    pub n_failed: usize,
    /// Changes with every look.
    pub generation: u64,
}

impl Model {
    pub fn apply(&mut self, update: Update) {
        match update {
            Update::Loading => self.instances.start(),
            Update::Seen {
                at,
                mut instances,
                problems,
            } => {
                self.generation += 1;
                for instance in &instances {
                    let ring = self.rings.entry(instance.id.clone()).or_default();
                    push(&mut ring.cpu, instance.cpu_percent);
                    push(&mut ring.memory, instance.memory_bytes.map(|bytes| bytes as f64));
                }
                let ids: BTreeSet<&str> = instances.iter().map(|instance| instance.id.as_str()).collect();
                self.rings.retain(|id, _| ids.contains(id.as_str()));
                // The first look of a watch knows no processor time yet: the last one stands meanwhile.
                let known: BTreeMap<&str, Option<f64>> = self
                    .all()
                    .iter()
                    .map(|known| (known.id.as_str(), known.cpu_percent))
                    .collect();
                for instance in instances.iter_mut().filter(|instance| instance.is_running()) {
                    if instance.cpu_percent.is_none() {
                        instance.cpu_percent = known.get(instance.id.as_str()).copied().flatten();
                    }
                }
                self.seen_at = Some(at);
                self.problems = problems;
                self.n_failed = instances.iter().filter(|instance| instance.state == State::Failed).count();
                self.instances.finish(instances);
            }
            Update::Acted { instance } => {
                self.generation += 1;
                if let Some(list) = self.instances.value_mut() {
                    match list.iter_mut().find(|known| known.id == instance.id) {
                        Some(known) => *known = *instance,
                        None => list.push(*instance),
                    }
                } else {
                    self.instances.finish(vec![*instance]);
                }
                self.n_failed = self.all().iter().filter(|instance| instance.state == State::Failed).count();
            }
            Update::LogOpened { instance } => {
                self.log = Some(OpenLog {
                    instance,
                    ..OpenLog::default()
                });
            }
            Update::LogLines { instance, lines } => {
                let Some(log) = self.log.as_mut().filter(|log| log.instance == instance) else {
                    return;
                };
                log.generation += 1;
                log.lines.extend(lines);
                let over = log.lines.len().saturating_sub(LINES_KEPT);
                log.lines.drain(..over);
                log.n_dropped += over as u64;
            }
        }
    }

    pub fn all(&self) -> &[Instance] {
        self.instances.value().map_or(&[], Vec::as_slice)
    }

    pub fn get(&self, id: &str) -> Option<&Instance> {
        self.all().iter().find(|instance| instance.id == id)
    }
}

fn push(values: &mut VecDeque<f64>, value: Option<f64>) {
    let Some(value) = value else { return };
    values.push_back(value);
    if values.len() > RING {
        values.pop_front();
    }
}
