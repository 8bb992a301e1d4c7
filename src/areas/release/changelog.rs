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
    // Where one kind of heading comes first, the parser reads over versions that have the other kind.
    for section in underlined(text) {
        if out.iter().all(|known| known.heading.start != section.heading.start) {
            out.push(section);
        }
    }
    out.sort_by_key(|section| section.heading.start);
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

/// Versions whose heading is underlined instead of marked with #.
fn underlined(text: &str) -> Vec<Section> {
    let mut out = Vec::new();
    let mut at = 0;
    let mut before: Option<(Range<usize>, &str)> = None;
    let mut is_code = false;
    for line in text.split_inclusive('\n') {
        let here = at..at + line.len();
        at = here.end;
        let trimmed = line.trim();
        is_code ^= trimmed.starts_with("```");
        let is_rule = trimmed.len() > 2 && (trimmed.chars().all(|c| c == '=') || trimmed.chars().all(|c| c == '-'));
        if let Some((title_at, title)) = before.take().filter(|_| is_rule && !is_code) {
            let word = title.split([' ', '/', '(']).next().unwrap_or_default();
            let word = word.trim_matches(['[', ']']);
            let number = word.strip_prefix('v').unwrap_or(word);
            if semver::Version::parse(number).is_ok() || is_to_come(word) {
                out.push(Section {
                    version: number.to_owned(),
                    heading: title_at.start..here.end,
                    body: here.end..text.len(),
                });
            }
        }
        if !trimmed.is_empty() && !is_rule && !trimmed.starts_with(['#', '-', '*', '+', '>']) {
            before = Some((here, trimmed));
        }
    }
    out
}

fn parser() -> parse_changelog::Parser {
    let mut parser = parse_changelog::Parser::new();
    // The word in any case, and any text of a version behind it.
    let known = r"^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-[0-9A-Za-z\.-]+)?(\+[0-9A-Za-z\.-]+)?$|^(?i:unreleased|tbd|next|upcoming)$";
    parser.version_format(known).expect("the pattern is well-formed");
    parser
}

fn line_end(text: &str, from: usize) -> usize {
    text[from..].find('\n').map_or(text.len(), |at| from + at + 1)
}

pub(super) fn links_at_foot(body: &str) -> usize {
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
    let body = without_empty_lines(&text[section.body]);
    (!body.is_empty()).then_some(body)
}

/// The text of a version's section, without empty lines around it.
pub fn notes<'a>(text: &'a str, version: &str) -> Option<&'a str> {
    let section = sections(text).into_iter().find(|section| section.version == version)?;
    Some(without_empty_lines(&text[section.body]))
}

/// Without those around it; how far the first line stands in stays.
fn without_empty_lines(text: &str) -> &str {
    let text = text.trim_end();
    let n_space = text.len() - text.trim_start().len();
    &text[text[..n_space].rfind('\n').map_or(0, |at| at + 1)..]
}

fn is_unreleased(section: &Section) -> bool {
    is_to_come(&section.version)
}

/// What projects call the version that comes next.
fn is_to_come(word: &str) -> bool {
    ["unreleased", "tbd", "next", "upcoming"]
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known))
}

/// Whether a text written by hand tells of this change: by commit, by plan item, by the number of its pull request, in its message or in
/// that of the merge, or in the same words.
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
    if let Some((_, number)) = numbered(&change.text)
        && contains_word(text, &format!("#{number}"))
    {
        return true;
    }
    if change.merged_by.iter().any(|number| contains_word(text, number)) {
        return true;
    }
    let words = normal(without_number(&change.text));
    !words.is_empty() && bullets(text).iter().any(|bullet| *bullet == words)
}

/// A text that ends with the number of its pull request, `(#12)`: what stands before, and the number.
fn numbered(text: &str) -> Option<(&str, &str)> {
    let (before, number) = text.trim_end().strip_suffix(')')?.rsplit_once("(#")?;
    number.parse::<u32>().is_ok().then_some((before, number))
}

fn without_number(text: &str) -> &str {
    numbered(text).map_or(text, |(before, _)| before)
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
        .map(|line| normal(without_number(line)))
        .collect()
}

/// What an entry of a list begins with, how far it stands in included; nothing where the line is none.
fn bullet(line: &str) -> &str {
    let rest = line.trim_start().strip_prefix(['-', '*', '+']);
    let rest = rest.filter(|rest| rest.starts_with(' ')).map(str::trim_start);
    rest.filter(|rest| !rest.is_empty())
        .map_or("", |rest| &line[..line.len() - rest.len()])
}

fn normal(text: &str) -> String {
    let letters: String = text
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .flat_map(char::to_lowercase)
        .collect();
    letters.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text of the new section of this file: what was written by hand, and below the same headings what only the commits tell. A group
/// that is not there is called and marked as the file does it elsewhere. A change that the hand-written text covers is not told twice; changes that users do not see are left out.
pub fn draft(text: Option<&str>, changes: &[Change]) -> String {
    let hand = text.and_then(unreleased).unwrap_or("");
    let house = House::of(text.unwrap_or(""));
    let mut groups: Vec<(ChangeKind, Vec<String>)> = Vec::new();
    for kind in ChangeKind::TOLD {
        let mut told = BTreeSet::new();
        let entries: Vec<String> = changes
            .iter()
            .rev()
            .filter(|change| told_as(change) == kind && !covers(hand, change))
            .map(|change| format!("{}{}", house.bullet, entry(change)))
            .filter(|entry| told.insert(normal(entry)))
            .collect();
        if !entries.is_empty() {
            groups.push((kind, entries));
        }
    }
    let mut lines: Vec<String> = hand.lines().map(str::to_owned).collect();
    for (kind, entries) in groups {
        if house.is_flat {
            lines.extend(entries);
        } else {
            add_group(&mut lines, kind, &house, entries);
        }
    }
    let mut out = without_empty_lines(&lines.join("\n")).to_owned();
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

/// The group that tells of a change: a breaking refactoring is for users all the same.
pub fn told_as(change: &Change) -> ChangeKind {
    if change.kind == ChangeKind::Other && change.breaking.is_some() {
        ChangeKind::Changed
    } else {
        change.kind
    }
}

fn entry(change: &Change) -> String {
    let mut text = String::new();
    if change.breaking.is_some() {
        text.push_str("**Breaking:** ");
    }
    if let Some(scope) = &change.scope {
        text.push_str(scope);
        text.push_str(": ");
        text.push_str(&change.text);
    } else {
        let mut chars = change.text.chars();
        if change.text.split(' ').next().is_some_and(is_name) {
            text.push_str(&change.text);
        } else if let Some(first) = chars.next() {
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

/// A name is written as it is: `axum-core:`, `min()`, `lib.rs`, `std::fs`, `eBPF`.
fn is_name(word: &str) -> bool {
    let inner = word.trim_end_matches(['.', ',', ';', '!', '?']);
    let is_mixed = inner.chars().skip(1).any(char::is_uppercase);
    is_mixed || inner.ends_with(':') || inner.contains(['(', '_', '/', '`', '<', '=', '.']) || inner.contains("::")
}

/// Puts entries at the end of the group of this kind; a new group goes to the end.
fn add_group(lines: &mut Vec<String>, kind: ChangeKind, house: &House, entries: Vec<String>) {
    let text = lines.join("\n");
    let headings = headings(&text);
    if let Some(n) = headings.iter().position(|one| kind_of(one.name) == Some(kind)) {
        let (at, level) = (headings[n].line, headings[n].level);
        let next = headings[n + 1..].iter().find(|one| one.level <= level);
        let end = next.map_or(lines.len(), |next| next.line);
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
    lines.push(format!("{} {}", "#".repeat(house.level), house.name(kind)));
    lines.push(String::new());
    lines.extend(entries);
}

/// A heading that is marked with `#`.
struct Heading<'a> {
    /// From 0.
    line: usize,
    level: usize,
    name: &'a str,
}

/// Those of a text; what looks like one in a block of code is none.
fn headings(text: &str) -> Vec<Heading<'_>> {
    let mut is_code = false;
    let mut found = Vec::new();
    for (line, words) in text.lines().map(str::trim).enumerate() {
        is_code ^= words.starts_with("```");
        let level = words.bytes().take_while(|byte| *byte == b'#').count();
        if !is_code
            && (1..=6).contains(&level)
            && let Some(name) = words[level..].strip_prefix(' ')
        {
            let name = name.trim().trim_end_matches('#').trim_end();
            found.push(Heading { line, level, name });
        }
    }
    found
}

/// What a group of changes is called by others than Keep a Changelog.
fn kind_of(heading: &str) -> Option<ChangeKind> {
    Some(match normal(heading).as_str() {
        "added" | "features" | "feature" | "new features" | "new" => ChangeKind::Added,
        "changed" | "changes" | "improvements" | "enhancements" => ChangeKind::Changed,
        "deprecated" | "deprecations" => ChangeKind::Deprecated,
        "removed" | "removals" => ChangeKind::Removed,
        "fixed" | "fixes" | "bug fixes" | "bugfixes" => ChangeKind::Fixed,
        "security" | "security fixes" => ChangeKind::Security,
        _ => return None,
    })
}

/// How the groups of changes are marked and called in a file: as in what is to come, else in the newest version that has groups.
struct House {
    level: usize,
    names: Vec<(ChangeKind, String)>,
    /// The newest versions are lists without groups.
    is_flat: bool,
    /// What stands in front of an entry, how far it stands in included.
    bullet: String,
}

/// Versions that show whether a file has groups.
const SHOWN: usize = 3;

impl House {
    fn of(text: &str) -> Self {
        let mut known = sections(text);
        known.sort_by_key(|section| !is_unreleased(section));
        let level_of = |section: &Section| {
            let heading = &text[section.heading.clone()];
            match headings(heading).first() {
                Some(marked) => marked.level,
                None if heading.contains("===") => 1,
                None => 2,
            }
        };
        let of_version = known.iter().map(level_of).min().unwrap_or(2);
        let groups = |section: &Section| -> Vec<(usize, String)> {
            let found = headings(&text[section.body.clone()]);
            let below = found.iter().filter(|one| one.level > of_version);
            below.map(|one| (one.level, one.name.to_owned())).collect()
        };
        let bullet_of = |section: &Section| {
            let lines = text[section.body.clone()].lines();
            lines.map(bullet).find(|mark| !mark.is_empty())
        };
        let lists: Vec<&Section> = known.iter().filter(|section| bullet_of(section).is_some()).collect();
        let is_flat = !lists.is_empty() && lists.iter().take(SHOWN).all(|section| groups(section).is_empty());
        let bullet = lists.first().and_then(|section| bullet_of(section)).unwrap_or("- ");
        let mut level = None;
        let mut names: Vec<(ChangeKind, String)> = Vec::new();
        for section in &known {
            let groups = groups(section);
            level = level.or(groups.iter().map(|(level, _)| *level).min());
            for (_, name) in groups {
                if let Some(kind) = kind_of(&name).filter(|kind| names.iter().all(|(known, _)| known != kind)) {
                    names.push((kind, name));
                }
            }
        }
        Self {
            level: level.unwrap_or(of_version + 1),
            names,
            is_flat,
            bullet: bullet.to_owned(),
        }
    }

    fn name(&self, kind: ChangeKind) -> &str {
        let own = self.names.iter().find(|(known, _)| *known == kind);
        own.map_or(kind.heading(), |(_, name)| name)
    }
}

/// The file with the section of a new version. The heading `Unreleased` stays and is empty then; every other byte stays as it was.
pub fn with_section(text: Option<&str>, version: &str, date: &str, body: &str) -> String {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        return format!("# Changelog\n\n{}", section(&Style::default().heading(version, date), body));
    };
    let line_break = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let known = sections(text);
    let like = known.iter().find(|section| !is_unreleased(section)).or(known.first());
    let style = like.map_or_else(Style::default, |section| {
        Style::of(&text[section.heading.clone()], &section.version)
    });
    // Where no version has a date, this one has none.
    let mut others = known.iter().filter(|section| !is_unreleased(section)).peekable();
    let has_dates = others.peek().is_none() || others.any(|section| date_in(&text[section.heading.clone()]).is_some());
    let date = if has_dates { date } else { "" };
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
    if !out.is_empty() && !out.ends_with('\n') {
        out.push_str(line_break);
    }
    if !out.is_empty() && !out.ends_with(&format!("{line_break}{line_break}")) {
        out.push_str(line_break);
    }
    let rest = &text[after..];
    let mut section = section(&style.heading(version, date), body);
    if !rest.trim().is_empty() {
        section.push('\n');
    }
    out.push_str(&section.replace("\r\n", "\n").replace('\n', line_break));
    out.push_str(rest);
    out
}

fn section(heading: &str, body: &str) -> String {
    format!("{heading}\n\n{}\n", without_empty_lines(body))
}

/// How the headings of versions look in a file.
struct Style {
    /// `## `, or nothing where they are underlined.
    marks: String,
    underline: Option<char>,
    is_linked: bool,
    /// `v` or `Version ` in front of the number.
    word: String,
    /// In front of the date and behind it.
    around_date: (String, String),
}

impl Default for Style {
    fn default() -> Self {
        Self {
            marks: "## ".to_owned(),
            underline: None,
            is_linked: true,
            word: String::new(),
            around_date: (" - ".to_owned(), String::new()),
        }
    }
}

impl Style {
    /// That of a heading for this version, with the line below it where it is underlined.
    fn of(heading: &str, version: &str) -> Self {
        let mut lines = heading.lines();
        let (title, below) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
        let start = title.find(|c: char| c != '#' && c != ' ').unwrap_or(0);
        let is_marked = title[..start].contains('#');
        let usual = Self::default();
        let Some(at) = title.find(version).filter(|at| *at >= start) else {
            return usual;
        };
        let word = title[start..at].replace('[', "");
        let behind = &title[at + version.len()..];
        Self {
            marks: if is_marked { title[..start].to_owned() } else { String::new() },
            underline: below.trim().chars().next().filter(|_| !is_marked),
            is_linked: title[start..at].contains('['),
            word: if word.contains(['(', '/', '*']) { String::new() } else { word },
            around_date: date_in(behind).map_or(usual.around_date, |date| {
                let before = &behind[..date.start];
                let before = &before[before.rfind([']', ')']).map_or(0, |at| at + 1)..];
                (before.to_owned(), behind[date.end..].trim_end().to_owned())
            }),
        }
    }

    fn heading(&self, version: &str, date: &str) -> String {
        let number = format!("{}{version}", self.word);
        let name = if self.is_linked { format!("[{number}]") } else { number };
        let (before, after) = &self.around_date;
        let mut text = match date {
            "" => format!("{}{name}", self.marks),
            date => format!("{}{name}{before}{date}{after}", self.marks),
        };
        if let Some(sign) = self.underline {
            let line: String = std::iter::repeat_n(sign, text.chars().count()).collect();
            text.push('\n');
            text.push_str(&line);
        }
        text
    }
}

/// Where `2026-01-31` stands, digits for digits.
fn date_in(text: &str) -> Option<Range<usize>> {
    let is_date = |at: usize| {
        let bytes = text.as_bytes().get(at..at + 10)?;
        let is_one = bytes.iter().enumerate().all(|(i, byte)| match i {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
        is_one.then_some(at..at + 10)
    };
    (0..text.len()).find_map(is_date)
}
