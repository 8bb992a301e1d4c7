//! Blame and comparison for whoever looks at them: told as they are found.

use crate::adapters::World;
use crate::adapters::git::BlameTold;
use crate::adapters::git::program::Repo;
use crate::areas::JobCtx;
use crate::areas::code::jobs::is_trusted;
use crate::areas::code::{BlameKey, Update, below_top, reading_top};
use crate::base::format::short_oid;
use crate::base::{GitPath, Problem, Workspace};
use crate::msg;
use std::cell::Cell;

/// Who wrote each line of a file.
pub async fn blame(cx: &JobCtx, world: &World, workspace: &Workspace, what: BlameKey, line: Option<u32>) -> Result<(), Problem> {
    cx.update(Update::BlameStarted {
        workspace: workspace.id.clone(),
        what: what.clone(),
        line,
    })
    .await;
    let result = find_blame(cx, world, workspace, &what).await;
    let workspace = workspace.id.clone();
    let problem = result.clone().err();
    cx.update(Update::BlameEnded {
        workspace,
        what,
        problem,
    })
    .await;
    result
}

fn blamed(workspace: &Workspace, what: &BlameKey, told: BlameTold) -> Update {
    let (workspace, what) = (workspace.id.clone(), what.clone());
    match told {
        BlameTold::Text { rev, path, lines } => Update::BlameText {
            workspace,
            what,
            rev,
            path,
            lines,
        },
        BlameTold::Runs { commits, runs } => Update::BlameRuns {
            workspace,
            what,
            commits,
            runs,
        },
    }
}

async fn find_blame(cx: &JobCtx, world: &World, workspace: &Workspace, what: &BlameKey) -> Result<(), Problem> {
    let (key, top) = (what.clone(), (world.clone(), workspace.clone()));
    let path = cx
        .blocking(move |_| below_top(&reading_top(&top.0, &top.1)?, &key.path))
        .await?;
    let repo = Repo {
        root: &workspace.root,
        is_trusted: is_trusted(world, workspace),
    };
    let (git, cancel) = (world.git().clone(), cx.cancel_token());
    if git.is_blamed_by_program(repo).await? {
        for told in git.blame_by_program(repo, &path, what.revision.as_deref(), cancel).await? {
            cx.update(blamed(workspace, what, told)).await;
        }
        return Ok(());
    }
    if what.revision.is_none() {
        git.learn_clean(repo, &path, cancel).await?;
    }
    let (place, key) = (workspace.clone(), what.clone());
    cx.blocking(move |cx| {
        git.blame(
            &place.root,
            &path,
            key.revision.as_deref(),
            &|| cx.is_cancelled(),
            &mut |told| cx.update_blocking(blamed(&place, &key, told)),
        )?;
        cx.check()
    })
    .await
}

/// The file as it was before a line of it was changed last, at that line.
pub async fn before(cx: &JobCtx, world: &World, workspace: &Workspace, what: BlameKey, line: u32) -> Result<(), Problem> {
    let (world_there, place) = (world.clone(), workspace.clone());
    let asked = what.clone();
    let (key, line) = cx
        .blocking(move |cx| before_change(cx, &world_there, &place, &asked, line))
        .await?;
    blame(cx, world, workspace, key, line).await
}

fn before_change(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    what: &BlameKey,
    line: u32,
) -> Result<(BlameKey, Option<u32>), Problem> {
    let (git, root) = (world.git(), &workspace.root);
    let path = below_top(&reading_top(world, workspace)?, &what.path)?;
    let (mut n_lines, mut commits, found) = (0, Vec::new(), Cell::new(None));
    let is_enough = || cx.is_cancelled() || found.get().is_some();
    git.blame(root, &path, what.revision.as_deref(), &is_enough, &mut |told| match told {
        BlameTold::Text { lines, .. } => n_lines = lines.len(),
        BlameTold::Runs { commits: more, runs } => {
            commits.extend(more);
            let run = runs.iter().find(|run| (run.line..run.line + run.n).contains(&line));
            if let Some(run) = run {
                found.set(Some((run.commit as usize, run.original + (line - run.line))));
            }
        }
    })?;
    cx.check()?;
    let Some((commit, original)) = found.get() else {
        return Err(Problem::user(msg!("code-blame-no-line", line = line + 1, n = n_lines)).code("not-found"));
    };
    let commit = &commits[commit];
    if let Some(oid) = &commit.oid {
        if let Some((revision, path, line)) = git.before_line(root, oid, &commit.path, original)? {
            let revision = Some(revision);
            return Ok((BlameKey { path, revision }, Some(line)));
        }
        let name = short_oid(oid);
        return Err(Problem::user(msg!("code-blame-began", line = line + 1, commit = name)).code("not-found"));
    }
    match commit.previous.clone() {
        Some((revision, path)) => {
            let revision = Some(revision);
            Ok((BlameKey { path, revision }, None))
        }
        None => Err(Problem::user(msg!("code-blame-new")).code("not-found")),
    }
}

/// What differs between two revisions, or one and the files; all, or what is at and below these paths.
pub async fn compare(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    from: String,
    to: Option<String>,
    paths: Vec<GitPath>,
) -> Result<(), Problem> {
    cx.update(Update::CompareStarted {
        workspace: workspace.id.clone(),
        from: from.clone(),
        to: to.clone(),
    })
    .await;
    let (place, world, old, new) = (workspace.clone(), world.clone(), from.clone(), to.clone());
    let result = cx
        .blocking(move |_| {
            let mut found = world.git().compare(&place.root, &old, new.as_deref())?;
            if !paths.is_empty() {
                let top = reading_top(&world, &place)?;
                let wanted = crate::areas::code::all_below_top(&top, &paths)?;
                found
                    .files
                    .retain(|file| wanted.is_empty() || wanted.iter().any(|wanted| file.path.is_at_or_below(wanted)));
            }
            Ok(found)
        })
        .await;
    let workspace = workspace.id.clone();
    match result {
        Ok(comparison) => {
            cx.update(Update::Compared {
                workspace,
                from,
                to,
                comparison: Box::new(comparison),
            })
            .await;
            Ok(())
        }
        Err(problem) => {
            cx.update(Update::CompareFailed {
                workspace,
                from,
                to,
                problem: problem.clone(),
            })
            .await;
            Err(problem)
        }
    }
}
