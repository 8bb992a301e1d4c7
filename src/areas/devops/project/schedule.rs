//! When something happens by itself: a line of a crontab, or every so often.

use crate::base::time::parse_duration;
use crate::base::{Problem, Timestamp};
use crate::msg;
use cronexpr::{Crontab, FallbackTimezoneOption, MakeTimestamp, ParseOptions};
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
        let line = match self.0.as_str() {
            "@hourly" => "0 * * * *",
            "@daily" | "@midnight" => "0 0 * * *",
            "@weekly" => "0 0 * * 0",
            "@monthly" => "0 0 1 * *",
            line => line,
        };
        let mut options = ParseOptions::default();
        options.fallback_timezone_option = FallbackTimezoneOption::System;
        let cron = cronexpr::parse_crontab_with(line, options);
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
            When::Cron(cron) => cron
                .find_next(MakeTimestamp(after))
                .map(|at| at.timestamp())
                .map_err(|error| {
                    Problem::config(msg!("devops-schedule-never", text = self.0.as_str()))
                        .code("bad-schedule")
                        .hint(msg!("devops-schedule-hint"))
                        .details(error)
                }),
        }
    }
}
