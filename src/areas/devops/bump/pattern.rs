//! Any file by a pattern of the project: `VERSION = "{version}"`.

use super::Found;

/// Every place where the pattern holds around a version. None where it nowhere does.
pub(super) fn find(text: &str, pattern: &str) -> Option<Found> {
    let (before, after) = pattern.split_once("{version}")?;
    let mut found = Found::default();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let mut at = 0;
        while let Some(place) = line[at..].find(before) {
            let from = at + place + before.len();
            let rest = &line[from..];
            let run = rest
                .find(|c: char| !(c.is_ascii_alphanumeric() || ".-+".contains(c)))
                .unwrap_or(rest.len());
            // What follows may begin with letters too: the longest version before it counts.
            let fits = |len: &usize| rest[*len..].starts_with(after) && is_version(&rest[..*len]);
            if let Some(len) = (1..=run).rev().find(fits) {
                found.version.get_or_insert_with(|| rest[..len].to_owned());
                found.spans.push(start + from..start + from + len);
            }
            at = from;
            if before.is_empty() {
                break;
            }
        }
        start += line.len();
    }
    (!found.spans.is_empty()).then_some(found)
}

/// Of any kind: `1.4.0`, `2.0.0-rc.1`, `8.5.0rc1`, `16.0.1.2.3`.
fn is_version(text: &str) -> bool {
    let ends = |c: char| c.is_ascii_alphanumeric();
    text.starts_with(|c: char| c.is_ascii_digit()) && text.ends_with(ends) && text.contains('.') && !text.contains("..")
}
