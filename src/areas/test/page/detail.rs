//! The panel of the selected case: why it failed, its source, its output, its past; or the sum of a group.

use super::manual::{self, Draft};
use super::nodes::{Node, Nodes};
use super::words;
use crate::areas::AreaId;
use crate::areas::devops::terminal::TerminalPlace;
use crate::areas::page::{Action, Cx, Intent, UiIntent};
use crate::areas::test::flaky::Report;
use crate::areas::test::frameworks::CaseId;
use crate::areas::test::model::{Case, DebugReady, Tests};
use crate::areas::test::{CaseDetail, PastResult};
use crate::base::{Place, State, Target, Workspace, format};
use crate::msg;
use crate::ui::detail::{self, Fact, Heading};
use crate::ui::why::{Why, output_ui, why_ui};
use crate::ui::{Ui, icons, state_mark, text};

/// Lines of output that are shown; the rest is copied and stands in the log.
const OUTPUT_LINES: usize = 300;
/// Past results that are listed.
const PAST: usize = 8;

/// A selected case.
pub(super) fn case_ui(
    ui: &mut Ui,
    cx: &Cx<'_>,
    workspace: &Workspace,
    tests: &Tests,
    (id, case): (&CaseId, &Case),
    draft: &mut Draft,
) {
    let (state, word) = words::verdict(cx, case);
    let name = id.path().last().copied().unwrap_or(&id.name).to_owned();
    let modules = id
        .name
        .strip_suffix(&name)
        .map(|rest| rest.trim_end_matches("::"))
        .unwrap_or_default();
    let note = [id.suite.as_str(), modules]
        .iter()
        .filter(|word| !word.is_empty())
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    detail::heading_ui(
        ui,
        &Heading {
            icon: icons::FLASK,
            name: &name,
            note: &note,
            state: Some((state, &word)),
        },
    );
    let shown = tests.detail.as_ref().filter(|detail| detail.result.case == *id);
    if let Some(shown) = shown {
        if shown.result.state == State::Failed {
            failure_ui(ui, cx, workspace, shown);
        }
        facts_ui(ui, cx, workspace, shown);
    }
    manual::ui(ui, cx, workspace, tests, id, draft);
    let mut actions = words::case_actions(cx, workspace, id);
    actions.extend(words::result_actions(cx, workspace, tests, id, case));
    if let Some(intent) = detail::actions_ui(ui, &actions) {
        cx.ask(intent);
    }
    if let Some(shown) = shown {
        output_section_ui(ui, cx, shown);
        past_ui(ui, cx, workspace, &shown.history);
    }
    if let Some(known) = tests.debugging.as_ref().filter(|known| known.case == *id) {
        debug_ui(ui, cx, known);
    }
    if let Some(leak) = tests.leak(id) {
        detail::titled_section_ui(ui, &cx.t("test-col-left"), &words::leak(cx, leak), |ui| {
            for line in leak.lines() {
                text::wrapped(ui, &line);
            }
        });
    }
    if let Some(report) = tests.flaky.get(id) {
        flaky_ui(ui, cx, report);
    }
    let target = Target::TestCase {
        workspace: workspace.id.clone(),
        id: id.text(),
    };
    if let Some(thread) = cx.thread(&target)
        && let Some(target) = detail::thread_ui(ui, thread, cx.now)
    {
        cx.ask(Intent::Go(target));
    }
}

/// The debugger that was made ready: it opens in a terminal, or is typed into one.
fn debug_ui(ui: &mut Ui, cx: &Cx<'_>, known: &DebugReady) {
    detail::titled_section_ui(ui, &cx.t("test-debug-title"), "", |ui| {
        text::wrapped(ui, &known.words);
    });
    let copy = Action::new(
        "test-debug-copy",
        cx.t("test-debug-copy"),
        Intent::Ui(UiIntent::Copy(known.words.clone())),
    );
    let open = Intent::Ui(UiIntent::PageAction(AreaId::Test, "debugger".to_owned()));
    let open = Action::new("test-debug-open", cx.t("test-debug-open"), open);
    if let Some(intent) = detail::actions_ui(ui, &[open.icon(icons::TERMINAL), copy.icon(icons::COPY)]) {
        cx.ask(intent);
    }
}

/// Where its debugger runs.
pub(super) fn debugger(workspace: &Workspace, known: &DebugReady) -> TerminalPlace {
    TerminalPlace::Program {
        workspace: workspace.clone(),
        name: known.case.name.clone(),
        argv: known.ready.argv.clone(),
        dir: known.ready.dir.clone(),
        env: known.ready.env.clone(),
    }
}

/// What was found out about a test that may be flaky.
fn flaky_ui(ui: &mut Ui, cx: &Cx<'_>, report: &Report) {
    let age = format::ago(report.at, cx.now, cx.texts);
    detail::titled_section_ui(ui, &cx.t("test-flaky-title"), &age, |ui| {
        state_mark::label_ui(ui, report.verdict.state(), &cx.t(report.verdict.key()));
        text::wrapped(ui, &cx.t(&report.because));
        let tries = [
            ("test-flaky-alone-word", &report.alone),
            ("test-flaky-load-word", &report.load),
            ("test-flaky-company-word", &report.company),
            ("test-flaky-past-word", &report.past),
        ];
        let ran = tries.into_iter().filter(|(_, tries)| tries.n_runs > 0);
        let facts: Vec<Fact> = ran
            .map(|(key, tries)| {
                let words = msg!("test-tries", failed = tries.n_failed, total = tries.n_runs);
                Fact::text(cx.t(key), cx.msg(&words))
            })
            .collect();
        detail::fact_rows_ui(ui, &facts);
        for (error, n) in &report.errors {
            let error = if error.is_empty() {
                cx.t("test-no-message")
            } else {
                error.clone()
            };
            text::small(ui, &format!("{n} × {error}"));
        }
    });
}

fn failure_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, shown: &CaseDetail) {
    let result = &shown.result;
    let place = result.place.as_ref().map(Place::text).unwrap_or_default();
    let when = shown.run.as_ref().map(|run| {
        let age = format::ago(run.started_at, cx.now, cx.texts);
        match &run.commit {
            Some(commit) => cx.msg(&msg!("test-why-in", commit = format::short_oid(commit), age = age)),
            None => age,
        }
    });
    let clicked = detail::section_ui(ui, |ui| {
        why_ui(
            ui,
            &Why {
                message: if result.message.is_empty() {
                    &result.case.name
                } else {
                    &result.message
                },
                place: &place,
                note: &when.unwrap_or_default(),
                lines: &shown.lines,
                marked: result.place.as_ref().and_then(|place| place.line),
                hint: "",
            },
        )
    });
    if let Some(place) = clicked {
        cx.open_place(workspace, &place);
    }
}

fn facts_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, shown: &CaseDetail) {
    let mut facts = Vec::new();
    if let Some(ms) = shown.result.duration_ms {
        facts.push(Fact::text(
            cx.t("test-col-time"),
            format::duration_secs(ms as f64 / 1000.0, cx.texts),
        ));
    }
    if shown.result.state == State::Skipped && !shown.result.message.is_empty() {
        facts.push(Fact::text(cx.t("test-fact-reason"), shown.result.message.clone()));
    }
    if let Some(run) = &shown.run {
        let number = cx.msg(&msg!("test-run-number", run = run.id.to_string()));
        let age = format::ago(run.started_at, cx.now, cx.texts);
        facts.push(match run.job {
            Some(job) => Fact::link(cx.t("test-fact-run"), number, age, Target::Run { job }),
            None => Fact::text(cx.t("test-fact-run"), format!("{number}, {age}")),
        });
    }
    if let Some(run) = shown
        .failing_since
        .as_ref()
        .filter(|run| Some(run.id) != shown.run.as_ref().map(|run| run.id))
    {
        let age = format::ago(run.started_at, cx.now, cx.texts);
        facts.push(match &run.commit {
            Some(oid) => {
                let target = Target::Commit {
                    workspace: workspace.id.clone(),
                    oid: oid.clone(),
                };
                Fact::link(cx.t("test-fact-since"), format::short_oid(oid), age, target)
            }
            None => Fact::text(cx.t("test-fact-since"), age),
        });
    }
    if facts.is_empty() {
        return;
    }
    if let Some(target) = detail::facts_ui(ui, &facts) {
        cx.ask(Intent::Go(target));
    }
}

fn output_section_ui(ui: &mut Ui, cx: &Cx<'_>, shown: &CaseDetail) {
    if shown.result.output.is_empty() {
        return;
    }
    let size = format::bytes(shown.output_bytes, cx.texts);
    detail::titled_section_ui(ui, &cx.t("test-output"), &size, |ui| {
        output_ui(ui, &shown.result.output, OUTPUT_LINES);
    });
}

fn past_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, history: &[PastResult]) {
    if history.is_empty() {
        return;
    }
    let count = format::count(history.len() as u64, cx.texts);
    detail::titled_section_ui(ui, &cx.t("test-past"), &count, |ui| {
        for past in history.iter().take(PAST) {
            ui.horizontal(|ui| {
                state_mark::mark_ui(ui, if past.flaky { State::Degraded } else { past.state });
                text::small(ui, &cx.msg(&msg!("test-run-number", run = past.run.to_string())));
                if let Some(oid) = &past.commit
                    && text::link_mono(ui, format::short_oid(oid)).clicked()
                {
                    cx.ask(Intent::Go(Target::Commit {
                        workspace: workspace.id.clone(),
                        oid: oid.clone(),
                    }));
                }
                text::small(ui, &format::ago(past.at, cx.now, cx.texts));
            });
        }
    });
}

/// A selected group.
pub(super) fn group_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, nodes: &Nodes, node: &Node) {
    let words = words::sum(cx, &node.sum);
    let note = cx.msg(&msg!("test-n-tests", n = node.sum.n_cases));
    detail::heading_ui(
        ui,
        &Heading {
            icon: icons::FOLDER,
            name: &node.label,
            note: &note,
            state: Some((node.sum.state(), &words)),
        },
    );
    let number = |n: u64| format::count(n, cx.texts);
    let mut facts = vec![
        Fact::text(cx.t("test-word-passed"), number(node.sum.n_passed)),
        Fact::text(cx.t("test-word-failed"), number(node.sum.n_failed)),
        Fact::text(cx.t("test-word-skipped"), number(node.sum.n_skipped)),
    ];
    if node.sum.duration_ms > 0 {
        facts.push(Fact::text(
            cx.t("test-col-time"),
            format::duration_secs(node.sum.duration_ms as f64 / 1000.0, cx.texts),
        ));
    }
    detail::facts_ui(ui, &facts);
    if let Some(intent) = detail::actions_ui(ui, &words::node_actions(cx, workspace, nodes, node)) {
        cx.ask(intent);
    }
}
