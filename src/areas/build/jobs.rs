//! What Build does: one async function per command.

use super::detect::{self, Detected, Source, Task};
use super::matchers::hints::{self, Why};
use super::matchers::{Diagnostic, Listener, Severity};
use super::{Command, RunDetail, RunRow, Update, artifacts};
use crate::adapters::process::{Cmd, RawLine};
use crate::adapters::store::builds::{ArtifactRow, BuildRow, DiagnosticRow};
use crate::adapters::{World, scan};
use crate::areas::test::frameworks::{Shown, plain};
use crate::areas::test::source;
use crate::areas::test::stream::{self, Listen};
use crate::areas::{JobCtx, JobSpec};
use crate::base::{JobId, Place, Problem, State, Timestamp, Workspace, WorkspaceId};
use crate::engine::Overlap;
use crate::msg;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

const AREA: &str = "build";
/// Runs and artifacts that the lists show.
const RUNS: u32 = 200;
const ARTIFACTS: u32 = 500;
/// Messages of one run that the ledger keeps.
const DIAGNOSTICS_KEPT: usize = 300;
/// Counts are told at most this often.
const TELL_EVERY_MS: i64 = 200;

/// The job of a command.
pub fn plan(world: &World, command: Command) -> JobSpec {
    let world = world.clone();
    match command {
        Command::Refresh { workspace } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("build-job-refresh"), move |cx| refresh(cx, world, workspace))
                .workspace(&id)
                .key(format!("build/refresh/{id}"), Overlap::Latest)
                .quiet()
        }
        Command::Run { workspace, task } => {
            let id = workspace.id.clone();
            let title = match &task {
                Some(task) => msg!("build-job-run", task = task.as_str(), name = workspace.name.as_str()),
                None => msg!("build-job-build", name = workspace.name.as_str()),
            };
            let key = format!("build/run/{id}/{}", task.as_deref().unwrap_or_default());
            JobSpec::new(AREA, title, move |cx| run(cx, world, workspace, task))
                .workspace(&id)
                .key(key, Overlap::Refuse)
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
        find_tasks(&cx, &workspace).await?;
        load_runs(&cx, &world, &id).await
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
        .map(|row| run_row(&row, bytes.get(&row.job).copied()))
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

fn run_row(row: &BuildRow, bytes: Option<u64>) -> RunRow {
    RunRow {
        job: row.job,
        task: row.task.clone(),
        source: row.kind.clone(),
        state: row.state,
        started_at: row.started_at,
        duration_ms: row.duration_ms,
        n_errors: row.n_errors,
        n_warnings: row.n_warnings,
        commit: row.commit.clone(),
        is_dirty: row.dirty.is_some(),
        bytes,
    }
}

fn choose(detected: &Detected, word: Option<&str>) -> Result<Task, Problem> {
    let found = match word {
        Some(word) => detect::find(&detected.tasks, word),
        None => detect::main_task(&detected.tasks),
    };
    found.cloned().ok_or_else(|| {
        let names: Vec<&str> = detected.tasks.iter().map(|task| task.id.as_str()).take(20).collect();
        let problem = match word {
            Some(word) => Problem::user(msg!("build-no-such-task", name = word)),
            None => Problem::user(msg!("build-nothing-to-build")),
        };
        let problem = problem.code("not-found");
        if names.is_empty() {
            problem.hint(msg!("build-no-tasks-hint"))
        } else {
            problem.hint(msg!("build-tasks-hint", names = names.join(", ")))
        }
    })
}

async fn run(cx: JobCtx, world: World, workspace: Workspace, word: Option<String>) -> Result<(), Problem> {
    world.trust().check(&workspace)?;
    // Side by side: both only read, and the program waits for both.
    let (detected, state) = tokio::join!(find_tasks(&cx, &workspace), source::read(&world, &workspace));
    let detected = detected?;
    let task = choose(&detected, word.as_deref())?;
    let sources = source::stamp(&cx, state).await;
    let started_at = cx.now();
    let started = BuildRow {
        job: cx.id(),
        workspace: workspace.id.clone(),
        task: task.id.clone(),
        kind: task.source.word().to_owned(),
        commit: sources.commit.clone(),
        dirty: sources.dirty.clone(),
        environment: None,
        state: State::InProgress,
        started_at,
        duration_ms: 0,
        n_errors: 0,
        n_warnings: 0,
        diagnostics: Vec::new(),
    };
    let update = Update::RunStarted {
        workspace: workspace.id.clone(),
        run: Box::new(run_row(&started, None)),
    };
    cx.update(update).await;

    let (cmd, target_dir) = command(&world, &workspace, &task);
    let mut teller = Teller {
        listener: Listener::new(&workspace.root, &task.dir),
        workspace: workspace.id.clone(),
        told: (0, 0),
        told_at_ms: 0,
    };
    let outcome = stream::run(&cx, &world, &workspace, cmd, &mut teller).await;
    let mut listener = teller.listener;
    let diagnostics = listener.finish();
    let exit = outcome.as_ref().ok();
    let is_success = exit.is_some_and(crate::adapters::process::Exit::is_success);

    let mut kept = Vec::new();
    if is_success && task.kind == detect::Kind::Build {
        let is_main = detect::main_task(&detected.tasks).is_some_and(|main| main.id == task.id);
        let wanted = artifacts::wanted(
            &workspace.root,
            &task,
            is_main,
            &detected.project,
            &listener.made,
            target_dir.as_deref(),
        );
        kept = artifacts::keep(&cx, &world, &workspace, wanted, &sources).await?;
    }
    let why = if is_success || exit.is_none() {
        None
    } else {
        let tail: Vec<&str> = listener.tail.iter().map(String::as_str).collect();
        let why = hints::why(&diagnostics, &tail, exit.and_then(|exit| exit.code));
        with_lines(&cx, &workspace, why, cx.now()).await?
    };
    let state = match &outcome {
        Err(problem) if problem.is_cancelled() => State::Cancelled,
        _ if is_success => State::Done,
        _ => State::Failed,
    };
    let ended = BuildRow {
        state,
        duration_ms: (cx.now().as_millisecond() - started_at.as_millisecond()).max(0) as u64,
        n_errors: listener.n_errors,
        n_warnings: listener.n_warnings,
        diagnostics: diagnostics.iter().take(DIAGNOSTICS_KEPT).map(diagnostic_row).collect(),
        ..started
    };
    let kept = end(&cx, &world, &workspace, ended, kept, why.clone(), diagnostics).await?;
    if kept > 0 {
        let max_bytes = world.settings().retention.artifacts_max_mb * 1_000_000;
        artifacts::keep_budget(&world, max_bytes).await?;
    }
    let exit = outcome?;
    match exit.problem(&task.name) {
        None => Ok(()),
        Some(problem) => Err(failed(problem, &task, why)),
    }
}

/// Writes the run with its artifacts and tells it; gives the number of artifacts.
async fn end(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    row: BuildRow,
    kept: Vec<ArtifactRow>,
    why: Option<Why>,
    mut diagnostics: Vec<Diagnostic>,
) -> Result<usize, Problem> {
    let bytes = (!kept.is_empty()).then(|| kept.iter().map(|artifact| artifact.bytes).sum());
    let run = run_row(&row, bytes);
    let kept = world.store().builds().record(row, kept).await?;
    let n_kept = kept.len();
    diagnostics.truncate(DIAGNOSTICS_KEPT);
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
    Ok(n_kept)
}

/// The first error in place of a mere exit code.
fn failed(exit: Problem, task: &Task, why: Option<Why>) -> Problem {
    let Some(why) = why.filter(|_| !exit.is_cancelled() && exit.code.is_empty()) else {
        return exit;
    };
    let mut problem = Problem::user(msg!("build-failed", task = task.name.as_str()))
        .code("build-failed")
        .details(&why.message);
    problem.place = why.place;
    problem.hint = why.hint;
    problem
}

/// With the source lines as they were at that time.
async fn with_lines(cx: &JobCtx, workspace: &Workspace, why: Option<Why>, at: Timestamp) -> Result<Option<Why>, Problem> {
    let Some(mut why) = why else { return Ok(None) };
    let root = workspace.root.clone();
    let place = why.place.clone();
    let lines = cx
        .blocking(move |_| Ok(place.and_then(|place| Some(scan::lines_as_of(&root, &place.path, place.line?, 3, at.into())))))
        .await?;
    why.lines = lines.unwrap_or_default();
    Ok(Some(why))
}

/// The command, and the target folder that cargo will use when the environment moves it.
fn command(world: &World, workspace: &Workspace, task: &Task) -> (Cmd, Option<PathBuf>) {
    let argv = with_messages(&task.argv);
    let (program, args) = argv
        .split_first()
        .map_or(("", &[] as &[String]), |(program, args)| (program.as_str(), args));
    let mut cmd = Cmd::new(program).args(args).cwd(workspace.root.join(&task.dir));
    cmd = cmd.env("CARGO_TERM_COLOR", "always");
    if program == "cargo" {
        cmd = cmd
            .env("CARGO_TERM_PROGRESS_WHEN", "always")
            .env("CARGO_TERM_PROGRESS_WIDTH", "100");
    } else {
        cmd = cmd.env("CLICOLOR_FORCE", "1");
        if task.source == Source::Npm {
            cmd = cmd.env("FORCE_COLOR", "1");
        }
    }
    for (name, value) in &task.env {
        cmd = cmd.env(name, value);
    }
    if let Some(timeout_ms) = task.timeout_ms {
        cmd = cmd.timeout(Duration::from_millis(timeout_ms));
    }
    let name = std::ffi::OsStr::new("CARGO_TARGET_DIR");
    let moved = task.env.get("CARGO_TARGET_DIR").map(PathBuf::from);
    let moved = moved.or_else(|| world.processes().base_env().get(name).map(PathBuf::from));
    let moved = moved.map(|dir| workspace.root.join(&task.dir).join(dir));
    (cmd, moved)
}

/// cargo's own commands that compile say what they say as JSON, with the text for people inside.
pub fn with_messages(argv: &[String]) -> Vec<String> {
    let mut argv = argv.to_vec();
    let at = if argv.get(1).is_some_and(|word| word.starts_with('+')) {
        2
    } else {
        1
    };
    let compiles = argv.first().is_some_and(|program| program == "cargo")
        && argv.get(at).is_some_and(|word| {
            [
                "build", "b", "check", "c", "clippy", "doc", "d", "run", "r", "rustc", "test", "t", "bench",
            ]
            .contains(&word.as_str())
        });
    let end = argv.iter().position(|word| word == "--").unwrap_or(argv.len());
    if compiles && !argv[..end].iter().any(|word| word.starts_with("--message-format")) {
        argv.insert(end, "--message-format=json-diagnostic-rendered-ansi".to_owned());
    }
    argv
}

/// Listens, and tells progress and counts.
struct Teller {
    listener: Listener,
    workspace: WorkspaceId,
    told: (u32, u32),
    told_at_ms: i64,
}

impl Listen for Teller {
    fn line(&mut self, line: &RawLine<'_>) -> Shown {
        self.listener.line(line.stream, line.bytes, line.is_progress)
    }

    async fn pause(&mut self, cx: &JobCtx) {
        if let Some(progress) = self.listener.take_progress() {
            cx.progress(progress);
        }
        let counts = (self.listener.n_errors, self.listener.n_warnings);
        let now_ms = cx.now().as_millisecond();
        if counts != self.told && (now_ms - self.told_at_ms).abs() >= TELL_EVERY_MS {
            self.told = counts;
            self.told_at_ms = now_ms;
            cx.update(Update::Heard {
                workspace: self.workspace.clone(),
                job: cx.id(),
                n_errors: counts.0,
                n_warnings: counts.1,
            })
            .await;
        }
    }
}

fn diagnostic_row(diagnostic: &Diagnostic) -> DiagnosticRow {
    let place = diagnostic.place.as_ref();
    DiagnosticRow {
        severity: diagnostic.severity.word().to_owned(),
        message: diagnostic.message.clone(),
        code: diagnostic.code.clone(),
        path: place.map(|place| place.path.clone()),
        line: place.and_then(|place| place.line),
        column: place.and_then(|place| place.column),
        source: diagnostic.source.clone(),
        rendered: diagnostic.rendered.clone(),
    }
}

fn diagnostic_of(row: DiagnosticRow) -> Diagnostic {
    Diagnostic {
        severity: Severity::from_word(&row.severity),
        message: row.message,
        code: row.code,
        place: row.path.map(|path| Place {
            path,
            line: row.line,
            column: row.column,
        }),
        suggestion: row
            .rendered
            .lines()
            .find_map(|line| Some(line.trim_start().strip_prefix("= help: ")?.to_owned())),
        rendered: row.rendered,
        source: row.source,
    }
}

async fn show_run(cx: JobCtx, world: World, workspace: Workspace, job: JobId) -> Result<(), Problem> {
    let Some(row) = world.store().builds().get(job).await? else {
        return Err(Problem::user(msg!("build-no-run", run = job.to_string())).code("not-found"));
    };
    let diagnostics: Vec<Diagnostic> = row.diagnostics.into_iter().map(diagnostic_of).collect();
    let mut why = None;
    if row.state == State::Failed {
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
