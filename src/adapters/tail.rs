//! The end of a growing file, line by line. Truncated: begins anew. Replaced by a new file: reads the rest, then the new one.

use super::files::read_problem;
use crate::base::Problem;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// Read at once at most.
const CHUNK: u64 = 1 << 20;
/// Looked back for the first lines at most.
const MAX_BACK: u64 = 16 << 20;
/// A longer line is handed over in pieces.
const MAX_LINE: usize = 256 * 1024;

/// A place in a file that moves on as the file grows.
pub struct Tail {
    path: PathBuf,
    file: File,
    at: u64,
    rest: Vec<u8>,
}

impl Tail {
    /// Begins `n_lines` lines before the end.
    pub fn open(path: &Path, n_lines: usize) -> Result<Self, Problem> {
        let mut file = File::open(path).map_err(|error| read_problem(path, &error))?;
        let at = start(&mut file, n_lines).map_err(|error| read_problem(path, &error))?;
        Ok(Self {
            path: path.to_path_buf(),
            file,
            at,
            rest: Vec::new(),
        })
    }

    /// The lines that came since, without their line ends; empty when nothing did. Blocks as long as the disk needs.
    pub fn read(&mut self) -> Result<Vec<Vec<u8>>, Problem> {
        let problem = |error: std::io::Error| read_problem(&self.path, &error);
        let meta = self.file.metadata().map_err(problem)?;
        if meta.len() < self.at {
            self.at = 0;
            self.rest.clear();
        }
        self.file.seek(SeekFrom::Start(self.at)).map_err(problem)?;
        let mut bytes = Vec::new();
        let n_read = (&self.file).take(CHUNK).read_to_end(&mut bytes).map_err(problem)?;
        self.at += n_read as u64;
        if n_read == 0 {
            // Rotated: the name belongs to another file now.
            let is_other = std::fs::metadata(&self.path).is_ok_and(|now| (now.dev(), now.ino()) != (meta.dev(), meta.ino()));
            if !is_other {
                return Ok(Vec::new());
            }
            self.file = File::open(&self.path).map_err(problem)?;
            self.at = 0;
            let last = std::mem::take(&mut self.rest);
            return Ok(if last.is_empty() { Vec::new() } else { vec![last] });
        }
        self.rest.extend_from_slice(&bytes);
        let mut lines = Vec::new();
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', &self.rest) {
            let line = &self.rest[start..end];
            lines.push(line.strip_suffix(b"\r").unwrap_or(line).to_vec());
            start = end + 1;
        }
        self.rest.drain(..start);
        if self.rest.len() > MAX_LINE {
            lines.push(std::mem::take(&mut self.rest));
        }
        Ok(lines)
    }
}

/// The offset at which the last `n_lines` lines begin.
fn start(file: &mut File, n_lines: usize) -> std::io::Result<u64> {
    let len = file.metadata()?.len();
    if n_lines == 0 {
        return Ok(len);
    }
    let back = len.min(MAX_BACK);
    file.seek(SeekFrom::Start(len - back))?;
    let mut bytes = Vec::new();
    (&*file).take(back).read_to_end(&mut bytes)?;
    let body = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
    let at = memchr::memrchr_iter(b'\n', body).nth(n_lines - 1).map_or(0, |at| at + 1);
    Ok(len - back + at as u64)
}
