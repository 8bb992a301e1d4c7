//! A log of any size as numbered lines: an index of one number per 64 KiB stands in memory, the lines stay in the file.
//! Compressed files (gzip, zstd) are unpacked into a file of the cache that nobody else sees.

mod arrived;
mod export;
mod search;
mod spool;
mod whole;

pub use arrived::{FileId, arrived, is_group};
pub use export::{Joined, LineWriter};
pub use search::{Hits, MAX_HITS};

use super::files::read_problem;
use crate::base::Problem;
use crate::base::safe::{CUT_MARK_BYTES, MAX_LINE_BYTES, cut_mark, cut_mark_at_end};
use crate::msg;
use std::fs::File;
use std::os::unix::fs::{FileExt as _, FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// Bytes per entry of the index.
const BLOCK: u64 = 64 << 10;
/// Bytes that are read at once.
const READ: usize = 256 << 10;
/// Blocks that a thread takes at once.
const SHARE: usize = 64;
/// Bytes at both ends of a file by which one is known that was written anew.
const HEAD: u64 = 64;
const TAIL: u64 = 16;
/// Threads that read one file.
const THREADS: usize = 2;

/// An open log. All reading is by position: any number of threads may do it.
pub struct LogFile {
    path: PathBuf,
    file: File,
    /// Device and inode of the name, to see when it belongs to another file.
    identity: (u64, u64),
    is_unpacked: bool,
    /// Why a compressed one could be unpacked only in part.
    damage: Option<Problem>,
    index: RwLock<Index>,
}

/// How many line breaks stand before each block.
#[derive(Default)]
struct Index {
    /// Bytes that were counted.
    len: u64,
    before: Vec<u64>,
    n_breaks: u64,
    /// The last line has no line break yet.
    is_open_ended: bool,
    /// The first and the last of these bytes: where they are others later, the file was written anew.
    head: Vec<u8>,
    tail: Vec<u8>,
}

/// What became of a file since it was looked at last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grown {
    Same,
    /// It has more lines, or its last one is longer.
    More,
    /// It is shorter than it was, or begins with something else: what stood there is gone.
    Truncated,
    /// The name belongs to another file.
    Replaced,
}

impl LogFile {
    /// Opens a file; one that is compressed is unpacked below `cache` first, and what a pipe gives is kept there. `go_on` is asked from time to time.
    pub fn open(path: &Path, cache: &Path, go_on: &dyn Fn() -> bool) -> Result<Self, Problem> {
        let problem = |error: std::io::Error| read_problem(path, &error);
        let meta = std::fs::metadata(path).map_err(problem)?;
        if meta.file_type().is_fifo() {
            return Ok(Self {
                path: path.to_path_buf(),
                identity: (meta.dev(), meta.ino()),
                is_unpacked: true,
                damage: None,
                file: spool::drain(path, cache, go_on)?,
                index: RwLock::default(),
            });
        }
        if !meta.is_file() {
            return Err(Problem::user(msg!("log-no-file", path = path)).code("not-found"));
        }
        let plain = File::open(path).map_err(problem)?;
        let (unpacked, damage) = match spool::packing(&plain).map_err(problem)? {
            Some(packing) => {
                let packed = plain.try_clone().map_err(problem)?;
                let (unpacked, damage) = spool::unpack(path, packed, packing, cache, go_on)?;
                (Some(unpacked), damage)
            }
            None => (None, None),
        };
        Ok(Self {
            path: path.to_path_buf(),
            identity: (meta.dev(), meta.ino()),
            is_unpacked: unpacked.is_some(),
            damage,
            file: unpacked.unwrap_or(plain),
            index: RwLock::default(),
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Why only a part of it is there: it is packed, and cut off or damaged.
    pub fn damage(&self) -> Option<&Problem> {
        self.damage.as_ref()
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Index> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lines that are known so far.
    pub fn n_lines(&self) -> u64 {
        let index = self.read();
        index.n_breaks + u64::from(index.is_open_ended)
    }

    /// Those of them that have their line break.
    pub fn n_whole_lines(&self) -> u64 {
        self.read().n_breaks
    }

    /// The bytes that are known so far, uncompressed.
    pub fn len(&self) -> u64 {
        self.read().len
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Counts what is new, from the last block on. Gives the number of lines.
    pub fn count(&self, go_on: &(dyn Fn() -> bool + Sync)) -> Result<u64, Problem> {
        let problem = |error: std::io::Error| read_problem(&self.path, &error);
        let len = self.file.metadata().map_err(problem)?.len();
        let (first, before) = {
            let index = self.read();
            // The last block may have been a part of one.
            let first = index.before.len().saturating_sub(1);
            (first, index.before.get(first).copied().unwrap_or(0))
        };
        let n_blocks = len.div_ceil(BLOCK) as usize;
        let counts = count_blocks(&self.file, first, n_blocks, go_on).map_err(problem)?;
        if !go_on() {
            return Err(Problem::cancelled());
        }
        let mut last = [0];
        let is_open_ended = len > 0 && self.file.read_at(&mut last, len - 1).map_err(problem)? == 1 && last[0] != b'\n';
        let (head, tail) = (self.marked(0, HEAD.min(len)), self.marked(len - TAIL.min(len), TAIL.min(len)));
        let (head, tail) = (head.map_err(problem)?, tail.map_err(problem)?);
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        index.before.truncate(first);
        let mut sum = before;
        for count in counts {
            index.before.push(sum);
            sum += u64::from(count);
        }
        index.len = len;
        index.n_breaks = sum;
        index.is_open_ended = is_open_ended;
        index.head = head;
        index.tail = tail;
        Ok(sum + u64::from(is_open_ended))
    }

    /// What became of it. The lines of one that was truncated or replaced must be read anew: open it again.
    pub fn look(&self) -> Result<Grown, Problem> {
        if self.is_unpacked {
            return Ok(Grown::Same);
        }
        let len = self.file.metadata().map_err(|error| read_problem(&self.path, &error))?.len();
        let known = self.len();
        if len < known || self.is_written_anew().map_err(|error| read_problem(&self.path, &error))? {
            return Ok(Grown::Truncated);
        }
        if len > known {
            return Ok(Grown::More);
        }
        let is_other = std::fs::metadata(&self.path).is_ok_and(|now| (now.dev(), now.ino()) != self.identity);
        Ok(if is_other { Grown::Replaced } else { Grown::Same })
    }

    /// Truncated and written again to what it was, or further, since it was counted.
    fn is_written_anew(&self) -> std::io::Result<bool> {
        let (len, head, tail) = {
            let index = self.read();
            (index.len, index.head.clone(), index.tail.clone())
        };
        let is_same = |at: u64, bytes: &[u8]| -> std::io::Result<bool> { Ok(self.marked(at, bytes.len() as u64)? == bytes) };
        Ok(!(is_same(0, &head)? && is_same(len - tail.len() as u64, &tail)?))
    }

    fn marked(&self, at: u64, n: u64) -> std::io::Result<Vec<u8>> {
        let mut bytes = vec![0; n as usize];
        let n_read = read_full(&self.file, &mut bytes, at)?;
        bytes.truncate(n_read);
        Ok(bytes)
    }

    /// Lines by number, from 0; fewer at the end. A long line is cut behind what is shown of one. The first ones can be read before
    /// anything was counted.
    pub fn lines(&self, from: u64, n: usize) -> Result<Vec<Vec<u8>>, Problem> {
        let read = || -> std::io::Result<Vec<Vec<u8>>> {
            match self.start_of(from)? {
                Some(at) => read_lines(&self.file, at, n),
                None => Ok(Vec::new()),
            }
        };
        read().map_err(|error| read_problem(&self.path, &error))
    }

    /// Where a line begins: behind the line break of that number.
    fn start_of(&self, line: u64) -> std::io::Result<Option<u64>> {
        if line == 0 {
            return Ok(Some(0));
        }
        let (block, before, len) = {
            let index = self.read();
            if line > index.n_breaks {
                return Ok(None);
            }
            // The last block with fewer breaks before it.
            let block = index.before.partition_point(|before| *before < line) - 1;
            (block as u64, index.before[block], index.len)
        };
        let mut bytes = vec![0; BLOCK.min(len - block * BLOCK) as usize];
        read_full(&self.file, &mut bytes, block * BLOCK)?;
        let found = memchr::memchr_iter(b'\n', &bytes).nth((line - before - 1) as usize);
        Ok(found.map(|at| block * BLOCK + at as u64 + 1))
    }
}

/// How many line breaks each block of a row of them has.
fn count_blocks(file: &File, first: usize, end: usize, go_on: &(dyn Fn() -> bool + Sync)) -> std::io::Result<Vec<u32>> {
    let n = end.saturating_sub(first);
    let mut counts = vec![0_u32; n];
    let next = AtomicUsize::new(0);
    let shares: Vec<Mutex<&mut [u32]>> = counts.chunks_mut(SHARE).map(Mutex::new).collect();
    let work = || -> std::io::Result<()> {
        let mut bytes = vec![0; READ];
        loop {
            let i = next.fetch_add(1, Ordering::Relaxed);
            let Some(share) = shares.get(i).filter(|_| go_on()) else {
                return Ok(());
            };
            let mut share = share.lock().unwrap_or_else(PoisonError::into_inner);
            let at = (first + i * SHARE) as u64 * BLOCK;
            let per_read = READ / BLOCK as usize;
            for (j, counts) in share.chunks_mut(per_read).enumerate() {
                let wanted = counts.len() * BLOCK as usize;
                let n_read = read_full(file, &mut bytes[..wanted], at + (j * READ) as u64)?;
                for (block, count) in bytes[..n_read].chunks(BLOCK as usize).zip(counts) {
                    *count = memchr::memchr_iter(b'\n', block).count() as u32;
                }
            }
        }
    };
    in_threads(shares.len().min(THREADS), &work)?;
    drop(shares);
    Ok(counts)
}

/// The same work in several threads; the first error of one.
fn in_threads(n: usize, work: &(dyn Fn() -> std::io::Result<()> + Sync)) -> std::io::Result<()> {
    if n < 2 {
        return work();
    }
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..n).map(|_| scope.spawn(work)).collect();
        let mut result = work();
        for other in others {
            let ended = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            result = result.and(ended);
        }
        result
    })
}

/// As much as there is.
fn read_full(file: &File, bytes: &mut [u8], at: u64) -> std::io::Result<usize> {
    let mut n = 0;
    while n < bytes.len() {
        match file.read_at(&mut bytes[n..], at + n as u64) {
            Ok(0) => break,
            Ok(more) => n += more,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(n)
}

/// Lines from a place on, without their ends.
fn read_lines(file: &File, from: u64, n: usize) -> std::io::Result<Vec<Vec<u8>>> {
    let mut lines = Vec::new();
    let mut line = Long::default();
    let mut is_begun = false;
    let mut at = from;
    let mut bytes = vec![0; READ.min((n * 160).max(4096))];
    while lines.len() < n {
        let n_read = read_full(file, &mut bytes, at)?;
        if n_read == 0 {
            if is_begun {
                lines.push(line.take());
            }
            break;
        }
        at += n_read as u64;
        let mut rest = &bytes[..n_read];
        while let Some(end) = memchr::memchr(b'\n', rest).filter(|_| lines.len() < n) {
            line.push(&rest[..end]);
            lines.push(line.take());
            is_begun = false;
            rest = &rest[end + 1..];
        }
        if lines.len() < n && !rest.is_empty() {
            line.push(rest);
            is_begun = true;
        }
    }
    Ok(lines)
}

/// A line of any length: what is shown of it, and what says how much is not.
#[derive(Default)]
struct Long {
    head: Vec<u8>,
    /// Its last bytes, where it is longer than what is shown.
    tail: Vec<u8>,
    n_bytes: usize,
}

impl Long {
    fn push(&mut self, piece: &[u8]) {
        let room = MAX_LINE_BYTES.saturating_sub(self.head.len());
        let (shown, rest) = piece.split_at(piece.len().min(room));
        self.head.extend_from_slice(shown);
        self.n_bytes += piece.len();
        if !rest.is_empty() {
            self.tail
                .extend_from_slice(&rest[rest.len().saturating_sub(CUT_MARK_BYTES)..]);
            let over = self.tail.len().saturating_sub(CUT_MARK_BYTES);
            self.tail.drain(..over);
        }
    }

    /// The line without its carriage return. One that was cut already when it was written tells the bytes of both cuts.
    fn take(&mut self) -> Vec<u8> {
        let Self {
            mut head,
            mut tail,
            mut n_bytes,
        } = std::mem::take(self);
        let end = if tail.is_empty() { &mut head } else { &mut tail };
        if end.last() == Some(&b'\r') {
            end.pop();
            n_bytes -= 1;
        }
        if n_bytes <= MAX_LINE_BYTES {
            return head;
        }
        let (n_of_mark, n_cut_before) = cut_mark_at_end(&tail).unwrap_or_default();
        head.truncate(MAX_LINE_BYTES - CUT_MARK_BYTES);
        let n_cut = (n_bytes - head.len() - n_of_mark) as u64 + n_cut_before;
        head.extend_from_slice(cut_mark(n_cut).as_bytes());
        head
    }
}

/// The file that is open in the window, so that every page of it finds its index. Cheap to clone.
#[derive(Clone, Default)]
pub struct LogFiles(Arc<Mutex<Option<Arc<LogFile>>>>);

impl LogFiles {
    /// The open file, if it is this one.
    pub fn get(&self, path: &Path) -> Option<Arc<LogFile>> {
        let open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.clone().filter(|open| open.path() == path)
    }

    /// Takes the place of the one that was open.
    pub fn put(&self, file: Arc<LogFile>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(file);
    }

    pub fn close(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// The log files that a path stands for: itself, those of a folder, or those whose names fit where `*` and `?` stand in its own; by name.
/// `is_capped` when there are more than `most`.
pub fn files_of(path: &Path, most: usize) -> Result<(Vec<PathBuf>, bool), Problem> {
    let problem = |error: std::io::Error| read_problem(path, &error);
    let pattern = pattern_of(path);
    if pattern.is_none() && !std::fs::metadata(path).map_err(problem)?.is_dir() {
        return Ok((vec![path.to_path_buf()], false));
    }
    let folder = match &pattern {
        Some(_) => path.parent().unwrap_or(Path::new("/")),
        None => path,
    };
    let asks_hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(problem)? {
        let entry = entry.map_err(problem)?;
        let name = entry.file_name();
        // `app.log`, `app.log.1`, `app.log.2.gz`, `syslog`, `out.txt`, `events.jsonl`.
        let is_log = || {
            let name = name.to_string_lossy().to_ascii_lowercase();
            name.contains("log")
                || [".txt", ".out", ".err", ".jsonl", ".ndjson"]
                    .iter()
                    .any(|ending| name.trim_end_matches(".gz").trim_end_matches(".zst").ends_with(ending))
        };
        let is_wanted = match &pattern {
            // Who names it may have linked it; hidden ones are named as such, as shells do it.
            Some(pattern) => {
                let bytes = name.as_encoded_bytes();
                (asks_hidden || !bytes.starts_with(b".")) && pattern.is_match(bytes) && entry.path().is_file()
            }
            None => is_log() && entry.file_type().map_err(problem)?.is_file(),
        };
        if is_wanted {
            found.push(entry.path());
        }
    }
    found.sort();
    if found.is_empty() && pattern.is_some() {
        return Err(read_problem(path, &std::io::ErrorKind::NotFound.into()));
    }
    if found.is_empty() {
        return Err(Problem::user(msg!("log-folder-empty", path = path))
            .code("not-found")
            .hint(msg!("log-folder-empty-hint")));
    }
    let is_capped = found.len() > most;
    found.truncate(most);
    Ok((found, is_capped))
}

/// What names have to fit, where a path that is not there has `*` or `?` in its last part.
fn pattern_of(path: &Path) -> Option<regex::bytes::Regex> {
    let name = path.file_name()?.to_str().filter(|name| name.contains(['*', '?']))?;
    if path.symlink_metadata().is_ok() {
        return None;
    }
    let pattern = regex::escape(name).replace(r"\*", ".*").replace(r"\?", ".");
    regex::bytes::Regex::new(&format!("(?s-u)^{pattern}$")).ok()
}
