//! Stretches of time below each other on one axis: a name, a bar, and the bars without which all would have been shorter marked.

use super::state_mark;
use super::text::{self, Cut, Look};
use super::theme::font;
use super::tokens::{Tokens, measure};
use crate::base::State;
use egui::{Align, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

const ROW: f32 = 24.0;
const INDENT: f32 = 14.0;
/// Width of the durations at the right.
const NOTE: f32 = 76.0;
const MARGIN: f32 = 12.0;
/// Ticks are no nearer to each other.
const TICK_EVERY: f32 = 96.0;

/// One stretch; times from the beginning of the axis.
pub struct Bar {
    pub name: String,
    /// Its duration in words.
    pub note: String,
    /// All of it in words, for hover and readers.
    pub said: String,
    pub depth: usize,
    pub start: f64,
    pub end: f64,
    pub state: State,
    pub is_marked: bool,
}

/// Draws the bars and gives the one that was clicked. `word` says a time of the axis.
pub fn spans_ui(
    ui: &mut Ui,
    id: &str,
    name: &str,
    bars: &[Bar],
    selected: Option<usize>,
    word: impl Fn(f64) -> String,
) -> Option<usize> {
    let total = bars.iter().map(|bar| bar.end).fold(0.0, f64::max).max(1.0);
    let width = ui.available_width();
    let label = (width * 0.3).clamp(140.0, 320.0);
    let chart = (width - label - NOTE - 2.0 * MARGIN).max(60.0);
    let (axis, response) = ui.allocate_exact_size(vec2(width, ROW), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Group, true, name));
    let left = axis.left() + MARGIN + label;
    let ticks = ticks(total, chart);
    let t = Tokens::of(ui);
    let weak = Look {
        font: font::small(),
        colour: t.text_weak,
        cut: Cut::End,
    };
    for tick in &ticks {
        let x = left + (tick / total) as f32 * chart;
        let rect = Rect::from_min_size(pos2(x + 3.0, axis.top()), vec2(TICK_EVERY - 6.0, ROW));
        text::paint_line(ui, rect, &word(*tick), &weak, Align::Min);
    }
    ui.painter().hline(axis.x_range(), axis.bottom(), Stroke::new(1.0, t.line));
    let mut clicked = None;
    ui.spacing_mut().item_spacing.y = 0.0;
    ScrollArea::vertical()
        .id_salt(("spans", id))
        .auto_shrink(false)
        .show_rows(ui, ROW, bars.len(), |ui, rows| {
            for at in rows {
                let (row, response) = ui.allocate_exact_size(vec2(width, ROW), Sense::click());
                for tick in &ticks {
                    let x = left + (tick / total) as f32 * chart;
                    ui.painter().vline(x, row.y_range(), Stroke::new(1.0, t.line));
                }
                let is_selected = selected == Some(at);
                let fill = match (is_selected, response.hovered() || response.has_focus()) {
                    (true, _) => Some(t.accent.weak),
                    (false, true) => Some(t.surface_2),
                    (false, false) => None,
                };
                if let Some(fill) = fill {
                    ui.painter().rect_filled(row, 0.0, fill);
                }
                bar_ui(ui, &bars[at], row, (left, label, chart), total);
                if response.clicked() {
                    clicked = Some(at);
                }
                let said = &bars[at].said;
                response
                    .on_hover_text(said)
                    .widget_info(|| WidgetInfo::selected(Role::Button, true, is_selected, said));
            }
        });
    clicked
}

fn bar_ui(ui: &Ui, bar: &Bar, row: Rect, (left, label, chart): (f32, f32, f32), total: f64) {
    let t = Tokens::of(ui);
    let indent = MARGIN + bar.depth as f32 * INDENT;
    let name_rect = Rect::from_min_max(
        pos2(row.left() + indent, row.top()),
        pos2(row.left() + MARGIN + label - 8.0, row.bottom()),
    );
    let name = Look {
        font: if bar.is_marked { font::medium(13.0) } else { font::body() },
        colour: if bar.is_marked { t.text } else { t.text_weak },
        cut: Cut::Middle,
    };
    let mut text_rect = name_rect;
    if bar.state == State::Failed {
        let centre = pos2(name_rect.left() + 5.0, name_rect.center().y);
        state_mark::paint(ui.painter(), t, centre, measure::MARK, State::Failed);
        text_rect = name_rect.with_min_x(name_rect.left() + 16.0);
    }
    text::paint_line(ui, text_rect, &bar.name, &name, Align::Min);
    let from = left + (bar.start / total) as f32 * chart;
    let to = left + (bar.end / total) as f32 * chart;
    let shape = Rect::from_min_max(pos2(from, row.top() + 6.0), pos2(to.max(from + 2.0), row.bottom() - 6.0));
    let (fill, line) = match (bar.state, bar.is_marked) {
        (State::Failed, _) => (t.danger.weak, t.danger.mark),
        (_, true) => (t.accent.mark, t.accent.mark),
        (_, false) => (t.surface_3, t.line_strong),
    };
    ui.painter()
        .rect(shape, 2.0, fill, Stroke::new(1.0, line), StrokeKind::Inside);
    let note = Look {
        font: font::small(),
        colour: if bar.is_marked { t.text } else { t.text_weak },
        cut: Cut::End,
    };
    let note_rect = Rect::from_min_max(pos2(left + chart + 4.0, row.top()), pos2(row.right() - MARGIN, row.bottom()));
    text::paint_line(ui, note_rect, &bar.note, &note, Align::Max);
}

/// Round times that are far enough from each other.
fn ticks(total: f64, width: f32) -> Vec<f64> {
    let n = f64::from((width / TICK_EVERY).floor().max(1.0));
    let steps = [
        1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1e3, 2e3, 5e3, 1e4, 15e3, 3e4, 6e4, 12e4, 3e5, 6e5, 9e5, 18e5,
        36e5, 72e5, 144e5, 432e5, 864e5,
    ];
    let step = steps.into_iter().find(|step| total / step <= n).unwrap_or(total);
    let mut found = Vec::new();
    let mut at = 0.0;
    while at < total && found.len() < 64 {
        found.push(at);
        at += step;
    }
    found
}
