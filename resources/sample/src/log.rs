//! One line per event on standard output: time (UTC), level, text.

use std::io::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How much somebody should care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Info,
    Warn,
    Error,
}

impl Level {
    /// What an answer with this status is worth.
    pub fn of(status: u16) -> Self {
        match status {
            0..400 => Self::Info,
            400..500 => Self::Warn,
            _ => Self::Error,
        }
    }
}

/// Writes one line. Nobody reading is no reason to stop serving.
pub fn line(level: Level, text: &str) {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let level = match level {
        Level::Info => "INFO ",
        Level::Warn => "WARN ",
        Level::Error => "ERROR",
    };
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{} {level} {text}", stamp(now));
    let _ = out.flush();
}

/// RFC 3339 with milliseconds. Days to date after Howard Hinnant, "chrono-compatible low-level date algorithms".
fn stamp(since_epoch: Duration) -> String {
    let seconds = since_epoch.as_secs();
    let (days, rest) = (seconds / 86_400 + 719_468, seconds % 86_400);
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = year + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z",
        since_epoch.subsec_millis()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_right() {
        assert_eq!(stamp(Duration::ZERO), "1970-01-01T00:00:00.000Z");
        assert_eq!(
            stamp(Duration::from_millis(951_827_696_789)),
            "2000-02-29T12:34:56.789Z"
        );
        assert_eq!(
            stamp(Duration::from_secs(1_798_761_599)),
            "2026-12-31T23:59:59.000Z"
        );
    }

    #[test]
    fn the_level_follows_the_status() {
        assert_eq!(
            [200, 404, 503].map(Level::of),
            [Level::Info, Level::Warn, Level::Error]
        );
    }
}
