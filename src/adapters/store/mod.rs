//! The ledger: what jobs did and learnt, in SQLite. It only remembers; files and engines own the truth.
//! `Store` is cheap to clone; every write is back after its commit, every read runs beside the writer.

pub mod alerts;
pub mod audit;
pub mod blocks;
pub mod builds;
pub mod checks;
pub mod deployments;
pub mod errors;
mod fault;
pub mod happenings;
pub(crate) mod health;
pub mod holder;
pub mod incidents;
pub mod instances;
pub mod jobs;
mod kept;
pub mod kv;
pub mod leases;
pub mod links;
mod open;
mod packing;
mod pages;
pub mod pipelines;
pub mod prune;
mod record;
pub mod rehearsals;
pub mod releases;
mod salvage;
pub mod samples;
pub mod schema;
pub mod standing;
mod taken_over;
pub mod test_sites;
pub mod tests;
pub mod thread;
pub mod undo;
pub mod workspaces;
mod writer;

pub(crate) use fault::Fault;

use crate::base::{Clock, Problem, Timestamp};
use crate::msg;
use holder::Holder;
use open::{InUse, Sync};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tokio_util::task::AbortOnDropHandle;
use writer::Writer;

/// Connections that read at once.
const READERS: usize = 4;

/// The ledger and the samples of one data folder.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    ledger: Base,
    samples: Base,
    clock: Clock,
    folder: PathBuf,
    notices: Vec<Problem>,
    damage: Damage,
    me: Holder,
    held: leases::HeldHere,
    // Last: freed when both writers have ended.
    _in_use: InUse,
}

impl Store {
    /// Opens, creates or migrates the store in this data folder. Waits for the disk: call it before the window, or in a blocking job.
    /// A read-only folder, a full disk and a damaged file are no errors: the store then works as far as it can, and `problems` says so.
    pub fn open(folder: &Path, clock: Clock) -> Result<Self, Problem> {
        let mut notices = Vec::new();
        if let Err(error) = make_folder(folder) {
            notices.push(Fault::io(folder)(error).into());
        }
        let now = clock.now();
        let damage = Damage::default();
        // The mark of use is taken after the opening, because a damaged file can be put aside only while nobody uses it.
        let opening = open::lock_folder(folder);
        let ledger = open::open(folder, &schema::LEDGER, Sync::Full, now)?;
        let samples = open::open(folder, &schema::SAMPLES, Sync::Normal, now)?;
        let in_use = opening.used();
        notices.extend(ledger.notices.iter().cloned());
        notices.extend(samples.notices.iter().cloned());
        let inner = Inner {
            ledger: Base::start("ledger", ledger, folder, Sync::Full, &damage)?,
            samples: Base::start("samples", samples, folder, Sync::Normal, &damage)?,
            clock,
            folder: folder.to_path_buf(),
            notices,
            damage,
            me: Holder::current(),
            held: leases::HeldHere::default(),
            _in_use: in_use,
        };
        Ok(Self(Arc::new(inner)))
    }

    /// A store that lives in memory only.
    pub fn in_memory(clock: Clock) -> Result<Self, Problem> {
        let damage = Damage::default();
        let base = |name: &str, schema: &schema::Schema| -> Result<Base, Fault> {
            let conn = Connection::open_in_memory()?;
            open::configure(&conn)?;
            schema::migrate(&conn, None, schema)?;
            let opened = open::Opened {
                conn,
                path: None,
                notices: Vec::new(),
            };
            Base::start(name, opened, Path::new(""), Sync::Normal, &damage)
        };
        let inner = Inner {
            ledger: base("ledger", &schema::LEDGER)?,
            samples: base("samples", &schema::SAMPLES)?,
            clock,
            folder: PathBuf::new(),
            notices: Vec::new(),
            damage,
            me: Holder::current(),
            held: leases::HeldHere::default(),
            _in_use: InUse::none(),
        };
        Ok(Self(Arc::new(inner)))
    }

    /// What the user must know about the store: put aside, in memory only, damaged rows met so far.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = self.0.notices.clone();
        problems.extend(self.0.damage.problem());
        problems
    }

    /// Another answer than before means that somebody wrote into the ledger.
    pub fn stamp(&self) -> [Option<(u64, std::time::SystemTime)>; 2] {
        [schema::LEDGER.file.to_owned(), format!("{}-wal", schema::LEDGER.file)].map(|name| {
            let meta = std::fs::metadata(self.0.folder.join(name)).ok()?;
            Some((meta.len(), meta.modified().ok()?))
        })
    }

    /// Nothing is kept after the end of the program.
    pub fn is_memory_only(&self) -> bool {
        self.0.ledger.path.is_none()
    }

    /// Refuses what must be written down before it is done, where it would be forgotten.
    pub fn must_last(&self) -> Result<(), Problem> {
        if self.is_memory_only() {
            return Err(Problem::environment(msg!("store-forgets"))
                .code("store-memory-only")
                .hint(msg!("store-memory-only-hint")));
        }
        Ok(())
    }

    /// The data folder, empty for a store in memory.
    pub fn folder(&self) -> &Path {
        &self.0.folder
    }

    pub(super) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// This process, as locks and jobs name it.
    pub fn me(&self) -> &Holder {
        &self.0.me
    }

    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&Db) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Problem> {
        Ok(self.0.ledger.writer.write(Sync::Full, work).await?)
    }

    /// The same for what a later write of the same job makes safe: a power cut before that may lose it, the death of the program not.
    pub(super) async fn write_soon<T: Send + 'static>(
        &self,
        work: impl Fn(&Db) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Problem> {
        Ok(self.0.ledger.writer.write(Sync::Normal, work).await?)
    }

    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl Fn(&Db) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Problem> {
        Ok(self.0.ledger.read(work).await?)
    }

    pub(super) async fn write_samples<T: Send + 'static>(
        &self,
        work: impl Fn(&Db) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Problem> {
        Ok(self.0.samples.writer.write(Sync::Normal, work).await?)
    }

    pub(super) async fn read_samples<T: Send + 'static>(
        &self,
        work: impl Fn(&Db) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Problem> {
        Ok(self.0.samples.read(work).await?)
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({})", self.0.folder.display())
    }
}

/// A connection and the note book of damaged rows.
pub(crate) struct Db {
    conn: Connection,
    /// The data folder; empty for a store that has none.
    data: Arc<Path>,
    damage: Damage,
}

/// Stands where a table's name stands when it is the file itself that is damaged.
const STRUCTURE: &str = "structure";

/// Rows that were found damaged since the store was opened.
#[derive(Clone, Default)]
pub(crate) struct Damage(Arc<Mutex<std::collections::BTreeSet<(&'static str, String)>>>);

impl Damage {
    fn note(&self, table: &'static str, key: String) {
        let mut rows = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if rows.len() < 1000 {
            rows.insert((table, key));
        }
    }

    fn problem(&self) -> Option<Problem> {
        let rows = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if rows.is_empty() {
            return None;
        }
        let list: Vec<String> = rows.iter().take(50).map(|(table, key)| format!("{table} {key}")).collect();
        let problem = if rows.iter().any(|(table, _)| *table == STRUCTURE) {
            Problem::environment(msg!("store-damaged")).hint(msg!("doctor-damaged-hint"))
        } else {
            Problem::environment(msg!("store-rows-damaged", n = rows.len())).hint(msg!("store-doctor-hint"))
        };
        Some(problem.code("store-damaged").details(list.join("\n")))
    }
}

/// One database: its writer and its readers.
struct Base {
    // Before the writer, which brings the log of the database into its file when nobody reads any more.
    idle: Idle,
    writer: Writer,
    path: Option<PathBuf>,
    data: Arc<Path>,
    permits: Arc<tokio::sync::Semaphore>,
    damage: Damage,
}

/// Readers at rest. Cleared by its end, also while a read that nobody waits for any more still runs.
#[derive(Default)]
struct Idle(Arc<Mutex<Vec<Db>>>);

impl Drop for Idle {
    fn drop(&mut self) {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clear();
    }
}

impl Base {
    fn start(name: &str, opened: open::Opened, data: &Path, sync: Sync, damage: &Damage) -> Result<Self, Fault> {
        let open::Opened { conn, path, .. } = opened;
        let data: Arc<Path> = data.into();
        if let Some(path) = &path {
            open::check_in_background(path, damage);
        }
        let writer = Writer::start(
            name,
            Db {
                conn,
                data: Arc::clone(&data),
                damage: damage.clone(),
            },
            sync,
        )?;
        let permits = Arc::new(tokio::sync::Semaphore::new(READERS));
        Ok(Self {
            idle: Idle::default(),
            writer,
            path,
            data,
            permits,
            damage: damage.clone(),
        })
    }

    async fn read<T: Send + 'static>(&self, work: impl Fn(&Db) -> Result<T, Fault> + Send + 'static) -> Result<T, Fault> {
        // A database in memory has one connection only.
        let Some(path) = self.path.clone() else {
            return self.writer.write(Sync::Normal, work).await;
        };
        let permits = Arc::clone(&self.permits);
        let (idle, data, damage) = (Arc::clone(&self.idle.0), Arc::clone(&self.data), self.damage.clone());
        let answer = move || {
            let kept = idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner).pop();
            let db = match kept {
                Some(db) => db,
                None => Db {
                    conn: open::open_reader(&path)?,
                    data,
                    damage,
                },
            };
            // One snapshot for all statements of one answer.
            let snapshot = db.conn.unchecked_transaction()?;
            let answer = work(&db);
            drop(snapshot);
            if !matches!(&answer, Err(Fault::Sqlite(_))) {
                idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(db);
            }
            answer
        };
        // In a task of its own: whose turn it is takes it, also while nobody polls the one who asked. Else one that waits for its turn
        // behind somebody who looks at it only afterwards would wait for ever.
        let reading = tokio::spawn(async move {
            let permit = permits.acquire_owned().await.map_err(|_| Fault::Closed)?;
            let result = tokio::task::spawn_blocking(move || {
                let _permit = permit;
                answer()
            });
            match result.await {
                Ok(answer) => answer,
                Err(error) if error.is_panic() => Err(Fault::Panicked(error.to_string())),
                Err(_) => Err(Fault::Closed),
            }
        });
        AbortOnDropHandle::new(reading).await.unwrap_or(Err(Fault::Closed))
    }
}

/// The path with these words behind its file name.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Readable for the owner only.
#[cfg(unix)]
fn make_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make_folder(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)
}
