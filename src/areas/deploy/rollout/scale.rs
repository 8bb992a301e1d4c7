//! How many instances of the live version run: more of them start and pass the gates, or the last ones lose their connections and end.
//! What runs on is not touched.

use super::{Rollout, number_of};
use crate::adapters::World;
use crate::adapters::store::deployments::DeploymentRow;
use crate::adapters::store::instances::InstanceRow;
use crate::areas::JobCtx;
use crate::areas::deploy::inputs::Inputs;
use crate::areas::deploy::{StepName, targets};
use crate::base::{Problem, Workspace};
use crate::msg;
use serde_json::{Value, json};

impl Rollout {
    /// The live deployment, of which another number of instances shall run: `inputs` say how many. It is not shown as one that goes on.
    pub fn of_live(cx: &JobCtx, world: &World, workspace: &Workspace, row: DeploymentRow, inputs: Inputs, who: String) -> Self {
        let mut rollout = Self::of_row(cx, world, workspace, row, inputs, None, who, true);
        rollout.stop = cx.cancel_token().child_token();
        rollout.site.stop = rollout.stop.clone();
        rollout
    }

    /// Starts what is missing and ends what is too much.
    pub async fn scale(&self) -> Result<(), Problem> {
        let wanted = self.site.inputs.n_instances();
        let running = self.alive(&self.running().await?).await;
        let (staying, going): (Vec<_>, Vec<_>) = running.into_iter().partition(|row| number_of(row) <= wanted);
        let has = |n: u32| staying.iter().any(|row| number_of(row) == n);
        let missing: Vec<u32> = (1..=wanted).filter(|n| !has(*n)).collect();
        if missing.is_empty() {
            // Somebody may have begun it and not come to its end.
            self.gate(&staying).await?;
        } else {
            self.grow(&staying, &missing).await?;
        }
        if !going.is_empty() {
            self.drain(&going).await?;
            let names: Vec<&str> = going.iter().map(|row| row.name.as_str()).collect();
            self.step(StepName::Stop, json!({ "instances": names }), async |_| {
                self.end_all(&going, "stopped").await?;
                Ok(((), Value::Null, Some(msg!("deploy-note-stop", n = going.len()))))
            })
            .await?;
        }
        Ok(())
    }

    /// The new ones are there when their gates hold; else they are taken away again, and what ran before runs on.
    async fn grow(&self, staying: &[InstanceRow], missing: &[u32]) -> Result<(), Problem> {
        targets::of(&self.site.inputs).check(&self.site, staying).await?;
        if let Some(front) = &self.front {
            front.check(self.site.inputs.n_instances() as usize).await?;
        }
        let before: Vec<i64> = staying.iter().map(|row| row.id).collect();
        let result = async {
            let started = self.start(missing).await?;
            self.gate(&started).await?;
            let all: Vec<InstanceRow> = staying.iter().chain(&started).cloned().collect();
            self.switch(&all, &[]).await
        };
        let Err(problem) = result.await else { return Ok(()) };
        let mut new = self.running().await?;
        new.retain(|row| !before.contains(&row.id));
        if let Some(front) = &self.front {
            // Those that got no requests yet have nothing to leave.
            front.leave(&new.iter().collect::<Vec<_>>()).await.ok();
        }
        self.end_all(&new, "failed").await?;
        Err(problem)
    }
}
