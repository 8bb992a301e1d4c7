//! Noticing that files of a checkout changed: folders that git ignores are not watched, `.git` only where branches, HEAD and index
//! stand. Says which paths were touched and how many folders it watches; beyond its share of the system's watches it asks to be polled.
//!
//! inotify is spoken to directly: with the crate notify the set-up takes 4.7 times as long as a walk (QUALITY.md, P-WATCH).
//! `cargo bench --bench git -- P-WATCH` measures ours.

use super::git::{Checkout, Folders, Inside};
use crate::base::Problem;
use crate::msg;
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
use rustix::io::Errno;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::OsStr;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::unix::AsyncFd;
use tokio_util::sync::CancellationToken;

/// Touched paths that are looked at one by one; more of them are everything.
const MAX_TOUCHED: usize = 4_096;
/// A level of fewer folders is looked at by one thread: starting others would take longer.
const MIN_SHARED: usize = 64;
/// Changes come in bursts: this long after the first one, they are looked at together.
const SETTLE: Duration = Duration::from_millis(120);
/// Without watches: how often the checkout is looked at.
pub const POLL_EVERY: Duration = Duration::from_secs(5);
const MAX_WATCHES_FILE: &str = "/proc/sys/fs/inotify/max_user_watches";

/// What may have changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Touched {
    Everything,
    /// Absolute paths.
    Paths(Vec<PathBuf>),
}

impl Touched {
    /// None for everything.
    pub fn paths(&self) -> Option<&[PathBuf]> {
        match self {
            Self::Everything => None,
            Self::Paths(paths) => Some(paths),
        }
    }

    /// Nothing that the status depends on.
    pub fn is_nothing(&self) -> bool {
        self.paths().is_some_and(<[PathBuf]>::is_empty)
    }
}

/// Watches one checkout until it is dropped.
pub struct Watch {
    queue: Option<Queue>,
    checkout: Checkout,
    folders: BTreeMap<PathBuf, i32>,
    by_number: HashMap<i32, PathBuf>,
    max_folders: usize,
    touched: BTreeSet<PathBuf>,
    is_everything: bool,
    has_new_steps: bool,
    /// Why it polls.
    limit: Option<Problem>,
}

enum Queue {
    /// Not yet waited for.
    Fresh(OwnedFd),
    Waited(AsyncFd<OwnedFd>),
}

impl Queue {
    fn fd(&self) -> &OwnedFd {
        match self {
            Self::Fresh(fd) => fd,
            Self::Waited(fd) => fd.get_ref(),
        }
    }
}

impl Watch {
    /// Watches every folder of the checkout that git does not ignore. Blocks while it walks. `max_folders` 0 is half of the system's
    /// limit: the user has other programs too.
    pub fn open(root: &Path, max_folders: u32) -> Result<Self, Problem> {
        let mut watch = Self {
            queue: None,
            checkout: Checkout::open(root)?,
            folders: BTreeMap::new(),
            by_number: HashMap::new(),
            max_folders: if max_folders == 0 {
                system_share()
            } else {
                max_folders as usize
            },
            touched: BTreeSet::new(),
            is_everything: false,
            has_new_steps: false,
            limit: None,
        };
        match inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC) {
            Ok(fd) => {
                watch.queue = Some(Queue::Fresh(fd));
                watch.watch_all();
            }
            Err(error) => watch.give_up(&error),
        }
        Ok(watch)
    }

    pub fn n_folders(&self) -> u32 {
        self.folders.len() as u32
    }

    /// Folders that it may watch.
    pub fn max_folders(&self) -> u32 {
        u32::try_from(self.max_folders).unwrap_or(u32::MAX)
    }

    /// Why the checkout has to be looked at every few seconds, if so.
    pub fn limit(&self) -> Option<&Problem> {
        self.limit.as_ref()
    }

    /// Whether the undo timeline is not what it was when this was asked last.
    pub fn has_new_steps(&mut self) -> bool {
        std::mem::take(&mut self.has_new_steps)
    }

    /// Waits until something changed that status, history, branches or the undo timeline depend on; of the last, no path is told.
    /// Err when asked to end.
    pub async fn changed(&mut self, cancel: &CancellationToken) -> Result<Touched, Problem> {
        loop {
            let polls = self.limit.is_some();
            tokio::select! {
                () = cancel.cancelled() => return Err(Problem::cancelled()),
                () = self.readable() => {}
                () = tokio::time::sleep(POLL_EVERY), if polls => return Ok(Touched::Everything),
            }
            tokio::select! {
                () = cancel.cancelled() => return Err(Problem::cancelled()),
                () = tokio::time::sleep(SETTLE) => {}
            }
            if let Some(touched) = self.look() {
                return Ok(touched);
            }
        }
    }

    /// Waits for the queue to hold something; for ever without a queue.
    async fn readable(&mut self) {
        if let Some(Queue::Fresh(fd)) = self.queue.take_if(|queue| matches!(queue, Queue::Fresh(_))) {
            #[expect(
                deprecated,
                reason = "sound here: an OwnedFd stays open as long as this lives, and `register` is unsafe"
            )]
            let waited = AsyncFd::new(fd);
            match waited {
                Ok(fd) => self.queue = Some(Queue::Waited(fd)),
                Err(_) => self.give_up(&Errno::MFILE),
            }
        }
        match &self.queue {
            Some(Queue::Waited(fd)) => {
                if let Ok(mut ready) = fd.readable().await {
                    ready.clear_ready();
                }
            }
            _ => std::future::pending().await,
        }
    }

    /// What was touched and matters; new folders are watched from now on.
    fn look(&mut self) -> Option<Touched> {
        self.read_events();
        if std::mem::take(&mut self.is_everything) || self.touched.len() > MAX_TOUCHED {
            // What was said while this is looked at does not count twice.
            self.touched.clear();
            self.watch_all();
            return Some(Touched::Everything);
        }
        let touched = std::mem::take(&mut self.touched);
        let (steps, others): (Vec<PathBuf>, Vec<PathBuf>) =
            touched.into_iter().partition(|path| self.checkout.is_of_timeline(path));
        self.has_new_steps |= !steps.is_empty();
        let paths: Vec<PathBuf> = others.into_iter().filter(|path| self.checkout.matters(path)).collect();
        (self.has_new_steps || !paths.is_empty()).then_some(Touched::Paths(paths))
    }

    fn read_events(&mut self) {
        let mut buffer = vec![MaybeUninit::uninit(); 64 << 10];
        let mut new_folders = Vec::new();
        let mut gone = Vec::new();
        if let Some(queue) = &self.queue {
            let mut reader = Reader::new(queue.fd(), &mut buffer);
            while let Ok(event) = reader.next() {
                let kind = event.events();
                if kind.contains(ReadFlags::QUEUE_OVERFLOW) {
                    self.is_everything = true;
                    continue;
                }
                let Some(folder) = self.by_number.get(&event.wd()) else {
                    continue;
                };
                if kind.contains(ReadFlags::IGNORED) {
                    gone.push(folder.clone());
                    continue;
                }
                let path = match event.file_name() {
                    Some(name) => folder.join(OsStr::from_bytes(name.to_bytes())),
                    None => folder.clone(),
                };
                if kind.contains(ReadFlags::ISDIR) {
                    if kind.intersects(ReadFlags::CREATE | ReadFlags::MOVED_TO) {
                        new_folders.push(path.clone());
                    } else if kind.intersects(ReadFlags::MOVED_FROM) {
                        gone.push(path.clone());
                    }
                }
                if self.touched.len() <= MAX_TOUCHED {
                    self.touched.insert(path);
                }
            }
        }
        for folder in gone {
            self.unwatch(&folder);
        }
        for folder in new_folders {
            let is_watched = self.checkout.matters(&folder) || self.checkout.is_of_timeline(&folder);
            if is_watched && folder.symlink_metadata().is_ok_and(|meta| meta.is_dir()) {
                self.watch_below(&folder);
            }
        }
    }

    fn watch_all(&mut self) {
        let gone: Vec<PathBuf> = self.folders.keys().filter(|folder| !folder.is_dir()).cloned().collect();
        for folder in gone {
            self.unwatch(&folder);
        }
        self.checkout.read_tracked();
        let git_folders = self.checkout.git_folders();
        self.watch_level(&git_folders);
        let top = self.checkout.top().to_path_buf();
        self.watch_below(&top);
    }

    /// The folder and those below it, level by level: what is made meanwhile is either found here or told by the parent's watch.
    fn watch_below(&mut self, folder: &Path) {
        let mut level = vec![folder.to_path_buf()];
        while !level.is_empty() {
            let Inside { sure, untracked } = self.watch_level(&level);
            level = sure;
            level.extend(
                untracked
                    .into_iter()
                    .filter(|folder| !self.checkout.is_ignored_folder(folder)),
            );
        }
    }

    /// Watches these folders and says what is in them, with as many threads as there are cores. Nothing when there are no more watches
    /// to be had.
    fn watch_level(&mut self, level: &[PathBuf]) -> Inside {
        let mut inside = Inside::default();
        let Some(queue) = &self.queue else { return inside };
        let n_new = level.iter().filter(|folder| !self.folders.contains_key(*folder)).count();
        if self.folders.len() + n_new > self.max_folders {
            self.give_up(&Errno::NOSPC);
            return inside;
        }
        let n_threads = match level.len() {
            ..MIN_SHARED => 1,
            _ => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        };
        let (known, rules, fd) = (&self.folders, self.checkout.folders(), queue.fd());
        let look = move |part: &[PathBuf]| look_at(fd, known, rules, part);
        let (mine, others) = level.split_at(level.len().div_ceil(n_threads));
        let looks = std::thread::scope(|scope| {
            let others: Vec<_> = others
                .chunks(mine.len().max(1))
                .map(|part| scope.spawn(move || look(part)))
                .collect();
            let mut looks = vec![look(mine)];
            // A thread that panicked has seen nothing.
            looks.extend(others.into_iter().map(|other| other.join().unwrap_or(Err(Errno::NOMEM))));
            looks
        });
        for look in looks {
            match look {
                Ok((watched, part)) => {
                    for (folder, number) in watched {
                        self.by_number.insert(number, folder.clone());
                        self.folders.insert(folder, number);
                    }
                    inside.sure.extend(part.sure);
                    inside.untracked.extend(part.untracked);
                }
                Err(error) => {
                    self.give_up(&error);
                    return Inside::default();
                }
            }
        }
        inside
    }

    /// The folder and those below it.
    fn unwatch(&mut self, folder: &Path) {
        let inside: Vec<PathBuf> = self
            .folders
            .range(folder.to_path_buf()..)
            .map(|(path, _)| path)
            .take_while(|path| path.starts_with(folder))
            .cloned()
            .collect();
        for path in inside {
            if let (Some(number), Some(queue)) = (self.folders.remove(&path), &self.queue) {
                self.by_number.remove(&number);
                // The system may have dropped it with the folder.
                inotify::remove_watch(queue.fd(), number).ok();
            }
        }
    }

    /// Gives the watches back: half a watch would only look like one.
    fn give_up(&mut self, error: &Errno) {
        self.queue = None;
        self.folders.clear();
        self.by_number.clear();
        self.limit = Some(
            Problem::environment(msg!(
                "watch-limit",
                path = self.checkout.top(),
                limit = self.max_folders(),
                secs = POLL_EVERY.as_secs()
            ))
            .code("watch-limit")
            .details(std::io::Error::from(*error))
            .hint(msg!("watch-limit-hint")),
        );
    }
}

type Looked = (Vec<(PathBuf, i32)>, Inside);

/// Watches those of these folders that are not yet, each before it is read. Err when there are no more watches to be had.
fn look_at(fd: &OwnedFd, known: &BTreeMap<PathBuf, i32>, rules: &Folders, folders: &[PathBuf]) -> Result<Looked, Errno> {
    let flags = WatchFlags::CREATE
        | WatchFlags::DELETE
        | WatchFlags::MODIFY
        | WatchFlags::ATTRIB
        | WatchFlags::MOVE
        | WatchFlags::ONLYDIR
        | WatchFlags::DONT_FOLLOW
        | WatchFlags::EXCL_UNLINK;
    let (mut watched, mut inside) = (Vec::new(), Inside::default());
    for folder in folders {
        if !known.contains_key(folder) {
            match inotify::add_watch(fd, folder, flags) {
                Ok(number) => watched.push((folder.clone(), number)),
                Err(error @ (Errno::NOSPC | Errno::NOMEM | Errno::MFILE | Errno::NFILE)) => return Err(error),
                // Gone again, or it may not be read: then status can not see into it either.
                Err(_) => {}
            }
        }
        let part = rules.look_into(folder);
        inside.sure.extend(part.sure);
        inside.untracked.extend(part.untracked);
    }
    Ok((watched, inside))
}

/// Half of the watches that the system gives a user.
fn system_share() -> usize {
    let text = std::fs::read_to_string(MAX_WATCHES_FILE).unwrap_or_default();
    text.trim().parse::<usize>().map_or(usize::MAX, |all| all / 2)
}
