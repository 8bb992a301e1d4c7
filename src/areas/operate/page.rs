//! The page of Operate: what runs, by environment, live; what the selected instance says; and what can be done to it.

mod events;
mod findings;
mod history;
mod host;
mod incidents;
mod instance;
mod logs;
mod rows;
mod runbooks;
mod words;

use super::incidents::Opening;
use super::logs::LogOrder;
use super::{Command, Instance, InstanceKind, model};
use crate::areas::AreaId;
use crate::areas::page::{Action, Badge, Cx, Intent, Tab, UiIntent, no_hits_ui};
use crate::base::{Loadable, State, Target, Timestamp, Workspace, WorkspaceId, time};
use crate::engine::Outcome;
use crate::msg;
use crate::ui::log_view::{LogResponse, LogSource, LogState, lines_of, log_ui};
use crate::ui::page_frame::{self, LoadableAsk, LoadableView};
use crate::ui::table::row_key;
use crate::ui::{Ui, icons, state_mark};
use serde::{Deserialize, Serialize};

/// Height of the log at first.
const LOG: f32 = 230.0;
/// Instances whose logs are merged at most.
const LOGS_MERGED: usize = 16;
/// Lines of a log that are read when it is opened.
const LOG_LINES: u32 = 1000;
/// A watch lasts so long; the page asks for the next one before.
const WATCH_SECS: u32 = 40;
const RENEW_SECS: f64 = 30.0;

/// What the user sees and selects here.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Page {
    rows: rows::Rows,
    log: LogState,
    logs: logs::Logs,
    history: history::LogHistory,
    incidents: incidents::Incidents,
    runbooks: runbooks::Runbooks,
    host: host::Host,
    events: events::Events,
    /// The instances whose output was asked for.
    #[serde(skip)]
    log_of: Option<String>,
    /// The life before is shown.
    #[serde(skip)]
    shows_previous: bool,
    /// What was asked of one instance, and when.
    #[serde(skip)]
    inspected: Option<(Timestamp, String)>,
    /// When a watch was asked for, and of what.
    #[serde(skip)]
    watched: Option<(Timestamp, Option<WorkspaceId>)>,
}

impl Page {
    fn watch(&mut self, cx: &Cx<'_>) {
        let chosen = cx.workspace.filter(|_| !self.rows.shows_all);
        self.watched = Some((cx.now, chosen.map(|workspace| workspace.id.clone())));
        cx.ask(Command::Watch {
            workspaces: chosen.cloned().into_iter().collect(),
            secs: Some(WATCH_SECS),
        });
    }

    /// The watch ends by itself when nobody looks any more.
    fn keep_watching(&mut self, cx: &Cx<'_>) {
        let is_fresh = self.watched.as_ref().is_some_and(|(at, of)| {
            let chosen = cx.workspace.filter(|_| !self.rows.shows_all);
            time::secs_between(*at, cx.now) < RENEW_SECS && of.as_ref() == chosen.map(|workspace| &workspace.id)
        });
        if !is_fresh {
            self.watch(cx);
        }
    }

    /// Everything of the one that is selected; again after a while, as it goes on.
    fn keep_inspected(&mut self, cx: &Cx<'_>) {
        const AGAIN_SECS: f64 = 10.0;
        let selected = self.rows.selected(cx);
        let [one] = selected.as_slice() else { return };
        let is_fresh = self
            .inspected
            .as_ref()
            .is_some_and(|(at, id)| *id == one.id && time::secs_between(*at, cx.now) < AGAIN_SECS);
        if !is_fresh {
            self.inspected = Some((cx.now, one.id.clone()));
            cx.ask(Command::Inspect {
                instance: Box::new((*one).clone()),
            });
        }
    }

    /// What is asked for: the output of what is selected, all of it merged.
    fn order(&self, cx: &Cx<'_>) -> Option<LogOrder> {
        let selected = self.rows.selected(cx).into_iter().filter(|instance| has_log(instance));
        let instances: Vec<Instance> = selected.take(LOGS_MERGED).cloned().collect();
        let previous = self.shows_previous && instances.len() == 1;
        (!instances.is_empty()).then(|| LogOrder {
            instances,
            n_lines: Some(LOG_LINES),
            follow: !previous,
            previous,
            ..LogOrder::default()
        })
    }

    /// The output of what is selected is read on; another selection ends it.
    fn keep_log(&mut self, cx: &Cx<'_>) {
        let wanted = self.order(cx);
        let name = wanted.as_ref().map(LogOrder::name);
        if name == self.log_of {
            return;
        }
        match wanted {
            Some(order) => cx.ask(Command::ShowLogs { order }),
            None => {
                let mut jobs = cx.model.jobs.rows();
                if let Some(job) = jobs.find(|job| job.is_running() && job.title.key == "operate-job-logs") {
                    cx.ask(Intent::Cancel(job.id));
                }
            }
        }
        self.logs.forget();
        self.history.forget();
        self.log_of = name;
    }

    /// A line of a log leads to its code.
    fn follow_line(cx: &Cx<'_>, response: &LogResponse, of: Option<Instance>) {
        let Some(line) = response.code.clone() else { return };
        let id = of.as_ref().and_then(|instance| instance.workspace.clone());
        let workspace = id.as_ref().and_then(|id| cx.model.devops.workspace(id)).or(cx.workspace);
        match workspace {
            Some(workspace) => cx.ask(Command::FindCode {
                workspace: workspace.clone(),
                instance: of,
                line,
            }),
            None => cx.ask(Intent::Ui(UiIntent::Refused(cx.t("where-no-workspace")))),
        }
    }

    fn code_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: Option<&Workspace>) {
        if let (Some((_, found)), Some(workspace)) = (&cx.model.operate.code, workspace) {
            findings::code_ui(ui, cx, workspace, found);
        }
    }

    /// About what is selected; what is to be said of it is noted where it opens.
    fn open_incident(&mut self, cx: &Cx<'_>) {
        let selected = self.rows.selected(cx);
        let Some(instance) = selected.first() else { return };
        let workspace = instance
            .workspace
            .as_ref()
            .and_then(|id| cx.model.devops.workspace(id))
            .or(cx.workspace);
        let Some(workspace) = workspace else { return };
        cx.ask(Command::OpenIncident {
            workspace: workspace.clone(),
            opening: Opening {
                title: format!("{}, {}", instance.name, words::state(cx, instance)),
                environment: instance.environment.clone(),
                instance: Some((*instance).clone()),
                note: String::new(),
            },
        });
        cx.ask(Intent::Go(Target::Page {
            area: AreaId::Operate.word().to_owned(),
            tab: Some("incidents".to_owned()),
        }));
    }

    /// The terminal opens where terminals are.
    fn open_shell(&self, cx: &Cx<'_>) {
        let selected = self.rows.selected(cx);
        let Some(place) = selected.first().and_then(|instance| instance::shell_of(instance)) else {
            return;
        };
        cx.open_terminal(place);
    }

    fn problems_ui(ui: &mut Ui, cx: &Cx<'_>) {
        for problem in &cx.model.operate.problems {
            page_frame::bar_ui(ui, 30.0, |ui| {
                let details = problem.hint.as_ref().map(|hint| cx.msg(hint)).unwrap_or_default();
                let shown = state_mark::label_ui(ui, State::Degraded, &cx.msg(&problem.summary));
                let whole = format!("{}\n{details}", problem.details);
                if !whole.trim().is_empty() {
                    shown.on_hover_text(whole.trim());
                }
            });
        }
    }

    fn log_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let selected = self.rows.selected(cx);
        let Some(instance) = selected.first() else { return };
        // The panel is as high as what it holds, also before there is a line.
        ui.set_min_height(ui.available_height());
        let Some(name) = self.log_of.clone() else {
            let why = cx.msg(&msg!("operate-no-log", name = instance.name.as_str()));
            let hint = cx.t("operate-no-log-hint");
            page_frame::empty_ui(ui, icons::LOG, &format!("{why}. {hint}"), None);
            return;
        };
        let several = selected.len() > 1;
        let title = if several {
            cx.msg(&msg!("operate-log-of-n", n = selected.len()))
        } else if self.shows_previous {
            cx.msg(&msg!("operate-log-previous-of", name = instance.name.as_str()))
        } else {
            cx.msg(&msg!("operate-log-of", name = instance.name.as_str()))
        };
        let Some(log) = cx.model.operate.log.as_ref().filter(|log| log.log == name) else {
            let mut jobs = cx.model.jobs.rows().rev();
            let problem = jobs.find_map(|job| match &job.outcome {
                Some(Outcome::Failed { problem }) if job.title.key == "operate-job-logs" => Some(problem.clone()),
                _ => None,
            });
            match problem {
                Some(problem) => {
                    page_frame::problem_ui(ui, &problem, false);
                }
                None => page_frame::loading_ui(ui, None),
            }
            return;
        };
        let key = row_key(&format!("{name} {}", log.life));
        let source = LogSource::ring(key, log.n_dropped, &log.lines)
            .origin(&log.sources, |i| usize::from(log.origins.get(i).copied().unwrap_or(0)))
            .exported()
            .with_code();
        let response = log_ui(ui, "operate-log", &title, &mut self.log, &source);
        if response.export {
            let lines = lines_of(&self.log, &source);
            self.logs.export(lines, cx);
        }
        let of = (!several).then(|| (*instance).clone());
        Self::follow_line(cx, &response, of);
    }

    fn list_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let is_filtered = !cx.filter.trim().is_empty() || cx.environment.is_some();
        if self.rows.is_empty() && cx.model.operate.seen_at.is_some() && is_filtered {
            no_hits_ui(ui, cx, "operate-filter-nothing");
            return;
        }
        // It is asked as soon as the page opens: until then nobody knows that nothing runs.
        if matches!(cx.model.operate.instances, Loadable::Empty) {
            page_frame::loading_ui(ui, None);
            return;
        }
        let empty = cx.t("operate-empty");
        let deploy = cx.t("operate-empty-deploy");
        let view = LoadableView {
            icon: icons::SERVER,
            empty: &empty,
            empty_action: Some(&deploy),
            progress: None,
        };
        let is_empty = self.rows.is_empty();
        let asked = page_frame::loadable_ui(
            ui,
            &cx.model.operate.instances,
            &view,
            |_| is_empty,
            |ui, _| self.rows.table_ui(ui, cx),
        );
        match asked {
            Some(LoadableAsk::Retry) => self.watch(cx),
            Some(LoadableAsk::Fill) => cx.ask(Intent::Go(Target::Page {
                area: AreaId::Deploy.word().to_owned(),
                tab: None,
            })),
            None => {}
        }
    }
}

/// The output is kept, or the engine or the journal has it.
fn has_log(instance: &Instance) -> bool {
    let is_kept = matches!(instance.kind, InstanceKind::Container | InstanceKind::Unit);
    // Of a service the tasks have it.
    instance.log_path.is_some() || (is_kept && !instance.id.starts_with("service:"))
}

impl crate::areas::page::Page for Page {
    fn tabs(&self, cx: &Cx<'_>) -> Vec<Tab> {
        let tab = |id, key: &str, count| Tab {
            id,
            label: cx.t(key),
            count,
        };
        let n = self.rows.counts(cx).n_all as u64;
        let open = cx
            .model
            .operate
            .incidents
            .iter()
            .filter(|incident| incident.is_open())
            .count() as u64;
        let n_open = (open > 0).then_some(open);
        vec![
            tab("instances", "operate-instances", (n > 0).then_some(n)),
            tab("history", "operate-tab-history", None),
            tab("logs", "operate-tab-logs", None),
            tab("incidents", "operate-tab-incidents", n_open),
            tab("runbooks", "operate-tab-runbooks", None),
            tab("events", "operate-tab-events", None),
            tab("host", "operate-tab-host", None),
        ]
    }

    fn actions(&self, cx: &Cx<'_>) -> Vec<Action> {
        match cx.tab {
            "logs" => return self.logs.actions(cx),
            "history" => return Vec::new(),
            "incidents" => return incidents::Incidents::actions(cx),
            "runbooks" => return self.runbooks.actions(cx),
            "events" => return events::Events::actions(cx),
            "host" => return self.host.actions(cx),
            _ => {}
        }
        let again = Intent::Ui(UiIntent::PageAction(AreaId::Operate, "look".to_owned()));
        let mut actions = vec![Action::new("operate-look", cx.t("operate-look"), again).icon(icons::REFRESH)];
        if cx.workspace.is_some() {
            let everything = Intent::Ui(UiIntent::PageAction(AreaId::Operate, "everything".to_owned()));
            let key = if self.rows.shows_all {
                "operate-here-only"
            } else {
                "operate-everything"
            };
            actions.push(Action::new("operate-everything", cx.t(key), everything));
        }
        let selected = self.rows.selected(cx);
        actions.extend(instance::actions(&selected, cx).into_iter().map(|action| {
            if selected.len() > 1 && !action.danger {
                action.toolbar()
            } else {
                action
            }
        }));
        actions
    }

    fn subtitle(&self, cx: &Cx<'_>) -> String {
        match cx.tab {
            "logs" => return self.logs.subtitle(cx),
            "history" => return String::new(),
            "incidents" => return incidents::Incidents::subtitle(cx),
            "runbooks" => return String::new(),
            "events" => return events::Events::subtitle(cx),
            "host" => return host::Host::subtitle(cx),
            _ => {}
        }
        let counts = self.rows.counts(cx);
        if cx.model.operate.seen_at.is_none() || counts.n_all == 0 {
            return String::new();
        }
        let mut words = vec![cx.msg(&msg!("operate-n-instances", n = counts.n_all))];
        words.extend(counts.to_look_at.iter().map(|(n, key)| format!("{n} {}", cx.t(key))));
        words.join(", ")
    }

    fn filter_hint(&self, cx: &Cx<'_>) -> Option<String> {
        let key = match cx.tab {
            "logs" | "history" => return None,
            "incidents" => "incident-filter",
            "runbooks" => "runbook-filter",
            "events" => "event-filter",
            "host" => "host-filter",
            _ => "operate-filter",
        };
        Some(cx.t(key))
    }

    fn body_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        match cx.tab {
            "logs" => {
                let response = self.logs.body_ui(ui, cx);
                Self::follow_line(cx, &response, None);
                return;
            }
            "history" => {
                let (response, lines) = self.history.body_ui(ui, cx);
                Self::follow_line(cx, &response, None);
                if !lines.is_empty() {
                    self.logs.export(lines, cx);
                }
                return;
            }
            "incidents" => return self.incidents.body_ui(ui, cx),
            "runbooks" => return self.runbooks.body_ui(ui, cx),
            "events" => return self.events.body_ui(ui, cx),
            "host" => return self.host.body_ui(ui, cx),
            _ => {}
        }
        self.keep_watching(cx);
        self.rows.arrange(cx);
        self.keep_log(cx);
        Self::problems_ui(ui, cx);
        if !self.rows.selected(cx).is_empty() {
            let mut both = (self, cx);
            page_frame::split_bottom_ui(
                ui,
                "operate-log",
                LOG,
                &mut both,
                |ui, (page, cx)| page.log_ui(ui, cx),
                |ui, (page, cx)| page.list_ui(ui, cx),
            );
        } else {
            self.list_ui(ui, cx);
        }
    }

    fn has_detail(&self, cx: &Cx<'_>) -> bool {
        match cx.tab {
            "logs" => cx.workspace.is_some() && cx.model.operate.code.is_some(),
            "incidents" => self.incidents.has_detail(cx),
            "runbooks" => self.runbooks.selected(cx).is_some(),
            "events" | "history" => false,
            "host" => host::Host::has_detail(cx),
            _ => !self.rows.selected(cx).is_empty(),
        }
    }

    fn detail_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        match cx.tab {
            "logs" => return Self::code_ui(ui, cx, cx.workspace),
            "incidents" => return self.incidents.detail_ui(ui, cx),
            "runbooks" => return self.runbooks.detail_ui(ui, cx),
            "events" | "history" => return,
            "host" => return self.host.detail_ui(ui, cx),
            _ => {}
        }
        self.keep_inspected(cx);
        match self.rows.selected(cx).as_slice() {
            [] => {}
            [one] => {
                instance::detail_ui(ui, cx, one);
                let workspace = one.workspace.as_ref().and_then(|id| cx.model.devops.workspace(id));
                Self::code_ui(ui, cx, workspace);
            }
            several => instance::several_ui(ui, cx, several),
        }
    }

    fn on_open(&mut self, cx: &Cx<'_>) {
        self.log_of = None;
        incidents::Incidents::look(cx);
        runbooks::Runbooks::look(cx);
        match cx.tab {
            "host" => return self.host.watch(cx),
            "events" => return self.events.look(cx),
            _ => {}
        }
        self.watch(cx);
    }

    fn on_action(&mut self, id: &str, cx: &Cx<'_>) {
        match id {
            "look" => self.watch(cx),
            "everything" => {
                self.rows.shows_all = !self.rows.shows_all;
                self.watch(cx);
            }
            "previous" => {
                self.shows_previous = !self.shows_previous;
                self.keep_log(cx);
            }
            "log-close" => self.logs.close(cx),
            "incident" => self.open_incident(cx),
            "shell" => self.open_shell(cx),
            _ => {}
        }
    }

    fn on_picked(&mut self, purpose: &str, path: std::path::PathBuf, cx: &Cx<'_>) {
        match purpose {
            "log-file" => self.logs.open_file(path),
            "log-folder" => self.logs.open_folder(path),
            "log-export" => self.logs.export_to(path, cx),
            _ => {}
        }
    }

    fn tab_of(&self, target: &Target) -> Option<&'static str> {
        match target {
            Target::Instance { .. } => Some("instances"),
            Target::Log { .. } => Some("logs"),
            _ => None,
        }
    }

    fn reveal(&mut self, target: &Target, _cx: &Cx<'_>) {
        match target {
            Target::Instance { id } => self.rows.reveal(id),
            Target::Log { job } => self.logs.open_run(*job),
            _ => {}
        }
    }

    fn learn(&self, cx: &Cx<'_>) {
        if cx.model.operate.seen_at.is_none() {
            cx.ask(Command::List {
                workspaces: cx.workspace.cloned().into_iter().collect(),
            });
        }
    }

    fn things(&self, cx: &Cx<'_>) -> Vec<(String, Target)> {
        let name = |instance: &Instance| match &instance.environment {
            Some(environment) => format!("{} {environment}", instance.name),
            None => instance.name.clone(),
        };
        let all = cx.model.operate.all().iter().take(model::RING);
        all.map(|instance| (name(instance), Target::Instance { id: instance.id.clone() }))
            .collect()
    }

    fn badge(&self, cx: &Cx<'_>) -> Option<Badge> {
        let id = cx.workspace.map(|workspace| &workspace.id);
        // Where nobody looked yet, the board has looked.
        let of_board = || {
            let rows = cx.model.devops.rows_of(id);
            rows.map(|row| row.n_instances.saturating_sub(row.n_live).max(row.n_incidents) as usize)
                .sum::<usize>()
        };
        let count = cx.model.operate.n_ill(id).unwrap_or_else(of_board) as u64;
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
