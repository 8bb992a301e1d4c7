//! A stretch of time that comes back, by weekday and clock, or stands once between two moments: when a check is left in peace.

use crate::base::Timestamp;
use jiff::civil::{DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{ToSpan as _, Zoned};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// `{ days = ["sat", "sun"], from = "22:00", to = "02:00" }`, or `{ from = "2026-12-24T18:00", to = "2026-12-26T08:00" }`; in the time
/// of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Window {
    /// On these days; one that ends before it begins ends on the day after.
    Weekly {
        days: Vec<Weekday>,
        from: Time,
        to: Time,
    },
    Once {
        from: DateTime,
        to: DateTime,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    days: Vec<String>,
    from: String,
    to: String,
}

const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

impl Window {
    /// When it ends, if this moment is in it.
    pub fn until(&self, at: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let now = at.to_zoned(zone.clone());
        match self {
            Self::Once { from, to } => {
                let civil = now.datetime();
                let end = to.to_zoned(zone.clone()).ok()?;
                (*from <= civil && civil < *to).then(|| end.timestamp())
            }
            Self::Weekly { days, from, to } => {
                // One that began yesterday may still last.
                [0, -1].into_iter().find_map(|back| {
                    let day = now.date().checked_add(back.days()).ok()?;
                    if !days.is_empty() && !days.contains(&day.weekday()) {
                        return None;
                    }
                    let moment = |time: &Time, later: i64| -> Option<Zoned> {
                        let day = day.checked_add(later.days()).ok()?;
                        day.to_datetime(*time).to_zoned(zone.clone()).ok()
                    };
                    let begin = moment(from, 0)?;
                    let end = moment(to, i64::from(to <= from))?;
                    (begin <= now && now < end).then(|| end.timestamp())
                })
            }
        }
    }
}

impl Serialize for Window {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let written = match self {
            Self::Once { from, to } => Written {
                days: Vec::new(),
                from: from.to_string(),
                to: to.to_string(),
            },
            Self::Weekly { days, from, to } => Written {
                days: DAYS
                    .iter()
                    .filter(|(_, day)| days.contains(day))
                    .map(|(word, _)| (*word).to_owned())
                    .collect(),
                from: from.to_string(),
                to: to.to_string(),
            },
        };
        written.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Window {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Written::deserialize(deserializer)?;
        let mut days = Vec::new();
        for word in &written.days {
            let found = DAYS.iter().find(|(known, _)| word.to_ascii_lowercase().starts_with(known));
            let Some((_, day)) = found else {
                return Err(D::Error::custom(format!(
                    "`{word}` is not a day; write mon, tue, wed, thu, fri, sat or sun"
                )));
            };
            days.push(*day);
        }
        if written.from.contains('T') {
            let moment = |text: &str| {
                text.parse::<DateTime>()
                    .map_err(|_| D::Error::custom(format!("`{text}` is not a moment; write it like \"2026-12-24T18:00\"")))
            };
            let (from, to) = (moment(&written.from)?, moment(&written.to)?);
            if to <= from || !days.is_empty() {
                return Err(D::Error::custom(
                    "a window between two moments has no days, and ends after it begins",
                ));
            }
            return Ok(Self::Once { from, to });
        }
        let time = |text: &str| {
            text.parse::<Time>()
                .map_err(|_| D::Error::custom(format!("`{text}` is not a time; write it like \"02:30\"")))
        };
        let (from, to) = (time(&written.from)?, time(&written.to)?);
        if from == to {
            return Err(D::Error::custom(format!(
                "a window from {} to {} has no length; write \"00:00\" to \"23:59\" for a whole day",
                written.from, written.to
            )));
        }
        Ok(Self::Weekly { days, from, to })
    }
}
