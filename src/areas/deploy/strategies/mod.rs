//! How the new version takes the place of the old one. One strategy, one file of this shape.

mod blue_green;
mod canary;
mod recreate;
mod rolling;

use super::StepName;
use super::rollout::Rollout;
use crate::adapters::store::deployments::StepRow;
use crate::adapters::store::instances::InstanceRow;
use crate::areas::devops::project;
use crate::base::{Msg, Problem};
use futures::future::BoxFuture;

/// What is there when the steps are planned.
#[derive(Clone, Copy, Debug)]
pub struct Scene {
    /// Instances that run before.
    pub n_old: u32,
    pub n_new: u32,
    pub has_traffic: bool,
    /// Somebody of ours stands in front now, and shall not any more.
    pub closes_front: bool,
    /// Starting the new version ends the old one.
    pub replaces: bool,
    /// What is done with the data.
    pub data: &'static [StepName],
}

/// A step that will come, with what is known of it before.
pub type Planned = (StepName, Option<Msg>);

/// The order in which old instances are stopped and new ones started, judged and given requests.
pub trait Strategy: Send + Sync {
    /// The steps between the staged files and the proof, as they are shown before.
    fn steps(&self, strategy: &project::Strategy, scene: Scene) -> Vec<Planned>;

    /// Gives the new instances, all of them healthy. On an error the caller ends what was started and brings the old version back.
    fn roll_out<'a>(&'a self, rollout: &'a Rollout, old: Vec<InstanceRow>) -> BoxFuture<'a, Result<Vec<InstanceRow>, Problem>>;

    /// Whether a killed rollout, all of whose new instances run, may be finished by its gates alone.
    fn may_resume(&self, _steps: &[StepRow]) -> bool {
        true
    }
}

/// `replaces`: the target's own machinery puts the new version into the place of the old one, in the way that the strategy says.
pub fn of(strategy: &project::Strategy, replaces: bool) -> &'static dyn Strategy {
    match strategy {
        _ if replaces => &recreate::Recreate,
        project::Strategy::Recreate => &recreate::Recreate,
        project::Strategy::Rolling { .. } => &rolling::Rolling,
        project::Strategy::BlueGreen => &blue_green::BlueGreen,
        project::Strategy::Canary { .. } => &canary::Canary,
    }
}

/// Every step of a deployment, as it is shown before.
pub fn planned(strategy: &project::Strategy, scene: Scene) -> Vec<Planned> {
    let mut planned = vec![(StepName::Lock, None), (StepName::Check, None), (StepName::Stage, None)];
    if scene.has_traffic {
        planned.push((StepName::Proxy, None));
    }
    if strategy.runs_on() {
        planned.extend(plain(scene.data, scene));
    }
    planned.extend(of(strategy, scene.replaces).steps(strategy, scene));
    planned.push((StepName::Verify, None));
    if scene.closes_front {
        planned.push((StepName::Close, None));
    }
    planned
}

/// Steps without anything known of them before; those of traffic only where somebody stands in front.
fn plain(names: &[StepName], scene: Scene) -> Vec<Planned> {
    let is_there = |name: &&StepName| scene.has_traffic || !matches!(name, StepName::Switch | StepName::Drain);
    names.iter().filter(is_there).map(|name| (*name, None)).collect()
}
