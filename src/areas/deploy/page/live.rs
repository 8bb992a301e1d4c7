//! One rollout: its steps with their states, the health gates with their last tries, and why it failed.

use super::{intent, outcome_word};
use crate::areas::deploy::guide::{Asks, Decision};
use crate::areas::deploy::{Gate, Judged, Measured, Rollout, Share, Step};
use crate::areas::page::{Cx, Intent, UiIntent};
use crate::base::{JobId, Msg, State, Timestamp, format, time};
use crate::msg;
use crate::ui::button::Button;
use crate::ui::page_frame::problem_card_ui;
use crate::ui::tokens::{Tokens, measure};
use crate::ui::{Ui, state_mark, text, theme};
use egui::{Align, Layout, Sense, Stroke, UiBuilder, vec2};

pub(super) fn rollout_ui(ui: &mut Ui, cx: &Cx<'_>, rollout: &Rollout) {
    let t = Tokens::of(ui);
    let mut frame = theme::card_frame(t);
    frame.inner_margin = egui::Margin::same(16);
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = measure::SPACE_4;
        head_ui(ui, cx, rollout);
        ui.add_space(measure::SPACE_8);
        bar_ui(ui, rollout);
        ui.add_space(measure::SPACE_8);
        if !rollout.traffic.is_empty() {
            shares_ui(ui, cx, &rollout.traffic, Some(&rollout.version));
            ui.add_space(measure::SPACE_8);
        }
        // Why it failed, and what can be done, before how it went.
        if let Some(asks) = &rollout.asks {
            asks_ui(ui, cx, &rollout.environment, asks);
            ui.add_space(measure::SPACE_12);
        } else if let Some(problem) = &rollout.problem {
            problem_card_ui(ui, problem, false);
            ui.add_space(measure::SPACE_12);
        }
        for step in &rollout.steps {
            step_ui(ui, cx, step, rollout.is_running());
        }
        if !rollout.gates.is_empty() {
            ui.add_space(measure::SPACE_12);
            gates_ui(ui, cx, rollout);
        }
        if let Some(judged) = &rollout.judged {
            ui.add_space(measure::SPACE_12);
            judged_ui(ui, cx, judged);
        }
    });
}

/// Ends the job, where it can be ended, and shows what it says; nothing for one that this program does not know.
pub(super) fn job_ui(ui: &mut Ui, cx: &Cx<'_>, job: Option<JobId>, stop: Option<&str>) {
    let Some(job) = job.filter(|job| cx.model.jobs.get(*job).is_some()) else {
        return;
    };
    if let Some(stop) = stop
        && ui.add(Button::new(&cx.t(stop)).small().danger(true)).clicked()
    {
        cx.ask(Intent::Cancel(job));
    }
    if ui.add(Button::new(&cx.t("deploy-log")).small()).clicked() {
        cx.ask(Intent::Ui(UiIntent::ShowJob(job)));
    }
}

fn head_ui(ui: &mut Ui, cx: &Cx<'_>, rollout: &Rollout) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = measure::SPACE_8;
        let title = msg!(
            "deploy-rollout",
            version = &rollout.version,
            environment = &rollout.environment
        );
        text::strong(ui, &cx.msg(&title));
        state_mark::chip_ui(ui, rollout.state, &outcome_word(cx, rollout.kind, rollout.state));
        let when = format::ago(rollout.started_at, cx.now, cx.texts);
        text::small(ui, &cx.msg(&msg!("deploy-by", who = &rollout.who, when = when)));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if rollout.is_watched() {
                let name = &rollout.environment;
                let hover = cx.t("deploy-promote-fully-hover");
                if ui
                    .add(Button::new(&cx.t("deploy-promote-fully")).small().hover(&hover))
                    .clicked()
                {
                    cx.ask(intent(format!("promote-fully/{name}")));
                }
                if ui.add(Button::new(&cx.t("deploy-promote-next")).small().primary()).clicked() {
                    cx.ask(intent(format!("promote/{name}")));
                }
                if ui.add(Button::new(&cx.t("deploy-abort")).small().danger(true)).clicked() {
                    cx.ask(intent(format!("abort/{name}")));
                }
            }
            let may_stop = !rollout.is_watched() && rollout.asks.is_none() && rollout.is_running();
            job_ui(ui, cx, rollout.job, may_stop.then_some("deploy-cancel"));
        });
    });
    if let Some(previous) = rollout.previous.as_ref().filter(|previous| **previous != rollout.version) {
        text::small(ui, &cx.msg(&msg!("deploy-instead-of", previous = previous)));
    }
}

/// The question of a deployment of another program.
pub(super) fn question_ui(ui: &mut Ui, cx: &Cx<'_>, environment: &str, asks: &Asks) {
    let mut frame = theme::card_frame(Tokens::of(ui));
    frame.inner_margin = egui::Margin::same(16);
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        let title = msg!("deploy-rollout", version = &asks.version, environment = environment);
        text::strong(ui, &cx.msg(&title));
        ui.add_space(measure::SPACE_8);
        asks_ui(ui, cx, environment, asks);
    });
}

/// What failed, and what can be done about it.
fn asks_ui(ui: &mut Ui, cx: &Cx<'_>, environment: &str, asks: &Asks) {
    problem_card_ui(ui, &asks.problem, false);
    ui.add_space(measure::SPACE_8);
    let left = format::duration_secs(time::secs_between(cx.now, asks.until).max(0.0), cx.texts);
    let known = cx
        .workspace
        .and_then(|workspace| cx.model.deploy.of(&workspace.id)?.overview.value());
    let one = known.and_then(|overview| overview.environments.iter().find(|one| one.name == environment));
    let is_first = one.is_some_and(|one| one.live.is_none());
    let said = if is_first {
        msg!("deploy-asks-until-ended", left = left)
    } else {
        msg!("deploy-asks-until", left = left)
    };
    text::paragraph_weak(ui, &cx.msg(&said));
    ui.add_space(measure::SPACE_4);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = measure::SPACE_8;
        let choices = [Decision::Retry, ignoring(), Decision::Abort, Decision::RollBack];
        for choice in choices {
            if matches!(choice, Decision::Ignore { .. }) && !asks.may_ignore {
                continue;
            }
            let label = cx.t(choice.key());
            let hover = cx.t(choice.hover_key());
            let button = Button::new(&label).small().hover(&hover);
            let button = match choice {
                Decision::Retry => button.primary(),
                Decision::Ignore { .. } | Decision::Abort => button.danger(true),
                Decision::RollBack => button,
            };
            if ui.add(button).clicked() {
                cx.ask(intent(format!("decide-{}/{environment}", choice.word())));
            }
        }
    });
}

fn ignoring() -> Decision {
    Decision::Ignore { reason: String::new() }
}

/// One piece per step, coloured by its state: how far it is, at a glance.
fn bar_ui(ui: &mut Ui, rollout: &Rollout) {
    let t = Tokens::of(ui);
    let n = rollout.steps.len().max(1) as f32;
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 3.0), Sense::hover());
    let width = (rect.width() - (n - 1.0) * 4.0) / n;
    for (i, step) in rollout.steps.iter().enumerate() {
        let left = rect.left() + i as f32 * (width + 4.0);
        let piece = egui::Rect::from_min_size(egui::pos2(left, rect.top()), vec2(width, 3.0));
        let colour = match step.state {
            State::Queued => t.surface_3,
            state => state_mark::mark_colour(t, state),
        };
        ui.painter().rect_filled(piece, 1.5, colour);
    }
}

/// One bar for all requests, the version that comes in the accent's colour, and a line per version.
pub(super) fn shares_ui(ui: &mut Ui, cx: &Cx<'_>, shares: &[Share], newest: Option<&str>) {
    let t = Tokens::of(ui);
    let colour = |share: &Share| {
        if newest.is_none_or(|newest| share.version == newest) {
            t.accent.mark
        } else {
            t.neutral.mark
        }
    };
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 8.0), Sense::hover());
    ui.painter().rect_filled(rect, 2.0, t.surface_3);
    let mut left = rect.left();
    for share in shares {
        let width = rect.width() * share.percent as f32 / 100.0;
        let piece = egui::Rect::from_min_size(egui::pos2(left, rect.top()), vec2(width, rect.height()));
        left += width;
        ui.painter().rect_filled(piece.intersect(rect), 2.0, colour(share));
    }
    for share in shares {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = measure::ICON_GAP;
            let (swatch, _) = ui.allocate_exact_size(vec2(8.0, 8.0), Sense::hover());
            ui.painter().rect_filled(swatch, 2.0, colour(share));
            text::medium(ui, &share.version);
            let said = msg!("deploy-share", percent = share.percent, n = share.n_connections);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                text::small(ui, &cx.msg(&said));
            });
        });
    }
}

/// A step of a deployment that runs, or of one that is over: then what waits there never comes.
pub(super) fn step_ui(ui: &mut Ui, cx: &Cx<'_>, step: &Step, is_running: bool) {
    let times = (step.started_at, step.ended_at);
    let not_reached = msg!("deploy-step-not-reached");
    if step.state == State::Queued && !is_running {
        line_ui(ui, cx, State::None, step.name.key(), Some(&not_reached), times);
    } else {
        line_ui(ui, cx, step.state, step.name.key(), step.note.as_ref(), times);
    }
}

/// One thing that is done: its state, what is known of it, and how long it takes.
pub(super) fn line_ui(
    ui: &mut Ui,
    cx: &Cx<'_>,
    state: State,
    key: &str,
    note: Option<&Msg>,
    (began, ended): (Option<Timestamp>, Option<Timestamp>),
) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = measure::SPACE_12;
        state_mark::label_ui(ui, state, &cx.t(key));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if let Some(began) = began {
                let secs = time::secs_between(began, ended.unwrap_or(cx.now));
                text::small(ui, &format::duration_secs(secs, cx.texts));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                if let Some(note) = note {
                    text::small(ui, &cx.msg(note));
                }
            });
        });
    });
}

/// What a canary is judged by: each metric with its bound, what it is, and what the old version has.
fn judged_ui(ui: &mut Ui, cx: &Cx<'_>, judged: &Judged) {
    let t = Tokens::of(ui);
    let answers = msg!("deploy-judged-answers", n = judged.n_answers, needed = judged.n_needed);
    text::small(ui, &cx.msg(&answers));
    row_ui(ui, |ui, column| {
        let key = match column {
            0 => "deploy-judged-col-what",
            1 => "deploy-judged-col-bound",
            2 => "deploy-judged-col-value",
            3 => "deploy-judged-col-beside",
            _ => return,
        };
        text::small(ui, &cx.t(key));
    });
    let y = ui.cursor().top() - 2.0;
    ui.painter().hline(ui.max_rect().x_range(), y, Stroke::new(1.0, t.line));
    for one in &judged.measures {
        row_ui(ui, |ui, column| match column {
            0 => {
                state_mark::mark_ui(ui, one.state);
                text::mono(ui, &one.what);
            }
            1 => {
                text::body(ui, &one.bound);
            }
            2 => {
                text::body(ui, &one.words());
            }
            3 => {
                let beside = Measured {
                    value: one.beside,
                    ..one.clone()
                };
                text::weak(ui, &beside.words());
            }
            _ => {
                let problem = one
                    .problem
                    .as_ref()
                    .map_or_else(String::new, |problem| cx.msg(&problem.summary));
                text::weak(ui, &problem);
            }
        });
    }
}

fn gates_ui(ui: &mut Ui, cx: &Cx<'_>, rollout: &Rollout) {
    let t = Tokens::of(ui);
    row_ui(ui, |ui, column| {
        let key = match column {
            0 => "deploy-gate-col-what",
            1 => "deploy-gate-col-instance",
            2 => "deploy-gate-col-good",
            3 => "deploy-gate-col-tries",
            _ => "deploy-gate-col-last",
        };
        text::small(ui, &cx.t(key));
    });
    let y = ui.cursor().top() - 2.0;
    ui.painter().hline(ui.max_rect().x_range(), y, Stroke::new(1.0, t.line));
    for gate in &rollout.gates {
        row_ui(ui, |ui, column| gate_ui(ui, cx, gate, column));
    }
}

fn gate_ui(ui: &mut Ui, cx: &Cx<'_>, gate: &Gate, column: usize) {
    match column {
        0 => {
            state_mark::mark_ui(ui, gate.state);
            // What tells one address from another stands at its end.
            let look = text::Look {
                font: theme::font::code(),
                colour: Tokens::of(ui).text,
                cut: text::Cut::Middle,
            };
            text::label(ui, &gate.what, look);
        }
        1 => {
            text::body(ui, &gate.instance);
        }
        2 => {
            let said = msg!("deploy-gate-good", good = gate.n_good, needed = gate.n_needed);
            text::body(ui, &cx.msg(&said));
        }
        3 => {
            let values: Vec<f32> = gate.tries.iter().map(|ms| ms.map_or(f32::NAN, |ms| ms as f32)).collect();
            let said = cx.msg(&msg!("deploy-gate-tries", n = gate.n_tries));
            // What never answered well has no times to draw.
            if values.iter().all(|ms| ms.is_nan()) {
                text::weak(ui, &said);
            } else {
                state_mark::sparkline_ui(ui, &values, 80.0, gate.state, &said);
            }
        }
        _ => {
            let last = gate.last.as_ref().map_or_else(|| "–".to_owned(), |last| cx.msg(last));
            text::weak(ui, &last);
        }
    }
}

/// Five columns over the whole width.
fn row_ui(ui: &mut Ui, mut cell: impl FnMut(&mut Ui, usize)) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), measure::ROW_DENSE), Sense::hover());
    let parts = [0.29, 0.17, 0.10, 0.13, 0.31];
    let mut left = rect.left();
    for (column, part) in parts.iter().enumerate() {
        let width = rect.width() * part;
        let place = egui::Rect::from_min_size(egui::pos2(left, rect.top()), vec2(width - measure::SPACE_8, rect.height()));
        left += width;
        let builder = UiBuilder::new()
            .max_rect(place)
            .id_salt(column)
            .layout(Layout::left_to_right(Align::Center));
        ui.scope_builder(builder, |ui| {
            ui.set_clip_rect(ui.clip_rect().intersect(place.expand(1.0)));
            ui.spacing_mut().item_spacing.x = measure::ICON_GAP;
            cell(ui, column);
        });
    }
}
