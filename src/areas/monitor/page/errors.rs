//! The error inbox: one row for each defect, and the selected one with its last trace and its suspect.

use crate::areas::monitor::cli::errors::{state_key, suspect_line, title};
use crate::areas::monitor::{Command, ErrorAct, ErrorGroup};
use crate::areas::page::{Action, Cx, Intent};
use crate::base::{State, Target, Timestamp, Workspace, format};
use crate::ui::detail::{self, Fact, Heading};
use crate::ui::page_frame;
use crate::ui::table::{Column, Table, TableState};
use crate::ui::{Ui, icons, palette, state_mark, text};
use serde::{Deserialize, Serialize};

/// What the tab remembers.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct ErrorsTab {
    table: TableState,
    #[serde(skip)]
    rows: Vec<usize>,
    #[serde(skip)]
    made_from: Option<String>,
}

pub(super) fn of<'a>(cx: &Cx<'a>) -> &'a [ErrorGroup] {
    super::workspace(cx).map_or(&[], |workspace| cx.model.monitor.errors_of(&workspace.id))
}

/// Those that nobody looks after.
pub(super) fn n_open(cx: &Cx<'_>) -> u64 {
    of(cx)
        .iter()
        .filter(|error| matches!(error.state.as_str(), "new" | "back"))
        .count() as u64
}

fn state(error: &ErrorGroup) -> State {
    match error.state.as_str() {
        "resolved" => State::Done,
        "acknowledged" => State::Skipped,
        "back" => State::Failed,
        _ => State::Degraded,
    }
}

impl ErrorsTab {
    pub(super) fn selected<'a>(&self, cx: &Cx<'a>) -> Option<&'a ErrorGroup> {
        let key = self.table.single()?;
        of(cx).iter().find(|error| error.id as u64 == key)
    }

    fn arrange(&mut self, cx: &Cx<'_>, workspace: &Workspace) {
        let from = format!(
            "{} {} {:?} {:?} {:?}",
            workspace.id, cx.model.monitor.generation, cx.filter, cx.environment, self.table.sort
        );
        if self.made_from.as_ref() == Some(&from) {
            return;
        }
        self.made_from = Some(from);
        let all = of(cx);
        let filter = cx.filter.trim();
        let is_shown = |error: &ErrorGroup| {
            let is_here = cx.environment.is_none() || error.environment.as_deref() == cx.environment;
            let texts = [error.kind.as_str(), &error.message, &error.place, &error.instance];
            let is_found = |text: &&str| palette::is_found(filter, text);
            is_here && (filter.is_empty() || texts.iter().any(is_found))
        };
        self.rows = (0..all.len()).filter(|i| is_shown(&all[*i])).collect();
        let Some(sort) = self.table.sort.clone() else { return };
        self.rows.sort_by(|a, b| {
            let (a, b) = (&all[*a], &all[*b]);
            let ordered = match sort.column.as_str() {
                "state" => state(a).cmp(&state(b)),
                "error" => a.kind.cmp(&b.kind).then_with(|| a.message.cmp(&b.message)),
                "place" => a.place.cmp(&b.place),
                "count" => a.n.cmp(&b.n),
                "first" => b.first_at.cmp(&a.first_at),
                _ => b.last_at.cmp(&a.last_at),
            };
            if sort.descending { ordered.reverse() } else { ordered }
        });
    }

    pub(super) fn body_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace) {
        if !cx.model.monitor.errors.contains_key(&workspace.id) {
            page_frame::loading_ui(ui, None);
            return;
        }
        self.arrange(cx, workspace);
        let all = of(cx);
        if self.rows.is_empty() {
            let (icon, key) = if all.is_empty() {
                (icons::PULSE, "monitor-no-errors")
            } else {
                (icons::FILTER, "monitor-filter-nothing")
            };
            page_frame::empty_ui(ui, icon, &cx.t(key), None);
            return;
        }
        let name = cx.t("monitor-tab-errors");
        let column = |id: &'static str, key: &str, width: f32| Column::new(id, cx.t(key), width);
        let columns = [
            column("state", "monitor-col-state", 110.0),
            column("error", "monitor-col-error", 200.0).fill().always(),
            column("place", "monitor-col-place", 170.0),
            column("count", "monitor-col-count", 64.0).right(),
            column("first", "monitor-col-first", 90.0).right(),
            column("last", "monitor-col-last", 90.0).right(),
        ];
        let Self {
            table: table_state,
            rows,
            ..
        } = self;
        let error_of = |row: usize| rows.get(row).and_then(|i| all.get(*i));
        Table::new("monitor-errors", &name, &columns, rows.len())
            .single()
            .key(|row| error_of(row).map_or(0, |error| error.id as u64))
            .label(|row| {
                error_of(row).map_or_else(String::new, |error| {
                    format!("{}, {}", title(error), cx.t(state_key(&error.state)))
                })
            })
            .copy(|row| {
                error_of(row).map_or_else(String::new, |error| {
                    [
                        title(error),
                        error.place.clone(),
                        error.n.to_string(),
                        error.last_at.to_string(),
                    ]
                    .join("\t")
                })
            })
            .show(ui, table_state, |ui, row, column| {
                if let Some(error) = error_of(row) {
                    cell_ui(ui, cx, error, columns[column].id);
                }
            });
    }

    pub(super) fn detail_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace) {
        let Some(error) = self.selected(cx) else { return };
        let word = cx.t(state_key(&error.state));
        let heading = Heading {
            icon: icons::PULSE,
            name: &error.kind,
            note: &error.place,
            state: Some((state(error), &word)),
        };
        detail::heading_ui(ui, &heading);
        if !error.message.is_empty() {
            detail::section_ui(ui, |ui| text::paragraph(ui, &error.message));
        }
        let ago = |at| format::ago(at, cx.now, cx.texts);
        let mut facts = vec![
            Fact::text(cx.t("monitor-col-count"), format::count(error.n, cx.texts)),
            Fact::text(cx.t("monitor-col-first"), ago(error.first_at)).hover(error.first_at.to_string()),
            Fact::text(cx.t("monitor-col-last"), ago(error.last_at)).hover(error.last_at.to_string()),
        ];
        let version = [
            error.first_version.clone(),
            error.first_commit.as_deref().map(|oid| format::short_oid(oid).to_owned()),
        ];
        let version: Vec<String> = version.into_iter().flatten().collect();
        if !version.is_empty() {
            facts.push(Fact::text(cx.t("monitor-first-version"), version.join(" · ")));
        }
        let at = error.environment.as_deref().unwrap_or_default();
        facts.push(Fact::text(
            cx.t("monitor-col-instance"),
            format!("{at} {}", error.instance).trim().to_owned(),
        ));
        if let Some(version) = &error.resolved_in {
            facts.push(Fact::text(cx.t("monitor-resolved-in"), version.clone()));
        }
        let mut target = detail::facts_ui(ui, &facts);
        if let (Some(suspect), Some(line)) = (&error.suspect, suspect_line(error)) {
            detail::titled_section_ui(ui, &cx.t("monitor-suspect"), "", |ui| {
                if text::link(ui, &line).clicked() {
                    target = Some(Target::Commit {
                        workspace: workspace.id.clone(),
                        oid: suspect.commit.clone(),
                    });
                }
                text::path(ui, &format!("{}:{}", suspect.path, suspect.line));
            });
        }
        if let Some(intent) = detail::actions_ui(ui, &actions(cx, workspace, error)) {
            cx.ask(intent);
        }
        detail::titled_section_ui(ui, &cx.t("monitor-trace"), "", |ui| {
            for line in error.sample.lines().take(60) {
                text::mono(ui, line).on_hover_text(line);
            }
        });
        if let Some(target) = target {
            cx.ask(Intent::Go(target));
        }
    }
}

fn actions(cx: &Cx<'_>, workspace: &Workspace, error: &ErrorGroup) -> Vec<Action> {
    let change = |key: &'static str, act: ErrorAct| {
        let command = Command::ChangeError {
            workspace: workspace.clone(),
            id: error.id,
            act,
        };
        Action::new(key, cx.t(key), command.into())
    };
    match error.state.as_str() {
        "resolved" => vec![change("monitor-reopen", ErrorAct::Reopen)],
        "acknowledged" => vec![
            change("monitor-resolve-next", ErrorAct::Resolve { version: None }).primary(),
            change("monitor-reopen", ErrorAct::Reopen),
        ],
        _ => vec![
            change("monitor-ack", ErrorAct::Acknowledge).primary(),
            change("monitor-resolve-next", ErrorAct::Resolve { version: None }),
        ],
    }
}

fn cell_ui(ui: &mut Ui, cx: &Cx<'_>, error: &ErrorGroup, column: &str) {
    let age = |ui: &mut Ui, at: Timestamp| {
        text::small(ui, &format::age(at, cx.now, cx.texts)).on_hover_text(at.to_string());
    };
    match column {
        "state" => {
            state_mark::label_ui(ui, state(error), &cx.t(state_key(&error.state)));
        }
        "error" => {
            let words = title(error);
            text::body(ui, &words).on_hover_text(&words);
        }
        "place" => {
            text::path(ui, &error.place);
        }
        "count" => {
            text::body(ui, &format::count(error.n, cx.texts));
        }
        "first" => age(ui, error.first_at),
        _ => age(ui, error.last_at),
    }
}
