//! Which folders of a workspace need each other across its sites: packages of npm, modules of go, projects of Python and crates that name
//! one another in their manifests. Nothing is run.

use super::imports::normal;
use super::{Runner, cargo_graph, dir_of, go};
use crate::adapters::scan::{Found, Wanted};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What has manifests of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Cargo,
    Go,
    Npm,
    Python,
}

impl Kind {
    /// None where nobody knows what the tests need.
    pub fn of(runner: Runner) -> Option<Self> {
        match runner {
            Runner::CargoTest | Runner::Nextest => Some(Self::Cargo),
            Runner::Go => Some(Self::Go),
            Runner::Node | Runner::Vitest | Runner::Jest | Runner::Mocha | Runner::Tap => Some(Self::Npm),
            Runner::Pytest | Runner::Unittest => Some(Self::Python),
            Runner::Ctest | Runner::Task => None,
        }
    }
}

/// The manifests that say it.
pub fn wanted(path: &Path) -> Wanted {
    match path.file_name().and_then(|name| name.to_str()).unwrap_or_default() {
        "Cargo.toml" | "go.mod" | "go.work" | "package.json" | "pyproject.toml" => Wanted::Text,
        "setup.py" | "setup.cfg" => Wanted::Path,
        name if is_requirements(name) => Wanted::Text,
        _ => Wanted::No,
    }
}

/// Folders with a manifest, each with the folders that it needs.
#[derive(Debug, Default)]
pub struct Needs(BTreeMap<(Kind, PathBuf), BTreeSet<PathBuf>>);

impl Needs {
    /// Reads the manifests.
    pub fn of(files: &[Found]) -> Self {
        let mut found = Self::default();
        for package in cargo_graph::packages(files).into_values() {
            found.0.insert((Kind::Cargo, package.dir), package.needs);
        }
        found.go(files);
        found.npm(files);
        found.python(files);
        found
    }

    /// The nearest folder with a manifest, at a path or above it.
    pub fn home(&self, kind: Kind, path: &Path) -> Option<&Path> {
        let dirs = self.0.keys().filter(|(of, dir)| *of == kind && path.starts_with(dir));
        dirs.max_by_key(|(_, dir)| dir.components().count())
            .map(|(_, dir)| dir.as_path())
    }

    /// Every folder that one needs, directly or by others; never itself.
    pub fn below(&self, kind: Kind, dir: &Path) -> BTreeSet<&Path> {
        let mut found: BTreeSet<&Path> = BTreeSet::new();
        let mut open = vec![dir.to_path_buf()];
        while let Some(at) = open.pop() {
            for need in self.0.get(&(kind, at)).into_iter().flatten() {
                if need != dir && found.insert(need) {
                    open.push(need.clone());
                }
            }
        }
        found
    }

    /// The folders with a manifest at `dir` and below it.
    pub fn within(&self, kind: Kind, dir: &Path) -> impl Iterator<Item = &Path> {
        let own = self.0.keys().filter(move |(of, own)| *of == kind && own.starts_with(dir));
        own.map(|(_, own)| own.as_path())
    }

    /// `replace example.com/lib => ../lib`, and modules of one `go.work` that require each other.
    fn go(&mut self, files: &[Found]) {
        let modules: BTreeMap<String, PathBuf> = named(files, "go.mod")
            .filter_map(|(dir, text)| Some((go::module_of(text)?, dir)))
            .collect();
        let mut shared: Vec<BTreeSet<PathBuf>> = Vec::new();
        for (dir, text) in named(files, "go.work") {
            let used = directives(text, "use").filter_map(|line| Some(normal(&dir.join(word(line)?))));
            shared.push(used.collect());
        }
        for (dir, text) in named(files, "go.mod") {
            let mut needs: BTreeSet<PathBuf> = directives(text, "replace")
                .filter_map(|line| word(line.split_once("=>")?.1))
                .filter(|to| to.starts_with('.'))
                .map(|to| normal(&dir.join(to)))
                .collect();
            for required in directives(text, "require").filter_map(word) {
                let module = modules.get(required);
                let is_shared = |module: &&PathBuf| shared.iter().any(|used| used.contains(&dir) && used.contains(*module));
                needs.extend(module.filter(is_shared).cloned());
            }
            self.0.insert((Kind::Go, dir), needs);
        }
    }

    /// Packages that name another one of the repository, or a folder.
    fn npm(&mut self, files: &[Found]) {
        let manifests: Vec<(PathBuf, Value)> = named(files, "package.json")
            .filter_map(|(dir, text)| Some((dir, serde_json::from_str(text.trim_start_matches('\u{feff}')).ok()?)))
            .collect();
        let names: BTreeMap<&str, &PathBuf> = manifests
            .iter()
            .filter_map(|(dir, json)| Some((json.get("name")?.as_str()?, dir)))
            .collect();
        for (dir, json) in &manifests {
            let kinds = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"];
            let all = kinds.iter().filter_map(|kind| json.get(kind)?.as_object()).flatten();
            let needs = all.filter_map(|(name, version)| {
                let version = version.as_str().unwrap_or_default();
                let path = ["file:", "link:", "portal:"]
                    .iter()
                    .find_map(|head| version.strip_prefix(head));
                match path {
                    Some(path) => Some(normal(&dir.join(path))),
                    None => names.get(name.as_str()).map(|dir| (*dir).clone()),
                }
            });
            self.0.insert((Kind::Npm, dir.clone()), needs.collect());
        }
    }

    /// `{ path = "../lib" }` below `[tool]`, the members of a workspace of uv by their names, and `-e ../lib`.
    fn python(&mut self, files: &[Found]) {
        for file in files {
            let name = file.path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if !is_requirements(name) && !matches!(name, "setup.py" | "setup.cfg") {
                continue;
            }
            let dir = dir_of(file);
            let lines = file.text.as_deref().unwrap_or_default().lines().map(str::trim);
            let local = lines.filter_map(|line| {
                let path = ["-e ", "--editable "]
                    .iter()
                    .find_map(|head| line.strip_prefix(head))
                    .unwrap_or(line);
                let path = path.trim().split(['[', ' ', '#']).next()?;
                path.starts_with('.').then(|| normal(&dir.join(path)))
            });
            let needs: BTreeSet<PathBuf> = local.filter(|need| *need != dir).collect();
            self.0.entry((Kind::Python, dir)).or_default().extend(needs);
        }
        let manifests: Vec<(PathBuf, toml::Table)> = named(files, "pyproject.toml")
            .filter_map(|(dir, text)| Some((dir, text.parse().ok()?)))
            .collect();
        let names: BTreeMap<String, &PathBuf> = manifests
            .iter()
            .filter_map(|(dir, table)| Some((python_name(table.get("project")?.get("name")?.as_str()?), dir)))
            .collect();
        for (dir, table) in &manifests {
            let mut needs = BTreeSet::new();
            if let Some(tool) = table.get("tool").and_then(toml::Value::as_table) {
                for of in ["poetry", "pdm", "hatch", "uv"] {
                    let mut told = Vec::new();
                    if let Some(value) = tool.get(of) {
                        sources("", value, &mut told);
                    }
                    for (name, path) in told {
                        match path {
                            Some(path) => needs.insert(normal(&dir.join(path))),
                            None => names.get(&python_name(&name)).is_some_and(|dir| needs.insert((*dir).clone())),
                        };
                    }
                }
            }
            needs.remove(dir);
            self.0.entry((Kind::Python, dir.clone())).or_default().extend(needs);
        }
    }
}

fn is_requirements(name: &str) -> bool {
    name.starts_with("requirements") && Path::new(name).extension().is_some_and(|end| end == "txt")
}

/// Names of projects are the same in either case, and with `-`, `_` and `.`.
fn python_name(name: &str) -> String {
    name.to_lowercase().replace(['_', '.'], "-")
}

/// Tables with a `path`, or with `workspace = true`, and their names.
fn sources(name: &str, value: &toml::Value, told: &mut Vec<(String, Option<String>)>) {
    match value {
        toml::Value::Table(table) => {
            if let Some(path) = table.get("path").and_then(toml::Value::as_str) {
                told.push((name.to_owned(), Some(path.to_owned())));
            } else if table.get("workspace").and_then(toml::Value::as_bool) == Some(true) {
                told.push((name.to_owned(), None));
            }
            for (name, value) in table {
                sources(name, value, told);
            }
        }
        toml::Value::Array(values) => values.iter().for_each(|value| sources(name, value, told)),
        _ => {}
    }
}

/// The folders and texts of the files with this name.
fn named<'a>(files: &'a [Found], name: &'a str) -> impl Iterator<Item = (PathBuf, &'a str)> {
    let found = files
        .iter()
        .filter(move |file| file.path.file_name().is_some_and(|own| own == name));
    found.filter_map(|file| Some((dir_of(file), file.text.as_deref()?)))
}

/// What stands behind a word of `go.mod`, on its line or in its block.
fn directives<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    let mut is_inside = false;
    text.lines().filter_map(move |line| {
        let line = line.split("//").next().unwrap_or_default().trim();
        if is_inside {
            is_inside = line != ")";
            return Some(line).filter(|line| is_inside && !line.is_empty());
        }
        let rest = line.strip_prefix(name)?;
        if rest.trim_start().starts_with('(') {
            is_inside = true;
            return None;
        }
        rest.starts_with(|c: char| c.is_whitespace()).then(|| rest.trim())
    })
}

fn word(line: &str) -> Option<&str> {
    line.split_whitespace().next().map(|word| word.trim_matches('"'))
}
