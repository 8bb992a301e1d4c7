//! What the command line says of things by name, of words that name nothing, of recordings, and of what a killed program left.

use crate::support::cli::{Home, git};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

fn repository(home: &Home) -> PathBuf {
    let dir = home.path("shop");
    std::fs::create_dir(&dir).expect("made");
    std::fs::write(
        dir.join("chantier.toml"),
        "[[task]]\nname = \"sleeper\"\nrun = [\"sh\", \"-c\", \"sleep 300 & sleep 300\"]\n",
    )
    .expect("written");
    git(&dir, &["init", "-q"]);
    git(&dir, &["config", "user.name", "a"]);
    git(&dir, &["config", "user.email", "a@example.org"]);
    git(&dir, &["add", "-A"]);
    git(&dir, &["commit", "-qm", "feat: first"]);
    git(&dir, &["tag", "v1.0.0"]);
    home.call(&["devops", "add", dir.to_str().expect("text"), "--trust"]).ok();
    dir
}

#[test]
fn a_thread_is_named_as_people_name_things() {
    let home = Home::new();
    let dir = repository(&home);
    let thread = |of: &str| home.call_in(&dir, &["devops", "thread", of, "--json"]);
    let oid = home.call_in(&dir, &["code", "log", "--json"]).ok().json();
    let oid = oid["result"]["commits"][0]["oid"].as_str().expect("an id").to_owned();
    for of in [
        "HEAD",
        &oid[..7],
        &format!("commit:{}", &oid[..7]),
        "v1.0.0",
        "1.0.0",
        "release:v1.0.0",
    ] {
        let found = thread(of).ok().json();
        let steps = found["result"]["thread"]["steps"].as_array().expect("steps").clone();
        let commit = steps.iter().find(|step| step["kind"] == "commit").expect("a commit");
        assert_eq!(commit["name"], oid[..7], "{of}: {found:#}");
    }
    for of in ["v9.9.9", "nosuch", "commit:0000000"] {
        assert_eq!(thread(of).code, 1, "{of}");
    }
}

#[test]
fn a_word_that_names_nothing_opens_no_window() {
    let home = Home::new();
    let called = home.call(&["nosuch"]);
    assert_eq!(called.code, 2, "{}", called.err);
    assert!(
        called.err.contains("nosuch") && !called.err.contains("display"),
        "{}",
        called.err
    );
}

#[test]
fn messages_in_a_document_have_their_words() {
    let home = Home::new();
    let dir = repository(&home);
    let next = home.call_in(&dir, &["release", "next", "--json", "--lang", "fr"]).json();
    let check = &next["result"]["readiness"]["checks"][0];
    for part in ["name", "found"] {
        let (key, text) = (&check[part]["key"], check[part]["text"].as_str().unwrap_or_default());
        assert!(key.is_string() && !text.is_empty() && *key != text, "{check:#}");
    }
}

#[test]
fn a_recording_is_told_as_a_document_and_its_faults_always() {
    let home = Home::new();
    let dir = repository(&home);
    let file = home.path("good.jsonl");
    let name = file.to_str().expect("text");
    home.call_in(&dir, &["code", "status", "--record", name, "--json"]).ok();
    let told = home.call(&["replay", name, "--json"]).ok().json();
    assert_eq!(told["schema"], "chantier.replay/1", "{told:#}");
    assert!(told["result"]["n_events"].as_u64().is_some_and(|n| n > 2), "{told:#}");
    let jobs = told["result"]["jobs"].as_array().expect("jobs");
    assert!(jobs.iter().all(|job| job["state"] == "done") && !jobs.is_empty(), "{told:#}");
    let text = std::fs::read_to_string(&file).expect("read");
    std::fs::write(&file, &text[..text.len() - 20]).expect("written");
    let cut = home.call(&["replay", name, "--events"]);
    assert_eq!(cut.code, 1);
    assert!(cut.err.contains("good.jsonl"), "{}", cut.err);
}

/// The processes whose command line is this.
fn sleeping(home: &Path) -> Vec<u32> {
    let all = std::fs::read_dir("/proc").expect("there").flatten();
    let pids = all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let is_ours = |pid: &u32| {
        let cwd = std::fs::read_link(format!("/proc/{pid}/cwd")).unwrap_or_default();
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        cwd.starts_with(home) && line.starts_with(b"sleep")
    };
    pids.filter(is_ours).collect()
}

fn until(what: &str, holds: impl Fn() -> bool) {
    let begun = std::time::Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_mins(1), "{what}");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

#[test]
fn what_a_killed_program_left_is_named_and_ended() {
    let home = Home::new();
    let dir = repository(&home);
    let mut program = home.program(&dir, &["build", "run", "sleeper"]);
    let mut child = program.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("started");
    until("the task runs", || sleeping(&dir).len() == 2);
    child.kill().expect("killed");
    child.wait().expect("gone");
    let orphans = |document: &Value| {
        let checks = document["result"]["checks"].as_array().expect("checks").clone();
        checks
            .into_iter()
            .find(|check| check["id"] == "orphans")
            .expect("it looks for them")
    };
    let told = orphans(&home.call(&["doctor", "--json"]).json());
    assert_eq!(told["state"], "degraded", "{told:#}");
    assert!(told["details"].to_string().contains("sleep 300"), "{told:#}");
    let mended = orphans(&home.call(&["doctor", "--repair", "--json"]).json());
    assert_eq!(
        (&mended["state"], &mended["repaired"]),
        (&Value::from("done"), &Value::from(true)),
        "{mended:#}"
    );
    assert_eq!(sleeping(&dir), Vec::<u32>::new());
}
