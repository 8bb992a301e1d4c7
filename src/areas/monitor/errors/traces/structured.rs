//! A line that is JSON and holds a whole trace, as structured loggers write it.

use super::{Language, MAX_LINES, Reader, Trace, cut, go, patterns, trace};
use crate::base::SafeText;
use crate::base::log::{Fields, fields_of, level_word};
use serde_json::{Map, Value};

/// What loggers call a trace; of a key with dots its last part.
const STACKS: [&str; 9] = [
    "stack",
    "stack_trace",
    "stacktrace",
    "stackTrace",
    "exc_info",
    "exc_text",
    "exception",
    "traceback",
    "@x",
];
/// What they call a message: some write the trace below it.
const MESSAGES: [&str; 3] = ["message", "msg", "event"];
/// Objects within each other that are looked into.
const DEPTH: u32 = 3;

/// Whether a line may hold a trace: such a one is read as it is, however long.
pub fn may_hold(line: &str) -> bool {
    line.trim_start().starts_with('{') && line.contains("\\n")
}

/// The trace of a line, with its severity and its message above.
pub(super) fn trace_in(line: &str) -> Option<Trace> {
    let map: Map<String, Value> = serde_json::from_str(line.trim()).ok()?;
    let text = stack_of(&map, DEPTH).or_else(|| map.iter().find_map(|(key, value)| lines_at(&MESSAGES, key, value)))?;
    let safe = SafeText::multiline(text);
    let lines: Vec<String> = safe.as_str().lines().take(MAX_LINES).map(cut).collect();
    let fields = fields_of(line).unwrap_or_default();
    let mut reader = Reader::default();
    let read = lines.iter().find_map(|line| reader.push_plain(line)).or_else(|| reader.end());
    let mut found = match read {
        Some(found) => found,
        None => bare_go(&fields, &lines)?,
    };
    let message = SafeText::new(&fields.message).into_string();
    if !message.is_empty() && !text.starts_with(message.as_str()) {
        let head = format!("{} {message}", level_word(fields.level).trim());
        found.lines.insert(0, cut(head.trim_start()));
    }
    Some(found)
}

fn stack_of(map: &Map<String, Value>, depth: u32) -> Option<&str> {
    let here = map.iter().find_map(|(key, value)| lines_at(&STACKS, key, value));
    here.or_else(|| {
        let within = map.values().filter(|_| depth > 1).filter_map(Value::as_object);
        within.into_iter().find_map(|map| stack_of(map, depth - 1))
    })
}

/// The text of a key that is one of these, where it has several lines.
fn lines_at<'a>(keys: &[&str], key: &str, value: &'a Value) -> Option<&'a str> {
    let last = key.rsplit('.').next().unwrap_or(key);
    value.as_str().filter(|text| keys.contains(&last) && text.contains('\n'))
}

/// What zap writes: the stack has only calls, what happened stands beside it.
fn bare_go(fields: &Fields, lines: &[String]) -> Option<Trace> {
    let frames = go::bare(patterns()?, lines);
    if frames.is_empty() {
        return None;
    }
    let error = fields.rest.iter().find(|(key, _)| key == "error" || key == "err");
    let message = match error {
        Some((_, error)) => format!("{}: {error}", fields.message),
        None => fields.message.clone(),
    };
    let message = SafeText::new(&message).into_string();
    let mut found = trace(Language::Go, "error", &message, "");
    found.frames = frames;
    found.lines = lines.to_vec();
    Some(found)
}
