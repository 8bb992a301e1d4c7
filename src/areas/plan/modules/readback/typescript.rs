//! The interfaces, object types and classes of a TypeScript package as models, with their fields and what is said above them.

use super::python::{Source, children};
use super::typed::{Class, Member, Types, said_above};
use crate::areas::plan::modules::schema::FieldKind;
use serde_json::Value;
use tree_sitter::Node;

/// Reads one file.
pub(super) fn types(text: &str, types: &mut Types) {
    let Some(source) = Source::of_language(text, &tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into()) else {
        return;
    };
    let mut doc = String::new();
    // `// Share (coop.share).` at the top of a generated file.
    let mut model = String::new();
    let first = types.classes.len();
    for statement in children(source.root()) {
        if statement.kind() == "comment" {
            let said = source.of(statement);
            if statement.start_position().row == 0 && said.starts_with("//") {
                model = said_above(said.trim_start_matches('/').trim()).1;
            }
            doc = bare(said);
            continue;
        }
        let declared = statement.child_by_field_name("declaration").unwrap_or(statement);
        match declared.kind() {
            "interface_declaration" | "class_declaration" | "abstract_class_declaration" => class(&source, declared, &doc, types),
            "type_alias_declaration" => alias(&source, declared, &doc, types),
            "lexical_declaration" => children(declared).into_iter().for_each(|one| constant(&source, one, types)),
            "function_declaration" => maker(&source, declared, types),
            "enum_declaration" => enumeration(&source, declared, types),
            _ => {}
        }
        doc.clear();
    }
    // The one that has its list of fields beside it is the model of the file.
    for class in types.classes.iter_mut().skip(first).filter(|class| !class.kinds.is_empty()) {
        class.model.clone_from(&model);
    }
}

fn bare(comment: &str) -> String {
    let inner = comment
        .trim_start_matches('/')
        .trim_start_matches('*')
        .trim_end_matches('/')
        .trim_end_matches('*');
    let lines = inner.lines().map(|line| line.trim().trim_start_matches('*').trim());
    lines.filter(|line| !line.starts_with('@')).collect::<Vec<_>>().join(" ")
}

fn name_of(source: &Source<'_>, node: Node<'_>) -> Option<String> {
    let name = source.of(node.child_by_field_name("name")?);
    Some(name.trim_matches(['"', '\'', '#']).to_owned())
}

fn class(source: &Source<'_>, node: Node<'_>, doc: &str, types: &mut Types) {
    let (Some(name), Some(body)) = (name_of(source, node), node.child_by_field_name("body")) else {
        return;
    };
    let is_error = node.kind() != "interface_declaration" && {
        let head = source.of(node).split('{').next().unwrap_or_default();
        head.contains("extends") && head.contains("Error")
    };
    if is_error {
        types.others.push(name.clone());
    }
    if node.child_by_field_name("type_parameters").is_none() {
        members(source, name, body, doc, types);
    }
}

fn members(source: &Source<'_>, name: String, body: Node<'_>, doc: &str, types: &mut Types) {
    let mut class = Class {
        name,
        title: said_above(doc).0,
        ..Class::default()
    };
    let mut doc = String::new();
    for child in children(body) {
        match child.kind() {
            "comment" => doc = bare(source.of(child)),
            "property_signature" | "public_field_definition" => {
                let text = source.of(child);
                let is_hidden = ["private ", "protected ", "static ", "#"]
                    .iter()
                    .any(|word| text.starts_with(word));
                let kind = child
                    .child_by_field_name("type")
                    .map(|kind| source.of(kind).trim_start_matches(':'));
                if let (Some(name), Some(kind), false) = (name_of(source, child), kind, is_hidden) {
                    let (label, target) = said_above(&doc);
                    class.fields.push(Member {
                        is_optional: text.split(':').next().is_some_and(|head| head.trim_end().ends_with('?')),
                        name,
                        text: kind.split_whitespace().collect(),
                        label,
                        target,
                        line: u32::try_from(child.start_position().row + 1).unwrap_or(0),
                        ..Member::default()
                    });
                }
                doc.clear();
            }
            _ => doc.clear(),
        }
    }
    types.classes.push(class);
}

/// `type State = "draft" | "done"` and `type Share = { ... }`.
fn alias(source: &Source<'_>, node: Node<'_>, doc: &str, types: &mut Types) {
    let (Some(name), Some(value)) = (name_of(source, node), node.child_by_field_name("value")) else {
        return;
    };
    if value.kind() == "object_type" {
        members(source, name, value, doc, types);
        return;
    }
    let sides: Option<Vec<String>> = source.of(value).split('|').map(|side| literal(side.trim())).collect();
    if let Some(words) = sides {
        types.enums.insert(name, words);
    }
}

/// `enum State { Draft = "draft" }`
fn enumeration(source: &Source<'_>, node: Node<'_>, types: &mut Types) {
    let (Some(name), Some(body)) = (name_of(source, node), node.child_by_field_name("body")) else {
        return;
    };
    let word = |child: Node<'_>| {
        let value = child.child_by_field_name("value").and_then(|value| literal(source.of(value)));
        value
            .or_else(|| name_of(source, child))
            .or_else(|| Some(source.of(child).to_owned()))
    };
    types
        .enums
        .insert(name, children(body).into_iter().filter_map(word).collect());
}

/// `export const ShareFields: readonly FieldPlan[] = [{ name: "x", type: "char", ... }];`
fn constant(source: &Source<'_>, node: Node<'_>, types: &mut Types) {
    let (Some(name), Some(value)) = (name_of(source, node), node.child_by_field_name("value")) else {
        return;
    };
    let Some(class) = name.strip_suffix("Fields") else { return };
    let Some(class) = types.classes.iter_mut().find(|known| known.name == class) else {
        return;
    };
    for entry in children(value).into_iter().filter(|entry| entry.kind() == "object") {
        let text = |wanted: &str| {
            let pairs = children(entry).into_iter().filter(|pair| pair.kind() == "pair");
            let found = pairs
                .filter(|pair| pair.child_by_field_name("key").is_some_and(|key| source.of(key) == wanted))
                .find_map(|pair| literal(source.of(pair.child_by_field_name("value")?)));
            found.unwrap_or_default()
        };
        if let Some(kind) = FieldKind::from_word(&text("type")) {
            class.kinds.insert(text("name"), kind);
        }
        let (name, target) = (text("name"), text("target"));
        if let Some(member) = class
            .fields
            .iter_mut()
            .find(|member| member.name == name && !target.is_empty())
        {
            member.target = target;
        }
    }
}

/// What `newShare` begins with.
fn maker(source: &Source<'_>, node: Node<'_>, types: &mut Types) {
    let name = name_of(source, node).unwrap_or_default();
    let Some(class) = name
        .strip_prefix("new")
        .and_then(|name| types.classes.iter_mut().find(|known| known.name == name))
    else {
        return;
    };
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        if node.kind() == "object" {
            for pair in children(node).into_iter().filter(|pair| pair.kind() == "pair") {
                let (Some(key), Some(value)) = (pair.child_by_field_name("key"), pair.child_by_field_name("value")) else {
                    continue;
                };
                let default = serde_json::from_str::<Value>(source.of(value)).ok();
                let is_said = |value: &Value| {
                    !value.is_null() && !matches!(value, Value::Bool(false)) && *value != Value::from(Vec::<Value>::new())
                };
                if let Some(member) = class.fields.iter_mut().find(|member| member.name == source.of(key)) {
                    member.default = default.filter(is_said);
                }
            }
            return;
        }
        open.extend(children(node));
    }
}

/// The text of a literal.
fn literal(source: &str) -> Option<String> {
    if source.starts_with('"') {
        return serde_json::from_str(source).ok();
    }
    let inner = source.strip_prefix('\'')?.strip_suffix('\'')?;
    Some(inner.replace("\\'", "'"))
}
