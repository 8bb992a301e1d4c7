//! What somebody said of versions: that one is withdrawn, and why. Only `release` says something; who asks what a version is may read it.

use crate::adapters::World;
use crate::base::{Msg, Problem, Timestamp, WorkspaceId};
use crate::msg;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What somebody said of a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Word {
    pub by: String,
    pub at: Timestamp,
    /// Why it is withdrawn; None: it is good again.
    pub reason: Option<String>,
}

impl Word {
    /// One line of the list of what was said.
    pub fn line(&self) -> Msg {
        let day = self.at.to_zoned(jiff::tz::TimeZone::UTC).date().to_string();
        match &self.reason {
            Some(reason) => msg!("release-word-line", reason = reason, by = &self.by, day = day),
            None => self.told(),
        }
    }

    /// Who and when, behind the word that it is withdrawn.
    pub fn told(&self) -> Msg {
        let day = self.at.to_zoned(jiff::tz::TimeZone::UTC).date().to_string();
        match &self.reason {
            Some(reason) => msg!("release-word-withdrawn", reason = reason, by = &self.by, day = day),
            None => msg!("release-word-restored", by = &self.by, day = day),
        }
    }
}

/// By version, the oldest first.
pub type Words = BTreeMap<String, Vec<Word>>;

/// Where they are, in the ledger.
pub fn key(workspace: &WorkspaceId) -> String {
    format!("release-words:{workspace}")
}

/// Everything that was said of the versions of a workspace.
pub async fn all(world: &World, workspace: &WorkspaceId) -> Result<Words, Problem> {
    Ok(world.store().kv().get(&key(workspace)).await?.unwrap_or_default())
}

/// Why a version is withdrawn now; None while it is good.
pub fn reason(words: &Words, version: &str) -> Option<String> {
    words.get(version)?.last()?.reason.clone()
}
