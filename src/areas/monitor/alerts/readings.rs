//! What a rule sees now: of each check or series that it is about, whether its condition holds.

use super::Looked;
use crate::adapters::World;
use crate::adapters::store::alerts::AlertRow;
use crate::adapters::store::checks::CheckRow as Kept;
use crate::adapters::store::samples::{Point, Sample};
use crate::areas::devops::project::alerts::{Used, When};
use crate::areas::devops::project::{AlertRule, ProjectFile};
use crate::areas::monitor::{Standing, history, scrape};
use crate::base::{Catalog, Problem, State, Timestamp, Workspace, format, time};
use crate::msg;
use std::collections::BTreeMap;
use std::time::Duration;

/// A check that alerted is well again after so many good answers in a row.
const N_GOOD: u64 = 3;
/// A series that was not written to for so long is history.
const FORGOTTEN: Duration = Duration::from_hours(7 * 24);
const MAX_POINTS: usize = 5000;

/// Whether a condition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    Yes,
    No,
    /// Nothing can be said: everything stays as it is.
    Unknown,
}

/// What a rule sees of one subject.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    pub subject: String,
    pub environment: Option<String>,
    pub holds: Holds,
    pub value: Option<f64>,
    pub message: String,
}

/// Every subject of a rule; `open` are the alerts that are not over.
pub async fn readings(
    world: &World,
    workspace: &Workspace,
    file: &ProjectFile,
    rule: &AlertRule,
    open: &[AlertRow],
    looked: &Looked,
    now: Timestamp,
) -> Result<Vec<Reading>, Problem> {
    let is_firing = |subject: &str| {
        open.iter()
            .any(|alert| alert.rule == rule.name && alert.subject == subject && alert.state == "firing")
    };
    match (&rule.check, &rule.metric) {
        (Some(check), _) => of_checks(world, workspace, file, rule, check, &is_firing, now).await,
        (None, Some(metric)) => of_metric(world, workspace, rule, metric, &is_firing, looked, now).await,
        (None, None) => Ok(Vec::new()),
    }
}

async fn of_checks(
    world: &World,
    workspace: &Workspace,
    file: &ProjectFile,
    rule: &AlertRule,
    name: &str,
    is_firing: &(dyn Fn(&str) -> bool + Sync),
    now: Timestamp,
) -> Result<Vec<Reading>, Problem> {
    let store = world.store().checks();
    let texts = world.texts();
    let kept: BTreeMap<String, Kept> = store
        .list(&workspace.id)
        .await?
        .into_iter()
        .map(|row| (row.name.clone(), row))
        .collect();
    let mut out = Vec::new();
    for stands in store.standings(&workspace.id).await? {
        let check = file.checks.iter().find(|check| check.name == stands.name);
        let environment = check.and_then(|check| check.environment.clone());
        let is_wanted = (name == "*" || name == stands.name)
            && (rule.environment.is_none() || rule.environment == environment)
            && (check.is_some() || is_gate(file, &stands.name));
        if !is_wanted {
            continue;
        }
        let standing = Standing::from_word(&stands.standing);
        if let Some(burn) = rule.burn {
            let Some(slo) = check.and_then(|check| check.slo) else {
                continue;
            };
            let window = rule.window.0;
            let long = burn_rate(world, workspace, &stands.name, slo, window, now).await?;
            let short = burn_rate(world, workspace, &stands.name, slo, window / 12, now).await?;
            let holds = match (long, short) {
                (Some(long), _) if long < burn => Holds::No,
                (Some(_), Some(short)) if short >= burn => Holds::Yes,
                (Some(_), Some(_)) => Holds::No,
                _ => Holds::Unknown,
            };
            let rate = format::decimal(long.unwrap_or(0.0), 1, &texts);
            out.push(Reading {
                subject: stands.name.clone(),
                environment,
                holds,
                value: long,
                message: texts.msg(&msg!("monitor-burns", rate = rate, slo = slo.to_string())),
            });
            continue;
        }
        let is_it = match rule.when {
            When::Down => standing.is_down(),
            When::Slow => standing == Standing::Slow,
            When::Flapping => standing == Standing::Flapping,
            When::NotUp => standing != Standing::Up,
        };
        let n_good = kept
            .get(&stands.name)
            .filter(|kept| matches!(kept.state, State::Done | State::Running))
            .map_or(0, |kept| kept.n_in_state);
        let holds = match standing {
            // A dependency is down, or nobody wants to know: that is no news of this check.
            Standing::Unknown | Standing::Maintenance => Holds::Unknown,
            Standing::AtRisk if rule.when != When::NotUp => Holds::Unknown,
            _ if is_it => Holds::Yes,
            // One that goes up and down gives one alert: it is over only when the check stays well.
            _ if is_firing(&stands.name) && n_good < N_GOOD => Holds::Unknown,
            _ => Holds::No,
        };
        out.push(Reading {
            subject: stands.name.clone(),
            environment,
            holds,
            value: None,
            message: texts.msg(&msg!(
                "monitor-said",
                what = texts.t(standing.key()),
                why = stands.reason.as_str()
            )),
        });
    }
    Ok(out)
}

/// The check of an environment that no check of the file looks at.
fn is_gate(file: &ProjectFile, name: &str) -> bool {
    file.environment(name)
        .is_some_and(|environment| !environment.health.is_empty())
        && file.checks.iter().all(|check| check.environment.as_deref() != Some(name))
}

/// How many times as fast as its SLO allows a check failed in the time before now (Google SRE workbook, "Alerting on SLOs").
pub async fn burn_rate(
    world: &World,
    workspace: &Workspace,
    check: &str,
    slo: f64,
    window: Duration,
    now: Timestamp,
) -> Result<Option<f64>, Problem> {
    let from = Timestamp::from_millisecond(now.as_millisecond() - window.as_millis() as i64).unwrap_or(now);
    let (n, n_up) = world.store().checks().share(&workspace.id, check, from, now).await?;
    let allowed = 1.0 - slo / 100.0;
    if n == 0 || allowed <= 0.0 {
        return Ok(None);
    }
    Ok(Some((n - n_up) as f64 / n as f64 / allowed))
}

async fn of_metric(
    world: &World,
    workspace: &Workspace,
    rule: &AlertRule,
    metric: &str,
    is_firing: &(dyn Fn(&str) -> bool + Sync),
    looked: &Looked,
    now: Timestamp,
) -> Result<Vec<Reading>, Problem> {
    let samples = world.store().samples();
    let texts = world.texts();
    let prefix = format!("workspace/{}/", workspace.id);
    let mut out = Vec::new();
    for last in samples.last(&prefix).await? {
        let Some(series) = history::named(&last.series, &prefix) else {
            continue;
        };
        let is_wanted = (series.metric == metric || series.base == metric)
            && rule.subject.as_deref().is_none_or(|subject| subject == series.name)
            && rule
                .environment
                .as_deref()
                .is_none_or(|environment| series.environment == Some(environment));
        let age = time::secs_between(last.at, now);
        if !is_wanted || age > FORGOTTEN.as_secs_f64() {
            continue;
        }
        let subject = if series.metric == series.base || series.base.is_empty() {
            series.name.to_owned()
        } else {
            format!("{} {}", series.name, series.metric)
        };
        let environment = series.environment.map(str::to_owned);
        let (holds, value, message) = match rule.absent {
            Some(absent) => absence(absent.0, age, looked.secs_since(last.at, now), metric, &texts),
            None => {
                let window = rule.window.0.as_secs_f64();
                let value = used(world, &last, rule, now).await?;
                let is_stale = rule.used == Used::Last && age > window.max(60.0);
                limit(rule, metric, value.filter(|_| !is_stale), is_firing(&subject), &texts)
            }
        };
        out.push(Reading {
            subject,
            environment,
            holds,
            value,
            message,
        });
    }
    if let (true, Some(absent)) = (out.is_empty(), rule.absent) {
        out.push(never(world, workspace, rule, metric, absent.0, looked, now).await?);
    }
    Ok(out)
}

/// What was never measured is absent from when its rule was looked at first.
async fn never(
    world: &World,
    workspace: &Workspace,
    rule: &AlertRule,
    metric: &str,
    absent: Duration,
    looked: &Looked,
    now: Timestamp,
) -> Result<Reading, Problem> {
    let (kv, name) = (world.store().kv(), format!("absent-since/{}/{}", workspace.id, rule.name));
    let since = match kv.get::<Timestamp>(&name).await? {
        Some(since) => since,
        None => {
            kv.set(&name, &now).await?;
            now
        }
    };
    let age = time::secs_between(since, now);
    let (holds, value, message) = absence(absent, age, looked.secs_since(since, now), metric, &world.texts());
    Ok(Reading {
        subject: rule.subject.clone().unwrap_or_else(|| metric.to_owned()),
        environment: rule.environment.clone(),
        holds,
        value,
        message,
    })
}

/// A value of a rule's metric with its unit.
pub(super) fn say(rule: &AlertRule, metric: &str, value: f64, texts: &Catalog) -> String {
    let sign = if value < 0.0 { "-" } else { "" };
    let text = match metric {
        "free" | "memory" => format!("{sign}{}", format::bytes(value.abs() as u64, texts)),
        "latency" => format!("{sign}{}", format::duration_secs(value.abs() / 1000.0, texts)),
        "cpu" => format::percent(value / 100.0, texts),
        _ => format::decimal(value, if value.abs() < 100.0 { 2 } else { 0 }, texts),
    };
    if rule.used == Used::Rate { format!("{text}/s") } else { text }
}

/// `watched` is the part of the age in which somebody looked: only that counts, and what cannot be said changes nothing.
fn absence(absent: Duration, age: f64, watched: f64, metric: &str, texts: &Catalog) -> (Holds, Option<f64>, String) {
    let shown = format::duration_secs(age, texts);
    let limit = absent.as_secs_f64();
    let holds = match (age > limit, watched > limit) {
        (true, true) => Holds::Yes,
        (true, false) => Holds::Unknown,
        (false, _) => Holds::No,
    };
    (
        holds,
        Some(age),
        texts.msg(&msg!("monitor-absent", metric = metric, age = shown)),
    )
}

/// What is compared; None where there are no samples in the window.
async fn used(world: &World, last: &Sample, rule: &AlertRule, now: Timestamp) -> Result<Option<f64>, Problem> {
    if rule.used == Used::Last {
        return Ok(Some(last.value));
    }
    let window = rule.window.0;
    let from = Timestamp::from_millisecond(now.as_millisecond() - window.as_millis() as i64).unwrap_or(now);
    let points = world.store().samples().query(&last.series, from, now, MAX_POINTS).await?;
    if rule.used == Used::Rate && is_counter(world, &last.series).await? {
        return Ok(rate_of_counter(&points));
    }
    Ok(reduce(rule.used, &points))
}

/// Whether it only grows until its program begins anew: of what was scraped the target says so, or the name.
async fn is_counter(world: &World, series: &str) -> Result<bool, Problem> {
    let prefix: usize = series.split('/').take(2).map(|part| part.len() + 1).sum();
    let named = history::named(series, series.get(..prefix).unwrap_or_default());
    let Some(named) = named.filter(|named| named.kind == "scrape") else {
        return Ok(false);
    };
    let target = series.strip_suffix(named.metric).unwrap_or(series).trim_end_matches('/');
    Ok(scrape::kinds(world, target).await?.is_counter(named.base))
}

/// Growth a second over a window in which the counter may have begun anew.
fn rate_of_counter(points: &[Point]) -> Option<f64> {
    let secs = time::secs_between(points.first()?.at, points.last()?.at);
    (secs > 0.0).then(|| history::rise(points.iter().map(|point| point.max)) / secs)
}

/// One value of the samples of a window.
pub fn reduce(used: Used, points: &[Point]) -> Option<f64> {
    let (first, last) = (points.first()?, points.last()?);
    Some(match used {
        Used::Last => last.mean,
        Used::Mean => {
            let n: u64 = points.iter().map(|point| point.n).sum();
            points.iter().map(|point| point.mean * point.n as f64).sum::<f64>() / n.max(1) as f64
        }
        Used::Min => points.iter().map(|point| point.min).fold(f64::INFINITY, f64::min),
        Used::Max => points.iter().map(|point| point.max).fold(f64::NEG_INFINITY, f64::max),
        Used::P95 => {
            let mut values: Vec<f64> = points.iter().map(|point| point.mean).collect();
            values.sort_by(f64::total_cmp);
            history::percentile(&values, 0.95)?
        }
        Used::Rate => {
            let secs = time::secs_between(first.at, last.at);
            if secs <= 0.0 {
                return None;
            }
            (last.mean - first.mean) / secs
        }
    })
}

fn limit(rule: &AlertRule, metric: &str, value: Option<f64>, is_firing: bool, texts: &Catalog) -> (Holds, Option<f64>, String) {
    let Some(value) = value else {
        return (Holds::Unknown, None, String::new());
    };
    let (is_beyond, limit, sign) = match (rule.above, rule.below) {
        (Some(above), _) => {
            let limit = if is_firing { rule.clear.unwrap_or(above) } else { above };
            (value > limit, above, ">")
        }
        (_, Some(below)) => {
            let limit = if is_firing { rule.clear.unwrap_or(below) } else { below };
            (value < limit, below, "<")
        }
        _ => (false, 0.0, ""),
    };
    let shown = say(rule, metric, value, texts);
    let message = if is_beyond {
        texts.msg(&msg!(
            "monitor-beyond",
            metric = metric,
            value = shown,
            sign = sign,
            limit = say(rule, metric, limit, texts)
        ))
    } else {
        texts.msg(&msg!("monitor-within", metric = metric, value = shown))
    };
    (if is_beyond { Holds::Yes } else { Holds::No }, Some(value), message)
}
