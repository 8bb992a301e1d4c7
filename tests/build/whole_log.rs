//! All that a run wrote, searched by its number and from its panel; and the box where problem matchers are tried.

use super::pipelines::repository;
use crate::support::cli::Home;
use crate::support::window::{Collected, now, three_workspaces, window_at, workspace};
use crate::toolkit::{copied, has};
use chantier::areas::build::{RunRow, Update};
use chantier::areas::page::{Intent, UiIntent};
use chantier::areas::{AreaId, Command, operate};
use chantier::base::settings::ThemeChoice;
use chantier::base::{JobId, Lang, LogLine, State, Stream};
use egui_kittest::kittest::Queryable;

#[test]
fn the_log_of_a_run_is_searched_by_its_number() {
    let home = Home::new();
    let file = "[[task]]\nname = \"long\"\nrun = [\"sh\", \"-c\", \"seq -f 'line %.0f of many' 20000\"]\n\
                [[pipeline]]\nname = \"ci\"\n\
                [[pipeline.job]]\nname = \"first\"\nrun = [\"sh\", \"-c\", \"echo a needle in the first\"]\n\
                [[pipeline.job]]\nname = \"second\"\nrun = [\"sh\", \"-c\", \"echo a needle in the second\"]\n";
    let dir = repository(&home, &[("chantier.toml", file)]);
    let run = home.call_in(&dir, &["build", "run", "long", "--json"]).ok().json();
    let job = run["result"]["run"]["job"]
        .as_u64()
        .unwrap_or_else(|| panic!("{run:#}"))
        .to_string();
    let found = home
        .call_in(&dir, &["operate", "logs", "--run", &job, "--text", "LINE 123 of"])
        .ok();
    assert_eq!(found.out.trim(), "line 123 of many");
    let counted = home
        .call_in(
            &dir,
            &["operate", "logs", "--run", &job, "--grep", "^line [0-9]{5} ", "-n", "0"],
        )
        .ok();
    assert_eq!(counted.out.lines().count(), 10_001);
    // What stands below it is searched with it, each under its name.
    home.call_in(&dir, &["build", "pipeline", "run", "ci"]).ok();
    let history = home.call_in(&dir, &["build", "history", "--json"]).ok().json();
    let newest = history["result"]["runs"][0]["job"]
        .as_u64()
        .unwrap_or_else(|| panic!("{history:#}"));
    let both = home
        .call_in(
            &dir,
            &["operate", "logs", "--run", &newest.to_string(), "--grep", "^a needle"],
        )
        .ok();
    assert_eq!(both.out.lines().count(), 2, "{}", both.out);
    assert!(
        both.out.lines().all(|line| line.contains(" | a needle in the ")),
        "{}",
        both.out
    );
    let none = home.call_in(&dir, &["operate", "logs", "--run", "99999", "--json"]).json();
    assert_eq!(none["problems"][0]["code"], "not-found", "{none:#}");
}

#[test]
fn the_whole_log_of_a_run_opens_from_its_panel() {
    let mut front = Collected::new(ThemeChoice::Dark, Lang::En);
    three_workspaces(&mut front);
    let place = workspace("meteo-api");
    front.tell(Update::RunsLoaded {
        workspace: place.id.clone(),
        runs: vec![RunRow {
            job: JobId(7),
            task: "cargo:build".to_owned(),
            source: "cargo".to_owned(),
            state: State::Failed,
            started_at: now(),
            duration_ms: 10_000,
            n_errors: 1,
            n_warnings: 0,
            commit: None,
            is_dirty: false,
            bytes: None,
        }],
    });
    let mut harness = window_at(front, &place, "build", Some("runs"));
    harness.get_by_label("cargo:build, failed").click();
    harness.run();
    harness.get_by_label("Search the whole log").click();
    harness.run();
    harness.run();
    let opens = Command::from(operate::Command::OpenRunLog { job: JobId(7) });
    assert!(harness.state_mut().front().commands.contains(&opens));
    let line = |text: &str| LogLine::foreign(now(), Stream::Out, text.as_bytes());
    harness.state_mut().front().tell(operate::Update::LogFileOpened {
        path: "/logs/000000/7.log.zst".into(),
        job: Some(JobId(7)),
        lines: vec![line("Compiling tiny"), line("error: no such thing")],
    });
    harness.state_mut().front().tell(operate::Update::LogFileCounted {
        path: "/logs/000000/7.log.zst".into(),
        n_lines: 2,
        bytes: 36,
        note: None,
    });
    harness.run();
    assert!(harness.query_all_by_label_contains("error: no such thing").next().is_some());
}

#[test]
fn a_problem_matcher_is_tried_with_its_block_and_copied_for_the_project() {
    let mut front = Collected::new(ThemeChoice::Dark, Lang::En);
    three_workspaces(&mut front);
    let mut harness = window_at(front, &workspace("meteo-api"), "build", Some("tasks"));
    let open = UiIntent::PageAction(AreaId::Build, "build-try-matcher".to_owned());
    harness.state_mut().ask(Intent::Ui(open));
    harness.run();
    // The example shows how it works: a message with its place, and the lines that belong to it.
    assert!(has(&harness, "main.c:3"));
    assert!(has(&harness, "this is never used"));
    assert!(has(&harness, "    int unused = 1;"));
    harness.get_by_label("Copy for chantier.toml").click();
    let mut text = None;
    for _ in 0..4 {
        harness.step();
        text = text.or_else(|| copied(&harness));
    }
    let text = text.expect("it is on the clipboard");
    assert!(text.starts_with("[[matcher]]") && text.contains("while"), "{text}");
}
