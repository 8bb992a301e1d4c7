//! What runs in each environment now and which commits it has: also those of a version that was skipped there, and without any version.

use crate::adapters::World;
use crate::adapters::store::deployments::DeploymentRow;
use crate::base::{Problem, Workspace};
use std::collections::BTreeSet;

/// Deployments that are looked through for the names of environments.
const MAX_RECENT: u32 = 500;

/// The live deployment of one environment.
#[derive(Clone, Debug)]
pub struct Live {
    pub row: DeploymentRow,
    /// Those of the commits that were asked about which it has.
    pub holds: BTreeSet<String>,
}

/// The live deployments, with those of the given commits that each one leads to.
pub async fn live(world: &World, workspace: &Workspace, commits: &[String]) -> Result<Vec<Live>, Problem> {
    let mut out = Vec::new();
    if commits.is_empty() {
        return Ok(out);
    }
    let (deployments, releases) = (world.store().deployments(), world.store().releases());
    let recent = deployments.list(&workspace.id, None, MAX_RECENT).await?;
    let environments: BTreeSet<String> = recent.into_iter().map(|row| row.environment).collect();
    for environment in environments {
        let Some(row) = deployments.live(&workspace.id, &environment).await? else {
            continue;
        };
        let oid = match (&row.commit, row.release) {
            (Some(oid), _) => Some(oid.clone()),
            (None, Some(release)) => releases.get(release).await?.map(|release| release.commit),
            (None, None) => None,
        };
        let Some(oid) = oid else { continue };
        let holds = world.git().reachable(&workspace.root, &oid, commits.to_vec()).await?;
        out.push(Live { row, holds });
    }
    Ok(out)
}
