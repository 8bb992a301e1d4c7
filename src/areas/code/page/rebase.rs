//! The tab Rebase: the commits of an interactive rebase as a list that one reorders by drag or keys, and the messages that it gives.

use super::{HISTORY, Page, go_to};
use crate::areas::code::Command;
use crate::areas::code::act::Act;
use crate::areas::code::branching::Look;
use crate::areas::code::model::RepoModel;
use crate::areas::page::{Action, Cx, Intent, UiIntent};
use crate::base::git_act::GitAct;
use crate::base::operation::{PlanFault, PlanStep, RebasePlan, StepAction};
use crate::base::repo::short_oid;
use crate::base::{State, Workspace, format};
use crate::msg;
use crate::ui::button::{Button, MenuEntry, icon_button_small, menu_entry_ui};
use crate::ui::input::Input;
use crate::ui::page_frame::{LoadableAsk, LoadableView, bar_ui, loadable_ui, split_bottom_ui};
use crate::ui::text::{self, Cut, Look as TextLook};
use crate::ui::theme::font;
use crate::ui::tokens::{Tokens, measure};
use crate::ui::{icons, state_mark};
use egui::{
    Align, CursorIcon, Id, Key, Layout, Modifiers, Popup, Rect, Role, ScrollArea, Sense, Stroke, Ui, UiBuilder, WidgetInfo,
};
use egui::{pos2, vec2};

const ROW: f32 = 28.0;
const MESSAGE_HEIGHT: f32 = 150.0;
pub(super) const LETTERS: [(Key, StepAction); 6] = [
    (Key::P, StepAction::Pick),
    (Key::R, StepAction::Reword),
    (Key::E, StepAction::Edit),
    (Key::S, StepAction::Squash),
    (Key::F, StepAction::Fixup),
    (Key::D, StepAction::Drop),
];

/// What the user makes of a plan.
#[derive(Default)]
pub(super) struct Draft {
    /// What was asked for: the commit below, and where to.
    asked: Option<(Option<String>, Option<String>)>,
    /// The plan that the steps come from, counted by the model.
    of: u64,
    plan: RebasePlan,
    selected: usize,
    /// The step that is dragged.
    dragged: Option<usize>,
    /// The message was asked for: one writes it next.
    writes_message: bool,
    /// What shall become of one commit, once the plan is there.
    wish: Option<(String, StepAction)>,
    /// Something was under way when it was shown last.
    was_busy: bool,
}

impl Draft {
    pub(super) fn is_open(&self) -> bool {
        self.asked.is_some()
    }

    fn set(&mut self, at: usize, action: StepAction) {
        let Some(step) = self.plan.steps.get_mut(at) else { return };
        step.action = action;
        let takes_message = matches!(action, StepAction::Reword);
        self.writes_message = takes_message;
        if takes_message && step.message.is_none() {
            step.message = Some(step.old_message.trim_end().to_owned());
        }
        if !matches!(action, StepAction::Reword | StepAction::Squash) {
            step.message = None;
        }
    }

    /// Moves a step so that it stands before what is at `to` now.
    fn shift(&mut self, from: usize, to: usize) {
        if from >= self.plan.steps.len() {
            return;
        }
        let step = self.plan.steps.remove(from);
        let to = if to > from { to - 1 } else { to }.min(self.plan.steps.len());
        self.plan.steps.insert(to, step);
        self.selected = to;
    }
}

impl Page {
    /// Opens the plan of the commits after one (those that the upstream does not have when None).
    pub(super) fn open_rebase(&mut self, cx: &Cx<'_>, since: Option<String>, onto: Option<String>) {
        let Some(workspace) = cx.workspace else { return };
        self.rebase = Draft {
            asked: Some((since.clone(), onto.clone())),
            ..Draft::default()
        };
        ask_plan(cx, workspace, since, onto);
        go_to(cx, super::REBASE);
    }

    /// Opens the plan with one step of it set: the rest is a look and a press of its button.
    pub(super) fn open_rebase_of(&mut self, cx: &Cx<'_>, oid: &str, action: StepAction) {
        // What joins the commit below needs that one in the list.
        let below = if action.joins() { "^^" } else { "^" };
        self.open_rebase(cx, Some(format!("{oid}{below}")), None);
        self.rebase.wish = Some((oid.to_owned(), action));
    }

    pub(super) fn rebase_actions(&self, cx: &Cx<'_>, workspace: &Workspace) -> Vec<Action> {
        let plan = &self.rebase.plan;
        let known = cx.model.code.repo(&workspace.id);
        let is_busy = known.is_some_and(|repo| repo.branching.operation.is_some());
        let has_moved = known.is_some_and(|repo| repo.has_moved(plan));
        let why = if is_busy {
            Some(cx.t("code-under-way"))
        } else if has_moved {
            Some(cx.t("code-rebase-moved"))
        } else {
            plan.fault().map(|fault| cx.msg(&fault_words(plan, fault)))
        };
        let run = Intent::from(
            Act::Git(GitAct::RunPlan {
                plan: Box::new(plan.clone()),
            })
            .on(workspace),
        );
        let words = cx.msg(&msg!("code-rebase-run", n = plan.steps.len()));
        let start = Action::new("code-rebase-run", words, run).primary().disabled_because(why);
        let page_action = |word: &str| Intent::Ui(UiIntent::PageAction(crate::areas::AreaId::Code, word.to_owned()));
        let mut actions = vec![
            start,
            Action::new(
                "code-rebase-autosquash",
                cx.t("code-rebase-autosquash"),
                page_action("rebase-autosquash"),
            )
            .toolbar(),
            Action::new("code-rebase-close", cx.t("code-rebase-close"), page_action("rebase-close")).toolbar(),
        ];
        if has_moved && !is_busy {
            let again = Action::new("code-rebase-again", cx.t("code-rebase-again"), page_action("rebase-again"));
            actions.insert(1, again.icon(icons::REFRESH));
        }
        if plan.n_merges > 0 {
            let words = cx.t(if plan.keeps_merges {
                "code-rebase-leave-merges"
            } else {
                "code-rebase-keep-merges"
            });
            actions.push(Action::new("code-rebase-merges", words, page_action("rebase-merges")).toolbar());
        }
        let n_branches = plan.branches().count();
        if n_branches > 0 {
            let words = if plan.moves_branches {
                msg!("code-rebase-branches-leave", n = n_branches)
            } else {
                msg!("code-rebase-branches-take", n = n_branches)
            };
            actions.push(Action::new("code-rebase-branches", cx.msg(&words), page_action("rebase-branches")).toolbar());
        }
        actions
    }

    /// `rebase-again`, `rebase-close`, `rebase-autosquash`, `rebase-branches` and `rebase-merges`; false for everything else.
    pub(super) fn rebase_action(&mut self, word: &str, cx: &Cx<'_>) -> bool {
        match word {
            "rebase-again" => {
                if let (Some(workspace), Some((since, onto))) = (cx.workspace, self.rebase.asked.clone()) {
                    ask_plan(cx, workspace, since, onto);
                }
            }
            "rebase-close" => self.close_rebase(cx),
            "rebase-autosquash" => self.rebase.plan.autosquash(),
            "rebase-branches" => self.rebase.plan.moves_branches ^= true,
            "rebase-merges" => self.rebase.plan.keeps_merges ^= true,
            _ => return false,
        }
        true
    }

    pub(super) fn close_rebase(&mut self, cx: &Cx<'_>) {
        self.rebase = Draft::default();
        go_to(cx, HISTORY);
    }

    pub(super) fn rebase_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel) {
        // A plan that was carried out to its end has nothing more to say.
        let is_busy = repo.branching.operation.is_some();
        if std::mem::replace(&mut self.rebase.was_busy, is_busy) && !is_busy && repo.has_moved(&self.rebase.plan) {
            self.close_rebase(cx);
            return;
        }
        if self.rebase.of != repo.branching.n_plans
            && let Some(plan) = repo.branching.plan.value()
        {
            self.rebase.of = repo.branching.n_plans;
            self.rebase.plan = plan.clone();
            self.rebase.selected = plan.steps.len().saturating_sub(1);
            if let Some((oid, action)) = self.rebase.wish.take()
                && let Some(at) = plan.steps.iter().position(|step| step.oid == oid)
            {
                self.rebase.selected = at;
                self.rebase.set(at, action);
            }
        }
        let view = LoadableView {
            icon: icons::COMMIT,
            empty: &cx.t("code-rebase-nothing"),
            empty_action: None,
            progress: None,
        };
        let draft = &mut self.rebase;
        let is_empty = |plan: &RebasePlan| plan.steps.is_empty();
        let ask = loadable_ui(ui, &repo.branching.plan, &view, is_empty, |ui, _| {
            head_ui(ui, cx, &draft.plan);
            let has_message = draft
                .plan
                .steps
                .get(draft.selected)
                .is_some_and(|step| matches!(step.action, StepAction::Reword | StepAction::Squash));
            if has_message {
                split_bottom_ui(
                    ui,
                    "code-rebase-message",
                    MESSAGE_HEIGHT,
                    draft,
                    |ui, draft| message_ui(ui, cx, draft),
                    |ui, draft| steps_ui(ui, cx, draft),
                );
            } else {
                steps_ui(ui, cx, draft);
            }
        });
        if ask == Some(LoadableAsk::Retry)
            && let Some((since, onto)) = self.rebase.asked.clone()
        {
            ask_plan(cx, workspace, since, onto);
        }
    }
}

fn ask_plan(cx: &Cx<'_>, workspace: &Workspace, since: Option<String>, onto: Option<String>) {
    cx.ask(Command::Look {
        workspace: workspace.clone(),
        look: Look::Plan {
            since,
            onto,
            is_autosquash: false,
            moves_branches: false,
            leaves_merges: false,
            file: None,
        },
    });
}

fn fault_words(plan: &RebasePlan, fault: PlanFault) -> crate::base::Msg {
    let name = |at: usize| {
        let step = plan.steps.get(at);
        step.map_or_else(String::new, |step| format!("{} {}", short_oid(&step.oid), step.summary))
    };
    match fault {
        PlanFault::Empty => msg!("git-plan-empty"),
        PlanFault::NoCommand(_) => msg!("git-plan-no-command"),
        PlanFault::AcrossMerges(at) => msg!("git-plan-across-merges", step = name(at)),
        PlanFault::NothingToJoin(at) => msg!("git-plan-nothing-to-join", step = name(at)),
        PlanFault::NoMessage(at) => msg!("git-plan-no-message", step = name(at)),
    }
}

/// What is rebased where, and what one should know of it.
fn head_ui(ui: &mut Ui, cx: &Cx<'_>, plan: &RebasePlan) {
    bar_ui(ui, 34.0, |ui| {
        ui.spacing_mut().item_spacing.x = measure::SPACE_12;
        let n_published = plan.n_published();
        if n_published > 0 {
            state_mark::label_ui(ui, State::Degraded, &cx.msg(&msg!("code-rebase-published", n = n_published)))
                .on_hover_text(cx.t("code-rebase-published-hint"));
        }
        if plan.n_merges > 0 {
            let (state, words) = if plan.keeps_merges {
                (State::None, msg!("code-rebase-merges-kept", n = plan.n_merges))
            } else {
                (State::Degraded, msg!("code-rebase-merges", n = plan.n_merges))
            };
            state_mark::label_ui(ui, state, &cx.msg(&words));
        }
        let branches = plan.branches().collect::<Vec<_>>();
        if !branches.is_empty() {
            let (state, words) = if plan.moves_branches {
                (State::None, msg!("code-rebase-branches-move", n = branches.len()))
            } else {
                (State::Degraded, msg!("code-rebase-branches-stay", n = branches.len()))
            };
            state_mark::label_ui(ui, state, &cx.msg(&words)).on_hover_text(branches.join(", "));
        }
        let below = plan.onto.as_deref().or(plan.base.as_deref()).map_or("–", short_oid);
        let words = msg!(
            "code-rebase-of",
            n = plan.steps.len(),
            below = format!("{below} {}", plan.base_summary).trim()
        );
        text::weak(ui, &cx.msg(&words));
    });
}

fn steps_ui(ui: &mut Ui, cx: &Cx<'_>, draft: &mut Draft) {
    let body = ui.available_rect_before_wrap();
    let id = Id::unique("code-rebase-steps");
    let focus = ui.interact(body, id, Sense::focusable_noninteractive());
    let name = cx.t("code-tab-rebase");
    focus.widget_info(|| WidgetInfo::labeled(Role::List, true, &name));
    if focus.has_focus() {
        keys(ui, draft, id);
    }
    let n_steps = draft.plan.steps.len();
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .id_salt(id)
        .show_viewport(ui, |ui, viewport| {
            ui.set_min_size(vec2(ui.available_width(), n_steps as f32 * ROW));
            let top = ui.min_rect().top();
            let first = (viewport.top() / ROW).floor().max(0.0) as usize;
            let last = ((viewport.bottom() / ROW).ceil() as usize).min(n_steps);
            let mut asked: Option<(usize, StepAction)> = None;
            for at in first..last {
                let rect = Rect::from_min_size(pos2(body.left(), top + at as f32 * ROW), vec2(body.width(), ROW));
                if let Some(action) = step_ui(ui, cx, draft, at, rect, id) {
                    asked = Some((at, action));
                }
            }
            if let Some((at, action)) = asked {
                // Its message, if it takes one, is shown at once.
                draft.selected = at;
                draft.set(at, action);
            }
            drop_ui(ui, draft, top, body);
        });
}

/// The line where a dragged step would go, and the move when it is let go.
fn drop_ui(ui: &Ui, draft: &mut Draft, top: f32, body: Rect) {
    let Some(from) = draft.dragged else { return };
    let t = Tokens::of(ui);
    let Some(pointer) = ui.input(|input| input.pointer.latest_pos()) else {
        return;
    };
    let to = ((pointer.y - top) / ROW).round().clamp(0.0, draft.plan.steps.len() as f32) as usize;
    let y = top + to as f32 * ROW;
    ui.painter().hline(body.x_range(), y, Stroke::new(2.0, t.accent.mark));
    if ui.input(|input| input.pointer.any_released()) {
        draft.dragged = None;
        draft.shift(from, to);
    }
}

fn keys(ui: &Ui, draft: &mut Draft, id: Id) {
    let filter = egui::EventFilter {
        vertical_arrows: true,
        ..Default::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
    let last = draft.plan.steps.len().saturating_sub(1);
    let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
    let at = draft.selected;
    if pressed(Modifiers::ALT, Key::ArrowUp) && at > 0 {
        draft.shift(at, at - 1);
    }
    if pressed(Modifiers::ALT, Key::ArrowDown) && at < last {
        draft.shift(at, at + 2);
    }
    if pressed(Modifiers::NONE, Key::ArrowUp) {
        draft.selected = at.saturating_sub(1);
    }
    if pressed(Modifiers::NONE, Key::ArrowDown) {
        draft.selected = (at + 1).min(last);
    }
    for (key, action) in LETTERS {
        if pressed(Modifiers::NONE, key) {
            draft.set(draft.selected, action);
        }
    }
}

/// One step; the action that was chosen for it.
fn step_ui(ui: &mut Ui, cx: &Cx<'_>, draft: &mut Draft, at: usize, rect: Rect, list: Id) -> Option<StepAction> {
    let t = Tokens::of(ui);
    let step = draft.plan.steps[at].clone();
    let is_selected = draft.selected == at;
    let row = ui.interact(rect, list.with(("row", &step.oid)), Sense::click_and_drag());
    let spoken = format!("{} {} {}", cx.t(word_key(step.action)), short_oid(&step.oid), shown(&step));
    row.widget_info(|| WidgetInfo::selected(Role::Row, true, is_selected, &spoken));
    if draft.dragged == Some(at) {
        ui.painter().rect_filled(rect, 0.0, t.surface_3);
    } else if is_selected {
        ui.painter().rect_filled(rect, 0.0, t.accent.weak);
        ui.painter()
            .rect_filled(rect.with_max_x(rect.left() + 2.0), 0.0, t.accent.mark);
    } else if ui.rect_contains_pointer(rect) {
        ui.painter().rect_filled(rect, 0.0, t.surface_2);
    }
    if row.clicked() || row.drag_started() {
        draft.selected = at;
        ui.memory_mut(|memory| memory.request_focus(list));
    }
    if row.drag_started() {
        draft.dragged = Some(at);
    }
    let mut child = ui.new_child(
        UiBuilder::new()
            .max_rect(rect.shrink2(vec2(measure::GUTTER, 0.0)))
            .layout(Layout::left_to_right(Align::Center))
            .id_salt(("step", &step.oid)),
    );
    child.spacing_mut().item_spacing.x = measure::SPACE_8;
    icons::icon_ui(&mut child, icons::DRAG, measure::ICON_SMALL, t.text_weak, None).on_hover_cursor(CursorIcon::Grab);
    let chosen = action_ui(&mut child, cx, &step);
    if step.action.joins() {
        // What joins stands below the commit that it goes into.
        child.add_space(measure::SPACE_12);
        icons::icon_ui(&mut child, icons::UP, 12.0, t.text_weak, None);
    }
    let is_dropped = step.action == StepAction::Drop;
    let weak = |colour| if is_dropped { t.text_weak } else { colour };
    child.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let age = step.authored.map_or_else(String::new, |at| format::age(at, cx.now, cx.texts));
        ui.scope(|ui| {
            ui.set_max_width(64.0);
            text::weak(ui, &age);
        });
        if is_selected {
            let last = draft.plan.steps.len() - 1;
            if at < last && icon_button_small(ui, icons::DOWN, &cx.t("code-rebase-down")).clicked() {
                draft.shift(at, at + 2);
            }
            if at > 0 && icon_button_small(ui, icons::UP, &cx.t("code-rebase-up")).clicked() {
                draft.shift(at, at - 1);
            }
        }
        text::weak(ui, &step.author);
        if step.is_published {
            state_mark::label_small_ui(ui, State::Degraded, &cx.t("code-published"));
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            text::label(
                ui,
                short_oid(&step.oid),
                TextLook {
                    font: font::code(),
                    colour: t.text_weak,
                    cut: Cut::End,
                },
            );
            let response = text::label(
                ui,
                &shown(&step),
                TextLook {
                    font: font::body(),
                    colour: weak(t.text),
                    cut: Cut::End,
                },
            );
            if is_dropped {
                let line = response.rect;
                ui.painter()
                    .hline(line.x_range(), line.center().y, Stroke::new(1.0, t.text_weak));
            }
        });
    });
    chosen
}

/// The first line that the commit will have.
fn shown(step: &PlanStep) -> String {
    let new = step
        .message
        .as_ref()
        .and_then(|message| message.lines().find(|line| !line.trim().is_empty()));
    new.unwrap_or(&step.summary).to_owned()
}

fn word_key(action: StepAction) -> &'static str {
    match action {
        StepAction::Pick => "code-step-pick",
        StepAction::Reword => "code-step-reword",
        StepAction::Edit => "code-step-edit",
        StepAction::Squash => "code-step-squash",
        StepAction::Fixup => "code-step-fixup",
        StepAction::Drop => "code-step-drop",
        StepAction::Exec => "code-step-exec",
        StepAction::Break => "code-step-break",
    }
}

pub(super) fn hint_key(action: StepAction) -> &'static str {
    match action {
        StepAction::Pick => "code-step-pick-hint",
        StepAction::Reword => "code-step-reword-hint",
        StepAction::Edit => "code-step-edit-hint",
        StepAction::Squash => "code-step-squash-hint",
        StepAction::Fixup => "code-step-fixup-hint",
        StepAction::Drop => "code-step-drop-hint",
        StepAction::Exec => "code-step-exec-hint",
        StepAction::Break => "code-step-break-hint",
    }
}

fn action_ui(ui: &mut Ui, cx: &Cx<'_>, step: &PlanStep) -> Option<StepAction> {
    let word = cx.t(word_key(step.action));
    let rect = Rect::from_min_size(
        pos2(ui.cursor().left(), ui.max_rect().top() + 3.0),
        vec2(104.0, measure::BUTTON_SMALL),
    );
    let mut inner = ui.new_child(
        UiBuilder::new()
            .max_rect(rect)
            .layout(Layout::left_to_right(Align::Center))
            .id_salt(("action", &step.oid)),
    );
    let danger = step.action == StepAction::Drop;
    let response = inner.add(Button::new(&word).small().chevron().wide().danger(danger));
    ui.advance_cursor_after_rect(rect);
    let mut chosen = None;
    Popup::menu(&response).gap(4.0).show(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for (key, action) in LETTERS {
            let entry = MenuEntry {
                label: &cx.t(hint_key(action)),
                icon: (action == step.action).then_some(icons::CHECK),
                note: Some(key.name()),
                ..MenuEntry::default()
            };
            if menu_entry_ui(ui, &entry).clicked() {
                chosen = Some(action);
                ui.close();
            }
        }
    });
    chosen
}

/// The message of the selected step: a reword's is there at once, joined commits may get one.
fn message_ui(ui: &mut Ui, cx: &Cx<'_>, draft: &mut Draft) {
    let Some(step) = draft.plan.steps.get_mut(draft.selected) else {
        return;
    };
    let takes_focus = std::mem::take(&mut draft.writes_message);
    let t = Tokens::of(ui);
    let line = ui.available_rect_before_wrap();
    ui.painter().hline(line.x_range(), line.top() + 0.5, Stroke::new(1.0, t.line));
    egui::Frame::NONE
        .inner_margin(egui::Margin::symmetric(16, 10))
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = measure::SPACE_8;
            let is_squash = step.action == StepAction::Squash;
            let name = cx.msg(&msg!("code-rebase-message", commit = short_oid(&step.oid)));
            text::section(ui, &name);
            let mut words = step.message.clone().unwrap_or_default();
            let hint = if is_squash {
                cx.t("code-rebase-joined-hint")
            } else {
                String::new()
            };
            let response = Input::new(Id::unique(("code-rebase-message", &step.oid)), &name)
                .hint(&hint)
                .rows(4)
                .wrong(!is_squash && words.trim().is_empty())
                .show(ui, &mut words);
            if takes_focus {
                response.request_focus();
            }
            if response.changed() {
                step.message = (!is_squash || !words.trim().is_empty()).then_some(words);
            }
        });
}

/// What is done most with one commit of the past, each a rebase with one step set.
pub(super) fn quick(cx: &Cx<'_>, oid: &str, why: Option<&String>, is_first: bool) -> Vec<Action> {
    let act = |id: &'static str, word: &str, icon, why: Option<String>| {
        let open = Intent::Ui(UiIntent::PageAction(crate::areas::AreaId::Code, format!("{word}:{oid}")));
        Action::new(id, cx.t(id), open).icon(icon).disabled_because(why)
    };
    let nothing_below = is_first.then(|| cx.t("code-nothing-below"));
    vec![
        act("code-quick-reword", "rebase-reword", icons::EDIT, why.cloned()),
        act(
            "code-quick-squash",
            "rebase-squash",
            icons::MERGE,
            why.cloned().or(nothing_below),
        ),
        act("code-quick-drop", "rebase-drop", icons::DELETE, why.cloned()),
    ]
}

/// The acts on a row of history that begin a rebase.
pub(super) fn from_here(cx: &Cx<'_>, oid: &str) -> Action {
    let word = format!("rebase-from:{oid}");
    let open = Intent::Ui(UiIntent::PageAction(crate::areas::AreaId::Code, word));
    Action::new("code-rebase-from", cx.t("code-rebase-from"), open).icon(icons::EDIT)
}
