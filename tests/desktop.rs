//! What the window tells while nobody looks at it, and what it needs itself.

use crate::support::window::{Collected, job, now, three_workspaces, window, workspace};
use chantier::areas::{Command, Event, build};
use chantier::base::settings::ThemeChoice;
use chantier::base::{JobId, Lang};
use chantier::engine::{JobEvent, Outcome};
use egui_kittest::kittest::Queryable;
use jiff::ToSpan as _;

/// A build that the user asked for and that took so many seconds; what the desktop was told.
fn told(secs: i64, is_seen: bool, outcome: Outcome) -> Vec<(String, String)> {
    let mut front = Collected::new(ThemeChoice::Dark, Lang::En);
    three_workspaces(&mut front);
    let mut harness = window(front);
    harness.run();
    harness.state_mut().ask(build::Command::Run {
        workspace: workspace("meteo-api"),
        task: None,
    });
    harness.run();
    let is_build = |command: &Command| matches!(command, Command::Build(build::Command::Run { .. }));
    let id = harness.state_mut().front().job_of(is_build);
    harness.input_mut().focused = is_seen;
    let front = harness.state_mut().front();
    job(front, id, "cargo build", "build");
    let ended = JobEvent::Ended {
        outcome,
        at: now() + secs.seconds(),
    };
    front.events.push_back(Event::Job(JobId(id), ended));
    harness.run();
    std::mem::take(&mut harness.state_mut().front().notified)
}

#[test]
fn the_desktop_is_told_of_a_long_job_that_ended_while_nobody_looked() {
    let failed = Outcome::Failed {
        problem: crate::support::window::failure(),
    };
    let done = told(11, false, Outcome::Done);
    assert_eq!(done, [("cargo build".to_owned(), "Done in 11 s".to_owned())]);
    let words = told(11, false, failed);
    assert_eq!(words[0].1, "The compiler ended with code 101");
    assert!(told(11, true, Outcome::Done).is_empty(), "whoever looks has seen it");
    assert!(told(3, false, Outcome::Done).is_empty(), "it was short");
}

#[test]
fn the_status_bar_says_what_the_program_needs() {
    let front = Collected::new(ThemeChoice::Dark, Lang::En);
    let mut harness = window(front);
    harness.run();
    assert!(harness.query_by_label("84 MB").is_some() || harness.query_by_label("84.0 MB").is_some());
}
