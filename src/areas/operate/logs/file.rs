//! A log file in the window: opened at once, counted, followed as it grows, read page by page, searched by number of line.

use super::super::Update;
use crate::adapters::World;
use crate::adapters::log_file::{Grown, LogFile};
use crate::areas::JobCtx;
use crate::base::log::{Around, LogFilter, time_in};
use crate::base::{JobId, LogLine, Problem, SafeText, Stream, Timestamp, safe};
use crate::msg;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Lines of one page.
pub const PAGE: u64 = 256;
/// How often a growing file is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How often hits are told while the search goes on.
const TELL_EVERY: Duration = Duration::from_millis(100);

/// Opens a file and follows it until it is stopped: the first page at once, then how many lines there are.
pub async fn open(cx: &JobCtx, world: &World, path: PathBuf, job: Option<JobId>) -> Result<(), Problem> {
    if let Err(problem) = world.secrets().learn().await {
        cx.problem(problem).await;
    }
    let mut file = open_once(cx, world, &path, job, false).await?;
    loop {
        cx.sleep(LOOK_EVERY).await?;
        let looked = file.clone();
        let grown = cx
            .blocking(move |cx| {
                let grown = looked.look()?;
                if grown == Grown::More {
                    looked.count(&|| !cx.is_cancelled())?;
                }
                Ok(grown)
            })
            .await?;
        match grown {
            Grown::Same => continue,
            Grown::More => {
                tell_count(cx, &file, None).await;
                continue;
            }
            Grown::Truncated | Grown::Replaced => {}
        }
        match open_once(cx, world, &path, job, grown == Grown::Truncated).await {
            Ok(anew) => file = anew,
            // Between two files there is none for a moment.
            Err(problem) if problem.code == "not-found" => {}
            Err(problem) => return Err(problem),
        }
    }
}

/// The log of a run; of one that wrote nothing an empty one.
pub async fn open_run(cx: &JobCtx, world: &World, job: JobId) -> Result<(), Problem> {
    match world.logs().file_of(job).await {
        Ok(path) => open(cx, world, path, Some(job)).await,
        Err(problem) => {
            let path = PathBuf::new();
            let opened = Update::LogFileOpened {
                path: path.clone(),
                job: Some(job),
                lines: Vec::new(),
            };
            cx.update(opened).await;
            let counted = Update::LogFileCounted {
                path,
                n_lines: 0,
                bytes: 0,
                note: None,
            };
            cx.update(counted).await;
            Err(problem)
        }
    }
}

/// The file anew; what was known of it is forgotten.
async fn open_once(
    cx: &JobCtx,
    world: &World,
    path: &Path,
    job: Option<JobId>,
    was_truncated: bool,
) -> Result<Arc<LogFile>, Problem> {
    let was_open = world.log_files().get(path).is_some();
    let (cache, of) = (world.dirs().cache.clone(), path.to_path_buf());
    let file = cx
        .blocking(move |cx| Ok(Arc::new(LogFile::open(&of, &cache, &|| !cx.is_cancelled())?)))
        .await?;
    if let Some(damage) = file.damage() {
        cx.problem(damage.clone()).await;
    }
    world.log_files().put(file.clone());
    let first = page(cx, world, file.clone(), 0).await?;
    let note = was_open.then(|| {
        if was_truncated {
            msg!("log-was-truncated")
        } else {
            msg!("log-was-replaced")
        }
    });
    cx.update(Update::LogFileOpened {
        path: path.to_path_buf(),
        job,
        lines: first,
    })
    .await;
    let counted = file.clone();
    cx.blocking(move |cx| counted.count(&|| !cx.is_cancelled())).await?;
    tell_count(cx, &file, note).await;
    Ok(file)
}

async fn tell_count(cx: &JobCtx, file: &LogFile, note: Option<crate::base::Msg>) {
    cx.update(Update::LogFileCounted {
        path: file.path().to_path_buf(),
        n_lines: file.n_lines(),
        bytes: file.len(),
        note,
    })
    .await;
}

/// Reads a page, `PAGE` lines from a multiple of that on.
pub async fn read(cx: &JobCtx, world: &World, path: PathBuf, from: u64) -> Result<(), Problem> {
    let file = opened(world, &path)?;
    let lines = page(cx, world, file, from).await?;
    cx.update(Update::LogFilePage { path, from, lines }).await;
    Ok(())
}

/// The lines of these numbers: of hits that are in sight.
pub async fn read_hits(cx: &JobCtx, world: &World, path: PathBuf, numbers: Vec<u64>) -> Result<(), Problem> {
    let mut pages: Vec<u64> = numbers.iter().map(|number| number / PAGE * PAGE).collect();
    pages.dedup();
    for from in pages {
        read(cx, world, path.clone(), from).await?;
    }
    Ok(())
}

/// Searches the whole file; what was found so far is told on the way.
pub async fn search(cx: &JobCtx, world: &World, path: PathBuf, filter: LogFilter) -> Result<(), Problem> {
    let file = opened(world, &path)?;
    let sieve = filter.sieve()?;
    let now = cx.now();
    let (of, wanted) = (path.clone(), filter.clone());
    let n_hits = cx
        .blocking(move |cx| {
            let waiting = std::sync::Mutex::new((Vec::new(), Instant::now()));
            let tell = |hits: &[u64], fraction: f64| {
                let mut waiting = waiting.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                waiting.0.extend_from_slice(hits);
                if waiting.1.elapsed() >= TELL_EVERY {
                    waiting.1 = Instant::now();
                    cx.update_blocking(Update::LogFileHits {
                        path: of.clone(),
                        filter: wanted.clone(),
                        lines: std::mem::take(&mut waiting.0),
                        fraction,
                        n_hits: None,
                    });
                }
            };
            let found = file.search(&sieve, now, &|| !cx.is_cancelled(), &tell)?;
            let rest = waiting.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner).0;
            Ok((rest, found.n_hits))
        })
        .await?;
    cx.update(Update::LogFileHits {
        path,
        filter,
        lines: n_hits.0,
        fraction: 1.0,
        n_hits: Some(n_hits.1),
    })
    .await;
    Ok(())
}

fn opened(world: &World, path: &Path) -> Result<Arc<LogFile>, Problem> {
    let file = world.log_files().get(path);
    file.ok_or_else(|| Problem::user(msg!("log-not-open", path = path)).code("not-open"))
}

async fn page(cx: &JobCtx, world: &World, file: Arc<LogFile>, from: u64) -> Result<Vec<LogLine>, Problem> {
    let read = cx.blocking(move |_| file.lines(from, PAGE as usize)).await?;
    let zone = jiff::tz::TimeZone::system();
    let now = cx.now();
    let mut before: Option<Timestamp> = None;
    let lines = read.iter().map(|line| {
        let text = SafeText::log_line(&world.masks().mask_bytes(line));
        let at = time_in(&safe::plain(&text), Around { before, now }, &zone).or(before);
        before = at;
        LogLine {
            at: at.unwrap_or(now),
            stream: Stream::Out,
            text,
        }
    });
    Ok(lines.collect())
}
