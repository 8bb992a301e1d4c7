//! Rehearsals of the way back: which version was deployed on a clone of an environment and taken back there, what it showed, and what of
//! the clone is still to be removed.

use super::Store;
use super::holder::Holder;
use super::record::{get, insert, next_id, record, select, update, values};
use crate::base::{JobId, Problem, State, Timestamp, WorkspaceId};

pub(super) const SCHEMA: &str = "
CREATE TABLE rehearsals (id INTEGER PRIMARY KEY, workspace TEXT NOT NULL, environment TEXT NOT NULL, live INTEGER NOT NULL,
  live_version TEXT NOT NULL, live_commit TEXT, version TEXT NOT NULL, \"commit\" TEXT, settings TEXT NOT NULL, state TEXT NOT NULL,
  who TEXT NOT NULL, job INTEGER, started_at INTEGER NOT NULL, ended_at INTEGER, clone TEXT NOT NULL, result TEXT NOT NULL, problem TEXT,
  holder TEXT NOT NULL, sum INTEGER NOT NULL) STRICT;
CREATE INDEX rehearsals_by_environment ON rehearsals(workspace, environment, id);
CREATE INDEX rehearsals_with_clone ON rehearsals(id) WHERE clone <> 'null';
";

record! {
    /// One rehearsal of a deployment and of the return from it.
    RehearsalRow in "rehearsals" key 1 {
        /// 0 for a new one.
        id: i64,
        workspace: WorkspaceId,
        environment: String,
        /// The deployment that was live, and is returned to.
        live: i64,
        live_version: String,
        live_commit: Option<String>,
        version: String,
        commit: Option<String>,
        /// The sum of the settings that the version was tried with.
        settings: String,
        /// In progress, done, failed, cancelled or interrupted.
        state: State,
        who: String,
        job: Option<JobId>,
        started_at: Timestamp,
        ended_at: Option<Timestamp>,
        /// What has to be removed, written before it is made; null when nothing is left of it.
        clone: serde_json::Value,
        result: serde_json::Value,
        problem: Option<Problem>,
        holder: Holder,
    }
}

/// The rehearsals of the ledger.
pub struct Rehearsals<'a>(&'a Store);

impl Store {
    pub fn rehearsals(&self) -> Rehearsals<'_> {
        Rehearsals(self)
    }
}

impl Rehearsals<'_> {
    /// Writes a new one, held by this process, and gives it with its number.
    pub async fn begin(&self, rehearsal: RehearsalRow) -> Result<RehearsalRow, Problem> {
        let me = self.0.me().clone();
        self.0
            .write(move |db| {
                let row = RehearsalRow {
                    id: next_id::<RehearsalRow>(db)?,
                    holder: me.clone(),
                    ..rehearsal.clone()
                };
                insert(db, &row)?;
                Ok(row)
            })
            .await
    }

    /// Changes one in one transaction and gives it back.
    pub async fn change(&self, id: i64, change: impl Fn(&mut RehearsalRow) + Send + 'static) -> Result<RehearsalRow, Problem> {
        self.0.write(move |db| update(db, &values![id], &change)).await
    }

    pub async fn get(&self, id: i64) -> Result<Option<RehearsalRow>, Problem> {
        self.0.read(move |db| get(db, &values![id])).await
    }

    /// Newest first; every environment when `environment` is None.
    pub async fn list(
        &self,
        workspace: &WorkspaceId,
        environment: Option<&str>,
        limit: u32,
    ) -> Result<Vec<RehearsalRow>, Problem> {
        let (workspace, environment) = (workspace.clone(), environment.map(str::to_owned));
        self.0
            .read(move |db| match &environment {
                Some(name) => select(
                    db,
                    "WHERE workspace = ? AND environment = ? ORDER BY id DESC LIMIT ?",
                    &values![workspace, *name, limit],
                ),
                None => select(db, "WHERE workspace = ? ORDER BY id DESC LIMIT ?", &values![workspace, limit]),
            })
            .await
    }

    /// Those whose clone was not removed, and whose program is gone or has given up.
    pub async fn left_behind(&self) -> Result<Vec<RehearsalRow>, Problem> {
        let mut rows: Vec<RehearsalRow> = self.0.read(|db| select(db, "WHERE clone <> 'null' ORDER BY id", &[])).await?;
        rows.retain(|row| row.ended_at.is_some() || !row.holder.is_alive());
        Ok(rows)
    }
}
