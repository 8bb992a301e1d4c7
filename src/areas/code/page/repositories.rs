//! The tab Repositories: all of a workspace, what the manifest wants of each, and the way from one to another.

use super::{Page, worktrees};
use crate::areas::code::Command;
use crate::areas::code::cli::text::changes_words;
use crate::areas::code::cli::trees::drift_words;
use crate::areas::code::model::RepoModel;
use crate::areas::code::trees::Ask;
use crate::areas::page::{Action, Cx, Intent, UiIntent};
use crate::base::repo::short_oid;
use crate::base::repos::{Drift, RepoList, RepoRow};
use crate::base::{State, Workspace};
use crate::msg;
use crate::ui::detail::{Fact, Heading, actions_ui, facts_ui, heading_ui, titled_section_ui};
use crate::ui::form::choice_ui;
use crate::ui::page_frame::{LoadableAsk, LoadableView, bar_ui, empty_ui, loadable_ui, problem_card_ui};
use crate::ui::table::{Column, Table, row_key};
use crate::ui::{action, icons, state_mark, text};
use egui::Ui;

/// Problems of a manifest that are shown.
const MAX_PROBLEMS: usize = 3;
/// The way to the others is no wider.
const SWITCHER: f32 = 480.0;

impl Page {
    pub(super) fn repositories_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel) {
        let manifest = self.manifest(workspace);
        let ask = Ask::Repos { manifest };
        self.asked.trees(cx, workspace, &ask, (repo.n_acts, 0));
        self.follow_writing(cx, &repo.trees);
        if self.states.is_comparing() {
            self.compared_states_ui(ui, cx, workspace, &repo.trees);
            return;
        }
        self.manifest_bar_ui(ui, cx, workspace, repo);
        let view = LoadableView {
            icon: icons::LAYERS,
            empty: &cx.t("code-repos-hint"),
            empty_action: None,
            progress: None,
        };
        let is_empty = |repos: &RepoList| repos.rows.is_empty();
        let asked = loadable_ui(ui, &repo.trees.repos, &view, is_empty, |ui, repos| {
            for problem in repos.problems.iter().take(MAX_PROBLEMS) {
                problem_card_ui(ui, problem, false);
            }
            let n_more = repos.problems.len().saturating_sub(MAX_PROBLEMS);
            if n_more > 0 {
                text::weak(ui, &cx.msg(&msg!("code-n-more", n = n_more)));
            }
            if repos.is_cut {
                text::weak(ui, &cx.t("code-repos-cut"));
            }
            self.repository_table_ui(ui, cx, &repos.rows);
        });
        if asked == Some(LoadableAsk::Retry) {
            cx.ask(Command::Ask {
                workspace: workspace.clone(),
                ask,
            });
        }
    }

    /// A folder that is no repository: the way to those below it, or to one of its own. False where there is something else to see.
    pub(super) fn only_repositories_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel) -> bool {
        let is_none = repo
            .status
            .problem()
            .is_some_and(|problem| problem.code == "not-a-repository");
        if !is_none {
            return false;
        }
        let manifest = self.manifest(workspace);
        self.asked.trees(cx, workspace, &Ask::Repos { manifest }, (repo.n_acts, 0));
        let Some(repos) = repo.trees.repos.value() else {
            return false;
        };
        if repos.rows.is_empty() {
            if empty_ui(ui, icons::BRANCH, &cx.t("code-no-repository"), Some(&cx.t("code-init"))) {
                cx.ask(Command::Init {
                    workspace: workspace.clone(),
                });
            }
            return true;
        }
        let words = cx.msg(&msg!("code-only-repositories", n = repos.rows.len()));
        let go = cx.t("code-tab-repositories");
        if empty_ui(ui, icons::LAYERS, &words, Some(&go)) {
            super::go_to(cx, super::REPOSITORIES);
        }
        true
    }

    /// What can be done where the workspace itself is no repository that can be read.
    pub(super) fn actions_without_repository(&self, cx: &Cx<'_>, workspace: &Workspace) -> Vec<Action> {
        let of_all = self.state_actions(cx, workspace).into_iter();
        let mut actions: Vec<Action> = of_all
            .filter(|_| cx.tab == super::REPOSITORIES)
            .map(Action::toolbar)
            .collect();
        actions.push(super::act::refresh(cx, workspace));
        actions
    }

    fn repository_table_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, rows: &[RepoRow]) {
        let words = cx.filter.trim().to_lowercase();
        let shown: Vec<&RepoRow> = rows
            .iter()
            .filter(|row| words.is_empty() || row.path.display().to_lowercase().contains(&words))
            .collect();
        let columns = [
            Column::new("path", cx.t("code-column-repository"), 240.0)
                .min(220.0)
                .fill()
                .unsortable()
                .always(),
            Column::new("head", cx.t("code-column-checked-out"), 110.0).unsortable(),
            Column::new("changes", cx.t("code-column-changes"), 150.0).unsortable(),
            Column::new("ahead", cx.t("code-column-ahead"), 66.0).unsortable(),
            Column::new("wanted", cx.t("code-column-wanted"), 90.0).unsortable(),
            Column::new("drift", cx.t("code-column-drift"), 150.0).unsortable(),
        ];
        let name = cx.t("code-tab-repositories");
        let table = Table::new("code-repositories", &name, &columns, shown.len())
            .single()
            .key(|row| shown.get(row).map_or(0, |row| row_key(&row.path.quoted())))
            .label(|row| shown.get(row).map_or_else(String::new, |row| row.path.display()))
            .menu(|ui, row| {
                if let Some(row) = shown.get(row) {
                    let asked = action::menu_ui(ui, &actions(cx, row));
                    cx.intents.borrow_mut().extend(asked);
                }
            });
        let response = table.show(ui, &mut self.repositories, |ui, row, column| {
            if let Some(row) = shown.get(row) {
                cell_ui(ui, cx, row, columns[column].id);
            }
        });
        if let Some(row) = response.activated.and_then(|row| shown.get(row))
            && row.drift != Drift::NotHere
        {
            cx.ask(worktrees::open_intent(&row.folder));
        }
    }

    pub(super) fn repository_detail_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, repo: &RepoModel) {
        let rows = repo
            .trees
            .repos
            .value()
            .map(|repos| repos.rows.as_slice())
            .unwrap_or_default();
        let chosen = self.repositories.single();
        let Some(row) = rows.iter().find(|row| chosen == Some(row_key(&row.path.quoted()))) else {
            return;
        };
        let state = state_of(cx, row);
        let name = name_of(row, cx.workspace.map_or("", |workspace| workspace.name.as_str()));
        heading_ui(
            ui,
            &Heading {
                icon: icons::LAYERS,
                name: &name,
                note: row.project.as_ref().map_or("", |project| project.name.as_str()),
                state: Some((state.0, state.1.as_str())),
            },
        );
        let mut facts = vec![Fact::path(cx.t("code-column-path"), row.folder.display())];
        if let Some(summary) = &row.summary {
            facts.push(Fact::text(cx.t("code-column-checked-out"), summary.head_name()));
            facts.push(Fact::text(cx.t("code-column-changes"), changes_words(summary, cx.texts)));
        }
        if let Some(project) = &row.project {
            facts.push(Fact::mono(cx.t("code-column-wanted"), &project.revision));
            facts.push(Fact::mono(cx.t("code-address"), &project.url));
            if !project.groups.is_empty() {
                facts.push(Fact::text(cx.t("code-fact-groups"), &project.groups));
            }
        }
        facts_ui(ui, &facts);
        if let Some(problem) = &row.problem {
            problem_card_ui(ui, problem, false);
        }
        let asked = actions_ui(ui, &actions(cx, row));
        cx.intents.borrow_mut().extend(asked);
        let files = row.project.iter().flat_map(|project| &project.files);
        if files.clone().next().is_some() {
            titled_section_ui(ui, &cx.t("code-fact-copied"), "", |ui| {
                for file in files {
                    text::path(ui, &format!("{} → {}", file.src, file.dest));
                }
            });
        }
    }

    /// Where the workspace is one of several that were listed together: the way to the others.
    pub(super) fn switcher_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace) {
        let around = cx.model.devops.infos().iter().find_map(|info| {
            let outer = &info.workspace;
            let repos = cx.model.code.repo(&outer.id)?.trees.repos.value()?;
            let is_one = repos.rows.iter().any(|row| row.folder.to_path_buf() == workspace.root);
            (repos.rows.len() > 1 && is_one).then_some((outer, repos))
        });
        let Some((outer, repos)) = around else { return };
        bar_ui(ui, 34.0, |ui| {
            let here = repos.rows.iter().filter(|row| row.drift != Drift::NotHere);
            let mut choices: Vec<_> = here.map(|row| (row.folder.clone(), name_of(row, &outer.name))).collect();
            if !choices.iter().any(|(folder, _)| folder.to_path_buf() == outer.root) {
                choices.insert(0, (crate::base::GitPath::of_path(&outer.root), outer.name.clone()));
            }
            let mut chosen = crate::base::GitPath::of_path(&workspace.root);
            text::weak(ui, &cx.msg(&msg!("code-repos-of", name = outer.name.as_str())));
            ui.scope(|ui| {
                ui.set_max_width(SWITCHER.min(ui.available_width()));
                if choice_ui(ui, &cx.t("code-column-repository"), &mut chosen, &choices) {
                    cx.ask(worktrees::open_intent(&chosen));
                }
            });
        });
    }
}

/// The workspace itself has its name, what lies in it its path.
fn name_of(row: &RepoRow, workspace: &str) -> String {
    match row.path.display() {
        path if path == "." => workspace.to_owned(),
        path => path,
    }
}

fn cell_ui(ui: &mut Ui, cx: &Cx<'_>, row: &RepoRow, column: &str) {
    match column {
        "path" => {
            let name = cx.workspace.map_or("", |workspace| workspace.name.as_str());
            text::path(ui, &name_of(row, name));
        }
        "head" => match &row.summary {
            Some(summary) => drop(text::body(ui, &summary.head_name())),
            None if row.drift == Drift::NotHere => drop(text::absent(ui)),
            None => drop(text::weak(ui, "…")),
        },
        "changes" => match &row.summary {
            Some(summary) if summary.is_dirty() => drop(text::body(ui, &changes_words(summary, cx.texts))),
            Some(_) => drop(text::weak(ui, &cx.t("code-clean"))),
            None => {}
        },
        "ahead" => {
            if let Some(summary) = &row.summary {
                let count = |sign: char, n: u32| if n > 0 { format!("{sign}{n} ") } else { String::new() };
                text::body(ui, (count('↑', summary.n_ahead) + &count('↓', summary.n_behind)).trim());
            }
        }
        "wanted" => match row.project.as_ref().map(|project| project.revision.as_str()) {
            Some(revision) if revision.len() == 40 => drop(text::mono(ui, short_oid(revision))),
            Some(revision) => drop(text::body(ui, revision)),
            None => drop(text::absent(ui)),
        },
        _ => {
            let (state, word) = state_of(cx, row);
            state_mark::label_small_ui(ui, state, &word);
        }
    }
}

fn state_of(cx: &Cx<'_>, row: &RepoRow) -> (State, String) {
    if row.is_fetching {
        return (State::InProgress, cx.t("code-repo-fetching"));
    }
    if row.problem.is_some() {
        return (State::Failed, cx.t("code-repo-failed"));
    }
    let state = match &row.drift {
        Drift::InStep => State::Done,
        Drift::Apart { .. } | Drift::NoSuchRevision => State::Degraded,
        Drift::NotInManifest | Drift::NotHere => State::None,
    };
    (state, drift_words(&row.drift, cx.texts))
}

fn actions(cx: &Cx<'_>, row: &RepoRow) -> Vec<Action> {
    let mut actions = Vec::new();
    if row.drift != Drift::NotHere
        && cx
            .workspace
            .is_none_or(|workspace| workspace.root != row.folder.to_path_buf())
    {
        actions.push(worktrees::open(cx, &row.folder));
    }
    let copy = Intent::Ui(UiIntent::Copy(row.folder.display()));
    actions.push(Action::new("code-copy-path", cx.t("code-copy-path"), copy).icon(icons::COPY));
    actions
}
