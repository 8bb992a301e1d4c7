//! Noticing that files of a checkout changed: folders that git ignores are not watched, `.git` only where branches, HEAD and index
//! stand. Says how many folders it watches; where the system has no more watches to give, it says so and is asked to poll.

use super::git::Checkout;
use crate::base::Problem;
use crate::msg;
use notify::event::ModifyKind;
use notify::{ErrorKind, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Touched paths that are looked at one by one; more of them are a change for sure.
const MAX_TOUCHED: usize = 512;
/// Changes come in bursts: this long after the first one, they are looked at together.
const SETTLE: Duration = Duration::from_millis(120);
/// Without watches: how often the checkout is looked at.
pub const POLL_EVERY: Duration = Duration::from_secs(5);

/// Watches one checkout until it is dropped.
pub struct Watch {
    watcher: Option<RecommendedWatcher>,
    shared: Arc<Shared>,
    checkout: Checkout,
    folders: BTreeSet<PathBuf>,
    max_folders: usize,
    /// Why it polls.
    limit: Option<Problem>,
}

#[derive(Default)]
struct Shared {
    touched: Mutex<Touched>,
    changed: Notify,
}

#[derive(Default)]
struct Touched {
    paths: BTreeSet<PathBuf>,
    /// Events were lost, or there were too many to keep.
    is_everything: bool,
}

impl Shared {
    fn touched(&self) -> std::sync::MutexGuard<'_, Touched> {
        self.touched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hear(&self, event: notify::Result<notify::Event>) {
        let mut touched = self.touched();
        match event {
            Ok(event) if event.need_rescan() => touched.is_everything = true,
            Ok(event) => {
                let reads_only = matches!(
                    event.kind,
                    EventKind::Access(_) | EventKind::Modify(ModifyKind::Metadata(notify::event::MetadataKind::AccessTime))
                );
                if reads_only {
                    return;
                }
                for path in event.paths {
                    if touched.paths.len() < MAX_TOUCHED {
                        touched.paths.insert(path);
                    } else {
                        touched.is_everything = true;
                    }
                }
            }
            Err(_) => touched.is_everything = true,
        }
        drop(touched);
        self.changed.notify_one();
    }
}

impl Watch {
    /// Watches every folder of the checkout that git does not ignore. Blocks while it walks. `max_folders` 0 is the system's limit.
    pub fn open(root: &Path, max_folders: u32) -> Result<Self, Problem> {
        let checkout = Checkout::open(root)?;
        let shared = Arc::new(Shared::default());
        let listener = Arc::clone(&shared);
        let watcher = notify::recommended_watcher(move |event| listener.hear(event));
        let max_folders = if max_folders == 0 { usize::MAX } else { max_folders as usize };
        let mut watch = Self {
            watcher: None,
            shared,
            checkout,
            folders: BTreeSet::new(),
            max_folders,
            limit: None,
        };
        match watcher {
            Ok(watcher) => {
                watch.watcher = Some(watcher);
                watch.watch_all();
            }
            Err(error) => watch.give_up(&error),
        }
        Ok(watch)
    }

    pub fn n_folders(&self) -> u32 {
        self.folders.len() as u32
    }

    /// Why the checkout has to be looked at every few seconds, if so.
    pub fn limit(&self) -> Option<&Problem> {
        self.limit.as_ref()
    }

    /// Waits until something changed that status, history or branches depend on. Err when asked to end.
    pub async fn changed(&mut self, cancel: &CancellationToken) -> Result<(), Problem> {
        let stopped = || Problem::cancelled();
        loop {
            tokio::select! {
                () = cancel.cancelled() => return Err(stopped()),
                () = self.shared.changed.notified() => {}
                () = tokio::time::sleep(POLL_EVERY), if self.limit.is_some() => return Ok(()),
            }
            tokio::select! {
                () = cancel.cancelled() => return Err(stopped()),
                () = tokio::time::sleep(SETTLE) => {}
            }
            if self.look() {
                return Ok(());
            }
        }
    }

    /// Whether what was touched matters; new folders are watched from now on.
    fn look(&mut self) -> bool {
        let touched = std::mem::take(&mut *self.shared.touched());
        if touched.is_everything {
            self.watch_all();
            return true;
        }
        let mut matters = false;
        for path in touched.paths {
            if self.checkout.matters(&path) {
                matters = true;
                let is_folder = path.symlink_metadata().is_ok_and(|meta| meta.is_dir());
                if is_folder && !self.folders.contains(&path) {
                    self.watch_below(&path);
                } else if !is_folder && self.folders.remove(&path) {
                    self.unwatch(&path);
                }
            }
        }
        matters
    }

    fn watch_all(&mut self) {
        self.folders.retain(|folder| folder.is_dir());
        for folder in self.checkout.folders() {
            if !self.add(folder) {
                return;
            }
        }
    }

    fn watch_below(&mut self, folder: &Path) {
        for folder in self.checkout.folders_below(folder) {
            if !self.add(folder) {
                return;
            }
        }
    }

    /// False when there are no more watches to be had.
    fn add(&mut self, folder: PathBuf) -> bool {
        if self.limit.is_some() || self.folders.contains(&folder) {
            return self.limit.is_none();
        }
        let Some(watcher) = &mut self.watcher else { return false };
        if self.folders.len() >= self.max_folders {
            self.give_up(&notify::Error::new(ErrorKind::MaxFilesWatch));
            return false;
        }
        match watcher.watch(&folder, RecursiveMode::NonRecursive) {
            Ok(()) => {
                self.folders.insert(folder);
                true
            }
            Err(error) if matches!(error.kind, ErrorKind::PathNotFound) || !folder.is_dir() => true,
            Err(error) if matches!(error.kind, ErrorKind::MaxFilesWatch) || is_exhausted(&error) => {
                self.give_up(&error);
                false
            }
            // A folder that may not be read is not watched; status can not see into it either.
            Err(_) => true,
        }
    }

    fn unwatch(&mut self, folder: &Path) {
        if let Some(watcher) = &mut self.watcher {
            // The system may have dropped it with the folder.
            watcher.unwatch(folder).ok();
        }
    }

    /// Gives the watches back: half a watch would only look like one.
    fn give_up(&mut self, error: &notify::Error) {
        self.watcher = None;
        self.folders.clear();
        self.limit = Some(
            Problem::environment(msg!("watch-limit", path = self.checkout.top(), secs = POLL_EVERY.as_secs()))
                .code("watch-limit")
                .details(error)
                .hint(msg!("watch-limit-hint")),
        );
    }
}

/// No file descriptor, inotify instance or memory left.
fn is_exhausted(error: &notify::Error) -> bool {
    match &error.kind {
        ErrorKind::Io(error) => matches!(error.raw_os_error(), Some(12 | 23 | 24 | 28)),
        _ => false,
    }
}
