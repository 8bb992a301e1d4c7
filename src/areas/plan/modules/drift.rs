//! The plan against the code, in both directions: what only one of them has, and what they say differently. Pure.

mod typed;

use super::edit::Change;
use super::generate;
use super::schema::{Access, Address, Module, Part, PartKind, PlannedModel, Values, view_name};
use crate::base::Problem;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Which side has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Planned, not written yet.
    Plan,
    /// Written, not planned.
    Code,
    /// Both, but not alike.
    Both,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    pub at: Address,
    pub side: Side,
    /// Key, what the plan says, what the code says; empty is nothing.
    pub keys: Vec<(String, String, String)>,
    /// What would make the plan say what the code says.
    pub to_plan: Vec<Change>,
}

/// One module of the plan against its code.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Drift {
    pub module: String,
    /// False when there is no code yet.
    pub is_written: bool,
    /// Models that are the same on both sides.
    pub n_same: usize,
    pub differences: Vec<Difference>,
    /// What could not be read of the code: what stands there is as if it were not written.
    #[serde(default)]
    pub problems: Vec<Problem>,
}

/// Keys of a module that its manifest carries.
const OF_THE_MANIFEST: [&str; 9] = [
    "title",
    "summary",
    "version",
    "category",
    "author",
    "website",
    "license",
    "depends",
    "application",
];
/// Keys that code does not carry.
const OF_THE_PLAN: [&str; 9] = [
    "template",
    "target",
    "folder",
    "project",
    "at",
    "help_text",
    "package",
    "note",
    "color",
];

/// Compares a planned module with what was read from its code.
pub fn compare(module: &Module, code: Option<&Module>) -> Drift {
    let mut drift = Drift {
        module: module.name.clone(),
        is_written: code.is_some(),
        ..Drift::default()
    };
    let planned = generate::expanded(module);
    // Types of a package say their fields and nothing of views or rights.
    let is_typed = module.template() != "odoo" && generate::is_built_in(module.template());
    let empty = Module::default();
    let code = code.unwrap_or(&empty);
    // What the program filled in is not asked of code that was written by hand.
    if drift.is_written {
        let mut own = planned.values.clone();
        own.0
            .retain(|key, _| module.values.0.contains_key(key) || code.values.0.contains_key(key));
        values(
            &mut drift,
            &Address::module(&module.name),
            &own,
            &code.values,
            module.template() == "odoo",
        );
    }
    for model in &planned.models {
        let at = Address::model(&module.name, &model.name);
        let before = drift.differences.len();
        match code.model(&model.name) {
            Some(other) if is_typed => typed::model(&mut drift, module, model, code, other),
            Some(other) => self::model(&mut drift, module, &asked(module, model, other), other),
            None => drift.differences.push(Difference {
                at,
                side: Side::Plan,
                keys: Vec::new(),
                to_plan: vec![Change::Remove {
                    at: Address::model(&module.name, &model.name),
                }],
            }),
        }
        drift.n_same += usize::from(drift.differences.len() == before);
    }
    for model in code.models.iter().filter(|model| planned.model(&model.name).is_none()) {
        let alone = Module {
            name: module.name.clone(),
            models: vec![model.clone()],
            ..Module::default()
        };
        drift.differences.push(Difference {
            at: Address::model(&module.name, &model.name),
            side: Side::Code,
            keys: Vec::new(),
            to_plan: super::folder::changes_for(&alone),
        });
    }
    if is_typed {
        return drift;
    }
    let of = |kind: PartKind| move |name: &str| Address::part(&module.name, None, kind, name);
    parts(
        &mut drift,
        of(PartKind::Group),
        &titled(&planned.groups, &code.groups),
        &code.groups,
    );
    let menus = of_people(&planned.menus, &module.menus, &code.menus);
    parts(&mut drift, of(PartKind::Menu), &titled(&menus, &code.menus), &code.menus);
    drift
}

/// Those that stand in the plan's file or in the code: what the program adds by itself is not asked of code that was written by hand.
fn of_people(planned: &[Part], own: &[Part], code: &[Part]) -> Vec<Part> {
    let is_in = |list: &[Part], part: &Part| list.iter().any(|known| known.name == part.name);
    let asked = planned.iter().filter(|part| is_in(own, part) || is_in(code, part));
    asked.cloned().collect()
}

/// Parts with the title that is generated where none is planned and the code has one.
fn titled(parts: &[Part], code: &[Part]) -> Vec<Part> {
    let has_title = |other: &Part| !other.values.text("title").is_empty();
    let with_title = |part: &Part| {
        let mut part = part.clone();
        let is_made = code.iter().any(|other| other.name == part.name && has_title(other));
        if part.values.text("title").is_empty() && is_made {
            let title = super::schema::title_of(&part.name);
            part.values.set("title", title);
        }
        part
    };
    parts.iter().map(with_title).collect()
}

/// A planned model with the views and rights that are asked of its code.
fn asked(module: &Module, planned: &PlannedModel, code: &PlannedModel) -> PlannedModel {
    let written = module.model(&planned.name);
    let own = written.map(|model| model.views.as_slice()).unwrap_or_default();
    let is_said = written.is_some_and(|model| !model.access.is_empty());
    let is_there = |access: &&Access| code.access.iter().any(|known| known.group == access.group);
    let access = planned.access.iter().filter(|access| is_said || is_there(access));
    let access = access.cloned().collect();
    let mut views = of_people(&planned.views, own, &code.views);
    // Fields that the program thinks worth showing are not asked of a view that shows none.
    for view in &mut views {
        let has = |list: &[Part], is_it: fn(&Part) -> bool| list.iter().any(|other| other.name == view.name && is_it(other));
        if has(own, generate::is_bare) && has(&code.views, generate::is_bare) {
            view.values.0.remove("fields");
        }
    }
    PlannedModel {
        views,
        access,
        ..planned.clone()
    }
}

fn model(drift: &mut Drift, module: &Module, planned: &PlannedModel, code: &PlannedModel) {
    let name = Some(planned.name.as_str());
    let at = Address::model(&module.name, &planned.name);
    let mut own = planned.values.clone();
    if !planned.is_extension() {
        own.set("title", planned.title());
    }
    values(drift, &at, &own, &code.values, true);
    let of = |kind: PartKind| move |part: &str| Address::part(&module.name, name, kind, part);
    parts(drift, of(PartKind::Field), &planned.fields, &code.fields);
    parts(drift, of(PartKind::Constraint), &planned.constraints, &code.constraints);
    parts(drift, of(PartKind::View), &planned.views, &code.views);
    let as_part = |access: &Access| {
        let mut part = Part::new(&access.group);
        part.values.set("rights", access.rights.as_str());
        part
    };
    let (own, other): (Vec<Part>, Vec<Part>) = (
        planned.access.iter().map(as_part).collect(),
        code.access.iter().map(as_part).collect(),
    );
    // A group of the module may stand in the plan with the module before it.
    let long = |group: &str| format!("{}.{group}", module.name);
    let has = |group: &str| {
        let written = module.model(&planned.name);
        written.is_some_and(|model| model.access.iter().any(|access| access.group == group))
    };
    let at_group = |group: &str| {
        let own = if !has(group) && has(&long(group)) {
            long(group)
        } else {
            group.to_owned()
        };
        of(PartKind::Access)(&own)
    };
    parts(drift, at_group, &own, &other);
}

fn parts(drift: &mut Drift, at: impl Fn(&str) -> Address, planned: &[Part], code: &[Part]) {
    let same = |a: &Part, b: &Part| a.name == b.name && a.values.text("inherit") == b.values.text("inherit");
    // Views may have one name and kind; each is compared with the one that has as many before it.
    let other_of = |list: &[Part], index: usize, others: &[Part]| -> (usize, Option<Part>) {
        let n = list[..index].iter().filter(|part| same(part, &list[index])).count();
        (n, others.iter().filter(|other| same(other, &list[index])).nth(n).cloned())
    };
    let named = |list: &[Part], index: usize| {
        let is_view = matches!(at("").part, Some((PartKind::View, _)));
        at(&if is_view {
            view_name(list, index)
        } else {
            list[index].name.clone()
        })
    };
    for (index, part) in planned.iter().enumerate() {
        let (n, other) = other_of(planned, index, code);
        let before = drift.differences.len();
        let here = named(planned, index);
        match other {
            Some(other) => values(drift, &here, &part.values, &other.values, true),
            None => drift.differences.push(Difference {
                at: here.clone(),
                side: Side::Plan,
                keys: Vec::new(),
                to_plan: vec![Change::Remove { at: here }],
            }),
        }
        // A number means another one as soon as one before it goes: these are told, and changed by hand.
        if n > 0 {
            drift.differences[before..]
                .iter_mut()
                .for_each(|difference| difference.to_plan.clear());
        }
    }
    for (index, part) in code.iter().enumerate() {
        if other_of(code, index, planned).1.is_some() {
            continue;
        }
        drift.differences.push(Difference {
            at: named(code, index),
            side: Side::Code,
            keys: Vec::new(),
            to_plan: vec![Change::Add {
                at: named(code, index),
                values: part.values.clone(),
            }],
        });
    }
}

/// A value in the one form that both sides are compared in.
fn normal(key: &str, value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null | Value::Bool(false)) => String::new(),
        Some(Value::String(text)) if key == "type" && text == "char" => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(list)) if list.is_empty() => String::new(),
        Some(Value::Array(list)) if list.len() == 1 && list[0].is_string() => list[0].as_str().unwrap_or_default().to_owned(),
        Some(Value::Number(number)) => number
            .as_f64()
            .map_or_else(|| number.to_string(), |number| number.to_string()),
        Some(value) => value.to_string(),
    }
}

fn values(drift: &mut Drift, at: &Address, planned: &Values, code: &Values, is_told: bool) {
    if !is_told {
        return;
    }
    let mut keys = Vec::new();
    let mut to_plan = Vec::new();
    let names: std::collections::BTreeSet<&String> = planned.0.keys().chain(code.0.keys()).collect();
    for key in names {
        let is_of_module = at.model.is_none() && at.part.is_none();
        if OF_THE_PLAN.contains(&key.as_str()) || is_of_module && !OF_THE_MANIFEST.contains(&key.as_str()) {
            continue;
        }
        // The fields of a check are worked out from its expression.
        if key == "fields"
            && at.part.as_ref().is_some_and(|(kind, _)| *kind == PartKind::Constraint)
            && !planned.0.contains_key("fields")
        {
            continue;
        }
        // False is said where it is no default, as of a copy.
        let is_false = |values: &Values| values.0.get(key) == Some(&Value::Bool(false));
        let (mut mine, mut other) = (normal(key, planned.0.get(key)), normal(key, code.0.get(key)));
        if matches!(key.as_str(), "copy" | "store") {
            for (side, values) in [(&mut mine, planned), (&mut other, code)] {
                if is_false(values) {
                    *side = "false".into();
                }
            }
        }
        if mine != other {
            keys.push((key.clone(), mine, other));
            to_plan.push(Change::Set {
                at: at.clone(),
                key: key.clone(),
                value: code.0.get(key).cloned(),
            });
        }
    }
    if !keys.is_empty() {
        drift.differences.push(Difference {
            at: at.clone(),
            side: Side::Both,
            keys,
            to_plan,
        });
    }
}
