//! The way to the engine: one connection for each request, and a bound on what may arrive before somebody takes it in.

use bollard::errors::Error;
use bollard::{BollardRequest, ClientVersion, Docker};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{HOST, HeaderValue};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};

/// What an engine may send as one answer.
pub(super) const MAX_BYTES: u64 = 32 << 20;
/// What it may send as one item of a stream: what is not whole yet is read again with each piece that comes.
const MAX_ITEM: u64 = 1 << 20;

/// More came than one answer may hold.
#[derive(Debug, thiserror::Error)]
#[error("one answer is longer than it may be")]
pub(super) struct TooMuch;

/// How much may still arrive.
#[derive(Clone, Debug)]
pub(super) struct Allowance(Arc<Counts>);

#[derive(Debug)]
struct Counts {
    left: AtomicU64,
    limit: AtomicU64,
    was_exceeded: AtomicBool,
}

impl Allowance {
    fn new() -> Self {
        Self(Arc::new(Counts {
            left: AtomicU64::new(MAX_BYTES),
            limit: AtomicU64::new(MAX_BYTES),
            was_exceeded: AtomicBool::new(false),
        }))
    }

    fn renew(&self) {
        self.0.left.store(self.0.limit.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    /// From now on this is a stream: the next item is waited for.
    pub(super) fn next_item(&self) {
        self.0.limit.store(MAX_ITEM, Ordering::Relaxed);
        self.renew();
    }

    /// On its way through a stream an error keeps its words only.
    pub(super) fn was_exceeded(&self) -> bool {
        self.0.was_exceeded.load(Ordering::Relaxed)
    }

    fn take(&self, n: u64) -> io::Result<()> {
        let left = self.0.left.load(Ordering::Relaxed);
        if n > left {
            self.0.was_exceeded.store(true, Ordering::Relaxed);
            return Err(io::Error::other(TooMuch));
        }
        self.0.left.store(left - n, Ordering::Relaxed);
        Ok(())
    }
}

trait Pipe: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Pipe for T {}

struct Metered {
    pipe: Box<dyn Pipe>,
    allowance: Allowance,
}

impl AsyncRead for Metered {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        std::task::ready!(Pin::new(&mut self.pipe).poll_read(cx, buf))?;
        let n = (buf.filled().len() - before) as u64;
        Poll::Ready(self.allowance.take(n))
    }
}

impl AsyncWrite for Metered {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.pipe).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipe).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipe).poll_shutdown(cx)
    }
}

/// bollard's calls and a few of our own over the same wire.
pub(super) struct Client {
    docker: Docker,
    host: Arc<str>,
    pub(super) allowance: Allowance,
}

impl std::ops::Deref for Client {
    type Target = Docker;

    fn deref(&self) -> &Docker {
        &self.docker
    }
}

impl Client {
    /// Nothing is sent yet. `host` is `unix://PATH`, `tcp://HOST:PORT` or `http://HOST:PORT`.
    /// `version` is known already, or negotiated next.
    pub(super) fn new(host: &str, limit: Duration, version: Option<&ClientVersion>) -> Result<Self, Error> {
        let allowance = Allowance::new();
        let host: Arc<str> = host.into();
        let (to, meter) = (Arc::clone(&host), allowance.clone());
        let transport = move |request: BollardRequest| send(Arc::clone(&to), meter.clone(), request);
        let secs = limit.as_secs().max(1);
        let docker = Docker::connect_with_custom_transport(
            transport,
            Some("http://docker"),
            secs,
            version.unwrap_or(bollard::API_DEFAULT_VERSION),
        )?;
        Ok(Self { docker, host, allowance })
    }

    /// Speaks the newest version that both sides know.
    pub(super) async fn negotiated(self) -> Result<Self, Error> {
        let Self { docker, host, allowance } = self;
        let docker = docker.negotiate_version().await?;
        Ok(Self { docker, host, allowance })
    }

    /// An answer as the engine gives it, for what differs from version to version. `path` begins behind the version.
    pub(super) async fn json(&self, path: &str) -> Result<serde_json::Value, Error> {
        let version = self.docker.client_version();
        let uri = format!("/v{}.{}{path}", version.major_version, version.minor_version);
        let request = Request::builder()
            .method(Method::GET)
            .uri(uri)
            .body(bollard::body_full(Vec::new().into()))?;
        let response = send(Arc::clone(&self.host), self.allowance.clone(), request).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        let value: Result<serde_json::Value, _> = serde_json::from_slice(&body);
        if !status.is_success() {
            let message = value.ok().and_then(|value| Some(value.get("message")?.as_str()?.to_owned()));
            return Err(Error::DockerResponseServerError {
                status_code: status.as_u16(),
                message: message.unwrap_or_else(|| String::from_utf8_lossy(&body).into_owned()),
            });
        }
        Ok(without_nulls(value?))
    }
}

/// Go writes `null` for lists and maps that hold nothing.
fn without_nulls(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::Object(map) => Value::Object(
            map.into_iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| (key, without_nulls(value)))
                .collect(),
        ),
        Value::Array(all) => Value::Array(all.into_iter().map(without_nulls).collect()),
        other => other,
    }
}

async fn send(host: Arc<str>, allowance: Allowance, mut request: BollardRequest) -> Result<Response<Incoming>, Error> {
    allowance.renew();
    let pipe: Box<dyn Pipe> = if let Some(path) = host.strip_prefix("unix://") {
        Box::new(UnixStream::connect(path).await?)
    } else {
        let address = host.split_once("://").map_or(&*host, |(_, address)| address);
        Box::new(TcpStream::connect(address.trim_end_matches('/')).await?)
    };
    let (mut sender, connection) = http1::handshake(TokioIo::new(Metered { pipe, allowance })).await?;
    // Ends with its answer, or when nobody waits for it any more.
    drop(tokio::spawn(connection.with_upgrades()));
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    *request.uri_mut() = path.parse()?;
    request.headers_mut().insert(HOST, HeaderValue::from_static("docker"));
    Ok(sender.send_request(request).await?)
}
