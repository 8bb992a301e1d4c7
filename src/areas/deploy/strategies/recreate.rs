//! Recreate: stop the old instances, start the new ones, wait until they are healthy. Two versions never run at once.

use super::{Planned, Scene, Strategy, plain};
use crate::adapters::store::instances::InstanceRow;
use crate::areas::deploy::StepName;
use crate::areas::deploy::rollout::Rollout;
use crate::areas::devops::project;
use crate::base::Problem;
use futures::future::BoxFuture;

pub(super) struct Recreate;

impl Strategy for Recreate {
    fn steps(&self, _strategy: &project::Strategy, scene: Scene) -> Vec<Planned> {
        let mut names = vec![StepName::Stop, StepName::Start, StepName::Gate, StepName::Switch];
        if scene.n_old > 0 {
            names.insert(0, StepName::Drain);
        }
        plain(&names, scene)
    }

    fn roll_out<'a>(&'a self, rollout: &'a Rollout, old: Vec<InstanceRow>) -> BoxFuture<'a, Result<Vec<InstanceRow>, Problem>> {
        Box::pin(async move {
            rollout.drain(&old).await?;
            rollout.stop(&old).await?;
            let new = rollout.start_all().await?;
            rollout.gate(&new).await?;
            rollout.switch(&new, &[]).await?;
            Ok(new)
        })
    }
}
