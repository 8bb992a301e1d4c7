//! The tab Todos: every line that says TODO and the like, with its author and age; Enter opens it in the editor.

use super::{Page, files};
use crate::areas::code::Command;
use crate::areas::code::model::RepoModel;
use crate::areas::page::{Action, Cx, Intent, UiIntent};
use crate::base::repo::Todo;
use crate::base::{State, Target, Workspace, format};
use crate::ui::page_frame::{LoadableAsk, LoadableView, loadable_ui};
use crate::ui::state_mark::{TagLook, tag_ui};
use crate::ui::table::{Column, Table, row_key};
use crate::ui::theme::font;
use crate::ui::{action, icons, state_mark, text};
use egui::Ui;

/// The rows that the filter leaves, worked out once.
#[derive(Default)]
pub(super) struct Shown {
    key: Option<(u64, String)>,
    rows: Vec<usize>,
}

impl Shown {
    fn follow(&mut self, generation: u64, todos: &[Todo], filter: &str) {
        let key = (generation, filter.to_owned());
        if self.key.as_ref() == Some(&key) {
            return;
        }
        self.key = Some(key);
        let words = filter.trim().to_lowercase();
        let fits = |todo: &Todo| {
            let author = todo.author.as_ref().map_or("", |author| author.name.as_str());
            let hay = format!("{} {} {} {author}", todo.word, todo.text, todo.path.display());
            words.is_empty() || hay.to_lowercase().contains(&words)
        };
        self.rows = (0..todos.len()).filter(|at| fits(&todos[*at])).collect();
    }
}

impl Page {
    pub(super) fn todos_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel) {
        self.asked.todos(cx, workspace, repo.n_readings);
        let view = LoadableView {
            icon: icons::CHECK,
            empty: &cx.t("code-no-todos"),
            empty_action: None,
            progress: None,
        };
        let ask = loadable_ui(ui, &repo.todos, &view, Vec::is_empty, |ui, todos: &Vec<Todo>| {
            self.todos_shown.follow(repo.todos_generation, todos, cx.filter);
            let rows = &self.todos_shown.rows;
            let columns = [
                Column::new("word", cx.t("code-column-word"), 72.0).unsortable().always(),
                Column::new("text", cx.t("code-column-text"), 320.0)
                    .fill()
                    .unsortable()
                    .always(),
                Column::new("item", cx.t("code-fact-item"), 84.0).unsortable(),
                Column::new("place", cx.t("code-column-place"), 260.0).unsortable(),
                Column::new("author", cx.t("code-column-author"), 140.0).unsortable(),
                Column::new("age", cx.t("code-column-age"), 64.0).right().unsortable(),
            ];
            let at = |row: usize| rows.get(row).and_then(|at| todos.get(*at));
            let name = cx.t("code-tab-todos");
            let table = Table::new("code-todos", &name, &columns, rows.len())
                .single()
                .key(|row| at(row).map_or(0, |todo| row_key(&place(todo))))
                .label(|row| at(row).map_or_else(String::new, |todo| format!("{} {}", todo.word, todo.text)))
                .copy(|row| at(row).map_or_else(String::new, |todo| format!("{}: {} {}", place(todo), todo.word, todo.text)))
                .menu(|ui, row| {
                    if let Some(todo) = at(row) {
                        let asked = action::menu_ui(ui, &actions(cx, workspace, todo));
                        cx.intents.borrow_mut().extend(asked);
                    }
                });
            let response = table.show(ui, &mut self.todos, |ui, row, column| {
                if let Some(todo) = at(row) {
                    cell_ui(ui, cx, workspace, todo, columns[column].id);
                }
            });
            if let Some(todo) = response.activated.and_then(at) {
                cx.ask(files::open_in_editor(cx, workspace, &todo.path, Some(todo.line)).intent);
            }
        });
        if ask == Some(LoadableAsk::Retry) {
            cx.ask(Command::LoadTodos {
                workspace: workspace.clone(),
                with_authors: true,
            });
        }
    }
}

fn place(todo: &Todo) -> String {
    format!("{}:{}", todo.path.display(), todo.line)
}

fn actions(cx: &Cx<'_>, workspace: &Workspace, todo: &Todo) -> Vec<Action> {
    let copy = Action::new(
        "code-copy-place",
        cx.t("code-copy-place"),
        Intent::Ui(UiIntent::Copy(place(todo))),
    );
    let mut actions = vec![
        files::open_in_editor(cx, workspace, &todo.path, Some(todo.line)),
        copy.icon(icons::COPY),
    ];
    if let Some(author) = &todo.author {
        let target = Target::Commit {
            workspace: workspace.id.clone(),
            oid: author.oid.clone(),
        };
        actions.push(Action::new("code-show-commit", cx.t("code-show-commit"), Intent::Go(target)).icon(icons::COMMIT));
    }
    actions
}

fn cell_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, todo: &Todo, column: &str) {
    match column {
        "word" => {
            let is_wrong = matches!(todo.word.as_str(), "FIXME" | "BUG" | "XXX");
            if is_wrong {
                state_mark::label_small_ui(ui, State::Degraded, &todo.word);
            } else {
                tag_ui(ui, &todo.word, TagLook::Plain);
            }
        }
        "text" => drop(text::body(ui, &todo.text)),
        "item" => {
            if let Some(item) = &todo.item
                && text::link_small(ui, item).clicked()
            {
                cx.ask(Intent::Go(Target::Item {
                    workspace: workspace.id.clone(),
                    id: item.clone(),
                }));
            }
        }
        "place" => {
            let link = text::link_look(ui, &place(todo), font::code(), text::Cut::Middle);
            if link.clicked() {
                cx.ask(files::open_in_editor(cx, workspace, &todo.path, Some(todo.line)).intent);
            }
        }
        "author" => match &todo.author {
            Some(author) => drop(text::weak(ui, &author.name)),
            None => drop(text::weak(ui, "–")),
        },
        _ => {
            if let Some(author) = &todo.author {
                text::weak(ui, &format::age(author.at, cx.now, cx.texts)).on_hover_text(author.at.to_string());
            }
        }
    }
}
