//! Runbooks in `chantier.toml`: named maintenance, step by step.

use super::{Schedule, Span, here};
use crate::adapters::process::shell_quoted;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Maintenance by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Runbook {
    pub name: String,
    #[serde(default)]
    pub description: String,
    /// Where it is about one.
    #[serde(default)]
    pub environment: Option<String>,
    /// Asks before it runs.
    #[serde(default)]
    pub confirm: bool,
    /// When it runs by itself, while the window or `chantier watch` is there to run it.
    #[serde(default)]
    pub schedule: Option<Schedule>,
    /// A run that nobody was there for is made up for, once.
    #[serde(default)]
    pub catch_up: bool,
    #[serde(default, rename = "step")]
    pub steps: Vec<RunbookStep>,
}

/// One step: a task of the project, or a command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunbookStep {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub task: Option<String>,
    /// Program and arguments; never a line for a shell.
    #[serde(default)]
    pub run: Vec<String>,
    #[serde(default = "here")]
    pub dir: PathBuf,
    #[serde(default)]
    pub timeout: Option<Span>,
    /// The next step runs also when this one fails.
    #[serde(default)]
    pub may_fail: bool,
}

impl RunbookStep {
    /// What it is called.
    pub fn shown(&self) -> String {
        match (&self.name, &self.task) {
            (Some(name), _) => name.clone(),
            (None, Some(task)) => task.clone(),
            (None, None) => {
                let words = self.run.iter().map(|word| shell_quoted(word));
                words.collect::<Vec<_>>().join(" ")
            }
        }
    }

    /// The first word in braces that only an environment gives a meaning; `${version}` is the shell's own.
    pub fn live_word(&self) -> Option<&'static str> {
        let has = |word: &str| {
            self.run
                .iter()
                .any(|arg| arg.match_indices(word).any(|(at, _)| !arg[..at].ends_with('$')))
        };
        ["{version}", "{commit}", "{environment}"].into_iter().find(|word| has(word))
    }

    /// Exactly one of task and command.
    pub fn is_whole(&self) -> bool {
        self.task.is_some() == self.run.is_empty()
    }
}
