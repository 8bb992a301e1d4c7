//! Dialogs and toasts: whoever opens one types at once, and content gets its room by itself.

use super::{has, plain};
use chantier::base::State;
use chantier::ui::dialog::Dialog;
use chantier::ui::form;
use chantier::ui::toast::{Toast, Toasts};
use egui::Key;
use egui_kittest::kittest::Queryable as _;

#[derive(Default)]
struct Asked {
    is_open: bool,
    name: String,
    choice: usize,
    n_lines: usize,
}

#[test]
fn the_first_field_of_a_dialog_has_the_focus_when_it_opens() {
    let mut harness = plain(Asked::default(), |ui, asked| {
        if !asked.is_open {
            return;
        }
        let choices = [(0, "coop".to_owned()), (1, "club".to_owned())];
        let answer = Dialog::new("ask", "New model", "Create model").show(ui.ctx(), |ui| {
            let response = form::form_ui(ui, "ask", |form| {
                form.choice("Module", &mut asked.choice, &choices);
                form.code("Name", &mut asked.name, "coop.member", None);
            });
            response.valid
        });
        asked.is_open = answer == chantier::ui::dialog::Answer::Open;
    });
    for _ in 0..2 {
        harness.state_mut().is_open = true;
        harness.run();
        harness.event(egui::Event::Text("x".to_owned()));
        harness.run();
        harness.key_press(Key::Enter);
        harness.run();
        assert!(!harness.state().is_open, "it was confirmed");
    }
    assert_eq!(harness.state().name, "xx", "each time the words went into the field");
}

#[test]
fn content_that_comes_later_is_given_its_room() {
    let mut harness = plain(
        Asked {
            is_open: true,
            n_lines: 1,
            ..Asked::default()
        },
        |ui, asked| {
            let answer = Dialog::new("late", "Files", "Write").show(ui.ctx(), |ui| {
                for line in 0..asked.n_lines {
                    chantier::ui::text::body(ui, &format!("file {line}"));
                }
                true
            });
            asked.is_open = answer == chantier::ui::dialog::Answer::Open;
        },
    );
    harness.run();
    harness.state_mut().n_lines = 12;
    harness.run();
    let last = harness.get_by_label("file 11").rect();
    let button = harness.get_by_label("Write").rect();
    assert!(last.bottom() <= button.top(), "{last:?} stands above {button:?}");
    assert!(has(&harness, "file 0"));
}

/// A dialog of so many lines, with a field below them that has to be filled in.
fn with_lines<'a>(n_lines: usize) -> egui_kittest::Harness<'a, Asked> {
    plain(
        Asked {
            is_open: true,
            n_lines,
            ..Asked::default()
        },
        |ui, asked| {
            let answer = Dialog::new("lines", "Changes", "Write").show_with(
                ui.ctx(),
                asked,
                |ui, asked| {
                    for line in 0..asked.n_lines {
                        chantier::ui::text::body(ui, &format!("file {line}"));
                    }
                    true
                },
                |ui, asked| {
                    chantier::ui::text::body(ui, "Type it");
                    chantier::ui::input::Input::new(egui::Id::unique("typed"), "Name").show(ui, &mut asked.name);
                    !asked.name.is_empty()
                },
            );
            asked.is_open = answer == chantier::ui::dialog::Answer::Open;
        },
    )
}

#[test]
fn a_dialog_is_as_high_as_what_stands_in_it_now() {
    let mut harness = with_lines(16);
    harness.run();
    let top_of_button = |harness: &egui_kittest::Harness<'_, Asked>| harness.get_by_label("Write").rect().top();
    let tall = top_of_button(&harness);
    harness.state_mut().n_lines = 2;
    harness.run();
    let mut fresh = with_lines(2);
    fresh.run();
    assert!((top_of_button(&harness) - top_of_button(&fresh)).abs() < 0.5);
    assert!(top_of_button(&harness) < tall - 100.0);
}

#[test]
fn what_has_to_be_typed_is_seen_below_a_form_of_any_length() {
    let mut harness = with_lines(200);
    harness.run();
    let field = harness.get_all_by_label("Name").next().unwrap().rect();
    let button = harness.get_by_label("Write").rect();
    assert!(field.bottom() <= button.top(), "{field:?} {button:?}");
    assert!(button.bottom() <= 700.0 - 16.0, "{button:?}");
    assert!(super::is_disabled(&harness, "Write"));
    super::type_into(&mut harness, "Name", "production");
    assert!(!super::is_disabled(&harness, "Write"));
}

#[test]
fn a_toast_is_as_wide_as_its_words() {
    let width = |words: &'static str| {
        let toasts: Toasts<()> = Toasts::default();
        let mut harness = plain((toasts, true), |ui, (toasts, first)| {
            if std::mem::take(first) {
                toasts.push(ui.ctx(), Toast::new(State::Done, words).undo("Annuler", ()));
            }
            let _asked: Option<()> = toasts.show(ui.ctx(), 24.0);
        });
        harness.step();
        harness.step();
        harness.get_by_role_and_label(egui::Role::Alert, words).rect().width()
    };
    let (short, long) = (width("Fait"), width("BJ-9X4H est maintenant dans « En cours de relecture »"));
    assert!(long > short + 40.0, "{short} {long}");
}
