//! Keeps everything that grows within its budget: logs, outputs of tests, old runs, samples. What a killed program left is put in order.

use super::logs::Logs;
use super::store::Store;
use crate::base::settings::Retention;
use crate::base::{Problem, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::time::Duration;

/// A quiet run that failed is remembered so long.
const QUIET_DAYS: i64 = 7;
/// Single answers of checks are kept so long; their hours stay under the budget of samples.
const ANSWERS_DAYS: i64 = 30;
/// A plain log that was written to in this time may belong to a job that has only just begun.
const YOUNG: Duration = Duration::from_mins(10);
/// Of the budget of logs, what outputs of single tests may take.
const TEST_OUTPUTS_SHARE: u64 = 4;

/// Where it is noted up to when things have aged.
const AGED: &str = "aged";
/// By so much they age from one round to the next at most.
const AGING_SECS: i64 = 86_400;

/// Newest runs of pipelines of each workspace that stay whatever their age.
const PIPELINE_RUNS_KEPT: u32 = 20;

/// What was freed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upkeep {
    /// Logs that a killed program had left uncompressed.
    pub n_logs_tidied: u64,
    pub n_logs: u64,
    pub log_bytes: u64,
    pub n_runs: u64,
    pub test_output_bytes: u64,
    pub n_samples: u64,
}

impl Upkeep {
    /// Nothing had to go.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The logs alone, which grow most: what was freed, in logs and in bytes.
pub async fn keep_logs(store: &Store, logs: &Logs, retention: &Retention) -> Result<(u64, u64), Problem> {
    let unended: BTreeSet<_> = store.jobs().unended().await?.into_iter().map(|row| row.id).collect();
    let max_bytes = retention.logs_max_mb * 1_000_000;
    let freed = logs.keep_budget(max_bytes, move |job| unended.contains(&job)).await?;
    let n_logs = freed.jobs.len() as u64;
    store.jobs().logs_freed(freed.jobs).await?;
    Ok((n_logs, freed.bytes))
}

/// The time by which ages are counted: it follows the clock, and goes on by a day at most from one round to the next, so that one start
/// with a wrong date ages nothing away.
async fn aged(store: &Store, now: Timestamp) -> Result<Timestamp, Problem> {
    let last: Option<Timestamp> = store.kv().get(AGED).await?;
    let limit = last.and_then(|last| Timestamp::from_second(last.as_second() + AGING_SECS).ok());
    let aged = limit.map_or(now, |limit| limit.min(now));
    store.kv().set(AGED, &aged).await?;
    Ok(aged)
}

/// One round over everything. For one program at a time: the caller holds a lease. Takes as long as the disk needs.
pub async fn run(store: &Store, logs: &Logs, retention: &Retention, now: Timestamp) -> Result<Upkeep, Problem> {
    let aged = aged(store, now).await?;
    let days_ago = |days: i64| Timestamp::from_second(aged.as_second() - days * 86_400).unwrap_or(Timestamp::MIN);
    let megabytes = 1_000_000;
    let unended: BTreeSet<_> = store.jobs().unended().await?.into_iter().map(|row| row.id).collect();

    let n_logs_tidied = logs.tidy(YOUNG, move |job| unended.contains(&job)).await?;
    let (n_logs, log_bytes) = keep_logs(store, logs, retention).await?;

    let runs_days = i64::try_from(retention.runs_max_days)
        .unwrap_or(i64::MAX / 86_400)
        .min(36_500);
    let pruned = store.prune(days_ago(runs_days), days_ago(QUIET_DAYS)).await?;
    let n_pipeline_runs = store.pipelines().prune(days_ago(runs_days), PIPELINE_RUNS_KEPT).await?;
    let test_output_bytes = store
        .tests()
        .free_outputs(retention.logs_max_mb * megabytes / TEST_OUTPUTS_SHARE)
        .await?;

    store.alerts().forget(days_ago(runs_days)).await?;
    store.checks().forget_results(days_ago(ANSWERS_DAYS)).await?;
    store.happenings().forget(days_ago(ANSWERS_DAYS)).await?;
    let samples = store.samples().keep_budget(retention.samples_max_mb * megabytes).await?;
    Ok(Upkeep {
        n_logs_tidied,
        n_logs,
        log_bytes,
        n_runs: pruned.n_jobs + pruned.n_builds + pruned.n_test_runs + n_pipeline_runs,
        test_output_bytes,
        n_samples: samples.n_rows,
    })
}
