//! Small dialogs of the module planner: a new module or model, a relation, another name.

use super::{edit, parts};
use crate::areas::page::Cx;
use crate::areas::plan::modules::folder::file_of;
use crate::areas::plan::modules::schema::title_of;
use crate::areas::plan::modules::{Address, Change, FieldKind, Module, PartKind, Plan, Values, refactor};
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
    /// A view, a right, a constraint, a group or a menu.
    Part {
        owner: Address,
        kind: PartKind,
        name: String,
        /// Title or message.
        title: String,
        /// The expression of a constraint, and whether the database runs it.
        code: String,
        is_sql: bool,
        rights: String,
        /// Of a menu: the model that it opens, and the menu above it.
        opens: String,
        above: String,
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

    pub(super) fn part(owner: Address, kind: PartKind) -> Self {
        let name = match kind {
            PartKind::View => "list",
            PartKind::Access => "base.group_user",
            _ => "",
        };
        Self::Part {
            owner,
            kind,
            name: name.to_owned(),
            title: String::new(),
            code: String::new(),
            is_sql: false,
            rights: "r".to_owned(),
            opens: String::new(),
            above: String::new(),
        }
    }

    /// Draws it.
    pub(super) fn ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, plan: &Plan) -> Over {
        let (title, confirm) = match self {
            Self::Module { .. } => (cx.t("plan-modules-new-title"), cx.t("plan-modules-create-module")),
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
            Self::Part { owner, kind, .. } => (
                cx.msg(&msg!(
                    "plan-modules-part-title",
                    list = cx.t(parts::words(*kind).0),
                    name = super::last_name(owner)
                )),
                cx.t("plan-modules-add"),
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
        let empty = Module::default();
        let response = form::form_ui(ui, "plan-modules-dialog", |form| match self {
            Self::Module {
                name,
                title,
                template,
                target,
            } => {
                let is_there = plan.module(name.trim()).is_some();
                let error = is_there.then(|| cx.msg(&msg!("plan-modules-is-there", name = name.trim())));
                form.code(&cx.t("plan-modules-name"), name, "coop_members", error.as_deref());
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
            Self::Part {
                owner,
                kind,
                name,
                title,
                code,
                is_sql,
                rights,
                opens,
                above,
            } => {
                let module = plan.module(&owner.module).unwrap_or(&empty);
                let at = part_of(owner, *kind, name);
                let is_there = *kind != PartKind::View && plan.find(&at.to_string()).is_some();
                let error = is_there.then(|| cx.msg(&msg!("plan-modules-is-there", name = name.trim())));
                match kind {
                    PartKind::View => {
                        form.choice(&cx.t("plan-modules-type-label"), name, &parts::kinds());
                    }
                    PartKind::Access => {
                        form.choice(&cx.t("plan-modules-group"), name, &parts::groups(module));
                        if let Some(error) = &error {
                            form.note(error);
                        }
                        parts::rights_ui(form, cx, rights);
                    }
                    PartKind::Constraint => {
                        form.code(&cx.t("plan-modules-name"), name, "quantity_positive", error.as_deref());
                        let who = [(false, cx.t("plan-modules-check-code")), (true, cx.t("plan-modules-sql"))];
                        form.choice(&cx.t("plan-modules-checked-by"), is_sql, &who);
                        let hint = if *is_sql { "unique(number)" } else { "record.quantity > 0" };
                        form.code(&cx.t("plan-modules-rule"), code, hint, None);
                        form.text(&cx.t("plan-modules-message"), title, "", None);
                    }
                    PartKind::Menu => {
                        form.code(&cx.t("plan-modules-name"), name, "menu_members", error.as_deref());
                        form.text(&cx.t("plan-modules-title"), title, "", None);
                        form.choice(&cx.t("plan-modules-opens"), opens, &parts::opened(cx, plan));
                        form.choice(&cx.t("plan-modules-below"), above, &parts::above(cx, module, ""));
                    }
                    PartKind::Group | PartKind::Field => {
                        form.code(&cx.t("plan-modules-name"), name, "user", error.as_deref());
                        form.text(&cx.t("plan-modules-title"), title, "", None);
                    }
                }
            }
        });
        let is_named = match self {
            Self::Module { name, .. } => file_of(name.trim()).is_ok(),
            Self::Model { name, .. } => !name.trim().is_empty(),
            Self::Connect { .. } => true,
            Self::Rename { at, to } => !to.trim().is_empty() && to.trim() != super::last_name(at),
            Self::Part {
                owner,
                kind,
                name,
                code,
                rights,
                ..
            } => {
                let is_there = *kind != PartKind::View && plan.find(&part_of(owner, *kind, name).to_string()).is_some();
                let is_said = match kind {
                    PartKind::Constraint => !code.trim().is_empty(),
                    PartKind::Access => !rights.is_empty(),
                    _ => true,
                };
                is_said && !is_there && !name.trim().is_empty()
            }
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
                // As the command line names it.
                let title = Some(title.trim()).filter(|title| !title.is_empty());
                values.set_text("title", &title.map_or_else(|| title_of(name), str::to_owned));
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
            Self::Part {
                owner,
                kind,
                name,
                title,
                code,
                is_sql,
                rights,
                opens,
                above,
            } => {
                let mut values = Values::default();
                match kind {
                    PartKind::Access => values.set("rights", rights.as_str()),
                    PartKind::Constraint => {
                        values.set(if *is_sql { "sql" } else { "check" }, code.trim());
                        values.set_text("message", title.trim());
                    }
                    _ => values.set_text("title", title.trim()),
                }
                values.set_text("model", opens);
                values.set_text("parent", above);
                let at = part_of(owner, *kind, name);
                let change = Change::Add { at: at.clone(), values };
                edit(
                    cx,
                    workspace,
                    msg!("plan-modules-undo-add", name = at.to_string()),
                    vec![change],
                );
                at
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

fn part_of(owner: &Address, kind: PartKind, name: &str) -> Address {
    Address {
        part: Some((kind, name.trim().to_owned())),
        ..owner.clone()
    }
}
