//! Files that are not what they were: bytes flipped, cut off, of a newer program. Nothing wrong is ever shown.

use super::{padding, workspace};
use crate::store::{NOON_MS, at, block_on, case, clock, deployment, new_job, test_run};
use chantier::adapters::doctor::{self, DoctorOptions};
use chantier::adapters::store::Store;
use chantier::adapters::store::audit::AuditEntry;
use chantier::adapters::store::jobs::JobFilter;
use chantier::adapters::store::samples::Sample;
use chantier::adapters::store::schema::{LEDGER, SAMPLES};
use chantier::adapters::store::tests::CaseResult;
use chantier::base::State;
use std::path::Path;

/// A small store with a row of most kinds; what a reader must see.
fn make_small(data: &Path) -> Vec<String> {
    let store = Store::open(data, clock().0).expect("opens");
    block_on(async {
        for id in 1..=30 {
            let mut job = new_job(id);
            job.title = chantier::msg!("verbatim", text = padding(id));
            store.jobs().queued(job).await.expect("written");
        }
        let run = store.tests().start_run(test_run("c1")).await.expect("written");
        let results: Vec<CaseResult> = (0..20).map(|n| case(&format!("case_{n}"), State::Done)).collect();
        store.tests().add_results(run.id, results).await.expect("written");
        store
            .deployments()
            .begin(deployment("1.0.0", "staging"))
            .await
            .expect("written");
        for n in 0..10 {
            let entry = AuditEntry {
                who: "ada".to_owned(),
                act: format!("act-{n}"),
                workspace: Some(workspace()),
                environment: None,
                deployment: Some(n),
                data: serde_json::json!({ "n": n }),
            };
            store.audit().append(entry).await.expect("written");
        }
        let samples = (0..300).map(|n| Sample {
            series: "s".to_owned(),
            at: at(NOON_MS + n * 10_000),
            value: n as f64 / 3.0,
        });
        store.samples().insert(samples.collect()).await.expect("written");
        // So many at once that they are packed.
        let many = (0..PACKED).map(|n| Sample {
            series: "packed".to_owned(),
            at: at(NOON_MS + n * 1000),
            value: (n % 77) as f64 / 7.0,
        });
        store.samples().insert(many.collect()).await.expect("written");
    });
    let seen = read_all(&store);
    drop(store);
    seen
}

const PACKED: i64 = 2500;

/// Everything that can be read, one text per row. Problems in reading are fine, wrong rows are not.
fn read_all(store: &Store) -> Vec<String> {
    let mut seen = Vec::new();
    block_on(async {
        let all = JobFilter {
            include_quiet: true,
            limit: 1000,
            ..JobFilter::default()
        };
        for row in store.jobs().list(all).await.unwrap_or_default() {
            seen.push(format!("{row:?}"));
        }
        for run in store.tests().runs(&workspace(), 100).await.unwrap_or_default() {
            for result in store.tests().results(run.id).await.unwrap_or_default() {
                let whole = store
                    .tests()
                    .result(&workspace(), &result.suite, &result.name, Some(run.id))
                    .await;
                seen.extend(whole.ok().flatten().map(|whole| format!("{whole:?}")));
            }
            seen.push(format!("{run:?}"));
        }
        for case in store.tests().history(&workspace()).await.unwrap_or_default().cases {
            seen.push(format!("{case:?}"));
        }
        for row in store.deployments().list(&workspace(), None, 100).await.unwrap_or_default() {
            seen.push(format!("{row:?}"));
        }
        for row in store.audit().list(&workspace(), None, 100).await.unwrap_or_default() {
            seen.push(format!("{row:?}"));
        }
        for point in store
            .samples()
            .query("s", at(NOON_MS), at(NOON_MS + 9_000_000), 1000)
            .await
            .unwrap_or_default()
        {
            // Where the samples themselves are lost, the minutes that were made of them answer.
            if point.n == 1 {
                seen.push(format!("{point:?}"));
            }
        }
        let packed = store
            .samples()
            .query("packed", at(NOON_MS), at(NOON_MS + PACKED * 1000), PACKED as usize)
            .await
            .unwrap_or_default();
        if packed.first().is_some_and(|point| point.n == 1) {
            let bits = packed
                .iter()
                .map(|point| point.mean.to_bits() ^ point.at.as_millisecond() as u64);
            let sum = bits.fold(0_u64, |sum, bits| sum.rotate_left(7).wrapping_add(bits));
            seen.push(format!("{} packed, {sum}", packed.len()));
        }
    });
    seen
}

/// Opens what was damaged: nothing wrong is shown, what is missing is told, and the bytes as they were found are kept.
fn check_damaged(data: &Path, file: &str, truth: &[String], what: &str) -> usize {
    let found = std::fs::read(data.join(file)).expect("read");
    let (seen, problems) = match Store::open(data, clock().0) {
        Ok(store) => {
            let seen = read_all(&store);
            (seen, store.problems())
        }
        Err(problem) => (Vec::new(), vec![problem]),
    };
    for row in &seen {
        assert!(truth.contains(row), "{what}: wrong: {row}");
    }
    if seen.len() < truth.len() {
        // A row whose key was changed at the edge of its table is asked for by nobody: who reads every row finds it.
        let is_found = || {
            let options = DoctorOptions {
                read_data: true,
                repair: false,
            };
            let checks = doctor::examine(data, &data.join("logs"), options, at(NOON_MS));
            checks
                .iter()
                .any(|check| check.id.ends_with("-rows") && check.state == State::Failed)
        };
        assert!(
            !problems.is_empty() || is_found(),
            "{what}: {} of {} rows, and nothing is said",
            seen.len(),
            truth.len()
        );
    }
    let is_aside =
        |name: &str| name.starts_with(&format!("{file}.damaged-")) && !name.ends_with("-wal") && !name.ends_with("-shm");
    let names = std::fs::read_dir(data)
        .expect("listed")
        .map(|entry| entry.expect("entry").file_name().into_string().expect("a name"));
    let aside: Vec<String> = names.filter(|name| is_aside(name)).collect();
    if let Some(name) = aside.first() {
        assert_eq!(aside.len(), 1, "{what}");
        assert!(
            std::fs::read(data.join(name)).expect("read") == found,
            "{what}: the original is kept as it was"
        );
        assert!(
            problems.iter().any(|problem| problem.code == "store-damaged"),
            "{what}: {problems:?}"
        );
    }
    seen.len()
}

fn copy_folder(from: &Path, to: &Path) {
    drop(std::fs::remove_dir_all(to));
    std::fs::create_dir_all(to).expect("made");
    for entry in std::fs::read_dir(from).expect("listed") {
        let entry = entry.expect("entry");
        std::fs::copy(entry.path(), to.join(entry.file_name())).expect("copied");
    }
}

/// In memory where there is such a place: a thousand stores are made.
fn quick_folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() && tempfile::tempdir_in(memory).is_ok() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    }
    .expect("folder")
}

#[test]
fn row_6_a_flipped_byte_is_never_a_wrong_row() {
    let folder = quick_folder();
    let sound = folder.path().join("sound");
    let truth = make_small(&sound);
    let (data, mut n_whole) = (folder.path().join("data"), 0);
    for n in 0..1000 {
        copy_folder(&sound, &data);
        let file = if n % 4 == 0 { SAMPLES.file } else { LEDGER.file };
        let mut bytes = std::fs::read(data.join(file)).expect("read");
        let at = fastrand::usize(..bytes.len());
        bytes[at] ^= 1 << fastrand::u8(..8);
        std::fs::write(data.join(file), &bytes).expect("written");
        let seen = check_damaged(&data, file, &truth, &format!("{file}, byte {at}"));
        n_whole += usize::from(seen + 1 >= truth.len());
    }
    assert!(n_whole > 500, "{n_whole}: one byte costs a row or a page, not the store");
}

#[test]
fn every_byte_of_the_description_of_a_table_can_be_wrong() {
    let folder = quick_folder();
    let sound = folder.path().join("sound");
    let truth = make_small(&sound);
    let data = folder.path().join("data");
    let bytes = std::fs::read(sound.join(SAMPLES.file)).expect("read");
    // The text stands at the end of the first page, line after line.
    let first = bytes
        .windows(12)
        .position(|found| found == b"CREATE TABLE")
        .expect("described");
    assert!(first < 4096, "on the first page");
    let mut n_whole = 0;
    for at in first..4096 {
        copy_folder(&sound, &data);
        let mut bytes = bytes.clone();
        bytes[at] ^= 1 << fastrand::u8(..8);
        std::fs::write(data.join(SAMPLES.file), &bytes).expect("written");
        let seen = check_damaged(&data, SAMPLES.file, &truth, &format!("byte {at}"));
        n_whole += usize::from(seen == truth.len());
        let names = std::fs::read_dir(&data)
            .expect("listed")
            .map(|entry| entry.expect("entry").file_name());
        let left: Vec<_> = names.filter(|name| name.to_string_lossy().contains("mending")).collect();
        assert!(left.is_empty(), "byte {at}: {left:?}");
    }
    let n = 4096 - first;
    assert!(
        n_whole * 10 > n * 9,
        "{n_whole} of {n}: no row is lost with a letter of the description"
    );
}

#[test]
fn row_7_a_truncated_or_empty_file_is_told_and_kept() {
    let folder = quick_folder();
    let sound = folder.path().join("sound");
    let truth = make_small(&sound);
    let data = folder.path().join("data");
    for file in [LEDGER.file, SAMPLES.file] {
        let size = std::fs::metadata(sound.join(file)).expect("there").len();
        let mut sizes: Vec<u64> = (0..40).map(|_| fastrand::u64(..size)).collect();
        sizes.extend([0, 1, 15, 16, 99, 100, 4095, 4096, 8192, size - 1, size - 4096]);
        for cut in sizes {
            copy_folder(&sound, &data);
            let truncated = std::fs::File::options()
                .write(true)
                .open(data.join(file))
                .and_then(|file| file.set_len(cut));
            truncated.expect("cut");
            check_damaged(&data, file, &truth, &format!("{file} cut at {cut}"));
        }
        copy_folder(&sound, &data);
        std::fs::write(data.join(file), vec![b'x'; 9000]).expect("written");
        check_damaged(&data, file, &truth, &format!("{file} of something else"));
    }
    // Whole pages are read by themselves where no way through the tree is left.
    let size = std::fs::metadata(sound.join(LEDGER.file)).expect("there").len();
    let mut n_saved = 0;
    for eighths in [5, 6, 7] {
        copy_folder(&sound, &data);
        let cut = std::fs::File::options().write(true).open(data.join(LEDGER.file));
        cut.and_then(|file| file.set_len(size * eighths / 8)).expect("cut");
        std::fs::remove_file(data.join(SAMPLES.file)).expect("there");
        let seen = read_all(&Store::open(&data, clock().0).expect("opens"));
        assert!(seen.iter().all(|row| truth.contains(row)), "{eighths}/8: {seen:?}");
        n_saved += seen.len();
    }
    assert!(n_saved > 0);
    // A damaged file that another program has open is left alone.
    copy_folder(&sound, &data);
    let first = Store::open(&data, clock().0).expect("opens");
    std::fs::write(data.join(LEDGER.file), b"no database, but long enough to be looked at").expect("written");
    let refused = Store::open(&data, clock().0).expect_err("in use");
    assert_eq!(
        (refused.code.as_str(), refused.summary.key.as_ref()),
        ("store-damaged", "store-damaged-in-use")
    );
    drop(first);
}

#[test]
fn row_10_a_newer_format_is_left_untouched() {
    for (schema, name) in [(LEDGER, LEDGER.file), (SAMPLES, SAMPLES.file)] {
        let folder = tempfile::tempdir().expect("folder");
        drop(Store::open(folder.path(), clock().0).expect("made"));
        let path = folder.path().join(name);
        let conn = rusqlite::Connection::open(&path).expect("opens");
        conn.pragma_update(None, "user_version", schema.version() + 1).expect("newer");
        conn.execute_batch("CREATE TABLE of_the_future (x)").expect("newer");
        conn.close().expect("closed");
        let before = std::fs::read(&path).expect("read");
        let problem = Store::open(folder.path(), clock().0).expect_err("refused");
        assert_eq!(problem.code, "store-newer");
        assert!(std::fs::read(&path).expect("read") == before, "untouched");
        let checks = doctor::examine(
            folder.path(),
            &folder.path().join("logs"),
            DoctorOptions {
                read_data: true,
                repair: true,
            },
            at(NOON_MS),
        );
        assert!(
            checks
                .iter()
                .any(|check| check.id.ends_with("-format") && check.state == State::Failed),
            "{checks:?}"
        );
        assert!(std::fs::read(&path).expect("read") == before, "the doctor leaves it too");
    }
}

#[test]
fn a_large_store_is_checked_beside_the_work_and_mended_at_the_next_start() {
    let folder = quick_folder();
    let data = folder.path().join("data");
    let store = Store::open(&data, clock().0).expect("opens");
    block_on(async {
        for id in 1..=120 {
            let mut job = new_job(id);
            job.title = chantier::msg!("verbatim", text = "x".repeat(50_000));
            store.jobs().queued(job).await.expect("written");
        }
    });
    drop(store);
    // An index that no longer says what its table says: no row is wrong, but some are not found.
    for sql in [
        "PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET sql = replace(sql, 'state)', 'area)') WHERE name = 'jobs_by_state'",
        "REINDEX jobs_by_state",
        "PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET sql = replace(sql, 'area)', 'state)') WHERE name = 'jobs_by_state'",
    ] {
        let conn = rusqlite::Connection::open(data.join(LEDGER.file)).expect("opens");
        conn.execute_batch(sql).expect("changed");
        conn.close().expect("closed");
    }
    let before = std::fs::metadata(data.join(LEDGER.file)).expect("there").len();
    assert!(before > 5 << 20, "{before}: large");

    let store = Store::open(&data, clock().0).expect("opens at once");
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while store.problems().is_empty() {
        assert!(std::time::Instant::now() < deadline, "found beside the work");
        std::thread::yield_now();
    }
    while !data.join("ledger.sqlite.suspect").exists() {
        assert!(std::time::Instant::now() < deadline, "noted for the next start");
        std::thread::yield_now();
    }
    drop(store);
    let store = Store::open(&data, clock().0).expect("opens");
    assert!(
        store
            .problems()
            .iter()
            .any(|problem| problem.summary.key == "store-put-aside"),
        "{:?}",
        store.problems()
    );
    let all = JobFilter {
        limit: 1000,
        ..JobFilter::default()
    };
    assert_eq!(
        block_on(store.jobs().list(all)).expect("listed").len(),
        120,
        "every sound row was taken over"
    );
    drop(store);
    assert_eq!(Store::open(&data, clock().0).expect("opens").problems(), vec![]);
}

#[test]
fn a_lost_sequence_does_not_hand_out_what_was_handed_out() {
    let folder = quick_folder();
    make_small(folder.path());
    for change in ["UPDATE sequences SET next = 3", "DELETE FROM sequences"] {
        let conn = rusqlite::Connection::open(folder.path().join(LEDGER.file)).expect("opens");
        conn.execute_batch(change).expect("changed");
        conn.close().expect("closed");
        let store = Store::open(folder.path(), clock().0).expect("opens");
        let before = block_on(store.tests().runs(&workspace(), 100)).expect("read");
        assert!(block_on(store.reserve_job_ids(1)).expect("reserved").start > 30);
        let run = block_on(store.tests().start_run(test_run("c2"))).expect("written");
        assert!(before.iter().all(|row| row.id < run.id), "{change}");
    }
}
