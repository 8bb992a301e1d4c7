//! Identifiers as newtypes, so that one can not be taken for another.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::hash::{Hash as _, Hasher as _};

/// One run of one job, unique on this machine: the ledger hands out the numbers in blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobId(pub u64);

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// A workspace by its canonical path: the first 12 hexadecimal digits of a 64-bit FNV-1a hash of the path's bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WorkspaceId(pub String);

impl WorkspaceId {
    /// The id of the folder at this canonical path.
    pub fn of_path(path: &std::path::Path) -> Self {
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
        for byte in path.as_os_str().as_encoded_bytes() {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Self(format!("{:012x}", hash >> 16))
    }
}

impl fmt::Display for WorkspaceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A number for some texts, the same in one run of the program: to find what may be equal, where each of millions is looked for.
pub fn hash_of(texts: &[&str]) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    texts.hash(&mut hasher);
    hasher.finish()
}
