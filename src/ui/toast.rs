//! Words that the user must see now, at the lower right for ten seconds, with an act to take it back if there is one.

use super::button::{Button, icon_button_small};
use super::icons;
use super::state_mark;
use super::text;
use super::theme;
use super::tokens::Tokens;
use crate::base::State;
use egui::{Align, Align2, Area, Context, Id, Layout, Margin, Order, Role, Sense, UiBuilder, UiKind, WidgetInfo, vec2};

/// How long a toast stays, in seconds; the pointer on it holds it.
const STAY_SECS: f64 = 10.0;
const MAX_SHOWN: usize = 4;
/// The narrowest and the widest toast.
const NARROW: f32 = 360.0;
const WIDE: f32 = 600.0;
/// Around the word of the button; and mark, close button and margins beside the words.
const BUTTON_ROOM: f32 = 28.0;
const MARK_ROOM: f32 = 84.0;

/// One toast; `A` is what its button asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Toast<A> {
    pub state: State,
    pub text: String,
    /// A weak second line.
    pub note: String,
    /// The word of the button, and what it asks for.
    pub action: Option<(String, A)>,
    /// The action takes back what the words tell.
    pub is_undo: bool,
}

impl<A> Toast<A> {
    pub fn new(state: State, text: impl Into<String>) -> Self {
        Self {
            state,
            text: text.into(),
            note: String::new(),
            action: None,
            is_undo: false,
        }
    }

    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    pub fn action(mut self, word: impl Into<String>, action: A) -> Self {
        self.action = Some((word.into(), action));
        self
    }

    /// The action takes back what the words tell.
    pub fn undo(mut self, word: impl Into<String>, action: A) -> Self {
        self.is_undo = true;
        self.action(word, action)
    }
}

/// The toasts that are shown now.
#[derive(Clone, Debug)]
pub struct Toasts<A> {
    shown: Vec<(u64, f64, Toast<A>)>,
    next: u64,
}

impl<A> Default for Toasts<A> {
    fn default() -> Self {
        Self {
            shown: Vec::new(),
            next: 0,
        }
    }
}

impl<A: Clone> Toasts<A> {
    /// Shows one more; the same words are not shown twice, and of many only the newest stay.
    pub fn push(&mut self, ctx: &Context, toast: Toast<A>) {
        let until = ctx.input(|input| input.time) + STAY_SECS;
        self.shown.retain(|(_, _, old)| old.text != toast.text);
        self.shown.push((self.next, until, toast));
        self.next += 1;
        while self.shown.len() > MAX_SHOWN {
            self.shown.remove(0);
        }
        ctx.request_repaint();
    }

    /// What takes back the newest that can be taken back, as if its button was pressed.
    pub fn undo(&mut self) -> Option<A> {
        let newest = self.shown.iter().rposition(|(_, _, toast)| toast.is_undo)?;
        let (_, _, toast) = self.shown.remove(newest);
        toast.action.map(|(_, action)| action)
    }

    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// Draws them above everything, `bottom` points above the lower edge; the action whose button was pressed.
    pub fn show(&mut self, ctx: &Context, bottom: f32) -> Option<A> {
        let now = ctx.input(|input| input.time);
        self.shown.retain(|(_, until, _)| *until > now);
        let soonest = self.shown.iter().map(|(_, until, _)| *until).reduce(f64::min)?;
        ctx.request_repaint_after_secs((soonest - now) as f32 + 0.02);
        let mut asked = None;
        let mut y = -bottom - 12.0;
        let mut closed = Vec::new();
        for (id, until, toast) in self.shown.iter_mut().rev() {
            let area = Area::new(Id::unique(("ui-toast", *id)))
                .kind(UiKind::Popup)
                .order(Order::Tooltip)
                .interactable(true)
                .anchor(Align2::RIGHT_BOTTOM, vec2(-12.0, y));
            let response = area.show(ctx, |ui| toast_ui(ui, toast));
            let (pressed, close) = response.inner;
            if pressed {
                asked = toast.action.as_ref().map(|(_, action)| action.clone());
            }
            if pressed || close {
                closed.push(*id);
            }
            if response.response.contains_pointer() {
                *until = until.max(now + 3.0);
            }
            y -= response.response.rect.height() + 8.0;
        }
        self.shown.retain(|(id, _, _)| !closed.contains(id));
        asked
    }
}

/// As wide as its words, within what does not cover a page.
fn wanted_width<A>(ui: &egui::Ui, toast: &Toast<A>) -> f32 {
    let colour = Tokens::of(ui).text;
    let of = |words: &str| {
        let laid = ui.painter().layout_no_wrap(words.to_owned(), theme::font::body(), colour);
        laid.size().x
    };
    let button = toast.action.as_ref().map_or(0.0, |(word, _)| of(word) + BUTTON_ROOM);
    let words = of(&toast.text).max(of(&toast.note)) + button + MARK_ROOM;
    let room = (ui.ctx().content_rect().width() - 24.0).max(120.0);
    words.clamp(NARROW, WIDE).min(room)
}

/// Whether the action was pressed, and whether it is closed.
fn toast_ui<A>(ui: &mut egui::Ui, toast: &Toast<A>) -> (bool, bool) {
    let t = Tokens::of(ui);
    let mut pressed = false;
    let mut closed = false;
    let width = wanted_width(ui, toast);
    let frame = theme::popup_frame(t).inner_margin(Margin {
        left: 12,
        right: 6,
        top: 6,
        bottom: 6,
    });
    let inner = frame.show(ui, |ui| {
        ui.set_width(width - 18.0);
        let height = if toast.note.is_empty() { 28.0 } else { 44.0 };
        let (rect, _) = ui.allocate_exact_size(vec2(width - 18.0, height), Sense::hover());
        let mut right = ui.new_child(
            UiBuilder::new()
                .max_rect(rect)
                .layout(Layout::right_to_left(Align::Center))
                .id_salt("buttons"),
        );
        right.spacing_mut().item_spacing.x = 4.0;
        let close = text::tr(ui, "ui-close");
        closed = icon_button_small(&mut right, icons::CLOSE, &close).clicked();
        if let Some((word, _)) = &toast.action {
            pressed = right.add(Button::new(word).small()).clicked();
        }
        let words = egui::Rect::from_min_max(rect.min, egui::pos2(right.min_rect().left() - 8.0, rect.bottom()));
        let mut left = ui.new_child(
            UiBuilder::new()
                .max_rect(words)
                .layout(Layout::left_to_right(Align::Center))
                .id_salt("words"),
        );
        left.spacing_mut().item_spacing.x = 8.0;
        state_mark::mark_ui(&mut left, toast.state);
        left.with_layout(Layout::top_down(Align::Min).with_main_align(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.y = 1.0;
            if !toast.note.is_empty() {
                ui.add_space(4.0);
            } else {
                ui.add_space((height - 17.0) / 2.0);
            }
            text::body(ui, &toast.text);
            if !toast.note.is_empty() {
                text::small(ui, &toast.note);
            }
        });
    });
    inner
        .response
        .widget_info(|| WidgetInfo::labeled(Role::Alert, true, &toast.text));
    (pressed, closed)
}
