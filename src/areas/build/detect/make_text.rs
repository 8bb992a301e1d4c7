//! A makefile as make itself reads it, as far as that can be told without running anything: variables, conditions and included files.
//! What can not be told (functions, the output of programs) decides nothing. The format: GNU make manual, "Conditional Parts of
//! Makefiles", "Including Other Makefiles", "How to Use Variables".

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Variables inside each other that are followed.
const MAX_DEPTH: usize = 8;
/// Makefiles that one may include, those of the included ones too.
const MAX_FILES: usize = 100;

const ASSIGNING: [&str; 4] = ["export", "unexport", "override", "undefine"];

/// A line that is neither a comment, nor a command, nor for make alone.
pub(super) struct Line {
    pub(super) file: PathBuf,
    pub(super) number: u32,
    pub(super) text: String,
}

/// The files that an included name or pattern means, relative to where make runs, each with its text.
pub(super) type Files<'a> = &'a dyn Fn(&str) -> Vec<(PathBuf, String)>;

/// Reads one makefile with all that it includes.
pub(super) struct Reader<'a> {
    files: Files<'a>,
    n_files: usize,
    /// None for one whose value can not be told.
    variables: BTreeMap<String, Option<String>>,
    pub(super) lines: Vec<Line>,
}

/// One level of conditions.
struct Branch {
    /// None where it can not be told: then both count.
    holds: Option<bool>,
    /// A branch before this one held.
    is_taken: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(files: Files<'a>) -> Self {
        Self {
            files,
            n_files: 0,
            variables: BTreeMap::new(),
            lines: Vec::new(),
        }
    }

    pub(super) fn read(&mut self, file: &Path, text: &str) {
        self.n_files += 1;
        let mut branches: Vec<Branch> = Vec::new();
        let mut is_define = false;
        for (number, line) in logical_lines(text) {
            let words = line.trim_start();
            if is_define {
                is_define = !words.starts_with("endef");
                continue;
            }
            // A condition may be indented, but not by a tab.
            if line.starts_with('\t') || words.is_empty() || words.starts_with('#') {
                continue;
            }
            let first = words.split([' ', '\t', '(']).next().unwrap_or(words);
            if self.condition(first, words[first.len()..].trim_start(), &mut branches) {
                continue;
            }
            if branches.iter().any(|branch| branch.holds == Some(false)) {
                continue;
            }
            let is_sure = branches.iter().all(|branch| branch.holds == Some(true));
            match first {
                "define" => is_define = true,
                "include" | "-include" | "sinclude" => self.include(words[first.len()..].trim()),
                "vpath" => {}
                _ if ASSIGNING.contains(&first) => drop(self.assign(words[first.len()..].trim_start(), is_sure)),
                _ if self.assign(words, is_sure) => {}
                _ => self.lines.push(Line {
                    file: file.to_path_buf(),
                    number,
                    text: line,
                }),
            }
        }
    }

    /// Whether the line is one of a condition.
    fn condition(&self, first: &str, rest: &str, branches: &mut Vec<Branch>) -> bool {
        match first {
            "ifdef" | "ifndef" | "ifeq" | "ifneq" => {
                let holds = self.holds(first, rest);
                branches.push(Branch { holds, is_taken: false });
            }
            "else" => {
                let Some(branch) = branches.last_mut() else { return true };
                let was = branch.holds;
                branch.is_taken |= was == Some(true);
                let (word, rest) = rest
                    .split_once([' ', '\t', '('])
                    .map_or((rest, ""), |(word, _)| (word, rest[word.len()..].trim_start()));
                let own = if word.starts_with("if") {
                    self.holds(word, rest)
                } else {
                    Some(true)
                };
                branch.holds = match (branch.is_taken, was) {
                    (true, _) => Some(false),
                    (false, None) => own.filter(|holds| !holds),
                    (false, Some(_)) => own,
                };
            }
            "endif" => drop(branches.pop()),
            _ => return false,
        }
        true
    }

    fn holds(&self, word: &str, rest: &str) -> Option<bool> {
        let is = match word {
            "ifdef" | "ifndef" => {
                let name = self.expanded(rest.split('#').next().unwrap_or_default().trim())?;
                match self.variables.get(&name) {
                    Some(value) => value.as_ref().map(|value| !value.is_empty())?,
                    // What the environment may bring is left aside.
                    None => false,
                }
            }
            _ => {
                let (one, other) = sides(rest)?;
                self.expanded(one)? == self.expanded(other)?
            }
        };
        Some(is != word.starts_with("ifn"))
    }

    /// Whether it sets a variable; one that is set for a target alone is none of those.
    fn assign(&mut self, line: &str, is_sure: bool) -> bool {
        let code = line.split('#').next().unwrap_or(line);
        let Some(equals) = code.find('=') else { return false };
        let head = code[..equals].trim_end_matches([':', '?', '+', '!']);
        let name = head.trim();
        // `all: CFLAGS = -g`
        if name.is_empty() || name.contains([':', ' ', '\t', '$', '(']) {
            return false;
        }
        let value = code[equals + 1..].trim();
        let sign = &code[head.len()..equals];
        let known = self.variables.get(name).cloned();
        let new = match sign {
            "!" => None,
            "?" if known.is_some() => known.clone().flatten(),
            "+" => match known.clone() {
                Some(known) => known.map(|known| format!("{known} {value}")),
                None => Some(value.to_owned()),
            },
            _ => Some(value.to_owned()),
        };
        self.variables.insert(name.to_owned(), new.filter(|_| is_sure));
        true
    }

    fn include(&mut self, words: &str) {
        let words = words.split('#').next().unwrap_or_default();
        let Some(names) = self.expanded(words) else { return };
        for name in names.split_whitespace() {
            for (path, text) in (self.files)(name) {
                if self.n_files < MAX_FILES {
                    self.read(&path, &text);
                }
            }
        }
    }

    /// The text with its variables replaced; None when it has one that can not be told.
    pub(super) fn expanded(&self, text: &str) -> Option<String> {
        self.expanded_within(text, MAX_DEPTH)
    }

    fn expanded_within(&self, text: &str, depth: usize) -> Option<String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            out.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            let mark = rest.chars().next()?;
            let close = match mark {
                '(' => ')',
                '{' => '}',
                '$' => {
                    out.push('$');
                    rest = &rest[1..];
                    continue;
                }
                _ => return None,
            };
            let end = closing(rest, mark, close)?;
            let inside = &rest[1..end];
            rest = &rest[end + close.len_utf8()..];
            let depth = depth.checked_sub(1)?;
            // A pattern is looked for where the file is.
            if let Some(pattern) = inside.strip_prefix("wildcard ") {
                out.push_str(&self.expanded_within(pattern.trim(), depth)?);
                continue;
            }
            if inside == "CURDIR" {
                out.push('.');
                continue;
            }
            let value = self.variables.get(inside)?.as_ref()?;
            out.push_str(&self.expanded_within(value, depth)?);
        }
        out.push_str(rest);
        Some(out)
    }
}

/// Where the bracket at the start of a text is closed.
fn closing(text: &str, open: char, close: char) -> Option<usize> {
    let mut depth = 0_u32;
    for (at, c) in text.char_indices() {
        if c == open {
            depth += 1;
        } else if c == close {
            depth -= 1;
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}

/// Both sides of `(a,b)`, `"a" "b"`, `'a' 'b'`.
fn sides(text: &str) -> Option<(&str, &str)> {
    let text = text.trim();
    if text.starts_with('(') {
        let end = closing(text, '(', ')')?;
        let inside = &text[1..end];
        let mut depth = 0_u32;
        let comma = inside.char_indices().find(|(_, c)| {
            match c {
                '(' | '{' => depth += 1,
                ')' | '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            *c == ',' && depth == 0
        })?;
        return Some((inside[..comma.0].trim(), inside[comma.0 + 1..].trim()));
    }
    let mark = text.chars().next().filter(|mark| matches!(mark, '"' | '\''))?;
    let (one, rest) = text[1..].split_once(mark)?;
    let rest = rest.trim_start();
    let mark = rest.chars().next().filter(|mark| matches!(mark, '"' | '\''))?;
    let (other, _) = rest[1..].split_once(mark)?;
    Some((one, other))
}

/// Lines with those that end in a backslash joined to the next, each with the number of its first line.
fn logical_lines(text: &str) -> Vec<(u32, String)> {
    let mut out: Vec<(u32, String)> = Vec::new();
    let mut is_open = false;
    for (line, number) in text.lines().zip(1_u32..) {
        let (line, goes_on) = line.strip_suffix('\\').map_or((line, false), |line| (line, true));
        match out.last_mut().filter(|_| is_open) {
            Some((_, open)) => {
                open.push(' ');
                open.push_str(line.trim_start());
            }
            None => out.push((number, line.to_owned())),
        }
        is_open = goes_on;
    }
    out
}
