//! What went wrong, told once and alike in toast, problem log, job row and command line.

use super::{JobId, Msg, State, Timestamp};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Who can mend it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// What was asked can not be done: ask differently.
    User,
    /// A file of the user's says something wrong.
    Config,
    /// The machine, a program, the network or a disk.
    Environment,
    /// A fault of Chantier's.
    Internal,
}

/// A place in a file; line and column count from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub path: PathBuf,
    pub line: Option<u32>,
    pub column: Option<u32>,
}

impl Place {
    /// `src/lib.rs:3`, or the file alone where no line is known.
    pub fn text(&self) -> String {
        match self.line.filter(|line| *line > 0) {
            Some(line) => format!("{}:{line}", self.path.display()),
            None => self.path.display().to_string(),
        }
    }
}

/// What happened, where, and what can be done. `details` is foreign text (a program's own words), made safe when shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    pub kind: ProblemKind,
    /// A stable word for programs (`untrusted`, `cancelled`, `not-found`), empty when there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    pub summary: Msg,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub details: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Msg>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<JobId>,
    /// Stamped by the engine when the problem is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

impl Problem {
    pub fn new(kind: ProblemKind, summary: Msg) -> Self {
        Self {
            kind,
            code: String::new(),
            summary,
            details: String::new(),
            hint: None,
            place: None,
            area: None,
            job: None,
            at: None,
        }
    }

    pub fn user(summary: Msg) -> Self {
        Self::new(ProblemKind::User, summary)
    }

    pub fn config(summary: Msg) -> Self {
        Self::new(ProblemKind::Config, summary)
    }

    pub fn environment(summary: Msg) -> Self {
        Self::new(ProblemKind::Environment, summary)
    }

    pub fn internal(summary: Msg) -> Self {
        Self::new(ProblemKind::Internal, summary)
    }

    /// The job was stopped by the user or by its parent.
    pub fn cancelled() -> Self {
        Self::user(crate::msg!("problem-cancelled")).code("cancelled")
    }

    pub fn code(mut self, code: &str) -> Self {
        code.clone_into(&mut self.code);
        self
    }

    pub fn details(mut self, details: impl ToString) -> Self {
        self.details = details.to_string();
        self
    }

    pub fn hint(mut self, hint: Msg) -> Self {
        self.hint = Some(hint);
        self
    }

    /// Where in which file; 0 stands for unknown.
    pub fn at_place(mut self, path: impl Into<PathBuf>, line: u32, column: u32) -> Self {
        let known = |n: u32| (n > 0).then_some(n);
        self.place = Some(Place {
            path: path.into(),
            line: known(line),
            column: known(column),
        });
        self
    }

    /// Where in which text: the byte that it begins at.
    pub fn at_byte(self, path: impl Into<PathBuf>, text: &str, at: usize) -> Self {
        let before = text.get(..at).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        self.at_place(path, line as u32, column as u32)
    }

    pub fn is_cancelled(&self) -> bool {
        self.code == "cancelled"
    }

    /// What became of whatever ended with it.
    pub fn state(&self) -> State {
        if self.is_cancelled() {
            State::Cancelled
        } else {
            State::Failed
        }
    }

    /// The workspace's programs may not run until the user trusts it.
    pub fn is_untrusted(&self) -> bool {
        self.code == "untrusted"
    }
}
