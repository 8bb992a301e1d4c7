//! Tasks of further tools, trends, and builds that are compared.

use super::pipelines::{commit, repository};
use crate::support::cli::Home;
use chantier::adapters::scan::Found;
use chantier::areas::build::RunRow;
use chantier::areas::build::detect::{from_files, make};
use chantier::areas::build::trend::{Measure, series, steps};
use chantier::base::{JobId, State, Timestamp};
use std::path::Path;

#[test]
fn tasks_of_every_tool_are_told_from_its_files() {
    let file = |path: &str, text: &str| Found {
        path: path.into(),
        text: (!text.is_empty()).then(|| text.to_owned()),
    };
    let just = "set shell := [\"sh\"]\nversion := \"1\"\n\n# Build it all\nbuild: lint\n    cargo build\n\n@lint:\n    x\n\ndeploy target:\n    y\n\nserve port='80':\n    z\n\n_hidden:\n    a\n\n[private]\nsecret:\n    b\n\nalias b := build\n";
    let presets = r#"{"version": 3, "configurePresets": [{"name": "base", "hidden": true}, {"name": "dev"}], "buildPresets": [{"name": "dev"}]}"#;
    let mut files = vec![
        file("CMakeLists.txt", ""),
        file("Dockerfile", ""),
        file("c/CMakeLists.txt", ""),
        file("cm/CMakePresets.json", presets),
        file("compose.yaml", ""),
        file("g/build.gradle.kts", ""),
        file("g/gradlew", ""),
        file("g/settings.gradle.kts", ""),
        file("go/cmd/serve/main.go", ""),
        file("go/go.mod", ""),
        file("justfile", just),
        file("m/pom.xml", ""),
        file("m/sub/pom.xml", ""),
    ];
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let detected = from_files(&files, Path::new("/work/My App"), None);
    let told: Vec<String> = detected
        .tasks
        .iter()
        .map(|task| format!("{} = {}", task.id, task.command_line()))
        .collect();
    for wanted in [
        "cmake:configure = cmake -S . -B build",
        "cmake:build = sh -c 'cmake -S . -B build && cmake --build build'",
        "cmake:cm:build dev = cmake --build --preset dev",
        "docker:build = docker build --file Dockerfile --tag my-app:latest .",
        "compose:up = docker compose --file compose.yaml up",
        "gradle:g:build = ./gradlew --console=plain build",
        "go:go:build ./... = go build ./...",
        "go:go:run ./cmd/serve = go run ./cmd/serve",
        "just:build = just build",
        "just:lint = just lint",
        "just:serve = just serve",
        "maven:m:package = mvn --batch-mode package",
    ] {
        assert!(told.iter().any(|told| told == wanted), "{wanted}\n{told:#?}");
    }
    for unwanted in [
        "cmake:c:",
        "maven:m/sub:",
        "just:deploy",
        "just:_hidden",
        "just:secret",
        "just:set",
        "just:version",
        "configure base",
    ] {
        assert!(!told.iter().any(|told| told.contains(unwanted)), "{unwanted}\n{told:#?}");
    }
    assert_eq!(told.iter().filter(|told| told.starts_with("gradle:")).count(), 4);
    let build = detected.tasks.iter().find(|task| task.id == "just:build").expect("there");
    assert_eq!((build.note.as_str(), build.place.line), ("Build it all", Some(5)));
}

#[test]
fn a_colon_inside_a_function_of_make_is_no_rule() {
    let text = "ifeq (, $(shell which lint))\n$(warning \"no lint in $(PATH), run: curl it\")\nendif\n\n$(OUT): x\n\ty\nall: $(OUT)\n\tz\n";
    let names: Vec<String> = make::targets(text).into_iter().map(|target| target.name).collect();
    assert_eq!(names, ["all"]);
}

#[test]
fn a_missing_tool_comes_with_where_to_get_it() {
    let home = Home::new();
    let dir = home.path("p");
    std::fs::create_dir(&dir).expect("made");
    std::fs::write(dir.join("justfile"), "build:\n\ttrue\n").expect("written");
    std::fs::write(dir.join("pyproject.toml"), "[project]\nname = \"p\"\nversion = \"1\"\n").expect("written");
    std::fs::write(dir.join("uv.lock"), "").expect("written");
    for (task, from) in [("just:build", "cargo install just"), ("python:build", "pipx install uv")] {
        let mut program = home.program(&dir, &["build", "run", task, "--trust", "--json"]);
        let output = program.env("PATH", "/nowhere").output().expect("it starts");
        let answer: serde_json::Value = serde_json::from_slice(&output.stdout).expect("json");
        let hint = answer["problems"][0]["hint"].as_str().unwrap_or_default();
        assert!(hint.contains(from), "{answer:#}");
    }
}

#[test]
fn a_flood_of_output_hides_neither_its_first_nor_its_last_error() {
    let home = Home::new();
    let dir = home.path("p");
    std::fs::create_dir(&dir).expect("made");
    let script = "echo 'src/a.c:7:3: error: the first error'\nyes 'a line of output that is as long as those of a build usually are' | head -c 40000000\n\
        echo 'src/b.c:9:1: error: the last error'\nexit 1\n";
    std::fs::write(dir.join("flood.sh"), script).expect("written");
    std::fs::write(
        dir.join("chantier.toml"),
        "[[task]]\nname = \"flood\"\nrun = [\"sh\", \"flood.sh\"]\n",
    )
    .expect("written");
    home.call_in(&dir, &["config", "set", "retention.log_max_mb_per_job", "4"])
        .ok();
    let answer = home.call_in(&dir, &["build", "run", "flood", "--trust", "--json"]).json();
    let result = &answer["result"];
    assert_eq!(
        (result["why"]["message"].as_str(), result["run"]["n_errors"].as_u64()),
        (Some("the first error"), Some(2)),
        "{answer:#}"
    );
    assert_eq!(result["diagnostics"][1]["message"], "the last error");
    let logs: u64 = std::fs::read_dir(home.path("home/logs"))
        .expect("there")
        .flatten()
        .map(|entry| entry.metadata().map_or(0, |meta| meta.len()))
        .sum();
    assert!(logs < 5_000_000, "the log keeps its budget: {logs}");
}

fn run(job: u64, duration_ms: u64, n_warnings: u32) -> RunRow {
    RunRow {
        job: JobId(job),
        task: "t".to_owned(),
        source: "cargo".to_owned(),
        state: State::Done,
        started_at: Timestamp::from_second(job as i64 * 60).expect("a time"),
        duration_ms,
        n_errors: 0,
        n_warnings,
        commit: Some(format!("{job:040}")),
        is_dirty: false,
        bytes: None,
    }
}

#[test]
fn the_commit_that_moved_a_build_is_named_with_its_evidence() {
    let durations = [1000, 1040, 980, 1010, 990, 1500, 1530, 1490, 1510, 1480, 700, 690, 720];
    let runs: Vec<RunRow> = (1..)
        .zip(durations)
        .map(|(job, duration)| run(job, duration, u32::from(job >= 9)))
        .collect();
    let found = steps(&series(runs.iter().rev()));
    let of = |measure: Measure| -> Vec<(u64, f64, usize, f64, usize)> {
        let mine = found.iter().filter(|step| step.measure == measure);
        mine.map(|step| (step.job.0, step.median_before, step.n_before, step.median_after, step.n_after))
            .collect()
    };
    assert_eq!(
        of(Measure::DurationMs),
        [(11, 1500.0, 5, 700.0, 3), (6, 1000.0, 5, 1500.0, 5)]
    );
    assert_eq!(of(Measure::Warnings), [(9, 0.0, 8, 1.0, 5)]);
    assert_eq!(
        found[0].commit_before.as_deref().map(|commit| commit.trim_start_matches('0')),
        Some("10")
    );
    // Just after it happened, and with one more build between that is a little slower.
    for (durations, guilty) in [
        (&[322, 340, 330, 335, 325, 328, 322, 1200, 1210][..], 8),
        (&[130, 128, 131, 129, 130, 156, 2100, 2110][..], 7),
    ] {
        let runs: Vec<RunRow> = (1..).zip(durations).map(|(job, duration)| run(job, *duration, 0)).collect();
        let found = steps(&series(runs.iter()));
        assert_eq!(found.iter().map(|step| step.job.0).collect::<Vec<_>>(), [guilty]);
    }
    // Noise, and one slow build, are no step.
    let noise = [1000, 1200, 900, 1100, 950, 1150, 1050, 980, 1120, 930];
    let runs: Vec<RunRow> = (1..).zip(noise).map(|(job, duration)| run(job, duration, 0)).collect();
    assert_eq!(steps(&series(runs.iter())), []);
    let mut one = vec![1000; 12];
    one[6] = 9000;
    let runs: Vec<RunRow> = (1..).zip(one).map(|(job, duration)| run(job, duration, 0)).collect();
    assert_eq!(steps(&series(runs.iter())), []);
}

#[test]
fn two_builds_are_compared_byte_by_byte() {
    let home = Home::new();
    let file = "[[task]]\nname = \"make\"\nrun = [\"sh\", \"make.sh\"]\n[[artifact]]\nname = \"out\"\npath = \"out.bin\"\ntask = \"make\"\n";
    let dir = repository(
        &home,
        &[
            ("chantier.toml", file),
            ("make.sh", "printf 'same %s' \"$(cat version)\" > out.bin\n"),
            ("version", "1"),
        ],
    );
    let answer = home.call_in(&dir, &["build", "reproduce", "make", "--json"]).ok().json();
    assert_eq!(answer["result"]["is_same"], true, "{answer:#}");
    commit(&dir, &[("make.sh", "printf 'same %s' \"$(date +%N)\" > out.bin\n")], "time");
    let called = home.call_in(&dir, &["build", "reproduce", "make", "--json"]);
    let answer = called.json();
    assert_eq!(
        (called.code, answer["problems"][0]["code"].as_str()),
        (1, Some("not-reproducible")),
        "{answer:#}"
    );
    let at = answer["result"]["result"]["files"][0]["first_difference"]
        .as_u64()
        .expect("an offset");
    assert!((5..14).contains(&at), "{at}");
    // The commit before is still the same as itself.
    home.call_in(&dir, &["build", "reproduce", "make", "--commit", "HEAD~1"]).ok();
    assert_eq!(crate::support::cli::git(&dir, &["worktree", "list"]).lines().count(), 1);
}
