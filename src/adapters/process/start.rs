//! Starting a program whose file was written a moment ago. A child that this program began meanwhile holds the file open for writing
//! until it has become its own program, and until then the system refuses to run it ("text file busy").

use std::io::Error;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

/// Read while a child becomes its own program.
static BECOMING: RwLock<()> = RwLock::new(());

/// What was changed longer ago is held by no child that is still to become its own program.
const RECENT: Duration = Duration::from_mins(1);

/// Starts `command`, which runs `program` at once or by way of a shell.
pub(super) fn spawn(command: &mut Command, program: &Path) -> Result<Child, Error> {
    if is_recent(program) {
        drop(BECOMING.write().unwrap_or_else(PoisonError::into_inner));
    }
    let _becoming = BECOMING.read().unwrap_or_else(PoisonError::into_inner);
    command.spawn()
}

fn is_recent(program: &Path) -> bool {
    let changed = program.metadata().and_then(|found| found.modified());
    changed.is_ok_and(|changed| changed.elapsed().is_ok_and(|age| age < RECENT))
}
