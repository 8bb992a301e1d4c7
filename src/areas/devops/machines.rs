//! The machines that can be worked on: those of the user's ssh configuration and the contexts of Docker. What they are is asked over the
//! one kept connection; a machine that is not known is never gone on to unasked.

use super::{Disk, Machine, Tool, Update, machine};
use crate::adapters::World;
use crate::adapters::docker::{Engine, contexts};
use crate::adapters::ssh::Call;
use crate::adapters::ssh::config::SshHost;
use crate::areas::JobCtx;
use crate::base::{HostKey, Problem, Progress, SafeText, State, Timestamp, Unit};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Machines whose instances are looked at, by name, in the store.
const WATCHED: &str = "devops/machines/watched";
const FACTS_WITHIN: Duration = Duration::from_secs(40);
/// What separates the parts of an answer.
const PART: &str = "=chantier=";

/// How a machine is reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MachineKind {
    #[default]
    Ssh,
    /// A context of the `docker` command: the engine only.
    Docker,
}

impl MachineKind {
    /// The key of its word in the locales.
    pub fn key(self) -> &'static str {
        match self {
            Self::Ssh => "machine-kind-ssh",
            Self::Docker => "machine-kind-docker",
        }
    }
}

/// A machine beside this one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FarMachine {
    pub name: String,
    pub kind: MachineKind,
    /// `user@host:port`, or the address of an engine.
    pub address: String,
    /// Through these.
    pub jump: Option<String>,
    /// Unknown until it is tested, done or failed.
    pub state: State,
    pub problem: Option<Problem>,
    pub facts: Option<Machine>,
    /// `Docker Engine 26.1` and the like.
    pub engine: Option<String>,
    pub tested_at: Option<Timestamp>,
    /// From the first word to the first answer over the connection that stands.
    pub answer_ms: Option<u64>,
    /// The context that the `docker` command uses.
    pub is_current: bool,
    /// What runs there is listed in Operate.
    pub is_watched: bool,
}

impl FarMachine {
    /// The key that it shows and that nobody accepted yet.
    pub fn unknown_key(&self) -> Option<HostKey> {
        HostKey::of_problem(self.problem.as_ref()?)
    }
}

/// The names of the machines whose instances are looked at.
pub async fn watched(world: &World) -> Result<Vec<String>, Problem> {
    Ok(world.store().kv().get::<Vec<String>>(WATCHED).await?.unwrap_or_default())
}

/// Looks at what runs on a machine from now on, or not any more.
pub async fn watch(cx: &JobCtx, world: &World, name: &str, is_on: bool) -> Result<(), Problem> {
    let mut names = watched(world).await?;
    names.retain(|known| known != name);
    if is_on {
        names.push(name.to_owned());
        names.sort();
    }
    world.store().kv().set(WATCHED, &names).await?;
    list(cx, world).await
}

/// Every machine with what ssh makes of its name; none is connected to.
pub async fn list(cx: &JobCtx, world: &World) -> Result<(), Problem> {
    let watched = watched(world).await?;
    let ssh = world.ssh().clone();
    let names = cx.blocking(move |_| Ok(ssh.names())).await?;
    let total = names.len() as u64;
    let mut machines = Vec::new();
    for (i, name) in names.iter().enumerate() {
        cx.check()?;
        cx.progress(Progress::of(i as u64, total, Unit::Steps));
        machines.push(match world.ssh().resolve(name, cx.cancel_token()).await {
            Ok(host) => FarMachine {
                is_watched: watched.contains(name),
                ..of_host(&host)
            },
            Err(problem) if problem.is_cancelled() => return Err(problem),
            Err(problem) => FarMachine {
                name: name.clone(),
                state: State::Failed,
                problem: Some(problem),
                ..FarMachine::default()
            },
        });
    }
    for context in contexts(|name| std::env::var_os(name)) {
        machines.push(FarMachine {
            name: context.name,
            kind: MachineKind::Docker,
            address: context.host,
            is_current: context.is_current,
            ..FarMachine::default()
        });
    }
    cx.update(Update::MachinesListed { machines }).await;
    Ok(())
}

fn of_host(host: &SshHost) -> FarMachine {
    FarMachine {
        name: host.name.clone(),
        address: host.address(),
        jump: host.jump.clone(),
        ..FarMachine::default()
    }
}

/// Connects and asks what it is. What went wrong is told with the machine, and is the job's end too.
pub async fn test(cx: &JobCtx, world: &World, name: &str) -> Result<(), Problem> {
    let context = contexts(|name| std::env::var_os(name))
        .into_iter()
        .find(|context| context.name == name);
    let ssh = world.ssh().clone();
    let is_host = cx.blocking(move |_| Ok(ssh.names())).await?.iter().any(|known| known == name);
    let mut far = match &context {
        Some(context) if !is_host => FarMachine {
            name: name.to_owned(),
            kind: MachineKind::Docker,
            address: context.host.clone(),
            is_current: context.is_current,
            ..FarMachine::default()
        },
        // A name that only ssh can make something of is fine too.
        _ => FarMachine {
            is_watched: watched(world).await?.iter().any(|known| known == name),
            ..of_host(&world.ssh().resolve(name, cx.cancel_token()).await?)
        },
    };
    let asked = match far.kind {
        MachineKind::Ssh => ask_ssh(cx, world, &mut far).await,
        MachineKind::Docker => ask_engine(&mut far).await,
    };
    if asked.as_ref().is_err_and(Problem::is_cancelled) {
        return asked;
    }
    far.tested_at = Some(cx.now());
    far.state = if asked.is_ok() { State::Done } else { State::Failed };
    far.problem = asked.as_ref().err().cloned();
    cx.update(Update::MachineTested { machine: Box::new(far) }).await;
    asked
}

/// Accepts exactly this key, then tests.
pub async fn accept(cx: &JobCtx, world: &World, name: &str, fingerprint: &str) -> Result<(), Problem> {
    world.ssh().accept(name, fingerprint, cx.cancel_token()).await?;
    test(cx, world, name).await
}

async fn ask_engine(far: &mut FarMachine) -> Result<(), Problem> {
    let since = Instant::now();
    let info = Engine::at(&far.address).info().await.map_err(|fault| fault.problem())?;
    far.answer_ms = Some(since.elapsed().as_millis() as u64);
    far.engine = Some(format!("{} {}", info.name, info.version).trim().to_owned());
    Ok(())
}

async fn ask_ssh(cx: &JobCtx, world: &World, far: &mut FarMachine) -> Result<(), Problem> {
    let cancel = cx.cancel_token();
    let connection = world.ssh().connect(&far.name, cancel).await?;
    let since = Instant::now();
    connection.run(Call::new(&["true"]), cancel).await?;
    far.answer_ms = Some(since.elapsed().as_millis() as u64);
    let script = script();
    let call = ["sh", "-c", script.as_str()];
    let output = connection.run(Call::new(&call).timeout(FACTS_WITHIN), cancel).await?;
    let (machine, engine) = facts(&String::from_utf8_lossy(&output.stdout));
    far.facts = Some(machine);
    far.engine = engine;
    Ok(())
}

/// What is asked, for any shell of POSIX: each part behind its name. Each tool has two seconds where `timeout` is there.
fn script() -> String {
    let mut script = format!(
        "export LC_ALL=C; p() {{ printf '{PART}%s\\n' \"$1\"; }}; t() {{ if command -v timeout >/dev/null 2>&1; then timeout 2 \"$@\"; else \"$@\"; fi; }}; \
         p uname; uname -n; uname -sr; uname -m; p os; cat /etc/os-release 2>/dev/null; p cpu; cat /proc/cpuinfo 2>/dev/null; \
         p memory; cat /proc/meminfo 2>/dev/null; p load; cat /proc/loadavg 2>/dev/null; p uptime; cat /proc/uptime 2>/dev/null; \
         p disks; df -PkT 2>/dev/null || df -Pk; \
         p engine; t docker version --format '{{{{.Server.Platform.Name}}}} {{{{.Server.Version}}}}' 2>/dev/null; "
    );
    for (name, args) in machine::TOOLS {
        let args = args.join(" ");
        script.push_str(&format!(
            "if command -v {name} >/dev/null 2>&1; then p tool:{name}; command -v {name}; t {name} {args} 2>&1 </dev/null | head -n 3; fi; "
        ));
    }
    script.push_str("exit 0");
    script
}

/// Reads the answer; what is not there stays empty.
pub fn facts(text: &str) -> (Machine, Option<String>) {
    let mut parts: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut part = "";
    for line in text.lines() {
        match line.strip_prefix(PART) {
            Some(name) => {
                part = name;
                parts.entry(part).or_default();
            }
            None => parts.entry(part).or_default().push(line),
        }
    }
    let lines = |name: &str| parts.get(name).map_or(&[][..], Vec::as_slice);
    let safe = |text: &str| SafeText::new(text.trim()).into_string();
    let line = |name: &str, at: usize| lines(name).get(at).map_or_else(String::new, |line| safe(line));
    let os = lines("os").iter().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    let models = || {
        let of = |line: &&str| {
            line.split_once(':')
                .filter(|(key, _)| key.trim() == "model name")
                .map(|(_, value)| safe(value))
        };
        lines("cpu").iter().find_map(of)
    };
    let memory = |name: &str| {
        let found = lines("memory")
            .iter()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let kib = found.and_then(|rest| rest.split_ascii_whitespace().next()?.parse::<u64>().ok());
        kib.unwrap_or(0) * 1024
    };
    let first = |name: &str| {
        lines(name)
            .first()
            .and_then(|line| line.split_ascii_whitespace().next()?.parse::<f64>().ok())
    };
    let total = memory("MemTotal");
    let machine = Machine {
        name: line("uname", 0),
        kernel: line("uname", 1),
        arch: line("uname", 2),
        os: os.map_or_else(String::new, |name| safe(name.trim().trim_matches('"'))),
        cpu: models().unwrap_or_default(),
        n_cpus: lines("cpu").iter().filter(|line| line.starts_with("processor")).count() as u32,
        memory_bytes: total,
        memory_used_bytes: total.saturating_sub(memory("MemAvailable")),
        load_1min: first("load").unwrap_or(0.0),
        uptime_secs: first("uptime").unwrap_or(0.0) as u64,
        disks: lines("disks").iter().skip(1).filter_map(|line| disk(line)).collect(),
        tools: machine::TOOLS
            .iter()
            .map(|(name, _)| tool(name, lines(&format!("tool:{name}"))))
            .collect(),
    };
    let engine = Some(line("engine", 0)).filter(|engine| !engine.is_empty());
    (machine, engine)
}

/// `/dev/vda1 ext4 102687672 41234 … 43% /`, with the kind or without it; what is no device holds nothing.
fn disk(line: &str) -> Option<Disk> {
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    let has_kind = fields.get(1)?.parse::<u64>().is_err();
    let at = usize::from(has_kind);
    let number = |i: usize| fields.get(i + at)?.parse::<u64>().ok();
    let kind = if has_kind {
        fields.get(1).copied().unwrap_or_default()
    } else {
        ""
    };
    let is_real = fields.first()?.starts_with('/') || matches!(kind, "zfs" | "btrfs" | "overlay");
    let total = number(1)? * 1024;
    (is_real && total > 0).then(|| Disk {
        mount: SafeText::new(&fields.get(5 + at..).unwrap_or_default().join(" ")).into_string(),
        file_system: SafeText::new(kind).into_string(),
        total_bytes: total,
        free_bytes: number(3).unwrap_or(0) * 1024,
    })
}

fn tool(name: &str, lines: &[&str]) -> Tool {
    let path = lines
        .first()
        .map(|path| PathBuf::from(path.trim()))
        .filter(|path| path.is_absolute());
    let version = lines.iter().skip(1).find(|line| !line.trim().is_empty());
    Tool {
        name: name.to_owned(),
        version: version.filter(|_| path.is_some()).map_or_else(String::new, |version| {
            crate::base::safe::plain(&SafeText::log_line(version.trim().as_bytes())).into_owned()
        }),
        path,
    }
}
