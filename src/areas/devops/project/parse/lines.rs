//! Lines in `chantier.toml`: a name is one, a command is none.

use toml::Spanned;
use toml::de::DeValue;

/// The first name of an entry, or of one in a list of it, that is no line, with its place.
pub(super) fn not_a_line(entry: &Spanned<DeValue<'_>>) -> Option<(usize, String)> {
    let DeValue::Table(table) = entry.get_ref() else {
        return None;
    };
    table.iter().find_map(|(key, value)| match value.get_ref() {
        DeValue::String(name) if key.get_ref() == "name" && name.contains(breaks) => Some((value.span().start, name.to_string())),
        DeValue::Array(entries) => entries.iter().find_map(not_a_line),
        _ => None,
    })
}

/// Ends a line, or moves what is written on a terminal.
fn breaks(char: char) -> bool {
    char.is_control() || matches!(char, '\u{2028}' | '\u{2029}')
}

/// The first command of an entry, or of what is in it, that was written as a whole line into one word, with its place.
pub(super) fn line_as_word(entry: &Spanned<DeValue<'_>>) -> Option<(usize, String)> {
    match entry.get_ref() {
        DeValue::Table(table) => table.iter().find_map(|(key, value)| {
            let command = value.get_ref().as_array().filter(|_| key.get_ref() == "run");
            let only = command.filter(|words| words.len() == 1).and_then(|words| words.iter().next());
            match only.and_then(|word| Some((word.span().start, word.get_ref().as_str()?))) {
                Some((at, word)) if is_a_line(word) => Some((at, word.to_owned())),
                _ => line_as_word(value),
            }
        }),
        DeValue::Array(entries) => entries.iter().find_map(line_as_word),
        _ => None,
    }
}

/// A program with what it is given; the path of a program may have blanks, its arguments begin with a dash.
fn is_a_line(word: &str) -> bool {
    let mut parts = word.split_whitespace();
    let Some(program) = parts.next() else { return false };
    let mut more = parts.peekable();
    more.peek().is_some() && (!program.contains('/') || more.any(|part| part.starts_with('-')))
}
