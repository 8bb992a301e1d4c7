//! The dialog for a new item and for the values of one that is there.

use super::words;
use crate::areas::page::Cx;
use crate::areas::plan::{Change, Command, Draft, Item, Kind, Priority};
use crate::base::Workspace;
use crate::msg;
use crate::ui::dialog::{Answer, Dialog};
use crate::ui::{Ui, form};
use jiff::civil::Date;

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

    /// Draws the dialog; false when it is over.
    pub(super) fn ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace) -> bool {
        let (title, confirm) = match &self.item {
            Some(item) => (
                cx.msg(&msg!("plan-form-edit", id = item.id.as_str())),
                cx.msg(&msg!("plan-form-save", id = item.id.as_str())),
            ),
            None => (cx.t("plan-form-new"), cx.t("plan-form-create")),
        };
        let dialog = Dialog::new("plan-form", &title, &confirm).width(560.0).enter_is_a_new_line();
        match dialog.show(ui.ctx(), |ui| self.fields_ui(ui, cx)) {
            Answer::Open => true,
            Answer::Cancelled => false,
            Answer::Confirmed => {
                self.send(cx, workspace);
                false
            }
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
            ui.memory_mut(|memory| memory.request_focus(title));
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
        let some = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        let list = |text: &str| -> Vec<String> {
            text.split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .map(str::to_owned)
                .collect()
        };
        let due = self.due_date(cx);
        let Some(item) = &self.item else {
            cx.ask(Command::CreateQuick {
                workspace: workspace.clone(),
                line: self.title.clone(),
                draft: Draft {
                    kind: self.kind.clone(),
                    state: self.state.clone(),
                    priority: self.priority,
                    labels: list(&self.labels),
                    due,
                    assignee: some(&self.assignee),
                    milestone: some(&self.milestone),
                    body: self.body.clone(),
                    ..Draft::default()
                },
            });
            return;
        };
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
        let changes: Vec<Change> = all
            .into_iter()
            .filter(|(is_changed, _)| *is_changed)
            .map(|(_, change)| change)
            .collect();
        if !changes.is_empty() {
            cx.ask(Command::edit(workspace, item, changes));
        }
    }
}
