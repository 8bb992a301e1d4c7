//! Where the comments of a source file are, as far as the name of the file tells its language: a word in a string is nothing to do.

use std::ops::Range;
use std::path::Path;

/// How a language writes what only people read.
#[derive(Clone, Copy)]
struct Marks {
    line: &'static [&'static str],
    block: &'static [(&'static str, &'static str)],
    /// Texts that may go over several lines. Those of Python stand for documentation too.
    long: &'static [&'static str],
    is_rust: bool,
}

const NONE: Marks = Marks {
    line: &[],
    block: &[],
    long: &[],
    is_rust: false,
};
const SLASHES: Marks = Marks {
    line: &["//"],
    block: &[("/*", "*/")],
    long: &["`"],
    ..NONE
};

/// None: the language is not known, and every line counts.
fn marks(path: &Path) -> Option<Marks> {
    let name = path.file_name()?.to_str()?;
    let ending = path.extension().and_then(|ending| ending.to_str());
    Some(match ending.unwrap_or(name) {
        "rs" => Marks {
            is_rust: true,
            long: &[],
            ..SLASHES
        },
        "c" | "h" | "cc" | "cpp" | "cxx" | "hh" | "hpp" | "java" | "js" | "jsx" | "mjs" | "cjs" | "ts" | "tsx" | "go" | "kt"
        | "kts" | "swift" | "scala" | "cs" | "dart" | "scss" | "less" | "proto" | "groovy" | "gradle" | "zig" => SLASHES,
        "php" => Marks {
            line: &["//", "#"],
            ..SLASHES
        },
        "css" => Marks {
            block: &[("/*", "*/")],
            ..NONE
        },
        "py" | "pyi" => Marks {
            line: &["#"],
            block: &[("\"\"\"", "\"\"\""), ("'''", "'''")],
            ..NONE
        },
        "rb" | "sh" | "bash" | "zsh" | "fish" | "pl" | "pm" | "jl" | "ex" | "exs" | "mk" | "cmake" | "tf" | "nix"
        | "Makefile" | "Dockerfile" | "Containerfile" => Marks { line: &["#"], ..NONE },
        "sql" | "lua" | "hs" | "elm" | "adb" | "ads" => Marks {
            line: &["--"],
            ..SLASHES
        },
        _ => return None,
    })
}

/// The comments of a file, in their order; None where its language is not known.
pub(super) fn comments(path: &Path, bytes: &[u8]) -> Option<Vec<Range<usize>>> {
    let marks = marks(path)?;
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let begins = |sign: &str| rest.starts_with(sign.as_bytes());
        let (end, is_comment) = if let Some((open, close)) = marks.block.iter().find(|(open, _)| begins(open)) {
            (after(bytes, at + open.len(), close), true)
        } else if marks.line.iter().any(|sign| begins(sign)) {
            (memchr::memchr(b'\n', rest).map_or(bytes.len(), |len| at + len), true)
        } else if let Some(sign) = marks.long.iter().find(|sign| begins(sign)) {
            (after(bytes, at + sign.len(), sign), false)
        } else {
            (
                at + text(rest, at.checked_sub(1).map(|before| bytes[before]), marks.is_rust),
                false,
            )
        };
        if is_comment {
            found.push(at..end);
        }
        at = end.max(at + 1);
    }
    Some(found)
}

/// Behind the next `close`.
fn after(bytes: &[u8], from: usize, close: &str) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    memchr::memmem::find(rest, close.as_bytes()).map_or(bytes.len(), |len| from + len + close.len())
}

/// How long the text in quotes is that begins here; one byte where none does.
fn text(rest: &[u8], before: Option<u8>, is_rust: bool) -> usize {
    let is_word = before.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_rust && rest[0] == b'r' && !is_word {
        let n = rest[1..].iter().take_while(|byte| **byte == b'#').count();
        if rest.get(n + 1) == Some(&b'"') {
            let close = format!("\"{}", "#".repeat(n));
            return after(rest, n + 2, &close);
        }
    }
    match rest[0] {
        // A letter, else the name of a lifetime.
        b'\'' if is_rust => match rest.get(1..4) {
            Some([b'\\', ..]) => closing(rest, false).unwrap_or(1),
            Some([_, b'\'', _]) => 3,
            _ => 1,
        },
        // A quote that nothing closes in its line is an apostrophe.
        b'"' | b'\'' => closing(rest, is_rust).unwrap_or(1),
        _ => 1,
    }
}

/// Behind the quote that closes the first one.
fn closing(rest: &[u8], is_long: bool) -> Option<usize> {
    let mut at = 1;
    while let Some(byte) = rest.get(at) {
        match byte {
            b'\\' => at += 1,
            b'\n' if !is_long => return None,
            byte if *byte == rest[0] => return Some(at + 1),
            _ => {}
        }
        at += 1;
    }
    None
}
