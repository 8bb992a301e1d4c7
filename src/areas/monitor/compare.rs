//! What was measured before a deployment and after it: median, 95th percentile and the difference.

use super::history::{named, percentile};
use super::{Comparison, Difference, Metric, Summary};
use crate::adapters::World;
use crate::adapters::store::deployments::DeploymentRow;
use crate::adapters::store::samples::Point;
use crate::areas::devops::project;
use crate::base::{Problem, Timestamp, Workspace};
use crate::msg;
use std::collections::BTreeMap;

/// Points of one series in one window: raw samples at one a second for more than five hours.
const MAX_POINTS: usize = 20_000;

/// The same time on both sides of a deployment's switch, at most `secs` each; the newest deployment where none is named.
pub async fn find(world: &World, workspace: &Workspace, deployment: Option<i64>, secs: u32) -> Result<Comparison, Problem> {
    let row = deployment_of(world, workspace, deployment).await?;
    let environment = row.environment.clone();
    let now = world.clock().now();
    // What was measured while instances were changed belongs to neither.
    let after_from = row.healthy_from.or(row.ended_at).unwrap_or(row.started_at);
    let before_to = row.started_at;
    let rows = world
        .store()
        .deployments()
        .list(&workspace.id, Some(&environment), 500)
        .await?;
    let later = rows
        .iter()
        .filter(|other| other.started_at > row.started_at && other.kind != "stop")
        .map(|other| other.started_at)
        .min();
    let earlier = rows
        .iter()
        .filter(|other| other.started_at < row.started_at && other.healthy_from.is_some())
        .max_by_key(|other| other.started_at);
    let shift = |at: Timestamp, secs: i64| Timestamp::from_second(at.as_second() + secs).unwrap_or(at);
    let after_to = shift(after_from, i64::from(secs)).min(later.unwrap_or(now)).min(now);
    let mut before_from = shift(before_to, -i64::from(secs));
    if let Some(healthy) = earlier.and_then(|earlier| earlier.healthy_from) {
        before_from = before_from.max(healthy).min(before_to);
    }
    let samples = world.store().samples();
    let prefix = format!("workspace/{}/", workspace.id);
    let checks: Vec<String> = checks_of(workspace, &environment)?;
    let mut found: BTreeMap<(String, String), (Vec<Point>, Vec<Point>)> = BTreeMap::new();
    for series in samples.series(&prefix).await? {
        let Some(parts) = named(&series.key, &prefix) else { continue };
        let is_of_it = parts.environment == Some(environment.as_str())
            || (parts.kind == "check" && checks.iter().any(|check| check == parts.name));
        if !is_of_it || parts.metric == "up" {
            continue;
        }
        let before = samples.query(&series.key, before_from, before_to, MAX_POINTS).await?;
        let after = samples.query(&series.key, after_from, after_to, MAX_POINTS).await?;
        if before.is_empty() && after.is_empty() {
            continue;
        }
        // Versions have instances of their own names: of CPU and memory the whole environment is compared.
        let name = if parts.kind == "instance" { "" } else { parts.name };
        let entry = found.entry((parts.metric.to_owned(), name.to_owned())).or_default();
        entry.0.extend(before.into_iter().filter(|point| point.at < before_to));
        entry.1.extend(after);
    }
    let differences = found
        .into_iter()
        .map(|((metric, name), (before, after))| difference(&metric, &name, &before, &after))
        .collect();
    Ok(Comparison {
        deployment: row.id,
        version: row.version,
        before_version: earlier.map(|earlier| earlier.version.clone()),
        environment,
        before_from,
        before_to,
        after_from,
        after_to,
        differences,
    })
}

async fn deployment_of(world: &World, workspace: &Workspace, id: Option<i64>) -> Result<DeploymentRow, Problem> {
    let rows = world.store().deployments().list(&workspace.id, None, 2000).await?;
    let mut healthy = rows.iter().filter(|row| row.healthy_from.is_some());
    let found = match id {
        Some(id) => rows.iter().find(|row| row.id == id),
        None => healthy.next(),
    };
    found.cloned().ok_or_else(|| match id {
        Some(id) => Problem::user(msg!("monitor-no-deployment", n = id.to_string())).code("not-found"),
        None => Problem::user(msg!("monitor-nothing-deployed")).code("not-found"),
    })
}

fn checks_of(workspace: &Workspace, environment: &str) -> Result<Vec<String>, Problem> {
    let (file, _) = project::read(&workspace.root)?;
    let mut names: Vec<String> = file
        .checks
        .iter()
        .filter(|check| check.environment.as_deref() == Some(environment))
        .map(|check| check.name.clone())
        .collect();
    // The gate of an environment that no check looks at is asked under its name.
    names.push(environment.to_owned());
    Ok(names)
}

fn difference(metric: &str, name: &str, before: &[Point], after: &[Point]) -> Difference {
    let (before, after) = (summary(before), summary(after));
    let change = match (&before, &after) {
        (Some(before), Some(after)) if before.median != 0.0 => Some(after.median / before.median - 1.0),
        _ => None,
    };
    Difference {
        metric: metric.to_owned(),
        name: name.to_owned(),
        unit: Metric::from_word(metric).map_or_else(String::new, |metric| metric.unit().to_owned()),
        before,
        after,
        change,
    }
}

/// Median, percentiles and mean; of what is kept by the minute only, of the minutes' means.
pub fn summary(points: &[Point]) -> Option<Summary> {
    let mut values: Vec<f64> = points.iter().map(|point| point.mean).collect();
    values.sort_by(f64::total_cmp);
    let n: u64 = points.iter().map(|point| point.n).sum();
    Some(Summary {
        n,
        median: percentile(&values, 0.5)?,
        p95: percentile(&values, 0.95)?,
        p99: percentile(&values, 0.99)?,
        mean: points.iter().map(|point| point.mean * point.n as f64).sum::<f64>() / n.max(1) as f64,
        max: points.iter().map(|point| point.max).fold(f64::NEG_INFINITY, f64::max),
    })
}
