//! Folders that are kept from one run to the next, by a key of content: put away whole, given back as a copy with all its times.

use super::files::{create_private_dir, read_problem, remove_dir_all, write_problem};
use crate::base::Problem;
use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// How a folder was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hit {
    /// With the same key.
    Exact,
    /// The newest of the name, with another key.
    Older,
    Miss,
}

/// The kept folders below one folder of the cache.
#[derive(Clone, Debug)]
pub struct KeptFolders(PathBuf);

impl KeptFolders {
    pub fn new(folder: PathBuf) -> Self {
        Self(folder)
    }

    fn place(&self, name: &str, key: &str) -> PathBuf {
        self.0.join(name).join(key)
    }

    /// Copies what is kept for this key, else the newest of the name, into the folders `paths` below `root`. Blocks.
    pub fn restore(
        &self,
        name: &str,
        key: &str,
        root: &Path,
        paths: &[PathBuf],
        is_over: &dyn Fn() -> bool,
    ) -> Result<Hit, Problem> {
        let exact = self.place(name, key);
        let (from, hit) = if exact.is_dir() {
            (exact, Hit::Exact)
        } else {
            match newest(&self.0.join(name)) {
                Some(older) => (older, Hit::Older),
                None => return Ok(Hit::Miss),
            }
        };
        // The mark of its last use, for the budget.
        fs::File::open(&from)
            .and_then(|folder| folder.set_modified(SystemTime::now()))
            .ok();
        for (at, path) in paths.iter().enumerate() {
            let (source, target) = (from.join(at.to_string()), root.join(path));
            if source.symlink_metadata().is_ok() {
                if let Some(above) = target.parent() {
                    fs::create_dir_all(above).map_err(|error| write_problem(above, &error))?;
                }
                copy(&source, &target, is_over)?;
            }
        }
        Ok(hit)
    }

    /// Takes the folders out of `root`, which is given up afterwards: a move, no copy. What another run has kept meanwhile stays. Blocks.
    pub fn keep(
        &self,
        name: &str,
        key: &str,
        root: &Path,
        paths: &[PathBuf],
        is_over: &dyn Fn() -> bool,
    ) -> Result<bool, Problem> {
        let place = self.place(name, key);
        if place.is_dir() {
            return Ok(false);
        }
        let unfinished = self.0.join(format!(".unfinished-{:016x}", fastrand::u64(..)));
        create_private_dir(&unfinished)?;
        create_private_dir(&self.0.join(name))?;
        let mut n_kept = 0;
        for (at, path) in paths.iter().enumerate() {
            let (source, target) = (root.join(path), unfinished.join(at.to_string()));
            if source.symlink_metadata().is_err() {
                continue;
            }
            n_kept += 1;
            match fs::rename(&source, &target) {
                Err(error) if error.kind() == io::ErrorKind::CrossesDevices => copy(&source, &target, is_over)?,
                Err(error) => return Err(write_problem(&target, &error)),
                Ok(()) => {}
            }
        }
        if n_kept == 0 || place.is_dir() || fs::rename(&unfinished, &place).is_err() {
            remove_dir_all(&unfinished)?;
            return Ok(false);
        }
        Ok(true)
    }

    /// Frees the ones that were used longest ago until the rest has at most so many bytes; gives what is left. Blocks.
    pub fn keep_budget(&self, max_bytes: u64) -> Result<u64, Problem> {
        let mut all: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
        for name in folders(&self.0) {
            let is_unfinished = name
                .file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with(".unfinished-"));
            let entries = if is_unfinished { vec![name] } else { folders(&name) };
            for entry in entries {
                let used = entry
                    .metadata()
                    .and_then(|meta| meta.modified())
                    .unwrap_or(SystemTime::UNIX_EPOCH);
                // One that is being written belongs to somebody.
                let is_fresh = used.elapsed().is_ok_and(|age| age.as_secs() < 24 * 3600);
                if is_unfinished && is_fresh {
                    continue;
                }
                let used = if is_unfinished { SystemTime::UNIX_EPOCH } else { used };
                let bytes = if is_unfinished { u64::MAX / 4 } else { bytes_of(&entry) };
                all.push((used, bytes, entry));
            }
        }
        all.sort();
        let mut total: u64 = all.iter().map(|(_, bytes, _)| *bytes).fold(0, u64::saturating_add);
        for (_, bytes, path) in all {
            if total <= max_bytes {
                break;
            }
            remove_dir_all(&path)?;
            total = total.saturating_sub(bytes);
        }
        Ok(total)
    }
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .map(|entry| entry.path())
        .collect()
}

fn newest(name: &Path) -> Option<PathBuf> {
    folders(name)
        .into_iter()
        .max_by_key(|path| path.metadata().and_then(|meta| meta.modified()).ok())
}

/// What a file or folder takes on the disk.
pub fn bytes_of(path: &Path) -> u64 {
    let Ok(meta) = path.symlink_metadata() else { return 0 };
    if !meta.is_dir() {
        return meta.blocks() * 512;
    }
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries.map(|entry| bytes_of(&entry.path())).sum()
}

/// A file, link or folder with modes and times, which tell many tools what is up to date. Onto itself it is nothing.
pub fn copy(source: &Path, target: &Path, is_over: &dyn Fn() -> bool) -> Result<(), Problem> {
    if is_over() {
        return Err(Problem::cancelled());
    }
    let meta = source.symlink_metadata().map_err(|error| read_problem(source, &error))?;
    let unwritable = |error: io::Error| write_problem(target, &error);
    if meta.is_symlink() {
        let to = fs::read_link(source).map_err(|error| read_problem(source, &error))?;
        return std::os::unix::fs::symlink(to, target).map_err(unwritable);
    }
    if meta.is_dir() {
        fs::create_dir_all(target).map_err(unwritable)?;
        for entry in fs::read_dir(source).map_err(|error| read_problem(source, &error))?.flatten() {
            copy(&entry.path(), &target.join(entry.file_name()), is_over)?;
        }
        fs::set_permissions(target, fs::Permissions::from_mode(meta.mode() & 0o7777 | 0o700)).map_err(unwritable)?;
    } else if meta.is_file() {
        // Opening the target for writing would empty the source.
        if target
            .metadata()
            .is_ok_and(|there| (there.dev(), there.ino()) == (meta.dev(), meta.ino()))
        {
            return Ok(());
        }
        fs::copy(source, target).map_err(unwritable)?;
    } else {
        return Ok(());
    }
    let times = fs::FileTimes::new().set_modified(meta.modified().map_err(unwritable)?);
    fs::File::open(target)
        .and_then(|file| file.set_times(times))
        .map_err(unwritable)
}

/// Gives a folder another name and leaves a link under the old one, for what still names it. Nothing where it is not there or the new
/// name is taken.
pub fn rename_with_link(from: &Path, to: &Path) -> Result<(), Problem> {
    if from.is_symlink() || !from.is_dir() || to.symlink_metadata().is_ok() {
        return Ok(());
    }
    let unwritable = |error: io::Error| write_problem(to, &error);
    fs::rename(from, to).map_err(unwritable)?;
    std::os::unix::fs::symlink(to, from).map_err(unwritable)
}
