//! Up-time, objectives and error budgets of checks and environments, how instances lived, and when disks will be full.

use super::alerts::burn_rate;
use super::history::check_series;
use super::{Forecast, InstanceLife, Objective, Objectives};
use crate::adapters::World;
use crate::adapters::store::holder;
use crate::adapters::store::instances::InstanceRow;
use crate::areas::devops::project::{self, Check, CheckKind};
use crate::base::{Problem, Timestamp, Workspace, time};
use std::collections::BTreeMap;
use std::time::Duration;

/// What a check is counted over that promises nothing.
const DAYS: u32 = 30;
/// The time before now that a forecast looks at, and the least of it that there must be.
const FORECAST_SECS: i64 = 7 * 86_400;
const FORECAST_LEAST_SECS: f64 = 3600.0;
const FORECAST_POINTS: usize = 300;
/// Beyond this nobody plans.
const FORECAST_DAYS: f64 = 366.0;
const BURN_HOURS: [u64; 3] = [1, 6, 24];

fn back(now: Timestamp, secs: i64) -> Timestamp {
    Timestamp::from_second(now.as_second() - secs).unwrap_or(Timestamp::MIN)
}

/// Everything that is promised, and how it stands.
pub async fn find(world: &World, workspace: &Workspace) -> Result<(Objectives, Vec<Problem>), Problem> {
    let (file, problems) = project::read(&workspace.root)?;
    let now = world.clock().now();
    let mut rows = Vec::new();
    for check in &file.checks {
        rows.push(of_check(world, workspace, check, now).await?);
    }
    // An environment is as good as the answers of all its checks together, and promises what the strictest of them promises.
    for environment in &file.environments {
        let name = environment.name.as_str();
        let of_it: Vec<&Objective> = rows
            .iter()
            .filter(|row| !row.is_environment && row.environment.as_deref() == Some(name))
            .collect();
        if of_it.is_empty() {
            continue;
        }
        let strictest = of_it.iter().filter_map(|row| row.slo).reduce(f64::max);
        let mut row = Objective {
            name: name.to_owned(),
            environment: Some(name.to_owned()),
            is_environment: true,
            days: of_it.iter().map(|row| row.days).max().unwrap_or(DAYS),
            slo: strictest,
            n: of_it.iter().map(|row| row.n).sum(),
            n_up: of_it.iter().map(|row| row.n_up).sum(),
            share: None,
            budget_left: None,
            burn: Vec::new(),
            forecast: None,
        };
        settle(&mut row);
        rows.push(row);
    }
    let lives = world.store().instances().history(&workspace.id, None, 2000).await?;
    let found = Objectives {
        rows,
        lives: instance_lives(&lives, now, DAYS),
    };
    Ok((found, problems))
}

async fn of_check(world: &World, workspace: &Workspace, check: &Check, now: Timestamp) -> Result<Objective, Problem> {
    let days = if check.slo.is_some() { check.slo_days.max(1) } else { DAYS };
    let from = back(now, i64::from(days) * 86_400);
    let uptime = world.store().checks().uptime(&workspace.id, &check.name, from, now).await?;
    let mut burn = Vec::new();
    if let Some(slo) = check.slo {
        for hours in BURN_HOURS {
            burn.push(burn_rate(world, workspace, &check.name, slo, Duration::from_hours(hours), now).await?);
        }
    }
    let forecast = if matches!(check.kind, CheckKind::Disk(_)) {
        disk_full(world, workspace, &check.name, now).await?
    } else {
        None
    };
    let mut row = Objective {
        name: check.name.clone(),
        environment: check.environment.clone(),
        is_environment: false,
        days,
        slo: check.slo.map(|slo| slo / 100.0),
        n: uptime.n,
        n_up: uptime.n_up,
        share: None,
        budget_left: None,
        burn,
        forecast,
    };
    settle(&mut row);
    Ok(row)
}

/// The share of good answers, and how much of the error budget is left: 1 all of it, below 0 overspent.
fn settle(row: &mut Objective) {
    row.share = (row.n > 0).then(|| row.n_up as f64 / row.n as f64);
    row.budget_left = row.slo.zip(row.share).map(|(slo, share)| budget_left(slo, share));
}

/// Of what an objective allows to fail, the share that has not failed yet.
pub fn budget_left(slo: f64, share: f64) -> f64 {
    let allowed = 1.0 - slo;
    if allowed <= 0.0 {
        return if share >= 1.0 { 1.0 } else { 0.0 };
    }
    1.0 - (1.0 - share) / allowed
}

/// When the space of a disk check will have gone, at the pace of the last days. None while it does not shrink.
async fn disk_full(world: &World, workspace: &Workspace, check: &str, now: Timestamp) -> Result<Option<Forecast>, Problem> {
    let key = check_series(&workspace.id, check, "free");
    let points = world
        .store()
        .samples()
        .query(&key, back(now, FORECAST_SECS), now, FORECAST_POINTS)
        .await?;
    let points: Vec<(f64, f64)> = points
        .iter()
        .map(|point| (point.at.as_millisecond() as f64 / 1000.0, point.mean))
        .collect();
    Ok(forecast(&points, now))
}

/// The pace is the median of the slopes of all pairs (Theil and Sen): one large file that comes and goes does not turn it.
pub fn forecast(points: &[(f64, f64)], now: Timestamp) -> Option<Forecast> {
    let (first, last) = (points.first()?, points.last()?);
    if last.0 - first.0 <= FORECAST_LEAST_SECS {
        return None;
    }
    let mut slopes = Vec::with_capacity(points.len() * points.len() / 2);
    for (i, (x, y)) in points.iter().enumerate() {
        slopes.extend(
            points[i + 1..]
                .iter()
                .filter(|(other, _)| other > x)
                .map(|(other, value)| (value - y) / (other - x)),
        );
    }
    let slope = super::dora::median(&mut slopes)?;
    let per_day = slope * 86_400.0;
    let secs = if slope < 0.0 { -last.1 / slope } else { f64::INFINITY };
    let full_at = (secs.is_finite() && secs / 86_400.0 <= FORECAST_DAYS)
        .then(|| Timestamp::from_second(now.as_second() + secs as i64).ok())
        .flatten();
    Some(Forecast {
        free_bytes: last.1,
        bytes_per_day: per_day,
        full_at,
    })
}

/// Per instance: how often it began and crashed, and the share of the time since its first start in these days that it ran.
pub fn instance_lives(rows: &[InstanceRow], now: Timestamp, days: u32) -> Vec<InstanceLife> {
    let from = back(now, i64::from(days) * 86_400);
    let mut by_name: BTreeMap<(Option<String>, String), InstanceLife> = BTreeMap::new();
    let mut ran: BTreeMap<(Option<String>, String), (Timestamp, f64)> = BTreeMap::new();
    for row in rows {
        let is_alive = row.ended_at.is_none()
            && row
                .pid
                .zip(row.pid_start)
                .is_none_or(|(pid, start)| holder::is_running(pid, start));
        let end = match row.ended_at {
            Some(end) => end,
            None if is_alive => now,
            None => continue,
        };
        if end < from {
            continue;
        }
        let key = (row.environment.clone(), row.name.clone());
        let life = by_name.entry(key.clone()).or_insert_with(|| InstanceLife {
            name: row.name.clone(),
            environment: row.environment.clone(),
            n_starts: 0,
            n_crashes: 0,
            share: None,
        });
        life.n_starts += u32::from(row.started_at >= from);
        life.n_crashes += u32::from(row.has_crashed());
        let begun = row.started_at.max(from);
        let entry = ran.entry(key).or_insert((begun, 0.0));
        entry.0 = entry.0.min(begun);
        entry.1 += time::secs_between(begun, end);
    }
    for (key, (first, secs)) in ran {
        let all = time::secs_between(first, now);
        if let Some(life) = by_name.get_mut(&key) {
            life.share = (all > 0.0).then(|| (secs / all).min(1.0));
        }
    }
    by_name.into_values().collect()
}
