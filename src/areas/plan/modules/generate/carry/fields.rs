//! Models of Odoo that hands wrote: fields are looked for by their names in the class of the model, and imports by theirs.

use super::{Kind, Open, by_lines, end_of, head, is_placed, open_of, steps};
use std::ops::Range;

/// A generated text that has a class of Odoo.
pub(super) fn is_odoo(text: &str) -> bool {
    text.contains("from odoo import ")
}

pub(super) fn carry(model: &str, base: &str, theirs: &str, lines: &mut Vec<String>) -> Vec<Open> {
    let (base_top, base_class) = parted(base);
    let (their_top, their_class) = parted(theirs);
    let range = class_of(model, lines);
    let mut tail = lines.split_off(range.end);
    let mut class = lines.split_off(range.start);
    let (base_class, their_class) = by_name(base_class, their_class, &mut class);
    let mut open = by_lines(Kind::Model, &base_class, &their_class, &mut class);
    let mut open_on_top = Vec::new();
    // In a file whose class was not found everything is looked for everywhere.
    let top = if lines.is_empty() { &mut class } else { &mut *lines };
    steps(base_top, their_top, |step| {
        // An import that is needed no more does no harm.
        let is_over = step.new.is_empty()
            && step
                .old
                .iter()
                .all(|line| line.starts_with("from ") || line.trim().is_empty());
        if !is_over && !is_imported(step.new, top) && !is_placed(Kind::Model, step, top) {
            open_on_top.push(open_of(step));
        }
    });
    open_on_top.reverse();
    open_on_top.append(&mut open);
    lines.append(&mut class);
    lines.append(&mut tail);
    open_on_top
}

/// A generated text before and from its class.
fn parted(text: &str) -> (&str, &str) {
    text.split_at(text.find("\nclass ").map_or(0, |at| at + 1))
}

/// The lines of the class that has the name of the model, else the one that extends it; the whole text where no class does.
fn class_of(model: &str, lines: &[String]) -> Range<usize> {
    let named = |keys: &[&str]| lines.iter().position(|line| names_model(line, model, keys));
    let is_class = |line: &String| line.starts_with("class ");
    let found = named(&["_name"]).or_else(|| named(&["_name", "_inherit"]));
    let start = found.and_then(|at| (0..=at).rev().find(|at| is_class(&lines[*at])));
    let Some(start) = start else { return 0..lines.len() };
    let is_out = |line: &String| !line.trim().is_empty() && !line.starts_with([' ', '\t', ')', ']', '}', '#']);
    let end = (start + 1..lines.len()).find(|at| is_out(&lines[*at])).unwrap_or(lines.len());
    // Blank lines and comments before the next class are its own.
    let is_between = |line: &String| line.trim().is_empty() || line.starts_with('#');
    let last = (start..end).rev().find(|at| !is_between(&lines[*at]));
    start..last.map_or(end, |last| last + 1)
}

/// `_name = "coop.share"`, `_inherit = ["coop.share"]`.
pub(in super::super) fn names_model(line: &str, model: &str, keys: &[&str]) -> bool {
    let Some((key, value)) = line.trim().split_once('=') else {
        return false;
    };
    let mut words = value.split(['"', '\'']).skip(1).step_by(2);
    keys.contains(&key.trim()) && words.any(|word| word == model)
}

/// A field of a generated class.
struct Field<'t> {
    head: String,
    name: &'t str,
    /// Everything behind its name.
    rest: String,
    text: String,
}

fn fields(text: &str) -> Vec<Field<'_>> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let owned: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
    let field = |at: usize| {
        let (name, value) = lines[at].trim_start().split_once(" = ")?;
        let head = head(lines[at]).filter(|_| value.starts_with("fields."))?;
        let text = lines[at..end_of(&owned, at)].concat();
        let rest = text.split_once(" = ")?.1.to_owned();
        Some(Field { head, name, rest, text })
    };
    (0..lines.len()).filter_map(field).collect()
}

/// Fields that were changed, renamed or removed, as their statements in the class of hands. Gives both texts without what was done.
fn by_name(base: &str, theirs: &str, class: &mut Vec<String>) -> (String, String) {
    let (mut done, mut left) = (base.to_owned(), theirs.to_owned());
    let (before, after) = (fields(base), fields(theirs));
    let of = |list: &[Field<'_>], head: &str| list.iter().position(|field| field.head == head);
    for field in &before {
        let Some(range) = statement(&field.head, class) else {
            continue;
        };
        let is_plain = |text: &str| !text.contains('#') && !text.contains("**");
        let new = match of(&after, &field.head) {
            Some(at) if after[at].text == field.text => continue,
            Some(at) if is_plain(&class[range.clone()].concat()) => Some(&after[at]),
            Some(_) => continue,
            None => after
                .iter()
                .find(|other| other.rest == field.rest && of(&before, &other.head).is_none()),
        };
        match new {
            // Only its name is another one: what hands wrote of it stays.
            Some(new) if new.head != field.head && statement(&new.head, class).is_none() => {
                class[range.start] = class[range.start].replacen(field.name, new.name, 1);
                // Nobody moves it to where the plan has it now.
                done = done.replacen(&field.text, "", 1);
                left = left.replacen(&new.text, "", 1);
                continue;
            }
            Some(new) if new.head != field.head => continue,
            Some(new) => {
                class.splice(range, new.text.split_inclusive('\n').map(str::to_owned));
            }
            None => {
                class.drain(range);
            }
        }
        done = done.replacen(&field.text, new.map_or("", |new| new.text.as_str()), 1);
    }
    (done, left)
}

/// The lines of the one statement that begins with this.
fn statement(wanted: &str, class: &[String]) -> Option<Range<usize>> {
    let mut places = (0..class.len()).filter(|at| head(&class[*at]).as_deref() == Some(wanted));
    let at = places.next().filter(|_| places.next().is_none())?;
    Some(at..end_of(class, at))
}

/// Names that are imported from a package, beside those that are there.
fn is_imported(new: &[&str], top: &mut Vec<String>) -> bool {
    let parsed = |line: &str| -> Option<(String, Vec<String>)> {
        let (package, names) = line.trim().strip_prefix("from ")?.split_once(" import ")?;
        let names = names.split(',').map(|name| name.trim().to_owned()).collect();
        (!package.starts_with('.')).then(|| (package.to_owned(), names))
    };
    let mut wanted = Vec::new();
    for line in new.iter().filter(|line| !line.trim().is_empty()) {
        let Some(import) = parsed(line) else { return false };
        wanted.push(import);
    }
    if wanted.is_empty() {
        return false;
    }
    for (package, names) in wanted {
        let start = format!("from {package} import ");
        let Some(at) = top.iter().position(|line| line.starts_with(&start)) else {
            let last = top
                .iter()
                .rposition(|line| line.starts_with("from ") || line.starts_with("import "));
            let at = last.map_or(0, |at| end_of(top, at));
            top.insert(at, format!("{start}{}\n", names.join(", ")));
            continue;
        };
        let end = end_of(top, at);
        let said = top[at..end].concat();
        let is_said = |name: &str| {
            said.split(|c: char| !c.is_alphanumeric() && c != '_')
                .any(|word| word == name)
        };
        let missing: Vec<String> = names.into_iter().filter(|name| !is_said(name)).collect();
        if missing.is_empty() {
            continue;
        }
        if top[at].trim_end().ends_with('(') {
            top.insert(at + 1, format!("    {},\n", missing.join(", ")));
            continue;
        }
        if end > at + 1 || said.contains(['(', '#', '\\']) {
            return false;
        }
        let (_, known) = parsed(&top[at]).unwrap_or_default();
        let mut all: Vec<String> = known.into_iter().chain(missing).collect();
        all.sort();
        top[at] = format!("{start}{}\n", all.join(", "));
    }
    true
}
