//! Floor 5: the window. `open` puts a session or a recording behind it and hands it to the desktop.

mod activity;
mod app;
mod banner;
mod frame;
mod front;
mod guide;
mod help;
mod intents;
mod overlays;
mod palette;
mod persist;
mod problems;
mod replay;
mod shortcuts;
mod sidebar;
mod status_bar;
mod tick;
mod top_bar;
mod trust;
mod usage;
mod view;
mod window;

use crate::base::Lang;
use std::path::PathBuf;

pub use app::App;
pub use front::{Front, Outside, Pick};
pub use replay::{Replay, Timeline};
pub use view::View;
pub use window::open;

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
