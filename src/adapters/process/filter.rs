//! A small program of our own between an instance and its log: the instance outlives Chantier, and its secrets must not reach the disk
//! all the same. It gets the secrets and then the output by one pipe, and ends when everybody who could write has ended.

use super::Processes;
use super::cmd::Cmd;
use super::error::ProcessError;
use super::supervise::ExitWatch;
use crate::base::{Hidden, Problem};
use crate::files;
use crate::masks::Masks;
use std::fs::File;
use std::io::{self, BufRead, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// The hidden verb of the command line that is this program.
pub const VERB: &str = "filter";
const MAX_HEAD: u64 = 8 << 20;
const CHUNK: usize = 64 * 1024;

impl Processes {
    /// Starts the filter; what is written into the pipe comes to the log with these secrets masked.
    pub(super) fn start_filter(
        &self,
        log: &Path,
        secrets: &[Hidden],
        entries: &[PathBuf],
        mark: (&str, &str),
    ) -> Result<File, ProcessError> {
        let failed = |source: io::Error| ProcessError::Log {
            path: log.to_path_buf(),
            source,
        };
        let (reads, writes) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC).map_err(|error| failed(error.into()))?;
        let cmd = Cmd::new(this_program()).arg(VERB).arg(log).cwd("/").env(mark.0, mark.1);
        let (program, mut command) = self.command(&cmd, None, entries, true)?;
        command.stdin(reads).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|source| super::spawn_error(program, source))?;
        // It ends by itself, and may outlive this program; only its row in the table of processes is waited for.
        let exit_watch = ExitWatch::new(child.id());
        tokio::spawn(async move {
            exit_watch.wait(child.id()).await;
            child.try_wait().ok();
        });
        let mut writes = File::from(writes);
        let values: Vec<&str> = secrets.iter().map(Hidden::reveal).collect();
        let mut head = serde_json::to_vec(&values).unwrap_or_default();
        head.push(b'\n');
        writes.write_all(&head).map_err(failed)?;
        Ok(writes)
    }
}

/// Also where the file was replaced by a newer one meanwhile.
fn this_program() -> PathBuf {
    let own = std::env::current_exe().ok().filter(|path| path.is_file());
    own.unwrap_or_else(|| "/proc/self/exe".into())
}

/// The other half: standard input to the log. A wish to end is not heard, because the instance may have last words.
pub async fn run(log: &Path) -> Result<(), Problem> {
    use tokio::signal::unix::{SignalKind, signal};
    // From the first one on, such a signal ends nothing any more.
    let deaf: Vec<_> = [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()]
        .into_iter()
        .filter_map(|kind| signal(kind).ok())
        .collect();
    let log = log.to_path_buf();
    let done = tokio::task::spawn_blocking(move || pass(&mut io::stdin().lock(), &log)).await;
    drop(deaf);
    done.unwrap_or(Ok(()))
}

fn pass(input: &mut impl BufRead, log: &Path) -> Result<(), Problem> {
    let read = |error: &io::Error| files::read_problem(log, error);
    let mut head = Vec::new();
    let mut beginning = input.by_ref().take(MAX_HEAD);
    beginning.read_until(b'\n', &mut head).map_err(|error| read(&error))?;
    let values: Vec<String> = serde_json::from_slice(&head).map_err(|error| read(&error.into()))?;
    let masks = Masks::new();
    for value in &values {
        masks.add(value);
    }
    let mut file = files::open_append(log)?;
    let mut stream = masks.stream();
    let mut buffer = vec![0; CHUNK];
    loop {
        let n = match input.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => break,
        };
        // A full disk loses lines; the instance goes on.
        stream.push(&buffer[..n], |piece| drop(file.write_all(piece)));
    }
    stream.finish(|piece| drop(file.write_all(piece)));
    Ok(())
}
