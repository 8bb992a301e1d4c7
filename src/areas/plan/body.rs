//! The Markdown below the front matter: acceptance criteria as `- [ ]`, sections, notes. Changes single letters or adds lines, no more.

use super::Criterion;
use std::ops::Range;

/// Headings under which criteria stand; without such a heading every box of the body counts.
const ACCEPTANCE: [&str; 5] = [
    "acceptance",
    "acceptance criteria",
    "criteria",
    "critères",
    "critères d'acceptation",
];
/// Headings of the definition of done.
const DONE: [&str; 3] = ["definition of done", "done when", "définition de terminé"];
const DECISIONS: [&str; 3] = ["decisions", "decision", "décisions"];
const NOTES: [&str; 4] = ["notes", "implementation notes", "remarques", "notes de réalisation"];

/// One line outside of code blocks.
struct Line<'a> {
    start: usize,
    text: &'a str,
}

fn lines(body: &str) -> Vec<Line<'_>> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut fence: Option<&str> = None;
    for line in body.split_inclusive('\n') {
        let text = line.trim_end();
        let bare = text.trim_start();
        let mark = ["```", "~~~"].into_iter().find(|mark| bare.starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            (None, None) => out.push(Line { start, text }),
            _ => {}
        }
        start += line.len();
    }
    out
}

fn heading(line: &str) -> Option<(usize, &str)> {
    let level = line.bytes().take_while(|byte| *byte == b'#').count();
    let rest = &line[level..];
    ((1..=6).contains(&level) && rest.starts_with(' ')).then(|| (level, rest.trim()))
}

/// From after the heading's line to the next heading of its level or above.
fn section(body: &str, names: &[&str]) -> Option<Range<usize>> {
    let lines = lines(body);
    let is_named = |text: &str| names.contains(&text.to_lowercase().replace('’', "'").as_str());
    let (at, level) = lines.iter().enumerate().find_map(|(at, line)| {
        let (level, text) = heading(line.text)?;
        is_named(text).then_some((at, level))
    })?;
    let start = body[lines[at].start..]
        .find('\n')
        .map_or(body.len(), |end| lines[at].start + end + 1);
    let next = lines[at + 1..]
        .iter()
        .find(|line| heading(line.text).is_some_and(|(other, _)| other <= level));
    Some(start..next.map_or(body.len(), |line| line.start))
}

/// The boxes of acceptance: those of its section, or of the whole body without the definition of done.
fn boxes(body: &str) -> Vec<(usize, Criterion)> {
    let done = section(body, &DONE).unwrap_or(0..0);
    match section(body, &ACCEPTANCE) {
        Some(within) => boxes_in(body, &within),
        None => {
            let mut boxes = boxes_in(body, &(0..body.len()));
            boxes.retain(|(at, _)| !done.contains(at));
            boxes
        }
    }
}

/// A box, and the offset of the letter inside it.
fn boxes_in(body: &str, within: &Range<usize>) -> Vec<(usize, Criterion)> {
    let mut out = Vec::new();
    for line in lines(body).iter().filter(|line| within.contains(&line.start)) {
        let bare = line.text.trim_start();
        let Some(rest) = bare.strip_prefix(['-', '*', '+']).map(str::trim_start) else {
            continue;
        };
        let Some(letter) = rest.strip_prefix('[').and_then(|rest| rest.chars().next()) else {
            continue;
        };
        if !matches!(letter, ' ' | 'x' | 'X')
            || rest.as_bytes().get(2) != Some(&b']')
            || !(rest.len() == 3 || rest[3..].starts_with(' '))
        {
            continue;
        }
        let (text, test) = split_test(without_number(rest[3..].trim()));
        let at = line.start + line.text.len() - rest.len() + 1;
        let criterion = Criterion {
            text: text.to_owned(),
            test: test.map(str::to_owned),
            is_done: letter != ' ',
        };
        out.push((at, criterion));
    }
    out
}

/// Backlog.md numbers its boxes: `- [ ] #1 It rains`.
fn without_number(text: &str) -> &str {
    let rest = text.strip_prefix('#').unwrap_or(text);
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    match rest[digits..].strip_prefix(' ') {
        Some(words) if digits > 0 && text.starts_with('#') => words.trim_start(),
        _ => text,
    }
}

/// `… (test: name)` at the end binds the criterion to a test.
fn split_test(text: &str) -> (&str, Option<&str>) {
    let Some(open) = text.rfind("(test: ") else {
        return (text, None);
    };
    match text[open..].strip_prefix("(test: ").and_then(|rest| rest.strip_suffix(')')) {
        Some(name) if !name.trim().is_empty() => (text[..open].trim_end(), Some(name.trim())),
        _ => (text, None),
    }
}

/// The acceptance criteria in their order.
pub fn criteria(body: &str) -> Vec<Criterion> {
    boxes(body).into_iter().map(|(_, criterion)| criterion).collect()
}

/// The lines of the definition of done.
pub fn checks(body: &str) -> Vec<Criterion> {
    let Some(within) = section(body, &DONE) else {
        return Vec::new();
    };
    boxes_in(body, &within).into_iter().map(|(_, check)| check).collect()
}

/// The definition of done has this line, ticked or not.
pub fn has_check(body: &str, text: &str) -> bool {
    let (text, _) = split_test(text.trim());
    checks(body).iter().any(|check| check.text == text)
}

/// There is a place for lines of the definition of done.
pub fn has_checks(body: &str) -> bool {
    section(body, &DONE).is_some()
}

/// There is a place for notes.
pub fn has_notes(body: &str) -> bool {
    section(body, &NOTES).is_some()
}

/// The body with one line of the definition of done ticked or unticked, by its number from 0.
pub fn with_check(body: &str, index: usize, is_done: bool) -> Option<String> {
    let within = section(body, &DONE)?;
    let at = boxes_in(body, &within).get(index)?.0;
    let mut out = body.to_owned();
    out.replace_range(at..=at, if is_done { "x" } else { " " });
    Some(out)
}

/// The body with one more line in the definition of done.
pub fn with_new_check(body: &str, text: &str, eol: &str) -> String {
    let line = format!("- [ ] {text}");
    match section(body, &DONE) {
        Some(within) => append_to(body, within, &line, eol),
        None => insert_section(body, before_notes(body), "Definition of done", &line, eol),
    }
}

/// The body with a criterion bound to a test, which has to prove it then, or to none; None when there is no such criterion.
pub fn with_test(body: &str, index: usize, test: Option<&str>) -> Option<String> {
    let boxes = boxes(body);
    let (at, criterion) = boxes.get(index)?;
    let start = body[*at..].find(criterion.text.as_str())? + at;
    let end = body[*at..].find('\n').map_or(body.len(), |end| at + end);
    let end = start + body[start..end].trim_end().len();
    let bound = test.map_or_else(String::new, |test| format!(" (test: {test})"));
    let mut out = body.to_owned();
    out.replace_range(start + criterion.text.len()..end, &bound);
    // What another test proved is not proved by this one.
    if test.is_some() && test != criterion.test.as_deref() {
        out.replace_range(*at..=*at, " ");
    }
    Some(out)
}

/// The decisions: `### 2026-11-26: Title`, perhaps `Status: accepted`, then text.
pub fn decisions(body: &str) -> Vec<super::Decision> {
    let Some(within) = section(body, &DECISIONS) else {
        return Vec::new();
    };
    let heads: Vec<(usize, &str)> = lines(body)
        .iter()
        .filter(|line| within.contains(&line.start))
        .filter_map(|line| heading(line.text).map(|(_, text)| (line.start, text)))
        .collect();
    let ends = heads.iter().skip(1).map(|(start, _)| *start).chain([within.end]);
    let mut out = Vec::new();
    for ((start, head), end) in heads.iter().zip(ends) {
        let (date, title) = match head.split_once(": ") {
            Some((day, title)) if day.parse::<jiff::civil::Date>().is_ok() => (day.parse().ok(), title),
            _ => (None, *head),
        };
        let text = body[*start..end].split_once('\n').map_or("", |(_, text)| text).trim();
        let (status, text) = match text.strip_prefix("Status:") {
            Some(rest) => rest.split_once('\n').unwrap_or((rest, "")),
            None => ("", text),
        };
        out.push(super::Decision {
            title: title.to_owned(),
            date,
            status: status.trim().to_owned(),
            text: text.trim().to_owned(),
        });
    }
    out
}

/// The body with one more decision.
pub fn with_decision(body: &str, decision: &super::Decision, eol: &str) -> String {
    let day = decision.date.map_or_else(String::new, |day| format!("{day}: "));
    let mut text = format!("### {day}{}{eol}{eol}", decision.title);
    if !decision.status.is_empty() {
        text.push_str(&format!("Status: {}{eol}", decision.status));
    }
    for line in decision.text.trim().lines() {
        // A heading in it would end it.
        let line = line.trim_end();
        text.push_str(eol);
        text.push_str(if heading(line).is_some() {
            line.trim_start_matches('#').trim_start()
        } else {
            line
        });
    }
    let text = text.trim_end();
    match section(body, &DECISIONS) {
        Some(within) => append_to(body, within, text, eol),
        None => insert_section(body, before_notes(body), "Decisions", text, eol),
    }
}

/// Where the line of the notes' heading starts, or the end.
fn before_notes(body: &str) -> usize {
    section(body, &NOTES)
        .and_then(|notes| body[..notes.start].trim_end().rfind('\n'))
        .map_or(body.len(), |at| at + 1)
}

/// The body with one box ticked or unticked. The text decides when lines were moved; None when it is gone or stands there twice.
pub fn with_criterion(body: &str, index: usize, text: &str, is_done: bool) -> Option<String> {
    let boxes = boxes(body);
    let found = match boxes.get(index) {
        Some(found) if found.1.text == text => found,
        _ => {
            let mut same = boxes.iter().filter(|(_, criterion)| criterion.text == text);
            same.next().filter(|_| same.next().is_none())?
        }
    };
    let mut out = body.to_owned();
    if found.1.is_done != is_done {
        out.replace_range(found.0..=found.0, if is_done { "x" } else { " " });
    }
    Some(out)
}

/// The body with one more criterion below the others.
pub fn with_new_criterion(body: &str, text: &str, eol: &str) -> String {
    let line = format!("- [ ] {text}");
    if let Some((at, _)) = boxes(body).last() {
        let end = body[*at..].find('\n').map_or(body.len(), |found| at + found + 1);
        return insert_line(body, end, &line, eol);
    }
    match section(body, &ACCEPTANCE) {
        Some(within) => append_to(body, within, &line, eol),
        None => insert_section(body, before_notes(body), "Acceptance", &line, eol),
    }
}

/// A note as an entry of a list.
pub fn note_lines(note: &str, eol: &str) -> String {
    let mut lines = note.trim().lines();
    let mut text = format!("- {}", lines.next().unwrap_or_default());
    for line in lines {
        text.push_str(eol);
        if !line.trim().is_empty() {
            text.push_str("  ");
            text.push_str(line.trim_end());
        }
    }
    text
}

/// The body with one more note at the end of the notes.
pub fn with_note(body: &str, note: &str, eol: &str) -> String {
    let text = note_lines(note, eol);
    match section(body, &NOTES) {
        Some(within) => append_to(body, within, &text, eol),
        None => insert_section(body, body.len(), "Notes", &text, eol),
    }
}

/// A line at the end of a section: directly below a list, with an empty line below anything else.
fn append_to(body: &str, within: Range<usize>, line: &str, eol: &str) -> String {
    let within = within.start..within.start + before_mark(&body[within.clone()]);
    let content = body[within.clone()].trim_end();
    let end = within.start + content.len();
    let last = content.lines().next_back().unwrap_or_default();
    let is_list =
        is_mark(last, ":BEGIN") || last.trim_start().starts_with("- ") || (last.starts_with("  ") && content.contains("- "));
    let at = body[end..].find('\n').map_or(body.len(), |found| end + found + 1);
    let gap = if content.is_empty() && at >= within.end || is_list {
        ""
    } else {
        eol
    };
    if content.is_empty() {
        let start = within.start;
        return insert_line(body, start, &format!("{eol}{line}"), eol);
    }
    insert_line(body, at, &format!("{gap}{line}"), eol)
}

/// `<!-- SECTION:NOTES:END -->`: what Backlog.md puts around what it reads.
fn is_mark(line: &str, which: &str) -> bool {
    let words = line.trim().strip_prefix("<!--").and_then(|rest| rest.strip_suffix("-->"));
    words.is_some_and(|words| words.trim().ends_with(which))
}

/// Where a section's text ends: before its closing mark, when that is what stands last.
fn before_mark(section: &str) -> usize {
    let content = section.trim_end();
    let start = content.rfind('\n').map_or(0, |at| at + 1);
    if is_mark(&content[start..], ":END") {
        start
    } else {
        section.len()
    }
}

fn insert_section(body: &str, at: usize, title: &str, line: &str, eol: &str) -> String {
    let before = &body[..at];
    let gap = if before.trim().is_empty() || before.ends_with("\n\n") || before.ends_with("\n\r\n") {
        ""
    } else {
        eol
    };
    let after = if at < body.len() { eol } else { "" };
    insert_line(body, at, &format!("{gap}## {title}{eol}{eol}{line}{after}"), eol)
}

/// Whole lines at an offset that starts a line; the end of a file without a last line break gets one first, and keeps having none.
fn insert_line(body: &str, at: usize, lines: &str, eol: &str) -> String {
    let (before, after) = body.split_at(at);
    let lacks_break = !before.is_empty() && !before.ends_with('\n');
    if lacks_break {
        format!("{before}{eol}{lines}{after}")
    } else {
        format!("{before}{lines}{eol}{after}")
    }
}
