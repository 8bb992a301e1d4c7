//! Plan: the area's words. Items are Markdown files in `.chantier/plan`; the files own the truth, the model only shows it.

pub mod backlog;
pub mod body;
pub mod check;
pub mod cli;
pub mod edit;
pub mod folder;
pub mod front;
pub mod ids;
pub mod item;
pub mod jobs;
pub mod model;
pub mod modules;
pub mod order;
pub mod page;
pub mod quick;
pub mod stamps;
pub mod workflow;

pub use item::{Criterion, Item, Kind, Priority, Source};
pub use workflow::{Column, Workflow};

use crate::base::{Catalog, Problem, SafeText, Workspace, WorkspaceId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Where the items of a workspace stand, below its root.
pub const FOLDER: &str = ".chantier/plan";

/// A state in the reader's language; a word of the project's own as it is.
pub fn state_name(state: &str, texts: &Catalog) -> String {
    let known = [
        ("ready", "plan-state-ready"),
        ("in-progress", "plan-state-in-progress"),
        ("review", "plan-state-review"),
        ("done", "plan-state-done"),
    ];
    match known.iter().find(|(word, _)| workflow::same(word, state)) {
        Some((_, key)) => texts.t(key).into_owned(),
        None => {
            let mut words = SafeText::new(state).into_string().replace(['-', '_'], " ");
            if let Some(first) = words.get(..1) {
                let capital = first.to_uppercase();
                words.replace_range(..1, &capital);
            }
            words
        }
    }
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
    /// What the module planner is asked.
    Modules(modules::Command),
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
    pub title: String,
    pub kind: Kind,
    /// None: the first of the workflow.
    pub state: Option<String>,
    pub priority: Option<Priority>,
    pub labels: Vec<String>,
    pub due: Option<Date>,
    pub estimate: Option<String>,
    /// `me` stands for the user.
    pub assignee: Option<String>,
    pub parent: Option<String>,
    pub depends: Vec<String>,
    pub milestone: Option<String>,
    pub body: String,
    pub criteria: Vec<String>,
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
    Due(Option<Date>),
    Estimate(Option<String>),
    Assignee(Option<String>),
    Parent(Option<String>),
    Depends(Vec<String>),
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
            Self::AddLabel(_) | Self::RemoveLabel(_) => "",
            Self::Due(_) => "due",
            Self::Estimate(_) => "estimate",
            Self::Assignee(_) => "assignee",
            Self::Parent(_) => "parent",
            Self::Depends(_) => "depends",
            Self::Milestone(_) => "milestone",
            Self::Rank(_) => "rank",
            Self::Body(_) => "body",
            Self::Note(_) | Self::AddCriterion(_) | Self::Criterion { .. } | Self::CriterionNumber { .. } => "",
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
    Watching {
        workspace: WorkspaceId,
        is_on: bool,
    },
    /// What the module planner learnt.
    Modules(modules::Update),
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
