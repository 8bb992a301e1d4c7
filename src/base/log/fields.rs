//! A line that is JSON or logfmt: its severity, its message, and the rest as keys and values; as one readable line or as columns.

use super::level::{self, docker_line, level_in, level_of_number, level_of_word, mongo_word};
use super::{Level, time};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt::Write as _;

/// What a structured line calls its message.
const MESSAGES: [&str; 13] = [
    "message",
    "msg",
    "event",
    "text",
    "body",
    "short_message",
    "MESSAGE",
    "log",
    "Message",
    "RenderedMessage",
    "@m",
    "MessageTemplate",
    "@mt",
];
/// The message's column holds its own name.
const MIN_MESSAGE: usize = 8;
/// Columns of one table, and the widest that one becomes, in characters.
const MAX_COLUMNS: usize = 12;
const MAX_WIDTH: usize = 40;
/// Pairs that are taken from one line.
const MAX_PAIRS: usize = 64;

/// How structured lines are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogForm {
    /// As they are.
    #[default]
    Raw,
    /// `WARN the message key=value`.
    Message,
    /// Each key in a column of its own.
    Columns,
}

/// A structured line taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    pub time: Option<String>,
    pub level: Option<Level>,
    pub message: String,
    /// Everything else, in the order of the line.
    pub rest: Vec<(String, String)>,
}

/// Takes a line without colours apart; None when it is neither JSON nor logfmt.
pub fn fields_of(plain: &str) -> Option<Fields> {
    let trimmed = plain.trim();
    if let Some(line) = docker_line(trimmed) {
        // What the program wrote may be a structured line itself.
        let text = line.text.trim_end();
        let mut fields = fields_of(text).unwrap_or_else(|| Fields {
            level: level_in(text).map(|(_, level)| level),
            message: text_of(&Value::String(text.to_owned())),
            ..Fields::default()
        });
        fields.time.get_or_insert(line.time);
        fields.rest.push(("stream".to_owned(), line.stream));
        return Some(fields);
    }
    let pairs: Vec<(String, Value)> = if trimmed.starts_with('{') {
        let Ok(Value::Object(map)) = serde_json::from_str(trimmed) else {
            return None;
        };
        map.into_iter().take(MAX_PAIRS).collect()
    } else {
        logfmt(trimmed)?
    };
    let mut fields = Fields::default();
    let is_mongo = pairs.iter().any(|(key, value)| key == "t" && value.get("$date").is_some());
    for (key, value) in pairs {
        if let (Some(at), "t") = (value.get("$date").and_then(Value::as_str), key.as_str()) {
            fields.time = Some(at.to_owned());
            continue;
        }
        if is_mongo && key == "s" && fields.level.is_none() {
            fields.level = value.as_str().and_then(mongo_word);
            continue;
        }
        let known = |keys: &[&str]| keys.contains(&key.as_str());
        if known(&time::KEYS) && fields.time.is_none() {
            fields.time = Some(text_of(&value));
        } else if known(&level::KEYS) && fields.level.is_none() {
            fields.level = match &value {
                Value::Number(number) => number.as_i64().and_then(level_of_number),
                other => {
                    let word = text_of(other);
                    level_of_word(&word).or_else(|| level_of_number(word.parse().ok()?))
                }
            };
            if fields.level.is_none() {
                fields.rest.push((key, text_of(&value)));
            }
        } else if known(&MESSAGES) && fields.message.is_empty() {
            fields.message = bytes_of(&value).unwrap_or_else(|| text_of(&value));
        } else {
            fields.rest.push((key, text_of(&value)));
        }
    }
    Some(fields)
}

/// The journal writes a message that is no text, or has colours, as a list of bytes.
fn bytes_of(value: &Value) -> Option<String> {
    let list = value.as_array().filter(|list| !list.is_empty())?;
    let bytes: Option<Vec<u8>> = list.iter().map(|byte| u8::try_from(byte.as_u64()?).ok()).collect();
    Some(text_of(&Value::String(String::from_utf8_lossy(&bytes?).into_owned())))
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.replace(['\n', '\r'], "⏎"),
        other => other.to_string(),
    }
}

/// `key=value key="a b"`: all of the line, two pairs at least.
fn logfmt(text: &str) -> Option<Vec<(String, Value)>> {
    let mut pairs = Vec::new();
    let mut rest = text;
    while !rest.is_empty() && pairs.len() < MAX_PAIRS {
        let end = rest.find(['=', ' ', '"'])?;
        let key = &rest[..end];
        let is_name = |c: char| c.is_ascii_alphanumeric() || "_-.@/".contains(c);
        if key.is_empty() || !key.chars().all(is_name) {
            return None;
        }
        rest = rest[end..].strip_prefix('=')?;
        let value = if let Some(quoted) = rest.strip_prefix('"') {
            let mut is_escaped = false;
            let close = quoted.find(|c: char| {
                let is_end = c == '"' && !is_escaped;
                is_escaped = c == '\\' && !is_escaped;
                is_end
            })?;
            rest = &quoted[close + 1..];
            let inner = &quoted[..close];
            serde_json::from_str(&format!("\"{inner}\"")).unwrap_or_else(|_| inner.to_owned())
        } else {
            let end = rest.find(' ').unwrap_or(rest.len());
            let value = rest[..end].to_owned();
            rest = &rest[end..];
            value
        };
        pairs.push((key.to_owned(), Value::String(value)));
        rest = rest.trim_start();
    }
    (pairs.len() > 1).then_some(pairs)
}

/// The word of a severity, as wide as the widest.
pub fn level_word(level: Option<Level>) -> &'static str {
    match level {
        Some(Level::Error) => "ERROR",
        Some(Level::Warn) => "WARN ",
        Some(Level::Info) => "INFO ",
        Some(Level::Debug) => "DEBUG",
        Some(Level::Trace) => "TRACE",
        None => "     ",
    }
}

impl Fields {
    /// `WARN the message key=value`, without its time.
    pub fn as_message(&self) -> String {
        let mut out = String::new();
        if self.level.is_some() {
            out.push_str(level_word(self.level).trim_end());
            out.push(' ');
        }
        out.push_str(&self.message);
        for (key, value) in &self.rest {
            let is_plain = !value.is_empty() && !value.contains([' ', '"', '=']);
            let written = if is_plain || value.starts_with(['{', '[']) {
                write!(out, " {key}={value}")
            } else {
                write!(out, " {key}={value:?}")
            };
            // A text takes everything.
            written.ok();
        }
        out.trim_start().to_owned()
    }

    fn get(&self, key: &str) -> &str {
        let found = self.rest.iter().find(|(known, _)| known == key);
        found.map_or("", |(_, value)| value.as_str())
    }
}

/// The columns of structured lines, learnt from the lines that were seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    names: Vec<(String, usize)>,
    message: usize,
}

impl Columns {
    /// Takes in the keys of a line and how wide its values are.
    pub fn learn(&mut self, fields: &Fields) {
        let message = fields.message.chars().count().clamp(MIN_MESSAGE, 2 * MAX_WIDTH);
        self.message = self.message.max(message);
        for (key, value) in &fields.rest {
            let width = value.chars().count().max(key.chars().count()).min(MAX_WIDTH);
            if let Some((_, known)) = self.names.iter_mut().find(|(name, _)| name == key) {
                *known = width.max(*known);
            } else if self.names.len() < MAX_COLUMNS {
                self.names.push((key.clone(), width));
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && self.message == 0
    }

    /// The names above the columns; `level` and `message` are words of the reader's language.
    pub fn header(&self, level: &str, message: &str) -> String {
        let mut out = fit(level, 5);
        out.push_str("  ");
        out.push_str(&fit(message, self.message));
        for (name, width) in &self.names {
            out.push_str("  ");
            out.push_str(&fit(name, *width));
        }
        out.trim_end().to_owned()
    }

    /// A line below them.
    pub fn row(&self, fields: &Fields) -> String {
        let mut out = level_word(fields.level).to_owned();
        out.push_str("  ");
        out.push_str(&fit(&fields.message, self.message));
        for (name, width) in &self.names {
            out.push_str("  ");
            out.push_str(&fit(fields.get(name), *width));
        }
        out.trim_end().to_owned()
    }
}

/// Exactly so many characters.
fn fit(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return format!("{text:<width$}");
    }
    let mut cut: String = text.chars().take(width.saturating_sub(1)).collect();
    cut.push('…');
    cut
}
