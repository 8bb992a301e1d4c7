//! A difference as unified lines or side by side: changed words, syntax colours, buttons per hunk, tick boxes per line.
//! Only what is visible is laid out.

use super::button::{Button, context_menu_at, paint_tick};
use super::diff_head::{counts_ui, path_ui};
use super::diff_line::{self, Side};
use super::diff_select::{Selection, copy, follow_keys, follow_pointer};
use super::icons;
use super::text::{self, Cut, Look};
use super::theme::font;
use super::tokens::{Tokens, measure};
use crate::base::diff::{DiffContent, DiffFile, Hunk, LineKind};
use crate::base::format;
use crate::base::picture::PictureFacts;
use egui::{Align, Id, Key, Layout, Rect, Response, Role, ScrollArea, Sense, Stroke, Ui, UiBuilder};
use egui::{WidgetInfo, pos2, vec2};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher as _};

const HUNK_HEAD: f32 = 28.0;
const FILE_HEAD: f32 = 34.0;
const MESSAGE: f32 = 44.0;

/// What a difference remembers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DiffState {
    pub side_by_side: bool,
    /// Paths of files that are folded.
    pub folded: BTreeSet<String>,
    #[serde(skip)]
    selection: Selection,
    #[serde(skip)]
    widest: f32,
    /// Stands for what was drawn last: how many files, and which.
    #[serde(skip)]
    shown: Option<(usize, u64)>,
}

impl DiffState {
    pub(super) fn selection_mut(&mut self) -> &mut Selection {
        &mut self.selection
    }

    /// Whether something else is drawn than before: then what was scrolled and selected there says nothing here. More files may follow.
    fn turn_to(&mut self, about: u64, files: &[DiffFile]) -> bool {
        let of_first = |n: usize| {
            let mut hasher = DefaultHasher::new();
            about.hash(&mut hasher);
            files.iter().take(n).for_each(|file| file.path.hash(&mut hasher));
            (n, hasher.finish())
        };
        let is_same = self
            .shown
            .is_some_and(|shown| shown.0 <= files.len() && of_first(shown.0) == shown);
        self.shown = Some(of_first(files.len()));
        if !is_same {
            self.widest = 0.0;
            self.selection = Selection::default();
        }
        !is_same
    }
}

/// File, hunk and line by index.
pub type LineAt = (usize, usize, usize);

/// A button of a hunk or of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiffButton {
    pub label: String,
    pub danger: bool,
    /// Words only, without a frame.
    pub bare: bool,
}

impl DiffButton {
    pub fn new(label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            ..Self::default()
        }
    }

    pub fn danger(mut self) -> Self {
        self.danger = true;
        self
    }

    pub fn bare(mut self) -> Self {
        self.bare = true;
        self
    }
}

/// What was pressed in a difference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiffResponse {
    /// File, hunk, and which of its buttons.
    pub hunk_button: Option<(usize, usize, usize)>,
    /// File, and which of its buttons.
    pub file_button: Option<(usize, usize)>,
    /// Tick boxes that were clicked, or all of a range that are not yet what the click gave with which it began, or those of selected
    /// lines with the space bar: all shall become what the first one is not.
    pub ticked: Vec<LineAt>,
    /// A file that was too large is asked for all the same.
    pub show_anyway: Option<usize>,
    /// A file was folded or unfolded.
    pub folded: Option<usize>,
}

/// Describes a difference; `show` draws it into the room that is left.
pub struct DiffView<'a> {
    id: Id,
    files: &'a [DiffFile],
    file_heads: bool,
    about: u64,
    tick: Option<Box<dyn Fn(LineAt) -> Option<bool> + 'a>>,
    menu: Option<Box<dyn FnMut(&mut Ui, &[LineAt]) + 'a>>,
    note: Option<Box<dyn Fn(usize, usize) -> String + 'a>>,
    mark: Option<Box<dyn Fn(LineAt) -> Option<String> + 'a>>,
    hunk_buttons: Option<Box<dyn Fn(usize, usize) -> Vec<DiffButton> + 'a>>,
    file_buttons: Option<Box<dyn Fn(usize) -> Vec<DiffButton> + 'a>>,
}

enum Block {
    FileHead(usize),
    Message(usize),
    HunkHead(usize, usize),
    /// The rows of a hunk: which lines stand left and right; unified rows use the left only.
    Rows(usize, usize, Vec<(Option<usize>, Option<usize>)>),
}

impl<'a> DiffView<'a> {
    /// With several files each one gets a head that folds it.
    pub fn new(id: &str, files: &'a [DiffFile]) -> Self {
        Self {
            id: Id::unique(("ui-diff", id)),
            files,
            file_heads: files.len() > 1,
            about: 0,
            tick: None,
            menu: None,
            note: None,
            mark: None,
            hunk_buttons: None,
            file_buttons: None,
        }
    }

    pub fn file_heads(mut self, show: bool) -> Self {
        self.file_heads = show;
        self
    }

    /// What the files are taken from, such as a commit: another one begins at its top left, also with the same files.
    pub fn about(mut self, about: impl Hash) -> Self {
        let mut hasher = DefaultHasher::new();
        about.hash(&mut hasher);
        self.about = hasher.finish();
        self
    }

    /// The tick box of a changed line: None hides it.
    pub fn tick(mut self, tick: impl Fn(LineAt) -> Option<bool> + 'a) -> Self {
        self.tick = Some(Box::new(tick));
        self
    }

    /// The entries of the menu of the selected lines.
    pub fn menu(mut self, menu: impl FnMut(&mut Ui, &[LineAt]) + 'a) -> Self {
        self.menu = Some(Box::new(menu));
        self
    }

    /// Weak words in the head of a hunk: `4 of 8 lines staged`.
    pub fn note(mut self, note: impl Fn(usize, usize) -> String + 'a) -> Self {
        self.note = Some(Box::new(note));
        self
    }

    /// Words about a line that wants a look: it gets a bar at its left, which says them.
    pub fn mark(mut self, mark: impl Fn(LineAt) -> Option<String> + 'a) -> Self {
        self.mark = Some(Box::new(mark));
        self
    }

    pub fn hunk_buttons(mut self, buttons: impl Fn(usize, usize) -> Vec<DiffButton> + 'a) -> Self {
        self.hunk_buttons = Some(Box::new(buttons));
        self
    }

    pub fn file_buttons(mut self, buttons: impl Fn(usize) -> Vec<DiffButton> + 'a) -> Self {
        self.file_buttons = Some(Box::new(buttons));
        self
    }

    pub fn show(mut self, ui: &mut Ui, state: &mut DiffState) -> DiffResponse {
        let mut response = DiffResponse::default();
        let room = ui.available_rect_before_wrap();
        ui.advance_cursor_after_rect(room);
        if room.width() < 1.0 || room.height() < 1.0 {
            return response;
        }
        let body = ui.interact(room, self.id, Sense::click_and_drag());
        let name = text::tr(ui, "ui-diff");
        body.widget_info(|| WidgetInfo::labeled(Role::Document, true, &name));
        if body.clicked() || body.drag_started() {
            body.request_focus();
        }
        let is_other = state.turn_to(self.about, self.files);
        let keys = follow_keys(ui, self.id, self.files, state);
        if keys.toggles {
            response.ticked = self.with_ticks(state.selection.lines(self.files));
        }
        let (blocks, height) = self.blocks(state);
        let mut area_ui = ui.new_child(UiBuilder::new().max_rect(room).id_salt(self.id));
        area_ui.spacing_mut().item_spacing = vec2(measure::SPACE_8, 0.0);
        let mut area = ScrollArea::both()
            .auto_shrink([false, false])
            .id_salt("diff")
            .animated(false)
            .scroll_source(egui::scroll_area::ScrollSource {
                drag: egui::scroll_area::DragScroll::Never,
                ..Default::default()
            });
        if is_other {
            area = area.scroll_offset(egui::Vec2::ZERO);
        }
        match keys.jump {
            Some(Key::Home) => area = area.vertical_scroll_offset(0.0),
            Some(Key::End) => area = area.vertical_scroll_offset(height as f32),
            _ => {}
        }
        let gutter = self.gutter(state);
        let mut asked_at = keys.menu.then_some(room.left_top());
        area.show_viewport(&mut area_ui, |ui, viewport| {
            ui.set_min_size(vec2(state.widest.max(1.0), height as f32 + 12.0));
            let view = f64::from(viewport.min.y)..f64::from(viewport.max.y);
            for (block, top, block_height) in &blocks {
                let holds_cursor = || matches!(block, Block::Rows(file, hunk, _) if state.selection.is_at(*file, *hunk));
                if (*top > view.end || top + block_height < view.start) && !(keys.moves && holds_cursor()) {
                    continue;
                }
                let y = room.top() + (top - f64::from(viewport.min.y)) as f32;
                let rect = Rect::from_min_size(pos2(room.left(), y), vec2(room.width(), *block_height as f32));
                match block {
                    Block::FileHead(file) => self.file_head_ui(ui, state, *file, rect, &mut response),
                    Block::Message(file) => self.message_ui(ui, *file, rect, &mut response),
                    Block::HunkHead(file, hunk) => self.hunk_head_ui(ui, *file, *hunk, rect, &mut response),
                    Block::Rows(file, hunk, rows) => {
                        if keys.moves {
                            Self::scroll_to_cursor(ui, state, (*file, *hunk), rows, rect);
                        }
                        if let (Some(at), Some(bottom)) = (&mut asked_at, state.selection.bottom((*file, *hunk), rows, rect)) {
                            at.y = bottom.clamp(room.top(), room.bottom());
                        }
                        self.rows_ui(
                            ui,
                            state,
                            (*file, *hunk),
                            rows,
                            rect,
                            &gutter,
                            viewport.min.x,
                            &body,
                            &mut response,
                        );
                    }
                }
            }
        });
        if keys.copies {
            copy(ui, self.files, &state.selection);
        }
        if let Some(mut menu) = self.menu.take() {
            let lines = state.selection.lines(self.files);
            if !lines.is_empty() {
                context_menu_at(&body, asked_at, self.id, |ui| menu(ui, &lines));
            }
        }
        response
    }

    /// Those of the lines that have a tick box.
    fn with_ticks(&self, mut lines: Vec<LineAt>) -> Vec<LineAt> {
        lines.retain(|at| self.ticked(*at).is_some());
        lines
    }

    fn ticked(&self, at: LineAt) -> Option<bool> {
        let line = self.files.get(at.0)?.hunks().get(at.1)?.lines.get(at.2)?;
        self.tick
            .as_ref()
            .filter(|_| line.kind != LineKind::Context)
            .and_then(|tick| tick(at))
    }

    fn scroll_to_cursor(ui: &Ui, state: &DiffState, at: (usize, usize), rows: &[(Option<usize>, Option<usize>)], rect: Rect) {
        if let Some(bottom) = state.selection.bottom(at, rows, rect) {
            let top = bottom - measure::ROW_CODE;
            let row = Rect::from_min_size(pos2(ui.clip_rect().left(), top), vec2(1.0, measure::ROW_CODE));
            ui.scroll_to_rect(row.expand2(vec2(0.0, measure::ROW_CODE)), None);
        }
    }

    fn blocks(&self, state: &DiffState) -> (Vec<(Block, f64, f64)>, f64) {
        let mut blocks = Vec::new();
        let mut y = 0.0;
        let mut push = |block: Block, height: f64| {
            blocks.push((block, y, height));
            y += height;
        };
        for (f, file) in self.files.iter().enumerate() {
            if self.file_heads {
                push(Block::FileHead(f), f64::from(FILE_HEAD));
                if state.folded.contains(&file.path.display()) {
                    continue;
                }
            }
            if file.hunks().is_empty() {
                push(Block::Message(f), f64::from(MESSAGE));
            }
            for (h, hunk) in file.hunks().iter().enumerate() {
                push(Block::HunkHead(f, h), f64::from(HUNK_HEAD));
                let rows = diff_line::rows(hunk, state.side_by_side);
                let height = rows.len() as f64 * f64::from(measure::ROW_CODE);
                push(Block::Rows(f, h, rows), height);
            }
        }
        (blocks, y)
    }

    fn gutter(&self, state: &DiffState) -> diff_line::Gutter {
        let lines = self
            .files
            .iter()
            .flat_map(DiffFile::hunks)
            .filter_map(|hunk| hunk.lines.last());
        let largest = lines.filter_map(|line| line.old_no.max(line.new_no)).max().unwrap_or(0);
        diff_line::Gutter::new(largest, self.tick.is_some(), state.side_by_side)
    }

    fn file_head_ui(&self, ui: &mut Ui, state: &mut DiffState, f: usize, rect: Rect, response: &mut DiffResponse) {
        let t = Tokens::of(ui);
        let file = &self.files[f];
        let path = file.path.display();
        let folded = state.folded.contains(&path);
        ui.painter().rect_filled(rect, 0.0, t.surface_1);
        ui.painter()
            .hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, t.line));
        let head = ui.interact(rect, self.id.with(("file", f)), Sense::click());
        head.widget_info(|| WidgetInfo::selected(Role::DisclosureTriangle, true, !folded, &path));
        let mut right = ui.new_child(
            UiBuilder::new()
                .max_rect(rect.shrink2(vec2(12.0, 0.0)))
                .layout(Layout::right_to_left(Align::Center))
                .id_salt(("file-right", f)),
        );
        for (i, button) in self
            .file_buttons
            .as_ref()
            .map(|buttons| buttons(f))
            .unwrap_or_default()
            .iter()
            .enumerate()
            .rev()
        {
            if add_button(&mut right, button).clicked() {
                response.file_button = Some((f, i));
            }
        }
        let left_rect = Rect::from_min_max(rect.min + vec2(10.0, 0.0), pos2(right.min_rect().left() - 8.0, rect.bottom()));
        let mut left = ui.new_child(
            UiBuilder::new()
                .max_rect(left_rect)
                .layout(Layout::left_to_right(Align::Center))
                .id_salt(("file-left", f)),
        );
        left.spacing_mut().item_spacing.x = measure::SPACE_8;
        let icon = if folded { icons::CHEVRON_RIGHT } else { icons::CHEVRON_DOWN };
        icons::icon_ui(&mut left, icon, 14.0, t.text_weak, None);
        path_ui(&mut left, file);
        counts_ui(&mut left, file);
        if head.clicked() {
            if !state.folded.remove(&path) {
                state.folded.insert(path);
            }
            response.folded = Some(f);
        }
    }

    fn message_ui(&self, ui: &mut Ui, f: usize, rect: Rect, response: &mut DiffResponse) {
        let texts = text::catalog(ui.ctx());
        let file = &self.files[f];
        let mut child = ui.new_child(
            UiBuilder::new()
                .max_rect(rect.shrink2(vec2(measure::GUTTER, 0.0)))
                .layout(Layout::left_to_right(Align::Center))
                .id_salt(("message", f)),
        );
        let words = match &file.content {
            DiffContent::Text { .. } if file.is_mode_changed() => texts.msg(&crate::msg!(
                "ui-diff-mode",
                old = format!("{:06o}", file.old_mode),
                new = format!("{:06o}", file.new_mode)
            )),
            DiffContent::Text { .. } => texts.t("ui-diff-none").into_owned(),
            DiffContent::Binary { old_size, new_size } => {
                let (old, new) = (format::bytes(*old_size, &texts), format::bytes(*new_size, &texts));
                texts.msg(&crate::msg!("ui-diff-binary", old = old, new = new))
            }
            DiffContent::Picture { old, new } => {
                let words = |side: &Option<PictureFacts>| {
                    side.as_ref()
                        .map_or_else(|| "–".to_owned(), |side| format::picture(side, &texts))
                };
                texts.msg(&crate::msg!("ui-diff-binary", old = words(old), new = words(new)))
            }
            DiffContent::TooLarge {
                bytes,
                lines,
                is_hopeless,
            } => {
                let size = format::bytes(*bytes, &texts);
                texts.msg(&match (is_hopeless, lines) {
                    (true, 0) => crate::msg!("ui-diff-hopeless-file", size = size),
                    (true, n) => crate::msg!("ui-diff-hopeless", size = size, lines = *n),
                    (false, 0) => crate::msg!("ui-diff-large-file", size = size),
                    (false, n) => crate::msg!("ui-diff-too-large", size = size, lines = *n),
                })
            }
            DiffContent::Submodule { old, new, .. } => {
                let short = |oid: &Option<String>| oid.as_deref().map_or("–", format::short_oid).to_owned();
                texts.msg(&crate::msg!("ui-diff-submodule", old = short(old), new = short(new)))
            }
        };
        text::weak(&mut child, &words);
        if matches!(&file.content, DiffContent::TooLarge { is_hopeless: false, .. }) {
            let label = text::tr(ui, "ui-diff-show-anyway");
            if child.add(Button::new(&label).small()).clicked() {
                response.show_anyway = Some(f);
            }
        }
    }

    fn hunk_head_ui(&self, ui: &mut Ui, f: usize, h: usize, rect: Rect, response: &mut DiffResponse) {
        let t = Tokens::of(ui);
        let hunk = &self.files[f].hunks()[h];
        ui.painter().rect_filled(rect, 0.0, t.surface_2);
        for y in [rect.top() + 0.5, rect.bottom() - 0.5] {
            ui.painter().hline(rect.x_range(), y, Stroke::new(1.0, t.line));
        }
        let mut right = ui.new_child(
            UiBuilder::new()
                .max_rect(rect.shrink2(vec2(10.0, 0.0)))
                .layout(Layout::right_to_left(Align::Center))
                .id_salt(("hunk-right", f, h)),
        );
        for (i, button) in self
            .hunk_buttons
            .as_ref()
            .map(|buttons| buttons(f, h))
            .unwrap_or_default()
            .iter()
            .enumerate()
            .rev()
        {
            if add_button(&mut right, button).clicked() {
                response.hunk_button = Some((f, h, i));
            }
        }
        if let Some(note) = self.note.as_ref().map(|note| note(f, h)).filter(|note| !note.is_empty()) {
            text::small(&mut right, &note);
        }
        let words = Rect::from_min_max(rect.min + vec2(10.0, 0.0), pos2(right.min_rect().left() - 8.0, rect.bottom()));
        let mut left = ui.new_child(
            UiBuilder::new()
                .max_rect(words)
                .layout(Layout::left_to_right(Align::Center))
                .id_salt(("hunk-left", f, h)),
        );
        let range = hunk.range();
        text::label(
            &mut left,
            range.trim_end_matches(" @@"),
            Look {
                font: font::code(),
                colour: t.text_weak,
                cut: Cut::End,
            },
        );
        text::label(
            &mut left,
            &hunk.header,
            Look {
                font: font::code(),
                colour: t.text,
                cut: Cut::End,
            },
        );
    }

    fn rows_ui(
        &self,
        ui: &mut Ui,
        state: &mut DiffState,
        (f, h): (usize, usize),
        rows: &[(Option<usize>, Option<usize>)],
        rect: Rect,
        gutter: &diff_line::Gutter,
        offset_x: f32,
        body: &Response,
        response: &mut DiffResponse,
    ) {
        let t = Tokens::of(ui);
        let file = &self.files[f];
        let hunk = &file.hunks()[h];
        let runs = diff_line::hunk_runs(ui.ctx(), file, hunk);
        let clip = ui.clip_rect();
        let first = ((clip.top() - rect.top()) / measure::ROW_CODE).floor().max(0.0) as usize;
        let n_visible = (clip.height() / measure::ROW_CODE).ceil() as usize + 1;
        let half = rect.width() / 2.0;
        for (row, (left, right)) in rows.iter().enumerate().skip(first).take(n_visible) {
            let top = rect.top() + row as f32 * measure::ROW_CODE;
            let whole = Rect::from_min_size(pos2(rect.left(), top), vec2(rect.width(), measure::ROW_CODE));
            let sides = if state.side_by_side {
                vec![
                    (whole.with_max_x(rect.left() + half), *left, Side::Old),
                    (whole.with_min_x(rect.left() + half), *right, Side::New),
                ]
            } else {
                vec![(whole, *left, Side::Both)]
            };
            for (cell, line, side) in sides {
                let Some(l) = line else {
                    ui.painter().rect_filled(cell, 0.0, t.surface_2);
                    continue;
                };
                let at = (f, h, l);
                follow_pointer(ui, &mut state.selection, body, cell, at);
                let selected = state.selection.holds(at);
                let line_runs = runs.as_ref().and_then(|runs| runs.get(l));
                let used = diff_line::paint(ui, cell, &hunk.lines[l], line_runs, gutter, side, offset_x, selected);
                state.widest = state.widest.max(used).min(40_000.0);
                if side != Side::Old
                    && let Some(words) = self.mark.as_ref().and_then(|mark| mark(at))
                {
                    diff_line::mark_ui(ui, cell, &words);
                }
                if side != Side::Old || hunk.lines[l].kind == LineKind::Removed {
                    self.tick_ui(ui, &mut state.selection, hunk, at, cell, response);
                }
            }
            if state.side_by_side {
                ui.painter()
                    .vline(rect.left() + half, whole.y_range(), Stroke::new(1.0, t.line));
            }
        }
    }

    fn tick_ui(&self, ui: &Ui, selection: &mut Selection, hunk: &Hunk, at: LineAt, cell: Rect, response: &mut DiffResponse) {
        let line = &hunk.lines[at.2];
        let Some(ticked) = self.ticked(at) else { return };
        let place = Rect::from_min_size(cell.min, vec2(24.0, cell.height()));
        let tick = ui.interact(place, self.id.with(("tick", at, cell.left() as i32)), Sense::click());
        let sign = if line.kind == LineKind::Added { '+' } else { '-' };
        let name = format!("{sign} {}", line.text.trim());
        tick.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, ticked, &name));
        paint_tick(ui, place.center(), ticked, tick.hovered(), tick.has_focus());
        if tick.clicked() {
            let is_range = ui.input(|input| input.modifiers.shift) && selection.cursor().is_some();
            if is_range {
                let wanted = selection.given().unwrap_or(!ticked);
                selection.extend_to(at);
                let mut others = self.with_ticks(selection.lines(self.files));
                others.retain(|at| self.ticked(*at) == Some(!wanted));
                response.ticked = others;
            } else {
                selection.set_ticked(at, !ticked);
                response.ticked = vec![at];
            }
        }
    }
}

fn add_button(ui: &mut Ui, button: &DiffButton) -> Response {
    let mut widget = Button::new(&button.label).small().danger(button.danger);
    if button.bare {
        widget = widget.bare();
    }
    ui.add(widget)
}
