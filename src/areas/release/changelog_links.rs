//! The addresses of a changelog: the list at its foot and those in its headings, kept up where they are there. None is made up. Pure.

use super::changelog::{links_at_foot, sections};
use std::ops::Range;

/// A line `[LABEL]: ADDRESS` at the foot, as places in the text.
struct Link<'a> {
    line: Range<usize>,
    label: &'a str,
    address: &'a str,
}

impl Link<'_> {
    /// The version that it is for.
    fn version(&self) -> Option<&str> {
        let number = self.label.strip_prefix('v').unwrap_or(self.label);
        semver::Version::parse(number).ok().map(|_| number)
    }
}

/// An address that compares two tags.
struct Compared<'a> {
    before: &'a str,
    from: &'a str,
    dots: &'a str,
    to: &'a str,
}

impl<'a> Compared<'a> {
    fn of(address: &'a str) -> Option<Self> {
        let dots = ["...", ".."].into_iter().find(|dots| address.contains(dots))?;
        let (left, to) = address.split_once(dots)?;
        let at = match left.rfind("compare/") {
            Some(at) => at + "compare/".len(),
            None => left.rfind('/')? + 1,
        };
        let (before, from) = left.split_at(at);
        (!from.is_empty() && !to.is_empty()).then_some(Self { before, from, dots, to })
    }

    fn with(&self, from: &str, to: &str) -> String {
        format!("{}{from}{}{to}", self.before, self.dots)
    }
}

/// The text, whose newest section is that of `version`, with the addresses that belong to it.
pub fn kept_up(text: &str, version: &str, tag: &str) -> String {
    let text = with_foot(text, version, tag);
    with_heading(&text, version, tag)
}

fn with_foot(text: &str, version: &str, tag: &str) -> String {
    let links = links(text);
    if links.iter().any(|link| link.version() == Some(version)) {
        return text.to_owned();
    }
    let unreleased = links.iter().find(|link| link.label.eq_ignore_ascii_case("unreleased"));
    let newest = links.iter().find(|link| link.version().is_some());
    let moved = unreleased.and_then(|link| {
        let compared = Compared::of(link.address)?;
        // What has no number is no tag: `main...HEAD`.
        compared
            .from
            .contains(|c: char| c.is_ascii_digit())
            .then_some((link, compared))
    });
    let own = match (newest, &moved) {
        (Some(newest), _) => newest
            .version()
            .and_then(|last| next_address(newest.address, last, version, tag)),
        (None, Some((_, compared))) => Some(compared.with(compared.from, tag)),
        (None, None) => None,
    };
    let Some(own) = own else { return text.to_owned() };
    let line_break = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let word = if newest.is_some_and(|link| link.label.starts_with('v')) {
        "v"
    } else {
        ""
    };
    let line = format!("[{word}{version}]: {own}{line_break}");
    let mut out = text.to_owned();
    let at = match (newest, unreleased) {
        (Some(newest), _) => newest.line.start,
        (None, Some(unreleased)) => unreleased.line.end,
        (None, None) => return out,
    };
    if at == text.len() && !text.ends_with('\n') {
        out.push_str(line_break);
        out.push_str(line.trim_end());
    } else {
        out.insert_str(at, &line);
    }
    // The list at the foot has the newest first, so that what stands above is not moved by the line; else it is found again.
    if let Some((link, compared)) = moved {
        let new = format!("[{}]: {}", link.label, compared.with(tag, compared.to));
        let old = text[link.line.clone()].trim_end();
        out = out.replacen(old, &new, 1);
    }
    out
}

/// The address of a version in the form that the one of the version before has.
fn next_address(address: &str, last: &str, version: &str, tag: &str) -> Option<String> {
    if let Some(compared) = Compared::of(address) {
        if compared.to.contains(last) {
            return Some(compared.with(compared.to, tag));
        }
        // The newer one may stand first.
        return compared.from.contains(last).then(|| compared.with(tag, compared.from));
    }
    let before = tag.strip_suffix(version)?;
    let last_tag = format!("{before}{last}");
    let (wanted, new) = if address.contains(&last_tag) {
        (last_tag.as_str(), tag)
    } else {
        (last, version)
    };
    let at = address.rfind(wanted)?;
    Some(format!("{}{new}{}", &address[..at], &address[at + wanted.len()..]))
}

/// `## [1.1.0](…compare/v1.0.0..v1.1.0)`, where the heading below has such an address.
fn with_heading(text: &str, version: &str, tag: &str) -> String {
    let all = sections(text);
    let Some(at) = all.iter().position(|section| section.version == version) else {
        return text.to_owned();
    };
    let (own, Some(last)) = (&all[at], all.get(at + 1)) else {
        return text.to_owned();
    };
    let heading = &text[last.heading.clone()];
    let address = heading.split_once("](").and_then(|(_, rest)| Some(rest.split_once(')')?.0));
    let Some(new) = address.and_then(|address| next_address(address, &last.version, version, tag)) else {
        return text.to_owned();
    };
    let heading = &text[own.heading.clone()];
    let Some(end) = heading.find(']').filter(|end| !heading[*end..].starts_with("](")) else {
        return text.to_owned();
    };
    let end = own.heading.start + end + 1;
    format!("{}({new}){}", &text[..end], &text[end..])
}

fn links(text: &str) -> Vec<Link<'_>> {
    let mut at = links_at_foot(text);
    let mut out = Vec::new();
    for line in text[at..].split_inclusive('\n') {
        let here = at..at + line.len();
        at = here.end;
        let Some((label, address)) = line.strip_prefix('[').and_then(|rest| rest.split_once("]: ")) else {
            continue;
        };
        out.push(Link {
            line: here,
            label,
            address: address.trim(),
        });
    }
    out
}
