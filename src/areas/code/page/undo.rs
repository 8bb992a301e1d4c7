//! The tab Undo: every act that can be taken back, the newest first.

use super::Page;
use super::detail::take_back;
use crate::areas::code::Command;
use crate::areas::code::cli::text::undo_title;
use crate::areas::code::model::RepoModel;
use crate::areas::page::{Action, Cx};
use crate::base::repo::UndoEntry;
use crate::base::{Workspace, format};
use crate::ui::button::Button;
use crate::ui::page_frame::{LoadableAsk, LoadableView, loadable_ui};
use crate::ui::table::{Column, Table};
use crate::ui::{action, icons, text};
use egui::Ui;

impl Page {
    pub(super) fn undo_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel) {
        let view = LoadableView {
            icon: icons::UNDO,
            empty: &cx.t("code-undo-hint"),
            empty_action: None,
            progress: None,
        };
        let state = &mut self.undo;
        let ask = loadable_ui(ui, &repo.undo, &view, Vec::is_empty, |ui, entries: &Vec<UndoEntry>| {
            let columns = [
                Column::new("what", cx.t("code-column-what"), 300.0)
                    .fill()
                    .unsortable()
                    .always(),
                Column::new("paths", cx.t("code-column-paths"), 300.0).unsortable(),
                Column::new("age", cx.t("code-column-age"), 64.0).right().unsortable(),
                Column::new("act", cx.t("code-take-back"), 104.0)
                    .right()
                    .unsortable()
                    .always(),
            ];
            let title = |row: usize| entries.get(row).map_or_else(String::new, |entry| cx.msg(&undo_title(entry)));
            let name = cx.t("code-tab-undo");
            let table = Table::new("code-undo", &name, &columns, entries.len())
                .key(|row| entries.get(row).map_or(0, |entry| entry.id))
                .single()
                .label(title)
                .menu(|ui, row| {
                    if let Some(entry) = entries.get(row) {
                        let back = Action::new("code-take-back", cx.t("code-take-back"), take_back(workspace, entry.id))
                            .icon(icons::UNDO);
                        let asked = action::menu_ui(ui, &[back]);
                        cx.intents.borrow_mut().extend(asked);
                    }
                });
            let response = table.show(ui, state, |ui, row, column| {
                let Some(entry) = entries.get(row) else { return };
                match columns[column].id {
                    "what" => drop(text::body(ui, &title(row))),
                    "paths" => {
                        let paths: Vec<String> = entry.paths.iter().map(crate::base::GitPath::display).collect();
                        text::path(ui, &paths.join(", "));
                    }
                    "age" => drop(text::weak(ui, &format::age(entry.at, cx.now, cx.texts)).on_hover_text(entry.at.to_string())),
                    _ => {
                        if ui.add(Button::new(&cx.t("code-take-back")).small()).clicked() {
                            cx.ask(take_back(workspace, entry.id));
                        }
                    }
                }
            });
            if let Some(entry) = response.activated.and_then(|row| entries.get(row)) {
                cx.ask(take_back(workspace, entry.id));
            }
        });
        if ask == Some(LoadableAsk::Retry) {
            cx.ask(Command::LoadUndo {
                workspace: workspace.clone(),
            });
        }
    }
}
