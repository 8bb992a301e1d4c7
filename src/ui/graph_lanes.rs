//! Paints the lanes of a commit graph for one visible row.

use super::tokens::{Tokens, measure};
use crate::base::graph::GraphRow;
use egui::{Painter, Pos2, Rect, Shape, Stroke, Ui, epaint::CubicBezierShape, pos2};

/// More lanes than this are squeezed into the last one.
const MAX_LANES: u16 = 16;

/// The width of the graph column for so many lanes.
pub fn width(n_lanes: u16) -> f32 {
    f32::from(n_lanes.clamp(1, MAX_LANES)) * measure::LANE
}

/// Paints one row into its cell; the whole height of the row must be given, or the lines have gaps.
pub fn paint(ui: &Ui, cell: Rect, row: &GraphRow) {
    let t = Tokens::of(ui);
    let painter = ui
        .painter()
        .with_clip_rect(cell.expand2(egui::vec2(1.0, 0.0)).intersect(ui.clip_rect()));
    let x_of = |lane: u16| cell.left() + (f32::from(lane.min(MAX_LANES - 1)) + 0.5) * measure::LANE;
    let node = pos2(x_of(row.lane), cell.center().y);
    for line in &row.upper {
        let bend = if line.to == row.lane { Bend::Last } else { Bend::Both };
        let stroke = Stroke::new(2.0, t.lane(usize::from(line.color)));
        curve(
            &painter,
            pos2(x_of(line.from), cell.top()),
            pos2(x_of(line.to), node.y),
            bend,
            stroke,
        );
    }
    for line in &row.lower {
        let bend = if line.from == row.lane { Bend::First } else { Bend::Both };
        let stroke = Stroke::new(2.0, t.lane(usize::from(line.color)));
        curve(
            &painter,
            pos2(x_of(line.from), node.y),
            pos2(x_of(line.to), cell.bottom()),
            bend,
            stroke,
        );
    }
    let colour = t.lane(usize::from(row.color));
    if row.is_merge {
        painter.circle(node, 4.0, t.surface_1, Stroke::new(2.0, colour));
    } else {
        painter.circle(node, 4.5, colour, Stroke::new(1.0, t.surface_1));
    }
}

/// Where a line that changes its lane is level: where it touches the node, or half way.
#[derive(Clone, Copy)]
enum Bend {
    First,
    Last,
    Both,
}

fn curve(painter: &Painter, from: Pos2, to: Pos2, bend: Bend, stroke: Stroke) {
    if (from.x - to.x).abs() < 0.5 {
        painter.line_segment([from, to], stroke);
        return;
    }
    let middle = f32::midpoint(from.y, to.y);
    let points = match bend {
        Bend::First => [from, pos2(f32::midpoint(from.x, to.x), from.y), pos2(to.x, from.y), to],
        Bend::Last => [from, pos2(from.x, to.y), pos2(f32::midpoint(from.x, to.x), to.y), to],
        Bend::Both => [from, pos2(from.x, middle), pos2(to.x, middle), to],
    };
    painter.add(Shape::CubicBezier(CubicBezierShape::from_points_stroke(
        points,
        false,
        super::tokens::CLEAR,
        stroke,
    )));
}
