//! `package.json` and `package-lock.json`: finds the place of a string value without touching the rest of the text.

use super::Found;
use std::ops::Range;

pub(super) fn manifest(text: &str) -> Found {
    found(text, &[&["version"]])
}

/// The lock file states the version of the package twice.
pub(super) fn lock(text: &str) -> Found {
    found(text, &[&["version"], &["packages", "", "version"]])
}

fn found(text: &str, paths: &[&[&str]]) -> Found {
    let mut found = Found::default();
    for path in paths {
        let Some(span) = string_at(text, path) else { continue };
        found.version.get_or_insert_with(|| text[span.clone()].to_owned());
        found.spans.push(span);
    }
    found
}

/// The keys of the object at this path, as they are written.
pub(super) fn keys_at(text: &str, path: &[&str]) -> Vec<String> {
    let json: Option<serde_json::Value> = serde_json::from_str(text.trim_start_matches('\u{feff}')).ok();
    let found = path.iter().try_fold(json.as_ref(), |at, key| Some(at?.get(key))).flatten();
    let keys = found.and_then(serde_json::Value::as_object);
    keys.into_iter().flat_map(|keys| keys.keys().cloned()).collect()
}

/// The bytes between the quotes of the string at this path of keys. None when there is none, or the text is no JSON object.
pub(super) fn string_at(text: &str, path: &[&str]) -> Option<Range<usize>> {
    let mut scan = Scan {
        bytes: text.as_bytes(),
        at: 0,
    };
    if text.starts_with('\u{feff}') {
        scan.at = 3;
    }
    scan.object(path)
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    /// Goes through an object up to the value at the path; None also when the object ends before.
    fn object(&mut self, path: &[&str]) -> Option<Range<usize>> {
        let (wanted, rest) = path.split_first()?;
        self.expect(b'{')?;
        loop {
            self.space();
            if self.peek()? == b'}' {
                return None;
            }
            let key = self.string()?;
            let is_wanted = &self.bytes[key] == wanted.as_bytes();
            self.expect(b':')?;
            self.space();
            if is_wanted {
                return if rest.is_empty() { self.string() } else { self.object(rest) };
            }
            self.value(0)?;
            self.space();
            match self.peek()? {
                b',' => self.at += 1,
                _ => return None,
            }
        }
    }

    fn value(&mut self, depth: u32) -> Option<()> {
        self.space();
        match self.peek()? {
            b'"' => self.string().map(drop),
            open @ (b'{' | b'[') => {
                if depth > 200 {
                    return None;
                }
                self.at += 1;
                let close = if open == b'{' { b'}' } else { b']' };
                loop {
                    self.space();
                    match self.peek()? {
                        byte if byte == close => {
                            self.at += 1;
                            return Some(());
                        }
                        b',' | b':' => self.at += 1,
                        _ => self.value(depth + 1)?,
                    }
                }
            }
            _ => {
                let start = self.at;
                while self.peek().is_some_and(|byte| {
                    !matches!(byte, b',' | b'}' | b']' | b':' | b'"' | b'{' | b'[') && !byte.is_ascii_whitespace()
                }) {
                    self.at += 1;
                }
                (self.at > start).then_some(())
            }
        }
    }

    /// The bytes between the quotes.
    fn string(&mut self) -> Option<Range<usize>> {
        self.expect(b'"')?;
        let start = self.at;
        loop {
            match self.peek()? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        Some(start..self.at - 1)
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.space();
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn space(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }
}
