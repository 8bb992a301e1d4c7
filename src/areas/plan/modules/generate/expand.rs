//! What a plan leaves to the program: rights, views and menus of a model that says nothing of them. Pure.

use crate::areas::plan::modules::schema::{Access, FieldKind, Module, Part, PlannedModel};

/// The module with everything said: what is generated, and what reading the code back gives.
pub fn expanded(module: &Module) -> Module {
    let mut out = module.clone();
    if module.template() != "odoo" {
        return out;
    }
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
        for view in &mut model.views {
            let is_bare = ["fields", "inherit", "arch"]
                .iter()
                .all(|key| !view.values.0.contains_key(*key));
            if let Some(usual) = usual.iter().find(|usual| is_bare && usual.name == view.name) {
                view.values.set("fields", usual.values.list("fields"));
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

fn expand_field(field: &mut Part) {
    if !field.values.0.contains_key("type") {
        field.values.set("type", "char");
    }
    let choices = field.choices();
    if !choices.is_empty() {
        let pairs: Vec<serde_json::Value> = choices
            .into_iter()
            .map(|(value, label)| serde_json::json!([value, label]))
            .collect();
        field.values.set("values", pairs);
    }
    if field.values.text("string") == crate::areas::plan::modules::schema::label_of(&field.name) {
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
