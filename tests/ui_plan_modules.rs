//! The tab Modules by name and by key: what the user does comes out as commands.

use crate::support::window::{Collected, three_workspaces, window_with, workspace};
use chantier::areas::plan::modules::{Address, Change, Command, PartKind, Plan, Update, Values, parse};
use chantier::areas::{Command as AnyCommand, plan};
use chantier::base::Lang;
use chantier::base::settings::ThemeChoice;
use chantier::shell::App;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable};
use std::path::Path;

const COOP: &str = include_str!("fixtures/plan_modules/coop_membre.toml");

/// The window on the tab, with a plan that has one mistake.
fn modules_window() -> Harness<'static, App<Collected>> {
    let mut front = Collected::new(ThemeChoice::Dark, Lang::En);
    three_workspaces(&mut front);
    let id = workspace("meteo-api").id;
    let text = COOP.replace(
        "fee_ids = { type = \"one2many\", target = \"coop.fee\", inverse = \"membership_id\"",
        "fee_ids = { type = \"one2many\", target = \"coop.fee\"",
    );
    let file = Path::new(".chantier/modules/coop_membre.toml");
    let (module, _) = parse::module(&text, file, file).unwrap();
    let plan = Plan {
        modules: vec![module],
        ..Plan::default()
    };
    front.tell(plan::Update::Modules(Update::Loaded {
        workspace: id.clone(),
        plan,
        can_undo: true,
        can_redo: false,
    }));
    let saved = serde_json::json!({ "view": { "workspace": id, "area": "plan" } });
    let mut harness = window_with(front, saved);
    harness.run();
    harness.get_by_role_and_label(egui::accesskit::Role::Tab, "Modules").click();
    harness.run();
    asked(&mut harness);
    harness
}

fn asked(harness: &mut Harness<'static, App<Collected>>) -> Vec<Command> {
    let commands = std::mem::take(&mut harness.state_mut().front().commands);
    let of_modules = commands.into_iter().filter_map(|command| match command {
        AnyCommand::Plan(plan::Command::Modules(command)) => Some(command),
        _ => None,
    });
    of_modules.collect()
}

fn changes(commands: &[Command]) -> Vec<Change> {
    commands
        .iter()
        .flat_map(|command| match command {
            Command::Edit { changes, .. } => changes.clone(),
            _ => Vec::new(),
        })
        .collect()
}

#[test]
fn a_mistake_is_shown_with_its_fix_and_the_fix_is_asked_for() {
    let mut harness = modules_window();
    harness.get_by_label_contains("fee_ids has no inverse in coop.fee");
    harness.get_by_label("Choose membership_id").click();
    harness.run();
    let asked = changes(&asked(&mut harness));
    let expected = Change::Set {
        at: Address::field("coop_membre", "coop.membership", "fee_ids"),
        key: "inverse".into(),
        value: Some("membership_id".into()),
    };
    assert_eq!(asked, [expected]);
}

#[test]
fn every_mistake_is_put_right_with_one_button() {
    let mut harness = modules_window();
    harness.get_by_label("Apply all fixes").click();
    harness.run();
    let asked = asked(&mut harness);
    assert!(matches!(&asked[..], [Command::Mend { .. }]), "{asked:?}");
}

#[test]
fn a_field_is_chosen_on_the_canvas_changed_in_the_detail_and_taken_back_by_key() {
    let mut harness = modules_window();
    harness.get_by_label("coop.share quantity").click();
    harness.run();
    harness
        .get_by_role_and_label(egui::accesskit::Role::CheckBox, "Read only")
        .click();
    harness.run();
    let asked_for = changes(&asked(&mut harness));
    let expected = Change::Set {
        at: Address::field("coop_membre", "coop.share", "quantity"),
        key: "readonly".into(),
        value: Some(true.into()),
    };
    assert_eq!(asked_for, [expected]);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    harness.run();
    let undone = asked(&mut harness);
    assert!(
        undone.iter().any(|command| matches!(command, Command::Undo { .. })),
        "{undone:?}"
    );
}

#[test]
fn a_model_is_made_in_a_dialog_and_generating_asks_for_a_preview() {
    let mut harness = modules_window();
    harness.get_by_role_and_label(egui::accesskit::Role::Button, "Model").click();
    harness.run();
    // The name has the focus by itself.
    harness.event(egui::Event::Text("coop.visit".to_owned()));
    harness.run();
    harness.get_by_label("Create model").click();
    harness.run();
    let asked_for = changes(&asked(&mut harness));
    assert!(
        matches!(&asked_for[..], [Change::Add { at, .. }] if *at == Address::model("coop_membre", "coop.visit")),
        "{asked_for:?}"
    );
    // A mistake stops it, and the button says so without asking anybody.
    harness.get_by_label("Generate…").click();
    harness.run();
    assert!(asked(&mut harness).is_empty());
    assert!(harness.query_by_label_contains("Write 0 files").is_none());
    assert!(harness.get_by_label("Generate…").accesskit_node().is_disabled());
    let file = Path::new(".chantier/modules/coop_membre.toml");
    let (module, _) = parse::module(COOP, file, file).unwrap();
    harness.state_mut().front().tell(plan::Update::Modules(Update::Loaded {
        workspace: workspace("meteo-api").id,
        plan: Plan {
            modules: vec![module],
            ..Plan::default()
        },
        can_undo: true,
        can_redo: false,
    }));
    harness.run();
    harness.get_by_label("Generate…").click();
    harness.run();
    let previewed = asked(&mut harness);
    assert!(
        previewed
            .iter()
            .any(|command| matches!(command, Command::Preview { module, .. } if module == "coop_membre")),
        "{previewed:?}"
    );
}

#[test]
fn rights_constraints_and_views_are_added_and_removed_without_the_command_line() {
    use egui::accesskit::Role;
    let mut harness = modules_window();
    harness.get_by_role_and_label(Role::Button, "coop.tag").click();
    harness.run();
    harness.get_by_label("Add an access right…").click();
    harness.run();
    harness.get_by_role_and_label(Role::CheckBox, "Write").click();
    harness.run();
    harness.get_by_role_and_label(Role::Button, "Add").click();
    harness.run();
    let part = |model: &str, kind: PartKind, name: &str| Address::part("coop_membre", Some(model), kind, name);
    let with = |key: &str, value: &str| {
        let mut values = Values::default();
        values.set(key, value);
        values
    };
    let expected = Change::Add {
        at: part("coop.tag", PartKind::Access, "base.group_user"),
        values: with("rights", "rw"),
    };
    assert_eq!(changes(&asked(&mut harness)), [expected]);
    harness.get_by_role_and_label(Role::Button, "coop.tag").click();
    harness.run();
    harness.get_by_label("Add a constraint…").click();
    harness.run();
    harness.event(egui::Event::Text("named".to_owned()));
    harness.run();
    harness.get_by_role_and_label(Role::TextInput, "Rule").click();
    harness.run();
    harness.event(egui::Event::Text("record.name".to_owned()));
    harness.run();
    harness.get_by_role_and_label(Role::Button, "Add").click();
    harness.run();
    let expected = Change::Add {
        at: part("coop.tag", PartKind::Constraint, "named"),
        values: with("check", "record.name"),
    };
    assert_eq!(changes(&asked(&mut harness)), [expected]);
    harness.get_by_role_and_label(Role::Button, "coop.share").click();
    harness.run();
    harness.get_by_label("list").click();
    harness.run();
    harness.get_by_label("Remove list").click();
    harness.run();
    let expected = Change::Remove {
        at: part("coop.share", PartKind::View, "list"),
    };
    assert_eq!(changes(&asked(&mut harness)), [expected]);
}
