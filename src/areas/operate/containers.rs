//! Containers as instances: whose they are, how they are, and what stands while the engine says nothing.

use super::find::Scope;
use super::{Instance, InstanceKind};
use crate::adapters::docker::{self, Container, Engine, Fault};
use crate::base::{Problem, State};
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

/// An engine that did not answer is left alone for so long.
const REST: Duration = Duration::from_secs(10);

type Answer = (docker::Memory, Result<Vec<Container>, Fault>);

/// What is known of the containers, and the question that is under way.
#[derive(Default)]
pub struct Containers {
    asked: Option<JoinHandle<Answer>>,
    memory: docker::Memory,
    known: Vec<Container>,
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
        self.asked = Some(tokio::spawn(async move {
            let answer = engine.containers(&mut memory).await;
            (memory, answer)
        }));
    }

    /// Takes in the answer when it comes in time; else everything stays as it was.
    pub async fn wait(&mut self, patience: Duration) {
        let Some(asked) = &mut self.asked else { return };
        let Ok(answer) = tokio::time::timeout(patience, asked).await else {
            return;
        };
        self.asked = None;
        let Ok((memory, answer)) = answer else { return };
        self.memory = memory;
        match answer {
            Ok(containers) => {
                self.known = containers;
                self.problem = None;
                self.is_silent = false;
                self.rest_until = None;
            }
            // No engine, no containers, and nothing to complain about.
            Err(Fault::Away) => {
                self.known.clear();
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

    /// Those that belong to what is looked at. While the engine is silent nobody knows how they are.
    pub fn instances(&self, scope: &Scope<'_>, machine: &str) -> Vec<Instance> {
        let all = self.known.iter().filter_map(|container| instance(container, scope, machine));
        all.map(|mut instance| {
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

/// A container as an instance; None when it belongs to nothing that is looked at.
pub fn instance(container: &Container, scope: &Scope<'_>, machine: &str) -> Option<Instance> {
    let label = |name: &str| container.labels.get(name).filter(|value| !value.is_empty());
    let by_id = label(LABEL_WORKSPACE).and_then(|id| scope.workspaces.iter().find(|workspace| workspace.id.0 == *id));
    let workspace = by_id.or_else(|| {
        let folder = Path::new(label(LABEL_COMPOSE_FOLDER)?);
        let holders = scope
            .workspaces
            .iter()
            .filter(|workspace| folder.starts_with(&workspace.root));
        holders.max_by_key(|workspace| workspace.root.as_os_str().len())
    });
    if workspace.is_none() && !scope.is_all {
        return None;
    }
    let version = label(LABEL_VERSION).or_else(|| label(LABEL_IMAGE_VERSION)).cloned();
    // A colon behind the last slash parts the tag; one before it belongs to a port.
    let tag = container.image.rsplit('/').next().and_then(|last| last.split_once(':'));
    Some(Instance {
        id: format!("container:{}", container.id),
        name: container.name.clone(),
        kind: InstanceKind::Container,
        workspace: workspace.map(|workspace| workspace.id.clone()),
        environment: label(LABEL_ENVIRONMENT).or_else(|| label(LABEL_COMPOSE_PROJECT)).cloned(),
        version: version.or_else(|| tag.map(|(_, tag)| tag.to_owned())),
        machine: machine.to_owned(),
        state: state(container),
        note: container.status.clone(),
        pid: container.pid,
        pid_start: None,
        container: Some(container.id.clone()),
        ports: container.ports.clone(),
        cpu_percent: container.cpu_percent,
        memory_bytes: container.memory_bytes,
        n_processes: 0,
        n_restarts: container.n_restarts,
        started_at: container.started_at,
        ended_at: container.ended_at,
        log_path: None,
        deployment: None,
    })
}

/// Running, degraded, stopped or failed, from the engine's words.
fn state(container: &Container) -> State {
    match container.state.as_str() {
        "running" if container.status.contains("(unhealthy)") => State::Degraded,
        "running" => State::Running,
        "paused" | "restarting" | "removing" | "stopping" => State::Degraded,
        // Ended by itself without a complaint, or by TERM or KILL as a stop does it.
        "exited" => match container.exit_code {
            Some(0 | 130 | 137 | 143) => State::None,
            _ => State::Failed,
        },
        "created" => State::None,
        "dead" => State::Failed,
        _ => State::Unknown,
    }
}
