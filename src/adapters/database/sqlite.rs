//! SQLite: copied by its own backup API, so that a copy of a database in use is whole, and put back in one transaction of its own.

use super::{Backup, Facts, RowSum};
use crate::base::Problem;
use crate::msg;
use crate::{deliver, files};
use rusqlite::backup::{Backup as Copying, StepResult};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// How long somebody else's lock is waited for.
const BUSY: Duration = Duration::from_secs(30);
/// Pages between two looks at the wish to stop.
const PAGES: i32 = 4096;
/// Files that belong to a database beside its own.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

pub(super) fn size(file: &Path) -> Result<u64, Problem> {
    if !is_there(file) {
        return Ok(0);
    }
    let db = open(file)?;
    let number = |name: &str| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let bytes = number("page_count").and_then(|pages| Ok(pages * number("page_size")?));
    bytes.map(|bytes| bytes.max(0) as u64).map_err(|error| failed(file, &error))
}

/// Reads only; a question that takes longer than the time-out is ended.
pub(super) fn value(file: &Path, query: &str, timeout: Duration, stop: &CancellationToken) -> Result<Option<String>, Problem> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let ask = || -> Result<Option<String>, rusqlite::Error> {
        let db = Connection::open_with_flags(file, flags)?;
        db.busy_timeout(timeout)?;
        let (handle, stop) = (db.get_interrupt_handle(), stop.clone());
        let watchman = tokio::runtime::Handle::current().spawn(async move {
            tokio::select! {
                () = tokio::time::sleep(timeout) => {}
                () = stop.cancelled() => {}
            }
            handle.interrupt();
        });
        let _watchman = tokio_util::task::AbortOnDropHandle::new(watchman);
        let mut statement = db.prepare(query)?;
        let mut rows = statement.query(())?;
        let Some(row) = rows.next()? else { return Ok(None) };
        Ok(match row.get_ref(0)? {
            ValueRef::Null => None,
            ValueRef::Integer(n) => Some(n.to_string()),
            ValueRef::Real(n) => Some(n.to_string()),
            ValueRef::Text(text) | ValueRef::Blob(text) => Some(String::from_utf8_lossy(text).into_owned()),
        })
    };
    ask().map_err(|error| {
        if matches!(error.sqlite_error_code(), Some(ErrorCode::OperationInterrupted)) {
            return Problem::environment(msg!("http-timed-out", after = timeout.as_millis() as u64)).code("timed-out");
        }
        failed(file, &error)
    })
}

pub(super) fn facts(file: &Path, stop: &CancellationToken) -> Result<Facts, Problem> {
    if !is_there(file) {
        return Ok(Facts::default());
    }
    let db = open(file)?;
    read_facts(&db, stop).map_err(|error| told(file, error))
}

pub(super) fn back_up(file: &Path, to: &Path, stop: &CancellationToken) -> Result<Backup, Problem> {
    if !is_there(file) {
        return Ok(Backup {
            path: to.to_path_buf(),
            bytes: 0,
            sha256: String::new(),
            was_there: false,
            facts: Facts::default(),
            journal: None,
        });
    }
    match copy(file, to, stop) {
        // What SQLite itself can not read is kept byte by byte: nothing is thrown away because it is broken.
        Err(Fault::Sqlite(error)) if is_broken(&error) => {
            let kept = deliver::keep(file, to)?;
            Ok(Backup {
                path: kept.path,
                bytes: kept.bytes,
                sha256: kept.sha256,
                was_there: true,
                facts: Facts::default(),
                journal: None,
            })
        }
        result => result.map_err(|fault| told(file, fault)),
    }
}

fn copy(file: &Path, to: &Path, stop: &CancellationToken) -> Result<Backup, Fault> {
    if let Some(folder) = to.parent() {
        files::create_private_dir(folder)?;
    }
    let unfinished = with_ending(to, ".copying");
    remove(&unfinished)?;
    let source = open(file)?;
    let journal: String = source.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    // One moment for all pages, however long they take: others may write on.
    source.execute_batch("BEGIN")?;
    source.query_row("SELECT count(*) FROM sqlite_schema", (), |_| Ok(()))?;
    let mut target = Connection::open(&unfinished)?;
    run(&source, &mut target, stop)?;
    // A file alone, without a log of its own beside it.
    target.pragma_update(None, "journal_mode", "DELETE")?;
    let word: String = target.pragma_query_value(None, "quick_check", |row| row.get(0))?;
    if word != "ok" {
        return Err(Fault::Problem(Box::new(
            Problem::environment(msg!("database-broken", database = file))
                .code("database-broken")
                .details(word),
        )));
    }
    let facts = read_facts(&target, stop)?;
    target.close().map_err(|(_, error)| error)?;
    drop(source);
    let kept = deliver::keep(&unfinished, to)?;
    remove(&unfinished)?;
    Ok(Backup {
        path: kept.path,
        bytes: kept.bytes,
        sha256: kept.sha256,
        was_there: true,
        facts,
        journal: Some(journal),
    })
}

pub(super) fn restore(file: &Path, backup: &Backup, stop: &CancellationToken) -> Result<(), Problem> {
    if !backup.was_there {
        for path in BESIDE
            .iter()
            .map(|ending| with_ending(file, ending))
            .chain([file.to_path_buf()])
        {
            remove(&path)?;
        }
        return Ok(());
    }
    match put(file, backup, stop) {
        Err(Fault::Sqlite(error)) if is_broken(&error) => {
            for ending in BESIDE {
                remove(&with_ending(file, ending))?;
            }
            deliver::keep(&backup.path, file)?;
            put(file, backup, stop)
        }
        result => result,
    }
    .map_err(|fault| told(file, fault))
}

fn put(file: &Path, backup: &Backup, stop: &CancellationToken) -> Result<(), Fault> {
    let source = Connection::open_with_flags(
        &backup.path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    let mut target = Connection::open(file)?;
    target.busy_timeout(BUSY)?;
    target.pragma_update(None, "synchronous", "FULL")?;
    // Also asks whether somebody else still has it open.
    target.query_row("PRAGMA journal_mode = DELETE", (), |_| Ok(()))?;
    // In one step and one transaction of SQLite's: a program that is killed leaves the old content or the new one.
    let copying = Copying::new(&source, &mut target)?;
    let until = Instant::now() + BUSY;
    while copying.step(-1)? != StepResult::Done {
        if stop.is_cancelled() {
            return Err(Fault::Problem(Box::new(Problem::cancelled())));
        }
        if Instant::now() > until {
            return Err(in_use(file));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    drop(copying);
    if let Some(journal) = &backup.journal {
        target.query_row(&format!("PRAGMA journal_mode = {}", quoted(journal)), (), |_| Ok(()))?;
    }
    target.close().map_err(|(_, error)| error)?;
    Ok(())
}

fn run(source: &Connection, target: &mut Connection, stop: &CancellationToken) -> Result<(), Fault> {
    let copying = Copying::new(source, target)?;
    loop {
        if stop.is_cancelled() {
            return Err(Fault::Problem(Box::new(Problem::cancelled())));
        }
        match copying.step(PAGES)? {
            StepResult::Done => return Ok(()),
            StepResult::More => {}
            _ => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}

/// Of every table of the program's; what SQLite derives from others (its own tables, virtual ones) is told by those.
fn read_facts(db: &Connection, stop: &CancellationToken) -> Result<Facts, Fault> {
    let is_outer = db.is_autocommit();
    if is_outer {
        db.execute_batch("BEGIN")?;
    }
    let mut facts = Facts::default();
    let sql = "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
    let tables: Vec<(String, String)> = db
        .prepare(sql)?
        .query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let is_virtual = |sql: &str| sql.trim_start().to_ascii_uppercase().starts_with("CREATE VIRTUAL");
    for (name, _) in tables.into_iter().filter(|(_, sql)| !is_virtual(sql)) {
        let mut select = db.prepare(&format!("SELECT * FROM {}", quoted(&name)))?;
        let columns = select.column_names().collect::<Vec<_>>().join(",");
        let n_columns = select.column_count();
        let mut sum = RowSum::default();
        let mut bytes = Vec::new();
        let mut rows = select.query(())?;
        while let Some(row) = rows.next()? {
            bytes.clear();
            for column in 0..n_columns {
                let (kind, value): (u8, &[u8]) = match row.get_ref(column)? {
                    ValueRef::Null => (0, &[]),
                    ValueRef::Integer(n) => (1, &n.to_le_bytes()),
                    ValueRef::Real(n) => (2, &n.to_bits().to_le_bytes()),
                    ValueRef::Text(text) => (3, text),
                    ValueRef::Blob(blob) => (4, blob),
                };
                bytes.push(kind);
                bytes.extend_from_slice(&(value.len() as u64).to_le_bytes());
                bytes.extend_from_slice(value);
            }
            sum.add(&bytes);
            if sum.rows.is_multiple_of(10_000) && stop.is_cancelled() {
                return Err(Fault::Problem(Box::new(Problem::cancelled())));
            }
        }
        facts.tables.insert(name, sum.table(&columns));
    }
    let sql = "SELECT coalesce(group_concat(sql, char(10)), '') FROM (SELECT sql FROM sqlite_schema ORDER BY type, name)";
    let mut definitions: String = db.query_row(sql, (), |row| row.get(0))?;
    // Programs write there which of their migrations were made.
    for mark in ["user_version", "application_id"] {
        let n: i64 = db.query_row(&format!("PRAGMA {mark}"), (), |row| row.get(0))?;
        if n != 0 {
            write!(definitions, "\n{mark} {n}").expect("a string takes every write");
        }
    }
    facts.schema = files::sha256_of(definitions.as_bytes());
    if is_outer {
        db.execute_batch("COMMIT")?;
    }
    Ok(facts)
}

fn open(file: &Path) -> Result<Connection, Problem> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(file, flags).map_err(|error| failed(file, &error))?;
    db.busy_timeout(BUSY).map_err(|error| failed(file, &error))?;
    Ok(db)
}

fn is_there(file: &Path) -> bool {
    file.exists()
}

fn remove(path: &Path) -> Result<(), Problem> {
    super::forget(path)
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn is_broken(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    )
}

enum Fault {
    Sqlite(rusqlite::Error),
    Problem(Box<Problem>),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

fn told(file: &Path, fault: Fault) -> Problem {
    match fault {
        Fault::Problem(problem) => *problem,
        Fault::Sqlite(error) => failed(file, &error),
    }
}

fn in_use(file: &Path) -> Fault {
    Fault::Problem(Box::new(
        Problem::environment(msg!("database-in-use", database = file))
            .code("database-in-use")
            .hint(msg!("database-in-use-hint")),
    ))
}

fn failed(file: &Path, error: &rusqlite::Error) -> Problem {
    if matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    ) {
        return told(file, in_use(file)).details(error);
    }
    Problem::environment(msg!("database-failed", database = file))
        .code("database")
        .details(error)
}
