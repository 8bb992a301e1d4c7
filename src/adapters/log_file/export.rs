//! Lines into a new file: what stands there already is never written over.

use crate::adapters::files::write_problem;
use crate::base::Problem;
use crate::msg;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

/// A file that grows line by line.
pub struct LineWriter {
    path: PathBuf,
    out: BufWriter<File>,
}

impl LineWriter {
    pub fn create(path: &Path) -> Result<Self, Problem> {
        let made = File::options().write(true).create_new(true).open(path);
        let file = made.map_err(|error| {
            if error.kind() == std::io::ErrorKind::AlreadyExists {
                let problem = Problem::user(msg!("log-file-exists", path = path)).code("exists");
                return problem.hint(msg!("log-file-exists-hint"));
            }
            write_problem(path, &error)
        })?;
        Ok(Self {
            path: path.to_path_buf(),
            out: BufWriter::new(file),
        })
    }

    pub fn line(&mut self, text: &str) -> Result<(), Problem> {
        let written = self.out.write_all(text.as_bytes()).and_then(|()| self.out.write_all(b"\n"));
        written.map_err(|error| write_problem(&self.path, &error))
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
