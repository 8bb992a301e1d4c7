//! A commit that is proven before it goes anywhere: its checks run and its product is built in one clean worktree, and what came out
//! is kept like that of any other build.

use super::detect::{self, Kind, Source, Task};
use super::exec::Where;
use super::jobs::{choose, one_run};
use super::pipelines::worktree::{self, Clean};
use crate::adapters::World;
use crate::areas::JobCtx;
use crate::areas::test::source;
use crate::base::{JobId, Problem, Workspace, format};
use crate::msg;

/// Runs these checks (empty: the project's own tests) and builds the project. Gives the run whose artifacts are kept.
pub async fn prove(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    oid: &str,
    checks: Option<&[String]>,
) -> Result<JobId, Problem> {
    world.trust().check(workspace)?;
    let clean = Clean::make(cx.cancel_token(), world, workspace, oid, &worktree::owner(cx), "checkout").await?;
    let result = Box::pin(in_worktree(cx, world, &clean, oid, checks)).await;
    let removed = worktree::remove(cx, world, clean).await;
    let job = result?;
    removed.map(|()| job)
}

async fn in_worktree(cx: &JobCtx, world: &World, clean: &Clean, oid: &str, checks: Option<&[String]>) -> Result<JobId, Problem> {
    let root = clean.workspace.root.clone();
    let detected = cx
        .blocking(move |cx| Ok(detect::detect(&root, &|| cx.is_cancelled())))
        .await?;
    let mut tasks: Vec<Task> = match checks {
        None => Vec::new(),
        Some([]) => vec![tests_of(&detected.tasks).cloned().ok_or_else(|| {
            Problem::config(msg!("build-no-tests", commit = format::short_oid(oid))).hint(msg!("build-no-tests-hint"))
        })?],
        Some(words) => words
            .iter()
            .map(|word| choose(&detected, Some(word)))
            .collect::<Result<_, _>>()?,
    };
    tasks.push(choose(&detected, None)?);
    let mut built = cx.id();
    for task in tasks {
        let title = msg!(
            "build-job-run",
            task = task.name.as_str(),
            name = clean.workspace.name.as_str()
        );
        let (cx, detected) = (cx, &detected);
        built = cx
            .span(title, async move |cx: JobCtx| {
                let sources = source::Sources {
                    commit: Some(oid.to_owned()),
                    dirty: None,
                };
                let sources = source::stamp(&cx, sources).await;
                let place = (Where::Worktree, None);
                Box::pin(one_run(&cx, world, &clean.workspace, detected, task, sources, place)).await?;
                Ok(cx.id())
            })
            .await?;
    }
    Ok(built)
}

/// The task that runs the project's tests: of several projects that of the outermost one.
fn tests_of(tasks: &[Task]) -> Option<&Task> {
    let of = |source: Source| {
        tasks
            .iter()
            .filter(move |task| task.source == source && task.kind == Kind::Test)
            .min_by_key(|task| task.dir.components().count())
    };
    Source::ALL.into_iter().find_map(of)
}
