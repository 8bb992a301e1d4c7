//! A table of up to a million rows: only the visible ones are laid out. Sorting and filtering stay with the caller.

pub use super::table_parts::{Column, GroupRow, TableResponse};
pub use super::table_state::{Sort, TableState, row_key};

use super::button::context_menu_ui;
use super::icons;
use super::keys;
use super::table_far::Far;
use super::table_parts::{columns_menu_ui, group_row_ui};
use super::text::{self, Cut, Look};
use super::theme::font;
use super::tokens::{Tokens, measure};
use egui::{
    Align, CursorIcon, Id, Layout, Popup, PopupCloseBehavior, Rect, Response, Role, ScrollArea, Sense, Stroke, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};

/// Between two columns.
const GAP: f32 = 12.0;
/// More of it between a number and the text behind it, which would be read as one.
const GAP_AFTER_NUMBER: f32 = 20.0;
/// The column that takes the room that is left keeps so much of it, or half of a table that has less: it has the names.
const FILL_MIN: f32 = 140.0;

type RowText<'a> = Box<dyn Fn(usize) -> String + 'a>;

/// Describes a table; `show` draws it.
pub struct Table<'a> {
    id: Id,
    name: &'a str,
    columns: &'a [Column],
    n_rows: usize,
    row_height: f32,
    header: bool,
    multi: bool,
    label: RowText<'a>,
    key: Box<dyn Fn(usize) -> u64 + 'a>,
    copy: Option<RowText<'a>>,
    group: Option<Box<dyn Fn(usize) -> Option<GroupRow> + 'a>>,
    menu: Option<Box<dyn FnMut(&mut Ui, usize) + 'a>>,
    /// The keys asked for the menu of the row with the cursor.
    menu_asked: bool,
}

impl<'a> Table<'a> {
    /// `name` is the table's accessible name.
    pub fn new(id: &str, name: &'a str, columns: &'a [Column], n_rows: usize) -> Self {
        Self {
            id: Id::unique(("ui-table", id)),
            name,
            columns,
            n_rows,
            row_height: measure::ROW,
            header: true,
            multi: true,
            label: Box::new(|row| (row + 1).to_string()),
            key: Box::new(|row| row as u64),
            copy: None,
            group: None,
            menu: None,
            menu_asked: false,
        }
    }

    pub fn row_height(mut self, height: f32) -> Self {
        self.row_height = height.max(12.0);
        self
    }

    pub fn dense(self) -> Self {
        self.row_height(measure::ROW_DENSE)
    }

    pub fn no_header(mut self) -> Self {
        self.header = false;
        self
    }

    /// One row at a time.
    pub fn single(mut self) -> Self {
        self.multi = false;
        self
    }

    /// The accessible name of a row: its name and what matters, `meteo-api, running`.
    pub fn label(mut self, label: impl Fn(usize) -> String + 'a) -> Self {
        self.label = Box::new(label);
        self
    }

    /// What a row is, whatever the order: selection follows it. See `table_state::row_key`.
    pub fn key(mut self, key: impl Fn(usize) -> u64 + 'a) -> Self {
        self.key = Box::new(key);
        self
    }

    /// What Ctrl+C copies for a row; its label when not given.
    pub fn copy(mut self, copy: impl Fn(usize) -> String + 'a) -> Self {
        self.copy = Some(Box::new(copy));
        self
    }

    /// Which rows are group rows.
    pub fn groups(mut self, group: impl Fn(usize) -> Option<GroupRow> + 'a) -> Self {
        self.group = Some(Box::new(group));
        self
    }

    /// The context menu of a row; fill it with `action::menu_ui`.
    pub fn menu(mut self, menu: impl FnMut(&mut Ui, usize) + 'a) -> Self {
        self.menu = Some(Box::new(menu));
        self
    }

    /// Draws into the room that is left. `cell(ui, row, column)` draws one cell in a horizontal layout of its own.
    pub fn show(mut self, ui: &mut Ui, state: &mut TableState, mut cell: impl FnMut(&mut Ui, usize, usize)) -> TableResponse {
        let mut response = TableResponse::default();
        let room = ui.available_rect_before_wrap();
        let (places, total_width) = self.places(state, room.width());
        let header_height = if self.header {
            measure::ROW_HEADER.min(room.height().max(0.0))
        } else {
            0.0
        };
        let header_rect = Rect::from_min_size(room.min, vec2(room.width(), header_height));
        let body = Rect::from_min_max(pos2(room.left(), header_rect.bottom()), room.max);
        ui.advance_cursor_after_rect(room);
        if body.height() < 1.0 || body.width() < 1.0 {
            return response;
        }
        let focus = ui.interact(body, self.id, Sense::focusable_noninteractive());
        keys::offer_list(ui, self.id);
        focus.widget_info(|| WidgetInfo::labeled(Role::Table, true, self.name));
        self.menu_asked = self.menu.is_some() && focus.has_focus() && keys::asks_for_menu(ui);
        let scroll_to = self.keyboard(ui, state, &focus, &mut response);

        let height = self.row_height;
        let mut area_ui = ui.new_child(UiBuilder::new().max_rect(body).id_salt(self.id));
        area_ui.spacing_mut().item_spacing = vec2(measure::ICON_GAP, 0.0);
        area_ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Truncate);
        let mut area = ScrollArea::both().auto_shrink([false, false]).id_salt("rows").animated(false);
        let far = Far::new(self.n_rows as f64 * f64::from(height), f64::from(body.height()));
        if let Some(offset) = scroll_to {
            state.offset = offset;
        }
        // A short list scrolls by itself; in a far one this table says where it is.
        if far.is_far() || scroll_to.is_some() {
            state.offset = state.offset.clamp(0.0, far.max_offset());
            area = area.vertical_scroll_offset(far.shown(state.offset));
        }
        let exact = far.is_far().then_some(state.offset);
        let output = area.show_viewport(&mut area_ui, |ui, viewport| {
            ui.set_min_size(vec2(total_width, far.shown_height()));
            let offset = exact.unwrap_or_else(|| f64::from(viewport.min.y.max(0.0)));
            let first = (offset / f64::from(height)).floor() as usize;
            let n_visible = (body.height() / height).ceil() as usize + 1;
            for row in first..(first + n_visible).min(self.n_rows) {
                // In f64, or rows a million down would tremble.
                let top =
                    body.top() + (row as f64 * f64::from(height) - exact.unwrap_or_else(|| f64::from(viewport.min.y))) as f32;
                let left = body.left() - viewport.min.x;
                let rect = Rect::from_min_size(pos2(left, top), vec2(total_width.max(body.width()), height));
                self.row_ui(ui, state, row, rect, &places, focus.has_focus(), &mut response, &mut cell);
            }
        });
        let shown = output.state.clamped_offset().y;
        state.offset = exact.map_or_else(|| f64::from(shown), |offset| far.follow(offset, shown));
        state.view_height = body.height();
        if self.header {
            self.header_ui(
                ui,
                state,
                header_rect,
                &places,
                output.state.clamped_offset().x,
                &mut response,
            );
        }
        response
    }

    /// Index, left edge (from the left of the table) and width of every visible column, and the width of all.
    fn places(&self, state: &TableState, room: f32) -> (Vec<(usize, f32, f32)>, f32) {
        let mut shown: Vec<(usize, f32)> = Vec::with_capacity(self.columns.len());
        for (i, column) in self.columns.iter().enumerate() {
            if !state.is_hidden(column) {
                let width = state
                    .widths
                    .get(column.id)
                    .copied()
                    .unwrap_or(column.width)
                    .max(column.min_width);
                shown.push((i, width));
            }
        }
        let aligned: Vec<Align> = shown.iter().map(|(i, _)| self.columns[*i].align).collect();
        let gap_after = |n: usize| match (aligned[n], aligned.get(n + 1)) {
            (Align::Max, Some(Align::Min)) => GAP_AFTER_NUMBER,
            (_, Some(_)) => GAP,
            (_, None) => 0.0,
        };
        let gaps = (0..shown.len()).map(gap_after).sum::<f32>() + 2.0 * measure::GUTTER;
        let used = gaps + shown.iter().map(|(_, width)| width).sum::<f32>();
        let least = |i: usize| {
            let column = &self.columns[i];
            let kept = if column.fill { FILL_MIN.min(room * 0.5) } else { 0.0 };
            column.min_width.max(kept)
        };
        if let Some((i, width)) = shown.iter_mut().find(|(i, _)| self.columns[*i].fill) {
            *width = (*width + room - used).max(least(*i));
        }
        // A little too wide: every column that nobody resized gives a little, before anything has to be scrolled.
        let missing = gaps + shown.iter().map(|(_, width)| width).sum::<f32>() - room;
        let spare = |i: usize, width: f32| {
            let column = &self.columns[i];
            let resized = state.widths.contains_key(column.id);
            if resized {
                0.0
            } else {
                (width - least(i).max(width * 0.72)).max(0.0)
            }
        };
        let can_give: f32 = shown.iter().map(|(i, width)| spare(*i, *width)).sum();
        if missing > 0.0 && can_give > 0.0 {
            let share = (missing / can_give).min(1.0);
            for (i, width) in &mut shown {
                *width -= spare(*i, *width) * share;
            }
        }
        // Room to spare and no column that takes it all: those with text that nobody resized share it.
        if missing < 0.0 && !shown.iter().any(|(i, _)| self.columns[*i].fill) {
            let takes = |i: usize, width: f32| {
                let column = &self.columns[i];
                let is_free = column.align == Align::Min && !state.widths.contains_key(column.id);
                if is_free { width } else { 0.0 }
            };
            let can_take: f32 = shown.iter().map(|(i, width)| takes(*i, *width)).sum();
            let share = if can_take > 0.0 { -missing / can_take } else { 0.0 };
            for (i, width) in &mut shown {
                *width += takes(*i, *width) * share;
            }
        }
        let mut x = measure::GUTTER;
        let mut places = Vec::with_capacity(shown.len());
        for (n, (i, width)) in shown.into_iter().enumerate() {
            places.push((i, x, width));
            x += width + gap_after(n);
        }
        (places, (x + measure::GUTTER).max(room.min(1.0)))
    }

    fn group_of(&self, row: usize) -> Option<GroupRow> {
        self.group.as_ref().and_then(|group| group(row))
    }

    /// Keys while the table has the focus; the scroll offset that shows the cursor, when it moved out of sight.
    fn keyboard(&self, ui: &Ui, state: &mut TableState, focus: &Response, response: &mut TableResponse) -> Option<f64> {
        let reveal = std::mem::take(&mut state.reveal);
        let mut moved = reveal;
        if focus.has_focus() {
            let filter = egui::EventFilter {
                vertical_arrows: true,
                horizontal_arrows: true,
                ..Default::default()
            };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(focus.id, filter));
            let page = (state.view_height / self.row_height).floor().max(1.0) as usize;
            let is_group = |row: usize| self.group.as_ref().is_some_and(|group| group(row).is_some());
            let keys = state.read_keys(ui, self.n_rows, page, self.multi, &self.key, &is_group);
            moved |= keys.moved;
            response.selection_changed |= keys.selection_changed;
            response.activated = keys.activated;
            response.left = keys.left;
            response.right = keys.right;
            if keys.copy {
                self.copy_selected(ui, state);
            }
        }
        if !moved {
            return None;
        }
        let row = state.cursor_row(self.n_rows, &self.key)?;
        let height = f64::from(self.row_height);
        let top = row as f64 * height;
        let bottom = top + height;
        let view = if state.view_height > 0.0 {
            f64::from(state.view_height)
        } else {
            height
        };
        if top < state.offset {
            Some(top)
        } else if bottom > state.offset + view {
            Some((bottom - view).max(0.0))
        } else {
            None
        }
    }

    fn copy_selected(&self, ui: &Ui, state: &TableState) {
        let text_of = |row: usize| self.copy.as_ref().map_or_else(|| (self.label)(row), |copy| copy(row));
        let lines: Vec<String> = (0..self.n_rows)
            .filter(|row| state.selected.contains(&(self.key)(*row)))
            .map(text_of)
            .collect();
        if !lines.is_empty() {
            ui.ctx().copy_text(lines.join("\n"));
        }
    }

    fn row_ui(
        &mut self,
        ui: &mut Ui,
        state: &mut TableState,
        row: usize,
        rect: Rect,
        places: &[(usize, f32, f32)],
        focused: bool,
        response: &mut TableResponse,
        cell: &mut impl FnMut(&mut Ui, usize, usize),
    ) {
        if let Some(group) = self.group_of(row) {
            if group_row_ui(ui, self.id.with(("group", row)), rect, &group) {
                response.toggled = Some(row);
            }
            return;
        }
        let t = Tokens::of(ui);
        let key = (self.key)(row);
        let interact = ui.interact(rect, self.id.with(("row", key)), Sense::CLICK);
        let selected = state.selected.contains(&key);
        // Never inside the closure: it runs while egui is locked.
        let spoken = (self.label)(row);
        interact.widget_info(|| WidgetInfo::selected(Role::Row, true, selected, &spoken));
        let hovered = ui.rect_contains_pointer(rect.intersect(ui.clip_rect()));
        if hovered {
            response.hovered = Some(row);
        }
        if selected {
            // What has the keys is told from what is only chosen.
            let fill = if focused { t.accent.weak } else { t.surface_3 };
            ui.painter().rect_filled(rect, 0.0, fill);
            let bar = Rect::from_min_size(
                pos2(ui.clip_rect().left().max(rect.left()), rect.top()),
                vec2(2.0, rect.height()),
            );
            ui.painter().rect_filled(bar, 0.0, t.accent.mark);
        } else if hovered {
            ui.painter().rect_filled(rect, 0.0, t.surface_2);
        }
        if focused && state.cursor == Some(key) {
            // As wide as what is seen of the row.
            let clip = ui.clip_rect();
            let seen = rect
                .with_min_x(rect.left().max(clip.left()))
                .with_max_x(rect.right().min(clip.right()));
            ui.painter().rect_stroke(
                seen.shrink(1.0),
                0.0,
                Stroke::new(1.0, t.accent.mark),
                egui::StrokeKind::Inside,
            );
        }
        for (column, x, width) in places {
            let cell_rect = Rect::from_min_size(pos2(rect.left() + x, rect.top()), vec2(*width, rect.height()));
            if !ui.clip_rect().intersects(cell_rect) {
                continue;
            }
            let layout = match self.columns[*column].align {
                Align::Min => Layout::left_to_right(Align::Center),
                Align::Max => Layout::right_to_left(Align::Center),
                Align::Center => Layout::centered_and_justified(egui::Direction::LeftToRight),
            };
            let mut cell_ui = ui.new_child(
                UiBuilder::new()
                    .max_rect(cell_rect)
                    .layout(layout)
                    .id_salt(("cell", key, *column)),
            );
            cell_ui.shrink_clip_rect(cell_rect.expand2(vec2(3.0, 0.0)));
            cell(&mut cell_ui, row, *column);
        }
        if interact.clicked() || interact.secondary_clicked() {
            ui.memory_mut(|memory| memory.request_focus(self.id));
            let keep = interact.secondary_clicked() && selected;
            if !keep {
                let modifiers = ui.input(|input| input.modifiers);
                let is_group = |row: usize| self.group.as_ref().is_some_and(|group| group(row).is_some());
                response.selection_changed |= state.click(row, modifiers, self.multi, &self.key, &is_group);
            }
            response.clicked = Some(row);
        }
        if interact.double_clicked() {
            response.activated = Some(row);
        }
        if let Some(menu) = &mut self.menu {
            let by_key = self.menu_asked && state.cursor == Some(key);
            context_menu_ui(&interact, by_key, self.id, |ui| menu(ui, row));
        }
    }

    fn header_ui(
        &self,
        ui: &mut Ui,
        state: &mut TableState,
        rect: Rect,
        places: &[(usize, f32, f32)],
        offset_x: f32,
        response: &mut TableResponse,
    ) {
        let t = Tokens::of(ui);
        ui.painter()
            .hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, t.line));
        let mut header = ui.new_child(UiBuilder::new().max_rect(rect).id_salt((self.id, "header")));
        header.shrink_clip_rect(rect);
        for (index, x, width) in places {
            let column = &self.columns[*index];
            let cell = Rect::from_min_size(pos2(rect.left() + x - offset_x, rect.top()), vec2(*width, rect.height()));
            if !rect.intersects(cell) {
                continue;
            }
            let sorted = state
                .sort
                .as_ref()
                .filter(|sort| sort.column == column.id)
                .map(|sort| sort.descending);
            let sense = if column.sortable { Sense::click() } else { Sense::CLICK };
            let id = self.id.with(("header", column.id));
            let head = header.interact(cell.expand2(vec2(GAP / 2.0 - 3.0, 0.0)), id, sense);
            head.widget_info(|| WidgetInfo::labeled(Role::ColumnHeader, column.sortable, &column.label));
            let colour = if head.hovered() && column.sortable || sorted.is_some() {
                t.text
            } else {
                t.text_weak
            };
            let arrow = if sorted.is_some() { 14.0 } else { 0.0 };
            let words = match column.align {
                Align::Max => cell.with_min_x((cell.left() + arrow).min(cell.right())),
                _ => cell.with_max_x((cell.right() - arrow).max(cell.left())),
            };
            let look = Look {
                font: font::small(),
                colour,
                cut: Cut::End,
            };
            let used = text::paint_line(&header, words, &column.label, &look, column.align);
            let whole = header.painter().layout_no_wrap(column.label.clone(), font::small(), colour);
            if whole.size().x > words.width() + 0.5 {
                head.clone().on_hover_text(&column.label);
            }
            if let Some(descending) = sorted {
                let icon = if descending { icons::CHEVRON_DOWN } else { icons::CHEVRON_UP };
                let x = if column.align == Align::Max {
                    cell.right() - used - 7.0
                } else {
                    cell.left() + used + 7.0
                };
                icons::paint(header.painter(), pos2(x, cell.center().y), icon, 12.0, t.text);
            }
            if head.has_focus() {
                header.painter().rect_stroke(
                    cell.shrink(2.0),
                    2.0,
                    Stroke::new(1.5, t.accent.mark),
                    egui::StrokeKind::Outside,
                );
            }
            if head.clicked() && column.sortable {
                state.sort = Some(Sort {
                    column: column.id.to_owned(),
                    descending: sorted == Some(false),
                });
                response.sort_changed = true;
            }
            let menu = Popup::context_menu(&head).close_behavior(PopupCloseBehavior::CloseOnClickOutside);
            menu.show(|ui| response.columns_changed |= columns_menu_ui(ui, self.columns, state));
            self.resize_ui(&header, state, column, cell, *width, response);
        }
    }

    fn resize_ui(&self, ui: &Ui, state: &mut TableState, column: &Column, cell: Rect, width: f32, response: &mut TableResponse) {
        let t = Tokens::of(ui);
        let edge = cell.right() + GAP / 2.0;
        let grip = Rect::from_min_max(pos2(edge - 3.0, cell.top()), pos2(edge + 3.0, cell.bottom()));
        let drag = ui.interact(grip, self.id.with(("resize", column.id)), Sense::CLICK | Sense::DRAG);
        if drag.hovered() || drag.dragged() {
            ui.ctx().set_cursor_icon(CursorIcon::ResizeHorizontal);
            ui.painter()
                .vline(edge, cell.y_range().shrink(5.0), Stroke::new(1.0, t.line_strong));
        }
        if drag.dragged() && drag.drag_delta().x != 0.0 {
            state.widths.insert(
                column.id.to_owned(),
                (width + drag.drag_delta().x).clamp(column.min_width, 4000.0),
            );
            response.columns_changed = true;
        }
        if drag.double_clicked() {
            state.widths.remove(column.id);
            response.columns_changed = true;
        }
    }
}
