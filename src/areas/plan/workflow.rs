//! The states that items go through: the columns of the board, their limits, and which way is allowed.

use super::Item;
use crate::areas::devops::project::{PlanRule, PlanRules};
use crate::base::State;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One state of the workflow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// As `chantier.toml` writes it.
    pub state: String,
    /// Items that may be in work here at once.
    pub limit: Option<u32>,
}

/// From left to right; the last state means done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Workflow {
    pub columns: Vec<Column>,
    /// The states that may follow a state; every one where nothing is said.
    pub transitions: BTreeMap<String, Vec<String>>,
    pub prefix: String,
    /// Lines of the definition of done that every new item gets.
    #[serde(default)]
    pub done: Vec<String>,
    /// What moves items by itself.
    #[serde(default)]
    pub rules: Vec<PlanRule>,
}

impl Default for Workflow {
    fn default() -> Self {
        Self::from_rules(&PlanRules::default(), "")
    }
}

impl Workflow {
    pub fn from_rules(rules: &PlanRules, workspace_name: &str) -> Self {
        let mut states: Vec<String> = Vec::new();
        for state in &rules.states {
            if !state.trim().is_empty() && !states.iter().any(|known| same(known, state)) {
                states.push(state.trim().to_owned());
            }
        }
        if states.is_empty() {
            states = PlanRules::default().states;
        }
        let limit_of = |state: &str| {
            rules
                .limits
                .iter()
                .find(|(name, _)| same(name, state))
                .map(|(_, limit)| *limit)
        };
        let prefix = rules
            .prefix
            .as_deref()
            .map(super::ids::clean_prefix)
            .filter(|prefix| !prefix.is_empty());
        Self {
            columns: states
                .into_iter()
                .map(|state| Column {
                    limit: limit_of(&state),
                    state,
                })
                .collect(),
            transitions: rules.transitions.clone(),
            done: rules.done.clone(),
            rules: rules.rules.clone(),
            prefix: prefix.unwrap_or_else(|| super::ids::prefix_of(workspace_name)),
        }
    }

    /// The column of a state; `in_progress`, `In Progress` and `in-progress` are one.
    pub fn column_of(&self, state: &str) -> Option<usize> {
        self.columns.iter().position(|column| same(&column.state, state))
    }

    /// The state as the workflow writes it.
    pub fn state(&self, word: &str) -> Option<&str> {
        self.column_of(word).map(|index| self.columns[index].state.as_str())
    }

    pub fn first(&self) -> &str {
        self.columns.first().map_or("", |column| column.state.as_str())
    }

    pub fn last(&self) -> &str {
        self.columns.last().map_or("", |column| column.state.as_str())
    }

    pub fn is_done(&self, state: &str) -> bool {
        same(self.last(), state)
    }

    /// Neither the first nor the last state: somebody works on it.
    pub fn is_in_progress(&self, state: &str) -> bool {
        self.column_of(state)
            .is_some_and(|index| index > 0 && index + 1 < self.columns.len())
    }

    /// How a state is drawn.
    pub fn mark(&self, state: &str) -> State {
        match self.column_of(state) {
            None => State::Unknown,
            Some(index) if index + 1 == self.columns.len() => State::Done,
            Some(0) => State::Queued,
            Some(1) => State::InProgress,
            Some(_) => State::Unknown,
        }
    }

    /// The states that may follow, when not every one may.
    pub fn next_of(&self, state: &str) -> Option<&[String]> {
        let entry = self.transitions.iter().find(|(from, _)| same(from, state));
        entry.map(|(_, next)| next.as_slice())
    }

    pub fn allows(&self, from: &str, to: &str) -> bool {
        same(from, to) || self.next_of(from).is_none_or(|next| next.iter().any(|state| same(state, to)))
    }

    /// True when a column holds more items than it may.
    pub fn is_over_limit(&self, column: usize, n_items: usize) -> bool {
        self.columns
            .get(column)
            .and_then(|column| column.limit)
            .is_some_and(|limit| n_items > limit as usize)
    }
}

impl Item {
    pub fn is_done(&self, workflow: &Workflow) -> bool {
        workflow.is_done(&self.state)
    }
}

/// States are one when they differ in case, hyphen, underscore or space only.
pub fn same(a: &str, b: &str) -> bool {
    fn plain(text: &str) -> impl Iterator<Item = char> + '_ {
        let chars = text.trim().chars();
        chars
            .map(|c| if matches!(c, '_' | ' ') { '-' } else { c })
            .flat_map(char::to_lowercase)
    }
    a == b || plain(a).eq(plain(b))
}
