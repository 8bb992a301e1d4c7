//! The program is killed in the middle of an act, with git and whatever git runs: the repository is sound, nothing is lost, and
//! what is offered next is right.

use super::fixture::Fixture;
use super::undo::Picture;
use crate::support::cli::Called;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Tells that it runs, and then waits for a word that never comes.
fn block(fifo: &std::path::Path) -> String {
    let fifo = fifo.display();
    format!("#!/bin/sh\n: > '{fifo}.started'\nread word < '{fifo}'\n")
}

struct Bench {
    fixture: Fixture,
}

impl Bench {
    fn new() -> Self {
        let fixture = Fixture::new();
        let fifo = fixture.dir.path().join("block");
        assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        let script = fixture.dir.path().join("block.sh");
        std::fs::write(&script, block(&fifo)).unwrap();
        std::fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).unwrap();
        for name in ["a", "b", "c"] {
            fixture.write(name, format!("{name} as it was\n"));
        }
        fixture.commit_all("one");
        fixture.write("a", "a in two\n");
        fixture.commit_all("two");
        fixture.write("b", "b in three\n");
        fixture.commit_all("three");
        Self { fixture }
    }

    fn script(&self) -> String {
        self.fixture.dir.path().join("block.sh").display().to_string()
    }

    fn block_hook(&self, name: &str) {
        let hook = self.fixture.path(format!(".git/hooks/{name}"));
        std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
        std::fs::copy(self.script(), hook).unwrap();
    }

    fn program(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chantier"));
        command
            .args(args)
            .args(["--json", "--trust"])
            .current_dir(&self.fixture.root)
            .env("CHANTIER_HOME", self.fixture.dir.path().join("home"))
            .env("HOME", self.fixture.dir.path())
            .stdin(Stdio::null());
        command
    }

    fn call(&self, args: &[&str]) -> Called {
        let output = self.program(args).output().unwrap();
        Called {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The act, run until something of git's blocks.
    fn begun(&self, args: &[&str], marker: &str) -> Child {
        let mut child = self
            .program(args)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let deadline = Instant::now() + Duration::from_mins(1);
        let marker = self.fixture.dir.path().join(marker);
        while !marker.exists() {
            assert!(
                Instant::now() < deadline && child.try_wait().unwrap().is_none(),
                "the act did not get that far"
            );
            std::thread::park_timeout(Duration::from_millis(2));
        }
        child
    }

    /// Runs the act until something of git's blocks, kills all of them, and takes the block away.
    fn kill_in(&self, args: &[&str], marker: &str) {
        let mut child = self.begun(args, marker);
        let mut pids = vec![child.id()];
        let mut at = 0;
        while let Some(parent) = pids.get(at).copied() {
            at += 1;
            pids.extend(children_of(parent));
        }
        for pid in pids {
            let pid = rustix::process::Pid::from_raw(pid as i32).unwrap();
            rustix::process::kill_process(pid, rustix::process::Signal::KILL).ok();
        }
        child.wait().unwrap();
        std::fs::remove_dir_all(self.fixture.path(".git/hooks")).ok();
        self.fixture
            .try_run(&self.fixture.root, &["config", "--remove-section", "filter.slow"]);
        self.fixture.fsck();
    }

    /// Kills the program alone, in the first commit that git makes; git goes on until it notices.
    fn kill_alone_in(&self, args: &[&str]) {
        let fifo = self.fixture.dir.path().join("block");
        let mut child = self.begun(args, "block.started");
        let deadline = Instant::now() + Duration::from_mins(1);
        let mut left = children_of(child.id());
        assert!(!left.is_empty());
        child.kill().unwrap();
        child.wait().unwrap();
        std::fs::remove_dir_all(self.fixture.path(".git/hooks")).unwrap();
        std::fs::write(&fifo, "go on\n").unwrap();
        while !left.is_empty() {
            assert!(Instant::now() < deadline, "git is still there");
            left.retain(|pid| is_running(*pid));
            std::thread::park_timeout(Duration::from_millis(5));
        }
        self.fixture.fsck();
    }

    fn timeline(&self) -> Vec<Value> {
        let answer = self.call(&["code", "timeline"]).ok().json();
        answer["result"]["entries"].as_array().unwrap().clone()
    }
}

fn is_running(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
    state.is_some_and(|state| state != 'Z')
}

fn children_of(parent: u32) -> Vec<u32> {
    let mut children = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Ok(pid) = entry.file_name().to_string_lossy().parse::<u32>() else {
            continue;
        };
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let fields = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
        if fields.split(' ').nth(1) == Some(&parent.to_string()) {
            children.push(pid);
        }
    }
    children
}

#[test]
fn killed_while_staging_and_committing() {
    let bench = Bench::new();
    bench.fixture.write("a", "a changed\n");
    bench.fixture.run(&["add", "a"]);
    bench.fixture.write("a", "a changed again\n");
    bench.fixture.write(".gitattributes", "b filter=slow\n");
    bench.fixture.write("b", "b changed\n");
    bench.fixture.run(&["config", "filter.slow.clean", &bench.script()]);
    let before = Picture::of(&bench.fixture);
    bench.kill_in(&["code", "stage"], "block.started");
    assert_eq!(bench.timeline()[0]["is_interrupted"], true);
    let locked = bench.call(&["code", "stage"]);
    assert_eq!(locked.json()["problems"][0]["code"], "index-locked", "{}", locked.out);
    std::fs::remove_file(bench.fixture.path(".git/index.lock")).unwrap();
    before.is(&bench.fixture, "the index is whole");
    bench.call(&["code", "stage"]).ok();
    std::fs::remove_file(bench.fixture.dir.path().join("block.started")).unwrap();
    let before = Picture::of(&bench.fixture);
    bench.block_hook("pre-commit");
    bench.kill_in(&["code", "commit", "-m", "four"], "block.started");
    std::fs::remove_file(bench.fixture.path(".git/index.lock")).ok();
    before.is(&bench.fixture, "nothing was committed");
    assert_eq!(
        bench.timeline()[0]["is_interrupted"],
        true,
        "until somebody looks what it did"
    );
    bench.call(&["code", "commit", "-m", "four"]).ok();
    let newest = &bench.timeline()[0];
    assert_eq!(
        (newest["kind"].as_str(), &newest["is_interrupted"]),
        (Some("commit"), &Value::Bool(false))
    );
    let cache = std::fs::read_dir(bench.fixture.dir.path().join("home/cache")).unwrap();
    let left: Vec<_> = cache
        .flatten()
        .map(|entry| entry.file_name())
        .filter(|name| name.to_string_lossy().ends_with(".tmp"))
        .collect();
    assert!(left.is_empty(), "the trace of the commit that was killed is gone: {left:?}");
    bench.fixture.fsck();
}

#[test]
fn killed_while_discarding() {
    let bench = Bench::new();
    bench.fixture.write(".gitattributes", "c filter=slow\n");
    bench.fixture.commit_all("attributes");
    for name in ["a", "b", "c"] {
        bench.fixture.write(name, format!("{name} precious\n"));
    }
    bench.fixture.write("untracked", "precious too\n");
    bench.fixture.run(&["config", "filter.slow.smudge", &bench.script()]);
    let before = Picture::of(&bench.fixture);
    bench.kill_in(&["code", "discard", "a", "b", "c", "untracked"], "block.started");
    assert_ne!(bench.fixture.read("a"), b"a precious\n", "it was in the middle of it");
    std::fs::remove_file(bench.fixture.path(".git/index.lock")).ok();
    let newest = &bench.timeline()[0];
    assert_eq!(
        (newest["kind"].as_str(), &newest["is_interrupted"]),
        (Some("discard"), &Value::Bool(true))
    );
    bench.call(&["code", "undo"]).ok();
    before.is(&bench.fixture, "everything is there again");
    bench.fixture.fsck();
}

#[test]
fn the_step_that_a_killed_rebase_had_begun_is_not_left_out() {
    let bench = Bench::new();
    for n in 1..=4 {
        bench.fixture.write(format!("n{n}"), format!("{n}\n"));
        bench.fixture.commit_all(&format!("n{n}"));
    }
    let oid = |revision: &str| bench.fixture.text(&["rev-parse", revision]);
    let plan = [
        format!("reword {} first", oid("HEAD~3")),
        format!("pick {}", oid("HEAD~2")),
        format!("pick {}", oid("HEAD~1")),
        format!("squash {}", oid("HEAD")),
    ];
    let file = bench.fixture.dir.path().join("plan");
    std::fs::write(&file, plan.join("\n")).unwrap();
    bench.block_hook("post-commit");
    bench.kill_alone_in(&["code", "rebase", "HEAD~4", "--plan", file.to_str().unwrap()]);
    let status = bench.call(&["code", "status"]).ok().json();
    if status["result"]["summary"]["operation"] == "rebase" {
        bench.call(&["code", "continue"]).ok();
    }
    let subjects = bench.fixture.text(&["log", "--format=%s", "-4"]);
    assert_eq!(subjects, "n3\nn2\nfirst\nthree", "{subjects}");
    for n in 1..=4 {
        assert_eq!(bench.fixture.read(format!("n{n}")), format!("{n}\n").as_bytes());
    }
    bench.fixture.fsck();
}

#[test]
fn a_step_whose_changes_are_staged_and_not_committed_is_done_again() {
    let bench = Bench::new();
    for n in 1..=3 {
        bench.fixture.write(format!("n{n}"), format!("{n}\n"));
        bench.fixture.commit_all(&format!("n{n}"));
    }
    let oid = |revision: &str| bench.fixture.text(&["rev-parse", revision]);
    let plan = format!("pick {}\npick {}\n", oid("HEAD"), oid("HEAD~1"));
    let file = bench.fixture.dir.path().join("plan");
    std::fs::write(&file, plan).unwrap();
    bench.block_hook("prepare-commit-msg");
    bench.kill_in(
        &["code", "rebase", "HEAD~2", "--plan", file.to_str().unwrap()],
        "block.started",
    );
    std::fs::remove_file(bench.fixture.path(".git/index.lock")).ok();
    assert_eq!(
        bench.fixture.text(&["status", "--porcelain"]),
        "A  n3",
        "in the middle of the first step"
    );
    bench.call(&["code", "continue"]).ok();
    assert_eq!(bench.fixture.text(&["log", "--format=%s", "-3"]), "n2\nn3\nn1");
    assert_eq!(bench.fixture.text(&["status", "--porcelain"]), "");
    bench.fixture.fsck();
}

#[test]
fn killed_in_the_middle_of_a_rebase() {
    let bench = Bench::new();
    bench.fixture.write("a", "a better\n");
    bench.fixture.run(&["add", "a"]);
    bench.fixture.write("c", "c in work\n");
    let before = Picture::of(&bench.fixture);
    bench.block_hook("post-checkout");
    bench.kill_in(&["code", "commit", "--fixup", "HEAD~1"], "block.started");
    let status = bench.call(&["code", "status"]).ok().json();
    assert_eq!(
        status["result"]["summary"]["operation"], "rebase",
        "the banner says what is going on"
    );
    let newest = &bench.timeline()[0];
    assert_eq!(
        (newest["kind"].as_str(), &newest["is_interrupted"]),
        (Some("fixup"), &Value::Bool(true))
    );
    std::fs::remove_file(bench.fixture.path(".git/index.lock")).ok();
    bench.call(&["code", "undo"]).ok();
    before.is(&bench.fixture, "as before the act");
    bench.call(&["code", "commit", "--fixup", "HEAD~1"]).ok();
    assert_eq!(bench.fixture.text(&["log", "--format=%s"]), "three\ntwo\none");
    assert_eq!(bench.fixture.text(&["show", "HEAD~1:a"]), "a better");
    assert_eq!(bench.fixture.read("c"), b"c in work\n");
    bench.call(&["code", "undo"]).ok();
    before.is(&bench.fixture, "one step of the timeline");
    bench.fixture.fsck();
}
