//! The words that changed within changed lines. Pure.

use crate::base::diff::{DiffLine, LineKind, Span};
use similar::{Algorithm, DiffOp, capture_diff_slices};

/// Longer lines are shown without marked words.
const MAX_LINE_CHARS: usize = 1000;
/// A pair of lines with less in common than this was rewritten: marking nearly everything would say nothing.
const MIN_COMMON: f32 = 0.3;

/// Marks words in every run of removed lines that is followed by a run of added ones: the first with the first, and so on.
pub(super) fn mark(lines: &mut [DiffLine]) {
    let mut at = 0;
    while at < lines.len() {
        let n_removed = run(&lines[at..], LineKind::Removed);
        let n_added = run(&lines[at + n_removed..], LineKind::Added);
        for pair in 0..n_removed.min(n_added) {
            let (old, new) = (at + pair, at + n_removed + pair);
            let (old_spans, new_spans) = spans(&lines[old].text, &lines[new].text);
            lines[old].spans = old_spans;
            lines[new].spans = new_spans;
        }
        at += (n_removed + n_added).max(1);
    }
}

fn run(lines: &[DiffLine], kind: LineKind) -> usize {
    lines.iter().take_while(|line| line.kind == kind).count()
}

/// The parts of two lines that the other does not have.
fn spans(old: &str, new: &str) -> (Vec<Span>, Vec<Span>) {
    if old.len() > MAX_LINE_CHARS || new.len() > MAX_LINE_CHARS {
        return Default::default();
    }
    let (old_words, new_words) = (split(old), split(new));
    let ops = capture_diff_slices(Algorithm::Myers, &old_words, &new_words);
    let common: usize = ops
        .iter()
        .filter(|op| matches!(op, DiffOp::Equal { .. }))
        .flat_map(|op| &old_words[op.old_range()])
        .map(|word| word.trim().len())
        .sum();
    let longest = old.trim().len().max(new.trim().len());
    if (common as f32) < longest as f32 * MIN_COMMON {
        return Default::default();
    }
    let (mut old_spans, mut new_spans) = (Vec::new(), Vec::new());
    for op in ops.iter().filter(|op| !matches!(op, DiffOp::Equal { .. })) {
        push(&mut old_spans, old, &old_words[op.old_range()]);
        push(&mut new_spans, new, &new_words[op.new_range()]);
    }
    (old_spans, new_spans)
}

fn push(spans: &mut Vec<Span>, line: &str, words: &[&str]) {
    let (Some(first), Some(last)) = (words.first(), words.last()) else {
        return;
    };
    let offset = |word: &str| (word.as_ptr() as usize - line.as_ptr() as usize) as u32;
    let span = Span {
        start: offset(first),
        end: offset(last) + last.len() as u32,
    };
    match spans.last_mut() {
        Some(previous) if previous.end == span.start => previous.end = span.end,
        _ => spans.push(span),
    }
}

/// Words, runs of space, and single signs.
fn split(line: &str) -> Vec<&str> {
    #[derive(PartialEq, Clone, Copy)]
    enum Class {
        Word,
        Space,
        Sign,
    }
    let class = |c: char| match c {
        c if c.is_alphanumeric() || c == '_' => Class::Word,
        c if c.is_whitespace() => Class::Space,
        _ => Class::Sign,
    };
    let mut words = Vec::new();
    let mut start = 0;
    let mut previous = None;
    for (at, c) in line.char_indices() {
        let now = class(c);
        if previous.is_some_and(|before| before != now || now == Class::Sign) {
            words.push(&line[start..at]);
            start = at;
        }
        previous = Some(now);
    }
    if start < line.len() {
        words.push(&line[start..]);
    }
    words
}
