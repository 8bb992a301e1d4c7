//! The tab of results: one line of counts, and the tree of all cases with their last thirty results.

use super::nodes::{Node, Nodes};
use super::words;
use crate::areas::page::{Cx, Intent, UiIntent, no_hits_ui};
use crate::areas::test::frameworks::CaseId;
use crate::areas::test::model::{Case, Tests};
use crate::base::{Progress, State, Target, Unit, Workspace, format};
use crate::ui::icons::{self, icon_ui};
use crate::ui::page_frame::{bar_ui, progress_words};
use crate::ui::table::{Column, Table};
use crate::ui::theme::font;
use crate::ui::tokens::Tokens;
use crate::ui::tree::{TreeState, tree_ui};
use crate::ui::{Ui, action, state_mark, text};
use std::collections::BTreeMap;

/// Draws counts and tree; the tree keeps what is selected.
pub(super) fn ui(
    ui: &mut Ui,
    cx: &Cx<'_>,
    workspace: &Workspace,
    tests: &Tests,
    cases: &BTreeMap<CaseId, Case>,
    nodes: &mut Nodes,
    state: &mut TreeState,
) {
    let n_stale = nodes.n_stale;
    bar_ui(ui, 40.0, |ui| counts_ui(ui, cx, workspace, tests, n_stale));
    nodes.follow(
        &workspace.id.0,
        tests,
        cases,
        cx.filter.trim(),
        state,
        cx.now.as_millisecond(),
    );
    if nodes.rows.is_empty() {
        no_hits_ui(ui, cx, "test-filter-nothing");
        return;
    }
    let name = cx.t("test-tab-results");
    let columns = [
        Column::new("test", cx.t("test-col-test"), 260.0).fill().always().unsortable(),
        Column::new("state", cx.t("test-col-state"), 176.0).unsortable(),
        Column::new("history", cx.t("test-col-history"), 154.0).unsortable(),
        Column::new("time", cx.t("test-col-time"), 64.0).right().unsortable(),
    ];
    let mut asked = None;
    let nodes = &*nodes;
    let running = |id: &CaseId| tests.live.as_ref().is_some_and(|live| live.running.contains(id));
    let table = Table::new("test-tree", &name, &columns, nodes.rows.len())
        .row_height(24.0)
        .label(|row| {
            nodes
                .of_row(row)
                .map(|node| format!("{}, {}", node.label, node_words(cx, node, cases)))
                .unwrap_or_default()
        })
        .copy(|row| {
            let node = nodes.of_row(row);
            node.map(|node| node.case.as_ref().map_or(node.label.clone(), CaseId::text))
                .unwrap_or_default()
        })
        .menu(|ui, row| {
            if let Some(node) = nodes.of_row(row) {
                let mut actions = words::node_actions(cx, workspace, nodes, node);
                if let Some((id, case)) = node.case.as_ref().and_then(|id| Some((id, cases.get(id)?))) {
                    actions.extend(words::result_actions(cx, workspace, tests, id, case));
                }
                asked = action::menu_ui(ui, &actions).or(asked.take());
            }
        });
    let response = tree_ui(ui, table, &nodes.rows, state, |ui, row, column| {
        let Some(node) = nodes.of_row(row) else { return };
        let case = node.case.as_ref().and_then(|id| Some((id, cases.get(id)?)));
        match (columns[column].id, case) {
            ("test", Some((id, case))) => {
                let shown = if running(id) { State::InProgress } else { case.state() };
                state_mark::mark_ui(ui, shown);
                text::body(ui, &node.label);
                if let Some(leak) = tests.leak(id) {
                    let t = Tokens::of(ui);
                    let colour = state_mark::word_colour(t, State::Degraded);
                    let words = cx.msg(&crate::msg!("test-leaves", what = words::leak(cx, leak)));
                    icon_ui(ui, icons::WARNING, 14.0, colour, Some(&words));
                }
            }
            ("test", None) => {
                state_mark::mark_ui(ui, node.sum.state());
                text::medium(ui, &node.label);
            }
            ("state", Some((id, case))) => {
                let (state, word) = if running(id) {
                    (State::InProgress, cx.t("state-running"))
                } else {
                    words::verdict(cx, case)
                };
                let is_stale = case.run.is_some_and(|run| tests.is_stale(run) == Some(true));
                if is_stale && state != State::InProgress {
                    // A failure of other sources is still the last word on it.
                    let mark = if state == State::Done { State::Stale } else { state };
                    word_ui(ui, mark, &cx.msg(&crate::msg!("test-word-stale", word = word)))
                        .on_hover_text(cx.t("test-stale-hint"));
                } else {
                    word_ui(ui, state, &word);
                }
            }
            ("state", None) => {
                word_ui(ui, node.sum.state(), &words::sum(cx, &node.sum));
            }
            ("history", Some((_, case))) if !case.strip.is_empty() => {
                state_mark::strip_ui(ui, &case.strip, &words::strip(cx, case));
            }
            ("time", Some((_, case))) => time_ui(ui, cx, case.duration_ms),
            ("time", None) => time_ui(ui, cx, (node.sum.duration_ms > 0).then_some(node.sum.duration_ms)),
            _ => {}
        }
    });
    if let Some(intent) = asked {
        cx.ask(intent);
    }
    if let Some(node) = response
        .activated
        .and_then(|row| nodes.of_row(row))
        .filter(|node| !node.children.is_empty())
    {
        state.toggle(node.key);
    }
}

/// A state's word without its shape: the shape stands before the name.
fn word_ui(ui: &mut Ui, state: State, word: &str) -> egui::Response {
    let t = Tokens::of(ui);
    match state {
        State::Failed | State::Degraded => text::coloured(ui, word, state_mark::word_colour(t, state)),
        _ => text::small(ui, word),
    }
}

fn time_ui(ui: &mut Ui, cx: &Cx<'_>, duration_ms: Option<u64>) {
    match duration_ms {
        Some(ms) => text::weak(ui, &format::duration_secs(ms as f64 / 1000.0, cx.texts)),
        None => text::absent(ui),
    };
}

fn node_words(cx: &Cx<'_>, node: &Node, cases: &BTreeMap<CaseId, Case>) -> String {
    let case = node.case.as_ref().and_then(|id| cases.get(id));
    case.map_or_else(|| words::sum(cx, &node.sum), |case| words::verdict(cx, case).1)
}

fn counts_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, tests: &Tests, n_stale: u64) {
    let counts = tests.counts;
    ui.spacing_mut().item_spacing.x = 16.0;
    if counts.n_failed > 0 {
        state_mark::chip_ui(ui, State::Failed, &cx.msg(&crate::msg!("test-n-failed", n = counts.n_failed)));
    }
    for (n, state, words) in [
        (
            counts.n_passed,
            State::Done,
            crate::msg!("test-n-passed", n = counts.n_passed),
        ),
        (
            counts.n_flaky,
            State::Degraded,
            crate::msg!("test-n-flaky", n = counts.n_flaky),
        ),
        (
            counts.n_skipped,
            State::Skipped,
            crate::msg!("test-n-skipped", n = counts.n_skipped),
        ),
        (
            counts.n_unknown,
            State::Unknown,
            crate::msg!("test-n-not-run", n = counts.n_unknown),
        ),
        (n_stale, State::Stale, crate::msg!("test-n-stale", n = n_stale)),
    ] {
        if n > 0 {
            state_mark::label_ui(ui, state, &cx.msg(&words));
        }
    }
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        if let Some(live) = &tests.live {
            let progress = Progress {
                total: live.n_total,
                ..Progress::count(live.n_done, Unit::Tests)
            };
            if text::link_small(ui, &progress_words(ui, Some(&progress))).clicked() {
                cx.ask(Intent::Ui(UiIntent::ShowJob(live.job)));
            }
            let t = Tokens::of(ui);
            state_mark::bar_ui(ui, 96.0, progress.fraction(), t.accent.mark, &cx.t("test-running"));
            return;
        }
        let Some(run) = tests.last_run() else { return };
        text::small(ui, &format::duration_secs(run.duration_ms as f64 / 1000.0, cx.texts));
        if let Some(oid) = &run.commit {
            let word = format::short_oid(oid);
            let word = if run.is_dirty { format!("{word}+") } else { word.to_owned() };
            // A part of an id says nothing: where there is no room for all of it, the run has it.
            if text::is_room_for(ui, &word, font::code()) && text::link_mono(ui, &word).clicked() {
                cx.ask(Intent::Go(Target::Commit {
                    workspace: workspace.id.clone(),
                    oid: oid.clone(),
                }));
            }
        }
        let number = cx.msg(&crate::msg!("test-run-number", run = run.id.to_string()));
        if text::is_room_for(ui, &number, font::small()) {
            text::small(ui, &number);
        }
    });
}
