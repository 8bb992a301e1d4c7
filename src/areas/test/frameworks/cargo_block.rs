//! What one test binary of cargo has printed so far.

use super::{Capped, Finished};
use std::collections::BTreeSet;

/// A program with tests, as the runner names it.
pub(super) struct Program {
    pub(super) suite: String,
    /// Its tests have begun; one without libtest has none.
    pub(super) has_block: bool,
    pub(super) output: Capped,
}

impl Program {
    pub(super) fn new(suite: String) -> Self {
        Self {
            suite,
            has_block: false,
            output: Capped::default(),
        }
    }
}

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
