//! The packages of a monorepo that have a version of their own: members of a Cargo, npm, pnpm or uv workspace, addons of Odoo, and
//! those that the project names.

use super::bump::{self, KNOWN, VersionFile};
use super::project::{self, PackageRule, ReleaseRules};
use super::version_tags;
use crate::adapters::files::{self, Beneath, MAX_TEXT_BYTES};
use crate::base::Problem;
use crate::msg;
use semver::Version;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

/// Packages that are looked for; more are no workspace of a person's.
const MAX_PACKAGES: usize = 2000;
/// Between the name and the version of a package's release, as npm writes it. No semantic version has it.
const JOINT: char = '@';
/// What states the version of one of Odoo's modules.
const ADDON: &str = "__manifest__.py";

/// `core@1.2.0`: how a package's version is called among those of the whole workspace.
pub fn label(package: Option<&str>, version: &str) -> String {
    match package {
        Some(name) => format!("{name}{JOINT}{version}"),
        None => version.to_owned(),
    }
}

/// The package and the version that a label means.
pub fn parts(label: &str) -> (Option<&str>, &str) {
    match label.rsplit_once(JOINT) {
        Some((name, version)) if !name.is_empty() => (Some(name), version),
        _ => (None, label),
    }
}

/// A package of a monorepo that has a version of its own. Paths count from the workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    pub name: String,
    pub path: PathBuf,
    /// None follows the tags that are there.
    pub tag: Option<String>,
    pub changelog: PathBuf,
    /// The files that state its version.
    pub files: Vec<PathBuf>,
    /// Lock files, and files of others that may ask for it.
    pub around: Vec<PathBuf>,
    /// Of Odoo's, in front of its own version: `18.0.`.
    #[serde(default)]
    pub series: Option<String>,
}

/// All of them by name. What the project names comes first, and counts where a tool names the same folder.
pub fn find(root: &Path, rules: &ReleaseRules) -> Result<Vec<Package>, Problem> {
    let beneath = Beneath::open(root)?;
    let members = members(root, &beneath);
    let mut found: BTreeMap<String, Package> = BTreeMap::new();
    for rule in &rules.packages {
        let package = named(root, &beneath, rule, &members)?;
        found.insert(package.name.clone(), package);
    }
    for folder in &members {
        let is_named = found.values().any(|package| package.path == *folder);
        if let Some(stated) = manifest(&beneath, folder).filter(|_| !is_named) {
            found
                .entry(stated.name.clone())
                .or_insert_with(|| package(root, &beneath, &stated.name, folder, &members));
        }
    }
    Ok(found.into_values().collect())
}

/// The folders of the packages that the project names, as far as they lie within the folder of another one, or of the whole.
pub fn apart<'a>(rules: &'a ReleaseRules, within: Option<&'a Path>) -> impl Iterator<Item = &'a Path> {
    let named = rules.packages.iter().map(|rule| rule.path.as_path());
    named.filter(move |path| {
        let is_whole = path.components().all(|part| part == Component::CurDir);
        !is_whole && within.is_none_or(|within| path.starts_with(within) && *path != within)
    })
}

/// Members that all state one version, which is that of the root if it states any; those that are given to nobody count only when they
/// state it too. None where the members, or the files that the project names, say something else.
pub fn of_one_version(root: &Path, rules: &ReleaseRules) -> Result<Option<Vec<Package>>, Problem> {
    if !rules.version_files.is_empty() {
        return Ok(None);
    }
    let beneath = Beneath::open(root)?;
    let members = members(root, &beneath);
    let stated: Vec<(&PathBuf, Stated)> = members
        .iter()
        .filter(|folder| rules.packages.iter().all(|rule| rule.path != **folder))
        .filter_map(|folder| Some((folder, manifest(&beneath, folder)?)))
        .collect();
    let is_given_out = stated.iter().any(|(_, one)| !one.is_private);
    let mut deciding = stated.iter().filter(|(_, one)| !is_given_out || !one.is_private);
    let Some((_, first)) = deciding.next() else { return Ok(None) };
    let version = &first.version;
    let of_root = bump::read(root, rules).ok().and_then(|files| bump::current(&files).0);
    if deciding.any(|(_, one)| one.version != *version) || of_root.is_some_and(|of_root| of_root != *version) {
        return Ok(None);
    }
    let same = stated.iter().filter(|(_, one)| one.version == *version);
    Ok(Some(
        same.map(|(folder, one)| package(root, &beneath, &one.name, folder, &members))
            .collect(),
    ))
}

/// Members whose version is the one that the root of Cargo's workspace states: they state none, but what others ask of them follows it.
pub fn inheriting(root: &Path, rules: &ReleaseRules) -> Result<Vec<Package>, Problem> {
    let stating = Path::new("Cargo.toml");
    if !rules.version_files.is_empty() && rules.version_files.iter().all(|file| file != stating) {
        return Ok(Vec::new());
    }
    let beneath = Beneath::open(root)?;
    let members = members(root, &beneath);
    let name = |folder: &Path| {
        let text = beneath.read_text(&folder.join("Cargo.toml"), MAX_TEXT_BYTES).ok()?;
        let table: toml::Table = toml::from_str(&text).ok()?;
        let package = table.get("package")?;
        let inherits = package.get("version")?.get("workspace")?.as_bool()?;
        inherits.then(|| package.get("name")?.as_str().map(str::to_owned)).flatten()
    };
    Ok(members
        .iter()
        .filter(|folder| rules.packages.iter().all(|rule| rule.path != **folder))
        .filter_map(|folder| Some(package(root, &beneath, &name(folder)?, folder, &members)))
        .collect())
}

/// Odoo's series in front of the versions of this repository: of the module at its root, else of the first one below.
pub fn series(root: &Path) -> Option<String> {
    let beneath = Beneath::open(root).ok()?;
    series_of(&beneath, Path::new("")).or_else(|| addons(root, &beneath).iter().find_map(|folder| series_of(&beneath, folder)))
}

fn series_of(beneath: &Beneath, folder: &Path) -> Option<String> {
    let text = beneath.read_text(&folder.join(ADDON), MAX_TEXT_BYTES).ok()?;
    bump::series_in(&text).map(str::to_owned)
}

/// What the highest version's tag of a package looks like among all tags; None where none of them is its own.
pub fn pattern_among(tags: &[String], package: &Package) -> Option<String> {
    let found = tags.iter().flat_map(|tag| usual(package, tag));
    let highest = found.reduce(|known, other| if other.0 > known.0 { other } else { known });
    highest.map(|(_, pattern)| pattern)
}

/// The tag is of a version of the package alone.
pub fn owns(package: &Package, tag: &str) -> bool {
    match &package.tag {
        Some(pattern) => version_tags::of_tag(tag, pattern).is_some(),
        None => !usual(package, tag).is_empty(),
    }
}

/// The versions that a tag may mean in the forms that are usual for a package, each with what such tags look like.
fn usual(package: &Package, tag: &str) -> Vec<(Version, String)> {
    let name = &package.name;
    let short = name.rsplit('/').next().unwrap_or(name);
    if !tag.starts_with(name.as_str()) && !tag.starts_with(short) {
        return Vec::new();
    }
    let starts = [
        format!("{name}-v"),
        format!("{name}@"),
        format!("{name}@v"),
        format!("{name}-"),
        format!("{name}/v"),
        format!("{short}-v"),
        format!("{short}@"),
    ];
    let meant = starts.into_iter().filter_map(|start| {
        let rest = tag.strip_prefix(start.as_str())?;
        let (len, version) = version_tags::behind_series(rest)?;
        let series = &rest[..len];
        let is_of_series = len == 0 || package.series.as_deref().is_none_or(|own| own == series);
        is_of_series.then(|| (version, format!("{start}{series}{{version}}")))
    });
    meant.collect()
}

/// The one of this name.
pub fn get(root: &Path, rules: &ReleaseRules, name: &str) -> Result<Package, Problem> {
    let all = find(root, rules)?;
    let names: Vec<String> = all.iter().map(|package| package.name.clone()).collect();
    all.into_iter().find(|package| package.name == name).ok_or_else(|| {
        let problem = Problem::user(msg!("release-no-package", name = name)).code("not-found");
        if names.is_empty() {
            problem.hint(msg!("release-no-packages-hint"))
        } else {
            problem.hint(msg!("release-no-package-hint", names = names.join(", ")))
        }
    })
}

fn package(root: &Path, beneath: &Beneath, name: &str, folder: &Path, members: &[PathBuf]) -> Package {
    let own = KNOWN.iter().map(|file| folder.join(file));
    let own: Vec<PathBuf> = own.filter(|path| is_there(beneath, path)).collect();
    let mut around: Vec<PathBuf> = Vec::new();
    let tool = own
        .first()
        .and_then(|path| path.file_name())
        .map(PathBuf::from)
        .unwrap_or_default();
    around.extend(bump::of_workspaces().map(PathBuf::from));
    around.extend(
        members
            .iter()
            .filter(|member| *member != folder)
            .map(|member| member.join(&tool)),
    );
    for outsider in outsiders(root, beneath, folder, members) {
        around.extend(["Cargo.toml", "Cargo.lock"].map(|file| outsider.join(file)));
    }
    around.retain(|path| is_there(beneath, path) && !own.contains(path));
    Package {
        name: name.to_owned(),
        path: folder.to_path_buf(),
        tag: None,
        changelog: folder.join("CHANGELOG.md"),
        series: series_of(beneath, folder),
        files: own,
        around,
    }
}

/// Folders of crates that are none of Cargo's workspace, such as those of cargo fuzz, and take the one in `folder` by its path.
fn outsiders(root: &Path, beneath: &Beneath, folder: &Path, members: &[PathBuf]) -> Vec<PathBuf> {
    if !is_there(beneath, &folder.join("Cargo.toml")) {
        return Vec::new();
    }
    let mut found = excluded_crates(beneath);
    for at in BTreeSet::from([Path::new(""), folder]) {
        let entries = files::list_dir(&root.join(at)).unwrap_or_default();
        let folders = entries.into_iter().filter(|entry| entry.is_dir && !entry.is_link);
        found.extend(folders.map(|entry| at.join(entry.name)));
    }
    found.sort();
    found.dedup();
    found.retain(|other| other != folder && !members.contains(other) && takes_by_path(beneath, other, folder));
    found
}

/// What the root's `Cargo.toml` keeps out of the workspace.
fn excluded_crates(beneath: &Beneath) -> Vec<PathBuf> {
    let text = beneath.read_text(Path::new("Cargo.toml"), MAX_TEXT_BYTES).unwrap_or_default();
    let table: toml::Table = toml::from_str(&text).unwrap_or_default();
    let list = table
        .get("workspace")
        .and_then(|workspace| workspace.get("exclude")?.as_array());
    let words = list.into_iter().flatten().filter_map(toml::Value::as_str);
    words.filter_map(|word| inside(Path::new(""), word)).collect()
}

/// The crate in `other` names the folder as the path of something that it depends on.
fn takes_by_path(beneath: &Beneath, other: &Path, folder: &Path) -> bool {
    let Ok(text) = beneath.read_text(&other.join("Cargo.toml"), MAX_TEXT_BYTES) else {
        return false;
    };
    let table: toml::Table = toml::from_str(&text).unwrap_or_default();
    let targets = table.get("target").and_then(toml::Value::as_table);
    let places = targets
        .into_iter()
        .flat_map(toml::Table::values)
        .filter_map(toml::Value::as_table);
    let takes = |table: &toml::Table| {
        let kinds = ["dependencies", "dev-dependencies", "build-dependencies"];
        let wanted = kinds.iter().filter_map(|kind| table.get(*kind)?.as_table());
        let mut paths = wanted
            .flat_map(toml::Table::values)
            .filter_map(|one| one.get("path")?.as_str());
        paths.any(|path| inside(other, path).is_some_and(|path| path == folder))
    };
    std::iter::once(&table).chain(places).any(takes)
}

/// Where a path leads that is written in a folder; None outside of the workspace.
pub fn inside(folder: &Path, path: &str) -> Option<PathBuf> {
    let mut out = folder.to_path_buf();
    for part in Path::new(path).components() {
        match part {
            Component::Normal(part) => out.push(part),
            Component::CurDir => {}
            Component::ParentDir if out.pop() => {}
            _ => return None,
        }
    }
    Some(out)
}

/// The crate of the root, where crates outside of its workspace take it by its path: what they ask of it follows.
pub fn of_root(root: &Path, rules: &ReleaseRules) -> Result<Option<Package>, Problem> {
    let stating = Path::new("Cargo.toml");
    if !rules.version_files.is_empty() && rules.version_files.iter().all(|file| file != stating) {
        return Ok(None);
    }
    let beneath = Beneath::open(root)?;
    let text = beneath.read_text(stating, MAX_TEXT_BYTES).unwrap_or_default();
    let table: toml::Table = toml::from_str(&text).unwrap_or_default();
    let Some(name) = table.get("package").and_then(|package| package.get("name")?.as_str()) else {
        return Ok(None);
    };
    let members = members(root, &beneath);
    if outsiders(root, &beneath, Path::new(""), &members).is_empty() {
        return Ok(None);
    }
    Ok(Some(package(root, &beneath, name, Path::new(""), &members)))
}

fn named(root: &Path, beneath: &Beneath, rule: &PackageRule, members: &[PathBuf]) -> Result<Package, Problem> {
    let mut package = package(root, beneath, &rule.name, &rule.path, members);
    package.tag.clone_from(&rule.tag);
    if let Some(changelog) = &rule.changelog {
        package.changelog.clone_from(changelog);
    }
    if !rule.version_files.is_empty() {
        package.files.clone_from(&rule.version_files);
        let locks = rule.version_files.iter().filter_map(|path| bump::lock_of(path));
        let locks: Vec<PathBuf> = locks.filter(|lock| is_there(beneath, lock)).collect();
        package
            .files
            .extend(locks.into_iter().filter(|lock| !rule.version_files.contains(lock)));
        package.around.retain(|path| !package.files.contains(path));
    }
    if package.files.is_empty() && rule.tag.is_some() && root.join(&rule.path).is_dir() {
        // Only its tag states the version, as Go's modules and GitHub's actions have it.
        package.around.clear();
        return Ok(package);
    }
    if package.files.is_empty() {
        return Err(
            Problem::config(msg!("release-package-empty", name = &rule.name, path = &rule.path))
                .hint(msg!("release-package-empty-hint"))
                .at_place(root.join(project::FILE_NAME), 0, 0),
        );
    }
    Ok(package)
}

fn is_there(beneath: &Beneath, path: &Path) -> bool {
    beneath.read_text(path, MAX_TEXT_BYTES).is_ok()
}

/// What a folder's manifest states for itself.
struct Stated {
    name: String,
    version: String,
    /// It is given to nobody: an example, a tool of the repository.
    is_private: bool,
}

/// None when the version is that of the workspace.
fn manifest(beneath: &Beneath, folder: &Path) -> Option<Stated> {
    let read = |name: &str| beneath.read_text(&folder.join(name), MAX_TEXT_BYTES).ok();
    if let Some(text) = read("Cargo.toml") {
        let table: toml::Table = toml::from_str(&text).ok()?;
        let package = table.get("package")?;
        let text_of = |key: &str| Some(package.get(key)?.as_str()?.to_owned());
        return Some(Stated {
            name: text_of("name")?,
            version: text_of("version")?,
            is_private: package.get("publish").and_then(toml::Value::as_bool) == Some(false),
        });
    }
    if let Some(text) = read("package.json") {
        let json: Json = serde_json::from_str(&text).ok()?;
        let text_of = |key: &str| Some(json.get(key)?.as_str()?.to_owned());
        return Some(Stated {
            name: text_of("name")?,
            version: text_of("version")?,
            is_private: json.get("private").and_then(Json::as_bool) == Some(true),
        });
    }
    for (file, is_python) in [("pyproject.toml", true), (ADDON, false)] {
        let Some(text) = read(file) else { continue };
        let name = if is_python {
            bump::python_name(&text)
        } else {
            folder.file_name().map(|name| name.to_string_lossy().into_owned())
        };
        let one = VersionFile {
            path: folder.join(file),
            text,
            pattern: None,
        };
        // OCA's modules have a `pyproject.toml` beside that states neither.
        if let (Some(name), Some(version)) = (name, bump::current(&[one]).0) {
            return Some(Stated {
                name,
                version,
                is_private: false,
            });
        }
    }
    None
}

/// Folders right below the root that are modules of Odoo's; none where the root is one itself.
fn addons(root: &Path, beneath: &Beneath) -> Vec<PathBuf> {
    if is_there(beneath, Path::new(ADDON)) {
        return Vec::new();
    }
    let mut out = Vec::new();
    expand(root, Path::new(""), &["*"], &mut out);
    out.retain(|folder| is_there(beneath, &folder.join(ADDON)));
    out.sort();
    out
}

/// The folders of the members of the tools' workspaces.
fn members(root: &Path, beneath: &Beneath) -> Vec<PathBuf> {
    let mut patterns: Vec<String> = Vec::new();
    let mut excluded: Vec<String> = Vec::new();
    if let Ok(text) = beneath.read_text(Path::new("Cargo.toml"), MAX_TEXT_BYTES)
        && let Ok(table) = toml::from_str::<toml::Table>(&text)
    {
        let list = |key: &str| -> Vec<String> {
            let list = table.get("workspace").and_then(|workspace| workspace.get(key)?.as_array());
            let words = list.into_iter().flatten().filter_map(toml::Value::as_str);
            words.map(str::to_owned).collect()
        };
        patterns.extend(list("members"));
        excluded.extend(list("exclude"));
    }
    if let Ok(text) = beneath.read_text(Path::new("package.json"), MAX_TEXT_BYTES)
        && let Ok(json) = serde_json::from_str::<Json>(&text)
    {
        let list = json.get("workspaces");
        let list = list.and_then(|list| list.as_array().or_else(|| list.get("packages")?.as_array()));
        let words = list.into_iter().flatten().filter_map(Json::as_str);
        patterns.extend(words.map(str::to_owned));
    }
    if let Ok(text) = beneath.read_text(Path::new("pnpm-workspace.yaml"), MAX_TEXT_BYTES)
        && let Ok(yaml) = serde_saphyr::from_str::<Json>(&text)
    {
        let words = yaml
            .get("packages")
            .and_then(Json::as_array)
            .into_iter()
            .flatten()
            .filter_map(Json::as_str);
        patterns.extend(words.map(str::to_owned));
    }
    if let Ok(text) = beneath.read_text(Path::new("pyproject.toml"), MAX_TEXT_BYTES)
        && let Ok(table) = toml::from_str::<toml::Table>(&text)
    {
        let list = |key: &str| -> Vec<String> {
            let uv = table.get("tool").and_then(|tool| tool.get("uv")?.get("workspace"));
            let words = uv.and_then(|uv| uv.get(key)?.as_array()).into_iter().flatten();
            words.filter_map(toml::Value::as_str).map(str::to_owned).collect()
        };
        patterns.extend(list("members"));
        excluded.extend(list("exclude"));
    }
    excluded.extend(
        patterns
            .iter()
            .filter_map(|pattern| pattern.strip_prefix('!'))
            .map(str::to_owned),
    );
    let mut out: Vec<PathBuf> = Vec::new();
    for pattern in &patterns {
        let parts: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        expand(root, Path::new(""), &parts, &mut out);
    }
    out.extend(addons(root, beneath));
    out.retain(|folder| !excluded.iter().any(|other| folder.starts_with(other)));
    out.sort();
    out.dedup();
    out
}

/// Folders below `at` that the rest of a pattern names; `*` stands for any letters of one name.
fn expand(root: &Path, at: &Path, parts: &[&str], out: &mut Vec<PathBuf>) {
    let Some((part, rest)) = parts.split_first() else {
        if out.len() < MAX_PACKAGES && !at.as_os_str().is_empty() {
            out.push(at.to_path_buf());
        }
        return;
    };
    if *part == ".." {
        return;
    }
    if !part.contains('*') {
        return expand(root, &at.join(part), rest, out);
    }
    let Ok(entries) = files::list_dir(&root.join(at)) else {
        return;
    };
    for entry in entries.into_iter().filter(|entry| entry.is_dir) {
        let name = entry.name.to_string_lossy();
        if !name.starts_with('.') && is_like(&name, part) {
            expand(root, &at.join(&*name), rest, out);
        }
    }
}

fn is_like(name: &str, pattern: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    for (n, part) in parts.iter().enumerate() {
        if n + 1 == parts.len() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.is_empty()
}
