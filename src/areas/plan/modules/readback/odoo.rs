//! An Odoo module as a plan: manifest, models with their fields and constraints, views, menus, groups and rights.

use super::assigned::{Names, pairs, statements};
use super::python::{Source, children};
use super::{text, xml};
use crate::adapters::files;
use crate::areas::plan::modules::schema::{Access, FieldKind, Module, Part, PlannedModel, label_of};
use crate::base::Problem;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tree_sitter::Node;

/// Keys of the manifest that a plan has, with its own name for each.
const MANIFEST: [(&str, &str); 10] = [
    ("name", "title"),
    ("summary", "summary"),
    ("description", "description"),
    ("version", "version"),
    ("category", "category"),
    ("author", "author"),
    ("website", "website"),
    ("license", "license"),
    ("depends", "depends"),
    ("application", "application"),
];

/// Columns of a right, with the letter of each.
pub(super) const PERMISSIONS: [(&str, char); 4] = [
    ("perm_read", 'r'),
    ("perm_write", 'w'),
    ("perm_create", 'c'),
    ("perm_unlink", 'd'),
];

/// Bases of classes that have a name of Odoo's and are no models (the component framework, controllers).
const NO_MODELS: [&str; 5] = ["Component", "AbstractComponent", "Controller", "Datamodel", "TestCase"];

pub(super) fn module(folder: &Path, problems: &mut Vec<Problem>) -> Result<Module, Problem> {
    let mut module = Module {
        name: folder
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default(),
        ..Module::default()
    };
    module.values.set("template", "odoo");
    let manifest = ["__manifest__.py", "__openerp__.py"]
        .map(|name| text(&folder.join(name), problems))
        .concat();
    if let Some(source) = Source::parse(&manifest) {
        let dictionary = children(source.root())
            .into_iter()
            .find_map(|statement| children(statement).into_iter().find(|node| node.kind() == "dictionary"));
        if let Some(Value::Object(values)) = dictionary.and_then(|node| source.literal(node)) {
            for (key, own) in MANIFEST {
                match values.get(key) {
                    None | Some(Value::Null | Value::Bool(false)) => {}
                    // An author may be a list.
                    Some(Value::Array(list)) if key != "depends" => {
                        let words: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
                        module.values.set(own, words.join(", "));
                    }
                    Some(value) => module.values.set(own, value.clone()),
                }
            }
            if values.get("auto_install") == Some(&Value::Bool(true)) {
                module.values.set("auto_install", true);
            }
        }
    }
    let mut sources = Vec::new();
    let mut views = Vec::new();
    walk(folder, 0, &mut sources, &mut views)?;
    for path in sources {
        let code = text(&path, problems);
        let Some(source) = Source::parse(&code) else { continue };
        problems.extend(super::not_python(&path, &code));
        classes(&source, &Names::of(&source), source.root(), &mut module.models, 0);
    }
    let mut seen = xml::Seen::default();
    for path in views {
        xml::read(&path, &text(&path, problems), &mut seen, problems);
    }
    xml::into_module(seen, &mut module);
    rights(folder, &mut module, problems);
    Ok(module)
}

fn walk(folder: &Path, depth: usize, sources: &mut Vec<PathBuf>, views: &mut Vec<PathBuf>) -> Result<(), Problem> {
    let mut entries = files::list_dir(folder)?;
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    for entry in entries {
        let name = entry.name.to_string_lossy();
        let ending = entry
            .path
            .extension()
            .map(|ending| ending.to_string_lossy().into_owned())
            .unwrap_or_default();
        if entry.is_dir {
            let is_code = !name.starts_with('.')
                && !matches!(
                    name.as_ref(),
                    "tests" | "migrations" | "static" | "i18n" | "demo" | "__pycache__"
                );
            if is_code && depth < 4 {
                walk(&entry.path, depth + 1, sources, views)?;
            }
        } else if ending == "py" && !name.starts_with("__") {
            sources.push(entry.path);
        } else if ending == "xml" {
            views.push(entry.path);
        }
    }
    Ok(())
}

fn classes(source: &Source<'_>, names: &Names<'_>, node: Node<'_>, models: &mut Vec<PlannedModel>, depth: usize) {
    for child in children(node) {
        match child.kind() {
            "class_definition" => class(source, names, child, models),
            "decorated_definition" | "if_statement" | "block" | "try_statement" if depth < 4 => {
                classes(source, names, child, models, depth + 1);
            }
            _ => {}
        }
    }
}

fn class(source: &Source<'_>, names: &Names<'_>, node: Node<'_>, models: &mut Vec<PlannedModel>) {
    let bases: Vec<&str> = node
        .child_by_field_name("superclasses")
        .map(children)
        .unwrap_or_default()
        .into_iter()
        .map(|base| source.of(base))
        .collect();
    let kind = bases.iter().find_map(|base| match base.rsplit('.').next() {
        Some(kind @ ("Model" | "TransientModel" | "AbstractModel")) => Some(kind),
        _ => None,
    });
    let is_other = |base: &&str| base.rsplit('.').next().is_some_and(|name| NO_MODELS.contains(&name));
    let Some(body) = node
        .child_by_field_name("body")
        .filter(|_| kind.is_some() || !bases.iter().any(is_other))
    else {
        return;
    };
    let mut named: BTreeMap<&str, Value> = BTreeMap::new();
    let mut fields = Vec::new();
    let mut methods: BTreeMap<&str, Node<'_>> = BTreeMap::new();
    for statement in statements(body) {
        match statement.kind() {
            "expression_statement" => {
                let Some(assignment) = children(statement).into_iter().find(|node| node.kind() == "assignment") else {
                    continue;
                };
                for (left, right) in pairs(assignment) {
                    let name = source.of(left);
                    if let Some(field) = field(source, names, name, right) {
                        fields.push(field);
                    } else if name.starts_with('_')
                        && let Some(value) = source.literal(right)
                    {
                        named.insert(name, value);
                    } else if name == "_sql_constraints" || name == "_inherit" {
                        named.insert(name, Value::Null);
                    }
                }
            }
            "decorated_definition" => {
                let method = statement
                    .child_by_field_name("definition")
                    .and_then(|method| method.child_by_field_name("name"));
                if let Some(name) = method {
                    methods.insert(source.of(name), statement);
                }
            }
            "function_definition" => {
                if let Some(name) = statement.child_by_field_name("name") {
                    methods.insert(source.of(name), statement);
                }
            }
            _ => {}
        }
    }
    let texts = |value: Option<&Value>| -> Vec<String> {
        match value {
            Some(Value::String(one)) => vec![one.clone()],
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        }
    };
    let inherit = texts(named.get("_inherit"));
    let own = named.get("_name").and_then(Value::as_str).map(str::to_owned);
    let Some(name) = own.clone().or_else(|| inherit.first().cloned()) else {
        return;
    };
    // A base that is not known: a model of another module's, unless it says what only components say.
    if kind.is_none()
        && fields.is_empty()
        && ["_usage", "_apply_on", "_collection"]
            .iter()
            .any(|key| named.contains_key(key))
    {
        return;
    }
    let is_extension = own.is_none() || inherit.contains(&name);
    let index = match models.iter().position(|model| model.name == name) {
        Some(index) => index,
        None => {
            let line = u32::try_from(node.start_position().row + 1).unwrap_or(0);
            let mut model = PlannedModel {
                name: name.clone(),
                line,
                ..PlannedModel::default()
            };
            if is_extension {
                model.values.set("extend", true);
            }
            models.push(model);
            models.len() - 1
        }
    };
    let model = &mut models[index];
    if !is_extension {
        model.values.0.remove("extend");
        match kind {
            Some("TransientModel") => model.values.set("transient", true),
            Some("AbstractModel") => model.values.set("abstract", true),
            _ => {}
        }
    }
    let others: Vec<String> = inherit.into_iter().filter(|other| *other != name).collect();
    if own.is_some() && !others.is_empty() {
        model.values.set("inherit", others);
    }
    for (key, own) in [
        ("_description", "title"),
        ("_order", "order"),
        ("_rec_name", "rec_name"),
        ("_inherits", "inherits"),
    ] {
        match named.get(key) {
            None | Some(Value::Null) => {}
            Some(value) => model.values.set(own, value.clone()),
        }
    }
    for mut field in fields {
        computed(source, &mut field, &methods);
        match model.fields.iter_mut().find(|known| known.name == field.name) {
            Some(known) => *known = field,
            None => model.fields.push(field),
        }
    }
    constraints(source, model, named.get("_sql_constraints"), &methods);
}

/// `fields.Char("Number", required=True)`.
fn field(source: &Source<'_>, names: &Names<'_>, name: &str, right: Node<'_>) -> Option<Part> {
    if right.kind() != "call" {
        return None;
    }
    let class = names.class(source, right.child_by_field_name("function")?)?;
    let kind = FieldKind::from_word(class).unwrap_or(match class {
        "Image" => FieldKind::Binary,
        "Many2oneReference" | "Id" => FieldKind::Integer,
        "Properties" | "PropertiesDefinition" | "Serialized" => FieldKind::Json,
        _ => FieldKind::Char,
    });
    let mut part = Part::new(name);
    part.line = u32::try_from(right.start_position().row + 1).unwrap_or(0);
    part.values.set("type", kind.word());
    if FieldKind::from_word(class).is_none() {
        part.values.set("class", class);
    }
    let order: &[&str] = match kind {
        FieldKind::Many2one => &["comodel_name", "string"],
        FieldKind::One2many => &["comodel_name", "inverse_name", "string"],
        FieldKind::Many2many => &["comodel_name", "relation", "column1", "column2", "string"],
        FieldKind::Selection | FieldKind::Reference => &["selection", "string"],
        FieldKind::Float => &["string", "digits"],
        FieldKind::Monetary => &["string", "currency_field"],
        _ => &["string"],
    };
    let mut code = Map::new();
    let mut index = 0;
    for argument in right.child_by_field_name("arguments").map(children).unwrap_or_default() {
        match argument.kind() {
            "comment" => {}
            "keyword_argument" => {
                let (Some(key), Some(value)) = (argument.child_by_field_name("name"), argument.child_by_field_name("value"))
                else {
                    continue;
                };
                put(source, &mut part, &mut code, source.of(key), value);
            }
            "dictionary_splat" | "list_splat" => {}
            _ => {
                if let Some(key) = order.get(index) {
                    put(source, &mut part, &mut code, key, argument);
                }
                index += 1;
            }
        }
    }
    if !code.is_empty() {
        part.values.set("code", code);
    }
    if part.values.text("string") == label_of(name) {
        part.values.0.remove("string");
    }
    Some(part)
}

fn put(source: &Source<'_>, part: &mut Part, code: &mut Map<String, Value>, key: &str, node: Node<'_>) {
    let literal = source.literal(node);
    let as_code = || format!("={}", source.of(node));
    let own = match key {
        "comodel_name" => "target",
        "inverse_name" => "inverse",
        "currency_field" => "currency",
        "inverse" => "inverse_method",
        other => other,
    };
    match own {
        "target" | "inverse" | "currency" | "inverse_method" | "string" | "help" | "compute" | "related" | "ondelete"
        | "domain" | "relation" | "column1" | "column2" | "groups" | "search" => match literal {
            Some(Value::String(text)) => part.values.set(own, text),
            Some(Value::Null) => {}
            _ => part.values.set(own, as_code()),
        },
        "required" | "readonly" | "index" | "copy" | "translate" | "store" | "sanitize" | "tracking" | "auto_join"
        | "company_dependent" => match literal {
            Some(value @ (Value::Bool(_) | Value::String(_) | Value::Number(_))) => part.values.set(own, value),
            Some(Value::Null) => {}
            _ => part.values.set(own, as_code()),
        },
        "default" => match literal {
            Some(Value::Null) => {}
            Some(value @ (Value::Bool(_) | Value::String(_) | Value::Number(_))) => part.values.set(own, value),
            _ => part.values.set(own, as_code()),
        },
        "selection" | "selection_add" => {
            let own = if own == "selection" { "values" } else { own };
            let pairs = literal.as_ref().and_then(Value::as_array).filter(|list| {
                list.iter().all(|pair| {
                    pair.as_array()
                        .is_some_and(|pair| pair.len() == 2 && pair.iter().all(Value::is_string))
                })
            });
            match pairs {
                Some(pairs) => part.values.set(own, pairs.clone()),
                None => drop(code.insert(key.to_owned(), source.of(node).into())),
            }
        }
        "digits" => match literal {
            Some(value @ (Value::Array(_) | Value::String(_))) => part.values.set(own, value),
            _ => part.values.set(own, as_code()),
        },
        "size" if literal.as_ref().is_some_and(Value::is_i64) => part.values.set(own, literal.unwrap_or_default()),
        _ => drop(code.insert(key.to_owned(), source.of(node).into())),
    }
}

/// The decorators of a method with this name: their arguments that are texts.
fn decorated(source: &Source<'_>, node: Node<'_>, wanted: &str) -> Option<Vec<String>> {
    let call = children(node)
        .into_iter()
        .filter(|child| child.kind() == "decorator")
        .find_map(|decorator| {
            let call = children(decorator).into_iter().find(|node| node.kind() == "call")?;
            (source.of(call.child_by_field_name("function")?) == wanted).then_some(call)
        })?;
    let arguments = children(call.child_by_field_name("arguments")?);
    Some(
        arguments
            .into_iter()
            .filter_map(|node| source.literal(node)?.as_str().map(str::to_owned))
            .collect(),
    )
}

fn computed(source: &Source<'_>, field: &mut Part, methods: &BTreeMap<&str, Node<'_>>) {
    let method = field.values.text("compute").to_owned();
    let Some(node) = methods.get(method.as_str()) else { return };
    let depends = decorated(source, *node, "api.depends").unwrap_or_default();
    if !depends.is_empty() {
        field.values.set("depends", depends);
    }
    // A method as it is generated says its formula in one line per field.
    let assigned = format!("record.{} = ", field.name);
    let lines: Vec<&str> = source.of(*node).lines().map(str::trim).collect();
    let is_plain = lines.contains(&"for record in self:");
    let mut formulas = lines.iter().filter_map(|line| line.strip_prefix(&assigned));
    // What goes on below the line, or needs names of the method or of its file, is no formula.
    let is_whole = |formula: &&str| super::spoken(formula).is_some_and(|spoken| spoken.unknown().next().is_none());
    let formula = formulas.next().filter(|formula| *formula != "False").filter(is_whole);
    if let Some(formula) = formula.filter(|_| is_plain && formulas.next().is_none()) {
        field.values.set("formula", formula);
    }
}

fn constraints(source: &Source<'_>, model: &mut PlannedModel, sql: Option<&Value>, methods: &BTreeMap<&str, Node<'_>>) {
    let mut add = |part: Part| match model.constraints.iter_mut().find(|known| known.name == part.name) {
        Some(known) => *known = part,
        None => model.constraints.push(part),
    };
    for entry in sql
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_array)
    {
        let text = |at: usize| entry.get(at).and_then(Value::as_str).unwrap_or_default();
        let mut part = Part::new(text(0));
        part.values.set_text("sql", text(1));
        if text(2) != label_of(&part.name) {
            part.values.set_text("message", text(2));
        }
        add(part);
    }
    for (name, node) in methods {
        let Some(fields) = decorated(source, *node, "api.constrains") else {
            continue;
        };
        let mut part = Part::new(name.strip_prefix("_check_").unwrap_or(name));
        if !fields.is_empty() {
            part.values.set("fields", fields);
        }
        let lines: Vec<&str> = source.of(*node).lines().map(str::trim).collect();
        let check = lines
            .iter()
            .find_map(|line| line.strip_prefix("if not (")?.strip_suffix("):"));
        part.values.set_text("check", check.unwrap_or_default());
        let raised = lines
            .iter()
            .filter_map(|line| line.strip_prefix("raise ValidationError("))
            .find_map(|line| {
                line.strip_prefix("self.env._(")
                    .or_else(|| line.strip_prefix("_("))?
                    .strip_suffix("))")
            });
        if let Some(message) = raised
            .and_then(super::python::string)
            .filter(|message| *message != label_of(&part.name))
        {
            part.values.set("message", message);
        }
        add(part);
    }
}

/// `security/ir.model.access.csv`, wherever it stands.
fn rights(folder: &Path, module: &mut Module, problems: &mut Vec<Problem>) {
    for path in ["security/ir.model.access.csv", "ir.model.access.csv"] {
        let rows = text(&folder.join(path), problems);
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(rows.as_bytes());
        let Ok(heads) = reader.headers().cloned() else { continue };
        for row in reader.records().filter_map(Result::ok) {
            let cell = |names: [&str; 2]| {
                let at = heads.iter().position(|head| names.contains(&head.trim()));
                at.and_then(|at| row.get(at)).unwrap_or_default().trim().to_owned()
            };
            let model_ref = cell(["model_id:id", "model_id/id"]);
            let group = cell(["group_id:id", "group_id/id"]);
            let is_on = |value: &str| matches!(value, "1" | "True" | "true" | "TRUE");
            let rights: String = PERMISSIONS
                .into_iter()
                .filter(|(head, _)| is_on(&cell([head, head])))
                .map(|(_, letter)| letter)
                .collect();
            give(module, &model_ref, &group, rights);
        }
    }
}

/// Gives a group rights on a model of the module; what was read before stays.
pub(super) fn give(module: &mut Module, model_ref: &str, group: &str, rights: String) {
    let file = model_ref.rsplit('.').next().unwrap_or_default().trim_start_matches("model_");
    let group = match group.strip_prefix(&format!("{}.", module.name)) {
        _ if group.is_empty() => "everyone",
        Some(own) => own,
        None => group,
    };
    let Some(model) = module.models.iter_mut().find(|model| model.file() == file) else {
        return;
    };
    if !model.access.iter().any(|access| access.group == group) {
        let group = group.to_owned();
        model.access.push(Access { group, rights, line: 0 });
    }
}
