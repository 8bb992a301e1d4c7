//! Files that are kept below the data folder, as rows name them: relative to it, because a home may be moved, copied or brought back
//! elsewhere.

use rusqlite::types::Value;
use std::path::{Component, Path, PathBuf};

/// Stands for the data folder in a row.
const MARK: &str = "{chantier-data}/";
/// The folders of the data folder in which files are kept.
const FOLDERS: [&str; 3] = ["artifacts", "releases", "deployments"];

/// The value as it is written: a path below the data folder, or such paths inside of JSON.
pub(super) fn written(data: &Path, value: &mut Value) {
    let (Value::Text(text), Some(prefix)) = (value, prefix(data)) else {
        return;
    };
    if let Some(rest) = text.strip_prefix(&prefix) {
        *text = format!("{MARK}{rest}");
    } else if text.starts_with('{') {
        *text = text.replace(&format!("\"{prefix}"), &format!("\"{MARK}"));
    }
}

/// The value as it is meant here. A path that was written by a home elsewhere is found by its tail, where the file is here.
pub(super) fn read(data: &Path, value: &mut Value) {
    let (Value::Text(text), Some(prefix)) = (value, prefix(data)) else {
        return;
    };
    if let Some(rest) = text.strip_prefix(MARK) {
        *text = format!("{prefix}{rest}");
    } else if text.starts_with('{') {
        *text = text.replace(&format!("\"{MARK}"), &format!("\"{prefix}"));
    } else if !text.starts_with(&prefix)
        && let Some(here) = by_tail(data, Path::new(text.as_str()))
        && let Some(here) = here.to_str()
    {
        here.clone_into(text);
    }
}

/// The data folder as it begins a path; None for one that JSON would write differently, and for a store without a folder.
fn prefix(data: &Path) -> Option<String> {
    let text = data.to_str()?.trim_end_matches('/');
    let is_plain = data.is_absolute() && !text.contains(|c: char| c.is_control() || c == '"' || c == '\\');
    is_plain.then(|| format!("{text}/"))
}

fn by_tail(data: &Path, path: &Path) -> Option<PathBuf> {
    if !path.is_absolute() {
        return None;
    }
    let parts: Vec<Component<'_>> = path.components().collect();
    let is_folder = |part: &Component<'_>| FOLDERS.iter().any(|name| part.as_os_str() == *name);
    let at = parts
        .iter()
        .position(is_folder)
        .into_iter()
        .chain(parts.iter().rposition(is_folder));
    at.map(|at| data.join(parts[at..].iter().collect::<PathBuf>()))
        .find(|here| here.exists())
}
