//! Conditions of GitLab's `rules`: `$CI_COMMIT_BRANCH == "main" && $TAG =~ /^v/`. Pure.
//! <https://docs.gitlab.com/ci/jobs/job_rules/#cicd-variable-expressions>

use regex::RegexBuilder;
use std::collections::BTreeMap;

const MAX_DEPTH: usize = 32;
const MAX_FILLED: usize = 50_000;
/// A value that grows longer is filled no further.
const MAX_TEXT: usize = 1 << 16;

/// Whether the condition holds with these variables.
pub(super) fn holds(text: &str, variables: &BTreeMap<String, String>) -> Result<bool, String> {
    let mut reader = Reader {
        rest: text.trim(),
        variables,
        depth: 0,
    };
    let holds = reader.or()?;
    if reader.rest.is_empty() {
        Ok(holds.is_true())
    } else {
        Err(format!(
            "{} is not expected",
            reader.rest.split_whitespace().next().unwrap_or_default()
        ))
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Value {
    Null,
    Text(String),
    Pattern(String, bool),
    Truth(bool),
}

impl Value {
    fn is_true(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Text(text) => !text.is_empty(),
            Self::Pattern(..) => true,
            Self::Truth(is) => *is,
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
    variables: &'a BTreeMap<String, String>,
    depth: usize,
}

impl Reader<'_> {
    fn takes(&mut self, sign: &str) -> bool {
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }

    fn or(&mut self) -> Result<Value, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("too many levels".to_owned());
        }
        let mut left = self.and()?;
        while self.takes("||") {
            let right = self.and()?;
            left = Value::Truth(left.is_true() || right.is_true());
        }
        self.depth -= 1;
        Ok(left)
    }

    fn and(&mut self) -> Result<Value, String> {
        let mut left = self.compare()?;
        while self.takes("&&") {
            let right = self.compare()?;
            left = Value::Truth(left.is_true() && right.is_true());
        }
        Ok(left)
    }

    fn compare(&mut self) -> Result<Value, String> {
        let left = self.value()?;
        for sign in ["==", "!=", "=~", "!~"] {
            if !self.takes(sign) {
                continue;
            }
            let right = self.value()?;
            let holds = match sign {
                "==" => left == right,
                "!=" => left != right,
                _ => matches(&left, &right)? == (sign == "=~"),
            };
            return Ok(Value::Truth(holds));
        }
        Ok(left)
    }

    fn value(&mut self) -> Result<Value, String> {
        if self.takes("(") {
            let value = self.or()?;
            return if self.takes(")") {
                Ok(value)
            } else {
                Err(") is missing".to_owned())
            };
        }
        let first = self.rest.chars().next().ok_or("it ends too early")?;
        match first {
            '$' => {
                let rest = &self.rest[1..];
                let end = rest
                    .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                    .unwrap_or(rest.len());
                let value = self.variables.get(&rest[..end]);
                self.rest = rest[end..].trim_start();
                // A variable may hold a pattern.
                Ok(value.map_or(Value::Null, |text| Value::Text(text.clone())))
            }
            '"' | '\'' => {
                let rest = &self.rest[1..];
                let end = rest.find(first).ok_or("a text without its end")?;
                self.rest = rest[end + 1..].trim_start();
                Ok(Value::Text(rest[..end].to_owned()))
            }
            '/' => {
                let (pattern, is_any_case, rest) = pattern_at(self.rest).ok_or("a pattern without its end")?;
                self.rest = rest.trim_start();
                Ok(Value::Pattern(pattern, is_any_case))
            }
            _ if self.takes("null") => Ok(Value::Null),
            c => Err(format!("{c} is not expected")),
        }
    }
}

/// `/pattern/i` at the start of a text, and what follows.
fn pattern_at(text: &str) -> Option<(String, bool, &str)> {
    let inner = text.strip_prefix('/')?;
    let mut is_escaped = false;
    let end = inner.char_indices().find_map(|(at, c)| {
        let is_end = c == '/' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        is_end.then_some(at)
    })?;
    let after = &inner[end + 1..];
    let n_flags = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
    Some((
        inner[..end].replace(r"\/", "/"),
        after[..n_flags].contains('i'),
        &after[n_flags..],
    ))
}

fn matches(left: &Value, right: &Value) -> Result<bool, String> {
    let (pattern, is_any_case) = match right {
        Value::Pattern(pattern, is_any_case) => (pattern.clone(), *is_any_case),
        Value::Text(text) => match pattern_at(text) {
            Some((pattern, is_any_case, _)) => (pattern, is_any_case),
            None => return Err(format!("{text} is no pattern")),
        },
        Value::Null | Value::Truth(_) => return Ok(false),
    };
    let Value::Text(text) = left else { return Ok(false) };
    is_match(&pattern, is_any_case, text)
}

pub(super) fn is_match(pattern: &str, is_any_case: bool, text: &str) -> Result<bool, String> {
    let regex = RegexBuilder::new(pattern)
        .case_insensitive(is_any_case)
        .size_limit(1 << 20)
        .build()
        .map_err(|_| format!("/{pattern}/ can not be read"))?;
    Ok(regex.is_match(text))
}

/// The name of a branch against `only: [main, /^release/]`.
pub(super) fn names_branch(wanted: &str, branch: &str) -> bool {
    match pattern_at(wanted) {
        Some((pattern, is_any_case, _)) => is_match(&pattern, is_any_case, branch).unwrap_or(false),
        None => wanted == branch,
    }
}

/// `$NAME`, `${NAME}` and `%NAME%` of a value; `$$` stays a sign. Unknown names become nothing.
pub(super) fn expand(text: &str, variables: &BTreeMap<String, String>) -> String {
    expand_with(text, &mut |name| variables.get(name).cloned().unwrap_or_default())
}

/// Variables over those that are known, each with what it names put in, wherever that stands; of one name the last counts, and
/// where it names itself it means the one before.
pub(super) fn settled(own: &[(String, String)], known: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut texts: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, text) in own {
        texts.entry(name).or_default().push(text);
    }
    let mut settling = Settling {
        known,
        open: Vec::new(),
        done: BTreeMap::new(),
        n_left: MAX_FILLED,
        texts,
    };
    let names: Vec<&str> = settling.texts.keys().copied().collect();
    let mut all = known.clone();
    for name in names {
        all.insert(name.to_owned(), settling.value(name));
    }
    all
}

struct Settling<'a> {
    texts: BTreeMap<&'a str, Vec<&'a str>>,
    known: &'a BTreeMap<String, String>,
    /// Names that are being filled, the outermost first.
    open: Vec<String>,
    done: BTreeMap<String, String>,
    /// Values that may still be filled: of names that name each other there are soon too many.
    n_left: usize,
}

impl Settling<'_> {
    fn value(&mut self, name: &str) -> String {
        if let Some(value) = self.done.get(name) {
            return value.clone();
        }
        let n_open = self.open.iter().filter(|open| *open == name).count();
        let before = self.texts.get(name).and_then(|texts| texts.iter().rev().nth(n_open).copied());
        let Some(text) = before.filter(|_| self.open.len() < MAX_DEPTH && self.n_left > 0) else {
            return self.known.get(name).cloned().unwrap_or_default();
        };
        self.n_left -= 1;
        self.open.push(name.to_owned());
        let value = expand_with(text, &mut |name| self.value(name));
        self.open.pop();
        if self.open.is_empty() {
            self.done.insert(name.to_owned(), value.clone());
        }
        value
    }
}

fn expand_with(text: &str, value_of: &mut dyn FnMut(&str) -> String) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let (name, left) = if let Some(inner) = after.strip_prefix('{') {
            match inner.split_once('}') {
                Some((name, left)) => (name, left),
                None => ("", after),
            }
        } else {
            let end = after
                .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                .unwrap_or(after.len());
            (&after[..end], &after[end..])
        };
        if name.is_empty() {
            out.push('$');
            rest = after.strip_prefix('$').unwrap_or(after);
            continue;
        }
        if out.len() > MAX_TEXT {
            return out;
        }
        out.push_str(&value_of(name));
        rest = left;
    }
    out.push_str(rest);
    out
}
