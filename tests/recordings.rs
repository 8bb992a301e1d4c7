//! Recordings of the real program on the sample project, played in the window: every area whole, cut in the middle of its
//! work, and failed, in both looks and languages; and what the key of each page's primary action asks for.
//!
//! Made with `--record`, paths and names changed: `chantier build run --record tests/recordings/build.jsonl`.

use crate::support::window::{self, Collected, window};
use chantier::areas::page::{Intent, UiIntent};
use chantier::areas::{AreaId, Event, Update};
use chantier::base::settings::ThemeChoice;
use chantier::base::{Catalog, JobId, Lang, Target};
use chantier::engine::record;
use chantier::shell::App;
use chantier::ui::keys::DIGITS;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use std::path::Path;

#[path = "benches/rows.rs"]
mod rows;

/// Of the lists that `cargo bench --bench ui` measures with very many.
const N_ROWS: usize = 40;

const LOOKS: [(ThemeChoice, Lang); 4] = [
    (ThemeChoice::Dark, Lang::En),
    (ThemeChoice::Dark, Lang::Fr),
    (ThemeChoice::Light, Lang::En),
    (ThemeChoice::Light, Lang::Fr),
];

/// The events of a recording; every line must be one that this program still understands.
fn recording(name: &str) -> Option<Vec<Event>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/recordings")
        .join(format!("{name}.jsonl"));
    let text = std::fs::read_to_string(path).ok()?;
    let (lines, bad) = record::from_text::<Update>(&text);
    assert!(bad.is_empty(), "{name}: {bad:?}");
    Some(lines.into_iter().map(|line| line.event).collect())
}

/// The window on the page of an area, in the workspace of the sample, with these events.
fn page(area: AreaId, events: Vec<Event>, look: (ThemeChoice, Lang)) -> Harness<'static, App<Collected>> {
    let mut front = Collected::new(look.0, look.1);
    front.events.extend(recording("devops").expect("the board is recorded"));
    let mut harness = window(front);
    harness.run();
    let id = harness.state().model().devops.infos()[0].workspace.id.clone();
    harness.state_mut().ask(Intent::Ui(UiIntent::SelectWorkspace(Some(id))));
    harness.run();
    harness.state_mut().front().events.extend(events);
    let at = AreaId::ALL
        .iter()
        .position(|known| *known == area)
        .expect("it is one of them");
    harness.key_press_modifiers(Modifiers::COMMAND, DIGITS[at]);
    harness.run();
    harness.run();
    harness
}

/// Draws it; `says` must stand there in English.
fn check(area: AreaId, name: &str, share: f64, says: &str) {
    let events = recording(name).unwrap_or_else(|| panic!("there is no recording {name}"));
    let n = (events.len() as f64 * share).ceil() as usize;
    for look in LOOKS {
        let mut harness = page(area, events[..n].to_vec(), look);
        harness.check_accessibility();
        let title = Catalog::new(look.1).t(area.key()).into_owned();
        assert!(harness.query_all_by_label(&title).next().is_some(), "{name} {look:?}");
        if look.1 == Lang::En && !says.is_empty() {
            assert!(
                harness.query_all_by_label_contains(says).next().is_some(),
                "{name} {share} {look:?}: nothing says “{says}”"
            );
        }
        // With everything that runs and ran below it.
        harness.key_press_modifiers(Modifiers::COMMAND, Key::J);
        harness.run();
        harness.check_accessibility();
    }
}

#[test]
fn every_area_shows_what_was_recorded_in_it() {
    for (area, says) in [
        (AreaId::DevOps, "bonjour"),
        (AreaId::Plan, "BJ-"),
        (AreaId::Code, "lib.rs"),
        (AreaId::Build, "build"),
        (AreaId::Test, "passed"),
        (AreaId::Release, "0.2.0"),
        (AreaId::Deploy, "staging"),
        (AreaId::Operate, "bonjour-staging-1"),
        (AreaId::Monitor, "staging answers"),
        (AreaId::Config, "Language"),
    ] {
        check(area, area.word(), 1.0, says);
    }
}

/// Lists of very many rows are made up in the words of the event stream: those must stay what this program understands.
#[test]
fn every_list_that_is_measured_shows_its_rows() {
    for list in rows::lists() {
        let mut front = Collected::new(ThemeChoice::Dark, Lang::En);
        window::three_workspaces(&mut front);
        front.events.extend((list.learn)());
        let mut harness = window(front);
        harness.run();
        let id = window::workspace("meteo-api").id;
        harness.state_mut().ask(Intent::Ui(UiIntent::SelectWorkspace(Some(id))));
        harness.state_mut().ask(Intent::Go(Target::Page {
            area: list.area.to_owned(),
            tab: list.tab.map(str::to_owned),
        }));
        if list.name == "activity panel" {
            harness.state_mut().ask(Intent::Ui(UiIntent::ShowJob(JobId(1))));
        }
        harness.run_steps(3);
        assert!(
            harness.query_all_by_label_contains(rows::MARK).next().is_some(),
            "{} shows none of its {} rows",
            list.name,
            list.n
        );
    }
}

#[test]
fn every_area_is_drawn_in_the_middle_of_its_work() {
    for area in AreaId::ALL {
        for share in [0.2, 0.5, 0.8] {
            check(area, area.word(), share, "");
        }
    }
}

#[test]
fn what_failed_says_why() {
    check(AreaId::Build, "build-failed", 1.0, "error");
    check(AreaId::Test, "test-failed", 1.0, "1 failed");
    check(AreaId::Deploy, "deploy-failed", 1.0, "production");
}

/// No recording is left behind that no test plays.
#[test]
fn every_recording_is_played() {
    let played: Vec<String> = AreaId::ALL
        .iter()
        .map(|area| area.word().to_owned())
        .chain(["build-failed", "test-failed", "deploy-failed"].map(str::to_owned))
        .collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings");
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let name = entry.path().file_stem().unwrap().to_string_lossy().into_owned();
        assert!(played.contains(&name), "{name} is played by nobody");
    }
}

/// What came out of a key: commands as their first words, a picked folder, or an open dialog.
fn came_of(harness: &mut Harness<'static, App<Collected>>) -> String {
    let front = harness.state_mut().front();
    let commands = std::mem::take(&mut front.commands);
    let picks = front.picks.len();
    let words: Vec<String> = commands
        .iter()
        .map(|command| serde_json::to_value(command).unwrap())
        .map(|value| {
            format!(
                "{} {}",
                value["area"].as_str().unwrap(),
                value["command"]["do"].as_str().unwrap()
            )
        })
        .collect();
    let mut words = words.join(", ");
    if picks > 0 {
        words.push_str(&format!(" picks {picks}"));
    }
    words
}

#[test]
fn the_primary_action_of_every_page_is_done_by_keyboard_alone() {
    let texts = Catalog::new(Lang::En);
    let mut found = Vec::new();
    for area in AreaId::ALL {
        let events = recording(area.word()).unwrap();
        let mut harness = page(area, events, LOOKS[0]);
        harness.state_mut().front().commands.clear();
        harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
        harness.run();
        let first = came_of(&mut harness);
        let dialog = harness.ctx.memory(|memory| memory.top_modal_layer().is_some());
        let mut alerts = harness.query_all_by_role(egui::accesskit::Role::Alert);
        let what = match (dialog, first.is_empty() && alerts.next().is_some()) {
            (true, _) => " (dialog)",
            (false, true) => " (says why not)",
            (false, false) => "",
        };
        found.push(format!("{}: {first}{what}", texts.t(area.key())));
    }
    assert_eq!(found, PRIMARY, "{found:#?}");
}

/// A commit waits for its message; Operate and Configuration have no act that most people do next.
const PRIMARY: [&str; 10] = [
    "DevOps:  picks 1",
    "Plan:  (dialog)",
    "Code:  (says why not)",
    "Build: build run",
    "Test: test run",
    "Release:  (dialog)",
    "Deploy: deploy preview (dialog)",
    "Operate: ",
    "Monitor: monitor run_checks",
    "Configuration: ",
];
