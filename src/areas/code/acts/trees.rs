//! Worktrees and submodules: git's program makes, updates and removes them; what that would lose is kept first.

use super::On;
use super::git::run_cmd;
use crate::adapters::git::{Done, Mark, Repo, Scope, submodule_problem, worktree_problem};
use crate::areas::code::jobs::below_top;
use crate::base::repo::{UndoKind, short_oid};
use crate::base::trees::{SubmoduleAct, SubmoduleState, WorktreeAct};
use crate::base::{GitPath, Problem};
use std::path::PathBuf;

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
    if let WorktreeAct::Move { path, .. } = &act {
        on.git.movable_worktree(on.repo, path, on.cancel).await?;
    }
    let mut before = Vec::new();
    if let WorktreeAct::Add { what, .. } = &act {
        before = on.git.worktrees(on.repo, on.cancel).await?;
        let mark_add = on.git.mark(on.repo, UndoKind::AddWorktree, what.name(), Scope::refs(), on.at);
        mark = Some(mark_add.await?);
    }
    let cmd = on.git.worktree_cmd(on.repo, &act, on.cancel).await?;
    let (failure, words) = run_cmd(on, cmd).await?;
    if let Some(problem) = failure {
        return Err(worktree_problem(on.repo, problem, &words));
    }
    let Some(mark) = mark else { return Ok(Done::default()) };
    if matches!(act, WorktreeAct::Add { .. }) {
        let rows = on.git.worktrees(on.repo, on.cancel).await?;
        let added = rows
            .into_iter()
            .find(|row| !before.iter().any(|known| known.path == row.path));
        if let Some(added) = added {
            return on.git.remember_worktree(on.repo, mark, added.path).await;
        }
    }
    on.git.remember(on.repo, mark).await
}

pub(super) async fn submodule(on: &On<'_>, act: &SubmoduleAct) -> Result<Done, Problem> {
    let mut act = act.clone();
    if let SubmoduleAct::Add { path, .. } = &mut act {
        // git writes it into .gitmodules as it is given.
        *path = below_top(on.repo.root, path)?;
    }
    let act = &act;
    let cmd = on.git.submodule_cmd(on.repo, act, on.cancel).await?;
    let mark = match act {
        SubmoduleAct::Add { path, .. } => {
            let scope = Scope::refs().at([GitPath::from(".gitmodules")]);
            Some(
                on.git
                    .mark(on.repo, UndoKind::AddSubmodule, path.display(), scope, on.at)
                    .await?,
            )
        }
        _ => None,
    };
    let inside = keep_inside(on, act).await?;
    let (failure, words) = run_cmd(on, cmd).await?;
    for (top, mark) in inside {
        on.git.remember(trusted(&top), mark).await?;
    }
    if let Some(problem) = failure {
        return Err(submodule_problem(on.repo, problem, &words));
    }
    match mark {
        Some(mark) => on.git.remember(on.repo, mark).await,
        None => Ok(Done::default()),
    }
}

/// What the act may lose in the submodules goes into their own timelines. Those that are updated are remembered afterwards; of one
/// that is forced empty the changes are thrown away here, and come back from its timeline once it is initialised again.
async fn keep_inside(on: &On<'_>, act: &SubmoduleAct) -> Result<Vec<(PathBuf, Mark)>, Problem> {
    let is_forced = matches!(act, SubmoduleAct::Deinit { is_forced: true, .. });
    let mut marks = Vec::new();
    if !is_forced && !matches!(act, SubmoduleAct::Update { .. }) {
        return Ok(marks);
    }
    let rows = on.git.meant_submodules(on.repo, act).await?;
    for row in rows.iter().filter(|row| row.is_initialised()) {
        let top = row.folder.to_path_buf();
        let repo = trusted(&top);
        let is_dirty = row.has(SubmoduleState::Modified) || row.has(SubmoduleState::Untracked);
        let head = short_oid(row.checked_out.as_deref().unwrap_or_default()).to_owned();
        if is_forced && is_dirty {
            let scope = Scope::files().with_untracked(false);
            let mark = on.git.mark(repo, UndoKind::Reset, head, scope, on.at).await?;
            on.git.clear_submodule(repo, on.cancel).await?;
            on.git.remember(repo, mark).await?;
        } else if !is_forced {
            let to = row.recorded.as_deref().map_or(head.as_str(), short_oid);
            marks.push((
                top.clone(),
                on.git.mark(repo, UndoKind::Switch, to, Scope::files(), on.at).await?,
            ));
        }
    }
    Ok(marks)
}

/// A submodule of a workspace that is trusted: git itself goes in there too.
fn trusted(top: &std::path::Path) -> Repo<'_> {
    Repo {
        root: top,
        is_trusted: true,
    }
}
