//! The banner above every tab while git is in the middle of something: what it is, how far, and how it goes on.

use super::{CONFLICTS, Page};
use crate::areas::AreaId;
use crate::areas::code::act::Act;
use crate::areas::code::branching::{Branching, operation_title};
use crate::areas::page::{Action, Cx, Intent};
use crate::base::git_act::{GitAct, Verdict};
use crate::base::operation::OperationState;
use crate::base::repo::{Operation, short_oid};
use crate::base::{State, Target, Workspace};
use crate::msg;
use crate::ui::text::{self, Cut, Look};
use crate::ui::theme::font;
use crate::ui::tokens::{Tokens, measure};
use crate::ui::{action, icons, state_mark};
use egui::{Align, Layout, Sense, Stroke, Ui, UiBuilder, vec2};

const HEIGHT: f32 = 44.0;

/// How the operation goes on: continue, skip, abort; for a bisect the verdicts.
pub(super) fn actions(cx: &Cx<'_>, workspace: &Workspace, operation: &OperationState) -> Vec<Action> {
    let act = |act: GitAct| Intent::from(Act::Git(act).on(workspace));
    let mut actions = Vec::new();
    if operation.can_continue() {
        let why = (operation.n_conflicted > 0).then(|| cx.msg(&msg!("code-unresolved", n = operation.n_conflicted)));
        actions.push(
            Action::new("code-continue", cx.t("code-continue"), act(GitAct::Continue))
                .icon(icons::RUN)
                .disabled_because(why),
        );
    } else if !operation.is_found {
        for (verdict, id, key) in [
            (Verdict::Good, "code-bisect-good", "code-bisect-good"),
            (Verdict::Bad, "code-bisect-bad", "code-bisect-bad"),
        ] {
            actions.push(Action::new(id, cx.t(key), act(GitAct::Bisect { verdict })));
        }
    }
    if operation.can_skip() && !operation.is_found {
        actions.push(Action::new("code-skip", cx.t("code-skip"), act(GitAct::Skip)));
    }
    let (key, is_danger) = if operation.kind == Operation::Bisect {
        ("code-bisect-end", false)
    } else {
        ("code-abort", true)
    };
    let abort = Action::new("code-abort", cx.t(key), act(GitAct::Abort)).icon(icons::CLOSE);
    actions.push(if is_danger { abort.danger() } else { abort });
    actions
}

impl Page {
    /// Nothing while the repository is at rest.
    pub(super) fn banner_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, known: &Branching) {
        if known.operation.is_none() && known.conflicts.is_empty() {
            return;
        }
        let t = Tokens::of(ui);
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::hover());
        ui.painter().rect_filled(rect, 0.0, t.warning.weak);
        ui.painter()
            .hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, t.line));
        let inner = rect.shrink2(vec2(measure::GUTTER, 0.0));
        let mut right = ui.new_child(
            UiBuilder::new()
                .max_rect(inner)
                .layout(Layout::right_to_left(Align::Center))
                .id_salt("banner-acts"),
        );
        right.spacing_mut().item_spacing.x = measure::SPACE_8;
        let mut asked = None;
        if let Some(operation) = &known.operation {
            for action in actions(cx, workspace, operation).iter().rev() {
                asked = action::button_ui(&mut right, action).or(asked);
            }
        }
        if !known.conflicts.is_empty() && cx.tab != CONFLICTS {
            let to = Target::Page {
                area: AreaId::Code.word().to_owned(),
                tab: Some(CONFLICTS.to_owned()),
            };
            let words = cx.msg(&msg!("code-resolve-n", n = known.conflicts.len()));
            let resolve = Action::new("code-resolve", words, Intent::Go(to));
            asked = action::button_ui(&mut right, &resolve).or(asked);
        }
        cx.intents.borrow_mut().extend(asked);
        let words = rect
            .with_min_x(inner.left())
            .with_max_x(right.min_rect().left() - measure::SPACE_12);
        let mut left = ui.new_child(
            UiBuilder::new()
                .max_rect(words)
                .layout(Layout::left_to_right(Align::Center))
                .id_salt("banner-words"),
        );
        left.spacing_mut().item_spacing.x = measure::SPACE_12;
        words_ui(&mut left, cx, known);
    }
}

fn words_ui(ui: &mut Ui, cx: &Cx<'_>, known: &Branching) {
    let t = Tokens::of(ui);
    icons::icon_ui(ui, icons::MERGE, measure::ICON, t.warning.text, None);
    let Some(operation) = &known.operation else {
        text::medium(ui, &cx.msg(&msg!("code-unresolved", n = known.conflicts.len())));
        return;
    };
    text::medium(ui, &cx.msg(&operation_title(operation)));
    if operation.n_steps > 0 {
        text::weak(
            ui,
            &cx.msg(&msg!("code-step-of", step = operation.step, of = operation.n_steps)),
        );
    }
    let state = match (operation.n_conflicted, operation.kind) {
        (0, Operation::Bisect) if operation.is_found => Some((State::Done, cx.t("code-bisect-found"))),
        (0, Operation::Bisect) => None,
        (0, _) if operation.is_edit_stop => Some((State::InProgress, cx.t("code-stopped-to-edit"))),
        (0, _) => Some((State::Done, cx.t("code-all-resolved"))),
        (n, _) => Some((State::Degraded, cx.msg(&msg!("code-n-in-conflict", n = n)))),
    };
    if let Some((state, word)) = state {
        state_mark::label_ui(ui, state, &word);
    }
    if let Some(n) = operation.n_left {
        let left = msg!("code-bisect-left", n = n, steps = operation.n_verdicts_left());
        text::weak(ui, &cx.msg(&left));
    }
    if operation.has_put_away {
        state_mark::label_ui(ui, State::InProgress, &cx.t("code-put-away"));
    }
    if let Some(commit) = &operation.current {
        let words = format!("{} {}", short_oid(&commit.oid), commit.summary);
        let look = Look {
            font: font::body(),
            colour: t.text_weak,
            cut: Cut::End,
        };
        text::label(ui, words.trim(), look);
    }
}
