//! Charts that Prometheus servers answer, below those of what Chantier measures itself.

use super::dashboard::{CHART, left_out, secs};
use crate::areas::monitor::prometheus::{Answered, AskedChart};
use crate::areas::page::Cx;
use crate::base::{State, format};
use crate::ui::plot::{Chart, ChartState, Marker, Series};
use crate::ui::theme::card_frame;
use crate::ui::tokens::Tokens;
use crate::ui::{Ui, state_mark, text};

/// The number of the marker that was clicked.
pub(super) fn charts_ui(
    ui: &mut Ui,
    cx: &Cx<'_>,
    answered: &Answered,
    markers: &[Marker],
    state: &mut ChartState,
) -> Option<usize> {
    let span = (secs(answered.from), secs(answered.to));
    let mut clicked = None;
    for (i, chart) in answered.charts.iter().enumerate() {
        let t = Tokens::of(ui);
        ui.push_id(("asked", i), |ui| {
            card_frame(t).show(ui, |ui| {
                ui.set_width(ui.available_width());
                if let Some(problem) = &chart.problem {
                    text::strong(ui, &chart.title);
                    state_mark::label_ui(ui, State::Failed, &cx.msg(&problem.summary));
                    text::small(ui, &format!("{}  {}", chart.server, chart.query));
                    return;
                }
                let gap = f64::from(answered.step_secs) * 2.5;
                let lines: Vec<Series> = chart
                    .series
                    .iter()
                    .enumerate()
                    .map(|(lane, series)| line(lane, series, gap))
                    .collect();
                let note = note(cx, chart);
                let id = format!("asked-{i}");
                let response = Chart::new(&id, &chart.title, &note, span, &lines)
                    .markers(markers)
                    .height(CHART)
                    .value(|value| format::decimal(value, if value.abs() >= 100.0 { 0 } else { 2 }, cx.texts))
                    .show(ui, state);
                clicked = response.marker.or(clicked);
                for warning in &chart.warnings {
                    state_mark::label_small_ui(ui, State::Degraded, warning);
                }
            });
        });
    }
    clicked
}

fn line(lane: usize, series: &crate::areas::monitor::Series, gap: f64) -> Series {
    let points = series.points.iter().map(|point| [secs(point.at), point.mean]).collect();
    let name = if series.name.is_empty() {
        "–".to_owned()
    } else {
        series.name.clone()
    };
    let line = Series::new(name, lane, points).gap_secs(gap);
    if lane % 2 == 1 { line.dashed() } else { line }
}

fn note(cx: &Cx<'_>, chart: &AskedChart) -> String {
    let unit = Some(chart.unit.clone()).filter(|unit| !unit.is_empty());
    let nothing = chart.series.is_empty().then(|| cx.t("monitor-query-nothing"));
    let server = Some(chart.server.clone());
    let parts = [unit, nothing, left_out(cx, chart.n_left_out), server];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
