//! `[[check]]`: what is watched, how it is asked, what a good answer is, and when nobody wants to know.

mod addresses;
mod values;

pub use addresses::{PathPart, path_parts};
pub(super) use addresses::{has_port, is_plain_address};
pub use values::{Bytes, Status, Statuses};

use super::window::Window;
use super::{ExpectVersion, ProbeKind, Span, here, one};
use crate::adapters::secrets;
use crate::base::Msg;
use crate::msg;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// What is watched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    #[serde(flatten)]
    pub common: CheckCommon,
    #[serde(flatten)]
    pub kind: CheckKind,
}

/// What every kind of check has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckCommon {
    pub name: String,
    #[serde(default)]
    pub environment: Option<String>,
    #[serde(default = "ten_secs")]
    pub interval: Span,
    #[serde(default = "two_secs")]
    pub timeout: Span,
    /// More failures than this in a row, and it is down.
    #[serde(default)]
    pub retries: u32,
    /// A good answer that takes longer is slow.
    #[serde(default)]
    pub slow: Option<Span>,
    /// Checks without which this one says nothing: while one of them is down, it is unknown.
    #[serde(default)]
    pub needs: Vec<String>,
    /// When it is not asked.
    #[serde(default)]
    pub maintenance: Vec<Window>,
    /// Percent of the answers that have to be good: `99.9`.
    #[serde(default)]
    pub slo: Option<f64>,
    /// Over how many days `slo` is counted.
    #[serde(default = "thirty")]
    pub slo_days: u32,
}

impl CheckCommon {
    /// The keys that stand beside those of the kind.
    pub(super) const KEYS: [&'static str; 10] = [
        "name",
        "environment",
        "interval",
        "timeout",
        "retries",
        "slow",
        "needs",
        "maintenance",
        "slo",
        "slo_days",
    ];
}

impl Check {
    /// A gate of a deployment that goes on being asked; None for a kind that only a deployment asks.
    pub fn of_gate(name: &str, kind: &ProbeKind, timeout: Span) -> Option<Self> {
        let kind = match kind {
            ProbeKind::Http {
                url,
                expect_status,
                expect_text,
                expect_version,
            } => CheckKind::Http(Box::new(HttpCheck {
                url: url.clone(),
                method: get(),
                headers: BTreeMap::new(),
                body: None,
                expect_status: Statuses(Status::One(*expect_status)),
                expect_text: expect_text.clone(),
                absent_text: None,
                json: Vec::new(),
                expect_version: expect_version.clone(),
                tls_days: None,
                expect_tls_problem: None,
                ca: None,
                redirects: 0,
            })),
            ProbeKind::Tcp { address } => CheckKind::Tcp(TcpCheck {
                address: address.clone(),
            }),
            ProbeKind::Process => CheckKind::Process(ProcessCheck {
                program: None,
                at_least: 1,
            }),
            ProbeKind::Container | ProbeKind::Command { .. } => return None,
        };
        let common = CheckCommon {
            name: name.to_owned(),
            environment: Some(name.to_owned()),
            interval: ten_secs(),
            timeout,
            retries: 1,
            slow: None,
            needs: Vec::new(),
            maintenance: Vec::new(),
            slo: None,
            slo_days: thirty(),
        };
        Some(Self { common, kind })
    }
}

impl std::ops::Deref for Check {
    type Target = CheckCommon;
    fn deref(&self) -> &CheckCommon {
        &self.common
    }
}

/// How it is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CheckKind {
    Http(Box<HttpCheck>),
    Tcp(TcpCheck),
    Tls(TlsCheck),
    Dns(DnsCheck),
    Process(ProcessCheck),
    Unit(UnitCheck),
    Container(ContainerCheck),
    Command(CommandCheck),
    Disk(DiskCheck),
    Sqlite(SqliteCheck),
    Postgres(PostgresCheck),
}

impl CheckKind {
    pub const WORDS: [&'static str; 11] = [
        "http",
        "tcp",
        "tls",
        "dns",
        "process",
        "unit",
        "container",
        "command",
        "disk",
        "sqlite",
        "postgres",
    ];

    pub fn word(&self) -> &'static str {
        Self::WORDS[match self {
            Self::Http(_) => 0,
            Self::Tcp(_) => 1,
            Self::Tls(_) => 2,
            Self::Dns(_) => 3,
            Self::Process(_) => 4,
            Self::Unit(_) => 5,
            Self::Container(_) => 6,
            Self::Command(_) => 7,
            Self::Disk(_) => 8,
            Self::Sqlite(_) => 9,
            Self::Postgres(_) => 10,
        }]
    }

    /// The same as a gate of a deployment would ask it, where a gate can: also on another machine.
    pub fn as_probe(&self) -> Option<ProbeKind> {
        match self {
            Self::Http(http) => http.as_probe(),
            Self::Tcp(tcp) => Some(ProbeKind::Tcp {
                address: tcp.address.clone(),
            }),
            Self::Process(process) if process.program.is_none() => Some(ProbeKind::Process),
            Self::Container(container) if container.container.is_none() && container.healthy => Some(ProbeKind::Container),
            _ => None,
        }
    }
}

/// A request, and what has to come back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpCheck {
    pub url: String,
    #[serde(default = "get")]
    pub method: String,
    /// A value may be `secret:NAME`.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    #[serde(default)]
    pub body: Option<String>,
    /// `200`, several, or `"2xx"`.
    #[serde(default)]
    pub expect_status: Statuses,
    #[serde(default)]
    pub expect_text: Option<String>,
    /// The answer must not have it.
    #[serde(default)]
    pub absent_text: Option<String>,
    #[serde(default)]
    pub json: Vec<JsonRule>,
    #[serde(default)]
    pub expect_version: Option<ExpectVersion>,
    /// The certificate must be good for so many days more.
    #[serde(default)]
    pub tls_days: Option<u32>,
    /// The certificate must be refused, and the reason have these words.
    #[serde(default)]
    pub expect_tls_problem: Option<String>,
    /// Certificates (PEM) that are trusted instead of the well-known ones.
    #[serde(default)]
    pub ca: Option<PathBuf>,
    /// So often it goes where an answer sends it.
    #[serde(default)]
    pub redirects: u32,
}

impl HttpCheck {
    fn as_probe(&self) -> Option<ProbeKind> {
        let Statuses(Status::One(expect_status)) = self.expect_status else {
            return None;
        };
        let is_plain = self.method == "GET"
            && self.headers.is_empty()
            && self.body.is_none()
            && self.absent_text.is_none()
            && self.json.is_empty()
            && self.tls_days.is_none()
            && self.expect_tls_problem.is_none()
            && self.ca.is_none()
            && self.redirects == 0;
        is_plain.then(|| ProbeKind::Http {
            url: self.url.clone(),
            expect_status,
            expect_text: self.expect_text.clone(),
            expect_version: self.expect_version.clone(),
        })
    }
}

/// One value of a JSON answer, and what it has to be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JsonRule {
    /// Names and places from the outside to the inside: `queue.jobs[0].state`, `["a.b"]`.
    pub path: String,
    #[serde(default)]
    pub equals: Option<serde_json::Value>,
    #[serde(default)]
    pub above: Option<f64>,
    #[serde(default)]
    pub below: Option<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TcpCheck {
    pub address: String,
}

/// A certificate, whatever is spoken behind it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsCheck {
    /// Host and port.
    pub address: String,
    /// Whom the certificate has to be for; None is the host of `address`.
    #[serde(default)]
    pub server_name: Option<String>,
    #[serde(default = "fourteen")]
    pub tls_days: u32,
    #[serde(default)]
    pub expect_tls_problem: Option<String>,
    #[serde(default)]
    pub ca: Option<PathBuf>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DnsCheck {
    /// The name that is looked up.
    pub host: String,
    #[serde(default)]
    pub record: Record,
    /// Who is asked, `127.0.0.1` or `127.0.0.1:5353`; None is the first server of this machine.
    #[serde(default)]
    pub server: Option<String>,
    /// All of the records, in any order; empty: any record will do.
    #[serde(default)]
    pub equals: Vec<String>,
    /// One of the records has it.
    #[serde(default)]
    pub contains: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Record {
    #[default]
    A,
    Aaaa,
    Cname,
    Mx,
    Ns,
    Txt,
}

impl Record {
    pub fn word(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::Aaaa => "AAAA",
            Self::Cname => "CNAME",
            Self::Mx => "MX",
            Self::Ns => "NS",
            Self::Txt => "TXT",
        }
    }
}

/// The instances' processes, or every process of a program on this machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProcessCheck {
    #[serde(default)]
    pub program: Option<String>,
    /// So many of them have to run.
    #[serde(default = "one")]
    pub at_least: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitCheck {
    pub unit: String,
    /// Of the user's own systemd.
    #[serde(default)]
    pub user: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContainerCheck {
    /// None: the containers of the environment.
    #[serde(default)]
    pub container: Option<String>,
    /// By its image's own check, where there is one; else it is enough that it runs.
    #[serde(default = "yes")]
    pub healthy: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandCheck {
    /// Program and arguments; never a line for a shell.
    pub run: Vec<String>,
    #[serde(default = "here")]
    pub dir: PathBuf,
    /// A value may be `secret:NAME`.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    #[serde(default)]
    pub exit_code: i32,
    /// A pattern that its output has to match.
    #[serde(default)]
    pub expect_output: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiskCheck {
    #[serde(default = "here")]
    pub path: PathBuf,
    #[serde(default)]
    pub min_free_percent: Option<f64>,
    /// `500000000`, or `"500 MB"`.
    #[serde(default)]
    pub min_free: Option<Bytes>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SqliteCheck {
    /// Below the workspace, or a path of its own.
    pub file: PathBuf,
    /// The first value of the first row is compared.
    pub query: String,
    #[serde(default)]
    pub equals: Option<serde_json::Value>,
    #[serde(default)]
    pub above: Option<f64>,
    #[serde(default)]
    pub below: Option<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostgresCheck {
    /// A name, an address or the folder of its socket; None is this machine.
    #[serde(default)]
    pub host: Option<String>,
    #[serde(default)]
    pub port: Option<u16>,
    pub database: String,
    #[serde(default)]
    pub user: Option<String>,
    /// Where the password is: `secret:NAME`, or `env:NAME`.
    #[serde(default)]
    pub password: Option<String>,
    #[serde(default = "select_one")]
    pub query: String,
    #[serde(default)]
    pub equals: Option<serde_json::Value>,
    #[serde(default)]
    pub above: Option<f64>,
    #[serde(default)]
    pub below: Option<f64>,
}

impl Check {
    /// What does not go together, each with the word in the file where it stands.
    pub(super) fn wrongs(&self, is_check: impl Fn(&str) -> bool, is_on_other_machine: bool) -> Vec<(Msg, String)> {
        let name = self.name.as_str();
        let mut wrongs: Vec<(Msg, String)> = Vec::new();
        let mut tell = |msg: Msg, at: &str| wrongs.push((msg, at.to_owned()));
        for need in &self.needs {
            if need == name || !is_check(need) {
                tell(msg!("devops-project-missing", kind = "check", name = need.as_str()), need);
            }
        }
        if self.interval.0 < Duration::from_secs(1) {
            tell(msg!("devops-check-interval", name = name), "interval");
        }
        if self.timeout.0.is_zero() {
            tell(msg!("devops-check-timeout", name = name), "timeout");
        }
        if self.slo.is_some_and(|slo| !(slo > 0.0 && slo < 100.0)) {
            tell(msg!("devops-check-slo", name = name), "slo");
        }
        let secret_in = |value: &str| value.starts_with(secrets::PREFIX) && secrets::reference(value).is_none();
        match &self.kind {
            CheckKind::Http(http) => {
                let is_web = http.url.starts_with("http://") || http.url.starts_with("https://") || http.url.starts_with('{');
                if !is_web || !is_plain_address(&http.url) {
                    tell(msg!("http-bad-address", text = http.url.as_str()), &http.url);
                }
                let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
                if !known.contains(&http.method.as_str()) {
                    tell(
                        msg!("devops-check-method", method = http.method.as_str(), names = known.join(", ")),
                        &http.method,
                    );
                }
                if (http.tls_days.is_some() || http.expect_tls_problem.is_some()) && http.url.starts_with("http://") {
                    tell(msg!("devops-check-no-tls", name = name), &http.url);
                }
                for rule in &http.json {
                    if path_parts(&rule.path).is_none() {
                        tell(msg!("devops-check-path", path = rule.path.as_str()), &rule.path);
                    }
                    if rule.equals.is_none() && rule.above.is_none() && rule.below.is_none() {
                        tell(msg!("devops-check-compares-nothing", name = rule.path.as_str()), &rule.path);
                    }
                }
                for value in http.headers.values().filter(|value| secret_in(value)) {
                    tell(msg!("devops-check-secret", name = name), value);
                }
            }
            CheckKind::Tcp(tcp) if !has_port(&tcp.address) => {
                tell(msg!("http-bad-address", text = tcp.address.as_str()), &tcp.address);
            }
            CheckKind::Tls(tls) if !has_port(&tls.address) => {
                tell(msg!("http-bad-address", text = tls.address.as_str()), &tls.address);
            }
            CheckKind::Process(process) if process.program.is_none() && self.environment.is_none() => {
                tell(msg!("devops-check-whose", name = name, key = "program"), name);
            }
            CheckKind::Container(container) if container.container.is_none() && self.environment.is_none() => {
                tell(msg!("devops-check-whose", name = name, key = "container"), name);
            }
            CheckKind::Command(command) => {
                if command.run.is_empty() {
                    tell(msg!("devops-project-empty-run", name = name), "run");
                }
                if let Some(Err(error)) = command.expect_output.as_deref().map(regex::Regex::new) {
                    let why = error.to_string();
                    let why = why
                        .lines()
                        .last()
                        .unwrap_or_default()
                        .trim()
                        .trim_start_matches("error: ")
                        .to_owned();
                    tell(msg!("devops-check-pattern", name = name, why = why), "expect_output");
                }
            }
            CheckKind::Disk(disk) => {
                if disk.min_free.is_none() && disk.min_free_percent.is_none() {
                    tell(msg!("devops-check-disk", name = name), name);
                }
                if disk.min_free_percent.is_some_and(|percent| !(0.0..=100.0).contains(&percent)) {
                    tell(msg!("devops-check-percent", name = name), "min_free_percent");
                }
            }
            CheckKind::Postgres(postgres) => {
                if postgres
                    .password
                    .as_deref()
                    .is_some_and(|reference| !reference.starts_with("env:") && secrets::reference(reference).is_none())
                {
                    tell(msg!("devops-secret-reference", name = name), "password");
                }
            }
            CheckKind::Tcp(_)
            | CheckKind::Tls(_)
            | CheckKind::Dns(_)
            | CheckKind::Process(_)
            | CheckKind::Unit(_)
            | CheckKind::Container(_)
            | CheckKind::Sqlite(_) => {}
        }
        let is_of_instance = matches!(
            self.kind,
            CheckKind::Http(_) | CheckKind::Unit(_) | CheckKind::Container(_) | CheckKind::Disk(_)
        );
        if is_on_other_machine && is_of_instance && self.kind.as_probe().is_none() {
            tell(
                msg!(
                    "devops-check-elsewhere",
                    name = name,
                    environment = self.environment.as_deref().unwrap_or("")
                ),
                name,
            );
        }
        wrongs
    }
}

fn get() -> String {
    "GET".to_owned()
}
fn yes() -> bool {
    true
}
fn thirty() -> u32 {
    30
}
fn fourteen() -> u32 {
    14
}
fn select_one() -> String {
    "SELECT 1".to_owned()
}
fn two_secs() -> Span {
    Span(Duration::from_secs(2))
}
fn ten_secs() -> Span {
    Span(Duration::from_secs(10))
}
