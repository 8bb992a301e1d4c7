//! Python by tree-sitter: literals as JSON, classes and what is assigned in them. Nothing is run.

use serde_json::{Map, Number, Value};
use tree_sitter::{Language, Node, Parser, Tree};

/// A parsed file.
pub(super) struct Source<'a> {
    pub(super) text: &'a str,
    tree: Tree,
}

impl<'a> Source<'a> {
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        Self::of_language(text, &tree_sitter_python::LANGUAGE.into())
    }

    /// A file of another language.
    pub(super) fn of_language(text: &'a str, language: &Language) -> Option<Self> {
        let mut parser = Parser::new();
        parser.set_language(language).ok()?;
        let tree = parser.parse(text, None)?;
        Some(Self { text, tree })
    }

    pub(super) fn root(&self) -> Node<'_> {
        self.tree.root_node()
    }

    /// The line of the first thing that is no Python, from 1.
    pub(super) fn broken_line(&self) -> Option<u32> {
        let root = self.root();
        if !root.has_error() {
            return None;
        }
        let mut open = vec![root];
        while let Some(node) = open.pop() {
            if node.is_error() || node.is_missing() {
                return u32::try_from(node.start_position().row + 1).ok();
            }
            let mut children: Vec<Node<'_>> = children(node).into_iter().filter(Node::has_error).collect();
            children.reverse();
            open.extend(children);
        }
        Some(1)
    }

    pub(super) fn of(&self, node: Node<'_>) -> &'a str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    /// A literal as JSON; None for anything that has to be run.
    pub(super) fn literal(&self, node: Node<'_>) -> Option<Value> {
        match node.kind() {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            "none" => Some(Value::Null),
            "integer" => {
                let text = self.of(node).replace('_', "");
                text.parse::<i64>().ok().map(Into::into)
            }
            "float" => Number::from_f64(self.of(node).replace('_', "").parse().ok()?).map(Value::Number),
            "unary_operator" => {
                let text: String = self.of(node).chars().filter(|c| !c.is_whitespace()).collect();
                match text.parse::<i64>() {
                    Ok(number) => Some(number.into()),
                    Err(_) => Number::from_f64(text.parse().ok()?).map(Value::Number),
                }
            }
            "string" => string(self.of(node)).map(Value::String),
            "concatenated_string" => {
                let parts: Option<String> = children(node)
                    .into_iter()
                    .filter(|part| part.kind() == "string")
                    .map(|part| string(self.of(part)))
                    .collect();
                parts.map(Value::String)
            }
            "parenthesized_expression" => {
                let inner: Vec<Node<'_>> = children(node).into_iter().filter(|child| child.kind() != "comment").collect();
                self.literal(*inner.first()?)
            }
            "list" | "tuple" | "set" => {
                let items = children(node).into_iter().filter(|child| child.kind() != "comment");
                items
                    .map(|child| self.literal(child))
                    .collect::<Option<Vec<_>>>()
                    .map(Value::Array)
            }
            "dictionary" => {
                let mut out = Map::new();
                for pair in children(node).into_iter().filter(|child| child.kind() == "pair") {
                    let key = self.literal(pair.child_by_field_name("key")?)?;
                    // One value that has to be run does not hide the others.
                    if let Some(value) = pair.child_by_field_name("value").and_then(|value| self.literal(value)) {
                        out.insert(key.as_str()?.to_owned(), value);
                    }
                }
                Some(Value::Object(out))
            }
            "binary_operator" if node.child_by_field_name("operator").is_some_and(|sign| self.of(sign) == "+") => {
                let side = |name| self.literal(node.child_by_field_name(name)?);
                match (side("left")?, side("right")?) {
                    (Value::Array(left), Value::Array(right)) => Some([left, right].concat().into()),
                    (Value::String(left), Value::String(right)) => Some((left + &right).into()),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

/// The named children.
pub(super) fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).collect()
}

/// A string literal's text; None for an f-string with something to run.
pub(super) fn string(source: &str) -> Option<String> {
    let quote_at = source.find(['"', '\''])?;
    let (prefix, rest) = source.split_at(quote_at);
    let prefix = prefix.to_ascii_lowercase();
    if prefix.contains('f') || prefix.contains('b') {
        return None;
    }
    let quote = if rest.starts_with("\"\"\"") || rest.starts_with("'''") {
        3
    } else {
        1
    };
    let inner = rest.get(quote..rest.len().checked_sub(quote)?)?;
    if prefix.contains('r') {
        return Some(inner.to_owned());
    }
    let mut out = String::new();
    let mut chars = inner.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next()? {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            '\n' => {}
            mark @ ('x' | 'u' | 'U') => {
                let n = match mark {
                    'x' => 2,
                    'u' => 4,
                    _ => 8,
                };
                let digits: String = chars.by_ref().take(n).collect();
                out.push(char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?);
            }
            other @ ('\\' | '"' | '\'') => out.push(other),
            other => {
                out.push('\\');
                out.push(other);
            }
        }
    }
    Some(out)
}
