//! Containers as instances: whose they are, how they are, and what stands while the engine says nothing.

use super::find::Scope;
use super::{Instance, InstanceKind};
use crate::adapters::docker::{self, Container, Engine, Fault};
use crate::base::docker::ServiceNow;
use crate::base::{Msg, Problem, State, Timestamp, Workspace};
use crate::msg;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// Labels that say to whom a container belongs.
const LABEL_WORKSPACE: &str = "org.chantier.workspace";
const LABEL_ENVIRONMENT: &str = "org.chantier.environment";
const LABEL_VERSION: &str = "org.chantier.version";
const LABEL_IMAGE_VERSION: &str = "org.opencontainers.image.version";
const LABEL_COMPOSE_FOLDER: &str = "com.docker.compose.project.working_dir";
const LABEL_COMPOSE_PROJECT: &str = "com.docker.compose.project";
const LABEL_STACK: &str = "com.docker.stack.namespace";
const LABEL_SERVICE: &str = "com.docker.swarm.service.name";
const LABEL_TASK: &str = "com.docker.swarm.task.name";
const LABEL_TASK_ID: &str = "com.docker.swarm.task.id";

/// Restarts by themselves from which on a container that is not up for a while is said to fall again and again.
const LOOP: u32 = 3;
const LOOP_SECS: i64 = 60;
/// An engine that did not answer is left alone for so long.
const REST: Duration = Duration::from_secs(10);

/// An engine that manages no swarm is not asked for services for so long.
const NO_SWARM: Duration = Duration::from_secs(30);
/// What begins the labels of services that were deployed from here: they are known.
const OWN_LABELS: &str = "chantier.";

type Answer = (
    docker::Memory,
    Result<Vec<Container>, Fault>,
    Option<Result<Vec<ServiceNow>, Fault>>,
);

/// What is known of the containers, and the question that is under way.
#[derive(Default)]
pub struct Containers {
    asked: Option<JoinHandle<Answer>>,
    memory: docker::Memory,
    known: Vec<Container>,
    services: Vec<ServiceNow>,
    no_swarm_until: Option<Instant>,
    problem: Option<Problem>,
    is_silent: bool,
    rest_until: Option<Instant>,
}

impl Drop for Containers {
    fn drop(&mut self) {
        if let Some(asked) = &self.asked {
            asked.abort();
        }
    }
}

impl Containers {
    /// Asks the engine, unless it is still being asked or failed a moment ago.
    pub fn ask(&mut self, engine: &Engine) {
        let is_resting = self.rest_until.is_some_and(|until| Instant::now() < until);
        if self.asked.is_some() || is_resting {
            return;
        }
        let engine = engine.clone();
        let mut memory = std::mem::take(&mut self.memory);
        let is_swarm = self.no_swarm_until.is_none_or(|until| Instant::now() >= until);
        self.asked = Some(tokio::spawn(async move {
            let answer = engine.containers(&mut memory).await;
            let services = if answer.is_ok() && is_swarm {
                Some(engine.services().await)
            } else {
                None
            };
            (memory, answer, services)
        }));
    }

    /// Takes in the answer when it comes in time; else everything stays as it was.
    pub async fn wait(&mut self, patience: Duration) {
        let Some(asked) = &mut self.asked else { return };
        let Ok(answer) = tokio::time::timeout(patience, asked).await else {
            return;
        };
        self.asked = None;
        let Ok((memory, answer, services)) = answer else { return };
        self.memory = memory;
        match services {
            Some(Ok(services)) => self.services = services,
            Some(Err(_)) => {
                self.services.clear();
                self.no_swarm_until = Some(Instant::now() + NO_SWARM);
            }
            None => {}
        }
        match answer {
            Ok(containers) => {
                self.known = containers;
                self.problem = None;
                self.is_silent = false;
                self.rest_until = None;
            }
            // No engine, no containers, and nothing to complain about; unless one was here a moment ago, or was named.
            Err(Fault::Away) if self.known.is_empty() => {
                self.problem = None;
                self.is_silent = false;
                self.rest_until = Some(Instant::now() + REST);
            }
            Err(fault) => {
                self.problem = Some(fault.problem());
                self.is_silent = true;
                self.rest_until = Some(Instant::now() + REST);
            }
        }
    }

    pub fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    /// What only the engine knows of an instance that was deployed: since when its container runs, its restarts, its health. A deployment
    /// may have kept the container that was there.
    pub fn add_to(&self, one: &mut Instance, now: Timestamp) {
        let known = |id: &String| self.known.iter().find(|container| container.id == *id);
        let Some(container) = one.container.as_ref().and_then(known).filter(|_| !self.is_silent) else {
            return;
        };
        one.n_restarts = container.n_restarts;
        one.health = health(container);
        one.started_at = container.started_at.or(one.started_at);
        if one.is_running() && container.is_running() {
            one.state = state(container, now);
            one.why = why(container, now);
        }
    }

    /// A task of a service that has ended, and in whose place another was started since.
    fn is_followed(&self, container: &Container) -> bool {
        let Some(place) = task_name(container).filter(|_| !container.is_running()) else {
            return false;
        };
        let others = self.known.iter().filter(|other| other.id != container.id);
        let mut later = others.filter(|other| other.is_running() || other.started_at > container.started_at);
        later.any(|other| task_name(other).as_ref() == Some(&place))
    }

    /// Those that belong to what is looked at. While the engine is silent nobody knows how they are.
    pub fn instances(&self, scope: &Scope<'_>, machine: &str, now: Timestamp) -> Vec<Instance> {
        let all = self
            .known
            .iter()
            .filter(|container| !self.is_followed(container))
            .filter_map(|container| instance(container, scope, machine, now));
        let has_container = |service: &ServiceNow| {
            let mut labels = self.known.iter().filter_map(|container| container.labels.get(LABEL_SERVICE));
            labels.any(|name| *name == service.name)
        };
        let lone = self.services.iter().filter(|service| !has_container(service));
        let lone = lone.filter_map(|service| of_service(service, scope, machine));
        all.chain(lone)
            .map(|mut instance| {
                if self.is_silent {
                    instance.state = State::Unknown;
                    instance.cpu_percent = None;
                    instance.memory_bytes = None;
                }
                instance
            })
            .collect()
    }
}

/// The workspace that a container's labels name, or that holds its compose files.
pub(super) fn owner<'a>(labels: &BTreeMap<String, String>, workspaces: &'a [Workspace]) -> Option<&'a Workspace> {
    let label = |name: &str| labels.get(name).filter(|value| !value.is_empty());
    let by_id = label(LABEL_WORKSPACE).and_then(|id| workspaces.iter().find(|workspace| workspace.id.0 == *id));
    by_id.or_else(|| {
        let folder = Path::new(label(LABEL_COMPOSE_FOLDER)?);
        let holders = workspaces.iter().filter(|workspace| folder.starts_with(&workspace.root));
        holders.max_by_key(|workspace| workspace.root.as_os_str().len())
    })
}

/// `web.1` of a task that Swarm calls `web.1.cemcl2js1q2i…`.
fn task_name(container: &Container) -> Option<String> {
    let label = |name: &str| container.labels.get(name).filter(|value| !value.is_empty());
    let (_, name, id) = (label(LABEL_SERVICE)?, label(LABEL_TASK)?, label(LABEL_TASK_ID)?);
    let place = name.strip_suffix(id.as_str()).and_then(|place| place.strip_suffix('.'));
    Some(place.unwrap_or(name).to_owned())
}

/// A container as an instance; None when it belongs to nothing that is looked at.
pub fn instance(container: &Container, scope: &Scope<'_>, machine: &str, now: Timestamp) -> Option<Instance> {
    let label = |name: &str| container.labels.get(name).filter(|value| !value.is_empty());
    let workspace = owner(&container.labels, scope.workspaces);
    if workspace.is_none() && !scope.is_all {
        return None;
    }
    let version = label(LABEL_VERSION).or_else(|| label(LABEL_IMAGE_VERSION)).cloned();
    // A colon behind the last slash parts the tag; one before it belongs to a port.
    let tag = container.image.rsplit('/').next().and_then(|last| last.split_once(':'));
    Some(Instance {
        id: format!("container:{}", container.id),
        name: task_name(container).unwrap_or_else(|| container.name.clone()),
        kind: InstanceKind::Container,
        workspace: workspace.map(|workspace| workspace.id.clone()),
        environment: [LABEL_ENVIRONMENT, LABEL_COMPOSE_PROJECT, LABEL_STACK, LABEL_SERVICE]
            .into_iter()
            .find_map(label)
            .cloned(),
        version: version.or_else(|| tag.map(|(_, tag)| short(tag).to_owned())),
        machine: machine.to_owned(),
        state: state(container, now),
        note: container.status.clone(),
        why: why(container, now),
        health: health(container),
        project: label(LABEL_COMPOSE_PROJECT).or_else(|| label(LABEL_STACK)).cloned(),
        service: label(LABEL_SERVICE).cloned(),
        pid: container.pid,
        container: Some(container.id.clone()),
        ports: container.ports.clone(),
        cpu_percent: container.cpu_percent,
        memory_bytes: container.memory_bytes,
        n_restarts: container.n_restarts,
        started_at: container.started_at,
        ended_at: container.ended_at,
        ..Instance::default()
    })
}

/// A service of which this machine has no container: none of its tasks has a place, or all of them are on other nodes. None when it
/// belongs to nothing that is looked at, or was deployed from here.
pub fn of_service(service: &ServiceNow, scope: &Scope<'_>, machine: &str) -> Option<Instance> {
    let label = |name: &str| service.labels.get(name).filter(|value| !value.is_empty());
    let workspace = owner(&service.labels, scope.workspaces);
    let is_own = service.labels.keys().any(|name| name.starts_with(OWN_LABELS));
    if is_own || (workspace.is_none() && !scope.is_all) {
        return None;
    }
    // Behind the tag stands the sum of the image.
    let image = service.image.split('@').next().unwrap_or_default();
    let tag = image.rsplit('/').next().and_then(|last| last.split_once(':'));
    let (state, why) = match (service.n_running, service.n_wanted) {
        (_, 0) => (State::None, None),
        (running, wanted) if running >= wanted => (State::Running, None),
        (running, wanted) => {
            let why = if service.error.is_empty() {
                msg!("operate-why-service", running = running, wanted = wanted)
            } else {
                msg!(
                    "operate-why-service-says",
                    running = running,
                    wanted = wanted,
                    why = service.error.as_str()
                )
            };
            (if running == 0 { State::Failed } else { State::Degraded }, Some(why))
        }
    };
    Some(Instance {
        id: format!("service:{}", service.name),
        name: service.name.clone(),
        kind: InstanceKind::Container,
        workspace: workspace.map(|workspace| workspace.id.clone()),
        environment: label(LABEL_ENVIRONMENT).or_else(|| label(LABEL_STACK)).cloned(),
        version: tag.map(|(_, tag)| short(tag).to_owned()),
        machine: machine.to_owned(),
        state,
        note: format!("{}/{}", service.n_running, service.n_wanted),
        why,
        project: label(LABEL_STACK).cloned(),
        service: Some(service.name.clone()),
        ..Instance::default()
    })
}

/// An image that has no tag is known by the first digits of its sum.
fn short(tag: &str) -> &str {
    let is_sum = tag.len() == 64 && tag.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_sum { &tag[..12] } else { tag }
}

/// It restarts by itself and does not stay up.
fn falls(container: &Container, now: Timestamp) -> bool {
    is_loop(&container.state, container.n_restarts, container.started_at, now)
}

/// The same of what the engine says of a container: its state, its restarts by itself, and since when it runs.
pub fn is_loop(state: &str, n_restarts: u32, started_at: Option<Timestamp>, now: Timestamp) -> bool {
    let is_young = started_at.is_none_or(|at| now.as_second() - at.as_second() < LOOP_SECS);
    n_restarts >= LOOP && (state == "restarting" || state == "running" && is_young)
}

/// Running, degraded, stopped or failed, from the engine's words.
fn state(container: &Container, now: Timestamp) -> State {
    // It can be stopped, and comes up now and then.
    if falls(container, now) {
        return State::Degraded;
    }
    match container.state.as_str() {
        "running" if container.status.contains("(unhealthy)") => State::Degraded,
        "running" => State::Running,
        "paused" | "restarting" | "removing" | "stopping" => State::Degraded,
        "exited" if container.was_oom_killed => State::Failed,
        // Ended by itself without a complaint, or by TERM or KILL as a stop does it.
        "exited" => match container.exit_code {
            Some(0 | 130 | 137 | 143) => State::None,
            _ => State::Failed,
        },
        "created" if !container.error.is_empty() => State::Failed,
        "created" => State::None,
        "dead" => State::Failed,
        _ => State::Unknown,
    }
}

/// Why it is not well, or how it ended, in words.
fn why(container: &Container, now: Timestamp) -> Option<Msg> {
    if container.was_oom_killed && (!container.is_running() || falls(container, now)) {
        return Some(if falls(container, now) {
            msg!("operate-why-oom-loop", n = container.n_restarts)
        } else {
            msg!("operate-why-oom")
        });
    }
    if falls(container, now) {
        return Some(match container.exit_code {
            Some(code) => msg!("operate-why-loop-code", n = container.n_restarts, code = code),
            None => msg!("operate-why-loop", n = container.n_restarts),
        });
    }
    if !container.error.is_empty() {
        return Some(msg!("operate-why-engine", why = container.error.as_str()));
    }
    match (container.state.as_str(), container.exit_code) {
        ("running", _) if container.status.contains("(unhealthy)") => Some(msg!("operate-why-unhealthy")),
        ("paused", _) => Some(msg!("operate-why-paused")),
        ("restarting", _) => Some(msg!("operate-why-restarting")),
        ("exited" | "dead", Some(137)) => Some(msg!("operate-why-killed")),
        ("exited" | "dead", Some(code @ 129..=192)) => {
            let signal = crate::adapters::process::signal_name((code - 128) as i32);
            Some(msg!("operate-why-signal", signal = signal))
        }
        ("exited", Some(0)) => Some(msg!("operate-why-ended")),
        ("created", _) => Some(msg!("operate-why-created")),
        ("exited" | "dead", Some(code)) if code != 0 => Some(msg!("operate-why-exit", code = code)),
        _ => None,
    }
}

/// What its own check says.
fn health(container: &Container) -> Option<State> {
    if !container.is_running() {
        return None;
    }
    let said = |word: &str| container.status.contains(word);
    if said("(healthy)") {
        Some(State::Done)
    } else if said("(unhealthy)") {
        Some(State::Failed)
    } else if said("(health: starting)") {
        Some(State::InProgress)
    } else {
        None
    }
}
