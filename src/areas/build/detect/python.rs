//! What Python projects are built with: the wheel and the source archive, and the project itself for the tests to import.

use super::{Detected, Kind, Source, Task, dir_of, id_of};
use crate::adapters::scan::Found;
use crate::base::{Place, Problem};
use crate::msg;
use std::path::Path;

/// Adds the tasks of every `pyproject.toml` that says how it is built (PEP 518, PEP 621), and of lone `setup.py`s.
pub(super) fn tasks(files: &[Found], detected: &mut Detected) {
    // Paths are sorted by name; the outermost project comes first.
    let mut files_by_depth: Vec<&Found> = files.iter().collect();
    files_by_depth.sort_by_key(|file| file.path.components().count());
    for file in files_by_depth {
        let name = file.path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let dir = dir_of(&file.path);
        let is_there = |name: &str| files.iter().any(|other| other.path == dir.join(name));
        let is_project = match name {
            "pyproject.toml" => match file.text.as_deref().unwrap_or_default().parse::<toml::Table>() {
                Ok(table) => table.contains_key("build-system") || table.contains_key("project"),
                Err(error) => {
                    let text = file.text.as_deref().unwrap_or_default();
                    let line = error
                        .span()
                        .map_or(0, |span| text[..span.start].matches('\n').count() as u32 + 1);
                    let why = error.message().lines().next().unwrap_or_default();
                    let problem = Problem::config(msg!("build-manifest-broken", file = &file.path, why = why));
                    detected.problems.push(problem.at_place(&file.path, line, 0));
                    false
                }
            },
            "setup.py" => !is_there("pyproject.toml"),
            _ => false,
        };
        if !is_project {
            continue;
        }
        // Whoever wrote the lock file builds as well.
        let (build, install): (&[&str], &[&str]) = if is_there("uv.lock") {
            (&["uv", "build"], &["uv", "sync"])
        } else if is_there("poetry.lock") {
            (&["poetry", "build"], &["poetry", "install"])
        } else if is_there("pdm.lock") {
            (&["pdm", "build"], &["pdm", "install"])
        } else {
            (
                &["python3", "-m", "build"],
                &["python3", "-m", "pip", "install", "--editable", "."],
            )
        };
        detected.tasks.push(task(file, &dir, "build", Kind::Build, build));
        detected.tasks.push(task(file, &dir, "install", Kind::Other, install));
    }
}

fn task(file: &Found, dir: &Path, word: &str, kind: Kind, argv: &[&str]) -> Task {
    Task {
        id: id_of("python", dir, word),
        name: format!("python {word}"),
        source: Source::Python,
        kind,
        argv: argv.iter().map(|word| (*word).to_owned()).collect(),
        dir: dir.to_path_buf(),
        place: Place {
            path: file.path.clone(),
            line: None,
            column: None,
        },
        env: std::collections::BTreeMap::new(),
        timeout_ms: None,
        has_pty: false,
        note: String::new(),
    }
}
