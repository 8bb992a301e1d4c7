//! Floor 1: the outside world, one neighbour per module; `World` is the one handle to all of them.

pub mod process;
pub mod masks;
pub mod trust;
pub mod git;
pub mod store;
pub mod dirs;
pub mod files;
