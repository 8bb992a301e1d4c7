//! Floor 4: assembly. Opens the folders, the settings and the store, starts tokio and the engine, and gives a link and the world.

use crate::adapters::dirs::Dirs;
use crate::adapters::logs::{self, Logs};
use crate::adapters::settings_file::{self, SettingsFile};
use crate::adapters::store::Store;
use crate::adapters::store::jobs::{JobRow, NewJob};
use crate::adapters::{World, files, upkeep};
use crate::areas::monitor::watch;
use crate::areas::{self, Event, Link, Update};
use crate::base::{Clock, JobId, Lang, Problem, State, Timestamp, Workspace};
use crate::engine::{self, IdSource, JobEvent, LogWriter, Outcome, Sink};
use crate::msg;
use futures::future::BoxFuture;
use std::collections::BTreeMap;
use std::future::Future;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::runtime::{Builder, Handle, Runtime};

/// Job numbers taken from the ledger at once.
const ID_BLOCK: u64 = 32;
/// How long the end of the program waits for its jobs; they were asked to stop before.
const CLOSE_LIMIT: Duration = Duration::from_secs(25);
/// How long the end waits for what can not be asked to stop, such as the reading of a file on a disk that is away.
const LEFT_LIMIT: Duration = Duration::from_secs(2);
/// The same for everything, once the user wants the end at once.
const HURRY_LIMIT: Duration = Duration::from_millis(300);
/// How long the start of the program waits for the secrets that are to be masked.
const LEARN_LIMIT: Duration = Duration::from_secs(2);
/// Where it is noted when everything was kept within its budget last.
const UPKEEP: &str = "upkeep";
const UPKEEP_EVERY_SECS: i64 = 3600;
const UPKEEP_TTL: Duration = Duration::from_mins(1);

/// How the program is to be opened.
#[derive(Clone, Debug)]
pub struct Options {
    pub home: Option<PathBuf>,
    /// Write every event to this file.
    pub record: Option<PathBuf>,
    /// Before what is set.
    pub lang: Option<Lang>,
    pub clock: Clock,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            home: None,
            record: None,
            lang: None,
            clock: Clock::system(),
        }
    }
}

/// The running program without a face.
pub struct Session {
    pub link: Link,
    pub world: World,
    problems: Vec<Problem>,
    has_logged: Arc<AtomicBool>,
    engine: Option<tokio::task::JoinHandle<()>>,
    is_hurried: bool,
    /// There until the end.
    runtime: Option<Runtime>,
}

impl Session {
    /// Opens everything. What is wrong but not fatal is told by `take_problems`.
    pub fn open(options: Options) -> Result<Self, Problem> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 8))
            .thread_name("chantier")
            .enable_all()
            .build()
            .map_err(|error| Problem::environment(msg!("session-no-runtime")).details(error))?;
        let _inside = runtime.enter();
        let dirs = Dirs::open(options.home.as_deref())?;
        let mut problems = Vec::new();
        let settings_file = SettingsFile::new(dirs.settings.join(settings_file::FILE_NAME));
        let (settings, wrong) = settings_file.load();
        problems.extend(wrong);
        let store = Store::open(&dirs.data, options.clock.clone())?;
        problems.extend(store.problems());
        let logs = Logs::new(dirs.logs.clone(), settings.retention.log_max_mb_per_job * 1_000_000);
        let world = World::new(
            options.clock.clone(),
            dirs,
            settings_file,
            settings,
            store.clone(),
            logs.clone(),
        );

        if let Some(lang) = options.lang {
            world.speak(lang);
        }
        // Whatever is shown or stored from now on shows none of them. A keyring that hangs must not keep the program from starting.
        if let Ok(Err(problem)) = runtime.block_on(async { tokio::time::timeout(LEARN_LIMIT, world.secrets().learn()).await }) {
            problems.push(problem);
        }
        let orphans = runtime.block_on(store.jobs().mark_interrupted(crate::adapters::store::holder::is_running));
        match orphans {
            Ok(orphans) if !orphans.is_empty() => {
                world.processes().end_orphans();
                problems.push(Problem::environment(msg!("session-interrupted", n = orphans.len())).code("interrupted"));
            }
            Ok(_) => {}
            Err(problem) => problems.push(problem),
        }

        // Every line of one tells what happened when.
        let create = |path: &Path| files::LineFile::create(path, "\",\"event\":{\"");
        let recording = options.record.as_deref().map(create).transpose()?;
        let has_logged = Arc::<AtomicBool>::default();
        let sink = Arc::new(Ledger {
            store: store.clone(),
            logs,
            recording: recording.map(Mutex::new),
            live: Mutex::default(),
            has_logged: Arc::clone(&has_logged),
        });
        let ids = IdSource::new(reserve_ids(store, runtime.handle().clone()));
        let (link, port) = engine::link(ids, options.clock);
        let planner = world.clone();
        let engine = runtime.spawn(engine::run(
            port,
            move |command| areas::plan(&planner, command),
            sink as Arc<dyn Sink<Update>>,
        ));
        Ok(Self {
            link,
            world,
            problems,
            has_logged,
            engine: Some(engine),
            is_hurried: false,
            runtime: Some(runtime),
        })
    }

    /// What was found wrong while opening; told once.
    pub fn take_problems(&mut self) -> Vec<Problem> {
        std::mem::take(&mut self.problems)
    }

    fn tokio(&self) -> &Runtime {
        self.runtime.as_ref().expect("it is there until the end")
    }

    pub fn runtime(&self) -> &Handle {
        self.tokio().handle()
    }

    /// The added workspace of this name or folder; a folder that was not added is opened as it is.
    pub fn find_workspace(&self, name: &str, cwd: &Path) -> Result<Workspace, Problem> {
        let rows = self.tokio().block_on(self.world.store().workspaces().list())?;
        let mut named = rows.iter().filter(|row| row.name == name || row.id.0 == name);
        match (named.next(), named.next()) {
            (Some(row), None) => return Ok(row.workspace()),
            (Some(_), Some(_)) => {
                let hint = msg!("session-workspace-twice-hint");
                return Err(Problem::user(msg!("session-workspace-twice", name = name)).hint(hint));
            }
            _ => {}
        }
        let path = cwd.join(name);
        if path.is_dir() {
            return self.workspace_at(&path);
        }
        // A folder that is gone is known by where it was.
        let was: PathBuf = path.components().collect();
        if let Some(row) = rows.iter().find(|row| row.root == was) {
            return Ok(row.workspace());
        }
        let names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).take(20).collect();
        let problem = Problem::user(msg!("session-no-workspace", name = name)).code("not-found");
        Err(problem.hint(msg!("session-no-workspace-hint", names = names.join(", "))))
    }

    /// The added workspace that holds the folder; else the nearest project of the repository that holds it, or that as a whole; else
    /// the folder itself.
    pub fn workspace_at(&self, folder: &Path) -> Result<Workspace, Problem> {
        let folder = files::canonicalize(folder)?;
        let rows = self.tokio().block_on(self.world.store().workspaces().list())?;
        let holder = rows
            .iter()
            .filter(|row| folder.starts_with(&row.root))
            .max_by_key(|row| row.root.as_os_str().len());
        if let Some(row) = holder {
            return Ok(row.workspace());
        }
        let Some(top) = folder.ancestors().find(|at| at.join(".git").exists()) else {
            return Ok(Workspace::at(&folder));
        };
        let inside = folder.ancestors().take_while(|at| at.starts_with(top));
        let project = inside
            .into_iter()
            .find(|at| at.join(areas::devops::project::FILE_NAME).is_file());
        Ok(Workspace::at(project.unwrap_or(top)))
    }

    /// The repository that lies nearest around the folder, below the workspace; else the workspace.
    pub fn nearest_inside(&self, outer: Workspace, folder: &Path) -> Workspace {
        let Ok(folder) = files::canonicalize(folder) else {
            return outer;
        };
        let mut below = folder
            .ancestors()
            .take_while(|at| *at != outer.root && at.starts_with(&outer.root));
        let nearest = below.find(|at| at.join(".git").exists());
        nearest.map_or(outer, Workspace::at)
    }

    /// A repository inside a workspace, as a workspace of its own.
    pub fn workspace_inside(&self, outer: &Workspace, path: &Path) -> Result<Workspace, Problem> {
        let root = files::canonicalize(&outer.root.join(path))?;
        self.world.git().top(&root)?;
        Ok(Workspace::at(&root))
    }

    /// Keeps within its budget what this session has let grow, where no window and no watcher is there to do it: after something was
    /// run, and the rest once an hour.
    pub fn keep_budget(&self) -> Result<(), Problem> {
        let store = self.world.store();
        if self.is_hurried || !self.has_logged.load(Ordering::Relaxed) || store.is_memory_only() {
            return Ok(());
        }
        self.tokio().block_on(async {
            // Who watches does it.
            if !store.leases().take(watch::LEASE, UPKEEP_TTL).await? {
                return Ok(());
            }
            let retention = self.world.settings().retention.clone();
            let now = self.world.clock().now();
            let last: Option<Timestamp> = store.kv().get(UPKEEP).await?;
            let is_due = last.is_none_or(|last| (now.as_second() - last.as_second()).abs() >= UPKEEP_EVERY_SECS);
            let kept = if is_due {
                let kept = upkeep::run(store, self.world.logs(), &retention, now).await.map(drop);
                store.kv().set(UPKEEP, &now).await?;
                kept
            } else {
                upkeep::keep_logs(store, self.world.logs(), &retention).await.map(drop)
            };
            store.leases().release(watch::LEASE).await?;
            kept
        })
    }

    /// Stops every job, waits for their ends, kills what is left. Instances that were deployed go on.
    pub fn close(mut self) {
        self.shut_down();
    }

    /// Ends at once from now on, whatever still runs.
    pub fn hurry(&mut self) {
        self.is_hurried = true;
        self.world.processes().kill_all();
    }

    fn shut_down(&mut self) {
        let Some(engine) = self.engine.take() else { return };
        let limit = if self.is_hurried { HURRY_LIMIT } else { CLOSE_LIMIT };
        self.link.shutdown();
        let (runtime, link) = (self.runtime.as_ref(), &mut self.link);
        runtime.expect("it is there until the end").block_on(async {
            // Somebody must read, or a job that tells its end would wait for ever.
            let drained = async { while link.next().await.is_some() {} };
            drop(tokio::time::timeout(limit, drained).await);
            engine.abort();
        });
        self.world.processes().kill_all();
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.shut_down();
        // What reads a file that never answers can not be ended, and must not keep the program.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(if self.is_hurried { HURRY_LIMIT } else { LEFT_LIMIT });
        }
    }
}

/// Runs one future for a call that opens nothing.
pub fn without_engine<T>(work: impl Future<Output = T>) -> Result<T, Problem> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Problem::environment(msg!("session-no-runtime")).details(error))?;
    Ok(runtime.block_on(work))
}

/// The language that was asked for, set, or spoken by the system.
pub fn language(asked: Option<Lang>, home: Option<&Path>) -> Lang {
    let set = || {
        let dirs = Dirs::locate(home).ok()?;
        SettingsFile::new(dirs.settings.join(settings_file::FILE_NAME))
            .load()
            .0
            .general
            .language
    };
    let spoken = || Lang::spoken(|name| std::env::var(name).ok());
    asked.or_else(set).unwrap_or_else(spoken)
}

/// Blocks of job numbers from the ledger. Asked from any thread, also from within the runtime, so the wait happens on a thread of its own.
fn reserve_ids(store: Store, runtime: Handle) -> impl Fn() -> Range<u64> + Send + Sync {
    move || {
        let reserved = std::thread::scope(|scope| scope.spawn(|| runtime.block_on(store.reserve_job_ids(ID_BLOCK))).join());
        match reserved {
            Ok(Ok(block)) => block,
            // A ledger that can not write remembers nothing; the numbers only have to differ from what it knows.
            _ => {
                let first = (1 << 52) + (fastrand::u64(..1 << 40) << 10);
                first..first + ID_BLOCK
            }
        }
    }
}

/// What is known of a job before it is written: housekeeping is written only when it fails.
struct Live {
    new: NewJob,
    /// Its row is in the ledger.
    is_written: bool,
    started_at: Option<Timestamp>,
    exit: (Option<i32>, Option<i32>),
    has_log: bool,
    n_log_bytes: Arc<AtomicU64>,
}

/// The engine's memory: the store for the facts, a file for the output, a file for a recording.
struct Ledger {
    store: Store,
    logs: Logs,
    recording: Option<Mutex<files::LineFile>>,
    live: Mutex<BTreeMap<JobId, Live>>,
    /// Something was written to a log since the start.
    has_logged: Arc<AtomicBool>,
}

impl Ledger {
    fn live(&self) -> std::sync::MutexGuard<'_, BTreeMap<JobId, Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_written(&self, id: JobId) -> bool {
        self.live().get(&id).is_some_and(|live| live.is_written)
    }

    async fn ended(&self, id: JobId, outcome: &Outcome, at: Timestamp) -> Result<(), Problem> {
        let Some(live) = self.live().remove(&id) else { return Ok(()) };
        let (state, problem) = match outcome {
            Outcome::Done => (State::Done, None),
            Outcome::Cancelled => (State::Cancelled, None),
            Outcome::Failed { problem } => (State::Failed, Some(problem.clone())),
        };
        let jobs = self.store.jobs();
        if !live.is_written {
            if live.new.quiet && problem.is_none() {
                return Ok(());
            }
            match jobs.queued(live.new.clone()).await {
                // Told when it began.
                Err(_) if !live.new.quiet => return Ok(()),
                written => written?,
            }
        }
        let log = live
            .has_log
            .then(|| (Logs::name_of(id), live.n_log_bytes.load(Ordering::Relaxed)));
        let change = move |row: &mut JobRow| {
            row.started_at = row.started_at.or(live.started_at);
            row.ended_at = Some(at);
            row.state = state;
            (row.exit_code, row.signal) = live.exit;
            row.problem.clone_from(&problem);
            if let Some((name, n_bytes)) = &log {
                row.log_file = Some(name.clone());
                row.log_bytes = *n_bytes;
            }
        };
        match live.new.parent {
            Some(_) => jobs.change_soon(id, change).await,
            None => jobs.change(id, change).await,
        }
    }
}

impl Sink<Update> for Ledger {
    fn job<'a>(&'a self, id: JobId, event: &'a JobEvent) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            match event {
                JobEvent::Queued {
                    title,
                    area,
                    workspace,
                    parent,
                    quiet,
                    at,
                    asked,
                } => {
                    let new = NewJob {
                        id,
                        parent: *parent,
                        workspace: workspace.clone(),
                        area: area.clone(),
                        title: title.clone(),
                        quiet: *quiet,
                        at: *at,
                        asked: asked.clone(),
                    };
                    self.live().insert(
                        id,
                        Live {
                            new: new.clone(),
                            is_written: false,
                            started_at: None,
                            exit: (None, None),
                            has_log: false,
                            n_log_bytes: Arc::default(),
                        },
                    );
                    if *quiet {
                        return Ok(());
                    }
                    self.store.jobs().queued(new).await?;
                    if let Some(live) = self.live().get_mut(&id) {
                        live.is_written = true;
                    }
                    Ok(())
                }
                JobEvent::Started { at } => {
                    if let Some(live) = self.live().get_mut(&id) {
                        live.started_at = Some(*at);
                    }
                    if self.is_written(id) {
                        self.store.jobs().started(id, *at).await
                    } else {
                        Ok(())
                    }
                }
                JobEvent::Command { argv, cwd } if self.is_written(id) => {
                    self.store.jobs().command(id, argv.clone(), Some(cwd.clone())).await
                }
                JobEvent::Sources {
                    commit,
                    dirty,
                    environment,
                } if self.is_written(id) => {
                    self.store
                        .jobs()
                        .context(id, commit.clone(), dirty.clone(), environment.clone())
                        .await
                }
                JobEvent::Exit { code, signal } => {
                    if let Some(live) = self.live().get_mut(&id) {
                        live.exit = (*code, *signal);
                    }
                    Ok(())
                }
                JobEvent::Ended { outcome, at } => self.ended(id, outcome, *at).await,
                _ => Ok(()),
            }
        })
    }

    fn log_writer(&self, id: JobId) -> Option<Box<dyn LogWriter>> {
        let mut live = self.live();
        let job = live.get_mut(&id).filter(|live| !live.new.quiet)?;
        job.has_log = true;
        self.has_logged.store(true, Ordering::Relaxed);
        let n_bytes = Arc::clone(&job.n_log_bytes);
        drop(live);
        let file = wait(self.logs.create(id)).ok()?;
        Some(Box::new(LedgerLog { file, n_bytes }))
    }

    fn tap(&self, at: Timestamp, event: &Event) {
        if let Some(recording) = &self.recording
            && let Ok(line) = engine::record::to_line(at, event)
        {
            recording.lock().unwrap_or_else(PoisonError::into_inner).write(&line);
        }
    }
}

/// Waits for the disk from anywhere: on a thread of the runtime its other tasks are moved away first.
fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::task::block_in_place(|| Handle::current().block_on(future))
}

struct LedgerLog {
    file: logs::LogWriter,
    n_bytes: Arc<AtomicU64>,
}

impl LogWriter for LedgerLog {
    fn write(&mut self, bytes: &[u8]) {
        self.n_bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        wait(self.file.append(bytes));
    }

    fn finish(self: Box<Self>) -> Option<Problem> {
        wait(self.file.finish()).problem
    }
}
