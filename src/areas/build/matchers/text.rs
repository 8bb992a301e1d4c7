//! Messages in text: gcc and clang (`file:line:col: error: ..` with what stands around it), rustc as it prints for people,
//! the linker, rustfmt, TypeScript, and make's own last word.

use super::{Diagnostic, Severity};
use crate::base::{Place, SafeText};
use std::path::{Path, PathBuf};

/// Lines of one message that are kept.
const MAX_LINES: usize = 60;

/// Reads line by line; a message is told when the next one begins or the output ends.
pub struct TextMatcher {
    dir: PathBuf,
    open: Option<Open>,
    /// `In file included from` lines that belong to the next message.
    before: Vec<String>,
    /// The folders that `make -C` has entered, innermost last.
    entered: Vec<PathBuf>,
}

struct Open {
    diagnostic: Diagnostic,
    lines: Vec<String>,
    shape: Shape,
}

#[derive(Clone, Copy, PartialEq)]
enum Shape {
    Gcc,
    /// Waits for ` --> file:line:col`.
    Rust,
    One,
}

impl TextMatcher {
    /// `dir` is the folder that relative paths start from.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            open: None,
            before: Vec::new(),
            entered: Vec::new(),
        }
    }

    /// No message is open, and nothing waits for one.
    pub fn is_idle(&self) -> bool {
        self.open.is_none() && self.before.is_empty()
    }

    pub fn line(&mut self, line: &str, told: &mut Vec<Diagnostic>) {
        // Most lines of most builds are none of these.
        if line.is_empty() && self.open.is_none() {
            return;
        }
        if self.goes_on(line) {
            return;
        }
        self.close(told);
        if line.starts_with("In file included from ") || (!self.before.is_empty() && line.trim_start().starts_with("from ")) {
            self.before.push(line.to_owned());
            self.before.truncate(MAX_LINES);
            return;
        }
        if self.make_folder(line) {
            return;
        }
        if let Some((diagnostic, shape)) = self.first_line(line) {
            let mut lines = std::mem::take(&mut self.before);
            lines.push(line.to_owned());
            self.open = Some(Open {
                diagnostic,
                lines,
                shape,
            });
        } else if !is_context(line) {
            self.before.clear();
        }
    }

    pub fn finish(&mut self, told: &mut Vec<Diagnostic>) {
        self.close(told);
    }

    fn close(&mut self, told: &mut Vec<Diagnostic>) {
        let Some(open) = self.open.take() else { return };
        let mut diagnostic = open.diagnostic;
        // rustc's closing words have no place and say nothing new.
        let is_closing = open.shape == Shape::Rust && diagnostic.place.is_none() && is_rust_closing(&diagnostic.message);
        if is_closing {
            return;
        }
        diagnostic.rendered = SafeText::multiline(open.lines.join("\n").trim_end()).into_string();
        if diagnostic.suggestion.is_none() {
            diagnostic.suggestion = open.lines.iter().find_map(|line| {
                let help = line
                    .trim_start()
                    .strip_prefix("= help: ")
                    .or_else(|| line.trim_start().strip_prefix("help: "))?;
                Some(SafeText::new(help).into_string())
            });
        }
        told.push(diagnostic);
    }

    /// The line belongs to the open message.
    fn goes_on(&mut self, line: &str) -> bool {
        if self.open.is_none() {
            return false;
        }
        let dir = self.folder();
        let Some(open) = &mut self.open else { return false };
        let belongs = match open.shape {
            Shape::One => false,
            Shape::Gcc => {
                is_source_line(line) || gcc(line, &dir).is_some_and(|(diagnostic, _)| diagnostic.severity == Severity::Note)
            }
            Shape::Rust => {
                let is_others = !line.starts_with(' ') && gcc(line, &dir).is_some();
                !line.is_empty() && !line.starts_with("error") && !line.starts_with("warning") && !is_others
            }
        };
        if belongs {
            if open.shape == Shape::Rust
                && open.diagnostic.place.is_none()
                && let Some(at) = line.trim_start().strip_prefix("--> ")
            {
                open.diagnostic.place = place(at, &dir);
            }
            if open.lines.len() < MAX_LINES {
                open.lines.push(line.to_owned());
            }
        }
        belongs
    }

    fn folder(&self) -> PathBuf {
        self.entered.last().cloned().unwrap_or_else(|| self.dir.clone())
    }

    /// `make[1]: Entering directory '/p/sub'`.
    fn make_folder(&mut self, line: &str) -> bool {
        if !line.contains(" directory ") || !line.starts_with("make") && !line.starts_with("gmake") {
            return false;
        }
        if let Some((_, folder)) = line.split_once(": Entering directory ") {
            self.entered.push(PathBuf::from(folder.trim_matches(['\'', '`', '"'])));
            return true;
        }
        if line.contains(": Leaving directory ") {
            self.entered.pop();
            return true;
        }
        false
    }

    fn first_line(&self, line: &str) -> Option<(Diagnostic, Shape)> {
        let dir = self.folder();
        if let Some((kind, rest)) = line
            .split_once(": ")
            .filter(|(kind, _)| kind.starts_with("error") || kind.starts_with("warning"))
        {
            let severity = if kind.starts_with("error") {
                Severity::Error
            } else {
                Severity::Warning
            };
            let code = kind.split_once('[').map(|(_, code)| code.trim_end_matches(']').to_owned());
            if kind == "error" || kind == "warning" || code.is_some() {
                return Some((diagnostic(severity, rest, code, None, "rustc"), Shape::Rust));
            }
        }
        gcc(line, &dir)
            .map(|(diagnostic, _)| (diagnostic, Shape::Gcc))
            .or_else(|| linker(line, &dir).map(|diagnostic| (diagnostic, Shape::One)))
            .or_else(|| rustfmt(line).map(|diagnostic| (diagnostic, Shape::One)))
            .or_else(|| typescript(line, &dir).map(|diagnostic| (diagnostic, Shape::One)))
            .or_else(|| make(line, &dir).map(|diagnostic| (diagnostic, Shape::One)))
    }
}

fn diagnostic(severity: Severity, message: &str, code: Option<String>, place: Option<Place>, source: &str) -> Diagnostic {
    let message = SafeText::new(message.trim()).into_string();
    Diagnostic {
        severity,
        message,
        code,
        place,
        rendered: String::new(),
        suggestion: None,
        source: source.to_owned(),
    }
}

/// `a.h:3:7: error: unknown type name`, `m.c:5: warning: ..`; the code is what stands in brackets at the end.
fn gcc<'a>(line: &'a str, dir: &Path) -> Option<(Diagnostic, &'a str)> {
    for (word, severity) in [
        (": fatal error: ", Severity::Error),
        (": error: ", Severity::Error),
        (": warning: ", Severity::Warning),
        (": note: ", Severity::Note),
    ] {
        let Some(at) = line.find(word) else { continue };
        let (head, message) = (&line[..at], &line[at + word.len()..]);
        let place = place(head, dir)?;
        let (text, code) = match message.strip_suffix(']').and_then(|rest| rest.rsplit_once(" [-W")) {
            Some((text, code)) => (text, Some(format!("-W{code}"))),
            None => (message, None),
        };
        return Some((diagnostic(severity, text, code, Some(place), "gcc"), message));
    }
    None
}

/// `l.c:(.text+0x5): undefined reference to 'g'`, `/usr/bin/ld: cannot find -lfoo`.
fn linker(line: &str, dir: &Path) -> Option<Diagnostic> {
    if let Some(at) = line.find("undefined reference to ") {
        let head = line[..at].trim_end_matches(": ");
        let file = head
            .rsplit(": ")
            .next()
            .unwrap_or(head)
            .split(":(")
            .next()
            .unwrap_or_default();
        let place = place(file, dir).or_else(|| {
            let is_source = Path::new(file).extension().is_some_and(|end| end != "o" && end != "a") && !file.contains(' ');
            is_source.then(|| Place {
                path: dir.join(file),
                line: None,
                column: None,
            })
        });
        return Some(diagnostic(Severity::Error, &line[at..], None, place, "ld"));
    }
    let at = line.find("cannot find -l").filter(|_| line.contains("ld"))?;
    Some(diagnostic(Severity::Error, &line[at..], None, None, "ld"))
}

/// `Diff in /p/src/lib.rs:12:` (older: `Diff in /p/src/lib.rs at line 12:`).
fn rustfmt(line: &str) -> Option<Diagnostic> {
    let rest = line.strip_prefix("Diff in ")?.trim_end().trim_end_matches(':');
    let (path, line) = rest.rsplit_once(" at line ").or_else(|| rest.rsplit_once(':'))?;
    let place = Place {
        path: path.into(),
        line: Some(line.parse().ok()?),
        column: None,
    };
    Some(diagnostic(
        Severity::Error,
        "not formatted",
        Some("rustfmt".to_owned()),
        Some(place),
        "rustfmt",
    ))
}

/// `src/a.ts(1,2): error TS2304: Cannot find name 'x'.`
fn typescript(line: &str, dir: &Path) -> Option<Diagnostic> {
    let (head, rest) = line.split_once("): error TS").or_else(|| line.split_once(" - error TS"))?;
    let (number, message) = rest.split_once(": ")?;
    let place = match head.rsplit_once('(') {
        Some((path, at)) => {
            let (line, column) = at.split_once(',')?;
            Place {
                path: dir.join(path),
                line: line.parse().ok(),
                column: column.parse().ok(),
            }
        }
        None => place(head, dir)?,
    };
    Some(diagnostic(
        Severity::Error,
        message,
        Some(format!("TS{number}")),
        Some(place),
        "tsc",
    ))
}

/// `make: *** [Makefile:3: m] Error 1`, `make: *** No rule to make target 'nope'.  Stop.`
fn make(line: &str, dir: &Path) -> Option<Diagnostic> {
    let (head, message) = line.split_once(": *** ")?;
    if !(head.starts_with("make") || head.starts_with("gmake") || head.contains("akefile")) {
        return None;
    }
    let inside = message
        .strip_prefix('[')
        .and_then(|rest| rest.split(']').next())
        .unwrap_or_default();
    let at = if inside.is_empty() {
        place(head, dir)
    } else {
        inside.split_once(": ").and_then(|(at, _)| place(at, dir))
    };
    Some(diagnostic(Severity::Error, message, None, at, "make"))
}

/// `file:line` or `file:line:column`.
fn place(text: &str, dir: &Path) -> Option<Place> {
    let text = text.trim().trim_end_matches(':');
    let (head, last) = text.rsplit_once(':')?;
    let last: u32 = last.parse().ok()?;
    let (path, line, column) = match head
        .rsplit_once(':')
        .and_then(|(path, line)| Some((path, line.parse().ok()?)))
    {
        Some((path, line)) => (path, line, Some(last)),
        None => (head, last, None),
    };
    let is_path = !path.is_empty() && path.len() < 4096 && !path.contains(['\0', '\t']);
    is_path.then(|| Place {
        path: dir.join(path),
        line: Some(line),
        column,
    })
}

/// `    5 |   printf(..)` and `      |    ^`.
fn is_source_line(line: &str) -> bool {
    let rest = line.trim_start();
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start();
    line.starts_with(' ') && (rest.starts_with('|') || rest.starts_with('^') || rest.starts_with('~'))
        || rest.starts_with("+++ |+")
}

/// `m.c: In function 'main':`.
fn is_context(line: &str) -> bool {
    line.ends_with(':') && (line.contains(": In ") || line.contains(": At "))
}

fn is_rust_closing(message: &str) -> bool {
    message.starts_with("could not compile")
        || message.starts_with("aborting due to")
        || message.starts_with("build failed")
        || message.contains(" generated ") && message.contains("warning")
        || message.starts_with("test failed")
        || message.ends_with("target failed:")
        || message.ends_with("targets failed:")
}
