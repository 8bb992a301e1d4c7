//! What can be done with branches, tags, remotes, commits and an unfinished operation, as plain data: each is one call of git's.

use super::GitPath;
use super::operation::{RebasePlan, Resolution};
use serde::{Deserialize, Serialize};

/// How a merge joins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MergeMode {
    /// As git is configured: without a merge commit where that is possible.
    #[default]
    Auto,
    /// Only without a merge commit.
    FastForward,
    /// Always with a merge commit.
    NoFastForward,
    /// The changes are staged, and no commit is made.
    Squash,
}

/// How much a reset sets back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResetMode {
    /// Only the branch.
    Soft,
    /// Branch and index.
    #[default]
    Mixed,
    /// Branch, index and files.
    Hard,
}

/// How a pull joins what it fetched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PullMode {
    #[default]
    Configured,
    Merge,
    Rebase,
    FastForward,
}

/// What becomes of local changes when another branch is checked out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LocalChanges {
    /// They come along; git refuses when that would overwrite one.
    #[default]
    Carry,
    /// They are stashed, and brought back on the other branch.
    StashAndApply,
    /// They are stashed and stay there.
    Stash,
}

/// What a push sends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Push {
    /// None is the branch's own remote, else `origin` or the only one there is.
    pub remote: Option<String>,
    /// None is the current branch.
    pub branch: Option<String>,
    pub sets_upstream: bool,
    /// Overwrites the other side's branch, when it still is at this commit.
    pub lease: Option<String>,
    /// Also annotated tags of what is pushed.
    pub with_tags: bool,
    /// Into the branch that it follows, also where that has another name.
    #[serde(default)]
    pub goes_upstream: bool,
}

/// In the place of the commit below those that are rebased: everything from the first commit on. No commit can be called so.
pub const ROOT: &str = "--root";

/// The verdict on a commit while bisecting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Good,
    Bad,
    /// It can not be told.
    Skip,
}

/// One act. Names of commits may be anything that git understands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "git", rename_all = "snake_case")]
pub enum GitAct {
    RenameBranch {
        from: String,
        to: String,
    },
    DeleteBranch {
        name: String,
        /// Also when its commits are nowhere else.
        is_forced: bool,
    },
    SetUpstream {
        branch: String,
        /// None takes it away.
        upstream: Option<String>,
    },
    Merge {
        what: String,
        mode: MergeMode,
        message: Option<String>,
    },
    Rebase {
        onto: String,
        /// The commits after this one, or `ROOT`; None are those that `onto` does not have.
        since: Option<String>,
        is_autosquash: bool,
        keeps_merges: bool,
    },
    RunPlan {
        plan: Box<RebasePlan>,
    },
    CherryPick {
        commits: Vec<String>,
        /// Of a merge: the parent, counted from 1, beside which its changes count.
        #[serde(default)]
        mainline: Option<u32>,
        /// Says in the message where it came from.
        notes_origin: bool,
    },
    Revert {
        commits: Vec<String>,
        #[serde(default)]
        mainline: Option<u32>,
    },
    Reset {
        to: String,
        mode: ResetMode,
    },
    CreateTag {
        name: String,
        at: Option<String>,
        /// An annotated tag has one.
        message: Option<String>,
        is_signed: bool,
    },
    DeleteTag {
        name: String,
    },
    AddRemote {
        name: String,
        url: String,
    },
    RenameRemote {
        from: String,
        to: String,
    },
    SetRemoteUrl {
        name: String,
        url: String,
    },
    RemoveRemote {
        name: String,
    },
    PruneRemote {
        name: String,
    },
    Fetch {
        /// None is every remote.
        remote: Option<String>,
    },
    Pull {
        mode: PullMode,
    },
    Push {
        push: Push,
    },
    PushTag {
        remote: Option<String>,
        name: String,
    },
    DeleteRemoteBranch {
        remote: String,
        name: String,
    },
    DeleteRemoteTag {
        remote: String,
        name: String,
    },
    Continue,
    Skip,
    Abort,
    /// Begins the search for the commit from which on something fails, by hand.
    BisectStart {
        bad: String,
        /// At least one.
        good: Vec<String>,
    },
    Bisect {
        verdict: Verdict,
    },
    /// Ends the search, and goes back to where it was begun.
    BisectReset,
    /// Files as a commit has them, into the checkout; the index stays.
    Restore {
        revision: String,
        paths: Vec<GitPath>,
    },
    Resolve {
        path: GitPath,
        resolution: Resolution,
        /// Also when conflict marks are left.
        is_forced: bool,
    },
}

impl GitAct {
    /// Its word, for programs.
    pub fn word(&self) -> &'static str {
        match self {
            Self::RenameBranch { .. } => "rename_branch",
            Self::DeleteBranch { .. } => "delete_branch",
            Self::SetUpstream { .. } => "set_upstream",
            Self::Merge { .. } => "merge",
            Self::Rebase { .. } | Self::RunPlan { .. } => "rebase",
            Self::CherryPick { .. } => "cherry_pick",
            Self::Revert { .. } => "revert",
            Self::Reset { .. } => "reset",
            Self::CreateTag { .. } => "create_tag",
            Self::DeleteTag { .. } => "delete_tag",
            Self::AddRemote { .. } => "add_remote",
            Self::RenameRemote { .. } => "rename_remote",
            Self::SetRemoteUrl { .. } => "set_remote_url",
            Self::RemoveRemote { .. } => "remove_remote",
            Self::PruneRemote { .. } => "prune_remote",
            Self::Fetch { .. } => "fetch",
            Self::Pull { .. } => "pull",
            Self::Push { .. } => "push",
            Self::PushTag { .. } => "push_tag",
            Self::DeleteRemoteBranch { .. } => "delete_remote_branch",
            Self::DeleteRemoteTag { .. } => "delete_remote_tag",
            Self::Continue => "continue",
            Self::Skip => "skip",
            Self::Abort => "abort",
            Self::BisectStart { .. } => "bisect_start",
            Self::Bisect { .. } => "bisect",
            Self::BisectReset => "bisect_reset",
            Self::Restore { .. } => "restore",
            Self::Resolve { .. } => "resolve",
        }
    }

    /// It touches no file of a checkout, only names, settings and other repositories.
    pub fn is_of_refs(&self) -> bool {
        matches!(
            self,
            Self::RenameBranch { .. }
                | Self::DeleteBranch { .. }
                | Self::SetUpstream { .. }
                | Self::CreateTag { .. }
                | Self::DeleteTag { .. }
                | Self::AddRemote { .. }
                | Self::RenameRemote { .. }
                | Self::SetRemoteUrl { .. }
                | Self::RemoveRemote { .. }
                | Self::PruneRemote { .. }
                | Self::Fetch { .. }
                | Self::Push { .. }
                | Self::PushTag { .. }
                | Self::DeleteRemoteBranch { .. }
                | Self::DeleteRemoteTag { .. }
        )
    }

    /// It talks to another machine.
    pub fn is_network(&self) -> bool {
        matches!(
            self,
            Self::PruneRemote { .. }
                | Self::Fetch { .. }
                | Self::Pull { .. }
                | Self::Push { .. }
                | Self::PushTag { .. }
                | Self::DeleteRemoteBranch { .. }
                | Self::DeleteRemoteTag { .. }
        )
    }
}
