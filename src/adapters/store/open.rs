//! Opening a database: new, older, newer, damaged, read-only or on a full disk, each with its own answer and never with a loss.

use super::fault::Fault;
use super::schema::{self, Schema};
use crate::base::{Problem, Timestamp};
use crate::msg;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, limits::Limit};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A file up to this size is checked whole when it is opened; a larger one in the background, see `check_in_background`.
const CHECK_BYTES: u64 = 4 << 20;
/// How long a large file counts as checked.
const CHECKED_FOR: Duration = Duration::from_hours(24);
/// A read-only store up to this size is copied to memory, so that its history can be seen and the program works.
const MEMORY_BYTES: u64 = 512 << 20;
/// Longest value that a damaged length may make us allocate.
const MAX_VALUE_BYTES: i32 = 256 << 20;

/// How long a write waits for another program; less than what a user grants a program that was told to end.
const BUSY: Duration = Duration::from_secs(4);

/// What `synchronous` is set to.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Sync {
    /// Outlives a power cut.
    Full,
    /// Outlives the death of the program; a power cut only with the next full commit.
    Normal,
}

impl Sync {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Full => "FULL",
            Self::Normal => "NORMAL",
        }
    }
}

pub(super) struct Opened {
    pub(super) conn: Connection,
    /// None when the database lives in memory only.
    pub(super) path: Option<PathBuf>,
    pub(super) notices: Vec<Problem>,
}

/// Keeps other programs from putting the files aside while they are in use; freed by the system when the process ends.
pub(super) struct InUse {
    _file: Option<File>,
}

impl InUse {
    pub(super) fn none() -> Self {
        Self { _file: None }
    }
}

/// Held while the store is opened, so that two programs that start together neither create nor put aside at once.
pub(super) struct Opening {
    folder: PathBuf,
    _file: Option<File>,
}

impl Opening {
    /// The store is open now: marks it as used until the end.
    pub(super) fn used(self) -> InUse {
        let file = lock_file(&self.folder, "store.in-use").filter(|file| wait_for(|| file.try_lock_shared().is_ok()));
        InUse { _file: file }
    }
}

/// Opens `<folder>/<schema.file>`.
pub(super) fn open(folder: &Path, schema: &Schema, sync: Sync, now: Timestamp) -> Result<Opened, Fault> {
    let path = folder.join(schema.file);
    match open_on_disk(&path, schema, sync) {
        Ok(conn) => Ok(Opened {
            conn,
            path: Some(path),
            notices: Vec::new(),
        }),
        Err(fault) if fault.is_damage() => {
            let aside = put_aside(folder, &path, now)?;
            let conn = open_on_disk(&path, schema, sync)?;
            let (n_saved, n_lost_tables) = super::salvage::copy(&aside, &conn, schema);
            let problem = Problem::environment(msg!("store-put-aside", file = schema.file, path = &aside, saved = n_saved))
                .code("store-damaged")
                .details(format!("{fault}\n{n_lost_tables}"))
                .hint(msg!("store-put-aside-hint"));
            Ok(Opened {
                conn,
                path: Some(path),
                notices: vec![problem],
            })
        }
        Err(fault) if fault.is_unwritable() => open_in_memory(&path, schema, fault),
        Err(fault) => Err(fault),
    }
}

/// Waits until nobody else opens the store; goes on without the lock where none can be had (a read-only folder).
pub(super) fn lock_folder(folder: &Path) -> Opening {
    let file = lock_file(folder, "store.opening").filter(|file| wait_for(|| file.try_lock().is_ok()));
    Opening {
        folder: folder.to_path_buf(),
        _file: file,
    }
}

fn lock_file(folder: &Path, name: &str) -> Option<File> {
    File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(folder.join(name))
        .ok()
}

fn wait_for(mut ready: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    while !ready() {
        if start.elapsed() > Duration::from_secs(10) {
            return false;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    true
}

fn open_on_disk(path: &Path, schema: &Schema, sync: Sync) -> Result<Connection, Fault> {
    let size = std::fs::metadata(path).map(|meta| meta.len());
    match &size {
        // What a lost one looks like: a new store never shows itself empty, it appears by a rename.
        Ok(bytes @ ..512) => return Err(Fault::Broken(format!("{}: {bytes} B", path.display()))),
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => create(path, schema)?,
        Err(_) => {}
    }
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    configure(&conn)?;
    // A file that turns out damaged is kept as it was found, so its log must not be played into it at the end; of a sound one the
    // writer does it.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    // Before anything is written: a newer schema must stay as it is.
    if schema::version_of(&conn, path, schema)? == 0 {
        return Err(Fault::Broken(format!("{}: user_version 0", path.display())));
    }
    if conn.is_readonly("main")? {
        return Err(read_only(path));
    }
    let mode: String = conn.query_row("PRAGMA journal_mode = WAL", (), |row| row.get(0))?;
    if mode != "wal" {
        return Err(read_only(path));
    }
    conn.pragma_update(None, "synchronous", sync.word())?;
    conn.pragma_update(None, "journal_size_limit", 16 << 20)?;
    check_structure(&conn, path, size.unwrap_or(0))?;
    schema::check_description(&conn, path, schema)?;
    schema::migrate(&conn, Some(path), schema)?;
    Ok(conn)
}

fn read_only(path: &Path) -> Fault {
    Fault::Io {
        path: path.to_path_buf(),
        error: std::io::ErrorKind::ReadOnlyFilesystem.into(),
    }
}

/// What every connection is set to.
pub(super) fn configure(conn: &Connection) -> Result<(), Fault> {
    conn.busy_timeout(BUSY)?;
    conn.set_limit(Limit::SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)?;
    conn.set_prepared_statement_cache_capacity(128);
    conn.execute_batch(
        "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY",
    )?;
    Ok(())
}

/// A connection that reads only, for the pool.
pub(super) fn open_reader(path: &Path) -> Result<Connection, Fault> {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    configure(&conn)?;
    Ok(conn)
}

/// The structure of every page and index; damaged when one is wrong. A large file is checked here only when it is under suspicion.
fn check_structure(conn: &Connection, path: &Path, size: u64) -> Result<(), Fault> {
    let suspicion = super::beside(path, SUSPECT);
    let is_suspect = suspicion.exists();
    if size > CHECK_BYTES && !is_suspect {
        return Ok(());
    }
    integrity(conn)?;
    if is_suspect {
        remove_if_there(&suspicion)?;
    }
    Ok(())
}

fn integrity(conn: &Connection) -> Result<(), Fault> {
    let answer: String = conn.query_row("PRAGMA integrity_check(1)", (), |row| row.get(0))?;
    if answer == "ok" { Ok(()) } else { Err(Fault::Broken(answer)) }
}

/// Beside a file that a check in the background found damaged: the next start checks it first and puts it aside.
const SUSPECT: &str = ".suspect";
const CHECKED: &str = ".checked";

/// Checks a file that is too large to be checked while somebody waits, once a day, on a thread of its own that only reads. What it finds
/// is noted, and mended at the next start. A program that ends earlier leaves it to the next one.
pub(super) fn check_in_background(path: &Path, damage: &super::Damage) {
    let size = std::fs::metadata(path).map_or(0, |meta| meta.len());
    let checked = super::beside(path, CHECKED);
    let age = std::fs::metadata(&checked)
        .and_then(|meta| meta.modified())
        .ok()
        .and_then(|at| at.elapsed().ok());
    if size <= CHECK_BYTES || age.is_some_and(|age| age < CHECKED_FOR) {
        return;
    }
    let (path, damage) = (path.to_path_buf(), damage.clone());
    let check = move || {
        let result = open_reader(&path).and_then(|conn| integrity(&conn));
        match result {
            Ok(()) => drop(std::fs::write(&checked, b"")),
            Err(fault) if fault.is_damage() => {
                damage.note(super::STRUCTURE, fault.to_string());
                drop(std::fs::write(super::beside(&path, SUSPECT), b""));
            }
            // It could not be read now: the next start tries again.
            Err(_) => {}
        }
    };
    drop(std::thread::Builder::new().name("store-check".to_owned()).spawn(check));
}

/// Makes the new database under another name and renames it into place when it is whole and on disk.
fn create(path: &Path, schema: &Schema) -> Result<(), Fault> {
    let unfinished = super::beside(path, ".new");
    for ending in ["", "-journal", "-wal", "-shm"] {
        remove_if_there(&super::beside(&unfinished, ending))?;
    }
    let conn = Connection::open(&unfinished)?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    schema::migrate(&conn, None, schema)?;
    conn.close().map_err(|(_, error)| error)?;
    make_private(&unfinished)?;
    // A log left by a lost database must not be played into the new one.
    for ending in ["-wal", "-shm"] {
        remove_if_there(&super::beside(path, ending))?;
    }
    std::fs::rename(&unfinished, path).map_err(Fault::io(path))?;
    sync_folder(path)
}

fn remove_if_there(path: &Path) -> Result<(), Fault> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Fault::io(path)(error)),
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn make_private(path: &Path) -> Result<(), Fault> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(Fault::io(path))
}

#[cfg(not(unix))]
fn make_private(_path: &Path) -> Result<(), Fault> {
    Ok(())
}

fn sync_folder(path: &Path) -> Result<(), Fault> {
    let folder = path.parent().unwrap_or(Path::new("."));
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(Fault::io(folder))
}

/// Renames the damaged file and its log to `<file>.damaged-<time>`; refused while another program has the store open.
fn put_aside(folder: &Path, path: &Path, now: Timestamp) -> Result<PathBuf, Fault> {
    let lock = lock_file(folder, "store.in-use");
    if lock.as_ref().is_none_or(|lock| lock.try_lock().is_err()) {
        return Err(Fault::InUse(path.to_path_buf()));
    }
    let stamp = now.strftime("%Y%m%dT%H%M%S");
    let mut aside = super::beside(path, &format!(".damaged-{stamp}"));
    let mut n = 1;
    while aside.exists() {
        n += 1;
        aside = super::beside(path, &format!(".damaged-{stamp}-{n}"));
    }
    for ending in [SUSPECT, CHECKED] {
        remove_if_there(&super::beside(path, ending))?;
    }
    for ending in ["-wal", "-shm", ""] {
        let (from, to) = (super::beside(path, ending), super::beside(&aside, ending));
        match std::fs::rename(&from, &to) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(Fault::io(from)(error)),
            _ => {}
        }
    }
    sync_folder(path)?;
    Ok(aside)
}

/// Nothing can be written: what is there is copied to memory, and the user is told that nothing new will be kept.
fn open_in_memory(path: &Path, schema: &Schema, fault: Fault) -> Result<Opened, Fault> {
    let mut conn = Connection::open_in_memory()?;
    let size = std::fs::metadata(path).map_or(0, |meta| meta.len());
    let mut notices = Vec::new();
    let is_copied = size > 0 && size <= MEMORY_BYTES;
    match is_copied.then(|| copy_to_memory(path, &mut conn, schema)) {
        Some(Err(fault @ Fault::Newer { .. })) => return Err(fault),
        Some(Err(fault)) => {
            conn = Connection::open_in_memory()?;
            notices.push(fault.into());
        }
        _ => {}
    }
    configure(&conn)?;
    schema::migrate(&conn, None, schema)?;
    let problem = Problem::from(fault);
    let details = problem.details.clone();
    notices.push(
        Problem::environment(msg!("store-memory-only", path = path))
            .code("store-memory-only")
            .details(details)
            .hint(msg!("store-memory-only-hint")),
    );
    Ok(Opened {
        conn,
        path: None,
        notices,
    })
}

fn copy_to_memory(path: &Path, to: &mut Connection, schema: &Schema) -> Result<(), Fault> {
    let from = open_read_only(path)?;
    schema::version_of(&from, path, schema)?;
    let backup = rusqlite::backup::Backup::new(&from, to)?;
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        match backup.step(1000)? {
            rusqlite::backup::StepResult::Done => return Ok(()),
            _ if Instant::now() > deadline => return Err(Fault::Broken(path.display().to_string())),
            _ => {}
        }
    }
}

/// Reads a database without writing anything, also where its shared memory can not be made.
pub(crate) fn open_read_only(path: &Path) -> Result<Connection, Fault> {
    let plain = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    let looked: Result<i64, _> = plain.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0));
    let conn = if looked.is_err_and(|error| Fault::from(error).is_unwritable()) {
        let uri = format!("file:{}?immutable=1", uri_path(path));
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        Connection::open_with_flags(uri, flags)?
    } else {
        plain
    };
    configure(&conn)?;
    Ok(conn)
}

fn uri_path(path: &Path) -> String {
    let mut out = String::new();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => out.push(char::from(*byte)),
            byte => out.push_str(&format!("%{byte:02x}")),
        }
    }
    out
}
