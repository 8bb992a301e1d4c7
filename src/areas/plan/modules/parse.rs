//! Reads a module file. A file that is no TOML is told with its place; within one that is, what is odd is told and the rest is read.

use super::schema::{Access, Module, Part, PartKind, PlannedModel, Values, line_key};
use crate::areas::plan::front::conflict_line;
use crate::base::Problem;
use crate::msg;
use serde_json::{Map, Number, Value};
use std::collections::BTreeMap;
use std::path::Path;
use toml_edit::{Document, Item, TableLike};

/// The code of a file that a merge left both sides in.
pub const CONFLICT: &str = "merge-conflict";

/// Keys of a module that are parts.
const MODULE_PARTS: [&str; 3] = ["model", "group", "menu"];
/// Keys of a model that are parts.
const MODEL_PARTS: [&str; 4] = ["fields", "view", "constraint", "access"];

/// The module of a file's text, and what is odd about it. `file` is below the root, `path` whole.
pub fn module(text: &str, file: &Path, path: &Path) -> Result<(Module, Vec<Problem>), Problem> {
    let plain = text.replace("\r\n", "\n");
    let document = Document::parse(plain.as_str()).map_err(|error| {
        if let Some(line) = conflict_line(&plain) {
            let line = u32::try_from(line).unwrap_or(0);
            return Problem::config(msg!("plan-flaw-conflict"))
                .code(CONFLICT)
                .hint(msg!("plan-modules-conflict-hint", file = file))
                .at_place(path, line, 1);
        }
        let at = error.span().map_or(0, |span| span.start);
        Problem::config(msg!("plan-modules-not-toml", file = file))
            .code("unreadable")
            .details(error.message())
            .hint(msg!("plan-modules-not-toml-hint"))
            .at_byte(path, &plain, at)
    })?;
    let mut reader = Reader {
        text: &plain,
        path,
        problems: Vec::new(),
        lines: BTreeMap::new(),
    };
    let root = document.as_table();
    let stem = file
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default();
    let values = reader.values(root, &MODULE_PARTS, None, None);
    let name = match values.text("name") {
        "" => stem,
        name => name.to_owned(),
    };
    let mut module = Module {
        name,
        values,
        file: file.to_path_buf(),
        ..Module::default()
    };
    module.values.0.remove("name");
    for (table, line) in reader.tables(root, "group") {
        module.groups.push(reader.part(table, line, "name", None, PartKind::Group));
    }
    for (table, line) in reader.tables(root, "menu") {
        module.menus.push(reader.part(table, line, "name", None, PartKind::Menu));
    }
    for (table, line) in reader.tables(root, "model") {
        let model = reader.model(table, line);
        module.models.push(model);
    }
    module.lines = reader.lines;
    Ok((module, reader.problems))
}

struct Reader<'a> {
    text: &'a str,
    path: &'a Path,
    problems: Vec<Problem>,
    /// Where each key stands.
    lines: BTreeMap<String, u32>,
}

impl Reader<'_> {
    fn line(&self, at: usize) -> u32 {
        let bytes = self.text.as_bytes().get(..at).unwrap_or_default();
        u32::try_from(memchr::memchr_iter(b'\n', bytes).count() + 1).unwrap_or(u32::MAX)
    }

    fn odd(&mut self, key: &str, line: u32) {
        self.problems
            .push(Problem::config(msg!("plan-modules-odd", key = key)).at_place(self.path, line, 1));
    }

    /// The tables of a key: `[[key]]`, or a list of `{ }`.
    fn tables<'t>(&mut self, of: &'t dyn TableLike, key: &str) -> Vec<(&'t dyn TableLike, u32)> {
        let Some(item) = of.get(key) else { return Vec::new() };
        if let Some(tables) = item.as_array_of_tables() {
            let with_line = |table: &'t toml_edit::Table| {
                let line = self.line(table.span().map_or(0, |span| span.start));
                (table as &dyn TableLike, line)
            };
            return tables.iter().map(with_line).collect();
        }
        let mut out = Vec::new();
        let line = self.line(item.span().map_or(0, |span| span.start));
        match item.as_array() {
            Some(array) => {
                for value in array {
                    match value.as_inline_table() {
                        Some(table) => {
                            let line = self.line(value.span().map_or(0, |span| span.start));
                            out.push((table as &dyn TableLike, line));
                        }
                        None => self.odd(key, line),
                    }
                }
            }
            None => self.odd(key, line),
        }
        out
    }

    /// The keys of a table, each with its line.
    fn values(&mut self, table: &dyn TableLike, without: &[&str], model: Option<&str>, part: Option<(PartKind, &str)>) -> Values {
        for (key, item) in table.iter() {
            let at = table.key(key).and_then(toml_edit::Key::span).or_else(|| item.span());
            let line = self.line(at.map_or(0, |span| span.start));
            self.lines.entry(line_key(model, part, key)).or_insert(line);
        }
        values(table, without)
    }

    fn part(&mut self, table: &dyn TableLike, line: u32, name_key: &str, model: Option<&str>, kind: PartKind) -> Part {
        let name = table.get(name_key).and_then(Item::as_str).unwrap_or_default().to_owned();
        let mut values = self.values(table, &[], model, Some((kind, &name)));
        values.0.remove(name_key);
        if name.is_empty() {
            self.odd(name_key, line);
        }
        Part { name, values, line }
    }

    fn model(&mut self, table: &dyn TableLike, line: u32) -> PlannedModel {
        let name = table.get("name").and_then(Item::as_str).unwrap_or_default().to_owned();
        let of = Some(name.as_str());
        let mut model = PlannedModel {
            values: self.values(table, &MODEL_PARTS, of, None),
            line,
            name: name.clone(),
            ..PlannedModel::default()
        };
        model.values.0.remove("name");
        if model.name.is_empty() {
            self.odd("name", line);
        }
        match table.get("fields").map(|item| (item, item.as_table_like())) {
            Some((_, Some(fields))) => {
                for (name, item) in fields.iter() {
                    let at = fields.key(name).and_then(toml_edit::Key::span).or_else(|| item.span());
                    let line = self.line(at.map_or(0, |span| span.start));
                    let mut part = Part::new(name);
                    part.line = line;
                    match item.as_table_like() {
                        Some(field) => part.values = self.values(field, &[], of, Some((PartKind::Field, name))),
                        // `name = "char"`: the type alone.
                        None => match item.as_str() {
                            Some(kind) => part.values.set("type", kind),
                            None => self.odd(name, line),
                        },
                    }
                    model.fields.push(part);
                }
            }
            Some((_, None)) => self.odd("fields", line),
            None => {}
        }
        for (view, line) in self.tables(table, "view") {
            let part = self.part(view, line, "type", of, PartKind::View);
            model.views.push(part);
        }
        for (constraint, line) in self.tables(table, "constraint") {
            let part = self.part(constraint, line, "name", of, PartKind::Constraint);
            model.constraints.push(part);
        }
        if let Some(access) = table.get("access").and_then(Item::as_table_like) {
            for (group, item) in access.iter() {
                let at = access.key(group).and_then(toml_edit::Key::span);
                let line = self.line(at.map_or(0, |span| span.start));
                model.access.push(Access {
                    group: group.to_owned(),
                    rights: item.as_str().unwrap_or_default().to_owned(),
                    line,
                });
            }
        }
        model
    }
}

fn values(table: &dyn TableLike, without: &[&str]) -> Values {
    let known = table.iter().filter(|(key, _)| !without.contains(key));
    Values(known.filter_map(|(key, item)| Some((key.to_owned(), json(item)?))).collect())
}

/// A TOML value as JSON; a date as its text.
fn json(item: &Item) -> Option<Value> {
    match item {
        Item::None => None,
        Item::Value(value) => Some(json_value(value)),
        Item::Table(table) => Some(object(table)),
        Item::ArrayOfTables(tables) => Some(tables.iter().map(|table| object(table)).collect()),
    }
}

fn object(table: &dyn TableLike) -> Value {
    let entries = table.iter().filter_map(|(key, item)| Some((key.to_owned(), json(item)?)));
    Value::Object(entries.collect::<Map<_, _>>())
}

fn json_value(value: &toml_edit::Value) -> Value {
    match value {
        toml_edit::Value::String(text) => Value::String(text.value().clone()),
        toml_edit::Value::Integer(number) => Value::Number((*number.value()).into()),
        toml_edit::Value::Float(number) => Number::from_f64(*number.value()).map_or(Value::Null, Value::Number),
        toml_edit::Value::Boolean(flag) => Value::Bool(*flag.value()),
        toml_edit::Value::Datetime(at) => Value::String(at.value().to_string()),
        toml_edit::Value::Array(list) => list.iter().map(json_value).collect(),
        toml_edit::Value::InlineTable(table) => object(table),
    }
}
