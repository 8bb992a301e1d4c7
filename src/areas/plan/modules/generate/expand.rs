//! What a plan leaves to the program: rights, views and menus of a model that says nothing of them. Pure.

use crate::areas::plan::modules::check::checked_fields;
use crate::areas::plan::modules::keys::{NOW, TODAY};
use crate::areas::plan::modules::schema::{Access, FieldKind, Module, Part, PlannedModel, label_of, title_of};

const CONTEXT_TODAY: &str = "=fields.Date.context_today";
const DATETIME_NOW: &str = "=fields.Datetime.now";

/// The module with everything said: what is generated, and what reading the code back gives.
pub fn expanded(module: &Module) -> Module {
    let mut out = module.clone();
    if module.template() != "odoo" {
        return out;
    }
    own_names(&mut out);
    let group = module
        .groups
        .first()
        .map_or("base.group_user", |group| group.name.as_str())
        .to_owned();
    for model in &mut out.models {
        for field in &mut model.fields {
            expand_field(field);
        }
        if model.is_extension() || model.values.flag("abstract") {
            continue;
        }
        if model.access.is_empty() {
            model.access.push(Access {
                group: group.clone(),
                rights: "rwcd".into(),
                line: 0,
            });
        }
        if model.views.is_empty() {
            model.views = views(model);
        }
        // A view that is asked for without a word about its fields has those that are worth showing.
        let usual = views(model);
        let fields: Vec<Vec<String>> = model
            .views
            .iter()
            .map(|view| usual_fields(model, &usual, &view.name))
            .collect();
        for (view, fields) in model.views.iter_mut().zip(fields) {
            if is_bare(view) && !fields.is_empty() {
                view.values.set("fields", fields);
            }
        }
    }
    let has_views =
        |model: &PlannedModel| !model.is_extension() && model.views.iter().any(|view| view.values.text("inherit").is_empty());
    if out.menus.is_empty() && out.models.iter().any(has_views) {
        let title = module.title();
        let mut root = Part::new(&format!("menu_{}_root", module.name));
        root.values.set("title", title);
        out.menus.push(root.clone());
        let mut sequence = 10;
        for model in out.models.iter().filter(|model| has_views(model)) {
            let mut menu = Part::new(&format!("menu_{}", model.file()));
            menu.values.set("title", model.title());
            menu.values.set("parent", root.name.as_str());
            menu.values.set("model", model.name.as_str());
            menu.values.set("sequence", sequence);
            sequence += 10;
            out.menus.push(menu);
        }
    }
    if out.values.text("version").is_empty() {
        out.values.set("version", "18.0.1.0.0");
    }
    if out.values.text("license").is_empty() {
        out.values.set("license", "LGPL-3");
    }
    if out.values.text("category").is_empty() {
        out.values.set("category", "Uncategorized");
    }
    let title = module.title();
    out.values.set("title", title.as_str());
    if out.values.text("summary").is_empty() {
        out.values.set("summary", title);
    }
    if !out.depends().contains(&"base") && out.depends().is_empty() {
        out.values.set("depends", vec!["base"]);
    }
    out
}

/// Names of the module's own without the module before them, and no message that is made from the name anyway.
fn own_names(module: &mut Module) {
    let own = format!("{}.", module.name);
    let bare = |name: &str| name.strip_prefix(&own).unwrap_or(name).to_owned();
    let groups = module.groups.iter_mut().map(|group| (group, "implies"));
    for (part, key) in groups.chain(module.menus.iter_mut().map(|menu| (menu, "groups"))) {
        let names: Vec<String> = part.values.list(key).into_iter().map(bare).collect();
        if !names.is_empty() {
            part.values.set(key, names);
        }
        let parent = bare(part.values.text("parent"));
        part.values.set_text("parent", &parent);
    }
    for model in &mut module.models {
        for access in &mut model.access {
            access.group = bare(&access.group);
        }
        for constraint in &mut model.constraints {
            if constraint.values.text("message") == label_of(&constraint.name) {
                constraint.values.0.remove("message");
            }
        }
    }
}

/// Says nothing of what it shows.
pub fn is_bare(view: &Part) -> bool {
    ["fields", "inherit", "arch"]
        .iter()
        .all(|key| !view.values.0.contains_key(*key))
}

/// The module without what `expanded` would say by itself: how a plan is written of code that was read.
pub fn compacted(module: &Module) -> Module {
    let mut out = module.clone();
    if module.template() != "odoo" {
        return out;
    }
    let whole = expanded(module);
    let is_same = |candidate: &Module| expanded(candidate) == whole;
    for key in ["summary", "category", "license"] {
        let mut less = out.clone();
        if less.values.0.remove(key).is_some() && is_same(&less) {
            out = less;
        }
    }
    let mut less = out.clone();
    less.menus.clear();
    if is_same(&less) {
        out = less;
    }
    for part in out.groups.iter_mut().chain(&mut out.menus) {
        if part.values.text("title") == title_of(&part.name) {
            part.values.0.remove("title");
        }
    }
    let of_one = |model: &PlannedModel| Module {
        models: vec![model.clone()],
        ..whole.clone()
    };
    for model in &mut out.models {
        let wanted = expanded(&of_one(model));
        let mut less = model.clone();
        less.views.clear();
        if !model.views.is_empty() && expanded(&of_one(&less)) == wanted {
            *model = less;
        }
        let title = model.values.0.remove("title");
        if let Some(title) = title.filter(|title| model.is_extension() || title.as_str() != Some(model.title().as_str())) {
            model.values.set("title", title);
        }
        for constraint in &mut model.constraints {
            let fields = constraint.values.0.remove("fields");
            let read = checked_fields(constraint);
            if let Some(fields) = fields.filter(|fields| *fields != serde_json::Value::from(read)) {
                constraint.values.set("fields", fields);
            }
        }
        model.fields.iter_mut().for_each(compact_field);
    }
    out
}

fn compact_field(field: &mut Part) {
    for key in ["values", "selection_add"] {
        let words: Vec<serde_json::Value> = field
            .choices_in(key)
            .into_iter()
            .map(|(value, label)| {
                if label == title_of(&value) {
                    value.into()
                } else {
                    serde_json::json!([value, label])
                }
            })
            .collect();
        if !words.is_empty() {
            field.values.set(key, words);
        }
    }
    let word = match (field.kind(), field.values.text("default")) {
        (Some(FieldKind::Date), CONTEXT_TODAY) => TODAY,
        (Some(FieldKind::Datetime), DATETIME_NOW) => NOW,
        _ => return,
    };
    field.values.set("default", word);
}

fn expand_field(field: &mut Part) {
    if !field.values.0.contains_key("type") {
        field.values.set("type", "char");
    }
    // Odoo's own words for the clock, and its own way to write a moment.
    let default = match (field.kind(), field.values.text("default")) {
        (Some(FieldKind::Date), TODAY) => Some(CONTEXT_TODAY.to_owned()),
        (Some(FieldKind::Datetime), NOW) => Some(DATETIME_NOW.to_owned()),
        (Some(FieldKind::Datetime), text) if !text.starts_with('=') && text.contains('T') => Some(text.replacen('T', " ", 1)),
        _ => None,
    };
    if let Some(default) = default {
        field.values.set("default", default);
    }
    for key in ["values", "selection_add"] {
        let choices = field.choices_in(key);
        if !choices.is_empty() {
            let pairs: Vec<serde_json::Value> = choices
                .into_iter()
                .map(|(value, label)| serde_json::json!([value, label]))
                .collect();
            field.values.set(key, pairs);
        }
    }
    if field.values.text("string") == label_of(&field.name) {
        field.values.0.remove("string");
    }
}

/// List, form and search with the fields that are worth showing there.
fn views(model: &PlannedModel) -> Vec<Part> {
    let is_large = |field: &&Part| {
        matches!(
            field.kind(),
            Some(
                FieldKind::One2many
                    | FieldKind::Many2many
                    | FieldKind::Html
                    | FieldKind::Text
                    | FieldKind::Binary
                    | FieldKind::Json
            )
        )
    };
    let names = |fields: Vec<&Part>| -> Vec<String> { fields.into_iter().map(|field| field.name.clone()).collect() };
    let small: Vec<&Part> = model.fields.iter().filter(|field| !is_large(field)).collect();
    let large: Vec<&Part> = model
        .fields
        .iter()
        .filter(is_large)
        .filter(|field| !field.is(FieldKind::Json))
        .collect();
    let list = names(small.iter().copied().take(8).collect());
    let form = names(small.iter().copied().chain(large).collect());
    let searched = |field: &&&Part| {
        matches!(
            field.kind(),
            Some(FieldKind::Char | FieldKind::Selection | FieldKind::Many2one | FieldKind::Boolean | FieldKind::Date)
        )
    };
    let search = names(small.iter().filter(|field| searched(field)).copied().take(6).collect());
    let view = |kind: &str, fields: Vec<String>| {
        let mut view = Part::new(kind);
        view.values.set("fields", fields);
        view
    };
    [("list", list), ("form", form), ("search", search)]
        .into_iter()
        .filter(|(_, fields)| !fields.is_empty())
        .map(|(kind, fields)| view(kind, fields))
        .collect()
}

/// The fields of a view of this kind: as in the list, the form and the search, or a few of them.
fn usual_fields(model: &PlannedModel, usual: &[Part], kind: &str) -> Vec<String> {
    let of = |kind: &str| -> Vec<String> {
        let view = usual.iter().find(|view| view.name == kind);
        let fields = view.map(|view| view.values.list("fields")).unwrap_or_default();
        fields.into_iter().map(str::to_owned).collect()
    };
    let first = |kinds: &[FieldKind]| {
        let found = model
            .fields
            .iter()
            .find(|field| field.kind().is_some_and(|kind| kinds.contains(&kind)));
        found.map(|field| field.name.clone())
    };
    match kind {
        "kanban" => of("list").into_iter().take(3).collect(),
        "activity" | "calendar" => match model.values.text("rec_name") {
            "" => of("list").into_iter().take(1).collect(),
            name => vec![name.to_owned()],
        },
        "graph" | "pivot" => {
            let row = first(&[FieldKind::Selection, FieldKind::Many2one, FieldKind::Date, FieldKind::Char]);
            let measure = first(&[FieldKind::Monetary, FieldKind::Float, FieldKind::Integer]);
            row.into_iter().chain(measure).collect()
        }
        kind => of(kind),
    }
}
