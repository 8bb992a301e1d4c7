//! The tab of what holds tests up: those that leave something behind, and the ten slowest.

use super::words;
use crate::areas::page::{Cx, Intent, no_hits_ui};
use crate::areas::test::SLOWEST;
use crate::areas::test::frameworks::CaseId;
use crate::areas::test::model::Tests;
use crate::base::{State, Target, Workspace, format};
use crate::ui::table::{Column, Table, TableState};
use crate::ui::tokens::Tokens;
use crate::ui::{Ui, icons, page_frame, state_mark, text};

/// Draws one table: leaking tests first, then slow ones.
pub(super) fn ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, tests: &Tests, state: &mut TableState) {
    let filter = cx.filter.trim().to_lowercase();
    let mut shown: Vec<&CaseId> = tests.leaks.keys().filter(|case| tests.leak(case).is_some()).collect();
    let slow = tests.slowest(SLOWEST).into_iter().map(|(case, _)| case);
    let slow: Vec<&CaseId> = slow.filter(|case| !shown.contains(case)).collect();
    shown.extend(slow);
    shown.retain(|case| filter.is_empty() || case.text().to_lowercase().contains(&filter));
    if shown.is_empty() {
        if !filter.is_empty() {
            return no_hits_ui(ui, cx, "test-filter-nothing");
        }
        // Where tests have run, their tool tells no times.
        let has_run = tests.runs.value().is_some_and(|runs| !runs.is_empty());
        let key = if has_run { "test-slow-no-times" } else { "test-slow-empty" };
        page_frame::empty_ui(ui, icons::SPEED, &cx.t(key), None);
        return;
    }
    let name = cx.t("test-tab-slow");
    let columns = [
        Column::new("test", cx.t("test-col-test"), 300.0).fill().always().unsortable(),
        Column::new("left", cx.t("test-col-left"), 320.0).unsortable(),
        Column::new("time", cx.t("test-col-time"), 64.0).right().unsortable(),
    ];
    let left = |case: &CaseId| tests.leak(case).map(|leak| words::leak(cx, leak));
    let table = Table::new("test-slow", &name, &columns, shown.len())
        .single()
        .row_height(24.0)
        .label(|row| {
            let case = shown.get(row);
            case.map(|case| format!("{}, {}", case.text(), left(case).unwrap_or_default()))
                .unwrap_or_default()
        })
        .copy(|row| shown.get(row).map(|case| case.text()).unwrap_or_default());
    let response = table.show(ui, state, |ui, row, column| {
        let Some(case) = shown.get(row) else { return };
        match columns[column].id {
            "test" => {
                let known = tests.cases.value().and_then(|cases| cases.get(case));
                state_mark::mark_ui(ui, known.map_or(State::Unknown, |known| known.state()));
                text::body(ui, &case.text());
            }
            "left" => match left(case) {
                Some(words) => {
                    let t = Tokens::of(ui);
                    text::coloured(ui, &words, state_mark::word_colour(t, State::Degraded)).on_hover_text(details(tests, case));
                }
                None => {
                    text::absent(ui);
                }
            },
            "time" => {
                let ms = tests.cases.value().and_then(|cases| cases.get(case)?.duration_ms);
                match ms {
                    Some(ms) => text::body(ui, &format::duration_secs(ms as f64 / 1000.0, cx.texts)),
                    None => text::absent(ui),
                };
            }
            _ => {}
        }
    });
    if let Some(case) = response.activated.and_then(|row| shown.get(row)) {
        cx.ask(Intent::Go(Target::TestCase {
            workspace: workspace.id.clone(),
            id: case.text(),
        }));
    }
}

fn details(tests: &Tests, case: &CaseId) -> String {
    tests.leak(case).map(|leak| leak.lines().join("\n")).unwrap_or_default()
}
