//! The tab of trends: duration, size and warnings of a task's builds, and the commits that moved them.

use crate::areas::build::cli::more::{measured, step_words};
use crate::areas::build::model::Builds;
use crate::areas::build::trend::{self, Measure, Step};
use crate::areas::page::{Cx, Intent};
use crate::base::{State, Target, Workspace, format};
use crate::ui::form::choice_ui;
use crate::ui::plot::{Chart, ChartState, Marker, Series};
use crate::ui::theme::card_frame;
use crate::ui::tokens::{Tokens, measure};
use crate::ui::{Ui, icons, page_frame, state_mark, text};
use serde::{Deserialize, Serialize};

const CHART: f32 = 150.0;
const CHOICE: f32 = 320.0;

/// What the tab remembers.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Trend {
    task: Option<String>,
    #[serde(skip)]
    chart: ChartState,
}

impl Trend {
    pub(super) fn ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, builds: &Builds) {
        let tasks = tasks(builds);
        let main = builds.main_task().map(|task| task.id.clone());
        let known = |task: &String| tasks.iter().any(|(id, _)| id == task);
        let chosen = self.task.clone().filter(known).or_else(|| main.filter(known));
        let Some(mut chosen) = chosen.or_else(|| tasks.first().map(|(id, _)| id.clone())) else {
            page_frame::empty_ui(ui, icons::HISTORY, &cx.t("build-trend-empty"), None);
            return;
        };
        page_frame::bar_ui(ui, 44.0, |ui| {
            ui.set_max_width(CHOICE);
            if choice_ui(ui, &cx.t("build-col-task"), &mut chosen, &tasks) {
                self.task = Some(chosen.clone());
            }
        });
        let series = trend::series(builds.runs_of(&chosen));
        let steps = trend::steps(&series);
        let seconds = |run: &crate::areas::build::RunRow| run.started_at.as_millisecond() as f64 / 1000.0;
        let (Some(first), Some(last)) = (series.first(), series.last()) else {
            return;
        };
        let pad = ((seconds(last) - seconds(first)) * 0.03).max(1.0);
        let span = (seconds(first) - pad, seconds(last) + pad);
        egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            egui::Frame::NONE.inner_margin(measure::GUTTER).show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = measure::SPACE_12;
                for (lane, kind) in Measure::ALL.into_iter().enumerate() {
                    let points: Vec<[f64; 2]> = series.iter().filter_map(|run| Some([seconds(run), kind.of(run)?])).collect();
                    // A line that never leaves zero says nothing.
                    if points.len() < 2 || points.iter().all(|[_, value]| *value == 0.0) {
                        continue;
                    }
                    let of_kind = || steps.iter().filter(|step| step.measure == kind);
                    let markers: Vec<Marker> = of_kind()
                        .filter_map(|step| {
                            let run = series.iter().find(|run| run.job == step.job)?;
                            let name = step.commit.as_deref().map_or("-", format::short_oid);
                            Some(Marker::flag(seconds(run), name, true))
                        })
                        .collect();
                    let title = cx.t(kind.key());
                    let lines = [Series::new(title.clone(), lane, points)];
                    card_frame(Tokens::of(ui)).show(ui, |ui| {
                        ui.set_width(ui.available_width());
                        let clicked = Chart::new(title_id(kind), &title, "", span, &lines)
                            .markers(&markers)
                            .height(CHART)
                            .value(|value| measured(kind, value, cx.texts))
                            .show(ui, &mut self.chart)
                            .marker;
                        if let Some(commit) = clicked.and_then(|at| of_kind().nth(at)).and_then(|step| step.commit.clone()) {
                            go(cx, workspace, commit);
                        }
                        for step in of_kind() {
                            step_ui(ui, cx, workspace, step);
                        }
                    });
                }
                if steps.is_empty() {
                    text::paragraph_weak(ui, &cx.t("build-trend-steady"));
                }
            });
        });
    }
}

fn title_id(kind: Measure) -> &'static str {
    match kind {
        Measure::DurationMs => "build-trend-duration",
        Measure::Warnings => "build-trend-warnings",
        Measure::Bytes => "build-trend-bytes",
    }
}

/// Which commit, and how far.
fn step_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, step: &Step) {
    let state = if step.median_after > step.median_before {
        State::Degraded
    } else {
        State::Done
    };
    ui.horizontal(|ui| {
        state_mark::mark_ui(ui, state);
        if let Some(oid) = &step.commit {
            let dirty = if step.is_dirty { "+" } else { "" };
            if text::link_mono(ui, &format!("{}{dirty}", format::short_oid(oid))).clicked() {
                go(cx, workspace, oid.clone());
            }
        }
        text::body(ui, &step_words(step, cx.texts));
    });
}

fn go(cx: &Cx<'_>, workspace: &Workspace, oid: String) {
    cx.ask(Intent::Go(Target::Commit {
        workspace: workspace.id.clone(),
        oid,
    }));
}

/// Tasks that were built at least twice, with their names.
fn tasks(builds: &Builds) -> Vec<(String, String)> {
    let mut names: Vec<(String, String)> = Vec::new();
    for run in builds.runs() {
        let is_known = names.iter().any(|(id, _)| *id == run.task);
        if !is_known
            && builds
                .runs_of(&run.task)
                .filter(|run| run.state == State::Done)
                .nth(1)
                .is_some()
        {
            let name = builds.tasks().iter().find(|task| task.id == run.task);
            names.push((
                run.task.clone(),
                name.map_or_else(|| run.task.clone(), |task| task.name.clone()),
            ));
        }
    }
    names.sort();
    names
}
