//! The output of instances and files: several sources merged by time, filtered where they are read, shaped, shown or written to a
//! file. Memory holds a few thousand lines of each source, however long it is.

mod arrivals;
mod container;
mod far;
pub mod file;
pub mod lives;
mod shape;
mod source;
mod ways;

pub use shape::Shape;

use super::{Instance, Update};
use crate::adapters::log_file::{Joined, LineWriter};
use crate::adapters::{World, terminal};
use crate::areas::JobCtx;
use crate::base::log::LogFilter;
use crate::base::{JobId, Level, LogLine, Problem, Stream, Timestamp, WriteTo, format, safe};
use crate::msg;
use arrivals::Arrivals;
use serde::{Deserialize, Serialize};
use shape::Shaper;
use source::{Piece, Source};
use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::time::Duration;

/// Lines per update.
const LINES_PER_UPDATE: usize = 1000;
const BYTES_PER_UPDATE: usize = 8 << 20;
/// How often what came is put in order and told.
const TICK: Duration = Duration::from_millis(100);
/// A source that is followed and says nothing for so long has told what it had.
const QUIET: Duration = Duration::from_millis(400);
/// Sources that are merged at most.
const MAX_SOURCES: usize = 64;

/// What shall be shown.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LogOrder {
    pub instances: Vec<Instance>,
    /// Files, and folders of files.
    pub files: Vec<PathBuf>,
    /// What these runs and those below them wrote.
    pub runs: Vec<JobId>,
    /// The last lines of each source that the filter takes; None is all.
    pub n_lines: Option<u32>,
    pub follow: bool,
    /// The life before the one that runs, or that ran last.
    pub previous: bool,
    /// Also the lives that are over.
    pub lives: Option<lives::Lives>,
    /// Seconds of each part of the time in which lines are counted.
    pub count_secs: Option<u32>,
    /// The counts are wanted, not the lines.
    pub only_counts: bool,
    pub filter: LogFilter,
    pub shape: Shape,
    pub to: LogsTo,
}

/// What becomes of the lines.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum LogsTo {
    /// Told as they are shown: safe, and bounded.
    #[default]
    Shown,
    /// Told as they were written, for a program.
    Told,
    /// Byte for byte to this program's output.
    Output {
        /// With the time of each line.
        times: bool,
    },
    /// Byte for byte into this file.
    File(WriteTo),
}

/// The lines of a part of the time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LogCount {
    /// When the part begins.
    pub at: Timestamp,
    pub n: u64,
    pub n_errors: u64,
    pub n_warnings: u64,
}

impl LogOrder {
    /// What the log is known by: one and the same for the same sources.
    pub fn name(&self) -> String {
        let ids = self.instances.iter().map(|instance| instance.id.clone());
        let files = self.files.iter().map(|file| file.display().to_string());
        let runs = self.runs.iter().map(|run| format!("run {run}"));
        let lives = self.lives.iter().map(|lives| format!("{} {:?}", lives.name(), self.filter));
        let name = ids.chain(files).chain(runs).chain(lives).collect::<Vec<_>>().join(" ");
        if self.previous { format!("{name} -1") } else { name }
    }
}

/// A line, and all its bytes with its line break where more than what is shown of it is wanted.
struct Entry {
    line: LogLine,
    whole: Option<Vec<u8>>,
}

impl Entry {
    /// With all its bytes where they are wanted, or are more than is shown.
    fn of(line: LogLine, written: &[u8], is_whole: bool) -> Self {
        let is_long = written.len() > safe::MAX_LINE_BYTES;
        Self {
            line,
            whole: (is_whole || is_long).then(|| [written, b"\n"].concat()),
        }
    }
}

impl From<LogLine> for Entry {
    fn from(line: LogLine) -> Self {
        Self { line, whole: None }
    }
}

/// One line on its way, with the number of its source.
struct Told {
    line: LogLine,
    whole: Option<Vec<u8>>,
    source: u16,
}

impl Told {
    fn of(entry: Entry, source: u16) -> Self {
        let Entry { line, whole } = entry;
        Self { line, whole, source }
    }
}

/// Shows the last lines in the order of their times; follows until it is stopped when asked to.
pub async fn show(cx: &JobCtx, world: &World, order: &LogOrder) -> Result<(), Problem> {
    // Another program may have set some since this one was started.
    if let Err(problem) = world.secrets().learn().await {
        cx.problem(problem).await;
    }
    order.filter.sieve()?;
    // Before the sources begin: a file that comes meanwhile is missed by neither.
    let mut arrivals = if order.follow {
        Some(Arrivals::begin(cx, order).await?)
    } else {
        None
    };
    let mut sources = source::of_order(cx, world, order).await?;
    let log = order.name();
    let names: Vec<String> = sources.iter().map(|source| source.name.clone()).collect();
    if let Some(named) = &order.filter.sources.first()
        && sources.is_empty()
    {
        return Err(Problem::user(msg!("log-no-source", name = named.as_str())).code("not-found"));
    }
    let mut out = Out {
        cx,
        log: log.clone(),
        shaper: Shaper::new(order.shape, names.len()),
        to: match &order.to {
            LogsTo::Shown => To::Shown,
            LogsTo::Told => To::Told,
            LogsTo::Output { times } => To::Output {
                joined: Joined::default(),
                times: *times,
                is_over: false,
            },
            LogsTo::File(to) => To::File {
                path: to.path.clone(),
                file: LineWriter::create(to)?,
            },
        },
        names: names.clone(),
        batch: Vec::new(),
        n_bytes: 0,
        n_lines: 0,
        count_secs: order.count_secs.map(|secs| i64::from(secs.max(1))),
        only_counts: order.only_counts,
        counts: BTreeMap::new(),
    };
    cx.update(Update::LogOpened { log, sources: names }).await;
    out.merge(&mut sources, order.follow).await?;
    if let Some(arrivals) = &mut arrivals {
        out.follow(world, order, &mut sources, arrivals).await?;
    }
    out.finish().await
}

/// Where lines go.
enum To {
    Shown,
    Told,
    Output {
        joined: Joined,
        times: bool,
        /// Nobody takes any more.
        is_over: bool,
    },
    File {
        path: PathBuf,
        file: LineWriter,
    },
}

/// Lines on their way out.
struct Out<'a> {
    cx: &'a JobCtx,
    log: String,
    shaper: Shaper,
    to: To,
    names: Vec<String>,
    batch: Vec<Told>,
    /// Of the lines of the batch, where all their bytes are there.
    n_bytes: usize,
    n_lines: u64,
    count_secs: Option<i64>,
    only_counts: bool,
    /// By the second in which their part begins.
    counts: BTreeMap<i64, LogCount>,
}

impl Out<'_> {
    /// What there is: always the oldest of the lines that the sources have next. A line is told only when every source has one, or has
    /// told all.
    async fn merge(&mut self, sources: &mut [Source], follow: bool) -> Result<(), Problem> {
        let n_sources = sources.len();
        let mut waiting: Vec<VecDeque<Entry>> = sources.iter().map(|_| VecDeque::new()).collect();
        loop {
            for (source, lines) in sources.iter_mut().zip(&mut waiting) {
                while lines.is_empty() && !source.is_through {
                    let next = self.cx.until_cancelled(source.next(follow.then_some(QUIET))).await?;
                    match next {
                        Some(Piece::Lines(more)) => lines.extend(more),
                        Some(Piece::Note(note)) => self.note(source.number, note).await,
                        Some(Piece::Wrong(problem)) => self.cx.problem(problem).await,
                        Some(Piece::Through) | None => source.is_through = true,
                        Some(Piece::Failed(problem)) if n_sources == 1 => return Err(problem),
                        Some(Piece::Failed(problem)) => self.cx.problem(problem).await,
                    }
                }
            }
            let heads = waiting
                .iter()
                .enumerate()
                .filter_map(|(i, lines)| Some((lines.front()?.line.at, i)));
            let Some((_, i)) = heads.min() else {
                return self.tell().await;
            };
            // As long as no other has an older one.
            let limit = waiting.iter().enumerate().filter(|(other, _)| *other != i);
            let limit: Option<Timestamp> = limit.filter_map(|(_, lines)| Some(lines.front()?.line.at)).min();
            while let Some(entry) = waiting[i].front() {
                if limit.is_some_and(|limit| entry.line.at > limit) {
                    break;
                }
                let Some(entry) = waiting[i].pop_front() else { break };
                self.push(Told::of(entry, i as u16)).await?;
            }
            if self.is_over() {
                return Ok(());
            }
        }
    }

    /// What comes: put in order tick by tick.
    async fn follow(
        &mut self,
        world: &World,
        order: &LogOrder,
        sources: &mut Vec<Source>,
        arrivals: &mut Arrivals,
    ) -> Result<(), Problem> {
        loop {
            for source in arrivals.next(self.cx, world, order, sources).await? {
                self.names.push(source.name.clone());
                self.shaper.one_more();
                let (log, name) = (self.log.clone(), source.name.clone());
                self.cx.update(Update::LogSourceCame { log, name }).await;
                sources.push(source);
            }
            let n_sources = sources.len();
            let mut came: Vec<Told> = Vec::new();
            let mut is_over = true;
            for source in &mut *sources {
                loop {
                    match source.ready() {
                        Some(Piece::Lines(lines)) => {
                            let source = source.number;
                            came.extend(lines.into_iter().map(|entry| Told::of(entry, source)));
                        }
                        Some(Piece::Note(note)) => self.note(source.number, note).await,
                        Some(Piece::Wrong(problem)) => self.cx.problem(problem).await,
                        Some(Piece::Failed(problem)) => {
                            if n_sources == 1 {
                                return Err(problem);
                            }
                            // The others go on.
                            self.cx.problem(problem).await;
                        }
                        Some(Piece::Through) => {}
                        None => break,
                    }
                    if came.len() > 20 * LINES_PER_UPDATE {
                        break;
                    }
                }
                is_over &= source.is_over();
            }
            came.sort_by_key(|told| told.line.at);
            for told in came {
                self.push(told).await?;
            }
            self.tell().await?;
            if is_over || self.is_over() {
                return Ok(());
            }
            self.cx.sleep(TICK).await?;
        }
    }

    fn is_over(&self) -> bool {
        matches!(self.to, To::Output { is_over: true, .. })
    }

    async fn push(&mut self, told: Told) -> Result<(), Problem> {
        self.n_bytes += told.whole.as_ref().map_or(0, Vec::len);
        self.batch.push(told);
        if self.batch.len() >= LINES_PER_UPDATE || self.n_bytes >= BYTES_PER_UPDATE {
            self.tell().await?;
        }
        Ok(())
    }

    async fn note(&mut self, source: u16, text: String) {
        if matches!(self.to, To::Output { .. }) {
            // Not of the log; whoever does not read it is not to be waited for.
            terminal::hand_out(Stream::Err, format!("{text}\n").as_bytes()).await.ok();
            return;
        }
        let line = LogLine::note(self.cx.now(), text);
        self.batch.push(Told::of(line.into(), source));
    }

    async fn tell(&mut self) -> Result<(), Problem> {
        let batch = std::mem::take(&mut self.batch);
        self.n_bytes = 0;
        if batch.is_empty() {
            return Ok(());
        }
        self.cx.check()?;
        self.count(&batch);
        if self.only_counts {
            return Ok(());
        }
        let batch = self.shaper.shape(batch);
        self.n_lines += batch.len() as u64;
        let names = &self.names;
        let before = |told: &Told| {
            let name = names.get(usize::from(told.source)).filter(|_| names.len() > 1);
            name.map_or_else(String::new, |name| format!("{name} | "))
        };
        match &mut self.to {
            To::Shown => {}
            To::Told => return self.update(batch.into_iter().map(as_written).collect()).await,
            To::Output { joined, times, is_over } => {
                let mut bytes = Vec::new();
                for told in batch {
                    let at = if *times { stamp(told.line.at) } else { String::new() };
                    let before = format!("{at}{}", before(&told));
                    joined.push(&mut bytes, &before, &bytes_of(told));
                }
                return match terminal::hand_out(Stream::Out, &bytes).await {
                    Ok(()) => Ok(()),
                    Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {
                        *is_over = true;
                        Ok(())
                    }
                    Err(error) => Err(Problem::environment(msg!("cli-lost")).code("output").details(error)),
                };
            }
            To::File { file, .. } => {
                for told in batch {
                    file.bytes(&before(&told), &bytes_of(told))?;
                }
                return file.flush();
            }
        }
        self.update(batch).await
    }

    async fn update(&mut self, batch: Vec<Told>) -> Result<(), Problem> {
        let (lines, origins) = batch.into_iter().map(|told| (told.line, told.source)).unzip();
        let log = self.log.clone();
        self.cx.update(Update::LogLines { log, lines, origins }).await;
        Ok(())
    }

    fn count(&mut self, batch: &[Told]) {
        let Some(secs) = self.count_secs else { return };
        for told in batch {
            let second = told.line.at.as_second().div_euclid(secs) * secs;
            let count = self.counts.entry(second).or_default();
            count.n += 1;
            match told.line.level() {
                Some(Level::Error) => count.n_errors += 1,
                Some(Level::Warn) => count.n_warnings += 1,
                _ => {}
            }
        }
    }

    async fn finish(mut self) -> Result<(), Problem> {
        self.tell().await?;
        if let Some(secs) = self.count_secs {
            let counts = std::mem::take(&mut self.counts).into_iter().map(|(second, count)| LogCount {
                at: Timestamp::from_second(second).unwrap_or_default(),
                ..count
            });
            let (log, secs, counts) = (self.log.clone(), secs as u32, counts.collect());
            self.cx.update(Update::LogCounted { log, secs, counts }).await;
        }
        if let To::File { path, file } = self.to {
            file.finish()?;
            let n_lines = self.n_lines;
            self.cx.update(Update::LogExported { path, n_lines }).await;
        }
        Ok(())
    }
}

/// When a line was written, in front of it.
pub fn stamp(at: Timestamp) -> String {
    format::local(at).strftime("%Y-%m-%d %H:%M:%S%.3f  ").to_string()
}

/// As it was written, but for secrets; of what was shaped, what is shown without its colours.
fn bytes_of(told: Told) -> Vec<u8> {
    let shaped = || format!("{}\n", safe::plain(&told.line.text)).into_bytes();
    told.whole.unwrap_or_else(shaped)
}

/// Its text is all that was written.
fn as_written(told: Told) -> Told {
    let Some(whole) = &told.whole else { return told };
    let text = String::from_utf8_lossy(source::without_end(whole)).into_owned();
    Told {
        line: LogLine { text, ..told.line },
        ..told
    }
}

/// Writes lines that are shown into a new file.
pub async fn export(cx: &JobCtx, to: PathBuf, lines: Vec<String>) -> Result<(), Problem> {
    let path = to.clone();
    let n_lines = cx
        .blocking(move |_| {
            let mut file = LineWriter::create(&WriteTo::new(path, false))?;
            for line in &lines {
                file.line(line)?;
            }
            file.finish()?;
            Ok(lines.len() as u64)
        })
        .await?;
    cx.update(Update::LogExported { path: to, n_lines }).await;
    Ok(())
}
