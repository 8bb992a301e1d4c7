//! Where a file stands in a commit: read from the commit-graph and the trees, of which only those are read that changed.

use super::packs::Packs;
use crate::git::GitError;
use crate::git::graph::CommitGraph;
use git2::{ObjectType, Odb, Oid, Repository};
use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;

/// What is needed of a commit.
pub(super) struct Commit {
    pub(super) tree: Oid,
    pub(super) parents: Vec<Oid>,
    /// Committer's seconds.
    pub(super) date: i64,
}

/// A file in a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) blob: Oid,
    pub(super) mode: i32,
    /// The trees on the way to it, the commit's own first.
    trees: Vec<Oid>,
}

impl Entry {
    /// File, link or something else.
    pub(super) fn kind(&self) -> i32 {
        kind(self.mode)
    }

    /// A file that is known without its trees.
    pub(super) fn bare(blob: Oid, mode: i32) -> Self {
        Self {
            blob,
            mode,
            trees: Vec::new(),
        }
    }
}

pub(super) struct Trees<'a> {
    repo: &'a Repository,
    root: &'a Path,
    odb: Odb<'a>,
    packs: RefCell<Packs>,
    graph: Option<CommitGraph>,
}

impl<'a> Trees<'a> {
    pub(super) fn new(repo: &'a Repository, root: &'a Path) -> Result<Self, GitError> {
        Ok(Self {
            repo,
            root,
            odb: repo.odb().map_err(|error| GitError::of(root, error))?,
            packs: RefCell::new(Packs::open(repo)),
            graph: CommitGraph::open(repo),
        })
    }

    /// A file's content from the packs; None where libgit2 has to read it.
    pub(super) fn packed(&self, blob: Oid) -> Option<Rc<Vec<u8>>> {
        self.packs.borrow_mut().blob(blob)
    }

    pub(super) fn commit(&self, oid: Oid) -> Result<Commit, GitError> {
        if let Some((tree, parents, date)) = self.graph.as_ref().and_then(|graph| graph.commit(oid)) {
            return Ok(Commit { tree, parents, date });
        }
        let commit = self.repo.find_commit(oid).map_err(|error| GitError::of(self.root, error))?;
        Ok(Commit {
            tree: commit.tree_id(),
            parents: commit.parent_ids().collect(),
            date: commit.time().seconds(),
        })
    }

    /// The file at a path. `near` is the file in a related commit: where its trees are met again, nothing more is read.
    pub(super) fn entry(&self, root: Oid, path: &[u8], near: Option<&Entry>) -> Result<Option<Entry>, GitError> {
        let mut tree = root;
        let mut trees = Vec::new();
        let mut parts = path.split(|byte| *byte == b'/').enumerate().peekable();
        while let Some((depth, part)) = parts.next() {
            if let Some(near) = near.filter(|near| near.trees.get(depth) == Some(&tree)) {
                trees.extend_from_slice(&near.trees[depth..]);
                return Ok(Some(Entry { trees, ..near.clone() }));
            }
            trees.push(tree);
            let packed = self.packs.borrow_mut().tree(tree);
            let found = if let Some(data) = packed {
                find(&data, part)
            } else {
                let object = self.odb.read(tree).map_err(|error| GitError::of(self.root, error))?;
                (object.kind() == ObjectType::Tree)
                    .then(|| find(object.data(), part))
                    .flatten()
            };
            let Some((mode, oid)) = found else {
                return Ok(None);
            };
            if parts.peek().is_none() {
                let is_file = kind(mode) == 0o100_000 || kind(mode) == 0o120_000;
                return Ok(is_file.then_some(Entry { blob: oid, mode, trees }));
            }
            tree = oid;
        }
        Ok(None)
    }
}

fn kind(mode: i32) -> i32 {
    mode & 0o170_000
}

/// Mode and id of a name in a tree's bytes: `mode SP name NUL id`.
fn find(mut data: &[u8], name: &[u8]) -> Option<(i32, Oid)> {
    loop {
        let space = memchr::memchr(b' ', data.get(..8)?)?;
        let end = space + 1 + memchr::memchr(0, &data[space + 1..])?;
        let id = data.get(end + 1..end + 21)?;
        if &data[space + 1..end] == name {
            let mode = i32::from_str_radix(std::str::from_utf8(&data[..space]).ok()?, 8).ok()?;
            return Some((mode, Oid::from_bytes(id).ok()?));
        }
        data = &data[end + 21..];
    }
}
