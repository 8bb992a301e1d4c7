//! Plan: the area's words. Items are Markdown files in `.chantier/plan`; the files own the truth, the model only shows it.

pub mod acts;
pub mod backlog;
pub mod body;
pub mod change;
pub mod check;
pub mod cli;
pub mod edit;
pub mod estimate;
pub mod exchange;
pub mod filter;
pub mod folder;
pub mod followed;
pub mod forecast;
pub mod front;
pub mod history;
pub mod ids;
pub mod item;
pub mod jobs;
pub mod links;
pub mod milestones;
pub mod model;
pub mod modules;
pub mod order;
pub mod page;
pub mod quick;
pub mod rule_file;
pub mod say;
pub mod stamps;
pub mod templates;
pub mod timeline;
pub mod undo;
pub mod views;
pub mod workflow;

pub use item::{Criterion, Decision, Item, Kind, Priority, Source};
pub use workflow::{Column, Workflow};

use crate::areas::devops::project::PlanRule;
use crate::base::{Catalog, Lang, Msg, Problem, SafeText, Workspace, WorkspaceId, WriteTo};
use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Where the items of a workspace stand, below its root.
pub const FOLDER: &str = ".chantier/plan";

/// The states that every language has a name for.
const NAMED: [(&str, &str); 4] = [
    ("ready", "plan-state-ready"),
    ("in-progress", "plan-state-in-progress"),
    ("review", "plan-state-review"),
    ("done", "plan-state-done"),
];

/// A state in the reader's language; a word of the project's own as it is.
pub fn state_name(state: &str, texts: &Catalog) -> String {
    match NAMED.iter().find(|(word, _)| workflow::same(word, state)) {
        Some((_, key)) => texts.t(key).into_owned(),
        None => own_name(state),
    }
}

/// The same for a message whose words know the names: one of their words, or the project's own.
fn state_word(state: &str) -> String {
    match NAMED.iter().find(|(word, _)| workflow::same(word, state)) {
        Some((word, _)) => (*word).to_owned(),
        None => own_name(state),
    }
}

fn own_name(state: &str) -> String {
    let mut words = SafeText::new(state).into_string().replace(['-', '_'], " ");
    if let Some(first) = words.get(..1) {
        let capital = first.to_uppercase();
        words.replace_range(..1, &capital);
    }
    words
}

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    /// Reads every item again.
    Load {
        workspace: Workspace,
    },
    /// Follows the folder until it is stopped: what is edited outside appears.
    Watch {
        workspace: Workspace,
    },
    Create {
        workspace: Workspace,
        draft: Draft,
    },
    /// The same from one line, see `quick.rs`; what the line does not say is taken from the draft.
    CreateQuick {
        workspace: Workspace,
        line: String,
        draft: Draft,
    },
    /// Reads one item; fails when there is none.
    Show {
        workspace: Workspace,
        id: String,
    },
    /// Reads everything and fails when something is wrong.
    Check {
        workspace: Workspace,
    },
    Edit {
        workspace: Workspace,
        id: String,
        changes: Vec<Change>,
        /// What the asker saw; None takes the file as it is.
        seen: Option<Seen>,
    },
    /// To a column, between two of its items.
    Move {
        workspace: Workspace,
        id: String,
        state: String,
        between: Between,
    },
    /// Kept first, so that it can be taken back.
    Delete {
        workspace: Workspace,
        id: String,
    },
    /// Takes a deletion back; None takes the last one.
    Restore {
        workspace: Workspace,
        undo: Option<i64>,
    },
    /// Takes an act on items back, a removal too; None takes the last one.
    TakeBack {
        workspace: Workspace,
        number: Option<i64>,
    },
    /// Tells the acts on items that can be taken back.
    ListActs {
        workspace: Workspace,
    },
    /// What the module planner is asked.
    Modules(modules::Command),
    /// Changes several items, one after the other; what fails is told, and the others are changed.
    EditMany {
        workspace: Workspace,
        edits: Vec<(String, Vec<Change>)>,
    },
    /// Gives one of two files with the same id another one.
    Renumber {
        workspace: Workspace,
        file: PathBuf,
    },
    /// Looks at what happened to commits, tests and deployments, and changes the items that it is about.
    Follow {
        workspace: Workspace,
    },
    /// How far one item has come.
    Cover {
        workspace: Workspace,
        id: String,
    },
    /// How far each of these items has come, one after the other.
    CoverMany {
        workspace: Workspace,
        ids: Vec<String>,
    },
    /// What became of the items over time, from git.
    ReadHistory {
        workspace: Workspace,
    },
    /// When the items of a filter will be done; None takes a seed that stays the same.
    Forecast {
        workspace: Workspace,
        filter: String,
        seed: Option<u64>,
    },
    SaveView {
        workspace: Workspace,
        view: views::View,
    },
    RemoveView {
        workspace: Workspace,
        name: String,
    },
    /// Writes the rules into `chantier.toml`.
    SetRules {
        workspace: Workspace,
        rules: Vec<PlanRule>,
    },
    /// Reads items of another program; a preview only tells what would be made.
    Import {
        workspace: Workspace,
        path: PathBuf,
        format: Option<exchange::Format>,
        is_preview: bool,
        /// What the file says otherwise of items that are here is taken over.
        #[serde(default)]
        updates: bool,
    },
    /// Writes items for another program; None tells the text.
    Export {
        workspace: Workspace,
        path: Option<WriteTo>,
        format: exchange::Format,
        filter: String,
    },
    LoadTemplates {
        workspace: Workspace,
        lang: Lang,
    },
    /// Makes the items of a template.
    AddTemplate {
        workspace: Workspace,
        name: String,
        values: BTreeMap<String, String>,
        milestone: Option<String>,
        lang: Lang,
    },
}

impl Command {
    /// An edit of what is shown: a field that somebody else changed meanwhile is not overwritten.
    pub fn edit(workspace: &Workspace, item: &Item, changes: Vec<Change>) -> Self {
        let seen = Seen {
            hash: item.hash.clone(),
            values: changes
                .iter()
                .map(|change| (change.key().to_owned(), item.value_of(change)))
                .collect(),
        };
        Self::Edit {
            workspace: workspace.clone(),
            id: item.id.clone(),
            changes,
            seen: Some(seen),
        }
    }
}

/// What is known of an item that is to be made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    /// Its id, when it comes with one that is free here; else a new one.
    pub id: Option<String>,
    pub title: String,
    pub kind: Kind,
    /// None: the first of the workflow.
    pub state: Option<String>,
    pub priority: Option<Priority>,
    pub labels: Vec<String>,
    pub start: Option<Date>,
    pub due: Option<Date>,
    pub estimate: Option<String>,
    /// `me` stands for the user.
    pub assignee: Option<String>,
    pub parent: Option<String>,
    pub depends: Vec<String>,
    pub milestone: Option<String>,
    pub body: String,
    pub criteria: Vec<String>,
    /// Where it comes from, when it was imported.
    pub origin: Option<String>,
    pub created: Option<Date>,
    /// The time of the day on which it is made: items of one day stand in the order in which they were made.
    pub time: Option<Time>,
    /// Keys of the file that Chantier does not know, kept for whoever does.
    pub more: Vec<(String, String)>,
}

impl Draft {
    /// When it was made, as its file says it.
    pub(crate) fn created_text(&self, today: Date) -> String {
        let day = self.created.unwrap_or(today);
        match self.time.filter(|_| day == today) {
            Some(time) => format!("{day} {}", time.strftime("%H:%M:%S")),
            None => day.to_string(),
        }
    }
}

/// One thing to change in an item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "field", content = "to", rename_all = "snake_case")]
pub enum Change {
    Title(String),
    Kind(Kind),
    State(String),
    /// The last state of the workflow, whatever it is called.
    Finished,
    Priority(Option<Priority>),
    Labels(Vec<String>),
    AddLabel(String),
    RemoveLabel(String),
    Start(Option<Date>),
    Due(Option<Date>),
    Estimate(Option<String>),
    Assignee(Option<String>),
    Parent(Option<String>),
    Depends(Vec<String>),
    AddDepends(String),
    RemoveDepends(String),
    Milestone(Option<String>),
    Rank(Option<f64>),
    /// The whole text below the front matter.
    Body(String),
    /// A line at the end of the notes, with the day.
    Note(String),
    /// A new acceptance criterion.
    AddCriterion(String),
    /// Ticks or unticks the criterion that has this number, from 0, and this text.
    Criterion {
        index: usize,
        text: String,
        is_done: bool,
    },
    /// The same by its number alone, from 1.
    CriterionNumber {
        number: usize,
        is_done: bool,
    },
    /// Says which test proves a criterion, by its number from 1; None unbinds it.
    BindCriterion {
        number: usize,
        test: Option<String>,
    },
    /// A new line of the definition of done.
    AddCheck(String),
    /// Ticks or unticks a line of the definition of done, by its number from 1.
    CheckNumber {
        number: usize,
        is_done: bool,
    },
    /// A decision at the end of the decisions, with the day.
    Decision {
        title: String,
        status: String,
        text: String,
    },
}

impl Change {
    /// The key whose whole value it replaces, `body` for the text below; empty for what only adds to a value or changes a part of it.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Title(_) => "title",
            Self::Kind(_) => "type",
            Self::State(_) | Self::Finished => "state",
            Self::Priority(_) => "priority",
            Self::Labels(_) => "labels",
            Self::AddLabel(_) | Self::RemoveLabel(_) | Self::AddDepends(_) | Self::RemoveDepends(_) => "",
            Self::Start(_) => "start",
            Self::Due(_) => "due",
            Self::Estimate(_) => "estimate",
            Self::Assignee(_) => "assignee",
            Self::Parent(_) => "parent",
            Self::Depends(_) => "depends",
            Self::Milestone(_) => "milestone",
            Self::Rank(_) => "rank",
            Self::Body(_) => "body",
            Self::Note(_)
            | Self::AddCriterion(_)
            | Self::Criterion { .. }
            | Self::CriterionNumber { .. }
            | Self::BindCriterion { .. }
            | Self::AddCheck(_)
            | Self::CheckNumber { .. }
            | Self::Decision { .. } => "",
        }
    }
}

/// The state of a file that an edit is based on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// `Item::hash`.
    pub hash: String,
    /// The values that are to be replaced, by key.
    pub values: Vec<(String, String)>,
}

/// The neighbours of a place on the board, by id.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Between {
    pub above: Option<String>,
    pub below: Option<String>,
}

/// A file that is no item, and why: shown, never written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unreadable {
    /// Below the workspace's root.
    pub file: PathBuf,
    pub problem: Problem,
}

/// What can be learnt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "learnt", rename_all = "snake_case")]
pub enum Update {
    LoadStarted {
        workspace: WorkspaceId,
    },
    /// Some of the items; all have come with `Loaded`.
    Items {
        workspace: WorkspaceId,
        items: Vec<Item>,
    },
    Loaded {
        workspace: WorkspaceId,
        workflow: Workflow,
        unreadable: Vec<Unreadable>,
        /// What `chantier.toml` says wrongly about the plan.
        problems: Vec<Problem>,
    },
    LoadFailed {
        workspace: WorkspaceId,
        problem: Problem,
    },
    /// Files were changed, here or outside.
    Changed {
        workspace: WorkspaceId,
        items: Vec<Item>,
        unreadable: Vec<Unreadable>,
        removed: Vec<PathBuf>,
    },
    /// The outcome of a command, for whoever asked it.
    Done {
        workspace: WorkspaceId,
        id: String,
        what: Act,
        /// Where the deletion can be taken back.
        undo: Option<i64>,
    },
    /// The acts on items, the newest first.
    ActsListed {
        workspace: WorkspaceId,
        acts: Vec<undo::ActOnItems>,
    },
    /// An act was taken back.
    TakenBack {
        workspace: WorkspaceId,
        title: Msg,
    },
    Watching {
        workspace: WorkspaceId,
        is_on: bool,
    },
    /// What the module planner learnt.
    Modules(modules::Update),
    /// Who `me` is, and who wrote commits; an empty list leaves those that are known.
    People {
        workspace: WorkspaceId,
        me: Option<String>,
        authors: Vec<String>,
    },
    ViewsRead {
        workspace: WorkspaceId,
        views: Vec<views::View>,
        problems: Vec<Problem>,
    },
    HistoryRead {
        workspace: WorkspaceId,
        history: history::History,
    },
    Forecasted {
        workspace: WorkspaceId,
        filter: String,
        forecast: forecast::Forecast,
    },
    Covered {
        workspace: WorkspaceId,
        id: String,
        coverage: followed::coverage::Coverage,
    },
    /// What is to be said of an edit that was made.
    Remarked {
        workspace: WorkspaceId,
        problems: Vec<Problem>,
    },
    /// What following did.
    FollowedUp {
        workspace: WorkspaceId,
        changes: Vec<followed::Followed>,
    },
    Imported {
        workspace: WorkspaceId,
        path: PathBuf,
        format: exchange::Format,
        rows: Vec<exchange::ImportRow>,
        problems: Vec<Problem>,
        is_preview: bool,
    },
    Exported {
        workspace: WorkspaceId,
        path: Option<PathBuf>,
        text: String,
        n_items: usize,
    },
    TemplatesRead {
        workspace: WorkspaceId,
        templates: Vec<TemplateInfo>,
        problems: Vec<Problem>,
    },
    /// The items that were made in one go.
    MadeMany {
        workspace: WorkspaceId,
        ids: Vec<String>,
    },
}

/// A template, as it is offered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TemplateInfo {
    pub name: String,
    pub title: String,
    pub about: String,
    pub values: BTreeMap<String, String>,
    pub n_items: usize,
}

/// What was done to an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    Created,
    Changed,
    Deleted,
    Restored,
}
