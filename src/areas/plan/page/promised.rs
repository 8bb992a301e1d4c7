//! What an act will be told as once the files have it, with the act that takes it back. Of one that failed nothing is told here.

use super::Page;
use crate::areas::page::{Cx, Intent, UiIntent};
use crate::areas::plan::model::Plan;
use crate::areas::plan::{Change, Command, Item};
use crate::base::time::secs_between;
use crate::base::{Msg, Timestamp, Workspace};
use crate::msg;

/// What did not come about by then is not told any more.
const MAX_WAIT_SECS: f64 = 60.0;

/// One act on some items.
pub(super) struct Promised {
    at: Timestamp,
    items: Vec<Changing>,
    /// None for the number of the items.
    words: Option<Msg>,
}

struct Changing {
    id: String,
    /// Of the file as it was.
    hash: String,
    back: Vec<Change>,
}

impl Page {
    /// Notes what to say of an act that was just asked for.
    pub(super) fn promise<'a>(&mut self, cx: &Cx<'_>, items: impl Iterator<Item = (&'a Item, Vec<Change>)>, words: Option<Msg>) {
        let changing = items.map(|(item, back)| Changing {
            id: item.id.clone(),
            hash: item.hash.clone(),
            back,
        });
        self.promised = Some(Promised {
            at: cx.now,
            items: changing.collect(),
            words,
        });
    }

    /// Tells what was promised, of those items whose files changed.
    pub(super) fn keep_promise(&mut self, cx: &Cx<'_>, workspace: &Workspace, plan: &Plan) {
        let Some(mut promised) = self.promised.take() else { return };
        if secs_between(promised.at, cx.now) > MAX_WAIT_SECS {
            return;
        }
        let is_changed = |one: &Changing| plan.item(&one.id).is_some_and(|item| item.hash != one.hash);
        if !promised.items.iter().any(is_changed) {
            // Another act ended first.
            self.promised = Some(promised);
            return;
        }
        promised.items.retain(is_changed);
        let n = promised.items.len();
        let undo = Command::EditMany {
            workspace: workspace.clone(),
            edits: promised.items.into_iter().map(|one| (one.id, one.back)).collect(),
        };
        cx.ask(Intent::Ui(UiIntent::Toast {
            text: cx.msg(&promised.words.unwrap_or_else(|| msg!("plan-changed-many", n = n))),
            word: None,
            undo: Some(Box::new(undo.into())),
        }));
    }
}
