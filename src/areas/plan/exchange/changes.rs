//! What a file says otherwise of items that are here already: the changes that would make them say the same. What it leaves out stays.

use super::{Incoming, state_of};
use crate::areas::plan::model::Plan;
use crate::areas::plan::{Change, Item, workflow};
use serde::{Deserialize, Serialize};

/// One value that a file and an item say differently.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    pub key: String,
    pub here: String,
    pub there: String,
}

/// The changes of one item, each with what it would change.
pub fn of(incoming: &Incoming, item: &Item, plan: &Plan) -> (Vec<Change>, Vec<Difference>) {
    let draft = &incoming.draft;
    let (text, there) = (
        |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty()),
        state_of(incoming, plan),
    );
    let is_named = draft
        .state
        .as_deref()
        .is_some_and(|state| plan.workflow.state(state).is_some());
    // Without a state of ours a file says only whether it is done.
    let is_moved = if is_named {
        !workflow::same(&there, &item.state)
    } else {
        plan.workflow.is_done(&there) != item.is_done(&plan.workflow)
    };
    let body = draft.body.trim();
    let wanted = [
        Some((Change::Title(draft.title.clone()), draft.title.clone())),
        is_moved.then(|| (Change::State(there.clone()), there.clone())),
        draft
            .priority
            .map(|priority| (Change::Priority(Some(priority)), priority.word().to_owned())),
        (!draft.labels.is_empty()).then(|| (Change::Labels(draft.labels.clone()), draft.labels.join("\n"))),
        draft.start.map(|day| (Change::Start(Some(day)), day.to_string())),
        draft.due.map(|day| (Change::Due(Some(day)), day.to_string())),
        text(&draft.estimate).map(|text| (Change::Estimate(Some(text.clone())), text)),
        text(&draft.assignee).map(|text| (Change::Assignee(Some(text.clone())), text)),
        text(&draft.milestone).map(|text| (Change::Milestone(Some(text.clone())), text)),
        (!body.is_empty() && draft.criteria.is_empty()).then(|| (Change::Body(format!("\n{body}\n")), body.to_owned())),
    ];
    let mut out = (Vec::new(), Vec::new());
    for (change, there) in wanted.into_iter().flatten() {
        let here = item.value_of(&change);
        // Lines of the definition of done stand in the text of every item.
        let is_body = matches!(change, Change::Body(_));
        if here.trim() == there.trim() || is_body && here.contains(there.trim()) {
            continue;
        }
        let first = |text: &str| text.trim().lines().collect::<Vec<_>>().join(", ");
        out.1.push(Difference {
            key: change.key().to_owned(),
            here: if is_body { String::new() } else { first(&here) },
            there: if is_body { String::new() } else { first(&there) },
        });
        out.0.push(change);
    }
    out
}
