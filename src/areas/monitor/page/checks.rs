//! The checks as a table, and the selected one with its last answers and the thread of its environment.

use super::checks_of;
use crate::areas::monitor::{CheckRow, Command, Standing};
use crate::areas::page::{Action, Cx, Intent, no_hits_ui};
use crate::base::{State, Target, Workspace, format};
use crate::msg;
use crate::ui::detail::{self, Fact, Heading};
use crate::ui::page_frame::{self, LoadableAsk, LoadableView};
use crate::ui::table::{Column, Table, TableState, row_key};
use crate::ui::{Ui, icons, palette, state_mark, text};
use serde::{Deserialize, Serialize};

/// What the tab remembers.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Checks {
    table: TableState,
    #[serde(skip)]
    rows: Vec<usize>,
    #[serde(skip)]
    made_from: Option<String>,
}

/// The word of where a check stands.
pub(super) fn word(cx: &Cx<'_>, check: &CheckRow) -> String {
    cx.t(check.standing.key())
}

pub(super) fn latency(cx: &Cx<'_>, check: &CheckRow) -> Option<String> {
    Some(format::duration_secs(check.latency_ms? / 1000.0, cx.texts))
}

impl Checks {
    pub(super) fn reveal(&mut self, name: &str) {
        self.table.select_only(row_key(name));
    }

    pub(super) fn selected<'a>(&self, cx: &Cx<'a>) -> Option<&'a CheckRow> {
        let key = self.table.single()?;
        checks_of(cx).iter().find(|check| row_key(&check.name) == key)
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
        let all = checks_of(cx);
        let filter = cx.filter.trim();
        let is_shown = |check: &CheckRow| {
            let texts = [
                check.name.as_str(),
                &check.what,
                check.environment.as_deref().unwrap_or_default(),
            ];
            let is_here = cx.environment.is_none() || check.environment.as_deref() == cx.environment;
            let is_found = |text: &&str| palette::is_found(filter, text);
            is_here && (filter.is_empty() || texts.iter().any(is_found))
        };
        self.rows = (0..all.len()).filter(|i| is_shown(&all[*i])).collect();
        let sort = self.table.sort.clone();
        self.rows.sort_by(|a, b| {
            let (a, b) = (&all[*a], &all[*b]);
            let number = |value: Option<f64>| value.unwrap_or(-1.0);
            let ordered = match sort.as_ref().map(|sort| sort.column.as_str()) {
                Some("name") => a.name.cmp(&b.name),
                Some("what") => a.what.cmp(&b.what),
                Some("latency") => number(a.latency_ms).total_cmp(&number(b.latency_ms)),
                Some("uptime") => number(a.uptime).total_cmp(&number(b.uptime)),
                Some("since") => b.since.cmp(&a.since),
                Some("environment") => a.environment.cmp(&b.environment),
                // What is down stands first.
                _ => a.standing.cmp(&b.standing),
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
        self.arrange(cx, workspace);
        let empty = format!("{}. {}", cx.t("monitor-no-checks"), cx.t("monitor-no-checks-hint"));
        let edit = cx.t("monitor-edit-checks");
        let view = LoadableView {
            icon: icons::PULSE,
            empty: &empty,
            empty_action: Some(&edit),
            progress: None,
        };
        let Some(checks) = cx.model.monitor.checks.get(&workspace.id) else {
            page_frame::loading_ui(ui, None);
            return;
        };
        match page_frame::loadable_ui(ui, checks, &view, Vec::is_empty, |ui, _| self.table_ui(ui, cx)) {
            Some(LoadableAsk::Retry) => cx.ask(Command::LoadChecks {
                workspace: workspace.clone(),
            }),
            Some(LoadableAsk::Fill) => cx.edit_project(workspace),
            None => {}
        }
    }

    fn table_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let all = checks_of(cx);
        if self.rows.is_empty() {
            no_hits_ui(ui, cx, "monitor-filter-nothing");
            return;
        }
        let name = cx.t("monitor-tab-checks");
        let column = |id: &'static str, key: &str, width: f32| Column::new(id, cx.t(key), width);
        let columns = [
            column("state", "monitor-col-state", 96.0),
            column("name", "monitor-col-name", 130.0).min(80.0).always(),
            column("what", "monitor-col-what", 160.0).fill(),
            column("latency", "monitor-metric-latency", 64.0).right(),
            column("uptime", "monitor-col-uptime", 62.0).right(),
            column("recent", "monitor-col-recent", 150.0).unsortable(),
            column("since", "monitor-col-since", 64.0).right(),
            column("environment", "monitor-col-environment", 100.0).hidden_at_first(),
        ];
        let Self { table: state, rows, .. } = self;
        let of = |row: usize| rows.get(row).and_then(|i| all.get(*i));
        Table::new("monitor-checks", &name, &columns, rows.len())
            .single()
            .key(|row| of(row).map_or(0, |check| row_key(&check.name)))
            .label(|row| of(row).map_or_else(String::new, |check| format!("{}, {}", check.name, word(cx, check))))
            .copy(|row| {
                of(row).map_or_else(String::new, |check| {
                    [check.name.as_str(), &word(cx, check), &check.what, &check.message].join("\t")
                })
            })
            .show(ui, state, |ui, row, column| {
                if let Some(check) = of(row) {
                    cell_ui(ui, cx, check, columns[column].id);
                }
            });
    }

    pub(super) fn detail_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace) {
        let Some(check) = self.selected(cx) else { return };
        let word = word(cx, check);
        let heading = Heading {
            icon: icons::PULSE,
            name: &check.name,
            note: &check.what,
            state: Some((check.state, &word)),
        };
        detail::heading_ui(ui, &heading);
        if check.standing != Standing::Up && !check.message.is_empty() {
            detail::titled_section_ui(ui, &cx.t("monitor-why"), "", |ui| {
                text::paragraph(ui, &check.message);
            });
        }
        let mut target = detail::facts_ui(ui, &facts(cx, workspace, check));
        detail::titled_section_ui(ui, &cx.t("monitor-col-recent"), "", |ui| recent_ui(ui, cx, check));
        let run = Command::RunChecks {
            workspace: workspace.clone(),
            names: vec![check.name.clone()],
        };
        let now = Action::new("monitor-check-now", cx.t("monitor-check-now"), run.into());
        if let Some(intent) = detail::actions_ui(ui, &[now]) {
            cx.ask(intent);
        }
        if let Some(name) = &check.environment {
            let of = Target::Environment {
                workspace: workspace.id.clone(),
                name: name.clone(),
            };
            if let Some(thread) = cx.thread(&of) {
                target = detail::thread_ui(ui, thread, cx.now).or(target);
            }
        }
        if let Some(target) = target {
            cx.ask(Intent::Go(target));
        }
    }
}

fn recent_ui(ui: &mut Ui, cx: &Cx<'_>, check: &CheckRow) {
    let states: Vec<State> = check
        .recent
        .iter()
        .map(|answer| if answer.is_some() { State::Done } else { State::Failed })
        .collect();
    let n_good = states.iter().filter(|state| **state == State::Done).count();
    let name = cx.msg(&msg!("monitor-recent-words", good = n_good, n = states.len()));
    state_mark::strip_ui(ui, &states, &name);
}

fn cell_ui(ui: &mut Ui, cx: &Cx<'_>, check: &CheckRow, column: &str) {
    match column {
        "state" => {
            state_mark::label_ui(ui, check.state, &word(cx, check)).on_hover_text(&check.message);
        }
        "name" => {
            text::body(ui, &check.name);
        }
        "what" => {
            text::path(ui, &check.what);
        }
        "recent" => recent_ui(ui, cx, check),
        "latency" => value_ui(ui, latency(cx, check)),
        "uptime" => value_ui(ui, check.uptime.map(|uptime| uptime_text(cx, uptime))),
        "since" => match check.since {
            Some(at) => {
                text::small(ui, &format::age(at, cx.now, cx.texts)).on_hover_text(at.to_string());
            }
            None => value_ui(ui, None),
        },
        _ => value_ui(ui, check.environment.clone()),
    }
}

/// Nines matter: two digits behind the sign, unless it is all.
fn uptime_text(cx: &Cx<'_>, uptime: f64) -> String {
    let places = if uptime >= 1.0 { 0 } else { 2 };
    // Rounding must not say that nothing ever failed.
    let percent = if uptime >= 1.0 { 100.0 } else { (uptime * 100.0).min(99.99) };
    format!("{} %", format::decimal(percent, places, cx.texts))
}

fn value_ui(ui: &mut Ui, value: Option<String>) {
    match value {
        Some(value) => text::body(ui, &value),
        None => text::absent(ui),
    };
}

fn facts(cx: &Cx<'_>, workspace: &Workspace, check: &CheckRow) -> Vec<Fact> {
    let mut facts = vec![Fact::mono(cx.t("monitor-col-kind"), check.kind.clone())];
    facts.retain(|_| !check.kind.is_empty());
    if let Some(name) = &check.environment {
        let target = Target::Environment {
            workspace: workspace.id.clone(),
            name: name.clone(),
        };
        facts.push(Fact::link(cx.t("monitor-col-environment"), name.clone(), "", target));
    }
    facts.push(Fact::text(
        cx.t("monitor-metric-latency"),
        latency(cx, check).unwrap_or_default(),
    ));
    facts.push(Fact::text(
        cx.t("monitor-col-uptime"),
        check.uptime.map(|uptime| uptime_text(cx, uptime)).unwrap_or_default(),
    ));
    let every = format::duration_secs(check.interval_secs, cx.texts);
    facts.push(Fact::text(cx.t("monitor-every"), every));
    let ago = |at| format::ago(at, cx.now, cx.texts);
    if let Some(at) = check.at {
        facts.push(Fact::text(cx.t("monitor-asked"), ago(at)).hover(at.to_string()));
    }
    if let Some(since) = check.since {
        facts.push(Fact::text(cx.t("monitor-col-since"), ago(since)).hover(since.to_string()));
    }
    if check.standing == Standing::Up && !check.message.is_empty() {
        facts.push(Fact::text(cx.t("monitor-answer"), check.message.clone()));
    }
    if check.retries > 0 {
        facts.push(Fact::text(cx.t("monitor-retries"), check.retries.to_string()));
    }
    if !check.needs.is_empty() {
        facts.push(Fact::text(cx.t("monitor-needs"), check.needs.join(", ")));
    }
    facts
}
