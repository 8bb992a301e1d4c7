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

/// Replaces `{word}`; a word that is not known is an error, other braces (JSON) stay as they are.
pub fn fill(text: &str, words: &Words) -> Result<String, Problem> {
    let (filled, unknown) = replace(text, words);
    let Some(word) = unknown else { return Ok(filled) };
    let known: Vec<&str> = words.0.keys().map(String::as_str).collect();
    Err(Problem::config(msg!("devops-project-word", word = word))
        .details(text)
        .hint(msg!("devops-project-word-hint", words = known.join(", "))))
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
    replace(text, words).0
}

/// The words in braces of a text, known or not.
pub(super) fn words_in(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let (_, Some(word)) = replace(rest, &Words::default()) {
        found.push(word.to_owned());
        let at = rest.find(&format!("{{{word}}}")).map_or(rest.len(), |at| at + word.len() + 2);
        rest = &rest[at..];
    }
    found
}

/// With the first word that is not known, which stays as it is.
fn replace<'a>(text: &'a str, words: &Words) -> (String, Option<&'a str>) {
    let mut out = String::with_capacity(text.len());
    let mut unknown = None;
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        let word_len = rest[1..]
            .find(|c: char| !(c.is_alphanumeric() || matches!(c, ':' | '-' | '_' | '.')))
            .unwrap_or(0);
        let is_word = word_len > 0 && rest[1 + word_len..].starts_with('}');
        let value = is_word.then(|| words.0.get(&rest[1..=word_len])).flatten();
        match value {
            Some(value) => {
                out.push_str(value);
                rest = &rest[word_len + 2..];
            }
            None => {
                if is_word {
                    unknown = unknown.or(Some(&rest[1..=word_len]));
                }
                out.push('{');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    (out, unknown)
}
