//! HAProxy through its runtime API: the servers of a backend, their addresses, weights and states, set while it runs. What was set is
//! read back, because the API answers most wishes with nothing.

use crate::base::{Problem, SafeText};
use crate::msg;
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

/// How long it may take for an answer.
const TIME_LIMIT: Duration = Duration::from_secs(5);
/// An answer is never longer.
const MAX_ANSWER: u64 = 4 * 1024 * 1024;

/// The way to one backend. Cheap to clone; holds no connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    pub socket: PathBuf,
    pub backend: String,
}

/// Whether a server takes requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taking {
    /// None at all: its place is free.
    Nothing,
    /// None but those of connections that stand.
    Rest,
    Requests,
}

impl Taking {
    fn word(self) -> &'static str {
        match self {
            Self::Nothing => "maint",
            Self::Rest => "drain",
            Self::Requests => "ready",
        }
    }
}

/// One server of a backend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    pub name: String,
    /// `127.0.0.1:8080`.
    pub address: String,
    /// From 0 to 256.
    pub weight: u32,
    pub taking: Taking,
    /// Being answered or waiting for it now.
    pub n_connections: u32,
    pub answers: Answers,
}

/// What was answered by a server since HAProxy runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    pub n: u64,
    /// 5xx, or none at all.
    pub n_bad: u64,
    /// The mean of the last 1,024.
    pub mean_ms: u64,
}

impl Proxy {
    /// Every server of the backend, in its order.
    pub async fn servers(&self) -> Result<Vec<Server>, Problem> {
        let backend = self.plain_backend()?;
        let text = self.ask(&format!("show stat {backend} 4 -1")).await?;
        let found = read(&text, backend);
        if found.is_empty() {
            return Err(Problem::config(msg!("proxy-no-backend", backend = backend))
                .code("no-backend")
                .details(SafeText::multiline(&text)));
        }
        Ok(found)
    }

    /// Gives servers what is asked for, all over one connection, and looks whether they have it.
    pub async fn set(&self, wanted: &[Server]) -> Result<Vec<Server>, Problem> {
        let backend = self.plain_backend()?;
        let mut words = Vec::new();
        for server in wanted {
            let place = format!("set server {backend}/{}", plain(&server.name)?);
            if let Some((host, port)) = server.address.rsplit_once(':').filter(|_| server.taking == Taking::Requests) {
                words.push(format!("{place} addr {} port {}", plain(host)?, plain(port)?));
                words.push(format!("{place} weight {}", server.weight));
            }
            words.push(format!("{place} state {}", server.taking.word()));
        }
        // The API takes lines of some kilobytes.
        let mut said = String::new();
        for some in words.chunks(48) {
            said.push_str(&self.ask(&some.join("; ")).await?);
        }
        let now = self.servers().await?;
        let has = |server: &Server| {
            let known = now.iter().find(|known| known.name == server.name);
            known.is_some_and(|known| {
                known.taking == server.taking
                    && (server.taking != Taking::Requests || (known.address == server.address && known.weight == server.weight))
            })
        };
        match wanted.iter().find(|server| !has(server)) {
            None => Ok(now),
            Some(server) => Err(Problem::environment(msg!("proxy-not-set", server = server.name.as_str()))
                .code("proxy-not-set")
                .details(SafeText::multiline(said.trim()))
                .hint(msg!("proxy-not-set-hint"))),
        }
    }

    /// It answers.
    pub async fn is_up(&self) -> bool {
        self.ask("show version").await.is_ok()
    }

    fn plain_backend(&self) -> Result<&str, Problem> {
        plain(&self.backend)
    }

    async fn ask(&self, words: &str) -> Result<String, Problem> {
        let asked = async {
            let mut stream = connect(&self.socket).await?;
            stream.write_all(format!("{words}\n").as_bytes()).await?;
            let mut answer = Vec::new();
            stream.take(MAX_ANSWER).read_to_end(&mut answer).await?;
            Ok::<_, std::io::Error>(String::from_utf8_lossy(&answer).into_owned())
        };
        let away = |why: String| {
            Problem::environment(msg!("proxy-away", socket = &self.socket))
                .code("no-proxy")
                .details(why)
                .hint(msg!("proxy-away-hint"))
        };
        match tokio::time::timeout(TIME_LIMIT, asked).await {
            Ok(Ok(answer)) if answer.contains("Permission denied") => Err(Problem::config(msg!("proxy-not-admin"))
                .code("proxy-not-admin")
                .hint(msg!("proxy-not-admin-hint"))),
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(away(error.to_string())),
            Err(_) => Err(away(String::new())),
        }
    }
}

/// A socket's path may be longer than the kernel takes: then it is reached through its folder.
async fn connect(path: &Path) -> std::io::Result<UnixStream> {
    if path.as_os_str().len() < 100 {
        return UnixStream::connect(path).await;
    }
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(std::io::ErrorKind::InvalidInput.into());
    };
    let held = std::fs::File::open(folder)?;
    let short = PathBuf::from(format!("/proc/self/fd/{}", held.as_raw_fd())).join(name);
    UnixStream::connect(short).await
}

/// A name that is only that: it stands in a line of words.
fn plain(name: &str) -> Result<&str, Problem> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-.:[]".contains(c);
    if !name.is_empty() && name.chars().all(is_plain) {
        return Ok(name);
    }
    Err(Problem::config(msg!("proxy-bad-name", name = SafeText::new(name))))
}

/// The servers of `show stat`: a table with a comma between columns and their names in the first line.
fn read(text: &str, backend: &str) -> Vec<Server> {
    let mut lines = text.lines().skip_while(|line| !line.starts_with("# "));
    let Some(head) = lines.next() else { return Vec::new() };
    let titles: Vec<&str> = head.trim_start_matches("# ").split(',').collect();
    let column = |name: &str| titles.iter().position(|title| *title == name);
    let columns = ["pxname", "svname", "addr", "status", "scur", "qcur", "uweight", "weight"].map(column);
    let answered = ["hrsp_1xx", "hrsp_2xx", "hrsp_3xx", "hrsp_4xx", "hrsp_5xx", "hrsp_other"].map(column);
    let [of_bad, no_way, no_answer, took] = ["hrsp_5xx", "econ", "eresp", "rtime"].map(column);
    let mut found = Vec::new();
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        let cell = |at: usize| columns[at].and_then(|at| cells.get(at)).copied().unwrap_or_default();
        if cell(0) != backend || cell(1).is_empty() {
            continue;
        }
        let number = |text: &str| text.parse::<u32>().unwrap_or(0);
        let count = |at: Option<usize>| at.and_then(|at| cells.get(at)?.parse::<u64>().ok()).unwrap_or(0);
        // One that was not answered at all may have become a 502 too.
        let n_bad = count(of_bad).max(count(no_way) + count(no_answer));
        let taking = match cell(3) {
            status if status.starts_with("MAINT") => Taking::Nothing,
            status if status.starts_with("DRAIN") || status.starts_with("NOLB") => Taking::Rest,
            _ => Taking::Requests,
        };
        found.push(Server {
            name: cell(1).to_owned(),
            address: cell(2).to_owned(),
            weight: number(if cell(6).is_empty() { cell(7) } else { cell(6) }),
            taking,
            n_connections: number(cell(4)) + number(cell(5)),
            answers: Answers {
                n: answered.iter().map(|at| count(*at)).sum::<u64>().max(n_bad),
                n_bad,
                mean_ms: count(took),
            },
        });
    }
    found
}
