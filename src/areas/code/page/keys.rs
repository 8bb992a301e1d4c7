//! The keys of Code's tabs that are no shortcuts of actions, for the list of shortcuts.

use super::{CHANGES, HISTORY, REBASE, STASHES, UNDO, rebase};
use crate::areas::page::Cx;

/// Each key with what it does on the open tab.
pub(super) fn of_tab(cx: &Cx<'_>) -> Vec<(String, String)> {
    let enter = cx.t("ui-key-enter");
    let say = |key: &str, what: &str| (key.to_owned(), cx.t(what));
    match cx.tab {
        CHANGES => vec![say(&enter, "code-key-stage"), say(&cx.t("code-key-space"), "code-key-tick")],
        HISTORY => vec![say(&enter, "code-key-whole")],
        STASHES => vec![say(&enter, "code-key-apply")],
        UNDO => vec![say(&enter, "code-key-take-back")],
        REBASE => {
            let letters = rebase::LETTERS.map(|(key, action)| (key.name().to_owned(), cx.t(rebase::hint_key(action))));
            let moves = say(&cx.t("code-key-alt-arrows"), "code-key-move-step");
            letters.into_iter().chain([moves]).collect()
        }
        _ => Vec::new(),
    }
}
