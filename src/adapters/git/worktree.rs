//! Files of a checkout: kept as objects before they are thrown away, and put back byte by byte. Never through a link in the path.

use super::GitError;
use crate::base::GitPath;
use git2::{ObjectType, Repository};
use serde::{Deserialize, Serialize};
use std::ffi::OsStr;
use std::io::{self, Write as _};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt as _, PermissionsExt};
use std::path::{Component, Path, PathBuf};

pub(super) const FILE: u32 = 0o100_644;
pub(super) const PROGRAM: u32 = 0o100_755;
pub(super) const LINK: u32 = 0o120_000;
pub(super) const SUBMODULE: u32 = 0o160_000;
/// What is thrown away must fit into the repository to be kept.
pub(super) const MAX_KEPT_BYTES: u64 = 1024 * 1024 * 1024;

/// A file as it was.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct SavedFile {
    pub(super) mode: u32,
    pub(super) oid: String,
    /// Who may read and write it, where git does not know more than whether it is a program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) permissions: Option<u32>,
}

/// The same for git: what else the file system allows is put back, and is no change by itself.
impl PartialEq for SavedFile {
    fn eq(&self, other: &Self) -> bool {
        (self.mode, &self.oid) == (other.mode, &other.oid)
    }
}

impl Eq for SavedFile {}

/// Where a path of the repository is, when every folder on the way is a real one below the top.
pub(super) fn locate(top: &Path, path: &GitPath) -> Result<PathBuf, GitError> {
    let relative = Path::new(OsStr::from_bytes(path.as_bytes()));
    let refused = || GitError::OutsideCheckout(path.display());
    let mut at = top.to_path_buf();
    let parts: Vec<Component<'_>> = relative.components().collect();
    if parts.is_empty() {
        return Err(refused());
    }
    for (n, part) in parts.iter().enumerate() {
        let Component::Normal(name) = part else {
            return Err(refused());
        };
        if name.eq_ignore_ascii_case(".git") {
            return Err(refused());
        }
        at.push(name);
        if n + 1 < parts.len() && at.symlink_metadata().is_ok_and(|meta| meta.is_symlink()) {
            return Err(refused());
        }
    }
    Ok(at)
}

/// Puts the exact bytes of a file, or the target of a link, into the repository's store. None when nothing is there.
pub(super) fn save(repo: &Repository, top: &Path, path: &GitPath) -> Result<Option<SavedFile>, GitError> {
    let file = locate(top, path)?;
    let fail = |error| GitError::file(&file, error);
    let meta = match file.symlink_metadata() {
        Ok(meta) => meta,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => return Ok(None),
        Err(error) => return Err(fail(error)),
    };
    let of = |error| GitError::of(top, error);
    if meta.is_symlink() {
        let target = std::fs::read_link(&file).map_err(fail)?;
        let oid = repo.blob(target.as_os_str().as_bytes()).map_err(of)?;
        return Ok(Some(SavedFile {
            mode: LINK,
            oid: oid.to_string(),
            permissions: None,
        }));
    }
    if !meta.is_file() {
        return Err(GitError::NotAFile(path.display()));
    }
    if meta.len() > MAX_KEPT_BYTES {
        return Err(GitError::TooLargeToKeep(path.display()));
    }
    let mut source = std::fs::File::open(&file).map_err(fail)?;
    // Streamed: no path is given, so no filter changes the bytes.
    let mut writer = repo.blob_writer(None).map_err(of)?;
    io::copy(&mut source, &mut writer).map_err(fail)?;
    let oid = writer.commit().map_err(of)?;
    let mode = if meta.mode() & 0o111 == 0 { FILE } else { PROGRAM };
    Ok(Some(SavedFile {
        mode,
        oid: oid.to_string(),
        permissions: Some(meta.mode() & 0o777),
    }))
}

/// Makes a path what it was: the saved bytes, or nothing.
pub(super) fn restore(repo: &Repository, top: &Path, path: &GitPath, saved: Option<&SavedFile>) -> Result<(), GitError> {
    let file = locate(top, path)?;
    let Some(saved) = saved else {
        return remove(top, &file);
    };
    let oid = git2::Oid::from_str(&saved.oid).map_err(|error| GitError::of(top, error))?;
    let odb = repo.odb().map_err(|error| GitError::of(top, error))?;
    let object = odb.read(oid).map_err(|error| GitError::of(top, error))?;
    if object.kind() != ObjectType::Blob {
        return Err(GitError::NotAFile(path.display()));
    }
    write_as(&file, object.data(), saved.mode, saved.permissions)
}

/// Writes beside the file and renames, so that the file is never half there.
pub(super) fn write(file: &Path, bytes: &[u8], mode: u32) -> Result<(), GitError> {
    write_as(file, bytes, mode, None)
}

/// The same for those who may read it then.
fn write_as(file: &Path, bytes: &[u8], mode: u32, permissions: Option<u32>) -> Result<(), GitError> {
    let fail = |error| GitError::file(file, error);
    let folder = file.parent().unwrap_or(file);
    std::fs::create_dir_all(folder).map_err(fail)?;
    let beside = folder.join(format!(".chantier-{:016x}", fastrand::u64(..)));
    let written = if mode == LINK {
        std::os::unix::fs::symlink(OsStr::from_bytes(bytes), &beside)
    } else {
        write_new(&beside, bytes, mode, permissions, file)
    };
    written.and_then(|()| std::fs::rename(&beside, file)).map_err(|error| {
        std::fs::remove_file(&beside).ok();
        fail(error)
    })
}

fn write_new(beside: &Path, bytes: &[u8], mode: u32, kept: Option<u32>, like: &Path) -> io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    if kept.is_some() {
        // Nobody else reads it before it is known who may.
        options.mode(0o600);
    }
    let mut file = options.write(true).create_new(true).open(beside)?;
    file.write_all(bytes)?;
    let mut permissions = file.metadata()?.permissions();
    // What the user gave the file beyond what git knows stays.
    let before = like
        .symlink_metadata()
        .ok()
        .filter(|meta| meta.is_file())
        .map(|meta| meta.mode() & 0o7777);
    let base = kept.or(before).unwrap_or_else(|| permissions.mode() & 0o7777);
    let readable = (base & 0o444) >> 2;
    let is_program = mode == PROGRAM;
    permissions.set_mode(match (is_program, base & 0o111 != 0) {
        (true, false) => base | readable,
        (false, true) => base & !0o111,
        _ => base,
    });
    file.set_permissions(permissions)
}

/// Removes a file, and the folders that it leaves empty.
pub(super) fn remove(top: &Path, file: &Path) -> Result<(), GitError> {
    match std::fs::remove_file(file) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(GitError::file(file, error)),
    }
    let mut folder = file.parent();
    while let Some(at) = folder.filter(|at| *at != top && at.starts_with(top)) {
        if std::fs::remove_dir(at).is_err() {
            break;
        }
        folder = at.parent();
    }
    Ok(())
}
