//! The tab Submodules: what is recorded, what is checked out, and what can be done with each.

use super::{Page, worktrees};
use crate::areas::AreaId;
use crate::areas::code::Command;
use crate::areas::code::act::Act;
use crate::areas::code::model::RepoModel;
use crate::areas::code::trees::Ask;
use crate::areas::page::{Action, Cx, Intent, UiIntent};
use crate::base::repo::short_oid;
use crate::base::trees::{SubmoduleAct, SubmoduleRow, SubmoduleState};
use crate::base::{GitPath, State, Workspace};
use crate::msg;
use crate::ui::detail::{Fact, Heading, actions_ui, facts_ui, heading_ui};
use crate::ui::dialog::{Answer, Dialog};
use crate::ui::form::form_ui;
use crate::ui::page_frame::{LoadableAsk, LoadableView, loadable_ui};
use crate::ui::table::{Column, Table, row_key};
use crate::ui::{action, icons, state_mark, text};
use egui::Ui;

/// The form that adds one.
#[derive(Default)]
pub(super) struct AddForm {
    url: String,
    path: String,
    branch: String,
}

impl Page {
    pub(super) fn submodules_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel) {
        self.asked
            .trees(cx, workspace, &Ask::Submodules, (repo.n_acts, repo.n_readings));
        let view = LoadableView {
            icon: icons::BOX,
            empty: &cx.t("code-submodules-hint"),
            empty_action: Some(&cx.t("code-submodule-add")),
            progress: None,
        };
        let rows = &repo.trees.submodules;
        let ask = loadable_ui(ui, rows, &view, Vec::is_empty, |ui, rows: &Vec<SubmoduleRow>| {
            self.submodule_table_ui(ui, cx, workspace, rows);
        });
        match ask {
            Some(LoadableAsk::Retry) => cx.ask(Command::Ask {
                workspace: workspace.clone(),
                ask: Ask::Submodules,
            }),
            Some(LoadableAsk::Fill) => self.submodule_form = Some(AddForm::default()),
            None => {}
        }
    }

    fn submodule_table_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, rows: &[SubmoduleRow]) {
        let columns = [
            Column::new("path", cx.t("code-column-path"), 190.0).unsortable().always(),
            Column::new("recorded", cx.t("code-column-recorded"), 84.0).unsortable(),
            Column::new("checked-out", cx.t("code-column-checked-out"), 110.0).unsortable(),
            Column::new("state", cx.t("code-column-state"), 210.0).unsortable(),
            Column::new("url", cx.t("code-address"), 260.0).min(180.0).fill().unsortable(),
        ];
        let name = cx.t("code-tab-submodules");
        let table = Table::new("code-submodules", &name, &columns, rows.len())
            .key(|row| rows.get(row).map_or(0, |row| row_key(&row.path.quoted())))
            .single()
            .label(|row| rows.get(row).map_or_else(String::new, |row| row.path.display()))
            .menu(|ui, row| {
                if let Some(row) = rows.get(row) {
                    let asked = action::menu_ui(ui, &actions(cx, workspace, row));
                    cx.intents.borrow_mut().extend(asked);
                }
            });
        let response = table.show(ui, &mut self.submodules, |ui, row, column| {
            if let Some(row) = rows.get(row) {
                cell_ui(ui, cx, row, columns[column].id);
            }
        });
        if let Some(row) = response.activated.and_then(|row| rows.get(row)) {
            if row.is_initialised() {
                cx.ask(worktrees::open_intent(&row.folder));
            } else if !row.is_hostile {
                cx.ask(update(workspace, vec![row.path.clone()]));
            }
        }
    }

    pub(super) fn submodule_detail_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel) {
        let rows = repo.trees.submodules.value().map(Vec::as_slice).unwrap_or_default();
        let chosen = self.submodules.single();
        let Some(row) = rows.iter().find(|row| chosen == Some(row_key(&row.path.quoted()))) else {
            return;
        };
        let states = states(cx, row);
        heading_ui(
            ui,
            &Heading {
                icon: icons::BOX,
                name: &row.path.display(),
                note: &row.url,
                state: states.first().map(|(state, word)| (*state, word.as_str())),
            },
        );
        let mut facts: Vec<Fact> = states
            .iter()
            .skip(1)
            .map(|(state, word)| Fact::state(cx.t("code-column-state"), *state, word))
            .collect();
        if let Some(oid) = &row.recorded {
            facts.push(Fact::mono(cx.t("code-column-recorded"), oid));
        }
        if let Some(oid) = &row.checked_out {
            facts.push(Fact::mono(cx.t("code-column-checked-out"), oid));
        }
        if let Some(branch) = &row.head_name {
            facts.push(Fact::text(cx.t("code-fact-branch"), branch));
        }
        if let Some(branch) = &row.branch {
            facts.push(Fact::text(cx.t("code-fact-follows"), branch));
        }
        facts.push(Fact::mono(cx.t("code-address"), &row.url));
        facts_ui(ui, &facts);
        if row.is_hostile {
            text::paragraph(ui, &cx.t("git-submodule-hostile-hint"));
        }
        let asked = actions_ui(ui, &actions(cx, workspace, row));
        cx.intents.borrow_mut().extend(asked);
    }

    pub(super) fn submodule_form_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let (Some(form), Some(workspace)) = (&mut self.submodule_form, cx.workspace) else {
            return;
        };
        let (title, confirm) = (cx.t("code-submodule-add-title"), cx.t("code-submodule-add-do"));
        let answer = Dialog::new("code-submodule-form", &title, &confirm).show(ui.ctx(), |ui| {
            let response = form_ui(ui, "code-submodule-form", |fields| {
                fields.code(&cx.t("code-address"), &mut form.url, "https://host/owner/name.git", None);
                fields.code(&cx.t("code-column-path"), &mut form.path, "libs/name", None);
                fields.text(&cx.t("code-fact-follows"), &mut form.branch, "main", None);
            });
            response.valid && !form.url.trim().is_empty() && !form.path.trim().is_empty()
        });
        match answer {
            Answer::Open => {}
            Answer::Cancelled => self.submodule_form = None,
            Answer::Confirmed => {
                let Some(form) = self.submodule_form.take() else { return };
                let act = SubmoduleAct::Add {
                    url: form.url.trim().to_owned(),
                    path: GitPath::from_quoted(form.path.trim()),
                    branch: Some(form.branch.trim().to_owned()).filter(|branch| !branch.is_empty()),
                };
                cx.ask(Act::Submodule(act).on(workspace));
            }
        }
    }
}

fn cell_ui(ui: &mut Ui, cx: &Cx<'_>, row: &SubmoduleRow, column: &str) {
    match column {
        "path" => drop(text::path(ui, &row.path.display())),
        "recorded" => match &row.recorded {
            Some(oid) => drop(text::mono(ui, short_oid(oid))),
            None => drop(text::absent(ui)),
        },
        "checked-out" => match (&row.head_name, &row.checked_out) {
            (Some(branch), Some(_)) => drop(text::body(ui, branch)),
            (None, Some(oid)) => drop(text::mono(ui, short_oid(oid))),
            _ => drop(text::absent(ui)),
        },
        "state" => {
            for (state, word) in states(cx, row).iter().take(2) {
                state_mark::label_small_ui(ui, *state, word);
            }
        }
        _ => drop(text::path(ui, &row.url)),
    }
}

fn states(cx: &Cx<'_>, row: &SubmoduleRow) -> Vec<(State, String)> {
    let mut states: Vec<(State, String)> = Vec::new();
    if row.is_hostile {
        states.push((State::Failed, cx.t("code-submodule-hostile")));
    }
    let look = |state: SubmoduleState| match state {
        SubmoduleState::MissingCommit | SubmoduleState::Conflicted | SubmoduleState::Unreadable => State::Failed,
        SubmoduleState::NotInitialised | SubmoduleState::NotRecorded => State::None,
        SubmoduleState::NewCommits | SubmoduleState::Modified | SubmoduleState::Untracked => State::Degraded,
    };
    states.extend(row.states.iter().map(|state| (look(*state), cx.t(state.key()))));
    if states.is_empty() && row.is_looked_at {
        states.push((State::Done, cx.t("code-submodule-as-recorded")));
    }
    states
}

fn update(workspace: &Workspace, paths: Vec<GitPath>) -> Intent {
    let act = SubmoduleAct::Update {
        paths,
        is_recursive: true,
        takes_newest: false,
    };
    Act::Submodule(act).on(workspace).into()
}

/// What the tab and the palette offer.
pub(super) fn tab_actions(cx: &Cx<'_>, workspace: &Workspace) -> Vec<Action> {
    let add = Intent::Ui(UiIntent::PageAction(AreaId::Code, "submodule:add".to_owned()));
    let all = Action::new(
        "code-submodule-update-all",
        cx.t("code-submodule-update-all"),
        update(workspace, Vec::new()),
    );
    vec![
        all.icon(icons::DOWNLOAD),
        Action::new("code-submodule-add", cx.t("code-submodule-add"), add).icon(icons::ADD),
    ]
}

fn actions(cx: &Cx<'_>, workspace: &Workspace, row: &SubmoduleRow) -> Vec<Action> {
    let act = |act: SubmoduleAct| Act::Submodule(act).on(workspace).into();
    let paths = || vec![row.path.clone()];
    let mut actions = Vec::new();
    if row.is_initialised() {
        actions.push(worktrees::open(cx, &row.folder));
    }
    let hostile = row.is_hostile.then(|| cx.t("code-submodule-hostile"));
    let word = if row.is_initialised() {
        "code-submodule-update"
    } else {
        "code-submodule-fetch"
    };
    actions.push(
        Action::new("code-submodule-update", cx.t(word), update(workspace, paths()))
            .icon(icons::DOWNLOAD)
            .disabled_because(hostile.clone()),
    );
    let newest = SubmoduleAct::Update {
        paths: paths(),
        is_recursive: false,
        takes_newest: true,
    };
    actions.push(
        Action::new("code-submodule-newest", cx.t("code-submodule-newest"), act(newest))
            .icon(icons::UP)
            .disabled_because(hostile.clone()),
    );
    let sync = SubmoduleAct::Sync { paths: paths() };
    actions.push(
        Action::new("code-submodule-sync", cx.t("code-submodule-sync"), act(sync))
            .icon(icons::REFRESH)
            .disabled_because(hostile),
    );
    let copy = Intent::Ui(UiIntent::Copy(row.path.display()));
    actions.push(Action::new("code-copy-path", cx.t("code-copy-path"), copy).icon(icons::COPY));
    if row.is_initialised() {
        let is_dirty = row.has(SubmoduleState::Modified) || row.has(SubmoduleState::Untracked);
        let deinit = SubmoduleAct::Deinit {
            paths: paths(),
            is_forced: is_dirty,
        };
        let title = cx.msg(&msg!("code-submodule-deinit-title", path = row.path.display()));
        let action = Action::new("code-submodule-deinit", cx.t("code-submodule-deinit"), act(deinit))
            .icon(icons::DELETE)
            .danger();
        actions.push(if is_dirty {
            action.confirm_typed(title, cx.t("code-submodule-deinit-dirty"), row.path.file_name())
        } else {
            action.confirm(title, cx.t("code-submodule-deinit-text"))
        });
    }
    actions
}
