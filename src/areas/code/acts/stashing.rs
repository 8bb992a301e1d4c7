//! Putting changes away, and getting them back.

use super::On;
use crate::adapters::git::Done;
use crate::areas::code::jobs::all_below_top;
use crate::base::Problem;
use crate::base::repo::StashAct;
use crate::msg;

pub(super) async fn push(on: &On<'_>, act: &StashAct) -> Result<Done, Problem> {
    let act = StashAct {
        paths: all_below_top(on.repo.root, &act.paths)?,
        ..act.clone()
    };
    on.git.stash_push(on.repo, &act, on.at, on.cancel).await
}

pub(super) async fn apply(on: &On<'_>, stash: &str, pops: bool) -> Result<Done, Problem> {
    let done = on.git.stash_apply(on.repo, stash, pops, on.at, on.cancel).await?;
    if done.is_unstaged {
        let told = Problem::user(msg!("code-unstaged-by-git")).code("unstaged");
        on.cx.problem(told).await;
    }
    Ok(done)
}

pub(super) async fn drop(on: &On<'_>, stash: &str) -> Result<Done, Problem> {
    on.git.stash_drop(on.repo, stash, on.at, on.cancel).await
}

pub(super) async fn branch(on: &On<'_>, stash: &str, name: &str) -> Result<Done, Problem> {
    on.git.stash_branch(on.repo, stash, name, on.at, on.cancel).await
}
