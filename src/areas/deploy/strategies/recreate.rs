//! Recreate: stop the old instances, change the data, start the new ones, wait until they are healthy. Two versions never run at
//! once. Where the target's own machinery puts the new version into the place of the old one, it is left to it.

use super::{Planned, Scene, Strategy, plain};
use crate::adapters::store::instances::InstanceRow;
use crate::areas::deploy::rollout::Rollout;
use crate::areas::deploy::{StepName, targets};
use crate::areas::devops::project;
use crate::base::Problem;
use futures::future::BoxFuture;

pub(super) struct Recreate;

impl Strategy for Recreate {
    fn steps(&self, _strategy: &project::Strategy, scene: Scene) -> Vec<Planned> {
        if scene.replaces {
            let names = [StepName::Start, StepName::Gate, StepName::Stop];
            return plain(if scene.n_old > 0 { &names } else { &names[..2] }, scene);
        }
        let mut names = vec![StepName::Stop];
        if scene.n_old > 0 {
            names.insert(0, StepName::Drain);
        }
        names.extend(scene.data);
        names.extend([StepName::Start, StepName::Gate, StepName::Switch]);
        plain(&names, scene)
    }

    fn roll_out<'a>(&'a self, rollout: &'a Rollout, old: Vec<InstanceRow>) -> BoxFuture<'a, Result<Vec<InstanceRow>, Problem>> {
        Box::pin(async move {
            if targets::of(&rollout.site.inputs).replaces() {
                rollout.set_touched();
                let new = rollout.start_all().await?;
                rollout.gate(&new).await?;
                rollout.retire(&old).await?;
                return Ok(new);
            }
            rollout.drain(&old).await?;
            rollout.stop(&old).await?;
            rollout.change_data().await?;
            let new = rollout.start_all().await?;
            rollout.gate(&new).await?;
            rollout.switch(&new, &[]).await?;
            Ok(new)
        })
    }
}
