//! The self-diagnosis: what was checked, what came of it, what can be done.

use crate::areas::config::{Command, HealthCheck};
use crate::areas::page::Cx;
use crate::base::{State, format};
use crate::ui::page_frame::{self, LoadableView};
use crate::ui::theme::font;
use crate::ui::tokens::{Tokens, measure};
use crate::ui::{Ui, icons, state_mark, text};
use egui::{Align, Layout};

pub(super) fn ui(ui: &mut Ui, cx: &Cx<'_>) {
    text::strong(ui, &cx.t("config-section-health"));
    text::paragraph_weak(ui, &cx.t("config-health-help"));
    let (sentence, examine) = (cx.t("config-health-empty"), cx.t("config-examine"));
    let view = LoadableView {
        icon: icons::PULSE,
        empty: &sentence,
        empty_action: Some(&examine),
        progress: None,
    };
    let ask = page_frame::loadable_ui(
        ui,
        &cx.model.config.health,
        &view,
        |health| health.checks.is_empty(),
        |ui, health| {
            ui.horizontal(|ui| {
                let key = if health.is_deep {
                    "config-examined-deep"
                } else {
                    "config-examined"
                };
                text::small(ui, &cx.t(key));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    text::small(ui, &format::ago(health.at, cx.now, cx.texts));
                });
            });
            for check in &health.checks {
                check_ui(ui, cx, check);
            }
        },
    );
    if ask.is_some() {
        cx.ask(Command::Doctor {
            read_data: false,
            repair: false,
        });
    }
}

fn check_ui(ui: &mut Ui, cx: &Cx<'_>, check: &HealthCheck) {
    let t = Tokens::of(ui);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = measure::SPACE_8;
        ui.add_space(2.0);
        ui.vertical(|ui| {
            ui.set_width(12.0);
            ui.add_space(4.0);
            state_mark::mark_ui(ui, check.state);
        });
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            ui.horizontal(|ui| {
                text::body(ui, &cx.msg(&check.title));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    let outcome = cx.msg(&check.outcome);
                    let colour = if check.state == State::Done {
                        t.text_weak
                    } else {
                        state_mark::word_colour(t, check.state)
                    };
                    text::coloured(ui, &outcome, colour);
                });
            });
            for line in check.details.iter().take(20) {
                ui.add(
                    egui::Label::new(egui::RichText::new(line).font(font::log()).color(t.text_weak))
                        .wrap()
                        .selectable(true),
                );
            }
            if check.is_repaired {
                text::small(ui, &cx.t("config-repaired"));
            }
            if let Some(hint) = check
                .hint
                .as_ref()
                .filter(|_| !check.is_repaired && check.state != State::Done)
            {
                text::paragraph_weak(ui, &cx.msg(hint));
            }
        });
    });
}
