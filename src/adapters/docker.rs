//! The container engine over its socket. Every question ends within a time limit; an engine that is not there is no error.

mod build;
mod cgroup;
mod containers;
mod context;
mod endpoint;
mod events;
mod exec;
mod holdings;
mod ignore;
mod images;
mod logs;
mod parts;
mod prune;
mod put;
mod run;
mod stats;
mod swarm;
mod wire;

pub use build::{Build, BuildEvent};
pub use containers::{ContainerAct, Ending};
pub use context::files_of_context;
pub use endpoint::{DockerContext, contexts};
pub use events::EngineEvent;
pub use exec::{ExecKeys, ExecSpec, ExecTerminal, Executed, Executing};
pub use ignore::Ignore;
pub use images::Saved;
pub use logs::{LogPiece, Written, stamp};
pub use run::dangers;
pub use stats::Needs;

use crate::base::{Problem, SafeText, Timestamp};
use crate::msg;
use bollard::ClientVersion;
use bollard::errors::Error;
use bollard::query_parameters::{
    ListContainersOptions, RestartContainerOptions, StartContainerOptions, StatsOptions, StopContainerOptions,
};
use endpoint::Endpoint;
use futures::StreamExt as _;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long the engine may take for an answer.
pub const TIME_LIMIT: Duration = Duration::from_secs(5);
/// Containers that are taken in; what comes behind is left out.
const MAX_CONTAINERS: usize = 500;
/// A longer line is handed over in pieces.
const MAX_LINE: usize = 64 * 1024;

/// The way to the engine that the user's `docker` command talks to. Cheap to clone; holds no connection.
#[derive(Clone, Debug)]
pub struct Engine {
    /// Err is the name of a context that is not there.
    endpoint: Result<Endpoint, String>,
    time_limit: Duration,
    /// What was spoken last, and with whom: asking takes Podman a second each time. Forgotten when a call fails.
    spoken: Arc<Mutex<Option<(String, ClientVersion)>>>,
}

/// A container as the engine tells of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Container {
    pub id: String,
    pub name: String,
    pub image: String,
    /// The engine's word: `running`, `exited`, `paused`, …
    pub state: String,
    /// For people: `Up 2 hours (healthy)`.
    pub status: String,
    /// Published on this machine.
    pub ports: Vec<u16>,
    pub labels: BTreeMap<String, String>,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub exit_code: Option<i64>,
    pub n_restarts: u32,
    /// The kernel ended it because there was no memory left for it.
    pub was_oom_killed: bool,
    /// Why it could not be started, in the engine's words.
    pub error: String,
    pub pid: Option<u32>,
    pub cpu_percent: Option<f64>,
    pub memory_bytes: Option<u64>,
}

impl Container {
    pub fn is_running(&self) -> bool {
        self.state == "running"
    }
}

/// What one look leaves for the next: what does not change in a container's life, and processor time.
#[derive(Debug, Default)]
pub struct Memory {
    lives: BTreeMap<String, Life>,
    times: BTreeMap<String, (Instant, u64)>,
}

#[derive(Clone, Debug, Default)]
struct Life {
    /// State and status begin anew with each start.
    state: String,
    created: i64,
    started_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    exit_code: Option<i64>,
    n_restarts: u32,
    was_oom_killed: bool,
    error: String,
    pid: Option<u32>,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Fault {
    /// No engine listens there.
    Away,
    /// None listens where the user's own word points to: `DOCKER_HOST=unix:///...`.
    AwayAt(String),
    /// It listens and says nothing.
    Silent(Duration),
    /// It can not be spoken to in this way: ssh, TLS, or a context that is not there.
    Unsupported(String),
    /// There is no such thing.
    Gone,
    /// It will not do it, and says why.
    Refused { status: u16, why: String },
    /// It sends more than any answer holds.
    TooMuch,
    /// It says something else than it should.
    Broken(String),
}

impl Fault {
    pub fn problem(&self) -> Problem {
        let problem = Problem::environment(msg!("docker-broken")).hint(msg!("docker-broken-hint"));
        match self {
            Self::Away => Problem::environment(msg!("docker-away")).code("no-engine"),
            Self::AwayAt(host) => Problem::environment(msg!("docker-away-at", host = host.as_str()))
                .code("no-engine")
                .hint(msg!("docker-away-at-hint")),
            Self::Silent(limit) => Problem::environment(msg!("docker-silent", secs = limit.as_secs()))
                .code("engine-silent")
                .hint(msg!("docker-broken-hint")),
            Self::Unsupported(what) => Problem::config(msg!("docker-unsupported", what = what.as_str()))
                .code("engine-unsupported")
                .hint(msg!("docker-unsupported-hint")),
            Self::Gone => Problem::user(msg!("docker-gone")).code("not-found"),
            Self::Refused { why, .. } => Problem::user(msg!("docker-refused")).code("engine-refused").details(why),
            Self::TooMuch => problem.code("engine-broken").details(wire::TooMuch),
            Self::Broken(why) => problem.code("engine-broken").details(why),
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match &error {
            Error::SocketNotFoundError(_) => return Self::Away,
            Error::RequestTimeoutError => return Self::Silent(TIME_LIMIT),
            Error::DockerResponseServerError { status_code: 404, .. } => return Self::Gone,
            Error::DockerResponseServerError { status_code, message } => {
                return Self::Refused {
                    status: *status_code,
                    why: SafeText::multiline(message).into_string(),
                };
            }
            Error::DockerStreamError { error } => {
                return Self::Refused {
                    status: 0,
                    why: SafeText::multiline(error).into_string(),
                };
            }
            _ => {}
        }
        let causes = causes(&error);
        let io = |cause: &&(dyn std::error::Error + 'static)| cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        if causes.iter().any(|cause| cause.is::<wire::TooMuch>()) {
            return Self::TooMuch;
        }
        use std::io::ErrorKind as Kind;
        let is_away = |kind| {
            matches!(
                kind,
                Kind::ConnectionRefused | Kind::NotFound | Kind::ConnectionReset | Kind::BrokenPipe | Kind::UnexpectedEof
            )
        };
        // It ended in the middle of an answer.
        let is_cut = |cause: &&(dyn std::error::Error + 'static)| {
            let hyper = cause.downcast_ref::<hyper::Error>();
            hyper.is_some_and(|error| error.is_incomplete_message() || error.is_closed() || error.is_canceled())
        };
        if causes.iter().any(|cause| io(cause).is_some_and(is_away) || is_cut(cause)) {
            return Self::Away;
        }
        let mut words: Vec<String> = causes.iter().map(ToString::to_string).collect();
        words.dedup();
        Self::Broken(SafeText::multiline(&words.join("\n")).into_string())
    }
}

/// An error and what lies behind it, also what an input error carries.
fn causes(error: &Error) -> Vec<&(dyn std::error::Error + 'static)> {
    let first: &(dyn std::error::Error + 'static) = match error {
        Error::IOError { err } => err,
        Error::HyperResponseError { err } => err,
        other => other,
    };
    let mut found = Vec::new();
    let mut next = Some(first);
    while let Some(cause) = next.filter(|_| found.len() < 16) {
        found.push(cause);
        let carried = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        next = match carried {
            Some(carried) => Some(carried),
            None => cause.source(),
        };
    }
    found
}

impl Default for Engine {
    fn default() -> Self {
        Self::from_env()
    }
}

impl Engine {
    /// As the `docker` command finds it: `DOCKER_HOST`, a context, else the usual socket.
    pub fn from_env() -> Self {
        Self::from_vars(|name| std::env::var_os(name))
    }

    /// The same with other variables.
    pub fn from_vars(var: impl Fn(&str) -> Option<OsString>) -> Self {
        Self {
            endpoint: endpoint::find(var),
            time_limit: TIME_LIMIT,
            spoken: Arc::default(),
        }
    }

    pub fn at(host: &str) -> Self {
        Self {
            endpoint: Ok(Endpoint {
                host: host.to_owned(),
                ..Endpoint::default()
            }),
            time_limit: TIME_LIMIT,
            spoken: Arc::default(),
        }
    }

    /// Where the engine is; None when a context is named that is not there.
    pub fn host(&self) -> Option<&str> {
        self.endpoint.as_ref().ok().map(|endpoint| endpoint.host.as_str())
    }

    /// For tests: another patience.
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }

    async fn client(&self) -> Result<wire::Client, Fault> {
        let endpoint = match &self.endpoint {
            Ok(endpoint) => endpoint,
            Err(context) => return Err(Fault::Unsupported(format!("DOCKER_CONTEXT={}", SafeText::new(context)))),
        };
        let host = endpoint.current();
        let is_plain_tcp = (host.starts_with("tcp://") || host.starts_with("http://")) && !endpoint.wants_tls;
        if !(host.starts_with("unix://") || is_plain_tcp) {
            let tls = if endpoint.wants_tls { " (TLS)" } else { "" };
            return Err(Fault::Unsupported(format!("{}{tls}", SafeText::new(&host))));
        }
        let spoken = || self.spoken.lock().unwrap_or_else(PoisonError::into_inner);
        let known = spoken()
            .as_ref()
            .filter(|(with, _)| *with == host)
            .map(|(_, version)| *version);
        let client = wire::Client::new(&host, self.time_limit, known.as_ref()).map_err(|error| self.named(error.into()))?;
        if known.is_some() {
            return Ok(client);
        }
        let client = self.within(self.time_limit, client.negotiated()).await?;
        *spoken() = Some((host, client.client_version()));
        Ok(client)
    }

    /// With the name of the context where that is why nothing is there.
    fn named(&self, fault: Fault) -> Fault {
        let named_by = self
            .endpoint
            .as_ref()
            .ok()
            .and_then(|endpoint| Some((endpoint, endpoint.named_by.as_ref()?)));
        match (fault, named_by) {
            (Fault::Away, Some((endpoint, named_by))) => {
                Fault::AwayAt(format!("{} ({})", SafeText::new(named_by), endpoint.current()))
            }
            (fault, _) => fault,
        }
    }

    async fn within<T>(&self, limit: Duration, asked: impl Future<Output = Result<T, Error>>) -> Result<T, Fault> {
        let fault = match tokio::time::timeout(limit, asked).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => self.named(error.into()),
            Err(_) => Fault::Silent(self.time_limit),
        };
        // Another engine may stand there by the next call.
        *self.spoken.lock().unwrap_or_else(PoisonError::into_inner) = None;
        Err(fault)
    }

    /// Every container, running or not, with what it needs now.
    pub async fn containers(&self, memory: &mut Memory) -> Result<Vec<Container>, Fault> {
        let client = self.client().await?;
        let options = ListContainersOptions {
            all: true,
            ..ListContainersOptions::default()
        };
        let until = tokio::time::Instant::now() + self.time_limit;
        let listed = self.within(self.time_limit, client.list_containers(Some(options))).await?;
        let mut containers = Vec::new();
        let mut lives = BTreeMap::new();
        let mut times = BTreeMap::new();
        for summary in listed.into_iter().take(MAX_CONTAINERS) {
            let Some(id) = summary.id else { continue };
            let mut ports: Vec<u16> = summary
                .ports
                .unwrap_or_default()
                .iter()
                .filter_map(|port| port.public_port)
                .collect();
            ports.sort_unstable();
            ports.dedup();
            let name = summary.names.unwrap_or_default().first().cloned().unwrap_or_default();
            let mut container = Container {
                name: SafeText::new(name.trim_start_matches('/')).into_string(),
                image: SafeText::new(&summary.image.unwrap_or_default()).into_string(),
                state: summary.state.map(|state| state.to_string()).unwrap_or_default(),
                status: SafeText::new(&summary.status.unwrap_or_default()).into_string(),
                labels: summary.labels.unwrap_or_default().into_iter().collect(),
                ports,
                id,
                ..Container::default()
            };
            let created = summary.created.unwrap_or_default();
            let left = until.saturating_duration_since(tokio::time::Instant::now());
            // An `Up 3 seconds` that follows an `Up 2 hours` is another life, and so is an end that is another one.
            let is_young = container.status.contains("second") || container.state == "restarting";
            let known = memory
                .lives
                .remove(&container.id)
                .filter(|life| life.state == container.state && life.created == created && !is_young);
            let life = match known {
                Some(life) => life,
                None => match self.within(left, client.inspect_container(&container.id, None)).await {
                    Ok(told) => life_of(&container.state, created, told),
                    // It was removed between the two questions.
                    Err(Fault::Gone) => continue,
                    Err(fault) => return Err(fault),
                },
            };
            container.started_at = life.started_at;
            container.ended_at = life.ended_at.filter(|_| !container.is_running());
            container.exit_code = life.exit_code.filter(|_| !container.is_running());
            container.n_restarts = life.n_restarts;
            container.was_oom_killed = life.was_oom_killed;
            container.error.clone_from(&life.error);
            container.pid = life.pid.filter(|_| container.is_running());
            if container.is_running() {
                let left = until.saturating_duration_since(tokio::time::Instant::now());
                if let Some((cpu_ns, bytes)) = self.needs(&client, &container, left).await {
                    let now = Instant::now();
                    container.memory_bytes = Some(bytes);
                    if let Some((at, before)) = memory.times.get(&container.id) {
                        let secs = now.duration_since(*at).as_secs_f64();
                        let spent = cpu_ns.saturating_sub(*before) as f64 / 1e9;
                        container.cpu_percent = (secs > 0.0).then(|| spent / secs * 100.0);
                    }
                    times.insert(container.id.clone(), (now, cpu_ns));
                }
            }
            lives.insert(container.id.clone(), life);
            containers.push(container);
        }
        *memory = Memory { lives, times };
        Ok(containers)
    }

    /// Processor nanoseconds and bytes of memory: from the kernel where it lets us, else from the engine.
    async fn needs(&self, client: &wire::Client, container: &Container, left: Duration) -> Option<(u64, u64)> {
        let (pid, id) = (container.pid, container.id.clone());
        let read = tokio::task::spawn_blocking(move || cgroup::read(pid?, &id))
            .await
            .ok()
            .flatten();
        if read.is_some() {
            return read;
        }
        let options = StatsOptions {
            stream: false,
            one_shot: true,
        };
        let mut stats = Box::pin(client.stats(&container.id, Some(options)));
        let told = tokio::time::timeout(left, stats.next()).await.ok()??.ok()?;
        let memory = told.memory_stats?;
        let cache = memory
            .stats
            .as_ref()
            .and_then(|stats| stats.get("inactive_file").or_else(|| stats.get("total_inactive_file")));
        let bytes = memory.usage?.saturating_sub(cache.copied().unwrap_or(0));
        Some((told.cpu_stats?.cpu_usage?.total_usage?, bytes))
    }

    /// One container by its id or name; None when there is none.
    pub async fn container(&self, id: &str) -> Result<Option<Container>, Fault> {
        let found = self.containers(&mut Memory::default()).await?;
        Ok(found.into_iter().find(|container| container.id == id || container.name == id))
    }

    pub async fn start(&self, id: &str) -> Result<(), Fault> {
        let client = self.client().await?;
        let asked = client.start_container(id, None::<StartContainerOptions>);
        self.within(self.time_limit, asked).await
    }

    /// TERM, `grace`, KILL, all done by the engine.
    pub async fn stop(&self, id: &str, grace: Duration) -> Result<(), Fault> {
        let client = self.patient(grace).await?;
        let options = StopContainerOptions {
            t: i32::try_from(grace.as_secs()).ok(),
            ..StopContainerOptions::default()
        };
        self.within(self.time_limit + grace, client.stop_container(id, Some(options)))
            .await
    }

    pub async fn restart(&self, id: &str, grace: Duration) -> Result<(), Fault> {
        let client = self.patient(grace).await?;
        let options = RestartContainerOptions {
            t: i32::try_from(grace.as_secs()).ok(),
            ..RestartContainerOptions::default()
        };
        let asked = client.restart_container(id, Some(options));
        self.within(self.time_limit + grace, asked).await
    }

    /// For acts that last as long as the container takes to end.
    async fn patient(&self, grace: Duration) -> Result<wire::Client, Fault> {
        let longer = self.clone().time_limit(self.time_limit + grace);
        longer.client().await
    }
}

fn life_of(state: &str, created: i64, told: bollard::models::ContainerInspectResponse) -> Life {
    let told_state = told.state.unwrap_or_default();
    Life {
        state: state.to_owned(),
        created,
        started_at: moment(&told_state.started_at.unwrap_or_default()),
        ended_at: moment(&told_state.finished_at.unwrap_or_default()),
        exit_code: told_state.exit_code,
        n_restarts: told.restart_count.unwrap_or_default().try_into().unwrap_or(0),
        was_oom_killed: told_state.oom_killed == Some(true),
        error: SafeText::new(&told_state.error.unwrap_or_default()).into_string(),
        pid: told_state.pid.and_then(|pid| u32::try_from(pid).ok()).filter(|pid| *pid > 0),
    }
}

/// The engine writes the year 1 for never.
fn moment(text: &str) -> Option<Timestamp> {
    text.parse::<Timestamp>().ok().filter(|at| at.as_second() > 0)
}

fn moment_of(secs: i64) -> Option<Timestamp> {
    Timestamp::from_second(secs).ok().filter(|_| secs > 0)
}

/// An id or a name that is only that: it stands in the path of a request.
fn plain_ref(text: &str) -> Result<&str, Fault> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-:/@".contains(&byte);
    if !text.is_empty() && text.len() <= 512 && text.bytes().all(is_plain) && !text.contains("..") {
        return Ok(text);
    }
    let why = SafeText::new(text).into_string();
    Err(Fault::Refused { status: 400, why })
}
