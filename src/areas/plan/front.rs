//! A plan item as a file: front matter between two `---` lines, then Markdown. Reads it, says where it is wrong, and
//! never normalises anything: `edit.rs` changes single values inside the text that stands here.

use super::backlog;
use super::item::Source;
use crate::base::{Msg, SafeText};
use crate::msg;
use serde::de::{self, DeserializeSeed, MapAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

/// The key of what is told of a merge that is not solved.
pub(super) const CONFLICT: &str = "plan-flaw-conflict";

/// Larger files are not items.
pub const MAX_BYTES: u64 = 1024 * 1024;

/// Why a file can not be read, or must not be written, as an item. Line and column count from 1; 0 is unknown.
#[derive(Clone, Debug, PartialEq)]
pub struct Flaw {
    pub line: u32,
    pub column: u32,
    pub why: Msg,
    /// The parser's own words.
    pub details: String,
}

impl Flaw {
    pub(super) fn at(line: usize, column: usize, why: Msg) -> Self {
        Self {
            line: line as u32,
            column: column as u32,
            why,
            details: String::new(),
        }
    }

    pub(super) fn saying(mut self, details: impl ToString) -> Self {
        self.details = details.to_string();
        self
    }
}

/// The value of one key. Scalars keep the letters of the file: `1.10` stays `1.10`.
#[derive(Clone, Debug, PartialEq)]
pub enum Field {
    Null,
    Text(String),
    List(Vec<String>),
    /// A mapping, or a list that holds more than plain values: kept, not understood.
    Other(serde_json::Value),
}

/// One key at the top of the front matter; offsets into the document's text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub key: String,
    /// Where the key's line starts.
    pub start: usize,
    /// Just after the colon.
    pub value: usize,
    /// After the line break of the last line of the value.
    pub end: usize,
}

/// The whole text of an item, taken apart.
#[derive(Clone, Debug)]
pub struct Document {
    pub(super) text: String,
    pub(super) head: Range<usize>,
    body: usize,
    pub(super) entries: Vec<Entry>,
    fields: Vec<(String, Field)>,
    pub(super) source: Source,
}

impl Document {
    /// Takes the bytes of a file of ours apart.
    pub fn parse(bytes: &[u8]) -> Result<Self, Flaw> {
        Self::parse_of(bytes, Source::Chantier)
    }

    /// Takes a file's bytes apart; one of Backlog.md may say names in a way that YAML does not.
    pub fn parse_of(bytes: &[u8], source: Source) -> Result<Self, Flaw> {
        if bytes.len() as u64 > MAX_BYTES {
            return Err(Flaw::at(0, 0, msg!("plan-flaw-too-large", kib = MAX_BYTES / 1024)));
        }
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(error) => {
                let before = &bytes[..error.valid_up_to()];
                let line = memchr::memchr_iter(b'\n', before).count() + 1;
                let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
                return Err(Flaw::at(line, column, msg!("plan-flaw-utf8")));
            }
        };
        if let Some(line) = conflict_line(&text) {
            return Err(Flaw::at(line, 1, msg!("plan-flaw-conflict")));
        }
        let (head, body) = fences(&text)?;
        let fields = match source {
            Source::Chantier => read_fields(&text[head.clone()])?,
            Source::Backlog => read_fields(&backlog::with_quoted_names(&text[head.clone()]))?,
        };
        let entries = scan_entries(&text, head.clone());
        Ok(Self {
            text,
            head,
            body,
            entries,
            fields,
            source,
        })
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// Everything after the front matter.
    pub fn body(&self) -> &str {
        &self.text[self.body..]
    }

    pub(super) fn body_start(&self) -> usize {
        self.body
    }

    pub fn field(&self, key: &str) -> Option<&Field> {
        self.fields.iter().find(|(name, _)| name == key).map(|(_, field)| field)
    }

    /// Every key and value, in the order of the file.
    pub fn fields(&self) -> &[(String, Field)] {
        &self.fields
    }

    /// The line break that the file uses.
    pub fn eol(&self) -> &'static str {
        match self.text.find('\n') {
            Some(at) if self.text[..at].ends_with('\r') => "\r\n",
            _ => "\n",
        }
    }

    /// Line and column of a key's value, for messages.
    pub fn place_of(&self, key: &str) -> (u32, u32) {
        let Some(entry) = self.entries.iter().find(|entry| entry.key == key) else {
            return (1, 1);
        };
        let spaces = self.text[entry.value..].chars().take_while(|c| *c == ' ').count();
        let line = self.text[..entry.start].matches('\n').count() + 1;
        let column = self.text[entry.start..entry.value].chars().count() + spaces + 1;
        (line as u32, column as u32)
    }
}

/// The line of the first unsolved merge conflict.
pub(super) fn conflict_line(text: &str) -> Option<usize> {
    let mut start = None;
    for (number, line) in text.lines().enumerate() {
        if line.starts_with("<<<<<<< ") || line == "<<<<<<<" {
            start.get_or_insert(number + 1);
        } else if start.is_some() && (line.starts_with(">>>>>>> ") || line == ">>>>>>>") {
            return start;
        }
    }
    None
}

/// What our side says of a text that a merge left both sides in.
pub(super) fn our_side(text: &str) -> String {
    one_side(text, true)
}

/// One side of a text that a merge left both sides in: ours, or the one that came.
pub(super) fn one_side(text: &str, is_ours: bool) -> String {
    let is_mark = |line: &str, mark: &str| line.trim_end() == mark || line.starts_with(&format!("{mark} "));
    // Whose lines these are; what both had before is nobody's.
    let (mut out, mut whose) = (String::new(), None);
    for line in text.split_inclusive('\n') {
        if is_mark(line, "<<<<<<<") {
            whose = Some(Some(true));
        } else if is_mark(line, "|||||||") && whose.is_some() {
            whose = Some(None);
        } else if is_mark(line, "=======") && whose.is_some() {
            whose = Some(Some(false));
        } else if is_mark(line, ">>>>>>>") {
            whose = None;
        } else if whose.is_none_or(|whose| whose == Some(is_ours)) {
            out.push_str(line);
        }
    }
    out
}

/// The front matter's range and where the body starts.
fn fences(text: &str) -> Result<(Range<usize>, usize), Flaw> {
    let first = if text.starts_with('\u{feff}') {
        '\u{feff}'.len_utf8()
    } else {
        0
    };
    let mut at = first;
    let mut head_start = None;
    for line in text[first..].split_inclusive('\n') {
        let is_fence = line.trim_end() == "---";
        match head_start {
            None if is_fence && line.ends_with('\n') => head_start = Some(at + line.len()),
            None => return Err(Flaw::at(1, 1, msg!("plan-flaw-no-front-matter"))),
            Some(start) if is_fence => return Ok((start..at, at + line.len())),
            Some(_) => {}
        }
        at += line.len();
    }
    Err(Flaw::at(
        1,
        1,
        if head_start.is_some() {
            msg!("plan-flaw-not-closed")
        } else {
            msg!("plan-flaw-no-front-matter")
        },
    ))
}

fn read_fields(yaml: &str) -> Result<Vec<(String, Field)>, Flaw> {
    let options = || {
        serde_saphyr::options! {
            with_snippet: false,
            non_finite_float_policy: serde_saphyr::options::NonFiniteFloatPolicy::AsString,
        }
    };
    let flaw = |error: serde_saphyr::Error| {
        let place = error.location();
        let line = place.map_or(0, |place| place.line() as usize + 1);
        let column = place.map_or(0, |place| place.column() as usize);
        let said = error.to_string();
        if let Some(key) = key_that_stands_twice(&said) {
            return Flaw::at(line, column, msg!("plan-flaw-key-twice", key = SafeText::new(key)));
        }
        Flaw::at(line, column, msg!("plan-flaw-yaml")).saying(without_place(first_line(&said)))
    };
    // The first pass tells what each value is, the second reads the letters of the scalars.
    let shapes: Option<serde_json::Map<String, serde_json::Value>> =
        serde_saphyr::from_str_with_options(yaml, options()).map_err(flaw)?;
    let Some(shapes) = shapes else { return Ok(Vec::new()) };
    serde_saphyr::with_deserializer_from_str_with_options(yaml, options(), |reader| {
        FieldsSeed { shapes: &shapes }.deserialize(reader)
    })
    .map_err(flaw)
}

/// The key in the parser's words about one that is there twice; what it says besides is for programmers.
fn key_that_stands_twice(said: &str) -> Option<&str> {
    let (_, rest) = said.split_once("duplicate mapping key: ")?;
    let key = rest.split(", set ").next().unwrap_or(rest);
    Some(without_place(first_line(key)))
}

/// What the parser says without its own place, which counts from the first line of the front matter.
fn without_place(text: &str) -> &str {
    let is_place = |rest: &str| {
        let (line, column) = rest.split_once(", column ")?;
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        (is_number(line) && is_number(column)).then_some(())
    };
    let found = text.rsplit_once(" at line ").or_else(|| text.rsplit_once("line "));
    match found {
        Some((said, rest)) if is_place(rest).is_some() => said.trim_end_matches([' ', ',', ':']),
        _ => text,
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or(text)
}

struct FieldsSeed<'a> {
    shapes: &'a serde_json::Map<String, serde_json::Value>,
}

impl<'de> DeserializeSeed<'de> for FieldsSeed<'_> {
    type Value = Vec<(String, Field)>;

    fn deserialize<D: de::Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for FieldsSeed<'_> {
    type Value = Vec<(String, Field)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("keys and values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        use serde_json::Value;
        let mut out = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            let field = match self.shapes.get(&key) {
                None | Some(Value::Null) => {
                    map.next_value::<de::IgnoredAny>()?;
                    Field::Null
                }
                Some(Value::Array(items)) if items.iter().all(|item| !item.is_array() && !item.is_object()) => {
                    Field::List(map.next_value::<Vec<Option<String>>>()?.into_iter().flatten().collect())
                }
                Some(other @ (Value::Array(_) | Value::Object(_))) => {
                    map.next_value::<de::IgnoredAny>()?;
                    Field::Other(other.clone())
                }
                Some(_) => Field::Text(map.next_value::<String>()?),
            };
            out.push((key, field));
        }
        Ok(out)
    }
}

/// Finds the keys at the left margin and the lines that belong to each.
fn scan_entries(text: &str, head: Range<usize>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut at = head.start;
    for line in text[head].split_inclusive('\n') {
        let end = at + line.len();
        let bare = line.trim_end();
        let first = bare.trim_start().chars().next();
        if let Some((key, colon)) = key_of(bare) {
            entries.push(Entry {
                key,
                start: at,
                value: at + colon + 1,
                end,
            });
        } else if first.is_some_and(|first| first != '#')
            && let Some(entry) = entries.last_mut()
        {
            entry.end = end;
        }
        at = end;
    }
    entries
}

/// The key that a line at the left margin starts with, and where its colon stands.
fn key_of(line: &str) -> Option<(String, usize)> {
    let first = line.chars().next()?;
    if matches!(
        first,
        ' ' | '\t' | '#' | '[' | ']' | '{' | '}' | ',' | '&' | '*' | '!' | '|' | '>' | '%' | '@' | '`' | '?'
    ) || line == "-"
        || line.starts_with("- ")
    {
        return None;
    }
    let (key, colon) = if first == '"' || first == '\'' {
        let close = 1 + line[1..].find(first)?;
        let key = &line[1..close];
        if key.contains('\\') {
            return None;
        }
        let gap = line[close + 1..].len() - line[close + 1..].trim_start().len();
        (key, close + 1 + gap)
    } else {
        let colon = line.match_indices(':').map(|(at, _)| at).find(|at| {
            let rest = &line[at + 1..];
            rest.is_empty() || rest.starts_with([' ', '\t'])
        })?;
        (line[..colon].trim_end(), colon)
    };
    line[colon..].starts_with(':').then(|| (key.to_owned(), colon))
}

/// True when the lines that were found by eye are the keys that the parser saw; else nothing may be edited by machine.
pub(super) fn is_plain_layout(doc: &Document) -> bool {
    let count = |keys: &mut dyn Iterator<Item = &str>| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for key in keys {
            *counts.entry(key.to_owned()).or_default() += 1;
        }
        counts
    };
    count(&mut doc.entries.iter().map(|entry| entry.key.as_str())) == count(&mut doc.fields.iter().map(|(key, _)| key.as_str()))
}
