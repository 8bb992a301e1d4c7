//! The tab Modules of Plan: the planned models as a graph or a table, what is wrong with them, and what is selected.

mod canvas;
mod detail;
mod dialogs;
mod generate;
mod parts;

use crate::areas::AreaId;
use crate::areas::page::{Action, Cx, Intent, UiIntent};
use crate::areas::plan::Command as PlanCommand;
use crate::areas::plan::modules::generate::BASES;
use crate::areas::plan::modules::{Address, Change, Checked, Command, Did, Finding, Module, PartKind, refactor};
use crate::base::{Loadable, Msg, Problem, State as Mark, Workspace};
use crate::msg;
use crate::ui::button::{Button, icon_button_small, segments_ui};
use crate::ui::graph_canvas::CanvasState;
use crate::ui::memo::Memo;
use crate::ui::page_frame::{self, LoadableView};
use crate::ui::table::TableState;
use crate::ui::tokens::{Tokens, measure};
use crate::ui::{Ui, icons, state_mark, text};
use egui::{Key, Modifiers, ScrollArea};
use std::collections::BTreeMap;

/// What the user sees and selects here.
#[derive(Default)]
pub(super) struct Modules {
    canvas: CanvasState,
    table: TableState,
    is_table: bool,
    selected: Option<Address>,
    shown: Memo<(u64, String, u64), canvas::Shown>,
    /// Where models of other modules stand, and those that are being written.
    places: BTreeMap<String, [f32; 2]>,
    n_places: u64,
    /// A model that was moved, until the file says so, and the generation before it.
    pending: Option<(String, u64)>,
    inputs: detail::Inputs,
    dialog: Option<dialogs::Dialog>,
    generate: Option<generate::Generate>,
    n_told: u64,
}

pub(super) fn action(id: &str) -> Intent {
    Intent::Ui(UiIntent::PageAction(AreaId::Plan, format!("modules-{id}")))
}

fn ask(cx: &Cx<'_>, command: Command) {
    cx.ask(PlanCommand::Modules(command));
}

/// Asks for a change of the plan.
fn edit(cx: &Cx<'_>, workspace: &Workspace, title: Msg, changes: Vec<Change>) {
    ask(
        cx,
        Command::Edit {
            workspace: workspace.clone(),
            title,
            changes,
        },
    );
}

fn checked<'a>(cx: &Cx<'a>) -> Option<(&'a Workspace, &'a Checked)> {
    let workspace = cx.workspace?;
    cx.model.plan.modules.plan(&workspace.id).map(|checked| (workspace, checked))
}

pub(super) fn n_modules(cx: &Cx<'_>) -> usize {
    checked(cx).map_or(0, |(_, checked)| checked.plan.modules.len())
}

/// What stops the generation of this module.
fn n_errors(checked: &Checked, module: &Module) -> usize {
    let is_its_own = |problem: &&Problem| problem.place.as_ref().is_some_and(|place| place.path.ends_with(&module.file));
    let n_unreadable = checked.plan.unreadable.iter().filter(is_its_own).count();
    let is_error = |finding: &&Finding| finding.is_error && finding.at.module == module.name;
    n_unreadable + checked.findings.iter().filter(is_error).count()
}

/// Why no module can be generated; None where one can.
fn unsound(cx: &Cx<'_>) -> Option<String> {
    let (_, checked) = checked(cx)?;
    let mut modules = checked.plan.modules.iter();
    let is_stopped = modules.all(|module| n_errors(checked, module) > 0);
    is_stopped.then(|| cx.msg(&msg!("plan-modules-check-found", n = checked.n_errors())))
}

/// What can be done, for toolbar, palette and keys.
pub(super) fn actions(page: &Modules, cx: &Cx<'_>) -> Vec<Action> {
    let Some(workspace) = cx.workspace else { return Vec::new() };
    let command = |command: Command| Intent::from(PlanCommand::Modules(command));
    let (can_undo, can_redo) = cx.model.plan.modules.undo.get(&workspace.id).copied().unwrap_or_default();
    let nothing = |can: bool, key: &str| (!can).then(|| cx.t(key));
    let undo = command(Command::Undo {
        workspace: workspace.clone(),
    });
    let redo = command(Command::Redo {
        workspace: workspace.clone(),
    });
    let has_modules = n_modules(cx) > 0;
    let mut actions = vec![
        Action::new("modules-generate", cx.t("plan-modules-generate"), action("generate"))
            .icon(icons::BOLT)
            .primary()
            .disabled_because(nothing(has_modules, "plan-modules-none").or_else(|| unsound(cx))),
        Action::new("modules-new", cx.t("plan-modules-new"), action("new")).icon(icons::ADD),
        Action::new("modules-undo", cx.t("plan-modules-undo"), undo)
            .icon(icons::UNDO)
            .shortcut(Modifiers::COMMAND, Key::Z)
            .disabled_because(nothing(can_undo, "plan-modules-nothing-to-undo")),
        Action::new("modules-redo", cx.t("plan-modules-redo"), redo)
            .icon(icons::REDO)
            .shortcut(Modifiers::COMMAND, Key::Y)
            .disabled_because(nothing(can_redo, "plan-modules-nothing-to-redo")),
        Action::new(
            "modules-read",
            cx.t("plan-modules-read"),
            Intent::Ui(UiIntent::PickFolder(AreaId::Plan, "modules-read".into())),
        )
        .icon(icons::DOWNLOAD),
        Action::new(
            "modules-compare",
            cx.t("plan-modules-compare"),
            command(Command::Compare {
                workspace: workspace.clone(),
                module: None,
            }),
        )
        .icon(icons::REFRESH),
    ];
    if let (Some(at), Some((_, checked))) = (&page.selected, checked(cx)) {
        let label = cx.msg(&msg!("plan-modules-remove", name = last_name(at)));
        let remove = Command::Edit {
            workspace: workspace.clone(),
            title: msg!("plan-modules-undo-remove", name = at.to_string()),
            changes: refactor::remove(&checked.plan, at),
        };
        actions.push(
            Action::new("modules-remove", label, command(remove))
                .icon(icons::DELETE)
                .danger(),
        );
        actions.push(Action::new("modules-rename", cx.t("plan-modules-rename"), action("rename")).icon(icons::EDIT));
    }
    // Beside their own buttons they are found by name.
    if has_modules {
        let add = |id: &str, key: &str| {
            let label = cx.t(key);
            Action::new(format!("modules-{id}"), label, action(id))
                .icon(icons::ADD)
                .palette_only()
        };
        actions.push(add("model", "plan-modules-new-model"));
        for kind in addable(page, cx) {
            actions.push(add(&format!("add-{}", kind.word()), parts::words(kind).1));
        }
    }
    actions
}

/// What can be added to what is selected: to a model and, as it stands in one, to its module.
fn addable(page: &Modules, cx: &Cx<'_>) -> Vec<PartKind> {
    let found = page
        .selected
        .as_ref()
        .and_then(|at| Some((at, checked(cx)?.1.plan.module(&at.module)?)));
    let Some((at, _)) = found.filter(|(_, module)| parts::has_parts(module)) else {
        return Vec::new();
    };
    let mut kinds = vec![PartKind::Group, PartKind::Menu];
    if at.model.is_some() {
        kinds.extend([PartKind::View, PartKind::Access, PartKind::Constraint]);
    }
    kinds
}

/// The name of what an address ends with.
fn last_name(at: &Address) -> String {
    match (&at.model, &at.part) {
        (_, Some((_, name))) | (Some(name), None) => name.clone(),
        (None, None) => at.module.clone(),
    }
}

pub(super) fn subtitle(cx: &Cx<'_>) -> String {
    let Some((_, checked)) = checked(cx) else {
        return String::new();
    };
    let counts = msg!(
        "plan-modules-subtitle",
        n = checked.plan.modules.len(),
        models = checked.plan.models().count()
    );
    let mut text = cx.msg(&counts);
    if checked.n_errors() > 0 {
        text.push_str(&format!(
            " · {}",
            cx.msg(&msg!("plan-modules-check-found", n = checked.n_errors()))
        ));
    }
    text
}

impl Modules {
    pub(super) fn on_open(&mut self, cx: &Cx<'_>) {
        let Some(workspace) = cx.workspace else { return };
        self.n_told = cx.model.plan.modules.last.values().map(|last| last.number).max().unwrap_or(0);
        self.selected = None;
        self.canvas.fit();
        ask(
            cx,
            Command::Load {
                workspace: workspace.clone(),
            },
        );
        if !cx.model.plan.modules.watched.contains(&workspace.id) {
            ask(
                cx,
                Command::Watch {
                    workspace: workspace.clone(),
                },
            );
        }
    }

    pub(super) fn on_action(&mut self, id: &str, cx: &Cx<'_>) {
        let Some((_, checked)) = checked(cx) else {
            if id == "new" {
                self.dialog = Some(dialogs::Dialog::module());
            }
            return;
        };
        let module = self.selected.as_ref().map(|at| at.module.clone());
        let first = || checked.plan.modules.first().map(|module| module.name.clone());
        match id {
            "new" => self.dialog = Some(dialogs::Dialog::module()),
            "model" => {
                let module = module.or_else(first);
                self.dialog = Some(module.map_or_else(dialogs::Dialog::module, |module| dialogs::Dialog::model(module, None)));
            }
            "remove" => {
                if let (Some(workspace), Some(at)) = (cx.workspace, self.selected.clone()) {
                    let title = msg!("plan-modules-undo-remove", name = at.to_string());
                    edit(cx, workspace, title, refactor::remove(&checked.plan, &at));
                    // What it stood in is shown then.
                    self.selected = at.part.is_some().then_some(Address { part: None, ..at });
                }
            }
            "rename" => self.dialog = self.selected.clone().map(dialogs::Dialog::rename),
            "generate" => {
                if let Some(module) = module.or_else(first) {
                    self.generate = Some(generate::Generate::new(cx, module));
                }
            }
            _ => {
                let kind = addable(self, cx)
                    .into_iter()
                    .find(|kind| id == format!("add-{}", kind.word()));
                if let (Some(kind), Some(at)) = (kind, self.selected.clone()) {
                    let is_of_module = matches!(kind, PartKind::Group | PartKind::Menu);
                    let model = at.model.filter(|_| !is_of_module);
                    let owner = Address {
                        module: at.module,
                        model,
                        part: None,
                    };
                    self.dialog = Some(dialogs::Dialog::part(owner, kind));
                }
            }
        }
    }

    pub(super) fn on_picked(&mut self, path: std::path::PathBuf, cx: &Cx<'_>) {
        let Some(workspace) = cx.workspace else { return };
        ask(
            cx,
            Command::Read {
                workspace: workspace.clone(),
                path,
                to: None,
                is_dry: false,
                replaces: false,
            },
        );
    }

    /// Tells once what was done.
    fn tell(&mut self, cx: &Cx<'_>, workspace: &Workspace) {
        let Some(last) = cx
            .model
            .plan
            .modules
            .last
            .get(&workspace.id)
            .filter(|last| last.number > self.n_told)
        else {
            return;
        };
        self.n_told = last.number;
        let can_undo = matches!(last.did, Did::Mended { .. } | Did::Read { .. });
        let undo = can_undo.then(|| {
            let undo = Command::Undo {
                workspace: workspace.clone(),
            };
            Box::new(Intent::from(PlanCommand::Modules(undo)))
        });
        let text = match &last.did {
            Did::Edited { .. } => return,
            Did::Mended { fixes, .. } => cx.msg(&msg!("plan-modules-fixed", n = fixes.len())),
            Did::Undone { title } => cx.msg(&msg!("plan-modules-undone", title = cx.msg(title))),
            Did::Redone { title } => cx.msg(&msg!("plan-modules-redone", title = cx.msg(title))),
            Did::Generated { module, files, .. } => {
                self.generate = None;
                // The texts kept for the next time are the program's own.
                let n = files.iter().filter(|file| !file.starts_with(BASES)).count();
                cx.msg(&msg!("plan-modules-generated", n = n, module = module.as_str()))
            }
            Did::Read { modules, .. } => {
                self.canvas.fit();
                cx.msg(&msg!("plan-modules-read-done", n = modules.len()))
            }
        };
        cx.ask(Intent::Ui(UiIntent::Toast { text, word: None, undo }));
    }

    pub(super) fn body_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace) {
        self.tell(cx, workspace);
        let empty = Loadable::Empty;
        let value = cx.model.plan.modules.plans.get(&workspace.id).unwrap_or(&empty);
        let (sentence, fill) = (cx.t("plan-modules-empty"), cx.t("plan-modules-new"));
        let view = LoadableView {
            icon: icons::MODEL,
            empty: &sentence,
            empty_action: Some(&fill),
            progress: None,
        };
        let is_empty = |checked: &Checked| checked.plan.modules.is_empty() && checked.plan.unreadable.is_empty();
        let asked = page_frame::loadable_ui(ui, value, &view, is_empty, |ui, checked| {
            self.bar_ui(ui, cx, workspace, checked);
            let n = checked.findings.len() + checked.plan.unreadable.len() + checked.plan.odd.len();
            if n == 0 {
                self.main_ui(ui, cx, workspace, checked);
                return;
            }
            let height = 34.0 + (n.min(4) as f32) * measure::ROW + 8.0;
            page_frame::split_bottom_ui(
                ui,
                "plan-modules",
                height,
                self,
                |ui, page| page.findings_ui(ui, cx, workspace, checked),
                |ui, page| page.main_ui(ui, cx, workspace, checked),
            );
        });
        match asked {
            Some(page_frame::LoadableAsk::Retry) => ask(
                cx,
                Command::Load {
                    workspace: workspace.clone(),
                },
            ),
            Some(page_frame::LoadableAsk::Fill) => self.dialog = Some(dialogs::Dialog::module()),
            None => {}
        }
    }

    fn main_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, checked: &Checked) {
        if self.is_table {
            self.table_ui(ui, cx, checked);
        } else {
            self.canvas_ui(ui, cx, workspace, checked);
        }
    }

    /// The modules by colour, and what is done with the canvas.
    fn bar_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, checked: &Checked) {
        let t = Tokens::of(ui);
        page_frame::bar_ui(ui, 36.0, |ui| {
            ui.spacing_mut().item_spacing.x = measure::SPACE_8;
            let (graph, table) = (cx.t("plan-modules-graph"), cx.t("plan-modules-table"));
            segments_ui(ui, &mut self.is_table, &[(false, graph.as_str()), (true, table.as_str())]);
            let room = ui.available_width() - 330.0;
            let mut used = 0.0;
            for (index, module) in checked.plan.modules.iter().enumerate() {
                if used > room {
                    break;
                }
                let (rect, _) = ui.allocate_exact_size(egui::vec2(8.0, 8.0), egui::Sense::hover());
                ui.painter().rect_filled(rect, 2.0, t.lane(index));
                let label = format!("{} {}", module.name, module.models.len());
                let response = ui.add(Button::new(&label).small().bare());
                used += response.rect.width() + 24.0;
                if response.clicked() {
                    self.selected = Some(Address::module(&module.name));
                    self.canvas.selected = None;
                }
            }
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if !self.is_table {
                    if icon_button_small(ui, icons::ADD, &cx.t("plan-modules-larger")).clicked() {
                        self.canvas.zoom_by(1.2);
                    }
                    text::small(ui, &format!("{} %", (self.canvas.zoom() * 100.0).round()));
                    if icon_button_small(ui, icons::REMOVE, &cx.t("plan-modules-smaller")).clicked() {
                        self.canvas.zoom_by(1.0 / 1.2);
                    }
                    if ui.add(Button::new(&cx.t("plan-modules-fit")).small()).clicked() {
                        self.canvas.fit();
                    }
                    if ui.add(Button::new(&cx.t("plan-modules-tidy")).small()).clicked() {
                        self.tidy(cx, workspace, checked);
                    }
                }
                if ui
                    .add(Button::new(&cx.t("plan-modules-add-model")).small().icon(icons::ADD))
                    .clicked()
                {
                    cx.ask(action("model"));
                }
            });
        });
    }

    /// Everything that is wrong, with a button that puts it right.
    fn findings_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, checked: &Checked) {
        page_frame::bar_ui(ui, 30.0, |ui| {
            ui.spacing_mut().item_spacing.x = measure::SPACE_12;
            text::strong(ui, &cx.t("plan-tab-problems"));
            if checked.n_errors() > 0 {
                state_mark::label_small_ui(
                    ui,
                    Mark::Failed,
                    &cx.msg(&msg!("plan-modules-n-errors", n = checked.n_errors())),
                );
            }
            if checked.n_warnings() > 0 {
                state_mark::label_small_ui(
                    ui,
                    Mark::Degraded,
                    &cx.msg(&msg!("plan-modules-n-warnings", n = checked.n_warnings())),
                );
            }
            if checked.findings.iter().filter(|finding| !finding.fixes.is_empty()).count() > 1 {
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    let all = cx.t("plan-modules-fix-all");
                    if ui.add(Button::new(&all).small()).clicked() {
                        let workspace = workspace.clone();
                        ask(cx, Command::Mend { workspace });
                    }
                });
            }
        });
        ScrollArea::vertical()
            .auto_shrink([false, false])
            .id_salt("plan-modules-findings")
            .show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                for problem in checked.plan.unreadable.iter().chain(&checked.plan.odd).take(50) {
                    page_frame::problem_ui(ui, problem, false);
                }
                for (index, finding) in checked.findings.iter().take(300).enumerate() {
                    ui.push_id(index, |ui| self.finding_ui(ui, cx, workspace, finding));
                }
            });
    }

    fn finding_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, finding: &Finding) {
        let mark = if finding.is_error { Mark::Failed } else { Mark::Degraded };
        let size = egui::vec2(ui.available_width(), measure::ROW);
        ui.allocate_ui_with_layout(size, egui::Layout::left_to_right(egui::Align::Center), |ui| {
            ui.add_space(measure::GUTTER);
            ui.spacing_mut().item_spacing.x = measure::SPACE_8;
            state_mark::mark_ui(ui, mark);
            let place = finding.at.model.clone().unwrap_or_else(|| finding.at.module.clone());
            if text::link_mono(ui, &place)
                .on_hover_text(format!("{}:{}", finding.file.display(), finding.line))
                .clicked()
            {
                self.selected = Some(finding.at.clone());
                self.inputs = detail::Inputs::default();
            }
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                ui.add_space(measure::GUTTER);
                for fix in finding.fixes.iter().take(2).rev() {
                    if ui.add(Button::new(&cx.msg(&fix.label)).small()).clicked() {
                        edit(cx, workspace, fix.label.clone(), fix.changes.clone());
                    }
                }
                ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                    text::body(ui, &cx.msg(&finding.what));
                });
            });
        });
    }

    pub(super) fn has_detail(&self, cx: &Cx<'_>) -> bool {
        self.selected
            .as_ref()
            .is_some_and(|at| checked(cx).is_some_and(|(_, checked)| checked.plan.module(&at.module).is_some()))
    }

    pub(super) fn detail_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let (Some((workspace, checked)), Some(at)) = (checked(cx), self.selected.clone()) else {
            return;
        };
        let was = at.clone();
        let mut at = at;
        let wants_generate = detail::ui(ui, cx, &mut self.inputs, workspace, checked, &mut at);
        if wants_generate {
            self.generate = Some(generate::Generate::new(cx, at.module.clone()));
        }
        if at != was {
            self.inputs = detail::Inputs::default();
            self.selected = Some(at);
            self.canvas.selected = self.place_of_selected(checked, cx);
        }
    }

    pub(super) fn dialog_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let Some(workspace) = cx.workspace else { return };
        let empty = Checked::default();
        let checked = checked(cx).map_or(&empty, |(_, checked)| checked);
        if let Some(dialog) = &mut self.dialog {
            match dialog.ui(ui, cx, workspace, &checked.plan) {
                dialogs::Over::Open => {}
                dialogs::Over::Closed => self.dialog = None,
                dialogs::Over::Chosen(at) => {
                    self.selected = Some(at);
                    self.dialog = None;
                }
            }
        } else if let Some(generate) = &mut self.generate
            && !generate.ui(ui, cx, workspace, &checked.plan)
        {
            self.generate = None;
        }
    }
}
