//! Branches: making them and going to them, with or without local changes.

use super::On;
use crate::adapters::git::Done;
use crate::base::git_act::LocalChanges;
use crate::base::{Problem, SafeText};
use crate::msg;

pub(super) async fn create(on: &On<'_>, name: &str, from: Option<&str>, goes_there: bool) -> Result<Done, Problem> {
    let made = on.git.create_branch(on.repo, name, from, on.at, on.cancel).await?;
    if !goes_there {
        return Ok(made);
    }
    on.git.switch(on.repo, name, on.at, on.cancel).await
}

pub(super) async fn switch(on: &On<'_>, to: &str, changes: LocalChanges) -> Result<Done, Problem> {
    if changes == LocalChanges::Carry || !on.git.stash_for_switch(on.repo, to, on.cancel).await? {
        return on.git.switch(on.repo, to, on.at, on.cancel).await;
    }
    let switched = on.git.switch(on.repo, to, on.at, on.cancel).await;
    let brings_back = changes == LocalChanges::StashAndApply || switched.is_err();
    if brings_back && let Err(problem) = on.git.unstash(on.repo, on.cancel).await {
        // Nothing is lost: git keeps the stash when it does not fit.
        let problem = Problem::user(msg!("code-stash-kept", name = SafeText::new(to)))
            .code("conflict")
            .details(problem.details)
            .hint(msg!("code-stash-kept-hint"));
        return Err(problem);
    }
    switched
}
