//! Branches: making them and going to them, with or without local changes.

use super::On;
use crate::adapters::git::Done;
use crate::base::Problem;
use crate::base::git_act::LocalChanges;

pub(super) async fn create(on: &On<'_>, name: &str, from: Option<&str>, goes_there: bool) -> Result<Done, Problem> {
    on.git.create_branch(on.repo, name, from, goes_there, on.at, on.cancel).await
}

pub(super) async fn switch(on: &On<'_>, to: &str, changes: LocalChanges) -> Result<Done, Problem> {
    on.git.switch(on.repo, to, changes, on.at, on.cancel).await
}
