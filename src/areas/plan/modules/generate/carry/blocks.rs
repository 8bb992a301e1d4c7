//! Types of packages that hands wrote: a change goes into the block of hands that has the name of the generated one. Blocks that only the
//! template has, as its lists of fields and its checks, stay away.

use super::{Open, Step, depth_of, indent_of, only, open_of, owned, place_of, steps};
use std::ops::Range;

/// Words that begin a type.
const TYPES: [&str; 5] = ["struct", "interface", "class", "type", "enum"];

pub(super) fn carry(base: &str, theirs: &str, lines: &mut Vec<String>) -> Vec<Open> {
    let mut open = Vec::new();
    steps(base, theirs, |step| {
        let first = step.new.iter().chain(step.old).find(|line| !line.trim().is_empty());
        let openers = openers(step.before, first.map_or(0, |line| indent_of(line).len()));
        let Some(range) = block_of(&openers, lines) else {
            // A block that the template has beside the type stays away.
            if openers.iter().any(|name| is_type(name)) {
                open.push(open_of(step));
            }
            return;
        };
        let mut tail = lines.split_off(range.end);
        let mut block = lines.split_off(range.start);
        if !is_placed(step, &openers, &mut block) {
            open.push(open_of(step));
        }
        lines.append(&mut block);
        lines.append(&mut tail);
    });
    open.reverse();
    open
}

fn is_placed(step: &Step<'_>, openers: &[String], block: &mut Vec<String>) -> bool {
    let is_of_type = openers.len() == 1 && is_type(&openers[0]);
    if !step.old.is_empty() {
        let Some(at) = only(step.old, block) else {
            // Beside all blocks only what hands have too is changed.
            return openers.is_empty() || is_of_type && is_member_set(step, block);
        };
        block.splice(at..at + step.old.len(), owned(step.new));
        return true;
    }
    if depth_of(step.new.iter().copied()) != Some(0) {
        return false;
    }
    let own = step.new.iter().find_map(|line| opens(line).then(|| name_of(line)));
    if openers.is_empty() && own.is_some_and(|own| block.iter().any(|line| opens(line) && name_of(line) == own)) {
        return true;
    }
    if openers.is_empty() && step.new.iter().all(|line| is_import(line) || line.trim().is_empty()) {
        return is_imported(step, block);
    }
    let at = match place_of(step.before, step.behind, block) {
        Some(at) => at,
        None if openers.is_empty() || is_of_type => block.len(),
        None => return false,
    };
    let ends_with_comma = step.new.last().is_some_and(|line| line.trim_end().ends_with(','));
    if let Some(above) = block[..at].iter_mut().rev().find(|line| !line.trim().is_empty())
        && ends_with_comma
        && !above.trim_end().ends_with([',', '{', '(', '['])
        && !above.trim_start().starts_with("//")
    {
        *above = format!("{},\n", above.trim_end());
    }
    block.splice(at..at, owned(step.new));
    true
}

fn is_import(line: &str) -> bool {
    ["use ", "import ", "from "].iter().any(|word| line.starts_with(word))
}

/// Imports stand below those that are there; a file that has none is left to people.
fn is_imported(step: &Step<'_>, block: &mut Vec<String>) -> bool {
    let is_there = |line: &str| block.iter().any(|own| own.trim() == line.trim());
    let new: Vec<String> = step
        .new
        .iter()
        .filter(|line| is_import(line) && !is_there(line))
        .map(|line| (*line).to_owned())
        .collect();
    let behind = block
        .iter()
        .rposition(|line| is_import(line) && !opens(line))
        .map(|last| last + 1);
    match behind {
        Some(at) => drop(block.splice(at..at, new)),
        None => return new.is_empty(),
    }
    true
}

/// The name of a member of a type, and what stands behind it: `pub name: String,` is `name` and `String,`.
fn member(line: &str) -> Option<(&str, &str)> {
    let bare = line.trim();
    let bare = ["pub(crate) ", "pub(super) ", "pub ", "readonly "]
        .iter()
        .find_map(|word| bare.strip_prefix(word))
        .unwrap_or(bare);
    let (name, rest) = bare.split_once(':')?;
    let is_word = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '#' | '?'));
    is_word.then(|| (name, rest.trim()))
}

/// Members that hands wrote in another way: renamed, given another type or removed by their names.
fn is_member_set(step: &Step<'_>, block: &mut Vec<String>) -> bool {
    let members = |lines: &[&str]| lines.iter().filter(|line| member(line).is_some()).count();
    if !step.new.is_empty() && members(step.new) != members(step.old) {
        return false;
    }
    let old: Vec<&str> = step.old.iter().copied().filter(|line| member(line).is_some()).collect();
    let new: Vec<&str> = step.new.iter().copied().filter(|line| member(line).is_some()).collect();
    let mut places = Vec::new();
    for line in &old {
        let name = member(line).map(|(name, _)| name);
        let mut found = (0..block.len()).filter(|at| member(&block[*at]).map(|(name, _)| name) == name);
        match (found.next(), found.next()) {
            (Some(at), None) => places.push(at),
            _ => return false,
        }
    }
    for (index, at) in places.iter().enumerate() {
        let (Some((old, before)), Some((name, after))) = (member(old[index]), new.get(index).and_then(|line| member(line)))
        else {
            continue;
        };
        block[*at] = if before == after {
            block[*at].replacen(old, name, 1)
        } else {
            new[index].to_owned()
        };
    }
    if new.is_empty() {
        let mut index = 0;
        block.retain(|_| {
            index += 1;
            !places.contains(&(index - 1))
        });
    }
    !old.is_empty()
}

/// The lines that open what a line stands in, by their names, the outermost first.
fn openers(before: &[&str], indent: usize) -> Vec<String> {
    let mut out = Vec::new();
    let mut indent = indent;
    for line in before.iter().rev().filter(|line| !line.trim().is_empty()) {
        let own = indent_of(line).len();
        if own < indent && opens(line) {
            out.push(name_of(line));
            indent = own;
        }
    }
    out.reverse();
    out
}

/// The types that a text has, by their names.
pub(in super::super) fn types_in(text: &str) -> Vec<String> {
    let is_top = |line: &&str| !line.starts_with([' ', '\t']) && opens(line);
    let names = text.lines().filter(is_top).map(name_of);
    names.filter(|name| is_type(name) && !name.starts_with("enum ")).collect()
}

fn is_type(name: &str) -> bool {
    name.split_once(' ').is_some_and(|(word, _)| TYPES.contains(&word))
}

fn opens(line: &str) -> bool {
    line.trim_end().ends_with(['{', '[', '(', ':'])
}

/// What a block is called, however visible it is and whatever it has behind its name.
fn name_of(line: &str) -> String {
    let mut bare = line.trim();
    while let Some(rest) = [
        "pub(crate) ",
        "pub(super) ",
        "pub ",
        "export ",
        "default ",
        "declare ",
        "async ",
    ]
    .iter()
    .find_map(|word| bare.strip_prefix(word))
    {
        bare = rest.trim_start();
    }
    let cut = bare.split(['{', '(', ':', '=', '<']).next().unwrap_or_default().trim();
    let mut words = cut.split_whitespace();
    match (words.next(), words.next()) {
        (Some(word), Some(name)) if TYPES.contains(&word) => {
            // An interface that hands wrote as a type is the same type.
            let word = if matches!(word, "interface" | "class") { "type" } else { word };
            format!("{word} {name}")
        }
        _ => cut.to_owned(),
    }
}

/// The lines inside the innermost of these blocks, each looked for in the one before it.
fn block_of(openers: &[String], lines: &[String]) -> Option<Range<usize>> {
    let mut range = 0..lines.len();
    for name in openers {
        let is_it = |at: &usize| opens(&lines[*at]) && name_of(&lines[*at]) == *name;
        let mut places = range.clone().filter(is_it);
        let at = places.next().filter(|_| places.next().is_none())?;
        let indent = indent_of(&lines[at]).len();
        let is_out = |at: &usize| !lines[*at].trim().is_empty() && indent_of(&lines[*at]).len() <= indent;
        let end = (at + 1..range.end).find(is_out).unwrap_or(range.end);
        // Blank lines behind the last one are no part of it.
        let last = (at + 1..end).rev().find(|at| !lines[*at].trim().is_empty());
        range = at + 1..last.map_or(at + 1, |last| last + 1);
    }
    Some(range)
}
