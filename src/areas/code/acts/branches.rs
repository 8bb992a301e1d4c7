//! Branches: making them and going to them.

use super::On;
use crate::adapters::git::Done;
use crate::base::Problem;

pub(super) async fn create(on: &On<'_>, name: &str, from: Option<&str>) -> Result<Done, Problem> {
    on.git.create_branch(on.repo, name, from, on.at, on.cancel).await
}

pub(super) async fn switch(on: &On<'_>, to: &str) -> Result<Done, Problem> {
    on.git.switch(on.repo, to, on.at, on.cancel).await
}
