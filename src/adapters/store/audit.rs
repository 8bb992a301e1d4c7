//! The audit log: append-only, each entry chained to the one before by SHA-256, so that a changed or missing entry is found.

use super::fault::Fault;
use super::kv::SequenceRow;
use super::record::{find, get, insert, record, select, upsert, values};
use super::{Db, Store};
use crate::base::{Problem, Timestamp, WorkspaceId};
use crate::files::sha256_of;
use serde::{Deserialize, Serialize};

pub(super) const SCHEMA: &str = "
CREATE TABLE audit (n INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, act TEXT NOT NULL, workspace TEXT, environment TEXT,
  deployment INTEGER, data TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL, sum INTEGER NOT NULL) STRICT;
CREATE INDEX audit_by_environment ON audit(workspace, environment, n);
CREATE TRIGGER audit_is_append_only_1 BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'append-only'); END;
CREATE TRIGGER audit_is_append_only_2 BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'append-only'); END;
";

record! {
    /// One entry.
    AuditRow in "audit" key 1 {
        /// From 1, without a gap.
        n: i64,
        at: Timestamp,
        who: String,
        /// What was done: a stable word such as `deploy.begin`.
        act: String,
        workspace: Option<WorkspaceId>,
        environment: Option<String>,
        deployment: Option<i64>,
        data: serde_json::Value,
        /// The hash of the entry before, 64 zeros for the first.
        previous: String,
        /// SHA-256 of all that stands above, lower-case hexadecimal.
        hash: String,
    }
}

/// What is to be written.
#[derive(Clone, Debug)]
pub struct AuditEntry {
    pub who: String,
    pub act: String,
    pub workspace: Option<WorkspaceId>,
    pub environment: Option<String>,
    pub deployment: Option<i64>,
    pub data: serde_json::Value,
}

/// The result of a walk along the whole chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditVerdict {
    pub n_entries: u64,
    /// The hash of the last entry: noted elsewhere it proves that nothing was cut off the end.
    pub head: String,
    /// The first entry that is missing, changed or not chained to the one before; None when all is well.
    pub broken_at: Option<i64>,
}

/// Under this name stands the number that the next entry will have.
const SEQUENCE: &str = "audit-entries";

/// The audit log.
pub struct Audit<'a>(&'a Store);

impl Store {
    pub fn audit(&self) -> Audit<'_> {
        Audit(self)
    }
}

impl Audit<'_> {
    /// Appends an entry; back when it is on disk.
    pub async fn append(&self, entry: AuditEntry) -> Result<AuditRow, Problem> {
        let now = self.0.now();
        // To the millisecond, because that is what the ledger keeps and the hash must be computed again from it.
        let at = Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now);
        self.0
            .write(move |db| {
                let last = last_hash(db)?;
                let (n, previous) = last.map_or((1, first()), |(n, hash)| (n + 1, hash));
                // Where the end was cut off a gap stays, that nothing written later closes.
                let n = n.max(next_of(db)?);
                let mut row = AuditRow {
                    n,
                    at,
                    who: entry.who.clone(),
                    act: entry.act.clone(),
                    workspace: entry.workspace.clone(),
                    environment: entry.environment.clone(),
                    deployment: entry.deployment,
                    data: entry.data.clone(),
                    previous,
                    hash: String::new(),
                };
                row.hash = hash_of(&row);
                insert(db, &row)?;
                upsert(
                    db,
                    &SequenceRow {
                        name: SEQUENCE.to_owned(),
                        next: n as u64 + 1,
                    },
                )?;
                Ok(row)
            })
            .await
    }

    /// Newest first; every environment when `environment` is None.
    pub async fn list(&self, workspace: &WorkspaceId, environment: Option<&str>, limit: u32) -> Result<Vec<AuditRow>, Problem> {
        let (workspace, environment) = (workspace.clone(), environment.map(str::to_owned));
        self.0
            .read(move |db| match &environment {
                Some(name) => select(
                    db,
                    "WHERE workspace = ? AND environment = ? ORDER BY n DESC LIMIT ?",
                    &values![workspace, *name, limit],
                ),
                None => select(db, "WHERE workspace = ? ORDER BY n DESC LIMIT ?", &values![workspace, limit]),
            })
            .await
    }

    /// Walks the chain from its first entry.
    pub async fn verify(&self) -> Result<AuditVerdict, Problem> {
        self.0.read(verify).await
    }
}

/// The last entry's number and hash, also when another column of it is damaged: the chain goes on, `verify` tells.
fn last_hash(db: &Db) -> Result<Option<(i64, String)>, Fault> {
    use rusqlite::OptionalExtension as _;
    let sql = "SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1";
    Ok(db
        .conn
        .prepare_cached(sql)?
        .query_row((), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}

/// The number that was to be given next when the last entry was written; 0 where that is not known.
fn next_of(db: &Db) -> Result<i64, Fault> {
    match get::<SequenceRow>(db, &values![SEQUENCE.to_owned()]) {
        Ok(row) => Ok(row.map_or(0, |row| row.next as i64)),
        Err(Fault::Damaged { .. }) => Ok(0),
        Err(fault) => Err(fault),
    }
}

pub(super) fn verify(db: &Db) -> Result<AuditVerdict, Fault> {
    let mut verdict = AuditVerdict {
        n_entries: 0,
        head: first(),
        broken_at: None,
    };
    loop {
        let expected = verdict.n_entries as i64 + 1;
        let row = match find::<AuditRow>(db, "WHERE n >= ? ORDER BY n", &values![expected]) {
            Ok(Some(row)) => row,
            Ok(None) => {
                // What was cut off the end leaves a chain that is whole.
                if next_of(db)? > expected {
                    verdict.broken_at = Some(expected);
                }
                return Ok(verdict);
            }
            Err(Fault::Damaged { .. }) => {
                verdict.broken_at = Some(expected);
                return Ok(verdict);
            }
            Err(fault) => return Err(fault),
        };
        if row.n != expected || row.previous != verdict.head || row.hash != hash_of(&row) {
            verdict.broken_at = Some(expected);
            return Ok(verdict);
        }
        verdict.n_entries += 1;
        verdict.head = row.hash;
    }
}

fn first() -> String {
    "0".repeat(64)
}

/// SHA-256 over every field with its length before it, so that no text can pass from one field to the next.
fn hash_of(row: &AuditRow) -> String {
    let mut bytes = Vec::new();
    let workspace = row.workspace.as_ref().map(|id| id.0.clone());
    let fields = [
        row.n.to_string(),
        row.at.as_millisecond().to_string(),
        row.who.clone(),
        row.act.clone(),
        workspace.unwrap_or_default(),
        row.environment.clone().unwrap_or_default(),
        row.deployment.map(|id| id.to_string()).unwrap_or_default(),
        row.data.to_string(),
        row.previous.clone(),
    ];
    for field in fields {
        bytes.extend_from_slice(&(field.len() as u64).to_le_bytes());
        bytes.extend_from_slice(field.as_bytes());
    }
    sha256_of(&bytes)
}
