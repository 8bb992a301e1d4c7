//! Differences, read as git has them and told.

use super::jobs::{all_below_top, below_top, is_trusted, reading_top};
use super::{DiffKey, Update};
use crate::adapters::World;
use crate::adapters::git::{Git, Repo};
use crate::areas::JobCtx;
use crate::base::diff::{DiffFile, DiffLook, DiffOf};
use crate::base::{GitPath, Problem, Workspace};
use crate::msg;
use std::path::Path;

/// Files whose differences are told at once.
const MAX_DIFFS: usize = 300;

pub(super) async fn show_diff(
    cx: JobCtx,
    world: World,
    workspace: Workspace,
    what: DiffKey,
    is_forced: bool,
) -> Result<(), Problem> {
    let id = workspace.id.clone();
    cx.update(Update::DiffStarted {
        workspace: id.clone(),
        what: what.clone(),
    })
    .await;
    match read_diff(&cx, &world, &workspace, &what, is_forced).await {
        Ok(diff) => {
            cx.update(Update::DiffRead {
                workspace: id,
                what,
                diff: Box::new(diff),
            })
            .await;
            Ok(())
        }
        Err(problem) => {
            cx.update(Update::DiffFailed {
                workspace: id,
                what,
                problem: problem.clone(),
            })
            .await;
            // The change went away while it was looked at: shown in its place, and no failure of the program's.
            if problem.code == "not-found" { Ok(()) } else { Err(problem) }
        }
    }
}

async fn read_diff(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    what: &DiffKey,
    is_forced: bool,
) -> Result<DiffFile, Problem> {
    let (key, top) = (what.clone(), (world.clone(), workspace.clone()));
    let path = cx
        .blocking(move |_| below_top(&reading_top(&top.0, &top.1)?, &key.path))
        .await?;
    prepare(cx, world, workspace, &what.of, &path).await?;
    let (key, git, root) = (what.clone(), world.git().clone(), workspace.root.clone());
    cx.blocking(move |_| git.diff(&root, &key.of, &path, key.old_path.as_ref(), key.look, is_forced))
        .await
}

/// Asks git for what only its program knows of a difference: what a filter makes of a file, and contents that a partial clone lacks.
async fn prepare(cx: &JobCtx, world: &World, workspace: &Workspace, of: &DiffOf, path: &GitPath) -> Result<(), Problem> {
    let repo = Repo {
        root: &workspace.root,
        is_trusted: is_trusted(world, workspace),
    };
    let (git, cancel) = (world.git(), cx.cancel_token());
    git.fetch_missing(repo, of, Some(path), cancel).await?;
    if matches!(
        of,
        DiffOf::Staged | DiffOf::Commit { .. } | DiffOf::Between { to: Some(_), .. }
    ) {
        return Ok(());
    }
    git.learn_clean(repo, path, cancel).await
}

/// No file is there; the words may have been meant as git takes them, for commits.
fn no_such_path(git: &Git, root: &Path, path: &GitPath) -> Problem {
    let word = path.display();
    let ends: Vec<&str> = word
        .split("..")
        .map(|end| end.trim_matches('.'))
        .filter(|end| !end.is_empty())
        .collect();
    let are_commits = !ends.is_empty() && ends.iter().all(|end| git.resolve(root, end).is_ok());
    let problem = Problem::user(msg!("git-no-such-path", path = word.as_str())).code("not-found");
    if are_commits {
        problem.hint(msg!("code-diff-compare-hint", ends = word))
    } else {
        problem
    }
}

/// The differences of several files, one after the other.
pub(super) async fn show_diffs(
    cx: JobCtx,
    world: World,
    workspace: Workspace,
    (of, look, is_forced): (DiffOf, DiffLook, bool),
    paths: Vec<GitPath>,
) -> Result<(), Problem> {
    let id = workspace.id.clone();
    cx.update(Update::DiffsStarted { workspace: id.clone() }).await;
    let there = (world.clone(), workspace.clone());
    let changed = cx
        .blocking(move |_| {
            let (world, workspace) = &there;
            let git = world.git();
            let top = reading_top(world, workspace)?;
            let wanted = all_below_top(&top, &paths)?;
            let mut changed = git.changed_paths(&workspace.root, &of)?;
            changed.retain(|(path, _)| wanted.is_empty() || wanted.iter().any(|wanted| path.is_at_or_below(wanted)));
            if changed.is_empty() && matches!(of, DiffOf::Unstaged | DiffOf::Staged | DiffOf::Both) {
                let is_missing = |path: &&GitPath| top.join(path.to_path_buf()).symlink_metadata().is_err();
                if let Some(missing) = wanted.iter().find(is_missing) {
                    return Err(no_such_path(git, &workspace.root, missing));
                }
            }
            if changed.is_empty() && !wanted.is_empty() && matches!(of, DiffOf::Unstaged | DiffOf::Both) {
                // A file that is not tracked is shown where it is asked for by name.
                changed = wanted.iter().map(|path| (path.clone(), None)).collect();
            }
            if changed.is_empty() && !wanted.is_empty() {
                return Err(Problem::user(msg!("git-no-such-change", path = wanted[0].display())).code("not-found"));
            }
            let mut changed: Vec<_> = changed
                .into_iter()
                .map(|(path, old_path)| (of.clone(), path, old_path))
                .collect();
            // The untracked files of a stash stand in a commit of their own.
            if let DiffOf::Commit { oid } = &of
                && let Some(oid) = git.untracked_of_stash(&workspace.root, oid)?
            {
                let of = DiffOf::Commit { oid };
                let untracked = git.changed_paths(&workspace.root, &of)?.into_iter();
                changed.extend(untracked.map(|(path, old_path)| (of.clone(), path, old_path)));
            }
            Ok(changed)
        })
        .await?;
    let n_unread = changed.len().saturating_sub(MAX_DIFFS) as u64;
    for (of, path, old_path) in changed.into_iter().take(MAX_DIFFS) {
        cx.check()?;
        prepare(&cx, &world, &workspace, &of, &path).await?;
        let (git, root) = (world.git().clone(), workspace.root.clone());
        let read = cx.blocking(move |_| git.diff(&root, &of, &path, old_path.as_ref(), look, is_forced));
        let diff = read.await.map_err(|problem| Problem {
            // Nobody was shown it before.
            hint: problem.hint.filter(|_| problem.code != "not-found"),
            ..problem
        })?;
        if look.ignores_space && diff.says_nothing() {
            continue;
        }
        cx.update(Update::DiffsRead {
            workspace: id.clone(),
            diff: Box::new(diff),
        })
        .await;
    }
    cx.update(Update::DiffsEnded { workspace: id, n_unread }).await;
    Ok(())
}
