//! A state as shape, word and colour; never colour alone. Chips, tags, history strips, sparklines, rows of instances.

use super::text::{self, Cut, Look};
use super::theme::font;
use super::tokens::{Tokens, measure, mix};
use crate::base::State;
use egui::{Color32, Painter, Pos2, Rect, Response, Role, Sense, Shape, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2};
use std::f32::consts::TAU;

/// The colour for a state's shape on a plain surface.
pub fn mark_colour(t: &Tokens, state: State) -> Color32 {
    match state {
        State::Running | State::Done => t.success.mark,
        State::Degraded | State::Interrupted => t.warning.mark,
        State::Failed => t.danger.mark,
        State::InProgress => t.accent.mark,
        State::Unknown | State::Queued | State::None | State::Skipped | State::Stale | State::Cancelled => t.neutral.mark,
    }
}

/// The colour for a state's word: a good state is plain, so that the eye lands where somebody must look.
pub fn word_colour(t: &Tokens, state: State) -> Color32 {
    match state {
        State::Running | State::Done => t.text,
        State::Degraded | State::Interrupted => t.warning.text,
        State::Failed => t.danger.text,
        State::InProgress => t.accent.text,
        State::Unknown | State::Queued | State::None | State::Skipped | State::Stale | State::Cancelled => t.text_weak,
    }
}

/// Text colour and fill of a state's chip.
fn chip_colours(t: &Tokens, state: State) -> (Color32, Color32) {
    let tone = match state {
        State::Running | State::Done => t.success,
        State::Degraded | State::Interrupted => t.warning,
        State::Failed => t.danger,
        State::InProgress => t.accent,
        State::Unknown | State::Queued | State::None | State::Skipped | State::Stale | State::Cancelled => t.neutral,
    };
    (tone.text, tone.weak)
}

/// Paints a state's shape in a box of `size` (10 by default) around a point.
pub fn paint(painter: &Painter, t: &Tokens, center: Pos2, size: f32, state: State) {
    paint_in(painter, t, center, size, state, mark_colour(t, state));
}

fn paint_in(painter: &Painter, t: &Tokens, center: Pos2, size: f32, state: State, colour: Color32) {
    let unit = size / measure::MARK;
    let at = |x: f32, y: f32| center + vec2(x, y) * unit;
    let ring = |from: f32, share: f32, stroke: Stroke| {
        let n_points = 24;
        let point = |i: i32| {
            let angle = from + share * TAU * i as f32 / n_points as f32;
            center + vec2(angle.cos(), angle.sin()) * 3.8 * unit
        };
        painter.add(Shape::line((0..=n_points).map(point).collect(), stroke));
    };
    match state {
        State::Running => {
            painter.circle_filled(center, 4.0 * unit, colour);
        }
        State::Degraded | State::Interrupted => {
            let points = vec![at(0.0, -4.2), at(4.6, 3.8), at(-4.6, 3.8)];
            painter.add(Shape::convex_polygon(points, colour, Stroke::NONE));
        }
        State::Failed => {
            let stroke = Stroke::new(2.0 * unit, colour);
            painter.line_segment([at(-3.6, -3.6), at(3.6, 3.6)], stroke);
            painter.line_segment([at(-3.6, 3.6), at(3.6, -3.6)], stroke);
        }
        State::Unknown => {
            painter.circle_stroke(center, 3.6 * unit, Stroke::new(1.5 * unit, colour));
        }
        State::Queued => {
            for i in 0..8 {
                let angle = TAU * i as f32 / 8.0;
                painter.circle_filled(center + vec2(angle.cos(), angle.sin()) * 3.9 * unit, 0.85 * unit, colour);
            }
        }
        State::InProgress => {
            painter.circle_stroke(center, 3.8 * unit, Stroke::new(2.0 * unit, t.line_strong));
            ring(-TAU / 4.0, 0.75, Stroke::new(2.0 * unit, colour));
        }
        State::Done => {
            let points = vec![at(-4.0, 0.4), at(-1.3, 3.0), at(4.2, -3.2)];
            painter.add(Shape::line(points, Stroke::new(1.8 * unit, colour)));
        }
        State::None | State::Skipped | State::Stale | State::Cancelled => {
            painter.line_segment([at(-3.5, 0.0), at(3.5, 0.0)], Stroke::new(1.8 * unit, colour));
        }
    }
}

/// The shape alone, for strips of instances with a count beside them; its word is on hover and for screen readers.
pub fn mark_ui(ui: &mut Ui, state: State) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(measure::MARK), Sense::hover());
    if ui.is_rect_visible(rect) {
        paint(ui.painter(), Tokens::of(ui), rect.center(), measure::MARK, state);
    }
    let word = text::tr(ui, state.key());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &word));
    response.on_hover_text(word)
}

/// Some shapes side by side, with one set of words on hover and for screen readers.
pub fn marks_ui(ui: &mut Ui, states: &[State], words: &str) -> Response {
    let step = measure::MARK + 3.0;
    let size = vec2(states.len() as f32 * step, measure::MARK);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    if ui.is_rect_visible(rect) {
        for (index, state) in states.iter().enumerate() {
            let x = rect.left() + index as f32 * step + measure::MARK / 2.0;
            paint(ui.painter(), Tokens::of(ui), pos2(x, rect.center().y), measure::MARK, *state);
        }
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, words));
    response.on_hover_text(words)
}

/// Shape and the state's own word.
pub fn state_ui(ui: &mut Ui, state: State) -> Response {
    let word = text::tr(ui, state.key());
    label_ui(ui, state, &word)
}

/// Shape and a word that says more (`3 failed`, `canary 25 %`), coloured by the state.
pub fn label_ui(ui: &mut Ui, state: State, word: &str) -> Response {
    let t = Tokens::of(ui);
    labelled(
        ui,
        state,
        word,
        Look {
            font: font::body(),
            colour: word_colour(t, state),
            cut: Cut::End,
        },
    )
}

/// `label_ui` in 12.
pub fn label_small_ui(ui: &mut Ui, state: State, word: &str) -> Response {
    let t = Tokens::of(ui);
    labelled(
        ui,
        state,
        word,
        Look {
            font: font::small(),
            colour: word_colour(t, state),
            cut: Cut::End,
        },
    )
}

fn labelled(ui: &mut Ui, state: State, word: &str, look: Look) -> Response {
    let t = Tokens::of(ui);
    let lead = measure::MARK + measure::ICON_GAP;
    let galley = text::line(
        ui,
        word,
        look.font.clone(),
        look.colour,
        ui.available_width() - lead,
        look.cut,
    );
    let size = vec2(lead + galley.size().x, galley.size().y.max(measure::MARK));
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let is_cut = galley.elided;
    if ui.is_rect_visible(rect) {
        paint(
            ui.painter(),
            t,
            pos2(rect.left() + measure::MARK / 2.0, rect.center().y),
            measure::MARK,
            state,
        );
        ui.painter().galley(
            pos2(rect.left() + lead, rect.center().y - galley.size().y / 2.0),
            galley,
            look.colour,
        );
    }
    let state_word = text::tr(ui, state.key());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, word));
    describe(ui, &response, &state_word, word);
    if is_cut {
        response.on_hover_text(format!("{word} ({state_word})"))
    } else if state_word == word {
        response
    } else {
        response.on_hover_text(state_word)
    }
}

/// A filled chip: one per heading, elsewhere only where the state is an event.
pub fn chip_ui(ui: &mut Ui, state: State, word: &str) -> Response {
    let t = Tokens::of(ui);
    let (colour, fill) = chip_colours(t, state);
    let room = (ui.available_width() - 26.0).max(0.0);
    let galley = text::line(ui, word, font::medium(measure::TEXT_SMALL), colour, room, Cut::End);
    let size = vec2(5.0 + measure::MARK + 5.0 + galley.size().x + 6.0, measure::CHIP);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    if ui.is_rect_visible(rect) {
        ui.painter().rect_filled(rect, measure::RADIUS_CHIP, fill);
        let center = pos2(rect.left() + 5.0 + measure::MARK / 2.0, rect.center().y);
        paint_in(ui.painter(), t, center, measure::MARK, state, colour);
        let at = pos2(rect.left() + 10.0 + measure::MARK, rect.center().y - galley.size().y / 2.0);
        ui.painter().galley(at, galley, colour);
    }
    let state_word = text::tr(ui, state.key());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, word));
    describe(ui, &response, &state_word, word);
    if state_word == word {
        response
    } else {
        response.on_hover_text(state_word)
    }
}

/// How wide a chip is that is not cut.
pub fn chip_width(ui: &Ui, word: &str) -> f32 {
    let t = Tokens::of(ui);
    let galley = text::line(ui, word, font::medium(measure::TEXT_SMALL), t.text, f32::INFINITY, Cut::End);
    5.0 + measure::MARK + 5.0 + galley.size().x + 6.0
}

/// What a screen reader says after the word, which may not name the state.
fn describe(ui: &Ui, response: &Response, state_word: &str, word: &str) {
    if state_word != word {
        let describe = |node: &mut egui::accesskit::Node| node.set_description(state_word);
        ui.ctx().accesskit_node_builder(response.id, describe);
    }
}

/// How loud a tag is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TagLook {
    #[default]
    Plain,
    /// The current branch.
    Accent,
    /// HEAD.
    Filled,
}

/// A branch, a label, a version in a thin border.
pub fn tag_ui(ui: &mut Ui, word: &str, look: TagLook) -> Response {
    let t = Tokens::of(ui);
    let colour = match look {
        TagLook::Plain => t.text_weak,
        TagLook::Accent => t.accent.text,
        TagLook::Filled => t.on_accent,
    };
    let galley = text::line(
        ui,
        word,
        font::regular(measure::TEXT_SMALL),
        colour,
        ui.available_width() - 12.0,
        Cut::Middle,
    );
    let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x + 12.0, measure::CHIP), Sense::hover());
    let is_cut = galley.text() != word;
    if ui.is_rect_visible(rect) {
        let painter = ui.painter();
        match look {
            TagLook::Filled => {
                painter.rect_filled(rect, measure::RADIUS_CHIP, t.accent_fill);
            }
            TagLook::Accent => {
                painter.rect_stroke(
                    rect,
                    measure::RADIUS_CHIP,
                    Stroke::new(1.0, t.accent.mark),
                    StrokeKind::Inside,
                );
            }
            TagLook::Plain => {
                painter.rect_stroke(
                    rect,
                    measure::RADIUS_CHIP,
                    Stroke::new(1.0, t.line_strong),
                    StrokeKind::Inside,
                );
            }
        }
        painter.galley(rect.center() - galley.size() / 2.0, galley, colour);
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, word));
    if is_cut { response.on_hover_text(word) } else { response }
}

/// The last 30 outcomes, newest right; `name` says the count in words (`28 of 30 passed`).
pub fn strip_ui(ui: &mut Ui, history: &[State], name: &str) -> Response {
    const BARS: usize = 30;
    let t = Tokens::of(ui);
    // Where there is less room the oldest ones go.
    let n_bars = BARS.min(((ui.available_width() + 1.0) / 5.0).max(1.0) as usize);
    let (rect, response) = ui.allocate_exact_size(vec2(n_bars as f32 * 5.0 - 1.0, 12.0), Sense::hover());
    if ui.is_rect_visible(rect) {
        let shown = &history[history.len().saturating_sub(n_bars)..];
        let missing = n_bars - shown.len();
        let painter = ui.painter();
        for i in 0..n_bars {
            let state = i.checked_sub(missing).map_or(State::Unknown, |i| shown[i]);
            let left = rect.left() + i as f32 * 5.0;
            let bar = |height: f32| Rect::from_min_max(pos2(left, rect.bottom() - height), pos2(left + 4.0, rect.bottom()));
            match state {
                State::Done | State::Running => {
                    painter.rect_filled(bar(12.0), 0.0, mix(t.surface_1, t.success.mark, 0.75));
                }
                State::Failed => {
                    let whole = bar(12.0);
                    painter.rect_filled(
                        Rect::from_min_max(whole.min, pos2(whole.right(), whole.top() + 5.0)),
                        0.0,
                        t.danger.mark,
                    );
                    painter.rect_filled(
                        Rect::from_min_max(pos2(whole.left(), whole.top() + 7.0), whole.max),
                        0.0,
                        t.danger.mark,
                    );
                }
                State::Degraded | State::Interrupted => {
                    painter.rect_filled(bar(8.0), 0.0, t.warning.mark);
                }
                State::InProgress => {
                    painter.rect_filled(bar(12.0), 0.0, t.accent.mark);
                }
                State::Skipped | State::None | State::Stale | State::Cancelled => {
                    painter.rect_filled(bar(4.0), 0.0, t.neutral.mark);
                }
                State::Unknown | State::Queued => {
                    painter.rect_filled(bar(2.0), 0.0, t.line_strong);
                }
            }
        }
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
    response.on_hover_text(name)
}

/// A small line of the last values; gaps (not finite) stay gaps. Coloured only when the state needs a look.
pub fn sparkline_ui(ui: &mut Ui, values: &[f32], width: f32, state: State, name: &str) -> Response {
    let t = Tokens::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(width.max(8.0), 14.0), Sense::hover());
    if ui.is_rect_visible(rect) && values.len() > 1 {
        let finite = || values.iter().copied().filter(|v| v.is_finite());
        let (low, high) = finite().fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
        let span = (high - low).max(high.abs() * 0.1).max(1e-6);
        let middle = f32::midpoint(low, high);
        let colour = if state.needs_attention() {
            mark_colour(t, state)
        } else {
            t.text_weak
        };
        let stroke = Stroke::new(1.3, colour);
        let step = rect.width() / (values.len() - 1) as f32;
        let mut run = Vec::new();
        for (i, v) in values.iter().enumerate() {
            if v.is_finite() {
                let y = rect.center().y - (v - middle) / span * (rect.height() - 3.0);
                run.push(pos2(rect.left() + i as f32 * step, y));
            } else if !run.is_empty() {
                ui.painter().add(Shape::line(std::mem::take(&mut run), stroke));
            }
        }
        if run.len() > 1 {
            ui.painter().add(Shape::line(run, stroke));
        }
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
    response.on_hover_text(name)
}

/// One shape per instance, then the count in words; no more shapes than there is room.
pub fn dots_ui(ui: &mut Ui, states: &[State], count: &str) -> Response {
    let t = Tokens::of(ui);
    let step = measure::MARK + 4.0;
    let galley = text::line(ui, count, font::small(), t.text_weak, ui.available_width(), Cut::End);
    let room = ((ui.available_width() - galley.size().x - 8.0) / step).floor().max(0.0) as usize;
    let shown = &states[..states.len().min(room)];
    let lead = shown.len() as f32 * step + if shown.is_empty() { 0.0 } else { 4.0 };
    let (rect, response) = ui.allocate_exact_size(vec2(lead + galley.size().x, 16.0), Sense::hover());
    if ui.is_rect_visible(rect) {
        for (i, state) in shown.iter().enumerate() {
            let center = pos2(rect.left() + i as f32 * step + measure::MARK / 2.0, rect.center().y);
            paint(ui.painter(), t, center, measure::MARK, *state);
        }
        ui.painter().galley(
            pos2(rect.left() + lead, rect.center().y - galley.size().y / 2.0),
            galley,
            t.text_weak,
        );
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, count));
    response
}

/// A thin bar: 0 to 1 filled; without a fraction only the track. It stands still between events.
pub fn bar_ui(ui: &mut Ui, width: f32, fraction: Option<f32>, colour: Color32, name: &str) -> Response {
    let t = Tokens::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(width.max(4.0), 4.0), Sense::hover());
    if ui.is_rect_visible(rect) {
        ui.painter().rect_filled(rect, measure::RADIUS_BAR, t.surface_3);
        if let Some(fraction) = fraction {
            let done = Rect::from_min_size(rect.min, vec2(rect.width() * fraction.clamp(0.0, 1.0), rect.height()));
            ui.painter().rect_filled(done, measure::RADIUS_BAR, colour);
        }
    }
    response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, name));
    response.on_hover_text(name)
}

/// The initials of a person in a circle.
pub fn avatar_ui(ui: &mut Ui, name: &str) -> Response {
    let t = Tokens::of(ui);
    let initials: String = name
        .split_whitespace()
        .filter_map(|word| word.chars().next())
        .take(2)
        .flat_map(char::to_uppercase)
        .collect();
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(20.0), Sense::hover());
    if ui.is_rect_visible(rect) {
        ui.painter().circle_filled(rect.center(), 10.0, t.surface_3);
        let look = Look {
            font: font::medium(10.0),
            colour: t.text,
            cut: Cut::End,
        };
        text::paint_line(ui, rect, &initials, &look, egui::Align::Center);
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
    response.on_hover_text(name)
}
