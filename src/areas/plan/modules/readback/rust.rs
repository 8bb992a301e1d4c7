//! The structs of a crate as models: their public fields with their types, what is said above them, and the words of its enumerations.

use super::python::{Source, children};
use super::typed::{Class, Member, Types, said_above};
use crate::areas::plan::modules::generate::pascal;
use crate::areas::plan::modules::schema::FieldKind;
use serde_json::Value;
use std::collections::BTreeMap;
use tree_sitter::Node;

/// Reads one file.
pub(super) fn types(text: &str, types: &mut Types) {
    let Some(source) = Source::of_language(text, &tree_sitter_rust::LANGUAGE.into()) else {
        return;
    };
    items(&source, source.root(), types, 0);
}

fn items(source: &Source<'_>, node: Node<'_>, types: &mut Types, depth: usize) {
    let mut doc = String::new();
    for item in children(node) {
        match item.kind() {
            "line_comment" => {
                if let Some(line) = source.of(item).strip_prefix("///") {
                    doc.push_str(line);
                    doc.push('\n');
                }
                continue;
            }
            "attribute_item" | "block_comment" => continue,
            "struct_item" => structure(source, item, &doc, types),
            "enum_item" => enumeration(source, item, types),
            "impl_item" => implementation(source, item, types),
            "mod_item" if depth < 4 && !is_test(source, item) => {
                if let Some(body) = item.child_by_field_name("body") {
                    items(source, body, types, depth + 1);
                }
            }
            _ => {}
        }
        doc.clear();
    }
}

fn is_test(source: &Source<'_>, item: Node<'_>) -> bool {
    item.child_by_field_name("name")
        .is_some_and(|name| source.of(name) == "tests")
}

fn name_of(source: &Source<'_>, node: Node<'_>) -> Option<String> {
    let name = source.of(node.child_by_field_name("name")?);
    Some(name.strip_prefix("r#").unwrap_or(name).to_owned())
}

fn is_public(source: &Source<'_>, node: Node<'_>) -> bool {
    children(node)
        .iter()
        .any(|child| child.kind() == "visibility_modifier" && source.of(*child) == "pub")
}

fn structure(source: &Source<'_>, item: Node<'_>, doc: &str, types: &mut Types) {
    // A model is said whole: one with types to be filled in is none.
    let is_open = item.child_by_field_name("type_parameters").is_some();
    let Some(body) = item
        .child_by_field_name("body")
        .filter(|body| body.kind() == "field_declaration_list")
    else {
        return;
    };
    let Some(name) = name_of(source, item).filter(|_| !is_open && is_public(source, item)) else {
        return;
    };
    let mut class = Class {
        name,
        title: said_above(doc).0,
        ..Class::default()
    };
    let mut doc = String::new();
    for child in children(body) {
        match child.kind() {
            "line_comment" => doc.push_str(source.of(child).trim_start_matches('/')),
            "field_declaration" => {
                if let (Some(name), Some(kind), true) = (
                    name_of(source, child),
                    child.child_by_field_name("type"),
                    is_public(source, child),
                ) {
                    let (label, target) = said_above(&doc);
                    // A word of the language has a sign behind it.
                    let bare = name
                        .strip_suffix('_')
                        .filter(|bare| ["self", "Self", "super", "crate"].contains(bare));
                    class.fields.push(Member {
                        name: bare.unwrap_or(&name).to_owned(),
                        text: source.of(kind).split_whitespace().collect(),
                        label,
                        target,
                        line: u32::try_from(child.start_position().row + 1).unwrap_or(0),
                        ..Member::default()
                    });
                }
                doc.clear();
            }
            _ => {}
        }
    }
    types.classes.push(class);
}

fn enumeration(source: &Source<'_>, item: Node<'_>, types: &mut Types) {
    let (Some(name), Some(body)) = (name_of(source, item), item.child_by_field_name("body")) else {
        return;
    };
    let variants: Vec<Node<'_>> = children(body)
        .into_iter()
        .filter(|child| child.kind() == "enum_variant")
        .collect();
    // One that carries more than its name is no choice of words.
    if variants.is_empty() || variants.iter().any(|variant| variant.child_by_field_name("body").is_some()) {
        return;
    }
    let words = variants.iter().filter_map(|variant| name_of(source, *variant)).collect();
    types.enums.insert(name, words);
}

fn implementation(source: &Source<'_>, item: Node<'_>, types: &mut Types) {
    let (Some(name), Some(body)) = (item.child_by_field_name("type"), item.child_by_field_name("body")) else {
        return;
    };
    let name = source.of(name);
    let of = item
        .child_by_field_name("trait")
        .map(|of| source.of(of).rsplit(':').next().unwrap_or_default());
    if of == Some("Error") {
        types.others.push(name.to_owned());
        return;
    }
    if let Some(words) = types.enums.get_mut(name) {
        let known = arms(source, body);
        for word in words {
            if let Some(said) = known.get(word) {
                said.clone_into(word);
            }
        }
        return;
    }
    let enums = types.enums.clone();
    let Some(class) = types.classes.iter_mut().find(|class| class.name == name) else {
        return;
    };
    if of == Some("Default") {
        defaults(source, body, class, &enums);
    }
    for constant in children(body).into_iter().filter(|child| child.kind() == "const_item") {
        let Some(value) = constant.child_by_field_name("value") else {
            continue;
        };
        match name_of(source, constant).as_deref() {
            Some("MODEL") => class.model = literal(source.of(value)).unwrap_or_default(),
            Some("FIELDS") => {
                let texts = strings(source, value);
                for pair in texts.chunks_exact(2) {
                    if let Some(kind) = FieldKind::from_word(&pair[1]) {
                        class.kinds.insert(pair[0].clone(), kind);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Every text below a node, in order.
fn strings(source: &Source<'_>, node: Node<'_>) -> Vec<String> {
    if node.kind() == "string_literal" {
        return literal(source.of(node)).into_iter().collect();
    }
    children(node).into_iter().flat_map(|child| strings(source, child)).collect()
}

/// `Self::Draft => "draft"`, of the method that gives the words.
fn arms(source: &Source<'_>, node: Node<'_>) -> BTreeMap<String, String> {
    if node.kind() == "match_arm" {
        let (pattern, value) = (node.child_by_field_name("pattern"), node.child_by_field_name("value"));
        let pair = pattern.zip(value).and_then(|(pattern, value)| {
            let variant = source.of(pattern).rsplit("::").next()?.trim().to_owned();
            Some((variant, literal(source.of(value))?))
        });
        return pair.into_iter().collect();
    }
    children(node).into_iter().flat_map(|child| arms(source, child)).collect()
}

/// What the values of a struct begin with: `name: Some(String::from("x")),`.
fn defaults(source: &Source<'_>, node: Node<'_>, class: &mut Class, enums: &BTreeMap<String, Vec<String>>) {
    if node.kind() == "field_initializer" {
        let (name, value) = (
            node.child_by_field_name("field").or_else(|| node.child_by_field_name("name")),
            node.child_by_field_name("value"),
        );
        if let Some((name, value)) = name.zip(value) {
            let name = source.of(name);
            let name = name.strip_prefix("r#").unwrap_or(name);
            let member = class
                .fields
                .iter_mut()
                .find(|member| member.name == name || format!("{}_", member.name) == name);
            if let Some(member) = member {
                let text = source.of(value);
                member.default = default_of(text).or_else(|| variant(text, &member.text, enums));
            }
        }
        return;
    }
    for child in children(node) {
        defaults(source, child, class, enums);
    }
}

fn without<'t>(text: &'t str, call: &str) -> &'t str {
    let inner = text.strip_prefix(call).and_then(|rest| rest.strip_suffix(')'));
    inner.unwrap_or(text)
}

fn default_of(text: &str) -> Option<Value> {
    let bare = without(without(text, "Some("), "String::from(");
    let bare = bare
        .strip_suffix(".to_owned()")
        .or_else(|| bare.strip_suffix(".to_string()"))
        .unwrap_or(bare);
    let number = || {
        bare.parse::<i64>()
            .map(Value::from)
            .or_else(|_| bare.parse::<f64>().map(Value::from))
            .ok()
    };
    match bare {
        // It is what a flag is without a word.
        "false" => None,
        "true" => Some(true.into()),
        _ => literal(bare).map(Value::from).or_else(number),
    }
}

/// `State::Draft` of an enumeration whose words stand in their order.
fn variant(text: &str, written: &str, enums: &BTreeMap<String, Vec<String>>) -> Option<Value> {
    let (name, variant) = without(text, "Some(").split_once("::")?;
    let bare = written.strip_prefix("Option<").and_then(|rest| rest.strip_suffix('>'));
    let words = enums.get(name).filter(|_| bare.unwrap_or(written) == name)?;
    let plain = |word: &&String| pascal(word) == variant;
    words.iter().find(plain).map(|word| word.as_str().into())
}

/// The text of a literal.
fn literal(source: &str) -> Option<String> {
    let inner = source.trim().strip_prefix('"')?.strip_suffix('"')?;
    let mut out = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next()? {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            '0' => out.push('\0'),
            'u' => {
                let digits: String = chars.by_ref().skip(1).take_while(|c| *c != '}').collect();
                out.push(char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?);
            }
            other => out.push(other),
        }
    }
    Some(out)
}
