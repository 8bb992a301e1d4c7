//! What stands beside and inside a checkout: its linked worktrees, and its submodules. Plain data.

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

/// How a submodule differs from what is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubmoduleState {
    /// Its files were never fetched.
    NotInitialised,
    /// Another commit than the recorded one is checked out.
    NewCommits,
    /// Tracked files changed in there.
    Modified,
    /// Files that it does not track.
    Untracked,
    /// Its repository does not have the recorded commit.
    MissingCommit,
    Conflicted,
    /// `.gitmodules` names it, and no commit is recorded.
    NotRecorded,
    /// A repository stands there that can not be read.
    Unreadable,
}

impl SubmoduleState {
    /// The key of its word in the locales.
    pub fn key(self) -> &'static str {
        match self {
            Self::NotInitialised => "code-submodule-not-initialised",
            Self::NewCommits => "code-submodule-new-commits",
            Self::Modified => "code-submodule-modified",
            Self::Untracked => "code-submodule-untracked",
            Self::MissingCommit => "code-submodule-missing-commit",
            Self::Conflicted => "code-submodule-conflicted",
            Self::NotRecorded => "code-submodule-not-recorded",
            Self::Unreadable => "code-submodule-unreadable",
        }
    }
}

/// A repository inside the checkout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmoduleRow {
    /// From the top of the checkout.
    pub path: GitPath,
    /// The same, absolute.
    pub folder: GitPath,
    /// As `.gitmodules` names it; empty when it does not.
    pub name: String,
    pub url: String,
    /// The branch that `--remote` follows.
    pub branch: Option<String>,
    /// The commit in the index.
    pub recorded: Option<String>,
    pub checked_out: Option<String>,
    /// The branch that is checked out in there.
    pub head_name: Option<String>,
    /// Its address is in the repository's own settings.
    pub is_registered: bool,
    /// Its address, or the way it is updated, would run a program.
    pub is_hostile: bool,
    /// None while it was not looked at, and when it is as recorded.
    pub states: Vec<SubmoduleState>,
    pub is_looked_at: bool,
}

impl SubmoduleRow {
    pub fn is_initialised(&self) -> bool {
        self.checked_out.is_some()
    }

    pub fn has(&self, state: SubmoduleState) -> bool {
        self.states.contains(&state)
    }
}

/// One change of the submodules. No path is all of them; paths count from the top, one that starts with `/` is an absolute one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "submodule", rename_all = "snake_case")]
pub enum SubmoduleAct {
    /// Takes the addresses over into the repository's settings.
    Init { paths: Vec<GitPath> },
    /// Checks the recorded commits out, after fetching what is missing.
    Update {
        paths: Vec<GitPath>,
        is_recursive: bool,
        /// The newest commit of the followed branch instead of the recorded one.
        takes_newest: bool,
    },
    /// Takes changed addresses over.
    Sync { paths: Vec<GitPath> },
    /// Empties the folder; the repository stays in `.git/modules`.
    Deinit { paths: Vec<GitPath>, is_forced: bool },
    Add {
        url: String,
        path: GitPath,
        branch: Option<String>,
    },
}

impl SubmoduleAct {
    pub fn word(&self) -> &'static str {
        match self {
            Self::Init { .. } => "submodule_init",
            Self::Update { .. } => "submodule_update",
            Self::Sync { .. } => "submodule_sync",
            Self::Deinit { .. } => "submodule_deinit",
            Self::Add { .. } => "submodule_add",
        }
    }

    pub fn paths(&self) -> &[GitPath] {
        match self {
            Self::Init { paths } | Self::Update { paths, .. } | Self::Sync { paths } | Self::Deinit { paths, .. } => paths,
            Self::Add { path, .. } => std::slice::from_ref(path),
        }
    }
}
