//! What is known of Plan. Pure: changes only in `apply`.

use super::Update;

#[derive(Clone, Debug, Default)]
pub struct Model {
    pub n_refreshed: u64,
}

impl Model {
    pub fn apply(&mut self, update: Update) {
        match update {
            Update::Refreshed { .. } => self.n_refreshed += 1,
        }
    }
}
