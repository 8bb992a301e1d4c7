//! What is known of checks, history and DORA. Pure: changes only in `apply`.

use super::answer::N_RECENT;
use super::prometheus::Answered;
use super::{Alert, Alerts, CheckRow, Comparison, Dora, ErrorGroup, Execution, History, Objectives, Standing, Update, WatchUnit};
use crate::base::{Loadable, Problem, Timestamp, WorkspaceId};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// One entry per workspace.
#[derive(Clone, Debug, Default)]
pub struct Model {
    pub checks: BTreeMap<WorkspaceId, Loadable<Vec<CheckRow>>>,
    pub histories: BTreeMap<WorkspaceId, Loadable<History>>,
    /// What Prometheus servers answered last.
    pub asked: BTreeMap<WorkspaceId, Answered>,
    pub executions: BTreeMap<WorkspaceId, Vec<Execution>>,
    pub dora: BTreeMap<WorkspaceId, Dora>,
    pub alerts: BTreeMap<WorkspaceId, Alerts>,
    /// What came of the last test of each channel.
    pub tested: BTreeMap<(WorkspaceId, String), Option<Problem>>,
    pub watch: Option<Watched>,
    /// What the workspaces that are watched are called.
    pub names: BTreeMap<WorkspaceId, String>,
    /// Why samples are not written now.
    pub not_recording: Option<Problem>,
    pub unit: Option<WatchUnit>,
    /// Where metrics are told.
    pub listening: Option<String>,
    pub comparisons: BTreeMap<WorkspaceId, Comparison>,
    pub objectives: BTreeMap<WorkspaceId, Objectives>,
    pub errors: BTreeMap<WorkspaceId, Vec<ErrorGroup>>,
    /// The status page that was written last, and how large it is.
    pub written: Option<(PathBuf, u64)>,
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
            Update::AlertsLoaded { workspace, alerts } => {
                self.alerts.insert(workspace, *alerts);
            }
            Update::AlertChanged { workspace, alert } => {
                let alerts = self.alerts.entry(workspace).or_default();
                match alerts.alerts.iter_mut().find(|one| one.id == alert.id) {
                    Some(one) => {
                        let deliveries = std::mem::take(&mut one.deliveries);
                        *one = Alert { deliveries, ..*alert };
                    }
                    None => alerts.alerts.insert(0, *alert),
                }
            }
            Update::ChannelTested {
                workspace,
                channel,
                problem,
            } => {
                self.tested.insert((workspace, channel), problem);
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
            Update::Watching { names } => self.names = names,
            Update::WatchedElsewhere { at } => {
                self.watch = Some(Watched {
                    n_checks: 0,
                    n_instances: 0,
                    n_samples: 0,
                    at,
                    is_elsewhere: true,
                });
            }
            Update::Listening { address } => self.listening = Some(address),
            Update::Recording { problem, .. } => self.not_recording = problem,
            Update::UnitFound { unit } => self.unit = Some(*unit),
            Update::Compared { workspace, comparison } => {
                self.comparisons.insert(workspace, *comparison);
            }
            Update::ObjectivesFound { workspace, objectives } => {
                self.objectives.insert(workspace, *objectives);
            }
            Update::PageWritten { to, bytes, .. } => self.written = Some((to, bytes)),
            Update::PrometheusAnswered { workspace, answered } => {
                self.asked.insert(workspace, *answered);
            }
            Update::ErrorsFound { workspace, errors } => {
                self.errors.insert(workspace, errors);
            }
            Update::ErrorSeen { workspace, error } => {
                let errors = self.errors.entry(workspace).or_default();
                errors.retain(|one| one.id != error.id);
                errors.insert(0, *error);
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

    pub fn errors_of(&self, workspace: &WorkspaceId) -> &[ErrorGroup] {
        self.errors.get(workspace).map_or(&[], Vec::as_slice)
    }

    pub fn alerts_of(&self, workspace: &WorkspaceId) -> Option<&Alerts> {
        self.alerts.get(workspace)
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
    let is_answer = !matches!(check.standing, Standing::Unknown | Standing::Maintenance);
    if is_answer && check.at.is_some() && check.at != row.at {
        recent.push(check.latency_ms);
    }
    recent.drain(..recent.len().saturating_sub(N_RECENT));
    let uptime = check.uptime.or(row.uptime);
    *row = CheckRow { uptime, recent, ..check };
}
