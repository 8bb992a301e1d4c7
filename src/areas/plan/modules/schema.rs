//! What a planned module is made of: module, model, field, and the parts around them, as plain data. Pure.
//! The words of the keys are those of Odoo where it has one; a key that nobody knows is kept with the others.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The keys of one table of a module file, without those that are parts of their own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Values(pub BTreeMap<String, Value>);

impl Values {
    /// The text of a key, empty when there is none.
    pub fn text(&self, key: &str) -> &str {
        self.0.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    pub fn flag(&self, key: &str) -> bool {
        self.0.get(key).and_then(Value::as_bool).unwrap_or_default()
    }

    /// A list of texts; a single text counts as a list of one.
    pub fn list(&self, key: &str) -> Vec<&str> {
        match self.0.get(key) {
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(one)) if !one.is_empty() => vec![one],
            _ => Vec::new(),
        }
    }

    pub fn set(&mut self, key: &str, value: impl Into<Value>) {
        self.0.insert(key.to_owned(), value.into());
    }

    /// Sets a key unless the text is empty.
    pub fn set_text(&mut self, key: &str, text: &str) {
        if !text.is_empty() {
            self.set(key, text);
        }
    }
}

/// The sixteen types of fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldKind {
    Char,
    Text,
    Html,
    Boolean,
    Integer,
    Float,
    Monetary,
    Date,
    Datetime,
    Binary,
    Json,
    Selection,
    Reference,
    Many2one,
    One2many,
    Many2many,
}

impl FieldKind {
    pub const ALL: [Self; 16] = [
        Self::Char,
        Self::Text,
        Self::Html,
        Self::Boolean,
        Self::Integer,
        Self::Float,
        Self::Monetary,
        Self::Date,
        Self::Datetime,
        Self::Binary,
        Self::Json,
        Self::Selection,
        Self::Reference,
        Self::Many2one,
        Self::One2many,
        Self::Many2many,
    ];

    /// The word in the file, on the command line and, with a capital, in Odoo.
    pub fn word(self) -> &'static str {
        match self {
            Self::Char => "char",
            Self::Text => "text",
            Self::Html => "html",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Float => "float",
            Self::Monetary => "monetary",
            Self::Date => "date",
            Self::Datetime => "datetime",
            Self::Binary => "binary",
            Self::Json => "json",
            Self::Selection => "selection",
            Self::Reference => "reference",
            Self::Many2one => "many2one",
            Self::One2many => "one2many",
            Self::Many2many => "many2many",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word().eq_ignore_ascii_case(word))
    }

    /// Whether it points to another model.
    pub fn is_relation(self) -> bool {
        matches!(self, Self::Many2one | Self::One2many | Self::Many2many)
    }
}

/// A named part: a field, a view, a constraint, a group or a menu.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Part {
    pub name: String,
    pub values: Values,
    /// In the file, from 1; 0 when it was never in one.
    #[serde(default)]
    pub line: u32,
}

impl Part {
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    /// The type of a field; None for a word that is none.
    pub fn kind(&self) -> Option<FieldKind> {
        match self.values.0.get("type") {
            None => Some(FieldKind::Char),
            Some(Value::String(word)) => FieldKind::from_word(word),
            Some(_) => None,
        }
    }

    pub fn is(&self, kind: FieldKind) -> bool {
        self.kind() == Some(kind)
    }

    /// The model that a relation points to.
    pub fn target(&self) -> &str {
        self.values.text("target")
    }

    /// The field of the target that a one2many is the other side of.
    pub fn inverse(&self) -> &str {
        self.values.text("inverse")
    }

    /// Value and label of each choice of a selection.
    pub fn choices(&self) -> Vec<(String, String)> {
        self.choices_in("values")
    }

    /// The same of another key: `selection_add` says what an extension adds.
    pub fn choices_in(&self, key: &str) -> Vec<(String, String)> {
        let Some(Value::Array(list)) = self.values.0.get(key) else {
            return Vec::new();
        };
        let pair = |entry: &Value| match entry {
            Value::String(word) => Some((word.clone(), title_of(word))),
            Value::Array(pair) => {
                let value = pair.first()?.as_str()?.to_owned();
                let label = pair
                    .get(1)
                    .and_then(Value::as_str)
                    .map_or_else(|| title_of(&value), str::to_owned);
                Some((value, label))
            }
            _ => None,
        };
        list.iter().filter_map(pair).collect()
    }

    /// Says itself that it has no choices: other modules add them.
    pub fn has_open_choices(&self) -> bool {
        let values = self.values.0.get("values").and_then(Value::as_array);
        values.is_some_and(Vec::is_empty)
    }

    /// What people read: the label, or the name in words.
    pub fn label(&self) -> String {
        let label = self.values.text("string");
        if label.is_empty() {
            label_of(&self.name)
        } else {
            label.to_owned()
        }
    }

    /// Kept in no column of its own.
    pub fn is_computed(&self) -> bool {
        !self.values.text("compute").is_empty() || !self.values.text("related").is_empty()
    }
}

/// What a group may do with a model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// A group of the module, or one of another module as `module.group`; `everyone` for all.
    pub group: String,
    /// Letters: r read, w write, c create, d delete.
    pub rights: String,
    #[serde(default)]
    pub line: u32,
}

impl Access {
    pub fn may(&self, letter: char) -> bool {
        self.rights.contains(letter)
    }
}

/// One model of a module: a new one, or more fields for one that another module has.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PlannedModel {
    pub name: String,
    pub values: Values,
    pub fields: Vec<Part>,
    pub views: Vec<Part>,
    pub constraints: Vec<Part>,
    pub access: Vec<Access>,
    #[serde(default)]
    pub line: u32,
}

impl PlannedModel {
    /// Adds to a model of another module instead of making one.
    pub fn is_extension(&self) -> bool {
        self.values.flag("extend")
    }

    pub fn field(&self, name: &str) -> Option<&Part> {
        self.fields.iter().find(|field| field.name == name)
    }

    pub fn title(&self) -> String {
        let title = self.values.text("title");
        if title.is_empty() {
            title_of(self.name.rsplit('.').next().unwrap_or(&self.name))
        } else {
            title.to_owned()
        }
    }

    /// Where it stands on the canvas.
    pub fn at(&self) -> Option<[f32; 2]> {
        match self.values.0.get("at")? {
            Value::Array(pair) => Some([pair.first()?.as_f64()? as f32, pair.get(1)?.as_f64()? as f32]),
            _ => None,
        }
    }

    /// `coop_membership`, for file names.
    pub fn file(&self) -> String {
        file_of(&self.name)
    }
}

/// What the files of a model are called: `coop.membership` is `coop_membership`.
pub fn file_of(model: &str) -> String {
    model.replace(['.', '-'], "_")
}

/// One module of the plan, one file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Module {
    pub name: String,
    pub values: Values,
    pub models: Vec<PlannedModel>,
    pub groups: Vec<Part>,
    pub menus: Vec<Part>,
    /// Below the workspace's root.
    pub file: PathBuf,
    /// Of the file's bytes.
    pub hash: String,
    /// Where each key stands in the file, by `line_key`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lines: BTreeMap<String, u32>,
}

/// The name of one key of one table of a file in `Module::lines`.
pub fn line_key(model: Option<&str>, part: Option<(PartKind, &str)>, key: &str) -> String {
    let (kind, name) = part.map_or(("", ""), |(kind, name)| (kind.word(), name));
    format!("{}\n{kind}\n{name}\n{key}", model.unwrap_or_default())
}

impl Module {
    /// The line of a key, when it was read from a file.
    pub fn line_of(&self, at: &Address, key: &str) -> Option<u32> {
        let part = at.part.as_ref().map(|(kind, name)| (*kind, name.as_str()));
        self.lines.get(&line_key(at.model.as_deref(), part, key)).copied()
    }

    pub fn model(&self, name: &str) -> Option<&PlannedModel> {
        self.models.iter().find(|model| model.name == name)
    }

    pub fn title(&self) -> String {
        let title = self.values.text("title");
        if title.is_empty() {
            title_of(&self.name)
        } else {
            title.to_owned()
        }
    }

    pub fn depends(&self) -> Vec<&str> {
        self.values.list("depends")
    }

    /// What it is generated from.
    pub fn template(&self) -> &str {
        match self.values.text("template") {
            "" => "odoo",
            name => name,
        }
    }

    pub fn n_fields(&self) -> usize {
        self.models.iter().map(|model| model.fields.len()).sum()
    }

    /// The module without what is only a place: for comparing two plans.
    pub fn bare(&self) -> Self {
        let mut bare = self.clone();
        bare.file = PathBuf::new();
        bare.hash.clear();
        bare.lines.clear();
        let parts = bare.groups.iter_mut().chain(bare.menus.iter_mut());
        parts.for_each(|part| part.line = 0);
        for model in &mut bare.models {
            model.line = 0;
            model.values.0.remove("at");
            let parts = model.fields.iter_mut().chain(&mut model.views).chain(&mut model.constraints);
            parts.for_each(|part| part.line = 0);
            model.access.iter_mut().for_each(|access| access.line = 0);
        }
        bare
    }
}

/// Which part of a module an address names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartKind {
    Field,
    View,
    Constraint,
    Access,
    Group,
    Menu,
}

impl PartKind {
    pub fn word(self) -> &'static str {
        match self {
            Self::Field => "field",
            Self::View => "view",
            Self::Constraint => "constraint",
            Self::Access => "access",
            Self::Group => "group",
            Self::Menu => "menu",
        }
    }
}

/// Names one thing of the plan: `coop`, `coop/coop.share`, `coop/coop.share/quantity`, `coop/group:user`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Address {
    pub module: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<(PartKind, String)>,
}

impl Address {
    pub fn module(module: &str) -> Self {
        Self {
            module: module.to_owned(),
            model: None,
            part: None,
        }
    }

    pub fn model(module: &str, model: &str) -> Self {
        Self {
            model: Some(model.to_owned()),
            ..Self::module(module)
        }
    }

    pub fn part(module: &str, model: Option<&str>, kind: PartKind, name: &str) -> Self {
        Self {
            module: module.to_owned(),
            model: model.map(str::to_owned),
            part: Some((kind, name.to_owned())),
        }
    }

    pub fn field(module: &str, model: &str, name: &str) -> Self {
        Self::part(module, Some(model), PartKind::Field, name)
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.module)?;
        if let Some(model) = &self.model {
            write!(f, "/{model}")?;
        }
        match &self.part {
            Some((PartKind::Field, name)) => write!(f, "/{name}"),
            Some((kind, name)) => write!(f, "/{}:{name}", kind.word()),
            None => Ok(()),
        }
    }
}

/// Which of several views a name means, each given by its kind and the view that it extends: `form`, or where there are several
/// `form@project.edit_project`, else `form@2` for the second. A kind alone means the first.
pub fn chosen_view(views: &[(&str, &str)], name: &str) -> Option<usize> {
    let (kind, which) = name.split_once('@').unwrap_or((name, ""));
    let mut of_kind = (0..views.len()).filter(|at| views[*at].0 == kind);
    let by_number = which.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    match by_number {
        Some(number) => of_kind.nth(number),
        None => of_kind.find(|at| which.is_empty() || views[*at].1 == which),
    }
}

fn kinds_of(views: &[Part]) -> Vec<(&str, &str)> {
    views
        .iter()
        .map(|view| (view.name.as_str(), view.values.text("inherit")))
        .collect()
}

/// The view that a name means.
pub fn view_at(views: &[Part], name: &str) -> Option<usize> {
    chosen_view(&kinds_of(views), name)
}

/// The name that means this view alone.
pub fn view_name(views: &[Part], index: usize) -> String {
    let known = kinds_of(views);
    let (kind, inherit) = known[index];
    let of_kind: Vec<usize> = (0..known.len()).filter(|at| known[*at].0 == kind).collect();
    if of_kind.len() == 1 {
        return kind.to_owned();
    }
    let by_inherit = format!("{kind}@{inherit}");
    let is_alone = known.iter().filter(|other| **other == known[index]).count() == 1;
    if is_alone && !inherit.is_empty() && chosen_view(&known, &by_inherit) == Some(index) {
        return by_inherit;
    }
    let number = of_kind.iter().position(|at| *at == index).map_or(1, |at| at + 1);
    format!("{kind}@{number}")
}

/// `coop_membre` becomes `Coop membre`.
pub fn title_of(name: &str) -> String {
    let words = name.replace(['_', '-', '.'], " ");
    let mut chars = words.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// The label that Odoo gives a field by itself: `partner_id` is `Partner`, `share_ids` is `Share`.
pub fn label_of(name: &str) -> String {
    let bare = name.strip_suffix("_ids").or_else(|| name.strip_suffix("_id")).unwrap_or(name);
    let mut words: Vec<String> = Vec::new();
    for word in bare.split('_').filter(|word| !word.is_empty()) {
        words.push(title_of(word));
    }
    words.join(" ")
}
