//! What the body of a class assigns, and by which names a file calls the fields of Odoo.

use super::python::{Source, children};
use std::collections::{BTreeMap, BTreeSet};
use tree_sitter::Node;

/// The names that a file imports for fields.
pub(super) struct Names<'a> {
    /// `fields`, `f`: what stands before the class of a field.
    modules: BTreeSet<&'a str>,
    /// `Char` where `from odoo.fields import Char` says so.
    classes: BTreeMap<&'a str, &'a str>,
}

impl<'a> Names<'a> {
    pub(super) fn of(source: &Source<'a>) -> Self {
        let mut names = Self {
            modules: BTreeSet::from(["fields", "odoo.fields", "openerp.fields"]),
            classes: BTreeMap::new(),
        };
        for import in children(source.root()) {
            let Some(from) = import.child_by_field_name("module_name") else {
                continue;
            };
            let mut cursor = import.walk();
            for what in import.children_by_field_name("name", &mut cursor) {
                let (name, local) = match (what.child_by_field_name("name"), what.child_by_field_name("alias")) {
                    (Some(name), Some(alias)) => (source.of(name), source.of(alias)),
                    _ => (source.of(what), source.of(what)),
                };
                match source.of(from) {
                    "odoo" | "openerp" if name == "fields" => drop(names.modules.insert(local)),
                    "odoo.fields" | "openerp.fields" => drop(names.classes.insert(local, name)),
                    _ => {}
                }
            }
        }
        names
    }

    /// The class of a field that is called by this: `Char` of `fields.Char`.
    pub(super) fn class(&self, source: &Source<'a>, function: Node<'_>) -> Option<&'a str> {
        if function.kind() == "identifier" {
            return self.classes.get(source.of(function)).copied();
        }
        let object = function.child_by_field_name("object")?;
        let class = source.of(function.child_by_field_name("attribute")?);
        let is_field = self.modules.contains(source.of(object)) && class.starts_with(|c: char| c.is_ascii_uppercase());
        is_field.then_some(class)
    }
}

/// The statements of a body, also those below a condition.
pub(super) fn statements(body: Node<'_>) -> Vec<Node<'_>> {
    let mut out = Vec::new();
    for statement in children(body) {
        match statement.kind() {
            "if_statement" | "else_clause" | "elif_clause" | "try_statement" | "except_clause" | "block" => {
                out.extend(statements(statement));
            }
            _ => out.push(statement),
        }
    }
    out
}

/// Each name with what it becomes: `a = b = 1` is two, and so is `a, b = 1, 2`.
pub(super) fn pairs(assignment: Node<'_>) -> Vec<(Node<'_>, Node<'_>)> {
    let mut lefts = Vec::new();
    let mut at = assignment;
    let value = loop {
        let (Some(left), Some(right)) = (at.child_by_field_name("left"), at.child_by_field_name("right")) else {
            return Vec::new();
        };
        lefts.push(left);
        if right.kind() != "assignment" {
            break right;
        }
        at = right;
    };
    let is_row = |node: Node<'_>| matches!(node.kind(), "pattern_list" | "tuple_pattern" | "expression_list" | "tuple");
    let mut out = Vec::new();
    for left in lefts {
        if matches!(left.kind(), "pattern_list" | "tuple_pattern") && is_row(value) {
            out.extend(children(left).into_iter().zip(children(value)));
        } else {
            out.push((left, value));
        }
    }
    out
}
