//! Forms: a label, a field of 28, and what is wrong with it below. Each field says whether it changed.

use super::button::{self, Button, MenuEntry, menu_entry_ui};
use super::dialog;
use super::icons;
use super::input::Input;
use super::text::{self, Cut, Look};
use super::theme::font;
use super::tokens::{Tokens, measure};
use crate::base::time::parse_duration;
use egui::{Align, Id, Layout, Popup, Role, Ui, WidgetInfo};

/// A column of fields. Labels stand above the fields, or to their left in a detail (`beside`).
pub struct Form<'a> {
    ui: &'a mut Ui,
    id: Id,
    label_width: Option<f32>,
    changed: bool,
    valid: bool,
    /// The first field that is typed into.
    first: Option<Id>,
}

/// What came of a form in this frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormResponse {
    pub changed: bool,
    /// No field has an error.
    pub valid: bool,
}

/// Draws a form; labels above.
pub fn form_ui(ui: &mut Ui, id: &str, fields: impl FnOnce(&mut Form<'_>)) -> FormResponse {
    draw(ui, id, None, fields)
}

/// Draws a form with labels of this width at the left, for a detail.
pub fn form_beside_ui(ui: &mut Ui, id: &str, label_width: f32, fields: impl FnOnce(&mut Form<'_>)) -> FormResponse {
    draw(ui, id, Some(label_width), fields)
}

fn draw(ui: &mut Ui, id: &str, label_width: Option<f32>, fields: impl FnOnce(&mut Form<'_>)) -> FormResponse {
    let inner = ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = measure::SPACE_4;
        let mut form = Form {
            ui,
            id: Id::unique(("ui-form", id)),
            label_width,
            changed: false,
            valid: true,
            first: None,
        };
        fields(&mut form);
        if let Some(first) = form.first {
            dialog::focus_first(form.ui, first);
        }
        FormResponse {
            changed: form.changed,
            valid: form.valid,
        }
    });
    inner.inner
}

impl Form<'_> {
    /// The `Ui`, for what is no field.
    pub fn ui(&mut self) -> &mut Ui {
        self.ui
    }

    /// A weak title above a group of fields.
    pub fn section(&mut self, title: &str) {
        self.ui.add_space(measure::SPACE_8);
        text::section(self.ui, title);
    }

    /// Explains the fields below.
    pub fn note(&mut self, words: &str) {
        text::paragraph_weak(self.ui, words);
    }

    fn field(&mut self, label: &str, error: Option<&str>, draw: impl FnOnce(&mut Ui, Id) -> bool) -> bool {
        let id = self.id.with(label);
        let t = Tokens::of(self.ui);
        let mut changed = false;
        if let Some(width) = self.label_width {
            self.ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = measure::SPACE_8;
                let (rect, _) = ui.allocate_exact_size(egui::vec2(width, measure::INPUT), egui::Sense::hover());
                text::paint_line(
                    ui,
                    rect,
                    label,
                    &Look {
                        font: font::body(),
                        colour: t.text_weak,
                        cut: Cut::End,
                    },
                    Align::Min,
                );
                changed = draw(ui, id);
            });
        } else {
            text::label(
                self.ui,
                label,
                Look {
                    font: font::small(),
                    colour: t.text_weak,
                    cut: Cut::End,
                },
            );
            changed = draw(self.ui, id);
        }
        if let Some(error) = error {
            self.valid = false;
            self.ui.horizontal(|ui| {
                if let Some(width) = self.label_width {
                    ui.add_space(width + measure::SPACE_8);
                }
                ui.spacing_mut().item_spacing.x = 5.0;
                icons::icon_ui(ui, icons::ERROR, 13.0, t.danger.text, None);
                ui.add(egui::Label::new(egui::RichText::new(error).font(font::small()).color(t.danger.text)).wrap());
            });
        }
        self.ui.add_space(measure::SPACE_4);
        self.changed |= changed;
        changed
    }

    /// One line of text. `error` says what is wrong with it, and makes the form invalid.
    pub fn text(&mut self, label: &str, value: &mut String, hint: &str, error: Option<&str>) -> bool {
        self.first.get_or_insert(self.id.with(label));
        self.field(label, error, |ui, id| {
            Input::new(id, label)
                .hint(hint)
                .wrong(error.is_some())
                .show(ui, value)
                .changed()
        })
    }

    /// One line in mono: a command, a path, a pattern.
    pub fn code(&mut self, label: &str, value: &mut String, hint: &str, error: Option<&str>) -> bool {
        self.first.get_or_insert(self.id.with(label));
        self.field(label, error, |ui, id| {
            Input::new(id, label)
                .hint(hint)
                .mono()
                .wrong(error.is_some())
                .show(ui, value)
                .changed()
        })
    }

    /// One line that is not shown.
    pub fn secret(&mut self, label: &str, value: &mut String, error: Option<&str>) -> bool {
        self.first.get_or_insert(self.id.with(label));
        self.field(label, error, |ui, id| {
            Input::new(id, label)
                .secret()
                .wrong(error.is_some())
                .show(ui, value)
                .changed()
        })
    }

    /// Several lines.
    pub fn lines(&mut self, label: &str, value: &mut String, rows: usize, hint: &str, error: Option<&str>) -> bool {
        let rows = rows.max(2);
        self.field(label, error, |ui, id| {
            Input::new(id, label)
                .hint(hint)
                .rows(rows)
                .wrong(error.is_some())
                .show(ui, value)
                .changed()
        })
    }

    /// A whole number in a range; the text that is typed stays while it is no number.
    pub fn number(&mut self, label: &str, value: &mut i64, range: std::ops::RangeInclusive<i64>, unit: &str) -> bool {
        self.first.get_or_insert(self.id.with(label));
        let typed_id = self.id.with((label, "typed"));
        let mut typed = self
            .ui
            .data(|data| data.get_temp::<String>(typed_id))
            .unwrap_or_else(|| value.to_string());
        let wrong = !typed.trim().parse::<i64>().is_ok_and(|n| range.contains(&n));
        let message = crate::msg!("ui-number-range", from = *range.start(), to = *range.end());
        let error = wrong.then(|| text::say(self.ui, &message));
        let mut changed = false;
        self.field(label, error.as_deref(), |ui, id| {
            ui.horizontal(|ui| {
                let response = Input::new(id, label).width(110.0).wrong(wrong).show(ui, &mut typed);
                if !unit.is_empty() {
                    text::weak(ui, unit);
                }
                let number = typed.trim().parse().ok().filter(|n| range.contains(n));
                if let Some(n) = number.filter(|_| response.changed()) {
                    changed = *value != n;
                    *value = n;
                }
                if !response.has_focus() && typed.trim().parse() != Ok(*value) && !wrong {
                    typed = value.to_string();
                }
            });
            changed
        });
        self.ui.data_mut(|data| data.insert_temp(typed_id, typed));
        changed
    }

    /// `10m`, `1h30m`, `250ms`; kept as it is typed.
    pub fn duration(&mut self, label: &str, value: &mut String) -> bool {
        let wrong = parse_duration(value).is_none();
        let error = wrong.then(|| text::tr(self.ui, "ui-not-a-duration"));
        self.field(label, error.as_deref(), |ui, id| {
            Input::new(id, label)
                .width(110.0)
                .hint("10m")
                .wrong(wrong)
                .show(ui, value)
                .changed()
        })
    }

    /// One of several; opens a menu.
    pub fn choice<T: Clone + PartialEq>(&mut self, label: &str, value: &mut T, choices: &[(T, String)]) -> bool {
        self.field(label, None, |ui, _| choice_ui(ui, label, value, choices))
    }

    /// Yes or no; the word stands behind the box.
    pub fn tick(&mut self, word: &str, value: &mut bool) -> bool {
        let changed = self.ui.horizontal(|ui| {
            if let Some(width) = self.label_width {
                ui.add_space(width + measure::SPACE_8);
            }
            button::tick_ui(ui, value, word, word).changed()
        });
        self.ui.add_space(measure::SPACE_4);
        self.changed |= changed.inner;
        changed.inner
    }
}

/// A field that opens a menu of choices; `label` is its accessible name.
pub fn choice_ui<T: Clone + PartialEq>(ui: &mut Ui, label: &str, value: &mut T, choices: &[(T, String)]) -> bool {
    let t = Tokens::of(ui);
    let current = choices
        .iter()
        .find(|(choice, _)| choice == value)
        .map_or("–", |(_, word)| word.as_str());
    let width = ui.available_width().max(60.0);
    let (rect, response) = ui.allocate_exact_size(egui::vec2(width, measure::INPUT), egui::Sense::click());
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::ComboBox, ui.is_enabled(), label);
        info.current_text_value = Some(current.to_owned());
        info
    });
    let line = if response.has_focus() || response.hovered() {
        t.accent.mark
    } else {
        t.line_strong
    };
    ui.painter()
        .rect(rect, measure::RADIUS, t.surface_1, (1.0, line), egui::StrokeKind::Inside);
    let words = rect.shrink2(egui::vec2(9.0, 0.0)).with_max_x(rect.right() - 26.0);
    text::paint_line(
        ui,
        words,
        current,
        &Look {
            font: font::body(),
            colour: t.text,
            cut: Cut::End,
        },
        Align::Min,
    );
    icons::paint(
        ui.painter(),
        egui::pos2(rect.right() - 15.0, rect.center().y),
        icons::CHEVRON_DOWN,
        14.0,
        t.text_weak,
    );
    let mut changed = false;
    Popup::menu(&response).width(width).gap(4.0).show(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        egui::ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
            ui.with_layout(Layout::top_down_justified(Align::Min), |ui| {
                for (choice, word) in choices {
                    let entry = MenuEntry {
                        label: word,
                        icon: (choice == value).then_some(icons::CHECK),
                        ..MenuEntry::default()
                    };
                    if menu_entry_ui(ui, &entry).clicked() {
                        changed = choice != value;
                        *value = choice.clone();
                        ui.close();
                    }
                }
            });
        });
    });
    changed
}

/// A button that opens a menu of choices: the workspace or the environment in the top bar.
pub fn choice_button_ui<T: Clone + PartialEq>(ui: &mut Ui, icon: icons::Icon, value: &mut T, choices: &[(T, String)]) -> bool {
    let current = choices
        .iter()
        .find(|(choice, _)| choice == value)
        .map_or("–", |(_, word)| word.as_str());
    let response = ui.add(Button::new(current).icon(icon).chevron());
    let mut changed = false;
    Popup::menu(&response).gap(4.0).show(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        egui::ScrollArea::vertical().max_height(420.0).show(ui, |ui| {
            for (choice, word) in choices {
                let entry = MenuEntry {
                    label: word,
                    icon: (choice == value).then_some(icons::CHECK),
                    ..MenuEntry::default()
                };
                if menu_entry_ui(ui, &entry).clicked() {
                    changed = choice != value;
                    *value = choice.clone();
                    ui.close();
                }
            }
        });
    });
    changed
}
