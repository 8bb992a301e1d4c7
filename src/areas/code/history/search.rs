//! What is looked for in a history, from the words of a search box: `fix author:ada path:src since:"2 weeks ago"`. Pure.

use crate::base::GitPath;
use serde::{Deserialize, Serialize};

/// Everything that is given must be true of a commit; nothing given looks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Wanted {
    /// Each stands in the message, or all of them begin the commit's id, or stand in a name beside it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<GitPath>,
    /// The one path through its renames: the history of a file.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_following: bool,
    /// A text that the commit brings or takes away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// An expression that an added or removed line matches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regex: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// The words that have a meaning before a colon, in English and in French: both are always understood.
const KEYS: [(&str, &[&str]); 7] = [
    ("author", &["author:", "auteur:"]),
    ("path", &["path:", "chemin:"]),
    ("follow", &["follow:", "suivre:"]),
    ("content", &["content:", "contenu:"]),
    ("regex", &["regex:"]),
    ("since", &["since:", "depuis:"]),
    ("until", &["until:", "jusque:"]),
];

/// The key that a word begins with, and its value.
fn keyed(word: &str) -> Option<(&'static str, &str)> {
    KEYS.iter().find_map(|(key, names)| {
        let value = names.iter().find_map(|name| word.strip_prefix(name))?;
        Some((*key, value))
    })
}

impl Wanted {
    /// Reads a search box. A key without a value, as while it is being typed, says nothing.
    pub fn parse(text: &str) -> Self {
        let mut wanted = Self::default();
        for word in words(text) {
            let Some((key, value)) = keyed(&word) else {
                wanted.words.push(word);
                continue;
            };
            let value = value.to_owned();
            match key {
                _ if value.is_empty() => {}
                "author" => wanted.author = Some(value),
                "path" => wanted.paths.push(GitPath::from_quoted(&value)),
                "follow" => {
                    wanted.paths = vec![GitPath::from_quoted(&value)];
                    wanted.is_following = true;
                }
                "content" => wanted.content = Some(value),
                "regex" => wanted.regex = Some(value),
                "since" => wanted.since = Some(value),
                _ => wanted.until = Some(value),
            }
        }
        wanted
    }

    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Only words of the message, of a name or of an id.
    pub fn is_words_only(&self) -> bool {
        let words = Self {
            words: self.words.clone(),
            ..Self::default()
        };
        !self.words.is_empty() && *self == words
    }
}

/// Parted by spaces; what stands in double quotes belongs together.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut is_quoted = false;
    for c in text.chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            c if c.is_whitespace() && !is_quoted => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            c => word.push(c),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}
