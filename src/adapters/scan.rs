//! Looks into a workspace's folders: finds and reads the small files that say what can be built and tested there.
//! Follows no link, obeys `.gitignore`, runs nothing.

use crate::base::Timestamp;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Folders that hold what others made.
const SKIPPED: [&str; 8] = [
    "target",
    "node_modules",
    ".git",
    "venv",
    ".venv",
    "__pycache__",
    "vendor",
    ".tox",
];
/// Entries that are looked at before the walk is given up.
const MAX_ENTRIES: usize = 200_000;

/// A file that was asked for. The path is relative to where the walk began, and so is written with `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub path: PathBuf,
    /// Present when its text was asked for and could be read.
    pub text: Option<String>,
}

/// What a walk does with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    No,
    /// Its path is enough.
    Path,
    /// Its text too, if it is not longer than 4 MB.
    Text,
}

/// Walks down `depth` folders below `root`; in the order of the paths. Ends early when `is_over` says so.
pub fn walk(root: &Path, depth: usize, is_over: &dyn Fn() -> bool, wanted: impl Fn(&Path) -> Wanted) -> Vec<Found> {
    let mut builder = ignore::WalkBuilder::new(root);
    builder
        .max_depth(Some(depth + 1))
        .hidden(false)
        .follow_links(false)
        .parents(false)
        .require_git(false);
    builder.filter_entry(|entry| entry.depth() == 0 || !entry.file_name().to_str().is_some_and(|name| SKIPPED.contains(&name)));
    let mut found = Vec::new();
    for entry in builder.build().take(MAX_ENTRIES) {
        if is_over() {
            break;
        }
        let Ok(entry) = entry else { continue };
        if !entry.file_type().is_some_and(|kind| kind.is_file()) {
            continue;
        }
        let Ok(path) = entry.path().strip_prefix(root) else { continue };
        match wanted(path) {
            Wanted::No => {}
            Wanted::Path => found.push(Found {
                path: path.to_path_buf(),
                text: None,
            }),
            Wanted::Text => found.push(Found {
                path: path.to_path_buf(),
                text: read_text(entry.path(), 4 << 20),
            }),
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// Files with this ending in `dir` and up to `depth` folders below it, ignored ones too: reports that tools write.
pub fn with_ending(dir: &Path, depth: usize, ending: &str) -> Vec<PathBuf> {
    let mut builder = ignore::WalkBuilder::new(dir);
    builder.max_depth(Some(depth + 1)).standard_filters(false).follow_links(false);
    let entries = builder
        .build()
        .take(MAX_ENTRIES)
        .flatten()
        .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
    let mut paths: Vec<PathBuf> = entries
        .map(ignore::DirEntry::into_path)
        .filter(|path| path.extension().is_some_and(|end| end == ending))
        .collect();
    paths.sort();
    paths
}

/// Every file below a folder, ignored ones too; the repository's own are left out.
pub fn every_file(dir: &Path) -> Vec<PathBuf> {
    every_entry(dir, std::fs::FileType::is_file)
}

/// Every file and every link below a folder.
pub fn every_file_and_link(dir: &Path) -> Vec<PathBuf> {
    every_entry(dir, |kind| kind.is_file() || kind.is_symlink())
}

fn every_entry(dir: &Path, is_meant: impl Fn(&std::fs::FileType) -> bool) -> Vec<PathBuf> {
    let mut builder = ignore::WalkBuilder::new(dir);
    builder.standard_filters(false).follow_links(false);
    builder.filter_entry(|entry| entry.depth() == 0 || entry.file_name() != ".git");
    let entries = builder
        .build()
        .take(MAX_ENTRIES)
        .flatten()
        .filter(|entry| entry.file_type().is_some_and(|kind| is_meant(&kind)));
    let mut paths: Vec<PathBuf> = entries.map(ignore::DirEntry::into_path).collect();
    paths.sort();
    paths
}

/// What a path below a folder comes to when links are followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// A regular file below the folder, by the name that is no link.
    File(PathBuf),
    /// Something outside of the folder.
    Out,
    /// A folder, nothing, or what can not be read.
    Nothing,
}

/// Follows the links of a path below a folder.
pub fn reach(root: &Path, path: &Path) -> Reach {
    let Ok(real) = root.join(path).canonicalize() else {
        return Reach::Nothing;
    };
    if !real.starts_with(root.canonicalize().as_deref().unwrap_or(root)) {
        return Reach::Out;
    }
    if is_file(&real) { Reach::File(real) } else { Reach::Nothing }
}

/// What stands directly in a folder, by name, with the time it was made (written, where the file system does not know).
pub fn entries(dir: &Path) -> Vec<(PathBuf, Option<Timestamp>)> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten().take(MAX_ENTRIES);
    let mut found: Vec<_> = entries
        .map(|entry| {
            let meta = entry.metadata().ok();
            let at = meta.and_then(|meta| meta.created().or_else(|_| meta.modified()).ok());
            (
                PathBuf::from(entry.file_name()),
                at.and_then(|at| Timestamp::try_from(at).ok()),
            )
        })
        .collect();
    found.sort();
    found
}

/// The text of a small regular file; None when it is none, too long or not UTF-8.
pub fn read_text(path: &Path, max_bytes: u64) -> Option<String> {
    let meta = std::fs::symlink_metadata(path).ok()?;
    if !meta.is_file() || meta.len() > max_bytes {
        return None;
    }
    let mut text = String::new();
    std::fs::File::open(path)
        .ok()?
        .take(max_bytes)
        .read_to_string(&mut text)
        .ok()?;
    Some(text)
}

/// A regular file to be read as a stream; a pipe or a device is refused, so that nothing waits for ever.
pub fn open(path: &Path) -> std::io::Result<BufReader<std::fs::File>> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, "not a regular file"));
    }
    Ok(BufReader::with_capacity(256 << 10, std::fs::File::open(path)?))
}

/// The same, but nothing when the file was written after `at`: the lines would be others than those that were meant.
pub fn lines_as_of(root: &Path, path: &Path, line: u32, n_around: u32, at: SystemTime) -> Vec<(u32, String)> {
    let is_newer = modified(&root.join(path)).is_none_or(|modified| modified > at);
    if is_newer {
        Vec::new()
    } else {
        lines_around(root, path, line, n_around)
    }
}

/// The lines around line `line` (from 1) of a file inside `root`, each with its number; empty when there are none.
pub fn lines_around(root: &Path, path: &Path, line: u32, n_around: u32) -> Vec<(u32, String)> {
    let Reach::File(real) = reach(root, path) else {
        return Vec::new();
    };
    let Some(text) = read_text(&real, 8 << 20) else {
        return Vec::new();
    };
    let first = line.saturating_sub(n_around).max(1);
    let last = line.saturating_add(n_around);
    let numbered = text.lines().zip(1_u32..).map(|(text, number)| (number, text));
    let shown = numbered
        .skip_while(|(number, _)| *number < first)
        .take_while(|(number, _)| *number <= last);
    shown
        .map(|(number, text)| (number, crate::base::SafeText::new(text).into_string()))
        .collect()
}

/// Whether a regular file stands there.
pub fn is_file(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|meta| meta.is_file())
}

/// Whether a folder stands there.
pub fn is_dir(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|meta| meta.is_dir())
}

/// How many bytes a file has; 0 when there is none.
pub fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |meta| meta.len())
}

/// Where two files differ first, from 0; None when they are the same. The end of the shorter one is a difference.
pub fn first_difference(one: &Path, other: &Path) -> std::io::Result<Option<u64>> {
    let (mut one, mut other) = (open(one)?, open(other)?);
    let mut at = 0;
    loop {
        use std::io::BufRead as _;
        let (a, b) = (one.fill_buf()?, other.fill_buf()?);
        let n = a.len().min(b.len());
        if let Some(offset) = a[..n].iter().zip(&b[..n]).position(|(a, b)| a != b) {
            return Ok(Some(at + offset as u64));
        }
        if n == 0 {
            return Ok((a.len() != b.len()).then_some(at));
        }
        at += n as u64;
        one.consume(n);
        other.consume(n);
    }
}

/// When a file was last written.
pub fn modified(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).ok()?.modified().ok()
}
