//! Alerts as a table, and the selected one with whom it was told to; without one, the rules, channels and silences.

use crate::areas::monitor::cli::alerts::{alert_key, state_key, told, what_key};
use crate::areas::monitor::{Alert, Alerts, Command, Severity};
use crate::areas::page::{Action, Cx, Intent, no_hits_ui};
use crate::base::{State, Target, Workspace, format};
use crate::msg;
use crate::ui::detail::{self, Fact, Heading};
use crate::ui::page_frame;
use crate::ui::table::{Column, Table, TableState};
use crate::ui::{Ui, icons, palette, state_mark, text};
use serde::{Deserialize, Serialize};

const HOUR: u64 = 3600;

/// What the tab remembers.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct AlertsTab {
    table: TableState,
    #[serde(skip)]
    rows: Vec<usize>,
    #[serde(skip)]
    made_from: Option<String>,
}

pub(super) fn of<'a>(cx: &Cx<'a>) -> Option<&'a Alerts> {
    cx.model.monitor.alerts_of(&super::workspace(cx)?.id)
}

pub(super) fn n_firing(cx: &Cx<'_>) -> u64 {
    of(cx).map_or(0, |found| {
        found
            .alerts
            .iter()
            .filter(|alert| alert.is_firing() && alert.acked_at.is_none() && !alert.is_silenced)
            .count() as u64
    })
}

fn state(alert: &Alert) -> State {
    match alert.state.as_str() {
        "firing" if alert.acked_at.is_some() || alert.is_silenced => State::Skipped,
        "firing" if alert.severity == Severity::Critical => State::Failed,
        "firing" => State::Degraded,
        "pending" => State::Queued,
        _ => State::Done,
    }
}

impl AlertsTab {
    pub(super) fn selected<'a>(&self, cx: &Cx<'a>) -> Option<&'a Alert> {
        let key = self.table.single()?;
        of(cx)?.alerts.iter().find(|alert| alert.id as u64 == key)
    }

    fn arrange(&mut self, cx: &Cx<'_>, workspace: &Workspace, all: &[Alert]) {
        let from = format!(
            "{} {} {:?} {:?} {:?}",
            workspace.id, cx.model.monitor.generation, cx.filter, cx.environment, self.table.sort
        );
        if self.made_from.as_ref() == Some(&from) {
            return;
        }
        self.made_from = Some(from);
        let filter = cx.filter.trim();
        let is_shown = |alert: &Alert| {
            let is_here = cx.environment.is_none() || alert.environment.as_deref() == cx.environment;
            let texts = [alert.rule.as_str(), &alert.subject, &alert.message];
            let is_found = |text: &&str| palette::is_found(filter, text);
            is_here && (filter.is_empty() || texts.iter().any(is_found))
        };
        self.rows = (0..all.len()).filter(|i| is_shown(&all[*i])).collect();
        let Some(sort) = self.table.sort.clone() else { return };
        self.rows.sort_by(|a, b| {
            let (a, b) = (&all[*a], &all[*b]);
            let ordered = match sort.column.as_str() {
                "rule" => a.rule.cmp(&b.rule),
                "subject" => a.subject.cmp(&b.subject),
                "severity" => b.severity.cmp(&a.severity),
                "state" => state(a).cmp(&state(b)),
                _ => b.since.cmp(&a.since),
            };
            if sort.descending { ordered.reverse() } else { ordered }
        });
    }

    pub(super) fn body_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace) {
        let Some(found) = of(cx) else {
            page_frame::loading_ui(ui, None);
            return;
        };
        let all = &found.alerts;
        self.arrange(cx, workspace, all);
        if self.rows.is_empty() {
            if all.is_empty() {
                let sentence = if found.rules.is_empty() {
                    format!("{}. {}", cx.t("monitor-no-alerts"), cx.t("monitor-no-alerts-hint"))
                } else {
                    cx.t("monitor-no-alerts")
                };
                let edit = cx.t("monitor-edit-alerts");
                if page_frame::empty_ui(ui, icons::PULSE, &sentence, Some(&edit)) {
                    cx.edit_project(workspace);
                }
            } else {
                no_hits_ui(ui, cx, "monitor-filter-nothing");
            }
            return;
        }
        let name = cx.t("monitor-tab-alerts");
        let column = |id: &'static str, key: &str, width: f32| Column::new(id, cx.t(key), width);
        let columns = [
            column("state", "monitor-col-state", 110.0),
            column("severity", "monitor-col-severity", 76.0),
            column("rule", "monitor-col-rule", 150.0).min(80.0).always(),
            column("subject", "monitor-col-subject", 120.0),
            column("message", "monitor-col-message", 160.0).fill().unsortable(),
            column("since", "monitor-col-since", 76.0).right(),
        ];
        let Self {
            table: table_state,
            rows,
            ..
        } = self;
        let alert_of = |row: usize| rows.get(row).and_then(|i| all.get(*i));
        Table::new("monitor-alerts", &name, &columns, rows.len())
            .single()
            .key(|row| alert_of(row).map_or(0, |alert| alert.id as u64))
            .label(|row| {
                alert_of(row).map_or_else(String::new, |alert| {
                    format!("{} {}, {}", alert.rule, alert.subject, cx.t(alert_key(alert)))
                })
            })
            .copy(|row| {
                alert_of(row).map_or_else(String::new, |alert| {
                    [
                        cx.t(alert_key(alert)),
                        alert.rule.clone(),
                        alert.subject.clone(),
                        alert.message.clone(),
                        alert.since.to_string(),
                    ]
                    .join("\t")
                })
            })
            .show(ui, table_state, |ui, row, column| {
                if let Some(alert) = alert_of(row) {
                    cell_ui(ui, cx, alert, columns[column].id);
                }
            });
    }

    pub(super) fn detail_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace) {
        let Some(alert) = self.selected(cx) else {
            if let Some(found) = of(cx) {
                rules_ui(ui, cx, workspace, found);
            }
            return;
        };
        let word = cx.t(alert_key(alert));
        let heading = Heading {
            icon: icons::PULSE,
            name: &alert.rule,
            note: &alert.subject,
            state: Some((state(alert), &word)),
        };
        detail::heading_ui(ui, &heading);
        detail::titled_section_ui(ui, &cx.t("monitor-why"), "", |ui| {
            text::paragraph(ui, &alert.message);
        });
        let ago = |at| format::ago(at, cx.now, cx.texts);
        let mut facts = vec![
            Fact::text(cx.t("monitor-col-severity"), cx.t(alert.severity.key())),
            Fact::text(cx.t("monitor-col-since"), ago(alert.since)).hover(alert.since.to_string()),
        ];
        if let Some(environment) = &alert.environment {
            facts.push(Fact::text(cx.t("monitor-col-environment"), environment.clone()));
        }
        for (key, at) in [("monitor-fired", alert.fired_at), ("monitor-resolved", alert.resolved_at)] {
            facts.extend(at.map(|at| Fact::text(cx.t(key), ago(at)).hover(at.to_string())));
        }
        if let Some(at) = alert.acked_at {
            facts.push(Fact::text(cx.t("monitor-acked-by"), alert.acked_by.clone()).hover(at.to_string()));
        }
        if let Some(id) = alert.incident {
            facts.push(Fact::text(
                cx.t("monitor-col-incident"),
                cx.msg(&msg!("monitor-incident-n", n = id.to_string())),
            ));
        }
        let mut target = detail::facts_ui(ui, &facts);
        let n = alert.deliveries.len();
        detail::titled_section_ui(ui, &cx.t("monitor-deliveries"), "", |ui| {
            if n == 0 {
                text::small(ui, &cx.t("monitor-nobody-told"));
            }
            for (delivery, n) in told(alert) {
                let state = match delivery.state.as_str() {
                    "done" => State::Done,
                    "failed" => State::Failed,
                    "unsure" => State::Unknown,
                    _ => State::Queued,
                };
                let times = if n > 1 { format!(" ×{n}") } else { String::new() };
                let words = format!("{}: {}{times}", delivery.channel, cx.t(what_key(&delivery.what)));
                state_mark::label_ui(ui, state, &words).on_hover_text(delivery.at.to_string());
                if delivery.state != "done" {
                    let mut why = cx.t(state_key(&delivery.state));
                    if !delivery.problem.is_empty() {
                        why = format!("{why}: {}", delivery.problem);
                    }
                    text::paragraph_weak(ui, &why);
                }
            }
        });
        if let Some(intent) = detail::actions_ui(ui, &actions(cx, workspace, alert)) {
            cx.ask(intent);
        }
        if cx
            .model
            .monitor
            .checks_of(&workspace.id)
            .iter()
            .any(|check| check.name == alert.subject)
        {
            let check = Target::Check {
                workspace: workspace.id.clone(),
                name: alert.subject.clone(),
            };
            detail::section_ui(ui, |ui| {
                if text::link(ui, &alert.subject).clicked() {
                    target = Some(check);
                }
            });
        }
        if let Some(target) = target {
            cx.ask(Intent::Go(target));
        }
    }
}

fn actions(cx: &Cx<'_>, workspace: &Workspace, alert: &Alert) -> Vec<Action> {
    let mut actions = Vec::new();
    if alert.is_firing() && alert.acked_at.is_none() {
        let ack = Command::AckAlert {
            workspace: workspace.clone(),
            id: alert.id,
        };
        actions.push(Action::new("monitor-ack", cx.t("monitor-ack"), ack.into()).primary());
    }
    for (key, secs) in [("monitor-silence-hours", 2 * HOUR), ("monitor-silence-day", 24 * HOUR)] {
        if alert.is_silenced || alert.state == "resolved" {
            continue;
        }
        let silence = Command::Silence {
            workspace: workspace.clone(),
            rule: alert.rule.clone(),
            subject: alert.subject.clone(),
            secs,
            reason: String::new(),
        };
        actions.push(Action::new(key, cx.t(key), silence.into()));
    }
    actions
}

/// What could fire, who would be told, and what is silenced.
fn rules_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, found: &Alerts) {
    detail::titled_section_ui(ui, &cx.t("monitor-rules"), "", |ui| {
        for rule in &found.rules {
            text::medium(ui, &rule.name);
            let channels = if rule.channels.is_empty() {
                cx.t("monitor-nobody-told")
            } else {
                rule.channels.join(", ")
            };
            text::paragraph_weak(ui, &format!("{} → {channels}", rule.condition));
            if rule.is_unheard {
                state_mark::label_ui(ui, State::Degraded, &cx.t("monitor-rule-unheard"));
            }
        }
        if found.rules.is_empty() {
            text::paragraph_weak(ui, &cx.t("monitor-no-alerts-hint"));
        }
    });
    if !found.channels.is_empty() {
        detail::titled_section_ui(ui, &cx.t("monitor-channels"), "", |ui| {
            for (name, kind) in &found.channels {
                let tested = cx.model.monitor.tested.get(&(workspace.id.clone(), name.clone()));
                let (state, words) = match tested {
                    None => (State::None, format!("{name} ({kind})")),
                    Some(None) => (State::Done, format!("{name}: {}", cx.t("monitor-channel-takes"))),
                    Some(Some(problem)) => (State::Failed, format!("{name}: {}", cx.msg(&problem.summary))),
                };
                let details = tested.and_then(Option::as_ref).map(|problem| problem.details.clone());
                state_mark::label_ui(ui, state, &words).on_hover_text(details.unwrap_or_else(|| words.clone()));
            }
        });
    }
    for silence in &found.silences {
        let rule = match (silence.rule.as_str(), silence.subject.as_str()) {
            ("", "") => cx.t("monitor-everything"),
            (rule, subject) => format!("{rule} {subject}").trim().to_owned(),
        };
        let until = format::local(silence.until).strftime("%F %R").to_string();
        let words = cx.msg(&msg!("monitor-silence-until", rule = rule, until = until));
        detail::titled_section_ui(ui, &cx.t("monitor-silences"), &silence.by, |ui| {
            text::paragraph(ui, &words);
            if !silence.reason.is_empty() {
                text::paragraph_weak(ui, &silence.reason);
            }
        });
        let end = Command::EndSilence {
            workspace: workspace.clone(),
            id: silence.id,
        };
        let action = Action::new("monitor-unsilence", cx.t("monitor-unsilence"), end.into());
        if let Some(intent) = detail::actions_ui(ui, &[action]) {
            cx.ask(intent);
        }
    }
}

fn cell_ui(ui: &mut Ui, cx: &Cx<'_>, alert: &Alert, column: &str) {
    match column {
        "state" => {
            state_mark::label_ui(ui, state(alert), &cx.t(alert_key(alert)));
        }
        "severity" => {
            text::body(ui, &cx.t(alert.severity.key()));
        }
        "rule" => {
            text::body(ui, &alert.rule);
        }
        "subject" => {
            text::body(ui, &alert.subject);
        }
        "message" => {
            text::body(ui, &alert.message).on_hover_text(&alert.message);
        }
        _ => {
            text::small(ui, &format::age(alert.since, cx.now, cx.texts)).on_hover_text(alert.since.to_string());
        }
    }
}
