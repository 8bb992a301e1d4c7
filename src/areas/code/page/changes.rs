//! The tab Changes: the tree of files, and the difference of the selected file.

use super::tree::{Kind, Node, Side, key_of};
use super::{Page, act, difference, files, look, special};
use crate::areas::code::model::RepoModel;
use crate::areas::code::{Command, DiffKey};
use crate::areas::page::{Action, Cx};
use crate::base::diff::DiffOf;
use crate::base::repo::{Change, Status};
use crate::base::{GitPath, Loadable, State, Workspace};
use crate::msg;
use crate::ui::button::segments_ui;
use crate::ui::diff_head::head_ui;
use crate::ui::page_frame::{LoadableAsk, LoadableView, bar_ui, empty_ui, loadable_ui};
use crate::ui::table::Table;
use crate::ui::text;
use crate::ui::tokens::{CLEAR, Tokens, measure};
use crate::ui::tree::{name_column, tree_ui};
use crate::ui::{action, icons, state_mark};
use egui::{Align, Frame, Layout, Panel, Ui};

const TREE_WIDTH: f32 = 264.0;
impl Page {
    pub(super) fn changes_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel) {
        let view = LoadableView {
            icon: icons::BRANCH,
            empty: &cx.t("code-no-status"),
            empty_action: None,
            progress: None,
        };
        let ask = loadable_ui(
            ui,
            &repo.status,
            &view,
            |_| false,
            |ui, status| self.status_ui(ui, cx, workspace, repo, status),
        );
        if ask == Some(LoadableAsk::Retry) {
            cx.ask(Command::Watch {
                workspace: workspace.clone(),
            });
        }
    }

    fn status_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel, status: &Status) {
        if status.summary.is_bare {
            empty_ui(ui, icons::BRANCH, &cx.t("code-bare"), None);
            return;
        }
        let clear = || Frame {
            fill: CLEAR,
            ..Frame::NONE
        };
        let widest = (ui.available_width() * 0.5).max(160.0);
        Panel::left("code-tree")
            .frame(clear())
            .resizable(true)
            .default_size(TREE_WIDTH.min(widest))
            .size_range(160.0_f32.min(widest)..=widest)
            .show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                let below = ui.available_rect_before_wrap().bottom();
                let shown = Panel::bottom("code-message")
                    .frame(clear())
                    .resizable(false)
                    .show(ui, |ui| self.commit_box_ui(ui, cx, workspace, repo, status));
                // It stands as high as it was before: what has grown since would be cut below until something is drawn anew.
                if (shown.response.rect.bottom() - below).abs() > 0.5 {
                    ui.ctx().request_discard("the message has another height");
                }
                egui::CentralPanel::no_frame().show(ui, |ui| self.files_ui(ui, cx, workspace, repo, status));
            });
        egui::CentralPanel::no_frame().show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            self.difference_ui(ui, cx, workspace, repo, status);
        });
    }

    fn files_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel, status: &Status) {
        self.shown.follow(&workspace.id, repo, status, cx.filter, &self.tree);
        self.asked.untracked(cx, workspace, &self.shown.wanted, repo.n_readings);
        // What was moved is gone from its half: the keys go on at the next one.
        if let Some((side, path)) = self
            .shown
            .next
            .take_if(|(side, path)| is_moved(status, *side, path, self.file.as_ref()))
        {
            reveal(self, side, path);
        }
        if status.entries.is_empty() {
            empty_ui(ui, icons::CHECK, &cx.t("code-all-committed"), None);
            return;
        }
        let columns = name_column(&cx.t("code-column-file"));
        let name = cx.t("code-tree");
        let (rows, nodes) = (&self.shown.rows, &self.shown.nodes);
        let chosen = self.tree.table.selected.clone();
        // Of several rows that are chosen the menu is about all.
        let meant = |row: usize, node: &Node| {
            let is_chosen = |row: usize| rows.get(row).is_some_and(|row| chosen.contains(&row.key));
            if chosen.len() < 2 || !is_chosen(row) {
                return paths_of(node, status);
            }
            let others = nodes
                .iter()
                .enumerate()
                .filter(|(row, other)| other.side == node.side && is_chosen(*row));
            let mut paths: Vec<GitPath> = others.flat_map(|(_, other)| paths_of(other, status)).collect();
            paths.sort();
            paths.dedup();
            paths
        };
        let table = Table::new("code-files", &name, &columns, rows.len())
            .no_header()
            .dense()
            .label(|row| nodes.get(row).map_or_else(String::new, |node| spoken(node, cx)))
            .copy(|row| nodes.get(row).map_or_else(String::new, |node| node.path.display()))
            .menu(|ui, row| {
                if let Some(node) = nodes.get(row) {
                    let asked = action::menu_ui(ui, &files::actions(cx, workspace, node.side, &meant(row, node)));
                    cx.intents.borrow_mut().extend(asked);
                }
            });
        let response = tree_ui(ui, table, rows, &mut self.tree, |ui, row, _| {
            if let Some(node) = nodes.get(row) {
                node_ui(ui, cx, workspace, node);
            }
        });
        if let Some(node) = response.activated.and_then(|row| nodes.get(row)) {
            let paths = paths_of(node, status);
            if !paths.is_empty() {
                cx.ask(act::toggle(workspace, node.side, paths));
                self.shown.next = neighbour(&self.shown.nodes, node);
            }
        }
        // A row that came back, after a restart or with another change of its file, is still the chosen one.
        let is_shown = self.file.as_ref().is_some_and(|(side, path)| is_there(status, *side, path));
        if response.selection_changed || response.clicked.is_some() || !is_shown {
            let single = self
                .tree
                .table
                .single()
                .and_then(|key| rows.iter().position(|row| row.key == key));
            match single.and_then(|row| nodes.get(row)) {
                Some(node) if matches!(node.kind, Kind::File { .. }) => {
                    self.file = Some((node.side, node.path.clone()));
                    self.folder = None;
                }
                Some(node) => {
                    self.file = None;
                    self.folder = Some((node.side, node.path.clone(), paths_of(node, status)));
                }
                None => {}
            }
        }
    }

    /// The files that are selected, by half.
    pub(super) fn selected_files(&self, side: Side) -> Vec<GitPath> {
        let is_selected = |row: usize| self.tree.table.selected.contains(&self.shown.rows[row].key);
        let nodes = self.shown.nodes.iter().enumerate();
        let files = nodes.filter(|(row, node)| node.side == side && matches!(node.kind, Kind::File { .. }) && is_selected(*row));
        files.map(|(_, node)| node.path.clone()).collect()
    }

    fn difference_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel, status: &Status) {
        let Some((side, path)) = self.file.clone().filter(|(side, path)| is_there(status, *side, path)) else {
            if let Some((_, path, paths)) = self.folder.as_ref().filter(|(_, _, paths)| !paths.is_empty()) {
                let words = msg!("code-folder-changes", n = paths.len(), path = path.display());
                empty_ui(ui, icons::FOLDER, &cx.msg(&words), None);
            } else if !status.entries.is_empty() {
                empty_ui(ui, icons::FILE, &cx.t("code-choose-file"), None);
            }
            return;
        };
        if is_in_conflict(status, side, &path) {
            self.conflict_ui(ui, cx, workspace, repo, &path);
            return;
        }
        let key = DiffKey {
            of: DiffOf::Both,
            old_path: status.entry(&path).and_then(|entry| entry.renamed_from.clone()),
            path,
            look: self.look,
        };
        self.asked.diff(cx, workspace, &key, repo.n_readings);
        self.ask_coverage(cx, workspace, repo.n_readings);
        let nothing = Loadable::Loading { previous: None };
        let diff = repo
            .diff
            .as_ref()
            .filter(|(known, _)| *known == key)
            .map_or(&nothing, |(_, diff)| diff);
        let half = status
            .entry(&key.path)
            .is_some_and(|entry| entry.staged.is_some() && entry.unstaged.is_some());
        let view = LoadableView {
            icon: icons::FILE,
            empty: &cx.t("code-choose-file"),
            empty_action: None,
            progress: None,
        };
        let looks = self.look_actions(cx);
        let (state, pictures) = (&mut self.diff, &mut self.pictures);
        let ask = loadable_ui(
            ui,
            diff,
            &view,
            |_| false,
            |ui, file| {
                bar_ui(ui, 34.0, |ui| {
                    head_ui(ui, file, |ui| {
                        cx.intents.borrow_mut().extend(action::overflow_ui(ui, &looks));
                        let (unified, beside) = (cx.t("code-unified"), cx.t("code-side-by-side"));
                        segments_ui(ui, &mut state.side_by_side, &[(false, &unified), (true, &beside)]);
                        let (chip, word) = match (half, side) {
                            (true, _) => (State::InProgress, cx.t("code-half-staged")),
                            (false, Side::Staged) => (State::Done, cx.t("code-is-staged")),
                            (false, Side::Unstaged) => (State::None, cx.t("code-not-staged")),
                        };
                        state_mark::chip_ui(ui, chip, &word);
                        look::chip_ui(ui, cx, key.look);
                    });
                });
                if !special::special_ui(ui, cx, workspace, (&key, repo.n_readings), file, pictures) {
                    difference::hunks_ui(ui, cx, workspace, &key, file, state);
                }
            },
        );
        if ask == Some(LoadableAsk::Retry) {
            self.asked.forget_diff();
        }
    }
}

/// The file of the same half that follows a row, else the one before it.
fn neighbour(nodes: &[Node], from: &Node) -> Option<(Side, GitPath)> {
    let at = nodes.iter().position(|node| node == from)?;
    let is_file = |node: &&Node| node.side == from.side && matches!(node.kind, Kind::File { .. });
    let inside = |node: &&Node| node.path.as_bytes().starts_with(from.path.as_bytes()) && node.path != from.path;
    let next = nodes[at + 1..].iter().find(|node| is_file(node) && !inside(node));
    let found = next.or_else(|| nodes[..at].iter().rev().find(is_file))?;
    Some((found.side, found.path.clone()))
}

/// The file that was shown left its half, and the next one is still in it.
fn is_moved(status: &Status, side: Side, next: &GitPath, shown: Option<&(Side, GitPath)>) -> bool {
    let has_left = shown.is_none_or(|(side, path)| !is_there(status, *side, path));
    has_left && is_there(status, side, next)
}

pub(super) fn is_there(status: &Status, side: Side, path: &GitPath) -> bool {
    status.holding(path).is_some_and(|entry| match side {
        Side::Unstaged => entry.unstaged.is_some(),
        Side::Staged => entry.staged.is_some(),
    })
}

/// A file that git could not merge: its three versions are what there is to see.
pub(super) fn is_in_conflict(status: &Status, side: Side, path: &GitPath) -> bool {
    side == Side::Unstaged && status.entry(path).is_some_and(|entry| entry.conflict.is_some())
}

/// The files that a row stands for, whether they are unfolded or not.
fn paths_of(node: &Node, status: &Status) -> Vec<GitPath> {
    if matches!(node.kind, Kind::More { .. } | Kind::Half { is_conflict: true, .. }) {
        return Vec::new();
    }
    let is_half = matches!(node.kind, Kind::Half { .. });
    // Inside of an untracked folder, which is one entry of the status.
    let is_plain = matches!(node.kind, Kind::File { .. } | Kind::Folder);
    if is_plain && status.entry(&node.path).is_none() && is_there(status, node.side, &node.path) {
        return vec![node.path.clone()];
    }
    let folder = [node.path.as_bytes(), b"/"].concat();
    let is_below = |path: &GitPath| match node.kind {
        Kind::Half { .. } => true,
        Kind::Folder | Kind::Untracked => path.as_bytes().starts_with(&folder),
        Kind::More { .. } => false,
        Kind::File { .. } => *path == node.path,
    };
    let entries = status
        .entries
        .iter()
        .filter(|entry| is_there(status, node.side, &entry.path) && is_below(&entry.path))
        .filter(|entry| !is_half || entry.conflict.is_none());
    entries.map(|entry| entry.path.clone()).collect()
}

fn spoken(node: &Node, cx: &Cx<'_>) -> String {
    match &node.kind {
        Kind::Half { n_files, is_conflict } => half_label(node.side, *n_files, *is_conflict, cx),
        Kind::Folder => node.path.display(),
        Kind::Untracked => format!("{}, {}", node.path.display(), cx.t(files::change_key(Change::Untracked))),
        Kind::More { n } => cx.msg(&msg!("code-untracked-more", n = *n)),
        Kind::File { change, former } => {
            let path = node.path.display();
            let path = former.as_ref().map_or_else(|| path.clone(), |former| renamed(former, &path));
            format!("{path}, {}", cx.t(files::change_key(*change)))
        }
    }
}

/// `old.rs → new.rs`
fn renamed(former: &str, label: &str) -> String {
    format!("{former} → {label}")
}

fn half_label(side: Side, n_files: u64, is_conflict: bool, cx: &Cx<'_>) -> String {
    match side {
        _ if is_conflict => cx.msg(&msg!("code-half-conflict", n = n_files)),
        Side::Unstaged => cx.msg(&msg!("code-half-unstaged", n = n_files)),
        Side::Staged => cx.msg(&msg!("code-half-staged-files", n = n_files)),
    }
}

fn node_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, node: &Node) {
    let t = Tokens::of(ui);
    match &node.kind {
        Kind::Half { n_files, is_conflict } => {
            text::section(ui, &half_label(node.side, *n_files, *is_conflict, cx));
            if *n_files > 0 && !is_conflict {
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    let (word, command): (String, Action) = match node.side {
                        Side::Unstaged => (cx.t("code-stage-all"), act::stage_others(cx, workspace)),
                        Side::Staged => (cx.t("code-unstage-all"), act::unstage_all(cx, workspace)),
                    };
                    if text::link_small(ui, &word).clicked() {
                        cx.ask(command.intent);
                    }
                });
            }
        }
        Kind::Folder => {
            icons::icon_ui(ui, icons::FOLDER, measure::ICON_SMALL, t.text_weak, None);
            text::body(ui, &node.label);
        }
        Kind::Untracked => {
            icons::icon_ui(ui, icons::FOLDER, measure::ICON_SMALL, t.text_weak, None);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                files::letter_ui(ui, cx, Change::Untracked);
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| text::path(ui, &node.label));
            });
        }
        Kind::More { n } => {
            text::weak(ui, &cx.msg(&msg!("code-untracked-more", n = *n)));
        }
        Kind::File { change, former } => {
            icons::icon_ui(ui, icons::FILE, measure::ICON_SMALL, t.text_weak, None);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                files::letter_ui(ui, cx, *change);
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    match former {
                        Some(former) => text::path(ui, &renamed(former, &node.label)).on_hover_text(former),
                        None => text::path(ui, &node.label),
                    };
                });
            });
        }
    }
}

/// Selects a file, from elsewhere in the program.
pub(super) fn reveal(page: &mut Page, side: Side, path: GitPath) {
    page.tree.table.select_only(key_of(side, &path));
    page.file = Some((side, path));
}
