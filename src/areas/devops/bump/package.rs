//! One package of a monorepo: its own version, its entry in the lock file, and what the others of the repository ask of it.

use super::{Around, VersionFile, around, broken, cargo, find, json, name_of, python, replace, written};
use crate::base::Problem;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Whose version it is.
#[derive(Clone, Copy, Debug)]
pub struct Owner<'a> {
    pub name: &'a str,
    /// Its folder.
    pub path: &'a Path,
    /// The files that state its version.
    pub files: &'a [PathBuf],
}

/// The files that change with the package's version. What the others ask for stays as it is where the new version is one of those.
pub fn set(files: &[VersionFile], package: Owner<'_>, from: &str, to: &str) -> Result<Vec<VersionFile>, Problem> {
    let mut out = Vec::new();
    for file in files {
        let spans = spans(file, package, from, to)?;
        if !spans.is_empty() {
            let text = replace(&file.text, spans, written(file, to).as_ref());
            out.push(VersionFile {
                text: as_range(file, text, &[package], to),
                ..file.clone()
            });
        }
    }
    Ok(out)
}

/// The files that change where several packages have one version: those that state it (`is_own`), and what all ask of one another.
pub fn set_all(
    files: &[VersionFile],
    packages: &[Owner<'_>],
    is_own: impl Fn(&VersionFile) -> bool,
    from: &str,
    to: &str,
) -> Result<Vec<VersionFile>, Problem> {
    let own: Vec<VersionFile> = files.iter().filter(|file| is_own(file)).cloned().collect();
    let around = around(&own);
    let mut out = Vec::new();
    for file in files {
        let mut all = if is_own(file) {
            find(file, &around)?.spans
        } else {
            Vec::new()
        };
        for package in packages.iter().filter(|package| !package.files.contains(&file.path)) {
            all.extend(spans(file, *package, from, to)?);
        }
        // A requirement that is exchanged as a whole holds the number that is.
        all.sort_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
        all.dedup_by(|next, kept| next.start < kept.end);
        if !all.is_empty() {
            let text = replace(&file.text, all, written(file, to).as_ref());
            out.push(VersionFile {
                text: as_range(file, text, packages, to),
                ..file.clone()
            });
        }
    }
    Ok(out)
}

fn spans(file: &VersionFile, package: Owner<'_>, from: &str, to: &str) -> Result<Vec<Range<usize>>, Problem> {
    if package.files.contains(&file.path) {
        return Ok(find(file, &Around::default())?.spans);
    }
    let path = package.path.to_string_lossy();
    match name_of(file) {
        "Cargo.toml" => cargo::requirements(&file.text, package.name, |asked| number(asked, from, to)),
        "Cargo.lock" => cargo::locked(&file.text, package.name),
        "pyproject.toml" => python::requirements(&file.text, package.name, from),
        "uv.lock" => python::locked(&file.text, package.name),
        "package.json" => Ok(asked_by_npm(&file.text, &[], package.name, from, to)),
        "package-lock.json" => {
            let mut spans: Vec<Range<usize>> = json::string_at(&file.text, &["packages", &path, "version"])
                .into_iter()
                .collect();
            for other in json::keys_at(&file.text, &["packages"]) {
                spans.extend(asked_by_npm(&file.text, &["packages", &other], package.name, from, to));
            }
            Ok(spans)
        }
        _ => Ok(Vec::new()),
    }
    .map_err(|wrong| broken(file, wrong))
}

/// What npm calls those that a package asks for.
const NPM_KINDS: [&str; 4] = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"];

/// A range of npm's that the new version took the place of (`1.x`, `>=1.0.0 <2`) is one again: an exact number would lock users out of the
/// next fix.
fn as_range(before: &VersionFile, mut text: String, packages: &[Owner<'_>], to: &str) -> String {
    let inside: Vec<String> = match name_of(before) {
        "package.json" => vec![String::new()],
        "package-lock.json" => json::keys_at(&before.text, &["packages"]),
        _ => return text,
    };
    let is_lock = name_of(before) == "package-lock.json";
    for (at, kind, package) in inside
        .iter()
        .flat_map(|at| NPM_KINDS.iter().map(move |kind| (at, *kind)))
        .flat_map(|(at, kind)| packages.iter().map(move |package| (at, kind, package)))
    {
        let path: &[&str] = if is_lock {
            &["packages", at, kind, package.name]
        } else {
            &[kind, package.name]
        };
        let (Some(old), Some(new)) = (json::string_at(&before.text, path), json::string_at(&text, path)) else {
            continue;
        };
        let was_exact = semver::Version::parse(before.text[old].trim().trim_start_matches(['=', 'v'])).is_ok();
        if !was_exact && text[new.clone()] == *to {
            text.insert(new.start, '^');
        }
    }
    text
}

fn asked_by_npm(text: &str, at: &[&str], name: &str, from: &str, to: &str) -> Vec<Range<usize>> {
    let ask = |kind: &&str| {
        let path = [at, &[*kind, name]].concat();
        let span = json::string_at(text, &path)?;
        let asked = &text[span.clone()];
        // Who is used beside it names all that will do: as long as the new one does too, nobody is locked out.
        if *kind == "peerDependencies" && semver::Version::parse(asked).is_err() && takes(asked, to) {
            return None;
        }
        let inside = number(&text[span.clone()], from, to)?;
        Some(span.start + inside.start..span.start + inside.end)
    };
    NPM_KINDS.iter().filter_map(ask).collect()
}

/// A range of npm's takes the version: `>=1.2.0 <3 || ^4.0.0`.
fn takes(asked: &str, version: &str) -> bool {
    let Ok(version) = semver::Version::parse(version) else {
        return false;
    };
    asked.split("||").any(|one| {
        let all: Vec<&str> = one.split_whitespace().collect();
        semver::VersionReq::parse(&all.join(", ")).is_ok_and(|one| one.matches(&version))
    })
}

/// The part of a requirement that the new version takes the place of; None when it stays as it is.
fn number(asked: &str, from: &str, to: &str) -> Option<Range<usize>> {
    // `workspace:*`, `file:../core`, `*`: follow by themselves.
    if asked.contains(':') || asked.trim() == "*" {
        return None;
    }
    let start = asked.find(|c: char| c.is_ascii_digit())?;
    let number = &asked[start..];
    let is_one = number.chars().all(|c| c.is_ascii_alphanumeric() || ".-+".contains(c));
    if number != from {
        let wanted = semver::Version::parse(to).ok()?;
        let takes = semver::VersionReq::parse(asked).is_ok_and(|asked| asked.matches(&wanted));
        if takes {
            return None;
        }
    }
    Some(if is_one { start..asked.len() } else { 0..asked.len() })
}
