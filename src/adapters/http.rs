//! Asks a service over HTTP or TCP whether it answers: one try with a time-out, a bounded body and a way to give up.
//! Follows a redirection only where that is asked for, uses no proxy and keeps no connection, because it is the service itself that is asked.

pub mod raw;
mod secure;

use crate::base::{Msg, Problem, SafeText, Timestamp, format};
use crate::msg;
use serde::{Deserialize, Serialize};
use std::io::Read as _;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, ToSocketAddrs as _};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{Connector as _, TcpConnector};
use url::Url;

/// Bytes of a body that are read; a service that sends more is not asked for the rest.
pub const MAX_BODY_BYTES: u64 = 256 * 1024;
/// Bytes of all headers together.
const MAX_HEADER_BYTES: usize = 64 * 1024;

/// What a service answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub status: u16,
    /// At most `MAX_BODY_BYTES`.
    pub body: Vec<u8>,
    pub is_cut: bool,
    /// From the first byte sent to the last one read.
    pub took: Duration,
    /// Where it sends whoever asks.
    pub location: Option<String>,
    /// How its body says that it is written: `iso-8859-1`.
    pub charset: Option<String>,
}

/// Why there was no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum Fault {
    BadAddress {
        text: String,
    },
    NoSuchHost,
    Refused,
    TimedOut {
        after_ms: u64,
    },
    /// The certificate or the handshake.
    Tls {
        /// In the words of the library.
        why: String,
        #[serde(default)]
        refusal: Option<Refusal>,
    },
    /// It took the question and closed the connection.
    Closed,
    Other {
        why: String,
    },
    GivenUp,
}

/// Why a secure connection was refused, where that is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "refusal", rename_all = "snake_case")]
pub enum Refusal {
    /// Seconds since 1970, and whole days since then.
    Ended {
        at: i64,
        days: u64,
    },
    NotYet {
        at: i64,
    },
    /// Nobody else signed it.
    BySelf,
    /// Nobody signed it who is known here.
    UnknownIssuer,
    OtherName {
        asked: String,
        names: String,
    },
    /// What answers does not speak TLS.
    NotSpoken,
}

impl Refusal {
    /// It is about the certificate: a server is there and speaks.
    pub fn is_of_certificate(&self) -> bool {
        *self != Self::NotSpoken
    }

    fn msg(&self) -> Msg {
        let date = |secs: i64| {
            let at = Timestamp::from_second(secs).unwrap_or_default();
            format::local(at).strftime("%Y-%m-%d").to_string()
        };
        match self {
            Self::Ended { at, days } => msg!("tls-ended", date = date(*at), days = *days),
            Self::NotYet { at } => msg!("tls-not-yet", date = date(*at)),
            Self::BySelf => msg!("tls-by-self"),
            Self::UnknownIssuer => msg!("tls-unknown-issuer"),
            Self::OtherName { asked, names } => {
                msg!("tls-other-name", asked = SafeText::new(asked), names = SafeText::new(names))
            }
            Self::NotSpoken => msg!("tls-not-spoken"),
        }
    }
}

impl Fault {
    /// The fault in one line.
    pub fn msg(&self) -> Msg {
        match self {
            Self::BadAddress { text } => msg!("http-bad-address", text = SafeText::url(text)),
            Self::NoSuchHost => msg!("http-no-such-host"),
            Self::Refused => msg!("http-refused"),
            Self::TimedOut { after_ms } => msg!("http-timed-out", after = *after_ms),
            Self::Tls {
                refusal: Some(refusal), ..
            } => refusal.msg(),
            Self::Closed => msg!("http-closed"),
            Self::Tls { why, .. } => msg!("http-tls", why = SafeText::new(why)),
            Self::Other { why } => msg!("http-other", why = SafeText::new(why)),
            Self::GivenUp => msg!("problem-cancelled"),
        }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::GivenUp => Self::cancelled(),
            fault => Self::environment(fault.msg()).code("no-answer"),
        }
    }
}

impl Answer {
    /// It says that what was asked for stands elsewhere.
    pub fn is_redirect(&self) -> bool {
        matches!(self.status, 301 | 302 | 303 | 307 | 308)
    }

    /// With the time of everything that was asked before it.
    fn after(mut self, started: Instant) -> Self {
        self.took = started.elapsed();
        self
    }
}

/// One GET. Any status is an answer. Returns at once when it is given up; the thread behind it ends with the time-out.
pub async fn get(url: &str, timeout: Duration, give_up: &CancellationToken) -> Result<Answer, Fault> {
    let url = url.to_owned();
    off_thread(timeout, give_up, move || get_now(&url, timeout)).await
}

/// What is asked, beyond a GET.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    pub url: String,
    pub method: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<Vec<u8>>,
    /// Certificates (PEM) that are trusted instead of the well-known ones.
    pub ca: Option<PathBuf>,
    pub max_body_bytes: u64,
    /// So often it goes where an answer sends it.
    pub max_redirects: u32,
}

impl Default for Request {
    fn default() -> Self {
        Self {
            url: String::new(),
            method: "GET".to_owned(),
            headers: Vec::new(),
            body: None,
            ca: None,
            max_body_bytes: MAX_BODY_BYTES,
            max_redirects: 0,
        }
    }
}

/// One request; as `get`.
pub async fn ask(request: Request, timeout: Duration, give_up: &CancellationToken) -> Result<Answer, Fault> {
    off_thread(timeout, give_up, move || ask_now(&request, timeout)).await
}

/// One connection that is closed at once; gives the time until it stood.
pub async fn connect(address: &str, timeout: Duration, give_up: &CancellationToken) -> Result<Duration, Fault> {
    let address = address.to_owned();
    off_thread(timeout, give_up, move || connect_now(&address, timeout)).await
}

/// Nobody on this machine listens on the port, on any address.
pub fn is_port_free(port: u16) -> bool {
    let is_free = |address: SocketAddr| match TcpListener::bind(address) {
        Ok(_) => true,
        // No such kind of address here is not the same as taken.
        Err(error) => error.kind() == std::io::ErrorKind::AddrNotAvailable || error.kind() == std::io::ErrorKind::Unsupported,
    };
    is_free((Ipv4Addr::UNSPECIFIED, port).into())
        && is_free((Ipv4Addr::LOCALHOST, port).into())
        && (!has_ipv6() || is_free((Ipv6Addr::LOCALHOST, port).into()))
}

fn has_ipv6() -> bool {
    TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok()
}

pub(super) async fn off_thread<T: Send + 'static>(
    timeout: Duration,
    give_up: &CancellationToken,
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    let task = tokio::task::spawn_blocking(work);
    // The name server may take longer than what the time-out covers.
    let late = timeout + Duration::from_millis(250);
    tokio::select! {
        () = give_up.cancelled() => Err(Fault::GivenUp),
        () = tokio::time::sleep(late) => Err(Fault::TimedOut { after_ms: timeout.as_millis() as u64 }),
        result = task => result.unwrap_or_else(|error| Err(Fault::Other { why: error.to_string() })),
    }
}

fn get_now(url: &str, timeout: Duration) -> Result<Answer, Fault> {
    ask_now(
        &Request {
            url: url.to_owned(),
            ..Request::default()
        },
        timeout,
    )
}

/// Follows where it is sent, as often as was asked for. What is written for one server does not go to another: of its headers none is
/// sent there, and no body. A place that is no web address is not gone to.
fn ask_now(request: &Request, timeout: Duration) -> Result<Answer, Fault> {
    let started = Instant::now();
    let mut at = request.clone();
    for _ in 0..request.max_redirects {
        let left = timeout.saturating_sub(started.elapsed()).max(Duration::from_millis(1));
        let answer = ask_once(&at, left)?;
        let Some(next) = next_of(&at, &answer) else {
            return Ok(answer.after(started));
        };
        at = next;
    }
    let left = timeout.saturating_sub(started.elapsed()).max(Duration::from_millis(1));
    Ok(ask_once(&at, left)?.after(started))
}

/// The question that an answer sends to, as browsers ask it.
fn next_of(asked: &Request, answer: &Answer) -> Option<Request> {
    let location = answer.location.as_deref().filter(|_| answer.is_redirect())?;
    let from = Url::parse(&asked.url).ok()?;
    let to = from
        .join(location)
        .ok()
        .filter(|to| matches!(to.scheme(), "http" | "https"))?;
    let is_same = from.origin() == to.origin();
    let keeps_method = matches!(answer.status, 307 | 308);
    if !is_same && keeps_method && asked.body.is_some() {
        return None;
    }
    let mut next = asked.clone();
    next.url = to.into();
    if !is_same {
        next.headers.clear();
    }
    if !keeps_method && asked.method != "HEAD" {
        "GET".clone_into(&mut next.method);
        next.body = None;
    }
    Some(next)
}

/// It can be asked at all: http or https, and a host.
pub fn is_address(url: &str) -> bool {
    let is_known = url.starts_with("http://") || url.starts_with("https://");
    is_known && ureq::http::Uri::try_from(url).is_ok_and(|uri| uri.host().is_some_and(|host| !host.is_empty()))
}

fn ask_once(request: &Request, timeout: Duration) -> Result<Answer, Fault> {
    let url = request.url.as_str();
    let bad = || Fault::BadAddress { text: url.to_owned() };
    if !is_address(url) {
        return Err(bad());
    }
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(timeout))
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .max_idle_connections(0)
        .max_response_header_size(MAX_HEADER_BYTES)
        .allow_non_standard_methods(true)
        .user_agent(concat!("chantier/", env!("CARGO_PKG_VERSION")));
    let agent = if url.starts_with("https://") {
        let connector = ().chain(TcpConnector::default()).chain(secure::Secure(super::tls::config(request.ca.as_deref())?));
        ureq::Agent::with_parts(config.build(), connector, DefaultResolver::default())
    } else {
        config.build().new_agent()
    };
    let mut asked = ureq::http::Request::builder().method(request.method.as_str()).uri(url);
    for (name, value) in &request.headers {
        asked = asked.header(name, value);
    }
    let started = Instant::now();
    let called = match &request.body {
        Some(body) => agent.run(asked.body(body.clone()).map_err(|_| bad())?),
        None => agent.run(asked.body(()).map_err(|_| bad())?),
    };
    let mut response = called.map_err(|error| fault(error, url, timeout))?;
    let header = |name: &str| Some(response.headers().get(name)?.to_str().ok()?.to_owned());
    let (location, kind) = (header("location"), header("content-type"));
    let charset = kind.and_then(|kind| {
        Some(
            kind.to_ascii_lowercase()
                .split_once("charset=")?
                .1
                .trim_matches('"')
                .to_owned(),
        )
    });
    let max_bytes = request.max_body_bytes;
    let mut body = Vec::new();
    let read = response.body_mut().as_reader().take(max_bytes + 1).read_to_end(&mut body);
    if let Err(error) = read {
        return Err(fault(ureq::Error::from(error), url, timeout));
    }
    let is_cut = body.len() as u64 > max_bytes;
    body.truncate(max_bytes as usize);
    Ok(Answer {
        status: response.status().as_u16(),
        body,
        is_cut,
        took: started.elapsed(),
        location,
        charset,
    })
}

fn fault(error: ureq::Error, url: &str, timeout: Duration) -> Fault {
    let timed_out = Fault::TimedOut {
        after_ms: timeout.as_millis() as u64,
    };
    match error {
        ureq::Error::Timeout(_) => timed_out,
        ureq::Error::HostNotFound => Fault::NoSuchHost,
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => Fault::BadAddress { text: url.to_owned() },
        ureq::Error::ConnectionFailed => Fault::Refused,
        ureq::Error::Io(error) => io_fault(&error, timed_out),
        ureq::Error::Rustls(error) => super::tls::fault(&error),
        error @ ureq::Error::Tls(_) => Fault::Tls {
            why: error.to_string(),
            refusal: None,
        },
        ureq::Error::Other(error) => match error.downcast::<secure::Handshake>() {
            Ok(handshake) => handshake.0,
            Err(error) => Fault::Other { why: error.to_string() },
        },
        error => Fault::Other { why: error.to_string() },
    }
}

pub(super) fn io_fault(error: &std::io::Error, timed_out: Fault) -> Fault {
    match error.kind() {
        std::io::ErrorKind::TimedOut | std::io::ErrorKind::WouldBlock => timed_out,
        std::io::ErrorKind::ConnectionRefused => Fault::Refused,
        std::io::ErrorKind::UnexpectedEof | std::io::ErrorKind::ConnectionReset => Fault::Closed,
        _ => Fault::Other { why: error.to_string() },
    }
}

fn connect_now(address: &str, timeout: Duration) -> Result<Duration, Fault> {
    let started = Instant::now();
    let resolved = address.to_socket_addrs().map_err(|error| match error.kind() {
        std::io::ErrorKind::InvalidInput => Fault::BadAddress {
            text: address.to_owned(),
        },
        _ => Fault::NoSuchHost,
    })?;
    let timed_out = Fault::TimedOut {
        after_ms: timeout.as_millis() as u64,
    };
    let mut last = Fault::NoSuchHost;
    for candidate in resolved {
        let left = timeout.saturating_sub(started.elapsed());
        if left.is_zero() {
            return Err(timed_out);
        }
        match std::net::TcpStream::connect_timeout(&candidate, left) {
            Ok(_) => return Ok(started.elapsed()),
            Err(error) => last = io_fault(&error, timed_out.clone()),
        }
    }
    Err(last)
}
