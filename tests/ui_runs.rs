//! The list of runs: sorted by its heads, several rows at once, acts on every row, and what it says of how many there are.

use crate::support::window::{Collected, now, three_workspaces, window, workspace};
use chantier::areas::devops;
use chantier::base::format::age;
use chantier::base::settings::ThemeChoice;
use chantier::base::{Catalog, JobId, Lang, Msg, State};
use chantier::shell::App;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use std::time::Duration;

fn run(id: u64, title: &str, secs: i64) -> devops::RunRow {
    devops::RunRow {
        id: JobId(id),
        parent: None,
        workspace: Some(workspace("meteo-api").id),
        area: "deploy".to_owned(),
        title: Msg::verbatim(title),
        argv: Vec::new(),
        asked: None,
        cwd: None,
        commit: None,
        dirty: None,
        environment: Some("staging".to_owned()),
        state: State::Done,
        queued_at: now(),
        started_at: Some(now()),
        ended_at: Some(now() + jiff::SignedDuration::from_secs(secs)),
        exit_code: Some(0),
        signal: None,
        problem: None,
        log_bytes: 0,
    }
}

/// Three of 111 runs, newest first.
fn runs() -> Harness<'static, App<Collected>> {
    let mut front = Collected::new(ThemeChoice::Dark, Lang::En);
    three_workspaces(&mut front);
    let mut harness = window(front);
    harness.run();
    harness.get_by_label("Runs").click();
    harness.run();
    harness.state_mut().front().tell(devops::Update::RunsListed {
        filter: devops::RunFilter::default(),
        rows: vec![run(3, "gamma", 5), run(2, "beta", 3), run(1, "alpha", 10)],
        n_total: 3,
        n_all: 111,
    });
    harness.run();
    harness
}

fn order(harness: &Harness<'static, App<Collected>>) -> Vec<&'static str> {
    let mut rows = ["#1 alpha", "#2 beta", "#3 gamma"].map(|label| (harness.get_by_label(label).rect().top(), label));
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    rows.map(|(_, label)| label).to_vec()
}

#[test]
fn a_click_on_a_head_sorts_the_runs() {
    let mut harness = runs();
    assert_eq!(order(&harness), ["#3 gamma", "#2 beta", "#1 alpha"]);
    harness.get_by_label("Took").click();
    harness.run();
    let up = order(&harness);
    harness.get_by_label("Took").click();
    harness.run();
    let down = order(&harness);
    let wanted = ["#2 beta", "#3 gamma", "#1 alpha"];
    let reversed: Vec<&str> = wanted.into_iter().rev().collect();
    assert!(
        (up == wanted && down == reversed) || (up == reversed && down == wanted),
        "{up:?} {down:?}"
    );
}

#[test]
fn the_whole_ledger_is_counted_beside_what_passes_the_filter() {
    let harness = runs();
    harness.get_by_label("111 runs in the ledger");
    harness.get_by_label("3 of 3");
}

#[test]
fn several_rows_are_chosen_and_each_has_a_menu() {
    let mut harness = runs();
    harness.get_by_label("#2 beta").click_secondary();
    harness.run();
    harness.get_by_label("Copy the row");
    harness.get_by_label("Show the environment");
    harness.key_press(Key::Escape);
    harness.run();
    harness.get_by_label("#3 gamma").click();
    harness.run();
    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowDown);
    harness.run();
    harness.get_by_label("#2 beta").click_secondary();
    harness.run();
    harness.get_by_label("Copy the rows");
    assert!(harness.query_by_label("Copy the row").is_none());
}

#[test]
fn ages_go_on_once_a_second_where_they_are_shown_and_nothing_moves_where_none_is() {
    let mut harness = runs();
    let wait = |harness: &mut Harness<'static, App<Collected>>| {
        // The state is kept a moment after the last key.
        for _ in 0..4 {
            harness.step();
        }
        harness.output().viewport_output[&egui::ViewportId::ROOT].repaint_delay
    };
    let soon = wait(&mut harness);
    assert!(
        soon <= Duration::from_secs(1) && soon > Duration::from_millis(500),
        "they began a moment ago: {soon:?}"
    );
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Num0);
    harness.run();
    assert!(wait(&mut harness) > Duration::from_secs(30), "the settings show no age");

    let texts = Catalog::new(Lang::En);
    for (millis, words, change) in [(4250, "4 s", 0.75), (90_000, "2 min", 60.0), (7_200_000, "2 h", 1800.0)] {
        let at = now() - jiff::SignedDuration::from_millis(millis);
        assert_eq!(age(at, now(), &texts), words);
        assert_eq!(texts.take_change_secs(), Some(change));
        assert_eq!(texts.take_change_secs(), None);
    }
}
