//! Why something failed, told first: the first error, the place in its source, the next step.

use super::theme::font;
use super::tokens::{Tokens, measure};
use super::{diff_line, icons, state_mark, text};
use crate::base::State;
use egui::{CornerRadius, Frame, Label, Margin, RichText, Stroke, Ui};

/// What the box tells.
pub struct Why<'a> {
    /// The first error in the tool's own words.
    pub message: &'a str,
    /// `src/balance.rs:62`; empty when nothing is known.
    pub place: &'a str,
    /// Behind the place: commit and age, an error code.
    pub note: &'a str,
    /// Source lines around the place with their numbers, and the number of the marked one.
    pub lines: &'a [(u32, String)],
    pub marked: Option<u32>,
    /// What can be done.
    pub hint: &'a str,
}

/// Draws box, source and hint below each other. Gives the place that was clicked, or that of the source line: `src/balance.rs:62`.
pub fn why_ui(ui: &mut Ui, why: &Why<'_>) -> Option<String> {
    let t = Tokens::of(ui);
    let mut clicked = None;
    let frame = Frame {
        fill: t.danger.weak,
        stroke: Stroke::new(1.0, t.danger.mark),
        corner_radius: CornerRadius::same(measure::RADIUS),
        inner_margin: Margin::same(12),
        ..Frame::NONE
    };
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = measure::SPACE_4;
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = measure::ICON_GAP;
            state_mark::mark_ui(ui, State::Failed);
            let look = text::Look {
                font: font::medium(measure::TEXT_BODY),
                colour: t.danger.text,
                cut: text::Cut::End,
            };
            let title = text::tr(ui, "ui-why");
            text::label(ui, &title, look);
        });
        let words: String = why.message.lines().take(8).collect::<Vec<_>>().join("\n");
        ui.add(
            Label::new(RichText::new(words).font(font::body()).color(t.text))
                .wrap()
                .selectable(true),
        );
        if !why.place.is_empty() || !why.note.is_empty() {
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing.x = measure::ICON_GAP;
                if !why.place.is_empty() {
                    clicked = text::link_small(ui, why.place).clicked().then(|| why.place.to_owned());
                }
                if !why.note.is_empty() {
                    text::small(ui, why.note);
                }
            });
        }
    });
    if let Some((first, _)) = why.lines.first() {
        ui.add_space(measure::SPACE_8);
        let lines: Vec<String> = why.lines.iter().map(|(_, line)| line.clone()).collect();
        let path = why.place.rsplit_once(':').map_or(why.place, |(path, _)| path);
        let line = diff_line::source_ui(ui, path, *first, &lines, why.marked, None);
        clicked = clicked.or(line.map(|line| format!("{path}:{line}")));
    }
    if !why.hint.is_empty() {
        ui.add_space(measure::SPACE_8);
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = measure::ICON_GAP;
            icons::icon_ui(ui, icons::IDEA, measure::ICON_SMALL, t.info.text, None);
            ui.add(
                Label::new(RichText::new(why.hint).font(font::body()).color(t.text))
                    .wrap()
                    .selectable(true),
            );
        });
    }
    clicked
}

/// Output in the log's face, selectable, as long as it is told to be.
pub fn output_ui(ui: &mut Ui, output: &str, max_lines: usize) {
    let t = Tokens::of(ui);
    let n_lines = output.lines().count();
    let mut words: String = output.lines().take(max_lines).collect::<Vec<_>>().join("\n");
    if n_lines > max_lines {
        words.push_str(&format!("\n… (+{})", n_lines - max_lines));
    }
    ui.add(
        Label::new(RichText::new(words).font(font::log()).color(t.text))
            .wrap()
            .selectable(true),
    );
}
