//! Status of large checkouts: the index parsed once, files looked at on two threads, content hashed only where the facts of a file do not
//! settle it, and, once watched, only what was touched. Runs nothing. What is not understood for sure (sparse or split indexes, what is
//! in submodules, converted content) is left to git's program or to libgit2.
//!
//! `cargo bench --bench git -- P-GIT-2` measures it beside git (QUALITY.md, P-GIT-2).

mod files;
mod head_tree;
mod index_file;

use super::doubt::{self, Against};
use super::status::{count_ahead_behind, head_facts, push_entry, tells_untracked};
use super::{GitError, open, staged_renames};
use crate::base::GitPath;
use crate::base::repo::{Change, RepoSummary, Status, StatusEntry};
use files::{Found, Rules};
use git2::{AttrCheckFlags, ObjectType, Oid, Repository};
use head_tree::Staged;
pub(super) use index_file::Identity;
pub(in crate::git) use index_file::IndexFile;
use index_file::{Entry, LINK};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// More paths with converted content than this are one question about everything.
pub(super) const MAX_ASKED: usize = 100;
/// Attributes that make git change content on its way between file and index.
const CONVERTING: [&str; 6] = ["text", "eol", "crlf", "ident", "filter", "working-tree-encoding"];

/// A checkout as it was at one moment, kept so that the next status looks only at what was touched.
pub struct Snapshot {
    root: PathBuf,
    top: PathBuf,
    git_dir: PathBuf,
    common_dir: PathBuf,
    repo: Repository,
    rules: Rules,
    converts: bool,
    index: IndexFile,
    summary: RepoSummary,
    head_tree: Option<Oid>,
    staged: Staged,
    /// By entry of the index.
    changed: BTreeMap<usize, Change>,
    /// Submodules, and entries whose content git converts: only git can say whether they changed.
    pub(super) asked: BTreeSet<usize>,
    untracked: BTreeSet<Vec<u8>>,
}

impl Snapshot {
    /// Looks at everything. None where only git itself is surely right, and when it was cancelled.
    pub(super) fn read(
        root: &Path,
        is_trusted: bool,
        is_cancelled: &(dyn Fn() -> bool + Sync),
    ) -> Result<Option<Self>, GitError> {
        let repo = open::open(root)?;
        let Some(top) = repo.workdir().map(Path::to_path_buf) else {
            return Ok(None);
        };
        let Ok(config) = repo.config().and_then(|mut config| config.snapshot()) else {
            return Ok(None);
        };
        let flag = |name: &str, default: bool| config.get_bool(name).unwrap_or(default);
        if flag("core.ignorecase", false) || !flag("core.symlinks", true) || std::env::var_os("GIT_INDEX_FILE").is_some() {
            return Ok(None);
        }
        let converts = config.get_entry("core.autocrlf").is_ok() || config.get_entry("core.attributesfile").is_ok();
        let (git_dir, common_dir) = (repo.path().to_path_buf(), repo.commondir().to_path_buf());
        let Some(index) = IndexFile::read(&git_dir.join("index")) else {
            return Ok(None);
        };
        let summary = facts(&repo, root)?;
        let head_tree = head_tree(&repo);
        let Some(staged) = head_tree::staged(&repo, head_tree, &index) else {
            return Ok(None);
        };
        let has_submodules = !staged.submodules.is_empty() || index.entries.iter().any(Entry::is_submodule);
        if has_submodules && (!is_trusted || ignores_submodules(&config, &top)) {
            return Ok(None);
        }
        let mut snapshot = Self {
            root: root.to_path_buf(),
            top,
            git_dir,
            common_dir,
            rules: Rules {
                trusts_mode: flag("core.filemode", true),
                looks_at_skipped: doubt::looks_at_skipped(&repo),
                tells_untracked: tells_untracked(&repo),
            },
            converts,
            index,
            summary,
            head_tree,
            staged,
            changed: BTreeMap::new(),
            asked: BTreeSet::new(),
            untracked: BTreeSet::new(),
            repo,
        };
        let dir = snapshot.open_top()?;
        let Some(found) = files::look(dir.as_fd(), &snapshot.index, b"", snapshot.rules, is_cancelled) else {
            return Ok(None);
        };
        snapshot.take(found, is_cancelled);
        Ok((!is_cancelled()).then_some(snapshot))
    }

    /// Looks at what was touched only. False when everything has to be looked at again.
    pub(super) fn touch(&mut self, paths: &[PathBuf], is_cancelled: &(dyn Fn() -> bool + Sync)) -> Result<bool, GitError> {
        let is_same_index = match Identity::of(&self.git_dir.join("index")) {
            Some(now) => now == self.index.identity,
            None => self.index.identity.size == 0,
        };
        if !is_same_index {
            return Ok(false);
        }
        let mut inside = BTreeSet::new();
        let (mut touches_git, mut touches_submodules) = (false, false);
        let modules = self.common_dir.join("modules");
        for path in paths {
            let is_own = path.starts_with(&self.git_dir) || path.starts_with(&self.common_dir);
            let name = path.file_name().unwrap_or_default();
            if name == ".gitignore"
                || name == ".gitmodules"
                || name == ".gitattributes"
                || is_own && (name == "config" || name == "exclude" || name == "attributes")
            {
                return Ok(false);
            }
            touches_submodules |= path.starts_with(&modules);
            touches_git |= is_own;
            match path.strip_prefix(&self.top) {
                _ if is_own => {}
                Ok(path) if path.as_os_str().is_empty() => return Ok(false),
                Ok(path) => drop(inside.insert(path.as_os_str().as_bytes().to_vec())),
                Err(_) => return Ok(false),
            }
        }
        if touches_git {
            self.summary = facts(&self.repo, &self.root)?;
            let tree = head_tree(&self.repo);
            if tree != self.head_tree {
                let Some(staged) = head_tree::staged(&self.repo, tree, &self.index) else {
                    return Ok(false);
                };
                (self.head_tree, self.staged) = (tree, staged);
            }
        }
        if touches_submodules {
            let all = self.index.entries.iter().filter(|entry| entry.is_submodule());
            inside.extend(all.map(|entry| self.index.path(entry).to_vec()));
        }
        let dir = self.open_top()?;
        for path in inside {
            self.look_again(&dir, &path, is_cancelled);
        }
        Ok(!is_cancelled())
    }

    fn open_top(&self) -> Result<OwnedFd, GitError> {
        let folder = std::fs::File::open(&self.top).map_err(|error| GitError::file(&self.top, error))?;
        Ok(folder.into())
    }

    /// The path itself, what is tracked below it, and the untracked folder that it may belong to.
    fn look_again(&mut self, dir: &OwnedFd, path: &[u8], is_cancelled: &(dyn Fn() -> bool + Sync)) {
        let path = self.submodule_of(path).unwrap_or(path);
        let below = [path, b"/"].concat();
        let mut found = Found::default();
        if let Some(at) = self.index.find(path) {
            self.changed.remove(&at);
            self.asked.remove(&at);
            let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
            let parent = &path[..path.len() - name.len()];
            match files::open_folder(dir.as_fd(), parent) {
                Ok(parent) => files::look_at(parent.as_fd(), &self.index, at, name, self.rules, &mut found),
                Err(_) if self.index.entries[at].may_be_absent() => {}
                Err(_) => found.deleted.push(at),
            }
        }
        let range = self.index.range(&below);
        let has_tracked = !range.is_empty();
        if has_tracked {
            self.changed.retain(|at, _| !range.contains(at));
            self.asked.retain(|at| !range.contains(at));
            self.untracked.retain(|path| !path.starts_with(&below));
            if let Some(more) = files::look(dir.as_fd(), &self.index, &below, self.rules, is_cancelled) {
                found.append(more);
            }
        }
        // The highest folder with nothing tracked inside is what is told of an untracked file.
        let is_strange = |path: &[u8]| self.index.range(&[path, b"/"].concat()).is_empty();
        let ends = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
        let strange = ends.map(|at| &path[..at]).find(|path| is_strange(path)).unwrap_or(path);
        let strange_below = [strange, b"/"].concat();
        self.untracked.remove(strange);
        if !has_tracked || strange != path {
            self.untracked.retain(|path| !path.starts_with(&strange_below));
        }
        let is_known = !self.index.range_of(strange).is_empty();
        match self.top.join(OsStr::from_bytes(strange)).symlink_metadata() {
            _ if is_known => {}
            Ok(meta) if meta.is_dir() && is_strange(strange) => found.strange.push(strange_below),
            Ok(meta) if meta.is_file() || meta.is_symlink() => found.strange.push(strange.to_vec()),
            _ => {}
        }
        self.take(found, is_cancelled);
    }

    /// The submodule that a path is inside of.
    fn submodule_of<'a>(&self, path: &'a [u8]) -> Option<&'a [u8]> {
        let mut above = memchr::memchr_iter(b'/', path).map(|at| &path[..at]);
        above.find(|above| self.index.find(above).is_some_and(|at| self.index.entries[at].is_submodule()))
    }

    fn take(&mut self, found: Found, is_cancelled: &(dyn Fn() -> bool + Sync)) {
        self.changed.extend(found.deleted.iter().map(|at| (*at, Change::Deleted)));
        self.changed.extend(found.retyped.iter().map(|at| (*at, Change::TypeChanged)));
        self.changed.extend(found.modified.iter().map(|at| (*at, Change::Modified)));
        for at in found.unsettled {
            if is_cancelled() {
                return;
            }
            match self.has_changed(at) {
                Some(true) => drop(self.changed.insert(at, Change::Modified)),
                Some(false) => {}
                None => drop(self.asked.insert(at)),
            }
        }
        for path in found.strange.into_iter().filter(|_| self.rules.tells_untracked) {
            if is_cancelled() {
                return;
            }
            if self.is_untracked(&path) {
                self.untracked.insert(path);
            }
        }
    }

    /// Whether the content differs; None when git converts it, or it is a submodule.
    fn has_changed(&self, at: usize) -> Option<bool> {
        let entry = &self.index.entries[at];
        if entry.is_submodule() {
            return None;
        }
        let path = Path::new(OsStr::from_bytes(self.index.path(entry)));
        let file = self.top.join(path);
        let oid = if entry.mode & 0o170_000 == LINK {
            let target = std::fs::read_link(&file).ok()?;
            Oid::hash_object(ObjectType::Blob, target.as_os_str().as_bytes()).ok()?
        } else {
            // What nobody may read is told as changed, as git does.
            let opened = std::fs::File::open(&file).map_err(|error| error.kind());
            if opened.is_err_and(|kind| kind == std::io::ErrorKind::PermissionDenied) {
                return Some(true);
            }
            if self.converts || self.has_attributes(path) {
                return None;
            }
            Oid::hash_file(ObjectType::Blob, &file).ok()?
        };
        Some(oid.as_bytes() != entry.oid)
    }

    fn has_attributes(&self, path: &Path) -> bool {
        let flags = AttrCheckFlags::FILE_THEN_INDEX;
        CONVERTING
            .iter()
            .any(|name| !matches!(self.repo.get_attr_bytes(path, name, flags), Ok(None)))
    }

    fn is_ignored(&self, path: &[u8]) -> bool {
        self.repo.is_path_ignored(Path::new(OsStr::from_bytes(path))).unwrap_or(false)
    }

    /// A file that no rule ignores, or a folder with such a file somewhere inside.
    fn is_untracked(&self, path: &[u8]) -> bool {
        if self.is_ignored(path) {
            return false;
        }
        let Some(folder) = path.strip_suffix(b"/") else { return true };
        let folder = self.top.join(OsStr::from_bytes(folder));
        // Another repository counts as one thing, whatever is in it.
        if folder.join(".git").exists() {
            return true;
        }
        let Ok(entries) = std::fs::read_dir(&folder) else {
            return false;
        };
        let mut folders = Vec::new();
        for entry in entries.flatten() {
            let Ok(kind) = entry.file_type() else { continue };
            let inside = [path, entry.file_name().as_bytes()].concat();
            if kind.is_dir() {
                folders.push([inside.as_slice(), b"/"].concat());
            } else if (kind.is_file() || kind.is_symlink()) && !self.is_ignored(&inside) {
                return true;
            }
        }
        folders.iter().any(|folder| self.is_untracked(folder))
    }

    pub(super) fn absolute(&self, path: &GitPath) -> PathBuf {
        self.top.join(path.to_path_buf())
    }

    /// Whether git is asked about a submodule, where what is untracked counts too.
    pub(super) fn asks_submodules(&self) -> bool {
        self.asked.iter().any(|at| self.index.entries[*at].is_submodule())
    }

    /// Paths that git has to be asked about.
    pub(super) fn asked_paths(&self) -> Vec<GitPath> {
        self.asked.iter().map(|at| GitPath::new(self.index.path_at(*at))).collect()
    }

    /// What git said of them.
    pub(super) fn answered(&mut self, changed: &BTreeMap<GitPath, Change>) {
        for at in std::mem::take(&mut self.asked) {
            if let Some(change) = changed.get(&GitPath::new(self.index.path_at(at))) {
                self.changed.insert(at, *change);
            }
        }
    }

    /// What libgit2 says of the paths: it runs no filter, as in every untrusted place.
    pub(super) fn ask_libgit2(&mut self) {
        let mut changed = BTreeMap::new();
        for path in self.asked_paths() {
            let flags = doubt::at_path(&self.repo, &self.root, &path, Against::Files, |_| {
                self.repo.status_file(&path.to_path_buf())
            });
            if flags.unwrap_or(git2::Status::CURRENT).contains(git2::Status::WT_MODIFIED) {
                changed.insert(path, Change::Modified);
            }
        }
        self.answered(&changed);
    }

    pub(super) fn status(&self) -> Status {
        let mut entries: BTreeMap<GitPath, StatusEntry> = BTreeMap::new();
        let entry = |path: &[u8]| StatusEntry {
            path: GitPath::new(path),
            renamed_from: None,
            staged: None,
            unstaged: None,
            conflict: None,
            is_submodule: self.staged.submodules.contains(path)
                || self.index.range_of(path).any(|at| self.index.entries[at].is_submodule()),
        };
        for (path, change) in &self.staged.changes {
            let known = entries.entry(GitPath::new(path.as_slice())).or_insert_with(|| entry(path));
            known.staged = Some(*change);
        }
        for (at, change) in &self.changed {
            let path = self.index.path_at(*at);
            let known = entries.entry(GitPath::new(path)).or_insert_with(|| entry(path));
            known.unstaged = Some(*change);
        }
        for path in &self.untracked {
            let known = entries.entry(GitPath::new(path.as_slice())).or_insert_with(|| entry(path));
            known.unstaged = Some(Change::Untracked);
        }
        for (path, letters) in self.index.conflicts() {
            let known = entries.entry(GitPath::new(path)).or_insert_with(|| entry(path));
            *known = StatusEntry {
                unstaged: Some(Change::Conflicted),
                conflict: Some(letters.to_owned()),
                ..entry(path)
            };
        }
        let mut status = Status {
            summary: self.summary.clone(),
            entries: Vec::with_capacity(entries.len().min(Status::MAX_ENTRIES)),
            n_unlisted: 0,
        };
        for entry in entries.into_values() {
            push_entry(&mut status, entry);
        }
        staged_renames::join(&self.repo, &mut status);
        status
    }
}

fn facts(repo: &Repository, root: &Path) -> Result<RepoSummary, GitError> {
    let mut summary = head_facts(repo, root)?;
    count_ahead_behind(repo, &mut summary);
    Ok(summary)
}

/// Whether git may be told to overlook changes of submodules.
fn ignores_submodules(config: &git2::Config, top: &Path) -> bool {
    let is_set = |keys: &str| {
        let mut entries = config.entries(Some(keys)).ok();
        entries.as_mut().is_none_or(|entries| entries.next().is_some())
    };
    let of_project = std::fs::read(top.join(".gitmodules")).unwrap_or_default();
    is_set(r"^submodule\..*\.ignore$")
        || is_set(r"^diff\.ignoresubmodules$")
        || of_project.to_ascii_lowercase().windows(6).any(|word| word == b"ignore")
}

fn head_tree(repo: &Repository) -> Option<Oid> {
    Some(repo.head().ok()?.peel_to_commit().ok()?.tree_id())
}
