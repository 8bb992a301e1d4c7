//! Floor 2: the toolkit of the window; knows no area and no engine. This page is its manual.
//!
//! A page draws with these functions only, so that all pages look alike. Everything is drawn inside a `Ui`; the look comes from
//! `Tokens::of(ui)`, the words from the catalog (`text::tr(ui, "key")`, `text::say(ui, &msg!(..))`).
//!
//! **Set up once** (the shell): `theme::apply(ctx, theme, scale)` each frame, `text::install(ctx, &catalog)` when the language is
//! known, `action::confirm_ui::<Intent>(ctx) -> Option<Intent>` once per frame, `action::shortcuts(ctx, &actions) -> Option<Pressed<I>>`.
//!
//! **A page from top to bottom**
//! - `page_frame::Header::new(title).subtitle(s).filter(&mut text, hint).show(ui, &actions) -> HeaderResponse { asked, filter_changed }`
//! - `page_frame::tabs_ui(ui, &mut current, &[Tab::new(id, label).count(n).state(s)]) -> bool`
//! - `page_frame::split_ui(ui, id, measure::DETAIL, &mut cx, |ui, cx| detail, |ui, cx| body)`; `split_bottom_ui` likewise
//! - `page_frame::bar_ui(ui, height, |ui| ..)`: a bar with a line below, left to right
//! - `page_frame::loadable_ui(ui, &loadable, &LoadableView { icon, empty, empty_action, progress }, |v| is_empty, |ui, v| ..) ->
//!   Option<LoadableAsk::{Retry, Fill}>`; its parts `empty_ui`, `loading_ui`, `problem_ui`, `problem_card_ui`, `progress_words`
//!
//! **Actions** (`action`): `Action::new(id, label, intent).icon(..).primary() | .toolbar() | .palette_only()`, `.shortcut(m, key)`,
//! `.danger()`, `.disabled_because(Option<String>)`, `.confirm(title, text)`, `.confirm_typed(title, text, word)`. One list per page
//! feeds header, palette and shortcuts. Elsewhere: `button_ui`, `primary_ui`, `small_buttons_ui`, `menu_ui(ui, &actions)` (inside a
//! context menu), `overflow_ui`, `press(ctx, &action) -> Option<I>`; all give the intent that was asked.
//!
//! **Tables** (`table`): `Table::new(id, name, &columns, n_rows)` with `.key(|row| row_key(..))`, `.label(|row| ..)`
//! (the row's accessible name), `.copy(..)`, `.groups(|row| Option<GroupRow>)`, `.menu(|ui, row| ..)`, `.dense()`, `.row_height(h)`,
//! `.single()`, `.no_header()`; `.show(ui, &mut state, |ui, row, column| ..) -> TableResponse { clicked, activated, toggled, left,
//! right, hovered, sort_changed, selection_changed, columns_changed }`. Columns: `Column::new(id, label, width).right().fill().min(w)
//! .always().unsortable().hidden_at_first()`. The caller sorts by `state.sort` and keeps `state` (serde). In cells use
//! `text::{body, weak, small, link, path, mono}`, `state_mark::label_ui`; a right column aligns by itself.
//!
//! **States** (`state_mark`): `state_ui(ui, state)`, `label_ui(ui, state, word)`, `label_small_ui`, `mark_ui`, `chip_ui(ui, state,
//! word)`, `tag_ui(ui, word, TagLook)`, `strip_ui(ui, &states, name)`, `sparkline_ui(ui, &values, width, state, name)`,
//! `dots_ui(ui, &states, count)`, `bar_ui(ui, width, fraction, colour, name)`, `avatar_ui(ui, name)`; `paint(painter, t, center, size,
//! state)`, `mark_colour`, `word_colour` for own drawing.
//!
//! **Detail** (`detail`): `heading_ui(ui, &Heading { icon, name, note, state })`, `facts_ui(ui, &[Fact::text(label, v), Fact::link(label,
//! text, note, target), Fact::state(..), Fact::path(..), Fact::mono(..)]) -> Option<Target>`, `actions_ui(ui, &actions) -> Option<I>`,
//! `thread_ui(ui, &thread, now) -> Option<Target>`, `undo_ui(ui, &[UndoRow], now) -> Option<usize>`, `section_ui`, `titled_section_ui`.
//!
//! **Trees** (`tree`): `flatten(roots, &state, key, children, open_at_first) -> Vec<(TreeRow, N)>`, then `tree_ui(ui, table, &rows,
//! &mut state, |ui, row, column| ..) -> TableResponse`; `TreeState { table, toggled }` is saved.
//!
//! **Output** (`log_view`): `log_ui(ui, id, title, &mut LogState, &LogSource::slice(log, &lines) | ring(log, n_dropped, &deque) |
//! paged(log, n_lines, hits, |number| line)) -> LogResponse { export, code, missing }`; `.origin(&names, |i| which)`, `.exported()`,
//! `.with_code()`; `log_bar_ui` and `log_lines_ui` are its halves; `lines_of(&state, &source)`, `clock_time(at)`.
//!
//! **Commit graph** (`graph_lanes`): `width(n_lanes)`, `paint(ui, cell, &GraphRow)` inside a table cell: `ui.max_rect()` is the cell.
//!
//! **Stages** (`stages`): `stages_ui(ui, id, name, &[StageNode { name, word, note, state, column, needs }], selected) -> Option<usize>`:
//! jobs that wait for each other, left to right.
//!
//! **Differences** (`diff_view`): `DiffView::new(id, &files).tick(|(f, h, l)| Option<bool>).note(|f, h| ..).hunk_buttons(|f, h|
//! vec![DiffButton::new(..).bare().danger()]).file_buttons(|f| ..).file_heads(b).show(ui, &mut DiffState) -> DiffResponse { hunk_button,
//! file_button, ticked, show_anyway, folded }`; `DiffState.side_by_side`; `path_ui`, `counts_ui(ui, &file)`;
//! `diff_line::source_ui(ui, path, first_no, &lines, marked, message)` for a few lines of source around an error.
//!
//! **Charts** (`plot`, `cards`): `Chart::new(id, title, unit, (from, to), &[Series::new(name, lane, points).dashed().gap_secs(s)])
//! .markers(&[Marker::flag(at, label, accent), Marker::band(from, until, label, state)]).height(h).limit(v, label).not_from_zero()
//! .value(|v| ..).show(ui, &mut ChartState) -> ChartResponse { zoom_changed, hidden_changed, marker }`; times are seconds since 1970;
//! charts that share a `ChartState` zoom together. `cards::number_card_ui(ui, title, number, unit, state, trend, &history)`.
//!
//! **Terminals** (`terminal`): `terminal_ui(ui, of, name, &screen, &mut TerminalState, is_live) -> TerminalResponse { inputs, open }`;
//! `TerminalState::{search, paste}`, `.focus`; `has_keys(ctx)` tells the frame to leave the keys to it.
//!
//! **Canvas** (`graph_canvas`): `canvas_ui(ui, id, name, &mut CanvasState, &[CanvasNode { title, note, rows, at, lane, state }], &[CanvasEdge
//! { from, row, to, is_wrong }], &|ui, node, row| ..) -> CanvasResponse { selected, activated, moved, connected, cleared, add_at, remove }`.
//!
//! **Boards** (`board`): `board_ui(ui, id, &mut BoardState, &[BoardColumn { title, state, note, over_limit, cards, add }], |key| name,
//! |ui, key| menu, |ui, key| ..) -> BoardResponse { moved: Option<Moved { card, column, index }>, selected, activated, add }`. Only the cards in sight
//! are laid out; `cards` stays the same `Rc` while nothing changes.
//!
//! **Memos** (`memo`): `Memo::get(&self, (generation, filter, sort), || worked_out) -> Rc<V>`, also where a page is drawn with `&self`.
//!
//! **Forms** (`form`): `form_ui(ui, id, |form| { form.text(label, &mut v, hint, error); form.code(..); form.secret(..); form.lines(label,
//! &mut v, rows, hint, error); form.number(label, &mut i64, range, unit); form.duration(..); form.choice(label, &mut v, &choices);
//! form.tick(word, &mut b); form.section(..); form.note(..); form.ui() }) -> FormResponse { changed, valid }`; `form_beside_ui` with
//! labels at the left; `choice_ui`, `choice_button_ui` alone.
//!
//! **Above the page**: `palette::palette_ui(ctx, &mut PaletteState, &entries) -> Option<T>` with `PaletteEntry::new(group, title, value)
//! .icon(..).context(..).shortcut(..)`; `toast::Toasts::{push(ctx, Toast::new(state, text).note(..).action(word, a)), show(ctx, bottom)
//! -> Option<A>}`.
//!
//! **Names**: everything that can be pressed has an accessible name. Never call `text::tr` or anything else of egui inside the closure
//! of `Response::widget_info`: egui is locked while it runs.
//!
//! **Small parts**: `button::Button::new(label).primary().small().bare().icon(..).danger(b).wide().chevron().note(..)
//! .disabled_because(..)` (`ui.add`), `button::icon_button(ui, icon, name)`, `icon_button_small`, `segments_ui(ui, &mut current,
//! &[(value, label)]) -> bool`, `tick_ui(ui, &mut bool, word, name)`, `menu_entry_ui`, `menu_line_ui`; `input::Input::new(id, name)
//! .hint(..).icon(..).width(w).rows(n).mono().secret().wrong(b).show(ui, &mut text)`; `dialog::Dialog::new(id, title, confirm)
//! .danger(b).width(w).show(ctx, |ui| valid) -> Answer`; `icons::*`, `icons::icon_ui`, `icons::paint`; `theme::{font, card_frame,
//! popup_frame}`; `tokens::{Tokens, Tone, measure, mix, contrast}`.
//!
//! **Why** (`why`): `why_ui(ui, &Why { message, place, note, lines, marked, hint }) -> bool` for the first error of a run, with its source
//! lines and the next step; `output_ui(ui, output, max_lines)`.
//!
//! **Words** (`text`): `body`, `medium`, `strong`, `weak`, `small`, `section`, `mono`, `path`, `number_big`, `coloured`, `absent`,
//! `paragraph`, `paragraph_weak`, `wrapped` (in cards), `link`, `link_small`, `link_mono`, `key_cap`, `label(ui, text, Look { font, colour, cut })`,
//! `paint_line(ui, rect, text, &look, align) -> width`, `Pieces::new().push(text, font, colour).ui(ui)`.

use chantier_base as base;
use chantier_base::msg;

pub mod action;
pub mod board;
mod board_lane;
pub mod button;
pub mod cards;
mod chart_draw;
pub mod chart_scale;
pub mod detail;
pub mod dialog;
pub mod diff_head;
pub mod diff_line;
mod diff_select;
pub mod diff_view;
pub mod filter_box;
mod finding;
pub mod form;
pub mod graph_canvas;
mod graph_edges;
pub mod graph_lanes;
pub mod icons;
pub mod input;
pub mod keys;
pub mod log_text;
pub mod log_view;
pub mod memo;
pub mod offers;
pub mod page_frame;
pub mod palette;
pub mod picture;
pub mod plot;
pub mod saying;
pub mod spans;
pub mod stages;
pub mod state_mark;
pub mod syntax;
pub mod table;
mod table_far;
mod table_parts;
mod table_state;
mod tabs;
pub mod terminal;
pub mod text;
pub mod theme;
pub mod toast;
pub mod tokens;
pub mod tree;
pub mod why;

pub use egui::Ui;
