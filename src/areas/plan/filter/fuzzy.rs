//! Words looked for in items: case and accents do not matter; a whole run counts most, then letters at the starts of words.

use crate::areas::plan::Item;
use crate::base::text::without_marks;

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

/// Lower case, without accents.
pub fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).map(plain).collect()
}

fn plain(c: char) -> char {
    match c {
        '’' => '\'',
        c => without_marks(c),
    }
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
    strewn(word, &hay.title)
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
