//! One line of output of a job or an instance, made safe to show.

mod fields;
mod filter;
mod level;
mod message;
mod time;
mod trace;

pub use fields::{Columns, Fields, LogForm, fields_of, level_word};
pub use filter::{LogFilter, Sieve};
pub use level::level_in;
pub use message::Message;
pub use time::{Around, time_in};
pub use trace::Traces;

use super::{SafeText, Timestamp};
use serde::{Deserialize, Serialize};

/// Where a line came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    Out,
    Err,
    /// Chantier's own word about the job.
    Note,
}

/// Severity read from a line, lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}

/// One line. `text` keeps colour sequences (SGR) and nothing else that could act on a terminal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogLine {
    pub at: Timestamp,
    pub stream: Stream,
    pub text: String,
}

impl LogLine {
    /// A line of foreign bytes: escaped, bounded, secrets already masked by the caller.
    pub fn foreign(at: Timestamp, stream: Stream, bytes: &[u8]) -> Self {
        Self {
            at,
            stream,
            text: SafeText::log_line(bytes),
        }
    }

    /// The same of a line of which only the beginning came.
    pub fn cut(at: Timestamp, stream: Stream, bytes: &[u8], n_cut_bytes: u64) -> Self {
        Self {
            at,
            stream,
            text: SafeText::log_line_of(bytes, n_cut_bytes),
        }
    }

    pub fn note(at: Timestamp, text: impl Into<String>) -> Self {
        Self {
            at,
            stream: Stream::Note,
            text: SafeText::log_line(text.into().as_bytes()),
        }
    }

    /// The severity that the line states, if any.
    pub fn level(&self) -> Option<Level> {
        level_in(&super::safe::plain(&self.text)).map(|(_, level)| level)
    }
}
