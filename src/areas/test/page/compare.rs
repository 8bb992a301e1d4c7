//! The tab of two runs beside each other: what failed newly, what was fixed, what became slower.

use crate::areas::page::{Cx, Intent};
use crate::areas::test::compare::{Change, Changed};
use crate::areas::test::model::Compared;
use crate::base::{Target, Workspace, format};
use crate::msg;
use crate::ui::page_frame::bar_ui;
use crate::ui::table::{Column, Table, TableState};
use crate::ui::tokens::Tokens;
use crate::ui::{Ui, state_mark, text};

/// Draws counts and table; `state` keeps what is selected.
pub(super) fn ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, compared: &Compared, state: &mut TableState) {
    bar_ui(ui, 40.0, |ui| head_ui(ui, cx, compared));
    let filter = cx.filter.trim().to_lowercase();
    let is_shown = |changed: &&Changed| filter.is_empty() || changed.case.text().to_lowercase().contains(&filter);
    let shown: Vec<&Changed> = compared.changes.iter().filter(is_shown).collect();
    let name = cx.t("test-tab-compare");
    let columns = [
        Column::new("change", cx.t("test-col-change"), 150.0).always().unsortable(),
        Column::new("test", cx.t("test-col-test"), 260.0).fill().unsortable(),
        Column::new("before", cx.t("test-col-before"), 72.0).right().unsortable(),
        Column::new("after", cx.t("test-col-after"), 72.0).right().unsortable(),
        Column::new("message", cx.t("test-col-message"), 220.0).fill().unsortable(),
    ];
    let table = Table::new("test-compare", &name, &columns, shown.len())
        .single()
        .key(|row| row as u64)
        .copy(|row| shown.get(row).map(|changed| changed.case.text()).unwrap_or_default())
        .label(|row| {
            let words = |changed: &&Changed| format!("{}, {}", changed.case.name, cx.t(changed.change.key()));
            shown.get(row).map(words).unwrap_or_default()
        });
    let response = table.show(ui, state, |ui, row, column| {
        let Some(changed) = shown.get(row) else { return };
        match columns[column].id {
            "change" => {
                state_mark::label_ui(ui, changed.change.state(), &cx.t(changed.change.key()));
            }
            "test" => {
                text::body(ui, &changed.case.text());
            }
            "before" => time_ui(ui, cx, changed.before_ms),
            "after" => time_ui(ui, cx, changed.after_ms),
            _ => {
                text::small(ui, changed.message.lines().next().unwrap_or_default());
            }
        }
    });
    if let Some(changed) = response.activated.and_then(|row| shown.get(row)) {
        cx.ask(Intent::Go(Target::TestCase {
            workspace: workspace.id.clone(),
            id: changed.case.text(),
        }));
    }
}

fn time_ui(ui: &mut Ui, cx: &Cx<'_>, ms: Option<u64>) {
    match ms {
        Some(ms) => text::weak(ui, &format::duration_secs(ms as f64 / 1000.0, cx.texts)),
        None => text::absent(ui),
    };
}

fn head_ui(ui: &mut Ui, cx: &Cx<'_>, compared: &Compared) {
    ui.spacing_mut().item_spacing.x = 16.0;
    for change in Change::ALL {
        let n = compared.changes.iter().filter(|changed| changed.change == change).count();
        if n > 0 {
            state_mark::label_ui(ui, change.state(), &format!("{n} {}", cx.t(change.key())));
        }
    }
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
        let t = Tokens::of(ui);
        text::coloured(ui, &cx.msg(&msg!("test-n-same", n = compared.n_same)), t.text_weak);
        let head = msg!(
            "test-compare-head",
            before = compared.before.id.to_string(),
            after = compared.after.id.to_string()
        );
        text::small(ui, &cx.msg(&head));
    });
}
