//! What a project is made of, from the lock files of its folders: Cargo, npm, pnpm, yarn, Poetry, uv, PDM, pip and Go. Reads only.

use super::pip;
use crate::adapters::files::Beneath;
use crate::base::Problem;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Lock files grow large; larger ones are none of a person's projects.
const MAX_BYTES: u64 = 64 << 20;

/// One package that the project depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// The kind of its address: `cargo`, `npm`, `pypi`, `golang`.
    pub kind: &'static str,
    pub name: String,
    pub version: String,
    pub hash: Option<Hash>,
    /// It belongs to this repository itself.
    pub is_own: bool,
    /// Not in what is delivered.
    pub is_dev: bool,
    /// Addresses of the packages that it needs.
    pub needs: BTreeSet<String>,
}

/// A sum of the package's file, in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hash {
    Sha256(String),
    Sha512(String),
}

impl Package {
    pub(super) fn new(kind: &'static str, name: &str, version: &str) -> Self {
        Self {
            kind,
            name: name.to_owned(),
            version: version.to_owned(),
            hash: None,
            is_own: false,
            is_dev: false,
            needs: BTreeSet::new(),
        }
    }

    /// Its package URL.
    pub fn address(&self) -> String {
        address(self.kind, &self.name, &self.version)
    }
}

fn address(kind: &str, name: &str, version: &str) -> String {
    let escape = |text: &str| {
        let mut out = String::new();
        for byte in text.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
                out.push(char::from(byte));
            } else {
                out.push_str(&format!("%{byte:02X}"));
            }
        }
        out
    };
    format!("pkg:{kind}/{}@{}", escape(name), escape(version).replace('/', "%2F"))
}

type Reader = fn(&str) -> Option<Vec<Package>>;

/// It names further files, and may pin nothing.
const PIP: &str = "requirements.txt";
/// Folders whose files are with the sources, and in nothing that is given out.
const BESIDE: [&str; 9] = [
    "test", "tests", "testdata", "fixtures", "example", "examples", "benches", "fuzz", "docs",
];

/// Per ecosystem and folder the first file that is there is read.
const READERS: &[&[(&str, Reader)]] = &[
    &[("Cargo.lock", cargo)],
    &[("package-lock.json", npm), ("pnpm-lock.yaml", pnpm), ("yarn.lock", yarn)],
    &[
        ("uv.lock", python_tables),
        ("poetry.lock", python_tables),
        ("pdm.lock", python_tables),
        (PIP, |_| None),
    ],
    &[("go.mod", go)],
];

/// The ecosystems of the readers, by the kind of their packages' addresses.
const KINDS: [&str; 4] = ["cargo", "npm", "pypi", "golang"];

/// What the lock files say.
#[derive(Default)]
pub struct Found {
    pub packages: Vec<Package>,
    /// Files that could not be understood, or are not there although another one includes them.
    pub broken: Vec<String>,
    /// What is asked for without one version, so that nobody can say what it is.
    pub loose: Vec<String>,
    /// The ecosystems of which there is a lock file.
    pub kinds: BTreeSet<&'static str>,
}

/// The names of the files that are read.
pub fn names() -> impl Iterator<Item = &'static str> {
    READERS.iter().flat_map(|readers| readers.iter().map(|(name, _)| *name))
}

/// Whether there is anything to read at all.
pub fn has_any(root: &Path, folders: &[PathBuf]) -> bool {
    folders
        .iter()
        .any(|folder| names().any(|name| root.join(folder).join(name).is_file()))
}

/// The packages of the lock files in these folders, which count from the root.
pub fn read(root: &Path, folders: &[PathBuf]) -> Result<Found, Problem> {
    let beneath = Beneath::open(root)?;
    read_from(folders, |path| match beneath.read_text(path, MAX_BYTES) {
        Ok(text) => Ok(Some(text)),
        Err(problem) if problem.code == "not-found" => Ok(None),
        Err(problem) => Err(problem),
    })
}

/// The same of lock files that stand elsewhere, such as in a commit.
pub fn read_from(folders: &[PathBuf], text_of: impl Fn(&Path) -> Result<Option<String>, Problem>) -> Result<Found, Problem> {
    let mut all = Found::default();
    let mut packages: BTreeMap<String, Package> = BTreeMap::new();
    for folder in folders {
        let is_beside = folder.iter().any(|part| BESIDE.iter().any(|name| part == *name));
        for (kind, readers) in KINDS.into_iter().zip(READERS) {
            for (name, reader) in *readers {
                let path = folder.join(name);
                let Some(text) = text_of(&path)? else { continue };
                all.kinds.insert(kind);
                let found = if *name == PIP {
                    let pinned = pip::read(&path, text, &text_of)?;
                    all.broken.extend(pinned.missing);
                    all.loose.extend(pinned.loose);
                    Some(pinned.packages)
                } else {
                    reader(&text)
                };
                if found.is_none() {
                    all.broken.push(path.display().to_string());
                }
                for mut package in found.into_iter().flatten() {
                    package.is_dev |= is_beside;
                    packages
                        .entry(package.address())
                        .and_modify(|known| {
                            known.is_dev &= package.is_dev;
                            known.needs.extend(package.needs.iter().cloned());
                        })
                        .or_insert(package);
                }
                break;
            }
        }
    }
    all.packages = packages.into_values().collect();
    Ok(all)
}

fn cargo(text: &str) -> Option<Vec<Package>> {
    let lock: toml::Table = toml::from_str(text).ok()?;
    let rows: Vec<&toml::Table> = lock
        .get("package")?
        .as_array()?
        .iter()
        .filter_map(toml::Value::as_table)
        .collect();
    let text_of = |row: &toml::Table, key: &str| row.get(key).and_then(toml::Value::as_str).map(str::to_owned);
    let mut versions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in &rows {
        versions
            .entry(text_of(row, "name")?)
            .or_default()
            .push(text_of(row, "version")?);
    }
    let mut packages = Vec::new();
    for row in rows {
        let mut package = Package::new("cargo", &text_of(row, "name")?, &text_of(row, "version")?);
        package.is_own = !row.contains_key("source");
        package.hash = text_of(row, "checksum").map(Hash::Sha256);
        let needs = row.get("dependencies").and_then(toml::Value::as_array);
        for need in needs.into_iter().flatten().filter_map(toml::Value::as_str) {
            // `name`, `name version` or `name version (source)`: as much as it takes to be clear.
            let mut words = need.split(' ');
            let name = words.next()?;
            let version = words.next().map(str::to_owned);
            let version = version.or_else(|| versions.get(name)?.first().cloned())?;
            package.needs.insert(address("cargo", name, &version));
        }
        packages.push(package);
    }
    Some(packages)
}

/// `sha512-BASE64`, as npm and yarn write it.
fn integrity(text: Option<&str>) -> Option<Hash> {
    use base64::Engine as _;
    let encoded = text?.split_whitespace().find_map(|one| one.strip_prefix("sha512-"))?;
    let bytes = base64::engine::general_purpose::STANDARD.decode(encoded).ok()?;
    Some(Hash::Sha512(bytes.iter().map(|byte| format!("{byte:02x}")).collect()))
}

fn npm(text: &str) -> Option<Vec<Package>> {
    let lock: Json = serde_json::from_str(text).ok()?;
    let rows = lock.get("packages")?.as_object()?;
    let version_at = |path: &str| rows.get(path)?.get("version")?.as_str();
    let name_of = |path: &str, row: &Json| -> Option<String> {
        if let Some(name) = row.get("name").and_then(Json::as_str) {
            return Some(name.to_owned());
        }
        Some(path.rsplit_once("node_modules/")?.1.to_owned())
    };
    let mut packages = Vec::new();
    for (path, row) in rows {
        let is_link = row.get("link").and_then(Json::as_bool) == Some(true);
        let (Some(name), Some(version)) = (name_of(path, row), version_at(path)) else {
            continue;
        };
        if is_link {
            continue;
        }
        let mut package = Package::new("npm", &name, version);
        package.is_own = !path.contains("node_modules/");
        package.is_dev = row.get("dev").and_then(Json::as_bool) == Some(true);
        package.hash = integrity(row.get("integrity").and_then(Json::as_str));
        for key in ["dependencies", "optionalDependencies", "peerDependencies"] {
            for need in row
                .get(key)
                .and_then(Json::as_object)
                .into_iter()
                .flat_map(serde_json::Map::keys)
            {
                // As node looks for it: here, then in the folders above.
                let mut at = path.as_str();
                let found = loop {
                    let place = if at.is_empty() {
                        format!("node_modules/{need}")
                    } else {
                        format!("{at}/node_modules/{need}")
                    };
                    if let Some(version) = version_at(&place) {
                        break Some(version);
                    }
                    if at.is_empty() {
                        break None;
                    }
                    at = at.rfind("/node_modules/").map_or("", |end| &at[..end]);
                };
                if let Some(version) = found {
                    package.needs.insert(address("npm", need, version));
                }
            }
        }
        packages.push(package);
    }
    Some(packages)
}

/// `/name@1.0.0(peer@2)`, `/@scope/name@1.0.0` or the same without the first slash.
fn pnpm_name(key: &str) -> Option<(&str, &str)> {
    let key = key.strip_prefix('/').unwrap_or(key);
    let key = &key[..key.find('(').unwrap_or(key.len())];
    let at = key.rfind('@').filter(|at| *at > 0)?;
    Some((&key[..at], &key[at + 1..]))
}

fn pnpm(text: &str) -> Option<Vec<Package>> {
    let lock: Json = serde_saphyr::from_str(text).ok()?;
    let rows = lock.get("packages")?.as_object()?;
    let snapshots = lock.get("snapshots").and_then(Json::as_object);
    let mut packages = Vec::new();
    for (key, row) in rows {
        let Some((name, version)) = pnpm_name(key) else { continue };
        let mut package = Package::new("npm", name, version);
        package.is_dev = row.get("dev").and_then(Json::as_bool) == Some(true);
        package.hash = integrity(row.pointer("/resolution/integrity").and_then(Json::as_str));
        let needs = snapshots.and_then(|all| all.get(key)).unwrap_or(row).get("dependencies");
        for (need, version) in needs.and_then(Json::as_object).into_iter().flatten() {
            let version = version.as_str().unwrap_or_default();
            let version = &version[..version.find('(').unwrap_or(version.len())];
            package.needs.insert(address("npm", need, version));
        }
        packages.push(package);
    }
    Some(packages)
}

/// The first line of a block names the ranges that it serves: `"@a/b@^1.0.0", "@a/b@npm:^1.1":`.
fn yarn(text: &str) -> Option<Vec<Package>> {
    let mut packages: Vec<Package> = Vec::new();
    let mut name = None;
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        if !line.starts_with(' ') {
            let first = line
                .trim_end_matches(':')
                .trim_matches('"')
                .split(", ")
                .next()?
                .trim_matches('"');
            let at = first.get(1..)?.find('@').map(|at| at + 1);
            name = at.map(|at| first[..at].to_owned()).filter(|_| !first.contains("@workspace:"));
            continue;
        }
        let mut words = line.trim().splitn(2, ' ');
        let (key, value) = (words.next()?.trim_end_matches(':'), words.next().unwrap_or_default());
        let is_own_line = line.starts_with("  ") && !line.starts_with("   ");
        match (key, name.as_deref()) {
            ("version", Some(name)) if is_own_line => packages.push(Package::new("npm", name, value.trim_matches('"'))),
            ("integrity", Some(name)) if is_own_line => {
                if let Some(package) = packages.last_mut().filter(|package| package.name == name) {
                    package.hash = integrity(Some(value));
                }
            }
            _ => {}
        }
    }
    Some(packages)
}

/// `[[package]]` with a name and a version; what it needs stands there in three ways.
fn python_tables(text: &str) -> Option<Vec<Package>> {
    let lock: toml::Table = toml::from_str(text).ok()?;
    let Some(rows) = lock.get("package") else {
        return Some(Vec::new());
    };
    let mut packages = Vec::new();
    let mut versions = BTreeMap::new();
    let mut needs: Vec<Vec<String>> = Vec::new();
    for row in rows.as_array()?.iter().filter_map(toml::Value::as_table) {
        let name = row.get("name")?.as_str()?;
        let version = row.get("version").and_then(toml::Value::as_str).unwrap_or("0");
        let mut package = Package::new("pypi", &plain(name), version);
        let source = row.get("source").and_then(toml::Value::as_table);
        package.is_own = source.is_some_and(|source| source.contains_key("virtual") || source.contains_key("editable"));
        package.is_dev = row.get("category").and_then(toml::Value::as_str) == Some("dev");
        package.hash = python_hash(row);
        versions.insert(package.name.clone(), package.version.clone());
        needs.push(match row.get("dependencies") {
            Some(toml::Value::Table(table)) => table.keys().map(|name| plain(name)).collect(),
            Some(toml::Value::Array(list)) => list
                .iter()
                .filter_map(|one| one.as_str().or_else(|| one.get("name")?.as_str()))
                .map(|need| {
                    plain(
                        need.split(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c))
                            .next()
                            .unwrap_or_default(),
                    )
                })
                .collect(),
            _ => Vec::new(),
        });
        packages.push(package);
    }
    for (package, needs) in packages.iter_mut().zip(needs) {
        let known = needs
            .iter()
            .filter_map(|name| Some(address("pypi", name, versions.get(name)?)));
        package.needs = known.collect();
    }
    Some(packages)
}

/// The sum of the sources, else of the only file that can be taken: of `sdist` and `wheels` (uv), or of `files` (Poetry, PDM).
fn python_hash(row: &toml::Table) -> Option<Hash> {
    let sum = |file: &toml::Value| Some(file.get("hash")?.as_str()?.strip_prefix("sha256:")?.to_owned());
    if let Some(sdist) = row.get("sdist") {
        return sum(sdist).map(Hash::Sha256);
    }
    let list = |key: &str| row.get(key).and_then(toml::Value::as_array).map_or(&[][..], Vec::as_slice);
    let name = |file: &toml::Value| file.get("file").and_then(toml::Value::as_str).unwrap_or_default().to_owned();
    let is_sources = |file: &&toml::Value| [".tar.gz", ".zip"].iter().any(|end| name(file).ends_with(end));
    let files = list("files");
    let chosen = match (files.iter().find(is_sources), files, list("wheels")) {
        (Some(sources), ..) => sources,
        (None, [only], _) | (None, [], [only]) => only,
        _ => return None,
    };
    sum(chosen).map(Hash::Sha256)
}

/// PyPI's own spelling of a name: `Foo.Bar_baz` is `foo-bar-baz`.
pub(super) fn plain(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        let c = if "-_.".contains(c) { '-' } else { c.to_ascii_lowercase() };
        if c != '-' || !out.ends_with('-') {
            out.push(c);
        }
    }
    out
}

/// `require path v1.2.3` and the lines of `require ( ... )`.
fn go(text: &str) -> Option<Vec<Package>> {
    let mut packages = Vec::new();
    let mut is_inside = false;
    for line in text.lines() {
        let line = line.split("//").next().unwrap_or_default().trim();
        let line = match line {
            "require (" => {
                is_inside = true;
                continue;
            }
            ")" => {
                is_inside = false;
                continue;
            }
            _ if is_inside => line,
            _ => match line.strip_prefix("require ") {
                Some(rest) => rest,
                None => continue,
            },
        };
        if let Some((name, version)) = line.split_once(' ') {
            packages.push(Package::new("golang", name.trim_matches('"'), version.trim()));
        }
    }
    Some(packages)
}
