//! How a repository stands, read without running anything: HEAD, refs, index, stashes, and what git is in the middle of.

use super::super::worktree::{FILE, LINK, PROGRAM, SavedFile};
use super::super::{GitError, clean, flat, open};
use super::record::{HeadAt, IndexChange, IndexSnap, OperationFiles, Pair, Staged, Stand};
use crate::base::GitPath;
use git2::{ConfigLevel, DiffOptions, Index, IndexEntryExtendedFlag, ObjectType, Oid, Repository, Tree};
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

pub(super) const STASH: &str = "refs/stash";
/// Our own refs, which are no part of what is kept.
const OURS: &str = "refs/chantier/";
/// Files and folders of git's own folder that belong to an operation. `ORIG_HEAD` and `FETCH_HEAD` are notes that no command needs.
const OPERATION: &[&str] = &[
    "MERGE_HEAD",
    "MERGE_MSG",
    "MERGE_MODE",
    "MERGE_RR",
    "MERGE_AUTOSTASH",
    "AUTO_MERGE",
    "SQUASH_MSG",
    "CHERRY_PICK_HEAD",
    "REVERT_HEAD",
    "REBASE_HEAD",
    "BISECT_LOG",
    "BISECT_START",
    "BISECT_TERMS",
    "BISECT_NAMES",
    "BISECT_EXPECTED_REV",
    "BISECT_ANCESTORS_OK",
    "BISECT_FIRST_PARENT",
    "BISECT_RUN",
    "rebase-merge",
    "rebase-apply",
    "sequencer",
];
/// Sections of the configuration that acts on branches, remotes and submodules change.
const SECTIONS: [&str; 3] = ["branch.", "remote.", "submodule."];

pub(super) fn stand(repo: &Repository, root: &Path) -> Result<Stand, GitError> {
    let of = |error| GitError::of(root, error);
    Ok(Stand {
        head: head(repo),
        refs: refs(repo).map_err(of)?,
        index: index_snap(repo, root)?,
        operation: operation(repo, root)?,
        stash: stash_log(repo, root)?,
        config: config(repo).map_err(of)?,
    })
}

pub(in super::super) fn head(repo: &Repository) -> HeadAt {
    let head = repo.find_reference("HEAD").ok();
    let target = head.as_ref().and_then(|head| head.symbolic_target().ok().flatten());
    HeadAt {
        branch: target.map(str::to_owned),
        oid: repo
            .head()
            .ok()
            .and_then(|head| head.peel_to_commit().ok())
            .map(|commit| commit.id().to_string()),
    }
}

/// Names that are not UTF-8 are left out: nothing here makes or moves them.
fn refs(repo: &Repository) -> Result<BTreeMap<String, String>, git2::Error> {
    let mut refs = BTreeMap::new();
    for reference in repo.references()? {
        // A broken ref is nobody's to keep.
        let Ok(reference) = reference else { continue };
        let Ok(name) = std::str::from_utf8(reference.name_bytes()) else {
            continue;
        };
        if name == STASH || name.starts_with(OURS) {
            continue;
        }
        let value = match (reference.target(), reference.symbolic_target_bytes()) {
            (Some(oid), _) => oid.to_string(),
            (None, Some(target)) => format!("ref: {}", String::from_utf8_lossy(target)),
            (None, None) => continue,
        };
        refs.insert(name.to_owned(), value);
    }
    Ok(refs)
}

/// The ref is gone, or no longer leads to what it led to.
pub(super) fn is_loss(repo: &Repository, pair: &Pair<Option<String>>) -> bool {
    let Some(before) = &pair.before else { return false };
    let Some(after) = &pair.after else { return true };
    match (Oid::from_str(before), Oid::from_str(after)) {
        (Ok(before), Ok(after)) => !repo.graph_descendant_of(after, before).unwrap_or(false),
        // Symbolic: `origin/HEAD` shows another branch there.
        _ => false,
    }
}

pub(super) fn index_snap(repo: &Repository, root: &Path) -> Result<IndexSnap, GitError> {
    let of = |error| GitError::of(root, error);
    // A clone may lack contents on purpose; the ids are kept all the same.
    git2::opts::strict_object_creation(false);
    let mut index = flat::reread(repo, root, true)?;
    let mut special = Vec::new();
    for entry in index.iter() {
        let found = staged(&entry);
        if !found.is_plain() {
            special.push((GitPath::new(entry.path), found));
        }
    }
    let tree = if special.is_empty() {
        index.write_tree().map_err(of)?
    } else {
        let mut plain = Index::new().map_err(of)?;
        for entry in index.iter().filter(|entry| staged(entry).is_plain()) {
            plain.add(&entry).map_err(of)?;
        }
        plain.write_tree_to(repo).map_err(of)?
    };
    Ok(IndexSnap {
        tree: tree.to_string(),
        special,
    })
}

fn staged(entry: &git2::IndexEntry) -> Staged {
    Staged {
        mode: entry.mode,
        oid: entry.id.to_string(),
        stage: ((entry.flags >> 12) & 3) as u8,
        is_intent: entry.flags_extended & IndexEntryExtendedFlag::INTENT_TO_ADD.bits() != 0,
    }
}

pub(super) fn tree<'repo>(repo: &'repo Repository, id: &str) -> Result<Tree<'repo>, git2::Error> {
    repo.find_tree(Oid::from_str(id)?)
}

impl IndexSnap {
    /// What stands at a path.
    pub(super) fn at(&self, tree: &Tree<'_>, path: &GitPath) -> Vec<Staged> {
        let special: Vec<Staged> = self
            .special
            .iter()
            .filter(|(found, _)| found == path)
            .map(|(_, staged)| staged.clone())
            .collect();
        if !special.is_empty() {
            return special;
        }
        let entry = tree.get_path(&path.to_path_buf()).ok();
        let entry = entry.filter(|entry| entry.kind() != Some(ObjectType::Tree));
        let plain = entry.map(|entry| Staged {
            mode: entry.filemode() as u32,
            oid: entry.id().to_string(),
            stage: 0,
            is_intent: false,
        });
        plain.into_iter().collect()
    }
}

/// Every path that differs between two states of the index.
pub(super) fn index_changes(repo: &Repository, before: &IndexSnap, after: &IndexSnap) -> Result<Vec<IndexChange>, git2::Error> {
    if before == after {
        return Ok(Vec::new());
    }
    let (old, new) = (tree(repo, &before.tree)?, tree(repo, &after.tree)?);
    let mut paths: BTreeSet<GitPath> = added_or_changed(repo, &old, &new, |_| true)?.into_iter().collect();
    paths.extend(before.special.iter().chain(&after.special).map(|(path, _)| path.clone()));
    let change = |path: GitPath| {
        let (before, after) = (before.at(&old, &path), after.at(&new, &path));
        (before != after).then_some(IndexChange { path, before, after })
    };
    Ok(paths.into_iter().filter_map(change).collect())
}

/// Paths that differ between two trees and are of a wanted kind.
fn added_or_changed(
    repo: &Repository,
    old: &Tree<'_>,
    new: &Tree<'_>,
    is_wanted: impl Fn(git2::Delta) -> bool,
) -> Result<Vec<GitPath>, git2::Error> {
    let mut options = DiffOptions::new();
    options.skip_binary_check(true).include_typechange(true);
    let diff = repo.diff_tree_to_tree(Some(old), Some(new), Some(&mut options))?;
    let wanted = diff.deltas().filter(|delta| is_wanted(delta.status()));
    Ok(wanted
        .filter_map(|delta| delta.new_file().path_bytes().or_else(|| delta.old_file().path_bytes()))
        .map(GitPath::new)
        .collect())
}

/// Paths that a revision has and the index has not: an untracked file there would be overwritten.
pub(super) fn brought(repo: &Repository, index: &IndexSnap, revision: &str) -> Result<Vec<GitPath>, GitError> {
    let root = repo.path().to_path_buf();
    let commit = super::super::commit::find(repo, revision)?;
    let of = |error| GitError::of(&root, error);
    let (old, new) = (tree(repo, &index.tree).map_err(of)?, commit.tree().map_err(of)?);
    let mut paths = added_or_changed(repo, &old, &new, |delta| delta == git2::Delta::Added).map_err(of)?;
    let special: BTreeSet<&GitPath> = index.special.iter().map(|(path, _)| path).collect();
    paths.retain(|path| !special.contains(path));
    Ok(paths)
}

/// Files whose bytes the index does not hold (line breaks, filters and encodings are changed on the way), and that an act may write
/// although nothing of them is unstaged: what is staged, and what differs from these revisions.
pub(super) fn converted(
    repo: &Repository,
    top: &Path,
    index: &IndexSnap,
    revisions: &[String],
) -> Result<Vec<GitPath>, GitError> {
    let root = repo.path().to_path_buf();
    let of = |error| GitError::of(&root, error);
    let staged = tree(repo, &index.tree).map_err(of)?;
    let mut paths = Vec::new();
    let head = repo.head().ok().and_then(|head| head.peel_to_tree().ok());
    if let Some(head) = &head {
        paths.extend(added_or_changed(repo, head, &staged, |_| true).map_err(of)?);
    }
    for revision in revisions {
        let commit = super::super::commit::find(repo, revision)?;
        let there = commit.tree().map_err(of)?;
        paths.extend(added_or_changed(repo, &staged, &there, |_| true).map_err(of)?);
    }
    paths.sort();
    paths.dedup();
    paths.retain(|path| clean::changes_bytes(repo, path) && top.join(path.to_path_buf()).symlink_metadata().is_ok());
    Ok(paths)
}

/// Everything that git keeps of a merge, a rebase and the like.
pub(super) fn operation(repo: &Repository, root: &Path) -> Result<OperationFiles, GitError> {
    let mut files = OperationFiles::new();
    for name in OPERATION {
        keep_below(repo, root, &repo.path().join(name), name, &mut files)?;
    }
    Ok(files)
}

fn keep_below(repo: &Repository, root: &Path, at: &Path, name: &str, files: &mut OperationFiles) -> Result<(), GitError> {
    let Ok(meta) = at.symlink_metadata() else { return Ok(()) };
    if meta.is_dir() {
        for entry in std::fs::read_dir(at).map_err(|error| GitError::file(at, error))?.flatten() {
            if let Some(child) = entry.file_name().to_str() {
                keep_below(repo, root, &entry.path(), &format!("{name}/{child}"), files)?;
            }
        }
        return Ok(());
    }
    let fail = |error| GitError::file(at, error);
    let (mode, bytes) = if meta.is_symlink() {
        let target = std::fs::read_link(at).map_err(fail)?;
        (LINK, target.as_os_str().as_bytes().to_vec())
    } else {
        let mode = if meta.mode() & 0o111 == 0 { FILE } else { PROGRAM };
        (mode, std::fs::read(at).map_err(fail)?)
    };
    let oid = repo.blob(&bytes).map_err(|error| GitError::of(root, error))?.to_string();
    files.insert(
        name.to_owned(),
        SavedFile {
            mode,
            oid,
            permissions: None,
        },
    );
    Ok(())
}

/// Only a part of the files is checked out.
pub(super) fn is_sparse(repo: &Repository) -> bool {
    repo.config()
        .and_then(|config| config.get_bool("core.sparseCheckout"))
        .unwrap_or(false)
}

pub(super) fn log_path(repo: &Repository, name: &str) -> PathBuf {
    repo.commondir().join("logs").join(name)
}

fn stash_log(repo: &Repository, root: &Path) -> Result<Option<String>, GitError> {
    if repo.find_reference(STASH).is_err() {
        return Ok(None);
    }
    keep_log(repo, root, STASH)
}

/// The log of a ref as a blob; None when it has none.
pub(super) fn keep_log(repo: &Repository, root: &Path, name: &str) -> Result<Option<String>, GitError> {
    let Ok(bytes) = std::fs::read(log_path(repo, name)) else {
        return Ok(None);
    };
    let oid = repo.blob(&bytes).map_err(|error| GitError::of(root, error))?;
    Ok(Some(oid.to_string()))
}

/// The commits that a log leads to, the newest last.
pub(super) fn commits_of_log(repo: &Repository, blob: &str) -> Vec<String> {
    let blob = Oid::from_str(blob).and_then(|oid| repo.find_blob(oid));
    let text = blob.map(|blob| String::from_utf8_lossy(blob.content()).into_owned());
    let text = text.unwrap_or_default();
    text.lines()
        .filter_map(|line| line.split(' ').nth(1).map(str::to_owned))
        .collect()
}

fn config(repo: &Repository) -> Result<BTreeMap<String, Vec<String>>, git2::Error> {
    let mut settings: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let whole = repo.config()?;
    let Ok(local) = whole.open_level(ConfigLevel::Local) else {
        return Ok(settings);
    };
    let mut entries = local.entries(None)?;
    while let Some(entry) = entries.next() {
        let entry = entry?;
        let (Ok(name), Ok(value)) = (entry.name(), entry.value()) else {
            continue;
        };
        if SECTIONS.iter().any(|section| name.starts_with(section)) {
            settings.entry(name.to_owned()).or_default().push(value.to_owned());
        }
    }
    Ok(settings)
}

/// The worktree that a repository was opened through, by its git folder below the common one.
pub(super) fn worktree_name(repo: &Repository) -> String {
    let below = repo.path().strip_prefix(repo.commondir()).unwrap_or(Path::new(""));
    below.to_string_lossy().trim_end_matches('/').to_owned()
}

/// Opens a repository, and tells the top of its files; a bare one has none, and acts on its refs alone are kept as any others.
pub(in super::super) fn open_top(root: &Path) -> Result<(Repository, PathBuf), GitError> {
    let repo = open::open(root)?;
    let top = repo.workdir().unwrap_or(repo.path()).to_path_buf();
    Ok((repo, top))
}
