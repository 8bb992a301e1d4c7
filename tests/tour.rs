//! The tour with the real engine: every step true, also after one that was killed in the middle.

use crate::support::cli::Home;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

/// Processes whose program or folder lies below this one.
fn left_below(folder: &std::path::Path) -> Vec<String> {
    let mut left = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let path = entry.path();
        let is_below = |name: &str| std::fs::read_link(path.join(name)).is_ok_and(|target| target.starts_with(folder));
        if is_below("exe") || is_below("cwd") {
            left.push(std::fs::read_to_string(path.join("cmdline")).unwrap_or_default());
        }
    }
    left
}

#[test]
fn every_step_of_the_tour_is_true_and_nothing_is_left_running() {
    let home = Home::new();
    let tour = home.call(&["tour", "--json"]).ok().json();
    assert_eq!(tour["schema"], "chantier.tour/1");
    assert_eq!(tour["result"]["is_true"], true);
    assert_eq!(tour["result"]["steps"].as_array().unwrap().len(), 15);
    assert_eq!(left_below(&home.path("home")), Vec::<String>::new());
    let doctor = home.call(&["doctor", "--read-data", "--json"]).ok().json();
    assert_eq!(doctor["result"]["is_sound"], true);
}

/// Killed when production runs: the store is sound, no lock stays, and the next tour ends what was left and is true.
#[test]
fn a_tour_that_is_killed_leaves_a_sound_store_and_the_next_one_is_true() {
    let home = Home::new();
    let cwd = home.path("");
    let mut tour = home
        .program(&cwd, &["tour"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(tour.stdout.take().unwrap()).lines();
    // The line of the next step stands there before its commands run: in the middle of the broken deployment.
    let found = lines.map_while(Result::ok).any(|line| line.trim_start().starts_with("10."));
    assert!(found);
    tour.kill().unwrap();
    tour.wait().unwrap();
    home.call(&["doctor", "--repair"]).ok();
    let doctor = home.call(&["doctor", "--read-data", "--json"]).ok().json();
    assert_eq!(doctor["result"]["is_sound"], true);
    let again = home.call(&["tour", "--json"]).ok().json();
    assert_eq!(again["result"]["is_true"], true);
    assert_eq!(left_below(&home.path("home")), Vec::<String>::new());
    let doctor = home.call(&["doctor", "--json"]).ok().json();
    for check in doctor["result"]["checks"].as_array().unwrap() {
        assert_ne!(check["state"], "failed", "{check}");
    }
}
