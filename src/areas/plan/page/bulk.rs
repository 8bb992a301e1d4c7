//! The bar above the table: saved views, groups, and what is done to all selected rows at once.

use super::{Page, key_of, words};
use crate::areas::page::{Action, Cx, Intent, UiIntent};
use crate::areas::plan::model::Plan;
use crate::areas::plan::views::{GROUPS, View};
use crate::areas::plan::{Change, Command, Item, Priority, state_name};
use crate::base::Workspace;
use crate::msg;
use crate::ui::button::Button;
use crate::ui::form;
use crate::ui::table::Sort;
use crate::ui::text;
use crate::ui::tokens::measure;
use crate::ui::{Ui, icons, page_frame};

/// In front of what is asked of all selected rows.
pub(super) const BULK: &str = "bulk:";
/// As wide as count, choices and the way out of it beside each other.
const WIDE: f32 = 900.0;
/// Names that are offered.
const MAX_CHOICES: usize = 40;

impl Page {
    /// What a group or a lane is made by.
    pub(super) fn group_choice_ui(ui: &mut Ui, cx: &Cx<'_>, value: &mut String, none: &str, label: &str) -> bool {
        let mut choices = vec![(String::new(), cx.t(none))];
        choices.extend(GROUPS.iter().map(|group| {
            let name = words::group_key(group);
            ((*group).to_owned(), format!("{} {}", cx.t(label), cx.t(name).to_lowercase()))
        }));
        form::choice_button_ui(ui, icons::LAYERS, value, &choices)
    }

    pub(super) fn bar_ui_of_table(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, plan: &Plan) {
        let n_selected = self.table.selected.len();
        // Beside an open detail there is no room for all of it in one line.
        let is_narrow = ui.available_width() < WIDE;
        let mut asked = None;
        page_frame::bar_ui(ui, 40.0, |ui| {
            ui.spacing_mut().item_spacing.x = measure::SPACE_12;
            if n_selected < 2 {
                self.view_choice_ui(ui, cx);
                Self::group_choice_ui(ui, cx, &mut self.group, "plan-group-none", "plan-group-by");
                return;
            }
            text::medium(ui, &cx.msg(&msg!("plan-selected", n = n_selected)));
            if !is_narrow {
                asked = choices_ui(ui, cx, workspace, plan);
            }
            let clear = cx.t("plan-bulk-clear");
            if ui.add(Button::new(&clear).small().bare()).clicked() {
                self.table.clear_selection();
            }
        });
        if n_selected > 1 && is_narrow {
            page_frame::bar_ui(ui, 40.0, |ui| {
                ui.spacing_mut().item_spacing.x = measure::SPACE_8;
                asked = choices_ui(ui, cx, workspace, plan);
            });
        }
        if let Some(changes) = asked {
            self.change_selected(cx, workspace, plan, &changes);
        }
    }

    /// Those whose rows are selected.
    pub(super) fn chosen<'a>(&self, plan: &'a Plan) -> Vec<&'a Item> {
        let items = plan.items.values();
        items.filter(|item| self.table.selected.contains(&key_of(item))).collect()
    }

    /// What an action of several rows asks for, by its name.
    pub(super) fn act_on_chosen(&mut self, cx: &Cx<'_>, workspace: &Workspace, plan: &Plan, name: &str) {
        if let Some(state) = name.strip_prefix("state:") {
            self.change_selected(cx, workspace, plan, &[Change::State(state.to_owned())]);
        } else if name == "delete" {
            for item in self.chosen(plan) {
                cx.ask(Command::Delete {
                    workspace: workspace.clone(),
                    id: item.id.clone(),
                });
            }
        }
    }

    fn change_selected(&mut self, cx: &Cx<'_>, workspace: &Workspace, plan: &Plan, changes: &[Change]) {
        let items: Vec<&Item> = self
            .chosen(plan)
            .into_iter()
            .filter(|item| changes.iter().any(|change| is_news(item, change)))
            .collect();
        if items.is_empty() {
            return;
        }
        let edits = items.iter().map(|item| (item.id.clone(), changes.to_vec()));
        cx.ask(Command::EditMany {
            workspace: workspace.clone(),
            edits: edits.collect(),
        });
        let back = items
            .iter()
            .map(|item| (*item, changes.iter().map(|change| inverse(item, change)).collect()));
        self.promise(cx, back, None);
    }

    /// Shows a saved view: its filter, groups, sort and tab.
    pub(super) fn take_view(&mut self, cx: &Cx<'_>, name: &str) {
        name.clone_into(&mut self.view);
        let views = cx
            .workspace
            .and_then(|workspace| cx.model.plan.beside(&workspace.id))
            .map(|beside| beside.views.as_slice());
        let view = views
            .into_iter()
            .flatten()
            .find(|view| view.name == name)
            .cloned()
            .unwrap_or_default();
        cx.ask(Intent::Ui(UiIntent::Filter(view.filter)));
        self.group.clone_from(&view.group);
        self.lanes.clone_from(&view.group);
        self.table.sort = (!view.sort.is_empty()).then(|| Sort {
            column: view.sort.trim_start_matches('-').to_owned(),
            descending: view.sort.starts_with('-'),
        });
    }

    /// What is seen now, as a view.
    pub(super) fn view_now(&self, cx: &Cx<'_>, name: &str) -> View {
        let sort = self.table.sort.as_ref();
        View {
            name: name.trim().to_owned(),
            filter: cx.filter.trim().to_owned(),
            tab: cx.tab.to_owned(),
            group: if cx.tab == super::BOARD {
                self.lanes.clone()
            } else {
                self.group.clone()
            },
            sort: sort.map_or_else(String::new, |sort| {
                format!("{}{}", if sort.descending { "-" } else { "" }, sort.column)
            }),
        }
    }
}

/// What can be done with several rows at once.
pub(super) fn actions(cx: &Cx<'_>, plan: &Plan, chosen: &[&Item]) -> Vec<Action> {
    let n = chosen.len();
    let mut actions = Vec::new();
    for (index, column) in plan.workflow.columns.iter().enumerate() {
        let goes = |item: &&Item| plan.column_of(item) != index && plan.workflow.allows(&item.state, &column.state);
        if !chosen.iter().any(goes) {
            continue;
        }
        let label = cx.msg(&msg!("plan-move-n-to", n = n, state = state_name(&column.state, cx.texts)));
        let intent = super::page_action(&format!("{BULK}state:{}", column.state));
        actions.push(Action::new(format!("plan-move-{index}"), label, intent).icon(icons::RIGHT));
    }
    let delete = super::page_action(&format!("{BULK}delete"));
    let label = cx.msg(&msg!("plan-delete-n", n = n));
    actions.push(Action::new("plan-delete", label, delete).icon(icons::DELETE).danger());
    let ids: Vec<&str> = chosen.iter().map(|item| item.id.as_str()).collect();
    let copy = Intent::Ui(UiIntent::Copy(ids.join("\n")));
    actions.push(Action::new("plan-copy-id", cx.msg(&msg!("plan-copy-n", n = n)), copy).icon(icons::COPY));
    actions
}

fn choices_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, plan: &Plan) -> Option<Vec<Change>> {
    let mut asked = None;
    let mut state = None;
    let mut states = vec![(None, cx.t("plan-bulk-state"))];
    states.extend(
        plan.workflow
            .columns
            .iter()
            .map(|column| (Some(column.state.clone()), state_name(&column.state, cx.texts))),
    );
    if form::choice_button_ui(ui, icons::BOARD, &mut state, &states) {
        asked = state.map(|state| vec![Change::State(state)]);
    }
    let mut priority: Option<Option<Priority>> = None;
    let mut priorities = vec![(None, cx.t("plan-bulk-priority")), (Some(None), cx.t("plan-priority-none"))];
    priorities.extend(Priority::ALL.map(|priority| (Some(Some(priority)), cx.t(priority.key()))));
    if form::choice_button_ui(ui, icons::FLAG, &mut priority, &priorities) {
        asked = priority.map(|priority| vec![Change::Priority(priority)]);
    }
    let beside = cx.model.plan.beside(&workspace.id);
    let mut people: Vec<String> = plan.items.values().filter_map(|item| item.assignee.clone()).collect();
    people.extend(
        beside
            .into_iter()
            .flat_map(|beside| beside.authors.iter().chain(&beside.me).cloned()),
    );
    people.sort_unstable();
    people.dedup();
    let mut person: Option<Option<String>> = None;
    let mut names = vec![(None, cx.t("plan-bulk-assignee")), (Some(None), cx.t("plan-none-of-it"))];
    names.extend(
        people
            .into_iter()
            .take(MAX_CHOICES)
            .map(|name| (Some(Some(name.clone())), name)),
    );
    if form::choice_button_ui(ui, icons::PERSON, &mut person, &names) {
        asked = person.map(|name| vec![Change::Assignee(name)]);
    }
    let mut labels: Vec<String> = plan.items.values().flat_map(|item| item.labels.iter().cloned()).collect();
    labels.sort_unstable();
    labels.dedup();
    let mut label = None;
    let mut choices = vec![(None, cx.t("plan-bulk-label"))];
    choices.extend(labels.into_iter().take(MAX_CHOICES).map(|label| (Some(label.clone()), label)));
    if form::choice_button_ui(ui, icons::TAG, &mut label, &choices) {
        asked = label.map(|label| vec![Change::AddLabel(label)]);
    }
    asked
}

/// The item is not as the change would have it already.
fn is_news(item: &Item, change: &Change) -> bool {
    match change {
        Change::AddLabel(label) => !item.labels.contains(label),
        change => inverse(item, change) != *change,
    }
}

/// What brings an item back to before a change.
fn inverse(item: &Item, change: &Change) -> Change {
    match change {
        Change::State(_) => Change::State(item.state.clone()),
        Change::Priority(_) => Change::Priority(item.priority),
        Change::Assignee(_) => Change::Assignee(item.assignee.clone()),
        _ => Change::Labels(item.labels.clone()),
    }
}
