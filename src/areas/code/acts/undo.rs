//! Taking back what was done, and doing it again.

use super::On;
use super::git::run_cmd;
use crate::adapters::git::{Done, act_problem};
use crate::base::Problem;
use crate::base::git_act::{GitAct, Push};
use crate::base::repo::Which;

pub(super) async fn take_back(on: &On<'_>, which: Which, is_forced: bool) -> Result<Done, Problem> {
    if let Some(done) = push_back(on, which, false).await? {
        return Ok(done);
    }
    on.git.take_back(on.repo, which, is_forced, on.at, on.cancel).await
}

/// What went away in another repository is pushed there again.
async fn push_back(on: &On<'_>, which: Which, is_redo: bool) -> Result<Option<Done>, Problem> {
    let Some(back) = on.git.push_back(on.repo, which, is_redo, on.cancel).await? else {
        return Ok(None);
    };
    match run_cmd(on, back.cmd.clone()).await? {
        (None, _) => on.git.pushed_back(on.repo, &back).await.map(Some),
        (Some(problem), words) => {
            let push = GitAct::Push { push: Push::default() };
            Err(act_problem(on.repo, &push, problem, &words))
        }
    }
}

pub(super) async fn redo(on: &On<'_>, which: Which, is_forced: bool) -> Result<Done, Problem> {
    if let Some(done) = push_back(on, which, true).await? {
        return Ok(done);
    }
    on.git.redo(on.repo, which, is_forced, on.at, on.cancel).await
}
