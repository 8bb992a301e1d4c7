//! Blame and comparison for whoever looks at them: told as they are found.

use crate::adapters::World;
use crate::adapters::git::BlameTold;
use crate::areas::JobCtx;
use crate::areas::code::{BlameKey, Update, below_top, reading_top};
use crate::base::{GitPath, Problem, Workspace};

/// Who wrote each line of a file.
pub async fn blame(cx: &JobCtx, world: &World, workspace: &Workspace, what: BlameKey, line: Option<u32>) -> Result<(), Problem> {
    cx.update(Update::BlameStarted {
        workspace: workspace.id.clone(),
        what: what.clone(),
        line,
    })
    .await;
    let (git, place, key, top) = (world.git().clone(), workspace.clone(), what.clone(), world.clone());
    let result = cx
        .blocking(move |cx| {
            let path = below_top(&reading_top(&top, &place)?, &key.path)?;
            git.blame(
                &place.root,
                &path,
                key.revision.as_deref(),
                &|| cx.is_cancelled(),
                &mut |told| {
                    let (workspace, what) = (place.id.clone(), key.clone());
                    cx.update_blocking(match told {
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
                    });
                },
            )?;
            cx.check()
        })
        .await;
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

/// The file as it was before a commit changed a line, at that line.
pub async fn before(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    oid: String,
    path: GitPath,
    line: u32,
) -> Result<(), Problem> {
    let (git, root) = (world.git().clone(), workspace.root.clone());
    let found = cx.blocking(move |_| git.before_line(&root, &oid, &path, line)).await?;
    match found {
        Some((revision, path, line)) => {
            let what = BlameKey {
                path,
                revision: Some(revision),
            };
            blame(cx, world, workspace, what, Some(line)).await
        }
        None => Ok(()),
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
                found.files.retain(|file| {
                    wanted.is_empty()
                        || wanted
                            .iter()
                            .any(|wanted| crate::areas::code::is_at_or_below(&file.path, wanted))
                });
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
