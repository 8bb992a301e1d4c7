//! Ctrl+C on the command line: what runs ends, soon, with everything it started; a second one waits for nobody.

use crate::support::cli::Home;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// A trusted workspace with one task that runs this script, and writes `ready` first.
fn workspace(home: &Home, script: &str) -> PathBuf {
    let dir = home.path("p");
    std::fs::create_dir(&dir).unwrap();
    std::fs::write(dir.join("t.sh"), script).unwrap();
    std::fs::write(
        dir.join("chantier.toml"),
        "[[task]]\nname = \"t\"\nkind = \"run\"\nrun = [\"sh\", \"t.sh\"]\n",
    )
    .unwrap();
    home.call_in(&dir, &["devops", "add", "."]).ok();
    home.call_in(&dir, &["devops", "trust"]).ok();
    dir
}

/// Starts the task and waits until it says that it is ready.
fn start(home: &Home, dir: &Path) -> Child {
    let mut program = home.program(dir, &["build", "run", "t"]);
    let mut child = program.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line == "ready"));
    // Whoever closed the pipe would end the task in another way.
    std::thread::spawn(move || lines.for_each(drop));
    child
}

fn interrupt(child: &Child) {
    let pid = rustix::process::Pid::from_raw(child.id() as i32).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
}

/// Processes whose folder is this one.
fn left_in(dir: &Path) -> usize {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let is_there = |entry: &std::fs::DirEntry| std::fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd == dir);
    entries.filter(is_there).count()
}

fn check_ends(script: &str) {
    let home = Home::new();
    let dir = workspace(&home, script).canonicalize().unwrap();
    let mut child = start(&home, &dir);
    let since = Instant::now();
    interrupt(&child);
    assert_eq!(child.wait().unwrap().code(), Some(130), "{script}");
    // QUALITY: within 5 s of Ctrl+C; one more for a machine that is busy with the other tests.
    assert!(since.elapsed() < Duration::from_secs(6), "{:?}: {script}", since.elapsed());
    assert_eq!(left_in(&dir), 0, "{script}");
    let runs = home.call_in(&dir, &["devops", "runs", "--json"]).ok().json();
    assert_eq!(runs["result"]["runs"][0]["state"], "cancelled", "{runs:#}");
    let doctor = home.call(&["doctor", "--read-data", "--json"]).ok().json();
    assert_eq!(doctor["result"]["is_sound"], true);
}

#[test]
fn a_task_that_obeys_is_ended_by_one() {
    check_ends("echo ready; sleep 600");
}

#[test]
fn a_task_that_ignores_every_signal_and_leaves_its_group_is_ended_all_the_same() {
    check_ends("trap '' TERM INT HUP; setsid sh -c 'trap \"\" TERM; sleep 600' & echo ready; while :; do sleep 1; done");
}

/// The grace is a minute here, so only the second one can have ended it.
#[test]
fn a_second_one_ends_it_at_once() {
    let home = Home::new();
    let dir = workspace(&home, "trap '' TERM; echo ready; while :; do sleep 1; done");
    home.call(&["config", "set", "general.stop_grace_secs", "60"]).ok();
    let mut child = start(&home, &dir.canonicalize().unwrap());
    let since = Instant::now();
    interrupt(&child);
    // Signals of one kind that are not taken yet are one signal.
    while child.try_wait().unwrap().is_none() && since.elapsed() < Duration::from_secs(50) {
        std::thread::yield_now();
        std::thread::park_timeout(Duration::from_millis(100));
        interrupt(&child);
    }
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(since.elapsed() < Duration::from_secs(40), "{:?}", since.elapsed());
    assert_eq!(left_in(&dir.canonicalize().unwrap()), 0);
}
