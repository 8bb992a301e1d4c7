//! Worktrees: git's program makes and removes them; what a removal would lose is kept first.

use super::On;
use super::git::run_cmd;
use crate::adapters::git::{Done, Scope, worktree_problem};
use crate::base::Problem;
use crate::base::repo::UndoKind;
use crate::base::trees::WorktreeAct;

pub(super) async fn worktree(on: &On<'_>, act: &WorktreeAct) -> Result<Done, Problem> {
    let mut act = act.clone();
    let mut mark = None;
    if let WorktreeAct::Remove { path, is_forced } = &mut act {
        let row = on.git.removable_worktree(on.repo, path, *is_forced, on.cancel).await?;
        let scope = Scope::refs().removing_worktree(row.path.clone());
        mark = Some(
            on.git
                .mark(on.repo, UndoKind::RemoveWorktree, row.name(), scope, on.at)
                .await?,
        );
        *path = row.path;
        *is_forced |= row.prunable.is_some();
    }
    let cmd = on.git.worktree_cmd(on.repo, &act, on.cancel).await?;
    let (failure, words) = run_cmd(on, cmd).await?;
    if let Some(problem) = failure {
        return Err(worktree_problem(on.repo, problem, &words));
    }
    match mark {
        Some(mark) => on.git.remember(on.repo, mark).await,
        None => Ok(Done::default()),
    }
}
