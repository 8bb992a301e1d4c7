//! The way back, rehearsed: on a clone of an environment, with ports, files and a database of its own, what runs now is deployed, then the
//! next version, and it is taken back; afterwards the data have to be what they were. The environment itself is not touched.

pub mod cli;
mod place;
mod run;
mod same;

pub use place::{is_clone, sweep};
pub use run::rehearse;

use super::inputs::Inputs;
use crate::adapters::World;
use crate::adapters::store::deployments::DeploymentRow;
use crate::adapters::store::rehearsals::RehearsalRow;
use crate::base::{JobId, Msg, Problem, State, Timestamp, WorkspaceId};
use crate::msg;
use serde::{Deserialize, Serialize};

/// Rehearsals of an environment that are looked at.
const LOOKED_AT: u32 = 50;

/// One rehearsal, running or over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rehearsal {
    pub id: i64,
    pub environment: String,
    /// What ran, and is returned to.
    pub from: String,
    pub from_commit: Option<String>,
    /// What was deployed on the clone.
    pub version: String,
    pub commit: Option<String>,
    pub state: State,
    pub who: String,
    pub job: Option<JobId>,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub stages: Vec<Stage>,
    /// Empty where there is no database.
    pub tables: Vec<Table>,
    pub problem: Option<Problem>,
}

/// A part of a rehearsal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    pub name: StageName,
    pub state: State,
    pub note: Option<Msg>,
    /// The deployment on the clone, as `deploy show` tells it.
    pub deployment: Option<i64>,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageName {
    /// Files, ports and data of its own.
    Clone,
    /// What runs now is deployed there.
    Now,
    /// The next version is.
    Next,
    /// The version before comes back to the changed data, where it is said to bear them.
    Bear,
    /// It comes back, and the data with it.
    Back,
    /// Rows and sums are held against those before.
    Compare,
    /// Nothing of the clone is left.
    Remove,
}

impl StageName {
    /// The key of its name in the locales.
    pub fn key(self) -> &'static str {
        match self {
            Self::Clone => "deploy-rehearsal-clone",
            Self::Now => "deploy-rehearsal-now",
            Self::Next => "deploy-rehearsal-next",
            Self::Bear => "deploy-rehearsal-bear",
            Self::Back => "deploy-rehearsal-back",
            Self::Compare => "deploy-rehearsal-compare",
            Self::Remove => "deploy-rehearsal-remove",
        }
    }
}

/// The rows of a table on the clone; None where it is not there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    pub name: String,
    pub before: Option<u64>,
    /// While the next version ran.
    pub between: Option<u64>,
    pub after: Option<u64>,
    /// Rows, columns and sum are those before.
    pub is_same: bool,
    /// The version before writes to it by itself whenever it runs: it is not held against anything.
    pub is_written: bool,
}

/// Whether a way back is proven.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proven {
    /// Done: proven. Failed: it did not succeed. Stale: proven for others. None: never tried.
    pub state: State,
    /// Of the rehearsal that says so.
    pub rehearsal: Option<i64>,
    pub at: Option<Timestamp>,
    /// When this was found.
    pub found_at: Option<Timestamp>,
    pub from: String,
    pub version: String,
}

impl Proven {
    fn found(self, now: Timestamp) -> Self {
        Self {
            found_at: Some(now),
            ..self
        }
    }

    /// `Rollback proven 12 min ago`; `ago` in words.
    pub fn words(&self, ago: &str) -> Msg {
        let (from, version) = (self.from.as_str(), self.version.as_str());
        match self.state {
            State::Done => msg!("deploy-proven", ago = ago, from = from, version = version),
            State::Failed => msg!("deploy-proven-failed", ago = ago, from = from, version = version),
            State::Stale => msg!("deploy-proven-stale", ago = ago, from = from, version = version),
            _ => msg!("deploy-unproven"),
        }
    }

    /// The same where it is known what it is about.
    pub fn short(&self, ago: &str) -> Msg {
        match self.state {
            State::Done => msg!("deploy-proven-short", ago = ago),
            State::Failed => msg!("deploy-proven-failed-short", ago = ago),
            _ => msg!("deploy-unproven-short"),
        }
    }
}

impl Rehearsal {
    /// As it stands in the ledger.
    pub fn of(row: &RehearsalRow) -> Self {
        let left_half_way = row.ended_at.is_none() && !row.holder.is_alive();
        let kept: Option<Self> = serde_json::from_value(row.result.clone()).ok();
        let (mut stages, tables) = kept.map_or_else(Default::default, |kept| (kept.stages, kept.tables));
        let state = if left_half_way { State::Interrupted } else { row.state };
        let open = stages.iter_mut().filter(|stage| stage.state == State::InProgress);
        for stage in open.filter(|_| state == State::Interrupted) {
            stage.state = state;
            stage.ended_at = row.ended_at.or(stage.started_at);
        }
        Self {
            id: row.id,
            environment: row.environment.clone(),
            from: row.live_version.clone(),
            from_commit: row.live_commit.clone(),
            version: row.version.clone(),
            commit: row.commit.clone(),
            state,
            who: row.who.clone(),
            job: row.job,
            started_at: row.started_at,
            ended_at: row.ended_at,
            stages,
            tables,
            problem: row.problem.clone(),
        }
    }

    pub fn is_running(&self) -> bool {
        self.state == State::InProgress
    }

    /// What it says, once it is over.
    pub fn proven(&self) -> Option<Proven> {
        matches!(self.state, State::Done | State::Failed).then(|| self.proves(self.state))
    }

    fn proves(&self, state: State) -> Proven {
        Proven {
            state,
            found_at: self.ended_at,
            rehearsal: Some(self.id),
            at: self.ended_at,
            from: self.from.clone(),
            version: self.version.clone(),
        }
    }
}

/// Rehearsals of an environment, newest first.
pub async fn of_environment(world: &World, workspace: &WorkspaceId, environment: &str) -> Result<Vec<Rehearsal>, Problem> {
    let rows = world
        .store()
        .rehearsals()
        .list(workspace, Some(environment), LOOKED_AT)
        .await?;
    Ok(rows.iter().map(Rehearsal::of).collect())
}

/// What is known of the way back from this version to what is live, with these very settings.
pub async fn proven(
    world: &World,
    workspace: &WorkspaceId,
    live: Option<&DeploymentRow>,
    inputs: &Inputs,
) -> Result<Option<Proven>, Problem> {
    let Some(live) = live else { return Ok(None) };
    let rows = world
        .store()
        .rehearsals()
        .list(workspace, Some(&inputs.environment), LOOKED_AT)
        .await?;
    let settings = inputs.settings_sum();
    let is_it = |row: &&RehearsalRow| {
        (&row.live_version, &row.live_commit) == (&live.version, &live.commit) && row.settings == settings && is_over(row)
    };
    let exact = rows.iter().find(is_it).map(|row| Rehearsal::of(row).proves(row.state));
    let other = || {
        let good = rows.iter().find(|row| row.state == State::Done);
        good.map(|row| Rehearsal::of(row).proves(State::Stale))
    };
    let proven = exact.or_else(other).unwrap_or_else(|| unproven(&live.version, &inputs.label));
    Ok(Some(proven.found(world.clock().now())))
}

/// What is known of the way back from or to what is live now, among these, newest first.
pub fn proven_of(rehearsals: &[Rehearsal], live: &DeploymentRow, now: Timestamp) -> Proven {
    let live = (&live.version, &live.commit);
    let concerns = |one: &&Rehearsal| (&one.from, &one.from_commit) == live || (&one.version, &one.commit) == live;
    let over = || {
        rehearsals
            .iter()
            .filter(|one| matches!(one.state, State::Done | State::Failed))
    };
    let proven = match over().find(concerns) {
        Some(one) => one.proves(one.state),
        None => match over().find(|one| one.state == State::Done) {
            Some(one) => one.proves(State::Stale),
            None => unproven(live.0, ""),
        },
    };
    proven.found(now)
}

/// What is known of the way back from this version to that one.
pub fn proven_between(rehearsals: &[Rehearsal], from: &str, version: &str, commit: Option<&str>, now: Timestamp) -> Proven {
    let is_it = |one: &&Rehearsal| {
        one.from == from
            && one.version == version
            && one.commit.as_deref() == commit
            && matches!(one.state, State::Done | State::Failed)
    };
    let proven = match rehearsals.iter().find(is_it) {
        Some(one) => one.proves(one.state),
        None => unproven(from, version),
    };
    proven.found(now)
}

fn is_over(row: &RehearsalRow) -> bool {
    matches!(row.state, State::Done | State::Failed)
}

fn unproven(from: &str, version: &str) -> Proven {
    Proven {
        state: State::None,
        rehearsal: None,
        at: None,
        found_at: None,
        from: from.to_owned(),
        version: version.to_owned(),
    }
}
