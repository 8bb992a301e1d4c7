//! The changed files as a tree in two halves, not staged and staged: worked out once per status, filter and fold.

use crate::areas::code::model::RepoModel;
use crate::base::repo::{Change, Status, StatusEntry};
use crate::base::{GitPath, WorkspaceId};
use crate::ui::table::row_key;
use crate::ui::tree::{TreeRow, TreeState};
use std::collections::{BTreeMap, BTreeSet};

/// Which half.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    Unstaged,
    Staged,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Of what is not staged the files in conflict stand apart: they are resolved, not staged.
    Half {
        n_files: u64,
        is_conflict: bool,
    },
    Folder,
    /// A folder that nothing of is tracked.
    Untracked,
    /// Files that are not listed.
    More {
        n: u64,
    },
    File {
        change: Change,
        /// The former path of a renamed file, as short as it can be beside the new one.
        former: Option<String>,
    },
}

/// One visible row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) side: Side,
    pub(super) kind: Kind,
    /// Of a folder: without the slash at its end.
    pub(super) path: GitPath,
    pub(super) label: String,
}

/// A file of one half.
#[derive(Clone, Copy)]
struct Changed<'a> {
    path: &'a GitPath,
    change: Change,
    former: Option<&'a GitPath>,
}

#[derive(Default)]
pub(super) struct Shown {
    /// The file where the keys go on when the chosen one has gone to the other half.
    pub(super) next: Option<(Side, GitPath)>,
    key: Option<(WorkspaceId, (u64, u64), String, BTreeSet<u64>)>,
    /// Untracked folders that are open, whose files are wanted.
    pub(super) wanted: Vec<GitPath>,
    untracked: BTreeMap<GitPath, (Vec<GitPath>, u64)>,
    pub(super) rows: Vec<TreeRow>,
    pub(super) nodes: Vec<Node>,
}

pub(super) fn key_of(side: Side, path: &GitPath) -> u64 {
    row_key(&format!("{side:?} {}", path.quoted()))
}

/// Only its name where both stand in one folder.
fn beside(former: &GitPath, path: &GitPath) -> String {
    let folder = |path: &GitPath| path.as_bytes().iter().rposition(|byte| *byte == b'/').map(|at| at + 1);
    match (folder(former), folder(path)) {
        (one, two) if former.as_bytes()[..one.unwrap_or(0)] == path.as_bytes()[..two.unwrap_or(0)] => {
            GitPath::new(&former.as_bytes()[one.unwrap_or(0)..]).display()
        }
        _ => former.display(),
    }
}

impl Shown {
    /// Works out the rows when something that they depend on changed.
    pub(super) fn follow(&mut self, workspace: &WorkspaceId, repo: &RepoModel, status: &Status, filter: &str, state: &TreeState) {
        let generation = (repo.status_generation, repo.branching.n_untracked);
        let key = (workspace.clone(), generation, filter.to_owned(), state.toggled.clone());
        if self.key.as_ref() == Some(&key) {
            return;
        }
        self.key = Some(key);
        self.rows.clear();
        self.nodes.clear();
        self.wanted.clear();
        self.untracked.clone_from(&repo.branching.untracked);
        let filter = filter.to_lowercase();
        for side in [Side::Unstaged, Side::Staged] {
            let change = |entry: &StatusEntry| if side == Side::Staged { entry.staged } else { entry.unstaged };
            let found = status
                .entries
                .iter()
                .filter(|entry| filter.is_empty() || entry.path.display().to_lowercase().contains(&filter))
                .filter_map(|entry| {
                    let changed = Changed {
                        path: &entry.path,
                        change: change(entry)?,
                        former: entry.renamed_from.as_ref().filter(|_| side == Side::Staged),
                    };
                    Some((side == Side::Unstaged && entry.conflict.is_some(), changed))
                });
            let (mut conflicts, mut files) = (Vec::new(), Vec::new());
            for (is_conflict, changed) in found {
                if is_conflict {
                    conflicts.push(changed);
                } else {
                    files.push(changed);
                }
            }
            if !conflicts.is_empty() {
                self.half(side, &conflicts, true, state);
            }
            self.half(side, &files, false, state);
        }
    }

    fn half(&mut self, side: Side, files: &[Changed<'_>], is_conflict: bool, state: &TreeState) {
        let key = row_key(&if is_conflict {
            "conflict".to_owned()
        } else {
            format!("{side:?}")
        });
        let is_open = state.is_open(key, true);
        self.rows.push(TreeRow {
            key,
            depth: 0,
            open: (!files.is_empty()).then_some(is_open),
        });
        self.nodes.push(Node {
            side,
            kind: Kind::Half {
                n_files: files.len() as u64,
                is_conflict,
            },
            path: GitPath::default(),
            label: String::new(),
        });
        if is_open {
            self.below(side, files, 0, 0, state);
        }
    }

    /// Files that share their first `start` bytes, folders first; a folder with one folder inside is one row.
    fn below(&mut self, side: Side, files: &[Changed<'_>], start: usize, depth: u16, state: &TreeState) {
        let mut at = 0;
        let mut plain = Vec::new();
        while at < files.len() {
            let rest = &files[at].path.as_bytes()[start..];
            // The slash at the end of an untracked folder belongs to its name.
            let Some(slash) = rest[..rest.len().saturating_sub(1)].iter().position(|byte| *byte == b'/') else {
                plain.push(files[at]);
                at += 1;
                continue;
            };
            let prefix = &files[at].path.as_bytes()[..=start + slash];
            let n_inside = files[at..]
                .iter()
                .take_while(|file| file.path.as_bytes().starts_with(prefix))
                .count();
            self.folder(side, &files[at..at + n_inside], start, depth, state);
            at += n_inside;
        }
        for file in plain {
            let (path, change) = (file.path, file.change);
            if path.is_folder() && change == Change::Untracked {
                self.untracked_folder(side, path, start, depth, state);
                continue;
            }
            let key = key_of(side, path);
            self.rows.push(TreeRow { key, depth, open: None });
            self.nodes.push(Node {
                side,
                kind: Kind::File {
                    change,
                    former: file.former.map(|former| beside(former, path)),
                },
                path: path.clone(),
                label: GitPath::new(&path.as_bytes()[start..]).display(),
            });
        }
    }

    /// One entry of the status; what is in it is looked up when it is opened.
    fn untracked_folder(&mut self, side: Side, folder: &GitPath, start: usize, depth: u16, state: &TreeState) {
        let bytes = folder.as_bytes();
        let path = GitPath::new(&bytes[..bytes.len() - 1]);
        let key = key_of(side, &path);
        let is_open = state.is_open(key, false);
        self.rows.push(TreeRow {
            key,
            depth,
            open: Some(is_open),
        });
        self.nodes.push(Node {
            side,
            kind: Kind::Untracked,
            label: GitPath::new(&bytes[start..]).display(),
            path,
        });
        if !is_open {
            return;
        }
        self.wanted.push(folder.clone());
        let Some((files, n_unlisted)) = self.untracked.get(folder).cloned() else {
            return;
        };
        let files: Vec<Changed<'_>> = files
            .iter()
            // A repository of its own in there stays closed: it is the whole entry.
            .filter(|path| *path != folder)
            .map(|path| Changed {
                path,
                change: Change::Untracked,
                former: None,
            })
            .collect();
        self.below(side, &files, bytes.len(), depth + 1, state);
        if n_unlisted > 0 {
            self.rows.push(TreeRow {
                key: row_key(&format!("{key} more")),
                depth: depth + 1,
                open: None,
            });
            self.nodes.push(Node {
                side,
                kind: Kind::More { n: n_unlisted },
                path: GitPath::default(),
                label: String::new(),
            });
        }
    }

    fn folder(&mut self, side: Side, files: &[Changed<'_>], start: usize, depth: u16, state: &TreeState) {
        let first = files[0].path.as_bytes();
        // As far as all of them share folders.
        let mut end = start;
        for (at, byte) in first.iter().enumerate().skip(start) {
            let is_shared = *byte == b'/' && at + 1 < first.len();
            if is_shared
                && files
                    .iter()
                    .all(|file| file.path.as_bytes().len() > at + 1 && file.path.as_bytes().starts_with(&first[..=at]))
            {
                end = at + 1;
            }
        }
        let path = GitPath::new(&first[..end - 1]);
        let key = key_of(side, &path);
        let is_open = state.is_open(key, true);
        self.rows.push(TreeRow {
            key,
            depth,
            open: Some(is_open),
        });
        self.nodes.push(Node {
            side,
            kind: Kind::Folder,
            label: GitPath::new(&first[start..end - 1]).display(),
            path,
        });
        if is_open {
            self.below(side, files, end, depth + 1, state);
        }
    }
}
