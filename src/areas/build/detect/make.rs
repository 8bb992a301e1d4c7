//! Targets of a makefile, read without running make: what people type, not files and patterns.
//! The format: GNU make manual, chapters "Writing Makefiles" and "Rules".

use super::{Detected, Kind, Source, Task, dir_of, id_of};
use crate::adapters::scan::Found;
use crate::base::{Place, SafeText};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Targets that are taken from one makefile.
const MAX_TARGETS: usize = 200;

const DIRECTIVES: [&str; 14] = [
    "ifeq", "ifneq", "ifdef", "ifndef", "else", "endif", "include", "-include", "sinclude", "export", "unexport", "override",
    "vpath", "undefine",
];

/// A rule that can be asked for by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub name: String,
    pub line: u32,
    pub is_phony: bool,
    /// The comment behind `##` on the rule's line.
    pub note: String,
}

/// Adds the targets of the makefile that make itself would take in each folder.
pub(super) fn tasks(files: &[Found], detected: &mut Detected) {
    let mut taken: BTreeSet<PathBuf> = BTreeSet::new();
    for wanted in ["GNUmakefile", "makefile", "Makefile"] {
        for file in files
            .iter()
            .filter(|file| file.path.file_name().is_some_and(|name| name == wanted))
        {
            let dir = dir_of(&file.path);
            // What CMake wrote is built through CMake.
            let text = file.text.as_ref().filter(|text| !text.starts_with("# CMAKE generated file"));
            if let (Some(text), true) = (text, taken.insert(dir.clone())) {
                detected
                    .tasks
                    .extend(targets(text).into_iter().map(|target| task(target, &dir, &file.path)));
            }
        }
    }
}

fn task(target: Target, dir: &Path, path: &Path) -> Task {
    Task {
        id: id_of("make", dir, &target.name),
        name: format!("make {}", target.name),
        source: Source::Make,
        kind: Kind::of_name(&target.name),
        argv: vec!["make".to_owned(), target.name],
        dir: dir.to_path_buf(),
        place: Place {
            path: path.to_path_buf(),
            line: Some(target.line),
            column: None,
        },
        env: std::collections::BTreeMap::new(),
        timeout_ms: None,
        has_pty: false,
        note: target.note,
    }
}

/// The targets in the order of the file. Names of files (`main.o`, `out/x`) count only when they are phony.
pub fn targets(text: &str) -> Vec<Target> {
    let mut phony: BTreeSet<String> = BTreeSet::new();
    let mut found: Vec<Target> = Vec::new();
    let mut is_define = false;
    for (number, line) in logical_lines(text) {
        let words = line.trim_start();
        if is_define {
            is_define = !words.starts_with("endef");
            continue;
        }
        if line.starts_with('\t') || words.is_empty() || words.starts_with('#') {
            continue;
        }
        if words.starts_with("define ") {
            is_define = true;
            continue;
        }
        if DIRECTIVES.contains(&words.split([' ', '\t', '(']).next().unwrap_or(words)) {
            continue;
        }
        let Some((names, rest)) = rule(&line) else { continue };
        if names.trim() == ".PHONY" {
            let rest = rest.split('#').next().unwrap_or_default();
            phony.extend(rest.split_whitespace().map(str::to_owned));
            continue;
        }
        let note = rest
            .split_once("##")
            .map(|(_, note)| SafeText::new(note.trim()).into_string())
            .unwrap_or_default();
        for name in names.split_whitespace() {
            if is_name(name) && !found.iter().any(|known| known.name == name) && found.len() < MAX_TARGETS {
                found.push(Target {
                    name: name.to_owned(),
                    line: number,
                    is_phony: false,
                    note: note.clone(),
                });
            }
        }
    }
    for target in &mut found {
        target.is_phony = phony.contains(&target.name);
    }
    found.retain(|target| target.is_phony || !target.name.contains(['.', '/']));
    found
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

/// Targets and what stands behind the colon; None for assignments (`=`, `:=`, `::=`, `?=`, `+=`, `!=`) and directives.
fn rule(line: &str) -> Option<(&str, &str)> {
    let code = line.split('#').next().unwrap_or(line);
    let colon = colon(code)?;
    if code.find('=').is_some_and(|equals| equals < colon) {
        return None;
    }
    let names = &line[..colon];
    let rest = line[colon..].trim_start_matches(':');
    if rest.starts_with('=') || names.starts_with(' ') {
        return None;
    }
    // A variable of one target: `debug: CFLAGS = -g`.
    let head = rest.split(['#', ';']).next().unwrap_or(rest);
    if head.contains('=') && !head.contains("$(") {
        return None;
    }
    Some((names, rest))
}

/// The first colon that stands in no `$(..)`: `$(warning run: curl ..)` is no rule.
fn colon(code: &str) -> Option<usize> {
    let mut depth = 0_u32;
    for (at, byte) in code.bytes().enumerate() {
        match byte {
            b'(' | b'{' => depth += 1,
            b')' | b'}' => depth = depth.saturating_sub(1),
            b':' if depth == 0 => return Some(at),
            _ => {}
        }
    }
    None
}

/// Neither a pattern, nor special, nor made of variables.
fn is_name(name: &str) -> bool {
    !name.starts_with(['.', '-']) && name.chars().all(|c| c.is_alphanumeric() || "-_./+@".contains(c))
}
