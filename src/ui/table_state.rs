//! What a table remembers: widths, hidden columns, sort, selection; and how keys and clicks change the selection.

use super::table_parts::Column;
use egui::{Event, Key, Modifiers, Ui};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The column that rows are sorted by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sort {
    pub column: String,
    pub descending: bool,
}

/// Kept by the page and saved with the window.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TableState {
    /// Widths that the user chose, by column id.
    pub widths: BTreeMap<String, f32>,
    /// Columns that the user hid or brought out.
    pub hidden: BTreeMap<String, bool>,
    pub sort: Option<Sort>,
    /// Keys of the selected rows.
    pub selected: BTreeSet<u64>,
    /// Key of the row that the keyboard is at.
    pub cursor: Option<u64>,
    /// Where a range started.
    #[serde(skip)]
    anchor: Option<u64>,
    /// Where the cursor was found last; a hint.
    #[serde(skip)]
    cursor_hint: usize,
    #[serde(skip)]
    pub(super) offset: f64,
    #[serde(skip)]
    pub(super) view_height: f32,
    #[serde(skip)]
    pub(super) reveal: bool,
}

/// A stable key for a row that is known by a text.
pub fn row_key(text: &str) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in text.as_bytes() {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash
}

/// What the keys asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Keys {
    pub(super) moved: bool,
    pub(super) selection_changed: bool,
    pub(super) activated: Option<usize>,
    pub(super) left: Option<usize>,
    pub(super) right: Option<usize>,
    pub(super) copy: bool,
}

type KeyOf<'a> = dyn Fn(usize) -> u64 + 'a;

impl TableState {
    /// Sorted by this column at first.
    pub fn sorted_by(column: &str, descending: bool) -> Self {
        Self {
            sort: Some(Sort {
                column: column.to_owned(),
                descending,
            }),
            ..Self::default()
        }
    }

    pub fn is_hidden(&self, column: &Column) -> bool {
        column.hideable && self.hidden.get(column.id).copied().unwrap_or(column.hidden)
    }

    /// Selects this row alone and scrolls to it.
    pub fn select_only(&mut self, key: u64) {
        self.selected = BTreeSet::from([key]);
        self.cursor = Some(key);
        self.anchor = Some(key);
        self.reveal = true;
    }

    pub fn clear_selection(&mut self) {
        self.selected.clear();
        self.cursor = None;
        self.anchor = None;
    }

    /// The selected row, when it is one.
    pub fn single(&self) -> Option<u64> {
        if self.selected.len() == 1 {
            self.selected.first().copied()
        } else {
            None
        }
    }

    /// The row of the cursor, if it is among the rows.
    pub(super) fn cursor_row(&mut self, n_rows: usize, key: &KeyOf<'_>) -> Option<usize> {
        let cursor = self.cursor?;
        if self.cursor_hint >= n_rows || key(self.cursor_hint) != cursor {
            self.cursor_hint = (0..n_rows).find(|row| key(*row) == cursor)?;
        }
        Some(self.cursor_hint)
    }

    /// A click on a row; true when the selection changed.
    pub(super) fn click(
        &mut self,
        row: usize,
        modifiers: Modifiers,
        multi: bool,
        key: &KeyOf<'_>,
        is_group: &dyn Fn(usize) -> bool,
    ) -> bool {
        let before = self.selected.clone();
        let clicked = key(row);
        if multi && modifiers.shift {
            self.select_range(row, key, is_group);
        } else if multi && modifiers.command {
            if !self.selected.remove(&clicked) {
                self.selected.insert(clicked);
            }
            self.anchor = Some(clicked);
        } else {
            self.selected = BTreeSet::from([clicked]);
            self.anchor = Some(clicked);
        }
        self.cursor = Some(clicked);
        self.cursor_hint = row;
        before != self.selected
    }

    fn select_range(&mut self, to: usize, key: &KeyOf<'_>, is_group: &dyn Fn(usize) -> bool) {
        // The anchor is nearly always near: look around the hint first, then below and above.
        let anchor = self.anchor.or(self.cursor);
        let from = anchor.and_then(|anchor| {
            let near = self.cursor_hint.saturating_sub(2000)..self.cursor_hint.max(to) + 2000;
            near.take_while(|row| *row <= to.max(self.cursor_hint) + 2000)
                .find(|row| key(*row) == anchor)
        });
        let from = from.unwrap_or(to);
        self.selected = (from.min(to)..=from.max(to)).filter(|row| !is_group(*row)).map(key).collect();
    }

    /// Reads the keys that move, select, open and copy.
    pub(super) fn read_keys(
        &mut self,
        ui: &Ui,
        n_rows: usize,
        page: usize,
        multi: bool,
        key: &KeyOf<'_>,
        is_group: &dyn Fn(usize) -> bool,
    ) -> Keys {
        let mut keys = Keys::default();
        if n_rows == 0 {
            return keys;
        }
        let modifiers = ui.input(|input| input.modifiers);
        let pressed = |wanted: Key| {
            ui.input_mut(|input| {
                input.consume_key(Modifiers::NONE, wanted)
                    || input.consume_key(Modifiers::SHIFT, wanted)
                    || input.consume_key(Modifiers::COMMAND, wanted)
            })
        };
        let at = self.cursor_row(n_rows, key);
        let last = n_rows - 1;
        // From before the first row, Down goes to the first one.
        let jump = if pressed(Key::ArrowDown) {
            Some((at.map_or(0, |row| row + 1), 1_isize))
        } else if pressed(Key::ArrowUp) {
            Some((at.unwrap_or(last + 1).saturating_sub(1), -1))
        } else if pressed(Key::PageDown) {
            Some((at.unwrap_or(0) + page, 1))
        } else if pressed(Key::PageUp) {
            Some((at.unwrap_or(0).saturating_sub(page), -1))
        } else if pressed(Key::Home) {
            Some((0, 1))
        } else if pressed(Key::End) {
            Some((last, -1))
        } else {
            None
        };
        if let Some(to) = jump.and_then(|(to, step)| next_plain(to.min(last), step, n_rows, is_group)) {
            let shift = Modifiers {
                shift: modifiers.shift,
                ..Modifiers::NONE
            };
            keys.selection_changed = self.click(to, shift, multi, key, is_group);
            keys.moved = true;
        }
        if multi && ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::A)) {
            let all: BTreeSet<u64> = (0..n_rows).filter(|row| !is_group(*row)).map(key).collect();
            keys.selection_changed |= all != self.selected;
            self.selected = all;
        }
        if pressed(Key::ArrowLeft) {
            keys.left = at;
        }
        if pressed(Key::ArrowRight) {
            keys.right = at;
        }
        let consumed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        if consumed(Key::Enter) || consumed(Key::Space) {
            keys.activated = at;
        }
        keys.copy = ui.input(|input| input.events.iter().any(|event| matches!(event, Event::Copy)));
        keys
    }
}

/// The first row from here on, in this direction and then in the other, that is not a group.
fn next_plain(from: usize, step: isize, n_rows: usize, is_group: &dyn Fn(usize) -> bool) -> Option<usize> {
    let forward: Box<dyn Iterator<Item = usize>> = if step > 0 {
        Box::new((from..n_rows).chain((0..from).rev()))
    } else {
        Box::new((0..=from).rev().chain(from + 1..n_rows))
    };
    let mut rows = forward;
    rows.find(|row| !is_group(*row))
}
