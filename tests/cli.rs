//! The command line as people and programs use it: the real binary, real folders, exit codes, JSON, events, recordings.

use crate::support::cli::{Home, git};
use serde_json::Value;

#[test]
fn the_sample_is_unpacked_with_its_history_added_and_trusted() {
    let home = Home::new();
    let dir = home.sample();
    assert_eq!(git(&dir, &["rev-list", "--count", "HEAD"]).trim(), "10");
    assert_eq!(git(&dir, &["tag"]), "v0.1.0\nv0.2.0\n");
    assert_eq!(git(&dir, &["status", "--porcelain"]), "");
    let list = home.call(&["devops", "list", "--json"]).ok().json();
    assert_eq!(list["schema"], "chantier.devops.list/1");
    let workspace = &list["result"]["workspaces"][0];
    assert_eq!(workspace["trust"], "trusted");
    assert_eq!(workspace["board"]["repo"]["head"]["name"], "main");
    assert_eq!(workspace["board"]["repo"]["oid"], git(&dir, &["rev-parse", "HEAD"]).trim());
    // A second time into the same folder: nothing is overwritten.
    let again = home.call(&["devops", "sample", dir.to_str().unwrap(), "--json"]);
    assert_eq!(again.code, 1);
    assert_eq!(again.json()["problems"][0]["code"], "not-empty");
}

#[test]
fn exit_codes_are_part_of_the_interface() {
    let home = Home::new();
    assert_eq!(home.call(&["devops", "list"]).code, 0);
    assert_eq!(home.call(&["devops", "add", "nowhere"]).code, 1);
    assert_eq!(home.call(&["devops", "no-such-verb"]).code, 2);
    assert_eq!(home.call(&["some-folder", "code", "status"]).code, 2);
    assert_eq!(home.call(&["--json"]).code, 2);
    std::fs::create_dir(home.path("untrusted")).unwrap();
    git(&home.path("untrusted"), &["init", "-q"]);
    std::fs::write(
        home.path("untrusted/chantier.toml"),
        "[[task]]\nname = \"t\"\nrun = [\"touch\", \"pwned\"]\n",
    )
    .unwrap();
    let refused = home.call_in(&home.path("untrusted"), &["build", "run", "t", "--json"]);
    assert_eq!(refused.code, 3, "{}", refused.out);
    assert_eq!(refused.json()["problems"][0]["code"], "untrusted");
    assert!(!home.path("untrusted/pwned").exists());
    home.call_in(&home.path("untrusted"), &["build", "run", "t", "--trust"]).ok();
    assert!(home.path("untrusted/pwned").exists());
}

#[test]
fn a_problem_says_what_happened_and_what_to_do_in_both_languages() {
    let home = Home::new();
    let english = home.call(&["--lang", "en", "devops", "thread", "foo:bar"]);
    let french = home.call(&["devops", "thread", "foo:bar", "--lang", "fr"]);
    assert!(english.err.contains("names nothing"), "{}", english.err);
    assert!(french.err.contains("ne désigne rien"), "{}", french.err);
    assert!(english.out.is_empty());
    assert!(french.err.contains('→'));
}

#[test]
fn events_are_json_lines_and_a_recording_plays_them_again() {
    let home = Home::new();
    std::fs::create_dir(home.path("p")).unwrap();
    let recording = home.path("r.jsonl");
    let called = home
        .call(&["devops", "add", "p", "--events", "--record", recording.to_str().unwrap()])
        .ok();
    let lines: Vec<Value> = called.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines[0]["event"]["job"][1]["event"] == "queued", "{}", lines[0]);
    assert!(lines.last().unwrap()["event"]["job"][1]["event"] == "ended");
    let replayed = home.call(&["replay", recording.to_str().unwrap(), "--events"]).ok();
    assert_eq!(replayed.out.lines().count(), lines.len());
    std::fs::write(&recording, "not an event\n").unwrap();
    let broken = home.call(&["replay", recording.to_str().unwrap(), "--json"]);
    assert_eq!(broken.code, 1);
    assert_eq!(broken.json()["problems"][0]["place"]["line"], 1);
}

#[test]
fn the_ledger_lists_what_was_run_and_the_doctor_finds_it_sound() {
    let home = Home::new();
    home.sample();
    let runs = home.call(&["devops", "runs", "--all", "--json"]).ok().json();
    assert_eq!(runs["result"]["runs"][0]["state"], "done");
    let id = runs["result"]["runs"][0]["id"].to_string();
    let run = home.call(&["devops", "run", &id, "--json"]).ok().json();
    assert_eq!(run["result"]["run"]["area"], "devops");
    assert_eq!(home.call(&["devops", "run", "999999", "--json"]).code, 1);
    let doctor = home.call(&["doctor", "--read-data", "--json"]).ok().json();
    assert_eq!(doctor["result"]["is_sound"], true);
}

#[test]
fn completions_are_made_for_every_shell() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let called = home.call(&["completions", shell]).ok();
        assert!(called.out.contains("chantier") && called.out.contains("devops"), "{shell}");
    }
}

#[test]
fn without_a_display_the_window_says_so_in_one_line_and_names_the_command_line() {
    let home = Home::new();
    let called = home.call(&[]);
    assert_eq!(called.code, 1);
    assert_eq!(called.err.trim().lines().count(), 1, "{}", called.err);
    assert!(called.err.contains("chantier --help"), "{}", called.err);
}

/// Row 14: a home that can not be written gives one clear line, and nothing else happens. Root can write everywhere, so the way is barred by a file.
#[test]
fn a_home_that_can_not_be_made_is_one_clear_problem() {
    let home = Home::new();
    std::fs::write(home.path("file"), "").unwrap();
    let blocked = home.path("file/below");
    let called = home.call(&["--home", blocked.to_str().unwrap(), "devops", "list", "--json"]);
    assert_eq!(called.code, 1);
    assert_eq!(called.json()["problems"].as_array().unwrap().len(), 1);
}
