//! What is found before a release, with the real program and real repositories: changes that were taken back, tags of every form,
//! pre-releases, clones that were cut off, tags that were moved; and runs found by the words that are read.

use crate::support::cli::{Called, Home, git};
use serde_json::Value;
use std::path::{Path, PathBuf};

pub(super) fn commit(dir: &Path, message: &str) {
    git(
        dir,
        &[
            "-c",
            "user.name=A",
            "-c",
            "user.email=a@example.org",
            "commit",
            "--allow-empty",
            "-qm",
            message,
        ],
    );
}

/// A repository of its own, added and trusted, with an identity.
pub(super) fn repository(home: &Home, name: &str, files: &[(&str, &str)]) -> PathBuf {
    let dir = home.path(name);
    std::fs::create_dir(&dir).expect("made");
    git(&dir, &["init", "-q", "-b", "main"]);
    git(&dir, &["config", "user.name", "A"]);
    git(&dir, &["config", "user.email", "a@example.org"]);
    for (name, text) in files {
        std::fs::write(dir.join(name), text).expect("written");
    }
    git(&dir, &["add", "-A"]);
    commit(&dir, "chore: begin");
    home.call(&["devops", "add", dir.to_str().expect("text"), "--trust"]).ok();
    dir
}

fn next(home: &Home, dir: &Path, more: &[&str]) -> Called {
    home.call_in(dir, &[&["release", "next", "--json"], more].concat())
}

fn version(called: &Called) -> Value {
    called.json()["result"]["readiness"]["next"]["version"].clone()
}

fn check(called: &Called, name: &str) -> Option<(String, String)> {
    let document = called.json();
    let all = document["result"]["readiness"]["checks"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let found = all.into_iter().find(|check| check["name"]["key"] == name)?;
    Some((
        found["state"].as_str().unwrap_or_default().to_owned(),
        found["found"]["key"].as_str().unwrap_or_default().to_owned(),
    ))
}

#[test]
fn what_was_taken_back_is_no_news_and_an_entry_is_one_line() {
    let home = Home::new();
    let dir = repository(&home, "tide", &[]);
    git(&dir, &["tag", "v1.0.0"]);
    commit(&dir, "feat: show the tide");
    let oid = |revision: &str| git(&dir, &["rev-parse", revision]).trim().to_owned();
    let back = |revision: &str, subject: &str| {
        let text = format!("Revert \"{subject}\"\n\nThis reverts commit {}.", oid(revision));
        commit(&dir, &text);
    };
    back("HEAD", "feat: show the tide");
    commit(&dir, "fix(api): a hole");
    commit(&dir, "revert: fix(api): a hole");
    commit(&dir, "fixup! fix(api): a hole");
    let nothing = next(&home, &dir, &[]);
    assert_eq!(
        nothing.json()["result"]["readiness"]["nothing"]["code"],
        "nothing-to-release",
        "{}",
        nothing.out
    );
    // A return that is taken back itself: the change is there again.
    back("HEAD~3", "Revert \"feat: show the tide\"");
    assert_eq!(version(&next(&home, &dir, &[])), "1.1.0");
    // Rebased since: the number that is named is another one's.
    commit(&dir, "feat: show the stars");
    let gone = "Revert \"feat: show the stars\"\n\nThis reverts commit 0123456789abcdef0123456789abcdef01234567.";
    commit(&dir, gone);
    // Of an older version: told as a return, not as the change.
    commit(&dir, "revert: feat(old): the compass");
    commit(
        &dir,
        "feat!: one file\n\nBREAKING CHANGE: the file one.ini is no longer read;\nuse one.toml instead.",
    );
    assert_eq!(version(&next(&home, &dir, &[])), "2.0.0");
    let text = home.call_in(&dir, &["release", "changelog"]).ok().out;
    assert!(text.contains("no longer read; use one.toml instead"), "{text}");
    assert!(!text.contains("\\n"), "{text}");
    assert!(text.to_lowercase().contains("revert feat(old): the compass"), "{text}");
    assert!(!text.contains("the stars"), "{text}");
    assert!(!text.contains("fixup") && !text.contains("a hole"), "{text}");
    assert_eq!(text.matches("the tide").count(), 1, "{text}");
}

#[test]
fn tags_of_every_form_are_read_or_told_and_nothing_falls_below_a_pre_release() {
    let home = Home::new();
    for (tag, expected, next_tag) in [
        ("release-1.2.0", "1.2.1", "release-1.2.1"),
        ("V1.2.0", "1.2.1", "V1.2.1"),
        ("forms-v1.2.0", "1.2.1", "forms-v1.2.1"),
        ("1.2.0", "1.2.1", "1.2.1"),
    ] {
        let home = Home::new();
        let dir = repository(&home, "forms", &[]);
        git(&dir, &["tag", tag]);
        commit(&dir, "fix: a hole");
        let found = next(&home, &dir, &[]);
        assert_eq!(version(&found), expected, "{tag}: {}", found.out);
        assert_eq!(found.json()["result"]["readiness"]["tag"], next_tag, "{tag}");
        assert_eq!(check(&found, "release-check-tags"), None, "{tag}");
    }
    let dir = repository(&home, "pre", &[]);
    git(&dir, &["tag", "v1.2"]);
    let unread = next(&home, &dir, &[]);
    assert_eq!(
        check(&unread, "release-check-tags").map(|(state, _)| state).as_deref(),
        Some("degraded"),
        "{}",
        unread.out
    );
    git(&dir, &["tag", "v1.2.0-rc.1"]);
    commit(&dir, "fix: a hole");
    assert_eq!(version(&next(&home, &dir, &[])), "1.2.0", "it leads there");
    git(&dir, &["tag", "v2.0.0"]);
    commit(&dir, "fix: another");
    git(&dir, &["tag", "v2.1.0-beta.1"]);
    assert_eq!(version(&next(&home, &dir, &[])), "2.1.0", "not 2.0.1");
    assert_eq!(
        version(&next(&home, &dir, &["--pre", "rc"])),
        "2.1.0-rc.1",
        "the same commits"
    );
    let back = next(&home, &dir, &["--pre", "alpha"]);
    assert_eq!(
        back.json()["result"]["readiness"]["nothing"]["code"],
        "nothing-to-release",
        "{}",
        back.out
    );
}

#[test]
fn a_clone_that_was_cut_off_makes_no_version() {
    let home = Home::new();
    let origin = repository(&home, "origin", &[]);
    git(&origin, &["tag", "v0.4.0"]);
    commit(&origin, "fix: a hole");
    let dir = home.path("cut");
    let from = format!("file://{}", origin.display());
    git(
        &home.path("."),
        &["clone", "-q", "--depth", "1", "--no-tags", &from, dir.to_str().expect("text")],
    );
    git(&dir, &["config", "user.name", "A"]);
    git(&dir, &["config", "user.email", "a@example.org"]);
    home.call(&["devops", "add", dir.to_str().expect("text"), "--trust"]).ok();
    let found = next(&home, &dir, &[]);
    assert_eq!(
        check(&found, "release-check-history").map(|(state, _)| state).as_deref(),
        Some("failed"),
        "{}",
        found.out
    );
    let run = home.call_in(&dir, &["release", "run", "--json"]);
    assert_eq!(run.code, 1, "{}", run.out);
    assert_eq!(git(&dir, &["tag"]), "", "no tag was made");
    git(&dir, &["fetch", "-q", "--unshallow", "--tags"]);
    let whole = next(&home, &dir, &[]);
    assert_eq!(
        (version(&whole), check(&whole, "release-check-history")),
        (Value::from("0.4.1"), None)
    );
    // What came to the upstream meanwhile.
    commit(&origin, "fix: another");
    git(&dir, &["fetch", "-q"]);
    let behind = next(&home, &dir, &[]);
    assert_eq!(
        check(&behind, "release-check-upstream").map(|(state, _)| state).as_deref(),
        Some("degraded"),
        "{}",
        behind.out
    );
}

#[test]
fn a_moved_tag_a_withdrawn_version_and_one_that_never_was_are_told() {
    let home = Home::new();
    let dir = repository(&home, "made", &[("VERSION", "0.1.0\n")]);
    commit(&dir, "feat: the sea");
    home.call_in(&dir, &["release", "run"]).ok();
    let listed = home.call_in(&dir, &["release", "list", "--json"]).ok().json();
    let one = &listed["result"]["releases"][0];
    let (version, tag) = (one["version"].as_str().expect("text"), one["tag"].as_str().expect("text"));
    home.call_in(&dir, &["release", "verify", version]).ok();
    git(&dir, &["tag", "-f", tag, "HEAD~1"]);
    let moved = home.call_in(&dir, &["release", "verify", version]);
    assert_eq!(moved.code, 1, "{}", moved.out);
    assert!(moved.err.contains(tag), "{}", moved.err);
    git(&dir, &["tag", "-d", tag]);
    let gone = home.call_in(&dir, &["release", "verify", version]);
    assert_eq!(gone.code, 1, "{}", gone.out);
    home.call_in(&dir, &["release", "withdraw", version, "it leaks"]).ok();
    for verb in [&["release", "list"][..], &["release", "show", version]] {
        let told = home.call_in(&dir, verb).ok().out;
        assert!(told.contains("it leaks"), "{verb:?}: {told}");
    }
    let never = home.call_in(&dir, &["release", "show", "9.9.9"]);
    assert_eq!((never.code, never.out.as_str()), (1, ""), "{}", never.err);
    assert!(never.err.contains("9.9.9"), "{}", never.err);

    // Runs are found by the words that are read, in both languages.
    let runs = |lang: &str, words: &str| {
        let found = home
            .call_in(&dir, &["--lang", lang, "devops", "runs", words, "--json"])
            .ok()
            .json();
        found["result"]["runs"].as_array().map_or(0, Vec::len)
    };
    assert!(runs("en", "RELEASE the next") >= 1);
    assert_eq!(runs("fr", "LIVRER"), runs("fr", "livrer"));
    assert!(runs("fr", "livrer") >= 1);
    assert_eq!((runs("en", "livrer"), runs("en", "no such words")), (0, 0));

    let thread = |of: &str| home.call_in(&dir, &["devops", "thread", of, "--json"]);
    for of in ["commit:0123456789abcdef0123456789abcdef01234567", "run:999999"] {
        assert_eq!(thread(of).code, 1, "{of}: {}", thread(of).out);
    }
    let head = git(&dir, &["rev-parse", "HEAD"]);
    thread(&format!("commit:{}", head.trim())).ok();
}
