//! Programs killed and power cut: what was acknowledged stays, what was held is free.

use super::{Mount, assert_sound, lines, number_of, run, skip, start, strace, workspace, write};
use crate::store::{NOON_MS, at, block_on, clock};
use chantier::adapters::doctor::{self, DoctorOptions};
use chantier::adapters::store::Store;
use chantier::adapters::store::deployments::LockAnswer;
use chantier::adapters::store::holder::Holder;
use chantier::adapters::store::samples::Sample;
use chantier::adapters::store::schema::{self, LEDGER, Schema};
use chantier::base::{Clock, JobId, State};
use std::path::Path;
use std::process::Child;
use std::time::Duration;

#[test]
fn row_1_nothing_acknowledged_is_lost_by_kill_9() {
    let folder = tempfile::tempdir().expect("folder");
    let mut acknowledged = Vec::new();
    for round in 1..=200 {
        let mut child = start("write", folder.path(), &[]);
        let mut words = lines(&mut child);
        let wanted = fastrand::usize(1..6);
        let before = acknowledged.len();
        acknowledged.extend(words.by_ref().filter_map(|line| number_of(&line)).take(wanted));
        std::thread::sleep(Duration::from_micros(fastrand::u64(..3000)));
        child.kill().expect("killed");
        child.wait().expect("gone");
        // What it said before it died.
        acknowledged.extend(words.filter_map(|line| number_of(&line)));
        assert!(acknowledged.len() > before, "round {round} wrote nothing");
        if round % 50 == 0 {
            assert_sound(folder.path(), &acknowledged);
        }
    }
    let mut unique = acknowledged.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), acknowledged.len(), "a number was handed out twice");
}

#[test]
fn row_2_nothing_acknowledged_is_lost_by_a_power_cut() {
    let folder = tempfile::tempdir().expect("folder");
    let rounds = if std::env::var("CI").as_deref() == Ok("true") {
        50
    } else {
        12
    };
    for round in 0..rounds {
        // Never the image of an earlier round: while anybody holds a file of it open (a program that is being started has all of ours for
        // a moment), its file system is still there after it was taken away, and writes once more into what it stood on.
        let [disk, copy] = ["disk", "copy"].map(|name| folder.path().join(format!("{name}-{round}")));
        let image = disk.with_extension("img");
        let made = std::fs::File::create(&image).and_then(|file| file.set_len(24 << 20));
        made.expect("an image");
        let mounted = run("mkfs.ext4", &["-q", "-F", &image.to_string_lossy()])
            .and_then(|()| Mount::new(&disk, &["-o", "loop", &image.to_string_lossy()]));
        let _disk = match mounted {
            Ok(mount) => mount,
            Err(why) => return skip(2, &why),
        };
        let mut child = start("write", &disk.join("data"), &[]);
        let mut words = lines(&mut child);
        let wanted = fastrand::usize(1..120);
        let mut acknowledged: Vec<u64> = words.by_ref().filter_map(|line| number_of(&line)).take(wanted).collect();
        std::thread::sleep(Duration::from_micros(fastrand::u64(..3000)));
        stop(&child);
        // What is in the page cache is lost with the power: the image is taken as the disk has it.
        let cut = copy.with_extension("img");
        run("cp", &["--sparse=always", &image.to_string_lossy(), &cut.to_string_lossy()]).expect("copied");
        child.kill().expect("killed");
        child.wait().expect("gone");
        acknowledged.extend(words.filter_map(|line| number_of(&line)));
        let _copy = Mount::new(&copy, &["-o", "loop", &cut.to_string_lossy()]).expect("mounted");
        assert_sound(&copy.join("data"), &acknowledged);
        // Samples may lose their last seconds and no more: here a few of the last.
        let store = Store::open(&copy.join("data"), clock().0).expect("opens");
        block_on(store.samples().insert(vec![Sample {
            series: "after".to_owned(),
            at: at(1),
            value: 1.0,
        }]))
        .expect("goes on");
        for used in [image, cut] {
            std::fs::remove_file(used).expect("it was there");
        }
    }
}

fn stop(child: &Child) {
    let pid = rustix::process::Pid::from_child(child);
    rustix::process::kill_process(pid, rustix::process::Signal::STOP).expect("stopped");
    let stat = format!("/proc/{}/stat", child.id());
    while !std::fs::read_to_string(&stat).is_ok_and(|stat| stat.contains(") T ") || stat.contains(") t ")) {
        std::thread::yield_now();
    }
}

#[test]
fn row_9_a_lock_of_a_dead_process_is_taken_over_and_one_of_a_living_is_not() {
    let folder = tempfile::tempdir().expect("folder");
    let store = Store::open(folder.path(), Clock::system()).expect("opens");
    let mut child = start("hold", folder.path(), &[]);
    assert!(lines(&mut child).any(|line| line == "held"));
    let lock = || {
        block_on(
            store
                .deployments()
                .lock(&workspace(), "production", "me", None, Duration::from_mins(1)),
        )
        .expect("asked")
    };
    let lease = || block_on(store.leases().take("sampling", Duration::from_hours(1))).expect("asked");
    assert!(matches!(lock(), LockAnswer::Held(row) if row.holder.pid == child.id() && row.owner == "child"));
    assert!(!lease());
    assert_eq!(
        block_on(store.jobs().mark_interrupted(chantier::adapters::store::holder::is_running)).expect("asked"),
        vec![]
    );
    child.kill().expect("killed");
    // Not waited for yet: a zombie holds nothing.
    while Holder::of(child.id()).is_some() {
        std::thread::yield_now();
    }
    let left = doctor::examine(
        folder.path(),
        &folder.path().join("logs"),
        DoctorOptions::default(),
        at(NOON_MS),
    );
    let failed: Vec<&str> = left
        .iter()
        .filter(|check| check.state != State::Done)
        .map(|check| check.id.as_str())
        .collect();
    assert!(failed.contains(&"locks") && failed.contains(&"jobs"), "{failed:?}");
    let marked = block_on(store.jobs().mark_interrupted(chantier::adapters::store::holder::is_running));
    assert_eq!(marked.expect("asked"), vec![JobId(1)]);
    assert!(matches!(lock(), LockAnswer::TakenOver(row) if row.deployment == Some(7)));
    assert_eq!(lock(), LockAnswer::Taken);
    assert!(lease());
    child.wait().expect("gone");
    // The number of a process is used again by another one: told apart by its start.
    let reused = Holder {
        start: 1,
        ..Holder::of(std::process::id()).expect("this one")
    };
    assert!(!reused.is_alive());
    assert!(
        !Holder {
            boot: "another".to_owned(),
            ..Holder::current()
        }
        .is_alive()
    );
    assert!(Holder::current().is_alive());
}

/// The checksum of a row as it stands on disk, written down here a second time: what was shipped must never be computed otherwise.
fn sum_of_sequence(name: &str, next: i64) -> i64 {
    let mut bytes = b"sequences".to_vec();
    bytes.push(3);
    bytes.extend_from_slice(&(name.len() as u64).to_le_bytes());
    bytes.extend_from_slice(name.as_bytes());
    bytes.push(1);
    bytes.extend_from_slice(&next.to_le_bytes());
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step) as i64
}

/// A ledger as an earlier Chantier left it, with a workspace in it.
fn make_old(data: &Path, version: usize) {
    std::fs::create_dir_all(data).expect("made");
    let old: Schema = LEDGER.at_version(version);
    let conn = rusqlite::Connection::open(data.join(old.file)).expect("opens");
    conn.pragma_update(None, "journal_mode", "WAL").expect("set");
    for step in old.steps {
        conn.execute_batch(step).expect("a step");
    }
    conn.pragma_update(None, "application_id", old.application_id).expect("set");
    conn.pragma_update(None, "user_version", old.version()).expect("set");
    conn.execute(
        "INSERT INTO sequences (name, next, sum) VALUES ('job_ids', 501, ?)",
        [sum_of_sequence("job_ids", 501)],
    )
    .expect("a row");
    conn.close().expect("closed");
}

fn assert_migrated(data: &Path, what: &str) {
    let store = Store::open(data, clock().0).unwrap_or_else(|problem| panic!("{what}: {problem:?}"));
    assert_eq!(store.problems(), vec![], "{what}");
    assert_eq!(
        block_on(store.reserve_job_ids(1)).expect("reserved").start,
        501,
        "{what}: what was there is there"
    );
    write(&store, 9).unwrap_or_else(|problem| panic!("{what}: {problem:?}"));
    drop(store);
    let checks = doctor::examine(
        data,
        &data.join("logs"),
        DoctorOptions {
            read_data: true,
            repair: false,
        },
        at(NOON_MS),
    );
    assert!(doctor::is_sound(&checks), "{what}: {checks:?}");
    let backup = schema::backup_path(&data.join(LEDGER.file), LEDGER.version());
    let conn = rusqlite::Connection::open(backup).expect("the copy from before");
    let next: i64 = conn
        .query_row("SELECT next FROM sequences WHERE name = 'job_ids'", (), |row| row.get(0))
        .expect("whole");
    assert_eq!(next, 501, "{what}");
}

#[test]
fn row_11_a_migration_killed_at_any_step_leaves_a_sound_store() {
    let folder = tempfile::tempdir().expect("folder");
    for version in 1..LEDGER.version() as usize {
        let data = folder.path().join(format!("from-{version}"));
        make_old(&data, version);
        assert_migrated(&data, &format!("from version {version}"));
    }
    let kill_at = |n: u64| -> Option<Vec<String>> {
        let strace = strace()?;
        let inject = format!("inject=pwrite64,fdatasync,fsync,rename,unlink:signal=SIGKILL:when={n}");
        let words = [
            strace,
            "-f",
            "-q",
            "-o",
            "/dev/null",
            "-e",
            "trace=pwrite64,fdatasync,fsync,rename,unlink",
            "-e",
            &inject,
        ];
        Some(words.map(str::to_owned).to_vec())
    };
    if kill_at(1).is_none() {
        skip(11, "strace can not trace here: killed at random moments instead");
    }
    let mut n = 1;
    let mut n_killed = 0;
    loop {
        let data = folder.path().join(format!("killed-{n}"));
        make_old(&data, 2);
        let mut child = start("write-40", &data, &kill_at(n).unwrap_or_default());
        if kill_at(n).is_none() {
            std::thread::sleep(Duration::from_millis(10 + n / 2));
            child.kill().expect("killed");
        }
        let has_opened = lines(&mut child).any(|line| line == "open");
        child.wait().expect("gone");
        if has_opened || n > 400 {
            break;
        }
        n_killed += 1;
        assert_migrated(&data, &format!("killed at {n}"));
        std::fs::remove_dir_all(&data).expect("removed");
        n += 2 + n / 12;
    }
    assert!(n_killed >= 5, "{n_killed}");
}
