//! The secrets in use, and the masking of their values in every stream before anything is shown or stored.
//! Masking is a net, not a promise: a value that a program splits, wraps or transforms in its own way gets through.

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::{Arc, PoisonError, RwLock};

/// Shorter values are not masked: they would hide ordinary words.
pub const MIN_SECRET_LEN: usize = 6;
/// What stands in place of a secret.
pub const MASK: &str = "***";

/// The registry of secret values. Cheap to clone; all clones share one registry. Says nothing of its content when printed.
#[derive(Clone, Default)]
pub struct Masks(Arc<RwLock<Arc<Patterns>>>);

#[derive(Default)]
struct Patterns {
    secrets: BTreeSet<Vec<u8>>,
    /// Every form of every secret, sorted, so that "begins with" is a binary search.
    forms: Vec<Vec<u8>>,
    longest: usize,
    search: Option<AhoCorasick>,
}

impl Masks {
    pub fn new() -> Self {
        Self::default()
    }

    /// From now on this value is masked wherever it appears. False when it is too short to be masked.
    pub fn add(&self, secret: impl AsRef<[u8]>) -> bool {
        let secret = secret.as_ref().trim_ascii();
        if secret.len() < MIN_SECRET_LEN {
            return false;
        }
        let mut slot = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if !slot.secrets.contains(secret) {
            let mut secrets = slot.secrets.clone();
            secrets.insert(secret.to_vec());
            *slot = Arc::new(Patterns::new(secrets));
        }
        true
    }

    pub fn is_empty(&self) -> bool {
        self.patterns().search.is_none()
    }

    pub fn mask_bytes<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let patterns = self.patterns();
        if patterns.first_match(bytes).is_none() {
            return Cow::Borrowed(bytes);
        }
        let mut out = Vec::with_capacity(bytes.len());
        patterns.cut(bytes, 0, true, &mut |piece| out.extend_from_slice(piece));
        Cow::Owned(out)
    }

    pub fn mask_str<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.mask_bytes(text.as_bytes()) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
        }
    }

    /// A masker for one stream, which sees secrets across the borders of its chunks.
    pub fn stream(&self) -> StreamMasker {
        StreamMasker {
            masks: self.clone(),
            held: Vec::new(),
            n_covered: 0,
        }
    }

    fn patterns(&self) -> Arc<Patterns> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl std::fmt::Debug for Masks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Masks({})", self.patterns().secrets.len())
    }
}

/// Masks one stream chunk by chunk. Holds back only bytes that may be the beginning of a secret.
pub struct StreamMasker {
    masks: Masks,
    held: Vec<u8>,
    /// So many of the held bytes belong to a secret that was masked already.
    n_covered: usize,
}

impl StreamMasker {
    /// Hands on what is safe; without secrets that is the chunk itself, not copied.
    pub fn push(&mut self, chunk: &[u8], mut out: impl FnMut(&[u8])) {
        let patterns = self.masks.patterns();
        if self.held.is_empty() {
            if patterns.search.is_none() {
                out(chunk);
            } else {
                let (kept_from, n_covered) = patterns.cut(chunk, 0, false, &mut out);
                self.held.extend_from_slice(&chunk[kept_from..]);
                self.n_covered = n_covered;
            }
            return;
        }
        self.held.extend_from_slice(chunk);
        let (kept_from, n_covered) = patterns.cut(&self.held, self.n_covered, false, &mut out);
        self.held.drain(..kept_from);
        self.n_covered = n_covered;
    }

    /// The stream has ended: hands on what was held back.
    pub fn finish(&mut self, mut out: impl FnMut(&[u8])) {
        let held = std::mem::take(&mut self.held);
        let n_covered = std::mem::take(&mut self.n_covered);
        self.masks.patterns().cut(&held, n_covered, true, &mut out);
    }
}

impl Patterns {
    fn new(secrets: BTreeSet<Vec<u8>>) -> Self {
        let mut forms = BTreeSet::new();
        for secret in &secrets {
            add_forms(secret, &mut forms);
            for line in secret.split(|b| *b == b'\n').map(<[u8]>::trim_ascii) {
                if line.len() >= MIN_SECRET_LEN && line.len() < secret.len() {
                    add_forms(line, &mut forms);
                }
            }
        }
        let forms: Vec<_> = forms.into_iter().collect();
        let longest = forms.iter().map(Vec::len).max().unwrap_or(0);
        // The automaton has a size limit far above what a registry of secrets reaches; without it nothing would be masked.
        let search = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .build(&forms)
            .expect("a few kilobytes of patterns fit");
        Self {
            secrets,
            longest,
            search: (!forms.is_empty()).then_some(search),
            forms,
        }
    }

    fn first_match(&self, bytes: &[u8]) -> Option<usize> {
        self.search.as_ref()?.find(bytes).map(|found| found.start())
    }

    /// Hands on `bytes` with secrets masked, but for the end that may be the beginning of a secret (unless it is the `last` piece).
    /// The first `n_covered` bytes belong to a secret masked before. Returns where the kept end begins and how much of it is covered.
    fn cut(&self, bytes: &[u8], n_covered: usize, last: bool, out: &mut dyn FnMut(&[u8])) -> (usize, usize) {
        let kept_from = if last { bytes.len() } else { self.possible_start(bytes) };
        let mut done = n_covered.min(kept_from);
        // Where the secret that is being masked ends; it can grow by overlapping ones.
        let mut covered_to = n_covered;
        let mut matches: Vec<(usize, usize)> = Vec::new();
        if let Some(search) = self.search.as_ref().filter(|search| search.is_match(bytes)) {
            matches.extend(search.find_overlapping_iter(bytes).map(|found| (found.start(), found.end())));
            matches.sort_unstable();
        }
        for (start, end) in matches {
            if start >= kept_from {
                break;
            }
            if start >= covered_to {
                if start > done {
                    out(&bytes[done..start]);
                }
                out(MASK.as_bytes());
            }
            covered_to = covered_to.max(end);
            done = covered_to.min(kept_from);
        }
        if done < kept_from {
            out(&bytes[done..kept_from]);
        }
        (kept_from, covered_to.saturating_sub(kept_from))
    }

    /// The first place from which the bytes up to the end are the beginning, but not the whole, of some form.
    fn possible_start(&self, bytes: &[u8]) -> usize {
        let first = bytes.len().saturating_sub(self.longest.saturating_sub(1));
        (first..bytes.len())
            .find(|start| self.has_longer_form(&bytes[*start..]))
            .unwrap_or(bytes.len())
    }

    fn has_longer_form(&self, beginning: &[u8]) -> bool {
        let at = self.forms.partition_point(|form| form.as_slice() <= beginning);
        self.forms.get(at).is_some_and(|form| form.starts_with(beginning))
    }
}

/// The value itself and the ways in which programs commonly write it.
fn add_forms(secret: &[u8], forms: &mut BTreeSet<Vec<u8>>) {
    let mut add = |form: Vec<u8>| {
        if form.len() >= MIN_SECRET_LEN {
            forms.insert(form);
        }
    };
    add(secret.to_vec());
    add(hex(secret, false).into_bytes());
    add(hex(secret, true).into_bytes());
    for offset in 0..3 {
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            add(base64_core(engine, secret, offset));
        }
    }
    for spared in ["-._~", "-._~!'()*", "-._~!'()*/", "-._~!$&'()*+,;=:@", "-._~!$&'()*+,;=:@/?"] {
        for upper in [true, false] {
            for plus in [true, false] {
                add(percent_encoded(secret, spared.as_bytes(), upper, plus));
            }
        }
    }
    if let Ok(text) = std::str::from_utf8(secret) {
        for (escapes_slash, escapes_html, ascii) in [
            (false, false, false),
            (true, false, false),
            (false, true, false),
            (false, false, true),
            (true, false, true),
        ] {
            add(json_escaped(text, escapes_slash, escapes_html, ascii).into_bytes());
        }
        add(text.escape_debug().to_string().into_bytes());
        add(text.replace('\'', r"'\''").into_bytes());
        add(text.replace('\n', "\r\n").into_bytes());
        add(text
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .into_bytes());
    }
}

fn hex(bytes: &[u8], upper: bool) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let written = if upper {
            write!(out, "{byte:02X}")
        } else {
            write!(out, "{byte:02x}")
        };
        written.expect("a string takes every write");
    }
    out
}

/// The characters of the base64 text that depend on the secret alone, when `offset` bytes (modulo 3) stand before it.
fn base64_core(engine: &base64::engine::GeneralPurpose, secret: &[u8], offset: usize) -> Vec<u8> {
    let mut padded = vec![0; offset];
    padded.extend_from_slice(secret);
    let encoded = engine.encode(&padded).into_bytes();
    let first = [0, 2, 3][offset];
    let n_whole = padded.len() * 8 / 6;
    encoded[first..n_whole].to_vec()
}

fn percent_encoded(bytes: &[u8], spared: &[u8], upper: bool, plus: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() * 3);
    for byte in bytes {
        match byte {
            b' ' if plus => out.push(b'+'),
            byte if byte.is_ascii_alphanumeric() || spared.contains(byte) => out.push(*byte),
            byte => out.extend_from_slice(format!("%{}", hex(&[*byte], upper)).as_bytes()),
        }
    }
    out
}

fn json_escaped(text: &str, escapes_slash: bool, escapes_html: bool, ascii: bool) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '/' if escapes_slash => out.push_str("\\/"),
            '<' | '>' | '&' if escapes_html => out.push_str(&format!("\\u{:04x}", c as u32)),
            c if c < ' ' || (ascii && !c.is_ascii()) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
            c => out.push(c),
        }
    }
    out
}
