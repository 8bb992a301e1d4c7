//! Cards with a number, its trend and a small line.

use super::state_mark;
use super::text::{self, Cut, Look};
use super::theme::font;
use super::tokens::{CLEAR, Tokens, measure};
use crate::base::State;
use egui::{Align, Rect, Role, Sense, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, pos2, vec2};

/// A number with its trend and a small line, as a card of 84: `Deployment frequency`, `4.2 a week`, `up from 3.1`.
pub fn number_card_ui(ui: &mut Ui, title: &str, number: &str, unit: &str, state: State, trend: &str, history: &[f32]) {
    let t = Tokens::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 84.0), Sense::hover());
    ui.painter()
        .rect(rect, measure::RADIUS, CLEAR, Stroke::new(1.0, t.line), StrokeKind::Inside);
    let inner = rect.shrink2(vec2(12.0, 10.0));
    let row = |top: f32, height: f32| Rect::from_min_size(inner.min + vec2(0.0, top), vec2(inner.width(), height));
    text::paint_line(
        ui,
        row(0.0, 16.0),
        title,
        &Look {
            font: font::small(),
            colour: t.text_weak,
            cut: Cut::End,
        },
        Align::Min,
    );
    let big = Look {
        font: font::semibold(20.0),
        colour: t.text,
        cut: Cut::End,
    };
    let used = text::paint_line(ui, row(17.0, 26.0), number, &big, Align::Min);
    let small = Look {
        font: font::small(),
        colour: t.text_weak,
        cut: Cut::End,
    };
    text::paint_line(
        ui,
        row(20.0, 26.0).with_min_x((inner.left() + used + 8.0).min(inner.right())),
        unit,
        &small,
        Align::Min,
    );
    let foot = row(46.0, 18.0);
    state_mark::paint(
        ui.painter(),
        t,
        pos2(foot.left() + 5.0, foot.center().y),
        measure::MARK,
        state,
    );
    let words = Look {
        font: font::small(),
        colour: state_mark::word_colour(t, state),
        cut: Cut::End,
    };
    text::paint_line(
        ui,
        foot.with_min_x(foot.left() + 16.0).with_max_x(foot.right() - 44.0),
        trend,
        &words,
        Align::Min,
    );
    let line = Rect::from_min_max(pos2(foot.right() - 38.0, foot.top()), foot.max);
    let mut child = ui.new_child(UiBuilder::new().max_rect(line).id_salt(("card", title)));
    state_mark::sparkline_ui(&mut child, history, 38.0, State::None, title);
    response.widget_info(|| WidgetInfo::labeled(Role::Group, true, format!("{title}, {number} {unit}, {trend}")));
}
