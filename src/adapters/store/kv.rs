//! Small states of the program by name: the window's, the last workspace, views. Also the table of number sequences.

use super::Store;
use super::record::{delete, get, record, upsert, values};
use crate::base::Problem;

pub(super) const SCHEMA: &str = "
CREATE TABLE sequences (name TEXT PRIMARY KEY NOT NULL, next INTEGER NOT NULL, sum INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE kv (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL, sum INTEGER NOT NULL) STRICT;
CREATE TABLE leases (name TEXT PRIMARY KEY NOT NULL, holder TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL,
  sum INTEGER NOT NULL) STRICT;
";

record! {
    /// One named value.
    KvRow in "kv" key 1 {
        name: String,
        value: serde_json::Value,
    }
}

record! {
    /// The next number of a sequence: of job numbers, or of the rows of a table.
    SequenceRow in "sequences" key 1 {
        name: String,
        next: u64,
    }
}

/// Named JSON values.
pub struct Kv<'a>(&'a Store);

impl Store {
    pub fn kv(&self) -> Kv<'_> {
        Kv(self)
    }
}

impl Kv<'_> {
    /// The value, None when there is none or it is of another shape.
    pub async fn get<T: serde::de::DeserializeOwned + Send + 'static>(&self, name: &str) -> Result<Option<T>, Problem> {
        let name = name.to_owned();
        let row = self.0.read(move |db| get::<KvRow>(db, &values![name])).await?;
        Ok(row.and_then(|row| serde_json::from_value(row.value).ok()))
    }

    pub async fn set(&self, name: &str, value: &impl serde::Serialize) -> Result<(), Problem> {
        let value =
            serde_json::to_value(value).map_err(|error| Problem::internal(crate::msg!("store-internal")).details(error))?;
        let row = KvRow {
            name: name.to_owned(),
            value,
        };
        self.0.write(move |db| upsert(db, &row)).await
    }

    pub async fn remove(&self, name: &str) -> Result<(), Problem> {
        let name = name.to_owned();
        self.0
            .write(move |db| delete::<KvRow>(db, "WHERE name = ?", &values![name]).map(drop))
            .await
    }
}
