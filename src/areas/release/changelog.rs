//! The changelog (Keep a Changelog 1.1.0): what is written by hand stays as it is, what commits say is added to it. Pure.

use super::{Change, ChangeKind};
use std::collections::BTreeSet;
use std::ops::Range;

/// One section of the file, as places in its text.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// `Unreleased` or a version.
    pub version: String,
    /// The heading's line with its line break.
    pub heading: Range<usize>,
    /// From behind the heading to the next one of its level.
    pub body: Range<usize>,
}

/// The sections for versions, in the order of the file.
pub fn sections(text: &str) -> Vec<Section> {
    let start_of = |part: &str| part.as_ptr() as usize - text.as_ptr() as usize;
    let mut out: Vec<Section> = Vec::new();
    let parser = parser();
    for release in parser.parse_iter(text) {
        let title_at = start_of(release.title);
        let from = text[..title_at].rfind('\n').map_or(0, |at| at + 1);
        let mut to = line_end(text, title_at);
        // A heading may be underlined instead of marked with #.
        let next_line = &text[to..line_end(text, to)];
        if !text[from..title_at].contains('#') && next_line.trim().chars().all(|c| c == '=' || c == '-') {
            to += next_line.len();
        }
        out.push(Section {
            version: release.version.to_owned(),
            heading: from..to,
            body: to..text.len(),
        });
    }
    for i in 0..out.len() {
        if let Some(next) = out.get(i + 1).map(|section| section.heading.start) {
            out[i].body.end = next;
        } else {
            // The list of link addresses at the foot belongs to the file, not to the last section.
            let body = &text[out[i].body.clone()];
            out[i].body.end = out[i].body.start + links_at_foot(body);
        }
    }
    out
}

fn parser() -> parse_changelog::Parser {
    let mut parser = parse_changelog::Parser::new();
    // The word in any case, and any text of a version behind it.
    let known = r"^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-[0-9A-Za-z\.-]+)?(\+[0-9A-Za-z\.-]+)?$|^(?i:unreleased)$";
    parser.version_format(known).expect("the pattern is well-formed");
    parser
}

fn line_end(text: &str, from: usize) -> usize {
    text[from..].find('\n').map_or(text.len(), |at| from + at + 1)
}

fn links_at_foot(body: &str) -> usize {
    let mut end = body.len();
    for line in body.split_inclusive('\n').rev() {
        let is_link = line.starts_with('[') && line.contains("]: ");
        if !is_link && (!line.trim().is_empty() || end >= body.len()) {
            break;
        }
        end -= line.len();
    }
    if end == body.len() || body[end..].trim().is_empty() {
        body.len()
    } else {
        end
    }
}

/// What stands under `Unreleased`, without empty lines around it.
pub fn unreleased(text: &str) -> Option<&str> {
    let section = sections(text).into_iter().find(is_unreleased)?;
    let body = text[section.body].trim();
    (!body.is_empty()).then_some(body)
}

/// The text of a version's section, without empty lines around it.
pub fn notes<'a>(text: &'a str, version: &str) -> Option<&'a str> {
    let section = sections(text).into_iter().find(|section| section.version == version)?;
    Some(text[section.body].trim())
}

fn is_unreleased(section: &Section) -> bool {
    section.version.eq_ignore_ascii_case("unreleased")
}

/// Whether a text written by hand tells of this change: by commit, by plan item or in the same words.
pub fn covers(text: &str, change: &Change) -> bool {
    if let Some(short) = change.oid.get(..7)
        && text.contains(short)
    {
        return true;
    }
    if let Some(item) = &change.item
        && contains_word(text, item)
    {
        return true;
    }
    let words = normal(&change.text);
    !words.is_empty() && bullets(text).iter().any(|bullet| *bullet == words)
}

fn contains_word(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '-';
    text.match_indices(word).any(|(at, _)| {
        !text[..at].chars().next_back().is_some_and(is_part) && !text[at + word.len()..].chars().next().is_some_and(is_part)
    })
}

/// The entries of a text, in small letters, without marks.
fn bullets(text: &str) -> BTreeSet<String> {
    text.lines()
        .filter_map(|line| line.trim_start().strip_prefix(['-', '*', '+']))
        .map(normal)
        .collect()
}

fn normal(text: &str) -> String {
    let letters: String = text
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .flat_map(char::to_lowercase)
        .collect();
    letters.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text of the new section: what was written by hand, and below the same headings what only the commits tell.
/// A change that the hand-written text covers is not told twice; changes that users do not see are left out.
pub fn draft(hand_written: Option<&str>, changes: &[Change]) -> String {
    let hand = hand_written.unwrap_or("");
    let mut groups: Vec<(ChangeKind, Vec<String>)> = Vec::new();
    for kind in ChangeKind::TOLD {
        let mut told = BTreeSet::new();
        let entries: Vec<String> = changes
            .iter()
            .rev()
            .filter(|change| {
                (change.kind == kind || (kind == ChangeKind::Changed && is_breaking_other(change))) && !covers(hand, change)
            })
            .map(entry)
            .filter(|entry| told.insert(normal(entry)))
            .collect();
        if !entries.is_empty() {
            groups.push((kind, entries));
        }
    }
    let mut lines: Vec<String> = hand.lines().map(str::to_owned).collect();
    for (kind, entries) in groups {
        add_group(&mut lines, kind.heading(), entries);
    }
    let mut out = lines.join("\n").trim().to_owned();
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

/// A breaking refactoring is for users all the same.
fn is_breaking_other(change: &Change) -> bool {
    change.kind == ChangeKind::Other && change.breaking.is_some()
}

fn entry(change: &Change) -> String {
    let mut text = String::from("- ");
    if change.breaking.is_some() {
        text.push_str("**Breaking:** ");
    }
    if let Some(scope) = &change.scope {
        text.push_str(scope);
        text.push_str(": ");
        text.push_str(&change.text);
    } else {
        let mut chars = change.text.chars();
        if let Some(first) = chars.next() {
            text.extend(first.to_uppercase());
            text.push_str(chars.as_str());
        }
    }
    if let Some(note) = change
        .breaking
        .as_ref()
        .filter(|note| **note != change.text && !note.is_empty())
    {
        text.push_str(" (");
        text.push_str(note);
        text.push(')');
    }
    text
}

/// Puts entries at the end of the group with this heading; a new group goes where Keep a Changelog has it, at the end else.
fn add_group(lines: &mut Vec<String>, heading: &str, entries: Vec<String>) {
    let is_heading = |line: &String| line.trim_start().starts_with("### ");
    let is_this = |line: &String| {
        line.trim_start()
            .strip_prefix("### ")
            .is_some_and(|name| name.trim().eq_ignore_ascii_case(heading))
    };
    if let Some(at) = lines.iter().position(is_this) {
        let end = lines[at + 1..]
            .iter()
            .position(is_heading)
            .map_or(lines.len(), |n| at + 1 + n);
        let last = lines[at..end]
            .iter()
            .rposition(|line| !line.trim().is_empty())
            .map_or(end, |n| at + n + 1);
        let mut entries = entries;
        if last == at + 1 {
            entries.insert(0, String::new());
        }
        lines.splice(last..last, entries);
        return;
    }
    while lines.last().is_some_and(|line| line.trim().is_empty()) {
        lines.pop();
    }
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines.push(format!("### {heading}"));
    lines.push(String::new());
    lines.extend(entries);
}

/// The file with the section of a new version. The heading `Unreleased` stays and is empty then; every other byte stays as it was.
pub fn with_section(text: Option<&str>, version: &str, date: &str, body: &str) -> String {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        return format!("# Changelog\n\n{}", section(version, date, body, "## ", true, "\n", true));
    };
    let line_break = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let known = sections(text);
    let like = known.iter().find(|section| !is_unreleased(section)).or(known.first());
    let marks = like.map_or("## ", |section| heading_marks(&text[section.heading.clone()]));
    let is_linked = like.is_none_or(|section| text[section.heading.clone()].contains('['));
    let unreleased = known.iter().find(|section| is_unreleased(section));
    let (before, after) = match (unreleased, known.first()) {
        (Some(section), _) => (section.heading.end, section.body.end),
        (None, Some(first)) => (first.heading.start, first.heading.start),
        (None, None) => {
            let end = links_at_foot(text);
            (end, end)
        }
    };
    let mut out = text[..before].to_owned();
    if !out.ends_with('\n') {
        out.push_str(line_break);
    }
    if !out.ends_with(&format!("{line_break}{line_break}")) {
        out.push_str(line_break);
    }
    let rest = &text[after..];
    out.push_str(&section(
        version,
        date,
        body,
        marks,
        is_linked,
        line_break,
        rest.trim().is_empty(),
    ));
    out.push_str(rest);
    out
}

fn section(version: &str, date: &str, body: &str, marks: &str, is_linked: bool, line_break: &str, is_last: bool) -> String {
    let name = if is_linked {
        format!("[{version}]")
    } else {
        version.to_owned()
    };
    let mut text = format!("{marks}{name} - {date}\n\n{}\n", body.trim());
    if !is_last {
        text.push('\n');
    }
    if line_break == "\n" {
        text
    } else {
        text.replace("\r\n", "\n").replace('\n', line_break)
    }
}

/// `## ` of `## [1.0.0] - 2026-01-01`, with the word `v` or `Version ` that the file uses.
fn heading_marks(heading: &str) -> &str {
    let end = heading.find(|c: char| c != '#' && c != ' ').unwrap_or(0);
    if heading[..end].contains('#') {
        &heading[..end]
    } else {
        "## "
    }
}
