//! Where something is written for the user, and what becomes of a file that is there.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What becomes of a file that is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Over {
    /// It stays, and that is told.
    #[default]
    Refuse,
    /// It is written over.
    Replace,
    /// It stays, and the next free name is taken: `plan (2).csv`.
    Beside,
}

/// A file to write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WriteTo {
    pub path: PathBuf,
    #[serde(default)]
    pub over: Over,
}

impl WriteTo {
    /// Writes over what is there only where that was asked for.
    pub fn new(path: impl Into<PathBuf>, is_forced: bool) -> Self {
        let over = if is_forced { Over::Replace } else { Over::Refuse };
        Self { path: path.into(), over }
    }

    /// Takes the next free name.
    pub fn beside(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            over: Over::Beside,
        }
    }
}
