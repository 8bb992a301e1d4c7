//! The lines above a page that say what is wrong with the whole workspace, each with the act that mends it: its folder is gone, nobody
//! trusts it, its project file can not be read.

use super::app::App;
use super::front::Front;
use crate::areas::AreaId;
use crate::areas::devops::TrustState;
use crate::areas::devops::project::FILE_NAME;
use crate::areas::page::Intent;
use crate::base::{GitPath, Problem, Target};
use crate::msg;
use crate::ui::button::Button;
use crate::ui::page_frame::empty_ui;
use crate::ui::tokens::{Tokens, measure};
use crate::ui::{icons, text};
use egui::{Align, Layout, Rect, Ui};

/// What can be done about it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum BannerAct {
    Trust,
    /// Open the project file at this line and column.
    Open(u32, u32),
}

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Banner {
    words: String,
    whole: Option<String>,
    pub act: Option<BannerAct>,
}

impl<F: Front> App<F> {
    /// What there is to say of the chosen workspace.
    pub(super) fn banners(&self) -> Vec<Banner> {
        let Some(workspace) = &self.workspace else { return Vec::new() };
        let Some(info) = self.model.devops.info(&workspace.id) else {
            return Vec::new();
        };
        let name = workspace.name.as_str();
        let banner = |words, act| Banner {
            words: self.texts.msg(&words),
            whole: None,
            act,
        };
        if info.is_missing {
            let words = msg!("shell-banner-missing", name = name, path = workspace.root.as_path());
            return vec![banner(words, None)];
        }
        let mut banners = Vec::new();
        match info.trust {
            TrustState::Trusted => {}
            TrustState::Untrusted => banners.push(banner(msg!("shell-banner-untrusted", name = name), Some(BannerAct::Trust))),
            TrustState::Changed => banners.push(banner(msg!("shell-banner-changed", name = name), Some(BannerAct::Trust))),
        }
        let row = self.model.devops.row(&workspace.id);
        if let Some(problem) = row.and_then(|row| row.project_problem.as_ref()) {
            banners.push(self.project_banner(problem, row.map_or(1, |row| row.n_project_problems)));
        }
        banners
    }

    fn project_banner(&self, problem: &Problem, n: usize) -> Banner {
        let why = self.texts.msg(&problem.summary);
        let place = problem.place.as_ref();
        let (line, column) = place.map_or((1, 1), |place| (place.line.unwrap_or(1), place.column.unwrap_or(1)));
        Banner {
            words: self
                .texts
                .msg(&msg!("shell-banner-project", line = line, why = &why, n = n.max(1))),
            whole: problem.hint.as_ref().map(|hint| self.texts.msg(hint)),
            act: Some(BannerAct::Open(line, column)),
        }
    }

    /// Whether nothing of the chosen workspace can be read: its folder is gone.
    pub(super) fn is_gone(&self) -> bool {
        let chosen = self.workspace.as_ref();
        chosen
            .and_then(|workspace| self.model.devops.info(&workspace.id))
            .is_some_and(|info| info.is_missing)
    }

    pub(super) fn banner_ui(&mut self, ui: &mut Ui, rect: Rect, banner: &Banner) {
        let t = Tokens::of(ui);
        ui.painter().rect_filled(rect, 0.0, t.warning.weak);
        ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, (1.0, t.line));
        let inner = rect.shrink2(egui::vec2(measure::GUTTER, 0.0));
        let mut right = super::frame::region(ui, inner, "banner-act", Layout::right_to_left(Align::Center));
        if let (Some(act), true) = (&banner.act, self.front.timeline().is_none()) {
            let key = match act {
                BannerAct::Trust => "shell-trust-button",
                BannerAct::Open(..) => "shell-banner-open",
            };
            let label = self.t(key);
            if right.add(Button::new(&label).small()).clicked() {
                match *act {
                    BannerAct::Trust => self.open_trust(self.workspace.clone()),
                    BannerAct::Open(line, column) => self.open_project_at(line, column),
                }
            }
        }
        let left_rect = Rect::from_min_max(inner.min, egui::pos2(right.min_rect().left() - 12.0, inner.bottom()));
        let mut left = super::frame::region(ui, left_rect, "banner-words", Layout::left_to_right(Align::Center));
        left.spacing_mut().item_spacing.x = measure::SPACE_8;
        let icon = match banner.act {
            Some(BannerAct::Open(..)) => icons::WARNING,
            _ => icons::SHIELD,
        };
        icons::icon_ui(&mut left, icon, measure::ICON_SMALL, t.warning.text, None);
        let response = text::body(&mut left, &banner.words);
        if let Some(whole) = &banner.whole {
            response.on_hover_text(whole);
        }
    }

    fn open_project_at(&self, line: u32, column: u32) {
        if let Some(workspace) = self.workspace.clone() {
            self.ask(crate::areas::code::Command::OpenInEditor {
                path: GitPath::of_path(&workspace.root.join(FILE_NAME)),
                workspace,
                line,
                column,
            });
        }
    }

    /// What stands on a page that shows nothing but what is in the folder, while there is none.
    pub(super) fn gone_ui(&self, ui: &mut Ui) {
        let name = self.workspace.as_ref().map_or("", |workspace| workspace.name.as_str());
        let sentence = self.texts.msg(&msg!("shell-gone", name = name));
        if empty_ui(ui, icons::FOLDER, &sentence, Some(&self.t("page-show-workspaces"))) {
            self.ask(Intent::Go(Target::Page {
                area: AreaId::DevOps.word().to_owned(),
                tab: None,
            }));
        }
    }
}

/// Areas that show what is in the workspace's folder; of the others much is known without it.
pub(super) fn is_of_the_folder(area: AreaId) -> bool {
    matches!(
        area,
        AreaId::Plan | AreaId::Code | AreaId::Build | AreaId::Test | AreaId::Release
    )
}
