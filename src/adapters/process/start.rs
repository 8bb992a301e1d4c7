//! Starting a program whose file was written a moment ago. A child that this program began meanwhile holds the file open for writing
//! until it has become its own program, and until then the system refuses to run it ("text file busy").

use std::io::{Error, ErrorKind};
use std::path::Path;
use std::process::{Child, Command};
use std::sync::{Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// Read while a child becomes its own program.
static BECOMING: RwLock<()> = RwLock::new(());

/// When the last child was begun.
static BEGUN: Mutex<Option<Instant>> = Mutex::new(None);

/// What was changed longer ago is held by no child that is still to become its own program.
const RECENT: Duration = Duration::from_mins(1);

/// A child has run its first instruction by then. The system tells of its start a little before it lets go of what the child had open.
const SETTLED: Duration = Duration::from_millis(50);

/// Starts `command`, which runs `program` at once or by way of a shell.
pub(super) fn spawn(command: &mut Command, program: &Path) -> Result<Child, Error> {
    let is_recent = is_recent(program);
    if is_recent {
        drop(BECOMING.write().unwrap_or_else(PoisonError::into_inner));
        let begun = *BEGUN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(rest) = begun.and_then(|begun| SETTLED.checked_sub(begun.elapsed())) {
            std::thread::sleep(rest);
        }
    }
    let mut attempts = 0;
    loop {
        let becoming = BECOMING.read().unwrap_or_else(PoisonError::into_inner);
        let spawned = command.spawn();
        *BEGUN.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        drop(becoming);
        match spawned {
            Err(error) if is_recent && error.kind() == ErrorKind::ExecutableFileBusy && attempts < 20 => {
                attempts += 1;
                std::thread::sleep(SETTLED);
            }
            spawned => return spawned,
        }
    }
}

fn is_recent(program: &Path) -> bool {
    let changed = program.metadata().and_then(|found| found.modified());
    // A file of the future, by a clock that was set back, was changed just now.
    changed.is_ok_and(|changed| changed.elapsed().map_or(true, |age| age < RECENT))
}
