//! The part of a rollout that makes it whole again: instances that are lost are started as they were, judged and given requests; what is
//! right is left alone. It may be killed at any point and done again.

use super::{Rollout, number_of};
use crate::adapters::deliver;
use crate::adapters::store::instances::InstanceRow;
use crate::areas::JobCtx;
use crate::areas::deploy::inputs::Inputs;
use crate::areas::deploy::traffic::FULL;
use crate::areas::deploy::{StepName, targets};
use crate::base::{Problem, State};
use crate::msg;
use serde_json::{Value, json};

/// What was found and done.
#[derive(Default)]
pub struct Whole {
    /// Instances that ran and were left alone.
    pub kept: Vec<String>,
    /// Instances that were started again.
    pub started: Vec<String>,
    /// The requests were sent to them again.
    pub has_routed: bool,
}

impl Rollout {
    /// Of the version that shall run: every instance runs afterwards, and the requests go to all of them.
    pub async fn make_whole(&self) -> Result<Whole, Problem> {
        let target = targets::of(&self.site.inputs);
        let written = self.world().store().instances().of_deployment(self.row.id).await?;
        let unwritten = target.unwritten(&self.site, &written).await?;
        let left = written.into_iter().filter(|row| row.ended_at.is_none()).chain(unwritten);
        let (mut alive, mut dead) = (Vec::new(), Vec::new());
        for row in left {
            match target.state(self.world(), &row).await {
                // What manages it may have started it again by itself.
                State::Running => alive.push(target.as_now(self.world(), row).await),
                State::Unknown => return Err(self.silent(&row)),
                _ => dead.push(row),
            }
        }
        let missing: Vec<u32> = (1..=self.site.inputs.n_instances())
            .filter(|n| !alive.iter().any(|row| number_of(row) == *n))
            .collect();
        let names = |rows: &[InstanceRow]| rows.iter().map(|row| row.name.clone()).collect();
        let mut whole = Whole {
            kept: names(&alive),
            ..Whole::default()
        };
        let kept = alive.clone();
        let result = async {
            if !missing.is_empty() {
                let started = Box::pin(self.start_missing(&missing, &alive, &dead)).await?;
                whole.started = names(&started);
                alive.extend(started);
            }
            if missing.is_empty() && target.is_whole(&self.site).await.is_err() {
                // What it would be started from the next time.
                self.step(StepName::Stage, json!({ "folder": self.site.folder }), async |cx: JobCtx| {
                    let n = self.stage_again().await?;
                    target.stage(&self.site, &cx).await?;
                    Ok(((), Value::Null, Some(msg!("deploy-note-stage", n = n))))
                })
                .await?;
            }
            self.gate(&alive).await?;
            if !missing.is_empty() || !self.is_routed(&alive).await {
                whole.has_routed = self.route_again(&alive).await?;
            }
            self.verify(&alive).await
        };
        if let Err(problem) = result.await {
            self.end_started(&kept).await?;
            return Err(problem);
        }
        Ok(whole)
    }

    fn silent(&self, row: &InstanceRow) -> Problem {
        Problem::environment(msg!("deploy-rebuild-silent", instance = &row.name))
            .code("unknown")
            .hint(msg!("deploy-rebuild-silent-hint"))
    }

    async fn start_missing(
        &self,
        missing: &[u32],
        alive: &[InstanceRow],
        dead: &[InstanceRow],
    ) -> Result<Vec<InstanceRow>, Problem> {
        let target = targets::of(&self.site.inputs);
        self.check_stop()?;
        // What is written of them as running does not.
        self.end_all(dead, "crashed").await?;
        self.step(StepName::Check, json!({ "missing": missing }), async |_| {
            target.check(&self.site, alive).await?;
            if let Some(front) = &self.front {
                front.check(missing.len()).await?;
            }
            Ok(((), Value::Null, Some(msg!("deploy-rebuild-note-missing", n = missing.len()))))
        })
        .await?;
        self.step(StepName::Stage, json!({ "folder": self.site.folder }), async |cx: JobCtx| {
            let n = self.stage_again().await?;
            target.stage(&self.site, &cx).await?;
            target.start_over(&self.site)?;
            Ok(((), Value::Null, Some(msg!("deploy-note-stage", n = n))))
        })
        .await?;
        self.start(missing).await
    }

    /// Copies that are right stay; others come from where the version's files are kept. Gives how many came.
    async fn stage_again(&self) -> Result<usize, Problem> {
        let (inputs, folder) = (Inputs::of(&self.row)?, self.site.folder.clone());
        self.off_thread(move || {
            crate::adapters::files::create_private_dir(&folder)?;
            let mut n = 0;
            for part in &inputs.parts {
                let staged = Inputs::staged(&folder, part);
                if deliver::look(&staged)?.is_some_and(|kept| kept.sha256 == part.sha256) {
                    continue;
                }
                let one = Inputs {
                    parts: vec![part.clone()],
                    ..inputs.clone()
                };
                one.check_parts()?;
                deliver::keep(&part.source, &staged)?;
                n += 1;
            }
            Ok(n)
        })
        .await
    }

    /// Nothing that was started just now is left.
    async fn end_started(&self, alive: &[InstanceRow]) -> Result<(), Problem> {
        let target = targets::of(&self.site.inputs);
        let written = self.world().store().instances().of_deployment(self.row.id).await?;
        let unwritten = target.unwritten(&self.site, &written).await?;
        let mut ours: Vec<InstanceRow> = written
            .into_iter()
            .filter(|row| row.ended_at.is_none())
            .chain(unwritten)
            .collect();
        ours.retain(|row| !alive.iter().any(|kept| kept.id == row.id));
        self.end_all(&ours, "failed").await
    }

    /// Whoever stands in front runs and sends requests to every one of these.
    async fn is_routed(&self, alive: &[InstanceRow]) -> bool {
        let Some(front) = &self.front else { return true };
        if front.is_another().await.unwrap_or(true) {
            return false;
        }
        match front.shares(alive).await {
            Ok(shares) => shares.iter().map(|share| share.n_servers as usize).sum::<usize>() >= alive.len(),
            Err(_) => false,
        }
    }

    async fn route_again(&self, alive: &[InstanceRow]) -> Result<bool, Problem> {
        let Some(front) = &self.front else { return Ok(false) };
        self.step(StepName::Switch, json!({ "to": alive.len() }), async |_| {
            front.open().await?;
            let all: Vec<_> = alive.iter().map(|row| (row, FULL)).collect();
            front.route(&all, &[]).await?;
            self.show_shares(alive).await;
            Ok((true, Value::Null, Some(msg!("deploy-note-switch", n = alive.len()))))
        })
        .await
    }

    /// It is shown as what it is again: the version that runs, as the ledger has it.
    pub async fn show_live(&self, problem: Option<&Problem>) {
        {
            let mut view = self.view();
            view.state = self.row.state;
            view.ended_at = self.row.ended_at;
            view.problem = problem.cloned();
        }
        self.show().await;
    }
}
