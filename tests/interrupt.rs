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

/// The program waits in the middle of telling something: its output is full and nobody reads.
fn tells_in_vain(child: &Child) -> bool {
    let call = std::fs::read_to_string(format!("/proc/{}/syscall", child.id())).unwrap_or_default();
    // write(1, ..), see proc_pid_syscall(5)
    call.starts_with(&format!("{} 0x1 ", if cfg!(target_arch = "x86_64") { 1 } else { 64 }))
}

fn has_pending(child: &Child) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let pending = status
        .lines()
        .filter_map(|line| line.strip_prefix("SigPnd:").or(line.strip_prefix("ShdPnd:")));
    let interrupt = 1 << (rustix::process::Signal::INT.as_raw() - 1);
    pending
        .filter_map(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .any(|mask| mask & interrupt != 0)
}

#[test]
fn one_that_comes_while_the_program_tells_something_is_not_lost() {
    const MUCH: usize = 64 << 20;
    let home = Home::new();
    let dir = workspace(&home, "echo ready; while :; do echo 'one of very many lines'; done");
    let mut program = home.program(&dir, &["build", "run", "t"]);
    let mut child = program.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut out = child.stdout.take().unwrap();
    // Again and again, so that it is no write that has room.
    let mut n_seen = 0;
    while n_seen < 100 {
        n_seen = if tells_in_vain(&child) { n_seen + 1 } else { 0 };
        std::thread::park_timeout(Duration::from_millis(1));
        assert!(child.try_wait().unwrap().is_none(), "it tells and tells");
    }
    interrupt(&child);
    while has_pending(&child) {
        std::thread::yield_now();
    }
    // Taken by the handler, and the program stands there again. Now it may go on, and must end.
    while !tells_in_vain(&child) {
        std::thread::yield_now();
    }
    let (mut n_read, mut buffer) = (0, vec![0; 64 << 10]);
    while n_read < MUCH {
        match std::io::Read::read(&mut out, &mut buffer).unwrap() {
            0 => break,
            n => n_read += n,
        }
    }
    let is_over = n_read < MUCH;
    if !is_over {
        child.kill().unwrap();
    }
    let code = child.wait().unwrap().code();
    assert!(is_over, "it went on for {n_read} bytes");
    assert_eq!(code, Some(130));
}

/// What reads a file that never answers can not be asked to stop: the second Ctrl+C leaves it.
#[test]
fn a_file_that_does_not_answer_keeps_nobody() {
    let home = Home::new();
    let dir = home.path("p");
    std::fs::create_dir(&dir).unwrap();
    crate::support::cli::git(&dir, &["init", "-q"]);
    let made = std::process::Command::new("mkfifo").arg(dir.join(".gitignore")).status();
    assert!(made.unwrap().success());
    let mut program = home.program(&dir, &["devops", "add", ".", "--events"]);
    let mut child = program.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains("\"started\"")));
    std::thread::spawn(move || lines.for_each(drop));
    let since = Instant::now();
    interrupt(&child);
    // Two signals that come at once are one.
    while child.try_wait().unwrap().is_none() {
        assert!(since.elapsed() < Duration::from_secs(20), "it goes on");
        std::thread::park_timeout(Duration::from_millis(200));
        interrupt(&child);
    }
    let doctor = home.call(&["doctor", "--read-data", "--json"]).ok().json();
    assert_eq!(doctor["result"]["is_sound"], true, "{doctor:#}");
}
