//! What a run is of: the commit or what is saved now, and the pipeline as those files say it.

use super::{Of, worktree};
use crate::adapters::World;
use crate::adapters::git::program::Repo;
use crate::adapters::store::pipelines::PipelineRunRow;
use crate::areas::JobCtx;
use crate::areas::devops::project::{self, FILE_NAME, Pipeline, ProjectFile};
use crate::areas::test::source::Sources;
use crate::base::{Problem, Workspace};
use crate::msg;

/// What is checked out, and what the results are said to be of.
pub(in crate::areas::build) async fn sources_of(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    of: Of,
) -> Result<(String, Sources), Problem> {
    let sources = |commit: String, dirty| Sources {
        commit: Some(commit),
        dirty,
    };
    match of {
        Of::Commit { revision } => {
            let oid = worktree::commit_of(cx, world, workspace, &revision).await?;
            Ok((oid.clone(), sources(oid, None)))
        }
        Of::Changes => {
            let top = worktree::top(world, workspace).await?;
            let repo = Repo {
                root: &top,
                is_trusted: true,
            };
            let scratch = world.dirs().cache.join("pipelines");
            let oid = world.git().snapshot_commit(repo, &scratch, cx.cancel_token()).await?;
            let state = crate::areas::test::source::read(world, workspace).await;
            let commit = state.commit.unwrap_or_else(|| oid.clone());
            Ok(match state.dirty {
                Some(dirty) => (oid, sources(commit, Some(dirty))),
                None => (commit.clone(), sources(commit, None)),
            })
        }
    }
}

/// The commit's own project file.
pub(super) async fn project_at(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    oid: &str,
) -> Result<(ProjectFile, Vec<Problem>), Problem> {
    let (git, root, oid) = (world.git().clone(), workspace.root.clone(), oid.to_owned());
    let text = cx
        .blocking(move |_| {
            let top = git.top(&root)?;
            let inside = root.strip_prefix(&top).unwrap_or(std::path::Path::new("")).to_path_buf();
            git.text_at(&root, &oid, &inside.join(FILE_NAME))
        })
        .await?;
    Ok(project::parse(&text.unwrap_or_default(), std::path::Path::new(FILE_NAME)))
}

/// The pipeline as the commit's own file says it.
pub(super) async fn definition(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    oid: &str,
    name: &str,
) -> Result<Pipeline, Problem> {
    let (file, problems) = project_at(cx, world, workspace, oid).await?;
    let found = file.pipeline(name).cloned();
    if let (None, Some(problem)) = (&found, problems.iter().find(|problem| problem.place.is_some())) {
        return Err(problem.clone());
    }
    found.ok_or_else(|| {
        let names: Vec<&str> = file.pipelines.iter().map(|pipeline| pipeline.name.as_str()).collect();
        let commit = crate::base::format::short_oid(oid).to_owned();
        let problem = Problem::user(msg!("build-no-such-pipeline", name = name, commit = commit)).code("not-found");
        if names.is_empty() {
            problem.hint(msg!("build-no-pipelines-hint"))
        } else {
            problem.hint(msg!("build-tasks-hint", names = names.join(", ")))
        }
    })
}

/// Something was saved that differs from the commit and was not run in this state before.
pub(super) async fn is_news(world: &World, workspace: &Workspace, name: &str, sources: &Sources) -> Result<bool, Problem> {
    let runs = world.store().pipelines().list(&workspace.id, 50).await?;
    let last = runs.iter().find(|run| run.pipeline == name);
    let is_same = |run: &PipelineRunRow| run.commit == sources.commit.clone().unwrap_or_default() && run.dirty == sources.dirty;
    Ok(sources.dirty.is_some() && !last.is_some_and(is_same))
}
