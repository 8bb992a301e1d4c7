//! The tab of events: what happened to what runs, newest first, by who tells of it and by words.

use crate::areas::operate::Command;
use crate::areas::page::{Action, Cx, Intent, no_hits_ui};
use crate::base::happening::{Happening, HappeningKind};
use crate::base::{State, WorkspaceId, format};
use crate::msg;
use crate::ui::memo::Memo;
use crate::ui::table::{Column, Table, TableState, row_key};
use crate::ui::{Ui, button, icons, page_frame, state_mark, text};
use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// How far back the list begins: a day.
const SINCE_SECS: u32 = 86_400;

type Key = (u64, String, Option<HappeningKind>, bool);

/// What the tab remembers.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Events {
    table: TableState,
    kind: Option<HappeningKind>,
    only_trouble: bool,
    #[serde(skip)]
    rows: Memo<Key, Vec<usize>>,
    /// Of which workspace it was asked for.
    #[serde(skip)]
    asked: Option<Option<WorkspaceId>>,
}

impl Events {
    pub(super) fn look(&mut self, cx: &Cx<'_>) {
        self.asked = Some(cx.workspace.map(|workspace| workspace.id.clone()));
        cx.ask(order(cx));
    }

    pub(super) fn actions(cx: &Cx<'_>) -> Vec<Action> {
        vec![Action::new("operate-events-look", cx.t("operate-look"), order(cx).into()).icon(icons::REFRESH)]
    }

    pub(super) fn subtitle(cx: &Cx<'_>) -> String {
        let operate = &cx.model.operate;
        let Some(since) = operate.events_since else {
            return String::new();
        };
        cx.msg(&msg!(
            "event-subtitle",
            n = operate.events.len(),
            age = format::age(since, cx.now, cx.texts)
        ))
    }

    pub(super) fn body_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let wanted = Some(cx.workspace.map(|workspace| workspace.id.clone()));
        if self.asked != wanted {
            self.look(cx);
        }
        self.bar_ui(ui, cx);
        let rows = self.arrange(cx);
        let all = &cx.model.operate.events;
        if rows.is_empty() {
            if all.is_empty() {
                page_frame::empty_ui(ui, icons::BELL, &cx.t("event-empty"), None);
            } else {
                no_hits_ui(ui, cx, "event-filter-nothing");
            }
            return;
        }
        let column = |id: &'static str, key: &str, width: f32| Column::new(id, cx.t(key), width).unsortable();
        let columns = [
            column("at", "event-col-at", 110.0),
            column("kind", "event-col-kind", 110.0),
            column("name", "event-col-name", 220.0).always(),
            column("what", "event-col-what", 260.0).fill(),
        ];
        let name = cx.t("operate-tab-events");
        let at = |row: usize| rows.get(row).and_then(|i| all.get(*i));
        let response = Table::new("operate-events", &name, &columns, rows.len())
            .key(|row| at(row).map_or(0, |one| row_key(&one.key)))
            .label(|row| at(row).map_or_else(String::new, |one| format!("{}, {}", one.name, cx.msg(&one.what))))
            .copy(|row| at(row).map_or_else(String::new, |one| format!("{}\t{}\t{}", one.at, one.name, cx.msg(&one.what))))
            .show(ui, &mut self.table, |ui, row, column| {
                let Some(one) = at(row) else { return };
                match columns[column].id {
                    "at" => {
                        text::weak(ui, &format::ago(one.at, cx.now, cx.texts)).on_hover_text(one.at.to_string());
                    }
                    "kind" => drop(text::weak(ui, &cx.t(one.kind.key()))),
                    "name" => drop(text::body(ui, &one.name)),
                    _ => {
                        state_mark::label_ui(ui, one.state, &cx.msg(&one.what));
                    }
                }
            });
        let target = response.activated.and_then(at).and_then(|one| one.target.clone());
        if let Some(target) = target {
            cx.ask(Intent::Go(target));
        }
    }

    fn bar_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        page_frame::bar_ui(ui, 38.0, |ui| {
            let words: Vec<String> = HappeningKind::ALL.iter().map(|kind| cx.t(kind.key())).collect();
            let all = cx.t("event-all");
            let mut choices = vec![(None, all.as_str())];
            choices.extend(
                HappeningKind::ALL
                    .iter()
                    .zip(&words)
                    .map(|(kind, word)| (Some(*kind), word.as_str())),
            );
            button::segments_ui(ui, &mut self.kind, &choices);
            let trouble = cx.t("event-only-trouble");
            button::tick_ui(ui, &mut self.only_trouble, &trouble, &trouble);
        });
    }

    /// Newest first.
    fn arrange(&self, cx: &Cx<'_>) -> Rc<Vec<usize>> {
        let filter = cx.filter.trim().to_lowercase();
        let key = (
            cx.model.operate.events_generation,
            filter.clone(),
            self.kind,
            self.only_trouble,
        );
        self.rows.get(key, || {
            let all = cx.model.operate.events.iter().enumerate().rev();
            let passes = |one: &Happening| {
                self.kind.is_none_or(|kind| one.kind == kind)
                    && (!self.only_trouble || matches!(one.state, State::Failed | State::Degraded))
                    && (filter.is_empty()
                        || one.name.to_lowercase().contains(&filter)
                        || cx.msg(&one.what).to_lowercase().contains(&filter))
            };
            all.filter(|(_, one)| passes(one)).map(|(i, _)| i).collect()
        })
    }
}

fn order(cx: &Cx<'_>) -> Command {
    Command::ShowEvents {
        workspaces: cx.workspace.cloned().into_iter().collect(),
        since_secs: SINCE_SECS,
        follow: true,
    }
}
