//! The time that a line states: ISO 8601 in its variants, syslog, web servers, klog, seconds since 1970, also inside JSON and logfmt.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};

/// A time stands in the head of a line, or in no place that is looked at.
const HEAD: usize = 64;
/// What JSON and logfmt call the time.
pub(super) const KEYS: [&str; 11] = [
    "time",
    "timestamp",
    "@timestamp",
    "Timestamp",
    "@t",
    "ts",
    "t",
    "asctime",
    "datetime",
    "date",
    "__REALTIME_TIMESTAMP",
];
const MONTHS: [&[u8; 3]; 12] = [
    b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
];

/// A clock may be so far ahead of this one.
const AHEAD_SECS: i64 = 86_400;
/// Lines of one file may be so much out of order.
const BACK_SECS: i64 = 7 * 86_400;

/// When a line is read, and the time of the line before it: from both follows what a time leaves out, as syslog the year.
#[derive(Clone, Copy, Debug)]
pub struct Around {
    pub before: Option<Timestamp>,
    pub now: Timestamp,
}

impl Around {
    fn near(self) -> Timestamp {
        self.before.unwrap_or(self.now)
    }
}

/// The time that a line without colours states; None when it states none. Where no zone is written it is `zone`; where no year is
/// written it is the one that `around` makes likely.
pub fn time_in(plain: &str, around: Around, zone: &TimeZone) -> Option<Timestamp> {
    let bytes = plain.as_bytes();
    let first = *bytes.iter().find(|byte| !byte.is_ascii_whitespace())?;
    if first == b'{' {
        return in_json(plain, around, zone);
    }
    of_text(&bytes[..bytes.len().min(HEAD)], around, zone).or_else(|| in_logfmt(plain, around, zone))
}

/// A text that is a time, or begins with one.
fn of_text(head: &[u8], around: Around, zone: &TimeZone) -> Option<Timestamp> {
    for at in 0..head.len().saturating_sub(9) {
        let rest = &head[at..];
        let is_start = at == 0 || !head[at - 1].is_ascii_alphanumeric();
        if !is_start {
            continue;
        }
        let found = match rest[0] {
            b'0'..=b'9' => iso(rest, zone)
                .or_else(|| web(rest, zone))
                .or_else(|| named_month(rest, zone))
                .or_else(|| day_first(rest, zone))
                .or_else(|| month_first(rest, zone))
                .or_else(|| compact(rest, zone))
                .or_else(|| (at == 0).then(|| of_day(rest, around, zone)).flatten())
                .or_else(|| (at == 0).then(|| epoch(rest)).flatten()),
            b'A'..=b'Z' => syslog(rest, around, zone).or_else(|| klog(rest, around, zone)),
            _ => None,
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

fn number(bytes: &[u8], from: usize, len: usize) -> Option<i32> {
    let digits = bytes.get(from..from + len)?;
    digits.iter().try_fold(0, |sum, byte| {
        byte.is_ascii_digit().then(|| sum * 10 + i32::from(byte - b'0'))
    })
}

fn is_at(bytes: &[u8], at: usize, wanted: &[u8]) -> bool {
    bytes.get(at).is_some_and(|byte| wanted.contains(byte))
}

/// `hh:mm:ss`, with a fraction behind a point or a comma; and how many bytes it took.
fn clock(bytes: &[u8]) -> Option<(Time, usize)> {
    if !(is_at(bytes, 2, b":") && is_at(bytes, 5, b":")) {
        return None;
    }
    let (hour, minute, second) = (number(bytes, 0, 2)?, number(bytes, 3, 2)?, number(bytes, 6, 2)?);
    let mut end = 8;
    let mut nanos = 0;
    if is_at(bytes, 8, b".,") && bytes.get(9).is_some_and(u8::is_ascii_digit) {
        end = 9;
        let mut unit = 100_000_000;
        while let Some(digit) = bytes.get(end).filter(|byte| byte.is_ascii_digit()) {
            nanos += i32::from(digit - b'0') * unit;
            unit /= 10;
            end += 1;
        }
    }
    // A leap second is the end of the one before.
    let time = Time::new(hour as i8, minute as i8, second.min(59) as i8, nanos).ok()?;
    Some((time, end))
}

/// The zone behind a time: `Z`, `+01:00`, `-0500`, also behind a space; None is no zone.
fn offset(bytes: &[u8]) -> Option<Offset> {
    let bytes = bytes.strip_prefix(b" ").unwrap_or(bytes);
    let sign = match bytes.first()? {
        b'Z' => return Some(Offset::UTC),
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let hours = number(bytes, 1, 2)?;
    let minutes = number(bytes, if is_at(bytes, 3, b":") { 4 } else { 3 }, 2).unwrap_or(0);
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

fn moment(date: Date, time: Time, offset: Option<Offset>, zone: &TimeZone) -> Option<Timestamp> {
    let at = DateTime::from_parts(date, time);
    match offset {
        Some(offset) => offset.to_timestamp(at).ok(),
        None => zone.to_timestamp(at).ok(),
    }
}

/// `2026-11-26T17:32:20.123Z`, `2026-11-26 17:32:20,123`, `2026/11/26 17:32:20`.
fn iso(bytes: &[u8], zone: &TimeZone) -> Option<Timestamp> {
    if !(is_at(bytes, 4, b"-/") && is_at(bytes, 7, b"-/") && is_at(bytes, 10, b"T t")) {
        return None;
    }
    let date = Date::new(
        number(bytes, 0, 4)? as i16,
        number(bytes, 5, 2)? as i8,
        number(bytes, 8, 2)? as i8,
    )
    .ok()?;
    let (time, len) = clock(&bytes[11..])?;
    moment(date, time, offset(&bytes[11 + len..]), zone)
}

/// `17:32:20.123 [main]`, as Java's logback writes it: of the day that brings it nearest.
fn of_day(bytes: &[u8], around: Around, zone: &TimeZone) -> Option<Timestamp> {
    let (time, end) = clock(bytes)?;
    // Without a fraction it may be how long something took.
    if end == 8 || !is_at(bytes, end, b" ") {
        return None;
    }
    let near = around.near();
    let day = near.to_zoned(zone.clone()).date();
    let days = [day.yesterday().ok(), Some(day), day.tomorrow().ok()];
    let all = days.into_iter().flatten().filter_map(|date| moment(date, time, None, zone));
    all.min_by_key(|at| (at.as_second() - near.as_second()).abs())
}

fn month(bytes: &[u8]) -> Option<i8> {
    let name = bytes.get(..3)?;
    let place = MONTHS.iter().position(|month| month.as_slice() == name)?;
    Some(place as i8 + 1)
}

/// `26/Nov/2026:17:32:20 +0100`, as web servers write it.
fn web(bytes: &[u8], zone: &TimeZone) -> Option<Timestamp> {
    if !(is_at(bytes, 2, b"/") && is_at(bytes, 6, b"/") && is_at(bytes, 11, b":")) {
        return None;
    }
    let date = Date::new(number(bytes, 7, 4)? as i16, month(&bytes[3..])?, number(bytes, 0, 2)? as i8).ok()?;
    let (time, len) = clock(&bytes[12..])?;
    moment(date, time, offset(&bytes[12 + len..]), zone)
}

/// `28-Nov-2026 10:00:09 UTC` of PHP, `28-Nov-2026::10:00:28` of Erlang, `28 Nov 2026 10:00:09 GMT` of mails.
fn named_month(bytes: &[u8], zone: &TimeZone) -> Option<Timestamp> {
    if !(is_at(bytes, 2, b"- ") && is_at(bytes, 6, b"- ")) {
        return None;
    }
    let date = Date::new(number(bytes, 7, 4)? as i16, month(&bytes[3..])?, number(bytes, 0, 2)? as i8).ok()?;
    let rest = bytes.get(11..)?;
    let rest = rest.strip_prefix(b"::").or_else(|| rest.strip_prefix(b" "))?;
    let (time, len) = clock(rest)?;
    let behind = &rest[len..];
    // A zone by its name.
    let name = behind.strip_prefix(b" ").unwrap_or_default();
    let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || b"/_+-".contains(byte);
    let name = &name[..name.iter().take_while(is_name).count()];
    let named = match name {
        b"UTC" | b"GMT" => Some(TimeZone::UTC),
        name if name.contains(&b'/') => std::str::from_utf8(name).ok().and_then(|name| TimeZone::get(name).ok()),
        _ => None,
    };
    moment(date, time, offset(behind), named.as_ref().unwrap_or(zone))
}

/// `28.11.2026 06:46:00`, `28-11-2026 06:46:00`.
fn day_first(bytes: &[u8], zone: &TimeZone) -> Option<Timestamp> {
    let is_date = is_at(bytes, 2, b".-") && bytes.get(5) == bytes.get(2) && is_at(bytes, 10, b" T");
    let year = number(bytes, 6, 4).filter(|_| is_date)?;
    let date = Date::new(year as i16, number(bytes, 3, 2)? as i8, number(bytes, 0, 2)? as i8).ok()?;
    let (time, len) = clock(bytes.get(11..)?)?;
    moment(date, time, offset(&bytes[11 + len..]), zone)
}

/// `11/28/2026 6:33:00 AM`, as Windows writes it; without AM or PM nobody knows whether the day comes first.
fn month_first(bytes: &[u8], zone: &TimeZone) -> Option<Timestamp> {
    if !(is_at(bytes, 1, b"/") || is_at(bytes, 2, b"/")) {
        return None;
    }
    let n_plain = bytes.iter().take(24).take_while(|byte| byte.is_ascii()).count();
    let text = std::str::from_utf8(&bytes[..n_plain]).ok()?;
    let mut words = text.split(' ');
    let (date, time, half) = (words.next()?, words.next()?, words.next()?);
    let is_late = match half.get(..2)? {
        "AM" => false,
        "PM" => true,
        _ => return None,
    };
    let numbers = |text: &str, sign: char| -> Option<[i16; 3]> {
        let parts: Option<Vec<i16>> = text.split(sign).map(|part| part.parse().ok()).collect();
        parts?.try_into().ok()
    };
    let ([month, day, year], [hour, minute, second]) = (numbers(date, '/')?, numbers(time, ':')?);
    let hour = match (hour, is_late) {
        (12, false) => 0,
        (12, true) => 12,
        (1..=11, late) => hour + if late { 12 } else { 0 },
        _ => return None,
    };
    let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    let time = Time::new(hour as i8, i8::try_from(minute).ok()?, i8::try_from(second).ok()?, 0).ok()?;
    moment(date, time, None, zone)
}

/// `20261128T063900Z`.
fn compact(bytes: &[u8], zone: &TimeZone) -> Option<Timestamp> {
    if !is_at(bytes, 8, b"T") {
        return None;
    }
    let date = Date::new(
        number(bytes, 0, 4)? as i16,
        number(bytes, 4, 2)? as i8,
        number(bytes, 6, 2)? as i8,
    )
    .ok()?;
    let (hour, minute, second) = (number(bytes, 9, 2)?, number(bytes, 11, 2)?, number(bytes, 13, 2)?);
    let time = Time::new(hour as i8, minute as i8, second.min(59) as i8, 0).ok()?;
    moment(date, time, offset(bytes.get(15..)?), zone)
}

/// The first year that goes on from the line before, else the last one that is not to come yet.
fn dated(month: i8, day: i8, time: Time, around: Around, zone: &TimeZone) -> Option<Timestamp> {
    let near = around.near();
    let year = near.to_zoned(zone.clone()).year();
    let of_year = |year| moment(Date::new(year, month, day).ok()?, time, None, zone);
    let latest = around.now.max(near).as_second() + AHEAD_SECS;
    let possible: Vec<Timestamp> = [year - 1, year, year + 1]
        .into_iter()
        .filter_map(of_year)
        .filter(|at| at.as_second() <= latest)
        .collect();
    let from = near.as_second() - BACK_SECS;
    let goes_on = possible.iter().find(|at| at.as_second() >= from);
    goes_on.or(possible.last()).copied()
}

/// `Nov 26 17:32:20`.
fn syslog(bytes: &[u8], around: Around, zone: &TimeZone) -> Option<Timestamp> {
    let month = month(bytes)?;
    if !(is_at(bytes, 3, b" ") && is_at(bytes, 6, b" ")) {
        return None;
    }
    let day = if is_at(bytes, 4, b" ") {
        number(bytes, 5, 1)?
    } else {
        number(bytes, 4, 2)?
    };
    let (time, _) = clock(&bytes[7..])?;
    dated(month, day as i8, time, around, zone)
}

/// `E1126 17:32:20.123456`.
fn klog(bytes: &[u8], around: Around, zone: &TimeZone) -> Option<Timestamp> {
    if !(is_at(bytes, 0, b"EWIFD") && is_at(bytes, 5, b" ")) {
        return None;
    }
    let (month, day) = (number(bytes, 1, 2)?, number(bytes, 3, 2)?);
    let (time, _) = clock(&bytes[6..])?;
    dated(month as i8, day as i8, time, around, zone)
}

/// Seconds, milliseconds, microseconds or nanoseconds since 1970, by the number of digits: a time of 2001 or later.
fn epoch(bytes: &[u8]) -> Option<Timestamp> {
    let n_digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let text = std::str::from_utf8(&bytes[..n_digits]).ok()?;
    let whole: i64 = text.parse().ok()?;
    match n_digits {
        10 => {
            let digits = bytes[10..].strip_prefix(b".").unwrap_or_default().iter();
            let digits = digits.take_while(|byte| byte.is_ascii_digit()).take(3);
            let fraction: i64 = digits
                .zip([100, 10, 1])
                .map(|(byte, unit)| i64::from(byte - b'0') * unit)
                .sum();
            Timestamp::from_millisecond(whole * 1000 + fraction).ok()
        }
        13 => Timestamp::from_millisecond(whole).ok(),
        16 => Timestamp::from_microsecond(whole).ok(),
        19 => Timestamp::from_nanosecond(i128::from(whole)).ok(),
        _ => None,
    }
}

fn in_json(plain: &str, around: Around, zone: &TimeZone) -> Option<Timestamp> {
    for key in KEYS {
        for (at, _) in plain.match_indices(key) {
            let is_key = plain[..at].ends_with('"');
            let rest = plain[at + key.len()..].strip_prefix('"').filter(|_| is_key);
            let value = rest.and_then(|rest| rest.trim_start().strip_prefix(':'));
            if let Some(value) = value.map(|value| value.trim_start().trim_start_matches('"')) {
                let found = of_text(head(value), around, zone);
                if found.is_some() {
                    return found;
                }
            }
        }
    }
    None
}

fn in_logfmt(plain: &str, around: Around, zone: &TimeZone) -> Option<Timestamp> {
    for key in ["time=", "ts=", "timestamp=", "t="] {
        let Some(at) = plain.find(key) else { continue };
        if at == 0 || plain[..at].ends_with(' ') {
            return of_text(head(plain[at + key.len()..].trim_start_matches('"')), around, zone);
        }
    }
    None
}

fn head(text: &str) -> &[u8] {
    let bytes = text.as_bytes();
    &bytes[..bytes.len().min(HEAD)]
}
