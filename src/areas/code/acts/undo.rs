//! Taking back what was done.

use super::On;
use crate::adapters::git::Done;
use crate::base::Problem;

pub(super) async fn take_back(on: &On<'_>, id: u64) -> Result<Done, Problem> {
    on.git.take_back(on.repo, id, on.at, on.cancel).await
}
