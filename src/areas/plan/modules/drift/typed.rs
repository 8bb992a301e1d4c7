//! A planned model of a package against its type in the code: fields by name, each by what a type can say. Pure.

use super::{Change, Difference, Drift, Side, normal, values};
use crate::areas::plan::modules::generate::{is_usual_default, written_type};
use crate::areas::plan::modules::readback::METADATA;
use crate::areas::plan::modules::schema::{Address, FieldKind, Module, Part, PlannedModel};
use serde_json::Value;

pub(super) fn model(drift: &mut Drift, module: &Module, planned: &PlannedModel, read: &Module, code: &PlannedModel) {
    let at = |field: &Part| Address::field(&module.name, &planned.name, &field.name);
    for field in &planned.fields {
        let at = at(field);
        let Some(other) = code.field(&field.name) else {
            drift.differences.push(Difference {
                to_plan: vec![Change::Remove { at: at.clone() }],
                at,
                side: Side::Plan,
                keys: Vec::new(),
            });
            continue;
        };
        // Where the code carries what the plan said, every word of it counts.
        if read.line_of(&at, METADATA).is_some() {
            values(drift, &at, &field.values, &other.values, true);
            continue;
        }
        let keys = differing(module.template(), field, other);
        if keys.is_empty() {
            continue;
        }
        let to_plan = keys.iter().map(|(key, ..)| Change::Set {
            at: at.clone(),
            key: key.clone(),
            value: other.values.0.get(key).cloned(),
        });
        drift.differences.push(Difference {
            to_plan: to_plan.collect(),
            at,
            side: Side::Both,
            keys,
        });
    }
    for field in code.fields.iter().filter(|field| planned.field(&field.name).is_none()) {
        drift.differences.push(Difference {
            at: at(field),
            side: Side::Code,
            keys: Vec::new(),
            to_plan: vec![Change::Add {
                at: at(field),
                values: field.values.clone(),
            }],
        });
    }
}

/// Keys of a field that its type says otherwise: key, plan, code.
fn differing(template: &str, planned: &Part, code: &Part) -> Vec<(String, String, String)> {
    let kind = |field: &Part| field.kind().unwrap_or(FieldKind::Char);
    let written = |field: &Part| written_type(template, kind(field), field.values.flag("required"), "of choices");
    let words = |field: &Part| -> Vec<String> { field.choices().into_iter().map(|(value, _)| value).collect() };
    let text = |field: &Part, key: &str| normal(key, field.values.0.get(key));
    let mut keys = Vec::new();
    let mut tell = |key: &str, mine: String, other: String| {
        if mine != other {
            keys.push((key.to_owned(), mine, other));
        }
    };
    if written(planned) != written(code) {
        tell("type", kind(planned).word().to_owned(), kind(code).word().to_owned());
        tell("required", text(planned, "required"), text(code, "required"));
    }
    // A language that has texts for the choices of Python has their words in no type.
    let are_both = |wanted: fn(&Part) -> bool| wanted(planned) && wanted(code);
    if are_both(|field| field.is(FieldKind::Selection)) && !words(code).is_empty() && words(planned) != words(code) {
        tell("values", words(planned).join(", "), words(code).join(", "));
    }
    if are_both(|field| !field.target().is_empty()) {
        tell("target", planned.target().to_owned(), code.target().to_owned());
    }
    let default = |field: &Part| {
        let value = field.values.0.get("default")?;
        let is_plain = value.is_number() || value.is_string() || *value == Value::Bool(true);
        (is_plain && !is_usual_default(field, value)).then(|| normal("default", Some(value)))
    };
    // What the code works out, no literal says.
    let is_code = |text: &str| text.starts_with('=') || matches!(text, "today" | "now");
    let is_known = kind(planned) != FieldKind::Json && kind(planned) != FieldKind::Binary;
    if is_known && !is_code(planned.values.text("default")) && written(planned) == written(code) {
        tell(
            "default",
            default(planned).unwrap_or_default(),
            default(code).unwrap_or_default(),
        );
    }
    keys
}
