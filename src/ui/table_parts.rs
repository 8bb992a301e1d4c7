//! What a table is made of besides its rows: columns, group rows, the menu of its header, what happened.

use super::button::{MenuEntry, menu_entry_ui, menu_line_ui};
use super::icons;
use super::state_mark;
use super::table_state::TableState;
use super::text::{self, Cut, Look};
use super::theme::font;
use super::tokens::{Tokens, measure};
use crate::base::State;
use egui::{Align, Id, Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2};

/// One column. Ids are stable: widths and the sort are kept by them.
#[derive(Clone, Debug)]
pub struct Column {
    pub id: &'static str,
    pub label: String,
    pub width: f32,
    pub min_width: f32,
    pub align: Align,
    pub sortable: bool,
    pub hideable: bool,
    /// Takes the room that is left; one per table.
    pub fill: bool,
    /// Not shown until the user asks for it.
    pub hidden: bool,
}

impl Column {
    pub fn new(id: &'static str, label: impl Into<String>, width: f32) -> Self {
        Self {
            id,
            label: label.into(),
            width,
            min_width: 36.0,
            align: Align::Min,
            sortable: true,
            hideable: true,
            fill: false,
            hidden: false,
        }
    }

    /// Numbers.
    pub fn right(mut self) -> Self {
        self.align = Align::Max;
        self
    }

    pub fn min(mut self, min_width: f32) -> Self {
        self.min_width = min_width;
        self
    }

    pub fn fill(mut self) -> Self {
        self.fill = true;
        self
    }

    pub fn unsortable(mut self) -> Self {
        self.sortable = false;
        self
    }

    /// Can not be hidden: the name.
    pub fn always(mut self) -> Self {
        self.hideable = false;
        self
    }

    pub fn hidden_at_first(mut self) -> Self {
        self.hidden = true;
        self
    }
}

/// A row that heads the ones below it.
#[derive(Clone, Debug, Default)]
pub struct GroupRow {
    pub label: String,
    /// Behind the label: `4`, `10 instances`.
    pub count: String,
    pub open: bool,
    /// The worst state of the rows, when it needs a look: shape and words at the right.
    pub state: Option<(State, String)>,
}

/// What happened to a table in this frame. Rows are indices of this frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableResponse {
    pub clicked: Option<usize>,
    /// Enter or a double click.
    pub activated: Option<usize>,
    /// A group row was opened or closed.
    pub toggled: Option<usize>,
    /// Arrow left or right on the row under the cursor: a tree folds and unfolds with them.
    pub left: Option<usize>,
    pub right: Option<usize>,
    pub hovered: Option<usize>,
    pub sort_changed: bool,
    pub selection_changed: bool,
    /// Widths or hidden columns: worth saving.
    pub columns_changed: bool,
}

/// Which columns are shown; true when it changed.
pub(super) fn columns_menu_ui(ui: &mut Ui, columns: &[Column], state: &mut TableState) -> bool {
    let mut changed = false;
    ui.spacing_mut().item_spacing.y = 0.0;
    for column in columns.iter().filter(|column| column.hideable) {
        let shown = !state.is_hidden(column);
        let entry = MenuEntry {
            label: &column.label,
            ticked: Some(shown),
            ..MenuEntry::default()
        };
        if menu_entry_ui(ui, &entry).clicked() {
            state.hidden.insert(column.id.to_owned(), shown);
            changed = true;
        }
    }
    menu_line_ui(ui);
    let reset = text::tr(ui, "ui-reset-columns");
    if menu_entry_ui(
        ui,
        &MenuEntry {
            label: &reset,
            ..MenuEntry::default()
        },
    )
    .clicked()
    {
        state.hidden.clear();
        state.widths.clear();
        changed = true;
        ui.close();
    }
    changed
}

/// A row over the whole width with a chevron; true when it was clicked.
pub(super) fn group_row_ui(ui: &Ui, id: Id, rect: Rect, group: &GroupRow) -> bool {
    let t = Tokens::of(ui);
    let visible = rect.intersect(ui.clip_rect().with_min_y(rect.top()).with_max_y(rect.bottom()));
    let response = ui.interact(rect, id, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::DisclosureTriangle, true, group.open, &group.label));
    ui.painter()
        .rect_filled(rect, 0.0, if response.hovered() { t.surface_3 } else { t.surface_2 });
    if response.has_focus() {
        ui.painter().rect_stroke(
            visible.shrink(1.0),
            0.0,
            Stroke::new(1.5, t.accent.mark),
            egui::StrokeKind::Inside,
        );
    }
    let left = visible.left() + measure::GUTTER;
    let icon = if group.open {
        icons::CHEVRON_DOWN
    } else {
        icons::CHEVRON_RIGHT
    };
    icons::paint(ui.painter(), pos2(left + 6.0, rect.center().y), icon, 14.0, t.text_weak);
    let mut right = visible.right() - measure::GUTTER;
    if let Some((state, words)) = &group.state {
        let colour = state_mark::word_colour(t, *state);
        let look = Look {
            font: font::small(),
            colour,
            cut: Cut::End,
        };
        let room = Rect::from_min_max(pos2((right - 200.0).max(left), rect.top()), pos2(right, rect.bottom()));
        right -= text::paint_line(ui, room, words, &look, Align::Max) + measure::ICON_GAP + measure::MARK;
        state_mark::paint(
            ui.painter(),
            t,
            pos2(right + measure::MARK / 2.0, rect.center().y),
            measure::MARK,
            *state,
        );
    }
    let words = Rect::from_min_max(
        pos2(left + 18.0, rect.top()),
        pos2((right - 8.0).max(left + 18.0), rect.bottom()),
    );
    let look = Look {
        font: font::medium(measure::TEXT_SMALL),
        colour: t.text_weak,
        cut: Cut::End,
    };
    let used = text::paint_line(ui, words, &group.label, &look, Align::Min);
    if !group.count.is_empty() {
        let count = words.with_min_x((words.left() + used + 7.0).min(words.right()));
        text::paint_line(
            ui,
            count,
            &group.count,
            &Look {
                font: font::small(),
                ..look
            },
            Align::Min,
        );
    }
    response.clicked()
}
