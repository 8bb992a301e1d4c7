//! Test plans as Markdown: read for what is known in them, and ticked by one character. Everything else is left as it stands.
//!
//! `# Title`, then per case `## [ ] login: Log in`, a list of steps, `Expected: words` and `Test: name`.

use super::plans::{Plan, PlanCase};

/// What a line of a plan is.
enum Line<'a> {
    Title(&'a str),
    Case(Heading<'a>),
    Section(&'a str),
    Step(&'a str),
    Text(&'a str),
    Blank,
}

struct Heading<'a> {
    id: String,
    title: &'a str,
    /// Where the mark between its brackets stands in the line, in bytes.
    mark: Option<usize>,
}

/// The plan in a text; else why not, and the line.
pub fn parse(name: &str, text: &str) -> Result<Plan, (String, u32)> {
    let mut plan = Plan {
        name: name.to_owned(),
        ..Plan::default()
    };
    let mut seen = std::collections::BTreeSet::new();
    let mut section = "";
    let mut is_item = false;
    for (number, line) in lines(text) {
        match line {
            Line::Title(title) if plan.title.is_empty() => title.clone_into(&mut plan.title),
            Line::Title(_) | Line::Blank => is_item = false,
            Line::Case(heading) => {
                if !seen.insert(heading.id.clone()) {
                    return Err((heading.id, number));
                }
                section = "";
                is_item = false;
                plan.cases.push(PlanCase {
                    id: heading.id,
                    title: heading.title.to_owned(),
                    ..PlanCase::default()
                });
            }
            Line::Section(words) => section = words,
            Line::Step(words) => {
                let Some(case) = plan.cases.last_mut() else { continue };
                is_item = is_steps(section);
                if is_item {
                    case.steps.push(words.to_owned());
                }
            }
            Line::Text(words) => {
                let Some(case) = plan.cases.last_mut() else { continue };
                if let Some(words) = said(words, &["expected", "attendu"]) {
                    join(&mut case.expected, words);
                    is_item = false;
                } else if let Some(words) = said(words, &["test"]) {
                    case.test = Some(words.trim_matches('`').to_owned());
                    is_item = false;
                } else if is_item {
                    if let Some(step) = case.steps.last_mut() {
                        join(step, words);
                    }
                } else if matches!(section.to_lowercase().as_str(), "expected" | "attendu") {
                    join(&mut case.expected, words);
                }
            }
        }
    }
    Ok(plan)
}

/// The text with the box of a case ticked or not; None when it has no such box or stands so already.
pub fn ticked(text: &str, id: &str, is_passed: bool) -> Option<String> {
    let mut at = 0;
    let mut fence = None;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if is_fenced(line, &mut fence) {
            continue;
        }
        let Some(heading) = heading(line.trim_end()).filter(|heading| heading.id == id) else {
            continue;
        };
        let mark = start + heading.mark?;
        let wanted = if is_passed { "x" } else { " " };
        let stands = text.get(mark..=mark)?;
        if stands == wanted || (is_passed && stands == "X") {
            return None;
        }
        let mut out = text.to_owned();
        out.replace_range(mark..=mark, wanted);
        return Some(out);
    }
    None
}

fn lines(text: &str) -> impl Iterator<Item = (u32, Line<'_>)> {
    let mut fence = None;
    let plain = text.trim_start_matches('\u{feff}').lines().zip(1..);
    plain
        .filter(move |(line, _)| !is_fenced(line, &mut fence))
        .map(|(line, number)| (number, kind(line)))
}

/// Whether a line belongs to a block of code.
fn is_fenced(line: &str, fence: &mut Option<&'static str>) -> bool {
    let words = line.trim_start();
    match *fence {
        Some(mark) => {
            if words.starts_with(mark) {
                *fence = None;
            }
            true
        }
        None => {
            *fence = ["```", "~~~"].into_iter().find(|mark| words.starts_with(mark));
            fence.is_some()
        }
    }
}

fn kind(line: &str) -> Line<'_> {
    let line = line.trim_end();
    if line.trim().is_empty() {
        return Line::Blank;
    }
    if let Some(title) = line.strip_prefix("# ") {
        return Line::Title(title.trim());
    }
    if let Some(heading) = heading(line) {
        return Line::Case(heading);
    }
    if let Some(words) = line.strip_prefix("### ") {
        return Line::Section(words.trim().trim_end_matches([':', ' ', '\u{a0}', '\u{202f}']));
    }
    let words = line.trim_start();
    let digits = words.bytes().take_while(u8::is_ascii_digit).count();
    let numbered = words[digits..]
        .strip_prefix(". ")
        .or_else(|| words[digits..].strip_prefix(") "));
    let bullet = words.strip_prefix("- ").or_else(|| words.strip_prefix("* "));
    match (numbered.filter(|_| digits > 0), bullet) {
        (Some(step), _) | (None, Some(step)) if said(step, &["expected", "attendu", "test"]).is_none() => Line::Step(step.trim()),
        (Some(step), _) | (None, Some(step)) => Line::Text(step.trim()),
        (None, None) => Line::Text(words),
    }
}

/// `## [ ] login: Log in`, `## login: Log in`, `## Log in`.
fn heading(line: &str) -> Option<Heading<'_>> {
    let rest = line.strip_prefix("## ")?;
    let words = rest.trim_start();
    let start = line.len() - words.len();
    let mark = words.strip_prefix('[').and_then(|rest| {
        let is_box = rest.starts_with([' ', 'x', 'X']) && rest[1..].starts_with(']');
        is_box.then_some(start + 1)
    });
    let words = if mark.is_some() { words[3..].trim_start() } else { words };
    let is_id = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let named = words
        .split_once(':')
        .filter(|(id, _)| !id.is_empty() && id.chars().all(is_id));
    let (id, title) = match named {
        Some((id, title)) => (id.to_owned(), title.trim()),
        None => (slug(words), words.trim()),
    };
    (!id.is_empty()).then_some(Heading { id, title, mark })
}

fn slug(words: &str) -> String {
    let plain: String = words
        .to_lowercase()
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join("-")
}

/// What follows `Expected:` or `**Expected:**`.
fn said<'a>(words: &'a str, names: &[&str]) -> Option<&'a str> {
    let plain = words.trim_start_matches(['*', '_']);
    let (name, rest) = plain.split_once(':')?;
    let name = name.trim_end_matches(['*', '_', ' ', '\u{a0}', '\u{202f}']).to_lowercase();
    names
        .contains(&name.as_str())
        .then(|| rest.trim_start_matches(['*', '_']).trim())
}

fn is_steps(section: &str) -> bool {
    section.is_empty() || matches!(section.to_lowercase().as_str(), "steps" | "étapes" | "etapes")
}

fn join(text: &mut String, words: &str) {
    if !text.is_empty() && !words.is_empty() {
        text.push(' ');
    }
    text.push_str(words.trim());
}
