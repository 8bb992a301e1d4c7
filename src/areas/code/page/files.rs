//! What can be done with changed files, and how a change is shown: shared by the tree, its menus and the detail panel.

use super::tree::Side;
use crate::areas::AreaId;
use crate::areas::code::Command;
use crate::areas::code::act::Act;
use crate::areas::page::{Action, Cx, Intent, UiIntent};
use crate::base::repo::Change;
use crate::base::{GitPath, Workspace};
use crate::msg;
use crate::ui::icons;
use crate::ui::text::{self, Cut, Look};
use crate::ui::theme::font;
use crate::ui::tokens::Tokens;
use egui::Ui;

/// The acts on these files of one half.
pub(super) fn actions(cx: &Cx<'_>, workspace: &Workspace, side: Side, paths: &[GitPath]) -> Vec<Action> {
    if paths.is_empty() {
        return Vec::new();
    }
    let chosen = paths.to_vec();
    let paths = paths.to_vec();
    let n = paths.len();
    let single = paths.first().filter(|_| n == 1).cloned();
    let copy = Action::new("code-copy-path", cx.t("code-copy-path"), {
        let text: Vec<String> = paths.iter().map(GitPath::quoted).collect();
        Intent::Ui(UiIntent::Copy(text.join("\n")))
    })
    .icon(icons::COPY);
    let open = paths.first().filter(|path| n == 1 && !path.is_folder());
    let open = open.map(|path| open_in_editor(cx, workspace, path, None));
    let mut actions = match side {
        Side::Unstaged => {
            let stage = Act::Stage { paths: paths.clone() }.on(workspace);
            let discard = Act::Discard { paths }.on(workspace);
            vec![
                Action::new(
                    "code-stage",
                    cx.msg(&msg!("code-stage-files", n = n)),
                    Intent::Do(stage.into()),
                )
                .icon(icons::ADD),
                copy,
                Action::new(
                    "code-discard",
                    cx.msg(&msg!("code-discard-files", n = n)),
                    Intent::Do(discard.into()),
                )
                .icon(icons::UNDO)
                .danger(),
            ]
        }
        Side::Staged => {
            let unstage = super::act::unstage(workspace, paths);
            vec![
                Action::new("code-unstage", cx.msg(&msg!("code-unstage-files", n = n)), unstage).icon(icons::REMOVE),
                copy,
            ]
        }
    };
    if let Some(open) = open {
        actions.insert(1, open);
    }
    let status = cx.model.code.status(&workspace.id);
    let is_untracked = |path: &GitPath| {
        let entry = status.and_then(|status| status.holding(path));
        entry.is_some_and(|entry| entry.unstaged == Some(Change::Untracked))
    };
    let is_conflicted = |path: &GitPath| {
        let entry = status.and_then(|status| status.entry(path));
        entry.is_some_and(|entry| entry.conflict.is_some())
    };
    if side == Side::Unstaged && chosen.iter().all(is_untracked) {
        let ignore = Act::Ignore { paths: chosen.clone() }.on(workspace);
        actions.push(Action::new("code-ignore-file", cx.t("code-ignore-file"), ignore.into()).icon(icons::EYE));
    }
    if !chosen.iter().any(is_conflicted) {
        actions.push(super::stashes::push_files(cx, &chosen, chosen.iter().any(is_untracked)));
    }
    let is_tracked = |path: &GitPath| {
        let entry = status.and_then(|status| status.entry(path));
        entry.is_some_and(|entry| {
            let is_new = entry.unstaged == Some(Change::Untracked) || entry.staged == Some(Change::Added);
            !is_new && !entry.is_submodule
        })
    };
    if let Some(path) = single.filter(is_tracked) {
        let ask = |what: &str| Intent::Ui(UiIntent::PageAction(AreaId::Code, format!("{what}:{}", path.quoted())));
        actions.push(Action::new("code-blame", cx.t("code-blame"), ask("blame-file")).icon(icons::PERSON));
        actions.push(Action::new("code-file-history", cx.t("code-file-history"), ask("history-file")).icon(icons::HISTORY));
    }
    actions
}

/// The key of a change's word.
pub(super) fn change_key(change: Change) -> &'static str {
    match change {
        Change::Added => "code-change-added",
        Change::Modified => "code-change-modified",
        Change::Deleted => "code-change-deleted",
        Change::Renamed => "code-change-renamed",
        Change::Copied => "code-change-copied",
        Change::TypeChanged => "code-change-type",
        Change::Untracked => "code-change-untracked",
        Change::Conflicted => "code-change-conflicted",
    }
}

/// git's letter, with its word on hover.
pub(super) fn letter_ui(ui: &mut Ui, cx: &Cx<'_>, change: Change) {
    let t = Tokens::of(ui);
    let colour = match change {
        Change::Added | Change::Copied => t.success.text,
        Change::Modified | Change::Renamed | Change::TypeChanged => t.warning.text,
        Change::Deleted | Change::Conflicted => t.danger.text,
        Change::Untracked => t.info.text,
    };
    let letter = if change == Change::Untracked {
        "U"
    } else if change == Change::Conflicted {
        "!"
    } else {
        change.letter()
    };
    let look = Look {
        font: font::code(),
        colour,
        cut: Cut::End,
    };
    text::label(ui, letter, look).on_hover_text(cx.t(change_key(change)));
}

/// Opens the file in the user's editor, at the line when one is known.
pub(super) fn open_in_editor(cx: &Cx<'_>, workspace: &Workspace, path: &GitPath, line: Option<u32>) -> Action {
    let command = Command::OpenInEditor {
        workspace: workspace.clone(),
        path: path.clone(),
        line: line.unwrap_or(1),
        column: 1,
    };
    Action::new("code-open", cx.t("code-open"), Intent::Do(command.into())).icon(icons::EDIT)
}
