//! The tab of failures, grouped by what they say.

use crate::areas::page::{Cx, Intent};
use crate::areas::test::compare::Group;
use crate::areas::test::frameworks::CaseId;
use crate::base::{State, Target, Workspace};
use crate::msg;
use crate::ui::table::row_key;
use crate::ui::table::{Column, Table};
use crate::ui::tree::{TreeRow, TreeState, tree_ui};
use crate::ui::{Ui, state_mark, text};

/// Draws the groups with their tests.
pub(super) fn ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, groups: &[Group], state: &mut TreeState) {
    let filter = cx.filter.trim().to_lowercase();
    let is_shown = |group: &&Group| {
        let in_name = || group.cases.iter().any(|case| case.text().to_lowercase().contains(&filter));
        filter.is_empty() || group.example.to_lowercase().contains(&filter) || in_name()
    };
    let mut rows: Vec<TreeRow> = Vec::new();
    let mut shown: Vec<(&Group, Option<&CaseId>)> = Vec::new();
    for group in groups.iter().filter(is_shown) {
        let key = row_key(&group.error);
        let is_open = state.is_open(key, true);
        rows.push(TreeRow {
            key,
            depth: 0,
            open: Some(is_open),
        });
        shown.push((group, None));
        for case in group.cases.iter().filter(|_| is_open) {
            rows.push(TreeRow {
                key: row_key(&format!("{key:x} {}", case.text())),
                depth: 1,
                open: None,
            });
            shown.push((group, Some(case)));
        }
    }
    let name = cx.t("test-tab-failures");
    let columns = [
        Column::new("error", cx.t("test-col-error"), 420.0)
            .fill()
            .always()
            .unsortable(),
        Column::new("count", cx.t("test-col-count"), 88.0).right().unsortable(),
    ];
    let first_line = |group: &Group| {
        let line = group.example.lines().find(|line| !line.trim().is_empty());
        line.map_or_else(|| cx.t("test-no-message"), str::to_owned)
    };
    let table = Table::new("test-failures", &name, &columns, rows.len())
        .row_height(24.0)
        .label(|row| match shown.get(row) {
            Some((_, Some(case))) => case.text(),
            Some((group, None)) => first_line(group),
            None => String::new(),
        })
        .copy(|row| match shown.get(row) {
            Some((_, Some(case))) => case.text(),
            Some((group, None)) => group.example.clone(),
            None => String::new(),
        });
    let response = tree_ui(ui, table, &rows, state, |ui, row, column| {
        match (shown.get(row), columns[column].id) {
            (Some((_, Some(case))), "error") => {
                text::body(ui, &case.text());
            }
            (Some((group, None)), "error") => {
                state_mark::mark_ui(ui, State::Failed);
                text::medium(ui, &first_line(group)).on_hover_text(&group.example);
            }
            (Some((group, None)), "count") => {
                text::body(ui, &cx.msg(&msg!("test-n-tests", n = group.cases.len())));
            }
            _ => {}
        }
    });
    match response.activated.and_then(|row| Some((row, shown.get(row)?))) {
        Some((_, (_, Some(case)))) => cx.ask(Intent::Go(Target::TestCase {
            workspace: workspace.id.clone(),
            id: case.text(),
        })),
        Some((row, (_, None))) => state.toggle(rows[row].key),
        None => {}
    }
}
