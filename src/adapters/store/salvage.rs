//! Copies what can still be read out of a damaged database: rows whose checksum is right, and nothing else.

use super::blocks::row_sum;
use super::fault::Fault;
use super::open::open_read_only;
use super::schema::{self, Schema};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, params_from_iter};
use std::path::{Path, PathBuf};

/// Gives how many rows were saved, and a line per table that could not be read to its end.
pub(super) fn copy(damaged: &Path, to: &Connection, schema: &Schema) -> (u64, String) {
    let mut n_saved = 0;
    let mut lost = String::new();
    let copy = Mended(super::beside(damaged, ".mending"));
    let is_mended = is_misdescribed(damaged, schema) && copy.make(damaged, schema).is_ok();
    let Ok(from) = open_read_only(if is_mended { &copy.0 } else { damaged }) else {
        return (0, damaged.display().to_string());
    };
    let readable: i64 = from.query_row("PRAGMA user_version", (), |row| row.get(0)).unwrap_or(0);
    if readable > i64::from(schema.version()) {
        return (0, format!("user_version {readable}"));
    }
    for table in tables(to) {
        // References between tables may miss their other end; a whole row is worth more than a whole pair.
        let (n, whole) = copy_table(&from, to, &table).unwrap_or((0, false));
        n_saved += n;
        if !whole {
            lost.push_str(&format!("{table}: {n}\n"));
        }
    }
    (n_saved, lost)
}

/// The tables are there, but what SQLite is told of them is not what they are.
fn is_misdescribed(damaged: &Path, schema: &Schema) -> bool {
    let checked = open_read_only(damaged).and_then(|conn| schema::check_description(&conn, damaged, schema));
    checked.is_err_and(|fault| fault.is_damage())
}

/// A copy of a damaged database that can be written to; gone when it was read.
struct Mended(PathBuf);

impl Mended {
    fn make(&self, damaged: &Path, schema: &Schema) -> Result<(), Fault> {
        for ending in ["", "-wal"] {
            let from = super::beside(damaged, ending);
            if from.exists() {
                std::fs::copy(&from, super::beside(&self.0, ending)).map_err(Fault::io(&from))?;
            }
        }
        schema::mend_description(&Connection::open(&self.0)?, schema)
    }
}

impl Drop for Mended {
    fn drop(&mut self) {
        for ending in ["", "-wal", "-shm", "-journal"] {
            // What stays is a file of that name beside the one it was made of.
            drop(std::fs::remove_file(super::beside(&self.0, ending)));
        }
    }
}

fn tables(conn: &Connection) -> Vec<String> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid";
    let Ok(mut statement) = conn.prepare(sql) else {
        return Vec::new();
    };
    let Ok(names) = statement.query_map((), |row| row.get(0)) else {
        return Vec::new();
    };
    names.filter_map(Result::ok).collect()
}

/// The columns of a table, and those of its key in their order.
fn columns(conn: &Connection, table: &str) -> rusqlite::Result<(Vec<String>, Vec<String>)> {
    let names = |tail: &str| -> rusqlite::Result<Vec<String>> {
        let mut statement = conn.prepare(&format!("SELECT '\"' || name || '\"' FROM pragma_table_info(?1) {tail}"))?;
        statement.query_map([table], |row| row.get(0))?.collect()
    };
    Ok((names("")?, names("WHERE pk > 0 ORDER BY pk")?))
}

fn copy_table(from: &Connection, to: &Connection, table: &str) -> rusqlite::Result<(u64, bool)> {
    let (columns, key) = columns(to, table)?;
    let list = columns.join(",");
    let sum_at = columns.iter().position(|name| name == "\"sum\"");
    let marks = vec!["?"; columns.len()].join(",");
    let put = format!("INSERT OR IGNORE INTO \"{table}\" ({list}) VALUES ({marks})");
    // A table without row numbers lies in the order of its key.
    let has_rowid = to.prepare(&format!("SELECT rowid FROM \"{table}\"")).is_ok();
    let backwards = if has_rowid {
        "rowid DESC".to_owned()
    } else {
        key.join(" DESC, ") + " DESC"
    };
    let mut n_saved = 0;
    let mut whole = false;
    // From both ends, so that one bad page in the middle costs that page only.
    for order in [String::new(), format!(" ORDER BY {backwards}")] {
        let Ok(mut statement) = from.prepare(&format!("SELECT {list} FROM \"{table}\"{order}")) else {
            break;
        };
        let Ok(mut rows) = statement.query(()) else { break };
        to.execute_batch("BEGIN; PRAGMA defer_foreign_keys = ON")?;
        let mut insert = to.prepare(&put)?;
        whole = loop {
            match rows.next() {
                Ok(None) => break true,
                Err(_) => break false,
                Ok(Some(row)) => {
                    if let Some(values) = sound_row(row, table, columns.len(), sum_at) {
                        n_saved += insert.execute(params_from_iter(values)).unwrap_or(0) as u64;
                    }
                }
            }
        };
        drop(insert);
        if to.execute_batch("COMMIT").is_err() {
            to.execute_batch("ROLLBACK")?;
            return Ok((0, false));
        }
        if whole {
            break;
        }
    }
    Ok((n_saved, whole))
}

/// The values of a row whose checksum is right.
fn sound_row(row: &rusqlite::Row<'_>, table: &str, n: usize, sum_at: Option<usize>) -> Option<Vec<Value>> {
    let mut refs: Vec<ValueRef<'_>> = Vec::with_capacity(n);
    for i in 0..n {
        refs.push(row.get_ref(i).ok()?);
    }
    if let Some(sum_at) = sum_at {
        let ValueRef::Integer(sum) = refs[sum_at] else { return None };
        let content = refs.iter().enumerate().filter(|(i, _)| *i != sum_at).map(|(_, value)| *value);
        if row_sum(table, content) != sum {
            return None;
        }
    }
    refs.into_iter().map(|value| Value::try_from(value).ok()).collect()
}
