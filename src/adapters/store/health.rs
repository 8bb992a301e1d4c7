//! What `chantier doctor` asks of the databases: structure, every row, and what was left by programs that are gone.

use super::blocks::row_sum;
use super::builds::{ArtifactRow, interrupt_builds};
use super::deployments::{DeploymentRow, LockRow};
use super::fault::Fault;
use super::holder::{Holder, is_running};
use super::instances::InstanceRow;
use super::jobs::{JobRow, unended};
use super::leases::LeaseRow;
use super::record::{delete, select, update, values};
use super::releases::{ReleaseArtifactRow, ReleaseRow};
use super::schema::{self, Schema};
use super::tests::interrupt_runs;
use super::{Damage, Db, audit, open};
use crate::base::{JobId, State, Timestamp};
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A database opened to be examined.
pub(crate) struct Patient {
    db: Db,
    pub(crate) path: PathBuf,
    schema: Schema,
}

/// A job, a lock or the like, and the process that had it.
#[derive(Debug)]
pub(crate) struct Left {
    pub(crate) what: String,
    pub(crate) holder: Holder,
}

/// A file that the ledger says is there.
#[derive(Debug)]
pub(crate) struct KeptFile {
    pub(crate) what: String,
    pub(crate) path: PathBuf,
    pub(crate) sha256: String,
}

impl Patient {
    /// Opens without writing anything.
    pub(crate) fn open(folder: &Path, schema: Schema) -> Result<Self, Fault> {
        let path = folder.join(schema.file);
        let conn = open::open_read_only(&path)?;
        Ok(Self {
            db: Db {
                conn,
                data: folder.into(),
                damage: Damage::default(),
            },
            path,
            schema,
        })
    }

    /// Opens for repair.
    pub(crate) fn open_for_repair(folder: &Path, schema: Schema) -> Result<Self, Fault> {
        let path = folder.join(schema.file);
        let conn = Connection::open_with_flags(&path, rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        open::configure(&conn)?;
        conn.pragma_update(None, "synchronous", "FULL")?;
        Ok(Self {
            db: Db {
                conn,
                data: folder.into(),
                damage: Damage::default(),
            },
            path,
            schema,
        })
    }

    /// The version found and the newest known.
    pub(crate) fn version(&self) -> Result<(u32, u32), Fault> {
        Ok((
            schema::version_of(&self.db.conn, &self.path, &self.schema)?,
            self.schema.version(),
        ))
    }

    /// What SQLite finds wrong, or what it is told wrong of a table; empty when nothing is. `whole` also compares every index with its table.
    pub(crate) fn structure(&self, whole: bool) -> Result<Vec<String>, Fault> {
        let sql = if whole {
            "PRAGMA integrity_check(100)"
        } else {
            "PRAGMA quick_check(100)"
        };
        let lines: Vec<String> = self
            .db
            .conn
            .prepare(sql)?
            .query_map((), |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        schema::check_description(&self.db.conn, &self.path, &self.schema)?;
        Ok(if lines == ["ok"] { Vec::new() } else { lines })
    }

    /// Rows that point to a row that is not there.
    pub(crate) fn dangling(&self) -> Result<Vec<String>, Fault> {
        let mut statement = self.db.conn.prepare("PRAGMA foreign_key_check")?;
        let line = |row: &rusqlite::Row<'_>| -> rusqlite::Result<String> {
            Ok(format!("{} → {}", row.get::<_, String>(0)?, row.get::<_, String>(2)?))
        };
        Ok(statement.query_map((), line)?.take(100).collect::<Result<_, _>>()?)
    }

    /// Reads every row of every table with a checksum over the whole row; gives how many there are and which are damaged.
    pub(crate) fn rows(&self) -> Result<(u64, Vec<String>), Fault> {
        let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
        let tables: Vec<String> = self
            .db
            .conn
            .prepare(sql)?
            .query_map((), |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let mut n = 0;
        let mut damaged = Vec::new();
        for table in tables {
            let mut statement = self.db.conn.prepare(&format!("SELECT * FROM \"{table}\""))?;
            let n_columns = statement.column_count();
            let mut rows = statement.query(())?;
            while let Some(row) = rows.next()? {
                n += 1;
                let mut refs: Vec<ValueRef<'_>> = Vec::with_capacity(n_columns);
                for i in 0..n_columns {
                    refs.push(row.get_ref(i)?);
                }
                // The sum is the last column of every table.
                let is_sound = refs
                    .pop()
                    .is_some_and(|sum| sum == ValueRef::Integer(row_sum(&table, refs.iter().copied())));
                if !is_sound && damaged.len() < 100 {
                    damaged.push(format!(
                        "{table} {}",
                        refs.first().map(|key| format!("{key:?}")).unwrap_or_default()
                    ));
                }
            }
        }
        Ok((n, damaged))
    }

    /// The number of entries of the audit log and the first broken one.
    pub(crate) fn audit(&self) -> Result<(u64, Option<i64>), Fault> {
        audit::verify(&self.db).map(|verdict| (verdict.n_entries, verdict.broken_at))
    }

    /// The jobs that name a log, with its name.
    pub(crate) fn log_files(&self) -> Result<Vec<(JobId, String)>, Fault> {
        let jobs = select::<JobRow>(
            &self.db,
            "WHERE log_file IS NOT NULL AND ended_at IS NOT NULL ORDER BY id",
            &[],
        )?;
        Ok(jobs.into_iter().filter_map(|row| Some((row.id, row.log_file?))).collect())
    }

    /// The copies of artifacts that are kept, and the files of every release.
    pub(crate) fn kept_files(&self) -> Result<Vec<KeptFile>, Fault> {
        let artifacts = select::<ArtifactRow>(&self.db, "WHERE stored IS NOT NULL ORDER BY id", &[])?;
        let releases: BTreeMap<i64, ReleaseRow> = select::<ReleaseRow>(&self.db, "ORDER BY id", &[])?
            .into_iter()
            .map(|row| (row.id, row))
            .collect();
        let released = select::<ReleaseArtifactRow>(&self.db, "ORDER BY id", &[])?;
        let mut files: BTreeMap<PathBuf, KeptFile> = BTreeMap::new();
        for row in artifacts {
            if let Some(path) = row.stored {
                files.entry(path.clone()).or_insert(KeptFile {
                    what: format!("{} {}", row.name, row.job),
                    path,
                    sha256: row.sha256,
                });
            }
        }
        for row in released {
            let version = releases.get(&row.release).map(|release| release.version.as_str());
            files.entry(row.path.clone()).or_insert(KeptFile {
                what: format!("{} {}", row.name, version.unwrap_or_default()),
                path: row.path,
                sha256: row.sha256,
            });
        }
        Ok(files.into_values().collect())
    }

    /// Locks and leases of processes that are gone.
    pub(crate) fn dead_locks(&self) -> Result<Vec<Left>, Fault> {
        let locks = select::<LockRow>(&self.db, "ORDER BY workspace, environment", &[])?;
        let leases = select::<LeaseRow>(&self.db, "ORDER BY name", &[])?;
        let locks = locks.into_iter().map(|row| Left {
            what: format!("{} {} ({})", row.workspace, row.environment, row.owner),
            holder: row.holder,
        });
        let leases = leases.into_iter().map(|row| Left {
            what: row.name,
            holder: row.holder,
        });
        Ok(locks.chain(leases).filter(|left| !left.holder.is_alive()).collect())
    }

    /// Jobs that count as waiting or running though their process is gone.
    pub(crate) fn dead_jobs(&self) -> Result<Vec<Left>, Fault> {
        let dead = unended(&self.db)?.into_iter().filter(|row| !row.holder.is_alive());
        Ok(dead
            .map(|row| Left {
                what: row.id.to_string(),
                holder: row.holder,
            })
            .collect())
    }

    /// Deployments that stand half-way and nobody works on.
    pub(crate) fn dead_deployments(&self) -> Result<Vec<Left>, Fault> {
        let rows = select::<DeploymentRow>(
            &self.db,
            "WHERE state IN ('in_progress', 'running', 'queued', 'interrupted') ORDER BY id",
            &[],
        )?;
        let dead = rows.into_iter().filter(|row| !row.holder.is_alive());
        Ok(dead
            .map(|row| Left {
                what: format!("{} → {} (#{})", row.version, row.environment, row.id),
                holder: row.holder,
            })
            .collect())
    }

    /// Instances written as running whose process is gone.
    pub(crate) fn dead_instances(&self) -> Result<Vec<Left>, Fault> {
        let rows = select::<InstanceRow>(&self.db, "WHERE ended_at IS NULL AND pid IS NOT NULL ORDER BY id", &[])?;
        Ok(instances(rows, false))
    }

    /// Processes that still run though their instance is written as ended.
    pub(crate) fn left_processes(&self) -> Result<Vec<Left>, Fault> {
        let rows = select::<InstanceRow>(
            &self.db,
            // A container that a deployment kept is the next instance's too.
            "WHERE ended_at IS NOT NULL AND pid IS NOT NULL AND NOT EXISTS (SELECT 1 FROM instances AS lives
               WHERE lives.ended_at IS NULL AND (lives.pid = instances.pid OR lives.container = instances.container))
             ORDER BY id DESC LIMIT 1000",
            &[],
        )?;
        Ok(instances(
            rows.into_iter().filter(|row| row.pid_start.is_some()).collect(),
            true,
        ))
    }

    /// Clears locks and leases of gone processes, marks their jobs interrupted and their instances lost.
    pub(crate) fn repair(&self, now: Timestamp) -> Result<(), Fault> {
        self.db.conn.execute_batch("BEGIN IMMEDIATE")?;
        let repaired = self.repair_rows(now);
        self.db
            .conn
            .execute_batch(if repaired.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
        repaired
    }

    fn repair_rows(&self, now: Timestamp) -> Result<(), Fault> {
        let db = &self.db;
        for lock in select::<LockRow>(db, "", &[])?
            .into_iter()
            .filter(|row| !row.holder.is_alive())
        {
            delete::<LockRow>(
                db,
                "WHERE workspace = ? AND environment = ?",
                &values![lock.workspace, lock.environment],
            )?;
        }
        for lease in select::<LeaseRow>(db, "", &[])?
            .into_iter()
            .filter(|row| !row.holder.is_alive())
        {
            delete::<LeaseRow>(db, "WHERE name = ?", &values![lease.name])?;
        }
        for job in unended(db)?.into_iter().filter(|row| !row.holder.is_alive()) {
            update::<JobRow>(db, &values![job.id], |row| {
                row.state = State::Interrupted;
                row.ended_at = Some(now);
            })?;
        }
        interrupt_runs(db, now)?;
        interrupt_builds(db)?;
        for instance in select::<InstanceRow>(db, "WHERE ended_at IS NULL AND pid IS NOT NULL", &[])? {
            if !is_alive(&instance) {
                update::<InstanceRow>(db, &values![instance.id], |row| {
                    row.ended_at = Some(now);
                    "lost".clone_into(&mut row.cause);
                })?;
            }
        }
        Ok(())
    }
}

fn is_alive(row: &InstanceRow) -> bool {
    row.pid.is_some_and(|pid| is_running(pid, row.pid_start.unwrap_or(0)))
}

fn instances(rows: Vec<InstanceRow>, alive: bool) -> Vec<Left> {
    let found = rows.into_iter().filter(|row| is_alive(row) == alive);
    let left = |row: InstanceRow| Left {
        holder: Holder {
            pid: row.pid.unwrap_or(0),
            start: row.pid_start.unwrap_or(0),
            boot: String::new(),
        },
        what: row.name,
    };
    found.map(left).collect()
}
