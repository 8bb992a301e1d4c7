//! A chart over time: series, flags, bands, read-out under the pointer, zoom by dragging, a legend that hides series.
//! Painted directly: it stands still between events and draws no more points than there are pixels.

use super::button::Button;
use super::chart_draw::{Scale, draw_series, nearest, visible};
use super::chart_scale::{moment_text, ticks, time_ticks, value_text};
use super::state_mark;
use super::text::{self, Cut};
use super::theme::font;
use super::tokens::{Tokens, measure};
use crate::base::State;
use egui::{
    Align, Align2, Color32, CornerRadius, Id, Layout, Rect, Role, Sense, Shape, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo,
    pos2, vec2,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A name in the legend is cut beyond this width.
const LEGEND_MAX: f32 = 160.0;
/// Charts side by side have their first moment at one place as long as their values are no longer than this.
const LABELS: f32 = 40.0;
/// A band that covers more of what is shown is a strip of `FOOT` points.
const MOST_OF_PLOT: f32 = 0.5;
const FOOT: f32 = 16.0;

/// One line. Points are seconds since 1970 and a value, ascending; a value that is not finite is a gap.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    pub name: String,
    /// Index into the lane colours.
    pub lane: usize,
    pub dashed: bool,
    pub points: Vec<[f64; 2]>,
    /// Points farther apart than this are not joined.
    pub gap_secs: Option<f64>,
}

impl Series {
    pub fn new(name: impl Into<String>, lane: usize, points: Vec<[f64; 2]>) -> Self {
        Self {
            name: name.into(),
            lane,
            points,
            ..Self::default()
        }
    }

    /// The second series of a chart: told from the first without its colour.
    pub fn dashed(mut self) -> Self {
        self.dashed = true;
        self
    }

    pub fn gap_secs(mut self, secs: f64) -> Self {
        self.gap_secs = Some(secs);
        self
    }
}

/// Something that happened: a flag at a moment, or a band from one to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Marker {
    pub at: f64,
    pub until: Option<f64>,
    pub label: String,
    /// A deployment: the flag is filled.
    pub accent: bool,
    /// The state of a band: an incident is degraded or failed.
    pub state: State,
}

impl Marker {
    pub fn flag(at: f64, label: impl Into<String>, accent: bool) -> Self {
        Self {
            at,
            until: None,
            label: label.into(),
            accent,
            state: State::None,
        }
    }

    pub fn band(from: f64, until: f64, label: impl Into<String>, state: State) -> Self {
        Self {
            at: from,
            until: Some(until),
            label: label.into(),
            accent: false,
            state,
        }
    }
}

/// What charts remember; charts that are given the same one zoom together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChartState {
    /// Names of series that are hidden.
    pub hidden: BTreeSet<String>,
    /// Seconds since 1970.
    pub zoom: Option<(f64, f64)>,
    #[serde(skip)]
    drag_from: Option<f64>,
}

/// What was done in a chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChartResponse {
    pub zoom_changed: bool,
    pub hidden_changed: bool,
    /// The marker that was clicked.
    pub marker: Option<usize>,
}

/// Describes a chart.
pub struct Chart<'a> {
    id: Id,
    title: &'a str,
    unit: &'a str,
    series: &'a [Series],
    markers: &'a [Marker],
    range: (f64, f64),
    height: f32,
    from_zero: bool,
    limit: Option<(f64, String)>,
    value: Option<Box<dyn Fn(f64) -> String + 'a>>,
    group: Id,
}

impl<'a> Chart<'a> {
    /// `range` is the time that is shown when nothing is zoomed, in seconds since 1970.
    pub fn new(id: &str, title: &'a str, unit: &'a str, range: (f64, f64), series: &'a [Series]) -> Self {
        Self {
            id: Id::unique(("ui-chart", id)),
            title,
            unit,
            series,
            markers: &[],
            range,
            height: 200.0,
            from_zero: true,
            limit: None,
            value: None,
            group: Id::unique("ui-chart-group"),
        }
    }

    pub fn markers(mut self, markers: &'a [Marker]) -> Self {
        self.markers = markers;
        self
    }

    pub fn height(mut self, height: f32) -> Self {
        self.height = height.max(60.0);
        self
    }

    /// The axis starts near the smallest value, not at zero.
    pub fn not_from_zero(mut self) -> Self {
        self.from_zero = false;
        self
    }

    /// A line that should not be crossed.
    pub fn limit(mut self, value: f64, label: impl Into<String>) -> Self {
        self.limit = Some((value, label.into()));
        self
    }

    /// How a value is written in the read-out and at the axis: `84 MB`.
    pub fn value(mut self, value: impl Fn(f64) -> String + 'a) -> Self {
        self.value = Some(Box::new(value));
        self
    }

    pub fn show(self, ui: &mut Ui, state: &mut ChartState) -> ChartResponse {
        let mut response = ChartResponse::default();
        let width = ui.available_width().max(40.0);
        let (rect, _) = ui.allocate_exact_size(vec2(width, self.height), Sense::hover());
        if !ui.is_rect_visible(rect) {
            return response;
        }
        let head = Rect::from_min_size(rect.min, vec2(width, 20.0));
        let head_bottom = self.head_ui(ui, head, state, &mut response);
        let t = Tokens::of(ui);
        let texts = text::catalog(ui.ctx());
        let (from, to) = state.zoom.unwrap_or(self.range);
        let to = to.max(from + 1.0);
        let body = Rect::from_min_max(
            pos2(rect.left(), head_bottom + 20.0),
            pos2(rect.right(), rect.bottom() - 20.0),
        );
        if body.height() < 16.0 {
            return response;
        }
        let (low, high) = self.values(state, from, to);
        let (step, marks) = ticks(low, high, (body.height() / 48.0).max(2.0) as usize);
        let say = |v: f64| {
            self.value
                .as_ref()
                .map_or_else(|| value_text(v, step, &texts), |value| value(v))
        };
        let label_font = font::regular(measure::TEXT_CHART);
        let labels: Vec<_> = marks
            .iter()
            .map(|v| (*v, ui.painter().layout_no_wrap(say(*v), label_font.clone(), t.text_weak)))
            .collect();
        let label_width = labels.iter().map(|(_, galley)| galley.size().x).fold(LABELS, f32::max);
        let plot = body
            .with_min_x((body.left() + label_width + 8.0).min(body.right() - 10.0))
            .with_max_x(body.right() - 6.0);
        let (low, high) = (marks.first().copied().unwrap_or(low), marks.last().copied().unwrap_or(high));
        let scale = Scale {
            plot,
            from,
            to,
            low,
            high,
        };
        let painter = ui.painter_at(rect);
        self.bands(ui, &scale);
        for (v, galley) in labels {
            let y = scale.y(v);
            painter.hline(plot.x_range(), y, Stroke::new(1.0, t.line));
            painter.galley(
                pos2(plot.left() - 8.0 - galley.size().x, y - galley.size().y / 2.0),
                galley,
                t.text_weak,
            );
        }
        for (x, words) in time_ticks(from, to, (plot.width() / 76.0).max(1.0) as usize, &text::catalog(ui.ctx())) {
            let galley = ui.painter().layout_no_wrap(words, label_font.clone(), t.text_weak);
            // The first and the last stand inside, whole.
            let half = galley.size().x / 2.0;
            let middle = scale.x(x).min(rect.right() - half).max(rect.left() + half);
            painter.galley(pos2(middle - half, plot.bottom() + 4.0), galley, t.text_weak);
        }
        if let Some((limit, _)) = &self.limit {
            let y = scale.y(*limit);
            let ends = [pos2(plot.left(), y), pos2(plot.right(), y)];
            painter.extend(Shape::dashed_line(&ends, Stroke::new(1.0, t.danger.mark), 3.0, 3.0));
        }
        if !self
            .shown(state)
            .any(|series| visible(&series.points, from, to).iter().any(|[_, v]| v.is_finite()))
        {
            let words = text::tr(ui, "ui-chart-nothing");
            painter.text(plot.center(), Align2::CENTER_CENTER, words, font::small(), t.text_weak);
        }
        let clipped = ui.painter_at(plot.expand2(vec2(0.0, 2.0)));
        for series in self.shown(state) {
            draw_series(&clipped, &scale, series, t.lane(series.lane));
        }
        self.flags(ui, &scale, &mut response);
        self.pointer_ui(ui, state, &scale, &say, &mut response);
        response
    }

    fn shown<'s>(&'s self, state: &'s ChartState) -> impl Iterator<Item = &'a Series> + 's {
        self.series.iter().filter(|series| !state.hidden.contains(&series.name))
    }

    /// The smallest and the largest value that is in sight.
    fn values(&self, state: &ChartState, from: f64, to: f64) -> (f64, f64) {
        let points = self
            .shown(state)
            .flat_map(|series| visible(&series.points, from, to))
            .map(|[_, v]| *v);
        let (mut low, mut high) = points
            .filter(|v| v.is_finite())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
        if let Some((limit, _)) = &self.limit {
            high = high.max(*limit);
        }
        if !low.is_finite() || !high.is_finite() {
            return (0.0, 1.0);
        }
        if self.from_zero {
            low = low.min(0.0);
            high = high.max(0.0);
        }
        if high - low < 1e-9 {
            (low, low + low.abs().max(1.0))
        } else {
            (low, high)
        }
    }

    /// Title, unit and legend; where they end. A legend that finds no room beside the title stands below it, in as many lines
    /// as it takes.
    fn head_ui(&self, ui: &mut Ui, rect: Rect, state: &mut ChartState, response: &mut ChartResponse) -> f32 {
        let mut right = ui.new_child(
            UiBuilder::new()
                .max_rect(rect)
                .layout(Layout::right_to_left(Align::Center))
                .id_salt((self.id, "head")),
        );
        right.spacing_mut().item_spacing.x = measure::SPACE_16;
        if state.zoom.is_some() {
            let reset = text::tr(ui, "ui-chart-reset");
            if right.add(Button::new(&reset).small().bare()).clicked() {
                state.zoom = None;
                response.zoom_changed = true;
            }
        }
        let weak = Tokens::of(ui).text_weak;
        let width_of = |name: &str| text::line(ui, name, font::small(), weak, LEGEND_MAX, Cut::Middle).size().x;
        let needed: f32 = self
            .series
            .iter()
            .map(|series| width_of(&series.name) + 18.0 + measure::SPACE_16)
            .sum();
        let bottom = if needed <= rect.width() * 0.62 {
            for series in self.series.iter().rev() {
                entry_ui(&mut right, series, state, response);
            }
            rect.bottom()
        } else {
            let below = Rect::from_min_size(rect.left_bottom(), vec2(rect.width(), 18.0));
            let mut lines = ui.new_child(
                UiBuilder::new()
                    .max_rect(below)
                    .layout(Layout::left_to_right(Align::Center).with_main_wrap(true))
                    .id_salt((self.id, "legend")),
            );
            lines.spacing_mut().item_spacing = vec2(measure::SPACE_16, 2.0);
            for series in self.series {
                entry_ui(&mut lines, series, state, response);
            }
            lines.min_rect().bottom()
        };
        let words = Rect::from_min_max(
            rect.min,
            pos2((right.min_rect().left() - 8.0).max(rect.left()), rect.bottom()),
        );
        let mut left = ui.new_child(
            UiBuilder::new()
                .max_rect(words)
                .layout(Layout::left_to_right(Align::Center))
                .id_salt((self.id, "title")),
        );
        text::medium(&mut left, self.title);
        if !self.unit.is_empty() {
            text::small(&mut left, self.unit);
        }
        bottom
    }

    fn bands(&self, ui: &Ui, scale: &Scale) {
        let t = Tokens::of(ui);
        let painter = ui.painter_at(scale.plot);
        for marker in self.markers {
            let Some(until) = marker.until else { continue };
            let band = Rect::from_x_y_ranges(scale.x(marker.at)..=scale.x(until), scale.plot.y_range());
            // What lasts for most of what is shown is a strip at the foot: the lines are what one looks at.
            let is_most = band.intersect(scale.plot).width() > scale.plot.width() * MOST_OF_PLOT;
            let filled = if is_most {
                band.with_min_y(scale.plot.bottom() - FOOT)
            } else {
                band
            };
            painter.rect_filled(filled, 0.0, t.warning.weak);
            state_mark::paint(
                &painter,
                t,
                pos2(band.intersect(scale.plot).center().x, scale.plot.bottom() - 8.0),
                9.0,
                marker.state,
            );
            let response = ui.interact(
                band.intersect(scale.plot),
                self.id.with(("band", marker.at.to_bits())),
                Sense::hover(),
            );
            response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &marker.label));
        }
    }

    fn flags(&self, ui: &Ui, scale: &Scale, response: &mut ChartResponse) {
        let t = Tokens::of(ui);
        let mut free_from = f32::NEG_INFINITY;
        for (i, marker) in self.markers.iter().enumerate().filter(|(_, marker)| marker.until.is_none()) {
            let x = scale.x(marker.at);
            if !scale.plot.x_range().contains(x) {
                continue;
            }
            let line = if marker.accent { t.accent.mark } else { t.text_weak };
            let ends = [pos2(x, scale.plot.top() - 4.0), pos2(x, scale.plot.bottom())];
            ui.painter()
                .extend(Shape::dashed_line(&ends, Stroke::new(1.0, line), 3.0, 3.0));
            let (fill, colour) = if marker.accent {
                (t.accent_fill, t.on_accent)
            } else {
                (t.surface_3, t.text)
            };
            let galley = text::line(
                ui,
                &marker.label,
                font::medium(measure::TEXT_CHART),
                colour,
                120.0,
                Cut::Middle,
            );
            let width = galley.size().x + 8.0;
            // A flag that would cover the one before it is only its line.
            let left = (x + 2.0).min(scale.plot.right() - width);
            if left < free_from {
                continue;
            }
            free_from = left + width + 2.0;
            let flag = Rect::from_min_size(pos2(left, scale.plot.top() - 18.0), vec2(width, 15.0));
            ui.painter().rect_filled(flag, measure::RADIUS_BAR, fill);
            ui.painter().galley(flag.center() - galley.size() / 2.0, galley, colour);
            let click = ui.interact(flag, self.id.with(("flag", i)), Sense::click());
            click.widget_info(|| WidgetInfo::labeled(Role::Button, true, &marker.label));
            if click.on_hover_text(&marker.label).clicked() {
                response.marker = Some(i);
            }
        }
    }

    /// Cross line, read-out, zoom.
    fn pointer_ui(&self, ui: &Ui, state: &mut ChartState, scale: &Scale, say: &dyn Fn(f64) -> String, out: &mut ChartResponse) {
        let t = Tokens::of(ui);
        let body = ui.interact(scale.plot, self.id, Sense::CLICK | Sense::DRAG);
        let spoken = self.spoken(state, say);
        body.widget_info(|| WidgetInfo::labeled(Role::Image, true, &spoken));
        if body.double_clicked() {
            out.zoom_changed = state.zoom.take().is_some();
            state.drag_from = None;
        }
        let pointer = body.interact_pointer_pos().or(body.hover_pos());
        if body.drag_started() {
            let origin = ui.input(|input| input.pointer.press_origin()).or(pointer);
            state.drag_from = origin.map(|at| scale.time(at.x));
        }
        if let Some(start) = state.drag_from.filter(|_| body.dragged() || body.drag_stopped()) {
            let end = pointer.map_or(start, |at| scale.time(at.x.clamp(scale.plot.left(), scale.plot.right())));
            let (a, b) = (start.min(end), start.max(end));
            let band = Rect::from_x_y_ranges(scale.x(a)..=scale.x(b), scale.plot.y_range());
            ui.painter().rect(
                band,
                0.0,
                t.accent.weak.gamma_multiply(0.7),
                Stroke::new(1.0, t.accent.mark),
                StrokeKind::Inside,
            );
            if body.drag_stopped() {
                state.drag_from = None;
                if band.width() > 6.0 && b - a >= 1.0 {
                    state.zoom = Some((a, b));
                    out.zoom_changed = true;
                }
            }
            return;
        }
        let pass = ui.ctx().cumulative_pass_nr();
        if let Some(at) = body.hover_pos() {
            let time = scale.time(at.x);
            ui.data_mut(|data| data.insert_temp(self.group, (time, pass)));
            self.read_out(ui, state, scale, time, say, true);
        } else if let Some((time, seen)) = ui.data(|data| data.get_temp::<(f64, u64)>(self.group)) {
            // Another chart of the page is under the pointer: the same moment here.
            if pass.saturating_sub(seen) <= 1 && time >= scale.from && time <= scale.to {
                self.read_out(ui, state, scale, time, say, false);
            }
        }
    }

    fn read_out(&self, ui: &Ui, state: &ChartState, scale: &Scale, time: f64, say: &dyn Fn(f64) -> String, with_box: bool) {
        let t = Tokens::of(ui);
        let x = scale.x(time);
        ui.painter().vline(x, scale.plot.y_range(), Stroke::new(1.0, t.line_strong));
        let mut lines = Vec::new();
        for series in self.shown(state) {
            let Some([at, v]) = nearest(&series.points, time).filter(|[at, v]| v.is_finite() && (scale.x(*at) - x).abs() < 12.0)
            else {
                continue;
            };
            ui.painter()
                .circle(scale.at(at, v), 3.0, t.lane(series.lane), Stroke::new(1.0, t.surface_1));
            lines.push((t.lane(series.lane), series.name.clone(), say(v)));
        }
        if !with_box {
            return;
        }
        let small = |words: &str, colour: Color32| ui.painter().layout_no_wrap(words.to_owned(), font::small(), colour);
        let title = small(
            &moment_text(time, scale.to - scale.from, &text::catalog(ui.ctx())),
            t.text_weak,
        );
        let rows: Vec<_> = lines
            .into_iter()
            .map(|(lane, name, value)| (lane, small(&name, t.text_weak), small(&value, t.text)))
            .collect();
        let width = rows
            .iter()
            .map(|(_, name, value)| name.size().x + value.size().x + 34.0)
            .fold(title.size().x, f32::max);
        let size = vec2(width + 16.0, 24.0 + rows.len() as f32 * 17.0);
        let left = if x + 12.0 + size.x < scale.plot.right() {
            x + 12.0
        } else {
            (x - 12.0 - size.x).max(scale.plot.left())
        };
        let place = Rect::from_min_size(pos2(left, scale.plot.top() + 4.0), size);
        let painter = ui
            .ctx()
            .layer_painter(egui::LayerId::new(egui::Order::Tooltip, self.id.with("read-out")));
        painter.rect(
            place,
            CornerRadius::same(measure::RADIUS),
            t.surface_2,
            Stroke::new(1.0, t.line_strong),
            StrokeKind::Inside,
        );
        painter.galley(place.min + vec2(8.0, 5.0), title, t.text_weak);
        let mut y = place.top() + 22.0;
        for (lane, name, value) in rows {
            painter.rect_filled(
                Rect::from_min_size(pos2(place.left() + 8.0, y + 4.0), vec2(8.0, 8.0)),
                2.0,
                lane,
            );
            painter.galley(pos2(place.left() + 22.0, y), name, t.text_weak);
            painter.galley(pos2(place.right() - 8.0 - value.size().x, y), value, t.text);
            y += 17.0;
        }
    }

    /// The chart in words: its title and the newest value of each series.
    fn spoken(&self, state: &ChartState, say: &dyn Fn(f64) -> String) -> String {
        let newest = |series: &Series| series.points.iter().rev().find(|[_, v]| v.is_finite()).map(|[_, v]| say(*v));
        let values = self
            .shown(state)
            .filter_map(|series| Some(format!("{} {}", series.name, newest(series)?)));
        std::iter::once(format!("{} {}", self.title, self.unit).trim().to_owned())
            .chain(values)
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// One series in the legend: a click hides or shows it.
fn entry_ui(ui: &mut Ui, series: &Series, state: &mut ChartState, response: &mut ChartResponse) {
    let t = Tokens::of(ui);
    let hidden = state.hidden.contains(&series.name);
    let colour = if hidden { t.line_strong } else { t.text_weak };
    let galley = text::line(ui, &series.name, font::small(), colour, LEGEND_MAX, Cut::Middle);
    let (cell, entry) = ui.allocate_exact_size(vec2(galley.size().x + 18.0, 18.0), Sense::click());
    entry.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, !hidden, &series.name));
    let stroke = Stroke::new(2.0, if hidden { t.line_strong } else { t.lane(series.lane) });
    let ends = [pos2(cell.left(), cell.center().y), pos2(cell.left() + 13.0, cell.center().y)];
    if series.dashed {
        ui.painter().extend(Shape::dashed_line(&ends, stroke, 4.0, 3.0));
    } else {
        ui.painter().line_segment(ends, stroke);
    }
    let at = pos2(cell.left() + 18.0, cell.center().y - galley.size().y / 2.0);
    ui.painter().galley(at, galley, colour);
    if entry.has_focus() {
        let around = Stroke::new(1.5, t.accent.mark);
        ui.painter().rect_stroke(cell.expand(2.0), 3.0, around, StrokeKind::Outside);
    }
    if entry.clicked() {
        if !state.hidden.remove(&series.name) {
            state.hidden.insert(series.name.clone());
        }
        response.hidden_changed = true;
    }
}
