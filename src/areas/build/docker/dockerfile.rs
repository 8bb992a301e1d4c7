//! The instructions of a Dockerfile with the lines where they begin, as the classic builder counts its steps.

use crate::base::Problem;
use crate::msg;
use std::path::{Component, Path, PathBuf};

/// One instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// From 1.
    pub line: u32,
    /// In capitals: `RUN`.
    pub word: String,
}

/// The path of a file of the build context, without what means nothing in it; one that leads out of there is a problem.
pub fn inside(path: &Path) -> Result<PathBuf, Problem> {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::Normal(part) => plain.push(part),
            Component::CurDir => {}
            _ => return Err(Problem::config(msg!("docker-dockerfile-outside", path = path))),
        }
    }
    Ok(plain)
}

/// The instructions in order. Comments and blank lines inside a continued instruction belong to it.
/// Rules: docs.docker.com, Dockerfile reference, "Parser directives" and "Format".
pub fn instructions(text: &str) -> Vec<Instruction> {
    let mut escape = '\\';
    let mut is_directive = true;
    let mut found = Vec::new();
    let mut is_open = false;
    for (i, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let trimmed = line.trim();
        if is_directive {
            let directive = trimmed.strip_prefix('#').and_then(|rest| rest.split_once('='));
            match directive {
                Some((name, value)) if name.trim().eq_ignore_ascii_case("escape") => {
                    escape = value.trim().chars().next().unwrap_or('\\');
                    continue;
                }
                Some((name, _)) if !name.trim().contains(char::is_whitespace) => continue,
                _ => is_directive = false,
            }
        }
        if trimmed.starts_with('#') || trimmed.is_empty() {
            continue;
        }
        if !is_open {
            let word = trimmed.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
            found.push(Instruction {
                line: i as u32 + 1,
                word,
            });
        }
        is_open = trimmed.ends_with(escape);
    }
    found
}

/// The line that a builder's complaint names: `dockerfile parse error line 3: ...`, `Dockerfile parse error on line 3`.
pub fn line_in(message: &str) -> Option<u32> {
    let lower = message.to_ascii_lowercase();
    if !lower.contains("parse error") {
        return None;
    }
    let (_, rest) = lower.split_once(" line ")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}
