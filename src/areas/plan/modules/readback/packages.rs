//! Packages of Cargo, npm and Python as a plan: what their manifest says, and for Python the dataclasses with what they say of their fields.

use super::python::{Source, children};
use super::text;
use crate::adapters::files;
use crate::areas::plan::modules::schema::{Module, Part, PlannedModel, Values};
use crate::base::Problem;
use crate::msg;
use serde_json::Value;
use std::path::Path;
use tree_sitter::Node;

fn named(name: &str, template: &str) -> Module {
    let mut module = Module {
        name: name.to_owned(),
        ..Module::default()
    };
    module.values.set("template", template);
    module
}

fn copy(values: &mut Values, from: &Value, keys: &[(&str, &str)]) {
    for (key, own) in keys {
        if let Some(text) = from.get(key).and_then(Value::as_str) {
            values.set_text(own, text);
        }
    }
}

fn toml(path: &Path, problems: &mut Vec<Problem>) -> Option<Value> {
    let source = text(path, problems);
    match toml::from_str::<Value>(&source) {
        Ok(value) => Some(value),
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            let problem = Problem::config(msg!("plan-modules-not-toml", file = path))
                .code("unreadable")
                .details(error.message());
            problems.push(problem.at_byte(path, &source, at));
            None
        }
    }
}

/// A crate; None for a workspace without a package, whose members are looked for below.
pub(super) fn cargo(folder: &Path, problems: &mut Vec<Problem>) -> Option<Module> {
    let manifest = toml(&folder.join("Cargo.toml"), problems)?;
    let package = manifest.get("package")?;
    let mut module = named(package["name"].as_str().unwrap_or_default(), "rust");
    copy(
        &mut module.values,
        package,
        &[
            ("version", "version"),
            ("description", "summary"),
            ("license", "license"),
            ("homepage", "website"),
        ],
    );
    dependencies(&mut module, manifest.get("dependencies"));
    Some(module)
}

fn dependencies(module: &mut Module, table: Option<&Value>) {
    let names: Vec<&str> = table
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(|table| table.keys().map(String::as_str))
        .collect();
    if !names.is_empty() {
        module.values.set("depends", names);
    }
}

pub(super) fn npm(folder: &Path, problems: &mut Vec<Problem>) -> Option<Module> {
    let path = folder.join("package.json");
    let source = text(&path, problems);
    let manifest: Value = match serde_json::from_str(&source) {
        Ok(manifest) => manifest,
        Err(error) => {
            let problem = Problem::config(msg!("plan-modules-not-json", path = &path))
                .code("unreadable")
                .details(&error);
            problems.push(problem.at_place(&path, error.line() as u32, error.column() as u32));
            return None;
        }
    };
    let name = manifest.get("name").and_then(Value::as_str)?;
    // The scope of a package is no part of a file's name.
    let mut module = named(name.rsplit('/').next().unwrap_or(name), "typescript");
    if name.contains('/') {
        module.values.set("package", name);
    }
    copy(
        &mut module.values,
        &manifest,
        &[
            ("version", "version"),
            ("description", "summary"),
            ("license", "license"),
            ("homepage", "website"),
        ],
    );
    dependencies(&mut module, manifest.get("dependencies"));
    Some(module)
}

pub(super) fn python(folder: &Path, problems: &mut Vec<Problem>) -> Option<Module> {
    let manifest = toml(&folder.join("pyproject.toml"), problems)?;
    let poetry = manifest.get("tool").and_then(|tool| tool.get("poetry"));
    let project = manifest.get("project").or(poetry)?;
    let name = project.get("name").and_then(Value::as_str)?;
    let mut module = named(name, "python");
    copy(
        &mut module.values,
        project,
        &[("version", "version"), ("description", "summary"), ("license", "license")],
    );
    let depends: Vec<String> = project
        .get("dependencies")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(|line| {
            line.chars()
                .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
                .collect()
        })
        .collect();
    if !depends.is_empty() {
        module.values.set("depends", depends);
    }
    let package = name.replace('-', "_");
    for below in [format!("src/{package}"), package] {
        let Ok(mut entries) = files::list_dir(&folder.join(&below)) else {
            continue;
        };
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        for entry in entries
            .into_iter()
            .filter(|entry| entry.path.extension().is_some_and(|ending| ending == "py"))
        {
            let code = text(&entry.path, problems);
            if let Some(source) = Source::parse(&code) {
                dataclasses(&source, &mut module);
            }
        }
    }
    Some(module)
}

/// Classes whose fields carry the plan's own values as metadata.
fn dataclasses(source: &Source<'_>, module: &mut Module) {
    let root = source.root();
    let mut models: Vec<(String, PlannedModel)> = Vec::new();
    for statement in children(root) {
        let class = match statement.kind() {
            "decorated_definition" => statement.child_by_field_name("definition"),
            _ => Some(statement),
        };
        match class {
            Some(class) if class.kind() == "class_definition" => {
                let Some(name) = class.child_by_field_name("name") else {
                    continue;
                };
                let mut model = PlannedModel::default();
                for statement in class.child_by_field_name("body").map(children).unwrap_or_default() {
                    model.fields.extend(dataclass_field(source, statement));
                    if statement.kind() == "expression_statement"
                        && let Some(Value::String(doc)) = children(statement).first().and_then(|node| source.literal(*node))
                        && model.fields.is_empty()
                    {
                        model.values.set_text("title", doc.trim().trim_end_matches('.'));
                    }
                }
                models.push((source.of(name).to_owned(), model));
            }
            // `CoopShare.MODEL = "coop.share"`
            Some(statement) => {
                let assignment = children(statement).into_iter().find(|node| node.kind() == "assignment");
                let Some(assignment) = assignment else { continue };
                let (Some(left), Some(right)) = (
                    assignment.child_by_field_name("left"),
                    assignment.child_by_field_name("right"),
                ) else {
                    continue;
                };
                let Some(class) = source.of(left).strip_suffix(".MODEL") else {
                    continue;
                };
                if let Some((_, model)) = models.iter_mut().find(|(name, _)| name == class)
                    && let Some(Value::String(name)) = source.literal(right)
                {
                    model.name = name;
                }
            }
            None => {}
        }
    }
    module.models.extend(
        models
            .into_iter()
            .map(|(_, model)| model)
            .filter(|model| !model.name.is_empty()),
    );
}

fn dataclass_field(source: &Source<'_>, statement: Node<'_>) -> Option<Part> {
    let assignment = children(statement).into_iter().find(|node| node.kind() == "assignment")?;
    let name = source.of(assignment.child_by_field_name("left")?);
    let call = assignment
        .child_by_field_name("right")
        .filter(|right| right.kind() == "call")?;
    let metadata = children(call.child_by_field_name("arguments")?)
        .into_iter()
        .find(|argument| {
            argument
                .child_by_field_name("name")
                .is_some_and(|key| source.of(key) == "metadata")
        })?;
    let Some(Value::Object(values)) = source.literal(metadata.child_by_field_name("value")?) else {
        return None;
    };
    let mut part = Part::new(name.trim_end_matches('_'));
    for (key, value) in values {
        part.values.set(&key, value);
    }
    Some(part)
}
