//! Changes one thing in the text of a module file; every byte that is not part of it stays as it was.
//! A file whose layout a machine should not touch is refused, never guessed.

use super::schema::{Address, PartKind, Values, chosen_view};
use crate::base::Problem;
use crate::msg;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use toml_edit::{Array, ArrayOfTables, Document, DocumentMut, InlineTable, Item, Table, TableLike};

/// One change of the plan; what a fix, the canvas and the command line ask for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    NewModule {
        module: String,
        values: Values,
    },
    RemoveModule {
        module: String,
    },
    /// None takes the key away.
    Set {
        at: Address,
        key: String,
        value: Option<Value>,
    },
    /// The address is the one that the new thing has.
    Add {
        at: Address,
        values: Values,
    },
    Remove {
        at: Address,
    },
    /// The name alone; what points to it is changed by changes of its own, see `refactor.rs`.
    Rename {
        at: Address,
        to: String,
    },
}

impl Change {
    /// What it changes.
    pub fn at(&self) -> Address {
        match self {
            Self::NewModule { module, .. } | Self::RemoveModule { module } => Address::module(module),
            Self::Set { at, .. } | Self::Add { at, .. } | Self::Remove { at } | Self::Rename { at, .. } => at.clone(),
        }
    }

    /// The module whose file it changes.
    pub fn of_module(&self) -> &str {
        match self {
            Self::NewModule { module, .. } | Self::RemoveModule { module } => module,
            Self::Set { at, .. } | Self::Add { at, .. } | Self::Remove { at } | Self::Rename { at, .. } => &at.module,
        }
    }
}

/// The first text of a new module.
pub fn new_text(module: &str, values: &Values) -> String {
    const ORDER: [&str; 13] = [
        "title",
        "project",
        "summary",
        "description",
        "version",
        "category",
        "author",
        "website",
        "license",
        "template",
        "target",
        "folder",
        "depends",
    ];
    let mut document = DocumentMut::new();
    put(document.as_table_mut(), "name", &Value::String(module.to_owned()));
    let rest = values.0.keys().map(String::as_str).filter(|key| !ORDER.contains(key));
    for key in ORDER.into_iter().chain(rest) {
        if let Some(value) = values.0.get(key) {
            put(document.as_table_mut(), key, value);
        }
    }
    document.to_string()
}

/// The text with one change made.
pub fn changed(text: &str, change: &Change) -> Result<String, Problem> {
    let is_crlf = text.contains("\r\n");
    let plain = text.replace("\r\n", "\n");
    if is_crlf && plain.replace('\n', "\r\n") != text {
        return Err(refused(change.of_module()));
    }
    let mut document: DocumentMut = plain
        .parse()
        .map_err(|_| Problem::config(msg!("plan-modules-unreadable", module = change.of_module())).code("unreadable"))?;
    if document.to_string() != plain {
        return Err(refused(change.of_module()));
    }
    let new = match change {
        Change::NewModule { .. } | Change::RemoveModule { .. } => plain,
        Change::Set { at, key, value } => {
            let table = table_of(&mut document, at)?;
            // What a group may do stands behind its name.
            let key = match &at.part {
                Some((PartKind::Access, group)) if key == "rights" => group,
                _ => key,
            };
            match value {
                Some(value) => put(table, key, value),
                None => take(table, key),
            }
            document.to_string()
        }
        Change::Add { at, values } => {
            add(&mut document, at, values)?;
            document.to_string()
        }
        Change::Remove { at } => {
            remove(&mut document, at)?;
            document.to_string()
        }
        Change::Rename { at, to } => rename(&mut document, &plain, at, to)?,
    };
    Ok(if is_crlf { new.replace('\n', "\r\n") } else { new })
}

fn refused(module: &str) -> Problem {
    Problem::config(msg!("plan-modules-odd-layout", module = module))
        .code("odd-layout")
        .hint(msg!("plan-modules-odd-layout-hint"))
}

/// The name is taken already, and what can be done about it.
pub(super) fn is_there(name: &str) -> Problem {
    let problem = Problem::user(msg!("plan-modules-is-there", name = name)).code("is-there");
    problem.hint(msg!("plan-modules-is-there-new-hint", name = name))
}

fn missing(at: &Address) -> Problem {
    Problem::user(msg!("plan-modules-no-such", name = at.to_string())).code("not-found")
}

fn put(table: &mut dyn TableLike, key: &str, value: &Value) {
    let Some(mut new) = toml_value(value) else {
        return take(table, key);
    };
    if let Some(old) = table.get_mut(key).and_then(Item::as_value_mut) {
        *new.decor_mut() = old.decor().clone();
        if let (toml_edit::Value::Array(known), toml_edit::Value::Array(wanted)) = (&*old, &mut new) {
            keep_places(known, wanted);
        }
        *old = new;
        return;
    }
    let last = table.iter().last().map(|(key, _)| key.to_owned());
    if let Some(last) = last
        && let Some(value) = table.get_mut(&last).and_then(Item::as_value_mut)
    {
        let suffix = value
            .decor()
            .suffix()
            .and_then(toml_edit::RawString::as_str)
            .unwrap_or_default();
        // What stood before the closing brace stands there again.
        if !suffix.is_empty() && suffix.trim().is_empty() && !suffix.contains('\n') {
            value.decor_mut().set_suffix("");
            new.decor_mut().set_prefix(" ");
            new.decor_mut().set_suffix(" ");
        }
    }
    table.insert(key, Item::Value(new));
}

/// Gives the values of a list the places and comments that they had before; a new one stands like its neighbours.
fn keep_places(known: &Array, wanted: &mut Array) {
    let word = |value: &toml_edit::Value| match value.as_str() {
        Some(text) => text.to_owned(),
        None => value.clone().decorated("", "").to_string(),
    };
    let raw = |text: Option<&toml_edit::RawString>| text.and_then(toml_edit::RawString::as_str).unwrap_or_default().to_owned();
    // A comment behind a value belongs to it, though it stands before the next one.
    let part = |text: String| match text.split_once('\n') {
        Some((behind, before)) if behind.trim_start().starts_with('#') => (behind.to_owned(), format!("\n{before}")),
        _ => (String::new(), text),
    };
    let mut places: Vec<(String, String, String, toml_edit::Value)> = Vec::new();
    for value in known {
        let (behind, before) = part(raw(value.decor().prefix()));
        if let Some((.., last, _)) = places.last_mut() {
            *last = behind;
        }
        places.push((word(value), before, String::new(), value.clone()));
    }
    let Some(last) = places.last_mut() else { return };
    let (behind, end) = part(known.trailing().as_str().unwrap_or_default().to_owned());
    last.2 = behind;
    let usual = {
        let last = &places[places.len() - 1].1;
        let at = last.rfind('\n').unwrap_or(0);
        if last.contains('\n') || places.len() > 1 {
            last[at..].to_owned()
        } else {
            " ".to_owned()
        }
    };
    let is_open = places.iter().any(|(_, before, ..)| before.contains('\n'));
    let mut carried = String::new();
    for (index, value) in wanted.iter_mut().enumerate() {
        let place = places.iter().find(|(name, ..)| *name == word(value));
        let (before, behind, suffix) = match place {
            Some((_, before, behind, old)) => {
                let suffix = raw(old.decor().suffix());
                *value = old.clone();
                // The first of a line has no space before it, and one that was first gets one.
                let before = if is_open || before.contains('\n') {
                    before.clone()
                } else if index == 0 {
                    places[0].1.clone()
                } else {
                    " ".to_owned()
                };
                (before, behind.clone(), suffix)
            }
            None if index == 0 => (places[0].1.clone(), String::new(), String::new()),
            None => (usual.clone(), String::new(), String::new()),
        };
        value.decor_mut().set_prefix(format!("{carried}{before}"));
        value.decor_mut().set_suffix(suffix);
        carried = behind;
    }
    wanted.set_trailing_comma(known.trailing_comma());
    wanted.set_trailing(format!("{carried}{end}"));
}

fn take(table: &mut dyn TableLike, key: &str) {
    let is_last = table.iter().last().is_some_and(|(last, _)| last == key);
    table.remove(key);
    let last = table.iter().last().map(|(key, _)| key.to_owned());
    if let (true, Some(last)) = (is_last, last)
        && let Some(value) = table.get_mut(&last).and_then(Item::as_value_mut)
        && value.decor().suffix().and_then(toml_edit::RawString::as_str) == Some("")
    {
        value.decor_mut().set_suffix(" ");
    }
}

fn toml_value(value: &Value) -> Option<toml_edit::Value> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(flag) => (*flag).into(),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => whole.into(),
            None => number.as_f64()?.into(),
        },
        Value::String(text) => text.as_str().into(),
        Value::Array(list) => list.iter().filter_map(toml_value).collect::<Array>().into(),
        Value::Object(entries) => {
            let mut table = InlineTable::new();
            for (key, value) in entries {
                if let Some(value) = toml_value(value) {
                    table.insert(key, value);
                }
            }
            table.into()
        }
    })
}

/// The list of tables of a key; an empty one is made.
fn list<'a>(table: &'a mut dyn TableLike, key: &str, module: &str) -> Result<&'a mut ArrayOfTables, Problem> {
    if !table.contains_key(key) {
        table.insert(key, Item::ArrayOfTables(ArrayOfTables::new()));
    }
    let item = table.get_mut(key).and_then(Item::as_array_of_tables_mut);
    item.ok_or_else(|| refused(module))
}

fn position(tables: &ArrayOfTables, key: &str, name: &str) -> Option<usize> {
    if key == "type" {
        let text = |table: &Table, key: &str| table.get(key).and_then(Item::as_str).unwrap_or_default().to_owned();
        let known: Vec<(String, String)> = tables
            .iter()
            .map(|view| (text(view, "type"), text(view, "inherit")))
            .collect();
        let known: Vec<(&str, &str)> = known
            .iter()
            .map(|(kind, inherit)| (kind.as_str(), inherit.as_str()))
            .collect();
        return chosen_view(&known, name);
    }
    tables
        .iter()
        .position(|table| table.get(key).and_then(Item::as_str) == Some(name))
}

fn named<'a>(
    table: &'a mut dyn TableLike,
    key: &str,
    name_key: &str,
    at: &Address,
    name: &str,
) -> Result<&'a mut Table, Problem> {
    let tables = list(table, key, &at.module)?;
    let index = position(tables, name_key, name).ok_or_else(|| missing(at))?;
    tables.get_mut(index).ok_or_else(|| missing(at))
}

fn model_of<'a>(document: &'a mut DocumentMut, at: &Address) -> Result<&'a mut Table, Problem> {
    let name = at.model.as_deref().unwrap_or_default();
    if !document.contains_key("model") {
        return Err(missing(at));
    }
    named(document.as_table_mut(), "model", "name", at, name)
}

/// The key of the list that a part stands in, and the key of its name there.
fn place_of(kind: PartKind) -> (&'static str, &'static str) {
    match kind {
        PartKind::Field => ("fields", ""),
        PartKind::Access => ("access", ""),
        PartKind::View => ("view", "type"),
        PartKind::Constraint => ("constraint", "name"),
        PartKind::Group => ("group", "name"),
        PartKind::Menu => ("menu", "name"),
    }
}

fn owner_of<'a>(document: &'a mut DocumentMut, at: &Address) -> Result<&'a mut Table, Problem> {
    match &at.model {
        Some(_) => model_of(document, at),
        None => Ok(document.as_table_mut()),
    }
}

/// The table whose keys an address owns.
fn table_of<'a>(document: &'a mut DocumentMut, at: &Address) -> Result<&'a mut dyn TableLike, Problem> {
    let Some((kind, name)) = &at.part else {
        return owner_of(document, at).map(|table| table as &mut dyn TableLike);
    };
    let owner = owner_of(document, at)?;
    let (key, name_key) = place_of(*kind);
    if !owner.contains_key(key) {
        return Err(missing(at));
    }
    match kind {
        PartKind::Field => {
            let fields = owner
                .get_mut(key)
                .and_then(Item::as_table_like_mut)
                .ok_or_else(|| refused(&at.module))?;
            let item = fields.get_mut(name).ok_or_else(|| missing(at))?;
            if let Some(kind) = item.as_str() {
                // `name = "char"` becomes a table that has room for more.
                let mut table = InlineTable::new();
                table.insert("type", kind.into());
                *item = Item::Value(table.into());
            }
            item.as_table_like_mut().ok_or_else(|| refused(&at.module))
        }
        PartKind::Access => owner
            .get_mut(key)
            .and_then(Item::as_table_like_mut)
            .ok_or_else(|| refused(&at.module)),
        _ => named(owner, key, name_key, at, name).map(|table| table as &mut dyn TableLike),
    }
}

/// A table inside a model for fields or access.
fn sub_table<'a>(owner: &'a mut Table, key: &str, module: &str) -> Result<&'a mut dyn TableLike, Problem> {
    if !owner.contains_key(key) {
        let mut table = Table::new();
        table.decor_mut().set_prefix("\n");
        owner.insert(key, Item::Table(table));
    }
    owner
        .get_mut(key)
        .and_then(Item::as_table_like_mut)
        .ok_or_else(|| refused(module))
}

const FIELD_ORDER: [&str; 16] = [
    "type", "string", "target", "inverse", "required", "readonly", "index", "values", "default", "compute", "depends", "formula",
    "store", "related", "ondelete", "help",
];

fn ordered<'a>(values: &'a Values, order: &'a [&'a str]) -> impl Iterator<Item = (&'a str, &'a Value)> {
    let first = order.iter().filter_map(|key| Some((*key, values.0.get(*key)?)));
    let rest = values.0.iter().filter(|(key, _)| !order.contains(&key.as_str()));
    first.chain(rest.map(|(key, value)| (key.as_str(), value)))
}

fn add(document: &mut DocumentMut, at: &Address, values: &Values) -> Result<(), Problem> {
    let there = || is_there(&at.to_string());
    let new_table = |name_key: &str, name: &str, is_first: bool| {
        let mut table = Table::new();
        table.decor_mut().set_prefix(if is_first { "" } else { "\n" });
        put(&mut table, name_key, &Value::String(name.to_owned()));
        for (key, value) in ordered(values, &["title", "extend", "order"]) {
            put(&mut table, key, value);
        }
        table
    };
    match (&at.model, &at.part) {
        (_, Some((PartKind::Field, name))) => {
            let fields = sub_table(model_of(document, at)?, "fields", &at.module)?;
            if fields.contains_key(name) {
                return Err(there());
            }
            let mut field = InlineTable::new();
            for (key, value) in ordered(values, &FIELD_ORDER) {
                if let Some(value) = toml_value(value) {
                    field.insert(key, value);
                }
            }
            put_new(fields, name, field.into());
        }
        (_, Some((PartKind::Access, group))) => {
            let access = sub_table(model_of(document, at)?, "access", &at.module)?;
            if access.contains_key(group) {
                return Err(there());
            }
            put_new(access, group, values.text("rights").into());
        }
        (_, Some((kind, name))) => {
            let (key, name_key) = place_of(*kind);
            let tables = list(owner_of(document, at)?, key, &at.module)?;
            if *kind != PartKind::View && position(tables, name_key, name).is_some() {
                return Err(there());
            }
            // Which of several views it is, is told by what it extends.
            let name = if *kind == PartKind::View {
                name.split('@').next().unwrap_or(name)
            } else {
                name
            };
            tables.push(new_table(name_key, name, false));
        }
        (Some(name), None) => {
            let tables = list(document.as_table_mut(), "model", &at.module)?;
            if position(tables, "name", name).is_some() {
                return Err(there());
            }
            tables.push(new_table("name", name, false));
        }
        (None, None) => return Err(there()),
    }
    Ok(())
}

fn put_new(table: &mut dyn TableLike, key: &str, value: toml_edit::Value) {
    table.insert(key, Item::Value(value));
}

fn remove(document: &mut DocumentMut, at: &Address) -> Result<(), Problem> {
    let gone = |is_gone: bool| if is_gone { Ok(()) } else { Err(missing(at)) };
    match &at.part {
        Some((kind @ (PartKind::Field | PartKind::Access), name)) => {
            let owner = model_of(document, at)?;
            let table = owner.get_mut(place_of(*kind).0).and_then(Item::as_table_like_mut);
            gone(table.is_some_and(|table| table.remove(name).is_some()))
        }
        Some((kind, name)) => {
            let (key, name_key) = place_of(*kind);
            let tables = list(owner_of(document, at)?, key, &at.module)?;
            let index = position(tables, name_key, name).ok_or_else(|| missing(at))?;
            tables.remove(index);
            Ok(())
        }
        None => {
            let tables = list(document.as_table_mut(), "model", &at.module)?;
            let index = position(tables, "name", at.model.as_deref().unwrap_or_default()).ok_or_else(|| missing(at))?;
            tables.remove(index);
            Ok(())
        }
    }
}

fn rename(document: &mut DocumentMut, plain: &str, at: &Address, to: &str) -> Result<String, Problem> {
    let name = Value::String(to.to_owned());
    match (&at.model, &at.part) {
        (_, Some((kind @ (PartKind::Field | PartKind::Access), from))) => {
            // A key is renamed in the text, so that it keeps its place.
            let parsed = Document::parse(plain).map_err(|_| refused(&at.module))?;
            let model = parsed
                .as_table()
                .get("model")
                .and_then(Item::as_array_of_tables)
                .and_then(|models| {
                    models
                        .iter()
                        .find(|model| model.get("name").and_then(Item::as_str) == at.model.as_deref())
                });
            let table = model.and_then(|model| model.get(place_of(*kind).0)?.as_table_like());
            let table = table.ok_or_else(|| missing(at))?;
            if table.contains_key(to) {
                return Err(is_there(to));
            }
            let span = table.key(from).and_then(toml_edit::Key::span).ok_or_else(|| missing(at))?;
            let mut text = plain.to_owned();
            text.replace_range(span, &toml_edit::Key::new(to).to_string());
            Document::parse(text.as_str()).map_err(|_| refused(&at.module))?;
            Ok(text)
        }
        (_, Some((kind, from))) => {
            let (key, name_key) = place_of(*kind);
            put(named(owner_of(document, at)?, key, name_key, at, from)?, name_key, &name);
            Ok(document.to_string())
        }
        (Some(_), None) => {
            put(model_of(document, at)?, "name", &name);
            Ok(document.to_string())
        }
        (None, None) => {
            put(document.as_table_mut(), "name", &name);
            Ok(document.to_string())
        }
    }
}
