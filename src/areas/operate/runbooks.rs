//! Runbooks: named maintenance of `chantier.toml`, step by step, with the ledger as evidence.

use super::{Update, schedules};
use crate::adapters::World;
use crate::adapters::process::Cmd;
use crate::adapters::store::jobs::JobFilter;
use crate::areas::JobCtx;
use crate::areas::deploy::Kind;
use crate::areas::deploy::inputs::Inputs;
use crate::areas::devops::exec;
use crate::areas::devops::project::{self, ProjectFile, Runbook, RunbookStep, Words, fill_known};
use crate::base::text::Arg;
use crate::base::{JobId, Msg, Problem, Progress, State, Timestamp, Unit, Workspace, WorkspaceId, format};
use crate::msg;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Longer than any run; of a program that was killed nothing is held.
const RUN_TTL: Duration = Duration::from_hours(24);

/// Runs that are looked through for the last one of each.
const MAX_LOOKED: u32 = 500;

/// What stands for what is live in the environment of a runbook.
const LIVE_WORDS: [&str; 2] = ["{version}", "{commit}"];

/// A runbook as it is shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Book {
    pub workspace: WorkspaceId,
    pub name: String,
    pub description: String,
    pub environment: Option<String>,
    /// It is asked before it runs; where its environment is protected the name is typed.
    pub confirm: bool,
    pub is_protected: bool,
    /// Each step as it is shown.
    pub steps: Vec<String>,
    pub last: Option<LastRun>,
    /// When it runs by itself, as it is written, and when that is next.
    #[serde(default)]
    pub schedule: Option<String>,
    #[serde(default)]
    pub next: Option<Timestamp>,
}

/// How it ended last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LastRun {
    pub job: JobId,
    pub state: State,
    pub at: Timestamp,
}

/// The runbooks of workspaces, in the order of their files.
pub async fn list(cx: &JobCtx, world: &World, workspaces: &[Workspace]) -> Result<(), Problem> {
    let mut books = Vec::new();
    for workspace in super::watch::of_all(world, workspaces).await? {
        let (project, problems) = project::read(&workspace.root)?;
        for problem in problems {
            cx.problem(problem).await;
        }
        if project.runbooks.is_empty() {
            continue;
        }
        let filter = JobFilter {
            workspace: Some(workspace.id.clone()),
            area: Some("operate".to_owned()),
            limit: MAX_LOOKED,
            ..JobFilter::default()
        };
        let runs = world.store().jobs().list(filter).await?;
        let dues = schedules::known(world, &workspace.id).await?;
        for book in &project.runbooks {
            let title = title(&book.name);
            // Numbers are given out in blocks: the highest is not the latest.
            let own = runs.iter().filter(|run| run.title == title);
            let last = own
                .max_by_key(|run| run.started_at.unwrap_or(run.queued_at))
                .map(|run| LastRun {
                    job: run.id,
                    state: run.state,
                    at: run.ended_at.or(run.started_at).unwrap_or(run.queued_at),
                });
            let next = schedules::due_of(book, &dues, cx.now()).map(|due| due.at);
            books.push(Book {
                next,
                ..shown(&workspace, &project, book, last)
            });
        }
    }
    cx.update(Update::Runbooks { books }).await;
    Ok(())
}

fn shown(workspace: &Workspace, project: &ProjectFile, book: &Runbook, last: Option<LastRun>) -> Book {
    let environment = book.environment.as_ref().and_then(|name| project.environment(name));
    let is_protected = environment.is_some_and(|environment| environment.is_protected());
    Book {
        workspace: workspace.id.clone(),
        name: book.name.clone(),
        description: book.description.clone(),
        environment: book.environment.clone(),
        confirm: book.confirm || is_protected,
        is_protected,
        steps: book.steps.iter().map(RunbookStep::shown).collect(),
        last,
        schedule: book.schedule.as_ref().map(|schedule| schedule.text().to_owned()),
        next: None,
    }
}

/// What its run is called in the ledger.
pub fn title(name: &str) -> Msg {
    msg!("operate-job-runbook", name = name)
}

/// The name of the runbook that a run of this title was.
pub fn name_of(title: &Msg) -> Option<String> {
    if title.key != "operate-job-runbook" {
        return None;
    }
    title.args.iter().find_map(|(key, value)| match value {
        Arg::Text(name) if key == "name" => Some(name.clone()),
        _ => None,
    })
}

/// What the words in braces stand for: of the environment that it is about, and of what is live there.
async fn words_of(world: &World, workspace: &Workspace, book: &Runbook) -> Result<Words, Problem> {
    let Some(name) = &book.environment else {
        return Ok(Words::default());
    };
    let words = Words::default().set("environment", name);
    let live = world.store().deployments().live(&workspace.id, name).await?;
    Ok(match live.filter(|row| row.kind != Kind::Stop.word()) {
        Some(row) => words
            .set("version", &Inputs::of(&row)?.version)
            .set("commit", row.commit.as_deref().unwrap_or_default()),
        None => words,
    })
}

/// There is none of this name; these there are.
pub fn unknown<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Problem {
    let names: Vec<&str> = known.collect();
    let problem = Problem::user(msg!("runbook-none", name = name)).code("not-found");
    if names.is_empty() {
        problem.hint(msg!("runbook-none-at-all-hint"))
    } else {
        problem.hint(msg!("runbook-none-hint", names = names.join(", ")))
    }
}

/// The name of the lease that the program has that runs it.
fn lease(workspace: &WorkspaceId, name: &str) -> String {
    format!("operate/runbook/{workspace}/{name}")
}

/// Since when it runs, here or by another program; None when nobody runs it.
pub async fn runs_since(world: &World, workspace: &WorkspaceId, name: &str) -> Result<Option<Timestamp>, Problem> {
    let (lease, now) = (lease(workspace, name), world.clock().now());
    let held = world.store().leases().list().await?.into_iter().find(|row| row.name == lease);
    Ok(held
        .filter(|row| row.until > now && row.holder.is_alive())
        .map(|row| row.since))
}

/// Another run does it, this one.
async fn runs_already(cx: &JobCtx, world: &World, workspace: &WorkspaceId, name: &str) -> Result<Problem, Problem> {
    let since = runs_since(world, workspace, name)
        .await?
        .unwrap_or_else(|| world.clock().now());
    let at = format::local(since).strftime("%Y-%m-%d %H:%M:%S").to_string();
    let problem = Problem::user(msg!("runbook-runs-already", name = name, at = at)).code("busy");
    let filter = JobFilter {
        workspace: Some(workspace.clone()),
        area: Some("operate".to_owned()),
        states: vec![State::Queued, State::Running],
        roots_only: true,
        limit: MAX_LOOKED,
        ..JobFilter::default()
    };
    let title = title(name);
    let runs = world.store().jobs().list(filter).await?;
    let other = runs.iter().find(|run| run.title == title && run.id != cx.id());
    Ok(match other {
        Some(run) => problem.hint(msg!("runbook-runs-already-hint", run = run.id.to_string())),
        None => problem,
    })
}

/// Runs it while no other run does.
pub async fn run(cx: &JobCtx, world: &World, workspace: &Workspace, name: &str) -> Result<(), Problem> {
    let lease = match world.store().leases().hold(&lease(&workspace.id, name), RUN_TTL).await {
        Ok(None) => return Err(runs_already(cx, world, &workspace.id, name).await?),
        Ok(Some(lease)) => lease,
        // It can be run also where nothing can be written.
        Err(_) => return steps(cx, world, workspace, name).await,
    };
    let ran = steps(cx, world, workspace, name).await;
    lease.release().await.ok();
    ran
}

/// Runs one step after the other; the first that fails ends it, unless it may.
async fn steps(cx: &JobCtx, world: &World, workspace: &Workspace, name: &str) -> Result<(), Problem> {
    world.trust().check(workspace)?;
    let (project, _) = project::read(&workspace.root)?;
    let project = &project;
    let Some(book) = project.runbooks.iter().find(|book| book.name == name) else {
        return Err(unknown(name, project.runbooks.iter().map(|book| book.name.as_str())));
    };
    let head = {
        let (git, root) = (world.git().clone(), workspace.root.clone());
        cx.blocking(move |_| Ok(git.head_of(&root).ok().and_then(|head| head.oid)))
            .await?
    };
    cx.sources(head, None, book.environment.clone()).await;
    let words = &words_of(world, workspace, book).await?;
    let n = book.steps.len() as u64;
    for (i, step) in book.steps.iter().enumerate() {
        cx.check()?;
        cx.progress(Progress::of(i as u64, n, Unit::Steps));
        let title = msg!("operate-job-step", n = i + 1, name = step.shown());
        let done = cx
            .span(title, |cx| async move {
                one(&cx, world, workspace, project, step, words, book.environment.as_deref()).await
            })
            .await;
        match done {
            Ok(()) => {}
            Err(problem) if step.may_fail && !problem.is_cancelled() => cx.problem(problem).await,
            Err(problem) => return Err(problem),
        }
        cx.update(Update::RunbookStepped {
            name: name.to_owned(),
            step: step.shown(),
            n: i as u32 + 1,
            n_steps: n as u32,
        })
        .await;
    }
    Ok(())
}

async fn one(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    project: &ProjectFile,
    step: &RunbookStep,
    words: &Words,
    environment: Option<&str>,
) -> Result<(), Problem> {
    let task = match &step.task {
        Some(name) => {
            let missing =
                || Problem::config(msg!("devops-project-missing", kind = "task", name = name.as_str())).code("not-found");
            Some(project.task(name).ok_or_else(missing)?)
        }
        None => None,
    };
    let (argv, dir) = match task {
        Some(task) => (&task.run, &task.dir),
        None => (&step.run, &step.dir),
    };
    let argv: Vec<String> = argv.iter().map(|word| fill_known(word, words)).collect();
    if let Some(environment) = environment
        && let Some(word) = LIVE_WORDS.into_iter().find(|word| argv.iter().any(|arg| arg.contains(word)))
    {
        // It would be run with the braces in it.
        let problem = Problem::user(msg!("deploy-nothing-runs", environment = environment)).code("not-found");
        return Err(problem.hint(msg!("runbook-word-hint", word = word, environment = environment)));
    }
    let Some((program, args)) = argv.split_first() else {
        return Err(Problem::config(msg!("devops-project-empty-run", name = step.shown())));
    };
    let mut cmd = Cmd::new(program).args(args).cwd(workspace.root.join(dir));
    for (name, value) in task.iter().flat_map(|task| &task.env) {
        cmd = cmd.env(name, value);
    }
    let timeout = step.timeout.or(task.and_then(|task| task.timeout));
    if let Some(timeout) = timeout {
        cmd = cmd.timeout(timeout.0);
    }
    let exit = exec::run(cx, world, workspace, cmd, |_| {}).await?;
    if let Some(problem) = exec::left_behind(&exit, &step.shown()) {
        cx.problem(problem).await;
    }
    exit.problem(&step.shown()).map_or(Ok(()), Err)
}
