//! Which packages of a cargo workspace stand where and need each other, read from their manifests.

use crate::adapters::scan::Found;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

/// A package: its folder, and the folders of the packages that it names by path.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Package {
    pub dir: PathBuf,
    pub needs: BTreeSet<PathBuf>,
}

/// Packages by name.
pub fn packages(files: &[Found]) -> BTreeMap<String, Package> {
    let manifests: Vec<(PathBuf, toml::Table)> = files
        .iter()
        .filter(|file| file.path.file_name().is_some_and(|name| name == "Cargo.toml"))
        .filter_map(|file| Some((super::dir_of(file), file.text.as_deref()?.parse().ok()?)))
        .collect();
    // What members take over by `workspace = true`.
    let mut shared: BTreeMap<String, PathBuf> = BTreeMap::new();
    for (dir, table) in &manifests {
        let workspace = table.get("workspace").and_then(toml::Value::as_table);
        shared.extend(workspace.into_iter().flat_map(|workspace| paths(workspace, dir)));
    }
    let named = manifests.iter().filter_map(|(dir, table)| {
        let name = table.get("package")?.get("name")?.as_str()?.to_owned();
        let mut needs: BTreeSet<PathBuf> = paths(table, dir).into_values().collect();
        let targets = table.get("target").and_then(toml::Value::as_table);
        for target in targets.into_iter().flat_map(|targets| targets.values()) {
            needs.extend(
                target
                    .as_table()
                    .map(|target| paths(target, dir))
                    .unwrap_or_default()
                    .into_values(),
            );
        }
        for (name, table) in dependencies(table) {
            let is_shared = table.get("workspace").is_some();
            needs.extend(shared.get(name).filter(|_| is_shared).cloned());
        }
        Some((name, Package { dir: dir.clone(), needs }))
    });
    named.collect()
}

/// The packages that a change of these files touches, and those that need them; None when it touches all.
pub fn touched(packages: &BTreeMap<String, Package>, root: &Path, changed: &BTreeSet<PathBuf>) -> Option<BTreeSet<String>> {
    let mut dirs: BTreeSet<PathBuf> = BTreeSet::new();
    for path in changed.iter().filter(|path| path.starts_with(root)) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let is_for_all = matches!(name, "Cargo.lock" | "rust-toolchain" | "rust-toolchain.toml")
            || path
                .components()
                .any(|part| part.as_os_str() == ".cargo" || part.as_os_str() == ".config");
        if is_for_all || path == &root.join("Cargo.toml") {
            return None;
        }
        let nearest = packages.values().filter(|package| path.starts_with(&package.dir));
        dirs.extend(
            nearest
                .max_by_key(|package| package.dir.components().count())
                .map(|package| package.dir.clone()),
        );
    }
    loop {
        let more: Vec<PathBuf> = packages
            .values()
            .filter(|package| !dirs.contains(&package.dir) && !package.needs.is_disjoint(&dirs))
            .map(|package| package.dir.clone())
            .collect();
        if more.is_empty() {
            break;
        }
        dirs.extend(more);
    }
    let of_dirs = packages.iter().filter(|(_, package)| dirs.contains(&package.dir));
    Some(of_dirs.map(|(name, _)| name.clone()).collect())
}

fn dependencies(table: &toml::Table) -> impl Iterator<Item = (&String, &toml::Value)> {
    ["dependencies", "dev-dependencies", "build-dependencies"]
        .into_iter()
        .filter_map(|kind| table.get(kind)?.as_table())
        .flat_map(toml::Table::iter)
}

fn paths(table: &toml::Table, dir: &Path) -> BTreeMap<String, PathBuf> {
    let named = dependencies(table).filter_map(|(name, value)| {
        let path = value.get("path")?.as_str()?;
        let mut at = dir.to_path_buf();
        for part in Path::new(path).components() {
            match part {
                Component::ParentDir => drop(at.pop()),
                Component::CurDir => {}
                part => at.push(part),
            }
        }
        Some((name.clone(), at))
    });
    named.collect()
}
