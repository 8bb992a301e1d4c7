//! What stands over a difference: the file's name, where it came from, and how many lines changed.

use super::state_mark::{TagLook, tag_ui};
use super::text::{self, Cut, Look};
use super::theme::font;
use super::tokens::{Tokens, measure};
use crate::base::diff::DiffFile;
use egui::Ui;

/// The folder weak, the name strong, where it came from, and a tag for what happened to it.
pub fn path_ui(ui: &mut Ui, file: &DiffFile) {
    let t = Tokens::of(ui);
    let folder = file.path.folder().display();
    let folder = if folder.is_empty() { folder } else { format!("{folder}/") };
    let pieces = text::Pieces::new().push(&folder, font::body(), t.text_weak);
    pieces
        .push(&file.path.file_name(), font::medium(measure::TEXT_BODY), t.text)
        .ui(ui);
    if let Some(old) = &file.old_path {
        let words = text::say(ui, &crate::msg!("ui-diff-from", path = old.display()));
        text::small(ui, &words);
    }
    if file.is_mode_changed() {
        tag_ui(
            ui,
            &format!("{:o} → {:o}", file.old_mode & 0o777, file.new_mode & 0o777),
            TagLook::Plain,
        );
    }
}

/// `+9 −3`
pub fn counts_ui(ui: &mut Ui, file: &DiffFile) {
    let t = Tokens::of(ui);
    if file.n_added > 0 {
        text::label(
            ui,
            &format!("+{}", file.n_added),
            Look {
                font: font::small(),
                colour: t.success.text,
                cut: Cut::End,
            },
        );
    }
    if file.n_removed > 0 {
        text::label(
            ui,
            &format!("−{}", file.n_removed),
            Look {
                font: font::small(),
                colour: t.danger.text,
                cut: Cut::End,
            },
        );
    }
}
