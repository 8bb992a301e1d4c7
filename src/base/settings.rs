//! The user's settings: every one has a default, so that loading never fails as a whole.

use super::Lang;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Follow the system, or one of the two tables of tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThemeChoice {
    #[default]
    System,
    Dark,
    Light,
}

/// Where the values of secrets are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretPlace {
    /// The desktop's keyring where it answers and keeps what it is given, else encrypted files.
    #[default]
    Auto,
    Keyring,
    File,
}

/// The settings file, section by section. Unknown keys are kept by the writer and reported by the reader.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub general: General,
    pub appearance: Appearance,
    pub workspaces: Workspaces,
    pub tools: Tools,
    pub code: Code,
    pub retention: Retention,
    pub security: Security,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Security {
    pub secrets: SecretPlace,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct General {
    /// None follows the system.
    pub language: Option<Lang>,
    /// Seconds between the polite and the hard end of a process.
    pub stop_grace_secs: u64,
    /// Whether the desktop is told anything at all: of jobs, and of alerts that a project sends there.
    pub notify: bool,
    /// Tell the desktop when a job that took at least this long ends while the window is in the background.
    pub notify_after_secs: u64,
    /// Test and build jobs at once; 0 means one per core.
    pub max_parallel: usize,
    /// The program that opens a file at a line, with `{file}` and `{line}`; empty follows VISUAL and EDITOR.
    pub editor: Vec<String>,
}

impl Default for General {
    fn default() -> Self {
        Self {
            language: None,
            stop_grace_secs: 4,
            notify: true,
            notify_after_secs: 10,
            max_parallel: 0,
            editor: Vec::new(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Appearance {
    pub theme: ThemeChoice,
    /// 0.75 to 2.
    #[serde(serialize_with = "to_hundredths")]
    pub scale: f32,
    /// Rows of 22 instead of 26 points.
    pub dense: bool,
}

/// 1.1 is written as 1.1, not as the number with twice the digits that is nearest to it.
fn to_hundredths<S: serde::Serializer>(scale: &f32, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((f64::from(*scale) * 100.0).round() / 100.0)
}

impl Default for Appearance {
    fn default() -> Self {
        Self {
            theme: ThemeChoice::System,
            scale: 1.0,
            dense: false,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Workspaces {
    /// Folders below which projects are looked for.
    pub roots: Vec<PathBuf>,
    pub scan_depth: u32,
    /// Folders watched at most; above it the watcher polls and says so. 0 follows the system's limit.
    pub max_watches: u32,
}

impl Default for Workspaces {
    fn default() -> Self {
        Self {
            roots: Vec::new(),
            scan_depth: 4,
            max_watches: 0,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Code {
    /// Words that mark a line as something left to do.
    pub todo_words: Vec<String>,
}

impl Default for Code {
    fn default() -> Self {
        Self {
            todo_words: ["TODO", "FIXME", "XXX", "HACK", "BUG"].map(str::to_owned).to_vec(),
        }
    }
}

/// The programs that are run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tools {
    /// By name: an absolute path overrides the search on PATH.
    pub paths: std::collections::BTreeMap<String, PathBuf>,
    /// Variables that programs are given beside the usual ones, from the environment that Chantier was started in; `NAME*` means a beginning.
    pub pass_env: Vec<String>,
}

/// Budgets: what is older or larger is removed, oldest first, and the program says so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Retention {
    pub logs_max_mb: u64,
    pub log_max_mb_per_job: u64,
    pub samples_max_mb: u64,
    pub artifacts_max_mb: u64,
    pub runs_max_days: u64,
    /// Steps that can be taken back, in each repository.
    pub undo_max_entries: usize,
    /// Contents of files that are kept for them.
    pub undo_max_mb: u64,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            logs_max_mb: 1000,
            log_max_mb_per_job: 100,
            samples_max_mb: 200,
            artifacts_max_mb: 5000,
            runs_max_days: 365,
            undo_max_entries: 200,
            undo_max_mb: 1000,
        }
    }
}
