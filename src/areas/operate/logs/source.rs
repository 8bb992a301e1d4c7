//! One source of lines: a file, a container, a unit. It reads in a task of its own and waits when nobody takes its lines.

use super::ways::{Part, Wanted, Way, of_run, way_of};
use super::{Entry, LINES_PER_UPDATE, LogOrder, LogsTo, MAX_SOURCES, lives};
use crate::adapters::World;
use crate::adapters::log_file::{Grown, LogFile, files_of};
use crate::areas::JobCtx;
use crate::areas::operate::units;
use crate::base::log::{Around, LogFilter, LogForm, Message, Sieve, time_in};
use crate::base::{LogLine, Msg, Problem, Stream, Timestamp, safe};
use crate::msg;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How often a file is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// Bytes of lines that are read at once.
const BATCH_BYTES: usize = 8 << 20;
/// Batches that wait for the merge.
const QUEUE: usize = 4;

/// What a source says.
pub(super) enum Piece {
    Lines(Vec<Entry>),
    /// It was truncated, or replaced.
    Note(String),
    /// Something is wrong with it; what there is of it comes.
    Wrong(Problem),
    /// What was there has been told; what follows comes as it happens.
    Through,
    Failed(Problem),
}

/// A source and its task, which ends with it.
pub(super) struct Source {
    pub(super) number: u16,
    pub(super) name: String,
    /// The file, where it is one.
    pub(super) path: Option<PathBuf>,
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
pub(super) struct Teller {
    pub(super) world: World,
    out: mpsc::Sender<Piece>,
    pub(super) cancel: CancellationToken,
    sieve: Sieve,
    pub(super) n_lines: Option<u32>,
    pub(super) follow: bool,
    /// All bytes of a line are wanted, not only what is shown of it.
    pub(super) is_whole: bool,
    message: Message,
    /// Lines of a message of which none was taken so far.
    waiting: Vec<Entry>,
    /// When the line before was written.
    before: Option<Timestamp>,
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
            wanted.push(Wanted::new(name.unwrap_or_default(), Way::File(file.into())));
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
    let sources = wanted.into_iter().enumerate();
    let sources = sources.map(|(i, one)| begin(cx, world, order, &sieve, i as u16, one));
    Ok(sources.collect())
}

/// A source that reads from now on.
pub(super) fn begin(cx: &JobCtx, world: &World, order: &LogOrder, sieve: &Sieve, number: u16, wanted: Wanted) -> Source {
    let Wanted { name, way, begun } = wanted;
    let path = match &way {
        Way::File(part) => Some(part.path.clone()),
        _ => None,
    };
    let (out, pieces) = mpsc::channel(QUEUE);
    let cancel = cx.cancel_token().child_token();
    let mut teller = Teller {
        world: world.clone(),
        out,
        cancel: cancel.clone(),
        sieve: sieve.clone(),
        n_lines: order.n_lines,
        follow: order.follow,
        is_whole: order.to != LogsTo::Shown || order.shape.form != LogForm::Raw,
        message: Message::default(),
        waiting: Vec::new(),
        before: begun,
    };
    let (filter, now) = (order.filter.clone(), cx.now());
    let task = tokio::spawn(async move {
        let told = match way {
            Way::File(part) => teller.file(part, &filter).await,
            Way::Container { engine, id, before } => teller.container(&engine, &id, before).await,
            Way::Far(log) => teller.far(&log, now).await,
            Way::Unit(unit) => teller.unit(&unit, now).await,
        };
        match told {
            Err(problem) if !problem.is_cancelled() => drop(teller.out.send(Piece::Failed(problem)).await),
            _ => {}
        }
    });
    Source {
        number,
        name,
        path,
        is_through: false,
        pieces,
        is_closed: false,
        task,
        cancel,
    }
}

impl Teller {
    pub(super) async fn say(&self, piece: Piece) -> Result<(), Problem> {
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

    /// Of lines that came those that the filter takes, with those that belong to them.
    pub(super) fn sift(&mut self, entries: Vec<Entry>) -> Vec<Entry> {
        let mut taken = Vec::new();
        for entry in entries {
            let plain = safe::plain(&entry.line.text).into_owned();
            let bytes = entry.whole.as_deref().map_or(plain.as_bytes(), without_end);
            match self.message.take(&self.sieve, &plain, bytes, Some(entry.line.at)) {
                Some(n) => {
                    let from = self.waiting.len().saturating_sub(n);
                    taken.extend(self.waiting.drain(..).skip(from));
                    taken.push(entry);
                }
                None if self.sieve.is_whole() => {
                    // What was waiting belongs to another message where this line begins one.
                    let n = self.message.n_waiting().saturating_sub(1);
                    let from = self.waiting.len().saturating_sub(n);
                    self.waiting.drain(..from);
                    self.waiting.push(entry);
                }
                None => {}
            }
        }
        taken
    }

    /// Bytes of a file as lines, each with the time that it states.
    fn lines_of(&mut self, read: Vec<Vec<u8>>, now: Timestamp, is_live: bool) -> Vec<Entry> {
        let zone = jiff::tz::TimeZone::system();
        let masks = self.world.masks().clone();
        let entries: Vec<(String, Option<Vec<u8>>)> = read
            .into_iter()
            .map(|line| {
                let masked = masks.mask_bytes(&line);
                let text = safe::SafeText::log_line(without_end(&masked));
                (text, self.is_whole.then(|| masked.into_owned()))
            })
            .collect();
        let stated = |text: &str, whole: &Option<Vec<u8>>, around: Around| match whole {
            // The time of a long line that is JSON may stand behind what is shown of it.
            Some(whole) if text.starts_with('{') => time_in(&String::from_utf8_lossy(whole), around, &zone),
            _ => time_in(&safe::plain(text), around, &zone),
        };
        let mut before = self.before;
        if before.is_none() {
            // What stands in front of the first time belongs to it.
            before = entries
                .iter()
                .find_map(|(text, whole)| stated(text, whole, Around { before: None, now }));
        }
        let has_times = before.is_some();
        let lines = entries.into_iter().map(|(text, whole)| {
            let stated = stated(&text, &whole, Around { before, now });
            let at = stated.or(before).unwrap_or(now);
            before = stated.or(before);
            let line = LogLine {
                at,
                stream: Stream::Out,
                text,
            };
            Entry { line, whole }
        });
        let lines: Vec<Entry> = lines.collect();
        // Where no line says when, what comes now is of now.
        self.before = before.filter(|_| has_times || !is_live);
        lines
    }

    async fn file(&mut self, part: Part, filter: &LogFilter) -> Result<(), Problem> {
        let Part { path, from, until } = part;
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
        let of = file.clone();
        let (first, last) = self
            .blocking(move |_| {
                let last = until.map(|until| of.lines_before(until)).transpose()?;
                Ok((of.lines_before(from)?, last.unwrap_or(n_all)))
            })
            .await?;
        // Which lines, by number.
        let numbers = if filter.pattern.is_none() && filter.text.is_none() && !self.sieve.needs_lines() {
            None
        } else {
            let (file, sieve) = (file.clone(), self.sieve.clone());
            let found = self.blocking(move |cancel| file.search(&sieve, now, &|| !cancel.is_cancelled(), &|_, _| {}));
            let mut numbers = found.await?.lines;
            numbers.retain(|number| (first..last).contains(number));
            Some(numbers)
        };
        let n_found = numbers
            .as_ref()
            .map_or(last.saturating_sub(first), |numbers| numbers.len() as u64);
        let mut at = self.n_lines.map_or(0, |n| n_found.saturating_sub(u64::from(n)));
        while at < n_found {
            let end = n_found.min(at + LINES_PER_UPDATE as u64);
            let wanted: Vec<u64> = match &numbers {
                None => (first + at..first + end).collect(),
                Some(numbers) => numbers[at as usize..end as usize].to_vec(),
            };
            let (file, is_whole) = (file.clone(), self.is_whole);
            let read = self.blocking(move |_| read_runs(&file, &wanted, is_whole)).await?;
            if read.is_empty() {
                break;
            }
            at += read.len() as u64;
            let lines = self.lines_of(read, now, false);
            self.say(Piece::Lines(lines)).await?;
        }
        if let Some(damage) = file.damage() {
            self.say(Piece::Wrong(damage.clone())).await?;
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
                let (reader, is_whole) = (file.clone(), self.is_whole);
                let wanted: Vec<u64> = (told..told + n as u64).collect();
                let read = self.blocking(move |_| read_runs(&reader, &wanted, is_whole)).await?;
                if read.is_empty() {
                    break;
                }
                told += read.len() as u64;
                let now = self.world.clock().now();
                let lines = self.lines_of(read, now, true);
                let lines = self.sift(lines);
                if !lines.is_empty() {
                    self.say(Piece::Lines(lines)).await?;
                }
            }
            let note = match grown {
                Grown::Truncated => "log-truncated",
                Grown::Replaced => "log-replaced",
                Grown::Same | Grown::More => continue,
            };
            match self.blocking(open.clone()).await {
                Ok(anew) => {
                    file = anew;
                    told = 0;
                    self.before = None;
                    self.message = Message::default();
                    self.waiting.clear();
                    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
                    let note = Msg::new(note).with("name", name.unwrap_or_default());
                    self.say(Piece::Note(self.world.texts().msg(&note))).await?;
                }
                // Between two files there is none for a moment.
                Err(problem) if problem.code == "not-found" => {}
                Err(problem) => return Err(problem),
            }
        }
        Ok(())
    }

    /// What comes next. Where something is followed and says nothing for a moment, the last lines of what was there are told meanwhile.
    pub(super) async fn next_of<T>(
        &self,
        follow: bool,
        last: &mut Last,
        next: impl Future<Output = Option<T>>,
    ) -> Result<Option<T>, Problem> {
        let mut next = std::pin::pin!(next);
        if follow && !last.is_through {
            match tokio::time::timeout(super::QUIET / 2, &mut next).await {
                Ok(next) => return Ok(next),
                Err(_) => self.tell_last(last).await?,
            }
        }
        Ok(next.await)
    }

    /// Lines go on, or are kept while more of what was there comes. A source that never rests has come to what is written now when its
    /// newest line says so, taken or not.
    pub(super) async fn hand_on(&self, last: &mut Last, lines: Vec<Entry>, newest: Option<Timestamp>) -> Result<(), Problem> {
        if let Some(told) = last.take_in(lines) {
            self.say(Piece::Lines(told)).await?;
        }
        if self.follow && !last.is_through && newest > Some(last.begun) {
            self.tell_last(last).await?;
        }
        Ok(())
    }

    pub(super) fn takes_all(&self) -> bool {
        self.sieve.first_pattern().is_none() && !self.sieve.needs_lines()
    }

    pub(super) async fn tell_last(&self, last: &mut Last) -> Result<(), Problem> {
        let was_through = std::mem::replace(&mut last.is_through, true);
        let lines: Vec<Entry> = last.lines.drain(..).collect();
        if !lines.is_empty() {
            self.say(Piece::Lines(lines)).await?;
        }
        if was_through { Ok(()) } else { self.say(Piece::Through).await }
    }

    /// The journal of this machine.
    async fn unit(&mut self, unit: &units::UnitLog, now: Timestamp) -> Result<(), Problem> {
        let n = if self.takes_all() { self.n_lines } else { None };
        let mut last = Last::new(self.n_lines.filter(|_| n.is_none()), now);
        let mut running = unit.start(&self.world, n, self.follow, &self.cancel).await?;
        while let Some(batch) = self.next_of(self.follow, &mut last, running.next()).await? {
            let written = batch.lines().filter_map(|line| units::entry_of(line.bytes, now));
            let entries: Vec<Entry> = written.map(|(line, all)| Entry::of(line, &all, self.is_whole)).collect();
            let newest = entries.iter().map(|entry| entry.line.at).max();
            let told = self.sift(entries);
            self.hand_on(&mut last, told, newest).await?;
        }
        self.tell_last(&mut last).await?;
        units::end_of_log(running.exit().await)
    }
}

/// The last lines of what was there, when only so many are wanted.
pub(super) struct Last {
    n: Option<usize>,
    lines: VecDeque<Entry>,
    is_through: bool,
    /// What was written later was not there.
    begun: Timestamp,
}

impl Last {
    pub(super) fn new(n: Option<u32>, begun: Timestamp) -> Self {
        Self {
            begun,
            n: n.map(|n| n as usize),
            lines: VecDeque::new(),
            is_through: false,
        }
    }

    /// Gives back what can be told at once.
    fn take_in(&mut self, lines: Vec<Entry>) -> Option<Vec<Entry>> {
        let Some(n) = self.n.filter(|_| !self.is_through) else {
            return (!lines.is_empty()).then_some(lines);
        };
        self.lines.extend(lines);
        let over = self.lines.len().saturating_sub(n);
        self.lines.drain(..over);
        None
    }
}

/// Lines by their numbers; those that follow each other are read at once. Fewer where they are long.
fn read_runs(file: &LogFile, numbers: &[u64], is_whole: bool) -> Result<Vec<Vec<u8>>, Problem> {
    let mut lines: Vec<Vec<u8>> = Vec::with_capacity(numbers.len());
    let mut n_bytes = 0;
    while lines.len() < numbers.len() && n_bytes < BATCH_BYTES {
        let rest = &numbers[lines.len()..];
        let run = rest.iter().zip(rest[0]..).take_while(|(number, wanted)| **number == *wanted);
        let n = run.count();
        let read = if is_whole {
            file.whole_lines(rest[0], n)?
        } else {
            file.lines(rest[0], n)?
        };
        if read.is_empty() {
            break;
        }
        n_bytes += read.iter().map(Vec::len).sum::<usize>();
        lines.extend(read);
    }
    Ok(lines)
}

/// A line without its line break.
pub(super) fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}
