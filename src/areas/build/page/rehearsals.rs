//! The tab of rehearsals: what was built, tried in a simulation of an environment's system.

use super::words::show_log;
use crate::areas::build::Command;
use crate::areas::build::cli::rehearsal::{base, facts, gate_words};
use crate::areas::build::model::Builds;
use crate::areas::build::rehearsal::{Order, Rehearsal};
use crate::areas::page::{Action, Cx, Intent, commit_ui};
use crate::base::{JobId, State, Workspace, format};
use crate::msg;
use crate::ui::detail::{self, Heading};
use crate::ui::table::{Column, Table, TableState};
use crate::ui::{Ui, icons, page_frame, state_mark, text};
use serde::{Deserialize, Serialize};

/// What the tab remembers.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct List {
    pub(super) table: TableState,
    #[serde(skip)]
    seen: Option<JobId>,
}

/// One per environment; the first is the one in which a version arrives in the end.
pub(super) fn actions(cx: &Cx<'_>, workspace: &Workspace, builds: &Builds) -> Vec<Action> {
    let running = builds.rehearsals.value().into_iter().flatten();
    let running = running.filter(|one| one.state == State::InProgress).map(|one| one.job).next();
    if let Some(job) = running {
        let stop = Action::new("build-rehearsal-stop", cx.t("build-rehearsal-stop"), Intent::Cancel(job));
        return vec![stop.icon(icons::STOP).primary()];
    }
    let action = |name: &String| {
        let command = Command::Rehearse {
            workspace: workspace.clone(),
            order: Order {
                environment: Some(name.clone()),
                revision: None,
            },
        };
        let label = cx.msg(&msg!("build-rehearse", environment = name.as_str()));
        Action::new(format!("build-rehearse-{name}"), label, command.into()).icon(icons::RUN)
    };
    let mut names = builds.environments.iter().rev();
    let mut actions: Vec<Action> = names.next().map(|name| action(name).primary()).into_iter().collect();
    actions.extend(names.map(|name| action(name).toolbar()));
    actions
}

pub(super) fn ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, builds: &Builds, all: &[Rehearsal], list: &mut List) {
    // What has just begun is what one wants to see.
    if list.seen != builds.last_rehearsal {
        list.seen = builds.last_rehearsal;
        if let Some(job) = list.seen {
            list.table.select_only(job.0);
        }
    }
    let filter = cx.filter.trim().to_lowercase();
    let is_shown = |one: &&Rehearsal| {
        let of = |text: &str| text.to_lowercase().contains(&filter);
        filter.is_empty() || of(&one.environment) || of(&one.version) || one.commit.as_deref().is_some_and(of)
    };
    let shown: Vec<&Rehearsal> = all.iter().filter(is_shown).collect();
    let name = cx.t("build-tab-rehearsals");
    let column = |id: &'static str, key: &str, width: f32| Column::new(id, cx.t(key), width).unsortable();
    let columns = [
        column("state", "build-col-state", 116.0).always(),
        column("environment", "build-col-environment", 116.0).always(),
        column("version", "build-col-version", 76.0),
        column("commit", "build-col-commit", 80.0),
        column("base", "build-col-base", 160.0).fill(),
        column("when", "build-col-when", 96.0),
        column("ready", "build-col-ready", 90.0).right(),
    ];
    let table = Table::new("build-rehearsals", &name, &columns, shown.len())
        .single()
        .key(|row| shown.get(row).map_or(0, |one| one.job.0))
        .label(|row| {
            shown
                .get(row)
                .map(|one| format!("{} {}, {}", one.environment, one.version, cx.t(one.state.key())))
                .unwrap_or_default()
        });
    table.show(ui, &mut list.table, |ui, row, column| {
        let Some(one) = shown.get(row) else { return };
        let time = |ms: u64| format::duration_secs(ms as f64 / 1000.0, cx.texts);
        let words = match columns[column].id {
            "state" => {
                state_mark::label_ui(ui, one.state, &cx.t(one.state.key()));
                return;
            }
            "commit" => return commit_ui(ui, cx, &workspace.id, one.commit.as_deref(), false),
            "environment" => one.environment.clone(),
            "version" => one.version.clone(),
            "base" => base(one, cx.texts),
            "when" => format::ago(one.at, cx.now, cx.texts),
            _ => one.ready_ms.map(time).unwrap_or_default(),
        };
        text::body(ui, &words);
    });
}

pub(super) fn detail_ui(ui: &mut Ui, cx: &Cx<'_>, one: &Rehearsal) {
    let title = cx.msg(&msg!(
        "build-rehearsal-of",
        version = one.version.as_str(),
        environment = one.environment.as_str()
    ));
    detail::heading_ui(
        ui,
        &Heading {
            icon: icons::RUN,
            name: &title,
            note: &base(one, cx.texts),
            state: Some((one.state, &cx.t(one.state.key()))),
        },
    );
    if let Some(problem) = &one.problem {
        detail::section_ui(ui, |ui| page_frame::problem_card_ui(ui, problem, false));
    }
    let seen = facts(one);
    if !seen.is_empty() {
        detail::section_ui(ui, |ui| {
            for fact in &seen {
                text::paragraph(ui, &cx.msg(fact));
            }
        });
    }
    if let Some(intent) = detail::actions_ui(ui, &[show_log(cx, one.job)]) {
        cx.ask(intent);
    }
    if !one.gates.is_empty() {
        detail::titled_section_ui(ui, &cx.t("build-rehearsal-gates"), "", |ui| {
            for gate in &one.gates {
                let (_, last) = gate_words(gate, cx.texts);
                state_mark::label_ui(ui, gate.state, &gate.what);
                let tries = cx.msg(&msg!("build-rehearsal-tries", n = gate.n_tries));
                text::small(ui, &format!("{tries}  {last}"));
            }
        });
    }
    if !one.smoke.is_empty() {
        detail::titled_section_ui(ui, &cx.t("build-rehearsal-smoke"), "", |ui| {
            for smoke in &one.smoke {
                state_mark::label_ui(ui, smoke.state, &smoke.command);
                for line in &smoke.last_words {
                    text::small(ui, line);
                }
            }
        });
    }
    if !one.last_words.is_empty() {
        detail::titled_section_ui(ui, &cx.t("build-rehearsal-printed"), "", |ui| {
            for line in &one.last_words {
                text::small(ui, line);
            }
        });
    }
}
