//! Incidents: when something was down, why, and which deployment it began with. Feeds the DORA four.

use super::Store;
use super::record::{get, insert, next_id, record, select, update, values};
use crate::base::{Problem, Timestamp, WorkspaceId};

pub(super) const SCHEMA: &str = "
CREATE TABLE incidents (id INTEGER PRIMARY KEY, workspace TEXT NOT NULL, environment TEXT, title TEXT NOT NULL, opened_at INTEGER NOT NULL,
  opened_by TEXT NOT NULL, closed_at INTEGER, cause TEXT NOT NULL, deployment INTEGER, notes TEXT NOT NULL, sum INTEGER NOT NULL) STRICT;
CREATE INDEX incidents_by_workspace ON incidents(workspace, id);
CREATE INDEX incidents_by_deployment ON incidents(deployment) WHERE deployment IS NOT NULL;
";

record! {
    /// One incident.
    IncidentRow in "incidents" key 1 {
        /// 0 for a new one.
        id: i64,
        workspace: WorkspaceId,
        environment: Option<String>,
        title: String,
        opened_at: Timestamp,
        /// A person, or `check:<name>`.
        opened_by: String,
        closed_at: Option<Timestamp>,
        cause: String,
        /// The deployment that was live when it began.
        deployment: Option<i64>,
        notes: String,
    }
}

/// The incidents of the ledger.
pub struct Incidents<'a>(&'a Store);

impl Store {
    pub fn incidents(&self) -> Incidents<'_> {
        Incidents(self)
    }
}

impl Incidents<'_> {
    pub async fn open(&self, incident: IncidentRow) -> Result<IncidentRow, Problem> {
        self.0
            .write(move |db| {
                let row = IncidentRow {
                    id: next_id::<IncidentRow>(db)?,
                    ..incident.clone()
                };
                insert(db, &row)?;
                Ok(row)
            })
            .await
    }

    /// Closes it now; one that is closed already keeps its time and takes the new cause.
    pub async fn close(&self, id: i64, cause: &str) -> Result<IncidentRow, Problem> {
        let (cause, now) = (cause.to_owned(), self.0.now());
        self.change(id, move |row| {
            row.closed_at = row.closed_at.or(Some(now));
            row.cause.clone_from(&cause);
        })
        .await
    }

    /// It is over by itself. What a person has closed stays as it was written.
    pub async fn end(&self, id: i64, cause: &str) -> Result<IncidentRow, Problem> {
        let (cause, now) = (cause.to_owned(), self.0.now());
        self.change(id, move |row| {
            if row.closed_at.is_none() {
                row.closed_at = Some(now);
                row.cause.clone_from(&cause);
            }
        })
        .await
    }

    pub async fn change(&self, id: i64, change: impl Fn(&mut IncidentRow) + Send + 'static) -> Result<IncidentRow, Problem> {
        self.0.write(move |db| update(db, &values![id], &change)).await
    }

    pub async fn get(&self, id: i64) -> Result<Option<IncidentRow>, Problem> {
        self.0.read(move |db| get(db, &values![id])).await
    }

    /// Newest first.
    pub async fn list(&self, workspace: &WorkspaceId, open_only: bool, limit: u32) -> Result<Vec<IncidentRow>, Problem> {
        let workspace = workspace.clone();
        let tail = "WHERE workspace = ? AND (closed_at IS NULL OR NOT ?) ORDER BY id DESC LIMIT ?";
        self.0
            .read(move |db| select(db, tail, &values![workspace, open_only, limit]))
            .await
    }

    pub async fn of_deployment(&self, deployment: i64) -> Result<Vec<IncidentRow>, Problem> {
        self.0
            .read(move |db| select(db, "WHERE deployment = ? ORDER BY id", &values![deployment]))
            .await
    }
}
