//! What only the Odoo template needs: arguments of fields, methods, views by parts, rights by rows, demo data in an order that works.
//! Odoo 18: `list` views, `card` templates of kanban, `_sql_constraints`; what a module of an older series calls otherwise is called so.

use super::words::{self, python_text, python_value};
use crate::areas::plan::modules::check::checked_fields;
use crate::areas::plan::modules::known::Plan;
use crate::areas::plan::modules::outside;
use crate::areas::plan::modules::schema::{FieldKind, Module, Part, PlannedModel, file_of, label_of, title_of};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The class of a field and its arguments as Python.
pub(super) fn field(field: &Part) -> Value {
    let kind = field.kind().unwrap_or(FieldKind::Char);
    let word = kind.word();
    // A class beside the sixteen types: `Image`, `Many2oneReference`.
    let class = match field.values.text("class") {
        "" => format!("{}{}", word[..1].to_uppercase(), &word[1..]),
        own => own.to_owned(),
    };
    let mut args: Vec<String> = Vec::new();
    let values = &field.values;
    let text = |key: &str| match values.text(key) {
        "" => None,
        code if code.starts_with('=') => Some(code[1..].trim().to_owned()),
        text => Some(python_text(text)),
    };
    let mut push = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            args.push(format!("{name}={value}"));
        }
    };
    push("comodel_name", text("target"));
    push("inverse_name", text("inverse"));
    for (key, name) in [("values", "selection"), ("selection_add", "selection_add")] {
        let choices = field.choices_in(key);
        let pairs: Vec<String> = choices
            .iter()
            .map(|(value, label)| format!("({}, {})", python_text(value), python_text(label)))
            .collect();
        let is_open = key == "values" && kind == FieldKind::Selection && field.has_open_choices();
        push(
            name,
            (!pairs.is_empty() || is_open).then(|| format!("[{}]", pairs.join(", "))),
        );
    }
    if values.text("string") != label_of(&field.name) {
        push("string", text("string"));
    }
    for key in [
        "required",
        "readonly",
        "index",
        "copy",
        "translate",
        "store",
        "sanitize",
        "tracking",
        "auto_join",
        "company_dependent",
    ] {
        let value = match values.0.get(key) {
            Some(Value::Bool(flag)) => Some(if *flag { "True" } else { "False" }.to_owned()),
            Some(Value::String(_)) => text(key),
            Some(Value::Number(number)) => Some(number.to_string()),
            _ => None,
        };
        push(key, value);
    }
    let default = values.0.get("default").map(|value| match value {
        Value::String(code) if code.starts_with('=') => code[1..].trim().to_owned(),
        value => python_value(value),
    });
    push("default", default);
    for (key, name) in [
        ("compute", "compute"),
        ("inverse_method", "inverse"),
        ("search", "search"),
        ("related", "related"),
        ("ondelete", "ondelete"),
        ("domain", "domain"),
        ("relation", "relation"),
        ("column1", "column1"),
        ("column2", "column2"),
        ("currency", "currency_field"),
        ("groups", "groups"),
        ("help", "help"),
    ] {
        push(name, text(key));
    }
    match values.0.get("digits") {
        Some(Value::Array(pair)) => {
            let numbers: Vec<String> = pair.iter().map(Value::to_string).collect();
            push("digits", Some(format!("({})", numbers.join(", "))));
        }
        _ => push("digits", text("digits")),
    }
    if let Some(size) = values.0.get("size").and_then(Value::as_i64) {
        push("size", Some(size.to_string()));
    }
    if let Some(Value::Object(code)) = values.0.get("code") {
        for (name, source) in code {
            push(name, source.as_str().map(str::to_owned));
        }
    }
    json!({ "class": class, "args": args, "is_one_line": args.iter().map(|arg| arg.len() + 2).sum::<usize>() + field.name.len() + class.len() < 72 && args.len() <= 4 })
}

/// What a kind of view is called in a series of Odoo.
fn kind_in(series: u32, kind: &str) -> &str {
    if kind == "list" && series < 18 { "tree" } else { kind }
}

/// Methods and views of a model.
pub(super) fn model(series: u32, model: &PlannedModel) -> Value {
    let mut views: Vec<Value> = model.views.iter().map(|view| view_value(series, model, view)).collect();
    for index in 0..views.len() {
        let n = views[..index]
            .iter()
            .filter(|known| known["base"] == views[index]["base"])
            .count();
        // Two views of one kind have two names.
        if n > 0 {
            views[index]["id"] = format!("{}_{}", views[index]["base"].as_str().unwrap_or_default(), n + 1).into();
        }
    }
    let mut modes: Vec<&str> = Vec::new();
    for view in &model.views {
        let kind = kind_in(series, &view.name);
        if kind != "search" && !modes.contains(&kind) {
            modes.push(kind);
        }
    }
    let sql: Vec<Value> = model
        .constraints
        .iter()
        .filter(|constraint| !constraint.values.text("sql").is_empty())
        .map(|constraint| {
            json!({ "name": python_text(&constraint.name), "sql": python_text(constraint.values.text("sql")), "message": python_text(&message(constraint)) })
        })
        .collect();
    let checks: Vec<Value> = model
        .constraints
        .iter()
        .filter(|constraint| constraint.values.text("sql").is_empty())
        .map(check)
        .collect();
    let kind = if model.values.flag("abstract") {
        "AbstractModel"
    } else if model.values.flag("transient") {
        "TransientModel"
    } else {
        "Model"
    };
    json!({
        "kind": kind,
        "views": views,
        "modes": modes.join(","),
        "has_window": has_window(model),
        "sql": sql,
        "checks": checks,
        "computes": computes(model),
        "needs_word": series < 18 && !checks.is_empty(),
        "needs_api": !checks.is_empty() || model.fields.iter().any(|field| !field.values.text("compute").is_empty()),
    })
}

fn message(constraint: &Part) -> String {
    match constraint.values.text("message") {
        "" => label_of(&constraint.name),
        message => message.to_owned(),
    }
}

fn check(constraint: &Part) -> Value {
    let expression = constraint.values.text("check");
    let fields = checked_fields(constraint);
    let fields: Vec<String> = fields.iter().map(|name| python_text(name)).collect();
    json!({ "name": constraint.name, "fields": fields, "check": expression, "message": python_text(&message(constraint)) })
}

/// One method per name; several fields may share one.
fn computes(model: &PlannedModel) -> Vec<Value> {
    let mut out: Vec<(String, Vec<&Part>)> = Vec::new();
    for field in &model.fields {
        let method = field.values.text("compute");
        if method.is_empty() || method.starts_with('=') {
            continue;
        }
        match out.iter_mut().find(|(name, _)| name == method) {
            Some((_, fields)) => fields.push(field),
            None => out.push((method.to_owned(), vec![field])),
        }
    }
    let value = |(method, fields): (String, Vec<&Part>)| {
        let mut depends: Vec<String> = Vec::new();
        for name in fields.iter().flat_map(|field| field.values.list("depends")) {
            let name = python_text(name);
            if !depends.contains(&name) {
                depends.push(name);
            }
        }
        let lines: Vec<Value> = fields
            .iter()
            .map(|field| {
                let formula = match field.values.text("formula") {
                    "" => "False",
                    formula => formula,
                };
                json!({ "name": field.name, "formula": formula })
            })
            .collect();
        json!({ "method": method, "depends": depends, "lines": lines })
    };
    out.into_iter().map(value).collect()
}

fn view_value(series: u32, model: &PlannedModel, view: &Part) -> Value {
    let fields: Vec<Value> = view
        .values
        .list("fields")
        .into_iter()
        .map(|name| {
            let kind = model.field(name).and_then(Part::kind);
            json!({ "name": name, "kind": kind.map_or("", FieldKind::word), "label": model.field(name).map_or_else(|| label_of(name), Part::label) })
        })
        .collect();
    // Runs of fields of one look: those that want the whole width stand in pages.
    let mut runs: Vec<Value> = Vec::new();
    for field in &fields {
        let is_wide = matches!(field["kind"].as_str(), Some("one2many" | "many2many" | "html" | "text"));
        match runs.last_mut() {
            Some(run) if run["is_wide"] == is_wide => {
                if let Some(list) = run["fields"].as_array_mut() {
                    list.push(field.clone());
                }
            }
            _ => runs.push(json!({ "is_wide": is_wide, "fields": [field] })),
        }
    }
    let date = model
        .fields
        .iter()
        .find(|field| matches!(field.kind(), Some(FieldKind::Date | FieldKind::Datetime)));
    let inherit = view.values.text("inherit");
    let last = inherit.rsplit('.').next().unwrap_or_default();
    let id = if inherit.is_empty() {
        format!("{}_view_{}", model.file(), view.name)
    } else {
        format!("{}_view_{}_{last}", model.file(), view.name)
    };
    json!({
        "kind": kind_in(series, &view.name),
        "base": id,
        "id": id,
        "inherit": inherit,
        "after": view.values.text("after"),
        "xpath": view.values.text("xpath"),
        "position": match view.values.text("position") { "" => "inside", position => position },
        "fields": fields,
        "runs": runs,
        "date": date.map_or("create_date", |field| field.name.as_str()),
    })
}

fn group_ref(module: &Module, group: &str) -> String {
    if group == "everyone" {
        String::new()
    } else if group.contains('.') {
        group.to_owned()
    } else {
        format!("{}.{group}", module.name)
    }
}

/// The rows of `ir.model.access.csv`.
pub(super) fn access(module: &Module) -> Vec<Value> {
    let mut out = Vec::new();
    for model in &module.models {
        for access in &model.access {
            let group = access.group.replace('.', "_");
            let digit = |letter: char| u8::from(access.may(letter));
            let model_ref = match model.is_extension().then(|| outside::module_of(&model.name)).flatten() {
                Some(owner) => format!("{owner}.model_{}", model.file()),
                None => format!("model_{}", model.file()),
            };
            out.push(json!({
                "id": format!("access_{}_{group}", model.file()),
                "name": format!("{} {}", model.name, access.group),
                "model": model_ref,
                "group": group_ref(module, &access.group),
                "read": digit('r'), "write": digit('w'), "create": digit('c'), "delete": digit('d'),
            }));
        }
    }
    out
}

/// Whether a model has a window of its own: views that stand alone.
fn has_window(model: &PlannedModel) -> bool {
    let is_alone = |view: &Part| view.values.text("inherit").is_empty();
    !model.is_extension() && model.views.iter().any(is_alone) && model.views.iter().any(|view| view.name != "search")
}

/// Actions of models that have none here, for the menus that open them.
pub(super) fn actions(module: &Module) -> Vec<Value> {
    let mut out: Vec<Value> = Vec::new();
    let opened = module.menus.iter().map(|menu| menu.values.text("model"));
    for model in opened.filter(|name| !name.is_empty() && !module.model(name).is_some_and(has_window)) {
        let id = format!("{}_action", file_of(model));
        if !out.iter().any(|known| known["id"] == id) {
            let title = module
                .model(model)
                .filter(|known| !known.is_extension())
                .map_or_else(|| title_of(model.rsplit('.').next().unwrap_or(model)), PlannedModel::title);
            out.push(json!({ "id": id, "title": title, "model": model }));
        }
    }
    out
}

/// The menus, each below one that stands before it: Odoo reads them in this order.
pub(super) fn menus(module: &Module) -> Vec<Value> {
    let mut open: Vec<&Part> = module.menus.iter().collect();
    let mut sorted: Vec<&Part> = Vec::new();
    while !open.is_empty() {
        let is_later = |menu: &&Part| open.iter().any(|other| other.name == menu.values.text("parent"));
        let (later, now): (Vec<&Part>, Vec<&Part>) = open.iter().copied().partition(|menu| is_later(menu));
        // What goes in a circle is told by the check.
        let is_circle = now.is_empty();
        sorted.extend(if is_circle { &later } else { &now });
        open = if is_circle { Vec::new() } else { later };
    }
    sorted
        .into_iter()
        .map(|menu| {
            let mut value = super::context::part_value(menu);
            let action = match menu.values.text("model") {
                "" => menu.values.text("action").to_owned(),
                model => format!("{}_action", file_of(model)),
            };
            value["action"] = action.into();
            value["parent"] = menu.values.text("parent").into();
            value["group_refs"] = menu
                .values
                .list("groups")
                .into_iter()
                .map(|group| group_ref(module, group))
                .collect::<Vec<_>>()
                .join(",")
                .into();
            value["sequence"] = menu.values.0.get("sequence").cloned().unwrap_or_default();
            value
        })
        .collect()
}

/// The files of the manifest, in the order that Odoo must load them.
pub(super) fn data_files(module: &Module) -> Value {
    let mut data = Vec::new();
    if !module.groups.is_empty() {
        data.push(format!("security/{}_groups.xml", module.name));
    }
    if module.models.iter().any(|model| !model.access.is_empty()) {
        data.push("security/ir.model.access.csv".to_owned());
    }
    for model in module.models.iter().filter(|model| !model.views.is_empty()) {
        data.push(format!("views/{}_views.xml", model.file()));
    }
    if !module.menus.is_empty() {
        data.push(format!("views/{}_menus.xml", module.name));
    }
    json!({ "data": data, "demo": format!("demo/{}_demo.xml", module.name) })
}

/// One record per model where every required value is known, targets before what points to them.
pub(super) fn demo(plan: &Plan, module: &Module) -> Vec<Value> {
    let mut out: Vec<Value> = Vec::new();
    let mut made: BTreeMap<&str, String> = BTreeMap::new();
    let mut open: Vec<&PlannedModel> = module
        .models
        .iter()
        .filter(|model| !model.is_extension() && !model.values.flag("abstract") && !model.values.flag("transient"))
        .collect();
    loop {
        let before = open.len();
        open.retain(|model| match record(plan, module, model, &made) {
            Some(value) => {
                made.insert(&model.name, format!("{}_demo_1", model.file()));
                out.push(value);
                false
            }
            None => true,
        });
        if open.len() == before {
            return out;
        }
    }
}

fn record(plan: &Plan, module: &Module, model: &PlannedModel, made: &BTreeMap<&str, String>) -> Option<Value> {
    // What an inherited model requires is not known.
    if model.values.0.contains_key("inherits") {
        return None;
    }
    let mut values: Vec<Value> = Vec::new();
    for field in &model.fields {
        if field.is_computed() {
            continue;
        }
        let is_wanted = field.values.flag("required") || matches!(field.name.as_str(), "name" | "state");
        let has_default = field.values.0.contains_key("default");
        let kind = field.kind()?;
        let value = |text: String| json!({ "name": field.name, "value": text, "ref": "" });
        let found = match kind {
            FieldKind::Many2one => {
                let target = field.target();
                let known = made
                    .get(target)
                    .cloned()
                    .or_else(|| outside::demo_record(target).map(str::to_owned));
                let elsewhere = plan.owner_for(module, target).filter(|(owner, _)| owner.name != module.name);
                let known = known.or_else(|| elsewhere.map(|(owner, model)| format!("{}.{}_demo_1", owner.name, model.file())));
                // A currency is shown with every amount.
                let is_wanted = is_wanted || target == "res.currency";
                known
                    .filter(|_| is_wanted && !has_default)
                    .map(|id| json!({ "name": field.name, "value": "", "ref": id }))
            }
            _ if !is_wanted || has_default => None,
            FieldKind::Char => Some(value(format!("{} 1", model.title()))),
            FieldKind::Text | FieldKind::Html => Some(value(field.label())),
            FieldKind::Integer => Some(value("1".into())),
            FieldKind::Float | FieldKind::Monetary => Some(value("1.0".into())),
            FieldKind::Boolean => Some(json!({ "name": field.name, "value": "", "ref": "", "eval": "True" })),
            FieldKind::Date => Some(value("2026-01-15".into())),
            FieldKind::Datetime => Some(value("2026-01-15 09:00:00".into())),
            FieldKind::Selection => field.choices().into_iter().next().map(|(choice, _)| value(choice)),
            _ => None,
        };
        match found {
            Some(found) => values.push(found),
            None if field.values.flag("required") && !has_default && kind != FieldKind::Boolean => return None,
            None => {}
        }
    }
    Some(
        json!({ "id": format!("{}_demo_1", model.file()), "model": model.name, "class": words::pascal(&model.name), "values": values }),
    )
}
