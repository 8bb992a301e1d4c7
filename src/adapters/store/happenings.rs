//! What the container engine told while somebody watched: it forgets soon, and who looks for a cause comes later.

use super::Store;
use super::record::{delete, json_columns, record, select, upsert, values};
use crate::base::happening::Happening;
use crate::base::{Problem, Timestamp};

pub(super) const SCHEMA: &str = "
CREATE TABLE happenings (key TEXT NOT NULL PRIMARY KEY, at INTEGER NOT NULL, happening TEXT NOT NULL, sum INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX happenings_by_time ON happenings(at);
";

json_columns!(Happening);

record! {
    /// One thing that happened.
    HappeningRow in "happenings" key 1 {
        /// The same for the same thing, however often it is told.
        key: String,
        at: Timestamp,
        happening: Happening,
    }
}

/// What happened, in the second database.
pub struct Happenings<'a>(&'a Store);

impl Store {
    pub fn happenings(&self) -> Happenings<'_> {
        Happenings(self)
    }
}

impl Happenings<'_> {
    /// Writes these, each once.
    pub async fn keep(&self, all: Vec<Happening>) -> Result<(), Problem> {
        self.0
            .write_samples(move |db| {
                for happening in &all {
                    let row = HappeningRow {
                        key: happening.key.clone(),
                        at: happening.at,
                        happening: happening.clone(),
                    };
                    upsert(db, &row)?;
                }
                Ok(())
            })
            .await
    }

    /// The newest of those since then, oldest first.
    pub async fn since(&self, since: Timestamp, limit: u32) -> Result<Vec<Happening>, Problem> {
        self.0
            .read_samples(move |db| {
                let rows: Vec<HappeningRow> = select(db, "WHERE at >= ? ORDER BY at DESC LIMIT ?", &values![since, limit])?;
                Ok(rows.into_iter().rev().map(|row| row.happening).collect())
            })
            .await
    }

    /// Forgets what happened before this time. Gives how many went.
    pub async fn forget(&self, before: Timestamp) -> Result<u64, Problem> {
        self.0
            .write_samples(move |db| Ok(delete::<HappeningRow>(db, "WHERE at < ?", &values![before])? as u64))
            .await
    }
}
