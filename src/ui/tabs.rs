//! The tabs of a page: one row; what has no room moves closer, loses its number, and is in a menu at last.

use super::button::{MenuEntry, icon_button_small, menu_entry_ui};
use super::icons;
use super::state_mark;
use super::text::{self, Cut};
use super::theme::font;
use super::tokens::{Tokens, measure};
use crate::base::State;
use egui::{Align, Layout, Rect, Role, Sense, Stroke, Ui, UiBuilder, WidgetInfo, pos2, vec2};

/// One tab; `count` stands behind the word, with a shape when something there needs a look.
#[derive(Clone, Debug)]
pub struct Tab<T> {
    pub id: T,
    pub label: String,
    pub count: Option<u64>,
    pub state: Option<State>,
}

impl<T> Tab<T> {
    pub fn new(id: T, label: impl Into<String>) -> Self {
        Self {
            id,
            label: label.into(),
            count: None,
            state: None,
        }
    }

    pub fn count(mut self, count: u64) -> Self {
        self.count = Some(count);
        self
    }

    pub fn state(mut self, state: State) -> Self {
        self.state = Some(state);
        self
    }
}

/// Where the tabs stood when the pointer came to them.
#[derive(Clone)]
struct Held {
    labels: Vec<String>,
    gap: f32,
    with_counts: bool,
    widths: Vec<f32>,
}

/// What is seen at least of the tab behind the open one.
const NEXT_TAB: f32 = 36.0;
/// Room for the button with the menu of all tabs.
const MORE_TABS: f32 = 30.0;

/// The row of tabs below the header, with the line under it. True when another tab was chosen.
pub fn tabs_ui<T: Clone + PartialEq>(ui: &mut Ui, current: &mut T, tabs: &[Tab<T>]) -> bool {
    let t = Tokens::of(ui);
    let (rect, frame) = ui.allocate_exact_size(vec2(ui.available_width(), measure::TABS), Sense::hover());
    ui.painter()
        .hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, t.line));
    let numbers = text::catalog(ui.ctx());
    let words: Vec<(_, _)> = tabs
        .iter()
        .map(|tab| {
            let (colour, weight) = if tab.id == *current {
                (t.text, font::medium(measure::TEXT_BODY))
            } else {
                (t.text_weak, font::body())
            };
            let word = text::line(ui, &tab.label, weight, colour, f32::INFINITY, Cut::End);
            let count = tab.count.map(|n| {
                let n = crate::base::format::count(n, &numbers);
                text::line(ui, &n, font::body(), t.text_weak, f32::INFINITY, Cut::End)
            });
            (word, count)
        })
        .collect();
    let width_of = |at: usize, with_counts: bool| {
        let (word, count) = &words[at];
        let count = count
            .as_ref()
            .filter(|_| with_counts)
            .map_or(0.0, |count| count.size().x + 6.0);
        let mark = if tabs[at].state.is_some_and(State::needs_attention) {
            16.0
        } else {
            0.0
        };
        word.size().x + count + mark
    };
    let until = |n: usize, (gap, with_counts): (f32, bool)| -> f32 { (0..n).map(|at| width_of(at, with_counts) + gap).sum() };
    let room = rect.width() - 2.0 * measure::GUTTER;
    let fits = |way: &(f32, bool)| until(tabs.len(), *way) - way.0 <= room;
    // Where there is no room, tabs move closer, then lose their numbers; what still does not fit makes room for the one that is open.
    let way = [(20.0, true), (12.0, true), (12.0, false)].into_iter().find(fits);
    let (gap, with_counts) = way.unwrap_or((12.0, false));
    // What is being pointed at stays where it is: a number that comes now would move the tab away under the click.
    let key = frame.id.with("held");
    let labels: Vec<String> = tabs.iter().map(|tab| tab.label.clone()).collect();
    let is_held = way.is_some() && ui.rect_contains_pointer(rect);
    let held = is_held.then(|| ui.data(|data| data.get_temp::<Held>(key))).flatten();
    let held = held.filter(|held| held.labels == labels);
    let (gap, with_counts) = held.as_ref().map_or((gap, with_counts), |held| (held.gap, held.with_counts));
    let open = tabs.iter().position(|tab| tab.id == *current).unwrap_or(0);
    // What does not fit is in the menu at the right.
    let more = if way.is_none() { MORE_TABS } else { 0.0 };
    let room = room - more;
    let hidden = match way {
        Some(_) => 0.0,
        None if open + 1 == tabs.len() => (until(open + 1, (gap, with_counts)) - gap - room).max(0.0),
        // A piece of the next one, to go on from there.
        None => (until(open + 1, (gap, with_counts)) + NEXT_TAB - room).max(0.0),
    };
    let widths = match held {
        Some(held) => held.widths,
        None => (0..tabs.len()).map(|at| width_of(at, with_counts)).collect(),
    };
    let now = Held {
        labels,
        gap,
        with_counts,
        widths: widths.clone(),
    };
    ui.data_mut(|data| data.insert_temp(key, now));
    let mut x = rect.left() + measure::GUTTER - hidden;
    let mut changed = false;
    let shown = rect.with_max_x(rect.right() - more);
    let painter = ui.painter().with_clip_rect(shown.intersect(ui.clip_rect()));
    for (i, (tab, (word, count))) in tabs.iter().zip(words).enumerate() {
        let width = widths[i];
        let selected = tab.id == *current;
        let colour = if selected { t.text } else { t.text_weak };
        let count = count.filter(|_| with_counts);
        let mark = tab.state.filter(|state| state.needs_attention());
        let cell = Rect::from_min_size(pos2(x, rect.top()), vec2(width, rect.height()));
        x += width + gap;
        if cell.right() < rect.left() {
            continue;
        }
        if cell.left() > shown.right() {
            break;
        }
        let response = ui.interact(
            cell.expand2(vec2(6.0, 0.0)).intersect(shown),
            frame.id.with(i),
            Sense::click(),
        );
        response.widget_info(|| WidgetInfo::selected(Role::Tab, ui.is_enabled(), selected, &tab.label));
        let colour = if response.hovered() { t.text } else { colour };
        let mut at = cell.left();
        let y = cell.center().y + 2.0;
        let word_width = word.size().x;
        painter.galley_with_override_text_color(pos2(at, y - word.size().y / 2.0), word, colour);
        at += word_width + 6.0;
        if let Some(mark) = mark {
            state_mark::paint(&painter, t, pos2(at + 5.0, y), measure::MARK, mark);
            at += 16.0;
        }
        let has_room = |count: &std::sync::Arc<egui::Galley>| at + count.size().x <= cell.right() + (gap - 12.0).max(0.0);
        if let Some(count) = count.filter(has_room) {
            painter.galley(pos2(at, y - count.size().y / 2.0), count, t.text_weak);
        }
        if selected {
            let bar = Rect::from_min_max(pos2(cell.left(), rect.bottom() - 2.0), pos2(cell.right(), rect.bottom()));
            painter.rect_filled(bar, 0.0, t.accent.mark);
        }
        if response.has_focus() {
            let around = cell.expand2(vec2(4.0, -4.0));
            painter.rect_stroke(
                around,
                measure::RADIUS_CHIP,
                Stroke::new(1.5, t.accent.mark),
                egui::StrokeKind::Inside,
            );
        }
        if response.clicked() && !selected {
            *current = tab.id.clone();
            changed = true;
        }
    }
    if way.is_none() {
        changed |= more_tabs_ui(ui, rect, current, tabs);
    }
    changed
}

/// All tabs in a menu, where the row has no room for them.
fn more_tabs_ui<T: Clone + PartialEq>(ui: &mut Ui, row: Rect, current: &mut T, tabs: &[Tab<T>]) -> bool {
    let mut changed = false;
    let place = row.with_min_x(row.right() - MORE_TABS);
    let layout = Layout::right_to_left(Align::Center);
    let mut part = ui.new_child(UiBuilder::new().id_salt("more-tabs").max_rect(place).layout(layout));
    part.add_space(measure::SPACE_4);
    let name = text::tr(&part, "ui-more-tabs");
    let button = icon_button_small(&mut part, icons::CHEVRON_DOWN, &name);
    egui::Popup::menu(&button).gap(4.0).show(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.with_layout(Layout::top_down_justified(Align::Min), |ui| {
            for tab in tabs {
                let entry = MenuEntry {
                    label: &tab.label,
                    icon: (tab.id == *current).then_some(icons::CHECK),
                    ..MenuEntry::default()
                };
                if menu_entry_ui(ui, &entry).clicked() {
                    changed = tab.id != *current;
                    *current = tab.id.clone();
                    ui.close();
                }
            }
        });
    });
    changed
}
