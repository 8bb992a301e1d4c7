//! Chantier's map: the floors, lowest first. A module imports from the floors below it and never sideways or up.

/// Floor 0: plain types.
pub mod base;

/// Floor 1: the outside world, one neighbour each.
pub mod adapters;

/// Floor 2: the kernel of jobs and events; knows no area and no adapter.
pub mod engine;
/// Floor 2: the toolkit of the window; knows no area.
pub mod ui;

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
