//! What a canary is judged by, as words: each metric with its bound and what it was.

use crate::base::{Problem, State};
use serde::{Deserialize, Serialize};

/// What a canary is judged by, as it was measured last.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    pub measures: Vec<Measured>,
    /// Answers of the new version in this step, and how many there have to be.
    pub n_answers: u64,
    pub n_needed: u32,
}

/// One metric of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// `errors`, `latency`, the query, or the command.
    pub what: String,
    /// `≤ 1 %`.
    pub bound: String,
    /// `%`, `ms` or nothing.
    pub unit: String,
    /// None before it was measured, and where it could not be.
    pub value: Option<f64>,
    /// Of the old version at the same time.
    pub beside: Option<f64>,
    /// Queued before it was measured, then done or failed.
    pub state: State,
    pub problem: Option<Problem>,
}

impl Measured {
    /// The value with its unit, in three digits.
    pub fn words(&self) -> String {
        let Some(value) = self.value else {
            return "–".to_owned();
        };
        let places = match value.abs() {
            value if value >= 100.0 || value == value.trunc() => 0,
            value if value >= 10.0 => 1,
            _ => 2,
        };
        let unit = &self.unit;
        let space = if unit.is_empty() { "" } else { " " };
        format!("{value:.places$}{space}{unit}")
    }
}

impl Judged {
    /// Everything on one line.
    pub fn line(&self) -> String {
        let all = self.measures.iter();
        let all: Vec<String> = all
            .map(|one| format!("{} {} ({})", one.what, one.words(), one.bound))
            .collect();
        all.join(", ")
    }
}
