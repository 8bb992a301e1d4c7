//! The four numbers of DORA from local data: pure, and the same in every time zone because only instants are compared.
//! Definitions: <https://dora.dev/guides/dora-metrics-four-keys/>.

use super::Dora;
use crate::adapters::store::deployments::DeploymentRow;
use crate::base::Timestamp;

/// One deployment to production.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    pub started_at: Timestamp,
    /// When its gates held; None when they never did.
    pub healthy_at: Option<Timestamp>,
    /// Brought back an older version: no change of its own, and the deployment before it had failed.
    pub is_rollback: bool,
    /// It never became healthy, was rolled back, or an incident began while it was live.
    pub is_failed: bool,
    /// When the commits were made that it brought for the first time.
    pub commits_at: Vec<Timestamp>,
}

/// From when until when production was not well; None while it is not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outage {
    pub from: Timestamp,
    pub to: Option<Timestamp>,
}

/// From each failed deployment, oldest first, to the next time that production was healthy. A return that failed as well is part of the
/// outage that it was to end.
pub fn outages(rows: &[DeploymentRow]) -> Vec<Outage> {
    let mut outages = Vec::new();
    let mut is_down = false;
    for (i, row) in rows.iter().enumerate() {
        let is_failed = row.healthy_from.is_none();
        if is_failed && !(is_down && row.kind == "rollback") {
            outages.push(Outage {
                from: row.started_at,
                to: rows[i + 1..].iter().find_map(|later| later.healthy_from),
            });
        }
        is_down = is_failed;
    }
    outages
}

/// The numbers of the last `days` before `now`, and of as many days before them.
pub fn compute(deliveries: &[Delivery], outages: &[Outage], environment: &str, days: u32, now: Timestamp) -> Dora {
    let secs = i64::from(days.max(1)) * 86_400;
    let end = now.as_second();
    let mut dora = period(deliveries, outages, end - secs, end);
    let before = period(deliveries, outages, end - 2 * secs, end - secs);
    dora.days = days;
    environment.clone_into(&mut dora.environment);
    dora.before = (before.n_deployments > 0).then(|| {
        Box::new(Dora {
            days,
            environment: environment.to_owned(),
            ..before
        })
    });
    dora
}

fn period(deliveries: &[Delivery], outages: &[Outage], from: i64, to: i64) -> Dora {
    let is_inside = |at: Timestamp| at.as_second() > from && at.as_second() <= to;
    let counted: Vec<&Delivery> = deliveries
        .iter()
        .filter(|delivery| !delivery.is_rollback && is_inside(delivery.started_at))
        .collect();
    let n_failed = counted.iter().filter(|delivery| delivery.is_failed).count() as u32;
    let n_deployments = counted.len() as u32;
    let mut leads = Vec::new();
    for delivery in &counted {
        if let Some(healthy_at) = delivery.healthy_at {
            leads.extend(delivery.commits_at.iter().map(|commit| seconds(*commit, healthy_at)));
        }
    }
    let mut restores: Vec<f64> = outages
        .iter()
        .filter(|outage| is_inside(outage.from))
        .filter_map(|outage| Some(seconds(outage.from, outage.to?)))
        .collect();
    Dora {
        n_deployments,
        n_failed,
        deployments_per_week: f64::from(n_deployments) / ((to - from) as f64 / (7.0 * 86_400.0)),
        n_changes: leads.len() as u32,
        lead_time_secs: median(&mut leads),
        change_failure_rate: (n_deployments > 0).then(|| f64::from(n_failed) / f64::from(n_deployments)),
        n_restored: restores.len() as u32,
        time_to_restore_secs: median(&mut restores),
        ..Dora::default()
    }
}

fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    ((to.as_millisecond() - from.as_millisecond()) as f64 / 1000.0).max(0.0)
}

/// The middle value, or the mean of the two in the middle.
pub fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let n = values.len();
    match n {
        0 => None,
        n if n % 2 == 1 => Some(values[n / 2]),
        n => Some(f64::midpoint(values[n / 2 - 1], values[n / 2])),
    }
}
