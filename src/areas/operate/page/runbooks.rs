//! The tab of runbooks: maintenance of `chantier.toml` by name, its steps, how it ended last.

use crate::areas::operate::Command;
use crate::areas::operate::runbooks::Book;
use crate::areas::page::{Action, Cx, Intent, no_hits_ui};
use crate::base::{Target, format};
use crate::ui::detail::{self, Fact, Heading};
use crate::ui::page_frame;
use crate::ui::table::{Column, Table, TableState, row_key};
use crate::ui::{Ui, icons, palette, state_mark, text};
use serde::{Deserialize, Serialize};

/// What the tab remembers.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Runbooks {
    table: TableState,
}

fn key(book: &Book) -> u64 {
    row_key(&format!("{} {}", book.workspace, book.name))
}

/// Runs it; asks before where its author or its environment wants that.
fn run_action(cx: &Cx<'_>, book: &Book) -> Option<Action> {
    let workspace = cx.model.devops.workspace(&book.workspace)?.clone();
    let run = Command::RunRunbook {
        workspace,
        name: book.name.clone(),
    };
    let action = Action::new("operate-runbook-run", cx.t("runbook-run"), run.into())
        .icon(icons::RUN)
        .primary();
    let title = cx.msg(&crate::msg!("runbook-run-title", name = book.name.as_str()));
    let steps = book.steps.join("\n");
    Some(match (&book.environment, book.is_protected, book.confirm) {
        (Some(environment), true, _) => action.confirm_typed(title, steps, environment),
        (_, _, true) => action.confirm(title, steps),
        _ => action,
    })
}

impl Runbooks {
    pub(super) fn look(cx: &Cx<'_>) {
        cx.ask(Command::ListRunbooks {
            workspaces: cx.workspace.cloned().into_iter().collect(),
        });
    }

    pub(super) fn selected<'a>(&self, cx: &Cx<'a>) -> Option<&'a Book> {
        let chosen = self.table.single()?;
        cx.model.operate.runbooks.iter().find(|book| key(book) == chosen)
    }

    pub(super) fn actions(&self, cx: &Cx<'_>) -> Vec<Action> {
        let look = Command::ListRunbooks {
            workspaces: cx.workspace.cloned().into_iter().collect(),
        };
        let mut actions = vec![Action::new("operate-runbooks-look", cx.t("operate-look"), look.into()).icon(icons::REFRESH)];
        actions.extend(self.selected(cx).and_then(|book| run_action(cx, book)));
        actions
    }

    pub(super) fn body_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let filter = cx.filter.trim();
        let is_shown = |book: &&Book| filter.is_empty() || palette::is_found(filter, &book.name);
        let rows: Vec<&Book> = cx.model.operate.runbooks.iter().filter(is_shown).collect();
        if rows.is_empty() {
            if !filter.is_empty() {
                no_hits_ui(ui, cx, "runbook-filter-nothing");
                return;
            }
            let edit = cx.t("runbook-edit");
            let action = cx.workspace.map(|_| edit.as_str());
            if page_frame::empty_ui(ui, icons::TEXT, &cx.t("runbook-empty"), action)
                && let Some(workspace) = cx.workspace
            {
                cx.edit_project(workspace);
            }
            return;
        }
        let column = |id: &'static str, key: &str, width: f32| Column::new(id, cx.t(key), width).unsortable();
        let columns = [
            column("name", "runbook-col-name", 150.0).fill().always(),
            column("description", "runbook-col-description", 220.0),
            column("environment", "operate-environment", 110.0),
            column("steps", "runbook-col-steps", 60.0).right(),
            column("next", "runbook-col-next", 100.0),
            column("last", "runbook-col-last", 130.0),
        ];
        let name = cx.t("operate-tab-runbooks");
        Table::new("operate-runbooks", &name, &columns, rows.len())
            .single()
            .key(|row| rows.get(row).map_or(0, |book| key(book)))
            .label(|row| rows.get(row).map_or_else(String::new, |book| book.name.clone()))
            .copy(|row| rows.get(row).map_or_else(String::new, |book| book.name.clone()))
            .show(ui, &mut self.table, |ui, row, column| {
                let Some(book) = rows.get(row) else { return };
                match columns[column].id {
                    "name" => drop(text::body(ui, &book.name)),
                    "description" => drop(text::weak(ui, &book.description)),
                    "environment" => match &book.environment {
                        Some(name) => drop(text::body(ui, name)),
                        None => drop(text::absent(ui)),
                    },
                    "steps" => drop(text::body(ui, &book.steps.len().to_string())),
                    "next" => match book.next {
                        Some(at) => drop(text::body(ui, &format::until(at, cx.now, cx.texts))),
                        None => drop(text::absent(ui)),
                    },
                    _ => match &book.last {
                        Some(last) => {
                            state_mark::label_ui(ui, last.state, &format::ago(last.at, cx.now, cx.texts));
                        }
                        None => drop(text::absent(ui)),
                    },
                }
            });
    }

    pub(super) fn detail_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let Some(book) = self.selected(cx) else { return };
        let word = book.last.as_ref().map(|last| cx.t(last.state.key()));
        let heading = Heading {
            icon: icons::TEXT,
            name: &book.name,
            note: &book.description,
            state: book.last.as_ref().zip(word.as_deref()).map(|(last, word)| (last.state, word)),
        };
        detail::heading_ui(ui, &heading);
        let mut facts = Vec::new();
        if let Some(name) = &book.environment {
            facts.push(Fact::text(cx.t("operate-environment"), name.clone()));
        }
        if let Some(schedule) = &book.schedule {
            facts.push(Fact::text(cx.t("runbook-schedule"), schedule.clone()));
        }
        if let Some(next) = book.next {
            facts.push(Fact::text(cx.t("runbook-col-next"), format::until(next, cx.now, cx.texts)));
        }
        if let Some(last) = &book.last {
            let ago = format::ago(last.at, cx.now, cx.texts);
            facts.push(Fact::link(cx.t("runbook-col-last"), ago, "", Target::Run { job: last.job }));
        }
        if let Some(target) = detail::facts_ui(ui, &facts) {
            cx.ask(Intent::Go(target));
        }
        let actions: Vec<Action> = run_action(cx, book).into_iter().collect();
        if let Some(intent) = detail::actions_ui(ui, &actions) {
            cx.ask(intent);
        }
        detail::titled_section_ui(ui, &cx.t("runbook-col-steps"), "", |ui| {
            for (i, step) in book.steps.iter().enumerate() {
                text::mono(ui, &format!("{}  {step}", i + 1));
            }
        });
    }
}
