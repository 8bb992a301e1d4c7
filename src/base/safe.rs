//! Foreign text made safe: nothing that comes from outside may act on a terminal, reorder a line or flood a frame.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Longest foreign text that is shown as one piece, in characters.
pub const MAX_CHARS: usize = 4096;
/// Longest line of output that is shown, in bytes; the log file keeps the whole line.
pub const MAX_LINE_BYTES: usize = 8192;

/// No mark of a cut line is longer.
pub const CUT_MARK_BYTES: usize = 32;

/// Text from outside, one line: control characters shown escaped, bidirectional controls and zero-width characters marked, length capped.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SafeText(String);

impl SafeText {
    pub fn new(text: &str) -> Self {
        Self(escape(text, false, MAX_CHARS))
    }

    /// Bytes that should be UTF-8; each wrong byte is shown as `\xNN`.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self::new(&decode(bytes))
    }

    /// An address without the password that stands in it.
    pub fn url(url: &str) -> Self {
        let place = url.split_once("://").and_then(|(scheme, rest)| {
            let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
            let (who, _) = rest[..end].rsplit_once('@')?;
            let (user, _) = who.split_once(':')?;
            Some(format!("{scheme}://{user}:***{}", &rest[who.len()..]))
        });
        Self::new(place.as_deref().unwrap_or(url))
    }

    /// Keeps line breaks and tabs, for messages and notes.
    pub fn multiline(text: &str) -> Self {
        Self(
            text.lines()
                .take(2000)
                .map(|line| escape(line, false, MAX_CHARS))
                .collect::<Vec<_>>()
                .join("\n"),
        )
    }

    /// One line of output: colour sequences (SGR) stay, everything else that could act is shown escaped.
    pub fn log_line(bytes: &[u8]) -> String {
        Self::log_line_of(bytes, 0)
    }

    /// The same of a line of which so many bytes more were left out before.
    pub fn log_line_of(bytes: &[u8], n_cut_bytes: u64) -> String {
        let cut = bytes.len().min(MAX_LINE_BYTES);
        let mut text = escape(&decode(&bytes[..cut]), true, MAX_LINE_BYTES);
        // One that was cut before it was kept says how much; its mark is no part of it.
        let before = (cut < bytes.len()).then(|| cut_mark_at_end(bytes)).flatten();
        let (n_of_mark, n_before) = before.unwrap_or_default();
        let n_cut = (bytes.len() - cut).saturating_sub(n_of_mark) as u64;
        text.push_str(&cut_mark(n_cut_bytes + n_before + n_cut));
        text
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for SafeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for SafeText {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// What stands at the end of a line that was cut; nothing behind a whole one.
pub fn cut_mark(n_cut_bytes: u64) -> String {
    if n_cut_bytes == 0 {
        String::new()
    } else {
        format!("… (+{n_cut_bytes} B)")
    }
}

/// The length of the mark of a cut line at the end of these bytes, and the number in it.
pub fn cut_mark_at_end(bytes: &[u8]) -> Option<(usize, u64)> {
    let tail = String::from_utf8_lossy(&bytes[bytes.len().saturating_sub(CUT_MARK_BYTES)..]);
    let mark = &tail[tail.rfind("… (+")?..];
    let number = mark.strip_prefix("… (+")?.strip_suffix(" B)")?;
    Some((mark.len(), number.parse().ok()?))
}

fn decode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out
}

fn is_deceptive(c: char) -> bool {
    matches!(c,
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{061c}'
        | '\u{00ad}' | '\u{2028}' | '\u{2029}' | '\u{e0000}'..='\u{e007f}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}')
}

fn escape(text: &str, keep_sgr: bool, max_chars: usize) -> String {
    // Looked through as a whole: faster than up to the first that is not plain.
    let is_plain = |is_plain: bool, byte: u8| is_plain & (0x20..0x7f).contains(&byte);
    if text.len() <= max_chars && text.bytes().fold(true, is_plain) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len().min(max_chars) + 16);
    let mut rest = text;
    let mut n_chars = 0;
    while let Some(c) = rest.chars().next() {
        if n_chars >= max_chars {
            out.push('…');
            break;
        }
        if keep_sgr
            && c == '\u{1b}'
            && let Some(len) = sgr_len(rest)
        {
            out.push_str(&rest[..len]);
            rest = &rest[len..];
            continue;
        }
        rest = &rest[c.len_utf8()..];
        n_chars += 1;
        match c {
            '\t' => out.push_str("    "),
            c if c.is_control() => {
                out.push_str(&c.escape_default().to_string());
            }
            c if is_deceptive(c) => out.push_str(&format!("<U+{:04X}>", c as u32)),
            c => out.push(c),
        }
    }
    if keep_sgr && out.contains('\u{1b}') {
        out.push_str("\u{1b}[0m");
    }
    out
}

/// The length of a colour sequence `ESC [ digits ; : m` at the start of the text.
fn sgr_len(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    if bytes.get(1) != Some(&b'[') {
        return None;
    }
    let end = bytes
        .iter()
        .skip(2)
        .take(64)
        .position(|b| !matches!(b, b'0'..=b'9' | b';' | b':'))?
        + 2;
    (bytes[end] == b'm').then_some(end + 1)
}

/// A whole text for a terminal, whatever it was put together from: lines, tabs and colours stay, all else that could act is shown escaped.
pub fn guarded(text: &str) -> std::borrow::Cow<'_, str> {
    let is_risky = |c: char| (c.is_control() && c != '\n' && c != '\t') || is_deceptive(c);
    if !text.contains(is_risky) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        // The end of a line as Windows writes it moves nothing.
        let kept = match c {
            '\u{1b}' => sgr_len(rest).unwrap_or(0),
            '\r' if rest.starts_with("\r\n") => 1,
            c if is_risky(c) => 0,
            c => c.len_utf8(),
        };
        out.push_str(&rest[..kept]);
        if kept == 0 {
            if c.is_control() {
                out.extend(c.escape_default());
            } else {
                out.push_str(&format!("<U+{:04X}>", c as u32));
            }
        }
        rest = &rest[kept.max(c.len_utf8())..];
    }
    out.into()
}

/// A safe log line without its colour sequences.
pub fn plain(line: &str) -> std::borrow::Cow<'_, str> {
    if !line.contains('\u{1b}') {
        return line.into();
    }
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find('\u{1b}') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        rest = &rest[sgr_len(rest).unwrap_or(1)..];
    }
    out.push_str(rest);
    out.into()
}
