//! Rehearsals (B11): what was built runs in a simulation of the system it is made for, with the environment's settings and no network but
//! loopback, and is asked whether it works.

mod base;
mod live;
pub mod run;
mod staged;

use crate::adapters::World;
use crate::base::{JobId, Msg, Problem, State, Timestamp, WorkspaceId};
use serde::{Deserialize, Serialize};

/// Rehearsals that a workspace keeps.
const KEPT: usize = 50;

/// What shall be rehearsed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// None: the last one of `chantier.toml`, where a version arrives in the end.
    pub environment: Option<String>,
    /// Built for it in a clean worktree; None: what was built last.
    pub revision: Option<String>,
}

/// One rehearsal, while it runs and afterwards.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rehearsal {
    pub job: JobId,
    pub environment: String,
    /// None: the programs and libraries of this machine.
    pub base: Option<String>,
    pub commit: Option<String>,
    /// What the version files of that commit say.
    pub version: String,
    pub state: State,
    pub at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// From the start until every gate held.
    pub ready_ms: Option<u64>,
    pub gates: Vec<Gate>,
    pub smoke: Vec<Smoke>,
    /// Addresses on which it listened.
    pub listens: Vec<String>,
    pub end: Option<End>,
    pub problem: Option<Problem>,
    /// The last lines that it printed.
    pub last_words: Vec<String>,
}

/// One gate of the environment, asked inside.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    /// `GET http://127.0.0.1:8080/health`.
    pub what: String,
    pub state: State,
    pub n_tries: u32,
    pub last: Option<Msg>,
}

/// A program that must succeed beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Smoke {
    pub command: String,
    pub state: State,
    pub exit_code: Option<i32>,
    pub ms: u64,
    pub last_words: Vec<String>,
}

/// How it ended when it was asked to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct End {
    /// TERM was enough.
    pub is_polite: bool,
    pub ms: u64,
}

impl Rehearsal {
    /// Goes into the ledger's list, newest first; what was running when its program was killed is ended there.
    pub async fn keep(&self, world: &World, workspace: &WorkspaceId) -> Result<(), Problem> {
        let mut all = list(world, workspace).await?;
        all.retain(|known| known.job != self.job);
        all.insert(0, self.clone());
        all.truncate(KEPT);
        world.store().kv().set(&key(workspace), &all).await
    }
}

fn key(workspace: &WorkspaceId) -> String {
    format!("rehearsals/{workspace}")
}

/// Newest first. What a killed program left open counts as interrupted.
pub async fn list(world: &World, workspace: &WorkspaceId) -> Result<Vec<Rehearsal>, Problem> {
    let mut all: Vec<Rehearsal> = world.store().kv().get(&key(workspace)).await?.unwrap_or_default();
    for rehearsal in &mut all {
        if rehearsal.state == State::InProgress {
            let row = world.store().jobs().get(rehearsal.job).await?;
            if let Some(row) = row.filter(|row| row.state != State::InProgress) {
                rehearsal.state = row.state;
                rehearsal.ended_at = row.ended_at;
            }
        }
    }
    Ok(all)
}
