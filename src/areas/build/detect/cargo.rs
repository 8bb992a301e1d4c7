//! Tasks of cargo: per workspace or lone package what one usually asks, per member its own build and its programs.

use super::{Detected, Kind, Source, Task, dir_of, id_of};
use crate::adapters::scan::Found;
use crate::base::{Place, Problem, SafeText};
use crate::msg;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

struct Package<'a> {
    dir: PathBuf,
    file: &'a Found,
    name: Option<String>,
    is_workspace: bool,
    excluded: Vec<PathBuf>,
    programs: BTreeSet<String>,
}

/// Adds the tasks of every `Cargo.toml`.
pub(super) fn tasks(files: &[Found], detected: &mut Detected) {
    let mut packages: Vec<Package<'_>> = Vec::new();
    for file in files
        .iter()
        .filter(|file| file.path.file_name().is_some_and(|name| name == "Cargo.toml"))
    {
        let Some(text) = &file.text else { continue };
        match text.parse::<toml::Table>() {
            Ok(table) => packages.push(package(file, &table, files)),
            Err(error) => {
                let line = error
                    .span()
                    .map_or(0, |span| text[..span.start].matches('\n').count() as u32 + 1);
                let why = error.message().lines().next().unwrap_or_default();
                let problem = Problem::config(msg!("build-manifest-broken", file = &file.path, why = why));
                detected.problems.push(problem.at_place(&file.path, line, 0));
            }
        }
    }
    // Paths are sorted, but `a/Cargo.toml` stands after `a/b/Cargo.toml`.
    packages.sort_by_key(|package| package.dir.components().count());
    for at in 0..packages.len() {
        let package = &packages[at];
        let is_member = packages[..at]
            .iter()
            .any(|root| root.is_workspace && is_inside(package, root));
        if is_member {
            member_tasks(package, &packages, detected);
        } else {
            root_tasks(package, detected);
        }
    }
    for file in files.iter().filter(|file| dir_of(&file.path).ends_with(".cargo")) {
        let dir = dir_of(&dir_of(&file.path));
        if packages.iter().any(|package| package.dir == dir) {
            detected.tasks.extend(aliases(file, &dir));
        }
    }
}

/// The commands that a project gave names of their own: `[alias]` of `.cargo/config.toml` (The Cargo Book, "Configuration").
fn aliases(file: &Found, dir: &Path) -> Vec<Task> {
    let text = file.text.as_deref().unwrap_or_default();
    let table: toml::Table = text.parse().unwrap_or_default();
    let aliases = table.get("alias").and_then(toml::Value::as_table);
    let found = aliases.into_iter().flatten().map(|(name, value)| {
        let many = value.as_array().into_iter().flatten().filter_map(toml::Value::as_str);
        let words: Vec<&str> = value.as_str().into_iter().chain(many).collect();
        let line = text.lines().position(|line| {
            let key = line.trim_start().trim_start_matches('"').strip_prefix(name.as_str());
            key.is_some_and(|rest| rest.trim_start_matches('"').trim_start().starts_with('='))
        });
        Task {
            kind: Kind::of_name(name),
            place: Place {
                path: file.path.clone(),
                line: line.map(|line| line as u32 + 1),
                column: None,
            },
            note: SafeText::new(&words.join(" ")).into_string(),
            ..cargo_task(dir, &file.path, name, Kind::Other, vec!["cargo".to_owned(), name.clone()])
        }
    });
    found.collect()
}

fn is_inside(package: &Package<'_>, root: &Package<'_>) -> bool {
    package.dir != root.dir
        && package.dir.starts_with(&root.dir)
        && !root.excluded.iter().any(|dir| package.dir.starts_with(root.dir.join(dir)))
}

fn package<'a>(file: &'a Found, table: &toml::Table, files: &[Found]) -> Package<'a> {
    let dir = dir_of(&file.path);
    let name = table
        .get("package")
        .and_then(|package| package.get("name"))
        .and_then(toml::Value::as_str)
        .map(str::to_owned);
    let workspace = table.get("workspace");
    let excluded = workspace
        .and_then(|workspace| workspace.get("exclude"))
        .and_then(toml::Value::as_array);
    let mut programs = BTreeSet::new();
    if let Some(name) = &name {
        for bin in table.get("bin").and_then(toml::Value::as_array).into_iter().flatten() {
            programs.extend(bin.get("name").and_then(toml::Value::as_str).map(str::to_owned));
        }
        let main = dir.join("src/main.rs");
        let main_is_named = table.get("bin").and_then(toml::Value::as_array).is_some_and(|bins| {
            bins.iter()
                .any(|bin| bin.get("path").and_then(toml::Value::as_str) == Some("src/main.rs"))
        });
        for found in files {
            if found.path == main && !main_is_named {
                programs.insert(name.clone());
            } else if found.path.parent() == Some(&dir.join("src/bin")) {
                programs.extend(found.path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
            }
        }
    }
    Package {
        dir,
        file,
        name,
        is_workspace: workspace.is_some(),
        excluded: excluded
            .into_iter()
            .flatten()
            .filter_map(toml::Value::as_str)
            .map(PathBuf::from)
            .collect(),
        programs,
    }
}

fn root_tasks(package: &Package<'_>, detected: &mut Detected) {
    let all: &[(&str, Kind)] = &[
        ("build", Kind::Build),
        ("build --release", Kind::Build),
        ("check", Kind::Check),
        ("clippy", Kind::Check),
        ("fmt --check", Kind::Check),
        ("doc --no-deps", Kind::Other),
    ];
    if package.name.is_none() && !package.is_workspace {
        return;
    }
    for (words, kind) in all {
        let mut argv: Vec<String> = std::iter::once("cargo").chain(words.split(' ')).map(str::to_owned).collect();
        if package.is_workspace {
            argv.push(if words.starts_with("fmt") { "--all" } else { "--workspace" }.to_owned());
        }
        detected.tasks.push(task(package, &package.dir, words, *kind, argv));
    }
    for program in &package.programs {
        let argv = ["cargo", "run", "--bin", program].map(str::to_owned).to_vec();
        detected
            .tasks
            .push(task(package, &package.dir, &format!("run {program}"), Kind::Run, argv));
    }
}

/// Run in the workspace's folder, where their messages' paths start.
fn member_tasks(package: &Package<'_>, packages: &[Package<'_>], detected: &mut Detected) {
    let Some(name) = &package.name else { return };
    let root = packages.iter().find(|root| root.is_workspace && is_inside(package, root));
    let dir = root.map_or(package.dir.as_path(), |root| &root.dir);
    let argv = ["cargo", "build", "-p", name].map(str::to_owned).to_vec();
    detected
        .tasks
        .push(task(package, dir, &format!("build -p {name}"), Kind::Build, argv));
    for program in &package.programs {
        let argv = ["cargo", "run", "-p", name, "--bin", program].map(str::to_owned).to_vec();
        detected
            .tasks
            .push(task(package, dir, &format!("run {program}"), Kind::Run, argv));
    }
}

fn task(package: &Package<'_>, dir: &Path, words: &str, kind: Kind, argv: Vec<String>) -> Task {
    cargo_task(dir, &package.file.path, words, kind, argv)
}

fn cargo_task(dir: &Path, file: &Path, words: &str, kind: Kind, argv: Vec<String>) -> Task {
    Task {
        id: id_of("cargo", dir, words),
        name: format!("cargo {words}"),
        source: Source::Cargo,
        kind,
        argv,
        dir: dir.to_path_buf(),
        place: Place {
            path: file.to_path_buf(),
            line: None,
            column: None,
        },
        env: std::collections::BTreeMap::new(),
        timeout_ms: None,
        has_pty: false,
        note: String::new(),
    }
}
