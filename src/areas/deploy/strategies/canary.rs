//! Canary: new instances beside the old ones get a part of the requests, more with each step; each step is watched for a time, or
//! until somebody promotes it, and a bad answer takes everything back.

use super::{Planned, Scene, Strategy, plain};
use crate::adapters::store::deployments::StepRow;
use crate::adapters::store::instances::InstanceRow;
use crate::areas::deploy::StepName;
use crate::areas::deploy::rollout::{Promoted, Rollout};
use crate::areas::devops::project::{self, Span};
use crate::base::{Msg, Problem};
use crate::msg;
use futures::future::BoxFuture;

pub(super) struct Canary;

impl Strategy for Canary {
    fn steps(&self, strategy: &project::Strategy, scene: Scene) -> Vec<Planned> {
        let mut planned = plain(&[StepName::Start, StepName::Gate], scene);
        if scene.n_old > 0 {
            for step in strategy.canary() {
                planned.push((StepName::Weight, Some(msg!("deploy-note-weight", percent = step.weight))));
                planned.push((StepName::Pause, Some(pause(strategy, step.pause))));
            }
        }
        planned.push((StepName::Switch, None));
        if scene.n_old > 0 {
            planned.extend(plain(&[StepName::Drain, StepName::Stop], scene));
        }
        planned
    }

    fn roll_out<'a>(&'a self, rollout: &'a Rollout, old: Vec<InstanceRow>) -> BoxFuture<'a, Result<Vec<InstanceRow>, Problem>> {
        Box::pin(async move {
            let new = rollout.start_all().await?;
            rollout.gate(&new).await?;
            if !old.is_empty() {
                for step in rollout.site.inputs.strategy.canary() {
                    rollout.weigh(step.weight, &new, &old).await?;
                    if rollout.pause(step.weight, step.pause, &new, &old).await? == Promoted::Fully {
                        break;
                    }
                }
            }
            rollout.switch(&new, &old).await?;
            rollout.retire(&old).await?;
            Ok(new)
        })
    }

    /// What was not watched to its end is not promoted behind anybody's back.
    fn may_resume(&self, steps: &[StepRow]) -> bool {
        steps.iter().any(|step| step.name == StepName::Switch.word())
    }
}

fn pause(strategy: &project::Strategy, pause: Option<Span>) -> Msg {
    match (strategy.judging(), pause) {
        (Some(judging), pause) => {
            let all = judging.judges.iter();
            let all: Vec<String> = all.map(|judge| format!("{} {}", judge.what(), judge.bound(None))).collect();
            let secs = pause.unwrap_or_default().0.as_secs_f64();
            msg!(
                "deploy-note-judging",
                n = judging.min_requests,
                secs = secs,
                what = all.join(", ")
            )
        }
        (None, Some(pause)) => msg!("deploy-note-pause", secs = pause.0.as_secs_f64()),
        (None, None) => msg!("deploy-note-by-hand"),
    }
}
