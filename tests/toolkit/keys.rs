//! The keyboard: the list of a page by one key, tabs that have no room in a menu, and the search for what was typed.

use super::{CTRL, has, plain, window};
use chantier::base::Lang;
use chantier::base::settings::ThemeChoice;
use chantier::ui::action::{self, Action, Pressed};
use chantier::ui::keys;
use chantier::ui::page_frame::{self, Tab};
use chantier::ui::palette::{PaletteEntry, PaletteState, palette_ui};
use chantier::ui::table::{Column, Table, TableState};
use chantier::ui::text;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

fn table_ui(ui: &mut egui::Ui, id: &str, name: &str, state: &mut TableState) {
    let columns = [Column::new("name", "Name", 200.0).fill()];
    Table::new(id, name, &columns, 3)
        .key(|row| row as u64 + 1)
        .label(|row| format!("{name} {row}"))
        .show(ui, state, |ui, row, _| {
            text::body(ui, &row.to_string());
        });
}

#[test]
fn one_key_leads_to_the_list_of_the_page() {
    let mut harness = plain((TableState::default(), TableState::default()), |ui, (jobs, runs)| {
        // What stands outside of the page is not meant.
        ui.allocate_ui(egui::vec2(900.0, 150.0), |ui| table_ui(ui, "jobs", "Jobs", jobs));
        if ui.ctx().input_mut(|input| input.consume_shortcut(&keys::LIST)) {
            keys::go_to_list(ui.ctx());
        }
        keys::begin_page(ui.ctx());
        table_ui(ui, "runs", "Runs", runs);
        keys::end_page(ui.ctx());
    });
    harness.run();
    harness.key_press(Key::F6);
    harness.run();
    assert!(harness.get_by_label("Runs").is_focused());
    harness.key_press(Key::ArrowDown);
    harness.run();
    harness.key_press(Key::ArrowDown);
    harness.run();
    let (jobs, runs) = harness.state();
    assert_eq!((jobs.single(), runs.single()), (None, Some(2)));
}

#[test]
fn tabs_without_room_are_in_a_menu() {
    let names = [
        "Tasks",
        "Pipelines",
        "Runs",
        "Trend",
        "Timeline",
        "Artifacts",
        "Images",
        "Volumes",
    ];
    let tabs: Vec<Tab<usize>> = names.iter().enumerate().map(|(n, name)| Tab::new(n, *name)).collect();
    for (width, is_narrow) in [(900.0, false), (300.0, true)] {
        let mut harness = window([width, 400.0], ThemeChoice::Dark, Lang::En, 0usize, |ui, open| {
            page_frame::tabs_ui(ui, open, &tabs);
        });
        harness.run();
        assert_eq!(has(&harness, "All tabs"), is_narrow);
        if is_narrow {
            assert!(!has(&harness, "Volumes"));
            harness.get_by_label("All tabs").click();
            harness.run();
            harness.get_by_label("Volumes").click();
            harness.run();
            assert_eq!(*harness.state(), 7);
        }
    }
}

#[test]
fn what_nothing_is_called_can_be_searched_for() {
    type Palette = (PaletteState, Option<u8>);
    let mut harness = plain((PaletteState::default(), None), |ui, (state, chosen): &mut Palette| {
        let entries = [
            PaletteEntry::new("Actions", "Run all tests", 1),
            PaletteEntry::new("Search everywhere", "Search the commits", 2).searching(),
        ];
        *chosen = palette_ui(ui.ctx(), state, &entries).or(*chosen);
    });
    harness.state_mut().0.open();
    harness.run();
    assert!(!has(&harness, "Search the commits"), "there is nothing to search for yet");
    harness.event(egui::Event::Text("zebra".to_owned()));
    harness.run();
    assert!(has(&harness, "Search the commits") && !has(&harness, "Run all tests"));
    harness.key_press(Key::Enter);
    harness.run();
    let (state, chosen) = harness.state();
    assert_eq!((state.query.as_str(), *chosen), ("zebra", Some(2)));
}

#[test]
fn the_word_itself_is_found_before_letters_here_and_there() {
    type Palette = (PaletteState, Vec<PaletteEntry<u8>>, Option<u8>);
    let entries = vec![
        PaletteEntry::new("Actions", "Try the sample project…", 1).context("DevOps"),
        PaletteEntry::new("Actions", "Add a workspace…", 2).context("DevOps"),
        PaletteEntry::new("Actions", "Tout lancer", 3).context("Tester"),
        PaletteEntry::new("Things", "Theme", 4).context("Configuration"),
    ];
    let palette = (PaletteState::default(), entries, None);
    let mut harness = plain(palette, |ui, (state, entries, chosen): &mut Palette| {
        *chosen = palette_ui(ui.ctx(), state, entries).or(*chosen);
    });
    for (typed, wanted, other) in [
        ("theme", Some("Theme"), "Try the sample project…"),
        ("dark", None, "Add a workspace…"),
        ("tester tout", Some("Tout lancer"), "Theme"),
    ] {
        harness.state_mut().0.open();
        harness.run();
        harness.event(egui::Event::Text(typed.to_owned()));
        harness.run();
        assert!(wanted.is_none_or(|wanted| has(&harness, wanted)), "{typed}");
        assert!(!has(&harness, other), "{typed}");
    }
    // What comes while somebody chooses takes the place of nothing.
    harness.state_mut().0.open();
    harness.run();
    harness.event(egui::Event::Text("t".to_owned()));
    harness.run();
    harness.state_mut().1.insert(0, PaletteEntry::new("Actions", "Test", 5));
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert_ne!(harness.state().2, Some(5));
    assert!(harness.state().2.is_some());
}

/// What a pressed shortcut asks for; `refused` where its action can not be done now.
pub(super) fn asked_of(pressed: Option<Pressed<&'static str>>) -> Option<&'static str> {
    Some(match pressed? {
        Pressed::Asked(intent) => intent,
        Pressed::Refused(why) => {
            assert!(!why.is_empty());
            "refused"
        }
    })
}

#[test]
fn a_shortcut_of_what_can_not_be_done_says_so_unless_another_takes_it() {
    let mut harness = plain(Vec::<&'static str>::new(), |ui, asked| {
        let why = || Some("No remote".to_owned());
        let action = |id, word, key| Action::new(id, word, word).shortcut(CTRL, key);
        let actions = [
            action("push", "push", Key::P).disabled_because(why()),
            action("pull", "pull", Key::L).disabled_because(why()),
            action("other", "other", Key::L),
        ];
        asked.extend(asked_of(action::shortcuts(ui.ctx(), &actions)));
    });
    for (key, wanted) in [(Key::P, "refused"), (Key::L, "other")] {
        harness.key_press_modifiers(CTRL, key);
        harness.run();
        assert_eq!(harness.state().last(), Some(&wanted));
    }
    assert_eq!(harness.state().len(), 2);
}

#[test]
fn the_keys_have_the_names_of_the_language() {
    let shortcuts = [
        (Modifiers::ALT, Key::ArrowLeft),
        (Modifiers::COMMAND, Key::Minus),
        (Modifiers::SHIFT, Key::ArrowUp),
        (Modifiers::COMMAND, Key::Enter),
        (Modifiers::COMMAND, Key::K),
        (Modifiers::NONE, Key::F5),
    ];
    for (lang, expected) in [
        (Lang::En, ["Alt+Left", "Ctrl+Minus", "Shift+Up", "Ctrl+Enter", "Ctrl+K", "F5"]),
        (
            Lang::Fr,
            ["Alt+Gauche", "Ctrl+Moins", "Maj+Haut", "Ctrl+Entrée", "Ctrl+K", "F5"],
        ),
    ] {
        let draw = move |ui: &mut egui::Ui, said: &mut Vec<String>| {
            let texts =
                shortcuts.map(|(modifiers, key)| text::shortcut_text(ui.ctx(), &egui::KeyboardShortcut::new(modifiers, key)));
            *said = texts.to_vec();
        };
        let mut harness = window([400.0, 200.0], ThemeChoice::Dark, lang, Vec::new(), draw);
        harness.run();
        assert_eq!(harness.state().as_slice(), expected);
    }
}
