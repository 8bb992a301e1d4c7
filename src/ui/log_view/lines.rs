//! The lines themselves: where they stand, what is selected, what can be done with one.

use super::found::Shown;
use super::line::{self, Asked, NUMBERS};
use super::{LogResponse, LogSource, LogState, copy_lines};
use crate::base::log::{Columns, LogForm};
use crate::button::{MenuEntry, context_menu_at, menu_entry_ui, menu_line_ui};
use crate::keys;
use crate::log_text::{self, Search};
use crate::text;
use crate::theme::font;
use crate::tokens::{Tokens, measure};
use egui::{Align, Event, Id, Key, Modifiers, Rect, Role, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

/// Points above which neighbouring lines could not be told apart by where they stand: from there on the scroll bar is a map.
const MAX_HEIGHT: f64 = 1_000_000.0;

/// Where the lines stand.
struct View {
    n_rows: usize,
    /// Rows for each point of the scroll bar's map; None where it is no map.
    scale: Option<f64>,
    height: f32,
}

impl View {
    fn new(n_rows: usize, room: Rect) -> Self {
        let whole = n_rows as f64 * f64::from(measure::ROW_CODE) + 6.0;
        let scale = (whole > MAX_HEIGHT).then(|| {
            let rows = n_rows as f64 - f64::from(room.height() / measure::ROW_CODE);
            rows / (MAX_HEIGHT - f64::from(room.height()))
        });
        Self {
            n_rows,
            scale,
            height: whole.min(MAX_HEIGHT) as f32,
        }
    }

    /// The offset that brings a row to the top.
    fn offset(&self, row: f64) -> f32 {
        match self.scale {
            Some(scale) => (row / scale) as f32,
            None => (row * f64::from(measure::ROW_CODE)) as f32,
        }
    }

    fn last_top(&self, room: Rect) -> f64 {
        (self.n_rows as f64 - f64::from(room.height() / measure::ROW_CODE)).max(0.0)
    }
}

/// The lines alone, without the bar.
pub fn log_lines_ui(ui: &mut Ui, id: &str, state: &mut LogState, source: &LogSource<'_>) -> LogResponse {
    let t = Tokens::of(ui);
    let mut response = LogResponse::default();
    if update(state, source) {
        ui.ctx().request_repaint();
    }
    let n_rows = match source.hits {
        Some(hits) => hits.len(),
        None if source.is_paged => source.len,
        None if state.lines.is_filtered() || state.fold => state.lines.n_shown(),
        None => source.len,
    };
    let mut room = ui.available_rect_before_wrap();
    ui.advance_cursor_after_rect(room);
    if let Some((number, line)) = state.opened.and_then(|number| Some((number, source.get(number)?))) {
        let height = 120.0_f32.min(room.height() / 2.0);
        let panel = Rect::from_min_max(pos2(room.left(), room.bottom() - height), room.max);
        room.max.y = panel.top();
        match line::whole_line_ui(ui, panel, line, source.has_code) {
            Asked::Close => state.opened = None,
            Asked::Code => response.code = Some(log_text::plain(line).into_owned()),
            Asked::Nothing => state.opened = Some(number),
        }
    }
    if state.form == LogForm::Columns && !state.columns.is_empty() {
        header_ui(ui, state, &mut room, left_of(state, source));
    }
    if room.height() < 1.0 || room.width() < 1.0 {
        return response;
    }
    let view = View::new(n_rows, room);
    let body_id = Id::unique(("ui-log", id));
    let body = ui.interact(room, body_id, Sense::click_and_drag());
    let name = text::tr(ui, "ui-log");
    body.widget_info(|| WidgetInfo::labeled(Role::Log, true, &name));
    if body.clicked() || body.drag_started() {
        body.request_focus();
    }
    let mut area_ui = ui.new_child(UiBuilder::new().max_rect(room).id_salt(body_id));
    area_ui.spacing_mut().item_spacing = egui::Vec2::ZERO;
    let mut area = ScrollArea::both()
        .auto_shrink([false, false])
        .id_salt("lines")
        .animated(false)
        .scroll_source(egui::scroll_area::ScrollSource {
            drag: egui::scroll_area::DragScroll::Never,
            mouse_wheel: view.scale.is_none(),
            ..Default::default()
        })
        // On the map of a long log the end is held by hand.
        .stick_to_bottom(view.scale.is_none());
    let pressed = pressed(ui, body_id);
    if let Some(row) = wanted_row(ui, state, source, &view, room, &body, pressed) {
        let is_end = row >= view.last_top(room);
        state.top = row;
        state.set_offset = view.offset(row);
        area = match view.scale {
            // Behind the end is the end, and stays it.
            None if is_end => area.vertical_scroll_offset(view.height),
            // What sticks to the end would not let go.
            _ => area.vertical_scroll_offset(state.set_offset).stick_to_bottom(false),
        };
    }
    // A drag begins where the button went down, not where egui became sure of it.
    let origin = body
        .drag_started()
        .then(|| ui.input(|input| input.pointer.press_origin()))
        .flatten();
    let pointer = origin.or(body.interact_pointer_pos());
    let under = ui.input(|input| input.pointer.latest_pos());
    let is_asked = body.secondary_clicked();
    // By the keys it is about the line that was selected last, or the first one in sight.
    let asks = body.has_focus() && keys::asks_for_menu(ui);
    let selected = state.selection.map(|(_, number)| number);
    let mut asked_at = None;
    let output = area.show_viewport(&mut area_ui, |ui, viewport| {
        ui.set_min_size(vec2(state.widest, view.height));
        let top = match view.scale {
            // Moved by the bar itself.
            Some(scale) if (viewport.min.y - state.set_offset).abs() > 0.6 => {
                state.top = f64::from(viewport.min.y.max(0.0)) * scale;
                state.set_offset = viewport.min.y;
                state.top
            }
            Some(_) => state.top,
            None => f64::from(viewport.min.y.max(0.0)) / f64::from(measure::ROW_CODE),
        };
        let first = top.floor() as usize;
        let n_visible = (room.height() / measure::ROW_CODE).ceil() as usize + 1;
        for row in first..(first + n_visible).min(n_rows) {
            let y = room.top() + ((row as f64 - top) * f64::from(measure::ROW_CODE)) as f32;
            let rect = Rect::from_min_size(
                pos2(room.left() - viewport.min.x, y),
                vec2(room.width() + viewport.min.x, measure::ROW_CODE),
            );
            let Some(shown) = shown(state, source, row) else { continue };
            let Some(line) = source.get(shown.number) else {
                let (from, until) = response.missing.unwrap_or((shown.number, shown.number + 1));
                response.missing = Some((from.min(shown.number), until.max(shown.number + 1)));
                continue;
            };
            let is_at = |at: egui::Pos2| rect.y_range().contains(at.y) && room.contains(at);
            if is_asked && under.is_some_and(is_at) {
                state.asked = Some(shown.number);
            }
            if asks && (asked_at.is_none() && room.y_range().contains(rect.bottom()) || selected == Some(shown.number)) {
                state.asked = Some(shown.number);
                asked_at = Some(pos2(room.left(), rect.bottom().clamp(room.top(), room.bottom())));
            }
            if pointer.is_some_and(is_at) {
                let at_edge = pointer.is_some_and(|at| at.x < room.left() + 10.0);
                if at_edge && body.clicked() {
                    toggle_mark(state, shown.number);
                } else {
                    select(state, shown.number, &body, ui.input(|input| input.modifiers.shift));
                }
            }
            line::line_ui(ui, state, source, shown, line, rect, room);
        }
    });
    let end = output.content_size.y - output.inner_rect.height();
    state.following = match view.scale {
        Some(_) => state.top >= view.last_top(room) - 1.0,
        None => output.state.clamped_offset().y >= end - 2.0,
    };
    if n_rows == 0 {
        nothing_ui(ui, state, source, room, t);
    }
    context_menu_at(&body, asked_at, body_id, |ui| menu_ui(ui, state, source, &mut response));
    if pressed == Some(Key::C) {
        copy_lines(ui, state, source);
    }
    if pressed == Some(Key::A) && source.len > 0 {
        state.selection = Some((source.first, source.first + source.len as u64 - 1));
    }
    if pressed == Some(Key::F2)
        && let Some((_, number)) = state.selection
    {
        toggle_mark(state, number);
    }
    response
}

/// Takes in what is new; true when there is more to look at.
fn update(state: &mut LogState, source: &LogSource<'_>) -> bool {
    if state.search.text() != state.filter {
        state.search = Search::new(&state.filter);
    }
    if state.lines.log() != source.log {
        state.selection = None;
        state.opened = None;
        state.widest = 0.0;
        state.to_end = true;
        state.columns = Columns::default();
        state.marks.clear();
        state.hidden_sources.clear();
        state.since = None;
        state.until = None;
    }
    let key = state.key(source);
    if source.is_paged {
        // Somebody else looks through it; what is remembered is which log it is.
        let nothing = LogSource::slice(source.log, &[]);
        return state.lines.update(key, &state.search, &nothing);
    }
    state.lines.update(key, &state.search, source)
}

fn shown(state: &LogState, source: &LogSource<'_>, row: usize) -> Option<Shown> {
    let alone = |number| Shown {
        number,
        n_below: 0,
        is_below: false,
    };
    match source.hits {
        Some(hits) => hits.get(row).copied().map(alone),
        None if source.is_paged => Some(alone(row as u64)),
        None => state.lines.shown(row, source.first),
    }
}

/// The row that shall be at the top now: the end, a bookmark, a hit, or where a wheel or a key moves a long log.
fn wanted_row(
    ui: &Ui,
    state: &mut LogState,
    source: &LogSource<'_>,
    view: &View,
    room: Rect,
    body: &egui::Response,
    pressed: Option<Key>,
) -> Option<f64> {
    let last = view.last_top(room);
    if std::mem::take(&mut state.to_end) || pressed == Some(Key::End) {
        return Some(last);
    }
    if pressed == Some(Key::Home) {
        return Some(0.0);
    }
    if let Some(forward) = state.step.take() {
        state.jump = next_hit(state, source, forward);
        state.selection = state.jump.map(|number| (number, number)).or(state.selection);
    }
    if let Some(number) = state.jump.take() {
        let place = match source.hits {
            Some(hits) => hits.partition_point(|hit| *hit < number),
            None if source.is_paged => number as usize,
            None => state.lines.place_of(number, source.first),
        };
        state.selection = Some((number, number));
        return Some((place as f64 - 4.0).clamp(0.0, last));
    }
    let page = f64::from(room.height() / measure::ROW_CODE) - 1.0;
    let moved = match pressed {
        Some(Key::PageUp) => -page,
        Some(Key::PageDown) => page,
        _ => 0.0,
    };
    view.scale?;
    let wheel = if body.contains_pointer() || ui.rect_contains_pointer(room) {
        f64::from(ui.input(|input| input.smooth_scroll_delta().y / measure::ROW_CODE))
    } else {
        0.0
    };
    let is_held = state.following && moved == 0.0 && wheel <= 0.0;
    let wanted = if is_held { last } else { state.top + moved - wheel };
    (moved != 0.0 || wheel != 0.0 || is_held).then(|| wanted.clamp(0.0, last))
}

/// The next line that the filter finds, where all lines are shown.
fn next_hit(state: &LogState, source: &LogSource<'_>, forward: bool) -> Option<u64> {
    if !state.mark_only || state.search.is_empty() || source.is_paged {
        return None;
    }
    let from = state.selection.map_or(source.first, |(_, number)| number);
    let end = source.first + source.len as u64;
    let is_hit = |number: &u64| {
        let line = source.get(*number);
        line.is_some_and(|line| state.search.matches(&log_text::plain(line)))
    };
    if forward {
        let behind = (from + 1..end).find(is_hit);
        behind.or_else(|| (source.first..end).find(is_hit))
    } else {
        (source.first..from).rev().find(is_hit)
    }
}

fn toggle_mark(state: &mut LogState, number: u64) {
    if !state.marks.remove(&number) {
        state.marks.insert(number);
    }
}

fn select(state: &mut LogState, number: u64, body: &egui::Response, shift: bool) {
    let started = body.clicked() || body.drag_started();
    if body.double_clicked() {
        state.opened = Some(number);
    } else if body.dragged() && !started || shift && started {
        let anchor = state.selection.map_or(number, |(anchor, _)| anchor);
        state.selection = Some((anchor, number));
    } else if started {
        state.selection = Some((number, number));
    }
}

/// Which of the view's own keys was pressed while it has the focus.
fn pressed(ui: &Ui, body: Id) -> Option<Key> {
    if !ui.memory(|memory| memory.has_focus(body)) {
        return None;
    }
    if ui.input(|input| input.events.iter().any(|event| matches!(event, Event::Copy))) {
        return Some(Key::C);
    }
    ui.input_mut(|input| {
        if input.consume_key(Modifiers::COMMAND, Key::A) {
            return Some(Key::A);
        }
        [Key::Home, Key::End, Key::PageUp, Key::PageDown, Key::F2]
            .into_iter()
            .find(|key| input.consume_key(Modifiers::NONE, *key))
    })
}

/// What can be done with the line under the pointer.
fn menu_ui(ui: &mut Ui, state: &mut LogState, source: &LogSource<'_>, response: &mut LogResponse) {
    let Some(number) = state.asked else { return };
    let Some(line) = source.get(number) else { return };
    ui.spacing_mut().item_spacing.y = 0.0;
    let entry = |ui: &mut Ui, key: &str| {
        let label = text::tr(ui, key);
        let entry = MenuEntry {
            label: &label,
            ..MenuEntry::default()
        };
        let clicked = menu_entry_ui(ui, &entry).clicked();
        if clicked {
            ui.close();
        }
        clicked
    };
    if entry(ui, "ui-log-copy-line") {
        ui.ctx().copy_text(log_text::plain(line).into_owned());
    }
    if entry(ui, "ui-log-whole-line") {
        state.opened = Some(number);
    }
    let key = if state.marks.contains(&number) {
        "ui-log-unmark"
    } else {
        "ui-log-mark"
    };
    if entry(ui, key) {
        toggle_mark(state, number);
    }
    if source.has_code && entry(ui, "ui-log-code") {
        response.code = Some(log_text::plain(line).into_owned());
    }
    if !source.is_paged {
        menu_line_ui(ui);
        if entry(ui, "ui-log-from-here") {
            state.since = Some(line.at);
        }
        if entry(ui, "ui-log-to-here") {
            state.until = Some(line.at);
        }
    }
}

fn nothing_ui(ui: &Ui, state: &LogState, source: &LogSource<'_>, room: Rect, t: &Tokens) {
    let is_filtered = state.lines.is_filtered() || source.hits.is_some();
    let words = text::tr(ui, if is_filtered { "ui-log-no-match" } else { "ui-log-empty" });
    let at = Rect::from_min_size(
        room.min + vec2(measure::GUTTER, 8.0),
        vec2(room.width() - 2.0 * measure::GUTTER, 20.0),
    );
    let look = text::Look {
        font: font::body(),
        colour: t.text_weak,
        cut: text::Cut::End,
    };
    text::paint_line(ui, at, &words, &look, Align::Min);
}

/// The names of the columns, above the lines.
fn header_ui(ui: &Ui, state: &LogState, room: &mut Rect, left: f32) {
    let t = Tokens::of(ui);
    let bar = Rect::from_min_size(room.min, vec2(room.width(), measure::ROW_CODE + 2.0));
    room.min.y = bar.bottom();
    let painter = ui.painter().with_clip_rect(bar);
    painter.rect_filled(bar, 0.0, t.surface_2);
    let words = state
        .columns
        .header(&text::tr(ui, "ui-log-col-level"), &text::tr(ui, "ui-log-col-message"));
    let galley = painter.layout_no_wrap(words, font::log(), t.text_weak);
    painter.galley(
        pos2(bar.left() + left, bar.center().y - galley.size().y / 2.0),
        galley,
        t.text_weak,
    );
}

/// Where the text of a line begins.
fn left_of(state: &LogState, source: &LogSource<'_>) -> f32 {
    let mut x = 12.0;
    if source.is_paged {
        x += NUMBERS;
    }
    if state.times {
        x += 92.0;
    }
    if source.origin.is_some() && source.sources.len() > 1 {
        x += 104.0;
    }
    x
}
