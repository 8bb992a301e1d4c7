//! The row of tabs: what is seen of it where it is narrow, and that it stays still under the pointer.

use super::window;
use chantier::base::Lang;
use chantier::base::settings::ThemeChoice;
use chantier::ui::page_frame::{self, Tab};
use egui::Modifiers;
use egui_kittest::kittest::Queryable as _;

/// A number that comes while the pointer is at the tabs moves none of them away under it.
#[test]
fn tabs_stay_where_they_are_while_one_points_at_them() {
    let size = [700.0, 100.0];
    let names = ["Images", "Containers", "Volumes", "Networks"];
    let mut harness = window(size, ThemeChoice::Dark, Lang::En, 0usize, |ui, open| {
        let tab = |n: usize| {
            let tab = Tab::new(n, names[n]);
            if *open == 0 { tab } else { tab.count(1_000) }
        };
        let tabs: Vec<Tab<usize>> = (0..names.len()).map(tab).collect();
        page_frame::tabs_ui(ui, open, &tabs);
    });
    harness.run();
    let left = |harness: &egui_kittest::Harness<'_, usize>| harness.get_by_label("Networks").rect().left();
    let before = left(&harness);
    let at = harness.get_by_label("Containers").rect().center();
    harness.event(egui::Event::PointerMoved(at));
    harness.run();
    for pressed in [true, false] {
        harness.event(egui::Event::PointerButton {
            pos: at,
            button: egui::PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        });
        harness.run();
    }
    assert_eq!(*harness.state(), 1);
    let held = left(&harness);
    assert!((held - before).abs() < 0.5, "{before} {held}");
    harness.event(egui::Event::PointerMoved(egui::pos2(350.0, 90.0)));
    harness.run();
    let free = left(&harness);
    assert!(free > before + 20.0, "the numbers have their room: {before} {free}");
}

/// Where tabs do not fit, the one that is open is seen whole, and every other can be reached from it.
#[test]
fn the_tab_that_is_open_is_seen_however_narrow_it_gets() {
    for width in [1000.0, 620.0, 420.0, 240.0] {
        let names: Vec<String> = (1..=9).map(|n| format!("Tab number {n}")).collect();
        let tabs: Vec<Tab<usize>> = (0..9).map(|n| Tab::new(n, &names[n]).count(1_000)).collect();
        let size = [width, 100.0];
        let mut harness = window(size, ThemeChoice::Dark, Lang::En, 0usize, |ui, open| {
            page_frame::tabs_ui(ui, open, &tabs);
        });
        harness.run();
        for (n, name) in names.iter().enumerate() {
            // The next one is there to be clicked, at least in part.
            let there = harness.get_by_label(name).rect();
            assert!(there.left() < width, "{width}: {name} at {there:?}");
            let at = egui::pos2(there.left() + 12.0, there.center().y);
            harness.event(egui::Event::PointerMoved(at));
            for pressed in [true, false] {
                harness.event(egui::Event::PointerButton {
                    pos: at,
                    button: egui::PointerButton::Primary,
                    pressed,
                    modifiers: Modifiers::NONE,
                });
                harness.run();
            }
            assert_eq!(*harness.state(), n, "{width}");
            let open = harness.get_by_label(name).rect();
            assert!(open.right() <= width + 6.0, "{width}: {name} at {open:?}");
        }
    }
}
