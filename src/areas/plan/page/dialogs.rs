//! The dialogs beside the item's own: save a view, import, make a template's items, the rules.

use super::Page;
use crate::areas::page::{Cx, Intent};
use crate::areas::plan::model::{Beside, Plan};
use crate::areas::plan::{Command, rule_file, say};
use crate::base::Workspace;
use crate::msg;
use crate::ui::button::Button;
use crate::ui::dialog::{Answer, Dialog};
use crate::ui::form;
use crate::ui::text;
use crate::ui::tokens::measure;
use crate::ui::{Ui, page_frame};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Rows of an import that are shown.
const MAX_ROWS: usize = 200;

/// The dialog that is open.
pub(super) enum Open {
    SaveView {
        name: String,
    },
    Import {
        path: PathBuf,
    },
    Template {
        name: String,
        values: BTreeMap<String, String>,
        milestone: String,
    },
    Rules,
}

impl Page {
    /// Draws the dialog that is open.
    pub(super) fn open_dialog_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, plan: &Plan) {
        let Some(mut open) = self.open.take() else { return };
        let empty = Beside::default();
        let beside = cx.model.plan.beside(&workspace.id).unwrap_or(&empty);
        let stays = match &mut open {
            Open::SaveView { name } => self.save_view_ui(ui, cx, workspace, name),
            Open::Import { path } => import_ui(ui, cx, workspace, beside, path),
            Open::Template { name, values, milestone } => template_ui(ui, cx, workspace, plan, beside, name, values, milestone),
            Open::Rules => rules_ui(ui, cx, workspace, plan),
        };
        if stays {
            self.open = Some(open);
        }
    }

    fn save_view_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, name: &mut String) -> bool {
        let (title, confirm) = (cx.t("plan-view-save-title"), cx.t("plan-view-save-do"));
        let answer = Dialog::new("plan-view", &title, &confirm).show(ui.ctx(), |ui| {
            form::form_ui(ui, "plan-view", |form| {
                form.text(&cx.t("plan-view-name"), name, "", None);
                form.note(cx.filter);
            });
            !name.trim().is_empty()
        });
        if answer == Answer::Confirmed {
            let view = self.view_now(cx, name);
            self.view.clone_from(&view.name);
            cx.ask(Command::SaveView {
                workspace: workspace.clone(),
                view,
            });
        }
        answer == Answer::Open
    }
}

fn import_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, beside: &Beside, path: &PathBuf) -> bool {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let (title, confirm) = (cx.msg(&msg!("plan-import-title", path = name)), cx.t("plan-import-do"));
    let import = beside
        .import
        .as_ref()
        .filter(|import| import.path == *path && import.is_preview);
    let answer = Dialog::new("plan-import", &title, &confirm)
        .width(620.0)
        .show(ui.ctx(), |ui| {
            let Some(import) = import else {
                page_frame::loading_ui(ui, None);
                return false;
            };
            let n_known = import.rows.iter().filter(|row| row.known.is_some()).count();
            let n_new = import.rows.len() - n_known;
            let words = msg!("plan-import-would", n = n_new, known = n_known, format = import.format.word());
            text::medium(ui, &cx.msg(&words));
            ui.add_space(measure::SPACE_8);
            for row in import.rows.iter().take(MAX_ROWS) {
                ui.horizontal(|ui| {
                    text::body(ui, &row.title);
                    if let Some(known) = &row.known {
                        text::weak(ui, &cx.msg(&msg!("plan-import-known", id = known.as_str())));
                    }
                });
            }
            for problem in import.problems.iter().take(20) {
                page_frame::problem_card_ui(ui, problem, false);
            }
            n_new > 0
        });
    if answer == Answer::Confirmed {
        cx.ask(Command::Import {
            workspace: workspace.clone(),
            path: path.clone(),
            format: import.map(|import| import.format),
            is_preview: false,
            updates: false,
        });
    }
    answer == Answer::Open
}

fn template_ui(
    ui: &mut Ui,
    cx: &Cx<'_>,
    workspace: &Workspace,
    plan: &Plan,
    beside: &Beside,
    name: &mut String,
    values: &mut BTreeMap<String, String>,
    milestone: &mut String,
) -> bool {
    let (title, confirm) = (cx.t("plan-template-title"), cx.t("plan-template-do"));
    let answer = Dialog::new("plan-template", &title, &confirm)
        .width(520.0)
        .show(ui.ctx(), |ui| {
            if name.is_empty()
                && let Some(first) = beside.templates.first()
            {
                first.name.clone_into(name);
            }
            let choices: Vec<(String, String)> = beside
                .templates
                .iter()
                .map(|template| (template.name.clone(), template.title.clone()))
                .collect();
            let mut milestones = vec![(String::new(), cx.t("plan-none-of-it"))];
            let known = crate::areas::plan::milestones::in_order(plan);
            milestones.extend(known.into_iter().map(|item| (item.title.clone(), item.title.clone())));
            form::form_beside_ui(ui, "plan-template", 120.0, |form| {
                form.choice(&cx.t("plan-template-which"), name, &choices);
                if let Some(template) = beside.templates.iter().find(|template| template.name == *name) {
                    form.note(&template.about);
                    for (word, usual) in &template.values {
                        let value = values.entry(word.clone()).or_default();
                        form.text(word, value, usual, None);
                    }
                }
                form.choice(&cx.t("plan-field-milestone"), milestone, &milestones);
            });
            for problem in &beside.template_problems {
                page_frame::problem_card_ui(ui, problem, false);
            }
            !name.is_empty()
        });
    if answer == Answer::Confirmed {
        let template = beside.templates.iter().find(|template| template.name == *name);
        let is_asked = |word: &String, value: &String| {
            !value.trim().is_empty() && template.is_some_and(|template| template.values.contains_key(word))
        };
        cx.ask(Command::AddTemplate {
            workspace: workspace.clone(),
            name: name.clone(),
            values: values
                .iter()
                .filter(|(word, value)| is_asked(word, value))
                .map(|(word, value)| (word.clone(), value.trim().to_owned()))
                .collect(),
            milestone: (!milestone.is_empty()).then(|| milestone.clone()),
            lang: cx.texts.lang(),
        });
    }
    answer == Answer::Open
}

fn rules_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, plan: &Plan) -> bool {
    let (title, confirm) = (cx.t("plan-rules-title"), cx.t("plan-follow"));
    let mut is_over = false;
    let answer = Dialog::new("plan-rules", &title, &confirm).width(560.0).show(ui.ctx(), |ui| {
        for rule in &plan.workflow.rules {
            text::paragraph(ui, &cx.msg(&say::rule_words(rule, cx.texts)));
        }
        if plan.workflow.rules.is_empty() {
            text::paragraph_weak(ui, &cx.t("plan-rules-none"));
        }
        for (from, to) in &plan.workflow.transitions {
            text::paragraph_weak(ui, &cx.msg(&msg!("plan-rules-way", from = from.as_str(), to = to.join(", "))));
        }
        ui.add_space(measure::SPACE_12);
        ui.horizontal(|ui| {
            let usual = cx.t("plan-rules-usual");
            if plan.workflow.rules.is_empty() && ui.add(Button::new(&usual)).clicked() {
                cx.ask(Command::SetRules {
                    workspace: workspace.clone(),
                    rules: rule_file::usual(&plan.workflow, cx.environment.unwrap_or("production")),
                });
            }
            let edit = cx.t("plan-rules-edit");
            if ui.add(Button::new(&edit)).clicked() {
                cx.edit_project(workspace);
                is_over = true;
            }
        });
        true
    });
    if answer == Answer::Confirmed {
        cx.ask(Intent::Do(
            Command::Follow {
                workspace: workspace.clone(),
            }
            .into(),
        ));
    }
    answer == Answer::Open && !is_over
}
