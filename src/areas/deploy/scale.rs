//! Another number of instances of the version that is live, without a deployment: the journal has it, and what starts them again later
//! starts as many.

use super::inputs::{self, Inputs};
use super::rollout::{Rollout, started};
use super::{Kind, acts, journal};
use crate::adapters::World;
use crate::areas::JobCtx;
use crate::base::{Problem, Workspace};
use crate::msg;
use serde_json::json;

/// More are not started by a slip of the finger.
pub const MAX_INSTANCES: u32 = 100;

pub async fn scale(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    environment: &str,
    n: u32,
    confirmed: Option<&str>,
) -> Result<(), Problem> {
    let (_, environment) = acts::allowed(world, workspace, environment, confirmed).await?;
    if n == 0 || n > MAX_INSTANCES {
        let problem = Problem::user(msg!("deploy-scale-range", max = MAX_INSTANCES)).code("out-of-range");
        return Err(problem.hint(msg!("deploy-scale-range-hint", environment = &environment.name)));
    }
    acts::locked(cx, world, workspace, &environment.name, async |_| {
        let deployments = world.store().deployments();
        let live = deployments.live(&workspace.id, &environment.name).await?;
        let Some(live) = live.filter(|row| row.kind != Kind::Stop.word()) else {
            return Err(Problem::user(msg!("deploy-nothing-runs", environment = &environment.name)).code("not-found"));
        };
        let before = Inputs::of(&live)?;
        started::check(world, &before, &inputs::folder(world, &live)).await?;
        let mut inputs = before.clone();
        if !inputs.target.set_instances(n) {
            let kind = inputs.target.kind();
            let problem = Problem::user(msg!("deploy-scale-not-there", target = kind)).code("not-scalable");
            return Err(problem.hint(msg!("deploy-scale-not-there-hint")));
        }
        let who = journal::who(world);
        let (was, id) = (before.n_instances(), live.id);
        // Whoever ends in the middle of it has it shown as what shall run.
        let wanted = inputs.to_value();
        let row = deployments.change(id, move |row| row.inputs = wanted.clone()).await?;
        journal::audit(world, &who, "scale.begin", &row, json!({ "from": was, "to": n })).await?;
        let rollout = Rollout::of_live(cx, world, workspace, row, inputs, who.clone());
        let result = Box::pin(rollout.scale()).await;
        let row = match &result {
            Ok(()) => rollout.row().clone(),
            Err(_) => {
                let back = before.to_value();
                deployments.change(id, move |row| row.inputs = back.clone()).await?
            }
        };
        let act = if result.is_ok() { "scale.done" } else { "scale.failed" };
        journal::audit(world, &who, act, &row, json!({ "from": was, "to": n })).await?;
        result
    })
    .await
}
