//! Which state of the sources a run works on: the commit, and a hash of everything that differs from it.

use super::open::open;
use super::{GitError, doubt};
use git2::{FileMode, Oid, StatusOptions, StatusShow, Tree};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Content that is hashed in full; beyond it size and time of change stand for the content, so that a run never waits for gigabytes.
const MAX_CONTENT_BYTES: u64 = 256 * 1024 * 1024;

/// The sources as they are now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceState {
    /// None before the first commit, and outside of a repository.
    pub commit: Option<String>,
    /// None when the files are those of the commit. 16 hexadecimal digits over path, kind and content of every file that differs
    /// from HEAD or is untracked, but for items of work and plans of tests; staging a change does not alter it.
    pub dirty: Option<String>,
}

/// `user.name` as the repository, else the user, sets it.
pub(super) fn user_name(root: &Path) -> Option<String> {
    let config = open(root).and_then(|repo| repo.config().map_err(|error| GitError::of(root, error)));
    let config = config.or_else(|_| git2::Config::open_default()).ok()?;
    let name = config.get_string("user.name").ok()?;
    (!name.trim().is_empty()).then(|| name.trim().to_owned())
}

/// Items of work, and plans of what is tested by hand, are no sources: a test that ticks a criterion does not make its own result a
/// stale one.
fn is_planning(path: &[u8]) -> bool {
    const FOLDERS: [&[u8]; 2] = [b".chantier/plan/", b".chantier/tests/"];
    FOLDERS.iter().any(|folder| {
        path.starts_with(folder)
            || path
                .windows(folder.len() + 1)
                .any(|part| part[0] == b'/' && part[1..] == **folder)
    })
}

/// Reads the state. A folder in no repository has an empty one.
pub(super) fn source_state(root: &Path) -> Result<SourceState, GitError> {
    let repo = match open(root) {
        Ok(repo) => repo,
        Err(GitError::NotARepository(_)) => return Ok(SourceState::default()),
        Err(error) => return Err(error),
    };
    let head = repo.head().ok().and_then(|head| head.peel_to_commit().ok());
    let commit = head.as_ref().map(|commit| commit.id().to_string());
    let Some(workdir) = repo.workdir() else {
        return Ok(SourceState { commit, dirty: None });
    };
    let tree = head.as_ref().and_then(|commit| commit.tree().ok());
    let mut options = StatusOptions::new();
    options
        .show(StatusShow::IndexAndWorkdir)
        .include_untracked(true)
        .recurse_untracked_dirs(true)
        .include_unreadable(true)
        .exclude_submodules(false);
    let left_out = doubt::everywhere(&repo, root)?;
    let statuses = repo.statuses(Some(&mut options)).map_err(|error| GitError::of(root, error))?;
    let mut paths: Vec<(Vec<u8>, git2::Status)> = statuses
        .iter()
        .map(|found| (found.path_bytes().to_vec(), found.status()))
        .collect();
    paths.sort();
    let mut hash = Sha256::new();
    let mut budget = MAX_CONTENT_BYTES;
    let mut is_dirty = false;
    for (path, mut flags) in paths {
        if left_out.contains(&path) {
            flags.remove(git2::Status::WT_DELETED);
        }
        if flags == git2::Status::CURRENT || flags == git2::Status::IGNORED || is_planning(&path) {
            continue;
        }
        let file = workdir.join(std::ffi::OsStr::from_bytes(&path));
        let now = Content::read(&file, &mut budget);
        if tree
            .as_ref()
            .is_some_and(|tree| now.equals_head(tree, Path::new(std::ffi::OsStr::from_bytes(&path))))
            || (tree.is_none() && now.kind == "gone")
        {
            continue;
        }
        is_dirty = true;
        hash.update(&path);
        hash.update([0]);
        hash.update(now.kind.as_bytes());
        hash.update([0]);
        hash.update(&now.hash);
    }
    let dirty = is_dirty.then(|| {
        hash.finalize().iter().take(8).fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").expect("writing to a String does not fail");
            text
        })
    });
    Ok(SourceState { commit, dirty })
}

/// A folder that is the top of a checkout of its own: any other one would be found to belong to the one around it.
fn is_repository(folder: &Path) -> bool {
    let top = open(folder).ok().and_then(|repo| repo.workdir()?.canonicalize().ok());
    top.is_some_and(|top| folder.canonicalize().is_ok_and(|folder| folder == top))
}

struct Content {
    kind: &'static str,
    /// What differs when the content differs.
    hash: Vec<u8>,
    /// git's name of the content, while it was read.
    oid: Option<Oid>,
    mode: FileMode,
}

impl Content {
    fn read(file: &Path, budget: &mut u64) -> Self {
        let of = |kind, hash, oid, mode| Self { kind, hash, oid, mode };
        let Ok(meta) = file.symlink_metadata() else {
            return of("gone", Vec::new(), None, FileMode::Unreadable);
        };
        if meta.is_symlink() {
            let target = std::fs::read_link(file)
                .map(|target| target.as_os_str().as_bytes().to_vec())
                .unwrap_or_default();
            let oid = Oid::hash_object(git2::ObjectType::Blob, &target).ok();
            return of("link", target, oid, FileMode::Link);
        }
        if meta.is_dir() && !is_repository(file) {
            // In the place of a file; what is in there is named by itself.
            return of("gone", Vec::new(), None, FileMode::Unreadable);
        }
        if meta.is_dir() {
            // A submodule, or a repository that is not one: its commit counts, and whether it is dirty itself.
            let inner = source_state(file).unwrap_or_default();
            let oid = inner
                .commit
                .as_deref()
                .filter(|_| inner.dirty.is_none())
                .and_then(|oid| Oid::from_str(oid).ok());
            let words = format!("{}+{}", inner.commit.unwrap_or_default(), inner.dirty.unwrap_or_default());
            return of("folder", words.into_bytes(), oid, FileMode::Commit);
        }
        let mode = if meta.mode() & 0o111 == 0 {
            FileMode::Blob
        } else {
            FileMode::BlobExecutable
        };
        let kind = if mode == FileMode::Blob { "file" } else { "program" };
        let outline = || format!("{} {} {}", meta.len(), meta.mtime(), meta.mtime_nsec()).into_bytes();
        if !meta.is_file() || meta.len() > *budget {
            return of(kind, outline(), None, mode);
        }
        let mut bytes = Vec::new();
        match std::fs::File::open(file).and_then(|file| file.take(*budget).read_to_end(&mut bytes)) {
            Ok(n_read) => {
                *budget -= (n_read as u64).min(*budget);
                let oid = Oid::hash_object(git2::ObjectType::Blob, &bytes).ok();
                of(kind, Sha256::digest(&bytes).to_vec(), oid, mode)
            }
            Err(_) => of("unreadable", outline(), None, mode),
        }
    }

    /// Staged and then changed back by hand: the file is that of the commit.
    fn equals_head(&self, tree: &Tree<'_>, path: &Path) -> bool {
        match tree.get_path(path) {
            Ok(entry) => Some(entry.id()) == self.oid && entry.filemode() == i32::from(self.mode),
            Err(_) => self.kind == "gone",
        }
    }
}
