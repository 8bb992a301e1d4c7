//! The shape of the databases, as numbered steps; each step is one transaction, and a step that has shipped never changes.

use super::fault::Fault;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _};
use std::path::{Path, PathBuf};

/// One database file: its mark in the header, its name and its steps. `user_version` counts the steps done.
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    pub application_id: i32,
    pub file: &'static str,
    pub steps: &'static [&'static str],
}

/// What must never be lost: jobs, results, releases, deployments, audit.
pub const LEDGER: Schema = Schema {
    application_id: 0x4368_5401,
    file: "ledger.sqlite",
    steps: &[
        super::kv::SCHEMA,
        super::workspaces::SCHEMA,
        super::jobs::SCHEMA,
        super::builds::SCHEMA,
        super::tests::SCHEMA,
        super::releases::SCHEMA,
        super::deployments::SCHEMA,
        super::audit::SCHEMA,
        super::instances::SCHEMA,
        super::incidents::SCHEMA,
        super::undo::SCHEMA,
        super::links::SCHEMA,
        super::pipelines::SCHEMA,
        super::pipelines::OUTPUTS_SCHEMA,
        super::builds::STRETCHES_SCHEMA,
        super::rehearsals::SCHEMA,
        super::alerts::SCHEMA,
        super::errors::SCHEMA,
        super::jobs::BY_TIME_SCHEMA,
        super::jobs::ASKED_SCHEMA,
    ],
};

/// What may lose its last seconds in a power cut: samples and results of checks.
pub const SAMPLES: Schema = Schema {
    application_id: 0x4368_5402,
    file: "samples.sqlite",
    steps: &[
        super::samples::SCHEMA,
        super::checks::SCHEMA,
        super::checks::STANDINGS_SCHEMA,
        super::blocks::SCHEMA,
        super::happenings::SCHEMA,
    ],
};

impl Schema {
    pub fn version(&self) -> u32 {
        self.steps.len() as u32
    }

    /// The same schema as it was after the first so many steps, for tests of migrations.
    pub fn at_version(self, version: usize) -> Self {
        Self {
            steps: &self.steps[..version.min(self.steps.len())],
            ..self
        }
    }
}

/// The version of an open database; refuses one that is newer or is no database of this kind, and leaves it untouched.
pub(crate) fn version_of(conn: &Connection, path: &Path, schema: &Schema) -> Result<u32, Fault> {
    let version: u32 = conn.query_row("PRAGMA user_version", (), |row| row.get(0))?;
    let id: i32 = conn.query_row("PRAGMA application_id", (), |row| row.get(0))?;
    if version > schema.version() && id == schema.application_id {
        return Err(Fault::Newer {
            path: path.to_path_buf(),
            found: version,
            known: schema.version(),
        });
    }
    if id != schema.application_id && (id != 0 || version != 0 || n_tables(conn)? > 0) {
        return Err(Fault::Broken(format!(
            "{}: application_id {id:#x}, user_version {version}",
            path.display()
        )));
    }
    Ok(version)
}

fn n_tables(conn: &Connection) -> Result<u32, Fault> {
    Ok(conn.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0))?)
}

/// Brings the database to the newest version. An older one is copied to `<file>.before-v<N>` first.
pub(crate) fn migrate(conn: &Connection, path: Option<&Path>, schema: &Schema) -> Result<(), Fault> {
    let shown = path.unwrap_or(Path::new(schema.file));
    let found = version_of(conn, shown, schema)?;
    if found == schema.version() {
        return Ok(());
    }
    if let Some(path) = path.filter(|_| found > 0) {
        back_up(conn, path, schema.version())?;
    }
    for (done, step) in schema.steps.iter().enumerate().skip(found as usize) {
        conn.execute_batch("BEGIN IMMEDIATE")?;
        let result = one_step(conn, shown, schema, done as u32, step);
        conn.execute_batch(if result.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
        result?;
    }
    Ok(())
}

fn one_step(conn: &Connection, path: &Path, schema: &Schema, done: u32, step: &str) -> Result<(), Fault> {
    // Another program may have done this step while we waited for the lock.
    if version_of(conn, path, schema)? != done {
        return Ok(());
    }
    conn.execute_batch(step)?;
    conn.pragma_update(None, "application_id", schema.application_id)?;
    conn.pragma_update(None, "user_version", done + 1)?;
    let broken: Option<String> = conn.query_row("PRAGMA foreign_key_check", (), |row| row.get(0)).optional()?;
    broken.map_or(Ok(()), |table| Err(Fault::Broken(format!("foreign_key_check: {table}"))))
}

/// A line of `sqlite_schema`, but for the page it names: type, name, table, and the text that made it.
type Line = [Value; 4];

/// How the database says its tables are made, line by line, with the row of each. Statistics belong to SQLite.
fn description(conn: &Connection) -> Result<Vec<(i64, Line)>, Fault> {
    // As bytes: what is damaged need not be text.
    let sql = "SELECT rowid, CAST(type AS BLOB), CAST(name AS BLOB), CAST(tbl_name AS BLOB), CAST(sql AS BLOB)
        FROM sqlite_schema ORDER BY rowid";
    let mut statement = conn.prepare(sql)?;
    let line = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, [row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?]));
    Ok(statement.query_map((), line)?.collect::<Result<_, _>>()?)
}

/// The lines of a sound database of this version that are not in this one, and with their row those in it that a sound one does not have.
fn strange_lines(conn: &Connection, schema: &Schema, version: u32) -> Result<(Vec<Line>, Vec<(i64, Line)>), Fault> {
    let model = Connection::open_in_memory()?;
    for step in schema.steps.iter().take(version as usize) {
        model.execute_batch(step)?;
    }
    let mut missing: Vec<Line> = description(&model)?.into_iter().map(|(_, line)| line).collect();
    let mut strange = description(conn)?;
    strange.retain(|(_, line)| {
        let known = missing.iter().position(|sound| sound == line);
        known.map(|at| missing.remove(at)).is_none()
    });
    Ok((missing, strange))
}

/// Damaged when the description of a table is not the one that its steps wrote: SQLite believes it, and would look for the rows of a
/// table under a name or a column that never was. So is one whose version is less than what it holds.
pub(crate) fn check_description(conn: &Connection, path: &Path, schema: &Schema) -> Result<(), Fault> {
    let version = version_of(conn, path, schema)?;
    let (missing, _) = strange_lines(conn, schema, version)?;
    if let Some([_, Value::Blob(name), ..]) = missing.first() {
        let name = String::from_utf8_lossy(name);
        return Err(Fault::Broken(format!("{}: sqlite_schema: {name}", path.display())));
    }
    if version < schema.version() && strange_lines(conn, schema, version + 1)?.0.is_empty() {
        return Err(Fault::Broken(format!("{}: user_version {version}", path.display())));
    }
    Ok(())
}

/// Writes the sound description over the damaged one, so that the rows below it can be read.
pub(super) fn mend_description(conn: &Connection, schema: &Schema) -> Result<(), Fault> {
    conn.execute_batch("PRAGMA writable_schema = ON")?;
    let version: u32 = conn.query_row("PRAGMA user_version", (), |row| row.get(0))?;
    let (missing, strange) = strange_lines(conn, schema, version)?;
    // Of a table that took another's place no row is lost or wrong: the checksum of a row counts the name of its table.
    for ([kind, name, table, sql], (row, _)) in missing.into_iter().zip(strange) {
        conn.execute(
            "UPDATE sqlite_schema SET type = CAST(? AS TEXT), name = CAST(? AS TEXT), tbl_name = CAST(? AS TEXT), sql = CAST(? AS TEXT)
             WHERE rowid = ?",
            (kind, name, table, sql, row),
        )?;
    }
    Ok(())
}

/// Where the copy from before the change to this version stands.
pub fn backup_path(path: &Path, version: u32) -> PathBuf {
    super::beside(path, &format!(".before-v{version}"))
}

fn back_up(conn: &Connection, path: &Path, version: u32) -> Result<(), Fault> {
    let to = backup_path(path, version);
    let unfinished = super::beside(path, ".backup-unfinished");
    if unfinished.exists() {
        std::fs::remove_file(&unfinished).map_err(Fault::io(&unfinished))?;
    }
    conn.execute("VACUUM INTO ?1", [unfinished.to_string_lossy()])?;
    std::fs::File::open(&unfinished)
        .and_then(|file| file.sync_all())
        .map_err(Fault::io(&unfinished))?;
    std::fs::rename(&unfinished, &to).map_err(Fault::io(&to))
}
