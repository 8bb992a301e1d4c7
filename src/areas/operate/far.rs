//! What runs on other machines: units and containers of those that the user chose, asked over the one kept connection to each. A machine
//! that does not answer is asked again later and later, and what ran there is unknown meanwhile.

use super::{Instance, InstanceKind, acts, units};
use crate::adapters::World;
use crate::adapters::ssh::{self, Call, Connection};
use crate::adapters::systemd::{self, Manager};
use crate::areas::devops::machines;
use crate::areas::devops::terminal::TerminalPlace;
use crate::base::{Problem, SafeText, State};
use crate::msg;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Machines are asked so often.
const EVERY: Duration = Duration::from_secs(5);
const PREFIX: &str = "far:";
const PART: &str = "=chantier=";
const WITHIN: Duration = Duration::from_secs(20);

/// What is known of other machines, and the question that is under way.
#[derive(Default)]
pub struct Far {
    asked: Option<JoinHandle<Answer>>,
    known: BTreeMap<String, Vec<Instance>>,
    problems: Vec<Problem>,
    next_at: Option<Instant>,
}

type Answer = Vec<(String, Result<Vec<Instance>, Problem>)>;

impl Drop for Far {
    fn drop(&mut self) {
        if let Some(asked) = &self.asked {
            asked.abort();
        }
    }
}

impl Far {
    /// Asks the chosen machines, unless they are being asked or were a moment ago.
    pub fn ask(&mut self, world: &World) {
        let is_early = self.next_at.is_some_and(|at| Instant::now() < at);
        if self.asked.is_some() || is_early {
            return;
        }
        let world = world.clone();
        self.asked = Some(tokio::spawn(async move {
            let mut answer = Vec::new();
            for host in machines::watched(&world).await.unwrap_or_default() {
                if !world.ssh().is_likely(&host) {
                    answer.push((host.clone(), Err(ssh::lost(&host))));
                    continue;
                }
                let asked = look(&world, &host).await;
                answer.push((host, asked));
            }
            answer
        }));
    }

    /// Takes in the answer when it comes in time; else everything stays as it was.
    pub async fn wait(&mut self, patience: Duration) {
        let Some(asked) = &mut self.asked else { return };
        let Ok(answer) = tokio::time::timeout(patience, asked).await else {
            return;
        };
        self.asked = None;
        self.next_at = Some(Instant::now() + EVERY);
        let Ok(answer) = answer else { return };
        let mut before = std::mem::take(&mut self.known);
        self.problems.clear();
        for (host, asked) in answer {
            match asked {
                Ok(instances) => drop(self.known.insert(host, instances)),
                Err(problem) => {
                    self.problems.push(problem);
                    let mut last = before.remove(&host).unwrap_or_default();
                    for instance in &mut last {
                        instance.state = State::Unknown;
                    }
                    self.known.insert(host, last);
                }
            }
        }
    }

    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    pub fn instances(&self) -> impl Iterator<Item = Instance> + '_ {
        self.known.values().flatten().cloned()
    }
}

async fn look(world: &World, host: &str) -> Result<Vec<Instance>, Problem> {
    let cancel = CancellationToken::new();
    let connection = world.ssh().connect(host, &cancel).await?;
    ask(&connection, &cancel).await
}

async fn ask(connection: &Connection, cancel: &CancellationToken) -> Result<Vec<Instance>, Problem> {
    let properties = systemd::PROPERTIES;
    let script = format!(
        "export LC_ALL=C; echo {PART}units; systemctl show --no-pager --timestamp=unix --property={properties} -- '*.service' \
         $(ls /etc/systemd/system/ 2>/dev/null | grep '^[A-Za-z0-9:_.-]*\\.service$') 2>/dev/null; \
         echo {PART}containers; docker ps --all --no-trunc --format '{{{{json .}}}}' 2>/dev/null; exit 0"
    );
    let call = ["sh", "-c", script.as_str()];
    let mut call = Call::new(&call).timeout(WITHIN);
    call.max_bytes = 8 << 20;
    let output = connection.run(call, cancel).await?;
    Ok(parse(connection.host(), &String::from_utf8_lossy(&output.stdout)))
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Listed {
    #[serde(rename = "ID")]
    id: String,
    names: String,
    image: String,
    state: String,
    status: String,
    ports: String,
    labels: String,
}

/// Reads the answer; what can not be read is left out.
pub fn parse(host: &str, text: &str) -> Vec<Instance> {
    let (units, containers) = text.split_once(&format!("{PART}containers")).unwrap_or((text, ""));
    let units = units.split_once(&format!("{PART}units")).map_or("", |(_, units)| units);
    // One that is loaded and has its own file is told twice.
    let mut told = BTreeSet::new();
    let mut all: Vec<Instance> = systemd::parse_show(units.trim_start())
        .iter()
        .filter(|unit| unit.load == "loaded" && (unit.active != "inactive" || unit.is_at_rest()))
        .filter(|unit| told.insert(unit.name.clone()))
        .map(|unit| Instance {
            id: format!("{PREFIX}{host}:unit:{}", unit.name),
            // A number means nothing on this machine.
            pid: None,
            pid_start: None,
            ..units::instance(Manager::System, unit, host)
        })
        .collect();
    all.extend(
        containers
            .lines()
            .filter_map(|line| container(host, serde_json::from_str(line).ok()?)),
    );
    all
}

fn container(host: &str, listed: Listed) -> Option<Instance> {
    let is_id = listed.id.len() >= 12 && listed.id.bytes().all(|byte| byte.is_ascii_hexdigit());
    let safe = |text: &str| SafeText::new(text).into_string();
    let health = if listed.status.contains("(unhealthy)") {
        Some(State::Failed)
    } else if listed.status.contains("(healthy)") {
        Some(State::Running)
    } else {
        None
    };
    let has_failed = listed.status.starts_with("Exited") && !listed.status.starts_with("Exited (0)");
    let state = match listed.state.as_str() {
        "running" if health == Some(State::Failed) => State::Degraded,
        "running" => State::Running,
        "restarting" => State::Degraded,
        "exited" if has_failed => State::Failed,
        "dead" => State::Failed,
        "exited" | "created" | "paused" => State::None,
        _ => State::Unknown,
    };
    // `0.0.0.0:8080->80/tcp, :::8080->80/tcp`
    let mut ports: Vec<u16> = listed
        .ports
        .split(", ")
        .filter_map(|port| port.split_once("->")?.0.rsplit(':').next()?.parse().ok())
        .collect();
    ports.sort_unstable();
    ports.dedup();
    let project = listed
        .labels
        .split(',')
        .find_map(|label| label.strip_prefix("com.docker.compose.project="));
    is_id.then(|| Instance {
        id: format!("{PREFIX}{host}:container:{}", listed.id),
        name: safe(listed.names.split(',').next().unwrap_or_default()),
        kind: InstanceKind::Container,
        version: listed
            .image
            .rsplit_once(':')
            .map(|(_, tag)| safe(tag))
            .filter(|tag| !tag.contains('/')),
        machine: host.to_owned(),
        state,
        note: safe(&listed.status),
        health,
        project: project.map(safe),
        ports,
        ..Instance::default()
    })
}

/// What an instance of another machine is there: the machine, `unit` or `container`, and its name or number.
pub fn of_id(id: &str) -> Option<(&str, &str, &str)> {
    let (host, rest) = id.strip_prefix(PREFIX)?.split_once(':')?;
    let (kind, name) = rest.split_once(':')?;
    Some((host, kind, name))
}

/// Where a shell of it opens: in the container, else on its machine.
pub fn shell_of(instance: &Instance) -> Option<TerminalPlace> {
    let (host, kind, id) = of_id(&instance.id)?;
    let host = host.to_owned();
    if kind == "container" {
        return instance.is_running().then(|| TerminalPlace::FarContainer {
            host,
            id: id.to_owned(),
            name: instance.name.clone(),
        });
    }
    Some(TerminalPlace::Machine { host })
}

/// Starts, stops or restarts it there, and looks at it afterwards.
pub async fn act(world: &World, instance: &Instance, word: &str, cancel: &CancellationToken) -> Result<Instance, Problem> {
    let (host, kind, name) = of_id(&instance.id).ok_or_else(|| acts::gone(instance))?;
    let connection = world.ssh().connect(host, cancel).await?;
    let program: &[&str] = match kind {
        "unit" => &["systemctl", word, "--no-ask-password", "--", name],
        _ => &["docker", word, name],
    };
    // As long as a unit may take to end, by the manager's own rule.
    let call = Call::new(program).timeout(Duration::from_secs(95));
    let output = connection.run(call, cancel).await?;
    if !output.exit.is_success() {
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        let problem = Problem::environment(msg!("far-act-failed", name = instance.name.as_str(), host = host));
        return Err(problem.details(words.trim()));
    }
    let seen = ask(&connection, cancel).await?;
    let found = seen.into_iter().find(|one| one.id == instance.id);
    // A unit that has ended is not listed any more.
    let seen = found.unwrap_or_else(|| Instance {
        state: State::None,
        note: String::new(),
        ..instance.clone()
    });
    match (word, seen.is_running() || seen.state == State::Done) {
        ("stop", true) => Err(acts::not_stopped(&seen)),
        ("start" | "restart", false) => {
            let problem = Problem::environment(msg!("operate-not-started", name = seen.name.as_str()));
            Err(problem.details(&seen.note))
        }
        _ => Ok(seen),
    }
}
