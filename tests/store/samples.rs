//! What is measured and what is forgotten: tiers of samples, checks, budgets, old runs.

use super::{NOON_MS, artifact, at, block_on, build, case, check, clock, end, new_job, release, test_run, workspace};
use crate::support::random::first_seed;
use chantier::adapters::store::Store;
use chantier::adapters::store::checks::CheckResultRow;
use chantier::adapters::store::jobs::{JobFilter, NewJob};
use chantier::adapters::store::samples::Sample;
use chantier::adapters::store::schema::SAMPLES;
use chantier::base::{JobId, State};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::Ordering;

#[test]
fn every_tier_of_samples_tells_the_raw_truth() {
    check(|store, _| async move {
        let mut truth = Vec::new();
        let mut value = 50.0;
        for n in 0..20_000_i64 {
            value += f64::from(fastrand::i32(-100..=100)) / 37.0;
            truth.push((NOON_MS + n * 7_000, value));
        }
        for part in truth.chunks(3000) {
            let batch = part.iter().map(|(ms, value)| Sample {
                series: "instance/x/cpu".to_owned(),
                at: at(*ms),
                value: *value,
            });
            assert_eq!(store.samples().insert(batch.clone().collect()).await?, part.len() as u64);
            assert_eq!(store.samples().insert(batch.collect()).await?, 0, "told twice, counted once");
        }
        let odd = [f64::NAN, f64::INFINITY].map(|value| Sample {
            series: "instance/x/cpu".to_owned(),
            at: at(1),
            value,
        });
        assert_eq!(store.samples().insert(odd.to_vec()).await?, 0);
        store.samples().set_unit("instance/x/cpu", "percent").await?;
        assert_eq!(store.samples().series("instance/x/").await?[0].unit, "percent");
        assert_eq!(store.samples().series("instance/y/").await?, vec![]);
        assert_eq!(store.samples().last("instance/").await?[0].value, value);

        let (first, last) = (truth[0].0, truth[truth.len() - 1].0);
        // Few points of a long time come from the hours, more from the minutes, a short time from the samples.
        for (from, to, max_points) in [
            (first, last, 2),
            (first, last, 40),
            (first, last, 300),
            (first, last, 5000),
            (first + 50_000, first + 900_000, 1000),
        ] {
            let points = store.samples().query("instance/x/cpu", at(from), at(to), max_points).await?;
            assert!(
                !points.is_empty() && points.len() <= max_points,
                "{} of {max_points}",
                points.len()
            );
            assert!(points.windows(2).all(|pair| pair[0].at < pair[1].at));
            let within: Vec<f64> = truth
                .iter()
                .filter(|(ms, _)| (from..=to).contains(ms))
                .map(|(_, value)| *value)
                .collect();
            let least = within.iter().copied().fold(f64::INFINITY, f64::min);
            let greatest = within.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            if from == first {
                let n: u64 = points.iter().map(|point| point.n).sum();
                assert_eq!(n, within.len() as u64, "every sample counts once");
                assert_eq!(points.iter().map(|point| point.min).fold(f64::INFINITY, f64::min), least);
                assert_eq!(
                    points.iter().map(|point| point.max).fold(f64::NEG_INFINITY, f64::max),
                    greatest
                );
                let mean = points.iter().map(|point| point.mean * point.n as f64).sum::<f64>() / n as f64;
                let true_mean = within.iter().sum::<f64>() / within.len() as f64;
                assert!((mean - true_mean).abs() < 1e-6, "{mean} {true_mean}");
            }
        }
        // A gap stays a gap.
        let later = last + 10 * 3_600_000;
        store
            .samples()
            .insert(vec![Sample {
                series: "instance/x/cpu".to_owned(),
                at: at(later),
                value: 1.0,
            }])
            .await?;
        let points = store.samples().query("instance/x/cpu", at(first), at(later), 200).await?;
        assert!(
            points
                .windows(2)
                .any(|pair| pair[1].at.as_millisecond() - pair[0].at.as_millisecond() > 8 * 3_600_000)
        );
        Ok(())
    });
}

/// All samples of a time, as bits.
async fn exact(store: &Store, key: &str, from: i64, to: i64) -> Vec<(i64, u64)> {
    let points = store.samples().query(key, at(from), at(to), 1_000_000).await.unwrap();
    assert!(points.iter().all(|point| point.n == 1), "the samples themselves");
    points
        .iter()
        .map(|point| (point.at.as_millisecond(), point.mean.to_bits()))
        .collect()
}

#[test]
fn packed_samples_are_the_same_to_the_last_bit() {
    check(|store, _| async move {
        let mut rng = fastrand::Rng::with_seed(first_seed());
        let odd = [
            0.0,
            -0.0,
            1e300,
            -1e300,
            f64::MIN_POSITIVE / 4.0,
            f64::MAX,
            f64::MIN,
            0.1 + 0.2,
            9_007_199_254_740_993.0,
            -9.223_372_036_854_776e18,
        ];
        for (key, kind) in ["percent", "bytes", "flag", "noise", "odd", "same", "fraction"]
            .into_iter()
            .zip(0..)
        {
            let mut truth = BTreeMap::new();
            let mut moment = NOON_MS;
            let mut sum = 0_i64;
            for _ in 0..6000 {
                // Steady, with some jitter, and now and then a gap.
                moment += 10_000 + if kind % 2 == 0 { 0 } else { rng.i64(-900..900) };
                if rng.u16(..2000) == 0 {
                    moment += 86_400_000 * rng.i64(1..9);
                }
                sum += rng.i64(-5..6);
                let value = match kind {
                    0 => sum as f64 / 10.0,
                    1 => (sum * 4096) as f64,
                    2 => f64::from(u8::from(rng.bool())),
                    3 => rng.f64() * 1e3,
                    4 => odd[rng.usize(..odd.len())],
                    5 => 42.5,
                    _ => rng.i64(-999_999..999_999) as f64 / 1e6,
                };
                // A zero is a zero.
                truth.insert(moment, value + 0.0);
            }
            // They come in parts of any size, some late, some twice.
            let mut all: Vec<(i64, f64)> = truth.iter().map(|(at, value)| (*at, *value)).collect();
            for _ in 0..200 {
                let (a, b) = (rng.usize(..all.len()), rng.usize(..all.len()));
                all.swap(a, b);
            }
            let mut rest = all.as_slice();
            let mut n_written = 0;
            while !rest.is_empty() {
                let (part, later) = rest.split_at(rng.usize(1..4000).min(rest.len()));
                rest = later;
                let samples = |part: &[(i64, f64)]| {
                    let sample = |(ms, value): &(i64, f64)| Sample {
                        series: key.to_owned(),
                        at: at(*ms),
                        value: *value,
                    };
                    part.iter().map(sample).collect::<Vec<_>>()
                };
                n_written += store.samples().insert(samples(part)).await?;
                assert_eq!(store.samples().insert(samples(&part[..part.len() / 2])).await?, 0);
            }
            assert_eq!(n_written, truth.len() as u64);
            let (first, last) = (all.iter().map(|(at, _)| *at).min().unwrap(), moment);
            let wanted = |from: i64, to: i64| -> Vec<(i64, u64)> {
                truth.range(from..=to).map(|(at, value)| (*at, value.to_bits())).collect()
            };
            assert_eq!(exact(&store, key, first, last).await, wanted(first, last), "{key}");
            for _ in 0..10 {
                let from = rng.i64(first..last);
                let to = rng.i64(from..=last);
                assert_eq!(exact(&store, key, from, to).await, wanted(from, to), "{key} {from} {to}");
            }
            let newest = store.samples().last(key).await?;
            assert_eq!((newest[0].at, newest[0].value.to_bits()), (at(last), truth[&last].to_bits()));
        }
        Ok(())
    });
}

#[test]
fn a_sample_costs_about_a_byte() {
    check(|store, _| async move {
        let mut sum = 0;
        for day in 0..20 {
            let mut rng = fastrand::Rng::with_seed(day);
            let samples = (day as i64 * 8640..(day as i64 + 1) * 8640).map(|n| {
                sum += rng.i64(-3..4);
                Sample {
                    series: "memory".to_owned(),
                    at: at(NOON_MS + n * 10_000),
                    value: 2e8 + (sum * 4096) as f64,
                }
            });
            store.samples().insert(samples.collect()).await?;
        }
        let bytes = store.samples().bytes().await? as f64 / (20.0 * 8640.0);
        assert!(bytes < 2.0, "{bytes} bytes a sample");
        Ok(())
    });
}

#[test]
fn a_store_of_before_there_were_blocks_counts_each_sample_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(SAMPLES.file);
    drop(Store::open(folder.path(), clock().0).unwrap());
    let write = |sql: &str| {
        let conn = rusqlite::Connection::open(&file).unwrap();
        conn.execute_batch(sql).unwrap();
    };
    block_on(async {
        let store = Store::open(folder.path(), clock().0).unwrap();
        let samples = (0..600).map(|n| Sample {
            series: "s".to_owned(),
            at: at(NOON_MS + n * 10_000),
            value: n as f64,
        });
        store.samples().insert(samples.collect()).await.unwrap();
    });
    // As an earlier program left it: the minutes beside the samples, the oldest samples freed in the middle of a minute.
    let rows: Vec<(i64, i64, f64, f64, f64, i64)> = (0..100)
        .map(|minute: i64| {
            let values: Vec<f64> = (0..6).map(|n| (minute * 6 + n) as f64).collect();
            (1, NOON_MS + minute * 60_000, values[0], values[5], values.iter().sum(), 6)
        })
        .collect();
    let series: i64 = rusqlite::Connection::open(&file)
        .unwrap()
        .query_row("SELECT id FROM series", (), |row| row.get(0))
        .unwrap();
    let packed = NOON_MS + 3_600_000;
    write(&format!(
        "DROP INDEX happenings_by_time; DROP TABLE happenings; DROP INDEX blocks_by_series; DROP TABLE blocks; PRAGMA user_version = {};",
        SAMPLES.version() - 2
    ));
    let conn = rusqlite::Connection::open(&file).unwrap();
    for (_, at, least, greatest, total, n) in rows {
        let sum = old_sum("minutes", series, at, &[least, greatest, total], Some(n));
        conn.execute(
            "INSERT INTO minutes VALUES (?, ?, ?, ?, ?, ?, ?)",
            (series, at, least, greatest, total, n, sum),
        )
        .unwrap();
    }
    conn.execute("DELETE FROM raw", ()).unwrap();
    for n in 213..600_i64 {
        let at = NOON_MS + n * 10_000;
        let sum = old_sum("raw", series, at, &[n as f64], None);
        conn.execute("INSERT INTO raw VALUES (?, ?, ?, ?)", (series, at, n as f64, sum))
            .unwrap();
    }
    drop(conn);
    block_on(async {
        let store = Store::open(folder.path(), clock().0).unwrap();
        assert_eq!(store.problems(), vec![]);
        let points = store
            .samples()
            .query("s", at(NOON_MS), at(NOON_MS + 6_000_000), 100)
            .await
            .unwrap();
        assert_eq!(points.len(), 100, "minutes, from both");
        assert!(points.iter().all(|point| point.n == 6));
        let late = store
            .samples()
            .query("s", at(packed), at(NOON_MS + 6_000_000), 1000)
            .await
            .unwrap();
        assert!(late.len() == 240 && late.iter().all(|point| point.n == 1));
    });
}

/// The checksum of a row as it was written when this table was made.
fn old_sum(table: &str, series: i64, at: i64, values: &[f64], n: Option<i64>) -> i64 {
    let mut bytes = table.as_bytes().to_vec();
    let integer = |bytes: &mut Vec<u8>, n: i64| {
        bytes.push(1);
        bytes.extend(n.to_le_bytes());
    };
    integer(&mut bytes, series);
    integer(&mut bytes, at);
    for value in values {
        bytes.push(2);
        bytes.extend(value.to_bits().to_le_bytes());
    }
    if let Some(n) = n {
        integer(&mut bytes, n);
    }
    let sum = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    i64::from((sum >> 32) as u32 ^ sum as u32)
}

#[test]
fn samples_keep_their_budget_and_free_the_oldest() {
    check(|store, now| async move {
        let day = 86_400_000_i64;
        now.store(NOON_MS + 5 * day, Ordering::Relaxed);
        let mut rng = fastrand::Rng::with_seed(5);
        let mut batch = Vec::new();
        for n in 0..5 * 24 * 720_i64 {
            for series in ["a", "b"] {
                batch.push(Sample {
                    series: series.to_owned(),
                    at: at(NOON_MS + n * 5000),
                    value: f64::from(rng.u16(..)),
                });
            }
        }
        // Written while the clock was a year ahead.
        batch.push(Sample {
            series: "a".to_owned(),
            at: at(NOON_MS + 400 * day),
            value: 1e9,
        });
        store.samples().insert(batch).await?;
        let before = store.samples().bytes().await?;
        let budget = before * 2 / 3;
        let freed = store.samples().keep_budget(budget).await?;
        assert!(freed.bytes_after <= budget && freed.n_rows > 0, "{freed:?}");
        let whole = store
            .samples()
            .query("a", at(NOON_MS), at(NOON_MS + 500 * day), 100_000)
            .await?;
        assert!(whole.iter().all(|point| point.max < 1e8), "the impossible time is gone");
        let n: u64 = whole.iter().map(|point| point.n).sum();
        assert_eq!(n, 5 * 24 * 720, "old samples are still there as minutes or hours");
        let recent = store
            .samples()
            .query("a", at(NOON_MS + 4 * day + 3_600_000), at(NOON_MS + 5 * day), 100_000)
            .await?;
        assert!(recent.iter().all(|point| point.n == 1), "the last day is whole");
        let freed = store.samples().keep_budget(0).await?;
        assert!(freed.bytes_after < before / 5, "{freed:?}");
        assert_eq!(
            store.samples().series("").await?,
            vec![],
            "a series without samples is forgotten"
        );
        Ok(())
    });
}

#[test]
fn a_check_stands_where_its_answers_put_it() {
    check(|store, _| async move {
        let ws = workspace();
        let answer = |n: i64, state: State| CheckResultRow {
            workspace: workspace(),
            name: "http".to_owned(),
            at: at(NOON_MS + n * 60_000),
            state,
            latency_ms: (state == State::Done).then_some(10.0 + n as f64),
            message: if state == State::Failed {
                "503".to_owned()
            } else {
                String::new()
            },
        };
        let states = [
            State::Done,
            State::Done,
            State::Failed,
            State::Failed,
            State::Done,
            State::Done,
        ];
        let mut changes = Vec::new();
        for (n, state) in states.into_iter().enumerate() {
            let (row, before) = store.checks().record(answer(n as i64, state)).await?;
            changes.push((row.n_in_state, before));
        }
        assert_eq!(
            changes,
            [
                (1, None),
                (2, None),
                (1, Some(State::Done)),
                (2, None),
                (1, Some(State::Failed)),
                (2, None)
            ]
        );
        let now = &store.checks().list(&ws).await?[0];
        assert_eq!(
            (now.state, now.since, now.at),
            (State::Done, at(NOON_MS + 240_000), at(NOON_MS + 300_000))
        );
        let uptime = store
            .checks()
            .uptime(&ws, "http", at(NOON_MS), at(NOON_MS + 3_000_000))
            .await?;
        assert_eq!((uptime.n, uptime.n_up, uptime.latency_max_ms), (6, 4, 15.0));
        assert_eq!(
            store
                .checks()
                .results(&ws, "http", at(NOON_MS), at(NOON_MS + 60_000), 9)
                .await?
                .len(),
            2
        );
        assert_eq!(store.checks().forget_results(at(NOON_MS + 120_000)).await?, 2);
        assert_eq!(
            store
                .checks()
                .uptime(&ws, "http", at(NOON_MS), at(NOON_MS + 3_000_000))
                .await?
                .n,
            6,
            "hours stay"
        );
        Ok(())
    });
}

#[test]
fn old_runs_are_forgotten_and_what_is_needed_stays() {
    check(|store, _| async move {
        for id in 1..=6 {
            store
                .jobs()
                .queued(NewJob {
                    quiet: id == 6,
                    ..new_job(id)
                })
                .await?;
            store.jobs().ended(JobId(id), end(State::Done)).await?;
        }
        store.jobs().queued(new_job(7)).await?;
        store.releases().record(release("1.0.0", "c"), vec![]).await?;
        store.builds().record(build(2, "c"), vec![]).await?;
        let stored = store.builds().record(build(4, "c"), vec![artifact(4, "c", "ff")]).await?;
        store.builds().set_stored(stored[0].id, Some(PathBuf::from("/x/ff"))).await?;
        let run = store.tests().start_run(test_run("c")).await?;
        store.tests().add_results(run.id, vec![case("adds", State::Done)]).await?;
        let nothing = store.prune(at(NOON_MS - 1), at(NOON_MS - 1)).await?;
        assert_eq!(nothing, chantier::adapters::store::prune::Pruned::default());
        let quiet = store.prune(at(NOON_MS - 1), at(NOON_MS + 86_400_000)).await?;
        assert_eq!(quiet.n_jobs, 1);
        let pruned = store.prune(at(NOON_MS + 86_400_000), at(NOON_MS)).await?;
        assert_eq!((pruned.n_jobs, pruned.n_builds, pruned.n_test_runs), (3, 1, 1));
        let left: Vec<u64> = store
            .jobs()
            .list(JobFilter::default())
            .await?
            .into_iter()
            .map(|row| row.id.0)
            .collect();
        assert_eq!(left, [7, 4, 3], "not ended, with a kept artifact, named by a release");
        assert_eq!(
            store.tests().history(&workspace()).await?.cases[0].n_runs,
            1,
            "the strip stays for ever"
        );
        Ok(())
    });
}

/// The samples of a workspace whose folder was moved go on under its new name.
#[test]
fn a_series_that_is_renamed_keeps_its_samples() {
    check(|store, _| async move {
        let samples = store.samples();
        let sample = |series: &str, secs: i64| Sample {
            series: series.to_owned(),
            at: at(NOON_MS + secs * 1000),
            value: secs as f64,
        };
        let (old, new) = ("workspace/old/check/-/web/up", "workspace/new/check/-/web/up");
        samples.insert(vec![sample(old, 1), sample("workspace/older/x", 2)]).await?;
        samples.rename("workspace/old/", "workspace/new/").await?;
        let keys: Vec<String> = samples.series("workspace/").await?.into_iter().map(|row| row.key).collect();
        assert_eq!(keys, [new, "workspace/older/x"]);
        samples.insert(vec![sample(new, 3)]).await?;
        let points = samples.query(new, at(NOON_MS), at(NOON_MS + 9000), 10).await?;
        let values: Vec<f64> = points.iter().map(|point| point.mean).collect();
        assert_eq!(values, [1.0, 3.0]);
        Ok(())
    });
}
