//! The pages of Plan and Configuration by name and by key: what the user does comes out as commands.

mod by_hand;

use crate::support::window::{Collected, three_workspaces, window_with, workspace};
use chantier::areas::page::Intent;
use chantier::areas::plan::workflow::Workflow;
use chantier::areas::plan::{self, Act, Change, Item, Kind, Unreadable};
use chantier::areas::{AreaId, Command, config};
use chantier::base::settings::ThemeChoice;
use chantier::base::{Lang, Problem, Settings, Target};
use chantier::shell::App;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use std::path::PathBuf;

fn item(id: &str, title: &str, state: &str) -> Item {
    Item {
        id: id.into(),
        title: title.into(),
        kind: Kind::Bug,
        state: state.into(),
        assignee: Some("Maëlle Roy".into()),
        labels: vec!["api".into(), "storage".into()],
        due: Some(jiff::civil::date(2026, 3, 1)),
        criteria: plan::body::criteria("- [ ] It rains no more (test: it_rains)\n"),
        body: "Why.\n\n- [ ] It rains no more (test: it_rains)\n".into(),
        file: PathBuf::from(format!(".chantier/plan/{id}.md")),
        hash: "1".into(),
        ..Item::default()
    }
}

/// The window on Plan with three items and a file that can not be read.
fn plan_window() -> Harness<'static, App<Collected>> {
    let mut front = Collected::new(ThemeChoice::Dark, Lang::En);
    three_workspaces(&mut front);
    let id = workspace("meteo-api").id;
    front.tell(plan::Update::LoadStarted { workspace: id.clone() });
    let items = vec![
        item("MA-1AAA", "It rains in", "ready"),
        item("MA-2BBB", "Tide table", "ready"),
        item("MA-3CCC", "Somewhere else", "someday"),
    ];
    front.tell(plan::Update::Items {
        workspace: id.clone(),
        items,
    });
    let problem = Problem::config(chantier::msg!("plan-flaw-conflict")).at_place(".chantier/plan/x.md", 4, 1);
    let unreadable = vec![Unreadable {
        file: ".chantier/plan/x.md".into(),
        problem,
    }];
    front.tell(plan::Update::Loaded {
        workspace: id.clone(),
        workflow: Workflow::default(),
        unreadable,
        problems: Vec::new(),
    });
    let saved = serde_json::json!({ "view": { "workspace": id, "area": "plan" } });
    let mut harness = window_with(front, saved);
    harness.run();
    asked(&mut harness);
    harness
}

fn asked(harness: &mut Harness<'static, App<Collected>>) -> Vec<Command> {
    std::mem::take(&mut harness.state_mut().front().commands)
}

fn plan_asked(harness: &mut Harness<'static, App<Collected>>) -> Vec<plan::Command> {
    let commands = asked(harness);
    commands
        .into_iter()
        .filter_map(|command| {
            if let Command::Plan(command) = command {
                Some(command)
            } else {
                None
            }
        })
        .collect()
}

/// The files of these items were changed.
fn written(harness: &mut Harness<'static, App<Collected>>, ids: &[&str]) {
    let workspace = workspace("meteo-api").id;
    let changed = |id: &&str| Item {
        hash: "2".into(),
        ..item(id, "Changed", "in-progress")
    };
    let front = harness.state_mut().front();
    front.tell(plan::Update::Changed {
        workspace: workspace.clone(),
        items: ids.iter().map(changed).collect(),
        unreadable: Vec::new(),
        removed: Vec::new(),
    });
    front.tell(plan::Update::Done {
        workspace,
        id: ids[0].to_owned(),
        what: Act::Changed,
        undo: None,
    });
    harness.run();
}

#[test]
fn a_move_is_told_once_the_file_has_it_and_one_that_was_refused_is_not() {
    let mut harness = plan_window();
    harness.get_by_label_contains("MA-1AAA It rains in").click();
    harness.run();
    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowRight);
    harness.run();
    assert!(harness.query_by_label("Undo").is_none(), "nothing is written yet");
    // Another act ends, this one may still be refused.
    written(&mut harness, &["MA-2BBB"]);
    assert!(harness.query_by_label("Undo").is_none());
    asked(&mut harness);
    written(&mut harness, &["MA-1AAA"]);
    harness.get_by_label("Undo").click();
    harness.run();
    let back = plan_asked(&mut harness);
    let is_back = |command: &plan::Command| matches!(command, plan::Command::EditMany { edits, .. } if edits[0].1[0] == Change::State("ready".into()));
    assert!(back.iter().any(is_back), "{back:?}");
}

#[test]
fn a_card_is_moved_by_keyboard_and_an_item_is_made_in_a_dialog() {
    let mut harness = plan_window();
    harness.get_by_label_contains("MA-1AAA It rains in").click();
    harness.run();
    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowRight);
    harness.run();
    let moved = plan_asked(&mut harness);
    let is_move = |command: &plan::Command| matches!(command, plan::Command::Move { id, state, .. } if id == "MA-1AAA" && state == "in-progress");
    assert!(moved.iter().any(is_move), "{moved:?}");
    harness.get_by_label("New item…").click();
    harness.run();
    harness.event(egui::Event::Text("fix: Drops #api".to_owned()));
    harness.run();
    harness.get_by_label("Create item").click();
    harness.run();
    let made = plan_asked(&mut harness);
    let is_made =
        |command: &plan::Command| matches!(command, plan::Command::CreateQuick { line, .. } if line == "fix: Drops #api");
    assert!(made.iter().any(is_made), "{made:?}");
    // Enter in the line makes it, too.
    harness.get_by_label("New item…").click();
    harness.run();
    harness.event(egui::Event::Text("fix: Drops #api".to_owned()));
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    let made = plan_asked(&mut harness);
    assert!(made.iter().any(is_made), "{made:?}");
}

#[test]
fn a_criterion_is_ticked_and_a_removal_can_be_taken_back() {
    let mut harness = plan_window();
    harness.get_by_label_contains("MA-1AAA It rains in").click();
    harness.run();
    asked(&mut harness);
    harness
        .get_by_role_and_label(egui::accesskit::Role::CheckBox, "It rains no more")
        .click();
    harness.run();
    let ticked = plan_asked(&mut harness);
    let change = ticked.iter().find_map(|command| match command {
        plan::Command::Edit { changes, .. } => changes.first().cloned(),
        _ => None,
    });
    let expected = Change::Criterion {
        index: 0,
        text: "It rains no more".into(),
        is_done: true,
    };
    assert_eq!(change, Some(expected));
    let done = plan::Update::Done {
        workspace: workspace("meteo-api").id,
        id: "MA-1AAA".into(),
        what: Act::Deleted,
        undo: Some(7),
    };
    harness.state_mut().front().tell(done);
    harness.run();
    harness.get_by_label("Undo").click();
    harness.run();
    let restored = plan_asked(&mut harness);
    assert!(
        restored
            .iter()
            .any(|command| matches!(command, plan::Command::Restore { undo: Some(7), .. })),
        "{restored:?}"
    );
}

#[test]
fn what_can_not_be_read_is_shown_and_the_filter_narrows_the_table() {
    let mut harness = plan_window();
    harness.get_by_label_contains("Other states");
    harness.get_by_label_contains("Problems").click();
    harness.run();
    harness.get_by_label_contains("merge conflict");
}

#[test]
fn the_table_is_sorted_and_what_has_no_value_stands_last_both_ways() {
    let mut harness = plan_window();
    let mut undated = item("MA-0DDD", "When there is time", "ready");
    undated.due = None;
    let mut late = item("MA-9EEE", "Long ago", "ready");
    late.due = Some(jiff::civil::date(2025, 1, 1));
    harness.state_mut().front().tell(plan::Update::Changed {
        workspace: workspace("meteo-api").id,
        items: vec![undated, late],
        unreadable: Vec::new(),
        removed: Vec::new(),
    });
    harness.get_by_label("Table").click();
    harness.run();
    for (first, second, last) in [("MA-9EEE", "MA-1AAA", "MA-0DDD"), ("MA-1AAA", "MA-9EEE", "MA-0DDD")] {
        harness
            .get_by_role_and_label(egui::accesskit::Role::ColumnHeader, "Due")
            .click();
        harness.run();
        let top = |id: &str| {
            harness
                .get_by(|node| {
                    node.role() == egui::accesskit::Role::Row && node.label().is_some_and(|label| label.starts_with(id))
                })
                .rect()
                .top()
        };
        assert!(top(first) < top(second) && top(second) < top(last), "{first}");
    }
}

#[test]
fn a_setting_is_changed_and_reset_by_name() {
    let mut front = Collected::new(ThemeChoice::Dark, Lang::En);
    let row = |key: &str, value: &str, default: &str| config::Row {
        key: key.into(),
        value: value.into(),
        default: default.into(),
        is_set: value != default,
    };
    front.tell(config::Update::Loaded {
        file: "/home/ana/settings.toml".into(),
        settings: Box::new(Settings::default()),
        rows: vec![
            row("general.max_parallel", "4", "0"),
            row("appearance.dense", "false", "false"),
        ],
        problems: Vec::new(),
    });
    let mut harness = window_with(front, serde_json::json!({ "view": { "area": "config" } }));
    harness.run();
    asked(&mut harness);
    harness.get_by_label("Reset").click();
    harness.run();
    harness.get_by_label("Appearance").click();
    harness.run();
    harness.get_by_role(egui::accesskit::Role::CheckBox).click();
    harness.run();
    let asked = asked(&mut harness);
    let reset = config::Command::Reset {
        key: "general.max_parallel".into(),
    };
    let set = config::Command::Set {
        key: "appearance.dense".into(),
        value: "true".into(),
    };
    assert!(asked.contains(&reset.into()) && asked.contains(&set.into()), "{asked:?}");
}

#[test]
fn a_filter_term_narrows_the_board_and_one_that_is_not_understood_is_told() {
    let mut harness = plan_window();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::F);
    harness.run();
    harness.event(egui::Event::Text("-state:ready".to_owned()));
    harness.run();
    assert!(harness.query_by_label_contains("MA-1AAA It rains in").is_none());
    harness.get_by_label_contains("MA-3CCC Somewhere else");
    harness.event(egui::Event::Text(" colour:red".to_owned()));
    harness.run();
    harness.get_by_label_contains("“colour” is not understood");
    // The rest of the filter narrows the board meanwhile.
    harness.get_by_label_contains("MA-3CCC Somewhere else");
    assert!(harness.query_by_label_contains("MA-1AAA It rains in").is_none());
}

#[test]
fn what_may_be_typed_next_is_taken_by_key() {
    let mut harness = plan_window();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::F);
    harness.run();
    harness.event(egui::Event::Text("lab".to_owned()));
    harness.run();
    harness.get_by_label("label:");
    harness.key_press(Key::ArrowDown);
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    harness.get_by_label("label:storage");
}

#[test]
fn a_bar_of_the_timeline_is_moved_by_key_with_its_days_written() {
    let mut harness = plan_window();
    harness.get_by_label("Timeline").click();
    harness.run();
    asked(&mut harness);
    harness
        .get_by(|node| {
            node.role() == egui::accesskit::Role::Button
                && node.label().is_some_and(|label| label.starts_with("MA-1AAA It rains in"))
        })
        .focus();
    harness.run();
    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowRight);
    harness.run();
    let edits = plan_asked(&mut harness).into_iter().find_map(|command| match command {
        plan::Command::EditMany { edits, .. } => Some(edits),
        _ => None,
    });
    let edits = edits.expect("the bar was pulled");
    assert_eq!(edits[0].0, "MA-1AAA");
    assert!(
        matches!(edits[0].1.last(), Some(Change::Due(Some(due))) if *due == jiff::civil::date(2026, 3, 2)),
        "{edits:?}"
    );
}

#[test]
fn selected_rows_are_changed_together_and_taken_back_together() {
    let mut harness = plan_window();
    harness.get_by_label("Table").click();
    harness.run();
    harness.get_by_label_contains("MA-1AAA It rains in").click();
    harness.run();
    harness
        .get_by_label_contains("MA-2BBB Tide table")
        .click_modifiers(Modifiers::COMMAND);
    harness.run();
    harness.get_by_label_contains("2 selected");
    harness.get_by_label("Set priority").click();
    harness.run();
    harness.get_by_label("High").click();
    harness.run();
    let edits = plan_asked(&mut harness).into_iter().find_map(|command| match command {
        plan::Command::EditMany { edits, .. } => Some(edits),
        _ => None,
    });
    assert_eq!(edits.expect("both are changed").len(), 2);
    assert!(harness.query_by_label("Undo").is_none(), "nothing is written yet");
    written(&mut harness, &["MA-1AAA", "MA-2BBB"]);
    harness.get_by_label("Undo").click();
    harness.run();
    let back = plan_asked(&mut harness);
    let is_back = |command: &plan::Command| matches!(command, plan::Command::EditMany { edits, .. } if edits[0].1 == [Change::Priority(None)]);
    assert!(back.iter().any(is_back), "{back:?}");
}

/// The menu of one of several selected rows is about all of them, and says so.
#[test]
fn the_menu_of_selected_rows_is_about_all_of_them() {
    let mut harness = plan_window();
    harness.get_by_label("Table").click();
    harness.run();
    harness.get_by_label_contains("MA-1AAA It rains in").click();
    harness.run();
    harness
        .get_by_label_contains("MA-2BBB Tide table")
        .click_modifiers(Modifiers::COMMAND);
    harness.run();
    harness.get_by_label_contains("MA-1AAA It rains in").click_secondary();
    harness.run();
    harness.get_by_label("Remove 2 items").click();
    harness.run();
    let removed: Vec<String> = plan_asked(&mut harness)
        .into_iter()
        .filter_map(|command| match command {
            plan::Command::Delete { id, .. } => Some(id),
            _ => None,
        })
        .collect();
    assert_eq!(removed, ["MA-1AAA", "MA-2BBB"]);
}

#[test]
fn a_column_that_holds_too_much_is_named_as_on_the_board_and_leads_to_it() {
    let mut harness = plan_window();
    let id = workspace("meteo-api").id;
    let mut workflow = Workflow::default();
    let column = workflow.columns.iter_mut().find(|column| column.state == "in-progress");
    column.expect("it is one of the usual ones").limit = Some(1);
    let front = harness.state_mut().front();
    front.tell(plan::Update::Items {
        workspace: id.clone(),
        items: vec![
            item("MA-1AAA", "It rains in", "in-progress"),
            item("MA-2BBB", "Tide table", "in-progress"),
        ],
    });
    front.tell(plan::Update::Loaded {
        workspace: id,
        workflow,
        unreadable: Vec::new(),
        problems: Vec::new(),
    });
    harness.state_mut().ask(Intent::Go(Target::Page {
        area: "plan".to_owned(),
        tab: Some("problems".to_owned()),
    }));
    harness.run();
    harness.get_by_label("In progress holds 2 items, 1 is allowed");
    harness.get_by_label("Show the board").click();
    harness.run();
    assert_eq!(harness.state().view().tab(AreaId::Plan), "board");
}
