//! Help on the open page, in the language of the window: what it is for, what its tabs show, and the same from a terminal.

use super::app::App;
use super::front::Front;
use super::overlays::{Overlay, sheet_ui};
use crate::areas::AreaId;
use crate::base::Lang;
use crate::msg;
use crate::ui::theme::font;
use crate::ui::tokens::{Tokens, measure};
use egui::text::{LayoutJob, TextFormat};
use egui::{Align, Context, Ui};

/// What the file of this language says of an area: `## area`, then a line for each paragraph.
fn lines_of(area: AreaId, lang: Lang) -> impl Iterator<Item = &'static str> {
    let pages = match lang {
        Lang::En => include_str!("../../resources/help/en/pages.md"),
        Lang::Fr => include_str!("../../resources/help/fr/pages.md"),
    };
    let mut sections = pages.split("## ");
    let section = sections.find(|section| section.lines().next() == Some(area.word()));
    section.unwrap_or_default().lines().skip(1).filter(|line| !line.is_empty())
}

impl<F: Front> App<F> {
    pub(super) fn help_ui(&mut self, ctx: &Context) {
        let area = self.view.area;
        let lang = self.texts.lang();
        let title = self.texts.msg(&msg!("shell-help-title", page = self.t(area.key())));
        let open = sheet_ui(ctx, "help", &title, 640.0, |ui| {
            let height = (ui.ctx().content_rect().height() * 0.88 - 160.0).max(120.0);
            egui::ScrollArea::vertical()
                .max_height(height)
                .auto_shrink([false, true])
                .show(ui, |ui| {
                    ui.spacing_mut().item_spacing.y = measure::SPACE_8;
                    for line in lines_of(area, lang) {
                        line_ui(ui, line);
                    }
                });
        });
        if open {
            self.overlay = Overlay::Help;
        } else {
            ctx.request_repaint();
        }
    }
}

/// One paragraph: `**names**` stand out, and what is typed is set as code.
fn line_ui(ui: &mut Ui, line: &str) {
    let t = Tokens::of(ui);
    let looks = [
        (font::body(), t.text_weak),
        (font::semibold(measure::TEXT_BODY), t.text),
        (font::code(), t.text),
    ];
    let mut job = LayoutJob::default();
    let mut add = |words: &str, look: usize| {
        let (font_id, color) = looks[look].clone();
        job.append(
            words,
            0.0,
            TextFormat {
                font_id,
                color,
                valign: Align::Center,
                ..TextFormat::default()
            },
        );
    };
    let line = line.strip_prefix("- ").unwrap_or(line);
    for (i, part) in line.split("**").enumerate() {
        for (k, words) in part.split('`').enumerate() {
            add(words, if i % 2 == 1 { 1 } else { 2 * (k % 2) });
        }
    }
    ui.add(egui::Label::new(job).wrap().selectable(true));
}
