//! The selected workspace: facts, what can be done, the thread.

use super::{board, is_trusted, trust_intent, words};
use crate::areas::AreaId;
use crate::areas::devops::{Command, WorkspaceInfo};
use crate::areas::page::{Action, Cx, Intent, UiIntent};
use crate::base::{Target, format};
use crate::msg;
use crate::ui::detail::{self, Fact, Heading};
use crate::ui::dialog::{Answer, Dialog};
use crate::ui::input::Input;
use crate::ui::{Ui, icons, text};
use egui::Id;

/// What can be done with a workspace: detail, context menu and palette show the same.
pub(super) fn actions(info: &WorkspaceInfo, cx: &Cx<'_>) -> Vec<Action> {
    let name = info.workspace.name.as_str();
    let workspace = &info.workspace;
    let select = Intent::Ui(UiIntent::SelectWorkspace(Some(workspace.id.clone())));
    let is_chosen = cx.workspace.is_some_and(|chosen| chosen.id == workspace.id);
    let mut actions = Vec::new();
    if !is_chosen {
        actions.push(Action::new("devops-open", cx.t("devops-open"), select).icon(icons::FOLDER_OPEN));
    }
    if is_trusted(info) {
        let distrust = Command::DistrustWorkspace {
            workspace: workspace.clone(),
        };
        actions.push(Action::new("devops-distrust", cx.t("devops-distrust"), distrust.into()).icon(icons::SHIELD));
    } else {
        actions.push(Action::new("devops-trust", cx.t("devops-trust"), trust_intent(info)).icon(icons::SHIELD));
    }
    let refresh = Command::RefreshBoard {
        workspaces: vec![workspace.clone()],
    };
    actions.push(Action::new("devops-refresh", cx.t("devops-refresh"), refresh.into()).icon(icons::REFRESH));
    let group = Intent::Ui(UiIntent::PageAction(AreaId::DevOps, format!("group/{}", workspace.id)));
    actions.push(Action::new("devops-group", cx.t("devops-group"), group).icon(icons::LAYERS));
    let path = Intent::Ui(UiIntent::Copy(workspace.root.display().to_string()));
    actions.push(Action::new("devops-copy-path", cx.t("devops-copy-path"), path).icon(icons::COPY));
    let remove = Command::RemoveWorkspace {
        workspace: workspace.clone(),
    };
    let title = cx.msg(&msg!("devops-remove-title", name = name));
    actions.push(
        Action::new("devops-remove", cx.t("devops-remove"), remove.into())
            .icon(icons::REMOVE)
            .danger()
            .confirm(title, cx.t("devops-remove-text")),
    );
    actions.into_iter().map(|action| action.of(name)).collect()
}

/// Works in this workspace from now on, and shows its sources.
pub(super) fn open(cx: &Cx<'_>, info: &WorkspaceInfo) {
    cx.ask(Intent::Ui(UiIntent::SelectWorkspace(Some(info.workspace.id.clone()))));
    cx.ask(Intent::Go(board::page_target(AreaId::Code)));
}

pub(super) fn detail_ui(ui: &mut Ui, cx: &Cx<'_>, info: &WorkspaceInfo) {
    let (state, word) = words::worst_word(cx, info);
    let note = words::kinds(&info.kinds);
    let heading = Heading {
        icon: icons::FOLDER,
        name: &info.workspace.name,
        note: &note,
        state: Some((state, &word)),
    };
    detail::heading_ui(ui, &heading);
    let target = detail::facts_ui(ui, &facts(cx, info));
    if let Some(row) = cx.model.devops.row(&info.workspace.id) {
        board::problems_ui(ui, cx, row);
    }
    if let Some(intent) = detail::actions_ui(ui, &actions(info, cx)) {
        cx.ask(intent);
    }
    let of = Target::Workspace {
        workspace: info.workspace.id.clone(),
    };
    let shown = cx.thread(&of).and_then(|thread| detail::thread_ui(ui, thread, cx.now));
    if let Some(target) = target.or(shown) {
        cx.ask(Intent::Go(target));
    }
}

fn facts(cx: &Cx<'_>, info: &WorkspaceInfo) -> Vec<Fact> {
    let mut facts = Vec::new();
    let row = cx.model.devops.row(&info.workspace.id);
    if let Some(repo) = row.and_then(|row| row.repo.as_ref()) {
        facts.push(Fact::text(cx.t("devops-col-branch"), repo.head_name()));
        if let Some(upstream) = &repo.upstream {
            let words = if repo.n_ahead == 0 && repo.n_behind == 0 {
                cx.msg(&msg!("devops-even", upstream = upstream))
            } else {
                cx.msg(&msg!("devops-ahead-behind", ahead = repo.n_ahead, behind = repo.n_behind))
            };
            facts.push(Fact::text(cx.t("devops-upstream"), words).hover(upstream));
        }
        if let Some(oid) = &repo.oid {
            let age = repo.head_time.map(|at| format::ago(at, cx.now, cx.texts)).unwrap_or_default();
            let target = Target::Commit {
                workspace: info.workspace.id.clone(),
                oid: oid.clone(),
            };
            facts.push(Fact::link(cx.t("devops-commit"), format::short_oid(oid), age, target).hover(oid));
        }
        facts.push(Fact::text(cx.t("devops-changed"), words::changes_whole(cx, repo)));
    } else if let Some(problem) = row.and_then(|row| row.repo_problem.as_ref()) {
        facts.push(Fact::text(cx.t("devops-col-branch"), cx.msg(&problem.summary)).hover(&problem.details));
    }
    let (state, word) = words::trust(cx, info);
    facts.push(Fact::state(cx.t("devops-trust-label"), state, word));
    if !info.group.is_empty() {
        facts.push(Fact::text(cx.t("devops-group-label"), info.group.clone()));
    }
    facts.push(Fact::path(cx.t("devops-col-path"), info.workspace.root.display().to_string()));
    facts
}

/// The group of a workspace while it is being changed.
pub(super) struct Grouping {
    info: WorkspaceInfo,
    group: String,
}

impl Grouping {
    pub(super) fn of(info: &WorkspaceInfo) -> Self {
        Self {
            group: info.group.clone(),
            info: info.clone(),
        }
    }
}

pub(super) fn grouping_ui(ui: &mut Ui, cx: &Cx<'_>, grouping: &mut Option<Grouping>) {
    let Some(open) = grouping else { return };
    let title = cx.msg(&msg!("devops-group-title", name = open.info.workspace.name.as_str()));
    let confirm = cx.t("devops-group-confirm");
    let answer = Dialog::new("devops-group", &title, &confirm).show(ui.ctx(), |ui| {
        let name = text::tr(ui, "devops-group-label");
        let hint = text::tr(ui, "devops-group-hint");
        let response = Input::new(Id::unique("devops-group"), &name)
            .hint(&hint)
            .show(ui, &mut open.group);
        if !response.has_focus() && !response.lost_focus() {
            response.request_focus();
        }
        !open.group.trim().is_empty()
    });
    match answer {
        Answer::Open => return,
        Answer::Cancelled => {}
        Answer::Confirmed => cx.ask(Command::AddWorkspace {
            path: open.info.workspace.root.clone(),
            group: open.group.trim().to_owned(),
        }),
    }
    *grouping = None;
}
