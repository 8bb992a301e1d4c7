//! The module planner: models and fields are planned in `.chantier/modules`, checked while they are edited, generated from templates,
//! read back from code and compared with it. Its words; the files own the truth.

pub mod check;
pub mod cli;
pub mod drift;
pub mod edit;
pub mod folder;
pub mod generate;
pub mod jobs;
pub mod keys;
pub mod known;
pub mod layout;
pub mod mend;
pub mod outside;
pub mod parse;
pub mod readback;
pub mod refactor;
pub mod schema;

pub use check::{Finding, Fix};
pub use drift::{Difference, Drift, Side};
pub use edit::Change;
pub use generate::{FileState, OnConflict, OutFile, Output, TemplateInfo};
pub use known::{Checked, Known, Plan};
pub use schema::{Access, Address, FieldKind, Module, Part, PartKind, PlannedModel, Values};

use crate::base::{Msg, Problem, Workspace, WorkspaceId};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    Load {
        workspace: Workspace,
    },
    /// Follows the folder until it is stopped: what is edited outside appears.
    Watch {
        workspace: Workspace,
    },
    /// Reads everything and fails when something is wrong.
    Check {
        workspace: Workspace,
    },
    /// Applies the first fix of every finding that has one, as one act; fails when errors are left.
    Mend {
        workspace: Workspace,
    },
    /// Changes the plan; kept first, so that it can be taken back.
    Edit {
        workspace: Workspace,
        title: Msg,
        changes: Vec<Change>,
    },
    Undo {
        workspace: Workspace,
    },
    Redo {
        workspace: Workspace,
    },
    /// Works out what generating would do.
    Preview {
        workspace: Workspace,
        module: String,
        template: Option<String>,
    },
    Generate {
        workspace: Workspace,
        module: String,
        template: Option<String>,
        options: GenerateOptions,
    },
    /// Reads the modules of a folder into the plan.
    Read {
        workspace: Workspace,
        path: PathBuf,
        /// The module's name in the plan, for one module.
        to: Option<String>,
        /// Only told, not written.
        is_dry: bool,
        /// A module that the plan has is replaced.
        replaces: bool,
    },
    /// Compares with the code; None compares every module.
    Compare {
        workspace: Workspace,
        module: Option<String>,
    },
}

/// How something is generated.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GenerateOptions {
    pub on_conflict: OnConflict,
    /// Committed to this branch in a worktree of its own, instead of written into the checkout.
    pub branch: Option<String>,
    /// The message of a commit of what was written.
    pub commit: Option<String>,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "did", rename_all = "snake_case")]
pub enum Did {
    Edited {
        files: Vec<PathBuf>,
        /// What else was changed because it named what got another name or went.
        #[serde(default)]
        also: Vec<Address>,
    },
    /// Findings were put right: where, and what was done.
    Mended {
        files: Vec<PathBuf>,
        fixes: Vec<(Address, Msg)>,
    },
    Undone {
        title: Msg,
    },
    Redone {
        title: Msg,
    },
    Generated {
        module: String,
        files: Vec<PathBuf>,
        branch: Option<String>,
        commit: Option<String>,
    },
    Read {
        modules: Vec<Module>,
        problems: Vec<Problem>,
        is_dry: bool,
    },
}

/// What can be learnt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "learnt", rename_all = "snake_case")]
pub enum Update {
    LoadStarted {
        workspace: WorkspaceId,
    },
    Loaded {
        workspace: WorkspaceId,
        plan: Plan,
        can_undo: bool,
        can_redo: bool,
    },
    LoadFailed {
        workspace: WorkspaceId,
        problem: Problem,
    },
    Done {
        workspace: WorkspaceId,
        did: Did,
    },
    Previewing {
        workspace: WorkspaceId,
    },
    Previewed {
        workspace: WorkspaceId,
        output: Output,
    },
    PreviewFailed {
        workspace: WorkspaceId,
        problem: Problem,
    },
    Comparing {
        workspace: WorkspaceId,
    },
    Compared {
        workspace: WorkspaceId,
        drifts: Vec<Drift>,
    },
    CompareFailed {
        workspace: WorkspaceId,
        problem: Problem,
    },
    Watching {
        workspace: WorkspaceId,
        is_on: bool,
    },
}
