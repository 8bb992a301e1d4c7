//! Targets of a makefile, read without running make: what people type, not files and patterns.
//! The format: GNU make manual, chapters "Writing Makefiles" and "Rules".

use super::make_text::{Files, Reader};
use super::{Detected, Kind, Source, Task, dir_of, id_of};
use crate::adapters::scan::{self, Found};
use crate::areas::test::frameworks::imports;
use crate::base::{Place, SafeText};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Targets that are taken from one makefile.
const MAX_TARGETS: usize = 200;
/// Files that one pattern may include.
const MAX_INCLUDED: usize = 100;
/// Of an included file.
const MAX_BYTES: u64 = 1 << 20;

/// A rule that can be asked for by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub name: String,
    /// Where it is written: an included file has targets too. Relative to the folder of the makefile.
    pub file: PathBuf,
    pub line: u32,
    pub is_phony: bool,
    /// The comment behind `##` on the rule's line.
    pub note: String,
}

/// Adds the targets of the makefile that make itself would take in each folder. What it includes is looked for below `root`.
pub(super) fn tasks(files: &[Found], root: &Path, detected: &mut Detected) {
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
                let below = |name: &str| included(root, &dir, name);
                let found = targets_of(Path::new(wanted), text, &below);
                detected.tasks.extend(found.into_iter().map(|target| task(target, &dir)));
            }
        }
    }
}

/// The files that a makefile in `dir` includes by a name or pattern, as far as they stand in the workspace.
fn included(root: &Path, dir: &Path, name: &str) -> Vec<(PathBuf, String)> {
    let mut found: Vec<PathBuf> = vec![PathBuf::new()];
    for part in Path::new(name).components() {
        let text = part.as_os_str().to_string_lossy().into_owned();
        if matches!(part, std::path::Component::CurDir) {
            continue;
        }
        if !text.contains(['*', '?']) {
            for path in &mut found {
                path.push(&text);
            }
            continue;
        }
        let below = found.iter().flat_map(|folder| {
            let entries = scan::entries(&root.join(dir).join(folder)).into_iter();
            let names = entries.filter(|(entry, _)| {
                let entry = entry.to_string_lossy();
                entry.starts_with('.') == text.starts_with('.') && is_like(&text, &entry)
            });
            names.map(|(entry, _)| folder.join(entry)).collect::<Vec<PathBuf>>()
        });
        found = below.take(MAX_INCLUDED).collect();
    }
    let texts = found
        .into_iter()
        .filter_map(|path| match scan::reach(root, &dir.join(&path)) {
            scan::Reach::File(real) => Some((path, scan::read_text(&real, MAX_BYTES)?)),
            _ => None,
        });
    texts.collect()
}

/// Whether a file name matches a pattern of `*` and `?`.
fn is_like(pattern: &str, name: &str) -> bool {
    let mut chars = pattern.chars();
    match chars.next() {
        None => name.is_empty(),
        Some('*') => {
            let rest = chars.as_str();
            name.char_indices()
                .map(|(at, _)| at)
                .chain([name.len()])
                .any(|at| is_like(rest, &name[at..]))
        }
        Some(c) => name
            .strip_prefix(|own| c == '?' || own == c)
            .is_some_and(|rest| is_like(chars.as_str(), rest)),
    }
}

fn task(target: Target, dir: &Path) -> Task {
    Task {
        id: id_of("make", dir, &target.name),
        name: format!("make {}", target.name),
        source: Source::Make,
        kind: Kind::of_name(&target.name),
        argv: vec!["make".to_owned(), target.name],
        dir: dir.to_path_buf(),
        place: Place {
            path: imports::normal(&dir.join(&target.file)),
            line: Some(target.line),
            column: None,
        },
        env: std::collections::BTreeMap::new(),
        timeout_ms: None,
        has_pty: false,
        note: target.note,
    }
}

/// The targets of one makefile alone.
pub fn targets(text: &str) -> Vec<Target> {
    targets_of(Path::new("Makefile"), text, &|_| Vec::new())
}

/// The targets in the order of the files. Names of files (`main.o`, `out/x`) count only when they are phony.
fn targets_of(file: &Path, text: &str, files: Files<'_>) -> Vec<Target> {
    let mut reader = Reader::new(files);
    reader.read(file, text);
    let mut phony: BTreeSet<String> = BTreeSet::new();
    let mut found: Vec<Target> = Vec::new();
    for line in &reader.lines {
        let Some((names, rest)) = rule(&line.text) else { continue };
        let names = reader.expanded(names).unwrap_or_else(|| names.to_owned());
        if names.trim() == ".PHONY" {
            let rest = rest.split('#').next().unwrap_or_default();
            let rest = reader.expanded(rest).unwrap_or_else(|| rest.to_owned());
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
                    file: line.file.clone(),
                    line: line.number,
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
