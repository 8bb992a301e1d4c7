//! Samples over time, in three tiers under one budget: as they came, by the minute, by the hour. A tier is exact: its least, greatest,
//! sum and count are those of the samples themselves.

use super::fault::Fault;
use super::record::{delete, find, insert, next_id, number, record, select, values};
use super::{Db, Store};
use crate::base::{Problem, Timestamp};
use rusqlite::types::{Value, ValueRef};
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

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// So many times the asked number of points are read and thinned exactly, before a coarser tier is taken.
const READ_AHEAD: usize = 16;

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
                super::record::upsert(
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

    /// The newest sample of each series whose key begins so.
    pub async fn last(&self, prefix: &str) -> Result<Vec<Sample>, Problem> {
        let prefix = prefix.to_owned();
        self.0
            .read_samples(move |db| {
                let all = select::<SeriesRow>(db, "WHERE substr(key, 1, length(?1)) = ?1 ORDER BY key", &values![prefix])?;
                let mut last = Vec::new();
                for series in all {
                    let points = read_raw(db, "WHERE series = ? ORDER BY at DESC LIMIT 1", &values![series.id])?;
                    last.extend(points.first().map(|point| Sample {
                        series: series.key.clone(),
                        at: point.at,
                        value: point.mean,
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

/// Least, greatest, total and count of a bucket.
#[derive(Clone, Copy)]
struct Bucket {
    least: f64,
    greatest: f64,
    total: f64,
    n: i64,
}

impl Bucket {
    fn of(value: f64) -> Self {
        Self {
            least: value,
            greatest: value,
            total: value,
            n: 1,
        }
    }

    fn join(&mut self, other: Self) {
        self.least = self.least.min(other.least);
        self.greatest = self.greatest.max(other.greatest);
        self.total += other.total;
        self.n += other.n;
    }
}

/// The checksum of a row of any table. Of a tier's it is half as long: four bytes are enough, and a sample is small.
pub(super) fn row_sum<'a>(table: &str, values: impl Iterator<Item = ValueRef<'a>>) -> i64 {
    let sum = super::record::checksum(table, values);
    if matches!(table, "raw" | "minutes" | "hours") {
        i64::from((sum as u64 >> 32) as u32 ^ sum as u32)
    } else {
        sum
    }
}

fn insert_all(db: &Db, samples: &[Sample]) -> Result<u64, Fault> {
    let mut ids: BTreeMap<&str, i64> = BTreeMap::new();
    let mut minutes: BTreeMap<(i64, i64), Bucket> = BTreeMap::new();
    let mut n_written = 0;
    let mut put = db
        .conn
        .prepare_cached("INSERT OR IGNORE INTO raw (series, at, value, sum) VALUES (?, ?, ?, ?)")?;
    for sample in samples.iter().filter(|sample| sample.value.is_finite()) {
        let series = match ids.get(sample.series.as_str()) {
            Some(id) => *id,
            None => {
                let id = series_id(db, &sample.series)?;
                ids.insert(&sample.series, id);
                id
            }
        };
        let at = sample.at.as_millisecond();
        let values = [ValueRef::Integer(series), ValueRef::Integer(at), ValueRef::Real(sample.value)];
        let sum = row_sum("raw", values.into_iter());
        if put.execute((series, at, sample.value, sum))? == 0 {
            continue;
        }
        n_written += 1;
        let bucket = Bucket::of(sample.value);
        let minute = at - at.rem_euclid(MINUTE_MS);
        minutes
            .entry((series, minute))
            .and_modify(|found| found.join(bucket))
            .or_insert(bucket);
    }
    let mut hours: BTreeMap<(i64, i64), Bucket> = BTreeMap::new();
    for ((series, minute), bucket) in &minutes {
        join_bucket(db, "minutes", *series, *minute, *bucket)?;
        let hour = minute - minute.rem_euclid(HOUR_MS);
        hours
            .entry((*series, hour))
            .and_modify(|found| found.join(*bucket))
            .or_insert(*bucket);
    }
    for ((series, hour), bucket) in hours {
        join_bucket(db, "hours", series, hour, bucket)?;
    }
    Ok(n_written)
}

/// Joins a bucket with the one on disk. A damaged one is replaced: it can not be trusted.
fn join_bucket(db: &Db, table: &str, series: i64, at: i64, bucket: Bucket) -> Result<(), Fault> {
    let mut joined = bucket;
    let found = read_buckets(db, table, "WHERE series = ? AND at = ?", &values![series, at])?;
    if let Some((_, found)) = found.into_iter().next() {
        joined.join(found);
    }
    let sum = bucket_sum(table, series, at, joined);
    let sql = format!("INSERT OR REPLACE INTO {table} (series, at, least, greatest, total, n, sum) VALUES (?, ?, ?, ?, ?, ?, ?)");
    db.conn
        .prepare_cached(&sql)?
        .execute((series, at, joined.least, joined.greatest, joined.total, joined.n, sum))?;
    Ok(())
}

fn bucket_sum(table: &str, series: i64, at: i64, bucket: Bucket) -> i64 {
    let values = [
        ValueRef::Integer(series),
        ValueRef::Integer(at),
        ValueRef::Real(bucket.least),
        ValueRef::Real(bucket.greatest),
        ValueRef::Real(bucket.total),
        ValueRef::Integer(bucket.n),
    ];
    row_sum(table, values.into_iter())
}

fn read_raw(db: &Db, tail: &str, params: &[Value]) -> Result<Vec<Point>, Fault> {
    let mut statement = db
        .conn
        .prepare_cached(&format!("SELECT series, at, value, sum FROM raw {tail}"))?;
    let mut rows = statement.query(rusqlite::params_from_iter(params))?;
    let mut points = Vec::new();
    while let Some(row) = rows.next()? {
        let value = match (row.get_ref(0)?, row.get_ref(1)?, row.get_ref(2)?, row.get_ref(3)?) {
            (series @ ValueRef::Integer(_), at @ ValueRef::Integer(_), ValueRef::Real(value), ValueRef::Integer(sum))
                if row_sum("raw", [series, at, ValueRef::Real(value)].into_iter()) == sum =>
            {
                Some(value)
            }
            _ => None,
        };
        let at = row.get::<_, i64>(1).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
        match (value, at) {
            (Some(value), Some(at)) => points.push(Point {
                at,
                min: value,
                mean: value,
                max: value,
                n: 1,
            }),
            _ => db.damage.note("raw", row.get::<_, i64>(1).unwrap_or_default().to_string()),
        }
    }
    Ok(points)
}

fn read_buckets(db: &Db, table: &str, tail: &str, params: &[Value]) -> Result<Vec<(i64, Bucket)>, Fault> {
    let sql = format!("SELECT series, at, least, greatest, total, n, sum FROM {table} {tail}");
    let mut statement = db.conn.prepare_cached(&sql)?;
    let mut rows = statement.query(rusqlite::params_from_iter(params))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let read = || -> rusqlite::Result<(i64, i64, Bucket, i64)> {
            let bucket = Bucket {
                least: row.get(2)?,
                greatest: row.get(3)?,
                total: row.get(4)?,
                n: row.get(5)?,
            };
            Ok((row.get(0)?, row.get(1)?, bucket, row.get(6)?))
        };
        match read() {
            Ok((series, at, bucket, sum)) if bucket.n > 0 && bucket_sum(table, series, at, bucket) == sum => {
                found.push((at, bucket));
            }
            _ => db
                .damage
                .note("samples", row.get::<_, i64>(1).unwrap_or_default().to_string()),
        }
    }
    Ok(found)
}

fn query(db: &Db, key: &str, from: i64, to: i64, max_points: usize) -> Result<Vec<Point>, Fault> {
    let Some(series) = find::<SeriesRow>(db, "WHERE key = ?", &values![key.to_owned()])? else {
        return Ok(Vec::new());
    };
    let first = number(db, "SELECT min(at) FROM hours WHERE series = ?", &values![series.id])?.unwrap_or(from);
    let wanted_from = from.max(first);
    let range = "WHERE series = ? AND at BETWEEN ? AND ? ORDER BY at";
    let limit = max_points.saturating_mul(READ_AHEAD);
    for (table, width) in [("raw", 0), ("minutes", MINUTE_MS), ("hours", HOUR_MS)] {
        let aligned_from = if width > 0 { from - from.rem_euclid(width) } else { from };
        let within = values![series.id, aligned_from, to];
        let oldest = number(
            db,
            &format!("SELECT min(at) FROM {table} WHERE series = ?"),
            &values![series.id],
        )?;
        let is_whole = oldest.is_some_and(|oldest| oldest <= wanted_from + HOUR_MS);
        let n_sql = format!(
            "SELECT count(*) FROM (SELECT 1 FROM {table} WHERE series = ? AND at BETWEEN ? AND ? LIMIT {})",
            limit + 1
        );
        let n = number(db, &n_sql, &within)?.unwrap_or(0) as usize;
        if table != "hours" && (!is_whole || n > limit) {
            continue;
        }
        let points = match table {
            "raw" => read_raw(db, range, &within)?,
            _ => read_buckets(db, table, range, &within)?
                .into_iter()
                .filter_map(|(at, bucket)| point_of(at, bucket))
                .collect(),
        };
        return Ok(thin(points, from, to, max_points));
    }
    Ok(Vec::new())
}

fn point_of(at: i64, bucket: Bucket) -> Option<Point> {
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
    for table in ["raw", "minutes", "hours"] {
        for id in &series {
            let sql = format!("DELETE FROM {table} WHERE series = ? AND at > ?");
            freed.n_rows += db.conn.prepare_cached(&sql)?.execute((id, now + DAY_MS))? as u64;
        }
    }
    // What is kept of a finer tier before a coarser one is touched, then all of it.
    for (table, keep_ms) in [
        ("raw", DAY_MS),
        ("minutes", 30 * DAY_MS),
        ("raw", 0),
        ("minutes", 0),
        ("hours", 0),
    ] {
        while used_bytes(db)? > max_bytes {
            let Some(oldest) = number(db, &format!("SELECT min(at) FROM {table}"), &[])? else {
                break;
            };
            let newest_freed = now - keep_ms;
            if oldest >= newest_freed {
                break;
            }
            // A sixteenth of what may go, at least an hour, so that this ends soon and frees little too much.
            let before = oldest + ((newest_freed - oldest) / 16).max(HOUR_MS) + 1;
            for id in &series {
                let sql = format!("DELETE FROM {table} WHERE series = ? AND at < ?");
                freed.n_rows += db.conn.prepare_cached(&sql)?.execute((id, before.min(newest_freed)))? as u64;
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
            "SELECT 1 FROM hours WHERE series = ?1 UNION ALL SELECT 1 FROM raw WHERE series = ?1 LIMIT 1",
            &values![*id],
        )?
        .is_none()
        {
            delete::<SeriesRow>(db, "WHERE id = ?", &values![*id])?;
        }
    }
    Ok(())
}
