//! Messages of tools that say the file on one line and the rest on others, or no word of severity: Go, ESLint, pytest, Python, Maven.

use super::more::More;
use super::{Diagnostic, Severity};
use crate::base::{Place, SafeText};
use std::path::{Path, PathBuf};

/// Lines of one message that are kept.
const MAX_LINES: usize = 40;

/// What the lines before have said.
#[derive(Default)]
pub struct Tools {
    /// Inside the messages of one Go package.
    in_go: bool,
    /// The file that ESLint speaks of.
    eslint: Option<PathBuf>,
    /// `E   assert 2 == 3` and the lines before it.
    pytest: Vec<String>,
    pytest_said: Option<String>,
    /// The innermost place of a traceback.
    traceback: Option<(Place, Vec<String>)>,
    more: More,
}

impl Tools {
    /// Nothing that was said before waits for the next line.
    pub fn is_idle(&self) -> bool {
        let is_idle = self.pytest.is_empty() && self.pytest_said.is_none() && self.traceback.is_none();
        !self.in_go && self.eslint.is_none() && is_idle && self.more.is_idle()
    }

    /// True when the line is part of a message of these tools.
    pub fn line(&mut self, line: &str, dir: &Path, told: &mut Vec<Diagnostic>) -> bool {
        self.go(line, dir, told)
            || self.eslint(line, dir, told)
            || self.pytest(line, dir, told)
            || self.python(line, dir, told)
            || self.maven(line, dir, told)
            || self.more.line(line, dir, told)
    }

    /// The output is at its end.
    pub fn finish(&mut self, told: &mut Vec<Diagnostic>) {
        self.more.finish(told);
    }

    fn maven(&mut self, line: &str, dir: &Path, told: &mut Vec<Diagnostic>) -> bool {
        let is_maven = maven(line, dir, told);
        if is_maven && told.last().is_some_and(|last| last.severity == Severity::Error) {
            self.more.maven_told();
        }
        is_maven
    }

    /// `# package`, then `./main.go:6:7: undefined: x`.
    fn go(&mut self, line: &str, dir: &Path, told: &mut Vec<Diagnostic>) -> bool {
        if let Some(rest) = line.strip_prefix("# ") {
            self.in_go = !rest.contains(' ') || rest.ends_with(']');
            return false;
        }
        if line.is_empty() {
            self.in_go = false;
        }
        let body = line.strip_prefix("vet: ").unwrap_or(line);
        let Some(at) = body.find(".go:") else { return false };
        if !self.in_go && body.len() == line.len() && !body.starts_with("./") {
            return false;
        }
        let (path, rest) = (&body[..at + 3], &body[at + 4..]);
        let Some((number, rest)) = rest.split_once(':') else {
            return false;
        };
        let Ok(number) = number.parse() else { return false };
        let (column, message) = match rest.split_once(": ").map(|(column, message)| (column.parse().ok(), message)) {
            Some((Some(column), message)) => (Some(column), message),
            _ => (None, rest),
        };
        if path.contains(' ') {
            return false;
        }
        let place = place(path.strip_prefix("./").unwrap_or(path), dir, Some(number), column);
        told.push(diagnostic(Severity::Error, message, None, place, line, "go"));
        true
    }

    /// A path alone, then `  3:10  error  message  rule`.
    fn eslint(&mut self, line: &str, dir: &Path, told: &mut Vec<Diagnostic>) -> bool {
        let body = line.trim_start();
        if body.len() == line.len() {
            let is_path = (line.starts_with('/') || line.starts_with("./") || line.starts_with("src/")) && !line.contains(": ");
            let is_source = Path::new(line).extension().is_some_and(|end| end.len() <= 6);
            self.eslint = (is_path && is_source)
                .then(|| PathBuf::from(line))
                .or(self.eslint.take().filter(|_| line.starts_with(' ')));
            return false;
        }
        let Some(file) = &self.eslint else { return false };
        let mut words = body.splitn(2, char::is_whitespace);
        let Some((number, column)) = words.next().and_then(|at| at.split_once(':')) else {
            return false;
        };
        let (Ok(number), Ok(column)) = (number.parse::<u32>(), column.parse::<u32>()) else {
            return false;
        };
        let rest = words.next().unwrap_or_default().trim_start();
        let (severity, rest) = match (rest.strip_prefix("error"), rest.strip_prefix("warning")) {
            (Some(rest), _) => (Severity::Error, rest),
            (_, Some(rest)) => (Severity::Warning, rest),
            _ => return false,
        };
        let (message, code) = match rest.trim().rsplit_once("  ") {
            Some((message, code)) if !code.contains(' ') => (message.trim(), Some(code.to_owned())),
            _ => (rest.trim(), None),
        };
        let place = place(&file.to_string_lossy(), dir, Some(number), Some(column));
        told.push(diagnostic(severity, message, code, place, line, "eslint"));
        true
    }

    /// `>       assert got == 3`, `E       assert 2 == 3`, then `test_a.py:3: AssertionError`.
    fn pytest(&mut self, line: &str, dir: &Path, told: &mut Vec<Diagnostic>) -> bool {
        if line.starts_with("____") {
            self.pytest.clear();
            self.pytest_said = None;
            return false;
        }
        if let Some(said) = line.strip_prefix("E   ") {
            self.pytest_said.get_or_insert_with(|| said.trim().to_owned());
        }
        if line.starts_with(['E', '>']) && line.chars().nth(1) == Some(' ') {
            if self.pytest.len() < MAX_LINES {
                self.pytest.push(line.to_owned());
            }
            return true;
        }
        let Some(said) = &self.pytest_said else { return false };
        let mut parts = line.splitn(3, ':');
        let (Some(path), Some(number), Some(kind)) = (parts.next(), parts.next(), parts.next()) else {
            return false;
        };
        let Ok(number) = number.parse::<u32>() else { return false };
        if !path.ends_with(".py") {
            return false;
        }
        let kind = kind.trim().to_owned();
        let rendered = format!("{}\n{line}", self.pytest.join("\n"));
        let message = said.clone();
        let place = place(path, dir, Some(number), None);
        told.push(diagnostic(
            Severity::Error,
            &message,
            Some(kind).filter(|kind| !kind.is_empty()),
            place,
            &rendered,
            "pytest",
        ));
        self.pytest.clear();
        self.pytest_said = None;
        true
    }

    /// `  File "a.py", line 3, in f`, then `NameError: ..`.
    fn python(&mut self, line: &str, dir: &Path, told: &mut Vec<Diagnostic>) -> bool {
        if let Some(rest) = line.trim_start().strip_prefix("File \"")
            && line.starts_with("  ")
            && let Some((path, rest)) = rest.split_once("\", line ")
        {
            let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
            let mut lines = self.traceback.take().map(|(_, lines)| lines).unwrap_or_default();
            if lines.len() < MAX_LINES {
                lines.push(line.to_owned());
            }
            self.traceback = Some((place(path, dir, number.parse().ok(), None), lines));
            return true;
        }
        let Some((at, mut lines)) = self.traceback.take() else {
            return false;
        };
        if line.starts_with("    ") {
            lines.push(line.to_owned());
            self.traceback = Some((at, lines));
            return true;
        }
        let name = line.split(':').next().unwrap_or_default();
        let last = name.rsplit('.').next().unwrap_or_default();
        let is_error = last.starts_with(char::is_uppercase)
            && (last.ends_with("Error") || last.ends_with("Exception") || last.ends_with("Exit"));
        if !is_error {
            return false;
        }
        lines.push(line.to_owned());
        told.push(diagnostic(
            Severity::Error,
            line,
            Some(last.to_owned()),
            at,
            &lines.join("\n"),
            "python",
        ));
        true
    }
}

/// `[ERROR] /p/src/main/java/A.java:[3,10] cannot find symbol`.
fn maven(line: &str, dir: &Path, told: &mut Vec<Diagnostic>) -> bool {
    let (severity, rest) = match (line.strip_prefix("[ERROR] "), line.strip_prefix("[WARNING] ")) {
        (Some(rest), _) => (Severity::Error, rest),
        (_, Some(rest)) => (Severity::Warning, rest),
        _ => return false,
    };
    let Some((path, rest)) = rest.split_once(":[") else {
        return false;
    };
    let Some((at, message)) = rest.split_once("] ") else {
        return false;
    };
    let mut numbers = at.split(',').map(|number| number.parse().ok());
    let place = place(path, dir, numbers.next().flatten(), numbers.next().flatten());
    told.push(diagnostic(severity, message, None, place, line, "maven"));
    true
}

pub(super) fn place(path: &str, dir: &Path, line: Option<u32>, column: Option<u32>) -> Place {
    Place {
        path: dir.join(path),
        line,
        column,
    }
}

pub(super) fn diagnostic(
    severity: Severity,
    message: &str,
    code: Option<String>,
    place: Place,
    rendered: &str,
    source: &str,
) -> Diagnostic {
    Diagnostic {
        severity,
        message: SafeText::new(message.trim()).into_string(),
        code,
        place: Some(place),
        rendered: SafeText::multiline(rendered).into_string(),
        suggestion: None,
        source: source.to_owned(),
    }
}
