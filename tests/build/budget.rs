//! Artifacts are kept under a budget: the oldest copies go first, the newest of each name and what was released stays.

use crate::support::cli::{Home, git};
use std::path::Path;

/// Builds an artifact of 400 kB whose content is this number.
fn build(home: &Home, dir: &Path, n: u32) {
    std::fs::write(dir.join("n"), n.to_string()).expect("written");
    home.call_in(dir, &["build", "run", "pack", "--json"]).ok();
}

#[test]
fn the_oldest_copies_are_freed_and_what_was_released_is_kept() {
    let home = Home::new();
    let dir = home.path("p");
    std::fs::create_dir(&dir).expect("made");
    let script = "mkdir -p out; yes $(cat n) | head -c 400000 > out/app";
    let project = format!(
        "[[task]]\nname = \"pack\"\nrun = [\"sh\", \"-c\", \"{script}\"]\n[[artifact]]\nname = \"app\"\npath = \"out/app\"\ntask = \"pack\"\n"
    );
    std::fs::write(dir.join("chantier.toml"), project).expect("written");
    std::fs::write(dir.join(".gitignore"), "out/\nn\n").expect("written");
    git(&dir, &["init", "-q", "-b", "main"]);
    git(&dir, &["config", "user.name", "a"]);
    git(&dir, &["config", "user.email", "a@example.org"]);
    git(&dir, &["add", "."]);
    git(&dir, &["commit", "-qm", "feat: begin"]);
    home.call_in(&dir, &["devops", "trust"]).ok();
    home.call(&["config", "set", "retention.artifacts_max_mb", "1"]).ok();
    build(&home, &dir, 1);
    home.call_in(&dir, &["release", "run", "0.1.0", "--json"]).ok();
    for n in 2..=6 {
        build(&home, &dir, n);
    }
    let answer = home.call_in(&dir, &["build", "artifacts", "--json"]).ok().json();
    let rows = answer["result"]["artifacts"].as_array().expect("a list").clone();
    let stored: Vec<bool> = rows.iter().map(|row| !row["stored"].is_null()).collect();
    // Newest first: the last one, and the first one as it was built and once more as it was released; those between are gone.
    assert_eq!(stored, [true, false, false, false, false, true, true], "{answer:#}");
    for row in rows.iter().filter(|row| !row["stored"].is_null()) {
        let path = row["stored"].as_str().expect("a path");
        assert_eq!(std::fs::metadata(path).expect("it is there").len(), 400_000);
    }
    let doctor = home.call(&["doctor", "--read-data", "--json"]).ok().json();
    assert_eq!(doctor["result"]["is_sound"], true, "{doctor:#}");
}

#[test]
fn logs_are_kept_within_their_budget_without_a_window() {
    let home = Home::new();
    let dir = home.path("p");
    std::fs::create_dir(&dir).expect("made");
    let project = "[[task]]\nname = \"chatty\"\nrun = [\"sh\", \"-c\", \"head -c 600000 /dev/urandom | base64\"]\n";
    std::fs::write(dir.join("chantier.toml"), project).expect("written");
    home.call_in(&dir, &["devops", "trust"]).ok();
    home.call(&["config", "set", "retention.logs_max_mb", "1"]).ok();
    for _ in 0..4 {
        home.call_in(&dir, &["build", "run", "chatty", "--json"]).ok();
    }
    let entries = |folder: &Path| std::fs::read_dir(folder).expect("there").flatten().map(|entry| entry.path());
    let files = entries(&home.path("home/logs"))
        .filter(|path| path.is_dir())
        .flat_map(|folder| entries(&folder).collect::<Vec<_>>());
    let bytes: u64 = files.map(|file| file.metadata().expect("there").len()).sum();
    assert!((1..=1_000_000).contains(&bytes), "{bytes}");
    let doctor = home.call(&["doctor", "--read-data", "--json"]).ok().json();
    assert_eq!(doctor["result"]["is_sound"], true, "{doctor:#}");
}
