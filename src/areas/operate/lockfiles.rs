//! Lock files as tables of package and version: Cargo, npm, pnpm's and yarn's text, pip, Poetry, uv, Go.

use std::collections::BTreeMap;
use std::path::Path;

/// Whether a file of this name is read.
pub fn is_lock(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let is_requirements = name.starts_with("requirements") && name.ends_with(".txt");
    let is_foreign = path
        .components()
        .any(|part| matches!(part.as_os_str().to_str(), Some("node_modules" | "vendor" | "target")));
    !is_foreign
        && (is_requirements
            || matches!(
                name,
                "Cargo.lock" | "package-lock.json" | "npm-shrinkwrap.json" | "poetry.lock" | "uv.lock" | "go.mod" | "yarn.lock"
            ))
}

/// Packages with their versions; several versions of one are joined. What is no lock file has none.
pub fn packages(path: &Path, text: &str) -> BTreeMap<String, String> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let found = match name {
        "Cargo.lock" | "poetry.lock" | "uv.lock" => of_toml(text),
        "package-lock.json" | "npm-shrinkwrap.json" => of_npm(text),
        "go.mod" => of_go(text),
        "yarn.lock" => of_yarn(text),
        _ => of_requirements(text),
    };
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, version) in found {
        let versions = all.entry(name).or_default();
        if !versions.contains(&version) {
            versions.push(version);
        }
    }
    all.into_iter()
        .map(|(name, mut versions)| {
            versions.sort();
            (name, versions.join(", "))
        })
        .collect()
}

/// `[[package]]` with `name` and `version`.
fn of_toml(text: &str) -> Vec<(String, String)> {
    let table: toml::Table = text.parse().unwrap_or_default();
    let packages = table.get("package").and_then(toml::Value::as_array).into_iter().flatten();
    let pairs = packages.filter_map(|package| {
        let word = |key: &str| Some(package.get(key)?.as_str()?.to_owned());
        Some((word("name")?, word("version")?))
    });
    pairs.collect()
}

/// `packages` of versions 2 and 3, `dependencies` of version 1.
fn of_npm(text: &str) -> Vec<(String, String)> {
    let lock: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    let entries = |key: &str| lock.get(key).and_then(serde_json::Value::as_object).into_iter().flatten();
    let mut found: Vec<(String, String)> = entries("packages")
        .filter_map(|(path, package)| {
            let (_, name) = path.rsplit_once("node_modules/")?;
            Some((name.to_owned(), package.get("version")?.as_str()?.to_owned()))
        })
        .collect();
    if found.is_empty() {
        let old = entries("dependencies");
        found.extend(old.filter_map(|(name, package)| Some((name.clone(), package.get("version")?.as_str()?.to_owned()))));
    }
    found
}

/// `require path v1.2.3`, alone or in a block.
fn of_go(text: &str) -> Vec<(String, String)> {
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default().trim());
    let pairs = lines.filter_map(|line| {
        let line = line.strip_prefix("require ").unwrap_or(line);
        let (name, version) = line.split_once(' ')?;
        let is_version = version.starts_with('v') && version[1..].starts_with(|c: char| c.is_ascii_digit());
        is_version.then(|| (name.to_owned(), version.trim().to_owned()))
    });
    pairs.collect()
}

/// `name@^1.0, name@^1.1:` and below it `  version "1.2.3"`.
fn of_yarn(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut name = None;
    for line in text.lines() {
        if !line.starts_with([' ', '#']) && line.ends_with(':') {
            let first = line
                .trim_end_matches(':')
                .split(',')
                .next()
                .unwrap_or_default()
                .trim_matches('"');
            // A scope begins with the same sign as the version.
            let at = first.get(1..).and_then(|rest| rest.find('@'));
            name = at.map(|at| first[..=at].to_owned());
        } else if let (Some(rest), Some(name)) = (line.trim().strip_prefix("version"), &name) {
            let version = rest.trim_start_matches(':').trim().trim_matches('"');
            found.push((name.clone(), version.to_owned()));
        }
    }
    found
}

/// `name==1.2.3 ; marker`, with extras; other lines pin nothing.
fn of_requirements(text: &str) -> Vec<(String, String)> {
    let pairs = text.lines().filter_map(|line| {
        let line = line.split(['#', ';']).next()?.trim();
        let (name, version) = line.split_once("==")?;
        let name = name.split('[').next()?.trim().to_ascii_lowercase();
        let version = version.split_whitespace().next()?;
        Some((name, version.to_owned()))
    });
    pairs.collect()
}
