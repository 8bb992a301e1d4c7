//! The keys that a module file has, each with what stands there: what is typed is read by them, and what was written by hand is checked. Pure.

use super::schema::{Address, FieldKind, Part, PartKind, Values};
use crate::base::Msg;
use crate::msg;
use serde_json::Value;

/// What stands behind a key. `=code` is allowed where a template writes code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    Flag,
    /// Yes, no, or one of these words.
    FlagOr(&'static [&'static str]),
    FlagOrWhole,
    Whole,
    /// Texts; one alone is a list of one.
    List,
    /// Texts, or pairs of value and label.
    Choices,
    /// How many digits in all and behind the point, or a name of such a pair.
    Digits,
    /// Two numbers.
    Place,
    Table,
    /// One of the sixteen types of fields.
    Kind,
    /// Letters of r, w, c and d.
    Rights,
    /// What fits the field's type.
    Default,
}

use Shape::{
    Choices, Default as OfField, Digits, Flag, FlagOr, FlagOrWhole, Kind, List, Place, Rights, Table, Text, Whole, Word,
};

const MODULE: &[(&str, Shape)] = &[
    ("application", Flag),
    ("author", Text),
    ("auto_install", Flag),
    ("category", Text),
    ("color", Text),
    ("depends", List),
    ("description", Text),
    ("folder", Text),
    ("license", Text),
    ("note", Text),
    ("package", Text),
    ("project", Text),
    ("summary", Text),
    ("target", Text),
    ("template", Text),
    ("title", Text),
    ("version", Text),
    ("website", Text),
];
const MODEL: &[(&str, Shape)] = &[
    ("abstract", Flag),
    ("at", Place),
    ("color", Text),
    ("extend", Flag),
    ("help", Text),
    ("inherit", List),
    ("inherits", Table),
    ("note", Text),
    ("order", Text),
    ("rec_name", Text),
    ("title", Text),
    ("transient", Flag),
];
const FIELD: &[(&str, Shape)] = &[
    ("auto_join", Flag),
    ("class", Text),
    ("code", Table),
    ("column1", Text),
    ("column2", Text),
    ("company_dependent", Flag),
    ("compute", Text),
    ("copy", Flag),
    ("currency", Text),
    ("default", OfField),
    ("depends", List),
    ("digits", Digits),
    ("domain", Text),
    ("formula", Text),
    ("groups", Text),
    ("help", Text),
    ("help_text", Text),
    ("index", FlagOr(&["btree", "btree_not_null", "trigram"])),
    ("inverse", Text),
    ("inverse_method", Text),
    ("note", Text),
    (
        "ondelete",
        Word(&["cascade", "restrict", "set null", "set default", "no action"]),
    ),
    ("readonly", Flag),
    ("related", Text),
    ("relation", Text),
    ("required", Flag),
    ("sanitize", FlagOr(&["email_outgoing"])),
    ("search", Text),
    ("selection_add", Choices),
    ("size", Whole),
    ("store", Flag),
    ("string", Text),
    ("target", Text),
    ("tracking", FlagOrWhole),
    ("translate", FlagOr(&["html_translate", "xml_translate"])),
    ("type", Kind),
    ("values", Choices),
];
const VIEW: &[(&str, Shape)] = &[
    ("after", Text),
    ("fields", List),
    ("inherit", Text),
    ("note", Text),
    ("position", Word(&["after", "attributes", "before", "inside", "replace"])),
    ("xpath", Text),
];
const CONSTRAINT: &[(&str, Shape)] = &[
    ("check", Text),
    ("fields", List),
    ("message", Text),
    ("note", Text),
    ("sql", Text),
];
const GROUP: &[(&str, Shape)] = &[("implies", List), ("note", Text), ("title", Text)];
const MENU: &[(&str, Shape)] = &[
    ("action", Text),
    ("groups", List),
    ("model", Text),
    ("note", Text),
    ("parent", Text),
    ("sequence", Whole),
    ("title", Text),
];
const ACCESS: &[(&str, Shape)] = &[("rights", Rights)];

/// The keys of what an address names.
pub fn of(at: &Address) -> &'static [(&'static str, Shape)] {
    match (&at.model, &at.part) {
        (_, Some((PartKind::Field, _))) => FIELD,
        (_, Some((PartKind::View, _))) => VIEW,
        (_, Some((PartKind::Constraint, _))) => CONSTRAINT,
        (_, Some((PartKind::Access, _))) => ACCESS,
        (_, Some((PartKind::Group, _))) => GROUP,
        (_, Some((PartKind::Menu, _))) => MENU,
        (Some(_), None) => MODEL,
        (None, None) => MODULE,
    }
}

/// What stands behind a key; None for one that nobody knows.
pub fn shape(at: &Address, key: &str) -> Option<Shape> {
    of(at).iter().find(|(known, _)| *known == key).map(|(_, shape)| *shape)
}

/// The names of the keys, for people.
pub fn names(at: &Address) -> String {
    of(at).iter().map(|(key, _)| *key).collect::<Vec<_>>().join(", ")
}

/// Whether a value is what has to stand there. `field` is the field that it is of.
pub fn fits(shape: Shape, value: &Value, field: Option<&Part>) -> bool {
    let is_code = value.as_str().is_some_and(|text| text.starts_with('='));
    let is_texts = |list: &[Value]| list.iter().all(Value::is_string);
    match shape {
        Text => value.is_string(),
        Word(words) => {
            let is_known = |text: &str| words.iter().any(|word| word.eq_ignore_ascii_case(text));
            is_code || value.as_str().is_some_and(is_known)
        }
        Flag => is_code || value.is_boolean(),
        FlagOr(words) => is_code || value.is_boolean() || value.as_str().is_some_and(|word| words.contains(&word)),
        FlagOrWhole => is_code || value.is_boolean() || value.is_i64(),
        Whole => value.is_i64(),
        List => value.is_string() || value.as_array().is_some_and(|list| is_texts(list)),
        Choices => value.as_array().is_some_and(|list| {
            let is_pair = |entry: &Value| entry.as_array().is_some_and(|pair| pair.len() == 2 && is_texts(pair));
            list.iter().all(|entry| entry.is_string() || is_pair(entry))
        }),
        Digits => {
            let is_pair = |list: &Vec<Value>| list.len() == 2 && list.iter().all(Value::is_i64);
            value.is_string() || value.as_array().is_some_and(is_pair)
        }
        Place => value
            .as_array()
            .is_some_and(|pair| pair.len() == 2 && pair.iter().all(Value::is_number)),
        Table => value.is_object(),
        Kind => value.as_str().is_some_and(|word| FieldKind::from_word(word).is_some()),
        Rights => value
            .as_str()
            .is_some_and(|rights| !rights.is_empty() && rights.chars().all(|letter| "rwcd".contains(letter))),
        OfField => is_code || field.is_none_or(|field| field.kind().is_none_or(|kind| default_fits(field, kind, value))),
    }
}

/// The default of a date that is the day on which a record is made.
pub const TODAY: &str = "today";
/// The default of a moment that is the one in which a record is made.
pub const NOW: &str = "now";

fn is_day(text: &str) -> bool {
    text.len() == "2026-01-15".len() && text.parse::<jiff::civil::Date>().is_ok()
}

/// Whether a value can be the default of a field.
pub fn default_fits(field: &Part, kind: FieldKind, value: &Value) -> bool {
    match kind {
        FieldKind::Boolean => value.is_boolean(),
        FieldKind::Integer => value.is_i64(),
        FieldKind::Float | FieldKind::Monetary => value.is_number(),
        FieldKind::Selection => {
            let choices = field.choices();
            value
                .as_str()
                .is_some_and(|text| choices.is_empty() || choices.iter().any(|(choice, _)| choice == text))
        }
        FieldKind::Char | FieldKind::Text | FieldKind::Html | FieldKind::Reference => value.is_string(),
        FieldKind::Date => value.as_str().is_some_and(|text| text == TODAY || is_day(text)),
        FieldKind::Datetime => value
            .as_str()
            .is_some_and(|text| text == NOW || text.parse::<jiff::civil::DateTime>().is_ok()),
        // What looks like a table and is a text would stay one.
        FieldKind::Json => !value.as_str().is_some_and(|text| text.trim_start().starts_with(['{', '['])),
        FieldKind::Many2one => value.is_i64(),
        FieldKind::One2many | FieldKind::Many2many => value.is_array(),
        FieldKind::Binary => true,
    }
}

fn flag(typed: &str) -> Option<bool> {
    match typed.to_lowercase().as_str() {
        "true" | "yes" | "oui" | "1" => Some(true),
        "false" | "no" | "non" | "0" => Some(false),
        _ => None,
    }
}

fn texts(typed: &str) -> Value {
    let parts = typed.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(Value::from).collect()
}

/// What was typed, read as what has to stand there; a text where it can not be read so.
pub fn typed(shape: Shape, typed: &str, field: Option<&Part>) -> Value {
    let whole = || typed.parse::<i64>().ok().map(Value::from);
    let number = || {
        let number = typed.parse::<f64>().ok().filter(|number| number.is_finite());
        whole().or_else(|| number.map(Value::from))
    };
    let numbers = || -> Option<Value> {
        let parts: Option<Vec<Value>> = typed
            .trim_matches(['[', ']', '(', ')'])
            .split([',', ' '])
            .filter(|part| !part.is_empty())
            .map(|part| part.parse::<i64>().ok().map(Value::from))
            .collect();
        parts.filter(|parts| parts.len() == 2).map(Value::from)
    };
    let read = match shape {
        Text | Word(_) | Rights | Table => None,
        Kind => FieldKind::from_word(typed).map(|kind| kind.word().into()),
        Flag | FlagOr(_) => flag(typed).map(Value::from),
        FlagOrWhole => typed.parse::<bool>().ok().map(Value::from).or_else(whole),
        Whole => whole(),
        List => Some(texts(typed)),
        // `draft:Draft,done:Done` gives each its label.
        Choices => Some(
            typed
                .split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .map(|part| match part.split_once(':') {
                    Some((value, label)) => Value::from(vec![value.trim(), label.trim()]),
                    None => part.into(),
                })
                .collect(),
        ),
        Digits | Place => numbers(),
        OfField => match field.and_then(Part::kind) {
            Some(FieldKind::Boolean) => flag(typed).map(Value::from),
            Some(FieldKind::Integer | FieldKind::Many2one) => whole(),
            Some(FieldKind::Json) => serde_json::from_str(typed).ok().filter(|value: &Value| !value.is_null()),
            Some(FieldKind::Float | FieldKind::Monetary) => number(),
            Some(_) => None,
            None => typed.parse::<bool>().ok().map(Value::from).or_else(number),
        },
    };
    read.unwrap_or_else(|| typed.into())
}

/// What has to stand there, in words.
pub fn wanted(shape: Shape, field: Option<&Part>) -> Msg {
    let words = |words: &[&str]| msg!("plan-remark-words-hint", words = words.join(", "));
    match shape {
        Text => msg!("plan-modules-wanted-text"),
        Word(known) => words(known),
        Flag => words(&["true", "false"]),
        FlagOr(known) => words(&[&["true", "false"], known].concat()),
        FlagOrWhole => msg!("plan-modules-wanted-flag-or-whole"),
        Whole => msg!("plan-modules-wanted-whole"),
        List => msg!("plan-modules-wanted-list"),
        Choices => msg!("plan-modules-wanted-choices"),
        Digits => msg!("plan-modules-wanted-digits"),
        Place => msg!("plan-modules-wanted-place"),
        Table => msg!("plan-modules-wanted-table"),
        Kind => words(&FieldKind::ALL.map(FieldKind::word)),
        Rights => msg!("plan-modules-wanted-rights"),
        OfField => {
            let choices = field.map(Part::choices).unwrap_or_default();
            match field.and_then(Part::kind) {
                Some(FieldKind::Boolean) => words(&["true", "false"]),
                Some(FieldKind::Integer | FieldKind::Many2one) => msg!("plan-modules-wanted-whole"),
                Some(FieldKind::Date) => msg!("plan-modules-wanted-day", word = TODAY),
                Some(FieldKind::Datetime) => msg!("plan-modules-wanted-moment", word = NOW),
                Some(FieldKind::Json) => msg!("plan-modules-wanted-json"),
                Some(FieldKind::One2many | FieldKind::Many2many) => msg!("plan-modules-wanted-code"),
                Some(FieldKind::Float | FieldKind::Monetary) => msg!("plan-modules-wanted-number"),
                Some(FieldKind::Selection) if !choices.is_empty() => {
                    let known: Vec<&str> = choices.iter().map(|(choice, _)| choice.as_str()).collect();
                    words(&known)
                }
                _ => msg!("plan-modules-wanted-text"),
            }
        }
    }
}

/// Keys with values that do not fit, and keys that nobody knows.
pub fn odd<'v>(at: &Address, values: &'v Values, field: Option<&Part>) -> Vec<(&'v str, &'v Value, Option<Shape>)> {
    values
        .0
        .iter()
        .filter_map(|(key, value)| match shape(at, key) {
            None => Some((key.as_str(), value, None)),
            Some(shape) if !fits(shape, value, field) => Some((key.as_str(), value, Some(shape))),
            Some(_) => None,
        })
        .collect()
}
