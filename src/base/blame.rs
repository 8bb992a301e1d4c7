//! Who wrote each line of a file, as plain data: runs of lines, each with the commit that brought them.

use super::{GitPath, Timestamp};
use serde::{Deserialize, Serialize};

/// A commit that brought lines, and where they stood in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlameCommit {
    /// None: not committed yet.
    pub oid: Option<String>,
    /// The file's path in that commit.
    pub path: GitPath,
    pub summary: String,
    pub author: String,
    pub authored: Timestamp,
    /// The file before the change: commit and path. None where the file began.
    pub previous: Option<(String, GitPath)>,
    /// The history begins here: the lines may be older.
    pub is_boundary: bool,
}

/// Lines that came together. Lines count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlameRun {
    pub line: u32,
    pub n: u32,
    /// The first of the lines in the commit's file.
    pub original: u32,
    /// Counts the commits in the order in which they are told.
    pub commit: u32,
}
