//! `.dockerignore`: which files of a build context stay behind. The rules are those of github.com/moby/patternmatcher,
//! as the classic builder's command uses them; they differ from `.gitignore`.

use regex::Regex;

/// The patterns of a `.dockerignore`.
#[derive(Clone, Debug, Default)]
pub struct Ignore {
    patterns: Vec<Pattern>,
}

#[derive(Clone, Debug)]
struct Pattern {
    /// `!`: brings back what an earlier pattern left out.
    is_exception: bool,
    /// Without `!`, cleaned.
    text: String,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Exact,
    /// `text**`
    Prefix,
    /// `**text`
    Suffix,
    Regex(Regex),
}

/// Which patterns a folder matched: what is in it starts from there.
#[derive(Clone, Debug, Default)]
pub struct Matched(Vec<bool>);

impl Ignore {
    /// Err is the line (from 1) and what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, (u32, String)> {
        let mut patterns = Vec::new();
        for (i, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            if line.starts_with('#') || line.trim().is_empty() {
                continue;
            }
            let line = line.trim();
            let (is_exception, word) = match line.strip_prefix('!') {
                Some(rest) => (true, rest.trim()),
                None => (false, line),
            };
            if word.is_empty() {
                return Err((i as u32 + 1, line.to_owned()));
            }
            let cleaned = clean(word);
            let text = match cleaned.strip_prefix('/') {
                Some(rest) if !rest.is_empty() => rest.to_owned(),
                _ => cleaned,
            };
            let kind = kind_of(&text).map_err(|why| (i as u32 + 1, why))?;
            patterns.push(Pattern {
                is_exception,
                text,
                kind,
            });
        }
        Ok(Self { patterns })
    }

    /// The builder needs this file, whatever the patterns say: it is taken out again by the engine.
    pub fn keep(&mut self, path: &str) {
        if self.matches(path) {
            self.patterns.push(Pattern {
                is_exception: true,
                text: path.to_owned(),
                kind: Kind::Exact,
            });
        }
    }

    /// Whether a path stays behind, looked at for itself, without its folders.
    fn matches(&self, path: &str) -> bool {
        self.look(path, &Matched::default()).0
    }

    /// Whether this path stays behind, and what its children start from. `path` has slashes and no leading one.
    pub fn look(&self, path: &str, parent: &Matched) -> (bool, Matched) {
        let mut is_out = false;
        let mut matched = vec![false; self.patterns.len()];
        for (i, pattern) in self.patterns.iter().enumerate() {
            let mut is_match = parent.0.get(i).copied().unwrap_or(false);
            if !is_match {
                if pattern.is_exception != is_out {
                    continue;
                }
                is_match = pattern.matches(path);
                // Nothing is known of its folders: they are looked at here.
                if !is_match && parent.0.is_empty() {
                    is_match = path.match_indices('/').any(|(at, _)| pattern.matches(&path[..at]));
                }
            }
            matched[i] = is_match;
            if is_match {
                is_out = !pattern.is_exception;
            }
        }
        (is_out, Matched(matched))
    }

    /// Whether an exception may bring back something below a folder that stays behind.
    pub fn may_hold_exceptions(&self, folder: &str) -> bool {
        let below = format!("{folder}/");
        let mut exceptions = self.patterns.iter().filter(|pattern| pattern.is_exception);
        exceptions.any(|pattern| format!("{}/", pattern.text).starts_with(&below))
    }
}

impl Pattern {
    fn matches(&self, path: &str) -> bool {
        match &self.kind {
            Kind::Exact => path == self.text,
            Kind::Prefix => path.starts_with(&self.text[..self.text.len() - 2]),
            Kind::Suffix => {
                let rest = &self.text[2..];
                path.ends_with(rest) || rest.strip_prefix('/') == Some(path)
            }
            Kind::Regex(regex) => regex.is_match(path),
        }
    }
}

/// As Go's `filepath.Clean`: no `.`, no doubled slash, `..` resolved where it can be.
fn clean(path: &str) -> String {
    let is_rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                if parts.last().is_some_and(|last| *last != "..") {
                    parts.pop();
                } else if !is_rooted {
                    parts.push("..");
                }
            }
            _ => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (is_rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

fn kind_of(pattern: &str) -> Result<Kind, String> {
    #[derive(PartialEq)]
    enum Found {
        Exact,
        Prefix,
        Suffix,
        Regex,
    }
    let mut found = Found::Exact;
    let mut regex = String::from("^");
    let mut chars = pattern.chars().peekable();
    let mut i = 0;
    while let Some(ch) = chars.next() {
        match ch {
            '*' if chars.peek() == Some(&'*') => {
                chars.next();
                if chars.peek() == Some(&'/') {
                    chars.next();
                }
                if chars.peek().is_none() {
                    if found == Found::Exact {
                        found = Found::Prefix;
                    } else {
                        regex.push_str(".*");
                        found = Found::Regex;
                    }
                } else {
                    regex.push_str("(.*/)?");
                    found = Found::Regex;
                }
                if i == 0 {
                    found = Found::Suffix;
                }
            }
            '*' => {
                regex.push_str("[^/]*");
                found = Found::Regex;
            }
            '?' => {
                regex.push_str("[^/]");
                found = Found::Regex;
            }
            '\\' => match chars.next() {
                Some(next) => {
                    regex.push_str(&regex::escape(&next.to_string()));
                    found = Found::Regex;
                }
                None => return Err(pattern.to_owned()),
            },
            '[' | ']' => {
                regex.push(ch);
                found = Found::Regex;
            }
            // Inside brackets these keep the meaning that they have there.
            '^' | '-' => regex.push(ch),
            _ => regex.push_str(&regex::escape(&ch.to_string())),
        }
        i += 1;
    }
    Ok(match found {
        Found::Exact => Kind::Exact,
        Found::Prefix => Kind::Prefix,
        Found::Suffix => Kind::Suffix,
        Found::Regex => {
            regex.push('$');
            Kind::Regex(Regex::new(&regex).map_err(|_| pattern.to_owned())?)
        }
    })
}
