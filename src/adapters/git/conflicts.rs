//! Files that git could not merge: listed from the index's stages, laid out for the editor, and resolved byte by byte.

use super::index::{Entries, IndexState};
use super::merge3::{has_marks, lines, merged, segments};
use super::open::{open, open_checkout};
use super::program::Repo;
use super::worktree::{self, FILE, LINK, PROGRAM, SUBMODULE};
use super::{Git, GitError, blocking};
use crate::base::operation::{
    ConflictFile, ConflictKind, ConflictSide, ConflictSort, ConflictText, OperationState, Resolution, Segment, SegmentKind, Side,
};
use crate::base::repo::{Operation, short_oid};
use crate::base::{GitPath, Problem, SafeText};
use git2::{IndexEntry, Oid, Repository};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use tokio_util::sync::CancellationToken;

/// Larger versions are resolved as a whole.
const MAX_TEXT_BYTES: u64 = 8 * 1024 * 1024;
/// Bytes in which a NUL means that the content is no text, as git looks.
const BINARY_PROBE: usize = 8000;
const DEFAULT_MARK_SIZE: usize = 7;

/// What a resolution does to index and file.
struct Resolved {
    state: Option<IndexState>,
    path: GitPath,
}

impl Git {
    /// Every path in conflict, with what its versions are. Safe in any folder.
    pub fn conflicts(&self, root: &Path) -> Result<Vec<ConflictFile>, Problem> {
        Ok(list(root)?)
    }

    /// What git is in the middle of. Safe in any folder.
    pub fn operation(&self, root: &Path) -> Result<Option<OperationState>, Problem> {
        Ok(super::operation::operation(root)?)
    }

    /// One file in conflict, laid out stretch by stretch. Safe in any folder.
    pub fn conflict_text(&self, root: &Path, path: &GitPath) -> Result<ConflictText, Problem> {
        Ok(conflict_text(root, path)?)
    }

    /// Resolves a file in conflict. Its stages leave the index, so take a snapshot before.
    pub async fn resolve_conflict(
        &self,
        repo: Repo<'_>,
        path: &GitPath,
        resolution: &Resolution,
        is_forced: bool,
        cancel: &CancellationToken,
    ) -> Result<(), Problem> {
        super::trusted(repo)?;
        let (root, at, how) = (repo.root.to_path_buf(), path.clone(), resolution.clone());
        let resolved = blocking(move || resolved(&root, at, &how, is_forced)).await?;
        let Some(resolved) = resolved else {
            return self
                .run_on_paths(repo, &["add", "--all"], std::slice::from_ref(path), cancel)
                .await;
        };
        // The file as git would write it: line breaks and filters of the checkout are for it to know.
        let bytes = match &resolved.state {
            Some(state) if state.mode == LINK => {
                let args = ["cat-file", "blob", &state.oid];
                Some(self.program().read(repo, &args, cancel).await?)
            }
            Some(state) if state.mode != SUBMODULE => {
                let mut of_path = std::ffi::OsString::from("--path=");
                of_path.push(path.to_path_buf());
                let args = ["cat-file".into(), "--filters".into(), of_path, state.oid.clone().into()];
                Some(self.program().read(repo, &args, cancel).await?)
            }
            _ => None,
        };
        let states: Vec<IndexState> = resolved.state.iter().cloned().collect();
        self.put_index(repo, &Entries::from([(resolved.path.clone(), states)]), cancel)
            .await?;
        let root = repo.root.to_path_buf();
        blocking(move || {
            let (_, top) = open_checkout(&root)?;
            let file = worktree::locate(&top, &resolved.path)?;
            match (&resolved.state, bytes) {
                (Some(state), Some(bytes)) => worktree::write(&file, &bytes, state.mode),
                (None, _) if !file.is_dir() => worktree::remove(&top, &file),
                _ => Ok(()),
            }
        })
        .await
    }
}

/// Paths in conflict, counted.
pub(super) fn n_conflicted(repo: &Repository, root: &Path) -> Result<u32, GitError> {
    let index = repo.index().map_err(|error| GitError::of(root, error))?;
    if !index.has_conflicts() {
        return Ok(0);
    }
    let conflicts = index.conflicts().map_err(|error| GitError::of(root, error))?;
    Ok(conflicts.count() as u32)
}

fn list(root: &Path) -> Result<Vec<ConflictFile>, GitError> {
    let of = |error| GitError::of(root, error);
    let repo = open(root)?;
    let index = repo.index().map_err(of)?;
    let mut found: BTreeMap<GitPath, [Option<ConflictSide>; 3]> = BTreeMap::new();
    if index.has_conflicts() {
        for conflict in index.conflicts().map_err(of)? {
            let conflict = conflict.map_err(of)?;
            let sides = [conflict.ancestor, conflict.our, conflict.their];
            for (at, entry) in sides.into_iter().enumerate() {
                let Some(entry) = entry else { continue };
                let path = GitPath::new(entry.path.clone());
                found.entry(path).or_default()[at] = Some(side(&repo, &entry));
            }
        }
    }
    let mut files: Vec<ConflictFile> = found
        .into_iter()
        .map(|(path, [base, ours, theirs])| file(&repo, path, base, ours, theirs))
        .collect();
    find_renames(&repo, &mut files);
    Ok(files)
}

fn side(repo: &Repository, entry: &IndexEntry) -> ConflictSide {
    let size = repo
        .odb()
        .and_then(|odb| odb.read_header(entry.id))
        .map_or(0, |(size, _)| size as u64);
    ConflictSide {
        mode: entry.mode,
        oid: entry.id.to_string(),
        size,
    }
}

fn file(
    repo: &Repository,
    path: GitPath,
    base: Option<ConflictSide>,
    ours: Option<ConflictSide>,
    theirs: Option<ConflictSide>,
) -> ConflictFile {
    let kind = match (&base, &ours, &theirs) {
        (_, None, None) => ConflictKind::BothDeleted,
        (Some(_), None, Some(_)) => ConflictKind::DeletedByUs,
        (Some(_), Some(_), None) => ConflictKind::DeletedByThem,
        (None, Some(_), None) => ConflictKind::AddedByUs,
        (None, None, Some(_)) => ConflictKind::AddedByThem,
        (None, Some(_), Some(_)) => ConflictKind::BothAdded,
        (Some(_), Some(_), Some(_)) => ConflictKind::BothModified,
    };
    let sides = || [&base, &ours, &theirs].into_iter().flatten();
    let is_kind = |mode: u32| sides().all(|side| side.mode == mode);
    let sort = if is_kind(SUBMODULE) {
        ConflictSort::Submodule
    } else if is_kind(LINK) {
        ConflictSort::Link
    } else if sides().any(|side| matches!(side.mode, SUBMODULE | LINK)) {
        ConflictSort::Mixed
    } else if sides().any(|side| side.size > MAX_TEXT_BYTES || is_binary(repo, &side.oid)) {
        ConflictSort::Binary
    } else {
        ConflictSort::Text
    };
    let is_mode_conflict = match (&base, &ours, &theirs) {
        (base, Some(ours), Some(theirs)) => {
            let old = base.as_ref().map(|base| base.mode);
            ours.mode != theirs.mode && old != Some(ours.mode) && old != Some(theirs.mode)
        }
        _ => false,
    };
    ConflictFile {
        path,
        kind,
        sort,
        base,
        ours,
        theirs,
        renamed_from: None,
        is_mode_conflict,
    }
}

fn is_binary(repo: &Repository, oid: &str) -> bool {
    let blob = Oid::from_str(oid).and_then(|oid| repo.find_blob(oid));
    blob.is_ok_and(|blob| blob.content().iter().take(BINARY_PROBE).any(|byte| *byte == 0))
}

/// A path that one side added while the former one is gone on both: that side renamed it there.
fn find_renames(repo: &Repository, files: &mut [ConflictFile]) {
    let gone: Vec<(GitPath, String)> = files
        .iter()
        .filter(|file| file.kind == ConflictKind::BothDeleted)
        .filter_map(|file| Some((file.path.clone(), file.base.as_ref()?.oid.clone())))
        .collect();
    for file in files {
        let added = match file.kind {
            ConflictKind::AddedByUs => &file.ours,
            ConflictKind::AddedByThem => &file.theirs,
            _ => continue,
        };
        let Some(added) = added else { continue };
        let likeness = |oid: &str| {
            if oid == added.oid {
                1.0
            } else {
                common(repo, oid, &added.oid)
            }
        };
        file.renamed_from = gone
            .iter()
            .map(|(path, oid)| (likeness(oid), path))
            .filter(|(likeness, _)| *likeness >= 0.5)
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, path)| path.clone());
    }
}

/// The share of lines that two contents have in common.
fn common(repo: &Repository, a: &str, b: &str) -> f32 {
    let blob = |oid: &str| Oid::from_str(oid).and_then(|oid| repo.find_blob(oid)).ok();
    let (Some(a), Some(b)) = (blob(a), blob(b)) else { return 0.0 };
    let mut counts: BTreeMap<&[u8], i32> = BTreeMap::new();
    let (a, b) = (lines(a.content()), lines(b.content()));
    for line in &a {
        *counts.entry(line).or_default() += 1;
    }
    let mut n_common = 0;
    for line in &b {
        if let Some(count) = counts.get_mut(line).filter(|count| **count > 0) {
            *count -= 1;
            n_common += 1;
        }
    }
    n_common as f32 / a.len().max(b.len()).max(1) as f32
}

fn one(root: &Path, path: &GitPath) -> Result<ConflictFile, GitError> {
    let found = list(root)?.into_iter().find(|file| file.path == *path);
    found.ok_or_else(|| GitError::NotInConflict(path.display()))
}

fn content(repo: &Repository, root: &Path, side: Option<&ConflictSide>) -> Result<Vec<u8>, GitError> {
    let Some(side) = side else { return Ok(Vec::new()) };
    let oid = Oid::from_str(&side.oid).map_err(|error| GitError::of(root, error))?;
    let blob = repo.find_blob(oid).map_err(|error| GitError::of(root, error))?;
    Ok(blob.content().to_vec())
}

fn conflict_text(root: &Path, path: &GitPath) -> Result<ConflictText, GitError> {
    let file = one(root, path)?;
    let (repo, top) = open_checkout(root)?;
    let (ours_name, theirs_name) = side_names(&repo);
    if !file.has_blocks() {
        return Ok(ConflictText {
            file,
            segments: Vec::new(),
            base: Vec::new(),
            ours: Vec::new(),
            theirs: Vec::new(),
            ours_name,
            theirs_name,
            is_typable: false,
            is_edited: false,
        });
    }
    let base = content(&repo, root, file.base.as_ref())?;
    let ours = content(&repo, root, file.ours.as_ref())?;
    let theirs = content(&repo, root, file.theirs.as_ref())?;
    let shown = |bytes: &[u8]| -> Vec<String> {
        let line = |line: &&[u8]| {
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            SafeText::from_bytes(line.strip_suffix(b"\r").unwrap_or(line)).into_string()
        };
        lines(bytes).iter().map(line).collect()
    };
    let (base_lines, our_lines, their_lines) = (shown(&base), shown(&ours), shown(&theirs));
    // A line that had to be made safe to show can not be typed anew without changing it.
    let is_same = |bytes: &[u8], shown: &[String]| std::str::from_utf8(bytes).is_ok_and(|text| text.lines().eq(shown));
    Ok(ConflictText {
        segments: segments(root, &base, &ours, &theirs)?,
        is_typable: is_same(&base, &base_lines) && is_same(&ours, &our_lines) && is_same(&theirs, &their_lines),
        is_edited: is_edited(&repo, &top, path),
        base: base_lines,
        ours: our_lines,
        theirs: their_lines,
        file,
        ours_name,
        theirs_name,
    })
}

/// Whether the file is no longer what git wrote there. Git keeps that as the tree `AUTO_MERGE`.
fn is_edited(repo: &Repository, top: &Path, path: &GitPath) -> bool {
    let without_cr = |bytes: &[u8]| bytes.iter().copied().filter(|byte| *byte != b'\r').collect::<Vec<u8>>();
    let written = || {
        let name = std::fs::read_to_string(repo.path().join("AUTO_MERGE")).ok()?;
        let tree = repo.find_tree(Oid::from_str(name.trim()).ok()?).ok()?;
        let blob = repo.find_blob(tree.get_path(&path.to_path_buf()).ok()?.id()).ok()?;
        Some(without_cr(blob.content()))
    };
    let now = worktree::locate(top, path).ok().and_then(|file| std::fs::read(file).ok());
    match (written(), now) {
        (Some(written), Some(now)) => written != without_cr(&now),
        _ => false,
    }
}

/// What the two sides are called: branches where there are some. In a rebase "ours" is where the commits go.
fn side_names(repo: &Repository) -> (String, String) {
    let head = repo.head().ok();
    let head = head.filter(|head| head.is_branch()).map_or_else(
        || "HEAD".to_owned(),
        |head| SafeText::from_bytes(head.shorthand_bytes()).into_string(),
    );
    let Some(operation) = super::operation::read(repo) else {
        return (head, String::new());
    };
    let current = operation
        .current
        .map(|commit| format!("{} {}", short_oid(&commit.oid), commit.summary));
    match operation.kind {
        Operation::Rebase => (operation.onto.unwrap_or(head), current.unwrap_or_default()),
        Operation::Merge => (head, operation.onto.unwrap_or_default()),
        _ => (head, current.unwrap_or_default()),
    }
}

fn entry(side: &ConflictSide) -> IndexState {
    IndexState {
        mode: side.mode,
        oid: side.oid.clone(),
        stage: 0,
    }
}

/// None where the file is taken as it stands among the files.
fn resolved(root: &Path, path: GitPath, how: &Resolution, is_forced: bool) -> Result<Option<Resolved>, GitError> {
    let file = one(root, &path)?;
    match how {
        Resolution::Whole { side } => {
            let side = match side {
                Side::Base => &file.base,
                Side::Ours => &file.ours,
                Side::Theirs => &file.theirs,
            };
            let state = side.as_ref().map(entry);
            return Ok(Some(Resolved { state, path }));
        }
        Resolution::AsItIs => {
            let (repo, top) = open_checkout(root)?;
            let at = worktree::locate(&top, &path)?;
            let bytes = std::fs::read(&at).unwrap_or_default();
            if !is_forced && file.sort == ConflictSort::Text && has_marks(&bytes, mark_size(&repo, &path)) {
                return Err(GitError::MarksLeft(path.display()));
            }
            return Ok(None);
        }
        Resolution::Blocks { .. } | Resolution::EveryBlock { .. } => {}
    }
    if !file.has_blocks() {
        return Err(GitError::NoBlocks(path.display()));
    }
    let (repo, top) = open_checkout(root)?;
    if !is_forced && is_edited(&repo, &top, &path) {
        return Err(GitError::EditedMeanwhile(path.display()));
    }
    let base = content(&repo, root, file.base.as_ref())?;
    let ours = content(&repo, root, file.ours.as_ref())?;
    let theirs = content(&repo, root, file.theirs.as_ref())?;
    let segments = segments(root, &base, &ours, &theirs)?;
    let is_conflict = |segment: &&Segment| segment.kind == SegmentKind::Conflict;
    let n_conflicts = segments.iter().filter(is_conflict).count();
    let choices = match how {
        Resolution::Blocks { choices } => choices.clone(),
        Resolution::EveryBlock { choice } => vec![choice.clone(); n_conflicts],
        Resolution::Whole { .. } | Resolution::AsItIs => Vec::new(),
    };
    let bytes = (choices.len() == n_conflicts)
        .then(|| merged(&base, &ours, &theirs, &segments, &choices))
        .flatten()
        .ok_or_else(|| GitError::Undecided(path.display()))?;
    let had_marks = has_marks(&ours, DEFAULT_MARK_SIZE) || has_marks(&theirs, DEFAULT_MARK_SIZE);
    if !is_forced && !had_marks && has_marks(&bytes, mark_size(&repo, &path)) {
        return Err(GitError::MarksLeft(path.display()));
    }
    let oid = repo.blob(&bytes).map_err(|error| GitError::of(root, error))?;
    Ok(Some(Resolved {
        state: Some(IndexState {
            mode: merged_mode(&file),
            oid: oid.to_string(),
            stage: 0,
        }),
        path,
    }))
}

/// The mode that one side changed; ours when both did.
fn merged_mode(file: &ConflictFile) -> u32 {
    let mode = |side: &Option<ConflictSide>| side.as_ref().map(|side| side.mode);
    let (base, ours, theirs) = (mode(&file.base), mode(&file.ours), mode(&file.theirs));
    let chosen = if ours == base { theirs.or(ours) } else { ours };
    if chosen == Some(PROGRAM) { PROGRAM } else { FILE }
}

/// Files in conflict.
pub(super) fn count(root: &Path) -> Option<usize> {
    let n = paths(&open_checkout(root).ok()?.0)?.len();
    (n > 0).then_some(n)
}

fn paths(repo: &Repository) -> Option<BTreeSet<GitPath>> {
    let index = repo.index().ok()?;
    let found = index.conflicts().ok()?.flatten();
    let sides = found.filter_map(|conflict| conflict.our.or(conflict.their).or(conflict.ancestor));
    Some(sides.map(|entry| GitPath::new(entry.path)).collect())
}

/// A file in conflict at or below these paths (anywhere, when there are none) that still has git's marks in it.
pub(super) fn with_marks(root: &Path, wanted: &[GitPath]) -> Result<Option<GitPath>, GitError> {
    let (repo, top) = open_checkout(root)?;
    let is_meant = |path: &GitPath| wanted.is_empty() || wanted.iter().any(|wanted| path.is_at_or_below(wanted));
    let found = paths(&repo).unwrap_or_default();
    Ok(found.into_iter().filter(is_meant).find(|path| {
        let bytes = worktree::locate(&top, path).ok().and_then(|at| std::fs::read(at).ok());
        bytes.is_some_and(|bytes| has_marks(&bytes, mark_size(&repo, path)))
    }))
}

fn mark_size(repo: &Repository, path: &GitPath) -> usize {
    let flags = git2::AttrCheckFlags::FILE_THEN_INDEX;
    let value = repo
        .get_attr(&path.to_path_buf(), "conflict-marker-size", flags)
        .ok()
        .flatten();
    value
        .and_then(|value| value.parse().ok())
        .filter(|size| *size > 0)
        .unwrap_or(DEFAULT_MARK_SIZE)
}
