//! How well letters that somebody typed fit a name: as a run, as beginnings of words, here and there, or with a slip.

use crate::base::text::{distance, without_marks};

/// A score and the matched character positions, or None. Accents and case do not matter; a run of letters at the start of a
/// word counts most.
pub fn fuzzy(query: &str, text: &str) -> Option<(i32, Vec<usize>)> {
    let wanted: Vec<char> = query.chars().filter(|c| !c.is_whitespace()).map(fold).collect();
    if wanted.is_empty() {
        return Some((0, Vec::new()));
    }
    let chars: Vec<char> = text.chars().map(fold).collect();
    // A whole run first: it is what people mean.
    let starts_word = |at: usize| at == 0 || !chars[at - 1].is_alphanumeric();
    let run = (0..chars.len().saturating_sub(wanted.len() - 1)).filter(|at| chars[*at..*at + wanted.len()] == wanted[..]);
    if let Some(at) = run.min_by_key(|at| (!starts_word(*at), *at)) {
        let bonus = if starts_word(at) { 100 } else { 50 };
        return Some((bonus - (at as i32 / 4).min(29), (at..at + wanted.len()).collect()));
    }
    scattered(&wanted, &chars, starts_word).filter(|(score, _)| *score > -8)
}

/// The least score, with what a title counts more, of letters that stand together at the beginning of a word, or of words that do.
pub(super) const BEGINS_WORD: i32 = 90;

/// Several words, each the beginning of one in the title or in what stands behind it, in any order; at least one in the title.
pub(super) fn words(query: &str, title: &str, context: &str) -> Option<(i32, Vec<usize>, Vec<usize>)> {
    let fold_all = |text: &str| -> Vec<char> { text.chars().map(fold).collect() };
    let place = |text: &[char], word: &[char]| {
        let starts = |at: &usize| *at == 0 || !text[at - 1].is_alphanumeric();
        (0..(text.len() + 1).saturating_sub(word.len()))
            .filter(starts)
            .find(|at| text[*at..].starts_with(word))
    };
    let typed: Vec<Vec<char>> = query.split_whitespace().map(fold_all).collect();
    if typed.len() < 2 {
        return None;
    }
    let (title, context) = (fold_all(title), fold_all(context));
    let (mut in_title, mut in_context) = (Vec::new(), Vec::new());
    for word in &typed {
        match (place(&title, word), place(&context, word)) {
            (Some(at), _) => in_title.extend(at..at + word.len()),
            (None, Some(at)) => in_context.extend(at..at + word.len()),
            (None, None) => return None,
        }
    }
    for positions in [&mut in_title, &mut in_context] {
        positions.sort_unstable();
        positions.dedup();
    }
    let score = BEGINS_WORD + if in_context.is_empty() { 10 } else { 0 };
    (!in_title.is_empty()).then_some((score, in_title, in_context))
}

/// Whether these letters stand together.
pub(super) fn is_run(positions: &[usize]) -> bool {
    positions.windows(2).all(|pair| pair[0] + 1 == pair[1])
}

/// Whether a filter of a list means this text: the letters as they stand, or the beginnings of words. Scattered ones are chance.
pub fn is_found(filter: &str, text: &str) -> bool {
    let n_letters = filter.chars().filter(|c| !c.is_whitespace()).count() as i32;
    fuzzy(filter, text).is_some_and(|(score, at)| (is_run(&at) && n_letters > 1) || score >= 4 * n_letters)
}

/// The way through the text that scores best: letters that begin a word or follow the one before count, others cost.
fn scattered(wanted: &[char], chars: &[char], starts_word: impl Fn(usize) -> bool) -> Option<(i32, Vec<usize>)> {
    const NEXT: i32 = 6;
    const AFAR: i32 = -4;
    /// The score of a way that ends at a letter, and the letter before it.
    type Step = Option<(i32, usize)>;
    let better = |a: Step, b: Step| {
        if b.map(|(score, _)| score) > a.map(|(score, _)| score) {
            b
        } else {
            a
        }
    };
    let mut rows: Vec<Vec<Step>> = Vec::with_capacity(wanted.len());
    for (i, wanted) in wanted.iter().enumerate() {
        let before = rows.last();
        let mut nearest: Step = None;
        let mut row: Vec<Step> = Vec::with_capacity(chars.len());
        for (at, c) in chars.iter().enumerate() {
            let left = at
                .checked_sub(1)
                .and_then(|left| Some((before?.get(left).copied()??.0, left)));
            nearest = better(nearest, left);
            let gain = if starts_word(at) { NEXT } else { AFAR };
            // It begins with the beginning of a word.
            let from_afar = if i == 0 { starts_word(at).then_some((0, 0)) } else { nearest };
            let step = better(
                from_afar.map(|(score, from)| (score + gain, from)),
                left.map(|(score, from)| (score + NEXT, from)),
            );
            row.push(step.filter(|_| c == wanted));
        }
        rows.push(row);
    }
    let last = rows.last()?;
    let ends = last.iter().enumerate().filter_map(|(at, step)| Some((step.as_ref()?.0, at)));
    let (score, mut at) = ends.max_by_key(|(score, at)| (*score, std::cmp::Reverse(*at)))?;
    let mut positions = Vec::with_capacity(wanted.len());
    for row in rows.iter().rev() {
        positions.push(at);
        at = row[at]?.1;
    }
    positions.reverse();
    Some((score, positions))
}

/// The same with a slip or two in each longer word: a letter too much, too few, wrong or in the wrong place.
pub fn nearly(query: &str, text: &str) -> Option<(i32, Vec<usize>)> {
    let chars: Vec<char> = text.chars().map(fold).collect();
    let mut words: Vec<(usize, &[char])> = Vec::new();
    let mut at = 0;
    for word in chars.split(|c| !c.is_alphanumeric()) {
        words.push((at, word));
        at += word.len() + 1;
    }
    let (mut score, mut positions) = (0, Vec::new());
    for typed in query.split_whitespace() {
        let typed: Vec<char> = typed.chars().map(fold).collect();
        let n = typed.len();
        let n_slips = match n {
            0..4 => 0,
            4..6 => 1,
            _ => 2,
        };
        let typed_text: String = typed.iter().collect();
        // Beginnings of the word that are about as long: what is typed need not be the whole.
        let slips = |word: &[char]| {
            let lengths = (n.saturating_sub(1)..=n + 1).filter(|length| (1..=word.len()).contains(length));
            lengths
                .map(|length| distance(&typed_text, &word[..length].iter().collect::<String>()))
                .min()
        };
        let same_start = words.iter().filter(|(_, word)| word.first() == typed.first());
        let (slips, at, len) = same_start
            .filter_map(|(at, word)| Some((slips(word)?, *at, word.len())))
            .filter(|(slips, ..)| *slips <= n_slips)
            .min()?;
        score -= slips as i32;
        positions.extend(at..at + len);
    }
    positions.sort_unstable();
    positions.dedup();
    (!positions.is_empty()).then_some((score, positions))
}

/// Lower case without the accent.
fn fold(c: char) -> char {
    without_marks(c.to_lowercase().next().unwrap_or(c))
}
