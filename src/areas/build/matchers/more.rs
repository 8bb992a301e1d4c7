//! Messages of tools with a form of their own: Kotlin, MSBuild and MSVC, esbuild and Vite, webpack, flake8, Ruff and pylint, PHP, CMake,
//! and what Maven says without a place.

use super::tools::{diagnostic, place};
use super::{Diagnostic, Severity};
use regex::{Captures, Regex};
use std::path::Path;
use std::sync::LazyLock;

/// Lines of one message that are kept.
const MAX_LINES: usize = 40;
/// Lines after which a message has no place.
const MAX_WAIT: usize = 3;
/// What Maven begins with when it could not do what it was asked.
const MAVEN: [&str; 7] = [
    "Failed to execute goal",
    "Plugin ",
    "Non-resolvable ",
    "Malformed POM",
    "Unknown lifecycle phase",
    "The goal you specified requires a project",
    "Could not find the selected project",
];

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a fixed pattern")
}

/// `e: file:///p/A.kt:3:5 words`, `e: /p/A.kt: (3, 5): words`.
static KOTLIN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^([ew]): (?:file://)?(\S.*?\.kts?)(?::(\d+):(\d+):?|: \((\d+), (\d+)\):) (.+)$"));
/// `Program.cs(5,13): error CS0103: words [p.csproj]`, `src\main.cpp(10): fatal error C1083: words`.
static MSBUILD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^\s*(?:\d+>)?([^\s(][^(]*)\((\d+)(?:,(\d+))?(?:[,-][\d,-]+)?\)\s*: (?:fatal )?(error|warning)(?: ([A-Z]+[0-9]+))?\s*: (.*?)(?: \[[^\]]+proj\])?$",
    )
});
/// `✘ [ERROR] words`, `▲ [WARNING] words [rule]`.
static ESBUILD: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*[✘▲] \[(ERROR|WARNING)\] (.+)$"));
/// `    src/a.ts:1:7:`
static ESBUILD_PLACE: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s+(\S.*):(\d+):(\d+):$"));
/// `ERROR in ./src/index.js 3:4-7`, `ERROR in src/a.ts:3:5`.
static WEBPACK: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(ERROR|WARNING) in (?:\./)?([^\s:]+\.\w+)(?:[ :](\d+):(\d+)(?:-[\d:]+)?)?$"));
/// `a.py:4:5: F401 words`, `a.py:3:0: C0114: words (name)`.
static LINT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(\S.*\.(?:pyi?|ipynb)):(\d+):(\d+): ([A-Z]{1,4}\d{2,4}):? (?:\[\*\] )?(.+)$"));
/// `F401 [*] words`, and ` --> a.py:1:8` on the next line.
static RUFF: LazyLock<Regex> = LazyLock::new(|| pattern(r"^([A-Z]{1,4}\d{2,4}) (?:\[\*\] )?(.+)$"));
static RUFF_PLACE: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*--> (\S.*):(\d+):(\d+)$"));
/// `PHP Parse error:  words in /p/a.php on line 3`.
static PHP: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:PHP )?((?:Fatal|Parse|Recoverable fatal) error|Warning|Notice|Deprecated): +(.+) in (\S.*\.(?:php|phtml|inc))(?: on line |:)(\d+)$",
    )
});
/// `CMake Error at CMakeLists.txt:3 (find_package):`, `CMake Warning (dev) in CMakeLists.txt:`, `CMake Error: words`.
static CMAKE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^CMake (Error|Warning|Deprecation Warning)(?: \(dev\))?(?: (?:at|in) (.+?)(?::(\d+))?(?: \(([^)]*)\))?:$|: (.+)$)")
});

/// A message that goes on.
struct Open {
    diagnostic: Diagnostic,
    lines: Vec<String>,
    shape: Shape,
}

#[derive(Clone, Copy, PartialEq)]
enum Shape {
    /// Its words stand below, indented.
    Cmake,
    /// Its words are the next line.
    Webpack,
    /// Its place stands below.
    Esbuild,
    Ruff,
}

/// What the lines before have said.
#[derive(Default)]
pub(super) struct More {
    open: Option<Open>,
    /// The first words of Maven that have no place, as long as nothing had one.
    maven: Option<Diagnostic>,
    has_maven: bool,
}

impl More {
    pub(super) fn is_idle(&self) -> bool {
        self.open.is_none()
    }

    /// True when the line is part of a message of these tools.
    pub(super) fn line(&mut self, line: &str, dir: &Path, told: &mut Vec<Diagnostic>) -> bool {
        if self.goes_on(line, dir, told) {
            return true;
        }
        if let Some(open) = first_line(line, dir) {
            self.open = Some(open);
            return true;
        }
        if let Some(diagnostic) = whole_line(line, dir) {
            told.push(diagnostic);
            return true;
        }
        self.maven(line);
        false
    }

    pub(super) fn finish(&mut self, told: &mut Vec<Diagnostic>) {
        told.extend(self.open.take().and_then(close));
        told.extend(self.maven.take().filter(|_| !self.has_maven));
    }

    /// Maven said where something is wrong.
    pub(super) fn maven_told(&mut self) {
        self.has_maven = true;
    }

    fn maven(&mut self, line: &str) {
        let Some(words) = line.strip_prefix("[ERROR] ") else { return };
        if self.maven.is_none() && MAVEN.iter().any(|start| words.starts_with(start)) {
            let words = words.trim_end_matches(" -> [Help 1]");
            self.maven = Some(without_place(Severity::Error, words, line, "maven"));
        }
    }

    /// The line belongs to the open message.
    fn goes_on(&mut self, line: &str, dir: &Path, told: &mut Vec<Diagnostic>) -> bool {
        let Some(mut open) = self.open.take() else { return false };
        let is_empty = line.trim().is_empty();
        let place_of = |pattern: &Regex| {
            let found = pattern.captures(line)?;
            Some(place(
                found[1].trim_start_matches("./"),
                dir,
                found[2].parse().ok(),
                found[3].parse().ok(),
            ))
        };
        match open.shape {
            Shape::Cmake if line.starts_with("  ") => {
                if open.diagnostic.message.len() < 4096 {
                    open.diagnostic.message.push(' ');
                    open.diagnostic.message.push_str(&safe(line));
                }
            }
            Shape::Cmake if is_empty && open.diagnostic.message.is_empty() => {}
            Shape::Webpack if !is_empty => {
                open.lines.push(line.to_owned());
                open.diagnostic.message = safe(line);
                told.extend(close(open));
                return true;
            }
            Shape::Esbuild if ESBUILD.is_match(line) => {
                told.extend(close(open));
                return false;
            }
            Shape::Esbuild | Shape::Ruff => {
                let pattern: &Regex = if open.shape == Shape::Ruff {
                    &RUFF_PLACE
                } else {
                    &ESBUILD_PLACE
                };
                open.diagnostic.place = place_of(pattern);
                // A line that only begins like Ruff's is none of its messages.
                if open.shape == Shape::Ruff && open.diagnostic.place.is_none() {
                    return false;
                }
                if open.diagnostic.place.is_none() && open.lines.len() >= MAX_WAIT {
                    told.extend(close(open));
                    return false;
                }
                if open.diagnostic.place.is_some() {
                    open.lines.push(line.to_owned());
                    told.extend(close(open));
                    return true;
                }
            }
            Shape::Webpack => {}
            Shape::Cmake => {
                told.extend(close(open));
                return is_empty;
            }
        }
        if open.lines.len() < MAX_LINES {
            open.lines.push(line.to_owned());
        }
        self.open = Some(open);
        true
    }
}

fn close(mut open: Open) -> Option<Diagnostic> {
    if open.shape == Shape::Ruff && open.diagnostic.place.is_none() {
        return None;
    }
    let message = open.diagnostic.message.trim().to_owned();
    open.diagnostic.message = message;
    open.diagnostic.rendered = crate::base::SafeText::multiline(open.lines.join("\n").trim_end()).into_string();
    (!open.diagnostic.message.is_empty()).then_some(open.diagnostic)
}

fn safe(line: &str) -> String {
    crate::base::SafeText::new(line.trim()).into_string()
}

fn without_place(severity: Severity, message: &str, line: &str, source: &str) -> Diagnostic {
    Diagnostic {
        place: None,
        ..diagnostic(severity, message, None, place("", Path::new(""), None, None), line, source)
    }
}

fn number(found: &Captures<'_>, group: usize) -> Option<u32> {
    found.get(group)?.as_str().parse().ok()
}

/// The beginning of a message that has more lines.
fn first_line(line: &str, dir: &Path) -> Option<Open> {
    let open = |diagnostic: Diagnostic, shape: Shape| Open {
        diagnostic,
        lines: vec![line.to_owned()],
        shape,
    };
    if line.starts_with("CMake ") {
        let found = CMAKE.captures(line)?;
        let severity = if &found[1] == "Error" {
            Severity::Error
        } else {
            Severity::Warning
        };
        let Some(path) = found.get(2) else {
            let mut told = without_place(severity, &found[5], line, "cmake");
            told.message.push(' ');
            return Some(open(told, Shape::Cmake));
        };
        let code = found.get(4).map(|code| code.as_str().to_owned());
        let at = place(path.as_str(), dir, number(&found, 3), None);
        return Some(open(diagnostic(severity, "", code, at, line, "cmake"), Shape::Cmake));
    }
    if line.starts_with("ERROR in ") || line.starts_with("WARNING in ") {
        let found = WEBPACK.captures(line)?;
        let severity = if &found[1] == "ERROR" {
            Severity::Error
        } else {
            Severity::Warning
        };
        let at = place(&found[2], dir, number(&found, 3), number(&found, 4));
        return Some(open(diagnostic(severity, "", None, at, line, "webpack"), Shape::Webpack));
    }
    if line.contains("[ERROR] ") || line.contains("[WARNING] ") {
        let found = ESBUILD.captures(line)?;
        let severity = if &found[1] == "ERROR" {
            Severity::Error
        } else {
            Severity::Warning
        };
        return Some(open(without_place(severity, &found[2], line, "esbuild"), Shape::Esbuild));
    }
    let is_code = line.starts_with(|c: char| c.is_ascii_uppercase()) && line.find(' ').is_some_and(|at| at <= 8);
    let found = RUFF.captures(line).filter(|_| is_code)?;
    let told = without_place(severity_of(&found[1]), &found[2], line, "ruff");
    let code = Some(found[1].to_owned());
    Some(open(Diagnostic { code, ..told }, Shape::Ruff))
}

/// A message of one line.
fn whole_line(line: &str, dir: &Path) -> Option<Diagnostic> {
    if line.starts_with("e: ") || line.starts_with("w: ") {
        let found = KOTLIN.captures(line)?;
        let severity = if &found[1] == "e" {
            Severity::Error
        } else {
            Severity::Warning
        };
        let at = number(&found, 3).or_else(|| number(&found, 5));
        let at = place(&found[2], dir, at, number(&found, 4).or_else(|| number(&found, 6)));
        return Some(diagnostic(severity, &found[7], None, at, line, "kotlin"));
    }
    if line.contains(" on line ") || line.starts_with("PHP ") {
        let found = PHP.captures(line)?;
        let severity = if found[1].ends_with("error") {
            Severity::Error
        } else {
            Severity::Warning
        };
        let at = place(&found[3], dir, number(&found, 4), None);
        return Some(diagnostic(severity, &found[2], Some(found[1].to_owned()), at, line, "php"));
    }
    if line.contains(".py") || line.contains(".ipynb:") {
        let found = LINT.captures(line)?;
        let at = place(found[1].trim_start_matches("./"), dir, number(&found, 2), number(&found, 3));
        let code = &found[4];
        return Some(diagnostic(
            severity_of(code),
            &found[5],
            Some(code.to_owned()),
            at,
            line,
            "lint",
        ));
    }
    if line.contains(')') && (line.contains(": error") || line.contains(": warning") || line.contains(": fatal error")) {
        let found = MSBUILD.captures(line)?;
        let code = found.get(5).map(|code| code.as_str().to_owned());
        // TypeScript writes alike and is heard by itself.
        if code.as_ref().is_some_and(|code| code.starts_with("TS")) {
            return None;
        }
        let severity = if &found[4] == "error" {
            Severity::Error
        } else {
            Severity::Warning
        };
        let at = place(&found[1].replace('\\', "/"), dir, number(&found, 2), number(&found, 3));
        return Some(diagnostic(severity, &found[6], code, at, line, "msbuild"));
    }
    None
}

/// Pyflakes' and pycodestyle's errors, pylint's errors and fatal ones; all else are wishes.
fn severity_of(code: &str) -> Severity {
    let is_error = code.starts_with('F') || code.starts_with('E') && code[1..].starts_with(|c: char| c.is_ascii_digit());
    if is_error { Severity::Error } else { Severity::Warning }
}
