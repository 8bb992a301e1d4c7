//! Files: bounded reads, writes that are whole or not there, and access that can not leave a folder.

use crate::base::{Over, Problem, Timestamp, WriteTo};
use crate::msg;
use rustix::fs::{AtFlags, FlockOperation, Mode, OFlags, ResolveFlags};
use sha2::{Digest as _, Sha256};
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, Instant};

/// Larger files are not read as text: settings, project files, plan items.
pub const MAX_TEXT_BYTES: u64 = 16 * 1024 * 1024;
/// How long another program that changes files is waited for.
const TURN_WAIT: Duration = Duration::from_secs(4);
const TURN_LOOK: Duration = Duration::from_millis(5);
/// How the names of files begin that are being written; the number of the program that writes follows.
const HALF: &str = ".chantier-";

/// One name in a folder. A link is not followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirEntry {
    pub name: OsString,
    pub path: PathBuf,
    pub is_dir: bool,
    pub is_link: bool,
    pub len: u64,
    pub modified: Option<Timestamp>,
}

/// The whole file, when it has at most `max_bytes`. A missing file gives the code `not-found`.
pub fn read(path: &Path, max_bytes: u64) -> Result<Vec<u8>, Problem> {
    // NONBLOCK: a FIFO by that name must not hang the reader.
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(OFlags::NONBLOCK.bits() as i32)
        .open(path)
        .map_err(|error| read_problem(path, &error))?;
    read_open(path, file, max_bytes)
}

/// What is to be read: a file, or standard input by the name `-`, at most so many bytes; a pipe is fine. Blocks.
pub fn read_input(path: &Path, max_bytes: u64) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        io::stdin().lock().take(max_bytes).read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(max_bytes).read_to_end(&mut bytes))
    };
    read.map_err(|error| read_problem(path, &error))?;
    Ok(bytes)
}

/// The same as text.
pub fn read_text_input(path: &Path, max_bytes: u64) -> Result<String, Problem> {
    text_of(path, read_input(path, max_bytes)?)
}

/// A file as text; the place of the first byte that is not UTF-8 is named.
pub fn read_text(path: &Path, max_bytes: u64) -> Result<String, Problem> {
    text_of(path, read(path, max_bytes)?)
}

/// The same, but None when there is no such file.
pub fn read_text_if_there(path: &Path, max_bytes: u64) -> Result<Option<String>, Problem> {
    match read_text(path, max_bytes) {
        Ok(text) => Ok(Some(text)),
        Err(problem) if problem.code == "not-found" => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// Replaces the file: after a crash at any moment there is the old or the new one, whole. A link is followed, the mode is kept.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), Problem> {
    write_atomic_with_mode(path, bytes, None)
}

/// The same with these permission bits; for what nobody else may read: `Some(0o600)`.
pub fn write_atomic_with_mode(path: &Path, bytes: &[u8], mode: Option<u32>) -> Result<(), Problem> {
    let target = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let write = || -> io::Result<()> {
        let folder = target.parent().ok_or(io::ErrorKind::InvalidInput)?;
        let name = target.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let folder = File::open(if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        })?;
        replace_in(&folder, Path::new(name), bytes, mode)
    };
    write().map_err(|error| write_problem(path, &error))
}

/// Makes a folder and those above it, for the user alone.
pub fn create_private_dir(path: &Path) -> Result<(), Problem> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|error| write_problem(path, &error))
}

/// Opens a log for appending, made for the user alone.
pub fn open_append(path: &Path) -> Result<File, Problem> {
    OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
        .map_err(|error| write_problem(path, &error))
}

/// Makes a folder of the user's, with its parents.
pub fn create_dir_all(path: &Path) -> Result<(), Problem> {
    std::fs::create_dir_all(path).map_err(|error| write_problem(path, &error))
}

/// Gives a file or folder another name in the same file system.
pub fn rename(from: &Path, to: &Path) -> Result<(), Problem> {
    std::fs::rename(from, to).map_err(|error| write_problem(to, &error))
}

/// Removes a folder that the program made, with everything in it; links inside are removed, not followed.
pub fn remove_dir_all(path: &Path) -> Result<(), Problem> {
    std::fs::remove_dir_all(path).map_err(|error| write_problem(path, &error))
}

/// A link to a folder that stands elsewhere.
pub fn link(to: &Path, at: &Path) -> Result<(), Problem> {
    std::os::unix::fs::symlink(to, at).map_err(|error| write_problem(at, &error))
}

/// Bytes of a file that are looked at for a mark.
const MARK_BYTES: u64 = 8 << 10;
/// Names that are tried for one file.
const MAX_NAMES: u32 = 1000;

/// The path that may be written: a file that is there is refused, unless it is to be replaced or carries the mark of what is written
/// again and again for the same purpose.
pub fn may_write(to: &WriteTo, own_mark: Option<&str>) -> Result<PathBuf, Problem> {
    let is_there = |path: &Path| path.symlink_metadata().is_ok();
    if to.over == Over::Replace || !is_there(&to.path) {
        return Ok(to.path.clone());
    }
    if to.over == Over::Beside {
        let stem = to.path.file_stem().unwrap_or_default().to_string_lossy();
        let ending = to
            .path
            .extension()
            .map_or_else(String::new, |ending| format!(".{}", ending.to_string_lossy()));
        let mut names = (2..MAX_NAMES).map(|n| to.path.with_file_name(format!("{stem} ({n}){ending}")));
        if let Some(free) = names.find(|path| !is_there(path)) {
            return Ok(free);
        }
    }
    let is_own = own_mark.is_some_and(|mark| {
        let mut head = Vec::new();
        let read = File::open(&to.path).and_then(|file| file.take(MARK_BYTES).read_to_end(&mut head));
        read.is_ok() && memchr::memmem::find(&head, mark.as_bytes()).is_some()
    });
    if is_own {
        return Ok(to.path.clone());
    }
    Err(exists(&to.path))
}

/// Writes a file for the user, as `may_write` says; the path that it has.
pub fn write_out(to: &WriteTo, bytes: &[u8], own_mark: Option<&str>) -> Result<PathBuf, Problem> {
    let path = may_write(to, own_mark)?;
    write_atomic(&path, bytes)?;
    Ok(path)
}

/// The problem of a file that is not written over.
pub fn exists(path: &Path) -> Problem {
    let problem = Problem::user(msg!("files-exists", path = path)).code("exists");
    problem.hint(msg!("files-exists-hint"))
}

/// Lets the owner write everything in a folder, so that it can be removed; links are not followed.
pub fn make_writable(path: &Path) {
    let Ok(meta) = path.symlink_metadata() else { return };
    if meta.is_dir() {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700)).ok();
        for entry in std::fs::read_dir(path).into_iter().flatten().flatten() {
            make_writable(&entry.path());
        }
    }
}

/// A file that gets one line after the other. A failing disk loses lines, never the program.
#[derive(Debug)]
pub struct LineFile(io::BufWriter<File>);

impl LineFile {
    /// A new file; of those that are there only one that carries the mark of such a file is written over, and an empty one.
    pub fn create(path: &Path, own_mark: &str) -> Result<Self, Problem> {
        let is_empty = path.metadata().is_ok_and(|meta| meta.is_file() && meta.len() == 0);
        if !is_empty {
            may_write(&WriteTo::new(path, false), Some(own_mark))?;
        }
        let file = File::create(path).map_err(|error| write_problem(path, &error))?;
        Ok(Self(io::BufWriter::new(file)))
    }

    pub fn write(&mut self, line: &str) {
        drop(writeln!(self.0, "{line}"));
    }
}

/// The names in a folder, sorted.
pub fn list_dir(path: &Path) -> Result<Vec<DirEntry>, Problem> {
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(path).map_err(|error| read_problem(path, &error))? {
        let entry = entry.map_err(|error| read_problem(path, &error))?;
        // What vanished meanwhile is not there.
        let Ok(meta) = entry.metadata() else { continue };
        entries.push(DirEntry {
            name: entry.file_name(),
            path: entry.path(),
            is_dir: meta.is_dir(),
            is_link: meta.is_symlink(),
            len: meta.len(),
            modified: meta.modified().ok().and_then(|time| Timestamp::try_from(time).ok()),
        });
    }
    entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    Ok(entries)
}

/// SHA-256 of a file's content in hexadecimal digits.
pub fn sha256(path: &Path) -> Result<String, Problem> {
    let hash = || {
        let mut file = File::open(path)?;
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; 256 * 1024];
        loop {
            let n = file.read(&mut buffer)?;
            if n == 0 {
                return Ok(hex(&hasher.finalize()));
            }
            hasher.update(&buffer[..n]);
        }
    };
    hash().map_err(|error: io::Error| read_problem(path, &error))
}

/// SHA-256 of bytes in hexadecimal digits.
pub fn sha256_of(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// The absolute path without links; fails when there is no such file.
pub fn canonicalize(path: &Path) -> Result<PathBuf, Problem> {
    path.canonicalize().map_err(|error| read_problem(path, &error))
}

/// Removes a file; that it was not there is fine.
pub fn remove_file(path: &Path) -> Result<(), Problem> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(write_problem(path, &error)),
        _ => Ok(()),
    }
}

/// A folder that paths can not lead out of: neither by `..` nor by a link, also when somebody swaps folders meanwhile (openat2(2)).
pub struct Beneath {
    root: PathBuf,
    dir: OwnedFd,
}

/// Held while files below a folder are read and written anew, so that two programs do it one after the other.
pub struct Turn<'a>(&'a OwnedFd);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        // The lock ends with the descriptor at the latest.
        rustix::fs::flock(self.0, FlockOperation::Unlock).ok();
    }
}

impl Beneath {
    /// Waits until no other program has its turn here; one that keeps it is told. Blocks.
    pub fn turn(&self) -> Result<Turn<'_>, Problem> {
        let started = Instant::now();
        loop {
            match rustix::fs::flock(&self.dir, FlockOperation::NonBlockingLockExclusive) {
                Err(rustix::io::Errno::WOULDBLOCK) if started.elapsed() > TURN_WAIT => {
                    let problem = Problem::environment(msg!("files-turn", path = self.root.as_path())).code("busy");
                    return Err(problem.hint(msg!("files-turn-hint")));
                }
                Err(rustix::io::Errno::WOULDBLOCK | rustix::io::Errno::INTR) => std::thread::sleep(TURN_LOOK),
                // Not every file system can lock; then all is as without.
                Ok(()) | Err(_) => return Ok(Turn(&self.dir)),
            }
        }
    }

    pub fn open(root: &Path) -> Result<Self, Problem> {
        let dir = rustix::fs::open(root, OFlags::DIRECTORY | OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
            .map_err(|error| read_problem(root, &error.into()))?;
        Ok(Self {
            root: root.to_path_buf(),
            dir,
        })
    }

    /// The whole file, when it has at most `max_bytes`.
    pub fn read(&self, relative: &Path, max_bytes: u64) -> Result<Vec<u8>, Problem> {
        let path = self.root.join(relative);
        let fd = self
            .open_at(relative, OFlags::RDONLY | OFlags::NONBLOCK, Mode::empty())
            .map_err(|error| self.problem(relative, &error, read_problem))?;
        read_open(&path, File::from(fd), max_bytes)
    }

    pub fn read_text(&self, relative: &Path, max_bytes: u64) -> Result<String, Problem> {
        text_of(&self.root.join(relative), self.read(relative, max_bytes)?)
    }

    /// Replaces the file as a whole; makes the folders that lead to it. A link by that name is replaced, not followed.
    pub fn write_atomic(&self, relative: &Path, bytes: &[u8]) -> Result<(), Problem> {
        let write = || -> io::Result<()> {
            let name = relative.file_name().ok_or(io::ErrorKind::InvalidInput)?;
            let folder = File::from(self.make_dirs(relative.parent().unwrap_or(Path::new("")))?);
            replace_in(&folder, Path::new(name), bytes, None)
        };
        write().map_err(|error| self.problem(relative, &error, write_problem))
    }

    pub fn create_dir_all(&self, relative: &Path) -> Result<(), Problem> {
        self.make_dirs(relative)
            .map(drop)
            .map_err(|error| self.problem(relative, &error, write_problem))
    }

    /// A new file; fails when there is one by that name.
    pub fn create_new(&self, relative: &Path, mode: u32) -> Result<File, Problem> {
        let create = || {
            let name = relative.file_name().ok_or(io::ErrorKind::InvalidInput)?;
            let folder = self.make_dirs(relative.parent().unwrap_or(Path::new("")))?;
            let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            Ok(File::from(rustix::fs::openat(
                folder,
                Path::new(name),
                flags,
                Mode::from_raw_mode(mode),
            )?))
        };
        create().map_err(|error: io::Error| self.problem(relative, &error, write_problem))
    }

    /// Removes a file or a link; that it was not there is fine.
    pub fn remove_file(&self, relative: &Path) -> Result<(), Problem> {
        let remove = || -> io::Result<()> {
            let name = relative.file_name().ok_or(io::ErrorKind::InvalidInput)?;
            let folder = self.open_dir(relative.parent().unwrap_or(Path::new("")))?;
            rustix::fs::unlinkat(folder, Path::new(name), AtFlags::empty()).map_err(io::Error::from)
        };
        match remove() {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.problem(relative, &error, write_problem)),
            _ => Ok(()),
        }
    }

    fn make_dirs(&self, relative: &Path) -> io::Result<OwnedFd> {
        let mut done = PathBuf::new();
        for part in relative.components() {
            match part {
                Component::CurDir => continue,
                Component::Normal(name) => done.push(name),
                _ => return Err(rustix::io::Errno::XDEV.into()),
            }
            match self.open_dir(&done) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    let above = self.open_dir(done.parent().unwrap_or(Path::new("")))?;
                    let name = done.file_name().ok_or(io::ErrorKind::InvalidInput)?;
                    match rustix::fs::mkdirat(above, Path::new(name), Mode::from_raw_mode(0o777)) {
                        Ok(()) | Err(rustix::io::Errno::EXIST) => {}
                        Err(error) => return Err(error.into()),
                    }
                }
                Err(error) => return Err(error),
                Ok(_) => {}
            }
        }
        self.open_dir(&done)
    }

    fn open_dir(&self, relative: &Path) -> io::Result<OwnedFd> {
        let relative = if relative.as_os_str().is_empty() {
            Path::new(".")
        } else {
            relative
        };
        self.open_at(relative, OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty())
    }

    fn open_at(&self, relative: &Path, flags: OFlags, mode: Mode) -> io::Result<OwnedFd> {
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        // AGAIN: somebody renames folders at this moment, and the kernel can not be sure.
        for _ in 0..1000 {
            match rustix::fs::openat2(&self.dir, relative, flags | OFlags::CLOEXEC, mode, resolve) {
                Err(rustix::io::Errno::AGAIN) => {}
                other => return other.map_err(io::Error::from),
            }
        }
        Err(rustix::io::Errno::AGAIN.into())
    }

    fn problem(&self, relative: &Path, error: &io::Error, other: fn(&Path, &io::Error) -> Problem) -> Problem {
        let path = self.root.join(relative);
        let leads_out = rustix::io::Errno::from_io_error(error)
            .is_some_and(|errno| matches!(errno, rustix::io::Errno::XDEV | rustix::io::Errno::LOOP));
        if leads_out {
            return Problem::environment(msg!("files-leads-out", path = &path, root = &self.root))
                .code("leads-out")
                .hint(msg!("files-leads-out-hint"));
        }
        other(&path, error)
    }
}

/// A file that could not be read, in words.
pub fn read_problem(path: &Path, error: &io::Error) -> Problem {
    match error.kind() {
        io::ErrorKind::NotFound => Problem::environment(msg!("files-missing", path = path)).code("not-found"),
        io::ErrorKind::PermissionDenied => Problem::environment(msg!("files-denied", path = path))
            .code("denied")
            .hint(msg!("files-denied-hint")),
        _ => Problem::environment(msg!("files-unreadable", path = path))
            .code("unreadable")
            .details(error),
    }
}

/// A file that could not be written, in words.
pub fn write_problem(path: &Path, error: &io::Error) -> Problem {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Problem::environment(msg!("files-disk-full", path = path))
            .code("disk-full")
            .hint(msg!("files-disk-full-hint")),
        io::ErrorKind::ReadOnlyFilesystem => Problem::environment(msg!("files-read-only", path = path))
            .code("read-only")
            .hint(msg!("files-read-only-hint")),
        io::ErrorKind::PermissionDenied => Problem::environment(msg!("files-denied", path = path))
            .code("denied")
            .hint(msg!("files-denied-hint")),
        _ => Problem::environment(msg!("files-unwritable", path = path))
            .code("unwritable")
            .details(error),
    }
}

fn read_open(path: &Path, file: File, max_bytes: u64) -> Result<Vec<u8>, Problem> {
    let meta = file.metadata().map_err(|error| read_problem(path, &error))?;
    if !meta.is_file() {
        return Err(Problem::environment(msg!("files-not-a-file", path = path)).code("unreadable"));
    }
    let mut bytes = Vec::with_capacity(meta.len().min(max_bytes) as usize + 1);
    // One byte more: a file that grows meanwhile, or lies about its size as in /proc, is bounded too.
    file.take(max_bytes + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| read_problem(path, &error))?;
    if bytes.len() as u64 > max_bytes {
        return Err(Problem::environment(msg!("files-too-large", path = path, limit = max_bytes)).code("too-large"));
    }
    Ok(bytes)
}

fn text_of(path: &Path, bytes: Vec<u8>) -> Result<String, Problem> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = memchr::memchr_iter(b'\n', valid).count() + 1;
        let column = valid.len() - memchr::memrchr(b'\n', valid).map_or(0, |at| at + 1) + 1;
        Problem::config(msg!("files-not-utf8", path = path))
            .code("not-utf8")
            .at_place(path, line as u32, column as u32)
    })
}

/// A new name for a file that lives no longer than what it is written for; `forget_half_written` knows it.
pub fn half_written() -> PathBuf {
    PathBuf::from(format!("{HALF}{}-{:016x}.tmp", std::process::id(), fastrand::u64(..)))
}

/// Removes from a folder what a program that was killed had begun to write there; what a living one is writing stays.
pub fn forget_half_written(folder: &Path) -> Result<(), Problem> {
    for path in of_killed(folder, HALF)? {
        if path.extension().is_some_and(|ending| ending == "tmp") {
            remove_file(&path)?;
        }
    }
    Ok(())
}

/// What stands in a folder under a name of `prefix`, the number of a program that is gone, and `-`.
pub fn of_killed(folder: &Path, prefix: &str) -> Result<Vec<PathBuf>, Problem> {
    let is_of_killed = |entry: &DirEntry| {
        let name = entry.name.to_string_lossy();
        let pid = name
            .strip_prefix(prefix)
            .and_then(|rest| rest.split_once('-')?.0.parse::<u32>().ok());
        pid.is_some_and(|pid| !Path::new(&format!("/proc/{pid}")).exists())
    };
    let entries = list_dir(folder)?.into_iter();
    Ok(entries.filter(is_of_killed).map(|entry| entry.path).collect())
}

/// A folder for what is read once: it goes with this value, and with the next one where the program was killed.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new(cache: &Path, what: &str) -> Result<Self, Problem> {
        let prefix = format!("{what}-");
        create_private_dir(cache)?;
        for path in of_killed(cache, &prefix)? {
            remove_dir_all(&path)?;
        }
        let path = cache.join(format!("{prefix}{}-{:016x}", std::process::id(), fastrand::u64(..)));
        create_private_dir(&path)?;
        Ok(Self(path))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Nothing waits for the disk.
    pub fn write(&self, below: &Path, bytes: &[u8]) -> Result<(), Problem> {
        let path = self.0.join(below);
        if let Some(folder) = path.parent() {
            create_dir_all(folder)?;
        }
        std::fs::write(&path, bytes).map_err(|error| write_problem(&path, &error))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

/// Writes beside, flushes, renames, flushes the folder.
fn replace_in(folder: &File, name: &Path, bytes: &[u8], mode: Option<u32>) -> io::Result<()> {
    let existing = rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW).ok();
    let is_file =
        |stat: &rustix::fs::Stat| rustix::fs::FileType::from_raw_mode(stat.st_mode) == rustix::fs::FileType::RegularFile;
    let kept = existing.filter(is_file).map(|stat| stat.st_mode & 0o7777);
    let temporary = half_written();
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let first_mode = Mode::from_raw_mode(mode.unwrap_or(0o666));
    let mut file = File::from(rustix::fs::openat(folder, &temporary, flags, first_mode)?);
    let result = (|| {
        file.write_all(bytes)?;
        if let Some(mode) = mode.or(kept) {
            file.set_permissions(std::fs::Permissions::from_mode(mode))?;
        }
        file.sync_all()?;
        rustix::fs::renameat(folder.as_fd(), &temporary, folder.as_fd(), name)?;
        folder.sync_all()
    })();
    if result.is_err() {
        rustix::fs::unlinkat(folder, &temporary, AtFlags::empty()).ok();
    }
    result
}

pub(super) fn hex(bytes: &[u8]) -> String {
    let digit = |n: u8| char::from_digit(u32::from(n), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
