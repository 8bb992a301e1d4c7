//! A tree as a table: nodes are flattened by what is unfolded, only visible rows are laid out.

use super::icons;
use super::table::{Column, Table, TableResponse, TableState};
use super::tokens::{Tokens, measure};
use egui::{Response, Role, Sense, Ui, WidgetInfo, pos2, vec2};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What a tree remembers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TreeState {
    pub table: TableState,
    /// Keys of nodes that are the other way than they are at first.
    pub toggled: BTreeSet<u64>,
}

impl TreeState {
    /// Whether a node is unfolded; `at_first` is how it is when nobody touched it.
    pub fn is_open(&self, key: u64, at_first: bool) -> bool {
        self.toggled.contains(&key) != at_first
    }

    pub fn toggle(&mut self, key: u64) {
        if !self.toggled.remove(&key) {
            self.toggled.insert(key);
        }
    }
}

/// One visible row of a tree. The caller flattens: a closed node is followed by its sibling.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TreeRow {
    pub key: u64,
    pub depth: u16,
    /// None for a leaf.
    pub open: Option<bool>,
}

/// Walks a tree and gives the rows that are visible, with the index of each node in the caller's own order of visit.
/// `children(node)` are the children; `key(node)` says what a node is; `open_at_first(depth)` how deep it is unfolded.
pub fn flatten<N: Copy>(
    roots: impl IntoIterator<Item = N>,
    state: &TreeState,
    key: impl Fn(N) -> u64,
    children: impl Fn(N) -> Vec<N>,
    open_at_first: impl Fn(u16) -> bool,
) -> Vec<(TreeRow, N)> {
    let mut stack: Vec<(N, u16)> = roots.into_iter().map(|node| (node, 0)).collect();
    stack.reverse();
    let mut rows = Vec::new();
    while let Some((node, depth)) = stack.pop() {
        let kids = children(node);
        let key = key(node);
        let open = (!kids.is_empty()).then(|| state.is_open(key, open_at_first(depth)));
        rows.push((TreeRow { key, depth, open }, node));
        if open == Some(true) {
            stack.extend(kids.into_iter().rev().map(|node| (node, depth + 1)));
        }
    }
    rows
}

/// Draws the table with indents and chevrons in its first column. Arrow left and right fold and unfold.
/// `table` is given its columns, labels and menu by the caller; keys come from `rows`.
pub fn tree_ui<'a>(
    ui: &mut Ui,
    table: Table<'a>,
    rows: &'a [TreeRow],
    state: &mut TreeState,
    mut cell: impl FnMut(&mut Ui, usize, usize),
) -> TableResponse {
    let mut toggled = None;
    let response =
        table
            .key(|row| rows.get(row).map_or(row as u64, |row| row.key))
            .show(ui, &mut state.table, |ui, row, column| {
                if column == 0 && rows.get(row).is_some_and(|node| indent_ui(ui, node)) {
                    toggled = Some(row);
                }
                cell(ui, row, column);
            });
    let row_of = |row: usize| rows.get(row).copied();
    if let Some(node) = toggled.and_then(row_of) {
        state.toggle(node.key);
    }
    if let Some(node) = response.left.and_then(row_of) {
        if node.open == Some(true) {
            state.toggle(node.key);
        } else if let Some(parent) = parent_of(rows, response.left.unwrap_or(0)) {
            state.table.select_only(parent);
        }
    }
    if let Some(node) = response.right.and_then(row_of).filter(|node| node.open == Some(false)) {
        state.toggle(node.key);
    }
    TableResponse { toggled, ..response }
}

fn parent_of(rows: &[TreeRow], row: usize) -> Option<u64> {
    let depth = rows.get(row)?.depth;
    rows[..row]
        .iter()
        .rev()
        .find(|above| above.depth < depth)
        .map(|above| above.key)
}

/// Indent and chevron at the start of a row; true when the chevron was clicked. Draw it in an unindented cell of your own too.
pub fn indent_ui(ui: &mut Ui, node: &TreeRow) -> bool {
    let t = Tokens::of(ui);
    let indent = f32::from(node.depth.min(24)) * measure::SPACE_16;
    if indent > 0.0 {
        ui.add_space(indent - ui.spacing().item_spacing.x.min(indent));
    }
    let (rect, response): (_, Response) = ui.allocate_exact_size(
        vec2(12.0, 16.0),
        if node.open.is_some() { Sense::CLICK } else { Sense::hover() },
    );
    let Some(open) = node.open else { return false };
    let icon = if open { icons::CHEVRON_DOWN } else { icons::CHEVRON_RIGHT };
    let colour = if response.hovered() { t.text } else { t.text_weak };
    icons::paint(ui.painter(), pos2(rect.center().x, rect.center().y), icon, 14.0, colour);
    let name = super::text::tr(ui, if open { "ui-fold" } else { "ui-unfold" });
    response.widget_info(|| WidgetInfo::labeled(Role::DisclosureTriangle, true, &name));
    response.clicked()
}

/// The columns of a tree that is only a list of names: a file tree.
pub fn name_column(label: &str) -> Vec<Column> {
    vec![Column::new("name", label, 160.0).fill().always()]
}
