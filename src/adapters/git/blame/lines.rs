//! Texts as the numbers of their lines, equal lines having equal numbers, so that a line is looked at once and not once a version.

use imara_diff::{IndentHeuristic, IndentLevel, Interner, Token};
use std::rc::Rc;

/// Width of a tab where git looks at how far lines stand in.
const TAB: u8 = 8;

/// How far below its place in one version a line is looked for in the next, at least and at most.
const FAR: (usize, usize) = (64, 1024);

/// A version of a file.
#[derive(Clone)]
pub(super) struct Text {
    pub(super) bytes: Rc<Vec<u8>>,
    /// One for each line, with the line's end.
    pub(super) lines: Rc<Vec<Token>>,
}

/// The lines of all versions that were looked at.
pub(super) struct Lines {
    numbers: Interner<Box<[u8]>>,
}

impl Lines {
    pub(super) fn new() -> Self {
        Self {
            numbers: Interner::new(0),
        }
    }

    /// How many different lines there are.
    pub(super) fn n(&self) -> u32 {
        self.numbers.num_tokens()
    }

    /// A text by its lines; those that `near` begins and ends with as well are taken from there.
    pub(super) fn text(&mut self, bytes: Rc<Vec<u8>>, near: Option<&Text>) -> Text {
        let near_bytes = near.map_or(&[][..], |near| &near.bytes[..]);
        let near_lines = near.map_or(&[][..], |near| &near.lines[..]);
        let start = common_start(near_bytes, &bytes);
        let end = common_tail(&near_bytes[start..], &bytes[start..]);
        let (n_start, n_end) = (n_lines(&bytes[..start]), n_lines(&bytes[bytes.len() - end..]));
        let mut lines = near_lines[..n_start].to_vec();
        let near = Near {
            lines: &near_lines[n_start..near_lines.len() - n_end],
            bytes: each_line(&near_bytes[start..near_bytes.len() - end]).collect(),
        };
        let (mut at, mut n_missed) = (0, 0);
        for line in each_line(&bytes[start..bytes.len() - end]) {
            // Mostly it is the line that follows in the other version.
            let number = match near.bytes.get(at) {
                Some(next) if *next == line => {
                    (at, n_missed) = (at + 1, 0);
                    near.lines[at - 1]
                }
                _ => {
                    let number = self.numbers.intern(Box::from(line));
                    match near.place_of(number, at, n_missed) {
                        Some(place) => (at, n_missed) = (place + 1, 0),
                        None => n_missed += 1,
                    }
                    number
                }
            };
            lines.push(number);
        }
        lines.extend_from_slice(&near_lines[near_lines.len() - n_end..]);
        Text {
            bytes,
            lines: Rc::new(lines),
        }
    }

    /// Lines as short texts that are equal when they are, and stand in as far.
    pub(super) fn short(&self, lines: &[Token]) -> Vec<u8> {
        let mut text = Vec::with_capacity(lines.len() * 8);
        for line in lines {
            let (whole, mut number) = (&self.numbers[*line], line.0);
            let indent = whole
                .iter()
                .take_while(|byte| byte.is_ascii_whitespace() || **byte == 0x0b)
                .count();
            text.extend_from_slice(&whole[..indent]);
            if indent == whole.len() {
                continue;
            }
            while number > 0 {
                text.push(b'0' + (number & 63) as u8);
                number >>= 6;
            }
            text.push(b'.');
            if whole.ends_with(b"\n") {
                text.push(b'\n');
            }
        }
        text
    }

    /// What says where a group of lines that can slide is put, as git does.
    pub(super) fn indents(&self) -> IndentHeuristic<impl Fn(Token) -> IndentLevel + '_> {
        IndentHeuristic::new(|line| IndentLevel::for_ascii_line(self.numbers[line].iter().copied(), TAB))
    }
}

/// The lines of another version, between what both begin and end with.
struct Near<'a> {
    lines: &'a [Token],
    bytes: Vec<&'a [u8]>,
}

impl Near<'_> {
    /// Where a line stands not far below a place, further for each line that was not found.
    fn place_of(&self, number: Token, at: usize, n_missed: usize) -> Option<usize> {
        let far = n_missed.clamp(FAR.0, FAR.1);
        let below = self.lines.get(at..self.lines.len().min(at + far))?;
        below.iter().position(|line| *line == number).map(|n| at + n)
    }
}

fn each_line(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let end = memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
        let line;
        (line, rest) = rest.split_at(end);
        (!line.is_empty()).then_some(line)
    })
}

/// Lines of a text; one without an end counts.
pub(super) fn n_lines(text: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', text).count() + usize::from(text.last().is_some_and(|byte| *byte != b'\n'))
}

/// Bytes that both begin with, in whole lines.
fn common_start(a: &[u8], b: &[u8]) -> usize {
    const BLOCK: usize = 256;
    let blocks = a.chunks_exact(BLOCK).zip(b.chunks_exact(BLOCK));
    let mut same = blocks.take_while(|(a, b)| a == b).count() * BLOCK;
    same += a[same..].iter().zip(&b[same..]).take_while(|(a, b)| a == b).count();
    memchr::memrchr(b'\n', &a[..same]).map_or(0, |at| at + 1)
}

/// Bytes that both end with, in whole lines.
fn common_tail(a: &[u8], b: &[u8]) -> usize {
    const BLOCK: usize = 256;
    let blocks = a.rchunks_exact(BLOCK).zip(b.rchunks_exact(BLOCK));
    let mut same = blocks.take_while(|(a, b)| a == b).count() * BLOCK;
    let (before_a, before_b) = (&a[..a.len() - same], &b[..b.len() - same]);
    same += before_a
        .iter()
        .rev()
        .zip(before_b.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    if same == a.len() && same == b.len() {
        return same;
    }
    // The first line of it may be the end of a longer one.
    let tail = &a[a.len() - same..];
    memchr::memchr(b'\n', tail).map_or(0, |at| same - at - 1)
}
