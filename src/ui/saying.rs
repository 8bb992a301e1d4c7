//! What a person says of a step that waits for them: a note, a file that shows it, and the button that lets it go on.

use super::action::{self, Action};
use super::input::Input;
use super::tokens::measure;
use super::{icons, text};
use egui::{Id, Ui};
use std::path::{Path, PathBuf};

/// What is being said.
#[derive(Default)]
pub struct Saying {
    of: Option<(String, String)>,
    note: String,
    file: Option<PathBuf>,
}

/// What was asked for in this frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    Confirmed,
    /// A file is to be picked.
    Attach,
}

impl Saying {
    pub fn attach(&mut self, file: PathBuf) {
        self.file = Some(file);
    }

    pub fn note(&self) -> &str {
        &self.note
    }

    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// `of` is the whole and its step; another step begins with nothing said.
    pub fn show(&mut self, ui: &mut Ui, of: (&str, &str), needs_file: bool) -> Option<Said> {
        let of = (of.0.to_owned(), of.1.to_owned());
        if self.of.as_ref() != Some(&of) {
            *self = Self {
                of: Some(of),
                ..Self::default()
            };
        }
        let name = text::tr(ui, "ui-saying-note");
        Input::new(Id::unique(("ui-saying", "note")), &name)
            .hint(&name)
            .rows(2)
            .show(ui, &mut self.note);
        if let Some(file) = &self.file {
            text::small(ui, &file.display().to_string());
        }
        ui.add_space(measure::SPACE_4);
        let why_not = (needs_file && self.file.is_none()).then(|| text::tr(ui, "ui-saying-needs-file"));
        let confirm = Action::new("ui-saying-confirm", text::tr(ui, "ui-saying-confirm"), Said::Confirmed)
            .icon(icons::CHECK)
            .primary()
            .disabled_because(why_not);
        let attach = Action::new("ui-saying-attach", text::tr(ui, "ui-saying-attach"), Said::Attach).icon(icons::FILE);
        let asked = ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = measure::SPACE_8;
            let confirmed = action::primary_ui(ui, &confirm);
            confirmed.or(action::button_ui(ui, &attach))
        });
        ui.add_space(measure::SPACE_8);
        asked.inner
    }
}

/// Who said it and when, and the file that shows it: its name, and its path to copy.
pub fn said_ui(ui: &mut Ui, who: &str, file: Option<(&str, &Path)>) {
    text::small(ui, who);
    if let Some((name, path)) = file {
        let path = path.display().to_string();
        if text::link_small(ui, name).on_hover_text(&path).clicked() {
            ui.ctx().copy_text(path);
        }
    }
}

/// Of the column with the numbers.
const NUMBER_WIDTH: f32 = 22.0;

/// A row of a list of steps, with its number in front.
pub fn numbered_ui<R>(ui: &mut Ui, number: usize, content: impl FnOnce(&mut Ui) -> R) -> R {
    let row = ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = measure::SPACE_8;
        ui.allocate_ui_with_layout(
            egui::vec2(NUMBER_WIDTH, measure::ROW),
            egui::Layout::right_to_left(egui::Align::Center),
            |ui| text::weak(ui, &number.to_string()),
        );
        content(ui)
    });
    row.inner
}

/// Below the title of such a row.
pub fn indented_ui<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> R {
    let row = ui.horizontal(|ui| {
        ui.add_space(NUMBER_WIDTH + measure::SPACE_8 + measure::MARK + measure::ICON_GAP);
        ui.vertical(|ui| content(ui)).inner
    });
    row.inner
}
