//! DevOps: the area's words.

pub mod cli;
pub mod exec;
pub mod jobs;
pub mod model;
pub mod page;
pub mod project;

use crate::base::{Target, Thread};
use serde::{Deserialize, Serialize};

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    /// Follows the chain of this thing through the ledger in both directions.
    ShowThread { of: Target },
}

/// What can be learnt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "learnt", rename_all = "snake_case")]
pub enum Update {
    ThreadFound { of: Target, thread: Thread },
}
