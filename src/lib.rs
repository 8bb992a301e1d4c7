//! Chantier's map: the floors, lowest first. A module imports from the floors below it and never sideways or up. What knows no area is
//! a crate of its own, whose manifest stands in its folder.

/// Floor 0: plain types.
pub use chantier_base as base;

/// Floor 1: the outside world, one neighbour each.
pub use chantier_adapters as adapters;

/// Floor 2: the kernel of jobs and events; knows no area and no adapter.
pub use chantier_engine as engine;
/// Floor 2: the toolkit of the window; knows no area.
pub use chantier_ui as ui;

pub use chantier_base::msg;

/// Floor 3: one folder per menu.
pub mod areas;

/// Floor 4: assembly of world, store and engine.
pub mod session;

/// Floor 4: the sample project's way through the life cycle, as steps with proofs.
pub mod tour;

/// Floor 5: the command line.
pub mod cli;
/// Floor 5: the window.
pub mod shell;
