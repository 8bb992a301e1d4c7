//! The lines of the three-way editor: the versions beside each other, and the result below. Only what is seen is laid out.

use super::conflict::{Editor, number_of};
use crate::areas::page::Cx;
use crate::base::operation::{Choice, ConflictText, Segment, SegmentKind, Side};
use crate::msg;
use crate::ui::button::{Button, MenuEntry, menu_entry_ui};
use crate::ui::input::Input;
use crate::ui::text::{self, Cut, Look};
use crate::ui::theme::font;
use crate::ui::tokens::{CLEAR, Tokens, measure};
use crate::ui::{icons, state_mark};
use egui::{Align, Color32, Id, Layout, Popup, Rect, Role, ScrollArea, Sense, Stroke, Ui, UiBuilder, WidgetInfo, pos2, vec2};
use std::collections::BTreeSet;
use std::ops::Range;

/// Lines of agreement that stay above and below what matters.
const CONTEXT: usize = 3;
const HEAD: f32 = 32.0;
const NAMES: f32 = 26.0;
const GUTTER: f32 = 44.0;
const EDIT_ROWS: usize = 6;
/// The width of a character, about.
const CHAR: f32 = 7.5;
/// Characters of the longest line that stay in sight however far one scrolls.
const LEFT_IN_SIGHT: usize = 12;

/// One row of a pane.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Row {
    /// Above a conflict: its number.
    Head(usize),
    /// A line of a segment, counted within it.
    Line { segment: usize, at: usize },
    /// Lines that all agree, folded.
    Fold { segment: usize, n_lines: usize },
    /// The result of a conflict that is not decided.
    Open(usize),
    /// A line of the result of a conflict.
    Chosen { conflict: usize, line: String },
    /// A conflict that is typed.
    Edit(usize),
}

impl Row {
    fn height(&self) -> f32 {
        match self {
            Self::Head(_) | Self::Open(_) => HEAD,
            Self::Edit(_) => EDIT_ROWS as f32 * 17.0 + 20.0,
            Self::Line { .. } | Self::Fold { .. } | Self::Chosen { .. } => measure::ROW_CODE,
        }
    }
}

/// The rows of one pane with their tops.
#[derive(Default)]
pub(super) struct Pane {
    rows: Vec<Row>,
    tops: Vec<f32>,
    height: f32,
}

impl Pane {
    fn push(&mut self, row: Row) {
        self.tops.push(self.height);
        self.height += row.height();
        self.rows.push(row);
    }

    fn visible(&self, viewport: Rect) -> Range<usize> {
        let first = self.tops.partition_point(|top| *top <= viewport.top()).saturating_sub(1);
        let last = self.tops.partition_point(|top| *top < viewport.bottom());
        first..last
    }

    fn top_of(&self, conflict: usize) -> Option<f32> {
        let is_it = |row: &Row| match row {
            Row::Head(at) | Row::Open(at) | Row::Edit(at) => *at == conflict,
            Row::Chosen { conflict: at, .. } => *at == conflict,
            Row::Line { .. } | Row::Fold { .. } => false,
        };
        self.rows.iter().position(is_it).map(|at| self.tops[at])
    }
}

/// Both panes, worked out once per decision.
#[derive(Default)]
pub(super) struct Shown {
    key: Option<(Vec<Choice>, BTreeSet<usize>)>,
    sides: Pane,
    result: Pane,
    unfolded: BTreeSet<usize>,
    /// Characters that all lines are scrolled sideways by, and those of the longest one.
    shift: f32,
    longest: usize,
    /// The conflict that the panes shall show in their next frame, each for itself.
    reveal_side: Option<usize>,
    reveal_result: Option<usize>,
}

impl Shown {
    /// Both panes go to this conflict.
    pub(super) fn reveal(&mut self, conflict: usize) {
        (self.reveal_side, self.reveal_result) = (Some(conflict), Some(conflict));
    }

    pub(super) fn follow(&mut self, conflict: &ConflictText, choices: &[Choice]) {
        let key = (choices.to_vec(), self.unfolded.clone());
        if self.key.as_ref() == Some(&key) {
            return;
        }
        self.sides = Pane::default();
        self.result = Pane::default();
        let all = conflict.base.iter().chain(&conflict.ours).chain(&conflict.theirs);
        self.longest = all.map(|line| spaced(line).chars().count()).max().unwrap_or(0);
        let mut n_conflicts = 0;
        for (at, segment) in conflict.segments.iter().enumerate() {
            if segment.kind == SegmentKind::Conflict {
                self.sides.push(Row::Head(n_conflicts));
                let n_lines = segment.ours.len().max(segment.theirs.len()).max(segment.base.len());
                for line in 0..n_lines {
                    self.sides.push(Row::Line { segment: at, at: line });
                }
                let choice = choices.get(n_conflicts).unwrap_or(&Choice::Open);
                result_rows(&mut self.result, conflict, segment, n_conflicts, choice);
                n_conflicts += 1;
                continue;
            }
            let n_lines = segment.ours.len().max(segment.theirs.len());
            let n_result = taken(conflict, segment).len();
            let is_foldable = segment.kind == SegmentKind::Same && !self.unfolded.contains(&at);
            lines(&mut self.sides, at, n_lines, is_foldable, at == 0);
            lines(&mut self.result, at, n_result, is_foldable, at == 0);
        }
        self.key = Some(key);
    }
}

fn lines(pane: &mut Pane, segment: usize, n_lines: usize, is_foldable: bool, is_first: bool) {
    let head = if is_first { 0 } else { CONTEXT };
    if is_foldable && n_lines > head + CONTEXT + 1 {
        (0..head).for_each(|at| pane.push(Row::Line { segment, at }));
        pane.push(Row::Fold {
            segment,
            n_lines: n_lines - head - CONTEXT,
        });
        (n_lines - CONTEXT..n_lines).for_each(|at| pane.push(Row::Line { segment, at }));
    } else {
        (0..n_lines).for_each(|at| pane.push(Row::Line { segment, at }));
    }
}

fn result_rows(pane: &mut Pane, conflict: &ConflictText, segment: &Segment, number: usize, choice: &Choice) {
    if let Choice::Open = choice {
        pane.push(Row::Open(number));
        return;
    }
    if let Choice::Edited { .. } = choice {
        pane.push(Row::Edit(number));
        return;
    }
    let chosen = choice_lines(conflict, segment, choice);
    if chosen.is_empty() {
        pane.push(Row::Chosen {
            conflict: number,
            line: String::new(),
        });
    }
    for line in chosen {
        pane.push(Row::Chosen { conflict: number, line });
    }
}

/// What a conflict becomes.
fn choice_lines(conflict: &ConflictText, segment: &Segment, choice: &Choice) -> Vec<String> {
    let ours = || conflict.ours[segment.ours.clone()].iter().cloned();
    let theirs = || conflict.theirs[segment.theirs.clone()].iter().cloned();
    match choice {
        Choice::Open => Vec::new(),
        Choice::Ours => ours().collect(),
        Choice::Theirs => theirs().collect(),
        Choice::Base => conflict.base[segment.base.clone()].to_vec(),
        Choice::OursThenTheirs => ours().chain(theirs()).collect(),
        Choice::TheirsThenOurs => theirs().chain(ours()).collect(),
        Choice::Edited { text } => text.lines().map(str::to_owned).collect(),
    }
}

/// What a stretch without a conflict becomes.
fn taken<'a>(conflict: &'a ConflictText, segment: &Segment) -> &'a [String] {
    if segment.kind == SegmentKind::Theirs {
        &conflict.theirs[segment.theirs.clone()]
    } else {
        &conflict.ours[segment.ours.clone()]
    }
}

fn side_lines<'a>(conflict: &'a ConflictText, segment: &Segment, side: Side) -> (&'a [String], usize) {
    match side {
        Side::Base => (&conflict.base[segment.base.clone()], segment.base.start),
        Side::Ours => (&conflict.ours[segment.ours.clone()], segment.ours.start),
        Side::Theirs => (&conflict.theirs[segment.theirs.clone()], segment.theirs.start),
    }
}

/// The versions beside each other.
pub(super) fn sides_ui(ui: &mut Ui, cx: &Cx<'_>, editor: &mut Editor, conflict: &ConflictText, sides: &[Side]) {
    let t = Tokens::of(ui);
    let room = ui.available_rect_before_wrap();
    let width = room.width() / sides.len() as f32;
    let names = room.with_max_y(room.top() + NAMES);
    for (at, side) in sides.iter().enumerate() {
        let (key, name) = match side {
            Side::Base => ("code-side-base", ""),
            Side::Ours => ("code-side-ours", conflict.ours_name.as_str()),
            Side::Theirs => ("code-side-theirs", conflict.theirs_name.as_str()),
        };
        let cell = Rect::from_min_size(pos2(room.left() + width * at as f32, names.top()), vec2(width, NAMES));
        let words = if name.is_empty() {
            cx.t(key)
        } else {
            format!("{} · {name}", cx.t(key))
        };
        let look = Look {
            font: font::small(),
            colour: t.text_weak,
            cut: Cut::End,
        };
        text::paint_line(ui, cell.shrink2(vec2(12.0, 0.0)), &words, &look, Align::Min);
        if at > 0 {
            ui.painter().vline(cell.left(), cell.y_range(), Stroke::new(1.0, t.line));
        }
    }
    ui.painter()
        .hline(names.x_range(), names.bottom() - 0.5, Stroke::new(1.0, t.line));
    let body = room.with_min_y(names.bottom());
    scroll_sideways(ui, body, &mut editor.shown);
    let shift = editor.shown.shift as usize;
    let pane = std::mem::take(&mut editor.shown.sides);
    let offset = editor.shown.reveal_side.take().and_then(|at| pane.top_of(at));
    pane_ui(ui, body, "sides", offset, &pane, |ui, row, rect| match row {
        Row::Head(number) => head_ui(ui, cx, editor, conflict, *number, rect),
        Row::Fold { segment, n_lines } => {
            if fold_ui(ui, cx, *segment, *n_lines, rect) {
                editor.shown.unfolded.insert(*segment);
            }
        }
        Row::Line { segment: number, at } => {
            let segment = &conflict.segments[*number];
            let choice = (segment.kind == SegmentKind::Conflict)
                .then(|| editor.choices.get(number_of(conflict, *number)))
                .flatten();
            for (column, side) in sides.iter().enumerate() {
                let left = rect.left() + width * column as f32;
                let cell = Rect::from_min_size(pos2(left, rect.top()), vec2(width, rect.height()));
                let (lines, first) = side_lines(conflict, segment, *side);
                let (fill, colour) = side_look(t, segment.kind, *side, choice);
                line_ui(
                    ui,
                    cell,
                    lines.get(*at).map(|line| (first + at + 1, line.as_str())),
                    shift,
                    fill,
                    colour,
                );
                if column > 0 {
                    ui.painter().vline(left, cell.y_range(), Stroke::new(1.0, t.line));
                }
            }
        }
        Row::Open(_) | Row::Chosen { .. } | Row::Edit(_) => {}
    });
    editor.shown.sides = pane;
}

/// Fill and colour of a side's line: what is taken keeps its fill, what is not grows dim.
fn side_look(t: &Tokens, kind: SegmentKind, side: Side, choice: Option<&Choice>) -> (Color32, Color32) {
    match kind {
        SegmentKind::Same => (CLEAR, t.text_weak),
        SegmentKind::Both if side != Side::Base => (t.diff.added, t.text),
        SegmentKind::Ours if side == Side::Ours => (t.diff.added, t.text),
        SegmentKind::Theirs if side == Side::Theirs => (t.diff.added, t.text),
        SegmentKind::Both | SegmentKind::Ours | SegmentKind::Theirs => (CLEAR, t.text_weak),
        SegmentKind::Conflict => {
            let is_taken = match choice {
                None | Some(Choice::Open) => return (open_fill(t, side), t.text),
                Some(Choice::Ours) => side == Side::Ours,
                Some(Choice::Theirs) => side == Side::Theirs,
                Some(Choice::Base) => side == Side::Base,
                Some(Choice::OursThenTheirs | Choice::TheirsThenOurs) => side != Side::Base,
                Some(Choice::Edited { .. }) => false,
            };
            if is_taken {
                (t.success.weak, t.text)
            } else {
                (CLEAR, t.text_weak)
            }
        }
    }
}

fn open_fill(t: &Tokens, side: Side) -> Color32 {
    match side {
        Side::Base => t.neutral.weak,
        Side::Ours => t.info.weak,
        Side::Theirs => t.warning.weak,
    }
}

/// Tabs as wide as the editor shows them.
fn spaced(line: &str) -> String {
    line.replace('\t', "    ")
}

/// The sideways wheel, or the wheel with Shift, moves the lines of all panes.
fn scroll_sideways(ui: &Ui, body: Rect, shown: &mut Shown) {
    if !ui.rect_contains_pointer(body) {
        return;
    }
    let by = ui.input(|input| input.smooth_scroll_delta().x) / CHAR;
    if by != 0.0 {
        let last = shown.longest.saturating_sub(LEFT_IN_SIGHT) as f32;
        shown.shift = (shown.shift - by).clamp(0.0, last);
    }
}

/// A line scrolled sideways; the whole of it on hover when an end is out of sight.
fn words_ui(ui: &Ui, place: Rect, words: &str, shift: usize, colour: Color32) {
    let words = spaced(words);
    let rest: String = words.chars().skip(shift).collect();
    let shown = if shift > 0 { format!("…{rest}") } else { rest };
    let look = Look {
        font: font::code(),
        colour,
        cut: Cut::End,
    };
    let width = text::paint_line(ui, place, &shown, &look, Align::Min);
    let is_cut = shift > 0 || width + CHAR > place.width();
    if is_cut && !words.is_empty() {
        let id = Id::unique(("code-conflict-line", place.left() as i32, place.top() as i32));
        ui.interact(place, id, Sense::hover())
            .on_hover_text(egui::RichText::new(words).font(font::code()));
    }
}

fn line_ui(ui: &Ui, cell: Rect, line: Option<(usize, &str)>, shift: usize, fill: Color32, colour: Color32) {
    let t = Tokens::of(ui);
    let Some((number, words)) = line else {
        ui.painter().rect_filled(cell, 0.0, t.surface_2);
        return;
    };
    ui.painter().rect_filled(cell, 0.0, fill);
    let look = |colour| Look {
        font: font::code(),
        colour,
        cut: Cut::End,
    };
    let gutter = cell.with_max_x(cell.left() + GUTTER - 8.0);
    text::paint_line(ui, gutter, &number.to_string(), &look(t.text_weak), Align::Max);
    let place = cell.with_min_x(cell.left() + GUTTER).with_max_x(cell.right() - 8.0);
    words_ui(ui, place, words, shift, colour);
}

/// Rows of a pane, those that are seen.
fn pane_ui(ui: &mut Ui, body: Rect, id: &str, offset: Option<f32>, pane: &Pane, mut row_ui: impl FnMut(&mut Ui, &Row, Rect)) {
    let mut area_ui = ui.new_child(UiBuilder::new().max_rect(body).id_salt(("conflict", id)));
    let mut area = ScrollArea::vertical().auto_shrink([false, false]).id_salt(id).animated(false);
    if let Some(offset) = offset {
        area = area.vertical_scroll_offset((offset - body.height() * 0.3).max(0.0));
    }
    area.show_viewport(&mut area_ui, |ui, viewport| {
        ui.set_min_size(vec2(body.width(), pane.height));
        let top = body.top() - viewport.top();
        for at in pane.visible(viewport) {
            let row = &pane.rows[at];
            let rect = Rect::from_min_size(pos2(body.left(), top + pane.tops[at]), vec2(body.width(), row.height()));
            row_ui(ui, row, rect);
        }
    });
    ui.advance_cursor_after_rect(body);
}

fn fold_ui(ui: &Ui, cx: &Cx<'_>, segment: usize, n_lines: usize, rect: Rect) -> bool {
    let t = Tokens::of(ui);
    let words = cx.msg(&msg!("code-conflict-fold", n = n_lines));
    let response = ui.interact(
        rect,
        Id::unique(("code-conflict-fold", segment, rect.width() as i32)),
        Sense::click(),
    );
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &words));
    ui.painter().rect_filled(rect, 0.0, t.surface_2);
    let look = Look {
        font: font::small(),
        colour: if response.hovered() { t.accent.text } else { t.text_weak },
        cut: Cut::End,
    };
    text::paint_line(ui, rect.shrink2(vec2(GUTTER, 0.0)), &words, &look, Align::Min);
    response.clicked()
}

/// The head of a conflict with the ways to decide it.
fn head_ui(ui: &mut Ui, cx: &Cx<'_>, editor: &mut Editor, conflict: &ConflictText, number: usize, rect: Rect) {
    let t = Tokens::of(ui);
    let is_current = editor.at == number;
    ui.painter()
        .rect_filled(rect, 0.0, if is_current { t.accent.weak } else { t.surface_2 });
    if is_current {
        ui.painter()
            .rect_filled(rect.with_max_x(rect.left() + 2.0), 0.0, t.accent.mark);
    }
    let mut bar = ui.new_child(
        UiBuilder::new()
            .max_rect(rect.shrink2(vec2(12.0, 0.0)))
            .layout(Layout::left_to_right(Align::Center))
            .id_salt(("conflict-head", number)),
    );
    bar.spacing_mut().item_spacing.x = measure::SPACE_8;
    let name = cx.msg(&msg!("code-conflict-n", n = number + 1));
    if text::link_look(&mut bar, &name, font::medium(measure::TEXT_SMALL), Cut::End).clicked() {
        editor.go(number);
    }
    let choices = [
        ("code-take-ours", Choice::Ours),
        ("code-take-theirs", Choice::Theirs),
        ("code-take-base", Choice::Base),
    ];
    let mut chosen = None;
    for (key, choice) in choices {
        if bar.add(Button::new(&cx.t(key)).small()).clicked() {
            chosen = Some(choice);
        }
    }
    let both = bar.add(Button::new(&cx.t("code-take-both")).small().chevron());
    Popup::menu(&both).gap(4.0).show(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for (key, choice) in [
            ("code-take-ours-first", Choice::OursThenTheirs),
            ("code-take-theirs-first", Choice::TheirsThenOurs),
        ] {
            let entry = MenuEntry {
                label: &cx.t(key),
                ..MenuEntry::default()
            };
            if menu_entry_ui(ui, &entry).clicked() {
                chosen = Some(choice);
                ui.close();
            }
        }
    });
    let why = (!conflict.is_typable).then(|| cx.t("code-conflict-not-typable"));
    let word = cx.t("code-conflict-edit");
    let edit = Button::new(&word).small().disabled_because(why.as_deref());
    if bar.add(edit).clicked() {
        chosen = Some(begin_edit(editor, conflict, number));
    }
    let known = editor.choices.get(number);
    if known.is_some_and(|choice| *choice != Choice::Open) {
        bar.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if text::link_small(ui, &cx.t("code-conflict-reopen")).clicked() {
                chosen = Some(Choice::Open);
            }
            icons::icon_ui(ui, icons::CHECK, measure::ICON_SMALL, t.success.text, None);
        });
    }
    if let Some(choice) = chosen {
        editor.choose(number, choice);
    }
}

/// What is chosen now, to be typed over.
fn begin_edit(editor: &Editor, conflict: &ConflictText, number: usize) -> Choice {
    let mut conflicts = conflict
        .segments
        .iter()
        .filter(|segment| segment.kind == SegmentKind::Conflict);
    let lines = conflicts.nth(number).map_or_else(Vec::new, |segment| {
        let known = editor.choices.get(number).filter(|choice| **choice != Choice::Open);
        choice_lines(conflict, segment, known.unwrap_or(&Choice::OursThenTheirs))
    });
    Choice::Edited { text: lines.join("\n") }
}

/// What the file becomes.
pub(super) fn result_ui(ui: &mut Ui, cx: &Cx<'_>, editor: &mut Editor, conflict: &ConflictText) {
    let t = Tokens::of(ui);
    let room = ui.available_rect_before_wrap();
    let names = room.with_max_y(room.top() + NAMES);
    ui.painter()
        .hline(names.x_range(), names.top() + 0.5, Stroke::new(1.0, t.line_strong));
    let look = Look {
        font: font::small(),
        colour: t.text_weak,
        cut: Cut::End,
    };
    text::paint_line(
        ui,
        names.shrink2(vec2(12.0, 0.0)),
        &cx.t("code-conflict-result"),
        &look,
        Align::Min,
    );
    ui.painter()
        .hline(names.x_range(), names.bottom() - 0.5, Stroke::new(1.0, t.line));
    scroll_sideways(ui, room, &mut editor.shown);
    let shift = editor.shown.shift as usize;
    let pane = std::mem::take(&mut editor.shown.result);
    let offset = editor.shown.reveal_result.take().and_then(|at| pane.top_of(at));
    pane_ui(
        ui,
        room.with_min_y(names.bottom()),
        "result",
        offset,
        &pane,
        |ui, row, rect| {
            let plain = |ui: &Ui, line: &str, fill| {
                ui.painter().rect_filled(rect, 0.0, fill);
                let place = rect.with_min_x(rect.left() + GUTTER).with_max_x(rect.right() - 8.0);
                words_ui(ui, place, line, shift, t.text);
            };
            match row {
                Row::Line { segment, at } => {
                    let segment = &conflict.segments[*segment];
                    let fill = if segment.kind == SegmentKind::Same {
                        CLEAR
                    } else {
                        t.diff.added
                    };
                    let line = taken(conflict, segment).get(*at).map_or("", String::as_str);
                    plain(ui, line, fill);
                }
                Row::Fold { segment, n_lines } => {
                    if fold_ui(ui, cx, *segment + conflict.segments.len(), *n_lines, rect) {
                        editor.shown.unfolded.insert(*segment);
                    }
                }
                Row::Chosen { line, .. } => plain(ui, line, t.success.weak),
                Row::Open(number) => {
                    ui.painter().rect_filled(rect, 0.0, t.warning.weak);
                    let mut bar = ui.new_child(
                        UiBuilder::new()
                            .max_rect(rect.with_min_x(rect.left() + GUTTER))
                            .layout(Layout::left_to_right(Align::Center))
                            .id_salt(("conflict-open", number)),
                    );
                    let words = cx.msg(&msg!("code-conflict-open", n = number + 1));
                    state_mark::label_ui(&mut bar, crate::base::State::Degraded, &words);
                }
                Row::Edit(number) => edit_ui(ui, cx, editor, *number, rect),
                Row::Head(_) => {}
            }
        },
    );
    editor.shown.result = pane;
}

fn edit_ui(ui: &mut Ui, cx: &Cx<'_>, editor: &mut Editor, number: usize, rect: Rect) {
    let Some(Choice::Edited { text }) = editor.choices.get(number) else {
        return;
    };
    let mut words = text.clone();
    let place = rect.with_min_x(rect.left() + GUTTER - 10.0).shrink2(vec2(0.0, 3.0));
    let mut child = ui.new_child(UiBuilder::new().max_rect(place).id_salt(("conflict-edit", number)));
    let name = cx.msg(&msg!("code-conflict-edit-n", n = number + 1));
    let width = place.width() - 16.0;
    let response = ScrollArea::vertical()
        .max_height(place.height())
        .id_salt(("conflict-edit-scroll", number))
        .show(&mut child, |ui| {
            Input::new(Id::unique(("code-conflict-edit", number)), &name)
                .mono()
                .rows(EDIT_ROWS)
                .width(width)
                .show(ui, &mut words)
        })
        .inner;
    if editor.writes.take_if(|at| *at == number).is_some() {
        response.request_focus();
    }
    if response.changed()
        && let Some(choice) = editor.choices.get_mut(number)
    {
        *choice = Choice::Edited { text: words };
    }
}
