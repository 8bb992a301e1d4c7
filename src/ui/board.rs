//! Columns of cards that are moved with the pointer or with Shift and the arrows.

use super::board_lane::Lane;
use super::button::{context_menu_ui, icon_button_small};
use super::icons;
use super::keys;
use super::state_mark;
use super::text::{self, Cut, Look};
use super::theme::font;
use super::tokens::{CLEAR, Tokens, measure};
use crate::base::State;
use egui::{
    Align, Area, CornerRadius, Frame, Id, Key, Layout, Margin, Modifiers, Order, Rect, Role, ScrollArea, Sense, Stroke, Ui,
};
use egui::{UiBuilder, Vec2, WidgetInfo, pos2, vec2};
use std::collections::HashMap;
use std::rc::Rc;

/// One column; cards are known by a key (see `table::row_key`).
#[derive(Clone, Debug)]
pub struct BoardColumn {
    pub title: String,
    pub state: State,
    /// Behind the title: `5`, `3 of 4`.
    pub note: String,
    /// More cards than the limit allows.
    pub over_limit: bool,
    /// The same allocation while nothing changes: then nothing is worked out anew.
    pub cards: Rc<[u64]>,
    /// The accessible name of the `+` button; None hides it.
    pub add: Option<String>,
}

impl Default for BoardColumn {
    fn default() -> Self {
        Self {
            title: String::new(),
            state: State::default(),
            note: String::new(),
            over_limit: false,
            cards: Rc::from([]),
            add: None,
        }
    }
}

/// What a board remembers.
#[derive(Clone, Debug, Default)]
pub struct BoardState {
    pub selected: Option<u64>,
    dragging: Option<(u64, Vec2)>,
    /// Of the cards that were drawn, at this width.
    heights: HashMap<u64, f32>,
    width: f32,
    lanes: Vec<Lane>,
    /// The card that gets the keyboard in the next frame.
    focus: Option<u64>,
    /// The card that had the keyboard last; drawn also where it is out of sight.
    focused: Option<u64>,
}

/// A card was put at this place: the index counts without the card itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    pub card: u64,
    pub column: usize,
    pub index: usize,
}

/// What was done on a board.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BoardResponse {
    pub moved: Option<Moved>,
    pub selected: Option<u64>,
    /// A double click or Enter.
    pub activated: Option<u64>,
    /// The `+` of this column.
    pub add: Option<usize>,
}

/// Draws the board into the room that is left. `name` is a card's accessible name, `menu` fills the menu of its right button and of
/// Shift+F10, `card` draws its content.
pub fn board_ui(
    ui: &mut Ui,
    id: &str,
    state: &mut BoardState,
    columns: &[BoardColumn],
    name: impl Fn(u64) -> String,
    mut menu: impl FnMut(&mut Ui, u64),
    mut card: impl FnMut(&mut Ui, u64),
) -> BoardResponse {
    let mut response = BoardResponse::default();
    let id = Id::unique(("ui-board", id));
    let room = ui.available_rect_before_wrap();
    ui.advance_cursor_after_rect(room);
    if room.height() < 48.0 || columns.is_empty() {
        return response;
    }
    let inner = room.shrink2(vec2(12.0, 0.0)).with_min_y(room.top() + 12.0);
    let n = columns.len() as f32;
    let width = ((inner.width() - (n - 1.0) * 8.0) / n).clamp(184.0, 420.0);
    if state.width != width {
        // Titles break elsewhere now.
        state.width = width;
        state.heights.clear();
        state.lanes.clear();
    }
    state.lanes.resize_with(columns.len(), Lane::default);
    let mut drop = None;
    let mut area_ui = ui.new_child(UiBuilder::new().max_rect(inner).id_salt(id));
    ScrollArea::horizontal()
        .auto_shrink([false, false])
        .id_salt("columns")
        .animated(false)
        .show(&mut area_ui, |ui| {
            ui.set_min_width(n * (width + 8.0) - 8.0);
            let left = ui.max_rect().left();
            for (c, column) in columns.iter().enumerate() {
                let rect = Rect::from_min_size(
                    pos2(left + c as f32 * (width + 8.0), inner.top()),
                    vec2(width, inner.height()),
                );
                let place = column_ui(
                    ui,
                    id,
                    state,
                    columns,
                    c,
                    column,
                    rect,
                    &name,
                    &mut menu,
                    &mut card,
                    &mut response,
                );
                drop = drop.or(place.map(|index| (c, index)));
            }
        });
    if let Some((key, grab)) = state.dragging {
        let released = ui.input(|input| input.pointer.any_released() || !input.pointer.any_down());
        let cancelled = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
        if released || cancelled {
            state.dragging = None;
            if let (Some((column, index)), false) = (drop, cancelled) {
                response.moved = Some(Moved {
                    card: key,
                    column,
                    index,
                });
            }
        } else if let Some(pointer) = ui.ctx().pointer_latest_pos() {
            ui.ctx().set_cursor_icon(egui::CursorIcon::Grabbing);
            let area = Area::new(id.with("dragged"))
                .order(Order::Tooltip)
                .interactable(false)
                .fixed_pos(pointer - grab);
            area.show(ui.ctx(), |ui| {
                ui.set_width(width - 16.0);
                frame(Tokens::of(ui), true).show(ui, |ui| {
                    ui.set_width(width - 38.0);
                    card(ui, key);
                });
            });
        }
    }
    response
}

fn frame(t: &Tokens, selected: bool) -> Frame {
    Frame {
        fill: if selected { t.accent.weak } else { t.surface_1 },
        stroke: Stroke::new(1.0, if selected { t.accent.mark } else { t.line }),
        corner_radius: CornerRadius::same(measure::RADIUS),
        inner_margin: Margin::same(10),
        ..Frame::NONE
    }
}

/// Draws a column; where the dragged card would be put, when the pointer is in it.
fn column_ui(
    ui: &mut Ui,
    id: Id,
    state: &mut BoardState,
    columns: &[BoardColumn],
    c: usize,
    column: &BoardColumn,
    rect: Rect,
    name: &impl Fn(u64) -> String,
    menu: &mut dyn FnMut(&mut Ui, u64),
    card: &mut impl FnMut(&mut Ui, u64),
    response: &mut BoardResponse,
) -> Option<usize> {
    let t = Tokens::of(ui);
    ui.painter().rect_filled(
        rect,
        CornerRadius {
            nw: 6,
            ne: 6,
            sw: 0,
            se: 0,
        },
        t.surface_2,
    );
    let head = Rect::from_min_size(rect.min, vec2(rect.width(), 40.0)).shrink2(vec2(10.0, 0.0));
    let mut head_ui = ui.new_child(
        UiBuilder::new()
            .max_rect(head)
            .layout(Layout::left_to_right(Align::Center))
            .id_salt((id, "head", c)),
    );
    head_ui.spacing_mut().item_spacing.x = 7.0;
    let (mark, _) = head_ui.allocate_exact_size(Vec2::splat(measure::MARK), Sense::hover());
    state_mark::paint(head_ui.painter(), t, mark.center(), measure::MARK, column.state);
    let title = text::medium(&mut head_ui, &column.title);
    title.widget_info(|| WidgetInfo::labeled(Role::Heading, true, &column.title));
    let colour = if column.over_limit { t.warning.text } else { t.text_weak };
    text::label(
        &mut head_ui,
        &column.note,
        Look {
            font: font::small(),
            colour,
            cut: Cut::End,
        },
    );
    if let Some(add) = &column.add {
        let place = Rect::from_center_size(pos2(head.right() - 8.0, head.center().y), Vec2::splat(22.0));
        let mut add_ui = ui.new_child(UiBuilder::new().max_rect(place).id_salt((id, "add", c)));
        if icon_button_small(&mut add_ui, icons::ADD, add).clicked() {
            response.add = Some(c);
        }
    }
    let list = Rect::from_min_max(
        pos2(rect.left() + 8.0, rect.top() + 40.0),
        pos2(rect.right() - 8.0, rect.bottom()),
    );
    let pointer = ui
        .ctx()
        .pointer_latest_pos()
        .filter(|at| state.dragging.is_some() && rect.contains(*at));
    let mut drop = pointer.map(|_| 0);
    let mut marker_y = list.top() - 4.0;
    // The bar has the margin at the right, so that it stands beside the cards.
    let with_bar = list.with_max_x(rect.right());
    let mut list_ui = ui.new_child(UiBuilder::new().max_rect(with_bar).id_salt((id, "list", c)));
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .id_salt("cards")
        .animated(false)
        .show_viewport(&mut list_ui, |ui, viewport| {
            let mut lane = std::mem::take(&mut state.lanes[c]);
            lane.follow(&column.cards, measure::SPACE_8, &state.heights);
            let place = |lane: &Lane, index: usize| {
                let top = list.top() + (lane.top(index) - f64::from(viewport.min.y)) as f32;
                Rect::from_min_size(pos2(list.left(), top), vec2(list.width(), lane.height(index)))
            };
            let first = lane.at(f64::from(viewport.min.y));
            let dragged = state
                .dragging
                .and_then(|(key, _)| column.cards.iter().position(|card| *card == key));
            // Cards above the first one in sight are above the pointer too.
            let mut n_others = first - usize::from(dragged.is_some_and(|at| at < first));
            if pointer.is_some() {
                drop = Some(n_others);
            }
            // The one with the keyboard goes on to hear it where it is out of sight.
            let held = [
                state.focus,
                state
                    .focused
                    .filter(|key| ui.memory(|memory| memory.has_focus(id.with(("card", *key))))),
            ];
            let held = held
                .into_iter()
                .flatten()
                .filter_map(|key| column.cards.iter().position(|card| *card == key));
            let held: Vec<usize> = held.collect();
            let before = held.iter().copied().filter(|at| *at < first);
            let mut index = first;
            for at in before {
                card_ui(ui, id, state, columns, c, &mut lane, at, place, name, menu, card, response);
            }
            while index < lane.len() && place(&lane, index).top() <= ui.clip_rect().bottom() {
                let card_rect = card_ui(ui, id, state, columns, c, &mut lane, index, place, name, menu, card, response);
                if dragged != Some(index) {
                    n_others += 1;
                    if pointer.is_some_and(|at| at.y > card_rect.center().y) {
                        drop = Some(n_others);
                        marker_y = card_rect.bottom() + 4.0;
                    }
                }
                index += 1;
            }
            for at in held.into_iter().filter(|at| *at >= index) {
                card_ui(ui, id, state, columns, c, &mut lane, at, place, name, menu, card, response);
            }
            ui.set_min_size(vec2(list.width(), lane.top(lane.len()) as f32 + measure::SPACE_8));
            state.lanes[c] = lane;
        });
    if drop.is_some() {
        ui.painter().hline(list.x_range(), marker_y, Stroke::new(2.0, t.accent.mark));
    }
    drop
}

fn card_ui(
    ui: &mut Ui,
    id: Id,
    state: &mut BoardState,
    columns: &[BoardColumn],
    c: usize,
    lane: &mut Lane,
    index: usize,
    place: impl Fn(&Lane, usize) -> Rect,
    name: &impl Fn(u64) -> String,
    menu: &mut dyn FnMut(&mut Ui, u64),
    card: &mut impl FnMut(&mut Ui, u64),
    response: &mut BoardResponse,
) -> Rect {
    let t = Tokens::of(ui);
    let key = columns[c].cards[index];
    let dragged = state.dragging.is_some_and(|(dragged, _)| dragged == key);
    let expected = place(lane, index);
    let width = expected.width();
    let card_id = id.with(("card", key));
    // The card itself is registered before its content, so that a link on it can be clicked.
    let sensed = ui.interact(expected, card_id, Sense::click_and_drag());
    keys::offer_list(ui, card_id);
    // Never inside the closure: it runs while egui is locked.
    let spoken = name(key);
    sensed.widget_info(|| WidgetInfo::selected(Role::ListItem, true, state.selected == Some(key), &spoken));
    let mut look = frame(t, state.selected == Some(key));
    if dragged {
        look.fill = CLEAR;
    }
    let mut inner = ui.new_child(UiBuilder::new().id_salt(("card", key)).max_rect(expected));
    if dragged {
        inner.multiply_opacity(0.35);
    }
    let shown = look.show(&mut inner, |ui| {
        ui.set_width((width - 22.0).max(20.0));
        card(ui, key);
    });
    let rect = shown.response.rect;
    state.heights.insert(key, rect.height());
    if lane.set_height(index, rect.height()) {
        ui.ctx().request_repaint();
    }
    if sensed.has_focus() {
        state.focused = Some(key);
        keys::ring(ui, rect);
        card_keys(ui, id, state, columns, c, key, card_id, response);
    }
    if state.focus == Some(key) {
        state.focus = None;
        sensed.request_focus();
        ui.scroll_to_rect(rect, None);
    }
    let by_key = sensed.has_focus() && keys::asks_for_menu(ui);
    if sensed.clicked() || sensed.secondary_clicked() || by_key {
        if !by_key {
            sensed.request_focus();
        }
        state.selected = Some(key);
        response.selected = Some(key);
    }
    if sensed.double_clicked() {
        response.activated = Some(key);
    }
    context_menu_ui(&sensed, by_key, card_id, |ui| menu(ui, key));
    if sensed.drag_started() {
        let grab = sensed.interact_pointer_pos().map_or(Vec2::ZERO, |pointer| pointer - rect.min);
        state.dragging = Some((key, grab));
    }
    rect
}

/// Arrows go from card to card, Shift and arrows move the card (Alt and the arrows left and right are the window's way back).
fn card_keys(
    ui: &Ui,
    id: Id,
    state: &mut BoardState,
    columns: &[BoardColumn],
    c: usize,
    key: u64,
    card_id: Id,
    response: &mut BoardResponse,
) {
    let Some(at) = columns[c].cards.iter().position(|card| *card == key) else {
        return;
    };
    let column_at = |dx: i32| usize::try_from(c as i32 + dx).ok().filter(|column| *column < columns.len());
    let row_at = |dy: i32| usize::try_from(at as i32 + dy).unwrap_or(0);
    if let Some((dx, dy)) = keys::arrow(ui, card_id, Modifiers::SHIFT) {
        if let Some(column) = column_at(dx) {
            let others = columns[column].cards.iter().filter(|card| **card != key).count();
            let index = row_at(dy).min(others);
            if column != c || index != at {
                response.moved = Some(Moved {
                    card: key,
                    column,
                    index,
                });
                state.focus = Some(key);
            }
        }
    } else if let Some((dx, dy)) = keys::arrow(ui, card_id, Modifiers::NONE)
        && let Some(column) = column_at(dx)
    {
        let cards = &columns[column].cards;
        if let Some(next) = cards.get(row_at(dy).min(cards.len().saturating_sub(1))) {
            ui.memory_mut(|memory| memory.request_focus(id.with(("card", *next))));
            state.focus = Some(*next);
            ui.ctx().request_repaint();
            state.selected = Some(*next);
            response.selected = Some(*next);
        }
    }
    if ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter)) {
        response.activated = Some(key);
    }
}
