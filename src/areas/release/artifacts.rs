//! The artifacts of a commit: those that a build of it left, else its build tasks are run now.

use crate::adapters::World;
use crate::adapters::deliver;
use crate::adapters::process::Cmd;
use crate::areas::JobCtx;
use crate::areas::devops::exec;
use crate::areas::devops::project::{Artifact, ProjectFile, Task};
use crate::base::{Problem, State, Workspace};
use crate::msg;
use std::ffi::OsStr;
use std::path::PathBuf;

/// One artifact that is there now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// In `chantier.toml`.
    pub name: String,
    pub path: PathBuf,
    pub sha256: String,
    pub bytes: u64,
}

/// Every artifact of the project file, made from this commit.
pub async fn make(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    project: &ProjectFile,
    commit: &str,
) -> Result<Vec<Made>, Problem> {
    if let Some(made) = built_before(world, workspace, project, commit).await? {
        return Ok(made);
    }
    let mut done: Vec<&str> = Vec::new();
    for artifact in &project.artifacts {
        let Some(name) = artifact.task.as_deref().filter(|name| !done.contains(name)) else {
            continue;
        };
        let task = project
            .task(name)
            .ok_or_else(|| Problem::config(msg!("release-no-task", task = name, artifact = &artifact.name)))?;
        run(cx, world, workspace, task).await?;
        done.push(name);
    }
    let found: Vec<(String, PathBuf)> = project
        .artifacts
        .iter()
        .map(|artifact| (artifact.name.clone(), path(world, workspace, artifact)))
        .collect();
    cx.blocking(move |_| {
        let mut made = Vec::new();
        for (name, path) in found {
            let kept = deliver::look(&path)?.ok_or_else(|| {
                Problem::environment(msg!("release-artifact-missing", name = &name))
                    .code("not-found")
                    .details(path.display())
                    .hint(msg!("release-artifact-missing-hint"))
            })?;
            made.push(Made {
                name,
                path: kept.path,
                sha256: kept.sha256,
                bytes: kept.bytes,
            });
        }
        Ok(made)
    })
    .await
}

/// What clean builds of this very commit left, when all of it is still there and unchanged.
async fn built_before(
    world: &World,
    workspace: &Workspace,
    project: &ProjectFile,
    commit: &str,
) -> Result<Option<Vec<Made>>, Problem> {
    let builds = world.store().builds();
    let mut rows = Vec::new();
    for build in builds.of_commit(&workspace.id, commit).await? {
        if build.state == State::Done && build.dirty.is_none() {
            rows.extend(builds.artifacts_of_job(build.job).await?);
        }
    }
    let mut made = Vec::new();
    for artifact in &project.artifacts {
        let Some(row) = rows.iter().filter(|row| row.name == artifact.name).max_by_key(|row| row.id) else {
            return Ok(None);
        };
        let path = row.stored.clone().unwrap_or_else(|| row.path.clone());
        match deliver::look(&path)? {
            Some(found) if found.sha256 == row.sha256 => made.push(Made {
                name: artifact.name.clone(),
                path,
                sha256: found.sha256,
                bytes: found.bytes,
            }),
            _ => return Ok(None),
        }
    }
    Ok(Some(made))
}

async fn run(cx: &JobCtx, world: &World, workspace: &Workspace, task: &Task) -> Result<(), Problem> {
    let Some((program, args)) = task.run.split_first() else {
        return Err(Problem::config(msg!("release-task-empty", task = &task.name)));
    };
    let mut cmd = Cmd::new(program).args(args).cwd(workspace.root.join(&task.dir));
    for (name, value) in &task.env {
        cmd = cmd.env(name, value);
    }
    if let Some(timeout) = task.timeout {
        cmd = cmd.timeout(timeout.0);
    }
    let title = msg!("release-build-task", task = &task.name);
    cx.span(title, |cx: JobCtx| async move {
        let exit = exec::run(&cx, world, workspace, cmd, |_| ()).await?;
        exit.problem(&task.name).map_or(Ok(()), Err)
    })
    .await
}

/// Below the workspace, or below the folder that cargo was told to use.
fn path(world: &World, workspace: &Workspace, artifact: &Artifact) -> PathBuf {
    let target = world.processes().base_env().get(OsStr::new("CARGO_TARGET_DIR"));
    match (target, artifact.path.strip_prefix("target")) {
        (Some(target), Ok(rest)) => workspace.root.join(target).join(rest),
        _ => workspace.root.join(&artifact.path),
    }
}
