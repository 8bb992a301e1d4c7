//! What is known of environments, rollouts and their history. Pure: changes only in `apply`.

use super::data::Weighed;
use super::plans::Plan;
use super::rebuild::Rebuilt;
use super::rehearsal::Rehearsal;
use super::{Overview, Preview, Recovered, Rollout, Tried, Update, Verdict};
use crate::base::{Loadable, State, WorkspaceId};
use std::collections::BTreeMap;

/// Rollouts kept per workspace.
const ROLLOUTS_KEPT: usize = 50;

/// What is known of one workspace.
#[derive(Clone, Debug, Default)]
pub struct Known {
    pub overview: Loadable<Overview>,
    /// By deployment, oldest first: those that run, and those that were looked at.
    pub rollouts: BTreeMap<i64, Rollout>,
    pub verdict: Option<Verdict>,
    /// By environment: what the last deployment that was asked about would change.
    pub previews: BTreeMap<String, Preview>,
    /// By name; None until they were read.
    pub plans: Option<Vec<Plan>>,
    /// By environment: what the last return that was asked about would mean for the data.
    pub weighed: BTreeMap<String, Weighed>,
    /// By environment: the rehearsal that runs or ran last since the program began.
    pub rehearsals: BTreeMap<String, Rehearsal>,
    /// By environment: the commit of the followed branch that was tried last since the program began.
    pub tried: BTreeMap<String, Tried>,
    /// By environment: what the last recovery of it did.
    pub rebuilt: BTreeMap<String, Rebuilt>,
}

impl Known {
    /// The rollout that runs in an environment, else the newest one that was seen there.
    pub fn rollout(&self, environment: &str) -> Option<&Rollout> {
        self.rollouts
            .values()
            .rev()
            .find(|rollout| rollout.environment == environment)
    }

    /// The plan of this name.
    pub fn plan(&self, name: &str) -> Option<&Plan> {
        self.plans.iter().flatten().find(|plan| plan.name == name)
    }

    fn plan_changed(&mut self, plan: Plan) {
        let plans = self.plans.get_or_insert_default();
        match plans.binary_search_by(|known| known.name.cmp(&plan.name)) {
            Ok(at) => plans[at] = plan,
            Err(at) => plans.insert(at, plan),
        }
    }

    pub fn running(&self) -> impl Iterator<Item = &Rollout> {
        self.rollouts.values().filter(|rollout| rollout.is_running())
    }
}

/// Deployments by workspace.
#[derive(Clone, Debug, Default)]
pub struct Model {
    known: BTreeMap<WorkspaceId, Known>,
    /// What the last recovery found.
    pub recovered: Vec<Recovered>,
    /// Changes with every update, so that a view knows when to look again.
    pub generation: u64,
}

impl Model {
    pub fn of(&self, workspace: &WorkspaceId) -> Option<&Known> {
        self.known.get(workspace)
    }

    /// Rollouts that run now, in all workspaces.
    pub fn n_running(&self) -> usize {
        self.known.values().map(|known| known.running().count()).sum()
    }

    pub fn apply(&mut self, update: Update) {
        self.generation += 1;
        match update {
            Update::Loading { workspace } => self.of_mut(workspace).overview.start(),
            Update::Refreshed { workspace, overview } => {
                let known = self.of_mut(workspace);
                // A rollout whose end nobody told, because its program was killed.
                for row in &overview.history {
                    if let Some(rollout) = known.rollouts.get_mut(&row.id).filter(|rollout| rollout.is_running())
                        && row.ended_at.is_some()
                    {
                        (rollout.state, rollout.ended_at) = (row.state, row.ended_at);
                        rollout.problem.clone_from(&row.problem);
                    }
                }
                known.overview.finish(*overview);
            }
            Update::RefreshFailed { workspace, problem } => self.of_mut(workspace).overview.fail(problem),
            Update::RolloutChanged { workspace, rollout } => {
                let known = self.of_mut(workspace);
                // What was read before it began says nothing of it.
                if rollout.is_running()
                    && let Some(overview) = known.overview.value_mut()
                    && let Some(one) = overview.environments.iter_mut().find(|one| one.name == rollout.environment)
                {
                    one.state = State::InProgress;
                }
                let rollouts = &mut known.rollouts;
                rollouts.insert(rollout.deployment, *rollout);
                while rollouts.len() > ROLLOUTS_KEPT {
                    rollouts.pop_first();
                }
            }
            Update::Previewed { workspace, preview } => {
                self.of_mut(workspace).previews.insert(preview.environment.clone(), *preview);
            }
            Update::DataWeighed { workspace, weighed } => {
                self.of_mut(workspace).weighed.insert(weighed.environment.clone(), weighed);
            }
            Update::Rebuilt { workspace, rebuilt } => {
                let known = self.of_mut(workspace);
                known.rebuilt.insert(rebuilt.environment.clone(), *rebuilt);
            }
            Update::Followed {
                workspace,
                environment,
                tried,
            } => {
                let known = self.of_mut(workspace);
                known.tried.insert(environment, *tried);
            }
            Update::RehearsalChanged { workspace, rehearsal } => {
                let known = self.of_mut(workspace);
                known.rehearsals.insert(rehearsal.environment.clone(), *rehearsal);
            }
            Update::AuditVerified { workspace, verdict } => self.of_mut(workspace).verdict = Some(verdict),
            Update::PlansTold { workspace, mut plans } => {
                let known = self.of_mut(workspace);
                // What somebody asked for stays beside the plan.
                for old in known.plans.iter_mut().flatten() {
                    if let Some(plan) = plans.iter_mut().find(|plan| plan.name == old.name) {
                        plan.previews = std::mem::take(&mut old.previews);
                    }
                }
                known.plans = Some(plans);
            }
            Update::PlanChanged { workspace, plan } => self.of_mut(workspace).plan_changed(*plan),
            Update::Recovered { found } => self.recovered = found,
        }
    }

    fn of_mut(&mut self, workspace: WorkspaceId) -> &mut Known {
        self.known.entry(workspace).or_default()
    }
}
