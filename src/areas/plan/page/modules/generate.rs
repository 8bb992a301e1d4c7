//! The dialog that generates: the files as a list, the difference of the chosen one, then what to write and where.

use super::ask;
use crate::areas::page::Cx;
use crate::areas::plan::modules::cli::key_of;
use crate::areas::plan::modules::{Command, FileState, GenerateOptions, Module, OnConflict, OutFile, Output, Plan};
use crate::base::{Loadable, State, Workspace};
use crate::msg;
use crate::ui::dialog::{Answer, Dialog};
use crate::ui::diff_view::{DiffState, DiffView};
use crate::ui::table::{Column, Table, TableState, row_key};
use crate::ui::{Ui, form, page_frame, state_mark, text};

/// Errors that are listed.
const MAX_ERRORS: usize = 8;

/// What is chosen.
pub(super) struct Generate {
    module: String,
    template: String,
    on_conflict: OnConflict,
    branch: String,
    message: String,
    table: TableState,
    diff: DiffState,
    chosen: Option<String>,
}

impl Generate {
    pub(super) fn new(cx: &Cx<'_>, module: String) -> Self {
        let template = super::checked(cx)
            .and_then(|(_, checked)| checked.plan.module(&module))
            .map_or("odoo", Module::template)
            .to_owned();
        let new = Self {
            module,
            template,
            on_conflict: OnConflict::Refuse,
            branch: String::new(),
            message: String::new(),
            table: TableState::default(),
            diff: DiffState::default(),
            chosen: None,
        };
        new.preview(cx);
        new
    }

    fn preview(&self, cx: &Cx<'_>) {
        let Some(workspace) = cx.workspace else { return };
        // It would be refused, and told as a failure.
        if self.n_errors(cx) > 0 {
            return;
        }
        ask(
            cx,
            Command::Preview {
                workspace: workspace.clone(),
                module: self.module.clone(),
                template: Some(self.template.clone()),
            },
        );
    }

    fn n_errors(&self, cx: &Cx<'_>) -> usize {
        super::checked(cx).map_or(0, |(_, checked)| {
            let module = checked.plan.module(&self.module);
            module.map_or(0, |module| super::n_errors(checked, module))
        })
    }

    /// What stops the generation of the chosen module, in the words of the list behind.
    fn errors_ui(&self, ui: &mut Ui, cx: &Cx<'_>, n: usize) {
        state_mark::label_ui(ui, State::Failed, &cx.msg(&msg!("plan-modules-check-found", n = n)));
        let Some((_, checked)) = super::checked(cx) else { return };
        let findings = checked.findings.iter();
        let errors = findings.filter(|finding| finding.is_error && finding.at.module == self.module);
        for finding in errors.take(MAX_ERRORS) {
            text::paragraph_weak(ui, &format!("{}: {}", finding.at, cx.msg(&finding.what)));
        }
    }

    /// Draws it; false when it is over.
    pub(super) fn ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, plan: &Plan) -> bool {
        let empty = Loadable::Empty;
        let value = cx.model.plan.modules.outputs.get(&workspace.id).unwrap_or(&empty);
        let title = cx.msg(&msg!("plan-modules-job-generate", module = self.module.as_str()));
        let n = value
            .value()
            .filter(|output| output.module == self.module)
            .map_or(0, Output::n_written);
        let confirm = cx.msg(&msg!("plan-modules-write", n = n));
        let answer = Dialog::new("plan-modules-generate", &title, &confirm)
            .width(940.0)
            .show(ui.ctx(), |ui| self.form_ui(ui, cx, plan, value));
        match answer {
            Answer::Open => true,
            Answer::Cancelled => false,
            Answer::Confirmed => {
                let some = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
                ask(
                    cx,
                    Command::Generate {
                        workspace: workspace.clone(),
                        module: self.module.clone(),
                        template: Some(self.template.clone()),
                        options: GenerateOptions {
                            on_conflict: self.on_conflict,
                            branch: some(&self.branch),
                            commit: some(&self.message),
                        },
                    },
                );
                false
            }
        }
    }

    fn form_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, plan: &Plan, value: &Loadable<Output>) -> bool {
        let was = (self.module.clone(), self.template.clone());
        ui.columns(2, |sides| {
            form::form_beside_ui(&mut sides[0], "plan-modules-generate", 84.0, |form| {
                let modules: Vec<(String, String)> = plan
                    .modules
                    .iter()
                    .map(|known| (known.name.clone(), known.name.clone()))
                    .collect();
                if form.choice(&cx.t("plan-modules-module"), &mut self.module, &modules)
                    && let Some(module) = plan.module(&self.module)
                {
                    module.template().clone_into(&mut self.template);
                }
                let templates: Vec<(String, String)> = plan
                    .templates
                    .iter()
                    .map(|known| (known.name.clone(), known.name.clone()))
                    .collect();
                form.choice(&cx.t("plan-modules-template"), &mut self.template, &templates);
            });
            form::form_beside_ui(&mut sides[1], "plan-modules-where", 84.0, |form| {
                form.code(
                    &cx.t("plan-modules-branch"),
                    &mut self.branch,
                    &cx.t("plan-modules-here"),
                    None,
                );
                form.text(
                    &cx.t("plan-modules-commit"),
                    &mut self.message,
                    &cx.t("plan-modules-no-commit"),
                    None,
                );
            });
        });
        if was != (self.module.clone(), self.template.clone()) {
            self.chosen = None;
            self.preview(cx);
        }
        let n_errors = self.n_errors(cx);
        if n_errors > 0 {
            self.errors_ui(ui, cx, n_errors);
            return false;
        }
        let mut is_valid = false;
        match value {
            Loadable::Failed { problem, .. } => drop(page_frame::problem_card_ui(ui, problem, false)),
            Loadable::Ready { value: output } if output.module == self.module && output.template == self.template => {
                is_valid = self.output_ui(ui, cx, output);
            }
            _ => page_frame::loading_ui(ui, None),
        }
        is_valid
    }

    fn output_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, output: &Output) -> bool {
        text::weak(ui, &cx.msg(&msg!("plan-modules-into", folder = output.folder())));
        let (n_open, n_deleted) = (output.n_open(), output.count(FileState::Deleted));
        let is_asked = n_open + n_deleted > 0;
        if is_asked {
            let mut choice = self.on_conflict;
            let choices: Vec<(OnConflict, String)> = [
                (OnConflict::Refuse, "plan-modules-conflict-refuse"),
                (OnConflict::Marks, "plan-modules-conflict-marks"),
                (OnConflict::Mine, "plan-modules-conflict-mine"),
                (OnConflict::Generated, "plan-modules-conflict-generated"),
            ]
            .into_iter()
            .map(|(choice, key)| (choice, cx.t(key)))
            .collect();
            ui.horizontal(|ui| {
                if n_open > 0 {
                    state_mark::label_ui(ui, State::Failed, &cx.msg(&msg!("plan-modules-n-conflicts", n = n_open)));
                } else {
                    state_mark::label_ui(ui, State::Degraded, &cx.msg(&msg!("plan-modules-deleted", n = n_deleted)));
                }
            });
            form::form_beside_ui(ui, "plan-modules-conflicts", 84.0, |form| {
                form.choice(&cx.t("plan-modules-conflict"), &mut choice, &choices);
            });
            self.on_conflict = choice;
        }
        let chosen = self
            .chosen
            .clone()
            .filter(|path| output.files.iter().any(|file| file.path == *path));
        let first = output
            .files
            .iter()
            .find(|file| file.state.is_open())
            .or_else(|| output.files.iter().find(|file| file.is_written()));
        let chosen = chosen.or_else(|| first.or(output.files.first()).map(|file| file.path.clone()));
        let size = egui::vec2(ui.available_width(), if is_asked { 220.0 } else { 290.0 });
        ui.allocate_ui(size, |ui| {
            ui.set_min_size(size);
            ui.horizontal_top(|ui| {
                let list = egui::vec2(300.0, size.y);
                ui.allocate_ui(list, |ui| {
                    ui.set_min_size(list);
                    self.list_ui(ui, cx, output);
                });
                let rest = egui::vec2(ui.available_width(), size.y);
                ui.allocate_ui(rest, |ui| {
                    ui.set_min_size(rest);
                    if let Some(file) = output.files.iter().find(|file| Some(&file.path) == chosen.as_ref()) {
                        if file.diff.hunks().is_empty() {
                            text::weak(ui, &cx.t(key_of(file.state)));
                        } else {
                            DiffView::new("plan-modules-diff", std::slice::from_ref(&file.diff))
                                .file_heads(true)
                                .show(ui, &mut self.diff);
                        }
                    }
                });
            });
        });
        let is_back = n_deleted > 0 && self.on_conflict == OnConflict::Generated;
        is_back || output.n_written() > 0 && (n_open == 0 || self.on_conflict != OnConflict::Refuse)
    }

    fn list_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, output: &Output) {
        let columns = [
            Column::new("path", cx.t("plan-modules-file"), 170.0)
                .fill()
                .always()
                .unsortable(),
            Column::new("state", cx.t("plan-field-state"), 90.0).unsortable(),
        ];
        let name = cx.t("plan-modules-files");
        let response = Table::new("plan-modules-files", &name, &columns, output.files.len())
            .key(|row| output.files.get(row).map_or(0, |file| row_key(&file.path)))
            .label(|row| output.files.get(row).map_or_else(String::new, |file| file.path.clone()))
            .single()
            .dense()
            .no_header()
            .show(ui, &mut self.table, |ui, row, column| {
                let Some(file) = output.files.get(row) else { return };
                if column == 0 {
                    let response = text::path(ui, &file.path);
                    if let Some(from) = &file.from {
                        response.on_hover_text(cx.msg(&msg!("plan-modules-file-moved", path = from)));
                    }
                } else {
                    let key = if file.from.is_some() && !file.state.is_open() {
                        "plan-modules-moved"
                    } else {
                        key_of(file.state)
                    };
                    state_mark::label_small_ui(ui, mark_of(file), &cx.t(key));
                }
            });
        if let Some(row) = response.clicked.or(response.activated) {
            self.chosen = output.files.get(row).map(|file| file.path.clone());
        }
    }
}

fn mark_of(file: &OutFile) -> State {
    match file.state {
        FileState::Conflict | FileState::Foreign | FileState::Unsolved => State::Failed,
        FileState::Merged | FileState::Changed | FileState::Removed | FileState::Deleted => State::Degraded,
        FileState::New => State::Queued,
        FileState::Left | FileState::Edited | FileState::Same => State::Done,
    }
}
