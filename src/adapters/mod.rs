//! Floor 1: the outside world, one neighbour per module; `World` is the one handle to all of them.

pub mod dirs;
pub mod doctor;
pub mod files;
pub mod git;
pub mod logs;
pub mod masks;
pub mod process;
pub mod settings_file;
pub mod store;
pub mod trust;

/// The one handle to the outside world. Cheap to clone.
#[derive(Clone)]
pub struct World {
    pub(crate) git: git::Git,
}

impl World {
    /// Repositories.
    pub fn git(&self) -> &git::Git {
        &self.git
    }
}
