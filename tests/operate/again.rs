//! What is ended to be started again: not without its files, and not called well before its gates hold.

use super::scale::{Stopped, project};
use crate::support::cli::Home;
use std::path::{Path, PathBuf};

/// A program that only waits, in staging, with a gate that asks for a file.
fn running(home: &Home) -> PathBuf {
    let well = home.path("well");
    std::fs::write(&well, "").expect("written");
    let file = format!(
        "[[task]]\nname = \"mk\"\nrun = [\"cp\", \"wait.sh\", \"app.sh\"]\n\n[[artifact]]\nname = \"app\"\npath = \"app.sh\"\ntask = \"mk\"\n\n\
         [[environment]]\nname = \"staging\"\ntarget = {{ kind = \"process\", run = [\"sh\", \"{{artifact:app}}\"] }}\n\
         health = [{{ kind = \"command\", run = [\"test\", \"-e\", \"{}\"], interval = \"50ms\", deadline = \"3s\" }}]\n",
        well.display()
    );
    let dir = project(home, &file);
    std::fs::write(dir.join("wait.sh"), "exec sleep 600\n").expect("written");
    home.call_in(&dir, &["build", "run", "mk"]).ok();
    home.call_in(&dir, &["deploy", "run", "staging", "--built"]).ok();
    dir
}

fn pid(home: &Home, dir: &Path) -> Option<u64> {
    let listed = home.call_in(dir, &["operate", "list", "--json"]).ok().json();
    let all = listed["result"]["instances"].as_array().expect("a list").clone();
    let one = all
        .iter()
        .find(|one| one["name"] == "shop-staging-1" && one["state"] == "running");
    one.and_then(|one| one["pid"].as_u64())
}

fn only_below(folder: &Path) -> PathBuf {
    let mut all = std::fs::read_dir(folder).expect("a folder");
    all.next().expect("one").expect("read").path()
}

#[test]
fn an_instance_whose_files_are_gone_is_not_ended_to_be_started_again() {
    let home = Home::new();
    let dir = running(&home);
    let _stopped = Stopped(&home, &dir);
    let before = pid(&home, &dir);
    assert!(before.is_some());
    let staging = only_below(&home.path("home/data/deployments")).join("staging");
    let artifacts = only_below(&staging).join("artifacts");
    std::fs::rename(&artifacts, home.path("aside")).expect("moved");
    for words in [
        ["operate", "restart", "shop-staging-1"].as_slice(),
        &["operate", "scale", "staging", "2"],
    ] {
        let refused = home.call_in(&dir, &[words, &["--json"]].concat());
        assert_eq!(refused.json()["problems"][0]["code"], "artifact-gone", "{}", refused.out);
        assert_eq!(pid(&home, &dir), before);
    }
    std::fs::rename(home.path("aside"), &artifacts).expect("moved");
    home.call_in(&dir, &["operate", "restart", "shop-staging-1"]).ok();
    let after = pid(&home, &dir);
    assert!(after.is_some() && after != before, "{after:?}");
}

#[test]
fn a_restart_is_done_when_the_gates_hold() {
    let home = Home::new();
    let dir = running(&home);
    let _stopped = Stopped(&home, &dir);
    std::fs::remove_file(home.path("well")).expect("removed");
    let failed = home.call_in(&dir, &["operate", "restart", "shop-staging-1", "--json"]);
    assert_eq!(failed.code, 1, "{}", failed.out);
    assert_eq!(failed.json()["problems"][0]["code"], "unhealthy", "{}", failed.out);
    assert!(pid(&home, &dir).is_some(), "it is left as it is, to be looked at");
    std::fs::write(home.path("well"), "").expect("written");
    home.call_in(&dir, &["operate", "restart", "shop-staging-1"]).ok();
}

#[test]
fn the_command_of_one_that_runs_is_what_really_runs() {
    let home = Home::new();
    let dir = running(&home);
    let _stopped = Stopped(&home, &dir);
    let shown = home.call_in(&dir, &["operate", "show", "shop-staging-1"]).ok().out;
    assert!(shown.contains("sleep 600") && !shown.contains("{artifact:"), "{shown}");
    assert!(shown.contains("local processes"), "{shown}");
    let facts = home
        .call_in(&dir, &["operate", "show", "shop-staging-1", "--json"])
        .ok()
        .json();
    let facts = facts["result"]["details"]["facts"].to_string();
    assert!(facts.contains("\"process\""), "{facts}");
}
