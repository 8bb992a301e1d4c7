//! Where new instances listen while the old ones still do: the first range of ports that is free.

use crate::adapters::store::instances::InstanceRow;
use crate::adapters::{World, http};
use crate::areas::deploy::inputs::Inputs;
use crate::areas::devops::project::Traffic;
use crate::base::{Problem, WorkspaceId};
use crate::msg;

/// Ranges that are looked at, one behind the other.
const RANGES: u16 = 64;

/// The port of the first instance of a new deployment. None where instances have no ports.
pub async fn choose(world: &World, workspace: &WorkspaceId, inputs: &Inputs) -> Result<Option<u16>, Problem> {
    let Some(first) = inputs.target.port() else { return Ok(None) };
    if !inputs.strategy.is_beside() {
        return Ok(Some(first));
    }
    let mut rows = world.store().instances().running(Some(workspace)).await?;
    rows.retain(|row| row.environment.as_deref() == Some(&inputs.environment));
    let listen = inputs.traffic.as_ref().and_then(|traffic| {
        let Traffic::Haproxy { listen, .. } = traffic;
        *listen
    });
    let n = inputs.n_instances().max(1) as u16;
    let is_free = |port: u16| {
        let is_used = |row: &InstanceRow| row.port == Some(port);
        Some(port) != listen && !inputs.reserved.contains(&port) && !rows.iter().any(is_used) && http::is_port_free(port)
    };
    let starts = (0..RANGES).map_while(|i| first.checked_add(n.checked_mul(i)?));
    let found = starts
        .filter(|start| start.checked_add(n - 1).is_some())
        .find(|start| (*start..=start + (n - 1)).all(is_free));
    match found {
        Some(start) => Ok(Some(start)),
        None => Err(Problem::environment(msg!("deploy-no-ports"))
            .code("port-taken")
            .hint(msg!("deploy-port-taken-hint", environment = &inputs.environment))),
    }
}
