//! Which files of a folder, or under a pattern, are new: not those that a rotation moved, copied or packed.

use super::{files_of, pattern_of};
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// Device and inode.
pub type FileId = (u64, u64);

/// What one look finds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrived {
    pub there: BTreeMap<PathBuf, FileId>,
    /// Those that nobody has seen under any name.
    pub new: Vec<PathBuf>,
}

/// A folder or a pattern: more files may come.
pub fn is_group(path: &Path) -> bool {
    path.is_dir() || pattern_of(path).is_some()
}

/// What is there now, and what of it was not seen before. A folder that can not be read has nothing new.
pub fn arrived(groups: &[PathBuf], seen: &BTreeMap<PathBuf, FileId>, ids: &BTreeSet<FileId>, most: usize) -> Arrived {
    let mut found = Arrived::default();
    for group in groups {
        // Packed and rotated ones are there, too, and count for nothing here.
        let Ok((files, _)) = files_of(group, most * 4) else { continue };
        for path in files {
            let Ok(meta) = path.metadata() else { continue };
            let id = (meta.dev(), meta.ino());
            if !seen.contains_key(&path) && !ids.contains(&id) && !is_of_rotation(&path, seen) {
                found.new.push(path.clone());
            }
            found.there.insert(path, id);
        }
    }
    found
}

/// `app.log.1` and `app.log-20261130` beside `app.log`, and what is packed: their lines were told.
fn is_of_rotation(path: &Path, seen: &BTreeMap<PathBuf, FileId>) -> bool {
    let packed = ["gz", "zst", "xz", "bz2", "lz4", "zip"];
    if path
        .extension()
        .is_some_and(|ending| packed.iter().any(|packed| ending == *packed))
    {
        return true;
    }
    let text = path.as_os_str().as_encoded_bytes();
    seen.keys().any(|known| {
        let rest = text.strip_prefix(known.as_os_str().as_encoded_bytes());
        rest.is_some_and(|rest| rest.starts_with(b".") || rest.starts_with(b"-"))
    })
}
