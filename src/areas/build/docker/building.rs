//! A build with the engine's classic builder: steps live, cache hits told, an error linked to its line of the Dockerfile.

use super::look::{once, tell};
use super::steps::{Said, Steps};
use super::{Update, acts, dockerfile};
use crate::adapters::docker::{BuildEvent, Engine};
use crate::adapters::store::builds::{BuildRow, DiagnosticRow};
use crate::adapters::{World, files};
use crate::areas::JobCtx;
use crate::areas::build;
use crate::areas::test::source;
use crate::base::docker::{BuildSpec, StepState};
use crate::base::{LogLine, Problem, Progress, State, Stream, Unit, Workspace};
use crate::msg;
use std::path::{Path, PathBuf};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

const MAX_DOCKERFILE: u64 = 1 << 20;

/// The folder belongs to the workspace that was trusted, or must be trusted for itself.
pub(super) fn check_trust(world: &World, workspace: &Workspace, folder: &Path) -> Result<PathBuf, Problem> {
    let folder = files::canonicalize(folder)?;
    if folder.starts_with(&workspace.root) {
        world.trust().check(workspace)?;
    } else {
        world.trust().check(&Workspace::at(&folder))?;
    }
    Ok(folder)
}

pub(super) async fn build(cx: JobCtx, world: World, workspace: Workspace, mut spec: BuildSpec) -> Result<(), Problem> {
    spec.folder = check_trust(&world, &workspace, &spec.folder)?;
    let name = spec.dockerfile.clone().unwrap_or_else(|| PathBuf::from("Dockerfile"));
    let file = spec.folder.join(&name);
    if name.is_absolute() || name.components().any(|part| part == std::path::Component::ParentDir) {
        return Err(Problem::user(msg!("docker-dockerfile-outside", path = name.as_path())));
    }
    let read = file.clone();
    let text = cx.blocking(move |_| files::read_text_if_there(&read, MAX_DOCKERFILE)).await?;
    let Some(text) = text else {
        let problem = Problem::user(msg!("docker-no-dockerfile", path = file.as_path())).code("not-found");
        return Err(problem.hint(msg!("docker-no-dockerfile-hint")));
    };
    let sources = source::read(&world, &workspace).await;
    let sources = source::stamp(&cx, sources).await;
    let started_at = cx.now();
    let update = Update::BuildStarted {
        folder: spec.folder.clone(),
        tags: spec.tags.clone(),
        at: started_at,
    };
    tell(&cx, update).await;
    cx.command(argv(&spec), spec.folder.clone()).await;
    let row = begun(&cx, &workspace, &spec, &sources, started_at);
    world.store().builds().start(row.clone()).await?;
    let mut steps = Steps::new(dockerfile::instructions(&text));
    let (to, from) = mpsc::channel(64);
    let engine = world.docker().clone();
    let work = async { tokio::join!(engine.build(&spec, to), listen(&cx, &world, from, &mut steps)).0 };
    let built = cx.until_cancelled(work).await.and_then(|built| built);
    if let Some(rest) = steps.finish() {
        show(&cx, &world, &rest, Stream::Out);
    }
    let ended = steps.end(StepState::Failed, cx.now());
    let failed_step = ended.filter(|_| built.is_err());
    if let Some(step) = &failed_step {
        let step = Box::new(step.clone());
        tell(&cx, Update::StepChanged { step }).await;
    }
    let problem = built.as_ref().err().map(|problem| {
        let line = dockerfile::line_in(&problem.details).or_else(|| failed_step.as_ref().and_then(|step| step.line));
        explain(
            problem.clone(),
            &file,
            line,
            failed_step.as_ref().map(|step| step.instruction.as_str()),
        )
    });
    let update = Update::BuildEnded {
        image: built.ok().map(|built| built.image),
        at: cx.now(),
    };
    tell(&cx, update).await;
    record(&cx, &world, row, problem.as_ref()).await?;
    once(&cx, &world).await.ok();
    problem.map_or(Ok(()), Err)
}

/// What the `docker` command would be: for the ledger and for people.
fn argv(spec: &BuildSpec) -> Vec<String> {
    let mut argv: Vec<String> = ["docker", "build"].map(str::to_owned).to_vec();
    for tag in &spec.tags {
        argv.extend(["-t".to_owned(), tag.clone()]);
    }
    if let Some(file) = &spec.dockerfile {
        argv.extend(["-f".to_owned(), file.display().to_string()]);
    }
    if let Some(target) = &spec.target {
        argv.extend(["--target".to_owned(), target.clone()]);
    }
    // Values may be secrets: the names say enough.
    for name in spec.args.keys() {
        argv.extend(["--build-arg".to_owned(), name.clone()]);
    }
    argv.push(".".to_owned());
    argv
}

async fn listen(cx: &JobCtx, world: &World, mut from: mpsc::Receiver<BuildEvent>, steps: &mut Steps) {
    while let Some(event) = from.recv().await {
        match event {
            BuildEvent::Text(text) => {
                for (line, said) in steps.take(&text, cx.now()) {
                    show(cx, world, &line, Stream::Out);
                    for said in said {
                        let Said::Step(step) = said else { continue };
                        let (done, total) = (u64::from(step.number.saturating_sub(1)), u64::from(step.total));
                        cx.progress(Progress::of(done, total, Unit::Steps));
                        tell(cx, Update::StepChanged { step }).await;
                    }
                }
            }
            BuildEvent::Status { status, total, .. } if total.is_none() => show(cx, world, &status, Stream::Out),
            BuildEvent::Status { done, total, .. } => {
                cx.progress(Progress::of(done, total.unwrap_or(0), Unit::Bytes));
            }
        }
    }
}

/// Builds and logs what the builder says, line by line; gives the image's id.
pub async fn build_told(cx: &JobCtx, engine: &Engine, spec: &BuildSpec, stop: &CancellationToken) -> Result<String, Problem> {
    let (to, mut from) = mpsc::channel(16);
    let listen = async {
        let mut rest = String::new();
        while let Some(event) = from.recv().await {
            let BuildEvent::Text(text) = event else { continue };
            rest.push_str(&text);
            while let Some(at) = rest.find('\n') {
                let line: String = rest.drain(..=at).collect();
                cx.log(LogLine::foreign(cx.now(), Stream::Out, line.trim_end().as_bytes()));
            }
        }
    };
    let built = async { tokio::join!(engine.build(spec, to), listen).0 };
    tokio::select! {
        built = built => built.map(|built| built.image),
        // The engine gives it up when nobody listens any more.
        () = stop.cancelled() => Err(Problem::cancelled()),
    }
}

fn show(cx: &JobCtx, world: &World, text: &str, stream: Stream) {
    acts::show(cx, world, &LogLine::foreign(cx.now(), stream, text.as_bytes()));
}

/// The builder's complaint, with the line that it is about.
fn explain(problem: Problem, file: &Path, line: Option<u32>, instruction: Option<&str>) -> Problem {
    if problem.code != "engine-refused" {
        return problem;
    }
    let told = match instruction {
        Some(instruction) => msg!("docker-build-step-failed", step = instruction),
        None => msg!("docker-build-failed"),
    };
    let built = Problem::user(told).code("build-failed").details(&problem.details);
    built.at_place(file, line.unwrap_or(0), 0)
}

/// A build of an image is a run of the workspace like any other.
fn begun(
    cx: &JobCtx,
    workspace: &Workspace,
    spec: &BuildSpec,
    sources: &source::Sources,
    started_at: crate::base::Timestamp,
) -> BuildRow {
    let what = spec
        .tags
        .first()
        .cloned()
        .unwrap_or_else(|| spec.folder.display().to_string());
    let row = build::record::begun(cx, workspace, sources, (format!("docker:{what}"), "docker"));
    BuildRow { started_at, ..row }
}

/// Writes and tells how it ended.
async fn record(cx: &JobCtx, world: &World, begun: BuildRow, problem: Option<&Problem>) -> Result<(), Problem> {
    let place = problem.and_then(|problem| problem.place.as_ref());
    let diagnostics = problem
        .filter(|problem| !problem.is_cancelled())
        .map(|problem| DiagnosticRow {
            severity: "error".to_owned(),
            message: problem.details.clone(),
            code: None,
            path: place.map(|place| place.path.clone()),
            line: place.and_then(|place| place.line),
            column: None,
            source: "docker".to_owned(),
            rendered: problem.details.clone(),
        });
    let workspace = begun.workspace.clone();
    let row = BuildRow {
        state: match problem {
            None => State::Done,
            Some(problem) if problem.is_cancelled() => State::Cancelled,
            Some(_) => State::Failed,
        },
        duration_ms: build::record::duration_ms(cx, &begun),
        n_errors: u32::from(diagnostics.is_some()),
        diagnostics: diagnostics.into_iter().collect(),
        ..begun
    };
    let run = build::record::run_row(&row, None);
    world.store().builds().record(row, Vec::new()).await?;
    let update = build::Update::RunEnded {
        workspace,
        detail: Box::new(build::RunDetail {
            job: run.job,
            task: run.task.clone(),
            why: None,
            diagnostics: Vec::new(),
            artifacts: Vec::new(),
        }),
        run: Box::new(run),
    };
    cx.update(update).await;
    Ok(())
}
