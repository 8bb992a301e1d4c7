//! The tour with the real engine: every step true, also after one that was killed in the middle.

use crate::support::cli::Home;
use crate::support::random::{first_seed, given_seed};
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

/// Killed at random moments, one after the other in one home: each time the store is sound, and in the end a tour is true, with
/// nothing of the killed ones left. `CHANTIER_TEST_KILLS` says how many, `CHANTIER_SEED` repeats a run.
#[test]
fn a_tour_killed_at_random_moments_never_hurts_the_store() {
    let seed = given_seed().unwrap_or_else(first_seed);
    let n_kills = std::env::var("CHANTIER_TEST_KILLS")
        .ok()
        .and_then(|text| text.parse::<u64>().ok());
    let n_kills = n_kills.unwrap_or(2);
    println!("seed {seed}: repeat with CHANTIER_SEED={seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let home = Home::new();
    let cwd = home.path("");
    for round in 0..n_kills {
        let mut tour = home
            .program(&cwd, &["tour"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // After so many lines and a moment: steps differ much in length, lines less so.
        let n_lines = random.usize(1..120);
        let mut lines = BufReader::new(tour.stdout.take().unwrap()).lines().map_while(Result::ok);
        let n_seen = lines.by_ref().take(n_lines).count();
        std::thread::park_timeout(std::time::Duration::from_millis(random.u64(..400)));
        tour.kill().unwrap();
        tour.wait().unwrap();
        println!("round {round}: killed after {n_seen} of {n_lines} lines");
        let doctor = home.call(&["doctor", "--read-data", "--json"]).json();
        for check in doctor["result"]["checks"].as_array().unwrap() {
            // What was running is found as such; the data themselves are whole.
            let is_data = ["format", "structure", "data", "chain"]
                .iter()
                .any(|word| check["id"].as_str().unwrap().contains(word));
            assert!(!is_data || check["state"] != "failed", "seed {seed}, round {round}: {check}");
        }
    }
    let again = home.call(&["tour", "--json"]).json();
    assert_eq!(again["result"]["is_true"], true, "seed {seed}: {again:#}");
    assert_eq!(left_below(&home.path("home")), Vec::<String>::new(), "seed {seed}");
    let doctor = home.call(&["doctor", "--read-data", "--json"]).ok().json();
    assert_eq!(doctor["result"]["is_sound"], true, "seed {seed}: {doctor:#}");
}
