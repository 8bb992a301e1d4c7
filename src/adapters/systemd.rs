//! The service managers of this machine, of the system and of the user, asked through `systemctl`: which units there are, how they are
//! and why they failed; and their journal. A machine without systemd has no units and nothing to complain about.

use super::process::{Cmd, ProcessError, Processes, Running};
use crate::base::{Problem, SafeText, Timestamp};
use crate::msg;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long a manager may take for an answer.
const TIME_LIMIT: Duration = Duration::from_secs(5);
/// Bytes of one answer.
const MAX_BYTES: usize = 16 << 20;
/// What is asked of a unit.
pub const PROPERTIES: &str = "Id,Description,LoadState,ActiveState,SubState,Result,ExecMainCode,ExecMainStatus,MainPID,NRestarts,\
StateChangeTimestamp,ActiveEnterTimestamp,InactiveEnterTimestamp,MemoryCurrent,CPUUsageNSec,TasksCurrent,IOReadBytes,IOWriteBytes,\
IPIngressBytes,IPEgressBytes,FragmentPath,WorkingDirectory,ExecStart,InvocationID,UnitFileState,Type";

/// What systemd's own messages mean, by their id.
pub const UNIT_MESSAGES: [(&str, UnitHappening); 6] = [
    ("39f53479d3a045ac8e11786248231fbf", UnitHappening::Started),
    ("be02cf6855d2428ba40df7e9d022f03d", UnitHappening::FailedToStart),
    ("9d1aaa27d60140bd96365438aad20286", UnitHappening::Stopped),
    ("d9b373ed55a64feb8242e02dbe79a49c", UnitHappening::Failed),
    ("5eb03494b6584870a536b337290809b3", UnitHappening::Restarts),
    ("fe6faa94e7774663a0da52717891d8ef", UnitHappening::OutOfMemory),
];

/// What happened to a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnitHappening {
    Started,
    FailedToStart,
    Stopped,
    Failed,
    /// It is started again by itself.
    Restarts,
    OutOfMemory,
}

/// Whose services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Manager {
    System,
    User,
}

impl Manager {
    pub fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        [Self::System, Self::User].into_iter().find(|manager| manager.word() == word)
    }
}

/// One line of `systemctl list-units`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Listed {
    pub unit: String,
    #[serde(default)]
    pub load: String,
    #[serde(default)]
    pub active: String,
    #[serde(default)]
    pub sub: String,
}

/// How a unit is, as `systemctl show` tells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Unit {
    pub name: String,
    pub description: String,
    pub load: String,
    /// `active`, `inactive`, `failed`, `activating`, `deactivating`, `reloading`.
    pub active: String,
    pub sub: String,
    /// `success`, `exit-code`, `signal`, `oom-kill`, `timeout`, `start-limit-hit`, …
    pub result: String,
    /// How its main process ended: `exited`, `killed` or `dumped`, and the status or the signal.
    pub exit_kind: Option<&'static str>,
    pub exit_status: Option<i32>,
    pub pid: Option<u32>,
    pub n_restarts: u32,
    pub changed_at: Option<Timestamp>,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub memory_bytes: Option<u64>,
    pub cpu_ns: Option<u64>,
    pub n_tasks: Option<u32>,
    pub read_bytes: Option<u64>,
    pub written_bytes: Option<u64>,
    pub received_bytes: Option<u64>,
    pub sent_bytes: Option<u64>,
    /// Where the unit is written down, where it works, which program it runs.
    pub fragment: Option<PathBuf>,
    pub folder: Option<PathBuf>,
    pub program: Option<PathBuf>,
    pub invocation: String,
    /// `enabled`, `disabled`, `static`, …; empty where no file says it.
    pub file_state: String,
    /// `simple`, `oneshot`, …
    pub kind: String,
}

/// Where an administrator writes units of his own.
const OWN_UNITS: &str = "/etc/systemd/system/";

impl Unit {
    /// One that does not run and is meant to be there: written by hand, or enabled and ended in this life of the machine.
    pub fn is_at_rest(&self) -> bool {
        let is_own = self.fragment.as_ref().is_some_and(|path| path.starts_with(OWN_UNITS));
        let did_run = self.file_state == "enabled" && self.ended_at.is_some() && self.kind != "oneshot";
        self.active == "inactive" && !self.name.contains('@') && (is_own || did_run)
    }
}

/// What is done to a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnitAct {
    Start,
    Stop,
    Restart,
}

/// The way to the managers. Cheap to clone.
#[derive(Clone)]
pub struct Systemd {
    processes: Processes,
}

impl Systemd {
    pub fn new(processes: Processes) -> Self {
        Self { processes }
    }

    /// The managers that run here, as sd_booted(3) looks for them.
    pub fn managers(&self) -> Vec<Manager> {
        let mut managers = Vec::new();
        if Path::new("/run/systemd/system").is_dir() {
            managers.push(Manager::System);
        }
        let user = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
        if user.is_some_and(|folder| folder.join("systemd/private").exists()) {
            managers.push(Manager::User);
        }
        managers
    }

    fn cmd(&self, program: &str, manager: Manager, args: &[&str]) -> Cmd {
        let mut cmd = Cmd::new(program)
            .env("LC_ALL", "C")
            .env("SYSTEMD_COLORS", "0")
            .env("TZ", "UTC")
            .small();
        for name in ["XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"] {
            if let Some(value) = std::env::var_os(name) {
                cmd = cmd.env(name, value);
            }
        }
        if manager == Manager::User {
            cmd = cmd.arg("--user");
        }
        cmd.args(args)
    }

    async fn ask(&self, manager: Manager, args: &[&str], limit: Duration) -> Result<String, Problem> {
        let cmd = self.cmd("systemctl", manager, args).timeout(limit);
        let output = self.processes.output(cmd, &CancellationToken::new(), MAX_BYTES).await?;
        if output.exit.code == Some(0) {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let said = SafeText::multiline(&String::from_utf8_lossy(&output.stderr)).into_string();
        Err(Problem::environment(msg!("systemd-refused", manager = manager.word()))
            .code("systemd")
            .details(said.trim()))
    }

    /// Every service that the manager knows.
    pub async fn services(&self, manager: Manager) -> Result<Vec<Listed>, Problem> {
        let args = ["list-units", "--type=service", "--all", "--output=json", "--no-pager"];
        let told = self.ask(manager, &args, TIME_LIMIT).await?;
        let units: Vec<Listed> = serde_json::from_str(&told).map_err(|error| {
            Problem::environment(msg!("systemd-refused", manager = manager.word()))
                .code("systemd")
                .details(error)
        })?;
        Ok(units
            .into_iter()
            .filter(|unit| unit.load == "loaded" || unit.active == "failed")
            .collect())
    }

    /// How these units are.
    pub async fn show(&self, manager: Manager, names: &[String]) -> Result<Vec<Unit>, Problem> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let properties = format!("--property={PROPERTIES}");
        let mut args = vec!["show", "--no-pager", "--timestamp=unix", properties.as_str(), "--"];
        args.extend(names.iter().map(String::as_str));
        Ok(parse_show(&self.ask(manager, &args, TIME_LIMIT).await?))
    }

    /// Waits until the manager has done it; what is not allowed is told in its words.
    pub async fn act(&self, manager: Manager, name: &str, act: UnitAct, patience: Duration) -> Result<(), Problem> {
        let word = match act {
            UnitAct::Start => "start",
            UnitAct::Stop => "stop",
            UnitAct::Restart => "restart",
        };
        let asked = self
            .ask(manager, &[word, "--no-ask-password", "--", name], patience + TIME_LIMIT)
            .await;
        asked.map(drop)
    }

    /// The journal of a unit as JSON, one entry a line. With an invocation only that life of it.
    pub fn journal(
        &self,
        manager: Manager,
        name: &str,
        invocation: Option<&str>,
        n_lines: Option<u32>,
        follow: bool,
        cancel: &CancellationToken,
    ) -> Result<Running, ProcessError> {
        let args = journal_args(manager, name, invocation, n_lines, follow);
        let cmd = Cmd::new("journalctl").env("LC_ALL", "C").args(args);
        self.processes.start(cmd, cancel, None)
    }

    /// What the managers and the kernel say of units since a moment, as JSON, one entry a line: started, stopped, failed, killed for
    /// memory (systemd.journal-fields(7), the message ids of systemd's catalog).
    pub fn happenings(&self, since: Timestamp, follow: bool, cancel: &CancellationToken) -> Result<Running, ProcessError> {
        let mut cmd = Cmd::new("journalctl")
            .env("LC_ALL", "C")
            .args(["--quiet", "--no-pager", "--output=json", "--all", "--lines=5000"])
            .arg(format!("--since=@{}", since.as_second()))
            .args(UNIT_MESSAGES.map(|(id, _)| format!("MESSAGE_ID={id}")))
            .args(["+", "_TRANSPORT=kernel", "PRIORITY=3"]);
        if follow {
            cmd = cmd.arg("--follow");
        }
        self.processes.start(cmd, cancel, None)
    }

    /// The invocations that the journal remembers of a unit, oldest first.
    pub async fn invocations(&self, manager: Manager, name: &str) -> Result<Vec<String>, Problem> {
        let cmd = Cmd::new("journalctl")
            .env("LC_ALL", "C")
            .args(lives_args(manager, name))
            .timeout(TIME_LIMIT * 4);
        let output = self.processes.output(cmd, &CancellationToken::new(), MAX_BYTES).await?;
        Ok(parse_lives(&String::from_utf8_lossy(&output.stdout)))
    }
}

fn unit_arg(manager: Manager, name: &str) -> String {
    match manager {
        Manager::System => format!("--unit={name}"),
        Manager::User => format!("--user-unit={name}"),
    }
}

/// What `journalctl` is asked for the journal of a unit, on this machine or another one.
pub fn journal_args(manager: Manager, name: &str, invocation: Option<&str>, n_lines: Option<u32>, follow: bool) -> Vec<String> {
    let n = n_lines.map_or_else(|| "all".to_owned(), |n| n.to_string());
    let mut args: Vec<String> = ["--quiet", "--no-pager", "--output=json", "--all"]
        .map(str::to_owned)
        .to_vec();
    args.extend([unit_arg(manager, name), format!("--lines={n}")]);
    args.extend(invocation.map(|invocation| format!("_SYSTEMD_INVOCATION_ID={invocation}")));
    if follow {
        args.push("--follow".to_owned());
    }
    args
}

/// What `journalctl` is asked for the lives of a unit.
pub fn lives_args(manager: Manager, name: &str) -> Vec<String> {
    let mut args: Vec<String> = [
        "--quiet",
        "--no-pager",
        "--output=json",
        "--output-fields=_SYSTEMD_INVOCATION_ID,INVOCATION_ID",
        "--lines=20000",
    ]
    .map(str::to_owned)
    .to_vec();
    args.push(unit_arg(manager, name));
    args
}

/// The lives that it answers with, oldest first.
pub fn parse_lives(text: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for line in text.lines() {
        let Ok(entry) = serde_json::from_str::<BTreeMap<String, serde_json::Value>>(line) else {
            continue;
        };
        let id = ["_SYSTEMD_INVOCATION_ID", "INVOCATION_ID"]
            .iter()
            .find_map(|key| entry.get(*key)?.as_str());
        if let Some(id) = id
            && !all.iter().any(|known| known == id)
        {
            all.push(id.to_owned());
        }
    }
    all
}

/// The blocks of `systemctl show`, one for each unit, parted by empty lines.
pub fn parse_show(text: &str) -> Vec<Unit> {
    let mut units = Vec::new();
    for block in text.split("\n\n") {
        let pairs: BTreeMap<&str, &str> = block.lines().filter_map(|line| line.split_once('=')).collect();
        let Some(name) = pairs.get("Id") else { continue };
        let text = |key: &str| SafeText::new(pairs.get(key).copied().unwrap_or_default()).into_string();
        let number = |key: &str| {
            let number: Option<u64> = pairs.get(key).and_then(|value| value.parse().ok());
            // The manager writes its largest number for what it does not count.
            number.filter(|number| *number != u64::MAX)
        };
        let path = |value: &str| {
            Some(PathBuf::from(value.trim_start_matches(['!', '-', '+', '@', ':']))).filter(|path| path.is_absolute())
        };
        let moment = |key: &str| {
            let secs = pairs.get(key)?.strip_prefix('@')?.parse().ok()?;
            Timestamp::from_second(secs).ok().filter(|_| secs > 0)
        };
        // `{ path=/usr/bin/x ; argv[]=/usr/bin/x --y ; …`
        let program = pairs
            .get("ExecStart")
            .and_then(|value| value.split_once("path="))
            .map(|(_, rest)| rest);
        let program = program.and_then(|rest| path(rest.split(" ;").next()?.trim()));
        let exit_kind = match number("ExecMainCode") {
            Some(1) => Some("exited"),
            Some(2) => Some("killed"),
            Some(3) => Some("dumped"),
            _ => None,
        };
        units.push(Unit {
            name: SafeText::new(name).into_string(),
            description: text("Description"),
            load: text("LoadState"),
            active: text("ActiveState"),
            sub: text("SubState"),
            result: text("Result"),
            exit_status: exit_kind.and(pairs.get("ExecMainStatus").and_then(|value| value.parse().ok())),
            exit_kind,
            pid: number("MainPID")
                .and_then(|pid| u32::try_from(pid).ok())
                .filter(|pid| *pid > 0),
            n_restarts: number("NRestarts").unwrap_or(0) as u32,
            changed_at: moment("StateChangeTimestamp"),
            started_at: moment("ActiveEnterTimestamp"),
            ended_at: moment("InactiveEnterTimestamp"),
            memory_bytes: number("MemoryCurrent"),
            cpu_ns: number("CPUUsageNSec"),
            n_tasks: number("TasksCurrent").map(|n| n as u32),
            read_bytes: number("IOReadBytes"),
            written_bytes: number("IOWriteBytes"),
            received_bytes: number("IPIngressBytes"),
            sent_bytes: number("IPEgressBytes"),
            fragment: pairs.get("FragmentPath").and_then(|value| path(value)),
            folder: pairs.get("WorkingDirectory").and_then(|value| path(value)),
            program,
            invocation: text("InvocationID"),
            file_state: text("UnitFileState"),
            kind: text("Type"),
        });
    }
    units
}
