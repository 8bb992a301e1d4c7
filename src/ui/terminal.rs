//! A terminal: its cells drawn with the tokens' colours; keys, pointer, selection, paste and search come out as what is asked of it.
//! It stands still while nothing changes.

mod keys;
mod paint;
mod pointer;

pub use keys::sent as key_bytes;

use super::button::icon_button_small;
use super::input::Input;
use super::theme::font;
use super::tokens::{Tokens, measure};
use super::{icons, page_frame, text};
use crate::base::screen::{CellAt, Screen, ScreenInput};
use egui::{Context, EventFilter, Id, Key, Modifiers, Rect, Role, Sense, Ui, Vec2, WidgetInfo, vec2};

/// Room around the cells.
const MARGIN: f32 = 8.0;
const BAR: f32 = 34.0;
/// A terminal that is not laid out yet tells no size below this.
const MIN_SIDE: f32 = 40.0;

/// What a terminal remembers between frames.
#[derive(Clone, Debug, Default)]
pub struct TerminalState {
    /// Which terminal this was about; another one begins anew.
    of: u64,
    /// The size that was asked for last.
    asked: Option<(u16, u16)>,
    /// Give it the keys with the next frame.
    pub focus: bool,
    wants_paste: bool,
    /// Paste was asked of the system, and its answer comes as an event.
    pastes: bool,
    searching: Option<String>,
    search_opened: bool,
    selecting: bool,
    /// Parts of lines of the wheel.
    wheel: f32,
    /// The button that the program was told of, and the last cell.
    button: Option<u8>,
    cell: Option<CellAt>,
    had_focus: bool,
}

/// What came of a frame.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TerminalResponse {
    pub inputs: Vec<ScreenInput>,
    /// A link was opened: http or https.
    pub open: Option<String>,
}

impl TerminalState {
    /// Opens the search, or brings it forward.
    pub fn search(&mut self) {
        self.searching.get_or_insert_default();
        self.search_opened = true;
    }

    /// Asks the system for what is to be pasted, with the next frame.
    pub fn paste(&mut self) {
        self.wants_paste = true;
        self.focus = true;
    }
}

/// The size of a cell.
#[derive(Clone, Copy, Debug)]
struct Cells {
    /// Where the first one begins.
    origin: egui::Pos2,
    size: Vec2,
}

impl Cells {
    fn rect(&self, row: u16, column: u16, width: u16) -> Rect {
        let at = self.origin + vec2(f32::from(column) * self.size.x, f32::from(row) * self.size.y);
        Rect::from_min_size(at, vec2(f32::from(width) * self.size.x, self.size.y))
    }

    fn at(&self, at: egui::Pos2, screen: &Screen) -> CellAt {
        let from = at - self.origin;
        let x = (from.x / self.size.x).clamp(0.0, f32::from(screen.columns.max(1)) - 0.01);
        let y = (from.y / self.size.y).clamp(0.0, f32::from(screen.rows.max(1)) - 0.01);
        CellAt {
            row: y as u16,
            column: x as u16,
            is_right_half: x.fract() > 0.5,
        }
    }
}

/// Whether a terminal has the keys: those of the frame are its own then, but the ones that open pages.
pub fn has_keys(ctx: &Context) -> bool {
    let held: Option<Id> = ctx.data(|data| data.get_temp(marker()));
    held.is_some_and(|id| ctx.memory(|memory| memory.has_focus(id)))
}

/// Draws the terminal in the room that is left. `of` tells terminals apart; without `is_live` it only shows.
pub fn terminal_ui(
    ui: &mut Ui,
    of: u64,
    name: &str,
    screen: &Screen,
    state: &mut TerminalState,
    is_live: bool,
) -> TerminalResponse {
    let mut response = TerminalResponse::default();
    if state.of != of {
        *state = TerminalState {
            of,
            focus: is_live,
            ..TerminalState::default()
        };
    }
    if state.searching.is_some() {
        search_ui(ui, of, screen, state, &mut response);
    }
    let t = Tokens::of(ui);
    let room = ui.available_rect_before_wrap();
    let id = Id::unique(("ui-terminal", of));
    ui.advance_cursor_after_rect(room);
    let area = ui.interact(room, id, Sense::click_and_drag());
    let cells = Cells {
        origin: (room.min + Vec2::splat(MARGIN)).round(),
        size: cell_size(ui),
    };
    if is_live {
        resize(room, &cells, state, &mut response);
        take_focus(ui, &area, state, screen, &mut response);
    }
    let has_focus = area.has_focus();
    if has_focus && is_live {
        keys::take(ui, screen, state, &mut response);
    }
    if std::mem::take(&mut state.wants_paste) {
        state.pastes = true;
        ui.ctx().send_viewport_cmd(egui::ViewportCommand::RequestPaste);
    }
    let hovered = pointer::take(ui, &area, &cells, screen, state, is_live, &mut response);
    if ui.is_rect_visible(room) {
        ui.painter().rect_filled(room, 0.0, t.surface_1);
        let painter = ui.painter().with_clip_rect(room.intersect(ui.clip_rect()));
        paint::screen(&painter, t, &cells, screen, (has_focus, is_live), hovered);
        paint::bar(&painter, t, room, screen);
    }
    let value = screen.text();
    area.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::Terminal, is_live, name);
        info.current_text_value = Some(value.clone());
        info
    });
    response
}

fn marker() -> Id {
    Id::unique("ui-terminal-keys")
}

fn cell_size(ui: &Ui) -> Vec2 {
    let font = font::mono(measure::TEXT_BODY);
    ui.ctx()
        .fonts_mut(|fonts| vec2(fonts.glyph_width(&font, 'M'), fonts.row_height(&font).ceil()))
}

/// The program hears of another size once, and only of one that a person gave it.
fn resize(room: Rect, cells: &Cells, state: &mut TerminalState, response: &mut TerminalResponse) {
    if room.width() < MIN_SIDE || room.height() < MIN_SIDE {
        return;
    }
    let columns = ((room.width() - 2.0 * MARGIN) / cells.size.x).floor().max(2.0) as u16;
    let rows = ((room.height() - MARGIN) / cells.size.y).floor().max(1.0) as u16;
    if state.asked != Some((columns, rows)) {
        state.asked = Some((columns, rows));
        response.inputs.push(ScreenInput::Resize { columns, rows });
    }
}

fn take_focus(ui: &Ui, area: &egui::Response, state: &mut TerminalState, screen: &Screen, response: &mut TerminalResponse) {
    let is_pressed = ui.input(|input| input.pointer.any_pressed()) && area.contains_pointer();
    if std::mem::take(&mut state.focus) || is_pressed {
        area.request_focus();
    }
    let has_focus = area.has_focus();
    if has_focus {
        ui.memory_mut(|memory| {
            memory.set_focus_lock_filter(
                area.id,
                EventFilter {
                    tab: true,
                    horizontal_arrows: true,
                    vertical_arrows: true,
                    escape: true,
                },
            );
        });
        ui.ctx().data_mut(|data| data.insert_temp(marker(), area.id));
    }
    if has_focus != state.had_focus && screen.modes.focus_events {
        let word: &[u8] = if has_focus { b"\x1b[I" } else { b"\x1b[O" };
        response.inputs.push(ScreenInput::Keys(word.to_vec()));
    }
    state.had_focus = has_focus;
}

fn search_ui(ui: &mut Ui, of: u64, screen: &Screen, state: &mut TerminalState, response: &mut TerminalResponse) {
    let mut step = None;
    let mut is_over = false;
    let Some(mut words) = state.searching.take() else { return };
    page_frame::bar_ui(ui, BAR, |ui| {
        let hint = text::tr(ui, "terminal-search");
        let field = Input::new(Id::unique(("ui-terminal-search", of)), &hint)
            .hint(&hint)
            .icon(icons::SEARCH)
            .width(260.0)
            .keeps_escape()
            .show(ui, &mut words);
        if std::mem::take(&mut state.search_opened) {
            field.request_focus();
        }
        let (enter, shift) = ui.input(|input| (input.key_pressed(Key::Enter), input.modifiers.shift));
        if field.changed() {
            step = Some(false);
        }
        if enter && (field.has_focus() || field.lost_focus()) {
            step = Some(shift);
            field.request_focus();
        }
        // The terminal gets the keys back in this frame, and the key that did it is none for its program.
        let is_here = field.has_focus() || field.lost_focus();
        is_over = is_here && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
        let (older, newer) = (text::tr(ui, "terminal-search-older"), text::tr(ui, "terminal-search-newer"));
        if icon_button_small(ui, icons::UP, &older).clicked() {
            step = Some(false);
        }
        if icon_button_small(ui, icons::DOWN, &newer).clicked() {
            step = Some(true);
        }
        if screen.search == Some(false) && !words.is_empty() {
            let none = text::tr(ui, "terminal-search-none");
            text::weak(ui, &none);
        }
        let close = text::tr(ui, "terminal-search-close");
        is_over |= icon_button_small(ui, icons::CLOSE, &close).clicked();
    });
    if is_over {
        state.focus = true;
        words.clear();
        step = Some(false);
    }
    if let Some(towards_newer) = step {
        response.inputs.push(ScreenInput::Search {
            words: words.clone(),
            towards_newer,
        });
    }
    state.searching = (!is_over).then_some(words);
}
