//! The instances that were seen: what ran where, from which deployment, from when to when, and how it ended.

use super::Store;
use super::record::{get, insert, next_id, record, select, update, values};
use crate::base::{Problem, Timestamp, WorkspaceId};
use std::path::PathBuf;

pub(super) const SCHEMA: &str = "
CREATE TABLE instances (id INTEGER PRIMARY KEY, name TEXT NOT NULL, workspace TEXT, environment TEXT, deployment INTEGER, kind TEXT NOT NULL,
  version TEXT, pid INTEGER, pid_start INTEGER, container TEXT, handle TEXT NOT NULL, port INTEGER, log_path ANY, started_at INTEGER NOT NULL, ended_at INTEGER,
  exit_code INTEGER, signal INTEGER, cause TEXT NOT NULL, sum INTEGER NOT NULL) STRICT;
CREATE INDEX instances_by_environment ON instances(workspace, environment, id);
CREATE INDEX instances_by_deployment ON instances(deployment) WHERE deployment IS NOT NULL;
CREATE INDEX instances_running ON instances(id) WHERE ended_at IS NULL;
";

record! {
    /// One execution of an instance, from its start to its end.
    InstanceRow in "instances" key 1 kept "log_path" {
        /// 0 for a new one.
        id: i64,
        name: String,
        workspace: Option<WorkspaceId>,
        environment: Option<String>,
        deployment: Option<i64>,
        /// `process`, `container`, `unit` ...
        kind: String,
        version: Option<String>,
        pid: Option<u32>,
        /// The start time of the process in the clock of `Holder::start`.
        pid_start: Option<u64>,
        container: Option<String>,
        /// What its kind needs beside to find it again and to end it: the process group and its mark; null when that is nothing.
        handle: serde_json::Value,
        port: Option<u16>,
        log_path: Option<PathBuf>,
        started_at: Timestamp,
        /// None while it runs, as far as is known.
        ended_at: Option<Timestamp>,
        exit_code: Option<i32>,
        signal: Option<i32>,
        /// Why it ended: `stopped`, `replaced`, `crashed`, `lost`, empty while it runs.
        cause: String,
    }
}

/// How an instance ended.
#[derive(Clone, Debug, Default)]
pub struct InstanceEnd {
    pub exit_code: Option<i32>,
    pub signal: Option<i32>,
    pub cause: String,
}

impl InstanceRow {
    /// It ended by itself, and not well. One that was ended because its checks failed has not crashed.
    pub fn has_crashed(&self) -> bool {
        match self.cause.as_str() {
            "crashed" | "lost" => true,
            "failed" => self.exit_code.is_some_and(|code| code != 0),
            _ => false,
        }
    }
}

impl InstanceEnd {
    /// Ended for this reason; how its program ended is not known.
    pub fn by(cause: &str) -> Self {
        Self {
            cause: cause.to_owned(),
            ..Self::default()
        }
    }

    /// Ended by itself.
    pub fn crashed(exit_code: Option<i32>, signal: Option<i32>) -> Self {
        Self {
            exit_code,
            signal,
            cause: "crashed".to_owned(),
        }
    }
}

/// The instances of the ledger.
pub struct Instances<'a>(&'a Store);

impl Store {
    pub fn instances(&self) -> Instances<'_> {
        Instances(self)
    }
}

impl Instances<'_> {
    /// Writes a new execution and gives it with its number.
    pub async fn started(&self, instance: InstanceRow) -> Result<InstanceRow, Problem> {
        self.0
            .write(move |db| {
                let row = InstanceRow {
                    id: next_id::<InstanceRow>(db)?,
                    ..instance.clone()
                };
                insert(db, &row)?;
                Ok(row)
            })
            .await
    }

    /// A new life of an instance that had ended; nothing where one of its name runs already, as another program may have seen it first.
    pub async fn goes_on(&self, instance: InstanceRow) -> Result<Option<InstanceRow>, Problem> {
        self.0
            .write(move |db| {
                let sql = "WHERE ended_at IS NULL AND deployment = ? AND name = ?";
                let known: Vec<InstanceRow> = select(db, sql, &values![instance.deployment, instance.name])?;
                if !known.is_empty() {
                    return Ok(None);
                }
                let row = InstanceRow {
                    id: next_id::<InstanceRow>(db)?,
                    ..instance.clone()
                };
                insert(db, &row)?;
                Ok(Some(row))
            })
            .await
    }

    pub async fn change(&self, id: i64, change: impl Fn(&mut InstanceRow) + Send + 'static) -> Result<InstanceRow, Problem> {
        self.0.write(move |db| update(db, &values![id], &change)).await
    }

    /// Writes the end, now; an end that is written already stays.
    pub async fn ended(&self, id: i64, end: InstanceEnd) -> Result<InstanceRow, Problem> {
        let now = self.0.now();
        self.change(id, move |row| {
            if row.ended_at.is_none() {
                row.ended_at = Some(now);
                row.exit_code = end.exit_code;
                row.signal = end.signal;
                row.cause.clone_from(&end.cause);
            }
        })
        .await
    }

    pub async fn get(&self, id: i64) -> Result<Option<InstanceRow>, Problem> {
        self.0.read(move |db| get(db, &values![id])).await
    }

    /// Those without a written end, oldest first; of all workspaces when None.
    pub async fn running(&self, workspace: Option<&WorkspaceId>) -> Result<Vec<InstanceRow>, Problem> {
        let workspace = workspace.cloned();
        self.0
            .read(move |db| match &workspace {
                Some(id) => select(db, "WHERE ended_at IS NULL AND workspace = ? ORDER BY id", &values![*id]),
                None => select(db, "WHERE ended_at IS NULL ORDER BY id", &[]),
            })
            .await
    }

    /// The history of executions, newest first; every environment when `environment` is None.
    pub async fn history(
        &self,
        workspace: &WorkspaceId,
        environment: Option<&str>,
        limit: u32,
    ) -> Result<Vec<InstanceRow>, Problem> {
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

    pub async fn of_deployment(&self, deployment: i64) -> Result<Vec<InstanceRow>, Problem> {
        self.0
            .read(move |db| select(db, "WHERE deployment = ? ORDER BY id", &values![deployment]))
            .await
    }
}
