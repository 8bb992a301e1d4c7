//! Words looked for in items: case and accents do not matter; a whole run counts most, then letters at the starts of words,
//! then words that were mistyped by one letter.

use crate::areas::plan::Item;
use crate::base::text::plain_letters;

/// The text of an item in which words are looked for, folded once per change of the plan.
#[derive(Clone, Debug, Default)]
pub struct Haystack {
    /// Everything, lines parted by line breaks.
    all: String,
    /// The title alone, for letters that are strewn.
    title: Vec<char>,
}

impl Haystack {
    pub fn of(item: &Item) -> Self {
        let title = fold(&item.title);
        let mut all = String::with_capacity(title.len() + 64);
        all.push_str(&title);
        for more in [item.id.as_str(), item.kind.word()]
            .into_iter()
            .chain(item.labels.iter().map(String::as_str))
            .chain(item.assignee.as_deref())
            .chain(item.milestone.as_deref())
        {
            all.push('\n');
            all.push_str(&fold(more));
        }
        Self {
            all,
            title: title.chars().collect(),
        }
    }
}

/// Lower case, without accents, `œ` as `oe`.
pub fn fold(text: &str) -> String {
    let straight = |c: char| if c == '’' { '\'' } else { c };
    text.chars()
        .flat_map(char::to_lowercase)
        .flat_map(plain_letters)
        .map(straight)
        .collect()
}

/// How well a folded word fits; None when it does not. `is_exact` takes whole runs only, for what must not be there.
pub(super) fn score(word: &str, hay: &Haystack, is_exact: bool) -> Option<i32> {
    if let Some(at) = hay.all.find(word) {
        let starts_word = hay.all[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
        let in_title = at < hay.all.find('\n').unwrap_or(hay.all.len());
        return Some(100 + 50 * i32::from(starts_word) + 30 * i32::from(in_title));
    }
    if is_exact {
        return None;
    }
    strewn(word, &hay.title).or_else(|| mistyped(word, &hay.title))
}

/// Shorter words are never taken for mistyped ones.
const MIN_MISTYPED: usize = 4;

/// A word of the title that begins with the same letter and was typed with a letter left out, or with two in the wrong order:
/// `crsh` and `crahs` find `crash`. The end of the word may still be missing.
fn mistyped(word: &str, title: &[char]) -> Option<i32> {
    if word.chars().take(MIN_MISTYPED).count() < MIN_MISTYPED {
        return None;
    }
    let word: Vec<char> = word.chars().collect();
    let is_meant = |whole: &[char]| {
        let same = word.iter().zip(whole).take_while(|(a, b)| a == b).count();
        let (typed, rest) = (&word[same..], &whole[same..]);
        let is_left_out = rest.len() > typed.len() && rest[1..].starts_with(typed);
        let is_turned = match (typed, rest) {
            ([a, b, typed @ ..], [c, d, rest @ ..]) => a == d && b == c && rest.starts_with(typed),
            _ => false,
        };
        same > 0 && (is_left_out || is_turned)
    };
    let mut words = title.split(|c| !c.is_alphanumeric());
    words.any(is_meant).then_some(5)
}

/// Every letter stands at the start of a word or right behind the one before: `gbn` finds `greet by name`.
fn strewn(word: &str, title: &[char]) -> Option<i32> {
    let mut from = 0;
    let mut last: Option<usize> = None;
    let mut n_letters = 0;
    for c in word.chars() {
        let fits = |at: usize| {
            title[at] == c && (at == 0 || !title[at - 1].is_alphanumeric() || last.is_some_and(|last| last + 1 == at))
        };
        let at = (from..title.len()).find(|at| fits(*at))?;
        last = Some(at);
        from = at + 1;
        n_letters += 1;
    }
    (n_letters > 1).then_some(10)
}
