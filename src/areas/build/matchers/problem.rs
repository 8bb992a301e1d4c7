//! Reads output with problem matchers: consecutive lines make one message, a looping last line one each, a block goes with it. Pure.

use super::{Diagnostic, Severity};
use crate::areas::devops::project::matcher::{FileLocation, Matcher, Pattern};
use crate::base::{Place, SafeText};
use std::path::PathBuf;

/// Lines of one message that are kept.
const MAX_LINES: usize = 60;

/// One matcher at work.
pub struct Running {
    matcher: Matcher,
    /// Relative to the workspace.
    dir: PathBuf,
    /// The pattern that the next line must match.
    at: usize,
    parts: Parts,
    /// A message that may go on.
    open: Option<Diagnostic>,
}

#[derive(Clone, Default)]
struct Parts {
    file: Option<String>,
    line: Option<u32>,
    column: Option<u32>,
    severity: Option<String>,
    code: Option<String>,
    message: Option<String>,
    lines: Vec<String>,
}

impl Running {
    /// `dir` is the task's folder.
    pub fn new(matcher: Matcher, dir: PathBuf) -> Self {
        Self {
            matcher,
            dir,
            at: 0,
            parts: Parts::default(),
            open: None,
        }
    }

    /// True when the line is part of a message.
    pub fn line(&mut self, line: &str, told: &mut Vec<Diagnostic>) -> bool {
        if let (Some(open), Some((regexp, is_so))) = (&mut self.open, &self.matcher.block) {
            if regexp.is_match(line) == *is_so && !self.matcher.patterns[0].regexp.is_match(line) {
                if open.rendered.lines().count() < MAX_LINES {
                    open.rendered.push('\n');
                    open.rendered.push_str(SafeText::new(line).as_str());
                }
                return true;
            }
            told.extend(self.open.take());
        }
        if self.step(line, told) {
            return true;
        }
        // What began elsewhere may begin here anew.
        let was_inside = self.at > 0;
        self.at = 0;
        self.parts = Parts::default();
        was_inside && self.step(line, told)
    }

    pub fn finish(&mut self, told: &mut Vec<Diagnostic>) {
        told.extend(self.open.take());
    }

    fn step(&mut self, line: &str, told: &mut Vec<Diagnostic>) -> bool {
        let n_patterns = self.matcher.patterns.len();
        let pattern = &self.matcher.patterns[self.at.min(n_patterns - 1)];
        if !self.parts.take(pattern, line) {
            return false;
        }
        if self.at + 1 < n_patterns {
            self.at += 1;
            return true;
        }
        let is_loop = pattern.is_loop;
        let is_file_only = self.matcher.patterns.iter().any(|pattern| pattern.is_file_only);
        let diagnostic = self.diagnostic(is_file_only);
        if is_loop {
            // The file stays for the next line.
            self.parts = Parts {
                file: self.parts.file.take(),
                ..Parts::default()
            };
        } else {
            self.at = 0;
            self.parts = Parts::default();
        }
        let Some(diagnostic) = diagnostic else { return true };
        if self.matcher.block.is_some() {
            self.open = Some(diagnostic);
        } else {
            told.push(diagnostic);
        }
        true
    }

    fn diagnostic(&self, is_file_only: bool) -> Option<Diagnostic> {
        let parts = &self.parts;
        let message = parts.message.clone().or_else(|| parts.lines.last().cloned())?;
        let path = parts.file.as_ref().map(|file| {
            let file = file.trim().strip_prefix("file://").unwrap_or(file.trim());
            match &self.matcher.location {
                FileLocation::Absolute => PathBuf::from(file),
                FileLocation::Here => self.dir.join(file),
                FileLocation::Below(folder) => PathBuf::from(folder).join(file),
            }
        });
        let line = (!is_file_only).then_some(parts.line).flatten();
        Some(Diagnostic {
            severity: self.severity(parts.severity.as_deref()),
            message: SafeText::new(message.trim()).into_string(),
            code: parts
                .code
                .as_deref()
                .map(|code| SafeText::new(code.trim()).into_string())
                .filter(|code| !code.is_empty()),
            place: path.map(|path| Place {
                path,
                line,
                column: line.and(parts.column),
            }),
            rendered: SafeText::multiline(&parts.lines.join("\n")).into_string(),
            suggestion: None,
            source: self.matcher.source.clone(),
        })
    }

    fn severity(&self, word: Option<&str>) -> Severity {
        let mapped = word.and_then(|word| self.matcher.severity_map.get(word)).map(String::as_str);
        let of = |word: &str| {
            Some(match word.trim().to_ascii_lowercase().as_str() {
                "error" | "e" | "err" | "fatal error" | "fatal" => Severity::Error,
                "warning" | "w" | "warn" => Severity::Warning,
                "info" | "i" | "note" | "hint" | "information" => Severity::Note,
                _ => return None,
            })
        };
        mapped
            .and_then(of)
            .or_else(|| word.and_then(of))
            .or_else(|| self.matcher.severity.as_deref().and_then(of))
            .unwrap_or(Severity::Error)
    }
}

impl Parts {
    fn take(&mut self, pattern: &Pattern, line: &str) -> bool {
        let Some(found) = pattern.regexp.captures(line) else {
            return false;
        };
        let text = |group: Option<usize>| {
            let text = found.get(group?)?.as_str();
            (!text.trim().is_empty()).then(|| text.to_owned())
        };
        self.file = text(pattern.file).or(self.file.take());
        self.severity = text(pattern.severity).or(self.severity.take());
        self.code = text(pattern.code).or(self.code.take());
        self.message = match (text(pattern.message), self.message.take()) {
            (Some(more), Some(known)) => Some(format!("{known}\n{more}")),
            (one, other) => one.or(other),
        };
        let number = |group: Option<usize>| text(group).and_then(|text| text.trim().parse().ok());
        self.line = number(pattern.line).or(self.line);
        self.column = number(pattern.column).or(self.column);
        if let Some(location) = text(pattern.location) {
            let mut numbers = location.split([',', ':']).map(|part| part.trim().parse().ok());
            self.line = numbers.next().flatten().or(self.line);
            self.column = numbers.next().flatten().or(self.column);
        }
        if self.lines.len() < MAX_LINES {
            self.lines.push(line.to_owned());
        }
        true
    }
}
