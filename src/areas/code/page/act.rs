//! The page's acts as actions and intents, made in one place for toolbar, boxes, links and keys.

use super::commit_box::Draft;
use super::tree::Side;
use crate::areas::AreaId;
use crate::areas::code::Command;
use crate::areas::code::act::Act;
use crate::areas::page::{Action, Cx, Intent, UiIntent};
use crate::base::git_act::{GitAct, PullMode, Push};
use crate::base::repo::{CommitAct, RepoSummary};
use crate::base::{GitPath, Head, Workspace};
use crate::ui::icons;
use egui::{Key, Modifiers};

/// To the other half.
pub(super) fn toggle(workspace: &Workspace, side: Side, paths: Vec<GitPath>) -> Intent {
    match side {
        Side::Unstaged => Act::Stage { paths }.on(workspace).into(),
        Side::Staged => unstage(workspace, paths),
    }
}

pub(super) fn unstage(workspace: &Workspace, paths: Vec<GitPath>) -> Intent {
    Act::Unstage { paths }.on(workspace).into()
}

pub(super) fn commit(workspace: &Workspace, draft: &Draft) -> Intent {
    let act = CommitAct {
        message: draft.message(),
        is_amend: draft.is_amend,
        amends: draft.amends().map(str::to_owned),
        is_signed_off: draft.is_signed_off,
        skips_hooks: draft.skips_hooks,
        ..CommitAct::default()
    };
    Act::Commit(act).on(workspace).into()
}

/// All but files in conflict, which are resolved first.
pub(super) fn stage_others(cx: &Cx<'_>, workspace: &Workspace) -> Action {
    let status = cx.model.code.status(&workspace.id);
    let entries = || status.into_iter().flat_map(|status| &status.entries);
    if entries().all(|entry| entry.conflict.is_none()) {
        return stage_all(cx, workspace);
    }
    let others = entries().filter(|entry| entry.conflict.is_none() && entry.unstaged.is_some());
    let paths = others.map(|entry| entry.path.clone()).collect();
    Action {
        intent: Act::Stage { paths }.on(workspace).into(),
        ..stage_all(cx, workspace)
    }
}

fn stage_all(cx: &Cx<'_>, workspace: &Workspace) -> Action {
    let command = Act::Stage { paths: Vec::new() }.on(workspace);
    Action::new("code-stage-all", cx.t("code-stage-all"), command.into())
        .icon(icons::ADD)
        .shortcut(Modifiers::COMMAND | Modifiers::SHIFT, Key::A)
}

pub(super) fn unstage_all(cx: &Cx<'_>, workspace: &Workspace) -> Action {
    let command = Act::Unstage { paths: Vec::new() }.on(workspace);
    Action::new("code-unstage-all", cx.t("code-unstage-all"), command.into())
        .icon(icons::REMOVE)
        .shortcut(Modifiers::COMMAND | Modifiers::SHIFT, Key::U)
}

pub(super) fn refresh(cx: &Cx<'_>, workspace: &Workspace) -> Action {
    let command = Command::Refresh {
        workspace: workspace.clone(),
    };
    Action::new("code-refresh", cx.t("code-refresh"), command.into())
        .icon(icons::REFRESH)
        .shortcut(Modifiers::NONE, Key::F5)
}

/// Fetch, pull and push, with what they would bring; and the two ways to pull where both sides have commits: there git does what its
/// settings say, and nothing when they say nothing.
pub(super) fn transfers(cx: &Cx<'_>, workspace: &Workspace, summary: Option<&RepoSummary>) -> ([Action; 3], Vec<Action>) {
    let command = |act| Act::Git(act).on(workspace).into();
    let (n_ahead, n_behind) = summary.map_or((0, 0), |summary| (summary.n_ahead, summary.n_behind));
    // Which of two branches there is meant is asked.
    let asked = summary.and_then(|summary| match (&summary.head, &summary.upstream) {
        (Head::Branch { name }, Some(upstream)) if !upstream.ends_with(&format!("/{name}")) => Some(name),
        _ => None,
    });
    let push = match asked {
        Some(name) => Intent::Ui(UiIntent::PageAction(AreaId::Code, format!("push:{name}"))),
        None => command(GitAct::Push { push: Push::default() }),
    };
    let counted = |word: String, sign: char, n: u32| if n > 0 { format!("{word} {sign}{n}") } else { word };
    let pull = |id: &str, mode| Action::new(id, cx.t(id), command(GitAct::Pull { mode })).icon(icons::DOWN);
    let ways = if n_ahead > 0 && n_behind > 0 {
        vec![
            pull("code-pull-rebase", PullMode::Rebase),
            pull("code-pull-merge", PullMode::Merge),
        ]
    } else {
        Vec::new()
    };
    let three = [
        Action::new("code-fetch", cx.t("code-fetch"), command(GitAct::Fetch { remote: None })).icon(icons::DOWNLOAD),
        Action::new(
            "code-pull",
            counted(cx.t("code-pull"), '↓', n_behind),
            command(GitAct::Pull {
                mode: PullMode::Configured,
            }),
        )
        .icon(icons::DOWN),
        Action::new("code-push", counted(cx.t("code-push"), '↑', n_ahead), push).icon(icons::UP),
    ];
    (three, ways)
}
