//! The tab of the plans: those that stand in files, and the chosen one as a check list that is run, confirmed, gone back and reported.

use super::intent;
use super::planning::Planning;
use crate::areas::AreaId;
use crate::areas::deploy::Command;
use crate::areas::deploy::plans::{Act, Form, Plan, Step};
use crate::areas::page::{Action, Cx, Intent, UiIntent};
use crate::base::{State, Target, Workspace, WorkspaceId, format, safe};
use crate::msg;
use crate::ui::detail::{Fact, fact_rows_ui, section_ui, titled_section_ui};
use crate::ui::page_frame::{self, problem_card_ui};
use crate::ui::saying::{Said, Saying, indented_ui, numbered_ui, said_ui};
use crate::ui::tokens::measure;
use crate::ui::{Ui, icons, state_mark, text};
use egui::{Align, Layout, ScrollArea};
use std::path::{Path, PathBuf};

/// What a file is picked for.
pub(super) const EVIDENCE: &str = "deploy-evidence";
/// What is written stays readable on wide screens.
const MAX_WIDTH: f32 = 860.0;
/// Of a step that failed: the last lines that it wrote.
const OUTPUT_SHOWN: usize = 6;

/// The chosen plan, what is being said of the step that waits, and the question that is open.
#[derive(Default)]
pub(super) struct Plans {
    chosen: Option<String>,
    saying: Saying,
    pub(super) planning: Planning,
    /// The workspace whose plans were asked for.
    asked: Option<WorkspaceId>,
}

fn plans<'a>(cx: &Cx<'a>) -> Option<&'a [Plan]> {
    let workspace = cx.workspace?;
    cx.model.deploy.of(&workspace.id)?.plans.as_deref()
}

/// How many there are.
pub(super) fn count(cx: &Cx<'_>) -> Option<usize> {
    plans(cx).map(<[Plan]>::len)
}

fn ask(cx: &Cx<'_>, workspace: &Workspace, act: Act) {
    cx.ask(Command::Plan {
        workspace: workspace.clone(),
        act,
    });
}

impl Plans {
    pub(super) fn attach(&mut self, file: PathBuf) {
        self.saying.attach(file);
    }

    pub(super) fn read(&mut self, cx: &Cx<'_>, workspace: &Workspace) {
        self.asked = Some(workspace.id.clone());
        ask(cx, workspace, Act::List);
    }

    fn plan<'a>(&self, cx: &Cx<'a>) -> Option<&'a Plan> {
        let plans = plans(cx)?;
        let chosen = self
            .chosen
            .as_deref()
            .and_then(|name| plans.iter().find(|plan| plan.name == name));
        chosen.or_else(|| plans.iter().find(|plan| plan.is_open())).or(plans.first())
    }

    /// What can be done with the chosen plan.
    pub(super) fn actions(&self, cx: &Cx<'_>) -> Vec<Action> {
        let mut actions = Vec::new();
        if let Some(plan) = self.plan(cx) {
            let name = &plan.name;
            let label = if plan.is_open() {
                msg!("deploy-plan-go-on", name = name)
            } else if plan.is_carried_out() {
                msg!("deploy-plan-run-again", name = name)
            } else {
                msg!("deploy-plan-run", name = name)
            };
            let waits = plan.next().filter(|step| step.waits && plan.is_open());
            let why_not = match waits {
                _ if plan.runs => Some(cx.t("deploy-plan-runs-now")),
                _ if !plan.is_open() && !plan.problems.is_empty() => Some(cx.t("deploy-plan-is-wrong")),
                Some(step) => Some(cx.msg(&msg!("release-head-waits", step = &step.name))),
                None => None,
            };
            actions.push(
                Action::new("deploy-plan-run", cx.msg(&label), intent(format!("plan-run/{name}")))
                    .icon(icons::RUN)
                    .primary()
                    .disabled_because(why_not),
            );
            let idle = plan.runs.then(|| cx.t("deploy-plan-runs-now"));
            let act = |id: &str, key: &str, icon| {
                Action::new(id, cx.t(key), intent(format!("{}/{name}", id.trim_start_matches("deploy-")))).icon(icon)
            };
            actions.push(
                act("deploy-plan-check", "deploy-plan-check", icons::CHECK)
                    .toolbar()
                    .disabled_because(idle.clone()),
            );
            if plan.begun.is_some() {
                actions.push(act("deploy-plan-report", "deploy-plan-report", icons::TEXT).toolbar());
                actions.push(
                    act("deploy-plan-back", "deploy-plan-back", icons::UNDO)
                        .danger()
                        .disabled_because(idle.clone()),
                );
            }
            if plan.is_open() {
                actions.push(act("deploy-plan-skip", "deploy-plan-skip", icons::RIGHT).disabled_because(idle.clone()));
                actions.push(
                    act("deploy-plan-end", "deploy-plan-end", icons::STOP)
                        .danger()
                        .disabled_because(idle),
                );
            }
            actions.push(act("deploy-plan-edit", "deploy-plan-edit", icons::EDIT));
        }
        let new = Action::new("deploy-plan-new", cx.t("deploy-plan-new"), intent("plan-new")).icon(icons::ADD);
        actions.push(if actions.is_empty() { new.primary() } else { new });
        actions
    }

    /// `plan-run/NAME` and the like.
    pub(super) fn on_action(&mut self, act: &str, name: Option<&str>, cx: &Cx<'_>) {
        let Some(workspace) = cx.workspace else { return };
        if act == "plan-new" {
            self.planning = Planning::new_file(cx);
            return;
        }
        let Some(plan) = plans(cx).and_then(|plans| plans.iter().find(|plan| Some(plan.name.as_str()) == name)) else {
            return;
        };
        let name = plan.name.clone();
        match act {
            "plan-choose" => self.chosen = Some(name),
            "plan-check" => ask(cx, workspace, Act::Check { name }),
            "plan-report" => ask(
                cx,
                workspace,
                Act::Report {
                    name,
                    form: Form::Html,
                    lang: cx.texts.lang(),
                    to: None,
                    run: None,
                },
            ),
            "plan-edit" => cx.open_place(workspace, &plan.path.display().to_string()),
            act => match Planning::of(act, plan, cx.now) {
                Some(planning) => self.planning = planning,
                None if act == "plan-run" => ask(
                    cx,
                    workspace,
                    Act::Run {
                        name,
                        confirmed: Vec::new(),
                        outside: None,
                        // The button of a plan that was carried out says so.
                        again: plan.is_carried_out(),
                    },
                ),
                None => {}
            },
        }
    }

    pub(super) fn body_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace) {
        if self.asked.as_ref() != Some(&workspace.id) {
            self.read(cx, workspace);
        }
        let Some(plans) = plans(cx) else {
            page_frame::loading_ui(ui, None);
            return;
        };
        let Some(plan) = self.plan(cx) else {
            let new = cx.t("deploy-plan-new");
            if page_frame::empty_ui(ui, icons::TEXT, &cx.t("deploy-plans-empty"), Some(&new)) {
                cx.ask(intent("plan-new"));
            }
            return;
        };
        let area = ScrollArea::vertical().id_salt("deploy-plans").auto_shrink([false, false]);
        area.show(ui, |ui| {
            ui.set_max_width(ui.available_width().min(MAX_WIDTH));
            if plans.len() > 1 {
                titled_section_ui(ui, &cx.t("deploy-tab-plans"), "", |ui| {
                    for one in plans {
                        if plan_row_ui(ui, cx, one, one.name == plan.name) {
                            self.chosen = Some(one.name.clone());
                        }
                    }
                });
            }
            head_ui(ui, cx, plan);
            for problem in &plan.problems {
                problem_card_ui(ui, problem, false);
                ui.add_space(measure::SPACE_8);
            }
            let mut number = 0;
            let phases = plan.steps.chunk_by(|a, b| a.phase == b.phase);
            for steps in phases {
                let Some(first) = steps.first() else { continue };
                let n_done = steps.iter().filter(|step| step.is_over()).count();
                let note = cx.msg(&msg!("release-steps-done", done = n_done, all = steps.len()));
                titled_section_ui(ui, &cx.t(first.phase.key()), &note, |ui| {
                    for step in steps {
                        number += 1;
                        step_ui(ui, cx, workspace, number, step);
                        if step.waits && !plan.runs {
                            self.waiting_ui(ui, cx, workspace, plan, step);
                        }
                    }
                });
            }
            for preview in &plan.previews {
                let title = msg!(
                    "deploy-preview-head",
                    environment = &preview.environment,
                    from = preview.from.as_deref().unwrap_or("–"),
                    to = &preview.version
                );
                titled_section_ui(ui, &cx.msg(&title), "", |ui| super::asking::changes_ui(ui, cx, preview));
            }
            facts_ui(ui, cx, plan);
            people_ui(ui, cx, plan);
        });
    }

    fn waiting_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, plan: &Plan, step: &Step) {
        let said = indented_ui(ui, |ui| self.saying.show(ui, (&plan.name, &step.name), step.needs_file));
        match said {
            Some(Said::Confirmed) => ask(
                cx,
                workspace,
                Act::Confirm {
                    name: plan.name.clone(),
                    step: step.name.clone(),
                    note: self.saying.note().to_owned(),
                    evidence: self.saying.file().map(Path::to_path_buf),
                },
            ),
            Some(Said::Attach) => cx.ask(Intent::Ui(UiIntent::PickFile(AreaId::Deploy, EVIDENCE.to_owned()))),
            None => {}
        }
    }
}

fn plan_row_ui(ui: &mut Ui, cx: &Cx<'_>, plan: &Plan, is_chosen: bool) -> bool {
    let row = ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = measure::SPACE_8;
        state_mark::mark_ui(ui, plan.state);
        let title = safe::plain(&plan.title);
        let pressed = if is_chosen {
            text::medium(ui, &title);
            false
        } else {
            text::link(ui, &title).clicked()
        };
        text::small(ui, &plan.name);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            text::small(ui, &cx.t(plan.state_key()));
        });
        pressed
    });
    row.inner
}

/// What it is about, and where it stands.
fn head_ui(ui: &mut Ui, cx: &Cx<'_>, plan: &Plan) {
    let next = plan.next().filter(|_| plan.is_open());
    let said = match (next.map(|step| (step, &step.name)), plan.state) {
        (Some((_, step)), _) if plan.runs => msg!("release-head-runs", step = step),
        (Some((one, step)), _) if one.waits => msg!("release-head-waits", step = step),
        (Some((_, step)), State::Failed | State::Cancelled) => msg!("release-head-failed", step = step),
        (Some((_, step)), _) => msg!("deploy-plan-head-next", step = step),
        (None, State::Done) => msg!("release-head-done"),
        (None, State::Degraded) => msg!("deploy-plan-head-back"),
        (None, State::Cancelled) => msg!("deploy-plan-head-ended"),
        (None, State::Failed) => msg!("deploy-plan-is-wrong"),
        _ => msg!("release-head-proposed"),
    };
    let said = cx.msg(&said);
    section_ui(ui, |ui| {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = measure::SPACE_8;
            text::strong(ui, &safe::plain(&plan.title));
            state_mark::chip_ui(ui, plan.state, &said);
        });
        if let Some(words) = &plan.text {
            text::paragraph_weak(ui, &safe::plain(words));
        }
        if plan.is_changed && plan.is_open() {
            state_mark::label_ui(ui, State::Degraded, &cx.t("deploy-plan-changed"));
        }
    });
}

fn facts_ui(ui: &mut Ui, cx: &Cx<'_>, plan: &Plan) {
    section_ui(ui, |ui| {
        let at = |at| format::local(at).strftime("%Y-%m-%d %H:%M").to_string();
        let mut facts = vec![Fact::text(cx.t("deploy-plan-version"), &plan.version)];
        let mut fact = |key: &str, value: Option<String>| facts.extend(value.map(|value| Fact::text(cx.t(key), value)));
        fact("deploy-plan-environment", plan.environment.clone());
        fact("deploy-plan-owner", plan.owner.clone());
        fact("deploy-plan-window", plan.window(at).map(|words| cx.msg(&words)));
        fact("deploy-plan-window-note", plan.schedule.note.clone());
        if let Some(begun) = &plan.begun {
            let when = format::ago(begun.at, cx.now, cx.texts);
            fact(
                "deploy-plan-begun",
                Some(cx.msg(&msg!("deploy-by", who = &begun.by, when = when))),
            );
            fact("deploy-plan-reason", begun.reason.clone());
            fact("deploy-plan-outside-why", begun.outside.clone());
        }
        facts.push(Fact::path(cx.t("deploy-plan-file"), plan.path.display().to_string()));
        if let Some(report) = &plan.report {
            facts.push(Fact::path(cx.t("deploy-plan-report-at"), report.display().to_string()));
        }
        fact_rows_ui(ui, &facts);
    });
}

fn step_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, number: usize, step: &Step) {
    numbered_ui(ui, number, |ui| {
        let state = if step.waits { State::Degraded } else { step.state };
        state_mark::label_ui(ui, state, &safe::plain(&cx.msg(&step.title())));
        if step.waits {
            text::small(ui, &cx.t("deploy-plan-step-waits"));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if let Some(at) = step.at {
                text::small(ui, &format::ago(at, cx.now, cx.texts)).on_hover_text(at.to_string());
            }
            let target = match (step.deployment, step.job) {
                (Some(id), _) => Some(Target::Deployment {
                    workspace: workspace.id.clone(),
                    id,
                }),
                (None, Some(job)) => Some(Target::Run { job }),
                _ => None,
            };
            let note = step.note.as_ref().map(|note| cx.msg(note));
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| match (note, target) {
                (Some(note), Some(target)) => {
                    if text::link_small(ui, &note).clicked() {
                        cx.ask(Intent::Go(target));
                    }
                }
                (Some(note), None) => {
                    text::small(ui, &note);
                }
                (None, _) => {}
            });
        });
    });
    if let Some(what) = step.more() {
        indented_ui(ui, |ui| text::paragraph_weak(ui, &safe::plain(what)));
    }
    if step.state == State::Failed && !step.output.is_empty() {
        let lines: Vec<&str> = step.output.lines().collect();
        let last = &lines[lines.len().saturating_sub(OUTPUT_SHOWN)..];
        indented_ui(ui, |ui| {
            for line in last {
                text::mono(ui, &safe::plain(line));
            }
        });
    }
    if let Some(said) = &step.confirmed {
        indented_ui(ui, |ui| {
            if !said.note.is_empty() {
                text::paragraph(ui, &said.note);
            }
            let since = format::ago(said.at, cx.now, cx.texts);
            let who = cx.msg(&msg!("release-confirmed-by", by = &said.by, since = since));
            let file = said.evidence.as_ref().map(|file| (file.name.as_str(), file.path.as_path()));
            said_ui(ui, &who, file);
        });
    }
    if let Some(skipped) = &step.skipped {
        let words = format!("{}: {}", skipped.by, skipped.reason);
        indented_ui(ui, |ui| text::paragraph_weak(ui, &words));
    }
}

fn people_ui(ui: &mut Ui, cx: &Cx<'_>, plan: &Plan) {
    if plan.stakeholders.is_empty() {
        return;
    }
    titled_section_ui(ui, &cx.t("deploy-plan-stakeholders"), "", |ui| {
        let facts: Vec<Fact> = plan
            .stakeholders
            .iter()
            .map(|one| {
                let words = [one.role.as_deref(), one.contact.as_deref()];
                let mut words: Vec<String> = words.into_iter().flatten().map(str::to_owned).collect();
                if one.approves {
                    words.push(cx.t("deploy-plan-approves"));
                }
                Fact::text(safe::plain(&one.name), safe::plain(&words.join(", ")))
            })
            .collect();
        fact_rows_ui(ui, &facts);
    });
}
