//! The page of the first start: what Chantier is, and the ways in.

use crate::areas::AreaId;
use crate::areas::page::{Cx, Intent, UiIntent};
use crate::ui::button::Button;
use crate::ui::icons::{self, Icon};
use crate::ui::theme::font;
use crate::ui::tokens::{Tokens, measure};
use crate::ui::{Ui, text};
use egui::{Align, Layout, RichText, Sense, Stroke, UiBuilder, vec2};

const WIDTH: f32 = 660.0;
/// The way that needs no folder.
const TOUR: &str = "tour";

pub(super) fn body_ui(ui: &mut Ui, cx: &Cx<'_>) {
    let t = Tokens::of(ui);
    let room = ui.available_rect_before_wrap();
    let width = WIDTH.min(room.width() - 2.0 * measure::GUTTER).max(100.0);
    egui::ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        ui.add_space((room.height() * 0.12).clamp(16.0, 120.0));
        ui.horizontal(|ui| {
            ui.add_space(((room.width() - width) / 2.0).max(0.0));
            ui.vertical(|ui| {
                ui.set_width(width);
                ui.spacing_mut().item_spacing.y = measure::SPACE_8;
                let title = RichText::new(cx.t("devops-welcome-title"))
                    .font(font::semibold(measure::TEXT_NUMBER))
                    .color(t.text);
                ui.add(egui::Label::new(title).wrap());
                let words = RichText::new(cx.t("devops-welcome-text"))
                    .font(font::body())
                    .color(t.text_weak);
                ui.add(egui::Label::new(words).wrap());
                ui.add_space(measure::SPACE_16);
                way_ui(
                    ui,
                    cx,
                    icons::FOLDER,
                    ["devops-welcome-add", "devops-welcome-add-text", "devops-add"],
                    "add",
                    true,
                );
                way_ui(
                    ui,
                    cx,
                    icons::DOWNLOAD,
                    ["devops-welcome-clone", "devops-welcome-clone-text", "devops-clone"],
                    super::clone::PURPOSE,
                    false,
                );
                way_ui(
                    ui,
                    cx,
                    icons::SEARCH,
                    ["devops-welcome-scan", "devops-welcome-scan-text", "devops-scan"],
                    "scan",
                    false,
                );
                way_ui(
                    ui,
                    cx,
                    icons::FLAG,
                    ["devops-welcome-tour", "devops-welcome-tour-text", "devops-tour"],
                    TOUR,
                    false,
                );
                way_ui(
                    ui,
                    cx,
                    icons::STAR,
                    ["devops-welcome-sample", "devops-welcome-sample-text", "devops-sample"],
                    "sample",
                    false,
                );
                ui.add_space(measure::SPACE_8);
                text::small(ui, &cx.t("devops-welcome-drop"));
            });
        });
    });
}

/// Left of the words of a way stands its icon.
const WORDS_LEFT: f32 = 40.0;

/// One way in: what it is for, and its button at the right.
fn way_ui(ui: &mut Ui, cx: &Cx<'_>, icon: Icon, [title, about, act]: [&str; 3], purpose: &str, primary: bool) {
    let t = Tokens::of(ui);
    let (label, about) = (cx.t(act), cx.t(about));
    // Where the words do not fit beside the button they get a second line.
    let line = |words: &str, font| ui.painter().layout_no_wrap(words.to_owned(), font, t.text).size().x;
    let beside = line(&label, font::medium(measure::TEXT_BODY)) + 20.0 + measure::SPACE_16 + WORDS_LEFT;
    let is_long = line(&about, font::small()) > ui.available_width() - beside;
    let height = if is_long { 76.0 } else { 60.0 };
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    ui.painter()
        .hline(rect.x_range(), rect.bottom() + 3.5, Stroke::new(1.0, t.line));
    let mut right = ui.new_child(
        UiBuilder::new()
            .id_salt((title, "act"))
            .max_rect(rect)
            .layout(Layout::right_to_left(Align::Center)),
    );
    let button = Button::new(&label);
    if right.add(if primary { button.primary() } else { button }).clicked() {
        cx.ask(Intent::Ui(match purpose {
            TOUR => UiIntent::Tour,
            super::clone::PURPOSE => UiIntent::PageAction(AreaId::DevOps, purpose.to_owned()),
            _ => UiIntent::PickFolder(AreaId::DevOps, purpose.to_owned()),
        }));
    }
    let end = right.min_rect().left() - measure::SPACE_16;
    icons::paint(ui.painter(), rect.left_center() + vec2(12.0, 0.0), icon, 20.0, t.accent.text);
    let words = egui::Rect::from_min_max(rect.min + vec2(WORDS_LEFT, 9.0), egui::pos2(end, rect.bottom()));
    let mut left = ui.new_child(
        UiBuilder::new()
            .id_salt((title, "words"))
            .max_rect(words)
            .layout(Layout::top_down(Align::Min)),
    );
    left.spacing_mut().item_spacing.y = 2.0;
    text::medium(&mut left, &cx.t(title));
    text::paragraph_weak(&mut left, &about);
}
