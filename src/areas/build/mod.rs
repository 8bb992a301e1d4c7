//! Build: the area's words.

pub mod cli;
pub mod detect;
pub mod jobs;
pub mod matchers;
pub mod model;
pub mod page;

use crate::base::{Workspace, WorkspaceId};
use serde::{Deserialize, Serialize};

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    /// Reads again what the page shows.
    Refresh { workspace: Workspace },
}

/// What can be learnt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "learnt", rename_all = "snake_case")]
pub enum Update {
    Refreshed { workspace: WorkspaceId },
}
