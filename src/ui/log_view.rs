//! Output of a job or an instance: follows the end, filters by words, expression, level and stream; only visible lines are laid out.

use super::button::{Button, MenuEntry, icon_button_small, menu_entry_ui, menu_line_ui};
use super::icons;
use super::input::Input;
use super::log_text::{self, Search};
use super::page_frame;
use super::text::{self, Cut, Look};
use super::theme::font;
use super::tokens::{Tokens, measure};
use crate::base::{Level, LogLine, State, Stream, Timestamp, format};
use egui::{
    Align, Event, Id, Key, Layout, Modifiers, Popup, Rect, Role, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::ops::RangeInclusive;

/// Lines that are examined per frame when a filter starts over; the rest follows in the next frames.
const SCAN_PER_FRAME: usize = 20_000;

/// What a log view remembers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct LogState {
    pub filter: String,
    /// This level and above; an indented line that states none counts like the one before it.
    pub level: Option<Level>,
    pub only_errors_stream: bool,
    pub times: bool,
    /// Whether the end is in sight: new lines then stay in sight.
    #[serde(skip)]
    pub following: bool,
    #[serde(skip)]
    to_end: bool,
    #[serde(skip)]
    search: Search,
    #[serde(skip)]
    found: Found,
    #[serde(skip)]
    selection: Option<(u64, u64)>,
    #[serde(skip)]
    opened: Option<u64>,
    #[serde(skip)]
    widest: f32,
}

impl Default for LogState {
    fn default() -> Self {
        Self {
            filter: String::new(),
            level: None,
            only_errors_stream: false,
            times: false,
            following: true,
            to_end: false,
            search: Search::default(),
            found: Found::default(),
            selection: None,
            opened: None,
            widest: 0.0,
        }
    }
}

/// The numbers of the lines that pass the filter, as far as they were examined.
#[derive(Clone, Debug, Default)]
struct Found {
    lines: VecDeque<u64>,
    /// The first line that was not examined yet.
    next: u64,
    level: Option<Level>,
    key: (u64, String, Option<Level>, bool),
}

/// The lines to show. `first` is the number of the first line that is still held, so that a ring of lines can drop its oldest.
pub struct LogSource<'a> {
    /// Another number is another log.
    pub log: u64,
    pub first: u64,
    pub len: usize,
    pub line: Box<dyn Fn(usize) -> Option<&'a LogLine> + 'a>,
    /// Lane colour and name of the thing a line comes from, when several are mixed.
    pub origin: Option<Box<dyn Fn(usize) -> (usize, String) + 'a>>,
}

impl<'a> LogSource<'a> {
    pub fn slice(log: u64, lines: &'a [LogLine]) -> Self {
        Self {
            log,
            first: 0,
            len: lines.len(),
            line: Box::new(|i| lines.get(i)),
            origin: None,
        }
    }

    /// A ring; `first` is how many lines it has dropped.
    pub fn ring(log: u64, first: u64, lines: &'a VecDeque<LogLine>) -> Self {
        Self {
            log,
            first,
            len: lines.len(),
            line: Box::new(|i| lines.get(i)),
            origin: None,
        }
    }

    pub fn origin(mut self, origin: impl Fn(usize) -> (usize, String) + 'a) -> Self {
        self.origin = Some(Box::new(origin));
        self
    }

    fn get(&self, number: u64) -> Option<&'a LogLine> {
        (self.line)(number.checked_sub(self.first)? as usize)
    }
}

/// Bar and lines in the room that is left.
pub fn log_ui(ui: &mut Ui, id: &str, title: &str, state: &mut LogState, source: &LogSource<'_>) {
    log_bar_ui(ui, id, title, state, source);
    log_lines_ui(ui, id, state, source);
}

/// Title, filter, levels, copy, following.
pub fn log_bar_ui(ui: &mut Ui, id: &str, title: &str, state: &mut LogState, source: &LogSource<'_>) {
    page_frame::bar_ui(ui, 34.0, |ui| {
        if !title.is_empty() {
            text::label(
                ui,
                title,
                Look {
                    font: font::medium(measure::TEXT_BODY),
                    colour: Tokens::of(ui).text,
                    cut: Cut::End,
                },
            );
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let follow = text::tr(
                ui,
                if state.following {
                    "ui-log-following"
                } else {
                    "ui-log-follow"
                },
            );
            if state.following {
                super::state_mark::chip_ui(ui, State::Running, &follow);
            } else if ui.add(Button::new(&follow).small().icon(icons::DOWN)).clicked() {
                state.to_end = true;
            }
            let copy = text::tr(ui, "ui-log-copy");
            if icon_button_small(ui, icons::COPY, &copy).clicked() {
                copy_lines(ui, state, source);
            }
            level_menu_ui(ui, state);
            let hint = text::tr(ui, "ui-log-filter");
            let width = 170.0_f32.min(ui.available_width());
            if width > 60.0 {
                Input::new(Id::unique(("ui-log-filter", id)), &hint)
                    .hint(&hint)
                    .icon(icons::SEARCH)
                    .width(width)
                    .show(ui, &mut state.filter);
            }
        });
    });
}

fn level_menu_ui(ui: &mut Ui, state: &mut LogState) {
    let levels = [
        (None, "ui-log-all"),
        (Some(Level::Info), "ui-log-info"),
        (Some(Level::Warn), "ui-log-warnings"),
        (Some(Level::Error), "ui-log-errors"),
    ];
    let current = levels
        .iter()
        .find(|(level, _)| *level == state.level)
        .map_or("ui-log-all", |(_, key)| key);
    let current = text::tr(ui, current);
    let button = ui.add(Button::new(&current).small().chevron());
    Popup::menu(&button)
        .close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside)
        .gap(4.0)
        .show(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for (level, key) in levels {
                let label = text::tr(ui, key);
                let entry = MenuEntry {
                    label: &label,
                    icon: (level == state.level).then_some(icons::CHECK),
                    ..MenuEntry::default()
                };
                if menu_entry_ui(ui, &entry).clicked() {
                    state.level = level;
                    ui.close();
                }
            }
            menu_line_ui(ui);
            let label = text::tr(ui, "ui-log-only-stderr");
            if menu_entry_ui(
                ui,
                &MenuEntry {
                    label: &label,
                    ticked: Some(state.only_errors_stream),
                    ..MenuEntry::default()
                },
            )
            .clicked()
            {
                state.only_errors_stream = !state.only_errors_stream;
            }
            let label = text::tr(ui, "ui-log-times");
            if menu_entry_ui(
                ui,
                &MenuEntry {
                    label: &label,
                    ticked: Some(state.times),
                    ..MenuEntry::default()
                },
            )
            .clicked()
            {
                state.times = !state.times;
            }
        });
}

/// The lines alone, without the bar.
pub fn log_lines_ui(ui: &mut Ui, id: &str, state: &mut LogState, source: &LogSource<'_>) {
    let t = Tokens::of(ui);
    update_found(ui, state, source);
    let filtered = !state.search.is_empty() || state.level.is_some() || state.only_errors_stream;
    let n_rows = if filtered { state.found.lines.len() } else { source.len };
    let mut room = ui.available_rect_before_wrap();
    ui.advance_cursor_after_rect(room);
    if let Some(line) = state.opened.and_then(|number| source.get(number)) {
        let height = 120.0_f32.min(room.height() / 2.0);
        let panel = Rect::from_min_max(pos2(room.left(), room.bottom() - height), room.max);
        room.max.y = panel.top();
        if whole_line_ui(ui, panel, line) {
            state.opened = None;
        }
    }
    if room.height() < 1.0 || room.width() < 1.0 {
        return;
    }
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
            ..Default::default()
        })
        .stick_to_bottom(true);
    let keys = keys(ui, body_id);
    if std::mem::take(&mut state.to_end) || keys == Some(Key::End) {
        area = area.vertical_scroll_offset(n_rows as f32 * measure::ROW_CODE);
    } else if keys == Some(Key::Home) {
        area = area.vertical_scroll_offset(0.0);
    }
    let number_of = |found: &Found, row: usize| {
        if filtered {
            found.lines.get(row).copied()
        } else {
            Some(source.first + row as u64)
        }
    };
    // A drag begins where the button went down, not where egui became sure of it.
    let origin = body
        .drag_started()
        .then(|| ui.input(|input| input.pointer.press_origin()))
        .flatten();
    let pointer = origin.or(body.interact_pointer_pos());
    let output = area.show_viewport(&mut area_ui, |ui, viewport| {
        ui.set_min_size(vec2(
            state.widest,
            (n_rows as f64 * f64::from(measure::ROW_CODE)) as f32 + 6.0,
        ));
        let first = (f64::from(viewport.min.y.max(0.0)) / f64::from(measure::ROW_CODE)).floor() as usize;
        let n_visible = (room.height() / measure::ROW_CODE).ceil() as usize + 1;
        for row in first..(first + n_visible).min(n_rows) {
            let top = room.top() + (row as f64 * f64::from(measure::ROW_CODE) - f64::from(viewport.min.y)) as f32;
            let rect = Rect::from_min_size(
                pos2(room.left() - viewport.min.x, top),
                vec2(room.width() + viewport.min.x, measure::ROW_CODE),
            );
            let Some(number) = number_of(&state.found, row) else {
                continue;
            };
            let Some(line) = source.get(number) else { continue };
            if pointer.is_some_and(|at| rect.y_range().contains(at.y) && room.contains(at)) {
                select(state, number, &body, ui.input(|input| input.modifiers.shift));
            }
            line_ui(ui, state, source, number, line, rect, room);
        }
    });
    let end = output.content_size.y - output.inner_rect.height();
    state.following = output.state.clamped_offset().y >= end - 2.0;
    if n_rows == 0 {
        let words = text::tr(ui, if filtered { "ui-log-no-match" } else { "ui-log-empty" });
        let at = Rect::from_min_size(
            room.min + vec2(measure::GUTTER, 8.0),
            vec2(room.width() - 2.0 * measure::GUTTER, 20.0),
        );
        text::paint_line(
            ui,
            at,
            &words,
            &Look {
                font: font::body(),
                colour: t.text_weak,
                cut: Cut::End,
            },
            Align::Min,
        );
    }
    if keys == Some(Key::C) {
        copy_lines(ui, state, source);
    }
    if keys == Some(Key::A) && source.len > 0 {
        state.selection = Some((source.first, source.first + source.len as u64 - 1));
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
fn keys(ui: &Ui, body: Id) -> Option<Key> {
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
        [Key::Home, Key::End]
            .into_iter()
            .find(|key| input.consume_key(Modifiers::NONE, *key))
    })
}

fn selected(state: &LogState) -> Option<RangeInclusive<u64>> {
    state.selection.map(|(a, b)| a.min(b)..=a.max(b))
}

/// The selected lines, or all that pass the filter.
fn copy_lines(ui: &Ui, state: &LogState, source: &LogSource<'_>) {
    let range = selected(state).unwrap_or(0..=u64::MAX);
    let passes = |number: &u64| !is_filtered(state) || state.found.lines.binary_search(number).is_ok();
    let lines: Vec<String> = (source.first..source.first + source.len as u64)
        .filter(|number| range.contains(number))
        .filter(passes)
        .filter_map(|number| source.get(number))
        .map(|line| log_text::plain(line).into_owned())
        .collect();
    ui.ctx().copy_text(lines.join("\n"));
}

fn is_filtered(state: &LogState) -> bool {
    !state.search.is_empty() || state.level.is_some() || state.only_errors_stream
}

fn line_ui(ui: &Ui, state: &mut LogState, source: &LogSource<'_>, number: u64, line: &LogLine, rect: Rect, room: Rect) {
    let t = Tokens::of(ui);
    let painter = ui.painter();
    let row = ui.interact(rect.intersect(room), ui.scope_id().with(("line", number)), Sense::hover());
    row.widget_info(|| WidgetInfo::labeled(Role::Label, true, log_text::plain(line)));
    if selected(state).is_some_and(|range| range.contains(&number)) {
        painter.rect_filled(rect, 0.0, t.accent.weak);
    } else if row.hovered() {
        painter.rect_filled(rect, 0.0, t.surface_2);
    }
    if line.stream == Stream::Err {
        let bar = Rect::from_min_size(pos2(room.left() + 4.0, rect.top() + 3.0), vec2(2.0, rect.height() - 6.0));
        painter.rect_filled(bar, 1.0, t.line_strong);
    }
    let mut x = rect.left() + 12.0;
    let y_of = |height: f32| rect.center().y - height / 2.0;
    if state.times {
        let galley = painter.layout_no_wrap(clock_time(line.at), font::log(), t.text_weak);
        painter.galley(pos2(x, y_of(galley.size().y)), galley, t.text_weak);
        x += 92.0;
    }
    if let Some(origin) = &source.origin {
        let (lane, name) = origin(number.saturating_sub(source.first) as usize);
        painter.rect_filled(
            Rect::from_center_size(pos2(x + 4.0, rect.center().y), vec2(8.0, 8.0)),
            2.0,
            t.lane(lane),
        );
        let at = Rect::from_min_size(pos2(x + 14.0, rect.top()), vec2(84.0, rect.height()));
        text::paint_line(
            ui,
            at,
            &name,
            &Look {
                font: font::log(),
                colour: t.text,
                cut: Cut::Middle,
            },
            Align::Min,
        );
        x += 104.0;
    }
    let (job, left_out) = log_text::layout(t, line, &state.search);
    let galley = painter.layout_job(job);
    let width = galley.size().x;
    painter.galley(pos2(x, y_of(galley.size().y)), galley, t.text);
    if left_out > 0 {
        let texts = text::catalog(ui.ctx());
        let more = format!("… +{}", format::count(left_out as u64, &texts));
        let galley = painter.layout_no_wrap(more, font::log(), t.accent.text);
        let at = Rect::from_min_size(pos2(x + width + 4.0, rect.top()), vec2(galley.size().x, rect.height()));
        let link = ui.interact(at, ui.scope_id().with(("more", number)), Sense::CLICK);
        let name = text::tr(ui, "ui-log-whole-line");
        link.widget_info(|| WidgetInfo::labeled(Role::Link, true, &name));
        painter.galley(pos2(at.left(), y_of(galley.size().y)), galley, t.accent.text);
        if link.clicked() {
            state.opened = Some(number);
        }
    }
    state.widest = state.widest.max(x + width + 80.0 - rect.left()).min(60_000.0);
}

/// The whole line, wrapped and selectable; true when it is closed.
fn whole_line_ui(ui: &mut Ui, panel: Rect, line: &LogLine) -> bool {
    let t = Tokens::of(ui);
    ui.painter().rect_filled(panel, 0.0, t.surface_2);
    ui.painter().hline(panel.x_range(), panel.top(), (1.0, t.line));
    let mut inner = ui.new_child(
        UiBuilder::new()
            .max_rect(panel.shrink2(vec2(12.0, 6.0)))
            .id_salt("whole-line"),
    );
    let mut closed = false;
    inner.horizontal(|ui| {
        let title = text::tr(ui, "ui-log-whole-line");
        text::section(ui, &format!("{title}, {}", clock_time(line.at)));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let close = text::tr(ui, "ui-close");
            closed = icon_button_small(ui, icons::CLOSE, &close).clicked();
            let copy = text::tr(ui, "ui-log-copy-line");
            if icon_button_small(ui, icons::COPY, &copy).clicked() {
                ui.ctx().copy_text(log_text::plain(line).into_owned());
            }
        });
    });
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .id_salt("whole-line-text")
        .show(&mut inner, |ui| {
            let look = egui::RichText::new(log_text::plain(line)).font(font::log()).color(t.text);
            ui.add(egui::Label::new(look).wrap().selectable(true));
        });
    closed
}

/// Examines what is new, or everything again when the filter changed.
fn update_found(ui: &Ui, state: &mut LogState, source: &LogSource<'_>) {
    if state.search.text() != state.filter {
        state.search = Search::new(&state.filter);
    }
    let key = (source.log, state.filter.clone(), state.level, state.only_errors_stream);
    if state.found.key != key {
        if state.found.key.0 != source.log {
            state.selection = None;
            state.opened = None;
            state.widest = 0.0;
            state.to_end = true;
        }
        state.found = Found {
            key,
            next: source.first,
            ..Found::default()
        };
    }
    if !is_filtered(state) {
        return;
    }
    let found = &mut state.found;
    while found.lines.front().is_some_and(|number| *number < source.first) {
        found.lines.pop_front();
    }
    found.next = found.next.max(source.first);
    let end = source.first + source.len as u64;
    let stop = end.min(found.next + SCAN_PER_FRAME as u64);
    for number in found.next..stop {
        let Some(line) = source.get(number) else { break };
        if state.level.is_some() {
            // The lines of a stack trace are indented and state no level of their own.
            let belongs_to_last = log_text::plain(line).starts_with([' ', '\t']);
            found.level = line.level().or(found.level.filter(|_| belongs_to_last));
        }
        let level_passes = state
            .level
            .is_none_or(|wanted| found.level.is_some_and(|level| level >= wanted));
        let stream_passes = !state.only_errors_stream || line.stream == Stream::Err;
        if level_passes && stream_passes && state.search.matches(&log_text::plain(line)) {
            found.lines.push_back(number);
        }
    }
    found.next = stop.max(found.next);
    if stop < end {
        ui.ctx().request_repaint();
    }
}

/// `14:02:11.408` in the zone of the machine.
pub fn clock_time(at: Timestamp) -> String {
    text::local(at).strftime("%H:%M:%S%.3f").to_string()
}
