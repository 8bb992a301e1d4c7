//! Changes single values inside the front matter of a plan item; every byte that is not part of the value stays as it was.
//! Each edit is read again before it counts: when anything else would change, the edit is refused, never guessed.

use super::front::{Document, Entry, Field, Flaw, is_plain_layout};
use super::item::{Source, place_of_key};
use crate::msg;
use std::ops::Range;

/// What a key is set to.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text; quoted when YAML would take it for something else.
    Text(String),
    /// A number, a date or a word that needs no quotes, written as it is.
    Plain(String),
    /// Text in quotes also where YAML would need none.
    Quoted(String),
    List(Vec<String>),
    /// The key goes; a comment behind it stays.
    Nothing,
}

impl Value {
    fn field(&self) -> Option<Field> {
        match self {
            Self::Text(text) | Self::Plain(text) | Self::Quoted(text) => Some(Field::Text(text.clone())),
            Self::List(items) => Some(Field::List(items.clone())),
            Self::Nothing => None,
        }
    }
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Style {
    Plain,
    Single,
    Double,
}

/// Where a value stands.
enum Place {
    /// Nothing behind the colon.
    Empty,
    Scalar(Range<usize>, Style),
    /// `[a, b]`, perhaps over several lines.
    Flow(Range<usize>),
    /// Lines below the key, or a block scalar: up to the end of the entry.
    Block,
    /// An anchor, alias, tag or mapping: not for a machine to touch.
    Odd,
}

impl Document {
    /// The document with one key set. The same value again changes nothing.
    pub fn set(&self, key: &str, value: &Value) -> Result<Self, Flaw> {
        let current = self.field(key);
        let is_same = match (current, value.field()) {
            (None | Some(Field::Null), None) => true,
            (None | Some(Field::Null), Some(Field::List(items))) => items.is_empty(),
            (Some(current), Some(wanted)) => *current == wanted,
            _ => false,
        };
        if is_same {
            return Ok(self.clone());
        }
        if !is_plain_layout(self) {
            return Err(self.refuse(key));
        }
        let mut text = self.text.clone();
        match self.entries.iter().find(|entry| entry.key == key) {
            None => {
                // At its own place, else below the others.
                let mut placed = text.clone();
                self.insert(&mut placed, self.place_for(key), key, value);
                if let Ok(new) = self.verified(placed, key, value) {
                    return Ok(new);
                }
                self.insert(&mut text, self.head.end, key, value);
            }
            Some(entry) => {
                let place = place(&self.text, entry, self.source);
                match value {
                    Value::Nothing => self.clear(&mut text, entry, &place),
                    Value::Text(new) => self.put_scalar(&mut text, entry, place, |style| scalar(new, style, false)),
                    Value::Quoted(new) => self.put_scalar(&mut text, entry, place, |style| quoted(new, style)),
                    Value::Plain(new) => self.put_scalar(&mut text, entry, place, |style| match style {
                        Style::Plain => new.clone(),
                        quoted => scalar(new, quoted, false),
                    }),
                    Value::List(new) => self.put_list(&mut text, entry, place, new),
                }
                .ok_or_else(|| self.refuse(key))?;
            }
        }
        self.verified(text, key, value)
    }

    /// The document with another body.
    pub fn with_body(&self, body: &str) -> Result<Self, Flaw> {
        let head = &self.text[..self.body_start()];
        // The line that closes the values may be the last one of the file, without a break.
        let gap = if head.ends_with('\n') || body.is_empty() {
            ""
        } else {
            self.eol()
        };
        let text = format!("{head}{gap}{body}");
        let new = Self::parse_of(text.as_bytes(), self.source)?;
        if new.fields() != self.fields() || new.body() != body {
            return Err(self.refuse("---"));
        }
        Ok(new)
    }

    fn refuse(&self, key: &str) -> Flaw {
        let (line, column) = self.place_of(key);
        Flaw::at(line as usize, column as usize, msg!("plan-flaw-odd-layout", key = key))
    }

    /// Reads the new text and compares: the one key has its value, every other key and the body are what they were.
    fn verified(&self, text: String, key: &str, value: &Value) -> Result<Self, Flaw> {
        let refused = || self.refuse(key);
        let new = Self::parse_of(text.as_bytes(), self.source).map_err(|_| refused())?;
        let others =
            |doc: &Self| -> Vec<(String, Field)> { doc.fields().iter().filter(|(name, _)| name != key).cloned().collect() };
        let is_set = match (new.field(key), value.field()) {
            (None | Some(Field::Null), None) => true,
            (Some(field), Some(wanted)) => *field == wanted,
            _ => false,
        };
        if is_set && others(&new) == others(self) && new.body() == self.body() {
            Ok(new)
        } else {
            Err(refused())
        }
    }

    /// Where a key that is not there yet belongs: below the nearest of those that stand before it.
    fn place_for(&self, key: &str) -> usize {
        let Some(own) = place_of_key(key) else { return self.head.end };
        let placed = || {
            self.entries
                .iter()
                .filter_map(|entry| Some((place_of_key(&entry.key)?, entry)))
        };
        let before = placed().filter(|(place, _)| *place < own).max_by_key(|(place, _)| *place);
        let after = || placed().filter(|(place, _)| *place > own).min_by_key(|(place, _)| *place);
        match before {
            Some((_, entry)) => entry.end,
            None => after().map_or(self.head.end, |(_, entry)| entry.start),
        }
    }

    fn insert(&self, text: &mut String, at: usize, key: &str, value: &Value) {
        let written = match value {
            Value::Nothing => return,
            Value::Text(new) => scalar(new, Style::Plain, false),
            Value::Plain(new) => new.clone(),
            Value::Quoted(new) => quoted(new, Style::Plain),
            Value::List(items) => flow_list(items),
        };
        text.insert_str(at, &format!("{key}: {written}{}", self.eol()));
    }

    fn clear(&self, text: &mut String, entry: &Entry, place: &Place) -> Option<()> {
        let line_end = line_end(&self.text, entry.value);
        let tail = match place {
            Place::Odd => return None,
            Place::Scalar(range, _) | Place::Flow(range) => &self.text[range.end..line_end.max(range.end)],
            Place::Empty | Place::Block => &self.text[entry.value..line_end],
        };
        let has_comment = tail.trim_start().starts_with('#');
        match place {
            Place::Scalar(range, _) | Place::Flow(range) if has_comment => text.replace_range(entry.value..range.end, ""),
            Place::Block if has_comment => {
                let next = next_line(&self.text, entry.value);
                text.replace_range(next..entry.end, "");
            }
            Place::Empty if has_comment => {}
            _ => text.replace_range(entry.start..entry.end, ""),
        }
        Some(())
    }

    fn put_scalar(&self, text: &mut String, entry: &Entry, place: Place, write: impl Fn(Style) -> String) -> Option<()> {
        match place {
            Place::Odd => return None,
            Place::Empty => text.insert_str(entry.value, &format!(" {}", write(Style::Plain))),
            Place::Scalar(range, style) => text.replace_range(range, &write(style)),
            Place::Flow(range) => text.replace_range(range, &write(Style::Plain)),
            Place::Block => self.replace_block(text, entry, &write(Style::Plain)),
        }
        Some(())
    }

    /// Puts a value on the key's own line in place of the lines below it.
    fn replace_block(&self, text: &mut String, entry: &Entry, written: &str) {
        let line_end = line_end(&self.text, entry.value);
        let rest = &self.text[entry.value..line_end];
        let comment = if rest.trim_start().starts_with('#') { rest } else { "" };
        text.replace_range(entry.value..entry.end, &format!(" {written}{comment}{}", self.eol()));
    }

    fn put_list(&self, text: &mut String, entry: &Entry, place: Place, new: &[String]) -> Option<()> {
        match place {
            Place::Odd => return None,
            Place::Empty => text.insert_str(entry.value, &format!(" {}", flow_list(new))),
            Place::Scalar(range, _) => text.replace_range(range, &flow_list(new)),
            Place::Flow(range) => {
                let items = flow_items(&self.text, range.clone())?;
                let known = self.values_of(&entry.key, items.len())?;
                change_flow(text, range, &known, new)?;
            }
            Place::Block => {
                let Some(items) = block_items(&self.text, entry) else {
                    // A block scalar, or something stranger.
                    self.replace_block(text, entry, &flow_list(new));
                    return Some(());
                };
                let known = self.values_of(&entry.key, items.len())?;
                if new.is_empty() {
                    self.replace_block(text, entry, "[]");
                } else {
                    self.change_block(text, &items, &known, new);
                }
            }
        }
        Some(())
    }

    /// The list's values, when there are as many as were found in the text.
    fn values_of(&self, key: &str, n_items: usize) -> Option<Vec<String>> {
        match self.field(key) {
            Some(Field::List(values)) if values.len() == n_items => Some(values.clone()),
            _ => None,
        }
    }

    fn change_block(&self, text: &mut String, items: &[Range<usize>], known: &[String], new: &[String]) {
        let first = &self.text[items[0].clone()];
        let indent = &first[..first.len() - first.trim_start().len()];
        let written = |value: &String| format!("{indent}- {}{}", scalar(value, Style::Plain, false), self.eol());
        let (start, end) = (items[0].start, items[items.len() - 1].end);
        if let Some((removed, added)) = small_change(known, new) {
            let added: String = added.iter().map(written).collect();
            text.insert_str(end, &added);
            for index in removed.into_iter().rev() {
                text.replace_range(items[index].clone(), "");
            }
            return;
        }
        let mut lines = String::new();
        for value in new {
            match known.iter().position(|old| old == value) {
                Some(index) => lines.push_str(&self.text[items[index].clone()]),
                None => lines.push_str(&written(value)),
            }
        }
        text.replace_range(start..end, &lines);
    }
}

/// The indexes that go and the values that come at the end, when that is all that happens.
fn small_change(old: &[String], new: &[String]) -> Option<(Vec<usize>, Vec<String>)> {
    let mut removed = Vec::new();
    let mut taken = 0;
    for (index, value) in old.iter().enumerate() {
        if new.get(taken) == Some(value) {
            taken += 1;
        } else {
            removed.push(index);
        }
    }
    let added = new[taken..].to_vec();
    // Moved, not removed and added.
    let is_move = removed.iter().any(|index| added.contains(&old[*index]));
    (!is_move).then_some((removed, added))
}

/// Changes `[a, b]` item by item, so that the space between the others stays. None when it can not be told apart.
fn change_flow(text: &mut String, range: Range<usize>, known: &[String], new: &[String]) -> Option<()> {
    let listed = |values: &[String]| {
        values
            .iter()
            .map(|value| scalar(value, Style::Plain, true))
            .collect::<Vec<_>>()
            .join(", ")
    };
    match small_change(known, new) {
        Some((removed, added)) if removed.len() < known.len() => {
            let mut end = range.end;
            for index in removed.into_iter().rev() {
                let items = flow_items(text, range.start..end)?;
                let cut = match items.get(index + 1) {
                    Some(next) => items[index].start..next.start,
                    None => items[index.checked_sub(1)?].end..items[index].end,
                };
                end -= cut.len();
                text.replace_range(cut, "");
            }
            if !added.is_empty() {
                let last = flow_items(text, range.start..end)?.last()?.end;
                text.insert_str(last, &format!(", {}", listed(&added)));
            }
        }
        _ => {
            let items = flow_items(text, range.clone())?;
            let written = |value: &String| match known.iter().position(|old| old == value) {
                Some(index) => text[items[index].clone()].to_owned(),
                None => listed(std::slice::from_ref(value)),
            };
            let parts: Vec<String> = new.iter().map(written).collect();
            text.replace_range(range, &format!("[{}]", parts.join(", ")));
        }
    }
    Some(())
}

fn flow_list(items: &[String]) -> String {
    let parts: Vec<String> = items.iter().map(|item| scalar(item, Style::Plain, true)).collect();
    format!("[{}]", parts.join(", "))
}

fn line_end(text: &str, from: usize) -> usize {
    let end = text[from..].find('\n').map_or(text.len(), |at| from + at);
    if text[from..end].ends_with('\r') { end - 1 } else { end }
}

fn next_line(text: &str, from: usize) -> usize {
    text[from..].find('\n').map_or(text.len(), |at| from + at + 1)
}

/// Finds an entry's value. A name that begins with `@` is a value in a file of Backlog.md only.
fn place(text: &str, entry: &Entry, source: Source) -> Place {
    let end = line_end(text, entry.value);
    let rest = &text[entry.value..end];
    let start = entry.value + (rest.len() - rest.trim_start().len());
    let has_more = entry.end > next_line(text, entry.value);
    match text[start..end].chars().next() {
        None | Some('#') => {
            if has_more {
                Place::Block
            } else {
                Place::Empty
            }
        }
        Some('|' | '>') => Place::Block,
        Some('[') => flow_end(text, start, entry.end).map_or(Place::Odd, |close| Place::Flow(start..close)),
        Some('@') if source == Source::Chantier => Place::Odd,
        Some('&' | '*' | '!' | '{' | '%' | '`') => Place::Odd,
        Some(quote @ ('"' | '\'')) => match quote_end(text, start, entry.end, quote) {
            Some(close) => Place::Scalar(start..close, if quote == '"' { Style::Double } else { Style::Single }),
            None => Place::Odd,
        },
        Some(_) => {
            let line = &text[start..end];
            let comment = line.find(" #").into_iter().chain(line.find("\t#")).min();
            let stop = comment.map_or(line.trim_end().len(), |at| line[..at].trim_end().len());
            // A plain value that goes on below: up to its last letter.
            let more = text[start..entry.end].trim_end();
            if comment.is_none() && has_more {
                Place::Scalar(start..start + more.len(), Style::Plain)
            } else {
                Place::Scalar(start..start + stop, Style::Plain)
            }
        }
    }
}

/// Just after the closing quote.
fn quote_end(text: &str, start: usize, limit: usize, quote: char) -> Option<usize> {
    let mut chars = text[start + 1..limit].char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c == '\\' && quote == '"' {
            chars.next();
        } else if c == quote {
            if quote == '\'' && chars.peek().is_some_and(|(_, next)| *next == '\'') {
                chars.next();
                continue;
            }
            return Some(start + 1 + at + 1);
        }
    }
    None
}

/// Just after the bracket that closes the one at `start`.
fn flow_end(text: &str, start: usize, limit: usize) -> Option<usize> {
    let mut depth = 0;
    let mut at = start;
    while at < limit {
        let c = text[at..limit].chars().next()?;
        match c {
            '[' | '{' => depth += 1,
            ']' | '}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            '"' | '\'' if text[..at].ends_with(['[', '{', ',', ' ', '\t', '\n', ':']) => {
                at = quote_end(text, at, limit, c)?;
                continue;
            }
            '#' if text[..at].ends_with([' ', '\t', '\n']) => {
                at = line_end(text, at).min(limit);
                continue;
            }
            _ => {}
        }
        at += c.len_utf8();
    }
    None
}

/// The items of a flow list, without the space around them. None when a comment stands inside.
fn flow_items(text: &str, range: Range<usize>) -> Option<Vec<Range<usize>>> {
    let inner = range.start + 1..range.end - 1;
    let mut items = Vec::new();
    let mut push = |from: usize, to: usize| {
        let raw = &text[from..to];
        let start = from + (raw.len() - raw.trim_start().len());
        if !raw.trim().is_empty() {
            items.push(start..start + raw.trim().len());
        }
    };
    let (mut at, mut from) = (inner.start, inner.start);
    while at < inner.end {
        let c = text[at..inner.end].chars().next()?;
        match c {
            ',' => {
                push(from, at);
                from = at + 1;
            }
            '[' | '{' => return None,
            '"' | '\'' if text[from..at].trim().is_empty() => {
                at = quote_end(text, at, inner.end, c)?;
                continue;
            }
            '#' if text[..at].ends_with([' ', '\t', '\n']) => return None,
            _ => {}
        }
        at += c.len_utf8();
    }
    push(from, inner.end);
    Some(items)
}

/// The items of a block list, each from the start of its line to after its line break. None when it is no such list.
fn block_items(text: &str, entry: &Entry) -> Option<Vec<Range<usize>>> {
    let mut items: Vec<Range<usize>> = Vec::new();
    let mut indent = None;
    let mut at = next_line(text, entry.value);
    while at < entry.end {
        let end = next_line(text, at).min(entry.end);
        let line = &text[at..end];
        let bare = line.trim_start();
        let depth = line.len() - bare.len();
        if (bare.starts_with("- ") || bare.trim_end() == "-") && indent.is_none_or(|known| known == depth) {
            indent = Some(depth);
            items.push(at..end);
        } else if bare.trim().is_empty() || bare.starts_with('#') {
            // Stays where it is.
        } else {
            items.last_mut()?.end = end;
        }
        at = end;
    }
    (!items.is_empty()).then_some(items)
}

/// A scalar in the quotes that stood there, else in single ones.
fn quoted(text: &str, style: Style) -> String {
    match style {
        Style::Plain => scalar(text, Style::Single, false),
        quotes => scalar(text, quotes, false),
    }
}

/// A scalar in the style that stood there, or in the next one that can say it.
fn scalar(text: &str, style: Style, in_flow: bool) -> String {
    let is_simple = !text
        .chars()
        .any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}'));
    match style {
        Style::Plain if is_simple && is_plain_safe(text, in_flow) => text.to_owned(),
        Style::Single if is_simple => format!("'{}'", text.replace('\'', "''")),
        _ => {
            let mut out = String::from("\"");
            for c in text.chars() {
                match c {
                    '"' => out.push_str("\\\""),
                    '\\' => out.push_str("\\\\"),
                    '\n' => out.push_str("\\n"),
                    '\t' => out.push_str("\\t"),
                    '\r' => out.push_str("\\r"),
                    c if (c as u32) < 0x20 || (0x7f..0xa0).contains(&(c as u32)) => out.push_str(&format!("\\x{:02x}", c as u32)),
                    '\u{2028}' | '\u{2029}' | '\u{feff}' => out.push_str(&format!("\\u{:04x}", c as u32)),
                    c => out.push(c),
                }
            }
            out.push('"');
            out
        }
    }
}

/// True when YAML reads the bare letters as this text and as nothing else.
fn is_plain_safe(text: &str, in_flow: bool) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let is_word = matches!(
        text.to_ascii_lowercase().as_str(),
        "null"
            | "~"
            | "true"
            | "false"
            | "yes"
            | "no"
            | "on"
            | "off"
            | "y"
            | "n"
            | ".nan"
            | ".inf"
            | "-.inf"
            | "+.inf"
            | "<<"
            | "="
    );
    let is_number = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '.'))
        && text
            .chars()
            .all(|c| c.is_ascii_hexdigit() || matches!(c, '.' | '_' | '+' | '-' | 'x' | 'X' | 'o' | 'O'))
        && (text.matches('.').count() < 2 && text.matches('-').count() < 2);
    let is_start_bad = matches!(
        first,
        '-' | '?' | ':' | ',' | '[' | ']' | '{' | '}' | '#' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`'
    );
    !is_word
        && !is_number
        && !is_start_bad
        && text.trim() == text
        && !text.contains(": ")
        && !text.ends_with(':')
        && !text.contains(" #")
        && !text.starts_with("---")
        && !(in_flow && text.contains([',', '[', ']', '{', '}', ':', '"', '\'', '#']))
}
