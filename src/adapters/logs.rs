//! The log of each job as a file: exact bytes as they came, masked by the caller; compressed in seekable frames when the job has ended.

use crate::base::{JobId, Problem};
use crate::msg;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

mod budget;
mod frames;

/// Largest piece in the queue, in bytes; with `QUEUE` the most that waits in memory.
const PIECE: usize = 64 << 10;
const QUEUE: usize = 128;
/// Most that one read gives, in bytes.
pub const READ_MAX: usize = 16 << 20;
/// What a log over its cap keeps of its end: there programs say how it went.
const END_KEPT: u64 = 1 << 20;
/// A smaller log stays as it is.
const COMPRESS_FROM: u64 = 16 << 10;

/// The folder of logs. Cheap to clone; one thread writes all of them.
#[derive(Clone)]
pub struct Logs(Arc<Inner>);

struct Inner {
    folder: PathBuf,
    max_bytes_per_job: u64,
    queue: Mutex<Option<mpsc::Sender<Order>>>,
}

enum Order {
    Open {
        job: JobId,
        path: PathBuf,
        reply: oneshot::Sender<std::io::Result<()>>,
    },
    Append {
        job: JobId,
        bytes: Vec<u8>,
    },
    Close {
        job: JobId,
        reply: Option<oneshot::Sender<Written>>,
    },
}

/// What stands in a log when it is closed.
#[derive(Debug, Default)]
struct Written {
    bytes: u64,
    left_out: u64,
    error: Option<std::io::Error>,
}

/// How a log ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogEnd {
    /// The name below the folder of logs, without `.zst`: what the ledger keeps.
    pub file: String,
    /// Bytes that can be read.
    pub bytes: u64,
    /// Bytes that were left out because of the cap or a full disk.
    pub left_out: u64,
    /// Why something is missing, if not for the cap. The job itself is not hurt by it.
    pub problem: Option<Problem>,
}

/// A piece of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogPart {
    /// Where the piece begins.
    pub from: u64,
    pub bytes: Vec<u8>,
    /// The size of the whole log.
    pub total: u64,
}

/// What was removed to keep the budget.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreedLogs {
    pub jobs: Vec<JobId>,
    pub bytes: u64,
    /// What is left.
    pub bytes_kept: u64,
}

impl Logs {
    /// Logs below this folder, each of at most so many bytes and the end; what comes between is counted and left out.
    pub fn new(folder: PathBuf, max_bytes_per_job: u64) -> Self {
        Self(Arc::new(Inner {
            folder,
            max_bytes_per_job,
            queue: Mutex::default(),
        }))
    }

    pub fn folder(&self) -> &Path {
        &self.0.folder
    }

    /// The name that the ledger keeps: `000012/12345.log`.
    pub fn name_of(job: JobId) -> String {
        format!("{:06}/{}.log", job.0 / 1000, job.0)
    }

    fn path_of(&self, job: JobId) -> PathBuf {
        self.0.folder.join(Self::name_of(job))
    }

    /// Begins the log of a job; what stood there is overwritten.
    pub async fn create(&self, job: JobId) -> Result<LogWriter, Problem> {
        let queue = self.queue()?;
        let (reply, answer) = oneshot::channel();
        let path = self.path_of(job);
        let order = Order::Open {
            job,
            path: path.clone(),
            reply,
        };
        queue.send(order).await.map_err(|_| writer_gone())?;
        answer
            .await
            .map_err(|_| writer_gone())?
            .map_err(|error| problem(&path, error))?;
        Ok(LogWriter {
            job,
            path,
            queue: Some(queue),
        })
    }

    /// The last `n_lines` lines, at most `READ_MAX` bytes. Works while the log is written and after it was compressed.
    pub async fn read_tail(&self, job: JobId, n_lines: usize) -> Result<LogPart, Problem> {
        self.blocking(job, move |path| read_tail(path, n_lines)).await
    }

    /// The bytes from `from` on, at most `len` and at most `READ_MAX`.
    pub async fn read_range(&self, job: JobId, from: u64, len: usize) -> Result<LogPart, Problem> {
        self.blocking(job, move |path| {
            let mut source = frames::Source::open(path)?;
            Ok(LogPart {
                from,
                bytes: source.read_at(from, len.min(READ_MAX))?,
                total: source.len(),
            })
        })
        .await
    }

    /// The file that holds the log, plain or compressed, whichever is there.
    pub async fn file_of(&self, job: JobId) -> Result<PathBuf, Problem> {
        self.blocking(job, |path| {
            let there = [path.to_path_buf(), frames::zst_path(path)];
            let found = there.into_iter().find(|path| path.is_file());
            found.ok_or_else(|| std::io::ErrorKind::NotFound.into())
        })
        .await
    }

    /// The size of the whole log, uncompressed.
    pub async fn len(&self, job: JobId) -> Result<u64, Problem> {
        self.blocking(job, |path| Ok(frames::Source::open(path)?.len())).await
    }

    /// Writes the exact bytes of the whole log to a file, for export.
    pub async fn export(&self, job: JobId, to: PathBuf) -> Result<u64, Problem> {
        self.blocking(job, move |path| {
            let mut source = frames::Source::open(path)?;
            let mut file = File::create(&to)?;
            let mut at = 0;
            loop {
                let bytes = source.read_at(at, 1 << 20)?;
                if bytes.is_empty() {
                    file.sync_all()?;
                    return Ok(at);
                }
                file.write_all(&bytes)?;
                at += bytes.len() as u64;
            }
        })
        .await
    }

    /// Removes the oldest logs until at most so many bytes are left; those of jobs that `is_kept` names stay.
    pub async fn keep_budget(
        &self,
        max_bytes: u64,
        is_kept: impl Fn(JobId) -> bool + Send + 'static,
    ) -> Result<FreedLogs, Problem> {
        let folder = self.0.folder.clone();
        let freed = tokio::task::spawn_blocking(move || budget::keep_budget(&folder, max_bytes, &is_kept)).await;
        freed
            .map_err(|_| writer_gone())?
            .map_err(|error| problem(&self.0.folder, error))
    }

    /// After a crash: compresses what was left plain and removes half-written files; not those of jobs that `is_running` names, nor
    /// what was written to in the last `young`.
    pub async fn tidy(&self, young: Duration, is_running: impl Fn(JobId) -> bool + Send + 'static) -> Result<u64, Problem> {
        let folder = self.0.folder.clone();
        let tidied = tokio::task::spawn_blocking(move || budget::tidy(&folder, young, &is_running)).await;
        tidied
            .map_err(|_| writer_gone())?
            .map_err(|error| problem(&self.0.folder, error))
    }

    async fn blocking<T: Send + 'static>(
        &self,
        job: JobId,
        work: impl FnOnce(&Path) -> std::io::Result<T> + Send + 'static,
    ) -> Result<T, Problem> {
        let path = self.path_of(job);
        let shown = path.clone();
        match tokio::task::spawn_blocking(move || work(&path)).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(Problem::user(msg!("store-log-missing", job = job.to_string()))
                    .code("not-found")
                    .hint(msg!("store-log-missing-hint")))
            }
            Ok(Err(error)) if error.kind() == std::io::ErrorKind::InvalidData => {
                Err(Problem::environment(msg!("store-log-damaged", path = &shown))
                    .code("store-damaged")
                    .details(error))
            }
            Ok(Err(error)) => Err(problem(&shown, error)),
            Err(_) => Err(writer_gone()),
        }
    }

    /// The queue of the writer's thread, which starts with the first log.
    fn queue(&self) -> Result<mpsc::Sender<Order>, Problem> {
        let mut queue = self.0.queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(queue) = queue.as_ref().filter(|queue| !queue.is_closed()) {
            return Ok(queue.clone());
        }
        let (sender, orders) = mpsc::channel(QUEUE);
        let max_bytes = self.0.max_bytes_per_job;
        std::thread::Builder::new()
            .name("logs".to_owned())
            .spawn(move || write_all(orders, max_bytes))
            .map_err(|error| problem(&self.0.folder, error))?;
        *queue = Some(sender.clone());
        Ok(sender)
    }
}

impl std::fmt::Debug for Logs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Logs({})", self.0.folder.display())
    }
}

/// The open log of one job. Dropped without `finish` the log stays as far as it was written, uncompressed.
#[derive(Debug)]
pub struct LogWriter {
    job: JobId,
    path: PathBuf,
    queue: Option<mpsc::Sender<Order>>,
}

impl LogWriter {
    /// Appends bytes, secrets masked already. Waits while the disk is slower than the job; a failing disk shows in `finish` only.
    pub async fn append(&self, bytes: &[u8]) {
        let Some(queue) = &self.queue else { return };
        for piece in bytes.chunks(PIECE) {
            if queue
                .send(Order::Append {
                    job: self.job,
                    bytes: piece.to_vec(),
                })
                .await
                .is_err()
            {
                return;
            }
        }
    }

    /// The same from a thread outside the runtime.
    pub fn append_blocking(&self, bytes: &[u8]) {
        let Some(queue) = &self.queue else { return };
        for piece in bytes.chunks(PIECE) {
            if queue
                .blocking_send(Order::Append {
                    job: self.job,
                    bytes: piece.to_vec(),
                })
                .is_err()
            {
                return;
            }
        }
    }

    /// Closes the log after its last byte and compresses it.
    pub async fn finish(mut self) -> LogEnd {
        let file = Logs::name_of(self.job);
        let (reply, answer) = oneshot::channel();
        let closed = match self.queue.take() {
            Some(queue) => queue
                .send(Order::Close {
                    job: self.job,
                    reply: Some(reply),
                })
                .await
                .is_ok(),
            None => false,
        };
        let written = if closed { answer.await.ok() } else { None };
        let Some(written) = written else {
            return LogEnd {
                file,
                bytes: 0,
                left_out: 0,
                problem: Some(writer_gone()),
            };
        };
        let mut end = LogEnd {
            file,
            bytes: written.bytes,
            left_out: written.left_out,
            problem: None,
        };
        if let Some(error) = written.error {
            end.problem = Some(problem(&self.path, error));
        } else if end.bytes >= COMPRESS_FROM {
            let path = self.path.clone();
            let compressed = tokio::task::spawn_blocking(move || frames::compress(&path)).await;
            // It stays readable as it is.
            end.problem = compressed.ok().and_then(Result::err).map(|error| problem(&self.path, error));
        }
        end
    }
}

impl Drop for LogWriter {
    fn drop(&mut self) {
        if let Some(queue) = self.queue.take() {
            // With a full queue the file stays open until the program ends: nothing is lost by it.
            drop(queue.try_send(Order::Close {
                job: self.job,
                reply: None,
            }));
        }
    }
}

fn problem(path: &Path, error: std::io::Error) -> Problem {
    if matches!(
        error.kind(),
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded
    ) {
        return Problem::environment(msg!("store-log-full", path = path))
            .code("store-full")
            .details(error)
            .hint(msg!("store-log-full-hint"));
    }
    Problem::environment(msg!("store-io", path = path))
        .code("store-io")
        .details(error)
        .hint(msg!("store-io-hint"))
}

fn writer_gone() -> Problem {
    Problem::internal(msg!("store-log-writer-gone")).code("store-closed")
}

struct OpenLog {
    file: std::io::BufWriter<File>,
    written: Written,
    /// The newest bytes beyond the cap.
    end: VecDeque<u8>,
}

/// The thread: until every writer and every `Logs` is gone.
fn write_all(mut orders: mpsc::Receiver<Order>, max_bytes: u64) {
    let mut open: BTreeMap<JobId, OpenLog> = BTreeMap::new();
    let mut unflushed: Vec<JobId> = Vec::new();
    loop {
        let order = match orders.try_recv() {
            Ok(order) => order,
            Err(_) => {
                // Nothing waits: what is in the buffers becomes visible to readers.
                for job in unflushed.drain(..) {
                    if let Some(log) = open.get_mut(&job) {
                        let flushed = log.file.flush();
                        log.note(flushed);
                    }
                }
                match orders.blocking_recv() {
                    Some(order) => order,
                    None => return,
                }
            }
        };
        match order {
            Order::Open { job, path, reply } => {
                let opened = create(&path).map(|file| {
                    let log = OpenLog {
                        file: std::io::BufWriter::with_capacity(PIECE, file),
                        written: Written::default(),
                        end: VecDeque::new(),
                    };
                    open.insert(job, log);
                });
                drop(reply.send(opened));
            }
            Order::Append { job, bytes } => {
                if let Some(log) = open.get_mut(&job) {
                    log.append(&bytes, max_bytes);
                    if unflushed.last() != Some(&job) {
                        unflushed.push(job);
                    }
                }
            }
            Order::Close { job, reply } => {
                let written = open.remove(&job).map(OpenLog::close).unwrap_or_default();
                if let Some(reply) = reply {
                    drop(reply.send(written));
                }
            }
        }
    }
}

fn create(path: &Path) -> std::io::Result<File> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let file = File::create(path)?;
    match std::fs::remove_file(frames::zst_path(path)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(file),
    }
}

impl OpenLog {
    fn append(&mut self, bytes: &[u8], max_bytes: u64) {
        let room = max_bytes.saturating_sub(self.written.bytes).min(bytes.len() as u64);
        let kept = if self.written.error.is_some() { 0 } else { room as usize };
        let result = self.file.write_all(&bytes[..kept]);
        if result.is_ok() {
            self.written.bytes += kept as u64;
            self.keep_end(&bytes[kept..], END_KEPT.min(max_bytes / 8) as usize);
        } else {
            self.written.left_out += bytes.len() as u64;
        }
        self.note(result);
    }

    fn keep_end(&mut self, bytes: &[u8], most: usize) {
        let newest = &bytes[bytes.len().saturating_sub(most)..];
        let n_over = (self.end.len() + newest.len()).saturating_sub(most);
        self.end.drain(..n_over);
        self.end.extend(newest);
        self.written.left_out += (n_over + bytes.len() - newest.len()) as u64;
    }

    fn note(&mut self, result: std::io::Result<()>) {
        if let Err(error) = result {
            self.written.error.get_or_insert(error);
        }
    }

    fn bring_out(&mut self, bytes: &[u8]) {
        let result = self.file.write_all(bytes);
        self.written.bytes += bytes.len() as u64;
        self.note(result);
    }

    /// The file says how much is missing, in the way in which a cut line is marked, and then has the last whole lines.
    fn close(mut self) -> Written {
        if self.written.left_out > 0 && self.written.error.is_none() {
            let n_cut = self.end.iter().position(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            let n_cut = if n_cut < self.end.len() { n_cut } else { 0 };
            self.end.drain(..n_cut);
            self.written.left_out += n_cut as u64;
            let mark = format!("\n… (+{} B)\n", self.written.left_out);
            self.bring_out(mark.as_bytes());
        }
        if self.written.error.is_none() {
            let end: Vec<u8> = std::mem::take(&mut self.end).into();
            self.bring_out(&end);
        } else {
            self.written.left_out += self.end.len() as u64;
        }
        let flushed = self.file.flush();
        self.note(flushed);
        if self.written.error.is_some() {
            // What the buffer could not bring out is not there.
            let there = self.file.get_ref().metadata().map_or(0, |meta| meta.len());
            self.written.left_out += self.written.bytes.saturating_sub(there);
            self.written.bytes = there;
        }
        // A buffer that can not be brought out must not be tried again when it is dropped.
        let (_, _) = self.file.into_parts();
        self.written
    }
}

fn read_tail(path: &Path, n_lines: usize) -> std::io::Result<LogPart> {
    let mut source = frames::Source::open(path)?;
    let total = source.len();
    let mut tail: Vec<u8> = Vec::new();
    let mut from = total;
    let mut step = 64 << 10;
    while from > 0 && tail.len() < READ_MAX {
        let start = from.saturating_sub(step);
        let mut head = source.read_at(start, (from - start) as usize)?;
        head.append(&mut tail);
        tail = head;
        from = start;
        step = (step * 2).min(4 << 20);
        if let Some(at) = start_of_lines(&tail, n_lines) {
            return Ok(LogPart {
                from: from + at as u64,
                bytes: tail.split_off(at),
                total,
            });
        }
    }
    Ok(LogPart {
        from,
        bytes: tail,
        total,
    })
}

/// Where the last `n` lines begin; None when there are fewer line breaks.
fn start_of_lines(bytes: &[u8], n: usize) -> Option<usize> {
    let end = if bytes.last() == Some(&b'\n') {
        bytes.len() - 1
    } else {
        bytes.len()
    };
    if n == 0 {
        return Some(bytes.len());
    }
    memchr::memrchr_iter(b'\n', &bytes[..end]).nth(n - 1).map(|at| at + 1)
}

/// Reads a log from its first to its last byte and says how many there are; an error where it is damaged.
pub(crate) fn verify(folder: &Path, name: &str) -> std::io::Result<u64> {
    let mut source = frames::Source::open(&folder.join(name))?;
    let mut at = 0;
    loop {
        let bytes = source.read_at(at, 1 << 20)?;
        if bytes.is_empty() {
            return if at == source.len() {
                Ok(at)
            } else {
                Err(std::io::ErrorKind::InvalidData.into())
            };
        }
        at += bytes.len() as u64;
    }
}

/// Whether the log of this name is there, plain or compressed.
pub(crate) fn is_there(folder: &Path, name: &str) -> bool {
    let path = folder.join(name);
    path.exists() || frames::zst_path(&path).exists()
}

fn read_exact_at(file: &mut File, from: u64, len: usize) -> std::io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::with_capacity(len.min(READ_MAX));
    file.take(len as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}
