//! Two runs beside each other, and failures by what they say. Pure.

use super::frameworks::{CaseId, Finished};
use crate::base::State;
use regex::{Captures, Regex};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A test became slower when it takes half as long again, and at least this much longer.
const SLOWER_MS: u64 = 100;
/// Characters of a normalised error that tell it from others.
const MAX_ERROR_CHARS: usize = 300;

/// What became of a case from one run to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    NewFailure,
    StillFailing,
    Fixed,
    Slower,
    Faster,
    Added,
    /// It was there, and a run of everything did not have it any more.
    Gone,
    /// Only the first of the runs had it: the second was a part.
    NotRun,
}

impl Change {
    pub const ALL: [Self; 8] = [
        Self::NewFailure,
        Self::StillFailing,
        Self::Fixed,
        Self::Slower,
        Self::Faster,
        Self::Added,
        Self::Gone,
        Self::NotRun,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::NewFailure => "new_failure",
            Self::StillFailing => "still_failing",
            Self::Fixed => "fixed",
            Self::Slower => "slower",
            Self::Faster => "faster",
            Self::Added => "added",
            Self::Gone => "gone",
            Self::NotRun => "not_run",
        }
    }

    pub fn key(self) -> &'static str {
        match self {
            Self::NewFailure => "test-change-new-failure",
            Self::StillFailing => "test-change-still-failing",
            Self::Fixed => "test-change-fixed",
            Self::Slower => "test-change-slower",
            Self::Faster => "test-change-faster",
            Self::Added => "test-change-added",
            Self::Gone => "test-change-gone",
            Self::NotRun => "test-change-not-run",
        }
    }

    pub fn state(self) -> State {
        match self {
            Self::NewFailure | Self::StillFailing => State::Failed,
            Self::Fixed | Self::Faster => State::Done,
            Self::Slower => State::Degraded,
            Self::Added => State::None,
            Self::Gone | Self::NotRun => State::Skipped,
        }
    }
}

/// One case that is not as it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Changed {
    pub case: CaseId,
    pub change: Change,
    pub before: Option<State>,
    pub after: Option<State>,
    pub before_ms: Option<u64>,
    pub after_ms: Option<u64>,
    /// The first words of the failure.
    pub message: String,
}

/// What differs between the results of two runs; `is_whole` says that the second one ran everything.
pub fn compare(before: Vec<Finished>, after: Vec<Finished>, is_whole: bool) -> Vec<Changed> {
    let mut old: BTreeMap<CaseId, Finished> = before.into_iter().map(|result| (result.case.clone(), result)).collect();
    let mut found = Vec::new();
    for new in after {
        let old = old.remove(&new.case);
        let change = match &old {
            _ if new.state == State::Failed && old.as_ref().is_none_or(|old| old.state != State::Failed) => Change::NewFailure,
            None => Change::Added,
            Some(_) if new.state == State::Failed => Change::StillFailing,
            Some(old) if old.state == State::Failed && new.state == State::Done => Change::Fixed,
            Some(old) => match pace(old.duration_ms, new.duration_ms) {
                Some(change) if old.state == State::Done && new.state == State::Done => change,
                _ => continue,
            },
        };
        found.push(Changed {
            change,
            before: old.as_ref().map(|old| old.state),
            after: Some(new.state),
            before_ms: old.as_ref().and_then(|old| old.duration_ms),
            after_ms: new.duration_ms,
            message: new.message,
            case: new.case,
        });
    }
    found.extend(old.into_values().map(|old| Changed {
        change: if is_whole { Change::Gone } else { Change::NotRun },
        before: Some(old.state),
        after: None,
        before_ms: old.duration_ms,
        after_ms: None,
        message: String::new(),
        case: old.case,
    }));
    found.sort_by(|a, b| (a.change, &a.case).cmp(&(b.change, &b.case)));
    found
}

fn pace(before: Option<u64>, after: Option<u64>) -> Option<Change> {
    let (before, after) = (before?, after?);
    let is_much = |less: u64, more: u64| more >= less + less / 2 && more - less >= SLOWER_MS;
    if after > before && is_much(before, after) {
        return Some(Change::Slower);
    }
    (before > after && is_much(after, before)).then_some(Change::Faster)
}

/// An error without what differs from one run to the next: numbers, addresses, ids, times and the folders of paths.
pub fn normalised(message: &str) -> String {
    static PATTERN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(concat!(
            r"(?P<uuid>\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b)",
            r"|(?P<time>\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?|\b\d\d:\d\d:\d\d(?:[.,]\d+)?)",
            r"|(?P<address>\b0x[0-9a-fA-F]+\b)",
            r"|(?P<hash>\b(?:[0-9]+[a-f]|[a-f]+[0-9])[0-9a-f]{6,}\b)",
            r"|(?P<path>(?:[A-Za-z]:)?(?:\.{0,2}/)?(?:[\w.@+~-]+/)+(?P<file>[\w.@+~-]*))",
            r"|(?P<number>\d+(?:[.,]\d+)*)",
        ))
        .expect("a fixed pattern")
    });
    let lines: Vec<&str> = message
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .take(4)
        .collect();
    let lines = lines.join("\n");
    let text = PATTERN.replace_all(&lines, |found: &Captures<'_>| {
        let is = |name: &str| found.name(name).is_some();
        if is("uuid") || is("hash") {
            "<id>".to_owned()
        } else if is("time") {
            "<time>".to_owned()
        } else if is("address") {
            "<address>".to_owned()
        } else if let Some(file) = found.name("file") {
            let file = file.as_str();
            let digits = |c: char| c.is_ascii_digit();
            if file.is_empty() || file.contains(digits) {
                "<path>".to_owned()
            } else {
                format!("<path>/{file}")
            }
        } else {
            "<n>".to_owned()
        }
    });
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(MAX_ERROR_CHARS)
        .collect()
}

/// Failures that say the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// The error without what differs.
    pub error: String,
    /// One of them in its own words.
    pub example: String,
    pub cases: Vec<CaseId>,
}

/// Failures by their normalised error, the largest group first.
pub fn groups<'a>(failures: impl Iterator<Item = (&'a CaseId, &'a str)>) -> Vec<Group> {
    let mut found: BTreeMap<String, Group> = BTreeMap::new();
    for (case, message) in failures {
        let error = normalised(message);
        let group = found.entry(error.clone()).or_insert_with(|| Group {
            error,
            example: message.to_owned(),
            cases: Vec::new(),
        });
        group.cases.push(case.clone());
    }
    let mut found: Vec<Group> = found.into_values().collect();
    found.sort_by(|a, b| b.cases.len().cmp(&a.cases.len()).then_with(|| a.error.cmp(&b.error)));
    found
}
