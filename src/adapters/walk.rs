//! Walks folders with ignore files honoured. Links are not followed, unreadable folders are passed over.

use ignore::WalkBuilder;
use std::path::{Path, PathBuf};

/// What follows after a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Walk {
    /// Its folders are looked at too.
    Into,
    Over,
    /// Nothing more at all.
    End,
}

/// Folders that are never a project's own.
const NEVER: [&str; 8] = [
    "target",
    "node_modules",
    ".git",
    ".venv",
    "venv",
    "__pycache__",
    ".cache",
    "vendor",
];

/// The names in a folder, sorted; empty when it can not be read.
pub fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut names: Vec<String> = entries
        .flatten()
        .take(20_000)
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Folders below `root`, itself included, parents first, at most `max_depth` deep; `visit` gets each with the names inside.
/// False when `visit` ended the walk.
pub fn folders(root: &Path, max_depth: u32, visit: &mut dyn FnMut(&Path, &[String]) -> Walk) -> bool {
    let mut over: Vec<PathBuf> = Vec::new();
    let walker = WalkBuilder::new(root)
        .max_depth(Some(max_depth as usize))
        .hidden(true)
        .follow_links(false)
        .same_file_system(true)
        .require_git(false)
        .sort_by_file_name(Ord::cmp)
        .filter_entry(|entry| {
            entry.depth() == 0
                || (entry.file_type().is_some_and(|kind| kind.is_dir())
                    && !NEVER.iter().any(|name| entry.file_name() == std::ffi::OsStr::new(name)))
        })
        .build();
    for entry in walker.flatten() {
        let path = entry.path();
        if !entry.file_type().is_some_and(|kind| kind.is_dir()) || over.iter().any(|at| path.starts_with(at)) {
            continue;
        }
        match visit(path, &names(path)) {
            Walk::Into => {}
            Walk::Over => {
                // Parents come first and folders in order, so older entries can not hold what follows.
                over.retain(|at| path.starts_with(at));
                over.push(path.to_path_buf());
            }
            Walk::End => return false,
        }
    }
    true
}
