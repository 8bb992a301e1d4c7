//! What a package's types say, whatever its language: classes with their fields, enumerations, and the models that they are. Pure.

use crate::areas::plan::modules::generate::{is_type_taken, is_usual_default, pascal, snake, written_type};
use crate::areas::plan::modules::schema::{FieldKind, Module, Part, PartKind, PlannedModel, Values, label_of, line_key};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The key of the line on which a field carries what the plan says of it.
pub const METADATA: &str = "metadata";

/// A class, struct or interface.
#[derive(Default)]
pub(super) struct Class {
    pub(super) name: String,
    /// The model's name in the plan, where the code says it.
    pub(super) model: String,
    pub(super) title: String,
    pub(super) fields: Vec<Member>,
    /// The types of the fields in the plan, where the code says them.
    pub(super) kinds: BTreeMap<String, FieldKind>,
}

/// One field as it is written.
#[derive(Default)]
pub(super) struct Member {
    pub(super) name: String,
    /// Its type, without blanks.
    pub(super) text: String,
    pub(super) is_optional: bool,
    pub(super) label: String,
    pub(super) target: String,
    pub(super) default: Option<Value>,
    /// What the plan says of it, where the code carries that.
    pub(super) values: Option<Values>,
    pub(super) line: u32,
}

/// Everything that the files of one package say.
#[derive(Default)]
pub(super) struct Types {
    pub(super) classes: Vec<Class>,
    /// Values by the name of an enumeration, or of another name for several texts.
    pub(super) enums: BTreeMap<String, Vec<String>>,
    /// Classes that are no models: errors.
    pub(super) others: Vec<String>,
}

/// A type as the plan would call it.
struct Meant {
    kind: FieldKind,
    is_required: bool,
    class: Option<String>,
    choices: Vec<String>,
}

impl Meant {
    fn of(kind: FieldKind) -> Self {
        Self {
            kind,
            is_required: true,
            class: None,
            choices: Vec::new(),
        }
    }
}

/// What stands inside `name<...>` or `name[...]`.
fn inside<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let rest = text.strip_prefix(name)?;
    let rest = rest.strip_prefix(['<', '['])?;
    rest.strip_suffix(['>', ']'])
}

/// The parts of a type that stand beside each other, not those in brackets.
fn split(text: &str, at: char) -> Vec<&str> {
    let (mut out, mut depth, mut from) = (Vec::new(), 0_i32, 0);
    for (index, c) in text.char_indices() {
        match c {
            '<' | '[' | '(' | '{' => depth += 1,
            '>' | ']' | ')' | '}' => depth -= 1,
            c if c == at && depth == 0 => {
                out.push(&text[from..index]);
                from = index + c.len_utf8();
            }
            _ => {}
        }
    }
    out.push(&text[from..]);
    out
}

fn quoted(text: &str) -> Option<String> {
    let inner = text.strip_prefix(['"', '\'']).and_then(|rest| rest.strip_suffix(['"', '\'']));
    inner.map(str::to_owned)
}

impl Types {
    fn is_class(&self, name: &str) -> bool {
        self.classes.iter().any(|class| class.name == name)
    }

    /// The text of a type, without blanks, as a type of the plan.
    fn meant(&self, text: &str) -> Meant {
        let optional = |inner: &str| Meant {
            is_required: false,
            ..self.meant(inner)
        };
        let sides = split(text, '|');
        let is_none = |side: &&str| matches!(*side, "None" | "null" | "undefined");
        if sides.len() > 1 {
            let kept: Vec<&str> = sides.iter().filter(|side| !is_none(side)).copied().collect();
            if kept.len() < sides.len() {
                return optional(&kept.join("|"));
            }
            let choices: Option<Vec<String>> = sides.iter().map(|side| quoted(side)).collect();
            return match choices {
                Some(choices) => Meant {
                    choices,
                    ..Meant::of(FieldKind::Selection)
                },
                None => Meant::of(FieldKind::Json),
            };
        }
        for name in ["Option", "Optional", "typing.Optional"] {
            if let Some(inner) = inside(text, name) {
                return optional(inner);
            }
        }
        for name in ["Box", "Rc", "Arc", "Cow", "Readonly", "Annotated", "Mapped"] {
            if let Some(inner) = inside(text, name) {
                let parts = split(inner, ',');
                let what = if name == "Cow" { parts.last() } else { parts.first() };
                return self.meant(what.copied().unwrap_or_default());
            }
        }
        for name in ["Literal", "typing.Literal"] {
            if let Some(inner) = inside(text, name) {
                let choices: Option<Vec<String>> = split(inner, ',').into_iter().map(quoted).collect();
                return Meant {
                    choices: choices.unwrap_or_default(),
                    ..Meant::of(FieldKind::Selection)
                };
            }
        }
        let lists = [
            "Vec",
            "HashSet",
            "BTreeSet",
            "list",
            "List",
            "set",
            "Set",
            "tuple",
            "Sequence",
            "Array",
            "ReadonlyArray",
        ];
        let item = lists
            .into_iter()
            .find_map(|name| inside(text, name))
            .or_else(|| text.strip_suffix("[]"));
        if let Some(item) = item {
            return self.list(item);
        }
        self.plain(text)
    }

    fn list(&self, item: &str) -> Meant {
        let item = split(item, ',')[0];
        if item == "u8" {
            return Meant::of(FieldKind::Binary);
        }
        let class = self.is_class(item).then(|| item.to_owned());
        // Lists of numbers are how a generated package holds the records of a relation.
        let is_relation = class.is_some() || matches!(item, "u64" | "int" | "number");
        Meant {
            class,
            ..Meant::of(if is_relation { FieldKind::Many2many } else { FieldKind::Json })
        }
    }

    fn plain(&self, text: &str) -> Meant {
        let last = text.rsplit(['.', ':']).next().unwrap_or(text);
        if let Some(choices) = self.enums.get(last) {
            return Meant {
                choices: choices.clone(),
                ..Meant::of(FieldKind::Selection)
            };
        }
        if self.is_class(last) {
            return Meant {
                class: Some(last.to_owned()),
                ..Meant::of(FieldKind::Many2one)
            };
        }
        let name = last.split(['<', '[']).next().unwrap_or(last);
        Meant::of(match name {
            "bool" | "boolean" => FieldKind::Boolean,
            "i8" | "i16" | "i32" | "i64" | "i128" | "isize" | "u8" | "u16" | "u32" | "u64" | "u128" | "usize" | "int"
            | "bigint" => FieldKind::Integer,
            "f32" | "f64" | "float" | "Decimal" | "number" => FieldKind::Float,
            "String" | "str" | "&'staticstr" | "&str" | "string" | "char" | "Uuid" | "UUID" | "PathBuf" | "Path" | "EmailStr"
            | "HttpUrl" | "Url" => FieldKind::Char,
            "date" | "NaiveDate" => FieldKind::Date,
            "datetime" | "DateTime" | "NaiveDateTime" | "Timestamp" | "Zoned" | "SystemTime" | "OffsetDateTime" | "Date" => {
                FieldKind::Datetime
            }
            "bytes" | "bytearray" | "Bytes" | "Uint8Array" | "Buffer" | "Blob" | "ArrayBuffer" => FieldKind::Binary,
            _ => FieldKind::Json,
        })
    }

    /// The models of a package.
    pub(super) fn into_models(mut self, module: &mut Module) {
        let template = module.template().to_owned();
        // The template's own types are in no plan, and what shows none of its fields is a value: nothing can point to it.
        let others = std::mem::take(&mut self.others);
        self.classes.retain(|class| {
            let is_value = class.fields.is_empty() && class.model.is_empty();
            !is_value && !others.contains(&class.name) && !is_type_taken(&template, &class.name)
        });
        let name_of = |class: &Class| match class.model.as_str() {
            "" => snake(&class.name),
            name => name.to_owned(),
        };
        let names: BTreeMap<&str, String> = self
            .classes
            .iter()
            .map(|class| (class.name.as_str(), name_of(class)))
            .collect();
        for class in &self.classes {
            let mut model = PlannedModel {
                name: name_of(class),
                ..PlannedModel::default()
            };
            let usual = model.title();
            if !class.title.is_empty() && class.title != usual {
                model.values.set_text("title", &class.title);
            }
            for member in &class.fields {
                if member.values.is_some() && self.said(&template, member).is_some() {
                    let part = Some((PartKind::Field, member.name.as_str()));
                    module.lines.insert(line_key(Some(&model.name), part, METADATA), member.line);
                }
                model.fields.push(self.field(&template, class, member, &names));
            }
            if !module.models.iter().any(|known| known.name == model.name) {
                module.models.push(model);
            }
        }
        other_sides(module);
    }

    /// What the plan said of a field counts as long as the type is the one that it gave.
    fn said(&self, template: &str, member: &Member) -> Option<Values> {
        let values = member.values.clone()?;
        let said = Part {
            values,
            ..Part::new(&member.name)
        };
        let written = written_type(template, said.kind()?, said.values.flag("required"), "");
        (written.split_whitespace().collect::<String>() == member.text).then_some(said.values)
    }

    fn field(&self, template: &str, class: &Class, member: &Member, names: &BTreeMap<&str, String>) -> Part {
        let mut part = Part::new(&member.name);
        part.line = member.line;
        let choice_type = format!("{}{}", class.name, pascal(&member.name));
        if let Some(values) = self.said(template, member) {
            part.values = values;
            return part;
        }
        let is_as = |kind: FieldKind, is_required: bool| {
            written_type(template, kind, is_required, &choice_type)
                .split_whitespace()
                .collect::<String>()
                == member.text
        };
        let meant = self.meant(&member.text);
        let mut is_required = meant.is_required && !member.is_optional;
        let known = class.kinds.get(&member.name).copied();
        let known = known.filter(|kind| [true, false].into_iter().any(|is_required| is_as(*kind, is_required)));
        let kind = known.unwrap_or(meant.kind);
        // Some types have no way to say that nothing is there.
        if known.is_some() && is_as(kind, true) && is_as(kind, false) {
            is_required = false;
        }
        part.values.set("type", kind.word());
        if is_required && !matches!(kind, FieldKind::Boolean | FieldKind::One2many | FieldKind::Many2many) {
            part.values.set("required", true);
        }
        let target = match &meant.class {
            Some(class) => names.get(class.as_str()).cloned().unwrap_or_default(),
            None if kind.is_relation() => member.target.clone(),
            None => String::new(),
        };
        part.values.set_text("target", &target);
        if !member.label.is_empty() && member.label != label_of(&member.name) {
            part.values.set_text("string", &member.label);
        }
        if !meant.choices.is_empty() {
            let values: Vec<Value> = meant.choices.iter().map(|value| json!(value)).collect();
            part.values.set("values", values);
        }
        let default = member.default.as_ref().filter(|value| !is_usual_default(&part, value));
        if let Some(default) = default.cloned() {
            part.values.set("default", default);
        }
        part
    }
}

/// Gives each one2many the only field that points back to it.
fn other_sides(module: &mut Module) {
    let pointing = |module: &Module, from: &str, to: &str| -> Option<String> {
        let target = module.model(to)?;
        let mut back = target
            .fields
            .iter()
            .filter(|field| field.is(FieldKind::Many2one) && field.target() == from);
        back.next().filter(|_| back.next().is_none()).map(|field| field.name.clone())
    };
    let whole = module.clone();
    for model in &mut module.models {
        for field in model
            .fields
            .iter_mut()
            .filter(|field| field.is(FieldKind::One2many) && field.inverse().is_empty())
        {
            if let Some(inverse) = pointing(&whole, &model.name, field.target()) {
                field.values.set("inverse", inverse);
            }
        }
    }
}

/// The first sentence of what stands above a class or a field: its title or label, and the model behind it in brackets.
pub(super) fn said_above(doc: &str) -> (String, String) {
    let doc = doc.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_name = |text: &str| {
        let is_of_one = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_');
        !text.is_empty() && text.chars().all(is_of_one)
    };
    let in_brackets = doc.split_once(" (").and_then(|(label, rest)| {
        let target = rest.split(')').next()?.trim_matches('`');
        is_name(target).then(|| (label.to_owned(), target.to_owned()))
    });
    let (label, target) = in_brackets.unwrap_or_else(|| {
        let first = doc.split(". ").next().unwrap_or_default();
        (first.trim_end_matches('.').to_owned(), String::new())
    });
    // A text of some length is no name for people.
    let is_label = label.chars().count() <= 60;
    (if is_label { label } else { String::new() }, target)
}
