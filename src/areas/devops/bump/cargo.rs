//! `Cargo.toml` (package, workspace, path dependencies that name the version) and the entries of our own packages in `Cargo.lock`.

use super::{Found, inside_quotes};
use std::collections::BTreeSet;
use std::ops::Range;
use toml_edit::{Document, Item, TableLike};

/// The tables that name dependencies.
const KINDS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// A place in the text and why it can not be read there.
pub(super) type Broken = (usize, String);

pub(super) struct Manifest {
    pub(super) name: Option<String>,
    pub(super) found: Found,
}

pub(super) fn manifest(text: &str) -> Result<Manifest, Broken> {
    let document = parse(text)?;
    let root = document.as_table();
    let package = table(root.get("package"));
    let workspace = table(root.get("workspace"));
    let mut found = Found::default();
    let of_workspace = workspace.and_then(|workspace| table(workspace.get("package")));
    for (owner, decides) in [(package, true), (of_workspace, true)] {
        let Some(item) = owner.and_then(|owner| owner.get("version")) else {
            continue;
        };
        let (Some(version), Some(span)) = (item.as_str(), item.span()) else {
            continue;
        };
        if found.version.as_deref().is_none_or(|known| known == version) && decides {
            found.version.get_or_insert_with(|| version.to_owned());
            found.spans.push(inside_quotes(text, span));
        }
    }
    if let Some(version) = found.version.clone() {
        for owner in [Some(root as &dyn TableLike), workspace].into_iter().flatten() {
            dependencies(text, owner, &version, &mut found);
        }
    }
    let name = package
        .and_then(|package| package.get("name"))
        .and_then(Item::as_str)
        .map(str::to_owned);
    Ok(Manifest { name, found })
}

/// `other = { path = "../other", version = "0.2.0" }`: a package of this repository, asked for in the version that changes.
fn dependencies(text: &str, owner: &dyn TableLike, version: &str, found: &mut Found) {
    for kind in KINDS {
        let Some(dependencies) = table(owner.get(kind)) else {
            continue;
        };
        for (_, item) in dependencies.iter() {
            let Some(dependency) = item.as_table_like() else { continue };
            let Some(asked) = dependency.get("version").filter(|_| dependency.contains_key("path")) else {
                continue;
            };
            let (Some(words), Some(span)) = (asked.as_str(), asked.span()) else {
                continue;
            };
            let span = inside_quotes(text, span);
            let number = words.trim_start_matches(['=', '^', '~', ' ']);
            if number == version {
                found.spans.push(span.end - number.len()..span.end);
            }
        }
    }
}

/// The packages without a source are those of the repository itself; of these, the ones that had our version move with it.
pub(super) fn lock(text: &str, names: &BTreeSet<String>, version: Option<&str>) -> Result<Found, Broken> {
    let document = parse(text)?;
    let mut found = Found::default();
    let Some(packages) = document.as_table().get("package").and_then(Item::as_array_of_tables) else {
        return Ok(found);
    };
    for package in packages {
        let (Some(name), Some(item)) = (package.get("name").and_then(Item::as_str), package.get("version")) else {
            continue;
        };
        let (Some(has), Some(span)) = (item.as_str(), item.span()) else {
            continue;
        };
        let is_ours = !package.contains_key("source") && (names.contains(name) || Some(has) == version);
        if is_ours {
            if names.contains(name) {
                found.version.get_or_insert_with(|| has.to_owned());
            }
            found.spans.push(inside_quotes(text, span));
        }
    }
    Ok(found)
}

/// What other packages of the repository ask of one; `inside` gives the part of a requirement that is exchanged.
pub(super) fn requirements(
    text: &str,
    name: &str,
    inside: impl Fn(&str) -> Option<Range<usize>>,
) -> Result<Vec<Range<usize>>, Broken> {
    let document = parse(text)?;
    let root = document.as_table();
    let mut owners: Vec<&dyn TableLike> = vec![root];
    owners.extend(table(root.get("workspace")));
    if let Some(targets) = table(root.get("target")) {
        owners.extend(targets.iter().filter_map(|(_, target)| target.as_table_like()));
    }
    let mut spans = Vec::new();
    for owner in owners {
        for kind in KINDS {
            let Some(dependencies) = table(owner.get(kind)) else {
                continue;
            };
            for (key, item) in dependencies.iter() {
                let Some(dependency) = item.as_table_like().filter(|item| item.contains_key("path")) else {
                    continue;
                };
                let renamed = dependency.get("package").and_then(Item::as_str);
                let asked = dependency.get("version").filter(|_| renamed.unwrap_or(key) == name);
                let Some((words, span)) = asked.and_then(|asked| Some((asked.as_str()?, asked.span()?))) else {
                    continue;
                };
                let span = inside_quotes(text, span);
                if let Some(part) = inside(words) {
                    spans.push(span.start + part.start..span.start + part.end);
                }
            }
        }
    }
    Ok(spans)
}

/// The version of one package of the repository itself in `Cargo.lock`.
pub(super) fn locked(text: &str, name: &str) -> Result<Vec<Range<usize>>, Broken> {
    let only = BTreeSet::from([name.to_owned()]);
    Ok(lock(text, &only, None)?.spans)
}

pub(super) fn parse(text: &str) -> Result<Document<&str>, Broken> {
    Document::parse(text).map_err(|error| (error.span().map_or(0, |span| span.start), error.message().to_owned()))
}

pub(super) fn table(item: Option<&Item>) -> Option<&dyn TableLike> {
    item.and_then(Item::as_table_like)
}
