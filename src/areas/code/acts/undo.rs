//! Taking back what was done, and doing it again.

use super::On;
use crate::adapters::git::Done;
use crate::base::Problem;
use crate::base::repo::Which;

pub(super) async fn take_back(on: &On<'_>, which: Which, is_forced: bool) -> Result<Done, Problem> {
    on.git.take_back(on.repo, which, is_forced, on.at, on.cancel).await
}

pub(super) async fn redo(on: &On<'_>, which: Which, is_forced: bool) -> Result<Done, Problem> {
    on.git.redo(on.repo, which, is_forced, on.at, on.cancel).await
}
