//! The part of a case's panel for test plans: its steps, and what somebody found, with a note and a file that shows it.

use crate::areas::AreaId;
use crate::areas::page::{Action, Cx, Intent, UiIntent};
use crate::areas::test::Command;
use crate::areas::test::frameworks::{CaseId, Framework};
use crate::areas::test::model::Tests;
use crate::base::{State, Workspace};
use crate::msg;
use crate::ui::input::Input;
use crate::ui::{Ui, detail, icons, text};
use std::path::PathBuf;

/// What is being written down, and of which case.
#[derive(Default)]
pub(super) struct Draft {
    case: Option<CaseId>,
    note: String,
    pub(super) evidence: Option<PathBuf>,
}

/// The steps of a case that people carry out, and what they found.
pub(super) fn ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, tests: &Tests, id: &CaseId, draft: &mut Draft) {
    let plan = tests
        .plans
        .iter()
        .find(|plan| id.framework == Framework::Manual && plan.name == id.suite);
    let Some((plan, case)) = plan.and_then(|plan| Some((plan, plan.cases.iter().find(|case| case.id == id.name)?))) else {
        return;
    };
    if draft.case.as_ref() != Some(id) {
        *draft = Draft {
            case: Some(id.clone()),
            ..Draft::default()
        };
    }
    detail::titled_section_ui(ui, &case.title, &plan.title, |ui| {
        for (at, step) in case.steps.iter().enumerate() {
            text::wrapped(ui, &format!("{}. {step}", at + 1));
        }
        if !case.expected.is_empty() {
            text::wrapped(ui, &cx.msg(&msg!("test-plan-expected", words = case.expected.as_str())));
        }
        let name = cx.t("test-plan-note");
        Input::new(egui::Id::unique(("test", "plan-note")), &name)
            .hint(&name)
            .rows(2)
            .show(ui, &mut draft.note);
        if let Some(file) = &draft.evidence {
            text::small(ui, &file.display().to_string());
        }
    });
    let found = |state: State| Command::RecordPlan {
        workspace: workspace.clone(),
        plan: plan.name.clone(),
        case: case.id.clone(),
        state,
        note: draft.note.clone(),
        evidence: draft.evidence.clone(),
    };
    let pick = Intent::Ui(UiIntent::PickFile(AreaId::Test, "evidence".to_owned()));
    let mut actions = vec![
        Action::new("test-plan-passed", cx.t("test-mark-passed"), found(State::Done).into()).icon(icons::CHECK),
        Action::new("test-plan-failed", cx.t("test-mark-failed"), found(State::Failed).into()).icon(icons::CLOSE),
        Action::new("test-plan-skipped", cx.t("test-mark-skipped"), found(State::Skipped).into()).icon(icons::PAUSE),
        Action::new("test-plan-evidence", cx.t("test-plan-evidence"), pick).icon(icons::FILE),
    ];
    let run = |case: Option<String>| Command::RunPlan {
        workspace: workspace.clone(),
        plan: plan.name.clone(),
        case,
    };
    let why_not = super::words::why_not_run(cx, workspace);
    if case.test.is_some() {
        let one = Action::new("test-plan-run", cx.t("test-plan-run"), run(Some(case.id.clone())).into());
        actions.push(one.icon(icons::RUN).disabled_because(why_not.clone()));
    }
    if plan.cases.iter().any(|case| case.test.is_some()) {
        let all = Action::new("test-plan-run-all", cx.t("test-plan-run-all"), run(None).into());
        actions.push(all.icon(icons::RUN).disabled_because(why_not));
    }
    if let Some(intent) = detail::actions_ui(ui, &actions) {
        if matches!(&intent, Intent::Do(_)) {
            draft.note.clear();
            draft.evidence = None;
        }
        cx.ask(intent);
    }
}
