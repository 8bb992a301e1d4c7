//! The page of Build: tasks, pipelines, their runs, and what they gave.

mod bisect;
mod bisect_form;
mod ci;
mod detail;
mod docker;
mod matching;
mod pipelines;
mod rehearsals;
mod runs;
mod since;
mod tasks;
mod timeline;
mod trend;
mod words;

use super::Command;
use super::model::Builds;
use super::rehearsal::Rehearsal;
use crate::areas::page::{Action, Badge, Cx, Intent, Tab, choose_workspace_ui, file_problem_ui};
use crate::base::{JobId, Problem, State, Target, Workspace};
use crate::msg;
use crate::ui::page_frame::{self, LoadableAsk, LoadableView};
use crate::ui::table::{TableState, row_key};
use crate::ui::{self, icons};
use serde::{Deserialize, Serialize};

const TASKS: &str = "tasks";
const PIPELINES: &str = "pipelines";
const TREND: &str = "trend";
const TIMELINE: &str = "timeline";
const REHEARSALS: &str = "rehearsals";
const RUNS: &str = "runs";
const ARTIFACTS: &str = "artifacts";
const BISECT: &str = "bisect";
/// Problems that are shown where there is no task.
const BROKEN_SHOWN: usize = 3;

/// What the user sees and selects here.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Page {
    tasks: tasks::Tasks,
    pipelines: pipelines::Pipelines,
    runs: TableState,
    trend: trend::Trend,
    timeline: timeline::Lines,
    #[serde(skip)]
    trying: matching::Trying,
    #[serde(skip)]
    since: since::Asking,
    artifacts: TableState,
    rehearsals: rehearsals::List,
    docker: docker::Docker,
    bisects: bisect::Bisects,
    #[serde(skip)]
    search: bisect_form::SearchForm,
    /// The run whose detail was asked for.
    #[serde(skip)]
    asked: Option<JobId>,
}

fn builds<'a>(cx: &Cx<'a>) -> Option<(&'a Workspace, &'a Builds)> {
    let workspace = cx.workspace?;
    Some((workspace, cx.model.build.get(&workspace.id)?))
}

impl Page {
    /// The run whose panel is shown, as far as one has ended.
    fn shown_run(&self, cx: &Cx<'_>, builds: &Builds) -> Option<JobId> {
        if cx.tab == PIPELINES {
            return self.pipelines.shown_job(builds);
        }
        let run = if cx.tab == RUNS {
            builds.run(JobId(self.runs.single()?))?
        } else {
            builds.runs_of(&self.tasks.selected(builds)?.id).next()?
        };
        (run.state != State::InProgress).then_some(run.job)
    }

    fn rehearsal<'a>(&self, builds: &'a Builds) -> Option<&'a Rehearsal> {
        let chosen = self.rehearsals.table.single()?;
        builds.rehearsals.value()?.iter().find(|one| one.job.0 == chosen)
    }

    /// Asks for what the panel shows, once per run.
    fn follow(&mut self, cx: &Cx<'_>, workspace: &Workspace, builds: &Builds) {
        let Some(job) = self.shown_run(cx, builds) else { return };
        if builds.detail(job).is_none() && self.asked != Some(job) {
            self.asked = Some(job);
            cx.ask(Command::ShowRun {
                workspace: workspace.clone(),
                job,
            });
        }
    }
}

/// Why there may be no task: what can not be read, each with the way to its line.
fn broken_ui(ui: &mut ui::Ui, cx: &Cx<'_>, workspace: &Workspace, problems: &[Problem]) {
    for problem in problems.iter().take(BROKEN_SHOWN) {
        let margin = egui::Margin::symmetric(16, 4);
        egui::Frame::NONE
            .inner_margin(margin)
            .show(ui, |ui| file_problem_ui(ui, cx, workspace, problem));
    }
}

impl crate::areas::page::Page for Page {
    fn actions(&self, cx: &Cx<'_>) -> Vec<Action> {
        if docker::is_mine(cx.tab) {
            return self.docker.actions(cx);
        }
        let Some(workspace) = cx.workspace else { return Vec::new() };
        let mut actions = Vec::new();
        if let Some(known) = cx.model.build.get(&workspace.id).filter(|_| cx.tab == PIPELINES) {
            actions.extend(self.pipelines.actions(cx, workspace, known));
        } else if let Some(known) = cx.model.build.get(&workspace.id).filter(|_| cx.tab == REHEARSALS) {
            actions.extend(rehearsals::actions(cx, workspace, known));
        } else if let Some(known) = cx.model.build.get(&workspace.id) {
            let selected = (cx.tab != RUNS && cx.tab != ARTIFACTS && cx.tab != TREND && cx.tab != TIMELINE)
                .then(|| self.tasks.selected(known))
                .flatten();
            let main = known.main_task();
            if let Some(task) = selected.or(main) {
                actions.push(words::run_action(cx, workspace, known, task).primary());
            }
            if let (Some(selected), Some(main)) = (selected, main.filter(|_| selected.is_some()))
                && selected.id != main.id
            {
                let mut action = words::run_action(cx, workspace, known, main).toolbar();
                "build-run-main".clone_into(&mut action.id);
                actions.push(action);
            }
        }
        let refresh = Command::Refresh {
            workspace: workspace.clone(),
        };
        let refresh = Action::new("build-refresh", cx.t("build-refresh"), refresh.into()).icon(icons::REFRESH);
        let search = bisect_form::action(cx);
        actions.push(if cx.tab == BISECT {
            search.toolbar()
        } else {
            search.palette_only()
        });
        actions.push(matching::Trying::action(cx));
        let compare = since::Asking::action(cx);
        actions.push(if cx.tab == TASKS {
            compare.toolbar()
        } else {
            compare.palette_only()
        });
        actions.push(refresh.shortcut(egui::Modifiers::NONE, egui::Key::F5));
        actions
    }

    fn subtitle(&self, cx: &Cx<'_>) -> String {
        if docker::is_mine(cx.tab) {
            return docker::Docker::subtitle(cx);
        }
        let Some((_, builds)) = builds(cx).filter(|(_, builds)| !builds.tasks().is_empty()) else {
            return String::new();
        };
        let latest = |task: &super::detect::Task| builds.runs_of(&task.id).next().is_some_and(|run| run.state == State::Failed);
        let n_failed = builds.tasks().iter().filter(|task| latest(task)).count();
        cx.msg(&msg!("build-subtitle", n = builds.tasks().len(), failed = n_failed))
    }

    fn tabs(&self, cx: &Cx<'_>) -> Vec<Tab> {
        let known = builds(cx).map(|(_, builds)| builds);
        let tab = |id, key: &str, count: Option<usize>| Tab {
            id,
            label: cx.t(key),
            count: count.map(|n| n as u64),
        };
        let mut tabs = vec![
            tab(TASKS, "build-tab-tasks", None),
            tab(PIPELINES, "build-tab-pipelines", known.map(|builds| builds.pipelines().len())),
            tab(RUNS, "build-tab-runs", known.map(|builds| builds.runs().len())),
            tab(TREND, "build-tab-trend", None),
            tab(TIMELINE, "build-tab-timeline", None),
            tab(ARTIFACTS, "build-tab-artifacts", known.map(|builds| builds.artifacts().len())),
        ];
        tabs.push(tab(
            REHEARSALS,
            "build-tab-rehearsals",
            known
                .and_then(|builds| builds.rehearsals.value())
                .map(Vec::len)
                .filter(|n| *n > 0),
        ));
        let searches = cx.workspace.map(|workspace| cx.model.build.searches(&workspace.id).len());
        tabs.push(tab(BISECT, "bisect-tab", searches.filter(|n| *n > 0)));
        tabs.extend(docker::Docker::tabs(cx));
        tabs
    }

    fn filter_hint(&self, cx: &Cx<'_>) -> Option<String> {
        (cx.workspace.is_some() || docker::is_mine(cx.tab)).then(|| cx.t("build-filter"))
    }

    fn body_ui(&mut self, ui: &mut ui::Ui, cx: &Cx<'_>) {
        if docker::is_mine(cx.tab) {
            self.docker.body_ui(ui, cx);
            return;
        }
        let Some(workspace) = cx.workspace else {
            choose_workspace_ui(ui, cx, icons::BOX, &cx.t("build-choose-workspace"));
            return;
        };
        if cx.tab == BISECT {
            self.bisects.ui(ui, cx, workspace);
            return;
        }
        let none = Builds::default();
        let builds = cx.model.build.get(&workspace.id).unwrap_or(&none);
        let empty = cx.t(match cx.tab {
            RUNS => "build-runs-empty",
            PIPELINES => "build-no-pipelines-hint",
            REHEARSALS => "build-rehearsals-empty",
            TREND => "build-trend-empty",
            TIMELINE => "build-runs-empty",
            ARTIFACTS => "build-artifacts-empty",
            _ if !builds.problems.is_empty() => "build-no-tasks-broken",
            _ => "build-no-tasks-hint",
        });
        let icon = match cx.tab {
            RUNS => icons::HISTORY,
            PIPELINES => icons::TREE,
            ARTIFACTS => icons::PACKAGE,
            _ => icons::TOOL,
        };
        let view = LoadableView {
            icon,
            empty: &empty,
            empty_action: None,
            progress: None,
        };
        if cx.tab == TASKS && builds.tasks.is_ready() && builds.tasks().is_empty() {
            broken_ui(ui, cx, workspace, &builds.problems);
        }
        let ask = match cx.tab {
            TIMELINE => page_frame::loadable_ui(ui, &builds.runs, &view, Vec::is_empty, |ui, _| {
                self.timeline.ui(ui, cx, workspace, builds);
            }),
            TREND => page_frame::loadable_ui(ui, &builds.runs, &view, Vec::is_empty, |ui, _| {
                self.trend.ui(ui, cx, workspace, builds);
            }),
            RUNS => page_frame::loadable_ui(ui, &builds.runs, &view, Vec::is_empty, |ui, rows| {
                runs::runs_ui(ui, cx, workspace, builds, rows, &mut self.runs);
            }),
            PIPELINES => page_frame::loadable_ui(
                ui,
                &builds.pipelines,
                &view,
                |_| pipelines::Pipelines::is_empty(builds),
                |ui, _| self.pipelines.ui(ui, cx, workspace, builds),
            ),
            REHEARSALS => page_frame::loadable_ui(ui, &builds.rehearsals, &view, Vec::is_empty, |ui, rows| {
                rehearsals::ui(ui, cx, workspace, builds, rows, &mut self.rehearsals);
            }),
            ARTIFACTS => page_frame::loadable_ui(ui, &builds.artifacts, &view, Vec::is_empty, |ui, rows| {
                runs::artifacts_ui(ui, cx, workspace, rows, &mut self.artifacts);
            }),
            _ => page_frame::loadable_ui(ui, &builds.tasks, &view, Vec::is_empty, |ui, rows| {
                self.tasks.ui(ui, cx, workspace, builds, rows);
            }),
        };
        if ask == Some(LoadableAsk::Retry) {
            cx.ask(Command::Refresh {
                workspace: workspace.clone(),
            });
        }
        self.follow(cx, workspace, builds);
    }

    fn has_detail(&self, cx: &Cx<'_>) -> bool {
        if docker::is_mine(cx.tab) {
            return self.docker.has_detail(cx);
        }
        if cx.tab == BISECT {
            return cx.workspace.is_some_and(|workspace| self.bisects.has_detail(cx, workspace));
        }
        let Some((_, builds)) = builds(cx) else { return false };
        match cx.tab {
            RUNS => self.runs.single().is_some_and(|job| builds.run(JobId(job)).is_some()),
            ARTIFACTS => self.artifacts.single().is_some(),
            REHEARSALS => self.rehearsal(builds).is_some(),
            PIPELINES => self.pipelines.has_detail(builds),
            TREND => false,
            TIMELINE => builds.timeline.is_some(),
            _ => self.tasks.selected(builds).is_some(),
        }
    }

    fn detail_ui(&mut self, ui: &mut ui::Ui, cx: &Cx<'_>) {
        if docker::is_mine(cx.tab) {
            self.docker.detail_ui(ui, cx);
            return;
        }
        if let Some(workspace) = cx.workspace.filter(|_| cx.tab == BISECT) {
            self.bisects.detail_ui(ui, cx, workspace);
            return;
        }
        let Some((workspace, builds)) = builds(cx) else { return };
        match cx.tab {
            RUNS => {
                if let Some(run) = self.runs.single().and_then(|job| builds.run(JobId(job))) {
                    detail::run_ui(ui, cx, workspace, builds, run);
                }
            }
            PIPELINES => self.pipelines.detail_ui(ui, cx, workspace, builds),
            TREND => {}
            REHEARSALS => {
                if let Some(one) = self.rehearsal(builds) {
                    rehearsals::detail_ui(ui, cx, one);
                }
            }
            TIMELINE => self.timeline.detail_ui(ui, cx, builds),
            ARTIFACTS => {
                let selected = self.artifacts.single();
                if let Some(artifact) = builds
                    .artifacts()
                    .iter()
                    .find(|artifact| Some(artifact.id as u64) == selected)
                {
                    detail::artifact_ui(ui, cx, workspace, artifact);
                }
            }
            _ => {
                if let Some(task) = self.tasks.selected(builds) {
                    detail::task_ui(ui, cx, workspace, builds, task);
                }
            }
        }
    }

    fn dialog_ui(&mut self, ui: &mut ui::Ui, cx: &Cx<'_>) {
        self.trying.ui(ui, cx);
        self.since.ui(ui, cx);
        self.search.ui(ui, cx);
        self.docker.dialog_ui(ui, cx);
    }

    fn on_action(&mut self, id: &str, cx: &Cx<'_>) {
        if id == matching::OPEN {
            self.trying.open();
        } else if id == since::OPEN {
            self.since.open(cx);
        } else if let Some(what) = id.strip_prefix("bisect:") {
            self.search.open(what, cx);
        } else if let Some(job) = id.strip_prefix(words::TIMELINE).and_then(|job| job.parse().ok()) {
            self.timeline.choose(JobId(job));
            cx.ask(Intent::Go(Target::Page {
                area: "build".to_owned(),
                tab: Some(TIMELINE.to_owned()),
            }));
        } else {
            self.docker.on_action(id, cx);
        }
    }

    fn on_picked(&mut self, purpose: &str, path: std::path::PathBuf, cx: &Cx<'_>) {
        self.docker.on_picked(purpose, path, cx);
    }

    fn on_open(&mut self, cx: &Cx<'_>) {
        self.docker.on_open();
        if let Some(workspace) = cx.workspace {
            cx.ask(Command::Refresh {
                workspace: workspace.clone(),
            });
        }
    }

    fn reveal(&mut self, target: &Target, _cx: &Cx<'_>) {
        if let Target::Task { name, .. } = target {
            self.tasks.table.select_only(row_key(name));
        }
    }

    fn tab_of(&self, target: &Target) -> Option<&'static str> {
        matches!(target, Target::Task { .. }).then_some(TASKS)
    }

    fn learn(&self, cx: &Cx<'_>) {
        if let Some(workspace) = cx
            .workspace
            .filter(|_| builds(cx).is_none_or(|(_, builds)| builds.tasks().is_empty()))
        {
            cx.ask(Command::Refresh {
                workspace: workspace.clone(),
            });
        }
    }

    fn things(&self, cx: &Cx<'_>) -> Vec<(String, Target)> {
        let Some((workspace, builds)) = builds(cx) else {
            return Vec::new();
        };
        let thing = |task: &super::detect::Task| {
            (
                task.name.clone(),
                Target::Task {
                    workspace: workspace.id.clone(),
                    name: task.id.clone(),
                },
            )
        };
        builds.tasks().iter().map(thing).collect()
    }

    fn badge(&self, cx: &Cx<'_>) -> Option<Badge> {
        let (_, builds) = builds(cx)?;
        let n_running = builds.runs().iter().filter(|run| run.state == State::InProgress).count() as u64;
        (n_running > 0).then_some(Badge {
            count: n_running,
            state: Some(State::InProgress),
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
