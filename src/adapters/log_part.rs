//! What came in a log since it was read last, also after a restart of this program: which file that was and how far is kept elsewhere.

use super::files::read_problem;
use crate::base::Problem;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// A part of a log that was read before up to some place.
pub struct Part {
    /// Which file stands there now: device and inode.
    pub file: String,
    /// Where the bytes begin.
    pub from: u64,
    pub bytes: Vec<u8>,
    /// Nothing was written there for a while: what stands at its end is whole.
    pub is_quiet: bool,
}

/// What is quiet for so long is not in the middle of something.
const QUIET: std::time::Duration = std::time::Duration::from_secs(3);

/// At most `max` bytes from `from`, as long as it is the same file and was not truncated; else from its beginning. A file that was
/// never read begins at most `first` bytes before its end. Blocks as long as the disk needs.
pub fn read(path: &Path, known: &str, from: Option<u64>, first: u64, max: usize) -> Result<Part, Problem> {
    let problem = |error: std::io::Error| read_problem(path, &error);
    let mut file = File::open(path).map_err(problem)?;
    let meta = file.metadata().map_err(problem)?;
    let name = format!("{}:{}", meta.dev(), meta.ino());
    let from = match from {
        None => meta.len().saturating_sub(first),
        Some(from) if name == known && from <= meta.len() => from,
        Some(_) => 0,
    };
    file.seek(SeekFrom::Start(from)).map_err(problem)?;
    let mut bytes = Vec::new();
    (&mut file).take(max as u64).read_to_end(&mut bytes).map_err(problem)?;
    let is_quiet = meta.modified().is_ok_and(|at| at.elapsed().is_ok_and(|age| age > QUIET));
    Ok(Part {
        file: name,
        from,
        bytes,
        is_quiet,
    })
}
