//! Names and literals of the languages that are generated. Pure.

use crate::areas::plan::modules::keys::{NOW, TODAY};
use crate::areas::plan::modules::schema::{FieldKind, Part};
use serde_json::Value;

/// `coop.share` becomes `CoopShare`.
pub fn pascal(name: &str) -> String {
    let mut out = String::new();
    for word in name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
    {
        let mut chars = word.chars();
        out.extend(chars.next().map(|first| first.to_ascii_uppercase()));
        out.push_str(chars.as_str());
    }
    if out.starts_with(|c: char| c.is_ascii_digit()) || out.is_empty() {
        out.insert(0, 'X');
    }
    out
}

/// The choices of a field with their labels and a variant for each; words that differ in their signs only get numbers.
pub(super) fn variants(field: &Part) -> Vec<(String, String, String)> {
    let mut out: Vec<(String, String, String)> = Vec::new();
    for (value, label) in field.choices() {
        let plain = pascal(&value);
        let is_taken = |name: &String| out.iter().any(|(_, _, taken)| taken == name);
        let numbered = (2..).map(|n| format!("{plain}{n}"));
        let variant = std::iter::once(plain.clone()).chain(numbered).find(|name| !is_taken(name));
        out.push((value, label, variant.unwrap_or(plain)));
    }
    out
}

/// `Coop-Share 2` becomes `coop_share_2`.
pub fn snake(name: &str) -> String {
    crate::areas::plan::modules::check::mended(name).replace('.', "_")
}

/// The series of Odoo that a version is for: `16.0.1.0.0` is 16. One that names none is the one that the templates are written for.
pub(super) fn series(version: &str) -> u32 {
    let numbers: Vec<&str> = version.split('.').collect();
    let first = numbers.first().and_then(|first| first.parse().ok());
    let is_named = numbers.len() >= 4 && numbers[1] == "0";
    first.filter(|series| is_named && (8..100).contains(series)).unwrap_or(18)
}

/// The last three numbers of a version: `18.0.1.0.0` is `1.0.0`.
pub(super) fn semver(version: &str) -> String {
    let numbers: Vec<&str> = version
        .split('.')
        .filter(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit()))
        .collect();
    match numbers.len() {
        0 => "0.1.0".to_owned(),
        1 => format!("{}.0.0", numbers[0]),
        2 => format!("{}.{}.0", numbers[0], numbers[1]),
        n => numbers[n - 3..].join("."),
    }
}

/// A Python literal of a text, in double quotes.
pub(super) fn python_text(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A Rust literal of a text.
pub(super) fn rust_text(text: &str) -> String {
    format!("\"{}\"", text.escape_default())
}

/// A JSON literal, which is one of TypeScript too.
pub(super) fn json_text(text: &str) -> String {
    Value::from(text).to_string()
}

/// A Python literal of a value.
pub(super) fn python_value(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => python_text(text),
        Value::Array(list) => format!("[{}]", list.iter().map(python_value).collect::<Vec<_>>().join(", ")),
        Value::Object(entries) => {
            let entries = entries
                .iter()
                .map(|(key, value)| format!("{}: {}", python_text(key), python_value(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}

pub(super) const RUST_WORDS: [&str; 49] = [
    "as", "async", "await", "become", "break", "const", "continue", "do", "dyn", "else", "enum", "extern", "false", "fn", "for",
    "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut", "priv", "pub", "ref", "return", "static",
    "struct", "trait", "true", "type", "typeof", "union", "unsafe", "unsized", "use", "virtual", "where", "while", "abstract",
    "box", "final", "override", "try", "yield",
];
/// Words that can not be names, not even with `r#`.
pub(super) const RUST_PATHS: [&str; 4] = ["self", "Self", "super", "crate"];

/// A text inside a comment of one line, in any of the languages.
pub(super) fn comment(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").replace("*/", "* /")
}

pub(super) fn rust_name(name: &str) -> String {
    if RUST_PATHS.contains(&name) {
        format!("{name}_")
    } else if RUST_WORDS.contains(&name) {
        format!("r#{name}")
    } else {
        name.to_owned()
    }
}

pub(super) const PYTHON_WORDS: [&str; 33] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else",
    "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise",
    "return", "while", "with",
];

/// What the generated classes use themselves.
const PYTHON_OWN: [&str; 2] = ["field", "validate"];

/// A text at the start of a documentation string in three double quotes.
pub(super) fn python_doc(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").replace('\\', "\\\\").replace("\"\"\"", "\\\"\\\"\\\"")
}

pub fn python_name(name: &str) -> String {
    if PYTHON_WORDS.contains(&name) || PYTHON_OWN.contains(&name) {
        format!("{name}_")
    } else {
        name.to_owned()
    }
}

fn optional(is_required: bool, bare: &str, none: impl Fn(&str) -> String) -> String {
    if is_required { bare.to_owned() } else { none(bare) }
}

pub(super) fn rust_type(kind: FieldKind, is_required: bool, choice_type: &str) -> String {
    let bare = match kind {
        FieldKind::Boolean => return "bool".to_owned(),
        FieldKind::One2many | FieldKind::Many2many => return "Vec<u64>".to_owned(),
        FieldKind::Integer => "i64",
        FieldKind::Float | FieldKind::Monetary => "f64",
        FieldKind::Binary => "Vec<u8>",
        FieldKind::Selection => choice_type,
        FieldKind::Many2one => "u64",
        _ => "String",
    };
    optional(is_required, bare, |bare| format!("Option<{bare}>"))
}

/// The type that a field has in the code of a package; `choice_type` is the one of its choices.
pub fn written_type(template: &str, kind: FieldKind, is_required: bool, choice_type: &str) -> String {
    match template {
        "rust" => rust_type(kind, is_required, choice_type),
        "python" => python_type(kind, is_required),
        _ => typescript_type(kind, is_required, choice_type),
    }
}

/// What a field that must have a value begins with anyway.
pub fn is_usual_default(field: &Part, value: &Value) -> bool {
    let is_first = || {
        field
            .choices()
            .first()
            .is_some_and(|(first, _)| value.as_str() == Some(first))
    };
    match value {
        Value::String(text) => text.is_empty() || field.is(FieldKind::Selection) && is_first(),
        Value::Number(number) => number.as_f64() == Some(0.0),
        _ => false,
    }
}

fn default_of(field: &Part) -> Option<&Value> {
    field
        .values
        .0
        .get("default")
        .filter(|value| !value.as_str().is_some_and(|text| text.starts_with('=')))
}

pub(super) fn rust_default(kind: FieldKind, is_required: bool, field: &Part) -> String {
    let some = |text: String| optional(is_required, &text, |text| format!("Some({text})"));
    match (kind, default_of(field)) {
        (FieldKind::Boolean, Some(Value::Bool(flag))) => flag.to_string(),
        (FieldKind::Integer, Some(Value::Number(number))) if number.is_i64() => some(number.to_string()),
        (FieldKind::Many2one, Some(Value::Number(number))) if number.is_u64() => some(number.to_string()),
        (FieldKind::Json, Some(value)) => some(format!("String::from({})", rust_text(&value.to_string()))),
        (FieldKind::Float | FieldKind::Monetary, Some(Value::Number(number))) => {
            some(format!("{:?}", number.as_f64().unwrap_or_default()))
        }
        (FieldKind::Selection, Some(Value::String(word))) => {
            let variant = variants(field).into_iter().find(|(value, ..)| value == word);
            let variant = variant.map_or_else(|| pascal(word), |(_, _, variant)| variant);
            some(format!("Self_::{variant}")).replace("Self_", &format!("@{}", field.name))
        }
        (
            FieldKind::Char | FieldKind::Text | FieldKind::Html | FieldKind::Date | FieldKind::Datetime,
            Some(Value::String(text)),
        ) => some(format!("String::from({})", rust_text(text))),
        _ => "Default::default()".to_owned(),
    }
}

pub(super) fn python_type(kind: FieldKind, is_required: bool) -> String {
    let bare = match kind {
        FieldKind::Boolean => return "bool".to_owned(),
        FieldKind::One2many | FieldKind::Many2many => return "list[int]".to_owned(),
        FieldKind::Integer | FieldKind::Many2one => "int",
        FieldKind::Float | FieldKind::Monetary => "float",
        FieldKind::Binary => "bytes",
        FieldKind::Date => "date",
        FieldKind::Datetime => "datetime",
        FieldKind::Json => "object",
        _ => "str",
    };
    optional(is_required, bare, |bare| format!("{bare} | None"))
}

pub(super) fn python_default(kind: FieldKind, is_required: bool, field: &Part) -> String {
    // What is worked out when a record is made: a class that has a field `date` still finds the module's own by a lambda.
    let made = |code: &str| format!("default_factory=lambda: {code}");
    let default = match (kind, default_of(field)) {
        (FieldKind::Binary, _) | (_, None) => None,
        (FieldKind::Date, Some(Value::String(word))) if word == TODAY => Some(made("date.today()")),
        (FieldKind::Datetime, Some(Value::String(word))) if word == NOW => Some(made("datetime.now()")),
        (FieldKind::Date | FieldKind::Datetime, Some(value)) => {
            let class = if kind == FieldKind::Date { "date" } else { "datetime" };
            Some(made(&format!("{class}.fromisoformat({})", python_value(value))))
        }
        (_, Some(value @ (Value::Array(_) | Value::Object(_)))) => Some(made(&python_value(value))),
        (_, Some(value)) => Some(format!("default={}", python_value(value))),
    };
    default.unwrap_or_else(|| match kind {
        FieldKind::One2many | FieldKind::Many2many => made("[]"),
        FieldKind::Boolean => "default=False".to_owned(),
        _ if !is_required => "default=None".to_owned(),
        FieldKind::Integer | FieldKind::Many2one => "default=0".to_owned(),
        FieldKind::Float | FieldKind::Monetary => "default=0.0".to_owned(),
        FieldKind::Binary => "default=b\"\"".to_owned(),
        FieldKind::Date => made("date.today()"),
        FieldKind::Datetime => made("datetime.now()"),
        FieldKind::Json => "default=None".to_owned(),
        FieldKind::Selection => {
            let first = field.choices().into_iter().next().map(|(value, _)| value).unwrap_or_default();
            format!("default={}", python_text(&first))
        }
        _ => "default=\"\"".to_owned(),
    })
}

/// The plan's own values of a field as a Python dictionary, so that the package can be read back.
pub(super) fn metadata(field: &Part) -> String {
    let mut values = field.values.clone();
    if !values.0.contains_key("type") {
        values.set("type", "char");
    }
    python_value(&serde_json::to_value(&values).unwrap_or_default())
}

pub(super) fn typescript_type(kind: FieldKind, is_required: bool, choice_type: &str) -> String {
    let bare = match kind {
        FieldKind::Boolean => return "boolean".to_owned(),
        FieldKind::One2many | FieldKind::Many2many => return "number[]".to_owned(),
        FieldKind::Integer | FieldKind::Many2one | FieldKind::Float | FieldKind::Monetary => "number",
        FieldKind::Binary => "Uint8Array",
        FieldKind::Selection => choice_type,
        FieldKind::Json => "unknown",
        _ => "string",
    };
    optional(is_required, bare, |bare| format!("{bare} | null"))
}

pub(super) fn typescript_default(kind: FieldKind, is_required: bool, field: &Part) -> String {
    match (kind, default_of(field)) {
        (FieldKind::Binary, _) => optional(is_required, "new Uint8Array()", |_| "null".to_owned()),
        (FieldKind::Date, Some(Value::String(word))) if word == TODAY => "new Date().toISOString().slice(0, 10)".to_owned(),
        (FieldKind::Datetime, Some(Value::String(word))) if word == NOW => "new Date().toISOString()".to_owned(),
        (_, Some(value)) => value.to_string(),
        (FieldKind::One2many | FieldKind::Many2many, None) => "[]".to_owned(),
        (FieldKind::Boolean, None) => "false".to_owned(),
        _ if !is_required => "null".to_owned(),
        (FieldKind::Integer | FieldKind::Many2one | FieldKind::Float | FieldKind::Monetary, None) => "0".to_owned(),
        (FieldKind::Json, None) => "null".to_owned(),
        (FieldKind::Selection, None) => {
            let first = field.choices().into_iter().next().map(|(value, _)| value).unwrap_or_default();
            json_text(&first)
        }
        _ => "\"\"".to_owned(),
    }
}
