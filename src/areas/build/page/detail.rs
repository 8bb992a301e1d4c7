//! The panels of Build: a task with its last run, a run, an artifact.

use super::{runs, words};
use crate::areas::build::detect::Task;
use crate::areas::build::matchers::hints::Why as Reason;
use crate::areas::build::matchers::{Diagnostic, Severity};
use crate::areas::build::model::Builds;
use crate::areas::build::{Artifact, Command, RunDetail, RunRow, bisect};
use crate::areas::page::{Action, Cx, Intent};
use crate::base::{Place, State, Target, Workspace, format};
use crate::msg;
use crate::ui::detail::{self, Fact, Heading};
use crate::ui::why::{Why, why_ui};
use crate::ui::{Ui, icons, state_mark, text};

/// Messages that are listed.
const DIAGNOSTICS: usize = 40;

/// A selected task.
pub(super) fn task_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, builds: &Builds, task: &Task) {
    let last = builds.runs_of(&task.id).next();
    let (state, word) = last.map_or_else(|| (State::Unknown, cx.t("build-never")), |run| words::state(cx, run));
    let note = format!("{}, {}", words::source(cx, task.source), words::kind(cx, task.kind));
    detail::heading_ui(
        ui,
        &Heading {
            icon: icons::TOOL,
            name: words::label(task),
            note: &note,
            state: Some((state, &word)),
        },
    );
    let shown = last.and_then(|run| builds.detail(run.job));
    if let Some(why) = shown.and_then(|shown| shown.why.as_ref()) {
        failure_ui(ui, cx, workspace, last, why);
    }
    let mut facts = vec![Fact::mono(cx.t("build-fact-command"), task.command_line())];
    if !task.dir.as_os_str().is_empty() {
        facts.push(Fact::path(cx.t("build-col-dir"), task.dir.display().to_string()));
    }
    facts.push(Fact::path(cx.t("build-fact-written"), place_word(&task.place)));
    if let Some(ms) = task.timeout_ms {
        facts.push(Fact::text(
            cx.t("build-fact-timeout"),
            format::duration_secs(ms as f64 / 1000.0, cx.texts),
        ));
    }
    if let Some(run) = last {
        facts.extend(run_facts(cx, workspace, run));
    }
    if let Some(target) = detail::facts_ui(ui, &facts) {
        cx.ask(Intent::Go(target));
    }
    if let Some(intent) = detail::actions_ui(ui, &words::task_actions(cx, workspace, builds, task)) {
        cx.ask(intent);
    }
    if let Some(shown) = shown {
        said_ui(ui, cx, workspace, shown);
    }
    if last.is_some() {
        thread_ui(
            ui,
            cx,
            &Target::Task {
                workspace: workspace.id.clone(),
                name: task.id.clone(),
            },
        );
    }
}

/// A selected run.
pub(super) fn run_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, builds: &Builds, run: &RunRow) {
    let (state, word) = words::state(cx, run);
    let task = builds.tasks().iter().find(|task| task.id == run.task);
    let name = task.map_or(run.task.as_str(), |task| task.name.as_str());
    let note = cx.msg(&msg!("build-run-number", run = run.job.to_string()));
    detail::heading_ui(
        ui,
        &Heading {
            icon: icons::HISTORY,
            name,
            note: &note,
            state: Some((state, &word)),
        },
    );
    let shown = builds.detail(run.job);
    if let Some(why) = shown.and_then(|shown| shown.why.as_ref()) {
        failure_ui(ui, cx, workspace, Some(run), why);
    }
    if let Some(target) = detail::facts_ui(ui, &run_facts(cx, workspace, run)) {
        cx.ask(Intent::Go(target));
    }
    let mut actions = Vec::new();
    if let Some(task) = task {
        actions.push(words::run_action(cx, workspace, builds, task));
    }
    actions.push(words::show_log(cx, run.job));
    actions.push(words::whole_log(cx, run.job));
    actions.push(words::show_timeline(cx, run.job));
    if run.state == State::Failed && task.is_some() {
        let question = bisect::Question::Task { task: run.task.clone() };
        let bad = run.commit.clone().filter(|_| !run.is_dirty);
        let begin = Command::Bisect(bisect::Command::Run {
            workspace: workspace.clone(),
            spec: bisect::Spec::new(question, bad),
        });
        actions.push(Action::new("build-bisect", cx.t("bisect-begin"), begin.into()).icon(icons::SEARCH));
    }
    if let Some(intent) = detail::actions_ui(ui, &actions) {
        cx.ask(intent);
    }
    if let Some(shown) = shown {
        said_ui(ui, cx, workspace, shown);
    }
    thread_ui(ui, cx, &Target::Run { job: run.job });
}

/// A selected artifact.
pub(super) fn artifact_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, artifact: &Artifact) {
    let size = format::bytes(artifact.bytes, cx.texts);
    detail::heading_ui(
        ui,
        &Heading {
            icon: icons::PACKAGE,
            name: &artifact.name,
            note: &size,
            state: None,
        },
    );
    let mut facts = vec![
        Fact::mono(cx.t("build-col-sha256"), artifact.sha256.clone()),
        Fact::path(cx.t("build-fact-made-at"), artifact.path.display().to_string()),
        Fact::text(cx.t("build-col-when"), format::ago(artifact.made_at, cx.now, cx.texts))
            .hover(format::local(artifact.made_at).to_string()),
    ];
    match &artifact.stored {
        Some(stored) => facts.push(Fact::path(cx.t("build-col-kept"), stored.display().to_string())),
        None => facts.push(Fact::text(cx.t("build-col-kept"), cx.t("build-freed"))),
    }
    if let Some(oid) = &artifact.commit {
        let target = Target::Commit {
            workspace: workspace.id.clone(),
            oid: oid.clone(),
        };
        facts.push(Fact::link(cx.t("build-col-commit"), format::short_oid(oid), "", target));
    }
    let run = Target::Run { job: artifact.job };
    facts.push(Fact::link(cx.t("build-fact-run"), artifact.job.to_string(), "", run.clone()));
    if let Some(target) = detail::facts_ui(ui, &facts) {
        cx.ask(Intent::Go(target));
    }
    if let Some(intent) = detail::actions_ui(ui, &runs::artifact_actions(cx, artifact)) {
        cx.ask(intent);
    }
    thread_ui(ui, cx, &run);
}

pub(super) fn thread_ui(ui: &mut Ui, cx: &Cx<'_>, target: &Target) {
    let clicked = cx.thread(target).and_then(|thread| detail::thread_ui(ui, thread, cx.now));
    if let Some(target) = clicked {
        cx.ask(Intent::Go(target));
    }
}

pub(super) fn place_word(place: &Place) -> String {
    match place.line {
        Some(line) => format!("{}:{line}", place.path.display()),
        None => place.path.display().to_string(),
    }
}

fn failure_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, run: Option<&RunRow>, why: &Reason) {
    let place = why.place.as_ref().map(place_word).unwrap_or_default();
    let age = run.map(|run| format::ago(run.started_at, cx.now, cx.texts));
    let note: Vec<String> = why.code.clone().into_iter().chain(age).collect();
    let hint = why.hint.as_ref().map(|hint| cx.msg(hint)).unwrap_or_default();
    let clicked = detail::section_ui(ui, |ui| {
        why_ui(
            ui,
            &Why {
                message: &why.message,
                place: &place,
                note: &note.join(", "),
                lines: &why.lines,
                marked: why.place.as_ref().and_then(|place| place.line),
                hint: &hint,
            },
        )
    });
    if let Some(place) = clicked {
        cx.open_place(workspace, &place);
    }
}

fn run_facts(cx: &Cx<'_>, workspace: &Workspace, run: &RunRow) -> Vec<Fact> {
    let age = format::ago(run.started_at, cx.now, cx.texts);
    let mut facts = vec![
        Fact::link(cx.t("build-fact-run"), run.job.to_string(), age, Target::Run { job: run.job })
            .hover(format::local(run.started_at).to_string()),
    ];
    if words::is_timed(run) {
        facts.push(Fact::text(
            cx.t("build-col-time"),
            format::duration_secs(run.duration_ms as f64 / 1000.0, cx.texts),
        ));
    }
    if let Some(oid) = &run.commit {
        let dirty = if run.is_dirty {
            cx.t("build-with-changes")
        } else {
            String::new()
        };
        let target = Target::Commit {
            workspace: workspace.id.clone(),
            oid: oid.clone(),
        };
        facts.push(Fact::link(cx.t("build-col-commit"), format::short_oid(oid), dirty, target));
    }
    if run.n_errors + run.n_warnings > 0 {
        facts.push(Fact::text(
            cx.t("build-messages"),
            cx.msg(&msg!("build-counts", errors = run.n_errors, warnings = run.n_warnings)),
        ));
    }
    if let Some(bytes) = run.bytes {
        facts.push(Fact::text(cx.t("build-tab-artifacts"), format::bytes(bytes, cx.texts)));
    }
    facts
}

/// Messages and artifacts of a run.
pub(super) fn said_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, shown: &RunDetail) {
    if !shown.diagnostics.is_empty() {
        let count = format::count(shown.diagnostics.len() as u64, cx.texts);
        detail::titled_section_ui(ui, &cx.t("build-messages"), &count, |ui| {
            for diagnostic in shown.diagnostics.iter().take(DIAGNOSTICS) {
                diagnostic_ui(ui, cx, workspace, diagnostic);
            }
        });
    }
    if !shown.artifacts.is_empty() {
        let count = format::count(shown.artifacts.len() as u64, cx.texts);
        detail::titled_section_ui(ui, &cx.t("build-tab-artifacts"), &count, |ui| {
            for artifact in &shown.artifacts {
                ui.horizontal(|ui| {
                    text::body(ui, &artifact.name);
                    text::small(ui, &format::bytes(artifact.bytes, cx.texts));
                    text::mono(ui, artifact.sha256.get(..12).unwrap_or(&artifact.sha256)).on_hover_text(&artifact.sha256);
                });
            }
        });
    }
}

fn diagnostic_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, diagnostic: &Diagnostic) {
    let state = match diagnostic.severity {
        Severity::Error => State::Failed,
        Severity::Warning => State::Degraded,
        Severity::Note => State::Unknown,
    };
    ui.horizontal(|ui| {
        state_mark::mark_ui(ui, state);
        let line = diagnostic.message.lines().next().unwrap_or_default();
        text::body(ui, line).on_hover_text(egui::RichText::new(&diagnostic.rendered).monospace());
    });
    if let Some(place) = &diagnostic.place {
        let word = place_word(place);
        ui.horizontal(|ui| {
            ui.add_space(16.0);
            if text::link_small(ui, &word).clicked() {
                cx.open_place(workspace, &word);
            }
            if let Some(code) = &diagnostic.code {
                text::small(ui, code);
            }
        });
    }
}
