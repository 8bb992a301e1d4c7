//! The page of Monitor: DORA and charts, checks, and the lives of instances.

mod alerts;
mod asked;
mod checks;
mod dashboard;
mod errors;
mod lives;
mod objectives;

use super::prometheus::Question;
use super::{CheckRow, Command, History, Query};
use crate::areas::AreaId;
use crate::areas::page::{Action, Badge, Cx, Intent, Tab, UiIntent, choose_workspace_ui};
use crate::base::{State, Target, Timestamp, Workspace, WorkspaceId, time};
use crate::msg;
use crate::ui::{Ui, icons};
use serde::{Deserialize, Serialize};

const DASHBOARDS: &str = "dashboards";
const CHECKS: &str = "checks";
const ALERTS: &str = "alerts";
const ERRORS: &str = "errors";
const OBJECTIVES: &str = "objectives";
const HISTORY: &str = "history";

/// The history is read again after so long, and only when something was measured meanwhile.
const HISTORY_SECS: f64 = 10.0;
const DORA_DAYS: u32 = 30;

/// How far back the charts go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Range {
    #[default]
    Minutes,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

impl Range {
    const ALL: [Self; 6] = [Self::Minutes, Self::Hour, Self::Day, Self::Week, Self::Month, Self::Year];

    fn secs(self) -> u32 {
        match self {
            Self::Minutes => 20 * 60,
            Self::Hour => 3600,
            Self::Day => 86_400,
            Self::Week => 7 * 86_400,
            Self::Month => 30 * 86_400,
            Self::Year => 365 * 86_400,
        }
    }

    fn key(self) -> &'static str {
        match self {
            Self::Minutes => "monitor-range-minutes",
            Self::Hour => "monitor-range-hour",
            Self::Day => "monitor-range-day",
            Self::Week => "monitor-range-week",
            Self::Month => "monitor-range-month",
            Self::Year => "monitor-range-year",
        }
    }
}

/// What was asked for last.
#[derive(Clone, Debug, PartialEq)]
struct Asked {
    workspace: WorkspaceId,
    range: Range,
    environment: Option<String>,
    /// The part that is zoomed into, in whole seconds.
    zoom: Option<(i64, i64)>,
    at: Timestamp,
    /// The tick of the watch that was known then.
    tick: Option<Timestamp>,
}

/// What the user sees and selects here.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Page {
    range: Range,
    dashboard: dashboard::Dashboard,
    checks: checks::Checks,
    alerts: alerts::AlertsTab,
    errors: errors::ErrorsTab,
    objectives: objectives::ObjectivesTab,
    lives: lives::Lives,
    #[serde(skip)]
    asked: Option<Asked>,
}

/// The chosen workspace, or the only one.
fn workspace<'a>(cx: &Cx<'a>) -> Option<&'a Workspace> {
    cx.workspace.or_else(|| match cx.model.devops.infos() {
        [one] => Some(&one.workspace),
        _ => None,
    })
}

fn checks_of<'a>(cx: &Cx<'a>) -> &'a [CheckRow] {
    workspace(cx).map_or(&[], |workspace| cx.model.monitor.checks_of(&workspace.id))
}

fn history_of<'a>(cx: &Cx<'a>) -> Option<&'a History> {
    cx.model.monitor.histories.get(&workspace(cx)?.id)?.value()
}

impl Page {
    /// What is zoomed into is read again, as finely as it was kept.
    fn query(&self, cx: &Cx<'_>) -> Query {
        let (secs, until) = match self.dashboard.zoom() {
            Some((from, to)) => (
                (to - from).clamp(1, i64::from(u32::MAX)) as u32,
                Timestamp::from_second(to).ok(),
            ),
            None => (self.range.secs(), None),
        };
        Query {
            secs,
            until,
            environment: cx.environment.map(ToOwned::to_owned),
            ..Query::default()
        }
    }

    fn ask_history(&mut self, cx: &Cx<'_>, workspace: &Workspace) {
        self.asked = Some(Asked {
            workspace: workspace.id.clone(),
            range: self.range,
            environment: cx.environment.map(ToOwned::to_owned),
            zoom: self.dashboard.zoom(),
            at: cx.now,
            tick: cx.model.monitor.watch.map(|watch| watch.at),
        });
        let query = self.query(cx);
        let question = Question {
            environment: query.environment.clone(),
            secs: query.secs,
            until: query.until,
            max_points: query.max_points,
            ..Question::default()
        };
        cx.ask(Command::ShowHistory {
            workspace: workspace.clone(),
            query,
        });
        cx.ask(Command::AskPrometheus {
            workspace: workspace.clone(),
            question,
        });
    }

    /// Reads the history again when something else is asked for, or when something new was measured.
    fn keep_fresh(&mut self, cx: &Cx<'_>, workspace: &Workspace) {
        let tick = cx.model.monitor.watch.map(|watch| watch.at);
        let is_other = self.asked.as_ref().is_none_or(|asked| {
            asked.workspace != workspace.id || asked.range != self.range || asked.environment.as_deref() != cx.environment
        });
        let is_zoomed_anew = self.asked.as_ref().is_some_and(|asked| asked.zoom != self.dashboard.zoom());
        let is_old = self
            .asked
            .as_ref()
            .is_some_and(|asked| asked.tick != tick && time::secs_between(asked.at, cx.now) >= HISTORY_SECS);
        if is_other || is_old || is_zoomed_anew {
            self.ask_history(cx, workspace);
            cx.ask(Command::ShowExecutions {
                workspace: workspace.clone(),
                environment: cx.environment.map(ToOwned::to_owned),
            });
        }
        if is_other {
            Self::ask_rest(cx, workspace);
        } else if is_old {
            Self::ask_live(cx, workspace);
        }
    }

    /// What changes while it is watched, also by another program.
    fn ask_live(cx: &Cx<'_>, workspace: &Workspace) {
        objectives::ask(cx, workspace);
        cx.ask(Command::LoadAlerts {
            workspace: workspace.clone(),
        });
        cx.ask(Command::LoadErrors {
            workspace: workspace.clone(),
        });
        if cx.model.monitor.watch.is_none_or(|watch| watch.is_elsewhere) {
            cx.ask(Command::LoadChecks {
                workspace: workspace.clone(),
            });
        }
    }

    fn ask_rest(cx: &Cx<'_>, workspace: &Workspace) {
        Self::ask_live(cx, workspace);
        cx.ask(Command::LoadChecks {
            workspace: workspace.clone(),
        });
        cx.ask(Command::ComputeDora {
            workspace: workspace.clone(),
            days: DORA_DAYS,
        });
    }
}

impl crate::areas::page::Page for Page {
    fn actions(&self, cx: &Cx<'_>) -> Vec<Action> {
        let Some(workspace) = workspace(cx) else { return Vec::new() };
        let run = Command::RunChecks {
            workspace: workspace.clone(),
            names: Vec::new(),
        };
        let look = Intent::Ui(UiIntent::PageAction(AreaId::Monitor, "look".to_owned()));
        let project = Intent::Ui(UiIntent::PageAction(AreaId::Monitor, "project".to_owned()));
        let is_running = cx
            .model
            .jobs
            .running()
            .any(|job| job.title.key == "monitor-job-run" && job.workspace.as_ref() == Some(&workspace.id));
        let why = is_running.then(|| cx.t("monitor-is-checking"));
        let mut actions = vec![
            Action::new("monitor-check-now", cx.t("monitor-check-now"), run.into())
                .icon(icons::BOLT)
                .primary()
                .disabled_because(why),
            Action::new("monitor-look", cx.t("monitor-look"), look).icon(icons::REFRESH),
            Action::new("monitor-edit-checks", cx.t("monitor-edit-checks"), project).icon(icons::EDIT),
        ];
        if alerts::of(cx).is_some_and(|found| !found.channels.is_empty()) {
            let test = Command::TestChannels {
                workspace: workspace.clone(),
                channel: None,
            };
            actions.push(Action::new("monitor-test-channels", cx.t("monitor-test-channels"), test.into()).icon(icons::PULSE));
        }
        if self.dashboard.is_zoomed() {
            let whole = Intent::Ui(UiIntent::PageAction(AreaId::Monitor, "whole".to_owned()));
            actions.push(
                Action::new("monitor-whole", cx.t("monitor-whole"), whole)
                    .icon(icons::EYE)
                    .toolbar(),
            );
        }
        actions
    }

    fn subtitle(&self, cx: &Cx<'_>) -> String {
        let checks = checks_of(cx);
        let n_down = checks.iter().filter(|check| check.state == State::Failed).count();
        let n_risk = checks.iter().filter(|check| check.state == State::Degraded).count();
        let history = history_of(cx);
        let n_open = history.map_or(0, |history| history.incidents.iter().filter(|band| band.to.is_none()).count());
        let n_deployments = history.map_or(0, |history| history.deployments.len());
        let mut words = vec![cx.msg(&msg!("monitor-n-checks", n = checks.len()))];
        for (n, key) in [
            (alerts::n_firing(cx) as usize, "monitor-n-firing"),
            (n_down, "monitor-n-down"),
            (n_risk, "monitor-n-at-risk"),
            (n_open, "monitor-n-open-incidents"),
            (n_deployments, "monitor-n-deployments"),
        ] {
            if n > 0 {
                words.push(cx.msg(&crate::base::Msg::new(key).with("n", n)));
            }
        }
        if workspace(cx).is_some() {
            words.join(", ")
        } else {
            String::new()
        }
    }

    fn tabs(&self, cx: &Cx<'_>) -> Vec<Tab> {
        let n = checks_of(cx).len() as u64;
        let tab = |id, key: &str, count| Tab {
            id,
            label: cx.t(key),
            count,
        };
        vec![
            tab(DASHBOARDS, "monitor-tab-dashboards", None),
            tab(CHECKS, "monitor-tab-checks", (n > 0).then_some(n)),
            tab(ALERTS, "monitor-tab-alerts", Some(alerts::n_firing(cx)).filter(|n| *n > 0)),
            tab(ERRORS, "monitor-tab-errors", Some(errors::n_open(cx)).filter(|n| *n > 0)),
            tab(OBJECTIVES, "monitor-tab-objectives", None),
            tab(HISTORY, "monitor-tab-history", None),
        ]
    }

    fn filter_hint(&self, cx: &Cx<'_>) -> Option<String> {
        match cx.tab {
            CHECKS => Some(cx.t("monitor-filter-checks")),
            ALERTS => Some(cx.t("monitor-filter-alerts")),
            ERRORS => Some(cx.t("monitor-filter-errors")),
            OBJECTIVES => Some(cx.t("monitor-filter-checks")),
            HISTORY => Some(cx.t("monitor-filter-history")),
            _ => None,
        }
    }

    fn body_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let Some(workspace) = workspace(cx) else {
            choose_workspace_ui(ui, cx, icons::PULSE, &cx.t("monitor-no-workspace"));
            return;
        };
        self.keep_fresh(cx, workspace);
        match cx.tab {
            CHECKS => self.checks.body_ui(ui, cx, workspace),
            ALERTS => self.alerts.body_ui(ui, cx, workspace),
            ERRORS => self.errors.body_ui(ui, cx, workspace),
            OBJECTIVES => self.objectives.body_ui(ui, cx, workspace),
            HISTORY => self.lives.body_ui(ui, cx, workspace),
            _ => self.dashboard.body_ui(ui, cx, workspace, &mut self.range),
        }
    }

    fn has_detail(&self, cx: &Cx<'_>) -> bool {
        match cx.tab {
            CHECKS => self.checks.selected(cx).is_some(),
            ALERTS => alerts::of(cx).is_some(),
            ERRORS => self.errors.selected(cx).is_some(),
            OBJECTIVES => {
                self.objectives.selected(cx).is_some() || objectives::of(cx).is_some_and(|found| !found.lives.is_empty())
            }
            HISTORY => self.lives.selected(cx).is_some(),
            _ => !checks_of(cx).is_empty() || history_of(cx).is_some_and(|history| !history.incidents.is_empty()),
        }
    }

    fn detail_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let Some(workspace) = workspace(cx) else { return };
        match cx.tab {
            CHECKS => self.checks.detail_ui(ui, cx, workspace),
            ALERTS => self.alerts.detail_ui(ui, cx, workspace),
            ERRORS => self.errors.detail_ui(ui, cx, workspace),
            OBJECTIVES => self.objectives.detail_ui(ui, cx, workspace),
            HISTORY => self.lives.detail_ui(ui, cx, workspace),
            _ => dashboard::detail_ui(ui, cx, workspace),
        }
    }

    fn on_open(&mut self, cx: &Cx<'_>) {
        if cx.model.monitor.watch.is_none() {
            cx.ask(Command::Watch {
                workspaces: Vec::new(),
                listen: None,
                with_runbooks: false,
            });
        }
        if let Some(workspace) = workspace(cx) {
            self.ask_history(cx, workspace);
            cx.ask(Command::ShowExecutions {
                workspace: workspace.clone(),
                environment: cx.environment.map(ToOwned::to_owned),
            });
            Self::ask_rest(cx, workspace);
        }
    }

    fn on_action(&mut self, id: &str, cx: &Cx<'_>) {
        match id {
            "whole" => self.dashboard.show_whole(),
            "project" => {
                if let Some(workspace) = workspace(cx) {
                    cx.edit_project(workspace);
                }
            }
            _ => self.on_open(cx),
        }
    }

    fn reveal(&mut self, target: &Target, _cx: &Cx<'_>) {
        if let Target::Check { name, .. } = target {
            self.checks.reveal(name);
        }
    }

    fn tab_of(&self, target: &Target) -> Option<&'static str> {
        matches!(target, Target::Check { .. }).then_some(CHECKS)
    }

    fn learn(&self, cx: &Cx<'_>) {
        if let Some(workspace) = workspace(cx).filter(|_| checks_of(cx).is_empty()) {
            cx.ask(Command::LoadChecks {
                workspace: workspace.clone(),
            });
        }
    }

    fn things(&self, cx: &Cx<'_>) -> Vec<(String, Target)> {
        let Some(workspace) = workspace(cx) else { return Vec::new() };
        let target = |check: &CheckRow| Target::Check {
            workspace: workspace.id.clone(),
            name: check.name.clone(),
        };
        checks_of(cx)
            .iter()
            .map(|check| (check.name.clone(), target(check)))
            .collect()
    }

    fn badge(&self, cx: &Cx<'_>) -> Option<Badge> {
        let firing = alerts::n_firing(cx);
        if firing > 0 {
            return Some(Badge {
                count: firing,
                state: Some(State::Failed),
            });
        }
        // Of what is looked at, as the page has it.
        let checks = cx.model.monitor.checks.iter();
        let shown = checks.filter(|(id, _)| cx.workspace.is_none_or(|workspace| workspace.id == **id));
        let mut known = shown.filter_map(|(_, checks)| checks.value()).peekable();
        let count = if known.peek().is_some() {
            known.flatten().filter(|check| check.state == State::Failed).count() as u64
        } else {
            // Where nobody looked yet, the board has looked.
            let rows = cx.model.devops.rows_of(cx.workspace.map(|workspace| &workspace.id));
            rows.map(|row| u64::from(row.n_checks_down)).sum()
        };
        (count > 0).then_some(Badge {
            count,
            state: Some(State::Failed),
        })
    }

    fn save(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn load(&mut self, saved: serde_json::Value) {
        if let Ok(page) = serde_json::from_value(saved) {
            *self = page;
        }
    }
}
