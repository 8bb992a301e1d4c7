//! The manifest of an Odoo module that hands wrote: values under their keys, and lists in whose order Odoo loads files.

use super::{Step, indent_of, owned, place_of};

/// New lines of a manifest: entries go into the list of hands, and a key that is there already is not said twice.
pub(super) fn is_in_manifest(step: &Step<'_>, lines: &mut Vec<String>) -> bool {
    let has = |key: &str, lines: &[String]| lines.iter().any(|line| keys_in(line).any(|known| known == key));
    let mut rest: Vec<String> = Vec::new();
    if let Some(key) = key_of_list(step.before) {
        if put_into_list(
            &key,
            step.new,
            (in_list(step.before, true), in_list(step.behind, false)),
            lines,
        ) {
            return true;
        }
        if has(&key, lines) {
            return false;
        }
        rest = owned(step.new);
    } else {
        let mut at = 0;
        while at < step.new.len() {
            let line = step.new[at];
            let key = key_in(line);
            let opens = line.trim_end().ends_with('[');
            let end = (at..step.new.len())
                .find(|end| opens && step.new[*end].trim() == "],")
                .unwrap_or(at);
            match key.filter(|key| has(key, lines)) {
                Some(key) if end > at && put_into_list(key, &step.new[at + 1..end], (&[], &[]), lines) => {}
                Some(_) => return false,
                None => rest.extend(owned(&step.new[at..=end])),
            }
            at = end + 1;
        }
    }
    if rest.is_empty() {
        return true;
    }
    let place = place_of(step.before, step.behind, lines);
    let place = place.or_else(|| key_of_list(step.before).is_none().then(|| end_of_manifest(lines)).flatten());
    let Some(at) = place else { return false };
    lines.splice(at..at, rest);
    true
}

/// The lines that stand in the same list: above it from the line that opens it, or below it to the one that closes it.
fn in_list<'l, 't>(lines: &'l [&'t str], is_above: bool) -> &'l [&'t str] {
    let is_edge = |line: &&str| line.trim_end().ends_with('[') || line.trim_start().starts_with(']');
    if is_above {
        let opens = lines.iter().rposition(&is_edge);
        &lines[opens.map_or(0, |at| at + 1)..]
    } else {
        let closes = lines.iter().position(is_edge);
        &lines[..closes.unwrap_or(lines.len())]
    }
}

/// A value of the manifest that stands there under its key alone in its line.
pub(super) fn is_value_set(step: &Step<'_>, lines: &mut [String]) -> bool {
    let ([old], [new]) = (step.old, step.new) else { return false };
    let (Some(key), Some(other)) = (key_in(old), key_in(new)) else {
        return false;
    };
    let value = |line: &str| line.split_once(':').map(|(_, value)| value.trim().replace('\'', "\""));
    let is_here = |line: &&mut String| key_in(line) == Some(key) && value(line) == value(old);
    let mut found = lines.iter_mut().filter(|line| is_here(line));
    match (found.next(), found.next()) {
        (Some(line), None) if key == other => {
            (*new).clone_into(line);
            true
        }
        _ => false,
    }
}

/// The key of `"name": …`.
fn key_in(line: &str) -> Option<&str> {
    let bare = line.trim();
    let quote = bare.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (key, rest) = bare[1..].split_once(quote)?;
    rest.trim_start().starts_with(':').then_some(key)
}

/// The key of the list that is still open behind these lines.
fn key_of_list(before: &[&str]) -> Option<String> {
    let mut depth = 0_i32;
    for line in before.iter().rev() {
        for c in line.chars().rev() {
            match c {
                ')' | ']' | '}' => depth += 1,
                '(' | '[' | '{' => depth -= 1,
                _ => {}
            }
            if depth < 0 {
                let is_list = line.trim_end().ends_with('[');
                return key_in(line).filter(|_| is_list).map(str::to_owned);
            }
        }
    }
    None
}

/// An entry of a list as it stands in its line.
struct Entry {
    line: usize,
    column: usize,
    text: String,
}

/// Puts new entries into a list of the manifest, in one line or in several: files where Odoo has to load them, others at the end.
fn put_into_list(key: &str, entries: &[&str], (above, below): (&[&str], &[&str]), lines: &mut Vec<String>) -> bool {
    let bare: Vec<&str> = entries.iter().map(|entry| entry.trim().trim_end_matches(',')).collect();
    if bare.iter().any(|entry| !entry.starts_with('"') || !entry.ends_with('"')) {
        return false;
    }
    if key != "data" {
        return append(key, &bare, lines);
    }
    // From the last one on, so that each finds those behind it.
    for (index, entry) in bare.iter().enumerate().rev() {
        let known = entries_of(key, lines).unwrap_or_default();
        if known.iter().any(|known| known.text == entry.trim_matches('"')) {
            continue;
        }
        let is_known = |word: &&str| word.starts_with('"') && word.ends_with('"');
        let plain = |line: &&str| line.trim().trim_end_matches(',').to_owned();
        let before: Vec<String> = above.iter().chain(&entries[..index]).map(plain).collect();
        let behind: Vec<String> = entries[index + 1..].iter().chain(below).map(plain).collect();
        let place = |word: &String| known.iter().position(|entry| entry.text == word.trim_matches('"'));
        let places = |words: &[String]| -> Vec<usize> {
            let words = words.iter().filter(|word| is_known(&word.as_str()));
            words.filter_map(place).collect()
        };
        let lowest = places(&before).into_iter().max().map(|at| at + 1);
        let highest = places(&behind).into_iter().min();
        // Groups are named by all the others. Rights name groups; no view names rights.
        let at = if entry.starts_with("\"security/") && entry.ends_with(".xml\"") {
            Some(0)
        } else if entry.ends_with(".csv\"") {
            lowest.or_else(|| known.iter().position(|entry| !entry.text.starts_with("security/")))
        } else {
            highest
        };
        let is_put = match at.and_then(|at| known.get(at)) {
            Some(next) => {
                put_before(next, entry, lines);
                true
            }
            None => append(key, &[*entry], lines),
        };
        if !is_put {
            return false;
        }
    }
    true
}

fn put_before(next: &Entry, entry: &str, lines: &mut Vec<String>) {
    let line = &lines[next.line];
    let (head, rest) = line.split_at(next.column);
    if head.trim().is_empty() {
        let new = format!("{head}{entry},\n");
        lines.insert(next.line, new);
    } else {
        lines[next.line] = format!("{head}{entry}, {rest}");
    }
}

/// The entries of a list of texts; None where there is no such list, or something else stands in it.
fn entries_of(key: &str, lines: &[String]) -> Option<Vec<Entry>> {
    let at = (0..lines.len()).find(|at| lines[*at].contains('[') && keys_in(&lines[*at]).any(|known| known == key))?;
    let end = closing(lines, at, key)?;
    let mut starts = lines[at].match_indices(['"', '\'']).map(|(at, _)| at);
    let from = starts.find(|from| key_in(&lines[at][*from..]) == Some(key))?;
    let open = (at, lines[at][from..].find('[')? + from);
    let mut out = Vec::new();
    for (index, line) in lines.iter().enumerate().take(end.0 + 1).skip(at) {
        let mut quote: Option<(char, usize)> = None;
        for (column, c) in line.char_indices() {
            if (index, column) <= open || (index, column) >= end {
                continue;
            }
            match (quote, c) {
                (Some((known, start)), c) if known == c => {
                    let text = line[start + 1..column].to_owned();
                    out.push(Entry {
                        line: index,
                        column: start,
                        text,
                    });
                    quote = None;
                }
                (Some(_), _) => {}
                (None, '"' | '\'') => quote = Some((c, column)),
                (None, '#') => break,
                (None, _) => {}
            }
        }
    }
    Some(out)
}

/// Puts new entries at the end of a list.
fn append(key: &str, entries: &[&str], lines: &mut Vec<String>) -> bool {
    let Some(at) = (0..lines.len()).find(|at| lines[*at].contains('[') && keys_in(&lines[*at]).any(|known| known == key)) else {
        return false;
    };
    let Some((line, column)) = closing(lines, at, key) else {
        return false;
    };
    let before = lines[line][..column].trim_end();
    if line > at && before.trim().is_empty() {
        // The last entry may have no comma.
        let above = (at..line).rev().find(|above| {
            let text = lines[*above].trim();
            !text.is_empty() && !text.starts_with('#')
        });
        if let Some(above) = above.filter(|above| *above > at) {
            let text = lines[above].trim_end().to_owned();
            if !text.ends_with([',', '[']) && !text.contains('#') {
                lines[above] = format!("{text},\n");
            } else if !text.ends_with([',', '[']) {
                return false;
            }
        }
        let indent = above
            .filter(|above| *above > at)
            .map_or_else(|| "        ".to_owned(), |above| indent_of(&lines[above]).to_owned());
        let new: Vec<String> = entries.iter().map(|entry| format!("{indent}{entry},\n")).collect();
        lines.splice(line..line, new);
        return true;
    }
    let join = if before.ends_with('[') || before.ends_with(',') {
        ""
    } else {
        ", "
    };
    let join = if before.ends_with(',') { " " } else { join };
    lines[line] = format!("{before}{join}{}{}", entries.join(", "), &lines[line][column..]);
    true
}

/// Every key that a line names: a whole manifest may stand in one.
fn keys_in(line: &str) -> impl Iterator<Item = &str> {
    let starts = line.match_indices(['"', '\'']).map(|(at, _)| at);
    starts.filter_map(|at| key_in(&line[at..]))
}

/// Line and column of the bracket that closes the list of a key.
fn closing(lines: &[String], at: usize, key: &str) -> Option<(usize, usize)> {
    let mut starts = lines[at].match_indices(['"', '\'']).map(|(at, _)| at);
    let from = starts.find(|from| key_in(&lines[at][*from..]) == Some(key))?;
    let (mut depth, mut quote) = (0_usize, None);
    for (index, line) in lines.iter().enumerate().skip(at) {
        let from = if index == at { from + key.len() + 2 } else { 0 };
        for (column, c) in line.char_indices().filter(|(column, _)| *column >= from) {
            match (quote, c) {
                (Some(known), c) if known == c => quote = None,
                (Some(_), _) => {}
                (None, '"' | '\'') => quote = Some(c),
                (None, '#') => break,
                (None, '[') => depth += 1,
                (None, ']') if depth == 1 => return Some((index, column)),
                (None, ']') => depth = depth.checked_sub(1)?,
                // Another value begins: this key has no list.
                (None, ',' | '}') if depth == 0 => return None,
                _ => {}
            }
        }
    }
    None
}

/// The line of the bracket that closes the manifest, when what stands before it ends with a comma.
fn end_of_manifest(lines: &mut [String]) -> Option<usize> {
    let last = (0..lines.len()).rev().find(|at| lines[*at].trim() == "}")?;
    let above = (0..last).rev().find(|at| !lines[*at].trim().is_empty())?;
    let text = lines[above].trim_end().to_owned();
    if text.contains('#') && !text.ends_with(',') {
        return None;
    }
    if !text.ends_with([',', '{']) {
        lines[above] = format!("{text},\n");
    }
    Some(last)
}
