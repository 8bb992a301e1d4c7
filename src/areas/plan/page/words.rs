//! Small things that board, table and detail of Plan share: icons, dates in words, the actions of an item.

use crate::areas::page::{Action, Cx, Intent, UiIntent};
use crate::areas::plan::model::Plan;
use crate::areas::plan::{Change, Command, Item, Kind, Priority, state_name};
use crate::base::{Target, Workspace, format};
use crate::msg;
use crate::ui::icons::{self, Icon};
use crate::ui::tokens::{Tokens, measure};
use egui::{Color32, Frame, Margin, ScrollArea, Ui};
use jiff::civil::Date;

pub(super) fn icon_of(kind: &Kind) -> Icon {
    match kind {
        Kind::Feature => icons::STAR,
        Kind::Bug => icons::BUG,
        Kind::Performance => icons::SPEED,
        Kind::Chore => icons::TOOL,
        Kind::Milestone => icons::FLAG,
        Kind::Other(_) => icons::TEXT,
    }
}

pub(super) fn colour_of(t: &Tokens, kind: &Kind) -> Color32 {
    match kind {
        Kind::Feature => t.accent.text,
        Kind::Bug => t.danger.text,
        Kind::Performance => t.warning.text,
        Kind::Milestone => t.info.text,
        Kind::Chore | Kind::Other(_) => t.text_weak,
    }
}

pub(super) fn kind_name(cx: &Cx<'_>, kind: &Kind) -> String {
    kind.key()
        .map_or_else(|| crate::base::SafeText::new(kind.word()).into_string(), |key| cx.t(key))
}

pub(super) fn priority_name(cx: &Cx<'_>, priority: Option<Priority>) -> String {
    priority.map_or_else(String::new, |priority| cx.t(priority.key()))
}

pub(super) fn today(cx: &Cx<'_>) -> Date {
    format::local(cx.now).date()
}

/// `24 Nov`, with the year when it is another one.
pub(super) fn day(cx: &Cx<'_>, date: Date) -> String {
    let text = format::day_of_month(date, cx.texts);
    if date.year() == today(cx).year() {
        text
    } else {
        format!("{text} {}", date.year())
    }
}

/// `in 3 days`, `today`, `2 days ago`.
pub(super) fn distance(cx: &Cx<'_>, date: Date) -> String {
    let days = (date - today(cx)).get_days();
    match days {
        0 => cx.t("plan-today"),
        days if days > 0 => cx.msg(&msg!("plan-in-days", n = days)),
        days => cx.msg(&msg!("plan-days-ago", n = -days)),
    }
}

pub(super) fn is_late(cx: &Cx<'_>, plan: &Plan, item: &Item) -> bool {
    item.due.is_some_and(|due| due < today(cx)) && !item.is_done(&plan.workflow)
}

/// The key of the name of what items are grouped by.
pub(super) fn group_key(group: &str) -> &'static str {
    match group {
        "state" => "plan-field-state",
        "type" => "plan-field-type",
        "priority" => "plan-field-priority",
        "assignee" => "plan-field-assignee",
        "label" => "plan-field-labels",
        "milestone" => "plan-field-milestone",
        _ => "plan-field-parent",
    }
}

/// A group in words.
pub(super) fn group_name(cx: &Cx<'_>, plan: &Plan, group: &str, value: &str) -> String {
    if value.is_empty() {
        return format!("{}: {}", cx.t(group_key(group)), cx.t("plan-none-of-it").to_lowercase());
    }
    match group {
        "state" if plan.workflow.column_of(value).is_none() => cx.t("plan-column-other"),
        "state" => state_name(value, cx.texts),
        "type" => kind_name(cx, &Kind::from(value.to_owned())),
        "priority" => priority_name(cx, Priority::from_word(value)),
        "parent" => plan
            .item(value)
            .map_or_else(|| value.to_owned(), |item| format!("{} {}", item.id, item.title)),
        _ => crate::base::SafeText::new(value).into_string(),
    }
}

/// What can be done with an item.
pub(super) fn item_actions(cx: &Cx<'_>, workspace: &Workspace, plan: &Plan, item: &Item) -> Vec<Action> {
    let edit = Action::new("plan-edit", cx.t("plan-edit"), super::page_action("edit")).icon(icons::EDIT);
    let mut actions = vec![edit];
    if item.in_conflict {
        let target = Target::ChangedFile {
            workspace: workspace.id.clone(),
            path: item.file.to_string_lossy().into_owned(),
        };
        let solve = Action::new("plan-solve", cx.t("plan-solve"), Intent::Go(target));
        actions = vec![solve.icon(icons::MERGE).primary()];
    }
    let here = plan.column_of(item);
    for (index, column) in plan.workflow.columns.iter().enumerate() {
        if index == here || !plan.workflow.allows(&item.state, &column.state) {
            continue;
        }
        let label = cx.msg(&msg!("plan-move-to", state = state_name(&column.state, cx.texts)));
        let command = Command::edit(workspace, item, vec![Change::State(column.state.clone())]);
        let action = Action::new(format!("plan-move-{index}"), label, command.into()).icon(icons::RIGHT);
        actions.push(action);
    }
    let delete = Command::Delete {
        workspace: workspace.clone(),
        id: item.id.clone(),
    };
    let label = cx.msg(&msg!("plan-delete", id = item.id.as_str()));
    actions.push(Action::new("plan-delete", label, delete.into()).icon(icons::DELETE).danger());
    let copy = Intent::Ui(UiIntent::Copy(item.id.clone()));
    actions.push(Action::new("plan-copy-id", cx.msg(&msg!("plan-copy", id = item.id.as_str())), copy).icon(icons::COPY));
    actions
}

/// A page of its own below each other, with the gutters of a page.
pub(super) fn scroll_ui(ui: &mut Ui, id: &str, content: impl FnOnce(&mut Ui)) {
    ScrollArea::vertical().auto_shrink([false, false]).id_salt(id).show(ui, |ui| {
        Frame::NONE.inner_margin(Margin::symmetric(16, 12)).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = measure::SPACE_12;
            content(ui);
        });
    });
}
