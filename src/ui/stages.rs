//! A graph of jobs that wait for each other, left to right: a card per job with its state, lines from what it waits for.

use super::state_mark;
use super::text::{self, Cut, Look};
use super::theme::font;
use super::tokens::{Tokens, measure};
use crate::base::State;
use egui::{Align, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

const CARD: egui::Vec2 = vec2(182.0, 44.0);
const GAP: egui::Vec2 = vec2(28.0, 10.0);
const MARGIN: f32 = 12.0;

/// One job.
pub struct StageNode {
    pub name: String,
    /// The state's word, for those who do not see the shape.
    pub word: String,
    /// The second line: time, attempt.
    pub note: String,
    pub state: State,
    pub column: usize,
    /// Indices of the nodes that it waits for.
    pub needs: Vec<usize>,
}

/// Draws the graph and gives the node that was clicked.
pub fn stages_ui(ui: &mut Ui, id: &str, name: &str, nodes: &[StageNode], selected: Option<usize>) -> Option<usize> {
    let mut clicked = None;
    ScrollArea::both().id_salt(("stages", id)).auto_shrink(false).show(ui, |ui| {
        let n_columns = nodes.iter().map(|node| node.column + 1).max().unwrap_or(0);
        let mut heights = vec![0_usize; n_columns];
        let mut places = Vec::with_capacity(nodes.len());
        for node in nodes {
            let row = &mut heights[node.column];
            places.push(vec2(
                MARGIN + node.column as f32 * (CARD.x + GAP.x),
                MARGIN + *row as f32 * (CARD.y + GAP.y),
            ));
            *row += 1;
        }
        let n_rows = heights.iter().max().copied().unwrap_or(0);
        let size = vec2(
            2.0 * MARGIN + n_columns as f32 * (CARD.x + GAP.x) - GAP.x,
            2.0 * MARGIN + n_rows as f32 * (CARD.y + GAP.y) - GAP.y,
        );
        let (area, response) = ui.allocate_exact_size(size, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Group, true, name));
        let rects: Vec<Rect> = places
            .iter()
            .map(|place| Rect::from_min_size(area.min + *place, CARD))
            .collect();
        edges_ui(ui, nodes, &rects, selected);
        for (at, (node, rect)) in nodes.iter().zip(&rects).enumerate() {
            if card_ui(ui, id, at, node, *rect, selected == Some(at)) {
                clicked = Some(at);
            }
        }
    });
    clicked
}

/// Straight out, up or down in the middle of the gap, and straight in; those of the selected job in the accent's colour above the others.
fn edges_ui(ui: &Ui, nodes: &[StageNode], rects: &[Rect], selected: Option<usize>) {
    let t = Tokens::of(ui);
    let mut lines = Vec::new();
    for (at, node) in nodes.iter().enumerate() {
        for need in node.needs.iter().filter(|need| **need < rects.len()) {
            lines.push((selected == Some(at) || selected == Some(*need), *need, at));
        }
    }
    lines.sort_unstable();
    for (is_marked, from, to) in lines {
        let colour = if is_marked { t.accent.mark } else { t.line_strong };
        let stroke = Stroke::new(if is_marked { 1.5 } else { 1.0 }, colour);
        let (start, end) = (rects[from].right_center(), rects[to].left_center());
        let middle = end.x - GAP.x / 2.0;
        let corners = vec![start, pos2(middle, start.y), pos2(middle, end.y), end];
        ui.painter().line(corners, stroke);
    }
}

fn card_ui(ui: &Ui, id: &str, at: usize, node: &StageNode, rect: Rect, is_selected: bool) -> bool {
    let t = Tokens::of(ui);
    let response = ui.interact(rect, ui.scope_id().with(("stage", id, at)), Sense::click());
    let fill = match (is_selected, response.hovered() || response.has_focus()) {
        (true, _) => t.accent.weak,
        (false, true) => t.surface_2,
        (false, false) => t.surface_1,
    };
    let line = match (is_selected, node.state) {
        (true, _) => t.accent.mark,
        (false, State::Failed) => t.danger.mark,
        _ => t.line_strong,
    };
    ui.painter()
        .rect(rect, measure::RADIUS, fill, Stroke::new(1.0, line), StrokeKind::Inside);
    let inner = rect.shrink2(vec2(10.0, 5.0));
    let upper = Rect::from_min_max(inner.min, pos2(inner.right(), inner.center().y));
    let lower = Rect::from_min_max(pos2(inner.left(), inner.center().y), inner.max);
    state_mark::paint(
        ui.painter(),
        t,
        pos2(upper.left() + 5.0, upper.center().y),
        measure::MARK,
        node.state,
    );
    let name = Look {
        font: font::medium(13.0),
        colour: t.text,
        cut: Cut::Middle,
    };
    text::paint_line(ui, upper.with_min_x(upper.left() + 16.0), &node.name, &name, Align::Min);
    let word = Look {
        font: font::small(),
        colour: state_mark::word_colour(t, node.state),
        cut: Cut::End,
    };
    let used = text::paint_line(ui, lower.with_min_x(lower.left() + 16.0), &node.word, &word, Align::Min);
    let note = Look {
        font: font::small(),
        colour: t.text_weak,
        cut: Cut::End,
    };
    text::paint_line(
        ui,
        lower.with_min_x(lower.left() + 24.0 + used),
        &node.note,
        &note,
        Align::Max,
    );
    let said = format!("{}, {} {}", node.name, node.word, node.note);
    let is_clicked = response.clicked();
    response
        .on_hover_text(said.trim_end())
        .widget_info(|| WidgetInfo::selected(Role::Button, true, is_selected, said.trim_end()));
    is_clicked
}
