//! What Build does: one async function per command.

use super::detect::{self, Detected, Task};
use super::exec::{self, Where, with_lines};
use super::matchers::Diagnostic;
use super::matchers::hints::{self, Why};
use super::pipelines::worktree::{self, Clean};
use super::pipelines::{self, Of, StartedBy, load};
use super::timeline::{self, stretches_value};
use super::{Command, RunDetail, Update, artifacts, ci, matchers, record, rehearsal, reproduce};
use crate::adapters::store::builds::{self, ArtifactRow, BuildRow};
use crate::adapters::terminal::Terminal;
use crate::adapters::{World, files};
use crate::areas::devops::exec::left_behind;
use crate::areas::devops::project::{self, matcher};
use crate::areas::test::frameworks::plain;
use crate::areas::test::source;
use crate::areas::{JobCtx, JobSpec};
use crate::base::{JobId, Problem, State, Workspace, WorkspaceId};
use crate::engine::Overlap;
use crate::msg;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

const AREA: &str = "build";
/// Output that is read with matchers at once.
const MAX_OUTPUT_BYTES: u64 = 256 << 20;
/// Runs and artifacts that the lists show.
const RUNS: u32 = 200;
const ARTIFACTS: u32 = 500;

/// The job of a command.
pub fn plan(world: &World, command: Command) -> JobSpec {
    let world = world.clone();
    match command {
        Command::Bisect(command) => super::bisect::run::plan(world, command),
        Command::Docker(command) => super::docker::jobs::plan(world, command),
        Command::Refresh { workspace } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("build-job-refresh"), move |cx| refresh(cx, world, workspace))
                .workspace(&id)
                .key(format!("build/refresh/{id}"), Overlap::Latest)
                .quiet()
        }
        Command::CompareTasks { workspace, since } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("build-job-compare-tasks"), move |cx| {
                detect::since::run(cx, world, workspace, since)
            })
            .workspace(&id)
            .key(format!("build/compare-tasks/{id}"), Overlap::Latest)
            .quiet()
        }
        Command::Run { workspace, task } => {
            let id = workspace.id.clone();
            let title = match &task {
                Some(task) => msg!("build-job-run", task = detect::said(task), name = workspace.name.as_str()),
                None => msg!("build-job-build", name = workspace.name.as_str()),
            };
            let key = format!("build/run/{id}/{}", task.as_deref().unwrap_or_default());
            JobSpec::new(AREA, title, move |cx| run(cx, world, workspace, task, false))
                .workspace(&id)
                .key(key, Overlap::Refuse)
        }
        Command::RunOnTerminal { workspace, task } => {
            let id = workspace.id.clone();
            let title = match &task {
                Some(task) => msg!("build-job-run", task = detect::said(task), name = workspace.name.as_str()),
                None => msg!("build-job-build", name = workspace.name.as_str()),
            };
            let key = format!("build/run/{id}/{}", task.as_deref().unwrap_or_default());
            JobSpec::new(AREA, title, move |cx| run(cx, world, workspace, task, true))
                .workspace(&id)
                .key(key, Overlap::Refuse)
        }
        Command::RunAt {
            workspace,
            task,
            revision,
        } => {
            let id = workspace.id.clone();
            let title = match &task {
                Some(task) => msg!("build-job-run", task = detect::said(task), name = workspace.name.as_str()),
                None => msg!("build-job-build", name = workspace.name.as_str()),
            };
            let key = format!("build/run-at/{id}/{}/{revision}", task.as_deref().unwrap_or_default());
            JobSpec::new(AREA, title, move |cx| run_at(cx, world, workspace, task, revision))
                .workspace(&id)
                .key(key, Overlap::Refuse)
        }
        Command::Reproduce {
            workspace,
            task,
            revision,
        } => {
            let id = workspace.id.clone();
            let title = msg!("build-job-reproduce", name = workspace.name.as_str());
            JobSpec::new(AREA, title, move |cx| async move {
                Box::pin(reproduce::run(&cx, &world, &workspace, task, &revision)).await
            })
            .workspace(&id)
            .key(format!("build/reproduce/{id}"), Overlap::Refuse)
        }
        Command::Rehearse { workspace, order } => {
            let id = workspace.id.clone();
            let title = match &order.environment {
                Some(environment) => msg!("build-job-rehearse-in", environment = environment.as_str()),
                None => msg!("build-job-rehearse", name = workspace.name.as_str()),
            };
            JobSpec::new(AREA, title, move |cx| async move {
                Box::pin(rehearsal::run::run(&cx, &world, &workspace, order)).await
            })
            .workspace(&id)
            .key(format!("build/rehearse/{id}"), Overlap::Refuse)
        }
        Command::Match {
            workspace,
            matcher,
            output,
        } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("build-job-match"), move |cx| {
                read_with(cx, workspace, matcher, output)
            })
            .workspace(&id)
        }
        Command::RunPipeline {
            workspace,
            pipeline,
            of,
            started_by,
            is_anew,
        } if !ci::is_id(&pipeline) => run_spec(&world, workspace, pipeline, of, started_by, is_anew),
        Command::RunPipeline {
            workspace, pipeline, of, ..
        } => ci_spec(&world, workspace, Some(pipeline), of, ci::Choice::default()),
        Command::RunCi {
            workspace,
            workflow,
            of,
            choice,
        } => ci_spec(&world, workspace, workflow, of, choice),
        Command::ResumePipeline { workspace, run } => {
            let id = workspace.id.clone();
            let title = msg!("build-job-resume", name = workspace.name.as_str());
            JobSpec::new(AREA, title, move |cx| async move {
                pipelines::run::resume(&cx, &world, &workspace, run).await
            })
            .workspace(&id)
        }
        Command::StopPipeline { workspace, run } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("build-job-stop", run = run), move |cx| async move {
                pipelines::run::stop(&cx, &world, &workspace, run).await
            })
            .workspace(&id)
            .key(format!("build/stop/{run}"), Overlap::Refuse)
            .quiet()
        }
        Command::WatchPipelines { workspaces } => JobSpec::new(AREA, msg!("build-job-watch"), move |cx| async move {
            pipelines::watch::run(&cx, &world, workspaces).await
        })
        .key("build/watch", Overlap::Replace)
        .quiet(),
        Command::ShowTimeline { workspace, job, otlp } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("build-job-timeline"), move |cx| async move {
                let timeline = timeline::load::timeline(&world, &workspace, job).await?;
                if let Some(to) = otlp {
                    let text = timeline::otlp::document(&timeline, &workspace.name).to_string();
                    cx.blocking(move |_| files::write_out(&to, text.as_bytes(), None)).await?;
                }
                cx.update(Update::TimelineShown {
                    workspace: workspace.id,
                    timeline: Box::new(timeline),
                })
                .await;
                Ok(())
            })
            .workspace(&id)
            .key("build/timeline", Overlap::Latest)
            .quiet()
        }
        Command::ShowRun { workspace, job } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("build-job-show"), move |cx| show_run(cx, world, workspace, job))
                .workspace(&id)
                .key("build/run-shown", Overlap::Latest)
                .quiet()
        }
    }
}

/// The job that runs a pipeline; the same on the same sources runs once at a time.
pub fn run_spec(world: &World, workspace: Workspace, pipeline: String, of: Of, started_by: StartedBy, is_anew: bool) -> JobSpec {
    let world = world.clone();
    let id = workspace.id.clone();
    let title = msg!(
        "build-job-pipeline",
        pipeline = pipeline.as_str(),
        name = workspace.name.as_str()
    );
    let (what, overlap) = match &of {
        Of::Commit { revision } => (revision.clone(), Overlap::Refuse),
        // What was saved meanwhile is one more run, not one for each time.
        Of::Changes => ("changes".to_owned(), Overlap::Latest),
    };
    let key = format!("build/pipeline/{id}/{pipeline}/{what}");
    JobSpec::new(AREA, title, move |cx| async move {
        pipelines::run::run(&cx, &world, &workspace, &pipeline, of, started_by, is_anew).await
    })
    .workspace(&id)
    .key(key, overlap)
}

/// The job that runs a file of another CI; the same of the same sources runs once at a time.
fn ci_spec(world: &World, workspace: Workspace, workflow: Option<String>, of: Of, choice: ci::Choice) -> JobSpec {
    let world = world.clone();
    let id = workspace.id.clone();
    let what = workflow.as_deref().or(choice.job.as_deref()).unwrap_or("CI");
    let title = msg!("build-job-pipeline", pipeline = what, name = workspace.name.as_str());
    let asked = (&choice.job, &choice.event, &choice.inputs);
    let key = format!("build/ci/{id}/{workflow:?}/{asked:?}/{of:?}");
    JobSpec::new(AREA, title, move |cx| async move {
        ci::run::run(&cx, &world, &workspace, workflow, of, choice, false).await
    })
    .workspace(&id)
    .key(key, Overlap::Refuse)
}

async fn find_tasks(cx: &JobCtx, workspace: &Workspace) -> Result<Detected, Problem> {
    let root = workspace.root.clone();
    let detected = cx
        .blocking(move |cx| Ok(detect::detect(&root, &|| cx.is_cancelled())))
        .await?;
    cx.check()?;
    let update = Update::TasksFound {
        workspace: workspace.id.clone(),
        tasks: detected.tasks.clone(),
        problems: detected.problems.clone(),
    };
    cx.update(update).await;
    for problem in &detected.problems {
        cx.problem(problem.clone()).await;
    }
    Ok(detected)
}

async fn refresh(cx: JobCtx, world: World, workspace: Workspace) -> Result<(), Problem> {
    let id = workspace.id.clone();
    cx.update(Update::Loading { workspace: id.clone() }).await;
    let loaded = async {
        let detected = find_tasks(&cx, &workspace).await?;
        load_runs(&cx, &world, &id).await?;
        load_pipelines(&cx, &world, &workspace, &detected).await
    };
    let result = loaded.await;
    if let Err(problem) = &result {
        let update = Update::LoadFailed {
            workspace: id,
            problem: problem.clone(),
        };
        cx.update(update).await;
    }
    result
}

async fn load_pipelines(cx: &JobCtx, world: &World, workspace: &Workspace, detected: &Detected) -> Result<(), Problem> {
    load::settle(cx, world, Some(workspace)).await?;
    let root = workspace.root.clone();
    // What is wrong with the file is among what was found.
    let text = cx.blocking(move |_| Ok(project::read_text(&root).ok().flatten())).await?;
    let mut pipelines = load::defined(&detected.project, &text.unwrap_or_default());
    let found = ci::find::all(cx, world, workspace, ci::find::From::Checkout, &ci::Choice::default()).await?;
    for problem in &found.problems {
        cx.problem(problem.clone()).await;
    }
    pipelines.extend(found.workflows.iter().map(load::of_workflow));
    cx.update(Update::RehearsalsLoaded {
        workspace: workspace.id.clone(),
        rehearsals: rehearsal::list(world, &workspace.id).await?,
        environments: detected.project.environments.iter().map(|one| one.name.clone()).collect(),
    })
    .await;
    cx.update(Update::PipelinesDefined {
        workspace: workspace.id.clone(),
        pipelines,
        problems: found.problems,
    })
    .await;
    let runs = load::runs(world, workspace).await?;
    cx.update(Update::PipelineRunsLoaded {
        workspace: workspace.id.clone(),
        runs,
    })
    .await;
    Ok(())
}

async fn load_runs(cx: &JobCtx, world: &World, id: &WorkspaceId) -> Result<(), Problem> {
    let builds = world.store().builds();
    let artifacts = builds.artifacts(id, ARTIFACTS).await?;
    let mut bytes: BTreeMap<JobId, u64> = BTreeMap::new();
    for artifact in &artifacts {
        *bytes.entry(artifact.job).or_default() += artifact.bytes;
    }
    let rows = builds.list(id, None, RUNS).await?;
    let runs = rows
        .into_iter()
        .map(|row| record::run_row(&row, bytes.get(&row.job).copied()))
        .collect();
    cx.update(Update::RunsLoaded {
        workspace: id.clone(),
        runs,
    })
    .await;
    let artifacts = artifacts.into_iter().map(artifacts::shown).collect();
    cx.update(Update::ArtifactsLoaded {
        workspace: id.clone(),
        artifacts,
    })
    .await;
    Ok(())
}

/// The task that is meant by a word, or that builds the project.
pub(super) fn choose(detected: &Detected, word: Option<&str>) -> Result<Task, Problem> {
    match word {
        Some(word) => detect::find(&detected.tasks, word).cloned(),
        None => detect::main_task(&detected.tasks).cloned().ok_or_else(|| {
            Problem::user(msg!("build-nothing-to-build"))
                .code("not-found")
                .hint(detect::hint(&detected.tasks, None))
        }),
    }
}

async fn run(cx: JobCtx, world: World, workspace: Workspace, word: Option<String>, is_on_terminal: bool) -> Result<(), Problem> {
    world.trust().check(&workspace)?;
    // Side by side: both only read, and the program waits for both.
    let (detected, state) = tokio::join!(find_tasks(&cx, &workspace), source::read(&world, &workspace));
    let detected = detected?;
    let task = choose(&detected, word.as_deref())?;
    let sources = source::stamp(&cx, state).await;
    let mut terminal = None;
    if is_on_terminal {
        let opened = Terminal::open().ok_or_else(|| {
            let problem = Problem::user(msg!("docker-no-terminal")).code("no-terminal");
            problem.hint(msg!("build-no-terminal-hint"))
        });
        terminal = Some(opened?);
    }
    let place = (Where::Checkout, terminal.as_mut());
    one_run(&cx, &world, &workspace, &detected, task, sources, place).await
}

/// The task of a commit's own files, in a clean worktree of it.
async fn run_at(cx: JobCtx, world: World, workspace: Workspace, word: Option<String>, revision: String) -> Result<(), Problem> {
    world.trust().check(&workspace)?;
    load::settle(&cx, &world, Some(&workspace)).await?;
    let oid = worktree::commit_of(&cx, &world, &workspace, &revision).await?;
    let owner = format!("job-{}", cx.id().0);
    let clean = Clean::make(cx.cancel_token(), &world, &workspace, &oid, &owner, "checkout").await?;
    let sources = source::Sources {
        commit: Some(oid),
        dirty: None,
    };
    let result = async {
        let root = clean.workspace.root.clone();
        let detected = cx
            .blocking(move |cx| Ok(detect::detect(&root, &|| cx.is_cancelled())))
            .await?;
        let task = choose(&detected, word.as_deref())?;
        let sources = source::stamp(&cx, sources).await;
        one_run(
            &cx,
            &world,
            &clean.workspace,
            &detected,
            task,
            sources,
            (Where::Worktree, None),
        )
        .await
    };
    let result = result.await;
    let removed = clean.remove(&world).await;
    load::settle(&cx, &world, None).await?;
    result.and(removed)
}

pub(super) async fn one_run(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    detected: &Detected,
    task: Task,
    sources: source::Sources,
    (place, terminal): (Where, Option<&mut Terminal>),
) -> Result<(), Problem> {
    let kind = match task.kind {
        detect::Kind::Build => task.source.word().to_owned(),
        what => builds::aside(task.source.word(), what.word()),
    };
    let started = record::begun(cx, workspace, &sources, (task.id.clone(), &kind));
    let update = Update::RunStarted {
        workspace: workspace.id.clone(),
        run: Box::new(record::run_row(&started, None)),
    };
    cx.update(update).await;

    world.store().builds().start(started.clone()).await?;
    let ended = Box::pin(run_started(
        cx,
        world,
        workspace,
        detected,
        task,
        (started.clone(), sources),
        (place, terminal),
    ))
    .await;
    if let Err(problem) = &ended {
        let state = if problem.is_cancelled() {
            State::Cancelled
        } else {
            State::Failed
        };
        let took = record::duration_ms(cx, &started);
        world.store().builds().close(cx.id(), state, took).await?;
    }
    ended
}

/// What is in the ledger as begun is run, and written down with what it gave.
async fn run_started(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    detected: &Detected,
    task: Task,
    (started, sources): (BuildRow, source::Sources),
    (place, terminal): (Where, Option<&mut Terminal>),
) -> Result<(), Problem> {
    let ran = exec::run_on(cx, world, workspace, &detected.project, &task, place, terminal).await?;
    let is_success = ran.is_success();

    let mut kept = Vec::new();
    if is_success && task.kind == detect::Kind::Build {
        let is_main = detect::main_task(&detected.tasks).is_some_and(|main| main.id == task.id);
        let wanted = artifacts::wanted(
            &workspace.root,
            &task,
            is_main,
            &detected.project,
            &ran.made,
            ran.target_dir.as_deref(),
        );
        kept = artifacts::keep(cx, world, workspace, wanted, &sources).await?.rows;
    }
    let state = match &ran.outcome {
        Err(problem) if problem.is_cancelled() => State::Cancelled,
        _ if is_success => State::Done,
        _ => State::Failed,
    };
    let ended = BuildRow {
        state,
        duration_ms: record::duration_ms(cx, &started),
        n_errors: ran.n_errors,
        n_warnings: ran.n_warnings,
        diagnostics: record::diagnostic_rows(&ran.diagnostics),
        ..started
    };
    world
        .store()
        .builds()
        .keep_stretches(cx.id(), stretches_value(&ran.units))
        .await?;
    end(cx, world, workspace, ended, kept, ran.why.clone(), ran.diagnostics).await?;
    let exit = ran.outcome?;
    if let Some(problem) = left_behind(&exit, &task.name) {
        cx.problem(problem).await;
    }
    match exit.problem(&task.name) {
        None => Ok(()),
        Some(problem) => Err(exec::failed(problem, ran.why.as_ref())),
    }
}

/// Writes the run with its artifacts and tells it.
async fn end(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    row: BuildRow,
    kept: Vec<ArtifactRow>,
    why: Option<Why>,
    mut diagnostics: Vec<Diagnostic>,
) -> Result<(), Problem> {
    let bytes = (!kept.is_empty()).then(|| kept.iter().map(|artifact| artifact.bytes).sum());
    let run = record::run_row(&row, bytes);
    let kept = record::write(world, row, kept).await?;
    diagnostics.truncate(record::DIAGNOSTICS_KEPT);
    let detail = RunDetail {
        job: run.job,
        task: run.task.clone(),
        why,
        diagnostics,
        artifacts: kept.into_iter().map(artifacts::shown).collect(),
    };
    let update = Update::RunEnded {
        workspace: workspace.id.clone(),
        run: Box::new(run),
        detail: Box::new(detail),
    };
    cx.update(update).await;
    Ok(())
}

/// Reads output with the matchers of a file, else with the project's own and all that are built in.
async fn read_with(cx: JobCtx, workspace: Workspace, matcher: Option<PathBuf>, output: PathBuf) -> Result<(), Problem> {
    let root = workspace.root.clone();
    let result = cx
        .blocking(move |_| {
            let text = files::read_input(&output, MAX_OUTPUT_BYTES)?;
            let (matchers, wrongs) = match matcher {
                Some(file) => {
                    let (matchers, wrongs) = matcher::of_text(&files::read_text(&file, 4 << 20)?);
                    return Ok(matchers::read_only(&root, matchers, &text, wrongs));
                }
                None => {
                    let (project, _) = project::read(&root)?;
                    let entries = project.matchers.iter().filter_map(|entry| Some(entry.compile().ok()?.0));
                    (entries.collect(), Vec::new())
                }
            };
            Ok(matchers::read(&root, matchers, &text, wrongs))
        })
        .await?;
    let is_nothing = result.diagnostics.is_empty() && !result.wrongs.is_empty();
    let wrong = result.wrongs.first().cloned().unwrap_or_default();
    cx.update(Update::Matched {
        workspace: workspace.id,
        result: Box::new(result),
    })
    .await;
    if is_nothing {
        return Err(Problem::config(msg!("build-matcher-wrong", why = wrong)).code("matcher"));
    }
    Ok(())
}

async fn show_run(cx: JobCtx, world: World, workspace: Workspace, job: JobId) -> Result<(), Problem> {
    let Some(row) = world.store().builds().get(job).await? else {
        return Err(Problem::user(msg!("build-no-run", run = job.to_string())).code("not-found"));
    };
    let diagnostics: Vec<Diagnostic> = row.diagnostics.into_iter().map(record::diagnostic_of).collect();
    let mut why = None;
    let part = world.store().pipelines().of_job(job).await?;
    if let Some((_, of_pipeline)) = part {
        // Its source lines are those of the commit, read when it failed.
        why = serde_json::from_value(of_pipeline.why).ok().flatten();
    } else if row.state == State::Failed {
        let code = world.store().jobs().get(job).await?.and_then(|job| job.exit_code);
        // A run without output has no log.
        let tail = world
            .logs()
            .read_tail(job, 200)
            .await
            .map(|tail| tail.bytes)
            .unwrap_or_default();
        let lines: Vec<String> = tail.split(|byte| *byte == b'\n').map(plain).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let ended_at = row.started_at + Duration::from_millis(row.duration_ms);
        why = with_lines(&cx, &workspace, hints::why(&diagnostics, &lines, code), ended_at).await?;
    }
    let artifacts = world.store().builds().artifacts_of_job(job).await?;
    let detail = RunDetail {
        job,
        task: row.task,
        why,
        diagnostics,
        artifacts: artifacts.into_iter().map(artifacts::shown).collect(),
    };
    cx.update(Update::RunShown {
        workspace: workspace.id,
        detail: Box::new(detail),
    })
    .await;
    Ok(())
}
