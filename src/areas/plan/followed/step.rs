//! What the plan says of an item, as the first step of a thread. Blocks; jobs call it through `JobCtx::blocking`.

use crate::areas::plan::Item;
use crate::areas::plan::folder::Folder;
use crate::areas::plan::workflow::Workflow;
use crate::base::{Problem, SafeText, State, Target, ThreadKind, ThreadStep, Workspace};

/// The first of these items that the plan has; the problem of the first where it has none of them.
pub fn first_of(workspace: &Workspace, ids: &[String]) -> Result<Option<ThreadStep>, Problem> {
    let folder = Folder::open(workspace)?;
    let mut missing = None;
    for id in ids {
        match folder.item(id) {
            Ok(item) => return Ok(Some(step(workspace, &folder.workflow, &item))),
            Err(problem) => drop(missing.get_or_insert(problem)),
        }
    }
    missing.map_or(Ok(None), Err)
}

fn step(workspace: &Workspace, workflow: &Workflow, item: &Item) -> ThreadStep {
    ThreadStep {
        kind: ThreadKind::Item,
        state: if workflow.is_in_progress(&item.state) {
            State::InProgress
        } else {
            workflow.mark(&item.state)
        },
        name: SafeText::new(&item.id).into_string(),
        note: SafeText::new(&item.title).into_string(),
        target: Some(Target::Item {
            workspace: workspace.id.clone(),
            id: item.id.clone(),
        }),
        at: None,
    }
}
