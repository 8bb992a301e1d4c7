//! Version files: where each kind states the version. Only the bytes of the version itself are replaced, so every comment,
//! order, indent and line break stays. One file per kind of file.

mod cargo;
mod json;
pub mod package;
mod pattern;
mod python;

use super::project::{self, ReleaseRules};
use crate::adapters::files::{self, Beneath};
use crate::base::Problem;
use crate::msg;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// The version files that are looked for at the root of a workspace when `chantier.toml` names none.
pub const KNOWN: [&str; 10] = [
    "Cargo.toml",
    "Cargo.lock",
    "package.json",
    "package-lock.json",
    LERNA,
    "pyproject.toml",
    "uv.lock",
    "setup.cfg",
    "__manifest__.py",
    "VERSION",
];

/// Of lerna, for which the version there is that of all packages; `independent` where each has its own.
const LERNA: &str = "lerna.json";

/// Those of tools with workspaces: they may speak of the packages around them.
pub fn of_workspaces() -> impl Iterator<Item = &'static str> {
    KNOWN
        .into_iter()
        .filter(|file| !matches!(*file, "setup.cfg" | "__manifest__.py" | "VERSION"))
}

/// One version file with its text.
#[derive(Clone, Debug, PartialEq)]
pub struct VersionFile {
    /// Relative to the workspace.
    pub path: PathBuf,
    pub text: String,
    /// What the project says stands around the version; None: known by the name of the file.
    pub pattern: Option<String>,
}

/// Places in a text that state a version, first the one that decides.
#[derive(Clone, Debug, Default, PartialEq)]
struct Found {
    version: Option<String>,
    /// Of the versions' bytes, without quotes.
    spans: Vec<Range<usize>>,
}

/// What must be known of the other version files: the names of the packages of this workspace and the version they had.
#[derive(Clone, Debug, Default, PartialEq)]
struct Around {
    names: BTreeSet<String>,
    /// The same of Python's packages, as lock files write them.
    python: BTreeSet<String>,
    version: Option<String>,
    /// What lerna says.
    lerna: Option<String>,
}

/// The version files that are named, all of which must be there, with the lock files beside them; else those that are found at the root.
pub fn read(root: &Path, rules: &ReleaseRules) -> Result<Vec<VersionFile>, Problem> {
    let beneath = Beneath::open(root)?;
    let named = !rules.version_files.is_empty();
    let paths: Vec<PathBuf> = if named {
        rules.version_files.clone()
    } else {
        KNOWN.iter().map(PathBuf::from).collect()
    };
    let locks: Vec<PathBuf> = paths.iter().filter(|_| named).filter_map(|path| lock_of(path)).collect();
    let locks = locks
        .into_iter()
        .filter(|lock| !paths.contains(lock))
        .map(|lock| (lock, None, false));
    let mut wanted: Vec<(PathBuf, Option<String>, bool)> = paths.iter().map(|path| (path.clone(), None, named)).collect();
    wanted.extend(locks);
    // What a manifest leaves to another file is stated there.
    for path in paths
        .iter()
        .filter(|path| path.file_name().is_some_and(|name| name == "pyproject.toml"))
    {
        let Ok(text) = beneath.read_text(path, files::MAX_TEXT_BYTES) else {
            continue;
        };
        let folder = path.parent().unwrap_or(Path::new(""));
        let stating = python::elsewhere(&text).into_iter().map(|stating| folder.join(stating));
        let found = stating
            .filter(|stating| !paths.contains(stating))
            .find(|stating| beneath.read_text(stating, files::MAX_TEXT_BYTES).is_ok());
        wanted.extend(found.map(|stating| (stating, None, false)));
    }
    let ruled = rules.files.iter();
    wanted.extend(ruled.map(|file| (file.path.clone(), Some(file.pattern.clone()), true)));
    let mut out = Vec::new();
    for (path, pattern, is_needed) in wanted {
        out.extend(read_one(&beneath, root, path, pattern, is_needed)?);
    }
    Ok(out)
}

/// The lock file that a tool keeps beside a manifest, which states the same version; None for other files.
pub fn lock_of(manifest: &Path) -> Option<PathBuf> {
    let lock = match manifest.file_name()?.to_str()? {
        "Cargo.toml" => "Cargo.lock",
        "package.json" => "package-lock.json",
        "pyproject.toml" => "uv.lock",
        _ => return None,
    };
    Some(manifest.with_file_name(lock))
}

/// The files of a package, all of which must be there, and those around it that may have to follow.
pub fn read_package(root: &Path, own: &[PathBuf], around: &[PathBuf]) -> Result<Vec<VersionFile>, Problem> {
    let beneath = Beneath::open(root)?;
    let mut out = Vec::new();
    for (paths, is_needed) in [(own, true), (around, false)] {
        for path in paths {
            out.extend(read_one(&beneath, root, path.clone(), None, is_needed)?);
        }
    }
    Ok(out)
}

fn read_one(
    beneath: &Beneath,
    root: &Path,
    path: PathBuf,
    pattern: Option<String>,
    is_needed: bool,
) -> Result<Option<VersionFile>, Problem> {
    match beneath.read_text(&path, files::MAX_TEXT_BYTES) {
        Ok(text) => Ok(Some(VersionFile { path, text, pattern })),
        Err(problem) if problem.code == "not-found" && !is_needed => Ok(None),
        Err(problem) if problem.code == "not-found" => Err(Problem::config(msg!("release-file-missing", path = &path))
            .hint(msg!("release-file-missing-hint"))
            .at_place(root.join(project::FILE_NAME), 0, 0)),
        Err(problem) => Err(problem),
    }
}

/// The series of Odoo's that a module's own version stands behind, with the point: `18.0.` of `18.0.1.2.3`.
pub fn series_in(text: &str) -> Option<&str> {
    python::stated_series(text)
}

/// The name that a `pyproject.toml` gives its project.
pub fn python_name(text: &str) -> Option<String> {
    python::raw_name(text)
}

/// The version that the files state: that of the first one that states any. The others are told when they differ.
pub fn current(files: &[VersionFile]) -> (Option<String>, Vec<Problem>) {
    let mut problems = Vec::new();
    let around = around(files);
    let mut current: Option<(String, &Path)> = None;
    for file in files {
        match find(file, &around) {
            Err(problem) => problems.push(problem),
            Ok(found) => {
                let Some(version) = found.version else { continue };
                match &current {
                    None => current = Some((version, &file.path)),
                    Some((known, path)) if *known != version => problems.push(
                        Problem::config(msg!(
                            "release-files-differ",
                            path = &file.path,
                            version = version,
                            known = known.clone(),
                            first = *path
                        ))
                        .hint(msg!("release-files-differ-hint"))
                        .at_place(&file.path, 0, 0),
                    ),
                    Some(_) => {}
                }
            }
        }
    }
    (current.map(|(version, _)| version), problems)
}

/// Those that state the version, or that can not be read.
pub fn stating(files: &[VersionFile]) -> impl Iterator<Item = &VersionFile> {
    let around = around(files);
    files
        .iter()
        .filter(move |file| !find(file, &around).is_ok_and(|found| found.spans.is_empty()))
}

/// The files with the new version; those that state none are left out, because they stay as they are.
pub fn set(files: &[VersionFile], version: &str) -> Result<Vec<VersionFile>, Problem> {
    let around = around(files);
    let mut out = Vec::new();
    for file in files {
        let found = find(file, &around)?;
        if found.spans.is_empty() {
            continue;
        }
        out.push(VersionFile {
            text: replace(&file.text, found.spans, written(file, version).as_ref()),
            ..file.clone()
        });
    }
    Ok(out)
}

/// The version as this kind of file writes it.
fn written<'a>(file: &VersionFile, version: &'a str) -> Cow<'a, str> {
    if name_of(file) == "uv.lock" {
        python::normal_version(version)
    } else {
        Cow::Borrowed(version)
    }
}

fn replace(text: &str, mut spans: Vec<Range<usize>>, version: &str) -> String {
    spans.sort_by_key(|span| span.start);
    spans.dedup();
    let mut out = String::with_capacity(text.len() + 16);
    let mut done = 0;
    for span in spans {
        out.push_str(&text[done..span.start]);
        out.push_str(version);
        done = span.end;
    }
    out.push_str(&text[done..]);
    out
}

fn around(files: &[VersionFile]) -> Around {
    let mut around = Around::default();
    for file in files {
        if name_of(file) == "Cargo.toml"
            && let Ok(manifest) = cargo::manifest(&file.text)
        {
            around.names.extend(manifest.name);
            around.version = around.version.or(manifest.found.version);
        }
        if name_of(file) == LERNA {
            around.lerna = lerna(&file.text).version;
        }
        if name_of(file) == "pyproject.toml" {
            around.python.extend(python::name(&file.text));
        }
    }
    around
}

fn name_of(file: &VersionFile) -> &str {
    file.path.file_name().and_then(|name| name.to_str()).unwrap_or("")
}

fn find(file: &VersionFile, around: &Around) -> Result<Found, Problem> {
    if let Some(pattern) = &file.pattern {
        return pattern::find(&file.text, pattern).ok_or_else(|| {
            Problem::config(msg!("release-file-pattern", path = &file.path, pattern = pattern))
                .hint(msg!("release-file-pattern-hint"))
                .at_place(&file.path, 0, 0)
        });
    }
    let found = match name_of(file) {
        "Cargo.toml" => cargo::manifest(&file.text).map(|manifest| manifest.found),
        "Cargo.lock" => cargo::lock(&file.text, &around.names, around.version.as_deref()),
        "pyproject.toml" => python::pyproject(&file.text),
        "setup.cfg" => Ok(python::setup(&file.text)),
        "uv.lock" => python::lock(&file.text, &around.python),
        "package-lock.json" | "npm-shrinkwrap.json" => Ok(json::lock(&file.text)),
        LERNA => Ok(lerna(&file.text)),
        name if Path::new(name).extension().is_some_and(|ext| ext == "json") => Ok(json::manifest(&file.text)),
        name if Path::new(name).extension().is_some_and(|ext| ext == "py") => Ok(python::source(&file.text)),
        name if Path::new(name).extension().is_none() => Ok(plain(&file.text)),
        _ => Err((0, String::new())),
    };
    let found = found.map_err(|wrong| broken(file, wrong))?;
    // Where lerna states the version, the package of the root, which is given to nobody, states none that counts, unless it is the same.
    let is_npm = matches!(name_of(file), "package.json" | "package-lock.json");
    let is_at_root = file.path.parent().is_none_or(|folder| folder.as_os_str().is_empty());
    let counts = !is_npm || !is_at_root || around.lerna.is_none() || found.version == around.lerna;
    Ok(if counts { found } else { Found::default() })
}

fn lerna(text: &str) -> Found {
    let found = json::manifest(text);
    let is_one = found
        .version
        .as_deref()
        .is_some_and(|version| semver::Version::parse(version).is_ok());
    if is_one { found } else { Found::default() }
}

fn broken(file: &VersionFile, (at, why): cargo::Broken) -> Problem {
    let before = &file.text[..at.min(file.text.len())];
    let line = before.matches('\n').count() + 1;
    let problem = if why.is_empty() {
        Problem::config(msg!("release-file-unknown", path = &file.path)).hint(msg!("release-file-unknown-hint"))
    } else {
        Problem::config(msg!("release-file-broken", path = &file.path)).details(why)
    };
    problem.at_place(&file.path, line as u32, 0)
}

/// A file that holds nothing but the version.
fn plain(text: &str) -> Found {
    let trimmed = text.trim();
    let start = text.len() - text.trim_start().len();
    match semver::Version::parse(trimmed) {
        Ok(_) => Found {
            version: Some(trimmed.to_owned()),
            spans: std::iter::once(start..start + trimmed.len()).collect(),
        },
        Err(_) => Found::default(),
    }
}

/// The bytes between the quotes of a TOML or Python string literal.
fn inside_quotes(text: &str, span: Range<usize>) -> Range<usize> {
    let raw = &text[span.clone()];
    let quotes = if raw.starts_with("\"\"\"") || raw.starts_with("'''") {
        3
    } else {
        1
    };
    span.start + quotes..span.end - quotes
}
