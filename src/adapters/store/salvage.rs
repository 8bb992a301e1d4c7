//! Copies what can still be read out of a damaged database: rows whose checksum is right, and nothing else.

use super::open::open_read_only;
use super::record::checksum;
use super::schema::Schema;
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, params_from_iter};
use std::path::Path;

/// Gives how many rows were saved, and a line per table that could not be read to its end.
pub(super) fn copy(damaged: &Path, to: &Connection, schema: &Schema) -> (u64, String) {
    let mut n_saved = 0;
    let mut lost = String::new();
    let Ok(from) = open_read_only(damaged) else {
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

fn columns(conn: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = conn.prepare("SELECT name FROM pragma_table_info(?1)")?;
    statement.query_map([table], |row| row.get(0))?.collect()
}

fn copy_table(from: &Connection, to: &Connection, table: &str) -> rusqlite::Result<(u64, bool)> {
    let columns = columns(to, table)?;
    let list: Vec<String> = columns.iter().map(|name| format!("\"{name}\"")).collect();
    let sum_at = columns.iter().position(|name| name == "sum");
    let marks = vec!["?"; columns.len()].join(",");
    let put = format!("INSERT OR IGNORE INTO \"{table}\" ({}) VALUES ({marks})", list.join(","));
    let mut n_saved = 0;
    let mut whole = false;
    // From both ends, so that one bad page in the middle costs that page only.
    for order in ["", " ORDER BY rowid DESC"] {
        let Ok(mut statement) = from.prepare(&format!("SELECT {} FROM \"{table}\"{order}", list.join(","))) else {
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

/// The tiers of samples carry a shorter sum, which their reader checks.
fn sound_row(row: &rusqlite::Row<'_>, table: &str, n: usize, sum_at: Option<usize>) -> Option<Vec<Value>> {
    let mut refs: Vec<ValueRef<'_>> = Vec::with_capacity(n);
    for i in 0..n {
        refs.push(row.get_ref(i).ok()?);
    }
    if let Some(sum_at) = sum_at {
        let ValueRef::Integer(sum) = refs[sum_at] else { return None };
        let content = refs.iter().enumerate().filter(|(i, _)| *i != sum_at).map(|(_, value)| *value);
        if checksum(table, content) != sum {
            return None;
        }
    }
    refs.into_iter().map(|value| Value::try_from(value).ok()).collect()
}
