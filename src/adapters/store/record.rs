//! Rows as plain structs: columns by name, and a checksum over the whole row, so that a flipped byte is a damaged row and never a wrong one.

use super::Db;
use super::fault::Fault;
use super::kept;
use super::kv::SequenceRow;
use crate::base::{JobId, Msg, Problem, State, Timestamp, WorkspaceId};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{OptionalExtension, params_from_iter};
use std::path::PathBuf;

/// A value that fills one column.
pub(super) trait Column: Sized {
    fn to_value(&self) -> Value;
    /// None when the column holds something else.
    fn from_value(value: Value) -> Option<Self>;
}

/// 64 bits as they are: a large unsigned number is kept as a negative one.
macro_rules! integer_columns {
    ($($t:ty),*) => { $(impl Column for $t {
        fn to_value(&self) -> Value { Value::Integer(*self as i64) }
        fn from_value(value: Value) -> Option<Self> { match value { Value::Integer(n) => Some(n as $t), _ => None } }
    })* };
}
integer_columns!(i64, u64, usize);

macro_rules! small_integer_columns {
    ($($t:ty),*) => { $(impl Column for $t {
        fn to_value(&self) -> Value { Value::Integer(i64::from(*self)) }
        fn from_value(value: Value) -> Option<Self> { match value { Value::Integer(n) => Self::try_from(n).ok(), _ => None } }
    })* };
}
small_integer_columns!(i32, u32, u16);

impl Column for bool {
    fn to_value(&self) -> Value {
        Value::Integer(i64::from(*self))
    }
    fn from_value(value: Value) -> Option<Self> {
        i64::from_value(value).map(|n| n != 0)
    }
}

impl Column for f64 {
    fn to_value(&self) -> Value {
        Value::Real(*self)
    }
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Real(x) => Some(x),
            // SQLite keeps a not-a-number as NULL.
            Value::Null => Some(Self::NAN),
            _ => None,
        }
    }
}

impl Column for String {
    fn to_value(&self) -> Value {
        Value::Text(self.clone())
    }
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl Column for Vec<u8> {
    fn to_value(&self) -> Value {
        Value::Blob(self.clone())
    }
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Blob(bytes) => Some(bytes),
            _ => None,
        }
    }
}

impl Column for Timestamp {
    fn to_value(&self) -> Value {
        Value::Integer(self.as_millisecond())
    }
    fn from_value(value: Value) -> Option<Self> {
        i64::from_value(value).and_then(|ms| Self::from_millisecond(ms).ok())
    }
}

impl Column for JobId {
    fn to_value(&self) -> Value {
        self.0.to_value()
    }
    fn from_value(value: Value) -> Option<Self> {
        u64::from_value(value).map(Self)
    }
}

impl Column for WorkspaceId {
    fn to_value(&self) -> Value {
        self.0.to_value()
    }
    fn from_value(value: Value) -> Option<Self> {
        String::from_value(value).map(Self)
    }
}

impl Column for State {
    fn to_value(&self) -> Value {
        Value::Text(self.word().to_owned())
    }
    fn from_value(value: Value) -> Option<Self> {
        String::from_value(value).map(|word| Self::from_word(&word))
    }
}

/// Text when it is UTF-8, so that it can be searched, else the bytes.
impl Column for PathBuf {
    fn to_value(&self) -> Value {
        match self.to_str() {
            Some(text) => Value::Text(text.to_owned()),
            None => Value::Blob(self.as_os_str().as_encoded_bytes().to_vec()),
        }
    }
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text.into()),
            Value::Blob(bytes) => Some(path_of_bytes(bytes)),
            _ => None,
        }
    }
}

#[cfg(unix)]
fn path_of_bytes(bytes: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt as _;
    std::ffi::OsString::from_vec(bytes).into()
}

#[cfg(not(unix))]
fn path_of_bytes(bytes: Vec<u8>) -> PathBuf {
    String::from_utf8_lossy(&bytes).into_owned().into()
}

impl<T: Column> Column for Option<T> {
    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, Column::to_value)
    }
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::from_value(value).map(Some),
        }
    }
}

/// Columns that hold JSON.
macro_rules! json_columns {
    ($($t:ty),* $(,)?) => { $(impl $crate::store::record::Column for $t {
        fn to_value(&self) -> rusqlite::types::Value {
            serde_json::to_string(self).map_or(rusqlite::types::Value::Null, rusqlite::types::Value::Text)
        }
        fn from_value(value: rusqlite::types::Value) -> Option<Self> {
            match value { rusqlite::types::Value::Text(text) => serde_json::from_str(&text).ok(), _ => None }
        }
    })* };
}
pub(super) use json_columns;

json_columns!(Vec<String>, Msg, Problem, serde_json::Value);

/// A struct that is a row.
pub(super) trait Record: Sized {
    const TABLE: &'static str;
    /// The first so many columns are the key.
    const N_KEYS: usize;
    const COLUMNS: &'static [&'static str];
    /// The columns with paths below the data folder, which are written relative to it.
    const KEPT: &'static [&'static str];
    fn to_values(&self) -> Vec<Value>;
    fn from_values(values: &mut dyn Iterator<Item = Value>) -> Option<Self>;
}

/// A struct and its table: `record! { /// doc  JobRow in "jobs" key 1 { id: JobId, .. } }`; with `key 1 kept "path"` the column `path`
/// names files below the data folder.
macro_rules! record {
    ($(#[$meta:meta])* $name:ident in $table:literal key $n_keys:literal $(kept $($kept:literal)+)? { $($(#[$field_meta:meta])* $field:ident : $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        pub struct $name { $($(#[$field_meta])* pub $field: $type,)* }

        impl $crate::store::record::Record for $name {
            const TABLE: &'static str = $table;
            const N_KEYS: usize = $n_keys;
            const COLUMNS: &'static [&'static str] = &[$(stringify!($field)),*];
            const KEPT: &'static [&'static str] = &[$($($kept),+)?];
            fn to_values(&self) -> Vec<rusqlite::types::Value> {
                vec![$($crate::store::record::Column::to_value(&self.$field)),*]
            }
            fn from_values(values: &mut dyn Iterator<Item = rusqlite::types::Value>) -> Option<Self> {
                Some(Self { $($field: $crate::store::record::Column::from_value(values.next()?)?,)* })
            }
        }
    };
}
pub(super) use record;

/// The parameters of a query: `values![workspace, state]`.
macro_rules! values {
    ($($value:expr),* $(,)?) => { [$($crate::store::record::Column::to_value(&$value)),*] };
}
pub(super) use values;

/// 64-bit FNV-1a over table, types and bytes: every step is a bijection, so one changed byte always changes the sum.
pub(super) fn checksum<'a>(table: &str, values: impl Iterator<Item = ValueRef<'a>>) -> i64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut add = |bytes: &[u8]| {
        for byte in bytes {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    add(table.as_bytes());
    for value in values {
        match value {
            ValueRef::Null => add(&[0]),
            ValueRef::Integer(n) => {
                add(&[1]);
                add(&n.to_le_bytes());
            }
            ValueRef::Real(x) => {
                add(&[2]);
                add(&x.to_bits().to_le_bytes());
            }
            ValueRef::Text(text) => {
                add(&[3]);
                add(&(text.len() as u64).to_le_bytes());
                add(text);
            }
            ValueRef::Blob(bytes) => {
                add(&[4]);
                add(&(bytes.len() as u64).to_le_bytes());
                add(bytes);
            }
        }
    }
    hash as i64
}

fn sum_of<T: Record>(values: &[Value]) -> i64 {
    checksum(T::TABLE, values.iter().map(ValueRef::from))
}

fn column_list<T: Record>() -> String {
    let mut list = String::new();
    for column in T::COLUMNS {
        list.push_str(&format!("\"{column}\","));
    }
    list.push_str("\"sum\"");
    list
}

fn marks(n: usize) -> String {
    let mut marks = "?,".repeat(n);
    marks.pop();
    marks
}

/// Adds a row; the key must be new.
pub(super) fn insert<T: Record>(db: &Db, row: &T) -> Result<(), Fault> {
    put(db, row, "")
}

/// Adds the row, or overwrites the one with the same key.
pub(super) fn upsert<T: Record>(db: &Db, row: &T) -> Result<(), Fault> {
    let keys: Vec<String> = T::COLUMNS[..T::N_KEYS].iter().map(|name| format!("\"{name}\"")).collect();
    let mut set: Vec<String> = T::COLUMNS[T::N_KEYS..]
        .iter()
        .map(|name| format!("\"{name}\"=excluded.\"{name}\""))
        .collect();
    set.push("\"sum\"=excluded.\"sum\"".to_owned());
    put(
        db,
        row,
        &format!(" ON CONFLICT({}) DO UPDATE SET {}", keys.join(","), set.join(",")),
    )
}

fn put<T: Record>(db: &Db, row: &T, conflict: &str) -> Result<(), Fault> {
    let mut values = row.to_values();
    for value in kept_of::<T>(&mut values) {
        kept::written(&db.data, value);
    }
    let sum = sum_of::<T>(&values);
    values.push(Value::Integer(sum));
    let sql = format!(
        "INSERT INTO \"{}\" ({}) VALUES ({}){conflict}",
        T::TABLE,
        column_list::<T>(),
        marks(values.len())
    );
    db.conn.prepare_cached(&sql)?.execute(params_from_iter(values))?;
    Ok(())
}

/// The values of a row that name files below the data folder.
fn kept_of<T: Record>(values: &mut [Value]) -> impl Iterator<Item = &mut Value> {
    let named = T::COLUMNS.iter().zip(values);
    named.filter(|(name, _)| T::KEPT.contains(*name)).map(|(_, value)| value)
}

/// Reads a row whose columns stand first in the statement; None when its checksum is wrong.
fn read_row<T: Record>(db: &Db, row: &rusqlite::Row<'_>) -> Result<Option<T>, Fault> {
    let n = T::COLUMNS.len();
    let mut refs = Vec::with_capacity(n);
    for i in 0..n {
        refs.push(row.get_ref(i)?);
    }
    let Ok(ValueRef::Integer(sum)) = row.get_ref(n) else {
        return Ok(None);
    };
    if checksum(T::TABLE, refs.iter().copied()) != sum {
        return Ok(None);
    }
    let mut owned = Vec::with_capacity(n);
    for value in refs {
        let Ok(value) = Value::try_from(value) else { return Ok(None) };
        owned.push(value);
    }
    for value in kept_of::<T>(&mut owned) {
        kept::read(&db.data, value);
    }
    Ok(T::from_values(&mut owned.into_iter()))
}

/// Rows by a tail such as `WHERE workspace = ? ORDER BY id`. Damaged rows are left out, counted and told by `Store::problems`.
pub(super) fn select<T: Record>(db: &Db, tail: &str, params: &[Value]) -> Result<Vec<T>, Fault> {
    let sql = format!("SELECT {} FROM \"{}\" {tail}", column_list::<T>(), T::TABLE);
    let mut statement = db.conn.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(params))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        match read_row::<T>(db, row)? {
            Some(row) => found.push(row),
            None => db.damage.note(T::TABLE, row.get_ref(0).map(show_key).unwrap_or_default()),
        }
    }
    Ok(found)
}

/// The first row; a damaged one is an error.
pub(super) fn find<T: Record>(db: &Db, tail: &str, params: &[Value]) -> Result<Option<T>, Fault> {
    let sql = format!("SELECT {} FROM \"{}\" {tail} LIMIT 1", column_list::<T>(), T::TABLE);
    let mut statement = db.conn.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(params))?;
    let Some(row) = rows.next()? else { return Ok(None) };
    match read_row::<T>(db, row)? {
        Some(row) => Ok(Some(row)),
        None => {
            let key = row.get_ref(0).map(show_key).unwrap_or_default();
            db.damage.note(T::TABLE, key.clone());
            Err(Fault::Damaged { table: T::TABLE, key })
        }
    }
}

/// The row with this key.
pub(super) fn get<T: Record>(db: &Db, key: &[Value]) -> Result<Option<T>, Fault> {
    let tail: Vec<String> = T::COLUMNS[..T::N_KEYS].iter().map(|name| format!("\"{name}\" = ?")).collect();
    find(db, &format!("WHERE {}", tail.join(" AND ")), key)
}

/// Changes the row with this key and gives it back; an error when there is none.
pub(super) fn update<T: Record>(db: &Db, key: &[Value], change: impl FnOnce(&mut T)) -> Result<T, Fault> {
    let missing = || Fault::Missing {
        table: T::TABLE,
        key: key.iter().map(|value| show_key(value.into())).collect::<Vec<_>>().join("/"),
    };
    let mut row: T = get(db, key)?.ok_or_else(missing)?;
    change(&mut row);
    upsert(db, &row)?;
    Ok(row)
}

/// Deletes by a tail such as `WHERE id = ?` and says how many.
pub(super) fn delete<T: Record>(db: &Db, tail: &str, params: &[Value]) -> Result<usize, Fault> {
    let sql = format!("DELETE FROM \"{}\" {tail}", T::TABLE);
    Ok(db.conn.prepare_cached(&sql)?.execute(params_from_iter(params))?)
}

/// Job numbers from here on were made up while the ledger could not be written.
const MADE_UP: i64 = 1 << 52;
/// What may have been handed out and not yet written when the row of a sequence is lost.
const HANDED_OUT: u64 = 1000;

/// Takes `n` job numbers and gives the first; a number is never handed out twice, by any process.
pub(super) fn take_job_numbers(db: &Db, n: u64) -> Result<u64, Fault> {
    take_numbers(db, "job_ids", "jobs", n)
}

fn take_numbers(db: &Db, name: &str, table: &str, n: u64) -> Result<u64, Fault> {
    let known = match get::<SequenceRow>(db, &values![name.to_owned()]) {
        Ok(row) => row,
        Err(Fault::Damaged { .. }) => None,
        Err(fault) => return Err(fault),
    };
    let first = match known {
        Some(row) => row.next,
        None => match number(
            db,
            &format!("SELECT max(id) FROM \"{table}\" WHERE id < ?"),
            &values![MADE_UP],
        )? {
            Some(last) => last as u64 + HANDED_OUT,
            None => 1,
        },
    };
    upsert(
        db,
        &SequenceRow {
            name: name.to_owned(),
            next: first + n,
        },
    )?;
    Ok(first)
}

/// The number for a new row of this table.
pub(super) fn next_id<T: Record>(db: &Db) -> Result<i64, Fault> {
    Ok(take_numbers(db, T::TABLE, T::TABLE, 1)? as i64)
}

/// One integer of a query, None when there is no row.
pub(super) fn number(db: &Db, sql: &str, params: &[Value]) -> Result<Option<i64>, Fault> {
    let n = db
        .conn
        .prepare_cached(sql)?
        .query_row(params_from_iter(params), |row| row.get::<_, Option<i64>>(0))
        .optional()?;
    Ok(n.flatten())
}

fn show_key(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "-".to_owned(),
        ValueRef::Integer(n) => n.to_string(),
        ValueRef::Real(x) => x.to_string(),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            crate::base::SafeText::from_bytes(&bytes[..bytes.len().min(80)]).into_string()
        }
    }
}
