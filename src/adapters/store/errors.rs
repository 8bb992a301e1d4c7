//! The errors that instances wrote: one row for each defect, and how far every log was read, so that nothing is counted twice.

use super::record::{find, get, insert, json_columns, next_id, record, select, update, upsert, values};
use super::{Fault, Store};
use crate::base::{Problem, Timestamp, WorkspaceId};
use serde::{Deserialize, Serialize};

pub(super) const SCHEMA: &str = "
CREATE TABLE errors (id INTEGER PRIMARY KEY, workspace TEXT NOT NULL, fingerprint TEXT NOT NULL, language TEXT NOT NULL, kind TEXT NOT NULL,
  message TEXT NOT NULL, place TEXT NOT NULL, function TEXT NOT NULL, sample TEXT NOT NULL, environment TEXT, instance TEXT NOT NULL,
  n INTEGER NOT NULL, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL, first_version TEXT, first_commit TEXT, last_version TEXT,
  last_commit TEXT, state TEXT NOT NULL, resolved_in TEXT, by TEXT NOT NULL, suspect TEXT NOT NULL, sum INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX errors_by_fingerprint ON errors(workspace, fingerprint);
CREATE TABLE log_marks (log TEXT PRIMARY KEY NOT NULL, file TEXT NOT NULL, at INTEGER NOT NULL, sum INTEGER NOT NULL) STRICT;
";

/// Who brought the line that an error comes from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Suspect {
    /// None when it was looked for and nobody was found, or nothing was looked for yet.
    pub commit: Option<String>,
    pub author: String,
    pub summary: String,
    pub at: Option<Timestamp>,
    /// The file in the repository, and the line.
    pub path: String,
    pub line: u32,
}

json_columns!(Suspect);

record! {
    /// One defect.
    ErrorRow in "errors" key 1 {
        /// 0 for a new one.
        id: i64,
        workspace: WorkspaceId,
        fingerprint: String,
        language: String,
        kind: String,
        message: String,
        /// File and line, as the trace names them.
        place: String,
        function: String,
        /// The last trace.
        sample: String,
        environment: Option<String>,
        instance: String,
        n: u64,
        first_at: Timestamp,
        last_at: Timestamp,
        first_version: Option<String>,
        first_commit: Option<String>,
        last_version: Option<String>,
        last_commit: Option<String>,
        /// `new`, `acknowledged`, `resolved`, `back`.
        state: String,
        /// The version that no longer has it.
        resolved_in: Option<String>,
        /// Who changed the state last.
        by: String,
        suspect: Suspect,
    }
}

record! {
    /// How far a log was read.
    LogMarkRow in "log_marks" key 1 {
        log: String,
        /// Which file stood there: device and inode; empty for what is no file.
        file: String,
        /// Bytes, or milliseconds since 1970 for what is no file.
        at: i64,
    }
}

/// One occurrence.
#[derive(Clone, Debug)]
pub struct Seen {
    pub row: ErrorRow,
    /// It is in a version that should not have it any more.
    pub is_back: bool,
}

/// The errors of the ledger.
pub struct Errors<'a>(&'a Store);

impl Store {
    pub fn errors(&self) -> Errors<'_> {
        Errors(self)
    }
}

impl Errors<'_> {
    pub async fn mark(&self, log: &str) -> Result<Option<LogMarkRow>, Problem> {
        let log = log.to_owned();
        self.0.read(move |db| get::<LogMarkRow>(db, &values![log])).await
    }

    /// Writes what was found in a log and how far it was read, in one step. Nothing when somebody else has read it meanwhile.
    /// Gives the errors that are new or came back.
    pub async fn seen(&self, before: Option<LogMarkRow>, mark: LogMarkRow, all: Vec<Seen>) -> Result<Vec<ErrorRow>, Problem> {
        self.0
            .write(move |db| {
                let now = get::<LogMarkRow>(db, &values![mark.log])?;
                if now != before {
                    return Ok(Vec::new());
                }
                let mut news = Vec::new();
                for seen in &all {
                    let row = &seen.row;
                    let tail = "WHERE workspace = ? AND fingerprint = ?";
                    let known = find::<ErrorRow>(db, tail, &values![row.workspace, row.fingerprint])?;
                    let Some(mut known) = known else {
                        let row = ErrorRow {
                            id: next_id::<ErrorRow>(db)?,
                            ..row.clone()
                        };
                        insert(db, &row)?;
                        news.push(row);
                        continue;
                    };
                    let was_resolved = known.state == "resolved";
                    known.n += row.n;
                    known.first_at = known.first_at.min(row.first_at);
                    if row.last_at >= known.last_at {
                        known.last_at = row.last_at;
                        known.last_version.clone_from(&row.last_version);
                        known.last_commit.clone_from(&row.last_commit);
                        known.environment.clone_from(&row.environment);
                        known.instance.clone_from(&row.instance);
                        known.message.clone_from(&row.message);
                        known.place.clone_from(&row.place);
                        known.sample.clone_from(&row.sample);
                    }
                    if was_resolved && seen.is_back {
                        "back".clone_into(&mut known.state);
                    }
                    upsert(db, &known)?;
                    if known.state == "back" && was_resolved {
                        news.push(known);
                    }
                }
                upsert(db, &mark)?;
                Ok(news)
            })
            .await
    }

    /// Those that need somebody first, then the newest.
    pub async fn list(&self, workspace: &WorkspaceId, limit: u32) -> Result<Vec<ErrorRow>, Problem> {
        let workspace = workspace.clone();
        let tail = "WHERE workspace = ? ORDER BY state = 'resolved', last_at DESC, id DESC LIMIT ?";
        self.0.read(move |db| select(db, tail, &values![workspace, limit])).await
    }

    pub async fn get(&self, id: i64) -> Result<Option<ErrorRow>, Problem> {
        self.0.read(move |db| get(db, &values![id])).await
    }

    pub async fn change(&self, id: i64, change: impl Fn(&mut ErrorRow) + Send + 'static) -> Result<ErrorRow, Problem> {
        self.0
            .write(move |db| -> Result<ErrorRow, Fault> { update(db, &values![id], &change) })
            .await
    }
}
