//! A file with `spec: inputs`: its second document, with what the file that includes it gives put in. Pure.
//! <https://docs.gitlab.com/ci/inputs/>

use super::super::yaml::{self, Flaw, Key, Node, Yaml};
use crate::base::Problem;
use crate::msg;
use std::collections::BTreeMap;
use std::path::Path;

const OPEN: &str = "$[[";
const CLOSE: &str = "]]";

/// The tree of a file; one without `spec` is as it stands.
pub(super) fn read(path: &Path, text: &str, given: Option<&Node>, problems: &mut Vec<Problem>) -> Result<Node, Flaw> {
    let first = yaml::read(text)?;
    let Some((key, spec)) = first.entries().iter().find(|(key, _)| key.text == "spec") else {
        return Ok(first);
    };
    let is_border = |line: &str| line == "---" || line.starts_with("--- ");
    let mut lines = text.lines().enumerate().skip(key.line as usize);
    let Some((border, _)) = lines.find(|(_, line)| is_border(line)) else {
        return Ok(first);
    };
    // Blank lines stand for the first document: what is said of the second has its own lines.
    let body: Vec<&str> = text
        .lines()
        .enumerate()
        .map(|(at, line)| if at > border { line } else { "" })
        .collect();
    let body = yaml::read(&body.join("\n"))?;
    let mut filling = Filling {
        values: BTreeMap::new(),
        missing: BTreeMap::new(),
    };
    for (key, input) in spec.get("inputs").map(Node::entries).unwrap_or_default() {
        let value = given.and_then(|given| given.get(&key.text)).or_else(|| input.get("default"));
        filling.values.extend(value.map(|value| (key.text.clone(), value.clone())));
    }
    let filled = filling.node(&body);
    problems.extend(filling.missing.into_iter().map(|(name, line)| {
        let problem = Problem::config(msg!("build-ci-input-missing", name = name)).code("config");
        problem.at_place(path, line, 1)
    }));
    Ok(filled)
}

struct Filling {
    values: BTreeMap<String, Node>,
    /// What is asked for and not given, with the line that asks first.
    missing: BTreeMap<String, u32>,
}

impl Filling {
    fn node(&mut self, node: &Node) -> Node {
        let value = match &node.value {
            Yaml::Scalar { text, .. } if text.contains(OPEN) => {
                // A value that is nothing else keeps its kind: a list stays one.
                let whole = text.trim().strip_prefix(OPEN).and_then(|rest| rest.strip_suffix(CLOSE));
                let whole = whole.and_then(|inner| inner.trim().strip_prefix("inputs."));
                if let Some(value) = whole.and_then(|name| self.values.get(name)) {
                    value.value.clone()
                } else {
                    Yaml::Scalar {
                        text: self.text(text, node.line),
                        is_plain: false,
                    }
                }
            }
            Yaml::Scalar { .. } => return node.clone(),
            Yaml::List(items) => Yaml::List(items.iter().map(|item| self.node(item)).collect()),
            Yaml::Map(entries) => {
                let one = |(key, value): &(Key, Node)| {
                    let text = self.text(&key.text, key.line);
                    (Key { text, line: key.line }, self.node(value))
                };
                Yaml::Map(entries.iter().map(one).collect())
            }
        };
        Node { value, ..node.clone() }
    }

    /// A text with every `$[[ inputs.NAME ]]` in it filled.
    fn text(&mut self, text: &str, line: u32) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, inner)) = rest.split_once(OPEN) {
            let Some((inner, after)) = inner.split_once(CLOSE) else {
                break;
            };
            out.push_str(before);
            let mut parts = inner.split('|').map(str::trim);
            let asked = parts.next().unwrap_or_default();
            let known = asked.strip_prefix("inputs.").and_then(|name| self.values.get(name));
            let value = known.map(|value| value.text().unwrap_or_else(|| shown(value)));
            match value.and_then(|value| parts.try_fold(value, |value, function| worked(&value, function))) {
                Some(value) => out.push_str(&value),
                None => {
                    self.missing.entry(inner.trim().to_owned()).or_insert(line);
                }
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }
}

/// A list or a map as it stands within a text.
fn shown(value: &Node) -> String {
    if value.is_null() {
        String::new()
    } else {
        value.json().to_string()
    }
}

/// A value after one function; None: there is no such function.
fn worked(value: &str, function: &str) -> Option<String> {
    // Variables are put in where the job is read.
    if function == "expand_vars" {
        return Some(value.to_owned());
    }
    let (from, n) = function.strip_prefix("truncate(")?.strip_suffix(')')?.split_once(',')?;
    let (from, n) = (from.trim().parse().ok()?, n.trim().parse().ok()?);
    Some(value.chars().skip(from).take(n).collect())
}
