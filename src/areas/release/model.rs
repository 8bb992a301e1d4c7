//! What is known of versions, next and made. Pure: changes only in `apply`.

use super::{Check, Deliverable, PackageNext, Readiness, Step, Together, Update};
use crate::base::{Loadable, State, WorkspaceId};
use std::collections::BTreeMap;

/// What is known of one workspace.
#[derive(Clone, Debug, Default)]
pub struct Known {
    pub readiness: Loadable<Readiness>,
    /// Of the release that runs or ran last, in order.
    pub steps: Vec<Step>,
    /// Of the rehearsal that runs or ran last.
    pub rehearsal: Vec<Step>,
    /// Several repositories that get, or got, one version.
    pub together: Option<Together>,
    /// The repositories of a workspace that is none itself; empty else.
    pub only_together: Vec<String>,
    /// Those of a monorepo that have versions of their own; empty where nobody looked.
    pub packages: Vec<PackageNext>,
    /// Newest first.
    pub deliverables: Loadable<Vec<Deliverable>>,
    /// In the order in which a version moves on.
    pub environments: Vec<String>,
    /// What was found at the versions that were verified.
    pub verified: BTreeMap<String, Vec<Check>>,
}

/// Releases by workspace.
#[derive(Clone, Debug, Default)]
pub struct Model {
    known: BTreeMap<WorkspaceId, Known>,
    /// Changes with every update, so that a view knows when to look again.
    pub generation: u64,
}

impl Model {
    pub fn of(&self, workspace: &WorkspaceId) -> Option<&Known> {
        self.known.get(workspace)
    }

    pub fn apply(&mut self, update: Update) {
        self.generation += 1;
        match update {
            Update::Preparing { workspace } => {
                let known = self.of_mut(workspace);
                known.readiness.start();
                // What was finished has been seen; the next version's steps are of interest now.
                if known
                    .steps
                    .iter()
                    .all(|step| matches!(step.state, State::Done | State::Skipped))
                {
                    known.steps.clear();
                }
            }
            Update::Prepared { workspace, readiness } => {
                let known = self.of_mut(workspace);
                let is_live = known.steps.iter().any(|step| step.state == State::InProgress);
                if readiness.unfinished.is_some() && !is_live {
                    known.steps.clone_from(&readiness.procedure);
                }
                known.readiness.finish(*readiness);
                known.only_together.clear();
            }
            Update::PrepareFailed { workspace, problem } => {
                let known = self.of_mut(workspace);
                known.readiness.fail(problem);
                known.only_together.clear();
            }
            Update::OnlyTogether { workspace, repositories } => {
                let known = self.of_mut(workspace);
                known.readiness = Loadable::default();
                known.only_together = repositories;
            }
            Update::RehearsalTold { workspace, steps } => self.of_mut(workspace).rehearsal = steps,
            Update::TogetherTold { workspace, together } => self.of_mut(workspace).together = Some(*together),
            Update::PackagesListed { workspace, packages } => self.of_mut(workspace).packages = packages,
            Update::StepsTold { workspace, steps } => self.of_mut(workspace).steps = steps,
            Update::StepChanged { workspace, step } => {
                let steps = &mut self.of_mut(workspace).steps;
                steps.retain(|known| known.version == step.version);
                match steps.iter_mut().find(|known| known.name == step.name) {
                    Some(known) => *known = step,
                    None => steps.push(step),
                }
            }
            Update::Released { workspace, deliverable } => {
                let known = self.of_mut(workspace);
                match known.deliverables.value_mut() {
                    Some(list) => {
                        list.retain(|old| old.version != deliverable.version);
                        list.insert(0, *deliverable);
                    }
                    None => known.deliverables.finish(vec![*deliverable]),
                }
            }
            Update::Listed {
                workspace,
                deliverables,
                environments,
            } => {
                let known = self.of_mut(workspace);
                known.deliverables.finish(deliverables);
                known.environments = environments;
            }
            Update::Verified {
                workspace,
                version,
                checks,
            } => {
                self.of_mut(workspace).verified.insert(version, checks);
            }
            Update::ListFailed { workspace, problem } => self.of_mut(workspace).deliverables.fail(problem),
        }
    }

    fn of_mut(&mut self, workspace: WorkspaceId) -> &mut Known {
        self.known.entry(workspace).or_default()
    }
}
