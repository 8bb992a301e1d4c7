//! Packages whose version nothing but their tag states, as Go's modules below a repository have it.

use super::found::{commit, repository};
use crate::support::cli::{Home, git};
use serde_json::Value;
use std::path::{Path, PathBuf};

const PROJECT: &str = "[project]\nname = \"gate\"\n\
                       [[release.package]]\nname = \"sub\"\npath = \"sub\"\ntag = \"sub/v{version}\"\n\
                       [[release.package]]\nname = \"deep\"\npath = \"sub/deep\"\ntag = \"sub/deep/v{version}\"\n";

/// A module at the root, one below it, and one below that; all of them were released.
fn modules(home: &Home) -> PathBuf {
    let dir = repository(
        home,
        "gate",
        &[("chantier.toml", PROJECT), ("go.mod", "module example.org/gate\n")],
    );
    for path in ["sub", "sub/deep"] {
        std::fs::create_dir(dir.join(path)).unwrap();
        std::fs::write(dir.join(path).join("go.mod"), format!("module example.org/gate/{path}\n")).unwrap();
    }
    git(&dir, &["add", "-A"]);
    commit(&dir, "chore: modules");
    for tag in ["v1.0.0", "sub/v0.3.0", "sub/deep/v0.1.0"] {
        git(&dir, &["tag", tag]);
    }
    dir
}

fn change(dir: &Path, paths: &[&str], message: &str) {
    for path in paths {
        std::fs::write(dir.join(path), message).unwrap();
    }
    git(dir, &["add", "-A"]);
    commit(dir, message);
}

/// The next version, and the texts of the changes that it is made of.
fn next(home: &Home, dir: &Path, more: &[&str]) -> (Value, Vec<String>) {
    let called = home.call_in(dir, &[&["release", "next", "--json"], more].concat());
    let readiness = called.json()["result"]["readiness"].clone();
    let texts = readiness["changes"].as_array().cloned().unwrap_or_default();
    let texts = texts.iter().map(|one| one["text"].as_str().unwrap_or_default().to_owned());
    (readiness["next"]["version"].clone(), texts.collect())
}

#[test]
fn a_package_of_which_only_the_tag_states_the_version_is_released_by_itself() {
    let home = Home::new();
    let dir = modules(&home);
    change(&dir, &["sub/a.go"], "feat: sub can more");
    change(&dir, &["sub/deep/b.go"], "fix: a leak in the deep");
    change(&dir, &["c.go"], "fix: the root");
    change(&dir, &["d.go", "sub/d.go"], "fix: both");
    commit(&dir, "fix: nothing but a word");

    let texts = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let of_root = texts(&["nothing but a word", "both", "the root"]);
    assert_eq!(next(&home, &dir, &[]), (Value::from("1.0.1"), of_root));
    let of_sub = texts(&["both", "sub can more"]);
    assert_eq!(next(&home, &dir, &["--package", "sub"]), (Value::from("0.4.0"), of_sub));
    let of_deep = texts(&["a leak in the deep"]);
    assert_eq!(next(&home, &dir, &["--package", "deep"]), (Value::from("0.1.1"), of_deep));

    home.call_in(&dir, &["release", "run", "--package", "sub"]).ok();
    assert_eq!(git(&dir, &["tag", "--points-at", "HEAD"]).trim(), "sub/v0.4.0");
    assert_eq!(
        git(&dir, &["show", "--name-only", "--format=", "HEAD"]).trim(),
        "sub/CHANGELOG.md"
    );
    let listed = home.call_in(&dir, &["release", "list"]).ok().out;
    assert!(listed.contains("sub@0.4.0"), "{listed}");
    // Who writes neither a file nor a tag is asked for one of them.
    let without = PROJECT.replace("tag = \"sub/v{version}\"\n", "");
    std::fs::write(dir.join("chantier.toml"), without).unwrap();
    let refused = home.call_in(&dir, &["release", "next", "--package", "sub", "--json"]);
    let told = refused.json()["problems"][0]["summary"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    assert!(told.contains("No file in sub states the version"), "{}", refused.out);
}

/// As tokio has it: one package is called like the folder, and another one's commit is in none of its versions.
#[test]
fn a_thread_reads_a_tag_of_a_package_as_one_of_that_package() {
    let home = Home::new();
    let dir = repository(
        &home,
        "app",
        &[("Cargo.toml", "[workspace]\nmembers = [\"app\", \"util\"]\n")],
    );
    for (name, version) in [("app", "1.4.0"), ("util", "0.3.0")] {
        std::fs::create_dir(dir.join(name)).unwrap();
        let manifest = format!("[package]\nname = \"{name}\"\nversion = \"{version}\"\n");
        std::fs::write(dir.join(name).join("Cargo.toml"), manifest).unwrap();
    }
    change(&dir, &["app/a"], "fix: the app");
    let of_app = git(&dir, &["rev-parse", "HEAD"]).trim().to_owned();
    change(&dir, &["util/a"], "fix: the other");
    let of_util = git(&dir, &["rev-parse", "HEAD"]).trim().to_owned();
    git(&dir, &["tag", "app-1.4.0"]);
    let release = |commit: &str| {
        let called = home.call_in(&dir, &["devops", "thread", &format!("commit:{commit}"), "--json"]);
        let steps = called.ok().json()["result"]["thread"]["steps"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let step = steps.into_iter().find(|step| step["kind"] == "release").unwrap_or_default();
        step["name"].clone()
    };
    assert_eq!(release(&of_util), "", "a version of the app does not hold it");
    assert_eq!(release(&of_app), "app@1.4.0");
    git(&dir, &["tag", "util-0.3.0"]);
    assert_eq!(release(&of_util), "util@0.3.0");
}
