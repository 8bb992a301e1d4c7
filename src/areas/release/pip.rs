//! What pip's `requirements.txt` pins, with the files that it includes (<https://pip.pypa.io/en/stable/reference/requirements-file-format/>).
//! Reads only.

use super::locks::{Hash, Package, plain};
use super::packages::inside;
use crate::base::Problem;
use std::collections::BTreeSet;
use std::path::Path;

/// Files that include one another; more are no project of a person's.
const MAX_FILES: usize = 100;

/// What stands in a file and in those that it includes.
#[derive(Default)]
pub(super) struct Pinned {
    pub(super) packages: Vec<Package>,
    /// What is asked for without one version: ranges, addresses.
    pub(super) loose: Vec<String>,
    /// Files that are included and are not there.
    pub(super) missing: Vec<String>,
}

/// Reads a file whose text is known; `text_of` gives those that it includes. Paths count from the workspace.
pub(super) fn read(
    path: &Path,
    text: String,
    text_of: impl Fn(&Path) -> Result<Option<String>, Problem>,
) -> Result<Pinned, Problem> {
    let mut out = Pinned::default();
    let mut seen = BTreeSet::from([path.to_path_buf()]);
    let mut open = vec![(path.to_path_buf(), text)];
    while let Some((path, text)) = open.pop() {
        let folder = path.parent().unwrap_or(Path::new(""));
        for line in lines(&text) {
            if let Some(other) = included(&line) {
                let Some(other) = inside(folder, other) else {
                    out.missing.push(other.to_owned());
                    continue;
                };
                if seen.len() < MAX_FILES && seen.insert(other.clone()) {
                    match text_of(&other)? {
                        Some(text) => open.push((other, text)),
                        None => out.missing.push(other.display().to_string()),
                    }
                }
                continue;
            }
            match pinned(&line) {
                Some(package) => out.packages.push(package),
                None => out.loose.extend(loose(&line)),
            }
        }
    }
    Ok(out)
}

/// The lines without comments; one that ends with `\` goes on with the next.
fn lines(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in text.lines() {
        let line = if line.trim_start().starts_with('#') { "" } else { line };
        let line = line.split(" #").next().unwrap_or_default().trim();
        let (line, is_cut) = line.strip_suffix('\\').map_or((line, false), |line| (line.trim_end(), true));
        match out.last_mut().filter(|_| goes_on) {
            Some(last) => {
                last.push(' ');
                last.push_str(line);
            }
            None => out.push(line.to_owned()),
        }
        goes_on = is_cut;
    }
    out.retain(|line| !line.trim().is_empty());
    out
}

/// `-r other.txt` in each of the forms that pip takes.
fn included(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("--requirement").or_else(|| line.strip_prefix("-r"))?;
    let name = rest.trim_start_matches(['=', ' ']).trim();
    (!name.is_empty()).then_some(name)
}

/// `name[extra]==1.2.3 ; marker --hash=...`; its sum is that of the only file that may be taken.
fn pinned(line: &str) -> Option<Package> {
    let (name, rest) = line.split_once("==").filter(|_| !line.starts_with('-'))?;
    let name = name.split('[').next().unwrap_or_default().trim();
    let version = rest.trim_start_matches('=').trim_start();
    let version = version.split([' ', ';', ',']).next().unwrap_or_default();
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if name.is_empty() || !name.chars().all(is_name) || version.is_empty() || version.contains('*') {
        return None;
    }
    let mut package = Package::new("pypi", &plain(name), version);
    let mut sums = rest.split_whitespace().filter_map(|word| word.strip_prefix("--hash=sha256:"));
    if let (Some(sum), None) = (sums.next(), sums.next()) {
        package.hash = Some(Hash::Sha256(sum.to_owned()));
    }
    Some(package)
}

/// What the line asks for, as it is told; None where it asks for nothing, or for the repository itself.
fn loose(line: &str) -> Option<String> {
    let editable = line.strip_prefix("--editable").or_else(|| line.strip_prefix("-e"));
    let asked = match editable {
        Some(rest) => rest.trim_start_matches(['=', ' ']),
        None if line.starts_with('-') => return None,
        None => line,
    };
    let asked = asked.split([';', ' ']).next().unwrap_or_default();
    (!asked.is_empty() && !asked.starts_with('.')).then(|| asked.to_owned())
}
