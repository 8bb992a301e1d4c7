//! Release: the area's words.

pub mod advisories;
pub mod artifacts;
pub mod board;
pub mod changelog;
pub mod changelog_links;
pub mod checks;
pub mod cli;
pub mod deliverables;
pub mod evidence;
pub mod files;
pub mod found;
pub mod grammar;
pub mod history;
pub mod image;
pub mod jobs;
pub mod journal;
pub mod locks;
pub mod lockstep;
pub mod matrix;
mod merged;
pub mod model;
pub mod packages;
pub mod packing;
pub mod page;
mod pip;
pub mod procedure;
pub mod readiness;
pub mod sbom;
pub mod together;
pub mod verify;
pub mod version;
pub mod withdrawal;

pub use crate::areas::devops::packages::Package;
pub use crate::areas::devops::project::ChangeKind;
use crate::areas::devops::project::{ReleaseStep, StepKind};
use crate::base::{JobId, Msg, Problem, State, Target, Timestamp, Workspace, WorkspaceId};
use crate::msg;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

pub use procedure::whole::Unpushed;
pub use together::{Member, Together};
pub use withdrawal::Word;

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    /// Looks at what the next version would be and whether it can be made.
    Prepare {
        workspace: Workspace,
        wish: Wish,
        /// One of the packages of a monorepo; None means the whole.
        package: Option<String>,
    },
    /// Looks whether all repositories of a workspace can get one version.
    LookTogether { workspace: Workspace, version: String },
    /// Gives them that version: all of them are tagged, or none is.
    Together {
        workspace: Workspace,
        version: String,
        pushes: bool,
    },
    /// Carries the procedure out in a throw-away worktree, without tag and push.
    Rehearse {
        workspace: Workspace,
        wish: Wish,
        package: Option<String>,
    },
    /// Looks for packages with versions of their own, and at the next one of each.
    ListPackages { workspace: Workspace },
    /// Makes the next version, or goes on with one that was begun.
    Run {
        workspace: Workspace,
        wish: Wish,
        package: Option<String>,
        /// The text of the new section of the changelog; None takes the draft.
        notes: Option<String>,
    },
    /// Goes on with the release that was begun.
    Resume { workspace: Workspace },
    /// What a person says of the step that waits; the release goes on.
    Confirm {
        workspace: Workspace,
        step: String,
        note: String,
        /// A file that shows it; a copy is kept with the version.
        evidence: Option<PathBuf>,
    },
    /// Takes back a release that was not pushed yet.
    Abort { workspace: Workspace },
    /// Builds a version whose tag is here, and whose files are not, again from its commit.
    Again { workspace: Workspace, version: String },
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
    /// The workspace itself is in no repository and holds several: they get one version together.
    OnlyTogether {
        workspace: WorkspaceId,
        /// Their paths below the workspace.
        repositories: Vec<String>,
    },
    /// How far a rehearsal is; the whole list.
    RehearsalTold {
        workspace: WorkspaceId,
        steps: Vec<Step>,
    },
    TogetherTold {
        workspace: WorkspaceId,
        together: Box<Together>,
    },
    PackagesListed {
        workspace: WorkspaceId,
        packages: Vec<PackageNext>,
    },
    /// A release begins or goes on; the whole list.
    StepsTold {
        workspace: WorkspaceId,
        steps: Vec<Step>,
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
        #[serde(default)]
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
    /// The pull requests by which its branch was merged: `#12`.
    #[serde(default)]
    pub merged_by: Vec<String>,
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
    /// The step that comes next.
    pub step: String,
    pub since: Timestamp,
    /// For a person at that step.
    pub waits: bool,
    /// It was pushed, so that it can only be finished.
    pub is_final: bool,
}

/// A rehearsal that came to its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rehearsed {
    pub version: String,
    /// The commit that it began at.
    pub head: String,
    pub at: Timestamp,
    pub duration_ms: u64,
    /// The step that failed.
    pub failed: Option<String>,
    pub steps: Vec<Step>,
}

/// The difference of two bills of materials, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bill {
    pub added: Vec<Renewed>,
    pub updated: Vec<Renewed>,
    pub removed: Vec<Renewed>,
}

/// A package before and after; empty where it was not there. Several versions stand with commas between.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renewed {
    pub name: String,
    pub from: String,
    pub to: String,
}

impl Renewed {
    /// `1.0.0 → 1.1.0`, or the only one of both.
    pub fn told(&self) -> String {
        match (self.from.as_str(), self.to.as_str()) {
            (from, "") => from.to_owned(),
            ("", to) => to.to_owned(),
            (from, to) => format!("{from} → {to}"),
        }
    }
}

/// A package and what comes next of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PackageNext {
    pub package: Package,
    pub last: Option<Last>,
    pub next: Option<Next>,
    /// Commits since the last version that touch it.
    pub n_changes: u64,
    /// Why it has no next version.
    pub problem: Option<Problem>,
    /// It has the version of the whole, and is released with it.
    #[serde(default)]
    pub goes_with_whole: bool,
}

/// Everything about the next version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Readiness {
    /// Of a monorepo; None: the whole.
    pub package: Option<String>,
    pub head: String,
    pub branch: Option<String>,
    pub last: Option<Last>,
    /// The highest version that HEAD has, a pre-release too: the next one comes after it.
    #[serde(default)]
    pub newest: Option<String>,
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
    /// The version that was made last, while nobody has it.
    #[serde(default)]
    pub unpushed: Option<Unpushed>,
    /// How the last rehearsal went.
    pub rehearsed: Option<Rehearsed>,
    /// How the packages that it is made of differ from those of the last version; None while nobody looked.
    pub bill: Option<Bill>,
    /// What is done to make it; as far as it is, when it was begun.
    pub procedure: Vec<Step>,
}

/// The code of the problem of a whole whose packages alone have versions.
pub const ONLY_PACKAGES: &str = "only-packages";

impl Readiness {
    /// Its packages have versions of their own, and the whole has none.
    pub fn has_only_packages(&self) -> bool {
        self.nothing.as_ref().is_some_and(|problem| problem.code == ONLY_PACKAGES)
    }

    /// No check forbids it and there is a version to make.
    pub fn can_release(&self) -> bool {
        self.next.is_some() && self.checks.iter().all(|check| check.state != State::Failed)
    }
}

/// How a step is taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "undo", rename_all = "snake_case")]
pub enum Undo {
    /// By itself: files, commit and tag become what they were.
    Restored,
    /// By a task of the project.
    Task { name: String },
    /// It leaves nothing behind.
    Nothing,
    /// What the task did stays.
    Stays,
    /// From here on nothing is taken back any more: others have the version.
    Never,
}

impl Undo {
    /// What is said of it beside the step; nothing of what is taken back by itself.
    pub fn told(&self) -> Option<Msg> {
        match self {
            Self::Task { name } => Some(msg!("release-undo-task", name = name)),
            Self::Stays => Some(msg!("release-undo-stays")),
            Self::Restored | Self::Nothing | Self::Never => None,
        }
    }
}

/// What a person said of a step, and what shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Confirmed {
    pub by: String,
    pub at: Timestamp,
    pub note: String,
    pub evidence: Option<Delivered>,
}

/// One step of a release as it is seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    pub version: String,
    /// What `chantier.toml` calls it, else its task, else the word of its kind.
    pub name: String,
    pub state: State,
    pub kind: StepKind,
    /// The name is one of the project's.
    pub is_named: bool,
    pub note: Option<Msg>,
    pub job: Option<JobId>,
    /// When it was begun or ended last.
    pub at: Option<Timestamp>,
    pub undo: Undo,
    /// What the person is to look at.
    pub text: Option<String>,
    /// A file has to show it.
    pub needs_file: bool,
    /// The release stands here until somebody confirms it.
    pub waits: bool,
    pub confirmed: Option<Confirmed>,
}

impl Step {
    /// Its name for people.
    pub fn title(&self) -> Msg {
        if self.is_named {
            return msg!("release-step-named", name = &self.name);
        }
        Msg::new(match self.kind {
            StepKind::Ready => "release-step-ready",
            StepKind::Bump => "release-step-bump",
            StepKind::Changelog => "release-step-changelog",
            StepKind::Commit => "release-step-commit",
            StepKind::Build => "release-step-build",
            StepKind::Tag => "release-step-tag",
            StepKind::Pack => "release-step-pack",
            StepKind::Publish => "release-step-publish",
            StepKind::Task => "release-step-task",
            StepKind::Check => "release-step-check",
            StepKind::Confirm => "release-step-confirm",
            StepKind::Record => "release-step-record",
        })
    }
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
    /// Who withdrew it and made it good again, the oldest first.
    #[serde(default)]
    pub words: Vec<Word>,
    pub artifacts: Vec<Delivered>,
    /// Where it runs now.
    pub places: Vec<Place>,
    /// How it was made, with what people confirmed; empty for one that was made elsewhere.
    #[serde(default)]
    pub steps: Vec<Step>,
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
    /// It was tried there, and never stood.
    #[serde(default)]
    pub has_failed: bool,
}
