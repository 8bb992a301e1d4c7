//! The box that asks since when tasks are new, and the line above the table that says what came of it.

use crate::areas::AreaId;
use crate::areas::build::Command;
use crate::areas::build::detect::since::{Mark, Since};
use crate::areas::build::model::Builds;
use crate::areas::page::{Action, Cx, Intent, UiIntent};
use crate::base::Workspace;
use crate::msg;
use crate::ui::dialog::{Answer, Dialog};
use crate::ui::form::form_ui;
use crate::ui::{Ui, button, icons, page_frame, text};

/// The action that opens it.
pub(super) const OPEN: &str = "build-since";
/// Tasks that are gone, by name.
const MAX_NAMED: usize = 5;

#[derive(Default)]
pub(super) struct Asking {
    is_open: bool,
    revision: String,
}

impl Asking {
    pub(super) fn action(cx: &Cx<'_>) -> Action {
        let intent = Intent::Ui(UiIntent::PageAction(AreaId::Build, OPEN.to_owned()));
        Action::new(OPEN, cx.t("build-since"), intent).icon(icons::HISTORY)
    }

    /// The branch that the others go into stands there already.
    pub(super) fn open(&mut self, cx: &Cx<'_>) {
        self.is_open = true;
        let branches = || {
            let refs = cx.model.code.repo(&cx.workspace?.id)?.refs.value()?;
            let is_there = |name: &&str| refs.branches.iter().any(|branch| branch.name == *name);
            ["main", "master", "trunk"].into_iter().find(is_there).map(str::to_owned)
        };
        if self.revision.is_empty() {
            self.revision = branches().unwrap_or_else(|| "main".to_owned());
        }
    }

    pub(super) fn ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let Some(workspace) = cx.workspace.filter(|_| self.is_open) else {
            return;
        };
        let (title, confirm) = (cx.t("build-since"), cx.t("build-since-compare"));
        let answer = Dialog::new(OPEN, &title, &confirm).show(ui.ctx(), |ui| {
            form_ui(ui, OPEN, |form| {
                form.text(&cx.t("build-since-revision"), &mut self.revision, "main", None);
            });
            !self.revision.trim().is_empty()
        });
        match answer {
            Answer::Open => {}
            Answer::Cancelled => self.is_open = false,
            Answer::Confirmed => {
                self.is_open = false;
                compare(cx, workspace, Some(self.revision.trim().to_owned()));
            }
        }
    }
}

fn compare(cx: &Cx<'_>, workspace: &Workspace, since: Option<String>) {
    cx.ask(Command::CompareTasks {
        workspace: workspace.clone(),
        since,
    });
}

/// What is new, changed and gone, with a button that ends the comparison.
pub(super) fn note_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, builds: &Builds) {
    let Some(since) = &builds.since else { return };
    let of = |mark: Mark| builds.tasks().iter().filter(|task| since.mark(task) == Some(mark)).count();
    let gone: Vec<&str> = since.gone(builds.tasks()).map(|task| task.id.as_str()).collect();
    page_frame::bar_ui(ui, 36.0, |ui| {
        let words = msg!(
            "build-since-note",
            revision = since.revision.as_str(),
            n = of(Mark::New),
            changed = of(Mark::Changed),
            gone = gone.len()
        );
        text::body(ui, &cx.msg(&words));
        if !gone.is_empty() {
            let more = if gone.len() > MAX_NAMED { ", …" } else { "" };
            text::small(ui, &format!("{}{more}", gone[..gone.len().min(MAX_NAMED)].join(", ")));
        }
        if button::icon_button_small(ui, icons::CLOSE, &cx.t("build-since-end")).clicked() {
            compare(cx, workspace, None);
        }
    });
}

/// The word beside a task.
pub(super) fn word(cx: &Cx<'_>, since: &Since, task: &crate::areas::build::detect::Task) -> Option<String> {
    since.mark(task).map(|mark| {
        cx.t(match mark {
            Mark::New => "build-task-new",
            Mark::Changed => "build-task-changed",
        })
    })
}
