//! The dialog of a new search: what fails, between which commits, and how often it is looked at.

use super::{BISECT, Command};
use crate::areas::AreaId;
use crate::areas::build::bisect::{Command as Words, Question, Spec};
use crate::areas::page::{Action, Cx, Intent, UiIntent};
use crate::base::text::split_words;
use crate::base::{Target, Workspace, WorkspaceId};
use crate::ui::dialog::{Answer, Dialog};
use crate::ui::form::{Form, form_ui};
use crate::ui::{Ui, icons};

/// Further looks that one may ask for.
const MAX_REPEATS: i64 = 20;
const MAX_AT_ONCE: i64 = 64;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Task,
    Test,
    Command,
}

/// What is written.
#[derive(Clone, Debug)]
pub(super) struct SearchForm {
    workspace: Option<WorkspaceId>,
    is_open: bool,
    kind: Kind,
    task: String,
    test: String,
    command: String,
    good: String,
    bad: String,
    first_parent: bool,
    repeats: i64,
    /// 0 is what the cores allow.
    at_once: i64,
}

impl Default for SearchForm {
    fn default() -> Self {
        let usual = Spec::new(Question::Command { argv: Vec::new() }, None);
        Self {
            workspace: None,
            is_open: false,
            kind: Kind::default(),
            task: String::new(),
            test: String::new(),
            command: String::new(),
            good: String::new(),
            bad: String::new(),
            first_parent: usual.first_parent,
            repeats: i64::from(usual.repeats),
            at_once: 0,
        }
    }
}

impl SearchForm {
    /// Opens it; `good:<commit>` and `bad:<commit>` name one end, the other stays as it was written.
    pub(super) fn open(&mut self, what: &str, cx: &Cx<'_>) {
        let id = cx.workspace.map(|workspace| workspace.id.clone());
        if self.workspace != id {
            *self = Self {
                workspace: id,
                ..Self::default()
            };
        }
        match what.split_once(':') {
            Some(("good", commit)) => commit.clone_into(&mut self.good),
            Some(("bad", commit)) => commit.clone_into(&mut self.bad),
            _ => {}
        }
        self.is_open = true;
    }

    pub(super) fn ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let Some(workspace) = cx.workspace.filter(|_| self.is_open) else {
            return;
        };
        let (title, confirm) = (cx.t("bisect-form-title"), cx.t("bisect-form-do"));
        let answer = Dialog::new("build-bisect-form", &title, &confirm)
            .width(520.0)
            .show(ui.ctx(), |ui| {
                let mut is_whole = false;
                let response = form_ui(ui, "build-bisect-form", |form| is_whole = self.fields(form, cx, workspace));
                response.valid && is_whole
            });
        if answer == Answer::Open {
            return;
        }
        self.is_open = false;
        if answer == Answer::Confirmed {
            cx.ask(Command::Bisect(Words::Run {
                workspace: workspace.clone(),
                spec: self.spec(),
            }));
            cx.ask(Intent::Go(Target::Page {
                area: AreaId::Build.word().to_owned(),
                tab: Some(BISECT.to_owned()),
            }));
        }
    }

    /// Whether a search can be begun with what is written.
    fn fields(&mut self, form: &mut Form<'_>, cx: &Cx<'_>, workspace: &Workspace) -> bool {
        let kinds = [
            (Kind::Task, cx.t("bisect-form-task")),
            (Kind::Test, cx.t("bisect-form-test")),
            (Kind::Command, cx.t("bisect-form-command")),
        ];
        form.choice(&cx.t("bisect-form-kind"), &mut self.kind, &kinds);
        match self.kind {
            Kind::Task => {
                let builds = cx.model.build.get(&workspace.id);
                let tasks = builds.map(|builds| builds.tasks()).unwrap_or_default();
                let choices: Vec<(String, String)> = tasks.iter().map(|task| (task.id.clone(), task.name.clone())).collect();
                if let (Some(first), true) = (choices.first(), self.task.is_empty()) {
                    self.task.clone_from(&first.0);
                }
                form.choice(&cx.t("bisect-form-task"), &mut self.task, &choices);
            }
            Kind::Test => {
                form.code(&cx.t("bisect-form-test"), &mut self.test, "module::name", None);
            }
            Kind::Command => {
                form.code(&cx.t("bisect-form-command"), &mut self.command, "make check", None);
                form.note(&cx.t("bisect-form-command-note"));
            }
        }
        form.code(
            &cx.t("bisect-form-good"),
            &mut self.good,
            &cx.t("bisect-form-good-hint"),
            None,
        );
        form.code(&cx.t("bisect-form-bad"), &mut self.bad, "HEAD", None);
        form.tick(&cx.t("bisect-form-first-parent"), &mut self.first_parent);
        form.number(&cx.t("bisect-form-repeats"), &mut self.repeats, 0..=MAX_REPEATS, "");
        form.number(&cx.t("bisect-form-at-once"), &mut self.at_once, 0..=MAX_AT_ONCE, "");
        match self.kind {
            Kind::Task => !self.task.is_empty(),
            Kind::Test => !self.test.trim().is_empty(),
            Kind::Command => !split_words(&self.command).is_empty(),
        }
    }

    fn spec(&self) -> Spec {
        let named = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        Spec {
            question: match self.kind {
                Kind::Task => Question::Task { task: self.task.clone() },
                Kind::Test => Question::Test {
                    name: self.test.trim().to_owned(),
                },
                Kind::Command => Question::Command {
                    argv: split_words(&self.command),
                },
            },
            good: named(&self.good),
            bad: named(&self.bad),
            first_parent: self.first_parent,
            at_once: u32::try_from(self.at_once).ok().filter(|n| *n > 0),
            repeats: u32::try_from(self.repeats).unwrap_or_default(),
        }
    }
}

/// What the tab offers.
pub(super) fn action(cx: &Cx<'_>) -> Action {
    let open = Intent::Ui(UiIntent::PageAction(AreaId::Build, "bisect:new".to_owned()));
    Action::new("bisect-new", cx.t("bisect-new"), open).icon(icons::SEARCH)
}
