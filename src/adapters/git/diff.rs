//! The difference of one file, read by libgit2 (which runs neither external diff programs nor textconv), within limits of size.

use super::doubt::{self, Against};
use super::open::open;
use super::{GitError, clean, words};
use crate::base::diff::{DiffContent, DiffFile, DiffLine, DiffLook, DiffOf, Hunk, HunkId, LineEnd, LineKind};
use crate::base::{Change, GitPath, SafeText};
use git2::{Delta, Diff, DiffDelta, DiffFindOptions, DiffOptions, FileMode, Oid, Patch, Repository};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::ffi::OsStringExt as _;
use std::path::Path;

/// Larger sides and longer differences are shown only when asked for.
pub(super) const MAX_BYTES: u64 = 1024 * 1024;
pub(super) const MAX_LINES: usize = 8_000;
/// Never shown.
pub(super) const MAX_BYTES_FORCED: u64 = 32 * 1024 * 1024;
pub(super) const MAX_LINES_FORCED: usize = 100_000;

/// A hunk with the exact bytes of both sides, for acts that must lose nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ExactHunk {
    pub id: HunkId,
    /// Every line with its line break.
    pub lines: Vec<(LineKind, Vec<u8>)>,
}

impl ExactHunk {
    /// The lines of one side: context, and removed or added ones.
    pub(super) fn side(&self, without: LineKind) -> Vec<&[u8]> {
        let there = self.lines.iter().filter(|(kind, _)| *kind != without);
        there.map(|(_, line)| line.as_slice()).collect()
    }

    /// Everything removed.
    pub(super) fn removal(content: &[u8]) -> Self {
        let lines = content.split_inclusive(|byte| *byte == b'\n');
        let lines: Vec<_> = lines.map(|line| (LineKind::Removed, line.to_vec())).collect();
        let id = HunkId {
            old_start: 1,
            old_lines: lines.len() as u32,
            new_start: 0,
            new_lines: 0,
            digest: 0,
        };
        Self { id, lines }
    }

    /// The changed lines, each with its number on its side.
    pub(super) fn changed(&self) -> impl Iterator<Item = (LineKind, u32, &[u8])> {
        let (mut old, mut new) = (
            first_no(self.id.old_start, self.id.old_lines),
            first_no(self.id.new_start, self.id.new_lines),
        );
        self.lines.iter().filter_map(move |(kind, line)| {
            let (old_no, new_no) = (old, new);
            old += u32::from(*kind != LineKind::Added);
            new += u32::from(*kind != LineKind::Removed);
            match kind {
                LineKind::Context => None,
                LineKind::Removed => Some((*kind, old_no, line.as_slice())),
                LineKind::Added => Some((*kind, new_no, line.as_slice())),
            }
        })
    }
}

/// The number of a hunk's first line on a side. A side without lines is named by the line before it.
pub(super) fn first_no(start: u32, n_lines: u32) -> u32 {
    start + u32::from(n_lines == 0)
}

/// The difference at one path. `old_path` names the other end of a rename in a commit. `is_forced`: also when it is large.
pub(super) fn diff_file(
    root: &Path,
    of: &DiffOf,
    path: &GitPath,
    old_path: Option<&GitPath>,
    look: DiffLook,
    is_forced: bool,
) -> Result<DiffFile, GitError> {
    let repo = open(root)?;
    let diff = compare(&repo, root, of, path, old_path, look)?;
    let at = find(&diff, path).ok_or_else(|| GitError::NoSuchChange(path.display()))?;
    let delta = diff.get_delta(at).ok_or_else(|| GitError::NoSuchChange(path.display()))?;
    let mut file = outline(&diff, &delta, path);
    if file.change == Change::Conflicted {
        return conflicted(&repo, root, file, look, is_forced);
    }
    let Some(patch) = measure(&repo, root, &diff, at, &mut file, is_forced)? else {
        return Ok(file);
    };
    if file.change == Change::TypeChanged && patch.num_hunks() == 0 {
        return retyped(&repo, root, &delta, file, look);
    }
    let hunks = (0..patch.num_hunks())
        .map(|n| shown_hunk(&patch, n))
        .collect::<Result<_, _>>();
    file.content = DiffContent::Text {
        hunks: hunks.map_err(|error| GitError::of(root, error))?,
    };
    Ok(file)
}

/// A file that became a link, or the other way round: its text, and where the link leads.
fn retyped(
    repo: &Repository,
    root: &Path,
    delta: &DiffDelta<'_>,
    mut file: DiffFile,
    look: DiffLook,
) -> Result<DiffFile, GitError> {
    let of = |error| GitError::of(root, error);
    let content = |side: git2::DiffFile<'_>| -> Vec<u8> {
        if let Ok(blob) = repo.find_blob(side.id()) {
            return blob.content().to_vec();
        }
        let place = repo.workdir().zip(side.path()).map(|(top, path)| top.join(path));
        let link = place.as_deref().and_then(|place| std::fs::read_link(place).ok());
        match (link, place) {
            (Some(to), _) => to.into_os_string().into_vec(),
            (None, Some(place)) if place.is_file() => std::fs::read(place).unwrap_or_default(),
            _ => Vec::new(),
        }
    };
    let (old, new) = (content(delta.old_file()), content(delta.new_file()));
    let patch = Patch::from_buffers(&old, None, &new, None, Some(&mut options(look))).map_err(of)?;
    let (hunks, counts) = shown_hunks(&patch).map_err(of)?;
    (file.n_added, file.n_removed) = (counts.n_added, counts.n_removed);
    file.content = DiffContent::Text { hunks };
    Ok(file)
}

/// A file in conflict beside what the current branch has of it, as `git diff --ours` shows it: what came in, and git's marks.
fn conflicted(repo: &Repository, root: &Path, mut file: DiffFile, look: DiffLook, is_forced: bool) -> Result<DiffFile, GitError> {
    const OURS: i32 = 2;
    let of = |error| GitError::of(root, error);
    let at = file.path.to_path_buf();
    let index = repo.index().map_err(of)?;
    let ours = index.get_path(&at, OURS);
    file.old_mode = ours.as_ref().map_or(0, |entry| canonical(entry.mode));
    let blob = ours.and_then(|entry| repo.find_blob(entry.id).ok());
    let in_folder = repo.workdir().map(|top| top.join(&at));
    let meta = in_folder.as_deref().and_then(|path| path.symlink_metadata().ok());
    let n_bytes = meta.as_ref().map_or(0, std::fs::Metadata::len);
    let old_size = blob.as_ref().map_or(0, |blob| blob.content().len() as u64);
    let bytes = n_bytes.max(old_size);
    if bytes > if is_forced { MAX_BYTES_FORCED } else { MAX_BYTES } {
        file.content = DiffContent::TooLarge {
            bytes,
            lines: 0,
            is_hopeless: bytes > MAX_BYTES_FORCED,
        };
        return Ok(file);
    }
    let is_file = meta.as_ref().is_some_and(std::fs::Metadata::is_file);
    let content = in_folder.filter(|_| is_file).and_then(|path| std::fs::read(path).ok());
    if content.is_none() {
        file.new_mode = 0;
    }
    let (old, new) = (
        blob.as_ref().map_or(&[][..], |blob| blob.content()),
        content.unwrap_or_default(),
    );
    let patch = Patch::from_buffers(old, Some(&at), &new, Some(&at), Some(&mut options(look))).map_err(of)?;
    if patch.delta().flags().is_binary() {
        file.content = DiffContent::Binary {
            old_size,
            new_size: n_bytes,
        };
        return Ok(file);
    }
    let (hunks, counts) = shown_hunks(&patch).map_err(of)?;
    (file.n_added, file.n_removed) = (counts.n_added, counts.n_removed);
    file.content = DiffContent::Text { hunks };
    Ok(file)
}

/// The patch of a text file within the limits, its lines counted; for everything else the content says what it is instead.
pub(super) fn measure<'diff>(
    repo: &Repository,
    root: &Path,
    diff: &Diff<'diff>,
    at: usize,
    file: &mut DiffFile,
    is_forced: bool,
) -> Result<Option<Patch<'diff>>, GitError> {
    let delta = diff
        .get_delta(at)
        .ok_or_else(|| GitError::NoSuchChange(file.path.display()))?;
    if file.old_mode == u32::from(FileMode::Commit) || file.new_mode == u32::from(FileMode::Commit) {
        let oid = |mode: u32, oid: Oid| (mode == u32::from(FileMode::Commit) && !oid.is_zero()).then(|| oid.to_string());
        file.content = DiffContent::Submodule {
            old: oid(file.old_mode, delta.old_file().id()),
            new: oid(file.new_mode, delta.new_file().id()),
            commits: Vec::new(),
            n_unlisted: 0,
        };
        return Ok(None);
    }
    let (old_size, new_size) = (side_size(repo, &delta.old_file()), side_size(repo, &delta.new_file()));
    let bytes = old_size.max(new_size);
    let max_bytes = if is_forced { MAX_BYTES_FORCED } else { MAX_BYTES };
    if bytes > max_bytes {
        file.content = DiffContent::TooLarge {
            bytes,
            lines: 0,
            is_hopeless: bytes > MAX_BYTES_FORCED,
        };
        return Ok(None);
    }
    let patch = Patch::from_diff(diff, at).map_err(|error| GitError::of(root, error))?;
    let Some(patch) = patch.filter(|patch| !patch.delta().flags().is_binary()) else {
        file.content = DiffContent::Binary { old_size, new_size };
        return Ok(None);
    };
    let (_, n_added, n_removed) = patch.line_stats().map_err(|error| GitError::of(root, error))?;
    (file.n_added, file.n_removed) = (n_added as u32, n_removed as u32);
    let n_lines = n_added + n_removed;
    if n_lines > if is_forced { MAX_LINES_FORCED } else { MAX_LINES } {
        let is_hopeless = n_lines > MAX_LINES_FORCED;
        file.content = DiffContent::TooLarge {
            bytes,
            lines: n_lines as u64,
            is_hopeless,
        };
        return Ok(None);
    }
    Ok(Some(patch))
}

/// The hunks of a text file's difference in exact bytes, with the file's modes. Empty for a binary file.
pub(super) fn exact_hunks(root: &Path, of: &DiffOf, path: &GitPath) -> Result<(DiffFile, Vec<ExactHunk>), GitError> {
    let repo = open(root)?;
    let diff = compare(&repo, root, of, path, None, DiffLook::default())?;
    let at = find(&diff, path).ok_or_else(|| GitError::NoSuchChange(path.display()))?;
    let delta = diff.get_delta(at).ok_or_else(|| GitError::NoSuchChange(path.display()))?;
    let file = outline(&diff, &delta, path);
    let patch = Patch::from_diff(&diff, at).map_err(|error| GitError::of(root, error))?;
    let Some(patch) = patch.filter(|patch| !patch.delta().flags().is_binary()) else {
        return Ok((file, Vec::new()));
    };
    let hunks = (0..patch.num_hunks())
        .map(|n| exact_hunk(&patch, n))
        .collect::<Result<_, _>>();
    Ok((file, hunks.map_err(|error| GitError::of(root, error))?))
}

fn options(look: DiffLook) -> DiffOptions {
    let mut options = DiffOptions::new();
    options
        .context_lines(look.context)
        .ignore_whitespace(look.ignores_space)
        .indent_heuristic(true)
        .include_untracked(true)
        .recurse_untracked_dirs(true)
        .show_untracked_content(true)
        .include_typechange(true)
        .max_size(MAX_BYTES_FORCED as i64);
    options
}

pub(super) fn compare<'repo>(
    repo: &'repo Repository,
    root: &Path,
    of: &DiffOf,
    path: &GitPath,
    old_path: Option<&GitPath>,
    look: DiffLook,
) -> Result<Diff<'repo>, GitError> {
    let mut options = options(look);
    options.disable_pathspec_match(true).pathspec(path.as_bytes());
    if let Some(old_path) = old_path {
        options.pathspec(old_path.as_bytes());
    }
    let options = Some(&mut options);
    let head = || repo.head().ok().and_then(|head| head.peel_to_tree().ok());
    let fail = |error| GitError::of(root, error);
    let reads_file = matches!(of, DiffOf::Unstaged | DiffOf::Both | DiffOf::Between { to: None, .. });
    let clean = clean::known(repo, path).filter(|_| reads_file);
    let clean = clean
        .map(|clean| clean::index_of(repo, path, &clean))
        .transpose()
        .map_err(fail)?;
    let mut diff = match of {
        DiffOf::Unstaged if let Some(Some(clean)) = &clean => {
            let index = repo.index().map_err(fail)?;
            repo.diff_index_to_index(&index, clean, options).map_err(fail)
        }
        DiffOf::Both if let Some(Some(clean)) = &clean => {
            repo.diff_tree_to_index(head().as_ref(), Some(clean), options).map_err(fail)
        }
        DiffOf::Unstaged => doubt::at_path(repo, root, path, Against::Files, |index| {
            repo.diff_index_to_workdir(Some(index), options)
        }),
        DiffOf::Staged => doubt::at_path(repo, root, path, Against::Tree, |index| {
            repo.diff_tree_to_index(head().as_ref(), Some(index), options)
        }),
        DiffOf::Both => doubt::at_path(repo, root, path, Against::Files, |_| {
            repo.diff_tree_to_workdir_with_index(head().as_ref(), options)
        }),
        DiffOf::Commit { oid } => {
            let commit = super::commit::find(repo, oid)?;
            let parent = commit.parent(0).ok().and_then(|parent| parent.tree().ok());
            let tree = commit.tree().map_err(|error| GitError::of(root, error))?;
            repo.diff_tree_to_tree(parent.as_ref(), Some(&tree), options)
                .map_err(|error| GitError::of(root, error))
        }
        DiffOf::Between { from, to } => {
            let tree = |revision: &str| {
                super::commit::find(repo, revision)?
                    .tree()
                    .map_err(|error| GitError::of(root, error))
            };
            let old = tree(from)?;
            match to {
                Some(to) => repo
                    .diff_tree_to_tree(Some(&old), Some(&tree(to)?), options)
                    .map_err(|error| GitError::of(root, error)),
                None if let Some(Some(clean)) = &clean => repo.diff_tree_to_index(Some(&old), Some(clean), options).map_err(fail),
                None => doubt::at_path(repo, root, path, Against::Files, |_| {
                    repo.diff_tree_to_workdir_with_index(Some(&old), options)
                }),
            }
        }
    }?;
    if old_path.is_some() {
        // That the two belong together was found elsewhere: here they only have to be paired.
        diff.find_similar(Some(DiffFindOptions::new().renames(true).rename_threshold(1)))
            .map_err(|error| GitError::of(root, error))?;
    }
    Ok(diff)
}

pub(super) fn find(diff: &Diff<'_>, path: &GitPath) -> Option<usize> {
    let is_here = |delta: &DiffDelta<'_>| {
        [delta.new_file(), delta.old_file()]
            .iter()
            .any(|side| side.path_bytes() == Some(path.as_bytes()))
    };
    // A file that became a link stands twice in some comparisons: the pair with both sides is the telling one.
    let deltas: Vec<(usize, DiffDelta<'_>)> = diff.deltas().enumerate().filter(|(_, delta)| is_here(delta)).collect();
    deltas
        .iter()
        .max_by_key(|(_, delta)| u8::from(delta.new_file().path_bytes() == Some(path.as_bytes())))
        .map(|(at, _)| *at)
}

pub(super) fn change_of(delta: Delta) -> Change {
    match delta {
        Delta::Added => Change::Added,
        Delta::Deleted => Change::Deleted,
        Delta::Renamed => Change::Renamed,
        Delta::Copied => Change::Copied,
        Delta::Typechange => Change::TypeChanged,
        Delta::Untracked => Change::Untracked,
        Delta::Conflicted => Change::Conflicted,
        Delta::Modified | Delta::Unmodified | Delta::Ignored | Delta::Unreadable => Change::Modified,
    }
}

/// The modes of both sides, 0 where there is none.
fn modes(diff: &Diff<'_>, delta: &DiffDelta<'_>) -> (u32, u32) {
    let paths = |delta: &DiffDelta<'_>| {
        let (old, new) = (delta.old_file(), delta.new_file());
        (old.path_bytes().map(<[u8]>::to_vec), new.path_bytes().map(<[u8]>::to_vec))
    };
    let wanted = (delta.status(), paths(delta));
    let at = diff.deltas().position(|delta| (delta.status(), paths(&delta)) == wanted);
    at.and_then(|at| all_modes(diff).get(at).copied()).unwrap_or_default()
}

/// The modes of both sides of every delta, 0 where there is none; as git takes them: a program, a plain file, a link or a submodule. git2
/// panics at any other, which old trees have, and so has the file in the place of a link where `core.filemode` is off: they are read
/// from the raw lines.
pub(super) fn all_modes(diff: &Diff<'_>) -> Vec<(u32, u32)> {
    let mut found = Vec::new();
    // `:100644 100755 3f9c2ab... 91ab33e... M`
    diff.print(git2::DiffFormat::Raw, |_, _, line| {
        let text = String::from_utf8_lossy(line.content()).into_owned();
        let mut words = text.trim_start_matches(':').split(' ');
        let mut mode = || {
            words
                .next()
                .and_then(|word| u32::from_str_radix(word, 8).ok())
                .map_or(0, canonical)
        };
        found.push((mode(), mode()));
        true
    })
    .ok();
    found
}

fn canonical(mode: u32) -> u32 {
    match mode & 0o170_000 {
        0o100_000 if mode & 0o111 == 0 => super::worktree::FILE,
        0o100_000 => super::worktree::PROGRAM,
        kind => kind,
    }
}

pub(super) fn outline(diff: &Diff<'_>, delta: &DiffDelta<'_>, path: &GitPath) -> DiffFile {
    let (old_mode, new_mode) = modes(diff, delta);
    let change = change_of(delta.status());
    let old_path = delta.old_file().path_bytes().map(GitPath::new).filter(|old| old != path);
    DiffFile {
        path: path.clone(),
        old_path,
        change,
        old_mode,
        new_mode,
        n_added: 0,
        n_removed: 0,
        content: DiffContent::Text { hunks: Vec::new() },
    }
}

/// The size of one side without reading it.
pub(super) fn side_size(repo: &Repository, file: &git2::DiffFile<'_>) -> u64 {
    if !file.exists() {
        return 0;
    }
    let in_store = || {
        let odb = repo.odb().ok()?;
        odb.read_header(file.id()).ok().map(|(size, _)| size as u64)
    };
    let on_disk = || {
        let path = repo.workdir()?.join(std::ffi::OsStr::from_bytes(file.path_bytes()?));
        path.symlink_metadata().ok().map(|meta| meta.len())
    };
    if file.id().is_zero() {
        on_disk()
    } else {
        in_store().or_else(on_disk)
    }
    .unwrap_or(file.size())
}

fn exact_hunk(patch: &Patch<'_>, n: usize) -> Result<ExactHunk, git2::Error> {
    let (hunk, n_lines) = patch.hunk(n)?;
    let mut lines = Vec::with_capacity(n_lines);
    let mut digest = Digest::default();
    for at in 0..n_lines {
        let line = patch.line_in_hunk(n, at)?;
        let Some(kind) = kind_of(&line) else { continue };
        digest.add(kind, line.content());
        lines.push((kind, line.content().to_vec()));
    }
    Ok(ExactHunk {
        id: id_of(&hunk, digest),
        lines,
    })
}

fn shown_hunk(patch: &Patch<'_>, n: usize) -> Result<Hunk, git2::Error> {
    let (hunk, n_lines) = patch.hunk(n)?;
    let mut digest = Digest::default();
    let mut lines = Vec::with_capacity(n_lines);
    for at in 0..n_lines {
        let line = patch.line_in_hunk(n, at)?;
        let Some(kind) = kind_of(&line) else { continue };
        digest.add(kind, line.content());
        let (text, end) = shown_line(line.content());
        lines.push(DiffLine {
            kind,
            old_no: line.old_lineno(),
            new_no: line.new_lineno(),
            text,
            spans: Vec::new(),
            end,
            index_no: None,
        });
    }
    words::mark(&mut lines);
    let header = String::from_utf8_lossy(hunk.header()).into_owned();
    let function = header.splitn(3, "@@").nth(2).unwrap_or_default().trim();
    Ok(Hunk {
        id: id_of(&hunk, digest),
        header: SafeText::new(function).into_string(),
        lines,
    })
}

/// Lines that a patch adds and removes.
pub(super) struct Counts {
    pub(super) n_added: u32,
    pub(super) n_removed: u32,
}

/// Every hunk of a patch, and how many lines it changes.
pub(super) fn shown_hunks(patch: &Patch<'_>) -> Result<(Vec<Hunk>, Counts), git2::Error> {
    let (_, n_added, n_removed) = patch.line_stats()?;
    let hunks = (0..patch.num_hunks())
        .map(|n| shown_hunk(patch, n))
        .collect::<Result<_, _>>()?;
    let counts = Counts {
        n_added: n_added as u32,
        n_removed: n_removed as u32,
    };
    Ok((hunks, counts))
}

/// A line's text as it is shown, and how it ends.
pub(super) fn shown_line(line: &[u8]) -> (String, LineEnd) {
    let (body, end) = match line {
        line if line.ends_with(b"\r\n") => (&line[..line.len() - 2], LineEnd::CrLf),
        line if line.ends_with(b"\n") => (&line[..line.len() - 1], LineEnd::Lf),
        line => (line, LineEnd::None),
    };
    (SafeText::from_bytes(body).into_string(), end)
}

/// None for libgit2's notes that a side has no line break at its end: the line itself shows it.
pub(super) fn kind_of(line: &git2::DiffLine<'_>) -> Option<LineKind> {
    match line.origin() {
        ' ' => Some(LineKind::Context),
        '+' => Some(LineKind::Added),
        '-' => Some(LineKind::Removed),
        _ => None,
    }
}

fn id_of(hunk: &git2::DiffHunk<'_>, digest: Digest) -> HunkId {
    HunkId {
        old_start: hunk.old_start(),
        old_lines: hunk.old_lines(),
        new_start: hunk.new_start(),
        new_lines: hunk.new_lines(),
        digest: digest.0,
    }
}

pub(super) struct Digest(pub(super) u32);

impl Default for Digest {
    fn default() -> Self {
        Self(0x811c_9dc5)
    }
}

impl Digest {
    pub(super) fn add(&mut self, kind: LineKind, bytes: &[u8]) {
        for byte in [kind as u8].iter().chain(bytes) {
            self.0 = (self.0 ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
        }
    }
}
