//! The dialog for a new item and for the values of one that is there.

use super::{Page, words};
use crate::areas::page::{Cx, Intent, UiIntent};
use crate::areas::plan::{Change, Command, Draft, Item, Kind, Priority};
use crate::base::{Workspace, WorkspaceId};
use crate::msg;
use crate::ui::dialog::{Answer, Dialog};
use crate::ui::{Ui, form};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// What is being typed.
pub(super) struct Form {
    /// The item that is changed; None makes a new one.
    item: Option<Box<Item>>,
    state: Option<String>,
    title: String,
    kind: Kind,
    priority: Option<Priority>,
    labels: String,
    assignee: String,
    milestone: String,
    due: String,
    estimate: String,
    parent: String,
    depends: String,
    body: String,
    /// The title has been given the keyboard.
    has_focus: bool,
}

impl Form {
    /// For a new item, in this state or in the first one.
    pub(super) fn new(state: Option<String>) -> Self {
        Self {
            item: None,
            state,
            title: String::new(),
            kind: Kind::Feature,
            priority: None,
            labels: String::new(),
            assignee: String::new(),
            milestone: String::new(),
            due: String::new(),
            estimate: String::new(),
            parent: String::new(),
            depends: String::new(),
            body: String::new(),
            has_focus: false,
        }
    }

    pub(super) fn of(item: &Item) -> Self {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        Self {
            item: Some(Box::new(item.clone())),
            state: Some(item.state.clone()),
            title: item.title.clone(),
            kind: item.kind.clone(),
            priority: item.priority,
            labels: item.labels.join(", "),
            assignee: text(&item.assignee),
            milestone: text(&item.milestone),
            due: item.due.map(|due| due.to_string()).unwrap_or_default(),
            estimate: text(&item.estimate),
            parent: text(&item.parent),
            depends: item.depends.join(", "),
            body: item.body.clone(),
            has_focus: false,
        }
    }

    /// Draws the dialog.
    fn ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> Answer {
        let (title, confirm) = match &self.item {
            Some(item) => (
                cx.msg(&msg!("plan-form-edit", id = item.id.as_str())),
                cx.msg(&msg!("plan-form-save", id = item.id.as_str())),
            ),
            None => (cx.t("plan-form-new"), cx.t("plan-form-create")),
        };
        let dialog = Dialog::new("plan-form", &title, &confirm).width(560.0).enter_is_a_new_line();
        dialog.show(ui.ctx(), |ui| self.fields_ui(ui, cx))
    }

    /// Whether somebody wrote something into it.
    fn is_written(&self, cx: &Cx<'_>) -> bool {
        match &self.item {
            Some(item) => !self.changes(cx, item).is_empty(),
            None => [
                &self.title,
                &self.labels,
                &self.assignee,
                &self.milestone,
                &self.due,
                &self.body,
            ]
            .iter()
            .any(|text| !text.trim().is_empty()),
        }
    }

    fn fields_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> bool {
        let is_new = self.item.is_none();
        let wrong_due = (!self.due.trim().is_empty() && self.due_date(cx).is_none()).then(|| cx.t("plan-remark-date-hint"));
        let estimate = self.estimate.trim();
        let wrong_estimate = (!estimate.is_empty() && crate::areas::plan::estimate::parse(estimate).is_none())
            .then(|| cx.t("plan-remark-estimate-hint"));
        let kinds = self.kinds(cx);
        let mut priorities = vec![(None, cx.t("plan-priority-none"))];
        priorities.extend(Priority::ALL.map(|priority| (Some(priority), cx.t(priority.key()))));
        let body_is_cut = self.item.as_ref().is_some_and(|item| item.body_is_cut);
        let response = form::form_beside_ui(ui, "plan-form", 104.0, |form| {
            form.text(&cx.t("plan-field-title"), &mut self.title, &cx.t("plan-title-hint"), None);
            if is_new {
                form.note(&cx.t("plan-quick-help"));
            }
            form.choice(&cx.t("plan-field-type"), &mut self.kind, &kinds);
            form.choice(&cx.t("plan-field-priority"), &mut self.priority, &priorities);
            form.text(&cx.t("plan-field-labels"), &mut self.labels, &cx.t("plan-labels-hint"), None);
            form.text(
                &cx.t("plan-field-assignee"),
                &mut self.assignee,
                &cx.t("plan-assignee-hint"),
                None,
            );
            form.text(&cx.t("plan-field-milestone"), &mut self.milestone, "", None);
            form.text(
                &cx.t("plan-field-due"),
                &mut self.due,
                &cx.t("plan-due-hint"),
                wrong_due.as_deref(),
            );
            if !is_new {
                form.text(
                    &cx.t("plan-field-estimate"),
                    &mut self.estimate,
                    &cx.t("plan-estimate-hint"),
                    wrong_estimate.as_deref(),
                );
                form.text(&cx.t("plan-field-parent"), &mut self.parent, "", None);
                form.text(
                    &cx.t("plan-field-depends"),
                    &mut self.depends,
                    &cx.t("plan-depends-hint"),
                    None,
                );
            }
            if !body_is_cut {
                let rows = if is_new { 4 } else { 8 };
                form.lines(&cx.t("plan-text"), &mut self.body, rows, &cx.t("plan-text-hint"), None);
            }
        });
        if !std::mem::replace(&mut self.has_focus, true) {
            // The form gives its fields ids by their labels.
            let title = egui::Id::unique(("ui-form", "plan-form")).with(cx.t("plan-field-title").as_str());
            crate::ui::offers::go_on_typing(ui, title, &self.title);
        }
        response.valid && !self.title.trim().is_empty()
    }

    fn kinds(&self, cx: &Cx<'_>) -> Vec<(Kind, String)> {
        let mut kinds: Vec<(Kind, String)> = Kind::ALL
            .into_iter()
            .map(|kind| (kind.clone(), words::kind_name(cx, &kind)))
            .collect();
        if let Some(Kind::Other(word)) = self.item.as_ref().map(|item| &item.kind) {
            kinds.push((Kind::Other(word.clone()), word.clone()));
        }
        kinds
    }

    fn due_date(&self, cx: &Cx<'_>) -> Option<Date> {
        crate::areas::plan::quick::day(self.due.trim(), words::today(cx))
    }

    fn send(&self, cx: &Cx<'_>, workspace: &Workspace) {
        let Some(item) = &self.item else {
            cx.ask(Command::CreateQuick {
                workspace: workspace.clone(),
                line: self.title.clone(),
                draft: Draft {
                    kind: self.kind.clone(),
                    state: self.state.clone(),
                    priority: self.priority,
                    labels: list(&self.labels),
                    due: self.due_date(cx),
                    assignee: some(&self.assignee),
                    milestone: some(&self.milestone),
                    body: self.body.clone(),
                    ..Draft::default()
                },
            });
            return;
        };
        let changes = self.changes(cx, item);
        if !changes.is_empty() {
            cx.ask(Command::edit(workspace, item, changes));
        }
    }

    /// What would be changed of the item.
    fn changes(&self, cx: &Cx<'_>, item: &Item) -> Vec<Change> {
        let due = self.due_date(cx);
        let all = [
            (self.title.trim() != item.title, Change::Title(self.title.trim().to_owned())),
            (self.kind != item.kind, Change::Kind(self.kind.clone())),
            (self.priority != item.priority, Change::Priority(self.priority)),
            (list(&self.labels) != item.labels, Change::Labels(list(&self.labels))),
            (some(&self.assignee) != item.assignee, Change::Assignee(some(&self.assignee))),
            (
                some(&self.milestone) != item.milestone,
                Change::Milestone(some(&self.milestone)),
            ),
            (due != item.due, Change::Due(due)),
            (some(&self.estimate) != item.estimate, Change::Estimate(some(&self.estimate))),
            (some(&self.parent) != item.parent, Change::Parent(some(&self.parent))),
            (list(&self.depends) != item.depends, Change::Depends(list(&self.depends))),
            (self.body != item.body && !item.body_is_cut, Change::Body(self.body.clone())),
        ];
        all.into_iter()
            .filter(|(is_changed, _)| *is_changed)
            .map(|(_, change)| change)
            .collect()
    }
}

fn some(text: &str) -> Option<String> {
    (!text.trim().is_empty()).then(|| text.trim().to_owned())
}

fn list(text: &str) -> Vec<String> {
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Forms that were left before they were sent: nothing that was written is lost.
#[derive(Default)]
pub(super) struct Left {
    /// The new item of each workspace.
    new: BTreeMap<WorkspaceId, Form>,
    /// The item that was changed last.
    changed: Option<Form>,
}

impl Page {
    /// Opens the form of a new item, in this state or in the first one, with what was written before.
    pub(super) fn open_new(&mut self, cx: &Cx<'_>, state: Option<String>) {
        let left = cx.workspace.and_then(|workspace| self.left.new.remove(&workspace.id));
        self.form = Some(match left {
            Some(left) => Form {
                state: state.or(left.state),
                has_focus: false,
                ..left
            },
            None => Form::new(state),
        });
    }

    /// Opens the form of a changed item again, as it was left.
    pub(super) fn open_left(&mut self) {
        if let Some(left) = self.left.changed.take() {
            self.form = Some(Form {
                has_focus: false,
                ..left
            });
        }
    }

    /// Draws the form that is open.
    pub(super) fn form_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let Some(workspace) = cx.workspace else { return };
        let Some(mut form) = self.form.take() else { return };
        match form.ui(ui, cx) {
            Answer::Open => self.form = Some(form),
            Answer::Confirmed => form.send(cx, workspace),
            Answer::Cancelled if form.is_written(cx) => match &form.item {
                None => {
                    self.left.new.insert(workspace.id.clone(), form);
                }
                Some(item) => {
                    cx.ask(Intent::Ui(UiIntent::Toast {
                        text: cx.msg(&msg!("plan-form-left", id = item.id.as_str())),
                        word: Some(cx.t("plan-form-again")),
                        undo: Some(Box::new(super::page_action("form-again"))),
                    }));
                    self.left.changed = Some(form);
                }
            },
            Answer::Cancelled => {}
        }
    }
}
