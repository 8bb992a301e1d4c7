//! Blue/green: all new instances beside the old ones; when they are healthy every request goes to them, and the old ones are stopped
//! when their connections have ended.

use super::{Planned, Scene, Strategy, plain};
use crate::adapters::store::instances::InstanceRow;
use crate::areas::deploy::StepName;
use crate::areas::deploy::rollout::Rollout;
use crate::areas::devops::project;
use crate::base::Problem;
use futures::future::BoxFuture;

pub(super) struct BlueGreen;

impl Strategy for BlueGreen {
    fn steps(&self, _strategy: &project::Strategy, scene: Scene) -> Vec<Planned> {
        let mut names = vec![StepName::Start, StepName::Gate, StepName::Switch];
        if scene.n_old > 0 {
            names.extend([StepName::Drain, StepName::Stop]);
        }
        plain(&names, scene)
    }

    fn roll_out<'a>(&'a self, rollout: &'a Rollout, old: Vec<InstanceRow>) -> BoxFuture<'a, Result<Vec<InstanceRow>, Problem>> {
        Box::pin(async move {
            let new = rollout.start_all().await?;
            rollout.gate(&new).await?;
            rollout.switch(&new, &old).await?;
            rollout.retire(&old).await?;
            Ok(new)
        })
    }
}
