//! Versions by environments: what runs where, since when, and what ran there before.

use crate::areas::page::{Cx, Intent};
use crate::areas::release::{Command, Deliverable, matrix};
use crate::base::{State, Target, Workspace};
use crate::ui::page_frame::{self, LoadableAsk, LoadableView, loadable_ui};
use crate::ui::table::{Column, Table, TableState, row_key};
use crate::ui::{Ui, icons, state_mark, text};
use serde::{Deserialize, Serialize};

/// Columns have names that stay: one for each environment that fits.
const PLACES: [&str; 10] = ["p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9"];

/// What the tab remembers.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Matrix {
    table: TableState,
    #[serde(skip)]
    rows: Vec<matrix::Row>,
    #[serde(skip)]
    columns: Vec<String>,
    #[serde(skip)]
    made_from: Option<(u64, String)>,
}

impl Matrix {
    pub(super) fn body_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace) {
        let Some(known) = cx.model.release.of(&workspace.id) else {
            page_frame::loading_ui(ui, None);
            return;
        };
        let empty = cx.t("release-none");
        let view = LoadableView {
            icon: icons::PACKAGE,
            empty: &empty,
            empty_action: None,
            progress: None,
        };
        let asked = loadable_ui(ui, &known.deliverables, &view, Vec::is_empty, |ui, deliverables| {
            self.arrange(cx, workspace, deliverables, &known.environments);
            if self.rows.is_empty() {
                page_frame::empty_ui(ui, icons::PACKAGE, &cx.t("release-matrix-empty"), None);
            } else {
                self.table_ui(ui, cx, workspace);
            }
        });
        if asked == Some(LoadableAsk::Retry) {
            cx.ask(Command::List {
                workspace: workspace.clone(),
            });
        }
    }

    fn arrange(&mut self, cx: &Cx<'_>, workspace: &Workspace, deliverables: &[Deliverable], environments: &[String]) {
        let from = (cx.model.release.generation, workspace.id.to_string());
        if self.made_from.as_ref() != Some(&from) {
            self.made_from = Some(from);
            self.columns = matrix::columns(deliverables, environments);
            self.rows = matrix::rows(deliverables, environments);
        }
    }

    fn table_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace) {
        let mut columns = vec![
            Column::new("version", cx.t("release-col-version"), 150.0)
                .always()
                .unsortable(),
        ];
        for (id, name) in PLACES.iter().zip(&self.columns) {
            columns.push(Column::new(id, name.clone(), 170.0).unsortable());
        }
        let name = cx.t("release-tab-matrix");
        let rows = &self.rows;
        let mut go = None;
        let table = Table::new("release-matrix", &name, &columns, rows.len())
            .key(|row| rows.get(row).map_or(0, |row| row_key(&row.version)))
            .label(|row| rows.get(row).map(|row| row.version.clone()).unwrap_or_default());
        table.show(ui, &mut self.table, |ui, row, column| {
            let Some(row) = rows.get(row) else { return };
            if column == 0 {
                if text::link(ui, &row.version).clicked() {
                    go = Some(Target::Release {
                        workspace: workspace.id.clone(),
                        version: row.version.clone(),
                    });
                }
                if let Some(why) = &row.withdrawn {
                    state_mark::label_ui(ui, State::Failed, &cx.t("release-state-withdrawn")).on_hover_text(why);
                }
                return;
            }
            match row.places.get(column - 1).and_then(Option::as_ref) {
                None => {
                    text::absent(ui);
                }
                Some(place) => {
                    let (state, said) = place.told(cx.now, cx.texts);
                    state_mark::label_ui(ui, state, &cx.msg(&said));
                }
            }
        });
        if let Some(target) = go {
            cx.ask(Intent::Go(target));
        }
    }
}
