//! The last line of the window: where the sources stand, and what runs.

use super::app::App;
use super::frame::region;
use super::front::Front;
use crate::base::State;
use crate::msg;
use crate::ui::icons;
use crate::ui::state_mark;
use crate::ui::text;
use crate::ui::tokens::{Tokens, measure};
use egui::{Align, Layout, Rect, Stroke, Ui, vec2};

impl<F: Front> App<F> {
    pub(super) fn status_bar_ui(&mut self, ui: &mut Ui, rect: Rect) {
        let t = Tokens::of(ui);
        ui.painter().rect_filled(rect, 0.0, t.surface_0);
        ui.painter().hline(rect.x_range(), rect.top() + 0.5, Stroke::new(1.0, t.line));
        let inner = rect.shrink2(vec2(12.0, 0.0));
        let mut right = region(ui, inner, "right", Layout::right_to_left(Align::Center));
        right.spacing_mut().item_spacing.x = measure::SPACE_16;
        for words in self.status_right() {
            text::small(&mut right, &words);
        }
        let room = Rect::from_min_max(inner.min, egui::pos2(right.min_rect().left() - 12.0, inner.bottom()));
        let mut left = region(ui, room, "left", Layout::left_to_right(Align::Center));
        left.spacing_mut().item_spacing.x = measure::SPACE_16;
        self.sources_ui(&mut left);
    }

    /// Branch, distance to upstream, changed files of the chosen workspace; without one, how many there are.
    fn sources_ui(&self, ui: &mut Ui) {
        let t = Tokens::of(ui);
        let Some(workspace) = &self.workspace else {
            let n = self.model.devops.infos().len();
            if n > 0 {
                text::small(ui, &self.texts.msg(&msg!("shell-n-workspaces", n = n)));
            }
            return;
        };
        if self.is_gone() {
            text::small(ui, &workspace.root.display().to_string());
            return;
        }
        // The watched status is newer than the board's row.
        let watched = self.model.code.status(&workspace.id).map(|status| &status.summary);
        let on_board = || self.model.devops.row(&workspace.id).and_then(|row| row.repo.as_ref());
        let Some(repo) = watched.or_else(on_board) else {
            text::small(ui, &workspace.root.display().to_string());
            return;
        };
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing.x = measure::SPACE_4;
            icons::icon_ui(ui, icons::BRANCH, 13.0, t.text_weak, None);
            let look = text::Look {
                font: crate::ui::theme::font::medium(measure::TEXT_SMALL),
                colour: t.text,
                cut: text::Cut::Middle,
            };
            text::label_within(ui, &repo.head_name(), look, 260.0);
        });
        if repo.n_ahead > 0 || repo.n_behind > 0 {
            let words = format!("↑{} ↓{}", repo.n_ahead, repo.n_behind);
            let whole = self
                .texts
                .msg(&msg!("shell-ahead-behind", ahead = repo.n_ahead, behind = repo.n_behind));
            text::small(ui, &words).on_hover_text(whole);
        }
        let n_changed = repo.n_changed();
        let words = msg!("shell-n-changed", n = n_changed);
        text::small(ui, &self.texts.msg(&words));
        if repo.n_conflicted > 0 {
            let words = self.texts.msg(&msg!("shell-n-conflicts", n = repo.n_conflicted));
            state_mark::label_small_ui(ui, State::Degraded, &words);
        }
    }

    /// From the right to the left.
    fn status_right(&self) -> Vec<String> {
        let mut words = self.usage.words(&self.texts);
        words.reverse();
        let watching = self
            .workspace
            .as_ref()
            .and_then(|workspace| self.model.code.watching(&workspace.id));
        if let Some(watching) = watching {
            // The limit is worth a word when it comes near.
            let is_near = watching.n_folders > watching.max_folders / 4;
            words.push(if watching.is_polling {
                self.t("shell-polling")
            } else if is_near {
                let (n, max) = (watching.n_folders, watching.max_folders);
                self.texts.msg(&msg!("shell-watching-of", n = n, max = max))
            } else {
                self.texts.msg(&msg!("shell-watching", n = watching.n_folders))
            });
        }
        let n_running = self.model.jobs.running().count();
        if n_running > 0 {
            words.push(self.texts.msg(&msg!("shell-n-jobs", n = n_running)));
        }
        words
    }
}
