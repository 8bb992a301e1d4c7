//! The environments as cards, left to right in the order in which a version moves on, with the rollout of the chosen one below.

use super::{how_words, intent, live, rehearsal, state_of};
use crate::areas::deploy::{Environment, Overview};
use crate::areas::page::{Cx, Intent, file_problem_ui};
use crate::base::{State, Target, Workspace, format};
use crate::msg;
use crate::ui::button::Button;
use crate::ui::tokens::{Tokens, measure};
use crate::ui::{Ui, icons, keys, state_mark, text, theme};
use egui::{Align, Id, Layout, Modifiers, Response, Role, ScrollArea, Sense, Stroke, UiBuilder, WidgetInfo, pos2, vec2};

const HEIGHT: f32 = 150.0;
const ARROW: f32 = 24.0;
/// The least width of a card.
const LEAST: f32 = 196.0;
/// Problems of the project file that stand above the cards.
const BROKEN_SHOWN: usize = 5;

/// Gives the name of the card that was pressed.
pub(super) fn body_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, overview: &Overview, chosen: &str) -> Option<String> {
    let mut pressed = None;
    ScrollArea::vertical()
        .id_salt("deploy-body")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            egui::Frame::NONE.inner_margin(egui::Margin::same(16)).show(ui, |ui| {
                // What is wrong in the file keeps an environment away: that is seen where it is missed.
                for problem in overview.broken.iter().take(BROKEN_SHOWN) {
                    file_problem_ui(ui, cx, workspace, problem);
                    ui.add_space(measure::SPACE_8);
                }
                pressed = cards_ui(ui, cx, workspace, overview, chosen);
                ui.add_space(measure::SPACE_16);
                let known = cx.model.deploy.of(&workspace.id);
                let rollout = known.and_then(|known| known.rollout(chosen));
                let one = overview.environments.iter().find(|one| one.name == chosen);
                let asks = one.and_then(|one| one.asks.as_ref());
                // Another program deploys, and anybody may answer it.
                if let Some(asks) = asks.filter(|asks| rollout.is_none_or(|rollout| rollout.deployment != asks.deployment)) {
                    live::question_ui(ui, cx, chosen, asks);
                    ui.add_space(measure::SPACE_16);
                }
                // One of another program may be newer: what this window saw is no longer the last word.
                let is_newest = |id: i64| {
                    overview
                        .history
                        .iter()
                        .filter(|row| row.environment == chosen)
                        .all(|row| row.id <= id)
                };
                if let Some(rollout) = rollout.filter(|rollout| rollout.is_running() || is_newest(rollout.deployment)) {
                    live::rollout_ui(ui, cx, rollout);
                }
                if let Some(one) = rehearsal::newest(cx, chosen) {
                    ui.add_space(measure::SPACE_16);
                    rehearsal::card_ui(ui, cx, one);
                }
            });
        });
    pressed
}

fn cards_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, overview: &Overview, chosen: &str) -> Option<String> {
    let mut pressed = None;
    let room = ui.available_width();
    // As many as there is room for; the others come below, in the same order.
    let per_row = (((room + ARROW) / (LEAST + ARROW)).floor() as usize).max(1);
    let n = overview.environments.len().clamp(1, per_row) as f32;
    let width = ((room - (n - 1.0) * ARROW) / n).clamp(LEAST, 320.0);
    for (row, chunk) in overview.environments.chunks(per_row).enumerate() {
        if row > 0 {
            ui.add_space(measure::SPACE_8);
        }
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            for (i, one) in chunk.iter().enumerate() {
                if i > 0 {
                    let t = Tokens::of(ui);
                    let (rect, _) = ui.allocate_exact_size(vec2(ARROW, HEIGHT), Sense::hover());
                    icons::paint(ui.painter(), rect.center(), icons::RIGHT, 14.0, t.text_weak);
                }
                let next = overview.environments.get(row * per_row + i + 1);
                let card = card_ui(ui, cx, workspace, one, next, one.name == chosen, width);
                if card.clicked() {
                    card.request_focus();
                    pressed = Some(one.name.clone());
                }
                let step = card.has_focus().then(|| keys::arrow(ui, card.id, Modifiers::NONE)).flatten();
                let at = step.and_then(|(dx, dy)| {
                    let far = i32::try_from(per_row).unwrap_or(1);
                    (row * per_row + i).checked_add_signed((dx + dy * far) as isize)
                });
                if let Some(other) = at.and_then(|at| overview.environments.get(at)) {
                    ui.memory_mut(|memory| memory.request_focus(card_id(&other.name)));
                    ui.ctx().request_repaint();
                    pressed = Some(other.name.clone());
                }
            }
        });
    }
    pressed
}

fn card_id(environment: &str) -> Id {
    Id::unique(("deploy-card", environment))
}

fn card_ui(
    ui: &mut Ui,
    cx: &Cx<'_>,
    workspace: &Workspace,
    one: &Environment,
    next: Option<&Environment>,
    is_chosen: bool,
    width: f32,
) -> Response {
    let t = Tokens::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(width, HEIGHT), Sense::hover());
    // Before its content, so that a link on it can be clicked.
    let response = ui.interact(rect, card_id(&one.name), Sense::click());
    if is_chosen {
        keys::offer_list(ui, response.id);
    }
    let builder = UiBuilder::new()
        .max_rect(rect)
        .layout(Layout::top_down(Align::Min))
        .id_salt(("deploy-card", &one.name));
    ui.scope_builder(builder, |ui| {
        let mut frame = theme::card_frame(t);
        frame.stroke = Stroke::new(1.0, if is_chosen { t.accent.mark } else { t.line });
        frame.fill = if response.hovered() || is_chosen {
            t.surface_2
        } else {
            t.surface_1
        };
        frame.show(ui, |ui| {
            ui.set_width(width - 26.0);
            ui.set_height(HEIGHT - 26.0);
            content_ui(ui, cx, workspace, one, next);
        });
    });
    if response.has_focus() {
        keys::ring(ui, rect);
    }
    let version = version_words(cx, one);
    let word = cx.t(state_of(one).1);
    let name = format!("{}, {version}, {word}", one.name);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_chosen, &name));
    response
}

/// The version there, and the one that comes.
fn version_words(cx: &Cx<'_>, one: &Environment) -> String {
    let version = one.shown().map_or("–", |live| live.version.as_str());
    let known = cx.workspace.and_then(|workspace| cx.model.deploy.of(&workspace.id));
    let comes = known
        .and_then(|known| known.running().find(|rollout| rollout.environment == one.name))
        .filter(|rollout| rollout.version != version);
    match comes {
        Some(rollout) => format!("{version} → {}", rollout.version),
        None => version.to_owned(),
    }
}

/// One line, cut where there is no more room.
fn cut_ui(ui: &mut Ui, words: &str, font: egui::FontId, colour: egui::Color32) {
    let look = text::Look {
        font,
        colour,
        cut: text::Cut::End,
    };
    text::label(ui, words, look);
}

fn content_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, one: &Environment, next: Option<&Environment>) {
    let t = Tokens::of(ui);
    ui.spacing_mut().item_spacing.y = measure::SPACE_4;
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let (state, word) = state_of(one);
            state_mark::label_small_ui(ui, state, &cx.t(word));
            if one.is_protected {
                ui.add_space(6.0);
                icons::icon_ui(ui, icons::LOCK, 13.0, t.text_weak, Some(&cx.t("deploy-protected")));
            }
            // The name has what is left, and is cut where that is too little.
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let font = theme::font::medium(measure::TEXT_BODY);
                cut_ui(ui, &one.name, font, t.text);
            });
        });
    });
    match one.shown() {
        Some(live) => {
            text::number_big(ui, &version_words(cx, one));
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = measure::SPACE_4;
                if let Some(commit) = &live.commit
                    && text::link_mono(ui, format::short_oid(commit)).clicked()
                {
                    cx.ask(Intent::Go(Target::Commit {
                        workspace: workspace.id.clone(),
                        oid: commit.clone(),
                    }));
                }
                let at = live.healthy_from.unwrap_or(live.started_at);
                text::small(ui, &format::ago(at, cx.now, cx.texts)).on_hover_text(at.to_string());
            });
        }
        None => {
            text::number_big(ui, &version_words(cx, one));
            text::small(ui, &cx.t("deploy-nothing-yet"));
        }
    }
    let how = how_words(cx, one);
    match &one.waits {
        None if one.asks.is_some() => {
            text::small(ui, &cx.t("deploy-asks-you"));
        }
        Some(waits) => {
            let key = if waits.is_judged {
                "deploy-waits-judged"
            } else if waits.until.is_some() {
                "deploy-waits-until"
            } else {
                "deploy-waits-by-hand"
            };
            let said = crate::base::Msg::new(key)
                .with("version", waits.version.as_str())
                .with("percent", waits.percent);
            text::small(ui, &cx.msg(&said));
        }
        None => cut_ui(ui, &how, theme::font::small(), t.text_weak),
    }
    let bottom = ui.max_rect().bottom() - measure::BUTTON_SMALL;
    let line = egui::Rect::from_min_max(pos2(ui.max_rect().left(), bottom), ui.max_rect().max);
    ui.scope_builder(
        UiBuilder::new().max_rect(line).layout(Layout::left_to_right(Align::Center)),
        |ui| {
            let mut states: Vec<State> = one.instances.iter().map(|instance| instance.state).collect();
            // Each one that is wanted has its dot, also where nothing is known of it.
            let n_wanted = if one.live.is_some() { one.n_wanted as usize } else { 0 };
            states.resize(states.len().max(n_wanted), State::None);
            let n_up = states.iter().filter(|state| **state == State::Running).count();
            let count = cx.msg(&msg!("deploy-instances", n = n_up, wanted = one.n_wanted));
            state_mark::dots_ui(ui, &states, &count);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let version = one.live.as_ref().map(|live| live.version.clone());
                let (Some(next), Some(version)) = (next, version) else {
                    return;
                };
                let is_there = next.live.as_ref().is_some_and(|live| live.version == version);
                let is_ready = one.state == State::Running && next.state != State::InProgress;
                if is_there || !is_ready || one.is_left_out || next.is_left_out {
                    return;
                }
                let label = cx.t("deploy-promote");
                let name = cx.msg(&msg!("deploy-promote-to", version = &version, environment = &next.name));
                if ui.add(Button::new(&label).small().bare().hover(&name)).clicked() {
                    cx.ask(intent(format!("deploy/{}/{version}", next.name)));
                }
            });
        },
    );
}
