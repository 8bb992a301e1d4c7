//! Items of Backlog.md (`backlog/tasks/*.md`): front matter alike, other words for the states. Read, never written.

use super::workflow::{Workflow, same};

/// Where Backlog.md keeps its open tasks, below the workspace's root.
pub const FOLDER: &str = "backlog/tasks";

/// Backlog.md's own three states in the workflow's words; others stay as they are.
pub fn state_of(word: &str, workflow: &Workflow) -> String {
    if same(word, "to do") || same(word, "todo") {
        workflow.first().to_owned()
    } else if same(word, "done") {
        workflow.last().to_owned()
    } else if same(word, "in progress") {
        workflow
            .columns
            .get(1)
            .map_or(word, |column| column.state.as_str())
            .to_owned()
    } else {
        word.to_owned()
    }
}
