//! One setting: name and explanation at the left, its control at the right, below it where the value comes from.

use crate::areas::AreaId;
use crate::areas::config::registry::{Kind, Setting, toml_list};
use crate::areas::config::{Command, Row};
use crate::areas::page::{Cx, Intent, UiIntent};
use crate::base::text::split_words;
use crate::base::{SafeText, format};
use crate::msg;
use crate::ui::button::{icon_button_small, tick_ui};
use crate::ui::form::choice_ui;
use crate::ui::input::Input;
use crate::ui::tokens::{Tokens, measure};
use crate::ui::{Ui, icons, text};
use egui::{Id, Key, Stroke};
use std::collections::BTreeMap;

const CONTROL_WIDTH: f32 = 250.0;

/// Draws a setting and asks for what the user changes.
pub(super) fn setting_ui(ui: &mut Ui, cx: &Cx<'_>, typed: &mut BTreeMap<String, String>, rows: &[Row], setting: Setting) {
    let t = Tokens::of(ui);
    let row = rows.iter().find(|row| row.key == setting.key);
    let top = ui.cursor().top();
    let width = ui.available_width();
    let is_wide = matches!(setting.kind, Kind::Folders | Kind::Words | Kind::Paths);
    let side_by_side = width > 460.0 && !is_wide;
    ui.add_space(measure::SPACE_4);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = measure::SPACE_24;
        let words_width = if side_by_side {
            width - CONTROL_WIDTH - measure::SPACE_24
        } else {
            width
        };
        ui.vertical(|ui| {
            ui.set_width(words_width);
            ui.spacing_mut().item_spacing.y = 2.0;
            text::medium(ui, &cx.t(setting.label));
            text::paragraph_weak(ui, &cx.t(setting.help));
            if !side_by_side {
                ui.add_space(measure::SPACE_4);
                control_ui(ui, cx, typed, rows, row, setting);
                source_ui(ui, cx, row, setting);
            }
        });
        if side_by_side {
            ui.vertical(|ui| {
                ui.set_width(CONTROL_WIDTH);
                ui.spacing_mut().item_spacing.y = measure::SPACE_4;
                control_ui(ui, cx, typed, rows, row, setting);
                source_ui(ui, cx, row, setting);
            });
        }
    });
    ui.add_space(measure::SPACE_8);
    let bottom = ui.cursor().top();
    debug_assert!(bottom >= top, "a setting takes room");
    ui.painter()
        .hline(ui.max_rect().x_range(), bottom - 4.0, Stroke::new(1.0, t.line));
}

/// `default` or `set, default 10 s` and the way back; above it how much of a limit is used.
fn source_ui(ui: &mut Ui, cx: &Cx<'_>, row: Option<&Row>, setting: Setting) {
    if let Some(bytes) = cx.model.config.used.get(setting.key) {
        let used = format::bytes(*bytes, cx.texts);
        text::small(ui, &cx.msg(&msg!("config-used", used = used)));
    }
    let Some(row) = row else { return };
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = measure::SPACE_8;
        if row.is_set {
            let default = shown_default(cx, row, setting);
            text::small(ui, &cx.msg(&msg!("config-set-here", default = default)));
            if text::link_small(ui, &cx.t("config-reset")).clicked() {
                cx.ask(Command::Reset { key: row.key.clone() });
            }
        } else {
            text::small(ui, &cx.t("config-source-default"));
        }
    });
}

fn shown_default(cx: &Cx<'_>, row: &Row, setting: Setting) -> String {
    match setting.kind {
        Kind::Yes => cx.t(if row.default == "true" { "config-yes" } else { "config-no" }),
        Kind::Choice(words) => {
            let default = of_toml(&row.default);
            words
                .iter()
                .find(|(word, _)| *word == default)
                .map_or(default, |(_, key)| cx.t(key))
        }
        Kind::Whole { unit: Some(unit), .. } => format!("{} {}", row.default, cx.t(unit)),
        Kind::Decimal { .. } => decimal_text(cx, &row.default),
        Kind::Words | Kind::Folders | Kind::Paths if row.default == "[]" || row.default.is_empty() => cx.t("config-empty"),
        _ => row.default.clone(),
    }
}

fn control_ui(ui: &mut Ui, cx: &Cx<'_>, typed: &mut BTreeMap<String, String>, rows: &[Row], row: Option<&Row>, setting: Setting) {
    let name = cx.t(setting.label);
    let value = row.map(|row| row.value.clone()).unwrap_or_default();
    match setting.kind {
        Kind::Yes => {
            let mut is_on = value == "true";
            let word = cx.t(if is_on { "config-yes" } else { "config-no" });
            if tick_ui(ui, &mut is_on, &word, &name).clicked() {
                set(cx, setting.key, is_on.to_string());
            }
        }
        Kind::Choice(words) => {
            let mut chosen = of_toml(&value);
            let choices: Vec<(String, String)> = words.iter().map(|(word, key)| ((*word).to_owned(), cx.t(key))).collect();
            if choice_ui(ui, &name, &mut chosen, &choices) {
                if chosen.is_empty() {
                    cx.ask(Command::Reset {
                        key: setting.key.to_owned(),
                    });
                } else {
                    set(cx, setting.key, toml_text(&chosen));
                }
            }
        }
        Kind::Whole { min, max, unit } => {
            let is_right = |text: &str| text.trim().parse::<i64>().is_ok_and(|n| (min..=max).contains(&n));
            let limits = cx.msg(&msg!("config-limits", min = min, max = max));
            line_ui(
                ui,
                cx,
                typed,
                setting.key,
                &name,
                &value,
                unit.map(|unit| cx.t(unit)),
                &limits,
                is_right,
                str::to_owned,
            );
        }
        Kind::Decimal { min, max, .. } => {
            let number = |text: &str| {
                text.trim()
                    .replace(',', ".")
                    .parse::<f64>()
                    .ok()
                    .filter(|n| (min..=max).contains(n))
            };
            let limits = cx.msg(&msg!("config-limits", min = min, max = max));
            let write = |text: &str| format!("{:?}", number(text).unwrap_or(1.0));
            let value = decimal_text(cx, &value);
            line_ui(
                ui,
                cx,
                typed,
                setting.key,
                &name,
                &value,
                None,
                &limits,
                |text| number(text).is_some(),
                write,
            );
        }
        Kind::Words => {
            let shown = words_of(&value).iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
            let write = |text: &str| toml_list(&split_words(text));
            line_ui(ui, cx, typed, setting.key, &name, &shown, None, "", |_| true, write);
        }
        Kind::Folders => folders_ui(ui, cx, setting.key, &words_of(&value)),
        Kind::Paths => paths_ui(ui, cx, rows, setting.key),
    }
}

/// A number with a fraction as the language writes it.
fn decimal_text(cx: &Cx<'_>, toml: &str) -> String {
    toml.replace('.', cx.texts.decimal_sign())
}

fn set(cx: &Cx<'_>, key: &str, value: String) {
    cx.ask(Command::Set {
        key: key.to_owned(),
        value,
    });
}

/// A line that counts when Enter is pressed or when it is left.
fn line_ui(
    ui: &mut Ui,
    cx: &Cx<'_>,
    typed: &mut BTreeMap<String, String>,
    key: &str,
    name: &str,
    value: &str,
    unit: Option<String>,
    limits: &str,
    is_right: impl Fn(&str) -> bool,
    write: impl Fn(&str) -> String,
) {
    let mut words = typed.get(key).cloned().unwrap_or_else(|| value.to_owned());
    let is_wrong = !is_right(&words);
    let response = ui
        .horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = measure::SPACE_8;
            let input = Input::new(Id::unique(("config", key)), name).wrong(is_wrong);
            let input = if unit.is_some() || !limits.is_empty() {
                input.width(110.0)
            } else {
                input.mono()
            };
            let response = input.show(ui, &mut words);
            if let Some(unit) = &unit {
                text::weak(ui, unit);
            }
            response
        })
        .inner;
    if is_wrong {
        let t = Tokens::of(ui);
        text::coloured(ui, limits, t.danger.text);
    }
    if response.lost_focus() {
        typed.remove(key);
        let is_given_up = ui.input(|input| input.key_pressed(Key::Escape));
        if !is_given_up && !is_wrong && words.trim() != value.trim() {
            set(cx, key, write(&words));
        }
    } else if response.has_focus() {
        typed.insert(key.to_owned(), words);
    }
}

fn folders_ui(ui: &mut Ui, cx: &Cx<'_>, key: &str, folders: &[String]) {
    for (index, folder) in folders.iter().enumerate() {
        ui.push_id(index, |ui| {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = measure::ICON_GAP;
                let t = Tokens::of(ui);
                icons::icon_ui(ui, icons::FOLDER, measure::ICON_SMALL, t.text_weak, None);
                text::path(ui, SafeText::new(folder).as_str());
                let remove = cx.msg(&msg!("config-remove-folder", path = SafeText::new(folder)));
                if icon_button_small(ui, icons::CLOSE, &remove).clicked() {
                    let left: Vec<String> = folders.iter().filter(|other| *other != folder).cloned().collect();
                    set(cx, key, toml_list(&left));
                }
            });
        });
    }
    if super::small_button(ui, &cx.t("config-add-folder")) {
        cx.ask(Intent::Ui(UiIntent::PickFolder(AreaId::Config, key.to_owned())));
    }
}

fn paths_ui(ui: &mut Ui, cx: &Cx<'_>, rows: &[Row], key: &str) {
    let mine: Vec<&Row> = rows
        .iter()
        .filter(|row| row.key.strip_prefix(key).is_some_and(|rest| rest.starts_with('.')))
        .collect();
    if mine.is_empty() {
        text::small(ui, &cx.t("config-no-tool-paths"));
    }
    for row in mine {
        ui.push_id(&row.key, |ui| {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = measure::SPACE_8;
                text::body(ui, row.key.get(key.len() + 1..).unwrap_or_default());
                text::path(ui, SafeText::new(&of_toml(&row.value)).as_str());
                if text::link_small(ui, &cx.t("config-reset")).clicked() {
                    cx.ask(Command::Reset { key: row.key.clone() });
                }
            });
        });
    }
}

fn parsed(value: &str) -> Option<toml::Value> {
    toml::from_str::<toml::Table>(&format!("v = {value}")).ok()?.remove("v")
}

/// The text of a TOML text; anything else as it is.
fn of_toml(value: &str) -> String {
    match parsed(value) {
        Some(toml::Value::String(text)) => text,
        _ => value.to_owned(),
    }
}

fn words_of(value: &str) -> Vec<String> {
    match parsed(value) {
        Some(toml::Value::Array(words)) => words.iter().filter_map(|word| word.as_str().map(str::to_owned)).collect(),
        _ => Vec::new(),
    }
}

/// A TOML text.
pub(super) fn toml_text(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn quoted(word: &str) -> String {
    if word.is_empty() || word.contains(char::is_whitespace) {
        format!("\"{word}\"")
    } else {
        word.to_owned()
    }
}
