//! The states that a thing can be in: drawn as shape, word and colour by the toolkit, written as a word by the command line.

use serde::{Deserialize, Serialize};

/// One vocabulary for runs, tests, deployments, instances and checks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Failed,
    Degraded,
    /// Not known, no link, not yet asked.
    #[default]
    Unknown,
    InProgress,
    Queued,
    Running,
    Done,
    /// Stopped by the user, skipped, stale, or nothing there.
    None,
    Skipped,
    Stale,
    Cancelled,
    /// Chantier or the machine died while it ran.
    Interrupted,
}

impl State {
    /// The key of the state's word in the locales.
    pub fn key(self) -> &'static str {
        match self {
            Self::Failed => "state-failed",
            Self::Degraded => "state-degraded",
            Self::Unknown => "state-unknown",
            Self::InProgress => "state-in-progress",
            Self::Queued => "state-queued",
            Self::Running => "state-running",
            Self::Done => "state-done",
            Self::None => "state-none",
            Self::Skipped => "state-skipped",
            Self::Stale => "state-stale",
            Self::Cancelled => "state-cancelled",
            Self::Interrupted => "state-interrupted",
        }
    }

    /// The stable word used in JSON and in the ledger.
    pub fn word(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Degraded => "degraded",
            Self::Unknown => "unknown",
            Self::InProgress => "in_progress",
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::None => "none",
            Self::Skipped => "skipped",
            Self::Stale => "stale",
            Self::Cancelled => "cancelled",
            Self::Interrupted => "interrupted",
        }
    }

    pub fn from_word(word: &str) -> Self {
        match word {
            "failed" => Self::Failed,
            "degraded" => Self::Degraded,
            "in_progress" => Self::InProgress,
            "queued" => Self::Queued,
            "running" => Self::Running,
            "done" => Self::Done,
            "none" => Self::None,
            "skipped" => Self::Skipped,
            "stale" => Self::Stale,
            "cancelled" => Self::Cancelled,
            "interrupted" => Self::Interrupted,
            _ => Self::Unknown,
        }
    }

    /// Somebody must look.
    pub fn needs_attention(self) -> bool {
        matches!(self, Self::Failed | Self::Degraded | Self::Interrupted)
    }
}
