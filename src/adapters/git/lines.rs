//! Staging, unstaging and discarding by line: the new content is put together byte by byte, as `git apply` would with a patch that
//! has the chosen lines only. What git changes between file and index (line breaks) is changed the same way; what another filter makes of
//! a file git is asked for, and into such a file nothing is put line by line.

use super::diff::{ExactHunk, exact_hunks, shown_line};
use super::index::{Entries, IndexState, Side, snapshot, splice_lines};
use super::program::Repo;
use super::undo::{Done, Scope};
use super::worktree::{self, LINK, SUBMODULE};
use super::{Git, GitError, blocking, clean, open};
use crate::base::diff::{DiffFile, DiffOf, LineKind, LineRef, LineSide, line_digest};
use crate::base::repo::UndoKind;
use crate::base::{Change, GitPath, Problem, Timestamp};
use git2::Repository;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use tokio_util::sync::CancellationToken;

/// Changed lines by kind and number on their side.
type Chosen = BTreeSet<(bool, u32)>;

impl Git {
    /// Stages lines of the difference between index and file.
    pub async fn stage_lines(
        &self,
        repo: Repo<'_>,
        path: &GitPath,
        lines: &[LineRef],
        at: Timestamp,
        cancel: &CancellationToken,
    ) -> Result<Done, Problem> {
        self.move_lines(repo, UndoKind::Stage, path, lines, at, cancel).await
    }

    /// Takes lines of the difference between HEAD and index out of the index.
    pub async fn unstage_lines(
        &self,
        repo: Repo<'_>,
        path: &GitPath,
        lines: &[LineRef],
        at: Timestamp,
        cancel: &CancellationToken,
    ) -> Result<Done, Problem> {
        self.move_lines(repo, UndoKind::Unstage, path, lines, at, cancel).await
    }

    /// Takes lines of the difference between index and file out of the file.
    pub async fn discard_lines(
        &self,
        repo: Repo<'_>,
        path: &GitPath,
        lines: &[LineRef],
        at: Timestamp,
        cancel: &CancellationToken,
    ) -> Result<Done, Problem> {
        super::trusted(repo)?;
        let (root, chosen, file) = (repo.root.to_path_buf(), lines.to_vec(), path.clone());
        let plan = blocking(move || plan_discard(&root, &file, &chosen)).await?;
        if let Discard::Whole = plan {
            return self.discard(repo, std::slice::from_ref(path), at, cancel).await;
        }
        let scope = Scope::refs().at([path.clone()]);
        let mark = self.mark(repo, UndoKind::DiscardHunk, "", scope, at).await?;
        match plan {
            Discard::Write { file, content, mode } => blocking(move || worktree::write(&file, &content, mode)).await?,
            _ => {
                // The file is gone: git writes it as it does on a checkout, then the lines that shall stay away are taken out.
                let args = ["checkout-index", "--force", "-u", "-z", "--stdin"];
                let stdin = [path.as_bytes(), b"\0"].concat();
                self.program().write(repo, &args, &stdin, cancel).await?;
                let (root, chosen, file) = (repo.root.to_path_buf(), lines.to_vec(), path.clone());
                blocking(move || restore_some(&root, &file, &chosen)).await?;
            }
        }
        self.remember(repo, mark).await
    }

    async fn move_lines(
        &self,
        repo: Repo<'_>,
        kind: UndoKind,
        path: &GitPath,
        lines: &[LineRef],
        at: Timestamp,
        cancel: &CancellationToken,
    ) -> Result<Done, Problem> {
        super::trusted(repo)?;
        let (root, chosen, file) = (repo.root.to_path_buf(), lines.to_vec(), path.clone());
        let is_staging = kind == UndoKind::Stage;
        if is_staging {
            self.learn_clean(repo, path, cancel).await?;
        }
        let states = blocking(move || moved_entry(&root, is_staging, &file, &chosen)).await?;
        let mark = self.mark(repo, kind, "", Scope::refs(), at).await?;
        self.put_index(repo, &Entries::from([(path.clone(), states)]), cancel).await?;
        self.remember(repo, mark).await
    }
}

/// The entry of the index with the chosen lines moved; nothing when no line and no file is left.
fn moved_entry(root: &Path, is_staging: bool, path: &GitPath, lines: &[LineRef]) -> Result<Vec<IndexState>, GitError> {
    let (of, side) = if is_staging {
        (DiffOf::Unstaged, Side::Old)
    } else {
        (DiffOf::Staged, Side::New)
    };
    let (file, hunks) = exact_hunks(root, &of, path)?;
    let repo = open::open(root)?;
    check_kind(&repo, &file, is_staging)?;
    let chosen = choose(path, &hunks, lines)?;
    let entries = snapshot(&repo, root)?;
    let entry = match entries.get(path).map(Vec::as_slice) {
        None | Some([]) => None,
        Some([state]) if state.stage == 0 => Some(state),
        Some(_) => return Err(GitError::Conflicted(path.display())),
    };
    let of = |error| GitError::of(root, error);
    let before = match entry {
        Some(entry) => {
            let blob = repo.find_blob(git2::Oid::from_str(&entry.oid).map_err(of)?).map_err(of)?;
            blob.content().to_vec()
        }
        None => Vec::new(),
    };
    let is_all = chosen.len() == hunks.iter().flat_map(ExactHunk::changed).count();
    // What the other side has no file for, is gone with its last line.
    let goes = match file.change {
        Change::Deleted => is_staging,
        Change::Added | Change::Untracked => !is_staging,
        _ => false,
    };
    if is_all && goes {
        return Ok(Vec::new());
    }
    let is_same = |line: &[u8], expected: &[u8]| line == expected;
    let content = splice_lines(&before, &hunks, side, is_same, <[u8]>::to_vec, |kind, no| {
        chosen.contains(&(kind == LineKind::Added, no))
    })
    .ok_or_else(|| GitError::NoSuchChange(path.display()))?;
    let there = if is_staging { file.new_mode } else { file.old_mode };
    let mode = entry.map_or(there, |entry| entry.mode);
    let oid = repo.blob(&content).map_err(of)?.to_string();
    Ok(vec![IndexState { mode, oid, stage: 0 }])
}

/// Lines can be told apart in regular files only, and only where git's own change of line breaks is all that happens to them.
fn check_kind(repo: &Repository, file: &DiffFile, reads_file: bool) -> Result<(), GitError> {
    let path = &file.path;
    if file.change == Change::Conflicted {
        return Err(GitError::Conflicted(path.display()));
    }
    let is_odd = |mode: u32| mode == LINK || mode == SUBMODULE;
    if file.change == Change::TypeChanged || is_odd(file.old_mode) || is_odd(file.new_mode) {
        return Err(GitError::NoLines(path.display()));
    }
    if reads_file { check_filters(repo, path) } else { Ok(()) }
}

/// Line breaks are git's own affair; what another filter makes of a file can be told line by line only where git was asked.
pub(super) fn check_filters(repo: &Repository, path: &GitPath) -> Result<(), GitError> {
    if clean::is_converted(repo, path) && clean::known(repo, path).is_none() {
        return Err(GitError::Filtered(path.display()));
    }
    Ok(())
}

/// Into the file nothing can be put that a filter would have to make from what the index has.
pub(super) fn check_plain(repo: &Repository, path: &GitPath) -> Result<(), GitError> {
    if clean::is_converted(repo, path) {
        return Err(GitError::Filtered(path.display()));
    }
    Ok(())
}

/// The changed lines that are meant. Each range must hold one at least, and each line that was shown must still be there.
fn choose(path: &GitPath, hunks: &[ExactHunk], lines: &[LineRef]) -> Result<Chosen, GitError> {
    let changed: Vec<(bool, u32, &[u8])> = hunks
        .iter()
        .flat_map(ExactHunk::changed)
        .map(|(kind, no, line)| (kind == LineKind::Added, no, line))
        .collect();
    let mut chosen = Chosen::new();
    for wanted in lines {
        let found: Vec<(bool, u32)> = match wanted {
            LineRef::Range { side, first, last } => changed
                .iter()
                .filter(|(is_new, no, _)| *is_new == (*side == LineSide::New) && (*first..=*last).contains(no))
                .map(|(is_new, no, _)| (*is_new, *no))
                .collect(),
            LineRef::Exact { side, no, digest } => changed
                .iter()
                .filter(|(is_new, at, _)| *is_new == (*side == LineSide::New) && at == no)
                .filter(|(_, _, line)| {
                    let (text, end) = shown_line(line);
                    line_digest(&text, end) == *digest
                })
                .map(|(is_new, no, _)| (*is_new, *no))
                .collect(),
        };
        if found.is_empty() {
            return Err(match wanted {
                LineRef::Range { first, .. } => GitError::NoSuchLine(path.display(), *first),
                LineRef::Exact { .. } => GitError::NoSuchChange(path.display()),
            });
        }
        chosen.extend(found);
    }
    if chosen.is_empty() {
        return Err(GitError::NoSuchChange(path.display()));
    }
    Ok(chosen)
}

/// How lines are discarded.
enum Discard {
    Write {
        file: PathBuf,
        content: Vec<u8>,
        mode: u32,
    },
    /// All of them, of a file with nothing else changed.
    Whole,
    /// The file is gone and has to be written first.
    Restore,
}

fn plan_discard(root: &Path, path: &GitPath, lines: &[LineRef]) -> Result<Discard, GitError> {
    let (repo, top) = open::open_checkout(root)?;
    check_plain(&repo, path)?;
    let (file, hunks) = exact_hunks(root, &DiffOf::Unstaged, path)?;
    check_kind(&repo, &file, true)?;
    let chosen = choose(path, &hunks, lines)?;
    if chosen.len() == hunks.iter().flat_map(ExactHunk::changed).count() && !file.is_mode_changed() {
        return Ok(Discard::Whole);
    }
    let at_path = worktree::locate(&top, path)?;
    if file.change == Change::Deleted {
        return Ok(Discard::Restore);
    }
    let raw = std::fs::read(&at_path).map_err(|error| GitError::file(&at_path, error))?;
    let content = converted(&raw, &hunks, Side::New, |is_new, no| chosen.contains(&(is_new, no)))
        .ok_or_else(|| GitError::Filtered(path.display()))?;
    Ok(Discard::Write {
        file: at_path,
        content,
        mode: file.new_mode,
    })
}

/// The file was written from the index: the removed lines that are not to come back go again.
fn restore_some(root: &Path, path: &GitPath, lines: &[LineRef]) -> Result<(), GitError> {
    let (repo, top) = open::open_checkout(root)?;
    let entries = snapshot(&repo, root)?;
    let staged = entries
        .get(path)
        .and_then(|states| states.first())
        .ok_or_else(|| GitError::NoSuchChange(path.display()))?;
    let at_path = worktree::locate(&top, path)?;
    let raw = std::fs::read(&at_path).map_err(|error| GitError::file(&at_path, error))?;
    let whole = ExactHunk::removal(&raw);
    let chosen: Vec<(u32, u32)> = lines
        .iter()
        .map(|line| match line {
            LineRef::Range { first, last, .. } => (*first, *last),
            LineRef::Exact { no, .. } => (*no, *no),
        })
        .collect();
    let stays = |no: u32| chosen.iter().any(|(first, last)| (*first..=*last).contains(&no));
    let content = converted(&raw, std::slice::from_ref(&whole), Side::Old, |_, no| !stays(no))
        .ok_or_else(|| GitError::NoSuchChange(path.display()))?;
    worktree::write(&at_path, &content, staged.mode)
}

/// The file's content with the chosen lines taken over. Line breaks that git changes on the way in are changed back on the way out.
fn converted(raw: &[u8], hunks: &[ExactHunk], side: Side, is_chosen: impl Fn(bool, u32) -> bool) -> Option<Vec<u8>> {
    let has_cr = |bytes: &[u8]| bytes.windows(2).any(|pair| pair == b"\r\n");
    let is_converted = has_cr(raw) && !hunks.iter().any(|hunk| hunk.lines.iter().any(|(_, line)| has_cr(line)));
    let to_crlf = |line: &[u8]| match line.strip_suffix(b"\n") {
        Some(body) if is_converted => [body, b"\r\n"].concat(),
        _ => line.to_vec(),
    };
    let is_same = |line: &[u8], expected: &[u8]| line == expected || line == to_crlf(expected);
    splice_lines(raw, hunks, side, is_same, to_crlf, |kind, no| {
        is_chosen(kind == LineKind::Added, no)
    })
}
