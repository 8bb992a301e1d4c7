//! What an expression of Python speaks of: names that it takes from around it, and what it reads of a record. Nothing is run.

use super::python::{Source, children};
use std::collections::BTreeSet;
use std::ops::Range;
use tree_sitter::Node;

/// Names that the code around a generated expression has.
const AROUND: [&str; 5] = ["api", "fields", "models", "record", "self"];
/// Python's own that an expression may need.
const OF_PYTHON: [&str; 26] = [
    "abs",
    "all",
    "any",
    "bool",
    "dict",
    "enumerate",
    "filter",
    "float",
    "getattr",
    "hasattr",
    "int",
    "isinstance",
    "len",
    "list",
    "map",
    "max",
    "min",
    "range",
    "reversed",
    "round",
    "set",
    "sorted",
    "str",
    "sum",
    "tuple",
    "zip",
];

/// The names of one expression.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spoken {
    /// Names that it does not make itself, each with its bytes.
    pub free: Vec<(Range<usize>, String)>,
    /// What stands behind `record.` and is not called, each once.
    pub of_record: Vec<String>,
}

impl Spoken {
    /// Names that neither the language nor the code around a generated expression has.
    pub fn unknown(&self) -> impl Iterator<Item = &str> {
        let names = self.free.iter().map(|(_, name)| name.as_str());
        names.filter(|name| !AROUND.contains(name) && !OF_PYTHON.contains(name))
    }
}

/// Looks through an expression; None for what is none.
pub fn spoken(expression: &str) -> Option<Spoken> {
    let source = Source::parse(expression)?;
    if source.broken_line().is_some() {
        return None;
    }
    let statements = children(source.root());
    let [statement] = statements.as_slice() else { return None };
    let inner = children(*statement);
    let is_value = |node: &Node<'_>| !matches!(node.kind(), "assignment" | "augmented_assignment");
    if statement.kind() != "expression_statement" || !inner.first().is_some_and(is_value) || inner.len() != 1 {
        return None;
    }
    let (mut spoken, mut made) = (Spoken::default(), BTreeSet::new());
    let mut open = vec![*statement];
    while let Some(node) = open.pop() {
        let below = |name: &str| node.child_by_field_name(name);
        match node.kind() {
            "identifier" => spoken.free.push((node.byte_range(), source.of(node).to_owned())),
            "attribute" => {
                open.extend(below("object"));
                let is_called = node.parent().is_some_and(|above| {
                    above.kind() == "call" && above.child_by_field_name("function").is_some_and(|function| function == node)
                });
                if let (Some(object), Some(name)) = (below("object"), below("attribute")) {
                    let name = source.of(name).to_owned();
                    if source.of(object) == "record" && !is_called && !spoken.of_record.contains(&name) {
                        spoken.of_record.push(name);
                    }
                }
            }
            "keyword_argument" => open.extend(below("value")),
            // What is named here is known below it.
            "for_in_clause" => {
                made.extend(below("left").into_iter().flat_map(|left| names(&source, left)));
                open.extend(below("right"));
            }
            "lambda" => {
                made.extend(below("parameters").into_iter().flat_map(|list| names(&source, list)));
                open.extend(below("body"));
            }
            "named_expression" => {
                made.extend(below("name").into_iter().flat_map(|name| names(&source, name)));
                open.extend(below("value"));
            }
            _ => open.extend(children(node).into_iter().rev()),
        }
    }
    spoken.free.retain(|(_, name)| !made.contains(name));
    spoken.free.sort_by_key(|(range, _)| range.start);
    Some(spoken)
}

fn names(source: &Source<'_>, node: Node<'_>) -> Vec<String> {
    if node.kind() == "identifier" {
        return vec![source.of(node).to_owned()];
    }
    children(node).into_iter().flat_map(|child| names(source, child)).collect()
}
