//! What is known of checks, history and DORA. Pure: changes only in `apply`.

use super::answer::N_RECENT;
use super::{CheckRow, Dora, Execution, History, Update};
use crate::base::{Loadable, Timestamp, WorkspaceId};
use std::collections::BTreeMap;

/// One entry per workspace.
#[derive(Clone, Debug, Default)]
pub struct Model {
    pub checks: BTreeMap<WorkspaceId, Loadable<Vec<CheckRow>>>,
    pub histories: BTreeMap<WorkspaceId, Loadable<History>>,
    pub executions: BTreeMap<WorkspaceId, Vec<Execution>>,
    pub dora: BTreeMap<WorkspaceId, Dora>,
    pub watch: Option<Watched>,
    /// Changes with every update.
    pub generation: u64,
}

/// What the watch does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Watched {
    pub n_checks: u32,
    pub n_instances: u32,
    pub n_samples: u64,
    pub at: Timestamp,
    /// Another program does it.
    pub is_elsewhere: bool,
}

impl Model {
    pub fn apply(&mut self, update: Update) {
        self.generation += 1;
        match update {
            Update::ChecksLoading { workspace } => self.checks.entry(workspace).or_default().start(),
            Update::ChecksLoaded { workspace, checks } => self.checks.entry(workspace).or_default().finish(checks),
            Update::ChecksFailed { workspace, problem } => self.checks.entry(workspace).or_default().fail(problem),
            Update::CheckAnswered { workspace, check } => {
                let entry = self.checks.entry(workspace).or_default();
                match entry.value_mut() {
                    Some(list) => match list.iter_mut().find(|row| row.name == check.name) {
                        Some(row) => answered(row, *check),
                        None => list.push(*check),
                    },
                    None => entry.finish(vec![*check]),
                }
            }
            Update::WatchTicked {
                n_checks,
                n_instances,
                n_samples,
                at,
            } => {
                self.watch = Some(Watched {
                    n_checks,
                    n_instances,
                    n_samples,
                    at,
                    is_elsewhere: false,
                });
            }
            Update::WatchedElsewhere { at } => {
                self.watch = Some(Watched {
                    n_checks: 0,
                    n_instances: 0,
                    n_samples: 0,
                    at,
                    is_elsewhere: true,
                });
            }
            Update::HistoryLoading { workspace } => self.histories.entry(workspace).or_default().start(),
            Update::HistoryFound { workspace, history } => self.histories.entry(workspace).or_default().finish(*history),
            Update::ExecutionsListed { workspace, executions } => {
                self.executions.insert(workspace, executions);
            }
            Update::DoraComputed { workspace, dora } => {
                self.dora.insert(workspace, *dora);
            }
        }
    }

    pub fn checks_of(&self, workspace: &WorkspaceId) -> &[CheckRow] {
        self.checks
            .get(workspace)
            .and_then(Loadable::value)
            .map_or(&[], Vec::as_slice)
    }
}

/// An answer brings no history of its own: what was known goes on with it.
fn answered(row: &mut CheckRow, check: CheckRow) {
    let mut recent = std::mem::take(&mut row.recent);
    if check.at.is_some() && check.at != row.at {
        recent.push(check.latency_ms);
    }
    recent.drain(..recent.len().saturating_sub(N_RECENT));
    let uptime = check.uptime.or(row.uptime);
    *row = CheckRow { uptime, recent, ..check };
}
