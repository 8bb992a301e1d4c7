//! The tab of coverage: how much of each file the tests ran, and which changed lines they did not.

use crate::areas::page::Cx;
use crate::areas::test::coverage::ranges;
use crate::areas::test::{CoverageShown, FileRow};
use crate::base::{State, format};
use crate::msg;
use crate::ui::page_frame::bar_ui;
use crate::ui::table::{Column, Table, TableState};
use crate::ui::tokens::Tokens;
use crate::ui::{Ui, state_mark, text};

/// Draws the sum and a row per file.
pub(super) fn ui(ui: &mut Ui, cx: &Cx<'_>, shown: &CoverageShown, state: &mut TableState) {
    bar_ui(ui, 40.0, |ui| head_ui(ui, cx, shown));
    let filter = cx.filter.trim().to_lowercase();
    let is_shown = |row: &&FileRow| filter.is_empty() || row.path.to_string_lossy().to_lowercase().contains(&filter);
    let rows: Vec<&FileRow> = shown.files.iter().filter(is_shown).collect();
    let name = cx.t("test-tab-coverage");
    let columns = [
        Column::new("file", cx.t("test-col-file"), 260.0).fill().always().unsortable(),
        Column::new("covered", cx.t("test-col-covered"), 150.0).unsortable(),
        Column::new("lines", cx.t("test-col-lines"), 64.0).right().unsortable(),
        Column::new("changed", cx.t("test-col-changed"), 130.0).unsortable(),
        Column::new("missed", cx.t("test-col-missed"), 220.0).fill().unsortable(),
    ];
    let table = Table::new("test-coverage", &name, &columns, rows.len())
        .single()
        .key(|row| row as u64)
        .label(|row| rows.get(row).map(|row| row.path.display().to_string()).unwrap_or_default())
        .copy(|row| rows.get(row).map(|row| row.path.display().to_string()).unwrap_or_default());
    table.show(ui, state, |ui, row, column| {
        let Some(row) = rows.get(row) else { return };
        match columns[column].id {
            "file" => {
                text::path(ui, &row.path.display().to_string());
                if row.is_stale {
                    text::small(ui, &cx.t("state-stale"));
                }
            }
            "covered" => {
                let percent = row.covered.percent().unwrap_or(0.0);
                let t = Tokens::of(ui);
                let colour = state_mark::mark_colour(t, state_of(percent));
                let words = format!("{} %", format::decimal(percent, 1, cx.texts));
                state_mark::bar_ui(ui, 72.0, Some((percent / 100.0) as f32), colour, &words);
                text::body(ui, &words);
            }
            "lines" => {
                text::weak(ui, &format::count(row.covered.n_lines, cx.texts));
            }
            "changed" => match &row.changed {
                Some((_, missed)) if missed.is_empty() => {
                    state_mark::label_small_ui(ui, State::Done, &cx.t("test-changed-covered"));
                }
                Some((_, missed)) => {
                    let words = cx.msg(&msg!("test-changed-missed", n = missed.len()));
                    state_mark::label_small_ui(ui, State::Degraded, &words).on_hover_text(ranges(missed.iter().copied()));
                }
                None => {
                    text::absent(ui);
                }
            },
            _ => {
                let words = ranges(row.missed.iter().copied());
                text::small(ui, &words).on_hover_text(&words);
            }
        }
    });
}

fn state_of(percent: f64) -> State {
    if percent >= 80.0 {
        State::Done
    } else if percent >= 50.0 {
        State::Degraded
    } else {
        State::Failed
    }
}

fn head_ui(ui: &mut Ui, cx: &Cx<'_>, shown: &CoverageShown) {
    ui.spacing_mut().item_spacing.x = 16.0;
    let percent = format::decimal(shown.covered.percent().unwrap_or(0.0), 1, cx.texts);
    text::medium(
        ui,
        &cx.msg(&msg!("test-covered", percent = percent, total = shown.covered.n_lines)),
    );
    if let Some(before) = shown.percent_before {
        let before = format::decimal(before, 1, cx.texts);
        text::weak(ui, &cx.msg(&msg!("test-covered-before", percent = before)));
    }
    let missed: usize = shown
        .files
        .iter()
        .filter_map(|row| row.changed.as_ref())
        .map(|(_, missed)| missed.len())
        .sum();
    if missed > 0 {
        state_mark::label_ui(ui, State::Degraded, &cx.msg(&msg!("test-missed-changed", n = missed)));
    }
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
        text::small(ui, &format::ago(shown.at, cx.now, cx.texts));
        text::small(ui, &shown.from);
        if let Some(commit) = &shown.commit {
            text::mono(ui, format::short_oid(commit));
        }
    });
}
