//! Three versions of a text laid beside each other, line by line: what one side changed, what both changed, and where they collide.
//! Pure but for xdiff, the comparison that git itself uses; the rules are those of its `zdiff3` (xmerge.c).

use super::GitError;
use crate::base::operation::{Choice, Segment, SegmentKind};
use git2::{DiffOptions, Patch};
use std::ops::Range;
use std::path::Path;

/// A text cut into lines that keep their ends.
pub(super) fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    bytes.split_inclusive(|byte| *byte == b'\n').collect()
}

/// A stretch of the base, and what a side put there.
struct Hunk {
    base: Range<usize>,
    side: Range<usize>,
}

fn hunks(root: &Path, base: &[u8], side: &[u8]) -> Result<Vec<Hunk>, GitError> {
    let of = |error| GitError::of(root, error);
    let mut options = DiffOptions::new();
    options.context_lines(0).interhunk_lines(0).force_text(true);
    let patch = Patch::from_buffers(base, None, side, None, Some(&mut options)).map_err(of)?;
    let mut found = Vec::with_capacity(patch.num_hunks());
    for at in 0..patch.num_hunks() {
        let (hunk, _) = patch.hunk(at).map_err(of)?;
        // A side without lines is named by the line before it.
        let range = |start: u32, n_lines: u32| {
            let start = if n_lines == 0 { start } else { start.saturating_sub(1) } as usize;
            start..start + n_lines as usize
        };
        found.push(Hunk {
            base: range(hunk.old_start(), hunk.old_lines()),
            side: range(hunk.new_start(), hunk.new_lines()),
        });
    }
    Ok(found)
}

/// Every line of the three versions, in order, each in exactly one stretch.
pub(super) fn segments(root: &Path, base: &[u8], ours: &[u8], theirs: &[u8]) -> Result<Vec<Segment>, GitError> {
    let (our_hunks, their_hunks) = (hunks(root, base, ours)?, hunks(root, base, theirs)?);
    let (base, ours, theirs) = (lines(base), lines(ours), lines(theirs));
    let mut found = Vec::new();
    let mut at = Segment {
        kind: SegmentKind::Same,
        base: 0..0,
        ours: 0..0,
        theirs: 0..0,
    };
    let (mut i, mut j) = (0, 0);
    loop {
        let starts = [our_hunks.get(i), their_hunks.get(j)];
        let start = starts.iter().flatten().map(|hunk| hunk.base.start).min();
        let n_same = start.unwrap_or(base.len()) - at.base.end;
        at = after(&at, SegmentKind::Same, n_same, n_same, n_same);
        push(&mut found, at.clone());
        let Some(start) = start else { return Ok(found) };
        // Everything that overlaps or touches belongs together.
        let (first_i, first_j, mut end) = (i, j, start);
        loop {
            if let Some(hunk) = our_hunks.get(i).filter(|hunk| hunk.base.start <= end) {
                end = end.max(hunk.base.end);
                i += 1;
            } else if let Some(hunk) = their_hunks.get(j).filter(|hunk| hunk.base.start <= end) {
                end = end.max(hunk.base.end);
                j += 1;
            } else {
                break;
            }
        }
        let n_base = end - start;
        let n_of = |hunks: &[Hunk], from: usize| match hunks.last() {
            Some(last) => last.side.end + (end - last.base.end) - from,
            None => n_base,
        };
        let (n_ours, n_theirs) = (
            n_of(&our_hunks[first_i..i], at.ours.end),
            n_of(&their_hunks[first_j..j], at.theirs.end),
        );
        let kind = match (i > first_i, j > first_j) {
            (true, false) => SegmentKind::Ours,
            (false, true) => SegmentKind::Theirs,
            _ => SegmentKind::Conflict,
        };
        at = after(&at, kind, n_base, n_ours, n_theirs);
        if kind == SegmentKind::Conflict {
            narrow(&mut found, &at, &ours, &theirs);
        } else {
            push(&mut found, at.clone());
        }
    }
}

fn after(last: &Segment, kind: SegmentKind, n_base: usize, n_ours: usize, n_theirs: usize) -> Segment {
    let next = |range: &Range<usize>, n: usize| range.end..range.end + n;
    Segment {
        kind,
        base: next(&last.base, n_base),
        ours: next(&last.ours, n_ours),
        theirs: next(&last.theirs, n_theirs),
    }
}

fn push(found: &mut Vec<Segment>, segment: Segment) {
    if !(segment.base.is_empty() && segment.ours.is_empty() && segment.theirs.is_empty()) {
        found.push(segment);
    }
}

/// What both sides say alike at the ends of a collision is none; the base stays whole, as in `zdiff3`.
fn narrow(found: &mut Vec<Segment>, whole: &Segment, ours: &[&[u8]], theirs: &[&[u8]]) {
    let (mine, other) = (&ours[whole.ours.clone()], &theirs[whole.theirs.clone()]);
    if mine == other {
        push(
            found,
            Segment {
                kind: SegmentKind::Both,
                ..whole.clone()
            },
        );
        return;
    }
    let n_head = mine.iter().zip(other).take_while(|(a, b)| a == b).count();
    let n_tail = mine[n_head..]
        .iter()
        .rev()
        .zip(other[n_head..].iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let both = |base: usize, ours: Range<usize>, theirs: Range<usize>| Segment {
        kind: SegmentKind::Both,
        base: base..base,
        ours,
        theirs,
    };
    let (our_start, their_start) = (whole.ours.start + n_head, whole.theirs.start + n_head);
    let (our_end, their_end) = (whole.ours.end - n_tail, whole.theirs.end - n_tail);
    push(
        found,
        both(whole.base.start, whole.ours.start..our_start, whole.theirs.start..their_start),
    );
    push(
        found,
        Segment {
            kind: SegmentKind::Conflict,
            base: whole.base.clone(),
            ours: our_start..our_end,
            theirs: their_start..their_end,
        },
    );
    push(
        found,
        both(whole.base.end, our_end..whole.ours.end, their_end..whole.theirs.end),
    );
}

/// The merged text, byte by byte. None when a conflict is not decided.
pub(super) fn merged(base: &[u8], ours: &[u8], theirs: &[u8], segments: &[Segment], choices: &[Choice]) -> Option<Vec<u8>> {
    let is_crlf = ours.windows(2).any(|pair| pair == b"\r\n");
    let (base, ours, theirs) = (lines(base), lines(ours), lines(theirs));
    let mut out = Vec::new();
    let mut choices = choices.iter();
    for segment in segments {
        let (mine, other, old) = (
            &ours[segment.ours.clone()],
            &theirs[segment.theirs.clone()],
            &base[segment.base.clone()],
        );
        match segment.kind {
            SegmentKind::Same | SegmentKind::Ours | SegmentKind::Both => append(&mut out, mine, is_crlf),
            SegmentKind::Theirs => append(&mut out, other, is_crlf),
            SegmentKind::Conflict => match choices.next()? {
                Choice::Open => return None,
                Choice::Ours => append(&mut out, mine, is_crlf),
                Choice::Theirs => append(&mut out, other, is_crlf),
                Choice::Base => append(&mut out, old, is_crlf),
                Choice::OursThenTheirs => {
                    append(&mut out, mine, is_crlf);
                    append(&mut out, other, is_crlf);
                }
                Choice::TheirsThenOurs => {
                    append(&mut out, other, is_crlf);
                    append(&mut out, mine, is_crlf);
                }
                Choice::Edited { text } => {
                    let text = text.replace("\r\n", "\n");
                    let text = if is_crlf { text.replace('\n', "\r\n") } else { text };
                    if !text.is_empty() {
                        let ends = text.ends_with('\n');
                        append(&mut out, &lines(text.as_bytes()), is_crlf);
                        if !ends {
                            out.extend_from_slice(if is_crlf { b"\r\n" } else { b"\n" });
                        }
                    }
                }
            },
        }
    }
    Some(out)
}

/// A last line without its end gets one when something follows.
fn append(out: &mut Vec<u8>, lines: &[&[u8]], is_crlf: bool) {
    if lines.is_empty() {
        return;
    }
    if out.last().is_some_and(|last| *last != b'\n') {
        out.extend_from_slice(if is_crlf { b"\r\n" } else { b"\n" });
    }
    for line in lines {
        out.extend_from_slice(line);
    }
}

/// Whether a text has the marks of a conflict: a line of the opening ones and a line of the closing ones.
pub(super) fn has_marks(bytes: &[u8], size: usize) -> bool {
    let is_mark = |line: &&[u8], sign: u8| {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let n_signs = line.iter().take_while(|byte| **byte == sign).count();
        n_signs == size && matches!(line.get(size), None | Some(b' '))
    };
    let lines = lines(bytes);
    lines.iter().any(|line| is_mark(line, b'<')) && lines.iter().any(|line| is_mark(line, b'>'))
}
