//! What containers write, and the guard of every stream: while nothing comes the engine is asked whether it still lives.

use super::wire::Allowance;
use super::{Engine, Fault, MAX_LINE};
use crate::base::{LogLine, Stream, Timestamp};
use bollard::container::LogOutput;
use bollard::errors::Error;
use bollard::query_parameters::LogsOptions;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use std::time::Duration;

/// A stream that says nothing for so long makes the engine be asked.
const IDLE: Duration = Duration::from_secs(2);
/// How long the engine may take for that answer.
const PING: Duration = Duration::from_secs(2);

/// Larger lines come in parts.
const MAX_WHOLE: usize = 4 << 20;

/// A line of a container's output.
pub type LogPiece = Result<LogLine, Fault>;

/// A line as it was written.
#[derive(Clone, Debug)]
pub struct Written {
    pub at: Timestamp,
    pub stream: Stream,
    pub bytes: Vec<u8>,
}

impl Written {
    /// As much of it as is shown.
    fn shown(&self) -> LogLine {
        LogLine::foreign(self.at, self.stream, &self.bytes)
    }
}

type WrittenPiece = Result<Written, Fault>;

/// Each item may be as long as an answer; a silent engine ends the stream, a silent container does not.
pub(super) fn living<'a, T: Send + 'a>(
    engine: &Engine,
    allowance: Allowance,
    items: impl futures::Stream<Item = Result<T, Error>> + Send + 'a,
) -> BoxStream<'a, Result<T, Fault>> {
    let ping = engine.clone().time_limit(engine.time_limit.min(PING));
    let held = Some((items.boxed(), ping, allowance));
    futures::stream::unfold(held, |held| async move {
        let (mut items, ping, allowance) = held?;
        allowance.next_item();
        loop {
            match tokio::time::timeout(IDLE, items.next()).await {
                Ok(Some(Ok(item))) => return Some((Ok(item), Some((items, ping, allowance)))),
                Ok(Some(Err(_))) if allowance.was_exceeded() => return Some((Err(Fault::TooMuch), None)),
                Ok(Some(Err(error))) => return Some((Err(error.into()), None)),
                Ok(None) => return None,
                Err(_) => {
                    if let Err(fault) = ping.client().await {
                        return Some((Err(fault), None));
                    }
                }
            }
        }
    })
    .boxed()
}

impl Engine {
    /// The last lines of a container's output, None for all, with the times that the engine wrote down; with `follow` also what
    /// comes. Ends when the output does.
    pub async fn logs(
        &self,
        id: &str,
        n_lines: Option<u32>,
        follow: bool,
        now: impl Fn() -> Timestamp + Send + 'static,
    ) -> Result<BoxStream<'static, LogPiece>, Fault> {
        let written = self.written(id, n_lines, follow, now).await?;
        Ok(written.map(|piece| piece.map(|line| line.shown())).boxed())
    }

    /// The same with all bytes of each line.
    pub async fn written(
        &self,
        id: &str,
        n_lines: Option<u32>,
        follow: bool,
        now: impl Fn() -> Timestamp + Send + 'static,
    ) -> Result<BoxStream<'static, WrittenPiece>, Fault> {
        let client = self.client().await?;
        let id = super::plain_ref(id)?;
        self.within(self.time_limit, client.inspect_container(id, None)).await?;
        let options = LogsOptions {
            follow,
            stdout: true,
            stderr: true,
            tail: n_lines.map_or_else(|| "all".to_owned(), |n| n.to_string()),
            timestamps: true,
            ..LogsOptions::default()
        };
        let pieces = living(self, client.allowance.clone(), client.logs(id, Some(options)));
        let rests = Rests {
            is_stamped: true,
            longest: MAX_WHOLE,
            ..Rests::default()
        };
        Ok(lines_from(pieces, now, rests))
    }
}

/// Output as lines.
pub(super) fn lines_of(
    pieces: BoxStream<'static, Result<LogOutput, Fault>>,
    now: impl Fn() -> Timestamp + Send + 'static,
) -> BoxStream<'static, LogPiece> {
    let lines = lines_from(pieces, now, Rests::default());
    lines.map(|piece| piece.map(|line| line.shown())).boxed()
}

fn lines_from(
    pieces: BoxStream<'static, Result<LogOutput, Fault>>,
    now: impl Fn() -> Timestamp + Send + 'static,
    rests: Rests,
) -> BoxStream<'static, WrittenPiece> {
    let pieces = pieces.map(Some).chain(futures::stream::iter([None]));
    let lines = pieces.scan(rests, move |rests, piece| {
        let mut ready = Vec::new();
        match piece {
            Some(Ok(output)) => rests.take_in(output, &now, &mut ready),
            Some(Err(fault)) => ready.push(Err(fault)),
            None => rests.finish(&now, &mut ready),
        }
        futures::future::ready(Some(futures::stream::iter(ready)))
    });
    lines.flatten().boxed()
}

/// What of a line came without its end, by stream.
struct Rests {
    out: Rest,
    err: Rest,
    /// Each piece begins with its time; on a terminal's output each line does.
    is_stamped: bool,
    /// More bytes of a line come in parts.
    longest: usize,
}

impl Default for Rests {
    fn default() -> Self {
        Self {
            out: Rest::default(),
            err: Rest::default(),
            is_stamped: false,
            longest: MAX_LINE,
        }
    }
}

#[derive(Default)]
struct Rest {
    bytes: Vec<u8>,
    /// When its first piece was written.
    at: Option<Timestamp>,
}

impl Rests {
    fn take_in(&mut self, output: LogOutput, now: &(impl Fn() -> Timestamp + ?Sized), ready: &mut Vec<WrittenPiece>) {
        let written = |at: Option<Timestamp>, stream: Stream, bytes: &[u8]| {
            Ok(Written {
                at: at.unwrap_or_else(now),
                stream,
                bytes: bytes.to_vec(),
            })
        };
        let is_terminal = matches!(&output, LogOutput::Console { .. });
        let (stream, rest, message) = match output {
            LogOutput::StdErr { message } => (Stream::Err, &mut self.err, message),
            LogOutput::StdOut { message } | LogOutput::StdIn { message } | LogOutput::Console { message } => {
                (Stream::Out, &mut self.out, message)
            }
        };
        let stamps_lines = self.is_stamped && is_terminal;
        let mut bytes: &[u8] = &message;
        if self.is_stamped && !is_terminal {
            let (at, text) = stamp(bytes);
            bytes = text;
            if rest.bytes.is_empty() {
                rest.at = at;
            }
        }
        rest.bytes.extend_from_slice(bytes);
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', &rest.bytes) {
            let line = &rest.bytes[start..end];
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let (at, line) = if stamps_lines { stamp(line) } else { (rest.at, line) };
            ready.push(written(at, stream, line));
            start = end + 1;
        }
        rest.bytes.drain(..start);
        if rest.bytes.len() > self.longest {
            let long = std::mem::take(&mut rest.bytes);
            ready.push(written(rest.at, stream, &long));
        }
    }

    fn finish(&mut self, now: &(impl Fn() -> Timestamp + ?Sized), ready: &mut Vec<WrittenPiece>) {
        for (stream, rest) in [(Stream::Out, &mut self.out), (Stream::Err, &mut self.err)] {
            if !rest.bytes.is_empty() {
                ready.push(Ok(Written {
                    at: rest.at.unwrap_or_else(now),
                    stream,
                    bytes: std::mem::take(&mut rest.bytes),
                }));
            }
        }
    }
}

/// The time in front of a piece, and what follows.
pub fn stamp(bytes: &[u8]) -> (Option<Timestamp>, &[u8]) {
    let end = memchr::memchr(b' ', bytes).filter(|end| (20..=40).contains(end));
    let at = end.and_then(|end| std::str::from_utf8(&bytes[..end]).ok()?.parse().ok());
    match (at, end) {
        (Some(at), Some(end)) => (Some(at), &bytes[end + 1..]),
        _ => (None, bytes),
    }
}
