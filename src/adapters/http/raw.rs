//! A question over HTTP as bytes, and the answer read back: for services that are reached through another program's input and output.

use super::{Answer, Fault, MAX_BODY_BYTES};
use hyper::Uri;
use std::time::Duration;

/// Where a question goes, and what is said there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    pub host: String,
    pub port: u16,
    pub bytes: String,
}

/// One GET, for an address without encryption.
pub fn question(url: &str) -> Result<Question, Fault> {
    let bad = || Fault::BadAddress { text: url.to_owned() };
    let uri: Uri = url.parse().map_err(|_| bad())?;
    let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(bad)?;
    if uri.scheme_str() != Some("http") {
        return Err(bad());
    }
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let at = uri.authority().map_or(host, |authority| authority.as_str());
    let at = at.rsplit_once('@').map_or(at, |(_, at)| at);
    // An answer to this version of HTTP comes in one piece and ends the connection.
    let bytes = format!(
        "GET {path} HTTP/1.0\r\nHost: {at}\r\nUser-Agent: chantier/{}\r\nAccept: */*\r\nConnection: close\r\n\r\n",
        env!("CARGO_PKG_VERSION")
    );
    Ok(Question {
        host: host.trim_matches(['[', ']']).to_owned(),
        port: uri.port_u16().unwrap_or(80),
        bytes,
    })
}

/// What came back, whole or cut.
pub fn answer(bytes: &[u8], took: Duration) -> Result<Answer, Fault> {
    let other = |why: &str| Fault::Other { why: why.to_owned() };
    if bytes.is_empty() {
        return Err(other("closed without an answer"));
    }
    let end = memchr::memmem::find(bytes, b"\r\n\r\n").ok_or_else(|| other("the answer is not HTTP"))?;
    let head = String::from_utf8_lossy(&bytes[..end]);
    let mut words = head.split_ascii_whitespace();
    let status = match (words.next(), words.next().and_then(|word| word.parse().ok())) {
        (Some(version), Some(status)) if version.starts_with("HTTP/") => status,
        _ => return Err(other("the answer is not HTTP")),
    };
    let body = &bytes[end + 4..];
    let kept = body.len().min(MAX_BODY_BYTES as usize);
    Ok(Answer {
        status,
        body: body[..kept].to_vec(),
        is_cut: kept < body.len(),
        took,
        location: None,
        charset: None,
    })
}

/// The address is this machine's own, wherever it is asked.
pub fn is_loopback(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
