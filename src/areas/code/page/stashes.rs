//! The tab Stashes: what was put away, its files and differences, and how it comes back.

use super::Page;
use super::commits::split_diff;
use super::detail::file_list_ui;
use crate::areas::AreaId;
use crate::areas::code::Command;
use crate::areas::code::act::Act;
use crate::areas::code::model::RepoModel;
use crate::areas::page::{Action, Cx, Intent, UiIntent};
use crate::base::diff::DiffOf;
use crate::base::repo::{StashAct, StashRow};
use crate::base::{GitPath, Target, Workspace, format};
use crate::msg;
use crate::ui::detail::{Fact, Heading, actions_ui, facts_ui, heading_ui, titled_section_ui};
use crate::ui::dialog::{Answer, Dialog};
use crate::ui::form::form_ui;
use crate::ui::page_frame::{LoadableAsk, LoadableView, loadable_ui};
use crate::ui::state_mark::{TagLook, tag_ui};
use crate::ui::table::{Column, Table, row_key};
use crate::ui::{action, icons, text};
use egui::Ui;

/// The forms of this tab.
pub(super) enum StashForm {
    Push(StashAct),
    Branch { stash: String, name: String },
}

impl Page {
    pub(super) fn stashes_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel) {
        self.asked.stashes(cx, workspace, repo.n_acts, repo.n_readings);
        let view = LoadableView {
            icon: icons::LAYERS,
            empty: &cx.t("code-stash-hint"),
            empty_action: None,
            progress: None,
        };
        let ask = loadable_ui(ui, &repo.stashes, &view, Vec::is_empty, |ui, stashes: &Vec<StashRow>| {
            split_diff(self, ui, cx, workspace, repo, |ui, page| {
                page.stash_table_ui(ui, cx, workspace, stashes);
            });
        });
        if ask == Some(LoadableAsk::Retry) {
            cx.ask(Command::LoadStashes {
                workspace: workspace.clone(),
            });
        }
    }

    fn stash_table_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, stashes: &[StashRow]) {
        let columns = [
            Column::new("message", cx.t("code-column-message"), 300.0)
                .fill()
                .unsortable()
                .always(),
            Column::new("branch", cx.t("code-column-made-on"), 160.0).unsortable(),
            Column::new("files", cx.t("code-files"), 72.0).right().unsortable(),
            Column::new("age", cx.t("code-column-age"), 64.0).right().unsortable(),
        ];
        let name = cx.t("code-tab-stashes");
        let table = Table::new("code-stashes", &name, &columns, stashes.len())
            .single()
            .key(|row| stashes.get(row).map_or(0, |stash| row_key(&stash.oid)))
            .label(|row| stashes.get(row).map_or_else(String::new, |stash| stash.message.clone()))
            .menu(|ui, row| {
                if let Some(stash) = stashes.get(row) {
                    let asked = action::menu_ui(ui, &actions(cx, workspace, stash));
                    cx.intents.borrow_mut().extend(asked);
                }
            });
        let response = table.show(ui, &mut self.stashes, |ui, row, column| {
            let Some(stash) = stashes.get(row) else { return };
            match columns[column].id {
                "message" => drop(text::body(ui, &stash.message)),
                "branch" => {
                    if let Some(branch) = &stash.branch {
                        tag_ui(ui, branch, TagLook::Plain);
                    }
                }
                "files" => drop(text::weak(ui, &stash.n_files.to_string())),
                _ => drop(text::weak(ui, &format::age(stash.at, cx.now, cx.texts)).on_hover_text(stash.at.to_string())),
            }
        });
        if let Some(stash) = response.activated.and_then(|row| stashes.get(row)) {
            cx.ask(apply(workspace, stash, false));
        }
        if response.selection_changed {
            self.commit_file = None;
        }
    }

    pub(super) fn stash_detail_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel) {
        let stashes = repo.stashes.value().map(Vec::as_slice).unwrap_or_default();
        let chosen = self.stashes.single();
        let Some(stash) = stashes.iter().find(|stash| chosen == Some(row_key(&stash.oid))) else {
            return;
        };
        heading_ui(
            ui,
            &Heading {
                icon: icons::LAYERS,
                name: &stash.message,
                note: &format::ago(stash.at, cx.now, cx.texts),
                state: None,
            },
        );
        let base = Target::Commit {
            workspace: workspace.id.clone(),
            oid: stash.base.clone(),
        };
        let mut facts = Vec::new();
        facts.extend(
            stash
                .branch
                .as_ref()
                .map(|branch| Fact::text(cx.t("code-column-made-on"), branch)),
        );
        facts.push(Fact::link(cx.t("code-fact-parent"), format::short_oid(&stash.base), "", base));
        facts.push(Fact::mono(cx.t("code-fact-commit"), &stash.oid));
        if let Some(target) = facts_ui(ui, &facts) {
            cx.ask(Intent::Go(target));
        }
        let asked = actions_ui(ui, &actions(cx, workspace, stash));
        cx.intents.borrow_mut().extend(asked);
        self.asked.commit(cx, workspace, &stash.oid);
        let commit = repo.commit.as_ref().filter(|(revision, _)| *revision == stash.oid);
        let Some(commit) = commit.and_then(|(_, commit)| commit.value()) else {
            return;
        };
        titled_section_ui(ui, &cx.t("code-files"), &stash.n_files.to_string(), |ui| {
            let of = DiffOf::Commit { oid: stash.oid.clone() };
            let asked = file_list_ui(ui, cx, &of, &commit.files, commit.n_unlisted);
            self.follow_file(cx, workspace, asked);
            let n_untracked = stash.n_files.saturating_sub(commit.files.len() as u32 + commit.n_unlisted);
            if n_untracked > 0 {
                text::weak(ui, &cx.msg(&msg!("code-n-untracked", n = n_untracked)));
            }
        });
    }

    pub(super) fn open_stash_form(&mut self, what: &str) {
        self.stash_form = Some(match what.strip_prefix("branch:") {
            Some(stash) => StashForm::Branch {
                stash: stash.to_owned(),
                name: String::new(),
            },
            None => StashForm::Push(StashAct {
                paths: chosen_paths(what),
                with_untracked: what.starts_with("untracked"),
                ..StashAct::default()
            }),
        });
    }

    pub(super) fn stash_form_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let (Some(form), Some(workspace)) = (&mut self.stash_form, cx.workspace) else {
            return;
        };
        let (title, confirm) = match form {
            StashForm::Push(_) => (cx.t("code-stash-title"), cx.t("code-stash")),
            StashForm::Branch { .. } => (cx.t("code-new-branch-title"), cx.t("code-create")),
        };
        let answer = Dialog::new("code-stash-form", &title, &confirm).show(ui.ctx(), |ui| match form {
            StashForm::Push(act) => {
                if let Some(first) = act.paths.first() {
                    let words = msg!("code-stash-only", n = act.paths.len(), first = first.display());
                    text::weak(ui, &cx.msg(&words));
                }
                form_ui(ui, "code-stash-form", |fields| {
                    fields.text(
                        &cx.t("code-column-message"),
                        &mut act.message,
                        &cx.t("code-stash-message-hint"),
                        None,
                    );
                    fields.tick(&cx.t("code-stash-untracked"), &mut act.with_untracked);
                    fields.tick(&cx.t("code-stash-keep-index"), &mut act.keeps_index);
                })
                .valid
            }
            StashForm::Branch { name, .. } => {
                let response = form_ui(ui, "code-stash-form", |fields| {
                    fields.text(&cx.t("code-column-name"), name, &cx.t("code-branch-name-hint"), None);
                });
                response.valid && !name.trim().is_empty()
            }
        });
        match answer {
            Answer::Open => {}
            Answer::Cancelled => self.stash_form = None,
            Answer::Confirmed => {
                let act = match self.stash_form.take() {
                    Some(StashForm::Push(act)) => Act::StashPush(act),
                    Some(StashForm::Branch { stash, name }) => Act::StashBranch {
                        stash,
                        name: name.trim().to_owned(),
                    },
                    None => return,
                };
                cx.ask(act.on(workspace));
            }
        }
    }
}

/// After the word that says what is opened: one quoted path per line.
fn chosen_paths(what: &str) -> Vec<GitPath> {
    what.lines().skip(1).map(GitPath::from_quoted).collect()
}

/// Opens the form for these files alone.
pub(super) fn push_files(cx: &Cx<'_>, paths: &[GitPath], has_untracked: bool) -> Action {
    let word = if has_untracked { "untracked" } else { "push" };
    let lines: Vec<String> = paths.iter().map(GitPath::quoted).collect();
    let intent = UiIntent::PageAction(AreaId::Code, format!("stash:{word}\n{}", lines.join("\n")));
    let words = cx.msg(&msg!("code-stash-files", n = paths.len()));
    Action::new("code-stash-files", words, Intent::Ui(intent)).icon(icons::LAYERS)
}

fn apply(workspace: &Workspace, stash: &StashRow, pops: bool) -> Intent {
    let stash = stash.oid.clone();
    Act::StashApply { stash, pops }.on(workspace).into()
}

/// Opens the form that puts changes away.
pub(super) fn push(cx: &Cx<'_>, is_dirty: bool) -> Action {
    let intent = Intent::Ui(UiIntent::PageAction(AreaId::Code, "stash:push".to_owned()));
    Action::new("code-stash", cx.t("code-stash-open"), intent)
        .icon(icons::LAYERS)
        .disabled_because((!is_dirty).then(|| cx.t("code-all-committed")))
}

fn actions(cx: &Cx<'_>, workspace: &Workspace, stash: &StashRow) -> Vec<Action> {
    let drop = Act::StashDrop {
        stash: stash.oid.clone(),
    };
    let branch = UiIntent::PageAction(AreaId::Code, format!("stash:branch:{}", stash.oid));
    vec![
        Action::new("code-stash-apply", cx.t("code-stash-apply"), apply(workspace, stash, false)).icon(icons::DOWNLOAD),
        Action::new("code-stash-pop", cx.t("code-stash-pop"), apply(workspace, stash, true)).icon(icons::UP),
        Action::new("code-stash-branch", cx.t("code-stash-branch"), Intent::Ui(branch)).icon(icons::BRANCH),
        Action::new("code-stash-drop", cx.t("code-stash-drop"), drop.on(workspace).into())
            .icon(icons::DELETE)
            .danger(),
    ]
}
