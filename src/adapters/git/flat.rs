//! Kinds of index that libgit2 does not read: split ones (`core.splitIndex`), and sparse ones, where one entry stands for a whole folder
//! (`git sparse-checkout set --sparse-index`). They are read through gix-index and given to libgit2 as one whole index with the same
//! facts. Only git's program writes the real one, in its own kind.

use super::GitError;
use super::quick::Identity;
use git2::{Index, ObjectType, Repository, TreeWalkMode, TreeWalkResult};
use gix_index::entry::{Flags, Mode, Stat};
use gix_index::{File, State};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Which repository's, which file of it, and the whole index.
type Made = (PathBuf, Identity, Arc<[u8]>);

/// The last one that was made: a status and what follows it ask for the same.
static LAST: Mutex<Option<Made>> = Mutex::new(None);

/// Gives the repository an index that libgit2 can read, where its own is none.
pub(super) fn attach(repo: &Repository, root: &Path) -> Result<(), GitError> {
    if !may_be_special(repo) || repo.index().is_ok() {
        return Ok(());
    }
    install(repo, root)
}

fn install(repo: &Repository, root: &Path) -> Result<(), GitError> {
    let file = index_file(repo);
    let Some(identity) = Identity::of(&file) else { return Ok(()) };
    let bytes = match last(repo.path(), identity) {
        Some(bytes) => bytes,
        None => {
            // What gix does not read either is told as libgit2 tells it.
            let Some(bytes) = flatten(repo, &file) else { return Ok(()) };
            let bytes: Arc<[u8]> = bytes.into();
            let made = (repo.path().to_path_buf(), identity, Arc::clone(&bytes));
            *LAST.lock().unwrap_or_else(PoisonError::into_inner) = Some(made);
            bytes
        }
    };
    let mut copy = tempfile::NamedTempFile::new().map_err(|error| GitError::file(&tempfile::env::temp_dir(), error))?;
    copy.write_all(&bytes).map_err(|error| GitError::file(copy.path(), error))?;
    let of = |error| GitError::of(root, error);
    let mut index = Index::open(copy.path()).map_err(of)?;
    repo.set_index(&mut index).map_err(of)
}

/// The index as its file is now; `is_forced` also where its facts say that it is the same.
pub(super) fn reread(repo: &Repository, root: &Path, is_forced: bool) -> Result<Index, GitError> {
    let of = |error| GitError::of(root, error);
    let index = repo.index();
    let is_own = index
        .as_ref()
        .is_ok_and(|index| index.path().is_some_and(|path| path == index_file(repo)));
    if is_own {
        let mut index = index.map_err(of)?;
        index.read(is_forced).map_err(of)?;
        return Ok(index);
    }
    // A copy of a moment ago; or one that can not be read, and is told as such.
    install(repo, root)?;
    repo.index().map_err(of)
}

/// Where git keeps it.
pub(super) fn index_file(repo: &Repository) -> PathBuf {
    match std::env::var_os("GIT_INDEX_FILE") {
        Some(file) => file.into(),
        None => repo.path().join("index"),
    }
}

/// Cheap to ask, and true wherever git made such an index.
fn may_be_special(repo: &Repository) -> bool {
    let is_shared = |entry: std::fs::DirEntry| entry.file_name().as_encoded_bytes().starts_with(b"sharedindex.");
    repo.path().join("info/sparse-checkout").exists()
        || std::fs::read_dir(repo.path()).is_ok_and(|entries| entries.flatten().any(is_shared))
}

fn last(git_dir: &Path, identity: Identity) -> Option<Arc<[u8]>> {
    let last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    let (of, when, bytes) = last.as_ref()?;
    (of == git_dir && *when == identity).then(|| Arc::clone(bytes))
}

/// Every file by itself, in an index of the usual kind.
fn flatten(repo: &Repository, file: &Path) -> Option<Vec<u8>> {
    let read = File::at(file, gix_hash::Kind::Sha1, false, gix_index::decode::Options::default()).ok()?;
    let mut flat = State::new(gix_hash::Kind::Sha1);
    for entry in read.entries() {
        let path = entry.path(&read);
        if entry.mode != Mode::DIR {
            flat.dangerously_push_entry(entry.stat, entry.id, entry.flags, entry.mode, path);
            continue;
        }
        let tree = git2::Oid::from_bytes(entry.id.as_slice()).ok()?;
        let tree = repo.find_tree(tree).ok()?;
        let flags = Flags::SKIP_WORKTREE | Flags::EXTENDED;
        tree.walk(TreeWalkMode::PreOrder, |folder, found| {
            if found.kind() == Some(ObjectType::Tree) {
                return TreeWalkResult::Ok;
            }
            let mode = Mode::from_bits_truncate(found.filemode() as u32);
            let Ok(id) = gix_hash::ObjectId::try_from(found.id().as_bytes()) else {
                return TreeWalkResult::Abort;
            };
            let inside = [path.as_ref(), folder.as_bytes(), found.name_bytes()].concat();
            flat.dangerously_push_entry(Stat::default(), id, flags, mode, inside.as_slice().into());
            TreeWalkResult::Ok
        })
        .ok()?;
    }
    flat.sort_entries();
    let mut bytes = Vec::new();
    let options = gix_index::write::Options::default();
    File::from_state(flat, file).write_to(&mut bytes, options).ok()?;
    Some(bytes)
}
