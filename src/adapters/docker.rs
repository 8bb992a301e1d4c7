//! The container engine over its socket. Every question ends within a time limit; an engine that is not there is no error.

mod cgroup;
mod endpoint;

use crate::base::{LogLine, Problem, SafeText, Stream, Timestamp};
use crate::msg;
use bollard::container::LogOutput;
use bollard::errors::Error;
use bollard::query_parameters::{
    ListContainersOptions, LogsOptions, RestartContainerOptions, StartContainerOptions, StatsOptions, StopContainerOptions,
};
use endpoint::Endpoint;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::future::Future;
use std::time::{Duration, Instant};

/// How long the engine may take for an answer.
pub const TIME_LIMIT: Duration = Duration::from_secs(5);
/// Containers that are taken in; what comes behind is left out.
const MAX_CONTAINERS: usize = 500;
const FOREVER: Duration = Duration::from_hours(8760);
/// A longer line is handed over in pieces.
const MAX_LINE: usize = 64 * 1024;

/// The way to the engine that the user's `docker` command talks to. Cheap to clone; holds no connection.
#[derive(Clone, Debug)]
pub struct Engine {
    /// Err is the name of a context that is not there.
    endpoint: Result<Endpoint, String>,
    time_limit: Duration,
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
    pid: Option<u32>,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Fault {
    /// No engine listens there.
    Away,
    /// It listens and says nothing.
    Silent(Duration),
    /// It can not be spoken to in this way: ssh, TLS, or a context that is not there.
    Unsupported(String),
    /// There is no such container.
    Gone,
    /// It says something else than it should.
    Broken(String),
}

impl Fault {
    pub fn problem(&self) -> Problem {
        let problem = Problem::environment(msg!("docker-broken")).hint(msg!("docker-broken-hint"));
        match self {
            Self::Away => Problem::environment(msg!("docker-away")).code("no-engine"),
            Self::Silent(limit) => Problem::environment(msg!("docker-silent", secs = limit.as_secs()))
                .code("engine-silent")
                .hint(msg!("docker-broken-hint")),
            Self::Unsupported(what) => Problem::config(msg!("docker-unsupported", what = what.as_str()))
                .code("engine-unsupported")
                .hint(msg!("docker-unsupported-hint")),
            Self::Gone => Problem::user(msg!("docker-gone")).code("not-found"),
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
            _ => {}
        }
        let mut source: Option<&(dyn std::error::Error + 'static)> = Some(&error);
        let mut words = Vec::new();
        while let Some(cause) = source {
            if let Some(io) = cause.downcast_ref::<std::io::Error>()
                && matches!(
                    io.kind(),
                    std::io::ErrorKind::ConnectionRefused | std::io::ErrorKind::NotFound
                )
            {
                return Self::Away;
            }
            let word = cause.to_string();
            if words.last() != Some(&word) {
                words.push(word);
            }
            source = cause.source();
        }
        Self::Broken(SafeText::multiline(&words.join("\n")).into_string())
    }
}

/// A piece of a container's output.
pub type LogPiece = Result<LogLine, Fault>;

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
        }
    }

    pub fn at(host: &str) -> Self {
        Self {
            endpoint: Ok(Endpoint {
                host: host.to_owned(),
                wants_tls: false,
            }),
            time_limit: TIME_LIMIT,
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

    /// Speaks the newest version that both sides know.
    async fn client(&self) -> Result<bollard::Docker, Fault> {
        let endpoint = match &self.endpoint {
            Ok(endpoint) => endpoint,
            Err(context) => return Err(Fault::Unsupported(format!("DOCKER_CONTEXT={}", SafeText::new(context)))),
        };
        let (host, secs) = (endpoint.host.as_str(), self.time_limit.as_secs().max(1));
        let is_plain_tcp = (host.starts_with("tcp://") || host.starts_with("http://")) && !endpoint.wants_tls;
        let client = if host.starts_with("unix://") {
            bollard::Docker::connect_with_unix(host, secs, bollard::API_DEFAULT_VERSION)?
        } else if is_plain_tcp {
            bollard::Docker::connect_with_http(host, secs, bollard::API_DEFAULT_VERSION)?
        } else {
            let tls = if endpoint.wants_tls { " (TLS)" } else { "" };
            return Err(Fault::Unsupported(format!("{}{tls}", SafeText::new(host))));
        };
        self.within(self.time_limit, client.negotiate_version()).await
    }

    async fn within<T>(&self, limit: Duration, asked: impl Future<Output = Result<T, Error>>) -> Result<T, Fault> {
        match tokio::time::timeout(limit, asked).await {
            Ok(answer) => Ok(answer?),
            Err(_) => Err(Fault::Silent(self.time_limit)),
        }
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
            // An `Up 3 seconds` that follows an `Up 2 hours` is another life.
            let is_young = container.status.contains("second");
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
    async fn needs(&self, client: &bollard::Docker, container: &Container, left: Duration) -> Option<(u64, u64)> {
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
    async fn patient(&self, grace: Duration) -> Result<bollard::Docker, Fault> {
        let longer = self.clone().time_limit(self.time_limit + grace);
        longer.client().await
    }

    /// The last lines of a container's output; with `follow` also what comes. Ends when the output does.
    pub async fn logs(
        &self,
        id: &str,
        n_lines: u32,
        follow: bool,
        now: impl Fn() -> Timestamp + Send + 'static,
    ) -> Result<BoxStream<'static, LogPiece>, Fault> {
        let client = self.client().await?;
        // Only a living engine is waited for without a limit.
        self.within(self.time_limit, client.inspect_container(id, None)).await?;
        let options = LogsOptions {
            follow,
            stdout: true,
            stderr: true,
            tail: n_lines.to_string(),
            ..LogsOptions::default()
        };
        let pieces = client.logs(id, Some(options)).boxed();
        // Who follows waits as long as the container has nothing to say.
        let limit = if follow { FOREVER } else { self.time_limit };
        let pieces = futures::stream::unfold(Some(pieces), move |held| async move {
            let mut pieces = held?;
            match tokio::time::timeout(limit, pieces.next()).await {
                Ok(Some(piece)) => Some((Some(piece), Some(pieces))),
                Ok(None) => Some((None, None)),
                Err(_) => Some((Some(Err(Error::RequestTimeoutError)), None)),
            }
        });
        let lines = pieces.scan(Rests::default(), move |rests, piece| {
            let mut ready = Vec::new();
            match piece {
                Some(Ok(output)) => rests.take_in(output, &now, &mut ready),
                Some(Err(error)) => ready.push(Err(error.into())),
                None => rests.finish(&now, &mut ready),
            }
            futures::future::ready(Some(futures::stream::iter(ready)))
        });
        let lines = lines.flatten();
        Ok(lines.boxed())
    }
}

/// What of a line came without its end, by stream.
#[derive(Default)]
struct Rests {
    out: Vec<u8>,
    err: Vec<u8>,
}

impl Rests {
    fn take_in(&mut self, output: LogOutput, now: &impl Fn() -> Timestamp, ready: &mut Vec<LogPiece>) {
        let (stream, rest, bytes) = match output {
            LogOutput::StdErr { message } => (Stream::Err, &mut self.err, message),
            LogOutput::StdOut { message } | LogOutput::StdIn { message } | LogOutput::Console { message } => {
                (Stream::Out, &mut self.out, message)
            }
        };
        rest.extend_from_slice(&bytes);
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', rest) {
            let line = &rest[start..end];
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            ready.push(Ok(LogLine::foreign(now(), stream, line)));
            start = end + 1;
        }
        rest.drain(..start);
        if rest.len() > MAX_LINE {
            ready.push(Ok(LogLine::foreign(now(), stream, &std::mem::take(rest))));
        }
    }

    fn finish(&mut self, now: &impl Fn() -> Timestamp, ready: &mut Vec<LogPiece>) {
        for (stream, rest) in [(Stream::Out, &mut self.out), (Stream::Err, &mut self.err)] {
            if !rest.is_empty() {
                ready.push(Ok(LogLine::foreign(now(), stream, &std::mem::take(rest))));
            }
        }
    }
}

fn life_of(state: &str, created: i64, told: bollard::models::ContainerInspectResponse) -> Life {
    let told_state = told.state.unwrap_or_default();
    // The engine writes the year 1 for never.
    let moment = |text: Option<String>| {
        let at = text?.parse::<Timestamp>().ok()?;
        (at.as_second() > 0).then_some(at)
    };
    Life {
        state: state.to_owned(),
        created,
        started_at: moment(told_state.started_at),
        ended_at: moment(told_state.finished_at),
        exit_code: told_state.exit_code,
        n_restarts: told.restart_count.unwrap_or_default().try_into().unwrap_or(0),
        pid: told_state.pid.and_then(|pid| u32::try_from(pid).ok()).filter(|pid| *pid > 0),
    }
}
