//! P-STORE: what a sample costs on the disk, how fast samples come in, and how long a chart of a year takes; of host-like series
//! (percents, sizes, counters, flags, latencies), beside plain rows of SQLite in the same run.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints its lines")]

mod measure;

use chantier::adapters::store::Store;
use chantier::adapters::store::samples::Sample;
use chantier::base::{Clock, Timestamp};
use measure::{ROUNDS, head, line, median};
use std::path::Path;
use std::time::Instant;

const N_SERIES: usize = 100;
const STEP_MS: i64 = 10_000;
const START_MS: i64 = 1_760_000_000_000;
const DAY: usize = 8640;

fn main() {
    head();
    let place = tempfile::tempdir().expect("a temporary folder can be made");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(three_days(place.path()));
    runtime.block_on(a_year(place.path()));
}

fn at(n: usize) -> Timestamp {
    Timestamp::from_millisecond(START_MS + n as i64 * STEP_MS).unwrap()
}

/// Values as machines and services have them.
fn values(series: usize, n: usize) -> Vec<f64> {
    let mut rng = fastrand::Rng::with_seed(7 + series as u64);
    let mut sum = 0.0;
    let mut count = 0_i64;
    let mut value = move || match series % 5 {
        0 => {
            let (u, v) = (1.0 - rng.f64(), rng.f64());
            sum += (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos() * 0.5;
            ((20.0 + f64::rem_euclid(sum, 60.0)) * 10.0).round() / 10.0
        }
        1 => {
            count += rng.i64(-3..4);
            200e6 + (count * 4096) as f64
        }
        2 => {
            count += rng.i64(0..50);
            count as f64
        }
        3 => f64::from(u8::from(rng.u8(0..8) == 7)),
        _ => {
            let gamma = -12.0 * ((1.0 - rng.f64()).ln() + (1.0 - rng.f64()).ln());
            (gamma * 1000.0).round() / 1000.0
        }
    };
    (0..n).map(|_| value()).collect()
}

/// Samples of all series of a time, in the order in which they come.
fn batch(values: &[Vec<f64>], from: usize, to: usize) -> Vec<Sample> {
    let of = |n: usize| {
        values.iter().enumerate().map(move |(series, values)| Sample {
            series: format!("series/{series}"),
            at: at(n),
            value: values[n],
        })
    };
    (from..to).flat_map(of).collect()
}

fn bytes_of(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).unwrap().filter_map(Result::ok);
    let samples = files.filter(|file| file.file_name().to_string_lossy().starts_with("samples.sqlite"));
    samples.filter_map(|file| file.metadata().ok()).map(|data| data.len()).sum()
}

/// P-STORE-1, and the speed with which samples come in.
async fn three_days(place: &Path) {
    let n = 3 * DAY;
    let all: Vec<Vec<f64>> = (0..N_SERIES).map(|series| values(series, n)).collect();
    let n_samples = (N_SERIES * n) as f64;
    let plain = plain_rows(&place.join("plain.sqlite"), &all);
    for (name, per_batch) in [("as they come, an hour at once", 360), ("brought in, a day at once", DAY)] {
        let folder = place.join(name);
        let store = Store::open(&folder, Clock::system()).unwrap();
        let batches: Vec<Vec<Sample>> = (0..n)
            .step_by(per_batch)
            .map(|from| batch(&all, from, (from + per_batch).min(n)))
            .collect();
        let since = Instant::now();
        for batch in batches {
            store.samples().insert(batch).await.unwrap();
        }
        let secs = since.elapsed().as_secs_f64();
        drop(store);
        line(
            &format!("P-STORE-1 bytes a sample, {name}"),
            (bytes_of(&folder) as f64 / n_samples, plain.0),
            "B",
            "<= 1.0 B",
        );
        line(
            &format!("P-STORE-2 samples a second, {name}"),
            (n_samples / secs / 1e6, plain.1),
            "M/s",
            ">= 2 M/s",
        );
    }
}

/// The peer: a row a sample. Bytes a sample, and millions of samples a second.
fn plain_rows(file: &Path, all: &[Vec<f64>]) -> (f64, f64) {
    let mut conn = rusqlite::Connection::open(file).unwrap();
    conn.pragma_update(None, "journal_mode", "wal").unwrap();
    conn.pragma_update(None, "synchronous", "normal").unwrap();
    conn.execute_batch("CREATE TABLE m (series INT, at INT, value REAL, PRIMARY KEY (series, at)) WITHOUT ROWID")
        .unwrap();
    let n = all[0].len();
    let since = Instant::now();
    for from in (0..n).step_by(360) {
        let change = conn.transaction().unwrap();
        let mut put = change.prepare_cached("INSERT INTO m VALUES (?, ?, ?)").unwrap();
        for n in from..(from + 360).min(n) {
            for (series, values) in all.iter().enumerate() {
                put.execute((series as i64, at(n).as_millisecond(), values[n])).unwrap();
            }
        }
        drop(put);
        change.commit().unwrap();
    }
    let secs = since.elapsed().as_secs_f64();
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(())).unwrap();
    let n_samples = (all.len() * n) as f64;
    (
        std::fs::metadata(file).unwrap().len() as f64 / n_samples,
        n_samples / secs / 1e6,
    )
}

/// P-STORE-2: a year of 100 series under a budget, drawn from what is left of it, each least and greatest beside the raw truth.
async fn a_year(place: &Path) {
    let folder = place.join("year");
    let store = Store::open(&folder, Clock::system()).unwrap();
    let n = 365 * DAY;
    // One series in memory at a time: 25 MB.
    let mut truths = Vec::new();
    for series in 0..N_SERIES {
        let values = values(series, n);
        for from in (0..n).step_by(30 * DAY) {
            let to = (from + 30 * DAY).min(n);
            let samples = (from..to).map(|n| Sample {
                series: format!("series/{series}"),
                at: at(n),
                value: values[n],
            });
            store.samples().insert(samples.collect()).await.unwrap();
        }
        if series % 20 == 4 {
            truths.push((series, values));
        }
    }
    let bytes = store.samples().bytes().await.unwrap();
    line(
        "P-STORE-1 bytes a sample, a year",
        (bytes as f64 / (N_SERIES * n) as f64, 0.0),
        "B",
        "<= 1.0 B",
    );
    for max_points in [400, 2000] {
        let mut took = Vec::new();
        for round in 0..=ROUNDS {
            for series in 0..N_SERIES {
                let since = Instant::now();
                let points = store
                    .samples()
                    .query(&format!("series/{series}"), at(0), at(n), max_points)
                    .await
                    .unwrap();
                if round > 0 {
                    took.push(since.elapsed().as_secs_f64() * 1e3);
                }
                assert!(!points.is_empty() && points.len() <= max_points);
            }
        }
        line(
            &format!("P-STORE-2 a chart of a year, {max_points} points"),
            (median(&took), 0.0),
            "ms",
            "<= 16 ms",
        );
    }
    for (series, values) in truths {
        let points = store
            .samples()
            .query(&format!("series/{series}"), at(0), at(n), 400)
            .await
            .unwrap();
        let mut seen = 0;
        for point in points {
            let of_point = &values[seen..seen + point.n as usize];
            seen += point.n as usize;
            let least = of_point.iter().copied().fold(f64::INFINITY, f64::min);
            let greatest = of_point.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            assert!((least, greatest) == (point.min, point.max), "series {series}: {point:?}");
        }
        assert_eq!(seen, n, "each sample counts once");
    }
}
