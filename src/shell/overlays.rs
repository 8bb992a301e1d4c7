//! What lies over the window, one at a time: problems, shortcuts, help, trust, a typed path, the question before closing.

use super::app::App;
use super::front::{Front, Outside, Pick};
use super::trust::TrustDialog;
use crate::areas::AreaId;
use crate::msg;
use crate::ui::button::icon_button_small;
use crate::ui::dialog::{Answer, Dialog};
use crate::ui::input::Input;
use crate::ui::tokens::{Tokens, measure};
use crate::ui::{action, icons, keys, text, theme};
use egui::{Align, Align2, Context, Id, Key, KeyboardShortcut, Layout, Margin, Modal, Modifiers, Ui, Vec2};

/// The one thing that is open over the window.
#[derive(Debug, Default)]
pub(super) enum Overlay {
    #[default]
    None,
    Problems,
    Shortcuts,
    Help,
    Trust(TrustDialog),
    /// A path is typed where the desktop has no file dialog.
    Path {
        pick: Pick,
        text: String,
    },
    Quit,
}

/// A sheet over the window with a title and a cross; false when it was closed.
pub(super) fn sheet_ui(ctx: &Context, id: &str, title: &str, width: f32, content: impl FnOnce(&mut Ui)) -> bool {
    let t = Tokens::of_ctx(ctx);
    let screen = ctx.content_rect();
    let width = width.min(screen.width() - 32.0).max(120.0);
    let id = Id::unique(("shell-sheet", id));
    let area = Modal::default_area(id).anchor(Align2::CENTER_TOP, Vec2::new(0.0, (screen.height() * 0.12).min(96.0)));
    let frame = theme::popup_frame(t).inner_margin(Margin::same(16)).fill(t.surface_1);
    let modal = Modal::new(id)
        .area(area)
        .backdrop_color(t.scrim)
        .frame(frame)
        .show(ctx, |ui| {
            ui.set_width(width);
            let mut close = false;
            ui.horizontal(|ui| {
                text::strong(ui, title);
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    let word = text::tr(ui, "ui-close");
                    close = icon_button_small(ui, icons::CLOSE, &word).clicked();
                });
            });
            ui.add_space(measure::SPACE_4);
            content(ui);
            close
        });
    !(modal.inner || modal.should_close())
}

impl<F: Front> App<F> {
    /// Draws what lies over the window, the topmost last.
    pub(super) fn overlays_ui(&mut self, ctx: &Context) {
        self.guide_ui(ctx);
        match std::mem::take(&mut self.overlay) {
            Overlay::None => {}
            Overlay::Problems => {
                self.overlay = Overlay::Problems;
                self.problems_ui(ctx);
            }
            Overlay::Shortcuts => self.shortcuts_ui(ctx),
            Overlay::Help => self.help_ui(ctx),
            Overlay::Trust(dialog) => self.trust_ui(ctx, dialog),
            Overlay::Path { pick, text } => self.path_ui(ctx, pick, text),
            Overlay::Quit => self.quit_ui(ctx),
        }
        let area = self.view.area;
        self.dialogs_ui(ctx, area);
        if let Some(intent) = action::confirm_ui(ctx) {
            self.intents.borrow_mut().push(intent);
        }
        let room = ctx.content_rect();
        let below = measure::STATUS_BAR + self.activity_height(room.height());
        // The card of the tour has its buttons there.
        let card = self.guide.as_ref().and_then(|guide| guide.top);
        let below = card.map_or(below, |top| below.max(room.bottom() - top));
        if let Some(intent) = self.toasts.show(ctx, below) {
            self.intents.borrow_mut().push(intent);
        }
    }

    /// The page's own dialogs: they need a `Ui`, and that is one of no size.
    fn dialogs_ui(&mut self, ctx: &Context, area: AreaId) {
        let layer = egui::LayerId::new(egui::Order::Foreground, Id::unique("shell-page-dialogs"));
        let mut ui = Ui::new(
            ctx.clone(),
            Id::unique("shell-page-dialogs"),
            egui::UiBuilder::new().layer_id(layer).max_rect(ctx.content_rect()),
        );
        self.with_page(area, |page, cx| page.dialog_ui(&mut ui, cx));
    }

    fn path_ui(&mut self, ctx: &Context, pick: Pick, mut text: String) {
        let confirm = self.t(if pick.folder {
            "shell-path-choose-folder"
        } else {
            "shell-path-choose-file"
        });
        let answer = Dialog::new("path", &pick.title, &confirm).width(560.0).show(ctx, |ui| {
            let note = text::tr(ui, "shell-path-note");
            text::paragraph_weak(ui, &note);
            let name = text::tr(ui, "shell-path");
            let response = Input::new(Id::unique("shell-path"), &name)
                .mono()
                .icon(icons::FOLDER)
                .show(ui, &mut text);
            if !response.has_focus() && !response.lost_focus() {
                response.request_focus();
            }
            text.trim().starts_with('/') || text.trim().starts_with("~/")
        });
        match answer {
            Answer::Open => self.overlay = Overlay::Path { pick, text },
            Answer::Cancelled => {}
            Answer::Confirmed => {
                let typed = text.trim();
                let path = match (typed.strip_prefix("~/"), std::env::var("HOME")) {
                    (Some(below), Ok(home)) => std::path::Path::new(&home).join(below),
                    _ => typed.into(),
                };
                let picked = Outside::Picked {
                    area: pick.area,
                    purpose: pick.purpose,
                    path,
                };
                self.take_in(ctx, picked);
            }
        }
    }

    fn quit_ui(&mut self, ctx: &Context) {
        let n = self.model.jobs.running().filter(|row| self.asked.contains(&row.id)).count();
        let title = self.texts.msg(&msg!("shell-quit-title", n = n));
        let confirm = self.t("shell-quit-stop");
        let answer = Dialog::new("quit", &title, &confirm).danger(true).show(ctx, |ui| {
            let words = text::tr(ui, "shell-quit-text");
            text::paragraph(ui, &words);
            for row in self.model.jobs.running().filter(|row| self.asked.contains(&row.id)).take(8) {
                let title = self.texts.msg(&row.title);
                crate::ui::state_mark::label_ui(ui, row.state, &title);
            }
            true
        });
        match answer {
            Answer::Open => self.overlay = Overlay::Quit,
            Answer::Cancelled => {}
            Answer::Confirmed => {
                self.may_close = true;
                ctx.send_viewport_cmd(egui::ViewportCommand::Close);
            }
        }
    }

    fn shortcuts_ui(&mut self, ctx: &Context) {
        let title = self.t("shell-shortcuts");
        let area = self.view.area;
        let names: Vec<String> = AreaId::ALL.iter().map(|area| self.t(area.key())).collect();
        let mut groups = keys::groups(ctx, &self.texts, &names);
        let primary = KeyboardShortcut::new(Modifiers::COMMAND, Key::Enter);
        let mut page: Vec<(String, String)> = self
            .actions_of(area)
            .iter()
            .filter_map(|action| {
                let is_primary = action.place == action::Place::Primary;
                let shortcut = action.shortcut.or(is_primary.then_some(primary))?;
                Some((text::shortcut_text(ctx, &shortcut), action.label.clone()))
            })
            .collect();
        page.extend(self.with_page(area, |page, cx| page.keys(cx)));
        if !page.is_empty() {
            groups.insert(1, (self.t(area.key()), page));
        }
        let open = sheet_ui(ctx, "shortcuts", &title, 560.0, |ui| {
            // Nearly the whole window: a list that is looked up is not read through a slit.
            let height = (ui.ctx().content_rect().height() * 0.88 - 96.0 - 64.0).max(120.0);
            egui::ScrollArea::vertical()
                .max_height(height)
                .auto_shrink([false, true])
                .show(ui, |ui| {
                    ui.spacing_mut().item_spacing.y = 2.0;
                    for (name, rows) in &groups {
                        ui.add_space(measure::SPACE_8);
                        text::section(ui, name);
                        for (key, what) in rows {
                            keys::row_ui(ui, key, what);
                        }
                    }
                });
        });
        if open {
            self.overlay = Overlay::Shortcuts;
        } else {
            ctx.request_repaint();
        }
    }
}
