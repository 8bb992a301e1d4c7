//! What may be typed next, below a field: arrows choose, Enter takes, a click takes. The field keeps the keyboard.

use super::text::{self, Look};
use super::theme::{font, popup_frame};
use super::tokens::{Tokens, measure};
use egui::{Align, Area, Context, Id, Key, Modifiers, Order, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

/// One way to go on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// The whole text when it is taken.
    pub text: String,
    /// What is offered.
    pub word: String,
    /// Behind it: a count.
    pub note: String,
}

fn chosen(ctx: &Context, id: Id) -> Option<usize> {
    ctx.data(|data| data.get_temp::<Option<usize>>(id.with("offer"))).flatten()
}

fn choose(ctx: &Context, id: Id, at: Option<usize>) {
    ctx.data_mut(|data| data.insert_temp(id.with("offer"), at));
}

/// Reads the keys of a field that has offers; call before the field is shown. The offer that was taken.
pub fn offer_keys(ui: &Ui, field: Id, offers: &[Offer]) -> Option<usize> {
    let ctx = ui.ctx();
    if offers.is_empty() || !ui.memory(|memory| memory.has_focus(field)) {
        choose(ctx, field, None);
        return None;
    }
    let last = offers.len() - 1;
    let mut at = chosen(ctx, field).map(|at| at.min(last));
    let pressed = |key: Key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    if pressed(Key::ArrowDown) {
        at = Some(at.map_or(0, |at| if at == last { 0 } else { at + 1 }));
    }
    if pressed(Key::ArrowUp) {
        at = Some(at.map_or(last, |at| at.checked_sub(1).unwrap_or(last)));
    }
    choose(ctx, field, at);
    if at.is_some() && pressed(Key::Enter) {
        choose(ctx, field, None);
        return at;
    }
    None
}

/// Draws the offers below a field that has the keyboard; the one that was clicked.
pub fn offers_ui(ui: &Ui, field: Id, below: Rect, offers: &[Offer]) -> Option<usize> {
    let area_id = field.with("offers");
    // A click takes the keyboard from the field before it is seen here.
    let is_pressed = ui
        .ctx()
        .rect_contains_pointer(egui::LayerId::new(Order::Foreground, area_id), area_rect(ui.ctx(), area_id));
    if offers.is_empty() || !(ui.memory(|memory| memory.has_focus(field)) || is_pressed) {
        return None;
    }
    let t = Tokens::of(ui);
    let at = chosen(ui.ctx(), field);
    let mut clicked = None;
    let width = below.width().max(220.0);
    let area = Area::new(area_id)
        .order(Order::Foreground)
        .fixed_pos(pos2(below.left(), below.bottom() + 4.0))
        .constrain(true);
    let shown = area.show(ui.ctx(), |ui| {
        popup_frame(t).show(ui, |ui| {
            ui.set_width(width);
            ui.spacing_mut().item_spacing.y = 0.0;
            for (index, offer) in offers.iter().enumerate() {
                let (rect, row) = ui.allocate_exact_size(vec2(width, measure::ROW), Sense::click());
                row.widget_info(|| WidgetInfo::selected(Role::MenuItem, true, at == Some(index), &offer.word));
                if row.hovered() || at == Some(index) {
                    ui.painter().rect_filled(rect, measure::RADIUS, t.surface_3);
                }
                let words = rect.shrink2(vec2(8.0, 0.0));
                let look = |colour| Look {
                    font: font::body(),
                    colour,
                    cut: text::Cut::End,
                };
                text::paint_line(ui, words, &offer.word, &look(t.text), Align::Min);
                text::paint_line(ui, words, &offer.note, &look(t.text_weak), Align::Max);
                if row.clicked() {
                    clicked = Some(index);
                }
            }
        });
    });
    ui.ctx()
        .data_mut(|data| data.insert_temp(area_id.with("rect"), shown.response.rect));
    clicked
}

fn area_rect(ctx: &Context, id: Id) -> Rect {
    ctx.data(|data| data.get_temp(id.with("rect"))).unwrap_or(Rect::NOTHING)
}

/// Puts the cursor of a field behind its text, and gives it the keyboard.
pub fn go_on_typing(ui: &Ui, field: Id, text: &str) {
    let end = egui::text::CCursor::new(text.chars().count());
    let mut state = egui::TextEdit::load_state(ui.ctx(), field).unwrap_or_default();
    state.cursor.set_char_range(Some(egui::text::CCursorRange::one(end)));
    state.store(ui.ctx(), field);
    ui.memory_mut(|memory| memory.request_focus(field));
}
