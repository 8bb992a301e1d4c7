//! When something happens by itself: a line of a crontab, or every so often.

use crate::base::time::parse_duration;
use crate::base::{Problem, Timestamp};
use crate::msg;
use cronexpr::{Crontab, FallbackTimezoneOption, MakeTimestamp, ParseOptions};
use jiff::tz::{AmbiguousOffset, TimeZone};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Nothing happens more often than this.
const LEAST: Duration = Duration::from_mins(1);

/// `every 6h`, or `30 2 * * mon-fri` (minute, hour, day, month, weekday, and a time zone if it is not the machine's).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Schedule(String);

enum When {
    Every(Duration),
    Cron(Box<Crontab>),
}

impl Schedule {
    pub fn new(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    /// As it is written.
    pub fn text(&self) -> &str {
        &self.0
    }

    fn read(&self) -> Result<When, Problem> {
        let wrong = || {
            Problem::config(msg!("devops-schedule-wrong", text = self.0.as_str()))
                .code("bad-schedule")
                .hint(msg!("devops-schedule-hint"))
        };
        if let Some(rest) = self.0.strip_prefix("every ") {
            let every = parse_duration(rest.trim())
                .filter(|every| *every >= LEAST)
                .ok_or_else(wrong)?;
            return Ok(When::Every(every));
        }
        let mut options = ParseOptions::default();
        options.fallback_timezone_option = FallbackTimezoneOption::System;
        let cron = cronexpr::parse_crontab_with(self.line(), options);
        cron.map(|cron| When::Cron(Box::new(cron)))
            .map_err(|error| wrong().details(error))
    }

    /// What is wrong with it, if something is: also a day that never comes.
    pub fn check(&self, now: Timestamp) -> Result<(), Problem> {
        self.next(now).map(drop)
    }

    /// The next time after this moment.
    pub fn next(&self, after: Timestamp) -> Result<Timestamp, Problem> {
        match self.read()? {
            When::Every(every) => Ok(after.saturating_add(every).unwrap_or(Timestamp::MAX)),
            When::Cron(cron) => {
                let next = cron.find_next(MakeTimestamp(after)).map(|at| at.timestamp());
                let next = next.map_err(|error| {
                    Problem::config(msg!("devops-schedule-never", text = self.0.as_str()))
                        .code("bad-schedule")
                        .hint(msg!("devops-schedule-hint"))
                        .details(error)
                })?;
                Ok(left_out(self.line(), after).map_or(next, |moved| moved.min(next)))
            }
        }
    }

    /// The five fields of a crontab, and the time zone where one is named.
    fn line(&self) -> &str {
        match self.0.as_str() {
            "@hourly" => "0 * * * *",
            "@daily" | "@midnight" => "0 0 * * *",
            "@weekly" => "0 0 * * 0",
            "@monthly" => "0 0 1 * *",
            line => line,
        }
    }
}

/// The next time, where it lies in the hour that summer time leaves out: then it is so much later on that day, as cron and systemd
/// have it. None where it is a time like any other.
fn left_out(line: &str, after: Timestamp) -> Option<Timestamp> {
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    let zone = match fields.get(5) {
        Some(name) => TimeZone::get(name).ok()?,
        None => TimeZone::system(),
    };
    // As if the clock on the wall went on without a gap.
    let on_the_wall = cronexpr::parse_crontab(&format!("{} UTC", fields.get(..5)?.join(" "))).ok()?;
    let from = after
        .to_zoned(zone.clone())
        .datetime()
        .to_zoned(TimeZone::UTC)
        .ok()?
        .timestamp();
    let at = on_the_wall
        .find_next(MakeTimestamp(from))
        .ok()?
        .timestamp()
        .to_zoned(TimeZone::UTC);
    let at = zone.to_ambiguous_timestamp(at.datetime());
    matches!(at.offset(), AmbiguousOffset::Gap { .. }).then(|| at.compatible().ok())?
}
