//! Which lines are wanted: by words, regular expression, severity, source and time.

use super::{Level, level, time};
use crate::msg;
use crate::{Problem, Timestamp};
use jiff::tz::TimeZone;
use regex::bytes::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

/// What is asked for; everything that is not set is not looked at.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LogFilter {
    /// These words, in this order, whatever their case.
    pub text: Option<String>,
    /// A regular expression.
    pub pattern: Option<String>,
    /// This severity and above.
    pub level: Option<Level>,
    /// Only from sources whose name holds one of these.
    pub sources: Vec<String>,
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
    /// A message is taken with all its lines: where one of a stack trace is found, the others are too.
    pub whole: bool,
}

impl LogFilter {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Ready to look at lines.
    pub fn sieve(&self) -> Result<Sieve, Problem> {
        let build = |pattern: &str, any_case: bool| {
            RegexBuilder::new(pattern)
                .multi_line(true)
                .crlf(true)
                .case_insensitive(any_case)
                .size_limit(4 << 20)
                .build()
        };
        let mut patterns = Vec::new();
        if let Some(pattern) = self.pattern.as_ref().filter(|pattern| !pattern.is_empty()) {
            let bad = |error| Problem::user(msg!("log-bad-pattern", pattern = pattern.as_str())).details(error);
            patterns.push(build(pattern, false).map_err(bad)?);
        }
        if let Some(text) = self.text.as_ref().filter(|text| !text.is_empty()) {
            let bad = |error| Problem::user(msg!("log-bad-pattern", pattern = text.as_str())).details(error);
            patterns.push(build(&regex::escape(text), true).map_err(bad)?);
        }
        Ok(Sieve {
            patterns,
            filter: self.clone(),
            zone: TimeZone::system(),
        })
    }
}

/// A filter that is ready. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Sieve {
    patterns: Vec<Regex>,
    filter: LogFilter,
    zone: TimeZone,
}

impl Sieve {
    /// The expression that can be looked for in many lines at once; all others are asked line by line.
    pub fn first_pattern(&self) -> Option<&Regex> {
        self.patterns.first()
    }

    /// Nothing but that one expression is asked for.
    pub fn is_only_pattern(&self) -> bool {
        self.patterns.len() == 1 && !self.needs_lines() && !self.filter.whole
    }

    /// A message is taken with all its lines.
    pub fn is_whole(&self) -> bool {
        self.filter.whole
    }

    /// Severity or time is asked for: the lines before decide as well.
    pub fn needs_lines(&self) -> bool {
        self.filter.level.is_some() || self.filter.since.is_some() || self.filter.until.is_some()
    }

    pub fn takes_source(&self, name: &str) -> bool {
        self.filter.sources.is_empty() || self.filter.sources.iter().any(|source| name.contains(source.as_str()))
    }

    /// Whether every expression finds something in this text.
    pub fn finds(&self, plain: &[u8]) -> bool {
        self.patterns.iter().all(|pattern| pattern.is_match(plain))
    }

    pub fn takes_level(&self, level: Option<Level>) -> bool {
        self.filter
            .level
            .is_none_or(|wanted| level.is_some_and(|level| level >= wanted))
    }

    /// A line without a known time is in no span.
    pub fn takes_time(&self, at: Option<Timestamp>) -> bool {
        let since = self.filter.since.is_none_or(|since| at.is_some_and(|at| at >= since));
        let until = self.filter.until.is_none_or(|until| at.is_some_and(|at| at <= until));
        since && until
    }

    /// The severity of a line, where that is asked for: one that is indented has that of the line before.
    pub fn level_of(&self, plain: &str, before: Option<Level>) -> Option<Level> {
        self.filter.level?;
        let is_below = plain.starts_with([' ', '\t']);
        level::level_in(plain).map(|(_, level)| level).or(before.filter(|_| is_below))
    }

    /// The time of a line, where that is asked for: one that states none has that of the line before.
    pub fn time_of(&self, plain: &str, before: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
        if self.filter.since.is_none() && self.filter.until.is_none() {
            return None;
        }
        time::time_in(plain, time::Around { before, now }, &self.zone).or(before)
    }
}
