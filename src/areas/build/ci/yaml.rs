//! YAML as a tree with places: anchors and merge keys resolved within a budget, foreign tags kept. Pure; knows nothing of CI.

use granit_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Number, Value};
use std::collections::BTreeMap;

/// Nodes of one document, those that aliases repeat included.
const MAX_NODES: usize = 100_000;
const MAX_DEPTH: usize = 64;

/// One value; line and column count from 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub line: u32,
    pub column: u32,
    /// `reference` of `!reference`.
    pub tag: Option<String>,
    pub value: Yaml,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Yaml {
    /// The letters of the file; quoted ones are always text.
    Scalar {
        text: String,
        is_plain: bool,
    },
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    pub text: String,
    pub line: u32,
}

/// Why a text is no YAML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    pub line: u32,
    pub column: u32,
    pub why: String,
}

impl Node {
    pub fn null() -> Self {
        Self {
            line: 0,
            column: 0,
            tag: None,
            value: Yaml::Scalar {
                text: String::new(),
                is_plain: true,
            },
        }
    }

    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries()
            .iter()
            .find(|(known, _)| known.text == key)
            .map(|(_, node)| node)
    }

    /// The entries of a map; none of anything else.
    pub fn entries(&self) -> &[(Key, Node)] {
        match &self.value {
            Yaml::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; none of anything else.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Yaml::List(items) => items,
            _ => &[],
        }
    }

    /// A text, or several: a lone value counts as a list of one.
    pub fn texts(&self) -> Vec<String> {
        match &self.value {
            Yaml::Scalar { .. } => self.text().into_iter().collect(),
            Yaml::List(items) => items.iter().flat_map(Node::texts).collect(),
            Yaml::Map(_) => Vec::new(),
        }
    }

    /// The letters of a value that is not null.
    pub fn text(&self) -> Option<String> {
        match &self.value {
            Yaml::Scalar { text, .. } if !self.is_null() => Some(text.clone()),
            _ => None,
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(&self.value, Yaml::Scalar { text, is_plain: true } if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    pub fn truth(&self) -> Option<bool> {
        match self.text()?.as_str() {
            "true" | "True" | "TRUE" => Some(true),
            "false" | "False" | "FALSE" => Some(false),
            _ => None,
        }
    }

    /// As the core schema of YAML 1.2 reads it.
    pub fn json(&self) -> Value {
        match &self.value {
            Yaml::Scalar { text, is_plain } => {
                if *is_plain {
                    plain(text)
                } else {
                    Value::String(text.clone())
                }
            }
            Yaml::List(items) => items.iter().map(Node::json).collect(),
            Yaml::Map(entries) => {
                let map: Map<String, Value> = entries.iter().map(|(key, node)| (key.text.clone(), node.json())).collect();
                Value::Object(map)
            }
        }
    }

    fn size(&self) -> usize {
        1 + match &self.value {
            Yaml::Scalar { .. } => 0,
            Yaml::List(items) => items.iter().map(Node::size).sum(),
            Yaml::Map(entries) => entries.iter().map(|(_, node)| node.size()).sum(),
        }
    }
}

fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        if let Ok(n) = text.parse::<i64>() {
            return n.into();
        }
        if let Some(n) = text.strip_prefix("0x").and_then(|hex| i64::from_str_radix(hex, 16).ok()) {
            return n.into();
        }
        if let Some(n) = text.parse::<f64>().ok().and_then(Number::from_f64) {
            return Value::Number(n);
        }
    }
    Value::String(text.to_owned())
}

/// The first document; an empty text is null.
pub fn read(text: &str) -> Result<Node, Flaw> {
    let mut reader = Reader::default();
    for next in Parser::new_from_str(text) {
        let (event, span) = next.map_err(|error| Flaw {
            line: error.marker().line() as u32,
            column: error.marker().col() as u32 + 1,
            why: error.to_string().lines().next().unwrap_or_default().to_owned(),
        })?;
        let place = (span.start.line() as u32, span.start.col() as u32 + 1);
        let flaw = |why: &str| Flaw {
            line: place.0,
            column: place.1,
            why: why.to_owned(),
        };
        let node = |value, tag: Option<_>| Node {
            line: place.0,
            column: place.1,
            tag,
            value,
        };
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let is_plain = style == ScalarStyle::Plain;
                let text = text.into_owned();
                let node = node(Yaml::Scalar { text, is_plain }, tag.map(|tag| tag.suffix().to_owned()));
                reader.put(node, anchor).map_err(flaw)?;
            }
            Event::SequenceStart(_, anchor, tag) => {
                let open = node(Yaml::List(Vec::new()), tag.map(|tag| tag.suffix().to_owned()));
                reader.open(open, anchor).map_err(flaw)?;
            }
            Event::MappingStart(_, anchor, tag) => {
                let open = node(Yaml::Map(Vec::new()), tag.map(|tag| tag.suffix().to_owned()));
                reader.open(open, anchor).map_err(flaw)?;
            }
            Event::SequenceEnd | Event::MappingEnd => reader.close().map_err(flaw)?,
            Event::Alias(anchor) => reader.repeat(anchor).map_err(flaw)?,
            Event::DocumentEnd => break,
            _ => {}
        }
    }
    Ok(reader.root.unwrap_or_else(Node::null))
}

/// Collections that are open, and what they wait for.
#[derive(Default)]
struct Reader {
    open: Vec<Open>,
    anchors: BTreeMap<usize, Node>,
    n_nodes: usize,
    root: Option<Node>,
}

struct Open {
    node: Node,
    anchor: usize,
    key: Option<Key>,
}

impl Reader {
    fn count(&mut self, n: usize) -> Result<(), &'static str> {
        self.n_nodes += n;
        if self.n_nodes > MAX_NODES {
            return Err("too many values, or aliases that repeat too many of them");
        }
        Ok(())
    }

    fn open(&mut self, node: Node, anchor: usize) -> Result<(), &'static str> {
        if self.open.len() >= MAX_DEPTH {
            return Err("too many levels");
        }
        self.open.push(Open { node, anchor, key: None });
        Ok(())
    }

    fn close(&mut self) -> Result<(), &'static str> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        self.put(open.node, open.anchor)
    }

    fn repeat(&mut self, anchor: usize) -> Result<(), &'static str> {
        let Some(node) = self.anchors.get(&anchor) else {
            return Err("an alias inside of what it names");
        };
        let n = node.size();
        self.count(n)?;
        let node = self.anchors[&anchor].clone();
        self.put(node, 0)
    }

    fn put(&mut self, node: Node, anchor: usize) -> Result<(), &'static str> {
        self.count(1)?;
        if anchor > 0 {
            let n = node.size();
            self.count(n)?;
            self.anchors.insert(anchor, node.clone());
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match &mut open.node.value {
            Yaml::List(items) => items.push(node),
            Yaml::Map(entries) => match open.key.take() {
                None => {
                    let Yaml::Scalar { text, .. } = node.value else {
                        return Err("a key that is no text");
                    };
                    open.key = Some(Key { text, line: node.line });
                }
                Some(key) if key.text == "<<" => {
                    let n = merge(entries, node)?;
                    self.count(n)?;
                }
                Some(key) => {
                    // What was merged gives way to what is said here.
                    match entries.iter_mut().find(|(known, _)| known.text == key.text) {
                        Some(known) => *known = (key, node),
                        None => entries.push((key, node)),
                    }
                }
            },
            Yaml::Scalar { .. } => {}
        }
        Ok(())
    }
}

/// Entries of one map or of several, as far as they are not there yet.
fn merge(entries: &mut Vec<(Key, Node)>, node: Node) -> Result<usize, &'static str> {
    let maps = match node.value {
        Yaml::Map(_) => vec![node],
        Yaml::List(maps) => maps,
        Yaml::Scalar { .. } => return Err("`<<` wants a map"),
    };
    let mut n_merged = 0;
    for map in maps {
        let Yaml::Map(merged) = map.value else {
            return Err("`<<` wants a map");
        };
        for (key, node) in merged {
            if !entries.iter().any(|(known, _)| known.text == key.text) {
                n_merged += node.size();
                entries.push((key, node));
            }
        }
    }
    Ok(n_merged)
}
