//! What can be taken back: an entry is written, with all that is needed, before something is destroyed.

use super::Store;
use super::record::{delete, get, insert, next_id, record, select, update, values};
use crate::base::{Msg, Problem, Timestamp, WorkspaceId};

pub(super) const SCHEMA: &str = "
CREATE TABLE undo (id INTEGER PRIMARY KEY, workspace TEXT NOT NULL, area TEXT NOT NULL, what TEXT NOT NULL, title TEXT NOT NULL,
  data TEXT NOT NULL, at INTEGER NOT NULL, undone_at INTEGER, sum INTEGER NOT NULL) STRICT;
CREATE INDEX undo_by_workspace ON undo(workspace, id);
CREATE TABLE item_commits (workspace TEXT NOT NULL, item TEXT NOT NULL, \"commit\" TEXT NOT NULL, at INTEGER NOT NULL, sum INTEGER NOT NULL,
  PRIMARY KEY (workspace, item, \"commit\")) STRICT;
CREATE INDEX item_commits_by_commit ON item_commits(workspace, \"commit\");
";

record! {
    /// One act that can be taken back.
    UndoRow in "undo" key 1 {
        /// 0 for a new one.
        id: i64,
        workspace: WorkspaceId,
        area: String,
        /// A stable word such as `discard`.
        what: String,
        /// How it is shown.
        title: Msg,
        /// All that is needed to take it back.
        data: serde_json::Value,
        at: Timestamp,
        undone_at: Option<Timestamp>,
    }
}

/// Entries of undo.
pub struct Undo<'a>(&'a Store);

impl Store {
    pub fn undo(&self) -> Undo<'_> {
        Undo(self)
    }
}

impl Undo<'_> {
    /// Writes an entry; back when it is on disk, so that the act may begin.
    pub async fn add(&self, entry: UndoRow) -> Result<UndoRow, Problem> {
        self.0
            .write(move |db| {
                let row = UndoRow {
                    id: next_id::<UndoRow>(db)?,
                    ..entry.clone()
                };
                insert(db, &row)?;
                Ok(row)
            })
            .await
    }

    pub async fn get(&self, id: i64) -> Result<Option<UndoRow>, Problem> {
        self.0.read(move |db| get(db, &values![id])).await
    }

    /// Newest first, the undone ones too.
    pub async fn list(&self, workspace: &WorkspaceId, limit: u32) -> Result<Vec<UndoRow>, Problem> {
        let workspace = workspace.clone();
        self.0
            .read(move |db| select(db, "WHERE workspace = ? ORDER BY id DESC LIMIT ?", &values![workspace, limit]))
            .await
    }

    /// Notes that the entry was taken back now.
    pub async fn undone(&self, id: i64) -> Result<UndoRow, Problem> {
        let now = self.0.now();
        self.0
            .write(move |db| update(db, &values![id], |row: &mut UndoRow| row.undone_at = Some(now)))
            .await
    }

    /// Notes that what was taken back was done again.
    pub async fn redone(&self, id: i64) -> Result<UndoRow, Problem> {
        self.0
            .write(move |db| update(db, &values![id], |row: &mut UndoRow| row.undone_at = None))
            .await
    }

    /// Removes an entry whose act did not happen.
    pub async fn forget(&self, id: i64) -> Result<(), Problem> {
        self.0
            .write(move |db| delete::<UndoRow>(db, "WHERE id = ?", &values![id]).map(drop))
            .await
    }
}
