//! The tab Repositories: which manifest counts, freezing the exact commits of all, and comparing two frozen states or manifests.

use super::Page;
use crate::areas::AreaId;
use crate::areas::code::Command;
use crate::areas::code::model::RepoModel;
use crate::areas::code::trees::{Ask, Trees};
use crate::areas::page::{Action, Cx, Intent, UiIntent};
use crate::base::repo::short_oid;
use crate::base::repos::{Frozen, RepoDiff};
use crate::base::{State, Workspace, WriteTo};
use crate::msg;
use crate::ui::button::Button;
use crate::ui::dialog::{Answer, Dialog};
use crate::ui::form::{Form, form_ui};
use crate::ui::page_frame::{LoadableAsk, LoadableView, bar_ui, loadable_ui};
use crate::ui::tokens::measure;
use crate::ui::{icons, state_mark, text};
use egui::{Align, Layout, ScrollArea, Ui};
use std::path::{Path, PathBuf};

/// Repositories of which a dialog says that nobody else could check them out.
const MAX_WARNED: usize = 8;

/// The dialog that is open, and what is compared.
#[derive(Default)]
pub(super) struct States {
    form: Option<StateForm>,
    /// What is compared: a manifest or frozen state, and another one or None for what is checked out.
    compared: Option<(PathBuf, Option<PathBuf>)>,
    /// A file is being written: states that were frozen until then.
    writing: Option<u64>,
}

enum StateForm {
    /// Where it is written.
    Freeze(String),
    Compare {
        from: String,
        to: String,
    },
}

impl States {
    pub(super) fn is_comparing(&self) -> bool {
        self.compared.is_some()
    }
}

impl Page {
    /// The chosen manifest of a workspace; None is the one that is found.
    pub(super) fn manifest(&self, workspace: &Workspace) -> Option<PathBuf> {
        self.manifests.get(&workspace.id).cloned()
    }

    /// What the tab and the palette offer.
    pub(super) fn state_actions(&self, cx: &Cx<'_>, workspace: &Workspace) -> Vec<Action> {
        let ask = |ask| {
            let workspace = workspace.clone();
            Intent::from(Command::Ask { workspace, ask })
        };
        let open = |what: &str| Intent::Ui(UiIntent::PageAction(AreaId::Code, format!("repos:{what}")));
        let manifest = self.manifest(workspace);
        let fetch = ask(Ask::FetchRepos {
            manifest: manifest.clone(),
        });
        vec![
            Action::new("code-repos-fetch", cx.t("code-repos-fetch"), fetch).icon(icons::DOWNLOAD),
            Action::new("code-repos-freeze", cx.t("code-repos-freeze"), open("freeze")).icon(icons::LOCK),
            Action::new("code-repos-compare", cx.t("code-repos-compare"), open("compare")).icon(icons::HISTORY),
            Action::new("code-repos-read", cx.t("code-repos-read"), ask(Ask::Repos { manifest })).icon(icons::REFRESH),
        ]
    }

    pub(super) fn open_state_form(&mut self, what: &str, cx: &Cx<'_>) {
        let Some(workspace) = cx.workspace else { return };
        match what {
            "freeze" => {
                // What it would write, and what is wrong with it, is looked at first.
                cx.ask(Command::Ask {
                    workspace: workspace.clone(),
                    ask: Ask::FreezeRepos {
                        manifest: self.manifest(workspace),
                        to: None,
                    },
                });
                self.states.form = Some(StateForm::Freeze("frozen.xml".to_owned()));
            }
            "compare" => {
                let (from, to) = match &self.states.compared {
                    Some((from, to)) => (from.clone(), to.clone()),
                    None => (self.manifest(workspace).unwrap_or_default(), None),
                };
                self.states.form = Some(StateForm::Compare {
                    from: below(workspace, &from),
                    to: to.map(|to| below(workspace, &to)).unwrap_or_default(),
                });
            }
            "found" => self.choose_manifest(cx, workspace, None),
            _ => {}
        }
    }

    /// A file was picked for this tab.
    pub(super) fn on_state_picked(&mut self, purpose: &str, path: PathBuf, cx: &Cx<'_>) {
        let Some(workspace) = cx.workspace else { return };
        match (purpose, &mut self.states.form) {
            ("repos-manifest", _) => self.choose_manifest(cx, workspace, Some(path)),
            ("repos-from", Some(StateForm::Compare { from, .. })) => *from = below(workspace, &path),
            ("repos-to", Some(StateForm::Compare { to, .. })) => *to = below(workspace, &path),
            _ => {}
        }
    }

    fn choose_manifest(&mut self, cx: &Cx<'_>, workspace: &Workspace, manifest: Option<PathBuf>) {
        match &manifest {
            Some(file) => self.manifests.insert(workspace.id.clone(), file.clone()),
            None => self.manifests.remove(&workspace.id),
        };
        cx.ask(Command::Ask {
            workspace: workspace.clone(),
            ask: Ask::Repos { manifest },
        });
    }

    /// Which manifest counts, and the way to another one.
    pub(super) fn manifest_bar_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel) {
        let chosen = self.manifest(workspace);
        let known = repo.trees.repos.value().and_then(|repos| repos.manifest.clone());
        bar_ui(ui, 34.0, |ui| {
            text::weak(ui, &cx.t("code-manifest"));
            match (&known, &chosen) {
                (Some(known), _) => drop(text::path(ui, known)),
                (None, Some(chosen)) => drop(text::path(ui, &below(workspace, chosen))),
                (None, None) => drop(text::weak(ui, &cx.t("code-manifest-none"))),
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = measure::SPACE_8;
                let choose = cx.t("code-manifest-choose");
                if ui.add(Button::new(&choose).small()).clicked() {
                    cx.ask(Intent::Ui(UiIntent::PickFile(AreaId::Code, "repos-manifest".to_owned())));
                }
                let found = cx.t("code-manifest-found");
                if chosen.is_some() && ui.add(Button::new(&found).small()).clicked() {
                    self.choose_manifest(cx, workspace, None);
                }
            });
        });
    }

    pub(super) fn state_form_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let Some((workspace, repo)) = super::repo(cx) else { return };
        let Some(form) = &mut self.states.form else { return };
        let (title, confirm) = match form {
            StateForm::Freeze(_) => ("code-repos-freeze-title", "code-repos-freeze-do"),
            StateForm::Compare { .. } => ("code-repos-compare-title", "code-repos-compare-do"),
        };
        let (title, confirm) = (cx.t(title), cx.t(confirm));
        let dialog = Dialog::new("code-repos-form", &title, &confirm).width(520.0);
        let trees = repo.map(|repo| &repo.trees);
        let answer = dialog.show(ui.ctx(), |ui| {
            let mut is_whole = false;
            let response = form_ui(ui, "code-repos-form", |fields| {
                is_whole = match form {
                    StateForm::Freeze(to) => freeze_fields(fields, cx, to, trees),
                    StateForm::Compare { from, to } => compare_fields(fields, cx, from, to),
                };
            });
            response.valid && is_whole
        });
        if answer == Answer::Open {
            return;
        }
        let form = self.states.form.take();
        if answer == Answer::Cancelled {
            return;
        }
        let ask = match form {
            Some(StateForm::Freeze(to)) => {
                self.states.writing = Some(trees.map_or(0, |trees| trees.n_frozen));
                Ask::FreezeRepos {
                    manifest: self.manifest(workspace),
                    to: Some(WriteTo::new(workspace.root.join(to.trim()), false)),
                }
            }
            Some(StateForm::Compare { from, to }) => {
                let from = workspace.root.join(from.trim());
                let to = Some(to.trim()).filter(|to| !to.is_empty()).map(|to| workspace.root.join(to));
                self.states.compared = Some((from.clone(), to.clone()));
                Ask::CompareRepos { from, to }
            }
            None => return,
        };
        cx.ask(Command::Ask {
            workspace: workspace.clone(),
            ask,
        });
    }

    /// The file that was to be written stands there.
    pub(super) fn follow_writing(&mut self, cx: &Cx<'_>, trees: &Trees) {
        let Some(n_before) = self.states.writing else { return };
        let (true, Some(file)) = (trees.n_frozen > n_before, &trees.frozen.file) else {
            return;
        };
        self.states.writing = None;
        cx.ask(Intent::Ui(UiIntent::Toast {
            text: cx.msg(&msg!("code-repos-frozen", path = file.as_str())),
            word: None,
            undo: None,
        }));
    }

    /// The repositories that differ between two states, each with the commits that came in between.
    pub(super) fn compared_states_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, trees: &Trees) {
        let Some((from, to)) = self.states.compared.clone() else {
            return;
        };
        let mut is_closed = false;
        bar_ui(ui, 34.0, |ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = measure::SPACE_8;
                let close = cx.t("code-compare-end");
                is_closed = ui.add(Button::new(&close).small()).clicked();
                let other = cx.t("code-repos-compare");
                if ui.add(Button::new(&other).small()).clicked() {
                    self.open_state_form("compare", cx);
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    text::path(ui, &below(workspace, &from));
                    text::weak(ui, "→");
                    match &to {
                        Some(to) => drop(text::path(ui, &below(workspace, to))),
                        None => drop(text::weak(ui, &cx.t("code-repos-checked-out"))),
                    }
                });
            });
        });
        let view = LoadableView {
            icon: icons::LAYERS,
            empty: &cx.t("code-repos-same"),
            empty_action: None,
            progress: None,
        };
        let is_empty = |diffs: &Vec<RepoDiff>| diffs.is_empty();
        let asked = loadable_ui(ui, &trees.repos_diff, &view, is_empty, |ui, diffs| {
            ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
                for diff in diffs {
                    diff_ui(ui, cx, diff);
                }
            });
        });
        if asked == Some(LoadableAsk::Retry) {
            cx.ask(Command::Ask {
                workspace: workspace.clone(),
                ask: Ask::CompareRepos { from, to },
            });
        }
        if is_closed {
            self.states.compared = None;
        }
    }
}

fn freeze_fields(form: &mut Form<'_>, cx: &Cx<'_>, to: &mut String, trees: Option<&Trees>) -> bool {
    form.code(&cx.t("code-repos-file"), to, "frozen.xml", None);
    form.note(&cx.t("code-repos-freeze-note"));
    let Some(frozen) = trees.map(|trees| &trees.frozen).filter(|frozen| !frozen.text.is_empty()) else {
        form.note(&cx.t("code-preview-wait"));
        return false;
    };
    let ui = form.ui();
    ui.add_space(measure::SPACE_4);
    let n = frozen.repositories.len();
    state_mark::label_ui(ui, State::Done, &cx.msg(&msg!("code-repos-n-frozen", n = n)));
    let doubtful: Vec<&Frozen> = frozen
        .repositories
        .iter()
        .filter(|one| one.is_dirty || one.is_unpushed)
        .collect();
    for one in doubtful.iter().take(MAX_WARNED) {
        for (is_so, key) in [(one.is_dirty, "code-frozen-dirty"), (one.is_unpushed, "code-frozen-unpushed")] {
            if is_so {
                let words = msg!("code-said-of", what = one.path.as_str(), words = cx.t(key));
                state_mark::label_small_ui(ui, State::Degraded, &cx.msg(&words));
            }
        }
    }
    if doubtful.len() > MAX_WARNED {
        text::small(ui, &cx.msg(&msg!("code-n-more", n = doubtful.len() - MAX_WARNED)));
    }
    let copy = cx.t("code-repos-copy");
    if ui.add(Button::new(&copy).small().icon(icons::COPY)).clicked() {
        cx.ask(Intent::Ui(UiIntent::Copy(frozen.text.clone())));
    }
    !to.trim().is_empty()
}

fn compare_fields(form: &mut Form<'_>, cx: &Cx<'_>, from: &mut String, to: &mut String) -> bool {
    form.code(&cx.t("code-compare-from"), from, "frozen.xml", None);
    pick_ui(form, cx, "repos-from");
    form.code(&cx.t("code-compare-to"), to, &cx.t("code-repos-checked-out"), None);
    pick_ui(form, cx, "repos-to");
    form.note(&cx.t("code-repos-compare-note"));
    !from.trim().is_empty()
}

fn pick_ui(form: &mut Form<'_>, cx: &Cx<'_>, purpose: &str) {
    let (word, name) = (cx.t("code-manifest-choose"), cx.t(purpose_key(purpose)));
    if form.ui().add(Button::new(&word).small().hover(&name)).clicked() {
        cx.ask(Intent::Ui(UiIntent::PickFile(AreaId::Code, purpose.to_owned())));
    }
    form.ui().add_space(measure::SPACE_8);
}

fn purpose_key(purpose: &str) -> &'static str {
    if purpose == "repos-from" {
        "code-compare-from"
    } else {
        "code-compare-to"
    }
}

fn diff_ui(ui: &mut Ui, cx: &Cx<'_>, diff: &RepoDiff) {
    let name = |revision: &Option<String>| match revision.as_deref() {
        Some(oid) if oid.len() == 40 => short_oid(oid).to_owned(),
        Some(name) => name.to_owned(),
        None => "–".to_owned(),
    };
    egui::Frame::new()
        .inner_margin(egui::Margin::symmetric(16, 8))
        .show(ui, |ui| {
            ui.horizontal(|ui| {
                text::strong(ui, &diff.path);
                text::mono(ui, &format!("{} → {}", name(&diff.from), name(&diff.to)));
                match (&diff.from, &diff.to) {
                    (None, _) => state_mark::label_small_ui(ui, State::Done, &cx.t("code-repos-added")),
                    (_, None) => state_mark::label_small_ui(ui, State::None, &cx.t("code-repos-removed")),
                    _ => ui.response(),
                };
            });
            for commit in &diff.commits {
                ui.horizontal(|ui| {
                    text::mono(ui, if commit.is_removed { "−" } else { "+" });
                    text::mono(ui, short_oid(&commit.oid));
                    text::body(ui, &commit.summary);
                });
            }
            if diff.n_unlisted > 0 {
                text::small(ui, &cx.msg(&msg!("code-n-more", n = diff.n_unlisted)));
            }
        });
}

/// The path as it is said: below the workspace where it is there.
fn below(workspace: &Workspace, path: &Path) -> String {
    path.strip_prefix(&workspace.root).unwrap_or(path).display().to_string()
}
