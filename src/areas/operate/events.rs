//! What happened on this machine that concerns instances, in one list: the engine's events, units, deployments, starts and ends,
//! incidents, alerts. Read back for a while, and followed where that is asked for.

use super::whose::Whose;
use super::{Update, kept, runbooks, watch};
use crate::adapters::World;
use crate::adapters::docker::{EngineEvent, Fault};
use crate::adapters::process::Running;
use crate::adapters::store::instances::InstanceRow;
use crate::adapters::store::jobs::JobFilter;
use crate::adapters::systemd::{UNIT_MESSAGES, UnitHappening};
use crate::areas::JobCtx;
use crate::areas::deploy::Kind;
use crate::areas::deploy::targets::REPLACED;
use crate::base::happening::{Happening, HappeningKind};
use crate::base::{Problem, SafeText, State, Target, Timestamp, Workspace};
use crate::msg;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::time::Instant;

/// The ledger is read again so often while the list is followed.
const LEDGER_EVERY: Duration = Duration::from_secs(3);
/// An engine that is away is asked again after this.
const ENGINE_REST: Duration = Duration::from_secs(15);
/// Rows of one kind that are read of the ledger.
const MAX_ROWS: u32 = 500;
/// Events of the engine that were kept and are read.
const MAX_KEPT: u32 = 10_000;
/// Events are gathered for so long before they are told.
const GATHER: Duration = Duration::from_millis(200);
/// Told keys that are remembered while following.
const KEYS_KEPT: usize = 20_000;

/// What is asked for.
pub struct Order {
    pub workspaces: Vec<Workspace>,
    pub since_secs: u32,
    pub follow: bool,
}

type EngineEvents = BoxStream<'static, Result<EngineEvent, Fault>>;

/// Tells what happened since then; with `follow` also what happens, until it is stopped.
pub async fn show(cx: &JobCtx, world: &World, order: Order) -> Result<(), Problem> {
    let now = cx.now();
    let since = Timestamp::from_second(now.as_second() - i64::from(order.since_secs)).unwrap_or(now);
    cx.update(Update::EventsOpened { since }).await;
    let mut whose = Whose::new(watch::of_all(world, &order.workspaces).await?, order.workspaces.is_empty());
    whose.look(world).await?;
    let mut teller = Teller::default();
    let has_journal = !world.systemd().managers().is_empty();
    // A machine whose journal can not be read has no units to tell of.
    let mut journal = if has_journal {
        world.systemd().happenings(since, order.follow, cx.cancel_token()).ok()
    } else {
        None
    };
    let until = (!order.follow).then_some(now);
    let mut engine = world.docker().happenings(since, until).await.ok();
    let mut read_at = Instant::now();
    teller.take(of_ledger(world, whose.workspaces(), since).await?);
    // The engine forgets soon: what it told while somebody watched was kept.
    teller.take(kept::kept(world, &whose, since, MAX_KEPT).await?);
    teller.tell(cx).await;
    while order.follow || engine.is_some() || journal.is_some() {
        let tell_at = teller.since.map(|since| since + GATHER);
        tokio::select! {
            event = next_of_engine(&mut engine) => match event {
                Some(Ok(event)) => teller.take(whose.of_engine(event, of_engine)),
                Some(Err(_)) | None => engine = None,
            },
            batch = next_of_journal(&mut journal) => match batch {
                Some(batch) => {
                    let all = batch.lines().filter_map(|line| of_journal(line.bytes)).collect();
                    teller.take(whose.of_journal(world, all).await);
                }
                None => journal = None,
            },
            () = sleep_until(tell_at), if tell_at.is_some() => teller.tell(cx).await,
            () = cx.cancel_token().cancelled() => break,
            () = tokio::time::sleep_until(read_at + LEDGER_EVERY), if order.follow => {
                read_at = Instant::now();
                whose.look(world).await?;
                teller.take(of_ledger(world, whose.workspaces(), since).await?);
                let may_ask = teller.engine_asked.is_none_or(|at| at.elapsed() > ENGINE_REST);
                if engine.is_none() && may_ask {
                    teller.engine_asked = Some(Instant::now());
                    engine = world.docker().happenings(cx.now(), None).await.ok();
                }
            }
        }
    }
    teller.tell(cx).await;
    cx.check()
}

async fn next_of_engine(engine: &mut Option<EngineEvents>) -> Option<Result<EngineEvent, Fault>> {
    match engine {
        Some(engine) => engine.next().await,
        None => std::future::pending().await,
    }
}

async fn next_of_journal(journal: &mut Option<Running>) -> Option<crate::adapters::process::Batch> {
    match journal {
        Some(journal) => journal.next().await,
        None => std::future::pending().await,
    }
}

async fn sleep_until(at: Option<Instant>) {
    if let Some(at) = at {
        tokio::time::sleep_until(at).await;
    }
}

/// Gathers what is new, and tells it in the order in which it happened.
#[derive(Default)]
struct Teller {
    waiting: Vec<Happening>,
    told: BTreeSet<String>,
    since: Option<Instant>,
    engine_asked: Option<Instant>,
}

impl Teller {
    fn take(&mut self, all: impl IntoIterator<Item = Happening>) {
        for one in all {
            if self.told.len() < KEYS_KEPT && self.told.insert(one.key.clone()) {
                self.waiting.push(one);
                self.since.get_or_insert_with(Instant::now);
            }
        }
    }

    async fn tell(&mut self, cx: &JobCtx) {
        self.since = None;
        let mut events = std::mem::take(&mut self.waiting);
        if !events.is_empty() {
            events.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.key.cmp(&b.key)));
            cx.update(Update::Happened { events }).await;
        }
    }
}

/// What an event of the engine means; nothing for one that changes nothing.
pub fn of_engine(event: EngineEvent) -> Option<Happening> {
    let action = event.action.split(':').next().unwrap_or_default().trim();
    let health = event.action.split_once(':').map_or("", |(_, state)| state.trim());
    let (state, what) = match (action, health) {
        ("create", _) => (State::None, msg!("event-created", image = event.image.as_str())),
        ("start" | "unpause", _) => (State::Running, msg!("event-started")),
        ("restart", _) => (State::Running, msg!("event-restarted")),
        ("oom", _) => (State::Failed, msg!("event-oom")),
        ("die", _) => match event.exit_code {
            Some(0) | None => (State::None, msg!("event-ended")),
            Some(code) => (State::Failed, msg!("event-ended-code", code = code)),
        },
        ("kill", _) => (State::None, msg!("event-signal", signal = event.signal.unwrap_or(15))),
        ("pause", _) => (State::Skipped, msg!("event-paused")),
        ("destroy" | "remove", _) => (State::None, msg!("event-removed")),
        ("update", _) if event.is_service => (State::InProgress, msg!("event-updated")),
        ("health_status", "healthy") => (State::Running, msg!("event-healthy")),
        ("health_status", "unhealthy") => (State::Failed, msg!("event-unhealthy")),
        _ => return None,
    };
    let nanos = event.at.as_nanosecond();
    Some(Happening {
        key: format!("engine:{nanos}:{}:{}", event.id, event.action),
        at: event.at,
        kind: HappeningKind::Container,
        state,
        name: event.name,
        what,
        workspace: None,
        target: (!event.is_service).then(|| Target::Instance {
            id: format!("container:{}", event.id),
        }),
    })
}

/// What an entry of the journal means: a message of a service manager about a service, or the kernel's that it killed for memory.
pub fn of_journal(bytes: &[u8]) -> Option<Happening> {
    let entry: BTreeMap<String, Value> = serde_json::from_slice(bytes).ok()?;
    let text = |key: &str| entry.get(key).and_then(Value::as_str);
    let micros = text("__REALTIME_TIMESTAMP")?.parse().ok()?;
    let at = Timestamp::from_microsecond(micros).ok()?;
    let key = format!("journal:{}", text("__CURSOR").unwrap_or(text("__REALTIME_TIMESTAMP")?));
    if text("_TRANSPORT") == Some("kernel") {
        let message = text("MESSAGE").filter(|message| message.contains("Killed process"))?;
        // `Out of memory: Killed process 4711 (python3) total-vm:…`
        let name = message
            .split_once('(')
            .and_then(|(_, rest)| rest.split_once(')'))
            .map_or("", |(name, _)| name);
        return Some(Happening {
            key,
            at,
            kind: HappeningKind::Kernel,
            state: State::Failed,
            name: SafeText::new(name).into_string(),
            what: msg!("event-oom"),
            workspace: None,
            target: None,
        });
    }
    let id = text("MESSAGE_ID")?;
    let (_, happened) = UNIT_MESSAGES.into_iter().find(|(known, _)| *known == id)?;
    let (manager, unit) = match (text("USER_UNIT"), text("UNIT")) {
        (Some(unit), _) => ("user", unit),
        (None, Some(unit)) => ("system", unit),
        (None, None) => return None,
    };
    if !unit.ends_with(".service") {
        return None;
    }
    let why = text("UNIT_RESULT").or_else(|| text("JOB_RESULT")).unwrap_or_default();
    let why = SafeText::new(why).into_string();
    let (state, what) = match happened {
        UnitHappening::Started => (State::Running, msg!("event-started")),
        UnitHappening::Stopped => (State::None, msg!("event-ended")),
        UnitHappening::FailedToStart => (State::Failed, msg!("event-not-started", why = why)),
        UnitHappening::Failed => (State::Failed, msg!("event-failed", why = why)),
        UnitHappening::Restarts => (State::Degraded, msg!("event-restarts")),
        UnitHappening::OutOfMemory => (State::Failed, msg!("event-oom")),
    };
    let name = SafeText::new(unit).into_string();
    Some(Happening {
        key,
        at,
        kind: HappeningKind::Unit,
        state,
        target: Some(Target::Instance {
            id: format!("unit:{manager}:{name}"),
        }),
        name,
        what,
        workspace: None,
    })
}

/// What the ledger remembers of these workspaces since then.
async fn of_ledger(world: &World, workspaces: &[Workspace], since: Timestamp) -> Result<Vec<Happening>, Problem> {
    let store = world.store();
    let mut all = Vec::new();
    for workspace in workspaces {
        let id = &workspace.id;
        let mut push = |key: String, at: Timestamp, kind, state, name: &str, what, target| {
            if at >= since {
                all.push(Happening {
                    key,
                    at,
                    kind,
                    state,
                    name: name.to_owned(),
                    what,
                    workspace: Some(id.clone()),
                    target,
                });
            }
        };
        for row in store.deployments().list(id, None, MAX_ROWS).await? {
            let target = || {
                Some(Target::Deployment {
                    workspace: row.workspace.clone(),
                    id: row.id,
                })
            };
            let (version, is_good) = (&row.version, row.state == State::Done);
            let (began, ended) = match (Kind::from_word(&row.kind), is_good) {
                (Kind::Rollback, true) => (
                    msg!("event-return-began", version = version),
                    msg!("event-returned", version = version),
                ),
                (Kind::Rollback, false) => (
                    msg!("event-return-began", version = version),
                    msg!("event-return-failed", version = version),
                ),
                (Kind::Stop, true) => (msg!("event-stop-began"), msg!("event-stopped-all")),
                (Kind::Stop, false) => (msg!("event-stop-began"), msg!("event-stop-failed")),
                (_, true) => (
                    msg!("event-deploy-began", version = version),
                    msg!("event-deployed", version = version),
                ),
                (_, false) => (
                    msg!("event-deploy-began", version = version),
                    msg!("event-deploy-failed", version = version),
                ),
            };
            let kind = HappeningKind::Deployment;
            let name = &row.environment;
            push(
                format!("deploy:{}", row.id),
                row.started_at,
                kind,
                State::InProgress,
                name,
                began,
                target(),
            );
            if let Some(at) = row.ended_at {
                push(format!("deployed:{}", row.id), at, kind, row.state, name, ended, target());
            }
        }
        let rows = store.instances().history(id, None, MAX_ROWS).await?;
        let (kept, keeping) = taken_over(&rows);
        for row in rows {
            let target = || Some(Target::Instance { id: row.id.to_string() });
            let kind = HappeningKind::Instance;
            if !keeping.contains(&row.id) {
                push(
                    format!("up:{}", row.id),
                    row.started_at,
                    kind,
                    State::Running,
                    &row.name,
                    msg!("event-started"),
                    target(),
                );
            }
            if let Some(at) = row.ended_at.filter(|_| !kept.contains(&row.id)) {
                let (state, what) = match (row.cause.as_str(), row.exit_code, row.signal) {
                    ("crashed", Some(code), _) => (State::Failed, msg!("event-ended-code", code = code)),
                    ("crashed", None, Some(signal)) => (State::Failed, msg!("event-signal", signal = signal)),
                    _ if row.has_crashed() => (State::Failed, msg!("event-crashed")),
                    ("failed", ..) => (State::Failed, msg!("event-ended-unhealthy")),
                    _ => (State::None, msg!("event-ended")),
                };
                push(format!("down:{}", row.id), at, kind, state, &row.name, what, target());
            }
        }
        let filter = JobFilter {
            workspace: Some(id.clone()),
            area: Some("operate".to_owned()),
            limit: MAX_ROWS,
            ..JobFilter::default()
        };
        for row in store.jobs().list(filter).await? {
            let Some(name) = runbooks::name_of(&row.title) else { continue };
            let (kind, target) = (HappeningKind::Runbook, || Some(Target::Run { job: row.id }));
            let began = row.started_at.unwrap_or(row.queued_at);
            push(
                format!("runbook:{}", row.id),
                began,
                kind,
                State::InProgress,
                &name,
                msg!("event-runbook-began"),
                target(),
            );
            if let Some(at) = row.ended_at {
                let what = match row.state {
                    State::Done => msg!("event-runbook-done"),
                    State::Failed => msg!("event-runbook-failed"),
                    _ => msg!("event-runbook-stopped"),
                };
                push(
                    format!("runbook-ended:{}", row.id),
                    at,
                    kind,
                    row.state,
                    &name,
                    what,
                    target(),
                );
            }
        }
        for row in store.incidents().list(id, false, MAX_ROWS).await? {
            let kind = HappeningKind::Incident;
            let target = || {
                Some(Target::Page {
                    area: "operate".to_owned(),
                    tab: Some("incidents".to_owned()),
                })
            };
            let opened = msg!("event-incident-opened", by = &row.opened_by);
            push(
                format!("open:{}", row.id),
                row.opened_at,
                kind,
                State::Failed,
                &row.title,
                opened,
                target(),
            );
            if let Some(at) = row.closed_at {
                let closed = if row.cause.is_empty() {
                    msg!("event-incident-over")
                } else {
                    msg!("event-incident-closed", cause = &row.cause)
                };
                push(
                    format!("close:{}", row.id),
                    at,
                    kind,
                    State::Done,
                    &row.title,
                    closed,
                    target(),
                );
            }
        }
        for row in store.alerts().list(id, MAX_ROWS).await? {
            let kind = HappeningKind::Alert;
            let name = format!("{} {}", row.rule, row.subject);
            if let Some(at) = row.fired_at {
                let what = msg!("event-alert-fired", message = &row.message);
                push(format!("fired:{}", row.id), at, kind, State::Failed, &name, what, None);
            }
            if let Some(at) = row.resolved_at.filter(|_| row.fired_at.is_some()) {
                push(
                    format!("resolved:{}", row.id),
                    at,
                    kind,
                    State::Done,
                    &name,
                    msg!("event-alert-resolved"),
                    None,
                );
            }
        }
    }
    Ok(all)
}

/// Executions whose container the next deployment kept, and those that took one over: nothing ended, and nothing began.
fn taken_over(rows: &[InstanceRow]) -> (BTreeSet<i64>, BTreeSet<i64>) {
    let mut by_container: BTreeMap<&str, Vec<&InstanceRow>> = BTreeMap::new();
    for row in rows {
        if let Some(container) = &row.container {
            by_container.entry(container).or_default().push(row);
        }
    }
    let mut found = (BTreeSet::new(), BTreeSet::new());
    for rows in by_container.values_mut() {
        rows.sort_by_key(|row| (row.started_at, row.id));
        for pair in rows.windows(2) {
            if pair[0].cause == REPLACED {
                found.0.insert(pair[0].id);
                found.1.insert(pair[1].id);
            }
        }
    }
    found
}
