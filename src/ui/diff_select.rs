//! Selecting lines of a difference: with the pointer, with Shift, and with the keys.

use super::diff_view::{DiffState, LineAt};
use super::keys::asks_for_menu;
use super::tokens::measure;
use crate::base::diff::DiffFile;
use egui::{Event, EventFilter, Id, Key, Modifiers, Rect, Response, Ui};

/// Lines that Page Up and Page Down go.
const PAGE: usize = 20;

/// A run of lines, from where it began to where the cursor is.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Selection {
    range: Option<(LineAt, LineAt)>,
    /// What the box got with whose click the selection began.
    given: Option<bool>,
}

impl Selection {
    pub(super) fn set(&mut self, at: LineAt) {
        *self = Self {
            range: Some((at, at)),
            given: None,
        };
    }

    /// The box of this line was clicked, and shall be ticked or not.
    pub(super) fn set_ticked(&mut self, at: LineAt, is_ticked: bool) {
        self.set(at);
        self.given = Some(is_ticked);
    }

    /// What all of a range of boxes get: what the first click gave.
    pub(super) fn given(&self) -> Option<bool> {
        self.given
    }

    pub(super) fn extend_to(&mut self, at: LineAt) {
        let anchor = self.range.map_or(at, |(anchor, _)| anchor);
        self.range = Some((anchor, at));
    }

    pub(super) fn cursor(&self) -> Option<LineAt> {
        self.range.map(|(_, cursor)| cursor)
    }

    pub(super) fn is_at(&self, file: usize, hunk: usize) -> bool {
        self.cursor().is_some_and(|(f, h, _)| (f, h) == (file, hunk))
    }

    pub(super) fn holds(&self, at: LineAt) -> bool {
        self.range.is_some_and(|(a, b)| (a.min(b)..=a.max(b)).contains(&at))
    }

    /// Where the row with the cursor ends, if it is one of this hunk, whose rows are drawn there.
    pub(super) fn bottom(&self, of: (usize, usize), rows: &[(Option<usize>, Option<usize>)], drawn: Rect) -> Option<f32> {
        let (_, _, line) = self.cursor().filter(|(file, hunk, _)| (*file, *hunk) == of)?;
        let row = rows.iter().position(|(left, right)| [*left, *right].contains(&Some(line)))?;
        Some(drawn.top() + (row + 1) as f32 * measure::ROW_CODE)
    }

    /// Every selected line that is still there.
    pub(super) fn lines(&self, files: &[DiffFile]) -> Vec<LineAt> {
        let Some((a, b)) = self.range else { return Vec::new() };
        let range = a.min(b)..=a.max(b);
        all(files).filter(|at| range.contains(at)).collect()
    }
}

/// Every line, in the order of the unified view.
fn all(files: &[DiffFile]) -> impl DoubleEndedIterator<Item = LineAt> {
    files.iter().enumerate().flat_map(|(f, file)| {
        let hunks = file.hunks().iter().enumerate();
        hunks.flat_map(move |(h, hunk)| (0..hunk.lines.len()).map(move |l| (f, h, l)))
    })
}

/// What the keys asked for.
#[derive(Default)]
pub(super) struct Keys {
    /// Home or End.
    pub(super) jump: Option<Key>,
    pub(super) copies: bool,
    pub(super) toggles: bool,
    /// The menu of the selected lines is asked for.
    pub(super) menu: bool,
    /// The cursor went elsewhere.
    pub(super) moves: bool,
}

/// Arrows move the cursor, with Shift they select; space ticks; Ctrl+C copies.
pub(super) fn follow_keys(ui: &Ui, id: Id, files: &[DiffFile], state: &mut DiffState) -> Keys {
    let mut keys = Keys::default();
    if !ui.memory(|memory| memory.has_focus(id)) {
        return keys;
    }
    let filter = EventFilter {
        vertical_arrows: true,
        ..EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
    keys.menu = asks_for_menu(ui);
    let selection = state.selection_mut();
    if keys.menu
        && selection.cursor().is_none()
        && let Some(first) = all(files).next()
    {
        selection.set(first);
    }
    ui.input_mut(|input| {
        keys.copies = input.events.iter().any(|event| matches!(event, Event::Copy));
        keys.jump = [Key::Home, Key::End]
            .into_iter()
            .find(|key| input.consume_key(Modifiers::NONE, *key));
        keys.toggles = input.consume_key(Modifiers::NONE, Key::Space);
        let steps = [
            (Key::ArrowUp, false, 1),
            (Key::ArrowDown, true, 1),
            (Key::PageUp, false, PAGE),
            (Key::PageDown, true, PAGE),
        ];
        for (key, is_down, n) in steps {
            for modifiers in [Modifiers::SHIFT, Modifiers::NONE] {
                if input.consume_key(modifiers, key)
                    && let Some(at) = step(files, selection.cursor(), is_down, n)
                {
                    if modifiers.shift {
                        selection.extend_to(at);
                    } else {
                        selection.set(at);
                    }
                    keys.moves = true;
                }
            }
        }
    });
    keys
}

/// The line that many lines on; the last one there is at the end, the first one when there is no cursor.
fn step(files: &[DiffFile], from: Option<LineAt>, is_down: bool, n: usize) -> Option<LineAt> {
    let Some(from) = from else { return all(files).next() };
    if is_down {
        all(files).filter(|at| *at > from).take(n).last()
    } else {
        all(files).rev().filter(|at| *at < from).take(n).last()
    }
}

/// Selects lines with the pointer: a click one, a drag or Shift several; the other button opens the menu of what is selected.
pub(super) fn follow_pointer(ui: &Ui, selection: &mut Selection, body: &Response, cell: Rect, at: LineAt) {
    // A drag begins where the button went down, not where egui became sure of it.
    let origin = body
        .drag_started()
        .then(|| ui.input(|input| input.pointer.press_origin()))
        .flatten();
    let pointer = origin.or(body.interact_pointer_pos());
    let Some(pointer) = pointer.filter(|pointer| cell.contains(*pointer)) else {
        return;
    };
    if body.secondary_clicked() {
        if !selection.holds(at) {
            selection.set(at);
        }
        return;
    }
    let started = body.clicked() || body.drag_started();
    let shift = ui.input(|input| input.modifiers.shift);
    if body.dragged() && !started || shift && started {
        selection.extend_to(at);
    } else if started && pointer.x > cell.left() + 24.0 {
        selection.set(at);
    }
}

/// The selected lines as text.
pub(super) fn copy(ui: &Ui, files: &[DiffFile], selection: &Selection) {
    let lines = selection.lines(files);
    let texts: Vec<&str> = lines
        .iter()
        .map(|(f, h, l)| files[*f].hunks()[*h].lines[*l].text.as_str())
        .collect();
    if !texts.is_empty() {
        ui.ctx().copy_text(texts.join("\n"));
    }
}
