//! What a template sees of a module: its values, and what is tedious to work out in a template, as plain JSON. Pure.

use super::{odoo, words};
use crate::areas::plan::modules::known::Plan;
use crate::areas::plan::modules::schema::{FieldKind, Module, Part, PlannedModel};
use serde_json::{Map, Value, json};

/// `module` and `models`, as `resources/help/en/templates.md` says them.
pub(super) fn context(plan: &Plan, module: &Module) -> Value {
    let series = words::series(module.values.text("version"));
    let models: Vec<Value> = module.models.iter().map(|model| model_value(series, model)).collect();
    let mut out = values_of(&module.values.0);
    out.insert("name".into(), module.name.as_str().into());
    out.insert("title".into(), module.title().into());
    out.insert("depends".into(), module.depends().into());
    out.insert("package".into(), words::snake(&module.name).into());
    out.insert("dashed".into(), words::snake(&module.name).replace('_', "-").into());
    for key in ["summary", "description", "author", "website", "license", "category"] {
        out.entry(key).or_insert_with(|| "".into());
    }
    out.entry("version").or_insert_with(|| "0.1.0".into());
    out.insert("series".into(), series.into());
    out.insert("semver".into(), words::semver(module.values.text("version")).into());
    let groups: Vec<Value> = module.groups.iter().map(part_value).collect();
    let menus: Vec<Value> = odoo::menus(module);
    let mut whole = json!({
        "models": models,
        "groups": groups,
        "menus": menus,
        "actions": odoo::actions(module),
        "access": odoo::access(module),
        "demo": odoo::demo(plan, module),
        "files": odoo::data_files(module),
    });
    out.insert(
        "has_own_models".into(),
        module.models.iter().any(|model| !model.is_extension()).into(),
    );
    whole["module"] = Value::Object(out);
    whole
}

fn values_of(values: &std::collections::BTreeMap<String, Value>) -> Map<String, Value> {
    values.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
}

pub(super) fn part_value(part: &Part) -> Value {
    let mut out = values_of(&part.values.0);
    out.insert("name".into(), part.name.as_str().into());
    out.entry("title")
        .or_insert_with(|| super::super::schema::title_of(&part.name).into());
    out.insert("implies".into(), part.values.list("implies").into());
    Value::Object(out)
}

fn model_value(series: u32, model: &PlannedModel) -> Value {
    let class = words::pascal(&model.name);
    let fields: Vec<Value> = model.fields.iter().map(|field| field_value(&class, field)).collect();
    let mut out = values_of(&model.values.0);
    out.insert("name".into(), model.name.as_str().into());
    out.insert("file".into(), model.file().into());
    out.insert("class".into(), class.into());
    out.insert("title".into(), model.title().into());
    out.insert("is_extension".into(), model.is_extension().into());
    out.insert("inherit".into(), model.values.list("inherit").into());
    out.insert("fields".into(), fields.into());
    for key in ["order", "rec_name", "help"] {
        out.entry(key).or_insert_with(|| "".into());
    }
    out.insert("odoo".into(), odoo::model(series, model));
    Value::Object(out)
}

fn field_value(class: &str, field: &Part) -> Value {
    let kind = field.kind().unwrap_or(FieldKind::Char);
    let is_required = field.values.flag("required");
    let choices: Vec<Value> = words::variants(field)
        .into_iter()
        .map(|(value, label, variant)| json!({ "value": value, "label": label, "variant": variant }))
        .collect();
    let choice_type = format!("{class}{}", words::pascal(&field.name));
    json!({
        "name": field.name,
        "kind": kind.word(),
        "label": field.label(),
        "help": field.values.text("help"),
        "required": is_required,
        "target": field.target(),
        "inverse": field.inverse(),
        "choices": choices,
        "choice_type": choice_type,
        "is_text": matches!(kind, FieldKind::Char | FieldKind::Text | FieldKind::Html | FieldKind::Date | FieldKind::Datetime),
        "is_many": matches!(kind, FieldKind::One2many | FieldKind::Many2many),
        "rust": words::rust_type(kind, is_required, &choice_type),
        "rust_name": words::rust_name(&field.name),
        "rust_default": words::rust_default(kind, is_required, field),
        "python": words::python_type(kind, is_required),
        "python_name": words::python_name(&field.name),
        "python_default": words::python_default(kind, is_required, field),
        "metadata": words::metadata(field),
        "typescript": words::typescript_type(kind, is_required, &choice_type),
        "typescript_default": words::typescript_default(kind, is_required, field),
        "values": field.values,
        "odoo": odoo::field(field),
    })
}
