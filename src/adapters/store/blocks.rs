//! The tiers of samples: a cell is a row while it is young, and lies with thousands of others of its series in a packed block afterwards.
//! A row costs 33 to 50 bytes, a packed sample about one.

use super::Db;
use super::fault::Fault;
use super::packing::{Packer, Unpacker};
use super::record::{delete, insert, next_id, number, record, select, values};
use rusqlite::types::{Value, ValueRef};

/// Raw samples stand for their minutes as long as they are there, so what was kept twice goes. The oldest minute that has samples may have
/// lost some of them: then it is the minute that stays.
pub(super) const SCHEMA: &str = "
CREATE TABLE blocks (id INTEGER PRIMARY KEY, series INTEGER NOT NULL, tier INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
  n INTEGER NOT NULL, data BLOB NOT NULL, sum INTEGER NOT NULL) STRICT;
CREATE INDEX blocks_by_series ON blocks (series, tier, first);
DELETE FROM raw WHERE (series, at) IN (
  SELECT r.series, r.at FROM (SELECT series, min(at) - min(at) % 60000 AS minute FROM raw GROUP BY series) o
  JOIN minutes m ON m.series = o.series AND m.at = o.minute
  JOIN raw r ON r.series = o.series AND r.at BETWEEN o.minute AND o.minute + 59999
  WHERE m.n > (SELECT count(*) FROM raw x WHERE x.series = o.series AND x.at BETWEEN o.minute AND o.minute + 59999));
DELETE FROM minutes WHERE at >= (SELECT min(raw.at) - min(raw.at) % 60000 FROM raw WHERE raw.series = minutes.series);
";

pub(super) const MINUTE_MS: i64 = 60_000;
pub(super) const HOUR_MS: i64 = 3_600_000;

/// A block with so many cells grows no more; one of twice as many is parted.
const FULL: usize = 8192;

/// How fine a cell is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tier {
    Raw,
    Minutes,
    Hours,
}

impl Tier {
    pub(super) const ALL: [Self; 3] = [Self::Raw, Self::Minutes, Self::Hours];

    /// The table of its rows.
    pub(super) fn table(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Minutes => "minutes",
            Self::Hours => "hours",
        }
    }

    /// The beginning of the cell that this time lies in.
    pub(super) fn floor(self, at: i64) -> i64 {
        match self {
            Self::Raw => at,
            Self::Minutes => at - at.rem_euclid(MINUTE_MS),
            Self::Hours => at - at.rem_euclid(HOUR_MS),
        }
    }

    fn code(self) -> i64 {
        self as i64
    }
}

record! {
    /// Many cells of one series, from the first to the last. No two blocks of a series and tier overlap.
    BlockRow in "blocks" key 1 {
        id: i64,
        series: i64,
        tier: i64,
        first: i64,
        last: i64,
        n: i64,
        data: Vec<u8>,
    }
}

/// Least, greatest, total and count of what lies in a cell; a raw sample is one alone.
#[derive(Clone, Copy)]
pub(super) struct Bucket {
    pub(super) least: f64,
    pub(super) greatest: f64,
    pub(super) total: f64,
    pub(super) n: i64,
}

impl Bucket {
    pub(super) fn of(value: f64) -> Self {
        Self {
            least: value,
            greatest: value,
            total: value,
            n: 1,
        }
    }

    pub(super) fn join(&mut self, other: Self) {
        self.least = self.least.min(other.least);
        self.greatest = self.greatest.max(other.greatest);
        // Two of the greatest numbers together are no number.
        self.total = (self.total + other.total).clamp(f64::MIN, f64::MAX);
        self.n += other.n;
    }
}

/// A time and what lies there.
pub(super) type Cell = (i64, Bucket);

/// The checksum of a row of any table. Of a tier's it is half as long: four bytes are enough, and a sample is small.
pub(super) fn row_sum<'a>(table: &str, values: impl Iterator<Item = ValueRef<'a>>) -> i64 {
    let sum = super::record::checksum(table, values);
    if Tier::ALL.iter().any(|tier| tier.table() == table) {
        i64::from((sum as u64 >> 32) as u32 ^ sum as u32)
    } else {
        sum
    }
}

/// Writes a sample as a row; false where one of its time is there.
pub(super) fn put_sample(db: &Db, series: i64, at: i64, value: f64) -> Result<bool, Fault> {
    let values = [ValueRef::Integer(series), ValueRef::Integer(at), ValueRef::Real(value)];
    let sum = row_sum("raw", values.into_iter());
    let sql = "INSERT OR IGNORE INTO raw (series, at, value, sum) VALUES (?, ?, ?, ?)";
    Ok(db.conn.prepare_cached(sql)?.execute((series, at, value, sum))? > 0)
}

/// Joins an hour with its row, and says whether there was none. A damaged one is replaced: it can not be trusted.
pub(super) fn join_hour(db: &Db, series: i64, (at, bucket): Cell) -> Result<bool, Fault> {
    let mut joined = bucket;
    let found = read_rows(db, Tier::Hours, "WHERE series = ? AND at = ?", &values![series, at])?;
    let is_new = found.is_empty();
    if let Some((_, found)) = found.into_iter().next() {
        joined.join(found);
    }
    let sum = bucket_sum("hours", series, at, joined);
    let sql = "INSERT OR REPLACE INTO hours (series, at, least, greatest, total, n, sum) VALUES (?, ?, ?, ?, ?, ?, ?)";
    db.conn
        .prepare_cached(sql)?
        .execute((series, at, joined.least, joined.greatest, joined.total, joined.n, sum))?;
    Ok(is_new)
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

/// The young cells. Damaged ones are left out and noted.
pub(super) fn read_rows(db: &Db, tier: Tier, tail: &str, params: &[Value]) -> Result<Vec<Cell>, Fault> {
    let table = tier.table();
    let columns = match tier {
        Tier::Raw => "value, value, value, 1",
        Tier::Minutes | Tier::Hours => "least, greatest, total, n",
    };
    let sql = format!("SELECT series, at, {columns}, sum FROM {table} {tail}");
    let mut statement = db.conn.prepare_cached(&sql)?;
    let mut rows = statement.query(rusqlite::params_from_iter(params))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let read = || -> rusqlite::Result<(i64, Cell, i64)> {
            let bucket = Bucket {
                least: row.get(2)?,
                greatest: row.get(3)?,
                total: row.get(4)?,
                n: row.get(5)?,
            };
            Ok((row.get(0)?, (row.get(1)?, bucket), row.get(6)?))
        };
        let is_sound = |series: i64, (at, bucket): Cell, sum: i64| match tier {
            Tier::Raw => {
                let values = [ValueRef::Integer(series), ValueRef::Integer(at), ValueRef::Real(bucket.least)];
                row_sum(table, values.into_iter()) == sum
            }
            Tier::Minutes | Tier::Hours => bucket.n > 0 && bucket_sum(table, series, at, bucket) == sum,
        };
        match read() {
            Ok((series, cell, sum)) if is_sound(series, cell, sum) => found.push(cell),
            _ => db.damage.note(table, row.get::<_, i64>(1).unwrap_or_default().to_string()),
        }
    }
    Ok(found)
}

/// The cells of a time in their order, young and packed.
pub(super) fn read(db: &Db, series: i64, tier: Tier, from: i64, to: i64) -> Result<Vec<Cell>, Fault> {
    let mut cells = read_packed(db, series, tier, from, to)?;
    let range = "WHERE series = ? AND at BETWEEN ? AND ? ORDER BY at";
    let rows = read_rows(db, tier, range, &values![series, from, to])?;
    let is_later = cells.last().zip(rows.first()).is_none_or(|(last, first)| last.0 < first.0);
    cells.extend(rows);
    Ok(if is_later { cells } else { in_order(cells) })
}

/// The packed cells of a time in their order.
pub(super) fn read_packed(db: &Db, series: i64, tier: Tier, from: i64, to: i64) -> Result<Vec<Cell>, Fault> {
    let mut cells = Vec::new();
    for block in blocks(db, series, tier, from, to)? {
        let unpacked = cells_of(db, tier, &block);
        cells.extend(unpacked.into_iter().flatten().filter(|(at, _)| (from..=to).contains(at)));
    }
    Ok(cells)
}

/// About how many cells a time has: those of a block that it touches count as a whole.
pub(super) fn count(db: &Db, series: i64, tier: Tier, from: i64, to: i64) -> Result<usize, Fault> {
    let sql = format!(
        "SELECT count(*) FROM {} WHERE series = ? AND at BETWEEN ? AND ?",
        tier.table()
    );
    let n_rows = number(db, &sql, &values![series, from, to])?.unwrap_or(0);
    let sql = format!("SELECT sum(n) FROM blocks {TOUCHING} AND last >= ?3");
    let n_packed = number(db, &sql, &values![series, tier.code(), from, to])?.unwrap_or(0);
    Ok(usize::try_from(n_rows.saturating_add(n_packed)).unwrap_or(0))
}

/// The time of the oldest cell, of one series or of all.
pub(super) fn oldest(db: &Db, series: Option<i64>, tier: Tier) -> Result<Option<i64>, Fault> {
    let table = tier.table();
    let (of_rows, of_blocks) = match series {
        Some(_) => ("WHERE series = ?2", "AND series = ?2"),
        None => ("", ""),
    };
    let sql = format!(
        "SELECT min(at) FROM (SELECT min(at) AS at FROM {table} {of_rows}
         UNION ALL SELECT min(first) FROM blocks WHERE tier = ?1 {of_blocks})"
    );
    match series {
        Some(series) => number(db, &sql, &values![tier.code(), series]),
        None => number(db, &sql, &values![tier.code()]),
    }
}

/// The newest sample of a series.
pub(super) fn newest(db: &Db, series: i64) -> Result<Option<Cell>, Fault> {
    let row = read_rows(db, Tier::Raw, "WHERE series = ? ORDER BY at DESC LIMIT 1", &values![series])?.pop();
    let tail = "WHERE series = ? AND tier = 0 ORDER BY first DESC LIMIT 1";
    let block = select::<BlockRow>(db, tail, &values![series])?.pop();
    let packed = match block {
        Some(block) if row.is_none_or(|(at, _)| at < block.last) => {
            cells_of(db, Tier::Raw, &block).and_then(|cells| cells.last().copied())
        }
        _ => None,
    };
    Ok(packed.or(row))
}

/// The end of what is packed of a series.
pub(super) fn packed_until(db: &Db, series: i64, tier: Tier) -> Result<Option<i64>, Fault> {
    let sql = "SELECT last FROM blocks WHERE series = ? AND tier = ? ORDER BY first DESC LIMIT 1";
    number(db, sql, &values![series, tier.code()])
}

/// Blocks that may touch a time, and perhaps the one before it. Parameters: series, tier, from, to.
const TOUCHING: &str = "WHERE series = ?1 AND tier = ?2 AND first <= ?4 AND first >= coalesce(
    (SELECT max(b.first) FROM blocks b WHERE b.series = ?1 AND b.tier = ?2 AND b.first <= ?3), ?3)";

fn blocks(db: &Db, series: i64, tier: Tier, from: i64, to: i64) -> Result<Vec<BlockRow>, Fault> {
    let tail = format!("{TOUCHING} ORDER BY first");
    select(db, &tail, &values![series, tier.code(), from, to])
}

/// What a block holds. One that is whole by its checksum and holds something else is damaged as well.
fn cells_of(db: &Db, tier: Tier, block: &BlockRow) -> Option<Vec<Cell>> {
    let unpack = || {
        let mut columns = Unpacker::new(&block.data, usize::try_from(block.n).ok()?)?;
        let at = columns.integers()?;
        let least = columns.floats()?;
        if tier == Tier::Raw {
            return Some(at.into_iter().zip(least.into_iter().map(Bucket::of)).collect());
        }
        let greatest = columns.floats_like(&least)?;
        let total = columns.floats_like(&least)?;
        let n = columns.integers()?;
        let cell = |i: usize| {
            let bucket = Bucket {
                least: least[i],
                greatest: greatest[i],
                total: total[i],
                n: n[i],
            };
            (at[i], bucket)
        };
        Some((0..at.len()).map(cell).collect::<Vec<Cell>>())
    };
    let cells = unpack();
    if cells.is_none() {
        db.damage.note("blocks", block.id.to_string());
    }
    cells
}

fn write_block(db: &Db, series: i64, tier: Tier, cells: &[Cell]) -> Result<(), Fault> {
    let (Some((first, _)), Some((last, _))) = (cells.first(), cells.last()) else {
        return Ok(());
    };
    let floats = |of: fn(&Bucket) -> f64| cells.iter().map(|(_, bucket)| of(bucket)).collect::<Vec<f64>>();
    let mut columns = Packer::default();
    columns.integers(&cells.iter().map(|(at, _)| *at).collect::<Vec<i64>>());
    let least = floats(|bucket| bucket.least);
    columns.floats(&least);
    if tier != Tier::Raw {
        columns.floats_like(&floats(|bucket| bucket.greatest), &least);
        columns.floats_like(&floats(|bucket| bucket.total), &least);
        columns.integers(&cells.iter().map(|(_, bucket)| bucket.n).collect::<Vec<i64>>());
    }
    let block = BlockRow {
        id: next_id::<BlockRow>(db)?,
        series,
        tier: tier.code(),
        first: *first,
        last: *last,
        n: i64::try_from(cells.len()).unwrap_or(i64::MAX),
        data: columns.finish(),
    };
    insert(db, &block)
}

/// Packs cells into blocks, together with those that lie between them, and with the block before them while it grows.
pub(super) fn pack(db: &Db, series: i64, tier: Tier, cells: Vec<Cell>) -> Result<(), Fault> {
    let (Some((first, _)), Some((last, _))) = (cells.first().copied(), cells.last().copied()) else {
        return Ok(());
    };
    let mut all = Vec::new();
    for block in blocks(db, series, tier, first, last)? {
        if block.last < first && block.n >= FULL as i64 {
            continue;
        }
        // A damaged one stays as it is, for the doctor.
        if let Some(found) = cells_of(db, tier, &block) {
            delete::<BlockRow>(db, "WHERE id = ?", &values![block.id])?;
            all.extend(found);
        }
    }
    all.extend(cells);
    let all = in_order(all);
    let n_parts = (all.len() / FULL).max(1);
    for part in all.chunks(all.len().div_ceil(n_parts)) {
        write_block(db, series, tier, part)?;
    }
    Ok(())
}

/// Packs the rows before a time.
pub(super) fn pack_before(db: &Db, series: i64, tier: Tier, before: i64) -> Result<(), Fault> {
    let rows = read_rows(db, tier, "WHERE series = ? AND at < ? ORDER BY at", &values![series, before])?;
    if rows.is_empty() {
        return Ok(());
    }
    pack(db, series, tier, rows)?;
    delete_rows(db, series, tier, "at < ?", before).map(drop)
}

fn delete_rows(db: &Db, series: i64, tier: Tier, which: &str, at: i64) -> Result<u64, Fault> {
    let sql = format!("DELETE FROM {} WHERE series = ? AND {which}", tier.table());
    Ok(db.conn.prepare_cached(&sql)?.execute((series, at))? as u64)
}

/// Takes the cells before a time away and gives them; those that are damaged go as well.
pub(super) fn take_before(db: &Db, series: i64, tier: Tier, before: i64) -> Result<Vec<Cell>, Fault> {
    let tail = "WHERE series = ? AND tier = ? AND first < ? ORDER BY first";
    let mut taken = cut(db, series, tier, tail, before, |at| at < before)?;
    taken.extend(read_rows(
        db,
        tier,
        "WHERE series = ? AND at < ? ORDER BY at",
        &values![series, before],
    )?);
    delete_rows(db, series, tier, "at < ?", before)?;
    Ok(in_order(taken))
}

/// Takes the cells after a time away; gives how many there were.
pub(super) fn drop_after(db: &Db, series: i64, tier: Tier, after: i64) -> Result<u64, Fault> {
    let tail = "WHERE series = ? AND tier = ? AND last > ? ORDER BY first";
    let n_packed = cut(db, series, tier, tail, after, |at| at > after)?.len() as u64;
    Ok(n_packed + delete_rows(db, series, tier, "at > ?", after)?)
}

/// Takes cells out of the blocks that a tail names; the others of the same blocks stay.
fn cut(db: &Db, series: i64, tier: Tier, tail: &str, at: i64, goes: impl Fn(i64) -> bool) -> Result<Vec<Cell>, Fault> {
    let which = values![series, tier.code(), at];
    let touched = select::<BlockRow>(db, tail, &which)?;
    let tail = tail.trim_end_matches(" ORDER BY first");
    delete::<BlockRow>(db, tail, &which)?;
    let mut taken = Vec::new();
    for block in touched {
        let cells = cells_of(db, tier, &block).unwrap_or_default();
        let (gone, left): (Vec<Cell>, Vec<Cell>) = cells.into_iter().partition(|(at, _)| goes(*at));
        taken.extend(gone);
        write_block(db, series, tier, &left)?;
    }
    Ok(taken)
}

/// In the order of time; what lies at one time is joined.
pub(super) fn in_order(mut cells: Vec<Cell>) -> Vec<Cell> {
    cells.sort_by_key(|(at, _)| *at);
    let mut joined: Vec<Cell> = Vec::with_capacity(cells.len());
    for (at, bucket) in cells {
        match joined.last_mut() {
            Some((last, found)) if *last == at => found.join(bucket),
            _ => joined.push((at, bucket)),
        }
    }
    joined
}

/// The same in coarser cells.
pub(super) fn rolled_up(cells: &[Cell], tier: Tier) -> Vec<Cell> {
    in_order(cells.iter().map(|(at, bucket)| (tier.floor(*at), *bucket)).collect())
}
