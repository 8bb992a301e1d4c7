//! The lines of a chart: points in sight, gaps, no more points than there are pixels.

use super::plot::Series;
use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, pos2};

/// From times and values to points of the window.
pub(super) struct Scale {
    pub(super) plot: Rect,
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Scale {
    pub(super) fn x(&self, time: f64) -> f32 {
        self.plot.left() + ((time - self.from) / (self.to - self.from)) as f32 * self.plot.width()
    }

    pub(super) fn y(&self, value: f64) -> f32 {
        self.plot.bottom() - ((value - self.low) / (self.high - self.low).max(1e-12)) as f32 * self.plot.height()
    }

    pub(super) fn at(&self, time: f64, value: f64) -> Pos2 {
        pos2(self.x(time), self.y(value))
    }

    pub(super) fn time(&self, x: f32) -> f64 {
        self.from + f64::from((x - self.plot.left()) / self.plot.width().max(1.0)) * (self.to - self.from)
    }
}

/// The points in sight and one on each side, so that lines reach the border.
pub(super) fn visible(points: &[[f64; 2]], from: f64, to: f64) -> &[[f64; 2]] {
    let first = points.partition_point(|[x, _]| *x < from).saturating_sub(1);
    let last = (points.partition_point(|[x, _]| *x <= to) + 1).min(points.len());
    &points[first.min(last)..last]
}

pub(super) fn nearest(points: &[[f64; 2]], time: f64) -> Option<[f64; 2]> {
    let right = points.partition_point(|[x, _]| *x < time);
    let around = [right.checked_sub(1), Some(right)]
        .into_iter()
        .flatten()
        .filter_map(|i| points.get(i));
    around
        .min_by(|a, b| (a[0] - time).abs().total_cmp(&(b[0] - time).abs()))
        .copied()
}

pub(super) fn draw_series(painter: &Painter, scale: &Scale, series: &Series, colour: Color32) {
    let stroke = Stroke::new(1.6, colour);
    let mut run: Vec<Pos2> = Vec::new();
    let mut last_time = f64::NEG_INFINITY;
    let flush = |run: &mut Vec<Pos2>| {
        if run.len() == 1 {
            painter.circle_filled(run[0], 1.6, colour);
        } else if series.dashed {
            painter.extend(Shape::dashed_line(run, stroke, 4.0, 3.0));
        } else if !run.is_empty() {
            painter.add(Shape::line(run.clone(), stroke));
        }
        run.clear();
    };
    // In one pixel column only the first, the extremes and the last are drawn.
    let mut column: Option<(i32, [Pos2; 4])> = None;
    let settle = |run: &mut Vec<Pos2>, column: &mut Option<(i32, [Pos2; 4])>| {
        if let Some((_, [first, low, high, last])) = column.take() {
            run.push(first);
            for point in [low, high, last] {
                if run.last() != Some(&point) {
                    run.push(point);
                }
            }
        }
    };
    for [time, value] in visible(&series.points, scale.from, scale.to) {
        let is_gap = !value.is_finite()
            || series
                .gap_secs
                .is_some_and(|gap| time - last_time > gap && last_time.is_finite());
        if is_gap {
            settle(&mut run, &mut column);
            flush(&mut run);
        }
        if !value.is_finite() {
            continue;
        }
        last_time = *time;
        let point = scale.at(*time, *value);
        let pixel = point.x.floor() as i32;
        match &mut column {
            Some((at, [_, low, high, last])) if *at == pixel => {
                if point.y > low.y {
                    *low = point;
                }
                if point.y < high.y {
                    *high = point;
                }
                *last = point;
            }
            _ => {
                settle(&mut run, &mut column);
                column = Some((pixel, [point; 4]));
            }
        }
    }
    settle(&mut run, &mut column);
    flush(&mut run);
}
