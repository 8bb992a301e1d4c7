//! XML of Odoo that hands wrote: records are found by their ids, views by model and kind, fields in them by their names.

use super::tags::{Beside, beside, tags};
use super::{Open, indent_of, open_of, owned, steps};
use std::ops::Range;

/// A record or a menu with the lines that it has.
struct Block {
    range: Range<usize>,
    text: String,
    is_menu: bool,
    id: String,
    /// Model and kind of a view of its own, or the view that it extends; the model that a window shows.
    shows: Option<String>,
}

pub(super) fn carry(base: &str, theirs: &str, lines: &mut Vec<String>) -> Vec<Open> {
    let (before, after) = (blocks(&split(base)), blocks(&split(theirs)));
    let mut open = Vec::new();
    let is_clear = lines
        .iter()
        .all(|line| line.matches("<record").count() + line.matches("<menuitem").count() < 2);
    for block in &after {
        let old = before.iter().find(|known| known.id == block.id);
        if old.is_some_and(|old| old.text == block.text) {
            continue;
        }
        let leave = || (old.map(text_of).unwrap_or_default(), text_of(block));
        if !is_clear {
            open.push(leave());
            continue;
        }
        let here = blocks(lines);
        match (old, place(old.unwrap_or(block), &here)) {
            (None, None) => match end(lines) {
                Some(at) => drop(lines.splice(at..at, text_of(block))),
                None => open.push(leave()),
            },
            (Some(old), Some(at)) if block.is_menu => {
                let new = with_attributes(&here[at].text, &old.text, &block.text);
                lines.splice(here[at].range.clone(), split(&new));
            }
            (Some(old), Some(at)) => {
                let mut own = split(&here[at].text);
                steps(&old.text, &block.text, |step| {
                    if !is_placed(step, &mut own) {
                        open.push(open_of(step));
                    }
                });
                lines.splice(here[at].range.clone(), own);
            }
            // Hands have no window of the model.
            (Some(old), None) if is_window(old) && !here.iter().any(|block| block.shows == old.shows) => {}
            // There is one of that name already, or the one that was changed is not there.
            _ => open.push(leave()),
        }
    }
    for block in before.iter().filter(|old| !after.iter().any(|block| block.id == old.id)) {
        let here = blocks(lines);
        match place(block, &here).filter(|_| is_clear) {
            Some(at) => drop(lines.drain(here[at].range.clone())),
            None => open.push((text_of(block), Vec::new())),
        }
    }
    open
}

/// The windows that a text has: the model of each, and its id.
pub(in super::super) fn windows_in(text: &str) -> Vec<(String, String)> {
    let blocks = blocks(&split(text)).into_iter();
    let window = |block: Block| Some((block.shows?.strip_prefix("window ")?.to_owned(), block.id));
    blocks.filter_map(window).collect()
}

fn is_window(block: &Block) -> bool {
    block.shows.as_ref().is_some_and(|shows| shows.starts_with("window "))
}

fn split(text: &str) -> Vec<String> {
    text.split_inclusive('\n').map(str::to_owned).collect()
}

fn text_of(block: &Block) -> Vec<String> {
    split(&block.text)
}

fn blocks(lines: &[String]) -> Vec<Block> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let bare = lines[at].trim_start();
        let (is_record, is_menu) = (bare.starts_with("<record"), bare.starts_with("<menuitem"));
        if !is_record && !is_menu {
            at += 1;
            continue;
        }
        let is_end = |line: &String| line.contains(if is_record { "</record>" } else { ">" });
        let Some(last) = (at..lines.len()).find(|at| is_end(&lines[*at])) else {
            break;
        };
        let text = lines[at..=last].concat();
        let end = last + 1;
        out.push(Block {
            range: at..end,
            is_menu,
            id: attribute(&text, "id").unwrap_or_default().to_owned(),
            shows: shows(&text),
            text,
        });
        at = end;
    }
    out
}

/// The value of the first attribute of that name.
fn attribute<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let range = attribute_range(text, name)?;
    Some(&text[range])
}

fn attribute_range(text: &str, name: &str) -> Option<Range<usize>> {
    let key = format!("{name}=");
    let is_own = |at: &usize| text[..*at].ends_with(|c: char| c.is_whitespace());
    let at = text.match_indices(&key).map(|(at, _)| at).find(is_own)?;
    let start = at + key.len();
    let quote = text[start..].chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let length = text[start + 1..].find(quote)?;
    Some(start + 1..start + 1 + length)
}

/// What stands in a field of a record.
fn field<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let at = text
        .find(&format!("<field name=\"{name}\""))
        .or_else(|| text.find(&format!("<field name='{name}'")))?;
    let rest = &text[at..];
    let tag = &rest[..=rest.find('>')?];
    attribute(tag, "ref").or_else(|| {
        let value = &rest[tag.len()..];
        Some(value[..value.find('<')?].trim())
    })
}

fn shows(text: &str) -> Option<String> {
    match attribute(text, "model")? {
        "ir.ui.view" => {
            let model = field(text, "model")?;
            if let Some(inherit) = field(text, "inherit_id") {
                return Some(format!("view {model} {inherit}"));
            }
            let arch = &text[text.find("\"arch\"")?..];
            let kind = arch[arch.find('>')? + 1..].trim_start().strip_prefix('<')?;
            let kind = kind.split(|c: char| !c.is_alphanumeric()).next()?;
            Some(format!("view {model} {}", if kind == "tree" { "list" } else { kind }))
        }
        "ir.actions.act_window" => Some(format!("window {}", field(text, "res_model")?)),
        _ => None,
    }
}

/// The one block of hands that is meant.
fn place(wanted: &Block, here: &[Block]) -> Option<usize> {
    let only = |is_it: &dyn Fn(&Block) -> bool| {
        let mut places = (0..here.len()).filter(|at| is_it(&here[*at]));
        places.next().filter(|_| places.next().is_none())
    };
    let by_id = only(&|block: &Block| block.id == wanted.id || block.id.ends_with(&format!(".{}", wanted.id)));
    by_id.or_else(|| {
        let shows = wanted.shows.as_ref()?;
        only(&|block: &Block| block.shows.as_ref() == Some(shows))
    })
}

/// Before the line that closes the file.
fn end(lines: &[String]) -> Option<usize> {
    let closes = |line: &String| matches!(line.trim(), "</odoo>" | "</openerp>");
    let last = lines.iter().rposition(closes)?;
    let above = (0..last).rev().find(|at| !lines[*at].trim().is_empty())?;
    Some(if lines[above].trim() == "</data>" { above } else { last })
}

/// A menu of hands with the attributes that the plan changed.
fn with_attributes(own: &str, old: &str, new: &str) -> String {
    let mut out = own.to_owned();
    for name in ["name", "parent", "action", "groups", "sequence"] {
        let (before, after) = (attribute(old, name), attribute(new, name));
        if before == after {
            continue;
        }
        let here = attribute_range(&out, name);
        match (after, here) {
            (Some(value), Some(range)) => out.replace_range(range, value),
            (Some(value), None) => {
                let Some(tag) = out.find('>') else { continue };
                let at = if out[..tag].ends_with('/') { tag - 1 } else { tag };
                let (head, rest) = (out[..at].trim_end().to_owned(), out[at..].to_owned());
                let is_long = head.contains('\n');
                let indent = head.lines().last().map(|line| indent_of(line).to_owned()).unwrap_or_default();
                out = if is_long {
                    format!("{head}\n{indent}{name}=\"{value}\"\n{}{rest}", indent_of(own))
                } else {
                    format!("{head} {name}=\"{value}\"{rest}")
                };
            }
            (None, Some(range)) => {
                let start = out[..range.start].rfind(name).unwrap_or(range.start);
                let start = out[..start].trim_end().len();
                out.replace_range(start..=range.end, "");
            }
            (None, None) => {}
        }
    }
    out
}

/// The name of the field whose tag begins in this line.
fn named(lines: &[String], at: usize) -> Option<&str> {
    let bare = lines[at].trim_start();
    if !bare.starts_with("<field") {
        return None;
    }
    let end = (at..lines.len()).find(|end| lines[*end].contains('>'))?;
    (at..=end).find_map(|at| attribute(&lines[at], "name"))
}

/// The line behind a field with all that stands in it.
fn end_of(lines: &[String], at: usize) -> Option<usize> {
    let mut depth = 0_i32;
    for (index, line) in lines.iter().enumerate().skip(at) {
        depth += line.matches("<field").count() as i32;
        depth -= (line.matches("</field>").count() + line.matches("/>").count().min(line.matches("<field").count())) as i32;
        if line.contains("/>") && !line.contains("<field") && lines[at..index].iter().all(|line| !line.contains('>')) {
            depth -= 1;
        }
        if depth <= 0 {
            return Some(index + 1);
        }
    }
    None
}

/// Makes one change of a generated record in the one of hands.
fn is_placed(step: &super::Step<'_>, own: &mut Vec<String>) -> bool {
    let name_of = |line: &str| -> Option<String> {
        let bare = line.trim();
        let is_one = bare.starts_with("<field name=") && bare.ends_with("/>");
        attribute(bare, "name").filter(|_| is_one).map(str::to_owned)
    };
    let names = |lines: &[&str]| -> Option<Vec<String>> { lines.iter().map(|line| name_of(line)).collect() };
    let (Some(old), Some(new)) = (names(step.old), names(step.new)) else {
        if let Some(is_set) = is_mode_set(step, own) {
            return is_set;
        }
        // Anything else only where it stands as it was generated.
        let Some(at) = super::only(step.old, own).filter(|_| !step.old.is_empty()) else {
            return false;
        };
        own.splice(at..at + step.old.len(), owned(step.new));
        return true;
    };
    // The record itself has fields too.
    let arch = own
        .iter()
        .position(|line| attribute(line, "name") == Some("arch"))
        .map_or(0, |at| at + 1);
    let find = |own: &[String], name: &str| {
        let is_placed = |at: &usize| {
            let end = (*at..own.len()).find(|end| own[*end].contains('>')).unwrap_or(*at);
            own[*at..=end].concat().contains("position=")
        };
        let mut places = (arch..own.len()).filter(|at| named(own, *at) == Some(name) && !is_placed(at));
        places.next().filter(|_| places.next().is_none())
    };
    // One for one: the field gets another name, and what hands say of it stays.
    if old.len() == new.len() && old.iter().all(|name| find(own, name).is_some()) {
        for (old, new) in old.iter().zip(&new) {
            let Some(at) = find(own, old) else { return false };
            let end = (at..own.len()).find(|end| own[*end].contains('>')).unwrap_or(at);
            for line in &mut own[at..=end] {
                if attribute(line, "name") == Some(old.as_str()) {
                    let range = attribute_range(line, "name").unwrap_or_default();
                    line.replace_range(range, new);
                    break;
                }
            }
        }
        return true;
    }
    if !old.is_empty() {
        let places: Option<Vec<(usize, usize)>> = old
            .iter()
            .map(|name| find(own, name).and_then(|at| Some((at, end_of(own, at)?))))
            .collect();
        let Some(mut places) = places else { return false };
        places.sort_unstable();
        let first = places.first().map_or(0, |(at, _)| *at);
        for (at, end) in places.into_iter().rev() {
            own.drain(at..end);
        }
        let indent = own.get(first).map(|line| indent_of(line).to_owned()).unwrap_or_default();
        let new: Vec<String> = new
            .iter()
            .map(|name| format!("{indent}<field name=\"{name}\" />\n"))
            .collect();
        own.splice(first..first, new);
        return true;
    }
    // Behind the field that stands before it in the generated view, else before the one behind it.
    let above = step
        .before
        .iter()
        .rev()
        .map_while(|line| name_of(line))
        .find_map(|name| find(own, &name));
    let below = || {
        step.behind
            .iter()
            .map_while(|line| name_of(line))
            .find_map(|name| find(own, &name))
    };
    let closes = |line: &String| ["</list>", "</tree>", "</search>"].contains(&line.trim());
    let next = above.or_else(below);
    let tags = tags(own, arch);
    let place = match next.map(|next| (next, beside(&tags, next))) {
        Some((next, Beside::Here)) => {
            let at = if above.is_some() { end_of(own, next) } else { Some(next) };
            at.map(|at| (at, indent_of(&own[next]).to_owned(), false))
        }
        Some((_, Beside::Behind(index))) => Some((tags[index].closes + 1, indent_of(&own[tags[index].opens]).to_owned(), false)),
        Some((_, Beside::Apart(index))) => Some((tags[index].closes + 1, indent_of(&own[tags[index].opens]).to_owned(), true)),
        None => own
            .iter()
            .position(closes)
            .map(|end| (end, format!("{}    ", indent_of(&own[end])), false)),
    };
    let Some((at, indent, is_apart)) = place else { return false };
    let inner = if is_apart { format!("{indent}    ") } else { indent.clone() };
    let mut new: Vec<String> = new.iter().map(|name| format!("{inner}<field name=\"{name}\" />\n")).collect();
    if is_apart {
        // The end of a form has room for whatever there is.
        new.insert(0, format!("{indent}<xpath expr=\"//form\" position=\"inside\">\n"));
        new.push(format!("{indent}</xpath>\n"));
    }
    own.splice(at..at, new);
    true
}

/// The kinds of views that a window opens: those that come or go do so in the list of hands. None where it is about something else.
fn is_mode_set(step: &super::Step<'_>, own: &mut [String]) -> Option<bool> {
    let ([old], [new]) = (step.old, step.new) else { return None };
    let plain = |word: &str| if word == "tree" { "list".to_owned() } else { word.to_owned() };
    let modes = |line: &str| -> Option<Vec<String>> {
        let text = field(line, "view_mode")?;
        Some(text.split(',').map(str::trim).map(plain).collect())
    };
    let (before, after) = (modes(old)?, modes(new)?);
    let Some(line) = own.iter_mut().find(|line| modes(line).is_some()) else {
        return Some(false);
    };
    let text = field(line, "view_mode").unwrap_or_default().to_owned();
    let known = modes(line).unwrap_or_default();
    let is_gone = |kind: &String| before.contains(kind) && !after.contains(kind);
    let mut words: Vec<&str> = text.split(',').map(str::trim).collect();
    let mut index = 0;
    words.retain(|_| {
        index += 1;
        !is_gone(&known[index - 1])
    });
    let come = field(new, "view_mode").unwrap_or_default().split(',').map(str::trim);
    words.extend(come.filter(|kind| !before.contains(&plain(kind)) && !known.contains(&plain(kind))));
    *line = line.replacen(&text, &words.join(","), 1);
    Some(true)
}
