//! The page of Code: what changed, the history, the branches, and what can be taken back.

mod act;
mod asked;
mod banner;
mod blame;
mod branch_acts;
mod branch_dialogs;
mod branches;
mod changes;
mod commit_box;
mod commits;
mod compare;
mod conflict;
mod conflict_lines;
mod detail;
mod difference;
mod files;
mod follow;
mod hosts;
mod keys;
mod look;
mod rebase;
mod repositories;
mod special;
mod stashes;
mod states;
mod submodules;
mod things;
mod todos;
mod tree;
mod uncovered;
mod undo;
mod whole;
mod worktrees;

use super::model::RepoModel;
use super::{Command, DiffKey};
use crate::areas::AreaId;
use crate::areas::page::{Action, Badge, Cx, Intent, Tab, UiIntent, choose_workspace_ui};
use crate::base::{GitPath, Target, Workspace, WorkspaceId};
use crate::msg;
use crate::ui::diff_view::DiffState;
use crate::ui::table::{TableState, row_key};
use crate::ui::tree::TreeState;
use crate::ui::{self, icons};
use egui::{Key, Modifiers};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tree::Side;

const CHANGES: &str = "changes";
const HISTORY: &str = "history";
const BRANCHES: &str = "branches";
const STASHES: &str = "stashes";
const UNDO: &str = "undo";
const CONFLICTS: &str = "conflicts";
const REBASE: &str = "rebase";
const TODOS: &str = "todos";
const WORKTREES: &str = "worktrees";
const SUBMODULES: &str = "submodules";
const REPOSITORIES: &str = "repositories";

/// What the user sees, selects and writes here.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Page {
    tree: TreeState,
    diff: DiffState,
    look: crate::base::diff::DiffLook,
    history: TableState,
    branches: TableState,
    stashes: TableState,
    worktrees: TableState,
    submodules: TableState,
    repositories: TableState,
    undo: TableState,
    todos: TableState,
    #[serde(skip)]
    todos_shown: todos::Shown,
    #[serde(skip)]
    shown: tree::Shown,
    /// The file whose difference is shown.
    #[serde(skip)]
    file: Option<(Side, GitPath)>,
    /// The folder that is chosen instead, with what changed in it.
    #[serde(skip)]
    folder: Option<(Side, GitPath, Vec<GitPath>)>,
    #[serde(skip)]
    draft: commit_box::Draft,
    /// What is written for the workspaces that are not shown; kept over restarts, with the one that is shown.
    drafts: BTreeMap<WorkspaceId, commit_box::Draft>,
    /// What else is half done in the workspaces that are not shown.
    #[serde(skip)]
    begun: BTreeMap<WorkspaceId, Begun>,
    view: commits::View,
    #[serde(skip)]
    commit: Option<String>,
    /// The history, by its generation, in which the chosen commit's row is selected.
    #[serde(skip)]
    chosen_in: u64,
    #[serde(skip)]
    pair: Option<compare::Pair>,
    #[serde(skip)]
    blame: blame::View,
    #[serde(skip)]
    commit_file: Option<DiffKey>,
    /// The commit all of whose differences are shown.
    #[serde(skip)]
    whole: Option<String>,
    #[serde(skip)]
    whole_diff: DiffState,
    /// The commit whose files are listed whole.
    #[serde(skip)]
    whole_files: Option<String>,
    #[serde(skip)]
    names: branches::Shown,
    #[serde(skip)]
    branch: Option<String>,
    #[serde(skip)]
    dialog: Option<branch_dialogs::BranchDialog>,
    /// The plan of an interactive rebase.
    #[serde(skip)]
    rebase: rebase::Draft,
    #[serde(skip)]
    editor: conflict::Editor,
    #[serde(skip)]
    stash_form: Option<stashes::StashForm>,
    #[serde(skip)]
    worktree_form: Option<worktrees::WorktreeForm>,
    #[serde(skip)]
    states: states::States,
    /// Manifests that were chosen instead of those that are found.
    manifests: BTreeMap<WorkspaceId, std::path::PathBuf>,
    #[serde(skip)]
    hosts: hosts::Answered,
    #[serde(skip)]
    pictures: special::View,
    #[serde(skip)]
    submodule_form: Option<submodules::AddForm>,
    #[serde(skip)]
    asked: asked::Asked,
}

/// What waits for the return to a workspace.
#[derive(Default)]
struct Begun {
    rebase: rebase::Draft,
    editor: conflict::Editor,
    /// Acts of the workspace that were told when it was left.
    n_acts: Option<u64>,
}

/// The chosen workspace and what is known of it.
fn repo<'a>(cx: &Cx<'a>) -> Option<(&'a Workspace, Option<&'a RepoModel>)> {
    let workspace = cx.workspace?;
    Some((workspace, cx.model.code.repo(&workspace.id)))
}

/// Whether the selected row is one of these: another workspace has others.
fn has_row<T>(table: &TableState, rows: Option<&Vec<T>>, key: impl Fn(&T) -> u64) -> bool {
    let chosen = table.single();
    chosen.is_some() && rows.is_some_and(|rows| rows.iter().any(|row| chosen == Some(key(row))))
}

/// Opens a tab of this page.
fn go_to(cx: &Cx<'_>, tab: &str) {
    cx.ask(Intent::Go(Target::Page {
        area: AreaId::Code.word().to_owned(),
        tab: Some(tab.to_owned()),
    }));
}

/// The dialog of a search for the commit that broke something, which Build has, with one of its ends.
fn go_to_search(cx: &Cx<'_>, end: &str, oid: &str) {
    cx.ask(Intent::Go(Target::Page {
        area: AreaId::Build.word().to_owned(),
        tab: Some("bisect".to_owned()),
    }));
    cx.ask(Intent::Ui(UiIntent::PageAction(AreaId::Build, format!("bisect:{end}:{oid}"))));
}

impl Page {
    /// Another workspace was chosen: nothing of the one before is shown, and what was begun there waits for its return.
    fn follow_workspace(&mut self, cx: &Cx<'_>) {
        let Some((workspace, repo)) = repo(cx) else { return };
        if self.asked.workspace.as_ref() == Some(&workspace.id) {
            return;
        }
        self.leave_workspace();
        let begun = self.begun.remove(&workspace.id).unwrap_or_default();
        let n_acts = begun.n_acts.unwrap_or_else(|| repo.map_or(0, |repo| repo.n_acts));
        self.asked = asked::Asked::of(&workspace.id, n_acts);
        self.file = None;
        self.commit = None;
        self.commit_file = None;
        self.branch = None;
        self.pair = None;
        self.blame.close();
        self.chosen_in = 0;
        self.history.clear_selection();
        self.dialog = None;
        self.states = states::States::default();
        self.rebase = begun.rebase;
        self.editor = begun.editor;
        self.draft = self.drafts.remove(&workspace.id).unwrap_or_default();
        if repo.is_none_or(|repo| repo.watching.is_none()) {
            cx.ask(Command::Watch {
                workspace: workspace.clone(),
            });
        }
        cx.ask(Command::LoadUndo {
            workspace: workspace.clone(),
        });
    }

    /// What is written and half done is put aside.
    fn leave_workspace(&mut self) {
        let Some(id) = self.asked.workspace.clone() else { return };
        let draft = std::mem::take(&mut self.draft);
        if !draft.is_empty() {
            self.drafts.insert(id.clone(), draft);
        }
        let begun = Begun {
            rebase: std::mem::take(&mut self.rebase),
            editor: std::mem::take(&mut self.editor),
            n_acts: Some(self.asked.n_acts),
        };
        self.begun.insert(id, begun);
    }

    fn has_conflict_chosen(&self, status: Option<&crate::base::repo::Status>) -> bool {
        let chosen = self.file.as_ref().zip(status);
        chosen.is_some_and(|((side, path), status)| changes::is_in_conflict(status, *side, path))
    }
}

impl crate::areas::page::Page for Page {
    fn actions(&self, cx: &Cx<'_>) -> Vec<Action> {
        let Some((workspace, repo)) = repo(cx) else {
            return Vec::new();
        };
        let status = repo.and_then(|repo| repo.status.value());
        let summary = status.map(|status| &status.summary);
        if summary.is_none() {
            return self.actions_without_repository(cx, workspace);
        }
        let mut actions = Vec::new();
        let known = repo.map(|repo| &repo.branching);
        if let Some(operation) = known.and_then(|known| known.operation.as_ref()) {
            let steps = banner::actions(cx, workspace, operation);
            actions.extend(steps.into_iter().map(Action::palette_only));
        }
        match (cx.tab, repo) {
            (REBASE, _) => {
                actions.extend(self.rebase_actions(cx, workspace));
                return actions;
            }
            (CONFLICTS, Some(repo)) => actions.extend(self.conflict_actions(cx, workspace, repo)),
            (CHANGES, Some(repo)) if self.has_conflict_chosen(status) => {
                actions.extend(self.conflict_actions(cx, workspace, repo));
            }
            _ => {}
        }
        let ([fetch, pull, push], ways_to_pull) = act::transfers(cx, workspace, summary);
        match cx.tab {
            HISTORY => actions.extend([fetch.toolbar(), pull, push]),
            BRANCHES => {
                actions.extend([fetch.toolbar(), pull, push]);
                actions.extend(branches::tab_actions(cx));
            }
            CONFLICTS => actions.extend([fetch, pull, push].map(Action::palette_only)),
            STASHES => {
                let is_dirty = summary.is_some_and(crate::base::repo::RepoSummary::is_dirty);
                actions.push(stashes::push(cx, is_dirty).primary());
                actions.extend([fetch, pull, push]);
            }
            UNDO => actions.extend([fetch, pull, push]),
            WORKTREES | SUBMODULES | REPOSITORIES => actions.extend([fetch, pull, push].map(Action::palette_only)),
            _ => actions.extend([pull.toolbar(), push.toolbar(), fetch]),
        }
        actions.extend(ways_to_pull);
        let steps = undo::next_steps(cx, workspace, repo);
        actions.extend(steps.map(|step| if cx.tab == UNDO { step.toolbar() } else { step.palette_only() }));
        let new_branch = UiIntent::PageAction(AreaId::Code, "new-branch:".to_owned());
        let new_branch = Action::new("code-new-branch", cx.t("code-new-branch"), Intent::Ui(new_branch)).icon(icons::ADD);
        actions.push(if cx.tab == BRANCHES {
            new_branch.primary()
        } else {
            new_branch
        });
        for (tab, acts) in [
            (WORKTREES, worktrees::tab_actions(cx)),
            (SUBMODULES, submodules::tab_actions(cx, workspace)),
            (REPOSITORIES, self.state_actions(cx, workspace)),
        ] {
            let is_here = cx.tab == tab;
            let place = |action: Action| if is_here { action.toolbar() } else { action.palette_only() };
            actions.extend(acts.into_iter().map(place));
        }
        let why = self.draft.obstacle(status, cx);
        actions.push(
            Action::new("code-commit", cx.t("code-commit"), act::commit(workspace, &self.draft))
                .icon(icons::COMMIT)
                .shortcut(Modifiers::COMMAND, Key::Enter)
                .disabled_because(why)
                .palette_only(),
        );
        actions.extend([act::stage_others(cx, workspace), act::unstage_all(cx, workspace)]);
        if let Some((side, path)) = &self.file
            && status.is_some_and(|status| changes::is_there(status, *side, path))
            && cx.tab == CHANGES
        {
            let files = files::actions(cx, workspace, *side, std::slice::from_ref(path));
            actions.extend(files.into_iter().map(Action::palette_only));
        }
        actions.extend(self.look_actions(cx).into_iter().map(Action::palette_only));
        actions.push(act::refresh(cx, workspace));
        actions
    }

    fn subtitle(&self, cx: &Cx<'_>) -> String {
        let Some((_, Some(repo))) = repo(cx) else {
            return String::new();
        };
        match cx.tab {
            HISTORY if repo.history.query.is_search() => cx.msg(&msg!("code-n-found", n = repo.history.n_rows())),
            HISTORY => repo.history.outline.value().map_or_else(String::new, |outline| {
                let n = outline.n_rows;
                cx.msg(&if outline.is_whole {
                    msg!("code-n-commits", n = n)
                } else {
                    msg!("code-n-commits-more", n = n)
                })
            }),
            BRANCHES => repo.refs.value().map_or_else(String::new, |refs| {
                cx.msg(&msg!("code-n-names", branches = refs.branches.len(), tags = refs.tags.len()))
            }),
            _ => repo
                .status
                .value()
                .map_or_else(String::new, |status| super::cli::text::summary(&status.summary, cx.texts)),
        }
    }

    fn tabs(&self, cx: &Cx<'_>) -> Vec<Tab> {
        let Some((_, repo)) = repo(cx) else { return Vec::new() };
        let status = repo.and_then(|repo| repo.status.value());
        let refs = repo.and_then(|repo| repo.refs.value());
        let undo = repo.and_then(|repo| repo.undo.value());
        let todos = repo.and_then(|repo| repo.todos.value());
        let tab = |id: &'static str, key: &str, count: Option<u64>| Tab {
            id,
            label: cx.t(key),
            count: count.filter(|count| *count > 0),
        };
        let mut tabs = vec![
            tab(CHANGES, "code-tab-changes", status.map(crate::base::repo::Status::n_paths)),
            tab(HISTORY, "code-tab-history", None),
            tab(
                BRANCHES,
                "code-tab-branches",
                refs.map(|refs| refs.branches.iter().filter(|branch| !branch.is_remote).count() as u64),
            ),
            tab(
                STASHES,
                "code-tab-stashes",
                repo.and_then(|repo| repo.stashes.value()).map(|stashes| stashes.len() as u64),
            ),
            tab(UNDO, "code-tab-undo", undo.map(|undo| undo.len() as u64)),
            tab(TODOS, "code-tab-todos", todos.map(|todos| todos.len() as u64)),
        ];
        let worktrees = repo.and_then(|repo| repo.trees.worktrees.value());
        tabs.push(tab(
            WORKTREES,
            "code-tab-worktrees",
            worktrees.map(|rows| rows.len() as u64).filter(|n| *n > 1),
        ));
        let submodules = repo.and_then(|repo| repo.trees.submodules.value());
        tabs.push(tab(
            SUBMODULES,
            "code-tab-submodules",
            submodules.map(|rows| rows.len() as u64),
        ));
        let repos = repo.and_then(|repo| repo.trees.repos.value());
        tabs.push(tab(
            REPOSITORIES,
            "code-tab-repositories",
            repos.map(|repos| repos.rows.len() as u64).filter(|n| *n > 1),
        ));
        let n_conflicts = repo.map_or(0, |repo| repo.branching.conflicts.len());
        if n_conflicts > 0 {
            // What has to be done next stands beside the changes.
            tabs.insert(1, tab(CONFLICTS, "code-tab-conflicts", Some(n_conflicts as u64)));
        }
        if self.rebase.is_open() {
            tabs.push(tab(REBASE, "code-tab-rebase", None));
        }
        tabs
    }

    fn filter_hint(&self, cx: &Cx<'_>) -> Option<String> {
        cx.workspace?;
        match cx.tab {
            CHANGES => Some(cx.t("code-filter-files")),
            HISTORY => Some(cx.t("code-filter-commits")),
            BRANCHES => Some(cx.t("code-filter-branches")),
            TODOS => Some(cx.t("code-filter-todos")),
            REPOSITORIES => Some(cx.t("code-filter-repositories")),
            _ => None,
        }
    }

    fn keys(&self, cx: &Cx<'_>) -> Vec<(String, String)> {
        keys::of_tab(cx)
    }

    fn body_ui(&mut self, ui: &mut ui::Ui, cx: &Cx<'_>) {
        let Some((workspace, repo)) = repo(cx) else {
            choose_workspace_ui(ui, cx, icons::CODE, &cx.t("code-choose-workspace"));
            return;
        };
        self.follow_workspace(cx);
        let nothing = RepoModel::default();
        let repo = repo.unwrap_or(&nothing);
        self.follow_acts(cx, workspace, repo);
        self.switcher_ui(ui, cx, workspace);
        self.banner_ui(ui, cx, workspace, &repo.branching);
        // Nothing has failed where repositories stand below the folder.
        if !matches!(cx.tab, REPOSITORIES | TODOS) && self.only_repositories_ui(ui, cx, workspace, repo) {
            return;
        }
        match cx.tab {
            HISTORY => self.history_ui(ui, cx, workspace, repo),
            BRANCHES => {
                self.asked.refs(cx, workspace, repo.n_readings);
                self.branches_ui(ui, cx, workspace, repo);
            }
            STASHES => self.stashes_ui(ui, cx, workspace, repo),
            UNDO => self.undo_ui(ui, cx, workspace, repo),
            CONFLICTS => self.conflicts_ui(ui, cx, workspace, repo),
            REBASE => self.rebase_ui(ui, cx, workspace, repo),
            TODOS => self.todos_ui(ui, cx, workspace, repo),
            WORKTREES => self.worktrees_ui(ui, cx, workspace, repo),
            SUBMODULES => self.submodules_ui(ui, cx, workspace, repo),
            REPOSITORIES => self.repositories_ui(ui, cx, workspace, repo),
            _ => self.changes_ui(ui, cx, workspace, repo),
        }
    }

    fn has_detail(&self, cx: &Cx<'_>) -> bool {
        let Some((_, Some(repo))) = repo(cx) else { return false };
        match cx.tab {
            CHANGES => self.file.is_some() || repo.undo.value().is_some_and(|undo| !undo.is_empty()),
            HISTORY => self.commit.is_some() || self.pair.is_some(),
            BRANCHES => self.branch.is_some(),
            STASHES => has_row(&self.stashes, repo.stashes.value(), |row| row_key(&row.oid)),
            WORKTREES => has_row(&self.worktrees, repo.trees.worktrees.value(), |row| {
                row_key(&row.path.quoted())
            }),
            SUBMODULES => has_row(&self.submodules, repo.trees.submodules.value(), |row| {
                row_key(&row.path.quoted())
            }),
            REPOSITORIES if self.states.is_comparing() => false,
            REPOSITORIES => {
                let rows = repo.trees.repos.value().map(|repos| &repos.rows);
                has_row(&self.repositories, rows, |row| row_key(&row.path.quoted()))
            }
            UNDO => has_row(&self.undo, repo.undo.value(), |entry| entry.id),
            _ => false,
        }
    }

    fn detail_ui(&mut self, ui: &mut ui::Ui, cx: &Cx<'_>) {
        let Some((workspace, Some(repo))) = repo(cx) else { return };
        match cx.tab {
            CHANGES => self.file_detail_ui(ui, cx, workspace, repo),
            HISTORY => match self.pair.clone() {
                Some(pair) => self.comparison_ui(ui, cx, workspace, repo, &pair),
                None => self.commit_detail_ui(ui, cx, workspace, repo),
            },
            BRANCHES => self.branch_detail_ui(ui, cx, workspace, repo),
            STASHES => self.stash_detail_ui(ui, cx, workspace, repo),
            WORKTREES => self.worktree_detail_ui(ui, cx, workspace, repo),
            SUBMODULES => self.submodule_detail_ui(ui, cx, workspace, repo),
            REPOSITORIES => self.repository_detail_ui(ui, cx, repo),
            UNDO => self.undo_detail_ui(ui, cx, workspace, repo),
            _ => {}
        }
    }

    fn dialog_ui(&mut self, ui: &mut ui::Ui, cx: &Cx<'_>) {
        self.branch_dialog_ui(ui, cx);
        self.stash_form_ui(ui, cx);
        self.worktree_form_ui(ui, cx);
        self.submodule_form_ui(ui, cx);
        self.state_form_ui(ui, cx);
        self.host_dialog_ui(ui, cx);
    }

    fn on_open(&mut self, cx: &Cx<'_>) {
        self.follow_workspace(cx);
    }

    fn on_action(&mut self, id: &str, cx: &Cx<'_>) {
        self.on_history_action(id, cx);
        if let Some(what) = id.strip_prefix("stash:") {
            return self.open_stash_form(what);
        }
        if id == "submodule:add" {
            self.submodule_form = Some(submodules::AddForm::default());
            return;
        }
        if let Some(what) = id.strip_prefix("repos:") {
            return self.open_state_form(what, cx);
        }
        if let Some(what) = id.strip_prefix("worktree:") {
            return self.open_worktree_form(what, cx);
        }
        let _is_known = self.rebase_action(id, cx) || self.conflict_action(id) || self.open_dialog(id, cx);
    }

    fn on_picked(&mut self, purpose: &str, path: std::path::PathBuf, cx: &Cx<'_>) {
        self.on_state_picked(purpose, path, cx);
    }

    fn reveal(&mut self, target: &Target, cx: &Cx<'_>) {
        self.follow_workspace(cx);
        match target {
            Target::Commit { oid, .. } => {
                self.commit = Some(oid.clone());
                self.commit_file = None;
                self.pair = None;
                self.chosen_in = 0;
            }
            Target::ChangedFile { path, .. } => {
                let path = GitPath::from_quoted(path);
                let status = repo(cx).and_then(|(_, repo)| repo?.status.value());
                let is_staged_only = status.is_some_and(|status| !changes::is_there(status, Side::Unstaged, &path));
                changes::reveal(self, if is_staged_only { Side::Staged } else { Side::Unstaged }, path);
            }
            _ => {}
        }
    }

    fn tab_of(&self, target: &Target) -> Option<&'static str> {
        match target {
            Target::Commit { .. } => Some(HISTORY),
            Target::ChangedFile { .. } => Some(CHANGES),
            _ => None,
        }
    }

    fn learn(&self, cx: &Cx<'_>) {
        if let Some(workspace) = cx.workspace {
            things::learn(cx, workspace);
        }
    }

    fn things(&self, cx: &Cx<'_>) -> Vec<(String, Target)> {
        let Some((workspace, Some(repo))) = repo(cx) else {
            return Vec::new();
        };
        things::things(cx, workspace, repo)
    }

    fn searches(&self, cx: &Cx<'_>) -> Vec<(&'static str, &'static str)> {
        cx.workspace.map(|_| (HISTORY, "code-search-commits")).into_iter().collect()
    }

    fn badge(&self, cx: &Cx<'_>) -> Option<Badge> {
        let (_, repo) = repo(cx)?;
        let count = repo?.status.value()?.n_paths();
        (count > 0).then_some(Badge { count, state: None })
    }

    fn save(&self) -> serde_json::Value {
        let mut saved = serde_json::to_value(self).unwrap_or_default();
        if let (Some(id), false) = (&self.asked.workspace, self.draft.is_empty()) {
            saved["drafts"][&id.0] = serde_json::to_value(&self.draft).unwrap_or_default();
        }
        saved
    }

    fn load(&mut self, saved: serde_json::Value) {
        if let Ok(page) = serde_json::from_value(saved) {
            *self = page;
        }
    }
}
