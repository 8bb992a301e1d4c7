//! A run of a pipeline: which jobs may start, their attempts, and the ledger told before each step. Also taking up a run that stopped.

use super::attempt::{Gave, Shared, Told};
use super::finish::finish;
use super::plan::{Planned, verdict};
use super::sources::{definition, is_news, project_at, sources_of};
use super::{JobRow, Of, PipelineRun, StartedBy, content, load, worktree};
use crate::adapters::World;
use crate::adapters::store::pipelines::{Given, PipelineJobRow, PipelineRunRow};
use crate::areas::JobCtx;
use crate::areas::build::Update;
use crate::areas::build::ci::Definition;
use crate::areas::test::source::Sources;
use crate::base::{Problem, Progress, State, Unit, Workspace};
use crate::msg;
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// How often another program's wish to stop is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Cores of this machine, shared by all runs of this program.
fn cores() -> (Arc<Semaphore>, u32) {
    static CORES: OnceLock<(Arc<Semaphore>, u32)> = OnceLock::new();
    let count = || std::thread::available_parallelism().map_or(2, usize::from) as u32;
    CORES
        .get_or_init(|| (Arc::new(Semaphore::new(count() as usize)), count()))
        .clone()
}

/// Runs a pipeline by name. Gives the number of the run when it has begun, through the ledger; fails when a job fails.
pub async fn run(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    name: &str,
    of: Of,
    started_by: StartedBy,
    is_anew: bool,
) -> Result<(), Problem> {
    world.trust().check(workspace)?;
    load::settle(cx, world, Some(workspace)).await?;
    let (oid, sources) = sources_of(cx, world, workspace, of).await?;
    if started_by == StartedBy::Change && !is_news(world, workspace, name, &sources).await? {
        return Ok(());
    }
    let pipeline = definition(cx, world, workspace, &oid, name).await?;
    begin(
        cx,
        world,
        workspace,
        Definition::Own(pipeline),
        (oid, sources),
        started_by,
        is_anew,
    )
    .await
}

/// Begins a run of this definition on what was found to be checked out, and goes on until it is over.
pub async fn begin(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    definition: Definition,
    (oid, sources): (String, Sources),
    started_by: StartedBy,
    is_anew: bool,
) -> Result<(), Problem> {
    let planned = definition.planned();
    let row = PipelineRunRow {
        id: 0,
        workspace: workspace.id.clone(),
        pipeline: definition.pipeline().name,
        commit: sources.commit.clone().unwrap_or_else(|| oid.clone()),
        snapshot: sources.dirty.is_some().then(|| oid.clone()),
        dirty: sources.dirty.clone(),
        trigger: started_by.word().to_owned(),
        definition: definition
            .value()
            .map_err(|error| Problem::internal(msg!("store-internal")).details(error))?,
        job: cx.id(),
        state: State::InProgress,
        started_at: cx.now(),
        ended_at: None,
        is_anew,
        is_stop_asked: false,
    };
    let jobs = planned.iter().zip(0..).map(|(planned, place)| new_job(planned, place));
    let id = world.store().pipelines().begin(row, jobs.collect()).await?;
    go_on(cx, world, workspace, id).await
}

/// Takes up a run where it stopped: what is done stays done, everything else is tried again. None: the newest that was interrupted.
pub async fn resume(cx: &JobCtx, world: &World, workspace: &Workspace, id: Option<i64>) -> Result<(), Problem> {
    world.trust().check(workspace)?;
    load::settle(cx, world, Some(workspace)).await?;
    let pipelines = world.store().pipelines();
    let row = match id {
        Some(id) => pipelines.get(id).await?.filter(|row| row.workspace == workspace.id),
        None => {
            let rows = pipelines.list(&workspace.id, 200).await?;
            let newest = rows.iter().find(|row| row.state == State::Interrupted);
            newest
                .or_else(|| rows.iter().find(|row| row.state == State::Cancelled))
                .cloned()
        }
    };
    let Some(row) = row else {
        let words = match id {
            Some(id) => msg!("build-no-pipeline-run", run = id),
            None => msg!("build-pipeline-nothing-to-resume"),
        };
        return Err(Problem::user(words).code("not-found"));
    };
    let going_on = || Problem::user(msg!("build-pipeline-going-on", run = row.id)).code("refused");
    if row.state == State::InProgress {
        return Err(going_on());
    }
    if row.state == State::Done {
        return Err(Problem::user(msg!("build-pipeline-is-done", run = row.id)).code("refused"));
    }
    if !pipelines.take_up(row.id, (row.state, row.job), cx.id()).await? {
        return Err(going_on());
    }
    go_on(cx, world, workspace, row.id).await
}

/// Asks whoever runs it to stop; it may be another program.
pub async fn stop(cx: &JobCtx, world: &World, workspace: &Workspace, id: i64) -> Result<(), Problem> {
    load::settle(cx, world, Some(workspace)).await?;
    let row = world.store().pipelines().get(id).await?;
    let Some(row) = row.filter(|row| row.workspace == workspace.id) else {
        return Err(Problem::user(msg!("build-no-pipeline-run", run = id)).code("not-found"));
    };
    if row.state != State::InProgress {
        return Err(Problem::user(msg!("build-pipeline-is-over", run = id)).code("refused"));
    }
    world.store().pipelines().change(id, |row| row.is_stop_asked = true).await?;
    // It ends within the grace of its programs.
    loop {
        load::tell(cx, world, workspace, id).await?;
        let row = world.store().pipelines().get(id).await?;
        if row.is_none_or(|row| row.state != State::InProgress) {
            return Ok(());
        }
        cx.sleep(LOOK_EVERY).await?;
        load::settle(cx, world, Some(workspace)).await?;
    }
}

fn new_job(planned: &Planned, place: u32) -> PipelineJobRow {
    PipelineJobRow {
        run: 0,
        key: planned.key.clone(),
        place,
        state: State::Queued,
        attempt: 0,
        job: None,
        started_at: None,
        ended_at: None,
        content: None,
        reused_from: None,
        problem: None,
        why: Value::Null,
        gives: Vec::new(),
        n_errors: 0,
        n_warnings: 0,
    }
}

/// Runs what is left of a run that the ledger knows.
async fn go_on(cx: &JobCtx, world: &World, workspace: &Workspace, id: i64) -> Result<(), Problem> {
    let Some(row) = world.store().pipelines().get(id).await? else {
        return Err(Problem::user(msg!("build-no-pipeline-run", run = id)).code("not-found"));
    };
    let result = go_on_with(cx, world, workspace, &row).await;
    // A failure of the run itself, not of a job: it may be taken up again.
    if let Err(problem) = &result {
        let still = world.store().pipelines().get(id).await?;
        if still.is_some_and(|row| row.state == State::InProgress) {
            let state = if problem.is_cancelled() {
                State::Cancelled
            } else {
                State::Interrupted
            };
            let at = cx.now();
            world.store().pipelines().mark_interrupted(id, at).await?;
            world.store().pipelines().change(id, move |row| row.state = state).await?;
            load::tell(cx, world, workspace, id).await?;
        }
    }
    result
}

async fn go_on_with(cx: &JobCtx, world: &World, workspace: &Workspace, row: &PipelineRunRow) -> Result<(), Problem> {
    let definition =
        Definition::read(&row.definition).map_err(|error| Problem::internal(msg!("store-internal")).details(error))?;
    let pipeline = definition.pipeline();
    let oid = row.snapshot.clone().unwrap_or_else(|| row.commit.clone());
    let sources = Sources {
        commit: Some(row.commit.clone()),
        dirty: row.dirty.clone(),
    };
    cx.sources(sources.commit.clone(), sources.dirty.clone(), None).await;
    let (files, inside) = worktree::files_of(cx, world, workspace, &oid).await?;
    let (project, _) = project_at(cx, world, workspace, &oid).await?;
    let shared = Arc::new(Shared {
        world: world.clone(),
        workspace: workspace.clone(),
        run: row.id,
        oid,
        sources,
        is_anew: row.is_anew,
        files: Arc::new(files),
        inside,
        project,
        pipeline,
        ci: definition.workflow().cloned(),
        names: Mutex::default(),
    });
    let scheduler = Scheduler::new(cx, shared, row, definition.planned()).await?;
    let run = scheduler.until_over(cx).await?;
    finish(cx, world, workspace, row, run).await
}

/// All jobs of one run.
pub(super) struct Scheduler {
    shared: Arc<Shared>,
    pub(super) planned: Vec<Planned>,
    pub(super) run: Arc<Mutex<PipelineRun>>,
    given: Arc<Mutex<BTreeMap<String, Vec<Given>>>>,
    /// What jobs told those that need them, by key.
    pub(super) outputs: Arc<Mutex<BTreeMap<String, Value>>>,
}

impl Scheduler {
    async fn new(cx: &JobCtx, shared: Arc<Shared>, row: &PipelineRunRow, planned: Vec<Planned>) -> Result<Self, Problem> {
        let outputs = shared.world.store().pipelines().outputs(row.id).await?;
        let rows = shared.world.store().pipelines().jobs(row.id).await?;
        let given = rows.iter().map(|row| (row.key.clone(), row.gives.clone())).collect();
        let run = load::shown(row.clone(), rows);
        cx.update(Update::PipelineRunChanged {
            workspace: shared.workspace.id.clone(),
            run: Box::new(run.clone()),
        })
        .await;
        Ok(Self {
            shared,
            planned,
            run: Arc::new(Mutex::new(run)),
            given: Arc::new(Mutex::new(given)),
            outputs: Arc::new(Mutex::new(outputs)),
        })
    }

    fn states(&self) -> BTreeMap<String, (State, bool)> {
        let run = lock(&self.run);
        run.jobs
            .iter()
            .map(|job| (job.key.clone(), (job.state, job.may_fail)))
            .collect()
    }

    async fn until_over(&self, cx: &JobCtx) -> Result<PipelineRun, Problem> {
        let mut going = FuturesUnordered::new();
        let mut begun: BTreeSet<String> = BTreeSet::new();
        loop {
            while !cx.is_cancelled() {
                let states = self.states();
                let next = self.planned.iter().find_map(|planned| {
                    let is_open = states.get(&planned.key).is_some_and(|(state, _)| *state == State::Queued);
                    if begun.contains(&planned.key) || !is_open || self.is_full(planned, &begun, &states) {
                        return None;
                    }
                    Some((planned, verdict(planned, &states)?))
                });
                let Some((planned, may_start)) = next else { break };
                begun.insert(planned.key.clone());
                if may_start {
                    going.push(Box::pin(self.job(cx, planned)));
                } else {
                    let problem = planned.left_out.clone().map(|why| Problem::environment(why).code("left-out"));
                    self.change(cx, &planned.key, move |row| {
                        row.state = State::Skipped;
                        row.problem.clone_from(&problem);
                    })
                    .await?;
                }
            }
            self.tell_progress(cx);
            if going.is_empty() {
                break;
            }
            tokio::select! {
                ended = going.next() => if let Some(Err(problem)) = ended
                    && !problem.is_cancelled()
                {
                    return Err(problem);
                },
                () = tokio::time::sleep(LOOK_EVERY) => {
                    let row = self.shared.world.store().pipelines().get(self.shared.run).await?;
                    if row.is_some_and(|row| row.is_stop_asked) {
                        cx.cancel_token().cancel();
                    }
                }
            }
        }
        drop(going);
        let run = lock(&self.run).clone();
        Ok(run)
    }

    fn tell_progress(&self, cx: &JobCtx) {
        let run = lock(&self.run);
        let is_over = |job: &&JobRow| !matches!(job.state, State::Queued | State::InProgress);
        let n_over = run.jobs.iter().filter(is_over).count() as u64;
        cx.progress(Progress::of(n_over, run.jobs.len() as u64, Unit::Steps));
    }

    /// Written first, then shown.
    async fn change(&self, cx: &JobCtx, key: &str, change: impl Fn(&mut PipelineJobRow) + Send + 'static) -> Result<(), Problem> {
        let row = self
            .shared
            .world
            .store()
            .pipelines()
            .change_job(self.shared.run, key, change)
            .await?;
        let job = {
            let mut run = lock(&self.run);
            let Some(job) = run.jobs.iter_mut().find(|job| job.key == key) else {
                return Ok(());
            };
            load::fill(job, row);
            job.clone()
        };
        cx.update(Update::PipelineJobChanged {
            workspace: self.shared.workspace.id.clone(),
            run: self.shared.run,
            job: Box::new(job),
        })
        .await;
        Ok(())
    }

    /// One job with its attempts. Err only for a stop or when the ledger can not be written.
    async fn job(&self, cx: &JobCtx, planned: &Planned) -> Result<(), Problem> {
        let (cores, n_cores) = cores();
        let n = planned.job.cores.clamp(1, n_cores);
        let permit = cx.until_cancelled(cores.acquire_many_owned(n)).await?;
        let _permit = permit.map_err(|_| Problem::cancelled())?;
        if let Some(failed) = self.failed_before(planned) {
            let problem = Problem::user(msg!("build-ci-failed-fast", job = failed)).code("failed-fast");
            return self
                .change(cx, &planned.key, move |row| {
                    row.state = State::Cancelled;
                    row.problem = Some(problem.clone());
                })
                .await;
        }
        let needed: Vec<Given> = {
            let given = lock(&self.given);
            self.before(planned)
                .iter()
                .filter_map(|key| given.get(key))
                .flatten()
                .cloned()
                .collect()
        };
        let content = content::of_job(
            &self.shared.pipeline,
            planned,
            &self.shared.files,
            (&self.shared.project, &self.shared.inside),
            &needed,
            self.shared.commit(),
        );
        let at = self.planned.iter().position(|one| one.key == planned.key).unwrap_or_default();
        for attempt in 1..=planned.job.retry.saturating_add(1) {
            cx.check()?;
            let title = msg!(
                "build-job-pipeline-job",
                job = planned.key.as_str(),
                pipeline = self.shared.pipeline.name.as_str()
            );
            let name = format!("{at}-{}", slug(&planned.job.name));
            let outcome = self
                .attempt(cx, planned, title, attempt, &name, &needed, content.as_deref())
                .await;
            let ended_at = cx.now();
            match outcome {
                Ok(Tried::Reused(from, gives)) => {
                    lock(&self.given).insert(planned.key.clone(), gives.clone());
                    let content = content.clone();
                    self.change(cx, &planned.key, move |row| {
                        row.state = State::Done;
                        row.ended_at = Some(ended_at);
                        row.reused_from = Some(from);
                        row.gives.clone_from(&gives);
                        row.content.clone_from(&content);
                    })
                    .await?;
                    return Ok(());
                }
                Ok(Tried::Ran(Gave { skipped: Some(why), .. })) => {
                    self.change(cx, &planned.key, move |row| {
                        row.state = State::Skipped;
                        row.ended_at = Some(ended_at);
                        row.problem = Some(why.clone());
                    })
                    .await?;
                    return Ok(());
                }
                Ok(Tried::Ran(gave)) => {
                    self.keep_outputs(&planned.key, &gave).await?;
                    let is_last = attempt > planned.job.retry;
                    let is_done = gave.problem.is_none();
                    lock(&self.given).insert(planned.key.clone(), gave.gives.clone());
                    let content = content.clone();
                    let why = serde_json::to_value(&gave.why).unwrap_or_default();
                    self.change(cx, &planned.key, move |row| {
                        row.state = match (is_done, is_last) {
                            (true, _) => State::Done,
                            (false, true) => State::Failed,
                            (false, false) => State::InProgress,
                        };
                        row.ended_at = Some(ended_at);
                        row.gives.clone_from(&gave.gives);
                        row.content.clone_from(&content);
                        row.problem.clone_from(&gave.problem);
                        row.why.clone_from(&why);
                        row.n_errors = gave.n_errors;
                        row.n_warnings = gave.n_warnings;
                    })
                    .await?;
                    if is_done || is_last {
                        return Ok(());
                    }
                }
                Err(problem) => {
                    let stopped = problem.is_cancelled();
                    self.change(cx, &planned.key, move |row| {
                        row.state = if stopped { State::Cancelled } else { State::Failed };
                        row.ended_at = Some(ended_at);
                        row.problem = (!stopped).then(|| problem.clone());
                    })
                    .await?;
                    return if stopped { Err(Problem::cancelled()) } else { Ok(()) };
                }
            }
        }
        Ok(())
    }

    /// Written before the job counts as done.
    async fn keep_outputs(&self, key: &str, gave: &Gave) -> Result<(), Problem> {
        if gave.outputs.is_empty() {
            return Ok(());
        }
        let outputs = Value::Object(gave.outputs.clone());
        lock(&self.outputs).insert(key.to_owned(), outputs.clone());
        let pipelines = self.shared.world.store().pipelines();
        pipelines.keep_outputs(self.shared.run, key, outputs).await
    }

    async fn attempt(
        &self,
        cx: &JobCtx,
        planned: &Planned,
        title: crate::base::Msg,
        attempt: u32,
        name: &str,
        needed: &[Given],
        content: Option<&str>,
    ) -> Result<Tried, Problem> {
        let told = Told {
            needs: self.results(planned),
            outputs: self.outputs_before(planned),
        };
        let tried = Arc::new(Mutex::new(None));
        let kept = Arc::clone(&tried);
        let result = cx
            .span(title, move |child| async move {
                let (job, at) = (child.id(), child.now());
                // In the ledger before anything of it is done.
                self.change(cx, &planned.key, move |row| {
                    row.state = State::InProgress;
                    row.attempt = attempt;
                    row.job = Some(job);
                    row.started_at = Some(at);
                    row.ended_at = None;
                })
                .await?;
                let reused = match content {
                    Some(content) => self.shared.reuse(&child, planned, content).await?,
                    None => None,
                };
                if let Some((from, gives)) = reused {
                    *lock(&kept) = Some(Tried::Reused(from, gives));
                    return Ok(());
                }
                let gave = Box::pin(self.shared.attempt(&child, planned, name, needed, told)).await?;
                let problem = gave.problem.clone();
                *lock(&kept) = Some(Tried::Ran(gave));
                problem.map_or(Ok(()), Err)
            })
            .await;
        let tried = lock(&tried).take();
        match (tried, result) {
            (Some(tried), _) => Ok(tried),
            (None, Err(problem)) => Err(problem),
            (None, Ok(())) => Err(Problem::cancelled()),
        }
    }
}

enum Tried {
    Reused(i64, Vec<Given>),
    Ran(Gave),
}

/// Letters, digits and dashes of a name, for a folder.
fn slug(name: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || c == '-' || c == '_' {
            c
        } else {
            '-'
        }
    };
    name.chars().map(plain).take(40).collect()
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
