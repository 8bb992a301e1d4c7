//! The part of a rollout that waits: while a canary is watched, until somebody promotes it, and for the wish to give it up, which may
//! come from another program and stands in the journal.

use super::Rollout;
use crate::adapters::store::instances::InstanceRow;
use crate::areas::deploy::{StepName, targets, wishes};
use crate::areas::devops::probe::Ready;
use crate::areas::devops::project::Span;
use crate::base::Problem;
use crate::msg;
use futures::future::try_join_all;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::time::Duration;

/// How often the journal is read for wishes.
pub(super) const LISTEN_EVERY: Duration = Duration::from_millis(250);
/// How often the connections are counted while a canary is watched.
const COUNT_EVERY: Duration = Duration::from_secs(1);
/// Bad tries in a row that end a canary.
const BAD_IN_A_ROW: u32 = 3;

/// How a pause ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promoted {
    ToNext,
    /// Without any further pause.
    Fully,
}

impl Rollout {
    /// Watches the new instances for so long, or until somebody promotes them.
    pub async fn pause(
        &self,
        percent: u32,
        pause: Option<Span>,
        new: &[InstanceRow],
        old: &[InstanceRow],
    ) -> Result<Promoted, Problem> {
        let known = self.wishes(StepName::Promote).await?.len();
        let secs = pause.map(|pause| pause.0.as_secs_f64());
        let is_judged = self.site.inputs.strategy.judging().is_some();
        let intent = json!({ "percent": percent, "secs": secs, "judged": is_judged });
        self.step(StepName::Pause, intent, async |_| {
            let rows: Vec<InstanceRow> = new.iter().chain(old).cloned().collect();
            let counted = async {
                loop {
                    self.show_shares(&rows).await;
                    tokio::time::sleep(COUNT_EVERY).await;
                }
            };
            let ((promoted, who), judged) = tokio::select! {
                biased;
                () = self.stop.cancelled() => return Err(Problem::cancelled()),
                told = self.promoted(known) => (told?, None),
                failed = self.watch(new) => return Err(failed),
                withdrawn = self.withdrawn() => return Err(withdrawn),
                judged = self.judge(pause, new, old) => ((Promoted::ToNext, None), judged?),
                () = counted => ((Promoted::ToNext, None), None),
            };
            let note = match (&who, &judged) {
                (Some(who), _) => msg!("deploy-note-promoted", who = who.as_str()),
                (None, Some(judged)) => msg!("deploy-note-judged", n = judged.n_answers, what = judged.line()),
                (None, None) => msg!("deploy-note-watched", secs = secs.unwrap_or_default()),
            };
            Ok((promoted, json!({ "by": who, "judged": judged }), Some(note)))
        })
        .await
    }

    /// Back when somebody withdraws the version that is being watched.
    async fn withdrawn(&self) -> Problem {
        loop {
            if let Err(problem) = wishes::still_good(self.world(), &self.row).await
                && problem.code == "withdrawn"
            {
                return problem;
            }
            tokio::time::sleep(COUNT_EVERY).await;
        }
    }

    /// The new instances have to stay healthy for so long.
    pub async fn stays_healthy(&self, new: &[InstanceRow], time: Duration) -> Result<(), Problem> {
        if time.is_zero() {
            return Ok(());
        }
        self.step(StepName::Watch, json!({ "secs": time.as_secs_f64() }), async |_| {
            tokio::select! {
                biased;
                () = self.stop.cancelled() => Err(Problem::cancelled()),
                failed = self.watch(new) => Err(failed),
                () = tokio::time::sleep(time) => {
                    let note = msg!("deploy-note-watched", secs = time.as_secs_f64());
                    Ok(((), Value::Null, Some(note)))
                }
            }
        })
        .await
    }

    /// Asks every instance by every gate until one is bad some times in a row or ends; gives why.
    async fn watch(&self, instances: &[InstanceRow]) -> Problem {
        let probes = self.probes();
        let mut asked = Vec::new();
        for instance in instances {
            for probe in &probes {
                asked.push(async move {
                    let ready = Ready::new(&probe.kind, probe.timeout.0, &self.words_of(instance))?;
                    let mut n_bad = 0;
                    loop {
                        let tried = targets::of_instance(instance)
                            .ask(self.world(), instance, &ready, &self.stop)
                            .await;
                        n_bad = if tried.is_good() { 0 } else { n_bad + 1 };
                        if n_bad >= BAD_IN_A_ROW {
                            let summary = msg!("deploy-watch-bad", what = ready.what(), n = n_bad);
                            let words = targets::last_words(self.world(), instance, super::LAST_WORDS).await;
                            return Err::<Infallible, _>(
                                Problem::environment(summary).code("unhealthy").details(words.join("\n")),
                            );
                        }
                        tokio::select! {
                            end = targets::ended(self.world(), instance) => return Err(self.died(instance, &end).await),
                            () = tokio::time::sleep(probe.interval.0.max(Duration::from_millis(50))) => {}
                        }
                    }
                });
            }
        }
        match try_join_all(asked).await {
            Err(problem) => problem,
            // There is nothing to watch.
            Ok(_) => std::future::pending().await,
        }
    }

    async fn promoted(&self, known: usize) -> Result<(Promoted, Option<String>), Problem> {
        loop {
            let wishes = self.wishes(StepName::Promote).await?;
            if let Some(wish) = wishes.get(known..).and_then(<[Value]>::first) {
                let who = wish["who"].as_str().map(str::to_owned);
                let is_full = wish["full"].as_bool().unwrap_or(false);
                return Ok((if is_full { Promoted::Fully } else { Promoted::ToNext }, who));
            }
            tokio::time::sleep(LISTEN_EVERY).await;
        }
    }

    /// Stops this rollout as soon as somebody wishes it; never returns.
    pub(super) async fn hear_abort(&self) -> Infallible {
        loop {
            if let Ok(wishes) = self.wishes(StepName::Abort).await
                && let Some(wish) = wishes.first()
            {
                self.view().aborted_by = wish["who"].as_str().map(str::to_owned);
                self.stop.cancel();
                return std::future::pending().await;
            }
            tokio::time::sleep(LISTEN_EVERY).await;
        }
    }

    pub(super) async fn wishes(&self, name: StepName) -> Result<Vec<Value>, Problem> {
        let steps = self.world().store().deployments().steps(self.row.id).await?;
        let wishes = steps.into_iter().filter(|step| step.name == name.word());
        Ok(wishes.map(|step| step.intent).collect())
    }
}
