//! Rolling: a few instances after the others. Each batch gives up its connections, is stopped, comes back in the new version on the
//! same ports, has to become healthy and to stay so before the next one.

use super::{Planned, Scene, Strategy};
use crate::adapters::store::instances::InstanceRow;
use crate::areas::deploy::StepName;
use crate::areas::deploy::rollout::{self, Rollout};
use crate::areas::devops::project;
use crate::base::Problem;
use crate::msg;
use futures::future::BoxFuture;
use std::time::{Duration, Instant};

pub(super) struct Rolling;

impl Strategy for Rolling {
    fn steps(&self, strategy: &project::Strategy, scene: Scene) -> Vec<Planned> {
        let (max_parallel, min_healthy_time, ..) = strategy.rolling();
        let all: Vec<u32> = (1..=scene.n_new.max(scene.n_old)).collect();
        let batches: Vec<&[u32]> = all.chunks(max_parallel).collect();
        let n_batches = batches.len();
        let mut planned = Vec::new();
        for (i, batch) in batches.into_iter().enumerate() {
            let note = Some(msg!("deploy-note-batch", i = i + 1, n = n_batches));
            let has_old = batch.iter().any(|n| *n <= scene.n_old);
            let has_new = batch.iter().any(|n| *n <= scene.n_new);
            let wanted = [
                (StepName::Drain, scene.has_traffic && has_old),
                (StepName::Stop, has_old),
                (StepName::Start, has_new),
                (StepName::Gate, has_new),
                (StepName::Switch, scene.has_traffic && has_new),
                (StepName::Watch, has_new && !min_healthy_time.is_zero()),
            ];
            planned.extend(
                wanted
                    .into_iter()
                    .filter(|(_, is_there)| *is_there)
                    .map(|(name, _)| (name, note.clone())),
            );
        }
        planned
    }

    fn roll_out<'a>(
        &'a self,
        rollout: &'a Rollout,
        mut old: Vec<InstanceRow>,
    ) -> BoxFuture<'a, Result<Vec<InstanceRow>, Problem>> {
        Box::pin(async move {
            let (max_parallel, min_healthy_time, healthy_deadline, progress_deadline) = rollout.site.inputs.strategy.rolling();
            let wanted = rollout.site.inputs.n_instances();
            let most = old.iter().map(rollout::number_of).max().unwrap_or(0).max(wanted);
            let all: Vec<u32> = (1..=most).collect();
            let mut new = Vec::new();
            let mut progressed = Instant::now();
            for batch in all.chunks(max_parallel) {
                let (going, staying): (Vec<_>, Vec<_>) =
                    old.into_iter().partition(|row| batch.contains(&rollout::number_of(row)));
                old = staying;
                if !going.is_empty() {
                    rollout.drain(&going).await?;
                    rollout.stop(&going).await?;
                }
                let coming: Vec<u32> = batch.iter().copied().filter(|n| *n <= wanted).collect();
                if coming.is_empty() {
                    continue;
                }
                let started = rollout.start(&coming).await?;
                let left = progress_deadline.saturating_sub(progressed.elapsed());
                if left.is_zero() {
                    return Err(no_progress(progress_deadline));
                }
                rollout.gate_within(&started, healthy_deadline, left).await?;
                progressed = Instant::now();
                let serving: Vec<InstanceRow> = new.iter().chain(&started).chain(&old).cloned().collect();
                rollout.switch(&serving, &[]).await?;
                rollout.stays_healthy(&started, min_healthy_time).await?;
                new.extend(started);
            }
            Ok(new)
        })
    }
}

fn no_progress(limit: Duration) -> Problem {
    Problem::environment(msg!("deploy-no-progress", after = limit.as_secs_f64())).code("no-progress")
}
