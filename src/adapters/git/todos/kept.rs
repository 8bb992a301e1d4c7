//! What is known of contents, kept in the cache folder over sessions: a file per repository. It is only ever a help: one that is missing,
//! broken or of another build counts as empty.

use super::{Known, Lines};
use crate::base::repo::TodoAuthor;
use crate::base::{GitPath, Problem};
use crate::files;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const VERSION: u32 = 2;
/// A larger one is not read again.
const MAX_BYTES: u64 = 64 << 20;

#[derive(Serialize, Deserialize)]
struct Kept {
    version: u32,
    words: Vec<String>,
    /// Ids of contents without such a line.
    empty: Vec<String>,
    lines: BTreeMap<String, Vec<(u32, String, String)>>,
    authors: Vec<(GitPath, String, BTreeMap<u32, TodoAuthor>)>,
}

fn place(folder: &Path, root: &Path) -> PathBuf {
    let root = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
    let name = files::sha256_of(root.as_os_str().as_bytes());
    folder.join(format!("{}.json", &name[..16]))
}

/// What was kept of a repository.
pub(super) fn load(folder: &Path, root: &Path) -> Known {
    let bytes = files::read(&place(folder, root), MAX_BYTES).unwrap_or_default();
    let kept = serde_json::from_slice::<Kept>(&bytes).ok();
    let Some(kept) = kept.filter(|kept| kept.version == VERSION) else {
        return Known::default();
    };
    let nothing = Lines::default();
    let empty = kept.empty.into_iter().map(|oid| (oid, Arc::clone(&nothing)));
    let lines = kept.lines.into_iter().map(|(oid, lines)| (oid, Arc::new(lines)));
    Known {
        words: kept.words,
        lines: empty.chain(lines).collect(),
        authors: kept
            .authors
            .into_iter()
            .map(|(path, oid, authors)| ((path, oid), authors))
            .collect(),
        is_kept: true,
    }
}

/// Keeps what is known of contents that the repository has now.
pub(super) fn save(folder: &Path, root: &Path, known: &Known) -> Result<(), Problem> {
    let (mut empty, mut lines) = (Vec::new(), BTreeMap::new());
    let all: BTreeMap<&String, &Lines> = known.lines.iter().collect();
    for (oid, found) in all {
        if found.is_empty() {
            empty.push(oid.clone());
        } else {
            lines.insert(oid.clone(), found.to_vec());
        }
    }
    let is_here = |oid: &String| lines.contains_key(oid);
    let mut authors: Vec<_> = known
        .authors
        .iter()
        .filter(|((_, oid), _)| is_here(oid))
        .map(|((path, oid), authors)| (path.clone(), oid.clone(), authors.clone()))
        .collect();
    authors.sort_unstable_by(|one, other| (&one.0, &one.1).cmp(&(&other.0, &other.1)));
    let kept = Kept {
        version: VERSION,
        words: known.words.clone(),
        empty,
        lines,
        authors,
    };
    let bytes = serde_json::to_vec(&kept).map_err(|error| Problem::internal(crate::base::Msg::verbatim(&error.to_string())))?;
    files::create_private_dir(folder)?;
    files::write_atomic(&place(folder, root), &bytes)
}
