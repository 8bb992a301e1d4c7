//! A project file with an error in its syntax: what was written wrong spoils its own table, and nothing else. The parser of TOML goes on
//! behind an error as well as it can, but a bracket that is not closed takes everything behind it along, and gives an error for each line.

use toml::de::DeTable;

/// Lines in front of an error that are looked at for where it begins.
const MAX_LINES: usize = 500;

/// The same text, byte for byte as long, without what can not be read; and of each table the first thing that is wrong, by its byte.
pub(super) fn without_torn(text: &str) -> (String, Vec<(usize, String)>) {
    let mut kept = String::with_capacity(text.len());
    let mut wrong = Vec::new();
    let starts = tables(text);
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    for (start, end) in starts.iter().copied().zip(ends) {
        let part = &text[start..end];
        let (_, errors) = DeTable::parse_recoverable(part);
        let first = errors.iter().min_by_key(|error| error.span().map_or(0, |span| span.start));
        let Some(first) = first else {
            kept.push_str(part);
            continue;
        };
        let at = first.span().map_or(0, |span| span.start).min(part.len());
        // The lines in front of it that are right by themselves: a bracket that is not closed is found wrong at the end only.
        let lines = memchr::memchr_iter(b'\n', &part.as_bytes()[..at]).map(|at| at + 1);
        let lines: Vec<usize> = std::iter::once(0).chain(lines).collect();
        let is_right = |line: &&usize| DeTable::parse_recoverable(&part[..**line]).1.is_empty();
        let line = lines.iter().rev().take(MAX_LINES).find(is_right).copied().unwrap_or(0);
        let is_same_line = lines.last() == Some(&line);
        wrong.push((start + if is_same_line { at } else { line }, first.message().to_owned()));
        let (whole, torn) = part.split_at(line);
        kept.push_str(whole);
        blank(torn, &mut kept);
    }
    (kept, wrong)
}

/// As many bytes that mean nothing, in the same lines.
fn blank(text: &str, out: &mut String) {
    out.extend(text.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
}

/// Where the tables begin, by their heads: `[environment.target]`, `[[task]]`.
fn tables(text: &str) -> Vec<usize> {
    let mut starts = vec![0];
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let head = line.split('#').next().unwrap_or_default().trim_end();
        let inner = head
            .strip_prefix("[[")
            .and_then(|rest| rest.strip_suffix("]]"))
            .or_else(|| head.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')));
        let is_head = inner.is_some_and(|name| {
            let is_word = |part: &str| {
                let part = part.trim();
                let bare = part.trim_matches(['"', '\'']);
                !bare.is_empty() && bare.chars().all(|char| char.is_alphanumeric() || "_- ".contains(char))
            };
            name.split('.').all(is_word) && name.chars().next().is_some_and(|char| !char.is_ascii_digit())
        });
        if is_head && at > 0 {
            starts.push(at);
        }
        at += line.len();
    }
    starts
}
