//! Words on the screen: the catalog reachable from any `Ui`, one-line labels that never overflow, links.

use super::theme::font;
use super::tokens::{Tokens, measure};
use crate::base::{Catalog, Lang, Msg};
use egui::text::{CharIndex, LayoutJob, TextFormat, TextWrapping};
use egui::{
    Align, Color32, Context, CursorIcon, FontId, Galley, Id, Key, Rect, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2,
};
use std::sync::Arc;

/// Makes the catalog reachable for every widget; call it when the language is known or changes.
pub fn install(ctx: &Context, catalog: &Catalog) {
    ctx.data_mut(|data| data.insert_temp(Id::unique("ui-catalog"), catalog.clone()));
}

/// The catalog of the window; English before one is installed.
pub fn catalog(ctx: &Context) -> Catalog {
    ctx.data(|data| data.get_temp(Id::unique("ui-catalog")))
        .unwrap_or_else(|| Catalog::new(Lang::En))
}

/// The text of a key.
pub fn tr(ui: &Ui, key: &str) -> String {
    catalog(ui.ctx()).t(key).into_owned()
}

/// The text of a message with values.
pub fn say(ui: &Ui, msg: &Msg) -> String {
    catalog(ui.ctx()).msg(msg)
}

/// Where a text that is too long is cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cut {
    /// Messages.
    #[default]
    End,
    /// Paths and identifiers: both ends say something.
    Middle,
}

/// One line of text, no wider than `max_width`; cut with an ellipsis when it does not fit.
pub fn line(ui: &Ui, text: &str, font: FontId, colour: Color32, max_width: f32, cut: Cut) -> Arc<Galley> {
    let text = text.split(['\n', '\r']).next().unwrap_or_default();
    let max_width = max_width.max(0.0);
    if cut == Cut::Middle {
        let whole = ui.painter().layout_no_wrap(text.to_owned(), font.clone(), colour);
        if whole.size().x <= max_width + 0.5 {
            return whole;
        }
        let ellipsis = ui.painter().layout_no_wrap("…".to_owned(), font.clone(), colour).size().x;
        let short = middle_cut(text, &whole, max_width - ellipsis);
        return end_cut(ui, &short, font, colour, max_width);
    }
    end_cut(ui, text, font, colour, max_width)
}

fn end_cut(ui: &Ui, text: &str, font: FontId, colour: Color32, max_width: f32) -> Arc<Galley> {
    let mut job = LayoutJob::simple_singleline(text.to_owned(), font, colour);
    job.wrap = TextWrapping {
        max_width,
        max_rows: 1,
        break_anywhere: true,
        overflow_character: Some('…'),
    };
    ui.painter().layout_job(job)
}

/// Keeps the start and, a little more of, the end.
fn middle_cut(text: &str, whole: &Galley, room: f32) -> String {
    let n_chars = text.chars().count();
    let Some(row) = whole.rows.first() else {
        return text.to_owned();
    };
    let x_of = |index: usize| row.x_offset(CharIndex(index));
    let total = x_of(n_chars);
    let (mut head, mut tail) = (0, n_chars);
    let head_room = (room * 0.42).max(0.0);
    while head < n_chars && x_of(head + 1) <= head_room {
        head += 1;
    }
    let tail_room = room - x_of(head);
    while tail > head && total - x_of(tail - 1) <= tail_room {
        tail -= 1;
    }
    let mut short: String = text.chars().take(head).collect();
    short.push('…');
    short.extend(text.chars().skip(tail));
    short
}

/// How a label is drawn.
#[derive(Clone, Debug)]
pub struct Look {
    pub font: FontId,
    pub colour: Color32,
    pub cut: Cut,
}

/// Adds one line to the layout, as wide as it is but no wider than the room; the whole text on hover when it was cut.
pub fn label(ui: &mut Ui, text: &str, look: Look) -> Response {
    let room = ui.available_width();
    label_within(ui, text, look, room)
}

/// `label` with a limit of its own.
pub fn label_within(ui: &mut Ui, text: &str, look: Look, max_width: f32) -> Response {
    let galley = line(ui, text, look.font, look.colour, max_width, look.cut);
    let (rect, response) = ui.allocate_exact_size(galley.size(), Sense::hover());
    let is_cut = galley.elided || galley.text() != text;
    if ui.is_rect_visible(rect) {
        ui.painter().galley(rect.min, galley, look.colour);
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    if is_cut && !text.is_empty() {
        response.on_hover_text(text)
    } else {
        response
    }
}

/// 13, text.
pub fn body(ui: &mut Ui, text: &str) -> Response {
    let colour = Tokens::of(ui).text;
    label(
        ui,
        text,
        Look {
            font: font::body(),
            colour,
            cut: Cut::End,
        },
    )
}

/// Whether one line stands whole in the room that is left.
pub fn is_room_for(ui: &Ui, text: &str, font: FontId) -> bool {
    let whole = ui.painter().layout_no_wrap(text.to_owned(), font, Tokens::of(ui).text);
    whole.size().x <= ui.available_width() + 0.5
}

/// 13, weight 500.
pub fn medium(ui: &mut Ui, text: &str) -> Response {
    let colour = Tokens::of(ui).text;
    label(
        ui,
        text,
        Look {
            font: font::medium(measure::TEXT_BODY),
            colour,
            cut: Cut::End,
        },
    )
}

/// 14, weight 600.
pub fn strong(ui: &mut Ui, text: &str) -> Response {
    let colour = Tokens::of(ui).text;
    label(
        ui,
        text,
        Look {
            font: font::strong(),
            colour,
            cut: Cut::End,
        },
    )
}

/// 13, weak.
pub fn weak(ui: &mut Ui, text: &str) -> Response {
    let colour = Tokens::of(ui).text_weak;
    label(
        ui,
        text,
        Look {
            font: font::body(),
            colour,
            cut: Cut::End,
        },
    )
}

/// 12, weak: secondary columns and notes.
pub fn small(ui: &mut Ui, text: &str) -> Response {
    let colour = Tokens::of(ui).text_weak;
    label(
        ui,
        text,
        Look {
            font: font::small(),
            colour,
            cut: Cut::End,
        },
    )
}

/// 12, weight 500, weak: the title of a section.
pub fn section(ui: &mut Ui, text: &str) -> Response {
    let colour = Tokens::of(ui).text_weak;
    label(
        ui,
        text,
        Look {
            font: font::medium(measure::TEXT_SMALL),
            colour,
            cut: Cut::End,
        },
    )
}

/// 13 in any colour of the tokens.
pub fn coloured(ui: &mut Ui, text: &str, colour: Color32) -> Response {
    label(
        ui,
        text,
        Look {
            font: font::body(),
            colour,
            cut: Cut::End,
        },
    )
}

/// 12, mono.
pub fn mono(ui: &mut Ui, text: &str) -> Response {
    let colour = Tokens::of(ui).text;
    label(
        ui,
        text,
        Look {
            font: font::code(),
            colour,
            cut: Cut::End,
        },
    )
}

/// A path or an identifier: cut in the middle, whole on hover.
pub fn path(ui: &mut Ui, text: &str) -> Response {
    let colour = Tokens::of(ui).text;
    label(
        ui,
        text,
        Look {
            font: font::body(),
            colour,
            cut: Cut::Middle,
        },
    )
}

/// A big number, 600.
pub fn number_big(ui: &mut Ui, text: &str) -> Response {
    let colour = Tokens::of(ui).text;
    label(
        ui,
        text,
        Look {
            font: font::semibold(measure::TEXT_NUMBER),
            colour,
            cut: Cut::End,
        },
    )
}

/// An absent value.
pub fn absent(ui: &mut Ui) -> Response {
    weak(ui, "–")
}

/// Text that may take several lines; selectable.
pub fn paragraph(ui: &mut Ui, text: &str) -> Response {
    let colour = Tokens::of(ui).text;
    ui.add(
        egui::Label::new(egui::RichText::new(text).font(font::body()).color(colour))
            .wrap()
            .selectable(true),
    )
}

/// Text that may take several lines and lets clicks and drags through: the title of a card.
pub fn wrapped(ui: &mut Ui, text: &str) -> Response {
    let colour = Tokens::of(ui).text;
    ui.add(
        egui::Label::new(egui::RichText::new(text).font(font::body()).color(colour))
            .wrap()
            .selectable(false),
    )
}

/// Several weak lines; selectable.
pub fn paragraph_weak(ui: &mut Ui, text: &str) -> Response {
    let colour = Tokens::of(ui).text_weak;
    ui.add(
        egui::Label::new(egui::RichText::new(text).font(font::small()).color(colour))
            .wrap()
            .selectable(true),
    )
}

/// A link: accent, no underline until the pointer is on it.
pub fn link(ui: &mut Ui, text: &str) -> Response {
    link_look(ui, text, font::body(), Cut::End)
}

/// A link in small text.
pub fn link_small(ui: &mut Ui, text: &str) -> Response {
    link_look(ui, text, font::small(), Cut::End)
}

/// A link in mono: a commit, a test.
pub fn link_mono(ui: &mut Ui, text: &str) -> Response {
    link_look(ui, text, font::code(), Cut::Middle)
}

pub fn link_look(ui: &mut Ui, text: &str, font: FontId, cut: Cut) -> Response {
    let t = Tokens::of(ui);
    let galley = line(ui, text, font, t.accent.text, ui.available_width(), cut);
    let (rect, response) = ui.allocate_exact_size(galley.size(), Sense::click());
    let is_cut = galley.elided || galley.text() != text;
    if ui.is_rect_visible(rect) {
        ui.painter().galley(rect.min, galley, t.accent.text);
        if response.hovered() || response.has_focus() {
            ui.painter().hline(rect.x_range(), rect.bottom() - 1.0, (1.0, t.accent.text));
        }
        if response.has_focus() {
            super::keys::ring(ui, rect.expand(1.0));
        }
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Link, ui.is_enabled(), text));
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    if is_cut { response.on_hover_text(text) } else { response }
}

/// Paints one line inside a rectangle without touching the layout; returns the width that was used.
pub fn paint_line(ui: &Ui, rect: Rect, text: &str, look: &Look, align: Align) -> f32 {
    let galley = line(ui, text, look.font.clone(), look.colour, rect.width(), look.cut);
    let width = galley.size().x;
    let x = match align {
        Align::Min => rect.left(),
        Align::Center => rect.center().x - width / 2.0,
        Align::Max => rect.right() - width,
    };
    let y = rect.center().y - galley.size().y / 2.0;
    ui.painter().galley(pos2(x, y), galley, look.colour);
    width
}

/// Pieces of different looks on one line, as one label to a screen reader.
#[derive(Default)]
pub struct Pieces {
    job: LayoutJob,
}

impl Pieces {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn push(mut self, text: &str, font: FontId, colour: Color32) -> Self {
        self.job.append(
            text,
            0.0,
            TextFormat {
                font_id: font,
                color: colour,
                valign: Align::Center,
                ..TextFormat::default()
            },
        );
        self
    }

    /// `push` with a fill behind the letters.
    pub fn push_on(mut self, text: &str, font: FontId, colour: Color32, fill: Color32) -> Self {
        let format = TextFormat {
            font_id: font,
            color: colour,
            background: fill,
            valign: Align::Center,
            ..TextFormat::default()
        };
        self.job.append(text, 0.0, format);
        self
    }

    /// Adds the line to the layout, cut at its end when there is no room.
    pub fn ui(mut self, ui: &mut Ui) -> Response {
        let text = self.job.text.clone();
        self.job.break_on_newline = false;
        self.job.wrap = TextWrapping {
            max_width: ui.available_width().max(0.0),
            max_rows: 1,
            break_anywhere: true,
            overflow_character: Some('…'),
        };
        let galley = ui.painter().layout_job(self.job);
        let (rect, response) = ui.allocate_exact_size(galley.size(), Sense::hover());
        let is_cut = galley.elided;
        if ui.is_rect_visible(rect) {
            ui.painter().galley(rect.min, galley, Tokens::of(ui).text);
        }
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &text));
        if is_cut { response.on_hover_text(text) } else { response }
    }

    pub fn galley(self, ui: &Ui) -> Arc<Galley> {
        ui.painter().layout_job(self.job)
    }
}

/// A key or a shortcut in a small border.
pub fn key_cap(ui: &mut Ui, text: &str) -> Response {
    let t = Tokens::of(ui);
    let galley = ui
        .painter()
        .layout_no_wrap(text.to_owned(), font::regular(measure::TEXT_CHART), t.text_weak);
    let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x + 10.0, 18.0), Sense::hover());
    if ui.is_rect_visible(rect) {
        let stroke = egui::Stroke::new(1.0, t.line_strong);
        ui.painter()
            .rect_stroke(rect, measure::RADIUS_CHIP, stroke, egui::StrokeKind::Inside);
        ui.painter().galley(rect.center() - galley.size() / 2.0, galley, t.text_weak);
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    response
}

/// `Ctrl+K` in the words of the window's language.
pub fn shortcut_text(ctx: &Context, shortcut: &egui::KeyboardShortcut) -> String {
    if ctx.os().is_mac() {
        return ctx.format_shortcut(shortcut);
    }
    let texts = catalog(ctx);
    let modifiers = shortcut.modifiers;
    let held = [
        (modifiers.ctrl || modifiers.command, "ui-key-ctrl"),
        (modifiers.alt, "ui-key-alt"),
        (modifiers.shift, "ui-key-shift"),
    ];
    let mut parts: Vec<String> = held
        .into_iter()
        .filter(|(is_held, _)| *is_held)
        .map(|(_, key)| texts.t(key).into_owned())
        .collect();
    let named = match shortcut.logical_key {
        Key::Enter => "ui-key-enter",
        Key::Escape => "ui-key-escape",
        Key::ArrowLeft => "ui-key-left",
        Key::ArrowRight => "ui-key-right",
        Key::ArrowUp => "ui-key-up",
        Key::ArrowDown => "ui-key-down",
        Key::Home => "ui-key-home",
        Key::End => "ui-key-end",
        Key::Plus => "ui-key-plus",
        Key::Minus => "ui-key-minus",
        _ => "",
    };
    parts.push(match named {
        "" => shortcut.logical_key.symbol_or_name().to_owned(),
        named => texts.t(named).into_owned(),
    });
    parts.join("+")
}
