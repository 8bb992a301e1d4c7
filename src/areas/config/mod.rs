//! Configuration: the area's words. The settings file owns the truth; everything here reads it or changes one key of it.

pub mod cli;
pub mod init;
pub mod jobs;
pub mod model;
pub mod page;
pub mod registry;
pub mod secrets;

use super::devops::Tool;
use crate::base::{Lang, Msg, Problem, Settings, State, Timestamp, Workspace, WriteTo};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    /// Reads the settings file; what it says is in force from now on.
    Load,
    /// Follows the settings file until it is stopped: what is edited outside is in force at once.
    Watch,
    /// Sets one key from what was typed: TOML when it is some that fits, else text.
    Set { key: String, value: String },
    /// Takes one key out of the file, so that its default holds.
    Reset { key: String },
    /// Looks how much is kept of what has a limit.
    Measure,
    /// Looks for programs and asks each for its version. Runs nothing of a workspace.
    FindTools,
    Doctor {
        /// Read every byte of the data, not only the structure.
        read_data: bool,
        repair: bool,
    },
    /// Explains every error of a `chantier.toml`; fails when there is one.
    CheckProject { file: PathBuf },
    /// Writes a first `chantier.toml` for the project in this folder; never over one that is there.
    InitProject { dir: PathBuf, lang: Lang },
    /// Opens the workspace's `chantier.toml` in the user's editor; where there is none, a first one is written before.
    EditProject { workspace: Workspace, lang: Lang },
    /// Shows or changes secrets; the project file in `root` is asked too which ones it refers to.
    Secrets { root: Option<PathBuf>, act: secrets::Act },
    /// A copy of the settings file.
    Export { to: WriteTo },
    /// Takes over a whole settings file; the one before is kept beside it.
    Import { from: PathBuf },
}

/// One setting with its value and where the value comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Dotted, such as `general.language`.
    pub key: String,
    /// As TOML; empty when it is not set and has no default.
    pub value: String,
    /// As TOML; empty when it has none.
    pub default: String,
    /// The file sets it.
    pub is_set: bool,
}

/// One check of the self-diagnosis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HealthCheck {
    /// A stable word such as `ledger-structure`.
    pub id: String,
    pub title: Msg,
    pub state: State,
    pub outcome: Msg,
    pub details: Vec<String>,
    pub hint: Option<Msg>,
    pub is_repaired: bool,
}

/// The outcome of one self-diagnosis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Health {
    pub checks: Vec<HealthCheck>,
    pub at: Timestamp,
    /// Every byte was read.
    pub is_deep: bool,
}

/// What was found on this machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tools {
    pub tools: Vec<Tool>,
    pub at: Timestamp,
}

/// What a `chantier.toml` says wrongly.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProjectCheck {
    pub file: PathBuf,
    pub n_tasks: usize,
    pub n_artifacts: usize,
    pub n_environments: usize,
    pub n_checks: usize,
    #[serde(default)]
    pub n_pipelines: usize,
    pub problems: Vec<Problem>,
}

/// What can be learnt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "learnt", rename_all = "snake_case")]
pub enum Update {
    LoadStarted,
    Loaded {
        file: PathBuf,
        settings: Box<Settings>,
        rows: Vec<Row>,
        /// What is wrong with the file; everything else of it is in force.
        problems: Vec<Problem>,
    },
    LoadFailed {
        problem: Problem,
    },
    Watching {
        is_on: bool,
    },
    /// Bytes by the key of the setting that limits them.
    Measured {
        used: BTreeMap<String, u64>,
    },
    ToolsStarted,
    ToolsFound(Tools),
    ToolsFailed {
        problem: Problem,
    },
    DoctorStarted,
    DoctorDone(Health),
    DoctorFailed {
        problem: Problem,
    },
    SecretsStarted,
    SecretsListed(Box<secrets::Seen>),
    SecretsFailed {
        problem: Problem,
    },
    ProjectChecked(ProjectCheck),
    ProjectWritten {
        file: PathBuf,
        text: String,
    },
}
