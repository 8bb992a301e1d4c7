//! Carries what changed from one generated text to the next into a text that hands wrote: each change goes where it belongs there, however
//! that is written, and what has no place is left open with the marks of a conflict. Pure.

mod blocks;
mod fields;
mod manifest;
mod records;
mod rows;
mod tags;

pub(super) use blocks::types_in;
pub(super) use fields::names_model;
pub(super) use records::windows_in;

use similar::{DiffOp, TextDiff};
use std::ops::Range;

/// Lines that say where something stands.
const NEAR: usize = 3;

/// A text of hands with what was carried into it.
#[derive(Debug)]
pub(super) struct Carried {
    pub(super) text: String,
    /// Changes that had no place: they stand at the end, between marks.
    pub(super) n_open: usize,
}

/// What a text is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Manifest,
    Init,
    /// A model of Odoo.
    Model,
    Other,
}

/// A change that has no place: what was there, and what would be.
type Open = (Vec<String>, Vec<String>);

/// Carries the changes of a file of a module into the text that hands wrote of it. `model` is the one that the file is about.
pub(super) fn carry(path: &str, model: Option<&str>, base: &str, ours: &str, theirs: &str) -> Carried {
    let is_dos = ours.contains("\r\n");
    let mut lines: Vec<String> = ours.replace("\r\n", "\n").split_inclusive('\n').map(str::to_owned).collect();
    if let Some(last) = lines.last_mut().filter(|last| !last.ends_with('\n')) {
        last.push('\n');
    }
    let ends_with = |ending: &str| path.rsplit('.').next() == Some(ending);
    let open = if ends_with("csv") {
        rows::carry(base, theirs, &mut lines)
    } else if ends_with("xml") {
        records::carry(base, theirs, &mut lines)
    } else if path.ends_with("__manifest__.py") {
        by_lines(Kind::Manifest, base, theirs, &mut lines)
    } else if path.ends_with("__init__.py") {
        by_lines(Kind::Init, base, theirs, &mut lines)
    } else if let Some(model) = model.filter(|_| ends_with("py") && fields::is_odoo(base)) {
        fields::carry(model, base, theirs, &mut lines)
    } else if model.is_some() && (ends_with("rs") || ends_with("ts") || ends_with("py")) {
        blocks::carry(base, theirs, &mut lines)
    } else {
        by_lines(Kind::Other, base, theirs, &mut lines)
    };
    let n_open = open.len();
    for (old, new) in open {
        lines.push("<<<<<<< hand\n".to_owned());
        lines.extend(old);
        lines.push("=======\n".to_owned());
        lines.extend(new);
        lines.push(">>>>>>> plan\n".to_owned());
    }
    let text = lines.concat();
    Carried {
        text: if is_dos { text.replace('\n', "\r\n") } else { text },
        n_open,
    }
}

/// Makes in a text of hands the changes that lead from one generated text to the next, each where its neighbours stand there. None when
/// one of them has no place.
pub fn carried(base: &str, ours: &str, theirs: &str) -> Option<String> {
    let mut lines: Vec<String> = ours.split_inclusive('\n').map(str::to_owned).collect();
    if let Some(last) = lines.last_mut().filter(|last| !last.ends_with('\n')) {
        last.push('\n');
    }
    by_lines(Kind::Other, base, theirs, &mut lines)
        .is_empty()
        .then(|| lines.concat())
}

/// One change between two generated texts, as lines of them.
struct Step<'t> {
    old: &'t [&'t str],
    new: &'t [&'t str],
    /// The generated lines before and behind it.
    before: &'t [&'t str],
    behind: &'t [&'t str],
}

/// The changes from one text to the next, the last one first: what is put in then moves nothing that comes.
fn steps(base: &str, theirs: &str, mut act: impl FnMut(&Step<'_>)) {
    let diff = TextDiff::from_lines(base, theirs);
    let (base, theirs): (Vec<&str>, Vec<&str>) = (base.split_inclusive('\n').collect(), theirs.split_inclusive('\n').collect());
    for op in diff.ops().iter().rev() {
        let (mut old, mut new) = (op.old_range(), op.new_range());
        if matches!(op, DiffOp::Equal { .. }) {
            continue;
        }
        if old.is_empty() {
            // The same lines may be seen one lower: a bracket that closes belongs to what it closes.
            while head(theirs[new.start]).is_none() && theirs.get(new.end) == Some(&theirs[new.start]) {
                let lower = |range: Range<usize>| Range {
                    start: range.start + 1,
                    end: range.end + 1,
                };
                (old, new) = (lower(old), lower(new));
            }
            // New lines of two lists in a row: what closes the first one is the line that stands behind both.
            while let Some(cut) = closing_line(&theirs[new.clone()]).map(|at| new.start + at) {
                if theirs.get(new.end) != Some(&theirs[cut]) || base.get(old.end) != Some(&theirs[cut]) {
                    break;
                }
                act(&Step {
                    old: &[],
                    new: &theirs[cut + 1..=new.end],
                    before: &base[..=old.end],
                    behind: &base[old.end + 1..],
                });
                new.end = cut;
            }
            if new.is_empty() {
                continue;
            }
        }
        act(&Step {
            old: &base[old.clone()],
            new: &theirs[new],
            before: &base[..old.start],
            behind: &base[old.end..],
        });
    }
}

/// The last of some lines that closes a bracket which none of them opens.
fn closing_line(lines: &[&str]) -> Option<usize> {
    let is_closing = |at: &usize| depth_of(lines[..=*at].iter().copied()).is_none();
    let first = (0..lines.len()).find(is_closing)?;
    let below = closing_line(&lines[first + 1..]);
    Some(below.map_or(first, |below| first + 1 + below))
}

fn by_lines(kind: Kind, base: &str, theirs: &str, lines: &mut Vec<String>) -> Vec<Open> {
    let mut open = Vec::new();
    steps(base, theirs, |step| {
        if !is_placed(kind, step, lines) {
            open.push(open_of(step));
        }
    });
    open.reverse();
    open
}

fn open_of(step: &Step<'_>) -> Open {
    (owned(step.old), owned(step.new))
}

fn owned(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

/// Makes one change where it belongs; false when it has no place.
fn is_placed(kind: Kind, step: &Step<'_>, lines: &mut Vec<String>) -> bool {
    if !step.old.is_empty() {
        let Some(at) = only(step.old, lines) else {
            return kind == Kind::Manifest && manifest::is_value_set(step, lines);
        };
        lines.splice(at..at + step.old.len(), owned(step.new));
        return true;
    }
    if depth_of(step.new.iter().copied()) != Some(0) {
        return false;
    }
    if kind == Kind::Init {
        return is_imported(step.new, lines);
    }
    if kind == Kind::Manifest {
        let mut tried = lines.clone();
        let is_done = manifest::is_in_manifest(step, &mut tried);
        if is_done {
            *lines = tried;
        }
        return is_done;
    }
    let at = place_of(step.before, step.behind, lines).or_else(|| {
        // At the end of the class.
        let is_class = kind == Kind::Model && lines.first().is_some_and(|line| line.starts_with("class "));
        let is_inside = |line: &&str| line.trim().is_empty() || line.starts_with("    ");
        (is_class && step.new.iter().all(is_inside)).then_some(lines.len())
    });
    let Some(at) = at else { return false };
    lines.splice(at..at, owned(step.new));
    true
}

/// `from . import x` of what is new, below the last of them, unless it is imported there already.
fn is_imported(new: &[&str], lines: &mut Vec<String>) -> bool {
    for line in new.iter().filter(|line| !line.trim().is_empty()) {
        let Some(name) = line.trim().strip_prefix("from . import ") else {
            return false;
        };
        let is_word = |text: &str| {
            text.split(|c: char| !c.is_alphanumeric() && c != '_')
                .any(|word| word == name)
        };
        let imports: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].starts_with("from .")).collect();
        if imports
            .iter()
            .any(|at| lines[*at..end_of(lines, *at)].iter().any(|line| is_word(line)))
        {
            continue;
        }
        let at = imports.last().map_or(lines.len(), |at| end_of(lines, *at));
        lines.insert(at, (*line).to_owned());
    }
    true
}

fn indent_of(line: &str) -> &str {
    &line[..line.len() - line.trim_start().len()]
}

/// Where these lines stand, when they stand there once.
fn only(wanted: &[&str], lines: &[String]) -> Option<usize> {
    let is_here = |at: &usize| {
        wanted
            .iter()
            .zip(&lines[*at..])
            .all(|(wanted, line)| wanted.trim_end() == line.trim_end())
    };
    let mut places = (0..=lines.len().checked_sub(wanted.len())?).filter(is_here);
    places.next().filter(|_| places.next().is_none())
}

/// Where something new goes: behind the statement that stands before it, else before the one that stands behind it.
fn place_of(before: &[&str], behind: &[&str], lines: &[String]) -> Option<usize> {
    let found = |wanted: &String| {
        let mut places = (0..lines.len()).filter(|at| head(&lines[*at]).as_ref() == Some(wanted));
        places.next().filter(|_| places.next().is_none())
    };
    // The nearest ones only: what stands far away says nothing about the place.
    let above = before.iter().enumerate().rev();
    let above = above.filter_map(|(index, line)| Some((index, head(line)?))).take(NEAR);
    for (index, wanted) in above {
        let Some(at) = found(&wanted) else { continue };
        let opens = lines[at].trim_end().ends_with(['[', '(', '{']);
        match depth_of(before[index..].iter().copied()) {
            // It stands in something that ends before the new lines.
            None => {}
            Some(0) => return Some(end_of(lines, at)),
            // What is put into a list stands behind the line that opens it.
            Some(_) => return opens.then_some(at + 1),
        }
    }
    let below = behind.iter().filter_map(|line| head(line)).take(NEAR);
    below.into_iter().find_map(|wanted| found(&wanted))
}

/// How many brackets stay open behind these lines; None when one is closed that they do not open.
fn depth_of<'l>(lines: impl Iterator<Item = &'l str>) -> Option<usize> {
    let mut depth = 0_usize;
    for c in lines.flat_map(str::chars) {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.checked_sub(1)?,
            _ => {}
        }
    }
    Some(depth)
}

/// What tells a line from others however it is written: `name = fields.Char(` is the field `name`; a bracket alone says nothing.
fn head(line: &str) -> Option<String> {
    let bare = line.trim();
    if !bare.contains(|c: char| c.is_alphanumeric()) || bare.starts_with('#') {
        return None;
    }
    let is_word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || c == '_');
    match bare.split_once(" = ") {
        Some((name, value)) if is_word(name) && (value.starts_with("fields.") || name.starts_with('_')) => {
            let indent = line.len() - line.trim_start().len();
            Some(format!("{indent}{name} ="))
        }
        // An argument of a call: it belongs to another line.
        _ if bare.ends_with(',') && bare.contains('=') => None,
        _ => Some(bare.trim_end_matches(',').replace('\'', "\"")),
    }
}

/// The line behind the statement that begins here.
fn end_of(lines: &[String], at: usize) -> usize {
    let mut depth = 0_i32;
    for (offset, line) in lines[at..].iter().enumerate() {
        for c in line.chars() {
            match c {
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth -= 1,
                _ => {}
            }
        }
        // A list that ends below belongs to what stands in it.
        if depth <= 0 {
            return at + offset + 1;
        }
    }
    at + 1
}
