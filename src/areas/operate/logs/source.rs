//! One source of lines: a file, a container, a unit. It reads in a task of its own and waits when nobody takes its lines.

use super::{LINES_PER_UPDATE, LogOrder, MAX_SOURCES, lives};
use crate::adapters::World;
use crate::adapters::docker::Engine;
use crate::adapters::log_file::{Grown, LogFile, files_of};
use crate::adapters::store::instances::InstanceRow;
use crate::areas::JobCtx;
use crate::areas::deploy::targets::{docker, ssh};
use crate::areas::operate::units;
use crate::areas::operate::{Instance, InstanceKind};
use crate::base::log::{Level, LogFilter, Sieve, time_in};
use crate::base::{JobId, LogLine, Problem, Stream, Timestamp, safe};
use crate::msg;
use futures::StreamExt as _;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How often a file is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// Batches that wait for the merge.
const QUEUE: usize = 4;

/// What a source says.
pub(super) enum Piece {
    Lines(Vec<LogLine>),
    /// It was truncated, or replaced.
    Note(String),
    /// What was there has been told; what follows comes as it happens.
    Through,
    Failed(Problem),
}

/// A source and its task, which ends with it.
pub(super) struct Source {
    pub(super) number: u16,
    pub(super) name: String,
    /// What was there has been told.
    pub(super) is_through: bool,
    pieces: mpsc::Receiver<Piece>,
    is_closed: bool,
    task: JoinHandle<()>,
    cancel: CancellationToken,
}

impl Drop for Source {
    fn drop(&mut self) {
        self.cancel.cancel();
        self.task.abort();
    }
}

impl Source {
    /// The next piece; `Through` when a followed one says nothing for so long; None at its end.
    pub(super) async fn next(&mut self, quiet: Option<Duration>) -> Option<Piece> {
        let next = match quiet {
            Some(quiet) => match tokio::time::timeout(quiet, self.pieces.recv()).await {
                Ok(next) => next,
                Err(_) => return Some(Piece::Through),
            },
            None => self.pieces.recv().await,
        };
        self.is_closed |= next.is_none();
        next
    }

    /// What has come, without waiting.
    pub(super) fn ready(&mut self) -> Option<Piece> {
        match self.pieces.try_recv() {
            Ok(piece) => Some(piece),
            Err(mpsc::error::TryRecvError::Empty) => None,
            Err(mpsc::error::TryRecvError::Disconnected) => {
                self.is_closed = true;
                None
            }
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.is_closed
    }
}

/// What the task of a source holds.
struct Teller {
    world: World,
    out: mpsc::Sender<Piece>,
    cancel: CancellationToken,
    sieve: Sieve,
    n_lines: Option<u32>,
    follow: bool,
    state: Before,
}

/// What the lines before say of the next.
#[derive(Default)]
struct Before {
    level: Option<Level>,
    at: Option<Timestamp>,
}

/// The logs of a run and of those below it; lines that state no time are of when their run began.
async fn of_run(world: &World, run: JobId) -> Result<Vec<Wanted>, Problem> {
    let rows = world.store().jobs().tree(run).await?;
    if rows.is_empty() {
        return Err(Problem::user(msg!("devops-no-run", run = run.to_string())).code("not-found"));
    }
    let mut wanted = Vec::new();
    for row in rows {
        match world.logs().file_of(row.id).await {
            Ok(path) => wanted.push(Wanted {
                begun: row.started_at,
                ..Wanted::new(format!("{} {}", row.id, world.texts().msg(&row.title)), Way::File(path))
            }),
            // It wrote nothing, or what it wrote was freed.
            Err(problem) if problem.code == "not-found" => {}
            Err(problem) => return Err(problem),
        }
    }
    if wanted.is_empty() {
        // Says how that may be.
        world.logs().file_of(run).await?;
    }
    Ok(wanted)
}

/// Every source that is asked for, each reading already.
pub(super) async fn of_order(cx: &JobCtx, world: &World, order: &LogOrder) -> Result<Vec<Source>, Problem> {
    let mut wanted: Vec<Wanted> = match &order.lives {
        Some(lives) => lives::wanted(cx, world, lives, &order.filter).await?,
        None => Vec::new(),
    };
    for instance in &order.instances {
        let way = way_of(world, instance, order.previous).await?;
        wanted.push(Wanted::new(instance.name.clone(), way));
    }
    for path in &order.files {
        let of = path.clone();
        let (files, is_capped) = cx.blocking(move |_| files_of(&of, MAX_SOURCES)).await?;
        if is_capped {
            let note = Problem::user(msg!("log-folder-large", path = path, n = MAX_SOURCES));
            cx.problem(note).await;
        }
        for file in files {
            let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
            wanted.push(Wanted::new(name.unwrap_or_default(), Way::File(file)));
        }
    }
    for run in &order.runs {
        wanted.extend(of_run(world, *run).await?);
    }
    let sieve = order.filter.sieve()?;
    wanted.retain(|one| sieve.takes_source(&one.name));
    if wanted.len() > MAX_SOURCES {
        return Err(Problem::user(msg!("log-many-sources", n = MAX_SOURCES)).code("too-many"));
    }
    let mut sources = Vec::new();
    for (i, Wanted { name, way, begun }) in wanted.into_iter().enumerate() {
        let (out, pieces) = mpsc::channel(QUEUE);
        let cancel = cx.cancel_token().child_token();
        let mut teller = Teller {
            world: world.clone(),
            out,
            cancel: cancel.clone(),
            sieve: sieve.clone(),
            n_lines: order.n_lines,
            follow: order.follow,
            state: Before { at: begun, level: None },
        };
        let (filter, now) = (order.filter.clone(), cx.now());
        let task = tokio::spawn(async move {
            let told = match way {
                Way::File(path) => teller.file(path, &filter).await,
                Way::Container { engine, id, before } => teller.container(&engine, &id, before).await,
                Way::HostUnit(unit) => teller.host_unit(&unit).await,
                Way::Unit(unit) => teller.unit(&unit, now).await,
            };
            match told {
                Err(problem) if !problem.is_cancelled() => drop(teller.out.send(Piece::Failed(problem)).await),
                _ => {}
            }
        });
        sources.push(Source {
            number: i as u16,
            name,
            is_through: false,
            pieces,
            is_closed: false,
            task,
            cancel,
        });
    }
    Ok(sources)
}

/// A source before it is read.
pub(super) struct Wanted {
    pub(super) name: String,
    pub(super) way: Way,
    /// Lines that state no time are of then.
    pub(super) begun: Option<Timestamp>,
}

impl Wanted {
    fn new(name: String, way: Way) -> Self {
        Self { name, way, begun: None }
    }
}

/// How a source is read.
pub(super) enum Way {
    File(PathBuf),
    Container {
        engine: Engine,
        id: String,
        /// Only what was written before this.
        before: Option<Timestamp>,
    },
    /// A unit of another machine.
    HostUnit(ssh::Handle),
    /// A unit of this machine.
    Unit(units::UnitLog),
}

async fn way_of(world: &World, instance: &Instance, previous: bool) -> Result<Way, Problem> {
    let no_previous = || Problem::user(msg!("log-no-previous", name = instance.name.as_str())).code("no-log");
    if instance.kind == InstanceKind::Unit {
        return Ok(Way::Unit(units::log_of(instance, previous)?));
    }
    if let Some(id) = &instance.container {
        // Lives of one container follow each other in one log.
        let before = match (previous, instance.started_at) {
            (false, _) => None,
            (true, Some(at)) if instance.n_restarts > 0 || instance.is_running() => Some(at),
            (true, _) => return Err(no_previous()),
        };
        return Ok(Way::Container {
            engine: world.docker().clone(),
            id: id.clone(),
            before,
        });
    }
    if let Ok(id) = instance.id.parse::<i64>()
        && let Some(mut row) = world.store().instances().get(id).await?
    {
        if previous {
            let workspace = row.workspace.clone().ok_or_else(no_previous)?;
            let lives = world
                .store()
                .instances()
                .history(&workspace, row.environment.as_deref(), 200)
                .await?;
            let earlier = lives.into_iter().filter(|life| life.name == row.name && life.id < row.id);
            row = earlier.max_by_key(|life| life.id).ok_or_else(no_previous)?;
        }
        if let Some(way) = way_of_row(world, &row).await? {
            return Ok(way);
        }
    }
    match &instance.log_path {
        Some(path) if !previous => Ok(Way::File(path.clone())),
        Some(_) => Err(no_previous()),
        None => {
            let problem = Problem::user(msg!("operate-no-log", name = instance.name.as_str())).code("no-log");
            Err(problem.hint(msg!("operate-no-log-hint")))
        }
    }
}

/// How the output of a deployed instance is read.
pub(super) async fn way_of_row(world: &World, row: &InstanceRow) -> Result<Option<Way>, Problem> {
    if let Some(unit) = ssh::handle(row) {
        return Ok(Some(Way::HostUnit(unit)));
    }
    if let Some(id) = &row.container {
        let engine = match docker::handle(row) {
            Some(_) => docker::Place::of_row(world, row).await?.engine,
            None => world.docker().clone(),
        };
        return Ok(Some(Way::Container {
            engine,
            id: id.clone(),
            before: None,
        }));
    }
    Ok(row.log_path.clone().map(Way::File))
}

impl Teller {
    async fn say(&self, piece: Piece) -> Result<(), Problem> {
        self.out.send(piece).await.map_err(|_| Problem::cancelled())
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&CancellationToken) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let cancel = self.cancel.clone();
        match tokio::task::spawn_blocking(move || work(&cancel)).await {
            Ok(result) => result,
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(_) => Err(Problem::cancelled()),
        }
    }

    /// Whether the filter takes a line; lines that state no severity of their own have that of the line before.
    fn takes(&mut self, line: &LogLine) -> bool {
        let plain = safe::plain(&line.text);
        self.state.level = self.sieve.level_of(&plain, self.state.level);
        self.sieve.takes_level(self.state.level) && self.sieve.takes_time(Some(line.at)) && self.sieve.finds(plain.as_bytes())
    }

    /// Bytes of a file as lines, each with the time that it states.
    fn lines_of(&mut self, read: &[Vec<u8>], now: Timestamp, is_live: bool) -> Vec<LogLine> {
        let zone = jiff::tz::TimeZone::system();
        let masks = self.world.masks().clone();
        let texts: Vec<String> = read
            .iter()
            .map(|line| safe::SafeText::log_line(&masks.mask_bytes(line)))
            .collect();
        let mut before = self.state.at;
        if before.is_none() {
            // What stands in front of the first time belongs to it.
            before = texts.iter().find_map(|text| time_in(&safe::plain(text), now, &zone));
        }
        let has_times = before.is_some();
        let lines = texts.into_iter().map(|text| {
            let stated = time_in(&safe::plain(&text), before.unwrap_or(now), &zone);
            let at = stated.or(before).unwrap_or(now);
            before = stated.or(before);
            LogLine {
                at,
                stream: Stream::Out,
                text,
            }
        });
        let lines: Vec<LogLine> = lines.collect();
        // Where no line says when, what comes now is of now.
        self.state.at = before.filter(|_| has_times || !is_live);
        lines
    }

    async fn file(&mut self, path: PathBuf, filter: &LogFilter) -> Result<(), Problem> {
        let cache = self.world.dirs().cache.clone();
        let open = {
            let path = path.clone();
            move |cancel: &CancellationToken| {
                let go_on = || !cancel.is_cancelled();
                let file = LogFile::open(&path, &cache, &go_on)?;
                file.count(&go_on)?;
                Ok(std::sync::Arc::new(file))
            }
        };
        let mut file = self.blocking(open.clone()).await?;
        let now = self.world.clock().now();
        let n_all = file.n_lines();
        // Which lines, by number.
        let numbers = if filter.pattern.is_none() && filter.text.is_none() && !self.sieve.needs_lines() {
            None
        } else {
            let (file, sieve) = (file.clone(), self.sieve.clone());
            let found = self.blocking(move |cancel| file.search(&sieve, now, &|| !cancel.is_cancelled(), &|_, _| {}));
            Some(found.await?.lines)
        };
        let n_found = numbers.as_ref().map_or(n_all, |numbers| numbers.len() as u64);
        let mut at = self.n_lines.map_or(0, |n| n_found.saturating_sub(u64::from(n)));
        while at < n_found {
            let end = n_found.min(at + LINES_PER_UPDATE as u64);
            let read = match &numbers {
                None => {
                    let file = file.clone();
                    self.blocking(move |_| file.lines(at, (end - at) as usize)).await?
                }
                Some(numbers) => {
                    let wanted = numbers[at as usize..end as usize].to_vec();
                    let file = file.clone();
                    self.blocking(move |_| read_runs(&file, &wanted)).await?
                }
            };
            let lines = self.lines_of(&read, now, false);
            self.say(Piece::Lines(lines)).await?;
            at = end;
        }
        self.say(Piece::Through).await?;
        let mut told = n_all;
        // A line without its end is told when it has one.
        let mut whole = file.n_whole_lines();
        if self.follow && whole < told {
            told = whole;
        }
        while self.follow {
            tokio::select! {
                () = self.cancel.cancelled() => return Err(Problem::cancelled()),
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            let looked = file.clone();
            let grown = self
                .blocking(move |cancel| {
                    let grown = looked.look()?;
                    if grown == Grown::More {
                        looked.count(&|| !cancel.is_cancelled())?;
                    }
                    Ok(grown)
                })
                .await?;
            whole = file.n_whole_lines();
            while told < whole {
                let n = (whole - told).min(LINES_PER_UPDATE as u64) as usize;
                let reader = file.clone();
                let read = self.blocking(move |_| reader.lines(told, n)).await?;
                if read.is_empty() {
                    break;
                }
                told += read.len() as u64;
                let now = self.world.clock().now();
                let lines = self.lines_of(&read, now, true);
                let lines: Vec<LogLine> = lines.into_iter().filter(|line| self.takes(line)).collect();
                if !lines.is_empty() {
                    self.say(Piece::Lines(lines)).await?;
                }
            }
            let note = match grown {
                Grown::Truncated => "truncated",
                Grown::Replaced => "replaced",
                Grown::Same | Grown::More => continue,
            };
            match self.blocking(open.clone()).await {
                Ok(anew) => {
                    file = anew;
                    told = 0;
                    self.state = Before::default();
                    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
                    self.say(Piece::Note(format!("{}: {note}", name.unwrap_or_default()))).await?;
                }
                // Between two files there is none for a moment.
                Err(problem) if problem.code == "not-found" => {}
                Err(problem) => return Err(problem),
            }
        }
        Ok(())
    }

    /// Lines as they come, and no more than the last ones of what was there. None of what `is_wanted` refuses.
    async fn container(&mut self, engine: &Engine, id: &str, before: Option<Timestamp>) -> Result<(), Problem> {
        let clock = self.world.clock().clone();
        let is_whole = self.n_lines.is_none() || before.is_some() || !self.takes_all();
        // What is filtered is filtered out of everything.
        let n = if is_whole { None } else { self.n_lines };
        let follow = self.follow && before.is_none();
        let lines = engine.logs(id, n, follow, move || clock.now()).await;
        let mut lines = lines.map_err(|fault| fault.problem())?.ready_chunks(LINES_PER_UPDATE);
        let mut last = Last::new(self.n_lines.filter(|_| is_whole));
        loop {
            let chunk = if follow && !last.is_through {
                match tokio::time::timeout(super::QUIET / 2, lines.next()).await {
                    Ok(chunk) => chunk,
                    Err(_) => {
                        self.tell_last(&mut last).await?;
                        continue;
                    }
                }
            } else {
                lines.next().await
            };
            let Some(chunk) = chunk else {
                return self.tell_last(&mut last).await;
            };
            let mut fault = None;
            let mut told = Vec::new();
            for line in chunk {
                match line {
                    Ok(mut line) => {
                        line.text = self.world.masks().mask_str(&line.text).into();
                        if before.is_none_or(|before| line.at < before) && self.takes(&line) {
                            told.push(line);
                        }
                    }
                    Err(why) => fault = Some(why),
                }
            }
            if let Some(told) = last.take_in(told) {
                self.say(Piece::Lines(told)).await?;
            }
            if let Some(fault) = fault {
                return Err(fault.problem());
            }
        }
    }

    fn takes_all(&self) -> bool {
        self.sieve.first_pattern().is_none() && !self.sieve.needs_lines()
    }

    async fn tell_last(&self, last: &mut Last) -> Result<(), Problem> {
        let was_through = std::mem::replace(&mut last.is_through, true);
        let lines: Vec<LogLine> = last.lines.drain(..).collect();
        if !lines.is_empty() {
            self.say(Piece::Lines(lines)).await?;
        }
        if was_through { Ok(()) } else { self.say(Piece::Through).await }
    }

    /// The journal of the host keeps what a unit writes.
    async fn host_unit(&mut self, unit: &ssh::Handle) -> Result<(), Problem> {
        let n = self.n_lines.unwrap_or(u32::MAX);
        let mut lines = ssh::follow(&self.world, unit, n, self.follow, &self.cancel).await?;
        while let Some(batch) = lines.next().await {
            let told: Vec<LogLine> = batch.log_lines().into_iter().filter(|line| self.takes(line)).collect();
            self.say(Piece::Lines(told)).await?;
        }
        lines.end().await
    }

    /// The journal of this machine.
    async fn unit(&mut self, unit: &units::UnitLog, now: Timestamp) -> Result<(), Problem> {
        let n = if self.takes_all() { self.n_lines } else { None };
        let mut last = Last::new(self.n_lines.filter(|_| n.is_none()));
        let mut running = unit.start(&self.world, n, self.follow, &self.cancel).await?;
        loop {
            let next = if self.follow && !last.is_through {
                match tokio::time::timeout(super::QUIET / 2, running.next()).await {
                    Ok(next) => next,
                    Err(_) => {
                        self.tell_last(&mut last).await?;
                        continue;
                    }
                }
            } else {
                running.next().await
            };
            let Some(batch) = next else { break };
            let entries = batch.lines().filter_map(|line| units::entry_of(line.bytes, now));
            let told: Vec<LogLine> = entries.filter(|line| self.takes(line)).collect();
            if let Some(told) = last.take_in(told) {
                self.say(Piece::Lines(told)).await?;
            }
        }
        self.tell_last(&mut last).await?;
        units::end_of_log(running.exit().await)
    }
}

/// The last lines of what was there, when only so many are wanted.
struct Last {
    n: Option<usize>,
    lines: VecDeque<LogLine>,
    is_through: bool,
}

impl Last {
    fn new(n: Option<u32>) -> Self {
        Self {
            n: n.map(|n| n as usize),
            lines: VecDeque::new(),
            is_through: false,
        }
    }

    /// Gives back what can be told at once.
    fn take_in(&mut self, lines: Vec<LogLine>) -> Option<Vec<LogLine>> {
        let Some(n) = self.n.filter(|_| !self.is_through) else {
            return (!lines.is_empty()).then_some(lines);
        };
        self.lines.extend(lines);
        let over = self.lines.len().saturating_sub(n);
        self.lines.drain(..over);
        None
    }
}

/// Lines by their numbers; those that follow each other are read at once.
fn read_runs(file: &LogFile, numbers: &[u64]) -> Result<Vec<Vec<u8>>, Problem> {
    let mut lines = Vec::with_capacity(numbers.len());
    let mut i = 0;
    while i < numbers.len() {
        let run = numbers[i..]
            .iter()
            .zip(numbers[i]..)
            .take_while(|(number, wanted)| **number == *wanted);
        let n = run.count();
        lines.extend(file.lines(numbers[i], n)?);
        i += n;
    }
    Ok(lines)
}
