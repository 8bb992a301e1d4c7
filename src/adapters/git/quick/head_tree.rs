//! What is staged: the tree of HEAD beside the index. Folders whose cached tree is HEAD's own are passed over, as git does.

use super::index_file::{CacheTree, GITLINK, IndexFile};
use crate::base::Change;
use git2::{Oid, Repository, Tree};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

#[derive(Default)]
pub(super) struct Staged {
    pub(super) changes: BTreeMap<Vec<u8>, Change>,
    /// Those of them that HEAD has as submodules.
    pub(super) submodules: BTreeSet<Vec<u8>>,
}

/// None when HEAD can not be read.
pub(super) fn staged(repo: &Repository, head: Option<Oid>, index: &IndexFile) -> Option<Staged> {
    let mut walk = Walk {
        repo,
        index,
        found: Staged::default(),
    };
    let tree = match head {
        Some(head) if index.tree.oid.is_some_and(|oid| oid == head.as_bytes()) => return Some(walk.found),
        Some(head) => Some(repo.find_tree(head).ok()?),
        None => None,
    };
    walk.folder(tree.as_ref(), 0..index.entries.len(), b"", Some(&index.tree))?;
    Some(walk.found)
}

/// A name of the index at one level: a file by its entry, or a folder by its entries.
enum Named {
    File(usize),
    Folder(Range<usize>),
}

struct Walk<'a> {
    repo: &'a Repository,
    index: &'a IndexFile,
    found: Staged,
}

impl Walk<'_> {
    fn folder(&mut self, tree: Option<&Tree<'_>>, range: Range<usize>, prefix: &[u8], cached: Option<&CacheTree>) -> Option<()> {
        let ours = self.names(range, prefix.len());
        let mut ours = ours.iter().peekable();
        let mut theirs = Vec::new();
        for entry in tree.iter().flat_map(|tree| tree.iter()) {
            let mode = entry.filemode_raw() as u32;
            // A folder's name ends with a slash on both sides: then both are in one order.
            let slash: &[u8] = if mode & 0o170_000 == 0o040_000 { b"/" } else { b"" };
            theirs.push(([entry.name_bytes(), slash].concat(), mode, entry.id()));
        }
        for (name, mode, oid) in &theirs {
            while let Some((our_name, named)) = ours.next_if(|(our_name, _)| our_name < name) {
                self.added(named, &[prefix, our_name].concat());
            }
            let path = [prefix, name.as_slice()].concat();
            let is_folder = name.ends_with(b"/");
            match ours.next_if(|(our_name, _)| our_name == name) {
                None if is_folder => self.folder(Some(&self.repo.find_tree(*oid).ok()?), 0..0, &path, None)?,
                None => self.note(path, *mode, Change::Deleted),
                Some((_, Named::Folder(inside))) => {
                    let child = cached.and_then(|cached| cached.child(&name[..name.len() - 1]));
                    if child.is_none_or(|child| child.oid.is_none_or(|cached| cached != oid.as_bytes())) {
                        self.folder(Some(&self.repo.find_tree(*oid).ok()?), inside.clone(), &path, child)?;
                    }
                }
                Some((_, Named::File(at))) => {
                    let entry = &self.index.entries[*at];
                    if entry.stage > 0 {
                        continue;
                    }
                    if entry.mode & 0o170_000 != mode & 0o170_000 {
                        self.note(path, *mode, Change::TypeChanged);
                    } else if entry.oid != oid.as_bytes() || entry.mode & 0o111 != mode & 0o111 {
                        self.note(path, *mode, Change::Modified);
                    }
                }
            }
        }
        for (name, named) in ours {
            self.added(named, &[prefix, name].concat());
        }
        Some(())
    }

    /// `mode` is that of HEAD.
    fn note(&mut self, path: Vec<u8>, mode: u32, change: Change) {
        if mode & 0o170_000 == GITLINK {
            self.found.submodules.insert(path.clone());
        }
        self.found.changes.insert(path, change);
    }

    fn added(&mut self, named: &Named, path: &[u8]) {
        match named {
            Named::File(at) if self.index.entries[*at].stage > 0 => {}
            Named::File(_) => drop(self.found.changes.insert(path.to_vec(), Change::Added)),
            Named::Folder(inside) => {
                for entry in &self.index.entries[inside.clone()] {
                    if entry.stage == 0 {
                        self.found.changes.insert(self.index.path(entry).to_vec(), Change::Added);
                    }
                }
            }
        }
    }

    /// The names of one folder, each once.
    fn names(&self, range: Range<usize>, prefix_len: usize) -> Vec<(Vec<u8>, Named)> {
        let mut names: Vec<(Vec<u8>, Named)> = Vec::new();
        let mut at = range.start;
        while at < range.end {
            let path = self.index.path_at(at);
            let rest = &path[prefix_len..];
            if let Some(slash) = memchr::memchr(b'/', rest) {
                let whole = &path[..=prefix_len + slash];
                let inside = &self.index.entries[at..range.end];
                let n = inside.partition_point(|entry| self.index.path(entry).starts_with(whole));
                names.push((rest[..=slash].to_vec(), Named::Folder(at..at + n)));
                at += n;
            } else {
                // The sides of a conflict are one name.
                if names.last().is_none_or(|(name, _)| name != rest) {
                    names.push((rest.to_vec(), Named::File(at)));
                }
                at += 1;
            }
        }
        names
    }
}
