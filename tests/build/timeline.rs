//! Time lines: what cargo compiled and when, jobs and steps of a pipeline, the critical path, and OTLP.

use super::pipelines::repository;
use crate::support::cli::Home;
use crate::support::window::{Collected, now, three_workspaces, window_at, workspace};
use chantier::areas::build::timeline::{Kind, Span, Timeline};
use chantier::areas::build::{Command, RunRow, Update};
use chantier::base::settings::ThemeChoice;
use chantier::base::{JobId, Lang, State};
use egui_kittest::kittest::Queryable;
use serde_json::Value;
use std::time::Duration;

fn span(name: &str, from: u64, to: u64, parent: Option<usize>, needs: &[usize]) -> Span {
    Span {
        name: name.to_owned(),
        kind: if parent.is_none() { Kind::Run } else { Kind::Job },
        start: now() + Duration::from_millis(from),
        end: now() + Duration::from_millis(to),
        parent,
        depth: usize::from(parent.is_some()),
        needs: needs.to_vec(),
        state: State::Done,
        is_critical: false,
    }
}

fn timeline(spans: Vec<Span>) -> Timeline {
    let mut timeline = Timeline {
        job: JobId(7),
        title: "ci".to_owned(),
        commit: None,
        spans,
    };
    timeline.mark();
    timeline
}

fn path(timeline: &Timeline) -> Vec<&str> {
    timeline.critical().iter().map(|span| span.name.as_str()).collect()
}

#[test]
fn the_critical_path_is_what_is_needed_where_that_is_known_else_what_ended_before() {
    let run = || span("run", 0, 10_000, None, &[]);
    // `slow` ends before `last` begins too, but `last` does not wait for it.
    let known = timeline(vec![
        run(),
        span("lint", 0, 1000, Some(0), &[]),
        span("slow", 0, 4000, Some(0), &[]),
        span("test", 1000, 3900, Some(0), &[1]),
        span("last", 4100, 10_000, Some(0), &[3]),
    ]);
    assert_eq!(path(&known), ["lint", "test", "last"]);
    let told = timeline(vec![
        run(),
        span("a", 0, 2000, Some(0), &[]),
        span("b", 0, 5000, Some(0), &[]),
        span("c", 5001, 10_000, Some(0), &[]),
        span("d", 2001, 9000, Some(0), &[]),
    ]);
    assert_eq!(path(&told), ["b", "c"]);
    assert_eq!((told.duration_ms(), told.critical_ms()), (10_000, 9999));
}

fn answer(home: &Home, dir: &std::path::Path, args: &[&str]) -> Value {
    let args: Vec<&str> = ["build", "timeline"].iter().chain(args).chain(&["--json"]).copied().collect();
    home.call_in(dir, &args).ok().json()["result"].clone()
}

fn names(answer: &Value) -> Vec<String> {
    let spans = answer["timeline"]["spans"].as_array().expect("spans");
    spans
        .iter()
        .map(|span| span["name"].as_str().expect("name").to_owned())
        .collect()
}

#[test]
fn a_build_of_cargo_shows_its_crates_and_is_exported() {
    let home = Home::new();
    let dir = repository(
        &home,
        &[
            (
                "Cargo.toml",
                "[package]\nname = \"top\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\nlow = { path = \"low\" }\n",
            ),
            ("src/main.rs", "fn main() { low::hello(); }\n"),
            (
                "low/Cargo.toml",
                "[package]\nname = \"low\"\nversion = \"0.2.0\"\nedition = \"2021\"\n",
            ),
            ("low/src/lib.rs", "pub fn hello() {}\n"),
            ("low/build.rs", "fn main() {}\n"),
        ],
    );
    home.call_in(&dir, &["build", "run", "cargo:build"]).ok();
    let file = home.path("trace.json");
    let shown = answer(&home, &dir, &["--otlp", file.to_str().expect("text")]);
    let names = names(&shown);
    for wanted in [
        "low v0.2.0 build script",
        "low v0.2.0 build script (run)",
        "low v0.2.0",
        "top v0.1.0 bin \"top\"",
    ] {
        assert!(names.iter().any(|name| name == wanted), "{wanted}: {names:#?}");
    }
    let last = shown["timeline"]["spans"]
        .as_array()
        .expect("spans")
        .last()
        .expect("one")
        .clone();
    assert_eq!(last["is_critical"], true, "{shown:#}");
    let trace: Value = serde_json::from_slice(&std::fs::read(&file).expect("written")).expect("JSON");
    let spans = trace["resourceSpans"][0]["scopeSpans"][0]["spans"]
        .as_array()
        .expect("spans")
        .clone();
    assert_eq!(spans.len(), names.len());
    let ids: Vec<&Value> = spans.iter().map(|span| &span["spanId"]).collect();
    for span in &spans {
        assert_eq!(span["traceId"].as_str().map(str::len), Some(32));
        assert!(span["parentSpanId"].is_null() || ids.contains(&&span["parentSpanId"]));
        let nanos = |key: &str| {
            span[key]
                .as_str()
                .and_then(|text| text.parse::<u128>().ok())
                .expect("nanoseconds")
        };
        assert!(nanos("startTimeUnixNano") <= nanos("endTimeUnixNano"));
    }
    // The second time nothing is compiled: nothing is invented.
    home.call_in(&dir, &["build", "run", "cargo:build"]).ok();
    assert_eq!(
        answer(&home, &dir, &[])["timeline"]["spans"].as_array().map(Vec::len),
        Some(1)
    );
}

#[test]
fn a_pipeline_shows_its_jobs_and_steps() {
    let home = Home::new();
    let file = r#"
[[pipeline]]
name = "ci"
[[pipeline.job]]
name = "first"
steps = [{ name = "one", run = ["sleep", "0.3"] }, { name = "two", run = ["true"] }]
[[pipeline.job]]
name = "second"
needs = ["first"]
run = ["sleep", "0.2"]
[[pipeline.job]]
name = "beside"
run = ["true"]
"#;
    let dir = repository(&home, &[("chantier.toml", file)]);
    home.call_in(&dir, &["build", "pipeline", "run", "ci"]).ok();
    let shown = answer(&home, &dir, &[]);
    let names = names(&shown);
    for wanted in ["pipeline:ci", "first", "one", "two", "second", "sleep 0.2", "beside"] {
        assert!(names.iter().any(|name| name == wanted), "{wanted}: {names:#?}");
    }
    let critical = |name: &str| {
        let spans = shown["timeline"]["spans"].as_array().expect("spans");
        spans.iter().find(|span| span["name"] == name).expect("there")["is_critical"] == true
    };
    assert!(critical("first") && critical("second") && !critical("beside"), "{shown:#}");
}

#[test]
fn the_tab_draws_the_run_that_is_chosen() {
    let mut front = Collected::new(ThemeChoice::Dark, Lang::En);
    three_workspaces(&mut front);
    let place = workspace("meteo-api");
    let run = RunRow {
        job: JobId(7),
        task: "cargo:build".to_owned(),
        source: "cargo".to_owned(),
        state: State::Done,
        started_at: now(),
        duration_ms: 10_000,
        n_errors: 0,
        n_warnings: 0,
        commit: None,
        is_dirty: false,
        bytes: None,
    };
    front.tell(Update::RunsLoaded {
        workspace: place.id.clone(),
        runs: vec![run],
    });
    let mut harness = window_at(front, &place, "build", Some("timeline"));
    let asked = chantier::areas::Command::from(Command::ShowTimeline {
        workspace: place.clone(),
        job: Some(JobId(7)),
        otlp: None,
    });
    assert!(harness.state_mut().front().commands.contains(&asked));
    let shown = timeline(vec![
        span("cargo:build", 0, 10_000, None, &[]),
        span("serde v1.0.0", 0, 6000, Some(0), &[]),
        span("top v0.1.0", 6001, 10_000, Some(0), &[]),
        span("aside v0.1.0", 0, 100, Some(0), &[]),
    ]);
    harness.state_mut().front().tell(Update::TimelineShown {
        workspace: place.id.clone(),
        timeline: Box::new(shown),
    });
    harness.run();
    harness.get_by_label_contains("aside v0.1.0, job").click();
    harness.run();
    harness.get_by_label("Path, beside other work");
}
