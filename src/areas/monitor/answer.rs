//! Asks one check, remembers the answer, and opens or closes the incident that it stands for.

use super::CheckRow;
use super::history::{check_series, sample};
use super::subjects::Subject;
use crate::adapters::World;
use crate::adapters::store::checks::{CheckResultRow, CheckRow as Kept};
use crate::adapters::store::incidents::IncidentRow;
use crate::adapters::store::samples::Sample;
use crate::areas::deploy::targets;
use crate::areas::devops::probe::Tried;
use crate::base::{Catalog, Lang, Problem, State, Timestamp};
use crate::msg;
use tokio_util::sync::CancellationToken;

/// Answers kept in the row for its small chart.
pub const N_RECENT: usize = 30;

/// Asks once and writes what came. The row says where the check stands now.
pub async fn ask(world: &World, subject: &Subject, cancel: &CancellationToken) -> Result<(CheckRow, Vec<Sample>), Problem> {
    let mut worst: Option<Tried> = None;
    let mut latency: Option<f64> = None;
    for asked in &subject.probes {
        let tried = match &asked.instance {
            Some(instance) => {
                let target = targets::of_instance(instance);
                target.ask(world, instance, &asked.probe, cancel).await
            }
            None => asked.probe.try_once(async { false }, cancel).await,
        };
        latency = latency.into_iter().chain(tried.took_ms()).reduce(f64::max);
        let is_worse = worst.as_ref().is_none_or(Tried::is_good);
        if is_worse {
            worst = Some(tried);
        }
    }
    if cancel.is_cancelled() {
        return Err(Problem::cancelled());
    }
    let now = world.clock().now();
    let Some(tried) = worst else {
        return Ok((row(subject, None, State::Unknown, String::new(), None), Vec::new()));
    };
    let is_good = tried.is_good();
    // The store keeps what was said, in the store's one language.
    let message = Catalog::new(Lang::En).msg(&tried.msg());
    let before = world
        .store()
        .checks()
        .results(&subject.workspace.id, &subject.name, Timestamp::MIN, now, subject.retries)
        .await?;
    let n_failed_before = before.iter().take_while(|result| !is_up(result.state)).count() as u32;
    let state = match (is_good, n_failed_before >= subject.retries) {
        (true, _) => State::Done,
        (false, true) => State::Failed,
        (false, false) => State::Degraded,
    };
    let latency = latency.filter(|_| is_good);
    let result = CheckResultRow {
        workspace: subject.workspace.id.clone(),
        name: subject.name.clone(),
        at: now,
        state,
        latency_ms: latency,
        message: message.clone(),
    };
    let (kept, _) = world.store().checks().record(result).await?;
    incident(world, subject, state, &message, now).await?;
    let mut samples = vec![sample(
        check_series(&subject.workspace.id, &subject.name, "up"),
        now,
        f64::from(u8::from(is_good)),
    )];
    if let Some(latency) = latency {
        samples.push(sample(
            check_series(&subject.workspace.id, &subject.name, "latency"),
            now,
            latency,
        ));
    }
    Ok((row(subject, Some(&kept), state, message, latency), samples))
}

/// An answer that counts as up.
pub fn is_up(state: State) -> bool {
    matches!(state, State::Done | State::Running)
}

fn row(subject: &Subject, kept: Option<&Kept>, state: State, message: String, latency_ms: Option<f64>) -> CheckRow {
    CheckRow {
        name: subject.name.clone(),
        environment: subject.environment.clone(),
        what: subject.what.clone(),
        interval_secs: subject.interval.as_secs_f64(),
        state: shown(state),
        since: kept.map(|kept| kept.since),
        at: kept.map(|kept| kept.at),
        latency_ms,
        message,
        uptime: None,
        recent: Vec::new(),
    }
}

/// A check that is up is running.
pub fn shown(state: State) -> State {
    if is_up(state) { State::Running } else { state }
}

/// Where a check stands without asking it, with its last answers.
pub async fn stand(world: &World, subject: &Subject) -> Result<CheckRow, Problem> {
    let checks = world.store().checks();
    let now = world.clock().now();
    let workspace = &subject.workspace.id;
    let results = checks
        .results(workspace, &subject.name, Timestamp::MIN, now, N_RECENT as u32)
        .await?;
    let kept = checks.list(workspace).await?.into_iter().find(|row| row.name == subject.name);
    let mut row = match &kept {
        Some(kept) if !subject.probes.is_empty() => row(subject, Some(kept), kept.state, kept.message.clone(), kept.latency_ms),
        _ => row(subject, None, State::Unknown, String::new(), None),
    };
    row.recent = results
        .iter()
        .rev()
        .map(|result| result.latency_ms.filter(|_| is_up(result.state)))
        .collect();
    let day = Timestamp::from_second(now.as_second() - 86_400).unwrap_or(now);
    let uptime = checks.uptime(workspace, &subject.name, day, now).await?;
    row.uptime = (uptime.n > 0).then(|| uptime.n_up as f64 / uptime.n as f64);
    Ok(row)
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
    match (state, open) {
        (State::Failed, None) => {
            let live = world.store().deployments().live(&subject.workspace.id, environment).await?;
            let title = Catalog::new(Lang::En).msg(&msg!("monitor-incident", check = subject.name.as_str(), why = message));
            let row = IncidentRow {
                id: 0,
                workspace: subject.workspace.id.clone(),
                environment: Some(environment.clone()),
                title,
                opened_at: now,
                opened_by,
                closed_at: None,
                cause: String::new(),
                deployment: live.map(|live| live.id),
                notes: String::new(),
            };
            incidents.open(row).await.map(drop)
        }
        (State::Done, Some(open)) => incidents.close(open.id, "").await.map(drop),
        _ => Ok(()),
    }
}
