//! The tab of tasks: grouped by where they are written, each with its last run and a button.

use super::words;
use crate::areas::build::detect::{Source, Task};
use crate::areas::build::model::Builds;
use crate::areas::page::{Cx, Intent, UiIntent, no_hits_ui};
use crate::base::{State, Workspace, format};
use crate::ui::state_mark::TagLook;
use crate::ui::table::{Column, GroupRow, Table, TableState, row_key};
use crate::ui::{Ui, action, button, icons, state_mark, text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Durations that the trend shows.
const TREND: usize = 20;

#[derive(Clone, Copy)]
enum Line {
    Group(Source),
    Task(usize),
}

/// What the tab remembers.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Tasks {
    pub(super) table: TableState,
    /// Sources that are folded.
    folded: BTreeSet<String>,
}

impl Tasks {
    pub(super) fn selected<'a>(&self, builds: &'a Builds) -> Option<&'a Task> {
        let key = self.table.single()?;
        builds.tasks().iter().find(|task| row_key(&task.id) == key)
    }

    pub(super) fn ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, builds: &Builds, tasks: &[Task]) {
        super::since::note_ui(ui, cx, workspace, builds);
        let lines = self.lines(cx, tasks);
        if lines.is_empty() {
            no_hits_ui(ui, cx, "build-filter-nothing");
            return;
        }
        let name = cx.t("build-tab-tasks");
        let column = |id: &'static str, key: &str, width: f32| Column::new(id, cx.t(key), width).unsortable();
        let columns = [
            column("task", "build-col-task", 180.0).fill().always(),
            column("kind", "build-col-kind", 88.0),
            column("dir", "build-col-dir", 120.0).hidden_at_first(),
            column("state", "build-col-last", 116.0),
            column("when", "build-col-when", 88.0),
            column("trend", "build-col-trend", 84.0),
            column("time", "build-col-time", 64.0).right(),
            column("run", "build-col-run", 52.0).always(),
        ];
        let main = builds.main_task().map(|task| task.id.as_str());
        let task_of = |row: usize| match lines.get(row) {
            Some(Line::Task(at)) => tasks.get(*at),
            _ => None,
        };
        let folded = self.folded.clone();
        let group_of = |row: usize| match lines.get(row) {
            Some(Line::Group(source)) => Some(GroupRow {
                label: words::source(cx, *source),
                count: tasks.iter().filter(|task| task.source == *source).count().to_string(),
                open: !folded.contains(source.word()),
                state: None,
            }),
            _ => None,
        };
        let mut asked: Option<Intent> = None;
        let mut pressed: Option<Intent> = None;
        let table = Table::new("build-tasks", &name, &columns, lines.len())
            .single()
            .key(|row| task_of(row).map_or(row as u64, |task| row_key(&task.id)))
            .label(|row| {
                task_of(row)
                    .map(|task| spoken(cx, builds, task))
                    .or_else(|| group_of(row).map(|group| group.label))
                    .unwrap_or_default()
            })
            .copy(|row| task_of(row).map(Task::command_line).unwrap_or_default())
            .groups(group_of)
            .menu(|ui, row| {
                if let Some(task) = task_of(row) {
                    asked = action::menu_ui(ui, &words::task_actions(cx, workspace, builds, task)).or(asked.take());
                }
            });
        let response = table.show(ui, &mut self.table, |ui, row, column| {
            if let Some(task) = task_of(row) {
                let is_main = main == Some(task.id.as_str());
                if let Some(intent) = cell_ui(ui, cx, workspace, builds, task, is_main, columns[column].id) {
                    pressed = Some(intent);
                }
            }
        });
        if let Some(Line::Group(source)) = response.toggled.and_then(|row| lines.get(row))
            && !self.folded.remove(source.word())
        {
            self.folded.insert(source.word().to_owned());
        }
        if let Some(task) = response.activated.and_then(task_of) {
            let action = words::run_action(cx, workspace, builds, task);
            pressed = action::press(ui.ctx(), &action).or(pressed);
        }
        if let Some(intent) = asked.or(pressed) {
            cx.ask(intent);
        }
    }

    fn lines(&self, cx: &Cx<'_>, tasks: &[Task]) -> Vec<Line> {
        let filter = cx.filter.trim().to_lowercase();
        let is_shown = |task: &Task| {
            filter.is_empty() || task.id.to_lowercase().contains(&filter) || task.command_line().to_lowercase().contains(&filter)
        };
        let mut lines = Vec::new();
        for source in Source::ALL {
            let of_source: Vec<usize> = (0..tasks.len())
                .filter(|at| tasks[*at].source == source && is_shown(&tasks[*at]))
                .collect();
            if of_source.is_empty() {
                continue;
            }
            lines.push(Line::Group(source));
            if !self.folded.contains(source.word()) {
                lines.extend(of_source.into_iter().map(Line::Task));
            }
        }
        lines
    }
}

fn spoken(cx: &Cx<'_>, builds: &Builds, task: &Task) -> String {
    let state = builds
        .runs_of(&task.id)
        .next()
        .map_or_else(|| cx.t("build-never"), |run| words::state(cx, run).1);
    format!("{}, {state}", task.name)
}

fn cell_ui(
    ui: &mut Ui,
    cx: &Cx<'_>,
    workspace: &Workspace,
    builds: &Builds,
    task: &Task,
    is_main: bool,
    column: &str,
) -> Option<Intent> {
    let last = builds.runs_of(&task.id).next();
    match (column, last) {
        ("task", _) => {
            if is_main {
                text::medium(ui, words::label(task));
            } else {
                text::body(ui, words::label(task));
            }
            let note = if task.note.is_empty() {
                task.command_line()
            } else {
                task.note.clone()
            };
            if let Some(word) = builds.since.as_ref().and_then(|since| super::since::word(cx, since, task)) {
                state_mark::tag_ui(ui, &word, TagLook::Accent);
            }
            text::small(ui, &note);
            // The same words in several folders are several tasks.
            if !task.dir.as_os_str().is_empty() && !matches!(task.source, Source::Cargo | Source::Project) {
                text::path(ui, &task.dir.display().to_string());
            }
        }
        ("kind", _) => {
            text::weak(ui, &words::kind(cx, task.kind));
        }
        ("dir", _) => {
            text::path(ui, &task.dir.display().to_string());
        }
        ("state", Some(run)) => {
            let (state, word) = words::state(cx, run);
            let shown = if run.state == State::Done && run.n_warnings > 0 {
                State::Degraded
            } else {
                state
            };
            if state_mark::label_ui(ui, shown, &word).interact(egui::Sense::CLICK).clicked() {
                return Some(Intent::Ui(UiIntent::ShowJob(run.job)));
            }
        }
        ("state", None) => {
            text::weak(ui, &cx.t("build-never"));
        }
        ("when", Some(run)) => {
            text::weak(ui, &format::ago(run.started_at, cx.now, cx.texts))
                .on_hover_text(format::local(run.started_at).to_string());
        }
        ("trend", Some(run)) => {
            let mut trend: Vec<f32> = builds
                .runs_of(&task.id)
                .filter(|run| run.state == State::Done)
                .take(TREND)
                .map(|run| run.duration_ms as f32)
                .collect();
            trend.reverse();
            if trend.len() > 1 {
                state_mark::sparkline_ui(ui, &trend, 76.0, run.state, &cx.t("build-col-trend"));
            }
        }
        ("time", Some(run)) if words::is_timed(run) => {
            text::body(ui, &format::duration_secs(run.duration_ms as f64 / 1000.0, cx.texts));
        }
        ("run", _) => {
            let action = words::run_action(cx, workspace, builds, task);
            let icon = if words::running(builds, &task.id).is_some() {
                icons::STOP
            } else {
                icons::RUN
            };
            let clicked = ui
                .add_enabled_ui(action.is_enabled(), |ui| {
                    button::icon_button_small(ui, icon, &action.label).clicked()
                })
                .inner;
            if clicked {
                return action::press(ui.ctx(), &action);
            }
        }
        _ => {}
    }
    None
}
