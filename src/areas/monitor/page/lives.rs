//! The lives of instances: when each began and ended, and why.

use crate::areas::AreaId;
use crate::areas::monitor::Execution;
use crate::areas::page::{Cx, Intent, no_hits_ui};
use crate::base::{Target, Workspace, format, time};
use crate::ui::detail::{self, Fact, Heading};
use crate::ui::page_frame;
use crate::ui::table::{Column, Table, TableState};
use crate::ui::{Ui, icons, palette, state_mark, text};
use serde::{Deserialize, Serialize};

/// What the tab remembers.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Lives {
    table: TableState,
    #[serde(skip)]
    rows: Vec<usize>,
    #[serde(skip)]
    made_from: Option<String>,
}

fn of<'a>(cx: &Cx<'a>) -> &'a [Execution] {
    let all = super::workspace(cx).and_then(|workspace| cx.model.monitor.executions.get(&workspace.id));
    all.map_or(&[], Vec::as_slice)
}

fn lasted(cx: &Cx<'_>, life: &Execution) -> String {
    let until = life.ended_at.unwrap_or(cx.now);
    format::duration_secs(time::secs_between(life.started_at, until), cx.texts)
}

fn exit(life: &Execution) -> Option<String> {
    match (life.exit_code, life.signal) {
        (Some(code), _) => Some(code.to_string()),
        (None, Some(signal)) => Some(format!("SIG {signal}")),
        (None, None) => None,
    }
}

impl Lives {
    pub(super) fn selected<'a>(&self, cx: &Cx<'a>) -> Option<&'a Execution> {
        let key = self.table.single()?;
        of(cx).iter().find(|life| life.id as u64 == key)
    }

    fn arrange(&mut self, cx: &Cx<'_>, workspace: &Workspace) {
        let from = format!(
            "{} {} {:?} {:?}",
            workspace.id, cx.model.monitor.generation, cx.filter, self.table.sort
        );
        if self.made_from.as_ref() == Some(&from) {
            return;
        }
        self.made_from = Some(from);
        let all = of(cx);
        let filter = cx.filter.trim();
        let is_shown = |life: &Execution| {
            let texts = [
                life.name.as_str(),
                life.environment.as_deref().unwrap_or_default(),
                life.version.as_deref().unwrap_or_default(),
            ];
            let is_found = |text: &&str| palette::is_found(filter, text);
            filter.is_empty() || texts.iter().any(is_found)
        };
        self.rows = (0..all.len()).filter(|i| is_shown(&all[*i])).collect();
        let Some(sort) = self.table.sort.clone() else { return };
        let secs = |life: &Execution| time::secs_between(life.started_at, life.ended_at.unwrap_or(cx.now));
        self.rows.sort_by(|a, b| {
            let (a, b) = (&all[*a], &all[*b]);
            let ordered = match sort.column.as_str() {
                "name" => a.name.cmp(&b.name),
                "environment" => a.environment.cmp(&b.environment),
                "version" => a.version.cmp(&b.version),
                "state" => a.state.cmp(&b.state),
                "lasted" => secs(a).total_cmp(&secs(b)),
                "exit" => a.exit_code.cmp(&b.exit_code),
                _ => b.started_at.cmp(&a.started_at),
            };
            if sort.descending { ordered.reverse() } else { ordered }
        });
    }

    pub(super) fn body_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace) {
        self.arrange(cx, workspace);
        if !cx.model.monitor.executions.contains_key(&workspace.id) {
            page_frame::loading_ui(ui, None);
            return;
        }
        if self.rows.is_empty() {
            if cx.filter.trim().is_empty() {
                let deploy = cx.t("monitor-open-deploy");
                if page_frame::empty_ui(ui, icons::HISTORY, &cx.t("monitor-no-lives"), Some(&deploy)) {
                    cx.ask(Intent::Go(Target::Page {
                        area: AreaId::Deploy.word().to_owned(),
                        tab: None,
                    }));
                }
            } else {
                no_hits_ui(ui, cx, "monitor-filter-nothing");
            }
            return;
        }
        let all = of(cx);
        let name = cx.t("monitor-tab-history");
        let column = |id: &'static str, key: &str, width: f32| Column::new(id, cx.t(key), width);
        let columns = [
            column("name", "monitor-col-instance", 150.0).always(),
            column("environment", "monitor-col-environment", 110.0),
            column("version", "monitor-col-version", 80.0),
            column("state", "monitor-col-state", 120.0),
            column("started", "monitor-col-started", 96.0).right(),
            column("lasted", "monitor-col-lasted", 70.0).right(),
            column("exit", "monitor-col-exit", 60.0).right(),
        ];
        let Self { table: state, rows, .. } = self;
        let life_of = |row: usize| rows.get(row).and_then(|i| all.get(*i));
        Table::new("monitor-lives", &name, &columns, rows.len())
            .single()
            .key(|row| life_of(row).map_or(0, |life| life.id as u64))
            .label(|row| life_of(row).map_or_else(String::new, |life| format!("{}, {}", life.name, life.word(cx.texts))))
            .copy(|row| {
                life_of(row).map_or_else(String::new, |life| {
                    let environment = life.environment.clone().unwrap_or_default();
                    let version = life.version.clone().unwrap_or_default();
                    let started = life.started_at.to_string();
                    [
                        life.name.clone(),
                        environment,
                        version,
                        life.word(cx.texts),
                        started,
                        lasted(cx, life),
                    ]
                    .join("\t")
                })
            })
            .show(ui, state, |ui, row, column| {
                if let Some(life) = life_of(row) {
                    cell_ui(ui, cx, life, columns[column].id);
                }
            });
    }

    pub(super) fn detail_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace) {
        let Some(life) = self.selected(cx) else { return };
        let word = life.word(cx.texts);
        let note = life.environment.clone().unwrap_or_default();
        let heading = Heading {
            icon: icons::SERVER,
            name: &life.name,
            note: &note,
            state: Some((life.state, &word)),
        };
        detail::heading_ui(ui, &heading);
        let at = life.started_at;
        let mut facts = vec![
            Fact::text(cx.t("monitor-col-started"), format::ago(at, cx.now, cx.texts)).hover(at.to_string()),
            Fact::text(cx.t("monitor-col-lasted"), lasted(cx, life)),
        ];
        if let Some(at) = life.ended_at {
            facts.push(Fact::text(cx.t("operate-ended"), format::ago(at, cx.now, cx.texts)).hover(at.to_string()));
        }
        if let Some(exit) = exit(life) {
            facts.push(Fact::mono(cx.t("monitor-col-exit"), exit));
        }
        if let Some(pid) = life.pid {
            facts.push(Fact::mono(cx.t("operate-col-pid"), pid.to_string()));
        }
        if let (Some(version), Some(id)) = (&life.version, life.deployment) {
            let target = Target::Deployment {
                workspace: workspace.id.clone(),
                id,
            };
            facts.push(Fact::link(cx.t("monitor-col-version"), version.clone(), "", target));
        }
        let mut target = detail::facts_ui(ui, &facts);
        let of = Target::Instance { id: life.id.to_string() };
        if let Some(thread) = cx.thread(&of) {
            target = detail::thread_ui(ui, thread, cx.now).or(target);
        }
        if let Some(target) = target {
            cx.ask(Intent::Go(target));
        }
    }
}

fn cell_ui(ui: &mut Ui, cx: &Cx<'_>, life: &Execution, column: &str) {
    let optional = |ui: &mut Ui, value: Option<&str>| {
        match value {
            Some(value) => text::body(ui, value),
            None => text::absent(ui),
        };
    };
    match column {
        "name" => {
            text::body(ui, &life.name);
        }
        "environment" => optional(ui, life.environment.as_deref()),
        "version" => optional(ui, life.version.as_deref()),
        "state" => {
            state_mark::label_ui(ui, life.state, &life.word(cx.texts));
        }
        "started" => {
            text::small(ui, &format::ago(life.started_at, cx.now, cx.texts)).on_hover_text(life.started_at.to_string());
        }
        "lasted" => {
            text::body(ui, &lasted(cx, life));
        }
        _ => optional(ui, exit(life).as_deref()),
    }
}
