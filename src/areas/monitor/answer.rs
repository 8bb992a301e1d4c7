//! Asks one check, remembers the answer, says where it stands now, and opens or closes the incident that it stands for.

use super::ask::{Finding, Verdict};
use super::history::{check_series, sample};
use super::subjects::{self, Asked, Probe, Subject};
use super::{CheckRow, Standing};
use crate::adapters::World;
use crate::adapters::store::checks::{CheckResultRow, CheckRow as Kept, StandingRow};
use crate::adapters::store::incidents::IncidentRow;
use crate::adapters::store::samples::Sample;
use crate::areas::deploy::targets;
use crate::base::{Msg, Problem, State, Timestamp, WorkspaceId, format, time};
use crate::msg;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Answers kept in the row for its small chart.
pub const N_RECENT: usize = 30;
/// Answers that are looked at for flapping, as many as Nagios takes.
const N_FLAPS: usize = 21;
/// Fewer say nothing.
const N_FLAPS_LEAST: usize = 6;
/// From this share of changes on it flaps, and below the other it does not any more.
const FLAP_BEGIN: f64 = 0.4;
const FLAP_END: f64 = 0.2;

/// An answer is old when so many were missed, and not before `LEAST_OLD`.
const INTERVALS_MISSED: u32 = 5;
const LEAST_OLD: Duration = Duration::from_mins(2);

/// An instance that was stopped is written down so soon after it is gone.
const MOMENT: Duration = Duration::from_millis(600);
/// The same while a deployment changes what runs.
const WHILE_CHANGED: Duration = Duration::from_secs(6);

/// Asks once and writes what came. The row says where the check stands now.
pub async fn ask(world: &World, subject: &Subject, cancel: &CancellationToken) -> Result<(CheckRow, Vec<Sample>), Problem> {
    let begun = world.clock().now();
    if let Some(until) = maintenance(subject, begun) {
        let why = msg!(
            "monitor-maintenance-until",
            until = format::local(until).strftime("%Y-%m-%d %H:%M").to_string()
        );
        return unasked(world, subject, Standing::Maintenance, &why, begun).await;
    }
    if let Some(down) = down_need(world, subject).await? {
        let why = msg!("monitor-need-down", name = down);
        return unasked(world, subject, Standing::Unknown, &why, begun).await;
    }
    // Which instances there are may have changed since the file was read.
    let asked = subjects::as_now(world, subject).await?;
    if asked.probes.is_empty() {
        return unasked(world, &asked, Standing::Unknown, &msg!("monitor-nothing-there"), begun).await;
    }
    let (mut worst, mut latency) = all_places(world, &asked, cancel).await?;
    if worst.verdict > Verdict::Unasked
        && let Some(later) = replaced(world, &asked, cancel).await?
    {
        if later.probes.is_empty() {
            return unasked(world, &later, Standing::Unknown, &msg!("monitor-nothing-there"), begun).await;
        }
        (worst, latency) = all_places(world, &later, cancel).await?;
    }
    if worst.verdict > Verdict::Unasked
        && let Some(down) = Box::pin(falls_with(world, subject, cancel)).await?
    {
        let why = msg!("monitor-need-down", name = down);
        return unasked(world, subject, Standing::Unknown, &why, begun).await;
    }
    let now = world.clock().now();
    if worst.verdict == Verdict::Unasked {
        return unasked(world, subject, Standing::Unknown, &worst.why, now).await;
    }
    settle(world, subject, &worst, latency, now).await
}

/// The check with the instances that took the place of those it was asked of, where that was not itself an answer: what is stopped or
/// replaced just now is no outage. None when they are the same after a moment.
async fn replaced(world: &World, subject: &Subject, cancel: &CancellationToken) -> Result<Option<Subject>, Problem> {
    let ids = |subject: &Subject| -> Vec<i64> {
        let rows = subject.probes.iter().filter_map(|asked| asked.instance.as_ref());
        rows.map(|row| row.id).collect()
    };
    let (Some(environment), false) = (&subject.environment, ids(subject).is_empty()) else {
        return Ok(None);
    };
    let started = tokio::time::Instant::now();
    loop {
        let later = subjects::as_now(world, subject).await?;
        if ids(&later) != ids(subject) {
            return Ok(Some(later));
        }
        let is_changed = is_changed_now(world, &subject.workspace.id, environment).await?;
        let patience = if is_changed { WHILE_CHANGED } else { MOMENT };
        if started.elapsed() >= patience {
            return Ok(None);
        }
        tokio::select! {
            () = cancel.cancelled() => return Err(Problem::cancelled()),
            () = tokio::time::sleep(MOMENT / 4) => {}
        }
    }
}

/// Somebody deploys, starts or rolls back there now.
pub(super) async fn is_changed_now(world: &World, workspace: &WorkspaceId, environment: &str) -> Result<bool, Problem> {
    let lock = world.store().deployments().lock_of(workspace, environment).await?;
    Ok(lock.is_some_and(|lock| lock.holder.is_alive()))
}

/// The worst of what every place said, and the slowest good answer.
async fn all_places(world: &World, subject: &Subject, cancel: &CancellationToken) -> Result<(Finding, Option<f64>), Problem> {
    let mut worst: Option<Finding> = None;
    let mut latency: Option<f64> = None;
    let n = subject.probes.len();
    let mut n_good = 0;
    let mut at = None;
    for asked in &subject.probes {
        let found = one_place(world, asked, cancel).await;
        latency = latency.into_iter().chain(found.took_ms).reduce(f64::max);
        n_good += usize::from(found.verdict == Verdict::Good);
        if worst.as_ref().is_none_or(|worst| found.verdict > worst.verdict) {
            worst = Some(found);
            at = Some(asked);
        }
    }
    // One of several has to be named: the others may answer.
    if let (
        Some(found),
        Some(Asked {
            probe,
            instance: Some(row),
        }),
    ) = (&mut worst, at)
        && found.verdict > Verdict::Unasked
        && n > 1
    {
        found.why = msg!(
            "monitor-place",
            name = row.name.as_str(),
            what = probe.what(),
            why = world.texts().msg(&found.why),
            good = n_good,
            n = n
        );
    }
    if cancel.is_cancelled() {
        return Err(Problem::cancelled());
    }
    worst
        .map(|worst| (worst, latency))
        .ok_or_else(|| Problem::internal(msg!("monitor-nothing-there")))
}

async fn one_place(world: &World, asked: &Asked, cancel: &CancellationToken) -> Finding {
    match (&asked.probe, &asked.instance) {
        (Probe::Gate(ready), Some(instance)) => {
            let target = targets::of_instance(instance);
            Finding::of_try(&target.ask(world, instance, ready, cancel).await)
        }
        (Probe::Gate(ready), None) => Finding::of_try(&ready.try_once(async { false }, cancel).await),
        (Probe::Own(question), _) => question.ask(world, cancel).await,
    }
}

async fn settle(
    world: &World,
    subject: &Subject,
    found: &Finding,
    latency: Option<f64>,
    now: Timestamp,
) -> Result<(CheckRow, Vec<Sample>), Problem> {
    let is_good = found.verdict == Verdict::Good;
    let is_slow = is_good
        && subject
            .slow
            .zip(latency)
            .is_some_and(|(limit, took)| took > limit.as_secs_f64() * 1000.0);
    let checks = world.store().checks();
    let before = checks
        .results(&subject.workspace.id, &subject.name, Timestamp::MIN, now, look_back(subject))
        .await?;
    let answers: Vec<bool> = before
        .iter()
        .filter(|one| is_answer(one.state))
        .map(|one| is_up(one.state))
        .collect();
    let n_failed_before = answers.iter().take_while(|is_up| !**is_up).count() as u32;
    let state = match (is_good, n_failed_before >= subject.retries) {
        (true, _) if is_slow => State::Running,
        (true, _) => State::Done,
        (false, true) => State::Failed,
        (false, false) => State::Degraded,
    };
    let was = checks.standing(&subject.workspace.id, &subject.name).await?;
    let was_flapping = was.is_some_and(|was| was.standing == Standing::Flapping.word());
    let changes = flaps(&answers, is_good);
    let is_flapping = changes.is_some_and(|share| share >= if was_flapping { FLAP_END } else { FLAP_BEGIN });
    let why = if is_slow {
        let limit = subject.slow.unwrap_or_default().as_millis() as u64;
        msg!("monitor-slow-why", took = latency.unwrap_or(0.0).round(), limit = limit)
    } else {
        found.why.clone()
    };
    let texts = world.texts();
    let mut message = texts.msg(&why);
    let standing = match (state, found.verdict) {
        _ if is_flapping => Standing::Flapping,
        (State::Running, _) => Standing::Slow,
        (State::Done, _) => Standing::Up,
        (State::Degraded, _) => Standing::AtRisk,
        (_, Verdict::Wrong) => Standing::Wrong,
        _ => Standing::Down,
    };
    if is_flapping {
        let n = answers.len().min(N_FLAPS - 1) + 1;
        message = texts.msg(&msg!("monitor-flapping-why", n = n, last = message.as_str()));
    }
    let latency = latency.filter(|_| is_good);
    let result = CheckResultRow {
        workspace: subject.workspace.id.clone(),
        name: subject.name.clone(),
        at: now,
        state,
        latency_ms: latency,
        message: message.clone(),
    };
    let (kept, _) = checks.record(result).await?;
    let stands = checks.stands(standing_row(subject, standing, &message, now)).await?;
    if !is_flapping {
        incident(world, subject, state, &message, now).await?;
    }
    let key = |metric: &str| check_series(&subject.workspace.id, &subject.name, metric);
    let mut samples = vec![sample(key("up"), now, f64::from(u8::from(is_good)))];
    samples.extend(latency.map(|latency| sample(key("latency"), now, latency)));
    samples.extend(
        found
            .values
            .iter()
            .map(|(metric, value)| sample(key(metric.word()), now, *value)),
    );
    let mut row = row(subject, Some(&kept), Some(&stands));
    row.latency_ms = latency;
    Ok((row, samples))
}

/// So many results hold the answers that decide, even when some of them were no answers.
fn look_back(subject: &Subject) -> u32 {
    (subject.retries + 1).max(N_FLAPS as u32) + 9
}

/// It could not be asked, or nobody wants to know now: that is no answer, and opens and closes nothing.
async fn unasked(
    world: &World,
    subject: &Subject,
    standing: Standing,
    why: &Msg,
    now: Timestamp,
) -> Result<(CheckRow, Vec<Sample>), Problem> {
    let message = world.texts().msg(why);
    let checks = world.store().checks();
    let before = checks.standing(&subject.workspace.id, &subject.name).await?;
    // Where nothing was ever deployed there is nothing to remember.
    if subject.probes.is_empty() && before.is_none() {
        let mut row = row(subject, None, None);
        row.message = message;
        return Ok((row, Vec::new()));
    }
    let result = CheckResultRow {
        workspace: subject.workspace.id.clone(),
        name: subject.name.clone(),
        at: now,
        state: State::Unknown,
        latency_ms: None,
        message: message.clone(),
    };
    let (kept, _) = checks.record(result).await?;
    let stands = checks.stands(standing_row(subject, standing, &message, now)).await?;
    Ok((row(subject, Some(&kept), Some(&stands)), Vec::new()))
}

fn standing_row(subject: &Subject, standing: Standing, reason: &str, now: Timestamp) -> StandingRow {
    StandingRow {
        workspace: subject.workspace.id.clone(),
        name: subject.name.clone(),
        standing: standing.word().to_owned(),
        since: now,
        at: now,
        reason: reason.to_owned(),
    }
}

/// Until when it is left in peace.
pub fn maintenance(subject: &Subject, now: Timestamp) -> Option<Timestamp> {
    let zone = TimeZone::system();
    subject.maintenance.iter().filter_map(|window| window.until(now, &zone)).max()
}

/// A check that begins to fail may fail because of what it needs, which was good when it was asked last: that is asked now.
async fn falls_with(world: &World, subject: &Subject, cancel: &CancellationToken) -> Result<Option<String>, Problem> {
    let was = world.store().checks().standing(&subject.workspace.id, &subject.name).await?;
    if was.is_some_and(|was| Standing::from_word(&was.standing).is_down()) {
        return Ok(None);
    }
    for need in &subject.needed {
        let (_, samples) = ask(world, need, cancel).await?;
        world.store().samples().insert(samples).await?;
    }
    down_need(world, subject).await
}

/// The first of the checks that it needs, or that those need, which is down.
async fn down_need(world: &World, subject: &Subject) -> Result<Option<String>, Problem> {
    for need in &subject.needed {
        let stands = world.store().checks().standing(&subject.workspace.id, &need.name).await?;
        let Some(stands) = stands else { continue };
        let standing = Standing::from_word(&stands.standing);
        if standing.is_down() || standing == Standing::AtRisk {
            return Ok(Some(need.name.clone()));
        }
    }
    Ok(None)
}

/// The share of answers that differ from the one before, later ones counting more (Nagios, "Detection and handling of state flapping").
/// `before` is newest first. None while there are too few.
fn flaps(before: &[bool], now: bool) -> Option<f64> {
    let answers: Vec<bool> = std::iter::once(now).chain(before.iter().copied()).take(N_FLAPS).collect();
    if answers.len() < N_FLAPS_LEAST {
        return None;
    }
    let n = (answers.len() - 1) as f64;
    let changed = answers
        .windows(2)
        .enumerate()
        .filter(|(_, pair)| pair[0] != pair[1])
        .map(|(i, _)| 1.2 - 0.4 * i as f64 / n);
    Some(changed.sum::<f64>() / n)
}

fn is_answer(state: State) -> bool {
    !matches!(state, State::Unknown | State::None)
}

/// An answer that counts as up.
pub fn is_up(state: State) -> bool {
    matches!(state, State::Done | State::Running)
}

fn row(subject: &Subject, kept: Option<&Kept>, stands: Option<&StandingRow>) -> CheckRow {
    let standing = stands.map_or(Standing::Unknown, |row| Standing::from_word(&row.standing));
    CheckRow {
        name: subject.name.clone(),
        kind: subject.kind.to_owned(),
        environment: subject.environment.clone(),
        what: subject.what.clone(),
        interval_secs: subject.interval.as_secs_f64(),
        retries: subject.retries,
        needs: subject.needs.clone(),
        slo: subject.slo,
        standing,
        state: standing.state(),
        since: stands.map(|row| row.since),
        at: kept.map(|kept| kept.at),
        latency_ms: kept.and_then(|kept| kept.latency_ms),
        message: stands.map(|row| row.reason.clone()).unwrap_or_default(),
        uptime: None,
        recent: Vec::new(),
    }
}

/// Where a check stands without asking it, with its last answers.
pub async fn stand(world: &World, subject: &Subject) -> Result<CheckRow, Problem> {
    let rows = stand_all(world, std::slice::from_ref(subject)).await?;
    rows.into_iter()
        .next()
        .ok_or_else(|| Problem::internal(msg!("monitor-no-checks")))
}

/// The same of many checks of one workspace.
pub async fn stand_all(world: &World, subjects: &[Subject]) -> Result<Vec<CheckRow>, Problem> {
    let Some(first) = subjects.first() else {
        return Ok(Vec::new());
    };
    let checks = world.store().checks();
    let now = world.clock().now();
    let workspace = &first.workspace.id;
    let kept: BTreeMap<String, Kept> = checks
        .list(workspace)
        .await?
        .into_iter()
        .map(|row| (row.name.clone(), row))
        .collect();
    let stands: BTreeMap<String, StandingRow> = checks
        .standings(workspace)
        .await?
        .into_iter()
        .map(|row| (row.name.clone(), row))
        .collect();
    let day = Timestamp::from_second(now.as_second() - 86_400).unwrap_or(now);
    let mut rows = Vec::with_capacity(subjects.len());
    for subject in subjects {
        let mut row = match kept.get(&subject.name) {
            Some(kept) if !subject.probes.is_empty() => row(subject, Some(kept), stands.get(&subject.name)),
            _ => row(subject, None, None),
        };
        if let Some(at) = row.at.filter(|at| is_old(subject, *at, now)) {
            let was = world.texts().t(row.standing.key()).into_owned();
            let ago = format::ago(at, now, &world.texts());
            let old = msg!("monitor-old-answer", ago = ago, was = was, why = row.message.as_str());
            row.message = world.texts().msg(&old);
            row.standing = Standing::Unknown;
            row.state = Standing::Unknown.state();
        }
        let results = checks
            .results(workspace, &subject.name, Timestamp::MIN, now, N_RECENT as u32)
            .await?;
        row.recent = results
            .iter()
            .rev()
            .filter(|result| is_answer(result.state))
            .map(|result| result.latency_ms.filter(|_| is_up(result.state)))
            .collect();
        let uptime = checks.uptime(workspace, &subject.name, day, now).await?;
        row.uptime = (uptime.n > 0).then(|| uptime.n_up as f64 / uptime.n as f64);
        rows.push(row);
    }
    Ok(rows)
}

/// Nobody has asked for so long that the last answer says nothing of now.
fn is_old(subject: &Subject, at: Timestamp, now: Timestamp) -> bool {
    let most = (subject.interval * INTERVALS_MISSED).max(LEAST_OLD);
    time::secs_between(at, now) > most.as_secs_f64()
}

/// An environment whose check is down has an incident, until the check is up again.
async fn incident(world: &World, subject: &Subject, state: State, message: &str, now: Timestamp) -> Result<(), Problem> {
    let Some(environment) = &subject.environment else {
        return Ok(());
    };
    if state == State::Degraded {
        return Ok(());
    }
    let opened_by = format!("check:{}", subject.name);
    let incidents = world.store().incidents();
    let open = incidents
        .list(&subject.workspace.id, true, 100)
        .await?
        .into_iter()
        .find(|row| row.opened_by == opened_by);
    match (is_up(state), open) {
        (false, None) => {
            let title = world
                .texts()
                .msg(&msg!("monitor-incident", check = subject.name.as_str(), why = message));
            open_incident(world, subject, environment, title, opened_by, now).await
        }
        (true, Some(open)) => incidents.end(open.id, "").await.map(drop),
        _ => Ok(()),
    }
}

async fn open_incident(
    world: &World,
    subject: &Subject,
    environment: &str,
    title: String,
    opened_by: String,
    now: Timestamp,
) -> Result<(), Problem> {
    let live = world.store().deployments().live(&subject.workspace.id, environment).await?;
    let row = IncidentRow {
        id: 0,
        workspace: subject.workspace.id.clone(),
        environment: Some(environment.to_owned()),
        title,
        opened_at: now,
        opened_by,
        closed_at: None,
        cause: String::new(),
        deployment: live.map(|live| live.id),
        notes: String::new(),
    };
    world.store().incidents().open(row).await.map(drop)
}
