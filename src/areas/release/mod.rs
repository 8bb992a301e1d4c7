//! Release: the area's words.

pub mod artifacts;
pub mod changelog;
pub mod cli;
pub mod deliverables;
pub mod files;
pub mod grammar;
pub mod history;
pub mod jobs;
pub mod journal;
pub mod locks;
pub mod matrix;
pub mod model;
pub mod packing;
pub mod page;
pub mod procedure;
pub mod readiness;
pub mod sbom;
pub mod verify;
pub mod version;

use crate::base::{JobId, Msg, Problem, State, Target, Timestamp, Workspace, WorkspaceId};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    /// Looks at what the next version would be and whether it can be made.
    Prepare { workspace: Workspace, wish: Wish },
    /// Makes the next version, or goes on with one that was begun.
    Run {
        workspace: Workspace,
        wish: Wish,
        /// The text of the new section of the changelog; None takes the draft.
        notes: Option<String>,
    },
    /// Takes back a release that stopped before its tag.
    Abandon { workspace: Workspace },
    /// Reads the deliverables.
    List { workspace: Workspace },
    /// Blocks a version with a reason, which Deploy obeys; None makes it good again.
    Withdraw {
        workspace: Workspace,
        version: String,
        reason: Option<String>,
    },
    /// Looks whether the files of a version are those that were made and signed.
    Verify { workspace: Workspace, version: String },
}

/// Which version is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "wish", rename_all = "snake_case")]
pub enum Wish {
    /// What the commits say.
    #[default]
    Commits,
    Level {
        level: Level,
    },
    Version {
        version: String,
    },
    /// The next pre-release of a channel: `1.4.0-beta.2`.
    Channel {
        name: String,
    },
}

/// What can be learnt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "learnt", rename_all = "snake_case")]
pub enum Update {
    Preparing {
        workspace: WorkspaceId,
    },
    Prepared {
        workspace: WorkspaceId,
        readiness: Box<Readiness>,
    },
    PrepareFailed {
        workspace: WorkspaceId,
        problem: Problem,
    },
    StepChanged {
        workspace: WorkspaceId,
        step: Step,
    },
    Released {
        workspace: WorkspaceId,
        deliverable: Box<Deliverable>,
    },
    Listed {
        workspace: WorkspaceId,
        deliverables: Vec<Deliverable>,
        /// In the order in which a version moves on.
        environments: Vec<String>,
    },
    Verified {
        workspace: WorkspaceId,
        version: String,
        checks: Vec<Check>,
    },
    ListFailed {
        workspace: WorkspaceId,
        problem: Problem,
    },
}

/// How far a version moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Patch,
    Minor,
    Major,
}

impl Level {
    /// The key of its word in the locales.
    pub fn key(self) -> &'static str {
        match self {
            Self::Patch => "release-level-patch",
            Self::Minor => "release-level-minor",
            Self::Major => "release-level-major",
        }
    }
}

/// What a change is for those who use the thing, as Keep a Changelog groups it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    Added,
    Changed,
    Deprecated,
    Removed,
    Fixed,
    Security,
    /// Nothing that a user sees.
    Other,
}

impl ChangeKind {
    pub const ALL: [Self; 7] = [
        Self::Added,
        Self::Changed,
        Self::Deprecated,
        Self::Removed,
        Self::Fixed,
        Self::Security,
        Self::Other,
    ];
    /// Those that the changelog tells, in its order.
    pub const TOLD: [Self; 6] = [
        Self::Added,
        Self::Changed,
        Self::Deprecated,
        Self::Removed,
        Self::Fixed,
        Self::Security,
    ];

    /// The heading in the changelog, a word of the format and so the same in every language.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Added => "Added",
            Self::Changed => "Changed",
            Self::Deprecated => "Deprecated",
            Self::Removed => "Removed",
            Self::Fixed => "Fixed",
            Self::Security => "Security",
            Self::Other => "Other",
        }
    }

    /// The key of its word in the locales.
    pub fn key(self) -> &'static str {
        match self {
            Self::Added => "release-kind-added",
            Self::Changed => "release-kind-changed",
            Self::Deprecated => "release-kind-deprecated",
            Self::Removed => "release-kind-removed",
            Self::Fixed => "release-kind-fixed",
            Self::Security => "release-kind-security",
            Self::Other => "release-kind-other",
        }
    }
}

/// One commit since the last version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    pub oid: String,
    pub at: Timestamp,
    pub author: String,
    pub kind: ChangeKind,
    pub scope: Option<String>,
    pub text: String,
    /// What breaks.
    pub breaking: Option<String>,
    /// The plan item it belongs to.
    pub item: Option<String>,
    /// None moves no version.
    pub level: Option<Level>,
    /// The hand-written part of the changelog tells of it.
    pub is_covered: bool,
}

/// The next version and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Next {
    pub version: String,
    /// None for a first version, or one that was asked for.
    pub level: Option<Level>,
    pub why: Msg,
}

/// The version before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Last {
    pub version: String,
    pub tag: String,
    pub commit: String,
    pub at: Option<Timestamp>,
}

/// One thing that was looked at, before a release or at one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    pub name: Msg,
    /// Done, Degraded (a release is possible, somebody should look) or Failed.
    pub state: State,
    pub found: Msg,
    pub hint: Option<Msg>,
    pub target: Option<Target>,
}

/// A release that was begun and not ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unfinished {
    pub version: String,
    pub step: StepName,
    pub since: Timestamp,
}

/// Everything about the next version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Readiness {
    pub head: String,
    pub branch: Option<String>,
    pub last: Option<Last>,
    pub next: Option<Next>,
    /// Why there is no next version.
    pub nothing: Option<Problem>,
    pub tag: Option<String>,
    /// Newest first, at most 500.
    pub changes: Vec<Change>,
    pub n_changes: u64,
    pub checks: Vec<Check>,
    /// The new section of the changelog, in Markdown.
    pub draft: String,
    /// A part of the draft was written by hand.
    pub has_hand_written: bool,
    pub version_files: Vec<PathBuf>,
    pub changelog: PathBuf,
    pub unfinished: Option<Unfinished>,
}

impl Readiness {
    /// No check forbids it and there is a version to make.
    pub fn can_release(&self) -> bool {
        self.next.is_some() && self.checks.iter().all(|check| check.state != State::Failed)
    }
}

/// The steps of a release, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepName {
    Check,
    Version,
    Changelog,
    Commit,
    Build,
    Tag,
    Archive,
    Record,
}

impl StepName {
    pub const ALL: [Self; 8] = [
        Self::Check,
        Self::Version,
        Self::Changelog,
        Self::Commit,
        Self::Build,
        Self::Tag,
        Self::Archive,
        Self::Record,
    ];

    /// The key of its name in the locales.
    pub fn key(self) -> &'static str {
        match self {
            Self::Check => "release-step-check",
            Self::Version => "release-step-version",
            Self::Changelog => "release-step-changelog",
            Self::Commit => "release-step-commit",
            Self::Build => "release-step-build",
            Self::Tag => "release-step-tag",
            Self::Archive => "release-step-archive",
            Self::Record => "release-step-record",
        }
    }
}

/// One step of a release as it is seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    pub version: String,
    pub name: StepName,
    pub state: State,
    pub note: Option<Msg>,
    pub job: Option<JobId>,
}

/// A version that was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deliverable {
    /// In the ledger; 0 for a version known only by its tag.
    pub id: i64,
    pub version: String,
    pub commit: String,
    pub tag: Option<String>,
    pub previous: Option<String>,
    pub at: Timestamp,
    /// Markdown.
    pub notes: String,
    /// Why it was withdrawn.
    pub withdrawn: Option<String>,
    pub artifacts: Vec<Delivered>,
    /// Where it runs now.
    pub places: Vec<Place>,
}

/// A file of a version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delivered {
    pub name: String,
    pub path: PathBuf,
    pub sha256: String,
    pub bytes: u64,
}

/// An environment where a version is or was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    pub environment: String,
    pub deployment: i64,
    pub since: Timestamp,
    /// None while it runs there.
    pub until: Option<Timestamp>,
}
