//! The bar over every page: which workspace, which environment, search, what runs, what went wrong.

use super::app::App;
use super::frame::region;
use super::front::Front;
use crate::areas::devops::TrustState;
use crate::areas::page::UiIntent;
use crate::base::{State, WorkspaceId};
use crate::msg;
use crate::ui::button::{MenuEntry, menu_entry_ui, menu_line_ui, menu_title_ui};
use crate::ui::icons::{self, Icon};
use crate::ui::input::Input;
use crate::ui::keys;
use crate::ui::state_mark;
use crate::ui::text::{self, Cut, Look};
use crate::ui::theme::font;
use crate::ui::tokens::{Tokens, measure};
use egui::{
    Align, Color32, Id, Layout, Popup, PopupCloseBehavior, Rect, Response, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui,
    WidgetInfo, pos2, vec2,
};

impl<F: Front> App<F> {
    pub(super) fn top_bar_ui(&mut self, ui: &mut Ui, rect: Rect) {
        let t = Tokens::of(ui);
        ui.painter().rect_filled(rect, 0.0, t.surface_0);
        ui.painter()
            .hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, t.line));
        let inner = rect.shrink2(vec2(12.0, 0.0));
        let mut left = region(ui, inner, "left", Layout::left_to_right(Align::Center));
        left.spacing_mut().item_spacing.x = 10.0;
        let room = inner.width() * 0.24;
        self.workspaces_ui(&mut left, room);
        self.environments_ui(&mut left, room);
        let left_end = left.min_rect().right();

        let mut right = region(ui, inner, "right", Layout::right_to_left(Align::Center));
        right.spacing_mut().item_spacing.x = measure::SPACE_8;
        self.problems_button_ui(&mut right);
        self.jobs_button_ui(&mut right);
        let right_start = right.min_rect().left();

        let room = Rect::from_min_max(pos2(left_end + 16.0, rect.top()), pos2(right_start - 16.0, rect.bottom()));
        if room.width() > 60.0 {
            let width = measure::SEARCH.min(room.width());
            let search = Rect::from_center_size(room.center(), vec2(width, measure::INPUT));
            if self.search_ui(ui, search) {
                self.open_palette();
                ui.ctx().request_repaint();
            }
        }
    }

    /// Looks like a field and opens the palette.
    fn search_ui(&self, ui: &mut Ui, rect: Rect) -> bool {
        let t = Tokens::of(ui);
        let words = self.t("ui-palette-hint");
        let response = ui.interact(rect, Id::unique("shell-search"), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &words));
        let line = if response.hovered() || response.has_focus() {
            t.text_weak
        } else {
            t.line_strong
        };
        ui.painter()
            .rect(rect, measure::RADIUS, t.surface_1, Stroke::new(1.0, line), StrokeKind::Inside);
        icons::paint(
            ui.painter(),
            pos2(rect.left() + 16.0, rect.center().y),
            icons::SEARCH,
            measure::ICON_SMALL,
            t.text_weak,
        );
        let mut right = region(ui, rect.shrink2(vec2(8.0, 0.0)), "key", Layout::right_to_left(Align::Center));
        let keys = text::shortcut_text(ui.ctx(), &keys::PALETTE);
        text::key_cap(&mut right, &keys);
        let place = Rect::from_min_max(
            pos2(rect.left() + 31.0, rect.top()),
            pos2(right.min_rect().left() - 8.0, rect.bottom()),
        );
        let look = Look {
            font: font::body(),
            colour: t.text_weak,
            cut: Cut::End,
        };
        text::paint_line(ui, place, &words, &look, Align::Min);
        response.clicked()
    }

    fn workspaces_ui(&mut self, ui: &mut Ui, room: f32) {
        let all = self.t("shell-all-workspaces");
        let name = self
            .workspace
            .as_ref()
            .map_or(all.clone(), |workspace| workspace.name.clone());
        let label = self.texts.msg(&msg!("shell-workspace-of", name = &name));
        let button = switcher_ui(ui, icons::FOLDER, &name, true, room, &label);
        let search_id = button.id.with("search");
        if button.clicked() {
            ui.data_mut(|data| data.insert_temp(search_id, String::new()));
        }
        let mut chosen: Option<Option<WorkspaceId>> = None;
        Popup::menu(&button)
            .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
            .gap(4.0)
            .width(300.0)
            .show(|ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                let mut search: String = ui.data(|data| data.get_temp(search_id)).unwrap_or_default();
                let infos = self.model.devops.infos();
                if infos.len() > 5 {
                    let hint = text::tr(ui, "shell-find-workspace");
                    let response = Input::new(search_id.with("field"), &hint)
                        .hint(&hint)
                        .icon(icons::SEARCH)
                        .show(ui, &mut search);
                    if !response.has_focus() && !response.lost_focus() {
                        response.request_focus();
                    }
                    ui.add_space(4.0);
                }
                let none_chosen = self.view.workspace.is_none();
                if search.is_empty() && entry_ui(ui, &all, icons::LAYERS, none_chosen, None) {
                    chosen = Some(None);
                    ui.close();
                }
                let mut shown: Vec<_> = infos
                    .iter()
                    .filter(|info| crate::ui::palette::fuzzy(&search, &info.workspace.name).is_some())
                    .collect();
                shown.sort_by(|a, b| (!a.pinned, &a.group, &a.workspace.name).cmp(&(!b.pinned, &b.group, &b.workspace.name)));
                if ui.input(|input| input.key_pressed(egui::Key::Enter))
                    && !search.is_empty()
                    && let Some(first) = shown.first()
                {
                    chosen = Some(Some(first.workspace.id.clone()));
                    ui.close();
                }
                ScrollArea::vertical()
                    .max_height(360.0)
                    .auto_shrink([false, true])
                    .show(ui, |ui| {
                        let mut group = None;
                        for info in shown {
                            if group != Some(info.group.as_str()) {
                                group = Some(info.group.as_str());
                                if !info.group.is_empty() {
                                    menu_line_ui(ui);
                                    menu_title_ui(ui, &info.group);
                                }
                            }
                            let selected = self.view.workspace.as_ref() == Some(&info.workspace.id);
                            let untrusted = text::tr(ui, "shell-untrusted");
                            let note = (info.trust != TrustState::Trusted).then_some(untrusted.as_str());
                            if entry_ui(ui, &info.workspace.name, icons::FOLDER, selected, note) {
                                chosen = Some(Some(info.workspace.id.clone()));
                                ui.close();
                            }
                        }
                    });
                menu_line_ui(ui);
                let add = text::tr(ui, "shell-add-workspace");
                if entry_ui(ui, &add, icons::ADD, false, None) {
                    self.ask_ui(UiIntent::PickFolder(crate::areas::AreaId::DevOps, "add".to_owned()));
                    ui.close();
                }
                ui.data_mut(|data| data.insert_temp(search_id, search));
            });
        if let Some(id) = chosen {
            self.ask_ui(UiIntent::SelectWorkspace(id));
        }
    }

    fn environments_ui(&mut self, ui: &mut Ui, room: f32) {
        let names = self.environments();
        if names.is_empty() {
            return;
        }
        let all = self.t("shell-all-environments");
        let name = self.view.environment.clone().unwrap_or_else(|| all.clone());
        let label = self.texts.msg(&msg!("shell-environment-of", name = &name));
        let button = switcher_ui(ui, icons::UPLOAD, &name, false, room, &label);
        let mut chosen = None;
        Popup::menu(&button).gap(4.0).width(220.0).show(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            if entry_ui(ui, &all, icons::LAYERS, self.view.environment.is_none(), None) {
                chosen = Some(None);
                ui.close();
            }
            for name in names {
                let selected = self.view.environment.as_ref() == Some(&name);
                if entry_ui(ui, &name, icons::UPLOAD, selected, None) {
                    chosen = Some(Some(name));
                    ui.close();
                }
            }
        });
        if let Some(name) = chosen {
            self.ask_ui(UiIntent::SelectEnvironment(name));
        }
    }

    fn jobs_button_ui(&mut self, ui: &mut Ui) {
        let n_running = self.model.jobs.running().count();
        if n_running == 0 {
            return;
        }
        let words = self.texts.msg(&msg!("shell-n-jobs", n = n_running));
        let colour = Tokens::of(ui).text;
        if indicator_ui(ui, Mark::State(State::InProgress), &words, colour, &words).clicked() {
            self.view.activity_open = !self.view.activity_open;
            ui.ctx().request_repaint();
        }
    }

    fn problems_button_ui(&mut self, ui: &mut Ui) {
        let t = Tokens::of(ui);
        let n_unseen = self.problems.n_unseen();
        let words = if n_unseen > 0 { n_unseen.to_string() } else { String::new() };
        let name = self.texts.msg(&msg!("shell-n-problems", n = self.problems.len()));
        let colour = if n_unseen > 0 { t.warning.text } else { t.text_weak };
        if indicator_ui(ui, Mark::Icon(icons::WARNING, colour), &words, colour, &name).clicked() {
            self.open_problems();
            ui.ctx().request_repaint();
        }
    }
}

fn entry_ui(ui: &mut Ui, label: &str, icon: Icon, selected: bool, note: Option<&str>) -> bool {
    let icon = if selected { icons::CHECK } else { icon };
    menu_entry_ui(
        ui,
        &MenuEntry {
            label,
            icon: Some(icon),
            note,
            ..MenuEntry::default()
        },
    )
    .clicked()
}

/// Icon, word and chevron without a frame until the pointer is on it.
fn switcher_ui(ui: &mut Ui, icon: Icon, word: &str, strong: bool, room: f32, name: &str) -> Response {
    let t = Tokens::of(ui);
    let weight = if strong {
        font::medium(measure::TEXT_BODY)
    } else {
        font::body()
    };
    let colour = if strong { t.text } else { t.text_weak };
    let galley = text::line(ui, word, weight, colour, (room - 60.0).max(40.0), Cut::Middle);
    let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x + 58.0, measure::BUTTON), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, name));
    if response.hovered() || response.has_focus() || Popup::is_id_open(ui.ctx(), Popup::default_response_id(&response)) {
        ui.painter().rect_filled(rect, measure::RADIUS, t.surface_2);
    }
    if response.has_focus() {
        ui.painter()
            .rect_stroke(rect, measure::RADIUS, Stroke::new(1.5, t.accent.mark), StrokeKind::Inside);
    }
    let y = rect.center().y;
    icons::paint(ui.painter(), pos2(rect.left() + 16.0, y), icon, measure::ICON, colour);
    ui.painter()
        .galley(pos2(rect.left() + 30.0, y - galley.size().y / 2.0), galley, colour);
    icons::paint(
        ui.painter(),
        pos2(rect.right() - 14.0, y),
        icons::CHEVRON_DOWN,
        measure::ICON_SMALL,
        t.text_weak,
    );
    response
}

enum Mark {
    State(State),
    Icon(Icon, Color32),
}

fn indicator_ui(ui: &mut Ui, mark: Mark, words: &str, colour: Color32, name: &str) -> Response {
    let t = Tokens::of(ui);
    let galley = text::line(ui, words, font::body(), colour, f32::INFINITY, Cut::End);
    let width = 34.0 + if words.is_empty() { 0.0 } else { galley.size().x + 4.0 };
    let (rect, response) = ui.allocate_exact_size(vec2(width, measure::BUTTON), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, measure::RADIUS, t.surface_2);
    }
    if response.has_focus() {
        ui.painter()
            .rect_stroke(rect, measure::RADIUS, Stroke::new(1.5, t.accent.mark), StrokeKind::Inside);
    }
    let at = pos2(rect.left() + 16.0, rect.center().y);
    match mark {
        Mark::State(state) => state_mark::paint(ui.painter(), t, at, 11.0, state),
        Mark::Icon(icon, colour) => icons::paint(ui.painter(), at, icon, measure::ICON_SMALL, colour),
    }
    ui.painter().galley(
        pos2(rect.left() + 28.0, rect.center().y - galley.size().y / 2.0),
        galley,
        colour,
    );
    response.on_hover_text(name)
}
