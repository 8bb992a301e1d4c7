//! Floor 5: the window.

use crate::base::Lang;
use std::path::PathBuf;
use std::process::ExitCode;

/// What the command line says to the window.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub home: Option<PathBuf>,
    /// The folder to open.
    pub path: Option<PathBuf>,
    /// A recording to play instead of running the engine.
    pub replay: Option<PathBuf>,
    pub record: Option<PathBuf>,
    pub lang: Option<Lang>,
    pub trust: bool,
}

/// Opens the window and returns when it is closed.
pub fn open(_options: Options) -> ExitCode {
    ExitCode::FAILURE
}
