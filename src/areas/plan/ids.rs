//! Short ids that survive branches: random letters and digits (Crockford's base 32: no I, L, O, U), so two branches hardly ever choose the same.

use crate::base::text::plain_letters;
use std::collections::BTreeSet;

const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// From so many items on, ids have five characters instead of four.
const LONG_FROM: usize = 64;

/// A new id that none of `taken` has; `random` gives a number below its argument.
pub fn new_id(prefix: &str, taken: &BTreeSet<String>, mut random: impl FnMut(u32) -> u32) -> String {
    let mut len = if taken.len() < LONG_FROM { 4 } else { 5 };
    for attempt in 1_u32.. {
        let letters: String = (0..len).map(|_| LETTERS[random(32) as usize % 32] as char).collect();
        let id = format!("{prefix}-{letters}");
        // A digit in it, so that no word comes out.
        if letters.contains(|c: char| c.is_ascii_digit()) && !taken.contains(&id) {
            return id;
        }
        if attempt.is_multiple_of(1000) {
            len += 1;
        }
    }
    unreachable!("an id is found before the numbers end")
}

/// Capital letters and digits only, at most six.
pub fn clean_prefix(text: &str) -> String {
    text.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .take(6)
        .collect()
}

/// The prefix when the project says none: `meteo-api` gives `MA`, `bonjour` gives `BO`.
pub fn prefix_of(name: &str) -> String {
    let words: Vec<String> = name
        .split(|c: char| !c.is_alphanumeric())
        .map(clean_prefix)
        .filter(|word| !word.is_empty())
        .collect();
    match words.as_slice() {
        [] => "IT".to_owned(),
        [word] => word.chars().take(2).collect(),
        words => words.iter().take(3).filter_map(|word| word.chars().next()).collect(),
    }
}

/// `BJ-9X4H-greet-by-name.md`.
pub fn file_name(id: &str, title: &str) -> String {
    let slug = slug(title);
    if slug.is_empty() {
        format!("{id}.md")
    } else {
        format!("{id}-{slug}.md")
    }
}

/// Lower-case words joined by hyphens; letters with marks lose them, at most 48 characters.
fn slug(title: &str) -> String {
    let mut out = String::new();
    for c in title.chars().flat_map(char::to_lowercase).flat_map(plain_letters) {
        let is_apostrophe = matches!(c, '\'' | '’');
        if c.is_ascii_alphanumeric() {
            out.push(c);
        } else if !is_apostrophe && !out.is_empty() && !out.ends_with('-') {
            // An apostrophe joins, everything else parts.
            out.push('-');
        }
        if out.len() >= 48 {
            break;
        }
    }
    out.trim_end_matches('-').to_owned()
}

/// Finds what was typed among the ids: the whole id in any case, or its end without the prefix when only one fits.
pub fn find<'a>(typed: &str, ids: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
    let typed = typed.trim();
    let exact = ids.clone().find(|id| id.eq_ignore_ascii_case(typed));
    exact.or_else(|| {
        let mut ends = ids.filter(|id| id.rsplit('-').next().is_some_and(|end| end.eq_ignore_ascii_case(typed)));
        let first = ends.next();
        first.filter(|_| ends.next().is_none())
    })
}
