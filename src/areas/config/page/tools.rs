//! The programs of this machine with their versions, and a way to name another path.

use crate::areas::AreaId;
use crate::areas::config::Command;
use crate::areas::page::{Cx, Intent, UiIntent};
use crate::base::{SafeText, State, format};
use crate::msg;
use crate::ui::page_frame::{self, LoadableView};
use crate::ui::tokens::measure;
use crate::ui::{Ui, icons, state_mark, text};
use egui::{Align, Layout};

pub(super) fn found_ui(ui: &mut Ui, cx: &Cx<'_>) {
    let (sentence, find) = (cx.t("config-tools-empty"), cx.t("config-find-tools"));
    let view = LoadableView {
        icon: icons::TOOL,
        empty: &sentence,
        empty_action: Some(&find),
        progress: None,
    };
    let ask = page_frame::loadable_ui(
        ui,
        &cx.model.config.tools,
        &view,
        |found| found.tools.is_empty(),
        |ui, found| {
            ui.horizontal(|ui| {
                text::strong(ui, &cx.t("config-tools-found"));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    text::small(ui, &format::ago(found.at, cx.now, cx.texts));
                });
            });
            for tool in &found.tools {
                ui.push_id(&tool.name, |ui| {
                    ui.horizontal(|ui| {
                        ui.set_min_height(measure::ROW);
                        ui.spacing_mut().item_spacing.x = measure::SPACE_8;
                        let state = if tool.path.is_some() { State::Done } else { State::None };
                        state_mark::mark_ui(ui, state);
                        ui.allocate_ui_with_layout(egui::vec2(120.0, measure::ROW), Layout::left_to_right(Align::Center), |ui| {
                            ui.set_min_width(120.0);
                            text::body(ui, &tool.name);
                        });
                        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                            let choose = cx.msg(&msg!("config-choose-tool", name = tool.name.as_str()));
                            if text::link_small(ui, &cx.t("config-choose")).on_hover_text(&choose).clicked() {
                                cx.ask(Intent::Ui(UiIntent::PickFile(
                                    AreaId::Config,
                                    format!("tools.paths.{}", tool.name),
                                )));
                            }
                            ui.with_layout(Layout::left_to_right(Align::Center), |ui| match &tool.path {
                                Some(path) => {
                                    let whole = SafeText::new(&path.to_string_lossy()).into_string();
                                    let version = if tool.version.is_empty() {
                                        cx.t("config-no-version")
                                    } else {
                                        tool.version.clone()
                                    };
                                    text::small(ui, &version).on_hover_text(whole);
                                }
                                None => {
                                    text::small(ui, &cx.t("config-tool-missing"));
                                }
                            });
                        });
                    });
                });
            }
        },
    );
    if ask.is_some() {
        cx.ask(Command::FindTools);
    }
}
