//! A task that is built in a clean worktree: what came out of it, and nothing of it in the ledger.

use super::artifacts::{self, Wanted};
use super::detect::{self, Kind, Task};
use super::exec::{self, Where};
use super::jobs;
use super::pipelines::worktree::Clean;
use crate::adapters::World;
use crate::areas::JobCtx;
use crate::base::Problem;

/// Builds a task (None: the one that builds the project) and names the files it left. Fails when the build does.
pub(super) async fn run(cx: &JobCtx, world: &World, clean: &Clean, word: Option<&str>) -> Result<(Task, Vec<Wanted>), Problem> {
    let root = clean.workspace.root.clone();
    let detected = cx
        .blocking(move |cx| Ok(detect::detect(&root, &|| cx.is_cancelled())))
        .await?;
    let task = jobs::choose(&detected, word)?;
    let ran = exec::run(cx, world, &clean.workspace, &detected.project, &task, Where::Worktree).await?;
    if let Some(problem) = ran.outcome?.problem(&task.name) {
        return Err(exec::failed(problem, ran.why.as_ref()));
    }
    let is_main = detect::main_task(&detected.tasks).is_some_and(|main| main.id == task.id) && task.kind == Kind::Build;
    let wanted = artifacts::wanted(&clean.workspace.root, &task, is_main, &detected.project, &ran.made, None);
    Ok((task, wanted))
}
