//! The filter box of a page, with what may be typed next below it.

use super::icons;
use super::input::Input;
use super::offers::{self, Offer};
use super::text::{self, Cut};
use super::theme::font;
use super::tokens::Tokens;
use egui::{Id, Key, Modifiers, Ui};

/// The id of the filter box: Ctrl+F goes there.
pub fn filter_id() -> Id {
    Id::unique("ui-page-filter")
}

/// A filter box; Ctrl+F puts the cursor there, and a second one leaves it to the output beside it; Esc empties it. True when the text changed.
pub fn filter_ui(ui: &mut Ui, text: &mut String, hint: &str, width: f32) -> bool {
    let id = filter_id();
    let focused = ui.memory(|memory| memory.has_focus(id));
    let mut changed = false;
    if focused && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
        changed = !text.is_empty();
        if changed {
            text.clear();
        } else {
            ui.memory_mut(|memory| memory.surrender_focus(id));
        }
    }
    // Wide enough for its hint, which is longer in French.
    let hint_width = ui
        .painter()
        .layout_no_wrap(hint.to_owned(), font::body(), Tokens::of(ui).text_weak)
        .size()
        .x;
    // What is written may be longer still: it is seen whole as far as there is room.
    let written = text::line(ui, text, font::body(), Tokens::of(ui).text, f32::INFINITY, Cut::End)
        .size()
        .x;
    let width = width
        .max((hint_width + 44.0).min(width + 70.0))
        .max((written + 48.0).min(width + 220.0));
    let response = Input::new(id, hint)
        .hint(hint)
        .icon(icons::FILTER)
        .keeps_escape()
        .width(width)
        .show(ui, text);
    if !focused && ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::F)) {
        response.request_focus();
    }
    changed || response.changed()
}

/// Whether Ctrl+F means another field than the filter box: there is none in sight, or the cursor is in it.
pub(super) fn has_no_claim(ui: &Ui) -> bool {
    ui.ctx().read_response(filter_id()).is_none_or(|field| field.has_focus())
}

/// The same with offers: true also when one was taken.
pub(super) fn filter_taken_ui(ui: &mut Ui, text: &mut String, hint: &str, offers: &[Offer]) -> bool {
    let taken = offers::offer_keys(ui, filter_id(), offers);
    let changed = filter_ui(ui, text, hint, 150.0);
    let below = ui.ctx().read_response(filter_id()).map(|field| field.rect);
    let clicked = below.and_then(|below| offers::offers_ui(ui, filter_id(), below, offers));
    if changed || taken.or(clicked).is_some() {
        // What may be typed next is worked out from the new text, in the next frame.
        ui.ctx().request_repaint();
    }
    let Some(offer) = taken.or(clicked).and_then(|at| offers.get(at)) else {
        return changed;
    };
    text.clone_from(&offer.text);
    offers::go_on_typing(ui, filter_id(), text);
    true
}
