//! Services of systemd as instances: whose they are, how they are, why they failed, and what they write to the journal.

use super::find::Scope;
use super::{Instance, InstanceKind, Rates};
use crate::adapters::World;
use crate::adapters::process::{Exit, Running};
use crate::adapters::systemd::{Listed, Manager, Systemd, Unit};
use crate::base::log::level_in;
use crate::base::{LogLine, Msg, Problem, State, Stream, Timestamp, Workspace, WorkspaceId};
use crate::msg;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Managers are asked so often: what they say costs two processes each time.
const EVERY: Duration = Duration::from_millis(1500);
/// A manager that did not answer is left alone for so long.
const REST: Duration = Duration::from_secs(30);
/// Restarts by themselves from which on a unit that is not up for a minute is said to fall again and again.
const LOOP: u32 = 3;

/// What is known of the units, and the question that is under way.
#[derive(Default)]
pub struct Units {
    asked: Option<JoinHandle<Answer>>,
    known: Known,
    problem: Option<Problem>,
    next_at: Option<Instant>,
}

/// By manager and name, with what was counted at the last look.
type Known = BTreeMap<(Manager, String), Seen>;
type Answer = (Known, Option<Problem>);

#[derive(Clone)]
struct Seen {
    unit: Unit,
    listed: Listed,
    at: Instant,
    cpu_percent: Option<f64>,
    rates: Rates,
}

impl Drop for Units {
    fn drop(&mut self) {
        if let Some(asked) = &self.asked {
            asked.abort();
        }
    }
}

impl Units {
    /// Asks the managers, unless they are being asked or were a moment ago.
    pub fn ask(&mut self, world: &World, scope: &Scope<'_>) {
        let is_early = self.next_at.is_some_and(|at| Instant::now() < at);
        if self.asked.is_some() || is_early {
            return;
        }
        let systemd = world.systemd().clone();
        let workspaces = scope.workspaces.to_vec();
        let (known, is_all) = (self.known.clone(), scope.is_all);
        self.asked = Some(tokio::spawn(async move { look(&systemd, &workspaces, is_all, known).await }));
    }

    /// Takes in the answer when it comes in time; else everything stays as it was.
    pub async fn wait(&mut self, patience: Duration) {
        let Some(asked) = &mut self.asked else { return };
        let Ok(answer) = tokio::time::timeout(patience, asked).await else {
            return;
        };
        self.asked = None;
        let Ok((known, problem)) = answer else { return };
        let rest = if problem.is_some() { REST } else { EVERY };
        self.next_at = Some(Instant::now() + rest);
        self.known = known;
        self.problem = problem;
    }

    pub fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    /// Those that belong to what is looked at.
    pub fn instances(&self, scope: &Scope<'_>, machine: &str) -> Vec<Instance> {
        let all = self.known.iter();
        all.filter_map(|((manager, _), seen)| {
            let workspace = owner(&seen.unit, scope.workspaces);
            if workspace.is_none() && !scope.is_all {
                return None;
            }
            let mut one = instance(*manager, &seen.unit, machine);
            one.workspace = workspace.map(|workspace| workspace.id.clone());
            one.cpu_percent = seen.cpu_percent.filter(|_| one.is_running());
            one.rates = seen.rates;
            Some(one)
        })
        .collect()
    }
}

/// Which of these services of a manager belong to a workspace.
pub(super) async fn owned(
    world: &World,
    manager: Manager,
    names: &[String],
    workspaces: &[Workspace],
) -> BTreeMap<String, WorkspaceId> {
    // One that can not be asked has no owner that is known.
    let units = world.systemd().show(manager, names).await.unwrap_or_default();
    let all = units
        .iter()
        .filter_map(|unit| Some((unit.name.clone(), owner(unit, workspaces)?.id.clone())));
    all.collect()
}

/// The workspace that holds the files of a unit, the folder that it works in, or its program.
fn owner<'a>(unit: &Unit, workspaces: &'a [Workspace]) -> Option<&'a Workspace> {
    let holds = |workspace: &&Workspace, path: &Option<std::path::PathBuf>| {
        // What stands in the manager's folders is a link to the repository as a rule.
        let path = path
            .as_ref()
            .map(|path| crate::adapters::files::canonicalize(path).unwrap_or_else(|_| path.clone()));
        path.is_some_and(|path| path.starts_with(&workspace.root))
    };
    let is_holder = |workspace: &&Workspace| {
        [&unit.folder, &unit.program, &unit.fragment]
            .iter()
            .any(|path| holds(workspace, path))
    };
    let holders = workspaces.iter().filter(is_holder);
    holders.max_by_key(|workspace| workspace.root.as_os_str().len())
}

/// One look. A unit whose state did not change and that belongs to nobody is not asked again.
async fn look(systemd: &Systemd, workspaces: &[Workspace], is_all: bool, mut known: Known) -> Answer {
    let mut seen = Known::new();
    let mut problem = None;
    for manager in systemd.managers() {
        let listed = match systemd.services(manager).await {
            Ok(listed) => listed,
            Err(why) => {
                problem = Some(why);
                continue;
            }
        };
        let mut wanted = Vec::new();
        let mut of_list = BTreeMap::new();
        for one in listed {
            let key = (manager, one.unit.clone());
            let before = known.get(&key);
            let is_settled = before.is_some_and(|seen| {
                let belongs = is_all || owner(&seen.unit, workspaces).is_some();
                seen.listed == one && !(belongs && one.active == "active")
            });
            match known.remove(&key) {
                Some(before) if is_settled => {
                    seen.insert(key, before);
                }
                before => {
                    wanted.push(one.unit.clone());
                    of_list.insert(one.unit.clone(), (one, before));
                }
            }
        }
        // As many names as a command line holds in any case.
        for names in wanted.chunks(200) {
            let units = match systemd.show(manager, names).await {
                Ok(units) => units,
                Err(why) => {
                    problem = Some(why);
                    continue;
                }
            };
            for unit in units {
                let Some((listed, before)) = of_list.remove(&unit.name) else {
                    continue;
                };
                let key = (manager, unit.name.clone());
                seen.insert(key, Seen::after(before.as_ref(), unit, listed));
            }
        }
    }
    (seen, problem)
}

impl Seen {
    /// Rates take two looks.
    fn after(before: Option<&Self>, unit: Unit, listed: Listed) -> Self {
        let at = Instant::now();
        let mut new = Self {
            unit,
            listed,
            at,
            cpu_percent: None,
            rates: Rates::default(),
        };
        let Some(before) = before.filter(|before| before.unit.invocation == new.unit.invocation) else {
            return new;
        };
        let secs = at.duration_since(before.at).as_secs_f64();
        if secs < 0.2 {
            return new;
        }
        let (now, then) = (&new.unit, &before.unit);
        let rate = |now: Option<u64>, then: Option<u64>| Some(now?.saturating_sub(then?) as f64 / secs);
        new.cpu_percent = rate(now.cpu_ns, then.cpu_ns).map(|spent| spent / 1e7);
        new.rates = Rates {
            read: rate(now.read_bytes, then.read_bytes),
            write: rate(now.written_bytes, then.written_bytes),
            receive: rate(now.received_bytes, then.received_bytes),
            send: rate(now.sent_bytes, then.sent_bytes),
        };
        new
    }
}

/// A unit as an instance of no workspace yet.
pub fn instance(manager: Manager, unit: &Unit, machine: &str) -> Instance {
    let is_running =
        matches!(unit.active.as_str(), "active" | "reloading" | "deactivating" | "activating") && unit.sub != "exited";
    let is_young = unit.active != "active"
        || unit.started_at.is_none_or(|at| {
            unit.changed_at
                .is_some_and(|changed| (changed.as_second() - at.as_second()).abs() < 60)
        });
    let falls = unit.n_restarts >= LOOP && unit.active == "activating" && is_young;
    let state = match unit.active.as_str() {
        "failed" => State::Failed,
        // It did what it is for, and nothing of it runs.
        "active" if unit.sub == "exited" => State::Done,
        "active" | "reloading" => State::Running,
        "activating" | "deactivating" => State::Degraded,
        "inactive" if unit.result != "success" && !unit.result.is_empty() => State::Failed,
        "inactive" => State::None,
        _ => State::Unknown,
    };
    Instance {
        id: format!("unit:{}:{}", manager.word(), unit.name),
        name: unit.name.clone(),
        kind: InstanceKind::Unit,
        environment: None,
        machine: machine.to_owned(),
        state,
        note: unit.sub.clone(),
        why: if falls {
            Some(msg!("operate-why-loop", n = unit.n_restarts))
        } else {
            why(unit).filter(|_| state == State::Failed)
        },
        pid: unit.pid,
        pid_start: unit.pid.and_then(crate::adapters::store::holder::start_of),
        memory_bytes: unit.memory_bytes.filter(|_| is_running),
        n_processes: unit.n_tasks.unwrap_or(0),
        n_restarts: unit.n_restarts,
        started_at: unit.started_at,
        ended_at: unit.ended_at.filter(|_| !is_running),
        ..Instance::default()
    }
}

/// Why a unit failed: what the manager concluded, and how the main process ended.
fn why(unit: &Unit) -> Option<Msg> {
    let status = unit.exit_status.unwrap_or(0);
    let ended = match unit.exit_kind {
        Some("killed" | "dumped") => Some(msg!("operate-why-signal", signal = signal(status))),
        Some(_) if status != 0 => Some(msg!("operate-why-exit", code = status)),
        _ => None,
    };
    match unit.result.as_str() {
        "" | "success" => ended,
        // It was started again until the manager gave up.
        _ if unit.active == "failed" && unit.n_restarts > 0 => Some(msg!("operate-why-start-limit", n = unit.n_restarts)),
        "exit-code" | "signal" | "core-dump" if ended.is_some() => ended,
        "oom-kill" => Some(msg!("operate-why-oom")),
        "timeout" => Some(msg!("operate-why-timeout")),
        "watchdog" => Some(msg!("operate-why-watchdog")),
        other => Some(msg!("operate-why-result", result = other)),
    }
}

fn signal(number: i32) -> String {
    crate::adapters::process::signal_name(number)
}

/// The manager and the name that an instance's id holds.
pub fn of_id(id: &str) -> Option<(Manager, &str)> {
    let (manager, name) = id.strip_prefix("unit:")?.split_once(':')?;
    Some((Manager::from_word(manager)?, name))
}

/// How a unit is now.
pub async fn again(world: &World, instance: &Instance) -> Result<Instance, Problem> {
    let gone = || Problem::user(msg!("operate-gone", name = instance.name.as_str())).code("not-found");
    let (manager, name) = of_id(&instance.id).ok_or_else(gone)?;
    let units = world.systemd().show(manager, &[name.to_owned()]).await?;
    let unit = units.into_iter().find(|unit| unit.load == "loaded").ok_or_else(gone)?;
    Ok(Instance {
        workspace: instance.workspace.clone(),
        ..self::instance(manager, &unit, &instance.machine)
    })
}

/// What the journal is asked for.
#[derive(Clone, Debug)]
pub struct UnitLog {
    manager: Manager,
    name: String,
    wants_previous: bool,
    is_running: bool,
}

pub fn log_of(instance: &Instance, wants_previous: bool) -> Result<UnitLog, Problem> {
    let (manager, name) = of_id(&instance.id)
        .ok_or_else(|| Problem::user(msg!("operate-gone", name = instance.name.as_str())).code("not-found"))?;
    Ok(UnitLog {
        manager,
        name: name.to_owned(),
        wants_previous,
        is_running: instance.is_running(),
    })
}

impl UnitLog {
    pub async fn start(
        &self,
        world: &World,
        n_lines: Option<u32>,
        follow: bool,
        cancel: &CancellationToken,
    ) -> Result<Running, Problem> {
        let systemd = world.systemd();
        let mut invocation = None;
        if self.wants_previous {
            let mut lives = systemd.invocations(self.manager, &self.name).await?;
            if self.is_running {
                lives.pop();
            }
            let none = || Problem::user(msg!("log-no-previous", name = self.name.as_str())).code("no-log");
            invocation = Some(lives.pop().ok_or_else(none)?);
        }
        let follow = follow && !self.wants_previous;
        Ok(systemd.journal(self.manager, &self.name, invocation.as_deref(), n_lines, follow, cancel)?)
    }
}

/// One entry of the journal's JSON as a line; None for what is none.
pub fn entry_of(bytes: &[u8], now: Timestamp) -> Option<(LogLine, Vec<u8>)> {
    let entry: BTreeMap<String, Value> = serde_json::from_slice(bytes).ok()?;
    let micros = entry
        .get("__REALTIME_TIMESTAMP")
        .and_then(|value| value.as_str()?.parse().ok());
    let at = micros
        .and_then(|micros| Timestamp::from_microsecond(micros).ok())
        .unwrap_or(now);
    // A message that is no text is a list of bytes.
    let mut message: Vec<u8> = match entry.get("MESSAGE")? {
        Value::String(text) => text.as_bytes().to_vec(),
        Value::Array(bytes) => bytes.iter().filter_map(|byte| Some(byte.as_u64()? as u8)).collect(),
        _ => return None,
    };
    let priority: Option<u8> = entry.get("PRIORITY").and_then(|value| value.as_str()?.parse().ok());
    let mut line = LogLine::foreign(at, Stream::Out, &message);
    if priority.is_some_and(|priority| priority <= 3) {
        line.stream = Stream::Err;
    }
    // What the sender said of its severity is kept where the text does not say it.
    let word = match priority {
        Some(0..=3) => "ERROR",
        Some(4) => "WARN",
        _ => return Some((line, message)),
    };
    if level_in(&line.text).is_none() {
        line.text = format!("{word} {}", line.text);
        message.splice(..0, format!("{word} ").into_bytes());
    }
    Some((line, message))
}

/// A journal that could not be read says why.
pub fn end_of_log(exit: Exit) -> Result<(), Problem> {
    exit.problem("journalctl")
        .map_or(Ok(()), |problem| if problem.is_cancelled() { Ok(()) } else { Err(problem) })
}
