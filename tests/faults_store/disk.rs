//! Disks that are full, fail or can only be read.

use super::{Mount, all_jobs, assert_sound, lines, number_of, run, skip, start, strace, write};
use crate::store::{NOON_MS, at, block_on, clock};
use chantier::adapters::doctor::{self, DoctorOptions};
use chantier::adapters::logs::Logs;
use chantier::adapters::store::Store;
use chantier::adapters::store::samples::Sample;
use chantier::base::{JobId, State};
use std::io::Write as _;
use std::path::Path;

#[test]
fn row_3_a_full_disk_is_told_and_what_was_acknowledged_stays() {
    let folder = tempfile::tempdir().expect("folder");
    let disk = match Mount::new(&folder.path().join("disk"), &["-t", "tmpfs", "-o", "size=6m", "tmpfs"]) {
        Ok(mount) => mount,
        Err(why) => return skip(3, &why),
    };
    let mut n_said = 0;
    for step in 0..80_u64 {
        let data = disk.0.join(format!("data-{step}"));
        let ballast = disk.0.join("ballast");
        let mut acknowledged = Vec::new();
        let store = Store::open(&data, clock().0).expect("opens");
        for id in 1..=3 {
            acknowledged.push(write(&store, id).expect("there is space"));
        }
        fill(&ballast, step * 4096);
        let mut said = None;
        for id in 4..400 {
            match write(&store, id) {
                Ok(id) => acknowledged.push(id),
                Err(problem) => {
                    said = Some(problem);
                    break;
                }
            }
        }
        let said = said.expect("the disk is full");
        assert_eq!(said.code, "store-full", "{said:?}");
        n_said += 1;
        // Reading goes on while the disk is full, and so does a store that is opened then.
        assert_eq!(all_jobs(&store).len(), acknowledged.len());
        if step % 8 == 0 {
            // What the first store gave back meanwhile is no room for the second.
            let rest = disk.0.join("rest");
            fill(&rest, 0);
            match Store::open(&disk.0.join("another"), clock().0) {
                Ok(late) => assert!(late.is_memory_only() && late.problems()[0].code == "store-memory-only"),
                Err(problem) => panic!("{problem:?}"),
            }
            drop(std::fs::remove_dir_all(disk.0.join("another")));
            doctor::examine(&data, &data.join("logs"), DoctorOptions::default(), at(NOON_MS));
            let mut names = std::fs::read_dir(&data)
                .expect("listed")
                .flatten()
                .map(|entry| entry.file_name());
            assert!(
                !names.any(|name| name.to_string_lossy().contains("doctor")),
                "the doctor leaves nothing behind"
            );
            std::fs::write(&rest, "").expect("emptied");
            std::fs::remove_file(&rest).expect("removed");
        }
        // Emptied first: a child that another test just started may hold the file open until it becomes its program.
        std::fs::write(&ballast, "").expect("emptied");
        std::fs::remove_file(&ballast).expect("removed");
        for id in 1000..1010 {
            acknowledged.push(write(&store, id).expect("goes on when there is space"));
        }
        drop(store);
        assert_sound(&data, &acknowledged);
        std::fs::remove_dir_all(&data).expect("removed");
    }
    assert_eq!(n_said, 80);
}

/// Leaves so many bytes free.
fn fill(ballast: &Path, leave: u64) {
    let mut file = std::fs::File::create(ballast).expect("created");
    while file.write_all(&[0; 4096]).is_ok() {}
    let full = file.metadata().expect("there").len();
    file.set_len(full.saturating_sub(leave)).expect("cut");
}

#[test]
fn row_5_an_input_error_of_any_fsync_is_never_acknowledged() {
    let Some(strace) = strace() else {
        return skip(5, "strace can not trace here");
    };
    let folder = tempfile::tempdir().expect("folder");
    let mut n_told = 0;
    for n in 1..=30 {
        let data = folder.path().join(n.to_string());
        drop(Store::open(&data, clock().0).expect("made"));
        let inject = format!("inject=fsync,fdatasync:error=EIO:when={n}");
        let under = [
            strace,
            "-f",
            "-q",
            "-o",
            "/dev/null",
            "-e",
            "trace=fsync,fdatasync",
            "-e",
            &inject,
        ]
        .map(str::to_owned);
        let mut child = start("write-40", &data, &under);
        let words: Vec<String> = lines(&mut child).collect();
        child.wait().expect("gone");
        let acknowledged: Vec<u64> = words.iter().filter_map(|line| number_of(line)).collect();
        let told = words
            .iter()
            .filter(|line| line.starts_with("err ") || line.starts_with("refused "))
            .count();
        n_told += told;
        assert!(
            words.iter().any(|line| line == "end" || line.starts_with("refused")),
            "{n}: it came to its end: {words:?}"
        );
        assert!(acknowledged.len() + told >= 39, "{n}: one error costs one write: {words:?}");
        assert_sound(&data, &acknowledged);
    }
    assert!(n_told > 10, "{n_told}: errors were met");
}

#[test]
fn row_14_a_read_only_folder_is_shown_and_worked_beside() {
    let folder = tempfile::tempdir().expect("folder");
    let mount = match Mount::new(&folder.path().join("home"), &["-t", "tmpfs", "-o", "size=8m", "tmpfs"]) {
        Ok(mount) => Some(mount),
        Err(why) if rustix::process::geteuid().is_root() => return skip(14, &why),
        Err(_) => None,
    };
    let home = folder.path().join("home");
    let (data, empty) = (home.join("data"), home.join("empty"));
    std::fs::create_dir_all(&empty).expect("made");
    let store = Store::open(&data, clock().0).expect("opens");
    write(&store, 1).expect("written");
    drop(store);
    // Left by a program that was killed: the log of the database is still beside it.
    let killed = home.join("killed");
    let mut child = start("write", &killed, &[]);
    let mut words = lines(&mut child);
    let acknowledged: Vec<u64> = words.by_ref().filter_map(|line| number_of(&line)).take(5).collect();
    child.kill().expect("killed");
    child.wait().expect("gone");
    assert!(std::fs::metadata(killed.join("ledger.sqlite-wal")).is_ok_and(|meta| meta.len() > 0));

    set_read_only(mount.as_ref(), &[&data, &empty, &killed], true);
    for (place, rows) in [
        (&data, 1),
        (&empty, 0),
        (&home.join("missing"), 0),
        (&killed, acknowledged.len()),
    ] {
        let store = Store::open(place, clock().0).unwrap_or_else(|problem| panic!("{}: {problem:?}", place.display()));
        assert!(store.is_memory_only());
        let problem = store
            .problems()
            .into_iter()
            .find(|problem| problem.code == "store-memory-only")
            .expect("said");
        assert!(problem.hint.is_some());
        assert!(all_jobs(&store).len() >= rows, "{}: the history is shown", place.display());
        write(&store, 1_000_000).expect("the program works");
        block_on(store.samples().insert(vec![Sample {
            series: "s".to_owned(),
            at: at(NOON_MS),
            value: 1.0,
        }]))
        .expect("works");
        let checks = doctor::examine(
            place,
            &place.join("logs"),
            DoctorOptions {
                read_data: true,
                repair: true,
            },
            at(NOON_MS),
        );
        assert!(
            checks[0].state == State::Failed || checks[0].state == State::Skipped,
            "{checks:?}"
        );
    }
    set_read_only(mount.as_ref(), &[&data, &empty, &killed], false);
    let store = Store::open(&data, clock().0).expect("opens");
    assert_eq!(
        (all_jobs(&store).len(), store.is_memory_only()),
        (1, false),
        "nothing of the session in memory was kept"
    );
}

fn set_read_only(mount: Option<&Mount>, folders: &[&Path], is_read_only: bool) {
    if let Some(mount) = mount {
        let option = if is_read_only { "remount,ro" } else { "remount,rw" };
        run("mount", &["-o", option, &mount.0.to_string_lossy()]).expect("remounted");
        return;
    }
    use std::os::unix::fs::PermissionsExt as _;
    for folder in folders {
        for entry in std::fs::read_dir(folder).expect("listed") {
            let mode = if is_read_only { 0o400 } else { 0o600 };
            std::fs::set_permissions(entry.expect("entry").path(), std::fs::Permissions::from_mode(mode)).expect("set");
        }
        let mode = if is_read_only { 0o500 } else { 0o700 };
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(mode)).expect("set");
    }
}

#[test]
fn row_4_a_full_disk_costs_a_log_its_end_and_the_job_nothing() {
    let folder = tempfile::tempdir().expect("folder");
    let disk = match Mount::new(&folder.path().join("disk"), &["-t", "tmpfs", "-o", "size=1m", "tmpfs"]) {
        Ok(mount) => mount,
        Err(why) => return skip(4, &why),
    };
    let logs = Logs::new(disk.0.join("logs"), 100 << 20);
    block_on(async {
        let first = logs.create(JobId(1)).await.expect("created");
        let second = logs.create(JobId(2)).await.expect("created");
        first.append(&vec![b'x'; 3 << 20]).await;
        second.append(b"short\n").await;
        let end = first.finish().await;
        let problem = end.problem.expect("told");
        assert_eq!(problem.code, "store-full", "{problem:?}");
        assert_eq!(end.bytes + end.left_out, 3 << 20, "what is missing is counted");
        let read = logs.read_range(JobId(1), 0, 16 << 20).await.expect("read");
        assert_eq!((read.total, read.bytes.iter().all(|byte| *byte == b'x')), (end.bytes, true));
        drop(second.finish().await);
        let freed = logs.keep_budget(1000, |_| false).await.expect("freed");
        assert!(freed.jobs.contains(&JobId(1)));
        let third = logs.create(JobId(3)).await.expect("created");
        third.append(b"goes on\n").await;
        let end = third.finish().await;
        assert_eq!((end.problem, end.bytes), (None, 8));
    });
}
