//! Samples over time, in three tiers under one budget: as they came, by the minute, by the hour. A tier is exact: its least, greatest,
//! sum and count are those of the samples themselves. Minutes are counted from the samples while those are there, and kept when they go.

use super::blocks::{self, Bucket, Cell, HOUR_MS, MINUTE_MS, Tier};
use super::fault::Fault;
use super::record::{delete, find, insert, next_id, number, record, select, upsert, values};
use super::{Db, Store};
use crate::base::{Problem, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub(super) const SCHEMA: &str = "
CREATE TABLE sequences (name TEXT PRIMARY KEY NOT NULL, next INTEGER NOT NULL, sum INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE series (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, unit TEXT NOT NULL, sum INTEGER NOT NULL) STRICT;
CREATE TABLE raw (series INTEGER NOT NULL, at INTEGER NOT NULL, value REAL NOT NULL, sum INTEGER NOT NULL,
  PRIMARY KEY (series, at)) STRICT, WITHOUT ROWID;
CREATE TABLE minutes (series INTEGER NOT NULL, at INTEGER NOT NULL, least REAL NOT NULL, greatest REAL NOT NULL, total REAL NOT NULL,
  n INTEGER NOT NULL, sum INTEGER NOT NULL, PRIMARY KEY (series, at)) STRICT, WITHOUT ROWID;
CREATE TABLE hours (series INTEGER NOT NULL, at INTEGER NOT NULL, least REAL NOT NULL, greatest REAL NOT NULL, total REAL NOT NULL,
  n INTEGER NOT NULL, sum INTEGER NOT NULL, PRIMARY KEY (series, at)) STRICT, WITHOUT ROWID;
";

const DAY_MS: i64 = 24 * HOUR_MS;
/// So many times the asked number of points are read and thinned exactly, before a coarser tier is taken.
const READ_AHEAD: usize = 16;
/// So many samples are read at most to count minutes from them.
const MOST_READ: usize = 1 << 20;
/// So many samples of one series that come together are packed at once.
const BULK: usize = 2048;
/// So many hours stand as rows before they are packed.
const YOUNG_HOURS: i64 = 64;

record! {
    /// A named series, such as `instance/shop-1/cpu`.
    SeriesRow in "series" key 1 {
        id: i64,
        key: String,
        /// `percent`, `bytes`, `ms` ...
        unit: String,
    }
}

/// One measured value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    pub series: String,
    pub at: Timestamp,
    pub value: f64,
}

/// What is drawn: one sample, or what several of them had in common.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// The time of the sample, or the beginning of its bucket.
    pub at: Timestamp,
    pub min: f64,
    pub mean: f64,
    pub max: f64,
    pub n: u64,
}

/// What was freed to keep the budget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreedSamples {
    pub n_rows: u64,
    pub bytes_before: u64,
    pub bytes_after: u64,
}

/// Samples of the second database.
pub struct Samples<'a>(&'a Store);

impl Store {
    pub fn samples(&self) -> Samples<'_> {
        Samples(self)
    }
}

impl Samples<'_> {
    /// Writes samples; a second one of the same series and millisecond is left out. NaN and infinity are left out. Gives how many were written.
    pub async fn insert(&self, samples: Vec<Sample>) -> Result<u64, Problem> {
        self.0.write_samples(move |db| insert_all(db, &samples)).await
    }

    /// Names the unit of a series, which is made when it is new.
    pub async fn set_unit(&self, key: &str, unit: &str) -> Result<(), Problem> {
        let (key, unit) = (key.to_owned(), unit.to_owned());
        self.0
            .write_samples(move |db| {
                let id = series_id(db, &key)?;
                upsert(
                    db,
                    &SeriesRow {
                        id,
                        key: key.clone(),
                        unit: unit.clone(),
                    },
                )
            })
            .await
    }

    /// The series whose key begins so.
    pub async fn series(&self, prefix: &str) -> Result<Vec<SeriesRow>, Problem> {
        let prefix = prefix.to_owned();
        self.0
            .read_samples(move |db| select(db, "WHERE substr(key, 1, length(?1)) = ?1 ORDER BY key", &values![prefix]))
            .await
    }

    /// The samples of a time, at most `max_points`, each with least, mean and greatest of what it stands for. A gap stays a gap.
    pub async fn query(&self, key: &str, from: Timestamp, to: Timestamp, max_points: usize) -> Result<Vec<Point>, Problem> {
        let key = key.to_owned();
        self.0
            .read_samples(move |db| query(db, &key, from.as_millisecond(), to.as_millisecond(), max_points.max(1)))
            .await
    }

    /// Series whose key begins with `from` begin with `to` from now on, with all their samples. One that is there already stays beside.
    pub async fn rename(&self, from: &str, to: &str) -> Result<(), Problem> {
        let (from, to) = (from.to_owned(), to.to_owned());
        self.0
            .write_samples(move |db| {
                let all = select::<SeriesRow>(db, "WHERE substr(key, 1, length(?1)) = ?1", &values![from])?;
                for mut series in all {
                    series.key.replace_range(..from.len(), &to);
                    let there = number(db, "SELECT id FROM series WHERE key = ?", &values![series.key])?;
                    if there.is_none() {
                        upsert(db, &series)?;
                    }
                }
                Ok(())
            })
            .await
    }

    /// The newest sample of each series whose key begins so.
    pub async fn last(&self, prefix: &str) -> Result<Vec<Sample>, Problem> {
        let prefix = prefix.to_owned();
        self.0
            .read_samples(move |db| {
                let all = select::<SeriesRow>(db, "WHERE substr(key, 1, length(?1)) = ?1 ORDER BY key", &values![prefix])?;
                let mut last = Vec::new();
                for series in all {
                    last.extend(blocks::newest(db, series.id)?.and_then(|(at, bucket)| {
                        let at = Timestamp::from_millisecond(at).ok()?;
                        Some(Sample {
                            series: series.key.clone(),
                            at,
                            value: bucket.least,
                        })
                    }));
                }
                Ok(last)
            })
            .await
    }

    /// Frees the oldest until at most so many bytes are in use: raw samples first, then minutes, then hours.
    pub async fn keep_budget(&self, max_bytes: u64) -> Result<FreedSamples, Problem> {
        let now = self.0.now().as_millisecond();
        self.0.write_samples(move |db| keep_budget(db, max_bytes, now)).await
    }

    /// Bytes in use on disk.
    pub async fn bytes(&self) -> Result<u64, Problem> {
        self.0.read_samples(used_bytes).await
    }
}

fn series_id(db: &Db, key: &str) -> Result<i64, Fault> {
    if let Some(id) = number(db, "SELECT id FROM series WHERE key = ?", &values![key.to_owned()])? {
        return Ok(id);
    }
    let id = next_id::<SeriesRow>(db)?;
    insert(
        db,
        &SeriesRow {
            id,
            key: key.to_owned(),
            unit: String::new(),
        },
    )?;
    Ok(id)
}

fn insert_all(db: &Db, samples: &[Sample]) -> Result<u64, Fault> {
    let mut by_series: BTreeMap<&str, Vec<Cell>> = BTreeMap::new();
    for sample in samples.iter().filter(|sample| sample.value.is_finite()) {
        // SQLite keeps no sign of a zero.
        let cell = (sample.at.as_millisecond(), Bucket::of(sample.value + 0.0));
        by_series.entry(&sample.series).or_default().push(cell);
    }
    let mut n_written = 0;
    for (key, mut cells) in by_series {
        let series = series_id(db, key)?;
        cells.sort_by_key(|(at, _)| *at);
        cells.dedup_by_key(|(at, _)| *at);
        let written = if cells.len() >= BULK {
            insert_many(db, series, cells)?
        } else {
            insert_some(db, series, cells)?
        };
        n_written += written.len() as u64;
        keep_hours(db, series, &written)?;
    }
    Ok(n_written)
}

/// Writes samples as rows; gives those that are new.
fn insert_some(db: &Db, series: i64, mut cells: Vec<Cell>) -> Result<Vec<Cell>, Fault> {
    let (Some((first, _)), Some((last, _))) = (cells.first().copied(), cells.last().copied()) else {
        return Ok(cells);
    };
    if blocks::packed_until(db, series, Tier::Raw)?.is_some_and(|until| first <= until) {
        let known = blocks::read_packed(db, series, Tier::Raw, first, last)?;
        cells.retain(|(at, _)| known.binary_search_by_key(at, |(at, _)| *at).is_err());
    }
    let mut written = Vec::with_capacity(cells.len());
    for (at, bucket) in cells {
        if blocks::put_sample(db, series, at, bucket.least)? {
            written.push((at, bucket));
        }
    }
    Ok(written)
}

/// Packs samples at once; gives those that are new.
fn insert_many(db: &Db, series: i64, mut cells: Vec<Cell>) -> Result<Vec<Cell>, Fault> {
    if let (Some((first, _)), Some((last, _))) = (cells.first(), cells.last()) {
        let known = blocks::read(db, series, Tier::Raw, *first, *last)?;
        cells.retain(|(at, _)| known.binary_search_by_key(at, |(at, _)| *at).is_err());
    }
    blocks::pack(db, series, Tier::Raw, cells.clone())?;
    Ok(cells)
}

/// Counts new samples into their hours. When an hour begins, what is older is packed.
fn keep_hours(db: &Db, series: i64, written: &[Cell]) -> Result<(), Fault> {
    let hours = blocks::rolled_up(written, Tier::Hours);
    let mut begun = None;
    for hour in hours {
        if blocks::join_hour(db, series, hour)? {
            begun = Some(hour.0);
        }
    }
    let Some(begun) = begun else { return Ok(()) };
    blocks::pack_before(db, series, Tier::Raw, begun)?;
    let n_young = number(db, "SELECT count(*) FROM hours WHERE series = ?", &values![series])?.unwrap_or(0);
    if n_young > YOUNG_HOURS {
        blocks::pack_before(db, series, Tier::Hours, begun - HOUR_MS)?;
    }
    Ok(())
}

fn query(db: &Db, key: &str, from: i64, to: i64, max_points: usize) -> Result<Vec<Point>, Fault> {
    let Some(series) = find::<SeriesRow>(db, "WHERE key = ?", &values![key.to_owned()])? else {
        return Ok(Vec::new());
    };
    let id = series.id;
    let first = blocks::oldest(db, Some(id), Tier::Hours)?.unwrap_or(from);
    // Where a tier reaches back so far, nothing of the asked time is missing in it.
    let far_enough = from.max(first).saturating_add(HOUR_MS);
    let oldest_raw = blocks::oldest(db, Some(id), Tier::Raw)?;
    let oldest_minute = blocks::oldest(db, Some(id), Tier::Minutes)?;
    let limit = max_points.saturating_mul(READ_AHEAD);
    let n_raw = blocks::count(db, id, Tier::Raw, from, to)?;
    // Minutes are kept where samples are gone.
    let n_kept = blocks::count(db, id, Tier::Minutes, from, to)?;
    let has_raw = n_kept == 0 && oldest_raw.is_some_and(|oldest| oldest <= far_enough);
    let has_minutes = oldest_raw
        .min(oldest_minute)
        .or(oldest_raw)
        .or(oldest_minute)
        .is_some_and(|oldest| oldest <= far_enough);
    let raw_span = to.saturating_sub(from.max(oldest_raw.unwrap_or(to))).max(0);
    let n_minutes = usize::try_from(raw_span / MINUTE_MS + 1).unwrap_or(usize::MAX).min(n_raw);
    let cells = if has_raw && n_raw <= limit {
        blocks::read(db, id, Tier::Raw, from, to)?
    } else if has_minutes && n_raw <= MOST_READ && n_minutes.saturating_add(n_kept) <= limit {
        let from = Tier::Minutes.floor(from);
        let mut cells = blocks::read(db, id, Tier::Minutes, from, to)?;
        let raw = blocks::read(db, id, Tier::Raw, from, to)?;
        cells.extend(blocks::rolled_up(&raw, Tier::Minutes));
        blocks::in_order(cells)
    } else {
        blocks::read(db, id, Tier::Hours, Tier::Hours.floor(from), to)?
    };
    let points = cells.into_iter().filter_map(point_of).collect();
    Ok(thin(points, from, to, max_points))
}

fn point_of((at, bucket): Cell) -> Option<Point> {
    let at = Timestamp::from_millisecond(at).ok()?;
    Some(Point {
        at,
        min: bucket.least,
        mean: bucket.total / bucket.n as f64,
        max: bucket.greatest,
        n: bucket.n as u64,
    })
}

/// Joins neighbours into equal parts of the time until at most `max_points` are left; least and greatest stay true.
fn thin(points: Vec<Point>, from: i64, to: i64, max_points: usize) -> Vec<Point> {
    if points.len() <= max_points {
        return points;
    }
    let span = (to - from).max(1) as f64;
    let part = |at: Timestamp| {
        ((at.as_millisecond() - from).max(0) as f64 / span * max_points as f64).min(max_points as f64 - 1.0) as u64
    };
    let mut thinned: Vec<(u64, Point)> = Vec::with_capacity(max_points);
    for point in points {
        let part = part(point.at);
        match thinned.last_mut() {
            Some((last_part, last)) if *last_part == part => {
                let n = last.n + point.n;
                last.mean = (last.mean * last.n as f64 + point.mean * point.n as f64) / n as f64;
                last.min = last.min.min(point.min);
                last.max = last.max.max(point.max);
                last.n = n;
            }
            _ => thinned.push((part, point)),
        }
    }
    thinned.into_iter().map(|(_, point)| point).collect()
}

fn used_bytes(db: &Db) -> Result<u64, Fault> {
    let sql = "SELECT (SELECT page_count FROM pragma_page_count) - (SELECT freelist_count FROM pragma_freelist_count)";
    let pages = number(db, sql, &[])?.unwrap_or(0) as u64;
    let size = number(db, "SELECT page_size FROM pragma_page_size", &[])?.unwrap_or(4096) as u64;
    Ok(pages * size)
}

fn keep_budget(db: &Db, max_bytes: u64, now: i64) -> Result<FreedSamples, Fault> {
    let mut freed = FreedSamples {
        bytes_before: used_bytes(db)?,
        ..FreedSamples::default()
    };
    let series: Vec<i64> = select::<SeriesRow>(db, "", &[])?.into_iter().map(|row| row.id).collect();
    // Written while the clock was wrong: a day ahead is no measured time.
    for tier in Tier::ALL {
        for id in &series {
            freed.n_rows += blocks::drop_after(db, *id, tier, now + DAY_MS)?;
        }
    }
    // What is kept of a finer tier before a coarser one is touched, then all of it.
    for (tier, keep_ms) in [
        (Tier::Raw, DAY_MS),
        (Tier::Minutes, 30 * DAY_MS),
        (Tier::Raw, 0),
        (Tier::Minutes, 0),
        (Tier::Hours, 0),
    ] {
        while used_bytes(db)? > max_bytes {
            let Some(oldest) = blocks::oldest(db, None, tier)? else {
                break;
            };
            let newest_freed = now - keep_ms;
            if oldest >= newest_freed {
                break;
            }
            // A sixteenth of what may go, at least an hour, so that this ends soon and frees little too much.
            let before = oldest + ((newest_freed - oldest) / 16).max(HOUR_MS) + 1;
            for id in &series {
                let taken = blocks::take_before(db, *id, tier, before.min(newest_freed))?;
                freed.n_rows += taken.len() as u64;
                if tier == Tier::Raw {
                    blocks::pack(db, *id, Tier::Minutes, blocks::rolled_up(&taken, Tier::Minutes))?;
                }
            }
        }
    }
    forget_empty_series(db, &series)?;
    // The pragma gives a row per freed page: it works only while it is stepped.
    let mut vacuum = db.conn.prepare("PRAGMA incremental_vacuum")?;
    let mut pages = vacuum.query(())?;
    while pages.next()?.is_some() {}
    freed.bytes_after = used_bytes(db)?;
    Ok(freed)
}

fn forget_empty_series(db: &Db, series: &[i64]) -> Result<(), Fault> {
    for id in series {
        if number(
            db,
            "SELECT 1 FROM hours WHERE series = ?1 UNION ALL SELECT 1 FROM raw WHERE series = ?1
             UNION ALL SELECT 1 FROM blocks WHERE series = ?1 LIMIT 1",
            &values![*id],
        )?
        .is_none()
        {
            delete::<SeriesRow>(db, "WHERE id = ?", &values![*id])?;
        }
    }
    Ok(())
}
