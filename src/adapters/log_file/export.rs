//! Lines into a new file: what stands there already is written over only where that was asked for.

use crate::base::{Over, Problem, WriteTo};
use crate::files::{exists, write_problem};
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::PathBuf;

/// Lines as they are, one behind the other: behind one that has no line break the next begins a line all the same.
#[derive(Debug, Default)]
pub struct Joined {
    /// The last line has no line break.
    is_open: bool,
}

impl Joined {
    /// With the line break that it has.
    pub fn push(&mut self, to: &mut Vec<u8>, before: &str, line: &[u8]) {
        if std::mem::replace(&mut self.is_open, !line.ends_with(b"\n")) {
            to.push(b'\n');
        }
        to.extend_from_slice(before.as_bytes());
        to.extend_from_slice(line);
    }
}

/// A file that grows line by line.
pub struct LineWriter {
    path: PathBuf,
    out: BufWriter<File>,
    joined: Joined,
}

impl LineWriter {
    /// A new file; one that is there is replaced only where that was asked for.
    pub fn create(to: &WriteTo) -> Result<Self, Problem> {
        let path = &to.path;
        let is_forced = to.over == Over::Replace;
        let made = File::options()
            .write(true)
            .create_new(!is_forced)
            .create(is_forced)
            .truncate(is_forced)
            .open(path);
        let file = made.map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => exists(path),
            _ => write_problem(path, &error),
        })?;
        Ok(Self {
            path: path.clone(),
            out: BufWriter::new(file),
            joined: Joined::default(),
        })
    }

    pub fn line(&mut self, text: &str) -> Result<(), Problem> {
        self.bytes("", format!("{text}\n").as_bytes())
    }

    /// A line as it is, with the line break that it has.
    pub fn bytes(&mut self, before: &str, line: &[u8]) -> Result<(), Problem> {
        let mut bytes = Vec::with_capacity(before.len() + line.len() + 1);
        self.joined.push(&mut bytes, before, line);
        self.out.write_all(&bytes).map_err(|error| write_problem(&self.path, &error))
    }

    /// What was written so far can be read by others.
    pub fn flush(&mut self) -> Result<(), Problem> {
        self.out.flush().map_err(|error| write_problem(&self.path, &error))
    }

    /// On the disk.
    pub fn finish(mut self) -> Result<(), Problem> {
        self.flush()?;
        let synced = self.out.get_ref().sync_all();
        synced.map_err(|error| write_problem(&self.path, &error))
    }
}
