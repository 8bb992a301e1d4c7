//! Small dialogs of the module planner: a new module or model, a relation, another name.

use super::edit;
use crate::areas::page::Cx;
use crate::areas::plan::modules::folder::file_of;
use crate::areas::plan::modules::{Address, Change, FieldKind, Plan, Values, refactor};
use crate::base::Workspace;
use crate::msg;
use crate::ui::dialog::{self, Answer};
use crate::ui::{Ui, form};

/// What is being typed.
pub(super) enum Dialog {
    Module {
        name: String,
        title: String,
        template: String,
        target: String,
    },
    Model {
        module: String,
        name: String,
        title: String,
        extends: bool,
        at: Option<[f32; 2]>,
    },
    Connect {
        from: Address,
        target: String,
        kind: FieldKind,
        name: String,
    },
    Rename {
        at: Address,
        to: String,
    },
}

/// What became of a dialog.
pub(super) enum Over {
    Open,
    Closed,
    /// Confirmed; this is to be selected.
    Chosen(Address),
}

impl Dialog {
    pub(super) fn module() -> Self {
        Self::Module {
            name: String::new(),
            title: String::new(),
            template: "odoo".into(),
            target: String::new(),
        }
    }

    pub(super) fn model(module: String, at: Option<[f32; 2]>) -> Self {
        Self::Model {
            module,
            name: String::new(),
            title: String::new(),
            extends: false,
            at,
        }
    }

    pub(super) fn connect(from: Address, target: String) -> Self {
        Self::Connect {
            from,
            target,
            kind: FieldKind::Many2one,
            name: String::new(),
        }
    }

    pub(super) fn rename(at: Address) -> Self {
        Self::Rename {
            to: super::last_name(&at),
            at,
        }
    }

    /// Draws it.
    pub(super) fn ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, plan: &Plan) -> Over {
        let (title, confirm) = match self {
            Self::Module { .. } => (cx.t("plan-modules-new"), cx.t("plan-modules-create-module")),
            Self::Model { .. } => (cx.t("plan-modules-new-model"), cx.t("plan-modules-create-model")),
            Self::Connect { from, target, .. } => {
                let from = from.model.clone().unwrap_or_default();
                (
                    cx.msg(&msg!("plan-modules-undo-connect", from = from, to = target.as_str())),
                    cx.t("plan-modules-connect"),
                )
            }
            Self::Rename { at, .. } => (
                cx.msg(&msg!("plan-modules-rename-title", name = super::last_name(at))),
                cx.t("plan-modules-rename-now"),
            ),
        };
        let answer = dialog::Dialog::new("plan-modules", &title, &confirm).show(ui.ctx(), |ui| self.form_ui(ui, cx, plan));
        match answer {
            Answer::Open => Over::Open,
            Answer::Cancelled => Over::Closed,
            Answer::Confirmed => Over::Chosen(self.confirm(cx, workspace, plan)),
        }
    }

    fn form_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, plan: &Plan) -> bool {
        let response = form::form_ui(ui, "plan-modules-dialog", |form| match self {
            Self::Module {
                name,
                title,
                template,
                target,
            } => {
                let is_there = plan.module(name.trim()).is_some();
                let error = is_there.then(|| cx.msg(&msg!("plan-modules-is-there", name = name.trim())));
                form.code(&cx.t("plan-modules-name"), name, "coop_membre", error.as_deref());
                form.text(&cx.t("plan-modules-title"), title, "", None);
                let templates: Vec<(String, String)> = plan
                    .templates
                    .iter()
                    .map(|known| (known.name.clone(), format!("{}  {}", known.name, known.title)))
                    .collect();
                form.choice(&cx.t("plan-modules-template"), template, &templates);
                form.code(&cx.t("plan-modules-folder"), target, "addons", None);
            }
            Self::Model {
                module,
                name,
                title,
                extends,
                ..
            } => {
                let modules: Vec<(String, String)> = plan
                    .modules
                    .iter()
                    .map(|known| (known.name.clone(), known.name.clone()))
                    .collect();
                form.choice(&cx.t("plan-modules-module"), module, &modules);
                let is_there = plan.module(module).is_some_and(|module| module.model(name.trim()).is_some());
                let error = is_there.then(|| cx.msg(&msg!("plan-modules-is-there", name = name.trim())));
                form.code(&cx.t("plan-modules-name"), name, "coop.member", error.as_deref());
                form.text(&cx.t("plan-modules-title"), title, "", None);
                form.tick(&cx.t("plan-modules-extends"), extends);
            }
            Self::Connect { kind, name, .. } => {
                let kinds: Vec<(FieldKind, String)> = [
                    (FieldKind::Many2one, "plan-modules-as-many2one"),
                    (FieldKind::One2many, "plan-modules-as-one2many"),
                    (FieldKind::Many2many, "plan-modules-as-many2many"),
                ]
                .into_iter()
                .map(|(kind, key)| (kind, cx.t(key)))
                .collect();
                form.choice(&cx.t("plan-modules-type-label"), kind, &kinds);
                form.code(&cx.t("plan-modules-name"), name, &cx.t("plan-modules-name-by-itself"), None);
            }
            Self::Rename { to, .. } => {
                form.code(&cx.t("plan-modules-name"), to, "", None);
            }
        });
        let is_named = match self {
            Self::Module { name, .. } => file_of(name.trim()).is_ok(),
            Self::Model { name, .. } => !name.trim().is_empty(),
            Self::Connect { .. } => true,
            Self::Rename { at, to } => !to.trim().is_empty() && to.trim() != super::last_name(at),
        };
        response.valid && is_named
    }

    fn confirm(&self, cx: &Cx<'_>, workspace: &Workspace, plan: &Plan) -> Address {
        match self {
            Self::Module {
                name,
                title,
                template,
                target,
            } => {
                let name = name.trim();
                let mut values = Values::default();
                values.set_text("title", title.trim());
                values.set_text("template", template);
                values.set_text("target", target.trim());
                if template == "odoo" {
                    values.set("version", "18.0.1.0.0");
                    values.set("depends", vec!["base"]);
                }
                let change = Change::NewModule {
                    module: name.to_owned(),
                    values,
                };
                edit(cx, workspace, msg!("plan-modules-undo-new", name = name), vec![change]);
                Address::module(name)
            }
            Self::Model {
                module,
                name,
                title,
                extends,
                at,
            } => {
                let name = name.trim();
                let mut values = Values::default();
                values.set_text("title", title.trim());
                if *extends {
                    values.set("extend", true);
                }
                if let Some([x, y]) = at {
                    values.set("at", vec![x.round() as i64, y.round() as i64]);
                }
                let address = Address::model(module, name);
                let change = Change::Add {
                    at: address.clone(),
                    values,
                };
                edit(cx, workspace, msg!("plan-modules-undo-add", name = name), vec![change]);
                address
            }
            Self::Connect {
                from,
                target,
                kind,
                name,
            } => {
                let name = Some(name.trim()).filter(|name| !name.is_empty());
                let changes = refactor::connect(plan, from, target, *kind, name, None);
                let source = from.model.clone().unwrap_or_default();
                edit(
                    cx,
                    workspace,
                    msg!("plan-modules-undo-connect", from = source, to = target.as_str()),
                    changes,
                );
                from.clone()
            }
            Self::Rename { at, to } => {
                let to = to.trim();
                let changes = refactor::rename(plan, at, to);
                edit(
                    cx,
                    workspace,
                    msg!("plan-modules-undo-rename", name = at.to_string(), to = to),
                    changes,
                );
                let mut new = at.clone();
                match (&mut new.part, &mut new.model) {
                    (Some((_, name)), _) | (None, Some(name)) => to.clone_into(name),
                    (None, None) => to.clone_into(&mut new.module),
                }
                new
            }
        }
    }
}
