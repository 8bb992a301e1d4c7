//! The table of items: sorted by any column, in groups by state when asked.

use super::shown::{Line, Summary};
use super::{Page, key_of, words};
use crate::areas::page::{Cx, Intent, no_hits_ui};
use crate::areas::plan::model::Plan;
use crate::areas::plan::{Item, Source, say, state_name};
use crate::base::{State, Target, Workspace};
use crate::ui::action::menu_ui;
use crate::ui::table::{Column, GroupRow, Table};
use crate::ui::text::{self, Cut, Look};
use crate::ui::theme::font;
use crate::ui::tokens::Tokens;
use crate::ui::{Ui, icons, state_mark};

impl Page {
    pub(super) fn table_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, plan: &Plan) {
        let columns = [
            Column::new("id", cx.t("plan-field-id"), 76.0).always(),
            Column::new("title", cx.t("plan-field-title"), 260.0)
                .fill()
                .min(140.0)
                .always(),
            Column::new("type", cx.t("plan-field-type"), 100.0).hidden_at_first(),
            Column::new("state", cx.t("plan-field-state"), 100.0),
            Column::new("priority", cx.t("plan-field-priority"), 70.0),
            Column::new("assignee", cx.t("plan-field-assignee"), 110.0),
            Column::new("labels", cx.t("plan-field-labels"), 110.0),
            Column::new("start", cx.t("plan-field-start"), 64.0).right().hidden_at_first(),
            Column::new("due", cx.t("plan-field-due"), 64.0).right(),
            Column::new("parent", cx.t("plan-field-parent"), 80.0).hidden_at_first(),
            Column::new("milestone", cx.t("plan-field-milestone"), 84.0).hidden_at_first(),
            Column::new("criteria", cx.t("plan-field-criteria"), 64.0)
                .right()
                .hidden_at_first(),
            Column::new("estimate", cx.t("plan-field-estimate"), 80.0).hidden_at_first(),
            Column::new("created", cx.t("plan-field-created"), 80.0)
                .right()
                .hidden_at_first(),
        ];
        let context = self.context(cx);
        self.bar_ui_of_table(ui, cx, workspace, plan);
        let rows = self
            .shown
            .lines(plan, cx.filter.trim(), &context, self.table.sort.as_ref(), &self.group);
        let group = self.group.clone();
        let summary = self.shown.summary(plan);
        if rows.is_empty() {
            no_hits_ui(ui, cx, "plan-filter-empty");
            return;
        }
        let name = cx.t("area-plan");
        let chosen_rows = self.chosen(plan);
        let item_at = |row: usize| match rows.get(row) {
            Some(Line::Item(card)) => plan.items.get(&*card.file),
            _ => None,
        };
        let response = Table::new("plan", &name, &columns, rows.len())
            .key(|row| match rows.get(row) {
                Some(Line::Item(card)) => card.key,
                _ => row as u64,
            })
            .label(|row| {
                item_at(row).map_or_else(String::new, |item| {
                    format!("{} {}, {}", item.id, item.title, state_name(&item.state, cx.texts))
                })
            })
            .copy(|row| item_at(row).map_or_else(String::new, |item| format!("{}\t{}\t{}", item.id, item.title, item.state)))
            .groups(|row| match rows.get(row) {
                Some(Line::Group(value, n)) => Some(GroupRow {
                    label: words::group_name(cx, plan, &group, value),
                    count: n.to_string(),
                    open: true,
                    state: None,
                }),
                _ => None,
            })
            .menu(|ui, row| {
                let Some(item) = item_at(row) else { return };
                // One of several that are selected stands for all of them.
                let is_one_of = chosen_rows.len() > 1 && chosen_rows.iter().any(|one| one.file == item.file);
                let actions = if is_one_of {
                    super::bulk::actions(cx, plan, &chosen_rows)
                } else {
                    words::item_actions(cx, workspace, plan, item)
                };
                if let Some(intent) = menu_ui(ui, &actions) {
                    cx.ask(intent);
                }
            })
            .show(ui, &mut self.table, |ui, row, column| {
                if let Some(item) = item_at(row) {
                    cell_ui(ui, cx, workspace, plan, &summary, item, columns[column].id);
                }
            });
        let clicked = response.clicked.or(response.activated).and_then(item_at);
        let cursor = self.table.cursor.filter(|_| response.selection_changed);
        let chosen = clicked.or_else(|| cursor.and_then(|key| self.shown.columns(plan).item(plan, key)));
        let activated = response
            .activated
            .and_then(item_at)
            .filter(|item| item.source == Source::Chantier);
        if let Some(item) = chosen
            && self.selected.as_ref() != Some(&item.file)
        {
            self.selected = Some(item.file.clone());
            self.board.selected = Some(key_of(item));
            self.detail = super::detail::Inputs::default();
        }
        if let Some(item) = activated {
            self.form = Some(super::form::Form::of(item));
        }
    }
}

fn cell_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, plan: &Plan, summary: &Summary, item: &Item, column: &str) {
    let t = Tokens::of(ui);
    let or_absent = |ui: &mut Ui, value: &str| {
        if value.is_empty() {
            text::absent(ui);
        } else {
            text::small(ui, value);
        }
    };
    match column {
        "id" => {
            text::small(ui, &item.id);
        }
        "title" => {
            icons::icon_ui(ui, words::icon_of(&item.kind), 14.0, words::colour_of(t, &item.kind), None);
            if item.in_conflict {
                state_mark::label_ui(ui, State::Failed, &cx.t("plan-in-conflict"));
            }
            text::body(ui, &item.title);
        }
        "type" => or_absent(ui, &words::kind_name(cx, &item.kind)),
        "state" => {
            let mark = if plan.workflow.column_of(&item.state).is_none() {
                State::Degraded
            } else {
                plan.workflow.mark(&item.state)
            };
            state_mark::label_ui(ui, mark, &state_name(&item.state, cx.texts));
        }
        "priority" => or_absent(ui, &words::priority_name(cx, item.priority)),
        "assignee" => or_absent(ui, item.assignee.as_deref().unwrap_or_default()),
        "labels" => or_absent(ui, &item.labels.join(", ")),
        "start" => match item.start {
            Some(start) => {
                text::small(ui, &words::day(cx, start)).on_hover_text(start.to_string());
            }
            None => or_absent(ui, ""),
        },
        "parent" => or_absent(ui, item.parent.as_deref().unwrap_or_default()),
        "due" => match item.due {
            Some(due) => {
                let colour = if words::is_late(cx, plan, item) {
                    t.danger.text
                } else {
                    t.text_weak
                };
                let look = Look {
                    font: font::small(),
                    colour,
                    cut: Cut::End,
                };
                text::label(ui, &words::day(cx, due), look).on_hover_text(due.to_string());
            }
            None => or_absent(ui, ""),
        },
        "milestone" => match &item.milestone {
            Some(name) => match summary.milestone(plan, name) {
                Some(known) => {
                    if text::link_small(ui, name).clicked() {
                        cx.ask(Intent::Go(Target::Item {
                            workspace: workspace.id.clone(),
                            id: known.id.clone(),
                        }));
                    }
                }
                None => or_absent(ui, name),
            },
            None => or_absent(ui, ""),
        },
        "criteria" if !item.criteria.is_empty() => {
            text::small(ui, &format!("{}/{}", item.n_criteria_done(), item.criteria.len()));
        }
        "estimate" => {
            let words = item.estimate.as_deref().map(|text| say::estimate_words(text, cx.texts));
            or_absent(ui, &words.unwrap_or_default());
        }
        "created" => match item.created {
            Some(created) => {
                text::small(ui, &words::day(cx, created)).on_hover_text(created.to_string());
            }
            None => or_absent(ui, ""),
        },
        _ => or_absent(ui, ""),
    }
}
