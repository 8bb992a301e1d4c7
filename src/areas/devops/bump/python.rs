//! `pyproject.toml` (PEP 621 and Poetry), and Python sources that state the version: `__version__ = "1.0"`, Odoo's `__manifest__.py`.

use super::cargo::{Broken, parse, table};
use super::{Found, inside_quotes};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::PathBuf;
use toml_edit::{Item, Value};

/// The name that the file gives the project, as it is written.
pub(super) fn raw_name(text: &str) -> Option<String> {
    let document = parse(text).ok()?;
    let root = document.as_table();
    let poetry = table(root.get("tool")).and_then(|tool| table(tool.get("poetry")));
    let mut owners = [table(root.get("project")), poetry].into_iter().flatten();
    owners.find_map(|owner| owner.get("name")?.as_str().map(str::to_owned))
}

/// The same as lock files write it.
pub(super) fn name(text: &str) -> Option<String> {
    raw_name(text).map(|name| normal(&name))
}

/// `My_Thing.Core` is `my-thing-core`.
fn normal(name: &str) -> String {
    let words: Vec<&str> = name.split(['-', '_', '.']).filter(|word| !word.is_empty()).collect();
    words.join("-").to_lowercase()
}

/// `1.0.0-rc.1` is `1.0.0rc1` where Python's tools write it themselves.
pub(super) fn normal_version(version: &str) -> Cow<'_, str> {
    let Some((base, pre)) = version.split_once('-') else {
        return Cow::Borrowed(version);
    };
    let (word, n) = pre.split_once('.').unwrap_or((pre, "0"));
    let word = match word {
        "alpha" | "a" => "a",
        "beta" | "b" => "b",
        "rc" | "c" | "pre" | "preview" => "rc",
        "dev" => ".dev",
        _ => return Cow::Borrowed(version),
    };
    Cow::Owned(format!("{base}{word}{n}"))
}

/// The entries of the repository's own packages in `uv.lock`: those that are read from a folder.
pub(super) fn lock(text: &str, names: &BTreeSet<String>) -> Result<Found, Broken> {
    let document = parse(text)?;
    let mut found = Found::default();
    let Some(packages) = document.as_table().get("package").and_then(Item::as_array_of_tables) else {
        return Ok(found);
    };
    for package in packages {
        let is_ours = package
            .get("name")
            .and_then(Item::as_str)
            .is_some_and(|name| names.contains(name));
        let source = table(package.get("source"));
        let is_folder = source.is_some_and(|source| {
            ["editable", "virtual", "directory"]
                .iter()
                .any(|key| source.contains_key(key))
        });
        if let Some(item) = package.get("version").filter(|_| is_ours && is_folder)
            && let Some(span) = item.span()
        {
            found.spans.push(inside_quotes(text, span));
        }
    }
    Ok(found)
}

/// The version of one package of the repository itself in `uv.lock`.
pub(super) fn locked(text: &str, package: &str) -> Result<Vec<Range<usize>>, Broken> {
    Ok(lock(text, &BTreeSet::from([normal(package)]))?.spans)
}

/// The number in `core==1.0.0` and `core~=1.0.0` that another project of the repository asks for, where it is the one that changes.
pub(super) fn requirements(text: &str, package: &str, from: &str) -> Result<Vec<Range<usize>>, Broken> {
    let document = parse(text)?;
    let Some(project) = table(document.as_table().get("project")) else {
        return Ok(Vec::new());
    };
    let mut lists: Vec<&Item> = project.get("dependencies").into_iter().collect();
    let extras = table(project.get("optional-dependencies"));
    lists.extend(extras.into_iter().flat_map(|extras| extras.iter().map(|(_, list)| list)));
    let mut spans = Vec::new();
    for value in lists.into_iter().filter_map(Item::as_array).flat_map(toml_edit::Array::iter) {
        let Value::String(words) = value else { continue };
        let Some(span) = value.span() else { continue };
        let (words, span) = (words.value(), inside_quotes(text, span));
        let end = words
            .find(|c: char| !(c.is_alphanumeric() || "-_.".contains(c)))
            .unwrap_or(words.len());
        if normal(&words[..end]) != normal(package) || text.get(span.clone()) != Some(words.as_str()) {
            continue;
        }
        let Some(at) = ["==", "~="].iter().find_map(|sign| words.find(sign)).map(|at| at + 2) else {
            continue;
        };
        let asked = words[at..].trim_start();
        let at = words.len() - asked.len();
        let len = asked.find([',', ';', ' ']).unwrap_or(asked.len());
        if asked[..len] == *from {
            spans.push(span.start + at..span.start + at + len);
        }
    }
    Ok(spans)
}

/// The series in front of the version that a manifest states.
pub(super) fn stated_series(text: &str) -> Option<&str> {
    let span = source(text).spans.into_iter().next()?;
    let before = &text[..span.start];
    let from = before.rfind(['"', '\''])? + 1;
    Some(&before[from..]).filter(|series| !series.is_empty())
}

pub(super) fn pyproject(text: &str) -> Result<Found, Broken> {
    let document = parse(text)?;
    let root = document.as_table();
    let poetry = table(root.get("tool")).and_then(|tool| table(tool.get("poetry")));
    let mut found = Found::default();
    for owner in [table(root.get("project")), poetry].into_iter().flatten() {
        let Some(item) = owner.get("version") else { continue };
        if let (Some(version), Some(span)) = (item.as_str(), item.span()) {
            found.version.get_or_insert_with(|| version.to_owned());
            found.spans.push(inside_quotes(text, span));
        }
    }
    Ok(found)
}

/// Files that may state the version of a project which is `dynamic` there, the likeliest first: as Hatch, setuptools and Flit are told.
pub(super) fn elsewhere(text: &str) -> Vec<PathBuf> {
    let Ok(document) = parse(text) else { return Vec::new() };
    let root = document.as_table();
    let Some(project) = table(root.get("project")) else {
        return Vec::new();
    };
    let dynamic = project.get("dynamic").and_then(Item::as_array);
    if !dynamic.is_some_and(|words| words.iter().any(|word| word.as_str() == Some("version"))) {
        return Vec::new();
    }
    let tool = |name: &str| table(root.get("tool")).and_then(|tool| table(tool.get(name)));
    let of_module = |module: &str| -> Vec<PathBuf> {
        let path: PathBuf = module.split('.').collect();
        let folders = ["", "src"].map(PathBuf::from);
        let in_folder = |folder: &PathBuf| {
            [
                folder.join(&path).join("__init__.py"),
                folder.join(&path).with_extension("py"),
            ]
        };
        folders.iter().flat_map(in_folder).collect()
    };
    let hatch = tool("hatch").and_then(|hatch| table(hatch.get("version")));
    if let Some(path) = hatch.and_then(|version| version.get("path")?.as_str()) {
        return vec![PathBuf::from(path)];
    }
    let setuptools = tool("setuptools").and_then(|tool| table(tool.get("dynamic")));
    if let Some(version) = setuptools.and_then(|dynamic| table(dynamic.get("version"))) {
        if let Some(file) = version.get("file").and_then(Item::as_str) {
            return vec![PathBuf::from(file)];
        }
        let attribute = version
            .get("attr")
            .and_then(Item::as_str)
            .and_then(|attr| attr.rsplit_once('.'));
        return attribute.map_or_else(Vec::new, |(module, _)| of_module(module));
    }
    let backend = table(root.get("build-system")).and_then(|system| system.get("build-backend")?.as_str());
    if !backend.is_some_and(|backend| backend.starts_with("flit_core")) {
        return Vec::new();
    }
    let named = tool("flit").and_then(|flit| table(flit.get("module"))?.get("name")?.as_str());
    let name = named.or_else(|| project.get("name")?.as_str()).unwrap_or_default();
    of_module(&name.replace('-', "_"))
}

/// `version = 1.2.0` below `[metadata]` in a `setup.cfg`; one that points elsewhere (`attr:`, `file:`) is none.
pub(super) fn setup(text: &str) -> Found {
    let (mut at, mut is_metadata) = (0, false);
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if line.starts_with('[') {
            is_metadata = line.trim() == "[metadata]";
        }
        let value = line.strip_prefix("version").map(str::trim_start);
        let Some(value) = value.and_then(|rest| rest.strip_prefix(['=', ':'])).filter(|_| is_metadata) else {
            continue;
        };
        let number = value.trim();
        if !number.starts_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        let from = start + line.len() - value.len() + (value.len() - value.trim_start().len());
        return Found {
            version: Some(number.to_owned()),
            spans: std::iter::once(from..from + number.len()).collect(),
        };
    }
    Found::default()
}

/// The first assignment of a string to `__version__` or `version`, or the value of a key `version` in a dictionary.
pub(super) fn source(text: &str) -> Found {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let trimmed = line.trim_start();
        let named = ["__version__", "version", "'version'", "\"version\""]
            .iter()
            .find_map(|name| trimmed.strip_prefix(name));
        let Some(value) = named.and_then(|rest| rest.trim_start().strip_prefix(['=', ':'])) else {
            continue;
        };
        let value = value.trim_start();
        let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            continue;
        };
        let Some(len) = value[1..].find(quote) else { continue };
        let mut from = start + (line.len() - value.len()) + 1;
        let end = from + len;
        from += series(&text[from..end]);
        return Found {
            version: Some(text[from..end].to_owned()),
            spans: std::iter::once(from..end).collect(),
        };
    }
    Found::default()
}

/// Bytes of the series in front of a version of Odoo's, `16.0.` of `16.0.1.2.3`: it is that of the platform, not of the module.
fn series(version: &str) -> usize {
    let parts: Vec<&str> = version.split('.').collect();
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if parts.len() == 5 && parts.iter().all(is_number) {
        parts[0].len() + parts[1].len() + 2
    } else {
        0
    }
}
