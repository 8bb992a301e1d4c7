//! A whole commit as one scroll: the differences of all its files below each other.

use super::Page;
use crate::areas::code::Command;
use crate::areas::code::model::RepoModel;
use crate::areas::page::Cx;
use crate::base::Workspace;
use crate::base::diff::DiffOf;
use crate::msg;
use crate::ui::button;
use crate::ui::diff_view::DiffView;
use crate::ui::page_frame::{bar_ui, loading_ui};
use crate::ui::{icons, text};
use egui::{Align, Layout, Ui};

impl Page {
    pub(super) fn show_whole(&mut self, cx: &Cx<'_>, workspace: &Workspace, oid: &str) {
        self.commit_file = None;
        self.whole = Some(oid.to_owned());
        cx.ask(Command::ShowDiffs {
            workspace: workspace.clone(),
            of: DiffOf::Commit { oid: oid.to_owned() },
            paths: Vec::new(),
            look: self.look,
            is_forced: false,
        });
    }

    pub(super) fn whole_commit_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, repo: &RepoModel) {
        let mut is_closed = false;
        bar_ui(ui, 34.0, |ui| {
            text::medium(ui, &cx.msg(&msg!("code-n-files", n = repo.diffs.len())));
            if repo.n_diffs_unread > 0 {
                text::weak(ui, &cx.msg(&msg!("code-n-more", n = repo.n_diffs_unread)));
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                is_closed = button::icon_button_small(ui, icons::CLOSE, &cx.t("code-close-diff")).clicked();
            });
        });
        if repo.diffs.is_empty() {
            loading_ui(ui, None);
        } else {
            DiffView::new("code-whole-commit", &repo.diffs)
                .file_heads(true)
                .about(&self.whole)
                .show(ui, &mut self.whole_diff);
        }
        if is_closed {
            self.whole = None;
        }
    }
}
