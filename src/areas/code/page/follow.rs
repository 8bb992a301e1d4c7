//! What follows an act: the boxes that were for it are empty again, and a toast says what it did.

use super::{Page, commit_box, undo};
use crate::areas::code::Command;
use crate::areas::code::model::RepoModel;
use crate::areas::page::{Cx, Intent, UiIntent};
use crate::base::Workspace;
use crate::msg;

impl Page {
    /// An act that was asked for is done: the message box is empty again, and what was thrown away can be brought back.
    pub(super) fn follow_acts(&mut self, cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel) {
        if self.asked.n_acts == repo.n_acts {
            return;
        }
        self.asked.n_acts = repo.n_acts;
        let Some(acted) = &repo.last_act else { return };
        if ["commit", "amend", "fixup"].contains(&acted.act.as_str()) {
            self.draft = commit_box::Draft::default();
        }
        if acted.act == "init" {
            cx.ask(Command::Watch {
                workspace: workspace.clone(),
            });
        }
        if acted.act == "rebase" && self.rebase.is_open() {
            self.close_rebase(cx);
        }
        let Some(told) = &acted.told else { return };
        let undo = match (acted.undo, acted.taken.as_slice()) {
            (Some(id), _) => Some(undo::take_back(workspace, id)),
            (None, []) => None,
            (None, taken) => Some(undo::the_other_way(workspace, acted.act == "take_back", taken)),
        };
        let text = match acted.steps.as_slice() {
            [] => cx.msg(told),
            [step] => cx.msg(&crate::areas::code::cli::text::step_told(acted, step, cx.texts)),
            [first, more @ ..] => {
                let what = cx.msg(&crate::areas::code::cli::text::step_told(acted, first, cx.texts));
                cx.msg(&msg!("code-steps-told", n = more.len(), what = what))
            }
        };
        let is_redo = acted.act == "take_back" && acted.undo.is_none();
        cx.ask(Intent::Ui(UiIntent::Toast {
            text,
            word: is_redo.then(|| cx.t("code-redo")),
            undo: undo.map(Box::new),
        }));
    }
}
