//! "Run again" asks for what was asked for: a build is a build again and a test run a test run, with their rows.

use crate::support::cli::{Home, git};
use std::path::Path;

fn rows(home: &Home, dir: &Path, words: &[&str], list: &str) -> Vec<serde_json::Value> {
    let answer = home.call_in(dir, words).ok().json();
    answer["result"][list].as_array().expect("a list").clone()
}

#[test]
fn a_run_that_is_asked_for_again_stands_in_the_history_of_its_area() {
    let home = Home::new();
    let dir = home.path("p");
    std::fs::create_dir(&dir).expect("made");
    let script = "mkdir -p out; echo a.c:3:1: warning: old >&2; cp n out/app";
    let project = format!(
        "[[task]]\nname = \"pack\"\nkind = \"build\"\nrun = [\"sh\", \"-c\", \"{script}\"]\n[[artifact]]\nname = \"app\"\npath = \"out/app\"\ntask = \"pack\"\n"
    );
    std::fs::write(dir.join("chantier.toml"), project).expect("written");
    std::fs::write(dir.join(".gitignore"), "out/\nn\n").expect("written");
    std::fs::write(dir.join("n"), "one").expect("written");
    git(&dir, &["init", "-q", "-b", "main"]);
    git(&dir, &["config", "user.name", "a"]);
    git(&dir, &["config", "user.email", "a@example.org"]);
    git(&dir, &["add", "."]);
    git(&dir, &["commit", "-qm", "feat: begin"]);
    home.call_in(&dir, &["devops", "trust"]).ok();
    home.call_in(&dir, &["build", "run", "pack", "--json"]).ok();
    let builds = rows(&home, &dir, &["build", "history", "--json"], "runs");
    assert_eq!(builds.len(), 1, "{builds:#?}");
    let job = builds[0]["job"].to_string();

    std::fs::write(dir.join("n"), "two").expect("written");
    home.call_in(&dir, &["devops", "again", &job]).ok();
    let builds = rows(&home, &dir, &["build", "history", "--json"], "runs");
    assert_eq!(builds.len(), 2, "{builds:#?}");
    assert_eq!(builds[0]["n_warnings"], builds[1]["n_warnings"], "{builds:#?}");
    let artifacts = rows(&home, &dir, &["build", "artifacts", "--json"], "artifacts");
    assert_eq!(artifacts.len(), 2, "{artifacts:#?}");

    // A project that moved is built where it is now.
    let moved = home.path("q");
    std::fs::rename(&dir, &moved).expect("moved");
    home.call(&["devops", "add", moved.to_str().expect("text"), "--trust"]).ok();
    home.call_in(&moved, &["devops", "again", &job]).ok();
    assert!(!dir.exists(), "nothing is made where it was");
    let builds = rows(&home, &moved, &["build", "history", "--json"], "runs");
    assert_eq!(builds[0]["state"], "done", "{builds:#?}");
}
