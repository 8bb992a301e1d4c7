//! The time line of a run: what took how long, beside what, and the chain that made it last as long as it did. Pure but for `load`.

pub mod load;
pub mod otlp;
pub mod units;

use crate::base::{JobId, State, Timestamp};
use serde::{Deserialize, Serialize};

/// Work that ended so long before something began was still what it waited for: a shell's step takes that long to begin.
const SLACK_MS: i64 = 150;

/// What a stretch of time was spent on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Run,
    Job,
    Step,
    /// One call of the compiler.
    Compile,
    /// A build script.
    Script,
}

impl Kind {
    /// The stable word, in JSON and in OTLP.
    pub fn word(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Job => "job",
            Self::Step => "step",
            Self::Compile => "compile",
            Self::Script => "build_script",
        }
    }

    /// The key of its word.
    pub fn key(self) -> &'static str {
        match self {
            Self::Run => "build-span-run",
            Self::Job => "build-span-job",
            Self::Step => "build-span-step",
            Self::Compile => "build-span-compile",
            Self::Script => "build-span-script",
        }
    }
}

/// One stretch of time, as it is kept with the job that it belongs to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stretch {
    pub name: String,
    pub kind: Kind,
    pub start: Timestamp,
    pub end: Timestamp,
    /// The stretch in the same list that it is a part of.
    pub parent: Option<usize>,
    pub is_failed: bool,
}

/// One bar of a time line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Span {
    pub name: String,
    pub kind: Kind,
    pub start: Timestamp,
    pub end: Timestamp,
    /// Index of the span that it is a part of; it stands before it.
    pub parent: Option<usize>,
    /// How deep it stands below the run.
    pub depth: usize,
    /// Indices of the spans that it had to wait for, where that is known.
    pub needs: Vec<usize>,
    pub state: State,
    /// Without it the run would have been shorter.
    pub is_critical: bool,
}

/// A run with everything that it spent time on; the first span is the run itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Timeline {
    pub job: JobId,
    pub title: String,
    pub commit: Option<String>,
    pub spans: Vec<Span>,
}

/// As the ledger keeps them; null when there are none.
pub fn stretches_value(stretches: &[Stretch]) -> serde_json::Value {
    if stretches.is_empty() {
        return serde_json::Value::Null;
    }
    serde_json::to_value(stretches).unwrap_or_default()
}

impl Span {
    pub fn duration_ms(&self) -> u64 {
        (self.end.as_millisecond() - self.start.as_millisecond()).max(0) as u64
    }
}

impl Timeline {
    pub fn duration_ms(&self) -> u64 {
        self.spans.first().map_or(0, Span::duration_ms)
    }

    /// The deepest spans of the critical path, in the order of time.
    pub fn critical(&self) -> Vec<&Span> {
        let has_critical_part = |at: usize| self.spans.iter().any(|span| span.parent == Some(at) && span.is_critical);
        let spans = self.spans.iter().enumerate().skip(1);
        let mut path: Vec<&Span> = spans
            .filter(|(at, span)| span.is_critical && !has_critical_part(*at))
            .map(|(_, span)| span)
            .collect();
        path.sort_by_key(|span| span.start);
        path
    }

    /// How much of the run the work on the critical path fills; the rest is waiting.
    pub fn critical_ms(&self) -> u64 {
        let mut until = i64::MIN;
        let mut total = 0;
        for span in self.critical() {
            let (start, end) = (span.start.as_millisecond().max(until), span.end.as_millisecond());
            total += (end - start).max(0);
            until = until.max(end);
        }
        total as u64
    }

    /// Marks the chain that ends last in each span that is on it: by what is known to be needed, else by what ended before.
    pub fn mark(&mut self) {
        if let Some(root) = self.spans.first_mut() {
            root.is_critical = true;
        }
        for at in 0..self.spans.len() {
            if !self.spans[at].is_critical {
                continue;
            }
            let parts: Vec<usize> = (0..self.spans.len())
                .filter(|part| self.spans[*part].parent == Some(at))
                .collect();
            for part in chain(&self.spans, &parts) {
                self.spans[part].is_critical = true;
            }
        }
    }
}

/// From the part that ends last back to the first one.
fn chain(spans: &[Span], parts: &[usize]) -> Vec<usize> {
    let mut found = Vec::new();
    let mut next = parts.iter().copied().max_by_key(|at| spans[*at].end);
    while let Some(at) = next {
        found.push(at);
        let begins = spans[at].start.as_millisecond();
        let knows_needs = parts.iter().any(|part| !spans[*part].needs.is_empty());
        let before = parts.iter().copied().filter(|other| {
            let is_before = spans[*other].end.as_millisecond() <= begins + SLACK_MS && spans[*other].start < spans[at].start;
            is_before && !found.contains(other) && (!knows_needs || spans[at].needs.contains(other))
        });
        next = before.max_by_key(|at| spans[*at].end);
    }
    found
}
