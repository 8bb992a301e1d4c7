//! The board: a column per state, cards that are moved with the pointer or the keyboard.

use super::{Page, words};
use crate::areas::page::Cx;
use crate::areas::plan::filter::Context;
use crate::areas::plan::model::Plan;
use crate::areas::plan::workflow::same;
use crate::areas::plan::{Between, Change, Command, Item, Priority, Source, state_name};
use crate::base::{Loadable, SafeText, State, Workspace};
use crate::msg;
use crate::ui::action::menu_ui;
use crate::ui::board::{BoardColumn, BoardResponse, Moved, board_ui};
use crate::ui::state_mark::{TagLook, avatar_ui, marks_ui, tag_ui};
use crate::ui::text::{self, Cut, Look};
use crate::ui::theme::font;
use crate::ui::tokens::{Tokens, measure};
use crate::ui::{Ui, icons, page_frame};
use egui::{Align, Layout, ScrollArea, vec2};
use std::rc::Rc;

impl Page {
    pub(super) fn board_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, plan: &Plan) {
        let context = self.context(cx);
        let (all, filtered) = (
            self.shown.columns(plan),
            self.shown.filtered(plan, cx.filter.trim(), &context),
        );
        self.board_bar_ui(ui, cx);
        if !self.lanes.is_empty() {
            self.lanes_ui(ui, cx, workspace, plan, &context);
            return;
        }
        let by_key = |key: u64| all.item(plan, key);
        let mut columns = Vec::new();
        for (index, cards) in filtered.keys.iter().enumerate() {
            if index == plan.workflow.columns.len() && cards.is_empty() {
                continue;
            }
            columns.push(column(cx, plan, index, all.columns[index].len(), Rc::clone(cards)));
        }
        let name = |key: u64| by_key(key).map_or_else(String::new, |item| card_name(cx, plan, item));
        let menu = |ui: &mut Ui, key: u64| card_menu_ui(ui, cx, workspace, plan, by_key(key));
        let shown = &self.shown;
        let mut seen: Vec<&Item> = Vec::new();
        let response = board_ui(ui, "plan", &mut self.board, &columns, name, menu, |ui, key| {
            if let Some(item) = by_key(key) {
                seen.push(item);
                card_ui(ui, cx, plan, item, shown.is_blocked(plan, item));
            }
        });
        self.ask_how_far(cx, workspace, &seen);
        self.board_asked(cx, workspace, plan, &response, &columns, by_key);
    }

    /// Asks once for the way of each card that came into sight, of some at a time.
    fn ask_how_far(&mut self, cx: &Cx<'_>, workspace: &Workspace, seen: &[&Item]) {
        // A commit, a run of the tests or a deployment may have brought any of them further.
        let row = cx.model.devops.board.get(&workspace.id).and_then(Loadable::value);
        if row.is_some() && self.cards_of.as_ref() != row {
            self.cards_of = row.cloned();
            self.asked_cards.clear();
        }
        let is_new = |item: &&&Item| item.source == Source::Chantier && !self.asked_cards.contains(&item.id);
        let ids: Vec<String> = seen
            .iter()
            .filter(is_new)
            .take(MAX_ASKED)
            .map(|item| item.id.clone())
            .collect();
        // Some at a time, those that were asked for first.
        let mut jobs = cx.model.jobs.rows();
        let is_asked = jobs.any(|job| job.is_running() && job.title.key == "plan-job-cover-many");
        if ids.is_empty() || is_asked {
            return;
        }
        self.asked_cards.extend(ids.iter().cloned());
        cx.ask(Command::CoverMany {
            workspace: workspace.clone(),
            ids,
        });
    }

    /// What was done on a board, or on a lane of it.
    fn board_asked<'p>(
        &mut self,
        cx: &Cx<'_>,
        workspace: &Workspace,
        plan: &Plan,
        response: &BoardResponse,
        columns: &[BoardColumn],
        by_key: impl Fn(u64) -> Option<&'p Item>,
    ) {
        if let Some(item) = response.selected.and_then(&by_key) {
            self.select(item);
        }
        if let Some(item) = response.activated.and_then(&by_key) {
            self.select(item);
            self.form = Some(super::form::Form::of(item));
        }
        if let Some(moved) = response.moved
            && let Some(item) = by_key(moved.card)
        {
            self.move_item(cx, workspace, plan, item, moved, columns, &by_key);
        }
        if let Some(column) = response.add.and_then(|index| plan.workflow.columns.get(index)) {
            self.open_new(cx, Some(column.state.clone()));
        }
    }

    /// Views and lanes.
    fn board_bar_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        page_frame::bar_ui(ui, 40.0, |ui| {
            ui.spacing_mut().item_spacing.x = measure::SPACE_12;
            self.view_choice_ui(ui, cx);
            Self::group_choice_ui(ui, cx, &mut self.lanes, "plan-lanes-none", "plan-lanes-by");
        });
    }

    /// A board per value, one below the other; a card is moved within its own.
    fn lanes_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, plan: &Plan, context: &Context) {
        let group = self.lanes.clone();
        let all = self.shown.columns(plan);
        let lanes = self.shown.lanes(plan, cx.filter.trim(), context, &group);
        let by_key = |key: u64| all.item(plan, key);
        let mut asked: Vec<(BoardResponse, Vec<BoardColumn>)> = Vec::new();
        let mut seen: Vec<&Item> = Vec::new();
        let selected = self.board.selected;
        let (shown, states) = (&self.shown, &mut self.lane_boards);
        ScrollArea::vertical()
            .auto_shrink([false, false])
            .id_salt("plan-lanes")
            .show(ui, |ui| {
                for lane in lanes.iter() {
                    ui.horizontal(|ui| {
                        ui.set_min_height(30.0);
                        ui.add_space(measure::GUTTER);
                        text::medium(ui, &words::group_name(cx, plan, &group, &lane.value));
                        text::weak(ui, &lane.n_cards.to_string());
                    });
                    let tallest = lane.keys.iter().map(|keys| keys.len()).max().unwrap_or(0);
                    let height = (tallest as f32 * 92.0 + 64.0).clamp(120.0, 320.0);
                    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), egui::Sense::hover());
                    if !ui.is_rect_visible(rect) {
                        continue;
                    }
                    let columns: Vec<BoardColumn> = lane
                        .keys
                        .iter()
                        .enumerate()
                        .filter(|(index, keys)| *index < plan.workflow.columns.len() || !keys.is_empty())
                        .map(|(index, keys)| column(cx, plan, index, keys.len(), Rc::clone(keys)))
                        .map(|column| BoardColumn { add: None, ..column })
                        .collect();
                    let state = states.entry(lane.value.clone()).or_default();
                    state.selected = selected;
                    let mut part = ui.new_child(egui::UiBuilder::new().max_rect(rect).id_salt(("lane", &lane.value)));
                    part.set_clip_rect(part.clip_rect().intersect(rect));
                    let name = |key: u64| by_key(key).map_or_else(String::new, |item| card_name(cx, plan, item));
                    let menu = |ui: &mut Ui, key: u64| card_menu_ui(ui, cx, workspace, plan, by_key(key));
                    let id = format!("plan-lane-{}", lane.value);
                    let response = board_ui(&mut part, &id, state, &columns, name, menu, |ui, key| {
                        if let Some(item) = by_key(key) {
                            seen.push(item);
                            card_ui(ui, cx, plan, item, shown.is_blocked(plan, item));
                        }
                    });
                    asked.push((response, columns));
                }
            });
        self.ask_how_far(cx, workspace, &seen);
        for (response, columns) in &asked {
            self.board_asked(cx, workspace, plan, response, columns, by_key);
        }
    }

    fn move_item<'p>(
        &mut self,
        cx: &Cx<'_>,
        workspace: &Workspace,
        plan: &Plan,
        item: &Item,
        moved: Moved,
        columns: &[BoardColumn],
        by_key: &impl Fn(u64) -> Option<&'p Item>,
    ) {
        // The column of states that the workflow does not know takes nothing in.
        let Some(target) = plan.workflow.columns.get(moved.column) else {
            return;
        };
        self.select(item);
        let others: Vec<u64> = columns[moved.column]
            .cards
            .iter()
            .copied()
            .filter(|card| *card != moved.card)
            .collect();
        let id_at = |index: Option<usize>| {
            index
                .and_then(|index| others.get(index))
                .and_then(|key| by_key(*key))
                .map(|item| item.id.clone())
        };
        cx.ask(Command::Move {
            workspace: workspace.clone(),
            id: item.id.clone(),
            state: target.state.clone(),
            between: Between {
                above: id_at(moved.index.checked_sub(1)),
                below: id_at(Some(moved.index)),
            },
        });
        // Within its column a card is moved back as it came.
        if !same(&item.state, &target.state) && plan.workflow.allows(&item.state, &target.state) {
            let back = vec![Change::State(item.state.clone()), Change::Rank(item.rank)];
            let state = state_name(&target.state, cx.texts);
            let words = msg!("plan-moved-into", id = item.id.as_str(), state = state);
            self.promise(cx, std::iter::once((item, back)), Some(words));
        }
    }
}

fn column(cx: &Cx<'_>, plan: &Plan, index: usize, n_all: usize, cards: Rc<[u64]>) -> BoardColumn {
    let n_shown = cards.len();
    let Some(column) = plan.workflow.columns.get(index) else {
        return BoardColumn {
            title: cx.t("plan-column-other"),
            state: State::Unknown,
            note: n_all.to_string(),
            over_limit: false,
            cards,
            add: None,
        };
    };
    let title = state_name(&column.state, cx.texts);
    let mut note = match column.limit {
        Some(limit) => cx.msg(&msg!("plan-of-limit", n = n_all, limit = limit)),
        None => n_all.to_string(),
    };
    if n_shown < n_all {
        note = cx.msg(&msg!("plan-shown-of", n = n_shown, all = note));
    }
    BoardColumn {
        state: plan.workflow.mark(&column.state),
        note,
        over_limit: plan.workflow.is_over_limit(index, n_all),
        cards,
        add: Some(cx.msg(&msg!("plan-add-to", state = title.as_str()))),
        title,
    }
}

fn card_menu_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, plan: &Plan, item: Option<&Item>) {
    let Some(item) = item else { return };
    if let Some(intent) = menu_ui(ui, &words::item_actions(cx, workspace, plan, item)) {
        cx.ask(intent);
    }
}

fn card_name(cx: &Cx<'_>, plan: &Plan, item: &Item) -> String {
    let mut name = format!("{} {}, {}", item.id, item.title, words::kind_name(cx, &item.kind));
    if let Some(priority) = pressing(item) {
        name.push_str(&format!(", {}", words::priority_name(cx, Some(priority))));
    }
    if words::is_late(cx, plan, item) {
        name.push_str(&format!(", {}", cx.t("plan-late")));
    }
    name
}

/// Cards whose way is asked for at a time.
const MAX_ASKED: usize = 40;
/// Room for the four marks of a way.
const WAY_WIDTH: f32 = 4.0 * (measure::MARK + 3.0) + 6.0;

/// Commit, tests, release and live as shapes, and their words; None where nobody worked on it.
fn way_of(cx: &Cx<'_>, item: &Item) -> Option<([State; 4], String)> {
    let beside = cx.model.plan.beside(&cx.workspace?.id)?;
    let coverage = beside.coverage.get(&item.id).filter(|coverage| coverage.is_begun())?;
    let done = |is_done: bool| if is_done { State::Done } else { State::None };
    let live: Vec<&str> = coverage
        .places
        .iter()
        .filter(|place| place.is_live)
        .map(|place| place.environment.as_str())
        .collect();
    let states = [
        done(coverage.n_commits > 0),
        coverage.tests.as_ref().map_or(State::None, |tests| tests.state),
        done(!coverage.releases.is_empty()),
        if live.is_empty() { State::None } else { coverage.health },
    ];
    let tests = coverage.tests.as_ref().map_or_else(String::new, |tests| {
        cx.msg(&msg!("plan-cover-tests", passed = tests.n_passed, failed = tests.n_failed))
    });
    let words = [
        ("thread-commit", coverage.n_commits.to_string()),
        ("thread-test", tests),
        ("thread-release", coverage.releases.first().cloned().unwrap_or_default()),
        ("plan-cover-live", live.join(", ")),
    ];
    let words = words.map(|(label, value)| {
        let value = if value.is_empty() {
            "–".to_owned()
        } else {
            SafeText::new(&value).into_string()
        };
        format!("{} {value}", cx.t(label))
    });
    Some((states, words.join("\n")))
}

/// Room for the clock beside a day.
const CLOCK_WIDTH: f32 = 16.0;

/// A priority that is to be seen from afar.
fn pressing(item: &Item) -> Option<Priority> {
    item.priority
        .filter(|priority| matches!(priority, Priority::Urgent | Priority::High))
}

fn card_ui(ui: &mut Ui, cx: &Cx<'_>, plan: &Plan, item: &Item, is_blocked: bool) {
    let t = Tokens::of(ui);
    ui.spacing_mut().item_spacing.y = 6.0;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = measure::SPACE_8;
        let name = words::kind_name(cx, &item.kind);
        icons::icon_ui(
            ui,
            words::icon_of(&item.kind),
            15.0,
            words::colour_of(t, &item.kind),
            Some(&name),
        );
        text::small(ui, &item.id);
        if let Some(priority) = pressing(item) {
            let colour = if priority == Priority::Urgent {
                t.danger.text
            } else {
                t.warning.text
            };
            let name = words::priority_name(cx, Some(priority));
            icons::icon_ui(ui, icons::UP, 15.0, colour, Some(&name));
        }
        if is_blocked {
            let ids: Vec<&str> = item.depends.iter().map(String::as_str).collect();
            let words = cx.msg(&msg!("plan-blocked-by", ids = ids.join(", ")));
            icons::icon_ui(ui, icons::LOCK, 13.0, t.warning.text, Some(&words));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            if let Some(due) = item.due.filter(|_| !item.is_done(&plan.workflow)) {
                let colour = if words::is_late(cx, plan, item) {
                    t.danger.text
                } else {
                    t.text_weak
                };
                let look = Look {
                    font: font::small(),
                    colour,
                    cut: Cut::End,
                };
                let (day, distance) = (words::day(cx, due), words::distance(cx, due));
                // The day is what one wants to know: the clock goes before it does.
                let width = text::line(ui, &day, look.font.clone(), colour, f32::INFINITY, Cut::End)
                    .size()
                    .x;
                if ui.available_width() < width {
                    icons::icon_ui(ui, icons::CLOCK, 13.0, colour, Some(&format!("{day}, {distance}")));
                } else {
                    text::label(ui, &day, look).on_hover_text(distance);
                    if ui.available_width() >= CLOCK_WIDTH {
                        icons::icon_ui(ui, icons::CLOCK, 13.0, colour, None);
                    }
                }
            }
        });
    });
    let title = egui::RichText::new(&item.title).font(font::body()).color(t.text);
    ui.add(egui::Label::new(title).wrap().selectable(false));
    let way = way_of(cx, item);
    let has_foot = way.is_some() || !item.labels.is_empty() || item.assignee.is_some() || !item.criteria.is_empty();
    if !has_foot && item.remarks.is_empty() {
        return;
    }
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        ui.set_min_height(20.0);
        let foot = [
            (item.assignee.is_some(), 26.0),
            (!item.criteria.is_empty(), 52.0),
            (!item.remarks.is_empty(), 20.0),
            (way.is_some(), WAY_WIDTH),
        ];
        let right: f32 = foot.iter().filter(|(is_there, _)| *is_there).map(|(_, width)| width).sum();
        let mut room = ui.available_width() - right;
        let mut n_hidden = 0;
        for (index, label) in item.labels.iter().enumerate() {
            let more = if index + 1 < item.labels.len() { 22.0 } else { 0.0 };
            let width = label.chars().count() as f32 * 6.8 + 18.0;
            if n_hidden > 0 || (width + more > room && index > 0) {
                n_hidden += 1;
                continue;
            }
            room -= width;
            tag_ui(ui, label, TagLook::Plain);
        }
        if n_hidden > 0 {
            text::small(ui, &format!("+{n_hidden}")).on_hover_text(item.labels.join(", "));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            if let Some(name) = &item.assignee {
                avatar_ui(ui, name);
            }
            if !item.criteria.is_empty() {
                let (done, all) = (item.n_criteria_done(), item.criteria.len());
                let what = cx.msg(&msg!("plan-criteria-done", n = done, all = all));
                text::small(ui, &format!("{done}/{all}")).on_hover_text(&what);
                icons::icon_ui(
                    ui,
                    icons::CHECK,
                    13.0,
                    if done == all { t.success.text } else { t.text_weak },
                    None,
                );
            }
            if !item.remarks.is_empty() {
                let words: Vec<String> = item.remarks.iter().map(|problem| cx.msg(&problem.summary)).collect();
                icons::icon_ui(ui, icons::WARNING, 14.0, t.warning.text, Some(&words.join("\n")));
            }
            if let Some((states, words)) = &way {
                marks_ui(ui, states, words);
            }
        });
    });
}
