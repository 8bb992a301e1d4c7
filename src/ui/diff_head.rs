//! What stands over a difference: the file's name, where it came from, and how many lines changed.

use super::state_mark::{TagLook, tag_ui};
use super::text::{self, Cut, Look};
use super::theme::font;
use super::tokens::{Tokens, measure};
use crate::base::diff::DiffFile;
use egui::{Align, FontId, Layout, Ui, UiBuilder};

/// The head of one file: at its right what `right` draws, from the right, and whole; the name and the counts share what is left.
pub fn head_ui(ui: &mut Ui, file: &DiffFile, right: impl FnOnce(&mut Ui)) {
    let room = ui.available_rect_before_wrap();
    let place = UiBuilder::new()
        .max_rect(room)
        .layout(Layout::right_to_left(Align::Center))
        .id_salt("diff-head-right");
    let mut part = ui.new_child(place);
    right(&mut part);
    let end = (part.min_rect().left() - measure::SPACE_8).max(room.left());
    let place = UiBuilder::new()
        .max_rect(room.with_max_x(end))
        .layout(Layout::left_to_right(Align::Center))
        .id_salt("diff-head-left");
    let mut part = ui.new_child(place);
    part.set_clip_rect(part.clip_rect().intersect(room.with_max_x(end)));
    path_ui(&mut part, file);
    counts_ui(&mut part, file);
    ui.advance_cursor_after_rect(room);
}

/// The folder weak, the name strong, where it came from, and a tag for what happened to it. Room for the counts is kept: a long
/// path is cut in its middle.
pub fn path_ui(ui: &mut Ui, file: &DiffFile) {
    let t = Tokens::of(ui);
    let gap = ui.spacing().item_spacing.x;
    let counts = counts(file).into_iter().filter(|words| !words.is_empty());
    let kept: f32 = counts.map(|words| width_of(ui, &words, font::small()) + gap).sum();
    let folder = file.path.folder().display();
    let folder = if folder.is_empty() { folder } else { format!("{folder}/") };
    let strong = font::medium(measure::TEXT_BODY);
    let pieces = text::Pieces::new().push(&folder, font::body(), t.text_weak);
    let pieces = pieces.push(&file.path.file_name(), strong.clone(), t.text);
    let width = width_of(ui, &folder, font::body()) + width_of(ui, &file.path.file_name(), strong.clone());
    let room = (ui.available_width() - kept).max(0.0);
    if width <= room {
        pieces.ui(ui);
    } else {
        let look = Look {
            font: strong,
            colour: t.text,
            cut: Cut::Middle,
        };
        text::label_within(ui, &file.path.display(), look, room);
    }
    if let Some(old) = &file.old_path {
        let words = text::say(ui, &crate::msg!("ui-diff-from", path = old.display()));
        let look = Look {
            font: font::small(),
            colour: t.text_weak,
            cut: Cut::End,
        };
        let room = (ui.available_width() - kept).max(0.0);
        text::label_within(ui, &words, look, room);
    }
    if file.is_mode_changed() {
        tag_ui(
            ui,
            &format!("{:o} → {:o}", file.old_mode & 0o777, file.new_mode & 0o777),
            TagLook::Plain,
        );
    }
}

fn width_of(ui: &Ui, words: &str, font: FontId) -> f32 {
    let colour = Tokens::of(ui).text;
    text::line(ui, words, font, colour, f32::INFINITY, Cut::End).size().x
}

/// Added and removed lines in words; empty for none.
fn counts(file: &DiffFile) -> [String; 2] {
    let said = |sign: &str, n: u32| if n > 0 { format!("{sign}{n}") } else { String::new() };
    [said("+", file.n_added), said("−", file.n_removed)]
}

/// `+9 −3`
pub fn counts_ui(ui: &mut Ui, file: &DiffFile) {
    let t = Tokens::of(ui);
    for (words, colour) in counts(file).iter().zip([t.success.text, t.danger.text]) {
        if words.is_empty() {
            continue;
        }
        let look = Look {
            font: font::small(),
            colour,
            cut: Cut::End,
        };
        text::label(ui, words, look);
    }
}
