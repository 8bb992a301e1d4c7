//! The page of Configuration: sections at the left, what belongs to the chosen one at the right, one search over all settings.

mod about;
mod control;
mod health;
mod places;
mod security;
mod tools;

use super::registry::{self, Section};
use super::secrets::Act;
use super::{Command, Row};
use crate::areas::AreaId;
use crate::areas::devops;
use crate::areas::page::{Action, Badge, Cx, Intent, UiIntent, no_hits_ui};
use crate::base::{State, Target};
use crate::msg;
use crate::ui::icons::{self, Icon};
use crate::ui::page_frame::{self, LoadableView};
use crate::ui::tokens::{Tokens, measure};
use crate::ui::{self, button, text};
use egui::{Frame, Margin, ScrollArea, Stroke};
use std::collections::BTreeMap;
use std::path::PathBuf;

const SECTIONS_WIDTH: f32 = 196.0;
/// Lines of explanation are no longer than this.
const TEXT_WIDTH: f32 = 720.0;

/// What is shown at the right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Settings(Section),
    Docker,
    Machines,
    Keys,
    Health,
    About,
}

impl Part {
    const ALL: [Self; 14] = [
        Self::Settings(Section::General),
        Self::Settings(Section::Appearance),
        Self::Settings(Section::Language),
        Self::Settings(Section::Workspaces),
        Self::Settings(Section::Tools),
        Self::Settings(Section::Git),
        Self::Docker,
        Self::Machines,
        Self::Settings(Section::Notifications),
        Self::Settings(Section::Retention),
        Self::Keys,
        Self::Settings(Section::Security),
        Self::Health,
        Self::About,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Settings(section) => section.word(),
            Self::Docker => "docker",
            Self::Machines => "machines",
            Self::Keys => "keys",
            Self::Health => "health",
            Self::About => "about",
        }
    }

    fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.word() == word)
    }

    fn key(self) -> &'static str {
        match self {
            Self::Settings(section) => section.key(),
            Self::Docker => "config-section-docker",
            Self::Machines => "config-section-machines",
            Self::Keys => "config-section-keys",
            Self::Health => "config-section-health",
            Self::About => "config-section-about",
        }
    }

    fn icon(self) -> Icon {
        match self {
            Self::Settings(Section::General) => icons::SLIDERS,
            Self::Settings(Section::Appearance) => icons::EYE,
            Self::Settings(Section::Language) => icons::GLOBE,
            Self::Settings(Section::Workspaces) => icons::FOLDER,
            Self::Settings(Section::Git) => icons::COMMIT,
            Self::Settings(Section::Tools) => icons::TOOL,
            Self::Settings(Section::Notifications) => icons::BELL,
            Self::Docker => icons::LAYERS,
            Self::Machines => icons::SERVER,
            Self::Keys => icons::KEYBOARD,
            Self::Settings(Section::Retention) => icons::DATABASE,
            Self::Settings(Section::Security) => icons::LOCK,
            Self::Health => icons::PULSE,
            Self::About => icons::INFO,
        }
    }
}

/// What the user sees and types here.
pub struct Page {
    part: Part,
    /// What is being typed, by key, until it is sent.
    typed: BTreeMap<String, String>,
    /// The setting that was looked for.
    revealed: Option<String>,
    licences: about::Licences,
    security: security::Security,
}

impl Default for Page {
    fn default() -> Self {
        Self {
            part: Part::Settings(Section::General),
            typed: BTreeMap::new(),
            revealed: None,
            licences: about::Licences::default(),
            security: security::Security::default(),
        }
    }
}

fn page_action(id: &str) -> Intent {
    Intent::Ui(UiIntent::PageAction(AreaId::Config, id.to_owned()))
}

impl Page {
    fn open(&mut self, part: Part, cx: &Cx<'_>) {
        self.part = part;
        self.ask_for_part(cx);
    }

    fn ask_for_part(&self, cx: &Cx<'_>) {
        let tools = &cx.model.config.tools;
        let shows_tools = matches!(self.part, Part::Settings(Section::Tools | Section::Git) | Part::Docker);
        if shows_tools && tools.value().is_none() && !tools.is_loading() {
            cx.ask(Command::FindTools);
        }
        match self.part {
            Part::Settings(Section::Security) => {
                cx.ask(security::command(cx, Act::List));
                places::ask_for_trust(cx);
            }
            Part::Settings(Section::Git) => places::ask_for_git(cx),
            Part::Settings(Section::Retention) => cx.ask(Command::Measure),
            Part::Docker => places::ask_for_docker(cx),
            Part::Machines => cx.ask(devops::Command::ListMachines),
            _ => {}
        }
    }

    fn sections_ui(&mut self, ui: &mut ui::Ui, cx: &Cx<'_>) {
        let t = Tokens::of(ui);
        let room = ui.available_rect_before_wrap();
        ui.painter()
            .vline(room.right() - 0.5, room.y_range(), Stroke::new(1.0, t.line));
        Frame::NONE.inner_margin(Margin::symmetric(8, 12)).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            for part in Part::ALL {
                let label = cx.t(part.key());
                let is_chosen = cx.filter.trim().is_empty() && self.part == part;
                let (rect, response) =
                    ui.allocate_exact_size(egui::vec2(ui.available_width(), measure::SIDEBAR_ENTRY), egui::Sense::click());
                response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Tab, true, is_chosen, &label));
                if is_chosen || response.hovered() {
                    let fill = if is_chosen { t.surface_3 } else { t.surface_2 };
                    ui.painter().rect_filled(rect, measure::RADIUS, fill);
                }
                if response.has_focus() {
                    ui.painter().rect_stroke(
                        rect,
                        measure::RADIUS,
                        Stroke::new(1.5, t.accent.mark),
                        egui::StrokeKind::Inside,
                    );
                }
                let colour = if is_chosen { t.text } else { t.text_weak };
                icons::paint(
                    ui.painter(),
                    egui::pos2(rect.left() + 16.0, rect.center().y),
                    part.icon(),
                    measure::ICON,
                    colour,
                );
                let look = text::Look {
                    font: ui::theme::font::body(),
                    colour,
                    cut: text::Cut::End,
                };
                let state = part_state(cx, part);
                let right = if state.is_some() { 20.0 } else { 6.0 };
                let words = rect.with_min_x(rect.left() + 32.0).with_max_x(rect.right() - right);
                text::paint_line(ui, words, &label, &look, egui::Align::Min);
                if let Some(state) = state {
                    let center = egui::pos2(rect.right() - 12.0, rect.center().y);
                    ui::state_mark::paint(ui.painter(), t, center, measure::MARK, state);
                }
                if response.clicked() {
                    self.open(part, cx);
                }
            }
        });
    }

    fn settings_ui(&mut self, ui: &mut ui::Ui, cx: &Cx<'_>, rows: &[Row], section: Option<Section>) {
        for problem in &cx.model.config.problems {
            page_frame::problem_card_ui(ui, problem, false);
        }
        let words = cx.filter.trim();
        let mut last = None;
        let mut n_shown = 0;
        for setting in registry::settings() {
            let is_here = match section {
                Some(section) => setting.section == section,
                None => setting.matches(setting.key, words, cx.texts),
            };
            if !is_here {
                continue;
            }
            if last != Some(setting.section) {
                last = Some(setting.section);
                if n_shown > 0 {
                    ui.add_space(measure::SPACE_8);
                }
                let title = cx.t(setting.section.key());
                text::strong(ui, &title).widget_info(|| egui::WidgetInfo::labeled(egui::Role::Heading, true, &title));
            }
            n_shown += 1;
            let is_revealed = self.revealed.as_deref() == Some(setting.key);
            let response = ui
                .scope(|ui| control::setting_ui(ui, cx, &mut self.typed, rows, setting))
                .response;
            if is_revealed {
                let t = Tokens::of(ui);
                let bar = response
                    .rect
                    .with_max_x(response.rect.left() + 2.0)
                    .translate(egui::vec2(-8.0, 0.0));
                ui.painter().rect_filled(bar, 0.0, t.accent.mark);
                ui.scroll_to_rect(response.rect, None);
            }
        }
        if n_shown == 0 {
            no_hits_ui(ui, cx, "config-nothing-found");
        }
        if section == Some(Section::Tools) {
            ui.add_space(measure::SPACE_8);
            tools::found_ui(ui, cx);
        }
        if section == Some(Section::Git) {
            ui.add_space(measure::SPACE_8);
            places::git_ui(ui, cx);
        }
        if section == Some(Section::Security) {
            ui.add_space(measure::SPACE_8);
            self.security.ui(ui, cx);
            ui.add_space(measure::SPACE_8);
            places::trust_ui(ui, cx);
        }
        self.revealed = None;
    }

    fn part_ui(&mut self, ui: &mut ui::Ui, cx: &Cx<'_>) {
        let is_search = !cx.filter.trim().is_empty();
        match self.part {
            Part::Health if !is_search => health::ui(ui, cx),
            Part::About if !is_search => self.licences.ui(ui, cx),
            Part::Docker if !is_search => places::docker_ui(ui, cx),
            Part::Machines if !is_search => places::machines_ui(ui, cx),
            Part::Keys if !is_search => places::keys_ui(ui, cx),
            part => {
                let section = match part {
                    Part::Settings(section) if !is_search => Some(section),
                    _ => None,
                };
                let sentence = cx.t("config-nothing-found");
                let view = LoadableView {
                    icon: icons::SLIDERS,
                    empty: &sentence,
                    empty_action: None,
                    progress: None,
                };
                let rows = &cx.model.config.rows;
                let ask = page_frame::loadable_ui(ui, rows, &view, Vec::is_empty, |ui, rows| {
                    self.settings_ui(ui, cx, rows, section);
                });
                if ask.is_some() {
                    cx.ask(Command::Load);
                }
            }
        }
    }
}

/// What the entry of a part must say beside its name.
fn part_state(cx: &Cx<'_>, part: Part) -> Option<State> {
    let config = &cx.model.config;
    match part {
        Part::Health => {
            let checks = &config.health.value()?.checks;
            checks
                .iter()
                .map(|check| check.state)
                .filter(|state| state.needs_attention())
                .min()
        }
        Part::Settings(Section::General) if !config.problems.is_empty() => Some(State::Degraded),
        _ => None,
    }
}

impl crate::areas::page::Page for Page {
    fn actions(&self, cx: &Cx<'_>) -> Vec<Action> {
        let mut actions = Vec::new();
        match self.part {
            Part::Health => {
                let examine = Command::Doctor {
                    read_data: false,
                    repair: false,
                };
                let deep = Command::Doctor {
                    read_data: true,
                    repair: false,
                };
                let repair = Command::Doctor {
                    read_data: false,
                    repair: true,
                };
                actions.push(
                    Action::new("config-examine", cx.t("config-examine"), examine.into())
                        .icon(icons::PULSE)
                        .primary(),
                );
                actions.push(Action::new("config-examine-deep", cx.t("config-examine-deep"), deep.into()).icon(icons::DISK));
                let ask = (cx.t("config-repair"), cx.t("config-repair-ask"));
                actions.push(
                    Action::new("config-repair", cx.t("config-repair"), repair.into())
                        .icon(icons::TOOL)
                        .confirm(ask.0, ask.1),
                );
            }
            Part::Settings(Section::Security) => {
                let list = security::command(cx, Act::List);
                actions.push(
                    Action::new("config-secrets-list", cx.t("config-secrets-list"), list.into())
                        .icon(icons::REFRESH)
                        .toolbar(),
                );
            }
            Part::Settings(Section::Tools) => {
                let find = Action::new("config-find-tools", cx.t("config-find-tools"), Command::FindTools.into());
                actions.push(find.icon(icons::REFRESH).toolbar());
            }
            _ => {}
        }
        let file = cx.model.config.file.display().to_string();
        let copy = Intent::Ui(UiIntent::Copy(file));
        actions.push(Action::new("config-copy-path", cx.t("config-copy-path"), copy).icon(icons::COPY));
        for part in Part::ALL {
            let label = cx.msg(&msg!("config-open-section", name = cx.t(part.key())));
            let action = Action::new(format!("config-open-{}", part.word()), label, page_action(part.word()));
            actions.push(action.icon(part.icon()).palette_only());
        }
        actions
    }

    fn subtitle(&self, cx: &Cx<'_>) -> String {
        let n = cx
            .model
            .config
            .rows
            .value()
            .map_or(0, |rows| rows.iter().filter(|row| row.is_set).count());
        cx.msg(&msg!("config-subtitle", n = n))
    }

    fn filter_hint(&self, cx: &Cx<'_>) -> Option<String> {
        Some(cx.t("config-search"))
    }

    fn body_ui(&mut self, ui: &mut ui::Ui, cx: &Cx<'_>) {
        let room = ui.available_rect_before_wrap();
        ui.advance_cursor_after_rect(room);
        let left = room.with_max_x(room.left() + SECTIONS_WIDTH);
        let right = room.with_min_x(left.right());
        let mut left_ui = ui.new_child(egui::UiBuilder::new().max_rect(left).id_salt("config-sections"));
        self.sections_ui(&mut left_ui, cx);
        let mut right_ui = ui.new_child(
            egui::UiBuilder::new()
                .max_rect(right)
                .id_salt(("config-part", self.part.word())),
        );
        ScrollArea::vertical()
            .auto_shrink([false, false])
            .id_salt(self.part.word())
            .show(&mut right_ui, |ui| {
                Frame::NONE.inner_margin(Margin::symmetric(24, 16)).show(ui, |ui| {
                    ui.set_max_width(TEXT_WIDTH.min(ui.available_width()));
                    ui.spacing_mut().item_spacing.y = measure::SPACE_8;
                    self.part_ui(ui, cx);
                });
            });
    }

    fn on_open(&mut self, cx: &Cx<'_>) {
        cx.ask(Command::Load);
        if !cx.model.config.is_watched {
            cx.ask(Command::Watch);
        }
        self.ask_for_part(cx);
    }

    fn on_action(&mut self, id: &str, cx: &Cx<'_>) {
        if let Some(part) = Part::of_word(id) {
            self.open(part, cx);
        }
    }

    fn on_picked(&mut self, purpose: &str, path: PathBuf, cx: &Cx<'_>) {
        let path = path.to_string_lossy().into_owned();
        if purpose == "workspaces.roots" {
            let mut roots: Vec<String> = cx
                .settings
                .workspaces
                .roots
                .iter()
                .map(|root| root.to_string_lossy().into_owned())
                .collect();
            if !roots.contains(&path) {
                roots.push(path);
            }
            cx.ask(Command::Set {
                key: purpose.to_owned(),
                value: registry::toml_list(&roots),
            });
        } else if purpose.starts_with("tools.paths.") {
            cx.ask(Command::Set {
                key: purpose.to_owned(),
                value: control::toml_text(&path),
            });
        }
    }

    fn reveal(&mut self, target: &Target, cx: &Cx<'_>) {
        if let Target::Setting { key } = target
            && let Some(setting) = registry::find(key)
        {
            self.open(Part::Settings(setting.section), cx);
            self.revealed = Some(setting.key.to_owned());
        }
    }

    fn things(&self, cx: &Cx<'_>) -> Vec<(String, Target)> {
        let target = |key: &str| Target::Setting { key: key.to_owned() };
        registry::settings()
            .iter()
            .map(|setting| (cx.t(setting.label), target(setting.key)))
            .collect()
    }

    fn badge(&self, cx: &Cx<'_>) -> Option<Badge> {
        let count = cx.model.config.problems.len() as u64;
        (count > 0).then_some(Badge {
            count,
            state: Some(State::Degraded),
        })
    }

    fn save(&self) -> serde_json::Value {
        serde_json::json!({ "part": self.part.word() })
    }

    fn load(&mut self, saved: serde_json::Value) {
        if let Some(part) = saved["part"].as_str().and_then(Part::of_word) {
            self.part = part;
        }
    }
}

/// A small button inside the text of a section.
fn small_button(ui: &mut ui::Ui, label: &str) -> bool {
    ui.add(button::Button::new(label).small()).clicked()
}
