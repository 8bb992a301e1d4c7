//! Recreate: stop the old instances, start the new ones, wait until they are healthy. Two versions never run at once.

use super::Strategy;
use crate::adapters::store::instances::InstanceRow;
use crate::areas::deploy::rollout::Rollout;
use crate::base::Problem;
use futures::future::BoxFuture;

pub(super) struct Recreate;

impl Strategy for Recreate {
    fn word(&self) -> &'static str {
        "recreate"
    }

    fn roll_out<'a>(&'a self, rollout: &'a Rollout, old: Vec<InstanceRow>) -> BoxFuture<'a, Result<Vec<InstanceRow>, Problem>> {
        Box::pin(async move {
            rollout.stop(&old).await?;
            let new = rollout.start().await?;
            rollout.gate(&new).await?;
            Ok(new)
        })
    }
}
