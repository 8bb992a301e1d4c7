//! The procedure as a check list: what is done, where it stands, what it waits for, and from where on nothing is taken back.

use super::{is_running, readiness};
use crate::areas::AreaId;
use crate::areas::page::{Action, Cx, Intent, UiIntent};
use crate::areas::release::{Command, Confirmed, Step, Undo};
use crate::base::{State, Target, Workspace, format};
use crate::msg;
use crate::ui::detail::{section_ui, titled_section_ui};
use crate::ui::input::Input;
use crate::ui::tokens::measure;
use crate::ui::{Ui, action, icons, page_frame, state_mark, text};
use egui::{Align, Id, Layout, ScrollArea};
use std::path::PathBuf;

/// What a file is picked for.
pub(super) const EVIDENCE: &str = "release-evidence";
/// Of the column with the numbers.
const NUMBER_WIDTH: f32 = 22.0;
/// What is written stays readable on wide screens.
const MAX_WIDTH: f32 = 860.0;

/// What is being said of the step that waits.
#[derive(Default)]
pub(super) struct Procedure {
    of: Option<(String, String)>,
    note: String,
    file: Option<PathBuf>,
}

impl Procedure {
    pub(super) fn attach(&mut self, file: PathBuf) {
        self.file = Some(file);
    }

    pub(super) fn body_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace) {
        let Some(known) = cx.model.release.of(&workspace.id) else {
            page_frame::loading_ui(ui, None);
            return;
        };
        let proposed = readiness(cx).map_or(&[][..], |readiness| readiness.procedure.as_slice());
        let steps = if known.steps.is_empty() { proposed } else { &known.steps };
        if steps.is_empty() {
            page_frame::loading_ui(ui, None);
            return;
        }
        let area = ScrollArea::vertical()
            .id_salt("release-procedure")
            .auto_shrink([false, false]);
        area.show(ui, |ui| {
            ui.set_max_width(ui.available_width().min(MAX_WIDTH));
            head_ui(ui, cx, steps);
            let version = steps.last().map_or("", |step| step.version.as_str());
            let title = match version {
                "" => cx.t("release-tab-procedure"),
                version => cx.msg(&msg!("release-steps", version = version)),
            };
            let n_done = steps.iter().filter(|step| step.state == State::Done).count();
            let note = cx.msg(&msg!("release-steps-done", done = n_done, all = steps.len()));
            titled_section_ui(ui, &title, &note, |ui| {
                let mut is_final = false;
                for (at, step) in steps.iter().enumerate() {
                    if step.undo == Undo::Never && !std::mem::replace(&mut is_final, true) {
                        ui.add_space(measure::SPACE_4);
                        state_mark::label_small_ui(ui, State::Degraded, &cx.t("release-undo-never"));
                        ui.add_space(measure::SPACE_4);
                    }
                    step_ui(ui, cx, at, step);
                    if step.waits && !is_running(cx) {
                        self.waiting_ui(ui, cx, workspace, step);
                    }
                }
            });
            let kept = readiness(cx).and_then(|readiness| readiness.rehearsed.as_ref());
            let rehearsal = match (known.rehearsal.is_empty(), kept) {
                (false, _) => known.rehearsal.as_slice(),
                (true, Some(kept)) => kept.steps.as_slice(),
                (true, None) => &[],
            };
            if let Some(last) = rehearsal.last() {
                let title = cx.msg(&msg!("release-rehearsal-of", version = &last.version));
                let age = kept.map_or_else(String::new, |kept| format::ago(kept.at, cx.now, cx.texts));
                titled_section_ui(ui, &title, &age, |ui| {
                    for (at, step) in rehearsal.iter().enumerate() {
                        step_ui(ui, cx, at, step);
                    }
                });
            }
        });
    }

    fn waiting_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, step: &Step) {
        let of = (step.version.clone(), step.name.clone());
        if self.of.as_ref() != Some(&of) {
            *self = Self {
                of: Some(of),
                ..Self::default()
            };
        }
        indented(ui, |ui| {
            let name = cx.t("release-confirm-note");
            Input::new(Id::unique(("release", "confirm-note")), &name)
                .hint(&cx.t("release-confirm-hint"))
                .rows(2)
                .show(ui, &mut self.note);
            if let Some(file) = &self.file {
                text::small(ui, &file.display().to_string());
            }
            ui.add_space(measure::SPACE_4);
            let confirm = Command::Confirm {
                workspace: workspace.clone(),
                step: step.name.clone(),
                note: self.note.clone(),
                evidence: self.file.clone(),
            };
            let why_not = (step.needs_file && self.file.is_none()).then(|| cx.t("release-confirm-needs-file"));
            let pick = Intent::Ui(UiIntent::PickFile(AreaId::Release, EVIDENCE.to_owned()));
            let actions = [
                Action::new("release-confirm", cx.t("release-confirm-step"), confirm.into())
                    .icon(icons::CHECK)
                    .primary()
                    .disabled_because(why_not),
                Action::new("release-evidence", cx.t("release-confirm-file"), pick).icon(icons::FILE),
            ];
            let asked = ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = measure::SPACE_8;
                let [confirm, attach] = &actions;
                let confirmed = action::primary_ui(ui, confirm);
                confirmed.or(action::button_ui(ui, attach))
            });
            if let Some(intent) = asked.inner {
                cx.ask(intent);
            }
            ui.add_space(measure::SPACE_8);
        });
    }
}

/// Where it stands, in one line.
fn head_ui(ui: &mut Ui, cx: &Cx<'_>, steps: &[Step]) {
    let waits = steps.iter().find(|step| step.waits);
    let failed = steps.iter().find(|step| step.state == State::Failed);
    let running = steps.iter().find(|step| step.state == State::InProgress);
    let unfinished = readiness(cx).and_then(|readiness| readiness.unfinished.as_ref());
    let (state, said) = if let Some(step) = waits.filter(|_| !is_running(cx)) {
        let said = msg!("release-head-waits", step = cx.msg(&step.title()));
        (State::Degraded, cx.msg(&said))
    } else if let Some(step) = running.filter(|_| is_running(cx)) {
        let said = msg!("release-head-runs", step = cx.msg(&step.title()));
        (State::InProgress, cx.msg(&said))
    } else if let Some(step) = failed {
        let said = msg!("release-head-failed", step = cx.msg(&step.title()));
        (State::Failed, cx.msg(&said))
    } else if let Some(unfinished) = unfinished {
        let said = msg!("release-unfinished", version = &unfinished.version);
        (State::Interrupted, cx.msg(&said))
    } else if steps.iter().all(|step| matches!(step.state, State::Done | State::Skipped)) {
        (State::Done, cx.t("release-head-done"))
    } else {
        (State::None, cx.t("release-head-proposed"))
    };
    section_ui(ui, |ui| {
        state_mark::label_ui(ui, state, &said);
        if state == State::None && !steps.iter().any(|step| step.is_named) {
            text::paragraph_weak(ui, &cx.t("release-procedure-usual"));
        }
    });
}

fn step_ui(ui: &mut Ui, cx: &Cx<'_>, at: usize, step: &Step) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = measure::SPACE_8;
        ui.allocate_ui_with_layout(
            egui::vec2(NUMBER_WIDTH, measure::ROW),
            Layout::right_to_left(Align::Center),
            |ui| text::weak(ui, &(at + 1).to_string()),
        );
        let state = if step.waits { State::Degraded } else { step.state };
        let title = cx.msg(&step.title());
        state_mark::label_ui(ui, state, &title);
        if step.waits {
            text::small(ui, &cx.t("release-step-waits"));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if let Some(at) = step.at.filter(|_| step.state == State::Done) {
                text::small(ui, &format::ago(at, cx.now, cx.texts)).on_hover_text(at.to_string());
            } else if let Some(undo) = step.undo.told() {
                text::small(ui, &cx.msg(&undo));
            }
            if let Some(note) = &step.note {
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let note = cx.msg(note);
                    match step.job.filter(|_| step.state == State::Failed) {
                        Some(job) => {
                            if text::link_small(ui, &note).clicked() {
                                cx.ask(Intent::Go(Target::Run { job }));
                            }
                        }
                        None => {
                            text::small(ui, &note);
                        }
                    }
                });
            }
        });
    });
    if let Some(look) = &step.text {
        indented(ui, |ui| text::paragraph_weak(ui, look));
    }
    if let Some(said) = &step.confirmed {
        indented(ui, |ui| confirmed_ui(ui, cx, said));
    }
}

fn confirmed_ui(ui: &mut Ui, cx: &Cx<'_>, said: &Confirmed) {
    let since = format::ago(said.at, cx.now, cx.texts);
    text::small(ui, &cx.msg(&msg!("release-confirmed-by", by = &said.by, since = since)));
    if let Some(evidence) = &said.evidence {
        let path = evidence.path.display().to_string();
        if text::link_small(ui, &evidence.name).on_hover_text(&path).clicked() {
            ui.ctx().copy_text(path);
        }
    }
}

/// Below the title of a step.
fn indented<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) {
    ui.horizontal(|ui| {
        ui.add_space(NUMBER_WIDTH + measure::SPACE_8 + measure::MARK + measure::ICON_GAP);
        ui.vertical(|ui| content(ui));
    });
}
