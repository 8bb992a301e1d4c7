//! What is promised and how it stands: up-time, objectives, error budgets, and when disks will be full.

use crate::areas::monitor::cli::reports::{forecast_text, share_text, slo_text};
use crate::areas::monitor::{Command, Objective, Objectives};
use crate::areas::page::{Cx, Intent, no_hits_ui};
use crate::base::{State, Target, Workspace, format};
use crate::msg;
use crate::ui::detail::{self, Fact, Heading};
use crate::ui::page_frame;
use crate::ui::table::{Column, Table, TableState, row_key};
use crate::ui::{Ui, icons, palette, state_mark, text};
use serde::{Deserialize, Serialize};

/// Room for `99.987 %`.
const SHARE_WIDTH: f32 = 64.0;

/// What the tab remembers.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct ObjectivesTab {
    table: TableState,
    #[serde(skip)]
    rows: Vec<usize>,
    #[serde(skip)]
    made_from: Option<String>,
}

pub(super) fn of<'a>(cx: &Cx<'a>) -> Option<&'a Objectives> {
    cx.model.monitor.objectives.get(&super::workspace(cx)?.id)
}

pub(super) fn ask(cx: &Cx<'_>, workspace: &Workspace) {
    cx.ask(Command::LoadObjectives {
        workspace: workspace.clone(),
    });
}

fn key(row: &Objective) -> u64 {
    row_key(&format!("{} {}", row.is_environment, row.name))
}

/// Kept, in danger (less than a quarter of the budget is left), broken, or nothing to say.
fn state(row: &Objective) -> State {
    match row.budget_left {
        Some(left) if left <= 0.0 => State::Failed,
        Some(left) if left < 0.25 => State::Degraded,
        Some(_) => State::Done,
        None => State::None,
    }
}

fn word(cx: &Cx<'_>, row: &Objective) -> String {
    cx.t(match state(row) {
        State::Failed => "monitor-slo-broken",
        State::Degraded => "monitor-slo-danger",
        State::Done => "monitor-slo-kept",
        _ => "monitor-slo-none",
    })
}

fn left_text(cx: &Cx<'_>, left: f64) -> String {
    let places = usize::from(left.abs() < 1.0);
    format!("{} %", format::decimal(left * 100.0, places, cx.texts))
}

fn name_of(cx: &Cx<'_>, row: &Objective) -> String {
    if row.is_environment {
        cx.msg(&msg!("monitor-environment-row", name = row.name.as_str()))
    } else {
        row.name.clone()
    }
}

impl ObjectivesTab {
    pub(super) fn selected<'a>(&self, cx: &Cx<'a>) -> Option<&'a Objective> {
        let wanted = self.table.single()?;
        of(cx)?.rows.iter().find(|row| key(row) == wanted)
    }

    fn arrange(&mut self, cx: &Cx<'_>, workspace: &Workspace, all: &[Objective]) {
        let from = format!(
            "{} {} {:?} {:?} {:?}",
            workspace.id, cx.model.monitor.generation, cx.filter, cx.environment, self.table.sort
        );
        if self.made_from.as_ref() == Some(&from) {
            return;
        }
        self.made_from = Some(from);
        let filter = cx.filter.trim();
        let is_shown = |row: &Objective| {
            let is_here = cx.environment.is_none() || row.environment.as_deref() == cx.environment;
            let is_found = palette::is_found(filter, &row.name);
            is_here && (filter.is_empty() || is_found)
        };
        self.rows = (0..all.len()).filter(|i| is_shown(&all[*i])).collect();
        let sort = self.table.sort.clone();
        let number = |value: Option<f64>| value.unwrap_or(f64::INFINITY);
        self.rows.sort_by(|a, b| {
            let (a, b) = (&all[*a], &all[*b]);
            let ordered = match sort.as_ref().map(|sort| sort.column.as_str()) {
                Some("name") => a.name.cmp(&b.name),
                Some("environment") => a.environment.cmp(&b.environment),
                Some("uptime") => number(a.share).total_cmp(&number(b.share)),
                Some("slo") => number(a.slo).total_cmp(&number(b.slo)),
                // Where the least is left stands first.
                _ => number(a.budget_left).total_cmp(&number(b.budget_left)),
            };
            let ordered = if sort.as_ref().is_some_and(|sort| sort.descending) {
                ordered.reverse()
            } else {
                ordered
            };
            ordered.then_with(|| a.name.cmp(&b.name))
        });
    }

    pub(super) fn body_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace) {
        let Some(found) = of(cx) else {
            page_frame::loading_ui(ui, None);
            return;
        };
        let all = &found.rows;
        self.arrange(cx, workspace, all);
        if self.rows.is_empty() {
            if all.is_empty() {
                let edit = cx.t("monitor-edit-checks");
                let sentence = format!("{}. {}", cx.t("monitor-no-checks"), cx.t("monitor-no-slo-hint"));
                if page_frame::empty_ui(ui, icons::PULSE, &sentence, Some(&edit)) {
                    cx.edit_project(workspace);
                }
            } else {
                no_hits_ui(ui, cx, "monitor-filter-nothing");
            }
            return;
        }
        let name = cx.t("monitor-tab-objectives");
        let column = |id: &'static str, key: &str, width: f32| Column::new(id, cx.t(key), width);
        let columns = [
            column("state", "monitor-col-state", 110.0),
            column("name", "monitor-col-name", 150.0).fill().always(),
            column("environment", "monitor-col-environment", 110.0),
            column("uptime", "monitor-col-uptime", 84.0).right(),
            column("slo", "monitor-col-slo", 80.0).right(),
            column("left", "monitor-col-left", 110.0).right(),
            column("forecast", "monitor-col-forecast", 120.0).unsortable(),
        ];
        let Self {
            table: table_state,
            rows,
            ..
        } = self;
        let row_of = |row: usize| rows.get(row).and_then(|i| all.get(*i));
        Table::new("monitor-objectives", &name, &columns, rows.len())
            .single()
            .key(|row| row_of(row).map_or(0, key))
            .label(|row| row_of(row).map_or_else(String::new, |row| format!("{}, {}", name_of(cx, row), word(cx, row))))
            .copy(|row| {
                row_of(row).map_or_else(String::new, |row| {
                    let share = row.share.map(|share| share_text(share, cx.texts)).unwrap_or_default();
                    let left = row.budget_left.map(|left| left_text(cx, left)).unwrap_or_default();
                    [name_of(cx, row), word(cx, row), share, left].join("\t")
                })
            })
            .show(ui, table_state, |ui, row, column| {
                if let Some(row) = row_of(row) {
                    cell_ui(ui, cx, row, columns[column].id);
                }
            });
    }

    pub(super) fn detail_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace) {
        let Some(row) = self.selected(cx) else {
            lives_ui(ui, cx);
            return;
        };
        let (name, word) = (name_of(cx, row), word(cx, row));
        let note = cx.msg(&msg!("monitor-over-days", n = row.days));
        let heading = Heading {
            icon: icons::PULSE,
            name: &name,
            note: &note,
            state: Some((state(row), &word)),
        };
        detail::heading_ui(ui, &heading);
        let mut facts = Vec::new();
        if let Some(share) = row.share {
            facts.push(Fact::text(cx.t("monitor-col-uptime"), share_text(share, cx.texts)));
        }
        if let Some(slo) = row.slo {
            facts.push(Fact::text(cx.t("monitor-col-slo"), slo_text(slo, cx.texts)));
        }
        if let Some(left) = row.budget_left {
            facts.push(Fact::text(cx.t("monitor-col-left"), left_text(cx, left)));
        }
        let answers = cx.msg(&msg!("monitor-recent-words", good = row.n_up, n = row.n));
        facts.push(Fact::text(cx.t("monitor-col-recent"), answers));
        for (hours, burn) in [1_u32, 6, 24].into_iter().zip(&row.burn) {
            let label = cx.msg(&msg!("monitor-burn-in", n = hours));
            let value = burn.map_or_else(|| "–".to_owned(), |burn| format!("{}×", format::decimal(burn, 1, cx.texts)));
            facts.push(Fact::text(label, value));
        }
        let mut target = detail::facts_ui(ui, &facts);
        if let Some(forecast) = &row.forecast {
            detail::titled_section_ui(ui, &cx.t("monitor-col-forecast"), "", |ui| {
                text::paragraph(ui, &forecast_text(forecast, cx.texts));
            });
        }
        detail::titled_section_ui(ui, &cx.t("monitor-what-it-means"), "", |ui| {
            text::paragraph_weak(ui, &cx.t("monitor-slo-meaning"));
        });
        if !row.is_environment {
            detail::section_ui(ui, |ui| {
                if text::link(ui, &row.name).clicked() {
                    target = Some(Target::Check {
                        workspace: workspace.id.clone(),
                        name: row.name.clone(),
                    });
                }
            });
        }
        if let Some(target) = target {
            cx.ask(Intent::Go(target));
        }
    }
}

/// Every place counts close to the whole; further away one is enough.
fn lived_text(cx: &Cx<'_>, share: f64) -> String {
    if share >= 0.99 {
        return share_text(share, cx.texts);
    }
    format!("{} %", format::decimal(share * 100.0, 1, cx.texts))
}

/// How instances lived.
fn lives_ui(ui: &mut Ui, cx: &Cx<'_>) {
    let Some(found) = of(cx).filter(|found| !found.lives.is_empty()) else {
        return;
    };
    detail::titled_section_ui(ui, &cx.t("monitor-instances-lived"), "", |ui| {
        for life in found.lives.iter().take(30) {
            let state = if life.n_crashes > 0 { State::Degraded } else { State::Done };
            let share = life.share.map(|share| lived_text(cx, share)).unwrap_or_default();
            let environment = life.environment.as_deref().unwrap_or_default();
            detail::columns_ui(ui, SHARE_WIDTH, &[share], |ui| {
                state_mark::label_ui(ui, state, &format!("{environment} {}", life.name));
            });
            let words = msg!("monitor-lives-line", starts = life.n_starts, crashes = life.n_crashes);
            text::small(ui, &cx.msg(&words));
        }
    });
}

fn cell_ui(ui: &mut Ui, cx: &Cx<'_>, row: &Objective, column: &str) {
    let optional = |ui: &mut Ui, value: Option<String>| {
        match value {
            Some(value) => text::body(ui, &value),
            None => text::absent(ui),
        };
    };
    match column {
        "state" => {
            state_mark::label_ui(ui, state(row), &word(cx, row));
        }
        "name" => {
            text::body(ui, &name_of(cx, row));
        }
        "environment" => optional(ui, row.environment.clone()),
        "uptime" => optional(ui, row.share.map(|share| share_text(share, cx.texts))),
        "slo" => optional(ui, row.slo.map(|slo| slo_text(slo, cx.texts))),
        "left" => optional(ui, row.budget_left.map(|left| left_text(cx, left))),
        _ => {
            if let Some(forecast) = &row.forecast {
                let words = forecast_text(forecast, cx.texts);
                text::body(ui, &words).on_hover_text(&words);
            }
        }
    }
}
