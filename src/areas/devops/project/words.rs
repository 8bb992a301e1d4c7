//! The words in braces that `chantier.toml` may use in commands, settings and addresses.

use super::secrets_in;
use crate::adapters::secrets;
use crate::base::{Hidden, Problem};
use crate::msg;
use std::collections::BTreeMap;

/// Values by word: `version`, `commit`, `environment`, `instance`, `port`, `artifact:NAME`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Words(BTreeMap<String, String>);

impl Words {
    pub fn set(mut self, word: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.insert(word.into(), value.into());
        self
    }
}

/// Replaces `{word}`; a word that is not known is an error, `{{word}}` is `{word}` itself, other braces (JSON) stay as they are.
pub fn fill(text: &str, words: &Words) -> Result<String, Problem> {
    let (filled, unknown) = replace(text, words, true);
    let Some(word) = unknown.first() else { return Ok(filled) };
    let known: Vec<&str> = words.0.keys().map(String::as_str).collect();
    Err(Problem::config(msg!("devops-project-word", word = *word))
        .details(text)
        .hint(msg!("devops-project-word-hint", words = known.join(", "), word = *word)))
}

/// The same for a value that may refer to secrets: it is `secret:NAME`, or has `{secret:NAME}` in it.
pub fn fill_hidden(value: &str, words: &Words, secret: impl Fn(&str) -> Result<Hidden, Problem>) -> Result<Hidden, Problem> {
    match secrets::reference(value) {
        Some(name) => secret(name),
        None => fill(value, &with_revealed(value, words.clone(), secret)?).map(Hidden::new),
    }
}

/// The same where every other brace stays as it is.
pub fn fill_secrets(value: &str, secret: impl Fn(&str) -> Result<Hidden, Problem>) -> Result<Hidden, Problem> {
    match secrets::reference(value) {
        Some(name) => secret(name),
        None => Ok(Hidden::new(fill_known(
            value,
            &with_revealed(value, Words::default(), secret)?,
        ))),
    }
}

/// With the secrets that the value has in braces.
fn with_revealed(value: &str, mut words: Words, secret: impl Fn(&str) -> Result<Hidden, Problem>) -> Result<Words, Problem> {
    for name in secrets_in(value) {
        let hidden = secret(&name)?;
        words = words.set(format!("{}{name}", secrets::PREFIX), hidden.reveal());
    }
    Ok(words)
}

/// Replaces the words that are known and leaves every other brace as it is, for commands that have braces of their own.
pub fn fill_known(text: &str, words: &Words) -> String {
    replace(text, words, false).0
}

/// The words in braces of a text, known or not.
pub(super) fn words_in(text: &str) -> Vec<&str> {
    replace(text, &Words::default(), true).1
}

/// The length of the word that stands behind a brace, with its end: `version}`.
fn word_len(text: &str) -> Option<usize> {
    let len = text.find(|c: char| !(c.is_alphanumeric() || matches!(c, ':' | '-' | '_' | '.')))?;
    (text.starts_with(char::is_alphanumeric) && text[len..].starts_with('}')).then_some(len)
}

/// With the words that are not known, which stay as they are. `escapes`: whoever doubles the braces means them.
fn replace<'a>(text: &'a str, words: &Words, escapes: bool) -> (String, Vec<&'a str>) {
    let mut out = String::with_capacity(text.len());
    let mut unknown = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        let doubled = rest[1..].strip_prefix('{').and_then(word_len);
        if let Some(len) = doubled.filter(|len| escapes && rest[2 + len..].starts_with("}}")) {
            out.push_str(&rest[1..len + 3]);
            rest = &rest[len + 4..];
            continue;
        }
        let len = word_len(&rest[1..]);
        let value = len.and_then(|len| words.0.get(&rest[1..=len]));
        match (value, len) {
            (Some(value), Some(len)) => {
                out.push_str(value);
                rest = &rest[len + 2..];
            }
            _ => {
                unknown.extend(len.map(|len| &rest[1..=len]));
                out.push('{');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    (out, unknown)
}
