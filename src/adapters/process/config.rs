//! How programs are run.

use std::ffi::OsString;
use std::time::Duration;

/// How programs are run. `Default` is right but for tests.
#[derive(Clone, Debug)]
pub struct ProcessConfig {
    /// Between TERM and KILL.
    pub grace: Duration,
    /// The environment of which a child inherits what is allowed.
    pub env: Vec<(OsString, OsString)>,
    /// Use control groups where there are some; else children are found by their tag alone.
    pub uses_groups: bool,
}

impl Default for ProcessConfig {
    fn default() -> Self {
        Self {
            grace: Duration::from_secs(10),
            env: std::env::vars_os().collect(),
            uses_groups: true,
        }
    }
}
