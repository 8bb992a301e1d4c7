//! The index as plain data: what stands in it, what an act changed in it, and content put together from hunks.

use super::diff::{ExactHunk, first_no};
use super::{GitError, flat};
use crate::base::GitPath;
use crate::base::diff::{HunkRef, LineKind};
use git2::Repository;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// One entry of one path; stages 1 to 3 are the sides of a conflict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct IndexState {
    pub(super) mode: u32,
    pub(super) oid: String,
    pub(super) stage: u8,
}

pub(super) type Entries = BTreeMap<GitPath, Vec<IndexState>>;

/// Everything in the index now.
pub(super) fn snapshot(repo: &Repository, root: &Path) -> Result<Entries, GitError> {
    let index = flat::reread(repo, root, true)?;
    let mut entries = Entries::new();
    for entry in index.iter() {
        // An intent to add stands for no content.
        if entry.flags_extended & git2::IndexEntryExtendedFlag::INTENT_TO_ADD.bits() != 0 {
            continue;
        }
        entries.entry(GitPath::new(entry.path)).or_default().push(IndexState {
            mode: entry.mode,
            oid: entry.id.to_string(),
            stage: ((entry.flags >> 12) & 3) as u8,
        });
    }
    Ok(entries)
}

/// What `git update-index -z --index-info` reads to put these paths into these states.
pub(super) fn index_info(entries: &Entries) -> Vec<u8> {
    let mut text = Vec::new();
    let mut line = |mode: u32, oid: &str, stage: u8, path: &GitPath| {
        text.extend_from_slice(format!("{mode:o} {oid} {stage}\t").as_bytes());
        text.extend_from_slice(path.as_bytes());
        text.push(0);
    };
    // All removals first, so that a file may become a folder; and a conflict can only be put where nothing stands.
    for (path, states) in entries {
        if states.is_empty() || states.iter().any(|state| state.stage > 0) {
            line(0, &"0".repeat(40), 0, path);
        }
    }
    for (path, states) in entries {
        for state in states {
            line(state.mode, &state.oid, state.stage, path);
        }
    }
    text
}

/// The chosen hunks of those that are there now.
pub(super) fn pick(path: &GitPath, hunks: Vec<ExactHunk>, chosen: &[HunkRef]) -> Result<Vec<ExactHunk>, GitError> {
    let n_hunks = hunks.len();
    let all_found = chosen.iter().all(|choice| match choice {
        HunkRef::Number(n) => (1..=n_hunks).contains(&(*n as usize)),
        HunkRef::Exact(id) => hunks.iter().any(|hunk| hunk.id == *id),
    });
    if !all_found {
        let number = chosen.iter().find_map(|choice| match choice {
            HunkRef::Number(n) if !(1..=n_hunks).contains(&(*n as usize)) => Some(*n),
            _ => None,
        });
        return Err(match number {
            Some(n) => GitError::NoSuchHunk {
                path: path.display(),
                n,
                n_hunks,
            },
            None => GitError::NoSuchChange(path.display()),
        });
    }
    let is_chosen = |n: usize, hunk: &ExactHunk| {
        chosen.iter().any(|choice| match choice {
            HunkRef::Number(number) => *number as usize == n + 1,
            HunkRef::Exact(id) => hunk.id == *id,
        })
    };
    let picked = hunks.into_iter().enumerate().filter(|(n, hunk)| is_chosen(*n, hunk));
    Ok(picked.map(|(_, hunk)| hunk).collect())
}

/// Which side of its hunks a content stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Old,
    New,
}

/// A content with the hunks taken over from the other side, byte by byte. `is_same` compares a line of the content with a line
/// of the hunk; `convert` gives an inserted line the content's line break. None when the content is not what the hunks say.
pub(super) fn splice(
    content: &[u8],
    hunks: &[ExactHunk],
    side: Side,
    is_same: impl Fn(&[u8], &[u8]) -> bool,
    convert: impl Fn(&[u8]) -> Vec<u8>,
) -> Option<Vec<u8>> {
    splice_lines(content, hunks, side, is_same, convert, |_, _| true)
}

/// The same with chosen lines only: `is_chosen` is asked for each changed line with its number on its side. What is not chosen stays
/// as the content has it, as in a patch that was edited by hand: a removed line becomes context, an added one is left out.
pub(super) fn splice_lines(
    content: &[u8],
    hunks: &[ExactHunk],
    side: Side,
    is_same: impl Fn(&[u8], &[u8]) -> bool,
    convert: impl Fn(&[u8]) -> Vec<u8>,
    is_chosen: impl Fn(LineKind, u32) -> bool,
) -> Option<Vec<u8>> {
    let lines: Vec<&[u8]> = content.split_inclusive(|byte| *byte == b'\n').collect();
    let mut result = Vec::with_capacity(content.len());
    let mut at = 0;
    for hunk in hunks {
        // Which lines the content has, and which it has not got yet.
        let (start, n_here, absent) = match side {
            Side::Old => (hunk.id.old_start, hunk.id.old_lines, LineKind::Added),
            Side::New => (hunk.id.new_start, hunk.id.new_lines, LineKind::Removed),
        };
        let start = (first_no(start, n_here) as usize).checked_sub(1)?;
        let here = hunk.side(absent);
        let end = start + here.len();
        if start < at || end > lines.len() {
            return None;
        }
        let mut pairs = lines[start..end].iter().zip(&here);
        if !pairs.all(|(line, expected)| is_same(line, expected)) {
            return None;
        }
        for line in &lines[at..start] {
            push_line(&mut result, line);
        }
        let mut chosen = hunk.changed().map(|(kind, no, _)| is_chosen(kind, no));
        let mut own = lines[start..end].iter();
        for (kind, line) in &hunk.lines {
            let is_taken_over = *kind != LineKind::Context && chosen.next()?;
            if *kind == absent {
                if is_taken_over {
                    push_line(&mut result, &convert(line));
                }
                continue;
            }
            let own = own.next()?;
            if !is_taken_over {
                push_line(&mut result, own);
            }
        }
        at = end;
    }
    for line in &lines[at..] {
        push_line(&mut result, line);
    }
    Some(result)
}

/// A line that ended the file gets a line break when another one follows it: like the lines before it, else like the one that follows.
fn push_line(result: &mut Vec<u8>, line: &[u8]) {
    if !result.is_empty() && !result.ends_with(b"\n") {
        let before = memchr::memrchr(b'\n', result).map(|at| &result[..=at]);
        let is_windows = before.unwrap_or(line).ends_with(b"\r\n");
        result.extend_from_slice(if is_windows { b"\r\n" } else { b"\n" });
    }
    result.extend_from_slice(line);
}
