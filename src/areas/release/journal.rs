//! A release that is being made, written down before each step: after a crash the next run goes on, or it is taken back.

use super::{StepName, Unfinished};
use crate::adapters::World;
use crate::base::{Problem, Timestamp, Workspace};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Everything that is needed to go on, and to take back what was done before the tag.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Journal {
    pub version: String,
    pub tag: String,
    /// The version before.
    pub previous: Option<String>,
    /// The commit that the release was begun at.
    pub base: String,
    pub since: Timestamp,
    /// The step that was begun last.
    pub step: StepName,
    pub files: Vec<Changed>,
    /// The new section of the changelog.
    pub notes: String,
    /// The release's own commit, once it is made.
    pub commit: Option<String>,
}

/// A file before and after; None when it was not there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Changed {
    pub path: PathBuf,
    pub before: Option<String>,
    pub after: String,
}

impl Journal {
    pub fn told(&self) -> Unfinished {
        Unfinished {
            version: self.version.clone(),
            step: self.step,
            since: self.since,
        }
    }

    /// The subject of the release's commit.
    pub fn subject(&self) -> String {
        format!("chore(release): {}", self.version)
    }
}

fn name(workspace: &Workspace) -> String {
    format!("release:{}", workspace.id)
}

pub async fn read(world: &World, workspace: &Workspace) -> Result<Option<Journal>, Problem> {
    world.store().kv().get(&name(workspace)).await
}

/// Back when it is on disk.
pub async fn write(world: &World, workspace: &Workspace, journal: &Journal) -> Result<(), Problem> {
    world.store().kv().set(&name(workspace), journal).await
}

pub async fn remove(world: &World, workspace: &Workspace) -> Result<(), Problem> {
    world.store().kv().remove(&name(workspace)).await
}
