//! Answers `GET /metrics` on an address of this machine's own, and nothing else: who is not from here, or asks for another host (a web
//! page that was led here by its name server), is turned away. Nothing can be changed through it.

use crate::base::Problem;
use crate::msg;
use futures::future::BoxFuture;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// Of OpenMetrics 1.0.
const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const MAX_HEAD: usize = 16 * 1024;
const TIME_LIMIT: Duration = Duration::from_secs(10);
/// Questions under way at once.
const MAX_ASKED: usize = 16;

/// Gives the text as it is now.
pub type Source = Arc<dyn Fn() -> BoxFuture<'static, String> + Send + Sync>;

/// A socket that waits for questions.
pub struct Exporter {
    listener: TcpListener,
    at: SocketAddr,
}

impl Exporter {
    /// Only an address of loopback is taken.
    pub async fn bind(address: &str) -> Result<Self, Problem> {
        let wrong = || Problem::user(msg!("watch-listen-where", address = address)).hint(msg!("watch-listen-where-hint"));
        let at: SocketAddr = address.parse().map_err(|_| wrong())?;
        if !at.ip().is_loopback() {
            return Err(wrong());
        }
        let listener = TcpListener::bind(at)
            .await
            .map_err(|error| Problem::environment(msg!("watch-listen-failed", address = address)).details(error))?;
        let at = listener
            .local_addr()
            .map_err(|error| Problem::environment(msg!("watch-listen-failed", address = address)).details(error))?;
        Ok(Self { listener, at })
    }

    pub fn address(&self) -> SocketAddr {
        self.at
    }

    /// Answers until it is stopped.
    pub async fn serve(self, source: Source, stop: CancellationToken) {
        let permits = Arc::new(Semaphore::new(MAX_ASKED));
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => return,
                accepted = self.listener.accept() => accepted,
            };
            let Ok((stream, from)) = accepted else {
                // Too many open files: the next may do better.
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            let Ok(permit) = Arc::clone(&permits).acquire_owned().await else {
                return;
            };
            let (source, port) = (Arc::clone(&source), self.at.port());
            tokio::spawn(async move {
                let _permit = permit;
                if from.ip().is_loopback() {
                    tokio::time::timeout(TIME_LIMIT, answer(stream, source, port)).await.ok();
                }
            });
        }
    }
}

async fn answer(mut stream: TcpStream, source: Source, port: u16) {
    let mut head = Vec::new();
    let mut part = [0; 2048];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut part).await {
            Ok(n) if n > 0 && head.len() + n <= MAX_HEAD => head.extend_from_slice(&part[..n]),
            _ => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let text = match judged(&head, port) {
        Ok(()) => {
            let body = source().await;
            let is_head = head.starts_with("HEAD ");
            let shown = if is_head { "" } else { body.as_str() };
            format!(
                "HTTP/1.1 200 OK\r\nContent-Type: {CONTENT_TYPE}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{shown}",
                body.len()
            )
        }
        Err((status, word)) => {
            let allow = if status == 405 { "Allow: GET, HEAD\r\n" } else { "" };
            format!("HTTP/1.1 {status} {word}\r\n{allow}Content-Length: 0\r\nConnection: close\r\n\r\n")
        }
    };
    // Whoever does not wait for the answer does not need it.
    stream.write_all(text.as_bytes()).await.ok();
    stream.shutdown().await.ok();
}

/// Why a question is not answered: status and word.
fn judged(head: &str, port: u16) -> Result<(), (u16, &'static str)> {
    let mut lines = head.lines();
    let mut words = lines.next().unwrap_or_default().split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let header = |name: &str| {
        head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    let host = header("host").unwrap_or_default();
    let is_ours = ["127.0.0.1", "localhost", "[::1]"]
        .iter()
        .any(|name| host == format!("{name}:{port}") || host == *name);
    if !is_ours || header("origin").is_some() {
        return Err((403, "Forbidden"));
    }
    match (method, path.split('?').next().unwrap_or_default()) {
        ("GET" | "HEAD", "/metrics") => Ok(()),
        ("GET" | "HEAD", _) => Err((404, "Not Found")),
        _ => Err((405, "Method Not Allowed")),
    }
}
