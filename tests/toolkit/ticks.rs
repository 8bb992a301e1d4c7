//! Tick boxes of a difference: a range gets what the first click gave.

use super::{added, plain};
use chantier::base::diff::DiffFile;
use chantier::ui::diff_view::{DiffState, DiffView, LineAt};
use egui::Modifiers;
use egui_kittest::kittest::Queryable as _;

fn file() -> DiffFile {
    let lines: Vec<String> = (1..=9).map(|no| format!("line {no}")).collect();
    added("f", &lines)
}

type Ticked = [bool; 9];
type State = (DiffState, Ticked, Vec<LineAt>);

#[test]
fn a_range_of_boxes_gets_what_the_first_click_gave() {
    let files = [file()];
    let state: State = (DiffState::default(), [false; 9], Vec::new());
    let mut harness = plain(state, move |ui, (state, ticked, last): &mut State| {
        let now = *ticked;
        let response = DiffView::new("diff", &files)
            .tick(|(_, _, line)| Some(now[line]))
            .show(ui, state);
        if let Some(first) = response.ticked.first() {
            let wanted = !now[first.2];
            response.ticked.iter().for_each(|at| ticked[at.2] = wanted);
            last.clone_from(&response.ticked);
        }
    });
    let click = |harness: &mut egui_kittest::Harness<'static, State>, no: usize, modifiers: Modifiers| {
        harness.get_by_label(&format!("+ line {no}")).click_modifiers(modifiers);
        harness.run();
    };
    click(&mut harness, 3, Modifiers::NONE);
    click(&mut harness, 6, Modifiers::SHIFT);
    let shown = |harness: &egui_kittest::Harness<'static, State>| harness.state().1;
    assert_eq!(shown(&harness), [false, false, true, true, true, true, false, false, false]);
    // Only those that are not so yet are asked for.
    assert_eq!(harness.state().2, [(0, 0, 3), (0, 0, 4), (0, 0, 5)]);
    // The other way round: the first click takes out, and the range follows it.
    click(&mut harness, 6, Modifiers::NONE);
    click(&mut harness, 4, Modifiers::SHIFT);
    assert_eq!(
        shown(&harness),
        [false, false, true, false, false, false, false, false, false]
    );
}
