//! What stands beside and inside a checkout: its linked worktrees. Plain data.

use super::{GitPath, RepoSummary};
use serde::{Deserialize, Serialize};

/// One checkout of a repository: the main one, or a linked worktree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorktreeRow {
    /// Absolute.
    pub path: GitPath,
    pub is_main: bool,
    /// The one that was asked.
    pub is_current: bool,
    /// A repository without files beside it.
    pub is_bare: bool,
    /// None when HEAD is detached.
    pub branch: Option<String>,
    pub oid: Option<String>,
    /// Why it must not be pruned, moved or removed; empty when no reason was given.
    pub locked: Option<String>,
    /// Why its entry is good for nothing, like a folder that is gone.
    pub prunable: Option<String>,
    /// Repositories of submodules stand in it, which go with it.
    pub has_submodules: bool,
    /// What changed there, counted when it is looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<Box<RepoSummary>>,
}

impl WorktreeRow {
    /// The name of its folder.
    pub fn name(&self) -> String {
        self.path.file_name()
    }

    /// The branch, or seven digits of the commit.
    pub fn head_name(&self) -> String {
        match (&self.branch, &self.oid) {
            (Some(branch), _) => branch.clone(),
            (None, oid) => super::repo::short_oid(oid.as_deref().unwrap_or_default()).to_owned(),
        }
    }
}

/// A worktree's entry that is good for nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaleWorktree {
    /// Of its folder below `.git/worktrees`.
    pub name: String,
    /// In git's words.
    pub reason: String,
}

/// What a new worktree has checked out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "snake_case")]
pub enum CheckedOut {
    /// A branch that is there; a remote one is followed by a new local one.
    Branch { name: String },
    /// Made at a revision, else at HEAD.
    NewBranch { name: String, from: Option<String> },
    /// A commit, on no branch.
    Detached { revision: String },
}

impl CheckedOut {
    /// What the worktree is named for.
    pub fn name(&self) -> &str {
        match self {
            Self::Branch { name } | Self::NewBranch { name, .. } => name,
            Self::Detached { revision } => super::repo::short_oid(revision),
        }
    }
}

/// One change of the worktrees. A worktree is named by its path, or by the last part of it or its branch where only one has that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "worktree", rename_all = "snake_case")]
pub enum WorktreeAct {
    Add {
        what: CheckedOut,
        /// None: beside the main checkout, named like it and what is checked out.
        path: Option<GitPath>,
    },
    /// With changes only when forced: then they are kept in the undo timeline.
    Remove {
        path: GitPath,
        is_forced: bool,
    },
    Lock {
        path: GitPath,
        reason: String,
    },
    Unlock {
        path: GitPath,
    },
    Move {
        path: GitPath,
        to: GitPath,
    },
    /// Forgets entries whose folders are gone.
    Prune,
}

impl WorktreeAct {
    pub fn word(&self) -> &'static str {
        match self {
            Self::Add { .. } => "worktree_add",
            Self::Remove { .. } => "worktree_remove",
            Self::Lock { .. } => "worktree_lock",
            Self::Unlock { .. } => "worktree_unlock",
            Self::Move { .. } => "worktree_move",
            Self::Prune => "worktree_prune",
        }
    }
}

/// Where a worktree goes when nobody says: beside the main checkout, like `chantier-fix-tz`.
pub fn proposed_path(main: &GitPath, what: &str) -> GitPath {
    let plain = |c: char| if c.is_alphanumeric() || ".-_+".contains(c) { c } else { '-' };
    let words: String = what.chars().map(plain).collect();
    let mut path = main.as_bytes().strip_suffix(b"/").unwrap_or(main.as_bytes()).to_vec();
    let is_hidden = path.ends_with(b"/.git");
    if path.ends_with(b".git") {
        path.truncate(path.len() - 4);
    }
    if !is_hidden {
        path.push(b'-');
    }
    path.extend_from_slice(words.trim_matches('-').as_bytes());
    GitPath::new(path)
}
