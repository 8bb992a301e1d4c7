//! Copies what can still be read out of a damaged database: rows whose checksum is right, and nothing else.

use super::blocks::row_sum;
use super::fault::Fault;
use super::open::open_read_only;
use super::pages;
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
        return (copy_pages(damaged, to, schema).unwrap_or(0), damaged.display().to_string());
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
    if !lost.is_empty() {
        n_saved += copy_pages(damaged, to, schema).unwrap_or(0);
    }
    (n_saved, lost)
}

/// Files up to this size are read page by page.
const MAX_BYTES: u64 = 2 << 30;

/// Rows that no way through the tree leads to any more: of whatever table their checksum says. Those that are there stay.
fn copy_pages(damaged: &Path, to: &Connection, schema: &Schema) -> rusqlite::Result<u64> {
    let size = |ending: &str| std::fs::metadata(super::beside(damaged, ending)).map_or(0, |meta| meta.len());
    // What is newer than a page may stand beside it.
    if size("-wal") > 0 || size("-journal") > 0 || size("") > MAX_BYTES {
        return Ok(0);
    }
    let Ok(bytes) = std::fs::read(damaged) else { return Ok(0) };
    if pages::user_version(&bytes).is_none_or(|version| version > i64::from(schema.version())) {
        return Ok(0);
    }
    let mut kinds = Vec::new();
    for name in tables(to) {
        kinds.push(Kept::of(to, name)?);
    }
    let mut n_saved = 0;
    to.execute_batch("BEGIN; PRAGMA defer_foreign_keys = ON")?;
    pages::each_row(&bytes, |found| {
        let owned = kinds.iter().find_map(|kept| Some((kept, kept.whole(&found)?)));
        if let Some((kept, values)) = owned {
            let put = to.prepare_cached(&kept.put);
            n_saved += put.and_then(|mut put| put.execute(params_from_iter(values))).unwrap_or(0) as u64;
        }
    });
    if to.execute_batch("COMMIT").is_err() {
        to.execute_batch("ROLLBACK")?;
        return Ok(0);
    }
    Ok(n_saved)
}

/// How the rows of a table lie on their pages.
struct Kept {
    name: String,
    put: String,
    /// The place of each value of a row among the columns.
    order: Vec<usize>,
    /// The column that the number of the row stands for.
    number_at: Option<usize>,
    is_numbered: bool,
    /// The columns of fractions: whole ones are kept as integers.
    real_at: Vec<bool>,
    sum_at: Option<usize>,
}

impl Kept {
    fn of(to: &Connection, name: String) -> rusqlite::Result<Self> {
        let (columns, key) = columns(to, &name)?;
        let list = columns.join(",");
        let marks = vec!["?"; columns.len()].join(",");
        let is_numbered = to.prepare(&format!("SELECT rowid FROM \"{name}\"")).is_ok();
        let place = |column: &String| columns.iter().position(|other| other == column);
        let key_at: Vec<usize> = key.iter().filter_map(place).collect();
        // Without numbers those of the key come first, the others as they are declared.
        let first = if is_numbered { &[][..] } else { &key_at[..] };
        let others = (0..columns.len()).filter(|at| !first.contains(at));
        let order = first.iter().copied().chain(others).collect();
        let mut types = to.prepare("SELECT upper(type) = 'REAL' FROM pragma_table_info(?1)")?;
        let real_at = types.query_map([&name], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        let kind = "SELECT upper(type) = 'INTEGER' FROM pragma_table_info(?1) WHERE pk > 0";
        let is_integer = key_at.len() == 1 && to.query_row(kind, [&name], |row| row.get(0)).unwrap_or(false);
        Ok(Self {
            put: format!("INSERT OR IGNORE INTO \"{name}\" ({list}) VALUES ({marks})"),
            order,
            number_at: key_at.first().copied().filter(|_| is_numbered && is_integer),
            is_numbered,
            real_at,
            sum_at: columns.iter().position(|column| column == "\"sum\""),
            name,
        })
    }

    /// The values in the order of the columns, where this is a row of the table and whole.
    fn whole(&self, found: &pages::Found) -> Option<Vec<Value>> {
        if found.values.len() != self.order.len() || found.rowid.is_some() != self.is_numbered {
            return None;
        }
        let mut values = vec![Value::Null; found.values.len()];
        for (value, at) in found.values.iter().zip(&self.order) {
            values[*at].clone_from(value);
        }
        if let (Some(at), Some(rowid)) = (self.number_at, found.rowid) {
            values[at] = Value::Integer(rowid);
        }
        for (value, is_real) in values.iter_mut().zip(&self.real_at) {
            if let (Value::Integer(whole), true) = (&*value, is_real) {
                *value = Value::Real(*whole as f64);
            }
        }
        let sum_at = self.sum_at?;
        let Value::Integer(sum) = values[sum_at] else { return None };
        let content = values.iter().enumerate().filter(|(at, _)| *at != sum_at);
        (row_sum(&self.name, content.map(|(_, value)| ValueRef::from(value))) == sum).then_some(values)
    }
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
