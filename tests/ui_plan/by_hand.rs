//! What is done by hand on the board and in the table: menus, the way back, forms that are left, and what a card says.

use super::{item, plan_asked, plan_window, written};
use crate::support::window::{Collected, workspace};
use chantier::areas::AreaId;
use chantier::areas::plan::{self, Change};
use chantier::shell::App;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

/// Writes into the field that has the keys.
fn types(harness: &mut Harness<'static, App<Collected>>, words: &str) {
    harness.event(egui::Event::Text(words.to_owned()));
    harness.run();
}

/// Esc in a form, which may leave a field first, until the form is gone.
fn leaves(harness: &mut Harness<'static, App<Collected>>, confirm: &str) {
    for _ in 0..2 {
        if harness.query_by_label(confirm).is_some() {
            harness.key_press(Key::Escape);
            harness.run();
        }
    }
    assert!(harness.query_by_label(confirm).is_none(), "the form is closed");
}

#[test]
fn a_form_that_was_left_keeps_what_was_written() {
    let mut harness = plan_window();
    harness.get_by_label("New item…").click();
    harness.run();
    types(&mut harness, "A long story");
    leaves(&mut harness, "Create item");
    harness.get_by_label("New item…").click();
    harness.run();
    types(&mut harness, " goes on");
    harness.get_by_label("Create item").click();
    harness.run();
    let lines = |harness: &mut Harness<'static, App<Collected>>| -> Vec<String> {
        let asked = plan_asked(harness).into_iter();
        asked
            .filter_map(|command| match command {
                plan::Command::CreateQuick { line, .. } => Some(line),
                _ => None,
            })
            .collect()
    };
    assert_eq!(lines(&mut harness), ["A long story goes on"]);
    // What was sent is not written once more.
    harness.get_by_label("New item…").click();
    harness.run();
    types(&mut harness, "Another");
    harness.get_by_label("Create item").click();
    harness.run();
    assert_eq!(lines(&mut harness), ["Another"]);
    // Of an item that is there, a word brings the form back.
    harness.get_by_label_contains("MA-1AAA It rains in").click();
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    types(&mut harness, " again");
    leaves(&mut harness, "Save MA-1AAA");
    harness.get_by_label("Open the form again").click();
    harness.run();
    harness.get_by_label("Save MA-1AAA").click();
    harness.run();
    let changed = plan_asked(&mut harness).into_iter().find_map(|command| match command {
        plan::Command::Edit { changes, .. } => Some(changes),
        _ => None,
    });
    assert_eq!(changed, Some(vec![Change::Title("It rains in again".into())]));
}

#[test]
fn ctrl_z_takes_back_what_the_toast_tells_but_not_while_one_writes() {
    let mut harness = plan_window();
    harness.get_by_label_contains("MA-1AAA It rains in").click();
    harness.run();
    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowRight);
    harness.run();
    written(&mut harness, &["MA-1AAA"]);
    harness.get_by_label("Undo");
    let is_back = |command: &plan::Command| matches!(command, plan::Command::EditMany { edits, .. } if edits[0].1[0] == Change::State("ready".into()));
    harness.key_press_modifiers(Modifiers::COMMAND, Key::F);
    harness.run();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    harness.run();
    assert!(
        !plan_asked(&mut harness).iter().any(is_back),
        "the words of the filter are meant"
    );
    harness.key_press(Key::Escape);
    harness.run();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    harness.run();
    let back = plan_asked(&mut harness);
    assert!(back.iter().any(is_back), "{back:?}");
    assert!(harness.query_by_label("Undo").is_none(), "it is done");
}

#[test]
fn a_card_and_a_row_have_their_menu_by_pointer_and_by_key() {
    use egui::accesskit::Role;
    const MOVE: &str = "Move to In progress";
    let mut harness = plan_window();
    harness.get_by_label_contains("MA-1AAA It rains in").click_secondary();
    harness.run();
    harness.get_by_role_and_label(Role::MenuItem, MOVE);
    harness.key_press(Key::Escape);
    harness.run();
    assert!(harness.query_by_role_and_label(Role::MenuItem, MOVE).is_none());
    for tab in ["Board", "Table"] {
        harness.get_by_role_and_label(Role::Tab, tab).click();
        harness.run();
        harness
            .get_by(|node| {
                matches!(node.role(), Role::ListItem | Role::Row)
                    && node.label().is_some_and(|label| label.starts_with("MA-1AAA It rains in"))
            })
            .click();
        harness.run();
        plan_asked(&mut harness);
        harness.key_press_modifiers(Modifiers::SHIFT, Key::F10);
        harness.run();
        let first = harness.get_by_role_and_label(Role::MenuItem, "Edit…");
        assert!(first.is_focused(), "{tab}: the first entry has the keys");
        harness.get_by_role_and_label(Role::MenuItem, MOVE).focus();
        harness.run();
        harness.key_press(Key::Enter);
        harness.run();
        let is_move = |command: &plan::Command| matches!(command, plan::Command::Edit { changes, .. } if changes[..] == [Change::State("in-progress".into())]);
        let moved = plan_asked(&mut harness);
        assert!(moved.iter().any(is_move), "{tab}: {moved:?}");
        assert!(harness.query_by_role_and_label(Role::MenuItem, MOVE).is_none(), "{tab}");
    }
}

#[test]
fn a_card_shows_how_far_its_item_has_come() {
    use chantier::areas::plan::followed::coverage::{Coverage, PlaceLine, TestLine};
    use chantier::base::State;
    let mut harness = plan_window();
    let id = workspace("meteo-api").id;
    harness.state_mut().front().tell(plan::Update::Changed {
        workspace: id.clone(),
        items: vec![item("MA-4DDD", "Wind", "ready")],
        unreadable: Vec::new(),
        removed: Vec::new(),
    });
    harness.run();
    let covered = |harness: &mut Harness<'static, App<Collected>>| -> Vec<String> {
        let asked = plan_asked(harness).into_iter();
        asked
            .filter_map(|command| match command {
                plan::Command::CoverMany { ids, .. } => Some(ids),
                _ => None,
            })
            .flatten()
            .collect()
    };
    assert_eq!(covered(&mut harness), ["MA-4DDD"], "the others were asked for before");
    let at = chantier::base::Timestamp::from_second(1_795_000_000).unwrap();
    let coverage = Coverage {
        n_commits: 2,
        tests: Some(TestLine {
            state: State::Done,
            n_passed: 29,
            n_failed: 0,
            at,
        }),
        places: vec![PlaceLine {
            environment: "staging".into(),
            version: "0.3.0".into(),
            state: State::Done,
            is_live: true,
            at,
        }],
        health: State::Running,
        ..Coverage::default()
    };
    harness.state_mut().front().tell(plan::Update::Covered {
        workspace: id,
        id: "MA-4DDD".into(),
        coverage,
    });
    harness.run();
    harness.get_by_label("Commit 2\nTests 29 passed\nRelease –\nLive staging");
    harness.get_by_label_contains("MA-4DDD Wind").click();
    harness.run();
    harness.get_by_label("Live, staging");
    harness.get_by_label("staging").click();
    harness.run();
    assert_eq!(harness.state().view().area, AreaId::Deploy);
}
