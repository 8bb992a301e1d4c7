//! Acts on the plan that touch more than one place: renaming with everything that points there, connecting two models, removing. Pure.

mod named;

use super::check::fields::{inverse_name, many2one};
use super::edit::Change;
use super::generate::is_built_in;
use super::known::Plan;
use super::schema::{Address, FieldKind, Module, PartKind, Values};
use named::Named;
use serde_json::Value;

fn set(at: Address, key: &str, value: impl Into<Value>) -> Change {
    Change::Set {
        at,
        key: key.to_owned(),
        value: Some(value.into()),
    }
}

/// Renames what stands at the address, and in the plan whatever points to it.
pub fn rename(plan: &Plan, at: &Address, to: &str) -> Vec<Change> {
    let mut out = Vec::new();
    match (&at.model, &at.part) {
        (None, None) => {
            for other in plan.modules.iter().filter(|other| other.name != at.module) {
                if other.depends().contains(&at.module.as_str()) {
                    let depends = renamed(&other.depends(), &at.module, to);
                    out.push(set(Address::module(&other.name), "depends", depends));
                }
            }
        }
        (Some(from), None) => references(plan, &at.module, from, to, &mut out),
        (Some(model), Some((PartKind::Field, from))) => Named::new(plan, at, model, from).renamed(to, &mut out),
        (None, Some((PartKind::Menu, from))) => {
            for menu in plan.module(&at.module).into_iter().flat_map(|module| &module.menus) {
                if menu.values.text("parent") == from {
                    out.push(set(Address::part(&at.module, None, PartKind::Menu, &menu.name), "parent", to));
                }
            }
        }
        (None, Some((PartKind::Group, from))) => {
            for model in plan.module(&at.module).into_iter().flat_map(|module| &module.models) {
                if model.access.iter().any(|access| access.group == *from) {
                    out.push(Change::Rename {
                        at: Address::part(&at.module, Some(&model.name), PartKind::Access, from),
                        to: to.to_owned(),
                    });
                }
            }
        }
        _ => {}
    }
    // Last: until then the other changes find it by its old name.
    out.push(Change::Rename {
        at: at.clone(),
        to: to.to_owned(),
    });
    out
}

fn renamed(list: &[&str], from: &str, to: &str) -> Value {
    list.iter()
        .map(|name| Value::from(if *name == from { to } else { *name }))
        .collect()
}

/// Whether what a module calls by the name of a model is the one that stands in `home`.
fn means(plan: &Plan, home: &str, module: &Module, model: &str) -> bool {
    let owner = |module: &Module| plan.owner_for(module, model).map(|(owner, _)| owner.name.clone());
    plan.module(home).is_none_or(|home| owner(home) == owner(module))
}

fn references(plan: &Plan, home: &str, from: &str, to: &str, out: &mut Vec<Change>) {
    for (module, model) in plan.models().filter(|(module, _)| means(plan, home, module, from)) {
        let at = Address::model(&module.name, &model.name);
        for field in model.fields.iter().filter(|field| field.target() == from) {
            out.push(set(Address::field(&module.name, &model.name, &field.name), "target", to));
        }
        let inherit = model.values.list("inherit");
        if inherit.contains(&from) {
            out.push(set(at.clone(), "inherit", renamed(&inherit, from, to)));
        }
        // Another module's extension of the model goes with it.
        if model.name == from && model.is_extension() {
            out.push(Change::Rename { at, to: to.to_owned() });
        }
    }
    for module in plan.modules.iter().filter(|module| means(plan, home, module, from)) {
        for menu in module.menus.iter().filter(|menu| menu.values.text("model") == from) {
            out.push(set(
                Address::part(&module.name, None, PartKind::Menu, &menu.name),
                "model",
                to,
            ));
        }
    }
    // The one that makes the model is renamed by the caller.
    let owner = plan.module(home).and_then(|home| plan.owner_for(home, from));
    let owner = owner.map(|(module, _)| module.name.clone());
    out.retain(|change| !matches!(change, Change::Rename { at, .. } if Some(&at.module) == owner.as_ref()));
}

/// Whether the code of one can use the other's: templates of the user's own may be of any language.
pub fn are_of_one_language(module: &Module, other: &Module) -> bool {
    let (own, other) = (module.template(), other.template());
    own == other || !is_built_in(own) || !is_built_in(other)
}

/// A relation from one model to another. A one2many brings its other side where the plan has none.
pub fn connect(
    plan: &Plan,
    from: &Address,
    target: &str,
    kind: FieldKind,
    name: Option<&str>,
    inverse: Option<&str>,
) -> Vec<Change> {
    let source = from.model.clone().unwrap_or_default();
    let last = target.rsplit('.').next().unwrap_or(target).to_owned();
    let taken = |name: &str| plan.model_at(from).is_some_and(|model| model.field(name).is_some());
    let ending = if kind == FieldKind::Many2one { "_id" } else { "_ids" };
    let mut own = name.map_or_else(|| format!("{last}{ending}"), str::to_owned);
    let mut n = 2;
    while name.is_none() && taken(&own) {
        own = format!("{last}{n}{ending}");
        n += 1;
    }
    let mut values = Values::default();
    values.set("type", kind.word());
    values.set("target", target);
    let mut out = Vec::new();
    let home = plan.module(&from.module);
    let owner = home.and_then(|home| plan.owner_for(home, target));
    if kind == FieldKind::One2many {
        let wanted = inverse.map_or_else(|| inverse_name(&source), str::to_owned);
        values.set("inverse", wanted.as_str());
        if let Some((owner, other)) = owner
            && other.field(&wanted).is_none()
        {
            out.push(Change::Add {
                at: Address::field(&owner.name, target, &wanted),
                values: many2one(&source),
            });
        }
    }
    out.push(Change::Add {
        at: Address::field(&from.module, &source, &own),
        values,
    });
    // The target's module must be depended on.
    if let Some((owner, _)) = owner
        && owner.name != from.module
        && let Some(module) = home
        && !module.depends().contains(&owner.name.as_str())
        && are_of_one_language(module, owner)
    {
        let mut depends = module.depends();
        depends.push(&owner.name);
        let depends: Value = depends.iter().map(|name| Value::from(*name)).collect();
        out.push(set(Address::module(&from.module), "depends", depends));
    }
    out
}

/// Takes a thing away; a module takes its file, and a field is taken out of what names it in the plan.
pub fn remove(plan: &Plan, at: &Address) -> Vec<Change> {
    let mut out = Vec::new();
    if let (Some(model), Some((PartKind::Field, name))) = (&at.model, &at.part) {
        Named::new(plan, at, model, name).taken_out(&mut out);
    }
    out.push(match (&at.model, &at.part) {
        (None, None) => Change::RemoveModule {
            module: at.module.clone(),
        },
        _ => Change::Remove { at: at.clone() },
    });
    out
}
