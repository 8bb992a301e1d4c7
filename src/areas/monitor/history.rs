//! Series and what happened meanwhile: names of series, points for charts, markers, bands, executions.

use super::metrics::Kinds;
use super::scrape;
use super::{Band, Chart, Execution, History, Marker, Metric, Point, Query, ScrapedChart, Series};
use crate::adapters::World;
use crate::adapters::store::holder;
use crate::adapters::store::instances::InstanceRow;
use crate::adapters::store::samples::{Sample, SeriesRow};
use crate::areas::devops::project;
use crate::base::{Problem, State, Timestamp, Workspace, WorkspaceId, time};
use crate::msg;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// Lines in one chart; more are not told apart, and are counted.
const MAX_SERIES: usize = 8;

/// Subjects that a hint names.
const MAX_NAMED: usize = 20;
/// The parts of a histogram, which say nothing one by one.
const BUCKETS: &str = "_bucket";
/// Charts of what was scraped; more are asked for by name.
const MAX_SCRAPED: usize = 12;
/// Percentiles are of so many points: raw samples where there are fewer, else of minutes or hours.
const SUMMARY_POINTS: usize = 4000;

/// Samples of a counter that its growth is reckoned from.
const RATE_POINTS: usize = 20_000;
/// So many times the usual time between two samples is a gap.
const GAP_STEPS: f64 = 5.0;

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

/// A series by its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named<'a> {
    /// `instance`, `check`, `scrape`.
    pub kind: &'a str,
    pub environment: Option<&'a str>,
    /// The instance, the check, or the target that was scraped.
    pub name: &'a str,
    /// With its labels, where it was scraped.
    pub metric: &'a str,
    /// Without them.
    pub base: &'a str,
}

/// The parts of a series' key behind the workspace.
pub fn named<'a>(key: &'a str, prefix: &str) -> Option<Named<'a>> {
    let (kind, rest) = key.strip_prefix(prefix)?.split_once('/')?;
    let (environment, rest) = rest.split_once('/')?;
    // Names of instances and checks may hold slashes, and so may the labels of what was scraped.
    let (name, metric) = if kind == "scrape" {
        rest.split_once('/')?
    } else {
        rest.rsplit_once('/')?
    };
    Some(Named {
        kind,
        environment: Some(environment).filter(|environment| *environment != "-"),
        name,
        metric,
        base: metric.split('{').next().unwrap_or(metric),
    })
}

/// The value that so large a share of sorted values does not exceed (nearest rank).
pub fn percentile(sorted: &[f64], share: f64) -> Option<f64> {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.clamp(1, sorted.len().max(1)) - 1).copied()
}

/// Reads what a query asks for.
pub async fn find(world: &World, workspace: &Workspace, query: Query) -> Result<History, Problem> {
    let to = query.until.unwrap_or_else(|| world.clock().now());
    let from = Timestamp::from_second(to.as_second() - i64::from(query.secs)).unwrap_or(to);
    let samples = world.store().samples();
    let prefix = format!("workspace/{}/", workspace.id);
    let of_checks = match &query.environment {
        Some(wanted) => checks_of(workspace, wanted).await,
        None => BTreeSet::new(),
    };
    let mut charts: Vec<Chart> = Vec::new();
    let mut subjects = BTreeSet::new();
    for newest in samples.last(&prefix).await? {
        let key = newest.series;
        let Some((kind, environment, name, metric)) = parts(&key, &prefix) else {
            continue;
        };
        subjects.insert(name.to_owned());
        // Where the answers of a check come from stands in the project file.
        let is_there = |wanted: &str| wanted == environment || kind == "check" && of_checks.contains(name);
        let is_named = query.metrics.contains(&metric) || query.metrics.is_empty() && query.scraped.is_empty();
        let is_wanted = is_named
            && query.subject.as_deref().is_none_or(|subject| subject == name)
            && query.environment.as_deref().is_none_or(is_there);
        if !is_wanted || newest.at < from {
            continue;
        }
        // What is not drawn is not read.
        if let Some(full) = charts
            .iter_mut()
            .find(|chart| chart.metric == metric && chart.series.len() >= MAX_SERIES)
        {
            full.n_left_out += 1;
            continue;
        }
        let points = samples.query(&key, from, to, query.max_points.max(2) as usize).await?;
        if points.is_empty() {
            continue;
        }
        let summary = if metric == Metric::Latency {
            let fine = samples.query(&key, from, to, SUMMARY_POINTS).await?;
            super::compare::summary(&fine)
        } else {
            None
        };
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
                    n_left_out: 0,
                });
                match charts.last_mut() {
                    Some(chart) => chart,
                    None => continue,
                }
            }
        };
        chart.series.push(Series { name, points, summary });
    }
    if let Some(subject) = &query.subject
        && !subjects.contains(subject)
        && query.scraped.is_empty()
        && !samples
            .series(&format!("{prefix}scrape/"))
            .await?
            .iter()
            .any(|series| named(&series.key, &prefix).is_some_and(|parts| parts.name == subject))
    {
        let problem = Problem::user(msg!("monitor-no-subject", name = subject.as_str())).code("not-found");
        let known: Vec<&str> = subjects.iter().take(MAX_NAMED).map(String::as_str).collect();
        return Err(problem.hint(if known.is_empty() {
            msg!("monitor-no-metric-hint")
        } else {
            msg!("monitor-no-subject-hint", names = known.join(", "))
        }));
    }
    charts.sort_by_key(|chart| chart.metric);
    let scraped = scraped(world, &prefix, &query, from, to).await?;
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
        scraped,
        deployments,
        incidents,
    })
}

/// The checks that are asked of an environment, and the gate that stands for one.
async fn checks_of(workspace: &Workspace, environment: &str) -> BTreeSet<String> {
    let at = workspace.clone();
    // A file that can not be read has none.
    let read = tokio::task::spawn_blocking(move || project::read(&at.root)).await;
    let Ok(Ok((file, _))) = read else { return BTreeSet::new() };
    let own = file
        .checks
        .into_iter()
        .filter(|check| check.environment.as_deref() == Some(environment));
    own.map(|check| check.name.clone()).chain([environment.to_owned()]).collect()
}

/// What was scraped: of counters their growth per second.
async fn scraped(
    world: &World,
    prefix: &str,
    query: &Query,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<ScrapedChart>, Problem> {
    if query.scraped.is_empty() && !query.metrics.is_empty() {
        return Ok(Vec::new());
    }
    let samples = world.store().samples();
    let mut charts: Vec<ScrapedChart> = Vec::new();
    let all = samples.series(&format!("{prefix}scrape/")).await?;
    let known: BTreeSet<&str> = all
        .iter()
        .filter_map(|series| named(&series.key, prefix).map(|parts| parts.base))
        .collect();
    for name in &query.scraped {
        drawable(name, &known)?;
    }
    let mut kinds: BTreeMap<&str, Kinds> = BTreeMap::new();
    for series in &all {
        let Some(parts) = named(&series.key, prefix) else { continue };
        let is_wanted = (query.scraped.is_empty() || query.scraped.iter().any(|name| name == parts.base))
            && query.subject.as_deref().is_none_or(|subject| subject == parts.name)
            && query
                .environment
                .as_deref()
                .is_none_or(|wanted| Some(wanted) == parts.environment);
        let known = charts.iter().position(|chart| chart.metric == parts.base);
        let is_full = match known {
            Some(at) => charts[at].series.len() >= MAX_SERIES,
            None => charts.len() >= MAX_SCRAPED,
        };
        if !is_wanted || parts.base.ends_with(BUCKETS) {
            continue;
        }
        if is_full {
            if let Some(at) = known {
                charts[at].n_left_out += 1;
            }
            continue;
        }
        let target = series
            .key
            .strip_suffix(parts.metric)
            .unwrap_or(&series.key)
            .trim_end_matches('/');
        let kinds = match kinds.entry(target) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(vacant) => vacant.insert(scrape::kinds(world, target).await?),
        };
        let is_rate = kinds.is_counter(parts.base);
        let n_points = query.max_points.max(2) as usize;
        // Growth is from sample to sample: of parts of the time nobody knows when in them a counter stood so high.
        let n_read = if is_rate { RATE_POINTS.max(n_points) } else { n_points };
        let points = samples.query(&series.key, from, to, n_read).await?;
        let points: Vec<Point> = points
            .into_iter()
            .map(|point| Point {
                at: point.at,
                min: point.min,
                mean: point.mean,
                max: point.max,
            })
            .collect();
        let points = if is_rate {
            growth(&points, from, to, n_points)
        } else {
            points
        };
        if points.is_empty() {
            continue;
        }
        let labels = parts.metric.strip_prefix(parts.base).unwrap_or_default();
        let line = Series {
            name: format!("{}{labels}", parts.name),
            points,
            summary: None,
        };
        match known {
            Some(at) => charts[at].series.push(line),
            None => charts.push(ScrapedChart {
                metric: parts.base.to_owned(),
                is_rate,
                series: vec![line],
                n_left_out: 0,
            }),
        }
    }
    Ok(charts)
}

/// The metrics that targets have told so far, without their labels.
pub async fn told(world: &World, workspace: &WorkspaceId) -> Result<BTreeSet<String>, Problem> {
    let prefix = format!("workspace/{workspace}/");
    let all = world.store().samples().series(&format!("{prefix}scrape/")).await?;
    let name = |series: &SeriesRow| named(&series.key, &prefix).map(|parts| parts.base.to_owned());
    Ok(all.iter().filter_map(name).collect())
}

/// Fails where nothing is drawn of a name.
fn drawable(name: &str, known: &BTreeSet<&str>) -> Result<(), Problem> {
    if known.contains(name) && !name.ends_with(BUCKETS) {
        return Ok(());
    }
    // `h` and `h_bucket` stand for the other parts of the histogram.
    let family = name.strip_suffix(BUCKETS).unwrap_or(name);
    let is_drawn = |other: &&&str| !other.ends_with(BUCKETS);
    let of_it: Vec<&str> = known
        .iter()
        .filter(is_drawn)
        .filter(|other| other.strip_prefix(family).is_some_and(|rest| rest.starts_with('_')))
        .take(MAX_NAMED)
        .copied()
        .collect();
    let names = if of_it.is_empty() {
        known.iter().filter(is_drawn).take(MAX_NAMED).copied().collect()
    } else {
        of_it
    };
    let wrong = if known.contains(name) {
        Problem::user(msg!("monitor-buckets", name = name)).code("not-possible")
    } else {
        Problem::user(msg!("monitor-no-metric", name = name))
    };
    Err(wrong.hint(if names.is_empty() {
        msg!("monitor-no-metric-hint")
    } else {
        msg!("monitor-no-metric-scraped-hint", names = names.join(", "))
    }))
}

/// What a counter rose by from point to point, where it may have begun anew: what it counts then is all it rose by.
pub fn rise(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut before = None;
    let mut sum = 0.0;
    for value in values {
        if let Some(before) = before {
            sum += if value < before { value } else { value - before };
        }
        before = Some(value);
    }
    sum
}

/// Growth per second, in at most so many equal parts of the time: of each part what the counter grew since the last sample before it,
/// by the time between these samples. A counter that fell began anew: nothing is said of that stretch, nor of a gap.
pub fn growth(points: &[Point], from: Timestamp, to: Timestamp, n_parts: usize) -> Vec<Point> {
    let step = |pair: &[Point]| time::secs_between(pair[0].at, pair[1].at);
    let mut steps: Vec<f64> = points.windows(2).map(step).collect();
    steps.sort_by(f64::total_cmp);
    let longest = percentile(&steps, 0.5).map_or(f64::INFINITY, |usual| usual * GAP_STEPS);
    let span = time::secs_between(from, to).max(f64::MIN_POSITIVE);
    let part = |at: Timestamp| (time::secs_between(from, at).max(0.0) / span * n_parts as f64) as i64;
    let mut rates: Vec<(i64, f64, f64, Point)> = Vec::new();
    for pair in points.windows(2) {
        let (secs, more) = (step(pair), pair[1].max - pair[0].max);
        if secs <= 0.0 || secs > longest || more < 0.0 {
            continue;
        }
        let (at, rate, part) = (pair[1].at, more / secs, part(pair[1].at));
        match rates.last_mut().filter(|(last, ..)| *last == part) {
            Some((_, all_secs, all_more, point)) => {
                *all_secs += secs;
                *all_more += more;
                *point = Point {
                    at,
                    min: point.min.min(rate),
                    mean: *all_more / *all_secs,
                    max: point.max.max(rate),
                };
            }
            None => {
                let point = Point {
                    at,
                    min: rate,
                    mean: rate,
                    max: rate,
                };
                rates.push((part, secs, more, point));
            }
        }
    }
    rates.into_iter().map(|(.., point)| point).collect()
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
