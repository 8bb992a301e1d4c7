//! How the new version takes the place of the old one. One strategy, one file of this shape.

mod recreate;

use super::rollout::Rollout;
use crate::adapters::store::instances::InstanceRow;
use crate::base::Problem;
use futures::future::BoxFuture;

/// The order in which old instances are stopped and new ones started and judged.
pub trait Strategy: Send + Sync {
    /// As it stands in the ledger and in the page.
    fn word(&self) -> &'static str;

    /// Gives the new instances, all of them healthy. On an error the caller ends what was started and brings the old version back.
    fn roll_out<'a>(&'a self, rollout: &'a Rollout, old: Vec<InstanceRow>) -> BoxFuture<'a, Result<Vec<InstanceRow>, Problem>>;
}

/// The strategy of every environment so far.
pub fn default() -> &'static dyn Strategy {
    &recreate::Recreate
}
