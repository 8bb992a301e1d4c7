//! Words and actions that the tabs and the detail of Test share.

use super::nodes::{Node, Nodes, Sum};
use crate::areas::build::{self, bisect};
use crate::areas::devops::TrustState;
use crate::areas::page::{Action, Cx, Intent, UiIntent};
use crate::areas::test::frameworks::{CaseId, Framework, Limits};
use crate::areas::test::leaks::Leak;
use crate::areas::test::model::{Case, Tests, Verdict};
use crate::areas::test::{Command, What};
use crate::base::{JobId, State, Target, Workspace};
use crate::msg;
use crate::ui::icons;

/// Runs alone, and as many under load, when a test is judged from the window.
const FLAKY_REPEAT: u32 = 10;

/// The state and the word that say most about a case.
pub(super) fn verdict(cx: &Cx<'_>, case: &Case) -> (State, String) {
    match case.verdict() {
        Verdict::NotRun => (State::Unknown, cx.t("test-word-not-run")),
        Verdict::Passed => (State::Done, cx.t("test-word-passed")),
        Verdict::Flaky => (State::Degraded, cx.t("test-word-flaky")),
        Verdict::Skipped => (State::Skipped, cx.t("test-word-skipped")),
        Verdict::Cancelled => (State::Cancelled, cx.t("state-cancelled")),
        Verdict::Fixed => (State::Done, cx.t("test-word-fixed")),
        Verdict::NewFailure => (State::Failed, cx.t("test-word-new-failure")),
        Verdict::FailedRuns(n) => (State::Failed, cx.msg(&msg!("test-word-failed-runs", n = n))),
    }
}

/// `3 of 318` failed, `612 passed`.
pub(super) fn sum(cx: &Cx<'_>, sum: &Sum) -> String {
    if sum.n_failed > 0 {
        return cx.msg(&msg!("test-failed-of", failed = sum.n_failed, total = sum.n_cases));
    }
    cx.msg(&if sum.n_passed + sum.n_flaky > 0 {
        msg!("test-n-passed", n = sum.n_passed + sum.n_flaky)
    } else if sum.n_skipped > 0 {
        msg!("test-n-skipped", n = sum.n_skipped)
    } else {
        msg!("test-n-not-run", n = sum.n_cases)
    })
}

/// What a test left behind, in numbers.
pub(super) fn leak(cx: &Cx<'_>, leak: &Leak) -> String {
    let kinds: Vec<String> = leak.kinds().iter().map(|kind| cx.msg(kind)).collect();
    kinds.join(", ")
}

/// What a strip says to who can not see it.
pub(super) fn strip(cx: &Cx<'_>, case: &Case) -> String {
    let n_passed = case
        .strip
        .iter()
        .filter(|state| matches!(state, State::Done | State::Degraded))
        .count();
    cx.msg(&msg!("test-strip", passed = n_passed, total = case.strip.len()))
}

/// Why nothing of this workspace may be run.
pub(super) fn why_not(cx: &Cx<'_>, workspace: &Workspace) -> Option<String> {
    let info = cx.model.devops.info(&workspace.id)?;
    (info.trust != TrustState::Trusted).then(|| cx.t("test-untrusted"))
}

/// Why no run can be started now.
pub(super) fn why_not_run(cx: &Cx<'_>, workspace: &Workspace) -> Option<String> {
    let is_running = cx.model.test.get(&workspace.id).is_some_and(|tests| tests.live.is_some());
    if is_running {
        Some(cx.t("test-running"))
    } else {
        why_not(cx, workspace)
    }
}

fn run(workspace: &Workspace, cases: Vec<CaseId>) -> Intent {
    Command::Run {
        workspace: workspace.clone(),
        what: What::Cases(cases),
        limits: Limits::default(),
    }
    .into()
}

/// Acts on a case.
pub(super) fn case_actions(cx: &Cx<'_>, workspace: &Workspace, case: &CaseId) -> Vec<Action> {
    let flaky = Command::Flaky {
        workspace: workspace.clone(),
        name: case.text(),
        repeat: FLAKY_REPEAT,
    };
    let debug = Command::Debug {
        workspace: workspace.clone(),
        name: case.text(),
        opens: true,
    };
    let by_hand = (case.framework == Framework::Manual).then(|| cx.t("test-by-hand"));
    vec![
        Action::new("test-run-again", cx.t("test-run-again"), run(workspace, vec![case.clone()]))
            .icon(icons::RUN)
            .disabled_because(by_hand.clone().or_else(|| why_not_run(cx, workspace))),
        Action::new("test-judge", cx.t("test-judge"), flaky.into())
            .icon(icons::HISTORY)
            .disabled_because(by_hand.clone().or_else(|| why_not_run(cx, workspace))),
        Action::new("test-debug", cx.t("test-debug"), debug.into())
            .icon(icons::BUG)
            .disabled_because(by_hand.or_else(|| why_not_run(cx, workspace))),
        Action::new(
            "test-copy-name",
            cx.t("test-copy-name"),
            Intent::Ui(UiIntent::Copy(case.name.clone())),
        )
        .icon(icons::COPY),
    ]
}

/// Acts on a node of the tree.
pub(super) fn node_actions(cx: &Cx<'_>, workspace: &Workspace, nodes: &Nodes, node: &Node) -> Vec<Action> {
    if let Some(case) = &node.case {
        return case_actions(cx, workspace, case);
    }
    let mut cases = nodes.cases_of(node);
    cases.retain(|case| case.framework != Framework::Manual);
    let (n, by_hand) = match cases.len() {
        0 => (node.sum.n_cases, Some(cx.t("test-by-hand"))),
        n => (n as u64, None),
    };
    vec![
        Action::new("test-run-group", cx.msg(&msg!("test-run-n", n = n)), run(workspace, cases))
            .icon(icons::RUN)
            .disabled_because(by_hand.or_else(|| why_not_run(cx, workspace))),
    ]
}

/// What can be done with the result of a case: look for the commit that broke it, and copy what it wrote where that is here.
pub(super) fn result_actions(cx: &Cx<'_>, workspace: &Workspace, tests: &Tests, id: &CaseId, case: &Case) -> Vec<Action> {
    let mut actions = Vec::new();
    if verdict(cx, case).0 == State::Failed {
        let question = bisect::Question::Test { name: id.text() };
        let begin = build::Command::Bisect(bisect::Command::Run {
            workspace: workspace.clone(),
            spec: bisect::Spec::new(question, None),
        });
        actions.push(Action::new("test-bisect", cx.t("bisect-begin"), begin.into()).icon(icons::SEARCH));
    }
    let shown = tests.detail.as_ref().filter(|detail| detail.result.case == *id);
    if let Some(output) = shown.map(|shown| &shown.result.output).filter(|output| !output.is_empty()) {
        let copy = Intent::Ui(UiIntent::Copy(output.clone()));
        actions.push(Action::new("test-copy-output", cx.t("test-copy-output"), copy).icon(icons::COPY));
    }
    actions
}

/// The log where it can be seen: the activity panel for a job of this session, the run's own page for an older one.
pub(super) fn show_log(cx: &Cx<'_>, job: JobId) -> Action {
    let intent = match cx.model.jobs.get(job) {
        Some(_) => Intent::Ui(UiIntent::ShowJob(job)),
        None => Intent::Go(Target::Run { job }),
    };
    Action::new("test-show-log", cx.t("test-show-log"), intent).icon(icons::LOG)
}
