//! Items from and to other programs: CSV, JSON, issues of GitHub and of GitLab. What a format has no place for travels in a comment
//! of the text, so that nothing is lost on the way back; what came before is known again by its id or its origin.

mod changes;
mod issues;
mod table;
mod words;

pub use changes::{Difference, of as changes_of};

use super::model::Plan;
use super::{Draft, Item, Kind, Priority, body, estimate, item, workflow};
use crate::base::text::without_marks;
use crate::base::{Problem, SafeText};
use crate::msg;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// Larger files are not read.
pub const MAX_BYTES: u64 = 64 << 20;

/// What a file is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    Csv,
    Json,
    Github,
    Gitlab,
}

/// An item as it came from elsewhere.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Incoming {
    /// Its id here, when the file has one of ours.
    pub id: Option<String>,
    /// Done there, where the file says no state of ours.
    pub is_closed: bool,
    /// Its row in the file, from 1.
    pub number: usize,
    /// Keys with words that are no value of theirs.
    pub odd: Vec<(&'static str, String)>,
    pub draft: Draft,
}

/// What became, or would become, of one row of an import.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImportRow {
    pub title: String,
    pub kind: Kind,
    pub state: String,
    pub origin: Option<String>,
    /// The item that it is, here already; then nothing is made.
    pub known: Option<String>,
    /// The item that was made of it.
    pub made: Option<String>,
    /// What it says otherwise of the item that is here.
    #[serde(default)]
    pub differs: Vec<Difference>,
    /// The item was changed to say the same.
    #[serde(default)]
    pub is_updated: bool,
}

impl Format {
    pub fn word(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
        }
    }

    /// What a file most likely is, by its name and its text.
    pub fn guess(path: &Path, text: &str) -> Self {
        let is_table = path
            .extension()
            .is_some_and(|ending| ending.eq_ignore_ascii_case("csv") || ending.eq_ignore_ascii_case("tsv"));
        let is_json = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
        if is_table || !is_json && !text.trim_start().starts_with(['[', '{']) {
            return Self::Csv;
        }
        let parsed: Value = serde_json::from_str(text).unwrap_or_default();
        let Some(first) = rows_of(&parsed).first().cloned() else {
            return Self::Json;
        };
        let has = |key: &str| first.get(key).is_some();
        if has("iid") || has("web_url") || has("time_stats") {
            Self::Gitlab
        } else if has("html_url") || has("createdAt") || has("number") || has("created_at") && first["labels"].is_array() {
            Self::Github
        } else {
            Self::Json
        }
    }
}

/// The list in a JSON document: itself, or the one that it holds.
fn rows_of(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(rows) => rows.clone(),
        Value::Object(map) => ["items", "issues", "data", "result"]
            .iter()
            .find_map(|key| match map.get(*key) {
                Some(Value::Array(rows)) => Some(rows.clone()),
                // What our own `--json` prints.
                Some(inner @ Value::Object(_)) => Some(rows_of(inner)),
                _ => None,
            })
            .unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// A list, perhaps an empty one, or what holds one.
fn is_list(value: &Value) -> bool {
    match value {
        Value::Array(_) => true,
        Value::Object(map) => ["items", "issues", "data", "result"]
            .iter()
            .any(|key| map.get(*key).is_some_and(is_list)),
        _ => false,
    }
}

/// Reads a file; rows that are no item are told, and the others come.
pub fn read(text: &str, format: Format) -> Result<(Vec<Incoming>, Vec<Problem>), Problem> {
    if format == Format::Csv {
        return table::read(text);
    }
    let value: Value = serde_json::from_str(text).map_err(|error| {
        Problem::user(msg!("plan-import-json"))
            .code("unreadable")
            .details(&error)
            .at_place(Path::new(""), error.line() as u32, error.column() as u32)
    })?;
    let mut problems = Vec::new();
    let mut incoming = Vec::new();
    let rows = rows_of(&value);
    if rows.is_empty() && !is_list(&value) {
        return Err(Problem::user(msg!("plan-import-no-list"))
            .code("unreadable")
            .hint(msg!("plan-import-file-hint")));
    }
    if format != Format::Json {
        incoming = issues::milestones(&rows);
    }
    let (pulls, rows): (Vec<_>, Vec<_>) = rows.iter().enumerate().partition(|(_, row)| issues::is_pull_request(row));
    if !pulls.is_empty() {
        problems.push(Problem::user(msg!("plan-import-pulls", n = pulls.len())).code("pull-request"));
    }
    for (number, row) in rows {
        let read = match format {
            Format::Github => issues::from_github(row),
            Format::Gitlab => issues::from_gitlab(row),
            Format::Json | Format::Csv => from_json(row),
        };
        match read {
            Some(mut read) => {
                read.number = number + 1;
                incoming.push(read);
            }
            None => problems.push(Problem::user(msg!("plan-import-row", n = number + 1)).code("row")),
        }
    }
    Ok((incoming, problems))
}

/// What new rows say that is no type, state, priority, day or estimate here, and what becomes of it. The words stay with the items.
pub fn remarks(incoming: &mut [Incoming], rows: &[ImportRow], plan: &Plan) -> Vec<Problem> {
    let mut out = Vec::new();
    for (incoming, row) in incoming.iter_mut().zip(rows).filter(|(_, row)| row.known.is_none()) {
        if let Some(state) = incoming.draft.state.clone().filter(|state| !is_known_state(state, plan)) {
            keep(&mut incoming.draft, "state_word", &Value::from(state.as_str()));
            incoming.odd.push(("state", state));
        }
        for (key, word) in &incoming.odd {
            let (n, word) = (incoming.number, SafeText::new(word));
            let taken = match *key {
                "type" => Some(row.kind.word()),
                "state" => Some(row.state.as_str()),
                _ => None,
            };
            let what = match taken {
                Some(taken) => msg!("plan-import-mapped", n = n, key = *key, word = word, taken = taken),
                None => msg!("plan-import-left", n = n, key = *key, word = word),
            };
            let problem = Problem::user(what).code("value");
            let states = || plan.workflow.columns.iter().map(|column| column.state.as_str());
            let hint = match *key {
                "type" => words_hint(Kind::ALL.iter().map(|kind| kind.word())),
                "state" => words_hint(states()),
                "priority" => words_hint(Priority::ALL.iter().map(|priority| priority.word())),
                "estimate" => msg!("plan-remark-estimate-hint"),
                _ => msg!("plan-remark-date-hint"),
            };
            out.push(problem.hint(hint));
        }
    }
    out
}

fn words_hint<'w>(words: impl Iterator<Item = &'w str>) -> crate::base::Msg {
    msg!("plan-remark-words-hint", words = words.collect::<Vec<_>>().join(", "))
}

/// A state of the workflow, or a word that everybody means the first or the last one by.
fn is_known_state(state: &str, plan: &Plan) -> bool {
    let is_one = |words: &[&str]| words.iter().any(|word| workflow::same(word, state));
    plan.workflow.state(state).is_some() || is_one(&OPEN_WORDS) || is_one(&DONE_WORDS)
}

const OPEN_WORDS: [&str; 7] = ["open", "opened", "new", "todo", "to do", "backlog", "ouvert"];
const DONE_WORDS: [&str; 4] = ["done", "closed", "resolved", "terminé"];

/// Writes items; always ends with a line break.
pub fn write(items: &[&Item], plan: &Plan, format: Format) -> Result<String, Problem> {
    let rows: Vec<Value> = items
        .iter()
        .map(|item| match format {
            Format::Github => issues::to_github(item, plan),
            Format::Gitlab => issues::to_gitlab(item, plan),
            Format::Json | Format::Csv => to_json(item),
        })
        .collect();
    if format == Format::Csv {
        return table::write(items);
    }
    let text = serde_json::to_string_pretty(&rows);
    text.map(|text| text + "\n")
        .map_err(|error| Problem::internal(msg!("plan-import-json")).details(error))
}

/// Every row with what it would become here: known ones, by id or origin, are not made again.
pub fn sorted(incoming: &[Incoming], plan: &Plan) -> Vec<ImportRow> {
    let mut by_id: BTreeMap<String, &str> = BTreeMap::new();
    let mut by_origin: BTreeMap<&str, &str> = BTreeMap::new();
    let mut milestones: BTreeMap<&str, &str> = BTreeMap::new();
    for item in plan.items.values() {
        by_id.insert(item.id.to_uppercase(), &item.id);
        if let Some(origin) = &item.origin {
            by_origin.insert(origin, &item.id);
        }
        if item.kind == Kind::Milestone {
            milestones.insert(&item.title, &item.id);
        }
    }
    let row = |incoming: &Incoming| {
        let of_id = incoming.id.as_ref().and_then(|id| by_id.get(&id.to_uppercase()));
        let of_origin = incoming.draft.origin.as_deref().and_then(|origin| by_origin.get(origin));
        // Items name their milestone by its title: there is one of each.
        let is_milestone = incoming.draft.kind == Kind::Milestone;
        let of_title = milestones.get(incoming.draft.title.as_str()).filter(|_| is_milestone);
        let known = of_id.or(of_origin).or(of_title).map(|id| (*id).to_owned());
        let item = known.as_deref().and_then(|id| plan.item(id));
        ImportRow {
            differs: item.map_or_else(Vec::new, |item| changes_of(incoming, item, plan).1),
            is_updated: false,
            title: incoming.draft.title.clone(),
            kind: incoming.draft.kind.clone(),
            state: state_of(incoming, plan),
            origin: incoming.draft.origin.clone(),
            known,
            made: None,
        }
    };
    incoming.iter().map(row).collect()
}

/// The state that it gets here: its own where the workflow has it, else the first or the last.
pub fn state_of(incoming: &Incoming, plan: &Plan) -> String {
    let own = incoming.draft.state.as_deref().and_then(|state| plan.workflow.state(state));
    let is_done = |state: &str| DONE_WORDS.iter().any(|word| workflow::same(word, state));
    let is_closed = incoming.is_closed || incoming.draft.state.as_deref().is_some_and(is_done);
    let ours = if is_closed {
        plan.workflow.last()
    } else {
        plan.workflow.first()
    };
    own.unwrap_or(ours).to_owned()
}

fn to_json(item: &Item) -> Value {
    let mut value = fields_of(item);
    value["body"] = json!(item.body);
    value
}

/// The fields of an item as JSON, under the names of its file.
pub fn fields_of(item: &Item) -> Value {
    json!({
        "id": item.id,
        "title": item.title,
        "type": item.kind,
        "state": item.state,
        "priority": item.priority,
        "labels": item.labels,
        "assignee": item.assignee,
        "milestone": item.milestone,
        "parent": item.parent,
        "depends": item.depends,
        "start": item.start,
        "due": item.due,
        "estimate": item.estimate,
        "created": item.created,
        "origin": item.origin,
    })
}

fn from_json(row: &Value) -> Option<Incoming> {
    let fields = row.as_object()?;
    let text = |key: &'static str| {
        let value = item::names_of(key).iter().find_map(|name| fields.get(*name))?;
        match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Array(items) => Some(items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")),
            _ => None,
        }
        .filter(|text| !text.trim().is_empty())
    };
    let list = |key: &'static str| {
        let value = item::names_of(key).iter().find_map(|name| fields.get(*name));
        match value.and_then(Value::as_array) {
            // What stands alone in a list may hold a comma.
            Some(words) => words.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            None => text(key).map_or_else(Vec::new, |text| words_in(&text)),
        }
    };
    let mut draft = Draft {
        title: text("title")?,
        state: text("state"),
        labels: list("labels"),
        assignee: text("assignee"),
        parent: text("parent"),
        depends: list("depends"),
        milestone: text("milestone"),
        body: fields
            .get("body")
            .or_else(|| fields.get("description"))
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        origin: text("origin"),
        created: date(text("created")),
        ..Draft::default()
    };
    let known =
        |key: &str| item::KEYS.iter().any(|ours| item::names_of(ours).contains(&key)) || matches!(key, "body" | "description");
    for (key, value) in fields.iter().filter(|(key, _)| !known(key)) {
        // Counts and places that our own lists print say nothing new.
        if key.starts_with("n_") || matches!(key.as_str(), "file" | "source" | "criteria" | "remarks") {
            continue;
        }
        keep(&mut draft, key, value);
    }
    let mut incoming = Incoming {
        id: text("id"),
        draft,
        ..Incoming::default()
    };
    for key in ["type", "priority", "start", "due", "estimate"] {
        if let Some(word) = text(key) {
            set_word(&mut incoming, key, &word);
        }
    }
    Some(incoming)
}

/// Sets a value that not every word is; a word that is none stays with the item under a name of its own.
fn set_word(incoming: &mut Incoming, key: &'static str, word: &str) {
    let draft = &mut incoming.draft;
    let is_set = match key {
        "type" => Kind::known(word).map(|kind| draft.kind = kind).is_some(),
        "priority" => Priority::from_word(word)
            .map(|priority| draft.priority = Some(priority))
            .is_some(),
        "start" => date(Some(word.to_owned())).map(|day| draft.start = Some(day)).is_some(),
        "due" => date(Some(word.to_owned())).map(|day| draft.due = Some(day)).is_some(),
        _ => estimate::parse(word)
            .map(|_| draft.estimate = Some(word.to_owned()))
            .is_some(),
    };
    if !is_set {
        keep(draft, &format!("{key}_word"), &Value::from(word));
        incoming.odd.push((key, word.to_owned()));
    }
}

/// Keeps what we have no word for under its own key.
fn keep(draft: &mut Draft, key: &str, value: &Value) {
    let text = match value {
        Value::Null => return,
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let key: String = key
        .chars()
        .flat_map(char::to_lowercase)
        .map(without_marks)
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '_' || c == '-' {
                c.to_ascii_lowercase()
            } else {
                '_'
            }
        })
        .collect();
    if !text.is_empty() && !key.is_empty() && text != "[]" && text != "{}" && text.len() <= 2000 {
        draft.more.push((key, SafeText::new(&text).into_string()));
    }
}

fn date(text: Option<String>) -> Option<jiff::civil::Date> {
    text.and_then(|text| text.get(..10).unwrap_or(&text).parse().ok())
}

fn words_in(text: &str) -> Vec<String> {
    text.split([',', ';'])
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// A text of elsewhere as the body of an item: its boxes become acceptance by themselves.
fn clean_body(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    debug_assert!(body::criteria(&text).len() <= text.len(), "a box is at least one letter");
    text
}
