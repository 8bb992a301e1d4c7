//! `pyproject.toml` (PEP 621 and Poetry), and Python sources that state the version: `__version__ = "1.0"`, Odoo's `__manifest__.py`.

use super::cargo::{Broken, parse, table};
use super::{Found, inside_quotes};

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
        let from = start + (line.len() - value.len()) + 1;
        return Found {
            version: Some(text[from..from + len].to_owned()),
            spans: std::iter::once(from..from + len).collect(),
        };
    }
    Found::default()
}
