//! A question over the window: scrim, title, words or a form, and buttons that say what they do.

use super::button::Button;
use super::text;
use super::theme;
use super::tokens::{Tokens, measure};
use egui::{Align, Align2, Context, Id, Key, Layout, Margin, Modal, Modifiers, Ui, Vec2};

/// What became of a dialog in this frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Answer {
    Open,
    Cancelled,
    Confirmed,
}

/// Around what stands in a dialog, and between it and the lower edge of the window.
const MARGIN: i8 = 16;
/// The row of buttons with the space above it.
const FOOT: f32 = measure::BUTTON + 2.0 * measure::SPACE_8;

/// Where it stands that a dialog was opened in this frame.
fn fresh_key() -> Id {
    Id::unique("ui-dialog-fresh")
}

/// Gives the first field of a form the focus, when the dialog around it was opened in this frame.
pub(super) fn focus_first(ui: &Ui, field: Id) {
    let is_fresh = ui.data_mut(|data| data.remove_temp::<bool>(fresh_key()));
    if is_fresh == Some(true) {
        ui.memory_mut(|memory| memory.request_focus(field));
    }
}

/// The frame of a dialog; the closure of `show` draws the form and returns whether it may be confirmed.
pub struct Dialog<'a> {
    id: Id,
    title: &'a str,
    confirm: &'a str,
    danger: bool,
    width: f32,
    enter_confirms: bool,
}

impl<'a> Dialog<'a> {
    /// `confirm` says what the button does: `Delete branch fix/tz-offset`.
    pub fn new(id: &str, title: &'a str, confirm: &'a str) -> Self {
        Self {
            id: Id::unique(("ui-dialog", id)),
            title,
            confirm,
            danger: false,
            width: 440.0,
            enter_confirms: true,
        }
    }

    pub fn danger(mut self, danger: bool) -> Self {
        self.danger = danger;
        self
    }

    pub fn width(mut self, width: f32) -> Self {
        self.width = width;
        self
    }

    /// For forms with a field of several lines: Ctrl+Enter confirms, and Enter in a field of one line; in the other it starts a line.
    pub fn enter_is_a_new_line(mut self) -> Self {
        self.enter_confirms = false;
        self
    }

    pub fn show(self, ctx: &Context, form: impl FnOnce(&mut Ui) -> bool) -> Answer {
        self.show_with(ctx, &mut (), |ui, ()| form(ui), |_, ()| true)
    }

    /// As `show`; what `foot` draws stands between the form and the buttons, and is always seen, however long the form is.
    pub fn show_with<S>(
        self,
        ctx: &Context,
        state: &mut S,
        form: impl FnOnce(&mut Ui, &mut S) -> bool,
        foot: impl FnOnce(&mut Ui, &mut S) -> bool,
    ) -> Answer {
        let t = Tokens::of_ctx(ctx);
        let screen = ctx.content_rect();
        let width = self.width.min(screen.width() - 32.0).max(120.0);
        let top = (screen.height() * 0.18).min(140.0);
        let area = Modal::default_area(self.id).anchor(Align2::CENTER_TOP, Vec2::new(0.0, top));
        // Whoever opens a dialog types at once.
        let (now, last_key) = (ctx.cumulative_frame_nr(), self.id.with("frame"));
        let last = ctx.data_mut(|data| data.get_temp::<u64>(last_key));
        ctx.data_mut(|data| {
            data.insert_temp(last_key, now);
            data.insert_temp(fresh_key(), last.is_none_or(|last| last + 1 < now));
        });
        let frame = theme::popup_frame(t).inner_margin(Margin::same(MARGIN)).fill(t.surface_1);
        let modal = Modal::new(self.id)
            .area(area)
            .backdrop_color(t.scrim)
            .frame(frame)
            .show(ctx, |ui| {
                ui.set_width(width);
                // The whole room below: what is drawn decides how much of it is used.
                let room = screen.height() - top - 3.0 * f32::from(MARGIN);
                ui.set_max_height(room.max(80.0));
                text::strong(ui, self.title);
                ui.add_space(measure::SPACE_4);
                // What stands below the form is as high as it was in the last frame.
                let foot_key = self.id.with("foot");
                let foot_height = ui.data_mut(|data| data.get_temp::<f32>(foot_key)).unwrap_or(FOOT);
                let above = ui.cursor().top() - ui.min_rect().top();
                let max_height = (room - above - foot_height).max(80.0);
                let scrolled = ui
                    .scope(|ui| {
                        // The bar stands beside the fields, not on them.
                        let scroll = &mut ui.spacing_mut().scroll;
                        scroll.floating_allocated_width = scroll.bar_width + scroll.bar_inner_margin + scroll.bar_outer_margin;
                        egui::ScrollArea::vertical()
                            .max_height(max_height)
                            .auto_shrink([false, true])
                            .show(ui, |ui| form(ui, state))
                    })
                    .inner;
                let mut valid = scrolled.inner;
                // Content that came later is given its room in the next frame, without waiting for the mouse.
                let (height, key) = (scrolled.inner_rect.height(), self.id.with("height"));
                let was = ui.data_mut(|data| data.get_temp::<u32>(key));
                if scrolled.content_size.y > height + 0.5 && was != Some(height.to_bits()) {
                    ui.ctx().request_repaint();
                }
                ui.data_mut(|data| data.insert_temp(key, height.to_bits()));
                let below = ui.min_rect().bottom();
                valid &= foot(ui, state);
                ui.add_space(measure::SPACE_8);
                let mut answer = Answer::Open;
                let why = text::tr(ui, "ui-dialog-missing");
                // As high as the buttons and no higher, also where the dialog was taller before.
                let row = Vec2::new(width, measure::BUTTON);
                ui.allocate_ui_with_layout(row, Layout::right_to_left(Align::Center), |ui| {
                    let mut button = Button::new(self.confirm);
                    button = if self.danger { button.danger(true) } else { button.primary() };
                    button = button.disabled_because((!valid).then_some(why.as_str()));
                    if ui.add(button).clicked() {
                        answer = Answer::Confirmed;
                    }
                    let cancel = text::tr(ui, "ui-cancel");
                    if ui.add(Button::new(&cancel)).clicked() {
                        answer = Answer::Cancelled;
                    }
                });
                let used = ui.min_rect().bottom() - below;
                if (used - foot_height).abs() > 0.5 {
                    ui.data_mut(|data| data.insert_temp(foot_key, used));
                    ui.ctx().request_repaint();
                }
                (answer, valid)
            });
        ctx.data_mut(|data| data.remove::<bool>(fresh_key()));
        // Whether something was written in when the last frame ended.
        let (typing_key, is_typing) = (self.id.with("typing"), ctx.text_edit_focused());
        let was_typing = ctx.data_mut(|data| std::mem::replace(data.get_temp_mut_or_default(typing_key), is_typing));
        let (answer, valid) = modal.inner;
        if answer == Answer::Open {
            let free = modal.is_top_modal && !modal.any_popup_open;
            // A field of one line is left with Enter; what opened the dialog does not confirm it.
            let is_old = last.is_some_and(|last| last + 1 >= now);
            let is_left = is_old && was_typing && ctx.memory(|memory| memory.focused().is_none());
            let is_confirmed = |input: &mut egui::InputState| {
                input.consume_key(Modifiers::COMMAND, Key::Enter)
                    || ((self.enter_confirms || is_left) && input.consume_key(Modifiers::NONE, Key::Enter))
            };
            if free && valid && ctx.input_mut(is_confirmed) {
                return Answer::Confirmed;
            }
            if modal.should_close() {
                return Answer::Cancelled;
            }
        }
        answer
    }
}
