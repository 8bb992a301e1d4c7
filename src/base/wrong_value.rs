//! What the readers of TOML say of a value that they can not take, as a text of every language. Pure.

use super::{Msg, SafeText};
use crate::msg;

/// The text of what a reader said, of an entry by its name where it has one; `more` are keys that other readers take from the same
/// entry. None for words that are not known here.
pub fn words(said: &str, of: Option<&str>, more: &[&str]) -> Option<Msg> {
    let said = said.lines().next().unwrap_or(said).trim();
    if let Some(rest) = said.strip_prefix("missing field ") {
        let key = first_quoted(rest)?;
        return Some(match of {
            Some(name) => msg!("wrong-missing-of", key = key, name = SafeText::new(name)),
            None => msg!("wrong-missing", key = key),
        });
    }
    if let Some(rest) = said.strip_prefix("duplicate field ") {
        return Some(msg!("wrong-twice", key = first_quoted(rest)?));
    }
    if let Some(rest) = said.strip_prefix("unknown field ") {
        let key = first_quoted(rest)?;
        let own = known(rest);
        let known: Vec<&str> = more
            .iter()
            .copied()
            .chain([own.as_str()])
            .filter(|word| !word.is_empty())
            .collect();
        let known = known.join(", ");
        return Some(if known.is_empty() {
            msg!("wrong-no-keys", key = key)
        } else {
            msg!("wrong-key", key = key, known = known)
        });
    }
    if let Some(rest) = said.strip_prefix("unknown variant ") {
        return Some(msg!("wrong-word", word = first_quoted(rest)?, known = known(rest)));
    }
    for start in ["invalid type: ", "invalid value: ", "invalid length "] {
        if let Some((found, expected)) = said.strip_prefix(start).and_then(|rest| rest.split_once(", expected ")) {
            return Some(msg!("wrong-value", found = found_in(found), expected = kind_of(expected)));
        }
    }
    if said.starts_with("data did not match any variant") {
        return Some(msg!("wrong-any"));
    }
    // Our own readers.
    if said.starts_with("write a size like") {
        return Some(msg!("wrong-size"));
    }
    if said.starts_with("a window between two moments") {
        return Some(msg!("wrong-window"));
    }
    if let Some(flaw) = syntax(said) {
        return Some(flaw);
    }
    let (word, rest) = said.strip_prefix('`')?.split_once("` is not a ")?;
    let kind = rest.split(';').next().unwrap_or(rest);
    Some(match kind {
        "day" => msg!("wrong-day", word = word),
        "moment" => msg!("wrong-moment", word = word),
        "time" => msg!("wrong-time", word = word),
        "duration" => msg!("wrong-duration", word = word),
        _ => return None,
    })
}

/// A flaw of the syntax itself.
fn syntax(said: &str) -> Option<Msg> {
    let begins = |starts: &[&str]| starts.iter().any(|start| said.starts_with(start));
    if begins(&[
        "unclosed ",
        "invalid basic string",
        "invalid literal string",
        "invalid multi-line ",
    ]) {
        return Some(msg!("wrong-unclosed", sign = known(said)));
    }
    if begins(&["string values must be quoted"]) {
        return Some(msg!("wrong-unquoted"));
    }
    if begins(&["key with no value", "missing value for key"]) {
        return Some(msg!("wrong-no-value"));
    }
    if begins(&["duplicate key"]) {
        return Some(msg!("wrong-again"));
    }
    if begins(&["missing comma"]) {
        return Some(msg!("wrong-comma"));
    }
    if begins(&[
        "invalid unquoted key",
        "invalid key-value pair",
        "unquoted keys cannot be empty",
    ]) {
        return Some(msg!("wrong-no-key"));
    }
    if begins(&["missing escaped value"]) {
        return Some(msg!("wrong-escape", known = known(said)));
    }
    begins(&[
        "invalid date",
        "invalid time",
        "invalid fraction",
        "invalid boolean",
        "unexpected leading zero",
    ])
    .then(|| msg!("wrong-literal"))
}

/// The first word between backticks.
fn first_quoted(text: &str) -> Option<&str> {
    text.split('`').nth(1)
}

/// The words behind `expected`.
fn known(text: &str) -> String {
    let expected = text.split_once("expected ").map_or("", |(_, expected)| expected);
    let words: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    words.join(", ")
}

/// The value that was found: what stands between backticks or quotes, else the word for it.
fn found_in(found: &str) -> String {
    if let Some(value) = first_quoted(found) {
        return value.to_owned();
    }
    match found.split_once('"') {
        Some((_, text)) => text.trim_end_matches('"').to_owned(),
        None => match found {
            "sequence" | "array" => "[ ]".to_owned(),
            "map" | "table" => "{ }".to_owned(),
            other => other.to_owned(),
        },
    }
}

/// One word for what was expected, which the texts know.
fn kind_of(expected: &str) -> String {
    let expected = expected.trim();
    let kind = match expected {
        "u8" | "u16" | "u32" | "u64" | "u128" | "usize" => "natural",
        "i8" | "i16" | "i32" | "i64" | "i128" | "isize" => "whole",
        "f32" | "f64" => "number",
        "a string" | "a borrowed string" | "a character" | "string or map" => "text",
        "a boolean" => "flag",
        "a sequence" | "an array" | "a tuple" => "list",
        "a map" | "a table" => "table",
        "a text, a number, true or false" => "simple",
        _ if expected.starts_with("struct ")
            || expected.starts_with("internally tagged enum")
            || expected.starts_with("enum ") =>
        {
            "table"
        }
        _ if expected.starts_with("a tuple") || expected.starts_with("tuple") || expected.starts_with("an array") => "list",
        _ if expected.starts_with("a nonzero u") => "natural",
        other => other,
    };
    kind.to_owned()
}
