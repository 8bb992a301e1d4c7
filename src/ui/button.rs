//! Buttons: filled (one per page), plain, small, icon only, segments, tick boxes, menu entries.

use super::icons::{self, Icon};
use super::keys;
use super::text::{self, Cut, Look};
use super::theme::font;
use super::tokens::{CLEAR, Tokens, measure};
use egui::{
    Color32, Id, Popup, Pos2, Response, Role, Sense, SetOpenCommand, Stroke, StrokeKind, Ui, Vec2, Widget, WidgetInfo, pos2, vec2,
};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Plain,
    Primary,
    /// Words in accent, no frame.
    Bare,
}

/// A button that says what it does. `ui.add(Button::new("Commit 3 files").primary())`.
#[derive(Clone, Debug, Default)]
#[must_use = "add it with `ui.add`"]
pub struct Button<'a> {
    label: &'a str,
    icon: Option<Icon>,
    /// Drawn after the word, a little smaller: a shortcut.
    note: Option<&'a str>,
    kind: Kind,
    small: bool,
    danger: bool,
    chevron: bool,
    wide: bool,
    disabled_because: Option<&'a str>,
    hover: Option<&'a str>,
}

impl<'a> Button<'a> {
    pub fn new(label: &'a str) -> Self {
        Self {
            label,
            ..Self::default()
        }
    }

    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// The filled one: the thing most people do next; one per page.
    pub fn primary(mut self) -> Self {
        self.kind = Kind::Primary;
        self
    }

    /// No frame, accent words: `Stage all` in a group row.
    pub fn bare(mut self) -> Self {
        self.kind = Kind::Bare;
        self
    }

    /// 22 high.
    pub fn small(mut self) -> Self {
        self.small = true;
        self
    }

    pub fn danger(mut self, danger: bool) -> Self {
        self.danger = danger;
        self
    }

    /// It opens a menu.
    pub fn chevron(mut self) -> Self {
        self.chevron = true;
        self
    }

    /// As wide as the room.
    pub fn wide(mut self) -> Self {
        self.wide = true;
        self
    }

    pub fn note(mut self, note: &'a str) -> Self {
        self.note = Some(note);
        self
    }

    /// Dim, does nothing, and says why on hover.
    pub fn disabled_because(mut self, why: Option<&'a str>) -> Self {
        self.disabled_because = why;
        self
    }

    pub fn hover(mut self, text: &'a str) -> Self {
        self.hover = Some(text);
        self
    }
}

impl Widget for Button<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let note = self.disabled_because.or(self.hover).map(str::to_owned);
        let response = self.draw(ui);
        match note {
            Some(note) => response.on_hover_text(note),
            None => response,
        }
    }
}

impl Button<'_> {
    fn draw(self, ui: &mut Ui) -> Response {
        let t = Tokens::of(ui);
        let (height, padding, size) = if self.small {
            (measure::BUTTON_SMALL, 8.0, measure::TEXT_SMALL)
        } else {
            (measure::BUTTON, 10.0, measure::TEXT_BODY)
        };
        let padding = if self.kind == Kind::Bare { 4.0 } else { padding };
        let enabled = self.disabled_because.is_none();
        // The filled button says what would be done: its words can be read before it is allowed too.
        let is_resting = self.kind == Kind::Primary && !(enabled && ui.is_enabled());
        let colour = match self.kind {
            Kind::Primary if is_resting => t.text_weak,
            Kind::Primary => t.on_accent,
            _ if self.danger => t.danger.text,
            Kind::Bare => t.accent.text,
            Kind::Plain => t.text,
        };
        let icon_size = if self.small { measure::ICON_SMALL } else { measure::ICON };
        let lead = if self.icon.is_some() {
            icon_size + measure::ICON_GAP
        } else {
            0.0
        };
        let tail = if self.chevron { 18.0 } else { 0.0 };
        let note = self.note.map(|note| {
            let colour = if self.kind == Kind::Primary { colour } else { t.text_weak };
            ui.painter()
                .layout_no_wrap(note.to_owned(), font::medium(measure::TEXT_CHART), colour)
        });
        let note_width = note.as_ref().map_or(0.0, |note| note.size().x + 10.0);
        let fixed = 2.0 * padding + lead + tail + note_width;
        // In a wrapping row a button that does not fit goes to the next line, whole.
        let widest = if ui.layout().main_wrap() {
            ui.max_rect().width()
        } else {
            ui.available_width()
        };
        let room = (widest - fixed).max(24.0);
        let galley = text::line(ui, self.label, font::medium(size), colour, room, Cut::End);
        let content = lead + galley.size().x + note_width + tail;
        let width = if self.wide {
            ui.available_width().max(content + 2.0 * padding)
        } else {
            content + 2.0 * padding
        };
        let sense = if enabled { Sense::click() } else { Sense::hover() };
        let (rect, response) = ui.allocate_exact_size(vec2(width, height), sense);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled() && enabled, self.label));
        if ui.is_rect_visible(rect) {
            let opacity = ui.opacity();
            let dim = ui.visuals().disabled_alpha;
            match (is_resting, ui.is_enabled()) {
                (true, true) => {}
                (true, false) => ui.set_opacity((opacity / dim).min(1.0)),
                (false, _) if !enabled => ui.multiply_opacity(dim),
                (false, _) => {}
            }
            let held = response.is_pointer_button_down_on();
            let hovered = response.hovered() && enabled;
            let (fill, line) = match self.kind {
                Kind::Primary if is_resting => (t.surface_3, t.line),
                Kind::Primary if held || hovered => (super::tokens::mix(t.accent_fill, t.text, 0.12), CLEAR),
                Kind::Primary => (t.accent_fill, CLEAR),
                Kind::Bare if hovered => (t.surface_3, CLEAR),
                Kind::Bare => (CLEAR, CLEAR),
                Kind::Plain if held => (t.line, t.line_strong),
                Kind::Plain if hovered => (t.surface_3, t.line_strong),
                Kind::Plain => (t.surface_2, t.line_strong),
            };
            paint_frame(ui, rect, fill, line, response.has_focus());
            let x = if self.wide {
                rect.center().x - content / 2.0
            } else {
                rect.left() + padding
            };
            if let Some(icon) = self.icon {
                icons::paint(
                    ui.painter(),
                    pos2(x + icon_size / 2.0, rect.center().y),
                    icon,
                    icon_size,
                    colour,
                );
            }
            let text_width = galley.size().x;
            ui.painter()
                .galley(pos2(x + lead, rect.center().y - galley.size().y / 2.0), galley, colour);
            if let Some(note) = note {
                let at = pos2(x + lead + text_width + 10.0, rect.center().y - note.size().y / 2.0);
                ui.painter().galley(at, note, colour);
            }
            if self.chevron {
                let at = pos2(rect.right() - padding - 5.0, rect.center().y);
                icons::paint(ui.painter(), at, icons::CHEVRON_DOWN, measure::ICON_SMALL, t.text_weak);
            }
            ui.set_opacity(opacity);
        }
        response
    }
}

fn paint_frame(ui: &Ui, rect: egui::Rect, fill: Color32, line: Color32, focused: bool) {
    ui.painter()
        .rect(rect, measure::RADIUS, fill, Stroke::new(1.0, line), StrokeKind::Inside);
    if focused {
        keys::ring(ui, rect);
    }
}

/// A square button with an icon; `name` is its accessible name and stands on hover.
pub fn icon_button(ui: &mut Ui, icon: Icon, name: &str) -> Response {
    icon_button_sized(ui, icon, name, measure::BUTTON, measure::ICON)
}

/// `icon_button` for rows: 22 by 22.
pub fn icon_button_small(ui: &mut Ui, icon: Icon, name: &str) -> Response {
    icon_button_sized(ui, icon, name, measure::BUTTON_SMALL, measure::ICON_SMALL)
}

fn icon_button_sized(ui: &mut Ui, icon: Icon, name: &str, side: f32, icon_size: f32) -> Response {
    let t = Tokens::of(ui);
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(side), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), name));
    if ui.is_rect_visible(rect) {
        let active = response.hovered() || response.is_pointer_button_down_on();
        let (fill, colour) = if active { (t.surface_3, t.text) } else { (CLEAR, t.text_weak) };
        paint_frame(ui, rect, fill, CLEAR, response.has_focus());
        icons::paint(ui.painter(), rect.center(), icon, icon_size, colour);
    }
    response.on_hover_text(name)
}

/// A row of exclusive choices in one frame: `Unified | Side by side`. Returns true when it changed.
pub fn segments_ui<T: Copy + PartialEq>(ui: &mut Ui, current: &mut T, choices: &[(T, &str)]) -> bool {
    let t = Tokens::of(ui);
    let galleys: Vec<_> = choices
        .iter()
        .map(|(value, label)| {
            let colour = if value == current { t.text } else { t.text_weak };
            text::line(ui, label, font::medium(measure::TEXT_SMALL), colour, f32::INFINITY, Cut::End)
        })
        .collect();
    let width = galleys.iter().map(|galley| galley.size().x + 20.0).sum::<f32>() + 4.0;
    let (rect, frame) = ui.allocate_exact_size(vec2(width, 24.0), Sense::hover());
    ui.painter().rect(
        rect,
        measure::RADIUS,
        t.surface_1,
        Stroke::new(1.0, t.line),
        StrokeKind::Inside,
    );
    let mut changed = false;
    let mut x = rect.left() + 2.0;
    for ((value, label), galley) in choices.iter().zip(galleys) {
        let cell = egui::Rect::from_min_size(pos2(x, rect.top() + 2.0), vec2(galley.size().x + 20.0, 20.0));
        x = cell.right();
        let response = ui.interact(cell, frame.id.with(*label), Sense::click());
        let selected = value == current;
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, ui.is_enabled(), selected, *label));
        if selected {
            ui.painter().rect_filled(cell, measure::RADIUS_CHIP, t.surface_3);
        }
        if response.has_focus() {
            ui.painter().rect_stroke(
                cell,
                measure::RADIUS_CHIP,
                Stroke::new(1.5, t.accent.mark),
                StrokeKind::Inside,
            );
        }
        ui.painter().galley(cell.center() - galley.size() / 2.0, galley, t.text);
        if response.clicked() && !selected {
            *current = *value;
            changed = true;
        }
    }
    changed
}

/// A tick box with its word; `name` is what a screen reader calls it where the word does not say it.
pub fn tick_ui(ui: &mut Ui, ticked: &mut bool, word: &str, name: &str) -> Response {
    let t = Tokens::of(ui);
    let galley = text::line(
        ui,
        word,
        font::body(),
        t.text,
        (ui.available_width() - 20.0).max(0.0),
        Cut::End,
    );
    let lead = if word.is_empty() { 14.0 } else { 14.0 + measure::ICON_GAP };
    let size = vec2(lead + galley.size().x, galley.size().y.max(16.0));
    let (rect, mut response) = ui.allocate_exact_size(size, Sense::click());
    if response.clicked() {
        *ticked = !*ticked;
        response.mark_changed();
    }
    let on = *ticked;
    let spoken = if name.is_empty() { word } else { name };
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, ui.is_enabled(), on, spoken));
    if ui.is_rect_visible(rect) {
        let center = pos2(rect.left() + 7.0, rect.center().y);
        paint_tick(ui, center, on, response.hovered(), response.has_focus());
        ui.painter().galley(
            pos2(rect.left() + lead, rect.center().y - galley.size().y / 2.0),
            galley,
            t.text,
        );
    }
    response
}

/// Paints a tick box of 12 around a point.
pub fn paint_tick(ui: &Ui, center: Pos2, on: bool, hovered: bool, focused: bool) {
    let t = Tokens::of(ui);
    let square = egui::Rect::from_center_size(center, Vec2::splat(12.0));
    let painter = ui.painter();
    if on {
        painter.rect_filled(square, 3.0, t.accent_fill);
        let points = vec![center + vec2(-3.2, 0.2), center + vec2(-1.0, 2.4), center + vec2(3.2, -2.4)];
        painter.add(egui::Shape::line(points, Stroke::new(1.6, t.on_accent)));
    } else {
        let line = if hovered { t.text_weak } else { t.neutral.mark };
        painter.rect(square, 3.0, CLEAR, Stroke::new(1.0, line), StrokeKind::Inside);
    }
    if focused {
        painter.rect_stroke(square.expand(2.0), 4.0, Stroke::new(1.5, t.accent.mark), StrokeKind::Outside);
    }
}

/// One entry of a menu.
#[derive(Clone, Debug, Default)]
pub struct MenuEntry<'a> {
    pub label: &'a str,
    pub icon: Option<Icon>,
    pub note: Option<&'a str>,
    pub danger: bool,
    pub ticked: Option<bool>,
    pub disabled_because: Option<&'a str>,
}

/// Draws an entry inside a menu popup; closing is up to the caller (`ui.close()`), a tick usually stays open.
pub fn menu_entry_ui(ui: &mut Ui, entry: &MenuEntry<'_>) -> Response {
    if let Some(why) = entry.disabled_because {
        return ui
            .add_enabled_ui(false, |ui| draw_menu_entry(ui, entry))
            .inner
            .on_disabled_hover_text(why);
    }
    draw_menu_entry(ui, entry)
}

/// Where it stands that the first entry of a menu gets the keys.
fn first_entry_key() -> Id {
    Id::unique("ui-menu-first-entry")
}

/// The menu of what was drawn there: with the right button at the pointer, and `by_key` at its lower left. Then its first entry has
/// the keys, and `owner` gets them back when it closes.
pub fn context_menu_ui(of: &Response, by_key: bool, owner: Id, content: impl FnOnce(&mut Ui)) {
    let at = by_key.then(|| of.rect.left_bottom());
    context_menu_at(of, at, owner, content);
}

/// The same for a menu that is about a part of what was drawn: the keys open it below that part's lower left.
pub fn context_menu_at(of: &Response, by_key: Option<Pos2>, owner: Id, content: impl FnOnce(&mut Ui)) {
    let ctx = &of.ctx;
    let mut menu = Popup::context_menu(of);
    let (id, key) = (menu.get_id(), menu.get_id().with("by-key"));
    if let Some(at) = by_key {
        menu = menu.open_memory(SetOpenCommand::Bool(true));
        ctx.data_mut(|data| {
            data.insert_temp(key, at);
            data.insert_temp(first_entry_key(), true);
        });
        ctx.request_repaint();
    }
    let opened_at = ctx.data(|data| data.get_temp::<Pos2>(key));
    let at_pointer = of.secondary_clicked();
    if let Some(at) = opened_at.filter(|_| !at_pointer) {
        menu = menu.at_position(at + vec2(measure::SPACE_16, 0.0));
    }
    menu.show(content);
    let is_over = !Popup::is_id_open(ctx, id);
    if opened_at.is_some() && (is_over || at_pointer) {
        ctx.data_mut(|data| data.remove::<Pos2>(key));
        if is_over {
            ctx.memory_mut(|memory| memory.request_focus(owner));
        }
    }
}

fn draw_menu_entry(ui: &mut Ui, entry: &MenuEntry<'_>) -> Response {
    let t = Tokens::of(ui);
    let colour = if entry.danger { t.danger.text } else { t.text };
    let galley = text::line(ui, entry.label, font::body(), colour, 420.0, Cut::End);
    let note = entry
        .note
        .map(|note| ui.painter().layout_no_wrap(note.to_owned(), font::small(), t.text_weak));
    let lead = 28.0;
    let needed = lead + galley.size().x + note.as_ref().map_or(0.0, |note| note.size().x + 24.0) + 12.0;
    let width = if ui.is_sizing_pass() {
        needed.max(160.0)
    } else {
        needed.max(ui.available_width())
    };
    let (rect, response) = ui.allocate_exact_size(vec2(width, 26.0), Sense::click());
    let is_first =
        ui.is_enabled() && !ui.is_sizing_pass() && ui.data_mut(|data| data.remove_temp::<bool>(first_entry_key())) == Some(true);
    if is_first {
        response.request_focus();
    }
    let role = if entry.ticked.is_some() {
        Role::MenuItemCheckBox
    } else {
        Role::MenuItem
    };
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(role, ui.is_enabled(), entry.label);
        info.selected = entry.ticked;
        info
    });
    if ui.is_rect_visible(rect) {
        if response.hovered() || response.has_focus() {
            ui.painter().rect_filled(rect, measure::RADIUS_CHIP, t.surface_3);
        }
        let at = pos2(rect.left() + 14.0, rect.center().y);
        match (entry.ticked, entry.icon) {
            (Some(on), _) => {
                paint_tick(ui, at, on, response.hovered(), false);
            }
            (None, Some(icon)) => {
                let icon_colour = if entry.danger { t.danger.text } else { t.text_weak };
                icons::paint(ui.painter(), at, icon, measure::ICON_SMALL, icon_colour);
            }
            (None, None) => {}
        }
        ui.painter().galley(
            pos2(rect.left() + lead, rect.center().y - galley.size().y / 2.0),
            galley,
            colour,
        );
        if let Some(note) = note {
            let at = pos2(rect.right() - 10.0 - note.size().x, rect.center().y - note.size().y / 2.0);
            ui.painter().galley(at, note, t.text_weak);
        }
    }
    response
}

/// A thin line between groups of a menu.
pub fn menu_line_ui(ui: &mut Ui) {
    let t = Tokens::of(ui);
    let width = if ui.is_sizing_pass() { 60.0 } else { ui.available_width() };
    let (rect, _) = ui.allocate_exact_size(vec2(width, 9.0), Sense::hover());
    ui.painter().hline(rect.x_range(), rect.center().y, Stroke::new(1.0, t.line));
}

/// A weak title inside a menu.
pub fn menu_title_ui(ui: &mut Ui, title: &str) {
    let t = Tokens::of(ui);
    let look = Look {
        font: font::medium(measure::TEXT_SMALL),
        colour: t.text_weak,
        cut: Cut::End,
    };
    ui.horizontal(|ui| {
        ui.add_space(10.0);
        text::label(ui, title, look);
    });
}
