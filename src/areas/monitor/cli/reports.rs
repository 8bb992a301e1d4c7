//! What `chantier monitor compare`, `slo` and `page` say.

use super::value_text;
use crate::areas::cli::Answer;
use crate::areas::monitor::model::Model;
use crate::areas::monitor::{Comparison, Forecast, Metric, Objective};
use crate::base::{Catalog, WorkspaceId, format};
use crate::msg;
use serde_json::json;
use std::fmt::Write as _;

pub(super) fn compared(monitor: &Model, id: &WorkspaceId, texts: &Catalog) -> Answer {
    let found = monitor.comparisons.get(id);
    Answer {
        schema: "chantier.monitor.compare/1",
        data: json!({ "comparison": found }),
        text: found.map_or_else(String::new, |found| comparison_text(found, texts)),
    }
}

/// What Prometheus servers answered: each query, and of each of its lines the last value and the limits.
pub(super) fn asked(monitor: &Model, id: &WorkspaceId, texts: &Catalog) -> Answer {
    let answered = monitor.asked.get(id);
    let mut text = String::new();
    for chart in answered.map_or(&[][..], |answered| &answered.charts) {
        let unit = if chart.unit.is_empty() {
            String::new()
        } else {
            format!(" {}", chart.unit)
        };
        writeln!(text, "{}  ({})", chart.title, chart.server).ok();
        if let Some(problem) = &chart.problem {
            writeln!(text, "  {}", texts.msg(&problem.summary)).ok();
        } else if chart.series.is_empty() {
            writeln!(text, "  {}", texts.t("monitor-query-nothing")).ok();
        }
        for series in &chart.series {
            let Some(last) = series.points.last() else { continue };
            let least = series.points.iter().map(|point| point.min).fold(f64::INFINITY, f64::min);
            let most = series.points.iter().map(|point| point.max).fold(f64::NEG_INFINITY, f64::max);
            let shown = |value: f64| format!("{}{unit}", format::decimal(value, 3, texts));
            let (least, last, most) = (shown(least), shown(last.mean), shown(most));
            let name = if series.name.is_empty() { "–" } else { &series.name };
            writeln!(text, "  {name:<44} {least:>12} .. {most:>12}  {last:>12}").ok();
        }
        if chart.n_left_out > 0 {
            writeln!(text, "  {}", texts.msg(&msg!("monitor-left-out-hint", n = chart.n_left_out))).ok();
        }
        for warning in &chart.warnings {
            writeln!(text, "  ! {warning}").ok();
        }
    }
    Answer {
        schema: "chantier.monitor.query/1",
        data: json!({ "answered": answered }),
        text,
    }
}

/// A value of a metric that may not be one of Chantier's own.
pub fn any_value(metric: &str, value: f64, texts: &Catalog) -> String {
    match Metric::from_word(metric) {
        Some(metric) => value_text(metric, value, texts),
        None => format::decimal(value, 2, texts),
    }
}

/// `+12 %`; a dash where there is nothing to compare.
pub fn change_text(change: Option<f64>, texts: &Catalog) -> String {
    change.map_or_else(
        || "–".to_owned(),
        |change| {
            let sign = if change > 0.0 { "+" } else { "" };
            format!("{sign}{} %", format::decimal(change * 100.0, 1, texts))
        },
    )
}

/// What is compared: the metric, and of whom.
pub fn of_whom(metric: &str, name: &str, texts: &Catalog) -> String {
    let metric = Metric::from_word(metric).map_or_else(|| metric.to_owned(), |metric| texts.t(metric.key()).into_owned());
    if name.is_empty() { metric } else { format!("{metric} {name}") }
}

fn comparison_text(found: &Comparison, texts: &Catalog) -> String {
    let words = msg!(
        "monitor-compare-line",
        version = found.version.as_str(),
        before = found.before_version.as_deref().unwrap_or("–"),
        environment = found.environment.as_str(),
        n = found.deployment.to_string()
    );
    let mut text = format!("{}\n", texts.msg(&words));
    if found.differences.is_empty() {
        writeln!(text, "{}", texts.t("monitor-compare-nothing")).ok();
        return text;
    }
    let (median, p95) = (texts.t("monitor-median"), texts.t("monitor-p95"));
    writeln!(text, "{:<32} {median:>22} {p95:>22} {:>9}", "", "").ok();
    for one in &found.differences {
        let of = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| any_value(&one.metric, value, texts));
        let pair = |value: fn(&crate::areas::monitor::Summary) -> f64| {
            format!(
                "{} → {}",
                of(one.before.as_ref().map(value)),
                of(one.after.as_ref().map(value))
            )
        };
        writeln!(
            text,
            "{:<32} {:>22} {:>22} {:>9}",
            of_whom(&one.metric, &one.name, texts),
            pair(|summary| summary.median),
            pair(|summary| summary.p95),
            change_text(one.change, texts)
        )
        .ok();
    }
    text
}

pub(super) fn objectives(monitor: &Model, id: &WorkspaceId, texts: &Catalog) -> Answer {
    let found = monitor.objectives.get(id);
    let mut text = String::new();
    for row in found.map_or(&[][..], |found| &found.rows) {
        writeln!(text, "{}", objective_line(row, texts)).ok();
    }
    for life in found.map_or(&[][..], |found| &found.lives) {
        let share = life.share.map_or_else(|| "–".to_owned(), |share| share_text(share, texts));
        let environment = life.environment.as_deref().unwrap_or("–");
        let words = texts.msg(&msg!("monitor-lives-line", starts = life.n_starts, crashes = life.n_crashes));
        writeln!(text, "{environment:<14} {:<28} {share:>9}  {words}", life.name).ok();
    }
    Answer {
        schema: "chantier.monitor.slo/1",
        data: json!({ "objectives": found }),
        text,
    }
}

/// Nines matter, and rounding must not say that nothing ever failed.
pub fn share_text(share: f64, texts: &Catalog) -> String {
    if share >= 1.0 {
        return format!("{} %", format::decimal(100.0, 0, texts));
    }
    format!("{} %", format::decimal((share * 100.0).min(99.999), 3, texts))
}

/// `99.9 %`, as it was written.
pub fn slo_text(slo: f64, texts: &Catalog) -> String {
    let percent = (slo * 1e8).round() / 1e6;
    let places = (0..4).find(|places| {
        let scale = 10_f64.powi(*places);
        (percent * scale).fract().abs() < 1e-6
    });
    format!("{} %", format::decimal(percent, places.unwrap_or(4) as usize, texts))
}

/// When the disk is full, in words.
pub fn forecast_text(forecast: &Forecast, texts: &Catalog) -> String {
    let pace = format::bytes(forecast.bytes_per_day.abs() as u64, texts);
    match forecast.full_at {
        Some(at) => texts.msg(&msg!("monitor-full-at", at = at.strftime("%F").to_string(), pace = pace)),
        None if forecast.bytes_per_day < 0.0 => texts.msg(&msg!("monitor-full-late", pace = pace)),
        None => texts.t("monitor-full-never").into_owned(),
    }
}

fn objective_line(row: &Objective, texts: &Catalog) -> String {
    let share = row.share.map_or_else(|| "–".to_owned(), |share| share_text(share, texts));
    let slo = row.slo.map_or_else(|| "–".to_owned(), |slo| slo_text(slo, texts));
    let left = row.budget_left.map_or_else(
        || "–".to_owned(),
        |left| format!("{} %", format::decimal(left * 100.0, 1, texts)),
    );
    let environment = row.environment.as_deref().unwrap_or("–");
    let name = if row.is_environment {
        texts.t("monitor-all-checks").into_owned()
    } else {
        row.name.clone()
    };
    let days = texts.msg(&msg!("monitor-over-days", n = row.days));
    let forecast = row
        .forecast
        .as_ref()
        .map_or_else(String::new, |forecast| forecast_text(forecast, texts));
    format!("{environment:<14} {name:<28} {share:>9}  {slo:>8}  {left:>9}  {days}  {forecast}")
}

pub(super) fn page(monitor: &Model, texts: &Catalog) -> Answer {
    let written = monitor.written.as_ref();
    let text = written.map_or_else(String::new, |(to, bytes)| {
        let size = format::bytes(*bytes, texts);
        texts.msg(&msg!("monitor-page-written", path = to, size = size)) + "\n"
    });
    Answer {
        schema: "chantier.monitor.page/1",
        data: json!({ "path": written.map(|(to, _)| to), "bytes": written.map(|(_, bytes)| bytes) }),
        text,
    }
}
