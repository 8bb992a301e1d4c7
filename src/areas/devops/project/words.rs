//! The words in braces that `chantier.toml` may use in commands, settings and addresses.

use crate::base::Problem;
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
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        let word_len = rest[1..]
            .find(|c: char| !(c.is_alphanumeric() || matches!(c, ':' | '-' | '_' | '.')))
            .unwrap_or(0);
        let is_word = word_len > 0 && rest[1 + word_len..].starts_with('}');
        if !is_word {
            out.push('{');
            rest = &rest[1..];
            continue;
        }
        let word = &rest[1..=word_len];
        match words.0.get(word) {
            Some(value) => out.push_str(value),
            None => {
                let known: Vec<&str> = words.0.keys().map(String::as_str).collect();
                return Err(Problem::config(msg!("devops-project-word", word = word))
                    .details(text)
                    .hint(msg!("devops-project-word-hint", words = known.join(", "))));
            }
        }
        rest = &rest[word_len + 2..];
    }
    out.push_str(rest);
    Ok(out)
}
