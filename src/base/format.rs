//! Numbers as people read them, the same in the window and on the command line.

use super::picture::PictureFacts;
use super::text::Catalog;
use super::time::{Timestamp, secs_between};

/// `84 MB`: powers of 1000, three significant digits.
pub fn bytes(n: u64, texts: &Catalog) -> String {
    let units = ["unit-b", "unit-kb", "unit-mb", "unit-gb", "unit-tb"];
    let mut value = n as f64;
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < units.len() {
        value /= 1000.0;
        unit += 1;
    }
    let number = if unit == 0 || value >= 99.95 {
        format!("{value:.0}")
    } else {
        decimal(value, 1, texts)
    };
    format!("{number} {}", texts.t(units[unit]))
}

/// `12 ms`, `1.2 s`, `3 min`, `2 h`, `4 d`.
pub fn duration_secs(secs: f64, texts: &Catalog) -> String {
    let (number, unit) = if secs > 0.0 && secs < 0.000_95 {
        (decimal(secs * 1000.0, 1, texts), "unit-ms")
    } else if secs < 0.9995 {
        (format!("{:.0}", secs * 1000.0), "unit-ms")
    } else if secs < 9.95 {
        (decimal(secs, 1, texts), "unit-s")
    } else if secs < 59.5 {
        (format!("{secs:.0}"), "unit-s")
    } else if secs < 3570.0 {
        (format!("{:.0}", secs / 60.0), "unit-min")
    } else if secs < 86_400.0 {
        (format!("{:.0}", secs / 3600.0), "unit-h")
    } else {
        (format!("{:.0}", secs / 86_400.0), "unit-d")
    };
    format!("{number} {}", texts.t(unit))
}

/// Short age without a word around it: `12 min`.
pub fn age(at: Timestamp, now: Timestamp, texts: &Catalog) -> String {
    let secs = secs_between(at, now);
    texts.changes_in(other_in(secs));
    if secs < 1.0 {
        texts.t("age-now").into_owned()
    } else {
        match secs / (365.25 * 86_400.0) {
            years if years >= 2.0 => format!("{years:.0} {}", texts.t("unit-y")),
            _ if secs < 59.5 => format!("{:.0} {}", secs.floor(), texts.t("unit-s")),
            _ => duration_secs(secs.floor().max(1.0), texts),
        }
    }
}

/// Seconds until an age of so many seconds is told with another number.
fn other_in(secs: f64) -> f64 {
    let to_half = |unit: f64| unit - (secs + unit / 2.0).rem_euclid(unit);
    if secs < 59.5 {
        1.0 - secs.rem_euclid(1.0)
    } else if secs < 3570.0 {
        to_half(60.0)
    } else if secs < 86_400.0 {
        to_half(3600.0)
    } else {
        to_half(86_400.0)
    }
}

/// `12 min ago`, in the catalog's language.
pub fn ago(at: Timestamp, now: Timestamp, texts: &Catalog) -> String {
    if secs_between(at, now) < 1.0 {
        age(at, now, texts)
    } else {
        texts.msg(&crate::msg!("age-ago", age = age(at, now, texts)))
    }
}

/// A moment in the zone of the machine, which is read once.
pub fn local(at: Timestamp) -> jiff::Zoned {
    static ZONE: std::sync::LazyLock<jiff::tz::TimeZone> = std::sync::LazyLock::new(jiff::tz::TimeZone::system);
    at.to_zoned(ZONE.clone())
}

/// `in 12 min`, in the catalog's language.
pub fn until(at: Timestamp, now: Timestamp, texts: &Catalog) -> String {
    let secs = secs_between(now, at);
    if secs < 1.0 {
        texts.t("age-now").into_owned()
    } else {
        // It counts down: half a unit from the number that is told.
        texts.changes_in(if secs < 59.5 { 1.0 } else { (secs + 30.0).rem_euclid(60.0) });
        texts.msg(&crate::msg!("age-until", age = age(now, at, texts)))
    }
}

/// `30 Nov` or `30 nov.`
pub fn day_of_month(date: jiff::civil::Date, texts: &Catalog) -> String {
    let month = match date.month() {
        1 => "month-1",
        2 => "month-2",
        3 => "month-3",
        4 => "month-4",
        5 => "month-5",
        6 => "month-6",
        7 => "month-7",
        8 => "month-8",
        9 => "month-9",
        10 => "month-10",
        11 => "month-11",
        _ => "month-12",
    };
    format!("{} {}", date.day(), texts.t(month))
}

/// Whole number with the language's group separator: `1,204` or `1 204`.
pub fn count(n: u64, texts: &Catalog) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push_str(texts.group_separator());
        }
        out.push(c);
    }
    out
}

/// A number with the language's decimal sign.
pub fn decimal(value: f64, places: usize, texts: &Catalog) -> String {
    let text = format!("{value:.places$}");
    if texts.decimal_sign() == "." {
        text
    } else {
        text.replace('.', texts.decimal_sign())
    }
}

/// `38 %`.
pub fn percent(fraction: f64, texts: &Catalog) -> String {
    let value = fraction * 100.0;
    if value > 0.0 && value < 9.95 {
        format!("{} %", decimal(value, 1, texts))
    } else {
        format!("{value:.0} %")
    }
}

pub use super::repo::short_oid;

/// A picture in a few words: `png 64 × 64, 1.2 kB`, or why it is not shown.
pub fn picture(facts: &PictureFacts, texts: &Catalog) -> String {
    let size = bytes(facts.bytes, texts);
    let words = if facts.width > 0 {
        format!("{} {} × {}, {size}", facts.format, facts.width, facts.height)
    } else {
        size
    };
    match &facts.refused {
        Some(why) => format!("{words}: {}", texts.msg(why)),
        None => words,
    }
}
