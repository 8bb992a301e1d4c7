//! The artifacts of a commit: those that a build of it left, else its build tasks are run now.

use crate::adapters::World;
use crate::adapters::deliver;
use crate::adapters::process::Cmd;
use crate::adapters::store::builds::{ArtifactRow, BuildRow};
use crate::areas::JobCtx;
use crate::areas::build::artifacts::{self as build_artifacts, Wanted};
use crate::areas::build::detect;
use crate::areas::build::matchers::{Listener, hints};
use crate::areas::devops::exec;
use crate::areas::devops::project::{Artifact, ProjectFile, Task, Words, fill_known};
use crate::areas::test::source::Sources;
use crate::base::{Problem, State, Workspace};
use crate::msg;
use std::ffi::OsStr;
use std::path::PathBuf;

/// Lines of a failed build that go with its problem.
const LAST_WORDS: usize = 20;

/// One artifact that is there now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// In `chantier.toml`.
    pub name: String,
    /// What the build called the file; kept copies are named by their content.
    pub file_name: String,
    pub path: PathBuf,
    pub sha256: String,
    pub bytes: u64,
}

impl Made {
    fn of(row: ArtifactRow) -> Self {
        let file_name = row.path.file_name().map(|name| name.to_string_lossy().into_owned());
        Self {
            file_name: file_name.unwrap_or_else(|| row.name.clone()),
            name: row.name,
            path: row.stored.unwrap_or(row.path),
            sha256: row.sha256,
            bytes: row.bytes,
        }
    }
}

/// Every artifact of the project file, made from this commit.
pub async fn make(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    project: &ProjectFile,
    around: &Around,
) -> Result<Vec<Made>, Problem> {
    let commit = around.commit.as_str();
    if let Some(made) = built_before(world, workspace, project, commit).await? {
        return Ok(made);
    }
    let mut made = Vec::new();
    let mut done: Vec<Option<&str>> = Vec::new();
    for artifact in &project.artifacts {
        let name = artifact.task.as_deref();
        if done.contains(&name) {
            continue;
        }
        done.push(name);
        let mine: Vec<&Artifact> = project.artifacts.iter().filter(|other| other.task == artifact.task).collect();
        let task = match name {
            Some(name) => {
                let unknown = || Problem::config(msg!("release-no-task", task = name, artifact = &artifact.name));
                Some(project.task(name).ok_or_else(unknown)?)
            }
            None => None,
        };
        made.extend(build(cx, world, workspace, task, &mine, around).await?);
    }
    Ok(made)
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
        let one = Made::of(row.clone());
        match deliver::look(&one.path)? {
            Some(found) if found.sha256 == one.sha256 => made.push(one),
            _ => return Ok(None),
        }
    }
    Ok(Some(made))
}

/// Runs the task if there is one, keeps what it left, and writes the build down like any other.
async fn build(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    task: Option<&Task>,
    artifacts: &[&Artifact],
    around: &Around,
) -> Result<Vec<Made>, Problem> {
    let commit = around.commit.as_str();
    let title = match task {
        Some(task) => msg!("release-build-task", task = &task.name),
        None => msg!("release-build-keep"),
    };
    cx.span(title, |cx: JobCtx| async move {
        let started_at = cx.now();
        cx.sources(Some(commit.to_owned()), None, None).await;
        let result = match task {
            Some(task) => run(&cx, world, workspace, task, around).await.map(drop),
            None => Ok(()),
        };
        let sources = Sources {
            commit: Some(commit.to_owned()),
            dirty: None,
        };
        let mut kept = build_artifacts::Kept::default();
        if result.is_ok() {
            let wanted = artifacts
                .iter()
                .map(|artifact| Wanted {
                    name: artifact.name.clone(),
                    path: path(world, workspace, artifact),
                })
                .collect();
            kept = build_artifacts::keep(&cx, world, workspace, wanted, &sources).await?;
        }
        let row = BuildRow {
            job: cx.id(),
            workspace: workspace.id.clone(),
            task: task.map_or_else(String::new, |task| detect::id_in_project(&task.name)),
            kind: "chantier".to_owned(),
            commit: sources.commit,
            dirty: None,
            environment: None,
            state: match &result {
                Ok(()) => State::Done,
                Err(problem) if problem.is_cancelled() => State::Cancelled,
                Err(_) => State::Failed,
            },
            started_at,
            duration_ms: (cx.now().as_millisecond() - started_at.as_millisecond()).max(0) as u64,
            n_errors: u32::from(result.is_err()),
            n_warnings: 0,
            diagnostics: Vec::new(),
        };
        let rows = world.store().builds().record(row, kept.rows).await?;
        result?;
        if let Some(problem) = kept.lost {
            return Err(problem);
        }
        for artifact in artifacts {
            if !rows.iter().any(|row| row.name == artifact.name) {
                let at = path(world, workspace, artifact);
                return Err(Problem::environment(msg!("release-artifact-missing", name = &artifact.name))
                    .code("not-found")
                    .details(at.display())
                    .hint(msg!("release-artifact-missing-hint")));
            }
        }
        Ok(rows.into_iter().map(Made::of).collect())
    })
    .await
}

/// What a release tells the programs that it runs.
#[derive(Clone, Debug, Default)]
pub struct Around {
    pub version: String,
    pub tag: String,
    pub commit: String,
    pub is_rehearsal: bool,
}

/// Runs a task to its end and gives the last lines that it wrote; its first error stands first when it fails.
pub async fn run(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    task: &Task,
    around: &Around,
) -> Result<Vec<String>, Problem> {
    let words = Words::default()
        .set("version", &around.version)
        .set("tag", &around.tag)
        .set("commit", &around.commit);
    let run: Vec<String> = task.run.iter().map(|word| fill_known(word, &words)).collect();
    let Some((program, args)) = run.split_first() else {
        return Err(Problem::config(msg!("release-task-empty", task = &task.name)));
    };
    let mut cmd = Cmd::new(program).args(args).cwd(workspace.root.join(&task.dir));
    for (name, value) in [
        ("CHANTIER_VERSION", &around.version),
        ("CHANTIER_RELEASE_TAG", &around.tag),
        ("CHANTIER_COMMIT", &around.commit),
    ] {
        cmd = cmd.env(name, value);
    }
    if around.is_rehearsal {
        cmd = cmd.env("CHANTIER_REHEARSAL", "1");
    }
    for (name, value) in &task.env {
        cmd = cmd.env(name, fill_known(value, &words));
    }
    if let Some(timeout) = task.timeout {
        cmd = cmd.timeout(timeout.0);
    }
    let mut listener = Listener::new(&workspace.root, &task.dir);
    let exit = exec::run(cx, world, workspace, cmd, |line| {
        drop(listener.line(line.stream, line.text.as_bytes(), false));
    })
    .await?;
    let Some(mut problem) = exit.problem(&task.name) else {
        return Ok(listener.tail.into_iter().collect());
    };
    if problem.is_cancelled() {
        return Err(problem);
    }
    // Why comes first: the first error with its place; the last lines only where no error was understood.
    let diagnostics = listener.finish();
    let tail: Vec<&str> = listener.tail.iter().map(String::as_str).collect();
    let last_words = tail[tail.len().saturating_sub(LAST_WORDS)..].join("\n");
    match hints::why(&diagnostics, &tail, exit.code) {
        Some(why) if why.place.is_some() => {
            problem.place = why.place;
            problem.hint = why.hint.or(problem.hint);
            Err(problem.details(why.message))
        }
        why => {
            problem.hint = why.and_then(|why| why.hint).or(problem.hint);
            Err(problem.details(last_words))
        }
    }
}

/// Below the workspace, or below the folder that cargo was told to use.
fn path(world: &World, workspace: &Workspace, artifact: &Artifact) -> PathBuf {
    let env = world.processes().base_env();
    let target = env.get(OsStr::new("CARGO_TARGET_DIR"));
    match (target, artifact.path.strip_prefix("target")) {
        (Some(target), Ok(rest)) => workspace.root.join(target).join(rest),
        _ => workspace.root.join(&artifact.path),
    }
}
