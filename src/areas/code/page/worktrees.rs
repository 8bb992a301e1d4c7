//! The tab Worktrees: every checkout of the repository, what changed there, and what can be done with it.

use super::Page;
use crate::areas::AreaId;
use crate::areas::code::Command;
use crate::areas::code::act::Act;
use crate::areas::code::cli::text::changes_words;
use crate::areas::code::model::RepoModel;
use crate::areas::code::trees::Ask;
use crate::areas::page::{Action, Cx, Intent, UiIntent};
use crate::base::trees::{CheckedOut, WorktreeAct, WorktreeRow, proposed_path};
use crate::base::{GitPath, State, Target, Workspace, format};
use crate::msg;
use crate::ui::detail::{Fact, Heading, actions_ui, facts_ui, heading_ui};
use crate::ui::dialog::{Answer, Dialog};
use crate::ui::form::form_ui;
use crate::ui::page_frame::{LoadableAsk, LoadableView, loadable_ui};
use crate::ui::state_mark::{self, TagLook, tag_ui};
use crate::ui::table::{Column, Table, row_key};
use crate::ui::{action, icons, text};
use egui::Ui;

/// Entries that a question names.
const MAX_LISTED: usize = 8;

/// The forms of this tab.
pub(super) enum WorktreeForm {
    Add {
        kind: Kind,
        /// Branch, new branch or commit.
        name: String,
        from: String,
        /// As proposed while it is empty.
        path: String,
    },
    Lock {
        path: GitPath,
        reason: String,
    },
    Move {
        path: GitPath,
        to: String,
    },
    Prune,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    NewBranch,
    Branch,
    Detached,
}

impl Page {
    pub(super) fn worktrees_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel) {
        self.asked
            .trees(cx, workspace, &Ask::Worktrees, (repo.n_acts, repo.n_readings));
        let view = LoadableView {
            icon: icons::TREE,
            empty: &cx.t("code-worktrees-hint"),
            empty_action: None,
            progress: None,
        };
        let rows = &repo.trees.worktrees;
        let ask = loadable_ui(ui, rows, &view, Vec::is_empty, |ui, rows: &Vec<WorktreeRow>| {
            self.worktree_table_ui(ui, cx, workspace, rows);
        });
        if ask == Some(LoadableAsk::Retry) {
            cx.ask(look(workspace, Ask::Worktrees));
        }
    }

    fn worktree_table_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, rows: &[WorktreeRow]) {
        let columns = [
            Column::new("name", cx.t("code-column-name"), 160.0).unsortable().always(),
            Column::new("head", cx.t("code-column-checked-out"), 150.0).unsortable(),
            Column::new("changes", cx.t("code-column-changes"), 165.0).unsortable(),
            Column::new("ahead", cx.t("code-column-ahead"), 66.0).unsortable(),
            Column::new("state", cx.t("code-column-state"), 170.0).unsortable(),
            Column::new("path", cx.t("code-column-path"), 260.0)
                .min(150.0)
                .fill()
                .unsortable(),
        ];
        let name = cx.t("code-tab-worktrees");
        let table = Table::new("code-worktrees", &name, &columns, rows.len())
            .single()
            .key(|row| rows.get(row).map_or(0, |row| row_key(&row.path.quoted())))
            .label(|row| rows.get(row).map_or_else(String::new, WorktreeRow::name))
            .menu(|ui, row| {
                if let Some(row) = rows.get(row) {
                    let asked = action::menu_ui(ui, &actions(cx, workspace, row));
                    cx.intents.borrow_mut().extend(asked);
                }
            });
        let response = table.show(ui, &mut self.worktrees, |ui, row, column| {
            if let Some(row) = rows.get(row) {
                cell_ui(ui, cx, row, columns[column].id);
            }
        });
        if let Some(row) = response.activated.and_then(|row| rows.get(row))
            && !row.is_current
            && row.prunable.is_none()
        {
            cx.ask(open_intent(&row.path));
        }
    }

    pub(super) fn worktree_detail_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel) {
        let rows = repo.trees.worktrees.value().map(Vec::as_slice).unwrap_or_default();
        let chosen = self.worktrees.single();
        let Some(row) = rows.iter().find(|row| chosen == Some(row_key(&row.path.quoted()))) else {
            return;
        };
        let state = state_of(cx, row);
        heading_ui(
            ui,
            &Heading {
                icon: icons::TREE,
                name: &row.name(),
                note: &row.head_name(),
                state: state.as_ref().map(|(state, word)| (*state, word.as_str())),
            },
        );
        let mut facts = vec![Fact::path(cx.t("code-column-path"), row.path.display())];
        if let Some(branch) = &row.branch {
            facts.push(Fact::text(cx.t("code-fact-branch"), branch));
        }
        if let Some(oid) = &row.oid {
            let commit = Target::Commit {
                workspace: workspace.id.clone(),
                oid: oid.clone(),
            };
            facts.push(Fact::link(cx.t("code-fact-commit"), format::short_oid(oid), "", commit));
        }
        if let Some(summary) = &row.summary {
            facts.push(Fact::text(cx.t("code-column-changes"), changes_words(summary, cx.texts)));
            if let Some(upstream) = &summary.upstream {
                facts.push(Fact::text(cx.t("code-column-upstream"), upstream));
            }
        }
        if let Some(reason) = row.locked.as_ref().filter(|reason| !reason.is_empty()) {
            facts.push(Fact::text(cx.t("code-fact-locked-because"), reason));
        }
        if let Some(reason) = &row.prunable {
            facts.push(Fact::text(cx.t("code-fact-prunable"), reason));
        }
        if let Some(target) = facts_ui(ui, &facts) {
            cx.ask(Intent::Go(target));
        }
        let asked = actions_ui(ui, &actions(cx, workspace, row));
        cx.intents.borrow_mut().extend(asked);
    }

    /// `add:main`, `lock:/path`, `move:/path`, `prune`.
    pub(super) fn open_worktree_form(&mut self, what: &str, cx: &Cx<'_>) {
        let (kind, of) = what.split_once(':').unwrap_or((what, ""));
        let path = GitPath::from_quoted(of);
        self.worktree_form = Some(match kind {
            "add" => {
                let is_branch = !of.is_empty();
                WorktreeForm::Add {
                    kind: if is_branch { Kind::Branch } else { Kind::NewBranch },
                    name: of.to_owned(),
                    from: String::new(),
                    path: String::new(),
                }
            }
            "at" => WorktreeForm::Add {
                kind: Kind::Detached,
                name: of.to_owned(),
                from: String::new(),
                path: String::new(),
            },
            "lock" => WorktreeForm::Lock {
                path,
                reason: String::new(),
            },
            "move" => WorktreeForm::Move {
                to: path.display(),
                path,
            },
            "prune" => {
                if let Some(workspace) = cx.workspace {
                    cx.ask(look(workspace, Ask::Stale));
                }
                WorktreeForm::Prune
            }
            _ => return,
        });
        // The proposed path stands beside the main checkout.
        if let (Some((workspace, repo)), Some(WorktreeForm::Add { .. })) = (super::repo(cx), &self.worktree_form)
            && repo.is_none_or(|repo| !repo.trees.worktrees.is_ready())
        {
            cx.ask(look(workspace, Ask::Worktrees));
        }
    }

    pub(super) fn worktree_form_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let (Some(form), Some((workspace, repo))) = (&mut self.worktree_form, super::repo(cx)) else {
            return;
        };
        let nothing = RepoModel::default();
        let repo = repo.unwrap_or(&nothing);
        let (title, confirm) = match form {
            WorktreeForm::Add { .. } => (cx.t("code-worktree-add-title"), cx.t("code-create")),
            WorktreeForm::Lock { path, .. } => (
                cx.msg(&msg!("code-worktree-lock-title", name = path.file_name())),
                cx.t("code-worktree-lock"),
            ),
            WorktreeForm::Move { path, .. } => (
                cx.msg(&msg!("code-worktree-move-title", name = path.file_name())),
                cx.t("code-worktree-move-do"),
            ),
            WorktreeForm::Prune => (cx.t("code-worktree-prune-title"), cx.t("code-worktree-prune-do")),
        };
        let answer = Dialog::new("code-worktree-form", &title, &confirm).show(ui.ctx(), |ui| fields_ui(ui, cx, repo, form));
        match answer {
            Answer::Open => {}
            Answer::Cancelled => self.worktree_form = None,
            Answer::Confirmed => {
                let act = match self.worktree_form.take() {
                    Some(WorktreeForm::Add { kind, name, from, path }) => WorktreeAct::Add {
                        what: checked_out(kind, &name, &from),
                        path: Some(path.trim()).filter(|path| !path.is_empty()).map(GitPath::from_quoted),
                    },
                    Some(WorktreeForm::Lock { path, reason }) => WorktreeAct::Lock { path, reason },
                    Some(WorktreeForm::Move { path, to }) => WorktreeAct::Move {
                        path,
                        to: GitPath::from_quoted(to.trim()),
                    },
                    Some(WorktreeForm::Prune) => WorktreeAct::Prune,
                    None => return,
                };
                cx.ask(Act::Worktree(act).on(workspace));
            }
        }
    }
}

fn checked_out(kind: Kind, name: &str, from: &str) -> CheckedOut {
    let name = name.trim().to_owned();
    match kind {
        Kind::NewBranch => CheckedOut::NewBranch {
            name,
            from: Some(from.trim().to_owned()).filter(|from| !from.is_empty()),
        },
        Kind::Branch => CheckedOut::Branch { name },
        Kind::Detached => CheckedOut::Detached { revision: name },
    }
}

/// Draws the fields; whether the form may be confirmed.
fn fields_ui(ui: &mut Ui, cx: &Cx<'_>, repo: &RepoModel, form: &mut WorktreeForm) -> bool {
    let mut is_whole = false;
    let response = form_ui(ui, "code-worktree-form", |fields| match form {
        WorktreeForm::Add { kind, name, from, path } => {
            let kinds = [
                (Kind::NewBranch, cx.t("code-worktree-new-branch")),
                (Kind::Branch, cx.t("code-worktree-branch")),
                (Kind::Detached, cx.t("code-worktree-detached")),
            ];
            fields.choice(&cx.t("code-column-checked-out"), kind, &kinds);
            match kind {
                Kind::NewBranch => {
                    fields.text(&cx.t("code-fact-branch"), name, &cx.t("code-branch-name-hint"), None);
                    fields.text(&cx.t("code-branch-from"), from, "HEAD", None);
                }
                Kind::Branch => {
                    let branches = repo.refs.value().map(|refs| refs.branches.as_slice()).unwrap_or_default();
                    let taken = branches.iter().find(|branch| branch.name == name.trim());
                    let taken = taken.and_then(|branch| {
                        let here = branch.is_current.then(|| cx.t("code-is-current"));
                        let there = branch.elsewhere.as_ref();
                        here.or(there.map(|path| cx.msg(&msg!("code-checked-out-in", path = path.display()))))
                    });
                    fields.text(
                        &cx.t("code-fact-branch"),
                        name,
                        &cx.t("code-branch-name-hint"),
                        taken.as_deref(),
                    );
                }
                Kind::Detached => drop(fields.text(&cx.t("code-fact-commit"), name, "HEAD", None)),
            }
            let main = repo.trees.worktrees.value().and_then(|rows| rows.first());
            let proposed = main.filter(|_| !name.trim().is_empty()).map_or_else(String::new, |main| {
                proposed_path(&main.path, checked_out(*kind, name, from).name()).display()
            });
            fields.code(&cx.t("code-column-path"), path, &proposed, None);
            is_whole = !name.trim().is_empty() && (path.trim().is_empty() || path.trim().starts_with('/'));
        }
        WorktreeForm::Lock { reason, .. } => {
            fields.text(
                &cx.t("code-worktree-reason"),
                reason,
                &cx.t("code-worktree-reason-hint"),
                None,
            );
            is_whole = true;
        }
        WorktreeForm::Move { path, to } => {
            fields.code(&cx.t("code-column-path"), to, "", None);
            is_whole = to.trim().starts_with('/') && GitPath::from_quoted(to.trim()) != *path;
        }
        WorktreeForm::Prune => {
            let stale = &repo.trees.stale;
            if stale.is_empty() {
                fields.note(&cx.t("code-worktree-nothing-stale"));
            }
            for entry in stale.iter().take(MAX_LISTED) {
                let words = msg!("code-said-of", what = entry.name.as_str(), words = entry.reason.as_str());
                fields.note(&cx.msg(&words));
            }
            if stale.len() > MAX_LISTED {
                fields.note(&cx.msg(&msg!("code-n-more", n = stale.len() - MAX_LISTED)));
            }
            is_whole = !stale.is_empty();
        }
    });
    response.valid && is_whole
}

fn cell_ui(ui: &mut Ui, cx: &Cx<'_>, row: &WorktreeRow, column: &str) {
    match column {
        "name" => {
            if row.is_current {
                tag_ui(ui, &row.name(), TagLook::Filled);
            } else {
                text::body(ui, &row.name());
            }
            if row.is_main {
                text::small(ui, &cx.t("code-worktree-main"));
            }
        }
        "head" => {
            if row.is_bare {
                text::absent(ui);
            } else if let Some(branch) = &row.branch {
                text::body(ui, branch);
            } else {
                text::mono(ui, &row.head_name());
                text::small(ui, &cx.t("code-detached"));
            }
        }
        "changes" => match &row.summary {
            Some(summary) if summary.is_dirty() => drop(text::body(ui, &changes_words(summary, cx.texts))),
            Some(_) => drop(text::weak(ui, &cx.t("code-clean"))),
            None if row.is_bare || row.prunable.is_some() => drop(text::absent(ui)),
            None => drop(text::weak(ui, "…")),
        },
        "ahead" => {
            let counts = row.summary.as_ref().map(|summary| {
                let count = |sign: char, n: u32| (n > 0).then(|| format!("{sign}{n}"));
                let parts = [count('↑', summary.n_ahead), count('↓', summary.n_behind)];
                parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
            });
            text::body(ui, &counts.unwrap_or_default());
        }
        "state" => {
            if let Some((state, word)) = state_of(cx, row) {
                state_mark::label_small_ui(ui, state, &word);
            }
        }
        _ => drop(text::path(ui, &row.path.display())),
    }
}

fn state_of(cx: &Cx<'_>, row: &WorktreeRow) -> Option<(State, String)> {
    if row.prunable.is_some() {
        return Some((State::Failed, cx.t("code-worktree-stale")));
    }
    if row.summary.as_ref().is_some_and(|summary| summary.operation.is_some()) {
        return Some((State::Degraded, cx.t("code-worktree-under-way")));
    }
    row.locked.as_ref().map(|_| (State::None, cx.t("code-worktree-locked")))
}

fn look(workspace: &Workspace, ask: Ask) -> Intent {
    let workspace = workspace.clone();
    Command::Ask { workspace, ask }.into()
}

pub(super) fn open_intent(path: &GitPath) -> Intent {
    Intent::Ui(UiIntent::OpenFolder(path.to_path_buf()))
}

/// Works in the other checkout from now on.
pub(super) fn open(cx: &Cx<'_>, path: &GitPath) -> Action {
    Action::new("code-open-folder", cx.t("code-open-workspace"), open_intent(path)).icon(icons::FOLDER_OPEN)
}

/// Opens one of the forms.
fn form(what: String) -> Intent {
    Intent::Ui(UiIntent::PageAction(AreaId::Code, format!("worktree:{what}")))
}

/// A new worktree for a branch.
pub(super) fn add_for(cx: &Cx<'_>, branch: &str) -> Action {
    Action::new(
        "code-worktree-add-for",
        cx.t("code-worktree-add-for"),
        form(format!("add:{branch}")),
    )
    .icon(icons::TREE)
}

/// A new worktree at a commit.
pub(super) fn add_at(cx: &Cx<'_>, oid: &str) -> Action {
    Action::new(
        "code-worktree-add-at",
        cx.t("code-worktree-add-for"),
        form(format!("at:{oid}")),
    )
    .icon(icons::TREE)
}

/// What the tab and the palette offer.
pub(super) fn tab_actions(cx: &Cx<'_>) -> Vec<Action> {
    vec![
        Action::new("code-worktree-add", cx.t("code-worktree-add"), form("add".to_owned())).icon(icons::ADD),
        Action::new("code-worktree-prune", cx.t("code-worktree-prune"), form("prune".to_owned())).icon(icons::DELETE),
    ]
}

fn actions(cx: &Cx<'_>, workspace: &Workspace, row: &WorktreeRow) -> Vec<Action> {
    let act = |act: WorktreeAct| Act::Worktree(act).on(workspace).into();
    let path = row.path.clone();
    let name = row.name();
    let mut actions = Vec::new();
    if !row.is_current && row.prunable.is_none() {
        actions.push(open(cx, &row.path));
    }
    let copy = Intent::Ui(UiIntent::Copy(row.path.display()));
    actions.push(Action::new("code-copy-path", cx.t("code-copy-path"), copy).icon(icons::COPY));
    if row.is_main {
        return actions;
    }
    actions.push(if row.locked.is_some() {
        let unlock = WorktreeAct::Unlock { path: path.clone() };
        Action::new("code-worktree-unlock", cx.t("code-worktree-unlock"), act(unlock)).icon(icons::LOCK)
    } else {
        let lock = form(format!("lock:{}", path.quoted()));
        Action::new("code-worktree-lock", cx.t("code-worktree-lock-open"), lock).icon(icons::LOCK)
    });
    let is_locked = row.locked.as_ref().map(|_| cx.t("code-worktree-locked"));
    let is_here = row.is_current.then(|| cx.t("git-current-worktree-hint"));
    let submodules = row.has_submodules.then(|| cx.t("git-worktree-submodules-stay"));
    actions.push(
        Action::new(
            "code-worktree-move",
            cx.t("code-worktree-move"),
            form(format!("move:{}", path.quoted())),
        )
        .icon(icons::RIGHT)
        .disabled_because(is_here.clone().or(is_locked.clone()).or(submodules)),
    );
    let is_gone = row.prunable.is_some();
    let n_changed = row.summary.as_ref().map(|summary| summary.n_changed());
    let loses = n_changed.is_some_and(|n| n > 0) || row.has_submodules;
    let remove = WorktreeAct::Remove { path, is_forced: loses };
    let title = cx.msg(&msg!("code-worktree-remove-title", name = name.as_str()));
    let remove = Action::new("code-worktree-remove", cx.t("code-worktree-remove"), act(remove))
        .icon(icons::DELETE)
        .danger()
        .disabled_because(
            is_here
                .or(is_locked)
                .or((n_changed.is_none() && !is_gone).then(|| cx.t("code-worktree-counting"))),
        );
    actions.push(if loses {
        let mut words = cx.msg(&msg!("code-worktree-remove-dirty", n = n_changed.unwrap_or(0)));
        if row.has_submodules {
            words = format!("{words}\n{}", cx.t("git-worktree-submodules-hint"));
        }
        remove.confirm_typed(title, words, name)
    } else {
        remove.confirm(title, cx.t("code-worktree-remove-text"))
    });
    actions
}
