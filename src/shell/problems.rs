//! Everything that went wrong since the program was opened, newest first: the one place where each problem stands.

use super::app::App;
use super::front::Front;
use super::overlays::{Overlay, sheet_ui};
use crate::base::{Problem, Timestamp, format};
use crate::msg;
use crate::ui::button::Button;
use crate::ui::tokens::measure;
use crate::ui::{icons, page_frame, text};
use egui::{Context, ScrollArea};
use std::collections::VecDeque;

const KEPT: usize = 300;

/// One problem, and how often it came.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Told {
    pub problem: Problem,
    pub at: Timestamp,
    pub n_times: u32,
    is_seen: bool,
}

/// Newest first, bounded.
#[derive(Clone, Debug, Default)]
pub(super) struct ProblemLog {
    told: VecDeque<Told>,
}

impl ProblemLog {
    /// The same problem twice is one problem that came twice.
    pub(super) fn push(&mut self, problem: Problem, now: Timestamp) {
        let at = problem.at.unwrap_or(now);
        let is_same = |told: &Told| told.problem.summary == problem.summary && told.problem.details == problem.details;
        if let Some(found) = self.told.iter().position(is_same) {
            let mut told = self.told.remove(found).expect("the position was found just now");
            // The end of a job tells the problem that was told before; that is not another time.
            if told.problem.job != problem.job || told.at != at {
                told.n_times += 1;
                told.is_seen = false;
            }
            told.at = at;
            told.problem = problem;
            self.told.push_front(told);
            return;
        }
        self.told.push_front(Told {
            problem,
            at,
            n_times: 1,
            is_seen: false,
        });
        self.told.truncate(KEPT);
    }

    pub(super) fn n_unseen(&self) -> usize {
        self.told.iter().filter(|told| !told.is_seen).count()
    }

    pub(super) fn len(&self) -> usize {
        self.told.len()
    }
}

impl<F: Front> App<F> {
    pub(super) fn open_problems(&mut self) {
        self.overlay = Overlay::Problems;
        for told in &mut self.problems.told {
            told.is_seen = true;
        }
    }

    pub(super) fn problems_ui(&mut self, ctx: &Context) {
        let title = self.t("shell-problems");
        let mut clear = false;
        let mut shown_job = None;
        let open = sheet_ui(ctx, "problems", &title, 680.0, |ui| {
            if self.problems.told.is_empty() {
                text::paragraph_weak(ui, &self.texts.t("shell-no-problems"));
                return;
            }
            let height = (ui.ctx().content_rect().height() * 0.6).max(120.0);
            ScrollArea::vertical()
                .max_height(height)
                .auto_shrink([false, true])
                .show(ui, |ui| {
                    for (i, told) in self.problems.told.iter().enumerate() {
                        ui.push_id(i, |ui| {
                            ui.horizontal(|ui| {
                                let ago = format::ago(told.at, self.now, &self.texts);
                                text::small(ui, &ago).on_hover_text(told.at.to_string());
                                if let Some(area) = told.problem.area.as_deref().and_then(crate::areas::AreaId::from_word) {
                                    text::small(ui, &self.texts.t(area.key()));
                                }
                                if told.n_times > 1 {
                                    text::small(ui, &self.texts.msg(&msg!("shell-problem-times", n = told.n_times)));
                                }
                                if let Some(job) = told.problem.job.filter(|job| self.model.jobs.get(*job).is_some()) {
                                    let word = self.texts.msg(&msg!("shell-problem-job", job = job.to_string()));
                                    if text::link_small(ui, &word).clicked() {
                                        shown_job = Some(job);
                                    }
                                }
                            });
                            page_frame::problem_card_ui(ui, &told.problem, false);
                        });
                        ui.add_space(measure::SPACE_8);
                    }
                });
            let label = self.texts.t("shell-problems-clear");
            clear = ui.add(Button::new(&label).icon(icons::CHECK)).clicked();
        });
        if clear {
            self.problems.told.clear();
        }
        if let Some(job) = shown_job {
            self.ask(crate::areas::page::Intent::Ui(crate::areas::page::UiIntent::ShowJob(job)));
        }
        if !open || clear || shown_job.is_some() {
            self.overlay = Overlay::None;
            ctx.request_repaint();
        }
    }
}
