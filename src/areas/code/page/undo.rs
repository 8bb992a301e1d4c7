//! The tab Undo: the timeline, the newest step first. Steps are taken back and done again, one or several; the detail panel says
//! what that would put in place.

use super::Page;
use super::files::letter_ui;
use crate::areas::code::Command;
use crate::areas::code::act::Act;
use crate::areas::code::cli::text::{ref_move, undo_parts, undo_title};
use crate::areas::code::model::RepoModel;
use crate::areas::page::{Action, Cx, Intent};
use crate::base::repo::{UndoDetail, UndoEntry, Which};
use crate::base::{GitPath, State, Workspace, format};
use crate::msg;
use crate::ui::button::Button;
use crate::ui::detail::{Fact, Heading, actions_ui, facts_ui, heading_ui, titled_section_ui};
use crate::ui::page_frame::{LoadableAsk, LoadableView, loadable_ui};
use crate::ui::table::{Column, Table};
use crate::ui::{action, icons, state_mark, text};
use egui::{Align, Key, Layout, Modifiers, Ui};

/// Files that the detail panel lists.
const SHOWN_FILES: usize = 40;

impl Page {
    pub(super) fn undo_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel) {
        self.asked.timeline(cx, workspace, repo.n_readings);
        let view = LoadableView {
            icon: icons::UNDO,
            empty: &cx.t("code-undo-hint"),
            empty_action: None,
            progress: None,
        };
        let ask = loadable_ui(ui, &repo.undo, &view, Vec::is_empty, |ui, entries: &Vec<UndoEntry>| {
            self.timeline_ui(ui, cx, workspace, entries);
        });
        if ask == Some(LoadableAsk::Retry) {
            cx.ask(Command::LoadUndo {
                workspace: workspace.clone(),
            });
        }
    }

    fn timeline_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, entries: &[UndoEntry]) {
        let columns = [
            Column::new("what", cx.t("code-column-what"), 300.0)
                .min(240.0)
                .fill()
                .unsortable()
                .always(),
            Column::new("moved", cx.t("code-column-moved"), 180.0).unsortable(),
            Column::new("paths", cx.t("code-column-paths"), 140.0).unsortable(),
            Column::new("age", cx.t("code-column-age"), 88.0).right().unsortable(),
            Column::new("act", cx.t("code-take-back"), 104.0)
                .right()
                .unsortable()
                .always(),
        ];
        let title = |row: usize| entries.get(row).map_or_else(String::new, |entry| spoken(cx, entry));
        let name = cx.t("code-tab-undo");
        let table = Table::new("code-undo", &name, &columns, entries.len())
            .key(|row| entries.get(row).map_or(0, |entry| entry.id))
            .single()
            .label(title)
            .menu(|ui, row| {
                if let Some(entry) = entries.get(row) {
                    let asked = action::menu_ui(ui, &actions(cx, workspace, entries, entry));
                    cx.intents.borrow_mut().extend(asked);
                }
            });
        let response = table.show(ui, &mut self.undo, |ui, row, column| {
            let Some(entry) = entries.get(row) else { return };
            match columns[column].id {
                "what" => {
                    let words = cx.msg(&undo_title(entry));
                    if entry.is_undone {
                        state_mark::mark_ui(ui, State::None);
                        text::weak(ui, &words);
                        text::small(ui, &cx.t("code-undo-is-undone"));
                    } else if entry.is_interrupted {
                        state_mark::mark_ui(ui, State::Degraded);
                        text::body(ui, &words);
                        text::small(ui, &cx.t("code-undo-is-interrupted"));
                    } else {
                        state_mark::mark_ui(ui, State::Done);
                        text::body(ui, &words);
                    }
                }
                "moved" => {
                    let moves: Vec<String> = entry.moves.iter().map(ref_move).collect();
                    text::mono(ui, moves.first().map_or("", String::as_str)).on_hover_text(moves.join("\n"));
                }
                "paths" => {
                    let paths: Vec<String> = entry.paths.iter().map(GitPath::display).collect();
                    text::path(ui, &paths.join(", "));
                }
                "age" => drop(text::weak(ui, &format::age(entry.at, cx.now, cx.texts)).on_hover_text(entry.at.to_string())),
                _ => {
                    let word = cx.t(if entry.is_undone { "code-redo" } else { "code-take-back" });
                    if ui.add(Button::new(&word).small()).clicked() {
                        cx.ask(turn(workspace, entry, false));
                    }
                }
            }
        });
        if let Some(entry) = response.activated.and_then(|row| entries.get(row)) {
            cx.ask(turn(workspace, entry, false));
        }
    }

    pub(super) fn undo_detail_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel) {
        let entries = repo.undo.value().map(Vec::as_slice).unwrap_or_default();
        let chosen = self.undo.single();
        let Some(entry) = entries.iter().find(|entry| chosen == Some(entry.id)) else {
            return;
        };
        self.asked.undo(cx, workspace, entry.id, repo.n_acts, repo.n_readings);
        let state = if entry.is_undone {
            Some((State::None, cx.t("code-undo-is-undone")))
        } else if entry.is_interrupted {
            Some((State::Degraded, cx.t("code-undo-is-interrupted")))
        } else {
            None
        };
        heading_ui(
            ui,
            &Heading {
                icon: icons::UNDO,
                name: &cx.msg(&undo_title(entry)),
                note: &format::ago(entry.at, cx.now, cx.texts),
                state: state.as_ref().map(|(state, word)| (*state, word.as_str())),
            },
        );
        let mut facts = vec![
            Fact::text(cx.t("code-fact-step"), entry.id.to_string()),
            Fact::text(cx.t("code-fact-when"), format::ago(entry.at, cx.now, cx.texts)).hover(entry.at.to_string()),
        ];
        let moves = entry
            .moves
            .iter()
            .map(|moved| Fact::mono(cx.t("code-fact-moved"), ref_move(moved)));
        facts.extend(moves);
        if entry.n_bytes > 0 {
            facts.push(Fact::text(cx.t("code-fact-kept"), format::bytes(entry.n_bytes, cx.texts)));
        }
        facts_ui(ui, &facts);
        let asked = actions_ui(ui, &actions(cx, workspace, entries, entry));
        cx.intents.borrow_mut().extend(asked);
        let detail = repo.undo_detail.as_ref().filter(|(id, _)| *id == entry.id);
        let Some((_, detail)) = detail else { return };
        let view = LoadableView {
            icon: icons::UNDO,
            empty: "",
            empty_action: None,
            progress: None,
        };
        loadable_ui(
            ui,
            detail,
            &view,
            |_| false,
            |ui, detail| restored_ui(ui, cx, workspace, entry, detail),
        );
    }
}

/// What would be put in place, and what is in the way.
fn restored_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, entry: &UndoEntry, detail: &UndoDetail) {
    let title = cx.t(if entry.is_undone {
        "code-undo-would-redo"
    } else {
        "code-undo-would-restore"
    });
    titled_section_ui(ui, &title, "", |ui| {
        for file in detail.files.iter().take(SHOWN_FILES) {
            ui.horizontal(|ui| {
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    letter_ui(ui, cx, file.change);
                    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                        text::path(ui, &file.path.display());
                    });
                });
            });
        }
        let n_more = detail.n_files.saturating_sub(SHOWN_FILES as u32);
        if n_more > 0 {
            text::weak(ui, &cx.msg(&msg!("code-n-more", n = n_more)));
        }
        if entry.kind.is_there() {
            text::paragraph(ui, &cx.t("code-undo-by-push"));
        }
        let parts = undo_parts(detail);
        for words in &parts {
            text::paragraph(ui, &cx.msg(words));
        }
        if parts.is_empty() && detail.files.is_empty() && !entry.kind.is_there() {
            text::weak(ui, &cx.t("code-undo-nothing-more"));
        }
    });
    if detail.collisions.is_empty() {
        return;
    }
    let title = cx.msg(&msg!("code-undo-collisions", n = detail.collisions.len()));
    titled_section_ui(ui, &title, "", |ui| {
        for what in detail.collisions.iter().take(SHOWN_FILES) {
            text::path(ui, what);
        }
        text::paragraph_weak(ui, &cx.t("code-undo-collisions-hint"));
        let word = cx.t(if entry.is_undone {
            "code-redo-anyway"
        } else {
            "code-take-back-anyway"
        });
        if ui.add(Button::new(&word).small()).clicked() {
            cx.ask(turn(workspace, entry, true));
        }
    });
}

fn spoken(cx: &Cx<'_>, entry: &UndoEntry) -> String {
    let title = cx.msg(&undo_title(entry));
    if entry.is_undone {
        format!("{title}, {}", cx.t("code-undo-is-undone"))
    } else {
        title
    }
}

/// Takes a step back, or does it again.
fn turn(workspace: &Workspace, entry: &UndoEntry, is_forced: bool) -> Intent {
    let which = Which::Entry { id: entry.id };
    let act = if entry.is_undone {
        Act::Redo { which, is_forced }
    } else {
        Act::TakeBack { which, is_forced }
    };
    act.on(workspace).into()
}

/// What was taken back is done again, and the other way round.
pub(super) fn the_other_way(workspace: &Workspace, was_taken_back: bool, taken: &[u64]) -> Intent {
    let which = match taken {
        [id] => Which::Entry { id: *id },
        several => Which::Last { n: several.len() as u32 },
    };
    let is_forced = false;
    let act = if was_taken_back {
        Act::Redo { which, is_forced }
    } else {
        Act::TakeBack { which, is_forced }
    };
    act.on(workspace).into()
}

/// Takes a step back, from elsewhere on the page.
pub(super) fn take_back(workspace: &Workspace, id: u64) -> Intent {
    let act = Act::TakeBack {
        which: Which::Entry { id },
        is_forced: false,
    };
    act.on(workspace).into()
}

/// The steps next in line, for toolbar and palette.
pub(super) fn next_steps(cx: &Cx<'_>, workspace: &Workspace, repo: Option<&RepoModel>) -> [Action; 2] {
    let entries = repo.and_then(|repo| repo.undo.value()).map(Vec::as_slice).unwrap_or_default();
    let which = Which::Last { n: 1 };
    let is_forced = false;
    let back = Act::TakeBack { which, is_forced }.on(workspace);
    let again = Act::Redo { which, is_forced }.on(workspace);
    let entries: Vec<&UndoEntry> = entries.iter().filter(|entry| !entry.kind.is_there()).collect();
    let can_undo = entries.iter().any(|entry| !entry.is_undone);
    let can_redo = entries.first().is_some_and(|entry| entry.is_undone)
        && entries.iter().any(|entry| entry.is_undone && !entry.is_left_behind);
    [
        Action::new("code-take-back-last", cx.t("code-take-back-last"), back.into())
            .icon(icons::UNDO)
            .shortcut(Modifiers::COMMAND, Key::Z)
            .disabled_because((!can_undo).then(|| cx.t("code-undo-empty"))),
        Action::new("code-redo-next", cx.t("code-redo-next"), again.into())
            .icon(icons::REDO)
            .shortcut(Modifiers::COMMAND, Key::Y)
            .disabled_because((!can_redo).then(|| cx.t("git-nothing-to-redo"))),
    ]
}

/// What can be done with a step.
fn actions(cx: &Cx<'_>, workspace: &Workspace, entries: &[UndoEntry], entry: &UndoEntry) -> Vec<Action> {
    let (key, key_several) = if entry.is_undone {
        ("code-redo", "code-redo-until")
    } else {
        ("code-take-back", "code-take-back-until")
    };
    let icon = if entry.is_undone { icons::REDO } else { icons::UNDO };
    let mut actions = vec![Action::new(key, cx.t(key), turn(workspace, entry, false)).icon(icon)];
    // The steps from the end of the line to this one.
    let is_in_line = |other: &&UndoEntry| other.is_undone == entry.is_undone && !other.is_left_behind && !other.kind.is_there();
    let between = entries.iter().filter(is_in_line);
    let n = if entry.is_undone {
        between.filter(|other| other.id <= entry.id).count()
    } else {
        between.filter(|other| other.id >= entry.id).count()
    };
    if n > 1 && !entry.is_left_behind && !entry.kind.is_there() {
        let (which, is_forced) = (Which::Last { n: n as u32 }, false);
        let act = if entry.is_undone {
            Act::Redo { which, is_forced }
        } else {
            Act::TakeBack { which, is_forced }
        };
        actions.push(Action::new(key_several, cx.t(key_several), act.on(workspace).into()).icon(icon));
    }
    actions
}
