//! The tour in the window: the same steps and proofs as on the command line, one per click, on the page where each can be seen.

use super::app::App;
use super::front::Front;
use crate::areas::page::Intent;
use crate::base::{JobId, Msg, Problem, State, Target};
use crate::engine::Outcome;
use crate::msg;
use crate::tour::{Order, StepId, Tour, page_of};
use crate::ui::button::{Button, icon_button_small};
use crate::ui::tokens::{Tokens, measure};
use crate::ui::{icons, state_mark, text, theme};
use egui::{Align, Align2, Area, Context, Id, Layout, Margin, Order as Layer, ScrollArea, Vec2};
use std::collections::VecDeque;

const WIDTH: f32 = 360.0;

/// A tour under way.
pub(super) struct Guide {
    tour: Tour,
    /// The step that is next or runs.
    at: usize,
    is_running: bool,
    /// The second half of the step was asked for.
    has_more: bool,
    orders: VecDeque<Order>,
    job: Option<Job>,
    told: Vec<Result<Msg, Problem>>,
    /// The upper edge of its card in the last frame.
    pub(super) top: Option<f32>,
    /// The step that was brought into sight, and whether it had ended: after that the card scrolls as its reader wants.
    brought: Option<(usize, bool)>,
}

struct Job {
    id: JobId,
    must_fail: bool,
    is_enough: fn(&crate::areas::Model) -> bool,
    was_enough: bool,
    /// A page asked for the same and took it over: it is the page's to end.
    is_taken: bool,
}

impl Guide {
    fn step(&self) -> Option<StepId> {
        StepId::ALL.get(self.at).copied()
    }

    fn end_step(&mut self, result: Result<Msg, Problem>) {
        self.is_running = false;
        self.orders.clear();
        self.job = None;
        let is_true = result.is_ok();
        self.told.truncate(self.at);
        self.told.push(result);
        if is_true {
            self.at += 1;
        }
    }
}

impl<F: Front> App<F> {
    /// Begins a tour in a new folder.
    pub(super) fn begin_tour(&mut self) {
        let tour = Tour::new(&self.front.tour_folder());
        self.guide = Some(Guide {
            tour,
            at: 0,
            is_running: false,
            has_more: false,
            orders: VecDeque::new(),
            job: None,
            told: Vec::new(),
            top: None,
            brought: None,
        });
    }

    /// Goes on with the step that runs, as far as its jobs have ended.
    pub(super) fn guide_tick(&mut self) {
        let Some(mut guide) = self.guide.take() else { return };
        while guide.is_running && self.guide_goes_on(&mut guide) {}
        self.guide = Some(guide);
    }

    /// True when the next thing can be looked at right away.
    fn guide_goes_on(&mut self, guide: &mut Guide) -> bool {
        let Some(step) = guide.step() else { return false };
        if let Some(job) = &mut guide.job {
            if !job.was_enough && (job.is_enough)(&self.model) {
                job.was_enough = true;
                if job.is_taken {
                    guide.job = None;
                    return true;
                }
                self.front.cancel(job.id);
            }
            let Some(outcome) = self.model.jobs.get(job.id).and_then(|row| row.outcome.clone()) else {
                return false;
            };
            let (must_fail, was_enough) = (job.must_fail, job.was_enough);
            if outcome == Outcome::Cancelled && !was_enough {
                let title = self.model.jobs.get(job.id).map(|row| row.title.key.clone());
                let mut others = self.model.jobs.rows().rev();
                let other = others.find(|row| row.outcome.is_none() && Some(&row.title.key) == title.as_ref());
                if let Some(other) = other {
                    (job.id, job.is_taken) = (other.id, true);
                    return false;
                }
            }
            guide.job = None;
            let result = match (outcome, must_fail) {
                (Outcome::Done, false) | (Outcome::Failed { .. }, true) => Ok(()),
                (Outcome::Cancelled, _) if was_enough => Ok(()),
                (Outcome::Cancelled, _) => Err(Problem::cancelled()),
                (Outcome::Failed { problem }, false) => Err(problem),
                (Outcome::Done, true) => Err(Problem::internal(msg!("tour-not-true", step = step.word()))),
            };
            if let Err(problem) = result {
                guide.end_step(Err(problem));
            }
            return true;
        }
        if let Some(order) = guide.orders.pop_front() {
            let Order {
                command,
                must_fail,
                is_enough,
            } = order;
            match self.front.start(command) {
                Some(id) => {
                    guide.job = Some(Job {
                        id,
                        must_fail,
                        is_enough,
                        was_enough: false,
                        is_taken: false,
                    });
                }
                None => guide.is_running = false,
            }
            return false;
        }
        if !guide.has_more {
            guide.has_more = true;
            match guide.tour.more(step, &self.model) {
                Ok(orders) => guide.orders = orders.into(),
                Err(problem) => guide.end_step(Err(problem)),
            }
            return true;
        }
        let result = guide.tour.prove(step, &self.model);
        if let (StepId::Unpack, Ok(_), Some(workspace)) = (step, &result, guide.tour.workspace()) {
            self.select_workspace(Some(workspace.id.clone()));
        }
        if let (Ok(_), Some(target)) = (&result, guide.tour.shows(step, &self.model)) {
            self.ask(Intent::Go(target));
        }
        guide.end_step(result);
        false
    }

    fn run_guide_step(&mut self, guide: &mut Guide) {
        let Some(step) = guide.step() else { return };
        guide.told.truncate(guide.at);
        match guide.tour.orders(step) {
            Ok(orders) => {
                guide.orders = orders.into();
                guide.is_running = true;
                guide.has_more = false;
                self.ask(Intent::Go(Target::Page {
                    area: page_of(step).word().to_owned(),
                    tab: None,
                }));
                while guide.is_running && self.guide_goes_on(guide) {}
            }
            Err(problem) => guide.end_step(Err(problem)),
        }
    }

    /// The card with the steps, above the activity at the right.
    pub(super) fn guide_ui(&mut self, ctx: &Context) {
        let Some(mut guide) = self.guide.take() else { return };
        let t = Tokens::of_ctx(ctx);
        let mut is_closed = false;
        let mut is_next = false;
        let frame = theme::popup_frame(t).inner_margin(Margin::same(12)).fill(t.surface_1);
        let area = Area::new(Id::unique("shell-tour"))
            .order(Layer::Middle)
            .anchor(Align2::RIGHT_BOTTOM, Vec2::new(-16.0, -72.0));
        let shown = area.show(ctx, |ui| {
            frame.show(ui, |ui| {
                ui.set_width(WIDTH);
                ui.spacing_mut().item_spacing.y = measure::SPACE_4;
                ui.horizontal(|ui| {
                    text::strong(ui, &self.texts.t("shell-tour"));
                    text::small(
                        ui,
                        &self
                            .texts
                            .msg(&msg!("shell-tour-count", n = guide.at, total = StepId::ALL.len())),
                    );
                    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                        is_closed = icon_button_small(ui, icons::CLOSE, &self.texts.t("shell-tour-close")).clicked();
                    });
                });
                ScrollArea::vertical()
                    .max_height(260.0)
                    .auto_shrink([false, true])
                    .show(ui, |ui| {
                        for (i, step) in StepId::ALL.into_iter().enumerate() {
                            let state = match guide.told.get(i) {
                                Some(Ok(_)) => State::Done,
                                Some(Err(_)) => State::Failed,
                                None if i == guide.at && guide.is_running => State::InProgress,
                                None => State::Queued,
                            };
                            let row = state_mark::label_ui(ui, state, &self.texts.t(step.key()));
                            let here = (guide.at, guide.is_running);
                            if i == guide.at && guide.brought != Some(here) {
                                guide.brought = Some(here);
                                row.scroll_to_me(Some(Align::BOTTOM));
                            }
                            let words = guide.told.get(i).map(|told| match told {
                                Ok(proof) => self.texts.msg(proof),
                                Err(problem) => format!("{}\n{}", self.texts.msg(&problem.summary), problem.details),
                            });
                            if let Some(words) = words {
                                text::paragraph_weak(ui, &words);
                            }
                        }
                    });
                ui.add_space(measure::SPACE_4);
                match guide.step() {
                    Some(step) => {
                        let label = self.texts.t(step.key()).into_owned();
                        let why = self.texts.t("shell-tour-runs").into_owned();
                        let why = guide.is_running.then_some(why.as_str());
                        is_next = ui.add(Button::new(&label).primary().wide().disabled_because(why)).clicked();
                    }
                    None => {
                        text::paragraph_weak(ui, &self.texts.t("tour-true"));
                    }
                }
            });
        });
        guide.top = Some(shown.response.rect.top());
        if is_next {
            self.run_guide_step(&mut guide);
        }
        if is_closed {
            if let Some(job) = &guide.job {
                self.front.cancel(job.id);
            }
            return;
        }
        self.guide = Some(guide);
    }
}
