//! The page of Test: the tree of results with its history, and the runs.

mod compare;
mod coverage;
mod detail;
mod failures;
mod filter;
mod manual;
mod nodes;
mod results;
mod runs;
mod slow;
mod words;

use super::frameworks::{CaseId, Limits};
use super::model::Tests;
use super::{Command, What};
use crate::areas::AreaId;
use crate::areas::page::{Action, Badge, Cx, Intent, Tab, UiIntent, choose_workspace_ui};
use crate::base::{JobId, State, Target, Workspace};
use crate::msg;
use crate::ui::page_frame::{self, LoadableAsk, LoadableView};
use crate::ui::table::{TableState, row_key};
use crate::ui::tree::TreeState;
use crate::ui::{self, icons};
use nodes::Nodes;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

const RESULTS: &str = "results";
const FAILURES: &str = "failures";
const RUNS: &str = "runs";
const COMPARE: &str = "compare";
const COVERAGE: &str = "coverage";
const SLOW: &str = "slow";
/// Cases that the palette finds.
const THINGS: usize = 2000;

/// What the user sees and selects here.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Page {
    tree: TreeState,
    runs: TableState,
    failures: TreeState,
    compare: TableState,
    coverage: TableState,
    slow: TableState,
    #[serde(skip)]
    nodes: Nodes,
    /// The case and the run whose detail was asked for, and the result that it was asked at.
    #[serde(skip)]
    asked: Option<(CaseId, Option<i64>)>,
    #[serde(skip)]
    asked_run: Option<(i64, State)>,
    /// What is being written down of a case of a plan.
    #[serde(skip)]
    draft: manual::Draft,
    #[serde(skip)]
    wanted: Option<CaseId>,
    /// What the groups of failures were asked for: the newest run and its state.
    #[serde(skip)]
    asked_groups: Option<(i64, State)>,
    /// The job whose debugger was shown last.
    #[serde(skip)]
    debugged: Option<JobId>,
}

fn tests<'a>(cx: &Cx<'a>) -> Option<(&'a Workspace, &'a Tests)> {
    let workspace = cx.workspace?;
    Some((workspace, cx.model.test.get(&workspace.id)?))
}

impl Page {
    /// A debugger that was asked for is shown as soon as it is ready.
    fn show_debugger(&mut self, cx: &Cx<'_>, workspace: &Workspace, tests: &Tests) {
        let Some(known) = tests.debugging.as_ref() else { return };
        if known.shown_by > self.debugged {
            self.debugged = known.shown_by;
            cx.open_terminal(detail::debugger(workspace, known));
        }
    }

    /// Selects a case that a link pointed to, as soon as it is known, and asks for what the panel shows.
    fn follow(&mut self, cx: &Cx<'_>, workspace: &Workspace, tests: &Tests) {
        if let Some(case) = self.wanted.take() {
            if tests.cases.value().is_some_and(|cases| cases.contains_key(&case)) {
                self.nodes.unfold(&case, &mut self.tree);
                self.tree.table.select_only(row_key(&case.text()));
            } else if tests.cases.is_loading() || tests.cases.value().is_none() {
                self.wanted = Some(case);
            }
        }
        let selected = self
            .tree
            .table
            .single()
            .and_then(|key| self.nodes.of_key(key))
            .and_then(|node| node.case.clone());
        let Some(case) = selected else { return };
        let run = tests
            .cases
            .value()
            .and_then(|cases| cases.get(&case))
            .and_then(|known| known.run);
        // A result of the run that is going on stands in the ledger only later.
        let is_live = tests.live.as_ref().is_some_and(|live| live.run == run);
        if run.is_some() && !is_live && self.asked.as_ref() != Some(&(case.clone(), run)) {
            self.asked = Some((case.clone(), run));
            cx.ask(Command::ShowCase {
                workspace: workspace.clone(),
                case,
                run: None,
            });
        }
    }

    /// The selected run, as far as it is one of this workspace.
    fn selected_run(&self, tests: &Tests) -> Option<i64> {
        let key = self.runs.single()?;
        let mut runs = tests.runs.value()?.iter().map(|run| run.id);
        runs.find(|id| *id as u64 == key)
    }

    /// Failures by what they say; asked for anew when something was run meanwhile.
    fn failures_ui(&mut self, ui: &mut ui::Ui, cx: &Cx<'_>, workspace: &Workspace, tests: &Tests) {
        let newest = tests.last_run().map(|run| (run.id, run.state));
        if newest.is_some() && newest != self.asked_groups && tests.live.is_none() {
            self.asked_groups = newest;
            cx.ask(Command::Group {
                workspace: workspace.clone(),
            });
        }
        let groups = tests.groups.value().map_or(&[] as &[_], Vec::as_slice);
        if groups.is_empty() {
            page_frame::empty_ui(ui, icons::FLASK, &cx.t("test-failures-empty"), None);
            return;
        }
        failures::ui(ui, cx, workspace, groups, &mut self.failures);
    }

    fn runs_ui(&mut self, ui: &mut ui::Ui, cx: &Cx<'_>, workspace: &Workspace, tests: &Tests) {
        let empty = cx.t("test-runs-empty");
        let view = LoadableView {
            icon: icons::HISTORY,
            empty: &empty,
            empty_action: None,
            progress: None,
        };
        let ask = page_frame::loadable_ui(ui, &tests.runs, &view, Vec::is_empty, |ui, rows| {
            runs::ui(ui, cx, workspace, rows, &mut self.runs);
        });
        if ask == Some(LoadableAsk::Retry) {
            cx.ask(Command::Refresh {
                workspace: workspace.clone(),
            });
        }
        let selected = self.selected_run(tests);
        // Asked once more when it has ended meanwhile.
        let known = selected.and_then(|id| tests.runs.value()?.iter().find(|run| run.id == id));
        let wanted = known.map(|run| (run.id, run.state));
        if let Some((run, _)) = wanted.filter(|_| wanted != self.asked_run) {
            self.asked_run = wanted;
            cx.ask(Command::ShowRun {
                workspace: workspace.clone(),
                run,
            });
        }
    }
}

impl crate::areas::page::Page for Page {
    fn actions(&self, cx: &Cx<'_>) -> Vec<Action> {
        let Some(workspace) = cx.workspace else { return Vec::new() };
        let why_not = words::why_not_run(cx, workspace);
        let run = |what: What| {
            Intent::from(Command::Run {
                workspace: workspace.clone(),
                what,
                limits: Limits::default(),
            })
        };
        let known = cx.model.test.get(&workspace.id);
        let n_failed = known.map_or(0, |tests| tests.counts.n_failed);
        let all = Action::new("test-run-all", cx.t("test-run-all"), run(What::All))
            .icon(icons::RUN)
            .disabled_because(why_not.clone());
        let mut actions = Vec::new();
        if let Some(live) = known.and_then(|tests| tests.live.as_ref()) {
            actions.push(
                Action::new("test-stop", cx.t("test-stop"), Intent::Cancel(live.job))
                    .icon(icons::STOP)
                    .primary(),
            );
        } else if n_failed > 0 {
            actions.push(all.toolbar());
            let label = cx.msg(&msg!("test-run-failed", n = n_failed));
            actions.push(
                Action::new("test-run-failed", label, run(What::Failed))
                    .icon(icons::RUN)
                    .primary()
                    .disabled_because(why_not.clone()),
            );
        } else {
            actions.push(all.primary());
        }
        let list = Command::List {
            workspace: workspace.clone(),
        };
        let pick = Intent::Ui(UiIntent::PickFile(AreaId::Test, "import".to_owned()));
        let refresh = Command::Refresh {
            workspace: workspace.clone(),
        };
        actions.push(
            Action::new("test-find", cx.t("test-find"), list.into())
                .icon(icons::SEARCH)
                .disabled_because(why_not),
        );
        actions.push(
            Action::new("test-run-changed", cx.t("test-run-changed"), run(What::Changed(None)))
                .icon(icons::RUN)
                .disabled_because(words::why_not_run(cx, workspace)),
        );
        let with_coverage = Command::Run {
            workspace: workspace.clone(),
            what: What::All,
            limits: Limits {
                has_coverage: true,
                ..Limits::default()
            },
        };
        actions.push(
            Action::new("test-run-coverage", cx.t("test-run-coverage"), with_coverage.into())
                .icon(icons::RUN)
                .disabled_because(words::why_not_run(cx, workspace)),
        );
        actions.push(Action::new("test-import", cx.t("test-import"), pick).icon(icons::FILE));
        let coverage = Intent::Ui(UiIntent::PickFile(AreaId::Test, "coverage".to_owned()));
        actions.push(Action::new("test-coverage-import", cx.t("test-coverage-import"), coverage).icon(icons::FILE));
        let key = egui::Key::F5;
        actions.push(
            Action::new("test-refresh", cx.t("test-refresh"), refresh.into())
                .icon(icons::REFRESH)
                .shortcut(egui::Modifiers::NONE, key),
        );
        actions
    }

    fn subtitle(&self, cx: &Cx<'_>) -> String {
        let Some((_, tests)) = tests(cx) else { return String::new() };
        if tests.counts.n_cases() == 0 {
            return String::new();
        }
        let n_new = tests.cases.value().map_or(0, |cases| cases.len());
        cx.msg(&msg!("test-subtitle", n = n_new, failed = tests.counts.n_failed))
    }

    fn tabs(&self, cx: &Cx<'_>) -> Vec<Tab> {
        let n_runs = tests(cx)
            .and_then(|(_, tests)| tests.runs.value())
            .map(|runs| runs.len() as u64);
        let n_failed = tests(cx).map(|(_, tests)| tests.counts.n_failed).filter(|n| *n > 0);
        let n_leaking = tests(cx)
            .map(|(_, tests)| tests.leaks.keys().filter(|case| tests.leak(case).is_some()).count() as u64)
            .filter(|n| *n > 0);
        let tab = |id, key, count| Tab {
            id,
            label: cx.t(key),
            count,
        };
        vec![
            tab(RESULTS, "test-tab-results", None),
            tab(FAILURES, "test-tab-failures", n_failed),
            tab(RUNS, "test-tab-runs", n_runs),
            tab(SLOW, "test-tab-slow", n_leaking),
            tab(COMPARE, "test-tab-compare", None),
            tab(COVERAGE, "test-tab-coverage", None),
        ]
    }

    fn filter_hint(&self, cx: &Cx<'_>) -> Option<String> {
        cx.workspace.is_some().then(|| cx.t("test-filter"))
    }

    fn on_action(&mut self, id: &str, cx: &Cx<'_>) {
        let known = tests(cx).and_then(|(workspace, tests)| Some((workspace, tests.debugging.as_ref()?)));
        if let ("debugger", Some((workspace, known))) = (id, known) {
            cx.open_terminal(detail::debugger(workspace, known));
        }
    }

    fn body_ui(&mut self, ui: &mut ui::Ui, cx: &Cx<'_>) {
        let Some(workspace) = cx.workspace else {
            choose_workspace_ui(ui, cx, icons::FLASK, &cx.t("test-choose-workspace"));
            return;
        };
        let none = Tests::default();
        let tests = cx.model.test.get(&workspace.id).unwrap_or(&none);
        self.show_debugger(cx, workspace, tests);
        match cx.tab {
            RUNS => return self.runs_ui(ui, cx, workspace, tests),
            FAILURES => return self.failures_ui(ui, cx, workspace, tests),
            SLOW => return slow::ui(ui, cx, workspace, tests, &mut self.slow),
            COMPARE => {
                match &tests.compared {
                    Some(compared) => compare::ui(ui, cx, workspace, compared, &mut self.compare),
                    None => {
                        let ask = cx.t("test-compare-newest");
                        if page_frame::empty_ui(ui, icons::HISTORY, &cx.t("test-compare-empty"), Some(&ask)) {
                            cx.ask(Command::Compare {
                                workspace: workspace.clone(),
                                before: None,
                                after: None,
                            });
                        }
                    }
                }
                return;
            }
            COVERAGE => {
                match &tests.coverage {
                    Some(shown) => coverage::ui(ui, cx, shown, &mut self.coverage),
                    None => {
                        let ask = cx.t("test-coverage-import");
                        if page_frame::empty_ui(ui, icons::FILE, &cx.t("test-coverage-empty"), Some(&ask)) {
                            cx.ask(Intent::Ui(UiIntent::PickFile(AreaId::Test, "coverage".to_owned())));
                        }
                    }
                }
                return;
            }
            _ => {}
        }
        let why_not = words::why_not_run(cx, workspace);
        let (empty, run) = match (&why_not, tests.sites.is_empty() && tests.cases.is_ready()) {
            (_, true) => (cx.t("test-no-sites"), None),
            (Some(why), _) => (why.clone(), None),
            (None, false) => (cx.t("test-empty"), Some(cx.t("test-run-all"))),
        };
        let view = LoadableView {
            icon: icons::FLASK,
            empty: &empty,
            empty_action: run.as_deref(),
            progress: None,
        };
        let is_empty = |cases: &std::collections::BTreeMap<_, _>| cases.is_empty();
        let ask = page_frame::loadable_ui(ui, &tests.cases, &view, is_empty, |ui, cases| {
            results::ui(ui, cx, workspace, tests, cases, &mut self.nodes, &mut self.tree);
        });
        match ask {
            Some(LoadableAsk::Retry) => cx.ask(Command::Refresh {
                workspace: workspace.clone(),
            }),
            Some(LoadableAsk::Fill) => cx.ask(Command::Run {
                workspace: workspace.clone(),
                what: What::All,
                limits: Limits::default(),
            }),
            None => {}
        }
        self.follow(cx, workspace, tests);
    }

    fn has_detail(&self, cx: &Cx<'_>) -> bool {
        let Some((_, tests)) = tests(cx) else { return false };
        match cx.tab {
            RUNS => return self.selected_run(tests).is_some(),
            FAILURES | COMPARE | COVERAGE | SLOW => return false,
            _ => {}
        }
        let selected = self.tree.table.single();
        selected.is_some_and(|key| self.nodes.of_key(key).is_some())
    }

    fn detail_ui(&mut self, ui: &mut ui::Ui, cx: &Cx<'_>) {
        let Some((workspace, tests)) = tests(cx) else { return };
        if cx.tab == RUNS {
            let Some((run, results)) = &tests.run_shown else { return };
            if self.runs.single() == Some(run.id as u64) {
                runs::detail_ui(ui, cx, workspace, run, results);
            }
            return;
        }
        let Some(node) = self.tree.table.single().and_then(|key| self.nodes.of_key(key)) else {
            return;
        };
        match &node.case {
            Some(id) => {
                if let Some(case) = tests.cases.value().and_then(|cases| cases.get(id)) {
                    detail::case_ui(ui, cx, workspace, tests, (id, case), &mut self.draft);
                }
            }
            None => detail::group_ui(ui, cx, workspace, &self.nodes, node),
        }
    }

    fn on_open(&mut self, cx: &Cx<'_>) {
        if let Some(workspace) = cx.workspace {
            cx.ask(Command::Refresh {
                workspace: workspace.clone(),
            });
        }
    }

    fn on_picked(&mut self, purpose: &str, path: PathBuf, cx: &Cx<'_>) {
        if purpose == "evidence" {
            self.draft.evidence = Some(path);
            return;
        }
        let is_report = purpose == "import" || (purpose == "drop" && path.extension().is_some_and(|end| end == "xml"));
        if let Some(workspace) = cx.workspace.filter(|_| purpose == "coverage") {
            cx.ask(Command::ImportCoverage {
                workspace: workspace.clone(),
                file: path,
            });
            return;
        }
        if let Some(workspace) = cx.workspace.filter(|_| is_report) {
            cx.ask(Command::Import {
                workspace: workspace.clone(),
                file: path,
            });
        }
    }

    fn reveal(&mut self, target: &Target, _cx: &Cx<'_>) {
        if let Target::TestCase { id, .. } = target {
            self.wanted = CaseId::from_text(id);
        }
    }

    fn tab_of(&self, target: &Target) -> Option<&'static str> {
        matches!(target, Target::TestCase { .. }).then_some(RESULTS)
    }

    fn things(&self, cx: &Cx<'_>) -> Vec<(String, Target)> {
        let Some((workspace, tests)) = tests(cx) else {
            return Vec::new();
        };
        let cases = tests.cases.value().into_iter().flat_map(|cases| cases.keys()).take(THINGS);
        cases
            .map(|case| {
                (
                    case.name.clone(),
                    Target::TestCase {
                        workspace: workspace.id.clone(),
                        id: case.text(),
                    },
                )
            })
            .collect()
    }

    fn badge(&self, cx: &Cx<'_>) -> Option<Badge> {
        let count = match cx.workspace {
            Some(workspace) => cx.model.test.get(&workspace.id).map_or(0, |tests| tests.counts.n_failed),
            None => cx.model.test.all().map(|(_, tests)| tests.counts.n_failed).sum(),
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
