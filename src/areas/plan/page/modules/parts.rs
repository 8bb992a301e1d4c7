//! Views, rights and constraints of a model, groups and menus of a module: listed, chosen, added and changed in the detail.

use super::detail::{Inputs, findings_ui, line_ui, set};
use super::{action, last_name};
use crate::areas::page::Cx;
use crate::areas::plan::modules::check::VIEWS;
use crate::areas::plan::modules::keys;
use crate::areas::plan::modules::schema::{view_at, view_name};
use crate::areas::plan::modules::{Address, Checked, Module, Part, PartKind, PlannedModel, Values, outside};
use crate::base::Workspace;
use crate::ui::button::{Button, icon_button_small};
use crate::ui::form::Form;
use crate::ui::tokens::measure;
use crate::ui::{Ui, detail, form, icons, text};
use serde_json::Value;

/// The letters of rights, each with the key of its word.
const RIGHTS: [(char, &str); 4] = [
    ('r', "plan-modules-may-read"),
    ('w', "plan-modules-may-write"),
    ('c', "plan-modules-may-create"),
    ('d', "plan-modules-may-delete"),
];

/// Whether what a module is generated from has views, rights and menus.
pub(super) fn has_parts(module: &Module) -> bool {
    !matches!(module.template(), "rust" | "python" | "typescript")
}

/// The key of the title of a list, and of the button that adds to it.
pub(super) fn words(kind: PartKind) -> (&'static str, &'static str) {
    match kind {
        PartKind::Field => ("plan-modules-fields", "plan-modules-add-field"),
        PartKind::View => ("plan-modules-views", "plan-modules-add-view"),
        PartKind::Constraint => ("plan-modules-constraints", "plan-modules-add-constraint"),
        PartKind::Access => ("plan-modules-access", "plan-modules-add-access"),
        PartKind::Group => ("plan-modules-groups", "plan-modules-add-group"),
        PartKind::Menu => ("plan-modules-menus", "plan-modules-add-menu"),
    }
}

/// Groups that rights can be given to: those of the module, Odoo's usual ones, everybody.
pub(super) fn groups(module: &Module) -> Vec<(String, String)> {
    let own = module.groups.iter().map(|group| group.name.as_str());
    let usual = ["base.group_user", "base.group_system", "base.group_portal", "everyone"];
    own.chain(usual).map(|name| (name.to_owned(), name.to_owned())).collect()
}

/// Kinds of views.
pub(super) fn kinds() -> Vec<(String, String)> {
    VIEWS.into_iter().map(|kind| (kind.to_owned(), kind.to_owned())).collect()
}

/// Models that a menu can open.
pub(super) fn opened(cx: &Cx<'_>, checked: &crate::areas::plan::modules::Plan) -> Vec<(String, String)> {
    let planned = checked.models().map(|(_, model)| model.name.clone());
    let mut names: Vec<String> = planned.chain(outside::models().map(str::to_owned)).collect();
    names.sort();
    names.dedup();
    let none = (String::new(), cx.t("plan-modules-opens-nothing"));
    std::iter::once(none)
        .chain(names.into_iter().map(|name| (name.clone(), name)))
        .collect()
}

/// Menus that another one can stand below.
pub(super) fn above(cx: &Cx<'_>, module: &Module, menu: &str) -> Vec<(String, String)> {
    let others = module.menus.iter().filter(|other| other.name != menu);
    let top = (String::new(), cx.t("plan-modules-at-the-top"));
    std::iter::once(top)
        .chain(others.map(|other| (other.name.clone(), other.name.clone())))
        .collect()
}

/// Four boxes; true when one was ticked or unticked.
pub(super) fn rights_ui(form: &mut Form<'_>, cx: &Cx<'_>, rights: &mut String) -> bool {
    let mut is_changed = false;
    let mut letters = String::new();
    for (letter, word) in RIGHTS {
        let mut may = rights.contains(letter);
        is_changed |= form.tick(&cx.t(word), &mut may);
        if may {
            letters.push(letter);
        }
    }
    *rights = letters;
    is_changed
}

/// What a model or a module has beside its fields and models: each can be chosen, removed, and more can be added.
pub(super) fn lists_ui(ui: &mut Ui, cx: &Cx<'_>, checked: &Checked, module: &Module, at: &mut Address) {
    let fields = |views: &[Part], index: usize| (view_name(views, index), views[index].values.list("fields").join(", "));
    let owner = Address {
        part: None,
        ..at.clone()
    };
    let lists: Vec<(PartKind, Vec<(String, String)>)> = match checked.plan.model_at(&owner) {
        Some(model) => vec![
            (
                PartKind::View,
                (0..model.views.len()).map(|index| fields(&model.views, index)).collect(),
            ),
            (
                PartKind::Access,
                model
                    .access
                    .iter()
                    .map(|access| (access.group.clone(), access.rights.clone()))
                    .collect(),
            ),
            (PartKind::Constraint, model.constraints.iter().map(rule).collect()),
        ],
        None => vec![
            (PartKind::Group, module.groups.iter().map(titled).collect()),
            (PartKind::Menu, module.menus.iter().map(titled).collect()),
        ],
    };
    for (kind, rows) in lists {
        if rows.is_empty() && !has_parts(module) {
            continue;
        }
        let (title, add) = words(kind);
        detail::titled_section_ui(ui, &cx.t(title), "", |ui| {
            for (index, (name, note)) in rows.iter().enumerate() {
                ui.push_id(index, |ui| {
                    let here = Address {
                        part: Some((kind, name.clone())),
                        ..owner.clone()
                    };
                    row_ui(ui, name, note, &here, at);
                });
            }
            if ui.add(Button::new(&cx.t(add)).small().icon(icons::ADD)).clicked() {
                cx.ask(action(&format!("add-{}", kind.word())));
            }
        });
    }
}

fn rule(constraint: &Part) -> (String, String) {
    let what = match constraint.values.text("sql") {
        "" => constraint.values.text("check"),
        sql => sql,
    };
    (constraint.name.clone(), what.to_owned())
}

fn titled(part: &Part) -> (String, String) {
    (part.name.clone(), part.values.text("title").to_owned())
}

fn row_ui(ui: &mut Ui, name: &str, note: &str, here: &Address, at: &mut Address) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = measure::SPACE_8;
        let response = if at == here {
            text::strong(ui, name)
        } else {
            text::link(ui, name)
        };
        if response.clicked() {
            *at = here.clone();
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            text::small(ui, note);
        });
    });
}

/// The values of the part that is chosen, with a button that takes it away.
pub(super) fn part_ui(
    ui: &mut Ui,
    cx: &Cx<'_>,
    inputs: &mut Inputs,
    workspace: &Workspace,
    checked: &Checked,
    module: &Module,
    at: &Address,
) {
    let Some((kind, name)) = &at.part else { return };
    let model = checked.plan.model_at(at);
    let of = |list: &[Part]| list.iter().find(|part| part.name == *name).map(|part| part.values.clone());
    let values = match kind {
        PartKind::View => model.and_then(|model| Some(model.views[view_at(&model.views, name)?].values.clone())),
        PartKind::Constraint => model.and_then(|model| of(&model.constraints)),
        PartKind::Access => model.and_then(|model| rights_of(model, name)),
        PartKind::Group => of(&module.groups),
        PartKind::Menu => of(&module.menus),
        PartKind::Field => None,
    };
    let Some(values) = values else { return };
    detail::titled_section_ui(ui, &last_name(at), &cx.t(words(*kind).0), |ui| {
        choices_ui(ui, cx, workspace, checked, module, at, &values);
        for (key, label) in lines(*kind, model, &values) {
            let value = match values.0.get(key) {
                Some(Value::String(text)) => text.clone(),
                Some(Value::Array(_)) => values.list(key).join(", "),
                Some(value) => value.to_string(),
                None => String::new(),
            };
            line_ui(ui, cx, inputs, workspace, at, key, label, &value);
        }
        findings_ui(ui, cx, workspace, checked, at);
        ui.horizontal(|ui| {
            // What is pressed here is what the page's own actions do with what is chosen.
            if icon_button_small(ui, icons::EDIT, &cx.t("plan-modules-rename")).clicked() {
                cx.ask(action("rename"));
            }
            let remove = cx.msg(&crate::msg!("plan-modules-remove", name = name.as_str()));
            if icon_button_small(ui, icons::DELETE, &remove).clicked() {
                cx.ask(action("remove"));
            }
        });
    });
}

fn rights_of(model: &PlannedModel, group: &str) -> Option<Values> {
    let access = model.access.iter().find(|access| access.group == group)?;
    let mut values = Values::default();
    values.set("rights", access.rights.as_str());
    Some(values)
}

/// What is chosen from something that is there.
fn choices_ui(
    ui: &mut Ui,
    cx: &Cx<'_>,
    workspace: &Workspace,
    checked: &Checked,
    module: &Module,
    at: &Address,
    values: &Values,
) {
    let Some((kind, name)) = &at.part else { return };
    let known = |mut choices: Vec<(String, String)>, value: &str| {
        if !choices.iter().any(|(choice, _)| choice == value) {
            choices.push((value.to_owned(), value.to_owned()));
        }
        choices
    };
    let text = |value: &str| Some(value).filter(|value| !value.is_empty()).map(Value::from);
    form::form_beside_ui(ui, "plan-modules-part", 84.0, |form| match kind {
        PartKind::Access => {
            let mut rights = values.text("rights").to_owned();
            // Nobody is given nothing: then the right itself goes.
            if rights_ui(form, cx, &mut rights) && !rights.is_empty() {
                set(cx, workspace, at, name, Some(rights.as_str().into()));
            }
        }
        PartKind::Menu => {
            let (mut model, mut parent) = (values.text("model").to_owned(), values.text("parent").to_owned());
            let models = known(opened(cx, &checked.plan), &model);
            if form.choice(&cx.t("plan-modules-opens"), &mut model, &models) {
                set(cx, workspace, at, "model", text(&model));
            }
            let menus = known(above(cx, module, name), &parent);
            if form.choice(&cx.t("plan-modules-below"), &mut parent, &menus) {
                set(cx, workspace, at, "parent", text(&parent));
            }
        }
        PartKind::View if !values.text("inherit").is_empty() => {
            let mut position = values.text("position").to_owned();
            let words = ["inside", "after", "before", "replace", "attributes"];
            let words = known(words.map(|word| (word.to_owned(), word.to_owned())).into(), &position);
            if form.choice(&cx.t("plan-modules-position"), &mut position, &words) {
                set(cx, workspace, at, "position", text(&position));
            }
        }
        _ => {}
    });
}

/// The keys that are typed, each with its label.
fn lines(kind: PartKind, model: Option<&PlannedModel>, values: &Values) -> Vec<(&'static str, &'static str)> {
    let is_inherited = model.is_some_and(PlannedModel::is_extension) || values.0.contains_key("inherit");
    let all: &[(&str, &str)] = match kind {
        PartKind::View if is_inherited => &[
            ("fields", "plan-modules-fields"),
            ("inherit", "plan-modules-inherits-view"),
            ("after", "plan-modules-after"),
            ("xpath", "plan-modules-xpath"),
        ],
        PartKind::View => &[("fields", "plan-modules-fields")],
        PartKind::Constraint => &[
            ("check", "plan-modules-check-code"),
            ("sql", "plan-modules-sql"),
            ("fields", "plan-modules-fields"),
            ("message", "plan-modules-message"),
        ],
        PartKind::Group => &[("title", "plan-modules-title"), ("implies", "plan-modules-implies")],
        PartKind::Menu => &[
            ("title", "plan-modules-title"),
            ("action", "plan-modules-action"),
            ("groups", "plan-modules-groups"),
            ("sequence", "plan-modules-sequence"),
        ],
        PartKind::Access | PartKind::Field => &[],
    };
    let at = Address::part("", None, kind, "");
    all.iter()
        .copied()
        .filter(|(key, _)| keys::shape(&at, key).is_some())
        .collect()
}
