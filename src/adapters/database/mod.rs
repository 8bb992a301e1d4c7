//! The database of somebody's program, from outside: what stands in it, a copy of it that is whole and on disk, and the way back.
//! It knows rows and bytes, never what they mean.

mod postgres;
mod sqlite;

pub use postgres::Server;

use super::process::Processes;
use super::secrets::{self, Secrets};
use super::{deliver, files};
use crate::base::Problem;
use crate::msg;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use tokio_util::sync::CancellationToken;

/// Where a database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// A file on this machine; that it is not there yet is fine.
    Sqlite(PathBuf),
    Postgres(Server),
}

/// One table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    pub rows: u64,
    /// Of the columns and of all rows in any order.
    pub sum: String,
}

/// What stands in a database at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    pub tables: BTreeMap<String, Table>,
    /// The sum of all definitions.
    #[serde(default)]
    pub schema: String,
}

/// A table that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    pub table: String,
    /// None where the table was not there.
    pub before: Option<u64>,
    /// None where it is not there any more.
    pub after: Option<u64>,
}

impl Facts {
    pub fn n_rows(&self) -> u64 {
        self.tables.values().map(|table| table.rows).sum()
    }

    /// Tables whose rows or columns are not the same.
    pub fn differences(&self, after: &Self) -> Vec<Difference> {
        let names: BTreeSet<&String> = self.tables.keys().chain(after.tables.keys()).collect();
        let rows = |facts: &Self, name: &String| facts.tables.get(name).map(|table| table.rows);
        names
            .into_iter()
            .filter(|name| self.tables.get(*name) != after.tables.get(*name))
            .map(|name| Difference {
                table: name.clone(),
                before: rows(self, name),
                after: rows(after, name),
            })
            .collect()
    }

    /// The sum of it all.
    pub fn digest(&self) -> String {
        files::sha256_of(format!("{}\n{}", self.schema, self.lines().join("\n")).as_bytes())
    }

    /// One line per table: rows, sum, name.
    pub fn lines(&self) -> Vec<String> {
        let line = |(name, table): (&String, &Table)| format!("{:>10}  {}  {name}", table.rows, table.sum);
        self.tables.iter().map(line).collect()
    }
}

/// A database as it was at one moment, kept in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backup {
    pub path: PathBuf,
    pub bytes: u64,
    /// Of the file.
    pub sha256: String,
    /// False where there was no database: the way back removes it.
    pub was_there: bool,
    pub facts: Facts,
    /// How SQLite keeps its journal in the original.
    #[serde(default)]
    pub journal: Option<String>,
}

impl Database {
    /// Whether it can be reached, and about how many bytes a copy of it takes.
    pub async fn size(&self, processes: &Processes, stop: &CancellationToken) -> Result<u64, Problem> {
        match self {
            Self::Sqlite(file) => blocking(file, stop, |file, _| sqlite::size(file)).await,
            Self::Postgres(server) => server.size(processes, stop).await,
        }
    }

    /// What stands in it now; in one moment, also while a program writes.
    pub async fn facts(&self, processes: &Processes, stop: &CancellationToken) -> Result<Facts, Problem> {
        match self {
            Self::Sqlite(file) => blocking(file, stop, sqlite::facts).await,
            Self::Postgres(server) => server.facts(processes, stop).await,
        }
    }

    /// The end of a copy's file name.
    pub fn extension(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "sqlite",
            Self::Postgres(_) => "dump",
        }
    }

    /// Copies it while a program may be writing. Back when the copy is whole, hashed and on disk; what is told stands in the copy.
    pub async fn back_up(&self, to: &Path, processes: &Processes, stop: &CancellationToken) -> Result<Backup, Problem> {
        match self {
            Self::Sqlite(file) => {
                let to = to.to_path_buf();
                blocking(file, stop, move |file, stop| sqlite::back_up(file, &to, stop)).await
            }
            Self::Postgres(server) => server.back_up(to, processes, stop).await,
        }
    }

    /// Makes it what it was when it was copied, all of it or nothing, and compares. Whoever uses it meanwhile must bear that.
    pub async fn restore(&self, backup: &Backup, processes: &Processes, stop: &CancellationToken) -> Result<(), Problem> {
        let path = backup.path.clone();
        let found = tokio::task::spawn_blocking(move || deliver::look(&path)).await;
        let found =
            found.map_err(|error| Problem::internal(msg!("database-failed", database = self.name())).details(error))??;
        match found {
            None if backup.was_there => {
                return Err(Problem::environment(msg!("database-backup-gone", path = &backup.path)).code("backup-gone"));
            }
            Some(found) if found.sha256 != backup.sha256 => {
                return Err(Problem::environment(msg!("database-backup-changed", path = &backup.path))
                    .code("backup-changed")
                    .details(format!("{}\n{}", backup.sha256, found.sha256)));
            }
            _ => {}
        }
        match self {
            Self::Sqlite(file) => {
                let backup = backup.clone();
                blocking(file, stop, move |file, stop| sqlite::restore(file, &backup, stop)).await?;
            }
            Self::Postgres(server) => server.restore(backup, processes, stop).await?,
        }
        let now = self.facts(processes, stop).await?;
        let differences = backup.facts.differences(&now);
        if differences.is_empty() {
            return Ok(());
        }
        let told: Vec<String> = differences.iter().map(|one| one.table.clone()).collect();
        Err(Problem::environment(msg!("database-differs", database = self.name()))
            .code("restore-differs")
            .details(told.join("\n")))
    }

    /// Whether a copy could come back with the rights that there are; nothing is changed.
    pub async fn prove(&self, backup: &Backup, processes: &Processes, stop: &CancellationToken) -> Result<(), Problem> {
        match self {
            // Whoever may read and write the file can put it back.
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(server) => server.prove(backup, processes, stop).await,
        }
    }

    /// The first value of the first row that a question gives, as text; None when there is no row, or the value is NULL. Reads only.
    pub async fn value(
        &self,
        query: &str,
        timeout: std::time::Duration,
        processes: &Processes,
        stop: &CancellationToken,
    ) -> Result<Option<String>, Problem> {
        match self {
            Self::Sqlite(file) => {
                let query = query.to_owned();
                blocking(file, stop, move |file, stop| sqlite::value(file, &query, timeout, stop)).await
            }
            Self::Postgres(server) => server.value(query, timeout, processes, stop).await,
        }
    }

    /// As it is shown: the file, or `name on host:port`.
    pub fn name(&self) -> String {
        match self {
            Self::Sqlite(file) => file.display().to_string(),
            Self::Postgres(server) => server.url(),
        }
    }
}

async fn blocking<T: Send + 'static>(
    file: &Path,
    stop: &CancellationToken,
    work: impl FnOnce(&Path, &CancellationToken) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let (file, stop) = (file.to_path_buf(), stop.clone());
    let name = file.display().to_string();
    match tokio::task::spawn_blocking(move || work(&file, &stop)).await {
        Ok(result) => result,
        Err(error) => Err(Problem::internal(msg!("database-failed", database = name)).details(error)),
    }
}

/// Removes a copy that is not needed any more.
pub fn forget(backup: &Path) -> Result<(), Problem> {
    match files::remove_file(backup) {
        Err(problem) if problem.code == "not-found" => Ok(()),
        result => result,
    }
}

/// The value of a secret that is named where a file asks for it: `secret:NAME`, which must be resolved, or `env:NAME`.
pub fn secret(reference: &str, secrets: &Secrets, masks: &super::masks::Masks) -> Result<String, Problem> {
    if let Some(name) = secrets::reference(reference) {
        return secrets.value(name).map(|value| value.reveal().to_owned());
    }
    let Some(name) = reference.strip_prefix("env:") else {
        return Err(Problem::config(msg!("database-secret-form")).hint(msg!("database-secret-form-hint")));
    };
    match std::env::var(name) {
        Ok(value) if !value.is_empty() => {
            masks.add(&value);
            Ok(value)
        }
        _ => Err(Problem::user(msg!("database-secret-missing", name = name))
            .code("no-secret")
            .hint(msg!("database-secret-missing-hint", name = name))),
    }
}

/// A sum that does not depend on the order in which rows come.
#[derive(Default)]
struct RowSum {
    rows: u64,
    sum: u128,
}

impl RowSum {
    fn add(&mut self, row: &[u8]) {
        use sha2::Digest as _;
        let digest = sha2::Sha256::digest(row);
        let mut half = [0; 16];
        half.copy_from_slice(&digest[..16]);
        self.rows += 1;
        self.sum = self.sum.wrapping_add(u128::from_le_bytes(half));
    }

    fn table(&self, columns: &str) -> Table {
        table(self.rows, columns, &format!("{:032x}", self.sum))
    }
}

/// A table whose rows have this sum already.
fn table(rows: u64, columns: &str, sum: &str) -> Table {
    let mut all = files::sha256_of(format!("{columns}\n{sum}").as_bytes());
    all.truncate(32);
    Table { rows, sum: all }
}
