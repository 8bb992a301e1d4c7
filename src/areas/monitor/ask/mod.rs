//! One question of one check, and what the answer means. Each kind is asked once, within its time-out, and never changes anything.

mod compare;
mod machine;
mod net;

pub use compare::json_value;

use super::Metric;
use crate::adapters::World;
use crate::areas::devops::probe::Tried;
use crate::areas::devops::project::{Check, CheckKind, Words, fill};
use crate::base::{Msg, Problem, SafeText};
use crate::msg;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How an answer was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    Good,
    /// It could not be asked, for a reason that is not its own.
    Unasked,
    /// It answers, with something else than it should.
    Wrong,
    /// No answer, or it does not run.
    Down,
}

/// What came of one question.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub verdict: Verdict,
    /// The answer in one line.
    pub why: Msg,
    pub took_ms: Option<f64>,
    /// What was measured on the way.
    pub values: Vec<(Metric, f64)>,
}

impl Finding {
    fn new(verdict: Verdict, why: Msg) -> Self {
        Self {
            verdict,
            why,
            took_ms: None,
            values: Vec::new(),
        }
    }

    fn good(why: Msg, took: Duration) -> Self {
        Self::new(Verdict::Good, why).took(took)
    }

    fn wrong(why: Msg) -> Self {
        Self::new(Verdict::Wrong, why)
    }

    fn down(why: Msg) -> Self {
        Self::new(Verdict::Down, why)
    }

    fn unasked(problem: &Problem) -> Self {
        Self::new(Verdict::Unasked, told(problem))
    }

    fn took(mut self, took: Duration) -> Self {
        self.took_ms = Some(took.as_secs_f64() * 1000.0);
        self
    }

    fn value(mut self, metric: Metric, value: f64) -> Self {
        self.values.push((metric, value));
        self
    }

    /// What a gate's try means.
    pub fn of_try(tried: &Tried) -> Self {
        let verdict = match tried {
            Tried::Good { .. } => Verdict::Good,
            Tried::WrongStatus { .. } | Tried::TextMissing { .. } | Tried::WrongVersion { .. } | Tried::Exited { .. } => {
                Verdict::Wrong
            }
            Tried::NoAnswer { .. } | Tried::Dead => Verdict::Down,
        };
        Self {
            took_ms: tried.took_ms(),
            ..Self::new(verdict, tried.msg())
        }
    }
}

/// A problem in one line: with its details where the summary alone says little.
fn told(problem: &Problem) -> Msg {
    let first = problem.details.lines().find(|line| !line.trim().is_empty());
    match first {
        Some(line) => {
            let line: String = line.trim().chars().take(200).collect();
            Msg::verbatim(&SafeText::new(&line).into_string())
        }
        None => problem.summary.clone(),
    }
}

/// A check of a kind that no gate has, ready to be asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    pub kind: CheckKind,
    pub timeout: Duration,
    root: PathBuf,
}

impl Question {
    /// With the words in its texts replaced.
    pub fn new(check: &Check, root: &Path, words: &Words) -> Result<Self, Problem> {
        let mut kind = check.kind.clone();
        match &mut kind {
            CheckKind::Http(http) => {
                http.url = fill(&http.url, words)?;
                if let Some(version) = &http.expect_version {
                    http.expect_version = version.filled(words);
                }
            }
            CheckKind::Tls(tls) => tls.address = fill(&tls.address, words)?,
            CheckKind::Command(command) => {
                for word in &mut command.run {
                    *word = fill(word, words)?;
                }
            }
            _ => {}
        }
        Ok(Self {
            kind,
            timeout: check.timeout.0,
            root: root.to_path_buf(),
        })
    }

    /// What is asked, in the words of the field.
    pub fn what(&self) -> String {
        what(&self.kind)
    }

    pub async fn ask(&self, world: &World, cancel: &CancellationToken) -> Finding {
        let timeout = self.timeout;
        match &self.kind {
            CheckKind::Http(http) => net::http(world, http, &self.root, timeout, cancel).await,
            CheckKind::Tcp(tcp) => net::tcp(&tcp.address, timeout, cancel).await,
            CheckKind::Tls(tls) => net::tls(world, tls, &self.root, timeout, cancel).await,
            CheckKind::Dns(dns) => net::dns(dns, timeout, cancel).await,
            CheckKind::Process(process) => machine::process(process),
            CheckKind::Unit(unit) => machine::unit(world, unit, timeout, cancel).await,
            CheckKind::Container(container) => machine::container(world, container, timeout).await,
            CheckKind::Command(command) => machine::command(world, command, &self.root, timeout, cancel).await,
            CheckKind::Disk(disk) => machine::disk(disk, &self.root),
            CheckKind::Sqlite(sqlite) => machine::sqlite(world, sqlite, &self.root, timeout, cancel).await,
            CheckKind::Postgres(postgres) => machine::postgres(world, postgres, timeout, cancel).await,
        }
    }
}

/// What a kind asks, before anything of it is filled in.
pub fn what(kind: &CheckKind) -> String {
    let text = match kind {
        CheckKind::Http(http) => format!("{} {}", http.method, SafeText::url(&http.url)),
        CheckKind::Tcp(tcp) => format!("TCP {}", tcp.address),
        CheckKind::Tls(tls) => format!("TLS {}", tls.address),
        CheckKind::Dns(dns) => {
            let server = dns.server.as_ref().map_or_else(String::new, |server| format!(" @{server}"));
            format!("{} {}{server}", dns.record.word(), dns.host)
        }
        CheckKind::Process(process) => match &process.program {
            Some(program) => format!("process {program}"),
            None => "process".to_owned(),
        },
        CheckKind::Unit(unit) if unit.user => format!("unit {} (user)", unit.unit),
        CheckKind::Unit(unit) => format!("unit {}", unit.unit),
        CheckKind::Container(container) => match &container.container {
            Some(name) => format!("container {name}"),
            None => "HEALTHCHECK".to_owned(),
        },
        CheckKind::Command(command) => command.run.join(" "),
        CheckKind::Disk(disk) => format!("disk {}", disk.path.display()),
        CheckKind::Sqlite(sqlite) => format!("{}: {}", sqlite.file.display(), sqlite.query),
        CheckKind::Postgres(postgres) => format!("{}: {}", postgres.database, postgres.query),
    };
    SafeText::new(&text).into_string()
}

/// The values of settings where a secret may stand.
async fn revealed(world: &World, values: impl Iterator<Item = (&String, &String)>) -> Result<Vec<(String, String)>, Problem> {
    use crate::adapters::secrets;
    let mut out = Vec::new();
    for (name, value) in values {
        let value = match secrets::reference(value) {
            Some(secret) => {
                world.secrets().resolve([secret]).await?;
                world.secrets().value(secret)?.reveal().to_owned()
            }
            None => value.clone(),
        };
        out.push((name.clone(), value));
    }
    Ok(out)
}

/// A password that is named `secret:NAME` or `env:NAME`.
pub(super) async fn password(world: &World, reference: &str) -> Result<String, Problem> {
    use crate::adapters::{database, secrets};
    if let Some(name) = secrets::reference(reference) {
        world.secrets().resolve([name]).await?;
    }
    database::secret(reference, world.secrets(), world.masks())
}

/// Header values, with their secrets: `secret:NAME` or `env:NAME`.
pub(super) async fn headers(
    world: &World,
    headers: &std::collections::BTreeMap<String, String>,
) -> Result<Vec<(String, String)>, Problem> {
    let (named, plain): (Vec<_>, Vec<_>) = headers.iter().partition(|(_, value)| value.starts_with("env:"));
    let mut out = revealed(world, plain.into_iter()).await?;
    for (name, reference) in named {
        out.push((name.clone(), password(world, reference).await?));
    }
    Ok(out)
}

fn no_such(text: impl Into<crate::base::text::Arg>) -> Msg {
    msg!("ask-not-there", name = text)
}
