//! What to do next when a build failed: small rules on the first error, the last lines and the exit code.

use super::{Diagnostic, Severity};
use crate::base::{Msg, Place, SafeText};
use crate::msg;
use serde::{Deserialize, Serialize};

/// Why a run failed, for the box at the top.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Why {
    /// Foreign words: the first error.
    pub message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Msg>,
    /// The source lines around the place, each with its number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<(u32, String)>,
}

/// The first error, or the line that most looks like one.
pub fn why(diagnostics: &[Diagnostic], tail: &[&str], code: Option<i32>) -> Option<Why> {
    // cargo's and make's last words come after the error that they sum up.
    let first = diagnostics.iter().filter(|known| known.severity == Severity::Error);
    let first = first
        .clone()
        .find(|known| known.place.is_some() && known.source != "make")
        .or_else(|| first.clone().next());
    if let Some(error) = first {
        return Some(Why {
            message: error.message.clone(),
            code: error.code.clone(),
            place: error.place.clone(),
            hint: hint(Some(error), tail, code),
            lines: Vec::new(),
        });
    }
    let line = tail
        .iter()
        .find(|line| looks_like_error(line))
        .or_else(|| tail.iter().rev().find(|line| !line.trim().is_empty()))?;
    let message = SafeText::new(line.trim()).into_string();
    Some(Why {
        message,
        code: None,
        place: None,
        hint: hint(None, tail, code),
        lines: Vec::new(),
    })
}

pub fn looks_like_error(line: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    // cargo --verbose repeats the commands, whose options speak of errors; a test that went well may bear one in its name.
    if lower.trim_start().starts_with("running `") || lower.trim_end().ends_with("... ok") {
        return false;
    }
    [
        "error",
        "fatal",
        "failed",
        "cannot ",
        "can't ",
        "not found",
        "no such",
        "denied",
        "panicked",
    ]
    .iter()
    .any(|word| lower.contains(word))
}

/// What can be done about it, when a rule knows.
pub fn hint(error: Option<&Diagnostic>, tail: &[&str], code: Option<i32>) -> Option<Msg> {
    let own = error
        .map(|error| format!("{}\n{}", error.message, error.rendered))
        .unwrap_or_default();
    let find = |needle: &str| {
        own.lines()
            .chain(tail.iter().copied())
            .find(|line| line.contains(needle))
            .map(str::to_owned)
    };
    if find("No space left on device").is_some() || find("disk full").is_some() {
        return Some(msg!("build-hint-disk"));
    }
    if let Some(linker) = find("linker `")
        .filter(|line| line.contains("not found"))
        .and_then(|line| between(&line, "linker `", "`"))
    {
        return Some(msg!("build-hint-linker", linker = linker));
    }
    if let Some(command) = find("no such command: ").and_then(|line| between(&line, "`", "`")) {
        return Some(if command == "clippy" || command == "fmt" {
            msg!("build-hint-component", name = command)
        } else {
            msg!("build-hint-command", name = command)
        });
    }
    if let Some(library) = find("cannot find -l").and_then(|line| line.split("cannot find -l").nth(1).map(first_word)) {
        return Some(msg!("build-hint-library", name = library));
    }
    if let Some(line) = find("fatal error: ").filter(|line| line.contains("No such file")) {
        let header = line
            .split("fatal error: ")
            .nth(1)
            .and_then(|rest| rest.split(": ").next())
            .unwrap_or_default();
        return Some(msg!("build-hint-header", file = header));
    }
    if own.contains("No such file or directory") && own.contains(".h: ") {
        let header = own
            .split(": No such file")
            .next()
            .and_then(|head| head.rsplit([' ', '\n']).next())
            .unwrap_or_default();
        return Some(msg!("build-hint-header", file = header));
    }
    if find("lock file")
        .as_ref()
        .is_some_and(|line| line.contains("needs to be updated") || line.contains("--locked"))
    {
        return Some(msg!("build-hint-locked"));
    }
    if find("missing separator").is_some() {
        return Some(msg!("build-hint-tab"));
    }
    if let Some(target) = find("No rule to make target")
        .and_then(|line| between(&line, "target '", "'").or_else(|| between(&line, "target `", "'")))
    {
        return Some(msg!("build-hint-no-rule", name = target));
    }
    if let Some(script) = find("Missing script:").and_then(|line| between(&line, "\"", "\"")) {
        return Some(msg!("build-hint-no-script", name = script));
    }
    if find("could not load cache")
        .or(find("is not a directory").filter(|line| line.contains("build")))
        .is_some()
    {
        return Some(msg!("build-hint-cmake"));
    }
    if let Some(package) = find("no required module provides package ").and_then(|line| {
        line.split("provides package ")
            .nth(1)
            .map(|rest| rest.split([';', ' ', ':']).next().unwrap_or_default().to_owned())
    }) {
        return Some(msg!("build-hint-go-get", package = SafeText::new(&package)));
    }
    if find("missing go.sum entry").is_some() {
        return Some(msg!("build-hint-go-sum"));
    }
    if let Some(module) = find("Cannot find module '").and_then(|line| between(&line, "Cannot find module '", "'")) {
        return Some(msg!("build-hint-module", name = module));
    }
    if let Some(module) = find("No module named ").and_then(|line| line.split("No module named ").nth(1).map(first_word)) {
        return Some(msg!("build-hint-python", name = module.trim_matches(['\'', '"'])));
    }
    if find("Could not resolve host")
        .or(find("failed to download"))
        .or(find("ENOTFOUND"))
        .or(find("spurious network error"))
        .is_some()
    {
        return Some(msg!("build-hint-network"));
    }
    if let Some(error) = error {
        if error.source == "rustfmt" {
            return Some(msg!("build-hint-fmt"));
        }
        if let Some(suggestion) = &error.suggestion {
            return Some(Msg::verbatim(suggestion.lines().next().unwrap_or_default()));
        }
        if let Some(code) = error.code.as_deref().filter(|code| is_rust_code(code)) {
            return Some(msg!("build-hint-explain", code = code));
        }
    }
    if code == Some(127) || find("Error 127").is_some() || find(": command not found").is_some() {
        let line = find(": command not found")
            .or(find(": not found"))
            .or(find(": No such file or directory"))
            .unwrap_or_default();
        let words = line
            .split(": No such")
            .next()
            .unwrap_or_default()
            .trim_end_matches(": command not found")
            .trim_end_matches(": not found");
        let name = words.rsplit(": ").next().unwrap_or_default();
        // npm says which script it runs: `> fast-uri@4.1.2 lint`.
        let is_script = |line: &&str| {
            line.strip_prefix("> ")
                .is_some_and(|rest| rest.split(' ').next().is_some_and(|word| word.contains('@')))
        };
        if tail.iter().any(is_script) {
            return Some(msg!("build-hint-npm", name = SafeText::new(name)));
        }
        return Some(msg!("build-hint-command", name = SafeText::new(name)));
    }
    find("Permission denied").map(|_| msg!("build-hint-permission"))
}

fn is_rust_code(code: &str) -> bool {
    code.len() == 5 && code.starts_with('E') && code[1..].bytes().all(|b| b.is_ascii_digit())
}

fn between(line: &str, open: &str, close: &str) -> Option<String> {
    let rest = &line[line.find(open)? + open.len()..];
    Some(SafeText::new(&rest[..rest.find(close)?]).into_string())
}

fn first_word(text: &str) -> String {
    SafeText::new(text.split([':', ' ']).next().unwrap_or_default()).into_string()
}
