//! The classes of a Python package as models: dataclasses, models of pydantic and the like, by their annotated fields. What a generated
//! field carries of its plan counts as long as its type is the one that was generated.

use super::python::{Source, children};
use super::typed::{Class, Member, Types};
use crate::areas::plan::modules::generate::python_name;
use crate::areas::plan::modules::schema::Values;
use serde_json::Value;
use tree_sitter::Node;

/// Reads one file.
pub(super) fn types(text: &str, types: &mut Types) {
    let Some(source) = Source::parse(text) else { return };
    for statement in children(source.root()) {
        let inner = match statement.kind() {
            "decorated_definition" => statement.child_by_field_name("definition"),
            _ => Some(statement),
        };
        match inner {
            Some(class) if class.kind() == "class_definition" => self::class(&source, statement, class, types),
            Some(statement) => model_name(&source, statement, types),
            None => {}
        }
    }
}

/// `CoopShare.MODEL = "coop.share"`
fn model_name(source: &Source<'_>, statement: Node<'_>, types: &mut Types) {
    let assignment = children(statement).into_iter().find(|node| node.kind() == "assignment");
    let Some((left, right)) = assignment.and_then(|node| node.child_by_field_name("left").zip(node.child_by_field_name("right")))
    else {
        return;
    };
    let Some(name) = source.of(left).strip_suffix(".MODEL") else {
        return;
    };
    if let Some(class) = types.classes.iter_mut().find(|class| class.name == name)
        && let Some(Value::String(model)) = source.literal(right)
    {
        class.model = model;
    }
}

fn class(source: &Source<'_>, statement: Node<'_>, node: Node<'_>, types: &mut Types) {
    let (Some(name), Some(body)) = (node.child_by_field_name("name"), node.child_by_field_name("body")) else {
        return;
    };
    let name = source.of(name).to_owned();
    let bases: Vec<&str> = node
        .child_by_field_name("superclasses")
        .map(children)
        .unwrap_or_default()
        .into_iter()
        .map(|base| source.of(base))
        .collect();
    let is_base = |ending: &str| {
        bases
            .iter()
            .any(|base| base.rsplit('.').next().is_some_and(|base| base.ends_with(ending)))
    };
    if is_base("Enum") || is_base("Flag") {
        let words = children(body)
            .into_iter()
            .filter_map(|line| enumerated(source, line))
            .collect();
        types.enums.insert(name, words);
        return;
    }
    let decorators = children(statement).into_iter().filter(|child| child.kind() == "decorator");
    let decorators: Vec<&str> = decorators.map(|decorator| source.of(decorator)).collect();
    let is_decorated = ["dataclass", "define", "frozen", "attrs", "attr.s"]
        .iter()
        .any(|word| decorators.iter().any(|decorator| decorator.contains(word)));
    let is_typed = ["BaseModel", "SQLModel", "Struct", "TypedDict", "NamedTuple"]
        .iter()
        .any(|base| is_base(base));
    // A class of the package that is made from one of them is one, too.
    let is_made = bases.iter().any(|base| types.classes.iter().any(|class| class.name == *base));
    if !is_decorated && !is_typed && !is_made {
        return;
    }
    let mut class = Class {
        name,
        ..Class::default()
    };
    for line in children(body) {
        if let Some(member) = member(source, line) {
            class.fields.push(member);
        } else if class.fields.is_empty()
            && line.kind() == "expression_statement"
            && let Some(Value::String(doc)) = children(line).first().and_then(|node| source.literal(*node))
        {
            class.title = super::typed::said_above(doc.trim().lines().next().unwrap_or_default()).0;
        }
    }
    types.classes.push(class);
}

/// `DRAFT = "draft"`
fn enumerated(source: &Source<'_>, line: Node<'_>) -> Option<String> {
    let assignment = children(line).into_iter().find(|node| node.kind() == "assignment")?;
    match source.literal(assignment.child_by_field_name("right")?) {
        Some(Value::String(word)) => Some(word),
        _ => Some(source.of(assignment.child_by_field_name("left")?).to_lowercase()),
    }
}

/// `share: int = field(default=0, metadata={...})`
fn member(source: &Source<'_>, line: Node<'_>) -> Option<Member> {
    let assignment = children(line).into_iter().find(|node| node.kind() == "assignment")?;
    let name = source.of(assignment.child_by_field_name("left")?);
    let text: String = source
        .of(assignment.child_by_field_name("type")?)
        .split_whitespace()
        .collect();
    if name.starts_with('_') || name == "model_config" || text.contains("ClassVar") {
        return None;
    }
    let text = text.trim_matches(['"', '\'']).to_owned();
    let right = assignment.child_by_field_name("right");
    let arguments = right
        .filter(|right| right.kind() == "call")
        .and_then(|call| call.child_by_field_name("arguments"));
    let argument = |wanted: &str| {
        let list = arguments.map(children).unwrap_or_default();
        let is_it = |node: &Node<'_>| node.child_by_field_name("name").is_some_and(|key| source.of(key) == wanted);
        list.into_iter().find(is_it)?.child_by_field_name("value")
    };
    let values = match argument("metadata").and_then(|value| source.literal(value)) {
        Some(Value::Object(values)) if values.contains_key("type") => Some(Values(values.into_iter().collect())),
        _ => None,
    };
    let default = argument("default").or(right).and_then(|value| source.literal(value));
    let is_said = |value: &Value| {
        !value.is_null() && *value != Value::Bool(false) && (value.is_boolean() || value.is_number() || value.is_string())
    };
    // A word of the language has a sign behind it.
    let bare = name.strip_suffix('_').filter(|bare| python_name(bare) == name);
    Some(Member {
        name: bare.unwrap_or(name).to_owned(),
        text,
        default: default.filter(is_said),
        values,
        line: u32::try_from(line.start_position().row + 1).unwrap_or(0),
        ..Member::default()
    })
}
