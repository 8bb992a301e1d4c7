//! A failure that asks, as words: what somebody may decide, and what is asked. The rollout that waits for it is `rollout/guiding.rs`.

use crate::base::{Problem, Timestamp};
use serde::{Deserialize, Serialize};

/// What becomes of a deployment of which a step failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "choice", rename_all = "snake_case")]
pub enum Decision {
    /// The gates are asked again while everything runs; else what was started is ended, and the rollout begins again with the staged files.
    Retry,
    /// It goes on as if the step had succeeded.
    Ignore { reason: String },
    /// It ends here and everything stays as it is: nothing comes back.
    Abort,
    /// The version before comes back.
    RollBack,
}

impl Decision {
    /// As it is typed.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::Ignore { .. } => "ignore",
            Self::Abort => "abort",
            Self::RollBack => "rollback",
        }
    }

    /// The key of what it does, in the locales.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Retry => "deploy-decide-retry",
            Self::Ignore { .. } => "deploy-decide-ignore",
            Self::Abort => "deploy-decide-abort",
            Self::RollBack => "deploy-decide-roll-back",
        }
    }

    /// The key of what comes of it.
    pub fn hover_key(&self) -> &'static str {
        match self {
            Self::Retry => "deploy-decide-retry-hover",
            Self::Ignore { .. } => "deploy-decide-ignore-hover",
            Self::Abort => "deploy-decide-abort-hover",
            Self::RollBack => "deploy-decide-roll-back-hover",
        }
    }
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asks {
    pub deployment: i64,
    pub version: String,
    pub problem: Problem,
    /// Every instance runs: it may be gone on with all the same.
    pub may_ignore: bool,
    /// Without a decision the version before comes back then.
    pub until: Timestamp,
}
