//! A difference that is shown begins at its own left, wherever the one before it was scrolled to; its head says whole what counts.

use super::{added, plain};
use chantier::base::diff::DiffFile;
use chantier::ui::diff_head::head_ui;
use chantier::ui::diff_view::{DiffState, DiffView, LineAt};
use chantier::ui::state_mark;
use egui::{Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, Pos2, Shape, TouchPhase, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

fn file(path: &str, text: &str) -> DiffFile {
    added(path, &[text.to_owned()])
}

/// What is chosen, and of which commit.
type State = (DiffState, usize, &'static str);

/// Where the words are painted.
fn at(harness: &Harness<'_, State>, words: &str) -> Pos2 {
    let found = harness.output().shapes.iter().find_map(|shape| match &shape.shape {
        Shape::Text(text) if text.galley.text().starts_with(words) => Some(text.pos),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("{words} is painted"))
}

#[test]
fn another_file_or_commit_begins_at_its_left() {
    let files = [
        file("long.md", &format!("long {}", "and wide ".repeat(80))),
        file("short.rs", "short"),
    ];
    let mut harness = plain(
        (DiffState::default(), 0, "aaa"),
        move |ui, (state, chosen, commit): &mut State| {
            DiffView::new("diff", std::slice::from_ref(&files[*chosen]))
                .about(*commit)
                .show(ui, state);
        },
    );
    harness.run();
    let left = at(&harness, "long").x;
    let scroll = |harness: &mut Harness<'_, State>| {
        harness.hover_at(pos2(400.0, 36.0));
        harness.run();
        for _ in 0..6 {
            harness.event(Event::MouseWheel {
                unit: MouseWheelUnit::Point,
                delta: vec2(-100.0, 0.0),
                phase: TouchPhase::Move,
                source: MouseWheelSource::Wheel,
                modifiers: Modifiers::NONE,
            });
            harness.run();
        }
        assert!(at(harness, "long").x < left - 300.0, "it went sideways");
    };
    scroll(&mut harness);
    harness.state_mut().1 = 1;
    harness.run();
    assert!(
        (at(&harness, "short").x - left).abs() < 0.5,
        "the other file stands at its left"
    );
    harness.state_mut().1 = 0;
    harness.run();
    scroll(&mut harness);
    harness.state_mut().2 = "bbb";
    harness.run();
    assert!((at(&harness, "long").x - left).abs() < 0.5, "the other commit too");
}

#[test]
fn a_long_path_is_cut_before_the_state_and_the_counts() {
    let file = file("src/areas/of/a/program/with_a_name_that_goes_on_and_on_and_on.rs", "x");
    let mut harness = plain((DiffState::default(), 0, ""), move |ui, _: &mut State| {
        ui.set_width(320.0);
        ui.horizontal(|ui| {
            head_ui(ui, &file, |ui| {
                state_mark::chip_ui(ui, chantier::base::State::Done, "all of it is staged");
            });
        });
    });
    harness.run();
    let mut whole = Vec::new();
    let mut is_cut = false;
    for shape in &harness.output().shapes {
        if let Shape::Text(text) = &shape.shape {
            is_cut |= text.galley.text().contains('…') && text.galley.text().ends_with(".rs");
            whole.push((text.galley.text().to_owned(), text.galley.elided));
        }
    }
    assert!(is_cut, "{whole:?}");
    for words in ["all of it is staged", "+1"] {
        assert!(whole.contains(&(words.to_owned(), false)), "{words}: {whole:?}");
    }
}

#[test]
fn the_menu_of_a_line_opens_by_key() {
    let files = [file("short.rs", "short")];
    let mut harness = plain(
        (DiffState::default(), Vec::new()),
        move |ui, (state, about): &mut (DiffState, Vec<LineAt>)| {
            DiffView::new("diff", &files)
                .menu(|ui, lines| {
                    about.clear();
                    about.extend(lines);
                    ui.label("What can be done");
                })
                .show(ui, state);
        },
    );
    harness.run();
    harness.get_by_role(egui::Role::Document).focus();
    harness.run();
    assert!(harness.query_by_label("What can be done").is_none());
    harness.key_press_modifiers(Modifiers::SHIFT, Key::F10);
    harness.run();
    assert!(harness.query_by_label("What can be done").is_some());
    assert_eq!(
        harness.state().1,
        [(0, 0, 0)],
        "it is about the first line where none is chosen"
    );
}
