//! Recordings: the event stream as JSON lines, written by `--record` and read by `replay` and the tests.

use super::Event;
use crate::base::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// One line of a recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recorded<U> {
    pub at: Timestamp,
    pub event: Event<U>,
}

/// One line without its line break.
pub fn to_line<U: Serialize>(at: Timestamp, event: &Event<U>) -> Result<String, serde_json::Error> {
    #[derive(Serialize)]
    struct Line<'a, U> {
        at: Timestamp,
        event: &'a Event<U>,
    }
    serde_json::to_string(&Line { at, event })
}

/// Reads a whole recording; lines that do not parse are given back with their number (from 1) and the reason.
pub fn from_text<U: DeserializeOwned>(text: &str) -> (Vec<Recorded<U>>, Vec<(usize, String)>) {
    let mut events = Vec::new();
    let mut bad = Vec::new();
    for (i, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        match serde_json::from_str(line) {
            Ok(event) => events.push(event),
            Err(error) => bad.push((i + 1, error.to_string())),
        }
    }
    (events, bad)
}
