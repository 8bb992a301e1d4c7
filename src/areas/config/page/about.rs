//! What this program is: version, licence, where its files stand, and the licences of what it is built from.

use crate::areas::page::{Cx, Intent, UiIntent};
use crate::msg;
use crate::ui::detail::{Fact, fact_rows_ui};
use crate::ui::table::{Column, Table, TableState};
use crate::ui::tokens::measure;
use crate::ui::{Ui, button, text};

/// Name, version and licence of every crate that is linked, one per line.
const CRATES: &str = include_str!("../../../../resources/licences.tsv");
const LICENCE_MIT: &str = include_str!("../../../../LICENSE-MIT");

/// The table of licences, folded at first.
#[derive(Default)]
pub(super) struct Licences {
    is_open: bool,
    table: TableState,
}

impl Licences {
    pub(super) fn ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        text::strong(ui, "Chantier");
        text::paragraph_weak(ui, &cx.t("config-about-what"));
        let facts = [
            Fact::text(cx.t("config-about-version"), env!("CARGO_PKG_VERSION")),
            Fact::text(cx.t("config-about-licence"), env!("CARGO_PKG_LICENSE")),
            Fact::path(cx.t("config-about-settings"), cx.model.config.file.display().to_string()),
            Fact::text(cx.t("config-about-network"), cx.t("config-about-network-none")),
        ];
        fact_rows_ui(ui, &facts);
        ui.add_space(measure::SPACE_8);
        text::strong(ui, &cx.t("config-about-fonts"));
        text::paragraph_weak(ui, &cx.t("config-about-fonts-words"));
        ui.add_space(measure::SPACE_8);
        let crates: Vec<Vec<&str>> = CRATES.lines().map(|line| line.split('\t').collect()).collect();
        text::strong(ui, &cx.msg(&msg!("config-about-crates", n = crates.len())));
        ui.add_space(measure::SPACE_8);
        ui.horizontal(|ui| {
            let label = cx.t(if self.is_open {
                "config-about-hide"
            } else {
                "config-about-show"
            });
            if ui.add(button::Button::new(&label).small()).clicked() {
                self.is_open = !self.is_open;
            }
            if ui.add(button::Button::new(&cx.t("config-about-copy")).small()).clicked() {
                cx.ask(Intent::Ui(UiIntent::Copy(format!("{LICENCE_MIT}\n{CRATES}"))));
            }
        });
        if !self.is_open {
            return;
        }
        let columns = [
            Column::new("name", cx.t("config-about-crate"), 220.0).always().unsortable(),
            Column::new("version", cx.t("config-about-version"), 110.0).unsortable(),
            Column::new("licence", cx.t("config-about-licence"), 300.0)
                .fill()
                .unsortable(),
        ];
        let name = cx.t("config-about-licence");
        ui.allocate_ui(egui::vec2(ui.available_width(), 420.0), |ui| {
            Table::new("config-licences", &name, &columns, crates.len())
                .dense()
                .label(|row| crates[row].join(", "))
                .show(ui, &mut self.table, |ui, row, column| {
                    text::small(ui, crates[row].get(column).copied().unwrap_or_default());
                });
        });
    }
}
