//! A canvas of nodes with rows and of edges between them: pan, zoom, move by the head, connect by dragging a row or the port to a node.
//! Nothing moves by itself: it is drawn again only when somebody does something.

use super::button::context_menu_ui;
use super::graph_edges::{edge_ui, grid, minimap, row_y};
use super::keys;
use super::state_mark;
use super::text::{Cut, line};
use super::theme::font;
use super::tokens::{Tokens, measure};
use crate::base::State;
use egui::{Color32, CursorIcon, FontId, Id, Key, Painter, Pos2, Rect, Role, Sense, Shape, Stroke, StrokeKind, Ui, Vec2};
use egui::{WidgetInfo, pos2, vec2};

pub const WIDTH: f32 = 190.0;
pub(super) const HEAD: f32 = 32.0;
pub(super) const ROW: f32 = 22.0;
pub(super) const FOOT: f32 = 6.0;
pub(super) const GRID: f32 = 20.0;

/// One line of a node.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CanvasRow {
    pub name: String,
    /// At the right, weak.
    pub note: String,
    pub is_wrong: bool,
}

/// One node.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CanvasNode {
    pub title: String,
    pub note: String,
    pub rows: Vec<CanvasRow>,
    /// The left top corner, in points of the canvas.
    pub at: [f32; 2],
    /// The colour of the bar at the top.
    pub lane: Option<usize>,
    /// Drawn with a broken line, and nothing is dragged out of it.
    pub is_outside: bool,
    /// Not what the filter asks for.
    pub is_faint: bool,
    pub state: Option<State>,
}

/// The height of a node with so many rows.
pub fn height(n_rows: usize) -> f32 {
    HEAD + n_rows as f32 * ROW + FOOT
}

/// From a row of a node to another node, by index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CanvasEdge {
    pub from: usize,
    pub row: usize,
    pub to: usize,
    pub is_wrong: bool,
}

/// What a canvas remembers.
#[derive(Clone, Debug)]
pub struct CanvasState {
    pan: Vec2,
    zoom: f32,
    is_fitted: bool,
    drag: Option<Drag>,
    /// Node, and its row if one was chosen.
    pub selected: Option<(usize, Option<usize>)>,
}

impl Default for CanvasState {
    fn default() -> Self {
        Self {
            pan: Vec2::ZERO,
            zoom: 1.0,
            is_fitted: false,
            drag: None,
            selected: None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Drag {
    Move { node: usize, by: Vec2 },
    Connect { node: usize, row: Option<usize> },
}

impl CanvasState {
    /// Shows all of it at the next drawing.
    pub fn fit(&mut self) {
        self.is_fitted = false;
    }

    pub fn zoom(&self) -> f32 {
        self.zoom
    }

    /// Larger or smaller around the middle of the last drawing.
    pub fn zoom_by(&mut self, factor: f32) {
        self.zoom = (self.zoom * factor).clamp(0.2, 2.0);
    }
}

/// What was done on a canvas.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CanvasResponse {
    pub selected: Option<(usize, Option<usize>)>,
    /// A double click or Enter.
    pub activated: Option<(usize, Option<usize>)>,
    /// The node, and where its left top corner is now.
    pub moved: Option<(usize, [f32; 2])>,
    /// The node and row it was dragged from, and the node it was dragged to.
    pub connected: Option<(usize, Option<usize>, usize)>,
    /// The ground was clicked.
    pub cleared: bool,
    /// The ground was clicked twice, at this place of the canvas.
    pub add_at: Option<[f32; 2]>,
    /// The delete key, for what is selected.
    pub remove: bool,
}

pub(super) struct View {
    pub(super) origin: Pos2,
    pub(super) zoom: f32,
}

impl View {
    fn to_screen(&self, at: Pos2) -> Pos2 {
        self.origin + at.to_vec2() * self.zoom
    }

    pub(super) fn to_canvas(&self, at: Pos2) -> Pos2 {
        ((at - self.origin) / self.zoom).to_pos2()
    }

    fn rect(&self, node: &CanvasNode, by: Vec2) -> Rect {
        let min = self.to_screen(pos2(node.at[0], node.at[1]) + by);
        Rect::from_min_size(min, vec2(WIDTH, height(node.rows.len())) * self.zoom)
    }
}

/// The menu of a node, or of one of its rows.
pub type NodeMenu<'a> = &'a dyn Fn(&mut Ui, usize, Option<usize>);

/// Draws the canvas into the room that is left. `name` is its accessible name.
pub fn canvas_ui(
    ui: &mut Ui,
    id: &str,
    name: &str,
    state: &mut CanvasState,
    nodes: &[CanvasNode],
    edges: &[CanvasEdge],
    menu: NodeMenu<'_>,
) -> CanvasResponse {
    let mut response = CanvasResponse::default();
    let t = Tokens::of(ui);
    let id = Id::unique(("ui-canvas", id));
    let room = ui.available_rect_before_wrap();
    ui.advance_cursor_after_rect(room);
    if room.width() < 40.0 || room.height() < 40.0 {
        return response;
    }
    if state.selected.is_some_and(|(node, _)| node >= nodes.len()) {
        state.selected = None;
    }
    let ground = ui.interact(room, id, Sense::click_and_drag());
    ground.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, name));
    if !state.is_fitted {
        fit(state, room, nodes);
    }
    navigate(ui, state, room, &ground);
    let view = View {
        origin: room.min + state.pan,
        zoom: state.zoom,
    };
    let painter = ui.painter().with_clip_rect(room.intersect(ui.clip_rect()));
    grid(&painter, t, room, &view);
    let moving = |index: usize| match state.drag {
        Some(Drag::Move { node, by }) if node == index => by,
        _ => Vec2::ZERO,
    };
    let rects: Vec<Rect> = nodes
        .iter()
        .enumerate()
        .map(|(index, node)| view.rect(node, moving(index)))
        .collect();
    for edge in edges {
        edge_ui(&painter, t, state, nodes, &rects, edge, view.zoom);
    }
    let mut over = None;
    let pointer = ui.ctx().pointer_latest_pos().filter(|at| room.contains(*at));
    for (index, node) in nodes.iter().enumerate() {
        let rect = rects[index];
        if pointer.is_some_and(|at| rect.expand(6.0).contains(at)) {
            over = Some(index);
        }
        if !rect.intersects(room) {
            continue;
        }
        node_ui(ui, &painter, id, state, &mut response, index, node, rect, room, &view, menu);
    }
    follow_drag(ui, &painter, t, state, &mut response, nodes, &rects, over, view.zoom);
    minimap(&painter, t, room, &view, nodes, state);
    if ground.clicked() {
        state.selected = None;
        response.cleared = true;
    }
    if ground.double_clicked()
        && let Some(at) = ground.interact_pointer_pos()
    {
        let at = view.to_canvas(at);
        response.add_at = Some([at.x.round(), at.y.round()]);
    }
    if let Some(selected) = response.selected {
        state.selected = Some(selected);
    }
    response
}

/// So much zoom and pan that everything is in sight, never larger than life.
fn fit(state: &mut CanvasState, room: Rect, nodes: &[CanvasNode]) {
    state.is_fitted = true;
    let mut all = Rect::NOTHING;
    for node in nodes {
        let min = pos2(node.at[0], node.at[1]);
        all = all.union(Rect::from_min_size(min, vec2(WIDTH, height(node.rows.len()))));
    }
    if !all.is_positive() {
        state.pan = vec2(24.0, 24.0);
        return;
    }
    let inner = room.shrink(24.0);
    state.zoom = (inner.width() / all.width())
        .min(inner.height() / all.height())
        .clamp(0.25, 1.0);
    let left_over = inner.size() - all.size() * state.zoom;
    state.pan = vec2(24.0, 24.0) + vec2(left_over.x.max(0.0) / 2.0, left_over.y.max(0.0) / 2.0) - all.min.to_vec2() * state.zoom;
}

fn navigate(ui: &Ui, state: &mut CanvasState, room: Rect, ground: &egui::Response) {
    if ground.dragged() {
        state.pan += ground.drag_delta();
        ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
    }
    let Some(pointer) = ui
        .ctx()
        .pointer_latest_pos()
        .filter(|at| room.contains(*at) && ui.rect_contains_pointer(room))
    else {
        return;
    };
    let (zoom, scroll) = ui.input(|input| (input.zoom_delta(), input.smooth_scroll_delta()));
    if (zoom - 1.0).abs() > f32::EPSILON {
        let new = (state.zoom * zoom).clamp(0.2, 2.0);
        // What is below the pointer stays there.
        let at = pointer - room.min;
        state.pan = at - (at - state.pan) * (new / state.zoom);
        state.zoom = new;
    } else if scroll != Vec2::ZERO {
        state.pan += scroll;
    }
}

fn scaled(font: &FontId, zoom: f32) -> FontId {
    FontId::new((font.size * zoom * 2.0).round() / 2.0, font.family.clone())
}

fn words(ui: &Ui, painter: &Painter, rect: Rect, text: &str, font: &FontId, colour: Color32, is_right: bool) -> f32 {
    let galley = line(ui, text, font.clone(), colour, rect.width().max(8.0), Cut::End);
    let (width, y) = (galley.size().x, rect.center().y - galley.size().y / 2.0);
    let x = if is_right { rect.right() - width } else { rect.left() };
    painter.galley(pos2(x, y), galley, colour);
    width
}

#[expect(clippy::too_many_arguments, reason = "one node of the canvas, drawn in place")]
fn node_ui(
    ui: &Ui,
    painter: &Painter,
    id: Id,
    state: &mut CanvasState,
    response: &mut CanvasResponse,
    index: usize,
    node: &CanvasNode,
    rect: Rect,
    room: Rect,
    view: &View,
    menu: NodeMenu<'_>,
) {
    let t = Tokens::of(ui);
    let zoom = view.zoom;
    let is_selected = state.selected.is_some_and(|(selected, _)| selected == index);
    let is_wrong = node.state == Some(State::Failed);
    let line_colour = match (is_selected, is_wrong) {
        (true, _) => t.accent.mark,
        (_, true) => t.danger.mark,
        _ => t.line_strong,
    };
    let faint = |colour: Color32| {
        if node.is_faint {
            super::tokens::mix(colour, t.surface_1, 0.6)
        } else {
            colour
        }
    };
    painter.rect_filled(rect, measure::RADIUS, t.surface_2);
    if node.is_outside && !is_selected {
        let corners = [
            rect.left_top(),
            rect.right_top(),
            rect.right_bottom(),
            rect.left_bottom(),
            rect.left_top(),
        ];
        painter.extend(Shape::dashed_line(&corners, Stroke::new(1.0, faint(line_colour)), 4.0, 3.0));
    } else {
        painter.rect_stroke(
            rect,
            measure::RADIUS,
            Stroke::new(1.0, faint(line_colour)),
            StrokeKind::Inside,
        );
    }
    if let Some(lane) = node.lane {
        let bar = Rect::from_min_size(rect.min + vec2(10.0, -1.0) * zoom, vec2(26.0, 3.0) * zoom);
        painter.rect_filled(bar, 1.0, faint(t.lane(lane)));
    }
    let head = rect.with_max_y(rect.top() + HEAD * zoom);
    let inner = head.shrink2(vec2(11.0 * zoom, 0.0));
    // The head and its rows are felt where they can be seen.
    let seen = |rect: Rect| rect.intersect(room);
    let about = ui.interact(seen(head), id.with(("node", index)), Sense::click_and_drag());
    about.widget_info(|| WidgetInfo::selected(Role::Button, true, is_selected, &node.title));
    let mut right = inner.right();
    if let Some(mark) = node.state.filter(|state| state.needs_attention()) {
        state_mark::paint(
            painter,
            t,
            pos2(right - 5.0 * zoom, head.center().y),
            measure::MARK * zoom,
            mark,
        );
        right -= 16.0 * zoom;
    }
    if !node.note.is_empty() {
        let at = inner.with_max_x(right).with_min_x(inner.center().x);
        right -= words(
            ui,
            painter,
            at,
            &node.note,
            &scaled(&font::small(), zoom),
            faint(t.text_weak),
            true,
        ) + 8.0 * zoom;
    }
    let title_font = scaled(&font::mono_bold(measure::TEXT_MONO), zoom);
    words(
        ui,
        painter,
        inner.with_max_x(right),
        &node.title,
        &title_font,
        faint(t.text),
        false,
    );
    if about.has_focus() {
        painter.rect_stroke(
            rect.expand(2.0),
            measure::RADIUS,
            Stroke::new(1.5, t.accent.mark),
            StrokeKind::Outside,
        );
    }
    if about.drag_started() {
        state.drag = Some(Drag::Move {
            node: index,
            by: Vec2::ZERO,
        });
    }
    if let Some(Drag::Move { node, by }) = &mut state.drag
        && *node == index
        && about.dragged()
    {
        *by += about.drag_delta() / zoom;
        ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
    }
    let by_key = !node.is_outside && about.has_focus() && keys::asks_for_menu(ui);
    if about.clicked() || about.secondary_clicked() || by_key {
        response.selected = Some((index, None));
    }
    if !node.is_outside {
        context_menu_ui(&about, by_key, about.id, |ui| menu(ui, index, None));
    }
    if about.double_clicked() {
        response.activated = Some((index, None));
    }
    if about.has_focus() && ui.input(|input| input.key_pressed(Key::Delete)) {
        response.selected = Some((index, None));
        response.remove = true;
    }
    if zoom < 0.35 {
        return;
    }
    if !node.rows.is_empty() {
        painter.hline(rect.x_range(), head.bottom(), Stroke::new(1.0, faint(t.line)));
    }
    for (row, content) in node.rows.iter().enumerate() {
        let top = head.bottom() + (row as f32 * ROW + FOOT / 2.0) * zoom;
        let row_rect = Rect::from_min_max(pos2(rect.left() + 1.0, top), pos2(rect.right() - 1.0, top + ROW * zoom));
        if !row_rect.intersects(room) {
            continue;
        }
        let felt = ui.interact(seen(row_rect), id.with(("row", index, row)), Sense::click_and_drag());
        let is_chosen = state.selected == Some((index, Some(row)));
        let name = format!("{} {}", node.title, content.name);
        felt.widget_info(|| WidgetInfo::selected(Role::Button, true, is_chosen, &name));
        let fill = if content.is_wrong {
            Some(t.danger.weak)
        } else if is_chosen {
            Some(t.accent.weak)
        } else if felt.hovered() {
            Some(t.surface_3)
        } else {
            None
        };
        if let Some(fill) = fill {
            painter.rect_filled(row_rect, 0.0, fill);
        }
        let colour = if content.is_wrong { t.danger.text } else { t.text };
        let inner = row_rect.shrink2(vec2(10.0 * zoom, 0.0));
        let note = words(
            ui,
            painter,
            inner.with_min_x(inner.center().x),
            &content.note,
            &scaled(&font::small(), zoom),
            faint(t.text_weak),
            true,
        );
        words(
            ui,
            painter,
            inner.with_max_x(inner.right() - note - 6.0 * zoom),
            &content.name,
            &scaled(&font::body(), zoom),
            faint(colour),
            false,
        );
        let by_key = felt.has_focus() && keys::asks_for_menu(ui);
        if felt.clicked() || felt.secondary_clicked() || by_key {
            response.selected = Some((index, Some(row)));
        }
        context_menu_ui(&felt, by_key, felt.id, |ui| menu(ui, index, Some(row)));
        if felt.double_clicked() {
            response.activated = Some((index, Some(row)));
        }
        if felt.drag_started() && !node.is_outside {
            state.drag = Some(Drag::Connect {
                node: index,
                row: Some(row),
            });
        }
        if felt.has_focus() && ui.input(|input| input.key_pressed(Key::Delete)) {
            response.selected = Some((index, Some(row)));
            response.remove = true;
        }
    }
    if !node.is_outside {
        port_ui(ui, painter, id, state, index, node, rect, zoom);
    }
}

/// The little ring at the right edge of the head: dragged to another node it connects.
#[expect(clippy::too_many_arguments, reason = "one part of a node, drawn in place")]
fn port_ui(ui: &Ui, painter: &Painter, id: Id, state: &mut CanvasState, index: usize, node: &CanvasNode, rect: Rect, zoom: f32) {
    let t = Tokens::of(ui);
    let center = pos2(rect.right(), rect.top() + HEAD * zoom / 2.0);
    let felt = ui.interact(
        Rect::from_center_size(center, Vec2::splat(14.0)),
        id.with(("port", index)),
        Sense::drag(),
    );
    let name = format!("{} →", node.title);
    felt.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    let colour = if felt.hovered() || felt.dragged() {
        t.accent.mark
    } else {
        t.line_strong
    };
    painter.circle(center, 4.0 * zoom.max(0.7), t.surface_1, Stroke::new(1.5, colour));
    if felt.hovered() {
        ui.ctx().set_cursor_icon(CursorIcon::Crosshair);
    }
    if felt.drag_started() {
        state.drag = Some(Drag::Connect { node: index, row: None });
    }
}

#[expect(clippy::too_many_arguments, reason = "what is being dragged, drawn in place")]
fn follow_drag(
    ui: &Ui,
    painter: &Painter,
    t: &Tokens,
    state: &mut CanvasState,
    response: &mut CanvasResponse,
    nodes: &[CanvasNode],
    rects: &[Rect],
    over: Option<usize>,
    zoom: f32,
) {
    let Some(drag) = state.drag else { return };
    let (is_up, is_cancelled) = ui.input(|input| (!input.pointer.any_down(), input.key_pressed(Key::Escape)));
    match drag {
        Drag::Move { node, by } => {
            if is_up && by.length() > 1.0 && !is_cancelled {
                let at = nodes.get(node).map(|node| node.at).unwrap_or_default();
                response.moved = Some((node, [(at[0] + by.x).round(), (at[1] + by.y).round()]));
            }
        }
        Drag::Connect { node, row } => {
            let target = over.filter(|target| *target != node);
            if let (Some(rect), Some(pointer)) = (rects.get(node), ui.ctx().pointer_latest_pos())
                && !is_up
            {
                let y = row.map_or(rect.top() + HEAD * zoom / 2.0, |row| row_y(*rect, row, zoom));
                let start = pos2(
                    if pointer.x < rect.center().x {
                        rect.left()
                    } else {
                        rect.right()
                    },
                    y,
                );
                painter.line_segment([start, pointer], Stroke::new(1.5, t.accent.mark));
                painter.circle_filled(pointer, 3.0, t.accent.mark);
                if let Some(target) = target {
                    painter.rect_stroke(
                        rects[target].expand(2.0),
                        measure::RADIUS,
                        Stroke::new(2.0, t.accent.mark),
                        StrokeKind::Outside,
                    );
                }
                ui.ctx().set_cursor_icon(CursorIcon::Crosshair);
            }
            if is_up && !is_cancelled {
                response.connected = target.map(|target| (node, row, target));
            }
        }
    }
    if is_up || is_cancelled {
        state.drag = None;
    }
}
