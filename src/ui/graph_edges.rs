//! What a canvas draws without feeling it: the dots of the ground, the edges, and the little map.

use super::graph_canvas::{CanvasEdge, CanvasNode, CanvasState, FOOT, GRID, HEAD, ROW, View, WIDTH, height};
use super::tokens::{Tokens, measure};
use crate::base::State;
use egui::{Painter, Pos2, Rect, Shape, Stroke, StrokeKind, Vec2, pos2, vec2};

pub(super) fn grid(painter: &Painter, t: &Tokens, room: Rect, view: &View) {
    let mut step = GRID * view.zoom;
    while step < 14.0 {
        step *= 2.0;
    }
    let (x, y) = (
        (view.origin.x - room.left()).rem_euclid(step),
        (view.origin.y - room.top()).rem_euclid(step),
    );
    let mut at_y = room.top() + y;
    while at_y < room.bottom() {
        let mut at_x = room.left() + x;
        while at_x < room.right() {
            painter.rect_filled(Rect::from_center_size(pos2(at_x, at_y), Vec2::splat(1.0)), 0.0, t.line);
            at_x += step;
        }
        at_y += step;
    }
}

pub(super) fn row_y(rect: Rect, row: usize, zoom: f32) -> f32 {
    rect.top() + (HEAD + FOOT / 2.0 + (row as f32 + 0.5) * ROW) * zoom
}

pub(super) fn edge_ui(
    painter: &Painter,
    t: &Tokens,
    state: &CanvasState,
    nodes: &[CanvasNode],
    rects: &[Rect],
    edge: &CanvasEdge,
    zoom: f32,
) {
    let (Some(from), Some(to)) = (rects.get(edge.from), rects.get(edge.to)) else {
        return;
    };
    let is_chosen = state.selected == Some((edge.from, Some(edge.row))) || state.selected == Some((edge.from, None));
    let is_faint = nodes.get(edge.from).is_some_and(|node| node.is_faint) && nodes.get(edge.to).is_some_and(|node| node.is_faint);
    let colour = if edge.is_wrong {
        t.danger.mark
    } else if is_chosen {
        t.accent.mark
    } else if is_faint {
        t.line
    } else {
        t.neutral.mark
    };
    let stroke = Stroke::new(1.5, colour);
    let start_y = row_y(*from, edge.row, zoom);
    let end_y = to.top() + HEAD * zoom / 2.0;
    // What goes to one node runs together, what goes to another beside it.
    let gap = (14.0 + 7.0 * (edge.to % 8) as f32) * zoom;
    let (start, end, mid) = if edge.from == edge.to {
        (pos2(from.right(), start_y), pos2(to.right(), end_y), from.right() + gap)
    } else if to.left() > from.right() + gap {
        (pos2(from.right(), start_y), pos2(to.left(), end_y), to.left() - gap)
    } else if to.right() < from.left() - gap {
        (pos2(from.left(), start_y), pos2(to.right(), end_y), to.right() + gap)
    } else {
        (
            pos2(from.right(), start_y),
            pos2(to.right(), end_y),
            from.right().max(to.right()) + gap,
        )
    };
    let points = rounded(&[start, pos2(mid, start.y), pos2(mid, end.y), end], 5.0 * zoom);
    if edge.is_wrong {
        painter.extend(Shape::dashed_line(&points, stroke, 3.0, 3.0));
    } else {
        painter.add(Shape::line(points, stroke));
    }
    painter.circle_filled(start, 2.5 * zoom.max(0.6), colour);
    painter.circle(end, 2.5 * zoom.max(0.6), t.surface_1, Stroke::new(1.2, colour));
}

/// Corners cut round.
fn rounded(points: &[Pos2], radius: f32) -> Vec<Pos2> {
    let mut out = Vec::new();
    for (index, at) in points.iter().enumerate() {
        if index == 0 || index + 1 == points.len() {
            out.push(*at);
            continue;
        }
        let (before, after) = (points[index - 1] - *at, points[index + 1] - *at);
        let room = radius.min(before.length() / 2.0).min(after.length() / 2.0);
        if room < 0.5 {
            out.push(*at);
            continue;
        }
        let (a, b) = (*at + before.normalized() * room, *at + after.normalized() * room);
        for step in 0..=4_u8 {
            let share = f32::from(step) / 4.0;
            let (left, right) = (a.lerp(*at, share), at.lerp(b, share));
            out.push(left.lerp(right, share));
        }
    }
    out
}

/// Where one is, when not all of it is in sight.
pub(super) fn minimap(painter: &Painter, t: &Tokens, room: Rect, view: &View, nodes: &[CanvasNode], state: &CanvasState) {
    let mut all = Rect::NOTHING;
    for node in nodes {
        all = all.union(Rect::from_min_size(
            pos2(node.at[0], node.at[1]),
            vec2(WIDTH, height(node.rows.len())),
        ));
    }
    let shown = Rect::from_min_max(view.to_canvas(room.min), view.to_canvas(room.max));
    if !all.is_positive() || shown.contains_rect(all) || room.width() < 360.0 {
        return;
    }
    let map = Rect::from_min_size(pos2(room.left() + 12.0, room.bottom() - 80.0), vec2(116.0, 68.0));
    painter.rect(
        map,
        measure::RADIUS,
        t.surface_0,
        Stroke::new(1.0, t.line_strong),
        StrokeKind::Inside,
    );
    let whole = all.union(shown);
    let scale = (map.width() - 8.0) / whole.width().max(1.0);
    let scale = scale.min((map.height() - 8.0) / whole.height().max(1.0));
    let place = |rect: Rect| {
        let min = map.min + vec2(4.0, 4.0) + (rect.min - whole.min) * scale;
        Rect::from_min_size(min, rect.size() * scale)
    };
    for (index, node) in nodes.iter().enumerate() {
        let rect = Rect::from_min_size(pos2(node.at[0], node.at[1]), vec2(WIDTH, height(node.rows.len())));
        let colour = if state.selected.is_some_and(|(selected, _)| selected == index) {
            t.accent.mark
        } else if node.state == Some(State::Failed) {
            t.danger.mark
        } else {
            t.line_strong
        };
        painter.rect_filled(place(rect), 1.0, colour);
    }
    painter.rect_stroke(
        place(shown).intersect(map),
        1.0,
        Stroke::new(1.0, t.text_weak),
        StrokeKind::Inside,
    );
}
