//! The severity that a line states: as a word, in JSON, in logfmt, as a syslog priority, as klog's first letter.

use super::Level;
use serde_json::Value;
use std::ops::Range;

/// The head of a line in which a bare word counts, in characters and in words.
const HEAD_CHARS: usize = 80;
const HEAD_WORDS: usize = 12;
/// What JSON calls the severity.
pub(super) const KEYS: [&str; 11] = [
    "level",
    "severity",
    // Serilog, as a whole and compact.
    "Level",
    "@l",
    "LogLevel",
    "lvl",
    "levelname",
    "log.level",
    "loglevel",
    "level_name",
    "PRIORITY",
];

/// Where a line without colours states its severity, and which. An empty range: it states it by a sign, not by a word.
pub fn level_in(plain: &str) -> Option<(Range<usize>, Level)> {
    let head = &plain[..plain.char_indices().nth(HEAD_CHARS).map_or(plain.len(), |(at, _)| at)];
    let trimmed = plain.trim_start();
    if trimmed.starts_with('{') {
        return in_json(plain).or_else(|| of_mongo(plain)).or_else(|| of_docker(plain));
    }
    if let Some(level) = of_priority(head).or_else(|| of_klog(head)) {
        return Some((0..0, level));
    }
    in_logfmt(plain)
        .or_else(|| of_access(plain))
        .or_else(|| at_start(head))
        .or_else(|| in_words(head))
}

/// `fatal: not a git repository`: a word that is seldom a severity elsewhere in a line.
fn at_start(head: &str) -> Option<(Range<usize>, Level)> {
    let begin = head.len() - head.trim_start().len();
    let word = &head[begin..begin + head[begin..].find(':')?];
    let level = level_of_word(word).filter(|level| *level == Level::Error)?;
    Some((begin..begin + word.len(), level))
}

/// `"GET /x HTTP/1.1" 503 12`, as web servers write it: what the server could not do, and what nobody may or can have.
fn of_access(plain: &str) -> Option<(Range<usize>, Level)> {
    let at = plain.find(" HTTP/")?;
    let end = at + plain[at..].find("\" ")? + 2;
    let status: u16 = plain.get(end..end + 3)?.parse().ok()?;
    let is_whole = plain[end + 3..].starts_with(' ') || plain.len() == end + 3;
    let level = match status {
        500..600 => Level::Error,
        400..500 => Level::Warn,
        100..400 => Level::Info,
        _ => return None,
    };
    is_whole.then_some((end..end + 3, level))
}

/// The severity that a word stands for.
pub(super) fn level_of_word(word: &str) -> Option<Level> {
    Some(match word.trim().to_ascii_lowercase().as_str() {
        "error" | "err" | "eror" | "fatal" | "critical" | "crit" | "panic" | "severe" | "emerg" | "emergency" | "alert"
        | "dpanic" => Level::Error,
        "warn" | "warning" => Level::Warn,
        "info" | "information" | "notice" | "informational" => Level::Info,
        "debug" | "dbug" | "fine" => Level::Debug,
        "trace" | "verbose" | "finest" | "finer" => Level::Trace,
        _ => return None,
    })
}

/// Numbers of bunyan and pino (10 to 60), else of syslog (0 to 7).
pub(super) fn level_of_number(number: i64) -> Option<Level> {
    Some(match number {
        0..=3 | 50..=60 => Level::Error,
        4 | 40..=49 => Level::Warn,
        5 | 6 | 30..=39 => Level::Info,
        7 | 20..=29 => Level::Debug,
        10..=19 => Level::Trace,
        _ => return None,
    })
}

/// Without parsing the whole: the first key that names a severity.
fn in_json(plain: &str) -> Option<(Range<usize>, Level)> {
    for key in KEYS {
        for (at, _) in plain.match_indices(key) {
            let before = plain[..at].chars().next_back();
            let behind = at + key.len();
            let Some(rest) = plain[behind..].strip_prefix('"').filter(|_| before == Some('"')) else {
                continue;
            };
            let Some(value) = rest.trim_start().strip_prefix(':').map(str::trim_start) else {
                continue;
            };
            let start = plain.len() - value.len();
            if let Some(word) = value.strip_prefix('"') {
                let word = &word[..word.find('"')?];
                // The journal writes its number as a text.
                let level = level_of_word(word).or_else(|| level_of_number(word.parse().ok()?));
                return level.map(|level| (start + 1..start + 1 + word.len(), level));
            }
            let end = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
            let level = level_of_number(value[..end].parse().ok()?)?;
            return Some((start..start + end, level));
        }
    }
    None
}

/// `{"t":{"$date":"…"},"s":"E",…`, as MongoDB writes it since 4.4.
fn of_mongo(plain: &str) -> Option<(Range<usize>, Level)> {
    let head = &plain[..plain.char_indices().nth(HEAD_CHARS).map_or(plain.len(), |(at, _)| at)];
    let key = head.find("\"s\"").filter(|_| head.contains("\"$date\""))?;
    let value = plain[key + 3..]
        .trim_start()
        .strip_prefix(':')?
        .trim_start()
        .strip_prefix('"')?;
    let word = &value[..value.find('"')?];
    let start = plain.len() - value.len();
    mongo_word(word).map(|level| (start..start + word.len(), level))
}

/// MongoDB's own letters; `D1` to `D5` say how much of it.
pub(super) fn mongo_word(word: &str) -> Option<Level> {
    Some(match word {
        "F" | "E" => Level::Error,
        "W" => Level::Warn,
        "I" => Level::Info,
        "D" | "D1" | "D2" => Level::Debug,
        "D3" | "D4" | "D5" => Level::Trace,
        _ => return None,
    })
}

/// What the program wrote, in the file that Docker keeps of it.
fn of_docker(plain: &str) -> Option<(Range<usize>, Level)> {
    level_in(docker_line(plain)?.text.trim_end()).map(|(_, level)| (0..0, level))
}

/// A line of the file of Docker's `json-file` driver: what was written, where to, and when.
pub(super) struct DockerLine {
    pub(super) text: String,
    pub(super) stream: String,
    pub(super) time: String,
}

pub(super) fn docker_line(plain: &str) -> Option<DockerLine> {
    let plain = plain.trim();
    let is_likely = plain.starts_with("{\"log\":\"") && plain.contains("\"stream\":\"");
    let parsed: Value = serde_json::from_str(plain).ok().filter(|_| is_likely)?;
    let of = |key: &str| parsed.get(key)?.as_str().map(str::to_owned);
    Some(DockerLine {
        text: of("log")?,
        stream: of("stream")?,
        time: of("time")?,
    })
}

fn in_logfmt(plain: &str) -> Option<(Range<usize>, Level)> {
    for key in ["level=", "lvl=", "severity="] {
        let Some(at) = plain.find(key) else { continue };
        let is_word = at == 0 || plain[..at].ends_with([' ', '\t', ',']);
        if !is_word {
            continue;
        }
        let value = &plain[at + key.len()..];
        let quoted = usize::from(value.starts_with('"'));
        let word = &value[quoted..];
        let end = word.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(word.len());
        let start = at + key.len() + quoted;
        return level_of_word(&word[..end]).map(|level| (start..start + end, level));
    }
    None
}

/// `<13>` at the start, RFC 5424: eight times the facility, and the severity.
fn of_priority(head: &str) -> Option<Level> {
    let number = head.strip_prefix('<')?;
    let number: u16 = number[..number.find('>').filter(|end| (1..=3).contains(end))?].parse().ok()?;
    if number < 192 {
        level_of_number(i64::from(number & 7))
    } else {
        None
    }
}

/// `E1126 17:32:20.123456`, as Kubernetes and glog write it.
fn of_klog(head: &str) -> Option<Level> {
    let bytes = head.as_bytes();
    let is_date = bytes.len() > 5 && bytes[1..5].iter().all(u8::is_ascii_digit) && bytes[5] == b' ';
    if !is_date {
        return None;
    }
    Some(match bytes[0] {
        b'F' | b'E' => Level::Error,
        b'W' => Level::Warn,
        b'I' => Level::Info,
        b'D' => Level::Debug,
        _ => return None,
    })
}

fn in_words(head: &str) -> Option<(Range<usize>, Level)> {
    let mut at = 0;
    let mut n_words = 0;
    for word in head.split(|c: char| !c.is_ascii_alphabetic()) {
        let range = at..at + word.len();
        at = range.end + head[range.end..].chars().next().map_or(0, char::len_utf8);
        // A time has many signs and hardly a word.
        n_words += usize::from(!word.is_empty());
        if n_words > HEAD_WORDS {
            return None;
        }
        let level = match word {
            "ERROR" | "error" | "Error" | "ERR" | "FATAL" | "CRITICAL" | "CRIT" | "ALERT" | "EMERG" | "SEVERE" | "PANIC"
            | "panicked" | "FAIL" | "FAILED" => Level::Error,
            "WARN" | "WARNING" | "warning" | "Warning" | "warn" => Level::Warn,
            "INFO" | "info" | "NOTICE" | "notice" => Level::Info,
            "DEBUG" | "debug" => Level::Debug,
            "TRACE" | "trace" => Level::Trace,
            _ => continue,
        };
        return Some((range, level));
    }
    None
}
