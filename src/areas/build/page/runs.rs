//! The tabs of runs and of artifacts.

use super::words;
use crate::areas::build::model::Builds;
use crate::areas::build::{Artifact, RunRow};
use crate::areas::page::{Action, Cx, Intent, UiIntent, commit_ui};
use crate::base::{State, Workspace, format};
use crate::ui::table::{Column, Table, TableState};
use crate::ui::{Ui, action, icons, state_mark, text};

/// Draws the runs; a run is selected by its job.
pub(super) fn runs_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, builds: &Builds, runs: &[RunRow], state: &mut TableState) {
    let filter = cx.filter.trim().to_lowercase();
    let is_shown = |run: &&RunRow| {
        filter.is_empty()
            || run.task.to_lowercase().contains(&filter)
            || run.commit.as_deref().unwrap_or_default().starts_with(&filter)
    };
    let shown: Vec<&RunRow> = runs.iter().filter(is_shown).collect();
    let name = cx.t("build-tab-runs");
    let column = |id: &'static str, key: &str, width: f32| Column::new(id, cx.t(key), width).unsortable();
    let columns = [
        column("state", "build-col-state", 116.0).always(),
        column("task", "build-col-task", 180.0).fill().always(),
        column("commit", "build-col-commit", 76.0),
        column("when", "build-col-when", 96.0),
        column("warnings", "build-col-warnings", 72.0).right(),
        column("size", "build-col-size", 72.0).right(),
        column("time", "build-col-time", 72.0).right(),
        column("bar", "build-col-trend", 96.0),
    ];
    let slowest = shown.iter().map(|run| run.duration_ms).max().unwrap_or(1).max(1);
    let table = Table::new("build-runs", &name, &columns, shown.len())
        .single()
        .key(|row| shown.get(row).map_or(0, |run| run.job.0))
        .label(|row| {
            shown
                .get(row)
                .map(|run| format!("{}, {}", run.task, cx.t(run.state.key())))
                .unwrap_or_default()
        });
    table.show(ui, state, |ui, row, column| {
        let Some(run) = shown.get(row) else { return };
        match columns[column].id {
            "state" => {
                let (state, word) = words::state(cx, run);
                state_mark::label_ui(
                    ui,
                    state,
                    if run.state == State::Done {
                        cx.texts.t(run.state.key()).into_owned()
                    } else {
                        word
                    }
                    .as_str(),
                );
            }
            "task" => {
                let label = builds
                    .tasks()
                    .iter()
                    .find(|task| task.id == run.task)
                    .map_or(run.task.as_str(), |task| task.name.as_str());
                text::body(ui, label);
            }
            "commit" => commit_ui(ui, cx, &workspace.id, run.commit.as_deref(), run.is_dirty),
            "when" => {
                text::body(ui, &format::ago(run.started_at, cx.now, cx.texts))
                    .on_hover_text(format::local(run.started_at).to_string());
            }
            "warnings" => {
                text::weak(ui, &format::count(u64::from(run.n_warnings), cx.texts));
            }
            "size" => match run.bytes {
                Some(bytes) => {
                    text::body(ui, &format::bytes(bytes, cx.texts));
                }
                None => {
                    text::absent(ui);
                }
            },
            "time" if words::is_timed(run) => {
                text::body(ui, &format::duration_secs(run.duration_ms as f64 / 1000.0, cx.texts));
            }
            "bar" if words::is_timed(run) => {
                let colour = state_mark::mark_colour(crate::ui::tokens::Tokens::of(ui), run.state);
                state_mark::bar_ui(
                    ui,
                    88.0,
                    Some(run.duration_ms as f32 / slowest as f32),
                    colour,
                    &cx.t("build-col-trend"),
                );
            }
            _ => {}
        }
    });
}

/// What can be done with an artifact.
pub(super) fn artifact_actions(cx: &Cx<'_>, artifact: &Artifact) -> Vec<Action> {
    let copy = |text: String| Intent::Ui(UiIntent::Copy(text));
    let mut actions =
        vec![Action::new("build-copy-sha256", cx.t("build-copy-sha256"), copy(artifact.sha256.clone())).icon(icons::COPY)];
    if let Some(stored) = &artifact.stored {
        actions
            .push(Action::new("build-copy-path", cx.t("build-copy-path"), copy(stored.display().to_string())).icon(icons::FILE));
    }
    actions
}

/// Draws the artifacts.
pub(super) fn artifacts_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, artifacts: &[Artifact], state: &mut TableState) {
    let filter = cx.filter.trim().to_lowercase();
    let is_shown = |artifact: &&Artifact| {
        filter.is_empty() || artifact.name.to_lowercase().contains(&filter) || artifact.sha256.starts_with(&filter)
    };
    let shown: Vec<&Artifact> = artifacts.iter().filter(is_shown).collect();
    let name = cx.t("build-tab-artifacts");
    let column = |id: &'static str, key: &str, width: f32| Column::new(id, cx.t(key), width).unsortable();
    let columns = [
        column("name", "build-col-artifact", 160.0).fill().always(),
        column("size", "build-col-size", 72.0).right(),
        column("sha256", "build-col-sha256", 112.0),
        column("commit", "build-col-commit", 76.0),
        column("when", "build-col-when", 96.0),
        column("kept", "build-col-kept", 88.0),
    ];
    let mut asked = None;
    let table = Table::new("build-artifacts", &name, &columns, shown.len())
        .single()
        .key(|row| shown.get(row).map_or(0, |artifact| artifact.id as u64))
        .label(|row| shown.get(row).map(|artifact| artifact.name.clone()).unwrap_or_default())
        .copy(|row| {
            shown
                .get(row)
                .map(|artifact| format!("{}  {}", artifact.sha256, artifact.name))
                .unwrap_or_default()
        })
        .menu(|ui, row| {
            if let Some(artifact) = shown.get(row) {
                asked = action::menu_ui(ui, &artifact_actions(cx, artifact)).or(asked.take());
            }
        });
    table.show(ui, state, |ui, row, column| {
        let Some(artifact) = shown.get(row) else { return };
        match columns[column].id {
            "name" => {
                text::medium(ui, &artifact.name);
            }
            "size" => {
                text::body(ui, &format::bytes(artifact.bytes, cx.texts));
            }
            "sha256" => {
                text::mono(ui, artifact.sha256.get(..12).unwrap_or(&artifact.sha256)).on_hover_text(&artifact.sha256);
            }
            "commit" => commit_ui(ui, cx, &workspace.id, artifact.commit.as_deref(), false),
            "when" => {
                text::body(ui, &format::ago(artifact.made_at, cx.now, cx.texts));
            }
            "kept" => {
                text::weak(
                    ui,
                    &cx.t(if artifact.stored.is_some() {
                        "build-kept"
                    } else {
                        "build-freed"
                    }),
                );
            }
            _ => {}
        }
    });
    if let Some(intent) = asked {
        cx.ask(intent);
    }
}
