//! Versions whose files are not here, because another machine made them or a home was lost: built again from their tags.

use super::found::{commit, repository};
use crate::support::cli::{Home, git};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// A released version of a program that is made of a file outside of the repository.
fn released(home: &Home) -> PathBuf {
    let salt = home.path("salt");
    std::fs::write(&salt, "one").unwrap();
    let project = "[project]\nname = \"tide\"\n[[task]]\nname = \"build\"\nrun = [\"sh\", \"build.sh\"]\n\
                   [[artifact]]\nname = \"app\"\npath = \"out/app\"\ntask = \"build\"\n";
    let build = format!(
        "mkdir -p out\ntr -d x < \"{}\" > out/app\necho \"$CHANTIER_VERSION\" >> out/app\n",
        salt.display()
    );
    let dir = repository(
        home,
        "tide",
        &[("chantier.toml", project), ("build.sh", &build), (".gitignore", "out/\n")],
    );
    commit(&dir, "feat: show the tide");
    home.call_in(&dir, &["release", "run", "0.1.0"]).ok();
    dir
}

/// The file of the version as its home knows it.
fn app(home: &Home, dir: &Path) -> Value {
    let shown = home.call_in(dir, &["release", "show", "0.1.0", "--json"]).ok().json();
    let files = shown["result"]["release"]["artifacts"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    files.into_iter().find(|file| file["name"] == "app").unwrap_or_default()
}

#[test]
fn a_version_of_another_machine_is_built_again_from_its_tag() {
    let home = Home::new();
    let dir = released(&home);
    let other = Home::new();
    let from = dir.to_str().unwrap();
    git(&other.path("."), &["clone", "-q", from, "tide"]);
    let clone = other.path("tide");
    other.call(&["devops", "add", clone.to_str().unwrap(), "--trust"]).ok();

    // Nobody is sent round in a circle.
    let verified = other.call_in(&clone, &["release", "verify", "0.1.0", "--json"]).json();
    let hint = verified["problems"][0]["hint"].as_str().unwrap_or_default();
    assert!(hint.contains("release again 0.1.0"), "{verified}");
    let next = other.call_in(&clone, &["release", "next", "--json"]).json();
    let nothing = &next["result"]["readiness"]["nothing"];
    assert_eq!(nothing["hint"]["key"], "release-nothing-again-hint", "{nothing}");
    // More has come since: it is the version's own commit that is built.
    std::fs::write(clone.join("build.sh"), "exit 1\n").unwrap();
    git(&clone, &["add", "-A"]);
    git(&clone, &["config", "user.name", "B"]);
    git(&clone, &["config", "user.email", "b@example.org"]);
    commit(&clone, "chore: a build that fails");
    let head = git(&clone, &["rev-parse", "HEAD"]);

    other.call_in(&clone, &["--trust", "release", "again", "0.1.0"]).ok();
    let (made, again) = (app(&home, &dir), app(&other, &clone));
    assert!(made["sha256"].is_string(), "{made}");
    assert_eq!(made["sha256"], again["sha256"]);
    other.call_in(&clone, &["release", "verify", "0.1.0"]).ok();
    assert_eq!(git(&clone, &["rev-parse", "HEAD"]), head);
    assert_eq!(git(&clone, &["status", "--porcelain"]), "");
    assert_eq!(git(&clone, &["worktree", "list"]).lines().count(), 1);
    let none = other.call_in(&clone, &["release", "again", "0.2.0", "--json"]);
    assert_eq!(none.json()["problems"][0]["code"], "not-found", "{}", none.out);
}

#[test]
fn files_that_were_lost_come_back_only_as_they_were() {
    let home = Home::new();
    let dir = released(&home);
    let file = app(&home, &dir);
    let path = PathBuf::from(file["path"].as_str().unwrap());
    let lose = || {
        std::fs::remove_file(&path).unwrap();
        std::fs::remove_dir_all(home.path("home/data/artifacts")).unwrap();
    };
    lose();
    home.call_in(&dir, &["release", "again", "0.1.0"]).ok();
    home.call_in(&dir, &["release", "verify", "0.1.0"]).ok();
    assert!(path.is_file());

    // The same commit gives another file now: that would be another version.
    lose();
    std::fs::write(home.path("salt"), "two").unwrap();
    let other = home.call_in(&dir, &["release", "again", "0.1.0", "--json"]);
    assert_eq!(other.json()["problems"][0]["code"], "not-reproducible", "{}", other.out);
    assert!(!path.exists());
}
