//! The history of a workspace whose folder was moved: every row that names the old one names the new one.

use super::Db;
use super::blocks::row_sum;
use super::fault::Fault;
use super::record::{delete, get, upsert, values};
use super::workspaces::{WorkspaceRow, Workspaces};
use crate::base::{Problem, WorkspaceId};
use rusqlite::params_from_iter;
use rusqlite::types::{Value, ValueRef};

/// What keeps the name it had: the chain of the audit log can not be rewritten, and the workspaces themselves are handled by name.
const UNTOUCHED: [&str; 2] = ["audit", "workspaces"];

impl Workspaces<'_> {
    /// Gives the history of `old`, with its group and pin, to `new`, which was added; `old` is forgotten. Gives the number of rows. What
    /// `new` has of its own stays.
    pub async fn take_over(&self, old: &WorkspaceId, new: &WorkspaceId) -> Result<u64, Problem> {
        let (old, new) = (old.clone(), new.clone());
        let (from, to) = (format!("workspace/{old}/"), format!("workspace/{new}/"));
        let n = self.store().write(move |db| take_over(db, &old, &new)).await?;
        self.store().samples().rename(&from, &to).await?;
        Ok(n)
    }
}

fn take_over(db: &Db, old: &WorkspaceId, new: &WorkspaceId) -> Result<u64, Fault> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
    let tables: Vec<String> = db
        .conn
        .prepare(sql)?
        .query_map((), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut n = 0;
    for table in tables.iter().filter(|table| !UNTOUCHED.contains(&table.as_str())) {
        // What is kept under a name has the workspace in that name.
        let column = if table == "kv" { "name" } else { "workspace" };
        n += rename(db, table, column, (old, new))?;
    }
    if let (Some(before), Some(mut now)) = (
        get::<WorkspaceRow>(db, &values![*old])?,
        get::<WorkspaceRow>(db, &values![*new])?,
    ) {
        now.group = before.group;
        now.pinned = before.pinned;
        now.added_at = before.added_at;
        upsert(db, &now)?;
        delete::<WorkspaceRow>(db, "WHERE id = ?", &values![*old])?;
    }
    Ok(n)
}

/// Changes one column of a table where it names the old workspace. A damaged row stays as it is.
fn rename(db: &Db, table: &str, column: &str, (old, new): (&WorkspaceId, &WorkspaceId)) -> Result<u64, Fault> {
    let mut keys: Vec<String> = Vec::new();
    let mut at = None;
    {
        let mut statement = db.conn.prepare(&format!("PRAGMA table_info(\"{table}\")"))?;
        let mut rows = statement.query(())?;
        while let Some(row) = rows.next()? {
            let name: String = row.get("name")?;
            if name == column {
                at = usize::try_from(row.get::<_, i64>("cid")?).ok();
            }
            if row.get::<_, i64>("pk")? > 0 {
                keys.push(name);
            }
        }
    }
    let Some(at) = at.filter(|_| !keys.is_empty()) else {
        return Ok(0);
    };
    let mut found: Vec<Vec<Value>> = Vec::new();
    let mut statement = db
        .conn
        .prepare(&format!("SELECT * FROM \"{table}\" WHERE instr(\"{column}\", ?) > 0"))?;
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut rows = statement.query([&old.0])?;
    while let Some(row) = rows.next()? {
        found.push((0..names.len()).map(|i| row.get(i)).collect::<Result<_, _>>()?);
    }
    let wheres: Vec<String> = keys.iter().map(|key| format!("\"{key}\" IS ?")).collect();
    // A row of the new one with the same key is the newer truth.
    let sql = format!(
        "UPDATE OR IGNORE \"{table}\" SET \"{column}\" = ?, \"sum\" = ? WHERE {}",
        wheres.join(" AND ")
    );
    let mut n = 0;
    for mut values in found {
        let Some(Value::Integer(sum)) = values.pop() else { continue };
        let sum_of = |values: &[Value]| row_sum(table, values.iter().map(ValueRef::from));
        let Some(Value::Text(text)) = values.get(at).cloned() else {
            continue;
        };
        if sum_of(&values) != sum {
            continue;
        }
        let key: Vec<Value> = names
            .iter()
            .zip(&values)
            .filter(|(name, _)| keys.contains(name))
            .map(|(_, value)| value.clone())
            .collect();
        values[at] = Value::Text(text.replace(&old.0, &new.0));
        let changed = [values[at].clone(), Value::Integer(sum_of(&values))];
        n += db.conn.execute(&sql, params_from_iter(changed.into_iter().chain(key)))? as u64;
    }
    Ok(n)
}
