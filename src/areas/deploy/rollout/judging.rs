//! The part of a rollout that measures a canary: what is measured is held against its bounds while it is watched, and decides whether
//! it goes on or back.

use super::Rollout;
use crate::adapters::http;
use crate::adapters::process::Cmd;
use crate::adapters::proxy::Answers;
use crate::adapters::store::instances::InstanceRow;
use crate::areas::deploy::{Judged, Measured};
use crate::areas::devops::project::{Judge, Judging, Metric, Span, fill, fill_known};
use crate::base::{Problem, SafeText, State};
use crate::msg;
use std::time::Duration;
use tokio::time::Instant;

/// How long one measurement may take.
const TIME_LIMIT: Duration = Duration::from_secs(10);
/// Of what a command prints.
const MAX_SAID: usize = 64 * 1024;

/// The answers of one version.
#[derive(Clone, Copy, Debug, Default)]
struct Side {
    before: Answers,
    now: Answers,
}

impl Side {
    fn n(self) -> u64 {
        self.now.n.saturating_sub(self.before.n)
    }

    fn value(self, metric: Metric) -> Option<f64> {
        let n = self.n();
        if n == 0 {
            return None;
        }
        Some(match metric {
            Metric::Errors => self.now.n_bad.saturating_sub(self.before.n_bad) as f64 / n as f64 * 100.0,
            _ => self.now.mean_ms as f64,
        })
    }
}

impl Rollout {
    /// Waits as long as the step lasts; where it is judged, until it holds as well. Gives what was measured last.
    pub(super) async fn judge(
        &self,
        pause: Option<Span>,
        new: &[InstanceRow],
        old: &[InstanceRow],
    ) -> Result<Option<Judged>, Problem> {
        let Some(judging) = self.site.inputs.strategy.judging() else {
            match pause {
                Some(pause) => tokio::time::sleep(pause.0).await,
                None => std::future::pending().await,
            }
            return Ok(None);
        };
        let until = Instant::now() + pause.map_or(Duration::ZERO, |pause| pause.0);
        let (mut of_new, mut of_old) = (Side::default(), Side::default());
        (of_new.before, of_old.before) = (self.answers(new).await?, self.answers(old).await?);
        let mut n_bad = vec![0; judging.judges.len()];
        self.show_judged(Judged::new(judging)).await;
        loop {
            let rest = until.saturating_duration_since(Instant::now());
            let nap = if rest.is_zero() {
                judging.every
            } else {
                judging.every.min(rest)
            };
            tokio::time::sleep(nap).await;
            (of_new.now, of_old.now) = (self.answers(new).await?, self.answers(old).await?);
            let mut judged = Judged::new(judging);
            judged.n_answers = of_new.n();
            let is_enough = judged.n_answers >= u64::from(judging.min_requests);
            for ((judge, measured), n_bad) in judging.judges.iter().zip(&mut judged.measures).zip(&mut n_bad) {
                if judge.metric.is_of_answers() && !is_enough {
                    continue;
                }
                let value = match judge.metric {
                    Metric::Prometheus => self.asked(judge).await,
                    Metric::Command => self.printed(judge).await,
                    metric => {
                        measured.beside = of_old.value(metric);
                        measured.bound = judge.bound(measured.beside);
                        of_new
                            .value(metric)
                            .ok_or_else(|| Problem::environment(msg!("deploy-judge-no-number")))
                    }
                };
                let holds = match value {
                    Ok(value) => {
                        measured.value = Some(value);
                        judge.holds(value, measured.beside)
                    }
                    Err(problem) if problem.is_cancelled() => return Err(problem),
                    Err(problem) => {
                        measured.problem = Some(problem);
                        false
                    }
                };
                *n_bad = if holds { 0 } else { *n_bad + 1 };
                measured.state = if holds { State::Done } else { State::Failed };
            }
            self.show_judged(judged.clone()).await;
            let worst = judged.measures.iter().zip(&n_bad).find(|(_, n)| **n >= judging.fail_after);
            if let Some((measured, n)) = worst {
                return Err(bad(measured, *n));
            }
            let is_over = Instant::now() >= until;
            if is_over && is_enough && judged.measures.iter().all(|measured| measured.state == State::Done) {
                return Ok(Some(judged));
            }
        }
    }

    async fn answers(&self, rows: &[InstanceRow]) -> Result<Answers, Problem> {
        match &self.front {
            Some(front) => front.answers(rows).await,
            None => Ok(Answers::default()),
        }
    }

    async fn show_judged(&self, judged: Judged) {
        self.view().judged = Some(judged);
        self.show().await;
    }

    /// What a Prometheus server answers.
    async fn asked(&self, judge: &Judge) -> Result<f64, Problem> {
        let words = self.site.inputs.words(&self.site.folder);
        let server = judge.server.as_deref().unwrap_or_default().trim_end_matches('/');
        // Its own braces stay.
        let query = fill_known(&judge.what(), &words);
        let query: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
        let url = format!("{server}/api/v1/query?query={query}");
        let answer = http::get(&url, TIME_LIMIT, &self.stop).await?;
        let json: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let data = &json["data"];
        let value = match data["resultType"].as_str() {
            Some("scalar" | "string") => &data["result"][1],
            _ => &data["result"][0]["value"][1],
        };
        value.as_str().and_then(|text| text.parse().ok()).ok_or_else(|| {
            let said = json["error"].as_str().map_or_else(
                || String::from_utf8_lossy(&answer.body).chars().take(500).collect(),
                str::to_owned,
            );
            Problem::environment(msg!("deploy-judge-no-number")).details(SafeText::multiline(&said))
        })
    }

    /// What a command prints last.
    async fn printed(&self, judge: &Judge) -> Result<f64, Problem> {
        let words = self.site.inputs.words(&self.site.folder);
        let argv = judge
            .run
            .iter()
            .map(|word| fill(word, &words))
            .collect::<Result<Vec<_>, _>>()?;
        let Some((program, args)) = argv.split_first() else {
            return Err(Problem::environment(msg!("deploy-judge-no-number")));
        };
        let root = &self.site.inputs.root;
        let cmd = Cmd::new(program)
            .args(args)
            .cwd(root)
            .workspace(root)
            .env("VERSION", &self.site.inputs.version)
            .env("ENVIRONMENT", &self.site.inputs.environment)
            .timeout(TIME_LIMIT);
        let output = self.world().processes().output(cmd, &self.stop, MAX_SAID).await?;
        let said = output.success(program)?;
        let said = String::from_utf8_lossy(&said).into_owned();
        let last = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
        last.trim().parse().map_err(|_| {
            Problem::environment(msg!("deploy-judge-no-number")).details(SafeText::new(&self.world().masks().mask_str(last)))
        })
    }
}

/// Why a canary goes back.
fn bad(measured: &Measured, n: u32) -> Problem {
    let what = measured.what.as_str();
    let problem = match measured.value {
        Some(_) => msg!(
            "deploy-judge-bad",
            what = what,
            value = measured.words(),
            bound = measured.bound.as_str(),
            n = n
        ),
        None => msg!("deploy-judge-unknown", what = what, n = n),
    };
    let details = measured.problem.as_ref().map(|problem| problem.details.clone());
    Problem::environment(problem)
        .code("judged-bad")
        .details(details.unwrap_or_default())
}

impl Judged {
    fn new(judging: Judging<'_>) -> Self {
        let measures = judging.judges.iter().map(|judge| Measured {
            what: judge.what(),
            bound: judge.bound(None),
            unit: judge.metric.unit().to_owned(),
            value: None,
            beside: None,
            state: State::Queued,
            problem: None,
        });
        Self {
            measures: measures.collect(),
            n_answers: 0,
            n_needed: judging.min_requests,
        }
    }
}
