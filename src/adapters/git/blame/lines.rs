//! Texts as the numbers of their lines, equal lines having equal numbers, so that a line is looked at once and not once a version.

use hashbrown::HashMap;
use imara_diff::{IndentHeuristic, IndentLevel, Token};
use std::cell::OnceCell;
use std::rc::Rc;

/// Width of a tab where git looks at how far lines stand in.
const TAB: u8 = 8;

/// A version of a file.
#[derive(Clone)]
pub(super) struct Text {
    pub(super) bytes: Rc<Vec<u8>>,
    /// One for each line, with the line's end, once they were asked for.
    lines: Rc<OnceCell<Rc<Vec<Token>>>>,
}

impl Text {
    pub(super) fn new(bytes: Rc<Vec<u8>>) -> Self {
        Self {
            bytes,
            lines: Rc::default(),
        }
    }
}

/// The lines of all versions that were looked at.
#[derive(Default)]
pub(super) struct Lines {
    numbers: HashMap<Rc<[u8]>, Token>,
    texts: Vec<Rc<[u8]>>,
    /// What was asked for last.
    last: Option<Text>,
}

impl Lines {
    /// How many different lines there are.
    pub(super) fn n(&self) -> u32 {
        self.texts.len() as u32
    }

    fn number(&mut self, line: &[u8]) -> Token {
        if let Some(known) = self.numbers.get(line) {
            return *known;
        }
        let (token, text) = (Token(self.n()), Rc::from(line));
        self.texts.push(Rc::clone(&text));
        self.numbers.insert(text, token);
        token
    }

    /// A text by its lines; those that the text before begins and ends with as well are taken from there.
    pub(super) fn numbered(&mut self, text: &Text) -> Rc<Vec<Token>> {
        let near = self.last.replace(text.clone());
        let numbered = text.lines.get_or_init(|| Rc::new(self.each(&text.bytes, near.as_ref())));
        Rc::clone(numbered)
    }

    fn each(&mut self, bytes: &[u8], near: Option<&Text>) -> Vec<Token> {
        let near = near.and_then(|near| Some((&near.bytes[..], &near.lines.get()?[..])));
        let (near_bytes, near_lines) = near.unwrap_or_default();
        let start = common_start(near_bytes, bytes);
        let end = common_tail(&near_bytes[start..], &bytes[start..]);
        let mut lines = near_lines[..n_lines(&bytes[..start])].to_vec();
        let middle = &bytes[start..bytes.len() - end];
        let each = middle.split_inclusive(|byte| *byte == b'\n');
        lines.extend(each.map(|line| self.number(line)));
        lines.extend_from_slice(&near_lines[near_lines.len() - n_lines(&bytes[bytes.len() - end..])..]);
        lines
    }

    /// Lines as short texts that are equal when they are, and stand in as far.
    pub(super) fn short(&self, lines: &[Token]) -> Vec<u8> {
        let mut text = Vec::with_capacity(lines.len() * 8);
        for line in lines {
            let (whole, mut number) = (&self.texts[line.0 as usize], line.0);
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
        IndentHeuristic::new(|line: Token| IndentLevel::for_ascii_line(self.texts[line.0 as usize].iter().copied(), TAB))
    }
}

/// Lines of a text; one without an end counts.
pub(super) fn n_lines(text: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', text).count() + usize::from(text.last().is_some_and(|byte| *byte != b'\n'))
}

/// Bytes that both begin with, in whole lines.
pub(super) fn common_start(a: &[u8], b: &[u8]) -> usize {
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
