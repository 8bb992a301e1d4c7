//! The panel beside a list.

use super::{click, has, plain};
use chantier::ui::action::Action;
use chantier::ui::detail;

/// A detail shows the first actions; where they are many the others are behind ⋯, and do the same.
#[test]
fn many_actions_of_a_detail_are_partly_behind_a_menu() {
    let names = ["One", "Two", "Three", "Four", "Five", "Six", "Seven"];
    let detail = move |n: usize| {
        plain(Vec::<&'static str>::new(), move |ui, asked: &mut Vec<&'static str>| {
            let actions: Vec<_> = names[..n].iter().map(|name| Action::new(*name, *name, *name)).collect();
            asked.extend(detail::actions_ui(ui, &actions));
        })
    };
    let harness = detail(6);
    assert!(names[..6].iter().all(|name| has(&harness, name)));
    assert!(!has(&harness, "Other actions"));
    let mut harness = detail(7);
    assert!(has(&harness, "Four"));
    assert!(!has(&harness, "Five"));
    click(&mut harness, "Other actions");
    click(&mut harness, "Seven");
    click(&mut harness, "One");
    assert_eq!(harness.state().as_slice(), ["Seven", "One"]);
}

#[test]
fn short_values_stand_whole_at_the_right_of_a_long_name() {
    let mut harness = plain((), |ui, ()| {
        ui.set_width(240.0);
        let values = ["34.0 MB/s", "4.1 MB/s"].map(str::to_owned);
        detail::columns_ui(ui, 80.0, &values, |ui| {
            chantier::ui::text::body(ui, "a disk with a name that goes on and on");
        });
    });
    harness.run();
    for words in ["34.0 MB/s", "4.1 MB/s"] {
        let is_whole =
            harness.output().shapes.iter().any(
                |shape| matches!(&shape.shape, egui::Shape::Text(text) if text.galley.text() == words && !text.galley.elided),
            );
        assert!(is_whole, "{words}");
    }
}
