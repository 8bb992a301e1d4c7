//! The keys of the frame. The page's own keys come from its actions.

use super::app::App;
use super::front::Front;
use super::overlays::Overlay;
use crate::areas::page::{Intent, UiIntent};
use crate::areas::{AreaId, config};
use crate::ui::action::{self, Pressed};
use crate::ui::keys::{self, ACTIVITY, BACK, FORWARD, HELP, LIST, PALETTE, PROBLEMS, QUIT, REFRESH, SIDEBAR, UNDO};
use crate::ui::terminal;
use egui::{Context, Event, Key, KeyboardShortcut, Modifiers, Popup};

/// The key that opens this area's page.
pub(super) fn of_area(area: AreaId) -> KeyboardShortcut {
    keys::of_page(AreaId::ALL.iter().position(|other| *other == area).unwrap_or_default())
}

impl<F: Front> App<F> {
    /// Keys before anything is drawn, so that the frame shows at once what they did.
    pub(super) fn keys(&mut self, ctx: &Context) {
        let pressed = |shortcut: &KeyboardShortcut| ctx.input_mut(|input| input.consume_shortcut(shortcut));
        // A terminal that has the keys gets all but those of the pages: that is also the way out of it.
        let is_typing = terminal::has_keys(ctx);
        if !is_typing && pressed(&PALETTE) {
            if self.palette.open {
                self.palette.open = false;
            } else {
                self.open_palette();
            }
        }
        let something_is_open = self.palette.open
            || !matches!(self.overlay, Overlay::None)
            || ctx.memory(|memory| memory.top_modal_layer().is_some());
        if something_is_open || Popup::is_any_open(ctx) {
            return;
        }
        for area in AreaId::ALL {
            if pressed(&of_area(area)) {
                self.go(area, None, None);
            }
        }
        if is_typing {
            return;
        }
        if pressed(&ACTIVITY) {
            self.view.activity_open = !self.view.activity_open;
        }
        if pressed(&SIDEBAR) {
            self.toggle_sidebar(ctx.content_rect().width());
        }
        if pressed(&PROBLEMS) {
            self.open_problems();
        }
        if pressed(&HELP) {
            self.overlay = Overlay::Help;
        }
        if pressed(&LIST) {
            keys::go_to_list(ctx);
        }
        if pressed(&BACK) {
            self.go_back();
        }
        if pressed(&FORWARD) {
            self.go_forward();
        }
        let is_larger = pressed(&keys::LARGER) || pressed(&keys::LARGER_TOO);
        if is_larger || pressed(&keys::SMALLER) {
            self.scale_by(if is_larger { 0.1 } else { -0.1 });
        }
        if pressed(&QUIT) {
            ctx.send_viewport_cmd(egui::ViewportCommand::Close);
        }
        self.mouse_keys(ctx);
        let area = self.view.area;
        let actions = self.actions_of(area);
        match action::shortcuts(ctx, &actions) {
            Some(Pressed::Asked(intent)) => self.intents.borrow_mut().push(intent),
            Some(Pressed::Refused(text)) => self.intents.borrow_mut().push(Intent::Ui(UiIntent::Refused(text))),
            None => {}
        }
        if pressed(&REFRESH) {
            self.asked_threads.clear();
            self.with_page(area, |page, cx| page.on_open(cx));
        }
        if !ctx.text_edit_focused() {
            if pressed(&UNDO)
                && let Some(undo) = self.toasts.undo()
            {
                self.ask(undo);
            }
            let asks_for_help = ctx.input(|input| {
                input
                    .events
                    .iter()
                    .any(|event| matches!(event, Event::Text(text) if text == "?"))
            });
            if asks_for_help {
                self.overlay = Overlay::Shortcuts;
            }
            if self.front.timeline().is_some() {
                self.timeline_keys(ctx);
            }
        }
    }

    /// The scale is a setting: it holds in every window and at the next start.
    fn scale_by(&mut self, step: f32) {
        let scale = self.settings.appearance.scale;
        let wanted = (((scale + step) * 10.0).round() / 10.0).clamp(0.75, 2.0);
        if (wanted - scale).abs() > 0.001 {
            let set = config::Command::Set {
                key: "appearance.scale".to_owned(),
                value: format!("{wanted:.2}"),
            };
            self.ask(set);
        }
    }

    /// The side buttons of a mouse go back and forward, as in a browser.
    fn mouse_keys(&mut self, ctx: &Context) {
        let (back, forward) = ctx.input(|input| {
            (
                input.pointer.button_pressed(egui::PointerButton::Extra1),
                input.pointer.button_pressed(egui::PointerButton::Extra2),
            )
        });
        if back {
            self.go_back();
        }
        if forward {
            self.go_forward();
        }
    }

    pub(super) fn go_back(&mut self) {
        if let Some(stop) = self.history.back() {
            self.go_to_stop(stop);
        }
    }

    pub(super) fn go_forward(&mut self) {
        if let Some(stop) = self.history.forward() {
            self.go_to_stop(stop);
        }
    }

    fn timeline_keys(&mut self, ctx: &Context) {
        let (play, step) = ctx.input_mut(|input| {
            (
                input.consume_key(Modifiers::NONE, Key::Space),
                input.consume_key(Modifiers::NONE, Key::Period),
            )
        });
        let Some(timeline) = self.front.timeline() else { return };
        if play {
            timeline.toggle();
        }
        if step {
            timeline.step();
        }
        if play || step {
            ctx.request_repaint();
        }
    }
}
