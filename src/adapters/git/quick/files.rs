//! The files beside the index: folder by folder, on two threads, each folder read once for what is untracked and each tracked file
//! looked at from its folder's descriptor.

use super::index_file::{Entry, IndexFile, LINK};
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat};
use std::ffi::{CStr, CString};
use std::ops::Range;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Condvar, Mutex, PoisonError};

/// What one look at the files found.
#[derive(Default)]
pub(super) struct Found {
    /// Entries whose file is gone.
    pub(super) deleted: Vec<usize>,
    /// Entries that became another kind of file.
    pub(super) retyped: Vec<usize>,
    /// Entries that certainly differ.
    pub(super) modified: Vec<usize>,
    /// Entries whose content has to be looked at.
    pub(super) unsettled: Vec<usize>,
    /// Names that the index has not got; folders end with a slash.
    pub(super) strange: Vec<Vec<u8>>,
}

impl Found {
    pub(super) fn append(&mut self, mut other: Self) {
        self.deleted.append(&mut other.deleted);
        self.retyped.append(&mut other.retyped);
        self.modified.append(&mut other.modified);
        self.unsettled.append(&mut other.unsettled);
        self.strange.append(&mut other.strange);
    }
}

/// How files are compared with their entries.
#[derive(Clone, Copy)]
pub(super) struct Rules {
    pub(super) trusts_mode: bool,
    /// Files that a sparse checkout leaves out count where they are there.
    pub(super) looks_at_skipped: bool,
    pub(super) tells_untracked: bool,
}

/// A folder that is to be looked at: its entries, and how many bytes of their paths lead to it.
struct Task {
    range: Range<usize>,
    prefix_len: usize,
}

struct Queue {
    tasks: Vec<Task>,
    n_working: usize,
    is_over: bool,
}

/// Looks at everything below a folder of the index, which ends with a slash unless it is the top. `is_cancelled` is asked now and then.
pub(super) fn look(
    top: BorrowedFd<'_>,
    index: &IndexFile,
    prefix: &[u8],
    rules: Rules,
    is_cancelled: &(dyn Fn() -> bool + Sync),
) -> Option<Found> {
    let range = index.range(prefix);
    let queue = Mutex::new(Queue {
        tasks: vec![Task {
            range,
            prefix_len: prefix.len(),
        }],
        n_working: 0,
        is_over: false,
    });
    let changed = Condvar::new();
    let work = || {
        let mut found = Found::default();
        let mut below = Vec::new();
        loop {
            let task = {
                let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
                loop {
                    if queue.is_over {
                        return found;
                    }
                    if let Some(task) = queue.tasks.pop() {
                        queue.n_working += 1;
                        break task;
                    }
                    if queue.n_working == 0 {
                        queue.is_over = true;
                        changed.notify_all();
                        return found;
                    }
                    queue = changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
                }
            };
            let path = if task.range.is_empty() {
                prefix.to_vec()
            } else {
                index.path_at(task.range.start)[..task.prefix_len].to_vec()
            };
            folder(top, index, &task, &path, rules, &mut found, &mut below);
            let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
            queue.n_working -= 1;
            queue.is_over |= is_cancelled();
            queue.tasks.append(&mut below);
            changed.notify_all();
        }
    };
    let mut found = std::thread::scope(|scope| {
        let other = scope.spawn(work);
        let mut found = work();
        match other.join() {
            Ok(more) => found.append(more),
            Err(panic) => std::panic::resume_unwind(panic),
        }
        found
    });
    if is_cancelled() {
        return None;
    }
    found.strange.sort_unstable();
    Some(found)
}

fn folder(
    top: BorrowedFd<'_>,
    index: &IndexFile,
    task: &Task,
    path: &[u8],
    rules: Rules,
    found: &mut Found,
    below: &mut Vec<Task>,
) {
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    let mut at = task.range.start;
    while at < task.range.end {
        let whole = index.path_at(at);
        let rest = &whole[task.prefix_len..];
        if let Some(slash) = memchr::memchr(b'/', rest) {
            let end = task.prefix_len + slash;
            let mut n = 1;
            while at + n < task.range.end && index.path_at(at + n).starts_with(&whole[..=end]) {
                n += 1;
            }
            folders.push((&rest[..slash], at..at + n));
            at += n;
        } else {
            files.push((rest, at));
            at += 1;
        }
    }
    let opened = open_folder(top, path);
    let Ok(dir) = opened else {
        // Gone, a file, or a link: then nothing tracked is there. What may not be entered is not known to have changed.
        let is_denied = matches!(opened, Err(rustix::io::Errno::ACCESS));
        for at in task.range.clone() {
            let entry = &index.entries[at];
            if !entry.may_be_absent() {
                if is_denied {
                    found.unsettled.push(at);
                } else {
                    found.deleted.push(at);
                }
            }
        }
        return;
    };
    for (name, at) in &files {
        look_at(dir.as_fd(), index, *at, name, rules, found);
    }
    folders.sort_unstable_by(|a, b| a.0.cmp(b.0));
    if rules.tells_untracked {
        strange_names(&dir, path, &files, &folders, found);
    }
    let prefix_len = |name: &[u8]| task.prefix_len + name.len() + 1;
    below.extend(folders.into_iter().map(|(name, range)| Task {
        prefix_len: prefix_len(name),
        range,
    }));
}

const FOLDER: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// A folder of the checkout; its path ends with a slash unless it is the top.
pub(super) fn open_folder(top: BorrowedFd<'_>, path: &[u8]) -> rustix::io::Result<OwnedFd> {
    match path.strip_suffix(b"/") {
        Some(path) => open_below(top, path),
        None => rustix::fs::openat(top, ".", FOLDER, Mode::empty()),
    }
}

/// A folder below the top, not through a link on the way: git takes a link there for a change of kind.
fn open_below(top: BorrowedFd<'_>, path: &[u8]) -> rustix::io::Result<OwnedFd> {
    use rustix::fs::ResolveFlags;
    let beneath = rustix::fs::openat2(
        top,
        path,
        FOLDER,
        Mode::empty(),
        ResolveFlags::NO_SYMLINKS.union(ResolveFlags::BENEATH),
    );
    match beneath {
        Err(rustix::io::Errno::NOSYS) => {
            // A kernel without that call: step by step.
            let mut dir = rustix::fs::openat(top, ".", FOLDER, Mode::empty())?;
            for part in path.split(|byte| *byte == b'/') {
                dir = rustix::fs::openat(&dir, part, FOLDER, Mode::empty())?;
            }
            Ok(dir)
        }
        result => result,
    }
}

fn strange_names(dir: &OwnedFd, path: &[u8], files: &[(&[u8], usize)], folders: &[(&[u8], Range<usize>)], found: &mut Found) {
    let Ok(names) = Dir::read_from(dir) else { return };
    for entry in names.flatten() {
        let name: &CStr = entry.file_name();
        let name = name.to_bytes();
        // A tracked file that is a folder now counts as deleted; git says nothing of what is in it.
        let is_known = files.binary_search_by(|(known, _)| (*known).cmp(name)).is_ok();
        if matches!(name, b"." | b"..") || is_known || name.eq_ignore_ascii_case(b".git") && path.is_empty() {
            continue;
        }
        if folders.binary_search_by(|(known, _)| (*known).cmp(name)).is_ok() {
            let kind = real_type(dir.as_fd(), entry.file_type(), name);
            if kind != FileType::Directory {
                found.strange.push([path, name].concat());
            }
            continue;
        }
        match real_type(dir.as_fd(), entry.file_type(), name) {
            FileType::Directory => found.strange.push([path, name, b"/"].concat()),
            FileType::RegularFile | FileType::Symlink => found.strange.push([path, name].concat()),
            // Sockets and the like are nothing to git.
            _ => {}
        }
    }
}

/// Some file systems do not say it with the name.
fn real_type(dir: BorrowedFd<'_>, known: FileType, name: &[u8]) -> FileType {
    if known != FileType::Unknown {
        return known;
    }
    rustix::fs::statat(dir, name, AtFlags::SYMLINK_NOFOLLOW).map_or(known, |stat| FileType::from_raw_mode(stat.st_mode))
}

/// Compares one tracked file with its entry.
pub(super) fn look_at(dir: BorrowedFd<'_>, index: &IndexFile, at: usize, name: &[u8], rules: Rules, found: &mut Found) {
    let entry = &index.entries[at];
    if entry.stage > 0 || entry.is_assumed || entry.is_skipped && !rules.looks_at_skipped {
        return;
    }
    let Ok(c_name) = CString::new(name) else { return };
    match rustix::fs::statat(dir, &c_name, AtFlags::SYMLINK_NOFOLLOW) {
        // Outside of a sparse checkout; there all the same, it counts like any other file.
        Err(_) if entry.is_skipped => {}
        Err(rustix::io::Errno::NOENT | rustix::io::Errno::NOTDIR) => found.deleted.push(at),
        Err(_) => found.unsettled.push(at),
        Ok(stat) if entry.is_submodule() => match FileType::from_raw_mode(stat.st_mode) {
            // One that is not there yet is as it was recorded, and what is in one only git can compare.
            FileType::Directory if is_populated(dir, name) => found.unsettled.push(at),
            FileType::Directory => {}
            _ => found.retyped.push(at),
        },
        Ok(stat) => match judge(entry, &stat, index, rules) {
            Judgement::Same => {}
            Judgement::Deleted => found.deleted.push(at),
            Judgement::Retyped => found.retyped.push(at),
            Judgement::Modified => found.modified.push(at),
            Judgement::Unsettled => found.unsettled.push(at),
        },
    }
}

fn is_populated(dir: BorrowedFd<'_>, submodule: &[u8]) -> bool {
    let git = [submodule, b"/.git"].concat();
    CString::new(git).is_ok_and(|git| rustix::fs::statat(dir, git, AtFlags::SYMLINK_NOFOLLOW).is_ok())
}

enum Judgement {
    Same,
    Deleted,
    Retyped,
    Modified,
    Unsettled,
}

/// What the facts of a file say without its content. A file that may have been written in the second of the index, or after it, can
/// have changed without a trace (git's technical/racy-git).
fn judge(entry: &Entry, stat: &Stat, index: &IndexFile, rules: Rules) -> Judgement {
    let is_link = entry.mode & 0o170_000 == LINK;
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile if is_link => return Judgement::Retyped,
        FileType::Symlink if !is_link => return Judgement::Retyped,
        FileType::RegularFile | FileType::Symlink => {}
        // A folder in its place: git calls the file deleted.
        FileType::Directory => return Judgement::Deleted,
        _ => return Judgement::Retyped,
    }
    if !is_link && rules.trusts_mode && (entry.mode & 0o100 != 0) != (stat.st_mode & 0o100 != 0) {
        return Judgement::Modified;
    }
    let is_same_size = entry.size == stat.st_size as u32;
    let same_time = |known: (u32, u32), secs: i64, nanos: u64| {
        known.0 == secs as u32 && (known.1 == 0 || nanos == 0 || known.1 == nanos as u32)
    };
    let is_same = is_same_size
        && same_time(entry.mtime, stat.st_mtime, stat.st_mtime_nsec)
        && same_time(entry.ctime, stat.st_ctime, stat.st_ctime_nsec)
        && entry.ino == stat.st_ino as u32
        && entry.uid == stat.st_uid
        && entry.gid == stat.st_gid;
    if !is_same {
        // A size of 0 in the index is how git marks an entry that is to be looked at.
        return if !is_same_size && entry.size != 0 {
            Judgement::Modified
        } else {
            Judgement::Unsettled
        };
    }
    let is_racy = i64::from(entry.mtime.0) >= index.identity.mtime;
    if is_racy { Judgement::Unsettled } else { Judgement::Same }
}
