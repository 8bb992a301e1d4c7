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
