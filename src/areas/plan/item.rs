//! One item of work: what its file says, as typed values. What a file says wrongly is told and loses that value only.

use super::front::{Document, Field};
use super::workflow::Workflow;
use super::{Change, body};
use crate::base::{Problem, SafeText};
use crate::msg;
use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Longer texts are shown up to here; the file keeps the rest.
pub const MAX_BODY: usize = 64 * 1024;

/// What kind of work it is. A word of the user's own is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Kind {
    Feature,
    Bug,
    Performance,
    #[default]
    Chore,
    Milestone,
    Other(String),
}

impl Kind {
    pub const ALL: [Self; 5] = [Self::Feature, Self::Bug, Self::Performance, Self::Chore, Self::Milestone];

    /// As it stands in the file.
    pub fn word(&self) -> &str {
        match self {
            Self::Feature => "feature",
            Self::Bug => "bug",
            Self::Performance => "performance",
            Self::Chore => "chore",
            Self::Milestone => "milestone",
            Self::Other(word) => word,
        }
    }

    /// The key of its name in the locales; None for a word of the user's own.
    pub fn key(&self) -> Option<&'static str> {
        Some(match self {
            Self::Feature => "plan-kind-feature",
            Self::Bug => "plan-kind-bug",
            Self::Performance => "plan-kind-performance",
            Self::Chore => "plan-kind-chore",
            Self::Milestone => "plan-kind-milestone",
            Self::Other(_) => return None,
        })
    }

    /// The kinds that are meant by common words; None for any other word.
    pub fn known(word: &str) -> Option<Self> {
        Some(match word.to_lowercase().as_str() {
            "feature" | "feat" | "story" | "enhancement" => Self::Feature,
            "bug" | "fix" | "defect" => Self::Bug,
            "performance" | "perf" => Self::Performance,
            "chore" | "task" => Self::Chore,
            "milestone" => Self::Milestone,
            _ => return None,
        })
    }
}

impl From<String> for Kind {
    fn from(word: String) -> Self {
        Self::known(&word).unwrap_or(Self::Other(word))
    }
}

impl From<Kind> for String {
    fn from(kind: Kind) -> Self {
        kind.word().to_owned()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    Urgent,
    High,
    Medium,
    Low,
}

impl Priority {
    pub const ALL: [Self; 4] = [Self::Urgent, Self::High, Self::Medium, Self::Low];

    pub fn word(self) -> &'static str {
        match self {
            Self::Urgent => "urgent",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }

    pub fn key(self) -> &'static str {
        match self {
            Self::Urgent => "plan-priority-urgent",
            Self::High => "plan-priority-high",
            Self::Medium => "plan-priority-medium",
            Self::Low => "plan-priority-low",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word.to_lowercase().as_str() {
            "urgent" | "critical" | "highest" => Self::Urgent,
            "high" => Self::High,
            "medium" | "normal" => Self::Medium,
            "low" | "lowest" => Self::Low,
            _ => return None,
        })
    }
}

/// Which kind of folder the item comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    #[default]
    Chantier,
    /// A folder of Backlog.md, read and written in its own format.
    Backlog,
}

/// One thing that must be true before the item is done.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Criterion {
    pub text: String,
    pub is_done: bool,
    /// The test that proves it.
    pub test: Option<String>,
}

/// A decision that was taken (an ADR, architecture decision record).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    pub title: String,
    pub date: Option<Date>,
    /// `accepted`, `proposed`, `superseded` or a word of the user's own.
    pub status: String,
    /// Why, and what follows, as Markdown.
    pub text: String,
}

/// An item as its file says it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Item {
    pub id: String,
    pub title: String,
    pub kind: Kind,
    /// As the workflow writes it; a state that the workflow does not know as the file writes it.
    pub state: String,
    pub priority: Option<Priority>,
    pub labels: Vec<String>,
    /// The first day of work on it.
    pub start: Option<Date>,
    pub due: Option<Date>,
    pub estimate: Option<String>,
    pub assignee: Option<String>,
    pub parent: Option<String>,
    pub depends: Vec<String>,
    /// Title or id of a milestone.
    pub milestone: Option<String>,
    /// Where it was imported from, so that it is known again.
    pub origin: Option<String>,
    pub created: Option<Date>,
    /// The time of that day, where the file says it.
    #[serde(default)]
    pub created_time: Option<Time>,
    pub updated: Option<Date>,
    pub rank: Option<f64>,
    pub criteria: Vec<Criterion>,
    /// The definition of done: what is asked of every item.
    #[serde(default)]
    pub checks: Vec<Criterion>,
    #[serde(default)]
    pub decisions: Vec<Decision>,
    /// The text below the front matter, at most `MAX_BODY` bytes.
    pub body: String,
    pub body_is_cut: bool,
    /// Below the workspace's root.
    pub file: PathBuf,
    /// SHA-256 of the file's bytes, the first 16 digits.
    pub hash: String,
    pub source: Source,
    /// What the file says that is not understood.
    pub remarks: Vec<Problem>,
    /// A merge left both sides in the file: this is what our side says, and nothing can be changed until it is solved.
    #[serde(default)]
    pub in_conflict: bool,
}

/// Our own keys, in the order in which a file has them.
pub const KEYS: [&str; 18] = [
    "id",
    "title",
    "type",
    "state",
    "priority",
    "labels",
    "estimate",
    "assignee",
    "created",
    "updated",
    "start",
    "due",
    "milestone",
    "parent",
    "depends",
    "rank",
    "origin",
    "criteria",
];

/// Our own keys from top to bottom of a file. Those that come and go stand between those that every item has: changes of two branches
/// then touch different places, and git merges them.
const PLACES: [&str; 17] = [
    "id",
    "title",
    "labels",
    "type",
    "priority",
    "state",
    "assignee",
    "estimate",
    "created",
    "updated",
    "start",
    "due",
    "milestone",
    "parent",
    "depends",
    "rank",
    "origin",
];

/// How far down in a file a key stands; None for one that is not ours.
pub(super) fn place_of_key(name: &str) -> Option<usize> {
    PLACES.iter().position(|key| names_of(key).contains(&name))
}

/// The names that a value may have; the first is ours.
pub fn names_of(key: &str) -> &'static [&'static str] {
    match key {
        "type" => &["type", "kind"],
        "state" => &["state", "status"],
        "labels" => &["labels", "tags"],
        "due" => &["due", "due_date"],
        "start" => &["start", "start_date"],
        "assignee" => &["assignee", "assignees"],
        "parent" => &["parent", "parent_task_id"],
        "depends" => &["depends", "depends_on", "dependencies"],
        "created" => &["created", "created_date", "created_at"],
        "updated" => &["updated", "updated_date", "updated_at"],
        "id" => &["id"],
        "title" => &["title"],
        "priority" => &["priority"],
        "estimate" => &["estimate"],
        "milestone" => &["milestone"],
        "rank" => &["rank", "ordinal"],
        "origin" => &["origin"],
        _ => &[],
    }
}

/// The name by which a document knows a key.
pub fn name_in(doc: &Document, key: &'static str) -> &'static str {
    names_of(key)
        .iter()
        .copied()
        .find(|name| doc.field(name).is_some())
        .unwrap_or(key)
}

struct Reader<'a> {
    doc: &'a Document,
    /// For messages.
    path: &'a Path,
    remarks: Vec<Problem>,
}

impl Reader<'_> {
    fn field(&self, key: &'static str) -> Option<&Field> {
        self.doc.field(name_in(self.doc, key))
    }

    fn remark(&mut self, key: &'static str, problem: Problem) {
        let (line, column) = self.doc.place_of(name_in(self.doc, key));
        self.remarks.push(problem.at_place(self.path, line, column));
    }

    fn text(&mut self, key: &'static str) -> Option<String> {
        let text = match self.field(key)? {
            Field::Null => return None,
            Field::Text(text) => text.clone(),
            Field::List(items) => items.join(", "),
            Field::Other(_) => {
                self.remark(key, Problem::config(msg!("plan-remark-value", key = key)));
                return None;
            }
        };
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn list(&mut self, key: &'static str) -> Vec<String> {
        match self.field(key) {
            None | Some(Field::Null) => Vec::new(),
            Some(Field::Text(text)) => text
                .split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .map(str::to_owned)
                .collect(),
            Some(Field::List(items)) => items.iter().filter(|item| !item.trim().is_empty()).cloned().collect(),
            Some(Field::Other(_)) => {
                self.remark(key, Problem::config(msg!("plan-remark-value", key = key)));
                Vec::new()
            }
        }
    }

    fn date(&mut self, key: &'static str) -> Option<Date> {
        let text = self.text(key)?;
        let day = text.get(..10).unwrap_or(&text);
        let date = day.parse().ok();
        if date.is_none() {
            let problem = Problem::config(msg!("plan-remark-date", key = key, text = text)).hint(msg!("plan-remark-date-hint"));
            self.remark(key, problem);
        }
        date
    }

    /// `10:15:30` of `2026-11-28 10:15:30`.
    fn time(&mut self, key: &'static str) -> Option<Time> {
        let text = self.text(key)?;
        let time = text.get(11..19).or_else(|| text.get(11..16))?;
        time.parse().ok()
    }

    fn required(&mut self, key: &'static str) -> Option<String> {
        let text = self.text(key);
        if text.is_none() {
            self.remark(key, Problem::config(msg!("plan-remark-missing", key = key)));
        }
        text
    }
}

impl Item {
    /// What a document says. `file` is the path below the root, `path` the whole path for messages.
    pub fn read(doc: &Document, file: &Path, path: &Path, workflow: &Workflow, source: Source) -> Self {
        let mut reader = Reader {
            doc,
            path,
            remarks: Vec::new(),
        };
        let stem = file
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default();
        let id = reader.required("id").unwrap_or_else(|| id_of_stem(&stem));
        let title = reader.required("title").unwrap_or_else(|| stem.clone());
        let kind = if super::backlog::is_milestone(file) {
            Kind::Milestone
        } else {
            reader.text("type").map_or_else(Kind::default, Kind::from)
        };
        // Backlog.md has more words for it.
        if let Kind::Other(word) = &kind
            && source == Source::Chantier
        {
            let known: Vec<&str> = Kind::ALL.iter().map(|kind| kind.word()).collect();
            let problem = Problem::config(msg!("plan-remark-kind", word = word.as_str()));
            reader.remark("type", problem.hint(msg!("plan-remark-words-hint", words = known.join(", "))));
        }
        let state = match reader.text("state") {
            None => workflow.first().to_owned(),
            Some(word) => match workflow.state(&word) {
                Some(state) => state.to_owned(),
                None if source == Source::Backlog => super::backlog::state_of(&word, workflow),
                None => {
                    let known: Vec<&str> = workflow.columns.iter().map(|column| column.state.as_str()).collect();
                    let problem = Problem::config(msg!("plan-remark-state", word = word.as_str()));
                    reader.remark(
                        "state",
                        problem.hint(msg!("plan-remark-words-hint", words = known.join(", "))),
                    );
                    word
                }
            },
        };
        let priority = reader.text("priority").and_then(|word| {
            let priority = Priority::from_word(&word);
            if priority.is_none() {
                let known: Vec<&str> = Priority::ALL.iter().map(|priority| priority.word()).collect();
                let problem = Problem::config(msg!("plan-remark-priority", word = word));
                reader.remark(
                    "priority",
                    problem.hint(msg!("plan-remark-words-hint", words = known.join(", "))),
                );
            }
            priority
        });
        let rank = reader.text("rank").and_then(|text| {
            let rank = text.parse::<f64>().ok().filter(|rank| rank.is_finite());
            if rank.is_none() {
                reader.remark("rank", Problem::config(msg!("plan-remark-rank", text = text)));
            }
            rank
        });
        let estimate = reader.text("estimate");
        if let Some(text) = estimate.as_deref().filter(|text| super::estimate::parse(text).is_none()) {
            let problem = Problem::config(msg!("plan-remark-estimate", text = SafeText::new(text)));
            reader.remark("estimate", problem.hint(msg!("plan-remark-estimate-hint")));
        }
        let (start, due) = (reader.date("start"), reader.date("due"));
        if ends_before(start, due) {
            let problem = Problem::config(msg!("plan-remark-days")).hint(msg!("plan-remark-days-hint"));
            reader.remark("due", problem);
        }
        let text = doc.body();
        let mut cut = text.len().min(MAX_BODY);
        while !text.is_char_boundary(cut) {
            cut -= 1;
        }
        Self {
            id,
            title,
            kind,
            state,
            priority,
            labels: reader.list("labels"),
            start,
            due,
            estimate,
            assignee: reader.text("assignee").map(|names| without_signs(&names)),
            parent: reader.text("parent"),
            depends: reader.list("depends"),
            milestone: reader.text("milestone"),
            origin: reader.text("origin"),
            created: reader.date("created"),
            created_time: reader.time("created"),
            updated: reader.date("updated"),
            rank,
            criteria: body::criteria(text),
            checks: body::checks(text),
            decisions: body::decisions(text),
            body: text[..cut].to_owned(),
            body_is_cut: cut < text.len(),
            file: file.to_path_buf(),
            hash: String::new(),
            source,
            remarks: reader.remarks,
            in_conflict: false,
        }
    }

    /// Its last day is before its first one.
    pub fn ends_before_it_starts(&self) -> bool {
        ends_before(self.start, self.due)
    }

    /// The criteria that a test proves, with the test and their place.
    pub fn bound(&self) -> impl Iterator<Item = (usize, &Criterion, &str)> {
        let criteria = self.criteria.iter().enumerate();
        criteria.filter_map(|(index, criterion)| Some((index, criterion, criterion.test.as_deref()?)))
    }

    /// True when every word stands somewhere in id, title, type, labels, assignee or milestone.
    pub fn matches(&self, words: &str) -> bool {
        let words = words.trim();
        if words.is_empty() {
            return true;
        }
        let mut all = format!(
            "{}\n{}\n{}\n{}",
            self.id,
            self.title,
            self.kind.word(),
            self.labels.join("\n")
        );
        for more in self.assignee.iter().chain(&self.milestone) {
            all.push('\n');
            all.push_str(more);
        }
        let all = all.to_lowercase();
        words.split_whitespace().all(|word| all.contains(&word.to_lowercase()))
    }

    pub fn n_criteria_done(&self) -> usize {
        self.criteria.iter().filter(|criterion| criterion.is_done).count()
    }

    /// The value that a change would replace, as text to compare.
    pub fn value_of(&self, change: &Change) -> String {
        let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
        match change {
            Change::Title(_) => self.title.clone(),
            Change::Kind(_) => self.kind.word().to_owned(),
            Change::State(_) | Change::Finished => self.state.clone(),
            Change::Priority(_) => self.priority.map_or("", Priority::word).to_owned(),
            Change::Labels(_) => self.labels.join("\n"),
            Change::Start(_) => self.start.map(|start| start.to_string()).unwrap_or_default(),
            Change::Due(_) => self.due.map(|due| due.to_string()).unwrap_or_default(),
            Change::Estimate(_) => or_empty(&self.estimate),
            Change::Assignee(_) => or_empty(&self.assignee),
            Change::Parent(_) => or_empty(&self.parent),
            Change::Depends(_) => self.depends.join("\n"),
            Change::Milestone(_) => or_empty(&self.milestone),
            Change::Rank(_) => self.rank.map(|rank| rank.to_string()).unwrap_or_default(),
            Change::Body(_) => self.body.clone(),
            Change::AddLabel(_)
            | Change::RemoveLabel(_)
            | Change::AddDepends(_)
            | Change::RemoveDepends(_)
            | Change::Note(_)
            | Change::AddCriterion(_)
            | Change::Criterion { .. }
            | Change::CriterionNumber { .. }
            | Change::BindCriterion { .. }
            | Change::AddCheck(_)
            | Change::CheckNumber { .. }
            | Change::Decision { .. } => String::new(),
        }
    }
}

fn ends_before(start: Option<Date>, due: Option<Date>) -> bool {
    start.zip(due).is_some_and(|(start, due)| due < start)
}

/// `@sara, @bob` as `sara, bob`.
fn without_signs(names: &str) -> String {
    let names: Vec<&str> = names.split(',').map(|name| name.trim().trim_start_matches('@')).collect();
    names.join(", ")
}

/// `BJ-9X4H-greet` has the id `BJ-9X4H`.
fn id_of_stem(stem: &str) -> String {
    let parts: Vec<&str> = stem.splitn(3, '-').collect();
    match parts.as_slice() {
        [prefix, number, ..] if number.len() >= 4 && number.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit()) => {
            format!("{prefix}-{number}")
        }
        _ => stem.to_owned(),
    }
}
