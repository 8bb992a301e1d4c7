//! The detail panel of Code: facts of the selected file, commit or branch, its acts, its thread, and what can be taken back.

use super::changes::is_there;
use super::commits::weather_ui;
use super::tree::Side;
use super::undo::take_back;
use super::{Page, branch_acts, files};
use crate::areas::code::act::Act;
use crate::areas::code::chain::words_like_ids;
use crate::areas::code::cli::text::undo_title;
use crate::areas::code::model::RepoModel;
use crate::areas::code::{DiffKey, Weather};
use crate::areas::page::{Cx, Intent, UiIntent};
use crate::base::diff::{DiffContent, DiffLook, DiffOf};
use crate::base::git_act::GitAct;
use crate::base::repo::{Change, CommitDetail, CommitFile};
use crate::base::{GitPath, Target, Workspace, format};
use crate::msg;
use crate::ui::button::{MenuEntry, context_menu_ui, menu_entry_ui};
use crate::ui::detail::{
    Fact, Heading, UndoRow, actions_ui, facts_ui, heading_ui, section_ui, thread_ui, titled_section_ui, undo_ui,
};
use crate::ui::page_frame::{LoadableView, loadable_ui};
use crate::ui::text::{self, Cut, Look};
use crate::ui::theme::font;
use crate::ui::tokens::Tokens;
use crate::ui::{icons, keys, state_mark};
use egui::{Align, Layout, Ui};

/// Undo entries beside the changes; the tab Undo has all of them.
const FEW: usize = 6;
/// Files of a commit before its acts, unless all were asked for.
const FEW_FILES: usize = 12;

impl Page {
    pub(super) fn file_detail_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel) {
        let status = repo.status.value();
        let chosen = self
            .file
            .clone()
            .filter(|(side, path)| status.is_some_and(|status| is_there(status, *side, path)));
        if let (Some((side, path)), Some(status)) = (&chosen, status) {
            let entry = status.holding(path);
            let change = entry.and_then(|entry| if *side == Side::Staged { entry.staged } else { entry.unstaged });
            let half = match side {
                Side::Unstaged => cx.t("code-not-staged"),
                Side::Staged => cx.t("code-is-staged"),
            };
            let name = path.file_name();
            heading_ui(
                ui,
                &Heading {
                    icon: icons::FILE,
                    name: &name,
                    note: &half,
                    state: None,
                },
            );
            let mut facts = vec![Fact::path(cx.t("code-fact-path"), path.display())];
            facts.extend(change.map(|change| Fact::text(cx.t("code-fact-change"), cx.t(files::change_key(change)))));
            if let Some(letters) = entry.and_then(|entry| entry.conflict.as_ref()) {
                facts.push(Fact::mono(cx.t("code-fact-conflict"), letters));
            }
            let diff = repo
                .diff
                .as_ref()
                .filter(|(key, _)| key.path == *path)
                .and_then(|(_, diff)| diff.value());
            if let Some(diff) = diff {
                // Lines that were not looked at are not none.
                if matches!(diff.content, DiffContent::Text { .. }) {
                    let lines = format!("+{} −{}", diff.n_added, diff.n_removed);
                    facts.push(Fact::text(cx.t("code-fact-lines"), lines));
                }
                let mode = if diff.is_mode_changed() {
                    format!("{:o} → {:o}", diff.old_mode, diff.new_mode)
                } else {
                    format!("{:o}", diff.new_mode.max(diff.old_mode))
                };
                facts.push(Fact::mono(cx.t("code-fact-mode"), mode));
            }
            facts_ui(ui, &facts);
            let mut paths = self.selected_files(*side);
            if !paths.contains(path) {
                paths = vec![path.clone()];
            }
            let asked = actions_ui(ui, &files::actions(cx, workspace, *side, &paths));
            cx.intents.borrow_mut().extend(asked);
            let target = Target::ChangedFile {
                workspace: workspace.id.clone(),
                path: path.quoted(),
            };
            thread_of(ui, cx, &target);
        } else if let Some((side, path, paths)) = self.folder.clone().filter(|(_, _, paths)| !paths.is_empty()) {
            let half = match side {
                Side::Unstaged => cx.t("code-not-staged"),
                Side::Staged => cx.t("code-is-staged"),
            };
            let name = if path.as_bytes().is_empty() {
                workspace.name.clone()
            } else {
                path.file_name()
            };
            let heading = Heading {
                icon: icons::FOLDER,
                name: &name,
                note: &half,
                state: None,
            };
            heading_ui(ui, &heading);
            let asked = actions_ui(ui, &files::actions(cx, workspace, side, &paths));
            cx.intents.borrow_mut().extend(asked);
        }
        few_undo_ui(ui, cx, workspace, repo);
    }

    pub(super) fn commit_detail_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel) {
        let Some(oid) = self.commit.clone() else { return };
        self.asked.commit(cx, workspace, &oid);
        let nothing = crate::base::Loadable::Loading { previous: None };
        let commit = repo
            .commit
            .as_ref()
            .filter(|(revision, _)| *revision == oid)
            .map_or(&nothing, |(_, commit)| commit);
        let view = LoadableView {
            icon: icons::COMMIT,
            empty: "",
            empty_action: None,
            progress: None,
        };
        loadable_ui(
            ui,
            commit,
            &view,
            |_| false,
            |ui, commit| self.commit_ui(ui, cx, workspace, commit, repo.weather.get(&commit.oid)),
        );
    }

    fn commit_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, commit: &CommitDetail, weather: Option<&Weather>) {
        let when = format::ago(commit.authored, cx.now, cx.texts);
        heading_ui(
            ui,
            &Heading {
                icon: icons::COMMIT,
                name: &commit.summary,
                note: &format!("{}, {when}", commit.author),
                state: None,
            },
        );
        let link = |label: &str, oid: &str| {
            let target = Target::Commit {
                workspace: workspace.id.clone(),
                oid: oid.to_owned(),
            };
            Fact::link(cx.t(label), format::short_oid(oid), "", target)
        };
        let mut facts = vec![Fact::mono(cx.t("code-fact-commit"), &commit.oid)];
        facts.extend(commit.parents.iter().map(|parent| link("code-fact-parent", parent)));
        facts.push(Fact::text(
            cx.t("code-fact-author"),
            format!("{} <{}>", commit.author, commit.author_email),
        ));
        if commit.committer != commit.author {
            facts.push(Fact::text(cx.t("code-fact-committer"), &commit.committer));
        }
        facts.push(Fact::text(
            cx.t("code-fact-date"),
            format::local(commit.authored).strftime("%Y-%m-%d %H:%M").to_string(),
        ));
        if commit.is_signed {
            facts.push(Fact::text(cx.t("code-fact-signature"), cx.t("code-signed")));
        }
        facts.extend(item_facts(cx, workspace, commit));
        let n_files = commit.files.len() as u64 + u64::from(commit.n_unlisted);
        let changed = cx.msg(&msg!("code-n-files", n = n_files));
        facts.push(Fact::text(
            cx.t("code-fact-changed"),
            format!("{changed}, +{} −{}", commit.n_added, commit.n_removed),
        ));
        if let Some(target) = facts_ui(ui, &facts) {
            cx.ask(Intent::Go(target));
        }
        if let Some(weather) = weather {
            titled_section_ui(ui, &cx.t("code-weather"), "", |ui| {
                ui.horizontal_wrapped(|ui| {
                    for sign in ["built", "tested", "pipelines", "released", "deployed"] {
                        weather_ui(ui, cx, weather, sign);
                    }
                });
            });
        }
        if !commit.refs.is_empty() {
            section_ui(ui, |ui| {
                ui.horizontal_wrapped(|ui| {
                    for name in &commit.refs {
                        state_mark::tag_ui(ui, &name.name, state_mark::TagLook::Plain);
                    }
                });
            });
        }
        if !commit.body.is_empty() {
            section_ui(ui, |ui| drop(text::paragraph(ui, &commit.body)));
        }
        let actions = cx.model.code.repo(&workspace.id).map_or_else(Vec::new, |repo| {
            branch_acts::commit(cx, workspace, repo, &commit.oid, &commit.parents)
        });
        // What it changed is what one looks for first; the acts stay near where there is much of it.
        titled_section_ui(ui, &cx.t("code-files"), &n_files.to_string(), |ui| {
            let of = DiffOf::Commit { oid: commit.oid.clone() };
            if text::link_small(ui, &cx.t("code-key-whole")).clicked() {
                self.show_whole(cx, workspace, &commit.oid);
            }
            let is_whole = commit.files.len() <= FEW_FILES || self.whole_files.as_ref() == Some(&commit.oid);
            if is_whole {
                let asked = file_list_ui(ui, cx, &of, &commit.files, commit.n_unlisted);
                self.follow_file(cx, workspace, asked);
                return;
            }
            let asked = file_list_ui(ui, cx, &of, &commit.files[..FEW_FILES], 0);
            self.follow_file(cx, workspace, asked);
            if text::link_small(ui, &cx.msg(&msg!("code-all-files", n = n_files))).clicked() {
                self.whole_files = Some(commit.oid.clone());
            }
        });
        let asked = actions_ui(ui, &actions);
        cx.intents.borrow_mut().extend(asked);
        let target = Target::Commit {
            workspace: workspace.id.clone(),
            oid: commit.oid.clone(),
        };
        thread_of(ui, cx, &target);
    }
}

/// The items of the plan that the message names, as far as the plan is known.
fn item_facts(cx: &Cx<'_>, workspace: &Workspace, commit: &CommitDetail) -> Vec<Fact> {
    let Some(plan) = cx.model.plan.plan(&workspace.id) else {
        return Vec::new();
    };
    let message = format!("{}\n{}", commit.summary, commit.body);
    let ids = words_like_ids(&message);
    let items = ids.iter().filter_map(|id| plan.item(id));
    let fact = |item: &crate::areas::plan::Item| {
        let target = Target::Item {
            workspace: workspace.id.clone(),
            id: item.id.clone(),
        };
        Fact::link(cx.t("code-fact-item"), &item.id, &item.title, target)
    };
    items.map(fact).collect()
}

pub(super) fn thread_of(ui: &mut Ui, cx: &Cx<'_>, target: &Target) {
    if let Some(thread) = cx.thread(target)
        && let Some(target) = thread_ui(ui, thread, cx.now)
    {
        cx.ask(Intent::Go(target));
    }
}

/// What was asked of a file in a list.
pub(super) enum FileAsk {
    Difference(DiffKey),
    Blame(GitPath, Option<String>),
    /// Into the checkout, as this revision has it.
    Restore(GitPath, String),
    History(GitPath),
}

impl Page {
    pub(super) fn follow_file(&mut self, cx: &Cx<'_>, workspace: &Workspace, asked: Option<FileAsk>) {
        match asked {
            Some(FileAsk::Difference(key)) => self.commit_file = Some(key),
            Some(FileAsk::Blame(path, revision)) => self.blame.open(cx, workspace, path, revision),
            Some(FileAsk::Restore(path, revision)) => {
                let paths = vec![path];
                cx.ask(Act::Git(GitAct::Restore { revision, paths }).on(workspace));
            }
            Some(FileAsk::History(path)) => {
                self.blame.close();
                cx.ask(Intent::Ui(UiIntent::Filter(format!("follow:\"{}\"", path.display()))));
            }
            None => {}
        }
    }
}

/// The commit whose file stands at the new side; None for the files of the checkout.
pub(super) fn revision_of(of: &DiffOf) -> Option<String> {
    match of {
        DiffOf::Commit { oid } => Some(oid.clone()),
        DiffOf::Between { to, .. } => to.clone(),
        DiffOf::Unstaged | DiffOf::Staged | DiffOf::Both => None,
    }
}

/// The files of a commit or of a comparison; a click shows the difference, the menu has the file's history and blame.
pub(super) fn file_list_ui(ui: &mut Ui, cx: &Cx<'_>, of: &DiffOf, files: &[CommitFile], n_unlisted: u32) -> Option<FileAsk> {
    let mut asked = None;
    for file in files {
        let response = commit_file_ui(ui, cx, file);
        if response.clicked() {
            asked = Some(FileAsk::Difference(DiffKey {
                of: of.clone(),
                path: file.path.clone(),
                old_path: file.old_path.clone(),
                look: DiffLook::default(),
            }));
        }
        let by_key = response.has_focus() && keys::asks_for_menu(ui);
        context_menu_ui(&response, by_key, response.id, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let entry = |ui: &mut Ui, key: &str| {
                let label = cx.t(key);
                let entry = MenuEntry {
                    label: &label,
                    ..MenuEntry::default()
                };
                menu_entry_ui(ui, &entry).clicked()
            };
            if entry(ui, "code-blame") {
                asked = Some(FileAsk::Blame(file.path.clone(), revision_of(of)));
            }
            let restored = revision_of(of).filter(|_| file.change != Change::Deleted);
            if let Some(revision) = restored
                && entry(ui, "code-restore-file")
            {
                asked = Some(FileAsk::Restore(file.path.clone(), revision));
            }
            if entry(ui, "code-file-history") {
                asked = Some(FileAsk::History(file.path.clone()));
            }
        });
    }
    if n_unlisted > 0 {
        text::small(ui, &cx.msg(&msg!("code-n-more", n = n_unlisted)));
    }
    asked
}

fn commit_file_ui(ui: &mut Ui, cx: &Cx<'_>, file: &CommitFile) -> egui::Response {
    let t = Tokens::of(ui);
    ui.horizontal(|ui| {
        files::letter_ui(ui, cx, file.change);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let mut count = |sign: char, n: Option<u32>, colour| {
                if let Some(n) = n.filter(|n| *n > 0) {
                    let look = Look {
                        font: font::small(),
                        colour,
                        cut: Cut::End,
                    };
                    text::label(ui, &format!("{sign}{n}"), look);
                }
            };
            count('−', file.n_removed, t.danger.text);
            count('+', file.n_added, t.success.text);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                text::link_look(ui, &file.path.display(), font::body(), Cut::Middle)
            })
            .inner
        })
        .inner
    })
    .inner
}

/// The rows of what can be taken back, the newest first.
pub(super) fn undo_rows(cx: &Cx<'_>, repo: &RepoModel, limit: usize) -> Vec<(u64, UndoRow)> {
    let entries = repo.undo.value().map(Vec::as_slice).unwrap_or_default();
    let row = |entry: &crate::base::repo::UndoEntry| UndoRow {
        label: cx.msg(&undo_title(entry)),
        at: entry.at,
        disabled_because: None,
    };
    entries
        .iter()
        .filter(|entry| !entry.is_undone)
        .take(limit)
        .map(|entry| (entry.id, row(entry)))
        .collect()
}

fn few_undo_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel) {
    let (ids, rows): (Vec<u64>, Vec<UndoRow>) = undo_rows(cx, repo, FEW).into_iter().unzip();
    if rows.is_empty() {
        return;
    }
    titled_section_ui(ui, &cx.t("code-tab-undo"), "", |ui| {
        if let Some(id) = undo_ui(ui, &rows, cx.now).and_then(|row| ids.get(row)) {
            cx.ask(take_back(workspace, *id));
        }
    });
}
