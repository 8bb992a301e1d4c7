//! The frame of the window: its keys for the scale, what is found in spite of slips, and pages that belong to one workspace;
//! what the palette finds.

use crate::support::window::{Collected, now, three_workspaces, window, workspace};
use chantier::areas::page::{Intent, UiIntent};
use chantier::areas::{AreaId, Command, code, config, devops, release};
use chantier::base::settings::ThemeChoice;
use chantier::base::{Catalog, Lang, State};
use chantier::shell::App;
use chantier::ui::keys::DIGITS;
use chantier::ui::palette::{fuzzy, is_found, nearly};
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

fn board() -> Harness<'static, App<Collected>> {
    let mut front = Collected::new(ThemeChoice::Dark, Lang::En);
    three_workspaces(&mut front);
    let mut harness = window(front);
    harness.run();
    harness
}

#[test]
fn plus_and_minus_change_the_scale() {
    let mut harness = board();
    for (key, scale) in [(Key::Plus, "1.10"), (Key::Equals, "1.10"), (Key::Minus, "0.90")] {
        harness.state_mut().front().commands.clear();
        harness.key_press_modifiers(Modifiers::COMMAND, key);
        harness.run();
        let set = harness.state_mut().front().commands.iter().find_map(|command| match command {
            Command::Config(config::Command::Set { key, value }) => Some((key.clone(), value.clone())),
            _ => None,
        });
        assert_eq!(set, Some(("appearance.scale".to_owned(), scale.to_owned())), "{key:?}");
    }
}

#[test]
fn a_slip_is_forgiven_and_letters_here_and_there_are_no_hit() {
    let back = "Rehearse the rollback of staging…";
    assert!(fuzzy("rollbck", back).is_some(), "a letter too few");
    assert!(fuzzy("rollbakc", back).is_none());
    let (_, at) = nearly("rollbakc", back).expect("two letters in the wrong order");
    assert_eq!((at.first(), at.len()), (Some(&13), 8));
    assert!(nearly("deplyo", "Déployer une version…").is_some());
    assert!(nearly("deploy", back).is_none());
    assert!(is_found("mas", "master") && is_found("rft", "Run failed tests"));
    assert!(!is_found("ms", "master"));
}

#[test]
fn a_page_of_one_workspace_offers_those_that_there_are() {
    let texts = Catalog::new(Lang::En);
    for area in [
        AreaId::Plan,
        AreaId::Code,
        AreaId::Build,
        AreaId::Test,
        AreaId::Release,
        AreaId::Deploy,
        AreaId::Monitor,
    ] {
        let mut harness = board();
        let at = AreaId::ALL.iter().position(|other| *other == area).unwrap();
        harness.key_press_modifiers(Modifiers::COMMAND, DIGITS[at]);
        harness.run();
        assert_eq!(harness.state().view().workspace, None);
        harness.get_by_label("boutique-web").click();
        // What is asked for now never comes here, so the page goes on waiting.
        for _ in 0..4 {
            harness.step();
        }
        assert_eq!(
            harness.state().view().workspace,
            Some(workspace("boutique-web").id),
            "{}",
            texts.t(area.key())
        );
    }
}

#[test]
fn the_palette_says_on_what_an_act_acts() {
    let mut harness = board();
    harness.get_by_label("boutique-web, failing").click();
    harness.run();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Num4);
    harness.run();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    harness.run();
    harness.event(egui::Event::Text("stop trust".to_owned()));
    harness.run();
    harness.get_by_label("Stop trusting · boutique-web");
}

#[test]
fn the_palette_asks_for_what_no_page_has_shown_and_finds_it_when_it_comes() {
    let mut harness = board();
    let id = workspace("meteo-api").id;
    harness
        .state_mut()
        .ask(Intent::Ui(UiIntent::SelectWorkspace(Some(id.clone()))));
    harness.run();
    harness.state_mut().front().commands.clear();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    harness.run();
    let asked = &harness.state_mut().front().commands;
    let has = |is_it: fn(&Command) -> bool| asked.iter().any(is_it);
    assert!(has(|command| matches!(
        command,
        Command::DevOps(devops::Command::ListRuns { .. })
    )));
    assert!(has(|command| matches!(
        command,
        Command::Code(code::Command::LoadHistory { .. })
    )));
    assert!(has(|command| matches!(
        command,
        Command::Code(code::Command::LoadRefs { .. })
    )));
    assert!(has(|command| matches!(
        command,
        Command::Release(release::Command::List { .. })
    )));
    harness.event(egui::Event::Text("0.3.0".to_owned()));
    harness.run();
    assert!(harness.query_by_label("0.3.0").is_none());
    harness.state_mut().front().tell(release::Update::Listed {
        workspace: id,
        deliverables: vec![release::Deliverable {
            id: 7,
            version: "0.3.0".to_owned(),
            commit: "0123456789abcdef0123456789abcdef01234567".to_owned(),
            tag: Some("v0.3.0".to_owned()),
            previous: None,
            at: now(),
            notes: String::new(),
            withdrawn: None,
            words: Vec::new(),
            artifacts: Vec::new(),
            places: Vec::new(),
            steps: Vec::new(),
        }],
        environments: Vec::new(),
    });
    harness.run();
    harness.get_by_label("0.3.0");
    harness.key_press(Key::Enter);
    for _ in 0..4 {
        harness.step();
    }
    assert_eq!(harness.state().view().area, AreaId::Release);
}

#[test]
fn escape_closes_the_palette() {
    let mut harness = board();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    harness.run();
    assert!(harness.query_by_label("choose").is_some());
    harness.key_press(Key::Escape);
    harness.run();
    assert!(harness.query_by_label("choose").is_none());
}

#[test]
fn the_palette_opens_a_tab() {
    let mut harness = board();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    harness.run();
    harness.event(egui::Event::Text("Machines".to_owned()));
    harness.run();
    harness.key_press(Key::Enter);
    for _ in 0..4 {
        harness.step();
    }
    assert_eq!(harness.state().view().tab(AreaId::DevOps), "machines");
}

#[test]
fn what_was_typed_to_clone_stands_there_again() {
    let mut harness = board();
    let open = |harness: &mut Harness<'static, App<Collected>>| {
        let act = UiIntent::PageAction(AreaId::DevOps, "clone".to_owned());
        harness.state_mut().ask(Intent::Ui(act));
        harness.run();
    };
    open(&mut harness);
    crate::toolkit::type_into(&mut harness, "Address", "https://example.org/team/tool.git");
    let goes_to = "It goes to /home/ana/projects/tool";
    harness.get_by_label(goes_to);
    harness.get_by_label("Clone").click();
    harness.run();
    assert!(harness.query_by_label(goes_to).is_none());
    open(&mut harness);
    harness.get_by_label(goes_to);
}

#[test]
fn each_page_has_help_of_its_own_in_both_languages() {
    for (lang, first) in [
        (Lang::En, "Tasks that were found in the project"),
        (Lang::Fr, "Les tâches trouvées dans le projet"),
    ] {
        let texts = Catalog::new(lang);
        let mut front = Collected::new(ThemeChoice::Dark, lang);
        three_workspaces(&mut front);
        let mut harness = window(front);
        harness.run();
        for (area, key) in AreaId::ALL.into_iter().zip(DIGITS) {
            let title = texts.msg(&chantier::msg!("shell-help-title", page = &*texts.t(area.key())));
            harness.key_press_modifiers(Modifiers::COMMAND, key);
            harness.run();
            assert!(harness.query_by_label(&title).is_none());
            harness.key_press(Key::F1);
            harness.run();
            assert!(harness.query_by_label(&title).is_some(), "{title}");
            if area == AreaId::Build {
                assert!(harness.query_all_by_label_contains(first).count() > 0);
            }
            harness.key_press(Key::Escape);
            harness.run();
            assert!(harness.query_by_label(&title).is_none());
        }
    }
}

#[test]
fn the_count_at_operate_is_of_the_workspace_that_is_chosen_before_the_page_was_open() {
    let mut harness = board();
    for (name, count) in [("alertes-crue", Some("2")), ("meteo-api", None), ("boutique-web", Some("1"))] {
        let chosen = UiIntent::SelectWorkspace(Some(workspace(name).id));
        harness.state_mut().ask(Intent::Ui(chosen));
        harness.run();
        let shown = harness.get_by_role_and_label(Role::Button, "Operate").value();
        assert_eq!(shown.as_deref(), count, "{name}");
    }
}

/// What failed on sources that are not there any more says so.
#[test]
fn a_failure_of_other_sources_is_told_from_one_of_these() {
    let mut harness = board();
    assert_eq!(harness.query_all_by_label("failed, stale").count(), 0);
    let mark = |state| devops::Mark {
        state,
        is_stale: true,
        ..devops::Mark::default()
    };
    let row = devops::BoardRow {
        build: mark(State::Failed),
        tests: mark(State::Failed),
        n_tests_failed: 2,
        ..devops::BoardRow::default()
    };
    harness.state_mut().front().tell(devops::Update::BoardRow {
        id: workspace("meteo-api").id,
        row: Box::new(row),
    });
    harness.run();
    for words in ["failed, stale", "2 failed, stale"] {
        assert!(harness.query_all_by_label(words).count() > 0, "{words}");
    }
}
