//! HEAD, index and file in one difference, so that what is staged and what is not can be shown, and chosen, line by line. Put together
//! from libgit2's two differences along the lines of the index, so that every line is one that an act can move.

use super::diff::{Digest, compare, find, first_no, measure, outline, shown_line};
use super::open::open;
use super::{GitError, diff, words};
use crate::base::diff::{DiffContent, DiffFile, DiffLine, DiffLook, DiffOf, Hunk, HunkId, LineKind};
use crate::base::{Change, GitPath, SafeText};
use git2::{Patch, Repository};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// How far back the function around a hunk is looked for.
const MAX_HEADER_LINES: usize = 5_000;

/// One of the two differences.
struct Part {
    file: DiffFile,
    changes: Option<Changes>,
}

/// The changed lines of one difference, by their place in the index.
#[derive(Default)]
struct Changes {
    /// Lines that only the other version has, by the number of the line of the index that follows.
    foreign: BTreeMap<u32, Vec<(u32, Vec<u8>)>>,
    /// Lines that only the index has.
    own: BTreeSet<u32>,
}

/// The difference between HEAD and file at one path, with what the index has of it.
pub(super) fn diff_both(
    root: &Path,
    path: &GitPath,
    old_path: Option<&GitPath>,
    look: DiffLook,
    is_forced: bool,
) -> Result<DiffFile, GitError> {
    let repo = open(root)?;
    let staged = part(&repo, root, &DiffOf::Staged, (path, old_path), is_forced)?;
    let unstaged = part(&repo, root, &DiffOf::Unstaged, (path, None), is_forced)?;
    if unstaged.as_ref().is_some_and(|part| part.file.change == Change::Conflicted) {
        return diff::diff_file(root, &DiffOf::Unstaged, path, None, look, is_forced);
    }
    // Such a change is taken as a whole.
    for (part, of) in [(&unstaged, DiffOf::Unstaged), (&staged, DiffOf::Staged)] {
        if part.as_ref().is_some_and(|part| part.file.change == Change::TypeChanged) {
            return diff::diff_file(root, &of, path, None, look, is_forced);
        }
    }
    let Some(mut file) = joined(staged.as_ref(), unstaged.as_ref()) else {
        return Err(GitError::NoSuchChange(path.display()));
    };
    let parts = || [&staged, &unstaged].into_iter().flatten();
    if parts().any(|part| part.changes.is_none()) {
        file.content = other_content(staged.as_ref(), unstaged.as_ref());
        return Ok(file);
    }
    let changes = |part: Option<Part>| part.and_then(|part| part.changes).unwrap_or_default();
    let (staged, unstaged) = (changes(staged), changes(unstaged));
    let content = index_content(&repo, root, path)?;
    let mut lines = compose(&content, &staged, &unstaged);
    order(&mut lines);
    let is_shown = |line: &&Line<'_>| line.kind != LineKind::Context;
    let count = |kind: LineKind| lines.iter().filter(|line| line.kind == kind && !line.is_passing()).count() as u32;
    (file.n_added, file.n_removed) = (count(LineKind::Added), count(LineKind::Removed));
    let n_lines = lines.iter().filter(is_shown).count();
    let max_lines = if is_forced { diff::MAX_LINES_FORCED } else { diff::MAX_LINES };
    if n_lines > max_lines {
        file.content = DiffContent::TooLarge {
            bytes: content.len() as u64,
            lines: n_lines as u64,
            is_hopeless: n_lines > diff::MAX_LINES_FORCED,
        };
        return Ok(file);
    }
    file.content = DiffContent::Text {
        hunks: hunks(&lines, look.context as usize),
    };
    Ok(file)
}

fn part(
    repo: &Repository,
    root: &Path,
    of: &DiffOf,
    (path, old_path): (&GitPath, Option<&GitPath>),
    is_forced: bool,
) -> Result<Option<Part>, GitError> {
    // The lines are put together here: how they are looked at is no matter.
    let diff = compare(repo, root, of, path, old_path, DiffLook::default())?;
    let Some(at) = find(&diff, path) else { return Ok(None) };
    let Some(delta) = diff.get_delta(at) else { return Ok(None) };
    let mut file = outline(&diff, &delta, path);
    let patch = measure(repo, root, &diff, at, &mut file, is_forced)?;
    let is_old_index = *of == DiffOf::Unstaged;
    let changes = patch.map(|patch| read(&patch, is_old_index)).transpose();
    let changes = changes.map_err(|error| GitError::of(root, error))?;
    Ok(Some(Part { file, changes }))
}

/// `is_old_index`: the index is the old side.
fn read(patch: &Patch<'_>, is_old_index: bool) -> Result<Changes, git2::Error> {
    let mut changes = Changes::default();
    for n in 0..patch.num_hunks() {
        let (hunk, n_lines) = patch.hunk(n)?;
        let mut old = first_no(hunk.old_start(), hunk.old_lines());
        let mut new = first_no(hunk.new_start(), hunk.new_lines());
        for at in 0..n_lines {
            let line = patch.line_in_hunk(n, at)?;
            let Some(kind) = diff::kind_of(&line) else { continue };
            let (index_no, other_no) = if is_old_index { (old, new) } else { (new, old) };
            let is_own = kind == if is_old_index { LineKind::Removed } else { LineKind::Added };
            if is_own {
                changes.own.insert(index_no);
            } else if kind != LineKind::Context {
                let foreign = changes.foreign.entry(index_no).or_default();
                foreign.push((other_no, line.content().to_vec()));
            }
            old += u32::from(kind != LineKind::Added);
            new += u32::from(kind != LineKind::Removed);
        }
    }
    Ok(changes)
}

/// What the two differences say of the file as a whole.
fn joined(staged: Option<&Part>, unstaged: Option<&Part>) -> Option<DiffFile> {
    let first = &staged.or(unstaged)?.file;
    let last = &unstaged.or(staged)?.file;
    let (old_mode, new_mode) = (first.old_mode, last.new_mode);
    let kind = |mode: u32| mode & 0o170_000;
    let change = match (old_mode, new_mode) {
        (0, 0) => last.change,
        (0, _) if staged.is_none() => Change::Untracked,
        (0, _) => Change::Added,
        (_, 0) => Change::Deleted,
        _ if first.old_path.is_some() => Change::Renamed,
        (old, new) if kind(old) != kind(new) => Change::TypeChanged,
        _ => Change::Modified,
    };
    Some(DiffFile {
        change,
        old_mode,
        new_mode,
        old_path: first.old_path.clone(),
        ..last.clone()
    })
}

/// The more telling content of the two that are no text.
fn other_content(staged: Option<&Part>, unstaged: Option<&Part>) -> DiffContent {
    let content = |part: Option<&Part>| {
        part.filter(|part| part.changes.is_none())
            .map(|part| part.file.content.clone())
    };
    match (content(staged), content(unstaged)) {
        (Some(DiffContent::Binary { old_size, .. }), Some(DiffContent::Binary { new_size, .. })) => {
            DiffContent::Binary { old_size, new_size }
        }
        (Some(DiffContent::Submodule { old, .. }), Some(DiffContent::Submodule { new, .. })) => DiffContent::Submodule {
            old,
            new,
            commits: Vec::new(),
            n_unlisted: 0,
        },
        (Some(content @ DiffContent::TooLarge { .. }), _) | (_, Some(content)) | (Some(content), None) => content,
        (None, None) => DiffContent::Text { hunks: Vec::new() },
    }
}

fn index_content(repo: &Repository, root: &Path, path: &GitPath) -> Result<Vec<u8>, GitError> {
    let of = |error| GitError::of(root, error);
    let index = repo.index().map_err(of)?;
    let Some(entry) = index.get_path(&path.to_path_buf(), 0) else {
        return Ok(Vec::new());
    };
    let is_intent = entry.flags_extended & git2::IndexEntryExtendedFlag::INTENT_TO_ADD.bits() != 0;
    if is_intent || entry.mode == super::worktree::SUBMODULE {
        return Ok(Vec::new());
    }
    Ok(repo.find_blob(entry.id).map_err(of)?.content().to_vec())
}

/// A line of the three versions, with its number in each that has it.
struct Line<'a> {
    kind: LineKind,
    old_no: Option<u32>,
    index_no: Option<u32>,
    new_no: Option<u32>,
    bytes: &'a [u8],
}

impl Line<'_> {
    /// Staged, and gone from the file again.
    fn is_passing(&self) -> bool {
        self.kind == LineKind::Added && self.new_no.is_none()
    }
}

fn compose<'a>(content: &'a [u8], staged: &'a Changes, unstaged: &'a Changes) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    let (mut old, mut new) = (1, 1);
    let foreign = |before: u32, lines: &mut Vec<Line<'a>>, old: &mut u32, new: &mut u32| {
        for (no, bytes) in staged.foreign.get(&before).into_iter().flatten() {
            *old = no + 1;
            lines.push(Line {
                kind: LineKind::Removed,
                old_no: Some(*no),
                index_no: None,
                new_no: None,
                bytes,
            });
        }
        for (no, bytes) in unstaged.foreign.get(&before).into_iter().flatten() {
            *new = no + 1;
            lines.push(Line {
                kind: LineKind::Added,
                old_no: None,
                index_no: None,
                new_no: Some(*no),
                bytes,
            });
        }
    };
    let mut index_no = 1;
    for bytes in content.split_inclusive(|byte| *byte == b'\n') {
        foreign(index_no, &mut lines, &mut old, &mut new);
        let (is_added, is_removed) = (staged.own.contains(&index_no), unstaged.own.contains(&index_no));
        let old_no = (!is_added).then_some(old);
        let new_no = (!is_removed).then_some(new);
        old += u32::from(!is_added);
        new += u32::from(!is_removed);
        let kind = match (is_added, is_removed) {
            (false, false) => LineKind::Context,
            (true, _) => LineKind::Added,
            (false, true) => LineKind::Removed,
        };
        lines.push(Line {
            kind,
            old_no,
            index_no: Some(index_no),
            new_no,
            bytes,
        });
        index_no += 1;
    }
    foreign(index_no, &mut lines, &mut old, &mut new);
    lines
}

/// Within a run of changed lines the removed ones come first: so they stand in every other program too.
fn order(lines: &mut [Line<'_>]) {
    for run in lines.split_mut(|line| line.kind == LineKind::Context) {
        run.sort_by_key(|line| line.kind == LineKind::Added);
    }
}

fn hunks(lines: &[Line<'_>], n_around: usize) -> Vec<Hunk> {
    let mut hunks = Vec::new();
    let mut at = 0;
    while let Some(first) = lines[at..].iter().position(|line| line.kind != LineKind::Context) {
        let start = (at + first).saturating_sub(n_around).max(at);
        let mut end = at + first;
        let mut n_context = 0;
        // As long as the context of two changes touches.
        while end < lines.len() && n_context <= 2 * n_around {
            n_context = if lines[end].kind == LineKind::Context {
                n_context + 1
            } else {
                0
            };
            end += 1;
        }
        end -= n_context.saturating_sub(n_around);
        hunks.push(hunk(lines, start, end));
        at = end;
    }
    hunks
}

fn hunk(lines: &[Line<'_>], start: usize, end: usize) -> Hunk {
    let range = |no: fn(&Line<'_>) -> Option<u32>| {
        let numbers: Vec<u32> = lines[start..end].iter().filter_map(no).collect();
        let before = || lines[..start].iter().rev().find_map(no).unwrap_or(0);
        (numbers.first().copied().unwrap_or_else(before), numbers.len() as u32)
    };
    let (old_start, old_lines) = range(|line| line.old_no);
    let (new_start, new_lines) = range(|line| line.new_no);
    let mut digest = Digest::default();
    let mut shown: Vec<DiffLine> = Vec::with_capacity(end - start);
    for line in &lines[start..end] {
        digest.add(line.kind, line.bytes);
        let (text, end) = shown_line(line.bytes);
        shown.push(DiffLine {
            kind: line.kind,
            old_no: line.old_no,
            new_no: line.new_no,
            text,
            spans: Vec::new(),
            end,
            index_no: line.index_no,
        });
    }
    words::mark(&mut shown);
    Hunk {
        id: HunkId {
            old_start,
            old_lines,
            new_start,
            new_lines,
            digest: digest.0,
        },
        header: header(&lines[..start]),
        lines: shown,
    }
}

/// The last line before the hunk that begins like a function: git's own rule where no other is configured.
fn header(before: &[Line<'_>]) -> String {
    let is_name = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'_' || *byte == b'$';
    let found = before
        .iter()
        .rev()
        .filter(|line| line.new_no.is_some())
        .take(MAX_HEADER_LINES)
        .find(|line| line.bytes.first().is_some_and(is_name));
    let text = found.map_or_else(String::new, |line| String::from_utf8_lossy(line.bytes).into_owned());
    SafeText::new(text.trim().get(..80).unwrap_or(text.trim())).into_string()
}
