//! As much of HTTP/1.1 as the service needs: one request, one answer, and the connection is closed.

use std::io::{self, BufRead, Write};

/// What was asked.
#[derive(Debug, PartialEq, Eq)]
pub struct Request {
    pub method: String,
    /// The path without the query.
    pub path: String,
    pub accept_language: String,
}

/// What is answered.
#[derive(Debug, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    pub content_type: &'static str,
    pub body: String,
}

/// Why there is no request: the status to answer, or nothing was sent at all.
#[derive(Debug)]
pub enum Refused {
    Status(u16),
    Closed,
}

impl Response {
    /// A plain text.
    pub fn text(status: u16, body: impl Into<String>) -> Self {
        Self {
            status,
            content_type: "text/plain; charset=utf-8",
            body: body.into(),
        }
    }

    /// A JSON document.
    pub fn json(body: impl Into<String>) -> Self {
        Self {
            status: 200,
            content_type: "application/json",
            body: body.into(),
        }
    }

    /// Writes the answer; `HEAD` is told the length only.
    pub fn write(&self, head_only: bool, out: &mut impl Write) -> io::Result<()> {
        let mut text = format!(
            "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            self.status,
            reason(self.status),
            self.content_type,
            self.body.len()
        );
        if !head_only {
            text.push_str(&self.body);
        }
        out.write_all(text.as_bytes())?;
        out.flush()
    }
}

/// Reads one request up to the end of its headers.
pub fn read(input: &mut impl BufRead) -> Result<Request, Refused> {
    let first = line(input)?;
    let mut words = first.split(' ');
    let (Some(method), Some(target), Some(version), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(Refused::Status(400));
    };
    if !version.starts_with("HTTP/1.") || !target.starts_with('/') {
        return Err(Refused::Status(400));
    }
    let path = target.split('?').next().unwrap_or(target);
    let mut request = Request {
        method: method.to_owned(),
        path: path.to_owned(),
        accept_language: String::new(),
    };
    loop {
        let header = line(input)?;
        if header.is_empty() {
            return Ok(request);
        }
        if let Some((name, value)) = header.split_once(':')
            && name.eq_ignore_ascii_case("accept-language")
        {
            request.accept_language = value.trim().to_owned();
        }
    }
}

/// One line without its end.
fn line(input: &mut impl BufRead) -> Result<String, Refused> {
    let mut bytes = Vec::new();
    match input.read_until(b'\n', &mut bytes) {
        Ok(_) if bytes.last() == Some(&b'\n') => {}
        _ => return Err(Refused::Closed),
    }
    let text = String::from_utf8(bytes).map_err(|_| Refused::Status(400))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(text: &str) -> u16 {
        match read(&mut text.as_bytes()) {
            Err(Refused::Status(status)) => status,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_request_is_read() {
        let text = "GET /hello?name=me HTTP/1.1\r\nHost: here\r\naccept-LANGUAGE:  fr \r\n\r\n";
        let request = read(&mut text.as_bytes()).unwrap();
        assert_eq!(
            request,
            Request {
                method: "GET".into(),
                path: "/hello".into(),
                accept_language: "fr".into()
            }
        );
    }

    #[test]
    fn what_is_no_request_is_refused() {
        assert_eq!(status("hello\r\n\r\n"), 400);
        assert_eq!(status("GET / HTTP/1.1 more\r\n\r\n"), 400);
        assert_eq!(status("GET hello HTTP/1.1\r\n\r\n"), 400);
        assert!(matches!(read(&mut "".as_bytes()), Err(Refused::Closed)));
    }

    #[test]
    fn head_is_told_the_length_only() {
        let mut out = Vec::new();
        Response::text(200, "twelve bytes")
            .write(true, &mut out)
            .unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(
            text.starts_with("HTTP/1.1 200 OK\r\n") && text.contains("Content-Length: 12\r\n"),
            "{text}"
        );
        assert!(text.ends_with("\r\n\r\n"), "{text}");
    }
}
