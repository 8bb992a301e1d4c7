//! Who wrote each line of a file, told as it is found. The rules are those of `git blame` (blame.c): lines go to the first parent that
//! has them, files are followed through renames, and what no parent has is the commit's own.
//!
//! Checked line by line on six of git's own sources (27,718 lines): no line differs from `git blame`. How changes are compared, and
//! how that was checked, stands in `changes`; `packs` reads the contents, as through libgit2 it took 8 to 10 times as long as git
//! (`cargo bench --bench git -- P-GIT-3`).

mod changes;
mod lines;
mod packs;
mod program;
mod trees;

use super::commit::{find, split_message};
use super::doubt::{self, Against};
use super::open::open;
use super::renames::{Source, origin};
use super::{GitError, clean};
use crate::base::blame::{BlameCommit, BlameRun};
use crate::base::{GitPath, SafeText, Timestamp};
use changes::{Piece, differences, out_of_reach, split};
use git2::{DiffOptions, Mailmap, Oid, Repository};
use lines::{Lines, Text, n_lines};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};
use trees::{Entry, Trees};

/// Larger files are not blamed.
const MAX_BYTES: u64 = 64 * 1024 * 1024;
/// Contents that are kept for the next comparison.
const KEPT_CONTENTS: usize = 6;
const TELL_EVERY: Duration = Duration::from_millis(40);
/// What a blame tells.
pub enum BlameTold {
    /// The file's lines; None for the commit when it is the files of the checkout.
    Text {
        rev: Option<String>,
        path: GitPath,
        lines: Vec<String>,
    },
    /// Lines that were found, with the commits that were not told before.
    Runs { commits: Vec<BlameCommit>, runs: Vec<BlameRun> },
}

/// A file at a commit, or in the checkout.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Origin {
    commit: Option<Oid>,
    path: GitPath,
}

/// What is still to be found out about one origin.
struct Suspect {
    entry: Entry,
    pieces: Vec<Piece>,
    previous: Option<Origin>,
}

struct Blame<'a> {
    repo: &'a Repository,
    root: &'a Path,
    trees: Trees<'a>,
    suspects: BTreeMap<Origin, Suspect>,
    /// Commits with suspects, the newest first.
    queue: BinaryHeap<(i64, Reverse<u32>, Oid)>,
    n_queued: u32,
    mailmap: Option<Mailmap>,
    lines: Lines,
    contents: Vec<(Oid, Text)>,
}

/// Blames the file as it is at `revision`, or as it is in the checkout.
pub(super) fn blame(
    root: &Path,
    path: &GitPath,
    revision: Option<&str>,
    is_cancelled: &dyn Fn() -> bool,
    tell: &mut dyn FnMut(BlameTold),
) -> Result<(), GitError> {
    let repo = open(root)?;
    let mut blame = Blame::new(&repo, root)?;
    let head = find(&repo, revision.unwrap_or("HEAD"))?.id();
    let mut teller = Teller::new(tell);
    let committed = blame.entry(head, path)?;
    let at_head = Origin {
        commit: Some(head),
        path: path.clone(),
    };
    let in_checkout = if revision.is_none() { blame.checkout(path)? } else { None };
    match in_checkout {
        Some(text) => {
            teller.text(None, path, &text);
            let whole = [Piece::whole(n_lines(&text) as u32)];
            let mut own = whole.to_vec();
            let previous = committed.as_ref().map(|_| (head.to_string(), path.clone()));
            if let Some(entry) = committed {
                let old = blame.content(entry.blob)?;
                let passed;
                (own, passed) = blame.handed_on(&whole, &old, &Text::new(Rc::new(text)))?;
                blame.suspect(&at_head, entry, passed)?;
            }
            let here = Origin {
                commit: None,
                path: path.clone(),
            };
            teller.found(&here, &own, || uncommitted(path, previous));
        }
        None => {
            let entry = committed.ok_or_else(|| GitError::NoSuchFile(path.display()))?;
            let text = blame.content(entry.blob)?;
            teller.text(Some(head), path, &text.bytes);
            blame.suspect(&at_head, entry, vec![Piece::whole(n_lines(&text.bytes) as u32)])?;
        }
    }
    while let Some((_, _, commit)) = blame.queue.pop() {
        if is_cancelled() {
            return Ok(());
        }
        while let Some(origin) = blame.next_of(commit) {
            let suspect = blame.pass(&origin)?;
            if !suspect.pieces.is_empty() {
                let (repo, mailmap) = (blame.repo, blame.mailmap.as_ref());
                teller.found(&origin, &suspect.pieces, || {
                    commit_of(repo, mailmap, &origin, suspect.previous.as_ref())
                });
            }
        }
        teller.tick();
    }
    teller.flush();
    Ok(())
}

/// The line of the parent's file at which the one of the commit stood, or where it was put in: the commit, the path, and the line from 0.
pub(super) fn before(root: &Path, revision: &str, path: &GitPath, line: u32) -> Result<Option<(String, GitPath, u32)>, GitError> {
    let repo = open(root)?;
    let mut blame = Blame::new(&repo, root)?;
    let commit = find(&repo, revision)?;
    let origin = Origin {
        commit: Some(commit.id()),
        path: path.clone(),
    };
    let Some(entry) = blame.entry(commit.id(), path)? else {
        return Ok(None);
    };
    for is_renamed in [false, true] {
        for parent in commit.parent_ids() {
            let Some((there, old)) = blame.in_parent(&origin, &entry, parent, is_renamed)? else {
                continue;
            };
            let (old, new) = (blame.content(old.blob)?, blame.content(entry.blob)?);
            let mut at = i64::from(line);
            for change in differences(&mut blame.lines, &old, &new)?
                .iter()
                .take_while(|change| change.new <= line)
            {
                if line < change.new + change.n_new {
                    at = i64::from(change.old) + i64::from(line - change.new).min(i64::from(change.n_old).max(1) - 1);
                    break;
                }
                at = i64::from(line) + i64::from(change.old + change.n_old) - i64::from(change.new + change.n_new);
            }
            return Ok(Some((parent.to_string(), there.path, at.max(0) as u32)));
        }
    }
    Ok(None)
}

impl<'a> Blame<'a> {
    fn new(repo: &'a Repository, root: &'a Path) -> Result<Self, GitError> {
        Ok(Self {
            repo,
            root,
            trees: Trees::new(repo, root)?,
            suspects: BTreeMap::new(),
            queue: BinaryHeap::new(),
            n_queued: 0,
            mailmap: repo.mailmap().ok(),
            lines: Lines::default(),
            contents: Vec::new(),
        })
    }

    fn of(&self, error: git2::Error) -> GitError {
        GitError::of(self.root, error)
    }

    fn next_of(&self, commit: Oid) -> Option<Origin> {
        let first = Origin {
            commit: Some(commit),
            path: GitPath::default(),
        };
        let mut all = self.suspects.range(first..);
        all.next()
            .filter(|(origin, _)| origin.commit == Some(commit))
            .map(|(origin, _)| origin.clone())
    }

    fn entry(&self, commit: Oid, path: &GitPath) -> Result<Option<Entry>, GitError> {
        self.trees.entry(self.trees.commit(commit)?.tree, path.as_bytes(), None)
    }

    /// Pieces that an origin has to answer for.
    fn suspect(&mut self, origin: &Origin, entry: Entry, pieces: Vec<Piece>) -> Result<(), GitError> {
        let Some(commit) = origin.commit.filter(|_| !pieces.is_empty()) else {
            return Ok(());
        };
        let suspect = self.suspects.entry(origin.clone()).or_insert_with(|| Suspect {
            entry,
            pieces: Vec::new(),
            previous: None,
        });
        if suspect.pieces.is_empty() {
            self.n_queued += 1;
            let date = self.trees.commit(commit)?.date;
            self.queue.push((date, Reverse(self.n_queued), commit));
            suspect.pieces = pieces;
        } else {
            suspect.pieces.extend(pieces);
            suspect.pieces.sort_by_key(|piece| (piece.at, piece.line));
        }
        Ok(())
    }

    /// Gives the parents what they have; what stays is the commit's own.
    fn pass(&mut self, origin: &Origin) -> Result<Suspect, GitError> {
        let mut suspect = self.suspects.remove(origin).expect("it was found there");
        let Some(commit) = origin.commit else { return Ok(suspect) };
        let parents = self.trees.commit(commit)?.parents;
        let mut heirs: Vec<Option<(Origin, Entry)>> = vec![None; parents.len()];
        // A file of the same name before a renamed one.
        for is_renamed in [false, true] {
            for (n, parent) in parents.iter().enumerate() {
                if heirs[n].is_some() {
                    continue;
                }
                let Some((there, entry)) = self.in_parent(origin, &suspect.entry, *parent, is_renamed)? else {
                    continue;
                };
                if entry.blob == suspect.entry.blob {
                    let pieces = std::mem::take(&mut suspect.pieces);
                    self.suspect(&there, entry, pieces)?;
                    return Ok(suspect);
                }
                let is_known = heirs[..n].iter().flatten().any(|heir| heir.1.blob == entry.blob);
                if !is_known {
                    heirs[n] = Some((there, entry));
                }
            }
        }
        for (heir, entry) in heirs.into_iter().flatten() {
            let (old, new) = (self.content(entry.blob)?, self.content(suspect.entry.blob)?);
            let (kept, passed) = self.handed_on(&suspect.pieces, &old, &new)?;
            suspect.previous.get_or_insert_with(|| heir.clone());
            self.suspect(&heir, entry, passed)?;
            suspect.pieces = kept;
            if suspect.pieces.is_empty() {
                break;
            }
        }
        Ok(suspect)
    }

    /// What stays with the new text, and what the old one has.
    fn handed_on(&mut self, pieces: &[Piece], old: &Text, new: &Text) -> Result<(Vec<Piece>, Vec<Piece>), GitError> {
        if let Some(passed) = out_of_reach(pieces, old, new) {
            return Ok((Vec::new(), passed));
        }
        Ok(split(pieces, &differences(&mut self.lines, old, new)?))
    }

    /// The parent's file that an origin's comes from, under the same name or another.
    fn in_parent(
        &self,
        origin: &Origin,
        entry: &Entry,
        parent: Oid,
        is_renamed: bool,
    ) -> Result<Option<(Origin, Entry)>, GitError> {
        let there = |path: GitPath| Origin {
            commit: Some(parent),
            path,
        };
        let tree = self.trees.commit(parent)?.tree;
        let found = self.trees.entry(tree, origin.path.as_bytes(), Some(entry))?;
        if !is_renamed {
            let same_kind = found.filter(|found| found.kind() == entry.kind());
            return Ok(same_kind.map(|found| (there(origin.path.clone()), found)));
        }
        if found.is_some() {
            return Ok(None);
        }
        let Some(commit) = origin.commit else { return Ok(None) };
        Ok(self
            .renamed(commit, parent, &origin.path, entry.blob)?
            .map(|(path, entry)| (there(path), entry)))
    }

    fn renamed(&self, commit: Oid, parent: Oid, path: &GitPath, blob: Oid) -> Result<Option<(GitPath, Entry)>, GitError> {
        let tree = |oid: Oid| self.repo.find_commit(oid).and_then(|commit| commit.tree());
        let (old, new) = (
            tree(parent).map_err(|error| self.of(error))?,
            tree(commit).map_err(|error| self.of(error))?,
        );
        let mut options = DiffOptions::new();
        let diff = self
            .repo
            .diff_tree_to_tree(Some(&old), Some(&new), Some(options.include_typechange(true)))
            .map_err(|error| self.of(error))?;
        // Only what went away can have become this file.
        let gone: Vec<(Vec<u8>, Oid, i32)> = diff
            .deltas()
            .filter(|delta| delta.status() == git2::Delta::Deleted)
            .filter_map(|delta| {
                let file = delta.old_file();
                let mode = old.get_path(file.path()?).ok()?.filemode();
                Some((file.path_bytes()?.to_vec(), file.id(), mode))
            })
            .collect();
        let is_regular = |mode: i32| mode & 0o170_000 == 0o100_000;
        let wanted = new.get_path(&path.to_path_buf()).map_or(0, |entry| entry.filemode());
        let sources: Vec<Source<'_>> = gone
            .iter()
            .map(|(path, oid, mode)| Source {
                path,
                is_same: *oid == blob && (*mode == wanted || is_regular(*mode) && is_regular(wanted)),
                is_regular: is_regular(*mode) && is_regular(wanted),
            })
            .collect();
        if sources.is_empty() {
            return Ok(None);
        }
        let of = |error| self.of(error);
        let odb = self.repo.odb().map_err(of)?;
        let content = odb.read(blob).map_err(of)?;
        let found = origin(path.as_bytes(), content.data(), &sources, |at, fits| {
            let (size, _) = odb.read_header(gone[at].1)?;
            fits(size as u64)
                .then(|| odb.read(gone[at].1).map(|blob| blob.data().to_vec()))
                .transpose()
        })
        .map_err(of)?;
        Ok(found.map(|at| (GitPath::new(gone[at].0.as_slice()), Entry::bare(gone[at].1, gone[at].2))))
    }

    fn content(&mut self, blob: Oid) -> Result<Text, GitError> {
        if let Some(at) = self.contents.iter().position(|(known, _)| *known == blob) {
            let known = self.contents.remove(at);
            self.contents.insert(0, known);
            return Ok(self.contents[0].1.clone());
        }
        let content = match self.trees.packed(blob) {
            Some(content) => content,
            None => {
                let found = self.repo.find_blob(blob).map_err(|error| self.of(error))?;
                if found.size() as u64 > MAX_BYTES {
                    return Err(GitError::TooLargeToBlame(found.size() as u64));
                }
                Rc::new(found.content().to_vec())
            }
        };
        let text = Text::new(content);
        self.contents.insert(0, (blob, text.clone()));
        self.contents.truncate(KEPT_CONTENTS);
        Ok(text)
    }

    /// The file of the checkout, when it is not what was committed.
    fn checkout(&self, path: &GitPath) -> Result<Option<Vec<u8>>, GitError> {
        let Some(workdir) = self.repo.workdir() else { return Ok(None) };
        let status = doubt::at_path(self.repo, workdir, path, Against::Files, |_| {
            self.repo.status_file(&path.to_path_buf())
        });
        if !status.is_ok_and(|status| {
            status.intersects(git2::Status::WT_MODIFIED | git2::Status::INDEX_MODIFIED | git2::Status::INDEX_NEW)
        }) {
            return Ok(None);
        }
        let file = workdir.join(path.to_path_buf());
        let meta = file.symlink_metadata().map_err(|error| GitError::file(&file, error))?;
        if !meta.is_file() {
            return Ok(None);
        }
        if meta.len() > MAX_BYTES {
            return Err(GitError::TooLargeToBlame(meta.len()));
        }
        if let Some(clean) = clean::known(self.repo, path) {
            return Ok(Some(clean.to_vec()));
        }
        std::fs::read(&file).map(Some).map_err(|error| GitError::file(&file, error))
    }
}

fn commit_of(repo: &Repository, mailmap: Option<&Mailmap>, origin: &Origin, previous: Option<&Origin>) -> BlameCommit {
    let commit = origin.commit.and_then(|oid| repo.find_commit(oid).ok());
    let Some(commit) = commit else {
        return uncommitted(&origin.path, None);
    };
    let author = commit.author();
    let mapped = mailmap.and_then(|mailmap| mailmap.resolve_signature(&author).ok());
    let name = mapped.as_ref().map_or(author.name_bytes(), |mapped| mapped.name_bytes());
    BlameCommit {
        oid: Some(commit.id().to_string()),
        path: origin.path.clone(),
        summary: SafeText::new(&split_message(&String::from_utf8_lossy(commit.message_bytes())).0).into_string(),
        author: SafeText::from_bytes(name).into_string(),
        authored: Timestamp::from_second(author.when().seconds()).unwrap_or_default(),
        previous: previous.and_then(|origin| Some((origin.commit?.to_string(), origin.path.clone()))),
        is_boundary: commit.parent_count() == 0,
    }
}

fn uncommitted(path: &GitPath, previous: Option<(String, GitPath)>) -> BlameCommit {
    BlameCommit {
        oid: None,
        path: path.clone(),
        summary: String::new(),
        author: String::new(),
        authored: Timestamp::UNIX_EPOCH,
        previous,
        is_boundary: false,
    }
}

/// Gathers what was found, so that not every line is a message.
struct Teller<'a> {
    tell: &'a mut dyn FnMut(BlameTold),
    numbers: BTreeMap<Origin, u32>,
    commits: Vec<BlameCommit>,
    runs: Vec<BlameRun>,
    last: Instant,
}

impl<'a> Teller<'a> {
    fn new(tell: &'a mut dyn FnMut(BlameTold)) -> Self {
        Self {
            tell,
            numbers: BTreeMap::new(),
            commits: Vec::new(),
            runs: Vec::new(),
            last: Instant::now(),
        }
    }

    fn text(&mut self, rev: Option<Oid>, path: &GitPath, text: &[u8]) {
        let mut lines: Vec<String> = text
            .split(|byte| *byte == b'\n')
            .map(|line| SafeText::from_bytes(line.strip_suffix(b"\r").unwrap_or(line)).into_string())
            .collect();
        if text.is_empty() || text.ends_with(b"\n") {
            lines.pop();
        }
        (self.tell)(BlameTold::Text {
            rev: rev.map(|rev| rev.to_string()),
            path: path.clone(),
            lines,
        });
    }

    fn found(&mut self, origin: &Origin, pieces: &[Piece], commit: impl FnOnce() -> BlameCommit) {
        if pieces.is_empty() {
            return;
        }
        let number = match self.numbers.get(origin) {
            Some(number) => *number,
            None => {
                let number = self.numbers.len() as u32;
                self.numbers.insert(origin.clone(), number);
                self.commits.push(commit());
                number
            }
        };
        self.runs.extend(pieces.iter().map(|piece| BlameRun {
            line: piece.line,
            n: piece.n,
            original: piece.at,
            commit: number,
        }));
    }

    fn tick(&mut self) {
        if self.last.elapsed() >= TELL_EVERY {
            self.flush();
        }
    }

    fn flush(&mut self) {
        self.last = Instant::now();
        if !self.runs.is_empty() {
            (self.tell)(BlameTold::Runs {
                commits: std::mem::take(&mut self.commits),
                runs: std::mem::take(&mut self.runs),
            });
        }
    }
}
