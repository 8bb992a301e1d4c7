//! The tab of runs: what was run when, on which commit, with which counts.

use super::words;
use crate::areas::page::{Action, Cx, Intent, commit_ui};
use crate::areas::test::frameworks::Finished;
use crate::areas::test::{Command, RunRow};
use crate::base::{State, Target, Workspace, format};
use crate::msg;
use crate::ui::detail::{self, Fact, Heading};
use crate::ui::table::{Column, Table, TableState};
use crate::ui::{Ui, icons, state_mark, text};

/// Failures that the panel of a run lists.
const FAILURES: usize = 50;

/// Draws the table; `state` keeps what is selected.
pub(super) fn ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, runs: &[RunRow], state: &mut TableState) {
    let filter = cx.filter.trim().to_lowercase();
    let is_shown = |run: &&RunRow| {
        let commit = run.commit.as_deref().unwrap_or_default();
        filter.is_empty()
            || run.title.to_lowercase().contains(&filter)
            || run.runner.contains(&filter)
            || commit.starts_with(&filter)
    };
    let shown: Vec<&RunRow> = runs.iter().filter(is_shown).collect();
    let name = cx.t("test-tab-runs");
    let column = |id: &'static str, key: &str, width: f32| Column::new(id, cx.t(key), width).unsortable();
    let columns = [
        column("state", "test-col-state", 84.0).always(),
        column("run", "test-col-number", 44.0),
        column("when", "test-col-when", 84.0),
        column("runner", "test-col-runner", 76.0),
        column("what", "test-col-what", 110.0).fill().min(60.0),
        column("commit", "test-col-commit", 64.0),
        column("passed", "test-col-passed", 52.0).right(),
        column("failed", "test-col-failed", 52.0).right(),
        column("skipped", "test-col-skipped", 56.0).right().hidden_at_first(),
        column("time", "test-col-time", 56.0).right(),
    ];
    let table = Table::new("test-runs", &name, &columns, shown.len())
        .single()
        .key(|row| shown.get(row).map_or(0, |run| run.id as u64))
        .label(|row| {
            shown
                .get(row)
                .map(|run| format!("{} {}, {}", cx.t("test-fact-run"), run.id, cx.t(run.state.key())))
                .unwrap_or_default()
        });
    table.show(ui, state, |ui, row, column| {
        if let Some(run) = shown.get(row) {
            cell_ui(ui, cx, workspace, run, columns[column].id);
        }
    });
}

fn cell_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, run: &RunRow, column: &str) {
    let number = |n: u32| format::count(u64::from(n), cx.texts);
    match column {
        "state" => {
            state_mark::state_ui(ui, run.state);
        }
        "run" => {
            text::weak(ui, &run.id.to_string());
        }
        "when" => {
            text::body(ui, &format::ago(run.started_at, cx.now, cx.texts))
                .on_hover_text(format::local(run.started_at).to_string());
        }
        "runner" => {
            text::body(ui, &run.runner);
        }
        "what" => {
            text::body(ui, &what(cx, run));
        }
        "commit" => commit_ui(ui, cx, &workspace.id, run.commit.as_deref(), run.is_dirty),
        "passed" => {
            text::body(ui, &number(run.n_passed));
        }
        "failed" if run.n_failed > 0 => {
            let colour = state_mark::word_colour(crate::ui::tokens::Tokens::of(ui), State::Failed);
            text::coloured(ui, &number(run.n_failed), colour);
        }
        "failed" => {
            text::weak(ui, "0");
        }
        "skipped" => {
            text::weak(ui, &number(run.n_skipped));
        }
        "time" => {
            text::body(ui, &format::duration_secs(run.duration_ms as f64 / 1000.0, cx.texts));
        }
        _ => {}
    }
}

/// What was asked for, in the reader's words.
fn what(cx: &Cx<'_>, run: &RunRow) -> String {
    match run.title.as_str() {
        "all" => cx.t("test-what-all"),
        "failed" => cx.t("test-what-failed"),
        "changed" => cx.t("test-what-changed"),
        names => match names.strip_prefix("changed ").filter(|revision| !revision.contains(' ')) {
            Some(revision) => cx.msg(&msg!("test-what-changed-since", revision = revision)),
            None => names.to_owned(),
        },
    }
}

/// The panel of a run.
pub(super) fn detail_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, run: &RunRow, results: &[Finished]) {
    let name = cx.msg(&msg!("test-run-number", run = run.id.to_string()));
    let note = format!("{}, {}", run.runner, what(cx, run));
    let state = cx.t(run.state.key());
    detail::heading_ui(
        ui,
        &Heading {
            icon: icons::HISTORY,
            name: &name,
            note: &note,
            state: Some((run.state, &state)),
        },
    );
    let counts = cx.msg(&msg!(
        "test-counts",
        passed = run.n_passed,
        failed = run.n_failed,
        skipped = run.n_skipped
    ));
    let mut facts = vec![
        Fact::text(cx.t("test-tab-results"), counts),
        Fact::text(
            cx.t("test-col-time"),
            format::duration_secs(run.duration_ms as f64 / 1000.0, cx.texts),
        ),
        Fact::text(cx.t("test-col-when"), format::ago(run.started_at, cx.now, cx.texts))
            .hover(format::local(run.started_at).to_string()),
    ];
    if let Some(oid) = &run.commit {
        let dirty = if run.is_dirty {
            cx.t("test-with-changes")
        } else {
            String::new()
        };
        let target = Target::Commit {
            workspace: workspace.id.clone(),
            oid: oid.clone(),
        };
        facts.push(Fact::link(cx.t("test-col-commit"), format::short_oid(oid), dirty, target));
    }
    if let Some(target) = detail::facts_ui(ui, &facts) {
        cx.ask(Intent::Go(target));
    }
    let before = |earlier: &&RunRow| {
        let is_same = (&earlier.runner, &earlier.site, &earlier.title) == (&run.runner, &run.site, &run.title);
        earlier.id < run.id && is_same
    };
    let earlier = cx
        .model
        .test
        .get(&workspace.id)
        .and_then(|tests| tests.runs.value()?.iter().find(before));
    let mut actions = Vec::new();
    if let Some(earlier) = earlier {
        let label = cx.msg(&msg!("test-compare-with", run = earlier.id.to_string()));
        let page = Target::Page {
            area: "test".to_owned(),
            tab: Some("compare".to_owned()),
        };
        actions.push(Action::new("test-compare-with", label, Intent::Go(page)).icon(icons::HISTORY));
    }
    actions.extend(run.job.map(|job| words::show_log(cx, job)));
    if let Some(intent) = detail::actions_ui(ui, &actions) {
        if let (Intent::Go(Target::Page { .. }), Some(earlier)) = (&intent, earlier) {
            cx.ask(Command::Compare {
                workspace: workspace.clone(),
                before: Some(earlier.id.to_string()),
                after: Some(run.id.to_string()),
            });
        }
        cx.ask(intent);
    }
    let failures: Vec<&Finished> = results.iter().filter(|result| result.state == State::Failed).collect();
    if !failures.is_empty() {
        let count = format::count(failures.len() as u64, cx.texts);
        detail::titled_section_ui(ui, &cx.t("test-col-failed"), &count, |ui| {
            for result in failures.iter().take(FAILURES) {
                ui.horizontal(|ui| {
                    state_mark::mark_ui(ui, State::Failed);
                    if text::link(ui, &result.case.name).clicked() {
                        cx.ask(Intent::Go(Target::TestCase {
                            workspace: workspace.id.clone(),
                            id: result.case.text(),
                        }));
                    }
                });
                text::small(ui, result.message.lines().next().unwrap_or_default());
            }
        });
    }
    if let Some(job) = run.job
        && let Some(thread) = cx.thread(&Target::Run { job })
        && let Some(target) = detail::thread_ui(ui, thread, cx.now)
    {
        cx.ask(Intent::Go(target));
    }
}
