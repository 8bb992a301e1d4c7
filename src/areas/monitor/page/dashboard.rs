//! The four numbers of DORA and the charts, with deployments as flags and incidents as bands.

use super::{Range, asked, checks, checks_of, history_of};
use crate::areas::monitor::cli::reports::{any_value, change_text, of_whom};
use crate::areas::monitor::{Command, Dora, History, Metric, Query, Summary, cli};
use crate::areas::page::{Cx, Intent};
use crate::base::{Loadable, State, Target, Timestamp, Workspace, format};
use crate::msg;
use crate::ui::button::segments_ui;
use crate::ui::cards::number_card_ui;
use crate::ui::plot::{Chart, ChartState, Marker, Series};
use crate::ui::theme::card_frame;
use crate::ui::tokens::{CLEAR, Tokens, measure};
use crate::ui::{Ui, detail, icons, page_frame, state_mark, text};
use egui::{Align, Frame, Layout, Margin};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

pub(super) const CHART: f32 = 214.0;
/// Below this width charts stand one below the other, and cards two by two.
const NARROW: f32 = 640.0;

/// What the tab remembers.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Dashboard {
    chart: ChartState,
    #[serde(skip)]
    charts: Vec<(Metric, Vec<Series>)>,
    /// What was scraped: metric, unit, lines.
    #[serde(skip)]
    scraped: Vec<(String, String, Vec<Series>)>,
    #[serde(skip)]
    markers: Vec<Marker>,
    /// The colour of each name.
    #[serde(skip)]
    lanes: HashMap<String, usize>,
    /// The deployment whose comparison was asked for.
    #[serde(skip)]
    compared: Option<i64>,
    /// What `charts` were made from.
    #[serde(skip)]
    made_from: Option<(Timestamp, Query, u64)>,
}

/// Without its environment, where that is not needed to tell it from the others of its metric.
fn short_name(name: &str, history: &History) -> String {
    let Some((_, short)) = name.split_once(' ') else {
        return name.to_owned();
    };
    let of_instances = history
        .charts
        .iter()
        .filter(|chart| matches!(chart.metric, Metric::Cpu | Metric::Memory));
    let names: Vec<&str> = of_instances
        .flat_map(|chart| &chart.series)
        .map(|series| series.name.as_str())
        .collect();
    let is_instance = names.contains(&name);
    let is_alone = names
        .iter()
        .all(|other| *other == name || other.split_once(' ').is_none_or(|(_, other)| other != short));
    if is_instance && is_alone {
        short.to_owned()
    } else {
        name.to_owned()
    }
}

pub(super) fn secs(at: Timestamp) -> f64 {
    at.as_millisecond() as f64 / 1000.0
}

impl Dashboard {
    pub(super) fn is_zoomed(&self) -> bool {
        self.chart.zoom.is_some()
    }

    /// What is zoomed into, in whole seconds.
    pub(super) fn zoom(&self) -> Option<(i64, i64)> {
        let (from, to) = self.chart.zoom?;
        Some((from.floor() as i64, to.ceil() as i64))
    }

    pub(super) fn show_whole(&mut self) {
        self.chart.zoom = None;
    }

    /// Lines and markers are made anew when another history has come.
    fn arrange(&mut self, cx: &Cx<'_>, history: &History) {
        let n_points = history.charts.iter().flat_map(|chart| &chart.series);
        let n_points = n_points.chain(history.scraped.iter().flat_map(|chart| &chart.series));
        let from = (
            history.to,
            history.query.clone(),
            n_points.map(|series| series.points.len() as u64).sum(),
        );
        if self.made_from.as_ref() == Some(&from) {
            return;
        }
        self.made_from = Some(from);
        let slowest = checks_of(cx).iter().map(|check| check.interval_secs).fold(0.0, f64::max);
        let step = f64::from(history.query.secs) / f64::from(history.query.max_points.max(1));
        let gap = |metric: Metric| match metric {
            Metric::Cpu | Metric::Memory => (step * 4.0).max(30.0),
            Metric::Latency | Metric::Up | Metric::Free | Metric::Value | Metric::Days => {
                (step * 4.0).max(slowest * 3.0).max(30.0)
            }
        };
        let line = |metric: Metric, lane: usize, series: &crate::areas::monitor::Series| {
            let points = series.points.iter().map(|point| [secs(point.at), point.mean]).collect();
            let line = Series::new(short_name(&series.name, history), lane, points).gap_secs(gap(metric));
            if lane % 2 == 1 { line.dashed() } else { line }
        };
        let lanes = &mut self.lanes;
        keep_lanes(lanes, history);
        self.charts = Metric::ALL
            .into_iter()
            .map(|metric| {
                let chart = history.charts.iter().find(|chart| chart.metric == metric);
                let lines = chart.map_or(&[][..], |chart| &chart.series).iter();
                let lines = lines.map(|series| line(metric, lanes.get(&series.name).copied().unwrap_or(0), series));
                (metric, lines.collect())
            })
            .collect();
        self.scraped = history
            .scraped
            .iter()
            .map(|chart| {
                let lines = chart.series.iter().enumerate().map(|(lane, series)| {
                    let points = series.points.iter().map(|point| [secs(point.at), point.mean]).collect();
                    let line = Series::new(series.name.clone(), lane, points).gap_secs((step * 4.0).max(90.0));
                    if lane % 2 == 1 { line.dashed() } else { line }
                });
                let mut notes = Vec::new();
                if chart.is_rate {
                    notes.push(cx.t("monitor-per-second"));
                }
                notes.extend(left_out(cx, chart.n_left_out));
                (chart.metric.clone(), notes.join(", "), lines.collect())
            })
            .collect();
        // Flags first: the number of a marker that was clicked is then the number of its deployment.
        let flags = history
            .deployments
            .iter()
            .map(|flag| Marker::flag(secs(flag.at), flag.version.clone(), flag.state != State::Failed));
        let bands = history.incidents.iter().map(|band| {
            let until = band.to.unwrap_or(history.to);
            let state = if band.to.is_none() { State::Failed } else { State::Degraded };
            Marker::band(secs(band.from.max(history.from)), secs(until), band.title.clone(), state)
        });
        self.markers = flags.chain(bands).collect();
    }

    pub(super) fn body_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, range: &mut Range) {
        bar_ui(ui, cx, range, &mut self.chart);
        let room = ui.available_rect_before_wrap();
        egui::ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
            let frame = Frame {
                fill: CLEAR,
                inner_margin: Margin::symmetric(16, 12),
                ..Frame::NONE
            };
            frame.show(ui, |ui| {
                ui.spacing_mut().item_spacing = egui::vec2(measure::SPACE_12, measure::SPACE_12);
                ui.set_width(room.width() - 2.0 * measure::GUTTER);
                cards_ui(ui, cx, cx.model.monitor.dora.get(&workspace.id));
                self.charts_ui(ui, cx, workspace);
            });
        });
    }

    /// Of the newest deployment in sight that became healthy.
    fn ask_comparison(&mut self, cx: &Cx<'_>, workspace: &Workspace, history: &History) {
        let healthy = history.deployments.iter().filter(|flag| flag.state != State::Failed);
        let Some(newest) = healthy.max_by_key(|flag| flag.at).map(|flag| flag.deployment) else {
            return;
        };
        if self.compared.replace(newest) != Some(newest) {
            cx.ask(Command::Compare {
                workspace: workspace.clone(),
                deployment: Some(newest),
                secs: 3600,
            });
        }
    }

    fn charts_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace) {
        let histories = cx.model.monitor.histories.get(&workspace.id);
        if let Some(problem) = histories.and_then(Loadable::problem)
            && page_frame::problem_card_ui(ui, problem, true)
        {
            cx.ask(Command::ShowHistory {
                workspace: workspace.clone(),
                query: Query::default(),
            });
        }
        let Some(history) = history_of(cx) else {
            page_frame::loading_ui(ui, None);
            return;
        };
        self.arrange(cx, history);
        self.ask_comparison(cx, workspace, history);
        let asked = cx
            .model
            .monitor
            .asked
            .get(&workspace.id)
            .filter(|asked| !asked.charts.is_empty());
        if asked.is_none() && self.scraped.is_empty() && self.charts.iter().all(|(_, lines)| lines.is_empty()) {
            page_frame::empty_ui(ui, icons::CHART, &cx.t("monitor-nothing-measured"), None);
            return;
        }
        let span = (secs(history.from), secs(history.to));
        let mut clicked = None;
        let Self {
            chart: state,
            charts,
            scraped,
            markers,
            ..
        } = self;
        let shown: Vec<&(Metric, Vec<Series>)> = charts.iter().filter(|(_, lines)| !lines.is_empty()).collect();
        let per_row = if ui.available_width() < NARROW || shown.len() == 1 {
            1
        } else {
            2
        };
        for row in shown.chunks(per_row) {
            ui.columns(per_row, |columns| {
                for (ui, (metric, lines)) in columns.iter_mut().zip(row) {
                    let t = Tokens::of(ui);
                    card_frame(t).show(ui, |ui| {
                        ui.set_width(ui.available_width());
                        let title = cx.t(metric.key());
                        let unit = match metric {
                            Metric::Cpu => Some(cx.t("monitor-of-one-core")),
                            Metric::Up => Some(cx.t("monitor-share-up")),
                            _ => None,
                        };
                        let full = history.charts.iter().find(|chart| chart.metric == *metric);
                        let more = full.and_then(|chart| left_out(cx, chart.n_left_out));
                        let note = unit.into_iter().chain(more).collect::<Vec<_>>().join(", ");
                        let response = Chart::new(metric.word(), &title, &note, span, lines)
                            .markers(markers)
                            .height(CHART)
                            .value(|value| value_text(*metric, value, cx))
                            .show(ui, state);
                        clicked = response.marker.or(clicked);
                    });
                }
            });
        }
        for (metric, note, lines) in &*scraped {
            let t = Tokens::of(ui);
            card_frame(t).show(ui, |ui| {
                ui.set_width(ui.available_width());
                let response = Chart::new(metric, metric, note, span, lines)
                    .markers(markers)
                    .height(CHART)
                    .value(|value| format::decimal(value, 2, cx.texts))
                    .show(ui, state);
                clicked = response.marker.or(clicked);
            });
        }
        if let Some(asked) = asked {
            clicked = asked::charts_ui(ui, cx, asked, markers, state).or(clicked);
        }
        if let Some(flag) = clicked.and_then(|i| history.deployments.get(i)) {
            cx.ask(Intent::Go(Target::Deployment {
                workspace: workspace.id.clone(),
                id: flag.deployment,
            }));
        }
    }
}

/// A name has one colour in all charts, and keeps it as long as it is there.
fn keep_lanes(lanes: &mut HashMap<String, usize>, history: &History) {
    let names = || {
        history
            .charts
            .iter()
            .flat_map(|chart| &chart.series)
            .map(|series| &series.name)
    };
    lanes.retain(|name, _| names().any(|there| there == name));
    for name in names() {
        if !lanes.contains_key(name) {
            let free = (0..=lanes.len()).find(|lane| lanes.values().all(|taken| taken != lane));
            lanes.insert(name.clone(), free.unwrap_or(0));
        }
    }
}

/// What has no room in a chart.
pub(super) fn left_out(cx: &Cx<'_>, n: u32) -> Option<String> {
    (n > 0).then(|| cx.msg(&msg!("monitor-left-out", n = n)))
}

fn value_text(metric: Metric, value: f64, cx: &Cx<'_>) -> String {
    match metric {
        Metric::Up => format::percent(value, cx.texts),
        metric => cli::value_text(metric, value, cx.texts),
    }
}

/// How far back, and what is watched.
fn bar_ui(ui: &mut Ui, cx: &Cx<'_>, range: &mut Range, chart: &mut ChartState) {
    page_frame::bar_ui(ui, 40.0, |ui| {
        let labels: Vec<String> = Range::ALL.iter().map(|range| cx.t(range.key())).collect();
        let choices: Vec<(Range, &str)> = Range::ALL.into_iter().zip(labels.iter().map(String::as_str)).collect();
        if segments_ui(ui, range, &choices) {
            chart.zoom = None;
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| match cx.model.monitor.watch {
            None => {
                state_mark::label_small_ui(ui, State::Unknown, &cx.t("monitor-not-watched"));
            }
            Some(watch) if watch.is_elsewhere => {
                state_mark::label_small_ui(ui, State::Running, &cx.t("monitor-elsewhere"));
            }
            Some(watch) => {
                let words = cx.msg(&msg!(
                    "monitor-watching",
                    checks = watch.n_checks,
                    instances = watch.n_instances,
                    samples = watch.n_samples
                ));
                state_mark::label_small_ui(ui, State::Running, &words);
            }
        });
    });
}

/// A number, how it was in the period before, and whether less of it is better.
struct Number {
    now: Option<f64>,
    before: Option<f64>,
    is_less_better: bool,
}

impl Number {
    /// The state and the words of the trend.
    fn trend(&self, cx: &Cx<'_>, say: impl Fn(f64) -> String) -> (State, String) {
        let (Some(now), Some(before)) = (self.now, self.before) else {
            return (State::None, cx.t("monitor-trend-none"));
        };
        let was = say(before);
        if say(now) == was {
            return (State::None, cx.t("monitor-trend-same"));
        }
        let is_up = now > before;
        let state = if is_up == self.is_less_better {
            State::Degraded
        } else {
            State::Done
        };
        let words = if is_up {
            cx.msg(&msg!("monitor-trend-up", was = was))
        } else {
            cx.msg(&msg!("monitor-trend-down", was = was))
        };
        (state, words)
    }

    fn line(&self) -> Vec<f32> {
        match (self.before, self.now) {
            (Some(before), Some(now)) => vec![before as f32, now as f32],
            _ => Vec::new(),
        }
    }
}

fn cards_ui(ui: &mut Ui, cx: &Cx<'_>, dora: Option<&Dora>) {
    let Some(dora) = dora else { return };
    let before = dora.before.as_deref();
    let lasting = |secs: f64| format::duration_secs(secs, cx.texts);
    let rate = |rate: f64| format::percent(rate, cx.texts);
    let often = |n: f64| format::decimal(n, 1, cx.texts);
    let shown = |value: Option<f64>, say: &dyn Fn(f64) -> String| value.map_or_else(|| "–".to_owned(), say);
    let cards: [(&str, Number, &dyn Fn(f64) -> String, String); 4] = [
        (
            "monitor-dora-frequency",
            Number {
                now: Some(dora.deployments_per_week),
                before: before.map(|before| before.deployments_per_week),
                is_less_better: false,
            },
            &often,
            cx.t("monitor-dora-a-week"),
        ),
        (
            "monitor-dora-lead",
            Number {
                now: dora.lead_time_secs,
                before: before.and_then(|before| before.lead_time_secs),
                is_less_better: true,
            },
            &lasting,
            cx.msg(&msg!("monitor-dora-median-of", n = dora.n_changes)),
        ),
        (
            "monitor-dora-failure",
            Number {
                now: dora.change_failure_rate,
                before: before.and_then(|before| before.change_failure_rate),
                is_less_better: true,
            },
            &rate,
            cx.msg(&msg!("monitor-dora-n-of", n = dora.n_failed, total = dora.n_deployments)),
        ),
        (
            "monitor-dora-restore",
            Number {
                now: dora.time_to_restore_secs,
                before: before.and_then(|before| before.time_to_restore_secs),
                is_less_better: true,
            },
            &lasting,
            cx.msg(&msg!("monitor-dora-median-of", n = dora.n_restored)),
        ),
    ];
    let per_row = if ui.available_width() < NARROW { 2 } else { 4 };
    for row in cards.chunks(per_row) {
        ui.columns(per_row, |columns| {
            for (ui, (title, number, say, unit)) in columns.iter_mut().zip(row) {
                let (state, trend) = number.trend(cx, say);
                let value = shown(number.now, say);
                number_card_ui(ui, &cx.t(title), &value, unit, state, &trend, &number.line());
            }
        });
    }
}

/// Incidents of the time that is shown, and where the checks stand.
pub(super) fn detail_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace) {
    let mut target = None;
    let checks = checks_of(cx);
    if !checks.is_empty() {
        let n_up = checks.iter().filter(|check| check.state == State::Running).count();
        let note = cx.msg(&msg!("monitor-n-of-n-up", n = n_up, total = checks.len()));
        detail::titled_section_ui(ui, &cx.t("monitor-tab-checks"), &note, |ui| {
            for check in checks.iter().take(30) {
                ui.horizontal(|ui| {
                    state_mark::mark_ui(ui, check.state);
                    if text::link(ui, &check.name).on_hover_text(&check.what).clicked() {
                        target = Some(Target::Check {
                            workspace: workspace.id.clone(),
                            name: check.name.clone(),
                        });
                    }
                    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                        match (check.state, checks::latency(cx, check)) {
                            (State::Running, Some(latency)) => text::small(ui, &latency),
                            _ => text::small(ui, &checks::word(cx, check)),
                        }
                    });
                });
            }
        });
    }
    comparison_ui(ui, cx, workspace, &mut target);
    percentiles_ui(ui, cx);
    definitions_ui(ui, cx);
    let Some(history) = history_of(cx).filter(|history| !history.incidents.is_empty()) else {
        if let Some(target) = target {
            cx.ask(Intent::Go(target));
        }
        return;
    };
    let n_open = history.incidents.iter().filter(|band| band.to.is_none()).count();
    let note = cx.msg(&msg!("monitor-n-open", n = n_open));
    detail::titled_section_ui(ui, &cx.t("monitor-incidents"), &note, |ui| {
        for band in history.incidents.iter().take(20) {
            let state = if band.to.is_none() { State::Failed } else { State::Done };
            state_mark::label_ui(ui, state, &band.title).on_hover_text(&band.title);
            let lasted = |to: Timestamp| format::duration_secs(secs(to) - secs(band.from), cx.texts);
            let words = match band.to {
                Some(to) => cx.msg(&msg!(
                    "monitor-incident-over",
                    ago = format::ago(band.from, cx.now, cx.texts),
                    lasted = lasted(to)
                )),
                None => cx.msg(&msg!("monitor-incident-since", lasted = lasted(cx.now))),
            };
            text::small(ui, &words);
        }
    });
    if let Some(target) = target {
        cx.ask(Intent::Go(target));
    }
}

/// What the newest deployment in sight changed.
fn comparison_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, target: &mut Option<Target>) {
    let Some(found) = cx.model.monitor.comparisons.get(&workspace.id) else {
        return;
    };
    if found.differences.is_empty() {
        return;
    }
    let before = found.before_version.as_deref().unwrap_or("–");
    let note = format!("{before} → {}", found.version);
    detail::titled_section_ui(ui, &cx.t("monitor-compare-title"), &note, |ui| {
        let link = cx.msg(&msg!(
            "monitor-compare-link",
            n = found.deployment.to_string(),
            environment = found.environment.as_str()
        ));
        if text::link_small(ui, &link).clicked() {
            *target = Some(Target::Deployment {
                workspace: workspace.id.clone(),
                id: found.deployment,
            });
        }
        for one in &found.differences {
            let of = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| any_value(&one.metric, value, cx.texts));
            let median = |summary: &Option<Summary>| summary.as_ref().map(|summary| summary.median);
            let p95 = |summary: &Option<Summary>| summary.as_ref().map(|summary| summary.p95);
            ui.horizontal(|ui| {
                text::medium(ui, &of_whom(&one.metric, &one.name, cx.texts));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    text::body(ui, &change_text(one.change, cx.texts));
                });
            });
            let words = cx.msg(&msg!(
                "monitor-compare-values",
                before = of(median(&one.before)),
                after = of(median(&one.after)),
                p95_before = of(p95(&one.before)),
                p95_after = of(p95(&one.after))
            ));
            text::paragraph_weak(ui, &words);
        }
    });
}

/// How the four numbers are counted.
fn definitions_ui(ui: &mut Ui, cx: &Cx<'_>) {
    detail::titled_section_ui(ui, &cx.t("monitor-dora-definitions"), "", |ui| {
        for key in cli::DEFINITIONS {
            text::paragraph_weak(ui, &cx.t(key));
        }
    });
}

/// Room for `123.4 ms`.
const PERCENTILE_WIDTH: f32 = 60.0;

/// Of the time that is shown, for each line of the latency.
fn percentiles_ui(ui: &mut Ui, cx: &Cx<'_>) {
    let Some(history) = history_of(cx) else { return };
    let latency = history.charts.iter().find(|chart| chart.metric == Metric::Latency);
    let Some(chart) = latency.filter(|chart| chart.series.iter().any(|series| series.summary.is_some())) else {
        return;
    };
    detail::titled_section_ui(ui, &cx.t("monitor-percentiles"), "", |ui| {
        let heads = ["p50", "p95", "p99"].map(str::to_owned);
        detail::columns_ui(ui, PERCENTILE_WIDTH, &heads, |_| {});
        for series in &chart.series {
            let Some(summary) = &series.summary else { continue };
            let say = |value: f64| value_text(Metric::Latency, value, cx);
            let values = [summary.median, summary.p95, summary.p99].map(say);
            // The name has a line of its own: beside three numbers the part that tells it from others would be cut.
            text::paragraph(ui, &series.name);
            detail::columns_ui(ui, PERCENTILE_WIDTH, &values, |_| {});
        }
    });
}
