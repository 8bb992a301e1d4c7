//! The procedure as a check list: what is done, where it stands, what it waits for, and from where on nothing is taken back.

use super::{is_running, readiness};
use crate::areas::AreaId;
use crate::areas::page::{Cx, Intent, UiIntent};
use crate::areas::release::{Command, Step, Undo};
use crate::base::{State, Target, Workspace, format};
use crate::msg;
use crate::ui::detail::{section_ui, titled_section_ui};
use crate::ui::saying::{Said, Saying, indented_ui, numbered_ui, said_ui};
use crate::ui::tokens::measure;
use crate::ui::{Ui, page_frame, state_mark, text};
use egui::{Align, Layout, ScrollArea};
use std::path::{Path, PathBuf};

/// What a file is picked for.
pub(super) const EVIDENCE: &str = "release-evidence";
/// What is written stays readable on wide screens.
const MAX_WIDTH: f32 = 860.0;

/// The check list, and what is being said of the step that waits.
#[derive(Default)]
pub(super) struct Procedure {
    saying: Saying,
}

impl Procedure {
    pub(super) fn attach(&mut self, file: PathBuf) {
        self.saying.attach(file);
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
        let said = indented_ui(ui, |ui| self.saying.show(ui, (&step.version, &step.name), step.needs_file));
        match said {
            Some(Said::Confirmed) => cx.ask(Command::Confirm {
                workspace: workspace.clone(),
                step: step.name.clone(),
                note: self.saying.note().to_owned(),
                evidence: self.saying.file().map(Path::to_path_buf),
            }),
            Some(Said::Attach) => cx.ask(Intent::Ui(UiIntent::PickFile(AreaId::Release, EVIDENCE.to_owned()))),
            None => {}
        }
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
    numbered_ui(ui, at + 1, |ui| {
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
        indented_ui(ui, |ui| text::paragraph_weak(ui, look));
    }
    if let Some(said) = &step.confirmed {
        indented_ui(ui, |ui| {
            let since = format::ago(said.at, cx.now, cx.texts);
            let who = cx.msg(&msg!("release-confirmed-by", by = &said.by, since = since));
            let file = said.evidence.as_ref().map(|file| (file.name.as_str(), file.path.as_path()));
            said_ui(ui, &who, file);
        });
    }
}
