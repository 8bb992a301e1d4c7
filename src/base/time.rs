//! Time as plain data: the clock is handed in, durations are written as people write them.

use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use std::sync::Arc;
use std::time::Duration;

pub use jiff::Timestamp;

/// Tells the time; tests fix it.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    pub fn system() -> Self {
        Self::new(Timestamp::now)
    }

    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

/// Seconds from `earlier` to `later`, not below zero.
pub fn secs_between(earlier: Timestamp, later: Timestamp) -> f64 {
    ((later.as_millisecond() - earlier.as_millisecond()) as f64 / 1000.0).max(0.0)
}

/// A time as people write it: `10m` or `1w` (ago), `14:02` or `9:00` of today, `today`, `yesterday`, `2026-11-26`, `2026-11-26 14:02`, or a
/// whole time with its zone. None when it is no time.
pub fn parse_moment(text: &str, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let text = text.trim();
    if let Some(ago) = parse_duration(text).filter(|_| !text.contains('-')) {
        return now.checked_sub(jiff::SignedDuration::try_from(ago).ok()?).ok();
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    let today = now.to_zoned(zone.clone()).date();
    let local = match text {
        "today" => today.to_datetime(Time::midnight()),
        "yesterday" => today.yesterday().ok()?.to_datetime(Time::midnight()),
        text => match text.replace(' ', "T").parse::<DateTime>() {
            Ok(at) => at,
            Err(_) => {
                let zero = if text.find(':') == Some(1) { "0" } else { "" };
                today.to_datetime(format!("{zero}{text}").parse::<Time>().ok()?)
            }
        },
    };
    zone.to_timestamp(local).ok()
}

/// Reads `250ms`, `5s`, `10m`, `2h`, `7d`, `2w` or `1h30m`; a bare number counts seconds. None when it is not a duration.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    if let Ok(secs) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(secs).ok();
    }
    let mut rest = text;
    let mut total = Duration::ZERO;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let end = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let unit_secs = match rest[..end].trim() {
            "ms" => 0.001,
            "s" | "sec" => 1.0,
            "m" | "min" => 60.0,
            "h" => 3600.0,
            "d" => 86_400.0,
            "w" => 7.0 * 86_400.0,
            _ => return None,
        };
        total += Duration::try_from_secs_f64(number * unit_secs).ok()?;
        rest = &rest[end..];
    }
    Some(total)
}
