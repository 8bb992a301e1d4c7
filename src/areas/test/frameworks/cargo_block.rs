//! What one test binary of cargo has printed so far.

use super::{Capped, Finished};
use std::collections::BTreeSet;

#[derive(Default)]
pub(super) struct Block {
    pub(super) suite: Option<String>,
    pub(super) section: Section,
    /// What came before the suite was known.
    pub(super) early: Vec<Finished>,
    pub(super) failed: BTreeSet<String>,
    /// A case whose result stands on a later line.
    pub(super) pending: Option<String>,
    pub(super) n_announced: u64,
    pub(super) seen: BTreeSet<String>,
    /// Named by libtest after a minute.
    pub(super) slow: BTreeSet<String>,
}

#[derive(Default)]
pub(super) enum Section {
    #[default]
    Cases,
    Failures,
    Output {
        name: String,
        text: Capped,
    },
    /// The list of names after the outputs.
    Names,
}
