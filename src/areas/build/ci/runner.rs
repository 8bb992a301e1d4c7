//! What a runner gives the jobs of other CIs: the files that steps write for later ones, hashes of files, a `python` of their own.

use super::PYTHON;
use crate::adapters::{World, files, scan};
use crate::areas::JobCtx;
use crate::base::Problem;
use ignore::gitignore::GitignoreBuilder;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The variable that names the file in which a script notes what it does.
pub(super) const COMMAND: &str = "CHANTIER_COMMAND";
/// What bash reads before a script: a command that fails is noted by its line, with its code.
pub(super) const NOTING: &str =
    "unset BASH_ENV\ntrap 'printf \"@%s:%s\" \"$LINENO\" \"$?\" 2>/dev/null >|\"$CHANTIER_COMMAND\" || :' ERR\n";

/// The command of a script that ended with a code, by what was noted; a script of one line is its command.
pub fn failed_command(noted: &str, script: &str, code: i32) -> Option<String> {
    let mut lines = script.lines().filter(|line| !line.trim().is_empty());
    let (first, second) = (lines.next(), lines.next());
    let only = first.filter(|_| second.is_none());
    let line_at = |noted: &str| {
        let (line, of) = noted.split_once(':')?;
        let line: usize = line.parse().ok()?;
        script.lines().nth(line.checked_sub(1)?).filter(|_| of.parse() == Ok(code))
    };
    let command = match noted.strip_prefix('@') {
        Some(noted) => line_at(noted).or(only),
        None => Some(noted).filter(|noted| !noted.is_empty()).or(only),
    };
    command
        .map(|command| command.trim().to_owned())
        .filter(|command| !command.is_empty())
}

/// `NAME=value` lines, and values of several lines: `NAME<<END`, the lines, `END`. Err: the line that is neither.
pub fn settings(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let heredoc = line.split_once("<<").filter(|(name, _)| !name.contains('='));
        if let Some((name, end)) = heredoc.filter(|(name, end)| !name.is_empty() && !end.is_empty()) {
            let mut value: Vec<&str> = Vec::new();
            loop {
                match lines.next() {
                    Some(line) if line == end => break,
                    Some(line) => value.push(line),
                    None => return Err(line.to_owned()),
                }
            }
            found.push((name.to_owned(), value.join("\n")));
        } else if let Some((name, value)) = line.split_once('=').filter(|(name, _)| !name.is_empty()) {
            found.push((name.to_owned(), value.to_owned()));
        } else if !line.is_empty() {
            return Err(line.to_owned());
        }
    }
    Ok(found)
}

/// The hash of the files that patterns choose, from the top of the worktree; nothing where they choose none.
/// <https://docs.github.com/actions/reference/workflows-and-actions/expressions#hashfiles>
pub(super) fn hash_of(root: &Path, patterns: &[String]) -> String {
    let mut builder = GitignoreBuilder::new(root);
    for pattern in patterns.iter().flat_map(|pattern| pattern.lines()).map(str::trim) {
        let (sign, inner) = pattern.strip_prefix('!').map_or(("", pattern), |inner| ("!", inner.trim()));
        let inner = inner.strip_prefix("./").unwrap_or(inner);
        let inner = Path::new(inner)
            .strip_prefix(root)
            .map_or_else(|_| inner.into(), Path::to_string_lossy);
        if !inner.is_empty() {
            drop(builder.add_line(None, &format!("{sign}/{}", inner.trim_start_matches('/'))));
        }
    }
    let Ok(matcher) = builder.build() else { return String::new() };
    let mut chosen: Vec<PathBuf> = scan::every_file(root)
        .into_iter()
        .filter(|path| !path.starts_with(root.join(".git")))
        .filter(|path| matcher.matched_path_or_any_parents(path, false).is_ignore())
        .collect();
    chosen.sort();
    let sums = chosen.iter().filter_map(|path| files::sha256(path).ok());
    let bytes: Vec<u8> = sums.flat_map(|sum| bytes_of(&sum)).collect();
    if bytes.is_empty() {
        return String::new();
    }
    files::sha256_of(&bytes)
}

/// The bytes that pairs of hexadecimal digits write.
fn bytes_of(digits: &str) -> Vec<u8> {
    let pair = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    (0..digits.len()).step_by(2).filter_map(pair).collect()
}

/// A folder with `python` and `pip` of the job's own, so that what it installs stays its own; where the machine can not make one,
/// the job finds `python` under that name all the same.
pub(super) async fn python(cx: &JobCtx, world: &World, scratch: &Path) -> Result<Option<PathBuf>, Problem> {
    let folder = scratch.join("python");
    let make = crate::adapters::process::Cmd::new(PYTHON)
        .args(["-m", "venv"])
        .arg(&folder)
        .cwd(scratch)
        .timeout(Duration::from_mins(2));
    let made = world.processes().output(make, cx.cancel_token(), 1 << 16).await;
    cx.check()?;
    if made.is_ok_and(|output| output.exit.is_success()) {
        return Ok(Some(folder.join("bin")));
    }
    let shim = b"#!/bin/sh\nexec python3 \"$@\"\n";
    files::write_atomic_with_mode(&scratch.join("bin/python"), shim, Some(0o755))?;
    Ok(None)
}
