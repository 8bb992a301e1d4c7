//! Builds whose program was killed, and output that is too long to be kept whole.

use super::pipelines::{repository, start};
use crate::support::cli::Home;

/// The row is there from the start: a build that nobody ended stands in the history as interrupted.
#[test]
fn a_build_that_was_killed_stands_in_the_history() {
    let home = Home::new();
    let file = "[[task]]\nname = \"slow\"\nrun = [\"sh\", \"-c\", \"echo wait''ing; sleep 600\"]\n\
                [[task]]\nname = \"quick\"\nrun = [\"true\"]\n";
    let dir = repository(&home, &[("chantier.toml", file)]);
    home.call_in(&dir, &["build", "run", "quick"]).ok();
    let mut child = start(&home, &dir, &["build", "run", "slow"], |line| line.ends_with("waiting"));
    let states = || -> Vec<String> {
        let history = home.call_in(&dir, &["build", "history", "--json"]).ok().json();
        let runs = history["result"]["runs"]
            .as_array()
            .unwrap_or_else(|| panic!("{history:#}"))
            .clone();
        let word = |run: &serde_json::Value| {
            format!(
                "{} {}",
                run["task"].as_str().unwrap_or_default(),
                run["state"].as_str().unwrap_or_default()
            )
        };
        runs.iter().map(word).collect()
    };
    assert_eq!(states(), ["task:slow in_progress", "task:quick done"]);
    child.kill().expect("killed with SIGKILL");
    child.wait().expect("reaped");
    assert_eq!(states(), ["task:slow interrupted", "task:quick done"]);
    let trend = home.call_in(&dir, &["build", "trend", "slow", "--json"]).ok().json();
    assert!(
        !trend.to_string().contains("interrupted"),
        "it tells nothing about how long it takes: {trend:#}"
    );
}

/// A line of 2 MB: what is left out of it is marked where it is, counted, and told.
#[test]
fn a_line_that_is_too_long_is_marked_and_told() {
    let home = Home::new();
    let file =
        "[[task]]\nname = \"long\"\nrun = [\"sh\", \"-c\", \"head -c 2000000 /dev/zero | tr '\\\\000' x; echo; echo end\"]\n";
    let dir = repository(&home, &[("chantier.toml", file)]);
    let run = home.call_in(&dir, &["build", "run", "long", "--json"]).ok().json();
    let left_out = 2_000_000 - 256 * 1024;
    let problem = &run["problems"][0];
    assert_eq!(problem["code"], "line-cut", "{run:#}");
    let told = problem["summary"]
        .as_str()
        .expect("text")
        .replace(['\u{a0}', '\u{202f}', ',', ' '], "");
    assert!(told.contains(&left_out.to_string()), "{told}");
    let job = run["result"]["run"]["job"]
        .as_u64()
        .unwrap_or_else(|| panic!("{run:#}"))
        .to_string();
    // As the log has it, read line by line: the bytes of both cuts.
    let log = home.call_in(&dir, &["operate", "logs", "--run", &job]).ok();
    let line = log.out.lines().next().unwrap_or_default();
    let (kept, mark) = line.split_once("… (+").unwrap_or_else(|| panic!("no mark: {} B", line.len()));
    let n_cut: usize = mark.trim_end_matches(" B)").parse().expect("a number");
    assert_eq!(kept.len() + n_cut, 2_000_000, "{mark}");
    let shown = home.call_in(&dir, &["devops", "run", &job]).ok();
    let marked = shown
        .out
        .lines()
        .find(|line| line.contains('…'))
        .unwrap_or_else(|| panic!("{}", shown.out));
    // The view cuts further, and counts that too.
    let (kept, mark) = marked.split_once("… (+").expect("a mark");
    let n_kept = kept.matches('x').count();
    let n_cut: usize = mark.trim_end_matches(" B)").parse().expect("a number");
    assert_eq!(n_kept + n_cut, 2_000_000, "{mark}");
}
