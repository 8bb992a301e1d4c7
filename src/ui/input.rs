//! Text fields: one line, several lines, a filter box.

use super::icons::{self, Icon};
use super::theme::font;
use super::tokens::{Tokens, measure};
use egui::{CornerRadius, EventFilter, FontId, Frame, Id, Margin, Response, Role, Stroke, TextEdit, Ui, WidgetInfo, pos2, vec2};

/// A text field that looks like the others; `name` is its accessible name.
pub struct Input<'a> {
    pub id: Id,
    pub name: &'a str,
    pub hint: &'a str,
    pub icon: Option<Icon>,
    pub width: f32,
    /// 1 is a single line.
    pub rows: usize,
    pub mono: bool,
    pub secret: bool,
    pub wrong: bool,
    /// Esc is for the caller, and does not end the typing by itself.
    pub keeps_escape: bool,
}

impl<'a> Input<'a> {
    pub fn new(id: Id, name: &'a str) -> Self {
        Self {
            id,
            name,
            hint: "",
            icon: None,
            width: f32::INFINITY,
            rows: 1,
            mono: false,
            secret: false,
            wrong: false,
            keeps_escape: false,
        }
    }

    pub fn hint(mut self, hint: &'a str) -> Self {
        self.hint = hint;
        self
    }

    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    pub fn width(mut self, width: f32) -> Self {
        self.width = width;
        self
    }

    pub fn rows(mut self, rows: usize) -> Self {
        self.rows = rows;
        self
    }

    pub fn mono(mut self) -> Self {
        self.mono = true;
        self
    }

    pub fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// The border says that the value can not be used; the words stand below it.
    pub fn wrong(mut self, wrong: bool) -> Self {
        self.wrong = wrong;
        self
    }

    pub fn keeps_escape(mut self) -> Self {
        self.keeps_escape = true;
        self
    }

    pub fn show(self, ui: &mut Ui, text: &mut String) -> Response {
        let t = Tokens::of(ui);
        let focused = ui.memory(|memory| memory.has_focus(self.id));
        let line = match (self.wrong, focused) {
            (true, _) => t.danger.mark,
            (false, true) => t.accent.mark,
            (false, false) => t.line_strong,
        };
        let left = if self.icon.is_some() { 28 } else { 9 };
        let frame = Frame {
            inner_margin: Margin {
                left,
                right: 9,
                top: 5,
                bottom: 5,
            },
            fill: t.surface_1,
            stroke: Stroke::new(1.0, line),
            corner_radius: CornerRadius::same(measure::RADIUS),
            ..Frame::NONE
        };
        let width = self.width.min(ui.available_width()).max(40.0);
        let font: FontId = if self.mono { font::code() } else { font::body() };
        let edit = if self.rows > 1 {
            TextEdit::multiline(text).desired_rows(self.rows)
        } else {
            TextEdit::singleline(text)
        };
        let hint = egui::RichText::new(self.hint).color(t.text_weak).font(font.clone());
        let response = edit
            .id(self.id)
            .event_filter(EventFilter {
                horizontal_arrows: true,
                vertical_arrows: true,
                escape: self.keeps_escape,
                ..EventFilter::default()
            })
            .hint_text(hint)
            .font(font)
            .text_color(t.text)
            .password(self.secret)
            .frame(frame)
            .desired_width(width - f32::from(left) - 11.0)
            .min_size(vec2(width, measure::INPUT))
            .align(if self.rows > 1 {
                egui::Align2::LEFT_TOP
            } else {
                egui::Align2::LEFT_CENTER
            })
            .show(ui)
            .response
            .response;
        if let Some(icon) = self.icon {
            let at = pos2(response.rect.left() + 15.0, response.rect.top() + measure::INPUT / 2.0);
            icons::paint(ui.painter(), at, icon, measure::ICON_SMALL, t.text_weak);
        }
        let (name, hint, rows) = (self.name, self.hint, self.rows);
        let value = if self.secret { String::new() } else { text.clone() };
        let enabled = ui.is_enabled();
        response.widget_info(|| {
            let role = if rows > 1 { Role::MultilineTextInput } else { Role::TextInput };
            let mut info = WidgetInfo::labeled(role, enabled, name);
            info.current_text_value = Some(value.clone());
            info.hint_text = (!hint.is_empty()).then(|| hint.to_owned());
            info
        });
        response
    }
}
