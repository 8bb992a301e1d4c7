//! Above the lines: title, filter, severities and sources, how lines are shown, bookmarks, copy, export, following.

use super::{LogResponse, LogSource, LogState, copy_lines};
use crate::base::log::LogForm;
use crate::base::{Level, State, format};
use crate::button::{Button, MenuEntry, icon_button_small, menu_entry_ui, menu_line_ui, menu_title_ui};
use crate::input::Input;
use crate::theme::font;
use crate::tokens::{Tokens, measure};
use crate::{filter_box, icons, page_frame, state_mark, terminal, text};
use egui::{Align, Id, Key, Layout, Modifiers, Popup, Ui};

/// Bookmarks that their menu names.
const MARKS_NAMED: usize = 20;

/// Title, filter, levels, copy, following.
pub fn log_bar_ui(ui: &mut Ui, id: &str, title: &str, state: &mut LogState, source: &LogSource<'_>) -> LogResponse {
    let mut response = LogResponse::default();
    page_frame::bar_ui(ui, 34.0, |ui| {
        if !title.is_empty() {
            text::label(
                ui,
                title,
                text::Look {
                    font: font::medium(measure::TEXT_BODY),
                    colour: Tokens::of(ui).text,
                    cut: text::Cut::End,
                },
            );
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let follow = text::tr(
                ui,
                if state.following {
                    "ui-log-following"
                } else {
                    "ui-log-follow"
                },
            );
            if state.following {
                state_mark::chip_ui(ui, State::Running, &follow);
            } else if ui.add(Button::new(&follow).small().icon(icons::DOWN)).clicked() {
                state.to_end = true;
            }
            if source.can_export {
                let export = text::tr(ui, "ui-log-export");
                response.export = icon_button_small(ui, icons::SAVE, &export).clicked();
            }
            let copy = text::tr(ui, "ui-log-copy");
            if icon_button_small(ui, icons::COPY, &copy).clicked() {
                copy_lines(ui, state, source);
            }
            marks_ui(ui, state, source);
            view_menu_ui(ui, state, source);
            level_menu_ui(ui, state);
            let hint = text::tr(ui, "ui-log-filter");
            let width = 170.0_f32.min(ui.available_width());
            if width > 60.0 {
                let asked = Input::new(Id::unique(("ui-log-filter", id)), &hint)
                    .hint(&hint)
                    .icon(icons::SEARCH)
                    .width(width)
                    .show(ui, &mut state.filter);
                // In a terminal that has the keys it is a key like any other.
                let is_meant = !asked.has_focus() && filter_box::has_no_claim(ui) && !terminal::has_keys(ui.ctx());
                if is_meant && ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::F)) {
                    asked.request_focus();
                }
                // In a box that has just been left by Enter the next hit is wanted.
                if asked.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)) {
                    state.step = Some(true);
                }
            }
        });
    });
    response
}

fn choice_ui(ui: &mut Ui, key: &str, is_chosen: bool) -> bool {
    let label = text::tr(ui, key);
    let entry = MenuEntry {
        label: &label,
        icon: is_chosen.then_some(icons::CHECK),
        ..MenuEntry::default()
    };
    menu_entry_ui(ui, &entry).clicked()
}

fn tick_ui(ui: &mut Ui, label: &str, ticked: &mut bool) {
    let entry = MenuEntry {
        label,
        ticked: Some(*ticked),
        ..MenuEntry::default()
    };
    if menu_entry_ui(ui, &entry).clicked() {
        *ticked = !*ticked;
    }
}

fn level_menu_ui(ui: &mut Ui, state: &mut LogState) {
    let levels = [
        (None, "ui-log-all"),
        (Some(Level::Info), "ui-log-info"),
        (Some(Level::Warn), "ui-log-warnings"),
        (Some(Level::Error), "ui-log-errors"),
    ];
    let current = levels
        .iter()
        .find(|(level, _)| *level == state.level)
        .map_or("ui-log-all", |(_, key)| key);
    let current = text::tr(ui, current);
    let button = ui.add(Button::new(&current).small().chevron());
    Popup::menu(&button)
        .close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside)
        .gap(4.0)
        .show(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for (level, key) in levels {
                if choice_ui(ui, key, level == state.level) {
                    state.level = level;
                    ui.close();
                }
            }
            menu_line_ui(ui);
            let label = text::tr(ui, "ui-log-only-stderr");
            tick_ui(ui, &label, &mut state.only_errors_stream);
        });
}

/// How lines are shown, which sources, which span of time.
fn view_menu_ui(ui: &mut Ui, state: &mut LogState, source: &LogSource<'_>) {
    let name = text::tr(ui, "ui-log-view");
    let is_narrowed = !state.hidden_sources.is_empty() || state.since.is_some() || state.until.is_some();
    let icon = if is_narrowed { icons::FILTER } else { icons::SLIDERS };
    let button = ui.add(Button::new(&name).small().icon(icon).chevron());
    Popup::menu(&button)
        .close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside)
        .gap(4.0)
        .show(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for (key, ticked) in [
                ("ui-log-times", &mut state.times),
                ("ui-log-fold", &mut state.fold),
                ("ui-log-mark-only", &mut state.mark_only),
            ] {
                let label = text::tr(ui, key);
                tick_ui(ui, &label, ticked);
            }
            menu_line_ui(ui);
            let title = text::tr(ui, "ui-log-form");
            menu_title_ui(ui, &title);
            for (form, key) in [
                (LogForm::Raw, "ui-log-form-raw"),
                (LogForm::Message, "ui-log-form-message"),
                (LogForm::Columns, "ui-log-form-columns"),
            ] {
                if choice_ui(ui, key, state.form == form) {
                    state.form = form;
                    ui.close();
                }
            }
            if source.sources.len() > 1 {
                menu_line_ui(ui);
                let title = text::tr(ui, "ui-log-sources");
                menu_title_ui(ui, &title);
                for (i, name) in source.sources.iter().enumerate() {
                    let mut is_shown = !state.hidden_sources.contains(&i);
                    tick_ui(ui, name, &mut is_shown);
                    if is_shown {
                        state.hidden_sources.remove(&i);
                    } else {
                        state.hidden_sources.insert(i);
                    }
                }
            }
            if state.since.is_some() || state.until.is_some() {
                menu_line_ui(ui);
                if choice_ui(ui, "ui-log-all-times", false) {
                    state.since = None;
                    state.until = None;
                    ui.close();
                }
            }
        });
}

/// The bookmarked lines, to go to.
fn marks_ui(ui: &mut Ui, state: &mut LogState, source: &LogSource<'_>) {
    if state.marks.is_empty() {
        return;
    }
    let texts = text::catalog(ui.ctx());
    let count = format::count(state.marks.len() as u64, &texts);
    let name = text::tr(ui, "ui-log-marks");
    let button = ui.add(Button::new(&count).small().icon(icons::BOOKMARK).chevron().hover(&name));
    Popup::menu(&button)
        .close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside)
        .gap(4.0)
        .show(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let mut wanted = None;
            for number in state.marks.iter().take(MARKS_NAMED) {
                let shown = source.get(*number).map_or_else(
                    || format::count(number + 1, &texts),
                    |line| crate::base::safe::plain(&line.text).chars().take(70).collect(),
                );
                let entry = MenuEntry {
                    label: &shown,
                    ..MenuEntry::default()
                };
                if menu_entry_ui(ui, &entry).clicked() {
                    wanted = Some(*number);
                    ui.close();
                }
            }
            menu_line_ui(ui);
            if choice_ui(ui, "ui-log-marks-clear", false) {
                state.marks.clear();
                ui.close();
            }
            state.jump = wanted.or(state.jump.take());
        });
}
