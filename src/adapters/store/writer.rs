//! The one writer of a database: a thread that owns the connection. What waits together is committed together, each in its own savepoint.

use super::Db;
use super::fault::Fault;
use super::open::Sync;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tokio::sync::{mpsc, oneshot};

/// Writes that may wait before the askers wait themselves.
const QUEUE: usize = 1024;
/// Writes in one commit at most.
const GROUP: usize = 256;

pub(super) struct Writer {
    queue: Option<mpsc::Sender<Box<dyn Work>>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread that owns this connection.
    pub(super) fn start(name: &str, db: Db, sync: Sync) -> Result<Self, Fault> {
        let (queue, mut waiting) = mpsc::channel::<Box<dyn Work>>(QUEUE);
        let mut disk = Disk {
            db,
            at_best: sync,
            now: sync,
            has_written: false,
        };
        let thread = std::thread::Builder::new()
            .name(format!("store-{name}"))
            .spawn(move || {
                while let Some(first) = waiting.blocking_recv() {
                    let mut group = vec![first];
                    while group.len() < GROUP {
                        match waiting.try_recv() {
                            Ok(work) => group.push(work),
                            Err(_) => break,
                        }
                    }
                    disk.commit(group);
                }
                disk.close();
            })
            .map_err(Fault::io(name))?;
        Ok(Self {
            queue: Some(queue),
            thread: Some(thread),
        })
    }

    /// Runs in a transaction on the writer's thread; back after the commit. `work` may run twice when a commit with others failed.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        sync: Sync,
        work: impl Fn(&Db) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let (reply, answer) = oneshot::channel();
        let task = Task {
            work,
            sync,
            result: None,
            reply,
        };
        let queue = self.queue.as_ref().ok_or(Fault::Closed)?;
        queue.send(Box::new(task)).await.map_err(|_| Fault::Closed)?;
        answer.await.map_err(|_| Fault::Closed)?
    }
}

/// Ends after the last write and closes the connection.
impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was told to every asker by its dropped reply.
            drop(thread.join());
        }
    }
}

trait Work: Send {
    fn sync(&self) -> Sync;
    fn run(&mut self, db: &Db) -> Result<(), Fault>;
    fn settle(self: Box<Self>, fate: Result<(), Fault>);
}

struct Task<T, F> {
    work: F,
    sync: Sync,
    result: Option<T>,
    reply: oneshot::Sender<Result<T, Fault>>,
}

impl<T: Send, F: Fn(&Db) -> Result<T, Fault> + Send> Work for Task<T, F> {
    fn sync(&self) -> Sync {
        self.sync
    }

    fn run(&mut self, db: &Db) -> Result<(), Fault> {
        let result = catch_unwind(AssertUnwindSafe(|| (self.work)(db)));
        self.result = Some(result.map_err(|panic| Fault::Panicked(panic_text(&*panic)))??);
        Ok(())
    }

    fn settle(mut self: Box<Self>, fate: Result<(), Fault>) {
        let answer = fate.and_then(|()| self.result.take().ok_or(Fault::Closed));
        // Nobody waits for the answer any more: the write stands all the same.
        drop(self.reply.send(answer));
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}

/// The connection, and how its commits reach the disk.
struct Disk {
    db: Db,
    /// What the database is kept with; a single write may ask for less.
    at_best: Sync,
    now: Sync,
    has_written: bool,
}

impl Disk {
    fn commit(&mut self, mut group: Vec<Box<dyn Work>>) {
        self.has_written = true;
        let wants_full = self.at_best == Sync::Full && group.iter().any(|work| work.sync() == Sync::Full);
        self.set(if wants_full { Sync::Full } else { Sync::Normal });
        let db = &self.db;
        if group.len() > 1 {
            match run_group(db, &mut group) {
                Ok(fates) => {
                    for (work, fate) in group.into_iter().zip(fates) {
                        work.settle(fate);
                    }
                    return;
                }
                // One write spoiled the transaction of all (a full disk, an input error): each on its own now.
                Err(_) => roll_back(db),
            }
        }
        for mut work in group {
            let fate = run_alone(db, &mut *work);
            if fate.is_err() {
                roll_back(db);
            }
            work.settle(fate);
        }
    }

    /// A commit that waits for the disk brings out all that were made before it.
    fn set(&mut self, wanted: Sync) {
        if self.now != wanted && self.db.conn.pragma_update(None, "synchronous", wanted.word()).is_ok() {
            self.now = wanted;
        }
    }

    /// Nothing is left in the log of the database, unless another program still uses it. The empty log stays: making and removing
    /// it would cost every short run of the program more than its writes.
    fn close(mut self) {
        if self.has_written {
            self.set(self.at_best);
            let brought_out = self.db.conn.busy_timeout(std::time::Duration::ZERO).and_then(|()| {
                let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
                self.db.conn.query_row(sql, (), |_| Ok(()))
            });
            // What could not be brought out stands in the log, and the next one to open the database finds it there.
            drop(brought_out);
        }
    }
}

fn run_alone(db: &Db, work: &mut dyn Work) -> Result<(), Fault> {
    db.conn.execute_batch("BEGIN IMMEDIATE")?;
    work.run(db)?;
    db.conn.execute_batch("COMMIT")?;
    Ok(())
}

fn run_group(db: &Db, group: &mut [Box<dyn Work>]) -> Result<Vec<Result<(), Fault>>, Fault> {
    db.conn.execute_batch("BEGIN IMMEDIATE")?;
    let mut fates = Vec::with_capacity(group.len());
    for work in group {
        db.conn.prepare_cached("SAVEPOINT one")?.execute(())?;
        let fate = work.run(db);
        if db.conn.is_autocommit() {
            return Err(fate.err().unwrap_or(Fault::Closed));
        }
        if fate.is_err() {
            db.conn.prepare_cached("ROLLBACK TO one")?.execute(())?;
        }
        db.conn.prepare_cached("RELEASE one")?.execute(())?;
        fates.push(fate);
    }
    db.conn.execute_batch("COMMIT")?;
    Ok(fates)
}

fn roll_back(db: &Db) {
    if !db.conn.is_autocommit() {
        // When even this fails the next BEGIN fails and tells why.
        drop(db.conn.execute_batch("ROLLBACK"));
    }
}
