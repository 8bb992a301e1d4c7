//! Dialogs: whoever opens one types at once, and content that comes later gets its room by itself.

use super::{has, plain};
use chantier::ui::dialog::Dialog;
use chantier::ui::form;
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
