//! The part of a rollout that asks: where the environment wants it, a step that fails ends nothing before somebody has decided what
//! comes of it, here or in another program. Without a decision the version before comes back, so that every deployment ends.

use super::Rollout;
use crate::adapters::ssh::is_silence;
use crate::adapters::store::instances::InstanceRow;
use crate::areas::deploy::guide::{Asks, Decision};
use crate::areas::deploy::{Kind, StepName, rehearsal};
use crate::base::{Msg, Problem};
use crate::msg;
use futures::future::BoxFuture;
use serde_json::json;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;

impl Rollout {
    /// Does the work; where it fails and everything runs, somebody may have it done again or go on without it.
    pub(super) async fn guided<'a>(
        &'a self,
        instances: &[InstanceRow],
        work: &(dyn Fn() -> BoxFuture<'a, Result<(), Problem>> + Send + Sync),
    ) -> Result<(), Problem> {
        loop {
            let Err(problem) = work().await else { return Ok(()) };
            let Some(limit) = self.asks_after(&problem) else {
                return Err(problem);
            };
            let is_whole = self.alive(instances).await.len() == instances.len();
            match self.ask(&problem, is_whole, limit).await? {
                Decision::Retry if is_whole => {}
                Decision::Ignore { .. } if is_whole => return Ok(()),
                decision => {
                    *self.decided.lock().unwrap_or_else(PoisonError::into_inner) = Some(decision);
                    return Err(problem);
                }
            }
        }
    }

    /// Changes the environment; where that fails and somebody wants it again, what was started is ended and it begins anew.
    pub(super) async fn advance_guided(&self) -> Result<(), Problem> {
        loop {
            let Err(problem) = Box::pin(self.advance()).await else {
                return Ok(());
            };
            let decided = self.decided.lock().unwrap_or_else(PoisonError::into_inner).take();
            let decision = match (decided, self.asks_after(&problem)) {
                (Some(decision), _) => decision,
                (None, Some(limit)) => self.ask(&problem, false, limit).await?,
                (None, None) => return Err(problem),
            };
            match decision {
                Decision::Retry => {
                    self.clean_up().await?;
                    self.put_back().await?;
                    self.plan(&self.running().await?, true).await;
                }
                Decision::Abort => {
                    self.is_left.store(true, Ordering::SeqCst);
                    return Err(problem);
                }
                Decision::Ignore { .. } | Decision::RollBack => return Err(problem),
            }
        }
    }

    /// How long this failure waits for somebody; None where it does not.
    fn asks_after(&self, problem: &Problem) -> Option<Duration> {
        let is_asked = !self.is_return
            && Kind::from_word(&self.row.kind) != Kind::Stop
            && !rehearsal::is_clone(&self.row.workspace)
            && !problem.is_cancelled()
            && !is_silence(problem);
        self.site.inputs.guided.filter(|_| is_asked).map(|limit| limit.0)
    }

    async fn ask(&self, problem: &Problem, may_ignore: bool, limit: Duration) -> Result<Decision, Problem> {
        let known = self.wishes(StepName::Decide).await?.len();
        let asks = Asks {
            deployment: self.row.id,
            version: self.row.version.clone(),
            problem: problem.clone(),
            may_ignore,
            until: self.cx.now() + limit,
        };
        let intent = json!({ "asks": &asks });
        self.view().asks = Some(asks);
        let hint = if may_ignore {
            "deploy-asks-hint-ignore"
        } else {
            "deploy-asks-hint"
        };
        let mins = limit.as_secs().div_ceil(60);
        let hint = Msg::new(hint).with("environment", &self.row.environment).with("mins", mins);
        self.cx.problem(problem.clone().hint(hint)).await;
        let result = self
            .step(StepName::Ask, intent, async |_| {
                let (decision, who) = tokio::select! {
                    biased;
                    () = self.stop.cancelled() => return Err(Problem::cancelled()),
                    told = self.decision(known) => told?,
                    () = tokio::time::sleep(limit) => (Decision::RollBack, None),
                };
                let note = match (&decision, &who) {
                    (Decision::Ignore { reason }, Some(who)) => {
                        msg!("deploy-note-ignored", who = who.as_str(), reason = reason.as_str())
                    }
                    (decision, Some(who)) => msg!("deploy-note-decided", who = who.as_str(), choice = decision.word()),
                    (_, None) => msg!("deploy-note-undecided"),
                };
                let value = json!({ "decision": &decision, "by": who });
                Ok((decision, value, Some(note)))
            })
            .await;
        self.view().asks = None;
        self.show().await;
        result
    }

    async fn decision(&self, known: usize) -> Result<(Decision, Option<String>), Problem> {
        loop {
            let wishes = self.wishes(StepName::Decide).await?;
            for wish in wishes.get(known..).unwrap_or_default() {
                if let Ok(decision) = serde_json::from_value(wish["decision"].clone()) {
                    return Ok((decision, wish["who"].as_str().map(str::to_owned)));
                }
            }
            tokio::time::sleep(super::wait::LISTEN_EVERY).await;
        }
    }

    /// Whether it ends where it failed, with everything as it is.
    pub(super) fn is_left(&self) -> bool {
        self.is_left.load(Ordering::SeqCst)
    }
}
