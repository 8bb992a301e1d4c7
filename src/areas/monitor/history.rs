//! Series and what happened meanwhile: names of series, points for charts, markers, bands, executions.

use super::{Band, Chart, Execution, History, Marker, Metric, Point, Query, Series};
use crate::adapters::World;
use crate::adapters::store::holder;
use crate::adapters::store::instances::InstanceRow;
use crate::adapters::store::samples::Sample;
use crate::base::{Problem, State, Timestamp, Workspace, WorkspaceId};

/// Lines in one chart; more are not told apart.
const MAX_SERIES: usize = 8;

/// `workspace/<id>/instance/<environment>/<name>`, to which `/<metric>` is added.
pub fn instance_series(workspace: &WorkspaceId, environment: &str, name: &str) -> String {
    format!("workspace/{workspace}/instance/{environment}/{name}")
}

/// The series of a check's latency or up.
pub fn check_series(workspace: &WorkspaceId, name: &str, metric: &str) -> String {
    format!("workspace/{workspace}/check/-/{name}/{metric}")
}

pub fn sample(series: String, at: Timestamp, value: f64) -> Sample {
    Sample { series, at, value }
}

/// The parts of a key behind the workspace: kind, environment, name, metric. The name may hold slashes.
fn parts<'a>(key: &'a str, prefix: &str) -> Option<(&'a str, &'a str, &'a str, Metric)> {
    let (kind, rest) = key.strip_prefix(prefix)?.split_once('/')?;
    let (environment, rest) = rest.split_once('/')?;
    let (name, metric) = rest.rsplit_once('/')?;
    Some((kind, environment, name, Metric::from_word(metric)?))
}

/// Reads what a query asks for.
pub async fn find(world: &World, workspace: &Workspace, query: Query) -> Result<History, Problem> {
    let to = query.until.unwrap_or_else(|| world.clock().now());
    let from = Timestamp::from_second(to.as_second() - i64::from(query.secs)).unwrap_or(to);
    let samples = world.store().samples();
    let prefix = format!("workspace/{}/", workspace.id);
    let mut charts: Vec<Chart> = Vec::new();
    for series in samples.series(&prefix).await? {
        let Some((_, environment, name, metric)) = parts(&series.key, &prefix) else {
            continue;
        };
        let is_wanted = (query.metrics.is_empty() || query.metrics.contains(&metric))
            && query.subject.as_deref().is_none_or(|subject| subject == name)
            && (environment == "-" || query.environment.as_deref().is_none_or(|wanted| wanted == environment));
        if !is_wanted {
            continue;
        }
        let points = samples.query(&series.key, from, to, query.max_points.max(2) as usize).await?;
        if points.is_empty() {
            continue;
        }
        let points = points
            .into_iter()
            .map(|point| Point {
                at: point.at,
                min: point.min,
                mean: point.mean,
                max: point.max,
            })
            .collect();
        let name = if environment == "-" {
            name.to_owned()
        } else {
            format!("{environment} {name}")
        };
        let chart = match charts.iter_mut().find(|chart| chart.metric == metric) {
            Some(chart) => chart,
            None => {
                charts.push(Chart {
                    metric,
                    series: Vec::new(),
                });
                match charts.last_mut() {
                    Some(chart) => chart,
                    None => continue,
                }
            }
        };
        if chart.series.len() < MAX_SERIES {
            chart.series.push(Series { name, points });
        }
    }
    charts.sort_by_key(|chart| chart.metric);
    let is_inside = |at: Timestamp| at >= from && at <= to;
    let environment = query.environment.as_deref();
    let deployments = world.store().deployments().list(&workspace.id, environment, 500).await?;
    let deployments = deployments
        .into_iter()
        .filter(|row| is_inside(row.started_at))
        .map(|row| Marker {
            deployment: row.id,
            at: row.started_at,
            version: row.version,
            environment: row.environment,
            state: row.state,
        })
        .collect();
    let incidents = world.store().incidents().list(&workspace.id, false, 500).await?;
    let incidents = incidents
        .into_iter()
        .filter(|row| row.opened_at <= to && row.closed_at.is_none_or(|closed| closed >= from))
        .filter(|row| environment.is_none() || row.environment.as_deref() == environment)
        .map(|row| Band {
            id: row.id,
            from: row.opened_at,
            to: row.closed_at,
            title: row.title,
        })
        .collect();
    Ok(History {
        query,
        from,
        to,
        charts,
        deployments,
        incidents,
    })
}

/// The lives of instances, newest first. A process that is gone without a word counts as crashed from now on.
pub async fn executions(world: &World, workspace: &Workspace, environment: Option<&str>) -> Result<Vec<Execution>, Problem> {
    let rows = world.store().instances().history(&workspace.id, environment, 500).await?;
    Ok(rows.into_iter().map(execution).collect())
}

fn execution(row: InstanceRow) -> Execution {
    let is_alive = row
        .pid
        .zip(row.pid_start)
        .is_none_or(|(pid, start)| holder::is_running(pid, start));
    let state = match (row.ended_at, is_alive) {
        (None, true) => State::Running,
        (None, false) => State::Failed,
        (Some(_), _) if matches!(row.cause.as_str(), "crashed" | "lost" | "failed") => State::Failed,
        (Some(_), _) => State::None,
    };
    Execution {
        id: row.id,
        name: row.name,
        environment: row.environment,
        version: row.version,
        deployment: row.deployment,
        pid: row.pid,
        started_at: row.started_at,
        ended_at: row.ended_at,
        exit_code: row.exit_code,
        signal: row.signal,
        cause: row.cause,
        state,
    }
}
